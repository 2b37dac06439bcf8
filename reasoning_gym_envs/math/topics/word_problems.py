"""Word problems: stories of one to eight steps, each structure told in several ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from reasoning_gym_envs.math.writing import latex, operand
from reasoning_gym_envs.problems import Problem, Stream

# By level: the size of the numbers, and the structures.
_LEVELS = {
    1: (9, "gain lose packs share"),
    2: (20, "gain_lose change packs share"),
    3: (25, "two_purchases share_rest compare"),
    4: (30, "two_purchases compare wages saving two_changes"),
    5: (30, "wages two_changes two_kinds ages discount"),
    6: (30, "two_kinds ages discount fractions_back ratio catch_up"),
    7: (40, "two_kinds fractions_back ratio relations consecutive"),
    8: (40, "relations past_ages dilution estate"),
    9: (40, "past_ages estate profit coins"),
    10: (60, "coins profit profit growth"),
}
NAMES = (
    *("Ada", "Amir", "Bea", "Carlos", "Chen", "Dana", "Elif", "Farid", "Greta", "Hana"),
    *("Ivan", "Jonas", "Kofi", "Lena", "Mei", "Nadia", "Omar", "Priya", "Rosa", "Tom"),
)
_ITEMS = ("marbles", "stickers", "pencils", "stamps", "shells", "coins", "cards", "buttons")
_GOODS = ("pens", "notebooks", "erasers", "rulers", "postcards", "balloons", "candles", "badges")

# Of these structures the named parts could as well be told in another order.
_ANY_ORDER: dict[str, tuple[tuple[str, ...], ...]] = {
    "two_purchases": (("k", "p"), ("m", "q")),
    "two_changes": (("k", "p"), ("m", "q")),
    "fractions_back": (("a",), ("b",)),
    "ratio": (("a",), ("b",), ("c",)),
    "estate": (("a",), ("b",)),
}

# What a story is filled with, in the order in which the numbers appear; the answer; the steps.
_Drawn = tuple[dict[str, int], "int | Fraction", Sequence[str]]


def generate(stream: Stream, level: int) -> Problem:
    """Answer the question of a story.

    Levels 1 and 2 take one or two operations; 3 to 5 several, with prices, wages, ages and two
    kinds of things; 6 to 8 backwards from the result, ratios, relations between unknowns and
    mixtures; 9 and 10 long chains with percentages, and unknowns of three kinds.
    """
    n, names = _LEVELS[level]
    name = stream.choice(names.split())
    draw, stories = _STRUCTURES[name]
    numbers, answer, steps = draw(stream, n)
    a, b, c = stream.sample(NAMES, 3)
    goods, others = stream.sample(_GOODS, 2)
    words = {"A": a, "B": b, "C": c, "goods": goods, "others": others}
    words["items"] = stream.choice(_ITEMS)
    k = numbers.get("k")
    words["times"] = "twice" if k == 2 else f"{k} times"
    question = stream.choice(stories).format(**words, **numbers)
    content = _content(name, numbers)
    return Problem(content, level, question, latex(answer), "word_problems", tuple(steps))


def _content(name: str, numbers: dict[str, int]) -> str:
    """The structure and its numbers: parts that could be told in another order are sorted."""
    names = _ANY_ORDER.get(name, ())
    parts = sorted(tuple(numbers[key] for key in part) for part in names)
    others = [n for key, n in numbers.items() if not any(key in part for part in names)]
    return f"{name} {' '.join(str(n) for n in (*(n for part in parts for n in part), *others))}"


def _gain(stream: Stream, n: int) -> _Drawn:
    a, b = stream.randint(2, n), stream.randint(2, n)
    return {"a": a, "b": b}, a + b, [f"{a}+{b}={a + b}"]


def _lose(stream: Stream, n: int) -> _Drawn:
    b = stream.randint(2, n)
    a = b + stream.randint(2, n)
    return {"a": a, "b": b}, a - b, [f"{a}-{b}={a - b}"]


def _packs(stream: Stream, n: int) -> _Drawn:
    a, k = stream.randint(2, n), stream.randint(2, n)
    return {"a": a, "k": k}, a * k, [f"{a}*{k}={a * k}"]


def _share(stream: Stream, n: int) -> _Drawn:
    k, each = stream.randint(2, n), stream.randint(2, n)
    return {"t": k * each, "k": k}, each, [f"{k * each}/{k}={each}"]


def _gain_lose(stream: Stream, n: int) -> _Drawn:
    a, b = stream.randint(5, 3 * n), stream.randint(3, 2 * n)
    c = stream.randint(2, a + b - 2)
    return {"a": a, "b": b, "c": c}, a + b - c, [f"{a}+{b}={a + b}", f"{a + b}-{c}={a + b - c}"]


def _change(stream: Stream, n: int) -> _Drawn:
    k, p = stream.randint(2, n // 2), stream.randint(2, n)
    m = k * p + stream.randint(2, 2 * n)
    return {"m": m, "k": k, "p": p}, m - k * p, [f"{k}*{p}={k * p}", f"{m}-{k * p}={m - k * p}"]


def _two_purchases(stream: Stream, n: int) -> _Drawn:
    k, p, m, q = (stream.randint(2, n) for _ in range(4))
    s = k * p + m * q
    steps = [f"{k}*{p}={k * p}", f"{m}*{q}={m * q}", f"{k * p}+{m * q}={s}"]
    return {"k": k, "p": p, "m": m, "q": q}, s, steps


def _two_changes(stream: Stream, n: int) -> _Drawn:
    numbers, s, steps = _two_purchases(stream, n)
    x = int(s) + stream.randint(2, 10 * n)
    return {"x": x, **numbers}, x - s, [*steps, f"{x}-{s}={x - s}"]


def _share_rest(stream: Stream, n: int) -> _Drawn:
    k, each, r = stream.randint(2, n), stream.randint(2, n), stream.randint(2, 2 * n)
    t = k * each + r
    return {"t": t, "r": r, "k": k}, each, [f"{t}-{r}={k * each}", f"{k * each}/{k}={each}"]


def _compare(stream: Stream, n: int) -> _Drawn:
    a, b, k = stream.randint(2, 2 * n), stream.randint(2, n), stream.randint(2, 6)
    second, third = a + b, k * (a + b)
    steps = [f"{a}+{b}={second}", f"{k}*{second}={third}", f"{a}+{second}={a + second}"]
    steps.append(f"{a + second}+{third}={a + second + third}")
    return {"a": a, "b": b, "k": k}, a + second + third, steps


def _wages(stream: Stream, n: int) -> _Drawn:
    r, e = stream.randint(12, n), stream.randint(2, 9)
    h, o = stream.randint(10, 40), stream.randint(2, 12)
    s = r * h + (r + e) * o
    steps = [f"{r}*{h}={r * h}", f"{r}+{e}={r + e}", f"{r + e}*{o}={(r + e) * o}"]
    steps.append(f"{r * h}+{(r + e) * o}={s}")
    return {"r": r, "e": e, "h": h, "o": o}, s, steps


def _saving(stream: Stream, n: int) -> _Drawn:
    h, w, t = stream.randint(10, 6 * n), stream.randint(2, n), stream.randint(3, n)
    g = h + w * t
    return {"h": h, "w": w, "g": g}, t, [f"{g}-{h}={w * t}", f"{w * t}/{w}={t}"]


def _two_kinds(stream: Stream, n: int) -> _Drawn:
    # If all were of the first kind, the total would be too small.
    x = stream.randint(2, 9)
    y = x + stream.randint(1, 8)
    first, second = stream.randint(2, n), stream.randint(2, n)
    count, total = first + second, x * first + y * second
    least = x * count
    steps = [f"{x}*{count}={least}", f"{total}-{least}={total - least}"]
    steps += (f"{y}-{x}={y - x}", f"{total - least}/{y - x}={second}")
    return {"x": x, "y": y, "count": count, "total": total}, second, steps


def _ages(stream: Stream, n: int) -> _Drawn:
    younger, d, t = stream.randint(3, n), stream.randint(2, n), stream.randint(2, 15)
    s = 2 * younger + d + 2 * t
    steps = [f"2*{t}={2 * t}", f"{s}-{2 * t}={s - 2 * t}"]
    steps += (f"{s - 2 * t}-{d}={2 * younger}", f"{2 * younger}/2={younger}")
    return {"d": d, "t": t, "s": s}, younger, steps


def _discount(stream: Stream, n: int) -> _Drawn:
    p, r, k = 20 * stream.randint(2, n), 5 * stream.randint(1, 12), stream.randint(2, 12)
    off = p * r // 100
    reduced = (p - off) * k
    c = stream.randint(2, min(60, reduced - 2))
    steps = [f"{p}*{r}={p * r}", f"{p * r}/100={off}", f"{p}-{off}={p - off}"]
    steps += (f"{p - off}*{k}={reduced}", f"{reduced}-{c}={reduced - c}")
    return {"p": p, "r": r, "k": k, "c": c}, reduced - c, steps


def _fractions_back(stream: Stream, n: int) -> _Drawn:
    a, b, m = stream.randint(2, 9), stream.randint(2, 9), stream.randint(2, n)
    start = a * b * m
    middle = (a - 1) * b * m
    left = (a - 1) * (b - 1) * m
    steps = [f"1-(1/{b})=({b - 1}/{b})", f"{left}/({b - 1}/{b})={middle}"]
    steps += (f"1-(1/{a})=({a - 1}/{a})", f"{middle}/({a - 1}/{a})={start}")
    return {"a": a, "b": b, "left": left}, start, steps


def _ratio(stream: Stream, n: int) -> _Drawn:
    a, b, c = stream.sample(range(1, 13), 3)
    unit = stream.randint(2, n)
    s = a + b + c
    high, low = max(a, b, c), min(a, b, c)
    steps = [f"{a}+{b}={a + b}", f"{a + b}+{c}={s}", f"{s * unit}/{s}={unit}"]
    steps += (f"{high}-{low}={high - low}", f"{high - low}*{unit}={(high - low) * unit}")
    return {"t": s * unit, "a": a, "b": b, "c": c}, (high - low) * unit, steps


def _catch_up(stream: Stream, n: int) -> _Drawn:
    less, d, t, m = (stream.randint(2, n) for _ in range(4))
    more = less + d
    h = m + d * t
    steps = [f"{h}-{m}={d * t}", f"{more}-{less}={d}", f"{d * t}/{d}={t}"]
    return {"h": h, "less": less, "m": m, "more": more}, t, steps


def _relations(stream: Stream, n: int) -> _Drawn:
    # b, k b + e and k b + e - f make t
    b, k, e = stream.randint(2, n), stream.randint(2, 6), stream.randint(2, n)
    f = stream.randint(2, k * b + e - 2)
    a = k * b + e
    t, parts = b + a + a - f, 2 * k + 1
    steps = [f"{t}+{f}={t + f}", f"2*{e}={2 * e}", f"{t + f}-{2 * e}={t + f - 2 * e}"]
    steps += (f"2*{k}+1={parts}", f"{t + f - 2 * e}/{parts}={b}")
    return {"k": k, "e": e, "f": f, "t": t}, b, steps


def _consecutive(stream: Stream, n: int) -> _Drawn:
    gap, count, first = stream.randint(2, 12), stream.randint(3, 9), stream.randint(2, 5 * n)
    more = gap * count * (count - 1) // 2
    s = count * first + more
    last = first + gap * (count - 1)
    steps = [
        f"{count}*{count - 1}/2={count * (count - 1) // 2}",
        f"{count * (count - 1) // 2}*{gap}={more}",
        f"{s}-{more}={count * first}",
        f"{count * first}/{count}={first}",
        f"{count - 1}*{gap}={last - first}",
        f"{first}+{last - first}={last}",
    ]
    return {"count": count, "gap": gap, "s": s}, last, steps


def _past_ages(stream: Stream, n: int) -> _Drawn:
    t, k, then = stream.randint(2, 15), stream.randint(2, 6), stream.randint(2, n // 3)
    s = (k + 1) * then + 2 * t
    steps = [f"2*{t}={2 * t}", f"{s}-{2 * t}={s - 2 * t}", f"{k}+1={k + 1}"]
    steps += (f"{s - 2 * t}/{k + 1}={then}", f"{k}*{then}={k * then}")
    steps.append(f"{k * then}+{t}={k * then + t}")
    return {"t": t, "k": k, "s": s}, k * then + t, steps


def _dilution(stream: Stream, n: int) -> _Drawn:
    v, p = stream.randint(2, 3 * n), stream.randint(10, 90)
    q = stream.randint(4, p - 3)
    whole = Fraction(v * p, q)
    steps = [f"{v}*{p}={v * p}", f"{v * p}/{q}={whole}", f"{operand(whole)}-{v}={whole - v}"]
    return {"v": v, "p": p, "q": q}, whole - v, steps


def _estate(stream: Stream, n: int) -> _Drawn:
    a, b = stream.randint(3, 9), stream.randint(2, 9)
    k, m = stream.randint(2, 7), stream.randint(2, n)
    total, each = a * b * k * m, (a * b - a - b) * m
    shares = Fraction(a + b, a * b)
    rest = 1 - shares
    steps = [f"{k}*{each}={k * each}", f"(1/{a})+(1/{b})={shares}", f"1-({shares})={rest}"]
    steps.append(f"{k * each}/({rest})={total}")
    return {"a": a, "b": b, "k": k, "each": each}, total, steps


def _coins(stream: Stream, n: int) -> _Drawn:
    # m coins of x cents, k times as many of y cents, and d more than those of z cents
    x, y, z = stream.sample((2, 5, 10, 20, 50), 3)
    m, k, d = stream.randint(2, n), stream.randint(2, 6), stream.randint(2, n)
    t = x * m + y * k * m + z * (k * m + d)
    per = x + k * y + k * z
    steps = [f"{d}*{z}={d * z}", f"{t}-{d * z}={t - d * z}", f"{k}*{y}={k * y}"]
    steps += (f"{k}*{z}={k * z}", f"{x}+{k * y}={x + k * y}", f"{x + k * y}+{k * z}={per}")
    steps += (f"{t - d * z}/{per}={m}", f"{k}*{m}={k * m}", f"{k * m}+{d}={k * m + d}")
    return {"x": x, "k": k, "y": y, "d": d, "z": z, "t": t}, k * m + d, steps


def _profit(stream: Stream, n: int) -> _Drawn:
    d, trays, per = stream.randint(2, 7), stream.randint(3, n), 20 * stream.randint(1, 3)
    u, c, rent = 5 * stream.randint(1, 8), stream.randint(5, 40), stream.randint(100, 700)
    p = 2 * c + stream.randint(20, 99)  # enough to gain something
    made = d * trays * per
    unsold = made * u // 100
    sold = made - unsold
    taken, spent, rents = sold * p, made * c, d * rent
    steps = [
        f"{trays}*{per}={trays * per}",
        f"{trays * per}*{d}={made}",
        f"{made}*{u}={made * u}",
        f"{made * u}/100={unsold}",
        f"{made}-{unsold}={sold}",
        f"{sold}*{p}={taken}",
        f"{made}*{c}={spent}",
        f"{rent}*{d}={rents}",
        f"{taken}-{spent}={taken - spent}",
        f"{taken - spent}-{rents}={taken - spent - rents}",
    ]
    numbers = {"d": d, "trays": trays, "per": per, "c": c, "p": p, "u": u, "rent": rent}
    return numbers, taken - spent - rents, steps


def _growth(stream: Stream, n: int) -> _Drawn:
    start = 400 * stream.randint(2, n)
    p, q, r = 5 * stream.randint(1, 10), 5 * stream.randint(1, 10), stream.randint(20, 400)
    m, k = stream.randint(2, 9), stream.randint(2, 9)
    up = start * p // 100
    high = start + up
    down = high * q // 100
    low = high - down
    more = low + r
    steps = [
        f"{start}*{p}={start * p}",
        f"{start * p}/100={up}",
        f"{start}+{up}={high}",
        f"{high}*{q}={high * q}",
        f"{high * q}/100={down}",
        f"{high}-{down}={low}",
        f"{low}+{r}={more}",
        f"{more}*{m}={more * m}",
        f"{k}*{r}={k * r}",
        f"{more * m}+{k * r}={more * m + k * r}",
    ]
    numbers = {"start": start, "p": p, "q": q, "r": r, "m": m, "k": k}
    return numbers, more * m + k * r, steps


_STRUCTURES: dict[str, tuple[Callable[[Stream, int], _Drawn], tuple[str, ...]]] = {
    "gain": (
        _gain,
        (
            "{A} has {a} {items} and gets {b} more. How many {items} does {A} have now?",
            "There are {a} birds on a roof, and {b} more join them. How many birds are there now?",
            "{A} picks {a} apples in the morning and {b} in the afternoon. "
            "How many apples is that in all?",
        ),
    ),
    "lose": (
        _lose,
        (
            "{A} has {a} {items} and gives {b} of them to {B}. How many {items} are left?",
            "A bus carries {a} people. At a stop {b} of them get off, and nobody gets on. "
            "How many people are still on the bus?",
            "A library owns {a} copies of a book and lends out {b}. How many copies are left?",
        ),
    ),
    "packs": (
        _packs,
        (
            "A box holds {a} {items}. How many {items} do {k} full boxes hold?",
            "{A} reads {a} pages a day. How many pages does {A} read in {k} days?",
            "A gardener sets {a} plants in each row and makes {k} rows. How many plants is that?",
        ),
    ),
    "share": (
        _share,
        (
            "{A} shares {t} {items} equally among {k} friends. How many does each friend get?",
            "A hall has {t} chairs in {k} equal rows. How many chairs are in a row?",
            "A baker puts {t} rolls into {k} bags, the same number into each. "
            "How many rolls are in a bag?",
        ),
    ),
    "gain_lose": (
        _gain_lose,
        (
            "{A} has {a} {items}, buys {b} more and gives {c} to {B}. How many {items} does {A} "
            "have then?",
            "A bus carries {a} people. At a stop {b} people get on and {c} get off. "
            "How many people does the bus carry then?",
            "A shop has {a} {goods}, receives another {b} and sells {c}. How many are left?",
        ),
    ),
    "change": (
        _change,
        (
            "{A} pays with {m} cents for {k} {goods} that cost {p} cents each. How many cents does "
            "{A} get back?",
            "From a bag of {m} {items}, {A} gives {k} friends {p} each. How many {items} are left?",
            "A roll of ribbon is {m} cm long. {A} cuts off {k} pieces of {p} cm. "
            "How many centimetres are left?",
        ),
    ),
    "two_purchases": (
        _two_purchases,
        (
            "{A} buys {k} {goods} for {p} cents each and {m} {others} for {q} cents each. "
            "How many cents does {A} pay in all?",
            "A theatre sells {k} tickets for {p} euros each and {m} tickets for {q} euros each. "
            "How many euros does it take in?",
            "A bakery bakes {k} trays of {p} rolls and {m} trays of {q} rolls. "
            "How many rolls is that in all?",
        ),
    ),
    "two_changes": (
        _two_changes,
        (
            "{A} has {x} cents and buys {k} {goods} for {p} cents each and {m} {others} for {q} "
            "cents each. How many cents are left?",
            "A school orders {x} chairs. So far, {k} vans have brought {p} chairs each and {m} "
            "trucks {q} chairs each. How many chairs are still to come?",
            "{A} wants to read {x} pages and manages {p} pages a day for {k} days and then {q} "
            "pages a day for {m} days. How many pages remain?",
        ),
    ),
    "share_rest": (
        _share_rest,
        (
            "{A} has {t} {items}, keeps {r} and shares the others equally among {k} friends. "
            "How many {items} does each friend get?",
            "Of {t} eggs, {r} break. The others are packed into {k} boxes, the same number into "
            "each. How many eggs are in a box?",
            "From a rope {t} cm long, {A} cuts off {r} cm and divides the rest into {k} equal "
            "pieces. How many centimetres long is each piece?",
        ),
    ),
    "compare": (
        _compare,
        (
            "{A} has {a} {items}. {B} has {b} more than {A}, and {C} has {times} as many as {B}. "
            "How many {items} do the three have together?",
            "{A} reads {a} pages. {B} reads {b} pages more than {A}, and {C} reads {times} as "
            "many as {B}. How many pages do they read in all?",
        ),
    ),
    "wages": (
        _wages,
        (
            "{A} earns {r} euros an hour, and {e} euros an hour more for overtime. In one week {A} "
            "works {h} normal hours and {o} hours of overtime. How many euros does {A} earn?",
            "A gardener charges {r} euros an hour, and {e} euros an hour more on Sundays. How many "
            "euros do {h} hours on weekdays and {o} hours on Sundays cost?",
        ),
    ),
    "saving": (
        _saving,
        (
            "{A} has {h} euros and saves {w} euros a week for a bicycle that costs {g} euros. "
            "After how many weeks does {A} have the money?",
            "A tank contains {h} litres of water, and {w} litres flow in each minute. "
            "After how many minutes does it contain {g} litres?",
            "{A} has read {h} pages of a book and reads {w} pages a day. The book has {g} pages. "
            "After how many more days is {A} done?",
        ),
    ),
    "two_kinds": (
        _two_kinds,
        (
            "Children pay {x} euros and adults pay {y} euros. A group of {count} visitors pays "
            "{total} euros in all. How many of them are adults?",
            "{A} collects small boxes with {x} {items} each and large ones with {y} {items} each. "
            "In {count} boxes there are {total} {items}. How many of the boxes are large?",
            "A quiz has easy questions for {x} points and hard ones for {y} points. {A} answers "
            "{count} questions and gets {total} points. How many of them are hard?",
        ),
    ),
    "ages": (
        _ages,
        (
            "{A} is {d} years older than {B}. In {t} years the sum of their ages will be {s}. "
            "How old is {B} now?",
            "{B} is {d} years younger than {A}. The sum of their ages {t} years from now will be "
            "{s}. How old is {B} today?",
        ),
    ),
    "discount": (
        _discount,
        (
            "A chair costs {p} euros. In a sale the price falls by {r} percent. {A} buys {k} "
            "chairs and has a voucher for {c} euros. How many euros does {A} pay?",
            "A night in a hotel costs {p} euros, with {r} percent off in winter. {A} stays for {k} "
            "nights in winter and has already paid {c} euros. How many euros does {A} still owe?",
        ),
    ),
    "fractions_back": (
        _fractions_back,
        (
            "{A} spends $\\frac{{1}}{{{a}}}$ of some money on a book and $\\frac{{1}}{{{b}}}$ of "
            "the rest on a game, and has {left} cents left. How many cents did {A} have at first?",
            "{A} reads $\\frac{{1}}{{{a}}}$ of a book on Saturday and $\\frac{{1}}{{{b}}}$ of the "
            "rest on Sunday. Then {left} pages remain. How many pages does the book have?",
            "A tank is full. First $\\frac{{1}}{{{a}}}$ of the water is used, then "
            "$\\frac{{1}}{{{b}}}$ of the rest, and {left} litres remain. "
            "How many litres does the full tank hold?",
        ),
    ),
    "ratio": (
        _ratio,
        (
            "{A}, {B} and {C} share {t} {items} in the ratio ${a} : {b} : {c}$. How many more does "
            "the one with the most get than the one with the fewest?",
            "A paint of {t} grams is mixed from red, yellow and blue in the ratio "
            "${a} : {b} : {c}$. By how many grams do the largest and the smallest part differ?",
        ),
    ),
    "catch_up": (
        _catch_up,
        (
            "{A} has {h} euros and saves {less} euros a week. {B} has {m} euros and saves {more} "
            "euros a week. After how many weeks do they have the same?",
            "One tank contains {h} litres and gains {less} litres a minute; another contains {m} "
            "litres and gains {more} litres a minute. After how many minutes are they level?",
        ),
    ),
    "relations": (
        _relations,
        (
            "{A} has {times} as many {items} as {B} and {e} more. {C} has {f} fewer than {A}. "
            "Together they have {t}. How many {items} does {B} have?",
            "A film is watched by {times} as many people on Saturday as on Friday and {e} more, "
            "and on Sunday by {f} fewer than on Saturday. In all, {t} people watch it. "
            "How many watch it on Friday?",
        ),
    ),
    "consecutive": (
        _consecutive,
        (
            "A theatre has {count} rows. Each row has {gap} seats more than the one before it, and "
            "there are {s} seats in all. How many seats does the last row have?",
            "{A} trains on {count} days, each day {gap} minutes longer than the day before, and "
            "{s} minutes in all. How many minutes does {A} train on the last day?",
        ),
    ),
    "past_ages": (
        _past_ages,
        (
            "It is {t} years since {A} was {times} as old as {B}. "
            "Now the sum of their ages is {s}. How old is {A} now?",
            "When {A} and {B} moved to their town {t} years ago, {A} was {times} as old as {B}. "
            "Today they are {s} years old together. How old is {A} today?",
        ),
    ),
    "dilution": (
        _dilution,
        (
            "How many litres of water must be added to {v} litres of a solution with {p} percent "
            "salt to get one with {q} percent salt? Give an exact answer.",
            "{A} has {v} litres of a drink that is {p} percent juice, and adds water until it is "
            "{q} percent juice. How many litres of water is that, exactly?",
        ),
    ),
    "estate": (
        _estate,
        (
            "{A} leaves $\\frac{{1}}{{{a}}}$ of a fortune to {B} and $\\frac{{1}}{{{b}}}$ of it to "
            "{C}. The rest is shared equally among {k} charities, and each gets {each} euros. "
            "How many euros is the fortune?",
            "A farmer sells $\\frac{{1}}{{{a}}}$ of a harvest to {A} and $\\frac{{1}}{{{b}}}$ of "
            "the harvest to {B}. The rest fills {k} sacks of {each} kg. "
            "How many kilograms is the harvest?",
        ),
    ),
    "coins": (
        _coins,
        (
            "{A} has some stamps of {x} cents, {times} as many of {y} cents, and {d} more of {z} "
            "cents than of {y} cents. All of them together are worth {t} cents. "
            "How many stamps of {z} cents are there?",
            "A machine contains some coins of {x} cents, {times} as many of {y} cents, and {d} "
            "more of {z} cents than of {y} cents. It contains {t} cents in all. "
            "How many coins of {z} cents are there?",
        ),
    ),
    "profit": (
        _profit,
        (
            "On each of {d} days a bakery bakes {trays} trays of {per} rolls. A roll costs {c} "
            "cents to make and sells for {p} cents, but {u} percent of all rolls stay unsold. The "
            "rent is {rent} cents a day. How many cents does the bakery gain in all?",
            "For {d} weeks a workshop makes {trays} boxes of {per} candles a week. Making a candle "
            "costs {c} cents. The workshop sells them for {p} cents each, all but {u} percent "
            "of them, and pays {rent} cents a week for its room. How many cents does it gain?",
        ),
    ),
    "growth": (
        _growth,
        (
            "A club has {start} members. The number rises by {p} percent, then falls by {q} "
            "percent, and then {r} people join. Every member pays {m} euros, and each of the {r} "
            "new ones pays an extra {k} euros. How many euros do they pay in all?",
            "A farm has {start} kg of grain. The store grows by {p} percent, then shrinks by {q} "
            "percent, and then {r} kg are added. A kilogram of all this sells for {m} cents, and "
            "for each of the added {r} kg there is a premium of {k} cents. "
            "How many cents does it all bring?",
        ),
    ),
}
