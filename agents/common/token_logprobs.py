"""log π of tokens that were chosen before, with gradient: what learning asks of a model.

A model of 150,000 tokens that reads 32 rows of 512 would write 9 GiB of logits, and several copies
of them.  So only the chosen tokens get logits, and in parts that are computed again in the backward
pass.  Rows go through the model as `agents.common.packing` has them, where a model allows it.
"""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal, NamedTuple

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel
from transformers.modeling_layers import GradientCheckpointingLayer

from agents.common.attention import layouts, uses
from agents.common.packing import Pack, first_chosen, needed, split
from agents.common.row_cache import is_recurrent, new_cache

__all__ = ["KL", "Predicted", "TokenLogprobs"]

_MOST_LOGITS = 2**26  # that are computed at once

KL = Literal["forward", "reverse"]
"""The divergence of a model π from another one ρ, which is held fixed: "forward" is KL(ρ ‖ π), with
the mean over what ρ would say, and "reverse" is KL(π ‖ ρ)."""


class Predicted(NamedTuple):
    """What a model says of tokens that were chosen, row after row."""

    logprobs: torch.Tensor
    """log π of each, ``[chosen]``."""
    entropies: torch.Tensor
    """Entropy of the distribution that each was chosen from, in nats, ``[chosen]``; or nothing."""
    states: torch.Tensor
    """The state from which each was predicted, the last one of the body, ``[chosen, size]``."""
    certainties: torch.Tensor
    """KL(U ‖ π) there, with U the uniform distribution, in nats, ``[chosen]``; or nothing."""
    kl: torch.Tensor
    """Divergence from another model there, over all tokens, in nats, ``[chosen]``; or nothing."""


class _Seen(NamedTuple):
    """What a model's body made of some rows."""

    output: Any
    """As the library has it."""
    hidden: torch.Tensor
    """States from which the chosen tokens were predicted, ``[chosen, size]``."""
    targets: torch.Tensor
    """The chosen tokens, ``[chosen]``."""


