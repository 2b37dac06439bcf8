"""Low-rank adapters: a few new weights beside those of a model, which learn in their place.

The product W x of a layer becomes W x + alpha / rank · B (A x), where A and B are of low rank, and
B is 0 at the start.  Hu et al. 2021, "LoRA" (arXiv 2106.09685).

The layers are those of ``peft``, put into the model itself: its class stays what it is, and so does
all that samples from it and learns.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

__all__ = [
    "ADAPTERS",
    "add_adapters",
    "base_of",
    "has_adapters",
    "load_adapters",
    "merged",
    "need_peft",
    "save_adapters",
]

_NAME = "default"  # of the adapters among those that a model may have
ADAPTERS = "adapter_config.json"
"""The file that a folder of adapters has."""
_FILE = "adapter_model.safetensors"
_PREFIX = "base_model.model."  # of the names in a file


def has_adapters(model: PreTrainedModel) -> bool:
    """Whether a model has adapters."""
    return hasattr(model, "peft_config")


def add_adapters(
    model: PreTrainedModel,
    *,
    rank: int,
    alpha: float,
    targets: Sequence[str],
    seed: int,
    dtype: torch.dtype | None = None,
) -> None:
    """Freeze a model, and give it adapters that learn; those that it has already go on learning.

    Args:
        model: is changed in place.
        rank: of A and B.
        alpha: `alpha` / `rank` is what their product is multiplied by.
        targets: names of linear layers, or "all-linear" alone for all but the output embedding.
        seed: of A at the start.
        dtype: of the weights, from now on; None for what they are in.

    Raises:
        ValueError: peft is not installed, no layer has such a name, or the model has adapters that
            are made otherwise.
    """
    config = need_peft().LoraConfig(
        r=rank,
        lora_alpha=alpha,
        target_modules=targets[0] if list(targets) == ["all-linear"] else list(targets),
        fan_in_fan_out=any(isinstance(layer, Conv1D) for layer in model.modules()),
        task_type="CAUSAL_LM",
    )
    if has_adapters(model):
        has = model.peft_config[_NAME]
        if (has.r, has.lora_alpha) != (rank, alpha):
            raise ValueError(
                f"the model has adapters of rank {has.r} and alpha {has.lora_alpha:g}, which can "
                f"go on with these as lora_rank and lora_alpha alone, not with {rank} and "
                f"{alpha:g}: or start from the model that save() writes, in which they are merged"
            )
        wanted = _linear_layers(model) if list(targets) == ["all-linear"] else set(targets)
        if set(has.target_modules) != wanted:
            raise ValueError(
                f"the model has adapters of {', '.join(sorted(has.target_modules))}, which can go "
                f"on with these as lora_targets alone, not with {', '.join(sorted(wanted))}"
            )
    else:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            torch.manual_seed(seed)
            model.add_adapter(config, _NAME)
        name = str(model.name_or_path)
        is_folder = name and Path(name).is_dir()
        config.base_model_name_or_path = str(Path(name).resolve()) if is_folder else name or None
    for parameter_name, parameter in model.named_parameters():
        learns = "lora_" in parameter_name
        parameter.requires_grad_(learns)
        if learns:  # steps are too small for bfloat16
            parameter.data = parameter.data.to(torch.promote_types(parameter.dtype, torch.float32))
        elif dtype is not None:
            parameter.data = parameter.data.to(dtype)
    model.eval()


def _linear_layers(model: PreTrainedModel) -> set[str]:
    """Names of the linear layers but the output embedding, as they are called inside of a layer."""
    return {
        name.removesuffix(".base_layer").rpartition(".")[2]
        for name, layer in model.named_modules()
        if isinstance(layer, (torch.nn.Linear, Conv1D))
        and "lora_" not in name
        and layer is not model.get_output_embeddings()
    }


def save_adapters(model: PreTrainedModel, folder: Path) -> None:
    """Write the adapters of a model as peft does; their configuration names what they are for."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(_weights(model), folder / _FILE)
    model.peft_config[_NAME].save_pretrained(folder)


@torch.no_grad()
def load_adapters(model: PreTrainedModel, folder: Path) -> None:
    """Put the adapters that `save_adapters` wrote in place of those that the model has."""
    weights, saved = _weights(model), load_file(folder / _FILE)
    shapes = [{name: tensor.shape for name, tensor in some.items()} for some in (weights, saved)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"the adapters in {folder} are of another model, or of another rank")
    for name, tensor in weights.items():
        tensor.copy_(saved[name])


def _weights(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    """The weights of the adapters themselves, by their names in a file."""
    weights = need_peft().get_peft_model_state_dict(
        model, adapter_name=_NAME, save_embedding_layers=False
    )
    return {_PREFIX + name: tensor for name, tensor in weights.items()}


def base_of(folder: Path) -> str:
    """The model that the adapters in a folder are for.

    Raises:
        ValueError: peft is not installed, or the folder does not say.
    """
    need_peft()
    base = json.loads((folder / ADAPTERS).read_text(encoding="utf-8"))["base_model_name_or_path"]
    if not base:
        raise ValueError(
            f"the adapters in {str(folder)!r} are for a model that is not on disk: write it as a "
            "whole, with `python -m baselines export RUN FOLDER`"
        )
    return str(base)


def merged(model: PreTrainedModel) -> PreTrainedModel:
    """A model whose weights have the adapters in them, to be written; the model stays as it is."""
    weights: dict[str, torch.Tensor] = {
        name.replace(".base_layer.", "."): tensor
        for name, tensor in model.state_dict().items()
        if "lora_" not in name
    }
    for name, layer in model.named_modules():
        if hasattr(layer, "get_delta_weight"):
            base = weights[f"{name}.weight"]
            weights[f"{name}.weight"] = (base + layer.get_delta_weight(_NAME)).to(base.dtype)
    with torch.device("meta"):
        plain = type(model)(model.config)
    plain.load_state_dict(weights, assign=True)
    plain.generation_config = model.generation_config
    return plain


def need_peft() -> Any:
    """The library, which is an extra; raises `ValueError` where it is not installed."""
    try:
        import peft
    except ImportError as error:
        raise ValueError(
            "low-rank adapters need peft: pip install 'reasoning-gym-envs[lora]'"
        ) from error
    return peft
