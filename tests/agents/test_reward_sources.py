"""Rewards without a verdict: who is paid, by hand; and the verdict has no part in it."""

from __future__ import annotations

import json
import math
import signal

import numpy as np
import pytest
import torch

from agents.common.language_model import LanguageModel
from agents.common.reward_sources import is_readable, majority_rewards
from agents.common.rewarded_agent import RewardedAgent
from agents.common.rollouts import Episode
from agents.grpo import GRPO, GRPOConfig

SOURCES = ("majority", "entropy", "certainty", "format")


def config(source, **changes) -> GRPOConfig:
    small = {
        "env_kwargs": {"topics": "integer_arithmetic", "level": 1, "instruction": ""},
        "reward_source": source,
        "groups": 3,
        "group_size": 4,
        "max_new_tokens": 8,
        "updates": 3,
        "eval_every": 0,
        "eval_problems": 8,
        "checkpoint_every": 1,
        "learning_rate": 1e-3,
        "warmup_updates": 0,
        "device": "cpu",
    }
    return GRPOConfig(**small | changes)


def weights(agent) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in agent.policy.model.parameters()])


@pytest.fixture
def boxes(monkeypatch):
    """A random model never says a box: each reply gets one, by the first token that it sampled."""
    sample = RewardedAgent._sample

    def boxed(agent, step, number=0, **settings):
        episodes = sample(agent, step, number, **settings)
        for episode in episodes:
            first = episode.tokens[episode.sampled.index(True)]
            text = f"\\boxed{{{first % 3}}}" if first % 4 else "no answer"
            episode.transcript[-1]["text"] = text
        return episodes

    monkeypatch.setattr(RewardedAgent, "_sample", boxed)


def boxed(*answers: str) -> list[str]:
    return [f"<think>1+1=2</think>\\boxed{{{answer}}}" for answer in answers]


def test_the_commonest_answer_is_paid_however_it_is_written():
    assert majority_rewards(boxed(r"\frac{1}{2}", "0.5", "3", "1/2")) == [1, 1, 0, 1]
    same = [majority_rewards(boxed(half, "2", half, "0.50")) for half in ("0.5", r"\dfrac12")]
    assert same == [[1, 0, 1, 1]] * 2


def test_no_answer_is_no_majority():
    assert majority_rewards(["?", "?", "?", *boxed("7")]) == [0, 0, 0, 1]
    assert majority_rewards(["?", "", "<think>\\boxed{1}"]) == [0, 0, 0]
    assert majority_rewards([]) == []


def test_equally_common_answers_are_paid_alike():
    """Whichever is named first: else the order of the samples would teach."""
    replies = boxed("1", "2", "2", "1", "3")
    assert majority_rewards(replies) == [1, 1, 1, 1, 0]
    assert majority_rewards(replies[::-1]) == [0, 1, 1, 1, 1]
    assert majority_rewards(boxed("1", "2", "3")) == [1, 1, 1]  # so nothing is learned


def test_an_answer_that_can_be_read():
    assert is_readable("I guess \\boxed{7}")
    assert not is_readable("I guess 7")
    assert not is_readable("<think>\\boxed{7}")


def distributions(agent, episode: Episode) -> np.ndarray:
    """π of each sampled token, ``[tokens, vocabulary]``, by the model itself."""
    with torch.no_grad():
        logits = agent.policy.model(torch.tensor([episode.tokens])).logits[0].double()
    places = [t - 1 for t, chosen in enumerate(episode.sampled) if chosen]
    scaled = logits[places, : len(agent.policy.tokenizer)] / agent.config.temperature
    return torch.softmax(scaled, -1).numpy()


def sure(source) -> tuple[list[float], list[float]]:
    """What an agent pays for episodes of different lengths, and what it should by the equations."""
    agent = GRPO(config(source, temperature=0.7, tokens_per_pass=40))
    agent.policy.end_ids += list(range(5, 250, 10))  # so that some replies end
    episodes = agent._sample(0)
    assert len({sum(episode.sampled) for episode in episodes}) > 1
    expected = []
    for episode in episodes:
        pi = distributions(agent, episode)
        if source == "entropy":
            expected.append(float((pi * np.log(pi)).sum(1).mean()))
        else:
            size = pi.shape[1]
            expected.append(float(-np.log(size * pi).sum(1).mean() / size))
    return [episode.reward for episode in episodes], expected


@pytest.mark.parametrize("source", ["entropy", "certainty"])
def test_how_sure_a_model_was_by_hand(source):
    """Of the sampled tokens alone, at the temperature of the sampling, whatever their number."""
    paid, expected = sure(source)
    assert paid == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert all((value < 0) == (source == "entropy") for value in expected)
    assert np.std(expected) > 0


def another_temperature(monkeypatch):
    right = LanguageModel.predictions
    monkeypatch.setattr(
        LanguageModel,
        "predictions",
        lambda *args, temperature, **kwargs: right(*args, temperature=1.0, **kwargs),
    )


