r"""A curriculum of levels: the level that teaches most is played most.

Each level is an arm of a bandit. Its value is how much there was lately to learn at it, which is
how far the returns of a group lie from their mean:

    r(c)    = mean of |R_i − mean(R_1 … R_G)| over the episodes of level c
    Q(c)   ← α r(c) + (1 − α) Q(c)
    p(c)    ∝ exp(Q(c) / τ)

Where a return is 0 or 1, r is 2p(1 − p), with p the share of successes: nothing at levels that are
always solved or never, and most at those that are solved half of the time.

* Chen et al. 2025, "Self-evolving curriculum for LLM reasoning" (arXiv 2505.14970): the bandit. Its
  r is the mean of |advantage|; here no recipe divides it by a standard deviation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["LevelBandit"]


class LevelBandit:
    """Chooses levels by how much there was to learn at them.

    Args:
        levels: the lowest and the highest.
        rate: α, the weight of the newest update.
        temperature: τ; the higher, the more equal the shares.

    Raises:
        ValueError: there is no choice of levels, or a number is out of range.

    >>> bandit = LevelBandit((1, 2), rate=0.5, temperature=0.1)
    >>> bandit.shares
    {1: 0.5, 2: 0.5}
    >>> bandit.learn([1, 1, 2, 2], [[1.0, 1.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    >>> bandit.values
    {1: 0.0, 2: 0.125}
    """

    def __init__(self, levels: tuple[int, int], *, rate: float, temperature: float) -> None:
        low, high = levels
        if low >= high:
            raise ValueError(f"a curriculum chooses among levels, and there is only level {low}")
        if not 0 < rate <= 1:
            raise ValueError(f"curriculum_rate must be above 0 and at most 1, got {rate:g}")
        if not temperature > 0:
            raise ValueError(f"curriculum_temperature must be above 0, got {temperature:g}")
        self.rate, self.temperature = rate, temperature
        self.values: dict[int, float] = dict.fromkeys(range(low, high + 1), 0.0)
        """Q of each level."""

    @property
    def shares(self) -> dict[int, float]:
        """How often each level is chosen."""
        most = max(self.values.values())
        weights = [math.exp((value - most) / self.temperature) for value in self.values.values()]
        return {c: weight / sum(weights) for c, weight in zip(self.values, weights, strict=True)}

    def choose(self, count: int, seed: Sequence[int]) -> list[int]:
        """So many levels; the same seed and the same values give the same ones."""
        shares = self.shares
        drawn = np.random.default_rng(list(seed)).choice(
            list(shares), count, p=list(shares.values())
        )
        return [int(level) for level in drawn]

    def learn(self, levels: Sequence[int], returns: Sequence[Sequence[float]]) -> None:
        """Take groups into account, each with its level and the returns of its episodes."""
        found: dict[int, list[float]] = {}
        for level, group in zip(levels, returns, strict=True):
            if len(group):
                mean = sum(group) / len(group)
                found.setdefault(level, []).extend(abs(value - mean) for value in group)
        for level, distances in found.items():
            newest = sum(distances) / len(distances)
            self.values[level] += self.rate * (newest - self.values[level])

    def state(self) -> dict[str, Any]:
        """What `restore` needs, as JSON."""
        return {str(level): value for level, value in self.values.items()}

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on from a state.

        Raises `ValueError` where it is one of other levels.
        """
        values = {int(level): float(value) for level, value in state.items()}
        if values.keys() != self.values.keys():
            raise ValueError(
                f"the state is of levels {sorted(values)}, and these are {sorted(self.values)}"
            )
        self.values = values
