"""The typed tree that an answer is read into.

Two kinds of nodes: expressions, which have a value and can be combined, and the shapes that an
answer can have around expressions: tuples, sets, intervals, matrices, relations, words.
Sums and products are flat (`1+2+3` is one node), so a tree is never deeper than the brackets of the
text it came from, plus a few levels.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal

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
        fields = vars(self)
        fields.update(self._defaults)
        fields.update(zip(self._fields, values, strict=False))
        if len(fields) != len(self._fields) or len(values) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._fields)}")

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
    """A number as written: its exact value, and whether it had a decimal point."""

    value: Fraction
    written: Literal["integer", "decimal"]


class Mixed(Expression):
    r"""A mixed number: `2\frac{1}{3}` or `2 1/3`."""

    whole: Number
    numerator: Number
    denominator: Number


class Variable(Expression):
    """A letter, possibly with an index: `x`, `x_1`, `alpha`."""

    name: str


class Constant(Expression):
    """A named number: `pi`, `e`; `infinity` stands at the end of an interval, or alone."""

    name: Literal["pi", "e", "infinity"]


class Negative(Expression):
    """`-a`. A difference is a sum with a negative term."""

    operand: Expression


class Percent(Expression):
    """`a%`, a hundredth of a."""

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
    r"""A named function of one argument; `base` is only there for `\log_b`."""

    function: str
    argument: Expression
    base: Expression | None = None


class Tuple(Node):
    """`(a, b)`, or `[a, b, c]` which is a different thing."""

    items: tuple[Node, ...]
    brackets: Literal["()", "[]"] = "()"


class BareList(Node):
    """`a, b` without brackets."""

    items: tuple[Node, ...]


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


class Matrix(Node):
    """Rows of equal length."""

    rows: tuple[tuple[Node, ...], ...]


class Relation(Node):
    """`a = b`, `a < b <= c`, `x ∈ S`: one operator between each two neighbouring sides."""

    operators: tuple[str, ...]
    sides: tuple[Node, ...]


class Text(Node):
    """Words, with single spaces between them, as written."""

    words: str


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below one, in the order in which they were written.

    >>> children(Negative(Variable("x")))
    (Variable(name='x'),)
    """
    match node:
        case Sum(items) | Product(items) | Tuple(items) | BareList(items) | Set(items):
            return items
        case Union(items) | Relation(_, items):
            return items
        case Negative(operand) | Percent(operand):
            return (operand,)
        case Quotient(first, second) | Power(first, second) | Interval(first, second):
            return (first, second)
        case Root(radicand, index):
            return (index, radicand)
        case Mixed(whole, numerator, denominator):
            return (whole, numerator, denominator)
        case Call(_, argument, base):
            return (argument,) if base is None else (base, argument)
        case Matrix(rows):
            return tuple(entry for row in rows for entry in row)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, in the order in which it was written."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


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
