"""What reports of experiments are made of: means over seeds with intervals, and their cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from reasoning_gym_envs.evaluation.statistics import Interval, student

__all__ = ["change", "over_seeds", "points", "share", "table"]


def over_seeds(values: Sequence[float]) -> Interval:
    """The mean of one value a seed, with Student's 95% interval (Student 1908).

    It is for few values, where a bootstrap is too narrow; one value has no interval: the bounds are
    infinite.

    >>> [round(bound, 3) for bound in over_seeds([0.40, 0.44, 0.42, 0.48, 0.46])]
    [0.44, 0.401, 0.479]
    """
    mean = fmean(values)
    if len(values) < 2:
        return Interval(mean, -math.inf, math.inf)
    half = student(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def share(values: Sequence[float]) -> str:
    """A share as a cell: mean and interval, in per cent.

    >>> share([0.40, 0.44, 0.42, 0.48, 0.46])
    '44% (40 to 48)'
    """
    mean, low, high = over_seeds(values)
    if len(values) < 2:
        return f"{mean:.0%}"
    return f"{mean:.0%} ({100 * max(0.0, low):.0f} to {100 * min(1.0, high):.0f})"


def points(values: Sequence[float]) -> str:
    """A difference of shares as a cell, in points.

    >>> points([0.10, 0.14, 0.12, 0.18, 0.16])
    '+14.0 (+10.1 to +17.9)'
    """
    mean, low, high = (100 * value for value in over_seeds(values))
    return f"{mean:+.1f}" if len(values) < 2 else f"{mean:+.1f} ({low:+.1f} to {high:+.1f})"


def change(values: Sequence[float]) -> str:
    """A relative change as a cell, in per cent.

    >>> change([-0.10, -0.14, -0.12, -0.18, -0.16])
    '-14% (-18 to -10)'
    """
    mean, low, high = (100 * value for value in over_seeds(values))
    return f"{mean:+.0f}%" if len(values) < 2 else f"{mean:+.0f}% ({low:+.0f} to {high:+.0f})"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
