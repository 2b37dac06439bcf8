"""Polynomials: evaluating, expanding, single coefficients, division with quotient and remainder."""

from __future__ import annotations

from typing import NamedTuple

from reasoning_gym_envs.answers import Form
from reasoning_gym_envs.math.writing import operand, polynomial
from reasoning_gym_envs.problems import Problem, Stream

_Polynomial = list[int]  # coefficients by rising power


class _Level(NamedTuple):
    kinds: str  # the letters of _KINDS
    degrees: tuple[tuple[int, ...], ...]  # of the factors that are multiplied: one of these
    coefficient: int  # the largest
    degree: int  # of what is evaluated or divided
    point: int  # the largest x, or number in the divisor
    divisor: int = 1  # its degree


_LEVELS = {
    1: _Level("ee", ((0, 1),), 9, 1, 5),
    2: _Level("xxe", ((1, 1), (0, 1)), 9, 2, 5),
    3: _Level("xxe", ((1, 1),), 12, 2, 9),
    4: _Level("xecr", ((1, 2),), 9, 3, 5),
    5: _Level("xtrq", ((1, 2), (1, 1, 1)), 9, 3, 6),
    6: _Level("xtrqc", ((1, 1, 1), (1, 3), (2, 2)), 9, 4, 6),
    7: _Level("xtrqc", ((2, 2), (1, 3), (1, 1, 2)), 12, 5, 7),
    8: _Level("xtqrc", ((2, 3), (1, 1, 2), (1, 1, 1, 1)), 12, 5, 8, divisor=2),
    9: _Level("xtqrc", ((3, 3), (1, 2, 2), (1, 1, 1, 1)), 15, 6, 9, divisor=2),
    10: _Level("xtqrc", ((2, 2, 2), (1, 1, 2, 2), (3, 4)), 15, 7, 9, divisor=3),
}


def generate(stream: Stream, level: int) -> Problem:
    """Evaluate at a point, expand, find a coefficient, a quotient or a remainder.

    Level 1 evaluates ax + b or multiplies it by a number; on 2 and 3 there are products of two
    binomials, from 4 on higher degrees, single coefficients and remainders, from 5 on differences
    of products and quotients, from 8 on divisors of degree 2 and more.
    """
    row = _LEVELS[level]
    kind = "x" if level == 1 and stream.random() < 0.5 else stream.choice(row.kinds)
    steps: list[str] = []
    content, question, answer, form = _KINDS[kind](stream, row, steps)
    return Problem(content, level, question, answer, "polynomials", tuple(steps), form)


# What a kind makes: content, question, answer, form.
_Made = tuple[str, str, str, Form]


