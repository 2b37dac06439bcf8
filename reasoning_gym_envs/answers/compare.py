r"""Whether two trees are the same answer.

A tree is first brought into a form that says what it means: the name in `x = 5` is taken off, `±`
becomes two elements, an inequality the interval that it describes, an expression its value. Then
the reference's type decides how the two are compared.
"""

from __future__ import annotations

import itertools
import math
import re
import string
import unicodedata
from fractions import Fraction
from typing import NamedTuple

from . import families, regions, units
from .equality import (
    Evaluated,
    evaluated,
    is_approximation,
    is_close,
    is_constant,
    same_form,
    same_value,
    sign_of_ratio,
)
from .errors import Undecided, Unreadable
from .families import Conditional, Family, Part
from .normal_form import Calculator, RationalFunction, Value
from .regions import Infinity, Piece, Region
from .rewriting import number
from .tree import (
    OTHERWISE,
    Application,
    BareList,
    BasedNumber,
    Binomial,
    Call,
    Congruence,
    Constant,
    Date,
    Degrees,
    Difference,
    Ellipsis,
    Expression,
    Intersection,
    Interval,
    Matrix,
    Negative,
    Node,
    Number,
    NumberSet,
    Percent,
    PlusMinus,
    Product,
    Quantity,
    Quotient,
    Ratio,
    Relation,
    Set,
    Sum,
    Text,
    Time,
    Tuple,
    Union,
    Variable,
    Where,
    is_infinite,
    rebuild,
    substitute,
    walk,
)

MAX_ELEMENTS = 128  # of a list with dots
_GREEK = re.findall(
    r"\w+",
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma "
    "tau upsilon phi chi psi omega",
)
_PAIRS = frozenset((("m", "b"), ("m", "c"), ("n", "k"), ("r", "theta"), ("rho", "theta", "phi")))
"""Names that stand in this order, though not in that of the alphabet."""

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_INEQUALITIES = frozenset(("<", ">", "<=", ">=", "!="))
_RADIAN = units.WORDS["rad"]
_TEMPERATURES = (units.WORDS["°C"], units.WORDS["°F"])


class Answer(NamedTuple):
    """What an answer means: a name or several, if it gives any, and what they name.

    `body` is what is named as it was written, `meaning` the same with values in it.
    """

    name: Node | None
    meaning: Node
    body: Node


class Measured(Node):
    """A number with its unit; one in parts, such as 5 ft 6 in, says nothing without them."""

    amount: Evaluated
    unit: units.Unit
    in_parts: bool = False


class Named(Node):
    """Values that each have a name of their own: `x = 1, y = 2`."""

    names: tuple[Node, ...]
    items: tuple[Node, ...]


class Residue(Node):
    """A number modulo another one, reduced."""

    residue: Fraction
    modulus: Fraction


class Equation(Node):
    """Two sides that are equal, as their difference."""

    difference: Evaluated


class Inequality(Node):
    """A difference that is less than 0, at most 0, or not 0."""

    operator: str
    difference: Evaluated


class Chain(Node):
    """Any other relation: `f(2) < f(1) < f(4)`."""

    operators: tuple[str, ...]
    sides: tuple[Node, ...]


# What an answer means.


def read(node: Node, calculator: Calculator) -> Answer:
    """Bring an answer into the form in which it can be compared."""
    if isinstance(node, Expression):
        kinds = set(map(type, walk(node)))
        if PlusMinus not in kinds:
            if Degrees not in kinds and not is_infinite(node):
                return Answer(None, evaluated(node, calculator), node)
            return Answer(None, _meaning(node, calculator), node)
    name, body = without_name(expand_signs(node), calculator)
    meaning = _meaning(body, calculator)
    if name is None and _are_regions(meaning):
        name = _bounded_name(body)
    return Answer(name, meaning, body)


def _are_regions(meaning: Node) -> bool:
    parts = meaning.items if isinstance(meaning, BareList) else (meaning,)
    return all(isinstance(part, Region) for part in parts)


def _bounded_name(node: Node) -> Node | None:
    """Return what an inequality, or a list of them, speaks of: the x of `x > 3`, if it is one."""
    if isinstance(node, BareList):
        found = {_bounded_name(item) for item in node.items}
        return found.pop() if len(found) == 1 else None
    if not isinstance(node, Relation):
        return None
    names = {side for side in node.sides if is_name(side)}
    names = names or {part for part in walk(node) if isinstance(part, Variable)}
    return names.pop() if len(names) == 1 else None


def expand_signs(node: Node) -> Node:
    r"""Write `a \pm b` as the two answers that it stands for.

    >>> from reasoning_gym_envs.answers.parser import parse_answer
    >>> expand_signs(parse_answer(r"\pm 2")) == parse_answer("2 or -2")
    True
    """
    if not any(isinstance(part, PlusMinus) for part in walk(node)):
        return node
    if isinstance(node, Where):
        return Where(expand_signs(node.body), node.conditions)
    if isinstance(node, (Set, BareList)):
        items: list[Node] = []
        for item in node.items:
            expanded = expand_signs(item)
            items += expanded.items if isinstance(expanded, BareList) else (expanded,)
        return Set(tuple(items)) if isinstance(node, Set) else BareList(tuple(items), node.joined)

    def choose(sign: int) -> Node:
        def change(part: Node) -> Node | None:
            if not isinstance(part, PlusMinus):
                return None
            operand = rebuild(part.operand, change)
            assert isinstance(operand, Expression)
            return operand if part.sign == sign else Negative(operand)

        return rebuild(node, change)

    return BareList((choose(1), choose(-1)), "or")


