"""GRPO: the loss by hand, what is learned from and what is not, and that it learns."""

from __future__ import annotations

import copy
import math
import random

import numpy as np
import pytest
import torch

from agents.environments import make_envs
from agents.grpo import GRPO, GRPOConfig, group_advantages, policy_loss
from agents.imitation import Imitation, ImitationConfig
from agents.language_model import tiny
from agents.rollouts import Episode, rollout

KWARGS = {"topics": "integer_arithmetic", "level": 1, "instruction": ""}


def config(**changes) -> GRPOConfig:
    small = {
        "env_kwargs": KWARGS,
        "groups": 3,
        "group_size": 4,
        "max_new_tokens": 8,
        "updates": 6,
        "eval_every": 3,
        "eval_problems": 8,
        "checkpoint_every": 2,
        "device": "cpu",
    }
    return GRPOConfig(**small | changes)


def weights(agent: GRPO) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in agent.policy.model.parameters()])


def play(agent: GRPO, rewards, max_turns=1, temperature=1.0) -> list[Episode]:
    """Real episodes, with rewards of our choice."""
    envs = make_envs("MathBoxed-v0", len(rewards), max_turns=max_turns, **KWARGS)
    size = agent.config.group_size
    episodes = rollout(
        agent.policy,
        envs,
        [i // size for i in range(len(rewards))],
        max_new_tokens=agent.config.max_new_tokens,
        temperature=temperature,
        generator=torch.Generator().manual_seed(1),
    )
    for episode, reward in zip(episodes, rewards, strict=True):
        episode.reward = reward
    return episodes


def gradient(agent: GRPO, episodes) -> torch.Tensor:
    """The gradient that an update would apply, before clipping its norm."""
    agent.config.max_grad_norm = math.inf
    grads = []
    agent.optimizer.step = lambda: grads.append(
        torch.cat([p.grad.flatten().clone() for p in agent.policy.model.parameters()])
    )
    agent.learn_from(episodes, 0)
    del agent.optimizer.step
    return grads[0]


# The equations. ----------------------------------------------------------------------------------


def test_advantages():
    rewards = torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]])
    expected = torch.tensor([[0.75, -0.25, -0.25, -0.25], [0.5, 0.5, -0.5, -0.5]])
    torch.testing.assert_close(group_advantages(rewards), expected)
    normalized = group_advantages(rewards, normalize_std=True)
    torch.testing.assert_close(normalized[1], torch.tensor([1.0, 1.0, -1.0, -1.0]))
    assert normalized[0, 0] == pytest.approx(math.sqrt(3), abs=1e-4)


@pytest.mark.parametrize("normalize_std", [False, True])
@pytest.mark.parametrize("reward", [0.0, 1.0, 0.1, 1 / 3, -0.7])
def test_a_group_without_contrast_has_exactly_no_advantage(reward, normalize_std):
    rewards = torch.full((1, 7), reward)
    assert (group_advantages(rewards, normalize_std=normalize_std) == 0).all()


@pytest.mark.parametrize(
    ("ratio", "advantage", "loss", "slope"),
    [
        (1.0, 2.0, -2.0, -2.0),
        (1.1, 2.0, -2.2, -2.2),
        (1.5, 2.0, -2.56, 0.0),  # above 1 + 0.28 nothing more is earned
        (0.5, 2.0, -1.0, -1.0),  # but the way back is open
        (0.5, -2.0, 1.6, 0.0),  # below 1 - 0.2
        (1.5, -2.0, 3.0, 3.0),
    ],
)
def test_loss_by_hand(ratio, advantage, loss, slope):
    old = torch.tensor([-1.3])
    new = (old + math.log(ratio)).requires_grad_()
    got = policy_loss(new, old, torch.tensor([advantage]), clip_low=0.2, clip_high=0.28)
    got.sum().backward()
    assert got.item() == pytest.approx(loss, rel=1e-5)
    assert new.grad.item() == pytest.approx(slope, rel=1e-5, abs=1e-7)  # d/d log π


