"""What the agents with a network share: everything but how they learn.

Making the network, choosing greedily, testing, saving and loading; and `collect`, the rollout that
actor-critic and PPO learn from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.common.environments import (
    Masks,
    Score,
    TaskConfig,
    Texts,
    TrainingEnvs,
    at_least,
    make_test,
    play,
)
from agents.common.networks import EncoderName, PolicyAndValue, sample
from agents.common.run_folder import RunFolder
from agents.common.training import train
from agents.common.weights import load_optimizer, load_weights, save_optimizer, save_weights

__all__ = ["NetworkAgent", "NetworkConfig", "Rollout", "collect"]


@dataclass
class NetworkConfig(TaskConfig):
    """Settings of an agent with a network."""

    encoder: EncoderName = "hashed"
    """How a text is read: counts of hashed n-grams, or a small learned character encoder."""
    encoder_size: int = 512
    """Places that n-grams are hashed to, or characters that are read."""
    width: int = 64
    """Units of each layer."""
    layers: int = 1
    """Hidden layers after the encoder's."""
    learning_rate: float = 2e-3
    """Of Adam."""
    max_grad_norm: float = 0.5
    """Longer gradients are scaled down to this."""


Config = TypeVar("Config", bound=NetworkConfig)


class NetworkAgent(ABC, Generic[Config]):
    """An agent that reads texts; those who inherit from it say how they learn, in `update`."""

    settings: ClassVar[type[NetworkConfig]]
    """The class of the configuration."""
    network_class: ClassVar[type[PolicyAndValue]] = PolicyAndValue
    """What it learns with."""

    def __init__(self, config: Config, environments: int) -> None:
        """`environments` are played at the same time."""
        at_least(1, config, "encoder_size", "width")
        at_least(0, config, "layers")
        self.config = config
        self.envs = TrainingEnvs(config, environments)
        self.vocabulary = self.envs.vocabulary
        self.network = self.network_class(
            config.encoder,
            config.encoder_size,
            config.width,
            len(self.vocabulary),
            config.layers,
        )
        self.network.initialize(torch.Generator().manual_seed(config.seed))
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=config.learning_rate, eps=1e-5, fused=True
        )
        self.rng = np.random.default_rng(config.seed)  # chooses the actions

    @abstractmethod
    def update(self) -> dict[str, float]:
        """Take some steps and learn from them; returns metrics."""

    def descend(self, loss: Tensor) -> float:
        """One step down the gradient, which is cut to ``max_grad_norm``; returns its length."""
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.max_grad_norm)
        self.optimizer.step()
        return norm.item()

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
        """Train for ``config.steps`` environment steps; see `agents.common.training.train`."""
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
    def load(cls: type[Agent], folder: str | Path) -> Agent:
        """The agent of a run folder, as its newest checkpoint left it."""
        agent = cls(RunFolder.load_config(folder, cls.settings))  # type: ignore[call-arg]
        load_weights(agent.network, RunFolder.latest(folder))
        return agent


Agent = TypeVar("Agent", bound=NetworkAgent[Any])


class Rollout(NamedTuple):
    """So many steps of each environment: what was seen, done and given.

    `T` steps of `n` environments, with the observations before each of them and after the last.
    """

    inputs: Tensor
    """Observations as the encoder reads them, ``[T + 1, n, size]``."""
    masks: Tensor
    """Which commands were admissible, ``[T + 1, n, commands]``."""
    values: Tensor
    """What the network thought them worth, ``[T + 1, n]``."""
    logprobs: Tensor
    """log π of the actions, as they were chosen, ``[T, n]``."""
    actions: Tensor
    """Numbers of commands, ``[T, n]``."""
    rewards: Tensor
    """Rewards of the steps, ``[T, n]``."""
    terminated: Tensor
    """Whether the step ended the task, ``[T, n]``."""
    truncated: Tensor
    """Whether the playing was stopped after the step, ``[T, n]``."""
    valid: Tensor
    """False for automatic resets: no transitions, nothing was chosen there; ``[T, n]``."""


@torch.no_grad()
def collect(
    network: PolicyAndValue, envs: TrainingEnvs, steps: int, rng: np.random.Generator
) -> Rollout:
    """Go on playing `envs` with the policy for so many steps of each."""
    prepare = network.encoder.prepare
    inputs, masks = [prepare(envs.observations)], [torch.from_numpy(envs.masks)]
    values, actions, logprobs, after = [], [], [], []
    for _ in range(steps):
        logprob, value = network(inputs[-1], masks[-1])
        action = sample(logprob, rng)
        after.append(envs.step(action))
        values.append(value)
        actions.append(torch.from_numpy(action))
        logprobs.append(logprob.gather(1, actions[-1][:, None]).squeeze(1))
        inputs.append(prepare(envs.observations))
        masks.append(torch.from_numpy(envs.masks))
    values.append(network(inputs[-1], masks[-1])[1])
    return Rollout(
        torch.stack(inputs),
        torch.stack(masks),
        torch.stack(values),
        torch.stack(logprobs),
        torch.stack(actions),
        torch.from_numpy(np.stack([step.rewards for step in after])),
        torch.from_numpy(np.stack([step.terminated for step in after])),
        torch.from_numpy(np.stack([step.truncated for step in after])),
        torch.from_numpy(np.stack([step.valid for step in after])),
    )
