"""Counting: arrangements and choices, with and without restrictions."""

from __future__ import annotations

from collections.abc import Callable
from math import comb, factorial, perm, prod
from typing import NamedTuple

from reasoning_gym_envs.problems import Problem, Stream


class _Level(NamedTuple):
    size: int  # the largest set to choose from, or side of a grid
    chosen: int  # how many elements are chosen at most
    kinds: tuple[str, ...]


_LEVELS = {
    1: _Level(7, 2, ("menu", "arrange", "pairs")),
    2: _Level(9, 3, ("menu", "choose", "pairs", "code")),
    3: _Level(26, 2, ("groups", "groups", "code", "officers", "path")),
    4: _Level(20, 4, ("groups", "code", "letters", "path")),
    5: _Level(22, 4, ("groups", "code", "letters", "through", "shares")),
    6: _Level(24, 5, ("groups", "at least", "through", "shares with minimum")),
    7: _Level(24, 5, ("at least", "around", "apart", "through", "shares with minimum")),
    8: _Level(26, 6, ("at least", "around", "apart", "letters apart", "shares with minimum")),
    9: _Level(28, 6, ("around", "apart", "at least", "limited", "of each")),
    10: _Level(30, 7, ("around", "apart", "letters apart", "limited", "of each")),
}

_GROUPS = (
    ("A committee", ("woman", "women"), ("man", "men"), ("student", "students"), ""),
    ("A pile", ("novel", "novels"), ("atlas", "atlases"), ("comic", "comics"), ", all different"),
    ("A bunch", ("rose", "roses"), ("tulip", "tulips"), ("lily", "lilies"), ", all different"),
    ("A choir", ("tenor", "tenors"), ("bass", "basses"), ("alto", "altos"), ""),
)
_OFFICERS = (
    (
        "A club has ${}$ members. It elects a president, a treasurer{} and then ${}$ ordinary "
        "members of the board from the others. In how many ways can this be done?",
        ", a secretary",
    ),
    (
        "A team of ${}$ players names a captain, a deputy{} and then ${}$ of the other players to "
        "carry the bags. In how many ways is that possible?",
        ", a treasurer",
    ),
)


def generate(stream: Stream, level: int) -> Problem:
    """Say in how many ways something can be done.

    Levels 1 and 2 multiply, arrange and choose once; 3 to 5 choose from several groups, arrange
    letters that repeat, walk on a grid and share out equal things; from 6 on restrictions split
    the count into cases or take cases away.
    """
    chosen = _LEVELS[level]
    kind = stream.choice(chosen.kinds)
    steps: list[str] = []
    content, question, answer = _KINDS[kind](stream, chosen, steps)
    return Problem(content, level, question, str(answer), "counting", tuple(steps), "reduced")


_Made = tuple[str, str, int]  # content, question, answer


