"""Tasks from files in the form of HumanEval, MBPP and APPS.

Their tests are Python. They are never run here: each assertion is split into the expression of the
call, which goes into the sandbox, and the expected value, which an evaluator of literals makes on
the host. What cannot be split so is refused, with its place and its text.
"""

from __future__ import annotations

import ast
import builtins
import json
import math
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from reasoning_gym_envs.code import leetcode
from reasoning_gym_envs.code.problems import CodeTask, question_text, shown
from reasoning_gym_envs.code.trivial import Call, TrivialPrograms
from reasoning_gym_envs.corpus import ProblemFileError, content_of, level_field, text_field
from reasoning_gym_envs.problems import LEVELS, Problem
from reasoning_gym_envs.sandbox.judge import Test
from reasoning_gym_envs.sandbox.values import (
    LARGEST_VALUE,
    Comparison,
    literal,
    same_output,
    size_of,
    tree_of,
)

LONGEST_TEXT = 200_000
"""How many characters of Python, or of a question, are read."""
LEVELS_OF_DIFFICULTIES: Mapping[str, int] = {
    **{"introductory": 2, "interview": 5, "competition": 8},
    **{"easy": 2, "medium": 5, "hard": 8},
}
"""The levels of tasks that have a ``difficulty`` and no ``level``."""

_MOST_BITS = 10_000
_AS_EQUAL = Comparison(strict=False)
_AS_PRINTED = Comparison(relative=1e-6, absolute=1e-6)  # what most problems of contests ask for
_FREQUENT_RESULTS = frozenset(map(literal, (2, 0.0, 1.0, -1.0, "0", "1", [[]], (), set())))
_FREQUENT_OUTPUTS = frozenset(
    ("", "0", "1", "-1", "2", "yes", "no", "true", "false", "possible", "impossible", "none")
)
# Of what a test may be made beside the call itself: none of them runs what it is given.
_PLAIN_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(abs, bool, bytes, complex, dict, float, frozenset, int, len, list, max, min),
        *(round, set, sorted, str, sum, tuple),
    )
}
# Compared as `==` does it: a Counter is a dict; where JSON wrote the test, a tuple is a list.
_AS_DICT = "(lambda value: dict(value) if isinstance(value, dict) else value)"
_AS_LIST = "(lambda value: list(value) if isinstance(value, tuple) else value)"


class RefusedTask(ProblemFileError):
    """A task whose tests cannot be judged safely; the message says which one and why."""


def read_code_problem(row: Any, where: str, default_level: int = LEVELS[0]) -> Problem:
    """A problem from a row in the form of HumanEval, MBPP or APPS.

    * HumanEval: ``prompt``, ``entry_point``, ``test`` (the text of a function of the candidate,
      with assertions) and optionally ``canonical_solution``, which goes on where the prompt ends.
    * MBPP: ``text`` or ``prompt``, ``test_list`` (assertions, the first of which the agent sees),
      and optionally ``code`` and ``test_setup_code`` or ``test_imports``.
    * APPS: ``question`` and ``input_output`` (``inputs`` and ``outputs``, as JSON or as its text):
      of a program standard input and output, of a function, where there is a ``fn_name``, its
      arguments and its result; optionally ``starter_code`` and ``solutions``. Where each result is
      wrapped in a list of its own, it is unwrapped.

    Each may have a ``level``, or a ``difficulty`` (see :data:`LEVELS_OF_DIFFICULTIES`).

    Raises:
        RefusedTask: a test cannot be split into a call and a value.
        ProblemFileError: a field is missing or cannot be read.
    """
    if not isinstance(row, Mapping):
        raise ProblemFileError(f"{where}: expected an object, got {type(row).__name__}")
    if row.get("task_id") is not None:
        where = f"{where} ({row['task_id']!s:.60})"
    if "input_output" in row:
        kind, (question, data) = "apps", _apps(row, where)
    elif "test_list" in row:
        kind, (question, data) = "mbpp", _mbpp(row, where)
    elif "entry_point" in row:
        kind, (question, data) = "humaneval", _humaneval(row, where)
    else:
        raise ProblemFileError(
            f"{where}: no 'input_output' (APPS), 'test_list' (MBPP) nor 'entry_point' (HumanEval); "
            f"the fields are {sorted(map(str, row))}"
        )
    shown_text = question_text(question, data.signature, map(shown, data.examples))
    if len(shown_text) > LONGEST_TEXT // 4:
        raise RefusedTask(f"{where}: the question has more than {LONGEST_TEXT // 4:,} characters")
    difficulty = row.get("difficulty")
    if isinstance(difficulty, str):
        default_level = LEVELS_OF_DIFFICULTIES.get(difficulty.lower(), default_level)
    return Problem(
        content=content_of(question),
        level=level_field(row.get("level"), where, default_level),
        question=shown_text,
        answer=data.solution,
        topic=kind,
        data=data,
        family="code corpus",
    )


