"""Actor-critic: its advantages, its runs, and that it learns mazes that it was not trained on."""

import gymnasium as gym
import numpy as np
import pytest
import torch

import agents.actor_critic
from agents.actor_critic import (
    ActorCritic,
    ActorCriticConfig,
    explained_variance,
    generalized_advantages,
)
from agents.common.network_agent import collect
from agents.common.networks import sample


def config(**settings):
    return ActorCriticConfig(
        **{
            "env_kwargs": {"level": 1, "max_turns": 12},
            "environments": 3,
            "encoder_size": 64,
            "width": 8,
            "steps": 200,
            **settings,
        }
    )


# Advantages.


def directly(rewards, values, terminated, truncated, gamma, gae_lambda):
    """Equation 16 of Schulman et al. 2016, one sum for each step."""
    steps, n = rewards.shape
    advantages = np.zeros((steps, n))
    for slot in range(n):
        for t in range(steps):
            for k in range(t, steps):
                after = 0.0 if terminated[k, slot] else values[k + 1, slot]
                delta = rewards[k, slot] + gamma * after - values[k, slot]
                advantages[t, slot] += (gamma * gae_lambda) ** (k - t) * delta
                if terminated[k, slot] or truncated[k, slot]:
                    break
    return advantages


@pytest.mark.parametrize(("gamma", "gae_lambda"), [(0.9, 0.8), (1, 1), (0.5, 0), (0, 1), (0.99, 1)])
def test_advantages_are_the_sum_of_the_equation(gamma, gae_lambda):
    rng = np.random.default_rng(0)
    rewards, values = rng.normal(size=(25, 40)), rng.normal(size=(26, 40))
    terminated, truncated = rng.random((2, 25, 40)) < 0.15
    assert (terminated & truncated).any()
    arguments = rewards, values, terminated, truncated
    found = generalized_advantages(
        *map(torch.from_numpy, arguments), gamma=gamma, gae_lambda=gae_lambda
    )
    expected = directly(*arguments, gamma, gae_lambda)
    assert found.numpy() == pytest.approx(expected, abs=1e-12)


def test_with_lambda_1_they_are_returns_without_the_value():
    """An episode that ends, one that is cut short, and one that goes on after the rollout."""
    rewards = torch.tensor([[1.0, 1, 1], [2, 2, 2], [4, 4, 4]])
    values = torch.tensor([[10.0] * 3, [20.0] * 3, [30.0] * 3, [40.0] * 3])
    ends = torch.zeros(3, 3, dtype=torch.bool)
    terminated, truncated = ends.clone(), ends.clone()
    terminated[2, 0] = truncated[2, 1] = True
    advantages = generalized_advantages(
        rewards, values, terminated, truncated, gamma=0.5, gae_lambda=1
    )
    assert (advantages + values[:-1])[0].tolist() == [3, 3 + 5, 3 + 5]


def test_the_next_episode_does_not_change_the_advantages_of_the_last():
    rng = np.random.default_rng(1)
    rewards, values = torch.from_numpy(rng.normal(size=(8, 1))), torch.zeros(9, 1).double()
    for terminated_there in (True, False):
        flags = torch.zeros(2, 8, 1, dtype=torch.bool)
        flags[0 if terminated_there else 1, 3] = True
        first = generalized_advantages(rewards, values, *flags, gamma=0.9, gae_lambda=0.9)
        other = rewards.clone()
        other[4:] += 100  # the reset step is 4
        second = generalized_advantages(other, values, *flags, gamma=0.9, gae_lambda=0.9)
        assert torch.equal(first[:4], second[:4])
        assert not torch.equal(first[4:], second[4:])


def test_explained_variance():
    returns = torch.tensor([1.0, 2, 3, 4])
    assert explained_variance(returns, returns) == 1
    assert explained_variance(returns + 5, returns) == pytest.approx(1)
    assert explained_variance(torch.zeros(4), returns) == 0
    assert explained_variance(-returns, returns) == pytest.approx(-3)
    assert explained_variance(returns, torch.ones(4)) == 0
    assert explained_variance(returns / 2, returns) == pytest.approx(0.75)
    assert explained_variance(returns / 4, returns / 2) == pytest.approx(0.75)


