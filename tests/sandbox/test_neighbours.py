"""What one submission uses up, those in other containers still have."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from reasoning_gym_envs.sandbox import DockerSandbox, Limits, Submission
from reasoning_gym_envs.sandbox.runner import user_of
from tests.sandbox.engine import needs_engine

LIMITS = Limits(seconds=60, wall_seconds=120, total_seconds=240)
BEGIN = """\
import ctypes, fcntl, os, signal, time

libc = ctypes.CDLL(None, use_errno=True)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
"""
# Of what the kernel counts for each user: take one, if there is one, and give it back.
THINGS = {
    "inotify instances": """
def take():
    fd = libc.inotify_init()
    return None if fd < 0 else fd

def give_back(fd):
    os.close(fd)
""",
    "pending signals": """
def take():
    return None if libc.sigqueue(os.getpid(), signal.SIGRTMIN, ctypes.c_void_p()) else 1

def give_back(_):
    signal.sigtimedwait([signal.SIGRTMIN], 0)
""",
    "pages of pipes": """
def take():
    read, write = os.pipe()
    try:
        if fcntl.fcntl(write, fcntl.F_GETPIPE_SZ) >= 65536:
            fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 1 << 20)
            return read, write
    except OSError:
        pass
    os.close(read)
    os.close(write)

def give_back(pipe):
    os.close(pipe[0])
    os.close(pipe[1])
""",
}
HOG = """
def use_up():
    \"\"\"Take all that there are, in processes enough, and keep them for a while.\"\"\"
    for _ in range(20):
        if os.fork() == 0:
            try:
                while take() is not None:
                    pass
            except OSError:  # it has as many files as it may
                pass
            time.sleep(60)
    time.sleep(3)
"""
NEIGHBOUR = """
def missed():
    \"\"\"How often there was none, in three seconds.\"\"\"
    count, end = 0, time.monotonic() + 3
    while time.monotonic() < end:
        took = take()
        if took is None:
            count += 1
        else:
            give_back(took)
        time.sleep(0.02)
    return count
"""


@pytest.fixture(scope="module")
def sandbox():
    with DockerSandbox(boxes=2) as sandbox:
        yield sandbox


def run_both(sandbox, *submissions):
    """The values of submissions that run at the same time."""
    with ThreadPoolExecutor(len(submissions)) as threads:
        return [outcome.value for (outcome,) in threads.map(sandbox.run, submissions)]


@needs_engine
@pytest.mark.parametrize("thing", THINGS)
def test_a_submission_starves_no_other(thing, sandbox):
    wait = Submission("import time\ndef f(): time.sleep(1)", ("f()",))
    run_both(sandbox, wait, wait)  # so that both containers are there
    source = BEGIN + THINGS[thing] + HOG + NEIGHBOUR
    hog, neighbour = (
        Submission(source, (call,), limits=LIMITS) for call in ("use_up()", "missed()")
    )
    assert run_both(sandbox, hog, neighbour)[1] == 0


@needs_engine
def test_each_container_has_a_user_of_its_own(sandbox):
    source = "import os, time\ndef f():\n    time.sleep(1)\n    return os.getuid()"
    users = run_both(sandbox, *(Submission(source, ("f()",)) for _ in range(2)))
    assert len(set(users)) == 2


@pytest.mark.parametrize(
    ("mapped", "least", "most"),
    [
        ("         0          0 4294967295\n", 0x70000000, 0x7FFFFFFF),
        ("0 1000 1\n1 100000 65536\n", 1000, 65536),  # without root
        ("0 231072 65536\n", 1000, 65535),  # with the users of the engine mapped
    ],
)
def test_users_are_those_that_there_are(mapped, least, most):
    numbers = [*range(5000), 2**28 - 1]
    users = [user_of(number, mapped) for number in numbers]
    assert least <= min(users) <= max(users) <= most
    assert len(set(users[:5000])) == 5000