# What is learned from. ---------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_gradient_of_episodes_with_several_turns(temperature):
    """Against a loss written out token by token: observations carry none, the end does."""
    agent = GRPO(config(groups=2, temperature=temperature, micro_batch=3))
    agent.policy.end_ids += list(range(5, 250, 10))  # so that some replies end
    rewards = [1.0, 0.0, 0.5, 0.0, 0.0, 0.0, 1.0, 0.0]
    episodes = play(agent, rewards, max_turns=3, temperature=temperature)
    assert any(episode.cut_off for episode in episodes)
    assert any(not episode.cut_off for episode in episodes) or any(
        t in agent.policy.end_ids for e in episodes for t in e.tokens
    )
    got = gradient(agent, episodes)

    model = agent.policy.model
    total, count = 0.0, 0
    for i, episode in enumerate(episodes):
        group = rewards[:4] if i < 4 else rewards[4:]
        advantage = rewards[i] - sum(group) / 4
        logits = model(torch.tensor([episode.tokens])).logits[0] / temperature
        logp = torch.log_softmax(logits, -1)
        for t, chosen in enumerate(episode.sampled):
            if chosen:
                total = total - advantage * logp[t - 1, episode.tokens[t]]
                count += 1
    (total / count).backward()
    expected = torch.cat([p.grad.flatten() for p in model.parameters()])
    torch.testing.assert_close(got, expected, atol=2e-5, rtol=2e-3)
    assert expected.abs().max() > 0.01


def test_the_end_is_trained_and_observations_are_not():
    agent = GRPO(config(groups=1, group_size=2))
    end = agent.policy.end_ids[0]
    pieces = {"prompt": [40, 41], "reply": [50, end], "observation": [60, 61], "second": [70, end]}
    episodes = []
    for reward in (1.0, 0.0):
        episode = Episode(0, reward=reward)
        episode.observe(pieces["prompt"], "")
        episode.reply(pieces["reply"], [0.0] * 2, "")
        episode.observe(pieces["observation"], "")
        episode.reply(pieces["second"], [0.0] * 2, "")
        episodes.append(episode)
    logp, _, mask = agent._logprobs(episodes)
    assert logp.shape == mask.shape == (2, 6)
    assert mask[0].tolist() == [True, True, False, False, True, True]


def test_groups_without_contrast_never_reach_the_model():
    agent = GRPO(config())
    episodes = play(agent, [1.0] * 4 + [0.0] * 4 + [0.5] * 4)
    calls = []
    agent.policy.model.register_forward_pre_hook(lambda *_: calls.append(1))
    before = weights(agent)
    metrics = agent.learn_from(episodes, 0)
    assert not calls
    assert metrics["contrast"] == metrics["kept"] == 0
    assert torch.equal(before, weights(agent))


def test_rows_without_advantage_are_dropped_before_the_forward():
    agent = GRPO(config())
    rewards = [1.0] * 4 + [0.0, 0.5, 0.5, 1.0] + [0.0] * 4  # two rows at their group's mean
    episodes = play(agent, rewards)
    rows = []
    agent.policy.model.register_forward_pre_hook(
        lambda _, args, kwargs: rows.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    metrics = agent.learn_from(episodes, 0)
    assert sum(rows) == 2
    assert metrics["kept"] == pytest.approx(2 / 12)


def test_micro_batches_do_not_change_the_gradient():
    agent = GRPO(config(max_new_tokens=12))
    agent.policy.end_ids += list(range(5, 250, 10))
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
    agent.config.micro_batch = 12
    whole = gradient(agent, episodes)
    agent.optimizer.zero_grad()
    agent.config.micro_batch = 5
    torch.testing.assert_close(whole, gradient(agent, episodes), atol=1e-6, rtol=1e-4)


def test_cut_off_episodes_can_be_left_out():
    agent = GRPO(config(mask_truncated=True))
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
    assert all(episode.cut_off for episode in episodes)
    assert agent.learn_from(episodes, 0)["kept"] == 0


def test_stale_probabilities_are_noticed():
    agent = GRPO(config())
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3, temperature=0.9)  # learning takes 1.0
    with pytest.raises(RuntimeError, match="before any learning"):
        agent.learn_from(episodes, 0)


@pytest.mark.parametrize("minibatches", [1, 3])
def test_minibatches_and_epochs(minibatches):
    agent = GRPO(config(minibatches=minibatches, epochs=2, learning_rate=1e-3))
    metrics = agent.learn_from(play(agent, [1.0, 0.0, 0.0, 0.0] * 3), 1)
    assert metrics["kl_old"] != 0  # later steps see a policy that has moved
    steps = {int(state["step"]) for state in agent.optimizer.state.values()}
    assert steps == {2 * minibatches}


