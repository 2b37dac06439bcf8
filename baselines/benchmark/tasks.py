"""The tasks of the classic benchmark, and its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

__all__ = ["REWARDS", "TASKS", "AgentName", "ClassicOptions", "Reward", "Task", "TaskName"]

AgentName = Literal["random", "q_learning", "reinforce", "actor_critic", "ppo"]
TaskName = Literal[
    "maze-1", "maze-3", "maze-5", "equations", "hanoi", "lights", "tiles", "mastermind", "math"
]
Reward = Literal["sparse", "dense", "shaped"]
AGENTS: tuple[AgentName, ...] = ("random", "q_learning", "reinforce", "actor_critic", "ppo")
REWARDS: tuple[Reward, ...] = ("sparse", "dense", "shaped")


@dataclass(frozen=True)
class Task:
    """What is to be learned, and from how many environment steps."""

    title: str
    env_id: str
    env_kwargs: dict[str, Any]
    steps: int
    threshold: float = 0.95
    """Share of the test problems from which on the task counts as learned."""
    same_problem: bool = False
    """One problem a seed, to be learned by heart; else the test split decides."""
    vocabulary: tuple[str, ...] = ()
    test_problems: int = 30
    """Problems of the test split in a test, where not `same_problem`."""


def _maze(level: int, steps: int, max_turns: int) -> Task:
    kwargs = {"level": level, "view": "coordinates", "max_turns": max_turns}
    title = f"TextMaze, level {level}, one maze a seed"
    return Task(title, "TextMaze-v0", kwargs, steps, threshold=1.0, same_problem=True)


# Steps are such that all runs take about half an hour on two cores.  `max_turns` is a small
# multiple of what a solution takes, because the test of a policy that walks in circles has to end;
# and it leaves chance little.
TASKS: dict[TaskName, Task] = {
    "maze-1": _maze(1, 6_000, 60),
    "maze-3": _maze(3, 12_000, 400),
    "maze-5": _maze(5, 24_000, 300),
    "equations": Task(
        "EquationStepsCommands, level 1",
        "EquationStepsCommands-v0",
        {"level": 1, "max_turns": 8},
        6_000,
        test_problems=20,  # its steps are slow
    ),
    "hanoi": Task(
        "TowerOfHanoi, level 1", "TowerOfHanoi-v0", {"level": 1, "max_turns": 20}, 32_000
    ),
    "lights": Task("LightsOut, level 1", "LightsOut-v0", {"level": 1, "max_turns": 12}, 32_000),
    "tiles": Task(
        "SlidingTiles, level 1", "SlidingTiles-v0", {"level": 1, "max_turns": 40}, 32_000
    ),
    "mastermind": Task("Mastermind, level 1", "Mastermind-v0", {"level": 1}, 8_000),
    "math": Task(
        "MathBoxed, linear equations, level 1, one answer of nine",
        "MathBoxed-v0",
        {"level": 1, "topics": "linear_equations"},
        12_000,
        vocabulary=tuple(f"\\boxed{{{number}}}" for number in range(1, 10)),
    ),
}


@dataclass(frozen=True)
class ClassicOptions:
    """Compare the classic agents over tasks, rewards and seeds; the same command goes on.

    Finished runs are kept by their configurations: remove the folder after a change of the code.
    """

    agents: tuple[AgentName, ...] = AGENTS
    """Which agents; "random" is the floor."""
    tasks: tuple[TaskName, ...] = tuple(TASKS)
    """Which tasks."""
    rewards: tuple[Reward, ...] = REWARDS
    """Which rewards."""
    seeds: int = 5
    """Runs of each agent on each task with each reward: the seeds from 0."""
    steps_scale: float = 1.0
    """Factor of the environment steps of every run."""
    processes: int | None = None
    """Runs at the same time, on a thread each; as many as there are cores unless given."""
    runs: Path = Path("runs/benchmark-classic")
    """Folder of the runs that are finished."""
    out: Path = Path("baselines/results")
    """Folder of the report: classic.json, classic.md, classic.png."""
    report_only: bool = False
    """Play nothing; report on what is finished."""
