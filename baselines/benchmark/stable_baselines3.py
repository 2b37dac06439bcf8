"""Agents of Stable-Baselines3 with their default settings, through the wrappers.

    python -m baselines.benchmark.stable_baselines3

PPO, A2C and DQN learn at level 1 with dense rewards: one maze, mazes that are new each episode, and
towers. Then they play that maze again and again, or different problems of the test split, and act
as they do in training: at random where their policy is. The package is a comparison and no
dependency: ``pip install stable-baselines3``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gymnasium as gym
from stable_baselines3 import A2C, DQN, PPO
from stable_baselines3.common.base_class import BaseAlgorithm

from reasoning_gym_envs import ENVIRONMENTS, rows
from reasoning_gym_envs.wrappers import DiscreteCommands, NumericObservation, SameProblem

KINDS = (PPO, A2C, DQN)
STEPS = 12_000
TASKS = (("TextMaze-v0", True), ("TextMaze-v0", False), ("TowerOfHanoi-v0", False))
SEEDS = (0, 1, 2)
EPISODES = 300


def numeric(id: str, split: str, maze: int | None = None) -> gym.Env[Any, Any]:
    """What the agents play: new problems, or that of a seed."""
    env = gym.make(id, level=1, reward="dense", split=split)
    env = NumericObservation(DiscreteCommands(env))
    return env if maze is None else SameProblem(env, seed=maze)


def different(id: str) -> Iterator[int]:
    """Seeds of different problems of the test split: as many as there are, or enough."""
    count = min(EPISODES, ENVIRONMENTS[id].pools[1])
    yield from (row["seed"] for row in rows(id, count, level=1, split="test"))


def success(model: BaseAlgorithm, env: gym.Env[Any, Any], seeds: Iterator[int]) -> float:
    """The share of episodes that a model solves."""
    solved: list[bool] = []
    for seed in seeds:
        observation, _ = env.reset(seed=seed)
        is_over = False
        while not is_over:
            action, _ = model.predict(observation)
            observation, _, terminated, truncated, info = env.step(int(action))
            is_over = terminated or truncated
        solved.append(bool(info["is_success"]))
    return sum(solved) / len(solved)


def main() -> None:
    """Print the success of each agent with each seed, and the mean of the seeds."""
    for id, is_one in TASKS:
        for kind in KINDS:
            shares = []
            for seed in SEEDS:
                maze = seed if is_one else None
                model = kind("MlpPolicy", numeric(id, "train", maze), seed=seed, device="cpu")
                model.learn(STEPS)
                if is_one:
                    played = success(model, numeric(id, "train", maze), iter(range(EPISODES)))
                else:
                    played = success(model, numeric(id, "test"), different(id))
                shares.append(played)
            each = " ".join(f"{share:.2f}" for share in shares)
            print(
                f"{id}, {'one problem' if is_one else 'new problems':12} {kind.__name__:4} "
                f"{STEPS:,} steps: {sum(shares) / len(shares):.2f} (seeds {each})",
                flush=True,
            )


if __name__ == "__main__":
    main()
