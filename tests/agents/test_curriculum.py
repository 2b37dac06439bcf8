"""A curriculum of levels: its equations, that it is exact and goes on, and what it refuses."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from agents.common.curriculum import LevelBandit
from agents.grpo import GRPO, GRPOConfig


def agent(**changes) -> GRPO:
    small = {
        "env_kwargs": {"topics": "integer_arithmetic", "level": (1, 3), "instruction": ""},
        "curriculum": "adaptive",
        "groups": 3,
        "group_size": 2,
        "max_new_tokens": 4,
        "updates": 4,
        "eval_every": 0,
        "eval_problems": 2,
        "checkpoint_every": 2,
        "device": "cpu",
    }
    return Paid(GRPOConfig(**small | changes))


class Paid(GRPO):
    """Replies are paid by how they begin: a model of random weights solves nothing."""

    def _sample(self, *arguments, **settings):
        episodes = super()._sample(*arguments, **settings)
        for episode in episodes:
            episode.repay(float(episode.tokens[episode.sampled.index(True)] % 2))
        return episodes


def test_values_and_shares_by_hand():
    bandit = LevelBandit((2, 4), rate=0.25, temperature=0.5)
    assert bandit.shares == dict.fromkeys((2, 3, 4), 1 / 3)
    groups = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]], float)
    bandit.learn([2, 2, 3], groups.tolist())
    first = np.abs(groups[:2] - groups[:2].mean(1, keepdims=True)).mean()
    assert first == 0.4375
    assert bandit.values == {2: 0.25 * first, 3: 0.0, 4: 0.0}
    bandit.learn([2, 4], [[0.5, 0.5], [2.0, 0.0]])
    assert bandit.values == {2: 0.75 * 0.25 * first, 3: 0.0, 4: 0.25}
    weights = np.exp(np.array(list(bandit.values.values())) / 0.5)
    assert list(bandit.shares.values()) == pytest.approx(weights / weights.sum())
    bandit.learn([], [])
    bandit.learn([3], [[]])  # all of the group failed
    assert bandit.values[3] == 0


def test_levels_come_as_often_as_their_shares():
    bandit = LevelBandit((1, 2), rate=1.0, temperature=0.25)
    bandit.learn([2], [[1.0, 0.0]])
    drawn = bandit.choose(4000, [0])
    assert drawn == bandit.choose(4000, [0]) != bandit.choose(4000, [1])
    assert np.mean(np.array(drawn) == 2) == pytest.approx(1 / (1 + math.exp(-2)), abs=0.02)
    bandit = LevelBandit((1, 2), rate=1.0, temperature=1e-4)
    bandit.learn([2], [[1.0, 0.0]])  # no overflow
    assert bandit.choose(5, [0]) == [2] * 5


def test_a_group_has_one_level_and_the_update_learns_from_it():
    learner = agent(groups=8)
    learner.bandit.values[3] = 0.1
    levels = learner.bandit.choose(8, [0, 3, 5])
    episodes = learner._sample(5)
    assert [e.level for e in episodes] == [level for level in levels for _ in range(2)]
    assert all(
        a.problem_id == b.problem_id for a, b in zip(episodes[::2], episodes[1::2], strict=True)
    )
    expected = LevelBandit((1, 3), rate=0.5, temperature=0.1)
    expected.values[3] = 0.1
    pairs = zip(episodes[::2], episodes[1::2], strict=True)
    expected.learn(levels, [[a.reward, b.reward] for a, b in pairs])
    metrics = learner.update(5)
    assert learner.bandit.values == expected.values
    assert expected.values != {1: 0.0, 2: 0.0, 3: 0.1}
    for level in (1, 2, 3):
        assert metrics[f"level_{level}_share"] == levels.count(level) / 8
        assert metrics.get(f"level_{level}_accuracy", 0.0) == 0.0


def test_a_run_goes_on_exactly(tmp_path):
    whole, first = agent(), agent()
    whole.learn(tmp_path / "whole")
    first.update(0), first.update(1)
    first.write(tmp_path / "half")
    state = json.loads(json.dumps(first.state()))
    assert any(state["curriculum"].values())
    second, forgetful = agent(), agent()
    for other, values in ((second, state), (forgetful, {**state, "curriculum": {}})):
        if values["curriculum"]:
            other.restore(tmp_path / "half", values)
        else:
            with pytest.raises(ValueError, match=r"the state is of levels \[\]"):
                other.restore(tmp_path / "half", values)
    assert second.bandit.values == first.bandit.values
    second.update(2), second.update(3)
    assert second.bandit.values == whole.bandit.values
    for mine, theirs in zip(
        second.policy.model.parameters(), whole.policy.model.parameters(), strict=True
    ):
        assert torch.equal(mine, theirs)


def test_without_it_nothing_changes():
    learner = agent(curriculum="none")
    assert learner.bandit is None
    assert not [name for name in learner.update(0) if name.startswith("level_")]
    assert learner.state() == {"surplus": []}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"env_kwargs": {"level": 2}}, r'a range of them .* \{"level": \[1, 5\]\}'),
        ({"problem_ids": ("a",)}, "no such problem|leave curriculum out"),
        ({"curriculum_rate": 0.0}, "curriculum_rate must be above 0 and at most 1, got 0"),
        ({"curriculum_temperature": 0.0}, "curriculum_temperature must be above 0, got 0"),
    ],
)
def test_bad_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        agent(**changes)
