"""How far a response to a math problem got: the progress Φ that dense rewards pay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from reasoning_gym_envs.answers import evaluate_number, number_literals

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+(?:\.\d+)?|\.\d+)"
_SIDE = (
    r"(?:" + _NUMBER + r"|[-−+*/^×·÷()\[\]{}%]|\\(?:[dt]?frac|times|cdot|div|left|right)(?![A-Za-z])"
    r"|[ \t])+"
)
_EQUATION = re.compile(rf"(?<![\w\\=.])(?=[\d(\[\\−.+{{-])({_SIDE})((?:={_SIDE})+)(?![\w=])")

# A response that states more equations than this for each result of the reference is a list.
_EQUATIONS_PER_RESULT = 8
_EQUATIONS_AT_LEAST = 32
_LONGEST_SIDE = 200


class Equation(NamedTuple):
    """A numeric equation as it stands in a text: what is computed, and the number it gives."""

    operands: tuple[Fraction, ...]
    result: Fraction | None  # None: it is false, or computes nothing (7 = 7)


def read_equations(text: str) -> Iterator[Equation]:
    """The numeric equations that stand in a text, in order; ``a = b = c`` is two of them.

    >>> [equation.result for equation in read_equations("so 7 + 8 = 15, and then 2*15 = 31")]
    [Fraction(15, 1), None]
    """
    for match in _EQUATION.finditer(text):
        sides = [side.strip() for side in match.group().split("=")]
        for left, right in zip(sides, sides[1:], strict=False):
            if left and right:
                yield _read(left, right)


def _read(left: str, right: str) -> Equation:
    if len(left) > _LONGEST_SIDE or len(right) > _LONGEST_SIDE:
        return Equation((), None)
    value = evaluate_number(left)
    operands = number_literals(left)
    if value is None or value != evaluate_number(right):
        return Equation(operands, None)
    if len(operands) < 2:  # "15 = 7 + 8" computes as well as "7 + 8 = 15" does
        operands = number_literals(right)
    return Equation(operands, value if len(operands) >= 2 else None)


class ReferenceSteps:
    """What the reference solution computes on the way, to measure responses against.

    Args:
        question: its numbers are given: restating one is no progress.
        steps: the worked solution; its equations are read.
        answer: the final answer, which only the box can claim.
    """

    def __init__(self, question: str, steps: Sequence[str], answer: str) -> None:
        given = {Fraction(n.replace(",", "")) for n in re.findall(_NUMBER, question)}
        self.final = evaluate_number(answer)
        self.results: set[Fraction] = set()
        self.known = given  # what an equation may start from
        for operands, result in (e for step in steps for e in read_equations(step)):
            self.known.update(n for n in operands if n not in self.results)
            if result is not None and result not in self.known:
                self.results.add(result)
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
            if equation.result is not None and known.issuperset(equation.operands):
                known.add(equation.result)
                grounded.append(equation)
        stated = self.results.intersection(equation.result for equation in grounded)
        wanted = {*stated, self.final}
        useful = 0
        for equation in reversed(grounded):  # what led to a result of the reference was useful
            if equation.result in wanted:
                useful += 1
                wanted.update(equation.operands)
        idle_share = 1.0 - useful / len(equations) if equations else 0.0
        return len(stated) / (len(self.results) + 1) * max(0.0, 1.0 - 2.0 * idle_share)
