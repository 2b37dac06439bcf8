"""Weights, gradients and optimizer state divided over the processes (FSDP2).

Each process keeps a part of each tensor.  A pass of the model gathers the weights of a layer when
it comes to the layer, and drops them behind it; so does the backward pass, which then gives each
process its part of the gradient.  All processes have to make the same passes at the same time.

Zhao et al. 2023, "PyTorch FSDP" (arXiv 2304.11277).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import torch
from torch import nn

from agents.common.distributed import count, summed

__all__ = ["as_sharded", "shard", "sum_gradients", "whole"]


def shard(module: nn.Module, device: torch.device) -> None:
    """Divide the weights of a module in place; each process has to have the same ones.

    Raises `ValueError` where torch is too old for it.
    """
    from torch.distributed.device_mesh import init_device_mesh

    try:
        from torch.distributed.fsdp import fully_shard
    except ImportError as error:
        raise ValueError("shard needs torch 2.6 or newer") from error
    from transformers.modeling_layers import GradientCheckpointingLayer

    mesh = init_device_mesh(device.type, (count(),))
    for layer in list(module.modules()):
        if isinstance(layer, GradientCheckpointingLayer):
            fully_shard(layer, mesh=mesh)
    # What is outside of the layers would stay whole after a pass without gradient, and the next
    # pass would not see what was learned in between.
    fully_shard(module, mesh=mesh, reshard_after_forward=True)


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor as a whole, which all processes have to ask for."""
    if not _is_sharded(tensor):
        return tensor
    return cast(torch.Tensor, cast(Any, tensor.detach()).full_tensor())


def as_sharded(tensor: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """A whole tensor, divided as another one is; where that is whole, the tensor itself."""
    if not _is_sharded(like):
        return tensor
    from torch.distributed.tensor import distribute_tensor

    other = cast(Any, like)
    return distribute_tensor(tensor.to(like.device), other.device_mesh, other.placements)


def sum_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace each gradient by the sum over the processes, which all call this at the same time.

    A parameter without one, in all of them, stays so.
    """
    if count() == 1:
        return
    wholes = []
    for parameter in parameters:
        if not _is_sharded(parameter):
            wholes.append(parameter)
        elif parameter.grad is not None:
            parameter.grad.mul_(count())  # it is the mean
    has = summed([parameter.grad is not None for parameter in wholes])
    for parameter, processes in zip(wholes, has, strict=True):
        if processes:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            torch.distributed.all_reduce(parameter.grad)


def _is_sharded(tensor: torch.Tensor) -> bool:
    """Whether this process has a part of it alone."""
    return hasattr(tensor, "full_tensor")
