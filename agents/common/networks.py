"""The network of the agents that are not tables: texts in, chances of commands and a value out.

Two ways to read a text: `HashedNgrams` counts what is in it (lines, words, pairs of words, pieces
of words) and learns what each of them means; `CharacterEncoder` learns from the characters alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reasoning_gym_envs.wrappers.numeric_observation import hashed

__all__ = ["CharacterEncoder", "HashedNgrams", "PolicyAndValue", "masked_logprobs", "sample"]

_FARTHEST = 10.0  # standard deviations

EncoderName = Literal["hashed", "characters"]


class HashedNgrams(nn.Module):
    """A learned layer over hashed counts (feature hashing: Weinberger et al., ICML 2009).

    A text is the vector of ``size`` numbers that `NumericObservation` gives, each of them shifted
    and scaled to mean 0 and variance 1 over the texts seen so far.  Most of a text is the same in
    every state; what is rare tells states apart, and this makes it large.
    """

    mean: Tensor
    variance: Tensor
    scale: Tensor
    count: Tensor

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.size = size
        self.layer = nn.Linear(size, width)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("variance", torch.ones(size))
        self.register_buffer("scale", torch.ones(size))  # 1 / standard deviation
        self.register_buffer("count", torch.zeros(()))

    def prepare(self, texts: Sequence[str]) -> Tensor:
        """The inputs of some texts, ``[texts, size]`` (float32); nothing here is learned."""
        return torch.from_numpy(np.stack([hashed(text, self.size) for text in texts]))

    def observe(self, inputs: Tensor) -> None:
        """Count ``[n, size]`` in the mean and the variance (Chan et al. 1979)."""
        n = len(inputs)
        total, shift = self.count + n, inputs.mean(0) - self.mean
        squares = self.variance * self.count + inputs.var(0, correction=0) * n
        self.variance = (squares + shift**2 * self.count * n / total) / total
        self.mean = self.mean + shift * n / total
        self.count = total
        self.scale = (self.variance + 1e-6).rsqrt()

    def forward(self, inputs: Tensor) -> Tensor:
        """``[n, size]`` to ``[n, width]``."""
        scaled = (inputs - self.mean) * self.scale
        return torch.tanh(self.layer(scaled.clamp(-_FARTHEST, _FARTHEST)))


class CharacterEncoder(nn.Module):
    """Characters, each a learned vector; two convolutions; the largest value at any place.

    A text is its first ``size`` characters, by their number modulo 256 (ASCII keeps itself), and
    zeros after it.  Zhang, Zhao and LeCun, "Character-level convolutional networks for text
    classification", NeurIPS 2015, in small.
    """

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.size = size
        self.embedding = nn.Embedding(256, 16)
        self.convolutions = nn.Sequential(
            nn.Conv1d(16, width, 5, padding=2),
            nn.ReLU(),
            nn.Conv1d(width, width, 5, padding=2, stride=2),
            nn.ReLU(),
        )
        self.layer = nn.Linear(width, width)

    def prepare(self, texts: Sequence[str]) -> Tensor:
        """The inputs of some texts, ``[texts, size]`` (int64)."""
        numbers = np.zeros((len(texts), self.size), np.int64)
        for row, text in enumerate(texts):
            for place, character in enumerate(text[: self.size]):
                numbers[row, place] = ord(character) % 256
        return torch.from_numpy(numbers)

    def observe(self, inputs: Tensor) -> None:
        """Nothing to count."""

    def forward(self, inputs: Tensor) -> Tensor:
        """``[n, size]`` to ``[n, width]``."""
        places = self.convolutions(self.embedding(inputs).transpose(1, 2))
        return torch.tanh(self.layer(places.amax(2)))


class PolicyAndValue(nn.Module):
    """An encoder, hidden layers, and two heads: logits of the commands, and the value."""

    def __init__(
        self, encoder: EncoderName, size: int, width: int, commands: int, layers: int = 1
    ) -> None:
        """`size` is the length of the encoder's input; all layers have `width` units.

        `layers` counts the hidden layers after the encoder.
        """
        super().__init__()
        if encoder not in ("hashed", "characters"):
            raise ValueError(f'encoder must be "hashed" or "characters", got {encoder!r}')
        kind = HashedNgrams if encoder == "hashed" else CharacterEncoder
        self.encoder: HashedNgrams | CharacterEncoder = kind(size, width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.policy = nn.Linear(width, commands)
        self.value = nn.Linear(width, 1)

    def forward(self, inputs: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
        """log π of the commands ``[n, commands]`` and values ``[n]``.

        `inputs` are what ``encoder.prepare`` gives; `masks` ``[n, commands]`` are true where a
        command is admissible.
        """
        features = _features(inputs, self.encoder, self.hidden)
        return masked_logprobs(self.policy(features), masks), self.value(features).squeeze(-1)

    def initialize(self, generator: torch.Generator) -> None:
        """Orthogonal weights (Saxe et al., ICLR 2014); policy and value begin nearly flat."""
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif "embedding" in name:
                nn.init.normal_(parameter, generator=generator)
            else:
                gain = 0.01 if name in ("policy.weight", "value.weight") else 2**0.5
                nn.init.orthogonal_(parameter, gain, generator=generator)


class PolicyAndValueApart(PolicyAndValue):
    """The same, but the value has an encoder and hidden layers of its own.

    So what is learned of the value leaves the policy as it is.
    """

    def __init__(
        self, encoder: EncoderName, size: int, width: int, commands: int, layers: int = 1
    ) -> None:
        super().__init__(encoder, size, width, commands, layers)
        self.value_encoder = type(self.encoder)(size, width)
        self.value_hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))

    @property
    def policy_parameters(self) -> list[nn.Parameter]:
        """The weights that the policy depends on."""
        return [p for name, p in self.named_parameters() if not name.startswith("value")]

    def forward(self, inputs: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
        """As :class:`PolicyAndValue`."""
        return self.logprobs(inputs, masks), self.values(inputs)

    def logprobs(self, inputs: Tensor, masks: Tensor) -> Tensor:
        """log π of the commands ``[n, commands]``."""
        return masked_logprobs(self.policy(_features(inputs, self.encoder, self.hidden)), masks)

    def values(self, inputs: Tensor) -> Tensor:
        """Values ``[n]``."""
        features = _features(inputs, self.value_encoder, self.value_hidden)
        values: Tensor = self.value(features).squeeze(-1)
        return values


def _features(inputs: Tensor, encoder: nn.Module, hidden: nn.ModuleList) -> Tensor:
    """What a head reads, ``[n, width]``."""
    features: Tensor = encoder(inputs)
    for layer in hidden:
        features = torch.tanh(layer(features))
    return features


def masked_logprobs(logits: Tensor, masks: Tensor) -> Tensor:
    """log π ``[n, commands]``: −∞ nearly, and no gradient, where the mask is false.

    Huang and Ontañón, "A closer look at invalid action masking in policy gradient algorithms",
    FLAIRS 2022.
    """
    return torch.log_softmax(logits.masked_fill(~masks, -1e9), -1)


def sample(logprobs: Tensor, rng: np.random.Generator) -> NDArray[np.int64]:
    """A command for each row of log π ``[n, commands]``, by the inverse of its distribution."""
    sums = logprobs.double().exp().cumsum(-1).numpy()
    thresholds = rng.random((len(sums), 1)) * sums[:, -1:]
    chosen: NDArray[np.int64] = (sums <= thresholds).sum(-1)
    return chosen
