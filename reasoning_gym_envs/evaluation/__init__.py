"""Evaluation: suites of problems, who plays them, the record, and what it says."""

from reasoning_gym_envs.evaluation.floors import LIMITS, Floor, limit, measure
from reasoning_gym_envs.evaluation.players import Player, Reply, Turn, Unavailable
from reasoning_gym_envs.evaluation.run import EvaluationStopped, evaluate
from reasoning_gym_envs.evaluation.statistics import wilson_interval
from reasoning_gym_envs.evaluation.suites import Suite, load_suite, suite_of
from reasoning_gym_envs.evaluation.summary import Scores, Summary, summarise

__all__ = [
    "LIMITS",
    "EvaluationStopped",
    "Floor",
    "Player",
    "Reply",
    "Scores",
    "Suite",
    "Summary",
    "Turn",
    "Unavailable",
    "evaluate",
    "limit",
    "load_suite",
    "measure",
    "suite_of",
    "summarise",
    "wilson_interval",
]
