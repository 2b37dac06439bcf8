r"""TRPO for language models: the best step that leaves what the model says nearly as it was.

As `agents.trpo`, with the advantages of GRPO: that of an episode is how much more it earned than
its group did on average.  A token is an action, and what was said before it is its state:

    maximize    L(θ) = 1/N Σ_i Σ_t  A_i π(o_t | o_<t) / π_old(o_t | o_<t)
    subject to  KL(θ) = 1/M Σ_i Σ_t Σ_v π_old(v | o_<t) log (π_old(v | o_<t) / π(v | o_<t)) ≤ δ

L has the N tokens of the episodes with an advantage, and KL all M sampled tokens, at each of them
over the whole vocabulary.  All of it is a sum over episodes, and so are the gradient of L and the
products with the Hessian of KL: each goes through the model pass by pass, and only vectors as long
as the weights are kept.  The Hessian of KL at θ_old needs no copy of the model there, for
KL(sg(π) ‖ π) has the same one; the line search needs one.

* Schulman et al. 2015, "Trust region policy optimization" (arXiv 1502.05477): section 6, and
  appendix C, where a tenth of the data is enough for the products.
* Shao et al. 2024, "DeepSeekMath" (arXiv 2402.03300): advantages of groups.
* Pearlmutter 1994, "Fast exact multiplication by the Hessian" (Neural Computation 6).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from agents.common import distributed
from agents.common.environments import at_least
from agents.common.language_model import LanguageModel
from agents.common.objectives import advantages
from agents.common.rewarded_agent import RewardedAgent, RewardedConfig
from agents.common.rollouts import Episode
from agents.common.sizes import GRPO_BY_SIZE
from agents.trpo import fisher_product, flat, line_search, natural_step

__all__ = ["TRPOLanguage", "TRPOLanguageConfig"]

_NOISE = 1e-6  # a spread of returns in a group that is no contrast, as GRPO has it


@dataclass
class TRPOLanguageConfig(RewardedConfig):
    """Settings of a TRPO run with a language model.

    The length of a step is `delta`: the settings of AdamW have no part in it.
    """

    delta: float = 0.002
    """δ: how far a step may go, in nats, on average over the sampled tokens."""
    damping: float = 0.01
    """This, times the identity, is added to the Fisher information."""
    conjugate_iterations: int = 4
    """Products with the Fisher information to find a step."""
    halvings: int = 10
    """Times that a step is halved, at most, until it is near enough and better."""
    fisher_share: float = 1.0
    """Share of the groups that the products are computed with; the step is measured with all."""


class Row(NamedTuple):
    """An episode to learn from."""

    episode: Episode
    advantage: float
    old_logprobs: list[float]
    """log π_old of each sampled token."""


class TRPOLanguage(RewardedAgent[TRPOLanguageConfig]):
    """A language model that learns from rewards by steps of a known size."""

    config_class = TRPOLanguageConfig
    by_size = GRPO_BY_SIZE

    def __init__(self, config: TRPOLanguageConfig, policy: LanguageModel | None = None) -> None:
        """Make the agent; `policy` takes the place of ``config.model``."""
        at_least(1, config, "conjugate_iterations")
        at_least(0, config, "halvings")
        if config.group_size < 2:
            raise ValueError(
                f"group_size is {config.group_size}, but an advantage is relative to a group: it "
                "must be at least 2"
            )
        if config.delta <= 0:
            raise ValueError(f"delta must be above 0, got {config.delta:g}")
        if config.damping < 0:
            raise ValueError(f"damping must be 0 or more, got {config.damping:g}")
        if not 0 < config.fisher_share <= 1:
            raise ValueError(
                "fisher_share is a share of the groups, and must be above 0 and at most 1, got "
                f"{config.fisher_share:g}"
            )
        if config.shard:
            raise ValueError(
                "a step needs the gradient of a gradient, which divided weights do not have: leave "
                "shard off"
            )
        super().__init__(config, policy)

    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """The update itself: `episodes` hold groups of ``group_size``, one by one."""
        config = self.config
        values = self._advantages(episodes)
        played = [n for n, episode in enumerate(episodes) if _counts(episode)]
        old_logprobs = self._logprobs_of([episodes[n] for n in played])
        rows = [
            Row(episodes[n], values[n], logprobs)
            for n, logprobs in zip(played, old_logprobs, strict=True)
        ]
        gradient = self._gradient(rows)
        if gradient is None:
            return {"contrast": 0.0, "accepted": 0.0, "kl": 0.0}
        product = self._fisher(self._share_of(rows, step))
        found = natural_step(
            gradient, product, delta=config.delta, iterations=config.conjugate_iterations
        )
        old = self.policy.frozen()
        taken = line_search(
            self._learned,
            found,
            lambda: self._measured(rows, old),
            delta=config.delta,
            halvings=config.halvings,
        )
        if self.policy.engine is not None:
            self.policy.engine.is_current = False
        return {
            "contrast": float(np.mean([value != 0 for value in values])),
            "accepted": float(taken.is_accepted),
            "kl": taken.kl,
            "surrogate_gain": taken.gain,
            "halvings": float(taken.halvings),
            "grad_norm": float(gradient.norm()),
        }

    @property
    def _learned(self) -> list[nn.Parameter]:
        return [p for group in self.optimizer.param_groups for p in group["params"]]

    def _advantages(self, episodes: Sequence[Episode]) -> list[float]:
        """The advantage of each episode; 0 for those that do not count."""
        rewards = torch.tensor([episode.reward for episode in episodes], dtype=torch.float64)
        counts = torch.tensor([_counts(episode) for episode in episodes])
        shape = (-1, self.config.group_size)
        found = advantages(rewards.view(shape), counts.view(shape), tolerance=_NOISE)
        values: list[float] = found.flatten().tolist()
        return values

    def _share_of(self, rows: Sequence[Row], step: int) -> list[Row]:
        """Whole groups, drawn by chance: their episodes have the prompt in common."""
        groups = sorted({row.episode.seed for row in rows})
        count = math.ceil(self.config.fisher_share * len(groups))
        draw = np.random.default_rng([self.config.seed, 2, step])
        chosen = set(draw.choice(groups, count, replace=False).tolist())
        return [row for row in rows if row.episode.seed in chosen]

    # Sums over episodes, pass by pass. -----------------------------------------------------------

    def _gradient(self, rows: Sequence[Row]) -> Tensor | None:
        """∇L at θ_old, ``[n]``; None where no episode has an advantage."""
        kept = [row for row in rows if row.advantage]
        tokens = _tokens(kept)

        def part(some: Sequence[Row]) -> Tensor:
            logp, _ = self._predict([row.episode for row in some])
            ratio = (logp - logp.detach()).exp()
            return flat(torch.autograd.grad((ratio * _paid(some, logp)).sum() / tokens, learned))

        learned = self._learned
        return self._sum(kept, part) if kept else None

    def _fisher(self, rows: Sequence[Row]) -> Callable[[Tensor], Tensor]:
        """v ↦ (F + damping · I) v, where F is the Hessian of KL at θ_old over some episodes."""
        learned, tokens = self._learned, _tokens(rows)

        def product(vector: Tensor) -> Tensor:
            def part(some: Sequence[Row]) -> Tensor:
                # The fused kernels of attention have no second derivative.
                with sdpa_kernel(SDPBackend.MATH):
                    kl = self._kl(some, self.policy)[1].sum() / tokens
                    return fisher_product(lambda: kl, learned)(vector)

            return self._sum(rows, part) + self.config.damping * vector

        return product

    @torch.no_grad()
    def _measured(self, rows: Sequence[Row], old: LanguageModel) -> tuple[float, float]:
        """By how much L has grown, and KL, of the weights as they are."""

        def part(some: Sequence[Row]) -> Tensor:
            logp, kl = self._kl(some, old)
            before = logp.new_tensor([p for row in some for p in row.old_logprobs])
            gain = ((logp - before).exp() - 1) * _paid(some, logp)
            return torch.stack([gain.double().sum(), kl.double().sum()])

        gain, kl = self._sum(rows, part).tolist()
        return gain / _tokens([row for row in rows if row.advantage]), kl / _tokens(rows)

    def _kl(self, rows: Sequence[Row], old: LanguageModel) -> tuple[Tensor, Tensor]:
        """log π of the sampled tokens, and KL(π_old ‖ π) at each of them."""
        found = self.policy.predictions(
            [row.episode.tokens for row in rows],
            [row.episode.sampled for row in rows],
            temperature=self.config.temperature,
            entropy=False,
            other=old,
            kl="forward",
        )
        return found.logprobs, found.kl

    def _sum(self, rows: Sequence[Row], part: Callable[[Sequence[Row]], Tensor]) -> Tensor:
        """The sum over all passes, and over all processes, of what `part` says of its rows."""
        numbers = self._parts([row.episode for row in rows])
        total = sum((part([rows[n] for n in some]) for some in numbers), torch.zeros(()))
        if distributed.count() > 1:
            torch.distributed.all_reduce(total)
        return total


def _counts(episode: Episode) -> bool:
    return bool(episode.turns) and not episode.failure


def _tokens(rows: Sequence[Row]) -> int:
    return sum(sum(row.episode.sampled) for row in rows)


def _paid(rows: Sequence[Row], like: Tensor) -> Tensor:
    """The advantage of each sampled token."""
    return like.new_tensor([row.advantage for row in rows for _ in row.old_logprobs])
