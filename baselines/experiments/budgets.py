"""At equal tokens: is it better to vote, to revise, or to think for longer?

A model of random weights imitates worked solutions and stops early. From it, two are taught for as
many steps: one goes on with solutions; the other half of the time sees an attempt of the first
model and a request to revise it, and imitates the solution. Then, on the test split, votes,
revisions and budget forcing are given more and more tokens. Tokens that are read, written and
thrown away all count. The control revises without having been taught to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from agents.common.environment_pool import EnvironmentPool
from agents.common.language_model import LanguageModel
from agents.common.rollouts import rollout
from agents.imitation import Imitation, ImitationConfig
from agents.inference import BudgetForcing, Revise
from baselines.benchmark.runs import Record
from baselines.experiments.experiment import Experiment
from baselines.experiments.tables import over_seeds, share, table
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
from reasoning_gym_envs.evaluation import Player

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["BUDGETS"]

_REVISE = "Check and answer again."
_KS = (1, 2, 4, 8, 16)
_TURNS = (1, 2, 4, 8)
_LEAST = (16, 32, 64)
_MOST = (4, 8, 12, 16)
_ATTEMPTS_AT_A_TIME = 256
_ARMS = {
    "vote": ("vote", "#08519c"),
    "revise": ("revise, taught", "#e6550d"),
    "untaught": ("revise, not taught", "#969696"),
    "longer": ('budget forcing, longer ("Wait")', "#756bb1"),
    "shorter": ("budget forcing, cut short", "#31a354"),
}


def _play(seed: int, settings: Mapping[str, Any], folder: Path) -> Record | None:
    folder.mkdir(parents=True, exist_ok=True)
    env_kwargs = {"topics": settings["topics"], "level": settings["level"], "instruction": ""}
    warm = ImitationConfig(ENV_ID, env_kwargs, seed=seed, **settings["imitation"])
    if not has_learned(Imitation(warm), folder / "start"):
        return None
    start = model_of(folder / "start")
    for name in ("solutions", "revisions"):
        file = folder / f"{name}.jsonl"
        if not file.exists():
            _write(file, start, seed, settings, env_kwargs, revises=name == "revisions")
        taught = {"model": start, "conversations": str(file), **settings["teaching"]}
        config = ImitationConfig(ENV_ID, env_kwargs, seed=seed, **taught)
        if not has_learned(Imitation(config), folder / name):
            return None

    def player(name: str) -> Player:
        return player_of(folder / name, temperature=1.0, max_tokens=settings["max_tokens"])

    def revising(name: str, turns: int) -> Player:
        return Revise(player(name), turns, prompt=_REVISE)

    def forced(least: int, most: int | None) -> Player:
        return BudgetForcing(player("solutions"), least, most, answer_tokens=12, final="\\boxed{")

    suite = problems(settings["problems"], [settings["level"]], topics=settings["topics"])
    summary, episodes = measured(
        partial(player, "solutions"), suite, folder / "vote_test", samples=max(_KS)
    )
    one = sum(e["prompt_tokens"] + e["completion_tokens"] for e in episodes) / len(episodes)
    found: Record = {
        "vote": {
            str(k): {"tokens": k * one, "solved": summary.total.majority_at[k].value} for k in _KS
        }
    }
    arms: dict[str, dict[int, Callable[[], Player]]] = {
        "revise": {
            0: partial(player, "revisions"),
            **{n: partial(revising, "revisions", n) for n in _TURNS},
        },
        "untaught": {n: partial(revising, "solutions", n) for n in _TURNS},
        "longer": {n: partial(forced, n, None) for n in _LEAST},
        "shorter": {n: partial(forced, 0, n) for n in _MOST},
    }
    for arm, makers in arms.items():
        found[arm] = {}
        for number, make in makers.items():
            summary, _ = measured(make, suite, folder / f"{arm}_test" / str(number), samples=4)
            total = summary.total
            assert total.tokens is not None
            assert total.prompt_tokens is not None
            tokens = total.prompt_tokens + total.tokens
            found[arm][str(number)] = {"tokens": tokens, "solved": total.success.value}
    return found


def _write(
    file: Path,
    start: str,
    seed: int,
    settings: Mapping[str, Any],
    env_kwargs: Mapping[str, Any],
    *,
    revises: bool,
) -> None:
    """Conversations that end with a solution; every other one has an attempt before it."""
    solved = rows(
        ENV_ID, settings["demonstrations"], unique=False, seed=seed, reveal=True, **env_kwargs
    )
    attempts = (
        _attempts(start, [row["seed"] for row in solved], env_kwargs, settings) if revises else []
    )
    conversations = []
    for number, row in enumerate(solved):
        messages: list[dict[str, Any]] = [{"role": "user", "content": row["prompt"]}]
        if revises and number % 2:
            messages += [
                {"role": "assistant", "content": attempts[number], "weight": 0},
                {"role": "user", "content": _REVISE},
            ]
        messages.append({"role": "assistant", "content": row["solution"][0]})
        conversations.append({"messages": messages, "problem_id": row["problem_id"]})
    write_conversations(file, conversations)


def _attempts(
    start: str, seeds: Sequence[int], env_kwargs: Mapping[str, Any], settings: Mapping[str, Any]
) -> list[str]:
    """A sampled reply of the model to each problem."""
    policy = LanguageModel.load(start, device="cpu")
    envs = EnvironmentPool(ENV_ID, _ATTEMPTS_AT_A_TIME, dict(env_kwargs))
    generator = torch.Generator().manual_seed(seeds[0] % 2**32)
    replies: list[str] = []
    for first in range(0, len(seeds), _ATTEMPTS_AT_A_TIME):
        episodes = rollout(
            policy,
            envs,
            seeds[first : first + _ATTEMPTS_AT_A_TIME],
            max_new_tokens=settings["max_tokens"],
            generator=generator,
        )
        replies += [episode.replies[0] for episode in episodes]
    return replies


def _tables(records: Sequence[Record]) -> list[str]:
    lines = []
    for arm, (title, _) in _ARMS.items():
        numbers = list(records[0][arm])
        tokens = [over_seeds(each_of(records, arm, n, "tokens")).value for n in numbers]
        solved = [share(each_of(records, arm, n, "solved")) for n in numbers]
        lines += ["", f"{title[0].upper()}{title[1:]}:", ""]
        lines += table(
            [_HOW_MANY[arm], *numbers],
            [["tokens", *(f"{count:.0f}" for count in tokens)], ["solved", *solved]],
        )
    return lines[1:]


_HOW_MANY = {
    "vote": "votes",
    "revise": "revisions",
    "untaught": "revisions",
    "longer": "least tokens of a reply",
    "shorter": "most tokens of thinking",
}


def _draw(records: Sequence[Record], figure: Figure) -> None:
    panel = figure.subplots()
    for arm, (title, color) in _ARMS.items():
        numbers = list(records[0][arm])
        tokens = [over_seeds(each_of(records, arm, n, "tokens")).value for n in numbers]
        found = [over_seeds(each_of(records, arm, n, "solved")) for n in numbers]
        panel.plot(tokens, [f.value for f in found], "o-", color=color, label=title)
        if len(records) > 1:
            lows, highs = [f.low for f in found], [f.high for f in found]
            panel.fill_between(tokens, lows, highs, color=color, alpha=0.15)
    panel.set_xscale("log")
    panel.set_xlabel("tokens a problem: read, written and thrown away")
    panel.set_ylabel("solved, test split")
    panel.set_ylim(0, 1)
    panel.grid(alpha=0.3)
    figure.legend(fontsize=8, loc="outside lower center", ncols=3)


BUDGETS = Experiment(
    name="budgets",
    title="At equal tokens: vote, revise, or think for longer?",
    settings={
        "topics": ["integer_arithmetic", "linear_equations"],
        "level": 2,
        "demonstrations": 4000,
        "imitation": {
            "skip_reasoning": 0.0,
            "target_accuracy": 0.4,
            "decay_steps": 1,
            "max_steps": 1000,
            "held_out_problems": 256,
            "eval_every": 20,
            "max_new_tokens": 48,
            "device": "cpu",
        },
        "teaching": {
            "target_accuracy": 2.0,  # never: both are taught for as long
            "max_steps": 150,
            "decay_steps": 1,  # with a decay hardly an answer would be wrong
            "held_out_problems": 64,
            "eval_every": 0,
            "max_new_tokens": 48,
            "device": "cpu",
        },
        "max_tokens": 48,
        "problems": 256,
    },
    quick={
        "demonstrations": 100,
        "imitation": {"demonstrations": 100, "max_steps": 20, "held_out_problems": 8},
        "teaching": {"max_steps": 10, "decay_steps": 5, "held_out_problems": 8},
        "max_tokens": 16,
        "problems": 8,
    },
    play=_play,
    tables=_tables,
    draw=_draw,
)
