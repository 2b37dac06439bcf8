"""GRPO: the loss by hand, what is learned from and what is not, and that it learns."""

from __future__ import annotations

import copy
import itertools
import json
import math
import random
import signal
from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest
import torch

from agents import grpo
from agents.common import rewarded_agent
from agents.common.environment_pool import EnvironmentPool, Failure
from agents.common.language_model import LanguageModel, tiny
from agents.common.objectives import RECIPES, token_loss
from agents.common.rollouts import Episode, Score, rollout
from agents.common.run_folder import RunFolder
from agents.grpo import GRPO, GRPOConfig, Row
from agents.imitation import Imitation, ImitationConfig
from reasoning_gym_envs.evaluation import wilson_interval
from reasoning_gym_envs.seeds import derive_seed, distinct_seeds
from tests.agents.paid import Paid

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
    envs = EnvironmentPool("MathBoxed-v0", len(rewards), {"max_turns": max_turns, **KWARGS})
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
        episode.repay(reward)
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


# The equations (tests/agents/test_objectives.py has all recipes). ---------------------------------


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
    episode = torch.tensor([0])
    got, _ = token_loss(new, old, torch.tensor([advantage]), episode, RECIPES["plain"])
    got.sum().backward()
    assert got.item() == pytest.approx(loss, rel=1e-5)
    assert new.grad.item() == pytest.approx(slope, rel=1e-5, abs=1e-7)  # d/d log π


# What is learned from. ---------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_gradient_of_episodes_with_several_turns(temperature):
    """Against a loss written out token by token: observations carry none, the end does."""
    agent = GRPO(config(groups=2, temperature=temperature, tokens_per_pass=150))
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
        episode = Episode(0)
        episode.observe(pieces["prompt"], "")
        episode.reply(pieces["reply"], [0.0] * 2, "")
        episode.observe(pieces["observation"], "")
        episode.reply(pieces["second"], [0.0] * 2, "")
        episode.repay(reward)
        episodes.append(episode)
    logp, _ = agent._predict(episodes)
    everything = torch.log_softmax(
        agent.policy.model(torch.tensor([episodes[0].tokens])).logits[0], -1
    )
    expected = [everything[t - 1, token] for t, token in ((2, 50), (3, end), (6, 70), (7, end))]
    torch.testing.assert_close(logp, torch.stack(expected * 2))


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
    agent.policy.token_logprobs.register_forward_pre_hook(lambda _, args: rows.append(len(args[0])))
    metrics = agent.learn_from(episodes, 0)
    assert rows == [2]
    assert metrics["kept"] == pytest.approx(2 / 12)


def test_tokens_per_pass_do_not_change_the_gradient():
    agent = GRPO(config(max_new_tokens=12))
    agent.policy.end_ids += list(range(5, 250, 10))
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
    calls = []
    agent.policy.token_logprobs.register_forward_pre_hook(lambda *_: calls.append(1))
    whole = gradient(agent, episodes)
    for tokens, passes in ((2048, 1), (100, 2), (1, 12)):
        calls.clear()
        agent.optimizer.zero_grad()
        agent.config.tokens_per_pass = tokens
        torch.testing.assert_close(whole, gradient(agent, episodes), atol=1e-6, rtol=1e-4)
        assert len(calls) == passes


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


def written_out(agent, model, episodes, advantages):
    """The clipped loss token by token, from the probabilities that were sampled with.

    Its gradient, and by which tokens it is measured: (ratio, log π_old − log π, loss) of each.
    """
    config, losses, measured = agent.config, [], []
    clip = agent.objective
    for episode, advantage in zip(episodes, advantages, strict=True):
        logits = model(torch.tensor([episode.tokens])).logits[0] / config.temperature
        logp = torch.log_softmax(logits, -1)
        for t, chosen in enumerate(episode.sampled):
            if chosen:
                change = logp[t - 1, episode.tokens[t]] - episode.logprobs[t]
                ratio = change.exp()
                bounded = ratio.clamp(1 - clip.clip_low, 1 + clip.clip_high)
                losses.append(-torch.minimum(ratio * advantage, bounded * advantage))
                measured.append((ratio.item(), -change.item(), losses[-1].item()))
    model.zero_grad()
    (sum(losses) / len(losses)).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters()]), np.array(measured)


@pytest.mark.parametrize("tokens", [2048, 100])
def test_later_passes_go_by_the_ratio_to_the_probabilities_that_were_sampled_with(tokens):
    """In the second pass the policy has moved: some ratios are clipped, and others are not 1."""
    agent = GRPO(
        config(
            epochs=3,
            warmup_updates=0,
            learning_rate=2e-3,
            max_grad_norm=math.inf,
            clip_low=0.1,
            clip_high=0.15,
            tokens_per_pass=tokens,
        )
    )
    agent.policy.end_ids += list(range(5, 250, 10))  # replies of different lengths
    rewards = [1.0, 0.0, 0.0, 0.0] * 3
    episodes = play(agent, rewards)
    advantages = [0.75, -0.25, -0.25, -0.25] * 3
    passes, step = [], agent.optimizer.step

    def looking():
        got = torch.cat([p.grad.flatten().clone() for p in agent.policy.model.parameters()])
        passes.append((got, copy.deepcopy(agent.policy.model)))
        step()

    agent.optimizer.step = looking
    metrics = agent.learn_from(episodes, 0)
    assert len(passes) == 3
    expected = dict.fromkeys(("loss", "clipped", "kl_old", "grad_norm"), 0.0)
    for n, (got, model) in enumerate(passes):
        gradient, measured = written_out(agent, model, episodes, advantages)
        torch.testing.assert_close(got, gradient, atol=2e-5, rtol=2e-3)
        ratios, kl, losses = measured.T
        clipped = (ratios < 0.9) | (ratios > 1.15)
        if n:
            assert 0.05 < clipped.mean() < 0.95
            assert abs(kl.mean()) > 1e-3
        expected["loss"] += losses.mean() / 3
        expected["clipped"] += clipped.mean() / 3
        expected["kl_old"] += kl.mean() / 3
        expected["grad_norm"] += gradient.norm().item() / 3
    for name, value in expected.items():
        assert metrics[name] == pytest.approx(value, rel=1e-3, abs=1e-5), name
    assert "kl_reference" not in metrics
    assert metrics["contrast"] == metrics["kept"] == 1


