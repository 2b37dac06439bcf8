"""Curriculum: the level goes up and down to hold a success rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import gymnasium as gym
from gymnasium.utils import RecordConstructorArgs

from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.problems import level_range
from reasoning_gym_envs.text_env import TextEnv
from reasoning_gym_envs.wrappers.checks import title
from reasoning_gym_envs.wrappers.ladder import Ladder

ObsType = TypeVar("ObsType")
ActType = TypeVar("ActType")

RESTART = "restart"


class Curriculum(gym.Wrapper[ObsType, ActType, ObsType, ActType], RecordConstructorArgs):
    """The level goes up when episodes succeed and down when they fail.

    The success rate is that of the last ``window`` episodes at the present level. Once there are so
    many, a rate of ``high`` or more moves the level up by one, and a rate below ``low`` down by
    one, within ``levels``; the count then begins anew. In between, the level stays and the window
    slides. It is a rule without chance: the same successes give the same levels.

    An episode counts at its end, by ``info["is_success"]``, as a failure where a ``TimeLimit`` cut
    it off; one that a reset breaks off does not count, and neither does one whose reset gave a
    ``level`` or a ``problem`` (which is played as asked).

    Each ``info`` has ``curriculum``, a dict: the ``level`` of the next episode that the curriculum
    begins, the ``success_rate`` so far at this level (0.0 before there is one) and the ``episodes``
    that it is the rate of. ``info["level"]`` is the level of the episode at hand.

    The state is a part of the environment and pickled with it; :meth:`state_dict` and
    :meth:`load_state_dict` carry it alone, as JSON would. A seed does not change it: to begin the
    curriculum anew, reset with ``options={"curriculum": "restart"}`` or call :meth:`restart`. In a
    vector environment each environment has its own.

    All components of a Mixture-v0 have one level in a curriculum. With ``adaptive=True`` each has
    its own, without this wrapper.

    Args:
        env: an environment of this package, or any with the reset option ``level`` and
            ``info["is_success"]`` at the end.
        low: below this success rate the level goes down.
        high: at this success rate or above the level goes up.
        window: over how many episodes the rate is taken.
        levels: the lowest and the highest level; None for those that the environment was made with,
            or 1 to 10 where it was made with a single one.
        start: the first level; None for the lowest.

    Raises:
        TypeError, ValueError: a bad argument, naming what is allowed; levels beyond those that the
            environment's commands and numeric view are made for (make it with ``level=(1, 10)``);
            an adaptive Mixture-v0.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> env = Curriculum(gym.make("MathBoxed-v0", level=(1, 5)), window=3)
    >>> for episode in range(7):
    ...     observation, info = env.reset(seed=episode)
    ...     *_, info = env.step(env.unwrapped.solution()[0])
    >>> info["curriculum"]
    {'level': 3, 'success_rate': 1.0, 'episodes': 1}
    """

    def __init__(
        self,
        env: gym.Env[ObsType, ActType],
        low: float = 0.3,
        high: float = 0.8,
        window: int = 32,
        levels: tuple[int, int] | None = None,
        start: int | None = None,
    ) -> None:
        RecordConstructorArgs.__init__(
            self, low=low, high=high, window=window, levels=levels, start=start
        )
        gym.Wrapper.__init__(self, env)
        if getattr(env.unwrapped, "adaptation", None):
            raise ValueError(
                f"this {title(env)} moves the levels of its components itself, which stops where a "
                "wrapper asks for a level: leave either adaptive= or Curriculum out"
            )
        self._ladder = Ladder(_levels(env, levels), low=low, high=high, window=window, start=start)
        self.low, self.high, self.window = self._ladder.low, self._ladder.high, window
        self.levels, self.start = self._ladder.levels, self._ladder.start
        self._counts = False

    # What it holds.

    @property
    def level(self) -> int:
        """The level of the next episode."""
        return self._ladder.level

    @property
    def success_rate(self) -> float:
        """The share of successes in the window; 0.0 while it is empty."""
        return self._ladder.success_rate

    def restart(self) -> None:
        """Begin again at the first level, with an empty window."""
        self._ladder.restart()

    def state_dict(self) -> dict[str, Any]:
        """What there is to save, in types that JSON knows."""
        return self._ladder.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state; the episode that is running does not count.

        Raises:
            ValueError: it is not a state of a curriculum with these levels and this window.
        """
        self._ladder.load_state_dict(state)
        self._counts = False

    # The episode.

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObsType, dict[str, Any]]:
        """Begin an episode at the present level, unless the options give a level or a problem."""
        options = dict(options or {})
        if "curriculum" in options:
            word = options.pop("curriculum")
            if word != RESTART:
                raise ValueError(unknown("curriculum option", word, (RESTART,)))
            self.restart()
        self._counts = False  # an error of the reset leaves no episode to count
        is_ours = options.get("level") is None and options.get("problem") is None
        if is_ours:
            options["level"] = self._ladder.level
        observation, info = self.env.reset(seed=seed, options=options)
        self._counts = is_ours
        return observation, {**info, "curriculum": self._info()}

    def step(self, action: ActType) -> tuple[ObsType, float, bool, bool, dict[str, Any]]:
        """Take a step; the end of an episode may move the level."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        if (terminated or truncated) and self._counts:
            self._counts = False
            if terminated and "is_success" not in info:
                raise ValueError(
                    f"Curriculum needs info['is_success'] at the end of an episode, and "
                    f"{title(self)} does not give it"
                )
            self._ladder.count(bool(info.get("is_success", False)))
        info = {**info, "curriculum": self._info()}
        return observation, float(reward), terminated, truncated, info

    def _info(self) -> dict[str, Any]:
        return {
            "level": self._ladder.level,
            "success_rate": self._ladder.success_rate,
            "episodes": self._ladder.episodes,
        }


def _levels(env: gym.Env[Any, Any], levels: tuple[int, int] | None) -> tuple[int, int]:
    made_for = env.unwrapped.level if isinstance(env.unwrapped, TextEnv) else None
    if levels is None:
        lowest, highest = made_for if made_for and made_for[0] < made_for[1] else (1, 10)
    else:
        lowest, highest = level_range(levels)
    if made_for and _is_sized(env) and not made_for[0] <= lowest <= highest <= made_for[1]:
        raise ValueError(
            f"the commands and the numeric view of this {title(env)} are made for the levels "
            f"{made_for[0]} to {made_for[1]}: make it with level=({lowest}, {highest})"
        )
    return lowest, highest


def _is_sized(env: gym.Env[Any, Any]) -> bool:
    """Whether something of the environment has a fixed size for its levels."""
    inner = env.unwrapped
    return isinstance(inner, TextEnv) and (
        bool(inner.command_vocabulary) or inner.numeric_space is not None
    )
