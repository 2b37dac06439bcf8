"""The sandbox without isolation, for machines without Docker: given harmless code alone here."""

import contextlib
import logging
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reasoning_gym_envs.sandbox import Limits, ProcessSandbox, Test, judge, make_sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it needs Linux")

LIMITS = Limits(seconds=0.5, total_seconds=60)


@pytest.fixture(scope="module")
def sandbox():
    with ProcessSandbox(boxes=1) as sandbox:
        yield sandbox


def has_ended(pid):
    """Whether a process is gone within a minute, or waits to be reaped by whoever adopted it."""
    for _ in range(1200):
        try:
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def children_of(parent):
    """The processes that a process has started and that run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if path.read_text(errors="replace").rpartition(")")[2].split()[1] == str(parent):
                found.append(path.parent.name)
    return found


def test_it_says_on_each_start_that_it_is_not_safe(caplog):
    with caplog.at_level(logging.WARNING):
        ProcessSandbox(boxes=1).close()
        ProcessSandbox(boxes=1).close()
    assert [record.message for record in caplog.records].count(caplog.records[0].message) == 2
    assert "is not safe" in caplog.records[0].message


def test_it_judges_as_the_real_one_does(sandbox):
    source = "def f(x):\n    while x < 0: pass\n    return 100 // x"
    tests = [Test("f(50)", 2), Test("f(0)", 0), Test("f(-1)", 0), Test("f(7)", 14.0)]
    verdict = judge(sandbox, source, tests, limits=LIMITS)
    assert verdict.statuses == ("passed", "crash", "timeout", "wrong")
    program = judge(sandbox, "print(int(input()) + 1)", [Test("4", "5")], kind="programs")
    assert program.status == "passed"
    big = "def f(n):\n    return len(bytearray(n))"
    tests = [Test("f(10)", 10), Test("f(10**9)", 10**9)]
    assert judge(sandbox, big, tests, limits=LIMITS).statuses == ("passed", "memory")
    assert sandbox.image.startswith("process-unsafe")


def test_processes_that_a_submission_leaves_are_ended(sandbox):
    source = (
        "import os, time\ndef f():\n    pid = os.fork()\n    pid or time.sleep(60)\n    return pid"
    )
    (outcome,) = judge(sandbox, source, [Test("f()", 0)], limits=LIMITS).outcomes
    assert has_ended(outcome.value)


def test_processes_that_a_submission_hides_are_ended(sandbox):
    """Orphans in a session of their own, and what they start while they are looked for."""
    source = """
import os, time
def f():
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(write, str(os.getpid()).encode())
            while True:
                if os.fork() == 0:
                    time.sleep(60)
                time.sleep(0.01)
        os._exit(0)
    os.wait()
    return int(os.read(read, 9))
"""
    (outcome,) = judge(sandbox, source, [Test("f()", 0)], limits=LIMITS).outcomes
    assert has_ended(outcome.value)
    assert judge(sandbox, "def f(): return 1", [Test("f()", 1)]).status == "passed"


def test_files_that_a_submission_leaves_are_removed(sandbox):
    write = "def f():\n    open('left', 'w').write('x')\n    import os\n    return os.listdir()"
    look = "def f():\n    import os\n    return os.listdir()"
    assert judge(sandbox, write, [Test("f()", ["left"])]).status == "passed"
    assert judge(sandbox, look, [Test("f()", [])]).status == "passed"


def test_nothing_is_left_when_the_host_is_killed():
    program = (
        "from reasoning_gym_envs.sandbox import *\n"
        "sandbox = ProcessSandbox(boxes=1)\n"
        "source = 'def f():\\n    while True: pass'\n"
        "sandbox.run(Submission('def f(): pass', ('f()',)))\n"
        "(box,) = sandbox._idle\n"
        "print(box._process.pid, flush=True)\n"
        "sandbox.run(Submission(source, ('f()',), limits=Limits(seconds=60, total_seconds=60)))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        runner = int(process.stdout.readline())
        assert Path(f"/proc/{runner}").exists()
        children = []
        while not children:  # one is there even before it is needed
            children = children_of(runner)
        process.kill()
    assert children
    assert all(map(has_ended, (runner, *children)))


def test_copies_share_one():
    shared = make_sandbox("process-unsafe")
    assert pickle.loads(pickle.dumps(shared)) is shared
    shared.close()
    assert make_sandbox("process-unsafe") is not shared
    make_sandbox("process-unsafe").close()
