"""Forms whose tests are inputs and outputs: APPS, TACO, contests, verl's and open-r1's rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from reasoning_gym_envs.code import leetcode
from reasoning_gym_envs.code.corpora.checks import AS_EQUAL, Split
from reasoning_gym_envs.code.corpora.fields import (
    Row,
    from_json,
    identifier,
    text,
    text_or_nothing,
)
from reasoning_gym_envs.code.corpora.functions import mbpp
from reasoning_gym_envs.code.corpora.packed import unpacked
from reasoning_gym_envs.code.corpora.refusal import RefusedTask
from reasoning_gym_envs.code.corpora.tasks import Draft, calls_task, programs_task
from reasoning_gym_envs.code.extract import find_program
from reasoning_gym_envs.sandbox.judge import Test
from reasoning_gym_envs.sandbox.values import literal

_PYTHON_3 = (3, "3", "PYTHON3")
# Compared as `==` does it where JSON wrote the test: a tuple is a list.
_AS_LIST = "(lambda value: list(value) if isinstance(value, tuple) else value)"
_IN_CLASS = "class Solution"


class Pairs(NamedTuple):
    """Inputs and outputs: of a program, or of a function."""

    inputs: Sequence[Any]
    outputs: Sequence[Any]
    function: str = ""


def apps(row: Row) -> Draft:
    """APPS and TACO."""
    pairs = _pairs(row["input_output"], "input_output")
    question = text(row, "question").rstrip()
    solutions = row.get("solutions")
    try:
        solutions = from_json(solutions, "solutions")
    except RefusedTask:
        solutions = None
    if isinstance(solutions, Mapping):  # TACO's, as some versions have it
        solutions = solutions.get("solution")
    return _draft(question, pairs, text_or_nothing(row, "starter_code"), _first_text(solutions))


def code_contests(row: Row) -> Draft:
    """CodeContests: public, private and generated tests of a program."""
    if text_or_nothing(row, "input_file") or text_or_nothing(row, "output_file"):
        raise RefusedTask("a program that reads or writes a file")
    tests = [_pairs(row[name], name) for name in _CONTEST_TESTS if row.get(name)]
    pairs = Pairs(
        [given for some in tests for given in some.inputs],
        [wanted for some in tests for wanted in some.outputs],
    )
    draft = _draft(text(row, "description").rstrip(), pairs, "", _python_solution(row))
    return draft._replace(level=_level_of_contest(row))


_CONTEST_TESTS = ("public_tests", "private_tests", "generated_tests")


def livecodebench(row: Row) -> Draft:
    """LiveCodeBench: public tests, and private ones that are packed."""
    public = from_json(row["public_test_cases"], "public_test_cases")
    private = row.get("private_test_cases")
    if isinstance(private, str) and private.strip():
        is_json = private.lstrip().startswith("[")
        private = from_json(private if is_json else unpacked(private), "private_test_cases")
    metadata = from_json(row.get("metadata") or {}, "metadata")
    function = metadata.get("func_name") if isinstance(metadata, Mapping) else None
    cases = [*_cases(public, "public_test_cases"), *_cases(private or [], "private_test_cases")]
    pairs = _of_cases(cases, "public_test_cases", function)
    return _draft(
        text(row, "question_content").rstrip(), pairs, text_or_nothing(row, "starter_code")
    )


def ground_truth(row: Row) -> Draft:
    """Rows of verl, as PRIME and its followers have them: tests in ``ground_truth``."""
    model = row.get("reward_model")
    truth = model.get("ground_truth") if isinstance(model, Mapping) else row.get("ground_truth")
    truth = from_json(truth, "ground_truth")
    question = _asked(row)
    if isinstance(truth, list) and truth and all(isinstance(item, str) for item in truth):
        return mbpp({"text": question, "test_list": truth})
    return _draft(question, _pairs(truth, "ground_truth"), text_or_nothing(row, "starter_code"))


def verification_info(row: Row) -> Draft:
    """Rows of open-r1 and SYNTHETIC-1: test cases, in ``verification_info`` or beside it."""
    info = row
    if row.get("verification_info") is not None:
        info = from_json(row["verification_info"], "verification_info")
        if not isinstance(info, Mapping):
            raise RefusedTask("'verification_info' must be an object")
    language = text_or_nothing(info, "language") or text_or_nothing(row, "language")
    if language and language.lower() not in ("python", "python3"):
        raise RefusedTask(f"programs in {language:.20}: only Python is run", "not Python")
    cases = info.get("test_cases")
    if cases is None:
        raise RefusedTask("no 'test_cases'")
    pairs = _pairs(cases, "test_cases", info.get("fn_name"))
    solution = text_or_nothing(row, "gold_standard_solution", "solution")
    return _draft(_asked(row), pairs, text_or_nothing(row, "starter_code"), find_program(solution))


# From a row to pairs.


def _pairs(value: Any, name: str, function: Any = None) -> Pairs:
    """Pairs of inputs and outputs, in lists or as cases.

    Raises:
        RefusedTask: they are neither, or not as many of the one as of the other.
    """
    value = from_json(value, name)
    if isinstance(value, list):
        return _of_cases(_cases(value, name), name, function)
    if not isinstance(value, Mapping):
        raise RefusedTask(f"{name!r} must be an object")
    inputs = value.get("inputs", value.get("input"))
    outputs = value.get("outputs", value.get("output"))
    if not isinstance(inputs, list) or not isinstance(outputs, list) or len(inputs) != len(outputs):
        raise RefusedTask(f"the inputs and outputs of {name!r} must be lists of the same length")
    function = value.get("fn_name") or function
    return Pairs(inputs, outputs, identifier(function) if function is not None else "")


def _cases(value: Any, name: str) -> list[Mapping[str, Any]]:
    value = from_json(value, name)
    if not isinstance(value, list) or not all(
        isinstance(case, Mapping) and "input" in case and "output" in case for case in value
    ):
        raise RefusedTask(f"{name!r} must be a list of objects with 'input' and 'output'")
    return value


def _of_cases(cases: Sequence[Mapping[str, Any]], name: str, function: Any) -> Pairs:
    """The pairs of cases, each of which may say what kind it is and what it calls."""
    kinds = {str(case.get("testtype", case.get("type", ""))).lower() for case in cases}
    if len(kinds) > 1:
        raise RefusedTask(f"{name!r} has tests of several kinds")
    of_function = bool(kinds & {"functional", "function_call"})
    for case in cases:
        metadata = case.get("metadata")
        named = metadata.get("func_name") if isinstance(metadata, Mapping) else case.get("fn_name")
        function = named or function
    inputs = [case["input"] for case in cases]
    outputs = [case["output"] for case in cases]
    if not of_function:
        return Pairs(inputs, outputs)
    if not function:
        raise RefusedTask("the tests call a function and do not name it")
    if any(isinstance(value, str) for value in inputs):
        inputs, outputs = _arguments_in_text(inputs), [from_json(o, "output") for o in outputs]
    return Pairs(inputs, outputs, identifier(function))


def _arguments_in_text(inputs: Sequence[Any]) -> list[Any]:
    """Arguments that are written as JSON, one a line."""
    return [
        [from_json(line, "input") for line in value.split("\n") if line.strip()]
        if isinstance(value, str)
        else value
        for value in inputs
    ]


def _draft(question: str, pairs: Pairs, starter: str = "", solution: str | None = "") -> Draft:
    starter, solution = starter.rstrip(), solution or ""
    if not pairs.inputs:
        raise RefusedTask("there is no test")
    shown = f"{question}\n\nBegin with:\n{starter}" if starter else question
    if not pairs.function:
        return Draft(shown, programs_task(shown, pairs.inputs, pairs.outputs, solution))
    in_class = _IN_CLASS in (starter or solution or question)
    outputs = pairs.outputs
    if all(isinstance(output, list) and len(output) == 1 for output in outputs):
        outputs = [output[0] for output in outputs]
    splits = [
        _call(pairs.function, arguments, expected, in_class)
        for arguments, expected in zip(pairs.inputs, outputs, strict=True)
    ]
    name = "Solution" if in_class else pairs.function
    setup = leetcode.SETUP if in_class else ""
    data = calls_task(name, "", splits, setup=setup, question=shown, solution=solution)
    return Draft(shown, data)


def _call(function: str, arguments: Any, expected: Any, in_class: bool) -> Split:
    if not isinstance(arguments, list):
        reason = "the inputs of a function must be lists of arguments"
        raise RefusedTask(f"the inputs of {function} must be lists of arguments", reason)
    try:
        literal(expected)
        given = ", ".join(map(literal, arguments))
    except RecursionError as error:
        raise RefusedTask("a test nests too deeply") from error
    except (TypeError, ValueError) as error:
        raise RefusedTask(f"a value of a test: {error}", "a value of a test") from error
    call = f"{'Solution().' if in_class else ''}{function}({given})"
    run = f"{_AS_LIST}({call})" if isinstance(expected, list) else call
    return Split(Test(run, expected, AS_EQUAL), call, tuple(arguments))


# Questions and solutions.


def _asked(row: Row) -> str:
    """What a row asks: a text, or the last message of a user."""
    prompt = row.get("prompt", row.get("messages"))
    if isinstance(prompt, (list, tuple)):
        said = [m for m in prompt if isinstance(m, Mapping) and m.get("role") == "user"]
        if not said:
            raise RefusedTask("'prompt' has no message of a user")
        return text(said[-1], "content").rstrip()
    return text(row, "problem", "question", "description", "prompt").rstrip()


def _first_text(solutions: Any) -> str:
    if isinstance(solutions, list) and solutions and isinstance(solutions[0], str):
        return solutions[0]
    return ""


def _python_solution(row: Row) -> str:
    solutions = row.get("solutions")
    if isinstance(solutions, Mapping):  # a list for each field; or a list of objects
        languages, programs = solutions.get("language"), solutions.get("solution")
        if not isinstance(languages, list) or not isinstance(programs, list):
            return ""
        solutions = [
            {"language": language, "solution": program}
            for language, program in zip(languages, programs, strict=False)
        ]
    for solution in solutions if isinstance(solutions, list) else ():
        if isinstance(solution, Mapping) and solution.get("language") in _PYTHON_3:
            return text_or_nothing(solution, "solution")
    return ""


def _level_of_contest(row: Row) -> int | None:
    """By Codeforces' rating, 800 to 3,500; else by the difficulty, from EASY (1) to HARDEST (5)."""
    rating, difficulty = row.get("cf_rating"), row.get("difficulty")
    if isinstance(rating, int) and rating > 0:
        return min(10, max(1, math.ceil((rating - 500) / 300)))
    if isinstance(difficulty, int) and 1 <= difficulty <= 5:
        return 2 * difficulty
    return None
