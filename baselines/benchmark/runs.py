"""The runs of a benchmark: in processes side by side, each written down when it is finished."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any, Protocol, TextIO, TypeVar

from filelock import FileLock, Timeout

from agents.common.run_folder import Interruption, RunFolder
from reasoning_gym_envs.evaluation.pool import end_with_parent

__all__ = ["Record", "finish", "key_of", "read_records"]

Record = dict[str, Any]
"""What a run came to, as JSON."""


class Job(Protocol):
    """A run to be played."""

    @property
    def key(self) -> str:
        """A name that changes when anything does that decides the result."""


AnyJob = TypeVar("AnyJob", bound=Job)


def key_of(described: Mapping[str, Any]) -> str:
    """The key of a job that is described by this."""
    text = json.dumps(described, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def finish(
    jobs: Sequence[AnyJob],
    play: Callable[[AnyJob], Record | None],
    *,
    folder: Path,
    processes: int | None,
    report_only: bool,
    command: str,
    known: Mapping[str, Record] | None = None,
) -> list[Record] | None:
    """Play what is not finished yet; returns all records, or None when Ctrl-C ended it early.

    Args:
        jobs: all runs of the benchmark.
        play: plays one, in a process of its own; None when it was interrupted.
        folder: has the finished runs, in ``runs.jsonl``.
        processes: runs at the same time; None for as many as there are cores.
        report_only: play nothing.
        command: of `python -m baselines`, which goes on after an interruption.
        known: finished runs from elsewhere, by their keys.

    Raises:
        FileExistsError: another process plays runs in the folder.
        ValueError: there is no finished run, or no process to play one.
    """
    if processes is not None and processes < 1:
        raise ValueError("--processes must be at least 1")
    file = folder / "runs.jsonl"
    finished = {**(known or {}), **read_records(file)}
    missing = [job for job in jobs if job.key not in finished]
    if missing and not report_only:
        folder.mkdir(parents=True, exist_ok=True)
        count = processes or os.cpu_count() or 1
        with _locked(folder), _opened(file) as lines:
            for record in play_all(play, missing, count, len(jobs)):
                finished[record["key"]] = record
                lines.write(json.dumps(record) + "\n")
                lines.flush()
        missing = [job for job in jobs if job.key not in finished]
        if missing:
            own = sys.argv[1:2] == command.split()[:1]
            again = shlex.join(sys.argv[1:]) if own else command
            print(
                f"\nInterrupted: {len(jobs) - len(missing)} of {len(jobs)} runs are finished and "
                f"kept in {file}. To go on:\n  python -m baselines {again}"
            )
            return None
    records = [finished[job.key] for job in jobs if job.key in finished]
    if not records:
        raise ValueError(f"there is nothing to report: no such run is finished in {file}")
    return records


def read_records(file: Path) -> dict[str, Record]:
    """Finished runs by their keys, without a last line that was not written to its end."""
    if not file.is_file():
        return {}
    records = [json.loads(line) for line in _whole(file.read_bytes()).splitlines()]
    return {record["key"]: record for record in records}


def _whole(data: bytes) -> bytes:
    return data[: data.rfind(b"\n") + 1]


def _opened(file: Path) -> TextIO:
    """The file to be appended to, without the half line that a killed process may have left."""
    if file.exists():
        os.truncate(file, len(_whole(file.read_bytes())))
    return file.open("a", encoding="utf-8")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from playing the same runs. The lock ends with its process."""
    try:
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout:
        raise FileExistsError(
            f"another process plays runs in {folder}: wait for it, or choose another folder with "
            "--runs"
        ) from None


def play_all(
    play: Callable[[AnyJob], Record | None], jobs: Sequence[AnyJob], processes: int, total: int
) -> Iterator[Record]:
    """Play runs in processes of their own, and yield the record of each that is finished.

    After Ctrl-C no run begins; those in progress that are not interrupted as well are finished.
    """
    waiting, running = iter(jobs), set[Future[Record | None]]()
    done = total - len(jobs)
    with (
        Interruption() as interruption,
        RunFolder(None, None).progress("runs", total, done) as show,
        ProcessPoolExecutor(
            min(processes, len(jobs)), mp_context=get_context("spawn"), initializer=_in_worker
        ) as pool,
    ):
        while True:
            while len(running) < processes and not interruption.requested:
                job = next(waiting, None)
                if job is None:
                    break
                running.add(pool.submit(play, job))
            if not running:
                return
            finished, running = wait(running, timeout=1, return_when=FIRST_COMPLETED)
            for record in _records(finished):
                done += 1
                show(done, {})
                yield record


def _records(finished: Iterable[Future[Record | None]]) -> Iterator[Record]:
    for future in finished:
        record = future.result()
        if record is not None:
            yield record


def _in_worker() -> None:
    """One thread a process, no progress bars but that of all runs, and no run without a parent."""
    Thread(target=end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # one that waits would break the pool
    os.environ["OMP_NUM_THREADS"] = "1"  # PyTorch is not imported yet
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
