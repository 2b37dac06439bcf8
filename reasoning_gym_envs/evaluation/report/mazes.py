"""Mazes as they were walked: the map and the way, made again from the name of the episode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reasoning_gym_envs.dataset import begun
from reasoning_gym_envs.evaluation.play import Record
from reasoning_gym_envs.maze.text_maze import TextMaze
from reasoning_gym_envs.maze.views import Place, drawn_map
from reasoning_gym_envs.registry import ENVIRONMENTS

__all__ = ["walked"]


def walked(record: Record) -> Mapping[str, Any] | None:
    """The map at the start, and the rows and columns of it that the way led through.

    None for what is no maze, and where this version makes another maze of that seed.
    """
    entry = ENVIRONMENTS.get(record["id"])
    if entry is None or entry.family != "maze":
        return None
    row = {
        "id": record["id"],
        "kwargs": {**record["arguments"], "render_mode": "rgb_array"},  # keeps the way
        "seed": record["seed"],
        "problem_id": record["problem_id"],
    }
    said = [m["content"] for m in record["messages"] if m["role"] != "system"]
    try:
        with begun(row, allow_unsafe=True) as (env, observation, _):
            inner = env.unwrapped
            assert isinstance(inner, TextMaze)
            start: Place = inner.snapshot().episode.state
            for action in said[1::2]:
                observation, *_ = env.step(action)
            episode = inner.snapshot().episode
    except (ValueError, TypeError):
        return None
    if observation != said[-1]:
        return None
    size = episode.problem.data.size
    return {
        "map": drawn_map(episode.problem.data, start, fog=False),
        "walk": [[2 * (cell // size) + 1, 2 * (cell % size) + 1] for cell in episode.state.trail],
    }
