"""REINFORCE: whole episodes, and their returns."""

import numpy as np
import pytest
import torch

from agents.reinforce import Reinforce, ReinforceConfig


def agent(**settings):
    return Reinforce(
        ReinforceConfig(
            **{
                "env_kwargs": {"level": 1, "max_turns": 12, "reward": "shaped"},
                "episodes": 4,
                "encoder_size": 32,
                "width": 8,
                "gamma": 0.9,
                **settings,
            }
        )
    )


def test_returns_of_episodes_of_different_lengths():
    rewards = np.array([[1, 1], [2, 2], [4, 50], [7, 60]], np.float32)
    playing = np.array([[1, 1], [1, 1], [1, 0], [1, 0]], bool)
    last = np.array([0, 10], np.float32)  # the second was cut short after two steps
    returns = agent(gamma=0.5)._returns(rewards, playing, last)
    assert returns[:, 0].tolist() == [1 + 0.5 * (2 + 0.5 * (4 + 0.5 * 7)), 2 + 0.5 * 7.5, 7.5, 7]
    assert returns[:2, 1].tolist() == [1 + 0.5 * (2 + 0.5 * 10), 2 + 0.5 * 10]


def watched(one):
    """What an update plays, step by step, and what it learns from."""
    step, forward, steps, learned = one.envs.step, one.network.forward, [], []

    def stepping(action, counts):
        before, masks = one.envs.observations, one.envs.masks
        after = step(action, counts)
        steps.append((before, masks, action, counts, after))
        return after

    def looking(inputs, masks):
        result = forward(inputs, masks)
        if torch.is_grad_enabled():
            learned.append((inputs, *(part.detach() for part in result)))
        return result

    one.envs.step, one.network.forward = stepping, looking
    return steps, learned


def test_an_update_is_of_one_whole_episode_of_each_environment():
    one = agent(episodes=5)
    steps, learned = watched(one)
    for _ in range(3):
        steps.clear()
        learned.clear()
        episodes, before = one.envs.episodes, one.envs.steps
        one.update()
        assert one.envs.episodes == episodes + 5
        played, ends = [], np.zeros(5, int)
        running = np.ones(5, bool)
        for texts, _, _, counts, after in steps:
            assert (counts == running).all()
            played += [text for text, is_played in zip(texts, counts, strict=True) if is_played]
            ends += running & (after.terminated | after.truncated)
            running &= ~(after.terminated | after.truncated)
        assert ends.tolist() == [1] * 5
        assert one.envs.steps == before + len(played)
        ((inputs, *_),) = learned
        assert torch.equal(inputs, one.network.encoder.prepare(played))


def test_an_episode_that_was_cut_short_goes_on_with_the_value_of_its_last_observation():
    one = agent(env_kwargs={"level": 3, "max_turns": 2, "reward": "sparse"}, episodes=3)
    torch.nn.init.constant_(one.network.value.bias, 10.0)
    returns, found, ends = one._returns, [], []
    steps, _ = watched(one)

    def looking(rewards, playing, last):
        with torch.no_grad():
            inputs = one.network.encoder.prepare(steps[-1][-1].observations)
            ends.append(one.network(inputs, torch.from_numpy(steps[-1][-1].masks))[1].numpy())
        found.append(returns(rewards, playing, last))
        return found[-1]

    one._returns = looking
    one.update()
    assert steps[-1][-1].truncated.all()  # no exit is two steps away
    assert ends[0] == pytest.approx(10, abs=1)
    assert found[0][1] == pytest.approx(0.9 * ends[0])
    assert found[0][0] == pytest.approx(0.81 * ends[0])


def test_the_step_of_gradient_is_that_of_the_formula():
    """Beside −log π(a|s) (G − V(s)) and (G − V(s))² / 2, differentiated by hand for the biases."""
    one = agent(entropy_coef=0.0, value_coef=1.0, max_grad_norm=1e9)
    returns, target = one._returns, []

    def looking(rewards, playing, last):
        found = returns(rewards, playing, last)
        target.extend(found[playing].tolist())
        return found

    one._returns = looking
    steps, learned = watched(one)
    one.update()
    chosen = [a for _, _, actions, counts, _ in steps for a in actions[counts].tolist()]
    ((_, logprobs, values),) = learned
    advantages = torch.tensor(target) - values
    onehot = torch.nn.functional.one_hot(torch.tensor(chosen), 4)
    policy = -((onehot - logprobs.exp()) * advantages[:, None]).mean(0)
    assert torch.allclose(one.network.policy.bias.grad, policy, atol=1e-5)
    assert one.network.value.bias.grad.item() == pytest.approx(-advantages.mean().item(), abs=1e-5)
    assert np.abs(policy.numpy()).max() > 1e-4


def test_the_loss_is_that_of_the_policy_of_the_value_and_of_the_entropy():
    one = agent(value_coef=0.5, entropy_coef=0.1, env_kwargs={"level": 2, "max_turns": 12})
    losses, descend, returns, target = [], one.descend, one._returns, []

    def looking(rewards, playing, last):
        found = returns(rewards, playing, last)
        target.extend(found[playing].tolist())
        return found

    def descending(loss):
        losses.append(loss.item())
        return descend(loss)

    one._returns, one.descend = looking, descending
    weight = one.network.policy.weight
    torch.nn.init.normal_(weight, generator=torch.Generator().manual_seed(0))
    steps, learned = watched(one)
    metrics = one.update()
    ((inputs, logprobs, values),) = learned
    chosen = [a for _, _, actions, counts, _ in steps for a in actions[counts].tolist()]
    errors = np.array(target) - values.double().numpy()
    chances = logprobs.double().exp().numpy()
    entropy = np.mean([-sum(p * np.log(p) for p in row if p > 0) for row in chances])
    assert (chances == 0).any()  # not everything was admissible
    logp = logprobs[range(len(chosen)), chosen].double().numpy()
    assert metrics == {
        "policy_loss": pytest.approx(-np.mean(logp * errors), abs=1e-5),
        "value_loss": pytest.approx(np.mean(errors**2) / 2, abs=1e-5),
        "entropy": pytest.approx(entropy, abs=1e-5),
        "grad_norm": metrics["grad_norm"],
    }
    whole = metrics["policy_loss"] + 0.5 * metrics["value_loss"] - 0.1 * entropy
    assert losses == [pytest.approx(whole, abs=1e-5)]
    assert one.network.encoder.count == len(inputs)
    torch.testing.assert_close(one.network.encoder.mean, inputs.mean(0))


def test_only_an_episode_that_was_cut_short_is_worth_something_at_its_end():
    """One that has reached the exit is over, also where it was the last turn."""
    one = agent(env_kwargs={"level": 1, "max_turns": 40, "reward": "sparse"}, episodes=40)
    torch.nn.init.constant_(one.network.value.bias, 10.0)
    steps, _ = watched(one)
    found, returns = [], one._returns

    def looking(rewards, playing, last):
        found.append((last, playing))
        return returns(rewards, playing, last)

    one._returns = looking
    one.update()
    [(last, playing)] = found
    ended = np.zeros(40, bool)
    for slot in range(40):
        after = steps[playing[:, slot].sum() - 1][-1]
        ended[slot] = after.terminated[slot]
        assert ended[slot] or after.truncated[slot]
    assert 0 < ended.sum() < 40
    assert (last[ended] == 0).all()
    assert (last[~ended] > 5).all()


def test_there_is_at_least_one_episode():
    agent(episodes=1).update()
    with pytest.raises(ValueError, match="episodes must be at least 1, got 0"):
        agent(episodes=0)