def test_kl_in_the_loss_is_k2():
    agent = GRPO(config(kl_coef=0.5))
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
    same = gradient(agent, episodes)  # the reference is the policy: no divergence yet
    agent.optimizer.zero_grad()
    agent.config.kl_coef = 0.0
    torch.testing.assert_close(same, gradient(agent, episodes), atol=1e-6, rtol=1e-4)
    agent.config.kl_coef = 0.5
    with torch.no_grad():
        for parameter in agent.reference.model.parameters():
            parameter.mul_(0.9)
    agent.optimizer.zero_grad()
    pulled = gradient(agent, episodes)
    logp, _, mask = agent._logprobs(episodes)
    with torch.no_grad():
        reference, _, _ = agent._logprobs(episodes, agent.reference)
    agent.optimizer.zero_grad()
    (0.5 * ((logp - reference) ** 2 / 2 * mask).sum() / mask.sum()).backward()
    extra = torch.cat([p.grad.flatten() for p in agent.policy.model.parameters()])
    torch.testing.assert_close(pulled - same, extra, atol=1e-5, rtol=1e-2)


def test_kl_in_the_reward_is_k1():
    agent = GRPO(config(kl_coef=0.5, kl_in="reward"))
    episodes = play(agent, [0.0] * 12)
    assert agent.learn_from(episodes, 0)["kept"] <= 1.0
    kl = agent._kl_to_reference(episodes)
    assert kl.shape == (12,)
    fresh = GRPO(config(kl_coef=0.5, kl_in="reward"))
    assert fresh._kl_to_reference(episodes).abs().max() < 1e-4


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="group_size"):
        GRPO(config(group_size=1))
    with pytest.raises(ValueError, match="temperature"):
        GRPO(config(temperature=0.0))


# A run. ------------------------------------------------------------------------------------------


def test_an_update_depends_on_seed_and_step_alone():
    first, second = GRPO(config(seed=3)), GRPO(config(seed=3))
    second.update(5)  # other updates before, on other weights
    second.policy.model.load_state_dict(copy.deepcopy(first.policy.model.state_dict()))
    episodes = [first.update(2)["entropy"], second.update(2)["entropy"]]
    assert episodes[0] == episodes[1]


def test_global_random_states_are_left_alone(tmp_path):
    before = torch.get_rng_state(), random.getstate(), str(np.random.get_state())  # noqa: NPY002
    GRPO(config(updates=1)).learn(tmp_path / "run")
    after = torch.get_rng_state(), random.getstate(), str(np.random.get_state())  # noqa: NPY002
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


@pytest.fixture(scope="module")
def warm_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("warm")
    imitation = Imitation(
        ImitationConfig(
            env_kwargs=KWARGS | {"level": 2}, skip_reasoning=0.6, max_steps=600, device="cpu"
        )
    )
    imitation.learn(folder / "run")
    imitation.save(folder / "model")
    return str(folder / "model")


def gain(model: str, noise: int | None) -> float:
    """What 15 of 30 updates add to held-out accuracy; with `noise`, rewards are coin flips."""
    agent = GRPO(
        config(
            env_kwargs=KWARGS | {"level": 2},
            model=model,
            seed=noise or 0,
            groups=32,
            group_size=8,
            max_new_tokens=48,
            updates=30,
            learning_rate=4e-4,
            eval_problems=200,
        )
    )
    before = agent.evaluate().accuracy
    if noise is not None:
        learn_from, coin = agent.learn_from, np.random.default_rng(noise)

        def flip(episodes, step):
            for episode in episodes:
                episode.reward = float(coin.random() < 0.5)
            return learn_from(episodes, step)

        agent.learn_from = flip
    for step in range(15):
        agent.update(step)
    return agent.evaluate().accuracy - before


@pytest.mark.slow
def test_it_learns_from_rewards_and_not_from_noise(warm_model):
    """Coin flips let the share of replies that reason drift either way, so three are averaged."""
    assert gain(warm_model, noise=None) > 0.4
    assert np.mean([gain(warm_model, noise) for noise in range(3)]) < 0.15


def test_it_learns_a_very_simple_thing():
    """Replies that begin with a certain kind of character are paid: soon all of them do."""
    agent = GRPO(
        config(groups=4, group_size=16, max_new_tokens=1, learning_rate=5e-3, updates=40),
        tiny(0),
    )
    learn_from = agent.learn_from
    shares = []

    def pay_even_ids(episodes, step):
        for episode in episodes:
            first = episode.sampled.index(True)
            episode.reward = float(episode.tokens[first] % 2 == 0)
        shares.append(np.mean([episode.reward for episode in episodes]))
        return learn_from(episodes, step)

    agent.learn_from = pay_even_ids
    for step in range(25):
        agent.update(step)
    assert np.mean(shares[:2]) < 0.7
    assert np.mean(shares[-2:]) > 0.9
