"""Python that tests a program, split into what is run and what it must give.

The tests of a corpus are never run where the program runs: the program could read them. They are
followed here, statement by statement: loops over known values are unrolled, functions of the tests
are put in where they are called, and of each assertion the call is left, which goes into the
sandbox, and the expected value, which stays on the host. What holds for a result and cannot be said
by a value (``!=``, ``<``, a function of the tests) becomes a checker: it runs in the sandbox as
well, but after the program has ended. What cannot be followed is refused, with its line and text.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from reasoning_gym_envs.code.corpora.literals import (
    CONSTANTS,
    PLAIN_FUNCTIONS,
    Evaluator,
    Names,
    Room,
    bound,
)
from reasoning_gym_envs.code.corpora.refusal import BeyondHost, NoLiteral, RefusedTask
from reasoning_gym_envs.sandbox.judge import Test
from reasoning_gym_envs.sandbox.values import LARGEST_VALUE, Comparison, literal

LONGEST_TEXT = 200_000
"""How many characters of a program, or of a question, are read."""
LONGEST_TESTS = 1_000_000
"""How many characters of tests are read."""
MOST_STEPS = 100_000
"""How many statements of tests are followed, those of a loop each time."""
MOST_TESTS = 5_000
"""How many tests a task may have."""
MOST_WRITTEN = 2 * LARGEST_VALUE
"""How large the values are that are put in for names, all together: they are written out."""
MOST_NODES = 100_000
"""How large an expression may become by what is put in for names."""
AS_EQUAL = Comparison(strict=False)
"""As ``==`` compares."""

AS_DICT = "(lambda value: dict(value) if isinstance(value, dict) else value)"
"""A function that makes dicts of Counters and their like, which ``==`` takes for the same."""
# What a checker may use: none of it depends on the time, the machine, or chance.
_CHECKING = frozenset(
    (
        *PLAIN_FUNCTIONS,
        *("chr", "divmod", "enumerate", "filter", "isinstance", "map", "ord", "range", "repr"),
        *("reversed", "type", "zip", "AssertionError", "Exception", "ValueError", "TypeError"),
    )
)
_PURE_MODULES = frozenset(
    (
        *("bisect", "cmath", "collections", "copy", "decimal", "fractions", "functools", "heapq"),
        *("itertools", "json", "math", "operator", "re", "statistics", "string", "typing"),
    )
)
_METHODS = frozenset(
    name for kind in (str, bytes, int, float, complex, list, tuple, set, dict) for name in dir(kind)
)
_COMPARISONS_OF_UNITTEST: Mapping[str, type[ast.cmpop]] = {
    **dict.fromkeys(
        (
            *("assertEqual", "assertEquals", "assertListEqual", "assertTupleEqual"),
            *("assertDictEqual", "assertSetEqual", "assertSequenceEqual", "assertMultiLineEqual"),
        ),
        ast.Eq,
    ),
    **{"assertNotEqual": ast.NotEq, "assertIn": ast.In, "assertNotIn": ast.NotIn},
    **{"assertIs": ast.Is, "assertIsNot": ast.IsNot},
    **{"assertLess": ast.Lt, "assertLessEqual": ast.LtE},
    **{"assertGreater": ast.Gt, "assertGreaterEqual": ast.GtE},
}
_OPPOSITES: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


class Split(NamedTuple):
    """A test; its call as it was written; its arguments, where they are literals."""

    test: Test
    call: str
    arguments: tuple[Any, ...] | None


class Splitter:
    """Splits the tests of one task.

    Args:
        entry: the name that the program defines.
        made: names that stand before the program, such as imports, for tests to use.
        callee: what is called, where it is not the name itself, such as ``Solution().add``.
        setup: the text that makes these names.

    Attributes:
        packages: what the checkers import and Python does not bring along.
    """

    def __init__(
        self, entry: str, made: Collection[str] = (), callee: str = "", setup: str = ""
    ) -> None:
        self.entry = entry
        self.made = made
        self.setup = setup
        self.packages: set[str] = set()
        self._callee = parse(callee or entry).body[0]
        assert isinstance(self._callee, ast.Expr)
        self._candidate = self._callee.value
        self._shape = ast.dump(self._candidate)
        self._evaluator = Evaluator()
        self._written = Room(MOST_WRITTEN)
        self._functions: dict[str, ast.FunctionDef] = self._evaluator.functions
        self._imports: list[ast.Import | ast.ImportFrom] = []
        self._splits: list[Split] = []
        self._steps = 0
        self._running: list[str] = []
        self._called: set[str] = set()

    def split_all(self, text: str) -> list[Split]:
        """The tests of a text: of its function ``check``, of its test cases, or of the text itself.

        Raises:
            RefusedTask: one of them cannot be split.
        """
        self._splits = []
        body = parse(text, LONGEST_TESTS).body
        names: dict[str, ast.expr] = {}
        self._run(body, names)
        left = [f for name, f in self._functions.items() if name not in self._called]
        check = self._functions.get("check") or (left[0] if len(left) == 1 else None)
        if not self._splits and check is not None:
            if len(check.args.args) != 1:
                self._refuse(check, "a check takes the candidate alone")
            self._run(check.body, {**names, check.args.args[0].arg: self._candidate})
        return self._splits

    # Statements.

    def _run(self, body: Sequence[ast.stmt], names: dict[str, ast.expr]) -> None:
        for node in body:
            try:
                self._steps += 1
                if self._steps > MOST_STEPS:
                    raise NoLiteral(f"more than {MOST_STEPS:,} steps")
                self._step(node, names)
            except (NoLiteral, RecursionError) as error:
                nests = isinstance(error, RecursionError)  # its own words differ between versions
                self._refuse(node, "it nests too deeply" if nests else str(error))

    def _step(self, node: ast.stmt, names: dict[str, ast.expr]) -> None:
        if isinstance(node, ast.Assert):
            test = self._resolved(node.test, names)
            if isinstance(test, ast.Constant) and not isinstance(node.test, ast.Constant):
                raise NoLiteral(f"it does not call {self.entry}")
            self._holds(test)
        elif isinstance(node, ast.For) and not node.orelse:
            for item in self._evaluator.items(node.iter, names):
                names.update(bound(node.target, item))
                self._run(node.body, names)
        elif isinstance(node, ast.If):
            self._branch(node, names)
        elif isinstance(node, ast.FunctionDef) and not node.decorator_list:
            self._functions[node.name] = node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node, names)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._assign(node.targets[0], node.value, names)
        elif isinstance(node, ast.With) and len(node.items) == 1:
            self._raises(node.items[0].context_expr, node.body, names)
        elif isinstance(node, ast.ClassDef) and "TestCase" in map(_last_name, node.bases):
            self._test_cases(node, names)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self._call(node.value, names)
        elif not isinstance(node, ast.Pass) and not (
            isinstance(node, ast.Expr) and isinstance(node.value, (ast.Constant, ast.Name))
        ):
            raise NoLiteral(f"a statement that is not followed ({type(node).__name__.lower()})")

    def _import(self, node: ast.Import | ast.ImportFrom, names: dict[str, ast.expr]) -> None:
        self._imports.append(node)
        module = node.module if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            value = CONSTANTS.get(f"{module}.{alias.name}")
            if value is not None:
                names[alias.asname or alias.name] = ast.Constant(value)

    def _assign(self, target: ast.expr, tree: ast.expr, names: dict[str, ast.expr]) -> None:
        if not self._has_call(tree, names):
            try:
                names.update(bound(target, self._evaluator.evaluate(tree, names)))
                return
            except NoLiteral:
                pass  # it may never be used
        if not isinstance(target, ast.Name):
            raise NoLiteral("only names are assigned to")
        names[target.id] = self._resolved(tree, names)

    def _branch(self, node: ast.If, names: dict[str, ast.expr]) -> None:
        condition = self._resolved(node.test, names)
        if isinstance(condition, ast.Constant):
            self._run(node.body if condition.value else node.orelse, names)
            return
        # "if the result is not equal, it must at least be near; else it must be equal"
        first = len(self._splits)
        self._holds(_opposite(condition))
        equal = self._splits[first:]
        del self._splits[first:]
        self._run(node.orelse, names)
        otherwise = self._splits[first:]
        del self._splits[first:]
        if len(equal) != 1 or otherwise != equal:
            raise BeyondHost("a condition that depends on the result")
        self._run(node.body, names)
        (split,) = equal
        if not all(_is_near(near.test, split.test) for near in self._splits[first:]):
            raise BeyondHost("a condition that depends on the result")

    def _call(self, call: ast.Call, names: dict[str, ast.expr]) -> None:
        name = ast.unparse(call.func)
        if isinstance(call.func, ast.Name) and name in self._functions:
            self._inline(self._functions[name], call, names)
        elif name == "print":
            return
        elif name.startswith("self.assert"):
            self._holds(self._resolved(_of_unittest(call), names))
        elif name.endswith("testing.assert_allclose"):
            near = ast.Call(ast.Name("assert_allclose", ast.Load()), call.args, call.keywords)
            self._holds(self._resolved(near, names))
        elif name == "unittest.main" or name.endswith("testmod"):
            return
        else:
            raise NoLiteral("a call whose result is not looked at")

    def _inline(
        self, function: ast.FunctionDef, call: ast.Call, names: dict[str, ast.expr]
    ) -> None:
        """The tests of a function of the tests, with its arguments put in."""
        self._called.add(function.name)
        if not _does_something(function):
            return  # MBPP+ has some that compare and do not assert
        resolved = self._resolved(call, names)
        assert isinstance(resolved, ast.Call)
        first = len(self._splits)
        try:
            if function.name in self._running:
                raise NoLiteral(f"{function.name} calls itself")
            self._running.append(function.name)
            try:
                self._run(function.body, {**names, **_parameters(function, resolved)})
            finally:
                self._running.pop()
        except (NoLiteral, RefusedTask) as reason:
            del self._splits[first:]
            if not self._has_call(resolved):
                raise
            self._check_outside(resolved, reason, is_statement=True)

    def _test_cases(self, node: ast.ClassDef, names: dict[str, ast.expr]) -> None:
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and method.name.startswith("test"):
                if method.decorator_list:
                    raise NoLiteral("a test with a decorator")
                self._run(method.body, dict(names))
            elif isinstance(method, ast.FunctionDef):
                raise NoLiteral(f"a class of tests with {method.name}")
            elif not isinstance(method, (ast.Expr, ast.Pass)):
                raise NoLiteral("a class of tests with more than tests")

    def _raises(self, context: ast.expr, body: list[ast.stmt], names: dict[str, ast.expr]) -> None:
        is_raises = (
            isinstance(context, ast.Call)
            and _last_name(context.func) in ("raises", "assertRaises")
            and len(context.args) == 1
        )
        if not is_raises or len(body) != 1 or not isinstance(body[0], (ast.Expr, ast.Assign)):
            raise NoLiteral("of `with` only what raises one exception is followed")
        assert isinstance(context, ast.Call)
        kinds = context.args[0]
        errors = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
        run = self._resolved(body[0].value, names)
        call = self._call_in(run)
        self._check_names(run)
        test = Test(text_of(run), None, raises=tuple(map(_last_name, errors)))
        self._add(Split(test, text_of(call), None))

    # Assertions.

    def _holds(self, test: ast.expr) -> None:
        """Add what is tested by something that must be true."""
        if isinstance(test, ast.Constant):
            if not test.value:
                raise NoLiteral("it never holds")
            return  # `assert True, "…"` in HumanEval
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            for part in test.values:
                self._holds(part)
            return
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = test.operand
            if isinstance(inner, ast.Compare) and len(inner.ops) == 1:
                test = _opposite(inner)
        if _is_of_itself(test) and self._has_call(test):
            return  # whatever the program gives
        if not self._has_call(test):
            raise NoLiteral(f"it does not call {self.entry}")
        try:
            self._add(self._split(test))
        except BeyondHost as reason:
            self._check_outside(test, reason)

    def _split(self, test: ast.expr) -> Split:
        run, expected, comparison = self._sides(test)
        call = self._call_in(run)
        self._check_names(run)
        text = text_of(run)
        if type(expected) is dict:
            text = f"{AS_DICT}({text})"
        return Split(Test(text, expected, comparison), text_of(call), self._arguments(call))

    def _sides(self, test: ast.expr) -> tuple[ast.expr, Any, Comparison]:
        """What is run, what it must give, and how they are compared."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return _bool_of(test.operand), False, AS_EQUAL
        if isinstance(test, ast.Call) and (near := _nearness(test)) is not None:
            run, value = self._call_first(*test.args[:2])
            tolerances = {
                word.arg: self._evaluator.evaluate(word.value, {}) for word in test.keywords
            }
            return run, near.expected(value), near.comparison(tolerances, test.args[2:])
        if not isinstance(test, ast.Compare):
            return _bool_of(test), True, AS_EQUAL
        if len(test.ops) != 1:
            raise BeyondHost("a chain of comparisons")
        left, right, comparator = test.left, test.comparators[0], test.ops[0]
        if isinstance(comparator, (ast.Gt, ast.GtE)):
            left, right, comparator = right, left, ast.Lt()
        if isinstance(comparator, (ast.Lt, ast.LtE)):
            return self._difference(left, right)
        if isinstance(comparator, ast.Eq) and _is_call_of(right, "approx"):
            assert isinstance(right, ast.Call)
            words = [word for word in right.keywords if word.arg in ("rel", "abs")]
            return self._sides(ast.Call(right.func, [left, *right.args], words))
        run, value = self._call_first(left, right)
        if isinstance(comparator, ast.Is):
            if value is not None and type(value) is not bool:
                raise NoLiteral("only None, True and False are compared with `is`")
            return run, value, Comparison()
        if not isinstance(comparator, ast.Eq):
            raise BeyondHost("only ==, `is` and a tolerance are compared on the host")
        return run, value, AS_EQUAL

    def _difference(self, left: ast.expr, right: ast.expr) -> tuple[ast.expr, Any, Comparison]:
        """``abs(f(x) - c) < eps``."""
        difference = None
        if isinstance(left, ast.Call) and _is_call_of(left, "abs") and len(left.args) == 1:
            difference = left.args[0]
        if not isinstance(difference, ast.BinOp) or not isinstance(difference.op, ast.Sub):
            raise BeyondHost("of < only abs(… - …) < … is compared on the host")
        run, value = self._call_first(difference.left, difference.right)
        tolerance = as_float(self._evaluator.evaluate(right, {}))
        return run, as_float(value), Comparison(strict=False, absolute=tolerance)

    def _call_first(self, left: ast.expr, right: ast.expr) -> tuple[ast.expr, Any]:
        """The side that has the call, and the value of the other."""
        if not self._has_call(left):
            left, right = right, left
        if self._has_call(right):
            raise BeyondHost(f"{self.entry} is called on both sides")
        return left, self._evaluator.evaluate(right, {})

    def _check_outside(self, test: ast.expr, reason: Exception, is_statement: bool = False) -> None:
        """Add a test whose result a checker looks at, after the program has ended.

        What it is compared with goes along, as far as the host can tell what it is.

        Raises:
            Exception: the reason: it takes more than the result of one call.
            NoLiteral: there is no room for a value.
        """
        calls = [n for n in ast.walk(test) if isinstance(n, ast.Call) and self._is_call(n)]
        is_unpacked = any(isinstance(n, ast.Starred) and n.value in calls for n in ast.walk(test))
        if len({ast.dump(call) for call in calls}) != 1 or is_unpacked:
            raise reason
        given: list[Any] = []

        def change(node: ast.AST) -> ast.AST | None:
            if self._is_call(node):
                return ast.Name("got", ast.Load())
            if not isinstance(node, ast.expr) or self._has_call(node):
                return None
            try:
                given.append(self._evaluator.evaluate(node, {}))
            except BeyondHost:
                return None
            place = ast.Constant(len(given) - 1)
            return ast.Subscript(ast.Name("given", ast.Load()), place, ast.Load())

        checked: ast.expr = rewritten(test, change)
        parts = self._needed(checked)
        if not self._can_check([checked, *parts]):
            raise reason
        self._check_names(calls[0])
        self.packages.update(packages_of(parts))
        line = text_of(checked)
        line = f"{line}\n    return True" if is_statement else f"return {line}"
        prelude = "\n".join([self.setup, *map(ast.unparse, parts)]).strip()
        checker = f"{prelude}\n\ndef check(given, expected, got):\n    {line}\n".lstrip()
        call = text_of(calls[0])
        test_of_call = Test(f"{AS_DICT}({call})", None, Comparison(checker=checker), tuple(given))
        self._add(Split(test_of_call, call, None))

    def _can_check(self, parts: Iterable[ast.AST]) -> bool:
        """Whether all names are known, and give the same at every time and on every machine."""
        functions, imported = set(self._functions), self._imported()
        for part in parts:
            known = {"got", "given", *functions, *self.made, *_bound_in(part), *_CHECKING}
            for node in ast.walk(part):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    modules = {module.split(".")[0] for module in _modules_of(node)}
                    if modules & sys.stdlib_module_names - _PURE_MODULES:
                        return False
                elif isinstance(node, ast.Name) and node.id not in known | imported:
                    return False
                elif isinstance(node, ast.Attribute) and node.attr not in _METHODS:
                    of = node.value  # a module: of what was got, only base types are known
                    if not (isinstance(of, ast.Name) and of.id in imported):
                        return False
        return True

    def _needed(self, tree: ast.expr) -> list[ast.stmt]:
        """The imports and functions of the tests that an expression uses, and what those use."""
        used: set[str] = set()
        left: list[ast.AST] = [tree]
        while left:
            found = _names_in(left.pop()) - used
            used |= found
            left += [self._functions[name] for name in found if name in self._functions]
        return [
            *(node for node in self._imports if used & set(_names_of(node))),
            *(function for name, function in self._functions.items() if name in used),
        ]

    def _imported(self) -> set[str]:
        return {name for node in self._imports for name in _names_of(node)}

    # Names and calls.

    def _resolved(self, tree: ast.expr, names: Names) -> ast.expr:
        """An expression with what its names stand for; what is known of it is a constant."""
        if not _names_in(tree) & names.keys():
            return self._simplified(tree)
        clash = _bound_in(tree) & names.keys()
        if clash and self._has_call(tree, names):
            raise NoLiteral(f"{min(clash)} stands for two things")

        def change(node: ast.AST) -> ast.AST | None:
            if isinstance(node, ast.Name):
                found = names.get(node.id, node)
                if isinstance(found, ast.Constant):
                    self._written.take(found.value)
                return found
            if isinstance(node, ast.Starred) or not isinstance(node, ast.expr):
                return None
            return self._known(node, names) if _names_in(node) & names.keys() else None

        resolved: ast.expr = rewritten(tree, change)
        if any(True for _ in islice(ast.walk(resolved), MOST_NODES, None)):
            raise NoLiteral("too long an expression, with what its names stand for")
        return self._simplified(resolved)

    def _simplified(self, tree: ast.expr) -> ast.expr:
        """A condition without the parts that are known."""
        if isinstance(tree, (ast.BoolOp, ast.Compare, ast.UnaryOp, ast.Call)):
            value = self._known(tree, {})
            if value is not None:
                return value
        if not isinstance(tree, ast.BoolOp):
            return tree
        ends = isinstance(tree.op, ast.Or)
        left: list[ast.expr] = []
        for part in map(self._simplified, tree.values):
            if not isinstance(part, ast.Constant):
                left.append(part)
            elif bool(part.value) is ends:
                return part if not left else ast.Constant(ends)
        if not left:
            return ast.Constant(not ends)
        return left[0] if len(left) == 1 else ast.BoolOp(tree.op, left)

    def _known(self, tree: ast.expr, names: Names) -> ast.Constant | None:
        if self._has_call(tree, names):
            return None
        try:
            return ast.Constant(self._evaluator.evaluate(tree, names))
        except NoLiteral:
            return None

    def _is_call(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and ast.dump(node.func) == self._shape

    def _has_call(self, tree: ast.expr, names: Names | None = None) -> bool:
        """Whether the program is called in it, or named."""
        used = _names_in(tree)
        return self.entry in used or (
            names is not None and any(self._has_call(names[n]) for n in used & names.keys())
        )

    def _call_in(self, run: ast.expr) -> ast.Call:
        """The call of the entry point; what is around it must not compare its result."""
        for node in ast.walk(run):
            if isinstance(node, (ast.Compare, ast.BoolOp)) and self._has_call(node):
                raise BeyondHost("a comparison within what is run")
            if isinstance(node, ast.Call) and self._is_call(node):
                return node
        raise NoLiteral(f"it does not call {self.entry}")

    def _check_names(self, run: ast.expr) -> None:
        known = {self.entry, *self.made, *PLAIN_FUNCTIONS, *_bound_in(run)}
        known |= {"range", "map", "object"}
        for node in ast.walk(run):
            if isinstance(node, ast.NamedExpr):
                raise NoLiteral("an assignment within it")
            if isinstance(node, ast.Name) and node.id not in known:
                raise BeyondHost(f"it uses {node.id}, which only the tests know")

    def _arguments(self, call: ast.Call) -> tuple[Any, ...] | None:
        given = (*call.args, *(word.value for word in call.keywords))
        try:
            return tuple(self._evaluator.evaluate(node, {}) for node in given)
        except NoLiteral:
            return None

    def _add(self, split: Split) -> None:
        if len(self._splits) == MOST_TESTS:
            raise NoLiteral(f"more than {MOST_TESTS:,} tests")
        self._splits.append(split)

    def _refuse(self, node: ast.stmt, reason: str) -> None:
        try:
            text = ast.unparse(node)
        except RecursionError:
            text = "…"
        where = f"line {node.lineno} of the tests: {reason}: {text:.200}"
        raise RefusedTask(where, reason) from None


def rewritten(tree: Any, change: Callable[[ast.AST], ast.AST | None]) -> Any:
    """A copy of a tree in which some nodes are others: of those it gives None for, the parts."""
    other = change(tree)
    if other is not None:
        return other
    copy = type(tree)()
    for name, part in ast.iter_fields(tree):
        if isinstance(part, ast.AST):
            part = rewritten(part, change)
        elif isinstance(part, list):
            part = [rewritten(item, change) if isinstance(item, ast.AST) else item for item in part]
        setattr(copy, name, part)
    return _unpacked(copy) if isinstance(copy, ast.Call) else copy


def _unpacked(call: ast.Call) -> ast.Call:
    """A call whose arguments are unpacked, with each of them where it is known."""
    arguments: list[ast.expr] = []
    for argument in call.args:
        unpacked = _known_value(argument.value) if isinstance(argument, ast.Starred) else None
        if isinstance(unpacked, (list, tuple)):
            arguments += map(ast.Constant, unpacked)
        else:
            arguments.append(argument)
    words: list[ast.keyword] = []
    for word in call.keywords:
        known = _known_value(word.value)
        if word.arg is None and isinstance(known, dict) and all(map(_is_name, known)):
            words += [ast.keyword(key, ast.Constant(value)) for key, value in known.items()]
        else:
            words.append(word)
    call.args, call.keywords = arguments, words
    return call


# The parts of a text.


def parse(text: str, longest: int = LONGEST_TEXT) -> ast.Module:
    """The tree of a text of Python.

    Raises:
        RefusedTask: it is none, or too long a one.
    """
    if len(text) > longest:
        raise RefusedTask(f"a text of more than {longest:,} characters")
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = "it is not Python"
        raise RefusedTask(f"{reason}: {error}: {text!r:.100}", reason) from error


def text_of(tree: ast.expr) -> str:
    """Python for an expression, values that are known included."""
    return ast.unparse(rewritten(tree, _spelled))


def _spelled(node: ast.AST) -> ast.AST | None:
    """Constants that Python's own writer does not spell right: collections, and odd floats."""
    if not isinstance(node, ast.Constant):
        return None
    value = _known_value(node)
    if value is Ellipsis or isinstance(value, (str, bytes, int)):
        return node
    return ast.Name(literal(value), ast.Load())


def names_made_by(setup: str) -> set[str]:
    """The names that a text defines or imports, for tests to use.

    Raises:
        RefusedTask: it does more than that.
    """
    names: set[str] = set()
    for node in parse(setup).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(_names_of(node))
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) for t in node.targets):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            # It may want what the program defines, and it stands before the program.
            raise RefusedTask("the setup of the tests does more than define names")
    return names


