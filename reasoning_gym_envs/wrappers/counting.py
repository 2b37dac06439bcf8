"""Texts cut to a number of tokens, whatever counts them."""

from __future__ import annotations

from collections.abc import Callable

Count = Callable[[str], int]
"""How many tokens (or characters, or words) a text has."""


def longest_start(text: str, limit: int, count: Count = len) -> str:
    """The longest start of a text that has at most ``limit`` tokens.

    Found by bisection, with about log₂ of its length counts. A tokenizer whose counts do not quite
    rise with the text may have a slightly longer one; what is returned never counts more.

    >>> longest_start("one two three", 2, count=lambda text: len(text.split()))
    'one two '
    """
    if count is len:
        return text[: max(0, limit)]
    return text[: _longest(len(text), limit, lambda length: count(text[:length]))]


def longest_end(text: str, limit: int, count: Count = len) -> str:
    """The longest end of a text that has at most ``limit`` tokens; see :func:`longest_start`.

    >>> longest_end("one two three", 5)
    'three'
    """
    size = len(text)
    if count is len:
        return text[max(0, size - max(0, limit)) :]
    return text[size - _longest(size, limit, lambda length: count(text[size - length :])) :]


def _longest(size: int, limit: int, count_of: Callable[[int], int]) -> int:
    """The largest length of at most ``size`` that counts at most ``limit``; 0 if there is none."""
    if limit <= 0:
        return 0
    if count_of(size) <= limit:
        return size
    # An end that doubles keeps the counting proportional to the limit, not to the text.
    low, high = 0, min(size, max(1, limit))
    while high < size and count_of(high) <= limit:
        low, high = high, min(size, 2 * high)
    while high - low > 1:
        middle = (low + high) // 2
        if count_of(middle) <= limit:
            low = middle
        else:
            high = middle
    return low