def observations_too(monkeypatch):
    right = LanguageModel.predictions

    def shifted(policy, rows, chosen, **kwargs):
        return right(policy, rows, [[*which[1:], False] for which in chosen], **kwargs)

    monkeypatch.setattr(LanguageModel, "predictions", shifted)


def the_other_one(monkeypatch):
    right = LanguageModel.predictions

    def swapped(*args, **kwargs):
        found = right(*args, **kwargs)
        return found._replace(entropies=-found.certainties, certainties=-found.entropies)

    monkeypatch.setattr(LanguageModel, "predictions", swapped)


def in_another_order(monkeypatch):
    right = GRPO._confidence
    monkeypatch.setattr(GRPO, "_confidence", lambda *args: right(*args)[::-1])


@pytest.mark.parametrize("source", ["entropy", "certainty"])
@pytest.mark.parametrize(
    "fault",
    [another_temperature, observations_too, the_other_one, in_another_order],
    ids=lambda fault: fault.__name__,
)
def test_a_fault_would_be_noticed(fault, source, monkeypatch):
    fault(monkeypatch)
    paid, expected = sure(source)
    assert paid != pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_a_model_that_knows_nothing_is_not_certain():
    agent = GRPO(config("certainty"))
    with torch.no_grad():
        for parameter in agent.policy.model.parameters():
            parameter.zero_()
    size = len(agent.policy.tokenizer)
    for source, expected in (("certainty", 0.0), ("entropy", -math.log(size))):
        agent.config.reward_source = source
        rewards = [episode.reward for episode in agent._sample(0)]
        assert rewards == pytest.approx([expected] * len(rewards), abs=1e-5)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.usefixtures("boxes")
def test_the_verdict_has_no_part_in_it(source, monkeypatch):
    """Whatever the environment pays and says: the same update."""
    paid, learned = [], []
    sample = RewardedAgent._sample
    for verdict in (None, True, False):

        def told(agent, step, number=0, *, verdict=verdict, **settings):
            episodes = sample(agent, step, number, **settings)
            for episode in episodes if verdict is not None else ():
                episode.success = verdict
                episode.answer_status = "correct" if verdict else "wrong"
                episode.repay(1000.0 * verdict)
            return episodes

        monkeypatch.setattr(RewardedAgent, "_sample", told)
        agent = GRPO(config(source))
        before = weights(agent)
        metrics = agent.update(0)
        learned.append(weights(agent))
        paid.append(metrics["reward"])
        assert verdict is None or metrics["accuracy"] == float(verdict)
        assert not torch.equal(weights(agent), before)
    assert torch.equal(learned[0], learned[1])
    assert torch.equal(learned[0], learned[2])
    assert len(set(paid)) == 1


@pytest.mark.usefixtures("boxes")
def test_groups_vote_by_themselves():
    agent = GRPO(config("majority"))
    episodes = agent._sample(0)
    for start in range(0, len(episodes), 4):
        group = episodes[start : start + 4]
        assert [e.reward for e in group] == majority_rewards([e.replies[-1] for e in group])
    everything = majority_rewards([episode.replies[-1] for episode in episodes])
    assert [episode.reward for episode in episodes] != everything


def test_what_failed_and_what_was_never_said_is_not_asked(monkeypatch):
    sample = RewardedAgent._sample

    def failing(agent, step, number=0, **settings):
        episodes = sample(agent, step, number, **settings)
        episodes[0].turns, episodes[0].transcript = [], episodes[0].transcript[:1]
        return episodes

    monkeypatch.setattr(RewardedAgent, "_sample", failing)
    for source in SOURCES:
        episodes = GRPO(config(source))._sample(0)
        assert episodes[0].reward == 0
        assert len(episodes) == 12


@pytest.mark.parametrize(("source", "rounds"), [("majority", 1), ("majority", 2), ("entropy", 1)])
@pytest.mark.usefixtures("boxes")
def test_a_run_that_is_interrupted_goes_on_exactly(tmp_path, source, rounds):
    straight, stopped, again = (GRPO(config(source, max_rounds=rounds)) for _ in range(3))
    before = weights(straight)
    assert straight.learn(tmp_path / "straight")

    def interrupt(step, metrics):
        if step == 2:
            signal.raise_signal(signal.SIGINT)

    assert not stopped.learn(tmp_path / "stopped", on_update=interrupt)
    assert bool(stopped._surplus) == (rounds > 1)
    assert again.learn(tmp_path / "stopped", resume=True)
    assert torch.equal(weights(again), weights(straight))
    assert not torch.equal(weights(again), before)
    written = json.loads((tmp_path / "stopped/config.json").read_text())
    assert written["reward_source"] == source


@pytest.mark.parametrize("source", ["majority", "format"])
def test_one_answer_to_vote_on_is_needed(source):
    kwargs = {"topics": "integer_arithmetic", "level": 1, "max_turns": 2}
    with pytest.raises(ValueError, match="set max_turns to 1"):
        GRPO(config(source, env_kwargs=kwargs))
    GRPO(config("entropy", env_kwargs=kwargs))