def packages_of(nodes: Iterable[ast.AST]) -> set[str]:
    """The packages that imports name and Python does not bring along."""
    modules = {
        name.split(".")[0]
        for node in nodes
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in _modules_of(node)
    }
    return modules - sys.stdlib_module_names - {""}


def as_float(value: Any) -> float:
    """A number that goes with a tolerance.

    Raises:
        NoLiteral: it is none.
    """
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise NoLiteral("a tolerance goes with a number") from None


def _known_value(tree: ast.expr) -> Any:
    """The value of a constant, which may be a collection as well."""
    return tree.value if isinstance(tree, ast.Constant) else None


def _modules_of(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]


def _names_of(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [(alias.asname or alias.name).split(".")[0] for alias in node.names]


def _does_something(function: ast.FunctionDef) -> bool:
    """Whether a function does more than give values to names."""
    return any(
        isinstance(node, (ast.Assert, ast.Raise))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        for node in ast.walk(function)
    )


def _bound_in(tree: ast.AST) -> set[str]:
    """The names that a tree binds itself: of lambdas, of comprehensions, of a function."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def _names_in(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _parameters(function: ast.FunctionDef, call: ast.Call) -> dict[str, ast.expr]:
    """What the parameters of a function stand for in a call."""
    names = [argument.arg for argument in function.args.args]
    defaults = function.args.defaults
    found: dict[str, ast.expr] = dict(
        zip(names[len(names) - len(defaults) :], defaults, strict=True)
    )
    found.update(zip(names, call.args, strict=False))
    found.update({word.arg: word.value for word in call.keywords if word.arg is not None})
    if len(call.args) > len(names) or set(found) != set(names):
        raise NoLiteral(f"a call of {function.name} that cannot be followed")
    return found


class _Nearness(NamedTuple):
    """How a function compares two numbers, or two lists of them, that are nearly the same."""

    relative: str
    absolute: str
    defaults: tuple[float, float]
    of_lists: bool

    def expected(self, value: Any) -> Any:
        return value if self.of_lists else as_float(value)

    def comparison(self, words: Mapping[str | None, Any], more: Sequence[ast.expr]) -> Comparison:
        if more or not words.keys() <= {self.relative, self.absolute}:
            raise NoLiteral(f"of tolerances, {self.relative} and {self.absolute} are known")
        relative, absolute = self.defaults
        return Comparison(
            strict=False,
            relative=as_float(words.get(self.relative, relative)),
            absolute=as_float(words.get(self.absolute, absolute)),
        )


_NEAR: Mapping[str, _Nearness] = {
    **dict.fromkeys(("math.isclose", "isclose"), _Nearness("rel_tol", "abs_tol", (1e-9, 0), False)),
    **dict.fromkeys(
        ("np.isclose", "np.allclose", "numpy.isclose", "numpy.allclose"),
        _Nearness("rtol", "atol", (1e-5, 1e-8), True),
    ),
    "assert_allclose": _Nearness("rtol", "atol", (1e-7, 0), True),
    **dict.fromkeys(("pytest.approx", "approx"), _Nearness("rel", "abs", (1e-6, 1e-12), True)),
}


def _nearness(call: ast.Call) -> _Nearness | None:
    near = _NEAR.get(ast.unparse(call.func))
    if near is not None and len(call.args) < 2:
        raise NoLiteral("a tolerance goes with two values")
    return near


def _is_call_of(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and _last_name(node.func) == name


def _last_name(tree: ast.expr) -> str:
    """``raises`` of ``pytest.raises``; "" of what is no name."""
    if isinstance(tree, ast.Attribute):
        return tree.attr
    return tree.id if isinstance(tree, ast.Name) else ""


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value.isidentifier()


def _bool_of(tree: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("bool", ast.Load()), [tree], [])


def _opposite(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        opposite = _OPPOSITES.get(type(test.ops[0]))
        if opposite is not None:
            return ast.Compare(test.left, [opposite()], test.comparators)
    raise BeyondHost("a condition that depends on the result")


def _is_of_itself(test: ast.expr) -> bool:
    """Whether a result is compared with itself, as HumanEval/33 does it."""
    return (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], ast.Eq)
        and ast.dump(test.left) == ast.dump(test.comparators[0])
    )


def _is_near(near: Test, equal: Test) -> bool:
    """Whether a test asks for the same as another, only less exactly."""
    return (near.run, near.expected) == (equal.run, equal.expected) and not near.comparison.checker


def _of_unittest(call: ast.Call) -> ast.expr:
    """What a method of unittest asserts, as an expression."""
    name, arguments = _last_name(call.func), call.args
    words = {word.arg: word.value for word in call.keywords if word.arg != "msg"}
    comparator = _COMPARISONS_OF_UNITTEST.get(name)
    if comparator is not None and len(arguments) >= 2 and not words:
        return ast.Compare(arguments[0], [comparator()], [arguments[1]])
    if name == "assertAlmostEqual" and len(arguments) == 2 and words.keys() <= {"places", "delta"}:
        places = words.get("places", ast.Constant(7))
        half = ast.BinOp(ast.Constant(10.0), ast.Pow(), ast.UnaryOp(ast.USub(), places))
        near = words.get("delta", ast.BinOp(ast.Constant(0.5), ast.Mult(), half))
        tolerances = [ast.keyword("rel_tol", ast.Constant(0.0)), ast.keyword("abs_tol", near)]
        return ast.Call(ast.Name("isclose", ast.Load()), arguments, tolerances)
    if name in ("assertTrue", "assertFalse") and arguments and not words:
        is_true = name == "assertTrue"
        return arguments[0] if is_true else ast.UnaryOp(ast.Not(), arguments[0])
    if name in ("assertIsNone", "assertIsNotNone") and arguments and not words:
        comparison = ast.Is() if name == "assertIsNone" else ast.IsNot()
        return ast.Compare(arguments[0], [comparison], [ast.Constant(None)])
    if name == "assertIsInstance" and len(arguments) >= 2 and not words:
        return ast.Call(ast.Name("isinstance", ast.Load()), arguments[:2], [])
    raise NoLiteral(f"{name or 'a method'} is not followed")
