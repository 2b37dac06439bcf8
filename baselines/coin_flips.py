"""A negative control: GRPO with rewards that say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.common.rollouts import Episode
from agents.grpo import GRPO

__all__ = ["CoinFlips"]


class CoinFlips(GRPO):
    """Whatever gets better with it is not learned from the environment's rewards."""

    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """The update, with a reward of 0 or 1 at random in place of every episode's own."""
        coin = np.random.default_rng([self.config.seed, step])
        for episode in episodes:
            episode.repay(float(coin.integers(2)))
        return super().learn_from(episodes, step)
