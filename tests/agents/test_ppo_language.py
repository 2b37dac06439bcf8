"""PPO for language models: advantages by hand, the gradient written out, and the critic."""

from __future__ import annotations

import signal

import pytest
import torch

from agents.actor_critic import generalized_advantages
from agents.ppo_language import PPOLanguage, PPOLanguageConfig, turn_advantages
from tests.agents.test_expert_iteration import KWARGS, gradient, play, weights


def config(**changes) -> PPOLanguageConfig:
    small = {
        "env_kwargs": KWARGS,
        "groups": 12,
        "max_new_tokens": 8,
        "updates": 4,
        "minibatches": 1,
        "epochs": 1,
        "eval_every": 0,
        "eval_problems": 8,
        "checkpoint_every": 1,
        "device": "cpu",
    }
    return PPOLanguageConfig(**small | changes)


def test_advantages_by_hand():
    """δ = (1 + .5·2 − 4, 3 + .5·1 − 2, 0 − 1) = (−2, 1.5, −1); A = δ + .25 A of the next."""
    found = turn_advantages([1, 3, 0], [4, 2, 1], gamma=0.5, gae_lambda=0.5)
    assert found == pytest.approx([-2 + 0.25 * (1.5 - 0.25), 1.5 - 0.25, -1])
    assert turn_advantages([1, 3, 0], [4, 2, 1], gamma=1, gae_lambda=1) == [0, 1, -1]


def test_advantages_are_those_of_the_classic_agents():
    draw = torch.Generator().manual_seed(0)
    rewards, values = torch.randn(7, generator=draw), torch.randn(7, generator=draw)
    ends = torch.tensor([[n == 6] for n in range(7)])
    expected = generalized_advantages(
        rewards[:, None],
        torch.cat([values, torch.tensor([5.0])])[:, None],
        ends,
        torch.zeros_like(ends),
        gamma=0.9,
        gae_lambda=0.8,
    )
    found = turn_advantages(rewards.tolist(), values.tolist(), gamma=0.9, gae_lambda=0.8)
    assert found == pytest.approx(expected[:, 0].tolist(), abs=1e-6)


def with_critic(agent):
    """A head that says something."""
    draw = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in agent.value_head.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=draw) / 8)


@pytest.mark.parametrize("shared", [True, False])
def test_the_gradient_is_that_of_the_equation(shared):
    """Token by token and turn by turn, one row at a time; the policy has moved since."""
    settings = {"gamma": 0.9, "gae_lambda": 0.7, "value_coef": 0.3, "entropy_coef": 0.05}
    agent = PPOLanguage(config(shared=shared, tokens_per_pass=150, **settings))
    episodes = play(agent, [1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0], max_turns=3)
    short = episodes[1]  # one that was over after its first turn
    short.turns, end = short.turns[:1], short.turns[0].end
    for name in ("tokens", "sampled", "logprobs"):
        setattr(short, name, getattr(short, name)[:end])
    assert {len(episode.turns) for episode in episodes} == {1, 3}
    with_critic(agent)
    with torch.no_grad():
        draw = torch.Generator().manual_seed(2)
        for parameter in agent.policy.model.parameters():
            parameter.add_(0.01 * torch.randn(parameter.shape, generator=draw))

    model, head = agent.policy.model, agent.value_head
    seen = []
    for episode in episodes:
        output = model(torch.tensor([episode.tokens]), output_hidden_states=True)
        states = output.hidden_states[-1][0]
        firsts = states[[turn.start - 1 for turn in episode.turns]]
        values = head(firsts if shared else firsts.detach())[:, 0]
        found = turn_advantages(
            [turn.reward for turn in episode.turns], values.tolist(), gamma=0.9, gae_lambda=0.7
        )
        seen.append((episode, torch.log_softmax(output.logits[0], -1), values, found))
    every = torch.tensor([a for *_, found in seen for a in found])
    turns, count = len(every), sum(sum(episode.sampled) for episode in episodes)
    total = 0.0
    for episode, logp, values, found in seen:
        old = iter(episode.sampled_logprobs)
        for n, turn in enumerate(episode.turns):
            advantage = (found[n] - every.mean()) / every.std(correction=0)
            for t in range(turn.start, turn.end):
                ratio = (logp[t - 1, episode.tokens[t]] - next(old)).exp()
                bounded = ratio.clamp(0.8, 1.2)
                total = total - torch.minimum(ratio * advantage, bounded * advantage) / count
                entropy = -(logp[t - 1].exp() * logp[t - 1]).sum()
                total = total - 0.05 * entropy / count
            target = found[n] + values[n].detach()
            total = total + 0.3 * (values[n] - target).square() / 2 / turns
    total.backward()
    expected = torch.cat([p.grad.flatten() for p in model.parameters()])
    of_head = torch.cat([p.grad.flatten() for p in head.parameters()])
    model.zero_grad()
    head.zero_grad()
    heads = []
    agent.value_optimizer.step = lambda: heads.append(
        torch.cat([p.grad.flatten().clone() for p in head.parameters()])
    )
    torch.testing.assert_close(gradient(agent, episodes), expected, atol=2e-5, rtol=2e-3)
    torch.testing.assert_close(heads[0], of_head, atol=2e-5, rtol=2e-3)
    assert expected.abs().max() > 0.01
    assert of_head.abs().max() > 0.01


