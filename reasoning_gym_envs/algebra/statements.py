"""Equations as trees: reading what somebody wrote, writing it in one standard way, its terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import isqrt
from typing import Any, NamedTuple

from reasoning_gym_envs.answers import AnswerError, Node, parse_answer
from reasoning_gym_envs.answers.tree import (
    Application,
    BareList,
    Call,
    Expression,
    Mixed,
    Negative,
    Number,
    PlusMinus,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Set,
    Sum,
    Tuple,
    Variable,
    rebuild,
    walk,
)
from reasoning_gym_envs.commands import Refused

LONGEST_STATEMENT = 300
MAX_EXPONENT = 4
MAX_CASES = 6
MAX_TERMS = 40
MAX_LITERAL = 10**9
MAX_BITS = 200

_CONSTANT_KEY = ()


class Equation(NamedTuple):
    """Two sides that are equal."""

    left: Expression
    right: Expression


Case = tuple[Equation, ...]
"""Equations that hold together: one, or the two of a system."""
Statement = tuple[Case, ...]
"""Cases of which one holds; none at all says that there is no solution."""
Key = tuple[Any, ...]
"""What a term is a multiple of: () for a number, ("x", 2) for x², ("|", terms) for |…|."""
Term = tuple[Fraction, Key]
NOTHING: list[Term] = [(Fraction(0), ())]
"""The terms of 0."""


class TooComplex(Exception):
    """An expression that is no sum of multiples of powers and absolute values, or a huge one."""


# Reading.


def read_statement(text: str, unknowns: Sequence[str]) -> Statement:
    r"""What somebody wrote, in plain text, LaTeX or Unicode, as a statement.

    >>> write_statement(read_statement(r"\frac{x}{2} = -3 \text{ or } 2*x=.5", "x"))
    'x/2 = -3 or 2x = 1/2'

    Raises:
        Refused: it is no equation in the unknowns, with the reason in words.
    """
    if len(text) > LONGEST_STATEMENT:
        raise Refused(f"An equation has at most {LONGEST_STATEMENT} characters.")
    if "\n" in text and "\\begin" not in text:
        text = ", ".join(line.strip().rstrip(",;") for line in text.split("\n") if line.strip())
    try:
        node = parse_answer(text, thousands=False, words=False)
        if len(unknowns) == 1:
            return _alternatives(node, unknowns)
        return (_system(node, unknowns),)
    except (AnswerError, RecursionError):
        raise Refused("That cannot be read as an equation.") from None


def _alternatives(node: Node, unknowns: Sequence[str]) -> Statement:
    if isinstance(node, Set) and not node.items:
        return ()
    if isinstance(node, BareList):
        if node.joined == "and":
            raise Refused("Join cases with 'or'.")
        items = node.items
    else:
        items = (node,)
    cases: list[Case] = []
    left: Node | None = None
    for item in items:
        if isinstance(item, Expression) and isinstance(left, Variable):  # x = 2 or 3
            item = Relation(("=",), (left, item))
        if not isinstance(item, Relation):
            raise Refused("That is not an equation.")
        left = item.sides[0]
        right = item.sides[-1]
        if isinstance(right, Set) and item.operators in (("in",), ("=",)):
            values = right.items
        else:
            values = (right,)
            if item.operators != ("in",):  # braces around one number are none to the reader
                _need_one_equals_sign(item)
        cases += [(equation,) for value in values for equation in _equations(left, value, unknowns)]
    if len(cases) > MAX_CASES:
        raise Refused("There are too many cases.")
    return tuple(cases)


def _system(node: Node, unknowns: Sequence[str]) -> Case:
    relations: tuple[Node, ...] = (node,)
    if isinstance(node, BareList):
        if node.joined == "or":
            raise Refused("Both equations hold: separate them with a comma.")
        relations = node.items
    elif isinstance(node, Relation) and all(isinstance(side, Tuple) for side in node.sides):
        names, values = (side.items for side in node.sides if isinstance(side, Tuple))
        if len(names) == len(values):
            relations = tuple(
                Relation(("=",), (name, value)) for name, value in zip(names, values, strict=True)
            )
    equations: list[Equation] = []
    for relation in relations:
        if not isinstance(relation, Relation):
            raise Refused("That is not an equation.")
        _need_one_equals_sign(relation)
        equations += _equations(relation.sides[0], relation.sides[1], unknowns)
    if len(equations) != len(unknowns):
        raise Refused("A system has two equations: write both, separated by a comma.")
    return tuple(equations)


def _need_one_equals_sign(relation: Relation) -> None:
    if relation.operators != ("=",):
        raise Refused("Write equations with one equals sign each.")


def _equations(left: Node, right: Node, unknowns: Sequence[str]) -> list[Equation]:
    """The equation, or the two that a ± sign stands for."""
    signs = [node for side in (left, right) for node in walk(side) if isinstance(node, PlusMinus)]
    if len(signs) > 1:
        raise Refused("Write at most one ± sign.")
    if not signs:
        return [Equation(_plain(left, unknowns), _plain(right, unknowns))]

    def positive(node: Node) -> Node | None:
        return node.operand if isinstance(node, PlusMinus) else None

    def negative(node: Node) -> Node | None:
        return Negative(node.operand) if isinstance(node, PlusMinus) else None

    return [
        Equation(_plain(rebuild(left, sign), unknowns), _plain(rebuild(right, sign), unknowns))
        for sign in (positive, negative)
    ]


def _plain(node: Node, unknowns: Sequence[str]) -> Expression:
    """The expression with none but the few kinds of nodes that equations here consist of."""

    def plain(node: Node) -> Expression:
        return _plain(node, unknowns)

    if isinstance(node, Number):
        value = node.value
        if max(value.numerator, value.denominator) > MAX_LITERAL:
            raise Refused("That number is too large.")
        return number(value)
    if isinstance(node, Mixed):
        whole, top, bottom = (part.value for part in (node.whole, node.numerator, node.denominator))
        return number(whole + top / bottom)
    if isinstance(node, Variable):
        if node.name not in unknowns:
            raise Refused(
                f"The variable{'s are' if unknowns[1:] else ' is'} {' and '.join(unknowns)}."
            )
        return node
    if isinstance(node, Negative):
        return Negative(plain(node.operand))
    if isinstance(node, Sum):
        return Sum(tuple(plain(term) for term in node.terms))
    if isinstance(node, Product):
        return Product(tuple(plain(factor) for factor in node.factors))
    if isinstance(node, Quotient):
        return Quotient(plain(node.numerator), plain(node.denominator))
    if isinstance(node, Application) and len(node.arguments) == 1:  # x(x + 1) is a product
        return Product((plain(node.function), plain(node.arguments[0])))
    if isinstance(node, Power):
        exponent = node.exponent
        if isinstance(exponent, Number) and exponent.value in range(1, MAX_EXPONENT + 1):
            return Power(plain(node.base), Number(exponent.value, "integer"))
        raise Refused(f"Exponents must be whole numbers from 1 to {MAX_EXPONENT}.")
    if isinstance(node, Root) and isinstance(node.radicand, Number):
        root = square_root(node.radicand.value)
        if root is not None and node.index == Number(Fraction(2), "integer"):
            return number(root)
    if isinstance(node, Call) and node.function == "abs":
        if any(isinstance(part, Call) for part in walk(node.argument)):
            raise Refused("Nested absolute values cannot be read.")
        return Call("abs", plain(node.argument))
    raise Refused("That cannot be read as an equation.")


# Making.


def number(value: Fraction | int) -> Expression:
    """A number as a tree of whole numbers."""
    value = Fraction(value)
    if value < 0:
        return Negative(number(-value))
    whole = Number(Fraction(value.numerator), "integer")
    if value.denominator == 1:
        return whole
    return Quotient(whole, Number(Fraction(value.denominator), "integer"))


def term(coefficient: Fraction, key: Key) -> Expression:
    """A multiple of a power or an absolute value."""
    if not key:
        return number(coefficient)
    if coefficient < 0:
        return Negative(term(-coefficient, key))
    atom: Expression
    if key[0] == "|":
        atom = Call("abs", total(key[1]))
    else:
        atom = Variable(key[0])
        if key[1] > 1:
            atom = Power(atom, number(key[1]))
    top, bottom = coefficient.numerator, coefficient.denominator
    if top != 1:
        atom = Product((number(top), atom))
    return atom if bottom == 1 else Quotient(atom, number(bottom))


def total(terms: Iterable[Term]) -> Expression:
    """The sum of some terms, in their order; those that are 0 are left out."""
    nodes = tuple(term(*each) for each in terms if each[0])
    if len(nodes) < 2:
        return nodes[0] if nodes else number(0)
    return Sum(nodes)


def negated(terms: Iterable[Term]) -> list[Term]:
    """The terms with the other signs."""
    return [(-coefficient, key) for coefficient, key in terms]


def collected(terms: Iterable[Term]) -> list[Term]:
    """Like terms added up: absolute values, powers from the highest down, the number last."""
    sums: dict[Key, Fraction] = {}
    for coefficient, key in terms:
        sums[key] = sums.get(key, Fraction(0)) + coefficient
    return sorted(((c, key) for key, c in sums.items() if c), key=_order)


def _order(one: Term) -> tuple[int, int, str]:
    key = one[1]
    if not key:
        return 2, 0, ""
    if key[0] == "|":
        return 0, 0, write(total(key[1]))
    return 1, -key[1], key[0]


# The terms of an expression.


def flat_terms(node: Expression) -> list[Term] | None:
    """The terms of a sum that is written without brackets; None where there is more to it.

    >>> side = read_statement("2x - 3 + x/2 = 0", "x")[0][0].left
    >>> [(str(coefficient), key) for coefficient, key in flat_terms(side)]
    [('2', ('x', 1)), ('-3', ()), ('1/2', ('x', 1))]
    """
    if isinstance(node, Sum):
        terms = [_flat_term(part) for part in node.terms]
        return None if None in terms else [each for each in terms if each is not None]
    single = _flat_term(node)
    return None if single is None else [single]


def _flat_term(node: Expression) -> Term | None:
    if isinstance(node, Number):
        return node.value, _CONSTANT_KEY
    if isinstance(node, Negative):
        inner = None if isinstance(node.operand, Negative) else _flat_term(node.operand)
        return inner and (-inner[0], inner[1])
    if isinstance(node, Quotient) and isinstance(node.denominator, Number):
        top = None if isinstance(node.numerator, Quotient) else _flat_term(node.numerator)
        bottom = node.denominator.value
        if top is None or not bottom:
            return None
        value = top[0] / bottom
        if not top[1] and (value.denominator != bottom or bottom == 1):  # 6/2 is still to be worked
            return None
        return value, top[1]
    factor = Fraction(1)
    if isinstance(node, Product) and len(node.factors) == 2:
        first = _flat_term(node.factors[0])
        if first is None or first[1] or isinstance(node.factors[0], Negative):
            return None
        factor, node = first[0], node.factors[1]
    if isinstance(node, Variable):
        return factor, (node.name, 1)
    if isinstance(node, Power) and isinstance(node.base, Variable):
        exponent = _exponent(node)
        return (factor, (node.base.name, exponent)) if exponent > 1 else None
    if isinstance(node, Call):
        inside = flat_terms(node.argument)
        if inside is not None and is_collected(inside) and any(key for _, key in inside):
            return factor, ("|", tuple(inside))
    return None


def is_collected(terms: list[Term]) -> bool:
    """Whether no two terms are alike, and none is 0 beside others."""
    keys = [key for _, key in terms]
    return len(set(keys)) == len(keys) and (all(c for c, _ in terms) or terms == NOTHING)


def expand(node: Expression) -> list[Term]:
    """The terms of an expression after multiplying out, not collected.

    Raises:
        TooComplex: there is a division by an unknown, or too much to write.
    """
    if isinstance(node, Number):
        return [(node.value, _CONSTANT_KEY)]
    if isinstance(node, Variable):
        return [(Fraction(1), (node.name, 1))]
    if isinstance(node, Negative):
        return negated(expand(node.operand))
    if isinstance(node, Sum):
        terms = [each for part in node.terms for each in expand(part)]
        if len(terms) > MAX_TERMS:
            raise TooComplex
        return terms
    if isinstance(node, Quotient):
        bottom = collected(expand(node.denominator))
        if len(bottom) != 1 or bottom[0][1]:
            raise TooComplex
        return _times(expand(node.numerator), [(1 / bottom[0][0], _CONSTANT_KEY)])
    if isinstance(node, Call):
        inside = collected(expand(node.argument))
        if not any(key for _, key in inside):
            return [(abs(sum((c for c, _ in inside), Fraction(0))), _CONSTANT_KEY)]
        return [(Fraction(1), ("|", tuple(inside)))]
    factors: tuple[Expression, ...] = ()
    if isinstance(node, Product):
        factors = node.factors
    elif isinstance(node, Power):
        factors = (node.base,) * _exponent(node)
    product: list[Term] = [(Fraction(1), _CONSTANT_KEY)]
    for factor in factors:
        product = _times(product, expand(factor))
    return product


def _exponent(node: Power) -> int:
    return int(node.exponent.value) if isinstance(node.exponent, Number) else 1


def _times(one: list[Term], other: list[Term]) -> list[Term]:
    if len(one) * len(other) > MAX_TERMS:
        raise TooComplex
    product: list[Term] = []
    for a, key in one:
        for b, other_key in other:
            together = key or other_key
            if key and other_key:
                if key[0] != other_key[0] or key[0] == "|":
                    raise TooComplex
                together = (key[0], key[1] + other_key[1])
            value = a * b
            if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
                raise TooComplex
            product.append((value, together))
    return product


def square_root(value: Fraction) -> Fraction | None:
    """The square root of a number where it is rational."""
    if value < 0 or max(value.numerator, value.denominator).bit_length() > 2 * MAX_BITS:
        return None
    root = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    return root if root * root == value else None


# Writing.

_SUM, _PRODUCT, _ATOM = range(3)


def write_statement(statement: Statement) -> str:
    """The statement on one line."""
    if not statement:
        return "no solution"
    return " or ".join(
        ", ".join(f"{write(left)} = {write(right)}" for left, right in case) for case in statement
    )


def write(node: Expression, binding: int = _SUM) -> str:
    """The expression on one line, in brackets where it binds less than is asked."""
    text, own = _write(node)
    return text if own >= binding else f"({text})"


def _write(node: Expression) -> tuple[str, int]:
    if isinstance(node, Number):
        return str(node.value), _ATOM
    if isinstance(node, Variable):
        return node.name, _ATOM
    if isinstance(node, Negative):
        return "-" + write(node.operand, _PRODUCT), _SUM
    if isinstance(node, Sum):
        text = write(node.terms[0])
        for part in node.terms[1:]:
            if isinstance(part, Negative):
                text += " - " + write(part.operand, _PRODUCT)
            else:
                text += " + " + write(part, _PRODUCT)
        return text, _SUM
    if isinstance(node, Quotient):
        top = write(node.numerator, _ATOM if isinstance(node.numerator, Quotient) else _PRODUCT)
        return f"{top}/{write(node.denominator, _ATOM)}", _PRODUCT
    if isinstance(node, Power):
        return f"{write(node.base, _ATOM)}^{write(node.exponent)}", _PRODUCT
    if isinstance(node, Call):
        return f"|{write(node.argument)}|", _PRODUCT
    assert isinstance(node, Product)
    text = ""
    for factor in node.factors:
        is_power = isinstance(factor, (Power, Call))
        next_text = write(factor, _PRODUCT if is_power else _ATOM)
        plain = not text or next_text[0] == "(" or (text.isdigit() and not next_text[0].isdigit())
        plain = plain and not text.endswith("|")
        text += next_text if plain else "*" + next_text
    return text, _PRODUCT
