"""Faults that trainers have had: each is put in, and what an update does is not right any more.

Right is what a loop over single rows computes, token by token, from what was said and paid.  The
cache of another row is in `test_sampler`, and a follow-up without its separator in
`test_language_model`.
"""

from __future__ import annotations

import math

import pytest
import torch

from agents import grpo
from agents.common import objectives
from agents.common.environment_pool import EnvironmentPool, Failure
from agents.common.language_model import LanguageModel
from agents.common.rollouts import Episode, rollout
from agents.grpo import GRPO, GRPOConfig

GROUPS, SIZE = 3, 4


def agent_and_episodes(**changes):
    """Real episodes of several turns, of different lengths, some of them failed."""
    settings = {"topics": "integer_arithmetic", "level": 1, "instruction": ""}
    config = GRPOConfig(
        env_kwargs={"max_turns": 3, **settings},
        groups=GROUPS,
        group_size=SIZE,
        max_new_tokens=7,
        max_grad_norm=math.inf,
        eval_every=0,
        device="cpu",
        mismatch="log",
        tokens_per_pass=150,
        **changes,
    )
    agent = GRPO(config)
    agent.policy.end_ids += list(range(5, 250, 10))  # so that some replies end
    envs = EnvironmentPool("MathBoxed-v0", GROUPS * SIZE, config.env_kwargs)
    episodes = rollout(
        agent.policy,
        envs,
        [i // SIZE for i in range(GROUPS * SIZE)],
        max_new_tokens=config.max_new_tokens,
        generator=torch.Generator().manual_seed(1),
    )
    for i, episode in enumerate(episodes):
        episode.repay([1.0, 0.0, 0.25, 0.0, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0][i])
    episodes[2].failure = Failure("RuntimeError: gone", "Traceback …")
    with torch.no_grad():  # the policy has moved since, so that ratios are not 1
        draw = torch.Generator().manual_seed(2)
        for parameter in agent.policy.model.parameters():
            parameter.add_(0.01 * torch.randn(parameter.shape, generator=draw))
    return agent, episodes


def gradient(agent: GRPO, episodes: list[Episode]) -> torch.Tensor:
    """What the update would step by."""
    grads = []
    agent.optimizer.step = lambda: grads.append(
        torch.cat([p.grad.flatten().clone() for p in agent.policy.model.parameters()])
    )
    agent.learn_from(episodes, 0)
    return grads[0]


def written_out(agent: GRPO, episodes: list[Episode]) -> torch.Tensor:
    """The same, from the equations, with nothing of the trainer."""
    model, total, count = agent.policy.model, 0.0, 0
    low, high = 1 - 0.2, 1 + 0.28
    for group in range(GROUPS):
        members = [e for e in episodes[group * SIZE :][:SIZE] if e.failure is None]
        mean = sum(e.reward for e in members) / len(members)
        for episode in members:
            advantage = episode.reward - mean
            if abs(advantage) < 1e-9:
                continue
            logits = model(torch.tensor([episode.tokens])).logits[0]
            logp = torch.log_softmax(logits, -1)
            for turn in episode.turns:
                for t in range(turn.start, turn.end):
                    ratio = (logp[t - 1, episode.tokens[t]] - episode.logprobs[t]).exp()
                    bounded = ratio.clamp(low, high)
                    total = total - torch.minimum(ratio * advantage, bounded * advantage)
                    count += 1
    model.zero_grad()
    (total / count).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters()])


def error(agent: GRPO, episodes: list[Episode]) -> float:
    """Of the gradient, as a share of its length."""
    got = gradient(agent, episodes)
    expected = written_out(agent, episodes)
    return float((got - expected).norm() / expected.norm())


def test_an_update_is_right():
    assert error(*agent_and_episodes()) < 1e-4


def sign(monkeypatch):
    right = grpo.advantages
    monkeypatch.setattr(grpo, "advantages", lambda *args, **kwargs: -right(*args, **kwargs))


def shifted_mask(monkeypatch):
    right = LanguageModel.logprobs_and_entropy

    def shifted(policy, rows, chosen, **kwargs):
        return right(policy, rows, [[*which[1:], False] for which in chosen], **kwargs)

    monkeypatch.setattr(LanguageModel, "logprobs_and_entropy", shifted)


def old_after_the_update(monkeypatch):
    right = grpo.token_loss
    monkeypatch.setattr(grpo, "token_loss", lambda new, old, *args: right(new, new.detach(), *args))


def groups_mixed(monkeypatch):
    right = grpo.advantages

    def mixed(returns, counts, **kwargs):
        found = right(returns.T.contiguous(), counts.T.contiguous(), **kwargs)
        return found.T.contiguous()

    monkeypatch.setattr(grpo, "advantages", mixed)


def padding_in_the_mean(monkeypatch):
    right = grpo.token_weights

    def padded(episodes, objective, *, tokens, **kwargs):
        longest = int(episodes.bincount().max())
        return right(episodes, objective, tokens=(int(episodes.max()) + 1) * longest, **kwargs)

    monkeypatch.setattr(grpo, "token_weights", padded)


def failure_is_paid_nothing(monkeypatch):
    def all_count(agent, episodes):
        for episode in episodes:
            if episode.failure:
                episode.repay(0.0)
        return [True] * len(episodes)

    monkeypatch.setattr(GRPO, "_counts", all_count)


def no_clip(monkeypatch):
    right = objectives.RECIPES["plain"]
    monkeypatch.setitem(objectives.RECIPES, "plain", right._replace(bound="none"))


FAULTS = [
    sign,
    shifted_mask,
    old_after_the_update,
    groups_mixed,
    padding_in_the_mean,
    failure_is_paid_nothing,
    no_clip,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_would_be_noticed(fault, monkeypatch):
    agent, episodes = agent_and_episodes()
    expected = written_out(agent, episodes)
    fault(monkeypatch)
    got = gradient(agent, episodes)
    assert float((got - expected).norm() / expected.norm()) > 1e-2
