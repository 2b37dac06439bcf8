"""Playing episodes with a language model: many at a time, token ids kept from end to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym
import torch

from agents.common.language_model import LanguageModel, reasons
from reasoning_gym_envs.evaluation import wilson_interval

__all__ = [
    "Episode",
    "Score",
    "demonstrate",
    "evaluate",
    "rollout",
]


@dataclass
class Episode:
    """One episode as token ids, with what is needed to learn from it.

    `tokens`, `sampled` and `logprobs` have one entry a token: the prompt, then replies and the
    observations between them.  Only tokens with ``sampled`` true were chosen by the policy; the
    others are context and carry no loss.
    """

    seed: int
    tokens: list[int] = field(default_factory=list)
    sampled: list[bool] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    transcript: list[dict[str, str]] = field(default_factory=list)
    reward: float = 0.0
    reward_terms: dict[str, float] = field(default_factory=dict)
    success: bool = False
    cut_off: bool = False
    """Whether some reply ran into the token limit before its end."""
    problem_id: str = ""
    level: int = 0

    def observe(self, tokens: list[int], text: str) -> None:
        """Append what the environment said."""
        self._append(tokens, [0.0] * len(tokens), False)
        self.transcript.append({"role": "environment", "text": text})

    def reply(self, tokens: list[int], logprobs: list[float], text: str) -> None:
        """Append what the policy said."""
        self._append(tokens, logprobs, True)
        self.transcript.append({"role": "agent", "text": text})

    def _append(self, tokens: list[int], logprobs: list[float], sampled: bool) -> None:
        self.tokens += tokens
        self.logprobs += logprobs
        self.sampled += [sampled] * len(tokens)

    @property
    def replies(self) -> list[str]:
        """The texts that the policy sent, in order."""
        return [turn["text"] for turn in self.transcript if turn["role"] == "agent"]

    def record(self) -> dict[str, Any]:
        """What a transcript file keeps of the episode."""
        return {
            "problem_id": self.problem_id,
            "level": self.level,
            "seed": self.seed,
            "reward": self.reward,
            "reward_terms": self.reward_terms,
            "success": self.success,
            "cut_off": self.cut_off,
            "transcript": self.transcript,
        }


def rollout(
    policy: LanguageModel,
    envs: Sequence[gym.Env[str, str]],
    seeds: Sequence[int],
    *,
    max_new_tokens: int,
    max_turns: int | None = None,
    max_tokens: int | None = None,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
) -> list[Episode]:
    """Play one episode in each environment; `seeds` that are equal make a group.

    Replies are sampled for all running episodes together, turn by turn.  An episode that has
    `max_turns` replies, or no room for another one, ends there: it is ``cut_off``.

    Args:
        policy: the model that plays.
        envs: an environment for each episode.
        seeds: of the episodes.
        max_new_tokens: most tokens of a reply.
        max_turns: most replies of an episode; None for as many as the environment takes.
        max_tokens: most tokens of an episode, with its prompt; None for the model's positions.
        temperature: of the sampling; 0 is greedy.
        generator: where the randomness comes from.
    """
    episodes = [Episode(seed) for seed in seeds]
    session = policy.session(temperature)
    for i, (env, episode) in enumerate(zip(envs, episodes, strict=True)):
        observation, info = env.reset(seed=episode.seed)
        episode.problem_id, episode.level = str(info.get("problem_id", "")), info.get("level", 0)
        episode.observe(policy.prompt(observation), observation)
        session.extend(i, episode.tokens)
    running = list(range(len(episodes)))
    turn = 0
    while running:
        room = {i: session.room(i, max_tokens) for i in running}
        for i in [i for i in running if room[i] < 1 or turn == max_turns]:
            episodes[i].cut_off = True
            session.leave(i)
            running.remove(i)
        if not running:
            break
        size = (len(running), max_new_tokens)
        completions = session.reply(
            running,
            max_new_tokens=[int(min(max_new_tokens, room[i])) for i in running],
            uniform=torch.rand(size, generator=generator) if temperature > 0 else None,
        )
        texts = policy.decode([completion.tokens for completion in completions])
        still_running = []
        for i, completion, text in zip(running, completions, texts, strict=True):
            episode = episodes[i]
            episode.reply(completion.tokens, completion.logprobs, text)
            episode.cut_off |= not completion.ended
            observation, reward, terminated, truncated, info = envs[i].step(text)
            _add_reward(episode, float(reward), info)
            if terminated or truncated:
                episode.success = bool(info.get("is_success", False))
                session.leave(i)
            else:
                tokens = policy.follow_up(observation, ended=completion.ended)
                episode.observe(tokens, observation)
                session.extend(i, tokens)
                still_running.append(i)
        running = still_running
        turn += 1
    return episodes


def demonstrate(
    policy: LanguageModel, env: gym.Env[str, str], seed: int, *, reasoning: bool = True
) -> Episode:
    """Play an environment's own solution as if the policy had sampled it.

    With ``reasoning=False`` the ``<think>`` part of every reply is left empty.
    """
    episode = Episode(seed)
    observation, info = env.reset(seed=seed)
    episode.problem_id, episode.level = str(info.get("problem_id", "")), info.get("level", 0)
    episode.observe(policy.prompt(observation), observation)
    for action in list(env.unwrapped.solution()):  # type: ignore[attr-defined]
        text = action if reasoning else without_reasoning(action)
        tokens = policy.reply(text)
        episode.reply(tokens, [0.0] * len(tokens), text)
        observation, reward, terminated, truncated, info = env.step(text)
        _add_reward(episode, float(reward), info)
        if terminated or truncated:
            episode.success = bool(info.get("is_success", False))
            break
        episode.observe(policy.follow_up(observation, ended=True), observation)
    return episode


def without_reasoning(response: str) -> str:
    """The response with nothing between ``<think>`` and ``</think>``."""
    before, mark, rest = response.partition("<think>")
    _, end, answer = rest.partition("</think>")
    return before + mark + end + answer if mark and end else response


def _add_reward(episode: Episode, reward: float, info: dict[str, Any]) -> None:
    episode.reward += reward
    for name, value in info.get("reward_terms", {}).items():
        episode.reward_terms[name] = episode.reward_terms.get(name, 0.0) + float(value)


@dataclass
class Score:
    """The outcome of an evaluation."""

    episodes: list[Episode]

    @property
    def correct(self) -> int:
        """Number of episodes that ended in success."""
        return sum(episode.success for episode in self.episodes)

    @property
    def accuracy(self) -> float:
        """Share of episodes that ended in success; 0 when there are none."""
        return self.correct / max(1, len(self.episodes))

    @property
    def reasoned(self) -> Score:
        """The score of the episodes that reason in every reply; there may be none."""
        return Score([e for e in self.episodes if all(map(reasons, e.replies))])

    @property
    def reasoning(self) -> float:
        """Share of replies whose think part is not empty."""
        replies = [reply for episode in self.episodes for reply in episode.replies]
        return sum(map(reasons, replies)) / len(replies)

    @property
    def interval(self) -> tuple[float, float]:
        """95% confidence interval of the accuracy."""
        return wilson_interval(self.correct, len(self.episodes))


def evaluate(
    policy: LanguageModel,
    envs: Sequence[gym.Env[str, str]],
    seeds: Sequence[int],
    *,
    max_new_tokens: int,
    temperature: float = 0.0,
    generator: torch.Generator | None = None,
) -> Score:
    """Play an episode for each seed, ``len(envs)`` at a time; greedy unless told otherwise."""
    episodes: list[Episode] = []
    for start in range(0, len(seeds), len(envs)):
        batch = seeds[start : start + len(envs)]
        episodes += rollout(
            policy,
            envs[: len(batch)],
            batch,
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            generator=generator,
        )
    return Score(episodes)
