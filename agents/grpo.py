r"""GRPO: group-relative policy optimisation of a language model, against any text environment.

For each episode seed a group of G episodes is played.  The advantage of an episode is how much more
reward it earned than its group did on average, so no value network is needed:

    A_i = R_i − mean(R_1 … R_G)

and every token o_t that the policy sampled in episode i is pushed by the clipped ratio of PPO:

    r_t = π(o_t | o_<t) / π_old(o_t | o_<t)
    L   = −1/N Σ_i Σ_t  min( r_t A_i,  clip(r_t, 1 − ε_low, 1 + ε_high) A_i )

That is the recipe "plain".  Each part of it is a setting, and other recipes set them otherwise:
`agents.common.objectives` has the equations and the papers.

* Shao et al. 2024, "DeepSeekMath" (arXiv 2402.03300): the algorithm.
* Schulman et al. 2017, "Proximal policy optimization" (arXiv 1707.06347), equation 7: the clip.
* Schulman 2020, "Approximating KL divergence": the estimators k1, k2 and k3.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch

from agents.common import distributed
from agents.common.curriculum import LevelBandit
from agents.common.environments import at_least
from agents.common.language_model import LanguageModel
from agents.common.objectives import (
    RECIPES,
    Objective,
    Recipe,
    advantages,
    down_sample,
    token_loss,
    token_weights,
)
from agents.common.reward_sources import RewardSource, is_readable, majority_rewards
from agents.common.rewarded_agent import RewardedAgent, RewardedConfig, means
from agents.common.rollouts import Episode
from agents.common.run_folder import RunStopped
from agents.common.sizes import GRPO_BY_SIZE

__all__ = ["GRPO", "GRPOConfig"]

_FAR = 2.0  # a ratio between learning and sampling that is masked, or cut to this


@dataclass
class GRPOConfig(RewardedConfig):
    """Settings of a GRPO run."""

    recipe: Recipe = "plain"
    """Which settings the following ones have where they are None: those of this agent, or of a
    paper."""
    ratio: Literal["token", "sequence"] | None = None
    """Whether π / π_old is of each token, or the geometric mean over an episode's."""
    bound: Literal["clip", "two_sided", "cispo", "none"] | None = None
    """How the ratio is bounded; `agents.common.objectives` has the equations."""
    clip_low: float | None = None
    """A ratio below 1 - clip_low earns nothing more."""
    clip_high: float | None = None
    """A ratio above 1 + clip_high earns nothing more."""
    ceiling: float | None = None
    """With the bound "two_sided": the loss of a token is at most so many times -A."""
    average: Literal["kept", "tokens", "sequence", "constant"] | None = None
    """What the sum over tokens is divided by: the tokens of the episodes that have an advantage, of
    all episodes, of each episode and then their number, or a constant."""
    baseline: Literal["group", "leave_one_out"] | None = None
    """What is subtracted from a return: the mean of its group, or of the others in it."""
    scale: Literal["none", "group", "batch"] | None = None
    """Divide by the standard deviation of returns in the group, or of advantages in the batch."""
    kl_coef: float | None = None
    """Weight of the divergence from the reference, which is the model at the start; 0 keeps no copy
    of it."""
    kl_in: Literal["loss", "reward"] | None = None
    """"loss": k2 = (log π − log π_ref)² / 2 of each token is added to the loss. "reward": k1 =
    log π_old − log π_ref, summed over an episode, is taken off its reward."""
    overlong: float | None = None
    """Share of `max_new_tokens`, at its end, in which the reward of a reply falls to 1 less."""
    max_rounds: int | None = None
    """Times that groups are sampled in an update, until `groups` of them have contrast. Those that
    are too many are learned from in the next update."""
    reward_source: RewardSource = "verdict"
    """What pays: the environment, or without it how sure the model is, "majority", "entropy" or
    "certainty"; "format" pays any answer in a box. `agents.common.reward_sources` has the
    equations. What is solved is measured by the environment all the same."""
    curriculum: Literal["none", "adaptive"] = "none"
    """Which levels of the environment are played: drawn as it draws them, or more often those at
    which groups differ most (`agents.common.curriculum` has the equations). The latter needs a
    range of levels, such as {"level": [1, 5]} in `env_kwargs`."""
    curriculum_rate: float = 0.5
    """Weight of the newest update in what a level is worth to the curriculum."""
    curriculum_temperature: float = 0.1
    """The higher, the more equally the curriculum plays all levels."""
    credit: Literal["episode", "to_go"] = "episode"
    """Whether a token is paid with the return of its episode, or with what came after its turn,
    less the mean of the episodes of the group that have such a turn."""
    discount: float = 1.0
    """With the credit "to_go": what a reward counts for the turn before it, and so on back. At 0 a
    turn is paid with its own reward alone."""
    reference_every: int = 0
    """Updates after which the reference becomes the model as it is; 0 for never."""
    entropy_coef: float = 0.0
    """Weight of the entropy of each token's distribution, which is taken off the loss."""
    length_budget: int = 0
    """Sampled tokens of an episode that cost nothing; 0 for any number."""
    length_cost: float = 1.0
    """What an episode of twice the budget is paid less; in proportion between."""
    tolerance: float = 1e-6
    """A spread of returns in a group that is no contrast."""
    min_advantage: float = 0.0
    """Episodes whose advantage is no larger are not learned from (the gradient filter of DASH,
    arXiv 2505.17218; this agent samples all micro-batches of an update at once, as it does). With a
    KL in the loss, or a bonus for entropy, all are."""
    down_sample: int = 0
    """Learn from so many of each group, of the largest variance of rewards; 0 for all."""
    mask_truncated: bool = False
    """Leave episodes with a reply that hit the token limit out of the loss. By default they count
    with the reward they got, which teaches to finish in time."""
    mismatch: Literal["stop", "mask", "truncate", "log"] = "stop"
    """Where learning sees other probabilities than sampling saw: stop when the mean of |ratio − 1|
    is over `mismatch_limit`, leave out tokens whose ratio is beyond 2 or 1/2, weigh tokens by their
    ratio up to 2, or write it down alone."""
    mismatch_limit: float | None = None
    """None for 0.001 in float32, and 0.05 in other number types."""
    minibatches: int = 1
    """Optimizer steps that the episodes of an update are divided over."""
    epochs: int = 1
    """Times that an update goes over its episodes."""


