"""Intervals of what was counted."""

from __future__ import annotations

import math


def wilson_interval(successes: float, trials: float, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval for a proportion (Wilson 1927), 95% by default.

    Trials that depend on each other count as fewer, so the numbers need not be whole.

    >>> [round(bound, 3) for bound in wilson_interval(50, 100)]
    [0.404, 0.596]
    """
    share, spread = successes / trials, z * z / trials
    centre = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return (centre - half) / (1 + spread), (centre + half) / (1 + spread)
