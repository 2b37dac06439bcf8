"""REINFORCE with a baseline: whole episodes, and more of what went better than expected.

    G_t  =  r_t + γ r_{t+1} + γ² r_{t+2} + …
    loss =  −log π(a_t|s_t) (G_t − V(s_t)) + c_v (G_t − V(s_t))² / 2 − c_e H(π(·|s_t))

Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement
learning", Machine Learning 8, 1992; Sutton and Barto 2018, section 13.4.  As is usual, the factor
γ^t of their update is left out: late steps count as much as early ones.

An episode that is cut short (truncated) is not over: what is left of its return is not known.  The
baseline's value of the last observation stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from agents.network_agent import NetworkAgent, NetworkConfig
from agents.networks import sample

__all__ = ["Reinforce", "ReinforceConfig"]


@dataclass
class ReinforceConfig(NetworkConfig):
    """Settings of a REINFORCE run."""

    episodes: int = 4
    """Episodes between updates: one after the other and each to its end, so that short ones are not
    preferred and every step is learned from."""
    entropy_coef: float = 0.01
    """Weight of the policy's entropy: what keeps it trying."""
    value_coef: float = 0.5
    """Weight of the baseline's squared error."""


class Reinforce(NetworkAgent[ReinforceConfig]):
    """REINFORCE with a baseline: a policy gradient from whole episodes."""

    settings = ReinforceConfig

    def __init__(self, config: ReinforceConfig) -> None:
        super().__init__(config, environments=1)

    def update(self) -> dict[str, float]:
        """Play some episodes, and take one gradient step; returns metrics."""
        config, envs, prepare = self.config, self.envs, self.network.encoder.prepare
        inputs, masks, actions, returns = [], [], [], []
        for _ in range(config.episodes):
            rewards: list[float] = []
            ended = False
            while not ended:
                inputs.append(prepare(envs.observations))
                masks.append(torch.from_numpy(envs.masks))
                with torch.no_grad():
                    logprobs, _ = self.network(inputs[-1], masks[-1])
                action = sample(logprobs, self.rng)
                after = envs.step(action)
                if not after.valid[0]:  # it only began the episode; nothing was played
                    del inputs[-1], masks[-1]
                    continue
                actions.append(torch.from_numpy(action))
                rewards.append(float(after.rewards[0]))
                ended = bool(after.terminated[0] or after.truncated[0])
            returns += self._returns(rewards, cut_short=not after.terminated[0])

        texts, target = torch.cat(inputs), torch.tensor(returns)
        logprobs, values = self.network(texts, torch.cat(masks))
        advantages = target - values.detach()
        chosen = logprobs.gather(1, torch.stack(actions)).squeeze(1)
        policy_loss = -(chosen * advantages).mean()
        value_loss = (target - values).square().mean() / 2
        entropy = -(logprobs.exp() * logprobs).sum(1).mean()
        norm = self.descend(
            policy_loss + config.value_coef * value_loss - config.entropy_coef * entropy
        )
        self.network.encoder.observe(texts)
        return {
            "policy_loss": policy_loss.item(),
            "value_loss": value_loss.item(),
            "entropy": entropy.item(),
            "grad_norm": norm,
        }

    @torch.no_grad()
    def _returns(self, rewards: list[float], *, cut_short: bool) -> list[float]:
        """G_t of each step of the episode that has just ended."""
        following, returns = 0.0, [0.0] * len(rewards)
        if cut_short:
            last = self.network.encoder.prepare(self.envs.observations)
            following = self.network(last, torch.from_numpy(self.envs.masks))[1].item()
        for t in reversed(range(len(rewards))):
            returns[t] = following = rewards[t] + self.config.gamma * following
        return returns
