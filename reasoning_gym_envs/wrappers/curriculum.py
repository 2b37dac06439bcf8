"""Curriculum: the level goes up and down to hold a success rate."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, TypeVar

import gymnasium as gym
from gymnasium.utils import RecordConstructorArgs

from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.problems import level_range
from reasoning_gym_envs.text_env import TextEnv
from reasoning_gym_envs.wrappers.checks import title, whole_number

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
            environment's commands and numeric view are made for (make it with ``level=(1, 10)``).

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
        for name, rate in (("low", low), ("high", high)):
            if isinstance(rate, bool) or not isinstance(rate, (int, float)):
                raise TypeError(f"{name} must be a number, got {rate!r}")
        if not 0 <= low < high <= 1:
            raise ValueError(f"low and high must be 0 <= low < high <= 1, got {low} and {high}")
        self.low, self.high = float(low), float(high)
        self.window = whole_number("window", window, 1)
        self.levels = _levels(env, levels)
        self.start = self.levels[0] if start is None else whole_number("start", start, 1)
        self._check_level("start", self.start)
        self._level = self.start
        self._successes: deque[bool] = deque(maxlen=window)
        self._counts = False

    # What it holds.

    @property
    def level(self) -> int:
        """The level of the next episode."""
        return self._level

    @property
    def success_rate(self) -> float:
        """The share of successes in the window; 0.0 while it is empty."""
        return sum(self._successes) / len(self._successes) if self._successes else 0.0

    def restart(self) -> None:
        """Begin again at the first level, with an empty window."""
        self._level = self.start
        self._successes.clear()

    def state_dict(self) -> dict[str, Any]:
        """What there is to save, in types that JSON knows."""
        return {"level": self._level, "successes": [int(success) for success in self._successes]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state; the episode that is running does not count.

        Raises:
            ValueError: it is not a state of a curriculum with these levels and this window.
        """
        try:
            level, successes = state["level"], list(state["successes"])
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"a state has 'level' and 'successes', as state_dict() gives it; got {state!r:.80}"
            ) from error
        self._check_level("the level of a state", level)
        if len(successes) > self.window or not all(success in (0, 1) for success in successes):
            raise ValueError(
                f"the successes of a state are at most {self.window} times 0 or 1, "
                f"got {successes!r:.80}"
            )
        self._level = level
        self._successes = deque(map(bool, successes), maxlen=self.window)
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
            options["level"] = self._level
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
            self._count(bool(info.get("is_success", False)))
        info = {**info, "curriculum": self._info()}
        return observation, float(reward), terminated, truncated, info

    def _count(self, success: bool) -> None:
        self._successes.append(success)
        if len(self._successes) < self.window:
            return
        rate, (lowest, highest) = self.success_rate, self.levels
        move = 1 if rate >= self.high else -1 if rate < self.low else 0
        if move and lowest <= self._level + move <= highest:
            self._level += move
            self._successes.clear()

    def _info(self) -> dict[str, Any]:
        return {
            "level": self._level,
            "success_rate": self.success_rate,
            "episodes": len(self._successes),
        }

    def _check_level(self, what: str, level: Any) -> None:
        lowest, highest = self.levels
        if isinstance(level, bool) or not isinstance(level, int) or not lowest <= level <= highest:
            raise ValueError(f"{what} must be from {lowest} to {highest}, got {level!r}")


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
