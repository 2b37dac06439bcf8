"""What a sandbox needs of an engine: each thing that can be missing, and who owns a container."""

import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer

import pytest

from reasoning_gym_envs.sandbox import engine
from reasoning_gym_envs.sandbox.engine import (
    LABEL,
    connect,
    examine,
    is_gone,
    owner,
    preflight,
    remove_orphans,
)
from reasoning_gym_envs.sandbox.images import default_image
from reasoning_gym_envs.sandbox.submission import MEGABYTE, SandboxUnavailable
from tests.sandbox.engine import needs_engine

INFO = {
    "ServerVersion": "28.0.0",
    "OperatingSystem": "Fake Linux",
    "OSType": "linux",
    "MemoryLimit": True,
    "PidsLimit": True,
    "CpuCfsQuota": True,
    "SecurityOptions": ["name=seccomp,profile=builtin"],
    "Runtimes": {"runc": {}},
    "DefaultRuntime": "runc",
    "MemTotal": 4096 * MEGABYTE,
    "NCPU": 8,
}


@pytest.fixture
def fake_engine(tmp_path):
    """Starts engines that say of themselves what a test wants; returns their addresses."""
    with contextlib.ExitStack() as stack:

        def start(podman=None, **changes):
            """What a Podman says of its control groups makes it one."""
            info = {**INFO, **changes}

            class Handler(BaseHTTPRequestHandler):
                def do_GET(self):
                    name = self.path.partition("?")[0]
                    answer, status = {"message": "no such thing"}, 404
                    if name.endswith("/version"):
                        answer = {"Version": "28.0.0", "ApiVersion": "1.43", "Arch": "amd64"}
                        status = 200
                        if podman is not None:
                            answer["Components"] = [{"Name": "Podman Engine"}, {"Name": "Conmon"}]
                    elif name.endswith("/libpod/info") and podman is not None:
                        answer, status = podman, 200
                    elif name.endswith("/info"):
                        answer, status = info, 200
                    elif "/images/there" in name:
                        answer, status = {"Id": "sha256:" + 64 * "0"}, 200
                    body = json.dumps(answer).encode()
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

                def address_string(self):
                    return "test"

                def log_message(self, *arguments):
                    pass

            path = tmp_path / "fake.sock"
            server = ThreadingUnixStreamServer(str(path), Handler)
            server.daemon_threads = True
            stack.callback(server.server_close)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            api = stack.enter_context(contextlib.closing(connect(f"unix://{path}")))
            return api

        yield start


def told(call):
    """What a refusal says: the cause, and what fixes it."""
    with pytest.raises(SandboxUnavailable) as caught:
        call()
    cause, _, fix = str(caught.value).partition("\nTo fix it: ")
    assert cause
    assert fix
    return cause, fix


def test_an_engine_that_has_everything(fake_engine):
    found = preflight(fake_engine(), "there", "runc", boxes=16, memory=256 * MEGABYTE)
    assert found == ("sha256:" + 64 * "0", "28.0.0", 8, 4096 * MEGABYTE)


@pytest.mark.parametrize(
    ("changes", "cause", "fix"),
    [
        ({"MemoryLimit": False}, "no control group for memory", "cgroupfs-mount"),
        ({"PidsLimit": False, "CpuCfsQuota": False}, "for pids, cpu", "cgroupfs-mount"),
        (
            {"MemoryLimit": False, "SecurityOptions": ["name=seccomp", "name=rootless"]},
            "for memory",
            "Delegate=",
        ),
        ({"SecurityOptions": []}, "does not filter system calls", "seccomp-profile"),
        ({"SecurityOptions": None}, "does not filter system calls", "seccomp-profile"),
        (
            {"SecurityOptions": ["name=seccomp,profile=unconfined"]},
            "does not filter system calls",
            "seccomp-profile",
        ),
        ({"OSType": "windows"}, "runs windows containers", "Linux containers"),
    ],
)
def test_an_engine_that_lacks_something(fake_engine, changes, cause, fix):
    said, fixes = told(lambda: preflight(fake_engine(**changes), "there"))
    assert cause in said
    assert fix in fixes


@pytest.mark.parametrize(
    ("podman", "missing"),
    [
        ({"host": {"cgroupControllers": ["cpu", "io", "memory", "pids"]}}, None),
        ({"host": {"cgroupControllers": ["memory", "pids"]}}, "for cpu"),
        ({"host": {"cgroupControllers": []}}, "for memory, pids, cpu"),
        ({"host": {"cgroupControllers": None}}, "for memory, pids, cpu"),
        ({"host": {}}, "for memory, pids, cpu"),
        ({"cause": "no such path"}, "for memory, pids, cpu"),
    ],
)
def test_podman_is_asked_in_its_own_way_what_it_can_limit(fake_engine, podman, missing):
    """In Docker's way it says of all limits that there are, and runs containers without."""
    api = fake_engine(podman=podman)
    points = {point.name: point for point in examine(api, "there")}
    assert points["engine"].found.startswith("Podman, version 28.0.0")
    assert [point.name for point in points.values() if point.fix] == ["limits"] * bool(missing)
    if missing:
        cause, fix = told(lambda: preflight(api, "there"))
        assert missing in cause
        assert "start Podman as root" in fix


