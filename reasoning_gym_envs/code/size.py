"""How large a program is, for a price on size."""

from __future__ import annotations

import re

LETTERS_OF_ONE = 8

# Every alternative takes all that it can and none fails after a long look: the time is linear.
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
    | "{3}(?:\\.|[^\\])*?(?:"{3}|\Z) | '{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
    | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?
    | \w+
    | [^\w\s]
    """,
    re.VERBOSE | re.DOTALL,
)


def program_size(source: str) -> int:
    r"""The number of names, numbers, texts and signs in a program.

    White space and comments are free, so that nothing is gained by a program that is hard to
    read. A name, number or text counts once for each begun eight characters: what is packed into
    a text counts too. Any text has a size.

    >>> program_size("total = 0  # so far\nfor n in numbers:\n    total += n")
    12
    """
    size = 0
    for token in _TOKEN.finditer(source):
        if token.lastgroup != "comment":
            size += -(-len(token.group()) // LETTERS_OF_ONE)
    return size
