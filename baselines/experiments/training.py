"""Steps of experiments: training a tiny language model, and measuring it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from agents.common.environment_pool import EnvironmentPool
from agents.common.environments import TEST_SEED
from agents.common.language_model import LanguageModel
from agents.common.rewarded_agent import RewardedAgent
from agents.common.rollouts import Episode, rollout
from agents.common.rollouts import evaluate as evaluate_episodes
from agents.common.run_folder import RunFolder
from agents.imitation import Imitation
from baselines.players import Sampling, language_player
from reasoning_gym_envs.evaluation import Player, Summary, evaluate, suite_of
from reasoning_gym_envs.evaluation.play import Record
from reasoning_gym_envs.evaluation.record import read_episodes, write_whole
from reasoning_gym_envs.evaluation.suites import Suite
from reasoning_gym_envs.seeds import derive_seed, distinct_seeds

__all__ = [
    "ENV_ID",
    "counted",
    "each_of",
    "has_learned",
    "measured",
    "model_of",
    "played",
    "player_of",
    "problems",
    "tested",
    "write_conversations",
]

ENV_ID = "MathBoxed-v0"


def has_learned(agent: Imitation | RewardedAgent[Any], folder: Path) -> bool:
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


def played(
    run: Path, env_id: str, env_kwargs: Mapping[str, Any], *, problems: int, longest: int
) -> list[Episode]:
    """Problems of the test split, as the newest model of a run answers them at temperature 1.

    These are the problems, and the numbers drawn, of the tests of agents that learn from rewards.
    """
    envs = EnvironmentPool(env_id, min(problems, 256), {**env_kwargs, "split": "test"})
    return evaluate_episodes(
        LanguageModel.load(model_of(run), device="cpu"),
        envs,
        distinct_seeds(envs[0], problems, TEST_SEED, or_fewer=True),
        max_new_tokens=longest,
        temperature=1.0,
        generator=torch.Generator().manual_seed(TEST_SEED),
    ).episodes


def tested(run: Path, env_id: str, env_kwargs: Mapping[str, Any], **sizes: int) -> float:
    """What it solves of them; the arguments are those of `played`."""
    return fmean(episode.success for episode in played(run, env_id, env_kwargs, **sizes))


def counted(
    run: Path, env_kwargs: Mapping[str, Any], file: Path, *, count: int, samples: int, longest: int
) -> list[int]:
    """How many of so many samples are right, for each of `count` problems of the test split.

    No text is kept: there are far more samples than a record could hold. `file` has a line a
    problem, and what it has is not sampled again.

    Args:
        run: whose newest model samples, at temperature 1.
        env_kwargs: of MathBoxed, the split left out.
        file: keeps the counts.
        count: different problems, the same for each model.
        samples: of each of them.
        longest: most tokens of a reply.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = file.read_text("ascii").splitlines(keepends=True) if file.exists() else []
    found = [int(line) for line in lines if line.endswith("\n")]
    envs = EnvironmentPool(ENV_ID, samples, {**env_kwargs, "split": "test"})
    policy = LanguageModel.load(model_of(run), device="cpu")
    for number, seed in enumerate(distinct_seeds(envs[0], count, TEST_SEED)):
        if number < len(found):
            continue
        episodes = rollout(
            policy,
            envs,
            [seed] * samples,
            max_new_tokens=longest,
            generator=torch.Generator().manual_seed(derive_seed(TEST_SEED, number)),
        )
        found.append(sum(episode.success for episode in episodes))
        write_whole(file, (f"{each}\n" for each in found))
    return found


def each_of(records: Sequence[Mapping[str, Any]], *path: str) -> list[float]:
    """A figure of each record, by the names on the way to it."""
    found = []
    for record in records:
        value: Any = record
        for name in path:
            value = value[name]
        found.append(float(value))
    return found
