"""The course of a training run that the classic agents share: update, test, log, save, go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from agents.common.environments import Score, TaskConfig
from agents.common.run_folder import Curve, Interruption, RunFolder

__all__ = ["Learner", "train"]

CURVES = (
    Curve("success", "solved in training, last 100 episodes", {"color": "#9ecae1", "lw": 1}),
    Curve("test_success", "solved greedily, test", {"color": "#08519c", "lw": 2, "marker": "o"}),
)


class Playing(Protocol):
    """What `train` asks of an agent's environments."""

    steps: int
    """Environment steps so far."""

    def metrics(self) -> dict[str, float]:
        """How the latest episodes went."""

    def restart(self) -> None:
        """Begin new episodes, from seeds that (seed, steps) decide."""


class Learner(Protocol):
    """What `train` asks of an agent."""

    @property
    def config(self) -> TaskConfig:
        """Its settings."""

    @property
    def envs(self) -> Playing:
        """Where it learns."""

    def update(self) -> dict[str, float]:
        """Take some steps and learn from them; returns metrics."""

    def evaluate(self) -> Score:
        """Test the greedy policy."""

    def save(self, folder: str | Path) -> None:
        """Write what was learned."""

    def restore(self, folder: Path, state: dict[str, Any]) -> None:
        """Put back what `save` wrote and what `state` said."""

    def state(self) -> dict[str, Any]:
        """What else is needed to go on exactly, as JSON knows it: random numbers, environments."""


def train(
    agent: Learner,
    folder: str | Path | None,
    *,
    resume: bool = False,
    on_update: Callable[[int, dict[str, Any]], None] | None = None,
) -> bool:
    """Train for ``config.steps`` environment steps; without a folder nothing is written.

    Returns True at the end, and False when Ctrl-C ended it early; a run that is resumed has the
    same weights and metrics as one that was never stopped.  `on_update` sees each record.
    """
    config, envs = agent.config, agent.envs
    name = type(agent).__name__
    run = RunFolder(folder, config, resume=resume)
    if resume:
        run.restore(agent.restore)
    began, steps_before = time.perf_counter(), envs.steps

    with Interruption() as interruption, run.progress(name, config.steps, envs.steps) as show:
        if envs.steps == 0:
            first: dict[str, Any] = {"step": 0, **agent.evaluate().metrics()}
            run.log(first)
            if on_update:
                on_update(0, first)
        while envs.steps < config.steps:
            before = envs.steps
            metrics: dict[str, Any] = agent.update()
            done = envs.steps
            ends = done >= config.steps
            if ends or _crossed(config.eval_every, before, done):
                metrics |= agent.evaluate().metrics()
            speed = (done - steps_before) / (time.perf_counter() - began)
            metrics = {"step": done, **envs.metrics(), **metrics, "steps_per_second": speed}
            run.log(metrics)
            show(done, metrics)
            if on_update:
                on_update(done, metrics)
            stops = interruption.requested and not ends
            if _crossed(config.checkpoint_every, before, done):
                envs.restart()
                run.save(done, agent.save, agent.state())
            elif ends or stops:
                run.save(done, agent.save, agent.state())
            if stops:
                break
    run.draw(f"{name} on {config.env_id}", *CURVES, xlabel="environment steps")
    return envs.steps >= config.steps


def _crossed(interval: int, before: int, after: int) -> bool:
    return interval > 0 and before // interval != after // interval
