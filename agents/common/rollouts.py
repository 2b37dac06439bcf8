"""Playing episodes with a language model: many at a time, token ids kept from end to end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import gymnasium as gym
import torch

from agents.common import distributed
from agents.common.chat import Chat, reasons
from agents.common.environment_pool import EnvironmentPool, Failure, Step
from agents.common.language_model import LanguageModel
from agents.common.run_folder import RunStopped
from reasoning_gym_envs.evaluation import wilson_interval

__all__ = [
    "Episode",
    "Score",
    "Turn",
    "demonstrate",
    "evaluate",
    "rollout",
    "stop_where_most_failed",
]


class Turn(NamedTuple):
    """A reply in an episode: its tokens are ``tokens[start:end]``; what it was paid at once."""

    start: int
    end: int
    reward: float


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
    turns: list[Turn] = field(default_factory=list)
    transcript: list[dict[str, str]] = field(default_factory=list)
    terms: list[dict[str, float]] = field(default_factory=list)
    """What the reward of each turn is made of."""
    success: bool = False
    answer_status: str = ""
    """What became of the last answer, in environments that say so: "correct", "no_answer", …"""
    cut_off: bool = False
    """Whether some reply, or the episode, ran into a limit of tokens or turns before its end."""
    failure: Failure | None = None
    """Why the environment did not answer; the reward is not known then, and teaches nothing."""
    problem_id: str = ""
    level: int = 0
    update: int = 0
    """Of training, in which it was sampled."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Episode:
        """The episode of a record of `dataclasses.asdict`, as JSON gives it back."""
        known = {name: record[name] for name in cls.__dataclass_fields__ if name in record}
        known["turns"] = [Turn(*turn) for turn in record["turns"]]
        if known.get("failure"):
            known["failure"] = Failure(*known["failure"])
        return cls(**known)

    @property
    def reward(self) -> float:
        """What was paid, over all turns."""
        return sum(turn.reward for turn in self.turns)

    @property
    def sampled_logprobs(self) -> list[float]:
        """log π of each sampled token."""
        return [logp for logp, sampled in zip(self.logprobs, self.sampled, strict=True) if sampled]

    @property
    def reward_terms(self) -> dict[str, float]:
        """What it is made of, over all turns."""
        sums: dict[str, float] = {}
        for terms in self.terms:
            for name, value in terms.items():
                sums[name] = sums.get(name, 0.0) + value
        return sums

    def repay(self, reward: float) -> None:
        """Replace all that was paid by one reward, at the end."""
        paid = [0.0] * (len(self.turns) - 1) + [reward]
        self.turns = [t._replace(reward=r) for t, r in zip(self.turns, paid, strict=True)]

    def begin(self, tokens: list[int], step: Step) -> None:
        """Take the first observation; `tokens` are its prompt."""
        self.problem_id = str(step.info.get("problem_id", ""))
        self.level = int(step.info.get("level", 0))
        self.observe(tokens, step.observation)

    def observe(self, tokens: list[int], text: str) -> None:
        """Append what the environment said."""
        self._append(tokens, [0.0] * len(tokens), False)
        self.transcript.append({"role": "environment", "text": text})

    def reply(self, tokens: list[int], logprobs: list[float], text: str) -> None:
        """Append what the policy said."""
        start = len(self.tokens)
        self._append(tokens, logprobs, True)
        self.turns.append(Turn(start, len(self.tokens), 0.0))
        self.transcript.append({"role": "agent", "text": text})

    def pay(self, step: Step) -> bool:
        """Take what the environment gave for the latest reply; returns whether it was the last."""
        self.turns[-1] = self.turns[-1]._replace(reward=step.reward)
        terms = step.info.get("reward_terms", {})
        self.terms.append({name: float(value) for name, value in terms.items()})
        self.answer_status = step.info.get("answer_status", "")
        over = step.terminated or step.truncated
        if over:
            self.success = bool(step.info.get("is_success", False))
        return over

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
            **({"failure": self.failure.traceback} if self.failure else {}),
            "transcript": self.transcript,
        }


