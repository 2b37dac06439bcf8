"""ProcessSandbox: submissions in processes of this machine, with no isolation at all."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

from reasoning_gym_envs.sandbox.box import Box, BoxLost
from reasoning_gym_envs.sandbox.packages import Contents
from reasoning_gym_envs.sandbox.pool import Pool
from reasoning_gym_envs.sandbox.slots import Slots
from reasoning_gym_envs.sandbox.submission import SandboxUnavailable, Submission

_log = logging.getLogger(__name__)


class ProcessSandbox(Pool):
    """Runs submissions in processes of this user on this machine: for teaching, without Docker.

    **This is not safe.** The kernel limits time, memory and files of each process, and that is
    all: a submission can read and delete your files, use the network, and forge results. Give it
    only code that you would run yourself. It has the interface of :class:`DockerSandbox`, and says
    on each start that it is not safe.

    Args:
        boxes: how many processes at most; None for one a processor, but two to four.
        recycle_after: submissions after which a process is replaced.

    Raises:
        SandboxUnavailable: the system cannot fork processes.
    """

    def __init__(self, *, boxes: int | None = None, recycle_after: int = 1000) -> None:
        if sys.platform != "linux":
            raise SandboxUnavailable(
                f"code cannot be run in processes on {platform.system()}: install Docker, and use "
                'sandbox="docker"'
            )
        _log.warning(
            "the sandbox 'process-unsafe' is not safe: submitted code runs as you, with your files "
            "and your network"
        )
        super().__init__(boxes, recycle_after, Slots("processes"))
        self.contents = Contents(platform.python_version())
        """What programs can import: the standard library alone."""

    @property
    def image(self) -> str:
        """The interpreter: there is no image."""
        return f"process-unsafe:python-{platform.python_version()}"

    def __reduce__(self) -> Any:
        return _shared, ()

    def _check(self, submission: Submission) -> None:
        """Any submission can be run: there is no container that it has to fit into."""

    def _open_box(self) -> Box:
        return _ProcessBox()

    def _is_up(self) -> bool:
        return True


class _ProcessBox(Box):
    """A runner in a process of this machine, and a folder for it to work in."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="reasoning-gym-envs-")
        runner = str(Path(__file__).with_name("runner.py"))
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-S", "-X", "utf8", runner, "unsafe"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=self._folder,
            env={"PYTHONHASHSEED": "0", "PATH": os.environ.get("PATH", ""), "HOME": self._folder},
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin: IO[bytes] = self._process.stdin
        self._stdout: IO[bytes] = self._process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        self._output = bytearray()
        try:
            self.start()
        except BaseException:
            self.hang_up()
            self.remove()
            raise

    def _send(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            self._wait_for(self._stdin, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._stdin.fileno(), rest) :]
            except OSError as error:
                raise BoxLost(str(error)) from None

    def _read(self, size: int, deadline: float) -> bytes:
        while len(self._output) < size:
            self._wait_for(self._stdout, select.POLLIN, deadline)
            data = os.read(self._stdout.fileno(), 1 << 18)
            if not data:
                raise BoxLost("it has ended")
            self._output += data
        data = bytes(self._output[:size])
        del self._output[:size]
        return data

    def _wait_for(self, stream: IO[bytes], event: int, deadline: float) -> None:
        poll = select.poll()  # unlike select, of any number of open files
        poll.register(stream, event)
        if not poll.poll(1000 * max(0.0, deadline - time.monotonic())):
            raise BoxLost("no answer in time")

    def has_more(self) -> bool:
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        return bool(self._output or poll.poll(0))

    def was_killed(self) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(1) < 0
        return False

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self._stdin.close()
        with contextlib.suppress(OSError):
            self._stdout.close()

    def remove(self) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _shared() -> ProcessSandbox:
    from reasoning_gym_envs.sandbox import make_sandbox

    sandbox = make_sandbox("process-unsafe")
    assert isinstance(sandbox, ProcessSandbox)
    return sandbox
