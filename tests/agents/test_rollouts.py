"""Rollouts: which tokens were chosen by the policy, and which by the environment."""

from __future__ import annotations

import gymnasium as gym
import pytest
import torch

import reasoning_gym_envs  # noqa: F401
from agents.common.environment_pool import EnvironmentPool
from agents.common.rollouts import (
    Episode,
    Score,
    demonstrate,
    evaluate,
    rollout,
    without_reasoning,
)
from agents.common.sampler import Session
from reasoning_gym_envs.seeds import derive_seed, distinct_seeds

KWARGS = {"topics": "integer_arithmetic", "level": 2, "instruction": ""}


def play(policy, turns=1, seeds=(5, 5, 5, 6, 6, 6), **kwargs):
    envs = EnvironmentPool("MathBoxed-v0", len(seeds), {"max_turns": turns, **KWARGS})
    generator = torch.Generator().manual_seed(0)
    return rollout(policy, envs, seeds, max_new_tokens=6, generator=generator, **kwargs)


def test_members_of_a_group_see_the_same_question(policy):
    episodes = play(policy)
    questions = [episode.transcript[0]["text"] for episode in episodes]
    assert len(set(questions[:3])) == len(set(questions[3:])) == 1
    assert questions[0] != questions[3]
    assert len({episode.replies[0] for episode in episodes[:3]}) == 3
    assert len({episode.problem_id for episode in episodes}) == 2


def test_tokens_are_kept_as_they_were_sampled(policy, monkeypatch):
    rows, sampled = {}, []
    extend, reply = Session.extend, Session.reply

    def extending(session, row, tokens):
        rows[row] = rows.get(row, []) + list(tokens)
        extend(session, row, tokens)

    def replying(session, speaking, **kwargs):
        completions = reply(session, speaking, **kwargs)
        for row, completion in zip(speaking, completions, strict=True):
            sampled.append((rows[row], completion))
            rows[row] = rows[row] + completion.tokens
        return completions

    policy.session()  # tries the model out
    monkeypatch.setattr(Session, "extend", extending)
    monkeypatch.setattr(Session, "reply", replying)
    episodes = play(policy, turns=3)
    assert len(sampled) == 18
    for i, (context, completion) in enumerate(sampled):
        episode = episodes[i % 6]
        size = len(context) + len(completion.tokens)
        assert episode.tokens[:size] == context + completion.tokens
        assert episode.sampled[len(context) : size] == [True] * len(completion.tokens)
        assert episode.logprobs[len(context) : size] == completion.logprobs
    for episode in episodes:
        assert len(episode.tokens) == len(episode.sampled) == len(episode.logprobs)
        chosen = [t for t, s in zip(episode.tokens, episode.sampled, strict=True) if s]
        assert policy.decode([chosen])[0] == "".join(episode.replies)
        roles = [turn["role"] for turn in episode.transcript]
        assert roles == ["environment", "agent"] * 3
        assert (
            "That" in episode.transcript[2]["text"] or "No answer" in episode.transcript[2]["text"]
        )


def test_the_end_of_an_episode_is_the_environments(policy):
    """A right answer at the first turn ends the episode; what follows is not asked for."""
    [env] = EnvironmentPool("MathBoxed-v0", 1, {"max_turns": 3, **KWARGS})
    episode = demonstrate(policy, env, seed=3)
    assert episode.success
    assert episode.reward == pytest.approx(1.0)
    assert [turn["role"] for turn in episode.transcript] == ["environment", "agent"]
    assert episode.tokens[-1] == policy.end_ids[0]
    assert episode.sampled[-1]


def test_an_episode_that_does_not_fit_ends_and_the_others_go_on(policy):
    def lengths(**limits):
        episodes = play(policy, turns=9, **limits)
        assert all(episode.cut_off for episode in episodes)
        return [len(e.replies) for e in episodes], [len(e.tokens) for e in episodes]

    assert lengths()[0] == [9] * 6
    assert lengths(max_turns=2)[0] == [2] * 6
    turns, tokens = lengths(max_tokens=100)
    assert all(0 < n < 9 for n in turns)
    assert max(tokens) > 100  # what is over was said by the environment
    for episode in play(policy, turns=9, max_tokens=100):
        assert max(n for n, s in enumerate(episode.sampled) if s) < 100


def test_the_models_positions_end_an_episode(policy):
    policy.model.config.max_position_embeddings = 100
    episodes = play(policy, turns=9)
    assert all(0 < len(episode.replies) < 9 for episode in episodes)


