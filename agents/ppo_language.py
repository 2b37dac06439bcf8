r"""PPO for language models: a critic says what each turn was worth, where GRPO asks a group.

A turn is a step: the state is the conversation before a reply, and the reply is the action.  A head
on the model's last state gives the value of each, and advantages are generalized over the turns:

    δ_k = r_k + γ V(s_{k+1}) − V(s_k)          A_k = δ_k + γ λ A_{k+1}

Every token of the reply in turn k is pushed by A_k, with PPO's clipped ratio, and the head learns
R_k = A_k + V(s_k):

    L = −1/N Σ_k Σ_{t in k} min( r_t A_k, clip(r_t, 1 − ε, 1 + ε) A_k )
        + c/K Σ_k (V(s_k) − R_k)² / 2

On single turns the value is a baseline for each prompt, learned instead of sampled.  On several
turns it tells which of them earned what the episode did.

* Schulman et al. 2017, "Proximal policy optimization" (arXiv 1707.06347), equation 7: the clip.
* Schulman et al. 2016, "High-dimensional continuous control using generalized advantage
  estimation" (arXiv 1506.02438), equation 16.
* Ouyang et al. 2022, "Training language models to follow instructions" (arXiv 2203.02155): PPO with
  a value head for language models, there with the tokens as steps.
* Zhou et al. 2024, "ArCHer" (arXiv 2402.19446): replies as the steps of a critic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from agents.actor_critic import explained_variance
from agents.common import distributed
from agents.common.environments import at_least
from agents.common.language_model import LanguageModel
from agents.common.objectives import Objective, token_loss
from agents.common.rewarded_agent import RewardedAgent, RewardedConfig, means
from agents.common.rollouts import Episode
from agents.common.sharding import sum_gradients
from agents.common.sizes import GRPO_BY_SIZE
from agents.common.weights import load_optimizer, load_weights, save_optimizer, save_weights

__all__ = ["PPOLanguage", "PPOLanguageConfig", "turn_advantages"]


@dataclass
class PPOLanguageConfig(RewardedConfig):
    """Settings of a PPO run with a language model."""

    groups: int = 256
    """Different episodes an update."""
    group_size: int = 1
    """Times that each of them is played: a critic needs no group."""
    gamma: float = 1.0
    """γ: what a reward counts for the turn before it."""
    gae_lambda: float = 0.95
    """λ: 0 trusts the values most (one-step advantages), 1 the rewards (whole returns)."""
    clip: float = 0.2
    """ε: a ratio of probabilities farther from 1 than this earns nothing more."""
    normalize_advantages: bool = True
    """Scale the advantages of an update's turns to mean 0 and standard deviation 1."""
    value_coef: float = 0.5
    """c: weight of the value's squared error."""
    value_learning_rate: float = 3e-3
    """Of AdamW, for the value's head; the model itself has `learning_rate`."""
    shared: bool = True
    """Whether the error of the value changes the model, too, and not the head alone."""
    entropy_coef: float = 0.0
    """Weight of the entropy of each token's distribution, which is taken off the loss."""
    minibatches: int = 4
    """Optimizer steps that the episodes of an update are divided over."""
    epochs: int = 2
    """Times that an update goes over its episodes."""


class Row(NamedTuple):
    """An episode to learn from; a number for each turn."""

    episode: Episode
    advantages: list[float]
    returns: list[float]


def turn_advantages(
    rewards: Sequence[float], values: Sequence[float], *, gamma: float, gae_lambda: float
) -> list[float]:
    """The advantage of each turn of an episode, after which nothing comes.

    Args:
        rewards: of the turns.
        values: of the states before them.
        gamma, gae_lambda: as in the equations above.
    """
    advantages: list[float] = []
    after = advantage = 0.0
    for reward, value in zip(reversed(rewards), reversed(values), strict=True):
        advantage = reward + gamma * after - value + gamma * gae_lambda * advantage
        advantages.append(advantage)
        after = value
    return advantages[::-1]


