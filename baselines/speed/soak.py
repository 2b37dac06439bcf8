"""Many submissions from several callers, some of them hostile: is anything lost or judged wrongly?

python -m baselines.speed.soak [--submissions 10000] [--callers 4] [--hostile 0.05]
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from reasoning_gym_envs.sandbox import DockerSandbox, Limits, SandboxUnavailable, Test, judge
from reasoning_gym_envs.sandbox.box import Box

LIMITS = Limits(seconds=0.5, wall_seconds=1.0, total_seconds=5.0)
HONEST_LIMITS = Limits(seconds=5.0, total_seconds=60.0)
# Each takes a number, so that a value of another submission is never the right one.
HONEST = (
    ("def f(x):\n    return [x, -x]", "right"),
    ("def f(x):\n    return [y for y in (x, -x)]", "right"),
    ("def f(x):\n    return [x, x]", "wrong"),
    ("def f(x):\n    return (x, -x)", "wrong"),
    ("def f(x):\n    raise ValueError(x)", "crash"),
    ("def f(x) return x", "syntax"),
    ("def g(x):\n    return [x, -x]", "missing"),
)
HOSTILE = (
    "def f(x):\n    while True: pass",
    "import os\ndef f(x):\n    while True: os.fork()",
    "import os\ndef f(x):\n    os.kill(-1, 9)",
    "import os\ndef f(x):\n    os._exit(0)",
    "import ctypes\ndef f(x):\n    ctypes.string_at(0)",
    "def f(x):\n    a = []\n    while True: a.append(bytearray(10**6))",
    "def f(x):\n    while True: print('x' * 10**6)",
    "import os\nfor fd in range(200):\n    try: os.write(fd, bytes(100))\n    except OSError: pass",
    "import os\nopen('/tmp/a', 'w').write('x' * 10**7)\nos.mkdir('/tmp/b', 0)\ndef f(x): return x",
    "import os\nif os.fork() == 0:\n    os.setsid()\n    while True: pass\ndef f(x): return x",
    "import sys\ndef f(x):\n    sys.setrecursionlimit(10**9)\n    return f(x)",
    "class A(list):\n    def __eq__(self, other): return True\ndef f(x): return A()",
    "import os\ndef f(x):\n    if os.fork() == 0:\n        while True: pass\n    os.wait()",
    "import ctypes\ndef f(x):\n    while ctypes.CDLL(None).inotify_init() >= 0: pass",
    "import socket\ndef f(x): return socket.create_server(('127.0.0.1', 4711))",
    "import fcntl\nfcntl.fcntl(3, 4, 2048)\ndef f(x): return [[x] * 10**5] * 10**5",
    "#" * 5_000_000,
)


class Report(NamedTuple):
    """What a soak found.

    Args:
        verdicts: how often each status came for honest submissions and for "hostile" ones.
        wrong: descriptions of verdicts that are not what they must be.
        rate: submissions per second.
        latencies: seconds that each honest submission took, in ascending order.
        lost: containers that had to be replaced.
        memory: bytes of memory of this process after a tenth of the submissions, and at the end.
    """

    verdicts: Counter[str]
    wrong: list[str]
    rate: float
    latencies: list[float]
    lost: int
    memory: tuple[int, int]


class CountingSandbox(DockerSandbox):
    """Counts the containers that it starts."""

    started = 0

    def _open_box(self) -> Box:
        self.started += 1
        return super()._open_box()


def soak(submissions: int, callers: int, hostile: float, seed: int = 0) -> Report:
    """Run submissions and compare every verdict with what it must be."""
    stream = random.Random(seed)
    jobs: list[tuple[int, str, str]] = []
    for number in range(submissions):
        if stream.random() < hostile:
            jobs.append((number, stream.choice(HOSTILE), "hostile"))
        else:
            jobs.append((number, *stream.choice(HONEST)))
    verdicts: Counter[str] = Counter()
    wrong: list[str] = []
    latencies: list[float] = []
    memory: list[int] = []
    lock = threading.Lock()

    def run(job: tuple[int, str, str]) -> None:
        number, source, kind = job
        tests = [Test(f"f({number + n})", [number + n, -number - n]) for n in range(3)]
        limits = LIMITS if kind == "hostile" else HONEST_LIMITS
        began = time.perf_counter()
        status = judge(sandbox, source, tests, requires=("f",), limits=limits).status
        took = time.perf_counter() - began
        with lock:
            if kind != "hostile":
                latencies.append(took)
            verdicts[f"hostile: {status}" if kind == "hostile" else status] += 1
            wanted = {"right": "passed"}.get(kind, kind)
            if status != wanted if kind != "hostile" else status == "passed":
                wrong.append(f"submission {number} is {kind} and was judged {status}: {source!r}")
            done = verdicts.total()
            if done == max(1, submissions // 10):
                memory.append(resident())
            if sys.stderr.isatty() and done % 100 == 0:
                print(f"\r{done:,} of {submissions:,}", end="", file=sys.stderr, flush=True)

    # None is replaced but those that are lost.
    sandbox = CountingSandbox(boxes=callers, recycle_after=submissions + 1)
    with sandbox, ThreadPoolExecutor(callers) as threads:
        start = time.perf_counter()
        list(threads.map(run, jobs))
        rate = submissions / (time.perf_counter() - start)
        lost = max(0, sandbox.started - callers)
    return Report(verdicts, wrong, rate, sorted(latencies), lost, (memory[0], resident()))


def resident() -> int:
    """Bytes of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def main() -> int:
    """Print what a soak found; the exit status is 1 if a verdict was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=10_000, metavar="N")
    parser.add_argument("--callers", type=int, default=4, metavar="N")
    parser.add_argument("--hostile", type=float, default=0.05, metavar="SHARE")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    try:
        DockerSandbox(boxes=1).close()
    except SandboxUnavailable as error:
        print(f"nothing to soak: {error}")
        return 0
    report = soak(options.submissions, options.callers, options.hostile, options.seed)
    print(f"\n{report.verdicts.total():,} submissions, {report.rate:,.0f} a second")
    for verdict, count in sorted(report.verdicts.items()):
        print(f"  {verdict:24}{count:>8,}")
    count = len(report.latencies)
    median, last = (1e3 * report.latencies[count * share // 100] for share in (50, 99))
    print(f"honest submissions: p50 {median:.1f} ms, p99 {last:.1f} ms")
    print(f"boxes lost: {report.lost}")
    before, after = (size / 2**20 for size in report.memory)
    print(f"memory of this process: {before:.0f} MB after a tenth, {after:.0f} MB at the end")
    print(f"wrong verdicts: {len(report.wrong)}")
    for line in report.wrong[:10]:
        print(f"  {line}")
    return bool(report.wrong)


if __name__ == "__main__":
    sys.exit(main())
