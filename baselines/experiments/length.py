"""How many tokens does a cost of length save, and what accuracy is it paid with?

A model imitates solutions in sentences, in short, and without any reasoning. From there GRPO is
paid for right answers, less a cost for each token: none, and three sizes of it. Tests are on the
test split: on the level that was trained, and on a harder one. The control pays the flip of a coin
in place of the verdict, and takes off the same cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.common.rollouts import without_reasoning
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.benchmark.runs import Record
from baselines.coin_flips import CoinFlips
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import change, over_seeds, points, share, table
from baselines.experiments.training import (
    ENV_ID,
    each_of,
    has_learned,
    measured,
    model_of,
    player_of,
    problems,
    write_conversations,
)
from reasoning_gym_envs import rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LENGTH"]


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    folder.mkdir(parents=True, exist_ok=True)
    common = {"topics": settings["topics"], "instruction": ""}
    shown = {**common, "level": settings["shown"]}
    env_kwargs = {**common, "level": settings["level"]}
    file = folder / "solutions.jsonl"
    write_conversations(file, _solutions(seed, settings["demonstrations"], shown))
    imitation = ImitationConfig(
        ENV_ID, shown, seed=seed, conversations=str(file), **settings["imitation"]
    )
    if not has_learned(Imitation(imitation), folder / "start"):
        return None
    start = model_of(folder / "start")
    arms: dict[str, tuple[type[GRPO], float]] = {
        **{_name(cost): (GRPO, cost) for cost in settings["costs"]},
        "control": (CoinFlips, settings["costs"][-1]),
    }
    for name, (kind, cost) in arms.items():
        config = GRPOConfig(
            ENV_ID,
            env_kwargs,
            model=start,
            seed=seed,
            # A token costs the same with and without a budget of its own, so the budget is 1.
            length_budget=1 if cost else 0,
            length_cost=cost,
            **settings["grpo"],
        )
        if not has_learned(kind(config), folder / name):
            return None
    found: Record = {}
    for name in ("start", *arms):
        player = partial(
            player_of, folder / name, temperature=0.0, max_tokens=settings["grpo"]["max_new_tokens"]
        )
        found[name] = {}
        for title, level in (("trained", settings["level"]), ("harder", settings["harder"])):
            suite = problems(settings["problems"], [level], topics=settings["topics"])
            summary, _ = measured(player, suite, folder / f"{name}_test" / title)
            found[name][title] = {
                "solved": summary.total.success.value,
                "tokens": summary.total.tokens,
            }
    return found


def _solutions(seed: int, count: int, arguments: Mapping[str, Any]) -> Iterator[Record]:
    """Solutions in two of five cases in sentences, in two in short, in one without reasoning."""
    in_short, in_words = (
        rows(ENV_ID, count, unique=False, seed=seed, reveal=True, style=style, **arguments)
        for style in ("terse", "words")
    )
    for number, (short, long) in enumerate(zip(in_short, in_words, strict=True)):
        reply = (long if number % 5 < 2 else short)["solution"][0]
        messages = [
            {"role": "user", "content": short["prompt"]},
            {
                "role": "assistant",
                "content": without_reasoning(reply) if number % 5 == 4 else reply,
            },
        ]
        yield {"messages": messages, "problem_id": short["problem_id"]}


def _name(cost: float) -> str:
    return f"cost_{cost:g}"


def _title(name: str) -> str:
    if name == "start":
        return "before GRPO"
    if name == "control":
        return "the largest cost, with coin flips"
    return f"a token costs {name.removeprefix('cost_')}"


def _tables(records: Sequence[Record]) -> list[str]:
    rows = []
    for name in records[0]:
        solved = each_of(records, name, "trained", "solved")
        tokens = each_of(records, name, "trained", "tokens")
        free = {key: each_of(records, _name(0), "trained", key) for key in ("solved", "tokens")}
        gained = [one - other for one, other in zip(solved, free["solved"], strict=True)]
        longer = [one / other - 1 for one, other in zip(tokens, free["tokens"], strict=True)]
        mean, low, high = over_seeds(tokens)
        interval = f" ({low:.1f} to {high:.1f})" if len(records) > 1 else ""
        rows.append(
            [
                _title(name),
                share(solved),
                f"{mean:.1f}{interval}",
                points(gained),
                change(longer),
                share(each_of(records, name, "harder", "solved")),
            ]
        )
    header = ["", "solved", "tokens", "points gained", "change of tokens", "solved, harder"]
    beside = "Points gained and the change of tokens are relative to GRPO without a cost."
    return [*table(header, rows), "", beside]


def _draw(records: Sequence[Record], figure: Figure) -> None:
    panel = figure.subplots()
    for name in records[0]:
        tokens = each_of(records, name, "trained", "tokens")
        solved = each_of(records, name, "trained", "solved")
        panel.plot(tokens, solved, "o", alpha=0.7, label=_title(name))
    panel.set_xlabel("tokens of an answer")
    panel.set_ylabel("solved greedily, test split")
    panel.set_xlim(left=0)
    panel.set_ylim(0, 1.04)  # all of a point at 1
    panel.grid(alpha=0.3)
    figure.legend(fontsize=8, loc="outside lower center", ncols=3)


LENGTH = Experiment(
    name="length",
    title="How many tokens does a cost of length save?",
    settings={
        "topics": ["integer_arithmetic", "linear_equations"],
        "shown": (1, 2),
        "level": 1,
        "harder": 2,
        "costs": [0.0, 0.003, 0.01, 0.03],
        "demonstrations": 4000,
        "imitation": {
            "target_accuracy": 0.4,
            "decay_steps": 1,
            "max_steps": 1500,
            "held_out_problems": 256,
            "eval_every": 25,
            "max_new_tokens": 192,
            "device": "cpu",
        },
        "grpo": {
            "groups": 16,
            "updates": 100,
            "learning_rate": 4e-4,
            "max_new_tokens": 192,
            "eval_every": 0,
            "eval_problems": 64,
            "device": "cpu",
        },
        "problems": 128,
    },
    quick={
        "costs": [0.0, 0.03],
        "demonstrations": 100,
        "imitation": {"max_steps": 20, "held_out_problems": 8},
        "grpo": {"groups": 4, "updates": 2, "eval_problems": 8, "max_new_tokens": 32},
        "problems": 8,
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
