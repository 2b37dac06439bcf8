"""DiscreteCommands and NumericObservation for native batches: the same numbers, many at once.

A native batch is a vector environment that steps all its environments in NumPy, as
``gym.make_vec("TextMaze-v0", n)`` gives it. What these wrappers make of it is, step by step, what
``gym.make_vec(..., vectorization_mode="sync", wrappers=[DiscreteCommands, NumericObservation])``
gives: the same observations, actions and infos. Gymnasium's own vector wrappers go on top.

>>> import gymnasium as gym
>>> import reasoning_gym_envs
>>> from gymnasium.wrappers.vector import RecordEpisodeStatistics
>>> from reasoning_gym_envs.wrappers import vector
>>> envs = vector.NumericObservation(vector.DiscreteCommands(gym.make_vec("TextMaze-v0", 1024)))
>>> envs = RecordEpisodeStatistics(envs)
>>> observations, infos = envs.reset(seed=0)
>>> observations.shape, infos["action_mask"].shape, envs.single_action_space
((1024, 44), (1024, 4), Discrete(4))
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, Text
from gymnasium.vector import VectorEnv, VectorWrapper
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.wrappers.checks import distinct_texts, whole_number
from reasoning_gym_envs.wrappers.discrete_commands import no_such_action
from reasoning_gym_envs.wrappers.numeric_observation import KINDS, hashed

__all__ = ["DiscreteCommands", "NumericObservation"]


class DiscreteCommands(VectorWrapper):
    """Actions are the numbers of a fixed list of commands: :class:`wrappers.DiscreteCommands`.

    Actions are ``n`` whole numbers, one for each environment, in an array or a list. ``infos`` has
    ``action_mask``, environments × commands (int8), 1 where the command is possible.

    Args:
        env: a native batch whose actions are texts.
        vocabulary: the texts that the numbers stand for; None for the environment's own.

    Raises:
        ValueError: the environments are no native batch; the message says how to wrap them. A
            ``vocabulary`` that is empty or says a text twice.
        TypeError: a ``vocabulary`` of something else than texts.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> envs = DiscreteCommands(gym.make_vec("TextMaze-v0", 2))
    >>> observations, infos = envs.reset(seed=0)
    >>> infos["admissible_commands"].tolist(), infos["action_mask"].tolist()
    ([('north', 'east'), ('east', 'west')], [[1, 1, 0, 0], [0, 1, 0, 1]])
    """

    def __init__(
        self, env: VectorEnv[Any, Any, Any], vocabulary: Iterable[str] | None = None
    ) -> None:
        super().__init__(env)
        batch = _native("DiscreteCommands", env)
        if not isinstance(env.single_action_space, Text):
            raise ValueError(
                f"DiscreteCommands takes texts as actions, but those of {env} are "
                f"{env.single_action_space}: put it inside of the wrapper that changes them"
            )
        own: tuple[str, ...] = batch.command_vocabulary
        self.vocabulary = own if vocabulary is None else distinct_texts("vocabulary", vocabulary)
        """The text of each action."""
        self.single_action_space = Discrete(len(self.vocabulary))
        self.action_space = batch_space(self.single_action_space, env.num_envs)
        self._is_own = self.vocabulary == own
        # The mask of every set of commands that may be possible.
        self._masks = np.array(
            [
                [text in own and sets >> own.index(text) & 1 for text in self.vocabulary]
                for sets in range(1 << len(own))
            ],
            dtype=np.int8,
        )
        self._masks[~self._masks.any(axis=1)] = 1

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode everywhere; ``infos`` has ``action_mask``."""
        observations, infos = self.env.reset(seed=seed, options=options)
        return observations, self._masked(infos)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Give the commands of some numbers.

        Raises:
            TypeError: the actions are not whole numbers.
            ValueError: they are not one for each environment, or there is no such command.
        """
        numbers = np.asarray(actions)
        if numbers.dtype.kind not in "iu":
            raise TypeError(
                f"an action is a whole number from 0 to {len(self.vocabulary) - 1}, "
                f"got {actions!r:.80}"
            )
        if numbers.shape != (self.num_envs,):
            raise ValueError(f"{self.num_envs} actions are needed, got {numbers.shape}")
        wrong = (numbers < 0) | (numbers >= len(self.vocabulary))
        if wrong.any():
            raise ValueError(no_such_action(numbers[wrong][0], self.vocabulary))
        said = numbers if self._is_own else [self.vocabulary[number] for number in numbers.tolist()]
        observations, rewards, terminated, truncated, infos = self.env.step(said)
        return observations, rewards, terminated, truncated, self._masked(infos)

    def _masked(self, infos: dict[str, Any]) -> dict[str, Any]:
        masks = self._masks.take(self.unwrapped.admissible, axis=0)  # type: ignore[attr-defined]
        everywhere = np.ones(self.num_envs, dtype=np.bool_)
        return {**infos, "action_mask": masks, "_action_mask": everywhere}


class NumericObservation(VectorWrapper):
    """Observations in numbers of a fixed size: :class:`wrappers.NumericObservation`.

    They are arrays, a row for each environment, in the last step of an episode as well.

    Args:
        env: a native batch whose observations are texts.
        kind: "auto" or "own" for the environment's own view, or "hashed" for its text.
        size: the length of a vector ("hashed").

    Raises:
        ValueError: the environments are no native batch, or their observations are no texts; the
            message says what to do. An unknown kind; a size below 1.
        TypeError: a size that is not a whole number.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> envs = NumericObservation(gym.make_vec("TextMaze-v0", 3, view="coordinates"))
    >>> observations, infos = envs.reset(seed=0)
    >>> observations.shape, envs.single_observation_space
    ((3, 55), Box(0.0, 1.0, (55,), float32))
    """

    def __init__(self, env: VectorEnv[Any, Any, Any], kind: str = "auto", size: int = 512) -> None:
        super().__init__(env)
        batch = _native("NumericObservation", env)
        if kind not in KINDS:
            raise ValueError(unknown("kind", kind, KINDS))
        self.size = whole_number("size", size, 1)
        if not isinstance(env.single_observation_space, Text):
            raise ValueError(
                f"NumericObservation reads texts, but the observations of {env} are "
                f'{env.single_observation_space}: make it with observation="text", the default, '
                "and put this inside of what changes them"
            )
        self.kind = "hashed" if kind == "hashed" else "own"
        """"own" or "hashed"."""
        self.single_observation_space = (
            Box(-1.0, 1.0, (size,), np.float32)
            if self.kind == "hashed"
            else batch.single_numeric_space
        )
        self.observation_space = batch_space(self.single_observation_space, env.num_envs)

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode everywhere; the first observations in numbers."""
        observations, infos = self.env.reset(seed=seed, options=options)
        return self._numbers(observations), infos

    def step(self, actions: Any) -> tuple[NDArray[np.float32], Any, Any, Any, dict[str, Any]]:
        """Take a step everywhere; the observations in numbers."""
        observations, *rest = self.env.step(actions)
        return (self._numbers(observations), *rest)

    def _numbers(self, observations: tuple[str, ...]) -> NDArray[np.float32]:
        if self.kind == "own":
            numbers: NDArray[np.float32] = self.unwrapped.numeric_observation()  # type: ignore[attr-defined]
            return numbers
        vectors = {text: hashed(text, self.size) for text in set(observations)}
        return np.stack([vectors[text] for text in observations])


def _native(wrapper: str, env: VectorEnv[Any, Any, Any]) -> Any:
    """The native batch below some wrappers."""
    batch = env.unwrapped
    if not hasattr(batch, "numeric_observation"):
        raise ValueError(
            f"vector.{wrapper} is for a native batch, and {batch} steps its environments one by "
            f"one: gym.make_vec(..., wrappers=[{wrapper}]) wraps each of them"
        )
    return batch
