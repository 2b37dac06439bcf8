"""Rows of tokens as one sequence, without padding, in which a prompt of many rows is there once.

The episodes of a group begin with the same prompt.  Everything but attention sees the tokens of a
pass one by one, so they may stand in any order:

    prompt A | reply 1 to A | reply 2 to A | prompt B | reply 1 to B | …

Only attention has to know which tokens a token follows.  Each segment of the sequence attends to
itself, as far as it has come, and to the prompt before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch

from agents.common.attention import Kind, attend
from agents.common.products import filled_up

__all__ = ["Pack", "split"]

_ALIKE = 0.5  # shortest segment of a batch of attention, as a share of its longest


class _Segment(NamedTuple):
    """Some tokens of a row, or a prompt of several, and the prompt that they follow."""

    tokens: tuple[int, ...]
    prompt: tuple[int, ...] = ()


@dataclass
class _Batch:
    """Segments of like lengths, whose attention is computed at once."""

    queries: torch.Tensor
    """Where in the sequence their tokens stand, ``[segments, longest]``, padded."""
    keys: torch.Tensor
    """Where the tokens stand that they may attend to."""
    real: torch.Tensor
    """Which queries are no padding, numbers from the flat ``[segments × longest]``."""
    query_positions: torch.Tensor
    """Positions in the row; padding has that of the last token, so that it sees something."""
    key_positions: torch.Tensor
    """Positions in the row; padding is behind everything."""
    causal: bool
    """Whether no segment has a prompt before it."""
    masks: dict[int | None, torch.Tensor] = field(default_factory=dict)

    def mask(self, window: int | None) -> torch.Tensor:
        """Which keys a query sees, ``[segments, 1, queries, keys]``."""
        if window not in self.masks:
            queries = self.query_positions[:, None, :, None]
            keys = self.key_positions[:, None, None]
            mask = keys <= queries
            if window is not None:
                mask &= keys > queries - window
            self.masks[window] = mask
        return self.masks[window]


class Pack:
    """Rows of tokens, each with the ones that were chosen, as one sequence.

    Args:
        rows: token ids of each row.
        chosen: which of a row's tokens are asked for; its first cannot be.
        device: where the model is.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[int]],
        chosen: Sequence[Sequence[bool]],
        device: torch.device,
    ) -> None:
        rows = [row[: needed(which)] for row, which in zip(rows, chosen, strict=True)]
        prompts = [tuple(row[: first_chosen(c)]) for row, c in zip(rows, chosen, strict=True)]
        shared = {prompt for prompt, count in Counter(prompts).items() if count > 1}
        segments: list[_Segment] = []
        of_row: list[int] = []  # the segment that a row ends with
        number: dict[tuple[int, ...], int] = {}
        for row, prompt in zip(rows, prompts, strict=True):
            if prompt in shared:
                if prompt not in number:
                    number[prompt] = len(segments)
                    segments.append(_Segment(prompt))
                own = _Segment(tuple(row[len(prompt) : -1]), prompt)
            else:
                own = _Segment(tuple(row[:-1]))
            of_row.append(len(segments))
            segments.append(own)
        order = sorted(range(len(segments)), key=lambda i: _size(segments[i]), reverse=True)
        start, starts = 0, [0] * len(segments)
        for i in order:
            starts[i] = start
            start += len(segments[i].tokens)
        ids = [token for i in order for token in segments[i].tokens]
        positions = [
            len(segments[i].prompt) + t for i in order for t in range(len(segments[i].tokens))
        ]
        # Zeros, which nothing sees, for a number of tokens that products are made for.
        self._more = filled_up(start) - start if device.type == "cpu" else 0
        ids += [0] * self._more
        positions += [0] * self._more
        self.ids = torch.tensor([ids], device=device)
        """Tokens that go through the model, ``[1, tokens]``."""
        self.positions = torch.tensor([positions], device=device)
        """Their positions in their rows, ``[1, tokens]``."""
        before, targets = [], []
        for row, which, prompt, i in zip(rows, chosen, prompts, of_row, strict=True):
            sampled = [t for t, is_chosen in enumerate(which) if is_chosen]
            targets += [row[t] for t in sampled]
            shift = starts[i] - len(segments[i].prompt) - 1
            before += [shift + t for t in sampled]
            if prompt in shared and sampled:  # the token before it is the prompt's last
                before[-len(sampled)] = starts[number[prompt]] + len(prompt) - 1
        self.before = torch.tensor(before, dtype=torch.long, device=device)
        """Where the token before each chosen one stands, ``[chosen]``, row after row."""
        self.targets = torch.tensor(targets, dtype=torch.long, device=device)
        """The chosen tokens, ``[chosen]``."""
        self._batches = [
            _batch(
                [segments[i] for i in batch],
                [starts[i] for i in batch],
                [starts[number[p]] if (p := segments[i].prompt) else 0 for i in batch],
                device,
            )
            for batch in _alike(order, segments)
        ]

    def attend(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, kind: Kind
    ) -> torch.Tensor:
        """Attention of each segment to itself and what it follows (`Layout`)."""
        parts = []
        for batch in self._batches:
            keys = batch.keys.shape[1]
            window = None if kind.window is None or kind.window >= keys else kind.window
            out = attend(
                _picked(query, batch.queries),
                _picked(key, batch.keys),
                _picked(value, batch.keys),
                kind,
                batch.mask(window),
                causal=batch.causal and window is None,
            )
            parts.append(out.flatten(0, 1).index_select(0, batch.real))
        if self._more:
            parts.append(parts[0].new_zeros(self._more, *parts[0].shape[1:]))
        return torch.cat(parts)[None]