def without_name(node: Node, calculator: Calculator) -> tuple[Node | None, Node]:
    """Take the name off `x = 5`, `5 = x`, `x ∈ S`, `(x, y) = (1, 2)`, `x = 1 or x = 2`."""
    node = _without_approximation(node, calculator)
    if isinstance(node, BareList):
        return _list_without_name(node, calculator)
    if isinstance(node, Where):
        name, body = without_name(node.body, calculator)
        if name is None:
            return None, node
        if all(families.holds(condition, name, body, calculator) for condition in node.conditions):
            return name, body  # `x = 5, x \in R`
        return name, Where(body, node.conditions)
    if not isinstance(node, Relation) or len(node.sides) != 2:
        return None, node
    left, right = node.sides
    if node.operators[0] not in ("=", "in") and not (
        node.operators[0] == "≡" and isinstance(right, Congruence)
    ):
        return None, node
    if _names(left, right):
        if node.operators[0] != "in" or not isinstance(right, Expression):
            return _in_order(left, right)
    elif node.operators[0] == "=" and _names(right, left):
        return right, left
    return None, node


def _in_order(name: Node, body: Node) -> tuple[Node, Node]:
    """Return `(y, x) = (1, 2)` as `(x, y) = (2, 1)`."""
    if not isinstance(name, Tuple) or not isinstance(body, Tuple):
        return name, body
    items = _alphabetical(name.items, body.items)
    return Tuple(_alphabetical(name.items, name.items)), Tuple(items, body.brackets)


def _alphabetical(names: tuple[Node, ...], items: tuple[Node, ...]) -> tuple[Node, ...]:
    """Put items in the order of their names where that is known: x, y, z, or x_1, x_2, x_10."""
    order = _order(names)
    return items if order is None else tuple(items[place] for place in order)


def _order(names: tuple[Node, ...]) -> list[int] | None:
    """Return the places of names in their order, or None where it is not known."""
    written = [name.name if isinstance(name, Variable) else "" for name in names]
    parts = [name.partition("_") for name in written]
    if len({(letter, *index[len(index.rstrip("'")) :]) for letter, _, index in parts}) == 1:
        numbers = [index.rstrip("'") for _, _, index in parts]
        if all(index.isdecimal() for index in numbers):
            return sorted(range(len(names)), key=lambda place: int(numbers[place]))
        return None
    for row in (string.ascii_lowercase, string.ascii_uppercase, _GREEK):
        places = [row.index(name) if name in row else -1 for name in written]
        if -1 in places or (row is not _GREEK and "" in written):
            continue
        first = min(places)
        if sorted(places) == list(range(first, first + len(places))) or places == sorted(places):
            return sorted(range(len(names)), key=places.__getitem__)
    return list(range(len(names))) if tuple(written) in _PAIRS else None


def _list_without_name(node: BareList, calculator: Calculator) -> tuple[Node | None, Node]:
    parts = [without_name(item, calculator) for item in node.items]
    names = [name for name, _ in parts]
    bodies = tuple(body for _, body in parts)
    first = names[0]
    if first is None:
        return None, BareList(bodies, node.joined) if not any(names) else node
    speaks_of_it = all(
        _bounded_name(body) == first for body in bodies[1:] if isinstance(body, Relation)
    )
    if all(name == first for name in names) or (not any(names[1:]) and speaks_of_it):
        return first, BareList(bodies, "or" if node.joined == "," else node.joined)
    if None not in names and len(set(names)) == len(names) and node.joined != "or":
        return None, Named(tuple(name for name in names if name), bodies)
    return None, node


def _without_approximation(node: Node, calculator: Calculator) -> Node:
    r"""Check and drop the decimal of `\sqrt{2} \approx 1.41`."""
    if not isinstance(node, Relation) or "≈" not in node.operators:
        return node
    if node.operators.index("≈") != len(node.operators) - 1:
        raise Unreadable("more than one approximation")
    exact, written = node.sides[-2:]
    number = written.amount if isinstance(written, Quantity) else written
    if is_name(exact) and len(node.sides) == 2 and isinstance(number, Number):
        return Relation(("=",), node.sides)
    if isinstance(written, Quantity) and isinstance(exact, Expression):
        exact = Quantity(exact, written.unit)  # `40/3 ≈ 13.33 cm`
    if not _is_approximated(exact, written, calculator):
        raise Unreadable("an approximation that does not hold")
    if len(node.sides) == 2:
        return exact
    return Relation(node.operators[:-1], (*node.sides[:-2], exact))


def _is_approximated(exact: Node, written: Node, calculator: Calculator) -> bool:
    """Say whether a decimal, perhaps with a unit, is another number rounded or cut off."""
    if isinstance(exact, Quantity):
        if isinstance(written, Quantity) and written.unit != exact.unit:
            return False
        exact = exact.amount
    if isinstance(written, Quantity):
        written = written.amount
    if isinstance(written, Number) and written.written == "integer":  # `100π ≈ 314`
        written = Number(written.value, "decimal", len(str(written.value)))
    return (
        isinstance(exact, Expression)
        and isinstance(written, Expression)
        and is_close(evaluated(written, calculator), evaluated(exact, calculator), calculator)
    )


def _names(name: Node, body: Node) -> bool:
    """Say whether one side of an equation names the other, and does not occur in it."""
    if isinstance(name, Tuple):
        return (
            isinstance(body, Tuple)
            and len(body.items) == len(name.items) == len(set(name.items))
            and all(isinstance(item, Variable) for item in name.items)
            and not _share_variables(name, body)
        )
    if isinstance(body, Variable) and isinstance(name, Variable):
        return False  # `B = A` names no value
    return is_name(name) and not _share_variables(_named_letter(name), body)


def _named_letter(name: Node) -> Node:
    """Return the part of a name that may not occur in what it names: f of f(x), y of dy/dx."""
    if isinstance(name, Quotient) and _is_derivative(name.numerator, name.denominator):
        assert isinstance(name.numerator, Product)
        return name.numerator.factors[1]
    return name.function if isinstance(name, Application) else name


def _share_variables(first: Node, second: Node) -> bool:
    variables = {part for part in walk(first) if isinstance(part, Variable)}
    return any(part in variables for part in walk(second) if isinstance(part, Variable))


