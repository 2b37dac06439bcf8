"""What do irrelevant sentences cost, and what wins it back?

One model imitates solutions of plain word problems, another one solutions of as many problems with
distractors of all kinds among them. Both are tested on the same problems, without a distractor and
with one of each kind. System 2 Attention lets a rewriter take out what is irrelevant first: one
that was taught to by imitation, and for a control the model itself, which was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium as gym

from agents.imitation import Imitation, ImitationConfig
from agents.inference import System2Attention
from baselines.benchmark.runs import Record
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import over_seeds, points, share, table
from baselines.experiments.training import (
    ENV_ID,
    each_of,
    has_learned,
    measured,
    player_of,
    problems,
    write_conversations,
)
from reasoning_gym_envs import rows
from reasoning_gym_envs.dataset import Row
from reasoning_gym_envs.evaluation import Player
from reasoning_gym_envs.math.distractors import KINDS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DISTRACTORS"]

_REWRITE = "Leave out what is irrelevant."
_ARMS = {
    "plain": "trained without distractors",
    "trained": "trained with distractors",
    "taught": "without, and System 2 Attention by a taught rewriter",
    "untaught": "without, and System 2 Attention by itself",
}
_COLORS = {"plain": "#08519c", "trained": "#31a354", "taught": "#e6550d", "untaught": "#969696"}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    folder.mkdir(parents=True, exist_ok=True)
    solved = rows(
        ENV_ID,
        settings["demonstrations"],
        unique=False,
        seed=seed,
        reveal=True,
        topics=settings["topics"],
        level=settings["levels"],
        instruction="",
    )
    distracted = list(_distracted(solved, settings))
    shown = {
        "plain": [_said(row["prompt"], row["solution"][0], row) for row in solved],
        "trained": [
            _said(question, row["solution"][0], row)
            for question, row in zip(distracted, solved, strict=True)
        ],
        "rewriter": [
            _said(f"{_REWRITE}\n\n{question}", row["prompt"], row)
            for question, row in zip(distracted, solved, strict=True)
        ],
    }
    for name, conversations in shown.items():
        file = folder / f"{name}.jsonl"
        write_conversations(file, conversations)
        env_kwargs = {"topics": settings["topics"], "level": settings["levels"], "instruction": ""}
        config = ImitationConfig(
            ENV_ID, env_kwargs, seed=seed, conversations=str(file), **settings["imitation"]
        )
        if not has_learned(Imitation(config), folder / name):
            return None

    def player(name: str) -> Player:
        return player_of(folder / name, temperature=0.0, max_tokens=settings["max_tokens"])

    def attending(rewriter: str) -> Player:
        return System2Attention(player("plain"), rewriter=player(rewriter), prompt=_REWRITE)

    makers = {
        "plain": partial(player, "plain"),
        "trained": partial(player, "trained"),
        "taught": partial(attending, "rewriter"),
        "untaught": partial(attending, "plain"),
    }
    found: Record = {name: {} for name in makers}
    for kind in ("none", *KINDS):
        suite = problems(
            settings["problems"],
            [settings["tested"]],
            topics=settings["topics"],
            **_arguments(kind),
        )
        for name, make in makers.items():
            summary, episodes = measured(make, suite, folder / f"{name}_test" / kind)
            found[name][kind] = {
                "solved": summary.total.success.value,
                "decoy": sum(bool(e["steps"][-1].get("used_distractor")) for e in episodes)
                / len(episodes),
            }
    return found


def _arguments(kind: str) -> dict[str, Any]:
    return {} if kind == "none" else {"distractors": 1, "distractor_kind": kind}


def _distracted(solved: Sequence[Row], settings: Mapping[str, Any]) -> Iterator[str]:
    """The questions of some problems: in turn without a distractor and with one of each kind."""
    envs = [
        gym.make(
            ENV_ID,
            disable_env_checker=True,
            topics=settings["topics"],
            level=settings["levels"],
            instruction="",
            **_arguments(kind),
        )
        for kind in ("none", *KINDS)
    ]
    for number, row in enumerate(solved):
        question, info = envs[number % len(envs)].reset(seed=row["seed"])
        assert info["problem_id"] == row["problem_id"]
        yield question


def _said(prompt: str, reply: str, row: Row) -> Row:
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": reply}]
    return {"messages": messages, "problem_id": row["problem_id"]}


def _tables(records: Sequence[Record]) -> list[str]:
    kinds = ["none", *KINDS]
    lines = ["Solved greedily, of the same problems of the test split:", ""]
    rows = [
        [title, *(share(each_of(records, arm, kind, "solved")) for kind in kinds)]
        for arm, title in _ARMS.items()
    ]
    lines += table(["", "no distractor", *KINDS], rows)
    lines += ["", "Points lost to a distractor of each kind:", ""]
    rows = [
        [title, *(points(_lost(records, arm, kind)) for kind in KINDS)]
        for arm, title in _ARMS.items()
    ]
    lines += table(["", *KINDS], rows)
    lines += ["", "Answers that are the decoy (what the distractor's number would give):", ""]
    rows = [
        [title, *(share(each_of(records, arm, kind, "decoy")) for kind in KINDS)]
        for arm, title in _ARMS.items()
    ]
    return lines + table(["", *KINDS], rows)


def _lost(records: Sequence[Record], arm: str, kind: str) -> list[float]:
    without, with_one = (each_of(records, arm, k, "solved") for k in ("none", kind))
    return [one - other for one, other in zip(without, with_one, strict=True)]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    panel = figure.subplots()
    kinds = ["none", *KINDS]
    width = 0.8 / len(_ARMS)
    for number, (arm, title) in enumerate(_ARMS.items()):
        found = [over_seeds(each_of(records, arm, kind, "solved")) for kind in kinds]
        places = [place + (number - (len(_ARMS) - 1) / 2) * width for place in range(len(kinds))]
        values = [f.value for f in found]
        spread = [[f.value - f.low for f in found], [f.high - f.value for f in found]]
        panel.bar(
            places,
            values,
            width,
            label=title,
            color=_COLORS[arm],
            yerr=spread if len(records) > 1 else None,
            error_kw={"lw": 1},
        )
    panel.set_xticks(range(len(kinds)), ["no distractor", *KINDS])
    panel.set_ylabel("solved greedily, test split")
    panel.set_ylim(0, 1)
    panel.grid(axis="y", alpha=0.3)
    figure.legend(fontsize=8, loc="outside lower center", ncols=2)


DISTRACTORS = Experiment(
    name="distractors",
    title="What do irrelevant sentences cost, and what wins it back?",
    settings={
        "topics": ["word_problems", "units_and_rates"],
        "levels": [1, 2],
        "tested": 2,
        "demonstrations": 16000,
        "imitation": {
            "words": 300,
            "target_accuracy": 2.0,  # never: all are taught for as long
            "max_steps": 2500,
            "decay_steps": 500,
            "held_out_problems": 64,
            "eval_every": 0,
            "max_new_tokens": 160,
            "device": "cpu",
        },
        "max_tokens": 160,
        "problems": 256,
    },
    quick={
        "demonstrations": 100,
        "imitation": {"max_steps": 20, "decay_steps": 5, "held_out_problems": 8},
        "max_tokens": 16,
        "problems": 8,
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
