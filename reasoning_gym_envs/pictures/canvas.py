"""Canvas: shapes with smooth edges and text, drawn with NumPy alone.

Every number is made by operations that IEEE 754 defines to the last bit, so a picture has the same
bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.pictures import glyphs

Colour = tuple[int, int, int]
Point = tuple[float, float]

PAPER, WHITE, INK = (247, 244, 238), (255, 253, 248), (58, 66, 86)
GREY, LIGHT, ORANGE = (128, 133, 146), (226, 222, 213), (240, 124, 60)
GREEN, RED, BLUE, RUST = (40, 140, 92), (205, 62, 72), (64, 120, 210), (192, 84, 20)
VIOLET, TEAL = (126, 86, 184), (24, 132, 140)


class Canvas:
    """A picture that is drawn on. Positions are in pixels, x to the right and y downwards.

    Args:
        height, width: of the picture in pixels.
        colour: of the empty picture.
    """

    def __init__(self, height: int, width: int, colour: Colour = PAPER) -> None:
        self.pixels: NDArray[np.uint8] = np.empty((height, width, 3), np.uint8)
        """The picture, height × width × 3."""
        self.pixels[:] = colour

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: Colour, round: float = 0
    ) -> None:
        """A filled rectangle; ``round`` is the radius of its corners."""
        middle, half = ((left + right) / 2, (top + bottom) / 2), (right - left) / 2 - round
        half_height = (bottom - top) / 2 - round
        x, y = self._grid(left, top, right, bottom)
        outside_x, outside_y = np.abs(x - middle[0]) - half, np.abs(y - middle[1]) - half_height
        corner = _length(np.maximum(outside_x, 0), np.maximum(outside_y, 0))
        distance = corner + np.minimum(np.maximum(outside_x, outside_y), 0) - round
        self._fill(left, top, right, bottom, distance, colour)

    def disk(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled circle around a point."""
        edges = x - radius, y - radius, x + radius, y + radius
        grid_x, grid_y = self._grid(*edges)
        self._fill(*edges, _length(grid_x - x, grid_y - y) - radius, colour)

    def line(self, start: Point, end: Point, width: float, colour: Colour) -> None:
        """A straight line with round ends."""
        (x0, y0), (x1, y1) = start, end
        half = width / 2
        edges = min(x0, x1) - half, min(y0, y1) - half, max(x0, x1) + half, max(y0, y1) + half
        x, y = self._grid(*edges)
        along_x, along_y = x1 - x0, y1 - y0
        square = along_x * along_x + along_y * along_y
        share = ((x - x0) * along_x + (y - y0) * along_y) / (square or 1.0)
        share = np.minimum(np.maximum(share, 0), 1)
        distance = _length(x - x0 - share * along_x, y - y0 - share * along_y) - half
        self._fill(*edges, distance, colour)

    def polygon(self, corners: Sequence[Point], colour: Colour) -> None:
        """A filled convex polygon; its corners go round with the clock."""
        edges = (
            min(x for x, _ in corners),
            min(y for _, y in corners),
            max(x for x, _ in corners),
            max(y for _, y in corners),
        )
        x, y = self._grid(*edges)
        distance = np.full(np.broadcast_shapes(x.shape, y.shape), -np.inf)
        for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
            along_x, along_y = x1 - x0, y1 - y0
            length = np.sqrt(along_x * along_x + along_y * along_y)
            side = ((x - x0) * along_y - (y - y0) * along_x) / length
            distance = np.maximum(distance, side)
        self._fill(*edges, distance, colour)

    def text(
        self, x: float, y: float, text: str, height: float, colour: Colour = INK, align: float = 0.5
    ) -> None:
        """A line of text.

        Args:
            x, y: where it stands; y is the middle of its line.
            text: characters; those without a glyph are boxes.
            height: of the line in pixels; each character is half as wide.
            colour: of the text.
            align: the part of the text that is to the left of x: 0, 0.5 or 1.
        """
        size = max(2, int(height))
        covered = glyphs.shapes(text, size).transpose(1, 0, 2).reshape(size, -1)
        left, top = round(x - covered.shape[1] * align), round(y - size / 2)
        self._blend(top, left, covered, colour)

    def paste(self, top: int, left: int, pixels: NDArray[np.uint8]) -> None:
        """Another picture, its upper left corner at a place; it has to fit."""
        height, width, _ = pixels.shape
        self.pixels[top : top + height, left : left + width] = pixels

    def _grid(
        self, left: float, top: float, right: float, bottom: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The middles of the pixels that a shape between these edges may touch."""
        rows, columns = self._touched(left, top, right, bottom)
        x = np.arange(columns.start, columns.stop) + 0.5
        y = np.arange(rows.start, rows.stop) + 0.5
        return x[None, :], y[:, None]

    def _touched(self, left: float, top: float, right: float, bottom: float) -> tuple[slice, slice]:
        height, width, _ = self.pixels.shape
        first_row, first_column = max(0, int(top) - 1), max(0, int(left) - 1)
        rows = slice(first_row, max(first_row, min(height, int(bottom) + 2)))
        return rows, slice(first_column, max(first_column, min(width, int(right) + 2)))

    def _fill(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        distance: NDArray[np.float64],
        colour: Colour,
    ) -> None:
        """Colour what is inside: where the distance to the edge, in pixels, is negative."""
        rows, columns = self._touched(left, top, right, bottom)
        covered = np.minimum(np.maximum(0.5 - distance, 0), 1) * 255
        self._blend(rows.start, columns.start, (covered + 0.5).astype(np.uint8), colour)

    def _blend(self, top: int, left: int, covered: NDArray[np.uint8], colour: Colour) -> None:
        """Mix a colour in, as far as each pixel is covered (0 to 255); outside is cut off."""
        covered = covered[max(0, -top) :, max(0, -left) :]
        top, left = max(0, top), max(0, left)
        there = self.pixels[top : top + covered.shape[0], left : left + covered.shape[1]]
        covered = covered[: there.shape[0], : there.shape[1]]
        there[:] = mixed(there, covered, np.array(colour))


def mixed(
    below: NDArray[np.uint8], covered: NDArray[np.uint8], above: NDArray[np.integer]
) -> NDArray[np.uint8]:
    """The colours above on those below, as far as each pixel is covered (0 to 255)."""
    share = covered[..., None].astype(np.int32)
    return ((below * (255 - share) + above * share + 127) // 255).astype(np.uint8)


def _length(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(x * x + y * y)  # hypot differs between machines