# The three forms.


def _humaneval(row: Mapping[str, Any], where: str) -> tuple[str, CodeTask]:
    prompt = text_field(row, ("prompt",), where)
    entry = _name(text_field(row, ("entry_point",), where), where)
    tests = text_field(row, ("test",), where)
    setup = _before_definition(prompt, entry)
    splitter = _Splitter(entry, _names_made_by(setup, where), where)
    splits = splitter.split_all(tests)
    solution = row.get("canonical_solution")
    data = _calls_task(
        entry,
        "",
        (),
        splits,
        setup,
        prompt,
        prompt + solution if isinstance(solution, str) else "",
        where,
    )
    return f"Complete this program.\n\n{prompt.rstrip()}", data


def _mbpp(row: Mapping[str, Any], where: str) -> tuple[str, CodeTask]:
    question = text_field(row, ("text", "prompt"), where).rstrip()
    assertions = row["test_list"]
    if not isinstance(assertions, (list, tuple)) or not all(isinstance(a, str) for a in assertions):
        raise ProblemFileError(f"{where}: 'test_list' must be a list of texts")
    setup = row.get("test_setup_code", row.get("test_imports")) or ""
    if isinstance(setup, (list, tuple)):
        setup = "\n".join(map(str, setup))
    if not isinstance(setup, str):
        raise ProblemFileError(f"{where}: the setup of the tests must be a text")
    code = row.get("code")
    code = code if isinstance(code, str) else ""
    made = _names_made_by(setup, where)
    functions = _functions(code)
    entry = _entry_of(assertions, set(functions), made, where)
    splitter = _Splitter(entry, made, where)
    splits = [split for text in assertions for split in splitter.split_all(text)]
    if not splits:
        raise RefusedTask(f"{where}: there is no test")
    examples, hidden = splits[:1], splits[1:] or splits
    signature = functions.get(entry, f"def {entry}(…)")
    return question, _calls_task(entry, signature, examples, hidden, setup, "", code, where)


def _apps(row: Mapping[str, Any], where: str) -> tuple[str, CodeTask]:
    question = text_field(row, ("question",), where).rstrip()
    pairs = row["input_output"]
    if isinstance(pairs, str):
        try:
            pairs = json.loads(pairs)
        except (ValueError, RecursionError) as error:
            raise ProblemFileError(f"{where}: 'input_output' is not JSON: {error}") from error
    if not isinstance(pairs, Mapping):
        raise ProblemFileError(f"{where}: 'input_output' must be an object")
    inputs, outputs = pairs.get("inputs"), pairs.get("outputs")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or len(inputs) != len(outputs):
        raise ProblemFileError(f"{where}: 'inputs' and 'outputs' must be lists of the same length")
    if not inputs:
        raise RefusedTask(f"{where}: there is no test")
    starter = row.get("starter_code")
    starter = starter.rstrip() if isinstance(starter, str) else ""
    solution = _first_solution(row.get("solutions"))
    if starter:
        question = f"{question}\n\nBegin with:\n{starter}"
    if pairs.get("fn_name") is None:
        return question, _programs_task(question, inputs, outputs, solution, where)
    function = _name(str(pairs["fn_name"]), where)
    in_class = "class Solution" in starter or (not starter and "class Solution" in solution)
    if all(isinstance(output, list) and len(output) == 1 for output in outputs):
        outputs = [output[0] for output in outputs]
    splits = []
    for arguments, expected in zip(inputs, outputs, strict=True):
        if not isinstance(arguments, list):
            raise ProblemFileError(f"{where}: the inputs of {function} must be lists of arguments")
        try:
            tree_of(arguments), tree_of(expected)
            given = ", ".join(map(literal, arguments))
        except RecursionError as error:
            raise RefusedTask(f"{where}: a test nests too deeply") from error
        except ValueError as error:
            raise RefusedTask(f"{where}: a value of a test: {error}") from error
        call = f"{'Solution().' if in_class else ''}{function}({given})"
        run = f"{_AS_LIST}({call})" if isinstance(expected, list) else call
        splits.append(_Split(Test(run, expected, _AS_EQUAL), call, tuple(arguments)))
    name = "Solution" if in_class else function
    setup = leetcode.SETUP if in_class else ""
    data = _calls_task(name, "", (), splits, setup, question, solution, where)
    return question, data


