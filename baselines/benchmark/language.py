"""What a tiny language model learns from rewards alone, task by task.

    python -m baselines benchmark language

A run is a task and a seed.  A model of random weights imitates worked solutions until it solves a
part of the problems; then GRPO goes on from the rewards of the environment.  Tests are on the test
split, which neither has seen.  With each task's first seed the same is done with the flip of a coin
for a reward: what gets better there is not learned from the environment.

Finished runs are lines of ``runs.jsonl``, and one that was interrupted goes on from its checkpoint.
A report keeps what an earlier one has of tasks that are not asked for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from agents.common.run_folder import RunFolder, records_of
from agents.grpo import GRPO, GRPOConfig
from agents.imitation import Imitation, ImitationConfig
from baselines.benchmark.machine import busy, machine
from baselines.benchmark.runs import Record, finish, key_of
from baselines.coin_flips import CoinFlips

__all__ = ["TASKS", "Job", "LanguageOptions", "benchmark", "jobs_of", "play_job"]

TaskName = Literal["maze", "steps", "hanoi", "code", "math"]


@dataclass(frozen=True)
class Task:
    """What is to be learned, and from what."""

    title: str
    env_id: str
    env_kwargs: dict[str, Any]
    imitation: dict[str, Any]
    """Settings of the warm start."""
    grpo: dict[str, Any]
    """Settings of GRPO."""
    reward: str = "dense"
    """What GRPO is paid by."""


# A run takes a few minutes of one core.  The warm starts end early: what imitation alone would
# reach is another question.
TASKS: dict[TaskName, Task] = {
    "maze": Task(
        "TextMaze, rooms, levels 1 and 2, by words",
        "TextMaze-v0",
        {
            "level": (1, 2),
            "generator": "rooms",
            "view": "coordinates",
            "instruction": "",
            "max_turns": 30,
        },
        {
            "max_new_tokens": 4,
            "target_accuracy": 0.3,
            "demonstrations": 4000,
            "batch_size": 32,
            "eval_every": 25,
            "held_out_problems": 256,
        },
        {
            "max_new_tokens": 4,
            "groups": 16,
            "updates": 60,
            "minibatches": 2,
            "scale": "group",
            "credit": "to_go",
            "discount": 0.9,
            "learning_rate": 5e-4,
        },
    ),
    "steps": Task(
        "EquationSteps, levels 1 and 2",
        "EquationSteps-v0",
        {"level": (1, 2), "instruction": "", "max_turns": 5},
        {"max_new_tokens": 24, "target_accuracy": 0.25, "demonstrations": 3000},
        {"max_new_tokens": 24, "groups": 32, "updates": 200},
        reward="sparse",
    ),
    "hanoi": Task(
        "TowerOfHanoi, level 1",
        "TowerOfHanoi-v0",
        {"level": 1, "instruction": "", "max_turns": 8},
        {"max_new_tokens": 6, "target_accuracy": 0.25, "demonstrations": 400},
        {"max_new_tokens": 6, "groups": 32, "updates": 100, "eval_problems": 77},
        reward="sparse",
    ),
    "code": Task(
        "CodeOutput, slices of strings, level 1",
        "CodeOutput-v0",
        {"level": 1, "topics": ["slices"], "instruction": ""},
        {
            "max_new_tokens": 96,
            "target_accuracy": 0.25,
            "demonstrations": 8000,
            "max_steps": 2500,
        },
        {"max_new_tokens": 96, "groups": 32, "updates": 100},
        reward="sparse",
    ),
    "math": Task(
        "MathBoxed, four topics, levels 1 and 2",
        "MathBoxed-v0",
        {
            "topics": [
                "integer_arithmetic",
                "linear_equations",
                "sequences",
                "word_problems",
            ],
            "level": (1, 2),
            "instruction": "",
        },
        {"max_new_tokens": 64, "target_accuracy": 0.2, "skip_reasoning": 0.3},
        {"max_new_tokens": 64, "groups": 32, "updates": 120},
        reward="sparse",
    ),
}

_COMMON_IMITATION: dict[str, Any] = {
    "words": 300,
    "skip_reasoning": 0.0,
    "decay_steps": 1,  # a decay of the learning rate would do much of what is left for GRPO
    "max_steps": 1500,
    "held_out_problems": 128,
    "device": "cpu",
}
_COMMON_GRPO: dict[str, Any] = {
    "learning_rate": 4e-4,
    "eval_every": 10,
    "eval_problems": 256,
    "device": "cpu",
}


@dataclass(frozen=True)
class LanguageOptions:
    """Train a tiny language model on several tasks; the same command goes on.

    Finished runs are kept by their configurations: remove the folder after a change of the code.
    """

    tasks: tuple[TaskName, ...] = tuple(TASKS)
    """Which tasks."""
    seeds: int = 3
    """Runs of each task: the seeds from 0."""
    controls: bool = True
    """With the first seed of each task, learn from coin flips as well."""
    updates_scale: float = 1.0
    """Factor of the updates of every run."""
    processes: int | None = None
    """Runs at the same time, on a thread each; as many as there are cores unless given."""
    runs: Path = Path("runs/benchmark-language")
    """Folder of the runs."""
    out: Path = Path("baselines/results")
    """Folder of the report: language.json, language.md, language.png."""
    report_only: bool = False
    """Play nothing; report on what is finished."""


# A run. ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """A run to be played, with all that decides its result."""

    task: TaskName
    seed: int
    coin_flips: bool
    """Whether it learns from coin flips as well."""
    imitation: Mapping[str, Any]
    grpo: Mapping[str, Any]
    runs: Path = field(compare=False)

    @property
    def key(self) -> str:
        """A name that changes when anything does that decides the result."""
        return key_of({name: value for name, value in asdict(self).items() if name != "runs"})

    @property
    def folder(self) -> Path:
        """Where it is kept: runs that are not the same in all have different ones."""
        return self.runs / f"{self.task}-seed-{self.seed}-{self.key}"


def jobs_of(options: LanguageOptions) -> list[Job]:
    """The runs that some options ask for: seed after seed, so that early reports are whole."""
    jobs = []
    for seed in range(options.seeds):
        for name in options.tasks:
            task = TASKS[name]
            updates = max(1, round(task.grpo["updates"] * options.updates_scale))
            imitation = {**_COMMON_IMITATION, **task.imitation, "seed": seed}
            grpo = {**_COMMON_GRPO, **task.grpo, "seed": seed, "updates": updates}
            paid = {**task.env_kwargs, "reward": task.reward}
            jobs.append(
                Job(
                    name,
                    seed,
                    options.controls and seed == 0,
                    asdict(ImitationConfig(task.env_id, task.env_kwargs, **imitation)),
                    asdict(GRPOConfig(task.env_id, paid, **grpo)),
                    options.runs,
                )
            )
    return jobs


def play_job(job: Job) -> Record | None:
    """Play a run; returns its record, or None when Ctrl-C ended it early.

    Curves have an entry a test: updates of GRPO, share of the test problems solved greedily, and
    share solved by sampling.
    """
    began = time.time()
    warm_config = ImitationConfig(**job.imitation)
    warm = job.folder / "warm_start"
    imitation = Imitation(warm_config)
    if not _learn(imitation, warm):
        return None
    start = RunFolder.latest(warm) / "model"
    curves: dict[str, Any] = {}
    for kind in (GRPO, CoinFlips) if job.coin_flips else (GRPO,):
        config = GRPOConfig(**{**job.grpo, "model": str(start)})
        folder = job.folder / ("coin_flips" if kind is CoinFlips else "grpo")
        if not _learn(kind(config), folder):
            return None
        curves[folder.name] = _curve(folder)
    return {
        "key": job.key,
        "task": job.task,
        "seed": job.seed,
        "imitation_steps": len(records_of(warm)),
        **curves,
        "seconds": round(_seconds(job.folder), 1),
        "began": round(began, 2),
        "ended": round(time.time(), 2),
        "machine": machine(),
    }


def _learn(agent: Imitation | GRPO, folder: Path) -> bool:
    """Train, or go on with it; a run that is finished is left as it is."""
    return agent.learn(folder, resume=(folder / "config.json").exists())


def _curve(folder: Path) -> dict[str, list[Any]]:
    tests = [record for record in records_of(folder) if "test_accuracy" in record]
    return {
        "updates": [record["step"] for record in tests],
        **{
            name: [record[name] for record in tests]
            for name in ("test_accuracy", "test_interval", "test_sampled_accuracy")
        },
    }


def _seconds(folder: Path) -> float:
    """Time in steps and updates, without tests."""
    return sum(float(r.get("seconds", 0)) for run in folder.iterdir() for r in records_of(run))


# All of them. ------------------------------------------------------------------------------------


def benchmark(options: LanguageOptions) -> int:
    """Play what is not finished yet, and write the report; returns the exit status."""
    if options.seeds < 1 or not 0 < options.updates_scale < float("inf"):
        raise ValueError("--seeds must be at least 1, and --updates-scale a number above 0")
    if not options.tasks:
        raise ValueError("--tasks must name at least one")
    jobs = jobs_of(options)
    records = finish(
        jobs,
        play_job,
        folder=options.runs,
        processes=options.processes,
        report_only=options.report_only,
        command="benchmark language",
    )
    if records is None:
        return 130
    options.out.mkdir(parents=True, exist_ok=True)
    files = [options.out / f"language.{ending}" for ending in ("json", "md", "png")]
    kept = _kept(files[0], options.tasks)
    wanted = len(jobs) + len(kept)
    records = sorted([*kept, *records], key=lambda record: (record["task"], record["seed"]))
    files[0].write_text(_as_json(records), encoding="utf-8")
    files[1].write_text(_as_markdown(records, wanted), encoding="utf-8")
    _draw(records, files[2])
    for file in files:
        print(file)
    return 0


def _kept(file: Path, tasks: Sequence[str]) -> list[Record]:
    """The runs of an earlier report, but for some tasks."""
    if not file.is_file():
        return []
    runs = json.loads(file.read_text(encoding="utf-8"))["runs"]
    return [record for record in runs if record["task"] not in tasks]


def _as_json(records: Sequence[Record]) -> str:
    lines = ",\n".join(f"    {json.dumps(record)}" for record in records)
    return f'{{\n  "runs": [\n{lines}\n  ]\n}}\n'


def _as_markdown(records: Sequence[Record], wanted: int) -> str:
    lines = [
        "# What a tiny language model learns from rewards alone",
        "",
        "Written by `python -m baselines benchmark language`; the curves are in `language.json`.",
        "Shares of the problems of the test split that are solved greedily (and by sampling),",
        "before GRPO and after it. The control is the run with the first seed once more, with the",
        "flip of a coin for a reward.",
        "",
    ]
    if len(records) < wanted:
        lines += [f"**{len(records)} of {wanted} runs are finished.**", ""]
    lines += [
        "| task | seed | before | after | 95% interval | control, after | minutes |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, task in TASKS.items():
        for record in sorted(records, key=lambda record: record["seed"]):
            if record["task"] != name:
                continue
            low, high = record["grpo"]["test_interval"][-1]
            control = record.get("coin_flips")
            lines.append(
                f"| {task.title} | {record['seed']} | {_solved(record['grpo'], 0)} "
                f"| {_solved(record['grpo'], -1)} | {low:.0%} to {high:.0%} "
                f"| {_solved(control, -1) if control else ''} | {record['seconds'] / 60:.1f} |"
            )
    for where in {json.dumps(record["machine"]): record["machine"] for record in records}.values():
        mine = [record for record in records if record["machine"] == where]
        names = [name for name in TASKS if any(record["task"] == name for record in mine)]
        versions = ", ".join(f"{name} {number}" for name, number in where["versions"].items())
        lines += [
            "",
            f"{', '.join(names)}: {busy(mine) / 60:.0f} minutes of clock, {where['cpus']} "
            f"processors ({where['cpu']}), {versions}, commit {where['commit']}.",
        ]
    return "\n".join([*lines, ""])


def _solved(curve: Mapping[str, Sequence[float]], place: int) -> str:
    greedy, sampled = curve["test_accuracy"][place], curve["test_sampled_accuracy"][place]
    return f"{greedy:.0%} ({sampled:.0%})"


def _draw(records: Sequence[Record], path: Path) -> None:
    from matplotlib.figure import Figure

    names = [name for name in TASKS if any(record["task"] == name for record in records)]
    figure = Figure(figsize=(3.2 * len(names), 3.2), layout="constrained")
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for panel, name in zip(panels, names, strict=True):
        panel.set_title(TASKS[name].title, fontsize=9)
        for record in records:
            if record["task"] != name:
                continue
            label = "rewards" if record["seed"] == 0 else None
            curve = record["grpo"]
            panel.plot(curve["updates"], curve["test_accuracy"], color="#08519c", label=label)
            if "coin_flips" in record:
                curve = record["coin_flips"]
                panel.plot(
                    curve["updates"],
                    curve["test_accuracy"],
                    color="#636363",
                    ls="--",
                    label="coin flips",
                )
        panel.set_ylim(0, 1)
        panel.grid(alpha=0.3)
    panels[0].legend(fontsize=8)
    figure.supxlabel("updates", fontsize=10)
    figure.supylabel("solved greedily, test split", fontsize=10)
    figure.savefig(path, dpi=110)
