"""SameProblem: one problem, again and again."""

from __future__ import annotations

from typing import Any, TypeVar

import gymnasium as gym
import numpy as np
from gymnasium.utils import RecordConstructorArgs

from reasoning_gym_envs.problems import Problem
from reasoning_gym_envs.text_env import TextEnv
from reasoning_gym_envs.wrappers.checks import whole_number

ObsType = TypeVar("ObsType")
ActType = TypeVar("ActType")


class SameProblem(gym.Wrapper[ObsType, ActType, ObsType, ActType], RecordConstructorArgs):
    """Every episode plays the same problem: what a table of values needs.

    The first reset draws the problem, and later ones play it again; nothing is made anew. A reset
    whose options name a ``level`` or a ``problem`` is played as asked, and what it plays is the
    problem from then on. So is what a reset with a seed draws, unless the constructor has a seed:
    then seeds do not change the problem.

    The ice of TextMaze belongs to the problem: at the same turn a step slides in the same way in
    every episode. Made with ``same_maze=True`` it slides anew in each. An environment of another
    package is reset with the same seed each time, which repeats its chance as well.

    Args:
        env: any environment.
        seed: the seed that the problem is drawn with; None for that of the reset.

    Raises:
        TypeError, ValueError: a seed that is not a whole number of 0 or more.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> env = SameProblem(gym.make("TowerOfHanoi-v0", level=3), seed=1)
    >>> observations = {env.reset()[0] for episode in range(10)}
    >>> len(observations)
    1
    """

    def __init__(self, env: gym.Env[ObsType, ActType], seed: int | None = None) -> None:
        RecordConstructorArgs.__init__(self, seed=seed)
        gym.Wrapper.__init__(self, env)
        self.seed = None if seed is None else whole_number("seed", seed, 0)
        self._problem: Problem | None = None  # of this package
        self._episode_seed = self.seed  # of others

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObsType, dict[str, Any]]:
        """Begin an episode with the problem, or with the one that is asked for."""
        inner = self.env.unwrapped
        if not isinstance(inner, TextEnv):
            if self.seed is None and (seed is not None or self._episode_seed is None):
                self._episode_seed = _any_seed() if seed is None else seed
            return self.env.reset(seed=self._episode_seed, options=options)
        given = options or {}
        is_asked = given.get("level") is not None or given.get("problem") is not None
        if self._problem is None and self.seed is not None:
            seed = self.seed
        if not is_asked and self._problem is not None and (self.seed is not None or seed is None):
            return self.env.reset(seed=seed, options={**given, "problem": self._problem})
        observation, info = self.env.reset(seed=seed, options=options)
        self._problem = inner.snapshot().episode.problem
        return observation, info


def _any_seed() -> int:
    return int(np.random.SeedSequence().generate_state(1)[0])
