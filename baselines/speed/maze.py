"""Text steps per second of mazes: the native batch, one by one, and peers where installed.

python -m baselines.speed.maze

Commands are uniformly random, drawn beforehand; automatic resets, each into a new maze, are
included. The time is that of the processor: one core.
"""

from __future__ import annotations

import time
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.wrappers.vector import RecordEpisodeStatistics

import reasoning_gym_envs  # noqa: F401
from reasoning_gym_envs.wrappers import DiscreteCommands, NumericObservation, vector

SECONDS = 2.0
WORDS = ("north", "east", "south", "west")
DRAWN = 64  # steps' worth of commands, used again and again
ROUNDS = 4  # in turn, so that a drift of the machine's speed hits both
PLAIN_LEVELS = (1, 2, 3)
VIEWS = ((1, 1024, "local"), (3, 1024, "local"), (1, 64, "coordinates"), (1, 64, "map"))


def rate(n: int, mode: str, actions: str = "text", **arguments: Any) -> float:
    """Steps of single environments per second."""
    envs = gym.make_vec("TextMaze-v0", n, vectorization_mode=mode, **arguments)
    return stepped(envs, actions)


def stepped(envs: Any, actions: str) -> float:
    """Steps of the environments in a vector environment per second."""
    n = envs.num_envs
    numbers = np.random.default_rng(0).integers(len(WORDS), size=(DRAWN, n))
    commands: list[Any] = list(numbers)
    if actions == "text":
        commands = [[WORDS[number] for number in row] for row in numbers.tolist()]
    envs.reset(seed=0)
    for step in range(DRAWN * 5):
        envs.step(commands[step % DRAWN])
    steps, start = 0, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        for command in commands:
            envs.step(command)
        steps += DRAWN * n
    envs.close()
    return steps / spent


def in_numbers(level: int, n: int, view: str) -> tuple[float, float, float, float]:
    """The batch in text, in numbers with masks, with statistics as well, and one by one.

    Each is the best of two rounds, in turn.
    """

    def batch() -> Any:
        return gym.make_vec("TextMaze-v0", n, level=level, view=view)

    def numeric() -> Any:
        return vector.NumericObservation(vector.DiscreteCommands(batch()))

    sync = gym.make_vec(
        "TextMaze-v0",
        64,
        vectorization_mode="sync",
        wrappers=[DiscreteCommands, NumericObservation],
        level=level,
        view=view,
    )
    made = (batch(), numeric(), RecordEpisodeStatistics(numeric()), sync)
    rounds = [[stepped(envs, "index") for envs in made] for _ in range(2)]
    texts, numbers, counted, one_by_one = map(max, *rounds)
    return texts, numbers, counted, one_by_one


def single(env: gym.Env[Any, Any], actions: list[Any], seconds: float = SECONDS) -> float:
    """Steps of an environment per second, episode after episode."""
    env.reset(seed=0)
    steps, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        for action in actions:
            *_, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        steps += len(actions)
    return steps / spent


def peer(id: str, **arguments: Any) -> float | None:
    """Steps of a single peer environment per second; None where it is not installed."""
    try:
        if id.startswith("MiniGrid"):
            import minigrid  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
        env = gym.make(id, **arguments).unwrapped
    except (ImportError, gym.error.Error):
        return None
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(1000)]
    return single(env, actions)


def one_environment() -> tuple[float, float]:
    """One maze beside FrozenLake, both with the wrappers of ``gym.make``: the best of rounds."""
    numbers = np.random.default_rng(0).integers(len(WORDS), size=1000).tolist()
    maze = gym.make("TextMaze-v0", level=3, view="coordinates", same_maze=True)
    lake = gym.make("FrozenLake-v1")
    rates = [
        (
            single(maze, [WORDS[number] for number in numbers], SECONDS / ROUNDS),
            single(lake, numbers, SECONDS / ROUNDS),
        )
        for _ in range(ROUNDS)
    ]
    return max(rate for rate, _ in rates), max(rate for _, rate in rates)


def main() -> None:
    """Print rates and ratios."""
    print("steps per second of processor time, automatic resets into new mazes included")
    print(f"{'level':>5}{'n':>6}  {'observation/action':20}{'steps/s':>14}")
    one = 0.0
    for level in PLAIN_LEVELS:
        for n in (1, 64, 1024):
            for observation in ("text", "index"):
                for actions in ("text", "index"):
                    found = rate(
                        n, "vector_entry_point", actions, level=level, observation=observation
                    )
                    print(f"{level:>5}{n:>6}  {f'{observation}/{actions}':20}{found:>14,.0f}")
                    if (level, n, observation, actions) == (1, 1024, "text", "text"):
                        one = found
    print("\nlevel 1 against others (the batch: n = 1024, text/text)")
    others: dict[str, float | None] = {f"sync, n = {n}": rate(n, "sync", level=1) for n in (1, 64)}
    others["FrozenLake-v1, single"] = peer("FrozenLake-v1", is_slippery=False)
    others["MiniGrid-Empty-5x5-v0, single"] = peer("MiniGrid-Empty-5x5-v0")
    for name, found_other in others.items():
        if found_other is None:
            print(f"{name:32} not installed")
        else:
            print(f"{name:32}{found_other:>14,.0f}   the batch is {one / found_other:,.1f} times")
    print("\nfor agents that read numbers; the ratios are to text observations")
    print(f"{'level':>5}{'n':>6}  {'view':12}{'text':>12}{'numbers, masks':>22}", end="")
    print(f"{'statistics too':>22}{'sync, n = 64':>14}")
    for level, n, view in VIEWS:
        texts, numbers, counted, sync = in_numbers(level, n, view)
        print(f"{level:>5}{n:>6}  {view:12}{texts:>12,.0f}", end="")
        for found in (numbers, counted):
            print(f"{found:>14,.0f} ({found / texts:.2f})", end="")
        print(f"{sync:>14,.0f}")
    maze, lake = one_environment()
    print("\none environment through gym.make, level 3 by coordinates, the same maze again")
    print(f"{'TextMaze-v0':32}{maze:>14,.0f}   {maze / lake:.2f} times FrozenLake")
    print(f"{'FrozenLake-v1':32}{lake:>14,.0f}")


if __name__ == "__main__":
    main()
