"""Running untrusted code: in Docker containers, or on request without any isolation::

with DockerSandbox() as sandbox:
    verdict = judge(sandbox, "def double(x): return 2 * x", [Test("double(21)", 42)])
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.sandbox.judge import Test, Verdict, judge
from reasoning_gym_envs.sandbox.submission import (
    Limits,
    Outcome,
    Sandbox,
    SandboxFailure,
    SandboxUnavailable,
    Submission,
)
from reasoning_gym_envs.sandbox.values import Comparison

if TYPE_CHECKING:
    from reasoning_gym_envs.sandbox.docker_sandbox import DockerSandbox
    from reasoning_gym_envs.sandbox.process_sandbox import ProcessSandbox

__all__ = [
    "SANDBOXES",
    "Comparison",
    "DockerSandbox",
    "Limits",
    "Outcome",
    "ProcessSandbox",
    "Sandbox",
    "SandboxFailure",
    "SandboxUnavailable",
    "Submission",
    "Test",
    "Verdict",
    "judge",
    "make_sandbox",
]

SANDBOXES = ("docker", "docker:IMAGE", "process-unsafe")

_shared: dict[str, Sandbox] = {}
_shared_lock = threading.Lock()


def make_sandbox(sandbox: str | Sandbox = "docker") -> Sandbox:
    """The sandbox that a ``sandbox=`` argument names.

    Args:
        sandbox: "docker", "docker:IMAGE" with the name of an image, "process-unsafe", or a
            sandbox, which is returned as it is. Of a name there is one in a process, which all
            environments share.

    Raises:
        SandboxUnavailable: it cannot be had; the message names the cause and what fixes it.
        ValueError, TypeError: no such sandbox.
    """
    if not isinstance(sandbox, str):
        if not callable(getattr(sandbox, "run", None)):
            raise TypeError(
                f"sandbox must be one of {SANDBOXES} or a sandbox, got {type(sandbox).__name__}"
            )
        return sandbox
    with _shared_lock:
        shared = _shared.get(sandbox)
        if shared is None or getattr(shared, "is_closed", False):
            kind, _, image = sandbox.partition(":")
            if kind == "docker":
                from reasoning_gym_envs.sandbox.docker_sandbox import DockerSandbox

                shared = DockerSandbox(image=image or None)
            elif sandbox == "process-unsafe":
                from reasoning_gym_envs.sandbox.process_sandbox import ProcessSandbox

                shared = ProcessSandbox()
            else:
                raise ValueError(unknown("sandbox", sandbox, SANDBOXES))
            _shared[sandbox] = shared
        return shared


def __getattr__(name: str) -> object:
    """The kinds of sandboxes, imported when they are asked for."""
    if name == "DockerSandbox":
        from reasoning_gym_envs.sandbox.docker_sandbox import DockerSandbox

        return DockerSandbox
    if name == "ProcessSandbox":
        from reasoning_gym_envs.sandbox.process_sandbox import ProcessSandbox

        return ProcessSandbox
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
