"""Agents of Stable-Baselines3 with their default settings, through the wrappers.

    python -m baselines.benchmark.stable_baselines3

PPO, A2C and DQN learn on ``TextMaze-v0`` and ``TowerOfHanoi-v0``, level 1, dense rewards. Then they
play different problems of the test split, and act as they do in training: at random where their
policy is. The package is a comparison and no dependency: ``pip install stable-baselines3``.
"""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from stable_baselines3 import A2C, DQN, PPO
from stable_baselines3.common.base_class import BaseAlgorithm

from reasoning_gym_envs import ENVIRONMENTS, rows
from reasoning_gym_envs.wrappers import DiscreteCommands, NumericObservation

IDS = ("TextMaze-v0", "TowerOfHanoi-v0")
STEPS: dict[type[PPO] | type[A2C] | type[DQN], int] = {PPO: 12_000, A2C: 12_000, DQN: 8_000}
SEEDS = (0, 1, 2)
PROBLEMS = 300


def numeric(id: str, split: str) -> gym.Env[Any, Any]:
    """What the agents play."""
    env = gym.make(id, level=1, reward="dense", split=split)
    return NumericObservation(DiscreteCommands(env))


def success(model: BaseAlgorithm, id: str) -> float:
    """The share of test problems that a model solves."""
    count = min(PROBLEMS, ENVIRONMENTS[id].pools[1])
    env = numeric(id, "test")
    solved = 0
    for row in rows(id, count, level=1, split="test"):
        observation, _ = env.reset(seed=row["seed"])
        is_over = False
        while not is_over:
            action, _ = model.predict(observation)
            observation, _, terminated, truncated, info = env.step(int(action))
            is_over = terminated or truncated
        solved += info["is_success"]
    return solved / count


def main() -> None:
    """Print the success of each agent with each seed, and the mean of the seeds."""
    for id in IDS:
        for kind, steps in STEPS.items():
            shares = []
            for seed in SEEDS:
                model = kind("MlpPolicy", numeric(id, "train"), seed=seed, device="cpu")
                shares.append(success(model.learn(steps), id))
            each = " ".join(f"{share:.2f}" for share in shares)
            print(
                f"{id:16} {kind.__name__:4} {steps:,} steps: {sum(shares) / len(shares):.2f}"
                f" (seeds {each})",
                flush=True,
            )


if __name__ == "__main__":
    main()