def test_each_row_is_in_a_minibatch():
    """Each is in one of them, in an order that the seed, the update and the epoch decide."""
    agent = GRPO(config(minibatches=3, epochs=2))
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
    parts, minibatch = [], agent._minibatch

    def looking(rows, whole, count, sampled_at):
        parts.append(([episodes.index(row.episode) for row in rows], sampled_at))
        assert all(row.advantages == [0.75 if row.episode.reward else -0.25] for row in rows)
        assert count == 3
        assert whole["tokens"] == sum(sum(episode.sampled) for episode in episodes)
        return minibatch(rows, whole, count, None)

    agent._minibatch = looking
    agent.learn_from(episodes, 0)
    assert [first for _, first in parts] == [0] + [None] * 5
    assert [len(rows) for rows, _ in parts] == [4] * 6
    rows = [row for rows, _ in parts for row in rows]
    first, second = rows[:12], rows[12:]
    assert sorted(first) == sorted(second) == list(range(12))
    assert first != second
    for seed, step, is_same in ((0, 0, True), (0, 1, False), (1, 0, False)):
        parts.clear()
        agent.config.seed = seed
        agent.learn_from(episodes, step)
        assert ([row for rows, _ in parts[:3] for row in rows] == first) is is_same


def test_no_more_minibatches_than_rows():
    agent = GRPO(config(groups=1, group_size=2, minibatches=5))
    agent.learn_from(play(agent, [1.0, 0.0]), 0)
    assert {int(state["step"]) for state in agent.optimizer.state.values()} == {2}


def test_the_gradient_is_scaled_down_to_its_longest():
    agent = GRPO(config(max_grad_norm=1e-3))
    norms, step = [], agent.optimizer.step

    def looking():
        grads = [p.grad.flatten() for p in agent.policy.model.parameters()]
        norms.append(torch.cat(grads).norm().item())
        step()

    agent.optimizer.step = looking
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
    assert agent.learn_from(episodes, 0)["grad_norm"] > 1e-2  # as it was
    assert norms == [pytest.approx(1e-3, rel=1e-3)]
    assert all(p.grad is None for p in agent.policy.model.parameters())  # nothing is carried over


def test_the_learning_rate_rises_and_then_falls_in_a_straight_line():
    agent = GRPO(config(updates=8, warmup_updates=4, learning_rate=0.5))
    episodes = play(agent, [0.0] * 12)
    shares = [0.25, 0.5 * 7 / 8, 0.75 * 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8]
    for step, share in enumerate(shares):
        assert agent.learn_from(episodes, step)["learning_rate"] == pytest.approx(0.5 * share)
        assert agent.optimizer.param_groups[0]["lr"] == pytest.approx(0.5 * share)
    agent.config.warmup_updates = 0
    assert agent.learn_from(episodes, 0)["learning_rate"] == 0.5


def test_settings_reach_the_optimizer():
    agent = GRPO(config(learning_rate=0.3, betas=(0.5, 0.6), weight_decay=0.7))
    [group] = agent.optimizer.param_groups
    assert (group["lr"], group["betas"], group["weight_decay"]) == (0.3, (0.5, 0.6), 0.7)


def test_settings_reach_the_model_and_its_copy(monkeypatch):
    agent = GRPO(config(dtype="bfloat16", seed=5))
    assert agent.policy.model.dtype == torch.float32
    assert agent.policy.autocast == torch.bfloat16
    assert agent.reference is None
    assert len(agent.envs) == 12
    policy, asked = tiny(7), []

    def build(model, **kwargs):
        asked.append((model, kwargs))
        return policy

    with monkeypatch.context() as patch:
        patch.setattr(LanguageModel, "build", build)
        GRPO(config(model="a/b", device="cuda", dtype="float16", seed=2))
    given = {"seed": 2, "device": "cuda", "dtype": "float16"}
    assert asked == [("a/b", {**given, "system_prompt": None, "chat_template_kwargs": {}})]
    agent = GRPO(config(kl_coef=0.1), policy)
    assert agent.policy is policy
    assert agent.reference.tokenizer is policy.tokenizer
    assert not any(p.requires_grad for p in agent.reference.model.parameters())
    assert all(p.requires_grad for p in policy.model.parameters())
    frozen = {name: tensor.clone() for name, tensor in agent.reference.model.state_dict().items()}
    agent.config.warmup_updates = 0
    agent.learn_from(play(agent, [1.0, 0.0, 0.0, 0.0] * 3), 0)
    for name, tensor in agent.reference.model.state_dict().items():  # it stays what it was
        assert torch.equal(tensor, frozen[name])
    assert not torch.equal(weights(agent), weights(GRPO(config(), tiny(7))))
    for turn in range(2):  # a conversation goes on, which `info` says
        reply = agent.act("What is 2 + 2?", {"turn": turn})
        assert reply
    assert agent.policy._conversation.length(0) > 2 * len(policy.prompt("What is 2 + 2?"))


