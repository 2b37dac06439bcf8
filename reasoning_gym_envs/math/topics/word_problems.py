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
            "How many apples does {A} pick in all?",
        ),
    ),
    "lose": (
        _lose,
        (
            "{A} has {a} {items} and gives {b} of them to {B}. How many {items} does {A} have "
            "left?",
            "There are {a} people on a bus. At a stop, {b} of them get off and nobody gets on. "
            "How many people are still on the bus?",
            "A library has {a} copies of a book and lends out {b}. "
            "How many copies are left in the library?",
        ),
    ),
    "packs": (
        _packs,
        (
            "A box holds {a} {items}. How many {items} are in {k} full boxes?",
            "{A} reads {a} pages a day. How many pages does {A} read in {k} days?",
            "A gardener puts {a} plants in each of {k} rows. How many plants are there in all?",
        ),
    ),
    "share": (
        _share,
        (
            "{A} shares {t} {items} equally among {k} friends. "
            "How many {items} does each friend get?",
            "A hall has {t} chairs in {k} equal rows. How many chairs are in each row?",
            "A baker divides {t} rolls equally among {k} bags. How many rolls are in each bag?",
        ),
    ),
    "gain_lose": (
        _gain_lose,
        (
            "{A} has {a} {items}, buys {b} more and gives {c} to {B}. How many {items} does {A} "
            "have left?",
            "There are {a} people on a bus. At one stop, {b} people get on; at the next, {c} "
            "get off. How many people are on the bus now?",
            "A shop has {a} {goods}, receives another {b} and sells {c}. "
            "How many {goods} are left?",
        ),
    ),
    "change": (
        _change,
        (
            "{A} hands over {m} cents for {k} {goods} at {p} cents each. How many cents does {A} "
            "get back?",
            "{A} has {m} {items} and gives {k} friends {p} each. How many {items} does {A} have "
            "left?",
            "A roll of ribbon is {m} cm long. {A} cuts off {k} pieces of {p} cm each. "
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
            "How many rolls does it bake in all?",
        ),
    ),
    "two_changes": (
        _two_changes,
        (
            "{A} has {x} cents and buys {k} {goods} for {p} cents each and {m} {others} for {q} "
            "cents each. How many cents does {A} have left?",
            "A school orders {x} chairs. So far, {k} vans have brought {p} chairs each, and {m} "
            "trucks have brought {q} chairs each. How many chairs are still to come?",
            "A book has {x} pages. {A} reads {p} pages a day for {k} days and then {q} pages a "
            "day for {m} days. How many pages are left to read?",
        ),
    ),
    "share_rest": (
        _share_rest,
        (
            "{A} has {t} {items}, keeps {r} and shares the rest equally among {k} friends. "
            "How many {items} does each friend get?",
            "Of {t} eggs, {r} are broken. The others are divided equally among {k} boxes. "
            "How many eggs are in each box?",
            "A rope is {t} cm long. {A} cuts off {r} cm and divides the rest into {k} equal "
            "pieces. How many centimetres long is each piece?",
        ),
    ),
    "compare": (
        _compare,
        (
            "{A} has {a} {items}. {B} has {b} more than {A}, and {C} has {times} as many as {B}. "
            "How many {items} do the three of them have in all?",
            "{A} reads {a} pages. {B} reads {b} more pages than {A}, and {C} reads {times} as "
            "many as {B}. How many pages do the three of them read in all?",
        ),
    ),
    "wages": (
        _wages,
        (
            "{A} earns {r} euros an hour, and an extra {e} euros an hour for overtime. In one "
            "week, {A} works {h} regular hours and {o} hours of overtime. "
            "How many euros does {A} earn in all?",
            "A gardener charges {r} euros an hour, and an extra {e} euros an hour on Sundays. "
            "How many euros do {h} hours on weekdays and {o} hours on Sundays cost?",
        ),
    ),
    "saving": (
        _saving,
        (
            "{A} has {h} euros and saves {w} euros a week for a bicycle that costs {g} euros. "
            "After how many weeks does {A} have enough money?",
            "A tank contains {h} litres of water. Every minute, {w} litres flow in. "
            "After how many minutes does it contain {g} litres?",
            "{A} has read {h} pages of a book and reads {w} more every day. The book has {g} "
            "pages. How many more days does {A} need to finish?",
        ),
    ),
    "two_kinds": (
        _two_kinds,
        (
            "At a museum, children pay {x} euros and adults pay {y} euros. A group of {count} "
            "visitors pays {total} euros in all. How many of the visitors are adults?",
            "A small box holds {x} {items} and a large box holds {y}. {A} fills {count} boxes "
            "with {total} {items} in all. How many of the boxes are large?",
            "In a quiz, easy questions are worth {x} points each and hard ones {y} points each. "
            "{A} answers {count} questions correctly and scores {total} points. "
            "How many of these questions are hard?",
        ),
    ),
    "ages": (
        _ages,
        (
            "{A} is {d} years older than {B}. In {t} years, the sum of their ages will be {s}. "
            "How old is {B} now?",
            "{B} is {d} years younger than {A}. The sum of their ages {t} years from now will be "
            "{s}. How old is {B} today?",
        ),
    ),
    "discount": (
        _discount,
        (
            "A chair costs {p} euros. In a sale, the price is reduced by {r} percent. {A} buys "
            "{k} chairs in the sale and uses a voucher for {c} euros. "
            "How many euros does {A} pay?",
            "A hotel room costs {p} euros a night, with {r} percent off in winter. {A} stays for "
            "{k} nights in winter and has already paid {c} euros. "
            "How many euros does {A} still owe?",
        ),
    ),
    "fractions_back": (
        _fractions_back,
        (
            "{A} spent $\\frac{{1}}{{{a}}}$ of some money on a book and $\\frac{{1}}{{{b}}}$ of "
            "the rest on a game, and has {left} cents left. How many cents did {A} have at first?",
            "{A} reads $\\frac{{1}}{{{a}}}$ of a book on Saturday and $\\frac{{1}}{{{b}}}$ of the "
            "rest on Sunday. That leaves {left} pages. How many pages does the book have?",
            "A tank is full. First $\\frac{{1}}{{{a}}}$ of the water is used, and then "
            "$\\frac{{1}}{{{b}}}$ of the rest. That leaves {left} litres. "
            "How many litres does the full tank hold?",
        ),
    ),
    "ratio": (
        _ratio,
        (
            "{A}, {B} and {C} share {t} {items} in the ratio ${a} : {b} : {c}$. "
            "How many more {items} are in the largest share than in the smallest?",
            "To make {t} grams of paint, red, yellow and blue are mixed in the ratio "
            "${a} : {b} : {c}$. By how many grams do the largest and the smallest amount differ?",
        ),
    ),
    "catch_up": (
        _catch_up,
        (
            "{A} has {h} euros and saves {less} euros a week. {B} has {m} euros and saves {more} "
            "euros a week. After how many weeks do they have the same amount?",
            "One tank contains {h} litres and is filled at {less} litres a minute; another "
            "contains {m} litres and is filled at {more} litres a minute. "
            "After how many minutes do they contain the same amount?",
        ),
    ),
    "relations": (
        _relations,
        (
            "{A} has {e} more than {times} as many {items} as {B}. {C} has {f} fewer than {A}. "
            "Together they have {t} {items}. How many {items} does {B} have?",
            "A cinema sells {e} more than {times} as many tickets on Saturday as on Friday, and "
            "{f} fewer on Sunday than on Saturday. In all, it sells {t} tickets. "
            "How many tickets does it sell on Friday?",
        ),
    ),
    "consecutive": (
        _consecutive,
        (
            "A theatre has {count} rows. Each row has {gap} more seats than the one in front of "
            "it, and there are {s} seats in all. How many seats does the last row have?",
            "{A} trains on {count} days, each day {gap} minutes longer than the day before, for "
            "a total of {s} minutes. How many minutes does {A} train on the last day?",
        ),
    ),
    "past_ages": (
        _past_ages,
        (
            "Exactly {t} years ago, {A} was {times} as old as {B}. "
            "Today the sum of their ages is {s}. How old is {A} today?",
            "When {A} and {B} first met {t} years ago, {A} was {times} as old as {B}. "
            "Today their ages sum to {s}. How old is {A} today?",
        ),
    ),
    "dilution": (
        _dilution,
        (
            "How many litres of water must be added to {v} litres of salt solution to dilute it "
            "from {p} percent to {q} percent salt? Give an exact answer.",
            "{A} has {v} litres of a drink that is {p} percent juice, and adds water until it is "
            "{q} percent juice. How many litres of water does {A} add? Give an exact answer.",
        ),
    ),
    "estate": (
        _estate,
        (
            "{A} leaves $\\frac{{1}}{{{a}}}$ of a fortune to {B} and $\\frac{{1}}{{{b}}}$ of it to "
            "{C}. The rest is shared equally among {k} charities, and each gets {each} euros. "
            "How many euros is the whole fortune?",
            "A farmer sells $\\frac{{1}}{{{a}}}$ of a harvest to {A} and $\\frac{{1}}{{{b}}}$ of "
            "the harvest to {B}. The rest fills {k} sacks of {each} kg each. "
            "How many kilograms does the whole harvest weigh?",
        ),
    ),
    "coins": (
        _coins,
        (
            "{A} has some {x}-cent stamps, {times} as many {y}-cent stamps, and {d} more {z}-cent "
            "stamps than {y}-cent stamps. Together they are worth {t} cents. "
            "How many {z}-cent stamps are there?",
            "A machine contains some {x}-cent coins, {times} as many {y}-cent coins, and {d} more "
            "{z}-cent coins than {y}-cent coins. It contains {t} cents in all. "
            "How many {z}-cent coins are there?",
        ),
    ),
    "profit": (
        _profit,
        (
            "On each of {d} days, a bakery bakes {trays} trays of {per} rolls. A roll costs {c} "
            "cents to make and sells for {p} cents, but {u} percent of the rolls are not sold. "
            "The rent is {rent} cents a day. What is the bakery's total profit in cents?",
            "For {d} weeks, a workshop makes {trays} boxes of {per} candles a week. A candle "
            "costs {c} cents to make and sells for {p} cents, but {u} percent of the candles are "
            "not sold. The rent is {rent} cents a week. "
            "What is the workshop's total profit in cents?",
        ),
    ),
    "growth": (
        _growth,
        (
            "A club has {start} members. The number rises by {p} percent, then falls by {q} "
            "percent, and then {r} more people join. Each member then pays {m} euros, and each "
            "of the {r} newcomers pays an extra {k} euros. "
            "How many euros do the members pay in all?",
            "A farm has {start} kg of grain. The stock grows by {p} percent, then shrinks by {q} "
            "percent, and then {r} kg of organic grain are added. All the grain sells for {m} "
            "cents per kilogram, and the {r} kg of organic grain for an extra {k} cents per "
            "kilogram. How many cents does the farm take in?",
        ),
    ),
}
