"""Sets of real numbers: unions of intervals and points, in one form for each set.

An inequality such as x > 3 is read as the interval (3, ∞) that it describes.
"""

from __future__ import annotations

from functools import cmp_to_key
from typing import NamedTuple

from .equality import Evaluated, compare
from .errors import Undecided, Unreadable
from .normal_form import Calculator
from .tree import Node


class Infinity(Node):
    """An end of an interval that goes on for ever: sign 1 or -1."""

    sign: int


End = Evaluated | Infinity


class Piece(NamedTuple):
    """An interval; a single point is closed at both of its equal ends."""

    low: End
    low_closed: bool
    high: End
    high_closed: bool


class Region(Node):
    """Disjoint pieces that do not touch, in ascending order; a piece alone may have variables."""

    pieces: tuple[Piece, ...]


LINE = Region((Piece(Infinity(-1), False, Infinity(1), False),))


def interval(
    low: End, low_closed: bool, high: End, high_closed: bool, calculator: Calculator
) -> Region:
    """Return the region of one interval."""
    for end, closed in ((low, low_closed), (high, high_closed)):
        if isinstance(end, Infinity) and closed:
            raise Unreadable("an interval that contains infinity")
    try:
        order = _compare(low, high, calculator)
    except Undecided:  # an end with a variable
        return Region((Piece(low, low_closed, high, high_closed),))
    if order > 0 or (order == 0 and not (low_closed and high_closed)):
        raise Unreadable("an interval whose ends are the wrong way round")
    return Region((Piece(low, low_closed, high, high_closed),))


def points(ends: list[Evaluated], calculator: Calculator) -> Region:
    """Return the region of some points."""
    return _merged([Piece(end, True, end, True) for end in ends], calculator)


def union(regions: list[Region], calculator: Calculator) -> Region:
    """Return what is in any of the regions; pieces that touch become one."""
    return _merged([piece for region in regions for piece in region.pieces], calculator)


def complement(region: Region, calculator: Calculator) -> Region:
    """Return the real numbers that are not in a region."""
    pieces = []
    low: End = Infinity(-1)
    closed = False
    for piece in region.pieces:
        if piece.low != Infinity(-1):
            pieces.append(Piece(low, closed, piece.low, not piece.low_closed))
        low, closed = piece.high, not piece.high_closed
    if low != Infinity(1):
        pieces.append(Piece(low, closed, Infinity(1), False))
    return _merged(pieces, calculator)


def intersection(regions: list[Region], calculator: Calculator) -> Region:
    """Return what is in all of the regions."""
    outside = [complement(region, calculator) for region in regions]
    return complement(union(outside, calculator), calculator)


def _compare(a: End, b: End, calculator: Calculator) -> int:
    if isinstance(a, Infinity) or isinstance(b, Infinity):
        first = 2 * a.sign if isinstance(a, Infinity) else 0
        second = 2 * b.sign if isinstance(b, Infinity) else 0
        return (first > second) - (first < second)
    return compare(a, b, calculator)


def _merged(pieces: list[Piece], calculator: Calculator) -> Region:
    """Sort the pieces, and join those that overlap or touch."""

    def order(a: Piece, b: Piece) -> int:
        return _compare(a.low, b.low, calculator) or b.low_closed - a.low_closed

    merged: list[Piece] = []
    for piece in sorted(pieces, key=cmp_to_key(order)):
        if merged:
            last = merged[-1]
            gap = _compare(piece.low, last.high, calculator)
            if gap < 0 or (gap == 0 and (piece.low_closed or last.high_closed)):
                further = _compare(piece.high, last.high, calculator)
                high, closed = (
                    (piece.high, piece.high_closed)
                    if further > 0
                    else (last.high, last.high_closed or (further == 0 and piece.high_closed))
                )
                merged[-1] = Piece(last.low, last.low_closed, high, closed)
                continue
        merged.append(piece)
    return Region(tuple(merged))
