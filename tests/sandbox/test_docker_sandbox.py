"""The sandbox on a real engine: what it judges, what it limits, and what it leaves behind."""

import asyncio
import contextlib
import errno
import os
import pickle
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from docker.errors import APIError, NotFound

from reasoning_gym_envs.sandbox import (
    DockerSandbox,
    Limits,
    Outcome,
    SandboxFailure,
    SandboxUnavailable,
    Submission,
    Test,
    docker_sandbox,
    judge,
    make_sandbox,
)
from reasoning_gym_envs.sandbox.engine import LABEL, owner
from reasoning_gym_envs.sandbox.images import default_image
from reasoning_gym_envs.sandbox.submission import LONGEST_SOURCE
from tests.sandbox.engine import needs_engine

pytestmark = needs_engine

SHORT = Limits(seconds=0.5, wall_seconds=1.5, total_seconds=6)  # for what does not end
PATIENT = Limits(seconds=20, wall_seconds=60, total_seconds=120)  # for what ends, however slowly
DOUBLE = "def f(x):\n    return 2 * x"


@pytest.fixture(scope="module")
def sandbox():
    with DockerSandbox(boxes=2) as sandbox:
        yield sandbox


def statuses(sandbox, source, *tests, limits=PATIENT, **arguments):
    return judge(sandbox, source, [Test(*t) for t in tests], limits=limits, **arguments).statuses


def containers(api, of=None):
    """The ids of containers of this process, or of another's label."""
    found = api.containers(all=True, filters={"label": f"{LABEL}={of or owner()}"})
    return {container["Id"] for container in found}


def known(api):
    """The ids of all containers that the engine can tell of.

    One that was killed while containers ended may go on listing one as "dead", and answer 404 to
    whoever asks for it, or wants it removed.
    """
    found = set()
    for container in api.containers(all=True):
        with contextlib.suppress(NotFound):
            found.add(api.inspect_container(container["Id"])["Id"])
    return found


