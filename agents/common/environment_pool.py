"""Environments that play at the same time, an episode each, and an error in one is its own."""

from __future__ import annotations

import math
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import gymnasium as gym

import reasoning_gym_envs  # noqa: F401  (registers the environments)
from reasoning_gym_envs import ENVIRONMENTS

__all__ = ["EnvironmentPool", "Failure", "Step"]

THREADS = 8
"""Steps at the same time of an environment that waits for something: a sandbox."""


class Step(NamedTuple):
    """What an environment answered; after a reset there is no reward yet."""

    observation: str
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]


class Failure(NamedTuple):
    """An environment did not answer: nothing is known of what the action was worth."""

    reason: str
    """In a line."""
    traceback: str


class EnvironmentPool(Sequence["gym.Env[str, str]"]):
    """Separate instances of one environment, stepped together.

    Where a step fails, its `Failure` comes in place of an answer, and a new instance takes the
    place of the one that failed.  Answers come in the order of the environments, however long each
    took, so nothing depends on which was the first.

    Args:
        env_id: of the environment.
        count: how many instances.
        kwargs: arguments of `gymnasium.make`.
        threads: steps at the same time; 0 for one after another in this thread. None takes
            `THREADS` where the environment waits for a sandbox or steps have a limit, else 0.
        step_seconds: how long a step may take, waiting for a thread not counted; None for as long
            as it likes. One that takes longer has failed, and is left behind.
    """

    def __init__(
        self,
        env_id: str,
        count: int,
        kwargs: Mapping[str, Any] | None = None,
        *,
        threads: int | None = None,
        step_seconds: float | None = None,
    ) -> None:
        if threads is None:
            entry = ENVIRONMENTS.get(env_id)
            waits = (entry is not None and bool(entry.needs)) or step_seconds is not None
            threads = THREADS if waits else 0
        if step_seconds is not None and step_seconds <= 0:
            raise ValueError(f"step_seconds must be above 0, got {step_seconds:g}")
        if step_seconds is not None and not threads:
            raise ValueError("step_seconds needs threads: a step in this one cannot be left behind")
        self._make = partial(gym.make, env_id, disable_env_checker=True, **(kwargs or {}))
        self._envs: list[gym.Env[str, str]] = [self._make() for _ in range(count)]
        self.threads = threads
        self.step_seconds = step_seconds

    def __len__(self) -> int:
        return len(self._envs)

    def __getitem__(self, index: Any) -> Any:
        return self._envs[index]

    def reset(
        self, seeds: Mapping[int, int], levels: Mapping[int, int] | None = None
    ) -> dict[int, Step | Failure]:
        """Begin an episode in some environments, by their numbers, of some `levels` if given."""

        def job(env: gym.Env[str, str], start: tuple[int, dict[str, Any] | None]) -> Step:
            seed, options = start
            observation, info = env.reset(seed=seed, options=options)
            return Step(observation, 0.0, False, False, info)

        return self._run(
            job, {i: (s, {"level": levels[i]} if levels else None) for i, s in seeds.items()}
        )

    def step(self, actions: Mapping[int, str]) -> dict[int, Step | Failure]:
        """Take a step in some environments, by their numbers."""

        def job(env: gym.Env[str, str], action: str) -> Step:
            observation, reward, terminated, truncated, info = env.step(action)
            if not math.isfinite(reward):  # it would go through every mean into every weight
                raise ValueError(f"the reward is {reward}")
            return Step(observation, float(reward), terminated, truncated, info)

        return self._run(job, actions)

    def _run(
        self, job: Callable[[gym.Env[str, str], Any], Step], arguments: Mapping[int, Any]
    ) -> dict[int, Step | Failure]:
        def answer(number: int) -> Step | Failure:
            try:
                return job(self._envs[number], arguments[number])
            except Exception as error:  # whatever it is, it is this environment's alone
                reason = f"{type(error).__name__}: {error}".splitlines()[0]
                return Failure(reason, traceback.format_exc())

        if (self.threads and len(arguments) > 1) or self.step_seconds is not None:
            answers = dict(_in_threads(answer, arguments, self.threads, self.step_seconds))
        else:
            answers = {number: answer(number) for number in arguments}
        for number, result in answers.items():
            if isinstance(result, Failure):
                self._envs[number] = self._make()
        return {number: answers[number] for number in arguments}


def _in_threads(
    answer: Callable[[int], Step | Failure],
    numbers: Mapping[int, Any],
    threads: int,
    seconds: float | None,
) -> Iterator[tuple[int, Step | Failure]]:
    """The answer of each number, in the order in which they come.

    Threads that hang are left to themselves and replaced; they do not keep the process from ending.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    answers: queue.SimpleQueue[tuple[int, Step | Failure]] = queue.SimpleQueue()
    began: dict[int, float] = {}  # of those under way

    def work() -> None:
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            began[number] = time.monotonic()
            answers.put((number, answer(number)))

    for number in numbers:
        waiting.put(number)
    for _ in range(min(threads, len(numbers))):
        threading.Thread(target=work, daemon=True).start()
    open_numbers = set(numbers)
    while open_numbers:
        try:
            number, result = answers.get(timeout=None if seconds is None else 0.05)
        except queue.Empty:
            pass
        else:
            if number in open_numbers:  # else it was given up already
                open_numbers.remove(number)
                yield number, result
        if seconds is None:
            continue
        for number in sorted(open_numbers & began.keys()):
            if time.monotonic() - began[number] > seconds:
                open_numbers.remove(number)
                reason = f"it took longer than {seconds:g} s"
                yield number, Failure(reason, f"{reason}, and goes on in a thread of its own")
                threading.Thread(target=work, daemon=True).start()
