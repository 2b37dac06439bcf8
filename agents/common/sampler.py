"""Sampling from a language model: conversations that keep what was computed of them.

A session holds rows, each a list of token ids that grows.  What the model has computed of a row
stays from reply to reply, so a token goes through the model once, however many turns there are:

    session = Session(model, end_ids=[1])
    session.extend(0, prompt)
    [reply] = session.reply([0], max_new_tokens=64)
    session.extend(0, observation)
    [reply] = session.reply([0], max_new_tokens=64)
"""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from transformers import PreTrainedModel
from transformers.cache_utils import Cache

from agents.common.attention import layouts, uses
from agents.common.decoder import Decoder
from agents.common.row_cache import (
    Footprint,
    Places,
    columns_of,
    exchange,
    footprint,
    is_recurrent,
    new_cache,
    regroup,
)
from agents.common.shared_prompts import SharedPrompts

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "Budget",
    "Completion",
    "Conversations",
    "Session",
    "cache_size",
    "goes_on_in_chunks",
    "positions_of",
]

_GOING_ON = 0.95  # share of a batch below which the rows that have ended leave it
_ALIKE = 0.8  # shortest chunk of a pass, as a share of its longest: padding is computed, too
_MOST_TOKENS = 2**15  # in a pass


@dataclass
class Completion:
    """One sampled response."""

    tokens: list[int]
    """Ids in the order sampled, the end-of-sequence id included when it was sampled."""
    logprobs: list[float]
    """log π(token | what came before) at the sampling temperature, one for each token."""
    ended: bool
    """False when the token limit cut the response off."""


