"""How fast a table learns: steps and updates per second, and the way to a solved maze.

    python -m baselines.speed.q_learning [--seeds 5]

* one environment: `QLearning` on one maze of level 3, beside FrozenLake that is only stepped and a
  loop of Q-learning on its numbers;
* many at once: updates per second of `BatchedQLearning` on one maze of 21 × 21;
* environment steps and time until the greedy policy walks to the exit, medians over the seeds, with
  the share that was solved and the length of that way as a multiple of the shortest. Trying the
  policy is not counted.

The mazes of 9 × 9, 15 × 15 and 21 × 21 are those of levels 3, 5 and 7 (with loops, keys, doors and
one-way passages) without ice. All times are those of the processor: one core.
"""

from __future__ import annotations

import argparse
import statistics
import time
from random import Random
from typing import Any, NamedTuple

import gymnasium as gym

from agents.q_learning import BatchedQLearning, QLearning, QLearningConfig

SECONDS = 2.0
SIZES = {9: 3, 15: 5, 21: 7}  # cells on a side, level
EXPLORATION: dict[str, dict[str, Any]] = {
    "sparse": {"initial_value": 1.0, "epsilon": 0.02},  # optimism is what leads through a maze
    "shaped": {"initial_value": 0.0, "epsilon": 0.02},  # progress is
}
MOST_UPDATES = {"single": 100_000, "batched": 4_000_000}


class Solved(NamedTuple):
    """How one maze was learned."""

    steps: int
    seconds: float
    detour: float


def stepping() -> float:
    """FrozenLake, stepped with random actions and nothing else."""
    env, random = gym.make("FrozenLake-v1", is_slippery=False), Random(0).random
    env.reset(seed=0)
    steps, start = 0, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        for _ in range(1_000):
            *_, terminated, truncated, _ = env.step(int(4 * random()))
            if terminated or truncated:
                env.reset()
        steps += 1_000
    return steps / spent


def lake_learner() -> float:
    """Q-learning on FrozenLake's numbers, as short as it can be written."""
    env, random = gym.make("FrozenLake-v1", is_slippery=False), Random(0).random
    values = [[0.0] * 4 for _ in range(16)]
    state, _ = env.reset(seed=0)
    steps, start = 0, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        for _ in range(1_000):
            row = values[state]
            action = int(4 * random()) if random() < 0.1 else row.index(max(row))
            state, reward, terminated, truncated, _ = env.step(action)
            future = 0.0 if terminated else max(values[state])
            row[action] += 0.5 * (float(reward) + 0.99 * future - row[action])
            if terminated or truncated:
                state, _ = env.reset()
        steps += 1_000
    return steps / spent


def settings(level: int, reward: str, seed: int, **other: Any) -> QLearningConfig:
    """Of a single learner: a text for each cell, so that the table is one of states."""
    explored = EXPLORATION[reward]
    return QLearningConfig(
        env_kwargs={"level": level, "slip": 0, "view": "coordinates", "reward": reward},
        same_problem=True,
        seed=seed,
        steps=10**9,
        learning_rate=1.0,
        epsilon_end=explored["epsilon"],
        **explored,
        **other,
    )


def single_rate(**other: Any) -> float:
    """Steps per second of a single learner, once the maze is known."""
    agent = QLearning(settings(3, "shaped", 1, log_every=1_000, **other))
    for _ in range(5):
        agent.update()
    before, start = agent.envs.steps, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        agent.update()
    return (agent.envs.steps - before) / spent


def mazes(n: int, level: int, reward: str) -> Any:
    """Mazes as numbers."""
    return gym.make_vec(
        "TextMaze-v0",
        n,
        observation="index",
        same_maze=True,
        level=level,
        slip=0,
        reward=reward,
    )


def batched_rate(n: int, reward: str) -> float:
    """Updates per second of a batch, once the maze is known."""
    agent = BatchedQLearning(mazes(n, 7, reward), **EXPLORATION[reward])
    agent.begin([1] * n)
    agent.learn(300)
    before, start = agent.updates, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        agent.learn(100)
    return (agent.updates - before) / spent


def solve_single(level: int, reward: str, seed: int) -> Solved | None:
    """Learn until a greedy episode ends at the exit; None where none does."""
    start = time.process_time()
    agent = QLearning(settings(level, reward, seed, log_every=200))
    spent, best = time.process_time() - start, shortest(level, seed)
    while agent.envs.steps < MOST_UPDATES["single"]:
        start = time.process_time()
        agent.update()
        spent += time.process_time() - start
        if agent.envs.metrics().get("success"):  # before, there is nothing to try
            score = agent.evaluate()
            if score.success:
                return Solved(agent.envs.steps, spent, score.length / best)
    return None


def solve_batched(level: int, reward: str, seed: int, n: int) -> Solved | None:
    """The same for a batch; each slot's step is a step."""
    envs, single = mazes(n, level, reward), mazes(1, level, "sparse")
    best, spent = shortest(level, seed), 0.0
    agent = BatchedQLearning(envs, **EXPLORATION[reward])
    agent.begin([seed] * n)
    while agent.updates < MOST_UPDATES["batched"]:
        start = time.process_time()
        agent.learn(10)
        spent += time.process_time() - start
        states, _ = single.reset(seed=[seed])
        for step in range(1, 4 * best):
            states, _, terminated, *_ = single.step(agent.values[:, states].argmax(axis=0))
            if terminated[0]:
                return Solved(agent.updates, spent, step / best)
    return None


def shortest(level: int, seed: int) -> int:
    """Steps of the shortest way."""
    env = gym.make("TextMaze-v0", level=level, slip=0)
    env.reset(seed=seed)
    return len(env.unwrapped.solution())  # type: ignore[attr-defined]


def summary(runs: list[Solved | None]) -> str:
    """Medians over the mazes that were solved."""
    solved = [run for run in runs if run is not None]
    if not solved:
        return f"0/{len(runs)} solved"
    steps, seconds, detour = (statistics.median(column) for column in zip(*solved, strict=True))
    return f"{len(solved)}/{len(runs)} solved {steps:>12,.0f} {seconds:>9.3f} s {detour:>6.2f}"


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=5, help="mazes of each size")
    seeds = range(1, parser.parse_args().seeds + 1)

    print("one environment: steps per second of processor time")
    for name, rate in (
        ("FrozenLake-v1, only stepped", stepping()),
        ("FrozenLake-v1, Q-learning on its numbers", lake_learner()),
        ("TextMaze-v0, Q-learning", single_rate()),
        ("TextMaze-v0, SARSA", single_rate(target="sarsa")),
        ("TextMaze-v0, Expected SARSA", single_rate(target="expected_sarsa")),
        ("TextMaze-v0, Q-learning, count bonus", single_rate(count_bonus=0.1)),
    ):
        print(f"  {name:44}{rate:>12,.0f}")

    print("\nmany at once, 21 × 21: updates per second of processor time")
    for n in (64, 256, 1024):
        for reward in EXPLORATION:
            print(f"  n = {n:<5} {reward:34}{batched_rate(n, reward):>12,.0f}")

    print("\nto a greedy solution: medians of steps, processor time, way / shortest way")
    for size, level in SIZES.items():
        for reward in EXPLORATION:
            name = f"{size} × {size}, {reward}"
            found = [solve_single(level, reward, seed) for seed in seeds]
            print(f"  {name:18} single      {summary(found)}", flush=True)
            for n in (64, 256, 1024):
                found = [solve_batched(level, reward, seed, n) for seed in seeds]
                print(f"  {name:18} n = {n:<6}  {summary(found)}", flush=True)


if __name__ == "__main__":
    main()
