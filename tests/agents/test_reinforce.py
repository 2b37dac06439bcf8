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


def test_returns_of_an_episode():
    one = agent()
    assert one._returns([1.0, 2.0, 4.0], cut_short=False) == pytest.approx(
        [1 + 0.9 * (2 + 0.9 * 4), 2 + 0.9 * 4, 4]
    )


def test_an_episode_that_was_cut_short_goes_on_with_the_value_of_its_last_observation():
    one = agent()
    torch.nn.init.constant_(one.network.value.bias, 10.0)
    with torch.no_grad():
        last = one.network(
            one.network.encoder.prepare(one.envs.observations), torch.from_numpy(one.envs.masks)
        )[1].item()
    assert last == pytest.approx(10, abs=0.5)
    assert one._returns([1.0, 2.0], cut_short=True) == pytest.approx(
        [1 + 0.9 * (2 + 0.9 * last), 2 + 0.9 * last]
    )


def test_an_update_is_of_whole_episodes_and_of_every_step_of_them():
    one = agent(episodes=5)
    step, played, learned = one.envs.step, [], []
    forward = one.network.forward

    def stepping(action):
        before = one.envs.observations[0]
        after = step(action)
        if after.valid[0]:
            played.append((before, bool(after.terminated[0] or after.truncated[0])))
        return after

    def looking(inputs, masks):
        if torch.is_grad_enabled():
            learned.append(inputs)
        return forward(inputs, masks)

    one.envs.step, one.network.forward = stepping, looking
    for _ in range(3):
        played.clear()
        learned.clear()
        episodes = one.envs.episodes
        one.update()
        assert one.envs.episodes == episodes + 5
        assert sum(ended for _, ended in played) == 5
        assert played[-1][1]
        texts = one.network.encoder.prepare([text for text, _ in played])
        assert torch.equal(torch.cat(learned), texts)


def test_the_step_of_gradient_is_that_of_the_formula():
    """Beside −log π(a|s) (G − V(s)) and (G − V(s))² / 2, differentiated by hand for the biases."""
    one = agent(entropy_coef=0.0, value_coef=1.0, max_grad_norm=1e9)
    target, chosen, seen = [], [], []
    returns, forward, step = one._returns, one.network.forward, one.envs.step
    one._returns = lambda *a, **k: target.extend(found := returns(*a, **k)) or found

    def looking(inputs, masks):
        result = forward(inputs, masks)
        if torch.is_grad_enabled():
            seen.append([part.detach() for part in result])
        return result

    def stepping(action):
        after = step(action)
        if after.valid[0]:
            chosen.append(int(action[0]))
        return after

    one.network.forward, one.envs.step = looking, stepping
    one.update()
    ((logprobs, values),) = seen
    advantages = torch.tensor(target) - values
    onehot = torch.nn.functional.one_hot(torch.tensor(chosen), 4)
    policy = -((onehot - logprobs.exp()) * advantages[:, None]).mean(0)
    assert torch.allclose(one.network.policy.bias.grad, policy, atol=1e-5)
    assert one.network.value.bias.grad.item() == pytest.approx(-advantages.mean().item(), abs=1e-5)
    assert np.abs(policy.numpy()).max() > 1e-4
