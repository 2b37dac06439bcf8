"""How far a response to a math problem got: the progress Φ that dense rewards pay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from reasoning_gym_envs.answers import ReadExpression, evaluate, read_expression

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+(?:\.\d+)?|\.\d+)"
# A run of numbers, operators and equals signs; greedy alternatives that never need to backtrack.
_RUN = re.compile(
    rf"(?:{_NUMBER}|[-−+*/^×·÷()\[\]{{}}%= \t]"
    r"|\\(?:[dt]?frac|times|cdot|div|left|right)(?![A-Za-z]))+"
)
_LONGEST_SIDE = 200

# A response that states more equations than this, repetitions included, is a list.
_EQUATIONS_PER_RESULT = 16
_EQUATIONS_AT_LEAST = 64


class Equation(NamedTuple):
    """A numeric equation in a text: the numbers that it computes with, and what it gives."""

    operands: tuple[Fraction, ...]
    result: Fraction | None  # None: it is false, or computes nothing (7 = 7)


def read_equations(text: str) -> Iterator[Equation]:
    """The numeric equations that stand in a text, in order; ``a = b = c`` is two of them.

    >>> [equation.result for equation in read_equations("so 7 + 8 = 15, and then 2*15 = 31")]
    [Fraction(15, 1), None]
    """
    if "=" not in text:
        return
    for run in _RUN.finditer(text):
        if "=" not in run.group():
            continue
        sides = run.group().split("=")
        if _is_word(text[run.start() - 1 : run.start()]) and not sides[0].startswith((" ", "\t")):
            sides[0] = ""  # part of something with letters, as the 3 of x3 = 5
        if _is_word(text[run.end() : run.end() + 1]) and not sides[-1].endswith((" ", "\t")):
            sides[-1] = ""
        for left, right in pairwise(sides):
            if left.strip() and right.strip():
                yield from _read(left, right)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "\\"


def _read(left_text: str, right_text: str) -> Iterator[Equation]:
    left, right = (
        read_expression(side) if len(side) <= _LONGEST_SIDE else None
        for side in (left_text, right_text)
    )
    if left is None or right is None or left.value != right.value:
        yield Equation((), None)
    elif _is_number(right):
        yield _computed(left)
    elif _is_number(left):  # "15 = 7 + 8" computes as "7 + 8 = 15" does
        yield _computed(right)
    # what remains rewrites (7 + 8 = 10 + 5): true, but it gives no number yet


def _is_number(side: ReadExpression) -> bool:
    """Whether a side is a number as it is written: a literal, or a fraction of two."""
    value, literals, is_literal = side
    if is_literal or len(literals) != 2 or not isinstance(value, Fraction):
        return is_literal
    return value.denominator != 1 and abs(value) == literals[0] / literals[1]


def _computed(side: ReadExpression) -> Equation:
    value, literals, _ = side
    if isinstance(value, Fraction) and len(literals) > 1:
        return Equation(literals, value)
    return Equation(literals, None)


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
        final = evaluate(answer)
        self.final = {final} if isinstance(final, Fraction) else set()
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
        self.results -= self.final

    def progress(self, response: str) -> float:
        """Φ of a response, in [0, 1): see :class:`~reasoning_gym_envs.math.boxed.MathBoxed`."""
        if not self.results:
            return 0.0
        most = _EQUATIONS_AT_LEAST + _EQUATIONS_PER_RESULT * len(self.results)
        equations: dict[Equation, None] = {}  # each once, in order
        for count, equation in enumerate(read_equations(response)):
            equations[equation] = None
            if count >= most:
                return 0.0
        known = set(self.known)
        grounded: list[tuple[tuple[Fraction, ...], Fraction]] = []
        for operands, result in equations:
            if result is not None and known.issuperset(map(abs, operands)):
                known.update(_numbers(result))
                grounded.append((operands, result))
        derived = {result for _, result in grounded}
        stated = self.results & derived
        goals = stated | (self.final & derived)
        wanted = {number for goal in goals for number in _numbers(goal)}
        followed: list[Fraction] = []  # results of the reference's own steps, which are never idle
        support = 0  # equations of the response's own making that a goal rests on
        for operands, result in reversed(grounded):
            if _unordered(Equation(operands, result)) in self.steps:
                followed.append(result)
            elif not wanted.isdisjoint(_numbers(result)):
                support += result not in goals
            else:
                continue
            wanted.update(map(abs, operands))
        # Each goal may rest on one such equation: more would let chains of sums reach any number.
        useful = len(followed) + len(goals.difference(followed)) + min(support, len(goals))
        idle_share = 1.0 - useful / len(equations) if equations else 0.0
        return len(stated) / (len(self.results) + 1) * max(0.0, 1.0 - 2.0 * idle_share)
