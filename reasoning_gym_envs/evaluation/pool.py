"""Workers: processes that play episodes, each named before it runs, and what they give back.

The unit is an episode, so results are the same for one worker and many, and in any order. A worker
that dies costs its episodes a second run. Workers end with the process that made them.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

__all__ = ["BACKENDS", "RolloutPool", "WorkersDie", "end_with_parent"]

BACKENDS = ("processes", "ray")
DEATHS = 3
"""Of workers with the same task: then it is the task that kills them."""
_AT_ONCE = 32  # tasks in a message, at most: a message costs as much as an episode of arithmetic
_SECONDS_KEPT = 0.1  # how long a worker keeps results back, so that several go in a message

Task = TypeVar("Task")
Result = TypeVar("Result")
Work = Callable[[Sequence[Task]], Iterable[tuple[int, Result]]]
"""Is given tasks, and gives for each its place among them and its result, in any order."""


class WorkersDie(RuntimeError):
    """Workers died again and again, with the same task."""


class RolloutPool(Generic[Task, Result]):
    """A pool of workers::

        pool = RolloutPool(make_work, workers=2)
        for result in pool.run(tasks): ...

    Args:
        make_work: is called once in each worker, and makes what plays there. It must be picklable:
            a function of a module, or ``functools.partial`` of one.
        workers: how many processes.
        backend: "processes" of this machine; or "ray", those of a Ray cluster.

    Raises:
        ValueError: no such backend, or fewer than one worker.
    """

    def __init__(
        self,
        make_work: Callable[[], Work[Task, Result]],
        *,
        workers: int = 1,
        backend: str = "processes",
    ) -> None:
        if backend not in BACKENDS:
            raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got {backend!r}")
        if workers < 1:
            raise ValueError(f"workers must be 1 or more, got {workers}")
        self.make_work = make_work
        self.workers = workers
        self.backend = backend

    def run(self, tasks: Iterable[Task], *, at_once: int | None = None) -> Iterator[Result]:
        """Give the results as they come.

        Args:
            tasks: hashable; each is with one worker at a time.
            at_once: how many a worker is given in a message; None: as suits their number.

        Raises:
            WorkersDie: so many workers died with a task as :data:`DEATHS` says.
            ImportError: Ray is not installed.
            Exception: what the work raised.
        """
        todo = deque(tasks)
        if at_once is None:
            at_once = max(1, min(_AT_ONCE, len(todo) // (4 * self.workers)))
        run = _run_on_ray if self.backend == "ray" else _run_in_processes
        return run(self.make_work, min(self.workers, len(todo)), todo, at_once)


class _Dealt(Generic[Task]):
    """What a worker was given, and what of it is still without a result."""

    def __init__(self) -> None:
        self.left: dict[int, Task] = {}

    def deal(self, todo: deque[Task], at_once: int) -> list[Task]:
        tasks = [todo.popleft() for _ in range(min(at_once, len(todo)))]
        self.left = dict(enumerate(tasks))
        return tasks

    def take_back(self, todo: deque[Task], deaths: Counter[Task]) -> None:
        """Of a worker that has died."""
        deaths.update(self.left.values())
        for task, times in deaths.items():
            if times >= DEATHS:
                raise WorkersDie(
                    f"{times} workers died with {task!r:.200}: were they killed, or out of memory? "
                    "One worker shows more"
                )
        todo.extendleft(reversed(self.left.values()))
        self.left = {}


# Processes of this machine.


class _Process(_Dealt[Task]):
    """A worker."""

    def __init__(self, make_work: Callable[[], Work[Task, Any]]) -> None:
        super().__init__()
        context = multiprocessing.get_context("spawn")  # a fork copies locks as they are
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(make_work, theirs), daemon=True)
        self.process.start()
        theirs.close()  # so that the end of the process is the end of the pipe

    def give(self, todo: deque[Task], at_once: int) -> None:
        tasks = self.deal(todo, at_once)
        if tasks:
            with suppress(OSError):  # it has died, which is read from the pipe
                self.connection.send(tasks)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


def _run_in_processes(
    make_work: Callable[[], Work[Task, Result]], count: int, todo: deque[Task], at_once: int
) -> Iterator[Result]:
    deaths: Counter[Task] = Counter()
    workers: list[_Process[Task]] = []
    try:
        for _ in range(count):
            workers.append(_Process(make_work))
            workers[-1].give(todo, at_once)
        while busy := [worker for worker in workers if worker.left]:
            ready = wait([worker.connection for worker in busy])
            for worker in [one for one in busy if one.connection in ready]:
                try:
                    results = worker.connection.recv()
                except (EOFError, OSError):
                    worker.take_back(todo, deaths)
                    worker.end()
                    workers[workers.index(worker)] = fresh = _Process(make_work)
                    fresh.give(todo, 1)  # so it is found which of them kills its worker
                    continue
                if isinstance(results, Exception):
                    raise results
                for place, _ in results:
                    del worker.left[place]
                if not worker.left:
                    worker.give(todo, at_once)
                for _, value in results:
                    yield value
    finally:
        for worker in workers:
            worker.end()


def _serve(make_work: Callable[[], Work[Any, Any]], connection: Connection) -> None:
    """What a worker does, until the pipe or its parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends it
    threading.Thread(target=end_with_parent, daemon=True).start()
    results: list[tuple[int, Any]] = []
    try:
        work = make_work()
        while True:
            results, sent = [], time.monotonic()
            for result in work(connection.recv()):
                results.append(result)
                if time.monotonic() - sent > _SECONDS_KEPT:
                    connection.send(results)
                    results, sent = [], time.monotonic()
            if results:
                connection.send(results)
    except (EOFError, BrokenPipeError):
        return
    except Exception as error:
        if results:
            connection.send(results)
        connection.send(_as_sent(error))