def _draw(stream: Stream, degree: int, largest: int) -> _Polynomial:
    """A polynomial with no more than one zero coefficient, and a positive leading one."""
    p = [stream.randint(-largest, largest) for _ in range(degree)]
    p.append(stream.randint(1, max(largest // 3, 3)))
    if degree and not p[0]:
        p[0] = stream.randint(1, largest)
    return p


def _multiply(p: _Polynomial, q: _Polynomial, steps: list[str]) -> _Polynomial:
    """The product, one coefficient after the other."""
    product = [0] * (len(p) + len(q) - 1)
    for power in range(len(product)):
        total: int | None = None
        for i in range(max(0, power - len(q) + 1), min(power, len(p) - 1) + 1):
            a, b = p[i], q[power - i]
            if not a or not b:
                continue
            if a != 1 and b != 1:
                steps.append(f"{operand(a)}*{operand(b)}={a * b}")
            if total is not None:
                steps.append(f"{total}+{operand(a * b)}={total + a * b}")
            total = a * b if total is None else total + a * b
        product[power] = total or 0
    return product


def _brackets(factors: list[_Polynomial]) -> str:
    """The product of some factors in LaTeX, equal ones that follow each other as a power."""
    text = ""
    i = 0
    while i < len(factors):
        p, n = factors[i], 1
        while factors[i + n : i + n + 1] == [p]:
            n += 1
        i += n
        if len(p) == 1:
            text += str(p[0])
            continue
        text += f"({polynomial(p)})" + (f"^{n}" if n > 1 else "")
    return text


def _factors(stream: Stream, row: _Level) -> list[_Polynomial]:
    degrees = stream.choice(row.degrees)
    if degrees.count(1) == len(degrees) and len(degrees) > 1 and stream.random() < 0.3:
        return [_draw(stream, 1, row.coefficient)] * len(degrees)  # a power
    factors = [_draw(stream, degree, row.coefficient) for degree in degrees]
    if not degrees[0]:
        factors[0] = [stream.randint(2, row.coefficient)]
    return factors


def _product(factors: list[_Polynomial], steps: list[str]) -> _Polynomial:
    product = factors[0]
    for factor in factors[1:]:
        product = _multiply(product, factor, steps)
    return product


def _expand(stream: Stream, row: _Level, steps: list[str]) -> _Made:
    factors = _factors(stream, row)
    text = _brackets(factors)
    answer = polynomial(_product(factors, steps))
    if not steps:  # k(x + 1)
        steps.append(f"{factors[0][0]}*1={factors[0][0]}")
    question = (
        f"Expand ${text}$ and collect like terms." if len(factors[0]) > 1 else f"Expand ${text}$."
    )
    return text, question, answer, "expanded"


def _expand_two(stream: Stream, row: _Level, steps: list[str]) -> _Made:
    """A sum or difference of two products."""
    first, second = _factors(stream, row)[:2], _factors(stream, row)[:2]
    p, q = _product(first, steps), _product(second, steps)
    sign = "+" if stream.random() < 0.4 else "-"
    width = max(len(p), len(q))
    p, q = p + [0] * (width - len(p)), q + [0] * (width - len(q))
    total = []
    for a, b in zip(p, q, strict=True):
        total.append(a + b if sign == "+" else a - b)
        if b:
            steps.append(f"{a}{sign}{operand(b)}={total[-1]}")
    text = f"{_brackets(first)} {sign} {_brackets(second)}"
    question = f"Expand and simplify ${text}$."
    return text, question, polynomial(total), "expanded"


def _coefficient(stream: Stream, row: _Level, steps: list[str]) -> _Made:
    factors = _factors(stream, row)
    product = _product(factors[:-1], steps)
    top = len(product) + len(factors[-1]) - 2
    power = stream.randint(1, top - 1)
    value = _one_coefficient(product, factors[-1], power, steps)
    text = _brackets(factors)
    name = "x" if power == 1 else f"x^{power}" if power < 10 else f"x^{{{power}}}"
    question = stream.choice(
        (
            f"What is the coefficient of ${name}$ in the expansion of ${text}$?",
            f"Find the coefficient of ${name}$ when ${text}$ is expanded.",
        )
    )
    return f"[{name}] {text}", question, str(value), "value"


def _one_coefficient(p: _Polynomial, q: _Polynomial, power: int, steps: list[str]) -> int:
    low, high = max(0, power - len(q) + 1), min(power, len(p) - 1)
    total = 0
    for i in range(low, high + 1):
        a, b = p[i], q[power - i]
        steps.append(f"{operand(a)}*{operand(b)}={a * b}")
        if i > low:
            steps.append(f"{total}+{operand(a * b)}={total + a * b}")
        total += a * b
    return total


def _evaluate(stream: Stream, row: _Level, steps: list[str]) -> _Made:
    """By Horner's scheme."""
    p = _draw(stream, row.degree, row.coefficient)
    x = stream.randint(1, row.point)
    if row.degree > 1 and stream.random() < 0.5:
        x = -x
    value = p[-1]
    for c in reversed(p[:-1]):
        product = value * x
        if value != 1:
            steps.append(f"{operand(value)}*{operand(x)}={product}")
        value = product + c
        if c:
            steps.append(f"{product}+{operand(c)}={value}")
    if not steps:
        steps.append(f"{p[-1]}*{operand(x)}={value}")
    text = polynomial(p)
    question = stream.choice(
        (
            f"What is the value of ${text}$ for $x = {x}$?",
            f"Evaluate ${text}$ at $x = {x}$.",
            f"Let $p(x) = {text}$. What is $p({x})$?",
        )
    )
    return f"{text} at {x}", question, str(value), "value"


def _division(
    stream: Stream, row: _Level, steps: list[str], exact: bool
) -> tuple[str, str, _Polynomial, _Polynomial]:
    """Dividend and divisor in LaTeX, quotient and remainder; made by multiplying."""
    divisor = _draw(stream, row.divisor, row.point)
    divisor[-1] = 1
    quotient = _draw(stream, row.degree - row.divisor, row.coefficient)
    rest = [0] if exact else [stream.randint(-20, 20) for _ in range(row.divisor)]
    dividend = _multiply(quotient, divisor, [])
    for i, r in enumerate(rest):
        dividend[i] += r
    left = dividend[:]
    for k in range(len(quotient) - 1, -1, -1):  # long division
        q = quotient[k]
        for i in range(len(divisor) - 1):
            product = q * divisor[i]
            if not product:
                continue
            if q != 1 and divisor[i] != 1:
                steps.append(f"{operand(q)}*{operand(divisor[i])}={product}")
            steps.append(f"{operand(left[k + i])}-{operand(product)}={left[k + i] - product}")
            left[k + i] -= product
    while len(rest) > 1 and not rest[-1]:
        rest.pop()
    return polynomial(dividend), polynomial(divisor), quotient, rest


def _quotient(stream: Stream, row: _Level, steps: list[str]) -> _Made:
    exact = stream.random() < 0.5
    dividend, divisor, quotient, _ = _division(stream, row, steps, exact)
    question = (
        f"Divide ${dividend}$ by ${divisor}$. "
        f"{'What is the result?' if exact else 'What is the quotient, without the remainder?'}"
    )
    return f"{dividend} div {divisor}", question, polynomial(quotient), "expanded"


def _remainder(stream: Stream, row: _Level, steps: list[str]) -> _Made:
    dividend, divisor, _, rest = _division(stream, row, steps, False)
    question = stream.choice(
        (
            f"What is the remainder when ${dividend}$ is divided by ${divisor}$?",
            f"Find the remainder of the division of ${dividend}$ by ${divisor}$.",
        )
    )
    return f"{dividend} mod {divisor}", question, polynomial(rest), "expanded"


_KINDS = {
    "e": _evaluate,
    "x": _expand,
    "t": _expand_two,
    "c": _coefficient,
    "q": _quotient,
    "r": _remainder,
}
