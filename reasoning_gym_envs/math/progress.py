"""How far a response to a math problem got: the progress Φ that dense rewards pay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from reasoning_gym_envs.answers import ReadExpression, evaluate, read_expression

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+(?:\.\d+)?|\.\d+)"
_OPERATORS = "-−+*/^×·⋅∗÷"
# A run of numbers, operators and equals signs; greedy alternatives that never need to backtrack.
_RUN = re.compile(
    rf"(?:{_NUMBER}|[{_OPERATORS}()\[\]{{}}%= \t]"
    r"|\\(?:[dt]?frac|times|cdot|div|left|right)(?![A-Za-z]))+"
)
# Delimiters of formulas end a run; emphasis, alignment and words set as text are only in the way.
_DELIMITER = re.compile(r"\$|\\[()\[\]]")
_NOISE = re.compile(
    r"\\(?:text|textbf|mathrm|mathbf)\{[^{}]{0,80}\}|&|(?<![\d)])\*\*|\*\*(?![\d(])"
)
# The start and the end of a side that belong to the word before or after it.
_JOINED_TO_A_WORD = re.compile(rf"\s*(?:[{_OPERATORS[2:]}]|[-−]\s)|(?!\s)")
_JOINS_A_WORD = re.compile(rf"[{_OPERATORS}(]\s*$|\S$")

_LONGEST_SIDE = 200
_WORK = 200  # for one side: roots of sums could otherwise take long

# A response that states more equations than this, repetitions included, is a list.
_EQUATIONS_PER_RESULT = 4
_EQUATIONS_AT_LEAST = 64


class Equation(NamedTuple):
    """A numeric equation in a text: the numbers that it computes with, and what it gives."""

    operands: tuple[Fraction, ...]  # in rising order
    result: Fraction | None  # None: it is false, or computes nothing (7 = 7)
    text: str = ""  # of one without a result, so that each is counted


def read_equations(text: str) -> Iterator[Equation]:
    """The numeric equations that stand in a text, in order; ``a = b = c`` is two of them.

    >>> [equation.result for equation in read_equations("so 7 + 8 = 15, and then 2*15 = 31")]
    [Fraction(15, 1), None]
    """
    return (equation for equation in _read(text) if equation is not None)


def _read(text: str) -> Iterator[Equation | None]:
    """As `read_equations`, with None for what is true but gives no number (7 + 8 = 10 + 5)."""
    if "=" not in text:
        return
    text = _NOISE.sub(" ", _DELIMITER.sub(";", text))
    for run in _RUN.finditer(text):
        if "=" not in run.group():
            continue
        sides = run.group().split("=")
        # What is joined to something with letters is no number: the 3 of x3 = 5, the + 5 of x + 5.
        if _is_word(text[run.start() - 1 : run.start()]) and _JOINED_TO_A_WORD.match(sides[0]):
            sides[0] = ""
        if _is_word(text[run.end() : run.end() + 1]) and _JOINS_A_WORD.search(sides[-1][-9:]):
            sides[-1] = ""
        values = ((side, _value(side)) for side in sides)
        for (left_text, left), (right_text, right) in pairwise(values):
            if not left_text.strip() or not right_text.strip():
                continue
            if left is None or right is None or left.value != right.value:
                yield Equation((), None, f"{left_text}={right_text}".replace(" ", ""))
            elif _is_number(right):
                yield _computed(left, left_text)
            elif _is_number(left):  # "15 = 7 + 8" computes as "7 + 8 = 15" does
                yield _computed(right, right_text)
            else:
                yield None


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "\\"


def _value(side: str) -> ReadExpression | None:
    return read_expression(side, _WORK) if len(side) <= _LONGEST_SIDE and side.strip() else None


def _is_number(side: ReadExpression) -> bool:
    """Whether a side is a number as it is written: a literal, or a fraction of two."""
    value, literals, is_literal = side
    if is_literal or len(literals) != 2 or not isinstance(value, Fraction):
        return is_literal
    return value.denominator != 1 and abs(value) == literals[0] / literals[1]


def _computed(side: ReadExpression, text: str) -> Equation:
    value, literals, _ = side
    if isinstance(value, Fraction) and len(literals) > 1:
        return Equation(tuple(sorted(literals)), value)
    return Equation((), None, text.replace(" ", ""))


def _numbers(value: Fraction) -> tuple[Fraction, ...]:
    """How a value may be written in a later step: as it is, or its numerator and denominator."""
    if value.denominator == 1:
        return (abs(value),)
    return abs(value), Fraction(abs(value.numerator)), Fraction(value.denominator)


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
        self.steps = set(equations)
        for operands, result, _ in equations:
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
        for count, equation in enumerate(_read(response)):
            if count >= most:
                return 0.0
            if equation is not None:
                equations[equation] = None
        known = set(self.known)
        grounded: list[tuple[tuple[Fraction, ...], Fraction]] = []
        for operands, result, _ in equations:
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
            if Equation(operands, result) in self.steps:
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