# What is learned from.


class ThreeSteps(gym.Env):
    """Three steps an episode; the observation says which; its commands depend on it."""

    observation_space = gym.spaces.Text(10)
    action_space = gym.spaces.Text(10)
    commands = ("go", "wait")

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.left = 3
        return self._say()

    def _say(self):
        return f"left {self.left}", {"admissible_commands": ["go"], "is_success": self.left == 0}

    def step(self, action):
        self.left -= 1
        text, info = self._say()
        return text, 1.0, self.left == 0, False, info


gym.register("ThreeSteps-v0", ThreeSteps)
THREE_STEPS = {
    "env_id": "ThreeSteps-v0",
    "env_kwargs": {},
    "vocabulary": ("go", "wait"),
    "encoder_size": 32,
}


def test_automatic_resets_are_not_learned_from():
    """The text of the end is the observation before the reset, and there alone."""
    agent = ActorCritic(config(**THREE_STEPS, rollout=16, gamma=1.0, gae_lambda=1.0))
    prepare = agent.network.encoder.prepare
    end, seen = prepare(["left 0"]), []
    learn = agent._learn

    def looking(inputs, masks, actions, advantages, returns):
        seen.append((inputs, returns))
        return learn(inputs, masks, actions, advantages, returns)

    agent._learn = looking
    played = collect(agent.network, agent.envs, 16, agent.rng)
    assert (played.inputs[:-1] == end).all(2).sum() == (~played.valid).sum() == 3 * 4
    agent.update()
    (inputs, returns) = seen[0]
    assert not (inputs == end).all(1).any()
    assert len(inputs) == 3 * 12
    # and the returns are those of the episodes: what is left (the last may go on after the rollout)
    for left in (1, 2, 3):
        rows = (inputs == prepare([f"left {left}"])).all(1)
        assert torch.isclose(returns[rows], torch.tensor(float(left)), atol=0.2).all()


def test_a_rollout_of_resets_alone_changes_nothing():
    agent = ActorCritic(config(**THREE_STEPS, rollout=1))
    for _ in range(9):
        agent.update()
        assert all(torch.isfinite(p).all() for p in agent.network.parameters())


def test_what_is_not_admissible_is_never_tried():
    agent = ActorCritic(config(env_kwargs={"level": 2}, environments=8))
    for _ in range(10):
        played = collect(agent.network, agent.envs, 20, agent.rng)
        allowed = played.masks[:-1].gather(2, played.actions[..., None]).squeeze(2)
        assert allowed[played.valid].all()
        assert not played.masks[:-1][played.valid].all()
        agent.update()


def test_a_rollout_says_what_happened():
    agent = ActorCritic(config(environments=6, env_kwargs={"level": 1, "max_turns": 40}))
    network, prepare, rng = agent.network, agent.network.encoder.prepare, np.random.default_rng()
    rng.bit_generator.state = agent.rng.bit_generator.state
    torch.nn.init.normal_(network.policy.weight, generator=torch.Generator().manual_seed(0))
    before, after, step = [], [], agent.envs.step

    def looking(actions):
        before.append((agent.envs.observations, agent.envs.masks))
        after.append(step(actions))
        return after[-1]

    agent.envs.step = looking
    played = collect(network, agent.envs, 200, agent.rng)
    before.append((agent.envs.observations, agent.envs.masks))
    assert played.inputs.shape == (201, 6, 64)
    assert played.rewards.shape == played.valid.shape == (200, 6)
    for t, (observations, masks) in enumerate(before):
        assert torch.equal(played.inputs[t], prepare(observations))
        assert (played.masks[t].numpy() == masks).all()
        with torch.no_grad():
            logprobs, values = network(played.inputs[t], played.masks[t])
        assert torch.equal(played.values[t], values)
        if t < 200:
            actions = torch.from_numpy(sample(logprobs, rng))
            assert torch.equal(played.actions[t], actions)
            chosen = logprobs.gather(1, actions[:, None]).squeeze(1)
            assert torch.equal(played.logprobs[t], chosen)
            for name in ("rewards", "terminated", "truncated", "valid"):
                assert (getattr(played, name)[t].numpy() == getattr(after[t], name)).all()
    assert played.terminated.any()
    assert played.truncated.any()
    assert not played.valid.all()