def is_name(node: Node) -> bool:
    r"""Say whether a node only names something: `x`, `f(x)`, `|AB|`, `\frac{AB}{CD}`, `A : B`."""
    match node:
        case Variable(name):
            return name not in ("bar z", "overline z", "bar w", "overline w")  # conjugates
        case Application(function, arguments):
            if len(function.name) > 1 and function.name[1] not in "_'⁻":
                return False
            return function.name[0] in "fgFG" or (
                function.name[0] in "hpqPQTSVNCRuvy"
                and all(isinstance(part, (Number, Variable, Negative)) for part in arguments)
                and function not in arguments
            )
        case Product():
            return _is_segment(node)
        case Call("abs", Variable(name)):
            return " " in name  # the length of a vector; |x| = 5 does not say what x is
        case Call("abs", argument):
            return _is_segment(argument)
        case Quotient(first, second):
            return (_is_segment(first) and _is_segment(second)) or _is_derivative(first, second)
        case Ratio(parts):
            return all(is_name(part) for part in parts)
    return False


def _is_derivative(first: Node, second: Node) -> bool:
    """Say whether a quotient is dy/dx."""
    return all(
        isinstance(part, Product)
        and len(part.factors) == 2
        and part.factors[0] == Variable("d")
        and isinstance(part.factors[1], Variable)
        for part in (first, second)
    )


def _is_segment(node: Node) -> bool:
    """Say whether a node is a figure's name, such as AB or ABC."""
    return (
        isinstance(node, Product)
        and len(node.factors) in (2, 3)
        and all(
            isinstance(part, Variable) and part.name.isupper() and part.name.isalpha()
            for part in node.factors
        )
    )


