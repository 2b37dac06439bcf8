"""Text that others wrote, shown in a terminal."""

from __future__ import annotations

import sys
from typing import TextIO


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