def _menu(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, b, c = (stream.randint(2, level.size) for _ in range(3))
    steps += (f"{a}*{b}={a * b}", f"{a * b}*{c}={a * b * c}")
    question = (
        f"A menu offers ${a}$ starters, ${b}$ main courses and ${c}$ desserts. How many different "
        "meals with one of each are possible?",
        f"Someone owns ${a}$ shirts, ${b}$ pairs of trousers and ${c}$ hats. How many different "
        "outfits with one of each are possible?",
    )
    return f"product {sorted((a, b, c))}", stream.choice(question), a * b * c


def _arrange(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    n = stream.randint(3, level.size)
    answer = _falling(n, n - 1, steps)
    question = (
        f"In how many different orders can ${n}$ runners finish a race without ties?",
        f"In how many ways can ${n}$ different books be put in a row on a shelf?",
    )
    return f"orders of {n}", stream.choice(question), answer


def _pairs(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    n = stream.randint(4, 3 * level.size)
    question = (
        f"At a party each of ${n}$ guests shakes hands once with every other guest. How many "
        "handshakes are there?",
        f"Each of ${n}$ teams plays once against every other team. How many games are played?",
    )
    return f"{n} choose 2", stream.choice(question), _choose(n, 2, steps)


def _choose_some(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    n, k = stream.randint(5, level.size), stream.randint(2, level.chosen)
    question = (
        f"In how many ways can ${k}$ of ${n}$ different books be chosen?",
        f"How many subsets with exactly ${k}$ elements does a set with ${n}$ elements have?",
    )
    return f"{n} choose {k}", stream.choice(question), _choose(n, k, steps)


def _code(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Letters, then digits, each with or without repetition."""
    sizes = stream.randint(4, min(26, level.size + 6)), stream.randint(4, 10)
    lengths = stream.randint(1, level.chosen), stream.randint(2, max(3, level.chosen))
    repeats = stream.random() < 0.5, stream.random() < 0.5
    ways = [
        _power(n, k, steps) if repeat else _falling(n, k, steps)
        for n, k, repeat in zip(sizes, lengths, repeats, strict=True)
    ]
    answer = ways[0] * ways[1]
    steps.append(f"{ways[0]}*{ways[1]}={answer}")
    if lengths[0] == 1:
        repeats = repeats[1], repeats[1]
    if repeats[0] == repeats[1]:
        rule = "may be repeated" if repeats[0] else "must not be repeated"
        rule = f"Letters and digits {rule}."
    else:
        first, second = ("Letters", "digits") if repeats[0] else ("Digits", "letters")
        rule = f"{first} may be repeated, {second} must not."
    question = (
        f"A code consists of {_count(lengths[0], 'letter')} followed by ${lengths[1]}$ digits. "
        f"There are ${sizes[0]}$ letters and ${sizes[1]}$ digits to choose from. {rule} "
        "How many codes are possible?"
    )
    return f"code {sizes} {lengths} {repeats}", question, answer


def _groups(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    parts = [_some(stream, level) for _ in range(3)]
    answer = 1
    for n, k in parts:
        ways = _choose(n, k, steps)
        if answer > 1:
            steps.append(f"{answer}*{ways}={answer * ways}")
        answer *= ways
    group, *nouns, note = stream.choice(_GROUPS)
    some = [f"${k}$ {noun[k > 1]}" for (_, k), noun in zip(parts, nouns, strict=True)]
    out_of = [f"${n}$ {noun[1]}" for (n, _), noun in zip(parts, nouns, strict=True)]
    question = (
        f"{group} of {some[0]}, {some[1]} and {some[2]} is to be chosen from {out_of[0]}, "
        f"{out_of[1]} and {out_of[2]}{note}. How many choices are there?"
    )
    return f"groups {sorted(parts)}", question, answer


def _of_each(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """A committee with members of every group: the sizes of the parts vary."""
    sizes = [stream.randint(3, level.size // 2) for _ in range(3)]
    n, m, j = sizes
    k = stream.randint(4, 5)
    total = 0
    for a in range(1, k - 1):
        for b in range(1, k - a):
            ways = [(n, a), (m, b), (j, k - a - b)]
            if n >= a and m >= b and j >= k - a - b:
                total = _and_product(total, ways, steps)
    question = (
        f"A committee of ${k}$ is chosen from ${n}$ physicists, ${m}$ chemists and ${j}$ "
        "biologists. Each of the three subjects must be represented. How many committees are "
        "possible?"
    )
    return f"of each {sorted(sizes)} {k}", question, total


def _officers(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    n, k = stream.randint(7, level.size + 10), stream.randint(2, level.chosen)
    three = stream.random() < 0.5
    named = 3 if three else 2
    orders = _falling(n, named, steps)
    steps.append(f"{n}-{named}={n - named}")
    rest = _choose(n - named, k, steps)
    steps.append(f"{orders}*{rest}={orders * rest}")
    text, last = stream.choice(_OFFICERS)
    return f"officers {n} {named} {k}", text.format(n, last if three else "", k), orders * rest


def _letters(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Arrangements of letters that repeat."""
    counts = sorted((stream.randint(1, level.chosen) for _ in range(4)), reverse=True)
    word, answer = _word(stream, counts), _arrangements(counts, steps)
    question = (
        f"In how many different ways can the letters of {word} be arranged?",
        f"How many different strings can be made from all the letters of {word}?",
    )
    return f"letters {counts}", stream.choice(question), answer


def _letters_apart(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Arrangements of letters in which no two of one letter stand side by side."""
    counts = sorted((stream.randint(1, level.chosen - 3) for _ in range(4)), reverse=True)
    apart = stream.randint(2, 5)
    others = sum(counts)
    orders = _arrangements(counts, steps)
    steps.append(f"{others}+1={others + 1}")
    places = _choose(others + 1, apart, steps) if others + 1 > apart else 1
    if others + 1 > apart:
        steps.append(f"{orders}*{places}={orders * places}")
    word = _word(stream, [*counts, apart])
    question = (
        f"In how many different ways can the letters of {word} be arranged so that no two letters "
        "$\\mathrm{E}$ stand next to each other?"
    )
    return f"letters {counts} {apart} apart", question, orders * places


def _path(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    right, up = stream.randint(3, level.size // 2), stream.randint(3, level.size // 2)
    steps.append(f"{right}+{up}={right + up}")
    answer = _choose(right + up, min(right, up), steps)
    question = _walk(right, up) + " How many such paths are there?"
    return f"path {min(right, up)} {max(right, up)}", question, answer


def _through(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Paths through one point of the grid, or around it."""
    right, up = stream.randint(4, level.size // 2), stream.randint(4, level.size // 2)
    x, y = stream.randint(1, right - 1), stream.randint(1, up - 1)
    first, then = comb(x + y, x), comb(right + up - x - y, right - x)
    if first > x + y:
        steps.append(f"{_binomial(x + y, x)}={first}")
    else:
        steps.append(f"{x}+{y}={first}")
    steps += (f"{right}-{x}={right - x}", f"{up}-{y}={up - y}")
    if then > right + up - x - y:
        steps.append(f"{_binomial(right + up - x - y, right - x)}={then}")
    else:
        steps.append(f"{right - x}+{up - y}={then}")
    steps.append(f"{first}*{then}={first * then}")
    answer, what = first * then, "pass through"
    if stream.random() < 0.5:
        everything = comb(right + up, right)
        steps.append(f"{_binomial(right + up, right)}={everything}")
        steps.append(f"{everything}-{answer}={everything - answer}")
        answer, what = everything - answer, "do not pass through"
    question = _walk(right, up) + f" How many such paths {what} the point $({x}, {y})$?"
    mirrored = min((right, up, x, y), (up, right, y, x))
    return f"path {mirrored} {what}", question, answer


def _shares(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Stars and bars."""
    n, k = stream.randint(6, 2 * level.size), stream.randint(3, level.chosen + 1)
    steps += (f"{k}-1={k - 1}", f"{n}+{k - 1}={n + k - 1}")
    answer = _choose(n + k - 1, k - 1, steps)
    variables = " + ".join(f"x_{i}" for i in range(1, k + 1))
    question = (
        f"In how many ways can ${n}$ identical marbles be shared among ${k}$ children, if some "
        "may get none?",
        f"How many solutions does ${variables} = {n}$ have in non-negative whole numbers?",
    )
    return f"shares {n} {k}", stream.choice(question), answer


def _shares_with_minimum(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    k, least = stream.randint(3, level.chosen), stream.randint(1, 9)
    first = least + stream.randint(1, 20)
    rest = stream.randint(5, 2 * level.size)
    n = least * (k - 1) + first + rest
    steps += (f"{k}-1={k - 1}", f"{k - 1}*{least}={least * (k - 1)}")
    steps += (f"{n}-{least * (k - 1)}-{first}={rest}", f"{rest}+{k - 1}={rest + k - 1}")
    answer = _choose(rest + k - 1, k - 1, steps)
    question = (
        f"In how many ways can ${n}$ identical coins be shared among Anna and ${k - 1}$ other "
        f"people, if Anna gets at least ${first}$ and everyone else at least ${least}$?"
    )
    return f"shares {n} {k} {first} {least}", question, answer


def _limited(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Stars and bars with an upper limit: shares above it are taken away and put back."""
    k, most = stream.randint(3, 5), stream.randint(6, level.size)
    n = stream.randint(most + 1, (k - 1) * most)
    total, sign = 0, 1
    for over in range(k + 1):
        rest = n - over * (most + 1)
        if rest < 0:
            break
        count = comb(k, over) * comb(rest + k - 1, k - 1)
        if over:
            steps.append(f"{n}-{over}*({most}+1)={rest}")
        times = f"{_binomial(k, over)}*" if over else ""
        steps.append(f"{times}{_binomial(rest + k - 1, k - 1)}={count}")
        if over:
            steps.append(f"{total}{'-' if sign < 0 else '+'}{count}={total + sign * count}")
        total, sign = total + sign * count, -sign
    question = (
        f"In how many ways can ${n}$ identical balls be put into ${k}$ different boxes that hold "
        f"at most ${most}$ balls each?"
    )
    return f"limited {n} {k} {most}", question, total


def _at_least(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Committees with at least so many of one group, case by case."""
    n, m = stream.randint(6, level.size), stream.randint(6, level.size)
    k = stream.randint(4, min(level.chosen + 1, 6))
    least = stream.randint(max(1, k - 3), k - 1)
    total = 0
    for a in range(least, k + 1):
        total = _and_product(total, [(n, a), (m, k - a)], steps)
    question = (
        f"A team of ${k}$ is chosen from ${n}$ girls and ${m}$ boys. At least ${least}$ of the "
        "team must be girls. How many teams are possible?",
        f"A box holds ${n}$ new and ${m}$ old lamps, all different. In how many ways can ${k}$ "
        f"lamps be taken out so that at least ${least}$ of them are new?",
    )
    return f"at least {n} {m} {k} {least}", stream.choice(question), total


def _around(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """People of two groups who sit down at a round table, one of the groups side by side."""
    n, m = stream.randint(7, level.size - 6), stream.randint(5, level.size - 6)
    k, j = stream.randint(3, 5), stream.randint(2, 4)
    answer = 1
    for group, part in ((n, k), (m, j)):
        ways = _choose(group, part, steps)
        if answer > 1:
            steps.append(f"{answer}*{ways}={answer * ways}")
        answer *= ways
    for part in (k, j):
        orders = factorial(part)
        if part > 2:
            steps.append("*".join(map(str, range(part, 1, -1))) + f"={orders}")
        steps.append(f"{answer}*{orders}={answer * orders}")
        answer *= orders
    question = (
        f"From ${n}$ women and ${m}$ men, ${k}$ women and ${j}$ men are chosen to sit at a round "
        f"table. The ${j}$ men must sit side by side. How many seatings are there, if "
        "rotations of a seating count as the same?"
    )
    return f"around {n} {m} {k} {j}", question, answer


def _apart(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """A row of chosen people of two groups in which no two of one group stand side by side."""
    n, m = stream.randint(6, level.size), stream.randint(6, level.size)
    k = stream.randint(3, 5)
    j = stream.randint(2, k + 1)
    a, b = _choose(n, k, steps), _choose(m, j, steps)
    first = _falling(k, k - 1, steps)
    gaps = perm(k + 1, j)
    steps.append("*".join(str(k + 1 - i) for i in range(j)) + f"={gaps}")
    steps += (f"{a}*{b}={a * b}", f"{a * b}*{first}={a * b * first}")
    answer = a * b * first * gaps
    steps.append(f"{a * b * first}*{gaps}={answer}")
    question = (
        f"From ${n}$ adults and ${m}$ children, ${k}$ adults and ${j}$ children are chosen and "
        "stand in a row for a photo, so that no two children stand side by side. How many "
        "different photos are possible?"
    )
    return f"apart {n} {m} {k} {j}", question, answer


def _some(stream: Stream, level: _Level) -> tuple[int, int]:
    """The size of a group, and how many of it are chosen."""
    k = stream.randint(1, min(level.chosen, 4))
    return stream.randint(k + 2, level.size if k < 3 else 14), k


def _walk(right: int, up: int) -> str:
    return (
        f"Paths lead from $(0, 0)$ to $({right}, {up})$ on a grid, in steps of length $1$ to the "
        "right or up."
    )


def _word(stream: Stream, counts: list[int]) -> str:
    """Letters in random order, in LaTeX: the fifth kind is E."""
    letters = [letter for letter, count in zip("ABCDE", counts, strict=False) for _ in range(count)]
    stream.shuffle(letters)
    return "$\\mathrm{" + "".join(letters) + "}$"


def _count(n: int, noun: str) -> str:
    return f"one {noun}" if n == 1 else f"${n}$ {noun}s"


def _falling(n: int, k: int, steps: list[str]) -> int:
    """n (n - 1) (n - 2) ..., k factors."""
    product = n
    for factor in range(n - 1, n - k, -1):
        steps.append(f"{product}*{factor}={product * factor}")
        product *= factor
    return product


def _power(base: int, exponent: int, steps: list[str]) -> int:
    power = base
    for _ in range(exponent - 1):
        steps.append(f"{power}*{base}={power * base}")
        power *= base
    return power


def _choose(n: int, k: int, steps: list[str]) -> int:
    """The binomial coefficient: ordered choices, divided by the orders of each."""
    ordered, orders = perm(n, k), factorial(k)
    if k > 1:
        steps.append("*".join(str(n - i) for i in range(k)) + f"={ordered}")
        if k > 2:
            steps.append("*".join(map(str, range(k, 1, -1))) + f"={orders}")
        steps.append(f"{ordered}/{orders}={ordered // orders}")
    return ordered // orders


def _binomial(n: int, k: int) -> str:
    """The binomial coefficient on one line, unevaluated."""
    k = min(k, n - k)
    if k < 2:
        return str(n) if k else "1"
    above, below = (
        "*".join(map(str, factors)) for factors in (range(n, n - k, -1), range(k, 1, -1))
    )
    return f"({above})/({below})" if k > 2 else f"({above}/2)"


def _arrangements(counts: list[int], steps: list[str]) -> int:
    """All orders of letters that repeat: places for the first letter, then for the next, ..."""
    free, total = sum(counts), 1
    for count in counts[:-1]:
        if free > count:
            ways = _choose(free, count, steps)
            if total > 1:
                steps.append(f"{total}*{ways}={total * ways}")
            total *= ways
        free -= count
    return total


def _and_product(total: int, ways: list[tuple[int, int]], steps: list[str]) -> int:
    """Add a case to the total: a product of binomial coefficients."""
    more = prod(comb(n, k) for n, k in ways)
    factors = [_binomial(n, k) for n, k in ways if 0 < k < n]
    if len(factors) > 1 or (factors and "*" in factors[0]):
        steps.append("*".join(factors) + f"={more}")
    if total:
        steps.append(f"{total}+{more}={total + more}")
    return total + more


_KINDS: dict[str, Callable[[Stream, _Level, list[str]], _Made]] = {
    "menu": _menu,
    "arrange": _arrange,
    "pairs": _pairs,
    "choose": _choose_some,
    "code": _code,
    "groups": _groups,
    "of each": _of_each,
    "officers": _officers,
    "letters": _letters,
    "letters apart": _letters_apart,
    "path": _path,
    "through": _through,
    "shares": _shares,
    "shares with minimum": _shares_with_minimum,
    "limited": _limited,
    "at least": _at_least,
    "around": _around,
    "apart": _apart,
}
