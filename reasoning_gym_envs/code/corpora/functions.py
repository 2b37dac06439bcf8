"""Forms whose tests are Python: HumanEval, MBPP, EvalPlus's of both, LeetCode, BigCodeBench."""

from __future__ import annotations

import ast
import builtins
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from reasoning_gym_envs.code.corpora.checks import (
    AS_DICT,
    AS_EQUAL,
    Split,
    Splitter,
    names_made_by,
    packages_of,
    parse,
)
from reasoning_gym_envs.code.corpora.fields import (
    Row,
    identifier,
    list_of_texts,
    text,
    text_or_nothing,
)
from reasoning_gym_envs.code.corpora.literals import evaluate
from reasoning_gym_envs.code.corpora.refusal import NoLiteral, RefusedTask
from reasoning_gym_envs.code.corpora.tasks import Draft, calls_task
from reasoning_gym_envs.sandbox.judge import Test
from reasoning_gym_envs.sandbox.values import Comparison, literal

_TOLERANCE = 1e-6  # of floats, where EvalPlus does not tell another


def humaneval(row: Row) -> Draft:
    """HumanEval, HumanEval+ as a data set, and BigCodeBench: a prompt to be completed."""
    prompt = text(row, "prompt", "complete_prompt")
    entry = identifier(text(row, "entry_point"))
    setup = _before_definition(prompt, entry)
    splitter = Splitter(entry, names_made_by(setup), setup=setup)
    splits = splitter.split_all(text(row, "test"))
    solution = text_or_nothing(row, "canonical_solution")
    data = calls_task(
        entry,
        "",
        splits,
        setup=setup,
        question=prompt,
        solution=prompt + solution if solution else "",
        packages=splitter.packages,
    )
    return Draft(f"Complete this program.\n\n{prompt.rstrip()}", data)


