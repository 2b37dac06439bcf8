"""The command line, from the outside."""

from __future__ import annotations

import dataclasses
import json

import pytest

pytest.importorskip("torch")
tyro = pytest.importorskip("tyro")

from agents.grpo import GRPOConfig  # noqa: E402
from agents.imitation import ImitationConfig  # noqa: E402
from baselines.commands import main  # noqa: E402

SMALL = [
    *("--env-kwargs", '{"level": 1, "topics": ["integer_arithmetic"], "instruction": ""}'),
    *("--updates", "2", "--groups", "2", "--group-size", "2", "--max-new-tokens", "4"),
    *("--eval-problems", "4", "--device", "cpu"),
]


def test_train_resume_and_evaluate(tmp_path, capsys):
    run = tmp_path / "run"
    assert main(["train", "grpo", "MathBoxed-v0", *SMALL, "--out", str(run)]) == 0
    config = json.loads((run / "config.json").read_text())
    assert config["env_kwargs"]["topics"] == ["integer_arithmetic"]
    assert config["algorithm"] == "grpo"
    assert main(["train", "grpo", "--resume", str(run)]) == 0  # nothing is left to do
    capsys.readouterr()
    assert main(["evaluate", str(run), "--problems", "8"]) == 0
    assert "MathBoxed-v0 test split: 0.0% correct (8 problems" in capsys.readouterr().out


def test_errors_name_the_way_out(tmp_path, capsys):
    run = tmp_path / "run"

    def error(*args):
        assert main([*args]) == 2
        return capsys.readouterr().err

    assert "nearest is 'MathBoxed-v0'" in error("train", "grpo", "MathBoxd-v0")
    assert "no run in" in error("train", "grpo", "--resume", str(run))
    assert "no run in" in error("evaluate", str(run))
    assert main(["train", "grpo", *SMALL, "--out", str(run)]) == 0
    capsys.readouterr()
    assert "already holds a run" in error("train", "grpo", *SMALL, "--out", str(run))
    assert "one of grpo, not of imitation" in error("train", "imitation", "--resume", str(run))
    assert "group_size" in error("train", "grpo", "--group-size", "1")


@pytest.mark.parametrize(("name", "kind"), [("grpo", GRPOConfig), ("imitation", ImitationConfig)])
def test_every_setting_is_documented(name, kind, capsys):
    with pytest.raises(SystemExit):
        main(["train", name, "--help"])
    text = capsys.readouterr().out
    for field in dataclasses.fields(kind):
        if field.name != "env_id":
            assert f"--{field.name.replace('_', '-')}" in text
    source = __import__("inspect").getsource(kind)
    documented = source.count('"""') // 2 - 1
    assert documented == len(dataclasses.fields(kind))
