"""Weights and optimizer state as safetensors: nothing is pickled, so nothing can be executed."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from agents.common.distributed import is_first
from agents.common.sharding import as_sharded, whole

__all__ = ["load_optimizer", "load_weights", "save_optimizer", "save_weights"]


def save_weights(model: nn.Module, folder: Path) -> None:
    """Write ``model.safetensors``."""
    save_file(
        {name: tensor.contiguous() for name, tensor in model.state_dict().items()},
        folder / "model.safetensors",
    )


def load_weights(model: nn.Module, folder: Path) -> None:
    """Read what `save_weights` wrote."""
    model.load_state_dict(load_file(folder / "model.safetensors"))


def save_optimizer(model: nn.Module, optimizer: torch.optim.Optimizer, folder: Path) -> None:
    """Write ``optimizer.safetensors``: the state of each parameter, by its name."""
    tensors = {}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensor = whole(torch.as_tensor(value))  # by all processes; the first one writes
            if is_first():
                tensors[f"{name}:{key}"] = tensor.cpu().contiguous()
    if is_first():
        save_file(tensors, folder / "optimizer.safetensors")


def load_optimizer(model: nn.Module, optimizer: torch.optim.Optimizer, folder: Path) -> None:
    """Read what `save_optimizer` wrote.

    Type and device of what is restored are the optimizer's own choice: that of a fused one on a GPU
    has its step counters there, and that of others has not.
    """
    parameters = dict(model.named_parameters())
    learned = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    number = {parameter: i for i, parameter in enumerate(learned)}
    state: dict[int, dict[str, torch.Tensor]] = {}
    for label, tensor in load_file(folder / "optimizer.safetensors").items():
        name, _, key = label.rpartition(":")
        parameter = parameters[name]
        value = as_sharded(tensor, parameter) if tensor.shape == parameter.shape else tensor
        state.setdefault(number[parameter], {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
