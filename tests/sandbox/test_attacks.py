"""Hostile submissions, in a real container: none is rewarded, and none is noticed by the next."""

import contextlib
import os
import re
import resource
import secrets
import time
from pathlib import Path

import pytest

from reasoning_gym_envs.sandbox import DockerSandbox, Limits, Test, judge
from reasoning_gym_envs.sandbox.engine import LABEL, owner
from reasoning_gym_envs.sandbox.pool import _pools
from reasoning_gym_envs.sandbox.runner import FIRST_USER
from reasoning_gym_envs.sandbox.values import show
from tests.sandbox.attacks import ATTACKS, WALLS
from tests.sandbox.engine import needs_engine

pytestmark = needs_engine

MEGABYTE = 1024 * 1024
LIMITS = Limits(seconds=0.2, wall_seconds=0.5, total_seconds=1, memory=64 * MEGABYTE)
GRACE = 120.0  # seconds, for a machine that is slow or busy, and a container that is replaced
MOST_GROWTH = 64 * MEGABYTE  # of this process, for one submission

HONEST = """
import builtins, ctypes, fcntl, json, os, resource, sys, time

def median(xs):
    xs = sorted(xs)
    n = len(xs)
    return None if not n else xs[n // 2] if n % 2 else (xs[n // 2 - 1] + xs[n // 2]) / 2

def echo(text):
    print(text)
    for n in range(100):
        open(f"/tmp/{text}-{n}", "w").close()
    return text

def fail(text):
    raise ValueError(text)

def instances():
    return [fd for _ in range(99) if (fd := ctypes.CDLL(None).inotify_init()) >= 0]

def pipe(_):
    read, write = os.pipe()
    size = fcntl.fcntl(write, fcntl.F_GETPIPE_SZ)
    os.close(read), os.close(write)
    return size

def place():
    return {
        "files": os.listdir("/tmp") + os.listdir("/dev/shm"),
        "processes": sum(pid.isdecimal() for pid in os.listdir("/proc")),
        "modules": sorted(sys.modules),
        "names": [sorted(vars(builtins)), sorted(vars(json)), sorted(vars(os))],
        "path": sys.path,
        "environment": dict(os.environ),
        "time zone": time.tzname,
        "recursion": sys.getrecursionlimit(),
        "hooks": [sys.gettrace(), sys.getprofile(), len(sys.meta_path), len(sys.path_hooks)],
        "umask": os.umask(0o22),
        "folder": os.getcwd(),
        "limits": [resource.getrlimit(limit) for limit in range(16) if limit not in (0, 2)],
        "priority": [os.nice(0), sorted(os.sched_getaffinity(0)), os.sched_getscheduler(0)],
        "descriptors": sorted(fd for fd in range(256) if os.path.exists(f"/proc/self/fd/{fd}")),
        "sockets": open("/proc/net/unix").read().count("@left"),
        "of a user": [len([os.close(fd) for fd in instances()]), *map(pipe, range(9))],
    }
"""


@pytest.fixture(scope="module")
def sandbox():
    sandbox = DockerSandbox(boxes=1)
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def untouched(sandbox):
    """What a submission finds before there was any other."""
    return describe(sandbox)


def describe(sandbox):
    ((_, tree, message, *_),) = judge(sandbox, HONEST, [Test("place()", None)]).outcomes
    assert tree is not None, message
    return tree


def judge_honest(sandbox, untouched):
    """An honest submission gets what it earns, and finds nothing of any before it."""
    token = f"NEIGHBOUR-{secrets.token_hex(16)}"
    tests = [
        Test("median([3, 1, 2])", 2),
        Test("median([4, 3, 2, 1])", 2.5),
        Test("median([])", 0),
        Test(f"echo({token!r})", token),
        Test(f"fail({token!r})", token),
    ]
    verdict = judge(
        sandbox, HONEST, tests, limits=Limits(seconds=30, total_seconds=120, output=1000)
    )
    assert verdict.statuses == ("passed", "passed", "wrong", "passed", "crash"), verdict
    now = describe(sandbox)
    assert now == untouched, show(now, 10_000)


def assert_no_trace(api):
    """Nothing is left on the host: no container but those that are kept, no process in them."""
    containers = api.containers(all=True, filters={"label": f"{LABEL}={owner()}"})
    assert {c["Id"] for c in containers if c["State"] == "running"} <= kept()
    left = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            (user,) = re.findall(r"^Uid:\t(\d+)", status.read_text(errors="replace"), re.M)
            if int(user) >= FIRST_USER:
                groups = status.with_name("cgroup").read_text()
                left += [status for container in kept() if container in groups]
    assert len(left) <= len(kept()), left  # the child that waits for the next submission


def kept():
    """The containers of the sandboxes of this process."""
    return {box.id for pool in _pools for box in pool._slot_of if hasattr(box, "id")}


def memory():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_nothing_and_leaves_nothing(name, sandbox, untouched, api):
    source, ends, runs, kind = ATTACKS[name]
    expected = [secrets.token_hex(8) if kind == "programs" else secrets.randbits(64) for _ in runs]
    tests = [Test(run, value) for run, value in zip(runs, expected, strict=True)]
    before = memory()
    start = time.monotonic()
    verdict = judge(sandbox, source, tests, kind=kind, limits=LIMITS)
    assert time.monotonic() - start < LIMITS.total_seconds + GRACE
    assert memory() - before < MOST_GROWTH
    assert not any(verdict.passed)
    # On a machine that is busy, time may be over before anything else is.
    assert not ends or set(verdict.statuses) <= {*ends.split(), "timeout"}, verdict
    for outcome in verdict.outcomes:
        assert outcome.message.isprintable()
        assert outcome.printed.replace("\n", "").isprintable()
        assert len(outcome.message) < 4000
        assert len(outcome.printed) < 40_000
        assert show(outcome.value).isprintable()
        assert not any(value in outcome.message for value in map(str, expected))
    judge_honest(sandbox, untouched)
    assert_no_trace(api)


@pytest.mark.parametrize("name", WALLS)
def test_a_wall_holds(name, sandbox, untouched):
    judge_honest(sandbox, untouched)
    secret = f"SECRET-{secrets.token_hex(16)}"
    tests = [Test("f()", []), Test("len('')", secret)]
    limits = Limits(seconds=60, total_seconds=300, memory=160 * MEGABYTE)
    verdict = judge(sandbox, WALLS[name], tests, limits=limits)
    assert verdict.passed == (True, False), (show(verdict.outcomes[0].value, 2000), verdict)
    judge_honest(sandbox, untouched)


def test_containers_are_gone_when_the_sandbox_is_closed(api):
    with DockerSandbox(boxes=1) as sandbox:
        for name in ("a fork bomb", "memory of many processes", "odd files"):
            judge(
                sandbox, ATTACKS[name].source, [Test("f(0)", secrets.token_hex(8))], limits=LIMITS
            )
    assert_no_trace(api)


def test_many_tests_and_much_printed_cost_an_honest_submission_nothing(sandbox):
    source = "def f(x):\n    print('z' * 3000)\n    return x"
    tests = [Test(f"f({n})", n) for n in range(300)]
    assert judge(sandbox, source, tests).status == "passed"


def test_attacks_are_never_run_here():
    """Whoever runs this in a container that looks like a sandbox is stopped, too."""
    assert os.getuid() < FIRST_USER
    assert len(ATTACKS) + len(WALLS) >= 200
