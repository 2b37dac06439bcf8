"""Playing episodes: each is named before it begins, and its record depends on nothing else.

The seed of a turn comes from the run's seed, the problem, the sample and the turn. So neither the
order of the episodes, nor what else is played at the same time or where, makes a difference.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import gymnasium as gym

from reasoning_gym_envs.dataset import Message, begun
from reasoning_gym_envs.evaluation.players import Player, Reply, Turn, Unavailable, name_of
from reasoning_gym_envs.evaluation.suites import NamedProblem
from reasoning_gym_envs.sandbox.submission import SandboxFailure
from reasoning_gym_envs.seeds import derive_seed
from reasoning_gym_envs.text_env import TextEnv

__all__ = ["Episode", "Failure", "Record", "play", "words_in"]

Record: TypeAlias = dict[str, Any]
"""A line of ``episodes.jsonl``."""


@dataclass(frozen=True)
class Episode:
    """An episode by its name: a problem of the list, and which of its samples."""

    number: int
    """Of the problem, in the list of the run."""
    sample: int
    problem: NamedProblem = field(repr=False, compare=False)


@dataclass(frozen=True)
class Failure:
    """An episode that could not be judged: no fault of who played it."""

    number: int
    sample: int
    reason: str


class _Running:
    """An episode on its way."""

    def __init__(self, player: Player, episode: Episode, seed: int, system: str | None) -> None:
        self.episode = episode
        self._lent = ExitStack()
        problem = episode.problem
        # Whoever evaluates has chosen the arguments: they come from no row of others.
        opened = begun(problem.row, allow_unsafe=True)
        self.env, observation, self.info = self._lent.enter_context(opened)
        inner = self.env.unwrapped
        assert isinstance(inner, TextEnv)
        self.inner = inner
        self._path = (seed, int(problem.problem_id, 16), problem.seed, episode.sample)
        self.messages: list[Message] = [{"role": "system", "content": system}] if system else []
        self.messages.append({"role": "user", "content": observation})
        self.replies: list[Reply] = []
        self.steps: list[dict[str, Any]] = []
        self.reward = 0.0
        self.seconds = 0.0
        self.is_over = False
        # Where the shortest derivation is known and cheap to get.
        self._reference = _lengths(player, inner.solution()) if problem.level == 1 else {}

    def conversation(self) -> list[Message]:
        """What the player is given: a copy, for the record is no concern of the player's."""
        return [{"role": m["role"], "content": m["content"]} for m in self.messages]

    def turn(self) -> Turn:
        return Turn(derive_seed(*self._path, len(self.replies)), self.info, self.inner)

    def take(self, reply: Reply, seconds: float) -> None:
        """Give the action to the environment.

        Raises:
            ValueError: it is not where the player was asked, or pays what is no number.
        """
        try:
            observation, reward, terminated, truncated, self.info = self.env.step(reply.text)
            is_next = (self.info["turn"], self.info["problem_id"]) == (
                len(self.steps) + 1,
                self.episode.problem.problem_id,
            )
        except gym.error.ResetNeeded:
            is_next = False
        if not is_next:
            raise ValueError(
                f"the player has moved {self.episode.problem.id} on by itself: it may look at "
                "turn.env, and plays by what it replies alone"
            )
        if not math.isfinite(reward):
            raise ValueError(f"{self.episode.problem.id} pays {reward}: a reward is a number")
        self.messages.append({"role": "assistant", "content": reply.text})
        self.messages.append({"role": "user", "content": observation})
        self.replies.append(reply)
        self.steps.append(_step(reply, self.info, self.inner.turn_events))
        self.reward += float(reward)
        self.seconds += seconds
        self.is_over = bool(terminated or truncated)
        if self.is_over:
            self._lent.close()

    def fail(self, error: Exception) -> Failure:
        self.is_over = True
        self._lent.close()
        return _failure(self.episode, error)

    def record(self) -> Record:
        """What is written down. ``seconds`` come last: all before is the same in every run."""
        problem, info = self.episode.problem, self.info
        return {
            "number": self.episode.number,
            "sample": self.episode.sample,
            "id": problem.id,
            "arguments": dict(problem.arguments),
            "seed": problem.seed,
            "problem_id": problem.problem_id,
            "level": problem.level,
            "topic": info.get("topic"),
            "is_success": bool(info["is_success"]),
            "reward": self.reward,
            "turns": len(self.steps),
            **self._reference,
            "steps": self.steps,
            "prompt_tokens": _total(reply.prompt_tokens for reply in self.replies),
            "completion_tokens": _total(reply.completion_tokens for reply in self.replies),
            "cost": _total(reply.cost for reply in self.replies),
            "cut_off": any(reply.cut_off for reply in self.replies),
            "messages": self.messages,
            "seconds": round(self.seconds, 4),
        }


