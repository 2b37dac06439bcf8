"""Boards: what the drawings of puzzles have in common."""

from __future__ import annotations

from typing import NamedTuple

from reasoning_gym_envs.pictures.canvas import GREY, PAPER, WHITE, Canvas, Colour, Point

SIDE = 536
"""Pixels of the side of a board's picture."""
_FOOT = 32  # pixels below the cells, for a line of text
EDGE = 36
"""Pixels beside the cells, for the names of rows and columns."""
_LARGEST_CELL = 120


class Board(NamedTuple):
    """A square picture with rows and columns of cells in its middle."""

    canvas: Canvas
    rows: int
    columns: int
    unit: float
    """Pixels of the side of a cell."""
    left: float
    top: float

    def cell(self, row: int, column: int, share: float = 1.0) -> tuple[float, float, float, float]:
        """The left, top, right and bottom edges of a cell, or of a share in its middle."""
        x, y = self.middle(row, column)
        half = self.unit * share / 2
        return x - half, y - half, x + half, y + half

    def middle(self, row: int, column: int) -> Point:
        """The middle of a cell."""
        return self.left + (column + 0.5) * self.unit, self.top + (row + 0.5) * self.unit

    def fill(self, row: int, column: int, colour: Colour, share: float = 0.95) -> None:
        """Colour a cell, or a share in its middle, with round corners."""
        self.canvas.box(*self.cell(row, column, share), colour, round=self.unit * 0.08)

    def write(self, row: int, column: int, text: str, colour: Colour, share: float = 0.7) -> None:
        """A text in the middle of a cell, as high as this share of it."""
        self.canvas.text(*self.middle(row, column), text, self.unit * share, colour)

    def foot(self, text: str) -> None:
        """A line of text below the cells."""
        middle = self.left + self.columns * self.unit / 2
        self.canvas.text(middle, SIDE - _FOOT / 2, text, min(22, 2 * SIDE // max(1, len(text))))


def board(
    rows: int,
    columns: int,
    *,
    names: bool = True,
    edge: int | None = None,
    background: Colour = WHITE,
) -> Board:
    """An empty board.

    Args:
        rows, columns: of cells.
        names: the rows are called r1, r2, … at their left, the columns c1, c2, … above them.
        edge: pixels beside the cells, at the left and above; None for those that names need.
        background: the colour behind the cells.
    """
    canvas = Canvas(SIDE, SIDE, PAPER)
    if edge is None:
        edge = EDGE if names else 0
    room = SIDE - edge
    unit = min(_LARGEST_CELL, room // columns, (room - _FOOT) // rows)
    left = edge + (room - unit * columns) // 2
    top = edge + (room - _FOOT - unit * rows) // 2
    made = Board(canvas, rows, columns, unit, left, top)
    if names:
        size = min(20.0, unit * 0.8)
        for row in range(rows):
            canvas.text(left - edge + 14, made.middle(row, 0)[1], f"r{row + 1}", size, GREY)
        for column in range(columns):
            canvas.text(made.middle(0, column)[0], top - edge + 14, f"c{column + 1}", size, GREY)
    canvas.box(left, top, left + columns * unit, top + rows * unit, background)
    return made
