r"""Values of plain expressions, for rewards that read the steps of a solution.

Most steps are integer arithmetic such as `12 + 30`; those are computed without making a tree.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from .errors import AnswerError
from .normal_form import MAX_WORK, Calculator, Value
from .parser import parse_answer
from .tree import Expression, is_literal, number_literals


class ReadExpression(NamedTuple):
    """An expression's value, the numbers written in it, and whether it is nothing but a number."""

    value: Value
    literals: tuple[Fraction, ...]
    is_literal: bool


_CHAIN = re.compile(r"\s*-?[0-9]{1,15}(?:\s*[-+*/×·]\s*[0-9]{1,15}){0,12}\s*")
_CHAIN_PART = re.compile(r"[0-9]+|[-+*/×·]")


def evaluate(text: str) -> Value | None:
    r"""Return the exact value of an expression, or None where it has none that can be computed.

    A rational value is a `Fraction`. Values are equal, and have the same hash, exactly when the
    expressions are equal as quotients of polynomials.

    >>> evaluate("12 + 30 / 4")
    Fraction(39, 2)
    >>> evaluate(r"\sqrt{12}") == evaluate(r"2\sqrt{3}")
    True
    >>> evaluate("12 +") is None
    True
    """
    expression = read_expression(text)
    return None if expression is None else expression.value


def read_expression(text: str, work: int = MAX_WORK) -> ReadExpression | None:
    r"""Read an expression for its value and for the numbers in it; None where it has no value.

    `work` bounds the arithmetic, in products of terms; what takes more has no value either.

    >>> value, literals, is_literal = read_expression("12 + 30")
    >>> str(value), [str(number) for number in literals], is_literal
    ('42', ['12', '30'], False)
    """
    if _CHAIN.fullmatch(text):
        return _read_chain(text)
    try:
        node = parse_answer(text, words=False)
        if not isinstance(node, Expression):
            return None
        return ReadExpression(Calculator(work).value(node), number_literals(node), is_literal(node))
    except (AnswerError, RecursionError):
        return None


def _read_chain(text: str) -> ReadExpression | None:
    """Compute integers joined by the four operations, products before sums."""
    parts = _CHAIN_PART.findall(text)
    sign = 1
    if parts[0] == "-":
        sign = -1
        del parts[0]
    numbers = [int(part) for part in parts[::2]]
    total, total_bottom = 0, 1
    top, bottom = sign * numbers[0], 1
    for operator, number in zip(parts[1::2], numbers[1:], strict=True):
        if operator in "+-":
            total, total_bottom = total * bottom + top * total_bottom, total_bottom * bottom
            top, bottom = (number if operator == "+" else -number), 1
        elif operator == "/":
            if number == 0:
                return None
            bottom *= number
        else:
            top *= number
    value = Fraction(total * bottom + top * total_bottom, total_bottom * bottom)
    return ReadExpression(value, tuple(map(Fraction, numbers)), len(numbers) == 1)
