r"""DPO: direct preference optimisation, on pairs that the environment's own verdicts make.

Groups of episodes are played, and in each group what was solved is paired with what was not.  The
policy learns to prefer the former, by how much more likely it has become than the latter, both
relative to a reference π_ref:

    m = β [ log π(y⁺)/π_ref(y⁺) − log π(y⁻)/π_ref(y⁻) ]          L = −log σ(m)

Who samples, and how often the reference is renewed, makes three algorithms of it:

| sampled_by  | reference_every |                                                              |
| ----------- | --------------- | ------------------------------------------------------------ |
| "reference" | 0               | offline: all pairs are of the model at the start             |
| "reference" | n               | iterated: pairs and reference are of the model n updates ago, |
|             |                 | or less                                                      |
| "policy"    | 0, n            | online: pairs are of the model as it is                      |

The loss sees the difference alone, so both likelihoods may fall: `logp_chosen` and `logp_rejected`
tell.  `likelihood_coef` holds the former up.

A pair is learned from as two episodes, for the gradient of its loss is that of both, weighted:

    ∂L/∂θ = −β σ(−m) [ ∂/∂θ log π(y⁺) − ∂/∂θ log π(y⁻) ]

* Rafailov et al. 2023, "Direct preference optimization" (arXiv 2305.18290), equation 7.
* Pang et al. 2024, "Iterative reasoning preference optimization" (arXiv 2404.19733): pairs of right
  and wrong answers, iterated, with the likelihood of the right ones in the loss.
* Guo et al. 2024, "Direct language model alignment from online AI feedback" (arXiv 2402.04792):
  online.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch.nn.functional import logsigmoid

from agents.common.environments import at_least
from agents.common.language_model import LanguageModel
from agents.common.rewarded_agent import RewardedAgent, RewardedConfig, means
from agents.common.rollouts import Episode
from agents.common.sizes import DPO_BY_SIZE, OPEN, BySize

__all__ = ["DPO", "DPOConfig", "preference"]


@dataclass
class DPOConfig(RewardedConfig):
    """Settings of a DPO run."""

    learning_rate: BySize[float] = OPEN
    """Peak learning rate of AdamW; it falls to 0 in a straight line. By default 5e-4, 5e-6 or 5e-7
    for a model of fewer than 5 million weights, of fewer than 300 million, or of more."""
    beta: float = 0.1
    """What the logarithms of the ratios are multiplied by: with more of it, the policy stays closer
    to the reference."""
    sampled_by: Literal["policy", "reference"] = "policy"
    """Who plays the episodes: the policy as it is, or the reference."""
    reference_every: int = 0
    """Updates after which the reference becomes the policy as it is; 0 for never."""
    pairs: int = 4
    """Pairs of a group, at most; no episode is in two."""
    likelihood_coef: float = 0.0
    """Weight of −log π(y⁺), a token, that is added to the loss of a pair."""
    minibatches: int = 1
    """Optimizer steps that the pairs of an update are divided over."""
    epochs: int = 1
    """Times that an update goes over its pairs."""


class Pair(NamedTuple):
    """An episode that was solved, and one of the same problem that was not."""

    chosen: Episode
    rejected: Episode
    references: tuple[float, float] = (0.0, 0.0)
    """log π_ref of each, summed over its sampled tokens."""


def preference(
    chosen: torch.Tensor, rejected: torch.Tensor, beta: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The loss of each pair, its margin, and −∂L/∂ log π(y⁺) = ∂L/∂ log π(y⁻), all ``[pairs]``.

    Args:
        chosen: log π(y⁺)/π_ref(y⁺), ``[pairs]``.
        rejected: log π(y⁻)/π_ref(y⁻), ``[pairs]``.
        beta: as in the equation above.
    """
    margin = beta * (chosen - rejected)
    return -logsigmoid(margin), margin, beta * torch.sigmoid(-margin)