def test_the_critic_learns_what_turns_are_worth():
    """Episodes that begin alike are paid alike: soon nothing of it is a surprise."""
    agent = PPOLanguage(config(groups=3, group_size=4, value_learning_rate=1e-2, epochs=4))
    episodes = play(agent, [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    metrics = [agent.learn_from(episodes, 0) for _ in range(15)]
    assert metrics[0]["explained_variance"] == pytest.approx(0, abs=1e-5)  # its values are all 0
    assert metrics[-1]["explained_variance"] > 0.9
    assert metrics[-1]["value_loss"] < metrics[0]["value_loss"] / 4


def test_it_learns_a_very_simple_thing():
    """Replies that begin with a certain kind of character are paid: soon all of them do."""
    settings = {"groups": 64, "max_new_tokens": 1, "learning_rate": 5e-3, "updates": 40}
    agent, shares = PPOLanguage(config(**settings)), []
    learn_from = agent.learn_from

    def pay_even_ids(episodes, step):
        for episode in episodes:
            episode.repay(float(episode.tokens[episode.sampled.index(True)] % 2 == 0))
        shares.append(sum(episode.reward for episode in episodes) / len(episodes))
        return learn_from(episodes, step)

    agent.learn_from = pay_even_ids
    for step in range(25):
        agent.update(step)
    assert sum(shares[:2]) / 2 < 0.7
    assert sum(shares[-2:]) / 2 > 0.9


def test_a_run_that_is_interrupted_goes_on_exactly(tmp_path):
    class Paid(PPOLanguage):
        def learn_from(self, episodes, step):
            for episode in episodes:
                episode.repay(float(episode.tokens[episode.sampled.index(True)] % 2 == 0))
            return super().learn_from(episodes, step)

    def everything(agent):
        return torch.cat([weights(agent), *(p.flatten() for p in agent.value_head.parameters())])

    straight, stopped = Paid(config()), Paid(config())
    before = everything(straight)
    assert straight.learn(tmp_path / "straight")

    def interrupt(step, metrics):
        if step == 2:
            signal.raise_signal(signal.SIGINT)

    assert not stopped.learn(tmp_path / "stopped", on_update=interrupt)
    again = Paid(config())
    assert again.learn(tmp_path / "stopped", resume=True)
    assert torch.equal(everything(again), everything(straight))
    assert not torch.equal(everything(again), before)


def test_torchs_own_random_numbers_are_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    PPOLanguage(config())
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gamma": 1.5}, "gamma"),
        ({"gae_lambda": -0.1}, "gae_lambda"),
        ({"clip": 0.0}, "clip"),
        ({"epochs": 0}, "epochs"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        PPOLanguage(config(**changes))