def until(condition, seconds=60.0):
    """Whether a condition comes true within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


# What it judges.


def test_values_are_compared_outside_and_by_type(sandbox):
    source = "def f(x):\n    return x"
    tests = [("f(1)", 1), ("f(1.0)", 1), ("f(True)", 1), ("f((1, {2: {3}}))", (1, {2: {3}}))]
    assert statuses(sandbox, source, *tests) == ("passed", "wrong", "wrong", "passed")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("while x: pass", "timeout", "more than 0.5 s of processor time"),
        ("import time; time.sleep(99)", "timeout", "more than 1.5 s"),
        ("return len(bytearray(10**9))", "memory", "MemoryError"),
        ("print('y' * 10**6)", "output", "printed more than 262144 bytes"),
        ("return 'y' * 10**6", "output", "returned a value of more than 262144 bytes"),
        ("import os; os._exit(0)", "crash", "it exited"),
        ("import os; os.abort()", "crash", "SIGABRT"),
        ("import os; os.kill(os.getpid(), 40)", "crash", "signal 40"),
        ("import sys; sys.exit()", "crash", "SystemExit"),
        ("return 1 / 0", "crash", r"ZeroDivisionError: division by zero \(line 3\)"),
        ("return f(x)", "crash", "RecursionError"),
        (
            "import os, time\n    for _ in range(99): os.fork() or time.sleep(9)",
            "processes",
            "unavailable",
        ),
        (
            "import threading, time\n"
            "    for _ in range(99): threading.Thread(target=time.sleep, args=(9,)).start()",
            "processes",
            "new thread",
        ),
        ("open('/tmp/a', 'w').write('x' * 10**8)", "memory", "MemoryError"),
        ("open('/tmp/a', 'wb').truncate(10**8)", "disk", "File too large"),
        (
            "for n in range(9): open(f'/tmp/{n}', 'w').write('x' * 10**7)",
            "disk",
            "No space left",
        ),
        ("open('/etc/passwd', 'a')", "forbidden", "ermission denied|ead-only"),
        ("import socket; socket.create_connection(('1.1.1.1', 80))", "forbidden", "not permitted"),
    ],
)
def test_each_limit_has_a_name_and_the_other_tests_go_on(sandbox, body, status, message):
    source = f"def f(x):\n    if x == 1: return 1\n    {body}"
    tests = [Test("f(1)", 1), Test("f(2)", 2), Test("f(1)", 1)]
    limits = SHORT if status == "timeout" else PATIENT
    verdict = judge(sandbox, source, tests, limits=limits)
    assert verdict.statuses == ("passed", status, "passed")
    assert verdict.status == status
    assert re.search(message, verdict.outcomes[1].message), verdict.outcomes[1].message


def test_the_name_of_what_is_wrong_before_any_test(sandbox):
    for source, status, message in (
        ("def f(x:", "syntax", "SyntaxError: '(' was never closed (line 1)"),
        ("def f(x):\n\treturn 1\n        return 2", "syntax", "TabError"),
        ("def g(x): return x", "missing", "f is not defined"),
        ("raise ValueError('no')", "crash", "on loading, ValueError: no (line 1)"),
        ("while True: pass", "timeout", "processor time"),
        ("f = 1\nraise SystemExit(2)", "crash", "SystemExit"),
        ("\ud800", "syntax", ""),
        ("x = '\0'", "syntax", ""),
    ):
        tests = [Test("f(1)", 1), Test("f(2)", 2)]
        verdict = judge(sandbox, source, tests, requires=("f",), limits=SHORT)
        assert verdict.statuses == (status, status), source
        assert message in verdict.outcomes[0].message


def test_the_time_of_a_submission_is_limited_as_well(sandbox):
    limits = Limits(seconds=99, wall_seconds=99, total_seconds=3)
    source = "import time\ndef f(x):\n    time.sleep(x)\n    return x"
    tests = [(f"f({x})", x) for x in (0, 0.5, 60, 0)]
    assert statuses(sandbox, source, *tests, limits=limits) == (
        "passed",
        "passed",
        "timeout",
        "timeout",
    )


def test_programs_read_and_print(sandbox):
    source = (
        "import sys\nn = int(input())\nprint(2 * n)\nprint('!', file=sys.stderr)\nsys.exit(n % 2)"
    )
    tests = [Test("4\n", "8\n"), Test("4\n", "9"), Test("x", ""), Test("3", "6"), Test("0", "0")]
    verdict = judge(sandbox, source, tests, kind="programs", limits=SHORT)
    assert verdict.statuses == ("passed", "wrong", "crash", "crash", "passed")
    assert "ValueError" in verdict.outcomes[2].message
    assert verdict.outcomes[3].message == "it exited with status 1"
    assert verdict.outcomes[0].printed == "!\n"
    hello = "if __name__ == '__main__':\n    import atexit\n    atexit.register(print, 'bye')"
    assert statuses(sandbox, hello, ("", "bye"), kind="programs") == ("passed",)
    large = "import sys\nprint(len(sys.stdin.read()))"
    assert statuses(sandbox, large, ("é" * 10**6, "1000000"), kind="programs") == ("passed",)


def test_processor_time_is_told(sandbox):
    source = "def f(n):\n    for _ in range(n): pass\n    return n"
    tests = ("f(1)", "f(4_000_000)", "f(32_000_000)")
    quick, slow, slower = sandbox.run(Submission(source, tests, limits=PATIENT))
    assert 0 <= quick.seconds < slow.seconds / 4
    assert 3 < slower.seconds / slow.seconds < 24


def test_waiting_takes_no_processor_time_and_what_is_started_takes_some(sandbox):
    source = """\
import os, time
def work(n):
    for _ in range(n): pass
def wait(n):
    time.sleep(0.5)
    work(n)
def delegate(n):
    pid = os.fork()
    if not pid:
        work(n)
        os._exit(0)
    os.waitpid(pid, 0)
