"""A model behind a server that speaks OpenAI's chat completions: vLLM, SGLang, llama.cpp, OpenAI::

    with Endpoint("my-model", "http://localhost:8000/v1", concurrency=16) as player:
        reply = player.reply(messages, turn)

The key is read from the environment when a request is signed, and is kept nowhere else. What the
server does wrong is kept apart from what the model does wrong: a request that fails is sent again,
after longer and longer waits, and in the end the episode is `Unavailable`, which is no verdict. A
request that will never be answered is `Refused`, with what to change.

Needs httpx2: ``pip install 'reasoning-gym-envs[endpoint]'``. OpenAI's own package is made with it,
too, but retries where nobody counts requests and cost, and takes any JSON for a completion.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any, AnyStr

from gymnasium.error import DependencyNotInstalled

from reasoning_gym_envs.evaluation import completions
from reasoning_gym_envs.evaluation.completions import Failure
from reasoning_gym_envs.evaluation.costs import (
    Costs,
    Estimate,
    LimitReached,
    Prices,
    Spent,
    estimate,
    tokens_in,
)
from reasoning_gym_envs.evaluation.players import (
    NO_SYSTEM_PROMPT,
    Message,
    Reply,
    Turn,
    Unavailable,
    check_temperature,
)
from reasoning_gym_envs.evaluation.suites import NamedProblem

if TYPE_CHECKING:
    import httpx2

__all__ = [
    "Endpoint",
    "Estimate",
    "LimitReached",
    "Prices",
    "Refused",
    "Spent",
    "estimate",
    "tokens_in",
]

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0  # seconds between tries, without a word from the server
_LONGEST_OBEYED = 600.0  # a server that asks for a longer pause is down
_LONGEST_BODY = 64 * 2**20  # bytes
_SHORTEST_SECRET = 12  # a "key" such as EMPTY or none, which local servers take, is no secret
_BAD_REQUEST = (400, 413, 422)
_OURS = {"model", "messages", "stream", "n"}  # fields of a request that nobody else sets


class Refused(Exception):
    """The server will not answer such a request however often it is asked; says what to change."""


class Endpoint:
    """Plays by asking a server for chat completions; any number of threads may ask it.

    >>> Endpoint("small", "http://localhost:8000/v1", max_requests=1000)
    Endpoint('small', 'http://localhost:8000/v1')

    The text of a reply is the content of its message. Thoughts that the server gives apart
    (``reasoning_content``, ``reasoning``) are :attr:`.Reply.reasoning`, and are not sent back. No
    content at all is an empty reply where there are thoughts, a call of a tool, a refusal or
    tokens; else the server has failed.

    Each request carries the seed of its turn. Whether the server samples with it is the server's
    affair: answers of a batch often differ by rounding, and hosted models give no guarantee.

    Args:
        model: its name, as ``GET {base_url}/models`` lists it.
        base_url: begins with ``https://`` or ``http://`` and mostly ends in ``/v1``.
        key_variable: name of the environment variable that holds the key. Where the variable is
            not set, no key is sent, which suits local servers.
        concurrency: requests at a time, waiting ones among them.
        max_tokens: of a reply, thoughts included; None for the server's own limit.
        limit_field: what the request calls that limit. ``max_tokens`` is understood by nearly all
            servers; OpenAI's reasoning models want ``max_completion_tokens``.
        temperature: None for the server's own.
        sends_seed: whether requests have a seed; some servers refuse it.
        continues: the server can go on with a last message of the assistant, where a request says
            ``continue_final_message``, as vLLM's does.
        extra: more fields of a request, such as ``{"top_p": 0.95}``.
        timeout: seconds for a whole reply.
        retries: how often a request that failed is sent again.
        max_requests: most requests, those that failed among them; None for no limit.
        max_cost: most dollars; None for no limit. It needs ``prices`` and ``max_tokens``: a request
            is sent only where the most that it can cost is left.
        prices: dollars for a million tokens of prompts and of completions.
        spent: what earlier runs have used of the limits.
        sleep: waits so many seconds.
        clock: seconds from some moment on.

    Raises:
        DependencyNotInstalled: there is no httpx2.
        ValueError: an argument makes no sense.
    """

    def __init__(
        self,
        model: str,
        base_url: str,
        *,
        key_variable: str = "OPENAI_API_KEY",
        concurrency: int = 8,
        max_tokens: int | None = 4096,
        limit_field: str = "max_tokens",
        temperature: float | None = None,
        sends_seed: bool = True,
        continues: bool = False,
        extra: Mapping[str, Any] | None = None,
        timeout: float = 600.0,
        retries: int = 6,
        max_requests: int | None = None,
        max_cost: float | None = None,
        prices: Prices | tuple[float, float] | None = None,
        spent: Spent | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        try:
            import httpx2
        except ImportError as error:
            raise DependencyNotInstalled(
                f"httpx2 cannot be imported ({error}), which asks servers: "
                "pip install 'reasoning-gym-envs[endpoint]'"
            ) from None
        self.model = model
        self.base_url = base_url.rstrip("/")
        self.key_variable = key_variable
        self.concurrency = concurrency
        self.max_tokens = max_tokens
        self.limit_field = limit_field
        self.temperature = temperature
        self.sends_seed = sends_seed
        self.continues = continues
        self.extra = dict(extra or {})
        self.timeout = timeout
        self.retries = retries
        self.max_cost = max_cost
        self.prices = None if prices is None else Prices(*prices)
        self._check()
        try:
            httpx2.URL(self.base_url)
            json.dumps(self.extra)
        except (httpx2.InvalidURL, TypeError) as error:
            raise ValueError(f"base_url or extra cannot be sent: {error}") from None
        self._sleep, self._clock = sleep, clock
        self._jitter = Random()  # of waiting times alone: nothing in a record depends on it
        self._costs = Costs(self.prices, max_requests, max_cost, spent)
        self._slots = threading.BoundedSemaphore(concurrency)
        self._http = httpx2
        self._client = httpx2.Client(
            auth=self._sign,
            timeout=httpx2.Timeout(timeout, connect=min(timeout, 30.0), pool=None),
            limits=httpx2.Limits(
                max_connections=concurrency, max_keepalive_connections=concurrency
            ),
            follow_redirects=False,  # the key goes where it was meant to go
        )

    def _check(self) -> None:
        """Raise `ValueError` for arguments that make no sense."""
        scheme, _, rest = self.base_url.partition("://")
        host, _, path = rest.partition("/")
        if scheme not in ("http", "https") or not host:
            raise ValueError("base_url must begin with http:// or https://, and name a server")
        if "@" in host or "?" in rest or "#" in rest:
            raise ValueError(
                "base_url must have no user, password or query, for it is recorded: put the key "
                f"into the environment variable {self.key_variable}"
            )
        if path.endswith("chat/completions"):
            raise ValueError("base_url must not have the /chat/completions at its end")
        for name, least in (("concurrency", 1), ("max_tokens", 1), ("retries", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}")
        if not self.timeout > 0:
            raise ValueError(f"timeout must be positive, got {self.timeout:g}")
        if self.prices is not None and not min(self.prices) >= 0:
            raise ValueError(f"prices must be at least 0, got {tuple(self.prices)}")
        if self.max_cost is not None and (self.prices is None or self.max_tokens is None):
            raise ValueError("max_cost needs prices and max_tokens: without them nobody knows it")
        if taken := sorted({*_OURS, self.limit_field, "temperature", "seed"} & set(self.extra)):
            raise ValueError(f"extra must not have {', '.join(taken)}: these have their own place")
        self._key()

    def __repr__(self) -> str:
        return f"Endpoint({self.model!r}, {self.base_url!r})"

    def __reduce__(self) -> Any:
        raise TypeError(
            "an Endpoint counts requests and cost in one process: share it between threads, not "
            "processes"
        )

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def about(self) -> dict[str, Any]:
        """All that replies depend on, and that JSON can write. There is no key in it."""
        return {
            "agent": self.model,
            "base_url": self.base_url,
            "max_tokens": self.max_tokens,
            "limit_field": self.limit_field,
            "temperature": self.temperature,
            "sends_seed": self.sends_seed,
            "extra": self.extra,
        }

    def check(self, problems: Sequence[NamedProblem], samples: int) -> None:
        """Find out whether samples can differ.

        Raises:
            ValueError: they cannot.
        """
        check_temperature(self.temperature, samples)

    @property
    def spent(self) -> Spent:
        """What was used so far, earlier runs included."""
        return self._costs.spent

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """Ask for the next message of a conversation, again and again where the server fails.

        The n-th wait is from half of 2ⁿ⁻¹ seconds to the whole, and at most a minute: drawn at
        random, so that clients do not all come back at once (Brooker 2015, "Exponential backoff and
        jitter"). A server that names a time (``Retry-After``) is given it, and up to a second more.

        A conversation that has outgrown the model's context is the model's affair: the reply is
        empty and cut off. A first turn that does not fit is `Refused`.

        Raises:
            Unavailable: the server failed at every try, or asks for a pause of more than 10
                minutes.
            Refused: it does not take such requests: the key, the model's name, a field.
            LimitReached: so many requests, or so much cost, are not allowed.
        """
        limits = [n for n in (self.max_tokens, turn.max_tokens) if n is not None]
        max_tokens = min(limits, default=None)
        body = self._body(messages, turn.seed, max_tokens)
        most = self._costs.most(messages, max_tokens)
        with self._slots:
            for tries in range(1, self.retries + 2):
                try:
                    return self._ask(body, most, is_first_turn=_is_first_turn(messages))
                except Failure as failure:
                    reason, pause = str(failure), failure.pause
                if pause is not None and pause > _LONGEST_OBEYED:
                    raise Unavailable(f"{self.base_url} asks for {pause:.0f} s of rest: {reason}")
                if tries <= self.retries:
                    self._sleep(self._wait(tries, pause))
        times = "once" if tries == 1 else f"{tries} times"
        raise Unavailable(f"{self.base_url} failed {times}, the last time: {reason}")

    def _wait(self, tries: int, pause: float | None) -> float:
        if pause is not None:
            return pause + self._jitter.random()
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (tries - 1))
        return longest * (1 + self._jitter.random()) / 2

    def _body(self, messages: Sequence[Message], seed: int, max_tokens: int | None) -> bytes:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [
                {"role": m["role"], "content": m["content"]}
                for m in messages
                if m != NO_SYSTEM_PROMPT
            ],
            **self.extra,
        }
        if max_tokens is not None:
            body[self.limit_field] = max_tokens
        if self.continues and messages[-1]["role"] == "assistant":
            body |= {"continue_final_message": True, "add_generation_prompt": False}
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.sends_seed:
            body["seed"] = seed
        return json.dumps(body).encode()

    def _ask(self, body: bytes, most: float, *, is_first_turn: bool) -> Reply:
        """One request."""
        with self._costs.reserve(most) as bill:
            try:
                status, headers, data = self._post(body)
            except self._http.TimeoutException:
                raise Failure(f"no answer within {self.timeout:g} seconds") from None
            except (self._http.ConnectError, self._http.ProxyError) as error:
                bill.cost = 0.0
                raise Failure(self._quoted(f"no connection: {error}")) from None
            except self._http.RequestError as error:
                name = type(error).__name__
                raise Failure(self._quoted(f"the answer broke off: {name}: {error}")) from None
            if status != 200:
                bill.cost = 0.0
                if status in _BAD_REQUEST and not is_first_turn and completions.is_too_long(data):
                    return Reply("", cut_off=True)
                raise self._error(status, headers, data)
            completion = completions.completion(data, self._quoted)
            bill.prompt_tokens, bill.completion_tokens = completion.tokens
            cost = None
            if self.prices is not None and None not in completion.tokens:
                bill.cost = cost = self.prices.of(*completion.tokens)  # type: ignore[arg-type]
        return Reply(
            self._hidden(completion.text),
            *completion.tokens,
            cut_off=completion.is_cut_off,
            cost=cost,
            reasoning=self._hidden(completion.reasoning),
        )

    def _post(self, body: bytes) -> tuple[int, httpx2.Headers, bytes]:
        """Status, headers and body of the answer, without the key.

        The client's own time-out is that between two pieces of the body: one that drips would never
        end.
        """
        end = self._clock() + self.timeout
        data = bytearray()
        with self._client.stream(
            "POST",
            f"{self.base_url}/chat/completions",
            content=body,
            headers={"Content-Type": "application/json"},
        ) as response:
            for piece in response.iter_bytes():
                data += piece
                if self._clock() > end:
                    raise Failure(f"no whole answer within {self.timeout:g} seconds")
                if len(data) > _LONGEST_BODY:
                    raise Failure(f"an answer of more than {_LONGEST_BODY} bytes")
            return response.status_code, response.headers, self._hidden(bytes(data))

    # The key. ------------------------------------------------------------------------------------

    def _key(self) -> str:
        """The key; "" where there is none."""
        key = os.environ.get(self.key_variable, "").strip()
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise ValueError(
                f"what {self.key_variable} holds is no key: it has spaces or other characters "
                "that no key has"
            )
        return key

    def _sign(self, request: httpx2.Request) -> httpx2.Request:
        if key := self._key():
            request.headers["Authorization"] = f"Bearer {key}"
        return request

    def _hidden(self, said: AnyStr) -> AnyStr:
        """What the server says without the key, should it repeat it."""
        key = self._key()
        if len(key) < _SHORTEST_SECRET:
            return said
        if isinstance(said, bytes):
            return said.replace(key.encode(), b"[key]")
        return said.replace(key, "[key]")  # in JSON it may have been written with escapes

    def _quoted(self, text: str) -> str:
        """The beginning of a text of the server, fit for a message on a terminal."""
        text = "".join(c if c.isprintable() else " " for c in self._hidden(text))
        text = " ".join(text.split())
        return text if len(text) <= 300 else f"{text[:297]}..."

    # What a status other than 200 means. ---------------------------------------------------------

    def _error(self, status: int, headers: httpx2.Headers, data: bytes) -> Exception:
        said, code = completions.said(data)
        said = self._quoted(said)
        is_out_of_credit = status == 402 or code == "insufficient_quota"
        if (status in (408, 409, 425, 429) or status >= 500) and not is_out_of_credit:
            return Failure(f"status {status}: {said}", completions.pause(headers))
        if status in (401, 403):
            key = f"the key in {self.key_variable}" if self._key() else "a request without a key"
            fix = f"set the environment variable {self.key_variable} to a valid key for it"
            # What was said is left out: servers quote parts of keys.
            return Refused(f"{self.base_url} refuses {key} (status {status}): {fix}")
        if 300 <= status < 400:
            there = self._quoted(headers.get("Location", "somewhere else")).partition("?")[0]
            fix = f"it redirects to {there}: give the base_url that it redirects to"
        elif is_out_of_credit:
            fix = "the account has no credit left: add some, and give the same command again"
        elif status == 404:
            fix = (
                "is base_url right (most end in /v1), and has the server this model "
                f"(GET {self.base_url}/models lists them)?"
            )
        elif status == 413 or (status in _BAD_REQUEST and completions.is_too_long(data)):
            fix = "the prompt and max_tokens do not fit into its context: lower max_tokens"
        elif "max_completion_tokens" in said and self.limit_field != "max_completion_tokens":
            fix = 'give limit_field="max_completion_tokens"'
        elif "temperature" in said and self.temperature is not None:
            fix = "leave temperature out"
        elif "seed" in said and self.sends_seed:
            fix = "give sends_seed=False"
        else:
            fix = "change what it names, by model, max_tokens, temperature or extra"
        return Refused(
            f"{self.base_url} refuses the request for {self.model!r} (status {status}: {said!r}): "
            f"{fix}"
        )


def _is_first_turn(messages: Sequence[Message]) -> bool:
    return all(message["role"] != "assistant" for message in messages)
