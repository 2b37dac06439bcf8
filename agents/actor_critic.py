"""Advantage actor-critic: a policy that learns from how much better an action was than expected.

    A_t  =  Σ_k (γλ)^k δ_{t+k},   δ_t = r_t + γ V(s_{t+1}) − V(s_t)
    loss = −log π(a_t|s_t) A_t + c_v (A_t + V_old(s_t) − V(s_t))² / 2 − c_e H(π(·|s_t))

The synchronous form (A2C) of Mnih et al., "Asynchronous methods for deep reinforcement learning",
ICML 2016, with the generalized advantage estimates of Schulman et al., ICLR 2016 (equation 16).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.environments import Masks, Score, TaskConfig, Texts, TrainingEnvs, make_test, play
from agents.networks import EncoderName, PolicyAndValue, sample
from agents.run_folder import RunFolder
from agents.training import train
from agents.weights import load_optimizer, load_weights, save_optimizer, save_weights

__all__ = ["ActorCritic", "ActorCriticConfig", "generalized_advantages"]


@dataclass
class ActorCriticConfig(TaskConfig):
    """Settings of an actor-critic run."""

    environments: int = 16
    """Episodes that are played at the same time."""
    rollout: int = 8
    """Steps of each of them between updates."""
    learning_rate: float = 2e-3
    """Of Adam."""
    gae_lambda: float = 0.95
    """λ: 0 trusts the values most (one-step advantages), 1 the rewards (whole returns)."""
    normalize_advantages: bool = True
    """Scale the advantages of an update to a standard deviation of 1, so that the learning rate and
    the entropy's weight do not depend on how large the rewards are."""
    entropy_coef: float = 0.01
    """Weight of the policy's entropy: what keeps it trying."""
    value_coef: float = 0.5
    """Weight of the value's squared error."""
    max_grad_norm: float = 0.5
    """Longer gradients are scaled down to this."""
    encoder: EncoderName = "hashed"
    """How a text is read: counts of hashed n-grams, or a small learned character encoder."""
    encoder_size: int = 512
    """Places that n-grams are hashed to, or characters that are read."""
    width: int = 64
    """Units of each layer."""


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


class ActorCritic:
    """An agent that reads texts, and learns from a batch of environments."""

    def __init__(self, config: ActorCriticConfig) -> None:
        self.config = config
        self.envs = TrainingEnvs(config, config.environments)
        self.vocabulary = self.envs.vocabulary
        self.network = PolicyAndValue(
            config.encoder, config.encoder_size, config.width, len(self.vocabulary)
        )
        self.network.initialize(torch.Generator().manual_seed(config.seed))
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=config.learning_rate, eps=1e-5
        )
        self.rng = np.random.default_rng(config.seed)  # chooses the actions

    # The algorithm. ------------------------------------------------------------------------------

    def update(self) -> dict[str, float]:
        """Play a rollout with the policy, and take one gradient step; returns metrics."""
        config, envs, prepare = self.config, self.envs, self.network.encoder.prepare
        inputs, masks = [prepare(envs.observations)], [torch.from_numpy(envs.masks)]
        actions, values, rewards, terminated, truncated, valid = [], [], [], [], [], []
        for _ in range(config.rollout):
            with torch.no_grad():
                logprobs, value = self.network(inputs[-1], masks[-1])
            chosen = sample(logprobs, self.rng)
            after = envs.step(chosen)
            actions.append(torch.from_numpy(chosen))
            values.append(value)
            rewards.append(torch.from_numpy(after.rewards))
            terminated.append(torch.from_numpy(after.terminated))
            truncated.append(torch.from_numpy(after.truncated))
            valid.append(torch.from_numpy(after.valid))
            inputs.append(prepare(after.observations))
            masks.append(torch.from_numpy(after.masks))
        with torch.no_grad():
            values.append(self.network(inputs[-1], masks[-1])[1])
        advantages = generalized_advantages(
            torch.stack(rewards),
            torch.stack(values),
            torch.stack(terminated),
            torch.stack(truncated),
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
        )
        returns = advantages + torch.stack(values[:-1])

        # Automatic resets are no transitions: nothing was chosen there.
        real = torch.stack(valid).flatten()
        metrics = self._learn(
            torch.cat(inputs[:-1])[real],
            torch.cat(masks[:-1])[real],
            torch.cat(actions)[real],
            advantages.flatten()[real],
            returns.flatten()[real],
        )
        self.network.encoder.observe(torch.cat(inputs))
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
        self.optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), config.max_grad_norm)
        self.optimizer.step()
        return {
            "policy_loss": policy_loss.item(),
            "value_loss": value_loss.item(),
            "entropy": entropy.item(),
            "grad_norm": norm.item(),
            "explained_variance": explained_variance(values.detach(), returns),
        }

    # Acting and testing. -------------------------------------------------------------------------

    @torch.no_grad()
    def choose(self, observations: Texts, masks: Masks) -> NDArray[np.int64]:
        """The most probable admissible command of each observation, by its number."""
        logprobs, _ = self.network(
            self.network.encoder.prepare(observations), torch.from_numpy(masks)
        )
        chosen: NDArray[np.int64] = logprobs.argmax(1).numpy()
        return chosen

    def act(self, observation: str, info: dict[str, Any] | None = None) -> str:
        """The most probable command, among the admissible ones where `info` names them."""
        admissible = (info or {}).get("admissible_commands") or self.vocabulary
        masks = np.array([[command in admissible for command in self.vocabulary]])
        return self.vocabulary[int(self.choose([observation], masks)[0])]

    def evaluate(self) -> Score:
        """Play the test problems greedily."""
        if not hasattr(self, "_test"):
            self._test = make_test(self.config)
        return play(self.choose, self._test)

    # A run. --------------------------------------------------------------------------------------

    def learn(
        self,
        folder: str | Path | None = None,
        *,
        resume: bool = False,
        on_update: Callable[[int, dict[str, Any]], None] | None = None,
    ) -> bool:
        """Train for ``config.steps`` environment steps; see `agents.training.train`."""
        return train(self, folder, resume=resume, on_update=on_update)

    def save(self, folder: str | Path) -> None:
        """Write weights and optimizer state."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        save_weights(self.network, Path(folder))
        save_optimizer(self.network, self.optimizer, Path(folder))

    def state(self) -> dict[str, Any]:
        """The random numbers and the environments, for `restore`."""
        return {"rng": self.rng.bit_generator.state, "environments": self.envs.state()}

    def restore(self, folder: Path, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        load_weights(self.network, folder)
        load_optimizer(self.network, self.optimizer, folder)
        self.rng.bit_generator.state = state["rng"]
        self.envs.put_back(state["environments"])

    @classmethod
    def load(cls, folder: str | Path) -> ActorCritic:
        """The agent of a run folder, as its newest checkpoint left it."""
        agent = cls(RunFolder.load_config(folder, ActorCriticConfig))
        load_weights(agent.network, RunFolder.latest(folder))
        return agent


def explained_variance(values: Tensor, returns: Tensor) -> float:
    """1 − Var(returns − values) / Var(returns): 1 is perfect, 0 no better than a constant."""
    variance = returns.var(correction=0).item()
    return 1 - (returns - values).var(correction=0).item() / variance if variance > 0 else 0.0
