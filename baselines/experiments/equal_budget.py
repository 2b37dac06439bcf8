"""Which algorithm learns most from as many tokens, and from as many seconds?

A model of random weights imitates worked solutions for a while. From there each algorithm goes on
by itself: all sample as many episodes of the same environment, and imitation goes on with as many
tokens of worked solutions. One task has a single turn, the other has up to eight. The control is
GRPO that is paid by the flip of a coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.common.run_folder import records_of
from agents.imitation import Imitation, ImitationConfig
from baselines.algorithms import agent_class, config_class
from baselines.benchmark.runs import Record
from baselines.coin_flips import CoinFlips
from baselines.experiments.curves import Point, curve_of, draw_curves, solved_after
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import points, share, table
from baselines.experiments.training import has_learned, model_of, tested

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EQUAL_BUDGET"]

_TITLES = {"math": "one turn", "hanoi": "up to eight turns"}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    found: Record = {}
    for name in settings["tasks"]:
        curves = _play_task(seed, settings[name], settings["arms"], folder / name)
        if curves is None:
            return None
        found[name] = curves
    return found


def _play_task(
    seed: int, task: Mapping[str, Any], arms: Mapping[str, Any], folder: Path
) -> Record | None:
    env_id, env_kwargs = task["env_id"], task["env_kwargs"]
    imitation = ImitationConfig(env_id, env_kwargs, seed=seed, **task["imitation"])
    if not has_learned(Imitation(imitation), folder / "start"):
        return None
    start = model_of(folder / "start")
    found: Record = {}
    for name, (agent, given) in arms.items():
        run = folder / name
        common = task["supervised" if agent == "imitation" else "rewarded"]
        changes = {**common, **given, **task["changes"].get(name, {})}
        config = config_class(agent)(env_id, env_kwargs, model=start, seed=seed, **changes)
        kind = CoinFlips if name == "control" else agent_class(agent)
        if not has_learned(kind(config), run):
            return None
        if agent == "imitation":
            found[name] = [Point(0.0, 0.0, _solved(folder / "start", task)), _end(run, task)]
        else:
            found[name] = curve_of(run)
    return found


def _end(run: Path, task: Mapping[str, Any]) -> Point:
    """What a run of imitation took, and came to."""
    records = records_of(run)
    tokens, seconds = (sum(record[name] for record in records) for name in ("tokens", "seconds"))
    return Point(tokens, seconds, _solved(run, task))


def _solved(run: Path, task: Mapping[str, Any]) -> float:
    settings = task["rewarded"]
    return tested(
        run,
        task["env_id"],
        task["env_kwargs"],
        problems=settings["eval_problems"],
        longest=settings["max_new_tokens"],
    )


def _tables(records: Sequence[Record]) -> list[str]:
    lines = []
    for task in records[0]:
        plain = [record[task]["grpo_plain"] for record in records]
        rows = []
        for name in records[0][task]:
            curves = [record[task][name] for record in records]
            pairs = list(zip(curves, plain, strict=True))
            by_tokens = [solved_after(mine, other[-1][0], "tokens") for mine, other in pairs]
            by_seconds = [solved_after(mine, other[-1][1], "seconds") for mine, other in pairs]
            gains = [solved - other[-1][2] for solved, other in zip(by_tokens, plain, strict=True)]
            spent = [sum(curve[-1][place] for curve in curves) / len(curves) for place in (0, 1)]
            rows.append(
                [
                    name.replace("_", " "),
                    share(by_tokens),
                    points(gains) if name != "grpo_plain" else "",
                    share(by_seconds),
                    f"{spent[0] / 1e6:.2f}",
                    f"{spent[1]:.0f}",
                ]
            )
        start = share([curves[0][2] for curves in plain])
        header = ["algorithm", "solved", "against plain GRPO, points", "in as many seconds"]
        header += ["million tokens", "seconds"]
        lines += [f"{_TITLES[task].capitalize()}, from {start}:", "", *table(header, rows), ""]
    return [
        *lines,
        "Solved at the temperature of the training, after as many tokens, and as many seconds, as "
        "plain GRPO took in all.",
    ]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    from matplotlib import colormaps

    tasks = list(records[0])
    panels = figure.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
    for panel, task in zip(panels, tasks, strict=True):
        names = list(records[0][task])
        curves = {n.replace("_", " "): [record[task][n] for record in records] for n in names}
        most = max(record[task]["grpo_plain"][-1][0] for record in records)
        colors = [colormaps["tab20"](n % 20) for n in range(len(names))]
        draw_curves(panel, curves, colors, "tokens", most)
        panel.set_title(_TITLES[task], fontsize=10)
    panels[0].set_ylabel("solved, test split, temperature 1", fontsize=10)
    figure.legend(*panels[0].get_legend_handles_labels(), fontsize=6, loc="outside right upper")


_IMITATION: dict[str, Any] = {
    "decay_steps": 1,  # a decay of the learning rate would do much of what is left for the others
    "held_out_problems": 256,
    "eval_every": 20,
    "device": "cpu",
}
_REWARDED: dict[str, Any] = {
    "groups": 32,
    "group_size": 8,
    "updates": 120,
    "eval_every": 10,
    "eval_problems": 256,
    "device": "cpu",
}
_GRPO = {"learning_rate": 4e-4}

EQUAL_BUDGET = Experiment(
    name="equal_budget",
    title="Which algorithm learns most from as many tokens, and from as many seconds?",
    settings={
        "tasks": ["math", "hanoi"],
        "math": {
            "env_id": "MathBoxed-v0",
            "env_kwargs": {
                "topics": ["integer_arithmetic", "linear_equations"],
                "level": 2,
                "instruction": "",
            },
            "imitation": {
                **_IMITATION,
                "skip_reasoning": 0.6,
                "target_accuracy": 0.4,
                "max_steps": 1000,
                "max_new_tokens": 48,
            },
            "rewarded": {**_REWARDED, "max_new_tokens": 48},
            "supervised": {
                "learning_rate": 1e-3,
                "skip_reasoning": 0.0,
                "demonstrations": 16_000,
                "max_steps": 450,
                "decay_steps": 400,
                "target_accuracy": 1.0,
                "held_out_problems": 256,
                "eval_every": 0,
                "max_new_tokens": 48,
                "device": "cpu",
            },
            "changes": {},
        },
        "hanoi": {
            "env_id": "TowerOfHanoi-v0",
            "env_kwargs": {"level": 1, "instruction": "", "max_turns": 8},
            "imitation": {
                **_IMITATION,
                "words": 300,
                "skip_reasoning": 0.0,
                "demonstrations": 400,
                "target_accuracy": 0.25,
                "max_steps": 1500,
                "held_out_problems": 128,
                "max_new_tokens": 6,
            },
            "rewarded": {**_REWARDED, "updates": 100, "max_new_tokens": 6, "eval_problems": 77},
            "supervised": {
                "learning_rate": 1e-3,
                "skip_reasoning": 0.0,
                "demonstrations": 400,
                "max_steps": 450,
                "decay_steps": 400,
                "target_accuracy": 1.0,
                "held_out_problems": 128,
                "eval_every": 0,
                "max_new_tokens": 6,
                "device": "cpu",
            },
            "changes": {},
        },
        "arms": {
            "imitation": ("imitation", {}),
            "rejection_sampling": (
                "expert_iteration",
                {"learning_rate": 3e-4, "groups": 3840, "updates": 1, "minibatches": 120},
            ),
            "expert_iteration": ("expert_iteration", {"learning_rate": 3e-4}),
            "dpo_offline": ("dpo", {"learning_rate": 2e-5, "sampled_by": "reference"}),
            "dpo_iterated": (
                "dpo",
                {"learning_rate": 2e-4, "sampled_by": "reference", "reference_every": 20},
            ),
            "dpo_online": ("dpo", {"learning_rate": 5e-4}),
            "ppo": ("ppo_language", {"learning_rate": 4e-4, "groups": 256, "group_size": 1}),
            "trpo": ("trpo_language", {}),
            "grpo_plain": ("grpo", _GRPO),
            "grpo_paper": ("grpo", {**_GRPO, "recipe": "grpo"}),
            "dr_grpo": ("grpo", {**_GRPO, "recipe": "dr_grpo"}),
            "dapo": ("grpo", {**_GRPO, "recipe": "dapo"}),
            "gspo": ("grpo", {**_GRPO, "recipe": "gspo"}),
            "cispo": ("grpo", {**_GRPO, "recipe": "cispo"}),
            "rloo": ("grpo", {**_GRPO, "recipe": "rloo"}),
            "reinforce++": ("grpo", {**_GRPO, "recipe": "reinforce++"}),
            "control": ("grpo", _GRPO),
        },
    },
    quick={
        "tasks": ["math"],
        "math": {
            "env_id": "MathBoxed-v0",
            "env_kwargs": {"topics": ["integer_arithmetic"], "level": 1, "instruction": ""},
            "imitation": {
                **_IMITATION,
                "demonstrations": 100,
                "max_steps": 20,
                "held_out_problems": 8,
                "max_new_tokens": 32,
            },
            "rewarded": {
                **_REWARDED,
                "groups": 2,
                "updates": 2,
                "eval_problems": 8,
                "max_new_tokens": 32,
            },
            "supervised": {
                "demonstrations": 16,
                "max_steps": 2,
                "decay_steps": 1,
                "held_out_problems": 8,
                "eval_every": 0,
                "max_new_tokens": 32,
                "device": "cpu",
            },
            "changes": {},
        },
        "arms": {
            "rejection_sampling": (
                "expert_iteration",
                {"groups": 4, "updates": 1, "minibatches": 2},
            ),
        },
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