class _Split(NamedTuple):
    """A test; its call as it was written; its arguments, where they are literals."""

    test: Test
    call: str
    arguments: tuple[Any, ...] | None


def _calls_task(
    name: str,
    signature: str,
    examples: Sequence[_Split],
    hidden: Sequence[_Split],
    setup: str,
    question: str,
    solution: str,
    where: str,
) -> CodeTask:
    if not hidden:
        raise RefusedTask(f"{where}: there is no test")
    seen = question + "".join(example.call for example in examples)
    return CodeTask(
        name=name,
        signature=signature,
        examples=tuple(split.test for split in examples),
        hidden=tuple((split.test,) for split in hidden),
        counts=tuple(_counting(hidden, "".join(seen.split()))),
        setup=setup,
        solution=solution,
    )


def _counting(splits: Sequence[_Split], seen: str) -> Iterator[bool]:
    """Whether each test is passed by no trivial program, nor one that knows what it has seen."""
    calls = [Call(split.arguments or (), split.test.expected) for split in splits]
    trivial = TrivialPrograms((), False, _AS_EQUAL)
    results = Counter(literal(call.expected) for call in calls)
    for split, call in zip(splits, calls, strict=True):
        result = literal(call.expected)
        is_guessed = result in _FREQUENT_RESULTS or results[result] > 1 or trivial.is_dull(call)
        yield not is_guessed and "".join(split.call.split()) not in seen


def _programs_task(
    question: str, inputs: Sequence[Any], outputs: Sequence[Any], solution: str, where: str
) -> CodeTask:
    tests = [
        Test(_lines(i, where), _lines(o, where), _AS_PRINTED)
        for i, o in zip(inputs, outputs, strict=True)
    ]
    answers = [test.expected.strip().lower() for test in tests]
    seen = "".join(question.split())
    return CodeTask(
        name="",
        signature="",
        examples=(),
        hidden=tuple((test,) for test in tests),
        kind="programs",
        counts=tuple(
            answers.count(answer) == 1
            and answer not in _FREQUENT_OUTPUTS
            and not same_output(test.expected, test.run)
            and "".join(test.run.split()) not in seen
            for test, answer in zip(tests, answers, strict=True)
        ),
        solution=solution,
    )


def _lines(text: Any, where: str) -> str:
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        return "\n".join(text)
    if isinstance(text, str):
        return text
    raise ProblemFileError(
        f"{where}: the input and output of a program are texts, got {text!r:.60}"
    )


def _first_solution(solutions: Any) -> str:
    if isinstance(solutions, str):
        try:
            solutions = json.loads(solutions)
        except (ValueError, RecursionError):
            return ""
    if isinstance(solutions, list) and solutions and isinstance(solutions[0], str):
        return solutions[0]
    return ""


# Python that is read and not run.


def _parse(text: str, where: str) -> ast.Module:
    if len(text) > LONGEST_TEXT:
        raise RefusedTask(f"{where}: a text of more than {LONGEST_TEXT:,} characters")
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RefusedTask(f"{where}: it is not Python: {error}: {text!r:.100}") from error


def _name(text: str, where: str) -> str:
    if not text.isidentifier():
        raise ProblemFileError(f"{where}: {text!r:.60} is no name of a function")
    return text


def _names_made_by(setup: str, where: str) -> set[str]:
    """The names that a text defines or imports, for tests to use."""
    names: set[str] = set()
    for node in _parse(setup, where).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) for t in node.targets):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            # It may want what the program defines, and it stands before the program.
            raise RefusedTask(f"{where}: the setup of the tests does more than define names")
    return names


