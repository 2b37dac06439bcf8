"""How does a small model learn most from a larger one: from its text, or by its corrections?

A teacher of random weights imitates worked solutions, and goes on with GRPO. A smaller student
imitates the same solutions for a while. Then it learns from the teacher: to say what the teacher
said; all that the teacher might have said there; or, on its own replies, the teacher's distribution
after each of its tokens. All see as many episodes. The control learns from a teacher that was paid
by the flip of a coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.distillation import Distillation, DistillationConfig
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.benchmark.runs import Record
from baselines.coin_flips import CoinFlips
from baselines.experiments.curves import Axis, curve_of, draw_curves, solved_after
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import points, share, table
from baselines.experiments.training import ENV_ID, each_of, has_learned, model_of, tested

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DISTILLATION"]

_ARMS: dict[str, tuple[str, dict[str, Any]]] = {
    "text": ("the teacher's text", {"sampled_by": "teacher", "loss": "likelihood"}),
    "words": ("its distributions there", {"sampled_by": "teacher", "loss": "forward_kl"}),
    "own": ("its distributions on the student's text", {"sampled_by": "student"}),
    "control": ("the same, of a teacher paid by coin flips", {"sampled_by": "student"}),
}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    env_kwargs = {"topics": settings["topics"], "level": settings["level"], "instruction": ""}
    for name in ("taught", "student"):
        config = ImitationConfig(ENV_ID, env_kwargs, seed=seed, **settings[name])
        if not has_learned(Imitation(config), folder / name):
            return None
    for name, kind in (("teacher", GRPO), ("coin", CoinFlips)):
        taught = model_of(folder / "taught")
        grpo = GRPOConfig(ENV_ID, env_kwargs, model=taught, seed=seed, **settings["grpo"])
        if not has_learned(kind(grpo), folder / name):
            return None
    found: Record = {"curves": {}}
    for name, (_, given) in _ARMS.items():
        distilled = DistillationConfig(
            ENV_ID,
            env_kwargs,
            model=model_of(folder / "student"),
            teacher=str(folder / ("coin" if name == "control" else "teacher")),
            seed=seed,
            **given,
            **settings["distillation"],
        )
        if not has_learned(Distillation(distilled), folder / name):
            return None
        found["curves"][name] = curve_of(folder / name)
    sizes = {
        "problems": settings["distillation"]["eval_problems"],
        "longest": settings["distillation"]["max_new_tokens"],
    }
    for name in ("teacher", "coin", "student"):
        found[name] = tested(folder / name, ENV_ID, env_kwargs, **sizes)
    return found


def _tables(records: Sequence[Record]) -> list[str]:
    plain = [record["curves"]["text"] for record in records]
    rows = []
    for name, (title, _) in _ARMS.items():
        curves = [record["curves"][name] for record in records]
        spent = [min(a[-1][0], b[-1][0]) for a, b in zip(curves, plain, strict=True)]
        solved, others = (
            [solved_after(curve, most, "tokens") for curve, most in zip(which, spent, strict=True)]
            for which in (curves, plain)
        )
        seconds = [solved_after(a, b[-1][1], "seconds") for a, b in zip(curves, plain, strict=True)]
        gains = [mine - other for mine, other in zip(solved, others, strict=True)]
        rows.append([title, share(solved), points(gains) if name != "text" else "", share(seconds)])
    header = ["learned from", "solved", "against text, points", "in as many seconds as text took"]
    return [
        *table(header, rows),
        "",
        f"The teacher solves {share(each_of(records, 'teacher'))}, that of the control "
        f"{share(each_of(records, 'coin'))}, and the student before "
        f"{share(each_of(records, 'student'))}. Solved and the difference are after as many "
        "sampled tokens as the two runs that are compared both have.",
    ]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    panels = figure.subplots(1, 2, sharey=True)
    colors = ["#969696", "#31a354", "#08519c", "#e6550d"]
    curves = {t: [record["curves"][name] for record in records] for name, (t, _) in _ARMS.items()}
    axes: tuple[Axis, Axis] = ("tokens", "seconds")
    for place, axis in enumerate(axes):
        most = max(record["curves"]["text"][-1][place] for record in records)
        draw_curves(panels[place], curves, colors, axis, most)
    panels[0].set_ylabel("solved, test split, temperature 1", fontsize=10)
    panels[1].legend(fontsize=7)


_IMITATION: dict[str, Any] = {
    "skip_reasoning": 0.0,
    "decay_steps": 1,  # a decay of the learning rate would do much of what is left
    "max_steps": 1500,
    "held_out_problems": 256,
    "eval_every": 20,
    "max_new_tokens": 48,
    "device": "cpu",
}

DISTILLATION = Experiment(
    name="distillation",
    title="How does a small model learn most from a larger one: its text, or its corrections?",
    settings={
        "topics": ["integer_arithmetic", "linear_equations"],
        "level": 2,
        "taught": {**_IMITATION, "target_accuracy": 0.4},
        "student": {**_IMITATION, "model": "tiny-2x32", "target_accuracy": 0.15},
        "grpo": {
            "groups": 32,
            "updates": 120,
            "learning_rate": 4e-4,
            "max_new_tokens": 48,
            "eval_every": 0,
            "eval_problems": 64,
            "device": "cpu",
        },
        "distillation": {
            "updates": 100,
            "max_new_tokens": 48,
            "eval_every": 10,
            "eval_problems": 256,
            "device": "cpu",
        },
    },
    quick={
        "taught": {"demonstrations": 100, "max_steps": 10, "held_out_problems": 8},
        "student": {"demonstrations": 100, "max_steps": 10, "held_out_problems": 8},
        "grpo": {"groups": 2, "updates": 1, "eval_problems": 8},
        "distillation": {"groups": 8, "updates": 2, "eval_every": 1, "eval_problems": 8},
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
