"""The processor time of a submission is that of all that it runs, and ends it at its limit."""

import sys

import pytest

from reasoning_gym_envs.sandbox import (
    DockerSandbox,
    Limits,
    ProcessSandbox,
    Test,
    docker_sandbox,
    judge,
)
from tests.sandbox.engine import needs_engine

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="it needs Linux")

PATIENT = {"wall_seconds": 120, "total_seconds": 240}  # only processor time can be over

WORK = """\
import os, signal, threading, time

def work(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass

def ask(answer):
    \"\"\"What a child sends that does the work.\"\"\"
    read, write = os.pipe()
    if os.fork() == 0:
        answer(lambda: os.write(write, b"7"))
        os._exit(0)
    return int(os.read(read, 1))
"""
WAYS = {
    "a child": "ask(lambda send: (work(seconds), send()))",
    "a child's child": "ask(lambda send: os.fork() or (work(seconds), send()))",
    "children that have ended": """max([
        ask(lambda send: (work(seconds / 4), send())) or os.wait() for _ in range(4)
    ])""",
    "children's children that have ended": """max([
        ask(lambda send: (os.fork() and os.wait()) or (work(seconds / 4), send()))
        for _ in range(4)
    ])""",
    "orphans of their own session": """ask(
        lambda send: os.fork() or (os.setsid(), os.fork() or (work(seconds), send()))
    )""",
    "threads": """[
        [thread.start() for thread in threads], [thread.join() for thread in threads], 7
    ][2]""",
    "threads of a child": """ask(lambda send: (
        [thread.start() for thread in threads], [thread.join() for thread in threads], send()
    ))""",
    "children at the same time": """[
        [os.fork() or (work(seconds / 4), os._exit(0)) for _ in range(4)],
        [os.wait() for _ in range(4)], 7
    ][2]""",
}


def source_of(way):
    threads = "[threading.Thread(target=work, args=(seconds / 4,)) for _ in range(4)]"
    return f"{WORK}\ndef f(seconds):\n    threads = {threads}\n    return {WAYS[way]}\n"


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("of the container", marks=needs_engine),
        pytest.param("of processes", marks=needs_engine),
        pytest.param("without isolation", marks=needs_linux),
    ],
)
def sandbox(request):
    """One for each clock that the runner goes by."""
    if request.param == "without isolation":
        sandbox = ProcessSandbox(boxes=1)
    else:
        text = docker_sandbox._runner_text()
        if request.param == "of processes":
            assert text.count("USAGE_FILES = (") == 1
            text = text.replace("USAGE_FILES = (", "USAGE_FILES = () and (")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(docker_sandbox, "_runner_text", lambda: text)
            sandbox = DockerSandbox(boxes=1)
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize("way", WAYS)
def test_all_that_a_submission_runs_counts(way, sandbox):
    tests = [Test("f(1.2)", 7), Test("f(0.1)", 7)]
    limits = Limits(seconds=0.6, **PATIENT)
    verdict = judge(sandbox, source_of(way), tests, limits=limits)
    assert verdict.statuses == ("timeout", "passed"), verdict
    over, within = verdict.outcomes
    assert over.message == "more than 0.6 s of processor time"
    assert over.seconds > 0.5
    assert within.seconds > 0.03  # by the clock of processes two ticks less for each


def test_it_counts_for_programs_too(sandbox):
    source = f"{source_of('a child')}\nprint(f(float(input())))"
    tests = [Test("1.2", "7"), Test("0.1", "7")]
    verdict = judge(sandbox, source, tests, kind="programs", limits=Limits(seconds=0.6, **PATIENT))
    assert verdict.statuses == ("timeout", "passed"), verdict


@needs_engine
def test_what_is_over_before_it_is_looked_at_is_over_all_the_same():
    """Two processors take half the time in which one could be over its limit."""
    source = source_of("children at the same time")
    with DockerSandbox(boxes=1, processors=2) as sandbox:
        limits = Limits(seconds=1, **PATIENT)
        verdict = judge(sandbox, source, [Test("f(1.6)", 7)], limits=limits)
    assert verdict.statuses == ("timeout",)
    assert verdict.outcomes[0].message == "more than 1 s of processor time"


@needs_engine
def test_what_a_submission_waits_for_itself_is_no_delay():
    """Its own children keep the processor busy: it has no more time for that.

    Each point is a tenth of a second of the process itself, after its children took 1.2 of 3.
    """
    source = f"""{WORK}
def f():
    children = 12
    for _ in range(children):
        os.fork() or (work(0.1), os._exit(0))
    while children:
        children -= os.waitpid(-1, os.WNOHANG)[0] > 0
    while True:
        work(0.1)
        print(".", flush=True)
"""
    limits = Limits(seconds=60, wall_seconds=60, total_seconds=3)
    with DockerSandbox(boxes=1) as sandbox:
        verdict = judge(sandbox, source, [Test("f()", 7)], limits=limits)
    assert verdict.statuses == ("timeout",)
    assert verdict.outcomes[0].seconds < 3.7
    assert len(verdict.outcomes[0].printed.split()) <= 22


def test_orphans_that_have_ended_are_no_processes(sandbox):
    """There are more of them, one after the other, than a container may have at a time."""
    source = """
import os
def f():
    for _ in range(150):
        if os.fork() == 0:
            os.fork()
            os._exit(0)
        os.wait()
    return 7
"""
    verdict = judge(sandbox, source, [Test("f()", 7)], limits=Limits(seconds=60, **PATIENT))
    assert verdict.statuses == ("passed",), verdict
