"""Sparse, dense or shaped: which reward teaches a language model, and what can be farmed?

A model of random weights imitates solutions of equations, step by step. From there GRPO is paid by
each of the three rewards of the same environment. Tests count what is solved, whatever it was paid
for; and they look at what the trained model is paid where it fails. The control is paid by the flip
of a coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.benchmark.runs import Record
from baselines.coin_flips import CoinFlips
from baselines.experiments.curves import Axis, curve_of, draw_curves
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import points, share, table
from baselines.experiments.training import has_learned, model_of, played

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["REWARD_KINDS"]

_ARMS = {"sparse": "sparse", "dense": "dense", "shaped": "shaped", "control": "coin flips"}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    env_id, env_kwargs = settings["env_id"], settings["env_kwargs"]
    imitation = ImitationConfig(env_id, env_kwargs, seed=seed, **settings["imitation"])
    if not has_learned(Imitation(imitation), folder / "start"):
        return None
    start = model_of(folder / "start")
    found: Record = {}
    for name in _ARMS:
        is_control = name == "control"
        paid = {**env_kwargs, "reward": "sparse" if is_control else name}
        config = GRPOConfig(env_id, paid, model=start, seed=seed, **settings["grpo"])
        if not has_learned((CoinFlips if is_control else GRPO)(config), folder / name):
            return None
        grpo = settings["grpo"]
        episodes = played(
            folder / name,
            env_id,
            paid,
            problems=grpo["eval_problems"],
            longest=grpo["max_new_tokens"],
        )
        failed = [episode for episode in episodes if not episode.success]
        found[name] = {
            "curve": curve_of(folder / name),
            "turns": fmean(len(episode.turns) for episode in episodes),
            "paid_for_failure": fmean([episode.reward for episode in failed] or [0.0]),
            "most_for_failure": max((episode.reward for episode in failed), default=0.0),
        }
    return found


def _tables(records: Sequence[Record]) -> list[str]:
    rows = []
    for name, title in _ARMS.items():
        solved = [record[name]["curve"][-1][2] for record in records]
        sparse = [record["sparse"]["curve"][-1][2] for record in records]
        mean, most = (
            [record[name][measure] for record in records]
            for measure in ("paid_for_failure", "most_for_failure")
        )
        rows.append(
            [
                title,
                share(solved),
                points([a - b for a, b in zip(solved, sparse, strict=True)])
                if name != "sparse"
                else "",
                f"{fmean(record[name]['turns'] for record in records):.1f}",
                f"{fmean(mean):.2f}",
                f"{max(most):.2f}",
            ]
        )
    start = share([record["sparse"]["curve"][0][2] for record in records])
    header = ["paid by", "solved", "against sparse, points", "turns"]
    header += ["a failed episode is paid", "at most"]
    return [
        *table(header, rows),
        "",
        f"Before GRPO {start} is solved.",
    ]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    panels = figure.subplots(1, 2, sharey=True)
    colors = ["#08519c", "#31a354", "#756bb1", "#e6550d"]
    curves = {title: [record[name]["curve"] for record in records] for name, title in _ARMS.items()}
    axes: tuple[Axis, Axis] = ("tokens", "seconds")
    for place, axis in enumerate(axes):
        most = max(record["sparse"]["curve"][-1][place] for record in records)
        draw_curves(panels[place], curves, colors, axis, most)
    panels[0].set_ylabel("solved, test split, temperature 1", fontsize=10)
    panels[1].legend(fontsize=8)


REWARD_KINDS = Experiment(
    name="reward_kinds",
    title="Sparse, dense or shaped: which reward teaches a language model, and what can be farmed?",
    settings={
        "env_id": "EquationSteps-v0",
        "env_kwargs": {"level": 1, "instruction": "", "max_turns": 5},
        "imitation": {
            "words": 300,
            "skip_reasoning": 0.0,
            "demonstrations": 3000,
            "target_accuracy": 0.25,
            "decay_steps": 1,  # a decay of the learning rate would do much of what is left for GRPO
            "max_steps": 1500,
            "held_out_problems": 128,
            "eval_every": 20,
            "max_new_tokens": 24,
            "device": "cpu",
        },
        "grpo": {
            "groups": 32,
            "updates": 100,
            "learning_rate": 4e-4,
            "max_new_tokens": 24,
            "eval_every": 10,
            "eval_problems": 256,
            "device": "cpu",
        },
    },
    quick={
        "imitation": {"demonstrations": 50, "max_steps": 10, "held_out_problems": 8},
        "grpo": {"groups": 2, "updates": 2, "eval_every": 1, "eval_problems": 8},
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