def test_shares_are_of_groups_and_of_episodes():
    agent = GRPO(config())
    metrics = agent.learn_from(play(agent, [1.0, 0.0, 0.5, 0.5] + [1.0] * 4 + [0.0] * 4), 0)
    assert metrics["contrast"] == pytest.approx(1 / 3)
    assert metrics["kept"] == pytest.approx(2 / 12)
    close = play(agent, [1.0, 1.0 + 1e-9, 1.0, 1.0] + [0.0] * 8)  # no more than rounding makes
    assert agent.learn_from(close, 0)["contrast"] == 0
    agent.config.scale = "group"
    agent.config.max_grad_norm = math.inf
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
    rows, minibatch = [], agent._minibatch

    def looking(kept, whole, parts, sampled_at):
        rows.extend(advantage for row in kept for advantage in row.advantages)
        return minibatch(kept, whole, parts, None)

    agent._minibatch = looking
    agent.learn_from(episodes, 0)
    assert sorted(rows) == pytest.approx([-math.sqrt(1 / 3)] * 9 + [math.sqrt(3)] * 3, abs=1e-5)


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
    agent.optimizer.step = lambda: None
    agent.config.tokens_per_pass = 100
    measured = agent.learn_from(episodes, 0)["kl_reference"]
    del agent.optimizer.step
    logp, _ = agent._predict(episodes)
    with torch.no_grad():
        reference, _ = agent._predict(episodes, agent.reference)
    agent.optimizer.zero_grad()
    (0.5 * ((logp - reference) ** 2 / 2).mean()).backward()
    extra = torch.cat([p.grad.flatten() for p in agent.policy.model.parameters()])
    torch.testing.assert_close(pulled - same, extra, atol=1e-5, rtol=1e-2)
    k2 = (logp.detach() - reference).square() / 2
    assert measured == pytest.approx(float(k2.mean()), rel=1e-4)
    assert measured > 1e-3


def test_kl_in_the_reward_is_k1():
    agent = GRPO(config(kl_coef=0.5, kl_in="reward"))
    episodes = play(agent, [0.0] * 12)
    # nothing was learned yet
    assert max(abs(kl) for [kl] in agent._kl_to_reference(episodes)) < 1e-4
    with torch.no_grad():
        for parameter in agent.reference.model.parameters():
            parameter.mul_(0.9)
    expected = []
    for episode in episodes:
        logits = agent.reference.model(torch.tensor([episode.tokens])).logits[0]
        logp = torch.log_softmax(logits, -1)
        pairs = enumerate(zip(episode.tokens, episode.sampled, strict=True))
        sampled = [(t, token) for t, (token, chosen) in pairs if chosen]
        expected.append(sum(episode.logprobs[t] - logp[t - 1, k].item() for t, k in sampled))
    for tokens in (2048, 100):
        agent.config.tokens_per_pass = tokens
        kl = agent._kl_to_reference(episodes)
        assert [of_turn for [of_turn] in kl] == pytest.approx(expected, abs=1e-4)
    # and it is taken off the rewards: all were 0
    rows, minibatch = {}, agent._minibatch

    def looking(kept, *args):
        rows.update((episodes.index(row.episode), row.advantages[0]) for row in kept)
        return minibatch(kept, *args)

    agent._minibatch = looking
    a_token = sum(expected) / sum(sum(episode.sampled) for episode in episodes)
    assert agent.learn_from(episodes, 0)["kl_reference"] == pytest.approx(a_token, abs=1e-4)
    paid = torch.tensor(expected).view(3, 4) * -0.5
    advantages = (paid - paid.mean(1, keepdim=True)).flatten().tolist()
    assert [rows[i] for i in range(12)] == pytest.approx(advantages, abs=1e-4)


def test_a_pull_to_the_reference_is_felt_where_nothing_is_better():
    agent = GRPO(config(kl_coef=10.0))
    episodes = play(agent, [0.5] * 12)
    with torch.no_grad():
        for parameter in agent.policy.model.parameters():
            parameter.mul_(0.9)
    agent.config.mismatch = "log"
    before = weights(agent)
    metrics = agent.learn_from(episodes, 3)
    assert metrics["contrast"] == 0
    assert metrics["kept"] == 1
    assert not torch.equal(before, weights(agent))
    agent.config.kl_coef = 0.0
    assert agent.learn_from(episodes, 3)["kept"] == 0


def test_the_reference_can_become_the_model_as_it_is():
    agent = GRPO(config(kl_coef=0.1, reference_every=2))
    first = agent.reference
    agent.update(0)
    agent.update(1)
    assert agent.reference is first
    before = weights(agent)
    agent.update(2)
    assert torch.equal(torch.cat([p.flatten() for p in agent.reference.model.parameters()]), before)


def test_small_steps_are_not_lost_with_products_in_bfloat16():
    """Weights in bfloat16 would be what they were: a step is smaller than what they tell apart."""
    agent = GRPO(config(dtype="bfloat16", learning_rate=1e-6, warmup_updates=0))
    before = weights(agent)
    lost = before.to(torch.bfloat16)
    for step in range(3):
        episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
        logp, _ = agent._predict(episodes)
        assert logp.dtype == torch.float32
        agent.policy.autocast = None
        exact, _ = agent._predict(episodes)
        agent.policy.autocast = torch.bfloat16
        seen = torch.tensor([value for episode in episodes for value in episode.sampled_logprobs])
        assert (logp - seen).detach().abs().mean() < 0.01  # both compute in bfloat16
        assert (exact - seen).detach().abs().mean() > 1e-4
        agent.learn_from(episodes, step)
    after = weights(agent)
    assert (before != after).double().mean() > 0.95
    assert (after.to(torch.bfloat16) != lost).double().mean() < 0.2


