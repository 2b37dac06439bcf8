"""Linear layers on a CPU by oneDNN, which comes with torch.

torch computes products of float32 matrices by MKL.  For few rows MKL arranges the weight anew each
time, and on processors that are not Intel's it leaves their widest instructions alone.  oneDNN
does neither: 1.5 to 3 times as fast where that matters, and about the same elsewhere.

For each number of rows oneDNN makes a program of its own, which takes time and memory, and keeps a
thousand of them.  So rows of zeros fill a number up to one of a few.

Its operation is one that torch makes for its compiler, not for callers.  Where it is not there, or
where tensors are not plain float32 on a CPU, the library's own is used.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import nn
from torch.nn import functional

__all__ = ["PackedLinear", "filled_up", "is_plain", "linear", "use_products"]

_WORTH_IT = 2**22  # multiplications below which starting oneDNN takes longer than it saves
_WORTH_PACKING = 2**16  # numbers of a weight below which arranging it takes no time


def _is_here() -> bool:
    """Whether torch has the operation, and it gives what it should."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    states, weight = torch.eye(3, 5), torch.arange(20.0).view(4, 5)
    try:
        return torch.equal(_product(states, weight), weight.T[:3])
    except (AttributeError, RuntimeError, NotImplementedError):
        return False


def filled_up(rows: int) -> int:
    """The number of rows that so many are filled up to: a sixteenth more at most."""
    step = 1 << max(0, rows.bit_length() - 5)
    return -(-rows // step) * step


def _product(
    states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None
) -> torch.Tensor:
    """``states @ weightᵀ + bias`` of ``[rows, inputs]``, without gradient."""
    rows = len(states)
    states = _with_zeros(states, filled_up(rows))
    out = torch.ops.mkldnn._linear_pointwise(states, weight, bias, "none", [], "")
    return cast(torch.Tensor, out)[:rows]


def _with_zeros(states: torch.Tensor, rows: int) -> torch.Tensor:
    if len(states) == rows:
        return states
    return functional.pad(states, (0, 0, 0, rows - len(states)))


class _Linear(torch.autograd.Function):
    """The product with its gradients, which are products too, and have gradients themselves."""

    @staticmethod
    def forward(
        ctx: Any, states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
    ) -> torch.Tensor:
        ctx.save_for_backward(states, weight)
        return _product(states, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        [gradient] = gradients
        states, weight = ctx.saved_tensors
        of_states = of_weight = of_bias = None
        if ctx.needs_input_grad[0]:
            of_states = _again(gradient, weight.t())
        if ctx.needs_input_grad[1]:
            rows = filled_up(len(states))
            left, right = _with_zeros(gradient, rows).t(), _with_zeros(states, rows).t()
            if len(weight) > weight.shape[1]:  # the side that is arranged anew is the smaller one
                of_weight = _again(right, left).t()
            else:
                of_weight = _again(left, right)
        if ctx.needs_input_grad[2]:
            of_bias = gradient.sum(0)
        return of_states, of_weight, of_bias


def _again(states: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """A product in a backward pass, which may itself be one to differentiate."""
    if not torch.is_grad_enabled():
        return _product(states, weight)
    return cast(torch.Tensor, _Linear.apply(states, weight, None))  # type: ignore[no-untyped-call]


def linear(
    states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None
) -> torch.Tensor:
    """``states @ weightᵀ + bias``, as `torch.nn.functional.linear`, with gradient.

    Args:
        states: ``[..., inputs]``.
        weight: ``[outputs, inputs]``.
        bias: ``[outputs]``.
    """
    if states.numel() * len(weight) < _WORTH_IT or not _fits(states, weight):
        return functional.linear(states, weight, bias)
    rows = states.reshape(-1, states.shape[-1])
    if torch.is_grad_enabled():
        out = cast(torch.Tensor, _Linear.apply(rows, weight, bias))  # type: ignore[no-untyped-call]
    else:
        out = _product(rows, weight, bias)
    return out.view(*states.shape[:-1], len(weight))


def _fits(states: torch.Tensor, weight: torch.Tensor) -> bool:
    """Whether oneDNN can multiply them: no other numbers, devices, kinds of tensor."""
    return (
        _HERE
        and states.is_cpu
        and states.dtype == weight.dtype == torch.float32
        and type(states) is torch.Tensor
        and type(weight) in (torch.Tensor, nn.Parameter)
        and not torch.is_autocast_enabled("cpu")
    )


class PackedLinear:
    """A linear layer for many passes with the same weight, without gradient.

    Args:
        weight: ``[outputs, inputs]``.
        bias: ``[outputs]``.
    """

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        self.bias = bias
        self._packed: torch.Tensor | None = None
        if _fits(weight.detach(), weight) and weight.numel() >= _WORTH_PACKING:
            self._packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach())
        else:
            self._weight = weight

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        """Of states ``[rows, inputs]``."""
        if self._packed is not None:
            return _product(states, self._packed, self.bias)
        return linear(states.to(self._weight.dtype), self._weight, self.bias)


class _FasterLinear(nn.Linear):
    """A linear layer of the library, by `linear`."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return linear(input, self.weight, self.bias)


def use_products(model: nn.Module) -> None:
    """Have the plain linear layers of a model go by `linear`."""
    for module in model.modules():
        if type(module) is nn.Linear:
            module.__class__ = _FasterLinear


def is_plain(module: nn.Module) -> bool:
    """Whether a module is a linear layer, and nothing more."""
    return type(module) in (nn.Linear, _FasterLinear)


_HERE = _is_here()
