"""Expert iteration: what is kept, the gradient by hand, and that it learns."""

from __future__ import annotations

import math
import signal

import pytest
import torch

from agents.common.environment_pool import EnvironmentPool, Failure
from agents.common.rollouts import Episode, rollout
from agents.expert_iteration import ExpertIteration, ExpertIterationConfig

KWARGS = {"topics": "integer_arithmetic", "level": 1, "instruction": ""}


def config(**changes) -> ExpertIterationConfig:
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
    return ExpertIterationConfig(**small | changes)


def weights(agent) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in agent.policy.model.parameters()])


def gradient(agent, episodes, step=0) -> torch.Tensor:
    """The gradient that an update would apply, before clipping its norm."""
    agent.config.max_grad_norm = math.inf
    grads = []
    agent.optimizer.step = lambda: grads.append(
        torch.cat([p.grad.flatten().clone() for p in agent.policy.model.parameters()])
    )
    agent.learn_from(episodes, step)
    del agent.optimizer.step
    return grads[0] if grads else torch.zeros(0)


def play(agent, successes, max_turns=1) -> list[Episode]:
    """Real episodes, with verdicts of our choice."""
    agent.policy.end_ids += list(range(5, 250, 10))  # so that some replies end
    envs = EnvironmentPool("MathBoxed-v0", len(successes), {"max_turns": max_turns, **KWARGS})
    size = agent.config.group_size
    episodes = rollout(
        agent.policy,
        envs,
        [i // size for i in range(len(successes))],
        max_new_tokens=agent.config.max_new_tokens,
        generator=torch.Generator().manual_seed(1),
    )
    for episode, success in zip(episodes, successes, strict=True):
        episode.success = bool(success)
        episode.cut_off = False
        episode.repay(float(success))
    return episodes


def written_out(agent, weighted) -> torch.Tensor:
    """The gradient of −Σ w log π(o), token by token, of pairs of an episode and its weight."""
    model, total = agent.policy.model, 0.0
    for episode, weight in weighted:
        logits = model(torch.tensor([episode.tokens])).logits[0] / agent.config.temperature
        logp = torch.log_softmax(logits, -1)
        for t, chosen in enumerate(episode.sampled):
            if chosen:
                total = total - weight * logp[t - 1, episode.tokens[t]]
    model.zero_grad()
    total.backward()
    grads = torch.cat([p.grad.flatten() for p in model.parameters()])
    model.zero_grad()
    return grads


def test_the_gradient_is_that_of_the_likelihood_of_what_succeeded():
    """Of all its turns, and of nothing that the environment said."""
    agent = ExpertIteration(config(temperature=0.7, tokens_per_pass=150))
    episodes = play(agent, [1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0], max_turns=3)
    kept = [episode for episode in episodes if episode.success]
    assert max(len(episode.turns) for episode in kept) > 1
    count = sum(sum(episode.sampled) for episode in kept)
    expected = written_out(agent, [(episode, 1 / count) for episode in kept])
    torch.testing.assert_close(gradient(agent, episodes), expected, atol=2e-5, rtol=2e-3)
    assert expected.abs().max() > 0.01


def test_what_is_kept():
    agent = ExpertIteration(config(group_size=8, most=2))
    group = play(agent, [0, 1, 1, 1, 1, 0, 1, 0])
    group[1].failure = Failure("RuntimeError: gone", "Traceback …")
    group[2].turns = []  # its prompt left no room for a reply
    group[4].tokens = group[3].tokens
    assert agent._kept(group) == [group[4], group[6]]  # 3 and 4 say the same
    agent.config.most = 0
    assert agent._kept(group) == [group[4], group[6]]
    agent.config.most = 1
    assert agent._kept(group) == [group[4]]
    assert agent._kept(group[:1]) == []


@pytest.mark.parametrize("keep", ["solved", "best"])
def test_what_has_no_end_is_not_imitated(keep):
    """Its answer may be right, but who imitates it soon never ends a reply."""
    agent = ExpertIteration(config(keep=keep))
    group = play(agent, [1, 0, 1, 1])
    group[0].cut_off = group[1].cut_off = True
    assert agent._kept(group) == [group[2], group[3]]


def test_the_best_of_a_group_is_kept_where_there_is_a_better_and_a_worse():
    agent = ExpertIteration(config(keep="best", most=0))
    group = play(agent, [0, 0, 0, 0])
    for episode, reward in zip(group, [0.5, 0.25, 0.5, 0.0], strict=True):
        episode.repay(reward)
    assert agent._kept(group) == [group[0], group[2]]
    for episode in group:
        episode.repay(0.5)
    assert agent._kept(group) == []


def test_where_nothing_succeeded_nothing_is_learned():
    agent = ExpertIteration(config())
    before = weights(agent)
    metrics = agent.learn_from(play(agent, [0] * 12), 0)
    assert metrics["kept"] == 0
    assert torch.equal(weights(agent), before)


def test_passes_and_minibatches_go_over_all_that_is_kept():
    agent = ExpertIteration(config(minibatches=2, epochs=3))
    episodes = play(agent, [1] * 12)
    rates, sizes = [], []
    step_by = agent._step_by

    def looking(batch, each):
        rates.append(agent.optimizer.param_groups[0]["lr"] / agent.config.learning_rate)
        sizes.append(len(batch))
        assert sum(w * sum(e.sampled) for w, e in zip(each, batch, strict=True)) == pytest.approx(1)
        return step_by(batch, each)

    agent._step_by = looking
    agent.learn_from(episodes, 2)
    kept = sum(len(agent._kept(episodes[start : start + 4])) for start in (0, 4, 8))
    assert sizes == [math.ceil(kept / 2), kept // 2] * 3
    # The rate falls within the update, too: 4 updates, of which 2 are over.
    assert rates == pytest.approx([1 - (2 + n / 6) / 4 for n in range(6)])


def test_a_run_that_is_interrupted_goes_on_exactly(tmp_path):
    class Paid(ExpertIteration):
        def learn_from(self, episodes, step):
            for episode in episodes:
                episode.success = episode.tokens[episode.sampled.index(True)] % 2 == 0
                episode.cut_off = False
            return super().learn_from(episodes, step)

    straight, stopped = Paid(config()), Paid(config())
    before = weights(straight)
    assert straight.learn(tmp_path / "straight")

    def interrupt(step, metrics):
        if step == 2:
            signal.raise_signal(signal.SIGINT)

    assert not stopped.learn(tmp_path / "stopped", on_update=interrupt)
    again = Paid(config())
    assert again.learn(tmp_path / "stopped", resume=True)
    assert torch.equal(weights(again), weights(straight))
    assert not torch.equal(weights(again), before)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"minibatches": 0}, "minibatches"),
        ({"most": -1}, "most"),
        ({"keep": "best", "group_size": 1}, "group_size"),
        ({"temperature": 0}, "temperature"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        ExpertIteration(config(**changes))
