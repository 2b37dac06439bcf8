"""Steps of experiments: training a tiny language model, and measuring it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.common.run_folder import RunFolder
from agents.grpo import GRPO
from agents.imitation import Imitation
from baselines.players import Sampling, language_player
from reasoning_gym_envs.evaluation import Player, Summary, evaluate, suite_of
from reasoning_gym_envs.evaluation.play import Record
from reasoning_gym_envs.evaluation.record import read_episodes, write_whole
from reasoning_gym_envs.evaluation.suites import Suite

__all__ = [
    "ENV_ID",
    "each_of",
    "has_learned",
    "measured",
    "model_of",
    "player_of",
    "problems",
    "write_conversations",
]

ENV_ID = "MathBoxed-v0"


def has_learned(agent: Imitation | GRPO, folder: Path) -> bool:
    """Train, or go on with it; False where Ctrl-C ended it early. A finished run stays as it is."""
    return agent.learn(folder, resume=(folder / "config.json").exists())


def model_of(run: Path) -> str:
    """The folder of the newest model of a run."""
    return str(RunFolder.latest(run) / "model")


def player_of(run: Path, *, temperature: float, max_tokens: int) -> Player:
    """The newest model of a run as a player."""
    return language_player(str(run), Sampling(temperature=temperature, max_tokens=max_tokens))


def problems(count: int, levels: Sequence[int], **arguments: Any) -> Suite:
    """So many problems of the test split at each level."""
    return suite_of([ENV_ID], levels=levels, count=count, instruction="", **arguments)


def write_conversations(file: Path, conversations: Iterable[Record]) -> None:
    """Write a file for `ImitationConfig.conversations`, whole or not at all.

    A run that was killed while it wrote would go on with a part of them.
    """
    write_whole(file, (json.dumps(conversation) + "\n" for conversation in conversations))


def measured(
    make: Callable[[], Player], suite: Suite, folder: Path, *, samples: int = 1
) -> tuple[Summary, list[Record]]:
    """Play a suite; returns what came out and the episodes in the order of the problems."""
    summary = evaluate(make, suite, out=folder, samples=samples)
    episodes = sorted(read_episodes(folder), key=lambda e: (e["number"], e["sample"]))
    return summary, episodes


def each_of(records: Sequence[Mapping[str, Any]], *path: str) -> list[float]:
    """A figure of each record, by the names on the way to it."""
    found = []
    for record in records:
        value: Any = record
        for name in path:
            value = value[name]
        found.append(float(value))
    return found
