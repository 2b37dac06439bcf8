"""The Docker engine: connecting to it, and whether it can hold a sandbox safely.

What is missing is told with its cause and with the command that fixes it. The Docker SDK is
imported when it is needed: a suite of puzzles does without.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reasoning_gym_envs.sandbox.submission import (
    MEGABYTE,
    SandboxNotInstalled,
    SandboxUnavailable,
    said,
)

if TYPE_CHECKING:
    import docker

LABEL = "reasoning-gym-envs.sandbox"
"""The label of the containers of a sandbox; its value is the process that owns them."""

TIMEOUT = 60.0
"""Seconds after which an engine that does not answer is given up."""

_DEFAULT_SOCKET = "/var/run/docker.sock"
_BUILD_IMAGE = "reasoning-gym-envs sandbox build-image"


class Engine(NamedTuple):
    """An engine that can hold a sandbox.

    Args:
        image: digest of the image, such as "sha256:…".
        version: version of the engine.
        processors: how many processors its machine has.
        memory: how many bytes of memory its machine has.
    """

    image: str
    version: str
    processors: int
    memory: int


class Point(NamedTuple):
    """One thing that a sandbox needs.

    Args:
        name: what is needed.
        found: what there is instead, or what was found.
        fix: what to do where it is missing; None where nothing is.
    """

    name: str
    found: str
    fix: str | None = None


def connect(
    docker_host: str | None = None, *, connections: int = 64, timeout: float = TIMEOUT
) -> docker.APIClient:
    """Connect to an engine.

    Args:
        docker_host: its address; None for what the environment variable ``DOCKER_HOST`` says, and
            the local engine where it says nothing.
        connections: how many threads can talk to it at a time.
        timeout: seconds after which an engine that does not answer is given up.

    Raises:
        SandboxNotInstalled: there is no SDK.
        SandboxUnavailable: there is no engine that answers.
    """
    try:
        import docker
        from docker.errors import DockerException, TLSParameterError
        from requests.exceptions import RequestException
    except ImportError as error:
        raise SandboxNotInstalled(
            said(
                f"the Docker SDK for Python cannot be imported ({error})",
                "pip install 'reasoning-gym-envs[code]'",
            )
        ) from None
    environment = dict(os.environ)
    if docker_host is not None:
        environment["DOCKER_HOST"] = docker_host
    try:
        settings: dict[str, Any] = docker.utils.kwargs_from_env(environment)
    except TLSParameterError as error:
        raise _unavailable(
            f"the certificates for the Docker engine cannot be read: {error}",
            "set DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem",
        ) from None
    address: str = settings.get("base_url") or f"unix://{_DEFAULT_SOCKET}"
    if address.startswith("unix://"):
        _try_socket(address.removeprefix("unix://"))
        address = "http+" + address
    try:
        return docker.APIClient(
            **{**settings, "base_url": address},
            version="auto",
            timeout=timeout,
            max_pool_size=connections,
        )
    except (DockerException, RequestException, OSError, ValueError) as error:
        address = address.removeprefix("http+")
        raise _unavailable(
            f"no Docker engine answers at {address} ({_reason(error)})",
            f"see what `docker --host {address} version` says, and set DOCKER_HOST to the address "
            "of an engine that runs",
        ) from None


def preflight(
    api: docker.APIClient,
    image: str,
    runtime: str | None = None,
    *,
    boxes: int = 1,
    memory: int = 0,
) -> Engine:
    """See that an engine can hold a sandbox.

    Args:
        api: as :func:`connect` gives it.
        image: name or digest of the image.
        runtime: name of the runtime, such as "runsc"; None for the engine's default.
        boxes: how many containers will run at a time.
        memory: bytes of memory of each of them.

    Raises:
        SandboxUnavailable: it cannot.
    """
    for point in examine(api, image, runtime, boxes=boxes, memory=memory):
        if point.fix is not None:
            raise _unavailable(f"{point.name}: {point.found}", point.fix)
    info = api.info()
    digest: str = api.inspect_image(image)["Id"]
    return Engine(digest, info["ServerVersion"], info["NCPU"], info["MemTotal"])


def examine(
    api: docker.APIClient,
    image: str,
    runtime: str | None = None,
    *,
    boxes: int = 1,
    memory: int = 0,
) -> Iterator[Point]:
    """Each thing that a sandbox needs, and whether it is there; arguments of :func:`preflight`."""
    from docker.errors import APIError, DockerException, ImageNotFound
    from requests.exceptions import RequestException

    try:
        info = api.info()
    except (DockerException, RequestException) as error:
        fix = "start the engine (sudo systemctl start docker), or see its log"
        yield Point("engine", f"it does not answer ({_reason(error)})", fix)
        return
    version = info.get("ServerVersion", "")
    kind = "Podman, version" if is_podman(api) else "version"
    machine = info.get("OperatingSystem") or "this machine"
    yield Point("engine", f"{kind} {version} on {machine}")
    yield _containers(info)
    yield _controllers(info, _controllers_of_podman(api) if is_podman(api) else None)
    yield _seccomp(info)
    yield _runtime(info, runtime)
    try:
        details = api.inspect_image(image)
        yield Point("image", f"{image} ({details['Id'][:19]}…){_age(details)}")
    except ImageNotFound:
        yield Point("image", f"the engine has no image {image!r}", _BUILD_IMAGE)
    except APIError as error:
        yield Point("image", f"{image!r} cannot be looked up ({_reason(error)})", _BUILD_IMAGE)
    yield _memory(info, boxes, memory)


def _age(image: dict[str, Any]) -> str:
    """When an image was built, as far as the engine knows.

    One that was loaded says of itself that it is from 1970, so that the same files are the same
    image; the engine then knows when it got its name.
    """
    for text in (image.get("Created"), (image.get("Metadata") or {}).get("LastTagTime")):
        if text and text >= "2000":
            age = datetime.now(timezone.utc) - datetime.fromisoformat(f"{text[:19]}+00:00")
            days = max(0, age.days)
            return f", built {('today', '1 day ago', f'{days} days ago')[min(days, 2)]}"
    return ""


def _containers(info: dict[str, Any]) -> Point:
    system = info.get("OSType")
    if system == "linux":
        return Point("containers", "Linux")
    return Point(
        "containers",
        f"the engine runs {system} containers",
        "switch it to Linux containers, in the menu of Docker Desktop or with "
        "`DockerCli.exe -SwitchLinuxEngine`",
    )


def is_podman(api: docker.APIClient) -> bool:
    """Whether it is Podman that answers, in the way of Docker."""
    return any(part["Name"] == "Podman Engine" for part in api.version().get("Components") or ())


def ulimits(api: docker.APIClient) -> list[dict[str, str | int]]:
    """The limits of a container that the kernel keeps for each process and each user."""
    limits: list[dict[str, str | int]] = [
        {"name": "core", "soft": 0, "hard": 0},
        {"name": "nofile", "soft": 256, "hard": 256},
    ]
    if is_podman(api):  # or it asks for a million, which not every root may have
        limits.append({"name": "nproc", "soft": 4096, "hard": 4096})
    return limits


def _controllers_of_podman(api: docker.APIClient) -> list[str]:
    """The control groups that Podman has. Asked as Docker is, it says that it has them all."""
    try:
        host = api.get(f"{api.base_url}/v4.0.0/libpod/info").json()["host"]
        return list(host["cgroupControllers"] or ())
    except (OSError, ValueError, KeyError):
        return []


def _controllers(info: dict[str, Any], controllers: list[str] | None) -> Point:
    needed = {"memory": "MemoryLimit", "pids": "PidsLimit", "cpu": "CpuCfsQuota"}
    if controllers is None:
        missing = [name for name, key in needed.items() if not info.get(key)]
    else:
        missing = [name for name in needed if name not in controllers]
    if not missing:
        return Point("limits", "memory, processes and processor time can be limited")
    found = f"the engine cannot limit containers: no control group for {', '.join(missing)}"
    if controllers is not None:
        fix = (
            "start Podman as root; without, it needs the second version of control groups, and "
            "these controllers for the user's services: `Delegate=cpu cpuset io memory pids`"
        )
    elif any("rootless" in option for option in info.get("SecurityOptions") or ()):
        fix = (
            "let the user's services have these controllers: put `[Service]` and `Delegate=cpu "
            "cpuset io memory pids` into /etc/systemd/system/user@.service.d/delegate.conf, then "
            "`sudo systemctl daemon-reload`, and log in anew"
        )
    else:
        fix = (
            "mount the control groups and start the engine again: `sudo apt-get install "
            "cgroupfs-mount && sudo cgroupfs-mount`; where the kernel was started without them, "
            "with `cgroup_enable=memory swapaccount=1` on its command line"
        )
    return Point("limits", found, fix)


def _seccomp(info: dict[str, Any]) -> Point:
    options: list[str] = [o for o in info.get("SecurityOptions") or () if "seccomp" in o]
    if options and not any("unconfined" in option for option in options):
        return Point("seccomp", "system calls are filtered")
    return Point(
        "seccomp",
        "the engine does not filter system calls",
        "use a kernel with CONFIG_SECCOMP_FILTER and an engine with its default profile: take "
        "`seccomp-profile` out of /etc/docker/daemon.json, then `sudo systemctl restart docker`",
    )


def _runtime(info: dict[str, Any], runtime: str | None) -> Point:
    installed = sorted(info.get("Runtimes") or ())
    if runtime is None:
        return Point("runtime", f"{info.get('DefaultRuntime', 'runc')} (the engine's default)")
    if runtime in installed:
        return Point("runtime", runtime)
    fix = (
        "take one of those, or install it and name it under `runtimes` in /etc/docker/daemon.json, "
        "then `sudo systemctl restart docker`"
    )
    if runtime == "runsc":
        fix = (
            "install gVisor (https://gvisor.dev/docs/user_guide/install/), then "
            "`sudo runsc install && sudo systemctl restart docker`"
        )
    found = f"the engine has no runtime {runtime!r}; it has {', '.join(installed) or 'none'}"
    return Point("runtime", found, fix)


def _memory(info: dict[str, Any], boxes: int, memory: int) -> Point:
    total = info.get("MemTotal") or 0
    room = total // MEGABYTE
    if total == 0 or boxes * memory <= total:
        return Point("memory", f"{room:,} MB, {info.get('NCPU')} processors")
    fitting = total // memory
    return Point(
        "memory",
        f"{boxes} boxes of {memory // MEGABYTE:,} MB do not fit into the {room:,} MB of the "
        "engine's machine",
        f"ask for boxes={fitting}" if fitting else "give each box less memory",
    )


def owner() -> str:
    """This process, as the label of its containers names it: the same process, the same text.

    It is the name of the host, the boot of its kernel, the space of process ids, the process id,
    and when the process started, so that none that comes later is taken for it.
    """
    pid = os.getpid()
    return ":".join((*_place(), str(pid), _start(pid)))


def is_gone(owner: str) -> bool:
    """Whether the process that a label names has ended; False where that cannot be told from here.

    A process on another host, in another container, or before a reboot cannot be told from here.
    """
    *place, pid, start = ["", *owner.split(":")][-5:]
    # Without a /proc that tells when a process started, another could be taken for it.
    if tuple(place) != _place() or not pid.isdecimal() or not start:
        return False
    return _start(int(pid)) != start


def remove_orphans(api: docker.APIClient, everything: bool = False) -> list[str]:
    """Remove the containers of sandboxes whose process is gone.

    Args:
        api: as :func:`connect` gives it.
        everything: those of processes that live, and of other hosts, too.

    Returns:
        What was removed: the short id of each container, its state, and its owner.
    """
    from docker.errors import APIError

    removed = []
    for container in api.containers(all=True, filters={"label": LABEL}):
        label: str = container["Labels"][LABEL]
        if not everything and not is_gone(label):
            continue
        try:
            api.remove_container(container["Id"], force=True, v=True)
        except APIError as error:
            if error.response is not None and error.response.status_code in (404, 409):
                continue  # it is going by itself
            raise
        removed.append(f"{container['Id'][:12]} ({container['State']}, of {label})")
    return removed


def _place() -> tuple[str, str, str]:
    """Where process ids mean what they mean here: host, boot, and space of process ids."""
    host = socket.gethostname().replace(":", "-")
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        return host, "", ""
    return host, boot, space


def _start(pid: int) -> str:
    """When a process started, in ticks since the boot; "" if it has ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    # The name of the program, in parentheses, may hold anything.
    state, *fields = status.rpartition(")")[2].split()
    return "" if state in "ZX" else fields[18]


