"""Search/replace blocks in a response: how a program is changed without writing it anew."""

from __future__ import annotations

from typing import NamedTuple

MOST_BLOCKS = 50
_BEGIN, _MIDDLE, _END = "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE"


class Refused(ValueError):
    """An edit that cannot be made; the message says why, in words for the agent."""


class Block(NamedTuple):
    """One search/replace block.

    Args:
        search: the lines to be found, which must stand in exactly one place.
        replace: the lines that take their place.
    """

    search: list[str]
    replace: list[str]


def has_blocks(response: str) -> bool:
    """Whether a line of the response begins or ends a search/replace block."""
    return any(_marker(line) in (_BEGIN, _END) for line in response.split("\n"))


def read_blocks(response: str) -> list[Block]:
    """The search/replace blocks of a response, in order. What stands between them does not count.

    Raises:
        Refused: a block is not whole, or there are too many.
    """
    blocks: list[Block] = []
    search: list[str] | None = None
    replace: list[str] | None = None
    for line in response.split("\n"):
        marker = _marker(line)
        if marker == _BEGIN:
            if search is not None:
                raise Refused(f"A block has a second `{_BEGIN}` line before its `{_END}` line.")
            if len(blocks) == MOST_BLOCKS:
                raise Refused(
                    f"More than {MOST_BLOCKS} blocks: answer with the complete program instead."
                )
            search = []
        elif marker == _END:
            if search is None or replace is None:
                raise Refused(f"A `{_END}` line has no `{_BEGIN}` and `{_MIDDLE}` lines before it.")
            blocks.append(Block(search, replace))
            search = replace = None
        elif marker == _MIDDLE and search is not None and replace is None:
            replace = []
        elif replace is not None:
            replace.append(line.removesuffix("\r"))
        elif search is not None:
            search.append(line.removesuffix("\r"))
    if search is not None:
        raise Refused(f"The last block has no `{_MIDDLE if replace is None else _END}` line.")
    return blocks


def apply_blocks(program: str, blocks: list[Block]) -> str:
    """The program with all blocks applied, one after the other.

    The lines that are searched for must stand in the program as they are; where they do not, but
    with other white space at the ends of lines, or all indented further or less far, that is
    where they are.

    Raises:
        Refused: lines that are not found, or in more than one place; the program stays as it is.
    """
    lines = program.split("\n")
    for number, block in enumerate(blocks, 1):
        which = f" of block {number}" if len(blocks) > 1 else ""
        if not any(line.strip() for line in block.search):
            raise Refused(f"The SEARCH part{which} is empty: it must contain the lines to replace.")
        lines = _apply(lines, block, which)
    return "\n".join(lines)


def _apply(lines: list[str], block: Block, which: str) -> list[str]:
    size = len(block.search)
    for strip in (str, str.rstrip, str.strip):
        wanted = [strip(line) for line in block.search]
        place, again = _places([strip(line) for line in lines], wanted)
        if again is not None:
            raise Refused(
                f"The SEARCH part{which} occurs more than once in the program: add surrounding "
                "lines."
            )
        if place is not None:
            found, replace = lines[place : place + size], block.replace
            if strip is str.strip:
                replace = _reindent(block, found, which)
            return [*lines[:place], *replace, *lines[place + size :]]
    raise Refused(
        f"The SEARCH part{which} does not occur in the program: copy complete lines from it "
        "exactly."
    )


def _places(lines: list[str], wanted: list[str]) -> tuple[int | None, int | None]:
    """The first two places where lines stand, as far as there are any, in linear time.

    (Knuth, Morris and Pratt, "Fast pattern matching in strings", 1977.)
    """
    borders = [0] * len(wanted)
    matched = 0
    for n in range(1, len(wanted)):
        while matched and wanted[n] != wanted[matched]:
            matched = borders[matched - 1]
        matched += wanted[n] == wanted[matched]
        borders[n] = matched
    first, matched = None, 0
    for n, line in enumerate(lines):
        while matched and (matched == len(wanted) or line != wanted[matched]):
            matched = borders[matched - 1]
        matched += line == wanted[matched]
        if matched == len(wanted):
            place = n - len(wanted) + 1
            if first is not None:
                return first, place
            first = place
    return first, None


def _reindent(block: Block, found: list[str], which: str) -> list[str]:
    """The lines of the replace part, indented as those found are against those searched for."""
    pairs = [
        (_indent(a), _indent(b)) for a, b in zip(block.search, found, strict=True) if a.strip()
    ]
    written, there = pairs[0]
    more = there.removesuffix(written) if there.endswith(written) else None
    less = written.removesuffix(there) if written.endswith(there) else None
    for a, b in pairs:
        if not (more is not None and b == more + a) and not (less is not None and a == less + b):
            raise Refused(f"The SEARCH part{which} is indented inconsistently with the program.")
    if more is not None:
        return [more + line if line.strip() else line for line in block.replace]
    assert less is not None
    if any(line.strip() and not line.startswith(less) for line in block.replace):
        raise Refused(f"The REPLACE part{which} is indented less than its SEARCH part.")
    return [line.removeprefix(less) for line in block.replace]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _marker(line: str) -> str:
    """The line as the marker that it may be; "" for lines that are none."""
    if len(line) > 40:
        return ""
    line = line.strip()
    return line if line in (_BEGIN, _MIDDLE, _END) else ""
