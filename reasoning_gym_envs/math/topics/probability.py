"""Probability: dice, coins, cards and urns, repeated trials and conditional probability."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb, gcd, perm, prod
from typing import NamedTuple

from reasoning_gym_envs.math.writing import latex, operand
from reasoning_gym_envs.problems import Problem, Stream


class _Level(NamedTuple):
    balls: int  # the most of one colour
    trials: int  # how many draws or trials at most
    kinds: tuple[str, ...]


_LEVELS = {
    1: _Level(6, 1, ("one ball", "two dice")),
    2: _Level(9, 2, ("one ball", "two dice", "multiple", "cards")),
    3: _Level(16, 2, ("in order", "same colour", "multiple")),
    4: _Level(16, 3, ("in order", "same colour", "different colours", "multiple", "cards")),
    5: _Level(16, 3, ("in order", "same colour", "different colours", "trials", "two urns")),
    6: _Level(18, 3, ("in order", "exactly", "trials", "at least one", "two urns")),
    7: _Level(20, 4, ("exactly", "same colour", "trials", "at least one", "which urn")),
    8: _Level(20, 5, ("exactly", "trials", "test", "which urn", "moved ball")),
    9: _Level(22, 5, ("at least", "exactly", "test", "which urn", "moved ball")),
    10: _Level(24, 6, ("at least", "at least", "test", "moved ball")),
}

_COLOURS = ("red", "blue", "green", "white", "black", "yellow")
_DIVISORS = tuple((a, b) for b in range(3, 13) for a in range(2, b) if b % a)
_CARDS = (("hearts", 13), ("aces", 4), ("red cards", 26), ("face cards", 12))
_LOWEST_TERMS = " Give the answer as a fraction in lowest terms."


def generate(stream: Stream, level: int) -> Problem:
    """Find a probability, as a fraction in lowest terms.

    Levels 1 and 2 count equally likely cases; 3 to 5 draw two or three balls, with and without
    replacement, and repeat trials; from 6 on several cases add up, and from 7 on a condition has
    to be taken into account.
    """
    chosen = _LEVELS[level]
    kind = stream.choice(chosen.kinds)
    steps: list[str] = []
    content, question, answer = _KINDS[kind](stream, chosen, steps)
    question += _LOWEST_TERMS
    return Problem(content, level, question, latex(answer), "probability", tuple(steps), "reduced")


_Made = tuple[str, str, Fraction]  # content, question, answer


def _one_ball(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, b, c = (stream.randint(1, level.balls) for _ in range(3))
    first, second, third = stream.sample(_COLOURS, 3)
    total = a + b + c
    steps.append(f"{a}+{b}+{c}={total}")
    question = (
        f"A bag contains {_balls(a, first)}, {_balls(b, second)} and {_balls(c, third)}. "
        f"One ball is drawn at random. What is the probability that it is "
    )
    if stream.random() < 0.5:
        return f"one {a} of {total}", f"{question}{first}?", _ratio(a, total, steps)
    steps.append(f"{b}+{c}={b + c}")
    return f"one {b + c} of {total}", f"{question}not {first}?", _ratio(b + c, total, steps)


def _two_dice(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Sums of two dice, of six faces or others."""
    a = stream.choice((4, 6, 8) if level.balls < 9 else (4, 6, 8, 10, 12))
    b = stream.choice((4, 6, 8) if level.balls < 9 else (4, 6, 8, 10, 12))
    wanted = stream.randint(3, a + b - 1)
    cases = min(a, wanted - 1) - max(1, wanted - b) + 1
    steps += (f"{min(a, wanted - 1)}-{max(1, wanted - b)}+1={cases}", f"{a}*{b}={a * b}")
    dice = (
        f"A fair die with faces numbered $1$ to ${a}$ and another with faces numbered $1$ to ${b}$"
    )
    if a == b:
        dice = f"Two fair dice with faces numbered $1$ to ${a}$"
    question = f"{dice} are rolled. What is the probability that the sum is ${wanted}$?"
    return f"dice {min(a, b)} {max(a, b)} {wanted}", question, _ratio(cases, a * b, steps)