def rollout(
    policy: LanguageModel,
    envs: EnvironmentPool,
    seeds: Sequence[int],
    *,
    max_new_tokens: int,
    max_turns: int | None = None,
    max_tokens: int | None = None,
    temperature: float = 1.0,
    generator: torch.Generator | Sequence[torch.Generator] | None = None,
    levels: Sequence[int] | None = None,
) -> list[Episode]:
    """Play one episode in each environment; `seeds` that are equal make a group.

    Replies are sampled for all running episodes together, turn by turn.  An episode that has
    `max_turns` replies, or no room for another one, ends there: it is ``cut_off``.  One whose
    environment fails ends with its ``failure``, and the others go on.

    Of several processes each plays some of the groups, with the numbers that one process would draw
    for them, and all get all episodes.

    Args:
        policy: the model that plays.
        envs: as many environments, or more.
        seeds: of the episodes.
        max_new_tokens: most tokens of a reply.
        max_turns: most replies of an episode; None for as many as the environment takes.
        max_tokens: most tokens of an episode, with its prompt; None for the model's positions.
        temperature: of the sampling; 0 is greedy.
        generator: where the randomness comes from; with one for each episode, what is sampled in it
            does not depend on the others.
        levels: of the episodes; None for what the environments draw.
    """
    mine = distributed.block(seeds)
    seeds = seeds[mine.start : mine.stop]
    if isinstance(generator, Sequence):
        generator = generator[mine.start : mine.stop]
    asked = None if levels is None else dict(enumerate(levels[mine.start : mine.stop]))
    episodes = [Episode(seed) for seed in seeds]
    with policy.session(temperature) as session:
        running = []
        for i, first in envs.reset(dict(enumerate(seeds)), asked).items():
            if isinstance(first, Failure):
                episodes[i].failure = first
            else:
                episodes[i].begin(policy.prompt(first.observation), first)
                session.extend(i, episodes[i].tokens)
                running.append(i)
        turn = 0
        while True:
            room = {i: session.room(i, max_tokens) for i in running}
            for i in [i for i in running if room[i] < 1 or turn == max_turns]:
                episodes[i].cut_off = True
                session.leave(i)
                running.remove(i)
            before, everywhere = distributed.place(len(running))
            if not everywhere:
                break
            uniform = None
            if temperature > 0:
                uniform = _numbers(running, max_new_tokens, generator, before, everywhere)
            if not running:
                continue
            completions = session.reply(
                running,
                max_new_tokens=[int(min(max_new_tokens, room[i])) for i in running],
                uniform=uniform,
            )
            texts = policy.decode([completion.tokens for completion in completions])
            for i, completion, text in zip(running, completions, texts, strict=True):
                episodes[i].reply(completion.tokens, completion.logprobs, text)
                episodes[i].cut_off |= not completion.ended
            still_running = []
            answers = envs.step(dict(zip(running, texts, strict=True)))
            for (i, answer), completion in zip(answers.items(), completions, strict=True):
                if isinstance(answer, Failure):
                    episodes[i].failure = answer
                    session.leave(i)
                elif episodes[i].pay(answer):
                    session.leave(i)
                else:
                    tokens = policy.follow_up(answer.observation, completion.tokens)
                    episodes[i].observe(tokens, answer.observation)
                    session.extend(i, tokens)
                    still_running.append(i)
            running = still_running
            turn += 1
    if distributed.count() == 1:
        return episodes
    return [Episode.of(record) for record in distributed.gathered([vars(e) for e in episodes])]


