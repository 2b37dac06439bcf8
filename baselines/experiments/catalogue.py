"""The experiments by their names."""

from __future__ import annotations

from baselines.experiments.budgets import BUDGETS
from baselines.experiments.curriculum import CURRICULUM
from baselines.experiments.distillation import DISTILLATION
from baselines.experiments.distractors import DISTRACTORS
from baselines.experiments.equal_budget import EQUAL_BUDGET
from baselines.experiments.experiment import Experiment
from baselines.experiments.filters import FILTERS
from baselines.experiments.generalisation import GENERALISATION
from baselines.experiments.length import LENGTH
from baselines.experiments.one_problem import ONE_PROBLEM
from baselines.experiments.reward_kinds import REWARD_KINDS
from baselines.experiments.sharpening import SHARPENING
from baselines.experiments.unsupervised import UNSUPERVISED
from baselines.experiments.votes import VOTES

__all__ = ["EXPERIMENTS"]

EXPERIMENTS: dict[str, Experiment] = {
    each.name: each
    for each in (
        VOTES,
        BUDGETS,
        DISTRACTORS,
        LENGTH,
        SHARPENING,
        ONE_PROBLEM,
        FILTERS,
        GENERALISATION,
        REWARD_KINDS,
        CURRICULUM,
        EQUAL_BUDGET,
        UNSUPERVISED,
        DISTILLATION,
    )
}