def split(
    rows: Sequence[Sequence[int]], chosen: Sequence[Sequence[bool]], budget: int, *, shares: bool
) -> Iterator[list[int]]:
    """Numbers of rows that go through a model together, at most `budget` tokens at a time.

    A longer row is alone.  With `shares` the prompt of several rows counts once, and they stay
    together; without, rows of like lengths do, and padding counts.
    """
    rows = [row[: needed(which)] for row, which in zip(rows, chosen, strict=True)]
    prompts = [tuple(row[: first_chosen(c)]) for row, c in zip(rows, chosen, strict=True)]

    def key(i: int) -> tuple[object, ...]:
        return (len(prompts[i]), prompts[i]) if shares else (len(rows[i]),)

    batch: list[int] = []
    tokens = 0
    for i in sorted(range(len(rows)), key=key):
        if shares:
            is_new = not batch or prompts[batch[-1]] != prompts[i]
            more = tokens + len(rows[i]) - (0 if is_new else len(prompts[i]))
        else:
            more = (len(batch) + 1) * len(rows[i])
        if batch and more > budget:
            yield batch
            batch, more = [], len(rows[i])
        batch.append(i)
        tokens = more
    if batch:
        yield batch


def needed(chosen: Sequence[bool]) -> int:
    """How many tokens of a row matter: what comes after its last chosen one predicts nothing."""
    return max((t + 1 for t, is_chosen in enumerate(chosen) if is_chosen), default=len(chosen))


def first_chosen(chosen: Sequence[bool]) -> int:
    """How many tokens a row has before the first that was chosen."""
    first = list(chosen).index(True) if True in chosen else len(chosen)
    if first == 0:
        raise ValueError("the first token of a row has no probability: nothing is before it")
    return first


def _size(segment: _Segment) -> tuple[int, int]:
    return len(segment.tokens), len(segment.prompt)


def _alike(order: Sequence[int], segments: Sequence[_Segment]) -> Iterator[list[int]]:
    """Segments in order, those of like sizes together, those without tokens left out."""
    batch: list[int] = []
    for i in order:
        own, before = _size(segments[i])
        if not own:
            continue
        if batch:
            first_own, first_before = _size(segments[batch[0]])
            is_like = own >= _ALIKE * first_own and bool(before) == bool(first_before)
            if not is_like:
                yield batch
                batch = []
        batch.append(i)
    if batch:
        yield batch


def _batch(
    segments: Sequence[_Segment],
    starts: Sequence[int],
    prompts: Sequence[int],
    device: torch.device,
) -> _Batch:
    """Some segments, where they start in the sequence, and where their prompts do."""
    own = max(len(segment.tokens) for segment in segments)
    longest = max(len(segment.prompt) for segment in segments)
    end = own + longest  # a position behind all of them
    queries, query_positions, keys, key_positions = [], [], [], []
    real: list[int] = []
    for n, (segment, start, prompt) in enumerate(zip(segments, starts, prompts, strict=True)):
        size, before = _size(segment)
        padding, gap = own - size, longest - before
        mine = range(start, start + size)
        positions = range(before, before + size)
        queries.append([*mine, *[0] * padding])
        query_positions.append([*positions, *[positions[-1]] * padding])
        keys.append([*range(prompt, prompt + before), *[0] * gap, *mine, *[0] * padding])
        key_positions.append([*range(before), *[end] * gap, *positions, *[end] * padding])
        real += range(n * own, n * own + size)

    def tensor(values: Sequence[Any]) -> torch.Tensor:
        return torch.tensor(values, device=device)

    return _Batch(
        queries=tensor(queries),
        keys=tensor(keys),
        real=tensor(real),
        query_positions=tensor(query_positions),
        key_positions=tensor(key_positions),
        causal=longest == 0,
    )


def _picked(states: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """States ``[segments, heads, tokens, size]`` of those ``[1, heads, tokens, size]``."""
    flat = states[0].transpose(0, 1)
    heads, size = flat.shape[1:]
    picked = flat.reshape(len(flat), heads * size).index_select(0, places.flatten())
    return picked.view(*places.shape, heads, size).transpose(1, 2)