class DPO(RewardedAgent[DPOConfig]):
    """A language model that learns to prefer what was solved to what was not."""

    config_class = DPOConfig
    by_size = DPO_BY_SIZE

    def __init__(self, config: DPOConfig, policy: LanguageModel | None = None) -> None:
        """Make the agent; `policy` takes the place of ``config.model``."""
        at_least(1, config, "pairs", "minibatches", "epochs")
        at_least(0, config, "reference_every")
        if config.group_size < 2:
            raise ValueError(
                f"group_size is {config.group_size}, but a pair is of one group: it must be at "
                "least 2"
            )
        if config.beta <= 0:
            raise ValueError(f"beta must be above 0, got {config.beta:g}")
        if config.likelihood_coef < 0:
            raise ValueError(f"likelihood_coef must be 0 or more, got {config.likelihood_coef:g}")
        if config.sampled_by == "reference" and config.sampler != "own":
            raise ValueError(
                f"the reference samples by itself: with sampler={config.sampler!r}, set sampled_by "
                'to "policy"'
            )
        super().__init__(config, policy)
        self._copy_reference()

    def update(self, step: int) -> dict[str, Any]:
        """Sample a batch of groups and learn from its pairs; returns the metrics."""
        every = self.config.reference_every
        if every and step and step % every == 0:
            self._copy_reference()
        return super().update(step)

    def _sample(self, step: int, number: int = 0, **settings: Any) -> list[Episode]:
        by = self.reference if self.config.sampled_by == "reference" else self.policy
        return super()._sample(step, number, **{"by": by, **settings})

    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """The update itself: `episodes` hold groups of ``group_size``, one by one."""
        size = self.config.group_size
        groups = [episodes[start : start + size] for start in range(0, len(episodes), size)]
        found = [self._pairs_of(group) for group in groups]
        pairs = self._with_references([pair for each in found for pair in each])
        records = [self._minibatch(batch) for batch in self._passes(pairs, step)]
        return {
            "learning_rate": self._set_learning_rate(step),
            "contrast": float(np.mean([bool(each) for each in found])),
            "pairs": len(pairs),
            **means(records),
        }

    def _pairs_of(self, group: Sequence[Episode]) -> list[Pair]:
        """Pairs of right and wrong, in the order in which they were sampled."""
        played = [episode for episode in group if episode.turns and not episode.failure]
        # A right answer in a reply that was cut off: preferring it would teach never to end.
        right = [episode for episode in played if episode.success and not episode.cut_off]
        wrong = [episode for episode in played if not episode.success]
        return [Pair(*each) for each in zip(right, wrong, strict=False)][: self.config.pairs]

    def _with_references(self, pairs: Sequence[Pair]) -> list[Pair]:
        logps = list(map(sum, self._logprobs_of(_flat(pairs), self.reference)))
        both = zip(logps[::2], logps[1::2], strict=True)
        return [pair._replace(references=each) for pair, each in zip(pairs, both, strict=True)]

    def _minibatch(self, pairs: Sequence[Pair]) -> dict[str, float]:
        """One optimizer step on some pairs, each of which counts the same."""
        config, count = self.config, len(pairs)
        episodes = _flat(pairs)
        logps = torch.tensor(list(map(sum, self._logprobs_of(episodes))), dtype=torch.float64)
        references = torch.tensor([pair.references for pair in pairs], dtype=torch.float64)
        chosen, rejected = (logps.view(count, 2) - references).unbind(1)
        loss, margin, slope = preference(chosen, rejected, config.beta)
        lengths = torch.tensor([sum(episode.sampled) for episode in episodes]).view(count, 2)
        up = slope + config.likelihood_coef / lengths[:, 0]
        weights = torch.stack([up, -slope], 1) / count
        stepped = self._step_by(episodes, weights.flatten().tolist())
        return {
            **stepped,
            "loss": float(loss.mean()),
            "pair_accuracy": float((margin > 0).double().mean()),
            "margin": float(margin.mean()),
            "logp_chosen": float(chosen.mean()),
            "logp_rejected": float(rejected.mean()),
            "tokens_chosen": float(lengths[:, 0].double().mean()),
            "tokens_rejected": float(lengths[:, 1].double().mean()),
        }


def _flat(pairs: Sequence[Pair]) -> list[Episode]:
    return [episode for pair in pairs for episode in (pair.chosen, pair.rejected)]
