"""Each classic agent on each task, for sparse, dense and shaped rewards.

    python -m baselines benchmark classic

A run is an agent, a task, a reward and a seed.  All agents get the same environment steps for a
task, so that their learning curves compare, and the settings of their configurations, but for
`settings_of`.  Finished runs are lines of ``runs.jsonl``: the same command goes on where it was
stopped, and plays a run again only when its configuration has changed.  After a change of the code,
remove them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from gymnasium.spaces import Discrete
from numpy.typing import NDArray

from agents.common.environments import Masks, Score, TaskConfig, Texts, make_test, play
from agents.scripted import RandomAgent
from baselines.algorithms import agent_class, config_class
from baselines.benchmark.report import write_report
from baselines.benchmark.runs import finish, key_of
from baselines.benchmark.tasks import TASKS, AgentName, ClassicOptions, Reward, TaskName

__all__ = ["Job", "benchmark", "jobs_of", "play_job"]

TESTS = 20  # in a run, and one before it
_FLOOR_TESTS = 20  # of the one problem, for the agent that acts at random


def settings_of(agent: AgentName, steps: int) -> dict[str, Any]:
    """What an agent is told besides the task, where its defaults are for runs of other lengths."""
    if agent == "q_learning":  # explores in the first half, and can be tested as often as all
        return {"epsilon_steps": steps // 2, "log_every": max(1, steps // TESTS)}
    return {}


# A run. ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """A run to be played, with all that decides its result."""

    agent: AgentName
    task: TaskName
    reward: Reward
    seed: int
    config: Mapping[str, Any]
    """Settings of the agent, as JSON."""

    @property
    def key(self) -> str:
        """A name that changes when anything does."""
        return key_of(asdict(self))


def jobs_of(options: ClassicOptions) -> list[Job]:
    """The runs that some options ask for: seed after seed, so that early reports are whole."""
    jobs = []
    for seed in range(options.seeds):
        for task_name in options.tasks:
            task = TASKS[task_name]
            steps = max(TESTS, round(task.steps * options.steps_scale))
            for agent in options.agents:
                for reward in options.rewards:
                    kind = TaskConfig if agent == "random" else config_class(agent)
                    config = kind(
                        env_id=task.env_id,
                        env_kwargs={**task.env_kwargs, "reward": reward},
                        vocabulary=task.vocabulary,
                        same_problem=task.same_problem,
                        seed=seed,
                        steps=0 if agent == "random" else steps,
                        eval_every=steps // TESTS,
                        eval_episodes=task.test_problems,
                        checkpoint_every=0,
                        **settings_of(agent, steps),
                    )
                    jobs.append(Job(agent, task_name, reward, seed, asdict(config)))
    return jobs


def play_job(job: Job) -> dict[str, Any] | None:
    """Play a run; returns its record, or None when Ctrl-C ended it early.

    Curves have an entry a test: environment steps, share of the test problems solved greedily, mean
    return there, and share of the latest training episodes that were solved.
    """
    began, cpu_began = time.time(), time.process_time()
    tests: list[tuple[int, float, float, float]] = []

    def note(step: int, metrics: dict[str, Any]) -> None:
        if "test_success" in metrics:
            training = metrics.get("success", 0.0)
            tests.append((step, metrics["test_success"], metrics["test_return"], training))

    try:
        if job.agent == "random":
            note(0, _floor(TaskConfig(**job.config)).metrics())
        elif not agent_class(job.agent)(config_class(job.agent)(**job.config)).learn(
            on_update=note
        ):
            return None
    except Exception as error:
        run = f"{job.agent} on {job.task}, {job.reward}, seed {job.seed}"
        raise RuntimeError(f"{run}: {error}") from error
    steps, success, returns, training = (list(column) for column in zip(*tests, strict=True))
    return {
        "key": job.key,
        "agent": job.agent,
        "task": job.task,
        "reward": job.reward,
        "seed": job.seed,
        "steps": steps,
        "test_success": [round(value, 4) for value in success],
        "test_return": [round(value, 4) for value in returns],
        "training_success": [round(value, 4) for value in training],
        "cpu_seconds": round(time.process_time() - cpu_began, 3),
        "began": round(began, 2),
        "ended": round(time.time(), 2),
    }


def _floor(config: TaskConfig) -> Score:
    """What an agent reaches that gives admissible commands at random."""
    test = make_test(config)
    agent = RandomAgent(Discrete(1), config.seed)

    def choose(observations: Texts, masks: Masks) -> NDArray[np.int64]:
        return np.array(
            [agent.act(None, {"admissible_commands": np.flatnonzero(m).tolist()}) for m in masks]
        )

    scores = [play(choose, test) for _ in range(_FLOOR_TESTS if config.same_problem else 1)]
    return Score(*np.mean(scores, axis=0).tolist())


# All of them. ------------------------------------------------------------------------------------


def benchmark(options: ClassicOptions) -> int:
    """Play what is not finished yet, and write the report; returns the exit status."""
    if options.seeds < 1 or not 0 < options.steps_scale < float("inf"):
        raise ValueError("--seeds must be at least 1, and --steps-scale a number above 0")
    for name in ("agents", "tasks", "rewards"):
        if not getattr(options, name):
            raise ValueError(f"--{name} must name at least one")

    jobs = jobs_of(options)
    records = finish(
        jobs,
        play_job,
        folder=options.runs,
        processes=options.processes,
        report_only=options.report_only,
        command="benchmark classic",
    )
    if records is None:
        return 130
    for path in write_report(options, records, len(jobs)):
        print(path)
    return 0