"""
    n = 10_000_000
    tests = (f"work({n})", f"wait({n})", f"delegate({n})")
    ours, waiting, theirs = sandbox.run(Submission(source, tests, limits=PATIENT))
    assert 1 / 3 < waiting.seconds / ours.seconds < 3
    assert 1 / 3 < theirs.seconds / ours.seconds < 3


def test_nothing_is_shared_by_submissions(sandbox):
    with DockerSandbox(boxes=1) as sandbox:
        spoil = """
            import builtins, json, math, os, random, sys
            def f(x):
                builtins.sum = lambda _: 42
                math.pi = 3
                sys.modules["heapq"] = None
                os.environ["A"] = "b"
                open("/tmp/a", "w").write("x")
                os.mkdir("/tmp/b")
                os.chmod("/tmp/b", 0)
                random.seed(1)
                return x
        """
        look = """
            import math, os, random
            def f(x):
                import heapq
                return [sum([]), math.pi > 3, "A" in os.environ, os.listdir("/tmp"),
                        sorted(p for p in os.listdir("/proc") if p.isdigit())[0]]
            def g(): return random.random()
        """
        spoil, look = map(textwrap.dedent, (spoil, look))
        clean = ("f(0)", [0, True, False, [], "1"])
        assert statuses(sandbox, look, clean) == ("passed",)
        (before,) = sandbox.run(Submission(look, ("g()",)))
        assert statuses(sandbox, spoil, ("f(5)", 5)) == ("passed",)
        assert statuses(sandbox, look, clean) == ("passed",)
        (after,) = sandbox.run(Submission(look, ("g()",)))
        assert before.value == after.value  # also the random numbers: verdicts repeat


def test_no_tests_need_no_box(sandbox):
    assert sandbox.run(Submission("f", ())) == []


# Callers.


def test_threads_share_it_and_waiting_counts_for_no_limit():
    source = "import time\ndef f(x):\n    time.sleep(0.4)\n    return x"
    limits = Limits(seconds=99, wall_seconds=3, total_seconds=3)  # less than all of them take
    with DockerSandbox(boxes=1) as sandbox, ThreadPoolExecutor(9) as threads:
        jobs = [
            threads.submit(statuses, sandbox, source, (f"f({n})", n), limits=limits)
            for n in range(9)
        ]
        assert [job.result() for job in jobs] == [("passed",)] * 9


def test_asyncio(sandbox):
    async def many():
        submissions = (Submission(DOUBLE, (f"f({n})",)) for n in range(20))
        return await asyncio.gather(*(sandbox.run_async(s) for s in submissions))

    assert [outcome.value for (outcome,) in asyncio.run(many())] == list(range(0, 40, 2))


def test_a_copy_in_this_process_shares_the_boxes(api):
    with DockerSandbox(boxes=1, memory=200 * 2**20) as sandbox:
        one, two = pickle.loads(pickle.dumps((sandbox, sandbox)))
        assert one is two is pickle.loads(pickle.dumps(sandbox))
        assert statuses(one, DOUBLE, ("f(2)", 4)) == ("passed",)
        one.close()


def test_a_forked_process_has_boxes_of_its_own(api):
    with DockerSandbox(boxes=1) as sandbox:
        mine = {box.id for box in sandbox._idle}  # others may be on their way out
        pid = os.fork()
        if pid == 0:
            try:
                status = 1
                if statuses(sandbox, DOUBLE, ("f(2)", 4)) == ("passed",):
                    status = 0 if containers(api, owner()) - mine else 2
                sandbox.close()
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert mine <= containers(api)
        assert statuses(sandbox, DOUBLE, ("f(3)", 6)) == ("passed",)
        assert mine <= containers(api)


PROGRAM = """
import sys, time
from reasoning_gym_envs.sandbox import *
from reasoning_gym_envs.sandbox.engine import owner
limits = Limits(seconds=30, wall_seconds=30, total_seconds=60)
sandbox = DockerSandbox(boxes=int(sys.argv[1]))
print(owner(), flush=True)
for line in sys.stdin:
    verdict = judge(sandbox, line.replace(";", "\\n"), [Test("f(2)", 4)], limits=limits)
    print(verdict.status, flush=True)
