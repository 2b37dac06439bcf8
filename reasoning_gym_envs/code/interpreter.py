"""A small interpreter of Python: what a program of ours prints, and in how many steps.

It walks the tree of the program (the module :mod:`ast`), as interpreters in textbooks do, and runs
what the programs of :mod:`reasoning_gym_envs.code.programs` are written in: statements,
functions with closures and defaults, classes, exceptions, comprehensions, and the builtins and
methods listed below. What is outside of that is refused and never guessed.

Why not run these programs in the sandbox, or with ``exec``?

* No Docker engine is needed to play.
* It counts the steps, by which a program's difficulty is measured and limited.
* It takes a millisecond, and no container.
* It prints the same on every machine and version of Python. What depends on them, such as the order
  of a set, the sum of floats or the address in ``<function f at 0x7f…>``, is refused.

It runs programs that this package makes, not those of a model: for them there is the sandbox.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MethodType
from typing import Any, NamedTuple

MOST_STEPS = 10_000
MOST_BITS = 4096
"""The largest whole number, in bits."""
LONGEST = 2_000
"""How long a string, a list or another collection may be, and all that is printed."""
LONGEST_VALUE = 60
"""Characters of a value in a trace; longer ones are left out."""
DEEPEST_CALL = 40
LONGEST_SOURCE = 10_000


class Stuck(Exception):
    """A program that cannot be run to its end."""


class Unsupported(Stuck):
    """It has something that this interpreter does not do."""


class OutOfBounds(Stuck):
    """It takes too many steps or makes too large a value."""


class Failed(Stuck):
    """It ended with an exception of its own."""


class Run(NamedTuple):
    """What a program did.

    Args:
        output: what it printed.
        steps: how many statements it executed, functions of its own it called and elements it put
            into comprehensions.
        lines: the numbers of the lines whose statements it executed.
        trace: what names were given, in order: ``a=3``. Values that are not plain are left out.
    """

    output: str
    steps: int
    lines: frozenset[int]
    trace: tuple[str, ...]


def run(source: str, most_steps: int = MOST_STEPS, *, traced: bool = False) -> Run:
    r"""Run a program; what names are given is written down where it is `traced`.

    >>> run("for n in range(3):\n    print(n * n, end=' ')\nprint()", traced=True)
    Run(output='0 1 4 \n', steps=5, lines=frozenset({1, 2, 3}), trace=('n=0', 'n=1', 'n=2'))

    Raises:
        Stuck: it cannot be run to its end; the subclasses tell why.
    """
    if len(source) > LONGEST_SOURCE:
        raise OutOfBounds(f"a program of more than {LONGEST_SOURCE:,} characters")
    interpreter = _Interpreter(most_steps, traced)
    try:
        tree = ast.parse(source)
        interpreter.run_block(tree.body, Scope(None))
    except Stuck:
        raise
    except RecursionError:
        raise OutOfBounds("calls that nest too deeply") from None
    except Exception as error:
        raise Failed(f"{type(error).__name__}: {error}") from error
    output = "".join(interpreter.printed)
    lines = frozenset(interpreter.lines)
    return Run(output, interpreter.steps, lines, tuple(interpreter.trace))


_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_IN_PLACE: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    **_BINARY,
    ast.Add: operator.iadd,  # changes a list where `a = a + b` makes another
    ast.Mult: operator.imul,
    ast.BitOr: operator.ior,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}

_BUILTINS: Mapping[str, Any] = {
    function.__name__: function
    for function in (
        *(abs, all, any, bool, chr, dict, divmod, enumerate, filter, float, int, isinstance, iter),
        *(len, list, map, max, min, next, ord, print, range, repr, reversed, round, set, sorted),
        *(str, sum, tuple, zip, IndexError, KeyError, StopIteration, TypeError, ValueError),
        ZeroDivisionError,
    )
}
_TAKE_SETS = (
    *("len", "sorted", "min", "max", "sum", "any", "all", "set", "bool", "isinstance"),
    *("append", "insert", "setdefault", "get"),
)
"""Builtins and methods whose result does not depend on the order of a set."""

_METHODS: Mapping[type, tuple[str, ...]] = {
    str: (
        *("upper", "lower", "title", "capitalize", "swapcase", "strip", "lstrip", "rstrip"),
        *("split", "join", "replace", "find", "index", "count", "startswith", "endswith"),
        *("isdigit", "isalpha", "isupper", "islower", "zfill", "rjust", "ljust"),
    ),
    list: (
        *("append", "extend", "insert", "pop", "remove", "sort", "reverse", "index", "count"),
        *("copy", "clear"),
    ),
    tuple: ("index", "count"),
    dict: ("get", "items", "keys", "values", "pop", "setdefault", "update", "copy", "clear"),
    set: (
        *("add", "discard", "remove", "update", "union", "intersection", "difference"),
        *("issubset", "copy"),
    ),
}
_BRACKETS: Mapping[type, str] = {list: "[]", tuple: "()", dict: "{}"}
_FORMAT = re.compile(r"[<>^]?[+]?0?[0-9]{0,2},?(?:\.[0-9]{1,2})?[bdfsx%]?")

_SPECIAL_METHODS = (
    *("__init__", "__str__", "__repr__", "__len__", "__getitem__", "__contains__", "__call__"),
    *("__add__", "__sub__", "__mul__", "__eq__", "__lt__"),
)


class Object:
    """What all classes of a program derive from."""


class Scope:
    """The names of a module, of a function while it runs, or of a class while it is made.

    Args:
        parent: where the names are looked up that are not here; None for a module.
        bound: the names that a function assigns somewhere, and which are its own for that reason.
        elsewhere: the scope in which a name lives that was declared ``global`` or ``nonlocal``.
    """

    def __init__(self, parent: Scope | None, bound: frozenset[str] = frozenset()) -> None:
        self.parent = parent
        self.bound = bound
        self.values: dict[str, Any] = {}
        self.elsewhere: dict[str, Scope] = {}

    def look_up(self, name: str) -> Any:
        """The value of a name."""
        scope: Scope | None = self.elsewhere.get(name, self)
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            if name in scope.bound:
                raise UnboundLocalError(name)
            scope = scope.parent
        if name in _BUILTINS:
            return _BUILTINS[name]
        raise NameError(name)

    def assign(self, name: str, value: Any) -> None:
        """Give a name a value."""
        self.elsewhere.get(name, self).values[name] = value

    def declare_global(self, name: str) -> None:
        """Let a name be the module's."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        self.elsewhere[name] = scope

    def declare_nonlocal(self, name: str) -> None:
        """Let a name be that of the innermost function around this one that has it."""
        scope = self.parent
        while scope is not None and name not in scope.bound:
            scope = scope.parent
        if scope is None:
            raise SyntaxError(f"no binding for nonlocal {name}")
        self.elsewhere[name] = scope.elsewhere.get(name, scope)


