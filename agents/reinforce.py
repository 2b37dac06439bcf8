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

import numpy as np
import torch
from numpy.typing import NDArray

from agents.common.environments import at_least
from agents.common.network_agent import NetworkAgent, NetworkConfig
from agents.common.networks import sample

__all__ = ["Reinforce", "ReinforceConfig"]


@dataclass
class ReinforceConfig(NetworkConfig):
    """Settings of a REINFORCE run."""

    episodes: int = 8
    """Episodes between updates, played side by side and each to its end, so that short ones are not
    preferred."""
    entropy_coef: float = 0.01
    """Weight of the policy's entropy: what keeps it trying."""
    value_coef: float = 0.5
    """Weight of the baseline's squared error."""


class Reinforce(NetworkAgent[ReinforceConfig]):
    """REINFORCE with a baseline: a policy gradient from whole episodes."""

    settings = ReinforceConfig

    def __init__(self, config: ReinforceConfig) -> None:
        at_least(1, config, "episodes")
        super().__init__(config, config.episodes)

    def update(self) -> dict[str, float]:
        """Play some episodes, and take one gradient step; returns metrics."""
        config, envs, prepare = self.config, self.envs, self.network.encoder.prepare
        inputs, masks, actions, rewards, playing = [], [], [], [], []
        last = np.zeros(config.episodes, np.float32)  # what is still to come at the end
        running = np.ones(config.episodes, bool)
        while running.any():
            inputs.append(prepare(envs.observations))
            masks.append(torch.from_numpy(envs.masks))
            with torch.no_grad():
                logprobs, _ = self.network(inputs[-1], masks[-1])
            action = sample(logprobs, self.rng)
            after = envs.step(action, counts=running)
            actions.append(torch.from_numpy(action))
            rewards.append(after.rewards)
            playing.append(running)
            cut_short = running & after.truncated & ~after.terminated
            if cut_short.any():
                last[cut_short] = self._values()[cut_short]
            running = running & ~(after.terminated | after.truncated)
        envs.restart()

        real = torch.from_numpy(np.stack(playing))
        target = torch.from_numpy(self._returns(np.stack(rewards), np.stack(playing), last))[real]
        texts = torch.stack(inputs)[real]
        logprobs, values = self.network(texts, torch.stack(masks)[real])
        advantages = target - values.detach()
        chosen = logprobs.gather(1, torch.stack(actions)[real][:, None]).squeeze(1)
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
    def _values(self) -> NDArray[np.float32]:
        """The baseline's values of the present observations."""
        inputs = self.network.encoder.prepare(self.envs.observations)
        values: NDArray[np.float32] = self.network(inputs, torch.from_numpy(self.envs.masks))[1]
        return np.asarray(values)

    def _returns(
        self, rewards: NDArray[np.float32], playing: NDArray[np.bool_], last: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """G_t ``[T, n]`` of rewards ``[T, n]``; ``playing`` is false after an episode's end."""
        returns, following = np.zeros_like(rewards), last
        for t in reversed(range(len(rewards))):
            returns[t] = rewards[t] + self.config.gamma * following
            following = np.where(playing[t], returns[t], following)
        return returns