def play(
    player: Player,
    episodes: Iterable[Episode],
    *,
    seed: int = 0,
    system: str | None = None,
) -> Iterator[Record | Failure]:
    """Play episodes, and give each as it ends.

    Args:
        player: who plays. As many episodes run at a time as it takes.
        episodes: which.
        seed: of the run.
        system: what stands before the first observation, as a message of its own.

    Yields:
        The record of an episode; or a :class:`Failure`, where a sandbox or the player's server
        failed. Of episodes that run at a time, the order is that in which they end.

    Raises:
        ValueError: a problem is not the one of its seed (another version of the package); or the
            player does what it must not, or the environment.
        TypeError: the player gives no reply.
        SandboxUnavailable: there is no engine.
    """
    waiting = iter(episodes)
    running: list[_Running] = []
    width = int(getattr(player, "batch_size", 1))
    while True:
        while len(running) < width and (episode := next(waiting, None)) is not None:
            try:
                running.append(_Running(player, episode, seed, system))
            except SandboxFailure as error:
                yield _failure(episode, error)
        if not running:
            return
        yield from _take_turns(player, running)
        running = [one for one in running if not one.is_over]


def _lengths(player: Player, solution: Sequence[str]) -> dict[str, int]:
    """How long a solution is: in turns, in words, and in the tokens that the player counts in."""
    lengths = {
        "reference_turns": len(solution),
        "reference_words": words_in("\n".join(solution)),
    }
    tokens_of = getattr(player, "tokens_of", None)
    if tokens_of is not None:
        lengths["reference_tokens"] = sum(map(tokens_of, solution))
    return lengths


def _take_turns(player: Player, running: Sequence[_Running]) -> Iterator[Record | Failure]:
    """A turn of each; gives those that end with it, or fail."""
    started = time.perf_counter()
    try:
        replies = _replies(player, running)
    except Unavailable as error:
        for one in running:
            yield one.fail(error)
        return
    seconds = (time.perf_counter() - started) / len(running)
    for one, reply in zip(running, replies, strict=True):
        try:
            one.take(reply, seconds)
        except SandboxFailure as error:
            yield one.fail(error)
        else:
            if one.is_over:
                yield one.record()


def _replies(player: Player, running: Sequence[_Running]) -> list[Reply]:
    together = getattr(player, "replies", None)
    reads = getattr(player, "reads", True)
    given = [one.conversation() if reads or not one.replies else [] for one in running]
    turns = [one.turn() for one in running]
    if together is None:
        return [_checked(player, player.reply(*each)) for each in zip(given, turns, strict=True)]
    replies = list(together(given, turns))
    if len(replies) != len(running):
        raise ValueError(
            f"{name_of(player)} was asked for {len(running)} replies, and gave {len(replies)}"
        )
    return [_checked(player, reply) for reply in replies]


def _checked(player: Player, reply: Any) -> Reply:
    """A reply, if it is one.

    Raises:
        TypeError: it is something else, or has no text.
        ValueError: its tokens or its cost are no numbers.
    """
    if not isinstance(reply, Reply) or not isinstance(reply.text, str):
        raise TypeError(f"{name_of(player)} gave {reply!r:.80}: reply() returns a Reply with a str")
    for name in ("prompt_tokens", "completion_tokens", "discarded_tokens", "cost"):
        number = getattr(reply, name)
        if number is not None and not 0 <= number < math.inf:
            raise ValueError(f"{name_of(player)} says {name}={number}: a number from 0 on, or None")
    return reply


def _failure(episode: Episode, error: Exception) -> Failure:
    return Failure(episode.number, episode.sample, f"{type(error).__name__}: {error}")


def _step(reply: Reply, info: dict[str, Any], events: dict[str, float]) -> dict[str, Any]:
    """What is written of a turn."""
    step: dict[str, Any] = {"reward_terms": info["reward_terms"]}
    if events:
        step["events"] = events
    for name in ("answer_status", "used_distractor"):
        if name in info:
            step[name] = info[name]
    if reply.completion_tokens is not None:
        step["completion_tokens"] = reply.completion_tokens
    if reply.discarded_tokens is not None:
        step["discarded_tokens"] = reply.discarded_tokens
    if reply.reasoning:
        step["reasoning"] = reply.reasoning
    return step


def _total(numbers: Iterable[float | None]) -> float | None:
    """Their sum; None where one is not known."""
    total: float = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def words_in(text: str) -> int:
    """How long a text is, in words and signs: a measure that needs no tokenizer.

    >>> words_in("31 + 68 = 99")
    5
    """
    return len(_WORDS.findall(text))


_WORDS = re.compile(r"\w+|[^\w\s]")
