"""The demonstration: what it shows, and that it can be interrupted."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("tyro")

from agents.grpo import GRPO
from agents.imitation import Imitation
from baselines import demo as demo_module
from baselines.commands import main


@pytest.fixture
def small(monkeypatch):
    """The demonstration with a handful of steps, which leave it unable to reason."""
    warm, grpo = demo_module.ImitationConfig, demo_module.GRPOConfig

    def small_warm(*args, **kwargs):
        kwargs |= {"max_steps": 4, "decay_steps": 2, "demonstrations": 100, "held_out_problems": 8}
        return warm(*args, **kwargs)

    def small_grpo(*args, **kwargs):
        kwargs |= {"groups": 2, "group_size": 2, "eval_problems": 8, "max_new_tokens": 4}
        return grpo(*args, **kwargs)

    monkeypatch.setattr(demo_module, "ImitationConfig", small_warm)
    monkeypatch.setattr(demo_module, "GRPOConfig", small_grpo)


def test_it_ends_with_a_line_to_quote(small, tmp_path, capsys):
    out = tmp_path / "demo"
    assert main(["demo", "--updates", "2", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "An episode of MathBoxed-v0" in printed
    assert "\\boxed{" in printed
    assert "success 1" in printed
    line = r"MathBoxed-v0 test split: \d+% → \d+% correct \(8 problems, 95% CI \d+–\d+%\), 0 min"
    assert re.search(line, printed.replace("\n", " "))
    assert re.search(r"Answers that reason, sampled: \d+% → \d+% half way → \d+%", printed)
    assert "Correct among those: none reasons → " in printed  # after four steps of imitation
    assert str(out / "learning_curve.png") in printed.replace("\n", "")
    assert (out / "learning_curve.png").exists()


@pytest.mark.parametrize(("agent", "method"), [(Imitation, "_step"), (GRPO, "update")])
def test_interrupted_and_resumed(small, agent, method, tmp_path, capsys, monkeypatch):
    import os
    import signal

    original = getattr(agent, method)

    def pressing(self, step, *args):
        if step == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return original(self, step, *args)

    out = tmp_path / "demo"
    monkeypatch.setattr(agent, method, pressing)
    assert main(["demo", "--updates", "3", "--out", str(out)]) == 130
    printed = capsys.readouterr().out
    [command] = re.findall(r"python -m baselines (demo .*--resume)", printed)
    monkeypatch.setattr(agent, method, original)
    assert main(command.split()) == 0
    assert "test split" in capsys.readouterr().out


def test_the_summary_gives_accuracy_among_answers_that_reason():
    record = {
        "step": 40,
        "test_reasoned_accuracy": 0.5,
        "test_reasoned_interval": [0.404, 0.596],
    }
    assert demo_module._reasoned(record) == "50% (95% CI 40–60%, update 40)"


def test_coin_flips_pay_whatever_was_said(small, tmp_path, monkeypatch):
    paid = []
    learn_from = GRPO.learn_from

    def watching(self, episodes, step):
        paid.append([episode.reward for episode in episodes])
        return learn_from(self, episodes, step)

    monkeypatch.setattr(GRPO, "learn_from", watching)
    for out in ("one", "two"):
        arguments = ["--updates", "8", "--coin-flips", "--out", str(tmp_path / out)]
        assert main(["demo", *arguments]) == 0
    assert paid[:8] == paid[8:]  # the same seed, the same coins
    assert 8 < sum(map(sum, paid[:8])) < 24  # of 32, where no answer is right


@pytest.mark.slow
def test_it_learns_to_think_and_to_think_better(tmp_path):
    """The whole demonstration, as `make demo` runs it, with a seed that is not in the README."""
    out = tmp_path / "demo"
    command = [sys.executable, "-m", "baselines", "demo", "--seed", "5", "--out", str(out)]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    records = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    tests = [record for record in records if "test_accuracy" in record]
    first, last = tests[0], tests[-1]
    assert last["test_accuracy"] >= first["test_accuracy"] + 0.25
    assert last["test_sampled_reasoning"] > 0.9
    # Not only a switch: answers that reason get better, and still do when all of them reason.
    reasoned = [record["test_reasoned_accuracy"] for record in tests]
    assert 0.3 < reasoned[0] < 0.65
    assert last["test_reasoned_interval"][0] > first["test_reasoned_interval"][1]
    assert sum(reasoned[-4:]) > sum(reasoned[3:7])  # updates 90 to 120, and 30 to 60
