"""Submissions per second, beside other ways of running a program: needs a Docker engine.

python -m baselines.speed.sandbox

Each way runs the same ten-line solution on the same five tests. Elapsed times; for one caller the
median and the 99th percentile of a submission too. The last lines: what the environment adds to
its sandbox, and what a submission of each kind takes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles

import gymnasium as gym

import reasoning_gym_envs  # noqa: F401
from reasoning_gym_envs.sandbox import (
    DockerSandbox,
    ProcessSandbox,
    Sandbox,
    SandboxUnavailable,
    Test,
    judge,
)
from reasoning_gym_envs.sandbox.engine import connect

SECONDS = 10.0
ROUNDS = 3  # of each way, in turn, so that a drift of the machine's speed hits all
SOURCE = """\
def longest_run(values):
    best, length = 0, 0
    previous = None
    for value in values:
        if value == previous:
            length += 1
        else:
            length = 1
        best, previous = max(best, length), value
    return best
"""
TESTS = [
    Test("longest_run([])", 0),
    Test("longest_run([1])", 1),
    Test("longest_run([1, 1, 2, 2, 2, 1])", 3),
    Test("longest_run(list(range(100)))", 1),
    Test("longest_run([7] * 50)", 50),
]
# The same as a program of its own, whose values come as JSON.
PROGRAM = f"{SOURCE}\nimport json\nprint(json.dumps([{', '.join(test.run for test in TESTS)}]))"
EXPECTED = [test.expected for test in TESTS]
FLAGS = [
    "--network=none",
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--memory=256m",
    "--pids-limit=64",
    "--user=60000",
]


def by_command(command: list[str]) -> Callable[[], bool]:
    """A way that starts a process for each submission."""

    def run() -> bool:
        output = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
        return bool(json.loads(output) == EXPECTED)

    return run


def by_sandbox(sandbox: Sandbox) -> Callable[[], bool]:
    """A way that asks a sandbox."""
    return lambda: judge(sandbox, SOURCE, TESTS).status == "passed"


def latencies(run: Callable[[], bool], seconds: float) -> list[float]:
    """The elapsed time of each submission of one caller, one after the other."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end or len(taken) < 3:
        assert run(), "a right solution was not judged right"
        taken.append(time.perf_counter() - start)
    return taken


def rate_of_four(run: Callable[[], bool], seconds: float) -> float:
    """Submissions per second of four callers."""
    start = time.perf_counter()
    with ThreadPoolExecutor(4) as threads:
        done = sum(map(len, threads.map(lambda _: latencies(run, seconds), range(4))))
    return done / (time.perf_counter() - start)


def table(ways: dict[str, Callable[[], bool]]) -> dict[str, tuple[float, float]]:
    """Measure and print; returns the rates of one caller and of four."""
    alone: dict[str, list[float]] = {name: [] for name in ways}
    four: dict[str, list[float]] = {name: [] for name in ways}
    for run in ways.values():
        run()
    for _ in range(ROUNDS):
        for name, run in ways.items():
            alone[name] += latencies(run, SECONDS / ROUNDS)
            four[name].append(rate_of_four(run, SECONDS / ROUNDS))
    rates = {}
    print(f"{'':34}{'1 caller':>10}{'p50':>10}{'p99':>10}{'4 callers':>12}")
    for name, taken in alone.items():
        rates[name] = len(taken) / sum(taken), median(four[name])
        last = quantiles(taken, n=100, method="inclusive")[98]
        print(
            f"{name:34}{rates[name][0]:>8,.1f}/s{median(taken) * 1e3:>7,.1f} ms"
            f"{last * 1e3:>7,.1f} ms{rates[name][1]:>10,.1f}/s"
        )
    return rates


def overhead(sandbox: Sandbox) -> None:
    """What a step of the environment takes beyond its sandbox."""

    class Stopwatch:
        image = sandbox.image
        seconds = 0.0

        def run(self, submission: object) -> object:
            start = time.perf_counter()
            outcomes = sandbox.run(submission)  # type: ignore[arg-type]
            self.seconds += time.perf_counter() - start
            return outcomes

        def close(self) -> None: ...

    stopwatch = Stopwatch()
    env = gym.make("CodeFunction-v0", sandbox=stopwatch, level=(1, 10))
    env.reset(seed=0)
    resets = steps = inside = 0.0
    episodes = 300
    for _ in range(episodes):
        start = time.perf_counter()
        env.reset()
        resets += time.perf_counter() - start
        (action,) = env.unwrapped.solution()  # type: ignore[attr-defined]
        before = stopwatch.seconds
        start = time.perf_counter()
        assert env.step(action)[4]["is_success"]
        steps += time.perf_counter() - start
        inside += stopwatch.seconds - before
    print(f"\nCodeFunction-v0, levels 1 to 10, {episodes} episodes, milliseconds each")
    print(f"{'a reset (task, reference, tests)':34}{resets / episodes * 1e3:>10.2f}")
    print(f"{'a step':34}{steps / episodes * 1e3:>10.2f}")
    print(f"{'  of which in the sandbox':34}{inside / episodes * 1e3:>10.2f}")
    print(f"{'  of which in the environment':34}{(steps - inside) / episodes * 1e3:>10.2f}")


def main() -> None:
    """Print rates and ratios."""
    try:
        DockerSandbox(boxes=1).close()
    except SandboxUnavailable as error:
        print(f"no figures: {error}")
        return
    interpreter = ["python3", "-I", "-S", "-c", PROGRAM]
    with DockerSandbox() as sandbox, ProcessSandbox() as processes:
        image = sandbox.image
        api = connect()
        warm = api.create_container(image, ["python3", "-c", "input()"], stdin_open=True)["Id"]
        try:
            api.start(warm)
            ways = {
                "this sandbox": by_sandbox(sandbox),
                "a process on the host": by_command([sys.executable, *interpreter[1:]]),
                "process-unsafe": by_sandbox(processes),
            }
            if shutil.which("docker"):
                ways["docker exec, a warm container"] = by_command(
                    ["docker", "exec", "-u", "60000", warm, *interpreter]
                )
                ways["docker run each time"] = by_command(
                    ["docker", "run", "--rm", *FLAGS, image, *interpreter]
                )
            else:
                print("docker run, docker exec: no docker command")
            rates = table(ways)
        finally:
            api.remove_container(warm, force=True)
            api.close()
        alone, four = rates["this sandbox"]
        print("\nthis sandbox against")
        for name, (other_alone, other_four) in rates.items():
            if name != "this sandbox":
                print(
                    f"{name:34}{alone / other_alone:>8.1f} times with one caller, "
                    f"{four / other_four:.1f} with four"
                )
        overhead(sandbox)


if __name__ == "__main__":
    main()
