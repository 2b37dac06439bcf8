r"""Deciding equality where a function has kinks or jumps: |x|, max, min, ⌊x⌋ and ⌈x⌉.

What agrees at random points may still differ: 1 + max(0, 1/10 - |x - 77|) is 1 nearly everywhere,
and ⌊n/2⌋ + 1 is ⌈n/2⌉ at every odd n. So points only refute here. Agreement is shown by cases,
each of which leaves no kink and no jump:

- A letter that stands for an integer is written as 2n and 2n + 1, or by the residues of another
  number, until what is rounded is an integer and a rest.
- Where linear functions of a real x are rounded, x is a number of periods and a part of one, and
  that part is one of the jumps or lies between two of them.
- |u| is u or -u. Where all that can change sign is a polynomial in one letter, its roots are
  isolated (`real_roots.py`), and each interval between them is a case; else all signs are cases.

What is neither shown nor refuted is undecided.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import NamedTuple

from . import numeric, real_roots
from .equality import evaluated, same_form
from .errors import AnswerError, Undecided, Unreadable
from .linear import Row, is_feasible
from .normal_form import Calculator, Value
from .numeric import Point
from .rewriting import (
    CIRCULAR,
    PART,
    Integers,
    Rewriter,
    Terms,
    is_kink,
    is_never_negative,
    number,
    terms_of,
    variables,
)
from .tree import (
    Call,
    Constant,
    Expression,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Variable,
    rebuild,
    substitute,
    walk,
)

INTEGER_LETTERS = frozenset("kmn")
"""Letters that stand for integers in a reference that rounds them, or has them in (-1)^n."""

MAX_CASES = 64
MAX_DEPTH = 6
POINTS_A_CELL = 3
NODES_A_STEP = 2  # of a tree: a function with kinks is written anew for every point
SMALL_INTEGERS = (*range(-3, 18), 24, 31, 32, 33, 63, 64, 65, 99, 100, 101, 1000, 1023, 1024)

_TWO = number(2)
_SMOOTH = frozenset(("sin", "cos", "exp", "sinh", "cosh", "tanh", "arctan", "arcsinh"))
_SINGLE_VALUED = CIRCULAR | {"exp", "sinh", "cosh", "tanh", "factorial", "floor", "abs"}
_UNDECIDED = "whether the answer is equal cannot be decided"


def integer_letters(reference: Expression) -> Integers:
    """Return the letters that a reference takes for integers.

    >>> from reasoning_gym_envs.answers.parser import parse_answer
    >>> [set(integer_letters(parse_answer(text))) for text in ("(-1)^n x", r"⌊x/2⌋", "n/2")]
    [{'n'}, set(), set()]
    """
    found: set[str] = set()
    for part in walk(reference):
        match part:
            case Call("floor" | "ceil", argument):
                found |= variables(argument)
            case Power(Negative(Number(value)), exponent) if value == 1:
                found |= variables(exponent)
            case Call(name, argument) if name in CIRCULAR and Constant("pi") in walk(argument):
                found |= variables(argument)
    return frozenset(name for name in found if name.partition("_")[0] in INTEGER_LETTERS)


def are_equal(a: Expression, b: Expression, calculator: Calculator) -> bool:
    """Say whether an expression is equal to a reference `a` wherever both are defined.

    Raises:
        Undecided: neither can be shown within the bounds.
        TooLarge: the numbers are too large to compute with.
    """
    comparison = _Comparison(calculator)
    integers = integer_letters(a)
    if integers or has_kinks(a, b):
        return comparison.decide(a, b, integers, MAX_DEPTH)
    return comparison.same_smooth(a, b)


class _Case(NamedTuple):
    """What stands in place of a letter, and of what is rounded."""

    name: str
    value: Expression
    integers: Integers
    replaced: dict[Node, Expression]

    def apply(self, node: Expression) -> Expression:
        if self.replaced:
            replaced = rebuild(node, self.replaced.get)
            assert isinstance(replaced, Expression)
            node = replaced
        return substitute(node, self.name, self.value)


class _Comparison:
    def __init__(self, calculator: Calculator) -> None:
        self.calculator = calculator
        self.cases_left = MAX_CASES

    def decide(self, a: Expression, b: Expression, integers: Integers, depth: int) -> bool:
        rewriter = Rewriter(integers, self.calculator)
        a, b = rewriter(a), rewriter(b)
        integers &= variables(a, b)
        kinked = has_kinks(a, b)
        if self._same_form(a, b):
            return True
        if not kinked and self.same_smooth(a, b):
            return True
        if not kinked and not integers:
            return False
        with suppress(Undecided):
            return self._decide_by_cases(a, b, integers, depth)
        if self._is_refuted(a, b, integers):
            return False
        raise Undecided(_UNDECIDED)

    def _decide_by_cases(
        self, a: Expression, b: Expression, integers: Integers, depth: int
    ) -> bool:
        cases = self._integer_cases(a, b, integers) or self._period_cases(a, b, integers)
        if cases and depth:
            return self._in_all_cases(cases, a, b, depth)
        if has_kinks(a, b) and not _steps(a, b):
            return self._decide_signs(a, b)
        raise Undecided(_UNDECIDED)

    def _same_form(self, a: Expression, b: Expression) -> bool | None:
        first, second = (evaluated(side, self.calculator) for side in (a, b))
        return same_form(first, second, self.calculator)

    def same_smooth(self, a: Expression, b: Expression) -> bool:
        """Compare two expressions without bars and steps: their roots and logarithms have ends."""
        decided = self._same_form(a, b)
        if decided is not None:
            return decided
        points: list[Point] = []
        if _has_branches(a, b):
            a, b = _spread_out(a, b)
        if len(variables(a, b)) == 1 and _has_branches(a, b):
            critical = self.critical_polynomial(a, b)
            if critical is not None and len(critical) > 1:
                (name,) = variables(a, b)
                cells = real_roots.cells(critical, self.calculator.numeric_budget)
                points = [{name: x} for cell in cells for x in points_in(cell, f"{a}{b}")]
        return numeric.are_equal(a, b, self.calculator.numeric_budget, points)

    def _in_all_cases(self, cases: list[_Case], a: Expression, b: Expression, depth: int) -> bool:
        """Compare in every case; one that differs refutes, even where another is undecided."""
        self.cases_left -= len(cases)
        if self.cases_left < 0:
            raise Undecided(_UNDECIDED)
        agrees, is_decided = False, True
        for case in cases:
            try:
                if not self.decide(case.apply(a), case.apply(b), case.integers, depth - 1):
                    return False
                agrees = True
            except Undecided:
                is_decided = False
            except Unreadable:  # one of them has no value here, such as 1/x at 0
                continue
        if not (agrees and is_decided):
            raise Undecided(_UNDECIDED)
        return True

    # Refuting.

    def _is_refuted(self, a: Expression, b: Expression, integers: Integers) -> bool:
        """Say whether two expressions differ at a point: at integers, or on either side of them."""
        budget = self.calculator.numeric_budget
        names = sorted(variables(a, b) - integers)
        draw = random.Random(f"{a}{b}")
        points = numeric.draw_points(names, a, b) if names else [{}]
        if not integers and numeric.differ_at(a, b, points, budget):
            return True
        if not integers and not _steps(a, b):
            return False
        size = sum(1 for side in (a, b) for _ in walk(side))
        for value in SMALL_INTEGERS:
            budget.spend(1 + size // NODES_A_STEP)
            sides = [a, b]
            for name in integers:
                near = value if len(integers) == 1 else value + draw.randrange(-3, 4)
                sides = [substitute(side, name, number(near)) for side in sides]
            if integers:
                points = [{name: points[0][name] for name in names}]
            else:
                sides_of = (0, Fraction(1, 2**20), -Fraction(1, 2**20))
                points = [dict.fromkeys(names, value + Fraction(side)) for side in sides_of]
            if numeric.differ_at(sides[0], sides[1], points, budget):
                return True
        return False

    # Jumps.

    def _integer_cases(self, a: Expression, b: Expression, integers: Integers) -> list[_Case]:
        """Return the residues of a letter that would make what is rounded an integer."""
        if not integers:
            return []
        for terms in self._rounded_terms(a, b):
            for name in sorted(integers):
                modulus = math.lcm(
                    *(c.denominator for powers, c in terms.items() if name in dict(powers))
                )
                if modulus > 1:
                    residues = range(min(modulus, MAX_CASES + 1))
                    multiple = Product((number(modulus), Variable(name)))
                    return [
                        _Case(name, Sum((multiple, number(rest))), integers, {})
                        for rest in residues
                    ]
        return []

    def _rounded_terms(self, a: Expression, b: Expression) -> Iterator[Terms]:
        """Yield what is rounded, and the angles in parts of π."""
        for side in (a, b):
            for part in walk(side):
                if not isinstance(part, Call):
                    continue
                argument = part.argument
                if part.function in CIRCULAR:
                    argument = Quotient(argument, Constant("pi"))
                elif part.function != "floor":
                    continue
                terms = terms_of(argument, self.calculator)
                if terms:
                    yield terms

    def _period_cases(self, a: Expression, b: Expression, integers: Integers) -> list[_Case]:
        """Return the jumps of rounded linear functions of one letter, and what is between."""
        rounded: dict[Call, tuple[Fraction, Fraction]] = {}
        name = ""
        for part in _steps(a, b):
            terms = terms_of(part.argument, self.calculator)
            if terms is None:  # it has a step inside, which comes first
                if _steps(part.argument):
                    continue
                return []
            slopes = {powers: c for powers, c in terms.items() if powers}
            if len(slopes) != 1:
                return []
            ((powers, slope),) = slopes.items()
            if len(powers) != 1 or powers[0][1] != 1 or powers[0][0] in integers:
                return []
            name = name or powers[0][0]
            if powers[0][0] == name:
                rounded[part] = slope, terms.get((), Fraction(0))
        if not rounded:
            return []
        period = math.lcm(*(slope.denominator for slope, _ in rounded.values()))
        if sum(abs(slope) * period for slope, _ in rounded.values()) > MAX_CASES:
            return []
        jumps = {Fraction(0), Fraction(period)}
        for slope, constant in rounded.values():
            ends = sorted((constant, constant + slope * period))
            wholes = range(math.ceil(ends[0]), math.floor(ends[1]) + 1)
            jumps |= {(whole - constant) / slope for whole in wholes}
        whole, between = f"periods of {name}", f"{PART}{name}"
        periods = Product((number(period), Variable(whole)))

        def case(at: Fraction, value: Expression) -> _Case:
            replaced: dict[Node, Expression] = {
                step: Sum(
                    (
                        Product((number(slope * period), Variable(whole))),
                        number(math.floor(slope * at + constant)),
                    )
                )
                for step, (slope, constant) in rounded.items()
            }
            return _Case(name, Sum((periods, value)), integers | {whole}, replaced)

        cases = []
        for low, high in itertools.pairwise(sorted(jumps)):
            inside = Sum((number(low), Product((number(high - low), Variable(between)))))
            cases += [case(low, number(low)), case((low + high) / 2, inside)]
        return cases

    # Kinks.

    def _decide_signs(self, a: Expression, b: Expression) -> bool:
        a, b = _spread_out(a, b)
        names = variables(a, b)
        if is_never_negative(a) and is_never_negative(b):
            squares = _square(a), _square(b)
            if not has_kinks(*squares):
                # The shape tells of real roots alone; points tell of others: of √x² where x < 0.
                return self.same_smooth(*squares) and not self._is_refuted(a, b, frozenset())
        critical = self.critical_polynomial(a, b) if len(names) == 1 else None
        if critical is not None:
            return self._agree_in_cells(a, b, critical)
        self._agree_for_all_signs(a, b, [])
        return True

    def critical_polynomial(self, a: Expression, b: Expression) -> list[int] | None:
        """Return a polynomial that is zero wherever a kink, a pole or an end of the domain is."""
        found: list[list[int]] = []
        try:
            arguments = [part for side in (a, b) for part in _critical(side, MAX_DEPTH)]
            for argument in dict.fromkeys(arguments):
                found += (p for p in self._polynomials(argument) if p not in found)
        except Undecided:
            return None
        total = [1]
        for polynomial in found:
            total = real_roots.product(total, polynomial)
        return total

    def _polynomials(self, argument: Expression) -> Iterator[list[int]]:
        """Yield polynomials in one letter that have the zeros and the poles of an expression."""
        argument = _with_same_zeros(argument)
        terms = terms_of(argument, self.calculator)
        if terms is None and isinstance(argument, (Quotient, Product)):
            parts = vars(argument).values() if isinstance(argument, Quotient) else argument.factors
            for part in parts:
                yield from self._polynomials(part)
            return
        if terms is None and isinstance(argument, Negative):
            terms = terms_of(argument.operand, self.calculator)
        if terms is None:
            top, bottom = self._fraction(argument)
            yield top
            yield bottom
            return
        if terms:
            yield _coefficients(terms)

    def _fraction(self, argument: Expression) -> tuple[list[int], list[int]]:
        value = self.calculator.value(argument)
        if isinstance(value, Fraction) or not value.has_only_variables():
            raise Undecided(_UNDECIDED)
        sides = []
        for polynomial in (value.numerator, value.denominator):
            terms: Terms = {}
            for monomial, coefficient in polynomial.items():
                if any(Fraction(power).denominator != 1 for _, power in monomial):
                    raise Undecided(_UNDECIDED)
                terms[tuple((g[1], int(power)) for g, power in monomial)] = coefficient
            sides.append(_coefficients(terms))
        return sides[0], sides[1]

    def _agree_in_cells(self, a: Expression, b: Expression, critical: list[int]) -> bool:
        """Compare inside of every interval in which nothing changes sign."""
        (name,) = variables(a, b)
        budget = self.calculator.numeric_budget
        agrees = False
        for cell in real_roots.cells(critical, budget):
            points: list[Point] = [{name: x} for x in points_in(cell, f"{a}{b}")]
            decided = self._agree_exactly(a, b, points[0])
            if decided is not None:
                agrees = True
                if not decided:
                    return False
                continue
            found = numeric.compare_at(a, b, points, budget)
            if False in found:
                return False
            if True in found:
                agrees = agrees or found.count(True) > 1
            elif not numeric.are_undefined(a, b, points, budget):
                raise Undecided(_UNDECIDED)
        if not agrees:
            raise Undecided(_UNDECIDED)
        return True

    def _agree_exactly(self, a: Expression, b: Expression, point: Point) -> bool | None:
        """Compare as rational functions, with the signs that there are around a point, or None."""
        with suppress(AnswerError):
            sides = [self._without_bars(side, point) for side in (a, b)]
            values = [self.calculator.value(side) for side in sides if side is not None]
            if len(values) == 2 and all(map(_is_rational_function, values)):
                return self.calculator.equal(*values)
        return None

    def _without_bars(self, node: Expression, point: Point) -> Expression | None:
        """Write |u| as u or -u, as it is at a point, or return None where that is not known."""
        if _has_branches(node):
            return None
        ((name, place),) = point.items()
        while (bars := next(_bars(node), None)) is not None:
            size = self.calculator.value(substitute(bars.argument, name, number(place)))
            if not isinstance(size, Fraction) or not size:
                return None
            inside = bars.argument if size > 0 else Negative(bars.argument)
            node = _with(node, bars, inside)
        return node

    def _agree_for_all_signs(self, a: Expression, b: Expression, signs: list[Row]) -> None:
        """Compare with every sign of what stands between bars, or raise `Undecided`."""
        bars = next((part for part in _bars(a, b)), None)
        if bars is None:
            self.cases_left -= 1
            if self.cases_left < 0:
                raise Undecided(_UNDECIDED)
            if not self.same_smooth(a, b) and is_feasible(signs):
                raise Undecided(_UNDECIDED)
            return
        row = self._linear(bars.argument)
        for sign in (1, -1):
            inside = bars.argument if sign > 0 else Negative(bars.argument)
            signed = {name: sign * coefficient for name, coefficient in row.items()}
            known = [*signs, signed] if row else signs
            rewriter = Rewriter(frozenset(), self.calculator)
            self._agree_for_all_signs(
                rewriter(_with(a, bars, inside)), rewriter(_with(b, bars, inside)), known
            )

    def _linear(self, argument: Expression) -> Row:
        """Return an expression as a linear form, or nothing."""
        terms = terms_of(argument, self.calculator) or {}
        if any(len(powers) > 1 or (powers and powers[0][1] != 1) for powers in terms):
            return {}
        return {powers[0][0] if powers else "": c for powers, c in terms.items()}


def _is_rational_function(value: Value) -> bool:
    return isinstance(value, Fraction) or value.has_only_variables()


def points_in(cell: tuple[Fraction | None, Fraction | None], seed: str) -> list[Fraction]:
    """Return random points of an interval."""
    low, high = cell
    draw = random.Random(seed)
    points = []
    for place in range(POINTS_A_CELL):
        part = (1 + Fraction(draw.getrandbits(32), 2**32)) / 2  # from a half to 1
        if low is None or high is None:
            size = part * 8**place
            points.append(size if low is high else low + size if low is not None else high - size)
        else:
            points.append(low + (high - low) * (part if place % 2 else 1 - part))
    if low is high:
        points += [-point for point in points]
    return points


def has_kinks(*nodes: Expression) -> bool:
    """Say whether a function of real variables in some expressions has a kink or a jump."""
    return any(is_kink(part) for node in nodes for part in walk(node))


def _steps(*nodes: Expression) -> list[Call]:
    return [
        part
        for node in nodes
        for part in walk(node)
        if isinstance(part, Call) and part.function == "floor" and is_kink(part)
    ]


def _bars(*nodes: Expression) -> Iterator[Call]:
    """Yield the absolute values that have no other inside."""
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Call) and part.function == "abs" and is_kink(part):
                yield from _bars(part.argument) if has_kinks(part.argument) else (part,)


def _has_branches(*nodes: Expression) -> bool:
    """Say whether there are roots, logarithms or arcs, which have ends or may change branches."""
    return any(
        isinstance(part, Root)
        or (isinstance(part, Call) and part.function not in _SINGLE_VALUED)
        or (isinstance(part, Power) and bool(variables(part.base)) and not _is_whole(part.exponent))
        for node in nodes
        for part in walk(node)
    )


def _spread_out(*nodes: Expression) -> list[Expression]:
    """Write a letter between 0 and 1 with one that may be any number."""
    spread = list(nodes)
    for name in variables(*nodes):
        if name.startswith(PART):
            square = Power(Variable(name), _TWO)
            value = Quotient(square, Sum((number(1), square)))
            spread = [substitute(node, name, value) for node in spread]
    return spread


def _is_whole(node: Expression) -> bool:
    node = node.operand if isinstance(node, Negative) else node
    return isinstance(node, Number) and node.value.denominator == 1


def _square(node: Expression) -> Expression:
    """Return the square of an expression that is nowhere negative, with fewer roots and bars."""
    match node:
        case Product(factors):
            return Product(tuple(map(_square, factors)))
        case Quotient(above, below):
            return Quotient(_square(above), _square(below))
        case Root(radicand, index) if index == _TWO:
            return radicand
        case Call("abs", argument):
            return Power(argument, _TWO)
    return Power(node, _TWO)


def _with(node: Expression, part: Expression, new: Expression) -> Expression:
    """Return an expression with another one in place of a part."""
    replaced = rebuild(node, lambda inner: new if inner == part else None)
    assert isinstance(replaced, Expression)
    return replaced


def _critical(node: Expression, depth: int) -> Iterator[Expression]:
    """Yield what has to change sign, or be infinite, where an expression is not analytic."""
    bars = next(_bars(node), None)
    if bars is not None:
        if not depth:
            raise Undecided(_UNDECIDED)
        yield bars.argument
        for inside in (bars.argument, Negative(bars.argument)):
            yield from _critical(_with(node, bars, inside), depth - 1)
        return
    for part in walk(node):
        if not isinstance(part, Expression) or not variables(part):
            continue
        match part:
            case Quotient(_, below):
                if variables(below):
                    yield below
            case Root(radicand):
                yield radicand
            case Power(base, exponent):
                if variables(base) and not (_is_whole(exponent) and isinstance(exponent, Number)):
                    yield base
            case Call("ln" | "log", argument, base):
                if base is not None and variables(base):
                    raise Undecided(_UNDECIDED)
                yield argument
            case Call("arcsin" | "arccos", argument):
                yield Sum((argument, number(1)))
                yield Sum((argument, number(-1)))
            case Call(name) if name not in _SMOOTH:
                raise Undecided(_UNDECIDED)
            case Sum() | Product() | Negative() | Variable() | Call():
                pass
            case _:
                raise Undecided(_UNDECIDED)


def _with_same_zeros(node: Expression) -> Expression:
    """Return a simpler expression that is zero where another is: u for e^u - 1, u - 1 for ln u."""
    match node:
        case Negative(operand):
            return _with_same_zeros(operand)
        case Call("ln" | "log", argument, base) if base is None or not variables(base):
            return Sum((argument, number(-1)))
        case Call("sinh" | "tanh" | "arctan" | "arcsin" | "arcsinh", argument):
            return _with_same_zeros(argument)
        case Sum((first, Negative(second))):
            exponents = [_exponent(side) for side in (first, second)]
            if exponents[0] is not None and exponents[1] is not None:
                return Sum((exponents[0], Negative(exponents[1])))
    return node


def _exponent(node: Expression) -> Expression | None:
    """Return u of e^u."""
    match node:
        case Number(value) if value == 1:
            return number(0)
        case Constant("e"):
            return number(1)
        case Power(Constant("e"), exponent) | Call("exp", exponent):
            return exponent
    return None


def _coefficients(terms: Terms) -> list[int]:
    """Return a polynomial in one letter as a list, times a number and a power of the letter."""
    powers = {dict(key).popitem()[1] if key else 0: c for key, c in terms.items()}
    lowest = min(0, *powers)
    scale = math.lcm(*(c.denominator for c in powers.values()))
    listed = [0] * (max(powers) - lowest + 1)
    for power, coefficient in powers.items():
        listed[power - lowest] = int(coefficient * scale)
    while not listed[-1]:
        listed.pop()
    content = math.gcd(*listed)
    if listed[-1] < 0:
        content = -content
    listed = [coefficient // content for coefficient in listed]
    # A pole of the letter itself is a root as well.
    return [0, *listed] if lowest < 0 else listed
