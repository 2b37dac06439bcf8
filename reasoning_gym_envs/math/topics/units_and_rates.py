"""Units and rates: conversion, speed, prices, density, work done together."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

from reasoning_gym_envs.math.writing import counted, latex, operand
from reasoning_gym_envs.problems import Problem, Stream

# By level: the size of the numbers, and the kinds of question.
_LEVELS = {
    1: (12, "convert buy"),
    2: (30, "convert buy speed unit_price"),
    3: (40, "unit_price timed mixed density"),
    4: (60, "timed mixed seconds density workers cheaper"),
    5: (60, "mixed seconds fuel cheaper legs"),
    6: (40, "fuel legs together meet tank"),
    7: (60, "legs together meet tank catch boat"),
    8: (60, "catch boat pipes join alloy"),
    9: (60, "pipes join alloy later_meet trip"),
    10: (90, "closed later_meet trip trip"),
}
_CHAINS = (
    ("kilometre", 1000, "metre", 100, "centimetre"),
    ("metre", 100, "centimetre", 10, "millimetre"),
    ("tonne", 1000, "kilogram", 1000, "gram"),
    ("day", 24, "hour", 60, "minute"),
    ("hour", 60, "minute", 60, "second"),
)
_ITEMS = ("pens", "notebooks", "tickets", "mugs", "apples", "postcards", "light bulbs", "plants")
_TRAVELLERS = (("car", 60, 120), ("train", 70, 180), ("bus", 40, 90), ("cyclist", 12, 30))
_JOBS = (
    ("paint a fence", "Anna", "Ben"),
    ("mow a field", "Carla", "David"),
    ("sort the mail", "Emil", "Fiona"),
    ("clean a hall", "Grace", "Hugo"),
)

# The content, the question, the answer and the steps of a problem.
_Parts = tuple[str, str, "int | Fraction", tuple[str, ...]]


def generate(stream: Stream, level: int) -> Problem:
    """Compute a quantity from a rate, or a rate from quantities.

    Levels 1 and 2 convert between neighbouring units and multiply or divide once; 3 to 5 convert
    on the way and take two to four steps; 6 to 8 ask when two movements meet, how long a job
    takes together, and for averages; 9 and 10 change the rates on the way.
    """
    size, kinds = _LEVELS[level]
    content, question, answer, steps = _KINDS[stream.choice(kinds.split())](stream, size)
    return Problem(content, level, question, latex(answer), "units_and_rates", steps)


def _convert(stream: Stream, n: int) -> _Parts:
    chain = stream.choice(_CHAINS)
    at = stream.choice((0, 2))
    large, factor, small = chain[at : at + 3]
    value = stream.randint(2, n)
    product = value * factor
    if stream.random() < 0.6:
        given, wanted, answer = counted(value, large), f"{small}s", product
        step = f"{value}*{factor}={product}"
    else:
        given, wanted, answer = counted(product, small), f"{large}s", value
        step = f"{product}/{factor}={value}"
    question = stream.choice(
        (f"Convert {given} to {wanted}.", f"How many {wanted} are there in {given}?")
    )
    return f"convert {given} to {wanted}", question, answer, (step,)


def _mixed(stream: Stream, n: int) -> _Parts:
    large, f, middle, g, small = stream.choice(_CHAINS)
    a, b, c = stream.randint(1, n // 2), stream.randint(1, f - 1), stream.randint(1, g - 1)
    given = f"{counted(a, large)}, {counted(b, middle)} and {counted(c, small)}"
    m = a * f + b
    steps = (f"{a}*{f}={a * f}", f"{a * f}+{b}={m}", f"{m}*{g}={m * g}", f"{m * g}+{c}={m * g + c}")
    question = stream.choice(
        (f"Convert {given} to {small}s.", f"How many {small}s are there in {given}?")
    )
    return f"convert {given}", question, m * g + c, steps


def _buy(stream: Stream, n: int) -> _Parts:
    k, p = stream.randint(2, n), stream.randint(2, n)
    items = stream.choice(_ITEMS)
    question = stream.choice(
        (
            f"A shop sells {items} for {p} cents each. How many cents do {k} {items} cost?",
            f"How many cents do {k} {items} cost at {p} cents each?",
        )
    )
    return f"buy {k} at {p}", question, k * p, (f"{k}*{p}={k * p}",)


def _unit_price(stream: Stream, n: int) -> _Parts:
    k, p, m = stream.randint(2, n // 2), stream.randint(2, n), stream.randint(2, n)
    m += m == k
    items = stream.choice(_ITEMS)
    question = stream.choice(
        (
            f"If {k} {items} cost {k * p} cents, how many cents do {m} {items} cost?",
            f"A shop sells {k} {items} for {k * p} cents. At the same rate, how many cents do "
            f"{m} {items} cost?",
        )
    )
    steps = (f"{k * p}/{k}={p}", f"{p}*{m}={p * m}")
    return f"price {k} for {k * p}, {m}", question, p * m, steps


def _cheaper(stream: Stream, n: int) -> _Parts:
    a, b = stream.randint(3, n // 3), stream.randint(3, n // 3)
    b += a == b
    p = stream.randint(20, 3 * n)
    q = p + stream.randint(1, 9)
    k = stream.randint(2, n)
    items = stream.choice(_ITEMS)
    one, other = f"{a} {items} for {a * p} cents", f"{b} {items} for {b * q} cents"
    if stream.random() < 0.5:
        one, other = other, one
    question = (
        f"One shop sells {one}, and another sells {other}. At these rates, how many cents do you "
        f"save by buying {k} {items} in the cheaper shop?"
    )
    steps = (
        f"{a * p}/{a}={p}",
        f"{b * q}/{b}={q}",
        f"{q}-{p}={q - p}",
        f"{q - p}*{k}={(q - p) * k}",
    )
    return f"cheaper {a} for {a * p}, {b} for {b * q}, {k}", question, (q - p) * k, steps


def _speed(stream: Stream, n: int) -> _Parts:
    who, low, high = stream.choice(_TRAVELLERS)
    v, t = stream.randint(low, high), stream.randint(2, 9)
    d = v * t
    kind = stream.randint(0, 2)
    if kind == 0:
        question = (
            f"A {who} travels at {v} km/h for {t} hours. How many kilometres does the {who} cover?"
        )
        return f"distance {v} {t}", question, d, (f"{v}*{t}={d}",)
    if kind == 1:
        question = f"A {who} covers {d} km in {t} hours. What is the average speed in km/h?"
        return f"speed {d} {t}", question, v, (f"{d}/{t}={v}",)
    question = f"How many hours does a {who} take to travel {d} km at {v} km/h?"
    return f"time {d} {v}", question, t, (f"{d}/{v}={t}",)


def _timed(stream: Stream, n: int) -> _Parts:
    who, low, high = stream.choice(_TRAVELLERS)
    v, h, m = (
        6 * stream.randint(low // 6, high // 6),
        stream.randint(1, 5),
        10 * stream.randint(1, 5),
    )
    t = 60 * h + m
    d = v * t // 60
    if stream.random() < 0.5:
        question = (
            f"A {who} travels at a steady {v} km/h for {counted(h, 'hour')} and {m} minutes. "
            f"How many kilometres does the {who} cover?"
        )
        steps = (f"{h}*60={60 * h}", f"{60 * h}+{m}={t}", f"{v}*{t}={v * t}", f"{v * t}/60={d}")
        return f"distance {v}, {h} h {m} min", question, d, steps
    question = (
        f"A {who} covers {d} km in {counted(h, 'hour')} and {m} minutes. "
        "What is the average speed in km/h?"
    )
    steps = (f"{h}*60={60 * h}", f"{60 * h}+{m}={t}", f"{d}*60={60 * d}", f"{60 * d}/{t}={v}")
    return f"speed {d}, {h} h {m} min", question, v, steps


def _seconds(stream: Stream, n: int) -> _Parts:
    mps, t = 5 * stream.randint(1, 12), stream.randint(3, n)
    v = mps * 36 // 10
    d = mps * t
    if stream.random() < 0.5:
        question = f"A train travels at {v} km/h. How many metres does it cover in {t} seconds?"
        steps = (f"{v}*1000={v * 1000}", f"{v * 1000}/3600={mps}", f"{mps}*{t}={d}")
        return f"metres {v} km/h {t} s", question, d, steps
    question = f"A train covers {d} metres in {t} seconds. What is its speed in km/h?"
    steps = (f"{d}/{t}={mps}", f"{mps}*3600={mps * 3600}", f"{mps * 3600}/1000={v}")
    return f"km/h {d} m {t} s", question, v, steps


def _density(stream: Stream, n: int) -> _Parts:
    a, b, c = (stream.randint(2, n // 2) for _ in range(3))
    d = stream.randint(2, 20)
    volume = a * b * c
    box = f"{a} cm by {b} cm by {c} cm"
    sizes = " ".join(map(str, sorted((a, b, c))))
    steps = (f"{a}*{b}={a * b}", f"{a * b}*{c}={volume}")
    if stream.random() < 0.5:
        question = (
            f"A metal has a density of {d} grams per cubic centimetre. "
            f"A solid block of it measures {box}. How many grams does the block weigh?"
        )
        return (
            f"mass {sizes} density {d}",
            question,
            volume * d,
            (*steps, f"{volume}*{d}={volume * d}"),
        )
    question = (
        f"A solid block of metal measures {box} and weighs {volume * d} grams. "
        "What is its density in grams per cubic centimetre?"
    )
    return f"density {sizes} mass {volume * d}", question, d, (*steps, f"{volume * d}/{volume}={d}")


def _workers(stream: Stream, n: int) -> _Parts:
    g, a, b, c = (stream.randint(2, 9) for _ in range(4))
    a += a == b
    w, v, d = g * a, g * b, b * c
    question = stream.choice(
        (
            f"A job takes {w} workers {d} days. At the same rate, how many days does it take {v} "
            "workers?",
            f"A supply of food lasts {w} hikers {d} days. How many days would it last {v} hikers?",
        )
    )
    steps = (f"{w}*{d}={w * d}", f"{w * d}/{v}={a * c}")
    return f"inverse {w} {d} {v}", question, a * c, steps


def _fuel(stream: Stream, n: int) -> _Parts:
    f, p, d = stream.randint(4, 12), 5 * stream.randint(20, 45), 20 * stream.randint(2, n)
    used = Fraction(f * d, 100)
    cost = used * p
    question = (
        f"A car uses {f} litres of fuel per 100 km, and a litre costs {p} cents. "
        f"How many cents does the fuel for {d} km cost?"
    )
    steps = (f"{f}*{d}={f * d}", f"{f * d}/100={used}", f"{operand(used)}*{p}={cost}")
    return f"fuel {f} {p} {d}", question, cost, steps


def _legs(stream: Stream, n: int) -> _Parts:
    who, low, high = stream.choice(_TRAVELLERS)
    v, w = stream.randint(low, high), stream.randint(low, high)
    s, t = stream.randint(1, 6), stream.randint(1, 6)
    w += v == w
    question = (
        f"A {who} travels at {v} km/h for {counted(s, 'hour')} and then at {w} km/h for "
        f"{counted(t, 'hour')}. What is the exact average speed of the whole trip in km/h?"
    )
    d = v * s + w * t
    mean = Fraction(d, s + t)
    steps = (
        f"{v}*{s}={v * s}",
        f"{w}*{t}={w * t}",
        f"{v * s}+{w * t}={d}",
        f"{s}+{t}={s + t}",
        f"{d}/{s + t}={mean}",
    )
    return f"legs {sorted(((v, s), (w, t)))}", question, mean, steps


def _together(stream: Stream, n: int) -> _Parts:
    a, b = stream.randint(2, n), stream.randint(2, n)
    job, one, other = stream.choice(_JOBS)
    question = (
        f"{one} can {job} in {a} hours, and {other} can do it in {b} hours. At these rates, how "
        "many hours do they need together? Give an exact answer."
    )
    rate = Fraction(a + b, a * b)
    steps = (f"(1/{a})+(1/{b})={rate}", f"1/({rate})={1 / rate}")
    return f"together {min(a, b)} {max(a, b)}", question, 1 / rate, steps


def _meet(stream: Stream, n: int) -> _Parts:
    v, w = stream.randint(30, 130), stream.randint(30, 130)
    s = v + w
    d = s * stream.randint(2, 12) // stream.choice((1, 1, 2))
    t = Fraction(d, s)
    question = (
        f"Two trains leave two towns {d} km apart at the same time and travel towards each "
        f"other, the first at {v} km/h and the second at {w} km/h. "
    )
    steps = (f"{v}+{w}={s}", f"{d}/{s}={t}")
    if stream.random() < 0.4:
        question += "After how many hours do they meet? Give an exact answer."
        return f"meet {d} {min(v, w)} {max(v, w)}", question, t, steps
    question += "How many kilometres does the first train travel before they meet? "
    question += "Give an exact answer."
    return f"meet where {d} {v} {w}", question, t * v, (*steps, f"{operand(t)}*{v}={t * v}")


def _tank(stream: Stream, n: int) -> _Parts:
    a, b, c = (stream.randint(2, n // 3) for _ in range(3))
    r = stream.choice((20, 25, 40, 50, 100, 125, 200, 250))
    volume = a * b * c
    question = (
        f"An empty tank {a} m long, {b} m wide and {c} m deep is filled at {r} litres per minute. "
        "How many minutes does it take to fill? A cubic metre is 1000 litres."
    )
    steps = (
        f"{a}*{b}={a * b}",
        f"{a * b}*{c}={volume}",
        f"{volume}*1000={volume * 1000}",
        f"{volume * 1000}/{r}={volume * 1000 // r}",
    )
    content = f"tank {' '.join(map(str, sorted((a, b, c))))} {r}"
    return content, question, volume * 1000 // r, steps


def _catch(stream: Stream, n: int) -> _Parts:
    v, h = stream.randint(40, 90), stream.randint(1, 6)
    w = v + stream.randint(5, 40)
    lead = v * h
    t = Fraction(lead, w - v)
    question = (
        f"A bus leaves a town at {v} km/h. A car follows it from the same place "
        f"{counted(h, 'hour')} later at {w} km/h. "
    )
    steps = (f"{v}*{h}={lead}", f"{w}-{v}={w - v}", f"{lead}/{w - v}={t}")
    if stream.random() < 0.4:
        question += "How many hours does the car take to catch up with the bus? "
        question += "Give an exact answer."
        return f"catch {v} {h} {w}", question, t, steps
    question += "How many kilometres from the town does the car catch up with the bus? "
    question += "Give an exact answer."
    return f"catch where {v} {h} {w}", question, t * w, (*steps, f"{operand(t)}*{w}={t * w}")


def _boat(stream: Stream, n: int) -> _Parts:
    c = stream.randint(1, 6)
    v, d = c + stream.randint(3, 20), stream.randint(6, n)
    up, down = v - c, v + c
    t, u = Fraction(d, up), Fraction(d, down)
    question = (
        f"A boat travels at {v} km/h in still water. How many hours does it take to travel {d} km "
        f"up a river with a current of {c} km/h and back again? Give an exact answer."
    )
    steps = (
        f"{v}-{c}={up}",
        f"{v}+{c}={down}",
        f"{d}/{up}={t}",
        f"{d}/{down}={u}",
        f"{operand(t)}+{operand(u)}={t + u}",
    )
    return f"boat {v} {d} {c}", question, t + u, steps


def _pipes(stream: Stream, n: int) -> _Parts:
    a, b = stream.randint(2, n // 2), stream.randint(2, n // 2)
    c = min(a, b) + stream.randint(1, n // 2)
    fill = Fraction(a + b, a * b)
    net = fill - Fraction(1, c)
    question = (
        f"One pipe fills a tank in {a} hours, another fills it in {b} hours, and a drain empties "
        f"the full tank in {c} hours. All three are opened while the tank is empty. After how many "
        "hours is it full? Give an exact answer."
    )
    steps = (f"(1/{a})+(1/{b})={fill}", f"({fill})-(1/{c})={net}", f"1/({net})={1 / net}")
    return f"pipes {min(a, b)} {max(a, b)} {c}", question, 1 / net, steps


def _join(stream: Stream, n: int) -> _Parts:
    h = stream.randint(1, 6)
    a, b = h + stream.randint(2, n // 2), stream.randint(2, n // 2)
    job, one, other = stream.choice(_JOBS)
    question = (
        f"{one} can {job} in {a} hours, and {other} can do it in {b} hours. {one} starts alone, "
        f"and {other} joins in after {counted(h, 'hour')}. How many hours does the job take in "
        "all? Give an exact answer."
    )
    done, rate = Fraction(h, a), Fraction(a + b, a * b)
    rest = (1 - done) / rate
    steps = (
        f"{h}/{a}={done}",
        f"1-({done})={1 - done}",
        f"(1/{a})+(1/{b})={rate}",
        f"({1 - done})/({rate})={rest}",
        f"{h}+{operand(rest)}={h + rest}",
    )
    return f"join {a} {b} {h}", question, h + rest, steps


def _closed(stream: Stream, n: int) -> _Parts:
    h = stream.randint(1, 4)
    a, b, c = (3 * h + stream.randint(1, n // 3) for _ in range(3))
    question = (
        f"Alone, three pipes fill an empty tank in {a} hours, {b} hours and {c} hours, "
        "respectively. All three are opened, and the third is closed after "
        f"{counted(h, 'hour')}. How many hours does it take in all to fill the tank? "
        "Give an exact answer."
    )
    two = Fraction(a + b, a * b)
    all_three = two + Fraction(1, c)
    done = all_three * h
    rest = (1 - done) / two
    steps = (
        f"(1/{a})+(1/{b})={two}",
        f"({two})+(1/{c})={all_three}",
        f"({all_three})*{h}={done}",
        f"1-({done})={1 - done}",
        f"({1 - done})/({two})={rest}",
        f"{h}+{operand(rest)}={h + rest}",
    )
    return f"closed {min(a, b)} {max(a, b)} {c} {h}", question, h + rest, steps


def _alloy(stream: Stream, n: int) -> _Parts:
    a, b, p, q = (*(stream.randint(2, n) for _ in range(2)), *stream.sample(range(2, 21), 2))
    question = (
        f"An alloy is made from {a} cubic centimetres of a metal with a density of {p} grams per "
        f"cubic centimetre and {b} cubic centimetres of a metal with a density of {q} grams per "
        "cubic centimetre. If no volume is lost, what is the exact density of the alloy in grams "
        "per cubic centimetre?"
    )
    mass, volume = a * p + b * q, a + b
    density = Fraction(mass, volume)
    steps = (
        f"{a}*{p}={a * p}",
        f"{b}*{q}={b * q}",
        f"{a * p}+{b * q}={mass}",
        f"{a}+{b}={volume}",
        f"{mass}/{volume}={density}",
    )
    return f"alloy {sorted(((a, p), (b, q)))}", question, density, steps


def _later_meet(stream: Stream, n: int) -> _Parts:
    v, w, h = stream.randint(40, 130), stream.randint(40, 130), stream.randint(1, 4)
    lead, s = v * h, v + w
    d = lead + stream.randint(50, 900)
    t = Fraction(d - lead, s)
    question = (
        f"Two towns are {d} km apart. A train leaves the first for the second at {v} km/h, and "
        f"{counted(h, 'hour')} later another train leaves the second for the first at {w} km/h. "
        "How many kilometres from the first town do they meet? Give an exact answer."
    )
    steps = (
        f"{v}*{h}={lead}",
        f"{d}-{lead}={d - lead}",
        f"{v}+{w}={s}",
        f"{d - lead}/{s}={t}",
        f"{operand(t)}*{v}={t * v}",
        f"{lead}+{operand(t * v)}={lead + t * v}",
    )
    return f"later meet {d} {v} {h} {w}", question, lead + t * v, steps


def _trip(stream: Stream, n: int) -> _Parts:
    who, low, high = stream.choice(_TRAVELLERS)
    u, v, w = (stream.randint(low, high) for _ in range(3))
    r, s, t = (5 * stream.randint(3, 20) for _ in range(3))
    pause = 5 * stream.randint(2, 9)
    question = (
        f"A {who} travels at {u} km/h for {r} minutes and at {v} km/h for {s} minutes, stops for "
        f"{pause} minutes, and then travels at {w} km/h for another {t} minutes. What is the exact "
        "average speed of the whole trip in km/h, including the stop?"
    )
    d, time = u * r + v * s + w * t, r + s + pause + t
    common = gcd(d, time)
    mean = Fraction(d // common, time // common)
    steps = (
        f"{u}*{r}={u * r}",
        f"{v}*{s}={v * s}",
        f"{u * r}+{v * s}={u * r + v * s}",
        f"{w}*{t}={w * t}",
        f"{u * r + v * s}+{w * t}={d}",
        f"{r}+{s}={r + s}",
        f"{r + s}+{pause}={r + s + pause}",
        f"{r + s + pause}+{t}={time}",
        f"{d}/{time}={mean}",
    )
    return f"trip {sorted(((u, r), (v, s), (w, t)))} {pause}", question, mean, steps


_KINDS = {
    "convert": _convert,
    "mixed": _mixed,
    "buy": _buy,
    "unit_price": _unit_price,
    "cheaper": _cheaper,
    "speed": _speed,
    "timed": _timed,
    "seconds": _seconds,
    "density": _density,
    "workers": _workers,
    "fuel": _fuel,
    "legs": _legs,
    "together": _together,
    "meet": _meet,
    "tank": _tank,
    "catch": _catch,
    "boat": _boat,
    "pipes": _pipes,
    "join": _join,
    "closed": _closed,
    "alloy": _alloy,
    "later_meet": _later_meet,
    "trip": _trip,
}
