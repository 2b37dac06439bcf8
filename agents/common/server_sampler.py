"""Sampling by a server that takes token ids: vLLM's, SGLang's, or one with the same protocol.

The fields that are asked for were read in vLLM 0.33 and SGLang 0.5.23.  The tests speak to a
server of their own, which samples with `agents.common.sampler`.

HTTP is that of the standard library: a request takes seconds, so nothing is gained by connections
that stay open.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from agents.common.engine import Engine, Reply, Request

__all__ = ["CompletionsServer", "SGLangServer", "Server", "VLLMServer"]

_AT_ONCE = 256  # requests
_SECONDS = 1800  # that a request may take
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds, after each answer that did not come
# All of the distribution, whatever generation_config.json says.
_WHOLE = {"top_p": 1.0, "top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}


class _Served(NamedTuple):
    """What a server says of its model."""

    name: str
    positions: int | None


class Server(Engine):
    """A server, and how it is spoken to.

    Args:
        address: such as ``http://localhost:8000``.
        model: which of its models, where it serves several.
    """

    is_shared = True

    def __init__(self, address: str, model: str) -> None:
        super().__init__()
        self.address = address.rstrip("/").removesuffix("/v1")
        self.model = model
        self.name = f"the server at {self.address}"
        self.waits: Sequence[float] = _WAITS

    @property
    def positions(self) -> int | None:
        """Most tokens of a prompt and its reply; None where it does not say."""
        return self._served.positions

    @property
    def served(self) -> str:
        """What it calls the model that it serves."""
        return self._served.name

    @cached_property
    def _served(self) -> _Served:
        """The model that it serves: ours by name, or the only one."""
        answer = self.ask("/v1/models")
        try:
            served = {card["id"]: card.get("max_model_len") for card in answer["data"]}
        except (AttributeError, KeyError, TypeError):
            raise ValueError(f"{self.name} does not list its models at /v1/models") from None
        name = next(iter(served)) if len(served) == 1 else self.model
        if name not in served:
            raise ValueError(
                f"{self.name} serves {', '.join(map(repr, served)) or 'no model'}, and not "
                f"{name!r}: start it with --served-model-name {name}"
            )
        return _Served(name, served[name])

    def complete(self, requests: Sequence[Request]) -> list[Reply]:
        """A reply to each request, many of them at once."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self.sample, requests))

    @abstractmethod
    def sample(self, request: Request) -> Reply:
        """A reply to a request."""

    def rest(self) -> None:
        """Nothing: its memory is its own."""

    def ask(self, path: str, body: Any = None, fix: str = "") -> Any:
        """What the server answers, as JSON has it; None for nothing.

        Where it does not answer, or says that it cannot now, it is asked again after a while.

        Args:
            path: of the address.
            body: what is posted, for JSON; None for a GET.
            fix: what to do where it refuses.

        Raises:
            ConnectionError: it never answered.
            ValueError: it refuses, or what it answers is not JSON.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, data, headers)
        problem = ""
        for wait in (0.0, *self.waits):
            time.sleep(wait)
            try:
                with urllib.request.urlopen(request, timeout=_SECONDS) as response:
                    text = response.read()
                break
            except urllib.error.HTTPError as error:
                with error:
                    problem = f"{error.code} {_excerpt(error.read())}{fix}"
                if error.code < 500 and error.code != 429:
                    raise ValueError(f"{self.name} refuses {path}: {problem}") from None
            except (OSError, http.client.HTTPException) as error:
                problem = str(getattr(error, "reason", error)) or type(error).__name__
        else:
            raise ConnectionError(
                f"{self.name} does not answer {path}: {problem}; when it is back, --resume goes on "
                "from the last checkpoint"
            )
        try:
            return json.loads(text) if text else None
        except ValueError:
            raise ValueError(f"{self.name} answers {path} with {_excerpt(text)!r}") from None


class CompletionsServer(Server):
    """A server with OpenAI's completions that takes and returns token ids, as vLLM's does.

    Its weights stay what they are.
    """

    takes_weights = False
    advice = (
        "; the server keeps the weights that it has: name one that takes new ones with "
        "vllm+http://… or sglang+http://…"
    )

    def load(self, folder: Path) -> None:
        """Refused: nothing asks for it, since ``takes_weights`` is False."""
        raise ValueError(f"{self.name} takes no weights{self.advice}")

    def sample(self, request: Request) -> Reply:
        """A reply to a request."""
        body = {
            "model": self._served.name,
            "prompt": request.tokens,
            "max_tokens": request.max_new_tokens,
            "temperature": request.temperature,
            "stop_token_ids": request.end_ids,
            "logprobs": 1,
            "return_token_ids": True,
            **_WHOLE,
        }
        if request.seed is not None:
            body["seed"] = request.seed
        answer = self.ask("/v1/completions", body)
        try:
            [choice] = answer["choices"]
            prompt, tokens = choice.get("prompt_token_ids"), choice.get("token_ids")
            logprobs = (choice.get("logprobs") or {}).get("token_logprobs")
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ValueError(f"{self.name} does not answer as a completions server") from None
        if not isinstance(tokens, list):
            raise ValueError(
                f"{self.name} returned no token ids: vLLM does from 0.10.2 on (return_token_ids), "
                "and an SGLang server is named with sglang+http://…"
            )
        if not isinstance(logprobs, list):
            raise ValueError(
                f"{self.name} returned no log-probabilities: it has to take logprobs=1"
            )
        if prompt is not None and prompt != request.tokens:
            raise ValueError(
                f"{self.name} went on from other token ids than it was given ({len(prompt)}, where "
                f"{len(request.tokens)} were sent): it must take token ids as the prompt, and add "
                "none"
            )
        return Reply(tokens, logprobs)


class VLLMServer(CompletionsServer):
    """vLLM's server in development mode, in which it takes new weights."""

    takes_weights = True
    advice = (
        "; vLLM gives the probabilities that it samples with where it is started with "
        "--logprobs-mode processed_logprobs; a server in bfloat16 is best matched with "
        "--dtype bfloat16"
    )

    def load(self, folder: Path) -> None:
        """Have it read the weights of a folder, and forget what it computed with the old ones."""
        fix = (
            "; it takes new weights where it is started with VLLM_SERVER_DEV_MODE=1, and reads "
            f"them from {folder}, which it must see (TMPDIR says where this is)"
        )
        call = {"method": "reload_weights", "kwargs": {"weights_path": str(folder)}}
        self.ask("/collective_rpc", call, fix)
        self.ask("/reset_prefix_cache", {}, fix)


