"""The program in a response."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_PROGRAM = 100_000
"""How many characters a program may have."""

_PYTHON = re.compile(r"(?:i?python|py)(?:[23](?:\.[0-9]+)?)?|.*\.py")
_LANGUAGE = re.compile(r"[\s{\[.:]*([\w.+#/-]*)")
_MARK_ALONE = re.compile(r"[\w{}.:,-]*")
# Each begins at the beginning of a line, and none looks at a character twice.
_LOOKS_LIKE_CODE = re.compile(
    r"^[ \t]*(?:(?:async )?def \w+\(|class \w+[:(]|import \w|from [\w.]+ import |print\()",
    re.MULTILINE,
)
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"
_BLANK = _INVISIBLE + " \t\r"
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|[0-9]{1,9}[.)])\s+")
# Quotes, but for the apostrophes within words.
_END_OF_THINKING = re.compile(r"</think>|\"|(?<!\w)'|'(?!\w)")


class Block(NamedTuple):
    """A fenced block: the name behind its opening fence in lower case, and its lines."""

    language: str
    text: str


def find_program(response: str, name: str = "") -> str | None:
    r"""The program in a response: of what comes after the thinking, the last fenced block.

    The last block of those that are marked as Python; where none is marked, the last of those that
    are not marked as anything. The last rather than the longest, so that a response may correct
    itself, and one rule tells the author of a response which block counts. Where a name has to be
    defined, the last block that defines it, if any does: what follows it is example usage. A block
    that is not closed ends with the response. A response without any fence is a program as a whole
    where a line of it looks like Python.

    >>> find_program("First `f`.\n```python\nf = 1\n```\nBetter:\n```python\nf = 2\n```\nDone.")
    'f = 2\n'
    >>> find_program("```python\ndef f(): return 1\n```\nUse it:\n```python\nf()\n```", "f")
    'def f(): return 1\n'
    >>> find_program("I do not know.") is None
    True

    Args:
        response: what was answered.
        name: what the program has to define; "" for nothing.

    Returns:
        The program, of any length; None if there is none.
    """
    text = _without_invisible(after_thinking(response))
    blocks = fenced_blocks(text)
    if not blocks:
        return text if _LOOKS_LIKE_CODE.search(text) else None
    marked = [block.text for block in blocks if _PYTHON.fullmatch(block.language)]
    plain = [block.text for block in blocks if not block.language]
    defining = [text for text in (*plain, *marked) if name and _defines(text, name)]
    chosen = defining or marked or plain
    return chosen[-1] if chosen and chosen[-1].strip() else None


def after_thinking(response: str) -> str:
    """What comes after the last ``</think>`` that is not in a string; all of it without one."""
    end = start = 0
    for line in response.splitlines(keepends=True):
        if "</think>" in line:
            end = _end_of_thinking(line, start) or end
        start += len(line)
    return response[end:]


def fenced_blocks(text: str) -> list[Block]:
    """The blocks between lines of three or more backticks or tildes, in their order.

    The opening fence may follow on words where it is marked as Python, or after a colon. The
    closing one may follow on the last line of the code.
    """
    blocks: list[Block] = []
    fence = language = ""
    indent = 0
    lines: list[str] = []
    for line in text.split("\n"):
        bare = line.strip().strip(_INVISIBLE)
        opening = _opening_fence(line, bare)
        if fence and opening and bare.startswith(fence) and _PYTHON.fullmatch(opening[1]):
            blocks.append(_block(language, lines, indent))  # which was not closed
            fence = ""
        if not fence:
            if opening:
                (fence, language, indent), lines = opening, []
        elif _closes(bare, fence):
            if not bare.startswith(fence):
                lines.append(line[: line.rindex(fence)])
            blocks.append(_block(language, lines, indent))
            fence = ""
        else:
            lines.append(line.rstrip("\r"))
    if fence:
        blocks.append(_block(language, lines, indent))
    return blocks


def fenced(program: str) -> str:
    """A program in a block marked as Python, as :func:`find_program` finds it."""
    fence = "```"
    while fence in program:
        fence += "`"
    return f"{fence}python\n{program.rstrip()}\n{fence}"


def _opening_fence(line: str, bare: str) -> tuple[str, str, int] | None:
    """The fence that a line opens, its language, and by how much the block may be indented."""
    words = ""
    if not bare.startswith(("```", "~~~")):
        words, mark, bare = bare.partition("```")
        bare = mark + bare
    if not bare:
        return None
    fence = bare[: len(bare) - len(bare.lstrip(bare[0]))]
    rest = bare[len(fence) :].strip().strip(_INVISIBLE)
    if "`" in rest:  # it is code within a line of text
        return None
    found = _LANGUAGE.match(rest)
    assert found is not None
    language = found[1].lower()
    item = _LIST_ITEM.match(line)
    if item and item.end() + len(bare) == len(line.rstrip()):
        return fence, language, item.end()
    if words:
        is_marked = _PYTHON.fullmatch(language) and _MARK_ALONE.fullmatch(rest)
        if not is_marked and (rest or not words.rstrip().endswith(":")):
            return None
    return fence, language, len(line) - len(line.lstrip())


def _closes(bare: str, fence: str) -> bool:
    """Whether a line closes a block: by a fence, before a tag or after the last of the code."""
    if bare.startswith(fence):
        rest = bare.lstrip(fence[0])
        return not rest or rest.startswith("<")
    return bare.endswith(fence) and bare.count(fence) == 1 and "#" not in bare


def _block(language: str, lines: list[str], indent: int) -> Block:
    """A block of lines, which within a list are indented as a whole."""
    own = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    indent = min((indent, *own))
    return Block(language, "".join(f"{line[indent:]}\n" for line in lines))


def _end_of_thinking(line: str, start: int) -> int:
    """Where thinking ends in a line; 0 where it does not: the word is in a string."""
    end = pending = 0
    quote = ""
    for found in _END_OF_THINKING.finditer(line):
        if found[0] == "</think>":
            pending = start + found.end()
            if not quote:
                end = pending
        elif not quote:
            quote = found[0]
        elif found[0] == quote:
            quote, pending = "", 0
    return pending or end


def _defines(text: str, name: str) -> bool:
    """Whether a text defines a name, in a line that begins with it."""
    pattern = rf"^(?:(?:async[ \t]+)?def[ \t]+|class[ \t]+){name}\b|^{name}[ \t]*(?:=(?!=)|:)"
    return re.search(pattern, text, re.MULTILINE) is not None


def _without_invisible(text: str) -> str:
    """A text without marks at the ends of lines that show nothing, and that Python refuses."""
    if not any(mark in text for mark in _INVISIBLE):
        return text
    lines = []
    for line in text.split("\n"):
        code = line.lstrip(_BLANK)
        indent = line[: len(line) - len(code)].translate(dict.fromkeys(map(ord, _INVISIBLE)))
        lines.append(indent + code.rstrip(_BLANK))
    return "\n".join(lines)