def test_cut_off_replies_are_marked_and_do_not_get_an_end(policy):
    [episode] = play(policy, seeds=(1,))
    assert episode.cut_off
    assert episode.tokens[-1] not in policy.end_ids
    assert sum(episode.sampled) == 6


def test_demonstration_without_reasoning(policy):
    [env] = EnvironmentPool("MathBoxed-v0", 1, KWARGS)
    episode = demonstrate(policy, env, seed=3, reasoning=False)
    assert episode.replies[0].startswith("<think></think>\\boxed{")
    assert episode.success


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>a</think>b", "<think></think>b"),
        ("no thinking", "no thinking"),
        ("<think>never ends", "<think>never ends"),
    ],
)
def test_without_reasoning(text, expected):
    assert without_reasoning(text) == expected


def test_derived_seeds_share_nothing():
    seeds = {derive_seed(a, b, c) for a in range(10) for b in range(10) for c in range(100)}
    assert len(seeds) == 10_000
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_distinct_seeds_are_of_distinct_problems_in_the_split():
    env = gym.make("MathBoxed-v0", split="test", **KWARGS)
    first = {env.reset(seed=s)[1]["problem_id"] for s in distinct_seeds(env, 60, 1)}
    assert len(first) == 60
    second = {env.reset(seed=s)[1]["problem_id"] for s in distinct_seeds(env, 60, 1, exclude=first)}
    assert len(second) == 60
    assert not first & second


def test_too_few_problems_is_an_error():
    problems = [{"question": f"Compute {a}.", "answer": str(a)} for a in range(40)]
    env = gym.make("MathBoxed-v0", problems=problems)
    with pytest.raises(ValueError, match="different problems"):
        distinct_seeds(env, 50, 0)


def test_evaluation_plays_every_seed_once(policy):
    envs = EnvironmentPool("MathBoxed-v0", 4, KWARGS)
    score = evaluate(policy, envs, list(range(10)), max_new_tokens=4)
    assert [episode.seed for episode in score.episodes] == list(range(10))
    again = evaluate(
        policy, EnvironmentPool("MathBoxed-v0", 3, KWARGS), list(range(10)), max_new_tokens=4
    )
    assert [e.tokens for e in score.episodes] == [e.tokens for e in again.episodes]


def test_a_record_is_json(policy):
    import json

    [episode] = play(policy, seeds=(1,))
    record = json.loads(json.dumps(episode.record()))
    assert record["transcript"][1]["text"] == episode.replies[0]
    assert sum(record["reward_terms"].values()) == record["reward"]


def test_scores():
    def episode(text, success):
        episode = Episode(0, success=success)
        episode.reply([1], [0.0], text)
        return episode

    score = Score(
        [
            episode("<think>1+1=2</think>\\boxed{2}", True),
            episode("<think>1+1=3</think>\\boxed{3}", False),
            episode("<think></think>\\boxed{2}", True),
            episode("2", False),
            episode("2", False),
        ]
    )
    assert score.accuracy == pytest.approx(0.4)
    assert score.reasoning == pytest.approx(0.4)
    assert score.reasoned.episodes == score.episodes[:2]
    assert score.reasoned.accuracy == pytest.approx(0.5)
    nothing = Score([episode("2", True)]).reasoned
    assert nothing.episodes == []
    assert nothing.accuracy == 0.0


def test_an_empty_episode():
    assert Episode(0).replies == []


def test_with_a_generator_each_an_episode_does_not_depend_on_the_others(policy):
    def alone(i, seed):
        return torch.Generator().manual_seed(derive_seed(1, i, seed))

    seeds = [5, 5, 6]
    envs = EnvironmentPool("MathBoxed-v0", 3, {"max_turns": 3, **KWARGS})
    settings = {"max_new_tokens": 6}
    generators = [alone(i, seed) for i, seed in enumerate(seeds)]
    together = rollout(policy, envs, seeds, generator=generators, **settings)
    assert len({tuple(episode.tokens) for episode in together}) == 3
    for i in (2, 0, 1):
        [episode] = rollout(policy, envs, [seeds[i]], generator=[alone(i, seeds[i])], **settings)
        assert episode.tokens == together[i].tokens
        assert len(episode.turns) == 3


def test_what_became_of_the_answer_is_kept(policy):
    assert {episode.answer_status for episode in play(policy, turns=2)} == {"no_answer"}
    env = gym.make("MathBoxed-v0", **KWARGS)
    assert demonstrate(policy, env, 3).answer_status == "correct"
