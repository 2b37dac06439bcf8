"""Agents that do not learn: the floor and the ceiling that the others are measured between."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

__all__ = ["RandomAgent", "ReferenceAgent"]


class RandomAgent:
    """Acts at random: an admissible command where the environment lists them, else a sample."""

    def __init__(self, action_space: gym.Space[Any], seed: int = 0) -> None:
        self.seed = seed
        self.action_space = copy.deepcopy(action_space)  # its generator is not the environment's
        self.action_space.seed(seed)
        self.rng = np.random.default_rng(seed)

    def act(self, observation: Any, info: dict[str, Any] | None = None) -> Any:
        """A random action; the observation is not looked at."""
        commands = (info or {}).get("admissible_commands")
        if commands:
            return commands[int(self.rng.integers(len(commands)))]
        return self.action_space.sample()

    def learn(self, *_: Any, **__: Any) -> None:
        """Nothing to learn."""

    def save(self, folder: str | Path) -> None:
        """Write what `load` needs."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / "agent.json").write_text(json.dumps({"seed": self.seed}) + "\n")

    @classmethod
    def load(cls, folder: str | Path, action_space: gym.Space[Any]) -> RandomAgent:
        """The agent that `save` wrote, at the start of its random numbers."""
        return cls(action_space, **json.loads((Path(folder) / "agent.json").read_text()))


class ReferenceAgent:
    """Plays the environment's own solution, which every environment has."""

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        self.env = env
        self._actions: list[Any] = []

    def act(self, observation: Any, info: dict[str, Any] | None = None) -> Any:
        """The next action of the solution; ``info["turn"]`` of 0 begins an episode."""
        if not self._actions or not info or info.get("turn", 0) == 0:
            self._actions = list(self.env.unwrapped.solution())  # type: ignore[attr-defined]
        return self._actions.pop(0)

    def learn(self, *_: Any, **__: Any) -> None:
        """Nothing to learn."""

    def save(self, folder: str | Path) -> None:
        """Nothing to write: the solution comes from the environment."""
        Path(folder).mkdir(parents=True, exist_ok=True)

    @classmethod
    def load(cls, folder: str | Path, env: gym.Env[Any, Any]) -> ReferenceAgent:
        """An agent for `env`; the folder holds nothing."""
        return cls(env)
