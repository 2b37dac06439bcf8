"""Slots: a limit on how many sandboxes all processes of a user have at once on this machine."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from reasoning_gym_envs.sandbox.submission import SandboxUnavailable, said

try:
    import fcntl
except ImportError:
    raise SandboxUnavailable(
        "code can be run on Linux and macOS alone: on Windows, use the Windows Subsystem for Linux"
    ) from None

LIMIT_VARIABLE = "REASONING_GYM_ENVS_MAX_BOXES"


class Slots:
    """A number of slots, each a lock on a file, which ends with whoever holds it.

    Args:
        name: what they are slots of; a limit of its own each.
        count: how many; None for the environment variable ``REASONING_GYM_ENVS_MAX_BOXES``, or
            else twice the processors and at least four.

    Raises:
        SandboxUnavailable: that variable is no number of them, or they cannot be kept.
    """

    def __init__(self, name: str, count: int | None = None) -> None:
        if count is None:
            count = _count()
        if count < 1:
            raise ValueError(f"there must be at least one slot, got {count}")
        self.count = count
        self._folder = _own_folder() / name

    def take(self) -> int | None:
        """The file descriptor that holds a slot until it is closed; None if all are taken."""
        for n in range(self.count):
            fd = self._open(f"slot-{n}")
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return fd
            except BlockingIOError:
                os.close(fd)
            except BaseException:
                os.close(fd)
                raise
        return None

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Tell the other processes that a slot is wanted."""
        fd = self._open("wanted")
        try:
            fcntl.flock(fd, fcntl.LOCK_SH)
            yield
        finally:
            os.close(fd)

    def are_wanted(self) -> bool:
        """Whether some process waits for a slot."""
        try:
            fd = self._open("wanted")
        except OSError:  # no more files may be open, say: it is no reason to lose a result
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(fd)
        return False

    def _open(self, name: str) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # cleaners of /tmp remove it
        return os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _count() -> int:
    text = os.environ.get(LIMIT_VARIABLE, "").strip()
    if not text:
        return max(4, 2 * (os.cpu_count() or 1))
    if not text.isdecimal() or int(text) < 1:
        raise SandboxUnavailable(
            said(
                f"{LIMIT_VARIABLE} is {text!r:.40}, which is no number of containers",
                f"export {LIMIT_VARIABLE}=4, or another whole number of 1 or more, or unset it",
            )
        )
    return int(text)


def _own_folder() -> Path:
    """The folder for the locks of this user, which nobody else could have made."""
    folder = Path(tempfile.gettempdir(), f"reasoning-gym-envs-{os.getuid()}")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
        found = "" if stat.S_ISDIR(state.st_mode) else "it is no folder"
        if state.st_uid != os.getuid():
            found = f"it belongs to the user {state.st_uid}"
    except OSError as error:
        found = str(error)
    if found:
        raise SandboxUnavailable(
            said(
                f"{folder}, the folder of the locks that count containers, cannot be used: {found}",
                f"sudo rm -r {folder}, or set TMPDIR to a folder of your own",
            )
        )
    return folder