def _numbers(
    episodes: Sequence[int],
    tokens: int,
    generator: torch.Generator | Sequence[torch.Generator] | None,
    before: int,
    everywhere: int,
) -> torch.Tensor:
    """A number from [0, 1) for each token of the next replies.

    One generator draws them for the episodes of all processes, of which so many are `before` these.
    """
    if isinstance(generator, Sequence):
        each = [torch.rand(tokens, generator=generator[i]) for i in episodes]
        return torch.stack(each) if each else torch.empty(0, tokens)
    numbers = torch.rand(everywhere, tokens, generator=generator)
    return numbers[before : before + len(episodes)]


def stop_where_most_failed(episodes: Sequence[Episode]) -> None:
    """Raise `RunStopped` where the environment failed in more than half of the episodes."""
    failures = [episode.failure for episode in episodes if episode.failure]
    if 2 * len(failures) > len(episodes):
        raise RunStopped(
            f"the environment failed in {len(failures)} of {len(episodes)} episodes, first with "
            f"{failures[0].reason}\n\n{failures[0].traceback}"
        )


def demonstrate(
    policy: Chat, env: gym.Env[str, str], seed: int, *, reasoning: bool = True
) -> Episode:
    """Play an environment's own solution as if the policy had sampled it.

    With ``reasoning=False`` the ``<think>`` part of every reply is left empty.  What is written
    down, and sent, is what the tokens of a reply say: a chat template may leave no room to think.
    """
    episode = Episode(seed)
    observation, info = env.reset(seed=seed)
    episode.begin(policy.prompt(observation), Step(observation, 0.0, False, False, info))
    for action in list(env.unwrapped.solution()):  # type: ignore[attr-defined]
        tokens = policy.reply(action if reasoning else without_reasoning(action))
        [text] = policy.decode([tokens])
        episode.reply(tokens, [0.0] * len(tokens), text)
        observation, reward, terminated, truncated, info = env.step(text)
        if episode.pay(Step(observation, float(reward), terminated, truncated, info)):
            break
        episode.observe(policy.follow_up(observation, tokens), observation)
    return episode


def without_reasoning(response: str) -> str:
    """The response with nothing between ``<think>`` and ``</think>``."""
    before, mark, rest = response.partition("<think>")
    _, end, answer = rest.partition("</think>")
    return before + mark + end + answer if mark and end else response


@dataclass
class Score:
    """The outcome of an evaluation."""

    episodes: list[Episode]

    @property
    def played(self) -> list[Episode]:
        """The episodes whose environment did not fail: what of the others is not known."""
        return [episode for episode in self.episodes if episode.failure is None]

    @property
    def failed(self) -> int:
        """Number of episodes whose environment failed."""
        return len(self.episodes) - len(self.played)

    @property
    def correct(self) -> int:
        """Number of episodes that ended in success."""
        return sum(episode.success for episode in self.played)

    @property
    def accuracy(self) -> float:
        """Share of the episodes played that ended in success; 0 when there are none."""
        return self.correct / max(1, len(self.played))

    @property
    def reasoned(self) -> Score:
        """The score of the episodes that reason in every reply; there may be none."""
        return Score([e for e in self.played if e.replies and all(map(reasons, e.replies))])

    @property
    def reasoning(self) -> float:
        """Share of replies whose think part is not empty."""
        replies = [reply for episode in self.played for reply in episode.replies]
        return sum(map(reasons, replies)) / max(1, len(replies))

    @property
    def interval(self) -> tuple[float, float]:
        """95% confidence interval of the accuracy."""
        return wilson_interval(self.correct, len(self.played))


def evaluate(
    policy: LanguageModel, envs: EnvironmentPool, seeds: Sequence[int], **settings: Any
) -> Score:
    """Play an episode for each seed, ``len(envs)`` at a time; greedy unless told otherwise.

    `settings` are those of `rollout`.
    """
    settings.setdefault("temperature", 0.0)
    episodes: list[Episode] = []
    for start in range(0, len(seeds), len(envs)):
        episodes += rollout(policy, envs, seeds[start : start + len(envs)], **settings)
    return Score(episodes)
