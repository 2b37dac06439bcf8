"""DockerSandbox: submissions in warm, hardened containers."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reasoning_gym_envs.sandbox.box import Box, BoxLost
from reasoning_gym_envs.sandbox.engine import (
    LABEL,
    connect,
    is_podman,
    owner,
    preflight,
    remove_orphans,
    ulimits,
)
from reasoning_gym_envs.sandbox.images import default_image
from reasoning_gym_envs.sandbox.packages import contents_of
from reasoning_gym_envs.sandbox.pool import Pool
from reasoning_gym_envs.sandbox.slots import Slots
from reasoning_gym_envs.sandbox.submission import (
    MEGABYTE,
    SandboxFailure,
    SandboxUnavailable,
    Submission,
)

if TYPE_CHECKING:
    import docker

RUNNER_MEMORY = 64 * MEGABYTE  # what a container has beyond the memory of a submission
ENGINE_SECONDS = 60.0  # how long an engine may take to come back
CAPABILITIES = ("SETUID", "SETGID", "KILL")
CAPABILITY_BITS = 1 << 5 | 1 << 6 | 1 << 7  # KILL, SETGID, SETUID in capabilities(7)
FILTERED = "2"  # the mode of seccomp with a filter
_SHARED_MEMORY = 16 * MEGABYTE  # for locks and queues of processes
_STDOUT = 1  # a stream of Docker's attach protocol


class DockerSandbox(Pool):
    """Runs submissions in Docker containers that are kept warm.

    A container has no network, no capabilities but those of its runner, a read-only root, and
    limits on memory, processes, processors and files; see ``runner.py`` for what happens in it.
    Containers are started when they are needed, shared by all threads, replaced when a submission
    leaves anything behind, and gone as soon as this process is, whatever ends it.

    Args:
        boxes: how many containers at most; None for one a processor, but two to four. All
            processes of a user share a limit besides: the environment variable
            ``REASONING_GYM_ENVS_MAX_BOXES``, or twice the processors and at least four.
        image: the image; None for the one that ``reasoning-gym-envs sandbox build-image`` makes.
            One with packages is named here.
        runtime: an OCI runtime that the engine knows, such as "runsc" for gVisor; None for the
            engine's own.
        recycle_after: submissions after which a container is replaced; 1 gives each its own,
            which is the strictest and takes most of a second each.
        memory: bytes of memory of a container.
        processes: processes and threads in a container.
        processors: processors that a container may use.
        disk: bytes of files in a container.
        docker_host: where the engine listens; None for ``DOCKER_HOST``, or the local one.

    Raises:
        SandboxUnavailable: there is no engine, no image, or no limit that must be there; the
            message names the cause and what fixes it.
    """

    def __init__(
        self,
        *,
        boxes: int | None = None,
        image: str | None = None,
        runtime: str | None = None,
        recycle_after: int = 1000,
        memory: int = 256 * MEGABYTE,
        processes: int = 64,
        processors: float = 1.0,
        disk: int = 64 * MEGABYTE,
        docker_host: str | None = None,
    ) -> None:
        self._settings: dict[str, Any] = {
            "boxes": boxes,
            "image": image,
            "runtime": runtime,
            "recycle_after": recycle_after,
            "memory": memory,
            "processes": processes,
            "processors": processors,
            "disk": disk,
            "docker_host": docker_host,
        }
        self._name = image or default_image()
        self._api = connect(docker_host)
        super().__init__(boxes, recycle_after, Slots("containers"))
        self._engine = preflight(self._api, self._name, runtime, boxes=self.boxes, memory=memory)
        self._is_podman = is_podman(self._api)
        remove_orphans(self._api)
        box = self._take_any()  # what is wrong with boxes shows here and now
        labels = self._api.inspect_image(self._engine.image)
        self.contents = contents_of(labels)._replace(python=box.python)
        """What programs can import."""
        self._give_back(box, keep=True)

    @property
    def image(self) -> str:
        """The digest of the image."""
        return self._engine.image

    @property
    def told(self) -> str:
        """What prompts tell of it: what an image has that was chosen by name, else nothing.

        The image of ``build-image`` has another Python from machine to machine, and what is the
        same episode has the same prompt on all of them.
        """
        return str(self.contents) if self._settings["image"] else ""

    def close(self) -> None:
        """End all containers; the sandbox cannot be used afterwards. May be called twice."""
        super().close()
        self._api.close()

    def __reduce__(self) -> Any:
        return _of_settings, (tuple(self._settings.items()),)

    def _check(self, submission: Submission) -> None:
        most = self._settings["memory"] - RUNNER_MEMORY
        if submission.limits.memory > most:
            raise ValueError(
                f"a submission may use {submission.limits.memory} bytes of memory, and a container "
                f"of {self._settings['memory']} has at most {most} for it: make the sandbox with "
                f"memory={submission.limits.memory + RUNNER_MEMORY}"
            )

    def _open_box(self) -> Box:
        from docker.errors import APIError, DockerException
        from requests.exceptions import RequestException

        try:
            return _DockerBox(self._api, self._configuration(), self._settings["runtime"])
        except APIError as error:
            if error.is_client_error():
                raise SandboxFailure(f"the engine refuses a container: {_told(error)}") from error
            raise BoxLost(_told(error)) from None
        except (DockerException, RequestException, OSError) as error:
            raise BoxLost(_told(error)) from None

    def _is_up(self) -> bool:
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        patience = time.monotonic() + ENGINE_SECONDS
        was_down = False
        while True:
            try:
                self._api.inspect_image(self._engine.image)
                return not was_down
            except (DockerException, RequestException, OSError) as error:
                if time.monotonic() > patience:
                    raise SandboxFailure(f"the engine does not answer: {_told(error)}") from error
                was_down = True
                time.sleep(0.1)

    def _configuration(self) -> dict[str, Any]:
        """A container as the engine is asked for it."""
        settings = self._settings
        # Without --isolated, which would ignore the seed of hashes: sets have one order.
        command = ["python3", "-s", "-S", "-X", "utf8", "-c", _runner_text()]
        return {
            "image": self._engine.image,
            "entrypoint": [],
            "command": command,
            "user": "0:0",
            "working_dir": "/",
            "hostname": "sandbox",
            "environment": {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
            "stdin_open": True,
            "stop_signal": "SIGKILL",  # no other one reaches the first process
            "labels": {LABEL: owner()},
            "host_config": self._api.create_host_config(
                network_mode="none",
                read_only=True,
                cap_drop=["ALL"],
                cap_add=list(CAPABILITIES),
                security_opt=["no-new-privileges"],
                mem_limit=settings["memory"],
                memswap_limit=settings["memory"],
                pids_limit=settings["processes"],
                nano_cpus=int(settings["processors"] * 1e9),
                ipc_mode="none",
                tmpfs=self._folders(),
                ulimits=ulimits(self._api),
                sysctls={
                    "fs.mqueue.queues_max": "0",
                    "kernel.shmmni": "0",
                    "kernel.msgmni": "0",
                    "kernel.sem": "0 0 0 0",
                },
                log_config={"type": "none"},  # the engine would write what is said onto its disk
                auto_remove=True,
                runtime=settings["runtime"],
            ),
        }

    def _folders(self) -> dict[str, str]:
        """The folders in memory: where they are, and with which options."""
        plain = "noexec,nosuid,nodev"
        temporary = f"size={self._settings['disk']},{plain},mode=1777"
        shared = f"size={_SHARED_MEMORY},{plain},mode=1777"
        if self._is_podman:  # which cannot limit their files: the memory of the container does
            # Two more it would open to everybody, if they were not named here.
            closed = dict.fromkeys(("/run", "/var/tmp"), f"size=64k,{plain},mode=0755")
            return {"/tmp": temporary, "/dev/shm": shared, **closed}
        return {"/tmp": f"{temporary},nr_inodes=4096", "/dev/shm": f"{shared},nr_inodes=256"}

    def _forget(self) -> None:
        super()._forget()
        self._api.close()  # its connections are the parent's; it opens others when it needs them


class _DockerBox(Box):
    """A container, through the engine's attach protocol: frames of both output streams."""

    def __init__(
        self, api: docker.APIClient, configuration: dict[str, Any], runtime: str | None
    ) -> None:
        self._api = api
        self._unread = bytearray()  # what came of the frame of the engine that is being read
        self._output = bytearray()
        self._complaints = bytearray()
        self._has_ended = False
        self._sent_at = 0.0
        self._socket: socket.socket | None = None
        created = api.create_container(**configuration)
        self.id: str = created["Id"]
        try:
            if created.get("Warnings"):
                raise SandboxUnavailable(
                    f"the engine does not keep all limits: {'; '.join(created['Warnings'])}"
                )
            streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            attached = api.attach_socket(self.id, params=streams)  # before there is output to miss
            self._response = attached  # closes the socket when it is collected
            self._socket = getattr(attached, "_sock", attached)
            api.start(self.id)
            _check_privileges(self.start(), runtime)
        except BaseException:
            self.hang_up()
            self.remove()
            raise

    def _send(self, data: bytes, deadline: float) -> None:
        assert self._socket is not None
        self._sent_at = time.time()
        try:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            self._socket.sendall(data)
        except OSError as error:
            raise self._lost(error) from None

    def _read(self, size: int, deadline: float) -> bytes:
        while len(self._output) < size:
            self._take(deadline)
        data = bytes(self._output[:size])
        del self._output[:size]
        return data

    def _take(self, deadline: float) -> None:
        """Take what has come, and sort the frames of the engine by their streams."""
        assert self._socket is not None
        try:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            data = self._socket.recv(1 << 18)
        except OSError as error:
            raise self._lost(error) from None
        if not data:
            raise self._lost("it has ended")
        unread = self._unread
        unread += data
        while len(unread) >= 8:
            end = 8 + int.from_bytes(unread[4:8], "big")
            if len(unread) < end:
                return
            if unread[0] == _STDOUT:
                self._output += unread[8:end]
            else:
                self._complaints += unread[8:end]
                del self._complaints[:-4000]
            del unread[:end]

    def has_more(self) -> bool:
        assert self._socket is not None
        poll = select.poll()  # unlike select, of any number of open files
        poll.register(self._socket, select.POLLIN)
        return bool(self._output or self._unread or poll.poll(0))

    def _lost(self, reason: object) -> BoxLost:
        self._has_ended = not isinstance(reason, TimeoutError)
        complaints = self._complaints.decode("utf-8", "replace").strip()
        return BoxLost(f"{reason}: {complaints.splitlines()[-1]}" if complaints else str(reason))

    def was_killed(self) -> bool:
        # A runner that fails says so, and one that has no memory left the engine tells of.
        return self._has_ended and not self._complaints and not self._ran_out_of_memory()

    def _ran_out_of_memory(self) -> bool:
        """Whether that is what the engine says of the time since it was given a submission."""
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        filters = {"container": self.id, "event": "oom"}
        span = {"since": int(self._sent_at), "until": int(time.time()) + 1}
        with contextlib.suppress(DockerException, RequestException, OSError):
            return any(True for _ in self._api.events(filters=filters, **span))
        return False

    def hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._response.close()

    def remove(self) -> None:
        # Closed first: with an open stream, killing can take the engine minutes.
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        with contextlib.suppress(DockerException, RequestException, OSError):
            self._api.remove_container(self.id, force=True)


