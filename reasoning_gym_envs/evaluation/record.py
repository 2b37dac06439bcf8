"""What an evaluation leaves in its folder, and how it goes on after an interruption.

    run.json        what was asked: the suite and its hash, who played, seeds, versions
    episodes.jsonl  one line an episode, written as it ends
    failures.jsonl  episodes that could not be judged, and why; they are played again
    summary.json    what :func:`reasoning_gym_envs.evaluation.summary.summarise` makes of the lines

A process that is killed leaves at most half a line, which the next one cuts off. The lock is the
operating system's: it ends with its process.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from reasoning_gym_envs.evaluation.play import Failure, Record

__all__ = [
    "Folder",
    "RunConflict",
    "line_of",
    "read_episodes",
    "read_run",
    "write_summary",
    "write_whole",
]

SCHEMA = 1
"""Of run.json and episodes.jsonl. It goes up when a reader of the old one would be wrong."""
_PACKAGES = ("reasoning-gym-envs", "gymnasium", "numpy")
_IDENTITY = ("schema", "suite", "agent", "samples", "seed", "system")
"""What must be the same for a run to go on."""


class RunConflict(ValueError):
    """A folder has another run, or is in use."""


class Folder:
    """The folder of a run, which one process writes at a time.

    Args:
        path: is made where it is missing.
        asked: what was asked for: ``suite``, ``agent``, ``samples``, ``seed``, ``system``.

    Raises:
        RunConflict: the folder has a run that was asked otherwise, or another process writes it.
    """

    def __init__(self, path: Path, asked: Mapping[str, Any]) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise RunConflict(f"{path} is a file: give a folder with --out")
        path.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(path)
        try:
            run = {"schema": SCHEMA, **asked}
            file = path / "run.json"
            if file.exists():
                _check_same(path, read_run(path), run)
            else:
                write_whole(file, _json({**run, "versions": _versions()}))
            self._lines = _opened(path / "episodes.jsonl")
            self._failures = _opened(path / "failures.jsonl")
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._lines)
        os.close(self._failures)
        self._lock.release()

    def episodes(self) -> Iterator[Record]:
        """Those that are written."""
        return read_episodes(self.path)

    def add(self, line: bytes) -> None:
        """Write an episode: the whole line that :func:`line_of` made, in one go."""
        _append(self._lines, line)

    def add_failure(self, failure: Failure) -> None:
        """Write why an episode could not be judged."""
        _append(self._failures, line_of(asdict(failure)))


def line_of(record: Mapping[str, Any]) -> bytes:
    """A record as a line of JSON, in ASCII: a lone surrogate has no other bytes."""
    return (json.dumps(record) + "\n").encode()


def write_summary(path: Path, summary: Mapping[str, Any]) -> None:
    """Write summary.json, whole or not at all."""
    write_whole(path / "summary.json", _json(summary))


def read_run(path: Path) -> dict[str, Any]:
    """What was asked for.

    Raises:
        FileNotFoundError, ValueError: there is no run in the folder, or one of a later schema.
    """
    file = path / "run.json"
    if not file.is_file():
        raise FileNotFoundError(f"{path} has no evaluation: there is no run.json in it")
    try:
        run: dict[str, Any] = json.loads(file.read_bytes())
        schema = int(run["schema"])
        is_whole = run.keys() >= {*_IDENTITY, "episodes", "versions"}
    except (ValueError, TypeError, KeyError, AttributeError):
        schema, is_whole = SCHEMA, False
    if schema > SCHEMA:
        raise ValueError(
            f"{file} has schema {schema}, and this version reads {SCHEMA}: update "
            "reasoning-gym-envs"
        )
    if not is_whole:
        raise ValueError(
            f"{file} is not what an evaluation writes, or is damaged: give another folder"
        )
    return run


def read_episodes(path: Path) -> Iterator[Record]:
    """The episodes that are written, in the order in which they ended.

    Raises:
        ValueError: a line is damaged, as by a disk that failed.
    """
    file = path / "episodes.jsonl"
    if not file.exists():
        return
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):  # half a line of a process that was killed
                return
            try:
                record = json.loads(line)
                _ = record["number"], record["sample"], record["is_success"]
            except (ValueError, TypeError, KeyError):
                raise ValueError(
                    f"line {number} of {file} is damaged: take it out, and the command that played "
                    "it plays that episode again"
                ) from None
            yield record


def _check_same(path: Path, was: Mapping[str, Any], run: Mapping[str, Any]) -> None:
    plain = json.loads(json.dumps(run))
    for name in _IDENTITY:
        if was[name] != plain[name]:
            there, here = _differing(was[name], plain[name])
            raise RunConflict(
                f"{path} has another run: {name} is {there!r:.200} there, and {here!r:.200} here. "
                "Give a folder of its own with --out"
            )
    before, now = was["versions"], _versions()
    name = _PACKAGES[0]
    if before.get(name) != now.get(name):
        raise RunConflict(
            f"{path} was begun with {name} {before.get(name)}, and this is {now.get(name)}: what "
            "is counted together must be of one version. Give a folder of its own with --out"
        )


def _differing(one: Any, other: Any) -> tuple[Any, Any]:
    """What differs: of two objects the fields that do."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return one, other
    names = [n for n in {**one, **other} if one.get(n) != other.get(n)]
    pairs = {n: _differing(one.get(n), other.get(n)) for n in names}
    return tuple({n: pair[side] for n, pair in pairs.items()} for side in (0, 1))  # type: ignore[return-value]


def _versions() -> dict[str, str]:
    versions = {"Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def _opened(file: Path) -> int:
    """A file to be appended to, without the half line that a killed process may have left."""
    opened = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    end = os.lseek(opened, 0, os.SEEK_END)
    whole = end
    while whole > 0 and os.pread(opened, 1, whole - 1) != b"\n":
        whole -= 1
    if whole < end:
        os.ftruncate(opened, whole)
    os.lseek(opened, whole, os.SEEK_SET)
    return opened


def _append(opened: int, data: bytes) -> None:
    while data:
        data = data[os.write(opened, data) :]


def write_whole(file: Path, text: Iterable[str]) -> None:
    """Write a file beside, and put it in its place: whoever reads finds it whole."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as opened:
            opened.writelines(text)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1) + "\n"


def _locked(path: Path) -> Any:
    try:
        from filelock import FileLock, Timeout
    except ImportError as error:
        raise ImportError(
            "an evaluation locks its folder with the package filelock: "
            "pip install 'reasoning-gym-envs[evaluation]'"
        ) from error
    lock = FileLock(path / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RunConflict(
            f"another process is writing {path}: wait for it, or give another folder with --out"
        ) from None
    return lock