def test_a_bonus_for_entropy_makes_it_larger():
    agent = GRPO(config(entropy_coef=1.0, learning_rate=1e-2, warmup_updates=0))
    episodes = play(agent, [0.0] * 12)

    def entropy():
        with torch.no_grad():
            return agent._predict(episodes, entropy=True)[1]

    before = entropy()
    assert len(before) == sum(sum(episode.sampled) for episode in episodes)
    first = 0
    for episode in episodes:
        prompt = episode.tokens[: episode.sampled.index(True)]
        logits = agent.policy.model(torch.tensor([prompt])).logits[0, -1]
        expected = torch.distributions.Categorical(logits=logits).entropy()
        assert before[first].item() == pytest.approx(expected.item(), rel=1e-4)
        first += sum(episode.sampled)
    for step in range(3):
        assert agent.learn_from(episodes, step)["kept"] == 1
        agent.config.mismatch = "log"
    assert entropy().mean() > before.mean()


# What is paid. -----------------------------------------------------------------------------------


def told(rewards, seed=0, lengths=None) -> Episode:
    """An episode with these rewards, one a turn."""
    episode = Episode(seed)
    for i, reward in enumerate(rewards):
        episode.observe([40, 41], "")
        episode.reply([50] * (lengths or [3] * len(rewards))[i], [-1.0] * 3, "")
        episode.turns[-1] = episode.turns[-1]._replace(reward=reward)
    return episode


def test_return_to_go_is_compared_with_the_episodes_that_are_still_alive():
    agent = GRPO(config(groups=1, group_size=3, credit="to_go"))
    episodes = [told([0.0, 1.0, 2.0]), told([3.0, 1.0]), told([1.0])]
    assert agent._advantages(episodes, [True] * 3) == [
        pytest.approx([3 - 8 / 3, 3 - 2.0, 0.0]),  # nobody to compare the last turn with
        pytest.approx([4 - 8 / 3, 1 - 2.0]),
        pytest.approx([1 - 8 / 3]),
    ]
    assert agent._advantages(episodes, [True, True, False]) == [
        pytest.approx([-0.5, 1.0, 0.0]),
        pytest.approx([0.5, -1.0]),
        [0.0],
    ]
    agent.config.credit = "episode"
    assert agent._advantages(episodes, [True] * 3) == [
        pytest.approx([3 - 8 / 3] * 3),
        pytest.approx([4 - 8 / 3] * 2),
        pytest.approx([1 - 8 / 3]),
    ]


def test_what_comes_later_can_count_less():
    agent = GRPO(config(groups=1, group_size=2, credit="to_go", discount=0.5))
    episodes = [told([0.0, 1.0, 4.0]), told([1.0, 0.0, 0.0])]
    first, second, third = 0.25 * 4 + 0.5 * 1 - 1, 0.5 * 4 + 1, 4
    assert agent._advantages(episodes, [True] * 2) == [
        pytest.approx([first / 2, second / 2, third / 2]),
        pytest.approx([-first / 2, -second / 2, -third / 2]),
    ]
    with pytest.raises(ValueError, match=r"discount is 0\.5"):
        GRPO(config(discount=0.5))
    with pytest.raises(ValueError, match="from 0 to 1"):
        GRPO(config(discount=1.5, credit="to_go"))


def test_each_token_has_the_advantage_of_its_turn():
    row = Row(told([0.0, 1.0]), [0.25, -4.0], [])
    assert row.token_advantages() == [0.25, 0.25, 0.25, -4.0, -4.0, -4.0]


def test_long_replies_and_long_episodes_can_cost():
    agent = GRPO(config(max_new_tokens=10, overlong=0.4))
    episodes = [told([1.0, 0.0], lengths=[n, 6]) for n in (6, 8, 10)]
    assert agent._rewards(episodes) == [[1.0, 0.0], [0.5, 0.0], [0.0, 0.0]]
    agent.config.overlong = None
    agent.config.length_budget, agent.config.length_cost = 12, 0.6
    assert [sum(turns) for turns in agent._rewards(episodes)] == pytest.approx([1, 0.9, 0.8])
    assert [episode.reward for episode in episodes] == [1.0] * 3  # what was paid stays


def test_small_advantages_and_the_middle_of_a_group_can_be_left_out():
    rewards = [1.0, 0.5, 0.5, 0.0] * 3
    agent = GRPO(config())
    episodes = play(agent, rewards)
    rows, minibatch = [], agent._minibatch

    def looking(kept, *args):
        rows.append(sorted(row.advantages[0] for row in kept))
        return minibatch(kept, *args)

    agent._minibatch = looking
    agent.config.mismatch = "log"
    for episode, reward in zip(episodes, [1.0, 0.6, 0.4, 0.0] * 3, strict=True):
        episode.repay(reward)
    agent.learn_from(episodes, 0)
    agent.config.min_advantage = 0.2
    agent.learn_from(episodes, 0)
    agent.config.min_advantage, agent.config.down_sample = 0.0, 2
    agent.learn_from(episodes, 0)
    assert [len(part) for part in rows] == [12, 6, 6]
    assert rows[1] == rows[2] == [-0.5] * 3 + [0.5] * 3


def test_a_failed_episode_teaches_nothing():
    """It is no episode that was paid nothing: the others of its group are as good as before."""
    agent = GRPO(config())
    episodes = play(agent, [1.0] * 4 + [0.0] * 8)
    episodes[3].repay(0.0)
    episodes[3].failure = Failure("RuntimeError: broken", "Traceback …")
    before = weights(agent)
    assert agent.learn_from(episodes, 0)["kept"] == 0
    assert torch.equal(before, weights(agent))


class Unsteady(gym.Wrapper):
    """Fails in every so many-th step."""

    every = 5
    steps = 0

    def step(self, action):
        Unsteady.steps += 1
        if Unsteady.steps % self.every == 0:
            raise RuntimeError("the judge has gone home")
        return self.env.step(action)


