"""What generalises better: more imitation, or learning from rewards?

A model of random weights imitates worked solutions of three topics for a while. Then it learns two
of them at one level, from more worked solutions or from rewards, as many tokens of each. It is
tested on what it learned, on the next level, and on the third topic. The control is paid by the
flip of a coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.common.run_folder import records_of
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.benchmark.runs import Record
from baselines.coin_flips import CoinFlips
from baselines.experiments.curves import curve_of
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import over_seeds, points, share, table
from baselines.experiments.training import ENV_ID, each_of, has_learned, model_of, tested

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["GENERALISATION"]

_ARMS = {
    "start": "nothing more",
    "supervised": "more worked solutions",
    "rewarded": "rewards (GRPO)",
    "control": "coin flips",
}
_TESTS = {"learned": "topics and level of it", "level": "the next level", "topic": "another topic"}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    learned, other = settings["topics"], settings["other_topic"]
    common = {"level": settings["level"], "instruction": ""}
    shown = {**common, "topics": [*learned, other]}
    env_kwargs = {**common, "topics": learned}
    start = ImitationConfig(ENV_ID, shown, seed=seed, **settings["imitation"])
    if not has_learned(Imitation(start), folder / "start"):
        return None
    model = model_of(folder / "start")
    more = ImitationConfig(ENV_ID, env_kwargs, model=model, seed=seed, **settings["supervised"])
    if not has_learned(Imitation(more), folder / "supervised"):
        return None
    for name, kind in (("rewarded", GRPO), ("control", CoinFlips)):
        config = GRPOConfig(ENV_ID, env_kwargs, model=model, seed=seed, **settings["grpo"])
        if not has_learned(kind(config), folder / name):
            return None
    tests = {
        "learned": env_kwargs,
        "level": {**env_kwargs, "level": settings["next"]},
        "topic": {**common, "topics": other},
    }
    sizes = {"problems": settings["problems"], "longest": settings["longest"]}
    found: Record = {
        name: {
            test: tested(folder / name, ENV_ID, kwargs, **sizes) for test, kwargs in tests.items()
        }
        for name in _ARMS
    }
    steps = records_of(folder / "supervised")
    last = curve_of(folder / "rewarded")[-1]
    found["spent"] = {
        "supervised": [sum(step[what] for step in steps) for what in ("tokens", "seconds")],
        "rewarded": [last.tokens, last.seconds],
    }
    return found


def _tables(records: Sequence[Record]) -> list[str]:
    rows = [
        [title, *(share(each_of(records, name, test)) for test in _TESTS)]
        for name, title in _ARMS.items()
    ]
    difference = [
        points([record["rewarded"][test] - record["supervised"][test] for record in records])
        for test in _TESTS
    ]
    rows.append(["rewards against solutions, points", *difference])
    spent = {
        name: [sum(r["spent"][name][place] for r in records) / len(records) for place in (0, 1)]
        for name in ("supervised", "rewarded")
    }
    tokens, seconds = (
        " and ".join(f"{spent[name][place]:,.0f}" for name in spent) for place in (0, 1)
    )
    return [
        *table(["learned from", *_TESTS.values()], rows),
        "",
        f"Worked solutions and rewards took {tokens} tokens, and {seconds} seconds.",
    ]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    axes = figure.subplots()
    colors = ["#969696", "#31a354", "#08519c", "#e6550d"]
    for number, ((name, title), color) in enumerate(zip(_ARMS.items(), colors, strict=True)):
        found = [over_seeds(each_of(records, name, test)) for test in _TESTS]
        places = [place + 0.2 * (number - 1.5) for place in range(len(_TESTS))]
        values = [mean.value for mean in found]
        errors = None
        if len(records) > 1:
            errors = [
                [mean.value - mean.low for mean in found],
                [mean.high - mean.value for mean in found],
            ]
        axes.bar(places, values, 0.2, color=color, label=title, yerr=errors, capsize=3)
    axes.set_xticks(range(len(_TESTS)), list(_TESTS.values()))
    axes.set_ylim(0, 1)
    axes.set_ylabel("solved, test split, temperature 1")
    axes.grid(alpha=0.3, axis="y")
    axes.legend(fontsize=8)


GENERALISATION = Experiment(
    name="generalisation",
    title="What generalises better: more imitation, or learning from rewards?",
    settings={
        "topics": ["integer_arithmetic", "linear_equations"],
        "other_topic": "sequences",
        "level": 2,
        "next": 3,
        "imitation": {
            "skip_reasoning": 0.0,
            "target_accuracy": 0.35,
            "decay_steps": 1,  # a decay of the learning rate would do much of what is left
            "max_steps": 1500,
            "held_out_problems": 256,
            "eval_every": 20,
            "max_new_tokens": 64,
            "device": "cpu",
        },
        "supervised": {
            "skip_reasoning": 0.0,
            "learning_rate": 1e-3,
            "demonstrations": 16_000,
            "target_accuracy": 1.0,
            "max_steps": 450,
            "decay_steps": 400,
            "held_out_problems": 256,
            "eval_every": 0,
            "max_new_tokens": 64,
            "device": "cpu",
        },
        "grpo": {
            "groups": 32,
            "updates": 120,
            "learning_rate": 4e-4,
            "max_new_tokens": 64,
            "eval_every": 0,
            "eval_problems": 64,
            "device": "cpu",
        },
        "problems": 512,
        "longest": 80,
    },
    quick={
        "imitation": {"demonstrations": 100, "max_steps": 20, "held_out_problems": 8},
        "supervised": {
            "demonstrations": 100,
            "max_steps": 5,
            "decay_steps": 4,
            "held_out_problems": 8,
        },
        "grpo": {"groups": 4, "updates": 2, "eval_problems": 8, "max_new_tokens": 32},
        "problems": 8,
        "longest": 32,
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
