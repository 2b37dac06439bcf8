"""The image of a sandbox: a Python interpreter, made in one of three ways, and packages on request.

- "registry": the interpreter of a public image, taken out of it by a small Dockerfile;
- "host": the interpreter that runs this, where no registry can be reached;
- "mmdebstrap": the interpreter of Debian, from its package mirrors.

All of them hold the same files, those of :mod:`~reasoning_gym_envs.sandbox.interpreter_tree`.
Packages are a layer over any of them, see :mod:`~reasoning_gym_envs.sandbox.packages`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, NamedTuple

from reasoning_gym_envs.sandbox import interpreter_tree, packages
from reasoning_gym_envs.sandbox.engine import LABEL, owner, ulimits
from reasoning_gym_envs.sandbox.interpreter_tree import USER
from reasoning_gym_envs.sandbox.submission import MEGABYTE, SandboxUnavailable

if TYPE_CHECKING:
    import docker

Way = Literal["registry", "host", "mmdebstrap"]

IMAGE_VERSION = "2"
"""Changes when the files of the image do."""

IMAGE_LABEL = f"{LABEL}.image"

SOURCE = "python:3.12-slim"
"""The public image whose interpreter is taken."""

_SCRIPT = Path(interpreter_tree.__file__)
_PATH = "/usr/local/bin:/usr/bin:/bin"
_COMMAND = ["python3", "-I", "-S"]
_DOCKERFILE = """\
FROM {source} AS python
COPY {script} /{script}
RUN ["python3", "-I", "/{script}", "/tree"]

FROM scratch
COPY --from=python /tree /
ENV PATH={path}
LABEL {label}={version}
CMD {command}
"""
_DOCKERFILE_OF_PACKAGES = """\
FROM {image}
COPY packages {folder}
RUN {compile}
"""
# A container with a read-only root could not keep bytecode. Not all files of packages compile.
_COMPILE = """
import compileall, py_compile, sys
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
compileall.compile_dir(sys.argv[1], quiet=2, invalidation_mode=mode)
"""
_PACKAGES_MEMORY = 1024 * MEGABYTE  # to import them all at once
# The machines of engines, and how Python and wheels call them.
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "ppc64le": "ppc64le", "s390x": "s390x"}
# What submissions import, and what no image may hold.
_MODULES = (
    "abc argparse array ast asyncio base64 bisect bz2 calendar cmath collections contextlib copy "
    "csv ctypes dataclasses datetime decimal difflib enum fractions functools gc gzip hashlib "
    "heapq inspect io itertools json keyword locale logging lzma math numbers operator os pathlib "
    "pickle platform pprint queue random re resource secrets select selectors shlex shutil signal "
    "socket statistics string struct subprocess sys tempfile textwrap threading time timeit token "
    "tokenize traceback types typing unicodedata unittest uuid warnings weakref zlib zoneinfo"
)
_TRIAL = f"""
import importlib, json, os, stat, sys
sys.path.append("{packages.FOLDER}")
missing = []
for name in sys.argv[1].split():
    try:
        importlib.import_module(name)
    except Exception as error:
        missing.append(f"{{name}} ({{' '.join(str(error).split())[-200:]}})")
odd = []
for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name not in ("proc", "sys", "dev")]
    for name in files:
        path = os.path.join(folder, name)
        if os.lstat(path).st_mode & (stat.S_ISUID | stat.S_ISGID):
            odd.append(path)
version = ".".join(map(str, sys.version_info[:3]))
try:
    library = os.confstr("CS_GNU_LIBC_VERSION") or ""
except (OSError, ValueError):
    library = ""
