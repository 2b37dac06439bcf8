"""The sizes of all pools: ``python -m baselines pools``.

Counts how many different problems the test split of each id has at each level, and writes
``reasoning_gym_envs/pools.json``, where the registry and the cards have them from.  What is counted
replaces what was there of the same id and level, and the rest stays: a changed generator is counted
alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import gymnasium as gym
import tyro
from rich.console import Console
from rich.progress import Progress

from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.errors import chosen_names
from reasoning_gym_envs.registry import LARGE_POOL, POOLS
from reasoning_gym_envs.seeds import pool_size

__all__ = ["PoolsOptions", "count", "pools"]

LEVELS = tuple(range(1, 11))


@dataclass
class PoolsOptions:
    """Count the different problems of the test split, by id and level."""

    ids: Annotated[tuple[str, ...], tyro.conf.Positional] = ()
    """Environments; all unless given. Ids of one class share their problems."""
    levels: tuple[int, ...] = LEVELS
    """Levels from 1 to 10."""
    out: Path = POOLS
    """File of the sizes; what it has of other ids and levels stays."""


def pools(options: PoolsOptions) -> int:
    """Count and write; the exit status."""
    ids = chosen_names("ids", "id", options.ids or tuple(ENVIRONMENTS), ENVIRONMENTS)
    firsts = {ENVIRONMENTS[id].place: id for id in reversed(ids)}
    console = Console(stderr=True)
    with Progress(console=console) as bar:
        task = bar.add_task("pools", total=len(firsts) * len(options.levels))
        for place, id in sorted(firsts.items(), key=lambda pair: ids.index(pair[1])):
            same = [other for other, entry in ENVIRONMENTS.items() if entry.place == place]
            for level in options.levels:
                bar.update(task, description=f"{id}, level {level}")
                size = count(id, level)
                print(f"{id}, level {level}: {size:,}{' or more' if size == LARGE_POOL else ''}")
                _write(options.out, {other: {str(level): size} for other in same})
                bar.advance(task)
    return 0


def count(id: str, level: int) -> int:
    """How many different test problems a level has, up to `LARGE_POOL`."""
    env = gym.make(id, level=level, split="test", disable_env_checker=True)
    try:
        return pool_size(env, LARGE_POOL)
    finally:
        env.close()


def _write(path: Path, counted: Mapping[str, Mapping[str, int]]) -> None:
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    sizes = {
        id: {**known.get(id, {}), **counted.get(id, {})}
        for id in ENVIRONMENTS
        if id in known or id in counted
    }
    lines = [
        f"{json.dumps(id)}: {json.dumps(dict(sorted(row.items(), key=lambda pair: int(pair[0]))))}"
        for id, row in sizes.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