def _try_socket(path: str) -> None:
    """Say in plain words what the SDK would wrap into three exceptions.

    Raises:
        SandboxUnavailable: there is no socket, or it does not let us in.
    """
    if not hasattr(socket, "AF_UNIX"):
        return
    start = "sudo systemctl start docker"
    if sys.platform == "darwin":
        start = "open -a Docker"
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(TIMEOUT)
            probe.connect(path)
    except (FileNotFoundError, NotADirectoryError):
        others = _other_sockets(path)
        if others:
            start = f"export DOCKER_HOST=unix://{others[0]}"
        raise _unavailable(
            f"there is no socket of a Docker engine at {path}: it is not installed, does not run, "
            "or listens elsewhere",
            f"{start} (to install it: https://docs.docker.com/engine/install/)",
        ) from None
    except PermissionError:
        raise _unavailable(
            f"this user may not use the socket of the Docker engine, {path}",
            "sudo usermod -aG docker $USER, then log in anew (whoever may use the socket has the "
            "rights of root; an engine without: https://docs.docker.com/engine/security/rootless/)",
        ) from None
    except ConnectionRefusedError:
        raise _unavailable(
            f"there is a socket at {path}, but no Docker engine behind it: it has stopped", start
        ) from None
    except OSError as error:
        raise _unavailable(f"the socket {path} cannot be used: {error}", start) from None


def _other_sockets(path: str) -> list[str]:
    """Where else engines listen: Docker Desktop, rootless Docker, Podman."""
    of_user = Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"))
    places = [
        Path.home() / ".docker/run/docker.sock",
        Path.home() / ".docker/desktop/docker.sock",
        of_user / "docker.sock",
        Path(_DEFAULT_SOCKET),
        of_user / "podman/podman.sock",
        Path("/run/podman/podman.sock"),
    ]
    return [str(place) for place in places if str(place) != path and place.exists()]


def _reason(error: BaseException) -> str:
    """The innermost cause, in a line."""
    while True:
        inner = (
            error.__cause__
            or error.__context__
            or next((a for a in error.args if isinstance(a, BaseException)), None)
        )
        if inner is None:
            break
        error = inner
    return " ".join(str(error).split())[:300] or type(error).__name__


def _unavailable(cause: str, fix: str) -> SandboxUnavailable:
    return SandboxUnavailable(said(cause, fix))
