"""Settings that suit the size of a model, where a configuration leaves them open.

What teaches a model of a hundred thousand weights within minutes would ruin one of a billion, and a
large one has more to say.  The values for tiny models were tuned here.  Those for large ones are of
the literature on training whole models of 0.5 to 32 B, and those between lie between:

* Shao et al. 2024, "DeepSeekMath" (arXiv 2402.03300): GRPO at 1e-6, replies of 1,024 tokens;
  imitation at 5e-5.
* Yu et al. 2025, "DAPO" (arXiv 2503.14476): 1e-6.
* Lambert et al. 2024, "Tülu 3" (arXiv 2411.15124): imitation at 5e-6.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Optional, TypeVar

if TYPE_CHECKING:
    from agents.common.language_model import LanguageModel

__all__ = [
    "DISTILLATION_BY_SIZE",
    "DPO_BY_SIZE",
    "EXPERT_ITERATION_BY_SIZE",
    "GRPO_BY_SIZE",
    "IMITATION_BY_SIZE",
    "OPEN",
    "SMALL",
    "TINY",
    "BySize",
    "settled",
]

T = TypeVar("T")
Config = TypeVar("Config", bound=Any)

TINY = 5_000_000
SMALL = 300_000_000

OPEN: Any = None
"""The value of a setting until the model is known; agents have configurations without it."""

if TYPE_CHECKING:
    BySize = Annotated[T, "or OPEN"]
else:
    BySize = Optional


class Sizes(NamedTuple):
    """The values of a setting."""

    tiny: Any
    """For models of fewer than `TINY` weights."""
    small: Any
    """For fewer than `SMALL`."""
    large: Any
    """For more."""

    def of(self, weights: int) -> Any:
        """The value for a model of so many weights."""
        return self.tiny if weights < TINY else self.small if weights < SMALL else self.large


_REPLY = {"max_new_tokens": Sizes(48, 256, 1024)}
GRPO_BY_SIZE = {"learning_rate": Sizes(2e-4, 1e-5, 1e-6), **_REPLY}
EXPERT_ITERATION_BY_SIZE = {"learning_rate": Sizes(3e-4, 5e-5, 5e-6), **_REPLY}
DISTILLATION_BY_SIZE = {"learning_rate": Sizes(1e-3, 5e-5, 5e-6), **_REPLY}
DPO_BY_SIZE = {"learning_rate": Sizes(5e-4, 5e-6, 5e-7), **_REPLY}
IMITATION_BY_SIZE = {"learning_rate": Sizes(4e-3, 1e-4, 1e-5), **_REPLY}


def settled(config: Config, by_size: Mapping[str, Sizes], policy: LanguageModel) -> Config:
    """A configuration with nothing open: as it says, and for the rest as it suits the policy.

    Raises `ValueError` for a policy that is not prompted as the configuration says.
    """
    weights = policy.model.num_parameters()
    values = {
        name: sizes.of(weights) for name, sizes in by_size.items() if getattr(config, name) is OPEN
    }
    if config.dtype == "auto":
        values["dtype"] = "float32" if policy.autocast is None else "bfloat16"
    for name in ("system_prompt", "chat_template_kwargs"):
        given, has = getattr(config, name), getattr(policy, name)
        if given and given != has:
            raise ValueError(f"{name} is {given!r}, but that of the policy is {has!r}")
        values[name] = has
    settled: Config = dataclasses.replace(config, **values)
    return settled
