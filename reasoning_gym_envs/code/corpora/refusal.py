"""Why a row of a corpus cannot be used."""

from __future__ import annotations

from reasoning_gym_envs.corpus_rows import ProblemFileError


class RefusedTask(ProblemFileError):
    """A row whose tests cannot be judged safely, or that is no task; the message says why."""


class NoLiteral(Exception):
    """An expression that is no literal, or too large a one; the message says what is wrong."""


class BeyondHost(NoLiteral):
    """One that the host cannot follow and a checker in the sandbox may."""
