"""Whether a sandbox has the packages that a task needs."""

from __future__ import annotations

import ast

from reasoning_gym_envs.code.corpora.checks import packages_of, parse
from reasoning_gym_envs.code.corpora.refusal import RefusedTask
from reasoning_gym_envs.problems import Problem
from reasoning_gym_envs.sandbox.submission import Sandbox, Submission

_FOUND = "importlib.util.find_spec({!r}) is not None"

_known: dict[tuple[str, str], bool] = {}  # by image and package


def missing_packages(problem: Problem, sandbox: Sandbox) -> str:
    """Why a task cannot be judged in a sandbox: what it lacks; "" if it lacks nothing."""
    missing = [name for name in problem.data.packages if not _has(sandbox, name)]
    if not missing:
        return ""
    return (
        f"it needs {', '.join(missing)}, which the sandbox's image lacks "
        "(`reasoning-gym-envs sandbox build-image --packages` makes one that has it)"
    )


def _has(sandbox: Sandbox, name: str) -> bool:
    key = sandbox.image, name
    if key not in _known:
        (outcome,) = sandbox.run(Submission("import importlib.util", (_FOUND.format(name),)))
        _known[key] = outcome.value is True
    return _known[key]


def imported_packages(program: str) -> set[str]:
    """The packages that a program imports and Python does not bring along."""
    try:
        return packages_of(ast.walk(parse(program)))
    except RefusedTask:
        return set()
