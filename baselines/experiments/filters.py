"""Which replies are worth learning from: all, those with an advantage, or fewer still?

GRPO goes on from a model that imitated worked solutions. One arm learns from every reply; one
leaves out those without an advantage, as GRPO here does unless told otherwise; one leaves out small
advantages too (DASH, arXiv 2505.17218); one samples twice as many replies and learns from the
quarter of them with the largest variance of rewards (PODS, arXiv 2504.13818). All sample as many
tokens an update. What is asked is when each of them solves as much. The control is paid by the flip
of a coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.benchmark.runs import Record
from baselines.coin_flips import CoinFlips
from baselines.experiments.curves import Axis, curve_of, draw_curves, solved_after, until
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import change, share, table
from baselines.experiments.training import ENV_ID, has_learned, model_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FILTERS"]

_ARMS = {
    "all": "all",
    "contrast": "with an advantage",
    "dash": "with a large one (DASH)",
    "pods": "a quarter of 16 (PODS)",
    "control": "coin flips",
}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    env_kwargs = {"topics": settings["topics"], "level": settings["level"], "instruction": ""}
    imitation = ImitationConfig(ENV_ID, env_kwargs, seed=seed, **settings["imitation"])
    if not has_learned(Imitation(imitation), folder / "start"):
        return None
    start = model_of(folder / "start")
    found: Record = {"target": settings["target"], "curves": {}}
    for name, arm in settings["arms"].items():
        kind = CoinFlips if name == "control" else GRPO
        given = {**settings["grpo"], **arm}
        config = GRPOConfig(ENV_ID, env_kwargs, model=start, seed=seed, **given)
        if not has_learned(kind(config), folder / name):
            return None
        found["curves"][name] = curve_of(folder / name)
    return found


def _tables(records: Sequence[Record]) -> list[str]:
    target = records[0]["target"]
    rows = []
    for name, title in _ARMS.items():
        curves = [record["curves"][name] for record in records]
        plain = [record["curves"]["all"] for record in records]
        # As long as the arm that learns from all of them took.
        seconds = [curve[-1][1] for curve in plain]
        pairs = list(zip(curves, seconds, strict=True))
        rows.append(
            [
                title,
                share([curve[-1][2] for curve in curves]),
                share([solved_after(curve, spent, "seconds") for curve, spent in pairs]),
                *(until(curves, plain, target, axis) for axis in ("seconds", "tokens")),
                change([a[-1][1] / b[-1][1] - 1 for a, b in zip(curves, plain, strict=True)])
                if name != "all"
                else "",
            ]
        )
    header = ["learned from", "solved at the end", "in the seconds of the first"]
    header += [f"seconds until {target:.0%}", f"tokens until {target:.0%}", "seconds in all"]
    return [
        *table(header, rows),
        "",
        "Changes are against the arm that learns from all. Where a run never solves as much, it is "
        "left out of the change, and counted.",
    ]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    panels = figure.subplots(1, 2, sharey=True)
    colors = ["#969696", "#08519c", "#31a354", "#756bb1", "#e6550d"]
    curves = {t: [record["curves"][name] for record in records] for name, t in _ARMS.items()}
    axes: tuple[Axis, Axis] = ("tokens", "seconds")
    for place, axis in enumerate(axes):
        most = max(record["curves"]["all"][-1][place] for record in records)
        draw_curves(panels[place], curves, colors, axis, most)
    panels[0].set_ylabel("solved, test split, temperature 1", fontsize=10)
    panels[1].legend(fontsize=8)


FILTERS = Experiment(
    name="filters",
    title="Which replies are worth learning from?",
    settings={
        "topics": ["integer_arithmetic", "linear_equations"],
        "level": 2,
        "imitation": {
            "skip_reasoning": 0.6,
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
            "group_size": 8,
            "updates": 100,
            "learning_rate": 4e-4,
            "max_new_tokens": 48,
            "eval_every": 5,
            "eval_problems": 256,
            "device": "cpu",
        },
        "arms": {
            "all": {"min_advantage": -1.0},
            "contrast": {},
            "dash": {"min_advantage": 0.3},
            "pods": {"groups": 16, "group_size": 16, "down_sample": 4},
            "control": {},
        },
        "target": 0.8,
    },
    quick={
        "imitation": {"demonstrations": 100, "max_steps": 20, "held_out_problems": 8},
        "grpo": {"groups": 4, "updates": 2, "eval_every": 1, "eval_problems": 8},
        "arms": {"pods": {"groups": 2, "group_size": 16, "down_sample": 4}},
        "target": 0.0,
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