def test_a_run_goes_on_where_some_episodes_fail_and_stops_where_most_do(tmp_path):
    gym.register("Unsteady-v0", lambda **kwargs: Unsteady(gym.make("MathBoxed-v0", **kwargs)))
    settings = {"env_id": "Unsteady-v0", "updates": 2, "eval_problems": 4}
    Unsteady.every = 5
    agent = GRPO(config(**settings))
    assert agent.learn(tmp_path / "run")
    shares = [record["failed"] for record in records(tmp_path / "run") if "failed" in record]
    assert all(0 < share < 0.5 for share in shares)
    failed = [r for r in records(tmp_path / "run", "transcripts.jsonl") if r["kind"] == "failed"]
    assert all("the judge has gone home" in record["failure"] for record in failed)
    assert failed
    Unsteady.every = 1
    with pytest.raises(RuntimeError, match=r"failed in 12 of 12 episodes, first with RuntimeError"):
        GRPO(config(**settings)).update(0)


def test_settings_reach_the_environments():
    agent = GRPO(config(step_seconds=50.0, eval_problems=4, max_new_tokens=2))
    agent.evaluate()
    assert agent.envs.step_seconds == agent._test_envs.step_seconds == 50.0
    assert len(agent.envs) == 12


class NobodyHere(gym.Wrapper):
    """Fails where every fifth episode begins."""

    resets = 0

    def reset(self, **kwargs):
        NobodyHere.resets += 1
        if NobodyHere.resets % 5 == 0:
            raise RuntimeError("there is nobody here")
        return self.env.reset(**kwargs)


gym.register("NobodyHere-v0", lambda **kwargs: NobodyHere(gym.make("MathBoxed-v0", **kwargs)))


@pytest.mark.parametrize("recipe", ["grpo", "rloo", "plain"])
def test_episodes_that_never_began_teach_nothing(recipe):
    NobodyHere.resets = 0
    agent = GRPO(config(env_id="NobodyHere-v0", recipe=recipe, entropy_coef=0.01))
    metrics = agent.update(0)
    assert metrics["failed"] == pytest.approx(2 / 12)
    assert {episode.failure.reason for episode in agent.failed} == {
        "RuntimeError: there is nobody here"
    }
    assert torch.isfinite(weights(agent)).all()


@pytest.mark.parametrize("average", ["kept", "sequence", "constant"])
def test_episodes_without_a_turn_have_no_part_in_an_update(average):
    agent = GRPO(config(entropy_coef=0.01, average=average))
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
    whole = gradient(agent, [*episodes[:8], *episodes[8:]])
    for i in range(3):  # a prompt that left no room
        first = Episode(0)
        first.observe(episodes[i].tokens[:5], "")
        first.cut_off = True
        agent.config.group_size = 5
        episodes.insert(5 * i + 2, first)
    agent.optimizer.zero_grad()
    agent.config.tokens_per_pass = 1
    torch.testing.assert_close(gradient(agent, episodes), whole, atol=1e-6, rtol=1e-4)


def test_a_step_that_would_leave_no_number_is_not_taken():
    agent = GRPO(config())
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
    before = weights(agent)
    right = agent._predict
    agent._predict = lambda *args, **kwargs: tuple(x * math.nan for x in right(*args, **kwargs))
    with pytest.raises(RuntimeError, match="before any learning"):
        agent.learn_from(episodes, 0)
    agent.config.mismatch = "log"
    with pytest.raises(RuntimeError, match=r"the norm of the gradient is nan.*--resume"):
        agent.learn_from(episodes, 0)
    assert torch.equal(before, weights(agent))


def test_episodes_without_room_for_a_reply_say_so():
    with pytest.raises(ValueError, match="no prompt leaves room for a reply: raise max_tokens"):
        GRPO(config(max_tokens=5)).update(0)


# Sampling until there is contrast. ---------------------------------------------------------------


def paying(agent, pay):
    """What is sampled is paid by the number of its round and its place."""
    sample = agent._sample

    def sampling(step, number):
        episodes = sample(step, number)
        for i, episode in enumerate(episodes):
            episode.repay(pay(number, i))
        return episodes

    agent._sample = sampling


