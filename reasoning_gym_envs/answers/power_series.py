r"""Infinite series, compared by their terms: one written form for each sequence of terms.

The sum of x^n/n! from 0 is the sum of x^(k-1)/(k-1)! from 1. What a series sums to is not
looked for: whether it is equal to a closed form stays open.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from .errors import AnswerError, Undecided
from .tree import (
    Application,
    Call,
    Expression,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Series,
    Sum,
    Variable,
    rebuild,
    substitute,
    walk,
)

if TYPE_CHECKING:
    from .normal_form import Calculator

MAX_SHIFT = 8
_MARK = "#"  # no answer can have it
_INDEXED_POWER = Variable("f#")  # f#(x, #) is x to the power of the index
_ONE = Number(Fraction(1), "integer")
_MINUS_ONE = Number(Fraction(-1), "integer")


def index_of(series: Series) -> Variable:
    """Return the canonical index of a series: #, or a longer one if there are others inside."""
    inside = sum(isinstance(part, Series) for part in walk(series.body))
    return Variable(_MARK * (1 + inside))


def term(series: Series, low: int, calculator: Calculator) -> Expression:
    """Return the term of an infinite series in its canonical index, which begins at 0.

    Terms at the beginning that are 0 are left out. Powers and factorials that depend on the index
    are written by those of the index itself: x^(2n+1) is x·(x^n)², (n+1)! is (n+1)·n!.
    """
    for part in walk(series.body):
        if isinstance(part, Variable) and series.index.name in part.name.partition("_")[2]:
            raise Undecided("a sum of a sequence")
    index = index_of(series)
    size = sum(1 for _ in walk(series.body))
    for start in range(low, low + MAX_SHIFT):
        calculator.budget.spend(size)
        try:
            first = substitute(series.body, series.index.name, _integer(start))
            if calculator.value(first) != 0:
                break
        except AnswerError:
            break
    shifted = Sum((index, _integer(start))) if start else index
    body = substitute(series.body, series.index.name, shifted)

    def change(part: Node) -> Node | None:
        if isinstance(part, Power) and index in walk(part.exponent):
            line = _line(part.exponent, index, calculator)
            if line and index not in walk(part.base):
                return _power(part.base, index, *line)
        if isinstance(part, Call) and part.function == "factorial":
            line = _line(part.argument, index, calculator)
            if line and line[0] and 0 < line[1] <= MAX_SHIFT:
                steps = Product((_integer(line[0]), index))
                factors = [Sum((steps, _integer(k))) for k in range(1, line[1] + 1)]
                return Product((*factors, Call("factorial", steps)))
        return None

    changed = rebuild(body, change)
    assert isinstance(changed, Expression)
    return changed


def _integer(number: int) -> Expression:
    value = Number(Fraction(abs(number)), "integer")
    return value if number >= 0 else Negative(value)


def _line(node: Expression, index: Variable, calculator: Calculator) -> tuple[int, int] | None:
    """Return the integers a and b of an exponent a·# + b, or None."""
    try:
        first, second = (
            calculator.value(substitute(node, index.name, _integer(number))) for number in (0, 1)
        )
        if not (isinstance(first, Fraction) and isinstance(second, Fraction)):
            return None
        if first.denominator > 1 or second.denominator > 1:
            return None
        a, b = int(second - first), int(first)
        line = Sum((Product((_integer(a), index)), _integer(b)))
        return (a, b) if calculator.equal(calculator.value(node), calculator.value(line)) else None
    except AnswerError:  # such as 1/n at 0
        return None


def _power(base: Expression, index: Variable, a: int, b: int) -> Expression:
    """Return base^(a·# + b) for a natural index, where the laws of powers hold for every base."""
    match base:
        case Negative(operand):
            return Product((_power(_MINUS_ONE, index, a, b), _power(operand, index, a, b)))
        case Product(factors):
            return Product(tuple(_power(factor, index, a, b) for factor in factors))
        case Quotient(numerator, denominator):
            return Quotient(_power(numerator, index, a, b), _power(denominator, index, a, b))
        case Power(inner, Number(value)) if value.denominator == 1:
            return _power(inner, index, a * int(value), b * int(value))
        case Number(value) if value >= 0:
            return Power(base, Sum((Product((_integer(a), index)), _integer(b))))
        case Number(value) if value < -1:
            return Product(
                (_power(_MINUS_ONE, index, a, b), _power(Number(-value, "integer"), index, a, b))
            )
    if base == _MINUS_ONE:
        a, b = a % 2, b % 2
    indexed = Application(_INDEXED_POWER, (base, index))
    return Product((_raised(indexed, a), _raised(base, b)))


def _raised(base: Expression, exponent: int) -> Expression:
    return Power(base, _integer(exponent)) if exponent else _ONE
