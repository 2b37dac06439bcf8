"""The program in a response."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_PROGRAM = 100_000
"""How many characters a program may have."""

_PYTHON = frozenset({"python", "py", "python3"})
# Each begins at the beginning of a line, and none looks at a character twice.
_LOOKS_LIKE_CODE = re.compile(
    r"^[ \t]*(?:(?:async )?def \w+\(|class \w+[:(]|import \w|from [\w.]+ import |print\()",
    re.MULTILINE,
)


class Block(NamedTuple):
    """A fenced block: the name behind its opening fence in lower case, and its lines."""

    language: str
    text: str


def find_program(response: str) -> str | None:
    r"""The program in a response: of what comes after the thinking, the last fenced block.

    The last block of those that are marked as Python; where none is marked, the last of those that
    are not marked as anything. The last rather than the longest, so that a response may correct
    itself, and one rule tells the author of a response which block counts. A block that is not
    closed ends with the response. A response without any fence is a program as a whole where a
    line of it looks like Python.

    >>> find_program("First `f`.\n```python\nf = 1\n```\nBetter:\n```python\nf = 2\n```\nDone.")
    'f = 2\n'
    >>> find_program("I do not know.") is None
    True

    Returns:
        The program, of any length; None if there is none.
    """
    text = after_thinking(response)
    blocks = fenced_blocks(text)
    if blocks:
        marked = [block for block in blocks if block.language in _PYTHON]
        plain = [block for block in blocks if not block.language]
        texts = [block.text for block in marked or plain]
        return texts[-1] if texts and texts[-1].strip() else None
    return text if _LOOKS_LIKE_CODE.search(text) else None


def after_thinking(response: str) -> str:
    """What comes after the last ``</think>``; all of it where there is none."""
    return response.rpartition("</think>")[2]


def fenced_blocks(text: str) -> list[Block]:
    """The blocks between lines of three or more backticks or tildes, in their order."""
    blocks: list[Block] = []
    fence = language = ""
    indent = 0
    lines: list[str] = []
    for line in text.split("\n"):
        bare = line.strip()
        if not fence:
            if bare.startswith(("```", "~~~")):
                run = _run(bare)
                rest = bare[len(run) :].strip()
                if "`" not in rest:  # else it is code within a line of text
                    fence, language, lines = run, rest.split(" ", 1)[0].lower(), []
                    indent = len(line) - len(line.lstrip())
        elif bare.startswith(fence) and not bare.strip(fence[0]):
            blocks.append(Block(language, "".join(lines)))
            fence = ""
        else:
            # A block within a list is indented as a whole.
            outside = line[:indent].strip()
            lines.append((line if outside else line[indent:]).rstrip("\r") + "\n")
    if fence:
        blocks.append(Block(language, "".join(lines)))
    return blocks


def fenced(program: str) -> str:
    """A program in a block marked as Python, as :func:`find_program` finds it."""
    fence = "```"
    while fence in program:
        fence += "`"
    return f"{fence}python\n{program.rstrip()}\n{fence}"


def _run(line: str) -> str:
    """The fence that a line begins with."""
    return line[: len(line) - len(line.lstrip(line[0]))]