def test_all_that_is_missing_is_told_at_once(fake_engine):
    api = fake_engine(OSType="windows", MemoryLimit=False, SecurityOptions=[])
    wrong = [
        p.name for p in examine(api, "away", "runsc", boxes=99, memory=256 * MEGABYTE) if p.fix
    ]
    assert wrong == ["containers", "limits", "seccomp", "runtime", "image", "memory"]


def test_boxes_that_do_not_fit_into_memory(fake_engine):
    api = fake_engine()
    cause, fix = told(lambda: preflight(api, "there", boxes=17, memory=256 * MEGABYTE))
    assert "17 boxes of 256 MB do not fit into the 4,096 MB" in cause
    assert fix == "ask for boxes=16"
    cause, fix = told(lambda: preflight(api, "there", memory=5000 * MEGABYTE))
    assert "less memory" in fix


def test_an_unknown_runtime(fake_engine):
    cause, fix = told(lambda: preflight(fake_engine(), "there", "runsc"))
    assert "no runtime 'runsc'; it has runc" in cause
    assert "runsc install" in fix


# The SDK does not close the socket of a connection that it could not make.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_engine_that_goes_away(fake_engine, tmp_path):
    api = fake_engine()
    (tmp_path / "fake.sock").unlink()
    api.close()
    cause, fix = told(lambda: preflight(api, "there"))
    assert "does not answer" in cause
    assert "systemctl start docker" in fix
    gc.collect()


def test_no_socket(tmp_path):
    cause, fix = told(lambda: connect(f"unix://{tmp_path}/none.sock"))
    assert f"no socket of a Docker engine at {tmp_path}/none.sock" in cause
    assert "docs.docker.com/engine/install" in fix


def test_the_address_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/other.sock")
    assert f"{tmp_path}/other.sock" in told(connect)[0]


