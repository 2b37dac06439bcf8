"""What a model has computed of rows of tokens: kept, picked out and joined, row by row.

In the cache of an attention layer the column of a token is its position in its row.  So rows of
different lengths need no padding in front, and what was written behind the end of a row does no
harm: a query at position p attends to the columns up to p, and what is behind is written over
before a query gets there.  Recurrent layers (linear attention, convolutions) keep a state of fixed
size; they see every token that passes, so there must be no padding at all.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import (
    Cache,
    DummyLayer,
    DynamicLayer,
    DynamicSlidingWindowLayer,
    LinearAttentionAndFullAttentionLayer,
    LinearAttentionAndSlidingWindowAttentionLayer,
    LinearAttentionLayer,
)

from agents.common.attention import Kind, attend, current_layout

__all__ = ["Places", "gather", "is_recurrent", "new_cache"]

_SPARE = 32  # columns at least that a cache gets beyond what it needs


class Places:
    """Where the tokens of a pass stand in their rows: row r's at ``starts[r]`` and after it.

    Args:
        starts: position of the first token, ``[rows]``.
        width: how many tokens each row has in the pass.
        lowest: the smallest of the starts.
        highest: the largest.
    """

    def __init__(self, starts: torch.Tensor, width: int, lowest: int, highest: int) -> None:
        self.positions = starts[:, None] + torch.arange(width, device=starts.device)
        self.width = width
        self.end = highest + width
        """Columns that are in use after the pass."""
        self.start = highest if lowest == highest else None
        """Where all rows start, if that is one place."""
        self._masks: dict[int | None, torch.Tensor | None] = {}

    def attend(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, kind: Kind
    ) -> torch.Tensor:
        """Attention of the tokens of the pass to the columns of the cache (`Layout`)."""
        is_wide = kind.window is None or kind.window >= self.end
        causal = self.start == 0 and is_wide  # nothing was there before
        return attend(query, key, value, kind, self.mask(kind.window), causal=causal)

    def mask(self, window: int | None) -> torch.Tensor | None:
        """Which columns a token attends to, ``[rows, 1, width, end]``; None for all of them.

        Args:
            window: how many columns a token looks back, itself included; None for all.
        """
        if window is not None and window >= self.end:
            window = None
        if window not in self._masks:
            if self.start is not None and self.width == 1 and window is None:
                self._masks[window] = None
            else:
                columns = torch.arange(self.end, device=self.positions.device)
                positions = self.positions[:, None, :, None]
                mask = columns <= positions
                if window is not None:
                    mask &= columns > positions - window
                self._masks[window] = mask
        return self._masks[window]


# The cache. --------------------------------------------------------------------------------------


class _Columns(DynamicLayer):  # type: ignore[misc]
    """Keys and values ``[rows, heads, columns, size]``, written where the places say."""

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        places = current_layout()
        assert isinstance(places, Places)
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self.keys, self.values = key_states[:, :, :0], value_states[:, :, :0]
        self.keys = _written(self.keys, key_states, places)
        self.values = _written(self.values, value_states, places)
        return self.keys[:, :, : places.end], self.values[:, :, : places.end]


class _ColumnsAndState(_Columns, LinearAttentionAndFullAttentionLayer):  # type: ignore[misc]
    """Of a layer that has attention and a recurrent part."""


def _written(store: torch.Tensor, states: torch.Tensor, places: Places) -> torch.Tensor:
    if store.shape[2] < places.end:
        rows, heads, used, size = store.shape
        # Zeros: what is not a number would go through a weight of zero.
        larger = store.new_zeros(rows, heads, places.end + max(_SPARE, used // 4), size)
        larger[:, :, :used] = store
        store = larger
    if places.start is not None:
        store[:, :, places.start : places.end] = states
    else:
        every = torch.arange(len(store), device=store.device)[:, None]
        store.transpose(1, 2)[every, places.positions] = states.transpose(1, 2)
    return store


def new_cache(model: PreTrainedModel) -> Cache:
    """An empty cache for a model.

    Raises:
        ValueError: it has a kind of layer whose state is not known here.
    """
    config = model.config.get_text_config()
    cache = DynamicCache(config=config)
    kinds = getattr(config, "layer_types", None) or []
    layers = [_layer(layer) for layer in cache.layers]
    if None in layers or "chunked_attention" in kinds:
        names = sorted({*map(str, kinds), *(type(layer).__name__ for layer in cache.layers)})
        raise ValueError(
            f"{type(model).__name__} has layers that cannot be sampled from here, among "
            f"{', '.join(names)}: supported are full and sliding-window attention, linear "
            "attention, convolutions, and both in one layer"
        )
    cache.layers = layers
    return cache


def _layer(layer: Any) -> Any:
    if type(layer) in (DynamicLayer, DynamicSlidingWindowLayer):
        return _Columns()
    if type(layer) in (
        LinearAttentionAndFullAttentionLayer,
        LinearAttentionAndSlidingWindowAttentionLayer,
    ):
        return _ColumnsAndState(number_of_states=layer.number_of_states)
    if type(layer) in (LinearAttentionLayer, DummyLayer):
        return layer
    return None


def is_recurrent(cache: Cache) -> bool:
    """Whether some layer has a state that every token changes, padding too."""
    return any(isinstance(layer, LinearAttentionLayer) for layer in cache.layers)


def gather(picks: Sequence[tuple[Cache, Sequence[int]]]) -> Cache:
    """Some rows of some caches as one; a row may be taken more than once.

    Args:
        picks: caches, each with the rows that are wanted of it, in their order.
    """
    indices = [torch.tensor(rows) for _, rows in picks]
    united = copy.copy(picks[0][0])
    united.layers = []
    for layers in zip(*(cache.layers for cache, _ in picks), strict=True):
        layer = copy.copy(layers[0])
        for name, value in vars(layer).items():
            if isinstance(value, torch.Tensor):
                states = [getattr(one, name) for one in layers]
                setattr(layer, name, _joined(states, indices))
            elif isinstance(value, dict) and any(torch.is_tensor(v) for v in value.values()):
                states = [getattr(one, name) for one in layers]
                joined = {k: _joined([s[k] for s in states], indices) for k in value}
                setattr(layer, name, joined)
        united.layers.append(layer)
    return united


def _joined(states: Sequence[Any], indices: Sequence[torch.Tensor]) -> Any:
    """Rows of some tensors as one; those of keys and values may differ in their columns."""
    if states[0] is None:
        return None
    if len(states) == 1:
        return states[0].index_select(0, indices[0].to(states[0].device))
    sizes = zip(*(state.shape[1:] for state in states), strict=True)
    joined = states[0].new_zeros([sum(map(len, indices)), *map(max, sizes)])
    start = 0
    for state, index in zip(states, indices, strict=True):
        target = joined[start : start + len(index)]
        if state.dim() > 2:
            target = target[:, :, : state.shape[2]]
        target.copy_(state.index_select(0, index.to(state.device)))
        start += len(index)
    return joined
