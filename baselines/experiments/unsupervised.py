"""Can a model learn without verdicts, and how good must it be for that?

A model of random weights imitates worked solutions, and is kept at four strengths on the way. From
each of them GRPO is paid by verdicts, by agreement with the majority of the group, by low entropy,
by self-certainty, or by the flip of a coin. Tests are on the test split, at temperature 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.common.reward_sources import RewardSource
from agents.common.run_folder import records_of
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
from reasoning_gym_envs.evaluation.summary import Scores

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["UNSUPERVISED"]

_VOTERS = 16
_SAMPLES = 4  # of each problem after GRPO, where nobody votes


class _Arm(NamedTuple):
    """What pays in a run of GRPO."""

    title: str
    source: RewardSource
    color: str
    kind: type[GRPO] = GRPO


_ARMS = {
    "verdict": _Arm("verdicts", "verdict", "#08519c"),
    "majority": _Arm("majority", "majority", "#31a354"),
    "entropy": _Arm("low entropy", "entropy", "#756bb1"),
    "certainty": _Arm("self-certainty", "certainty", "#c994c7"),
    "control": _Arm("coin flips", "verdict", "#e6550d", CoinFlips),  # in place of the verdict
}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    env_kwargs = {"topics": settings["topics"], "level": settings["level"], "instruction": ""}
    suite = problems(settings["problems"], [settings["level"]], topics=settings["topics"])
    longest = settings["grpo"]["max_new_tokens"]

    def tested(run: Path, samples: int) -> Scores:
        player = partial(player_of, run, temperature=1.0, max_tokens=longest)
        summary, _ = measured(player, suite, run.with_name(f"{run.name}_test"), samples=samples)
        return summary.total

    found: Record = {}
    start = "tiny"
    for strength in settings["strengths"]:
        runs = folder / f"from_{strength:g}"
        imitation = ImitationConfig(
            ENV_ID,
            env_kwargs,
            model=start,  # it goes on where the weaker one stopped
            seed=seed,
            target_accuracy=strength,
            **settings["imitation"],
        )
        if not has_learned(Imitation(imitation), runs / "before"):
            return None
        start = model_of(runs / "before")
        test = tested(runs / "before", _VOTERS)
        before = {"solved": test.pass_at[1].value, "voted": test.majority_at[_VOTERS].value}
        stages: Record = {"before": before}
        for name, arm in _ARMS.items():
            config = GRPOConfig(
                ENV_ID,
                env_kwargs,
                model=start,
                seed=seed,
                reward_source=arm.source,
                **settings["grpo"],
            )
            if not has_learned(arm.kind(config), runs / name):
                return None
            updates = [metrics for metrics in records_of(runs / name) if "reward" in metrics]
            few = max(1, len(updates) // 10)
            stages[name] = {
                "solved": tested(runs / name, _SAMPLES).pass_at[1].value,
                "paid_first": fmean(metrics["reward"] for metrics in updates[:few]),
                "paid_last": fmean(metrics["reward"] for metrics in updates[-few:]),
            }
        found[f"{strength:g}"] = stages
    return found


def _gains(records: Sequence[Record], strength: str, name: str) -> list[float]:
    """What an arm adds to pass@1, seed by seed."""
    pairs = (each_of(records, strength, stage, "solved") for stage in (name, "before"))
    return [after - before for after, before in zip(*pairs, strict=True)]


def _threshold(votes: Sequence[float], gains: Sequence[float]) -> float | None:
    """The vote accuracy above which all gains are positive, in a straight line between strengths.

    None where the strongest start gains nothing, or where all starts gain.

    >>> round(_threshold([0.1, 0.3, 0.5, 0.7], [-0.02, 0.03, -0.1, 0.1]), 3)
    0.6
    """
    pairs = sorted(zip(votes, gains, strict=True))
    if pairs[-1][1] <= 0:
        return None
    for (left, loss), (right, gain) in reversed(list(pairwise(pairs))):
        if loss <= 0:
            return left + (right - left) * -loss / (gain - loss)
    return None


def _tables(records: Sequence[Record]) -> list[str]:
    strengths = list(records[0])
    header = ["imitation until", "pass@1", "maj@16", *(arm.title for arm in _ARMS.values())]
    rows = [
        [
            f"{float(strength):.0%}",
            share(each_of(records, strength, "before", "solved")),
            share(each_of(records, strength, "before", "voted")),
            *(points(_gains(records, strength, name)) for name in _ARMS),
        ]
        for strength in strengths
    ]
    lines = ["What each source of rewards adds to pass@1, in points:", "", *table(header, rows), ""]
    rows = [
        [
            arm.title,
            *(
                f"{fmean(each_of(records, strength, name, 'paid_first')):.2f} → "
                f"{fmean(each_of(records, strength, name, 'paid_last')):.2f}"
                for strength in strengths
            ),
        ]
        for name, arm in _ARMS.items()
    ]
    header = ["paid by", *(f"from {float(strength):.0%}" for strength in strengths)]
    lines += ["Mean reward in the first tenth of the updates, and in the last:", ""]
    lines += [*table(header, rows), ""]
    votes = [fmean(each_of(records, strength, "before", "voted")) for strength in strengths]
    for name, arm in _ARMS.items():
        gains = [fmean(_gains(records, strength, name)) for strength in strengths]
        place = _threshold(votes, gains)
        if place is not None:
            what = f"gains from a maj@16 of {place:.0%} on"
        elif min(gains) > 0:
            what = "gains from every start"
        else:
            what = "does not gain from the strongest start"
        lines.append(f"* {arm.title}: {what}.")
    return lines


def _draw(records: Sequence[Record], figure: Figure) -> None:
    axes = figure.subplots()
    for name, arm in _ARMS.items():
        means = []
        for strength in records[0]:
            votes = each_of(records, strength, "before", "voted")
            gains = _gains(records, strength, name)
            axes.plot(votes, gains, "o", color=arm.color, alpha=0.35, markersize=4)
            means.append((over_seeds(votes).value, over_seeds(gains).value))
        axes.plot(*zip(*sorted(means), strict=True), color=arm.color, label=arm.title)
    axes.axhline(0, color="black", lw=0.8)
    axes.set_xlim(0, 1)
    axes.set_xlabel("maj@16 before, test split")
    axes.set_ylabel("change of pass@1")
    axes.grid(alpha=0.3)
    figure.legend(fontsize=8, loc="outside lower center", ncols=len(_ARMS))


UNSUPERVISED = Experiment(
    name="unsupervised",
    title="Rewards without verdicts: how good must a model be to learn from its own majority?",
    settings={
        "topics": ["integer_arithmetic", "linear_equations"],
        "level": 2,
        "strengths": [0.1, 0.3, 0.5, 0.7],
        "imitation": {
            "skip_reasoning": 0.0,
            "decay_steps": 1,  # a decay of the learning rate would do much of what is left for GRPO
            "max_steps": 1000,
            "held_out_problems": 256,
            "eval_every": 10,
            "max_new_tokens": 48,
            "device": "cpu",
        },
        "grpo": {
            "groups": 16,
            "updates": 60,
            "learning_rate": 4e-4,
            "max_new_tokens": 48,
            "eval_every": 0,
            "eval_problems": 8,
            "device": "cpu",
        },
        "problems": 128,
    },
    quick={
        "strengths": [0.05, 0.5],
        "imitation": {"demonstrations": 100, "max_steps": 20, "held_out_problems": 8},
        "grpo": {"groups": 4, "updates": 2, "eval_problems": 8, "max_new_tokens": 32},
        "problems": 8,
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