def bigcodebench(row: Row) -> Draft:
    """BigCodeBench: the same, with the packages that it names."""
    draft = humaneval(row)
    libraries = row.get("libs")
    if isinstance(libraries, str):
        try:
            libraries = evaluate(ast.parse(libraries, mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError, NoLiteral) as error:
            raise RefusedTask("'libs' must be a list of names") from error
    if not isinstance(libraries, list) or not all(isinstance(name, str) for name in libraries):
        raise RefusedTask("'libs' must be a list of names")
    imports = [ast.Import([ast.alias(name)]) for name in libraries]
    packages = packages_of(imports) | set(draft.data.packages)
    return draft._replace(data=replace(draft.data, packages=tuple(sorted(packages))))


def evalplus(row: Row) -> Draft:
    """EvalPlus: inputs, for which a reference gives the results.

    The reference is asked by a checker, in the sandbox. Tests whose results the row has as well
    (HumanEval's ``test``, MBPP's ``assertion``) are compared on the host.
    """
    prompt = text(row, "prompt")
    entry = identifier(text(row, "entry_point"))
    solution = text(row, "canonical_solution")
    is_whole = f"def {entry}(" in solution
    program = solution if is_whole else prompt + solution
    setup = "" if is_whole else _before_definition(prompt, entry)
    splitter = Splitter(entry, names_made_by(setup), setup=setup)
    known: list[Split] = []
    asserted = text_or_nothing(row, "assertion", "test")
    if asserted.strip():
        try:
            known = splitter.split_all(asserted)
        except RefusedTask:
            known = []  # the reference knows better
    inputs = [*_inputs(row, "base_input"), *_inputs(row, "plus_input")]
    shaped = _Shapes(split.arguments for split in known)
    tolerance = row.get("atol")
    is_number = isinstance(tolerance, (int, float)) and not isinstance(tolerance, bool)
    absolute = float(tolerance) if is_number and tolerance else _TOLERANCE
    example = _example_of(prompt, entry) if is_whole else None
    seen = "value"
    if example is not None and example.call in example.test.run:
        seen = example.test.run.replace(example.call, "value", 1)
    if seen != "value":
        known = []  # they compare more exactly, the order for example
    near = Comparison(strict=False, relative=1e-7, absolute=absolute)
    known = [
        split._replace(test=replace(split.test, comparison=near))
        if split.test.comparison == AS_EQUAL
        else split
        for split in known
    ]
    checker = _REFERENCE_CHECKER.format(program, entry, seen, absolute)
    for arguments in inputs:
        given = shaped(arguments)
        try:
            call = f"{entry}({', '.join(map(literal, given))})"
        except (TypeError, ValueError, RecursionError) as error:
            raise RefusedTask(f"a value of an input: {error}", "a value of an input") from error
        run = f"{AS_DICT}({call})" if seen == "value" else seen.replace("value", call, 1)
        test = Test(run, None, Comparison(checker=checker), given)
        known.append(Split(test, call, given))
    question = _docstring(prompt) if is_whole else f"Complete this program.\n\n{prompt.rstrip()}"
    signature = _functions(solution).get(entry, "") if is_whole else ""
    data = calls_task(entry, signature, known, setup=setup, question=prompt, solution=program)
    return Draft(question, data)


def mbpp(row: Row) -> Draft:
    """MBPP, and MBPP+ as a data set, which has a ``test`` with more inputs."""
    question = text(row, "text", "prompt").rstrip()
    assertions = row["test_list"]
    if not isinstance(assertions, (list, tuple)) or not all(isinstance(a, str) for a in assertions):
        raise RefusedTask("'test_list' must be a list of texts")
    name = "test_setup_code" if "test_setup_code" in row else "test_imports"
    setup = "\n".join(list_of_texts(row, name))
    code = text_or_nothing(row, "code", "canonical_solution")
    made = names_made_by(setup)
    functions = _functions(code)
    entry = _entry_of(assertions, set(functions), made)
    splitter = Splitter(entry, made, setup=setup)
    more = [*list_of_texts(row, "challenge_test_list"), text_or_nothing(row, "test")]
    splits = [split for tests in assertions for split in splitter.split_all(tests)]
    added = [split for tests in more if tests.strip() for split in splitter.split_all(tests)]
    if not splits:
        raise RefusedTask("there is no test")
    example, *rest = splits
    hidden = [split for split in (*rest, *added) if split.test != example.test] or splits
    signature = functions.get(entry, f"def {entry}(…)")
    data = calls_task(
        entry,
        signature,
        hidden,
        examples=[example],
        setup=setup,
        solution=code,
        packages=splitter.packages,
    )
    return Draft(question, data)


def leetcode(row: Row) -> Draft:
    """LeetCodeDataset: a method of a class ``Solution``."""
    callee = text(row, "entry_point")
    if not callee.startswith("Solution().") or not callee[len("Solution().") :].isidentifier():
        raise RefusedTask(f"{callee!r:.60} is no method of Solution", "no method of Solution")
    setup = text_or_nothing(row, "prompt").strip()
    splitter = Splitter("Solution", names_made_by(setup), callee, setup)
    splits = splitter.split_all(text(row, "test"))
    question = text(row, "problem_description", "query").rstrip()
    starter = text_or_nothing(row, "starter_code").rstrip()
    if starter:
        question = f"{question}\n\nBegin with:\n{starter}"
    solution = text_or_nothing(row, "completion")
    data = calls_task(
        "Solution",
        "",
        splits,
        setup=setup,
        question=question,
        solution=solution,
        packages=splitter.packages,
    )
    return Draft(question, data)


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
        parse(before)
    except RefusedTask:
        return ""
    return before


def _functions(code: str) -> dict[str, str]:
    """The functions that a text defines, with their first lines."""
    try:
        return {
            node.name: f"def {node.name}({ast.unparse(node.args)})"
            for node in parse(code).body
            if isinstance(node, ast.FunctionDef)
        }
    except (RefusedTask, RecursionError):
        return {}


def _entry_of(assertions: Iterable[str], functions: set[str], made: set[str]) -> str:
    """The function that the assertions call."""
    called: list[str] = []
    for tests in assertions:
        for node in ast.walk(parse(tests)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                name = node.func.id
                is_known = name in made or (hasattr(builtins, name) and name not in functions)
                if not is_known and name not in called:
                    called.append(name)
    wanted = [name for name in called if name in functions] or called
    if len(wanted) != 1:
        reason = "the tests do not call one function"
        raise RefusedTask(f"the tests call {wanted or 'nothing'}, not one function", reason)
    return wanted[0]


# EvalPlus.


def _inputs(row: Row, name: str) -> list[list[Any]]:
    inputs = row.get(name)
    if inputs in (None, {}):
        return []
    if not isinstance(inputs, list) or not all(isinstance(given, list) for given in inputs):
        raise RefusedTask(f"{name!r} must be a list of lists of arguments")
    return inputs


class _Shapes:
    """Makes the inputs of JSON what the function takes.

    JSON has lists where MBPP+ has tuples and sets, and texts where it has complex numbers. Which
    they are is seen in the calls of the row that are written in Python: what stands in the same
    parameter, as deep, is of the same type.
    """

    def __init__(self, calls: Iterable[Sequence[Any] | None]) -> None:
        self._kinds: dict[tuple[int, int], set[type]] = {}
        for arguments in calls:
            for n, argument in enumerate(arguments or ()):
                self._learn(argument, n, 0)

    def __call__(self, arguments: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(self._shaped(argument, n, 0) for n, argument in enumerate(arguments))

    def _learn(self, value: Any, n: int, depth: int) -> None:
        self._kinds.setdefault((n, depth), set()).add(type(value))
        if isinstance(value, (list, tuple, set)):
            for item in value:
                self._learn(item, n, depth + 1)
        elif isinstance(value, dict):
            for item in value.values():
                self._learn(item, n, depth + 1)

    def _shaped(self, value: Any, n: int, depth: int, outside: type = list) -> Any:
        kinds = self._kinds.get((n, depth), set())
        if isinstance(value, list):
            # Where none of the calls is as deep, it is as what it is in.
            kind = self._one(kinds & {list, tuple, set} or {outside})
            return kind([self._shaped(item, n, depth + 1, kind) for item in value])
        if isinstance(value, dict):
            return {key: self._shaped(item, n, depth + 1) for key, item in value.items()}
        if isinstance(value, str) and kinds and kinds <= {int, float, complex}:
            with contextlib.suppress(ValueError):
                return complex(value) if "j" in value else float(value)
        return value

    def _one(self, kinds: set[type]) -> type:
        if len(kinds) != 1:
            raise RefusedTask("inputs in JSON whose types cannot be told")
        (kind,) = kinds
        return kind


def _docstring(prompt: str) -> str:
    try:
        return (ast.get_docstring(parse(prompt)) or prompt).strip()
    except RefusedTask:
        return prompt.strip()


def _example_of(prompt: str, entry: str) -> Split | None:
    """The assertion in the docstring of MBPP+, which says how results are compared."""
    asserted = [line for line in _docstring(prompt).splitlines() if line.startswith("assert ")]
    try:
        return Splitter(entry).split_all("\n".join(asserted))[0]
    except (RefusedTask, IndexError):
        return None


# Whether a result is what the reference gives for the same input.
_REFERENCE_CHECKER = """{}

reference = {}

def seen(value):
    return {}

def near(right, got):
    if isinstance(right, float) or isinstance(got, float):
        if not isinstance(right, (int, float)) or not isinstance(got, (int, float)):
            return False
        if right == got or right != right and got != got:
            return True
        return abs(got - right) <= {!r} + 1e-07 * abs(right)
    if type(right) in (list, tuple):
        is_alike = type(got) is type(right) and len(got) == len(right)
        return is_alike and all(near(r, g) for r, g in zip(right, got))
    return got == right

def check(given, expected, got):
    return near(seen(reference(*given)), got)
"""
