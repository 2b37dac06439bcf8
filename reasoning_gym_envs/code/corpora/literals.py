"""The values of expressions of literals, found without running anything."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reasoning_gym_envs.code.corpora.refusal import BeyondHost, NoLiteral
from reasoning_gym_envs.sandbox.values import LARGEST_VALUE, size_of, tree_of

Names = Mapping[str, ast.expr]
"""What names stand for: where it is known, a constant."""

_MOST_BITS = 10_000
_MOST_ALIKE = 100  # different values of one hash
_COST_OF_CALL = 20  # of a function of the tests, in room
_ENCODINGS = frozenset(("ascii", "latin-1", "latin1", "utf-8", "utf8", "utf-16", "utf-32"))
_DEEPEST_CALL = 8
# Of what a test may be made beside the call itself: none of them runs what it is given.
PLAIN_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(abs, all, any, bool, bytes, complex, dict, float, frozenset, int, len, list, max, min),
        *(round, set, sorted, str, sum, tuple),
    )
}
_LAZY: Mapping[str, Callable[..., Any]] = {
    function.__name__: function for function in (enumerate, range, reversed, zip)
}
_ITERATED: Any = (
    range,
    enumerate,
    reversed,
    zip,
    type(reversed([])),
    type(reversed(range(0))),
)
_TYPES: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (bool, bytes, complex, dict, float, frozenset, int, list, set, str, tuple)
}
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
CONSTANTS: Mapping[str, float] = {
    f"{module}.{name}": value
    for module in ("math", "np", "numpy")
    for name, value in (("inf", math.inf), ("pi", math.pi), ("e", math.e), ("nan", math.nan))
}


class Room:
    """What the values of a task may take, all together, as ``size_of`` counts it.

    A short text can make a large value, by an operator, a function or a loop. So what they give is
    counted before it is made.
    """

    def __init__(self, left: int = LARGEST_VALUE) -> None:
        self.left = left

    def take(self, *values: Any, times: int = 1) -> None:
        """Take as much as these values do, each repeated so many times.

        Raises:
            NoLiteral: there is not as much left.
        """
        size = len(values)
        for value in values:
            if isinstance(value, (str, bytes)):
                size += len(value) * times // 8
                continue
            try:
                size += (size_of(value) - 1) * times
            except ValueError as error:
                raise NoLiteral(str(error)) from None
        self.spend(size)

    def spend(self, size: int) -> None:
        """Take so much.

        Raises:
            NoLiteral: there is not as much left.
        """
        if size > self.left:
            raise NoLiteral("the values of all tests are too large together")
        self.left -= size


class Evaluator:
    """Evaluates expressions of literals: of one task, whose values share their room.

    Attributes:
        functions: small functions of the tests, of conditions and returns, that may be called.
    """

    def __init__(self, room: Room | None = None) -> None:
        self.room = room or Room()
        self.functions: dict[str, ast.FunctionDef] = {}
        self._depth = 0

    def evaluate(self, tree: ast.expr, names: Names) -> Any:
        """The value of an expression, of base types.

        Numbers, texts, lists, tuples, sets, dicts, known names, the operators, comprehensions, and
        calls of plain functions such as ``set`` and ``sorted``.

        Raises:
            NoLiteral: it is something else, or there is no room for it.
        """
        value = self._guarded(tree, names, self._value)
        try:
            tree_of(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise NoLiteral(str(error)) from None
        return value

    def items(self, tree: ast.expr, names: Names) -> Iterator[Any]:
        """What a loop goes through, one by one; of it, too, the room is taken."""
        try:
            for item in self._guarded(tree, names, self._raw):
                self.room.take(item)
                yield item
        except TypeError as error:
            raise NoLiteral(str(error)) from None

    def _guarded(self, tree: ast.expr, names: Names, find: Callable[[ast.expr, Names], Any]) -> Any:
        try:
            return find(tree, names)
        except NoLiteral:
            raise
        except RecursionError:
            raise NoLiteral("it nests too deeply") from None
        except Exception as error:  # what its operators raise, such as for 1 / 0
            raise NoLiteral(f"{type(error).__name__}: {error}") from None

    def _value(self, tree: ast.expr, names: Names) -> Any:
        return self._made(self._raw(tree, names))

    def _raw(self, tree: ast.expr, names: Names) -> Any:
        """A value, or what gives one after the other, to be gone through once."""
        if isinstance(tree, ast.Constant):
            if tree.value is Ellipsis:
                raise NoLiteral("... is no value")
            return tree.value
        if isinstance(tree, ast.Name):
            bound = names.get(tree.id)
            if isinstance(bound, ast.Constant):
                return bound.value
        if isinstance(tree, (ast.List, ast.Tuple, ast.Set)):
            found = [self._value(item, names) for item in tree.elts]
            if isinstance(tree, ast.Set):
                self._check_hashes(found)
            return {ast.List: list, ast.Tuple: tuple, ast.Set: set}[type(tree)](found)
        if isinstance(tree, ast.Dict) and None not in tree.keys:
            keys = [self._value(key, names) for key in tree.keys if key is not None]
            self._check_hashes(keys)
            items = [self._value(value, names) for value in tree.values]
            return dict(zip(keys, items, strict=True))
        if isinstance(tree, ast.UnaryOp) and type(tree.op) in _UNARY:
            return _UNARY[type(tree.op)](self._value(tree.operand, names))
        if isinstance(tree, ast.BinOp) and type(tree.op) in _OPERATORS:
            left, right = self._value(tree.left, names), self._value(tree.right, names)
            self._check_size(tree.op, left, right)
            return _OPERATORS[type(tree.op)](left, right)
        if isinstance(tree, ast.BoolOp):
            return self._either(tree, names)
        if isinstance(tree, ast.Compare):
            return self._compared(tree, names)
        if isinstance(tree, ast.IfExp):
            chosen = tree.body if self._value(tree.test, names) else tree.orelse
            return self._value(chosen, names)
        if isinstance(tree, ast.Subscript):
            return self._part(tree, names)
        if isinstance(tree, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            found = [self._value(tree.elt, n) for n in self._bindings(tree.generators, names)]
            if isinstance(tree, ast.SetComp):
                self._check_hashes(found)
                return set(found)
            return found
        if isinstance(tree, ast.DictComp):
            pairs = [
                (self._value(tree.key, inner), self._value(tree.value, inner))
                for inner in self._bindings(tree.generators, names)
            ]
            self._check_hashes([key for key, _ in pairs])
            return dict(pairs)
        if isinstance(tree, ast.Attribute):
            name = ast.unparse(tree)
            if name in CONSTANTS:
                return CONSTANTS[name]
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.keywords:
            return self._called(tree.func.id, tree.args, names)
        raise BeyondHost("the expected value is no literal")

    def _either(self, tree: ast.BoolOp, names: Names) -> Any:
        ends = isinstance(tree.op, ast.Or)
        value = None
        for operand in tree.values:
            value = self._value(operand, names)
            if bool(value) is ends:
                break
        return value

    def _compared(self, tree: ast.Compare, names: Names) -> bool:
        left = self._value(tree.left, names)
        for comparator, operand in zip(tree.ops, tree.comparators, strict=True):
            right = self._value(operand, names)
            self.room.take(left, right)
            if not _COMPARISONS[type(comparator)](left, right):
                return False
            left = right
        return True

    def _part(self, tree: ast.Subscript, names: Names) -> Any:
        value = self._value(tree.value, names)
        if isinstance(tree.slice, ast.Slice):
            ends = (tree.slice.lower, tree.slice.upper, tree.slice.step)
            part = value[slice(*(end and self._value(end, names) for end in ends))]
            self.room.take(part)
            return part
        key = self._value(tree.slice, names)
        self.room.take(key)
        return value[key]

    def _bindings(self, generators: list[ast.comprehension], names: Names) -> Iterator[Names]:
        first, *rest = generators
        for item in self.items(first.iter, names):
            inner = {**names, **bound(first.target, item)}
            if all(self._value(condition, inner) for condition in first.ifs):
                if rest:
                    yield from self._bindings(rest, inner)
                else:
                    yield inner

    def _called(self, name: str, arguments: list[ast.expr], names: Names) -> Any:
        if name == "isinstance" and len(arguments) == 2:
            return isinstance(self._value(arguments[0], names), _types(arguments[1]))
        if name in self.functions:
            return self._run(self.functions[name], [self._value(a, names) for a in arguments])
        if name in _LAZY:
            return _LAZY[name](*(self._raw(argument, names) for argument in arguments))
        function = PLAIN_FUNCTIONS.get(name)
        if function is None:
            raise BeyondHost("the expected value is no literal")
        values = [self._value(argument, names) for argument in arguments]
        if function is bytes and any(type(value) is int for value in values):
            raise NoLiteral("bytes of a number")
        if function is sum and len(values) > 1:  # of lists, it takes the square of the time
            raise NoLiteral("sum takes numbers alone")
        if function is round and len(values) > 1 and abs(values[1]) > _MOST_BITS:
            raise NoLiteral("a number is rounded to too many digits")
        if function in (bytes, str) and not {str(v).lower() for v in values[1:2]} <= _ENCODINGS:
            raise NoLiteral("an encoding that may take long")
        self.room.take(*values)
        if values and function in (set, frozenset):
            self._check_hashes(list(values[0]))
        elif values and function is dict:
            pairs = [] if isinstance(values[0], dict) else values[0]
            self._check_hashes([key for key, _ in pairs])
        return function(*values)

    def _made(self, value: Any) -> Any:
        """What is counted out one by one as a list: its length is known only then."""
        if not isinstance(value, _ITERATED):
            return value
        items = []
        for item in value:
            self.room.take(item)
            items.append(item)
        return items

    def _check_hashes(self, items: list[Any]) -> None:
        """Refuse values that would collide in a hash table, which takes the square of the time."""
        self.room.take(*items)
        known: dict[int, list[Any]] = {}
        for item in items:
            alike = known.setdefault(hash(item), [])
            if item not in alike:
                alike.append(item)
            if len(alike) > _MOST_ALIKE:
                raise NoLiteral("too many values of one hash")

    def _run(self, function: ast.FunctionDef, values: list[Any]) -> Any:
        """What a function of conditions and returns gives."""
        self.room.spend(_COST_OF_CALL)
        parameters = [argument.arg for argument in function.args.args]
        if len(values) != len(parameters) or self._depth == _DEEPEST_CALL:
            raise BeyondHost(f"a call of {function.name} that cannot be followed")
        names = {name: ast.Constant(value) for name, value in zip(parameters, values, strict=True)}
        self._depth += 1
        try:
            return self._returned(function.body, names, function.name)
        finally:
            self._depth -= 1

    def _returned(self, body: list[ast.stmt], names: Names, name: str) -> Any:
        for node in body:
            if isinstance(node, ast.Return) and node.value is not None:
                return self._value(node.value, names)
            if isinstance(node, ast.If):
                chosen = node.body if self._value(node.test, names) else node.orelse
                returned = self._returned(chosen, names, "") if chosen else None
                if returned is not None:
                    return returned
            elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                break
        if name:
            raise BeyondHost(f"{name} does more than can be followed")
        return None

    def _check_size(self, operation: ast.operator, left: Any, right: Any) -> None:
        """Refuse an operation whose result would be too large, or that formats a text."""
        numbers = [value for value in (left, right) if isinstance(value, (int, float, complex))]
        if len(numbers) == 2:
            if isinstance(operation, ast.Pow) and isinstance(left, int) and isinstance(right, int):
                if left.bit_length() * abs(right) > _MOST_BITS:
                    raise NoLiteral("too large a power")
            elif any(isinstance(n, int) and n.bit_length() > _MOST_BITS for n in numbers):
                raise NoLiteral("too large a number")
        elif isinstance(operation, ast.Mult):
            sequence, times = (right, left) if isinstance(left, int) else (left, right)
            if not isinstance(times, int):
                raise NoLiteral("a product of two texts or lists")
            self.room.take(sequence, times=max(0, times))
        elif isinstance(operation, (ast.Add, ast.Sub)):
            self.room.take(left, right)
        else:
            raise NoLiteral("an operation on texts")


def evaluate(tree: ast.expr) -> Any:
    """The value of an expression of literals alone; see :meth:`Evaluator.evaluate`.

    Raises:
        NoLiteral: it is something else, or too large.
    """
    return Evaluator().evaluate(tree, {})


def bound(target: ast.expr, value: Any) -> dict[str, ast.expr]:
    """What the names of a loop or an assignment stand for.

    Raises:
        NoLiteral: the target is no name and no tuple of them, or does not fit.
    """
    if isinstance(target, ast.Name):
        return {target.id: ast.Constant(value)}
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (list, tuple)):
        if len(target.elts) != len(value):
            raise NoLiteral(f"{len(value)} values for {len(target.elts)} names")
        names: dict[str, ast.expr] = {}
        for part, item in zip(target.elts, value, strict=True):
            names.update(bound(part, item))
        return names
    raise NoLiteral("only names are assigned to")


def _types(tree: ast.expr) -> tuple[type, ...]:
    """The types that an isinstance asks for; a value of ours is of none that is not built in."""
    parts = tree.elts if isinstance(tree, ast.Tuple) else [tree]
    return tuple(
        _TYPES[part.id] for part in parts if isinstance(part, ast.Name) and part.id in _TYPES
    )
