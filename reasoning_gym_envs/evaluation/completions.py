"""Reading what a server of chat completions says: data, of any type and size.

Whatever is no completion, or none that came to its end, is a :class:`Failure` of the server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple

__all__ = ["Completion", "Failure", "completion", "is_too_long", "pause", "said"]


class Failure(Exception):
    """The server failed this time; ``pause`` is how many seconds it asks to wait, if it does."""

    def __init__(self, message: str, pause: float | None = None) -> None:
        super().__init__(message)
        self.pause = pause


class Completion(NamedTuple):
    """What a model said."""

    text: str
    reasoning: str
    is_cut_off: bool
    tokens: tuple[int | None, int | None]


def completion(data: bytes, quoted: Callable[[str], str]) -> Completion:
    """What a body of status 200 says; `Failure` where it is no completion."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        begin = quoted(data[:100].decode("utf-8", "replace"))
        raise Failure(f"the body is no JSON, or a part of one: {begin!r}") from None
    if not isinstance(whole, dict):
        raise Failure("the body is no JSON object")
    if whole.get("error"):
        raise Failure(f"status 200, but an error: {quoted(said(data)[0])}")
    choices = whole.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise Failure("there is no choice with a message in the answer")
    reason = choice.get("finish_reason")
    if not isinstance(reason, str):
        raise Failure("it is not said how the completion ended: there is no finish_reason")
    if reason in ("error", "abort", "cancelled"):
        raise Failure(f"the completion did not come to its end: finish_reason {reason!r}")
    tokens = _usage(whole.get("usage"))
    text, thoughts = _parts(message.get("content"))
    for name in ("reasoning_content", "reasoning"):
        if not thoughts and isinstance(message.get(name), str):
            thoughts = message[name]
    if text is None:
        signs = (thoughts, message.get("tool_calls"), message.get("refusal"), tokens[1])
        if message.get("content") is not None or not any(signs):
            raise Failure("the message has no text")
    return Completion(_whole(text or ""), _whole(thoughts), reason == "length", tokens)


def _parts(content: object) -> tuple[str | None, str]:
    """Text, None where there is none, and thoughts: some servers give both as a list of parts."""
    if isinstance(content, str):
        return content, ""
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        return None, ""
    thoughts = [part["thinking"] for part in content if "thinking" in part]
    inner = [part for each in thoughts if isinstance(each, list) for part in each]
    texts = [part["text"] for part in content if isinstance(part.get("text"), str)]
    return "".join(texts) if texts else None, "".join(
        [each for each in thoughts if isinstance(each, str)]
        + [
            part["text"]
            for part in inner
            if isinstance(part, dict) and isinstance(part.get("text"), str)
        ]
    )


def _whole(text: str) -> str:
    """A text that UTF-8 can write: JSON may have halves of pairs, which become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _usage(usage: object) -> tuple[int | None, int | None]:
    """Tokens of the prompt and of the completion, thoughts included; None where it is not said.

    Some servers leave thoughts out of ``completion_tokens``, but in ``total_tokens``.
    """
    if not isinstance(usage, dict):
        return None, None
    counts = [usage.get(f"{name}_tokens") for name in ("prompt", "completion", "total")]
    prompt, completion, total = (n if type(n) is int and 0 <= n < 2**53 else None for n in counts)
    if prompt is not None and completion is not None and total is not None:
        completion = max(completion, total - prompt)
    return prompt, completion


def said(data: bytes) -> tuple[str, str]:
    """The message and the code of an error."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return data[:1000].decode("utf-8", "replace"), ""
    error = whole.get("error", whole) if isinstance(whole, dict) else whole
    of_error = error if isinstance(error, dict) else {"message": error}
    message = of_error.get("message")
    if not isinstance(message, str):
        message = data.decode("utf-8", "replace")
    codes = (of_error.get("code"), of_error.get("type"))
    return message[:1000], next((code for code in codes if isinstance(code, str) and code), "")


def is_too_long(data: bytes) -> bool:
    """Whether an error says that the conversation does not fit: servers have their own words."""
    message, code = said(data)
    words = ("context length", "context size", "context window", "prompt is too long")
    return code == "context_length_exceeded" or any(word in message.lower() for word in words)


def pause(headers: Mapping[str, str]) -> float | None:
    """How many seconds the server asks to wait: ``Retry-After`` has a number or a date (RFC 9110).

    A date is taken relative to the server's own clock.
    """
    value = headers.get("Retry-After", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            there, now = (parsedate_to_datetime(v) for v in (value, headers.get("Date", "")))
            seconds = (there - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return seconds if seconds >= 0 else None
