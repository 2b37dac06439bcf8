"""Our end of the line to ``worker.py``, the process in which ``reasoning-gym`` runs.

That package makes some problems from the global random state and from the order of sets of
strings, and some of its scorers can take for ever. In a process of its own its random state is
nobody else's, strings have the same hashes everywhere, and what takes too long can be stopped, from
any thread.

One such process serves all environments of this one. It starts with the first question and ends
when this process does.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

SECONDS = 60
"""Of work of its own that an answer may take; hundreds of times what the slowest ones do."""

_WAITS = 1800
"""Seconds by the clock that we wait at most, for what sleeps instead of working."""
# What Python puts first on the path is the folder that we are in: what lies there is not meant.
_PROGRAM = """import sys
sys.path[:] = filter(None, sys.path)
from reasoning_gym_envs.integrations.reasoning_gym.worker import main
main()"""
_OUT_OF_WORK = -getattr(signal, "SIGXCPU", 0)


class TookTooLong(RuntimeError):
    """A question used up the work that it may cost: an infinite loop, a huge number."""


_lock = threading.Lock()
_process: subprocess.Popen[bytes] | None = None
_of_parents: list[subprocess.Popen[bytes]] = []  # kept, so that nobody waits for them here


def ask(question: str, *arguments: Any, seconds: int = SECONDS) -> Any:
    """Ask the worker one of the questions that ``worker.py`` answers.

    Args:
        question: the name of one of its functions.
        arguments: what JSON holds.
        seconds: of work that it may cost, a whole number.

    Raises:
        TookTooLong: it cost more; whatever the machine was busy with beside it.
        RuntimeError: the package failed, or its process did.
    """
    global _process
    line = json.dumps([question, arguments, seconds]).encode() + b"\n"
    with _lock:
        if _process is None:
            _process = _start()
        process = _process
        assert process.stdin is not None
        assert process.stdout is not None
        alarm = threading.Timer(_WAITS, process.kill)
        reply = b""
        try:
            alarm.start()
            process.stdin.write(line)
            process.stdin.flush()
            reply = process.stdout.readline()
        except BrokenPipeError:
            pass  # it has ended: there is no reply
        finally:
            alarm.cancel()
            if not reply:  # or an interrupt came, and its reply would be taken for the next one's
                _process = None
                _stop(process)
    if not reply:
        if process.returncode == _OUT_OF_WORK:
            raise TookTooLong(f"reasoning-gym worked for more than {seconds} s: {line!r:.200}")
        raise RuntimeError(
            f"the process of reasoning-gym ended ({process.returncode}) without an answer: "
            f"{line!r:.200}. Does `python -c 'import reasoning_gym'` work?"
        )
    value, error = json.loads(reply)
    if error is not None:
        raise RuntimeError(f"reasoning-gym: {error}")
    return value


def _start() -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "0",  # the order of a set of strings, the same in every process
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),  # finds what we do
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-W", "ignore", "-c", _PROGRAM]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


@atexit.register
def _at_exit() -> None:
    if _process is not None:
        _stop(_process)


def _after_fork() -> None:
    """A child starts a worker of its own: two that read from one pipe take each other's replies."""
    global _lock, _process
    _lock = threading.Lock()
    if _process is not None:
        _process.returncode = 0  # the parent's to wait for
        _of_parents.append(_process)
        _process = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