def _multiple(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """A number drawn from 1 to n that is divisible by one number or by another."""
    n = stream.randint(20, 60 * level.balls)
    a, b = stream.choice(_DIVISORS)
    both = a * b // gcd(a, b)
    counts = []
    for d in (a, b, both):
        left = n % d
        counts.append(n // d)
        steps.append(f"({n}-{left})/{d}={n // d}" if left else f"{n}/{d}={n // d}")
    cases = counts[0] + counts[1] - counts[2]
    steps.append(f"{counts[0]}+{counts[1]}-{counts[2]}={cases}")
    question = (
        f"A whole number from $1$ to ${n}$ is chosen at random. What is the probability that it "
        f"is divisible by ${a}$ or ${b}$ (or both)?"
    )
    return f"divisible {n} {a} {b}", question, _ratio(cases, n, steps)


def _in_order(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Two or three draws with given colours in a given order."""
    a, b = stream.randint(2, level.balls), stream.randint(2, level.balls)
    first, second = stream.sample(_COLOURS, 2)
    back = stream.random() < 0.4
    draws = [stream.randint(0, 1) for _ in range(max(2, level.trials))]
    left, total = [a, b], a + b
    steps.append(f"{a}+{b}={total}")
    if level.trials < 3 or draws.count(0) > a or draws.count(1) > b:
        draws = [0, 1]
    above, below = [], []
    for colour in draws:
        above.append(left[colour])
        below.append(total)
        if not back:
            left[colour] -= 1
            total -= 1
    answer = _of_products(above, below, steps)
    names = [(first, second)[colour] for colour in draws]
    ordinals = ("first", "second", "third")
    wanted = [f"the {ordinals[i]} is {name}" for i, name in enumerate(names)]
    question = (
        f"A bag contains {_balls(a, first)} and {_balls(b, second)}. {_draw(len(draws), back)} "
        f"What is the probability that {', '.join(wanted[:-1])} and {wanted[-1]}?"
    )
    others = [1 - colour for colour in draws]  # with the colours named the other way round
    content = f"order {min((a, b, draws), (b, a, others))} {back}"
    return content, question, answer


def _same_colour(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    sizes = [stream.randint(2, level.balls) for _ in range(3 if level.trials > 2 else 2)]
    colours = stream.sample(_COLOURS, len(sizes))
    total, back = sum(sizes), stream.random() < 0.4
    steps.append("+".join(map(str, sizes)) + f"={total}")
    cases = []
    for n in sizes:
        other = n if back else n - 1
        cases.append(n * other)
        steps.append(f"{n}*{other}={n * other}")
    below = total * (total if back else total - 1)
    steps.append("+".join(map(str, cases)) + f"={sum(cases)}")
    steps.append(f"{total}*{total if back else total - 1}={below}")
    question = (
        f"A bag contains {_listed([_balls(n, c) for n, c in zip(sizes, colours, strict=True)])}. "
        f"{_draw(2, back)} What is the probability that both have the same colour?"
    )
    return f"same {sorted(sizes)} {back}", question, _ratio(sum(cases), below, steps)


def _different_colours(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, b, c = (stream.randint(2, level.balls) for _ in range(3))
    total = a + b + c
    names = stream.sample(_COLOURS, 3)
    steps += (f"{a}+{b}+{c}={total}", f"2*{a}*{b}={2 * a * b}")
    steps.append(f"{total}*({total}-1)={total * (total - 1)}")
    question = (
        f"A bag contains {_balls(a, names[0])}, {_balls(b, names[1])} and {_balls(c, names[2])}. "
        f"{_draw(2, False)} What is the probability that one is {names[0]} and the other is "
        f"{names[1]}?"
    )
    content = f"different {min(a, b)} {max(a, b)} {c}"
    return content, question, _ratio(2 * a * b, total * (total - 1), steps)


def _at_least_one(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, b = stream.randint(2, level.balls), stream.randint(4, level.balls)
    k = stream.randint(2, min(3, level.trials))
    first, second = stream.sample(_COLOURS, 2)
    back = stream.random() < 0.3
    total = a + b
    steps.append(f"{a}+{b}={total}")
    none = _of_products(
        [b if back else b - i for i in range(k)],
        [total if back else total - i for i in range(k)],
        steps,
    )
    steps.append(f"1-{operand(none)}={1 - none}")
    question = (
        f"A bag contains {_balls(a, first)} and {_balls(b, second)}. {_draw(k, back)} What is the "
        f"probability that at least one of them is {first}?"
    )
    return f"at least one {a} {b} {k} {back}", question, 1 - none


def _exactly(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """So many of one colour in a handful."""
    a, b, n, k, names = _handful(stream, level)
    steps.append(f"{a}+{b}={a + b}")
    cases = _handfuls(a, k, b, n - k, steps)
    everything = _choose(a + b, n, steps)
    question = (
        f"A bag contains {_balls(a, names[0])} and {_balls(b, names[1])}. {_draw(n, False)} What "
        f"is the probability that exactly {_number(k)} of them {_are(k)} {names[0]}?"
    )
    return (
        f"exactly {n} {min((a, b, k), (b, a, n - k))}",
        question,
        _ratio(cases, everything, steps),
    )


def _at_least(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, b, n, k, names = _handful(stream, level)
    k = max(2, k, n - 2)
    steps.append(f"{a}+{b}={a + b}")
    total = 0
    for i in range(k, n + 1):
        cases = _handfuls(a, i, b, n - i, steps)
        if total:
            steps.append(f"{total}+{cases}={total + cases}")
        total += cases
    everything = _choose(a + b, n, steps)
    question = (
        f"A bag contains {_balls(a, names[0])} and {_balls(b, names[1])}. {_draw(n, False)} What "
        f"is the probability that at least {_number(k)} of them {_are(k)} {names[0]}?"
    )
    return f"at least {a} {b} {n} {k}", question, _ratio(total, everything, steps)


def _trials(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Independent trials with the same chance."""
    n = stream.randint(2, level.trials + 1)
    k = stream.randint(1, n - 1)
    below = stream.randint(3, 12 if n < 5 else 6)
    above = stream.randint(1, below - 1)
    p = Fraction(above, below)
    q = 1 - p
    steps.append(f"1-{operand(p)}={q}")
    hit, miss = p**k, q ** (n - k)
    if k > 1:
        steps.append(f"{operand(p)}^{k}={hit}")
    if n - k > 1:
        steps.append(f"{operand(q)}^{n - k}={miss}")
    ways = comb(n, k)
    if 1 < k < n - 1:
        ways = _choose(n, k, steps)
    answer = ways * hit * miss
    steps.append(f"{ways}*{operand(hit)}*{operand(miss)}={answer}")
    question = (
        f"A player hits the target with probability ${latex(p)}$ on each throw, independently of "
        f"the others. What is the probability of exactly {_number(k)} {'hits' if k > 1 else 'hit'} "
        f"in {_number(n)} throws?",
        f"Each part that a machine makes is faulty with probability ${latex(p)}$, independently of "
        f"the others. What is the probability that exactly {_number(k)} of {_number(n)} parts "
        f"{_are(k)} faulty?",
    )
    return f"trials {p} {n} {k}", stream.choice(question), answer


def _two_urns(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """An urn is chosen, then a ball from it."""
    (a, b), (c, d), names = _urns(stream, level)
    _, _, answer = _by_urn(a, b, c, d, steps)
    question = (
        f"{_describe(a, b, c, d, names)} One of the bags is chosen by tossing a fair coin, and one "
        f"ball is drawn from it at random. What is the probability that the ball is {names[0]}?"
    )
    return f"urns {sorted(((a, b), (c, d)))}", question, answer


def _which_urn(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    (a, b), (c, d), names = _urns(stream, level)
    first, _, either = _by_urn(a, b, c, d, steps)
    steps.append(f"{operand(first)}/{operand(either)}={first / either}")
    question = (
        f"{_describe(a, b, c, d, names)} One of the bags is chosen by tossing a fair coin, and one "
        f"ball is drawn from it at random. The ball is {names[0]}. What is the probability that "
        "it came from the first bag?"
    )
    return f"which urn {a} {b} {c} {d}", question, first / either


def _moved_ball(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """A ball goes from one urn to the other, then one is drawn there."""
    (a, b), (c, d), names = _urns(stream, level)
    steps += (f"{a}+{b}={a + b}", f"{c}+{d}+1={c + d + 1}", f"{c}+1={c + 1}")
    steps += (f"{a}*{c + 1}={a * (c + 1)}", f"{b}*{c}={b * c}")
    cases, below = a * (c + 1) + b * c, (a + b) * (c + d + 1)
    steps.append(f"{a * (c + 1)}+{b * c}={cases}")
    question = (
        f"{_describe(a, b, c, d, names)} A ball is drawn at random from the first bag and put into "
        "the second. Then a ball is drawn at random from the second bag. What is the probability "
        f"that it is {names[0]}?"
    )
    content = f"moved {a} {b} {c} {d}"
    if stream.random() < 0.5:
        steps.append(f"{a + b}*{c + d + 1}={below}")
        return content, question, _ratio(cases, below, steps)
    answer = _ratio(a * (c + 1), cases, steps)
    question = question.replace(
        f"What is the probability that it is {names[0]}?",
        f"This ball is {names[0]}. What is the probability that the ball from the first bag was "
        f"{names[0]} too?",
    )
    return f"{content} given", question, answer


def _test(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """A test that errs both ways, and what a positive result says."""
    n = 10 * stream.randint(20, 100)
    ill = stream.randint(2, 30)
    found, wrong = stream.randint(80, 99), stream.randint(1, 20)
    well = n - ill
    steps += (f"{n}-{ill}={well}", f"{ill}*{found}={ill * found}", f"{well}*{wrong}={well * wrong}")
    steps.append(f"{ill * found}+{well * wrong}={ill * found + well * wrong}")
    question = (
        f"In a town of ${n}$ people, ${ill}$ have a disease. A test is positive with probability "
        f"$\\frac{{{found}}}{{100}}$ for people who have it and with probability "
        f"$\\frac{{{wrong}}}{{100}}$ for people who do not. A person chosen at random tests "
        "positive. What is the probability that this person has the disease?"
    )
    answer = _ratio(ill * found, ill * found + well * wrong, steps)
    return f"test {n} {ill} {found} {wrong}", question, answer


def _cards(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Cards of one sort among the cards drawn from a deck."""
    sort, size = stream.choice(_CARDS)
    k = stream.randint(2, level.trials + 1)
    how = stream.choice(("all of them are", "none of them is", "at least one of them is"))
    fitting = size if how.startswith("all") else 52 - size
    if not how.startswith("all"):
        steps.append(f"52-{size}={fitting}")
    answer = _of_products([fitting - i for i in range(k)], [52 - i for i in range(k)], steps)
    if how.startswith("at"):
        steps.append(f"1-{operand(answer)}={1 - answer}")
        answer = 1 - answer
    if how.endswith("is"):
        sort = f"{'an' if sort[0] == 'a' else 'a'} {sort[:-1]}"
    question = (
        f"{_number(k).capitalize()} cards are dealt from a standard deck of $52$ cards. "
        f"What is the probability that {how} {sort}?"
    )
    return f"cards {size} {k} {how}", question, answer


def _handful(stream: Stream, level: _Level) -> tuple[int, int, int, int, list[str]]:
    """Balls of two colours, how many are drawn, how many shall be of the first, the colours."""
    n = stream.randint(3, level.trials)
    a, b = stream.randint(n, level.balls), stream.randint(n, level.balls)
    return a, b, n, stream.randint(1, n - 1), stream.sample(_COLOURS, 2)


def _urns(stream: Stream, level: _Level) -> tuple[tuple[int, int], tuple[int, int], list[str]]:
    """Two bags with balls of two colours."""
    a, b, c, d = (stream.randint(1, level.balls) for _ in range(4))
    return (a, b), (c, d), stream.sample(_COLOURS, 2)


def _describe(a: int, b: int, c: int, d: int, names: list[str]) -> str:
    return (
        f"One bag contains {_balls(a, names[0])} and {_balls(b, names[1])}; a second bag contains "
        f"{_balls(c, names[0])} and {_balls(d, names[1])}."
    )


def _by_urn(
    a: int, b: int, c: int, d: int, steps: list[str]
) -> tuple[Fraction, Fraction, Fraction]:
    """The chances of the first colour from the first bag, from the second, and from either."""
    first, second = Fraction(a, 2 * (a + b)), Fraction(c, 2 * (c + d))
    steps += (f"{a}+{b}={a + b}", f"{a}/{a + b}/2={first}")
    steps += (f"{c}+{d}={c + d}", f"{c}/{c + d}/2={second}")
    steps.append(f"{operand(first)}+{operand(second)}={first + second}")
    return first, second, first + second


def _ratio(cases: int, of: int, steps: list[str]) -> Fraction:
    """A fraction, and its reduction if there is any."""
    if gcd(cases, of) > 1:
        steps.append(f"{cases}/{of}={Fraction(cases, of)}")
    return Fraction(cases, of)


def _of_products(above: list[int], below: list[int], steps: list[str]) -> Fraction:
    """The product of the fractions."""
    products = []
    for factors in (above, below):
        products.append(prod(factors))
        steps.append("*".join(map(str, factors)) + f"={products[-1]}")
    return _ratio(products[0], products[1], steps)


def _choose(n: int, k: int, steps: list[str]) -> int:
    """The binomial coefficient."""
    k = min(k, n - k)
    if k < 2:
        return comb(n, k)
    above = "*".join(str(n - i) for i in range(k))
    below = "*".join(map(str, range(k, 1, -1)))
    steps.append(f"{above}={perm(n, k)}")
    steps.append(
        f"{perm(n, k)}/({below})={comb(n, k)}" if k > 2 else f"{n * (n - 1)}/2={comb(n, k)}"
    )
    return comb(n, k)


def _handfuls(a: int, k: int, b: int, j: int, steps: list[str]) -> int:
    """The handfuls with k of a balls and j of b others."""
    first, second = _choose(a, k, steps), _choose(b, j, steps)
    if first > 1 and second > 1:
        steps.append(f"{first}*{second}={first * second}")
    return first * second


def _balls(n: int, colour: str) -> str:
    return f"${n}$ {colour} ball" if n == 1 else f"${n}$ {colour} balls"


def _draw(k: int, back: bool) -> str:
    how = "with replacement" if back else "without replacement"
    return f"{_number(k).capitalize()} balls are drawn at random, one after the other, {how}."


def _number(n: int) -> str:
    return ("zero", "one", "two", "three", "four", "five", "six", "seven")[n]


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _listed(things: list[str]) -> str:
    return ", ".join(things[:-1]) + f" and {things[-1]}"


_KINDS: dict[str, Callable[[Stream, _Level, list[str]], _Made]] = {
    "one ball": _one_ball,
    "two dice": _two_dice,
    "multiple": _multiple,
    "in order": _in_order,
    "same colour": _same_colour,
    "different colours": _different_colours,
    "cards": _cards,
    "at least one": _at_least_one,
    "exactly": _exactly,
    "at least": _at_least,
    "trials": _trials,
    "two urns": _two_urns,
    "which urn": _which_urn,
    "moved ball": _moved_ball,
    "test": _test,
}
