"""The typed tree that an answer is read into.

Two kinds of nodes: expressions, which have a value and can be combined, and the shapes that an
answer can have around expressions: tuples, sets, intervals, matrices, relations, words.
Sums and products are flat (`1+2+3` is one node), so a tree is never deeper than the brackets of the
text it came from, plus a few levels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .units import Unit

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        """Do nothing: only a type checker needs to know."""
        return lambda cls: cls


@dataclass_transform(frozen_default=True)
class Node:
    """Anything that an answer can consist of.

    To a type checker, and in use, these are frozen dataclasses. They are made here because twenty
    real ones would take most of the time of importing the package.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        cls._fields = tuple(cls.__annotations__)
        cls._defaults = {name: vars(cls)[name] for name in cls._fields if name in vars(cls)}
        type.__setattr__(cls, "__match_args__", cls._fields)

    def __init__(self, *values: Any) -> None:
        fields = self._fields
        if len(values) != len(fields):
            defaults = self._defaults
            missing = fields[len(values) :]
            if len(values) > len(fields) or not defaults.keys() >= set(missing):
                raise TypeError(f"{type(self).__name__} takes {', '.join(fields)}")
            values += tuple(defaults[field] for field in missing)
        self.__dict__.update(zip(fields, values))  # noqa: B905 - as long as each other

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({fields})"


class Expression(Node):
    """A node with a value: what can stand beside `+` or under a root."""


class Number(Expression):
    """A number as written: its exact value, how, and with how many significant digits.

    `0.5` and `5e-1` are decimals, `0.\\overline{3}` is repeating and exactly a third.
    """

    value: Fraction
    written: Literal["integer", "decimal", "repeating"]
    digits: int = 0


class BasedNumber(Expression):
    """A number in a stated base: `101_2`."""

    value: Fraction
    base: int


class Mixed(Expression):
    r"""A mixed number: `2\frac{1}{3}` or `2 1/3`."""

    whole: Number
    numerator: Number
    denominator: Number


class Variable(Expression):
    """A letter, possibly with an index: `x`, `x_1`, `alpha`."""

    name: str


class Constant(Expression):
    """A named number: `pi`, `e`, `i`; `infinity` stands at the end of an interval, or alone."""

    name: Literal["pi", "e", "i", "infinity"]


class Negative(Expression):
    """`-a`. A difference is a sum with a negative term."""

    operand: Expression


class PlusMinus(Expression):
    r"""`\pm a` (sign 1) or `\mp a` (sign -1): two answers written as one."""

    operand: Expression
    sign: int


class Percent(Expression):
    """`a%`, a hundredth of a."""

    operand: Expression


class Degrees(Expression):
    """An angle in degrees: `30°`."""

    operand: Expression


class Sum(Expression):
    """Two or more terms."""

    terms: tuple[Expression, ...]


class Product(Expression):
    """Two or more factors, whether or not the sign was written."""

    factors: tuple[Expression, ...]


class Quotient(Expression):
    r"""`a/b` or `\frac{a}{b}`."""

    numerator: Expression
    denominator: Expression


class Power(Expression):
    """`a^b`."""

    base: Expression
    exponent: Expression


class Root(Expression):
    r"""`\sqrt[n]{a}`; n is 2 where nothing is written."""

    radicand: Expression
    index: Expression


class Call(Expression):
    r"""A named function of one argument; `base` is only there for `\log_b`.

    `n!`, `|x|` and `\lfloor x \rfloor` are calls of `factorial`, `abs` and `floor`.
    """

    function: str
    argument: Expression
    base: Expression | None = None


class Binomial(Expression):
    r"""`\binom{n}{k}`."""

    upper: Expression
    lower: Expression


class Extremum(Expression):
    r"""`\max(a, b)`, or `\min`."""

    function: Literal["max", "min"]
    arguments: tuple[Expression, ...]


class Application(Expression):
    """`f(x)` for a letter that names a function: only equal to itself."""

    function: Variable
    arguments: tuple[Expression, ...]


class Series(Expression):
    r"""`\sum_{k=a}^{b} …`, or `\prod`."""

    operation: Literal["sum", "product"]
    index: Variable
    low: Expression
    high: Expression
    body: Expression


class Tuple(Node):
    """`(a, b)`, or `[a, b, c]` which is a different thing."""

    items: tuple[Node, ...]
    brackets: Literal["()", "[]"] = "()"


class BareList(Node):
    """`a, b` without brackets, or `a or b`."""

    items: tuple[Node, ...]
    joined: Literal[",", "or", "and"] = ","


class Set(Node):
    r"""`\{a, b\}`, or `\emptyset`."""

    items: tuple[Node, ...]


