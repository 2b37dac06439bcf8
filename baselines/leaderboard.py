"""The bundled agents on the boards that they can play: one command for all their rows.

    python -m baselines leaderboard

A table or a network knows the commands of one environment, and a tiny language model the questions
that it was taught. So each board is the test split of one task, and has the agents that were
trained on its train split until more steps gained little, chance and the reference. `core`, which
nobody here plays well, has the rows of ``reasoning-gym-envs evaluate``.

Runs that are finished stay as they are, and one that was stopped goes on.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from agents.common.run_folder import RunFolder
from agents.inference import SelfConsistency
from baselines.algorithms import LANGUAGE, agent_class, config_class
from baselines.players import Sampling, command_player, language_player
from reasoning_gym_envs.evaluation import Player, Suite, evaluate, suite_of
from reasoning_gym_envs.evaluation.leaderboard import leaderboard as as_table
from reasoning_gym_envs.evaluation.leaderboard import read_results
from reasoning_gym_envs.evaluation.players import maker_of

__all__ = ["BOARDS", "Board", "LeaderboardOptions", "leaderboard"]

BoardName = Literal["hanoi", "tiles", "lights", "math"]
CLASSIC = ("q_learning", "reinforce", "actor_critic", "ppo", "trpo")
_VOTERS = ("imitation", "grpo")
_VOTES = 16


@dataclass(frozen=True)
class Board:
    """A task whose test split is played, and the settings of those who were trained on it."""

    title: str
    env_id: str
    level: int
    problems: int
    agents: Mapping[str, Mapping[str, Any]]
    """By the name of an agent. The first language model imitates, and the others go on from it."""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def suite(self) -> Suite:
        """The problems, under the title and with a version, so that there is a total."""
        arguments = dict(self.arguments)
        drawn = suite_of([self.env_id], levels=[self.level], count=self.problems, **arguments)
        return Suite(self.title, 1, drawn.problems)


def _commands(env_id: str, title: str, steps: int) -> Board:
    """A task of commands at level 1, which the classic agents learn from dense rewards."""
    dense = {"level": 1, "reward": "dense"}
    common = {"env_kwargs": dense, "same_problem": False, "eval_every": 0}
    agents = {name: {**common, "steps": steps} for name in CLASSIC}
    return Board(title, env_id, 1, 64, agents)


_REWARDED = {"updates": 240, "eval_every": 0}

BOARDS: dict[BoardName, Board] = {
    "hanoi": _commands("TowerOfHanoi-v0", "tower-of-hanoi-level-1", 300_000),
    "tiles": _commands("SlidingTiles-v0", "sliding-tiles-level-1", 1_000_000),
    "lights": _commands("LightsOut-v0", "lights-out-level-1", 1_000_000),
    # As in the demo, but all demonstrations reason.
    "math": Board(
        "arithmetic-level-2",
        "MathBoxed-v0",
        2,
        512,
        {
            "imitation": {
                "skip_reasoning": 0.0,
                "target_accuracy": 0.4,
                "decay_steps": 1,
                "max_steps": 1000,
            },
            "expert_iteration": {"learning_rate": 3e-4, **_REWARDED},
            "dpo": {"learning_rate": 5e-4, **_REWARDED},
            "ppo_language": {"learning_rate": 4e-4, **_REWARDED},
            "grpo": {"learning_rate": 4e-4, **_REWARDED},
        },
        {"topics": ["integer_arithmetic", "linear_equations"], "instruction": ""},
    ),
}


@dataclass(frozen=True)
class LeaderboardOptions:
    """Train the bundled agents on the boards, test them, and print the tables."""

    boards: tuple[BoardName, ...] = tuple(BOARDS)
    """Which boards."""
    seed: int = 0
    """Of every run."""
    scale: float = 1.0
    """Factor of the steps and updates of every run."""
    runs: Path = Path("runs/leaderboard")
    """Folder of the runs and their records."""
    out: Path = Path("baselines/results/leaderboard")
    """Folder of the results, a file for each agent of each board: BOARD-AGENT.json."""


def leaderboard(options: LeaderboardOptions) -> int:
    """Train and test what is not finished yet, and print the tables; returns the exit status."""
    if not options.boards:
        raise ValueError("--boards must name at least one")
    if options.seed < 0 or not 0 < options.scale < float("inf"):
        raise ValueError("--seed must be at least 0, and --scale a number above 0")
    try:
        boards = dict.fromkeys(options.boards)
        files = [file for name in boards for file in _played(name, BOARDS[name], options)]
    except KeyboardInterrupt:
        print(f"\nInterrupted. To go on:\n  {_again(options)}")
        return 130
    print(as_table(read_results(files)))
    return 0


def _played(name: BoardName, board: Board, options: LeaderboardOptions) -> Iterator[Path]:
    """Train and test the agents of a board; gives the file of each result."""
    _train(name, board, options)
    options.out.mkdir(parents=True, exist_ok=True)
    for entry, make in _players(name, board, options).items():
        record = options.runs / f"{name}-{entry}-test"
        summary = evaluate(make, board.suite, out=record, seed=options.seed)
        file = options.out / f"{name}-{entry}.json"
        file.write_text(json.dumps(summary.record(), indent=1) + "\n", encoding="utf-8")
        yield file


def _train(name: BoardName, board: Board, options: LeaderboardOptions) -> None:
    """Train the agents of a board.

    Raises:
        KeyboardInterrupt: Ctrl-C ended it early; what was learned is saved.
    """
    start = "tiny"
    for agent, given in board.agents.items():
        folder = options.runs / f"{name}-{agent}"
        settings = {**given, "seed": options.seed}
        for steps in ("steps", "updates", "max_steps"):
            if steps in settings:
                settings[steps] = max(1, round(settings[steps] * options.scale))
        if agent in LANGUAGE:
            settings |= {"model": start, "device": "cpu"}
        env_kwargs = {"level": board.level, **board.arguments, **settings.pop("env_kwargs", {})}
        config = config_class(agent)(board.env_id, env_kwargs, **settings)
        if not agent_class(agent)(config).learn(folder, resume=(folder / "config.json").exists()):
            raise KeyboardInterrupt
        if agent == "imitation":
            start = str(RunFolder.latest(folder) / "model")


def _players(
    name: BoardName, board: Board, options: LeaderboardOptions
) -> dict[str, Callable[[], Player]]:
    """Who is on a board, by the end of the names of their files."""
    made: dict[str, Callable[[], Player]] = {
        agent: maker_of(agent) for agent in ("reference", "random")
    }
    for agent in board.agents:
        run = str(options.runs / f"{name}-{agent}")
        if agent in CLASSIC:
            made[agent] = partial(_player, command_player, run, agent)
            continue
        title = f"tiny model, {agent}"
        made[agent] = partial(_player, language_player, run, title)
        if agent in _VOTERS:
            made[f"{agent}-vote"] = partial(_voting, run, title)
    return made


def _player(make: Callable[..., Any], run: str, title: str, *given: Any) -> Any:
    """A run as a player, under the name that it has in tables, not that of its folder."""
    player = make(run, *given)
    player.about["agent"] = title
    return player


def _voting(run: str, title: str) -> Player:
    sampling = Sampling(temperature=1.0)
    return SelfConsistency(_player(language_player, run, title, sampling), _VOTES)


def _again(options: LeaderboardOptions) -> str:
    words = ["python -m baselines leaderboard --boards", *options.boards]
    words += ["--seed", str(options.seed), "--scale", f"{options.scale:g}"]
    words += ["--runs", shlex.quote(str(options.runs)), "--out", shlex.quote(str(options.out))]
    return " ".join(words)
