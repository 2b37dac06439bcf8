"""The command that fills the tables: who is in them, what they were played on, and going on."""

from __future__ import annotations

import json
import signal
from dataclasses import replace

import pytest

pytest.importorskip("torch")

import baselines.leaderboard as module
from agents.actor_critic import ActorCritic
from baselines.commands import main
from baselines.leaderboard import BOARDS

REWARDED = ["expert_iteration", "dpo", "ppo_language", "grpo"]
CLASSIC = ["q_learning", "reinforce", "actor_critic", "ppo", "trpo"]


@pytest.fixture(autouse=True)
def few_problems(monkeypatch):
    smaller = {name: replace(board, problems=8) for name, board in BOARDS.items()}
    imitation = {"max_steps": 2, "demonstrations": 8, "held_out_problems": 4, "max_new_tokens": 4}
    grpo = {"updates": 2, "groups": 2, "eval_problems": 2, "eval_every": 0, "max_new_tokens": 4}
    agents = {"imitation": imitation, **dict.fromkeys(REWARDED, grpo)}
    smaller["math"] = replace(smaller["math"], agents=agents)
    monkeypatch.setattr(module, "BOARDS", smaller)


def command(tmp_path, *boards, scale="0.001"):
    folders = ["--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "out")]
    return main(["leaderboard", "--boards", *boards, "--scale", scale, *folders])


def test_classic_agents_and_chance_on_a_board(tmp_path, capsys):
    assert command(tmp_path, "tiles") == 0
    out = capsys.readouterr().out
    assert "**sliding-tiles-level-1 v1**" in out
    files = sorted(file.stem for file in (tmp_path / "out").iterdir())
    assert files == sorted(f"tiles-{name}" for name in ["random", "reference", *CLASSIC])
    suites = set()
    for file in (tmp_path / "out").iterdir():
        run = json.loads(file.read_text())["run"]
        assert f"| `{run['agent']['agent']}` |" in out
        suites.add(json.dumps(run["suite"]))
        assert (len(run["agent"].get("checkpoint", "")) == 64) == (file.stem[6:] in CLASSIC)
    assert len(suites) == 1
    for name in CLASSIC:  # a table learns one problem by heart unless it is told otherwise
        config = (tmp_path / f"runs/tiles-{name}/config.json").read_text()
        assert '"same_problem": false' in config
    reference = json.loads((tmp_path / "out/tiles-reference.json").read_text())
    assert reference["total"]["success"][0] == 1
    # What is finished is neither trained nor played again.
    records = [f for f in (tmp_path / "runs").rglob("*.jsonl") if f.stat().st_size]
    before = [f.read_text() for f in records]  # with the seconds that all took
    assert command(tmp_path, "tiles") == 0
    assert [f.read_text() for f in records] == before


def test_a_tiny_model_before_and_after_grpo_and_with_a_vote(tmp_path, capsys):
    assert command(tmp_path, "math", scale="1") == 0
    out = capsys.readouterr().out
    for name in ("imitation", *REWARDED):
        assert f"| `tiny model, {name}` |" in out
    for name in ("imitation", "grpo"):
        assert f"| `self_consistency:16 of tiny model, {name}` |" in out
    runs = {file.stem: json.loads(file.read_text())["run"] for file in (tmp_path / "out").iterdir()}
    voting = runs["math-grpo-vote"]["agent"]["player"]
    assert voting["temperature"] == 1
    assert runs["math-grpo"]["agent"]["temperature"] == 0
    # GRPO went on from the imitation; the vote is of the same weights.
    assert voting["checkpoint"] == runs["math-grpo"]["agent"]["checkpoint"]
    assert voting["checkpoint"] != runs["math-imitation"]["agent"]["checkpoint"]
    for name in REWARDED:  # each of them goes on from the imitation
        config = json.loads((tmp_path / f"runs/math-{name}/config.json").read_text())
        assert "math-imitation/checkpoints" in config["model"]
    assert set(BOARDS["math"].agents) == {"imitation", *REWARDED}


def test_an_interrupted_board_goes_on(tmp_path, monkeypatch, capsys):
    """Ctrl-C while an agent learns, and in the third test: nothing is done again."""
    learn, update, resumed, updates = ActorCritic.learn, ActorCritic.update, [], []
    evaluate, tests = module.evaluate, []

    def learning(agent, folder, *, resume):
        resumed.append(resume)
        return learn(agent, folder, resume=resume)

    def interrupting(agent):
        updates.append(agent)
        if len(updates) == 1:
            signal.raise_signal(signal.SIGINT)
        return update(agent)

    def interrupting_a_test(make, suite, *, out, seed):
        tests.append(out.name)
        if len(tests) == 3:
            signal.raise_signal(signal.SIGINT)
        return evaluate(make, suite, out=out, seed=seed)

    monkeypatch.setattr(ActorCritic, "learn", learning)
    monkeypatch.setattr(ActorCritic, "update", interrupting)
    monkeypatch.setattr(module, "evaluate", interrupting_a_test)
    for _ in range(2):
        assert command(tmp_path, "lights") == 130
        again = capsys.readouterr().out.rpartition("To go on:\n")[2].split()
    assert again[:3] == ["python", "-m", "baselines"]
    assert main(again[3:]) == 0
    assert resumed == [False, True, True]
    assert len({id(agent) for agent in updates}) == 2
    assert len(tests) == 3 + 2 + len(CLASSIC)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scale", "0"], "--scale a number above 0"),
        (["--seed", "-1"], "--seed must be at least 0"),
        (["--boards", "chess"], "chess"),
    ],
)
def test_bad_input(arguments, message, capsys):
    try:
        status = main(["leaderboard", *arguments])
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert message in capsys.readouterr().err