class TokenLogprobs(nn.Module):
    """From rows of tokens to log π of those that were chosen.

    Args:
        model: a causal language model of Hugging Face, in evaluation mode.
        vocabulary: how many token ids there are; a model may have more outputs.
        checkpointing: whether a layer's activations are computed again in the backward pass,
            instead of kept from the forward pass: a third more time, for far less memory.
    """

    def __init__(
        self, model: PreTrainedModel, *, vocabulary: int, checkpointing: bool = False
    ) -> None:
        super().__init__()
        self.model = model
        self.vocabulary = vocabulary
        self.checkpointing = checkpointing
        self._packs: bool | None = None  # not known before the first rows

    @property
    def packs(self) -> bool:
        """Whether rows share a sequence; a model with recurrent layers gets padded rows."""
        if self._packs is None:
            with torch.autocast(self.model.device.type, enabled=False):
                self._packs = self._can_pack()
        return self._packs

    def batches(
        self, rows: Sequence[Sequence[int]], chosen: Sequence[Sequence[bool]], budget: int
    ) -> Iterator[list[int]]:
        """Numbers of rows for one call each, so that at most `budget` tokens are computed in it."""
        return split(rows, chosen, budget, shares=self.packs)

    def forward(
        self,
        rows: Sequence[Sequence[int]],
        chosen: Sequence[Sequence[bool]],
        *,
        temperature: float = 1.0,
        entropy: bool = False,
        other: TokenLogprobs | None = None,
        kl: KL = "forward",
    ) -> Predicted:
        """What the model says of the chosen tokens; without `entropy`, there are no entropies.

        With an `other` model there is the divergence from it, too.  No gradient goes there, and it
        may be this one: then the divergence is 0, and so is its gradient, but not its Hessian.

        Without rows there is a pass all the same, which gives nothing: a process whose share is
        empty keeps step with the others.
        """
        if not rows:
            something = self.forward([[0, 0]], [[False, True]], entropy=entropy, other=other, kl=kl)
            return Predicted(*(values[:0].clone() for values in something))
        seen = self._seen(rows, chosen)
        beside = None if other is None or other is self else other._seen_as_it_is(rows, chosen)
        of_states = partial(
            self._of_states, temperature=temperature, entropy=entropy, other=other, kl=kl
        )
        size = max(1, _MOST_LOGITS // self.vocabulary // (1 if other is None else 2))
        parts = []
        for start in range(0, max(1, len(seen.hidden)), size):
            here = slice(start, start + size)
            fixed = None if beside is None else beside._replace(hidden=beside.hidden[here])
            arguments = (seen.output, seen.hidden[here], seen.targets[here], fixed)
            if len(seen.hidden) > size and torch.is_grad_enabled():
                part = checkpoint(of_states, *arguments, use_reentrant=False)
            else:
                part = of_states(*arguments)
            parts.append(part)
        logprobs, entropies, certainties, kls = map(torch.cat, zip(*parts, strict=True))
        return Predicted(logprobs, entropies, seen.hidden, certainties, kls)

    # Rows through the model's body. --------------------------------------------------------------

    def _seen(self, rows: Sequence[Sequence[int]], chosen: Sequence[Sequence[bool]]) -> _Seen:
        return self._packed(rows, chosen) if self.packs else self._padded(rows, chosen)

    @torch.no_grad()
    def _seen_as_it_is(
        self, rows: Sequence[Sequence[int]], chosen: Sequence[Sequence[bool]]
    ) -> _Seen:
        return self._seen(rows, chosen)

    def _packed(self, rows: Sequence[Sequence[int]], chosen: Sequence[Sequence[bool]]) -> _Seen:
        """Rows as one sequence."""
        pack = Pack(rows, chosen, self.model.device)

        def body(layer: Callable[..., Any], *arguments: Any, **settings: Any) -> Any:
            # The backward pass comes here again, when all this is over, maybe in another thread.
            with layouts(self.model), uses(pack):
                return layer(*arguments, **settings)

        with self._recomputing(body):
            output = body(
                self.model.base_model,
                input_ids=pack.ids,
                position_ids=pack.positions,
                use_cache=False,
            )
        return _Seen(output, output[0][0].index_select(0, pack.before), pack.targets)

    def _padded(self, rows: Sequence[Sequence[int]], chosen: Sequence[Sequence[bool]]) -> _Seen:
        """Rows side by side.

        No attention mask is needed: padding comes last, and a causal model does not look ahead.
        """
        rows = [row[: needed(which)] for row, which in zip(rows, chosen, strict=True)]
        device, longest = self.model.device, max(map(len, rows))
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], device=device)
        places = [
            (r, t)
            for r, which in enumerate(chosen)
            for t in range(first_chosen(which), len(which))
            if which[t]
        ]
        row, token = torch.tensor(places, dtype=torch.long, device=device).view(-1, 2).T
        with self._recomputing(lambda layer, *arguments: layer(*arguments)):
            output = self.model.base_model(input_ids=ids[:, :-1], use_cache=False)
        return _Seen(output, output[0][row, token - 1], ids[row, token])

    @contextmanager
    def _recomputing(self, again: Callable[..., Any]) -> Iterator[None]:
        """Meanwhile the layers keep nothing for the backward pass, which calls them once more.

        The library does so in training alone.  Only the layers themselves are told that they
        train, until they are called: dropout stays off, and learning sees what sampling saw.
        """
        if not (self.checkpointing and torch.is_grad_enabled()):
            yield
            return

        def call(module: nn.Module, layer: Callable[..., Any], *arguments: Any) -> Any:
            module.training = False
            return checkpoint(again, layer, *arguments, use_reentrant=False)

        layers = [m for m in self.model.modules() if isinstance(m, GradientCheckpointingLayer)]
        if not layers:
            raise ValueError(
                f"{type(self.model).__name__} has no layers that can be computed again: leave "
                "gradient checkpointing off"
            )
        for layer in layers:
            layer.training = layer.gradient_checkpointing = True
            layer._gradient_checkpointing_func = partial(call, layer)
        try:
            yield
        finally:
            for layer in layers:
                layer.training = layer.gradient_checkpointing = False

    # From states to log-probabilities. -----------------------------------------------------------

    def _of_states(
        self,
        output: Any,
        hidden: torch.Tensor,
        targets: torch.Tensor,
        fixed: _Seen | None,
        *,
        temperature: float,
        entropy: bool,
        other: TokenLogprobs | None,
        kl: KL,
    ) -> tuple[torch.Tensor, ...]:
        """Of each state ``[tokens, size]``: log π of a token, entropy, certainty, divergence."""
        logits = self._logits(output, hidden, temperature)
        logprobs = -nn.functional.cross_entropy(logits, targets, reduction="none")
        entropies = certainties = kls = logprobs[:0]
        if entropy or other is not None:
            everything = torch.log_softmax(logits, -1)
        if entropy:
            entropies = -(everything.exp() * everything).sum(-1)
            certainties = -everything.mean(-1) - math.log(self.vocabulary)
        if other is not None:
            rho = everything.detach()  # its own, unless the other is another
            if fixed is not None:
                with torch.no_grad():
                    rho = other._logits(fixed.output, fixed.hidden, temperature).log_softmax(-1)
            a, b = (rho, everything) if kl == "forward" else (everything, rho)
            kls = (a.exp() * (a - b)).sum(-1)
        return logprobs, entropies, certainties, kls

    def _logits(self, output: Any, hidden: torch.Tensor, temperature: float) -> torch.Tensor:
        """Logits ``[tokens, vocabulary]`` of states, at a temperature."""
        logits = self._head(output, hidden)[:, : self.vocabulary]
        return logits.to(torch.promote_types(logits.dtype, torch.float32)) / temperature

    def _head(self, output: Any, hidden: torch.Tensor) -> torch.Tensor:
        """Logits ``[tokens, vocabulary]`` of states, by all that a model does with them.

        Families scale their logits or bend them, each in its own way, after the last product.  So
        the model itself is called, and finds these states in the place of its body's.
        """
        given = copy.copy(output)
        given["last_hidden_state"] = hidden[None]
        body = self.model.base_model
        body.forward = lambda *_, **__: given
        try:
            logits: torch.Tensor = self.model(
                input_ids=torch.zeros(1, len(hidden), dtype=torch.long, device=hidden.device),
                use_cache=False,
            ).logits[0]
        finally:
            del body.forward
        return logits

    @torch.no_grad()
    def _can_pack(self) -> bool:
        """Whether a sequence of several rows gives what each row gives alone.

        Tried with the model itself, so that no list of families is needed.
        """
        signature = inspect.signature(self.model.base_model.forward)
        try:
            if "position_ids" not in signature.parameters or is_recurrent(new_cache(self.model)):
                return False
        except ValueError:  # a layer that is not known here
            return False
        size = int(self.model.config.get_text_config().vocab_size)
        rows = [
            [7 * i % size for i in range(9)] + [(5 * i + r) % size for i in range(9 - 4 * r)]
            for r in range(2)
        ]
        chosen = [[t >= 9 for t in range(len(row))] for row in rows]
        found, alone = (
            self._packed(rows, chosen),
            [self._padded([row], [c]) for row, c in zip(rows, chosen, strict=True)],
        )
        expected = torch.cat([seen.hidden for seen in alone])
        limit = 1e-3 if self.model.dtype in (torch.float32, torch.float64) else 0.1
        return bool((found.hidden - expected).abs().max() <= limit * expected.abs().max())
