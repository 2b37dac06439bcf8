"""What the commands read from a terminal and write to it, much of it text that others wrote."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import TextIO

PROGRAM = "reasoning-gym-envs"


def accept_any_text() -> None:
    """Let no byte that is read, and no character that is written, be an error.

    What is no text in the encoding of standard input is read as lone surrogates; what standard
    output cannot write (lines and dots, where its encoding is an old one) is spelled out.
    """
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=errors)


def printable(text: str, *, lines: bool = False, stream: TextIO | None = None) -> str:
    r"""Spell out what would control a terminal, or cannot be written to it.

    Args:
        text: what a model or a file says.
        lines: line ends stay.
        stream: where it will be written, for its encoding; None for standard output.

    >>> print(printable("red: \x1b[31m"))
    red: \x1b[31m
    >>> print(printable("one\ntwo\r", lines=True))
    one
    two\r
    """
    kept = "\n" if lines else ""
    shown = "".join(
        character
        if character.isprintable() or character in kept
        else character.encode("unicode_escape").decode()
        for character in text
    )
    encoding = getattr(stream or sys.stdout, "encoding", None) or "utf-8"
    return shown.encode(encoding, errors="backslashreplace").decode(encoding)


def say_wrong(message: str, status: int) -> int:
    """Say on standard error what is wrong; gives the exit status back."""
    print(f"{PROGRAM}: error: {printable(message, lines=True)}", file=sys.stderr)
    return status
