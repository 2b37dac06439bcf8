"""The pool of boxes: none is lost, whatever interrupts it, and none is used that is not ready."""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile

import pytest

from reasoning_gym_envs.sandbox import (
    SANDBOXES,
    ProcessSandbox,
    SandboxFailure,
    SandboxUnavailable,
    Submission,
)
from reasoning_gym_envs.sandbox.slots import LIMIT_VARIABLE, Slots

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it needs Linux")

SUBMISSION = Submission("def f(x):\n    return 2 * x", ("f(2)",))


@pytest.fixture
def pool():
    with ProcessSandbox(boxes=1) as pool:
        yield pool


def runs(pool):
    return [outcome.value for outcome in pool.run(SUBMISSION)] == [4]


@pytest.mark.parametrize("method", ["wait_until_ready", "_send", "_receive"])
def test_an_interrupted_box_is_not_used_again(pool, method, monkeypatch):
    assert runs(pool)
    (box,) = pool._idle

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(box, method, interrupt)
    with pytest.raises(KeyboardInterrupt):
        pool.run(SUBMISSION)
    assert not pool._held
    assert box._process.returncode is not None
    assert runs(pool)


def test_an_interrupt_while_a_box_is_opened_costs_no_slot(pool, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(pool, "_open_box", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            pool.run(SUBMISSION)
    assert not pool._held
    assert runs(pool)


def test_a_fork_while_a_box_is_opened_holds_no_slot(pool, monkeypatch):
    open_box = pool._open_box
    ended = []

    def fork_first():
        (slot,) = pool._held
        pid = os.fork()
        if pid == 0:
            try:
                os.fstat(slot)
                os._exit(1)
            except OSError:
                os._exit(0)
        ended.append(os.waitpid(pid, 0)[1])
        return open_box()

    monkeypatch.setattr(pool, "_open_box", fork_first)
    assert runs(pool)
    assert ended == [0]


def test_a_process_may_have_any_number_of_open_files(pool):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1200:
        pytest.skip("it may not have so many")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    fds = [os.open("/dev/null", os.O_RDONLY) for _ in range(1100)]
    try:
        assert runs(pool)
        assert runs(pool)
    finally:
        for fd in fds:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_folder_of_the_slots_may_be_removed_at_any_time(pool):
    assert runs(pool)
    for file in pool._slots._folder.iterdir():
        file.unlink()
    pool._slots._folder.rmdir()
    assert runs(pool)


@pytest.mark.parametrize("text", ["0", "-1", "four", "4.5", "1e3", "00"])
def test_a_limit_that_is_no_number_is_told_of(text, monkeypatch):
    monkeypatch.setenv(LIMIT_VARIABLE, text)
    with pytest.raises(SandboxUnavailable, match=f"{LIMIT_VARIABLE} is '{text}'.*\nTo fix it: "):
        Slots("test")


@pytest.mark.parametrize("text", [" ", "", "3 "])
def test_a_limit_that_is_not_given_is_twice_the_processors(text, monkeypatch):
    monkeypatch.setenv(LIMIT_VARIABLE, text)
    assert Slots("test").count == (int(text) if text.strip() else max(4, 2 * os.cpu_count()))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what belongs to another user")
def test_a_folder_of_slots_of_another_user_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / f"reasoning-gym-envs-{os.getuid()}"
    folder.mkdir()
    os.chown(folder, 4711, 4711)
    with pytest.raises(SandboxUnavailable, match=f"belongs to the user 4711.*\n.*rm -r {folder}"):
        Slots("test")
    assert not list(folder.iterdir())


@pytest.mark.parametrize("way", ["file", "link", "missing"])
def test_a_folder_of_slots_that_cannot_be_used_is_told_of(way, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no" if way == "missing" else tmp_path))
    folder = tmp_path / f"reasoning-gym-envs-{os.getuid()}"
    if way == "file":
        folder.write_text("")
    elif way == "link":
        folder.symlink_to(tmp_path)
    with pytest.raises(SandboxUnavailable, match=r"cannot be used.*\nTo fix it: .*TMPDIR"):
        Slots("test")


def test_a_closed_one_says_so(pool):
    pool.close()
    with pytest.raises(SandboxFailure, match="closed"):
        pool.run(SUBMISSION)
    with pytest.raises(SandboxFailure, match="closed"):
        asyncio.run(pool.run_async(SUBMISSION))


def test_a_system_without_locks_is_told_of():
    program = (
        "import sys; sys.modules['fcntl'] = None\n"
        "import reasoning_gym_envs.sandbox as sandbox\n"
        "for name in sandbox.SANDBOXES:\n"
        "    try: sandbox.make_sandbox(name)\n"
        "    except sandbox.SandboxUnavailable as error: print('Windows' in str(error))\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert found.stdout.split() == ["True"] * len(SANDBOXES), found.stderr
