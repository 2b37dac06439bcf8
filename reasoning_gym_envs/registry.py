"""Every environment on one screen. Importing the package registers them with Gymnasium."""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium as gym


class Entry(NamedTuple):
    """An environment id: where it lives, what it is, the arguments it is registered with."""

    entry_point: str
    summary: str
    kwargs: dict[str, Any]


ENVIRONMENTS: dict[str, Entry] = {
    "MathBoxed-v0": Entry(
        "reasoning_gym_envs.math.boxed:MathBoxed",
        "A mathematical question from 22 topics or your own corpus, answered in `\\boxed{}`",
        {},
    ),
    "TowerOfHanoi-v0": Entry(
        "reasoning_gym_envs.puzzles.tower_of_hanoi:TowerOfHanoi",
        "Disks on three pegs, from any arrangement to any other, move by move",
        {},
    ),
    "TowerOfHanoiBoxed-v0": Entry(
        "reasoning_gym_envs.puzzles.tower_of_hanoi:TowerOfHanoi",
        "The same, with all moves in one answer",
        {"form": "boxed"},
    ),
}


def register_environments() -> None:
    """Register every id with Gymnasium, once."""
    for name, entry in ENVIRONMENTS.items():
        if name not in gym.registry:
            gym.register(name, entry_point=entry.entry_point, kwargs=dict(entry.kwargs))
