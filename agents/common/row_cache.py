"""What a model has computed of rows of tokens: kept, picked out and joined, row by row.

In the cache of an attention layer the column of a token is its position in its row.  So rows of
different lengths need no padding in front, and what was written behind the end of a row does no
harm: a query at position p attends to the columns up to p, and what is behind is written over
before a query gets there.  Recurrent layers (linear attention, convolutions) keep a state of fixed
size; they see every token that passes, so there must be no padding at all.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

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

__all__ = [
    "Footprint",
    "Places",
    "columns_of",
    "exchange",
    "footprint",
    "free_bytes",
    "is_recurrent",
    "new_cache",
    "regroup",
]

_SPARE = 64  # columns at least that a cache gets beyond what it needs
_MEMORY = Path("/proc/meminfo")


class Places:
    """Where the tokens of a pass stand in their rows: row r's at ``starts[r]`` and after it.

    Args:
        starts: position of the first token, ``[rows]``.
        width: how many tokens each row has in the pass.
        lowest: the smallest of the starts.
        highest: the largest.
        most: columns that will ever be needed: a cache does not grow beyond them.  Padding that
            would stand there is written into the last one, where no token is yet.
    """

    def __init__(
        self, starts: torch.Tensor, width: int, lowest: int, highest: int, most: int
    ) -> None:
        self.most = most
        positions = starts[:, None] + torch.arange(width, device=starts.device)
        self.positions = positions.clamp(max=most - 1)
        self.width = width
        self.end = min(highest + width, most)
        """Columns that are in use after the pass."""
        self.start = highest if lowest == highest else None
        """Where all rows start, if that is one place."""
        self._masks: dict[int | None, torch.Tensor | None] = {}
        self._among: dict[tuple[int, int], torch.Tensor] = {}

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

    def among(self, store: torch.Tensor) -> torch.Tensor:
        """Which of all the columns of a store are those of the pass, row by row, head by head."""
        heads, columns = store.shape[1:3]
        if (heads, columns) not in self._among:
            every = torch.arange(len(self.positions) * heads, device=store.device)
            places = (every * columns).view(-1, heads, 1) + self.positions[:, None]
            self._among[heads, columns] = places.view(-1)
        return self._among[heads, columns]


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
        rows = len(key_states)
        return self.keys[:rows, :, : places.end], self.values[:rows, :, : places.end]


class _ColumnsAndState(_Columns, LinearAttentionAndFullAttentionLayer):  # type: ignore[misc]
    """Of a layer that has attention and a recurrent part."""


def _written(store: torch.Tensor, states: torch.Tensor, places: Places) -> torch.Tensor:
    """The store with the states of its first rows; those behind them have no part in the pass."""
    if store.shape[2] < places.end:
        rows, heads, used, size = store.shape
        room = min(places.end + max(_SPARE, used // 4), places.most)
        # Zeros: what is not a number would go through a weight of zero.
        larger = store.new_zeros(rows, heads, room, size)
        larger[:, :, :used] = store
        store = larger
    if places.start is not None:
        store[: len(states), :, places.start : places.end] = states
    else:
        flat = store.view(-1, store.shape[3])
        flat.index_copy_(0, places.among(store), states.reshape(-1, store.shape[3]))
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


def regroup(
    caches: Sequence[Cache],
    groups: Sequence[Sequence[tuple[int, Sequence[int]]]],
    most: Sequence[int],
) -> list[Cache]:
    """The rows of some caches in other groups, of which each becomes a cache.

    The old caches are used up, a layer at a time, so that not everything is there twice.

    Args:
        caches: the old ones.
        groups: of each new one, its rows in their order: a number of an old cache, and rows of
            it.  A row may be taken more than once by one group, and by no other.
        most: of each new one, the columns that it keeps.
    """
    united = [copy.copy(caches[group[0][0]]) for group in groups]
    for cache in united:
        cache.layers = []
    for number in range(len(caches[0].layers)):
        old = [cache.layers[number] for cache in caches]
        for cache, group, width in zip(united, groups, most, strict=True):
            cache.layers.append(_regrouped([(old[n], rows) for n, rows in group], width))
        del old
        for cache in caches:
            cache.layers[number] = None
    return united


def exchange(cache: Cache, some: Sequence[int], others: Sequence[int], used: int) -> None:
    """Have rows of a cache change places, each with the one of its number.

    Args:
        cache: without layers that have a state.
        some: rows.
        others: as many other ones.
        used: how many columns have been written to.
    """
    layers = [x for x in cache.layers if isinstance(x, _Columns) and x.is_initialized]
    device = layers[0].keys.device
    here = torch.tensor([*some, *others], device=device)
    there = torch.tensor([*others, *some], device=device)
    for layer in layers:
        for store in (layer.keys[:, :, :used], layer.values[:, :, :used]):
            store.index_copy_(0, here, store.index_select(0, there))


def _regrouped(picks: Sequence[tuple[Any, Sequence[int]]], most: int) -> Any:
    """Some rows of a layer of some caches."""
    rows = [rows for _, rows in picks]
    layer = copy.copy(picks[0][0])
    for name, value in vars(layer).items():
        states = [getattr(one, name) for one, _ in picks]
        if isinstance(value, torch.Tensor):
            width = most if _is_by_column(layer, name) else None
            setattr(layer, name, _joined(states, rows, width))
        elif isinstance(value, dict) and any(torch.is_tensor(v) for v in value.values()):
            joined = {key: _joined([state[key] for state in states], rows) for key in value}
            setattr(layer, name, joined)
    return layer


def _is_by_column(layer: Any, name: str) -> bool:
    return isinstance(layer, _Columns) and name in ("keys", "values")


def _joined(states: Sequence[Any], rows: Sequence[Sequence[int]], most: int | None = None) -> Any:
    """Rows of some tensors as one; those of keys and values may differ in their columns.

    What is one tensor as it is, is not copied.
    """
    if states[0] is None:
        return None
    if most is not None and max(state.shape[2] for state in states) > most:
        states = [state[:, :, :most] for state in states]
    elif len(states) == 1 and list(rows[0]) == list(range(len(states[0]))):
        return states[0]
    indices = [torch.tensor(of_state, device=states[0].device) for of_state in rows]
    if len(states) == 1:
        return states[0].index_select(0, indices[0])
    sizes = zip(*(state.shape[1:] for state in states), strict=True)
    joined = states[0].new_zeros([sum(map(len, rows)), *map(max, sizes)])
    start = 0
    for state, index in zip(states, indices, strict=True):
        target = joined[start : start + len(index)]
        if state.dim() > 2:
            target = target[:, :, : state.shape[2]]
        target.copy_(state.index_select(0, index))
        start += len(index)
    return joined


# How much it takes. ------------------------------------------------------------------------------


class Footprint(NamedTuple):
    """What a cache takes, in bytes, while it is regrouped.

    A layer is there three times then: as it was, as it will be, and rows on their way.
    """

    row: int
    """A row, however long it is: the states of recurrent layers."""
    column: int
    """A token of a row."""

    def of(self, rows: int, columns: int) -> int:
        """So many rows, each of so many columns."""
        return rows * (self.row + columns * self.column)


def footprint(cache: Cache) -> Footprint:
    """What a row and a column take of a cache that has been used."""
    sizes = []
    for layer in cache.layers:
        row = column = 0
        for name, value in vars(layer).items():
            for tensor in value.values() if isinstance(value, dict) else [value]:
                if isinstance(tensor, torch.Tensor) and tensor.dim() > 1:
                    size = tensor[0].numel() * tensor.element_size()
                    if _is_by_column(layer, name):
                        column += size // tensor.shape[2]
                    else:
                        row += size
        sizes.append((row, column))
    return Footprint(*(sum(kind) + 2 * max(kind) for kind in zip(*sizes, strict=True)))


def columns_of(cache: Cache) -> int:
    """How many columns a cache has; 0 without attention."""
    layers = [layer for layer in cache.layers if isinstance(layer, _Columns)]
    return max((layer.keys.shape[2] for layer in layers if layer.is_initialized), default=0)


def free_bytes(device: torch.device) -> int | None:
    """How much memory is free on a device; None where that cannot be told."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return free + unused
    with suppress(OSError, StopIteration):  # what can be had without swapping, in kB
        lines = _MEMORY.read_text(encoding="ascii").splitlines()
        return 1024 * next(int(x.split()[1]) for x in lines if x.startswith("MemAvailable:"))
    with suppress(AttributeError, OSError, ValueError):  # not everywhere, or not these names
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None
