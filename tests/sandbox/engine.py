"""Docker engines for the tests: the one of this machine, and private ones that may be broken."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

from reasoning_gym_envs.sandbox.engine import connect, examine
from reasoning_gym_envs.sandbox.images import build, default_image
from reasoning_gym_envs.sandbox.submission import SandboxUnavailable

needs_engine = pytest.mark.needs_engine
"""Marks what is skipped, with the reason, where there is no engine."""


@cache
def missing_engine() -> str:
    """Why there is no engine to test with; "" where there is one, which then has the image.

    An image that cannot be built is a failure of the tests, and no reason to skip them.
    """
    try:
        api = connect()
    except SandboxUnavailable as error:
        return str(error)
    with contextlib.closing(api):
        wrong = [point for point in examine(api, default_image()) if point.fix is not None]
        for point in wrong:
            if point.name != "image":
                return f"{point.name}: {point.found}"
        if wrong:
            # One of the processes that test builds it, and the others wait.
            lock = Path(tempfile.gettempdir(), f"reasoning-gym-envs-image-{os.getuid()}.lock")
            with lock.open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if not api.images(default_image()):
                    build(api, "host")
    return ""


class PrivateEngine:
    """A dockerd with a data root of its own, to be stopped, killed and filled up.

    Args:
        size: size of a file system in memory for its data, such as "200m"; None for a folder.
    """

    def __init__(self, size: str | None = None) -> None:
        if os.name != "posix" or os.geteuid() != 0:
            pytest.skip("an engine of its own is started by root alone")
        if shutil.which("dockerd") is None:
            pytest.skip("an engine of its own needs dockerd")
        # Short: the path of a socket has at most 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="dockerd-", dir="/tmp"))
        self.host = f"unix://{self.folder}/docker.sock"
        self._dockerd: subprocess.Popen[bytes] | None = None
        try:
            (self.folder / "data").mkdir()
            if size is not None:
                options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs"]
                subprocess.run(["mount", *options, self.folder / "data"], check=True)
            self.start()
            self._load_image()
        except BaseException:
            self.stop()
            raise

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def start(self) -> None:
        # What was killed may look alive as long as nobody has asked how it ended.
        for file in ("pid", "exec/containerd/containerd.pid"):
            (self.folder / file).unlink(missing_ok=True)
        with (self.folder / "log").open("ab") as log:
            folders = ["--data-root", self.folder / "data", "--exec-root", self.folder / "exec"]
            network = ["--bridge=none", "--iptables=false", "--ip6tables=false"]
            address = ["-H", self.host, "--pidfile", self.folder / "pid"]
            self._dockerd = subprocess.Popen(
                ["dockerd", *folders, *network, *address, "--shutdown-timeout=2"],
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt at the keyboard is for the tests
            )
        end = time.monotonic() + 60
        while True:
            try:
                connect(self.host).close()
                return
            except SandboxUnavailable as error:
                if self._dockerd.poll() is not None:
                    last = "\n".join(self.log.splitlines()[-5:])
                    pytest.skip(f"an engine of its own does not start here: {last}")
                if time.monotonic() > end:
                    raise TimeoutError(f"{error}\n{self.log[-2000:]}") from None
            time.sleep(0.05)

    def terminate(self) -> None:
        """Stop it as an administrator does; its containers end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it, with its containerd, as a lack of memory does; its containers live on."""
        self._end(signal.SIGKILL)
        for pid in _processes(str(self.folder)):
            with contextlib.suppress(OSError):
                if "containerd-shim" not in Path(f"/proc/{pid}/cmdline").read_text():
                    os.kill(pid, signal.SIGKILL)

    def restart(self) -> None:
        self.terminate()
        self.start()

    def stop(self) -> None:
        """End it and all that it started, and remove its files."""
        self._end(signal.SIGTERM)
        shims = _processes(str(self.folder))
        # Containers first: without its shim, a container would be anybody's child.
        for pid in [*(child for shim in shims for child in _children(shim)), *shims]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
        for mount in sorted(mounts, reverse=True):
            if mount.startswith(f"{self.folder}/"):
                subprocess.run(["umount", "--lazy", mount], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        if self._dockerd is None:
            return
        self._dockerd.send_signal(number)
        try:
            self._dockerd.wait(30)
        except subprocess.TimeoutExpired:
            self._dockerd.kill()
            self._dockerd.wait()
        self._dockerd = None

    def _load_image(self) -> None:
        with contextlib.closing(connect(self.host)) as api:
            if missing_engine():
                build(api, "host")
                return
            with contextlib.closing(connect()) as other:
                list(api.load_image(other.get_image(default_image())))


def _processes(folder: str) -> list[int]:
    """The processes whose command line names a folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if folder in file.read_text(errors="replace") and int(file.parent.name) != os.getpid():
                found.append(int(file.parent.name))
    return found


def _children(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    found = [int(child) for child in children]
    return found + [grandchild for child in found for grandchild in _children(child)]
