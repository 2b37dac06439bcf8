"""Judging a submission: its values are compared with the expected ones here, on the host."""

from __future__ import annotations

import builtins
import contextlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from reasoning_gym_envs.sandbox.submission import (
    Limits,
    Outcome,
    Sandbox,
    SandboxFailure,
    Status,
    Submission,
)
from reasoning_gym_envs.sandbox.values import (
    Comparison,
    expression,
    literal,
    matches,
    same_output,
    tree_of,
)

CHECKER_SECONDS = 30.0
"""Processor time that a checker may take for a test: only what does not end takes as long."""
_TIMES_EXPECTED = 4  # what is right may be as much longer than what is expected


@dataclass(frozen=True)
class Test:
    """A test and what it must give.

    Args:
        run: an expression, or the standard input of a program.
        expected: the value of base types, or the standard output.
        comparison: how they are compared.
        given: what a checker is told of the input, of base types; None for ``run``.
        raises: the names of exceptions, one of which must be raised; () for a value. A built-in
            one stands for all that derive from it.
    """

    __test__ = False  # for pytest: not a class of tests

    run: str
    expected: Any
    comparison: Comparison = field(default_factory=Comparison)
    given: Any = None
    raises: tuple[str, ...] = ()


class Verdict(NamedTuple):
    """What is known of a judged submission.

    Args:
        passed: for each test, whether it gave what it must.
        statuses: for each test "passed", "wrong", or how its run ended.
        outcomes: for each test what came of it.
    """

    passed: tuple[bool, ...]
    statuses: tuple[Status | Literal["passed", "wrong"], ...]
    outcomes: tuple[Outcome, ...]

    @property
    def status(self) -> str:
        """ "passed" if every test did, else the status of the first that did not."""
        return next((status for status in self.statuses if status != "passed"), "passed")


def judge(
    sandbox: Sandbox,
    source: str,
    tests: Sequence[Test],
    *,
    kind: Literal["calls", "programs"] = "calls",
    requires: tuple[str, ...] = (),
    limits: Limits | None = None,
    reference: str = "",
    setup: str = "",
) -> Verdict:
    """Run a source on tests, and compare what it gives with what it must give.

    Args:
        sandbox: where it runs.
        source: the program, as submitted.
        tests: what is run of it, and what each must give.
        kind: "calls" or "programs", as in a :class:`Submission`.
        requires: names that the source must define.
        limits: what it may use; it may always return and print what is expected, and more.
        reference: a right program, which the time limits are relative to, as in a
            :class:`Submission`; "" for the seconds of the limits.
        setup: what is run before it, as in a :class:`Submission`.

    Raises:
        SandboxFailure: it could not be run, for no fault of its own, or a checker is none.
    """
    runs = tuple(test.run for test in tests)
    limits = _with_room(limits or Limits(), tests, kind)
    outcomes = sandbox.run(Submission(source, runs, kind, requires, limits, reference, setup))
    checked = _ask_checkers(sandbox, tests, outcomes, limits)
    statuses: list[Any] = []
    for n, (test, outcome) in enumerate(zip(tests, outcomes, strict=True)):
        status: str = outcome.status
        if test.raises and status in ("returned", "crash"):
            status = "passed" if _is_raised(test.raises, outcome) else "wrong"
        elif status == "returned":
            if test.comparison.checker:
                right = checked[n]
            elif kind == "programs":
                right = same_output(test.expected, outcome.value, test.comparison)
            else:
                right = matches(test.expected, outcome.value, test.comparison)
            status = "passed" if right else "wrong"
        statuses.append(status)
    passed = tuple(status == "passed" for status in statuses)
    return Verdict(passed, tuple(statuses), tuple(outcomes))


def _is_raised(wanted: Sequence[str], outcome: Outcome) -> bool:
    """Whether a test ended with one of these exceptions."""
    name = re.match(r"\w*", outcome.message)
    if outcome.status != "crash" or name is None:
        return False
    error = getattr(builtins, name.group(), None)
    kinds = [getattr(builtins, kind, None) for kind in wanted]
    return name.group() in wanted or (
        isinstance(error, type)
        and any(isinstance(kind, type) and issubclass(error, kind) for kind in kinds)
    )


def _ask_checkers(
    sandbox: Sandbox, tests: Sequence[Test], outcomes: Sequence[Outcome], limits: Limits
) -> dict[int, bool]:
    """What the checkers say, by the numbers of the tests; of each checker a run of its own."""
    right: dict[int, bool] = {}
    calls: dict[str, dict[int, str]] = {}
    for n, (test, outcome) in enumerate(zip(tests, outcomes, strict=True)):
        if test.comparison.checker and outcome.status == "returned":
            right[n] = False
            with contextlib.suppress(TypeError):  # what holds other objects is wrong
                got = expression(outcome.value)  # a text, as of a program, is a tree as well
                given = literal(test.run if test.given is None else test.given)
                call = f"check({given}, {literal(test.expected)}, {got})"
                calls.setdefault(test.comparison.checker, {})[n] = call
    for checker, runs in calls.items():
        total = CHECKER_SECONDS * (2 + len(runs))
        patient = replace(limits, seconds=CHECKER_SECONDS, wall_seconds=total, total_seconds=total)
        loaded, *said = sandbox.run(
            Submission(checker, ("callable(check)", *runs.values()), limits=patient)
        )
        if loaded.value is not True:
            raise SandboxFailure(f"the checker cannot be loaded: {loaded.status} {loaded.message}")
        right.update((n, out.value is True) for n, out in zip(runs, said, strict=True))
    return right


def _with_room(limits: Limits, tests: Sequence[Test], kind: str) -> Limits:
    """Limits that let through what is expected, however long."""
    sizes = [
        len(test.expected) if kind == "programs" else len(json.dumps(tree_of(test.expected)))
        for test in tests
    ]
    return replace(
        limits,
        output=max(limits.output, _TIMES_EXPECTED * max(sizes, default=0)),
        total_output=max(limits.total_output, _TIMES_EXPECTED * sum(sizes)),
    )
