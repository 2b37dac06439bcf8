"""Ladder: a level that goes up and down to hold a success rate."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from reasoning_gym_envs.problems import level_range
from reasoning_gym_envs.wrappers.checks import whole_number


class Ladder:
    """The rule of :class:`~reasoning_gym_envs.wrappers.Curriculum`, and of Mixture-v0.

    The success rate is that of the last ``window`` episodes at the present level. Once there are so
    many, a rate of ``high`` or more moves the level up by one, and a rate below ``low`` down by
    one, within ``levels``; the count then begins anew. In between, the level stays and the window
    slides. It is a rule without chance: the same successes give the same levels.

    Args:
        levels: the lowest and the highest level.
        low: below this success rate the level goes down.
        high: at this success rate or above the level goes up.
        window: over how many episodes the rate is taken.
        start: the first level; None for the lowest.

    Raises:
        TypeError, ValueError: a bad argument, naming what is allowed.

    >>> ladder = Ladder((1, 5), window=3)
    >>> for success in (True, True, True, False):
    ...     ladder.count(success)
    >>> ladder.level, ladder.success_rate, ladder.episodes
    (2, 0.0, 1)
    """

    def __init__(
        self,
        levels: tuple[int, int],
        *,
        low: float = 0.3,
        high: float = 0.8,
        window: int = 32,
        start: int | None = None,
    ) -> None:
        for name, rate in (("low", low), ("high", high)):
            if isinstance(rate, bool) or not isinstance(rate, (int, float)):
                raise TypeError(f"{name} must be a number, got {rate!r}")
        if not 0 <= low < high <= 1:
            raise ValueError(f"low and high must be 0 <= low < high <= 1, got {low} and {high}")
        self.low, self.high = float(low), float(high)
        self.window = whole_number("window", window, 1)
        self.levels = level_range(levels)
        self.start = self.levels[0] if start is None else whole_number("start", start, 1)
        self._check_level("start", self.start)
        self.level = self.start
        """The level of the next episode."""
        self._successes: deque[bool] = deque(maxlen=window)

    @property
    def episodes(self) -> int:
        """How many episodes are in the window."""
        return len(self._successes)

    @property
    def successes(self) -> int:
        """How many of them succeeded."""
        return sum(self._successes)

    @property
    def success_rate(self) -> float:
        """The share of successes in the window; 0.0 while it is empty."""
        return self.successes / self.episodes if self._successes else 0.0

    def count(self, success: bool) -> None:
        """Take an episode at the present level into account; it may move the level."""
        self._successes.append(success)
        if self.episodes < self.window:
            return
        rate, (lowest, highest) = self.success_rate, self.levels
        move = 1 if rate >= self.high else -1 if rate < self.low else 0
        if move and lowest <= self.level + move <= highest:
            self.level += move
            self._successes.clear()

    def restart(self) -> None:
        """Begin again at the first level, with an empty window."""
        self.level = self.start
        self._successes.clear()

    def state_dict(self) -> dict[str, Any]:
        """What there is to save, in types that JSON knows."""
        return {"level": self.level, "successes": [int(success) for success in self._successes]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state.

        Raises:
            ValueError: it is not a state of a ladder with these levels and this window.
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
        self.level = level
        self._successes = deque(map(bool, successes), maxlen=self.window)

    def _check_level(self, what: str, level: Any) -> None:
        lowest, highest = self.levels
        if isinstance(level, bool) or not isinstance(level, int) or not lowest <= level <= highest:
            raise ValueError(f"{what} must be from {lowest} to {highest}, got {level!r}")
