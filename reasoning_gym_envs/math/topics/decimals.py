"""Decimals: sums and products to the last place, long expressions, repeating decimals."""

from __future__ import annotations

from math import gcd
from typing import NamedTuple

from reasoning_gym_envs.answers import Form
from reasoning_gym_envs.math.writing import decimal
from reasoning_gym_envs.problems import Problem, Stream


class _Level(NamedTuple):
    kinds: str  # of the terms: n number, p product, q quotient, g (a ± b)c, s square
    terms: int
    size: int  # the largest number, before the point moves
    repeating: float = 0.0  # how often a repeating decimal is asked for instead


_LEVELS = {
    4: _Level("np", 2, 99),
    5: _Level("npq", 2, 150, 0.1),
    6: _Level("npqg", 2, 300, 0.15),
    7: _Level("npqg", 3, 400, 0.15),
    8: _Level("npqgs", 4, 500, 0.1),
    9: _Level("pqgs", 5, 700, 0.1),
    10: _Level("pqgs", 6, 999, 0.1),
}

_COMPUTE = ("Compute ${}$.", "Calculate ${}$.", "What is ${}$?", "Work out ${}$.")
_FRACTION = (
    "Write the repeating decimal ${}$ as a fraction in lowest terms.",
    "Which fraction in lowest terms is equal to ${}$?",
)

# Terms of expressions are kept in ten-thousandths, their factors in hundredths.
_PLACES = 4


def generate(stream: Stream, level: int) -> Problem:
    """Compute exactly, or write a repeating decimal as a fraction.

    Levels 1 to 3 have one operation: on 1 sums with one decimal place, on 2 also with two and
    products with a digit, on 3 also products and quotients of decimals. From 4 on expressions have
    several terms, from 5 on repeating decimals come in, from 6 on brackets.
    """
    if level <= 3:
        text, answer, steps = _one_operation(stream, level)
    elif stream.random() < _LEVELS[level].repeating:
        return _repeating(stream, level)
    else:
        text, answer, steps = _expression(stream, _LEVELS[level])
    question = stream.choice(_COMPUTE).format(text)
    # A quotient that is only written as a fraction is not yet computed.
    form: Form = "reduced" if level <= 3 else "value"
    return Problem(text, level, question, answer, "decimals", tuple(steps), form)


def _number(stream: Stream, largest: int) -> int:
    """A number of 2 or more whose last digit is not 0: written with all its places."""
    n = 2 + int(stream.random() * (largest - 1))
    return n if n % 10 else n + 1


def _one_operation(stream: Stream, level: int) -> tuple[str, str, list[str]]:
    """Worked without the point, which is put back in the last step."""
    kind = stream.choice("+-" if level == 1 else "+-*" if level == 2 else "+-**/")
    places = places_b = 1
    if level > 1:
        places, places_b = stream.randint(1, 2), stream.randint(1, 2)
    if kind in "+-":
        a = _number(stream, 99 * 10 ** (places - 1))
        b = _number(stream, 99 * 10 ** (places_b - 1))
        text = f"{decimal(a, places)} {kind} {decimal(b, places_b)}"
        common = max(places, places_b)
        a, b = a * 10 ** (common - places), b * 10 ** (common - places_b)
        if kind == "-" and level == 1 and a < b:
            a, b, text = b, a, f"{decimal(b, 1)} - {decimal(a, 1)}"
        total = a + b if kind == "+" else a - b
        answer = decimal(total, common)
        return text, answer, [f"{a}{kind}{b}={total}", f"{total}/{10**common}={answer}"]
    if kind == "*":
        a = _number(stream, 99)
        b, places_b = (stream.randint(2, 9), 0) if level == 2 else (_number(stream, 99), places_b)
        answer = decimal(a * b, places + places_b)
        return (
            f"{decimal(a, places)} \\times {decimal(b, places_b)}",
            answer,
            [f"{a}*{b}={a * b}", f"{a * b}/{10 ** (places + places_b)}={answer}"],
        )
    quotient, divisor = _number(stream, 99), _number(stream, 29)
    text = f"{decimal(quotient * divisor, places + places_b)} \\div {decimal(divisor, places_b)}"
    whole, answer = decimal(quotient * divisor, places), decimal(quotient, places)
    steps = [
        f"{decimal(quotient * divisor, places + places_b)}*{10**places_b}={whole}",
        f"{decimal(divisor, places_b)}*{10**places_b}={divisor}",
        f"{whole}/{divisor}={answer}",
    ]
    return text, answer, steps


