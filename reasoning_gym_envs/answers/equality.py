"""Whether two expressions are equal: by normal form, by exponentials, and at last numerically."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

from .errors import TooLarge, Undecided
from .normal_form import Calculator, Value
from .tree import (
    Expression,
    Negative,
    Node,
    Number,
    Percent,
    Power,
    Product,
    Sum,
    Variable,
    walk,
)

MIN_DIGITS = 10
"""A decimal with so many significant digits may stand for a number that has no end."""

FLOAT_DIGITS = 15, 17
"""A floating-point number is written with up to 17 digits, of which 15 are right."""

MAX_FACTOR = 1000
"""The factor between two equations with kinks is a fraction of integers up to this."""

_FAR = Fraction(1, 2**80)
"""Approximations that differ by a larger part of themselves tell the order of two numbers."""


class Evaluated(Node):
    """An expression with its value; None is a value that takes too much room or work."""

    value: Value | None
    expression: Expression


def evaluated(expression: Expression, calculator: Calculator) -> Evaluated:
    """Compute the value of an expression, if it has one within the limits."""
    try:
        return Evaluated(calculator.value(expression), expression)
    except (TooLarge, Undecided):
        return Evaluated(None, expression)


def same_value(a: Evaluated, b: Evaluated, calculator: Calculator) -> bool:
    """Say whether an expression is equal to `a`, which tells what letters stand for.

    Raises:
        Undecided: that cannot be shown within the bounds.
        TooLarge: the numbers are too large to compute with.
    """
    decided = same_form(a, b, calculator)
    if decided or (decided is False and not _has_integer_letters(a.expression)):
        return decided
    from . import piecewise  # mpmath takes longer to import than most checks take

    return piecewise.are_equal(a.expression, b.expression, calculator)


def same_form(a: Evaluated, b: Evaluated, calculator: Calculator) -> bool | None:
    """Say whether two expressions have the same normal form; None where that decides nothing."""
    if a.value is not None and b.value is not None:
        decided = _decide(a.value, b.value, calculator)
        if decided is not None:
            return decided
    if a.expression == b.expression:
        return True
    with suppress(TooLarge, Undecided):
        values = [calculator.in_exponentials.value(side.expression) for side in (a, b)]
        return _decide(values[0], values[1], calculator.in_exponentials)
    return None


def _has_integer_letters(expression: Expression) -> bool:
    if is_constant(expression):
        return False
    from . import piecewise

    return bool(piecewise.integer_letters(expression))


def _decide(a: Value, b: Value, calculator: Calculator) -> bool | None:
    try:
        if calculator.equal(a, b):
            return True
    except TooLarge:
        return None
    is_certain = all(isinstance(value, Fraction) or value.is_transparent() for value in (a, b))
    return False if is_certain else None


def is_constant(expression: Expression) -> bool:
    """Say whether there is no variable in an expression."""
    return not any(isinstance(part, Variable) for part in walk(expression))


def compare(a: Evaluated, b: Evaluated, calculator: Calculator) -> int:
    """Return the sign of a - b, of two real constants."""
    if isinstance(a.value, Fraction) and isinstance(b.value, Fraction):
        return (a.value > b.value) - (a.value < b.value)
    difference = Sum((a.expression, Negative(b.expression)))
    if not is_constant(difference):
        raise Undecided("expressions with variables have no order")
    first, second = _approximation(a, calculator), _approximation(b, calculator)
    if first is not None and second is not None:
        distance = first - second
        if abs(distance) > (abs(first) + abs(second)) * _FAR:
            return 1 if distance > 0 else -1
    from . import numeric

    return numeric.sign(difference, calculator.numeric_budget)


def _approximation(side: Evaluated, calculator: Calculator) -> Fraction | None:
    """Return a number within a small part of a real constant; each is computed once a check."""
    if isinstance(side.value, Fraction):
        return side.value
    known = calculator.approximations.get(id(side.expression))
    if known is None:
        from . import numeric

        found = numeric.approximate(side.expression, calculator.numeric_budget)
        known = calculator.approximations[id(side.expression)] = side.expression, found
    return known[1]


def sign_of_ratio(a: Evaluated, b: Evaluated, calculator: Calculator) -> int:
    """Return the sign of b / a where that is a real constant other than zero, and else 0.

    Raises:
        Undecided: one has a kink, so that it is not enough to know the ratio at some points.
    """
    from . import numeric, piecewise

    ratio = numeric.constant_ratio(a.expression, b.expression, calculator.numeric_budget)
    if ratio and piecewise.has_kinks(a.expression, b.expression):
        factor = Number(ratio.limit_denominator(MAX_FACTOR), "integer")
        if not same_value(b, evaluated(Product((factor, a.expression)), calculator), calculator):
            return 0
    return (ratio > 0) - (ratio < 0)


def is_approximation(a: Evaluated, b: Evaluated, calculator: Calculator) -> bool:
    """Say whether one side is a decimal with many digits that stands for the other."""
    for written, exact in ((a, b), (b, a)):
        digits = _significant_digits(written.expression)
        if digits and not _significant_digits(exact.expression):
            return (
                digits >= MIN_DIGITS
                and not _terminates(exact)
                and is_close(written, exact, calculator)
            )
    return False


def is_close(written: Evaluated, exact: Evaluated, calculator: Calculator) -> bool:
    """Say whether a decimal is another number, rounded or cut off at its last place."""
    digits = _significant_digits(written.expression)
    if not isinstance(written.value, Fraction) or not written.value or not digits:
        return False
    if not is_constant(exact.expression) or _is_long(written.value):
        return False
    size = Fraction(1)  # the power of ten of the first digit
    while size > abs(written.value):
        size /= 10
    while size * 10 <= abs(written.value):
        size *= 10
    right, written_out = FLOAT_DIGITS
    unit = size / 10 ** ((right if right < digits <= written_out else digits) - 1)
    sign = 1 if written.value > 0 else -1
    nearer, further = (
        Evaluated(bound, Number(bound, "decimal"))
        for bound in (written.value - sign * unit / 2, written.value + sign * unit)
    )
    return (
        sign * compare(nearer, exact, calculator) <= 0 < sign * compare(further, exact, calculator)
    )


def _is_long(value: Fraction) -> bool:
    """Say whether a number is too long to be written as a decimal in an answer."""
    return max(value.numerator.bit_length(), value.denominator.bit_length()) > 4096


def _terminates(side: Evaluated) -> bool:
    """Say whether a number can be written as a decimal that ends."""
    if not isinstance(side.value, Fraction):
        return False
    denominator = side.value.denominator
    if _is_long(side.value):
        return True
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1


def _significant_digits(node: Expression) -> int:
    r"""Return how many digits a decimal such as `-1.5`, `15.2%` or `1.5 \cdot 10^3` has, else 0."""
    if isinstance(node, (Negative, Percent)):
        return _significant_digits(node.operand)
    if isinstance(node, Product) and len(node.factors) == 2:
        mantissa, power = node.factors
        ten = Number(Fraction(10), "integer")
        if isinstance(power, Power) and power.base == ten and is_constant(power.exponent):
            return _significant_digits(mantissa)
    return node.digits if isinstance(node, Number) and node.written == "decimal" else 0
