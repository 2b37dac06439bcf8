"""Attention whose layout is ours: which tokens a pass has, and which of them see each other.

The library asks a function of ours for the attention of every layer.  That function asks the layout
of the pass, which is either that of rows that go on from a cache (`agents.common.row_cache`) or
that of rows in one sequence (`agents.common.packing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol

import torch
from torch import nn
from transformers import AttentionInterface, PreTrainedModel

__all__ = ["Kind", "Layout", "attend", "current_layout", "layouts", "uses"]

_NAME = "reasoning_gym_envs"  # of our attention, among those of the library
_SMALL = 2**14  # scores of a row and head up to which plain products are the faster attention


class Kind(NamedTuple):
    """What a layer's attention is like, beside its queries, keys and values."""

    scaling: float
    """What a score is multiplied by."""
    window: int | None = None
    """How many tokens a token looks back, itself included; None for all."""
    softcap: float | None = None
    """Scores are bent to stay below it."""
    sinks: torch.Tensor | None = None
    """A score of each head beside those of the tokens, which takes its share."""


class Layout(Protocol):
    """Which tokens of a pass see each other."""

    def attend(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, kind: Kind
    ) -> torch.Tensor:
        """Attention ``[rows, tokens, heads, size]`` of ``[rows, heads, tokens, size]`` each."""


_layout: ContextVar[Layout] = ContextVar("layout")


def current_layout() -> Layout:
    """The layout of the pass that is being made."""
    return _layout.get()


@contextmanager
def uses(layout: Layout) -> Iterator[None]:
    """The layout of the passes that a model makes meanwhile."""
    token = _layout.set(layout)
    try:
        yield
    finally:
        _layout.reset(token)


@contextmanager
def layouts(model: PreTrainedModel) -> Iterator[None]:
    """Meanwhile the attention of a model goes by the layout that `uses` names."""
    parts = [m.config for m in model.modules() if isinstance(m, PreTrainedModel)]
    configs = {id(config): config for config in [*parts, model.config.get_text_config()]}
    before = [(config, config._attn_implementation) for config in configs.values()]
    for config in configs.values():
        config._attn_implementation_internal = _NAME
    try:
        yield
    finally:
        for config, implementation in before:
            config._attn_implementation_internal = implementation


def _by_layout(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as the library calls it; the mask is that of the layout."""
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    kind = Kind(scaling, sliding_window, softcap, s_aux)
    return current_layout().attend(query, key, value, kind), None


# Without a mask of the same name, the library makes none.
AttentionInterface.register(_NAME, _by_layout)


def attend(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    kind: Kind,
    mask: torch.Tensor | None,
    *,
    causal: bool = False,
) -> torch.Tensor:
    """Attention of some queries to some keys, ``[rows, queries, heads, size]``.

    Chosen by shape.  Of few scores, products of grouped heads are faster on a CPU than the fused
    kernel, which repeats the keys of a group for each of its heads.

    Args:
        query: ``[rows, heads, queries, size]``.
        key: ``[rows, groups of heads, keys, size]``.
        value: the same.
        kind: scaling, and what is unusual about a layer.
        mask: which keys a query sees, ``[rows or 1, 1, queries, keys]``; None for all of them.
        causal: a query sees the keys up to its own number, which is what the mask says as well.
    """
    rows, heads, width, size = query.shape
    groups, end = heads // key.shape[1], key.shape[2]
    is_plain = kind.softcap is None and kind.sinks is None
    if is_plain and width > 1 and width * end > _SMALL:
        out = nn.functional.scaled_dot_product_attention(
            query,
            key.repeat_interleave(groups, 1) if groups > 1 else key,
            value.repeat_interleave(groups, 1) if groups > 1 else value,
            attn_mask=None if causal else mask,
            is_causal=causal,
            scale=kind.scaling,
        )
        return out.transpose(1, 2)
    grouped = (query * kind.scaling).reshape(rows, -1, groups * width, size)
    scores = (grouped @ key.transpose(2, 3)).view(rows, -1, groups, width, end)
    if kind.softcap is not None:
        scores = (scores / kind.softcap).tanh() * kind.softcap
    if mask is not None:
        scores = scores.masked_fill(~mask[:, :, None], -torch.inf)
    if kind.sinks is not None:
        sinks = kind.sinks.to(scores.dtype).view(1, -1, groups, 1, 1)
        scores = torch.cat([scores, sinks.expand(rows, -1, -1, width, 1)], -1)
    weights = scores.softmax(-1, dtype=torch.promote_types(scores.dtype, torch.float32))
    weights = weights.to(value.dtype)[..., :end]
    out = weights.reshape(rows, -1, groups * width, end) @ value
    return out.view(rows, heads, width, -1).transpose(1, 2)
