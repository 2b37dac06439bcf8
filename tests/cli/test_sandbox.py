"""The commands `reasoning-gym-envs sandbox …`, on the real engine."""

import contextlib
import io
import sys

import pytest

from reasoning_gym_envs.cli import main
from reasoning_gym_envs.sandbox import make_sandbox
from reasoning_gym_envs.sandbox.engine import LABEL, owner
from reasoning_gym_envs.sandbox.images import default_image
from tests.sandbox.engine import needs_engine

ADD = "a, b = map(int, input().split())\nprint(a + b)\n"
MEDIAN = "def median(xs):\n    print('sorting')\n    return sorted(xs)[len(xs) // 2]\n"


@pytest.fixture
def call(capsys):
    """Calls `sandbox …`; returns the exit status, standard output and standard error."""

    def call(*words):
        try:
            status = main(["sandbox", *map(str, words)])
        except SystemExit as exit:  # argparse
            status = exit.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def file(tmp_path):
    def write(text, name="program.py"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_help_has_examples(call):
    status, output, _ = call("--help")
    assert status == 0
    for command in ("check", "build-image", "run", "clean"):
        assert f"reasoning-gym-envs sandbox {command}" in output
        assert call(command, "--help")[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("build-image", "--from-host", "--mmdebstrap"),
        ("run",),
        ("run", "x.py", "--seconds", "0"),
        ("run", "x.py", "--memory", "nan"),
        ("run", "x.py", "--input", "1", "--call", "f()"),
        ("run", "no-such-file.py"),
        ("run", "-", "--stdin", "-"),
    ],
)
def test_wrong_usage(call, words):
    status, output, errors = call(*words)
    assert (status, output) == (2, "")
    assert "error:" in errors


@pytest.mark.parametrize(
    ("words", "expected"), [(["check"], 1), (["build-image"], 2), (["clean"], 2)]
)
def test_without_an_engine(call, tmp_path, words, expected):
    address = f"unix://{tmp_path}/none.sock"
    status, output, errors = call(*words, "--docker-host", address)
    assert (status, output) == (expected, "")
    assert "no socket" in errors
    assert "To fix it:" in errors


def test_running_without_an_engine(call, file, tmp_path):
    program = file(ADD)
    status, output, errors = call("run", program, "--docker-host", f"unix://{tmp_path}/none.sock")
    assert (status, output) == (2, "")
    assert "To fix it:" in errors


@needs_engine
def test_check(call):
    status, output, errors = call("check")
    assert (status, errors) == (0, "")
    lines = [line.split()[:2] for line in output.splitlines()]
    assert [mark for mark, _ in lines] == ["ok"] * 10
    assert [name for _, name in lines[-3:]] == ["python", "packages", "trial"]
    assert f"python     {make_sandbox().contents.python}\n" in output
    assert "packages   none\n" in output


@needs_engine
def test_check_tells_what_mends(call):
    status, output, _ = call("check", "--image", "no-such-image:1", "--runtime", "runsc")
    assert status == 1
    wrong = [line.split()[1] for line in output.splitlines() if line.startswith("wrong")]
    assert wrong == ["runtime", "image"]
    assert "to fix it  reasoning-gym-envs sandbox build-image" in output


@pytest.mark.slow
@needs_engine
def test_building_an_image(call, api):
    name = f"reasoning-gym-envs-test-command:{owner().replace(':', '-')}"
    try:
        status, output, _ = call("build-image", "--from-host", "--image", name)
        assert status == 0
        assert "loading it into the engine" in output
        assert ", built today\n" in call("check", "--image", name)[1]
        status, quiet, _ = call("build-image", "--from-host", "--image", name, "--quiet")
        assert (status, quiet.strip()) == (0, api.inspect_image(name)["Id"])
    finally:
        with contextlib.suppress(Exception):
            api.remove_image(name, force=True)


@needs_engine
def test_running_a_program(call, file, monkeypatch):
    program = file(ADD)
    given = file("3 4\n", "input.txt")
    for words in (["--stdin", given], ["--input", "3 4"]):
        status, output, errors = call("run", program, *words)
        assert (status, errors) == (0, "")
        assert "status   returned" in output
        assert output.splitlines()[-2:] == ["  standard output", "    7"]
        assert "ms of processor time" in output
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"5 6\n")))
    assert call("run", program, "--stdin", "-")[1].endswith("    11\n")


@needs_engine
def test_calls(call, file):
    program = file(MEDIAN)
    status, output, _ = call("run", program, "--call", "median([3, 1, 2])", "--call", "median([])")
    assert status == 1
    good, bad = output.split("median([])\n")
    assert good.startswith("median([3, 1, 2])\n")
    assert "value    2" in good
    assert "sorting" in good
    assert "status   crash" in bad
    assert "IndexError" in bad


@needs_engine
def test_limits_of_a_run(call, file):
    status, output, _ = call("run", file("while True: pass"), "--seconds", "0.3")
    assert status == 1
    assert "status   timeout" in output


@needs_engine
def test_nothing_controls_the_terminal(call, file):
    _, output, _ = call("run", file("print('\\x1b[31mred\\x07')"))
    assert "\x1b" not in output
    assert "\\x1b[31mred\\x07" in output


def test_clean(call, private_engine):
    from reasoning_gym_envs.sandbox.engine import connect

    host = ["--docker-host", private_engine.host]
    assert call("clean", *host) == (0, "nothing to remove\n", "")
    *place, _, start = owner().split(":")
    with contextlib.closing(connect(private_engine.host)) as api:
        orphan, mine = (
            api.create_container(default_image(), ["python3"], labels={LABEL: label})["Id"]
            for label in (":".join((*place, "999999999", start)), owner())
        )
    status, output, _ = call("clean", *host)
    assert status == 0
    assert f"removed {orphan[:12]}" in output
    assert mine[:12] not in output
    assert f"removed {mine[:12]}" in call("clean", "--all", *host)[1]
