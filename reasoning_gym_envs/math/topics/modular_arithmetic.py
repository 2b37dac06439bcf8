"""Modular arithmetic: remainders, powers, inverses, congruences and systems of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import gcd, prod
from typing import NamedTuple

from reasoning_gym_envs.math.writing import operand
from reasoning_gym_envs.problems import Problem, Stream

_CLOCK = (
    "A $12$-hour clock shows ${}$ o'clock. Which hour, from $1$ to $12$, does it show ${}$ hours "
    "later?",
    "It is ${}$ o'clock. Which hour, from $1$ to $12$, will a $12$-hour clock show in ${}$ hours?",
)
_SYSTEM = (
    "What is the smallest whole number, $0$ or more, that leaves {}?",
    "Find the smallest non-negative whole number that leaves {}.",
    "A number of coins, as small as possible, leaves {}. How many coins are there?",
)


class _Level(NamedTuple):
    modulus: int  # the largest
    number: int  # the largest number that is reduced
    exponent: int  # the largest exponent
    kinds: tuple[str, ...]


_LEVELS = {
    1: _Level(12, 99, 2, ("remainder", "clock")),
    2: _Level(16, 200, 2, ("remainder", "clock", "negative", "sum")),
    3: _Level(40, 60, 5, ("sum", "product", "power")),
    4: _Level(50, 99, 9, ("sum", "product", "power", "inverse")),
    5: _Level(160, 99, 30, ("product", "power", "inverse", "linear", "linear")),
    6: _Level(180, 150, 60, ("power", "inverse", "inverse", "linear", "linear")),
    7: _Level(200, 300, 99, ("power", "linear", "linear", "last digits", "two congruences")),
    8: _Level(220, 500, 60, ("power", "linear", "powers", "two congruences")),
    9: _Level(
        240, 999, 100, ("linear", "last digits", "powers", "two congruences", "three", "three")
    ),
    10: _Level(250, 9999, 200, ("linear", "powers", "three")),
}


def generate(stream: Stream, level: int) -> Problem:
    """Find a remainder, or a number that leaves given remainders.

    Levels 1 and 2 divide, also as hours of a clock; 3 to 5 reduce sums, products and small powers
    and find inverses; from 6 on large powers by repeated squaring, linear congruences by Euclid's
    algorithm, and systems of two and three congruences.
    """
    chosen = _LEVELS[level]
    kind = stream.choice(chosen.kinds)
    for _ in range(3):  # rather no answer that stands in the question or that a guess would hit
        steps: list[str] = []
        content, question, answer = _KINDS[kind](stream, chosen, steps)
        if answer > 1 and str(answer) not in re.findall(r"\d+", question):
            break
    return Problem(
        content, level, question, str(answer), "modular_arithmetic", tuple(steps), "reduced"
    )


_Made = tuple[str, str, int]  # content, question, answer


def _remainder(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    m = stream.randint(level.modulus // 2, level.modulus)
    a = stream.randint(m + 1, level.number)
    steps += (f"{a // m}*{m}={a - a % m}", f"{a}-{a - a % m}={a % m}")
    return f"{a} mod {m}", _ask(stream, str(a), m), a % m


def _clock(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    start, passed = stream.randint(1, 12), stream.randint(13, level.number)
    total = start + passed
    hour = (total - 1) % 12 + 1
    steps += (f"{start}+{passed}={total}", f"{total}-{(total - hour) // 12}*12={hour}")
    question = stream.choice(_CLOCK).format(start, passed)
    return f"clock {start} {passed}", question, hour


def _negative(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    m = stream.randint(level.modulus // 2, level.modulus)
    a = stream.randint(m + 1, level.number)
    times = -(-a // m)
    steps += (f"{times}*{m}={times * m}", f"{times * m}-{a}={-a % m}")
    question = (
        f"Find the number from $0$ to ${m - 1}$ that is congruent to ${-a}$ modulo ${m}$.",
        f"What is $(-{a}) \\bmod {m}$? Answer with a number from $0$ to ${m - 1}$.",
    )
    return f"-{a} mod {m}", stream.choice(question), -a % m


def _sum(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    m = stream.randint(level.modulus // 2, level.modulus)
    most = level.number // m + 1
    a, b, c = (_unit(stream, m) + m * stream.randint(1, most) for _ in range(3))
    total = sum(_reduce(n, m, steps) for n in (a, b, c))
    steps.append(f"{a % m}+{b % m}+{c % m}={total}")
    answer = _reduce(total, m, steps)
    content = "+".join(map(str, sorted((a, b, c))))
    return f"{content} mod {m}", _ask(stream, f"{a} + {b} + {c}", m), answer


def _product(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    m = stream.randint(level.modulus // 2, level.modulus)
    most = level.number // m + 1
    a, b, c = (_unit(stream, m) + m * stream.randint(1, most) for _ in range(3))
    product = _times(_reduce(a, m, steps), _reduce(b, m, steps), m, steps)
    if stream.random() < 0.5:
        text = f"{a} \\times {b} \\times {c}"
        content = "*".join(map(str, sorted((a, b, c))))
        product = _times(product, _reduce(c, m, steps), m, steps)
    else:
        text = f"{a} \\times {b} + {c}"
        content = f"{min(a, b)}*{max(a, b)}+{c}"
        total = product + _reduce(c, m, steps)
        steps.append(f"{product}+{c % m}={total}")
        product = _reduce(total, m, steps)
    return f"{content} mod {m}", _ask(stream, text, m), product


def _power(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    m = stream.randint(level.modulus // 2, level.modulus)
    a, n = _unit(stream, m), stream.randint(level.exponent // 2 + 1, level.exponent)
    return f"{a}^{n} mod {m}", _ask(stream, _tower(a, n), m), _raise(a, n, m, steps)


def _powers(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    m = stream.randint(level.modulus // 3, level.modulus)
    a, k = _unit(stream, m), stream.randint(9, level.exponent)
    b, n = _unit(stream, m), stream.randint(9, level.exponent)
    first, second = _raise(a, k, m, steps), _raise(b, n, m, steps)
    towers = [f"{p}^{e}" for p, e in sorted(((a, k), (b, n)))]
    if stream.random() < 0.5:
        text, content = f"{_tower(a, k)} + {_tower(b, n)}", "+".join(towers)
        steps.append(f"{first}+{second}={first + second}")
        answer = _reduce(first + second, m, steps)
    else:
        text, content = f"{_tower(a, k)} \\times {_tower(b, n)}", "*".join(towers)
        answer = _times(first, second, m, steps)
    return f"{content} mod {m}", _ask(stream, text, m), answer


def _last_digits(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    # Powers of a number that ends in 0, 1, 5 or 6 all end in the same digit.
    a = 10 * stream.randint(1, level.number // 10 - 1) + stream.choice((2, 3, 4, 7, 8, 9))
    n = stream.randint(level.exponent // 3, level.exponent)
    power = _tower(a, n)
    question = f"Which number do the last two digits of ${power}$ form? Leave out a leading $0$."
    return f"{a}^{n} mod 100", question, _raise(a, n, 100, steps)


def _inverse(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    m = stream.randint(level.modulus // 2, level.modulus)
    a = _unit(stream, m)
    for _ in range(5):  # rather not one that Euclid's algorithm inverts in one division
        if m % a > 1:
            break
        a = _unit(stream, m)
    question = (
        f"Find the multiplicative inverse of ${a}$ modulo ${m}$, a number from $1$ to ${m - 1}$.",
        f"For which whole number $x$ from $1$ to ${m - 1}$ is ${a}x \\equiv 1 \\pmod{{{m}}}$?",
    )
    return f"1/{a} mod {m}", stream.choice(question), _invert(a, m, steps)


def _linear(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    m = stream.randint(level.modulus // 3, level.modulus)
    a, c = _unit(stream, m), stream.randint(1, m - 1)
    b = (c + stream.randint(1, m - 1)) % m
    side = b - c
    steps.append(f"{b}-{c}={side}")
    if side < 0:
        steps.append(f"({side})+{m}={side + m}")
    x = _times(_invert(a, m, steps), side % m, m, steps)
    question = (
        f"Solve ${a}x + {c} \\equiv {b} \\pmod{{{m}}}$ for $x$ from $0$ to ${m - 1}$.",
        f"Which whole number $x$ from $0$ to ${m - 1}$ satisfies "
        f"${a}x + {c} \\equiv {b} \\pmod{{{m}}}$?",
    )
    return f"{a}x+{c}={b} mod {m}", stream.choice(question), x


def _two_congruences(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    return _congruences(stream, 2, level.modulus // 3, steps)


def _three_congruences(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    return _congruences(stream, 3, level.modulus // 8, steps)


def _congruences(stream: Stream, count: int, largest: int, steps: list[str]) -> _Made:
    """The smallest number that leaves given remainders, joining one condition after another."""
    moduli = [stream.randint(4, largest)]
    moduli.append(_unit(stream, moduli[0]))
    while len(moduli) < count:
        m, product = stream.randint(3, largest), prod(moduli)
        while gcd(m, product) > 1:
            m += 1
        moduli.append(m)
    wanted = stream.randint(max(moduli), prod(moduli) - 1)
    while any(wanted % m == 0 for m in moduli):  # ends at the latest one below the product
        wanted += 1
    moduli.sort(reverse=True)
    x, product = wanted % moduli[0], moduli[0]
    for m in moduli[1:]:
        gap = wanted % m - x
        steps.append(f"{wanted % m}-{x}={gap}")
        if gap < 0:
            steps.append(f"({gap})+{-(gap // m)}*{m}={gap % m}")
        inverse = _invert(_reduce(product, m, steps), m, steps)
        k = _times(gap % m, inverse, m, steps)
        steps.append(f"{x}+{k}*{product}={x + k * product}")
        if m != moduli[-1]:
            steps.append(f"{product}*{m}={product * m}")
        x, product = x + k * product, product * m
    stream.shuffle(moduli)
    parts = [f"the remainder ${wanted % m}$ when divided by ${m}$" for m in moduli]
    conditions = ", ".join(parts[:-1]) + f" and {parts[-1]}"
    content = f"remainders {[(m, wanted % m) for m in sorted(moduli)]}"
    return content, stream.choice(_SYSTEM).format(conditions), wanted


def _ask(stream: Stream, text: str, m: int) -> str:
    """Ask for the remainder of an expression."""
    which = stream.random()
    if which < 0.4:
        return f"What is the remainder when ${text}$ is divided by ${m}$?"
    if which < 0.7:
        return f"Find the remainder of ${text}$ on division by ${m}$."
    compound = " " in text
    return f"Compute $({text}) \\bmod {m}$." if compound else f"Compute ${text} \\bmod {m}$."


def _tower(a: int, n: int) -> str:
    return f"{a}^{n}" if n < 10 else f"{a}^{{{n}}}"


def _unit(stream: Stream, m: int) -> int:
    """A number from 2 to m - 1 that has no factor in common with m."""
    a = stream.randint(2, m - 1)
    while gcd(a, m) > 1:
        a += 1
    return a


def _reduce(value: int, m: int, steps: list[str]) -> int:
    """The remainder of a number that is not negative."""
    times, remainder = divmod(value, m)
    if times:
        steps.append(
            f"{value}-{m}={remainder}" if times == 1 else f"{value}-{times}*{m}={remainder}"
        )
    return remainder


def _times(a: int, b: int, m: int, steps: list[str]) -> int:
    steps.append(f"{a}*{b}={a * b}")
    return _reduce(a * b, m, steps)


def _raise(a: int, n: int, m: int, steps: list[str]) -> int:
    """A power by repeated squaring, from the first binary digit of the exponent to the last."""
    a = power = _reduce(a, m, steps)
    for digit in f"{n:b}"[1:]:
        if power > 1:
            power = _times(power, power, m, steps)
        if digit == "1":
            power = _times(power, a, m, steps)
    return power


def _invert(a: int, m: int, steps: list[str]) -> int:
    """The inverse by Euclid's algorithm: each remainder is t times a, up to multiples of m."""
    r, s, t, u = m, a, 0, 1
    while s > 1:
        q = r // s
        if r % s > 1:
            steps.append(f"{r}-{s}={r % s}" if q == 1 else f"{r}-{q}*{s}={r % s}")
        taken = operand(u) if q == 1 else f"{q}*{operand(u)}"
        steps.append(f"{operand(t)}-{taken}={t - q * u}" if t else f"-{q}*1={-q}")
        r, s, t, u = s, r % s, u, t - q * u
    if u < 0:
        steps.append(f"({u})+{m}={u + m}")
    return u % m


_KINDS: dict[str, Callable[[Stream, _Level, list[str]], _Made]] = {
    "remainder": _remainder,
    "clock": _clock,
    "negative": _negative,
    "sum": _sum,
    "product": _product,
    "power": _power,
    "powers": _powers,
    "last digits": _last_digits,
    "inverse": _inverse,
    "linear": _linear,
    "two congruences": _two_congruences,
    "three": _three_congruences,
}
