"""Limits of time that are relative to a reference: the same verdict on every machine."""

import contextlib
import subprocess
import sys

import pytest

from reasoning_gym_envs.sandbox import (
    DockerSandbox,
    Limits,
    SandboxFailure,
    Submission,
    Test,
    docker_sandbox,
    judge,
)
from reasoning_gym_envs.sandbox.submission import LEAST_REFERENCE_SECONDS, limits_by_reference
from tests.sandbox.engine import needs_engine

REFERENCE = """\
def f(n):
    total = 0
    for number in range(n):
        total += number
    return total
"""
TESTS = [Test(f"f({n})", n * (n - 1) // 2) for n in (400_000, 300_000)]
CLOCKS = ("time.clock_gettime(~self.pid << 3 | 2)", "time.process_time()", "/ unit")
PATIENCE = "self.patience()"  # in real seconds, in which these clocks may pass a limit unseen


def slower(times):
    """A right program of the same order, or of a worse one: so many times as slow."""
    return f"{REFERENCE}\nonce = f\n\ndef f(n):\n    return max(once(n) for _ in range({times}))\n"


IN_A_FORK = f"""\
import os
{slower(100)}
slow = f

def f(n):
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, str(slow(n)).encode())
        os._exit(0)
    return int(os.read(read, 100))
"""
# The inputs of all tests are in its memory when it is loaded.
AHEAD_OF_TIME = f"""\
import sys
{slower(100)}
slow, frame, known = f, sys._getframe(), {{}}
while frame is not None:
    for test in frame.f_locals.get("request", {{}}).get("tests", ()):
        n = int(test[2:-1])
        known[n] = slow(n)
    frame = frame.f_back

def f(n):
    return known[n] if n in known else slow(n)
"""


def verdicts(sandbox):
    """The reference and what is slower than it, judged by it; seconds of limits do not count."""
    return [
        judge(sandbox, source, TESTS, limits=Limits(seconds=0.001), reference=REFERENCE).status
        for source in (REFERENCE, slower(5), slower(100), IN_A_FORK, AHEAD_OF_TIME)
    ]


EVERYWHERE = ["passed", "passed", "timeout", "timeout", "timeout"]


@contextlib.contextmanager
def busy_neighbours(count):
    """So many processes that keep processors busy."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


@needs_engine
@pytest.mark.parametrize("speed", [2.0, 1.0, 0.2])
def test_verdicts_are_the_same_on_faster_and_slower_machines(speed, monkeypatch):
    """By clocks that count less or more for the same work, in the runner that measures."""
    text = docker_sandbox._runner_text()
    for written, instead in {
        **{clock: f"{clock} / {speed}" for clock in CLOCKS},
        PATIENCE: f"min({PATIENCE}, 0.005)",
    }.items():
        assert text.count(written) == 1
        text = text.replace(written, instead)
    monkeypatch.setattr(docker_sandbox, "_runner_text", lambda: text)
    with DockerSandbox(boxes=1) as sandbox:
        assert verdicts(sandbox) == EVERYWHERE


@needs_engine
def test_verdicts_are_the_same_with_two_busy_neighbours():
    with DockerSandbox(boxes=1) as sandbox, busy_neighbours(2):
        assert verdicts(sandbox) == EVERYWHERE


@needs_engine
def test_verdicts_are_the_same_with_a_fifth_of_a_processor():
    with DockerSandbox(boxes=1, processors=0.2) as sandbox:
        assert verdicts(sandbox) == EVERYWHERE


@needs_engine
def test_nothing_of_the_reference_is_left_for_the_submission():
    """Neither in what it was told, nor among the objects of Python, in files or processes."""
    mark = "an_odd_name"
    reference = f"def {mark}(n):\n    return n\n\nf = {mark}\nopen('{mark}', 'w').close()"
    source = """\
import gc, os, sys

def f(mark):
    frame, told = sys._getframe(1), []
    while frame is not None:
        told += [repr(value) for value in (frame.f_locals, frame.f_globals)]
        frame = frame.f_back
    told += [repr(found) for found in gc.get_objects() if type(found) in (tuple, list, dict)]
    processes = [name for name in os.listdir("/proc") if name.isdecimal()]
    return sum(mark[::-1] in text for text in told), os.listdir("."), len(processes)
"""
    call = f"f({mark[::-1]!r})"
    with DockerSandbox(boxes=1) as sandbox:
        (known,) = sandbox.run(Submission(f"{source}\n{mark} = 1", (call,)))
        assert known.value["tuple"][0] > 1  # it finds what is there
        (known,) = sandbox.run(Submission(source, (call,), reference=reference))
        assert known.value == {"tuple": [0, [], 2]}


@needs_engine
def test_a_reference_that_fails_is_no_fault_of_the_submission():
    with DockerSandbox(boxes=1) as sandbox:
        for reference, reason in (("def f(n): return 1 / 0", "crash"), ("g = 1", "missing")):
            with pytest.raises(SandboxFailure, match=f"reference failed: {reason}"):
                judge(sandbox, REFERENCE, TESTS, requires=("f",), reference=reference)
        assert judge(sandbox, REFERENCE, TESTS, reference=REFERENCE).status == "passed"


def test_the_limits_are_in_proportion():
    limits = Limits(times=20, memory=5)
    for speed in (2.0, 1.0, 0.2):
        by = limits_by_reference(limits, [0.05 / speed, 0.04 / speed])
        assert by.seconds == pytest.approx(1.0 / speed)
        assert by.wall_seconds > 5 * by.seconds
        assert by.total_seconds > 2 * by.wall_seconds
        assert by.memory == 5
    assert limits_by_reference(limits, [1e-6]).seconds == 20 * LEAST_REFERENCE_SECONDS
