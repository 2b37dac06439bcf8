r"""GRPO: group-relative policy optimisation of a language model, against any text environment.

For each episode seed a group of G episodes is played.  The advantage of an episode is how much more
reward it earned than its group did on average, so no value network is needed:

    A_i = R_i − mean(R_1 … R_G)          (optionally divided by the group's standard deviation)

and every token o_t that the policy sampled in episode i is pushed by the clipped ratio of PPO:

    r_t = π(o_t | o_<t) / π_old(o_t | o_<t)
    L   = −1/N Σ_i Σ_t  min( r_t A_i,  clip(r_t, 1 − ε_low, 1 + ε_high) A_i )

with N the number of sampled tokens in the batch.  Sources:

* Shao et al. 2024, "DeepSeekMath" (arXiv 2402.03300), equations 3 and 4: the algorithm.
* Schulman et al. 2017, "Proximal policy optimization" (arXiv 1707.06347), equation 7: the clip.
* Yu et al. 2025, "DAPO" (arXiv 2503.14476): ε_high > ε_low, the average over tokens, skipping
  groups without contrast.
* Liu et al. 2025, "Understanding R1-Zero-like training" (arXiv 2503.20783): no division by the
  standard deviation, which overweights questions that are nearly always or never solved.
* Schulman 2020, "Approximating KL divergence": the estimators k1 and k2.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from agents.common.environment_pool import EnvironmentPool
from agents.common.environments import derive_seed, distinct_seeds
from agents.common.language_model import LanguageModel, pad, reasons
from agents.common.rollouts import Episode, Score, evaluate, rollout
from agents.common.run_folder import Curve, Interruption, RunFolder

__all__ = ["GRPO", "GRPOConfig", "group_advantages", "policy_loss"]

CURVES = (
    Curve("accuracy", "correct, sampled in training", {"color": "#9ecae1", "lw": 1}),
    Curve(
        "test_accuracy",
        "correct, test split, greedy",
        {"color": "#08519c", "lw": 2, "marker": "o"},
        interval="test_interval",
    ),
    Curve(
        "test_reasoned_accuracy",
        "correct among those that reason, test split, sampled",
        {"color": "#31a354", "lw": 2, "marker": "^"},
        interval="test_reasoned_interval",
    ),
    Curve(
        "test_sampled_reasoning",
        "share that reasons, test split, sampled",
        {"color": "#e6550d", "lw": 1.5, "ls": "--", "marker": "s"},
    ),
)

_TEST_SEED = 20_000_101  # the test problems are the same for every run, whatever its seed


@dataclass
class GRPOConfig:
    """Settings of a GRPO run."""

    env_id: str = "MathBoxed-v0"
    """Environment to learn."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments of `gymnasium.make`."""
    test_kwargs: dict[str, Any] = field(default_factory=lambda: {"split": "test"})
    """What is different about the environments for evaluation."""
    model: str = "tiny"
    """Model to train: a folder, a Hugging Face name, or "tiny" (random weights)."""
    seed: int = 0
    """Seeds the episodes, what is sampled, and the weights of a tiny model."""
    updates: int = 300
    """Rounds of sampling and learning."""
    groups: int = 32
    """Different episodes an update."""
    group_size: int = 8
    """Times that each of them is played."""
    max_new_tokens: int = 48
    """Longest reply in tokens."""
    temperature: float = 1.0
    """Sampling temperature; learning uses the same distribution."""
    learning_rate: float = 2e-4
    """Peak learning rate of AdamW; it falls to 0 in a straight line."""
    warmup_updates: int = 10
    """Updates in which the learning rate rises to its peak."""
    betas: tuple[float, float] = (0.9, 0.99)
    """Decay rates of AdamW's moments."""
    weight_decay: float = 0.0
    """Weight decay of AdamW."""
    max_grad_norm: float = 1.0
    """The gradient is scaled down to this norm."""
    clip_low: float = 0.2
    """A ratio below 1 - clip_low earns nothing more."""
    clip_high: float = 0.28
    """A ratio above 1 + clip_high earns nothing more."""
    normalize_std: bool = False
    """Divide advantages by the standard deviation of their group's rewards."""
    mask_truncated: bool = False
    """Leave episodes with a reply that hit the token limit out of the loss. By default they count
    with the reward they got, which teaches to finish in time."""
    kl_coef: float = 0.0
    """Weight of the divergence from the model at the start; 0 keeps no copy of it."""
    kl_in: Literal["loss", "reward"] = "loss"
    """"loss": k2 = (log π − log π_ref)² / 2 of each token is added to the loss. "reward": k1 =
    log π_old − log π_ref, summed over an episode, is taken off its reward."""
    minibatches: int = 1
    """Optimizer steps that the episodes of an update are divided over."""
    epochs: int = 1
    """Times that an update goes over its episodes."""
    micro_batch: int = 32
    """Rows in one forward pass, of similar lengths; changes memory and speed, not the result."""
    eval_every: int = 25
    """Updates between evaluations, beside the first and the last; 0 for none between."""
    eval_problems: int = 512
    """Different problems of the test split that are played in an evaluation, once greedily and once
    at the sampling temperature."""
    checkpoint_every: int = 100
    """Updates between checkpoints; 0 for none but at the end."""
    device: str = "auto"
    """"auto", "cpu", "cuda"."""
    dtype: str = "float32"
    """Number type of the weights."""


