"""PPO: its loss and its passes over a rollout."""

import numpy as np
import pytest
import torch

from agents.ppo import PPO, Batch, PPOConfig


def agent(**settings):
    return PPO(
        PPOConfig(
            **{
                "env_kwargs": {"level": 1, "max_turns": 12},
                "environments": 3,
                "rollout": 10,
                "encoder_size": 32,
                "width": 8,
                "steps": 300,
                "normalize_advantages": False,
                "entropy_coef": 0.0,
                "value_coef": 0.0,
                **settings,
            }
        )
    )


def batch(agent, ratios, advantages, *, values=None, returns=None):
    """Transitions that the network gives these ratios of probabilities."""
    n = len(ratios)
    inputs = agent.network.encoder.prepare([f"text {i}" for i in range(n)])
    masks, actions = torch.ones(n, 4, dtype=torch.bool), torch.arange(n) % 4
    with torch.no_grad():
        logprobs, now = agent.network(inputs, masks)
    logprobs = logprobs.gather(1, actions[:, None]).squeeze(1) - torch.tensor(ratios).log()
    values = now if values is None else now + torch.tensor(values)
    returns = now if returns is None else now + torch.tensor(returns)
    return Batch(inputs, masks, actions, logprobs, values, torch.tensor(advantages), returns)


def test_the_objective_is_clipped_only_where_more_would_be_gained():
    """Schulman et al. 2017, figure 1."""
    ratios, advantages = [1.5, 1.5, 0.5, 0.5, 1.1], [1.0, -1.0, 1.0, -1.0, 2.0]
    loss, metrics = agent()._loss(batch(agent(), ratios, advantages))
    assert loss.item() == pytest.approx(-np.mean([1.2, -1.5, 0.5, -0.8, 2.2]), abs=1e-5)
    assert metrics["clip_fraction"] == pytest.approx(0.8)
    expected = np.mean([r - 1 - np.log(r) for r in ratios])
    assert metrics["approx_kl"] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("ratio", "advantage", "moves"),
    [(1.5, 1, False), (1.5, -1, True), (0.5, 1, True), (0.5, -1, False)],
)
def test_what_is_clipped_has_no_gradient(ratio, advantage, moves):
    one = agent()
    one.descend(one._loss(batch(one, [ratio], [float(advantage)]))[0])
    assert bool(one.network.policy.weight.grad.abs().max() > 0) is moves


def test_advantages_are_normalized_in_a_minibatch():
    one = agent(normalize_advantages=True)
    loss, _ = one._loss(batch(one, [1.1, 1.0, 0.9], [3.0, 5.0, 7.0]))
    scaled = np.array([-1, 0, 1]) / np.sqrt(2 / 3)
    assert loss.item() == pytest.approx(-np.mean(scaled * [1.1, 1.0, 0.9]), abs=1e-5)


def test_the_value_is_clipped_where_asked():
    """The larger of both errors: V is 0.5 above what it was, the return 0.6 above V."""
    for clip, expected in ((0.0, 0.36), (0.2, (0.3 + 0.6) ** 2)):
        one = agent(value_coef=1.0, clip_values=clip)
        loss, _ = one._loss(batch(one, [1.0], [0.0], values=[-0.5], returns=[0.6]))
        assert loss.item() == pytest.approx(expected / 2, abs=1e-5)


def test_each_transition_is_in_each_pass_once_and_the_first_step_has_the_policy_that_played():
    one = agent(epochs=3, minibatches=4, rollout=20)
    loss, seen, first = one._loss, [], []

    def looking(part):
        result = loss(part)
        first.append(result[1])
        seen.append(part.logprobs)
        return result

    one._loss = looking
    metrics = one.update()
    assert metrics["gradient_steps"] == 12
    assert first[0]["approx_kl"] == pytest.approx(0, abs=1e-6)
    assert first[0]["clip_fraction"] == 0
    passes = [torch.cat(seen[i : i + 4]) for i in (0, 4, 8)]
    assert torch.equal(passes[0].sort()[0], passes[1].sort()[0])
    assert torch.equal(passes[0].sort()[0], passes[2].sort()[0])
    assert not torch.equal(passes[0], passes[1])
    assert len(passes[0]) == one.envs.steps  # without the automatic resets
    assert one.envs.steps < 60


def test_a_policy_that_goes_too_far_leaves_the_rollout():
    near = agent(learning_rate=0.05, epochs=10, target_kl=1e-3)
    far = agent(learning_rate=0.05, epochs=10)
    assert 1 <= near.update()["gradient_steps"] < far.update()["gradient_steps"] == 40


def test_a_target_below_the_rounding_leaves_one_step():
    one = agent(target_kl=1e-30)
    loss = one._loss

    def rounded(part):
        value, measured = loss(part)
        return value, {**measured, "approx_kl": max(measured["approx_kl"], 1e-8)}

    one._loss = rounded
    assert one.update()["gradient_steps"] == 1


def test_the_learning_rate_falls_to_nothing():
    for anneals in (True, False):
        one = agent(anneal_learning_rate=anneals, learning_rate=0.01)
        rates = []
        while one.envs.steps < 300:
            left = 1 - one.envs.steps / 300
            rates.append(one.update()["learning_rate"])
            assert rates[-1] == pytest.approx(0.01 * (left if anneals else 1))
        assert rates[0] == 0.01