def _before_definition(prompt: str, entry: str) -> str:
    """What a prompt has before the function to be completed: imports, and what it builds on."""
    lines = prompt.splitlines(keepends=True)
    starts = [
        n for n, line in enumerate(lines) if line.startswith((f"def {entry}(", f"class {entry}"))
    ]
    if not starts:
        return ""
    before = "".join(lines[: starts[0]])
    try:
        _parse(before, "")
    except RefusedTask:
        return ""
    return before


def _functions(code: str) -> dict[str, str]:
    """The functions that a text defines, with their first lines."""
    try:
        body = _parse(code, "").body
        return {
            node.name: f"def {node.name}({ast.unparse(node.args)})"
            for node in body
            if isinstance(node, ast.FunctionDef)
        }
    except (RefusedTask, RecursionError):
        return {}


def _entry_of(assertions: Iterable[str], functions: set[str], made: set[str], where: str) -> str:
    """The function that the assertions call."""
    called: list[str] = []
    for text in assertions:
        for node in ast.walk(_parse(text, where)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                name = node.func.id
                if name not in made and name not in called and not hasattr(builtins, name):
                    called.append(name)
    wanted = [name for name in called if name in functions] or called
    if len(wanted) != 1:
        raise RefusedTask(f"{where}: the tests call {wanted or 'nothing'}, not one function")
    return wanted[0]


class _NoLiteral(Exception):
    """An expression that is no literal, or too large a one; the message says what is wrong."""


class _Splitter:
    """Splits assertions into what is run and what it must give."""

    def __init__(self, entry: str, made: set[str], where: str) -> None:
        self.entry = entry
        self.made = made
        self.where = where
        self.room = Room()

    def split_all(self, text: str) -> list[_Split]:
        """The tests of a text: of its function ``check``, or of the text itself."""
        tree = _parse(text, self.where)
        body, candidate = tree.body, self.entry
        checks = [node for node in body if isinstance(node, ast.FunctionDef)]
        for check in checks[:1]:
            if len(check.args.args) != 1:
                self._refuse(check, "a check takes the candidate alone")
            body, candidate = check.body, check.args.args[0].arg
        if len(checks) > 1:
            self._refuse(checks[1], "there is more than one function")
        splits = []
        for node in body:
            if isinstance(node, ast.Assert):
                split = self._split(node, candidate)
                if split is not None:
                    splits.append(split)
            elif not self._says_nothing(node):
                self._refuse(node, "only assertions can be split")
        return splits

    def _says_nothing(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Expr):
            return isinstance(node.value, ast.Constant)
        if isinstance(node, ast.Assign):
            return all(isinstance(t, ast.Name) and t.id == "METADATA" for t in node.targets)
        return isinstance(node, ast.Pass)

    def _split(self, assertion: ast.Assert, candidate: str) -> _Split | None:
        test = assertion.test
        if isinstance(test, ast.Constant) and test.value:
            return None  # `assert True, "…"` in HumanEval
        try:
            tree = _Renaming(candidate, self.entry).visit(deepcopy(test))
            run, expected, comparison = self._sides(tree)
            call = self._call_in(run)
            self._check_names(run)
            text = ast.unparse(run)
            if type(expected) is dict:
                text = f"{_AS_DICT}({text})"
            arguments = self._arguments(call)
            return _Split(Test(text, expected, comparison), ast.unparse(call), arguments)
        except (_NoLiteral, RecursionError) as error:
            nests = isinstance(error, RecursionError)  # its own words differ between versions
            self._refuse(assertion, "it nests too deeply" if nests else str(error))
            raise AssertionError("unreachable") from error

    def _sides(self, test: ast.expr) -> tuple[ast.expr, Any, Comparison]:
        """What is run, what it must give, and how they are compared."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return _bool_of(test.operand), False, _AS_EQUAL
        if isinstance(test, ast.Call) and _is_isclose(test):
            if len(test.args) != 2:
                raise _NoLiteral("isclose takes two values")
            run, value = self._call_first(*test.args)
            tolerances = {word.arg: evaluate(word.value, self.room) for word in test.keywords}
            return run, _float(value), _closeness(tolerances)
        if not isinstance(test, ast.Compare):
            return _bool_of(test), True, _AS_EQUAL
        if len(test.ops) != 1:
            raise _NoLiteral("a chain of comparisons")
        left, right, comparator = test.left, test.comparators[0], test.ops[0]
        if isinstance(comparator, (ast.Gt, ast.GtE)):
            left, right, comparator = right, left, ast.Lt()
        if isinstance(comparator, (ast.Lt, ast.LtE)):
            return self._difference(left, right)
        run, value = self._call_first(left, right)
        if isinstance(comparator, ast.Is):
            if value is not None and type(value) is not bool:
                raise _NoLiteral("only None, True and False are compared with `is`")
            return run, value, Comparison()
        if not isinstance(comparator, ast.Eq):
            raise _NoLiteral("only ==, `is` and a tolerance can be judged from outside")
        return run, value, _AS_EQUAL

    def _difference(self, left: ast.expr, right: ast.expr) -> tuple[ast.expr, Any, Comparison]:
        """``abs(f(x) - c) < eps``."""
        difference = None
        if isinstance(left, ast.Call) and _is_call(left, "abs") and len(left.args) == 1:
            difference = left.args[0]
        if not isinstance(difference, ast.BinOp) or not isinstance(difference.op, ast.Sub):
            raise _NoLiteral("of < only abs(… - …) < … can be judged from outside")
        run, value = self._call_first(difference.left, difference.right)
        tolerance = _float(evaluate(right, self.room))
        return run, _float(value), Comparison(strict=False, absolute=tolerance)

    def _call_first(self, left: ast.expr, right: ast.expr) -> tuple[ast.expr, Any]:
        """The side that has the call, and the value of the other."""
        if not self._has_call(left):
            left, right = right, left
        if self._has_call(right):
            raise _NoLiteral(f"{self.entry} is called on both sides")
        return left, evaluate(right, self.room)

    def _has_call(self, tree: ast.expr) -> bool:
        return any(_is_call(node, self.entry) for node in ast.walk(tree))

    def _call_in(self, run: ast.expr) -> ast.Call:
        """The call of the entry point; what is around it must not compare its result."""
        for node in ast.walk(run):
            if isinstance(node, (ast.Compare, ast.BoolOp)) and self._has_call(node):
                raise _NoLiteral("a comparison within what is run")
            if isinstance(node, ast.Call) and _is_call(node, self.entry):
                return node
        raise _NoLiteral(f"it does not call {self.entry}")

    def _check_names(self, run: ast.expr) -> None:
        bound = {node.arg for node in ast.walk(run) if isinstance(node, ast.arg)}
        for node in ast.walk(run):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound.add(node.id)
        known = {self.entry, *self.made, *_PLAIN_FUNCTIONS, *bound, "range", "map", "object"}
        for node in ast.walk(run):
            if isinstance(node, ast.NamedExpr):
                raise _NoLiteral("an assignment within it")
            if isinstance(node, ast.Name) and node.id not in known:
                raise _NoLiteral(f"it uses {node.id}, which only the tests know")

    def _arguments(self, call: ast.Call) -> tuple[Any, ...] | None:
        try:
            return tuple(
                evaluate(node, self.room)
                for node in (*call.args, *(word.value for word in call.keywords))
            )
        except _NoLiteral:
            return None

    def _refuse(self, node: ast.stmt, reason: str) -> None:
        try:
            text = ast.unparse(node)
        except RecursionError:
            text = "…"
        raise RefusedTask(f"{self.where}, line {node.lineno} of the tests: {reason}: {text:.200}")


class _Renaming(ast.NodeTransformer):
    """The candidate of a check under the name that the program gives it."""

    def __init__(self, candidate: str, entry: str) -> None:
        self.candidate = candidate
        self.entry = entry

    def visit_Name(self, node: ast.Name) -> ast.AST:
        name = self.entry if node.id == self.candidate else node.id
        return ast.copy_location(ast.Name(name, node.ctx), node)


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _is_isclose(call: ast.Call) -> bool:
    return ast.unparse(call.func) in ("math.isclose", "isclose")


def _bool_of(tree: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("bool", ast.Load()), [tree], [])


def _closeness(tolerances: Mapping[str | None, Any]) -> Comparison:
    if not tolerances.keys() <= {"rel_tol", "abs_tol"}:
        raise _NoLiteral("isclose has rel_tol and abs_tol")
    return Comparison(
        strict=False,
        relative=_float(tolerances.get("rel_tol", 1e-9)),
        absolute=_float(tolerances.get("abs_tol", 0.0)),
    )


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise _NoLiteral("a tolerance goes with a number") from None


# Literals.

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
_CONSTANTS: Mapping[str, float] = {
    "math.inf": math.inf,
    "math.pi": math.pi,
    "math.e": math.e,
    "math.nan": math.nan,
}


class Room:
    """What the values of a task may take, all together, as :func:`size_of` counts it.

    A short text can make a large value, by an operator or a function. So what they give is counted
    before it is made.
    """

    def __init__(self) -> None:
        self.left = LARGEST_VALUE

    def take(self, *values: Any, times: int = 1) -> None:
        """Take as much as these values do, each repeated so many times.

        Raises:
            _NoLiteral: there is not as much left.
        """
        size = len(values)
        for value in values:
            if isinstance(value, (str, bytes)):
                size += len(value) * times // 8
                continue
            try:
                size += (size_of(value) - 1) * times
            except ValueError as error:
                raise _NoLiteral(str(error)) from None
        if size > self.left:
            raise _NoLiteral("the values of all tests are too large together")
        self.left -= size


def evaluate(tree: ast.expr, room: Room | None = None) -> Any:
    """The value of an expression of literals, without running anything.

    Numbers, texts, lists, tuples, sets, dicts, the operators of arithmetic, and calls of plain
    functions such as ``set`` and ``sorted``, as long as there is room for what they give.

    Raises:
        _NoLiteral: it is something else, or too large.
    """
    try:
        value = _evaluate(tree, room or Room())
        tree_of(value)
        return value
    except _NoLiteral:
        raise
    except Exception as error:  # what its operators raise, such as for 1 / 0
        raise _NoLiteral(f"{type(error).__name__}: {error}") from None


def _evaluate(tree: ast.expr, room: Room) -> Any:
    if isinstance(tree, ast.Constant):
        if tree.value is Ellipsis:
            raise _NoLiteral("... is no value")
        return tree.value
    if isinstance(tree, (ast.List, ast.Tuple, ast.Set)):
        kind = {ast.List: list, ast.Tuple: tuple, ast.Set: set}[type(tree)]
        return kind([_evaluate(item, room) for item in tree.elts])
    if isinstance(tree, ast.Dict) and None not in tree.keys:
        keys = [_evaluate(key, room) for key in tree.keys if key is not None]
        items = [_evaluate(value, room) for value in tree.values]
        return dict(zip(keys, items, strict=True))
    if isinstance(tree, ast.UnaryOp) and type(tree.op) in _UNARY:
        return _UNARY[type(tree.op)](_evaluate(tree.operand, room))
    if isinstance(tree, ast.BinOp) and type(tree.op) in _OPERATORS:
        left, right = _evaluate(tree.left, room), _evaluate(tree.right, room)
        _check_size(tree.op, left, right, room)
        return _OPERATORS[type(tree.op)](left, right)
    if isinstance(tree, ast.Attribute):
        name = ast.unparse(tree)
        if name in _CONSTANTS:
            return _CONSTANTS[name]
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        function = _PLAIN_FUNCTIONS.get(tree.func.id)
        if function is not None and not tree.keywords:
            arguments = [_evaluate(argument, room) for argument in tree.args]
            if function is bytes and any(type(argument) is int for argument in arguments):
                raise _NoLiteral("bytes of a number")
            if function is sum and len(arguments) > 1:  # of lists, it takes the square of the time
                raise _NoLiteral("sum takes numbers alone")
            room.take(*arguments)
            return function(*arguments)
    raise _NoLiteral("the expected value is no literal")


def _check_size(operation: ast.operator, left: Any, right: Any, room: Room) -> None:
    """Refuse an operation whose result would be too large, or that formats a text."""
    numbers = [value for value in (left, right) if isinstance(value, (int, float, complex))]
    if len(numbers) == 2:
        if isinstance(operation, ast.Pow) and isinstance(left, int) and isinstance(right, int):
            if left.bit_length() * abs(right) > _MOST_BITS:
                raise _NoLiteral("too large a power")
        elif any(isinstance(n, int) and n.bit_length() > _MOST_BITS for n in numbers):
            raise _NoLiteral("too large a number")
    elif isinstance(operation, ast.Mult):
        sequence, times = (right, left) if isinstance(left, int) else (left, right)
        if not isinstance(times, int):
            raise _NoLiteral("a product of two texts or lists")
        room.take(sequence, times=max(0, times))
    elif isinstance(operation, (ast.Add, ast.Sub)):
        room.take(left, right)
    else:
        raise _NoLiteral("an operation on texts")