def group_advantages(
    rewards: torch.Tensor, *, normalize_std: bool = False, eps: float = 1e-6
) -> torch.Tensor:
    """Advantages ``[groups, size]`` of rewards ``[groups, size]``: DeepSeekMath, section 4.1.2.

    A group in which all rewards are equal gets exactly 0, whatever rounding does to its mean.
    """
    advantages = rewards - rewards.mean(1, keepdim=True)
    advantages[(rewards == rewards[:, :1]).all(1)] = 0.0
    if normalize_std:
        advantages = advantages / (rewards.std(1, correction=0, keepdim=True) + eps)
    return advantages


def policy_loss(
    logprobs: torch.Tensor,
    old_logprobs: torch.Tensor,
    advantages: torch.Tensor,
    *,
    clip_low: float,
    clip_high: float,
) -> torch.Tensor:
    """The clipped loss of each token; `advantages` broadcast against the tokens."""
    ratio = (logprobs - old_logprobs).exp()
    clipped = ratio.clamp(1 - clip_low, 1 + clip_high)
    return -torch.minimum(ratio * advantages, clipped * advantages)


class GRPO:
    """A language model that learns from the rewards of an environment."""

    def __init__(self, config: GRPOConfig, policy: LanguageModel | None = None) -> None:
        """Make the agent; `policy` takes the place of ``config.model``."""
        if config.group_size < 2:
            raise ValueError(
                f"group_size is {config.group_size}, but an advantage is relative to a group: it "
                "must be at least 2"
            )
        if config.temperature <= 0:
            raise ValueError("temperature must be above 0: equal replies have no advantage")
        self.config = config
        self.policy = policy or LanguageModel.build(
            config.model, seed=config.seed, device=config.device, dtype=config.dtype
        )
        self.optimizer = torch.optim.AdamW(
            self.policy.model.parameters(),
            lr=config.learning_rate,
            betas=config.betas,
            weight_decay=config.weight_decay,
            fused=True,
        )
        self.reference: LanguageModel | None = None
        if config.kl_coef:
            frozen = copy.deepcopy(self.policy.model).requires_grad_(False)
            self.reference = LanguageModel(frozen, self.policy.tokenizer)
        self.envs = EnvironmentPool(
            config.env_id, config.groups * config.group_size, config.env_kwargs
        )
        self._test_seeds: list[int] = []  # filled by the first evaluation

    def act(self, observation: str, info: dict[str, Any] | None = None) -> str:
        """Answer an observation."""
        return self.policy.act(observation, info)

    # The algorithm. ------------------------------------------------------------------------------

    def update(self, step: int) -> dict[str, Any]:
        """Sample a batch of groups and learn from it; returns the metrics of the update.

        All randomness is derived from (seed, step), so an update depends on nothing but these and
        the weights and optimizer state.
        """
        config, began = self.config, time.perf_counter()
        seeds = [derive_seed(config.seed, 0, step, group) for group in range(config.groups)]
        episodes = rollout(
            self.policy,
            self.envs,
            [seed for seed in seeds for _ in range(config.group_size)],
            max_new_tokens=config.max_new_tokens,
            temperature=config.temperature,
            generator=torch.Generator().manual_seed(derive_seed(config.seed, 1, step)),
        )
        sampled = time.perf_counter()
        metrics = self.learn_from(episodes, step)
        tokens = sum(sum(episode.sampled) for episode in episodes)
        return {
            "reward": float(np.mean([episode.reward for episode in episodes])),
            "accuracy": float(np.mean([episode.success for episode in episodes])),
            "reasoning": float(np.mean([reasons(r) for e in episodes for r in e.replies])),
            "tokens_per_episode": tokens / len(episodes),
            "cut_off": float(np.mean([episode.cut_off for episode in episodes])),
            "entropy": -sum(sum(episode.logprobs) for episode in episodes) / tokens,
            **metrics,
            "seconds": time.perf_counter() - began,
            "sampling_seconds": sampled - began,
        }

    def learn_from(self, episodes: Sequence[Episode], step: int) -> dict[str, Any]:
        """The update itself: `episodes` hold ``groups`` groups of ``group_size``, one by one."""
        config = self.config
        rewards = torch.tensor([episode.reward for episode in episodes], dtype=torch.float64)
        if config.kl_coef and config.kl_in == "reward":
            rewards -= config.kl_coef * self._kl_to_reference(episodes)
        advantages = group_advantages(
            rewards.view(-1, config.group_size), normalize_std=config.normalize_std
        )
        # Without an advantage there is nothing to learn: such rows never reach the model.
        kept = [
            (episode, advantage)
            for episode, advantage in zip(episodes, advantages.flatten().tolist(), strict=True)
            if advantage != 0.0 and not (config.mask_truncated and episode.cut_off)
        ]
        metrics = {
            "contrast": float((advantages != 0).any(1).double().mean()),  # share of groups
            "kept": len(kept) / len(episodes),
            "learning_rate": self._set_learning_rate(step),
        }
        if not kept:
            return metrics
        records: list[dict[str, float]] = []
        for epoch in range(config.epochs):
            order = np.random.default_rng([config.seed, 2, step, epoch]).permutation(len(kept))
            for chunk in np.array_split(order, min(config.minibatches, len(kept))):
                first = not records  # nothing has been learned since the sampling
                records.append(self._minibatch([kept[i] for i in chunk], first))
        return metrics | {key: float(np.mean([r[key] for r in records])) for key in records[0]}

    def _minibatch(self, rows: list[tuple[Episode, float]], first: bool) -> dict[str, float]:
        """One optimizer step."""
        config = self.config
        count = sum(sum(episode.sampled) for episode, _ in rows)
        sums = dict.fromkeys(["loss", "clipped", "kl_old", "kl_reference"], 0.0)
        rows = sorted(rows, key=lambda row: len(row[0].tokens))  # less padding
        for start in range(0, len(rows), config.micro_batch):
            episodes, advantages = zip(*rows[start : start + config.micro_batch], strict=True)
            logp, old, mask = self._logprobs(episodes)
            advantage = torch.tensor(advantages, device=logp.device, dtype=logp.dtype)[:, None]
            if first:
                exact = self.policy.model.dtype == torch.float32
                _check_ratio(logp.detach(), old, mask, limit=1e-3 if exact else 0.5)
            loss = policy_loss(
                logp, old, advantage, clip_low=config.clip_low, clip_high=config.clip_high
            )
            if self.reference and config.kl_in == "loss":
                with torch.no_grad():
                    reference, _, _ = self._logprobs(episodes, self.reference)
                kl = (logp - reference).square() / 2  # k2: its gradient is that of the KL
                loss = loss + config.kl_coef * kl
                sums["kl_reference"] += float((kl.detach() * mask).sum())
            total = (loss * mask).sum() / count
            total.backward()  # type: ignore[no-untyped-call]

            with torch.no_grad():
                ratio = (logp - old).exp()
                outside = (ratio < 1 - config.clip_low) | (ratio > 1 + config.clip_high)
                sums["loss"] += float(total) * count
                sums["clipped"] += float((outside & mask).sum())
                sums["kl_old"] += float(((old - logp) * mask).sum())  # k1
        norm = torch.nn.utils.clip_grad_norm_(self.policy.model.parameters(), config.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return {key: value / count for key, value in sums.items()} | {"grad_norm": float(norm)}

    def _logprobs(
        self, episodes: Sequence[Episode], policy: LanguageModel | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """log π and log π_old of the tokens, and which of them were sampled, each ``[rows, T]``.

        Columns before the first sampled token of any row are left out: no logits are computed
        there.  Observations between replies stay in, with a mask of False.
        """
        policy = policy or self.policy
        mask = pad([episode.sampled for episode in episodes], torch.bool)
        keep = mask.shape[1] - int(mask.any(0).int().argmax())
        logp = policy.logprobs(
            [episode.tokens for episode in episodes],
            keep=keep,
            temperature=self.config.temperature,
        )
        old = pad([episode.logprobs for episode in episodes], torch.float32)[:, -keep:]
        return logp, old.to(logp.device), mask[:, -keep:].to(logp.device)

    @torch.no_grad()
    def _kl_to_reference(self, episodes: Sequence[Episode]) -> torch.Tensor:
        """k1 of each episode, summed over its sampled tokens."""
        assert self.reference is not None
        sums: list[float] = []
        for start in range(0, len(episodes), self.config.micro_batch):
            rows = episodes[start : start + self.config.micro_batch]
            reference, old, mask = self._logprobs(rows, self.reference)
            sums += ((old - reference) * mask).sum(1).tolist()
        return torch.tensor(sums, dtype=torch.float64)

    def _set_learning_rate(self, step: int) -> float:
        config = self.config
        share = min(1.0, (step + 1) / max(1, config.warmup_updates)) * (1 - step / config.updates)
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * share
        return config.learning_rate * share

    # A run. --------------------------------------------------------------------------------------

    def learn(
        self,
        folder: str | Path,
        *,
        resume: bool = False,
        on_update: Callable[[int, dict[str, Any]], None] | None = None,
    ) -> bool:
        """Train for ``config.updates`` updates, writing a run folder.

        Returns True at the end, and False when Ctrl-C ended it early; a resumed run gives the same
        weights and metrics as one that was never stopped.  `on_update` sees each record.
        """
        config = self.config
        run = RunFolder(folder, config, resume=resume)
        start = done = (
            run.restore(partial(self.policy.load_training, self.optimizer))["step"] if resume else 0
        )
        with Interruption() as interruption, run.progress("GRPO", config.updates, start) as show:
            if start == 0:
                run.log({"step": 0, **self._test(run, 0)})
            for step in range(start, config.updates):
                metrics = {"step": step + 1, **self.update(step)}
                done = step + 1
                last = done == config.updates
                if last or (config.eval_every and done % config.eval_every == 0):
                    metrics |= self._test(run, done)
                run.log(metrics)
                show(done, metrics)
                if on_update:
                    on_update(done, metrics)
                is_due = config.checkpoint_every and done % config.checkpoint_every == 0
                if is_due or last or interruption.requested:
                    run.save(done, partial(self.policy.save_training, self.optimizer))
                if interruption.requested:
                    break
        run.draw(f"GRPO on {config.env_id}", *CURVES)
        return bool(done == config.updates)

    def evaluate(self, temperature: float = 0.0) -> Score:
        """Play different problems of the test split, the same each time; greedily by default."""
        config = self.config
        if not self._test_seeds:
            count = min(config.eval_problems, 256)
            self._test_envs = EnvironmentPool(
                config.env_id, count, {**config.env_kwargs, **config.test_kwargs}
            )
            self._test_seeds = distinct_seeds(self._test_envs[0], config.eval_problems, _TEST_SEED)
        return evaluate(
            self.policy,
            self._test_envs,
            self._test_seeds,
            max_new_tokens=config.max_new_tokens,
            temperature=temperature,
            generator=torch.Generator().manual_seed(_TEST_SEED),
        )

    def _test(self, run: RunFolder, step: int) -> dict[str, Any]:
        """The metrics of an evaluation: greedy, and sampled as in training.

        A greedy policy may hardly ever reason while a third of its samples do, so how good it is
        when it reasons is measured on the samples.
        """
        greedy, sampled = self.evaluate(), self.evaluate(self.config.temperature)
        run.log_transcripts(step, "test", greedy.episodes[:8])
        metrics = {
            "test_accuracy": greedy.accuracy,
            "test_interval": list(greedy.interval),
            "test_reasoning": greedy.reasoning,
            "test_sampled_accuracy": sampled.accuracy,
            "test_sampled_reasoning": sampled.reasoning,
        }
        reasoned = sampled.reasoned
        if reasoned.episodes:
            metrics["test_reasoned_accuracy"] = reasoned.accuracy
            metrics["test_reasoned_interval"] = list(reasoned.interval)
        return metrics

    def save(self, folder: str | Path) -> None:
        """Write the model for `load` of `LanguageModel`, or Hugging Face."""
        self.policy.save(folder)

    @classmethod
    def load(cls, folder: str | Path) -> GRPO:
        """The agent of a run folder, as its newest checkpoint left it."""
        config = RunFolder.load_config(folder, GRPOConfig)
        policy = LanguageModel.load(
            RunFolder.latest(folder) / "model", device=config.device, dtype=config.dtype
        )
        return cls(config, policy)


def _check_ratio(logp: torch.Tensor, old: torch.Tensor, mask: torch.Tensor, limit: float) -> None:
    """Before anything was learned, learning must see the probabilities that sampling saw."""
    worst = float((((logp - old).exp() - 1).abs() * mask).max())
    if worst > limit:
        raise RuntimeError(
            f"π and π_old differ by a factor of {1 + worst:.3g} before any learning: sampling and "
            "learning disagree about tokens, temperature, positions or number type"
        )
