"""DPO: the loss by hand, the gradient of a pair, which pairs there are, and who samples them."""

from __future__ import annotations

import math
import signal

import pytest
import torch
from torch.nn.functional import logsigmoid

from agents.common.environment_pool import Failure
from agents.dpo import DPO, DPOConfig, Pair, preference
from tests.agents.test_expert_iteration import KWARGS, gradient, play, weights


def config(**changes) -> DPOConfig:
    small = {
        "env_kwargs": KWARGS,
        "groups": 3,
        "group_size": 4,
        "max_new_tokens": 8,
        "updates": 4,
        "eval_every": 0,
        "eval_problems": 8,
        "checkpoint_every": 1,
        "device": "cpu",
    }
    return DPOConfig(**small | changes)


def move(agent, size=0.01):
    """The policy has learned since the reference was copied, so that margins are not 0."""
    draw = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in agent.policy.model.parameters():
            parameter.add_(size * torch.randn(parameter.shape, generator=draw))


def test_the_loss_by_hand():
    """m = 0.5 (1 − (−1)) = 1: −log σ(1) = log(1 + 1/e), with the slope β σ(−1)."""
    chosen = torch.tensor([1.0, 0.0], requires_grad=True)
    rejected = torch.tensor([-1.0, 0.0], requires_grad=True)
    loss, margin, slope = preference(chosen, rejected, beta=0.5)
    assert margin.tolist() == [1.0, 0.0]
    assert loss.tolist() == pytest.approx([math.log(1 + math.exp(-1)), math.log(2)])
    loss.sum().backward()
    assert chosen.grad.tolist() == pytest.approx((-slope).tolist())
    assert rejected.grad.tolist() == pytest.approx(slope.tolist())
    assert slope.tolist() == pytest.approx([0.5 / (1 + math.e), 0.25])


@pytest.mark.parametrize("coef", [0.0, 0.3])
def test_the_gradient_is_that_of_the_equation(coef):
    """With both sides of a pair in one loss, token by token, and autograd through all of it."""
    agent = DPO(config(beta=0.7, likelihood_coef=coef, tokens_per_pass=150, pairs=2))
    episodes = play(agent, [1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0], max_turns=3)
    move(agent)
    pairs = [(episodes[0], episodes[1]), (episodes[2], episodes[3]), (episodes[9], episodes[8])]

    def logp(model, episode):
        logits = torch.log_softmax(model(torch.tensor([episode.tokens])).logits[0], -1)
        return sum(logits[t - 1, episode.tokens[t]] for t, own in enumerate(episode.sampled) if own)

    model, reference, total = agent.policy.model, agent.reference.model, 0.0
    for chosen, rejected in pairs:
        up = logp(model, chosen) - logp(reference, chosen)
        down = logp(model, rejected) - logp(reference, rejected)
        total = total - logsigmoid(0.7 * (up - down))
        total = total - coef * logp(model, chosen) / sum(chosen.sampled)
    (total / 3).backward()
    expected = torch.cat([p.grad.flatten() for p in model.parameters()])
    model.zero_grad()
    torch.testing.assert_close(gradient(agent, episodes), expected, atol=2e-5, rtol=2e-3)
    assert expected.abs().max() > 0.01


def test_pairs_are_of_one_problem_and_no_episode_is_in_two():
    agent = DPO(config(group_size=8, pairs=2))
    group = play(agent, [1, 1, 0, 1, 0, 0, 1, 0])
    assert [each[:2] for each in agent._pairs_of(group)] == [
        (group[0], group[2]),
        (group[1], group[4]),
    ]
    agent.config.pairs = 8
    assert len(agent._pairs_of(group)) == 4
    group[0].failure = Failure("RuntimeError: gone", "Traceback …")
    group[2].turns = []
    assert [each[:2] for each in agent._pairs_of(group)] == [
        (group[1], group[4]),
        (group[3], group[5]),
        (group[6], group[7]),
    ]
    for same in (True, False):
        for episode in group:
            episode.success = same
        assert agent._pairs_of(group) == []


def test_what_has_no_end_is_not_preferred():
    """Nor is it rejected: its answer is right."""
    agent = DPO(config(pairs=4))
    group = play(agent, [1, 1, 0, 0])
    group[0].cut_off = group[2].cut_off = True
    assert [each[:2] for each in agent._pairs_of(group)] == [(group[1], group[2])]


