r"""Expert iteration: sample, keep what succeeded, imitate it; again with what was learned.

Each update plays groups of episodes, rejects those that failed, and makes the tokens of the others
more likely, by maximum likelihood:

    L = −1/N Σ_{i succeeded} Σ_t log π(o_t | o_<t)

That is a policy gradient whose advantage is 1 for a success and 0 for a failure: nothing is learned
from what went wrong.  One update with many groups is rejection sampling and fine-tuning, once.

What ran into a limit of tokens is not imitated, though its answer may be right: it has no end, and
a model that imitates it soon never ends a reply.

* Anthony et al. 2017, "Thinking fast and slow with deep learning and tree search" (arXiv
  1705.08439): the name; their expert is a search, here it is the environment's verdict.
* Zelikman et al. 2022, "STaR" (arXiv 2203.14465), for language models that reason; and Yuan et al.
  2023, "Scaling relationship on learning mathematical reasoning" (arXiv 2308.01825): once, and
  each different reply of a problem.
* Singh et al. 2023, "Beyond human data" (arXiv 2312.06585): at most so many replies of a problem,
  or easy ones are most of what is imitated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agents.common.environments import at_least
from agents.common.language_model import LanguageModel
from agents.common.rewarded_agent import RewardedAgent, RewardedConfig, means
from agents.common.rollouts import Episode
from agents.common.sizes import EXPERT_ITERATION_BY_SIZE, OPEN, BySize

__all__ = ["ExpertIteration", "ExpertIterationConfig"]


@dataclass
class ExpertIterationConfig(RewardedConfig):
    """Settings of expert iteration."""

    learning_rate: BySize[float] = OPEN
    """Peak learning rate of AdamW; it falls to 0 in a straight line. By default 3e-4, 5e-5 or 5e-6
    for a model of fewer than 5 million weights, of fewer than 300 million, or of more."""
    warmup_updates: int = 0
    """Updates in which the learning rate rises to its peak."""
    keep: Literal["solved", "best"] = "solved"
    """What is imitated: episodes that were solved; or those that earned most in their group, where
    some earned less."""
    most: int = 4
    """Different episodes of a problem that are imitated; 0 for all of them."""
    minibatches: int = 1
    """Optimizer steps that the episodes of an update are divided over."""
    epochs: int = 1
    """Times that an update goes over its episodes."""


class ExpertIteration(RewardedAgent[ExpertIterationConfig]):
    """A language model that imitates its own successes."""

    config_class = ExpertIterationConfig
    by_size = EXPERT_ITERATION_BY_SIZE

    def __init__(self, config: ExpertIterationConfig, policy: LanguageModel | None = None) -> None:
        """Make the agent; `policy` takes the place of ``config.model``."""
        at_least(1, config, "minibatches", "epochs")
        at_least(0, config, "most")
        if config.keep == "best" and config.group_size < 2:
            raise ValueError(
                f"group_size is {config.group_size}, but the best is the best of a group: it must "
                'be at least 2 with keep="best"'
            )
        super().__init__(config, policy)

    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """The update itself: `episodes` hold groups of ``group_size``, one by one."""
        size = self.config.group_size
        groups = [episodes[start : start + size] for start in range(0, len(episodes), size)]
        kept = [episode for group in groups for episode in self._kept(group)]
        records = []
        for batch in self._passes(kept, step):
            tokens = sum(sum(episode.sampled) for episode in batch)
            records.append(self._step_by(batch, [1 / tokens] * len(batch)))
        return {
            "learning_rate": self._set_learning_rate(step),
            "kept": len(kept) / len(episodes),
            **means(records),
        }

    def _kept(self, group: Sequence[Episode]) -> list[Episode]:
        """The episodes of a group that are imitated, each once."""
        played = [episode for episode in group if episode.turns and not episode.failure]
        if self.config.keep == "solved":
            chosen = [episode for episode in played if episode.success]
        else:
            rewards = [episode.reward for episode in played]
            is_contrast = len(set(rewards)) > 1
            chosen = [e for e in played if is_contrast and e.reward == max(rewards)]
        chosen = [episode for episode in chosen if not episode.cut_off]
        different = list({tuple(episode.tokens): episode for episode in chosen}.values())
        return different[: self.config.most or None]
