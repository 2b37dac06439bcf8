"""Attention to the prompts that rows have in common, read once for all of them.

While it samples, a small model spends much of its time on reading keys and values.  Those of a
prompt are the same in all rows of its group.  So the queries of a group go through one product with
the prompt's keys, instead of each row with its own copy of them; what a row attends to behind that
comes from its own columns, and one softmax is over both.

Juravsky et al. 2024, "Hydragen" (arXiv 2402.05099), whose two partial softmaxes are one here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from agents.common.attention import Kind

__all__ = ["SharedPrompts"]

_LEAST = 2**12  # columns that are not read: for fewer, some more operations are not worth it


class SharedPrompts:
    """The first columns of a cache, in which the rows of a group are equal.

    Args:
        layers: of the cache; all of them have columns.
        groups: of each row of the cache, the number of its group.
        columns: how many the rows of every group have in common.
    """

    def __init__(self, layers: Sequence[Any], groups: Sequence[int], columns: int) -> None:
        self.columns = columns
        device = layers[0].keys.device
        first = [groups.index(group) for group in range(max(groups) + 1)]
        rows = torch.tensor(first, device=device)
        self._keys, self._values = (
            [store[:, :, :columns].index_select(0, rows) for store in stores]
            for stores in ([x.keys for x in layers], [x.values for x in layers])
        )
        self._groups = list(groups)
        self._arrange()

    @staticmethod
    def pay(groups: Sequence[int], columns: int) -> bool:
        """Whether so much less is read that it is faster."""
        return (len(groups) - len(set(groups))) * columns >= _LEAST

    def keep(self, rows: Sequence[int]) -> None:
        """From now on the rows of a pass are some of those before, in another order."""
        self._groups = [self._groups[row] for row in rows]
        left = sorted(set(self._groups))
        if len(left) < len(self._keys[0]):
            kept = torch.tensor(left, device=self._keys[0].device)
            for stores in (self._keys, self._values):
                stores[:] = [store.index_select(0, kept) for store in stores]
            self._groups = [left.index(group) for group in self._groups]
        self._arrange()

    def _arrange(self) -> None:
        """Where the rows of a pass stand among those of their groups, and the other way about."""
        members: list[list[int]] = [[] for _ in range(max(self._groups) + 1)]
        spots = []
        for row, group in enumerate(self._groups):
            spots.append((group, len(members[group])))
            members[group].append(row)
        self._most = max(map(len, members))
        device = self._keys[0].device
        # Groups that have fewer rows are filled up with a row of theirs: its result is not read.
        by_group = [row for some in members for row in (some + some[:1] * self._most)[: self._most]]
        by_row = [group * self._most + number for group, number in spots]
        in_order = list(range(len(by_group)))
        self._by_group = None if by_group == in_order else torch.tensor(by_group, device=device)
        self._by_row = None if by_row == in_order else torch.tensor(by_row, device=device)

    def attend(
        self,
        number: int,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        kind: Kind,
        mask: torch.Tensor | None,
    ) -> torch.Tensor:
        """Attention of one token of each row to all columns, ``[rows, heads, size]``.

        Args:
            number: of the layer.
            query: ``[rows, heads, size]``.
            key: all columns of the rows, ``[rows, groups of heads, columns, size]``.
            value: the same.
            kind: scaling; nothing else that is unusual.
            mask: which columns a query sees, ``[rows, 1, 1, columns]``; None for all of them.
        """
        rows, heads, size = query.shape
        some = key.shape[1]
        grouped = (query * kind.scaling).view(rows, some, -1, size)
        own = grouped @ key[:, :, self.columns :].transpose(2, 3)
        if mask is not None:
            own = own.masked_fill(~mask[..., self.columns :], -torch.inf)
        shared = self._product(grouped, self._keys[number].transpose(2, 3))
        scores = torch.cat([shared, own], -1)
        weights = scores.softmax(-1, dtype=torch.promote_types(scores.dtype, torch.float32))
        weights = weights.to(value.dtype)
        out = weights[..., self.columns :] @ value[:, :, self.columns :]
        out = out + self._product(weights[..., : self.columns], self._values[number])
        return out.view(rows, heads, size)

    def _product(self, states: torch.Tensor, of_groups: torch.Tensor) -> torch.Tensor:
        """``[rows, heads, n, a]`` by what their groups have, ``[groups, heads, a, b]``."""
        groups, heads, _, width = of_groups.shape
        if self._by_group is not None:
            states = states.index_select(0, self._by_group)
        n = states.shape[2]
        together = states.view(groups, self._most, heads, n, -1).transpose(1, 2)
        product = together.reshape(groups, heads, self._most * n, -1) @ of_groups
        product = product.view(groups, heads, self._most, n, width).transpose(1, 2)
        product = product.reshape(groups * self._most, heads, n, width)
        return product if self._by_row is None else product.index_select(0, self._by_row)
