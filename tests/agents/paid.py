"""A GRPO agent that has something to learn, whatever its model can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.common.rollouts import Episode
from agents.grpo import GRPO


class Paid(GRPO):
    """Replies are paid for how they begin, so that each update changes the model."""

    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """One update; what the environment has paid is replaced."""
        for episode in episodes:
            episode.repay(float(episode.tokens[episode.sampled.index(True)] % 2 == 0))
        return super().learn_from(episodes, step)
