r"""What shape an answer must have, beyond being equal to the reference.

Without this, writing the question into the box would be a right answer: `3+4` is equal to 7.

    any       whatever is equal
    value     evaluated: nothing is left that has a rational value and could be computed further.
              A sign, a percent sign, a mixed number and a fraction of two integers that is no
              integer itself may stay.
    reduced   value, and all fractions in lowest terms, with positive denominators above 1
    expanded  value, and a sum of monomials that cannot be collected further
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from .normal_form import Calculator, Monomial
from .tree import (
    Binomial,
    Call,
    Congruence,
    Constant,
    Difference,
    Expression,
    Extremum,
    Intersection,
    Mixed,
    Negative,
    Node,
    Number,
    Percent,
    Power,
    Product,
    Quotient,
    Root,
    Series,
    Sum,
    Text,
    Variable,
    children,
    walk,
)

Form: TypeAlias = Literal["any", "value", "reduced", "expanded"]
FORMS: tuple[Form, ...] = get_args(Form)


def has_form(node: Node, form: Form, calculator: Calculator, *, is_number: bool = False) -> bool:
    """Say whether an answer has a form; every element of a set, tuple, … must have it.

    `is_number` tells that only rational numbers are asked for: then nothing but a number will do,
    even where its value cannot be seen to be rational.

    >>> from reasoning_gym_envs.answers.parser import parse_answer
    >>> has_form(parse_answer("3+4"), "value", Calculator())
    False
    >>> has_form(parse_answer("6/4"), "value", Calculator())
    True
    >>> has_form(parse_answer("6/3"), "value", Calculator())
    False
    >>> has_form(parse_answer("6/4"), "reduced", Calculator())
    False
    """
    if form == "any":
        return True
    if any(isinstance(part, (Intersection, Difference)) for part in walk(node)):
        return False  # still to be worked out
    for expression in _expressions(node):
        if is_number and not _is_number(expression):
            return False
        if not _is_evaluated(expression, calculator):
            return False
        if form == "reduced" and not _is_reduced(expression, calculator):
            return False
        if form == "expanded" and not _is_expanded(expression, calculator):
            return False
    return True


def _expressions(node: Node) -> Iterator[Expression]:
    """Yield the expressions that the elements of an answer are."""
    if isinstance(node, Expression):
        yield node
    elif isinstance(node, Congruence):
        residue, modulus = _integer(node.residue), _integer(node.modulus)
        if residue is None or modulus is None or not 0 <= residue < modulus:
            yield Sum((node.residue, node.modulus))  # not reduced, so not evaluated
    elif not isinstance(node, Text):
        for child in children(node):
            yield from _expressions(child)


# value


def _is_evaluated(node: Expression, calculator: Calculator) -> bool:
    if isinstance(node, Negative):
        operand = node.operand
        return not isinstance(operand, Negative) and _is_evaluated(operand, calculator)
    if isinstance(node, (Variable, Constant)) or _is_number(node):
        return True
    if isinstance(calculator.value(node), Fraction) or _is_to_compute(node):
        return False
    if isinstance(node, Sum):
        terms = [term for child in node.terms for term in _terms(child)]
        if not _is_collected(terms, Sum, calculator):
            return False
        # A difference may subtract a bracket: its sign is not a sign on a number then.
        return all(_is_evaluated(_unsigned(term), calculator) for term in node.terms)
    if isinstance(node, Product):
        factors = [factor for child in node.factors for factor in _factors(child)]
        if not _is_collected(factors, Product, calculator):
            return False
    return all(
        _is_evaluated(child, calculator)
        for child in children(node)
        if isinstance(child, Expression)
    )


def _is_to_compute(node: Expression) -> bool:
    """Say whether a node is an operation on constants that can be carried out, or a series."""
    if isinstance(node, (Series, Extremum)):
        return True
    if isinstance(node, Binomial) or (
        isinstance(node, Call) and node.function in ("abs", "floor", "ceil", "factorial")
    ):
        return not any(isinstance(part, Variable) for part in walk(node))
    return False


def _is_number(node: Expression) -> bool:
    """Say whether an expression is a rational number as one gives it, perhaps with a sign."""
    if isinstance(node, Negative):
        node = node.operand
    if isinstance(node, Percent):
        return isinstance(node.operand, Number)
    if isinstance(node, Constant):
        return node.name == "infinity"  # the end of an interval
    return isinstance(node, (Number, Mixed)) or _is_simple_fraction(node)


def _unsigned(node: Expression) -> Expression:
    return node.operand if isinstance(node, Negative) else node


def _terms(node: Expression) -> list[Expression]:
    """Return the terms of a sum, out of brackets, without their signs where that is the same."""
    if isinstance(node, Sum):
        return [term for child in node.terms for term in _terms(child)]
    if isinstance(node, Negative) and isinstance(node.operand, Sum):
        return [Negative(term) for term in _terms(node.operand)]
    return [node]


def _factors(node: Expression) -> list[Expression]:
    if isinstance(node, Product):
        return [factor for child in node.factors for factor in _factors(child)]
    return _factors(node.operand) if isinstance(node, Negative) else [node]


def _is_collected(
    parts: list[Expression], together: type[Sum] | type[Product], calculator: Calculator
) -> bool:
    """Say whether at most one part is rational, and what has no variable is not rational."""
    if sum(isinstance(calculator.value(part), Fraction) for part in parts) > 1:
        return False
    numeric = tuple(
        part for part in parts if not any(isinstance(inner, Variable) for inner in walk(part))
    )
    if len(numeric) > 1 and isinstance(calculator.value(together(numeric)), Fraction):
        return False
    return together is Product or not _has_like_terms(parts, calculator)


def _has_like_terms(terms: list[Expression], calculator: Calculator) -> bool:
    """Say whether two terms differ by a rational factor only: 2π + 3π."""
    seen = set()
    for term in terms:
        value = calculator.value(term)
        if isinstance(value, Fraction) or len(value.numerator) != 1:
            continue
        (monomial,) = value.numerator
        key = (monomial, frozenset(value.denominator.items()))
        if key in seen:
            return True
        seen.add(key)
    return False


def _integer(node: Expression) -> int | None:
    """Return an integer that is written out, perhaps with a sign."""
    sign = 1
    if isinstance(node, Negative):
        node, sign = node.operand, -1
    if isinstance(node, Number) and node.written == "integer":
        return sign * int(node.value)
    return None


def _is_simple_fraction(node: Expression) -> bool:
    if not isinstance(node, Quotient):
        return False
    top, bottom = _integer(node.numerator), _integer(node.denominator)
    return top is not None and bottom is not None and is_fraction_of_form(top, bottom, "value")


def is_fraction_of_form(top: int, bottom: int, form: Form) -> bool:
    """Say whether a fraction of two integers, the lower one positive or negative, has a form."""
    if form == "any":
        return True
    if not bottom or top % bottom == 0:  # 12/3 is a division still to be done
        return False
    return form != "reduced" or math.gcd(top, bottom) == 1


# reduced


def _is_reduced(node: Expression, calculator: Calculator) -> bool:
    for part in walk(node):
        if isinstance(part, Mixed):
            if math.gcd(int(part.numerator.value), int(part.denominator.value)) > 1:
                return False
        elif isinstance(part, Quotient):
            if isinstance(part.denominator, Negative) or _integer(part.denominator) == 1:
                return False
            contents = [_content(side, calculator) for side in (part.numerator, part.denominator)]
            if 0 in contents or math.gcd(*contents) != 1:
                return False
    return True


def _content(node: Expression, calculator: Calculator) -> int:
    """Return the greatest integer that divides all coefficients, 0 where one is a fraction."""
    value = calculator.value(node)
    coefficients = [value] if isinstance(value, Fraction) else list(value.numerator.values())
    if any(coefficient.denominator != 1 for coefficient in coefficients):
        return 0
    return math.gcd(*(coefficient.numerator for coefficient in coefficients))


# expanded


def _is_expanded(node: Expression, calculator: Calculator) -> bool:
    terms = node.terms if isinstance(node, Sum) else (node,)
    seen = set()
    for term in terms:
        if not _is_monomial(_unsigned(term)):
            return False
        value = calculator.value(term)
        if isinstance(value, Fraction):
            if not value and len(terms) > 1:
                return False
            monomial: Monomial = frozenset()
        else:
            if len(value.numerator) != 1 or len(value.denominator) != 1:
                return False
            (monomial,) = value.numerator
        if monomial in seen:
            return False
        seen.add(monomial)
    return True


def _is_monomial(node: Expression) -> bool:
    """Say whether a term is a product of numbers, powers of different letters and functions."""
    if isinstance(node, Quotient):
        return _is_monomial(_unsigned(node.numerator)) and _is_monomial(node.denominator)
    letters = set()
    for factor in node.factors if isinstance(node, Product) else (node,):
        if isinstance(factor, Quotient):
            if not _is_monomial(factor):
                return False
        elif isinstance(factor, Power):
            if isinstance(factor.base, (Sum, Product, Quotient, Negative)):
                return False
        elif not isinstance(factor, (Number, Mixed, Percent, Variable, Constant, Root, Call)):
            return False
        letter = factor.base if isinstance(factor, Power) else factor
        if isinstance(letter, Variable):
            if letter in letters:
                return False
            letters.add(letter)
    return True
