"""PPO: its loss and its passes over a rollout."""

import numpy as np
import pytest
import torch

import agents.ppo
from agents.actor_critic import explained_variance, generalized_advantages
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
    for clip, expected in ((0.0, 0.36), (0.2, (0.3 + 0.6) ** 2), (1.0, 0.36)):
        for sign in (1, -1):  # and the other way round
            one = agent(value_coef=1.0, clip_values=clip)
            part = batch(one, [1.0], [0.0], values=[-0.5 * sign], returns=[0.6 * sign])
            assert one._loss(part)[0].item() == pytest.approx(expected / 2, abs=1e-5)


def test_the_loss_is_that_of_the_policy_of_the_value_and_of_the_entropy():
    one = agent(value_coef=0.5, entropy_coef=0.1)
    torch.nn.init.normal_(one.network.policy.weight, generator=torch.Generator().manual_seed(0))
    part = batch(one, [1.1, 0.9, 1.0], [1.0, 2.0, -1.0], returns=[0.3, -0.4, 0.5])
    part.masks[0, 3] = part.masks[1, 2] = False
    loss, metrics = one._loss(part)
    policy = -(1.1 * 1 + 0.9 * 2 - 1.0) / 3
    value = (0.3**2 + 0.4**2 + 0.5**2) / 3 / 2
    chances = one.network(part.inputs, part.masks)[0].exp().detach().double().numpy()
    entropy = np.mean([-sum(p * np.log(p) for p in row if p > 0) for row in chances])
    assert 0.5 < entropy < np.log(4)
    assert chances[0, 3] == chances[1, 2] == 0
    assert metrics["value_loss"] == pytest.approx(value, abs=1e-5)
    assert metrics["entropy"] == pytest.approx(entropy, abs=1e-5)
    # what is admissible has changed since then, and with it the ratios of the first two
    now = torch.from_numpy(chances).gather(1, part.actions[:, None]).squeeze(1)
    ratios = np.clip((now / part.logprobs.exp()).numpy(), 0, 1.2)
    assert metrics["policy_loss"] == pytest.approx(-np.mean(ratios * [1, 2, -1]), abs=1e-5)
    part.masks[:] = True
    loss, metrics = one._loss(part)
    assert metrics["policy_loss"] == pytest.approx(policy, abs=1e-5)
    expected = policy + 0.5 * value - 0.1 * metrics["entropy"]
    assert loss.item() == pytest.approx(expected, abs=1e-5)


def test_a_ratio_at_the_bound_is_not_beyond_it():
    one = agent(clip=0.0)
    assert one._loss(batch(one, [1.0], [1.0]))[1]["clip_fraction"] == 0


def test_what_is_learned_from_are_the_advantages_and_returns_of_the_rollout(monkeypatch):
    one = agent(rollout=9, epochs=2, minibatches=1, gamma=0.9, gae_lambda=0.8)
    collect, loss, descend = agents.ppo.collect, one._loss, one.descend
    rollouts, parts, measured = [], [], []

    def collecting(*arguments):
        rollouts.append(collect(*arguments))
        return rollouts[-1]

    def looking(part):
        result = loss(part)
        parts.append(part)
        measured.append(dict(result[1]))
        return result

    def descending(value):
        norm = descend(value)
        measured[-1]["grad_norm"] = norm
        return norm

    monkeypatch.setattr(agents.ppo, "collect", collecting)
    one._loss, one.descend = looking, descending
    metrics = one.update()
    [played] = rollouts
    assert played.actions.shape == (9, 3)
    advantages = generalized_advantages(
        played.rewards,
        played.values,
        played.terminated,
        played.truncated,
        gamma=0.9,
        gae_lambda=0.8,
    )
    real = played.valid
    expected = Batch(
        played.inputs[:-1][real],
        played.masks[:-1][real],
        played.actions[real],
        played.logprobs[real],
        played.values[:-1][real],
        advantages[real],
        (advantages + played.values[:-1])[real],
    )
    for part in parts:
        rows = [
            int(torch.isclose(expected.advantages, one).nonzero()[0]) for one in part.advantages
        ]
        assert sorted(rows) == list(range(len(expected.actions)))
        for column, whole in zip(part, expected, strict=True):
            torch.testing.assert_close(column, whole[rows])
    assert set(metrics) == {
        *("policy_loss", "value_loss", "entropy", "approx_kl", "clip_fraction", "grad_norm"),
        *("explained_variance", "gradient_steps", "learning_rate"),
    }
    for name in measured[0]:
        assert metrics[name] == pytest.approx(np.mean([m[name] for m in measured]))
    explained = explained_variance(expected.values, expected.returns)
    assert metrics["explained_variance"] == pytest.approx(explained)
    # the encoder has counted each observation once, after the learning
    seen = played.inputs.flatten(0, 1)
    assert one.network.encoder.count == len(seen) == 30
    torch.testing.assert_close(one.network.encoder.mean, seen.mean(0))


@pytest.mark.parametrize("name", ["environments", "rollout", "epochs", "minibatches"])
def test_there_is_at_least_one_of_each(name):
    agent(**{name: 1}).update()
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        agent(**{name: 0})


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


def test_a_policy_that_is_as_far_as_allowed_goes_on():
    one = agent(target_kl=0.5, epochs=2, minibatches=2)
    loss = one._loss
    one._loss = lambda part: (lambda value, measured: (value, {**measured, "approx_kl": 0.5}))(
        *loss(part)
    )
    assert one.update()["gradient_steps"] == 4


def test_the_learning_rate_falls_to_nothing():
    for anneals in (True, False):
        one = agent(anneal_learning_rate=anneals, learning_rate=0.01)
        rates = []
        while one.envs.steps < 300:
            left = 1 - one.envs.steps / 300
            rates.append(one.update()["learning_rate"])
            assert rates[-1] == pytest.approx(0.01 * (left if anneals else 1))
        assert rates[0] == 0.01
