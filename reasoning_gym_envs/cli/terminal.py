"""What the commands read from a terminal and write to it, much of it text that others wrote."""

from __future__ import annotations

import re
import sys
import textwrap
from io import TextIOWrapper
from typing import TextIO

PROGRAM = "reasoning-gym-envs"

_LEAD = re.compile(r"\s*(?:[-*•] |[0-9]{1,3}[.):] |:\w+ +)?")  # of an item in a list


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


def wrapped(text: str, width: int) -> str:
    r"""Break the lines that are longer than a width at spaces; a word that is longer stays whole.

    A line goes on where its own text begins, below its indentation or the mark of an item. What
    stands in a fenced block is code, and stays as it is.

    >>> print(wrapped("1. Ada is a knight, and Ben is not.", 20))
    1. Ada is a knight,
       and Ben is not.
    """
    lines = []
    is_code = False
    for line in text.split("\n"):
        is_fence = line.startswith("```")
        is_code ^= is_fence
        if len(line) <= width or is_code or is_fence:
            lines.append(line)
            continue
        lead = _LEAD.match(line)
        indent = " " * min(lead.end() if lead else 0, width // 2)
        parts = textwrap.wrap(
            line,
            width,
            subsequent_indent=indent,
            expand_tabs=False,
            replace_whitespace=False,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += parts or [""]  # nothing but spaces
    return "\n".join(lines)


def say_wrong(message: str, status: int, program: str = PROGRAM) -> int:
    """Say on standard error what is wrong; gives the exit status back."""
    print(f"{program}: error: {printable(message, lines=True)}", file=sys.stderr)
    return status
