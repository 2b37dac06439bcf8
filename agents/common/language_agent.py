"""What language model agents share."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import torch

from agents.common.adapters import has_adapters
from agents.common.language_model import LanguageModel
from agents.common.run_folder import RunFolder, RunStopped
from agents.common.sharding import sum_gradients, whole
from agents.common.sizes import OPEN, BySize, Sizes, settled
from agents.common.trackers import TrackerName

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["LanguageAgent", "LanguageConfig"]


@dataclass
class LanguageConfig:
    """Settings of all language model agents."""

    env_id: str = "MathBoxed-v0"
    """Environment to learn in."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments of `gymnasium.make`."""
    model: str = "tiny"
    """Model to train: a folder, a Hugging Face name, or "tiny" (random weights; "tiny-2x32" has 2
    layers of width 32, and "tiny" 3 of 64)."""
    system_prompt: str | None = None
    """What the model is told before the first observation: a message of the role "system", or a
    paragraph of its own where the model has no chat template."""
    chat_template_kwargs: dict[str, Any] = field(default_factory=dict)
    """Variables of the model's chat template, such as {"enable_thinking": false}."""
    seed: int = 0
    """Seeds all that is drawn: episodes, what is sampled, the weights of a tiny model."""
    max_new_tokens: BySize[int] = OPEN
    """Longest reply in tokens; by default 48, 256 or 1024 for a model of fewer than 5 million
    weights, of fewer than 300 million, or of more."""
    learning_rate: BySize[float] = OPEN
    """Peak learning rate of AdamW; by default what suits the number of weights."""
    betas: tuple[float, float] = (0.9, 0.99)
    """Decay rates of AdamW's moments."""
    weight_decay: float = 0.0
    """Weight decay of AdamW."""
    max_grad_norm: float = 1.0
    """The gradient is scaled down to this norm."""
    tokens_per_pass: int = 4096
    """Tokens in one forward pass of learning, where the prompt of a group counts once; a longer
    episode goes alone. Changes memory and speed, not the result."""
    gradient_checkpointing: bool = False
    """Compute what a layer did again in the backward pass instead of keeping it: a third more time,
    for far less memory."""
    lora_rank: int = 0
    """Rank of low-rank adapters that learn in place of the weights; 0 for none, and all weights
    learn. Weights that do not learn are kept in the number type of products."""
    lora_alpha: float = 32.0
    """What adapters add is multiplied by this, divided by their rank."""
    lora_targets: tuple[str, ...] = ("all-linear",)
    """Names of the layers that get adapters; "all-linear" for all linear ones but the last."""
    shard: bool = False
    """Divide weights, gradients and optimizer state over the processes (FSDP2). While it samples,
    each process has all weights."""
    checkpoint_every: int = 100
    """Updates between checkpoints; 0 for none but at the end."""
    tracker: TrackerName | None = None
    """Where the metrics go besides the run folder: into TensorBoard's files, to trackio, or to
    Weights & Biases. Each is an extra of the package."""
    device: str = "auto"
    """"auto", "cpu", "cuda"."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """Number type of products. "auto": bfloat16 on a GPU that has it, but for models of fewer than
    5 million weights, and float32 elsewhere. Weights are float32 always: what a step adds to them
    is too little for bfloat16."""


Config = TypeVar("Config", bound=LanguageConfig)


class LanguageAgent(ABC, Generic[Config]):
    """A language model with the optimizer that trains it.

    Args:
        config: the settings, a dataclass that says which model, where, and how AdamW is set.
        policy: takes the place of ``config.model``.

    Raises:
        ValueError: the policy is not prompted as the settings say.
    """

    config_class: type[Config]
    by_size: Mapping[str, Sizes]
    """Settings that may be left open."""

    def __init__(self, config: Config, policy: LanguageModel | None = None) -> None:
        self.policy = policy or self.build(config)
        self.config = config = settled(config, self.by_size, self.policy)
        self._choose_what_learns()
        self.policy.token_logprobs.checkpointing = config.gradient_checkpointing
        learned = self.policy.token_logprobs.model.parameters()
        self.optimizer = torch.optim.AdamW(
            [parameter for parameter in learned if parameter.requires_grad],
            lr=config.learning_rate,
            betas=config.betas,
            weight_decay=config.weight_decay,
            fused=True,
        )

    def _choose_what_learns(self) -> None:
        """All weights, each process's part of them, or adapters."""
        config = self.config
        if config.lora_rank:
            if config.shard:
                raise ValueError(
                    "shard divides the weights that learn, and adapters are too few for that: "
                    "leave it off with lora_rank"
                )
            self.policy.add_adapters(config)
        elif has_adapters(self.policy.model):
            raise ValueError(
                "the model has low-rank adapters: set lora_rank and lora_alpha to what they have, "
                "or start from the model that save() writes, in which they are merged"
            )
        if config.shard:
            self.policy.shard()

    @abstractmethod
    def learn(self, folder: str | Path, *, resume: bool = False) -> bool:
        """Train, writing a run folder; returns False when Ctrl-C ended it early (resumable)."""

    def act(self, observation: str, info: dict[str, Any] | None = None) -> str:
        """Answer an observation."""
        return self.policy.act(observation, info)

    def _apply_gradients(self) -> float:
        """A step of the optimizer by the gradients of all processes; the norm of their sum.

        All of them have to come here at the same time, also those that have no gradient.
        """
        learned = [p for group in self.optimizer.param_groups for p in group["params"]]
        sum_gradients(learned)
        norm = float(whole(torch.nn.utils.clip_grad_norm_(learned, self.config.max_grad_norm)))
        if not math.isfinite(norm):
            raise RunStopped(
                f"the norm of the gradient is {norm:g}, so a step would ruin each weight: "
                "go on from the last checkpoint (--resume), or begin anew with a lower "
                "learning_rate"
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        return norm

    def write(self, folder: Path) -> None:
        """Write the files of a checkpoint: weights (or adapters), and the optimizer's state."""
        self.policy.save_training(self.optimizer, folder)

    def restore(self, folder: Path, state: dict[str, Any]) -> None:
        """Put back what `write` wrote; `state` is what else the checkpoint says."""
        self.policy.load_training(self.optimizer, folder, state)

    def save(self, folder: str | Path) -> None:
        """Write the model for `load` of `LanguageModel`, or Hugging Face."""
        self.policy.save(folder)

    @staticmethod
    def build(config: Config, model: str | None = None, **kwargs: Any) -> LanguageModel:
        """The policy that the settings describe; `model` takes the place of theirs.

        Where that is a folder of adapters, they are put on the model of the settings.  `kwargs` are
        more arguments of `LanguageModel.build`.
        """
        adapters = model if config.lora_rank else None
        policy = LanguageModel.build(
            config.model if adapters else model or config.model,
            seed=config.seed,
            device=config.device,
            dtype=config.dtype,
            system_prompt=config.system_prompt,
            chat_template_kwargs=config.chat_template_kwargs,
            **kwargs,
        )
        if adapters:
            policy.add_adapters(config)
            policy.load_weights(adapters)
        return policy

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """The agent of a run folder, as its newest checkpoint left it."""
        config = RunFolder.load_config(folder, cls.config_class)
        return cls(config, cls.build(config, str(RunFolder.latest(folder) / "model")))
