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


def test_a_space_has_no_docker():
    with pytest.raises(ValueError, match="runs programs in a Docker engine, and a Space has none"):
        space_files("CodeRepair-v0", {})
    assert "make_app('CodeOutput-v0')" in space_files("CodeOutput-v0", {})["server/app.py"]
