"""A language model for tests: a local endpoint that speaks OpenAI's chat completions.

with Endpoint(lambda messages: r"\\boxed{4}") as endpoint:
    client = openai.OpenAI(base_url=endpoint.url, api_key="none")
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Message = dict[str, Any]


class Endpoint:
    """Answers on a port of its own, in threads, while its context lasts.

    Args:
        answer: is given the messages of a request and returns the text of the reply, or a whole
            message (``content``, ``reasoning_content``, ``tool_calls``). What it raises is told
            to the client as an error of the server.
    """

    def __init__(self, answer: Callable[[list[Message]], str | Message]) -> None:
        self.requests: list[dict[str, Any]] = []
        """The bodies of all requests, in the order of their arrival."""
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not self.path.endswith("/chat/completions"):
                    self._reply(404, {"error": {"message": f"nothing at {self.path}"}})
                    return
                endpoint.requests.append(body)
                try:
                    reply = answer(body["messages"])
                except Exception as error:
                    self._reply(400, {"error": {"message": repr(error)}})
                    return
                self._reply(200, _completion(body["model"], reply))

            def _reply(self, status: int, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Endpoint:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _completion(model: str, reply: str | Message) -> dict[str, Any]:
    message = {"content": reply} if isinstance(reply, str) else reply
    return {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", **message},
                "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
