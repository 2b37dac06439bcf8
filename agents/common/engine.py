"""Sampling by a program beside the model: a server, or a library with kernels of its own.

An engine has a copy of the model.  Token ids go in, token ids and their log-probabilities come out,
and nothing is decoded and encoded again.  A step of the optimizer makes the copy an old one, which
gets the new weights before it samples again.
"""

from __future__ import annotations

import tempfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from agents.common import distributed
from agents.common.sampler import Completion, Conversations

__all__ = ["Engine", "EngineSession", "Reply", "Request"]

_ROUNDING = 1e-4  # by which a log-probability may be above 0


class Request(NamedTuple):
    """What an engine is asked to go on from, and how."""

    tokens: list[int]
    max_new_tokens: int
    end_ids: list[int]
    """Each of them ends the reply, and is a part of it."""
    temperature: float
    seed: int | None
    """Of what is drawn; None at temperature 0."""


class Reply(NamedTuple):
    """What an engine has sampled."""

    tokens: list[int]
    """The end included."""
    logprobs: list[float]
    """Of each token, at the temperature."""


class Engine(ABC):
    """A program that samples from its copy of a model."""

    name: str
    """What it is called in messages."""
    advice: str
    """What to do where it gives other probabilities than the model itself."""
    takes_weights = True
    """Whether it can be given new weights."""
    is_shared = False
    """Whether several processes that train have one of it, not one each."""

    def __init__(self) -> None:
        self.is_current = False
        """Whether it has the weights of the model as they are."""

    @property
    @abstractmethod
    def positions(self) -> int | None:
        """Most tokens of a prompt and its reply; None where that is not known."""

    @abstractmethod
    def complete(self, requests: Sequence[Request]) -> list[Reply]:
        """A reply to each request.

        Raises:
            ConnectionError: it does not answer.
            ValueError: it answers something else than was asked for.
        """

    @abstractmethod
    def load(self, folder: Path) -> None:
        """Take the weights of a folder that `save_pretrained` wrote, which is deleted later."""

    @abstractmethod
    def rest(self) -> None:
        """Free memory for learning, until it is asked for something again."""

    def update(self, save: Callable[[Path, bool], None]) -> None:
        """Give it the weights that `save` writes into a folder, where it has old ones.

        Of several processes each calls `save`, but for one that they share the first one alone has
        it write.
        """
        if self.takes_weights and not self.is_current:
            gives = distributed.is_first() or not self.is_shared
            # A name that was never there before: nothing that is cached by name is taken for it.
            with tempfile.TemporaryDirectory(prefix="weights-") as folder:
                save(Path(folder), gives)
                if gives:
                    self.load(Path(folder))
            distributed.wait()
            self.is_current = True


class EngineSession(Conversations):
    """Rows of tokens that an engine continues; it may keep what it has computed of them.

    Args:
        engine: the engine.
        end_ids: the token ids that end a reply.
        temperature: of the distribution that is sampled; 0 takes the likeliest token.
        vocabulary: how many token ids there are.
        positions: most tokens of a row; None for as many as the engine takes.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        end_ids: Sequence[int],
        temperature: float,
        vocabulary: int,
        positions: int | None,
    ) -> None:
        ends = [end for end in (positions, engine.positions) if end is not None]
        super().__init__(min(ends, default=None))
        self.engine = engine
        self.end_ids = list(end_ids)
        self.temperature = temperature
        self.vocabulary = vocabulary

    def close(self) -> None:
        """Let the engine rest."""
        self.engine.rest()

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
            max_new_tokens: most tokens of a reply, or of each; fewer where there is no more room.
            uniform: numbers from [0, 1), ``[rows, tokens]``, of which the seed of each row is made;
                None at temperature 0.

        Raises:
            ValueError: a row has nothing to go on from, or no room for a token more; or the engine
                answers what cannot be.
            ConnectionError: the engine does not answer.
        """
        limits = self._limits(rows, max_new_tokens)
        seeds = [None] * len(rows) if uniform is None else [_seed(numbers) for numbers in uniform]
        requests = [
            Request(list(self._tokens[row]), limit, self.end_ids, self.temperature, seed)
            for row, limit, seed in zip(rows, limits, seeds, strict=True)
        ]
        completions = []
        for request, reply in zip(requests, self.engine.complete(requests), strict=True):
            self._check(request, reply)
            ended = reply.tokens[-1] in self.end_ids
            completions.append(Completion(reply.tokens, reply.logprobs, ended))
        for row, completion in zip(rows, completions, strict=True):
            self.extend(row, completion.tokens)
        return completions

    def _check(self, request: Request, reply: Reply) -> None:
        """Raise `ValueError` for a reply that the model cannot have given."""
        name, (tokens, logprobs) = self.engine.name, reply
        if not 0 < len(tokens) <= request.max_new_tokens:
            raise ValueError(
                f"{name} returned {len(tokens)} tokens, where 1 to {request.max_new_tokens} were "
                "asked for"
            )
        if len(logprobs) != len(tokens):
            raise ValueError(
                f"{name} returned {len(tokens)} tokens and {len(logprobs)} log-probabilities: "
                "there must be one for each token"
            )
        for token in tokens:
            if not (isinstance(token, int) and 0 <= token < self.vocabulary):
                raise ValueError(
                    f"{name} returned token id {token!r}, which the tokenizer does not have: it "
                    "must serve the model that is trained"
                )
        for value in logprobs:
            if not (isinstance(value, (int, float)) and -float("inf") < value <= _ROUNDING):
                raise ValueError(
                    f"{name} returned log-probability {value!r}, which is none: it must give "
                    "log-probabilities, not logits (vLLM: --logprobs-mode processed_logprobs)"
                )
        for token in tokens[:-1]:
            if token in self.end_ids:
                raise ValueError(
                    f"{name} went on after token id {token}, which ends a reply: it has to take "
                    "stop_token_ids"
                )
        if len(tokens) < request.max_new_tokens and tokens[-1] not in self.end_ids:
            raise ValueError(
                f"{name} ended a reply at token id {tokens[-1]}, which is no end: it must return "
                "the end-of-sequence id too, and end at no other than the tokenizer's and "
                "generation_config's"
            )


def _seed(numbers: torch.Tensor) -> int:
    """A seed of 31 bits, made of all numbers."""
    return zlib.crc32(numbers.cpu().numpy().tobytes()) >> 1