def _meaning(node: Node, calculator: Calculator) -> Node:
    """Put a value, or what can be compared, in place of every part."""
    if isinstance(node, Expression):
        return _number(node, calculator)

    def meanings(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(_meaning(inner, calculator) for inner in nodes)

    match node:
        case Quantity(amount, unit, in_parts):
            if isinstance(amount, Degrees):
                if unit not in _TEMPERATURES:  # "5 degrees per second"
                    unit = units.product(unit, units.DEGREE)
                amount = amount.operand
            number = evaluated(amount, calculator)
            return Measured(number, unit, in_parts) if unit.dimension else number
        case Tuple(items, brackets):
            return Tuple(meanings(_without_dots(items)), brackets)
        case BareList(items, "and") if _are_cases(items):
            return _cases(items, calculator)
        case Set(items) | BareList(items, ",") if (
            endless := families.endless(items, lambda part: _meaning(part, calculator), calculator)
        ) is not None:
            return endless
        case BareList(items, joined):
            items = _without_dots(items)
            relations = [item for item in items if isinstance(item, Relation)]
            if len(set(map(_bounded_name, relations))) > 1:
                return _of_several_names(node, items, calculator)
            if joined != ",":  # `x > 3 or x = 3`
                items = tuple(without_name(item, calculator)[1] for item in items)
            parts = tuple(_meaning_of_element(item, calculator) for item in items)
            if joined != "," and any(isinstance(part, Region) for part in parts):
                together = regions.union if joined == "or" else regions.intersection
                return together([_region(part, calculator) for part in parts], calculator)
            if all(isinstance(part, Family) for part in parts):
                return families.union([part for part in parts if isinstance(part, Family)])
            return BareList(parts, joined)
        case Named(names, items):
            return Named(names, meanings(items))
        case Set(items):
            return Set(meanings(_without_dots(items)))
        case Interval(low, high, low_closed, high_closed):
            return regions.interval(
                _end(low, calculator), low_closed, _end(high, calculator), high_closed, calculator
            )
        case NumberSet():
            return families.subset(node, regions.LINE, calculator) if node.name != "C" else node
        case Where():
            return families.read(node, lambda part: _meaning(part, calculator), calculator)
        case Union(parts) | Intersection(parts) | Difference(parts):
            return _set_operation(node, meanings(parts), calculator)
        case Matrix(rows):
            return Matrix(tuple(meanings(row) for row in rows))
        case Ratio(parts):
            return Ratio(meanings(parts))
        case Congruence(residue, modulus):
            numbers = [evaluated(part, calculator).value for part in (residue, modulus)]
            if not all(isinstance(number, Fraction) for number in numbers) or not numbers[1]:
                raise Undecided("a congruence of something other than numbers")
            return Residue(numbers[0] % numbers[1], numbers[1])  # type: ignore[operator,arg-type]
        case Relation():
            return _relation(node, calculator)
        case Text(words):
            return Text(_folded(words))
    return node


def _of_several_names(node: BareList, items: tuple[Node, ...], calculator: Calculator) -> Node:
    """Read relations of several names: each region of `x > 3, y < 1` keeps its own."""
    parts = tuple(_meaning_of_element(item, calculator) for item in items)
    bounded = [
        _bounded_name(item) if isinstance(part, Region) else None
        for item, part in zip(items, parts, strict=True)
    ]
    found = tuple(name for name in bounded if name is not None)
    if len(found) == len(parts) == len(set(found)) and node.joined != "or":
        return Named(found, parts)
    named = (
        part if name is None else Tuple((_meaning(name, calculator), part))
        for name, part in zip(bounded, parts, strict=True)
    )
    return BareList(tuple(named), node.joined)


def _folded(words: str) -> str:
    """Return words in small letters; a look-alike of a letter stays what it is."""
    composed = unicodedata.normalize("NFC", words)
    return composed.casefold() if unicodedata.normalize("NFKC", words) == composed else composed


def _number(node: Expression, calculator: Calculator) -> Node:
    if is_infinite(node):
        return Infinity(-1 if isinstance(node, Negative) else 1)
    angle = without_degrees(node)
    if angle is not None:
        return Measured(evaluated(angle, calculator), units.DEGREE)
    return evaluated(node, calculator)


def without_degrees(node: Expression) -> Expression | None:
    """Return how many degrees an angle has, or None where an expression is not in degrees."""
    match node:
        case Degrees(operand):
            return operand
        case Negative(operand):
            inside = without_degrees(operand)
            return inside and Negative(inside)
        case Sum(terms):
            angles = [without_degrees(term) for term in terms]
            if all(angles):
                return Sum(tuple(angle for angle in angles if angle))
    return None


def without_percent(node: Node) -> Node | None:
    """Return the numbers of `75%`, or of a list of such; None where one has no percent sign."""
    match node:
        case Percent(operand):
            return operand
        case Negative(operand):
            inside = without_percent(operand)
            return Negative(inside) if isinstance(inside, Expression) else None
        case Relation(("=",), (name, percent)) if is_name(name):
            inside = without_percent(percent)
            return inside and Relation(("=",), (name, inside))
        case BareList(items) | Set(items) | Tuple(items):
            bare = {item: without_percent(item) for item in items}
            return rebuild(node, bare.get) if items and all(bare.values()) else None
        case Interval(low, high):
            bare = {end: without_percent(end) for end in (low, high)}
            return rebuild(node, bare.get) if all(bare.values()) else None
    return None


def _are_cases(items: tuple[Node, ...]) -> bool:
    """Say whether items are values with their conditions: `x, x >= 0` and `-x, otherwise`."""
    return all(
        isinstance(item, Tuple)
        and len(item.items) == 2
        and (isinstance(item.items[1], Relation) or item.items[1] == OTHERWISE)
        for item in items
    )


def _cases(items: tuple[Node, ...], calculator: Calculator) -> BareList:
    """Put a name and its region in place of a condition; `otherwise` is what the others leave."""
    cases: list[tuple[Node, Node]] = []
    letters: set[Node | None] = set()
    for value, condition in (item.items for item in items if isinstance(item, Tuple)):
        original = condition
        if isinstance(condition, Relation) and condition.operators == ("=",):
            name, body = without_name(condition, calculator)
            if isinstance(name, Variable) and isinstance(body, Expression) and is_constant(body):
                condition = Set((body,))
        meaning = _meaning(condition, calculator)
        if isinstance(meaning, Set):
            meaning = _region(meaning, calculator)
        if isinstance(meaning, Region):
            letters.add(_bounded_name(original))
        cases.append((_meaning(value, calculator), meaning))
    found = [condition for _, condition in cases if isinstance(condition, Region)]
    if not found or len(letters) > 1:
        return BareList(tuple(Tuple(case) for case in cases), "and")
    letter = letters.pop()
    if not isinstance(letter, Expression):
        raise Undecided("conditions of several letters")
    if [condition for _, condition in cases if condition not in found] == [OTHERWISE]:
        rest = regions.complement(regions.union(found, calculator), calculator)
        cases = [(value, rest if c == OTHERWISE else c) for value, c in cases]
    named = (Tuple((*case, evaluated(letter, calculator))) for case in cases)
    return BareList(tuple(named), "and")


def _meaning_of_element(node: Node, calculator: Calculator) -> Node:
    """Read an element of a list: a list inside it is a solution such as `x = 1, y = 2`."""
    if isinstance(node, BareList):
        name, body = without_name(node, calculator)
        if name is None and isinstance(body, Named):
            return Tuple(_meaning(Tuple(body.items), calculator).items)  # type: ignore[attr-defined]
        if node.joined == ",":
            return _meaning(Tuple(node.items), calculator)
    return _meaning(node, calculator)


def _without_dots(items: tuple[Node, ...]) -> tuple[Node, ...]:
    """Write out `1, 2, …, 10` where the elements are integers with equal differences."""
    if not any(isinstance(item, Ellipsis) for item in items):
        return items
    place = items.index(Ellipsis())
    numbers = list(map(_integer, items))
    before, after = numbers[:place], numbers[place + 1 :]
    if not before or not after or None in (*before, after[0]):
        return items
    last, first = before[-1], after[0]
    assert last is not None
    assert first is not None
    step = last - before[-2] if place > 1 and before[-2] is not None else 1
    if not step or (first - last) % step or not 0 < (first - last) // step <= MAX_ELEMENTS:
        return items
    if any(b is None or a is None or b - a != step for a, b in itertools.pairwise(before)):
        return items
    between = map(number, range(last + step, first, step))
    return (*items[:place], *between, *items[place + 1 :])


def _integer(node: Node) -> int | None:
    """Return an integer that is written out, perhaps with a sign."""
    size = node.operand if isinstance(node, Negative) else node
    if not isinstance(size, Number) or size.written != "integer":
        return None
    return -size.value.numerator if size is not node else size.value.numerator


# Regions and relations.


def _end(node: Node, calculator: Calculator) -> regions.End:
    meaning = _meaning(node, calculator)
    if isinstance(meaning, (Evaluated, Infinity)):
        return meaning
    raise Unreadable("an interval between things that are not numbers")


def _set_operation(node: Node, parts: tuple[Node, ...], calculator: Calculator) -> Node:
    """Work out a union, an intersection or a difference, where its parts can be ordered."""
    if isinstance(node, Difference) and parts[0] == regions.LINE:
        family = families.excluded(parts[1])
        if family is not None:
            return family
    try:
        domain = _common_domain(node, parts)
        found = [
            part.region if isinstance(part, Part) else _region(part, calculator) for part in parts
        ]
        if isinstance(node, Union):
            region = regions.union(found, calculator)
        elif isinstance(node, Intersection):
            region = regions.intersection(found, calculator)
        else:
            others = regions.complement(found[1], calculator)
            region = regions.intersection([found[0], others], calculator)
        return families.subset(domain, region, calculator) if domain else region
    except Undecided:
        return type(node)(parts)


def _common_domain(node: Node, parts: tuple[Node, ...]) -> NumberSet | None:
    """Return Z or Q where what comes of an operation on sets is a part of it; None: a region."""
    domains = {part.domain for part in parts if isinstance(part, Part)}
    if not domains:
        return None
    if len(domains) > 1 or "N" in domains:
        raise Undecided("parts of different sets")
    if isinstance(node, Difference) and not isinstance(parts[0], Part):
        raise Undecided("a set without a part of Z or Q")
    if isinstance(node, Union):  # what is added must be in the domain, too
        items = [i for part in parts if isinstance(part, Set) for i in part.items]
        if domains != {"Z"} or not all(isinstance(part, (Part, Set)) for part in parts):
            raise Undecided("a union with a part of Z or Q")
        if not all(isinstance(i, Evaluated) and _is_integer(i.value) for i in items):
            raise Undecided("a union with a part of Z")
    return NumberSet(domains.pop())  # type: ignore[arg-type]


def _is_integer(value: Value | None) -> bool:
    return isinstance(value, Fraction) and value.denominator == 1


def _region(node: Node, calculator: Calculator) -> Region:
    """Read a set of numbers as a region."""
    if isinstance(node, Region):
        return node
    if isinstance(node, Evaluated):
        return regions.points([node], calculator)
    if isinstance(node, Set) and all(isinstance(item, Evaluated) for item in node.items):
        ends = [item for item in node.items if isinstance(item, Evaluated)]
        return regions.points(ends, calculator)
    if isinstance(node, Tuple) and node.brackets == "()" and len(node.items) == 2:
        low, high = node.items
        if isinstance(low, (Evaluated, Infinity)) and isinstance(high, (Evaluated, Infinity)):
            return regions.interval(low, False, high, False, calculator)
    raise Undecided("a set that is not made of intervals and points")


def _relation(node: Relation, calculator: Calculator) -> Node:
    """Read an equation, or an inequality: as a region if it says where a name lies."""
    if node.operators == ("=",):
        left, right = node.sides
        if isinstance(left, Expression) and isinstance(right, Expression):
            return Equation(evaluated(Sum((left, Negative(right))), calculator))
    elif set(node.operators) <= _INEQUALITIES:
        region = _bounds(node, calculator)
        if region is not None:
            return region
        left, right = node.sides[0], node.sides[-1]
        if len(node.sides) == 2 and isinstance(left, Expression) and isinstance(right, Expression):
            operator = node.operators[0]
            if operator in (">", ">="):
                operator, left, right = _FLIPPED[operator], right, left
            return Inequality(operator, evaluated(Sum((left, Negative(right))), calculator))
    return Chain(node.operators, tuple(_meaning(side, calculator) for side in node.sides))


def _bounds(node: Relation, calculator: Calculator) -> Region | None:
    """Return the region of `x > 3`, `1 <= x < 2`, `2x < 6`, or None."""
    names = [side for side in node.sides if is_name(side)]
    others = [side for side in node.sides if not is_name(side)]
    if len(node.sides) == 2 and len(names) != 1:
        return _linear_bound(node, calculator)
    if len(names) != 1 or any(_share_variables(names[0], other) for other in others):
        return _linear_bound(node, calculator)
    place = node.sides.index(names[0])
    if len(node.sides) == 2:
        operator = node.operators[0] if place == 0 else _flipped(node.operators[0])
        return _ray(operator, _end(others[0], calculator))
    if len(node.sides) == 3 and place == 1 and "!=" not in node.operators:
        first, second = node.operators
        if (first[0] == "<") != (second[0] == "<"):
            return None
        low, high = (_end(side, calculator) for side in others)
        if first[0] == ">":
            low, high, first, second = high, low, second, first
        return regions.interval(low, first.endswith("="), high, second.endswith("="), calculator)
    return None


def _linear_bound(node: Relation, calculator: Calculator) -> Region | None:
    """Solve an inequality that is linear in its only variable."""
    if len(node.sides) != 2:
        return None
    left, right = node.sides
    if not isinstance(left, Expression) or not isinstance(right, Expression):
        return None
    value = evaluated(Sum((left, Negative(right))), calculator).value
    if not isinstance(value, RationalFunction) or len(value.denominator) != 1:
        return None
    terms = {tuple(monomial): factor for monomial, factor in value.numerator.items()}
    constant = terms.pop((), Fraction(0))
    if len(terms) != 1:
        return None
    ((powers, slope),) = terms.items()
    if len(powers) != 1 or powers[0][0][0] != "variable" or powers[0][1] != 1:
        return None
    ((denominator_monomial, denominator),) = value.denominator.items()
    if denominator_monomial:
        return None
    operator = node.operators[0]
    bound = Number(-constant / slope, "integer")
    if slope / denominator < 0:
        operator = _flipped(operator)
    return _ray(operator, Evaluated(bound.value, bound))


def _flipped(operator: str) -> str:
    return _FLIPPED.get(operator, operator)


def _ray(operator: str, end: regions.End) -> Region | None:
    if isinstance(end, Infinity):
        return None
    if operator == "!=":
        return Region(
            (Piece(Infinity(-1), False, end, False), Piece(end, False, Infinity(1), False))
        )
    closed = operator.endswith("=")
    if operator[0] == "<":
        return Region((Piece(Infinity(-1), False, end, closed),))
    return Region((Piece(end, closed, Infinity(1), False),))


# Comparing.


def same_answer(reference: Answer, response: Answer, calculator: Calculator) -> bool | None:
    """Say whether two answers are the same; None: they are of different kinds.

    Raises:
        Undecided: that cannot be shown within the bounds.
    """
    for named, other in ((reference, response), (response, reference)):
        if not isinstance(named.meaning, Named) or other.name is None:
            continue
        if isinstance(other.name, Tuple):  # `a = 1, b = 2` is not `(x, y) = (1, 2)`
            if set(named.meaning.names) != set(other.name.items):
                return False
        elif _are_regions(other.meaning):  # nor is `x > 3, y < 5` what `x > 3, x < 5` is
            return False
    response = _with_arguments_of(reference, response, calculator)
    if reference.name is not None and response.name is not None:
        if reference.name != response.name and not _is_function(reference.name, response.name):
            first, second = _equation(reference, calculator), _equation(response, calculator)
            return bool(first and second and same_meaning(first, second, calculator))
    elif isinstance(response.meaning, Equation) and reference.name is not None:
        equation = _equation(reference, calculator)
        return same_meaning(equation, response.meaning, calculator) if equation else None
    elif isinstance(reference.meaning, Equation) and response.name is not None:
        equation = _equation(response, calculator)
        return same_meaning(reference.meaning, equation, calculator) if equation else None
    return same_meaning(reference.meaning, response.meaning, calculator)


def _with_arguments_of(reference: Answer, response: Answer, calculator: Calculator) -> Answer:
    """Write `f(t) = 2t` as `f(x) = 2x` where the reference is of f(x)."""
    match reference.name, response.name, response.body:
        case (
            Application(function, (Variable() as new,)),
            Application(other, (Variable(old),)),
            Expression() as body,
        ) if function == other and new not in walk(body):
            body = substitute(body, old, new)
            return Answer(reference.name, evaluated(body, calculator), body)
    return response


def _is_function(first: Node, second: Node) -> bool:
    """Say whether one name is y and the other f(x)."""
    return any(
        one == Variable("y") and isinstance(other, Application)
        for one, other in ((first, second), (second, first))
    )


def _equation(answer: Answer, calculator: Calculator) -> Equation | None:
    """Return `y = 1 - x` as an equation that may also be written `x + y = 1`; not `x = 2`."""
    name, meaning, _ = answer
    if not isinstance(name, Expression) or not isinstance(meaning, Evaluated):
        return None
    if is_constant(meaning.expression):
        return None
    return Equation(evaluated(Sum((name, Negative(meaning.expression))), calculator))


def same_meaning(reference: Node, response: Node, calculator: Calculator) -> bool | None:
    """Say whether two meanings are the same; None: they are of different kinds."""
    if isinstance(reference, (Evaluated, Measured)) and isinstance(response, (Evaluated, Measured)):
        return _same_number(reference, response, calculator)
    if isinstance(reference, Family) or isinstance(response, Family):
        return _same_family(reference, response, calculator)
    if isinstance(reference, Evaluated) and isinstance(response, (Tuple, Matrix)):
        if isinstance(reference.expression, Binomial) and reference.value not in (0, None):
            return None  # a number, such as 45, and no column
        return _same_as_vector(reference, response, calculator)
    if isinstance(response, Evaluated) and isinstance(reference, (Tuple, Matrix)):
        return _same_as_vector(response, reference, calculator)
    if isinstance(reference, (Evaluated, Measured)):
        if isinstance(response, Time) and not response.half:
            response = Ratio(_parts(response))
        if isinstance(response, Ratio) and len(response.parts) == 2:
            response = _quotient(response, calculator)
        if isinstance(response, (Evaluated, Measured)):
            return _same_number(reference, response, calculator)
        return None
    if isinstance(reference, Conditional):
        return _same_conditional(reference, response, calculator)
    if isinstance(reference, Part) or isinstance(response, Part):
        return _same_part(reference, response, calculator)
    if isinstance(reference, Region) or isinstance(response, Region):
        return _same_region(reference, response, calculator)
    match reference, response:
        case (Infinity(), Infinity()):
            return reference == response
        case (Text(words), Text(others)):
            return words == others
        case ((Set(items) | BareList(items)), (Set(others) | BareList(others))):
            if Ellipsis() in items:  # {1, 2, …} is not {…, 1, 2}
                return _same_in_order(items, others, calculator)
            return _same_in_any_order(items, others, calculator)
        case (BareList(items, joined), Tuple(others, "()")) | (
            Tuple(items, "()"),
            BareList(others, joined),
        ):
            return _same_in_order(items, others, calculator) if joined != "or" else None
        case (Tuple(items, brackets), Tuple(others, other_brackets)):
            return brackets == other_brackets and _same_in_order(items, others, calculator)
        case (Named(), Named()):
            given = dict(zip(response.names, response.items, strict=True))
            return given.keys() == set(reference.names) and all(
                same_meaning(item, given[name], calculator)
                for name, item in zip(reference.names, reference.items, strict=True)
            )
        case ((Set(items) | BareList(items)), Named(names, others)) if _are_indexed(names):
            return _same_in_any_order(items, others, calculator)
        case (Named(names, items), (Tuple(others, "()") | BareList(others, "," | "and"))):
            return _same_in_order(_alphabetical(names, items), others, calculator)
        case ((Tuple(items, "()") | BareList(items)), Named(names, others)):
            if _order(names) is None and _same_in_any_order(items, others, calculator):
                raise Undecided("the order of the names is not known")
            return _same_in_order(items, _alphabetical(names, others), calculator)
        case (Matrix(rows), Matrix(others)):
            return len(rows) == len(others) and all(
                _same_in_order(row, other, calculator)
                for row, other in zip(rows, others, strict=True)
            )
        case (Matrix(rows), Tuple(items, brackets)) | (Tuple(items, brackets), Matrix(rows)):
            return _same_vector(rows, items, brackets, calculator)
        case (Ratio(parts), Ratio(others)):
            return _same_ratio(parts, others, calculator)
        case (Ratio(parts), Evaluated()) if len(parts) == 2:
            return same_meaning(_quotient(reference, calculator), response, calculator)
        case (Ratio(parts), Time()):  # 10:15 for 2:3
            return not response.half and _same_ratio(parts, _parts(response), calculator)
        case (Time(), Ratio(parts)):
            return _same_as_time(reference, parts, calculator)
        case (Time(), Evaluated(expression=Quotient(Number(), Number()))):
            ratio = _parts(reference)  # 2:15 may be a ratio, and 2/15 is no time
            if reference.half or math.gcd(*reference.numbers) != 1 or len(ratio) != 2:
                return None
            return same_meaning(Ratio(ratio), response, calculator)
        case (Time(), Time()):
            return _same_time(reference, response)
        case (Date(day, month, year), Date(other_day, other_month, other_year)):
            return (day, month, year) == (other_day, other_month, year and other_year)
        case (Equation(first), Equation(second)):
            return _same_up_to_factor(first, second, "=", calculator)
        case (Inequality(operator, first), Inequality(other, second)):
            return operator == other and _same_up_to_factor(first, second, operator, calculator)
        case (Chain(operators, sides), Chain(others, other_sides)):
            return (operators == others and _same_in_order(sides, other_sides, calculator)) or (
                operators == tuple(map(_flipped, reversed(others)))
                and "in" not in operators
                and _same_in_order(sides, other_sides[::-1], calculator)
            )
        case (Union(parts), Union(others)) | (Intersection(parts), Intersection(others)):
            return _same_in_any_order(parts, others, calculator)
        case (Difference(parts), Difference(others)):
            return _same_in_order(parts, others, calculator)
        case (NumberSet(), NumberSet()) | (Residue(), Residue()) | (Ellipsis(), Ellipsis()):
            return reference == response
    return None


def is_based(node: Expression) -> bool:
    """Say whether a number is written in another base, perhaps with a sign."""
    return isinstance(node.operand if isinstance(node, Negative) else node, BasedNumber)


def _are_indexed(names: tuple[Node, ...]) -> bool:
    """Say whether names are x_1, x_2, …, so that their order means nothing."""
    letters = {name.name.partition("_")[0] for name in names if isinstance(name, Variable)}
    return len(letters) == 1


def _same_number(
    reference: Evaluated | Measured, response: Evaluated | Measured, calculator: Calculator
) -> bool | None:
    first, first_unit = _amount(reference)
    second, second_unit = _amount(response)
    if not (first_unit and second_unit) and (_is_in_parts(reference) or _is_in_parts(response)):
        return False
    if first_unit and second_unit and first_unit != second_unit:
        if {first_unit, second_unit} == {units.DEGREE, _RADIAN}:
            if first_unit == units.DEGREE:
                first = evaluated(Degrees(first.expression), calculator)
            else:
                second = evaluated(Degrees(second.expression), calculator)
        elif first_unit.dimension != second_unit.dimension:
            if not units.stands_for(first_unit, second_unit):
                return False
        else:
            first = _scaled(first, first_unit, calculator)
            second = _scaled(second, second_unit, calculator)
    elif (
        second_unit == units.DEGREE
        and not first_unit
        and same_value(first, evaluated(Degrees(second.expression), calculator), calculator)
    ):
        return True
    if is_based(first.expression):
        if not is_based(second.expression):
            return None
        return first.expression == second.expression
    return same_value(first, second, calculator) or is_approximation(first, second, calculator)


def _is_in_parts(node: Node) -> bool:
    return isinstance(node, Measured) and node.in_parts


def _amount(node: Evaluated | Measured) -> tuple[Evaluated, units.Unit | None]:
    return (node.amount, node.unit) if isinstance(node, Measured) else (node, None)


def _scaled(amount: Evaluated, unit: units.Unit, calculator: Calculator) -> Evaluated:
    factor = Number(unit.factor, "integer")
    return evaluated(Product((amount.expression, factor)), calculator)


def _same_region(reference: Node, response: Node, calculator: Calculator) -> bool | None:
    if isinstance(reference, Evaluated) or isinstance(response, Evaluated):
        return None
    for one, other in ((reference, response), (response, reference)):
        if isinstance(one, Set) and isinstance(other, Region):
            if len(one.items) != len(other.pieces):  # spares the sorting
                return False
            break
    try:
        first, second = _region(reference, calculator), _region(response, calculator)
    except (Undecided, Unreadable):
        return None
    return len(first.pieces) == len(second.pieces) and all(
        one.low_closed == other.low_closed
        and one.high_closed == other.high_closed
        and bool(same_meaning(one.low, other.low, calculator))
        and bool(same_meaning(one.high, other.high, calculator))
        for one, other in zip(first.pieces, second.pieces, strict=True)
    )


def _same_family(reference: Node, response: Node, calculator: Calculator) -> bool | None:
    first, second = families.as_family(reference), families.as_family(response)
    if isinstance(first, Family) and isinstance(second, Family):
        return families.same_family(first, second, calculator)
    return None


def _same_conditional(reference: Conditional, response: Node, calculator: Calculator) -> bool:
    if (
        isinstance(response, Conditional)
        and same_meaning(reference.body, response.body, calculator)
        and _same_in_any_order(reference.conditions, response.conditions, calculator)
    ):
        return True
    raise Undecided("a set whose condition is not solved")


def _same_part(reference: Node, response: Node, calculator: Calculator) -> bool | None:
    """Compare parts of Z, N and Q; what is listed has an end, and they have none."""
    if not isinstance(reference, Part) or not isinstance(response, Part):
        other = response if isinstance(reference, Part) else reference
        part = reference if isinstance(reference, Part) else response
        if isinstance(part, Part) and part.domain == "N" and isinstance(other, (Set, BareList)):
            raise Undecided("whether 0 is a natural number is not said")
        return None
    if reference.domain != response.domain:
        if "N" in (reference.domain, response.domain):
            raise Undecided("whether 0 is a natural number is not said")
        return False
    return _same_region(reference.region, response.region, calculator)


def _same_vector(
    rows: tuple[tuple[Node, ...], ...],
    items: tuple[Node, ...],
    brackets: str,
    calculator: Calculator,
) -> bool | None:
    """Compare a column with (a, b), or a row with [a, b]."""
    if brackets == "()" and all(len(row) == 1 for row in rows):
        return _same_in_order(tuple(row[0] for row in rows), items, calculator)
    if brackets == "[]" and len(rows) == 1:
        return _same_in_order(rows[0], items, calculator)
    return None


def _same_as_vector(
    expression: Evaluated, vector: Tuple | Matrix, calculator: Calculator
) -> bool | None:
    r"""Compare `2\mathbf{i} + 4\mathbf{j}` with a column or a tuple of two or three numbers.

    An expression in i alone is a complex number.
    """
    if isinstance(vector, Tuple):
        entries = vector.items if vector.brackets == "()" else ()
    else:
        entries = tuple(row[0] for row in vector.rows if len(row) == 1)
    if isinstance(expression.expression, Binomial) and len(entries) == 2:  # \binom{2}{4}
        numbers = (expression.expression.upper, expression.expression.lower)
        parts = tuple(evaluated(number, calculator) for number in numbers)
        return _same_in_order(parts, entries, calculator)
    axes = ("i", "j", "k")[: len(entries)]
    letters = {part.name for part in walk(expression.expression) if isinstance(part, Variable)}
    if not 2 <= len(entries) <= 3 or not letters.intersection(axes):
        return None
    unit = Variable("i")
    node = rebuild(expression.expression, lambda part: unit if part == Constant("i") else None)
    assert isinstance(node, Expression)
    along: list[Expression] = []
    for axis in axes:
        part = node
        for letter in axes:
            number = Number(Fraction(letter == axis), "integer")
            part = substitute(part, letter, number)
        along.append(part)
    linear = Sum(tuple(Product((p, Variable(a))) for p, a in zip(along, axes, strict=True)))
    if not same_form(evaluated(node, calculator), evaluated(linear, calculator), calculator):
        return None
    parts = tuple(evaluated(part, calculator) for part in along)
    return _same_in_order(parts, entries, calculator)


def _quotient(ratio: Ratio, calculator: Calculator) -> Node:
    first, second = ratio.parts
    if not isinstance(first, Evaluated) or not isinstance(second, Evaluated):
        return ratio
    return evaluated(Quotient(first.expression, second.expression), calculator)


def _parts(time: Time) -> tuple[Node, ...]:
    numbers = (Number(Fraction(number), "integer") for number in time.numbers)
    return tuple(Evaluated(number.value, number) for number in numbers)


def _same_as_time(reference: Time, parts: tuple[Node, ...], calculator: Calculator) -> bool | None:
    """Compare 10:15, which may be the ratio 2:3, with one in lowest terms that is no time."""
    if reference.half:
        return False
    if _same_in_order(_parts(reference), parts, calculator):
        return True
    values = [part.value for part in parts if isinstance(part, Evaluated)]
    numbers = [int(value) for value in values if isinstance(value, Fraction) and value >= 1]
    if len(numbers) < len(parts) or numbers != values or math.gcd(*numbers) != 1:
        return False
    may_be_time = all(10 <= number < 60 for number in numbers[1:])
    return not may_be_time and _same_ratio(_parts(reference), parts, calculator)


def _same_ratio(
    first: tuple[Node, ...], second: tuple[Node, ...], calculator: Calculator
) -> bool | None:
    """Compare two ratios: 2 : 4 is 1 : 2."""
    if len(first) != len(second):
        return False
    if _same_in_order(first, second, calculator):
        return True
    if not all(isinstance(part, Evaluated) for part in first + second):
        return False
    parts = [part for part in first + second if isinstance(part, Evaluated)]
    if any(part.value is None or part.value == 0 for part in parts):
        return False

    def across(one: Evaluated, other: Evaluated) -> Evaluated:
        return evaluated(Product((one.expression, other.expression)), calculator)

    count = len(first)
    return all(
        same_value(
            across(parts[0], parts[count + place]), across(parts[place], parts[count]), calculator
        )
        for place in range(1, count)
    )


def _same_time(reference: Time, response: Time) -> bool:
    """Compare two times; one without a half of the day may be in either."""

    def seconds(time: Time, use_half: bool) -> int:
        hours, minutes, rest = (*time.numbers, 0)[:3]
        if use_half and time.half:
            hours = hours % 12 + (12 if time.half == "pm" else 0)
        return hours * 3600 + minutes * 60 + rest

    use_half = bool(reference.half) or not 0 < reference.numbers[0] <= 12
    return seconds(reference, use_half) == seconds(response, use_half)


def _same_up_to_factor(
    first: Evaluated, second: Evaluated, operator: str, calculator: Calculator
) -> bool:
    """Compare d = 0 with e = 0, where e may be d times a constant, and d < 0 a positive one."""
    if first.value == 0 or second.value == 0:  # an identity says nothing
        return False
    factor: Fraction | int | None = None
    ratio = evaluated(Quotient(second.expression, first.expression), calculator).value
    if isinstance(ratio, Fraction):
        factor = ratio
    elif (same := _ratio_of_terms(first.value, second.value)) is not None:
        factor = same
    elif not (_is_rational_function(first.value) and _is_rational_function(second.value)):
        factor = sign_of_ratio(first, second, calculator)
    if not factor:
        return False
    return factor > 0 or operator in ("=", "!=")


def _ratio_of_terms(first: Value | None, second: Value | None) -> Fraction | None:
    """Return the constant that every term of one value is times its term in the other."""
    if not isinstance(first, RationalFunction) or not isinstance(second, RationalFunction):
        return None
    above, below = second.numerator, first.numerator
    if first.denominator != second.denominator or above.keys() != below.keys():
        return None
    ratios = {above[monomial] / below[monomial] for monomial in above}
    return ratios.pop() if len(ratios) == 1 else None


def _is_rational_function(value: Value | None) -> bool:
    """Say whether a value is made of letters and rational numbers, so that ratios are exact."""
    return isinstance(value, Fraction) or (value is not None and value.has_only_variables())


def _same_in_order(
    first: tuple[Node, ...], second: tuple[Node, ...], calculator: Calculator
) -> bool:
    return len(first) == len(second) and all(
        same_meaning(one, other, calculator) for one, other in zip(first, second, strict=True)
    )


def _same_in_any_order(
    first: tuple[Node, ...], second: tuple[Node, ...], calculator: Calculator
) -> bool:
    """Match the elements one to one: a repeated element is one element too many."""
    if len(first) != len(second):
        return False
    left = list(second)
    for one in first:
        for place, other in enumerate(left):
            if same_meaning(one, other, calculator):
                del left[place]
                break
        else:
            return False
    return True