print(json.dumps({{"version": version, "library": library, "missing": missing, "odd": odd}}))
"""


class Interpreter(NamedTuple):
    """The interpreter of an image.

    Args:
        version: of Python, such as "3.12.4".
        glibc: the version of its C library; "" where that is another one.
    """

    version: str
    glibc: str


def default_image(requirements: Sequence[str] = ()) -> str:
    """The image that sandboxes run, unless told otherwise.

    The environment variable ``REASONING_GYM_ENVS_SANDBOX_IMAGE`` names another one.

    Args:
        requirements: packages that it has; their names are in its own.
    """
    tag = "-".join(filter(None, (IMAGE_VERSION, packages.tag_of(requirements))))
    name = f"reasoning-gym-envs-sandbox:{tag:.128}"
    return os.environ.get("REASONING_GYM_ENVS_SANDBOX_IMAGE") or name


def build(
    api: docker.APIClient,
    how: Way = "registry",
    name: str | None = None,
    *,
    say: Callable[[str], object] = lambda line: None,
    source: str = SOURCE,
    requirements: Sequence[str] = (),
) -> str:
    """Build the image of a sandbox, and try it.

    Args:
        api: the engine, as :func:`~reasoning_gym_envs.sandbox.engine.connect` gives it.
        how: where the interpreter comes from.
        name: what the image is called; None for :func:`default_image` with these requirements.
        say: is called with a line for each step.
        source: for "registry", the image whose interpreter is taken.
        requirements: packages for programs to import, as pip takes them: "numpy",
            "numpy==2.1.3", the path of a wheel.

    Returns:
        Its digest, "sha256:…".

    Raises:
        SandboxUnavailable: it could not be built, or does not work.
    """
    name = name or default_image(requirements)
    start = time.monotonic()
    if how == "registry":
        digest = _build_from_registry(api, name, source, say)
    else:
        with tempfile.TemporaryDirectory(prefix="sandbox-image-") as folder:
            tree = Path(folder, "tree")
            tree.mkdir()
            if how == "host":
                _take_from_host(api, tree, say)
            else:
                tree = _take_from_debian(tree, say)
            digest = _load(api, tree, name, say)
    say("trying it: a container without network, rights or a writable root")
    interpreter = try_image(api, name)
    contents = packages.Contents(interpreter.version)
    if requirements:
        try:
            digest, contents = _add_packages(api, name, interpreter, requirements, say)
        except BaseException:
            api.remove_image(name)  # or it would be one without its packages
            raise
    seconds = time.monotonic() - start
    say(f"{name} has {contents} ({digest[:19]}…, {seconds:.1f} s)")
    return digest


def try_image(
    api: docker.APIClient, name: str, modules: Sequence[str] = (), memory: int = 256 * MEGABYTE
) -> Interpreter:
    """Run an image as a sandbox would; returns its interpreter.

    Args:
        api: the engine.
        name: the image.
        modules: what it must be able to import besides the standard library.
        memory: bytes of memory of the container.

    Raises:
        SandboxUnavailable: it lacks modules, or holds a program that gives rights away.
    """
    from docker.errors import APIError

    container = None
    try:
        container = api.create_container(
            name,
            ["python3", "-I", "-S", "-X", "utf8", "-c", _TRIAL, " ".join((_MODULES, *modules))],
            user=str(USER),
            labels={LABEL: owner()},
            host_config=api.create_host_config(
                network_mode="none",
                read_only=True,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                mem_limit=memory,
                memswap_limit=memory,
                pids_limit=64,
                ulimits=ulimits(api),
                tmpfs={"/tmp": "size=16m,noexec,nosuid,nodev"},
            ),
        )["Id"]
        api.start(container)
        status = api.wait(container, timeout=60)["StatusCode"]
        output = api.logs(container, stdout=True, stderr=False).decode(errors="replace")
        errors = api.logs(container, stdout=False, stderr=True).decode(errors="replace")
    except APIError as error:
        raise _broken(name, str(error.explanation or error)) from None
    finally:
        if container is not None:
            api.remove_container(container, force=True, v=True)
    try:
        report = json.loads(output)
    except ValueError:
        last = (errors.strip().splitlines() or ["it said nothing"])[-1]
        raise _broken(name, f"its Python ended with status {status}: {last}") from None
    if report["missing"]:
        raise _broken(name, f"it cannot import {', '.join(report['missing'])}")
    if report["odd"]:
        raise _broken(name, f"it holds set-user-ID programs: {', '.join(report['odd'])}")
    library, _, number = report["library"].partition(" ")
    return Interpreter(report["version"], number if library == "glibc" else "")


def _build_from_registry(
    api: docker.APIClient, name: str, source: str, say: Callable[[str], object]
) -> str:
    say(f"building from {source} (the engine downloads it if it does not have it)")
    text = _DOCKERFILE.format(
        source=source,
        script=_SCRIPT.name,
        path=_PATH,
        label=IMAGE_LABEL,
        version=IMAGE_VERSION,
        command=json.dumps(_COMMAND),
    )
    fix = (
        "where no registry can be reached, `reasoning-gym-envs sandbox build-image --from-host` or "
        "`--mmdebstrap`"
    )
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        _add(archive, "Dockerfile", text.encode())
        _add(archive, _SCRIPT.name, _SCRIPT.read_bytes())
    return _build_context(api, context, name, say, fix)


def _add_packages(
    api: docker.APIClient,
    name: str,
    interpreter: Interpreter,
    requirements: Sequence[str],
    say: Callable[[str], object],
) -> tuple[str, packages.Contents]:
    """Put packages into an image, which keeps its name; returns its digest and what it has."""
    if not interpreter.glibc:
        raise _failed("its C library is not that of GNU, for which wheels are made", "another one")
    machine = _MACHINES.get(api.version()["Arch"], "")
    say(f"installing {', '.join(requirements)} and what they need, with pip")
    with tempfile.TemporaryDirectory(prefix="sandbox-packages-") as folder:
        tree = Path(folder, "packages")
        contents = packages.install(
            requirements, interpreter.version, machine, interpreter.glibc, tree
        )
        shutil.rmtree(tree / "bin", ignore_errors=True)  # programs, which nobody starts
        say(f"adding {', '.join(f'{p} {version}' for p, version in contents.packages.items())}")
        text = _DOCKERFILE_OF_PACKAGES.format(
            image=name,
            folder=packages.FOLDER,
            compile=json.dumps(["python3", "-I", "-S", "-c", _COMPILE, packages.FOLDER]),
        )
        with tempfile.TemporaryFile() as context:
            with tarfile.open(fileobj=context, mode="w") as archive:
                _add(archive, "Dockerfile", text.encode())
                archive.add(tree, "packages", filter=_anonymous)
            labels = packages.labels_of(contents)
            digest = _build_context(api, context, name, say, "see its log", labels)
        modules = packages.modules_of(tree, contents.requested)
    say(f"trying to import {', '.join(modules)}")
    try_image(api, name, modules, _PACKAGES_MEMORY)
    return digest, contents


def _build_context(
    api: docker.APIClient,
    context: IO[bytes],
    name: str,
    say: Callable[[str], object],
    fix: str,
    labels: dict[str, str] | None = None,
) -> str:
    """Have the engine build an image from an archive of a Dockerfile and its files."""
    from docker.errors import APIError

    context.seek(0)
    try:
        steps = api.build(
            fileobj=context,
            custom_context=True,
            tag=name,
            labels=labels,
            network_mode="none",
            rm=True,
            forcerm=True,
            decode=True,
        )
        for step in steps:
            if "error" in step:
                raise _failed(f"the engine could not build it: {step['error'].strip()}", fix)
            line = step.get("stream", "").strip()
            if line.startswith("Step "):
                say(f"{line:.100}")
    except APIError as error:
        raise _failed(f"the engine could not build it: {error.explanation or error}", fix) from None
    digest: str = api.inspect_image(name)["Id"]
    return digest


def _take_from_host(api: docker.APIClient, tree: Path, say: Callable[[str], object]) -> None:
    engine = api.version()
    if (sys.platform, platform.machine()) != (engine.get("Os"), _MACHINES.get(engine.get("Arch"))):
        raise _failed(
            f"the interpreter of this machine ({platform.machine()}, {sys.platform}) does not run "
            f"on the engine's ({engine.get('Arch')}, {engine.get('Os')})",
            "reasoning-gym-envs sandbox build-image",
        )
    program = getattr(sys, "_base_executable", sys.executable)
    say(f"copying the interpreter of this machine, {program}")
    _run([program, "-I", str(_SCRIPT), str(tree)], "the interpreter could not be copied")


def _take_from_debian(folder: Path, say: Callable[[str], object]) -> Path:
    if shutil.which("mmdebstrap") is None:
        raise _failed("there is no command mmdebstrap", "sudo apt-get install mmdebstrap")
    try:
        suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    except (OSError, KeyError):
        suite = "stable"
    say(f"downloading the interpreter of {suite} with mmdebstrap")
    _run(
        [
            "mmdebstrap",
            "--variant=extract",
            "--include=python3,libstdc++6",
            f"--extract-hook=copy-in {_SCRIPT} /",
            f'--extract-hook=chroot "$1" python3 -I /{_SCRIPT.name} /tree',
            f"--extract-hook=sync-out /tree {folder}",
            suite,
            "/dev/null",
        ],
        "mmdebstrap failed",
    )
    return folder


def _load(api: docker.APIClient, tree: Path, name: str, say: Callable[[str], object]) -> str:
    """Give a tree to the engine as an image; the same tree is the same image, digest and all."""
    from docker.utils import parse_repository_tag

    say("packing it")
    with tempfile.TemporaryFile() as layer, tempfile.TemporaryFile() as archive:
        with tarfile.open(fileobj=layer, mode="w", format=tarfile.GNU_FORMAT) as files:
            for path in sorted(tree.rglob("*")):
                files.add(path, str(path.relative_to(tree)), recursive=False, filter=_anonymous)
        size = layer.tell()
        layer.seek(0)
        hashed = hashlib.sha256()
        while block := layer.read(MEGABYTE):
            hashed.update(block)
        layer.seek(0)
        info = api.version()
        configuration = {
            "architecture": info["Arch"],
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": {
                "Env": [f"PATH={_PATH}"],
                "Cmd": _COMMAND,
                "Labels": {IMAGE_LABEL: IMAGE_VERSION},
            },
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashed.hexdigest()}"]},
            "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "reasoning-gym-envs"}],
        }
        text = json.dumps(configuration, sort_keys=True).encode()
        digest = hashlib.sha256(text).hexdigest()
        manifest = [{"Config": f"{digest}.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
        with tarfile.open(fileobj=archive, mode="w") as files:
            _add(files, f"{digest}.json", text)
            _add(files, "manifest.json", json.dumps(manifest).encode())
            member = tarfile.TarInfo("layer.tar")
            member.size = size
            files.addfile(member, layer)
        archive.seek(0)
        say(f"loading it into the engine ({size / 1e6:.0f} MB)")
        for step in api.load_image(archive):
            if "error" in step:
                raise _failed(f"the engine could not load it: {step['error']}", "see its log")
    loaded: str = api.inspect_image(name)["Id"]
    repository, tag = parse_repository_tag(name)
    api.tag(loaded, repository, tag)  # now the engine knows since when it is there
    return loaded


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _run(command: list[str], failure: str) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if ended.returncode:
        lines = ended.stderr.strip().splitlines()
        errors = [line for line in lines if line.startswith("E:")] or lines
        raise _failed(
            f"{failure}: {' / '.join(errors[-3:])}", "reasoning-gym-envs sandbox build-image --help"
        )


def _failed(cause: str, fix: str) -> SandboxUnavailable:
    return SandboxUnavailable(f"the image was not built: {cause}.\nTo fix it: {fix}")


def _broken(name: str, cause: str) -> SandboxUnavailable:
    return SandboxUnavailable(
        f"the image {name} is no sandbox: {cause}.\n"
        "To fix it: reasoning-gym-envs sandbox build-image"
    )