class SGLangServer(Server):
    """SGLang's server, with its own protocol."""

    advice = (
        "; SGLang gives the probabilities that it samples with unless "
        "SGLANG_RETURN_ORIGINAL_LOGPROB is set; a server in bfloat16 is best matched with "
        "--dtype bfloat16"
    )

    def load(self, folder: Path) -> None:
        """Have it read the weights of a folder; it forgets what it computed with the old ones."""
        fix = f"; it reads weights from {folder}, which it must see (TMPDIR says where this is)"
        self.ask("/update_weights_from_disk", {"model_path": str(folder)}, fix)

    def sample(self, request: Request) -> Reply:
        """A reply to a request."""
        parameters = {
            "max_new_tokens": request.max_new_tokens,
            "temperature": request.temperature,
            "stop_token_ids": request.end_ids,
            **_WHOLE,
        }
        if request.seed is not None:
            parameters["sampling_seed"] = request.seed
        body = {
            "input_ids": request.tokens,
            "sampling_params": parameters,
            "return_logprob": True,
        }
        answer = self.ask("/generate", body)
        try:
            said = answer["meta_info"]
            finish, length = said["finish_reason"]["type"], said["prompt_tokens"]
            # Here the end is among the ids; output_ids may be without it.
            sampled = [(token, logprob) for logprob, token, *_ in said["output_token_logprobs"]]
        except (KeyError, TypeError, ValueError):
            raise ValueError(
                f"{self.name} does not answer /generate as SGLang does, with finish_reason, "
                "prompt_tokens and output_token_logprobs"
            ) from None
        if finish not in ("stop", "length"):
            raise ValueError(f"{self.name} broke off a reply: {finish}")
        if length != len(request.tokens):
            raise ValueError(
                f"{self.name} went on from {length} tokens, where {len(request.tokens)} were sent"
            )
        return Reply([token for token, _ in sampled], [logprob for _, logprob in sampled])


def _excerpt(text: bytes) -> str:
    """The beginning of an answer, for a message."""
    return text[:300].decode("utf-8", "replace").strip()
