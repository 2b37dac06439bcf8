"""`reasoning-gym-envs serve` without OpenEnv; its servers: tests/integrations/test_openenv.py."""

import ast
import sys

import pytest

from reasoning_gym_envs.integrations.openenv_space import space_files


@pytest.fixture
def no_openenv(monkeypatch):
    """Whether it is installed or not, it is not."""
    monkeypatch.setitem(sys.modules, "openenv.core", None)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "reasoning_gym_envs.integrations.openenv", raising=False)


def test_help(call):
    status, output, _ = call("serve", "--help")
    assert status == 0
    for words in ("127.0.0.1 by default, which", "--sessions N", "reasoning-gym-envs[openenv]"):
        assert words in " ".join(output.split())


def test_the_extra_is_named(call, no_openenv):
    status, output, errors = call("serve", "TextMaze-v0")
    assert (status, output) == (2, "")
    assert errors == (
        "reasoning-gym-envs: error: this needs openenv-core 0.3 or newer: "
        "pip install 'reasoning-gym-envs[openenv]'\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("TextMaz-v0",), "did you mean 'TextMaze-v0'?"),
        (("CartPole-v1",), "CartPole-v1 is not played by text"),
        (("TextMaze-v0", "--level", "99"), "level must be from 1 to 10"),
        (("TextMaze-v0", "--arg", "levle=3"), "did you mean 'level'?"),
        (("TextMaze-v0", "--port", "65536"), "a port is a number from 0 to 65535, got '65536'"),
        (("TextMaze-v0", "--port", "web"), "a port is a number from 0 to 65535, got 'web'"),
        (("TextMaze-v0", "--sessions", "0"), "must be a whole number of 1 or more, got '0'"),
    ],
)
def test_bad_words_are_told_before_anything_is_served(call, no_openenv, words, message):
    status, output, errors = call("serve", *words)
    assert (status, output) == (2, "")
    assert message in errors


def test_the_folder_of_a_space_needs_nothing_installed(call, no_openenv, tmp_path):
    folder = tmp_path / "spaces" / "maze"
    words = ("--level", "2-4", "--arg", "view=map", "--write-space", str(folder))
    status, output, errors = call("serve", "TextMaze-v0", *words)
    assert (status, errors) == (0, "")
    assert output == f"9 files in {folder}. To upload them: openenv push {folder}\n"
    files = {str(f.relative_to(folder)): f.read_text() for f in folder.rglob("*") if f.is_file()}
    assert len(files) == 9
    for path, text in files.items():
        assert "<" not in text, path  # no mark is left
        if path.endswith(".py"):
            ast.parse(text)
    assert "app = make_app('TextMaze-v0', level=(2, 4), view='map')\n" in files["server/app.py"]
    assert "name: textmaze_v0\n" in files["openenv.yaml"]

    status, output, errors = call("serve", "TextMaze-v0", "--write-space", str(folder))
    assert (status, output) == (2, "")
    assert f"{folder} is there already" in errors


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("CodeFunction-v0", "sandbox=process-unsafe"),
        ("Mixture-v0", 'ids={"CodeRepair-v0": {"sandbox": "process-unsafe"}, "ZebraBoxed-v0": 1}'),
        ("ReasoningGym-v0", "task=countdown"),
        ("ReasoningGym-v0", 'task=["chain_sum", "n_queens"]'),
    ],
)
def test_what_runs_text_of_clients_without_a_container_is_served_only_when_allowed(
    call, no_openenv, name, argument, tmp_path
):
    words = ["serve", name, "--arg", argument]
    to_a_space = ["--write-space", str(tmp_path / "space")]
    for more in ([], ["--host", "0.0.0.0"], to_a_space):
        status, output, errors = call(*words, *more)
        assert (status, output) == (2, "")
        assert "would run as code that no container isolates" in errors
        assert "--allow-unsafe serves it" in errors
    assert not list(tmp_path.iterdir())
    assert "needs openenv-core" in call(*words, "--allow-unsafe")[2]
    assert call(*words, *to_a_space, "--allow-unsafe")[0] == 0


def test_a_space_has_no_docker_and_no_files_of_this_machine():
    message = "runs programs in a Docker engine, and a Space has none"
    for id, arguments in (
        ("CodeRepair-v0", {}),
        ("CodeRepair-v0", {"sandbox": "docker"}),
        ("Mixture-v0", {"ids": ["ZebraBoxed-v0", "CodeFunction-v0"]}),
    ):
        with pytest.raises(ValueError, match=message):
            space_files(id, arguments)
    for arguments in ({"problems": "a.jsonl"}, {"ids": {"MathBoxed-v0": {"problems": "a.jsonl"}}}):
        with pytest.raises(ValueError, match=r"problems='a\.jsonl' is a file of this machine"):
            space_files("Mixture-v0" if "ids" in arguments else "MathBoxed-v0", arguments)
    assert "make_app('CodeOutput-v0')" in space_files("CodeOutput-v0", {})["server/app.py"]


def test_a_space_installs_what_its_environment_needs():
    for id, arguments, extras in (
        ("MathBoxed-v0", {}, "openenv"),
        ("ReasoningGym-v0", {}, "openenv,reasoning-gym"),
        (
            "Mixture-v0",
            {"ids": {"ReasoningGym-v0": 2, "ZebraBoxed-v0": 1}},
            "openenv,reasoning-gym",
        ),
        ("CodeFunction-v0", {"sandbox": "process-unsafe"}, "openenv"),
    ):
        project = space_files(id, arguments)["pyproject.toml"]
        assert f'"reasoning-gym-envs[{extras}]==' in project
