"""Imitation: what is imitated, what is held out, and that it learns."""

from __future__ import annotations

import gymnasium as gym
import pytest
import torch

from agents.imitation import Imitation, ImitationConfig
from agents.language_model import reasons
from agents.run_folder import RunFolder

KWARGS = {"topics": ["integer_arithmetic"], "level": 2, "instruction": ""}


def imitation(**changes) -> Imitation:
    small = {
        "env_kwargs": KWARGS,
        "demonstrations": 200,
        "held_out_problems": 50,
        "batch_size": 32,
        "device": "cpu",
    }
    return Imitation(ImitationConfig(**small | changes))


def test_held_out_problems_are_neither_demonstrations_nor_of_the_test_split():
    agent = imitation()
    agent._collect()
    env = gym.make("MathBoxed-v0", **KWARGS)
    held_out = {env.reset(seed=seed)[1]["problem_id"] for seed in agent.held_out}
    assert len(held_out) == 50
    assert not held_out & {episode.problem_id for episode in agent.demonstrations}
    test = gym.make("MathBoxed-v0", split="test", **KWARGS)
    assert not held_out & {test.reset(seed=seed)[1]["problem_id"] for seed in range(500)}


def test_a_share_of_the_demonstrations_skips_the_reasoning():
    agent = imitation(skip_reasoning=0.3)
    agent._collect()
    assert all(episode.success for episode in agent.demonstrations)
    share = sum(reasons(e.replies[0]) for e in agent.demonstrations) / 200
    assert 0.6 < share < 0.8


@pytest.mark.parametrize("micro_batch", [7, 40])
def test_loss_is_the_cross_entropy_of_the_replies(micro_batch):
    agent = imitation(micro_batch=micro_batch, batch_size=40, demonstrations=40)
    agent._collect()
    total = count = 0
    with torch.no_grad():
        for episode in agent.demonstrations:
            logp = torch.log_softmax(
                agent.policy.model(torch.tensor([episode.tokens])).logits[0], -1
            )
            for t, chosen in enumerate(episode.sampled):
                if chosen:
                    total -= logp[t - 1, episode.tokens[t]].item()
                    count += 1
    assert agent._step(0, 1000)["loss"] == pytest.approx(total / count, rel=1e-5)


def test_it_learns():
    agent = imitation(learning_rate=4e-3, warmup_steps=5)
    agent._collect()
    losses = [agent._step(step, 1000)["loss"] for step in range(25)]
    assert losses[0] > 3
    assert losses[-1] < 2


def test_solutions_without_reasoning_are_measured_as_they_are(tmp_path):
    """Here the model can only memorise that the answer is 7: that is enough to stop."""
    problems = [{"question": f"Problem {i}", "answer": "7"} for i in range(200)]
    agent = imitation(
        env_kwargs={"problems": problems},
        demonstrations=64,
        held_out_problems=20,
        warmup_steps=5,
        decay_steps=5,
        eval_every=10,
        max_new_tokens=8,
        max_steps=200,
    )
    agent.learn(tmp_path / "run")
    assert not agent.reasoning
    assert RunFolder.checkpoints(tmp_path / "run")[-1].name < "000100"


def test_load(tmp_path):
    agent = imitation(max_steps=6, decay_steps=3, max_new_tokens=4)
    agent.learn(tmp_path / "run")
    again = Imitation.load(tmp_path / "run")
    assert again.config == agent.config
    for one, other in zip(
        agent.policy.model.parameters(), again.policy.model.parameters(), strict=True
    ):
        assert torch.equal(one, other)
