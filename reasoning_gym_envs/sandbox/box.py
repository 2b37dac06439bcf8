"""Boxes: a runner somewhere, and the stream of bytes that leads to it."""

from __future__ import annotations

import json
import secrets
import time
from abc import ABC, abstractmethod
from typing import Any

STARTING_SECONDS = 60.0
GRACE_SECONDS = 180.0  # beyond four times that of a submission, for imports and a busy machine
LONGEST_REPLY = 1 << 28
LONGEST_PRINTED = 2000  # characters of what is printed beside the results


class BoxLost(Exception):
    """The box has ended, or does not answer as a runner does; it cannot be used any more."""


class Box(ABC):
    """A runner that is ready for submissions, one at a time."""

    runs = 0
    """How many submissions it has run."""
    opened_at = idle_since = 0.0
    """When it was opened, and when it last was given back, on the monotonic clock."""
    python = ""
    """The version of its Python, once it is ready."""

    def start(self) -> dict[str, Any]:
        """What the runner says of itself when it is ready."""
        hello = self._receive(time.monotonic() + STARTING_SECONDS)
        if not isinstance(hello, dict) or "python" not in hello:
            raise BoxLost("the runner did not say that it is ready")
        self.python = str(hello["python"])
        return hello

    def wait_until_ready(self) -> None:
        """Wait until nothing is left of the submission before.

        Raises:
            BoxLost: something is, or the box has ended since.
        """
        if self._receive(time.monotonic() + STARTING_SECONDS) != "ready" or self.has_more():
            raise BoxLost("it does not get ready")

    def run(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """Have a submission run by a box that is ready; its raw outcomes.

        Raises:
            BoxLost: there is no reply, or not the one to this request.
        """
        id = secrets.token_hex(16)
        names = ("setup", "source", "tests", "requires")
        body = json.dumps({name: request[name] for name in names}).encode("ascii")
        rest = {name: value for name, value in request.items() if name not in names}
        counts = {"id": id, "tests": len(request["tests"]), "body": len(body)}
        header = json.dumps({**rest, **counts}).encode("ascii")
        deadline = time.monotonic() + 4 * request["total_seconds"] + GRACE_SECONDS
        self._send(len(header).to_bytes(4, "big") + header + body, deadline)
        reply = self._receive(deadline)
        self.runs += 1
        if not isinstance(reply, dict) or reply.get("id") != id:
            raise BoxLost("a reply to something else")
        if sum(reply["pieces"]) > LONGEST_REPLY:
            raise BoxLost("a reply that is too long")
        pieces = [self._read(size, deadline).decode("utf-8", "replace") for size in reply["pieces"]]
        outcomes: list[dict[str, Any]] = reply["outcomes"]
        for outcome in outcomes:
            for name in ("frame", "stdout"):
                if name in outcome:
                    outcome[name] = pieces[outcome[name]]
            printed = "".join(pieces[number] for number in outcome.get("printed", ()))
            outcome["printed"] = printed[:LONGEST_PRINTED]
        return outcomes

    def _receive(self, deadline: float) -> Any:
        size = int.from_bytes(self._read(4, deadline), "big")
        if size > LONGEST_REPLY:
            raise BoxLost("a reply that is too long")
        try:
            return json.loads(self._read(size, deadline))
        except (ValueError, RecursionError) as error:
            raise BoxLost(f"a reply that is not JSON: {error}") from None

    @abstractmethod
    def _send(self, data: bytes, deadline: float) -> None:
        """Send bytes to the runner. Raises BoxLost."""

    @abstractmethod
    def _read(self, size: int, deadline: float) -> bytes:
        """Read so many bytes from the runner. Raises BoxLost."""

    @abstractmethod
    def has_more(self) -> bool:
        """Whether bytes have come that were not read, or the end of the stream."""

    @abstractmethod
    def was_killed(self) -> bool:
        """Whether, of a box that is lost, something outside has ended it."""

    @abstractmethod
    def hang_up(self) -> None:
        """Close the streams and nothing else, as a forked process has to; the runner ends."""

    @abstractmethod
    def remove(self) -> None:
        """End the box for certain; after :meth:`hang_up`."""
