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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from transformers import PreTrainedModel
from transformers.cache_utils import Cache

from agents.common.attention import layouts, uses
from agents.common.row_cache import Places, gather, is_recurrent, new_cache

__all__ = ["Completion", "Session", "goes_on_in_chunks"]

_GOING_ON = 0.9  # share of a batch below which the rows that have ended leave it
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


class _Part(NamedTuple):
    """Some rows, and what was computed of them, in the same order."""

    rows: list[int]
    cache: Cache


class _Chunk(NamedTuple):
    """New tokens, and the rows that they belong to: several where new rows are equal."""

    tokens: list[int]
    rows: list[int]


class Session:
    """Rows of tokens that a model continues, each with what was computed of it.

    Args:
        model: a causal language model of Hugging Face, in evaluation mode.
        end_ids: the token ids that end a reply.
        temperature: of the distribution that is sampled; 0 takes the likeliest token.
        vocabulary: how many token ids there are; None for as many as the model has outputs.
        chunks: whether a row that has a state goes on by several tokens in a pass, or by one; see
            `goes_on_in_chunks`.
        autocast: number type of products, where it is not that of the weights.

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
    ) -> None:
        self.model = model
        self.autocast = autocast
        self.chunks = chunks
        self.temperature = temperature
        self.vocabulary = vocabulary
        self.computed = 0
        """Tokens that went through the model, padding included."""
        self._ends = torch.tensor(list(end_ids), device=model.device)
        config = model.config.get_text_config()
        self._positions = getattr(config, "max_position_embeddings", None)
        self._is_recurrent = is_recurrent(new_cache(model))
        self._arguments = set(inspect.signature(model.forward).parameters)
        self._parts: list[_Part] = []
        self._known: dict[int, int] = {}  # how many tokens of a row its state has seen
        self._pending: dict[int, list[int]] = {}  # those after them

    def extend(self, row: int, tokens: Sequence[int]) -> None:
        """Append tokens to a row; a number that is not known starts a new one."""
        self._known.setdefault(row, 0)
        self._pending.setdefault(row, []).extend(tokens)

    def leave(self, row: int) -> None:
        """Forget a row."""
        del self._known[row], self._pending[row]

    def length(self, row: int) -> int:
        """How many tokens a row has."""
        return self._known[row] + len(self._pending[row])

    def room(self, row: int, most: int | None = None) -> float:
        """How many more tokens a row may have: the model's positions, or `most`, are the end."""
        ends = [end for end in (most, self._positions) if end is not None]
        return min(ends, default=math.inf) - self.length(row)

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
        and numbers alone, up to rounding: not on what else is in the batch, nor on its end.

        Args:
            rows: different ones.
            max_new_tokens: most tokens of a reply, or of each; fewer where the model has no more
                positions.
            uniform: numbers from [0, 1), ``[rows, tokens]``; None at temperature 0.

        Raises:
            ValueError: a row has nothing to go on from, or no room for a token more.
        """
        if isinstance(max_new_tokens, int):
            max_new_tokens = [max_new_tokens] * len(rows)
        limits = []
        for row, most in zip(rows, max_new_tokens, strict=True):
            room = self.room(row)
            if not self._pending[row]:
                raise ValueError(f"row {row} has no token to go on from")
            if room < 1:
                raise ValueError(
                    f"a context of {self.length(row)} tokens leaves no room for a reply in the "
                    f"model's {self._positions} positions"
                )
            limits.append(int(min(most, room)))
        if not rows:
            return []
        products = torch.autocast(
            self.model.device.type, self.autocast, enabled=self.autocast is not None
        )
        with layouts(self.model), products:
            part, logits = self._advance(rows)
            return self._sample(part, logits, rows, limits, uniform)

    # Tokens that are given. ----------------------------------------------------------------------

    def _advance(self, rows: Sequence[int]) -> tuple[_Part, torch.Tensor]:
        """Have the model see what is pending; the rows' states, and the logits of what is next."""
        places = {
            row: (n, i)
            for n, part in enumerate(self._parts)
            for i, row in enumerate(part.rows)
            if self._known.get(row)  # else it has left, and may have begun anew
        }
        seen: list[_Chunk] = []
        new: dict[tuple[int, ...], _Chunk] = {}
        for row in rows:
            if row in places:
                seen.append(_Chunk(self._pending[row], [row]))
            else:
                tokens = self._pending[row]
                new.setdefault(tuple(tokens), _Chunk(tokens, [])).rows.append(row)
        done: list[_Part] = []
        logits: list[torch.Tensor] = []
        for batch in [*self._batches(seen), *self._batches(list(new.values()))]:
            if batch[0].rows[0] in places:
                batch.sort(key=lambda chunk: places[chunk.rows[0]])
                cache = self._take([places[chunk.rows[0]] for chunk in batch])
            else:
                cache = new_cache(self.model)
            first = [chunk.rows[0] for chunk in batch]
            starts = [self._known[row] for row in first]
            last = self._see([chunk.tokens for chunk in batch], starts, cache)
            copies = [i for i, chunk in enumerate(batch) for _ in chunk.rows]
            if len(copies) > len(batch):
                cache, last = gather([(cache, copies)]), last[copies]
            done.append(_Part([row for chunk in batch for row in chunk.rows], cache))
            logits.append(last)
        for row in rows:
            self._known[row] += len(self._pending[row])
            self._pending[row] = []
        waiting = places.keys() - set(rows)
        kept = []
        for part in self._parts:
            others = [i for i, row in enumerate(part.rows) if row in waiting]
            if others:
                kept.append(_picked(part, others))
        self._parts = kept
        return _united(done), torch.cat(logits)

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

    def _take(self, places: Sequence[tuple[int, int]]) -> Cache:
        """The states of some rows: of each, its part and its place there, in that order."""
        order = sorted({n for n, _ in places})
        return _gathered([(self._parts[n], [i for m, i in places if m == n]) for n in order])

    def _see(
        self, chunks: Sequence[Sequence[int]], starts: Sequence[int], cache: Cache
    ) -> torch.Tensor:
        """Have the model see a chunk of each row; logits ``[rows, vocabulary]`` after its last."""
        device, width = self.model.device, max(map(len, chunks))
        if not self.chunks and starts[0] and width > 1:
            for i, column in enumerate(zip(*chunks, strict=True)):
                tokens = [[token] for token in column]
                logits = self._see(tokens, [start + i for start in starts], cache)
            return logits
        ids = torch.tensor([[*c, *[0] * (width - len(c))] for c in chunks], device=device)
        places = Places(torch.tensor(starts, device=device), width, min(starts), max(starts))
        last = torch.tensor([len(chunk) - 1 for chunk in chunks], device=device)
        return self._pass(ids, places, cache, last)

    def _pass(
        self, ids: torch.Tensor, places: Places, cache: Cache, last: torch.Tensor | None = None
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

        for step in range(most):
            token, logp = self._draw(logits, None if uniform is None else uniform[live, step, None])
            tokens[live, step], logprobs[live, step] = token, logp
            running &= ~torch.isin(token, self._ends) & (step + 1 < limit[live])
            left = int(running.sum())
            if left == 0:
                break
            if left < len(live) and left <= going_on * len(live):
                keep, end = running.nonzero()[:, 0], (~running).nonzero()[:, 0].tolist()
                aside.append(_picked(part, end))
                part = _picked(part, keep.tolist())
                lengths = [self._known[row] for row in part.rows]
                token, live, position = token[keep], live[keep], position[keep]
                running = running[keep]
            places = Places(position, 1, min(lengths) + step, max(lengths) + step)
            logits = self._pass(token[:, None], places, part.cache)
            position = position + 1

        self._parts += [*aside, part]
        completions = self._completions(tokens.cpu(), logprobs.cpu(), limits)
        for row, completion in zip(rows, completions, strict=True):
            # The last token was seen by no state that counts: where it was seen, it is again.
            self._known[row] += len(completion.tokens) - 1
            self._pending[row] = completion.tokens[-1:]
        return completions

    def _draw(
        self, logits: torch.Tensor, point: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """A token of each row by its number from [0, 1), and its log-probability."""
        logp = torch.log_softmax(logits / (self.temperature or 1.0), -1)
        if point is None:
            token = logp.argmax(-1, keepdim=True)
        else:
            # Inverse of the cumulative distribution; on a CPU ten times torch.multinomial. On a
            # GPU sums in single precision would not be monotone.
            exact = torch.float64 if logits.is_cuda else torch.float32
            cumulative = logp.to(exact).exp().cumsum(-1)
            total = cumulative[:, -1:].contiguous()
            token = torch.searchsorted(cumulative, point * total, right=True)
            token = torch.minimum(token, torch.searchsorted(cumulative, total))
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
                part, logits = session._advance([0, 1])
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


def _picked(part: _Part, places: Sequence[int]) -> _Part:
    """Some rows of a part, by their places."""
    return _Part([part.rows[i] for i in places], _gathered([(part, places)]))


def _united(parts: Sequence[_Part]) -> _Part:
    rows = [row for part in parts for row in part.rows]
    return _Part(rows, _gathered([(part, range(len(part.rows))) for part in parts]))


def _gathered(picks: Sequence[tuple[_Part, Sequence[int]]]) -> Cache:
    """The states of some rows of some parts; copies nothing where that is a whole part."""
    [(part, places), *others] = picks
    if not others and list(places) == list(range(len(part.rows))):
        return part.cache
    return gather([(part.cache, places) for part, places in picks])