def test_the_loss_is_that_of_the_policy_of_the_value_and_of_the_entropy():
    for normalizes in (False, True):
        agent = ActorCritic(
            config(value_coef=0.5, entropy_coef=0.1, normalize_advantages=normalizes)
        )
        losses, descend = [], agent.descend

        def looking(loss, losses=losses, descend=descend):
            losses.append(loss.item())
            return descend(loss)

        agent.descend = looking
        weight = agent.network.policy.weight
        torch.nn.init.normal_(weight, generator=torch.Generator().manual_seed(0))
        inputs = agent.network.encoder.prepare(["one", "another", "a third"])
        masks = torch.ones(3, 4, dtype=torch.bool)
        masks[0, 3] = False
        actions, advantages = torch.tensor([0, 1, 3]), torch.tensor([3.0, 5.0, 7.0])
        with torch.no_grad():
            logprobs, values = agent.network(inputs, masks)
        returns = values + torch.tensor([0.3, -0.4, 0.5])
        metrics = agent._learn(inputs, masks, actions, advantages, returns)
        scaled = np.array([-1, 0, 1]) / np.sqrt(2 / 3) if normalizes else np.array([3, 5, 7])
        chosen = logprobs[[0, 1, 2], [0, 1, 3]].numpy()
        chances = logprobs.double().exp().numpy()
        entropy = np.mean([-sum(p * np.log(p) for p in row if p > 0) for row in chances])
        assert metrics == {
            "policy_loss": pytest.approx(-np.mean(chosen * scaled), abs=1e-5),
            "value_loss": pytest.approx((0.3**2 + 0.4**2 + 0.5**2) / 3 / 2, abs=1e-5),
            "entropy": pytest.approx(entropy, abs=1e-5),
            "grad_norm": metrics["grad_norm"],
            "explained_variance": pytest.approx(explained_variance(values, returns), abs=1e-5),
        }
        whole = metrics["policy_loss"] + 0.5 * metrics["value_loss"] - 0.1 * entropy
        assert losses == [pytest.approx(whole, abs=1e-5)]
        gradient = [p.grad.flatten() for p in agent.network.parameters()]
        assert torch.cat(gradient).norm() == pytest.approx(
            min(metrics["grad_norm"], agent.config.max_grad_norm), rel=1e-4
        )


def test_what_is_learned_from_are_the_advantages_and_returns_of_the_rollout(monkeypatch):
    agent = ActorCritic(config(rollout=9, gamma=0.9, gae_lambda=0.8))
    collect, learn, rollouts, learned = agents.actor_critic.collect, agent._learn, [], []

    def collecting(*arguments):
        rollouts.append(collect(*arguments))
        return rollouts[-1]

    def learning(*columns):
        learned.extend(columns)
        return {"learned": True, **learn(*columns)}

    monkeypatch.setattr(agents.actor_critic, "collect", collecting)
    agent._learn = learning
    assert agent.update()["learned"]
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
    expected = (
        played.inputs[:-1],
        played.masks[:-1],
        played.actions,
        advantages,
        advantages + played.values[:-1],
    )
    for column, whole in zip(learned, expected, strict=True):
        torch.testing.assert_close(column, whole[played.valid])
    seen = played.inputs.flatten(0, 1)
    assert agent.network.encoder.count == len(seen) == 30
    torch.testing.assert_close(agent.network.encoder.mean, seen.mean(0))


@pytest.mark.parametrize("name", ["environments", "rollout"])
def test_there_is_at_least_one_of_each(name):
    ActorCritic(config(**{name: 1})).update()
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        ActorCritic(config(**{name: 0}))
