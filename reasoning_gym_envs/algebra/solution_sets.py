"""Deciding exactly whether a statement has the solutions that the equation given has.

The solutions of the equation given are known, and so are the numbers for which it has no meaning.
A statement follows if, among all other numbers, it is true of those solutions and of nothing else.
So nothing has to be solved: a polynomial is divided by what is known of its roots, and what is left
must not have a real root (Sturm's theorem counts them; see Basu, Pollack and Roy, "Algorithms in
Real Algebraic Geometry", 2nd ed. 2006, chapter 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise, product
from typing import NamedTuple

from reasoning_gym_envs.algebra.statements import (
    Equation,
    Statement,
    TooComplex,
    collected,
    expand,
    negated,
    square_root,
)
from reasoning_gym_envs.answers.tree import (
    Call,
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Variable,
    walk,
)

MAX_DEGREE = 8
MAX_BITS = 400
MAX_ABSOLUTE_VALUES = 3

Polynomial = tuple[Fraction, ...]
"""Coefficients from the constant up; the last is not 0, and the zero polynomial has none."""


class Facts(NamedTuple):
    """What is known of the equation given.

    Args:
        unknowns: its letters.
        solutions: the values of the unknowns, for each solution.
        excluded: the numbers for which it has no meaning: where a denominator is 0.
    """

    unknowns: tuple[str, ...]
    solutions: tuple[tuple[Fraction, ...], ...]
    excluded: tuple[Fraction, ...] = ()


class Undecided(Exception):
    """Whether a statement follows cannot be decided exactly."""


def follows(statement: Statement, facts: Facts) -> bool:
    """Whether the statement has the same solutions as the equation given.

    Raises:
        Undecided: it cannot be decided exactly.
    """
    try:
        if len(facts.unknowns) > 1:
            return len(statement) == 1 and _is_same_system(statement[0], facts)
        equations = [case[0] for case in statement]
        values = [value for (value,) in facts.solutions]
        for value in values:
            if not any(holds(equation, {facts.unknowns[0]: value}) for equation in equations):
                return False
        known = [*values, *facts.excluded]
        return not any(_has_another_root(equation, known, facts) for equation in equations)
    except TooComplex:
        raise Undecided from None


def holds(equation: Equation, values: Mapping[str, Fraction]) -> bool:
    """Whether an equation is true, and has a meaning, for some values."""
    try:
        return _value(equation.left, values) == _value(equation.right, values)
    except ZeroDivisionError:
        return False


def _value(node: Expression, values: Mapping[str, Fraction]) -> Fraction:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Variable):
        return values[node.name]
    if isinstance(node, Negative):
        return -_value(node.operand, values)
    if isinstance(node, Call):
        return abs(_value(node.argument, values))
    if isinstance(node, Sum):
        result = Fraction(0)
        for part in node.terms:
            result += _value(part, values)
    elif isinstance(node, Product):
        result = Fraction(1)
        for part in node.factors:
            result *= _value(part, values)
    elif isinstance(node, Quotient):
        result = _value(node.numerator, values) / _value(node.denominator, values)
    else:
        assert isinstance(node, Power)
        result = _value(node.base, values) ** int(_value(node.exponent, values))
    return _small(result)


def _small(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise TooComplex
    return value


def _is_same_system(case: tuple[Equation, ...], facts: Facts) -> bool:
    """Whether two linear equations have the one solution."""
    x, y = facts.unknowns
    rows = []
    for left, right in case:
        terms = collected([*expand(left), *negated(expand(right))])
        if any(key not in ((), (x, 1), (y, 1)) for _, key in terms):
            raise TooComplex
        by_key = {key: coefficient for coefficient, key in terms}
        rows.append([by_key.get(key, Fraction(0)) for key in ((x, 1), (y, 1), ())])
    (a, b, c), (d, e, f) = rows
    ((p, q),) = facts.solutions
    return a * e != b * d and a * p + b * q + c == 0 == d * p + e * q + f


# Roots that are not known.


def _has_another_root(equation: Equation, known: list[Fraction], facts: Facts) -> bool:
    """Whether an equation in one unknown is true of a number that is not among the known."""
    difference = Sum((equation.left, Negative(equation.right)))
    absolutes = {node for node in walk(difference) if isinstance(node, Call)}
    if len(absolutes) > MAX_ABSOLUTE_VALUES:
        raise TooComplex
    ordered = sorted(absolutes, key=repr)
    undecided = False
    for signs in product((1, -1), repeat=len(ordered)):
        branch = dict(zip(ordered, signs, strict=True))
        denominators: list[Polynomial] = []
        rest, _ = _fraction(difference, branch, denominators)
        if not rest:  # an identity, at least somewhere
            if not absolutes and not all(denominators):
                continue  # divided by what is always 0: true nowhere
            probes = (Fraction(sign * (10**6 + n), 7) for n in (1, 2) for sign in (1, -1))
            if not absolutes or any(holds(equation, {facts.unknowns[0]: at}) for at in probes):
                return True
            undecided = True
            continue
        for at in known:
            while len(rest) > 1 and not _at(rest, at):
                rest = _divide(rest, (-at, Fraction(1)))[0]
        for denominator in denominators:
            while len(shared := _common(rest, denominator)) > 1:
                rest = _divide(rest, shared)[0]
        if len(rest) == 1 or (not absolutes and not _real_roots(rest)):
            continue
        if not absolutes:
            return True
        roots = _roots(rest)
        if roots is None:
            undecided = undecided or _real_roots(rest) > 0
        elif any(holds(equation, {facts.unknowns[0]: root}) for root in roots):
            return True
    if undecided:
        raise TooComplex
    return False


def _fraction(
    node: Expression, signs: Mapping[Call, int], denominators: list[Polynomial]
) -> tuple[Polynomial, Polynomial]:
    """Numerator and denominator of an expression, with |u| read as u or −u.

    All that the expression divides by is added to ``denominators``.
    """
    one: Polynomial = (Fraction(1),)
    if isinstance(node, Number):
        return _trim([node.value]), one
    if isinstance(node, Variable):
        return (Fraction(0), Fraction(1)), one
    if isinstance(node, Negative):
        top, bottom = _fraction(node.operand, signs, denominators)
        return _times(top, (Fraction(-1),)), bottom
    if isinstance(node, Call):
        top, bottom = _fraction(node.argument, signs, denominators)
        return _times(top, (Fraction(signs[node]),)), bottom
    if isinstance(node, Quotient):
        top, bottom = _fraction(node.numerator, signs, denominators)
        under, over = _fraction(node.denominator, signs, denominators)
        denominators.append(under)
        if not under:
            return (), one
        return _times(top, over), _times(bottom, under)
    if isinstance(node, Sum):
        top, bottom = (), one
        for part in node.terms:
            part_top, part_bottom = _fraction(part, signs, denominators)
            if part_bottom == bottom:
                top = _plus(top, part_top)
            else:
                top = _plus(_times(top, part_bottom), _times(part_top, bottom))
                bottom = _times(bottom, part_bottom)
        return top, bottom
    factors = node.factors if isinstance(node, Product) else ()
    if isinstance(node, Power) and isinstance(node.exponent, Number):
        factors = (node.base,) * int(node.exponent.value)
    top, bottom = one, one
    for factor in factors:
        part_top, part_bottom = _fraction(factor, signs, denominators)
        top, bottom = _times(top, part_top), _times(bottom, part_bottom)
    return top, bottom


def _trim(coefficients: list[Fraction]) -> Polynomial:
    while coefficients and not coefficients[-1]:
        coefficients.pop()
    return tuple(coefficients)


def _plus(one: Polynomial, other: Polynomial) -> Polynomial:
    if len(one) < len(other):
        one, other = other, one
    added = [a + b for a, b in zip(one, other, strict=False)]
    return _trim([_small(value) for value in [*added, *one[len(other) :]]])


def _times(one: Polynomial, other: Polynomial) -> Polynomial:
    if not one or not other:
        return ()
    if len(one) + len(other) - 2 > MAX_DEGREE:
        raise TooComplex
    result = [Fraction(0)] * (len(one) + len(other) - 1)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            result[i + j] += a * b
    return _trim([_small(value) for value in result])


def _at(polynomial: Polynomial, value: Fraction) -> Fraction:
    result = Fraction(0)
    for coefficient in reversed(polynomial):
        result = result * value + coefficient
    return result


def _divide(polynomial: Polynomial, by: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Quotient and remainder."""
    rest = list(polynomial)
    quotient = [Fraction(0)] * max(0, len(rest) - len(by) + 1)
    for shift in reversed(range(len(quotient))):
        quotient[shift] = factor = rest[shift + len(by) - 1] / by[-1]
        for i, coefficient in enumerate(by):
            rest[shift + i] -= factor * coefficient
    return tuple(quotient), _trim(rest[: len(by) - 1])


