"""Pictures for the course: a maze with numbers in its cells and arrows from one to the next."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

ARROWS = {"north": (0, -0.6), "east": (0.6, 0), "south": (0, 0.6), "west": (-0.6, 0)}

Cell = tuple[int, int]


def draw_maze(
    map_text: str,
    values: Mapping[Cell, float] | None = None,
    arrows: Mapping[Cell, str] | None = None,
    *,
    title: str = "",
    axes: Axes | None = None,
) -> Axes:
    """Draw a maze from its map in characters, as ``view="map"`` gives it.

    Cells are (column, row), counted from 1 as ``view="coordinates"`` does.

    Args:
        map_text: the map; "#" is a wall.
        values: a number for some cells; cells without one stay white.
        arrows: a command for some cells: "north", "east", "south" or "west".
        title: what stands above the picture.
        axes: where to draw; None for a new figure.
    """
    lines = [line for line in map_text.splitlines() if line.startswith("#")]
    walls = np.array([[character == "#" for character in line] for line in lines])
    side = walls.shape[0]
    if axes is None:
        axes = plt.subplots(figsize=(3.6, 3.6), dpi=70)[1]
    shown = np.full(walls.shape, np.nan)
    for (column, row), value in (values or {}).items():
        shown[2 * row - 1, 2 * column - 1] = value
    # A cell's colour goes on into the open squares beside it.
    for y, x in np.argwhere(~walls & np.isnan(shown)):
        around = shown[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
        if (y + x) % 2 and not np.isnan(around).all():
            shown[y, x] = np.nanmean(around)
    axes.imshow(shown, cmap="YlGnBu", vmin=0, vmax=1)
    axes.imshow(np.where(walls, 1.0, np.nan), cmap="gray_r", vmin=0, vmax=1.4)
    for (column, row), command in (arrows or {}).items():
        dx, dy = ARROWS[command]
        x, y = 2 * column - 1, 2 * row - 1
        axes.annotate(
            "", (x + dx, y + dy), (x - dx, y - dy), arrowprops={"arrowstyle": "->", "color": "C3"}
        )
    for y, line in enumerate(lines):
        for x, character in enumerate(line):
            if character in "@E":
                axes.text(x, y, character, ha="center", va="center", weight="bold")
    axes.set(xticks=[], yticks=[], title=title, xlim=(-0.5, side - 0.5), ylim=(side - 0.5, -0.5))
    return axes
