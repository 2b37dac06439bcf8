"""How the two encoders of the agents with a network compare: learning, and speed.

    python -m baselines.speed.encoders [--steps 20000] [--seeds 3]

The same actor-critic with ``encoder="hashed"`` and ``"characters"``, dense rewards: trained on
problems of the train split, tested greedily on others (of the test split), and on one maze.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import time
from typing import Any

import numpy as np
import torch

from agents.actor_critic import ActorCritic, ActorCriticConfig

TASKS: dict[str, dict[str, Any]] = {
    "TextMaze-v0, level 3, one maze": {
        "env_id": "TextMaze-v0",
        "env_kwargs": {"level": 3, "view": "coordinates", "reward": "dense"},
        "same_problem": True,
    },
    "TowerOfHanoi-v0, level 1": {
        "env_id": "TowerOfHanoi-v0",
        "env_kwargs": {"reward": "dense"},
    },
    "LightsOut-v0, level 1": {
        "env_id": "LightsOut-v0",
        "env_kwargs": {"reward": "dense"},
    },
    "EquationStepsCommands-v0, level 1": {
        "env_id": "EquationStepsCommands-v0",
        "env_kwargs": {"reward": "dense"},
    },
}
ENCODERS = ("hashed", "characters")


def measure(task: dict[str, Any], encoder: str, seed: int, steps: int) -> tuple[float, float]:
    """Share of the test problems that are solved after `steps`, and steps per CPU second."""
    config = ActorCriticConfig(**task, encoder=encoder, seed=seed, steps=steps, eval_every=0)  # type: ignore[arg-type]
    agent = ActorCritic(config)
    began = time.process_time()
    while agent.envs.steps < steps:
        agent.update()
    speed = agent.envs.steps / (time.process_time() - began)
    return agent.evaluate().success, speed


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20_000, help="environment steps of a run")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each encoder on each task")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"| {arguments.steps:,} steps, {arguments.seeds} seeds | hashed | characters |")
    print("| --- | --- | --- |")
    for title, task in TASKS.items():
        cells = []
        for encoder in ENCODERS:
            runs = [
                measure(task, encoder, seed, arguments.steps) for seed in range(arguments.seeds)
            ]
            success, speed = np.mean(runs, axis=0)
            cells.append(f"{success:.0%} solved, {speed:,.0f} steps/s")
        print(f"| {title} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
