r"""The console command as a whole: called in this process, and run as people run it."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = [sys.executable, "-m", "reasoning_gym_envs"]
SCRIPT = [str(Path(sys.executable).with_name("reasoning-gym-envs"))]


def test_help(call):
    status, output, _ = call("--help")
    assert status == 0
    assert "check" in output
    status, output, _ = call("check", "--help")
    assert status == 0
    for word in ("RESPONSE", "REFERENCE", "--form", "--json", "Exit status", "single quotes"):
        assert word in output
    assert call("check", "-h")[1] == output


@pytest.mark.parametrize("word", ["train", "demo", "benchmark", "floors", "pools"])
def test_a_command_of_the_agents_leads_to_them(call, word):
    """Each is one of `python -m baselines`, and none of this program."""
    status, output, error = call(word, "q_learning", "--level", "3")
    assert (status, output) == (2, "")
    assert "Clone the repository" in error
    assert "pip install -c constraints.txt -e '.[agents]'" in error
    named = error.splitlines()[-1].split()
    assert named == ["python", "-m", "baselines", word, "--help"]
    shown = subprocess.run([sys.executable, *named[1:]], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    offered = call("--help")[1]
    assert f"    {word} " not in offered
    assert "python -m baselines" in " ".join(offered.split())


def test_version(call):
    assert call("--version")[:2] == (0, "reasoning-gym-envs 0.1.0\n")


@pytest.mark.parametrize("command", [MODULE, SCRIPT], ids=["module", "script"])
def test_as_people_run_it(command, tmp_path):
    def run(*words, **options):
        return subprocess.run([*command, *words], cwd=tmp_path, capture_output=True, **options)

    finished = run("check", r"\boxed{6/8}", "3/4")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith(b"correct\n")
    megabyte = b"\xff\xfe" * 500_000
    finished = run(
        "check", "-", "3/4", input=megabyte + b"\\boxed{3/\xff4}", env=os.environ | {"LC_ALL": "C"}
    )
    assert (finished.returncode, finished.stderr) == (1, b"")
    assert rb"3/\udcff4" in finished.stdout
    finished = run("check", rb"\boxed{3/4}", b"\xff")
    assert (finished.returncode, finished.stdout) == (2, b"")
    assert b"Traceback" not in finished.stderr
    assert run().returncode == 2


def test_importing_the_module_runs_nothing():
    importlib.import_module("reasoning_gym_envs.__main__")
