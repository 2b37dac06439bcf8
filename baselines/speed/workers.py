"""Evaluations with more workers: Sudoku solved by the reference, and 10,000 episodes with a murder.

    python -m baselines.speed.workers

The episodes are played by this process, by two workers, and by two workers of Ray (where it is
installed), in turn. Two processors of a rented machine are often less than twice one, so beside it
stands what two processes of plain Python do. Then 10,000 short episodes are played while a worker
is killed now and then.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import tempfile
import threading
import time
from pathlib import Path

from reasoning_gym_envs.evaluation import Suite, evaluate, suite_of
from reasoning_gym_envs.evaluation.record import read_episodes

PROBLEMS, SAMPLES, ROUNDS = 400, 50, 2


def count(numbers: int) -> int:
    """Keep a processor busy: dictionaries and texts, as environments do."""
    seen: dict[int, str] = {}
    for number in range(numbers):
        seen[number % 5000] = f"{number}x"
    return len(seen)


def ceiling() -> float:
    """How many times as much two processes of plain Python do as one, at best."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:

        def seconds(processes: int) -> float:
            start = time.perf_counter()
            pool.map(count, [2_000_000] * processes, chunksize=1)
            return time.perf_counter() - start

        seconds(2)  # they start
        both = [(seconds(1), seconds(2)) for _ in range(ROUNDS)]
    return 2 * min(one for one, _ in both) / min(two for _, two in both)


def seconds_of(suite: Suite, samples: int, workers: int, backend: str) -> float:
    """Seconds by the clock of an evaluation, the start of its workers among them."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        evaluate("reference", suite, out=folder, samples=samples, workers=workers, backend=backend)
        return time.perf_counter() - start


def lines(folder: str) -> list[str]:
    """The record, sorted, without the times."""
    return sorted(
        json.dumps({k: v for k, v in record.items() if k != "seconds"})
        for record in read_episodes(Path(folder))
    )


def with_murders(suite: Suite, samples: int) -> tuple[int, list[str]]:
    """How many workers were killed in an evaluation with two, and its record."""
    kills, over = 0, threading.Event()

    def murder() -> None:
        nonlocal kills
        while not over.wait(2.0):
            workers = multiprocessing.active_children()
            if workers and (pid := workers[kills % len(workers)].pid):
                os.kill(pid, signal.SIGKILL)
                kills += 1

    with tempfile.TemporaryDirectory() as folder:
        murderer = threading.Thread(target=murder)
        murderer.start()
        try:
            evaluate("random", suite, out=folder, samples=samples, workers=2)
        finally:
            over.set()
            murderer.join()
        return kills, lines(folder)


def main() -> None:
    """Print the speed of each way, and what the murders cost."""
    suite = suite_of(["Sudoku-v0"], levels=(5,), count=PROBLEMS)
    ways = {"one process": (1, "processes"), "two workers": (2, "processes")}
    try:
        import ray
    except ImportError:
        print("Ray is not installed: pip install 'reasoning-gym-envs[ray]'")
    else:
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
        ways["two workers of Ray"] = (2, "ray")
    best = dict.fromkeys(ways, float("inf"))
    most = 0.0
    for _ in range(ROUNDS):
        most = max(most, ceiling())
        for way, (workers, backend) in ways.items():
            best[way] = min(best[way], seconds_of(suite, SAMPLES, workers, backend))
    print(f"{PROBLEMS * SAMPLES:,} episodes of Sudoku, level 5, best of {ROUNDS} rounds:")
    for way, seconds in best.items():
        speed, ratio = PROBLEMS * SAMPLES / seconds, best["one process"] / seconds
        print(f"  {way:20}{speed:>8,.0f} episodes/s, {ratio:.2f} times one process")
    print(f"  two processes of plain Python: {most:.2f} times one")
    if "two workers of Ray" in best:
        print(f"  Ray beside the pool: {best['two workers'] / best['two workers of Ray']:.2f}")

    short = suite_of(["TowerOfHanoi-v0"], levels=(3,), count=100)
    with tempfile.TemporaryDirectory() as folder:
        evaluate("random", short, out=folder, samples=100)
        undisturbed = lines(folder)
    kills, disturbed = with_murders(short, 100)
    same = "the same record" if disturbed == undisturbed else "ANOTHER RECORD"
    print(f"{len(disturbed):,} episodes, {kills} workers killed: {same}")


if __name__ == "__main__":
    main()