"""


class Process:
    """Another process that has a sandbox."""

    def __init__(self, boxes=1, **environment):
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(boxes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.owner = self.read()

    def write(self, source):
        self.process.stdin.write(source.replace("\n", ";") + "\n")
        self.process.stdin.flush()

    def read(self):
        return self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def test_processes_share_a_limit(api, tmp_path):
    """Three processes want six boxes and get two; all are served all the same."""
    environment = {"TMPDIR": str(tmp_path), "REASONING_GYM_ENVS_MAX_BOXES": "2"}
    most, stop = 0, threading.Event()

    def started(processes):
        return [Process(2, **environment) for _ in range(processes)]

    with started(1)[0] as first, started(1)[0] as second:
        owners = [first.owner, second.owner]

        def watch():
            nonlocal most
            while not stop.wait(0.01):
                most = max(most, sum(len(containers(api, owner)) for owner in owners))

        watcher = threading.Thread(target=watch)
        watcher.start()
        with Process(2, **environment) as third:
            owners.append(third.owner)
            for _ in range(3):
                for process in (first, second, third):
                    process.write(DOUBLE)
                for process in (first, second, third):
                    assert process.read() == "passed"
        stop.set()
        watcher.join()
    assert 1 <= most <= 2


# Nothing is left behind.


def test_a_killed_process_leaves_no_container(api):
    with Process() as process:
        process.write("def f(x):\n    while True: pass")
        assert until(lambda: busy(api, process.owner))
        assert len(containers(api, process.owner)) == 1
        os.kill(process.process.pid, signal.SIGKILL)
        process.process.wait()
        assert until(lambda: not containers(api, process.owner))


def busy(api, owner, *ids):
    """A submission is running in a container of the owner, or in one of these."""
    for id in ids or containers(api, owner):
        with contextlib.suppress(APIError):  # it is on its way out
            if len(api.top(id)["Processes"] or ()) > 1:
                return True
    return False


def test_a_process_that_ends_leaves_no_container(api):
    with Process() as process:
        assert len(containers(api, process.owner)) == 1
        process.process.stdin.close()
        process.process.wait()
        assert until(lambda: not containers(api, process.owner))


def test_closing_leaves_no_container(api):
    before = containers(api)
    sandbox = DockerSandbox(boxes=2)
    assert containers(api) - before
    sandbox.close()
    assert until(lambda: not containers(api) - before)
    sandbox.close()
    with pytest.raises(SandboxFailure, match="closed"):
        sandbox.run(Submission(DOUBLE, ("f(1)",)))


def kill_while_busy(api, times):
    """Kill the containers of this process's submissions from outside, so many times."""
    for _ in range(times):
        assert until(lambda: busy(api, owner()))
        for id in containers(api):
            with contextlib.suppress(APIError):
                api.kill(id)
        assert until(lambda: not busy(api, owner()))


def test_a_container_killed_from_outside_changes_no_verdict(api):
    source = "import time\ndef f(x):\n    time.sleep(3)\n    return 2 * x"
    with DockerSandbox(boxes=1) as sandbox, ThreadPoolExecutor(1) as threads:
        before = containers(api)
        job = threads.submit(statuses, sandbox, source, ("f(2)", 4))
        kill_while_busy(api, 1)
        assert job.result() == ("passed",)
        assert before.isdisjoint(containers(api))


def test_a_container_killed_twice_from_outside_is_no_verdict(api):
    source = "import time\ndef f(x):\n    time.sleep(50)\n    return 2 * x"
    with DockerSandbox(boxes=1) as sandbox, ThreadPoolExecutor(1) as threads:
        job = threads.submit(sandbox.run, Submission(source, ("f(2)", "f(3)"), limits=PATIENT))
        kill_while_busy(api, 2)
        with pytest.raises(SandboxFailure, match="outside"):
            job.result()
        assert statuses(sandbox, DOUBLE, ("f(2)", 4)) == ("passed",)


@pytest.mark.parametrize("fall", ["raise MemoryError", "kept = [b'x' * 10**6 for _ in range(500)]"])
def test_a_runner_brought_down_twice_is_the_submissions_failure(fall, monkeypatch):
    """By a runner that fails where it is given a submission, or takes more memory than there is."""
    text, where = docker_sandbox._runner_text(), '    body = Buffer(request["body"])\n'
    assert text.count(where) == 1
    text = text.replace(where, f"    {fall}\n{where}")
    monkeypatch.setattr(docker_sandbox, "_runner_text", lambda: text)
    with DockerSandbox(boxes=1) as sandbox:
        lost = Outcome("crash", message="it brought down the sandbox twice")
        assert sandbox.run(Submission(DOUBLE, ("f(2)", "f(3)"))) == [lost, lost]


def test_a_source_that_is_too_large_is_told_so_at_once(sandbox):
    largest = "#" + "é" * ((LONGEST_SOURCE - len(DOUBLE) - 2) // 2) + "\n" + DOUBLE
    assert LONGEST_SOURCE - 1 <= len(largest.encode()) <= LONGEST_SOURCE
    assert statuses(sandbox, largest, ("f(2)", 4)) == ("passed",)
    verdict = judge(sandbox, f"##{largest}", [Test("f(2)", 4), Test("f(3)", 6)])
    assert verdict.statuses == ("too_large", "too_large")
    assert verdict.outcomes[0].message == "the source has more than 4,194,304 bytes"
    with pytest.MonkeyPatch.context() as patch:  # no container is asked
        patch.setattr(sandbox, "_take", None)
        assert judge(sandbox, "x" * 10**8, [Test("f(2)", 4)]).status == "too_large"


# The SDK leaves sockets that could not be connected to be collected.
sdk_leaves_sockets = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed:ResourceWarning"
)


