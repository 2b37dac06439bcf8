"""Advantage actor-critic: a policy that learns from how much better an action was than expected.

    A_t  =  Σ_k (γλ)^k δ_{t+k},   δ_t = r_t + γ V(s_{t+1}) − V(s_t)
    loss = −log π(a_t|s_t) A_t + c_v (A_t + V_old(s_t) − V(s_t))² / 2 − c_e H(π(·|s_t))

The synchronous form (A2C) of Mnih et al., "Asynchronous methods for deep reinforcement learning",
ICML 2016, with the generalized advantage estimates of Schulman et al., ICLR 2016 (equation 16).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from agents.common.environments import at_least
from agents.common.network_agent import NetworkAgent, NetworkConfig, collect

__all__ = ["ActorCritic", "ActorCriticConfig", "explained_variance", "generalized_advantages"]


@dataclass
class ActorCriticConfig(NetworkConfig):
    """Settings of an actor-critic run."""

    environments: int = 8
    """Episodes that are played at the same time."""
    rollout: int = 8
    """Steps of each of them between updates."""
    gae_lambda: float = 0.95
    """λ: 0 trusts the values most (one-step advantages), 1 the rewards (whole returns)."""
    normalize_advantages: bool = False
    """Shift and scale the advantages of an update to mean 0 and standard deviation 1, so that the
    learning rate and the entropy's weight do not depend on how large the rewards are."""
    entropy_coef: float = 0.003
    """Weight of the policy's entropy: what keeps it trying."""
    value_coef: float = 0.5
    """Weight of the value's squared error."""


def generalized_advantages(
    rewards: Tensor,
    values: Tensor,
    terminated: Tensor,
    truncated: Tensor,
    *,
    gamma: float,
    gae_lambda: float,
) -> Tensor:
    """Advantages ``[T, n]`` of a rollout: Schulman et al. 2016, equation 16.

    `values` ``[T + 1, n]`` are those of the observations before each step and after the last.  What
    follows an observation is worth nothing where the episode terminated, and V of the last
    observation where it was truncated: the task would have gone on, only the playing stopped.  In
    neither case does the next episode's advantage count.
    """
    advantages = torch.zeros_like(rewards)
    advantage = torch.zeros_like(rewards[0])
    for t in reversed(range(len(rewards))):
        delta = rewards[t] + gamma * values[t + 1] * ~terminated[t] - values[t]
        advantage = delta + gamma * gae_lambda * advantage * ~(terminated[t] | truncated[t])
        advantages[t] = advantage
    return advantages


class ActorCritic(NetworkAgent[ActorCriticConfig]):
    """Advantage actor-critic: one gradient step on each rollout of a batch of environments."""

    settings = ActorCriticConfig

    def __init__(self, config: ActorCriticConfig) -> None:
        at_least(1, config, "environments", "rollout")
        super().__init__(config, config.environments)

    def update(self) -> dict[str, float]:
        """Play a rollout with the policy, and take one gradient step; returns metrics."""
        config = self.config
        played = collect(self.network, self.envs, config.rollout, self.rng)
        advantages = generalized_advantages(
            played.rewards,
            played.values,
            played.terminated,
            played.truncated,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
        )
        returns = advantages + played.values[:-1]
        real = played.valid
        if not real.any():  # every environment was reset: a rollout of one step may be that
            return {}
        metrics = self._learn(
            played.inputs[:-1][real],
            played.masks[:-1][real],
            played.actions[real],
            advantages[real],
            returns[real],
        )
        self.network.encoder.observe(played.inputs.flatten(0, 1))
        return metrics

    def _learn(
        self, inputs: Tensor, masks: Tensor, actions: Tensor, advantages: Tensor, returns: Tensor
    ) -> dict[str, float]:
        """One gradient step on some transitions, a row each."""
        config = self.config
        logprobs, values = self.network(inputs, masks)
        chosen = logprobs.gather(1, actions[:, None]).squeeze(1)
        if config.normalize_advantages:
            advantages = (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-8)
        policy_loss = -(chosen * advantages).mean()
        value_loss = (returns - values).square().mean() / 2
        entropy = -(logprobs.exp() * logprobs).sum(1).mean()
        loss = policy_loss + config.value_coef * value_loss - config.entropy_coef * entropy
        norm = self.descend(loss)
        return {
            "policy_loss": policy_loss.item(),
            "value_loss": value_loss.item(),
            "entropy": entropy.item(),
            "grad_norm": norm,
            "explained_variance": explained_variance(values.detach(), returns),
        }


def explained_variance(values: Tensor, returns: Tensor) -> float:
    """1 − Var(returns − values) / Var(returns): 1 is perfect, 0 no better than a constant."""
    variance = returns.var(correction=0).item()
    return 1 - (returns - values).var(correction=0).item() / variance if variance > 0 else 0.0
