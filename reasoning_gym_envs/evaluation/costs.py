"""What requests to a server cost: before a run, in a run, and where it has to end."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from reasoning_gym_envs.evaluation.players import Message

__all__ = ["Bill", "Costs", "Estimate", "LimitReached", "Prices", "Spent", "estimate", "tokens_in"]

_BYTES_A_TOKEN, _TOKENS_A_MESSAGE = 3, 8


class LimitReached(Exception):
    """A limit of requests or of cost was reached; nothing was sent.

    What was done is done: episodes that ended stay in the record, and the same command with a
    higher limit goes on.

    Attributes:
        spent: what the requests so far have used.
    """

    def __init__(self, message: str, spent: Spent) -> None:
        super().__init__(message)
        self.spent = spent


class Prices(NamedTuple):
    """Dollars for a million tokens. Discounts (for what is cached, say) are left out."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Dollars for so many tokens."""
        return (self.prompt * prompt_tokens + self.completion * completion_tokens) / 1e6


@dataclass(frozen=True)
class Spent:
    """What requests have used."""

    requests: int = 0
    """Sent, those that failed among them."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    """Dollars. A request that may be charged for, though nobody said how much, counts with the most
    that it can cost."""


@dataclass
class Bill:
    """What a request costs, in dollars: the most that it can, until more is known."""

    cost: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Costs:
    """Counts what the requests of many threads use, and keeps to limits.

    Args:
        prices: dollars for a million tokens of prompts and of completions; None: no dollars.
        max_requests: most requests; None for no limit.
        max_cost: most dollars; None for no limit.
        spent: what earlier runs have used of the limits.
    """

    def __init__(
        self,
        prices: Prices | None,
        max_requests: int | None,
        max_cost: float | None,
        spent: Spent | None,
    ) -> None:
        self.prices, self.max_requests, self.max_cost = prices, max_requests, max_cost
        self._spent = Spent() if spent is None else spent
        self._reserved: list[float] = []  # the most that each request on its way can cost
        self._settled = threading.Condition()

    @property
    def spent(self) -> Spent:
        """What was used so far."""
        with self._settled:
            return self._spent

    def most(self, messages: Sequence[Message], max_tokens: int | None) -> float:
        """The most that a request can cost, in dollars: a token has at least one byte."""
        if self.prices is None or max_tokens is None:
            return 0.0
        size = sum(len(m["content"].encode("utf-8", "replace")) for m in messages)
        return self.prices.of(size + 2 * _TOKENS_A_MESSAGE * len(messages), max_tokens)

    @contextmanager
    def reserve(self, most: float) -> Iterator[Bill]:
        """Count a request and hold the most that it can cost, until it is known what it does.

        Where the rest would do for this request but for others on their way, it waits for them.
        """
        with self._settled:
            while not self._is_allowed(most):
                self._settled.wait()
            self._reserved.append(most)
            self._count(requests=1)
        bill = Bill(most)
        try:
            yield bill
        finally:
            with self._settled:
                self._reserved.remove(most)
                self._count(
                    prompt_tokens=bill.prompt_tokens or 0,
                    completion_tokens=bill.completion_tokens or 0,
                    cost=bill.cost,
                )
                self._settled.notify_all()

    def _is_allowed(self, most: float) -> bool:
        """Whether a request may be sent now; `LimitReached` where it never may."""
        spent, again = self._spent, "give the same command with a higher limit to go on"
        if self.max_requests is not None and spent.requests >= self.max_requests:
            raise LimitReached(f"{spent.requests} requests are sent, the limit: {again}", spent)
        if self.max_cost is None or spent.cost + sum(self._reserved) + most <= self.max_cost:
            return True
        if self._reserved:
            return False
        raise LimitReached(
            f"{spent.cost:.4f} of {self.max_cost:.4f} dollars are spent, and the next request can "
            f"cost {most:.4f}: {again}",
            spent,
        )

    def _count(
        self,
        requests: int = 0,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        cost: float = 0.0,
    ) -> None:
        spent = self._spent
        self._spent = Spent(
            spent.requests + requests,
            spent.prompt_tokens + prompt_tokens,
            spent.completion_tokens + completion_tokens,
            spent.cost + cost,
        )


class Estimate(NamedTuple):
    """What an evaluation asks for."""

    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    """Dollars; None without prices."""


def tokens_in(text: str) -> int:
    """About how many tokens a text has, where no tokenizer is known: one for each 3 bytes.

    Of the environments' first observations, a token of OpenAI's ``o200k_base`` has 1.9 (Sudoku) to
    3.9 bytes (river crossings), in the median 3.1.
    """
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_A_TOKEN)


def estimate(
    episodes: Iterable[tuple[Sequence[Message], int]],
    *,
    reply_tokens: int,
    prices: Prices | tuple[float, float] | None = None,
    tokens_of: Callable[[str], int] = tokens_in,
) -> Estimate:
    """How many requests an evaluation sends, and about how many tokens and dollars they use.

    >>> estimate([([{"role": "user", "content": "1 + 1 = ?"}], 1)] * 100, reply_tokens=50)
    Estimate(requests=100, prompt_tokens=1100, completion_tokens=5000, cost=None)

    Each turn sends the conversation again. That the environment says as much in every turn as in
    the first one is assumed; requests that fail and are sent again are left out.

    Args:
        episodes: for each the messages of the first turn, and how many turns it has: the most for
            an upper estimate.
        reply_tokens: of a reply: ``max_tokens`` for an upper estimate, or what a few episodes
            have shown.
        prices: dollars for a million tokens of prompts and of completions.
        tokens_of: counts the tokens of a text. The roles add 8 tokens a message.
    """
    requests = prompt = 0
    for messages, turns in episodes:
        sizes = [tokens_of(message["content"]) + _TOKENS_A_MESSAGE for message in messages]
        longer = reply_tokens + _TOKENS_A_MESSAGE + sizes[-1]  # each turn than the one before
        requests += turns
        prompt += turns * sum(sizes) + turns * (turns - 1) // 2 * longer
    completion = requests * reply_tokens
    cost = None if prices is None else Prices(*prices).of(prompt, completion)
    return Estimate(requests, prompt, completion, cost)