@pytest.mark.slow
@sdk_leaves_sockets
@pytest.mark.parametrize("way", ["terminate", "kill"])
def test_an_engine_that_restarts_changes_no_verdict(private_engine, way):
    source = "import time\ndef f(x):\n    time.sleep(15)\n    return 2 * x"
    api = docker_sandbox.connect(private_engine.host)
    with DockerSandbox(boxes=2, docker_host=private_engine.host) as sandbox:
        with ThreadPoolExecutor(2) as threads:
            jobs = [threads.submit(statuses, sandbox, source, ("f(2)", 4)) for _ in range(2)]
            assert until(lambda: sum(busy(api, owner(), id) for id in containers(api)) == 2)
            getattr(private_engine, way)()
            assert not any(job.done() for job in jobs)
            private_engine.start()
            assert [job.result() for job in jobs] == [("passed",)] * 2
        assert until(lambda: len(known(api)) <= 2)
    assert until(lambda: not known(api))
    api.close()


@sdk_leaves_sockets
def test_an_engine_that_is_gone_is_no_verdict(private_engine, monkeypatch):
    monkeypatch.setattr(docker_sandbox, "ENGINE_SECONDS", 1.0)
    with DockerSandbox(boxes=1, docker_host=private_engine.host) as sandbox:
        private_engine.terminate()
        with pytest.raises(SandboxFailure, match="does not answer"):
            statuses(sandbox, DOUBLE, ("f(2)", 4))
        private_engine.start()
        assert statuses(sandbox, DOUBLE, ("f(2)", 4)) == ("passed",)


def fill(file):
    """Write until the disk is full."""
    with contextlib.suppress(OSError):
        while True:
            file.write(bytes(2**16))


@pytest.mark.parametrize("private_engine", ["400m"], indirect=True)
def test_a_full_disk_is_no_verdict(private_engine):
    with DockerSandbox(boxes=1, docker_host=private_engine.host, recycle_after=1) as sandbox:
        assert statuses(sandbox, DOUBLE, ("f(2)", 4)) == ("passed",)
        filler = private_engine.folder / "data" / "filler"
        with filler.open("wb", buffering=0) as file:
            fill(file)
        with pytest.raises(SandboxFailure, match="no space left"):
            statuses(sandbox, DOUBLE, ("f(2)", 4))
        filler.unlink()
        assert statuses(sandbox, DOUBLE, ("f(2)", 4)) == ("passed",)


def test_two_pools_at_once(api):
    with DockerSandbox(boxes=1) as one, DockerSandbox(boxes=1) as two:
        for _ in range(3):
            for sandbox in (one, two):
                assert statuses(sandbox, DOUBLE, ("f(2)", 4)) == ("passed",)
        one.close()
        assert statuses(two, DOUBLE, ("f(2)", 4)) == ("passed",)


# How it is isolated.


def test_a_container_has_no_more_rights_than_it_needs(api):
    before = containers(api)
    with DockerSandbox(boxes=1, memory=128 * 2**20, processes=32, processors=0.5) as sandbox:
        (id,) = containers(api) - before
        details = api.inspect_container(id)
        assert details["Image"] == sandbox.image
    host = details["HostConfig"]
    assert host["NetworkMode"] == "none"
    assert host["IpcMode"] == "none"
    assert host["ReadonlyRootfs"] is True
    assert host["Privileged"] is False
    assert host["CapDrop"] == ["ALL"]
    assert {name.removeprefix("CAP_") for name in host["CapAdd"]} == {"SETUID", "SETGID", "KILL"}
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["Memory"] == host["MemorySwap"] == 128 * 2**20
    assert (host["PidsLimit"], host["NanoCpus"]) == (32, 500_000_000)
    assert not host["Binds"]
    assert host["LogConfig"]["Type"] == "none"
    assert host["AutoRemove"] is True
    assert "noexec" in host["Tmpfs"]["/tmp"]


