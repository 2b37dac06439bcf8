"""Learning curves: what was solved after so many tokens or seconds, and what that took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from agents.common.run_folder import RunFolder, records_of
from baselines.experiments.tables import change, over_seeds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Point", "curve_of", "draw_curves", "solved_after", "spent_until", "until"]

Axis = Literal["tokens", "seconds"]
Curve = Sequence[Sequence[float]]
"""Points, as JSON gives them back."""


class Point(NamedTuple):
    """A test during training."""

    tokens: float
    """Sampled for learning, until then."""
    seconds: float
    """That sampling and learning took, until then; tests are not counted."""
    solved: float
    """Of the test split, at the temperature of the training."""


def curve_of(run: Path) -> list[Point]:
    """The tests of a run that learned from rewards, from before the first update on."""
    points, tokens, seconds = [], 0.0, 0.0
    config = RunFolder.read_config(run)
    episodes = config["groups"] * config["group_size"]
    for metrics in records_of(run):
        tokens += episodes * metrics.get("rounds", 1) * metrics.get("tokens_per_episode", 0.0)
        seconds += metrics.get("seconds", 0.0)
        if "test_sampled_accuracy" in metrics:
            points.append(Point(tokens, seconds, metrics["test_sampled_accuracy"]))
    return points


def spent_until(curve: Curve, solved: float, axis: Axis) -> float | None:
    """What it took to solve so much, in a straight line between tests; None where it never did.

    >>> spent_until([(0, 0, 0.25), (100, 9, 0.5), (200, 20, 0.75)], 0.625, "tokens")
    150.0
    """
    place = Point._fields.index(axis)
    if curve[0][2] >= solved:
        return 0.0
    for before, after in pairwise(curve):
        if after[2] >= solved:
            share = (solved - before[2]) / (after[2] - before[2])
            return float(before[place] + share * (after[place] - before[place]))
    return None


def solved_after(curve: Curve, spent: float, axis: Axis) -> float:
    """What is solved after so much of it, in a straight line between tests.

    >>> solved_after([(0, 0, 0.25), (100, 9, 0.5), (200, 20, 0.75)], 150, "tokens")
    0.625
    """
    place = Point._fields.index(axis)
    return float(np.interp(spent, [p[place] for p in curve], [p[2] for p in curve]))


def until(curves: Sequence[Curve], plain: Sequence[Curve], target: float, axis: Axis) -> str:
    """What it took to solve so much: of `plain` itself, and of others in relation to it."""
    mine = [spent_until(curve, target, axis) for curve in curves]
    theirs = [spent_until(curve, target, axis) for curve in plain]
    if mine == theirs:
        cell = f"{fmean(reached):,.0f}" if (reached := [m for m in mine if m is not None]) else "–"
    else:
        pairs = zip(mine, theirs, strict=True)
        ratios = [m / t - 1 for m, t in pairs if m is not None and t]
        cell = change(ratios) if ratios else "–"
    never = sum(m is None for m in mine)
    return cell + (f"; {never} of {len(mine)} never" if never else "")


def draw_curves(
    axes: Axes,
    curves: Mapping[str, Sequence[Curve]],
    colors: Sequence[Any],
    axis: Axis,
    most: float,
) -> None:
    """Draw the mean over seeds of each of some curves, by their labels, up to so much spent."""
    at = np.linspace(0, most, 60)
    for (label, seeds), color in zip(curves.items(), colors, strict=True):
        lines = [[solved_after(curve, float(x), axis) for x in at] for curve in seeds]
        means = [over_seeds(values).value for values in zip(*lines, strict=True)]
        axes.plot(at, means, color=color, label=label, lw=1.5)
    axes.set_ylim(0, 1)
    titles = {"tokens": "tokens sampled", "seconds": "seconds of training"}
    axes.set_xlabel(titles[axis], fontsize=10)
    axes.grid(alpha=0.3)