def end_with_parent() -> None:
    """End this process when the one that made it ends: for a thread of a worker."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)  # at once, whatever it is busy with


def _as_sent(error: Exception) -> Exception:
    """The error, or one that says the same, where it cannot be sent."""
    text = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own, made a moment ago
    except Exception:
        return RuntimeError(f"a worker failed:\n{text}")
    error.__notes__ = [f"in a worker:\n{text}"]  # type: ignore[attr-defined]
    return error


# Processes of a Ray cluster.


def _run_on_ray(
    make_work: Callable[[], Work[Task, Result]], count: int, todo: deque[Task], at_once: int
) -> Iterator[Result]:
    try:
        import ray
    except ImportError as error:
        raise ImportError(
            "backend='ray' needs Ray: pip install 'reasoning-gym-envs[ray]'"
        ) from error
    if not ray.is_initialized():
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="error")

    class Worker:
        def __init__(self) -> None:
            self._work = make_work()

        def run(self, tasks: list[Any]) -> list[tuple[int, Any]]:
            return list(self._work(tasks))

    worker: Any = ray.remote(max_restarts=0)(Worker)
    deaths: Counter[Task] = Counter()
    running: dict[Any, tuple[Any, _Dealt[Task]]] = {}

    def give(actor: Any, at_once: int) -> None:
        dealt = _Dealt[Task]()
        if tasks := dealt.deal(todo, at_once):
            running[actor.run.remote(tasks)] = (actor, dealt)
        else:
            ray.kill(actor)

    try:
        for _ in range(count):
            give(worker.remote(), at_once)
        while running:
            (ready, *_), _ = ray.wait(list(running))
            actor, dealt = running.pop(ready)
            try:
                results = ray.get(ready)
            except ray.exceptions.RayActorError:
                dealt.take_back(todo, deaths)
                give(worker.remote(), 1)
                continue
            except ray.exceptions.RayTaskError as error:
                raise error.cause from None
            give(actor, at_once)
            for _, value in results:
                yield value
    finally:
        for actor, _ in running.values():
            ray.kill(actor)