class PPOLanguage(RewardedAgent[PPOLanguageConfig]):
    """A language model with a critic, trained by PPO."""

    config_class = PPOLanguageConfig
    by_size = GRPO_BY_SIZE

    def __init__(self, config: PPOLanguageConfig, policy: LanguageModel | None = None) -> None:
        """Make the agent; `policy` takes the place of ``config.model``."""
        at_least(1, config, "minibatches", "epochs")
        for name in ("gamma", "gae_lambda"):
            if not 0 <= getattr(config, name) <= 1:
                raise ValueError(f"{name} must be from 0 to 1, got {getattr(config, name):g}")
        if config.clip <= 0:
            raise ValueError(f"clip must be above 0, got {config.clip:g}")
        super().__init__(config, policy)
        size = self.policy.model.config.get_text_config().hidden_size
        device = self.policy.model.device
        # Without the numbers that torch draws for a layer: at first, each turn is worth nothing.
        self.value_head = nn.Linear(size, 1, device="meta").to_empty(device=device)
        nn.init.zeros_(self.value_head.weight)
        nn.init.zeros_(self.value_head.bias)
        self.value_optimizer = torch.optim.AdamW(
            self.value_head.parameters(), lr=config.value_learning_rate, weight_decay=0.0
        )

    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """The update itself."""
        played = [episode for episode in episodes if episode.turns and not episode.failure]
        rows, variance = self._rows(played)
        records = [self._minibatch(batch) for batch in self._passes(rows, step)]
        return {
            "learning_rate": self._set_learning_rate(step),
            "explained_variance": variance,
            **means(records),
        }

    def _rows(self, episodes: Sequence[Episode]) -> tuple[list[Row], float]:
        """What is learned from each episode, and how much of the returns the values explain."""
        config = self.config
        values = self._values_of(episodes)
        advantages = [
            turn_advantages(
                [turn.reward for turn in episode.turns],
                each,
                gamma=config.gamma,
                gae_lambda=config.gae_lambda,
            )
            for episode, each in zip(episodes, values, strict=True)
        ]
        returns = [
            [advantage + value for advantage, value in zip(a, v, strict=True)]
            for a, v in zip(advantages, values, strict=True)
        ]
        both = [torch.tensor(list(chain(*each))) for each in (values, returns)]
        variance = explained_variance(*both)
        if config.normalize_advantages:
            every = np.array([advantage for each in advantages for advantage in each])
            mean, scale = every.mean(), every.std() + 1e-8
            advantages = [[(a - mean) / scale for a in each] for each in advantages]
        return list(map(Row, episodes, advantages, returns)), variance

    @torch.no_grad()
    def _values_of(self, episodes: Sequence[Episode]) -> list[list[float]]:
        """The value of the state before each turn of each episode."""
        found: list[tuple[int, list[float]]] = []
        for numbers in self._parts(episodes):
            some = [episodes[i] for i in numbers]
            states = self._predictions(some)[1]
            values = iter(self._values(states, some).tolist())
            found += [(i, list(islice(values, len(episodes[i].turns)))) for i in numbers]
        return [values for _, values in sorted(distributed.gathered(found))]

    def _predictions(self, episodes: Sequence[Episode]) -> tuple[torch.Tensor, torch.Tensor, Any]:
        """log π of the sampled tokens, the states that they come from, and the entropies."""
        found = self.policy.predictions(
            [episode.tokens for episode in episodes],
            [episode.sampled for episode in episodes],
            temperature=self.config.temperature,
            entropy=bool(self.config.entropy_coef),
        )
        return found.logprobs, found.states, found.entropies

    def _values(self, states: torch.Tensor, episodes: Sequence[Episode]) -> torch.Tensor:
        """Values ``[turns]`` of the states ``[tokens, size]`` from which tokens were sampled."""
        firsts, token = [], 0
        for episode in episodes:
            for turn in episode.turns:
                firsts.append(token)
                token += turn.end - turn.start
        chosen = states[torch.tensor(firsts, dtype=torch.long, device=states.device)]
        values: torch.Tensor = self.value_head(chosen.float()).squeeze(-1)
        return values

    def _minibatch(self, rows: Sequence[Row]) -> dict[str, float]:
        """One optimizer step of the model, and of the value's head."""
        config = self.config
        objective = Objective(clip_low=config.clip, clip_high=config.clip)
        count = sum(sum(row.episode.sampled) for row in rows)
        turns = sum(len(row.episode.turns) for row in rows)
        names = ("policy_loss", "value_loss", "clipped", "kl_old")
        sums = dict.fromkeys(names, 0.0)
        mine = [rows[i] for i in self._mine([row.episode for row in rows])]
        for numbers in self._batches([row.episode for row in mine]):
            batch = [mine[i] for i in numbers]
            episodes = [row.episode for row in batch]
            logp, states, entropy = self._predictions(episodes)
            old = logp.new_tensor([p for episode in episodes for p in episode.sampled_logprobs])
            lengths = torch.tensor(
                [turn.end - turn.start for episode in episodes for turn in episode.turns],
                dtype=torch.long,
                device=logp.device,
            )
            advantage = logp.new_tensor([a for row in batch for a in row.advantages])
            advantage = advantage.repeat_interleave(lengths)
            loss, ratio = token_loss(logp, old, advantage, torch.zeros_like(logp).long(), objective)
            values = self._values(states if config.shared else states.detach(), episodes)
            wanted = values.new_tensor([value for row in batch for value in row.returns])
            value_loss = (values - wanted).square().sum() / 2
            total = loss.sum() / count + config.value_coef * value_loss / turns
            if config.entropy_coef:
                total = total - config.entropy_coef * entropy.sum() / count
            total.backward()  # type: ignore[no-untyped-call]
            with torch.no_grad():
                change = logp - old
                sums["policy_loss"] += float(loss.sum()) / count
                sums["value_loss"] += float(value_loss) / turns
                sums["clipped"] += float(((ratio - 1).abs() > config.clip).sum()) / count
                sums["kl_old"] -= float(change.sum()) / count
        sum_gradients(self.value_head.parameters())
        self.value_optimizer.step()
        self.value_optimizer.zero_grad()
        totals = distributed.summed(list(sums.values()))
        return {**dict(zip(sums, totals, strict=True)), "grad_norm": self._apply_gradients()}

    def write(self, folder: Path) -> None:
        """Write the files of a checkpoint."""
        super().write(folder)
        if distributed.is_first():
            (folder / "value").mkdir()
            save_weights(self.value_head, folder / "value")
        save_optimizer(self.value_head, self.value_optimizer, folder / "value")

    def restore(self, folder: Path, state: dict[str, Any]) -> None:
        """Put back what `write` wrote."""
        super().restore(folder, state)
        load_weights(self.value_head, folder / "value")
        load_optimizer(self.value_head, self.value_optimizer, folder / "value")
