"""A server that speaks OpenAI's chat completions, well or badly, as a test tells it.

with Server(status(429), completion("4")) as server:
    Endpoint("small", server.url).reply(...)   # the first request gets a 429, all others "4"
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # what is small is sent at once
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.answer_to({"path": self.path, "headers": dict(self.headers), "body": body})(
            self
        )

    do_GET = do_POST

    def send(self, code: int, data: bytes, **headers: str) -> None:
        self.send_response_only(code)
        usual = {"Date": self.date_time_string(), "Content-Length": str(len(data))}
        for name, value in {**usual, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Gives one answer after the other, and the last one ever after."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *answers: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[dict[str, Any]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.stopped = threading.Event()
        self._answers, self._lock = list(answers), threading.Lock()

    def answer_to(self, request: dict[str, Any]) -> Answer:
        with self._lock:
            self.requests.append(request)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is none."""

    def __enter__(self) -> Server:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


def whole(
    text: str | None = "4", finish_reason: str | None = "stop", **more: Any
) -> dict[str, Any]:
    """The body of a completion: ``usage`` in place of its own, the rest beside the text."""
    usage = more.pop("usage", {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15})
    message = {"role": "assistant", "content": text, **more}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return {"object": "chat.completion", "model": "small", "choices": [choice], "usage": usage}


def completion(text: str | None = "4", finish_reason: str | None = "stop", **more: Any) -> Answer:
    return body(json.dumps(whole(text, finish_reason, **more)).encode())


def body(data: bytes, code: int = 200, **headers: str) -> Answer:
    return lambda handler: handler.send(code, data, **headers)


def status(code: int, message: str = "try later", error_code: str = "", **headers: str) -> Answer:
    error = {"error": {"message": message, "type": "error", "code": error_code}}
    return body(json.dumps(error).encode(), code, **headers)


def cut_off(handler: Handler) -> None:
    """Promise more than is sent."""
    data = json.dumps(whole()).encode()
    handler.send(200, data[:30], **{"Content-Length": str(len(data))})
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """A completion in single bytes."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for byte in json.dumps(whole()).encode():
        handler.wfile.write(b"1\r\n%c\r\n" % byte)
    handler.wfile.write(b"0\r\n\r\n")


def reset(handler: Handler) -> None:
    """Close the connection as if the machine had gone down."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def silence(handler: Handler) -> None:
    """Say nothing for as long as the test lasts."""
    handler.server.stopped.wait()
    handler.close_connection = True
