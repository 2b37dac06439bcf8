"""Means over runs and over problems, with their intervals, and how long a run took to learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reasoning_gym_envs.evaluation import wilson_interval

__all__ = [
    "Interval",
    "area_under_curve",
    "bootstrap",
    "clustered_mean",
    "interquartile_mean",
    "on_grid",
    "pass_at",
    "steps_to_threshold",
]

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Of the last axis of an array."""


class Interval(NamedTuple):
    """An estimate, and the bounds that hold the true value in 95% of all experiments, roughly."""

    value: float
    low: float
    high: float


def interquartile_mean(values: ArrayLike) -> NDArray[np.float64]:
    """Mean of the middle half along the last axis: a quarter is cut off at either end.

    Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice",
    NeurIPS 2021, section 4.3; of n values, ⌊n / 4⌋ are cut off at either end.
    """
    ordered = np.sort(np.asarray(values, float), axis=-1)
    cut = ordered.shape[-1] // 4
    middle: NDArray[np.float64] = ordered[..., cut : ordered.shape[-1] - cut].mean(-1)
    return middle


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = values.mean(-1)
    return mean


def bootstrap(
    groups: Sequence[ArrayLike],
    statistic: Statistic = _mean,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """A statistic of all values of some groups, with its percentile bootstrap interval.

    Each resample draws from every group as many values as it has, with replacement (Efron 1979;
    stratified over tasks as Agarwal et al. 2021, section 4.1).  The same seed gives the same
    interval.  With few values it is too narrow: of five from a normal distribution, a 95% interval
    of the mean holds the true one in about 83% of all experiments.

    Raises `ValueError` when there is nothing to draw from.
    """
    arrays = [np.asarray(group, float) for group in groups]
    if not arrays or any(array.size == 0 for array in arrays):
        raise ValueError("a bootstrap needs at least one value in every group")
    rng = np.random.default_rng(seed)
    drawn = [array[rng.integers(array.size, size=(resamples, array.size))] for array in arrays]
    estimates = statistic(np.concatenate(drawn, axis=1))
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(estimates, [tail, 100 - tail])
    return Interval(float(statistic(np.concatenate(arrays))), float(low), float(high))


def pass_at(k: int, samples: int, successes: int) -> float:
    """How likely k samples of a problem have a success, estimated from more of them.

    It is the share of all choices of k samples in which there is one, 1 − C(n − c, k) / C(n, k):
    unbiased, and computed as a product so that no large numbers appear (Chen et al. 2021, arXiv
    2107.03374, section 2.1).

    Raises `ValueError` for fewer than k samples, of which nothing can be said without a bias.
    """
    if not 1 <= k <= samples:
        raise ValueError(f"pass@{k} needs {max(1, k)} samples or more, got {samples}")
    failures = samples - successes
    if failures < k:
        return 1.0
    return 1.0 - float(np.prod(1.0 - k / np.arange(failures + 1, samples + 1)))


def clustered_mean(means: ArrayLike, samples: int) -> Interval:
    """The mean of shares from 0 to 1, one a problem, each of `samples` samples of it; 95% interval.

    Samples of one problem are alike, so that k of each of n problems say less than k · n would.
    The standard error is that between the problems (clustered: Miller 2024, arXiv 2411.00640,
    section 2.2). An interval of twice that would be of width 0 where all is solved or nothing; so
    it becomes the number of independent samples that have the same error (Korn and Graubard 1998),
    which is from n to k · n, and Wilson's interval is that of so many. For one sample a problem it
    is Wilson's own.

    Raises `ValueError` when there is no problem.
    """
    values = np.asarray(means, float)
    if not values.size:
        raise ValueError("a mean needs at least one value")
    share = float(values.mean())
    least, most = values.size, values.size * samples
    variance = float(values.var()) / values.size
    independent = float(least)
    if 0 < share < 1:
        independent = share * (1 - share) / max(variance, share * (1 - share) / most)
    low, high = wilson_interval(share * independent, independent)
    return Interval(share, low, high)


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