class Interval(Node):
    """`[a, b)`. `(a, b)` is a tuple unless an end is infinite or it stands in a union."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


class Union(Node):
    """Two or more intervals or sets, joined."""

    parts: tuple[Node, ...]


class Intersection(Node):
    """What two or more intervals or sets have in common."""

    parts: tuple[Node, ...]


class Difference(Node):
    """The first interval or set without the second."""

    parts: tuple[Node, Node]


class NumberSet(Node):
    r"""`\mathbb{R}` and the like; `Z+` are the positive integers, `Z0+` has 0 as well."""

    name: Literal["R", "Z", "Q", "N", "C", "Z+", "Z0+", "Z-"]


class Where(Node):
    r"""What there is under conditions: `\{x | x > 3\}`, `2k, k ∈ Z`, `\bigcup_k [2k, 2k+1]`."""

    body: Node
    conditions: tuple[Node, ...]


class Matrix(Node):
    """Rows of equal length."""

    rows: tuple[tuple[Node, ...], ...]


class Relation(Node):
    """`a = b`, `a < b <= c`, `x ∈ S`: one operator between each two neighbouring sides."""

    operators: tuple[str, ...]
    sides: tuple[Node, ...]


class Ratio(Node):
    """`a : b`, or `a : b : c`."""

    parts: tuple[Node, ...]


class Congruence(Node):
    r"""`3 \pmod 7`."""

    residue: Expression
    modulus: Expression


class Quantity(Node):
    """An amount with a unit: `5 cm`, `$5`; `in_parts` is one of `5 ft 6 in`, in the last unit."""

    amount: Expression
    unit: Unit
    in_parts: bool = False


class Ellipsis(Node):
    """Dots that stand for elements left out."""


class Time(Node):
    """A time of day, or a duration: `half` is am, pm or nothing."""

    numbers: tuple[int, ...]
    half: Literal["", "am", "pm"]


class Date(Node):
    """A day; the year may be left out."""

    day: int
    month: int
    year: int | None


class Text(Node):
    """Words, with single spaces between them, as written."""

    words: str


OTHERWISE = Text("otherwise")
"""The last condition of cases: what the others leave."""


def is_infinite(node: Node) -> bool:
    """Say whether a node is one of the two infinities."""
    node = node.operand if isinstance(node, Negative) else node
    return isinstance(node, Constant) and node.name == "infinity"


_LEAVES = frozenset((Number, Variable, Constant, BasedNumber, Text, NumberSet, Ellipsis))


def children(node: Node) -> list[Node]:
    """Return the nodes directly below one, in the order in which they were written.

    >>> children(Negative(Variable("x")))
    [Variable(name='x')]
    """
    below: list[Node] = []
    for value in vars(node).values():
        if isinstance(value, Node):
            below.append(value)
        elif type(value) is tuple:
            below += _nodes(value)
    if type(node) in (Root, Call):  # an index or a base is written first
        below.reverse()
    return below


def _nodes(values: tuple[Any, ...]) -> list[Node]:
    """Return the nodes in a tuple, or in the tuples in it: the rows of a matrix."""
    if not values or not isinstance(values[0], tuple):
        return [value for value in values if isinstance(value, Node)]
    return [value for row in values if type(row) is tuple for value in _nodes(row)]


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, in the order in which it was written."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if type(node) in _LEAVES:
            continue
        waiting += reversed(children(node))


def rebuild(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """Return the tree with every node replaced for which `change` gives another one.

    >>> rebuild(Negative(Variable("x")), lambda n: Variable("y") if n == Variable("x") else None)
    Negative(operand=Variable(name='y'))
    """
    changed = change(node)
    if changed is not None:
        return changed
    values = [_rebuild_field(value, change) for value in vars(node).values()]
    if all(new is old for new, old in zip(values, vars(node).values(), strict=True)):
        return node
    return type(node)(*values)


def rewrite(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return the tree with every node changed, from the leaves up.

    >>> rewrite(Negative(Variable("x")), lambda n: Negative(n) if isinstance(n, Variable) else n)
    Negative(operand=Negative(operand=Variable(name='x')))
    """
    if type(node) in _LEAVES:
        return change(node)
    values = [_rebuild_field(value, lambda n: rewrite(n, change)) for value in vars(node).values()]
    if all(new is old for new, old in zip(values, vars(node).values(), strict=True)):
        return change(node)
    return change(type(node)(*values))


def _rebuild_field(value: Any, change: Callable[[Node], Node | None]) -> Any:
    if isinstance(value, Node):
        return rebuild(value, change)
    if type(value) is tuple:
        items = tuple(_rebuild_field(item, change) for item in value)
        if any(new is not old for new, old in zip(items, value, strict=True)):
            return items
    return value


def substitute(node: Expression, name: str, value: Expression) -> Expression:
    """Return the expression with a value in place of a variable."""
    variable = Variable(name)

    def change(part: Node) -> Node | None:
        if isinstance(part, Application) and part.function == variable:
            arguments = tuple(rebuild(argument, change) for argument in part.arguments)
            if is_product(part):
                return Product((value, *arguments))  # type: ignore[arg-type]
            return Application(variable, arguments)  # type: ignore[arg-type]
        if isinstance(part, Series) and part.index == variable:  # bound anew inside
            low, high = (rebuild(limit, change) for limit in (part.low, part.high))
            return type(part)(part.operation, part.index, low, high, part.body)  # type: ignore[arg-type]
        return value if part == variable else None

    replaced = rebuild(node, change)
    assert isinstance(replaced, Expression)
    return replaced


def is_product(node: Application) -> bool:
    """Say whether p(1 - p) is a product: f, g, F and G are functions, other letters factors."""
    return len(node.arguments) == 1 and node.function.name[0] not in "fgFG"


def number_literals(node: Node) -> tuple[Fraction, ...]:
    """Return all numbers that are written in a node, in order, without their signs.

    >>> from reasoning_gym_envs.answers.parser import parse_answer
    >>> [str(number) for number in number_literals(parse_answer("12 - 0.5x"))]
    ['12', '1/2']
    """
    return tuple(found.value for found in walk(node) if isinstance(found, Number))


def is_literal(node: Node) -> bool:
    """Say whether a node is a number as it would be given: with a sign, a percent sign or mixed.

    >>> from reasoning_gym_envs.answers.parser import parse_answer
    >>> is_literal(parse_answer("-12.5")), is_literal(parse_answer("3/4"))
    (True, False)
    """
    if isinstance(node, Negative):
        node = node.operand
    if isinstance(node, Percent):
        node = node.operand
    return isinstance(node, (Number, Mixed))
