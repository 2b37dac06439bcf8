"""Proximal policy optimization (PPO): several passes over each rollout, none of which goes far.

    r_t  = π(a_t|s_t) / π_old(a_t|s_t)
    loss = −min(r_t A_t, clip(r_t, 1 − ε, 1 + ε) A_t) + c_v (R_t − V(s_t))² / 2 − c_e H(π(·|s_t))

Schulman et al., "Proximal policy optimization algorithms", arXiv 1707.06347, 2017, equations 7 and
9.  Much of what makes it work is not in the paper; the numbers in the comments are those of this
list.

 1. Several environments, stepped together, go on from where the last rollout ended.  [H, 1]
 2. Orthogonal weights; the policy's last layer begins nearly flat.  [H, 2], [A, "initial policy"]
 3. Adam with ε = 1e-5.  [H, 3]
 4. The learning rate falls to 0 over the run.  [H, 4], [E]
 5. Generalized advantage estimates; the value's target is A + V.  [H, 5]
 6. Passes over minibatches of the shuffled rollout.  [H, 6]
 7. Advantages are normalized in each minibatch.  [H, 7]
 8. The clipped objective.  [H, 8]
 9. The value's loss may be clipped, too: off here, because it does not help.  [H, 9], [A], [E]
10. An entropy bonus.  [H, 10]
11. The gradient of all weights together is cut to a length.  [H, 11]
12. Metrics that show trouble: approx_kl, clip_fraction, explained_variance.  [H, 12]
13. What an episode that was cut short would still have brought is the value of its last
    observation.  [P]
14. Automatic resets are no transitions, and are not learned from.
15. Commands that are not admissible have probability 0, and no gradient.  [M]
16. No further step on a rollout once the policy is too far from what collected it.  [S]
17. Observations are normalized by running means; they do not change during an update, so that
    r_t = 1 before its first step.  [A, "observation normalization"]

[H] Huang et al., "The 37 implementation details of proximal policy optimization", ICLR blog track
    2022: the number of the core detail.
[A] Andrychowicz et al., "What matters for on-policy deep actor-critic methods? A large-scale
    study", ICLR 2021.
[E] Engstrom et al., "Implementation matters in deep policy gradients: a case study on PPO and
    TRPO", ICLR 2020 (arXiv 2005.12729).
[P] Pardo et al., "Time limits in reinforcement learning", ICML 2018.
[M] Huang and Ontañón, "A closer look at invalid action masking in policy gradient algorithms",
    FLAIRS 2022.
[S] Spinning Up in Deep RL (OpenAI 2018), PPO; approx_kl is k3 of Schulman, "Approximating KL
    divergence", joschu.net/blog/kl-approx.html, 2020.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from agents.actor_critic import explained_variance, generalized_advantages
from agents.common.environments import at_least
from agents.common.network_agent import NetworkAgent, NetworkConfig, collect

__all__ = ["PPO", "PPOConfig"]


@dataclass
class PPOConfig(NetworkConfig):
    """Settings of a PPO run."""

    environments: int = 16
    """Episodes that are played at the same time."""
    rollout: int = 32
    """Steps of each of them between updates."""
    epochs: int = 4
    """Passes over each rollout."""
    minibatches: int = 4
    """Parts, of equal size but for one, that a pass has; a gradient step on each."""
    anneal_learning_rate: bool = True
    """Let the learning rate fall to 0 in a straight line over `steps`."""
    gae_lambda: float = 0.95
    """λ: 0 trusts the values most (one-step advantages), 1 the rewards (whole returns)."""
    normalize_advantages: bool = True
    """Scale the advantages of a minibatch to mean 0 and standard deviation 1."""
    clip: float = 0.2
    """ε: a ratio of probabilities farther from 1 than this earns nothing more."""
    clip_values: float = 0.0
    """The same for the distance of a value from what it was at the rollout; 0 does not clip."""
    entropy_coef: float = 0.01
    """Weight of the policy's entropy: what keeps it trying."""
    value_coef: float = 0.5
    """Weight of the value's squared error."""
    target_kl: float = 0.0
    """Leave a rollout when the policy's KL divergence since then is larger; 0 never does."""