def test_groups_are_sampled_until_enough_have_contrast(tmp_path):
    agent = GRPO(config(max_rounds=4, seed=2))
    # In a round only the second group has contrast, but in the third round all of them.
    paying(agent, lambda number, i: float(i % 4 == 0 and (number == 2 or i // 4 == 1)))
    learned, learn_from = [], agent.learn_from

    def looking(episodes, step):
        learned.append([(episode.seed, episode.update) for episode in episodes])
        return learn_from(episodes, step)

    agent.learn_from = looking
    metrics = agent.update(0)
    assert metrics["rounds"] == 3
    assert metrics["contrast"] == metrics["kept"] == 1
    assert len(learned[0]) == 12
    assert len(agent._surplus) == 8  # 1 + 1 + 3 groups, and 3 are wanted
    left = [(episode.seed, 0) for episode in agent._surplus]
    state = json.loads(json.dumps(agent.state()))
    agent.write(tmp_path)
    other = GRPO(config(max_rounds=4, seed=2))
    other.restore(tmp_path, state)
    assert other._surplus == agent._surplus
    assert agent.update(1)["rounds"] == 1
    assert learned[1][:8] == left
    assert {update for _, update in learned[1][8:]} == {1}
    agent.config.max_rounds = 1
    agent._surplus = []
    assert agent.update(2)["contrast"] == pytest.approx(1 / 3)  # without it, all are taken


def test_a_run_that_samples_again_goes_on_bit_for_bit(tmp_path):
    settings = {"max_rounds": 2, "updates": 3, "eval_every": 0, "checkpoint_every": 0, "seed": 5}
    whole = GRPO(config(**settings))
    paying(whole, lambda number, i: float(i % 4 == 0 and (number == 1 or i // 4 == 1)))
    assert whole.learn(tmp_path / "whole")

    def interrupt(step, metrics):
        if step == 1:
            signal.raise_signal(signal.SIGINT)

    for resume in (False, True):
        agent = GRPO(config(**settings))
        paying(agent, lambda number, i: float(i % 4 == 0 and (number == 1 or i // 4 == 1)))
        agent.learn(tmp_path / "parts", resume=resume, on_update=None if resume else interrupt)
    assert torch.equal(weights(agent), weights(whole))


# Learning and sampling that do not see the same. -------------------------------------------------


@pytest.mark.parametrize("mismatch", ["mask", "truncate"])
def test_what_sampling_saw_otherwise_is_masked_or_weighed(mismatch):
    agent = GRPO(config(mismatch=mismatch))
    episodes = play(agent, [1.0, 0.0, 0.0, 0.0] * 3)
    right = gradient(agent, episodes)
    odd = [e.sampled.index(True) for e in episodes]
    for episode, t in zip(episodes, odd, strict=True):
        episode.logprobs[t] -= math.log(4)  # sampling thought it four times less likely
    rows, minibatch = [], agent._minibatch

    def looking(kept, *args):
        rows.extend(kept)
        return minibatch(kept, *args)

    agent._minibatch = looking
    agent.optimizer.zero_grad()
    wrong = gradient(agent, episodes)
    for row in rows:
        first = 0.0 if mismatch == "mask" else 2.0
        others = [1.0] * (len(row.weights) - 1)
        assert row.weights == pytest.approx([first, *others], abs=1e-4)
        seen = row.episode.sampled_logprobs
        expected = [seen[0] + math.log(4), *seen[1:]]
        assert row.old_logprobs == pytest.approx(expected, abs=1e-4)
    assert not torch.allclose(right, wrong, atol=1e-4)
    agent.config.mismatch = "stop"
    with pytest.raises(RuntimeError, match="before any learning"):
        agent.learn_from(episodes, 0)


def test_bad_settings_are_refused():
    names = ["groups", "updates", "max_new_tokens", "epochs", "minibatches", "tokens_per_pass"]
    for name in (*names, "eval_problems", "max_turns", "max_tokens", "max_rounds"):
        with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
            GRPO(config(**{name: 0}))
    for name in ("seed", "eval_every", "checkpoint_every", "length_budget", "down_sample"):
        with pytest.raises(ValueError, match=f"{name} must be at least 0, got -1"):
            GRPO(config(**{name: -1}))
    with pytest.raises(ValueError, match=r"down_sample is 1, .* at least 2, or 0 for all"):
        GRPO(config(down_sample=1))
    for share in (-0.5, 1.5):
        with pytest.raises(ValueError, match=f"overlong .* from 0 to 1, got {share}"):
            GRPO(config(overlong=share))
    with pytest.raises(ValueError, match=r"group_size is 1, .* it must be at least 2"):
        GRPO(config(group_size=1))
    for temperature in (0.0, -1.0):
        with pytest.raises(ValueError, match="temperature must be above 0"):
            GRPO(config(temperature=temperature))
    with pytest.raises(ValueError, match="step_seconds must be above 0, got 0"):
        GRPO(config(step_seconds=0.0))
    with pytest.raises(ValueError, match="unknown device 'gpu': it is auto, cpu or cuda"):
        GRPO(config(device="gpu"))
    GRPO(config(group_size=2, temperature=0.5))


def test_a_checkpoint_has_the_reference(tmp_path):
    """So that a run goes on, though the model that it began with is gone or has changed."""
    agent = GRPO(config(kl_coef=0.1, learning_rate=0.01, warmup_updates=0), tiny(1))
    agent.learn_from(play(agent, [1.0, 0.0, 0.0, 0.0] * 3), 0)
    agent.write(tmp_path)
    other = GRPO(config(kl_coef=0.1), tiny(2))
    other.restore(tmp_path, agent.state())
    assert torch.equal(weights(other), weights(agent))
    for name, tensor in other.reference.model.state_dict().items():
        assert torch.equal(tensor, agent.reference.model.state_dict()[name])
    assert not torch.equal(weights(agent), weights(GRPO(config(), tiny(1))))


# A run. ------------------------------------------------------------------------------------------


def test_an_update_depends_on_seed_and_step_alone():
    first, second = GRPO(config(seed=3)), GRPO(config(seed=3))
    second.update(5)  # other updates before, on other weights
    second.policy.model.load_state_dict(copy.deepcopy(first.policy.model.state_dict()))
    episodes = [first.update(2)["entropy"], second.update(2)["entropy"]]
    assert episodes[0] == episodes[1]


def test_an_update_plays_each_of_its_problems_so_many_times_and_measures_them(monkeypatch):
    clock = itertools.count(100.0, 0.5)
    monkeypatch.setattr(grpo, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    agent = GRPO(config(seed=3, temperature=1.3))
    agent.policy.end_ids += list(range(5, 250, 10))  # so that some replies end
    played, learn_from = [], agent.learn_from

    def looking(episodes, step):
        for i, episode in enumerate(episodes):
            episode.repay(i / 8)
            episode.success = i % 3 == 0
            episode.transcript[-1]["text"] = "<think>so</think>5" if i < 4 else "<think></think>5"
        played.extend(episodes)
        return {"learned": step, **learn_from(episodes, step)}

    agent.learn_from = looking
    metrics = agent.update(2)
    seeds = [derive_seed(3, 0, 2, group) for group in range(3)]
    assert [episode.seed for episode in played] == [seed for seed in seeds for _ in range(4)]
    again = rollout(
        GRPO(config(seed=3)).policy,
        EnvironmentPool("MathBoxed-v0", 12, KWARGS),
        [episode.seed for episode in played],
        max_new_tokens=8,
        temperature=1.3,
        generator=torch.Generator().manual_seed(derive_seed(3, 1, 2)),
    )
    firsts = [[e.tokens[e.sampled.index(True)] for e in episodes] for episodes in (played, again)]
    assert firsts[0] == firsts[1]
    tokens = [sum(episode.sampled) for episode in played]
    assert len(set(tokens)) > 1
    assert max(tokens) == 8
    assert metrics["learned"] == 2
    assert metrics["reward"] == pytest.approx(np.mean(range(12)) / 8)
    assert metrics["accuracy"] == pytest.approx(4 / 12)
    assert metrics["reasoning"] == pytest.approx(4 / 12)
    assert metrics["tokens_per_episode"] == pytest.approx(sum(tokens) / 12)
    assert metrics["cut_off"] == pytest.approx(sum(e.cut_off for e in played) / 12)
    assert 0 < metrics["cut_off"] < 1
    said = sum(sum(episode.logprobs) for episode in played)
    assert metrics["entropy"] == pytest.approx(-said / sum(tokens))
    assert (metrics["sampling_seconds"], metrics["seconds"]) == (0.5, 1.0)


def records(folder, name="metrics.jsonl"):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def test_a_run_writes_down_how_it_went(tmp_path):
    agent = GRPO(config(updates=5, eval_every=2, checkpoint_every=3, seed=1))
    with torch.no_grad():  # nothing is earned, so nothing is learned: not those of a fresh model
        for parameter in agent.policy.model.parameters():
            parameter.mul_(1.1)
    seen = []
    assert agent.learn(tmp_path, on_update=lambda step, metrics: seen.append((step, metrics)))
    written = records(tmp_path)
    assert [record["step"] for record in written] == [0, 1, 2, 3, 4, 5]
    assert [(step, metrics["step"]) for step, metrics in seen] == [(n, n) for n in range(1, 6)]
    tested = [record["step"] for record in written if "test_accuracy" in record]
    assert tested == [0, 2, 4, 5]
    low, high = written[0]["test_interval"]
    assert low <= written[0]["test_accuracy"] <= high
    assert written[0]["test_reasoning"] == 0
    transcripts = records(tmp_path, "transcripts.jsonl")
    assert [record["step"] for record in transcripts] == [n for n in tested for _ in range(8)]
    assert {record["kind"] for record in transcripts} == {"test"}
    assert [path.name for path in RunFolder.checkpoints(tmp_path)] == ["000003", "000005"]
    assert (tmp_path / "learning_curve.png").exists()
    agent.save(tmp_path / "model")
    for loaded in (GRPO.load(tmp_path), GRPO(config(model=str(tmp_path / "model")))):
        assert torch.equal(weights(loaded), weights(agent))
        assert loaded.act("What is 2 + 2?") == agent.act("What is 2 + 2?")
    assert GRPO.load(tmp_path).config == agent.config


def paid(**changes) -> GRPO:
    return Paid(config(eval_every=0, checkpoint_every=0, **changes))


def test_a_run_that_is_interrupted_goes_on_exactly(tmp_path, monkeypatch, capsys):
    straight = paid(updates=3, warmup_updates=0)
    assert straight.learn(tmp_path / "straight") is True
    assert "Paid 3/3" in capsys.readouterr().err
    progress, shown = RunFolder.progress, []
    monkeypatch.setattr(
        RunFolder, "progress", lambda run, *args: shown.append(args) or progress(run, *args)
    )
    drawn = []
    monkeypatch.setattr(RunFolder, "draw", lambda run, *args: drawn.append(args))
    agent, stopped = paid(updates=3, warmup_updates=0), tmp_path / "stopped"

    def interrupt(step, metrics):
        if step == 1:
            signal.raise_signal(signal.SIGINT)

    assert agent.learn(stopped, on_update=interrupt) is False
    assert [path.name for path in RunFolder.checkpoints(stopped)] == ["000001"]
    again = paid(updates=3, warmup_updates=0)
    assert again.learn(stopped, resume=True) is True
    assert shown == [("Paid", 3, 0), ("Paid", 3, 1)]
    assert drawn == [("Paid on MathBoxed-v0", *rewarded_agent.CURVES)] * 2
    written = [
        [{k: v for k, v in record.items() if "seconds" not in k} for record in records(folder)]
        for folder in (stopped, tmp_path / "straight")
    ]
    assert written[0] == written[1]
    assert [record["step"] for record in written[0]] == [0, 1, 2, 3]
    assert ["test_accuracy" in record for record in written[0]] == [True, False, False, True]
    assert torch.equal(weights(again), weights(straight))
    assert not torch.equal(weights(again), weights(agent))
    asked = []

    def load(folder, **kwargs):
        asked.append((folder, kwargs))
        return again.policy

    monkeypatch.setattr(LanguageModel, "load", load)
    assert GRPO.load(stopped).policy is again.policy
    folder = str(stopped / "checkpoints" / "000003" / "model")
    prompts = {"system_prompt": None, "chat_template_kwargs": {}}
    assert asked == [(folder, {"device": "cpu", "dtype": "float32", **prompts})]


def test_a_run_can_keep_to_some_problems(monkeypatch):
    env = gym.make("MathBoxed-v0", **KWARGS)
    ids = tuple(env.reset(seed=seed)[1]["problem_id"] for seed in (11, 5))
    agent = GRPO(config(problem_ids=ids, groups=3, group_size=2))
    played = [[e.problem_id for e in agent._sample(step)] for step in range(2)]
    one, other = ids
    assert played[0] == [one, one, other, other, one, one]
    assert played[1] == [other, other, one, one, other, other]
    monkeypatch.setattr(rewarded_agent, "_EPISODES_SEARCHED", 50)
    test = gym.make("MathBoxed-v0", split="test", **KWARGS).reset(seed=1)[1]["problem_id"]
    with pytest.raises(ValueError, match=f"{test}: no such problem among 50 episodes"):
        GRPO(config(problem_ids=(test,)))


def test_an_evaluation_is_greedy_and_of_problems_that_training_never_sees():
    agent = GRPO(config(eval_problems=6, max_new_tokens=4, seed=7))
    score, again = agent.evaluate(), GRPO(config(eval_problems=6, max_new_tokens=4)).evaluate()
    assert len({episode.problem_id for episode in score.episodes}) == 6
    seeds = [episode.seed for episode in score.episodes]
    assert seeds == [episode.seed for episode in again.episodes]  # the same whatever the seed
    assert seeds == [episode.seed for episode in agent.evaluate().episodes]
    assert seeds == distinct_seeds(agent._test_envs[0], 6, 20_000_101)
    test = gym.make("MathBoxed-v0", split="test", **KWARGS)
    for episode in score.episodes:
        observation, info = test.reset(seed=episode.seed)
        assert info["problem_id"] == episode.problem_id
        prompt = agent.policy.prompt(observation)
        [reply] = agent.policy.sample([prompt], max_new_tokens=4, temperature=0.0)
        assert episode.tokens == prompt + reply.tokens


def test_global_random_states_are_left_alone(tmp_path):
    before = torch.get_rng_state(), random.getstate(), str(np.random.get_state())  # noqa: NPY002
    GRPO(config(updates=1)).learn(tmp_path / "run")
    after = torch.get_rng_state(), random.getstate(), str(np.random.get_state())  # noqa: NPY002
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_a_look_at_the_test_problems_is_greedy_and_sampled(tmp_path, monkeypatch):
    """What is said of answers that reason is measured on samples: greedily none may reason."""

    def episode(text: str, success: bool) -> Episode:
        episode = Episode(0, success=success)
        episode.reply([1], [0.0], text)
        return episode

    right, wrong = (episode(f"<think>1+1={n}</think>{n}", n == 2) for n in (2, 3))
    guess = episode("<think></think>2", True)
    looks = {0.0: [guess] * 10, 0.7: [right, right, right, wrong, guess]}
    agent = GRPO(config(temperature=0.7))
    monkeypatch.setattr(agent, "evaluate", lambda temperature=0.0: Score(looks[temperature]))
    run = RunFolder(tmp_path / "run", agent.config)
    metrics = agent._test(run, 0)
    assert (metrics["test_accuracy"], metrics["test_reasoning"]) == (1.0, 0.0)
    assert metrics["test_sampled_accuracy"] == pytest.approx(0.8)
    assert metrics["test_sampled_reasoning"] == pytest.approx(0.8)
    assert metrics["test_reasoned_accuracy"] == pytest.approx(0.75)
    assert metrics["test_reasoned_interval"] == pytest.approx(wilson_interval(3, 4))
    assert len((tmp_path / "run/transcripts.jsonl").read_text().splitlines()) == 8
    looks[0.7] = looks[0.0]
    assert "test_reasoned_accuracy" not in agent._test(run, 1)


def test_every_look_is_at_the_same_problems_with_the_same_draws():
    agent = GRPO(config(temperature=0.7))
    sampled = [agent.evaluate(0.7) for _ in range(2)]
    assert sampled[0].episodes == sampled[1].episodes
    greedy = agent.evaluate()
    assert [e.seed for e in greedy.episodes] == [e.seed for e in sampled[0].episodes]
    assert [e.tokens for e in greedy.episodes] != [e.tokens for e in sampled[0].episodes]


def test_a_look_plays_at_most_256_environments_at_a_time(monkeypatch):
    made, looks = [], []

    def making(env_id, count, kwargs, step_seconds):
        made.append((env_id, count, kwargs))
        return EnvironmentPool(env_id, 1, kwargs)

    kwargs = {**KWARGS, "level": 4}
    agent = GRPO(config(max_new_tokens=7, max_tokens=50, env_kwargs=kwargs))
    monkeypatch.setattr(rewarded_agent, "EnvironmentPool", making)

    def looking(*args, **settings):
        looks.append((args, settings))
        return Score([])

    monkeypatch.setattr(rewarded_agent, "evaluate", looking)
    for problems, count in ((255, 255), (300, 256)):
        agent._test_seeds, agent.config.eval_problems = [], problems
        for temperature in (0.0, 0.7):
            agent.evaluate(temperature)
            args, settings = looks.pop()
            assert args == (agent.policy, agent._test_envs, agent._test_seeds)
            assert settings.pop("generator").initial_seed() == 20_000_101
            assert settings == {
                "max_new_tokens": 7,
                "max_turns": None,
                "max_tokens": 50,
                "temperature": temperature,
            }
        assert made == [("MathBoxed-v0", count, {**kwargs, "split": "test"})]  # once
        assert len(agent._test_seeds) == problems
        made.clear()


@pytest.mark.parametrize(("dtype", "limit"), [("float32", 1e-3), ("bfloat16", 0.05)])
def test_how_far_apart_sampling_and_learning_may_be(dtype, limit):
    agent = GRPO(config(dtype=dtype))
    for mean, stops in ((0.9 * limit, False), (1.1 * limit, True)):
        errors = torch.full((1000,), mean)
        errors[0] = 3.0 * mean
        if stops:
            with pytest.raises(RuntimeError, match=r"differ by .* in the mean before any learning"):
                agent._mismatch(errors)
        else:
            got = agent._mismatch(errors)
            assert got["mismatch"] == pytest.approx(mean, rel=1e-2)
            assert got["mismatch_max"] == pytest.approx(3.0 * mean)
    agent.config.mismatch = "log"
    assert agent._mismatch(torch.full((10,), 1.0))["mismatch_p999"] == 1.0


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
                episode.repay(float(coin.random() < 0.5))
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
            episode.repay(float(episode.tokens[first] % 2 == 0))
        shares.append(np.mean([episode.reward for episode in episodes]))
        return learn_from(episodes, step)

    agent.learn_from = pay_even_ids
    for step in range(25):
        agent.update(step)
    assert np.mean(shares[:2]) < 0.7
    assert np.mean(shares[-2:]) > 0.9
