"""Does a vote help, and does it still help after GRPO?

A model of random weights imitates worked solutions; then GRPO goes on from it. Before and after,
each problem of the test split is answered 16 times at temperature 1. From these samples pass@1,
maj@k and pass@k are estimated without a bias. The control is GRPO that is paid by the flip of a
coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.benchmark.runs import Record
from baselines.coin_flips import CoinFlips
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import over_seeds, points, share, table
from baselines.experiments.training import (
    ENV_ID,
    each_of,
    has_learned,
    measured,
    model_of,
    player_of,
    problems,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["VOTES"]

_KS = (1, 2, 4, 8, 16)
_STAGES = {"before": "after imitation", "after": "after GRPO", "control": "after coin flips"}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    env_kwargs = {"topics": settings["topics"], "level": settings["level"], "instruction": ""}
    imitation = ImitationConfig(ENV_ID, env_kwargs, seed=seed, **settings["imitation"])
    runs = {name: folder / name for name in _STAGES}
    if not has_learned(Imitation(imitation), runs["before"]):
        return None
    start = model_of(runs["before"])
    for name, kind in (("after", GRPO), ("control", CoinFlips)):
        config = GRPOConfig(ENV_ID, env_kwargs, model=start, seed=seed, **settings["grpo"])
        if not has_learned(kind(config), runs[name]):
            return None
    suite = problems(settings["problems"], [settings["level"]], topics=settings["topics"])
    found: Record = {}
    for name, run in runs.items():
        player = partial(
            player_of, run, temperature=1.0, max_tokens=settings["grpo"]["max_new_tokens"]
        )
        summary, _ = measured(player, suite, folder / f"{name}_test", samples=max(_KS))
        found[name] = {
            "majority_at": {str(k): summary.total.majority_at[k].value for k in _KS},
            "pass_at": {str(k): summary.total.pass_at[k].value for k in _KS},
        }
    return found


def _tables(records: Sequence[Record]) -> list[str]:
    rows, gains, found = [], {}, {}
    for name, title in _STAGES.items():
        first = each_of(records, name, "pass_at", "1")
        vote = each_of(records, name, "majority_at", "16")
        gains[name] = _differences(vote, first)
        found[name] = each_of(records, name, "pass_at", "16")
        rows.append([title, share(first), share(vote), points(gains[name]), share(found[name])])
    return [
        *table(["model", "pass@1", "maj@16", "gain of the vote, points", "pass@16"], rows),
        "",
        "What GRPO changes, in points: the gain of the vote "
        f"{points(_differences(gains['after'], gains['before']))}, pass@16 "
        f"{points(_differences(found['after'], found['before']))}.",
    ]


def _differences(ones: Sequence[float], others: Sequence[float]) -> list[float]:
    """Seed by seed."""
    return [one - other for one, other in zip(ones, others, strict=True)]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    panels = figure.subplots(1, len(_STAGES), sharey=True)
    for panel, (name, title) in zip(panels, _STAGES.items(), strict=True):
        for measure, label, color in (
            ("pass_at", "pass@k", "#9ecae1"),
            ("majority_at", "maj@k", "#08519c"),
        ):
            found = [over_seeds(each_of(records, name, measure, str(k))) for k in _KS]
            panel.plot(_KS, [f.value for f in found], "o-", color=color, label=label)
            if len(records) > 1:
                lows, highs = [f.low for f in found], [f.high for f in found]
                panel.fill_between(_KS, lows, highs, color=color, alpha=0.25)
        panel.set_title(title, fontsize=10)
        panel.set_xscale("log", base=2)
        panel.set_xticks(_KS, [str(k) for k in _KS])
        panel.set_ylim(0, 1)
        panel.grid(alpha=0.3)
    panels[0].legend(fontsize=8)
    figure.supxlabel("k samples", fontsize=10)
    figure.supylabel("solved, test split", fontsize=10)


VOTES = Experiment(
    name="votes",
    title="Does a vote help, and does it still help after GRPO?",
    settings={
        "topics": ["integer_arithmetic", "linear_equations"],
        "level": 2,
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
        "problems": 256,
    },
    quick={
        "imitation": {"demonstrations": 100, "max_steps": 20, "held_out_problems": 8},
        "grpo": {"groups": 4, "updates": 2, "eval_problems": 8, "max_new_tokens": 32},
        "problems": 8,
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
