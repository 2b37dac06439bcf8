"""Tasks of splits and of pairs, and which of their tests are progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from reasoning_gym_envs.code.corpora.checks import AS_EQUAL, MOST_TESTS, Split
from reasoning_gym_envs.code.corpora.refusal import RefusedTask
from reasoning_gym_envs.code.problems import CodeTask
from reasoning_gym_envs.code.trivial import Call, TrivialPrograms
from reasoning_gym_envs.sandbox.judge import Test
from reasoning_gym_envs.sandbox.values import Comparison, literal, same_output

_AS_PRINTED = Comparison(relative=1e-6, absolute=1e-6)  # what most problems of contests ask for
_FREQUENT_RESULTS = frozenset(map(literal, (2, 0.0, 1.0, -1.0, "0", "1", [[]], (), set())))
_FREQUENT_OUTPUTS = frozenset(
    ("", "0", "1", "-1", "2", "yes", "no", "true", "false", "possible", "impossible", "none")
)


class Draft(NamedTuple):
    """What a form makes of a row: what the agent reads, the tests, and a level if it tells one."""

    question: str
    data: CodeTask
    level: int | None = None


def calls_task(
    name: str,
    signature: str,
    hidden: Sequence[Split],
    *,
    examples: Sequence[Split] = (),
    setup: str = "",
    question: str = "",
    solution: str = "",
    packages: Iterable[str] = (),
) -> CodeTask:
    """A task of calls.

    Args:
        name: what the program must define.
        signature: its first line; "" where the question has it.
        hidden: the tests; those that are twice there count once.
        examples: those that the agent sees.
        setup: what stands before the program.
        question: what the agent sees as well.
        solution: the reference; "" for none.
        packages: what the tests import.

    Raises:
        RefusedTask: there is no test, or there are too many.
    """
    different = {
        (split.test.run, literal(split.test.expected), split.test.comparison.checker): split
        for split in hidden
    }
    hidden = tuple(different.values())
    _check_number(len(hidden))
    seen = question + "".join(example.call for example in examples)
    return CodeTask(
        name=name,
        signature=signature,
        examples=tuple(split.test for split in examples),
        hidden=tuple((split.test,) for split in hidden),
        counts=tuple(_counting(hidden, "".join(seen.split()))),
        setup=setup,
        solution=solution,
        packages=tuple(sorted(packages)),
    )


def programs_task(
    question: str, inputs: Sequence[Any], outputs: Sequence[Any], solution: str
) -> CodeTask:
    """A task of a program that reads standard input and prints.

    Raises:
        RefusedTask: an input or output is no text, there is no test, or there are too many.
    """
    _check_number(len(inputs))
    tests = [
        Test(_lines(given), _lines(wanted), _AS_PRINTED)
        for given, wanted in zip(inputs, outputs, strict=True)
    ]
    answers = [test.expected.strip().lower() for test in tests]
    often = Counter(answers)
    seen = "".join(question.split())
    return CodeTask(
        name="",
        signature="",
        examples=(),
        hidden=tuple((test,) for test in tests),
        kind="programs",
        counts=tuple(
            often[answer] == 1
            and answer not in _FREQUENT_OUTPUTS
            and not same_output(test.expected, test.run)
            and "".join(test.run.split()) not in seen
            for test, answer in zip(tests, answers, strict=True)
        ),
        solution=solution,
    )


def _counting(splits: Sequence[Split], seen: str) -> Iterator[bool]:
    """Whether each test is passed by no trivial program, nor one that knows what it has seen."""
    trivial = TrivialPrograms((), False, AS_EQUAL)
    calls = [Call(split.arguments or (), split.test.expected) for split in splits]
    results = Counter(literal(call.expected) for call in calls)
    for split, call in zip(splits, calls, strict=True):
        result = literal(call.expected)
        is_known = not split.test.comparison.checker and not split.test.raises
        is_guessed = result in _FREQUENT_RESULTS or results[result] > 1 or trivial.is_dull(call)
        yield is_known and not is_guessed and "".join(split.call.split()) not in seen


def _check_number(tests: int) -> None:
    if not tests:
        raise RefusedTask("there is no test")
    if tests > MOST_TESTS:
        raise RefusedTask(f"more than {MOST_TESTS:,} tests")


def _lines(text: Any) -> str:
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        return "\n".join(text)
    if isinstance(text, str):
        return text
    reason = "the input and output of a program are texts"
    raise RefusedTask(f"{reason}, got {text!r:.60}", reason)
