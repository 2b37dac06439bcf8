"""Integer arithmetic: from a sum of two digits to long expressions with precedence."""

from __future__ import annotations

from typing import NamedTuple

from reasoning_gym_envs.math import place_value
from reasoning_gym_envs.problems import Problem, Stream


class _Level(NamedTuple):
    terms: int  # how many terms the expression adds and subtracts
    factor: int  # the largest factor in a term
    number: int  # the largest plain number
    kinds: str  # of the terms: n number, p product, q quotient, g (a ± b)c, s square


_LEVELS = {
    3: _Level(2, 12, 99, "np"),
    4: _Level(3, 12, 99, "npp"),
    5: _Level(3, 15, 200, "npq"),
    6: _Level(3, 15, 300, "npqg"),
    7: _Level(4, 20, 500, "npqg"),
    8: _Level(4, 30, 999, "pqgs"),
    9: _Level(5, 40, 999, "pqgs"),
    10: _Level(6, 60, 9999, "pqgs"),
}


def generate(stream: Stream, level: int) -> Problem:
    """Compute an expression.

    Levels 1 and 2 add or subtract two numbers below 20 and below 100, worked by place value;
    from 3 on several terms with products, later quotients, brackets and squares.
    """
    if level <= 2:
        return _two_numbers(stream, level)
    terms, factor, number, kinds = _LEVELS[level]
    steps: list[str] = []
    total, text = _term(stream, stream.choice(kinds), factor, number, steps)
    for i in range(1, terms):
        # The second term is never a plain number: there is precedence to mind.
        kind = kinds[-1] if i == 1 else stream.choice(kinds)
        value, term = _term(stream, kind, factor, number, steps)
        if stream.random() < 0.5:
            result = total + value
            steps.append(f"{total}+{value}={result}")
            text = f"{text} + {term}"
        else:
            result = total - value
            steps.append(f"{total}-{value}={result}")
            text = f"{text} - {term}"
        total = result
    return Problem(
        text, level, f"Compute ${text}$.", str(total), "integer_arithmetic", tuple(steps)
    )


def _term(stream: Stream, kind: str, factor: int, number: int, steps: list[str]) -> tuple[int, str]:
    """A term's value and LaTeX; what it takes to compute it is added to the steps."""
    random, factors = stream.random, factor - 1
    if kind == "n":
        value = 2 + int(random() * (number - 1))
        return value, str(value)
    a, b = 2 + int(random() * factors), 2 + int(random() * factors)
    product = a * b
    if kind == "p":
        steps.append(f"{a}*{b}={product}")
        return product, f"{a} \\times {b}"
    if kind == "q":
        steps.append(f"{product}/{b}={a}")
        return a, f"{product} \\div {b}"
    if kind == "s":
        steps.append(f"{a}*{a}={a * a}")
        return a * a, f"{a}^2"
    c = 2 + int(random() * factors)
    if random() < 0.5:
        steps += (f"{a}+{b}={a + b}", f"{a + b}*{c}={(a + b) * c}")
        return (a + b) * c, f"({a} + {b}) \\times {c}"
    a += b
    steps += (f"{a}-{b}={a - b}", f"{a - b}*{c}={(a - b) * c}")
    return (a - b) * c, f"({a} - {b}) \\times {c}"


def _two_numbers(stream: Stream, level: int) -> Problem:
    largest = 19 if level == 1 else 99
    a, b = stream.randint(0, largest), stream.randint(0, largest)
    if stream.random() < 0.5:
        text, value, steps = f"{a} + {b}", a + b, place_value.add(a, b)
    else:
        text, value, steps = f"{a} - {b}", a - b, place_value.subtract(a, b)
    return Problem(text, level, f"Compute ${text}$.", str(value), "integer_arithmetic", steps)
