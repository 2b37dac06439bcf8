"""Sharpening or discovery: does GRPO solve what no number of samples solved before?

A model of random weights imitates worked solutions at one level; then GRPO goes on from it. Before
and after, each problem of the test split is answered 1,024 times at temperature 1, at the level of
the training and at the next one, of which no solution was ever seen. pass@k is estimated from the
samples without a bias. The control is GRPO that is paid by the flip of a coin.
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
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import over_seeds, points, share, table
from baselines.experiments.training import ENV_ID, counted, has_learned, model_of
from reasoning_gym_envs.evaluation.statistics import pass_at

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SHARPENING"]

_STAGES = {"before": "after imitation", "after": "after GRPO", "control": "after coin flips"}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    common = {"topics": settings["topics"], "instruction": ""}
    env_kwargs = {**common, "level": settings["level"]}
    imitation = ImitationConfig(ENV_ID, env_kwargs, seed=seed, **settings["imitation"])
    runs = {name: folder / name for name in _STAGES}
    if not has_learned(Imitation(imitation), runs["before"]):
        return None
    start = model_of(runs["before"])
    for name, kind in (("after", GRPO), ("control", CoinFlips)):
        config = GRPOConfig(ENV_ID, env_kwargs, model=start, seed=seed, **settings["grpo"])
        if not has_learned(kind(config), runs[name]):
            return None
    samples = settings["samples"]
    found: Record = {"samples": samples, "right": {}}
    for title, level in (("trained", settings["level"]), ("next", settings["next"])):
        found["right"][title] = {
            name: counted(
                run,
                {**common, "level": level},
                folder / f"{name}_{title}.txt",
                count=settings["problems"],
                samples=samples,
                longest=settings["longest"],
            )
            for name, run in runs.items()
        }
    return found


def _pass_at(record: Record, level: str, name: str, k: int) -> float:
    return fmean(pass_at(k, record["samples"], right) for right in record["right"][level][name])


def _ks(records: Sequence[Record]) -> list[int]:
    """Powers of two, up to the number of samples."""
    return [1 << n for n in range(records[0]["samples"].bit_length())]


def _tables(records: Sequence[Record]) -> list[str]:
    ks = [k for k in (1, 4, 16, 64, 256, 1024) if k in _ks(records)]
    lines = []
    for level, title in (("trained", "At the level of the training"), ("next", "One level above")):
        rows = [
            [name, *(share([_pass_at(r, level, stage, k) for r in records]) for k in ks)]
            for stage, name in _STAGES.items()
        ]
        gains = [
            points(
                [_pass_at(r, level, "after", k) - _pass_at(r, level, "before", k) for r in records]
            )
            for k in ks
        ]
        rows.append(["what GRPO adds, points", *gains])
        lines += [f"{title}:", "", *table(["model", *(f"pass@{k}" for k in ks)], rows), ""]
        kinds = {"lost": (True, False), "found": (False, True)}
        counts = {
            kind: [
                fmean(
                    (before > 0, after > 0) == wanted
                    for before, after in zip(
                        r["right"][level]["before"], r["right"][level]["after"], strict=True
                    )
                )
                for r in records
            ]
            for kind, wanted in kinds.items()
        }
        lines += [
            f"Of the problems, {share(counts['found'])} were solved in no sample before GRPO and "
            f"in some after it; {share(counts['lost'])} the other way round.",
            "",
        ]
    return lines[:-1]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    ks = _ks(records)
    panels = figure.subplots(1, 2, sharey=True)
    levels = (("trained", "level of the training"), ("next", "one level above"))
    colors = {"before": "#9ecae1", "after": "#08519c", "control": "#e6550d"}
    for panel, (level, title) in zip(panels, levels, strict=True):
        for name, label in _STAGES.items():
            found = [over_seeds([_pass_at(r, level, name, k) for r in records]) for k in ks]
            panel.plot(ks, [f.value for f in found], color=colors[name], label=label)
            if len(records) > 1:
                lows, highs = [f.low for f in found], [f.high for f in found]
                panel.fill_between(ks, lows, highs, color=colors[name], alpha=0.2)
        panel.set_title(title, fontsize=10)
        panel.set_xscale("log", base=2)
        panel.set_ylim(0, 1)
        panel.grid(alpha=0.3)
    panels[0].legend(fontsize=8)
    figure.supxlabel("k samples", fontsize=10)
    figure.supylabel("pass@k, test split", fontsize=10)


SHARPENING = Experiment(
    name="sharpening",
    title="Sharpening or discovery: does GRPO solve what no number of samples solved before?",
    settings={
        "topics": ["integer_arithmetic", "linear_equations"],
        "level": 2,
        "next": 3,
        "imitation": {
            "skip_reasoning": 0.0,
            "target_accuracy": 0.4,
            "decay_steps": 1,  # a decay of the learning rate would do much of what is left for GRPO
            "max_steps": 1000,
            "held_out_problems": 256,
            "eval_every": 20,
            "max_new_tokens": 48,
            "device": "cpu",
        },
        "grpo": {
            "groups": 32,
            "updates": 120,
            "learning_rate": 4e-4,
            "max_new_tokens": 48,
            "eval_every": 0,
            "eval_problems": 64,
            "device": "cpu",
        },
        "problems": 64,
        "samples": 1024,
        "longest": 64,
    },
    quick={
        "imitation": {"demonstrations": 100, "max_steps": 20, "held_out_problems": 8},
        "grpo": {"groups": 4, "updates": 2, "eval_problems": 8, "max_new_tokens": 32},
        "problems": 4,
        "samples": 16,
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
