"""The image of a sandbox: built for real, and what is in it."""

import contextlib
import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from reasoning_gym_envs.sandbox import interpreter_tree
from reasoning_gym_envs.sandbox.engine import LABEL, owner
from reasoning_gym_envs.sandbox.images import (
    IMAGE_LABEL,
    IMAGE_VERSION,
    build,
    default_image,
    try_image,
)
from reasoning_gym_envs.sandbox.submission import SandboxUnavailable
from tests.sandbox.engine import needs_engine

# The SDK leaves the sockets of streamed answers to be collected.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SCRATCH = "reasoning-gym-envs-test"


@pytest.fixture
def scratch(api):
    """The name of an image that is removed after the test."""
    name = f"{SCRATCH}:{owner().replace(':', '-')}"
    yield name
    with contextlib.suppress(Exception):
        api.remove_image(name, force=True, noprune=False)


def files(api, image):
    """What is in an image: the members of its file system."""
    container = api.create_container(image, ["python3"], labels={LABEL: owner()})["Id"]
    try:
        exported = io.BytesIO(b"".join(api.export(container)))
    finally:
        api.remove_container(container, force=True)
    with tarfile.open(fileobj=exported) as archive:
        return {member.name: member for member in archive}


def packed(contents, mode=0o644):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as members:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            members.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def test_the_name_of_the_image(monkeypatch):
    monkeypatch.delenv("REASONING_GYM_ENVS_SANDBOX_IMAGE", raising=False)
    assert default_image() == f"reasoning-gym-envs-sandbox:{IMAGE_VERSION}"
    monkeypatch.setenv("REASONING_GYM_ENVS_SANDBOX_IMAGE", "mine:2")
    assert default_image() == "mine:2"


@pytest.mark.slow
@needs_engine
def test_the_same_interpreter_gives_the_same_image(api, scratch):
    lines = []
    digest = build(api, "host", scratch, say=lines.append)
    assert digest == api.inspect_image(scratch)["Id"]
    assert len(lines) >= 4
    assert "Python 3." in lines[-1]
    assert digest[:19] in lines[-1]
    assert build(api, "host", scratch) == digest


@needs_engine
def test_what_is_in_the_image(api):
    image = default_image()
    details = api.inspect_image(image)
    assert details["Config"]["Labels"] == {IMAGE_LABEL: IMAGE_VERSION}
    assert details["Size"] < 150e6
    members = files(api, image)
    for name, member in members.items():
        assert not member.mode & 0o6000, name
        assert member.uid == member.gid == 0, name
        # Nothing that another user could change, but the folder for temporary files.
        if not member.issym() and name.rstrip("/") not in ("tmp", "dev", "dev/shm"):
            assert not member.mode & 0o022, name
    assert "usr/local/bin/python3" in members
    programs = {name for name in members if "/bin/" in name and members[name].isfile()}
    assert programs == {"usr/local/bin/python3"}
    assert not any("site-packages" in name for name in members)
    assert not any(name.startswith(("root/", "home/", "work/")) for name in members)
    assert members["tmp"].mode & 0o7777 == 0o1777


@needs_engine
def test_the_user_of_submissions(api):
    code = "import pwd; print(pwd.getpwnam('submission').pw_uid, pwd.getpwuid(0).pw_name)"
    container = api.create_container(
        default_image(),
        ["python3", "-I", "-S", "-c", code],
        labels={LABEL: owner()},
        host_config=api.create_host_config(network_mode="none"),
    )["Id"]
    try:
        api.start(container)
        assert api.wait(container)["StatusCode"] == 0
        assert api.logs(container).decode().split() == ["60000", "root"]
    finally:
        api.remove_container(container, force=True)


@needs_engine
def test_an_image_is_tried(api):
    assert try_image(api, default_image()).version.startswith("3.")


@needs_engine
@pytest.mark.parametrize(
    ("dockerfile", "cause"),
    [
        ("FROM {base}\nADD odd.tar /usr/local/bin/\n", "set-user-ID programs: /usr/local/bin/odd"),
        (
            "FROM {base}\nCOPY broken.py {library}/heapq.py\n"
            "COPY broken.py {library}/__pycache__/heapq.{tag}.pyc\n",
            "cannot import",
        ),
        ("FROM scratch\nCOPY broken.py /odd\n", "python3"),
    ],
)
def test_an_image_that_is_no_sandbox_is_refused(api, scratch, dockerfile, cause):
    library = next(name for name in files(api, default_image()) if name.endswith("/os.py"))
    library = "/" + library.removesuffix("/os.py")
    tag = sys.implementation.cache_tag
    text = dockerfile.format(base=default_image(), library=library, tag=tag)
    odd = packed({"odd": b"odd"}, 0o4755)
    broken = b"import no_such_module\n"
    context = io.BytesIO(packed({"Dockerfile": text.encode(), "odd.tar": odd, "broken.py": broken}))
    steps = api.build(fileobj=context, custom_context=True, tag=scratch, rm=True, decode=True)
    assert not [step for step in steps if "error" in step]
    with pytest.raises(SandboxUnavailable, match=cause) as caught:
        try_image(api, scratch)
    assert "build-image" in str(caught.value)
    # Nothing stays behind of the attempt.
    assert not api.containers(all=True, filters={"ancestor": scratch})


@needs_engine
def test_where_no_registry_can_be_reached(api, scratch):
    with pytest.raises(SandboxUnavailable, match="could not build it") as caught:
        build(api, "registry", scratch, source="127.0.0.1:1/no-such-image:1")
    assert "--from-host" in str(caught.value)
    assert not api.images(scratch)


@pytest.mark.slow
@needs_engine
def test_built_by_the_engine(api, scratch):
    # Any image with an interpreter serves as the source; this one is there.
    lines = []
    digest = build(api, "registry", scratch, source=default_image(), say=lines.append)
    assert digest == api.inspect_image(scratch)["Id"]
    assert any(line.startswith("Step 1/") for line in lines)
    assert api.inspect_image(scratch)["Config"]["Labels"][IMAGE_LABEL] == IMAGE_VERSION
    members = files(api, scratch)
    assert {name for name in members if "/bin/" in name and members[name].isfile()} == {
        "usr/local/bin/python3"
    }
    assert interpreter_tree.__name__.rpartition(".")[2] + ".py" not in members


@needs_engine
def test_without_mmdebstrap(api, scratch, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="apt-get install mmdebstrap"):
        build(api, "mmdebstrap", scratch)


@needs_engine
def test_when_mmdebstrap_fails(api, scratch, monkeypatch, tmp_path):
    program = tmp_path / "mmdebstrap"
    program.write_text("#!/bin/sh\necho 'I: fine' >&2\necho 'E: no mirror' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(SandboxUnavailable, match="mmdebstrap failed: E: no mirror"):
        build(api, "mmdebstrap", scratch)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux programs run in a container")
def test_the_tree_is_that_of_this_interpreter(tmp_path):
    script = Path(interpreter_tree.__file__)
    subprocess.run([sys.executable, "-I", script, tmp_path], check=True)
    assert (tmp_path / "usr/local/bin/python3").stat().st_mode & 0o7777 == 0o755
    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    for gone in ("site-packages", "idlelib", "tkinter", "/test/", "ensurepip"):
        assert not any(gone in name for name in names), gone
    # Bytecode for every module: a container with a read-only root could not keep it.
    version = sys.implementation.cache_tag
    sources = [path for path in tmp_path.rglob("*.py") if "lib2to3" not in path.parts]
    for source in sources:
        assert (source.parent / "__pycache__" / f"{source.stem}.{version}.pyc").is_file(), source
    assert len(sources) > 300
