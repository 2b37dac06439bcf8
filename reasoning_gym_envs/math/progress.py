"""How far a response to a math problem got: the progress Φ that dense rewards pay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from reasoning_gym_envs.answers import ReadExpression, evaluate, read_expression

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+(?:\.\d+)?|\.\d+)"
_ATOM = (
    rf"(?:{_NUMBER}|[-−+*/^×·÷()\[\]{{}}%]"
    r"|\\(?:[dt]?frac|times|cdot|div|left|right)(?![A-Za-z]))"
)
# Bounded repetitions: the time on hostile text grows no faster than its length.
_SIDE = rf"[ \t]{{0,4}}{_ATOM}(?:[ \t]{{0,4}}{_ATOM}){{0,79}}[ \t]{{0,4}}"
_EQUATION = re.compile(rf"(?<![\w\\=.]){_SIDE}(?:={_SIDE}){{1,20}}(?![\w=])")

# A response that states more equations than this for each result of the reference is a list.
_EQUATIONS_PER_RESULT = 8
_EQUATIONS_AT_LEAST = 32


class Equation(NamedTuple):
    """A numeric equation in a text: the numbers that it computes with, and what it gives."""

    operands: tuple[Fraction, ...]
    result: Fraction | None  # None: it is false, or computes nothing (7 = 7)


def read_equations(text: str) -> Iterator[Equation]:
    """The numeric equations that stand in a text, in order; ``a = b = c`` is two of them.

    >>> [equation.result for equation in read_equations("so 7 + 8 = 15, and then 2*15 = 31")]
    [Fraction(15, 1), None]
    """
    for match in _EQUATION.finditer(text):
        for left, right in pairwise(map(read_expression, match.group().split("="))):
            if left is None or right is None or left.value != right.value:
                yield Equation((), None)
            elif _is_number(right):
                yield _computed(left)
            elif _is_number(left):  # "15 = 7 + 8" computes as "7 + 8 = 15" does
                yield _computed(right)
            # what remains rewrites (7 + 8 = 10 + 5): true, but it gives no number yet


def _is_number(side: ReadExpression) -> bool:
    value = side.value
    is_fraction = len(side.literals) == 2 and getattr(value, "denominator", 1) != 1
    return side.is_literal or (is_fraction and abs(value) == side.literals[0] / side.literals[1])


def _computed(side: ReadExpression) -> Equation:
    is_rational = isinstance(side.value, Fraction)
    return Equation(side.literals, side.value if is_rational and len(side.literals) > 1 else None)


def _numbers(value: Fraction) -> tuple[Fraction, ...]:
    """How a value may be written in a later step: as it is, or its numerator and denominator."""
    return abs(value), Fraction(abs(value.numerator)), Fraction(value.denominator)


def _unordered(equation: Equation) -> Equation:
    return Equation(tuple(sorted(equation.operands)), equation.result)


class ReferenceSteps:
    """What the reference solution computes on the way, to measure responses against.

    Args:
        question: its numbers are given: restating one is no progress.
        steps: the worked solution; its equations are read.
        answer: the final answer, which only the box can claim.
    """

    def __init__(self, question: str, steps: Sequence[str], answer: str) -> None:
        self.final = evaluate(answer)
        self.results: set[Fraction] = set()
        # The numbers that a response may start from, without their signs.
        self.known = {Fraction(n.replace(",", "")) for n in re.findall(_NUMBER, question)}
        derived: set[Fraction] = set()
        # A step whose result happens to stand in the question is no progress, but not idle either.
        equations = [equation for step in steps for equation in read_equations(step)]
        self.steps = {_unordered(equation) for equation in equations}
        for operands, result in equations:
            self.known.update(n for n in map(abs, operands) if n not in derived)
            if result is not None and abs(result) not in self.known:
                self.results.add(result)
                derived.update(_numbers(result))
        if isinstance(self.final, Fraction):
            self.results.discard(self.final)

    def progress(self, response: str) -> float:
        """Φ of a response, in [0, 1): see :class:`~reasoning_gym_envs.math.boxed.MathBoxed`."""
        if not self.results:
            return 0.0
        most = _EQUATIONS_AT_LEAST + _EQUATIONS_PER_RESULT * len(self.results)
        equations: dict[Equation, None] = {}  # each once, in order
        for equation in read_equations(response):
            equations[equation] = None
            if len(equations) > most:
                return 0.0
        known = set(self.known)
        grounded: list[Equation] = []
        for equation in equations:
            if equation.result is not None and known.issuperset(map(abs, equation.operands)):
                known.update(_numbers(equation.result))
                grounded.append(equation)
        stated = self.results.intersection(equation.result for equation in grounded)
        wanted = {abs(result) for result in stated}
        if isinstance(self.final, Fraction):
            wanted.add(abs(self.final))
        useful = 0
        for equation in reversed(grounded):  # what led to a result of the reference
            operands, result = equation
            if result is None:
                continue
            if not wanted.isdisjoint(_numbers(result)) or _unordered(equation) in self.steps:
                useful += 1
                wanted.update(map(abs, operands))
        idle_share = 1.0 - useful / len(equations) if equations else 0.0
        return len(stated) / (len(self.results) + 1) * max(0.0, 1.0 - 2.0 * idle_share)