def test_metrics_tell_of_both_sides():
    agent = DPO(config(beta=0.5))
    episodes = play(agent, [1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    move(agent)
    pairs = agent._with_references([Pair(*episodes[:2]), Pair(*episodes[2:4])])
    logps = list(map(sum, agent._logprobs_of(episodes[:4])))
    chosen = [logps[n] - pairs[n // 2].references[0] for n in (0, 2)]
    rejected = [logps[n] - pairs[n // 2].references[1] for n in (1, 3)]
    agent.optimizer.step = lambda: None
    metrics = agent.learn_from(episodes, 0)
    assert metrics["pairs"] == 2
    assert metrics["contrast"] == pytest.approx(1 / 3)
    assert metrics["logp_chosen"] == pytest.approx(sum(chosen) / 2, abs=1e-5)
    assert metrics["logp_rejected"] == pytest.approx(sum(rejected) / 2, abs=1e-5)
    assert metrics["margin"] == pytest.approx(0.5 * (sum(chosen) - sum(rejected)) / 2, abs=1e-5)
    right = sum(up > down for up, down in zip(chosen, rejected, strict=True))
    assert metrics["pair_accuracy"] == right / 2
    assert metrics["tokens_chosen"] == sum(sum(episodes[n].sampled) for n in (0, 2)) / 2


def test_steps_widen_the_margin_of_their_pairs():
    agent = DPO(config(learning_rate=1e-3, warmup_updates=0))
    episodes = play(agent, [1, 0, 0, 1] * 3)
    margins = [agent.learn_from(episodes, 0)["margin"] for _ in range(5)]
    assert margins[0] == pytest.approx(0, abs=1e-6)
    assert margins == sorted(margins)
    assert margins[-1] > 0.05


def sampled_in(agent, updates):
    """What was said in each update, with verdicts by what it begins with."""
    said = []
    learn_from = agent.learn_from

    def looking(episodes, step):
        said.append([episode.tokens for episode in episodes])
        for episode in episodes:
            episode.success = episode.tokens[episode.sampled.index(True)] % 2 == 0
            episode.cut_off = False
        return learn_from(episodes, step)

    agent.learn_from = looking
    for step in range(updates):
        agent.update(step)
    return said


def test_who_samples():
    fast = {"learning_rate": 1e-2, "warmup_updates": 0}
    still = sampled_in(DPO(config(learning_rate=0.0)), 3)
    online = sampled_in(DPO(config(**fast)), 3)
    offline = sampled_in(DPO(config(**fast, sampled_by="reference")), 3)
    iterated = sampled_in(DPO(config(**fast, sampled_by="reference", reference_every=2)), 3)
    assert offline == still  # of the model at the start, however much was learned since
    assert online[0] == still[0]
    assert online[1] != still[1]
    assert iterated[:2] == still[:2]
    assert iterated[2] != still[2]


def test_the_reference_is_prompted_as_the_policy_is():
    agent = DPO(config(system_prompt="Answer in a box.", sampled_by="reference"))
    assert agent.reference.prompt("2 + 3?") == agent.policy.prompt("2 + 3?")
    assert agent.reference.end_ids == agent.policy.end_ids


def test_a_run_that_is_interrupted_goes_on_exactly(tmp_path):
    class Paid(DPO):
        def learn_from(self, episodes, step):
            for episode in episodes:
                episode.success = episode.tokens[episode.sampled.index(True)] % 2 == 0
                episode.cut_off = False
            return super().learn_from(episodes, step)

    changes = {"reference_every": 2, "learning_rate": 1e-3, "warmup_updates": 0}
    straight, stopped = Paid(config(**changes)), Paid(config(**changes))
    before = weights(straight)
    assert straight.learn(tmp_path / "straight")

    def interrupt(step, metrics):
        if step == 3:
            signal.raise_signal(signal.SIGINT)

    assert not stopped.learn(tmp_path / "stopped", on_update=interrupt)
    again = Paid(config(**changes))
    assert again.learn(tmp_path / "stopped", resume=True)
    assert torch.equal(weights(again), weights(straight))
    assert not torch.equal(weights(again), before)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"beta": 0.0}, "beta"),
        ({"likelihood_coef": -1.0}, "likelihood_coef"),
        ({"pairs": 0}, "pairs"),
        ({"group_size": 1}, "group_size"),
        ({"reference_every": -1}, "reference_every"),
        ({"sampled_by": "reference", "sampler": "http://localhost:1"}, "sampled_by"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        DPO(config(**changes))