def test_another_socket_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(engine, "_DEFAULT_SOCKET", str(tmp_path / "missing.sock"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("podman/podman.sock", "docker.sock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
        fix = told(lambda: connect(f"unix://{tmp_path}/none.sock"))[1]
        assert f"export DOCKER_HOST=unix://{tmp_path}/{name}" in fix


def test_a_socket_without_an_engine(tmp_path):
    path = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    cause, fix = told(lambda: connect(f"unix://{path}"))
    assert "no Docker engine behind it" in cause
    assert "start" in fix


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_socket_that_this_user_may_not_use(tmp_path):
    path = tmp_path / "root.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        path.chmod(0o600)
        for folder in (tmp_path, *tmp_path.parents[:-2]):
            folder.chmod(0o755)
        # Imported as root: the other user may not read this checkout.
        code = f"""if True:
            import os, docker
            from reasoning_gym_envs.sandbox.engine import connect
            os.setuid(60000)
            try:
                connect("unix://{path}")
            except Exception as error:
                print(type(error).__name__, error)
            """
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.stdout.startswith("SandboxUnavailable "), ended.stderr
    assert "may not use the socket" in ended.stdout
    assert "usermod -aG docker" in ended.stdout


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "ssh://nobody@127.0.0.1:1", "nonsense://x"]
)
def test_no_engine_at_another_address(address):
    cause, fix = told(lambda: connect(address))
    assert address in cause
    assert "DOCKER_HOST" in fix


def test_something_else_behind_the_socket(tmp_path):
    path = tmp_path / "odd.sock"

    class Handler(StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 mail.example.com ESMTP\r\n")

    with ThreadingUnixStreamServer(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        cause, _ = told(lambda: connect(f"unix://{path}"))
        server.shutdown()
        thread.join()
    assert "no Docker engine answers" in cause


def test_no_sdk(tmp_path):
    (tmp_path / "docker.py").write_text("raise ImportError('not here')")
    code = (
        "from reasoning_gym_envs.sandbox.engine import connect\n"
        "try:\n    connect()\nexcept Exception as error:\n    print(type(error).__name__, error)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert ended.stdout.startswith("SandboxNotInstalled "), ended.stderr
    assert "pip install 'reasoning-gym-envs[code]'" in ended.stdout


@pytest.mark.parametrize(
    ("created", "tagged", "said"),
    [
        (0, None, ", built today"),
        (1, 0, ", built 1 day ago"),
        (None, 3, ", built 3 days ago"),
        (-2, None, ", built today"),  # its clock is ahead
        (None, None, ""),
    ],
)
def test_the_age_of_an_image(fake_engine, created, tagged, said):
    def days_ago(days, else_):
        then = datetime.now(timezone.utc) - timedelta(days=days or 0, hours=1)
        return else_ if days is None else then.strftime("%Y-%m-%dT%H:%M:%S.123456789Z")

    api = fake_engine()
    image = api.inspect_image("there")
    image["Created"] = days_ago(created, "1970-01-01T00:00:00Z")
    image["Metadata"] = {"LastTagTime": days_ago(tagged, "0001-01-01T00:00:00Z")}
    api.inspect_image = lambda name: image
    (point,) = (point for point in examine(api, "there") if point.name == "image")
    assert point.found == f"there ({'sha256:' + 12 * '0'}…){said}"


@needs_engine
def test_a_real_engine(api):
    found = preflight(api, default_image(), boxes=1, memory=256 * MEGABYTE)
    assert found.image.startswith("sha256:")
    assert found.processors >= 1
    assert found.memory > 256 * MEGABYTE
    # The digest names the same image.
    assert preflight(api, found.image).image == found.image


@needs_engine
def test_a_real_engine_without_the_image_or_the_runtime(api):
    cause, fix = told(lambda: preflight(api, "no-such-image:1"))
    assert "'no-such-image:1'" in cause
    assert fix == "reasoning-gym-envs sandbox build-image"
    cause, _ = told(lambda: preflight(api, default_image(), "no-such-runtime"))
    assert "it has" in cause
    assert "runc" in cause


def test_the_owner_of_a_container():
    mine = owner()
    assert mine == owner()
    assert not is_gone(mine)
    code = (
        "from reasoning_gym_envs.sandbox.engine import owner; print(owner(), flush=True); input()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        theirs = child.stdout.readline().strip()
        assert theirs != mine
        assert not is_gone(theirs)
        child.send_signal(signal.SIGKILL)
        # It has ended, although nobody has asked yet how.
        end = time.monotonic() + 60
        while not is_gone(theirs) and time.monotonic() < end:
            time.sleep(0.01)
        assert is_gone(theirs)
    assert is_gone(theirs)


def test_a_process_id_that_was_given_to_another_process():
    *rest, start = owner().split(":")
    assert is_gone(":".join((*rest, str(int(start) - 1))))


@pytest.mark.parametrize("part", range(3))
def test_owners_in_other_places_cannot_be_judged(part):
    parts = owner().split(":")
    parts[3] = "999999999"
    assert is_gone(":".join(parts))
    parts[part] = "elsewhere"
    assert not is_gone(":".join(parts))


@pytest.mark.parametrize("label", ["", ":", "nonsense", "a:b:c:d:e", "::::", "a:b:c:1:2:3"])
def test_odd_labels_cannot_be_judged(label):
    assert not is_gone(label)


@needs_engine
def test_orphans_are_removed_and_others_left(api):
    *place, _, start = owner().split(":")
    labels = {
        "mine": owner(),
        "orphan": ":".join((*place, "999999999", start)),
        "elsewhere": "elsewhere:boot:1:999999999:1",
    }
    made = {}
    command = ["python3", "-c", "import time; time.sleep(600)"]
    try:
        for name, label in labels.items():
            host = api.create_host_config(network_mode="none")
            made[name] = api.create_container(
                default_image(), command, labels={LABEL: label}, host_config=host
            )["Id"]
            api.start(made[name])
        made["bystander"] = api.create_container(default_image(), command)["Id"]
        removed = remove_orphans(api)
        orphan = made["orphan"][:12]  # which a sandbox that starts meanwhile removes as well
        assert all("999999999" in line for line in removed if orphan in line)
        there = {container["Id"] for container in api.containers(all=True)}
        assert made["orphan"] not in there
        assert {made["mine"], made["elsewhere"], made["bystander"]} <= there
        assert not any(made["mine"][:12] in line for line in remove_orphans(api))
    finally:
        for container in made.values():
            with contextlib.suppress(Exception):
                api.remove_container(container, force=True)


def test_everything_is_removed_when_asked(private_engine):
    with contextlib.closing(connect(private_engine.host)) as api:
        for label in (owner(), "elsewhere:boot:1:1:1"):
            api.create_container(default_image(), ["python3"], labels={LABEL: label})
        bystander = api.create_container(default_image(), ["python3"])["Id"]
        assert len(remove_orphans(api, everything=True)) == 2
        assert [container["Id"] for container in api.containers(all=True)] == [bystander]
        assert remove_orphans(api, everything=True) == []


def test_a_private_engine_comes_and_goes(private_engine):
    def runs():
        with contextlib.closing(connect(private_engine.host)) as api:
            return len(api.containers())

    with contextlib.closing(connect(private_engine.host)) as api:
        container = api.create_container(
            default_image(),
            ["python3", "-c", "import time; time.sleep(600)"],
            host_config=api.create_host_config(network_mode="none"),
            stop_timeout=1,
        )
        api.start(container)
    assert runs() == 1
    private_engine.restart()
    assert runs() == 0
    private_engine.kill()
    told(lambda: connect(private_engine.host))
    private_engine.start()
    with contextlib.closing(connect(private_engine.host)) as api:
        preflight(api, default_image())
    private_engine.stop()
    assert not private_engine.folder.exists()
