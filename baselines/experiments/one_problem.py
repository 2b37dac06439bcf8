"""What does one training problem teach?

A model of random weights imitates worked solutions, most of them without the reasoning. From there
GRPO is paid for right answers to one and the same problem, for five problems in turn. What it then
does with the problems of the test split is compared with GRPO on ever new problems, and with two
controls on the same five problems: one is paid for any answer that can be read, the other by the
flip of a coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import gymnasium as gym

import reasoning_gym_envs  # noqa: F401  (registers the environments)
from agents.common.run_folder import records_of
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.benchmark.runs import Record
from baselines.coin_flips import CoinFlips
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import over_seeds, points, share, table
from baselines.experiments.training import ENV_ID, has_learned, model_of
from reasoning_gym_envs.seeds import derive_seed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ONE_PROBLEM"]

_ARMS = {
    "before": "after imitation",
    "one": "one problem",
    "format": "one problem, any answer is paid",
    "coin": "one problem, coin flips",
    "many": "ever new problems",
}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    env_kwargs = {"topics": settings["topics"], "level": settings["level"], "instruction": ""}
    imitation = ImitationConfig(ENV_ID, env_kwargs, seed=seed, **settings["imitation"])
    if not has_learned(Imitation(imitation), folder / "start"):
        return None
    start = model_of(folder / "start")
    chosen = _problems(seed, settings["problems"], env_kwargs)
    runs: list[tuple[str, type[GRPO], dict[str, Any]]] = [("many", GRPO, {})]
    for problem_id in chosen.values():
        only: dict[str, Any] = {"problem_ids": (problem_id,)}
        runs.append(("one", GRPO, only))
        runs.append(("format", GRPO, {**only, "reward_source": "format"}))
        runs.append(("coin", CoinFlips, only))
    found: Record = {"problems": list(chosen), **{name: [] for name in _ARMS}}
    for number, (name, kind, more) in enumerate(runs):
        run = folder / f"{number}_{name}"
        config = GRPOConfig(
            ENV_ID, env_kwargs, model=start, seed=seed, eval_every=0, **settings["grpo"], **more
        )
        if not has_learned(kind(config), run):
            return None
        tests = [m for m in records_of(run) if "test_accuracy" in m]
        found[name].append(_described(tests[-1]))
        found["before"] = [_described(tests[0])]
    return found


def _problems(seed: int, count: int, env_kwargs: Mapping[str, Any]) -> dict[str, str]:
    """The ids of some problems of the train split, by their texts."""
    found: dict[str, str] = {}
    with gym.make(ENV_ID, **env_kwargs) as env:
        number = 0
        while len(found) < count:
            observation, info = env.reset(seed=derive_seed(seed, 7, number))
            found[observation.strip()] = info["problem_id"]
            number += 1
    return found


def _described(test: Mapping[str, Any]) -> dict[str, float]:
    """What a test says of answers at temperature 1."""
    return {
        "solved": test["test_sampled_accuracy"],
        "reasons": test["test_sampled_reasoning"],
        "solved_reasoning": test.get("test_reasoned_accuracy", 0.0),
    }


def _mean(record: Record, name: str, measure: str) -> float:
    return fmean(each[measure] for each in record[name])


def _solved_else(each: Mapping[str, float]) -> float:
    """Accuracy of the answers without reasoning."""
    rest = 1 - each["reasons"]
    return (each["solved"] - each["reasons"] * each["solved_reasoning"]) / rest if rest else 0.0


def _gains(record: Record, name: str) -> tuple[float, float]:
    """What is gained, and the part of it that comes of reasoning more often, no better."""
    [before] = record["before"]
    gain = _mean(record, name, "solved") - before["solved"]
    oftener = _mean(record, name, "reasons") - before["reasons"]
    return gain, oftener * (before["solved_reasoning"] - _solved_else(before))


def _tables(records: Sequence[Record]) -> list[str]:
    rows = []
    for name, title in _ARMS.items():
        shares = [
            share([_mean(record, name, measure) for record in records])
            for measure in ("solved", "reasons", "solved_reasoning")
        ]
        gains = [_gains(record, name) for record in records]
        parts = ["", "", ""]
        if name != "before":
            parts = [
                points([gain for gain, _ in gains]),
                points([often for _, often in gains]),
                points([gain - often for gain, often in gains]),
            ]
        rows.append([title, *shares, *parts])
    header = ["trained on", "solved", "reason", "of these solved"]
    header += ["gain, points", "by reasoning more often", "by answering better"]
    each = [[100 * run["solved"] for run in record["one"]] for record in records]
    spread = [f"{min(values):.0f} to {max(values):.0f}" for values in each]
    return [
        *table(header, rows),
        "",
        f"After one problem, the worst to the best of the {len(each[0])} problems of each seed: "
        f"{', '.join(spread)}%.",
    ]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    axes = figure.subplots()
    colors = ["#969696", "#08519c", "#31a354", "#e6550d", "#9ecae1"]
    for place, (name, color) in enumerate(zip(_ARMS, colors, strict=True)):
        mean = over_seeds([_mean(record, name, "solved") for record in records])
        error = [[mean.value - mean.low], [mean.high - mean.value]] if len(records) > 1 else None
        axes.bar(place, mean.value, color=color, yerr=error, capsize=4)
        for record in records:
            for each in record[name]:
                axes.plot(place, each["solved"], "k.", ms=4, alpha=0.5)
    axes.set_xticks(range(len(_ARMS)), [title.replace(", ", ",\n") for title in _ARMS.values()])
    axes.tick_params(axis="x", labelsize=8)
    axes.set_ylim(0, 1)
    axes.set_ylabel("solved, test split, temperature 1")
    axes.grid(alpha=0.3, axis="y")


ONE_PROBLEM = Experiment(
    name="one_problem",
    title="What does one training problem teach?",
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
            "groups": 16,
            "updates": 45,
            "learning_rate": 4e-4,
            "max_new_tokens": 48,
            "eval_problems": 512,
            "device": "cpu",
        },
        "problems": 5,
    },
    quick={
        "imitation": {"demonstrations": 100, "max_steps": 20, "held_out_problems": 8},
        "grpo": {"groups": 2, "updates": 2, "eval_problems": 8, "max_new_tokens": 32},
        "problems": 2,
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
