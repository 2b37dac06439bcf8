"""The experiments by their names."""

from __future__ import annotations

from baselines.experiments.budgets import BUDGETS
from baselines.experiments.distractors import DISTRACTORS
from baselines.experiments.experiment import Experiment
from baselines.experiments.length import LENGTH
from baselines.experiments.sharpening import SHARPENING
from baselines.experiments.votes import VOTES

__all__ = ["EXPERIMENTS"]

EXPERIMENTS: dict[str, Experiment] = {
    each.name: each for each in (VOTES, BUDGETS, DISTRACTORS, LENGTH, SHARPENING)
}
