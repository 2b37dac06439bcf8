"""The demonstration: a tiny language model learns arithmetic that it has never seen.

It starts from random weights, imitates worked solutions until about half of what it reasons is
right, and then learns from rewards alone.  It learns two things, at two speeds.  Most of the
solutions that it imitated skip the reasoning, so at first it thinks before only some of its
answers; thinking pays, and soon it thinks before all of them.  And it gets better at thinking, to
the end.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym
import torch
from rich.console import Console
from rich.markup import escape

import reasoning_gym_envs  # noqa: F401  (registers the environments)
from agents.common.run_folder import RunFolder
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.coin_flips import CoinFlips

__all__ = ["DemoConfig", "demo"]

ENV_ID = "MathBoxed-v0"
ENV_KWARGS: dict[str, Any] = {
    "topics": ["integer_arithmetic", "linear_equations"],
    "level": 2,
    "instruction": "",
}


@dataclass
class DemoConfig:
    """Train a tiny language model on MathBoxed-v0 in a few minutes, and watch it learn."""

    seed: int = 0
    """Seeds everything: the same seed gives the same result."""
    updates: int = 120
    """Updates of GRPO."""
    threads: int = 1
    """Threads for torch. One is nearly as fast as two on a model this small, and safe on a busy
    machine; the result depends on the number in the last digits."""
    out: Path | None = None
    """Run folder; runs/demo-seed-N by default."""
    resume: bool = False
    """Go on with a demo that was interrupted."""
    coin_flips: bool = False
    """Negative control: pay answers by the flip of a coin. It must not get better at thinking."""


def demo(config: DemoConfig) -> int:
    """Run the demonstration; returns the exit status."""
    began = time.perf_counter()
    torch.set_num_threads(config.threads)
    console = Console(highlight=False)
    folder = config.out or Path("runs") / f"demo-seed-{config.seed}"
    if not config.resume and config.out is None:
        folder = _unused(folder)
    _show_an_episode(console, config.seed)

    warm_config = ImitationConfig(
        ENV_ID,
        ENV_KWARGS,
        seed=config.seed,
        skip_reasoning=0.6,
        target_accuracy=0.4,
        decay_steps=1,  # a decay of the learning rate would do much of what is left for GRPO
        max_steps=1000,
        held_out_problems=512,
    )
    config_grpo = GRPOConfig(
        ENV_ID,
        ENV_KWARGS,
        seed=config.seed,
        updates=config.updates,
        learning_rate=4e-4,
        eval_every=10,
    )
    again = f"python -m baselines demo --seed {config.seed} --updates {config.updates}"
    again += f" --threads {config.threads} --out {folder} --resume"
    again += " --coin-flips" * config.coin_flips

    console.print(
        "[bold]1. Warm start.[/] A language model of 0.18 M random weights imitates worked "
        "solutions, most of them without the reasoning, until half of what it reasons is right."
    )
    warm = folder / "warm_start"
    imitation = Imitation(warm_config)
    if not imitation.learn(warm, resume=config.resume and (warm / "config.json").exists()):
        return _interrupted(console, again)

    console.print(
        "[bold]2. GRPO.[/] It answers each question 8 times and is reinforced by "
        + ("the flip of a coin. " if config.coin_flips else "its own right answers. ")
        + "The score is on the test split: problems that are never trained on."
    )
    grpo = (CoinFlips if config.coin_flips else GRPO)(config_grpo, imitation.policy)
    if not grpo.learn(folder, resume=config.resume and (folder / "config.json").exists()):
        return _interrupted(console, again)

    run = RunFolder(folder, grpo.config, resume=True)
    tests = [record for record in run.metrics() if "test_accuracy" in record]
    first, middle, last = tests[0], tests[len(tests) // 2], tests[-1]
    minutes, seconds = divmod(round(time.perf_counter() - began), 60)
    console.print(
        f"\n[bold]{ENV_ID} test split: {first['test_accuracy']:.0%} → {last['test_accuracy']:.0%} "
        f"correct[/] ({config_grpo.eval_problems} problems, 95% CI "
        f"{_interval(last['test_interval'])}), {minutes} min {seconds} s"
    )
    console.print(
        f"Answers that reason, sampled: {first['test_sampled_reasoning']:.0%} → "
        f"{middle['test_sampled_reasoning']:.0%} half way → {last['test_sampled_reasoning']:.0%}"
    )
    console.print(f"Correct among those: {' → '.join(map(_reasoned, (first, middle, last)))}")
    console.print(f"Learning curve: {folder / 'learning_curve.png'}", soft_wrap=True)
    return 0


def _show_an_episode(console: Console, seed: int) -> None:
    """What the environment is: a question, a response, and what the response is paid."""
    env = gym.make(ENV_ID, **ENV_KWARGS, reward="dense")
    question, _ = env.reset(seed=seed)
    response = env.unwrapped.solution()[0]  # type: ignore[attr-defined]
    _, reward, _, _, info = env.step(response)
    terms = ", ".join(f"{name} {value:g}" for name, value in info["reward_terms"].items())
    console.print(f"[bold]An episode of {ENV_ID}[/]")
    console.print(f"  question  {escape(question)}")
    console.print(f"  response  {escape(response)}")
    console.print(f"  reward    {reward:g} ({terms})\n")


def _reasoned(record: dict[str, Any]) -> str:
    """How good the answers that reason were, in one evaluation."""
    if "test_reasoned_accuracy" not in record:
        return "none reasons"
    accuracy, interval = record["test_reasoned_accuracy"], record["test_reasoned_interval"]
    return f"{accuracy:.0%} (95% CI {_interval(interval)}, update {record['step']})"


def _interval(bounds: list[float]) -> str:
    low, high = bounds
    return f"{100 * low:.0f}–{high:.0%}"


def _unused(folder: Path) -> Path:
    """The folder, or the first of folder-2, folder-3, … that does not exist."""
    candidate, number = folder, 1
    while candidate.exists():
        number += 1
        candidate = folder.with_name(f"{folder.name}-{number}")
    return candidate


def _interrupted(console: Console, command: str) -> int:
    console.print(f"\nInterrupted and saved. To go on:\n  {command}", soft_wrap=True)
    sys.stdout.flush()
    return 130
