"""What keeps a run from learning is said, once: each is made to happen in a real run."""

import json

import pytest

from agents.common.doctor import LOOKED_AT, complaint
from agents.common.language_model import LanguageModel, tiny
from agents.grpo import GRPO, GRPOConfig

KWARGS = {"topics": "integer_arithmetic", "level": 1, "instruction": ""}


def run(folder, capfd, pay=None, ends=range(5, 250, 2), **changes):
    """What a run of a tiny random model says, and its metrics."""
    settings = {
        "env_kwargs": KWARGS,
        "groups": 4,
        "group_size": 8,
        "max_new_tokens": 4,
        "updates": LOOKED_AT + 2,
        "eval_every": 0,
        "eval_problems": 4,
        "checkpoint_every": 0,
        "warmup_updates": 0,
        "device": "cpu",
    }
    policy = tiny(0)
    policy.end_ids += list(ends)  # many replies end
    agent = GRPO(GRPOConfig(**settings | changes), policy)
    if pay is not None:
        sample = agent._sample

        def paying(step, number):
            episodes = sample(step, number)
            for i, episode in enumerate(episodes):
                episode.repay(pay(i, episode))
            return episodes

        agent._sample = paying
    assert agent.learn(folder)
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    said = capfd.readouterr().err
    return [line for line in said.splitlines() if line.startswith("Note:")], [
        *map(json.loads, lines)
    ]


def by_turns(i, _):
    return float(i % 2)


def test_a_run_that_learns_is_left_alone(tmp_path, capfd):
    assert run(tmp_path / "run", capfd, by_turns)[0] == []


def test_no_contrast(tmp_path, capfd):
    [note], records = run(tmp_path / "run", capfd)
    assert "in 5 updates no group had two different rewards (their mean is 0.00)" in note
    assert "take a lower level" in note
    assert {record["contrast"] for record in records[1:]} == {0}
    for record in records:
        record["accuracy"] = 1.0
    assert "take a higher level" in complaint(records)[1]


def test_all_cut_off(tmp_path, capfd):
    [note], _ = run(tmp_path / "run", capfd, by_turns, ends=())
    assert "of the episodes ran into a limit" in note


def test_no_entropy(tmp_path, capfd):
    def pay(_, episode):
        return -episode.tokens[episode.sampled.index(True)] / 260

    notes, records = run(
        tmp_path / "run",
        capfd,
        pay,
        max_new_tokens=1,
        learning_rate=0.03,
        updates=40,
        scale="group",
    )
    assert records[-1]["entropy"] < 0.05
    assert any(
        "nats a token, so that nearly all replies to a problem are alike" in n for n in notes
    )


def test_longer_and_longer(tmp_path, capfd):
    """Here a long episode costs less than nothing."""
    notes, records = run(
        tmp_path / "run",
        capfd,
        max_new_tokens=40,
        groups=2,
        length_budget=1,
        length_cost=-1.0,
        learning_rate=0.03,
        scale="group",
        updates=20,
    )
    assert records[-1]["tokens_per_episode"] > 30
    assert any("sampled tokens where they had" in note for note in notes)


def test_sampling_and_learning_that_differ(tmp_path, capfd):
    agent_settings = {"mismatch": "log", "temperature": 1.0}
    sample = LanguageModel.session

    def hotter(policy, temperature=1.0):
        return sample(policy, temperature * 1.5)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LanguageModel, "session", hotter)
        [note], records = run(tmp_path / "run", capfd, by_turns, **agent_settings)
    assert all(record["mismatch"] > 0.05 for record in records[1:])
    assert "learning and sampling differ by" in note


def test_too_few_records_say_nothing():
    record = {"contrast": 0.0, "cut_off": 1.0, "reward": 0.0, "accuracy": 0.0}
    assert complaint([record] * (LOOKED_AT - 1)) is None
    assert complaint([record] * LOOKED_AT)[0] == "cut off"
    assert complaint([record] * LOOKED_AT, {"cut off"})[0] == "no contrast"
    assert complaint([record] * LOOKED_AT, {"cut off", "no contrast"}) is None
    assert complaint([{"step": 0}] * 9) is None
