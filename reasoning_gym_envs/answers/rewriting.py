r"""Writing functions with kinks and jumps in as few ways as possible, before they are compared.

\max(u, v)      (u + v + |u - v|) / 2, and \min alike
⌈u⌉             -⌊-u⌋
⌊u + 3⌋         ⌊u⌋ + 3, and so for every part that is an integer
√(u²)           |u|, with every even root of a square
|u|²            u²; |-2u| is 2|u|, |u||v| is |uv|, and |u| is u where u cannot be negative
\ln|u|          \ln(u²) / 2, which has no kink
(-1)^{n+2}      (-1)^n; \cos(πn) is (-1)^n, where n is an integer
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

from .errors import TooLarge, Undecided
from .normal_form import Calculator
from .tree import (
    BasedNumber,
    Call,
    Constant,
    Expression,
    Extremum,
    Mixed,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Variable,
    rewrite,
    walk,
)

Integers: TypeAlias = frozenset[str]
"""The letters that stand for integers."""

Powers: TypeAlias = tuple[tuple[str, int], ...]
Terms: TypeAlias = dict[Powers, Fraction]
"""A polynomial in letters: coefficients of products of powers."""

PART = "part of "
"""What the name of a letter begins with that lies between 0 and 1: no answer has such a name."""

MAX_WORK = 2_000
"""So many nodes are rewritten, and no more."""

CIRCULAR = frozenset(("sin", "cos", "tan", "cot", "sec", "csc"))


def number(value: Fraction | int) -> Expression:
    """Return a number as a tree."""
    size = Number(abs(Fraction(value)), "integer")
    return Negative(size) if value < 0 else size


_ONE, _TWO, _HALF = number(1), number(2), Number(Fraction(1, 2), "integer")
_MINUS_ONE = number(-1)
_PI = Constant("pi")


def variables(*nodes: Node) -> set[str]:
    """Return the names of the letters in some trees."""
    return {part.name for node in nodes for part in walk(node) if isinstance(part, Variable)}


def is_kink(node: Node) -> bool:
    """Say whether a node is a function with a kink or a jump, of real variables."""
    if isinstance(node, Call) and node.function in ("abs", "floor", "ceil"):
        return bool(variables(node.argument)) and Constant("i") not in walk(node.argument)
    return isinstance(node, Extremum) and bool(variables(node))


def terms_of(node: Expression, calculator: Calculator) -> Terms | None:
    """Return an expression as a polynomial in its letters; powers may be negative."""
    try:
        value = calculator.value(node)
    except (TooLarge, Undecided):
        return None
    if isinstance(value, Fraction):
        return {(): value} if value else {}
    if not value.has_only_variables() or len(value.denominator) != 1:
        return None
    ((below, divisor),) = value.denominator.items()
    terms: Terms = {}
    for monomial, coefficient in value.numerator.items():
        powers = {generator[1]: power for generator, power in monomial}
        for generator, power in below:
            powers[generator[1]] = powers.get(generator[1], 0) - power
        if any(Fraction(power).denominator != 1 for power in powers.values()):
            return None
        key = tuple(sorted((name, int(power)) for name, power in powers.items() if power))
        terms[key] = coefficient / divisor
    return terms


def tree_of(terms: Terms) -> Expression:
    """Return a polynomial as a tree.

    >>> from reasoning_gym_envs.answers.writing import write
    >>> write(tree_of({(("x", 2),): Fraction(3), (): Fraction(-1, 2)}))
    '-1/2 + 3*x^2'
    """
    written: list[Expression] = []
    for powers, coefficient in sorted(terms.items()):
        factors: list[Expression] = [
            Variable(name) if power == 1 else Power(Variable(name), number(power))
            for name, power in powers
        ]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, number(abs(coefficient)))
        term = factors[0] if len(factors) == 1 else Product(tuple(factors))
        written.append(Negative(term) if coefficient < 0 else term)
    if not written:
        return number(0)
    return written[0] if len(written) == 1 else Sum(tuple(written))


class Rewriter:
    """Rewrites expressions, knowing which letters stand for integers."""

    def __init__(self, integers: Integers, calculator: Calculator) -> None:
        self.integers = integers
        self.calculator = calculator
        self._work = 0

    def __call__(self, node: Expression) -> Expression:
        """Return an expression that is equal wherever both are defined, with fewer kinks."""
        rewritten = rewrite(node, self._node)
        assert isinstance(rewritten, Expression)
        return rewritten

    def _node(self, node: Node) -> Node:
        """Rewrite a node whose parts have been rewritten."""
        self._work += 1
        if self._work > MAX_WORK:  # every maximum inside another doubles the tree
            raise TooLarge("too many kinks inside one another")
        match node:
            case Extremum(name, arguments) if is_kink(node):
                return self(_without_extremum(name, arguments))
            case Call("ceil", argument) if is_kink(node):
                return self(self._ceiling(argument))
            case Call("floor", argument) if is_kink(node):
                return self._floor(argument)
            case Call("abs", argument) if is_kink(node):
                return self._absolute(argument)
            case Call("ln" | "log" as name, Call("abs", argument), base) if is_kink(node.argument):
                return Product((_HALF, Call(name, Power(argument, _TWO), base)))
            case Call(name, argument) if name in CIRCULAR and self.integers:
                return self._circular(name, argument)
            case Power(Call("abs", argument), exponent) if _is_even(exponent) and is_kink(
                node.base
            ):
                return self._node(Power(argument, exponent))
            case Power(base, exponent) if self.integers and _is_minus_one(base):
                return self._sign(exponent)
            case Power(Constant("e"), exponent):
                return self._exponential(exponent) or node
            case Power(base, exponent):
                power = self._rational(exponent)
                return (power and self._even_root(base, power)) or node
            case Root(radicand, index):
                degree = self._rational(index)
                return (degree and self._even_root(radicand, 1 / degree)) or node
            case Product(parts):
                return self._product(parts) or node
            case Quotient(Call("abs", above), Call("abs", below)) if is_kink(node.numerator):
                return self._absolute(Quotient(above, below))
        return node

    def _rational(self, node: Expression) -> Fraction | None:
        if variables(node):
            return None
        terms = terms_of(node, self.calculator)
        return None if terms is None or len(terms) > 1 else terms.get((), Fraction(0))

    # Rounding.

    def _is_integer(self, powers: Powers) -> bool:
        return all(name in self.integers and power > 0 for name, power in powers)

    def _floor(self, argument: Expression) -> Expression:
        """Take out of ⌊u⌋ what is an integer."""
        terms = terms_of(argument, self.calculator)
        if terms is not None:
            whole = {
                powers: Fraction(math.floor(coefficient))
                for powers, coefficient in terms.items()
                if self._is_integer(powers) and math.floor(coefficient)
            }
            rest = {
                powers: left
                for powers, coefficient in terms.items()
                if (left := coefficient - whole.get(powers, 0))
            }
            if not rest.keys() - {()}:
                return tree_of(whole)
            rounded = Call("floor", tree_of(rest) if whole else argument)
            return Sum((tree_of(whole), rounded)) if whole else rounded
        parts = list(_summands(argument))
        taken = tuple(part for part in parts if self._is_whole(part))
        kept = tuple(part for part in parts if not self._is_whole(part))
        if not kept:
            return argument
        if not taken:
            return Call("floor", argument)
        return Sum((*taken, Call("floor", kept[0] if len(kept) == 1 else Sum(kept))))

    def _is_whole(self, node: Expression) -> bool:
        """Say whether an expression can only be an integer."""
        match node:
            case Negative(operand):
                return self._is_whole(operand)
            case Sum(parts) | Product(parts):
                return all(map(self._is_whole, parts))
            case Call("floor"):
                return True
        terms = terms_of(node, self.calculator)
        return terms is not None and all(
            self._is_integer(powers) and coefficient.denominator == 1
            for powers, coefficient in terms.items()
        )

    def _ceiling(self, argument: Expression) -> Expression:
        """Write ⌈g(n)⌉ as ⌊g(n - 1)⌋ + 1 where g rises and is an integer at integers alone.

        So are the root and the logarithm to a whole base (Graham, Knuth and Patashnik, Concrete
        Mathematics, section 3.2).
        """
        lower: Expression | None = None
        match argument:
            case Call("log", inside, base) if base is not None and self._is_base(base):
                lower = Call("log", Sum((inside, _MINUS_ONE)), base)
            case Quotient(Call("ln" | "log" as name, inside, None), Call(_, base, None)) if (
                argument.denominator == Call(name, base) and self._is_base(base)
            ):
                lower = Quotient(Call(name, Sum((inside, _MINUS_ONE))), Call(name, base))
            case Root(inside, index):
                lower = Root(Sum((inside, _MINUS_ONE)), index)
            case _:
                return Negative(Call("floor", Negative(argument)))
        if lower is not None and self._is_whole(inside):
            return Sum((Call("floor", lower), _ONE))
        return Negative(Call("floor", Negative(argument)))

    def _is_base(self, node: Expression) -> bool:
        value = self._rational(node)
        return value is not None and value.denominator == 1 and value > 1

    # Signs that alternate.

    def _sign(self, exponent: Expression) -> Expression:
        """Reduce (-1)^n: only whether the exponent is even matters."""
        terms = terms_of(exponent, self.calculator)
        if terms is None or not all(
            self._is_integer(powers) and coefficient.denominator == 1
            for powers, coefficient in terms.items()
        ):
            return Power(_MINUS_ONE, exponent)
        odd: set[frozenset[str]] = set()
        for powers, coefficient in terms.items():
            if coefficient % 2:  # n², n³, … are even where n is
                odd ^= {frozenset(name for name, _ in powers)}
        is_negative = frozenset() in odd
        kept: Terms = {tuple((name, 1) for name in sorted(n)): Fraction(1) for n in odd if n}
        sign = Power(_MINUS_ONE, tree_of(kept)) if kept else _ONE
        return Negative(sign) if is_negative else sign

    def _circular(self, name: str, argument: Expression) -> Expression:
        """Reduce a sine or the like of π times integers and a rest."""
        call = Call(name, argument)
        terms = terms_of(Quotient(argument, _PI), self.calculator)
        if terms is None:
            return call
        whole = {
            powers: coefficient
            for powers, coefficient in terms.items()
            if powers and self._is_integer(powers) and coefficient.denominator == 1
        }
        if not whole:
            return call
        rest = {powers: left for powers, left in terms.items() if powers not in whole}
        reduced = Call(name, Product((_PI, tree_of(rest))))
        if name in ("tan", "cot"):
            return reduced
        return Product((self._sign(tree_of(whole)), reduced))

    # Absolute values.

    def _absolute(self, argument: Expression) -> Expression:
        """Return |u|, with its factor outside, and without bars where u has one sign."""
        if isinstance(argument, Product):  # without signs, which bars take away
            factors = tuple(part for part in argument.factors if not _is_sign(part))
            if len(factors) < len(argument.factors):
                return self._absolute(Product((_ONE, *factors)))
        if is_never_negative(argument):
            return argument
        terms = terms_of(argument, self.calculator)
        if not terms:
            return Call("abs", argument)
        lead = terms[min(terms)]
        factor = Fraction(
            math.gcd(*(c.numerator for c in terms.values())),
            math.lcm(*(c.denominator for c in terms.values())),
        )
        signed = factor if lead > 0 else -factor
        inside = tree_of({powers: coefficient / signed for powers, coefficient in terms.items()})
        bars = inside if is_never_negative(inside) else Call("abs", inside)
        return bars if factor == 1 else Product((number(factor), bars))

    def _product(self, factors: tuple[Expression, ...]) -> Expression | None:
        """Return |u||v| as |uv|, and u²|u| as it is."""
        bars = [part for part in factors if isinstance(part, Call) and part.function == "abs"]
        if len(bars) < 2 or not all(map(is_kink, bars)):
            return None
        inside = self._absolute(Product(tuple(part.argument for part in bars)))
        others = tuple(part for part in factors if part not in bars)
        return Product((*others, inside)) if others else inside

    def _exponential(self, exponent: Expression) -> Expression | None:
        """Return e to the power of c·ln u as u^c."""
        factors = exponent.factors if isinstance(exponent, Product) else (exponent,)
        logarithms = [part for part in factors if isinstance(part, Call) and part.function == "ln"]
        others = tuple(part for part in factors if part not in logarithms)
        power = self._rational(Product((_ONE, *others)))
        if len(logarithms) != 1 or power is None:
            return None
        base = logarithms[0].argument
        return self._even_root(base, power) or Power(base, number(power))

    def _even_root(self, base: Expression, exponent: Fraction) -> Expression | None:
        """Return a power of a square, such as √(u²), with |u|."""
        if exponent.denominator % 2 or not variables(base) or Constant("i") in walk(base):
            return None
        outside, inside, times = _ONE, base, Fraction(1)
        while isinstance(inside, (Power, Call)):
            if isinstance(inside, Power) and (power := self._rational(inside.exponent)):
                inside, times = inside.base, times * power
            elif isinstance(inside, Call) and inside.function == "exp":
                return Call("exp", Product((number(exponent * times), inside.argument)))
            else:
                break
        if times.numerator % 2:
            terms = terms_of(base, self.calculator)
            root = square_root(terms) if terms else None
            if root is None:
                return None
            lead, inside, times = root[0], tree_of(root[1]), Fraction(2)
            if lead != 1:
                outside = Power(number(lead), number(exponent))
        bars = self._absolute(inside)
        power = exponent * times
        result = bars if power == 1 else self._node(Power(bars, number(power)))
        assert isinstance(result, Expression)
        return result if outside == _ONE else Product((outside, result))


def _summands(node: Expression) -> Iterator[Expression]:
    if isinstance(node, Sum):
        for term in node.terms:
            yield from _summands(term)
    elif isinstance(node, Negative):
        for term in _summands(node.operand):
            yield term.operand if isinstance(term, Negative) else Negative(term)
    else:
        yield node


def _without_extremum(name: str, arguments: tuple[Expression, ...]) -> Expression:
    found = arguments[0]
    for other in arguments[1:]:
        distance: Expression = Call("abs", Sum((found, Negative(other))))
        distance = distance if name == "max" else Negative(distance)
        found = Product((_HALF, Sum((found, other, distance))))
    return found


def _is_even(node: Expression) -> bool:
    return isinstance(node, Number) and node.value.denominator == 1 and not node.value % 2


def _is_minus_one(node: Expression) -> bool:
    return node == _MINUS_ONE


def _is_sign(node: Expression) -> bool:
    """Say whether a factor is (-1)^n, which is only left where n is an integer."""
    return isinstance(node, Power) and _is_minus_one(node.base) and bool(variables(node.exponent))


def is_never_negative(node: Expression) -> bool:
    """Say whether a real expression shows by its shape that it is nowhere below zero."""
    low, _ = _range(node)
    return low >= 0


def _range(node: Expression) -> tuple[Fraction | float, Fraction | float]:
    """Return bounds of a real expression: wide ones where nothing is known."""
    match node:
        case Number(value) | BasedNumber(value):
            return value, value
        case Mixed(whole, top, bottom):
            value = whole.value + top.value / bottom.value
            return value, value
        case Variable(name) if name.startswith(PART):
            return 0, 1
        case Constant("e" | "pi"):
            return 2, 4
        case Negative(operand):
            low, high = _range(operand)
            return -high, -low
        case Sum(terms):
            ranges = list(map(_range, terms))
            return sum(low for low, _ in ranges), sum(high for _, high in ranges)
        case Product(factors):
            if len(factors) == 2 and factors[0] == factors[1]:
                return 0, math.inf
            signs = [_range(factor) for factor in factors]
            if all(low >= 0 for low, _ in signs):
                return math.prod(low for low, _ in signs), math.inf
        case Quotient(above, below):
            (low, _), (divisor, _) = _range(above), _range(below)
            if low >= 0 and divisor >= 0:
                return 0, math.inf
        case Power(base, exponent):
            if _is_even(exponent) or _range(base)[0] >= 0:
                return 0, math.inf
        case Root(_, index):
            if _is_even(index):
                return 0, math.inf
        case Call("abs" | "exp" | "cosh" | "arccos"):
            return 0, math.inf
        case Call("sin" | "cos" | "tanh"):
            return -1, 1
        case Call("arctan" | "arcsin"):
            return -2, 2
    return -math.inf, math.inf


def square_root(terms: Terms) -> tuple[Fraction, Terms] | None:
    """Return a c > 0 and a polynomial whose square, times c, is another one, or None.

    >>> square_root({(("x", 2),): Fraction(2), (("x", 1),): Fraction(4), (): Fraction(2)})
    (Fraction(2, 1), {(('x', 1),): Fraction(1, 1), (): Fraction(1, 1)})
    """
    names = sorted({name for powers in terms for name, _ in powers})
    left = {
        tuple(dict(powers).get(name, 0) for name in names): coefficient
        for powers, coefficient in terms.items()
    }
    lead = max(left)
    factor = left[lead]
    if factor <= 0 or any(power % 2 for power in lead):
        return None
    left = {powers: coefficient / factor for powers, coefficient in left.items()}
    first = tuple(power // 2 for power in lead)
    root: dict[tuple[int, ...], Fraction] = {}
    following: tuple[int, ...] | None = first
    for _ in range(len(terms) + 1):
        assert following is not None
        coefficient = left[max(left)] / (2 if root else 1)
        # Take (root + new term)² - root² off.
        for powers, other in (*root.items(), (following, coefficient / 2)):
            place = tuple(map(sum, zip(powers, following, strict=True)))
            rest = left.get(place, Fraction(0)) - 2 * coefficient * other
            if rest:
                left[place] = rest
            else:
                left.pop(place, None)
        root[following] = coefficient
        if not left:
            found = {
                tuple((name, power) for name, power in zip(names, powers, strict=True) if power): c
                for powers, c in root.items()
            }
            return factor, found
        following = tuple(power - half for power, half in zip(max(left), first, strict=True))
        if following >= min(root):
            return None
    return None
