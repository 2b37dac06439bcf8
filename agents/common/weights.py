"""Weights and optimizer state as safetensors: nothing is pickled, so nothing can be executed."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

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
    tensors = {
        f"{name}:{key}": torch.as_tensor(value).contiguous()
        for name, parameter in model.named_parameters()
        for key, value in optimizer.state.get(parameter, {}).items()
    }
    save_file(tensors, folder / "optimizer.safetensors")


def load_optimizer(model: nn.Module, optimizer: torch.optim.Optimizer, folder: Path) -> None:
    """Read what `save_optimizer` wrote."""
    parameters = dict(model.named_parameters())
    for label, tensor in load_file(folder / "optimizer.safetensors").items():
        name, _, key = label.rpartition(":")
        parameter = parameters[name]
        # A step counter is one number, and stays on the device that the optimizer put it on.
        value = tensor.clone() if tensor.dim() == 0 else tensor.to(parameter.device)
        optimizer.state[parameter][key] = value
