"""Episodes per CPU-second of the puzzles at three levels, beside reasoning-gym's same puzzles.

An episode is ``reset`` and ``step`` with a right answer, through ``gym.make`` with all its
wrappers; the peer's is making an item and scoring its own answer. Each puzzle is compared at the
level that is nearest to the peer's own configuration. Both run in this process, in turn. The peer
is compared where it is installed (``pip install reasoning-gym``); it is no dependency.

    python -m baselines.speed.puzzles
"""

from __future__ import annotations

import json
import time

import gymnasium as gym

from baselines.speed.environments import given_answer, peer, rate
from reasoning_gym_envs import ENVIRONMENTS

ROUNDS = 3
LEVELS = (1, 5, 10)

# Two tasks of reasoning-gym come without an answer; a right one is elsewhere.
ANSWERS = {
    "graph_color": lambda item: json.dumps(item["metadata"]["possible_answer"]),
    "propositional_logic": lambda item: item["metadata"]["example_answer"],
}

# The same puzzle of reasoning-gym, with its own configuration: our id, the level that is nearest.
# Graphs: ten vertices with 4.6 edges on average are as easy as the five with seven of level 1.
PEERS = {
    "countdown": ("CountdownBoxed-v0", 7),
    "puzzle24": ("Game24Boxed-v0", 4),
    "cryptarithm": ("CryptarithmBoxed-v0", 3),
    "propositional_logic": ("EntailmentBoxed-v0", 2),
    "sudoku": ("SudokuBoxed-v0", 6),
    "mini_sudoku": ("SudokuBoxed-v0", 2),
    "n_queens": ("NQueensBoxed-v0", 3),
    "graph_color": ("GraphColoringBoxed-v0", 1),
    "knights_knaves": ("KnightsAndKnavesBoxed-v0", 1),
    "zebra_puzzles": ("ZebraBoxed-v0", 5),
    "jugs": ("WaterJugsBoxed-v0", 8),
    "tower_of_hanoi": ("TowerOfHanoiBoxed-v0", 5),
    "sokoban": ("SokobanBoxed-v0", 9),
}


def episodes_of(id: str, level: int, seconds: float = 1.0, seed: int = 1) -> tuple[float, float]:
    """Episodes and steps per CPU-second, played with the environment's own solutions.

    Finding the solutions does not count: an agent finds its own.
    """
    env = gym.make(id, level=level)
    env.reset(seed=seed)
    episodes = steps = 0
    spent = 0.0
    while spent < seconds:
        start = time.process_time()
        env.reset()
        spent += time.process_time() - start
        solution = env.unwrapped.solution()  # type: ignore[attr-defined]
        start = time.process_time()
        for action in solution:
            env.step(action)
        spent += time.process_time() - start
        episodes += 1
        steps += len(solution)
    return episodes / spent, steps / spent


def main() -> None:
    """Print both tables."""
    print("resets, each with the steps of the reference solution, per CPU-second (steps)")
    print(f"{'id':28}" + "".join(f"{f'level {level}':>22}" for level in LEVELS))
    for id in ENVIRONMENTS:
        cells = (f"{e:,.0f} ({s:,.0f})" for e, s in (episodes_of(id, lev) for lev in LEVELS))
        print(f"{id:28}" + "".join(f"{cell:>22}" for cell in cells), flush=True)

    try:
        import reasoning_gym  # noqa: F401
    except ImportError:
        print("reasoning-gym is not installed (pip install reasoning-gym): ours alone")
        return
    print(f"\nepisodes of problems never seen before per CPU-second, best of {ROUNDS}")
    print(f"{'id':28}{'level':>6}{'ours':>10}   {'reasoning-gym':22}{'theirs':>9}{'ratio':>9}")
    for task, (id, level) in PEERS.items():
        theirs = peer(task, ANSWERS.get(task, given_answer))
        best = [0.0, 0.0]
        for seed in range(ROUNDS):
            best[0] = max(best[0], episodes_of(id, level, seed=seed)[0])
            best[1] = max(best[1], rate(theirs))
        print(
            f"{id:28}{level:>6}{best[0]:>10,.0f}   {task:22}{best[1]:>9,.0f}"
            f"{best[0] / best[1]:>8.1f}x",
            flush=True,
        )


if __name__ == "__main__":
    main()
