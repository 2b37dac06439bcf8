"""The agents by name: what ``train``, ``evaluate`` and ``benchmark`` choose from.

An agent called ``name`` is a class of ``agents/name.py``, and its settings are the class of the
same name and ``Config``.  Modules are imported when they are asked for: PyTorch takes seconds.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, NamedTuple

from agents.common.run_folder import RunFolder

__all__ = ["ALGORITHMS", "LANGUAGE", "agent_class", "config_class", "name_of_run"]


class Algorithm(NamedTuple):
    """What is known of an agent before its module is imported."""

    agent: str
    """Name of its class."""
    description: str
    """A line for ``--help``."""


ALGORITHMS = {
    "q_learning": Algorithm("QLearning", "Train a table of values (or SARSA, Expected SARSA)."),
    "reinforce": Algorithm("Reinforce", "Train a policy on whole returns, with a baseline."),
    "actor_critic": Algorithm("ActorCritic", "Train a policy and its values: A2C with GAE."),
    "ppo": Algorithm("PPO", "Train a policy with clipped updates, each rollout used many times."),
    "trpo": Algorithm("TRPO", "Train a policy with steps as long as a trust region allows."),
    "grpo": Algorithm("GRPO", "Train a language model on rewards alone."),
    "ppo_language": Algorithm("PPOLanguage", "Train a language model on rewards, with a critic."),
    "trpo_language": Algorithm(
        "TRPOLanguage", "Train a language model on rewards, by steps within a trust region."
    ),
    "expert_iteration": Algorithm(
        "ExpertIteration", "Train a language model on its own successes, again and again."
    ),
    "dpo": Algorithm("DPO", "Train a language model on pairs of right and wrong, by verdict."),
    "distillation": Algorithm(
        "Distillation", "Train a language model on what another one, its teacher, would say."
    ),
    "imitation": Algorithm(
        "Imitation",
        "Train a language model on an environment's own solutions: the warm start for GRPO.",
    ),
}

LANGUAGE = (
    "grpo",
    "ppo_language",
    "trpo_language",
    "expert_iteration",
    "dpo",
    "distillation",
    "imitation",
)
"""Those that are language models."""


def agent_class(name: str) -> Any:
    """The class of an agent."""
    return getattr(importlib.import_module(f"agents.{name}"), ALGORITHMS[name].agent)


def config_class(name: str) -> Any:
    """The dataclass of its settings."""
    return getattr(importlib.import_module(f"agents.{name}"), f"{ALGORITHMS[name].agent}Config")


def name_of_run(folder: Path) -> str:
    """Which agent a run folder is of.

    Raises `FileNotFoundError` when there is no run, and `ValueError` when its agent is unknown.
    """
    written = RunFolder.read_config(folder)["algorithm"]
    for name, algorithm in ALGORITHMS.items():
        if algorithm.agent.lower() == written:
            return name
    raise ValueError(f"the run in {str(folder)!r} is one of {written!r}, which is not known here")