def _common(one: Polynomial, other: Polynomial) -> Polynomial:
    """The greatest common divisor, made monic."""
    while other:
        one, other = other, _divide(one, other)[1]
        other = tuple(value / other[-1] for value in other)
    return one


def _roots(polynomial: Polynomial) -> list[Fraction] | None:
    """The real roots of a polynomial of degree 1 or 2; None where one is not rational."""
    if len(polynomial) == 2:
        return [-polynomial[0] / polynomial[1]]
    if len(polynomial) > 3:
        return None
    c, b, a = polynomial
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return []
    root = square_root(discriminant)
    return None if root is None else [(-b + root) / (2 * a), (-b - root) / (2 * a)]


def _real_roots(polynomial: Polynomial) -> int:
    """How many different real roots there are, by Sturm's theorem."""
    chain = [polynomial, tuple(i * c for i, c in enumerate(polynomial))[1:]]
    while chain[-1]:
        rest = _divide(chain[-2], chain[-1])[1]
        scale = abs(rest[-1]) if rest else Fraction(1)
        chain.append(tuple(-value / scale for value in rest))
    leading = [(each[-1] > 0, len(each) % 2) for each in chain[:-1]]
    above = [positive for positive, _ in leading]
    below = [positive == (odd == 1) for positive, odd in leading]
    return _changes(below) - _changes(above)


def _changes(signs: list[bool]) -> int:
    return sum(a != b for a, b in pairwise(signs))
