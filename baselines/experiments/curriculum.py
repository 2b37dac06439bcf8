"""Which levels are worth playing: all alike, the hardest alone, or those that teach most?

A model of random weights imitates worked solutions of levels 1 to 5 for a while. From there GRPO
plays all levels equally often, level 5 alone, or those more often at which the replies to a problem
differ most. What is asked is how many tokens each needs to solve as much of level 5, and what
becomes of level 1. The control is paid by the flip of a coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.benchmark.runs import Record
from baselines.coin_flips import CoinFlips
from baselines.experiments.curves import curve_of, draw_curves, until
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import over_seeds, points, share, table
from baselines.experiments.training import ENV_ID, each_of, has_learned, model_of, tested

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CURRICULUM"]

_ARMS = {
    "uniform": "all levels alike",
    "hardest": "the hardest alone",
    "adaptive": "those that teach most",
    "control": "coin flips",
}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    common = {"topics": settings["topics"], "instruction": ""}
    low, high = settings["levels"]
    everything = {**common, "level": [low, high]}
    imitation = ImitationConfig(ENV_ID, everything, seed=seed, **settings["imitation"])
    if not has_learned(Imitation(imitation), folder / "start"):
        return None
    start = model_of(folder / "start")
    sizes = {"problems": settings["problems"], "longest": settings["grpo"]["max_new_tokens"]}
    easiest = {**common, "level": low}
    found: Record = {
        "target": settings["target"],
        "start": tested(folder / "start", ENV_ID, easiest, **sizes),
    }
    for name in _ARMS:
        config = GRPOConfig(
            ENV_ID,
            {**common, "level": high} if name == "hardest" else everything,
            test_kwargs={"split": "test", "level": high},
            model=start,
            seed=seed,
            curriculum="adaptive" if name == "adaptive" else "none",
            **settings["grpo"],
        )
        kind = CoinFlips if name == "control" else GRPO
        if not has_learned(kind(config), folder / name):
            return None
        found[name] = {
            "curve": curve_of(folder / name),
            "easiest": tested(folder / name, ENV_ID, easiest, **sizes),
        }
    return found


def _tables(records: Sequence[Record]) -> list[str]:
    target = records[0]["target"]
    plain = [record["uniform"]["curve"] for record in records]
    rows = []
    for name, title in _ARMS.items():
        curves = [record[name]["curve"] for record in records]
        easiest = each_of(records, name, "easiest")
        lost = [after - record["start"] for after, record in zip(easiest, records, strict=True)]
        rows.append(
            [
                title,
                share([curve[-1][2] for curve in curves]),
                until(curves, plain, target, "tokens"),
                share(easiest),
                points(lost),
            ]
        )
    header = ["played", "solved at the highest level", f"tokens until {target:.0%}"]
    header += ["solved at the lowest", "change there, points"]
    start = share([curve[0][2] for curve in plain])
    return [
        *table(header, rows),
        "",
        f"Before GRPO {start} is solved at the highest level, and "
        f"{share(each_of(records, 'start'))} at the lowest. The first line has tokens, and the "
        "others what they need more or less; a run that never solves as much is left out of that, "
        "and counted.",
    ]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    left, right = figure.subplots(1, 2, sharey=True)
    colors = ["#969696", "#e6550d", "#08519c", "#fdae6b"]
    curves = {title: [record[name]["curve"] for record in records] for name, title in _ARMS.items()}
    most = max(record["uniform"]["curve"][-1][0] for record in records)
    draw_curves(left, curves, colors, "tokens", most)
    left.set_title("the highest level", fontsize=10)
    left.set_ylabel("solved, test split, temperature 1", fontsize=10)
    left.legend(fontsize=8)
    for place, (name, color) in enumerate(zip(_ARMS, colors, strict=True)):
        mean = over_seeds(each_of(records, name, "easiest"))
        error = [[mean.value - mean.low], [mean.high - mean.value]] if len(records) > 1 else None
        right.bar(place, mean.value, color=color, yerr=error, capsize=4)
    right.axhline(
        over_seeds(each_of(records, "start")).value, color="k", ls=":", label="before GRPO"
    )
    right.set_title("the lowest level, afterwards", fontsize=10)
    right.set_xticks(
        range(len(_ARMS)), [t.replace(" ", "\n", 1) for t in _ARMS.values()], fontsize=8
    )
    right.grid(alpha=0.3, axis="y")
    right.legend(fontsize=8)


CURRICULUM = Experiment(
    name="curriculum",
    title="Which levels are worth playing: all alike, the hardest alone, or those that teach most?",
    settings={
        "topics": ["integer_arithmetic", "linear_equations"],
        "levels": [1, 5],
        "imitation": {
            "skip_reasoning": 0.0,
            "target_accuracy": 0.3,
            "decay_steps": 1,  # a decay of the learning rate would do much of what is left for GRPO
            "max_steps": 1500,
            "held_out_problems": 256,
            "eval_every": 20,
            "max_new_tokens": 96,
            "device": "cpu",
        },
        "grpo": {
            "groups": 32,
            "updates": 120,
            "learning_rate": 4e-4,
            "max_new_tokens": 96,
            "eval_every": 10,
            "eval_problems": 256,
            "device": "cpu",
        },
        "problems": 256,
        "target": 0.3,
    },
    quick={
        "imitation": {"demonstrations": 100, "max_steps": 20, "held_out_problems": 8},
        "grpo": {"groups": 2, "updates": 2, "eval_every": 1, "eval_problems": 8},
        "problems": 8,
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
