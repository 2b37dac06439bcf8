"""Running our own reference programs on the host, to know what is right.

What is compiled here is text that this package itself made: the references of the families of
tasks, and those references with faults that we put in. Never a model's output, a corpus's
solution, or anything out of a container: those run in a sandbox and nowhere else.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from copy import deepcopy
from typing import Any

DEEPEST_CALLS = 400
"""How deep the calls of a program on fuel may nest: well within what any host's stack has left."""
LARGEST_VALUE = 1_000_000
"""How many elements, characters or bits an operator of a program on fuel may make at once."""


class OutOfFuel(Exception):
    """A program took more steps than it may; so it does on every machine."""


class Reference:
    """A program of ours, compiled and ready to be called.

    With ``fuel``, every loop's and comprehension's turn and every call of one of the program's own
    functions counts as a step, and so do the elements that an operator such as ``*`` makes. The
    count is the same on every machine, which a limit of time would not be. It is for programs with
    faults put in, which may not end.

    Args:
        source: the program; text that this package made.
        name: the function or class that it defines.
        fuel: how many steps a call or a script may take; None: as many as it wants.

    Raises:
        SyntaxError: the source is not Python.
        KeyError: it does not define the name.
    """

    def __init__(self, source: str, name: str, fuel: int | None = None) -> None:
        tree = ast.parse(source, f"<reference {name}>")
        namespace: dict[str, Any] = {"__name__": "reference"}
        self._meter = None if fuel is None else _Meter(fuel)
        if self._meter is not None:
            tree = ast.fix_missing_locations(_Metering().visit(tree))
            namespace[_METER] = self._meter
            self._meter.begin()
        program = compile(tree, f"<reference {name}>", "exec", dont_inherit=True)
        exec(program, namespace)  # noqa: S102 - our own text, see the docstring of the module
        self.name = name
        self._defined = namespace[name]

    @property
    def steps(self) -> int:
        """How many steps the last call or script took; 0 without ``fuel``."""
        return 0 if self._meter is None else self._meter.steps

    def run(self, arguments: tuple[Any, ...]) -> Any:
        """The result of a call, or of a class the list of results of a script."""
        if isinstance(self._defined, type):
            return self.run_script(arguments)
        return self.call(arguments)

    def call(self, arguments: tuple[Any, ...]) -> Any:
        """The result of calling the function; the arguments stay as they are.

        Raises:
            OutOfFuel: it took more steps than it may.
            Exception: whatever the function raises.
        """
        self._begin()
        result = deepcopy(self._defined(*deepcopy(arguments)))
        self._end()
        return result

    def run_script(self, arguments: tuple[Any, ...]) -> list[Any]:
        """The results of a script of calls of a new object's methods.

        Args:
            arguments: ``(arguments of the constructor, ((method, arguments), …))``.

        Raises:
            OutOfFuel: the script took more steps than it may.
            Exception: whatever a method raises.
        """
        self._begin()
        constructor, script = deepcopy(arguments)
        made = self._defined(*constructor)
        # Copied at once: a method may return what later calls change.
        results = [deepcopy(getattr(made, method)(*given)) for method, given in script]
        self._end()
        return results

    def _begin(self) -> None:
        if self._meter is not None:
            self._meter.begin()

    def _end(self) -> None:
        if self._meter is not None:
            self._meter.check()  # the program may have caught it


_METER = "__meter__"
_MEASURED: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Mult: "multiply",
    ast.Pow: "power",
    ast.LShift: "shift",
}
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "multiply": operator.mul,
    "power": operator.pow,
    "shift": operator.lshift,
}
_SEQUENCES = (str, bytes, list, tuple)


class _Meter:
    """Counts the steps of a program."""

    def __init__(self, fuel: int) -> None:
        self.fuel = fuel
        self.begin()

    def begin(self) -> None:
        self.steps = self.depth = 0

    def check(self) -> None:
        if self.steps > self.fuel:
            raise OutOfFuel(f"more than {self.fuel:,} steps")

    def tick(self, steps: int = 1) -> bool:
        self.steps += steps
        self.check()
        return True

    def enter(self) -> None:
        self.depth += 1
        self.tick()
        if self.depth > DEEPEST_CALLS:
            self.steps = self.fuel + 1
            raise OutOfFuel(f"more than {DEEPEST_CALLS} calls within each other")

    def leave(self) -> None:
        self.depth -= 1

    def operate(self, name: str, left: Any, right: Any) -> Any:
        """The result of an operator, if it is not too large."""
        if name != "add" or isinstance(left, _SEQUENCES):
            self.measure(name, left, right)
        return _OPERATORS[name](left, right)

    def part(self, value: Any) -> Any:
        """A value that becomes a part of another, if it is not too large."""
        if isinstance(value, _SEQUENCES):
            self._make(len(value))
        return value

    def measure(self, name: str, left: Any, right: Any) -> Any:
        """The right operand, if the operator's result is not too large."""
        if isinstance(left, int) and isinstance(right, int):
            bits, times = left.bit_length(), max(right, 0)
            if name == "multiply":
                self._make(bits + right.bit_length())
            elif name == "power" and bits > 1:
                self._make(bits * times)
            elif name == "shift":
                self._make(bits + times)
        elif name == "multiply" and isinstance(left, int) and isinstance(right, _SEQUENCES):
            self._make(max(left, 0) * len(right))
        elif name == "multiply" and isinstance(left, _SEQUENCES) and isinstance(right, int):
            self._make(len(left) * max(right, 0))
        elif name == "add" and isinstance(left, _SEQUENCES) and isinstance(right, _SEQUENCES):
            self._make(len(left) + len(right))
        return right

    def _make(self, size: int) -> None:
        if size > LARGEST_VALUE:
            self.steps = self.fuel + 1
        self.tick(size >> 8)


class _Metering(ast.NodeTransformer):
    """A program with a meter's calls where steps are taken."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.body = [_call("enter"), ast.Try(node.body, [], [], [_call("leave")])]
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node)
        parts = [_expression("enter"), node.body, _expression("leave")]
        node.body = ast.Subscript(ast.Tuple(parts, ast.Load()), ast.Constant(1), ast.Load())
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._loop(node)

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._loop(node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.ifs.insert(0, _expression("tick"))
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = _expression("part", node.value)
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        self.generic_visit(node)
        node.value = _expression("part", node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        # A list that is extended by itself in a loop would fill the memory in forty turns.
        if isinstance(node.func, ast.Attribute) and node.func.attr == "extend":
            node.args = [_expression("part", argument) for argument in node.args]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        measured = _MEASURED.get(type(node.op))
        if measured is None:
            return node
        return _expression("operate", ast.Constant(measured), node.left, node.right)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        measured = _MEASURED.get(type(node.op))
        # The target is read once more: not where that would do something.
        if measured and not any(isinstance(part, ast.Call) for part in ast.walk(node.target)):
            left = deepcopy(node.target)
            left.ctx = ast.Load()
            node.value = _expression("measure", ast.Constant(measured), left, node.value)
        return node

    def _loop(self, node: ast.While | ast.For) -> ast.AST:
        self.generic_visit(node)
        node.body.insert(0, _call("tick"))
        return node


def _expression(method: str, *arguments: ast.expr) -> ast.expr:
    meter = ast.Name(_METER, ast.Load())
    return ast.Call(ast.Attribute(meter, method, ast.Load()), list(arguments), [])


def _call(method: str) -> ast.stmt:
    return ast.Expr(_expression(method))