def _expression(stream: Stream, row: _Level) -> tuple[str, str, list[str]]:
    text = ""
    total = 0
    steps: list[str] = []
    for i in range(row.terms):
        # The second term is never a plain number: there is precedence to mind.
        kind = stream.choice(row.kinds) if i != 1 else row.kinds[-1]
        value, term = _term(stream, kind, row.size, steps)
        if not i:
            total, text = value, term
            continue
        sign = "+" if stream.random() < 0.5 else "-"
        new = total + value if sign == "+" else total - value
        right = decimal(value, _PLACES) if value >= 0 else f"({decimal(value, _PLACES)})"
        steps.append(f"{decimal(total, _PLACES)}{sign}{right}={decimal(new, _PLACES)}")
        total, text = new, f"{text} {sign} {term}"
    return text, decimal(total, _PLACES), steps


def _term(stream: Stream, kind: str, size: int, steps: list[str]) -> tuple[int, str]:
    """A term in ten-thousandths, and its LaTeX; what it takes is added to the steps."""
    if kind == "n":
        value = _number(stream, size) * 100
        return value, decimal(value, _PLACES)
    a = _number(stream, size) * (10 if stream.random() < 0.5 else 1)
    b = _number(stream, 99) * (10 if size < 300 or stream.random() < 0.5 else 1)
    first, second = decimal(a, 2), decimal(b, 2)
    if kind == "s":
        steps.append(f"{first}*{first}={decimal(a * a, 4)}")
        return a * a, f"{first}^2"
    product = decimal(a * b, 4)
    if kind == "p":
        steps.append(f"{first}*{second}={product}")
        return a * b, f"{first} \\times {second}"
    if kind == "q":
        steps.append(f"{product}/{second}={first}")
        return a * 100, f"{product} \\div {second}"
    c = _number(stream, 99) * 10
    third = decimal(c, 2)
    sign, inner = ("+", a + c) if stream.random() < 0.5 else ("-", a - c)
    steps.append(f"{first}{sign}{third}={decimal(inner, 2)}")
    steps.append(f"{decimal(inner, 2)}*{second}={decimal(inner * b, 4)}")
    return inner * b, f"({first} {sign} {third}) \\times {second}"


def _repeating(stream: Stream, level: int) -> Problem:
    """x = w.p(r): 10^(m+k) x − 10^m x is whole, for a prefix of m digits and a period of k."""
    period = stream.randint(1, 2) if level < 8 else stream.randint(2, 3)
    prefix = stream.randint(0, 1) if level < 8 else stream.randint(1, 2)
    # The period is not the repetition of one digit: 0.(33) is 0.(3).
    digits = str(stream.randint(1, 8)) if period == 1 else ""
    while len(digits) < period:
        last = digits[-1:]
        digits += stream.choice([d for d in "0123456789" if d != last])
    lead = "".join(str(stream.randint(0, 9)) for _ in range(prefix))
    if lead and lead[-1] == digits[-1]:
        lead = lead[:-1] + ("7" if digits[-1] != "7" else "4")
    whole = stream.randint(0, 9 if level < 8 else 99)
    long, short = int(f"{whole}{lead}{digits}"), int(f"{whole}{lead}")
    high, low = 10 ** (prefix + period), 10**prefix
    p, q = long - short, high - low
    steps = [f"{high}-{low}={q}"]
    if short:
        steps.insert(0, f"{long}-{short}={p}")
    g = gcd(p, q)
    if g > 1:
        steps += (f"{p}/{g}={p // g}", f"{q}/{g}={q // g}")
    text = f"{whole}.{lead}\\overline{{{digits}}}"
    answer = f"\\frac{{{p // g}}}{{{q // g}}}"
    question = stream.choice(_FRACTION).format(text)
    return Problem(f"fraction {text}", level, question, answer, "decimals", tuple(steps), "reduced")
