"""A server for tests: a tiny model that samples behind the protocols of vLLM and SGLang."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import torch

from agents.common.language_model import LanguageModel, tiny


class ModelServer(ThreadingHTTPServer):
    """Samples with our own sessions; `asked` has every request, in the order in which they came.

    Args:
        policy: the model.
        port: where it listens; 0 for any that is free.
        reply: what happens to an answer before it is sent: a function of path, request and answer,
            which may return another answer, or a status and a text instead of one.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self,
        policy: LanguageModel,
        port: int = 0,
        reply: Callable[[str, Any, Any], Any] = lambda path, body, answer: answer,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.policy = policy
        self.change = reply
        self.asked: list[tuple[str, Any]] = []
        self.one_at_a_time = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, path: str, body: Any) -> Any:
        if path == "/v1/models":
            return {"data": [{"id": "tiny", "max_model_len": 4000}]}
        if path == "/v1/completions":
            return self._completion(body)
        if path == "/generate":
            return self._generation(body)
        if path == "/collective_rpc":
            assert body["method"] == "reload_weights"
            self.policy.load_weights(body["kwargs"]["weights_path"])
            return {"results": [None]}
        if path == "/update_weights_from_disk":
            self.policy.load_weights(body["model_path"])
            return {"success": True, "message": "", "num_paused_requests": 0}
        assert path == "/reset_prefix_cache"
        return None

    def _completion(self, body: Any) -> Any:
        assert body["model"] == "tiny"
        assert body["logprobs"] == 1
        assert body["return_token_ids"]
        tokens, logprobs, ended = self._sample(
            body["prompt"], body["max_tokens"], body, body.get("seed")
        )
        choice = {
            "prompt_token_ids": body["prompt"],
            "token_ids": tokens,
            "logprobs": {"token_logprobs": logprobs},
            "finish_reason": "stop" if ended else "length",
        }
        return {"choices": [choice]}

    def _generation(self, body: Any) -> Any:
        assert body["return_logprob"]
        how, prompt = body["sampling_params"], body["input_ids"]
        tokens, logprobs, ended = self._sample(
            prompt, how["max_new_tokens"], how, how.get("sampling_seed")
        )
        said = {
            "prompt_tokens": len(prompt),
            "finish_reason": {"type": "stop" if ended else "length"},
            "output_token_logprobs": [[p, t, None] for t, p in zip(tokens, logprobs, strict=True)],
        }
        return {"text": "", "output_ids": tokens[:-1] if ended else tokens, "meta_info": said}

    def _sample(
        self, prompt: list[int], most: int, how: Any, seed: int | None
    ) -> tuple[list[int], list[float], bool]:
        assert (how["top_p"], how["top_k"], how["min_p"], how["repetition_penalty"]) == (
            1,
            -1,
            0,
            1,
        )
        uniform = None
        if how["temperature"] > 0:
            uniform = torch.rand(1, most, generator=torch.Generator().manual_seed(seed))
        with self.one_at_a_time:  # sessions change the model while they sample
            self.policy.end_ids = how["stop_token_ids"]
            session = self.policy.session(how["temperature"])
            session.extend(0, prompt)
            [reply] = session.reply([0], max_new_tokens=most, uniform=uniform)
        return reply.tokens, reply.logprobs, reply.ended


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: Any) -> None:
        self.server.asked.append((self.path, body))
        answer = self.server.change(self.path, body, self.server.answer(self.path, body))
        status, text = answer if isinstance(answer, tuple) else (200, json.dumps(answer))
        data = b"" if text == "null" else text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@contextmanager
def serving(policy: LanguageModel | None = None, **settings: Any) -> Iterator[ModelServer]:
    """A server that answers meanwhile."""
    with ModelServer(policy or tiny(0), **settings) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