class Row(NamedTuple):
    """An episode to learn from."""

    episode: Episode
    advantages: list[float]
    """One a turn."""
    old_logprobs: list[float]
    """log π of each sampled token, by the weights that sampled it."""
    weights: list[float] | None = None
    """What the loss of each sampled token is multiplied by."""

    def token_advantages(self) -> list[float]:
        """The advantage of each sampled token, which is that of its turn."""
        return [
            advantage
            for turn, advantage in zip(self.episode.turns, self.advantages, strict=True)
            for _ in range(turn.end - turn.start)
        ]


class GRPO(RewardedAgent[GRPOConfig]):
    """A language model that learns from the rewards of an environment."""

    config_class = GRPOConfig
    by_size = GRPO_BY_SIZE

    def __init__(self, config: GRPOConfig, policy: LanguageModel | None = None) -> None:
        """Make the agent; `policy` takes the place of ``config.model``."""
        at_least(1, config, "minibatches", "epochs", "max_rounds")
        at_least(0, config, "length_budget", "down_sample")
        if config.group_size < 2:
            raise ValueError(
                f"group_size is {config.group_size}, but an advantage is relative to a group: it "
                "must be at least 2"
            )
        if config.down_sample == 1:
            raise ValueError(
                "down_sample is 1, and one episode of a group has no advantage: it must be at "
                "least 2, or 0 for all"
            )
        if config.overlong is not None and not 0 <= config.overlong <= 1:
            raise ValueError(
                "overlong is a share of max_new_tokens, and must be from 0 to 1, got "
                f"{config.overlong:g}"
            )
        if not 0 <= config.discount <= 1:
            raise ValueError(f"discount must be from 0 to 1, got {config.discount:g}")
        if config.discount < 1 and config.credit == "episode":
            raise ValueError(
                f"discount is {config.discount:g}, but the whole episode is paid alike: it needs "
                'the credit "to_go"'
            )
        super().__init__(config, policy)
        self.bandit = self._bandit() if config.curriculum == "adaptive" else None
        """What chooses levels."""
        most = getattr(self.envs[0].unwrapped, "max_turns", 1)
        if config.reward_source in ("majority", "format") and most != 1:
            raise ValueError(
                f"reward_source is {config.reward_source!r}, which looks at the answer of one "
                f"reply, but {config.env_id} has episodes of several: set max_turns to 1, or take "
                "another source"
            )
        if self.objective.kl_coef:
            self._copy_reference()
        self._surplus: list[Episode] = []  # groups that were sampled, and not learned from yet
        self._kl_in_reward = 0.0  # a token, of the latest episodes

    def _bandit(self) -> LevelBandit:
        config = self.config
        if config.problem_ids:
            raise ValueError("problem_ids have levels of their own: leave curriculum out")
        levels = getattr(self.envs[0].unwrapped, "level", None)
        if not isinstance(levels, tuple) or levels[0] == levels[1]:
            raise ValueError(
                "an adaptive curriculum chooses among levels: give a range of them in env_kwargs, "
                'such as {"level": [1, 5]}'
            )
        return LevelBandit(
            levels, rate=config.curriculum_rate, temperature=config.curriculum_temperature
        )

    def _levels_of(self, path: tuple[int, ...]) -> list[int] | None:
        if self.bandit is None:
            return None
        return self.bandit.choose(self.config.groups, [self.config.seed, 3, *path])

    # The algorithm. ------------------------------------------------------------------------------

    @property
    def objective(self) -> Objective:
        """The recipe, with what the settings change of it."""
        given = {name: getattr(self.config, name) for name in Objective._fields}
        changes = {name: value for name, value in given.items() if value is not None}
        return RECIPES[self.config.recipe]._replace(**changes)

    @property
    def pulls(self) -> bool:
        """Whether there is something to learn without an advantage, too: closeness, or entropy."""
        in_loss = self.objective.kl_coef and self.objective.kl_in == "loss"
        return bool(self.config.entropy_coef or in_loss)

    def update(self, step: int) -> dict[str, Any]:
        """Sample a batch of groups and learn from it; returns the metrics of the update.

        All randomness is derived from (seed, step), so an update depends on nothing but these, the
        weights, the optimizer's state, and groups that were sampled before.
        """
        config, began = self.config, time.perf_counter()
        if config.reference_every and step and step % config.reference_every == 0:
            self._copy_reference()
        episodes, batch, rounds = [], self._surplus, 0
        takes_all = self.objective.max_rounds == 1
        while rounds < self.objective.max_rounds and len(batch) < self._batch_size:
            new = self._sample(step, rounds)
            rounds += 1
            episodes += new
            batch = batch + (new if takes_all else self._with_contrast(new))
        self._surplus = batch[self._batch_size :]
        self._note_failed(episodes)
        sampled = time.perf_counter()
        metrics = self.learn_from(batch[: self._batch_size], step)
        return {
            **self._described(episodes),
            **self._next_levels(episodes),
            "rounds": rounds,
            **metrics,
            "seconds": time.perf_counter() - began,
            "sampling_seconds": sampled - began,
        }

    def _sample(self, step: int, number: int = 0, **settings: Any) -> list[Episode]:
        episodes = super()._sample(step, number, **settings)
        if self.config.reward_source != "verdict":
            played = [
                [e for e in group if e.turns and not e.failure] for group in self._groups(episodes)
            ]
            for group, rewards in zip(played, self._paid_by_source(played), strict=True):
                for episode, reward in zip(group, rewards, strict=True):
                    episode.repay(reward)
        return episodes

    def _paid_by_source(self, groups: Sequence[Sequence[Episode]]) -> list[list[float]]:
        """What the source of rewards pays for each episode, in all."""
        source = self.config.reward_source
        if source == "majority":
            return [majority_rewards([e.replies[-1] for e in group]) for group in groups]
        if source == "format":
            return [[float(is_readable(e.replies[-1])) for e in group] for group in groups]
        each = iter(self._confidence([episode for group in groups for episode in group]))
        return [list(islice(each, len(group))) for group in groups]

    @torch.no_grad()
    def _confidence(self, episodes: Sequence[Episode]) -> list[float]:
        """How sure the model was of each episode: the mean over its sampled tokens."""
        found: list[tuple[int, float]] = []
        mine = self._mine(episodes)
        for batch in self._batches([episodes[i] for i in mine]):
            numbers = [mine[i] for i in batch]
            said = self.policy.predictions(
                [episodes[i].tokens for i in numbers],
                [episodes[i].sampled for i in numbers],
                temperature=self.config.temperature,
            )
            certain = self.config.reward_source == "certainty"
            values = said.certainties if certain else -said.entropies
            counts = [sum(episodes[i].sampled) for i in numbers]
            parts = torch.split(values.double().cpu(), counts)
            found += [(i, float(part.mean())) for i, part in zip(numbers, parts, strict=True)]
        return [value for _, value in sorted(distributed.gathered(found))]

    def _next_levels(self, episodes: Sequence[Episode]) -> dict[str, float]:
        """The bandit learns from groups; returns the metrics of each level, as it was played."""
        if self.bandit is None:
            return {}
        played = [[e for e in g if e.turns and not e.failure] for g in self._groups(episodes)]
        taught = [group for group in played if group]
        metrics: dict[str, float] = {}
        for level in self.bandit.values:
            here = [e.success for group in taught for e in group if e.level == level]
            metrics[f"level_{level}_share"] = len(here) / max(1, sum(map(len, taught)))
            if here:
                metrics[f"level_{level}_accuracy"] = float(np.mean(here))
        returns = [[e.reward for e in group] for group in taught]
        self.bandit.learn([group[0].level for group in taught], returns)
        return metrics

    def _with_contrast(self, episodes: list[Episode]) -> list[Episode]:
        """The groups in which something was better than something else."""
        groups = self._groups(episodes)
        return [episode for group in groups if self._spread(group) for episode in group]

    def _groups(self, episodes: Sequence[Episode]) -> list[Sequence[Episode]]:
        size = self.config.group_size
        return [episodes[start : start + size] for start in range(0, len(episodes), size)]

    def _spread(self, group: Sequence[Episode]) -> bool:
        pairs = zip(group, self._counts(group), strict=True)
        rewards = [episode.reward for episode, is_counted in pairs if is_counted]
        return bool(rewards) and max(rewards) - min(rewards) > self.config.tolerance

    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """The update itself: `episodes` hold groups of ``group_size``, one by one."""
        config = self.config
        metrics: dict[str, Any] = {"learning_rate": self._set_learning_rate(step)}
        counts = self._counts(episodes)
        per_turn = self._advantages(episodes, counts)
        kept = [
            Row(episode, advantages, episode.sampled_logprobs)
            for episode, advantages, is_counted in zip(episodes, per_turn, counts, strict=True)
            if is_counted and (self.pulls or any(abs(a) > config.min_advantage for a in advantages))
        ]
        if self.reference is not None and self.objective.kl_in == "reward":
            metrics["kl_reference"] = self._kl_in_reward
        contrast = [self._spread(group) for group in self._groups(episodes)]
        metrics["contrast"] = float(np.mean(contrast)) if contrast else 0.0
        metrics["kept"] = len(kept) / max(1, len(episodes))
        if not kept:
            return metrics
        if config.mismatch in ("mask", "truncate"):
            kept = self._corrected(kept)
        counted_ones = [
            episode for episode, counted in zip(episodes, counts, strict=True) if counted
        ]
        in_mean = (
            [row.episode for row in kept] if self.objective.average == "kept" else counted_ones
        )
        whole = {
            "tokens": sum(sum(episode.sampled) for episode in in_mean),
            "count": len(counted_ones),
            "limit": config.max_new_tokens * (config.max_turns or 1),
        }
        records: list[dict[str, float]] = []
        for epoch in range(config.epochs):
            order = np.random.default_rng([config.seed, 2, step, epoch]).permutation(len(kept))
            chunks = np.array_split(order, min(config.minibatches, len(kept)))
            for chunk in chunks:
                first = not records  # nothing has been learned since the sampling
                rows = [kept[i] for i in chunk]
                records.append(self._minibatch(rows, whole, len(chunks), step if first else None))
        return metrics | means(records)

    def _counts(self, episodes: Sequence[Episode]) -> list[bool]:
        """Which episodes teach something, and have a part in the mean of their group."""
        config, size = self.config, self.config.group_size
        counts = [
            bool(e.turns) and not (e.failure or (config.mask_truncated and e.cut_off))
            for e in episodes
        ]
        if config.down_sample:
            for start in range(0, len(episodes), size):
                here = [i for i in range(start, start + size) if counts[i]]
                chosen = down_sample([episodes[i].reward for i in here], config.down_sample)
                for i in set(here) - {here[n] for n in chosen}:
                    counts[i] = False
        return counts

    def _advantages(self, episodes: Sequence[Episode], counts: Sequence[bool]) -> list[list[float]]:
        """The advantage of each turn of each episode."""
        objective, config = self.objective, self.config
        rewards = self._rewards(episodes)
        longest = max((len(turns) for turns in rewards), default=0)
        result: list[list[float]] = [[] for _ in episodes]
        for turn in range(longest if config.credit == "to_go" else min(1, longest)):
            returns = torch.tensor(
                [_discounted(turns[turn:], config.discount) for turns in rewards],
                dtype=torch.float64,
            )
            alive = [counted and len(t) > turn for counted, t in zip(counts, rewards, strict=True)]
            values = advantages(
                returns.view(-1, config.group_size),
                torch.tensor(alive).view(-1, config.group_size),
                baseline=objective.baseline,
                scale=objective.scale,
                tolerance=config.tolerance,
            )
            for turns, of_episode, value in zip(
                rewards, result, values.flatten().tolist(), strict=True
            ):
                if config.credit == "episode":
                    of_episode += [value] * len(turns)
                elif len(turns) > turn:
                    of_episode.append(value)
        return result

    def _rewards(self, episodes: Sequence[Episode]) -> list[list[float]]:
        """What each turn is paid: by the environment, less what the settings take off."""
        config, objective = self.config, self.objective
        rewards = [[turn.reward for turn in episode.turns] for episode in episodes]
        if objective.overlong:
            room = objective.overlong * config.max_new_tokens
            for turns, episode in zip(rewards, episodes, strict=True):
                for i, (start, end, _) in enumerate(episode.turns):
                    turns[i] -= max(0.0, end - start - (config.max_new_tokens - room)) / room
        if config.length_budget:
            for turns, episode in zip(rewards, episodes, strict=True):
                over = max(0, sum(episode.sampled) - config.length_budget)
                if turns:
                    turns[-1] -= config.length_cost * over / config.length_budget
        if objective.kl_coef and objective.kl_in == "reward":
            divergences = self._kl_to_reference(episodes)
            for turns, of_turns in zip(rewards, divergences, strict=True):
                for i, divergence in enumerate(of_turns):
                    turns[i] -= objective.kl_coef * divergence
            tokens = sum(sum(episode.sampled) for episode in episodes)
            self._kl_in_reward = sum(map(sum, divergences)) / max(1, tokens)
        return rewards

    def _minibatch(
        self, rows: list[Row], whole: dict[str, int], parts: int, sampled_at: int | None
    ) -> dict[str, float]:
        """One optimizer step, on one of `parts` of the batch.

        Sums are divided by what the `whole` batch has, so that a token weighs as much in a small
        part as in a large one.  `sampled_at` is the update of the episodes that were sampled by the
        weights as they are: learning must see the probabilities there that sampling saw.
        """
        config, objective = self.config, self.objective
        pulled = self.reference is not None and objective.kl_in == "loss"
        names = ["loss", "clipped", "kl_old", "k3_old", *["kl_reference"] * pulled]
        sums = dict.fromkeys(names, 0.0)
        errors = []
        mine = [rows[i] for i in self._mine([row.episode for row in rows])]
        for numbers in self._batches([row.episode for row in mine]):
            batch = [mine[i] for i in numbers]
            episodes = [row.episode for row in batch]
            logp, entropy = self._predict(episodes, entropy=bool(config.entropy_coef))

            def flat(values: Iterable[Sequence[float]], like: torch.Tensor = logp) -> torch.Tensor:
                return like.new_tensor([value for row in values for value in row])

            old = flat(row.old_logprobs for row in batch)
            number = torch.tensor(
                [i for i, e in enumerate(episodes) for _ in range(sum(e.sampled))],
                dtype=torch.long,
                device=logp.device,
            )
            if sampled_at is not None:
                seen = flat(episode.sampled_logprobs for episode in episodes)
                fresh = flat([e.update == sampled_at] * sum(e.sampled) for e in episodes).bool()
                errors.append(((logp.detach() - seen).exp() - 1).abs()[fresh])
            advantage = flat(row.token_advantages() for row in batch)
            loss, ratio = token_loss(logp, old, advantage, number, objective)
            if batch and batch[0].weights is not None:
                loss = loss * flat(row.weights or [] for row in batch)
            if pulled:
                with torch.no_grad():
                    reference, _ = self._predict(episodes, self.reference)
                # k2: its gradient is that of the KL, where a token weighs as much as the policy has
                # become more likely to sample it.
                kl = (logp - reference).square() / 2
                loss = loss + objective.kl_coef * (logp.detach() - old).exp() * kl
                sums["kl_reference"] += float(kl.detach().sum())
            if config.entropy_coef:
                loss = loss - config.entropy_coef * entropy
            total = (loss * token_weights(number, objective, **whole)).sum() * parts
            total.backward()  # type: ignore[no-untyped-call]

            with torch.no_grad():
                sums["loss"] += float(total.detach())
                outside = (ratio < 1 - objective.clip_low) | (ratio > 1 + objective.clip_high)
                change = logp - old
                sums["clipped"] += float(outside.sum())
                sums["kl_old"] -= float(change.sum())  # k1
                sums["k3_old"] += float((change.exp() - 1 - change).sum())
        count = sum(sum(row.episode.sampled) for row in rows)
        totals = zip(sums, distributed.summed(list(sums.values())), strict=True)
        metrics = {key: value if key == "loss" else value / count for key, value in totals}
        if errors:
            metrics |= self._mismatch(distributed.joined(torch.cat(errors)))
        return metrics | {"grad_norm": self._apply_gradients()}

    # What the model says of episodes. ------------------------------------------------------------

    def _kl_to_reference(self, episodes: Sequence[Episode]) -> list[list[float]]:
        """k1 of each turn of each episode, summed over its tokens."""
        assert self.reference is not None
        spoken = [episode for episode in episodes if episode.turns]
        references = iter(self._logprobs_of(spoken, self.reference))
        divergences = []
        for episode in episodes:
            reference = next(references) if episode.turns else []
            pairs = zip(episode.sampled_logprobs, reference, strict=True)
            each = iter([old - new for old, new in pairs])
            divergences.append([sum(islice(each, end - start)) for start, end, _ in episode.turns])
        return divergences

    def _corrected(self, rows: Sequence[Row]) -> list[Row]:
        """Rows whose old probabilities are those that learning sees, weighed against sampling's.

        Yao et al. 2025, "Your efficient RL framework secretly brings you off-policy RL training":
        truncated importance sampling, or masked.
        """
        corrected = []
        for row, logp in zip(rows, self._logprobs_of([r.episode for r in rows]), strict=True):
            seen = row.episode.sampled_logprobs
            ratios = [math.exp(new - old) for new, old in zip(logp, seen, strict=True)]
            if self.config.mismatch == "mask":
                weights = [float(1 / _FAR <= ratio <= _FAR) for ratio in ratios]
            else:
                weights = [min(ratio, _FAR) for ratio in ratios]
            corrected.append(row._replace(old_logprobs=logp, weights=weights))
        return corrected

    def _mismatch(self, errors: torch.Tensor) -> dict[str, float]:
        """How far learning's probabilities are from sampling's; stops the run where too far."""
        config = self.config
        if not len(errors):
            return {}
        mean, worst = float(errors.mean()), float(errors.max())
        exact = self.policy.autocast is None
        limit = config.mismatch_limit
        if limit is None:
            limit = 1e-3 if exact else 0.05
        if config.mismatch == "stop" and not mean <= limit:  # what is no number stops, too
            engine = self.policy.engine
            raise RunStopped(
                f"π and π_old differ by {mean:.3g} in the mean before any learning, and by "
                f"{worst:.3g} at most: sampling and learning disagree about tokens, temperature, "
                "positions or number type (mismatch can be set to mask, truncate or log)"
                + (engine.advice if engine is not None else "")
            )
        high = float(errors.float().quantile(0.999)) if len(errors) < 2**24 else worst
        return {"mismatch": mean, "mismatch_p999": high, "mismatch_max": worst}

    # What a checkpoint has besides: the reference, and groups that are left. ---------------------

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs beside its files, as JSON."""
        levels = {} if self.bandit is None else {"curriculum": self.bandit.state()}
        return {"surplus": [asdict(episode) for episode in self._surplus], **levels}

    def restore(self, folder: Path, state: dict[str, Any]) -> None:
        """Put back what `write` wrote and `state` said."""
        super().restore(folder, state)
        self._surplus = [Episode.of(record) for record in state["surplus"]]
        if self.bandit is not None:
            self.bandit.restore(state["curriculum"])


def _discounted(rewards: Sequence[float], discount: float) -> float:
    """The sum of some rewards, each of which counts less the later it comes."""
    total = 0.0
    for reward in reversed(rewards):
        total = reward + discount * total
    return total