class Conversations(ABC):
    """Rows of tokens that grow, by what is given and by what is sampled.

    As a context manager it is closed at the end.

    Args:
        positions: most tokens of a row; None for any number.
    """

    def __init__(self, positions: int | None) -> None:
        self._positions = positions
        self._tokens: dict[int, list[int]] = {}

    def extend(self, row: int, tokens: Sequence[int]) -> None:
        """Append tokens to a row; a number that is not known starts a new one."""
        self._tokens.setdefault(row, []).extend(tokens)

    def leave(self, row: int) -> None:
        """Forget a row."""
        del self._tokens[row]

    def length(self, row: int) -> int:
        """How many tokens a row has."""
        return len(self._tokens[row])

    def room(self, row: int, most: int | None = None) -> float:
        """How many more tokens a row may have: the model's positions, or `most`, are the end."""
        ends = [end for end in (most, self._positions) if end is not None]
        return min(ends, default=math.inf) - self.length(row)

    @abstractmethod
    def reply(
        self,
        rows: Sequence[int],
        *,
        max_new_tokens: int | Sequence[int],
        uniform: torch.Tensor | None = None,
    ) -> list[Completion]:
        """Sample a reply to each row, and append it to the row.

        Args:
            rows: different ones.
            max_new_tokens: most tokens of a reply, or of each; fewer where the model has no more
                positions.
            uniform: numbers from [0, 1), ``[rows, tokens]``, which decide what is sampled; None at
                temperature 0.

        Raises:
            ValueError: a row has nothing to go on from, or no room for a token more.
        """

    @abstractmethod
    def close(self) -> None:
        """Free the memory that sampling takes; a reply after it takes it again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _limits(self, rows: Sequence[int], max_new_tokens: int | Sequence[int]) -> list[int]:
        """Most tokens of each reply."""
        if isinstance(max_new_tokens, int):
            max_new_tokens = [max_new_tokens] * len(rows)
        limits = []
        for row, most in zip(rows, max_new_tokens, strict=True):
            room = self.room(row)
            if not self._tokens[row]:
                raise ValueError(f"row {row} has no token to go on from")
            if room < 1:
                raise ValueError(
                    f"a context of {self.length(row)} tokens leaves no room for a reply in the "
                    f"model's {self._positions} positions"
                )
            limits.append(int(min(most, room)))
        return limits


class Budget(NamedTuple):
    """How much room a cache has."""

    most: int
    """Bytes that it may take."""
    size: Footprint
    """What it takes of the model; see `cache_size`."""


class _Part(NamedTuple):
    """Some rows, and what was computed of them, in the same order."""

    rows: list[int]
    cache: Cache


class _Chunk(NamedTuple):
    """New tokens, and the rows that they belong to: several where new rows are equal."""

    tokens: list[int]
    rows: list[int]


class Session(Conversations):
    """Rows of tokens that a model continues, each with what was computed of it.

    Args:
        model: a causal language model of Hugging Face, in evaluation mode.
        end_ids: the token ids that end a reply.
        temperature: of the distribution that is sampled; 0 takes the likeliest token.
        vocabulary: how many token ids there are; None for as many as the model has outputs.
        chunks: whether a row that has a state goes on by several tokens in a pass, or by one; see
            `goes_on_in_chunks`.
        autocast: number type of products, where it is not that of the weights.
        budget: the room that the cache has; None for any.  Rows that take more are sampled a slice
            after another, and what was computed of those that wait is dropped where it is in the
            way.

    Raises:
        ValueError: the model has a kind of layer that is not supported.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        *,
        end_ids: Sequence[int],
        temperature: float = 1.0,
        vocabulary: int | None = None,
        chunks: bool = True,
        autocast: torch.dtype | None = None,
        budget: Budget | None = None,
    ) -> None:
        super().__init__(positions_of(model))
        self.model = model
        self.autocast = autocast
        self.chunks = chunks
        self.temperature = temperature
        self.vocabulary = vocabulary
        self.budget = budget
        self.computed = 0
        """Tokens that went through the model, padding included."""
        self._ends = torch.tensor(list(end_ids), device=model.device)
        self._is_recurrent = is_recurrent(new_cache(model))
        self._arguments = set(inspect.signature(model.forward).parameters)
        self._decoder = Decoder(model, autocast or model.dtype) if Decoder.fits(model) else None
        self._parts: list[_Part] = []  # the oldest first
        self._known: dict[int, int] = {}  # how many tokens of a row its state has seen
        self._prompts: dict[int, tuple[int, ...]] = {}  # what a row began with

    def extend(self, row: int, tokens: Sequence[int]) -> None:
        """Append tokens to a row; a number that is not known starts a new one."""
        super().extend(row, tokens)
        self._known.setdefault(row, 0)

    def leave(self, row: int) -> None:
        """Forget a row."""
        super().leave(row)
        del self._known[row]
        self._prompts.pop(row, None)

    def close(self) -> None:
        """Drop what was computed."""
        while self._parts:
            self._drop_oldest()

    @torch.no_grad()
    def reply(
        self,
        rows: Sequence[int],
        *,
        max_new_tokens: int | Sequence[int],
        uniform: torch.Tensor | None = None,
    ) -> list[Completion]:
        """Sample a reply to each row, and append it to the row.

        New rows with equal tokens, such as those of a group, go through the model once.  Rows that
        have ended are put aside as it goes.  What is sampled for a row depends on its own tokens
        and numbers alone, up to rounding: not on what else is in the batch, nor on its end, nor on
        how much room the cache has.

        Args:
            rows: different ones.
            max_new_tokens: most tokens of a reply, or of each; fewer where the model has no more
                positions.
            uniform: numbers from [0, 1), ``[rows, tokens]``; None at temperature 0.

        Raises:
            ValueError: a row has nothing to go on from, no room for a token more, or does not fit
                into the cache.
        """
        limits = dict(zip(rows, self._limits(rows, max_new_tokens), strict=True))
        number = {row: n for n, row in enumerate(rows)}
        completions: dict[int, Completion] = {}
        products = torch.autocast(
            self.model.device.type, self.autocast, enabled=self.autocast is not None
        )
        with layouts(self.model), products:
            for some in self._slices(limits):
                most = [limits[row] for row in some]
                columns = max(map(self.length, some)) + max(most)
                numbers = None if uniform is None else uniform[[number[row] for row in some]]
                replies = self._sample(*self._advance(some, columns), some, most, columns, numbers)
                completions.update(zip(some, replies, strict=True))
        return [completions[row] for row in rows]

    # Memory. -------------------------------------------------------------------------------------

    def _slices(self, limits: Mapping[int, int]) -> list[list[int]]:
        """Rows that fit into the cache together, at the longest replies that they may have.

        Those with a state come first: later it may be gone.
        """
        slices: list[list[int]] = []
        longest = most = 0
        for row in sorted(limits, key=lambda row: self._known[row] == 0):
            longest, most = max(longest, self.length(row)), max(most, limits[row])
            if slices and self._room_beside(len(slices[-1]) + 1, longest + most) >= 0:
                slices[-1].append(row)
                continue
            longest, most = self.length(row), limits[row]
            if self._room_beside(1, longest + most) < 0:
                assert self.budget is not None
                takes = self.budget.size.of(1, longest + most)
                raise ValueError(
                    f"a row of {longest + most} tokens takes {takes / 2**30:.3g} GiB, and there "
                    f"are {self.budget.most / 2**30:.3g} GiB for the cache: raise cache_gib, or "
                    "lower max_tokens or max_new_tokens"
                )
            slices.append([row])
        return slices

    def _room_beside(self, rows: int, columns: int) -> float:
        """Bytes of the cache that so many rows leave; below 0 where they do not fit."""
        if self.budget is None:
            return math.inf
        return self.budget.most - self.budget.size.of(rows, columns)

    def _make_room(self, rows: int, columns: int) -> None:
        """Drop what was computed of rows that wait, until so many others fit in beside it."""
        room = self._room_beside(rows, columns)
        while self.budget is not None and self._parts:
            sizes = [(len(part.rows), columns_of(part.cache)) for part in self._parts]
            if sum(self.budget.size.of(*size) for size in sizes) <= room:
                break
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        for row in self._parts.pop(0).rows:
            if row in self._known:
                self._known[row] = 0

    # Tokens that are given. ----------------------------------------------------------------------

    def _advance(self, rows: Sequence[int], columns: int) -> tuple[_Part, torch.Tensor]:
        """Have the model see what is new; the rows' states, and the logits of what is next.

        Args:
            rows: different ones.
            columns: that their cache will need.
        """
        place = {
            row: (n, i)
            for n, part in enumerate(self._parts)
            for i, row in enumerate(part.rows)
            if self._known.get(row)  # else it has left, and may have begun anew
        }
        seen: list[_Chunk] = []
        new: dict[tuple[int, ...], _Chunk] = {}
        for row in rows:
            tokens = self._tokens[row][self._known[row] :]
            if row in place:
                seen.append(_Chunk(tokens, [row]))
            else:
                new.setdefault(tuple(tokens), _Chunk(tokens, [])).rows.append(row)
        batches = [
            sorted(batch, key=lambda chunk: place[chunk.rows[0]]) for batch in self._batches(seen)
        ]
        waiting = place.keys() - set(rows)
        groups = [
            ([row for row in part.rows if row in waiting], columns_of(part.cache))
            for part in self._parts
        ]
        groups = [group for group in groups if group[0]]
        kept = len(groups)
        groups += [([chunk.rows[0] for chunk in batch], columns) for batch in batches]
        parts = _regrouped(self._parts, groups)
        self._parts, caches = parts[:kept], [part.cache for part in parts[kept:]]
        del parts
        self._make_room(len(rows), columns)

        for batch in self._batches(list(new.values())):
            batches.append(batch)
            caches.append(new_cache(self.model))
        logits = []
        for batch, cache in zip(batches, caches, strict=True):
            starts = [self._known[chunk.rows[0]] for chunk in batch]
            news = [chunk.tokens for chunk in batch]
            # What is new has just its columns until its copies are made.
            most = columns if any(starts) else max(map(len, news))
            logits.append(self._see(news, starts, cache, most))
        done = [
            _Part([chunk.rows[0] for chunk in batch], cache)
            for batch, cache in zip(batches, caches, strict=True)
        ]
        for row in rows:
            self._known[row] = self.length(row)
            self._prompts.setdefault(row, tuple(self._tokens[row]))
        chunks = [chunk for batch in batches for chunk in batch]
        copies = [n for n, chunk in enumerate(chunks) for _ in chunk.rows]
        [part] = _regrouped(done, [([chunks[n].rows[0] for n in copies], columns)])
        part = part._replace(rows=[row for chunk in chunks for row in chunk.rows])
        last = torch.cat(logits)
        return part, last[copies] if len(copies) > len(chunks) else last

    def _batches(self, chunks: list[_Chunk]) -> Iterator[list[_Chunk]]:
        """Chunks of like lengths; of equal ones where padding would change a state."""
        least = 1.0 if self._is_recurrent else _ALIKE
        batch: list[_Chunk] = []
        for chunk in sorted(chunks, key=lambda chunk: -len(chunk.tokens)):
            if batch:
                longest = len(batch[0].tokens)
                is_full = longest * (len(batch) + 1) > _MOST_TOKENS
                if is_full or len(chunk.tokens) < least * longest:
                    yield batch
                    batch = []
            batch.append(chunk)
        if batch:
            yield batch

    def _see(
        self, chunks: Sequence[Sequence[int]], starts: Sequence[int], cache: Cache, columns: int
    ) -> torch.Tensor:
        """Have the model see a chunk of each row; logits ``[rows, vocabulary]`` after its last."""
        device, width = self.model.device, max(map(len, chunks))
        if not self.chunks and starts[0] and width > 1:
            for i, column in enumerate(zip(*chunks, strict=True)):
                tokens = [[token] for token in column]
                logits = self._see(tokens, [start + i for start in starts], cache, columns)
            return logits
        ids = torch.tensor([[*c, *[0] * (width - len(c))] for c in chunks], device=device)
        first = torch.tensor(starts, device=device)
        places = Places(first, width, min(starts), max(starts), columns)
        last = torch.tensor([len(chunk) - 1 for chunk in chunks], device=device)
        return self._pass(ids, places, cache, last)

    def _pass(
        self,
        ids: torch.Tensor,
        places: Places,
        cache: Cache,
        last: torch.Tensor | None = None,
        shared: SharedPrompts | None = None,
    ) -> torch.Tensor:
        """One pass of the model; logits ``[rows, vocabulary]`` after a token of each row."""
        positions = places.positions
        if self._positions is not None:  # padding and rows that have ended may be beyond it
            positions = positions.clamp(max=int(self._positions) - 1)
        arguments: dict[str, Any] = {"input_ids": ids, "use_cache": True, "logits_to_keep": 1}
        name = "cache_params" if "cache_params" in self._arguments else "past_key_values"
        arguments[name] = cache
        if "position_ids" in self._arguments:
            arguments["position_ids"] = positions
        self.computed += ids.numel()
        if ids.shape[1] == 1 and self._decoder is not None:
            with uses(places):
                logits = self._decoder(ids[:, 0], positions, places, cache, shared)
            return logits[:, : self.vocabulary].float()
        with uses(places):
            if last is None or bool((last == places.width - 1).all()):
                logits = self.model(**arguments).logits
            else:
                arguments["logits_to_keep"] = 0
                head = self.model.get_output_embeddings()
                rows = torch.arange(len(ids), device=ids.device)

                def only_last(_: Any, inputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
                    return (inputs[0][rows, last][:, None],)

                hook = head.register_forward_pre_hook(only_last)
                try:
                    logits = self.model(**arguments).logits
                finally:
                    hook.remove()
        last_logits: torch.Tensor = logits[:, -1, : self.vocabulary]
        return last_logits.float()

    # Tokens that are sampled. --------------------------------------------------------------------

    def _sample(
        self,
        part: _Part,
        logits: torch.Tensor,
        rows: Sequence[int],
        limits: Sequence[int],
        columns: int,
        uniform: torch.Tensor | None,
    ) -> list[Completion]:
        device = logits.device
        number = {row: n for n, row in enumerate(rows)}
        most = max(limits)
        tokens = torch.zeros(len(rows), most, dtype=torch.long, device=device)
        logprobs = torch.zeros(len(rows), most, device=device)
        limit = torch.tensor(limits, device=device)
        if uniform is not None:
            uniform = uniform.to(device)
        going_on = 1.0 if self._is_recurrent else _GOING_ON
        aside: list[_Part] = []
        # Of each row of the part: its place among the rows of the result, and its next position.
        live = torch.tensor([number[row] for row in part.rows], device=device)
        position = torch.tensor([self._known[row] for row in part.rows], device=device)
        lengths = [self._known[row] for row in part.rows]
        running = torch.ones(len(live), dtype=torch.bool, device=device)
        shared = self._shared(part)

        for step in range(most):
            token, logp = self._draw(logits, None if uniform is None else uniform[live, step, None])
            tokens[live, step], logprobs[live, step] = token, logp
            running &= ~torch.isin(token, self._ends) & (step + 1 < limit[live])
            left = int(running.sum())
            if left == 0:
                break
            if left < len(live) and left <= going_on * len(live):
                used = max(lengths) + step
                part, order = self._behind(part, running.tolist(), aside, columns, used)
                lengths = [self._known[row] for row in part.rows[:left]]
                first = torch.tensor(order[:left], device=device)
                token, live, position = token[first], live[first], position[first]
                running = running[first]
                if shared is not None:
                    shared.keep(order[:left])
            places = Places(position, 1, min(lengths) + step, max(lengths) + step, columns)
            logits = self._pass(token[:, None], places, part.cache, shared=shared)
            position = position + 1

        self._parts += [*aside, part]
        completions = self._completions(tokens.cpu(), logprobs.cpu(), limits)
        for row, completion in zip(rows, completions, strict=True):
            # The last token was seen by no state that counts: where it was seen, it is again.
            super().extend(row, completion.tokens)
            self._known[row] = self.length(row) - 1
        return completions

    def _shared(self, part: _Part) -> SharedPrompts | None:
        """What the rows of a part began with, where it is worth reading once for several."""
        if self._decoder is None:
            return None
        prompts = [self._prompts[row] for row in part.rows]
        numbers = {prompt: n for n, prompt in enumerate(dict.fromkeys(prompts))}
        groups = [numbers[prompt] for prompt in prompts]
        columns = min(map(len, prompts))
        if not SharedPrompts.pay(groups, columns):
            return None
        return SharedPrompts(part.cache.layers, groups, columns)

    def _behind(
        self, part: _Part, is_on: Sequence[bool], aside: list[_Part], columns: int, used: int
    ) -> tuple[_Part, list[int]]:
        """The part with its rows that go on in front, and where each of its rows was.

        Args:
            part: some rows, of which the first ones have gone on until now.
            is_on: of each of those, whether it still does.
            aside: where those that do not are put if they have states that every pass changes.
            columns: that the cache will need.
            used: columns that it has used.
        """
        on, off = ([i for i, yes in enumerate(is_on) if yes == way] for way in (True, False))
        if self._is_recurrent:
            groups = [[part.rows[i] for i in some] for some in (off, on)]
            ended, part = _regrouped([part], [(rows, columns) for rows in groups])
            aside.append(ended)
            return part, on
        some = [i for i in off if i < len(on)]
        others = [i for i in on if i >= len(on)]
        if some:
            exchange(part.cache, some, others, used)
        order = list(range(len(is_on)))
        for i, j in zip(some, others, strict=True):
            order[i], order[j] = j, i
        return part._replace(rows=[part.rows[i] for i in order] + part.rows[len(is_on) :]), order

    def _draw(
        self, logits: torch.Tensor, point: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """A token of each row by its number from [0, 1), and its log-probability."""
        if self.temperature not in (0, 1):
            logits = logits / self.temperature
        logp = torch.log_softmax(logits, -1)
        if point is None:
            token = logp.argmax(-1, keepdim=True)
        else:
            # Inverse of the cumulative distribution; on a CPU ten times torch.multinomial. On a
            # GPU sums in single precision would not be monotone.
            exact = torch.float64 if logits.is_cuda else torch.float32
            cumulative = logp.to(exact).exp().cumsum(-1)
            total = cumulative[:, -1:]
            below = torch.nextafter(total, torch.zeros_like(total))  # rounding may reach the total
            token = torch.searchsorted(cumulative, torch.minimum(point * total, below), right=True)
        return token[:, 0], logp.gather(1, token)[:, 0]

    def _completions(
        self, tokens: torch.Tensor, logprobs: torch.Tensor, limits: Sequence[int]
    ) -> list[Completion]:
        """Cut each row after its first end; rows that ended went on for a few tokens."""
        is_end = torch.isin(tokens, self._ends.cpu())
        completions = []
        for row, logp, ends, limit in zip(
            tokens.tolist(), logprobs.tolist(), is_end.tolist(), limits, strict=True
        ):
            length = ends.index(True) + 1 if True in ends[:limit] else limit
            completions.append(Completion(row[:length], logp[:length], ends[length - 1]))
        return completions


def positions_of(model: PreTrainedModel) -> int | None:
    """Most tokens of a row of a model; None for any number.

    Some stretch their rotary positions in a pass that has a token beyond the length that they were
    trained with.  What a token sees would depend on what else is in the pass, so that is the end.
    """
    config = model.config.get_text_config()
    rope = getattr(config, "rope_parameters", None) or {}
    kinds = [rope, *(value for value in rope.values() if isinstance(value, dict))]
    ends = [getattr(config, "max_position_embeddings", None)]
    for kind in kinds:
        if kind.get("rope_type") in ("longrope", "dynamic"):
            name = "original_max_position_embeddings"
            ends.append(kind.get(name) or getattr(config, name, None))
    return min((int(end) for end in ends if end is not None), default=None)


@torch.no_grad()
def goes_on_in_chunks(model: PreTrainedModel) -> bool:
    """Whether a model continues a row by several tokens in a pass as it does in one whole pass.

    All attention does, and most recurrent layers; some forget their state then, and have to be
    given a token at a time.  Tried with the model itself, so that no list of families is needed.

    Raises:
        ValueError: neither gives what one whole pass gives.
    """
    size = int(model.config.get_text_config().vocab_size)
    rows = [[(7 * i + r) % size for i in range(24 - 5 * r)] for r in range(2)]
    whole = [
        model(input_ids=torch.tensor([row], device=model.device), use_cache=False).logits[0, -1]
        for row in rows
    ]
    expected = torch.log_softmax(torch.stack(whole).float(), -1)
    errors = []
    for chunks in (True, False):
        session = Session(model, end_ids=[], chunks=chunks)
        with layouts(model):
            for tokens in (slice(0, 3), slice(3, None)):
                for r, row in enumerate(rows):
                    session.extend(r, row[tokens])
                part, logits = session._advance([0, 1], len(rows[0]))
                session._parts.append(part)
        logp = torch.log_softmax(logits, -1)[[part.rows.index(r) for r in range(2)]]
        errors.append(float((logp - expected).abs().max()))
    in_chunks, one_by_one = errors
    if min(errors) > (1e-3 if model.dtype == torch.float32 else 0.5):
        raise ValueError(
            f"{type(model).__name__} cannot be sampled from here: its states give other "
            "probabilities than a pass over the whole text"
        )
    return in_chunks < 1e-5 or in_chunks < 10 * one_by_one


def cache_size(model: PreTrainedModel, autocast: torch.dtype | None = None) -> Footprint:
    """What a row and a token take of a model's cache: measured, whatever kind of layers it has.

    Args:
        model: the model.
        autocast: number type of products, where it is not that of the weights.
    """
    session = Session(model, end_ids=[], autocast=autocast)
    session.extend(0, [0])
    session.reply([0], max_new_tokens=1)
    return footprint(session._parts[0].cache)


def _regrouped(parts: Sequence[_Part], groups: Sequence[tuple[Sequence[int], int]]) -> list[_Part]:
    """Rows of some parts as others, which take the place of the old ones.

    Args:
        parts: the old ones; what they hold is moved.
        groups: of each new one, its rows, and the columns that it keeps.  A row may be there more
            than once.
    """
    if not groups:
        return []
    place = {row: (n, i) for n, part in enumerate(parts) for i, row in enumerate(part.rows)}
    picks = [
        [
            (n, [i for _, i in run])
            for n, run in groupby((place[row] for row in rows), key=lambda spot: spot[0])
        ]
        for rows, _ in groups
    ]
    caches = regroup([part.cache for part in parts], picks, [most for _, most in groups])
    return [_Part(list(rows), cache) for (rows, _), cache in zip(groups, caches, strict=True)]
