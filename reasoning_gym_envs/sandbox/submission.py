"""What is given to a sandbox, and what comes back: the same for every kind of sandbox."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, NamedTuple, Protocol, get_args

from gymnasium.error import DependencyNotInstalled

from reasoning_gym_envs.errors import unknown

MEGABYTE = 1024 * 1024
LONGEST_SOURCE = 4 * MEGABYTE
"""How many bytes of UTF-8 a source may have."""

Status = Literal[
    "returned",  # the test ran to its end; whether its value is right is for the judge to say
    "missing",  # the source does not define a name that it has to
    "syntax",  # the source is not Python
    "too_large",  # the source is longer than any may be
    "crash",  # an exception, a signal, an exit
    "timeout",  # the time of a test, or of the submission
    "memory",
    "output",  # it printed or returned more than it may
    "processes",  # more processes or threads than it may have
    "disk",  # more or larger files than it may have
    "forbidden",  # what no submission may do: the network, other users' files, forged results
]
"""How the run of a test ended."""
STATUSES: tuple[str, ...] = get_args(Status)


class SandboxUnavailable(RuntimeError):
    """There is no sandbox to run code in; the message names the cause and what fixes it."""


def said(cause: str, fix: str) -> str:
    """What a :class:`SandboxUnavailable` says."""
    return f"no sandbox to run code in: {cause}.\nTo fix it: {fix}"


class SandboxNotInstalled(SandboxUnavailable, DependencyNotInstalled):
    """The package that runs the sandbox is not installed; Gymnasium's error for that, too."""


class SandboxFailure(RuntimeError):
    """The sandbox failed while it ran a submission, for no fault of the submission's.

    Nothing was judged, and nothing may be rewarded.
    """


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Args:
        seconds: processor time of a test, and of loading the source: that of all threads and
            processes which run in it.
        wall_seconds: elapsed time of a test, for code that sleeps or waits; None for four times
            ``seconds`` and one more.
        total_seconds: elapsed time of all tests of a submission. Waiting for a free sandbox
            counts for none of the three, nor does waiting for a processor of a busy machine
            where the kernel tells of it.
        memory: bytes of memory.
        output: bytes printed by a test, and bytes of a value that it returns.
        disk: bytes of a file.
        times: for a submission with a reference, which ``seconds`` and ``wall_seconds`` and
            ``total_seconds`` do not count for: how many times the processor time of the reference
            a test may take.
        total_output: bytes of what all tests of a submission print and return together.

    Raises:
        ValueError: a limit that is not a positive, finite number.
    """

    seconds: float = 2.0
    wall_seconds: float | None = None
    total_seconds: float = 30.0
    memory: int = 128 * MEGABYTE
    output: int = 256 * 1024
    disk: int = 16 * MEGABYTE
    times: float = 20.0
    total_output: int = 8 * MEGABYTE

    def __post_init__(self) -> None:
        if self.wall_seconds is None:
            object.__setattr__(self, "wall_seconds", 4 * self.seconds + 1)
        for limit in fields(self):
            value = getattr(self, limit.name)
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not is_number or not 0 < value < math.inf:
                raise ValueError(f"{limit.name} must be a positive number, got {value!r}")


@dataclass(frozen=True)
class Submission:
    """A program and what to run of it. Expected values are no part of it: they stay outside.

    Args:
        source: Python source text, as submitted.
        tests: for "calls" an expression each, such as ``"median([3, 1, 2])"``, evaluated one
            after the other where the source was loaded; for "programs" the standard input of a
            run of the whole source each.
        kind: "calls" or "programs".
        requires: names that the source must define. Where there are any, the expressions find
            nothing else of the source's under the name of a builtin or of the setup: a source that
            has a ``list`` of its own changes no test.
        limits: what it may use.
        reference: a right program, trusted, or "". Where there is one, it runs first, on the same
            tests and in the same box, in a process of its own, which is over and gone before the
            source is there. How long the source may take is relative to it: see
            :func:`limits_by_reference`. So the verdict is the same on a fast machine, on a slow
            one, and on one that is busy.
        setup: trusted source text that is run before the source, where that can use it, and once
            more for the expressions: imports and helpers.
    """

    source: str
    tests: tuple[str, ...]
    kind: Literal["calls", "programs"] = "calls"
    requires: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    reference: str = ""
    setup: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ("calls", "programs"):
            raise ValueError(unknown("kind", self.kind, ("calls", "programs")))


class Outcome(NamedTuple):
    """What came of one test.

    Args:
        status: how its run ended.
        value: for "returned": of a call the tree of its value (see
            :mod:`~reasoning_gym_envs.sandbox.values`), of a program its standard output.
        message: what went wrong, in a line that may be shown to the agent ("" if nothing did).
        seconds: processor time.
        printed: what it printed, from the beginning, shortened: for "calls" both streams, for
            "programs" standard error.
    """

    status: Status
    value: Any = None
    message: str = ""
    seconds: float = 0.0
    printed: str = ""


REFERENCE_SECONDS = 60.0
"""Processor time that a test of a reference may take: only what does not end takes as long."""
LEAST_REFERENCE_SECONDS = 0.01
"""What a reference counts as at least: less is too little to be measured well."""


def limits_by_reference(limits: Limits, seconds: Sequence[float]) -> Limits:
    """The limits of a submission whose reference took so long.

    A test may take ``times`` the processor time of the reference's longest test, and ten times
    that may elapse, and two seconds more, which only catches what waits.

    >>> limits_by_reference(Limits(times=20), [0.05, 0.04]).seconds
    1.0

    Args:
        limits: those of the submission.
        seconds: the processor time of the reference for each test.
    """
    most = limits.times * max(LEAST_REFERENCE_SECONDS, *seconds)
    wall = 10 * most + 2
    total = wall * (len(seconds) + 1)
    return replace(limits, seconds=most, wall_seconds=wall, total_seconds=total)


class Sandbox(Protocol):
    """Whatever runs submissions: :class:`DockerSandbox` or :class:`ProcessSandbox`."""

    @property
    def image(self) -> str:
        """What the submissions run in: the digest of an image, or the name of the interpreter."""

    def run(self, submission: Submission) -> list[Outcome]:
        """Run the tests of a submission; an outcome for each, in their order.

        Raises:
            SandboxFailure: the sandbox could not run it, for no fault of the submission's.
        """

    def close(self) -> None:
        """Give everything back; the sandbox cannot be used afterwards. May be called twice."""