class Function:
    """A function or a lambda expression, with the scope that it was made in.

    It can be called as any function of Python: ``sorted`` does so with its key.
    """

    def __init__(
        self,
        interpreter: _Interpreter,
        node: ast.FunctionDef | ast.Lambda,
        scope: Scope,
        owner: list[type] | None = None,
    ) -> None:
        arguments = node.args
        if arguments.posonlyargs or arguments.kwarg:
            raise Unsupported("parameters of this kind")
        self._interpreter = interpreter
        self._node = node
        self._scope = scope
        self._owner = owner  # the class that it is a method of, once that is made
        self._names = [argument.arg for argument in arguments.args]
        named_only = [argument.arg for argument in arguments.kwonlyargs]
        self._rest = arguments.vararg.arg if arguments.vararg else None
        # Evaluated once, here: a list as a default is shared by all calls.
        values = [interpreter.visit(default, scope) for default in arguments.defaults]
        self._defaults = dict(zip(self._names[len(self._names) - len(values) :], values))  # noqa: B905
        for name, default in zip(named_only, arguments.kw_defaults, strict=True):
            if default is not None:
                self._defaults[name] = interpreter.visit(default, scope)
        self._all_names = [*self._names, *named_only]
        self._bound = frozenset(self._all_names) | _assigned(node)
        if self._rest:
            self._bound |= {self._rest}

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Run the body with these arguments; what it returns."""
        scope = Scope(self._scope, self._bound)
        values = dict(zip(self._names, arguments))  # noqa: B905
        rest = arguments[len(self._names) :]
        if self._rest:
            values[self._rest] = rest
        elif rest:
            raise TypeError("too many arguments")
        for name, value in keywords.items():
            if name not in self._all_names or name in values:
                raise TypeError(f"argument {name}")
            values[name] = value
        for name in self._all_names:
            if name not in values:
                if name not in self._defaults:
                    raise TypeError(f"argument {name} is missing")
                values[name] = self._defaults[name]
        scope.values = values
        if self._owner and self._names:
            scope.values["super"] = lambda: super(self._owner[0], values[self._names[0]])
        return self._interpreter.run_function(self._node, scope)


class _Return(NamedTuple):
    """A ``return`` statement was executed."""

    value: Any


_BREAK, _CONTINUE = object(), object()


class _Interpreter:
    """Runs statements and evaluates expressions: a method for each kind of node of the tree.

    Statements give None, or why the block around them ends: ``_BREAK``, ``_CONTINUE``, or a
    ``_Return``.
    """

    def __init__(self, most_steps: int, traced: bool) -> None:
        self.printed: list[str] = []
        self.trace: list[str] = []
        self._traced = traced
        self.steps = 0
        self.lines: set[int] = set()
        self._most_steps = most_steps
        self._room = LONGEST  # characters that may still be printed
        self._depth = 0
        self._visitors: dict[type, Callable[[Any, Scope], Any]] = {}
        self._own: Mapping[Any, Callable[..., Any]] = {
            print: self._print,
            str: self._str,
            repr: self._repr,
            sum: _sum,
            range: _range,
        }

    def visit(self, node: ast.AST, scope: Scope) -> Any:
        """Run a statement or evaluate an expression."""
        kind = type(node)
        method = self._visitors.get(kind)
        if method is None:
            method = getattr(self, f"visit_{kind.__name__}", None)
            if method is None:
                raise Unsupported(f"{kind.__name__} in line {getattr(node, 'lineno', '?')}")
            self._visitors[kind] = method
        return method(node, scope)

    def run_block(self, statements: Iterable[ast.stmt], scope: Scope) -> Any:
        """Run statements one after the other, as far as they go."""
        for statement in statements:
            self._step()
            self.lines.add(statement.lineno)
            end = self.visit(statement, scope)
            if end is not None:
                return end
        return None

    def run_function(self, node: ast.FunctionDef | ast.Lambda, scope: Scope) -> Any:
        """Run the body of a function whose arguments are in the scope; what it returns."""
        self._step()
        self._depth += 1
        if self._depth > DEEPEST_CALL:
            raise OutOfBounds("calls that nest too deeply")
        try:
            if isinstance(node, ast.Lambda):
                return self.visit(node.body, scope)
            end = self.run_block(node.body, scope)
            return end.value if end is not None else None
        finally:
            self._depth -= 1

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self._most_steps:
            raise OutOfBounds(f"more than {self._most_steps:,} steps")

    # Statements.

    def visit_Expr(self, node: ast.Expr, scope: Scope) -> None:
        self.visit(node.value, scope)

    def visit_Pass(self, node: ast.Pass, scope: Scope) -> None:
        """Nothing is what it does."""

    def visit_Assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.visit(node.value, scope)
        for target in node.targets:
            self._assign(target, value, scope)

    def visit_AugAssign(self, node: ast.AugAssign, scope: Scope) -> None:
        target = node.target
        apply = _IN_PLACE[type(node.op)]
        if isinstance(target, ast.Name):
            before = scope.look_up(target.id)
            after = self._operate(apply, node.op, before, self.visit(node.value, scope))
            self._give(target.id, after, scope)
            return
        holder = self.visit(target.value, scope)
        if isinstance(target, ast.Attribute):
            before = self._attribute(holder, target.attr)
            after = self._operate(apply, node.op, before, self.visit(node.value, scope))
            self._set_attribute(holder, target.attr, after)
        else:
            key = self.visit(target.slice, scope)
            after = self._operate(apply, node.op, holder[key], self.visit(node.value, scope))
            holder[key] = after

    def visit_Delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Subscript):
                raise Unsupported("del of this kind")
            holder = self.visit(target.value, scope)
            del holder[self.visit(target.slice, scope)]

    def visit_If(self, node: ast.If, scope: Scope) -> Any:
        return self.run_block(node.body if self.visit(node.test, scope) else node.orelse, scope)

    def visit_While(self, node: ast.While, scope: Scope) -> Any:
        while self.visit(node.test, scope):
            end = self.run_block(node.body, scope)
            if end is _BREAK:
                return None
            if isinstance(end, _Return):
                return end
        return self.run_block(node.orelse, scope)

    def visit_For(self, node: ast.For, scope: Scope) -> Any:
        for value in _iterate(self.visit(node.iter, scope)):
            self._assign(node.target, value, scope)
            end = self.run_block(node.body, scope)
            if end is _BREAK:
                return None
            if isinstance(end, _Return):
                return end
        return self.run_block(node.orelse, scope)

    def visit_Break(self, node: ast.Break, scope: Scope) -> Any:
        return _BREAK

    def visit_Continue(self, node: ast.Continue, scope: Scope) -> Any:
        return _CONTINUE

    def visit_Return(self, node: ast.Return, scope: Scope) -> _Return:
        return _Return(None if node.value is None else self.visit(node.value, scope))

    def visit_Global(self, node: ast.Global, scope: Scope) -> None:
        for name in node.names:
            scope.declare_global(name)

    def visit_Nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            scope.declare_nonlocal(name)

    def visit_FunctionDef(self, node: ast.FunctionDef, scope: Scope) -> None:
        self._define(node, scope, None)

    def visit_ClassDef(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = tuple(self.visit(base, scope) for base in node.bases) or (Object,)
        if node.keywords or node.decorator_list or not all(_is_own_class(base) for base in bases):
            raise Unsupported("a class of this kind")
        body = Scope(scope)
        owner: list[type] = []
        for statement in node.body:
            self._step()
            self.lines.add(statement.lineno)
            if isinstance(statement, ast.FunctionDef):
                name = statement.name
                if name.startswith("__") and name not in _SPECIAL_METHODS:
                    raise Unsupported(f"a class with {name}")
                # Methods do not see the names of the class, but those around it.
                body.values[name] = Function(self, statement, scope, owner)
            elif isinstance(statement, ast.Assign):
                self.visit(statement, body)
            else:
                raise Unsupported("a class with such a statement")
        owner.append(type(node.name, bases, body.values))
        scope.assign(node.name, owner[0])

    def visit_Raise(self, node: ast.Raise, scope: Scope) -> None:
        if node.exc is None or node.cause is not None:
            raise Unsupported("raise of this kind")
        raise self.visit(node.exc, scope)

    def visit_Try(self, node: ast.Try, scope: Scope) -> Any:
        try:
            end = self._try(node, scope)
        finally:
            if self.run_block(node.finalbody, scope) is not None:
                raise Unsupported("finally that ends a block")
        return end

    def _try(self, node: ast.Try, scope: Scope) -> Any:
        try:
            end = self.run_block(node.body, scope)
        except Stuck:
            raise
        except Exception as error:
            for handler in node.handlers:
                if handler.type is None:
                    raise Unsupported("except without an exception") from None
                if isinstance(error, self.visit(handler.type, scope)):
                    if handler.name:
                        scope.assign(handler.name, error)
                    return self.run_block(handler.body, scope)
            raise
        return end if end is not None else self.run_block(node.orelse, scope)

    def _define(self, node: ast.FunctionDef, scope: Scope, owner: list[type] | None) -> None:
        function: Any = Function(self, node, scope, owner)
        for decorator in reversed(node.decorator_list):
            function = self.visit(decorator, scope)(function)
        scope.assign(node.name, function)

    def _assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            self._give(target.id, value, scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, list(_iterate(value)), scope)
        elif isinstance(target, ast.Subscript):
            holder = self.visit(target.value, scope)
            holder[self.visit(target.slice, scope)] = value
            _check_size(holder)
        elif isinstance(target, ast.Attribute):
            self._set_attribute(self.visit(target.value, scope), target.attr, value)
        else:
            raise Unsupported("an assignment of this kind")

    def _give(self, name: str, value: Any, scope: Scope) -> None:
        scope.assign(name, value)
        if self._traced and _is_plain(value) and len(text := repr(value)) <= LONGEST_VALUE:
            self.trace.append(f"{name}={text}")

    def _unpack(self, targets: list[ast.expr], values: list[Any], scope: Scope) -> None:
        stars = [n for n, target in enumerate(targets) if isinstance(target, ast.Starred)]
        if stars:
            first = stars[0]
            after = len(targets) - first - 1
            if len(values) < len(targets) - 1:
                raise ValueError("not enough values to unpack")
            last = len(values) - after
            values = [*values[:first], values[first:last], *values[last:]]
        if len(values) != len(targets):
            raise ValueError("the wrong number of values to unpack")
        for target, value in zip(targets, values, strict=True):
            inner = target.value if isinstance(target, ast.Starred) else target
            self._assign(inner, value, scope)

    # Expressions.

    def visit_Constant(self, node: ast.Constant, scope: Scope) -> Any:
        return node.value

    def visit_Name(self, node: ast.Name, scope: Scope) -> Any:
        return scope.look_up(node.id)

    def visit_List(self, node: ast.List, scope: Scope) -> list[Any]:
        return self._elements(node.elts, scope)

    def visit_Tuple(self, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
        return tuple(self._elements(node.elts, scope))

    def visit_Set(self, node: ast.Set, scope: Scope) -> set[Any]:
        return set(self._elements(node.elts, scope))

    def visit_Dict(self, node: ast.Dict, scope: Scope) -> dict[Any, Any]:
        result = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise Unsupported("** in a dict")
            result[self.visit(key, scope)] = self.visit(value, scope)
        return result

    def visit_BinOp(self, node: ast.BinOp, scope: Scope) -> Any:
        left = self.visit(node.left, scope)
        right = self.visit(node.right, scope)
        return self._operate(_BINARY.get(type(node.op)), node.op, left, right)

    def visit_UnaryOp(self, node: ast.UnaryOp, scope: Scope) -> Any:
        return _UNARY[type(node.op)](self.visit(node.operand, scope))

    def visit_BoolOp(self, node: ast.BoolOp, scope: Scope) -> Any:
        ends_with = isinstance(node.op, ast.Or)
        for part in node.values:
            value = self.visit(part, scope)
            if bool(value) is ends_with:
                break
        return value

    def visit_Compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.visit(node.left, scope)
        for op, part in zip(node.ops, node.comparators, strict=True):
            right = self.visit(part, scope)
            if isinstance(op, (ast.Is, ast.IsNot)) and isinstance(left, (int, float, str, tuple)):
                raise Unsupported("whether two values are one object")  # up to the version
            result = _COMPARE[type(op)](left, right)
            if not result:
                break
            left = right
        return result

    def visit_IfExp(self, node: ast.IfExp, scope: Scope) -> Any:
        return self.visit(node.body if self.visit(node.test, scope) else node.orelse, scope)

    def visit_Lambda(self, node: ast.Lambda, scope: Scope) -> Function:
        return Function(self, node, scope)

    def visit_Subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        holder = self.visit(node.value, scope)
        return holder[self.visit(node.slice, scope)]

    def visit_Slice(self, node: ast.Slice, scope: Scope) -> slice:
        parts = (node.lower, node.upper, node.step)
        return slice(*(None if part is None else self.visit(part, scope) for part in parts))

    def visit_Attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self._attribute(self.visit(node.value, scope), node.attr)

    def visit_Call(self, node: ast.Call, scope: Scope) -> Any:
        function = self.visit(node.func, scope)
        arguments = self._elements(node.args, scope)
        keywords = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise Unsupported("** in a call")
            keywords[keyword.arg] = self.visit(keyword.value, scope)
        self._check_order(function, arguments, keywords)
        result = self._own.get(function, function)(*arguments, **keywords)
        _check_size(result)
        return result

    def visit_JoinedStr(self, node: ast.JoinedStr, scope: Scope) -> str:
        return "".join(self.visit(part, scope) for part in node.values)

    def visit_FormattedValue(self, node: ast.FormattedValue, scope: Scope) -> str:
        value = self.visit(node.value, scope)
        if node.conversion == ord("r"):
            value = self._repr(value)
        spec = "" if node.format_spec is None else self.visit(node.format_spec, scope)
        if not spec:
            return self._str(value)
        if not isinstance(value, (int, float, str)) or not _FORMAT.fullmatch(spec):
            raise Unsupported(f"the format {spec!r}")
        return format(value, spec)

    def visit_ListComp(self, node: ast.ListComp, scope: Scope) -> list[Any]:
        return self._comprehend(node, node.elt, scope)

    def visit_GeneratorExp(self, node: ast.GeneratorExp, scope: Scope) -> Iterator[Any]:
        # All at once: no program of ours can tell, as none has elements with side effects.
        return iter(self._comprehend(node, node.elt, scope))

    def visit_SetComp(self, node: ast.SetComp, scope: Scope) -> set[Any]:
        return set(self._comprehend(node, node.elt, scope))

    def visit_DictComp(self, node: ast.DictComp, scope: Scope) -> dict[Any, Any]:
        pair = ast.Tuple([node.key, node.value], ast.Load())
        return dict(self._comprehend(node, pair, scope))

    def _comprehend(
        self,
        node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp,
        element: ast.expr,
        scope: Scope,
    ) -> list[Any]:
        found: list[Any] = []
        inner = Scope(scope, _assigned(node))

        def loop(depth: int) -> None:
            if depth == len(node.generators):
                self._step()
                found.append(self.visit(element, inner))
                return
            clause = node.generators[depth]
            # The first collection is evaluated outside: its names are not the loop's.
            items = self.visit(clause.iter, scope if depth == 0 else inner)
            for item in _iterate(items):
                self._assign(clause.target, item, inner)
                if all(self.visit(condition, inner) for condition in clause.ifs):
                    loop(depth + 1)

        loop(0)
        _check_size(found)
        return found

    def _elements(self, nodes: list[ast.expr], scope: Scope) -> list[Any]:
        elements: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                elements.extend(_iterate(self.visit(node.value, scope)))
            else:
                elements.append(self.visit(node, scope))
        _check_size(elements)
        return elements

    def _operate(
        self, apply: Callable[[Any, Any], Any] | None, op: ast.operator, left: Any, right: Any
    ) -> Any:
        if apply is None or (isinstance(op, ast.Mod) and isinstance(left, str)):
            raise Unsupported(f"the operator {type(op).__name__} here")
        _check_operands(op, left, right)
        value = apply(left, right)
        _check_size(value)
        return value

    # Attributes, and the functions of Python that are done in another way here.

    def _attribute(self, holder: Any, name: str) -> Any:
        if isinstance(holder, super):
            if not name.startswith("__") or name in _SPECIAL_METHODS:
                return getattr(holder, name)
        elif isinstance(holder, Object) or _is_own_class(holder):
            if not name.startswith("__"):
                return getattr(holder, name)
        else:
            kind = holder if isinstance(holder, type) else type(holder)
            if name in _METHODS.get(kind, ()):
                return getattr(holder, name)
        raise Unsupported(f"the attribute {name} of {type(holder).__name__}")

    def _set_attribute(self, holder: Any, name: str, value: Any) -> None:
        if name.startswith("__") or not (isinstance(holder, Object) or _is_own_class(holder)):
            raise Unsupported(f"an assignment to the attribute {name}")
        setattr(holder, name, value)

    def _check_order(
        self, function: Any, arguments: list[Any], keywords: Mapping[str, Any]
    ) -> None:
        """Refuse calls whose result may depend on the order of a set."""
        if not any(isinstance(argument, set) for argument in arguments):
            return
        is_ours = isinstance(function, (Function, MethodType)) or _is_own_class(function)
        is_of_a_set = isinstance(getattr(function, "__self__", None), set)
        is_blind = getattr(function, "__name__", "") in _TAKE_SETS and not keywords
        if not (is_ours or is_of_a_set or is_blind):
            raise Unsupported("the order of a set")

    def _print(self, *values: Any, sep: str = " ", end: str = "\n") -> None:
        text = sep.join(self._str(value) for value in values) + end
        self._room -= len(text)
        if self._room < 0:
            raise OutOfBounds("too much is printed")
        self.printed.append(text)

    def _str(self, value: Any = "") -> str:
        if isinstance(value, str):
            return value
        if _defines(value, "__str__"):
            return str(value)
        if isinstance(value, Exception):
            return str(value)
        return self._repr(value)

    def _repr(self, value: Any) -> str:
        pieces: list[str] = []
        self._write(value, pieces, [LONGEST], ())
        return "".join(pieces)

    def _write(
        self, value: Any, pieces: list[str], room: list[int], around: tuple[int, ...]
    ) -> None:
        """Write a value as ``repr`` does."""
        if room[0] < 0:
            raise OutOfBounds("a value that is too long to print")
        kind = type(value)
        if id(value) in around:  # it holds itself
            pieces.append("[...]" if kind is list else "{...}")
            return
        if value is None or kind in (bool, int, float, str, range):
            text = repr(value)
            room[0] -= len(text)
            pieces.append(text)
        elif kind in (list, tuple, dict):
            brackets = _BRACKETS[kind]
            pieces.append(brackets[0])
            around = (*around, id(value))
            for n, item in enumerate(value):
                room[0] -= 2
                pieces.append(", " if n else "")
                self._write(item, pieces, room, around)
                if kind is dict:
                    pieces.append(": ")
                    self._write(value[item], pieces, room, around)
            pieces.append(",)" if kind is tuple and len(value) == 1 else brackets[1])
        elif _defines(value, "__repr__"):
            text = repr(value)
            room[0] -= len(text)
            pieces.append(text)
        else:  # a set, whose order is not fixed, or something with an address
            raise Unsupported(f"printing a {kind.__name__}")


def _is_plain(value: Any, depth: int = 4) -> bool:
    """Whether a value is written the same everywhere, and without running any of the program."""
    if value is None or type(value) in (bool, int, float, str):
        return True
    if type(value) in (list, tuple, dict) and depth:
        values = [*value, *value.values()] if type(value) is dict else value
        return all(_is_plain(each, depth - 1) for each in values)
    return False


def _is_own_class(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Object)


def _defines(value: Any, method: str) -> bool:
    """Whether a class of the program says how this value is written."""
    return isinstance(value, Object) and getattr(type(value), method) is not getattr(object, method)


def _iterate(value: Any) -> Iterator[Any]:
    if isinstance(value, set):
        raise Unsupported("the order of a set")
    return iter(value)


def _sum(values: Any, start: Any = 0) -> Any:
    for value in values if isinstance(values, set) else _iterate(values):
        if isinstance(value, float):
            raise Unsupported("the sum of floats")  # rounds differently from Python 3.12 on
        start = start + value
        _check_size(start)
    return start


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > MOST_STEPS:
        raise OutOfBounds("a range that is too long")
    return numbers


def _check_operands(op: ast.operator, left: Any, right: Any) -> None:
    """Refuse what would take long, before it is done."""
    are_integers = isinstance(left, int) and isinstance(right, int)
    if isinstance(op, ast.Pow) and are_integers:
        if left.bit_length() * abs(right) > MOST_BITS:
            raise OutOfBounds("a power that is too large")
    elif isinstance(op, ast.LShift) and are_integers:
        if right > MOST_BITS:
            raise OutOfBounds("a shift that is too far")
    elif isinstance(op, ast.Mult) and not are_integers:
        for one, other in ((left, right), (right, left)):
            is_repeated = isinstance(one, (str, list, tuple)) and isinstance(other, int)
            if is_repeated and len(one) * other > LONGEST:
                raise OutOfBounds("a value that is too long")


def _check_size(value: Any) -> None:
    if isinstance(value, int):
        if value.bit_length() > MOST_BITS:
            raise OutOfBounds("a number that is too large")
    elif isinstance(value, (str, list, tuple, dict, set)) and len(value) > LONGEST:
        raise OutOfBounds("a value that is too long")


def _assigned(node: ast.AST) -> frozenset[str]:
    """The names that a function or a comprehension binds itself, its parameters apart."""
    names: set[str] = set()
    elsewhere: set[str] = set()

    def collect(node: ast.AST) -> None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
            return
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            elsewhere.update(node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(
            node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        ):
            return
        for child in ast.iter_child_nodes(node):
            collect(child)

    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        for statement in node.body if isinstance(node.body, list) else []:
            collect(statement)
    else:
        for clause in getattr(node, "generators", ()):
            collect(clause.target)
    return frozenset(names - elsewhere)
