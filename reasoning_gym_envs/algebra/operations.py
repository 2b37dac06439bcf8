"""Every operation that may be done to an equation, most of them of no use.

What a textbook would do is among them (:mod:`~reasoning_gym_envs.algebra.rewriting`), and so is
adding, subtracting, multiplying and dividing by the numbers of the equation and those beside them.
All keep the solutions. They work on the first case that is not solved yet; in a system, on the
first equation that has something to be done on its own, or else on the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor, gcd, lcm
from typing import NamedTuple

from reasoning_gym_envs.algebra.rewriting import (
    ADD,
    LARGEST_MULTIPLE,
    SUBTRACT,
    SWAP,
    first_unsolved,
    focus_of,
    moves,
    multiplied,
    sum_or_difference,
)
from reasoning_gym_envs.algebra.solution_sets import Facts
from reasoning_gym_envs.algebra.statements import (
    Case,
    Equation,
    Key,
    Statement,
    Term,
    collected,
    flat_terms,
    number,
    term,
)
from reasoning_gym_envs.answers.tree import (
    Expression,
    Negative,
    Number,
    Product,
    Quotient,
    Sum,
    walk,
)

START_AGAIN = "start again"
MULTIPLES = range(2, 7)
"""What an equation of a system is multiplied by."""
SMALL = (1, 2, 3, 5)
"""What is added, multiplied by and so on where the equation has few numbers."""

Operation = Callable[[], Statement]


class Bounds(NamedTuple):
    """How large the numbers of an equation may get, or as large as its largest is already.

    Args:
        number: the largest number that stands alone.
        coefficient: the largest multiple of x or y, or of a bracket.
        square: the largest multiple of x².
        denominator: the largest common denominator.
    """

    number: int
    coefficient: int
    square: int
    denominator: int

    def of(self, key: Key | None) -> int:
        """The largest multiple of what a term is a multiple of; None is a bracket."""
        if key == ():
            return self.number
        return self.square if key and key[-1] == 2 else self.coefficient


@lru_cache(maxsize=4096)
def operations(
    statement: Statement, given: Statement, facts: Facts, bounds: Bounds
) -> dict[str, Operation]:
    """Every command that may be given, and what it leads to: at most sixty.

    Args:
        statement: where the solution stands.
        given: where it began, and can begin again.
        facts: of the equation given.
        bounds: no number gets larger by an operation of no use.
    """
    found: dict[str, Operation] = dict(moves(statement, facts))
    at = first_unsolved(statement) or 0
    case = statement[at]
    focus = focus_of(case) if len(case) > 1 else 0

    def put(which: int, change: Callable[[], Equation]) -> Operation:
        def changed() -> Statement:
            after = (*case[:which], change(), *case[which + 1 :])
            return (*statement[:at], after, *statement[at + 1 :])

        return changed

    for command, change in _on_both_sides(case[focus or 0], facts, bounds, focus is None):
        found.setdefault(command, put(focus or 0, change))
    if focus is None:
        for command, which, change in _on_a_system(case, bounds):
            found.setdefault(command, put(which, change))
    if statement != given:
        found[START_AGAIN] = lambda: given
    return found


def _on_both_sides(
    equation: Equation, facts: Facts, bounds: Bounds, is_system: bool
) -> Iterator[tuple[str, Callable[[], Equation]]]:
    """The operations on both sides of an equation; fewer where a system has others beside."""
    sides = _Side.of(equation.left), _Side.of(equation.right)
    plain = [abs(c).numerator for side in sides for c, key in side.terms if not key]
    written = [int(n.value) for side in equation for n in walk(side) if isinstance(n, Number)]
    numbers = [n for n in dict.fromkeys([*plain, *written, *SMALL]) if n]
    beside = [near for n in numbers for near in (n, n - 1, n + 1) if near]
    added: list[tuple[Key, list[int]]] = [
        ((), list(dict.fromkeys(beside))[: 8 if is_system else 12])
    ]
    squares = {key for side in sides for _, key in side.terms if key and key[-1] == 2}
    keys: list[Key] = [*((name, 1) for name in facts.unknowns), *sorted(squares)]
    multiples = [n for n in dict.fromkeys([1, *written, *SMALL]) if 0 < n <= bounds.coefficient]
    added += [(key, sorted(multiples[: 6 // len(keys)])) for key in keys]
    for key, sizes in added:
        low, high = _room(sides, key, bounds)
        name = "" if not key else f"{key[0]}^2" if key[1] == 2 else key[0]
        for size in sizes:
            text = f"{size if size > 1 or not name else ''}{name}"
            if size <= high:
                yield f"add {text} to both sides", _adder(sides, size, key)
            if -size >= low:
                yield f"subtract {text} from both sides", _adder(sides, -size, key)
    parts = [each for side in sides for each in side.parts()]
    factors = sorted(n for n in numbers if n <= bounds.denominator)
    for n in factors[: 4 if is_system else 6]:
        if _is_small(parts, 1, n, bounds):
            for by in (n, -n) if n > 1 else (-n,):
                yield f"divide both sides by {by}", _scaler(sides, Fraction(1, by))
        if n > 1 and not is_system and _is_small(parts, n, 1, bounds):
            yield f"multiply both sides by {n}", _scaler(sides, Fraction(n))
    yield SWAP, lambda: Equation(equation.right, equation.left)


def _on_a_system(case: Case, bounds: Bounds) -> Iterator[tuple[str, int, Callable[[], Equation]]]:
    """The operations on the equations of a system, and which of the two each changes."""

    def is_small(equation: Equation, by: int = 1) -> bool:
        terms = [each for side in equation for each in flat_terms(side) or []]
        return all(abs(c) * by <= (LARGEST_MULTIPLE if key else bounds.number) for c, key in terms)

    for which, name in enumerate(("first", "second")):
        for by in MULTIPLES:
            if is_small(case[which], by):
                yield f"multiply the {name} equation by {by}", which, _multiplier(case, which, by)
    for command, sign in ((ADD, 1), (SUBTRACT, -1)):
        after = sum_or_difference(case, sign)
        if is_small(after):
            yield command, 0, lambda after=after: after  # type: ignore[misc]


def _multiplier(case: Case, which: int, by: int) -> Callable[[], Equation]:
    return lambda: multiplied(case[which], by)


def _adder(sides: tuple[_Side, _Side], size: int, key: Key) -> Callable[[], Equation]:
    return lambda: Equation(*(side.plus((Fraction(size), key)) for side in sides))


def _scaler(sides: tuple[_Side, _Side], by: Fraction) -> Callable[[], Equation]:
    return lambda: Equation(*(side.times(by) for side in sides))


def _room(sides: tuple[_Side, _Side], key: Key, bounds: Bounds) -> tuple[int, int]:
    """The least and the most that may be added of what a term is a multiple of."""
    have = [next((c for c, other in side.terms if other == key), Fraction(0)) for side in sides]
    most = max(Fraction(bounds.of(key)), *(abs(c) for c in have))
    return ceil(-most - min(have)), floor(most - max(have))


def _is_small(
    parts: list[tuple[Fraction, Key | None]], above: int, below: int, bounds: Bounds
) -> bool:
    """Whether an equation of some parts may be multiplied by a fraction."""
    denominators = [c.denominator * below // gcd(c.numerator * above, below) for c, _ in parts]
    if lcm(*denominators) > bounds.denominator:
        return False
    return above == 1 or all(
        abs(c.numerator) * above <= c.denominator * bounds.of(key) for c, key in parts
    )


class _Side(NamedTuple):
    """A side of an equation: what has brackets or unknowns below, with a factor; and plain terms.

    Args:
        others: a factor and what it is a factor of, such as 2 and x + 1 for 2(x + 1).
        terms: the terms without brackets, collected.
    """

    others: tuple[tuple[Fraction, Expression], ...]
    terms: tuple[Term, ...]

    @classmethod
    def of(cls, node: Expression) -> _Side:
        """The parts of a side."""
        others: list[tuple[Fraction, Expression]] = []
        terms: list[Term] = []
        for part in node.terms if isinstance(node, Sum) else (node,):
            flat = flat_terms(part)
            if flat is None:
                others.append(_factor_of(part))
            else:
                terms += flat
        return cls(tuple(others), tuple(collected(terms)))

    def parts(self) -> list[tuple[Fraction, Key | None]]:
        """The numbers in front, and what they are multiples of: None for brackets."""
        return [*((c, None) for c, _ in self.others), *self.terms]

    def plus(self, each: Term) -> Expression:
        """The side with a term added, and plain terms collected."""
        return self._replace(terms=tuple(collected([*self.terms, each]))).written()

    def times(self, by: Fraction) -> Expression:
        """The side multiplied, term by term."""
        return _Side(
            tuple((c * by, node) for c, node in self.others),
            tuple((c * by, key) for c, key in self.terms),
        ).written()

    def written(self) -> Expression:
        """The side as one expression."""
        nodes = [_with_factor(*other) for other in self.others]
        nodes += [term(*each) for each in self.terms]
        return Sum(tuple(nodes)) if len(nodes) > 1 else nodes[0] if nodes else number(0)


def _factor_of(node: Expression) -> tuple[Fraction, Expression]:
    """The numbers in front of and below an expression, and the rest of it."""
    if isinstance(node, Negative):
        factor, rest = _factor_of(node.operand)
        return -factor, rest
    if isinstance(node, Quotient) and isinstance(node.denominator, Number):
        factor, rest = _factor_of(node.numerator)
        return factor / node.denominator.value, rest
    if isinstance(node, Quotient):
        factor, rest = _factor_of(node.numerator)
        return factor, Quotient(rest, node.denominator)
    if isinstance(node, Product) and isinstance(node.factors[0], Number):
        others = node.factors[1:]
        return node.factors[0].value, others[0] if len(others) == 1 else Product(others)
    if isinstance(node, Number):
        return node.value, number(1)
    return Fraction(1), node


def _with_factor(factor: Fraction, node: Expression) -> Expression:
    if factor < 0:
        return Negative(_with_factor(-factor, node))
    if isinstance(node, Quotient):  # 2/(x - 3), not 2(1/(x - 3))
        top = _with_factor(Fraction(factor.numerator), node.numerator)
        below = node.denominator
        if factor.denominator > 1:
            below = Product((number(factor.denominator), below))
        return Quotient(top, below)
    if factor.numerator != 1:
        if node == number(1):
            node = number(factor.numerator)
        else:
            rest = node.factors if isinstance(node, Product) else (node,)
            node = Product((number(factor.numerator), *rest))
    return node if factor.denominator == 1 else Quotient(node, number(factor.denominator))
