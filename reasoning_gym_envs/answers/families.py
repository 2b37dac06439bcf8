r"""Sets that a condition describes: `\{x \in Z | 0 < x < 5\}`, `\frac{\pi}{4} + k\pi, k \in Z`.

A condition on real numbers is a region. Integers in a region with two ends are listed; other parts
of Z, N or Q are a `Part`. What a letter runs through is a `Family`: one over all integers whose
members are linear in the letter is compared by what its members are modulo their period, so that
{6k, 6k + 3} is {3k}, and {3k + 1} is {3k - 2}.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from . import regions
from .equality import Evaluated, compare, evaluated, is_constant, same_value
from .errors import TooLarge, Undecided, Unreadable
from .normal_form import Calculator
from .regions import Infinity, Piece, Region
from .rewriting import Rewriter, number, terms_of, variables
from .tree import (
    BareList,
    Call,
    Ellipsis,
    Expression,
    Negative,
    Node,
    NumberSet,
    Product,
    Quotient,
    Relation,
    Set,
    Sum,
    Tuple,
    Variable,
    Where,
    rebuild,
    substitute,
    walk,
)

MAX_LISTED = 128  # integers of a region
MAX_ROUNDED = 10_000  # size of a number that is no fraction
MAX_TRIED = 500  # size of the roots of a polynomial
MAX_DEGREE = 100
MAX_SIGNS = 32  # polynomials that bars stand for
MAX_MEMBERS = 64  # of a family in one period

INTEGER_LETTERS = frozenset("kmn")
"""Letters that run through the integers where nothing is said."""

_NAMES = frozenset("RZQNC")
_WHOLE = frozenset(("Z", "Z+", "Z0+", "Z-"))
Meaning = Callable[[Node], Node]


class Part(Node):
    """The numbers of Z, N or Q in a region; of Z, with closed ends. N begins at 0 or at 1."""

    domain: str
    region: Region


class Family(Node):
    """Members, numbers or intervals, for each number of a domain that a letter may be.

    `excluded` means every real number but these.
    """

    domain: str
    letter: str
    members: tuple[Node, ...]
    excluded: bool


class Conditional(Node):
    """Anything else under conditions: only equal to what is written alike."""

    body: Node
    conditions: tuple[Node, ...]


_INTEGERS = Part("Z", regions.LINE)
_ALL_INTEGERS = Family("Z", "k", (Evaluated(None, Variable("k")),), False)  # the same


# What a set means.


def read(node: Where, meaning: Meaning, calculator: Calculator) -> Node:
    """Bring a set that conditions describe into the form in which it can be compared."""
    try:
        return _read(node, meaning, calculator)
    except Undecided:
        conditions = tuple(meaning(condition) for condition in node.conditions)
        return Conditional(meaning(node.body), conditions)


def _read(node: Where, meaning: Meaning, calculator: Calculator) -> Node:
    domains: dict[str, Node] = {}
    conditions: list[Node] = []
    for condition in node.conditions:
        name = _member(condition)
        if name is None:
            conditions.append(condition)
        elif name in domains:
            raise Unreadable("two domains of one letter")
        else:
            assert isinstance(condition, Relation)
            domains[name] = condition.sides[1]
    items = node.body.items if isinstance(node.body, BareList) else (node.body,)
    if len(items) == 1 and isinstance(items[0], Variable) and conditions:
        letter = items[0].name
    elif not conditions and len(domains) == 1 and _bounds_letter(items, next(iter(domains))):
        letter = next(iter(domains))  # `x > 3, x \in Z`
        conditions = [item for item in items if isinstance(item, Relation)]
    elif len(items) == 1 and isinstance(items[0], Variable) and items[0].name in domains:
        return subset(_domain(domains[items[0].name], meaning), regions.LINE, calculator)
    else:
        return _family(node, items, domains, conditions, meaning, calculator)
    domain = _domain(domains.pop(letter), meaning) if letter in domains else None
    if domains:
        limits = [c for c in conditions if variables(c) <= domains.keys()]  # x = 2k, 0 < k < 4
        conditions = [c for c in conditions if c not in limits]
        if not all(letter in variables(c) for c in conditions):
            raise Undecided("a condition on another letter")
        members = _members(letter, conditions, node.body)
        family = _family(
            node, members[0], domains, limits, meaning, calculator, excluded=members[1]
        )
        if domain in (None, NumberSet("R"), regions.LINE):
            return family
        if isinstance(family, Set):
            return subset(domain, _points(family, calculator), calculator)
        raise Undecided("a family of numbers in a smaller set")
    return _filtered(letter, domain, conditions, meaning, calculator)


def _member(condition: Node) -> str | None:
    """Return the letter that a condition such as `k \\in Z` says a domain of."""
    if isinstance(condition, Relation) and condition.operators == ("in",):
        letter = condition.sides[0]
        if isinstance(letter, Variable):
            return letter.name
    return None


def _bounds_letter(items: tuple[Node, ...], letter: str) -> bool:
    return all(
        isinstance(item, Relation) and "=" not in item.operators and Variable(letter) in item.sides
        for item in items
    )


def _domain(node: Node, meaning: Meaning) -> Node:
    """Return what a letter is in: a set of numbers, or a region."""
    if isinstance(node, NumberSet):
        return node
    if isinstance(node, Variable) and node.name in _NAMES:
        return NumberSet(node.name)  # type: ignore[arg-type]
    return meaning(node)


def _filtered(
    letter: str,
    domain: Node | None,
    conditions: list[Node],
    meaning: Meaning,
    calculator: Calculator,
) -> Node:
    """Return the numbers of a domain for which conditions on them hold."""
    found: list[Region] = []
    for condition in conditions:
        if variables(condition) - {letter}:
            if len(conditions) > 1 or domain not in (None, NumberSet("R"), regions.LINE):
                raise Undecided("a condition with another letter")
            value = _value(condition, letter)
            region = meaning(condition) if value is None else Set((meaning(value),))
            if letter in variables(condition) and isinstance(region, (Region, Set)):
                return region
            raise Undecided("a condition that is not solved")
        region = meaning(_value(condition, letter) or condition)
        if isinstance(region, Evaluated):
            region = Set((region,))
        items = region.items if isinstance(region, (Set, BareList)) else ()
        points = [item for item in items if isinstance(item, Evaluated)]
        if isinstance(region, Region):
            found.append(region)
        elif points and len(points) == len(items):
            found.append(regions.points(points, calculator))
        elif isinstance(condition, Relation) and _is_whole(domain):
            found.append(_integers_with(condition, letter, calculator))
        elif len(conditions) == 1 and domain in (None, NumberSet("R"), regions.LINE):
            return region
        else:
            raise Undecided("a condition that is not solved")
    return subset(domain, regions.intersection(found, calculator), calculator)


def _is_whole(domain: Node | None) -> bool:
    return isinstance(domain, NumberSet) and domain.name in _WHOLE


def _value(condition: Node, letter: str) -> Node | None:
    """Return what `x = 3` says that x is."""
    if isinstance(condition, Relation) and condition.operators == ("=",):
        for side, other in (condition.sides, condition.sides[::-1]):
            if side == Variable(letter) and Variable(letter) not in walk(other):
                return other
    return None


def holds(condition: Node, name: Node, value: Node, calculator: Calculator) -> bool:
    """Say whether `x = 5` is in the domain that a condition gives x."""
    if not isinstance(value, Expression) or not is_constant(value):
        return False
    if not isinstance(name, Variable) or _member(condition) != name.name:
        return False
    assert isinstance(condition, Relation)
    match _domain(condition.sides[1], lambda node: node):
        case NumberSet("R" | "C"):
            return True
        case NumberSet("Z"):
            number = evaluated(value, calculator).value
            return isinstance(number, Fraction) and number.denominator == 1
    return False


def union(members: list[Family]) -> Node:
    """Join families: `x = k\\pi, k \\in Z or x = n\\pi + 1, n \\in Z`."""
    first = members[0]
    if any((m.domain, m.excluded) != (first.domain, first.excluded) for m in members):
        return BareList(tuple(members), "or")
    joined = tuple(part for family in members for part in _renamed(family, Variable(first.letter)))
    return Family(first.domain, first.letter, joined, first.excluded)


def excluded(node: Node) -> Family | None:
    """Return all real numbers but those of a family, or None where it is none."""
    if node == _INTEGERS:
        node = _ALL_INTEGERS
    if not isinstance(node, Family) or node.excluded:
        return None
    if not all(isinstance(member, Evaluated) for member in node.members):
        return None
    return Family(node.domain, node.letter, node.members, True)


def _integers_with(condition: Relation, letter: str, calculator: Calculator) -> Region:
    """Return the integers for which an inequality between polynomials, or their bars, holds."""
    if len(condition.sides) != 2:
        raise Undecided("a condition that is not solved")
    left, right = condition.sides
    if not isinstance(left, Expression) or not isinstance(right, Expression):
        raise Undecided("a condition that is not solved")
    difference = Sum((left, Negative(right)))
    polynomials = list(itertools.islice(_with_signs(difference), MAX_SIGNS))
    if len(polynomials) == MAX_SIGNS:
        raise Undecided("a condition that is not solved")
    bound = 1 + max(_root_bound(side, letter, calculator) for side in polynomials)

    def holds(place: int) -> bool:
        size = calculator.value(substitute(difference, letter, number(place)))
        if not isinstance(size, Fraction):
            raise Undecided("a condition that is not solved")
        match condition.operators[0]:
            case "<":
                return size < 0
            case "<=":
                return size <= 0
            case ">":
                return size > 0
            case ">=":
                return size >= 0
            case "!=":
                return size != 0
            case "=":
                return size == 0
        raise Undecided("a condition that is not solved")

    if holds(bound) or holds(-bound):  # beyond, no sign changes
        raise Undecided("a condition that holds for infinitely many integers")
    listed = [_integer(value) for value in range(-bound, bound + 1) if holds(value)]
    return regions.points(listed, calculator)


def _with_signs(node: Expression) -> Iterator[Expression]:
    """Yield an expression with u and with -u for each |u| in it, and every u."""
    for bars in walk(node):
        if isinstance(bars, Call) and bars.function == "abs":
            yield from _with_signs(bars.argument)
            for inside in (bars.argument, Negative(bars.argument)):
                signed = rebuild(node, lambda part: inside if part == bars else None)  # noqa: B023
                assert isinstance(signed, Expression)
                yield from _with_signs(signed)
            return
    yield node


def _root_bound(node: Expression, letter: str, calculator: Calculator) -> int:
    """Return a bound of the real roots of a polynomial (Lagrange's, as Knuth gives it)."""
    terms = terms_of(node, calculator)
    if not terms or any(power < 0 for powers in terms for _, power in powers):
        raise Undecided("a condition that is not solved")
    coefficients = {dict(powers).get(letter, 0): c for powers, c in terms.items()}
    degree = max(coefficients)
    if degree > MAX_DEGREE:
        raise Undecided("a condition that is not solved")
    sizes = [
        (abs(c / coefficients[degree]), degree - power)
        for power, c in coefficients.items()
        if power < degree
    ]
    if any(size > MAX_TRIED**steps for size, steps in sizes):
        raise Undecided("a condition that is not solved")
    return max((2 * math.ceil(float(size) ** (1 / steps) + 1) for size, steps in sizes), default=1)


def subset(domain: Node | None, region: Region, calculator: Calculator) -> Node:
    """Return the part of a domain that lies in a region."""
    if isinstance(domain, Part) and domain.domain != "N":
        region = regions.intersection([domain.region, region], calculator)
        domain = NumberSet(domain.domain)  # type: ignore[arg-type]
    if isinstance(domain, (Region, Set)):
        other = _points(domain, calculator) if isinstance(domain, Set) else domain
        found = regions.intersection([other, region], calculator)
        return found if found.pieces else Set(())
    if domain is None or domain == NumberSet("R"):
        return region if region.pieces else Set(())
    if not isinstance(domain, NumberSet) or domain.name == "C":
        raise Undecided("a domain that is not known")
    if domain.name == "Q":
        return Part("Q", region) if region.pieces else Set(())
    low = {"Z": None, "Z-": None, "Z0+": 0}.get(domain.name, 1)
    positive = Piece(
        Infinity(-1) if low is None else _integer(low),
        low is not None,
        _integer(-1) if domain.name == "Z-" else Infinity(1),
        domain.name == "Z-",
    )
    if domain.name == "N" and _contains_zero(region, calculator):
        return Part(
            "N", _whole(regions.intersection([region, Region((positive,))], calculator), calculator)
        )
    inside = regions.intersection([region, Region((positive,))], calculator)
    return _listed(_whole(inside, calculator), calculator)


def _points(numbers: Set, calculator: Calculator) -> Region:
    points = [item for item in numbers.items if isinstance(item, Evaluated)]
    if len(points) != len(numbers.items):
        raise Undecided("a set of other than numbers")
    return regions.points(points, calculator)


def _contains_zero(region: Region, calculator: Calculator) -> bool:
    return bool(
        regions.intersection([region, regions.points([_integer(0)], calculator)], calculator).pieces
    )


def _whole(region: Region, calculator: Calculator) -> Region:
    """Return the integers of a region: pieces from one to another, both of them in it.

    Neighbours are joined where no integer lies between: {1, 2} and {3} are {1, 2, 3}.
    """
    pieces: list[Piece] = []
    for piece in region.pieces:
        low = _rounded(piece.low, piece.low_closed, 1, calculator)
        high = _rounded(piece.high, piece.high_closed, -1, calculator)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            continue
        last = pieces[-1].high if pieces else None
        if isinstance(last, Evaluated) and isinstance(low, int) and last.value == low - 1:
            low, pieces = pieces[-1].low, pieces[:-1]
        ends = [_integer(end) if isinstance(end, int) else end for end in (low, high)]
        closed = [not isinstance(end, Infinity) for end in ends]
        pieces.append(Piece(ends[0], closed[0], ends[1], closed[1]))
    return Region(tuple(pieces))


def _rounded(
    end: regions.End, closed: bool, direction: int, calculator: Calculator
) -> int | regions.End:
    """Return the first integer inside of an end: upwards from a low one, downwards from a high."""
    if isinstance(end, Infinity):
        return end
    if isinstance(end.value, Fraction):
        value = direction * end.value
        first = math.ceil(value)
        return direction * (first + 1 if first == value and not closed else first)
    if not is_constant(end.expression):
        raise Undecided("integers between letters")
    guess = Evaluated(Fraction(0), number(0))
    low, high = -MAX_ROUNDED, MAX_ROUNDED
    if not compare(_integer(low), end, calculator) < 0 < compare(_integer(high), end, calculator):
        raise Undecided("integers that are too large")
    while high - low > 1:
        middle = (low + high) // 2
        guess = _integer(middle)
        order = compare(guess, end, calculator)
        if order == 0:
            return middle if closed else middle + direction
        low, high = (middle, high) if order < 0 else (low, middle)
    return high if direction > 0 else low


def _listed(region: Region, calculator: Calculator) -> Node:
    """Return integers as a set where they are few, else as a part of Z."""
    numbers: list[Node] = []
    for low, _, high, _ in region.pieces:
        if isinstance(low, Infinity) or isinstance(high, Infinity):
            return Part("Z", region)
        assert isinstance(low.value, Fraction)
        assert isinstance(high.value, Fraction)
        if len(numbers) + high.value - low.value >= MAX_LISTED:
            return Part("Z", region)
        numbers += [_integer(value) for value in range(int(low.value), int(high.value) + 1)]
    return Set(tuple(numbers))


def _integer(value: int) -> Evaluated:
    return Evaluated(Fraction(value), number(value))


# Families.


def _members(letter: str, conditions: list[Node], body: Node) -> tuple[tuple[Node, ...], bool]:
    """Return what `x = 3k` says that x is, and whether `x ≠ 3k` says that it is all but that."""
    relations = [condition for condition in conditions if isinstance(condition, Relation)]
    if len(relations) < len(conditions):
        raise Undecided("a set with several conditions")
    excluded = all(condition.operators == ("!=",) for condition in relations)
    members: list[Node] = []
    for condition in relations:
        sides = [side for side in condition.sides if side != Variable(letter)]
        if condition.operators in (("=",), ("!=",)) and len(sides) == 1:
            members += sides
        else:
            members.append(condition)
    if len(members) > 1 and not excluded:
        raise Undecided("a set with several conditions")
    return tuple(members), excluded


def _family(
    node: Where,
    items: tuple[Node, ...],
    domains: dict[str, Node],
    conditions: list[Node],
    meaning: Meaning,
    calculator: Calculator,
    *,
    excluded: bool = False,
) -> Node:
    """Return members that a letter numbers, or what has conditions of some other kind."""
    if len(domains) == 1 and all(variables(c) <= domains.keys() for c in conditions):
        ((letter, node_of_domain),) = domains.items()
        domain = _domain(node_of_domain, meaning)
        if conditions:
            domain = _filtered(letter, domain, conditions, meaning, calculator)
        if all(isinstance(item, Relation) and item.operators == ("!=",) for item in items):
            items = tuple(item.sides[1] for item in items)  # type: ignore[attr-defined]
            excluded = True
        members = tuple(_interval(meaning(item), calculator) for item in items)
        kinds = (Evaluated,) if excluded else (Evaluated, Region)
        is_numbered = any(letter in variables(item) for item in items)
        if is_numbered and all(isinstance(m, kinds) for m in members):
            found = _numbered(domain, Family("", letter, members, excluded), calculator)
            if found is not None:
                return found
    written = [meaning(condition) for condition in node.conditions]
    return Conditional(meaning(node.body), tuple(written))


def _numbered(domain: Node, family: Family, calculator: Calculator) -> Node | None:
    """Return the members that the letters of a domain number; None: it is no domain of integers."""
    if isinstance(domain, NumberSet) and domain.name not in ("Z+", "Z-"):
        return _as_part(_over(domain.name, family), calculator)
    if isinstance(domain, NumberSet):
        domain = subset(domain, regions.LINE, calculator)
    if isinstance(domain, Part) and domain.domain == "Z":
        letter = Variable(family.letter)
        match domain.region.pieces:
            case ((Infinity(), _, Infinity(), _),):
                return _as_part(_over("Z", family), calculator)
            case ((Evaluated(expression=low), _, Infinity(), _),):
                place = Sum((low, letter))
            case ((Infinity(), _, Evaluated(expression=high), _),):
                place = Sum((high, Negative(letter)))
            case _:
                return None
        return _as_part(_over("Z0+", family, place), calculator)
    if isinstance(domain, Region) and all(low == high for low, _, high, _ in domain.pieces):
        domain = Set(tuple(low for low, *_ in domain.pieces))
    if isinstance(domain, Set) and not family.excluded:
        return _listed_members(domain, family, calculator)
    return None


def _over(domain: str, family: Family, place: Expression | None = None) -> Family:
    """Return a family over a domain, with something else in place of its letter."""
    members = family.members if place is None else tuple(_renamed(family, place))
    return Family(domain, family.letter, members, family.excluded)


def _listed_members(domain: Set, family: Family, calculator: Calculator) -> Node | None:
    """Return the members at each of some numbers, where the members are numbers as well."""
    found: list[Evaluated] = []
    for item in domain.items:
        if not isinstance(item, Evaluated):
            return None
        for member in family.members:
            if not isinstance(member, Evaluated):
                return None
            value = evaluated(
                substitute(member.expression, family.letter, item.expression), calculator
            )
            if not any(same_value(value, other, calculator) for other in found):
                found.append(value)
    return Set(tuple(found))


def _as_part(family: Family, calculator: Calculator) -> Node:
    """Read `k + 4` for all k from 0 as a part of Z, and so for k from minus infinity."""
    if family.domain not in ("Z", "Z0+") or family.excluded or len(family.members) > 1:
        return family
    (member,) = family.members
    line = isinstance(member, Evaluated) and _line(member.expression, family.letter, calculator)
    if not line:
        return family
    start, step = (calculator.value(part) for part in line)
    if step not in (1, -1) or not isinstance(start, Fraction) or start.denominator != 1:
        return family
    if family.domain == "Z":
        return _INTEGERS
    end = _integer(int(start))
    ray = (
        Piece(end, True, Infinity(1), False) if step == 1 else Piece(Infinity(-1), False, end, True)
    )
    return Part("Z", Region((ray,)))


def endless(items: tuple[Node, ...], meaning: Meaning, calculator: Calculator) -> Node | None:
    """Return what `3, 5, 7, …` or `…, -1, 0, 1, …` goes on to: three terms show the step."""
    dots = [place for place, item in enumerate(items) if isinstance(item, Ellipsis)]
    if not dots or not {0, len(items) - 1}.issuperset(dots) or len(items) - len(dots) < 3:
        return None
    terms = [meaning(item) for item in items if not isinstance(item, Ellipsis)]
    numbers = [
        t.expression for t in terms if isinstance(t, Evaluated) and is_constant(t.expression)
    ]
    if len(numbers) < len(terms):
        return None
    steps = [Sum((b, Negative(a))) for a, b in itertools.pairwise(numbers)]
    try:
        if _equal(steps[0], number(0), calculator):
            return None
        if not all(_equal(steps[0], step, calculator) for step in steps[1:]):
            return None
    except Undecided:
        return None
    start, step = (numbers[-1], Negative(steps[0])) if dots == [0] else (numbers[0], steps[0])
    member = Evaluated(None, Sum((start, Product((step, Variable("k"))))))
    return _as_part(Family("Z" if len(dots) > 1 else "Z0+", "k", (member,), False), calculator)


def _interval(node: Node, calculator: Calculator) -> Node:
    """Read a pair in round brackets as an interval, as most families of pairs are."""
    if isinstance(node, Tuple) and node.brackets == "()" and len(node.items) == 2:
        low, high = node.items
        if isinstance(low, Evaluated) and isinstance(high, Evaluated):
            return regions.interval(low, False, high, False, calculator)
    return node


def as_family(node: Node) -> Node:
    """Read `πk` as a family over the integers, which its letter stands for by convention."""
    if node == _INTEGERS:
        return _ALL_INTEGERS
    items = node.items if isinstance(node, BareList) else (node,)
    letters = {
        part.name
        for item in items
        for expression in _expressions(item)
        for part in walk(expression)
        if isinstance(part, Variable) and part.name in INTEGER_LETTERS
    }
    if len(letters) != 1 or not all(isinstance(item, (Evaluated, Region)) for item in items):
        return node
    return Family("Z", letters.pop(), tuple(items), False)


def _expressions(member: Node) -> list[Expression]:
    if isinstance(member, Evaluated):
        return [member.expression]
    if not isinstance(member, Region):
        return []
    ends = [end for piece in member.pieces for end in (piece.low, piece.high)]
    return [end.expression for end in ends if isinstance(end, Evaluated)]


class _Progression(NamedTuple):
    """A number or an interval at a place modulo a period, with its length."""

    place: Expression
    length: Expression | None
    closed: tuple[bool, bool]


def same_family(first: Family, second: Family, calculator: Calculator) -> bool:
    """Say whether two families have the same members."""
    if (first.domain, first.excluded) != (second.domain, second.excluded):
        if {first.domain, second.domain} in ({"N", "Z+"}, {"N", "Z0+"}):
            raise Undecided("whether 0 is a natural number is not said")
        return False
    if first.domain == "Z":
        both = [_linear(family, calculator) for family in (first, second)]
        if both[0] is not None and both[1] is not None:
            return _same_progressions(both[0], both[1], calculator)
    fresh = Variable("letter of a family")  # no answer has it: of n, n + k is not 2n
    members, others = _renamed(first, fresh), _renamed(second, fresh)
    return len(members) == len(others) and all(
        _same_member(one, other, calculator) for one, other in zip(members, others, strict=True)
    )


def _renamed(family: Family, letter: Expression) -> list[Node]:
    """Return the members with something else in place of the letter."""

    def rename(member: Node) -> Node:
        if isinstance(member, Evaluated):
            changed = substitute(member.expression, family.letter, letter)
            return Evaluated(None, changed)
        assert isinstance(member, Region)
        pieces = []
        for low, low_closed, high, high_closed in member.pieces:
            ends = [rename(end) if isinstance(end, Evaluated) else end for end in (low, high)]
            pieces.append(Piece(ends[0], low_closed, ends[1], high_closed))  # type: ignore[arg-type]
        return Region(tuple(pieces))

    return [rename(member) for member in family.members]


def _same_member(one: Node, other: Node, calculator: Calculator) -> bool:
    pairs = list(zip(_expressions(one), _expressions(other), strict=False))
    if type(one) is not type(other) or len(_expressions(one)) != len(_expressions(other)):
        return False
    if isinstance(one, Region) and isinstance(other, Region):
        shapes = [[(p.low_closed, p.high_closed) for p in r.pieces] for r in (one, other)]
        if shapes[0] != shapes[1]:
            return False
    return all(
        same_value(evaluated(a, calculator), evaluated(b, calculator), calculator) for a, b in pairs
    )


def _linear(family: Family, calculator: Calculator) -> list[tuple[_Progression, Expression]] | None:
    """Return the members as places and slopes, where they are linear in the letter."""
    found: list[tuple[_Progression, Expression]] = []
    for member in family.members:
        if isinstance(member, Evaluated):
            for expression in _without_signs(member.expression, family.letter, calculator):
                line = _line(expression, family.letter, calculator)
                if line is None:
                    return None
                found.append((_Progression(line[0], None, (True, True)), line[1]))
            continue
        assert isinstance(member, Region)
        for low, low_closed, high, high_closed in member.pieces:
            if not isinstance(low, Evaluated) or not isinstance(high, Evaluated):
                return None
            lines = [_line(end.expression, family.letter, calculator) for end in (low, high)]
            if lines[0] is None or lines[1] is None:
                return None
            if not _equal(lines[0][1], lines[1][1], calculator):
                return None
            length = Sum((lines[1][0], Negative(lines[0][0])))
            closed = (low_closed, high_closed)
            found.append((_Progression(lines[0][0], length, closed), lines[0][1]))
    return found


def _without_signs(expression: Expression, letter: str, calculator: Calculator) -> list[Expression]:
    """Write (-1)^k and the like out, for even and odd letters."""
    if _line(expression, letter, calculator) is not None:
        return [expression]
    double = Product((number(2), Variable(letter)))
    rewriter = Rewriter(frozenset((letter,)), calculator)
    return [
        rewriter(substitute(expression, letter, value))
        for value in (double, Sum((double, number(1))))
    ]


def _line(
    expression: Expression, letter: str, calculator: Calculator
) -> tuple[Expression, Expression] | None:
    """Return a and b of a + b·letter."""
    start, following = (substitute(expression, letter, number(value)) for value in (0, 1))
    slope = Sum((following, Negative(start)))
    line = Sum((start, Product((slope, Variable(letter)))))
    try:
        if not _equal(expression, line, calculator) or _equal(slope, number(0), calculator):
            return None
    except (Undecided, Unreadable):
        return None
    return start, slope


def _equal(a: Expression, b: Expression, calculator: Calculator) -> bool:
    return same_value(evaluated(a, calculator), evaluated(b, calculator), calculator)


def _same_progressions(
    first: list[tuple[_Progression, Expression]],
    second: list[tuple[_Progression, Expression]],
    calculator: Calculator,
) -> bool:
    unit = first[0][1]
    ratios = []
    for _, slope in (*first, *second):
        ratio = calculator.value(Quotient(slope, unit))
        if not isinstance(ratio, Fraction):
            return False
        ratios.append(abs(ratio))
    scale = math.lcm(*(ratio.denominator for ratio in ratios))
    steps = [int(ratio * scale) for ratio in ratios]
    common = math.lcm(*steps)
    period = Product((unit, number(Fraction(common, scale))))
    sides = []
    for members, sizes in ((first, steps[: len(first)]), (second, steps[len(first) :])):
        if sum(common // size for size in sizes) > MAX_MEMBERS:
            raise TooLarge("a family with too many members")
        sides.append(
            [
                _Progression(
                    Quotient(Sum((member.place, Product((number(place), slope)))), period),
                    member.length,
                    member.closed,
                )
                for (member, slope), size in zip(members, sizes, strict=True)
                for place in range(common // size)
            ]
        )
    return all(
        any(_is_same_place(one, other, calculator) for other in others)
        for members, others in (sides, sides[::-1])
        for one in members
    )


def _is_same_place(one: _Progression, other: _Progression, calculator: Calculator) -> bool:
    if one.closed != other.closed or (one.length is None) != (other.length is None):
        return False
    lengths = one.length or number(0), other.length or number(0)
    if not _equal(*lengths, calculator):
        return False
    distance = Sum((one.place, Negative(other.place)))
    value = calculator.value(distance)
    if isinstance(value, Fraction):
        return value.denominator == 1
    if value.is_transparent() or not is_constant(distance):
        return False
    whole = _rounded(evaluated(distance, calculator), True, 1, calculator)
    return isinstance(whole, int) and any(
        _equal(distance, number(near), calculator) for near in (whole, whole - 1)
    )
