"""Measuring how much is learned: floors, intervals."""

from reasoning_gym_envs.evaluation.floors import LIMITS, Floor, limit, measure
from reasoning_gym_envs.evaluation.statistics import wilson_interval

__all__ = ["LIMITS", "Floor", "limit", "measure", "wilson_interval"]
