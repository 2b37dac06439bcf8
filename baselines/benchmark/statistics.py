"""Learning curves: how high they are, and how long a run took to learn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def steps_to_threshold(
    steps: Sequence[int], successes: Sequence[float], threshold: float
) -> int | None:
    """The first test from which all are at the threshold or above; None if there is none."""
    reached = None
    for step, success in zip(steps, successes, strict=True):
        if success < threshold:
            reached = None
        elif reached is None:
            reached = step
    return reached


def on_grid(steps: Sequence[int], values: Sequence[float], grid: ArrayLike) -> NDArray[np.float64]:
    """A curve at other steps: on a straight line between tests, as the last one after it."""
    heights: NDArray[np.float64] = np.interp(np.asarray(grid, float), steps, values)
    return heights


def area_under_curve(steps: Sequence[int], values: Sequence[float], end: int) -> float:
    """Mean height of a curve from 0 to `end`."""
    grid = np.unique([*(step for step in steps if 0 <= step <= end), 0, end])
    heights = on_grid(steps, values, grid)
    return float(((heights[1:] + heights[:-1]) / 2 * np.diff(grid)).sum() / end)