def test_each_submission_can_have_a_container_of_its_own(api):
    before = containers(api)
    with DockerSandbox(boxes=1, recycle_after=1) as sandbox:
        seen = set()
        for n in range(3):
            seen |= containers(api) - before
            assert statuses(sandbox, DOUBLE, (f"f({n})", 2 * n)) == ("passed",)
        assert len(seen) >= 1
        assert not containers(api) - before


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"runtime": "runsc9"}, SandboxUnavailable, "no runtime 'runsc9'"),
        ({"image": "no-such-image:9"}, SandboxUnavailable, "build-image"),
        ({"docker_host": "unix:///nowhere"}, SandboxUnavailable, "no socket"),
        ({"boxes": 0}, ValueError, "boxes must be"),
        ({"boxes": 10_000}, SandboxUnavailable, "do not fit"),
        ({"recycle_after": 0}, ValueError, "recycle_after must be"),
    ],
)
def test_what_cannot_be_is_told_at_construction(arguments, error, message):
    with pytest.raises(error, match=message):
        DockerSandbox(**arguments)


def test_a_runtime_can_be_named(api):
    with DockerSandbox(boxes=1, runtime="runc") as sandbox:
        assert statuses(sandbox, DOUBLE, ("f(2)", 4)) == ("passed",)


@pytest.mark.parametrize(
    "hello",
    [
        {"CapPrm": "000001ffffffffff"},
        {"CapBnd": "00000000a80425fb"},
        {"NoNewPrivs": "0"},
        {"Seccomp": "0"},
    ],
)
def test_a_container_with_more_rights_is_refused(hello):
    rights = {"CapPrm": "00000000000000e0", "NoNewPrivs": "1", "Seccomp": "2"}
    rights["CapBnd"] = rights["CapPrm"]
    docker_sandbox._check_privileges(rights, None)
    with pytest.raises(SandboxUnavailable, match=next(iter(hello))):
        docker_sandbox._check_privileges({**rights, **hello}, None)
    with pytest.raises(SandboxUnavailable, match="unknown"):
        docker_sandbox._check_privileges({}, None)


def test_no_user_namespaces_where_the_engine_allows_them(monkeypatch):
    """As Podman does: in one of its own, a submission would have all capabilities."""
    configuration = DockerSandbox._configuration

    def lenient(sandbox):
        asked = configuration(sandbox)
        asked["host_config"]["SecurityOpt"].append("seccomp=unconfined")
        return asked

    monkeypatch.setattr(DockerSandbox, "_configuration", lenient)
    source = """
import ctypes, os, subprocess, threading
libc = ctypes.CDLL(None, use_errno=True)
NEW_USER, CLONE = 0x10000000, {"x86_64": 56, "aarch64": 220}[os.uname().machine]
def error(status):
    if status == 0: os._exit(0)  # it is the child
    return ctypes.get_errno() if status == -1 else 0
def f():
    thread = threading.Thread(target=print)
    thread.start()
    thread.join()
    clone3 = error(libc.syscall(435, b"\\0" * 88, 88))
    return error(libc.unshare(NEW_USER)), error(libc.syscall(CLONE, NEW_USER | 17, 0, 0, 0, 0)),\
        clone3
"""
    with DockerSandbox(boxes=1) as sandbox:
        (outcome,) = sandbox.run(Submission(source, ("f()",)))
    assert outcome.value == {"tuple": [errno.EPERM, errno.EPERM, errno.ENOSYS]}, outcome


def test_more_memory_than_a_container_has_is_refused(sandbox):
    with pytest.raises(ValueError, match="make the sandbox with memory="):
        sandbox.run(Submission(DOUBLE, ("f(1)",), limits=Limits(memory=2**30)))


def test_environments_share_one():
    assert make_sandbox() is make_sandbox("docker")
    named = make_sandbox(f"docker:{default_image()}")
    assert named is make_sandbox(f"docker:{default_image()}")
    assert named is not make_sandbox("docker")
    assert (named.told, make_sandbox().told) == (f"Python {named.contents.python}", "")
    with pytest.raises(SandboxUnavailable, match="'no-such-image:1'"):
        make_sandbox("docker:no-such-image:1")
    with pytest.raises(ValueError, match="did you mean 'docker'"):
        make_sandbox("dokcer")
    with pytest.raises(TypeError, match="sandbox must be"):
        make_sandbox(3)
