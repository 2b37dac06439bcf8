"""A picture of a maze: floor, walls, fog, trail, keys and doors, the exit and the agent.

Needs Pillow: ``pip install 'reasoning-gym-envs[render]'``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.maze.mazes import WALL, Maze
from reasoning_gym_envs.maze.views import Place
from reasoning_gym_envs.pictures.canvas import INK, PAPER, Colour
from reasoning_gym_envs.pictures.films import missing

FLOOR, ICE = (255, 253, 248), (226, 240, 250)
FOG, TRAIL, AGENT, EXIT, ONE_WAY = (
    (203, 205, 214),
    (247, 196, 118),
    (240, 124, 60),
    (62, 166, 120),
    (150, 120, 190),
)
COLOURS = ((214, 69, 80), (64, 120, 210), (56, 158, 92))

LARGEST, SMALLEST_CELL, LARGEST_CELL = 820, 16, 64  # pixels
FINER = 3  # drawn so many times as large and made smaller, which smooths the edges


def side_of(size: int) -> int:
    """The pixels of a side of the picture of a maze with so many cells on a side."""
    return (size + 1) * _cell_size(size)


def _cell_size(size: int) -> int:
    cell_size = max(SMALLEST_CELL, min(LARGEST_CELL, LARGEST // size))
    return cell_size - cell_size % 2  # films want an even number of pixels


def draw(
    maze: Maze, place: Place, visible: int | None = None, least_side: int = 0
) -> NDArray[np.uint8]:
    """The picture, height × width × 3.

    Args:
        maze: what is drawn.
        place: where the agent is, the keys that it holds, and the cells that it walked through.
        visible: the cells that are not in the fog, one bit each; None for all.
        least_side: a smaller picture stands in the middle of one of so many pixels.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise missing("Pillow") from error
    size = maze.size
    cell_size = _cell_size(size)
    unit, margin = cell_size * FINER, cell_size * FINER // 2
    side = size * unit + 2 * margin
    image = Image.new("RGB", (side, side), PAPER)
    pen = ImageDraw.Draw(image)

    def is_seen(cell: int) -> bool:
        return visible is None or bool(visible >> cell & 1)

    def middle(cell: int) -> tuple[int, int]:
        return (
            margin + cell % size * unit + unit // 2,
            margin + cell // size * unit + unit // 2,
        )

    def box(cell: int, share: float) -> tuple[float, float, float, float]:
        x, y = middle(cell)
        half = unit * share / 2
        return x - half, y - half, x + half, y + half

    def disk(cell: int, share: float, colour: Colour) -> None:
        pen.ellipse(box(cell, share), fill=colour)

    floor = ICE if maze.slip else FLOOR
    for cell in range(size * size):
        pen.rectangle(box(cell, 1.02), fill=floor if is_seen(cell) else FOG)
    if is_seen(maze.exit):
        pen.rounded_rectangle(box(maze.exit, 0.78), unit * 0.16, fill=EXIT)
        pen.rounded_rectangle(box(maze.exit, 0.46), unit * 0.1, outline=PAPER, width=unit // 12)
    points = [middle(cell) for cell in place.trail]
    if len(points) > 1:
        pen.line(points, fill=TRAIL, width=int(unit * 0.2), joint="curve")
    for cell in set(place.trail):
        disk(cell, 0.2, TRAIL)
    _draw_walls(pen, maze, is_seen, unit, margin)
    for cell, colour in maze.keys.items():
        if is_seen(cell) and not place.keys >> colour & 1:
            _draw_key(pen, *middle(cell), unit, COLOURS[colour])
    x, y = middle(place.cell)
    disk(place.cell, 0.66, PAPER)
    disk(place.cell, 0.58, AGENT)
    for eye in (-1, 1):
        pen.ellipse(
            (
                x + eye * unit * 0.11 - unit * 0.045,
                y - unit * 0.1,
                x + eye * unit * 0.11 + unit * 0.045,
                y + unit * 0.03,
            ),
            fill=INK,
        )
    held = [colour for colour in range(len(COLOURS)) if place.keys >> colour & 1]
    for number, colour in enumerate(held):  # above the maze, what the agent carries
        _draw_key(pen, margin + unit * (number + 0.5), margin * 0.5, unit * 0.8, COLOURS[colour])
    smaller = image.resize((side // FINER, side // FINER), Image.Resampling.LANCZOS)
    picture = np.array(smaller, dtype=np.uint8)
    if len(picture) >= least_side:
        return picture
    larger = np.full((least_side, least_side, 3), PAPER, np.uint8)
    edge = (least_side - len(picture)) // 2
    larger[edge : edge + len(picture), edge : edge + len(picture)] = picture
    return larger


def _draw_walls(pen: Any, maze: Maze, is_seen: Any, unit: int, margin: int) -> None:
    """Walls, doors and one-way arrows, each at the edge that two cells share."""
    size, thick = maze.size, max(2, unit // 9)
    offsets = (-size, 1, size, -1)
    for side in range(4 * size * size):
        cell, direction = divmod(side, 4)
        x, y = margin + cell % size * unit, margin + cell // size * unit
        ends = (
            ((x, y), (x + unit, y)),
            ((x + unit, y), (x + unit, y + unit)),
            ((x, y + unit), (x + unit, y + unit)),
            ((x, y), (x, y + unit)),
        )[direction]
        at_border = not (0 <= cell + offsets[direction] < size * size) or (
            direction % 2 == 1 and cell // size != (cell + offsets[direction]) // size
        )
        if not is_seen(cell) and not at_border:
            continue
        if maze.beyond[side] == WALL:
            back = 4 * (cell + offsets[direction]) + (direction ^ 2)
            if at_border or maze.beyond[back] == WALL:
                _stroke(pen, ends, thick, INK)
            else:  # where a one-way passage ends
                _draw_arrow(pen, ends, direction ^ 2, unit)
            continue
        colour = maze.doors.get(side)
        if colour is not None:
            _stroke(pen, ends, thick * 2, COLOURS[colour])
        elif side in maze.one_way:
            _draw_arrow(pen, ends, direction, unit)


def _stroke(pen: Any, ends: Any, thick: int, colour: Colour) -> None:
    pen.line(ends, fill=colour, width=thick)
    for x, y in ends:  # round ends
        half = thick / 2
        pen.ellipse((x - half, y - half, x + half, y + half), fill=colour)


def _draw_arrow(pen: Any, ends: Any, direction: int, unit: int) -> None:
    (left, top), (right, bottom) = ends
    x, y, far = (left + right) / 2, (top + bottom) / 2, unit * 0.24
    forward = ((0, -1), (1, 0), (0, 1), (-1, 0))[direction]
    aside = (-forward[1], forward[0])
    pen.polygon(
        [
            (x + forward[0] * far, y + forward[1] * far),
            (x + (aside[0] - forward[0]) * far, y + (aside[1] - forward[1]) * far),
            (x - (aside[0] + forward[0]) * far, y - (aside[1] + forward[1]) * far),
        ],
        fill=ONE_WAY,
    )


def _draw_key(pen: Any, x: float, y: float, unit: float, colour: Colour) -> None:
    ring, thick = unit * 0.15, max(2, int(unit * 0.09))
    left = x - unit * 0.16
    pen.ellipse((left - ring, y - ring, left + ring, y + ring), outline=colour, width=thick)
    pen.line((left + ring, y, x + unit * 0.34, y), fill=colour, width=thick)
    for tooth in (0.2, 0.31):
        at = x + unit * tooth
        pen.line((at, y, at, y + unit * 0.15), fill=colour, width=thick)