def _check_privileges(hello: dict[str, Any], runtime: str | None) -> None:
    """Refuse a runner that has more privileges than it was to get.

    Raises:
        SandboxUnavailable: it has.
    """
    capabilities = f"{CAPABILITY_BITS:016x}"
    wanted = {"CapPrm": capabilities, "CapBnd": capabilities, "NoNewPrivs": "1"}
    if runtime is None:
        wanted["Seccomp"] = FILTERED
    else:  # another kernel need not tell all of it
        wanted = {name: value for name, value in wanted.items() if name in hello}
    for name, value in wanted.items():
        if hello.get(name) != value:
            raise SandboxUnavailable(
                f"a container has {name} {hello.get(name, 'unknown')} where {value} was asked for: "
                "the engine must run with its default seccomp profile and without --privileged"
            )


def _told(error: Exception) -> str:
    return str(getattr(error, "explanation", None) or error)


@cache
def _runner_text() -> str:
    return Path(__file__).with_name("runner.py").read_text(encoding="utf-8")


def _of_settings(settings: tuple[tuple[str, Any], ...]) -> DockerSandbox:
    """The sandbox of these settings in this process: one, however many copies are unpickled."""
    with _of_settings_lock:
        sandbox = _by_settings.get(settings)
        if sandbox is None or sandbox.is_closed:
            sandbox = _by_settings[settings] = DockerSandbox(**dict(settings))
        return sandbox


_by_settings: dict[tuple[tuple[str, Any], ...], DockerSandbox] = {}
_of_settings_lock = threading.Lock()