class Batch(NamedTuple):
    """Transitions, a row each."""

    inputs: Tensor
    masks: Tensor
    actions: Tensor
    logprobs: Tensor
    values: Tensor
    advantages: Tensor
    returns: Tensor


class PPO(NetworkAgent[PPOConfig]):
    """Proximal policy optimization: several passes over each rollout, with a clipped objective."""

    settings = PPOConfig

    def __init__(self, config: PPOConfig) -> None:
        at_least(1, config, "environments", "rollout", "epochs", "minibatches")
        super().__init__(config, config.environments)  # details 1, 2, 3, 15 and 17

    def update(self) -> dict[str, float]:
        """Play a rollout, and take gradient steps on parts of it; returns the metrics' means."""
        config = self.config
        if config.anneal_learning_rate:  # detail 4
            left = max(0.0, 1 - self.envs.steps / config.steps)
            self.optimizer.param_groups[0]["lr"] = config.learning_rate * left

        played = collect(self.network, self.envs, config.rollout, self.rng)
        advantages = generalized_advantages(  # details 5 and 13
            played.rewards,
            played.values,
            played.terminated,
            played.truncated,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
        )
        returns = advantages + played.values[:-1]
        real = played.valid  # detail 14
        if not real.any():  # every environment was reset: a rollout of one step may be that
            return {}
        batch = Batch(
            played.inputs[:-1][real],
            played.masks[:-1][real],
            played.actions[real],
            played.logprobs[real],
            played.values[:-1][real],
            advantages[real],
            returns[real],
        )
        metrics: list[dict[str, float]] = []
        for _ in range(config.epochs):  # detail 6
            order = self.rng.permutation(len(batch.actions))
            for rows in np.array_split(order, min(config.minibatches, len(order))):
                loss, measured = self._loss(Batch(*(column[rows] for column in batch)))
                too_far = config.target_kl and measured["approx_kl"] > config.target_kl
                if too_far and metrics:  # detail 16; at the first step it is rounding
                    break
                measured["grad_norm"] = self.descend(loss)  # detail 11
                metrics.append(measured)
            else:
                continue
            break
        self.network.encoder.observe(played.inputs.flatten(0, 1))  # detail 17
        means = {name: float(np.mean([m[name] for m in metrics])) for name in metrics[0]}
        return {
            **means,
            "explained_variance": explained_variance(batch.values, batch.returns),  # detail 12
            "gradient_steps": len(metrics),
            "learning_rate": self.optimizer.param_groups[0]["lr"],
        }

    def _loss(self, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """The loss of some transitions, and what is to know about them."""
        config = self.config
        logprobs, values = self.network(batch.inputs, batch.masks)
        change = logprobs.gather(1, batch.actions[:, None]).squeeze(1) - batch.logprobs
        ratio, clipped = change.exp(), change.exp().clamp(1 - config.clip, 1 + config.clip)

        advantages = batch.advantages
        if config.normalize_advantages:  # detail 7
            advantages = (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-8)
        policy_loss = -torch.minimum(ratio * advantages, clipped * advantages).mean()  # detail 8

        errors = (batch.returns - values).square()
        if config.clip_values:  # detail 9
            near = (values - batch.values).clamp(-config.clip_values, config.clip_values)
            errors = torch.maximum(errors, (batch.returns - batch.values - near).square())
        value_loss = errors.mean() / 2
        entropy = -(logprobs.exp() * logprobs).sum(1).mean()  # detail 10

        loss = policy_loss + config.value_coef * value_loss - config.entropy_coef * entropy
        far = (ratio - 1).abs() > config.clip
        return loss, {  # detail 12
            "policy_loss": policy_loss.item(),
            "value_loss": value_loss.item(),
            "entropy": entropy.item(),
            "approx_kl": (ratio - 1 - change).mean().item(),
            "clip_fraction": far.float().mean().item(),
        }
