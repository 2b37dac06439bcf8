"""Judging a submission: its values are compared with the expected ones here, on the host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from reasoning_gym_envs.sandbox.submission import Limits, Outcome, Sandbox, Status, Submission
from reasoning_gym_envs.sandbox.values import Comparison, matches, same_output


@dataclass(frozen=True)
class Test:
    """A test and what it must give.

    Args:
        run: an expression, or the standard input of a program.
        expected: the value of base types, or the standard output.
        comparison: how values are compared.
    """

    __test__ = False  # for pytest: not a class of tests

    run: str
    expected: Any
    comparison: Comparison = field(default_factory=Comparison)


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
) -> Verdict:
    """Run a source on tests, and compare what it gives with what it must give.

    Args:
        sandbox: where it runs.
        source: the program, as submitted.
        tests: what is run of it, and what each must give.
        kind: "calls" or "programs", as in a :class:`Submission`.
        requires: names that the source must define.
        limits: what it may use.
        reference: a right program, which the time limits are relative to, as in a
            :class:`Submission`; "" for the seconds of the limits.

    Raises:
        SandboxFailure: it could not be run, for no fault of its own.
    """
    runs = tuple(test.run for test in tests)
    limits = limits or Limits()
    outcomes = sandbox.run(Submission(source, runs, kind, requires, limits, reference))
    statuses: list[Any] = []
    for test, outcome in zip(tests, outcomes, strict=True):
        status: str = outcome.status
        if status == "returned":
            if kind == "programs":
                right = same_output(test.expected, outcome.value)
            else:
                right = matches(test.expected, outcome.value, test.comparison)
            status = "passed" if right else "wrong"
        statuses.append(status)
    passed = tuple(status == "passed" for status in statuses)
    return Verdict(passed, tuple(statuses), tuple(outcomes))
