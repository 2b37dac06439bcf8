"""What all experiments share: their runs, one a seed, and the report on them.

    python -m baselines experiment votes

Finished runs are lines of ``runs.jsonl``, and one that was interrupted goes on from its checkpoint.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baselines.benchmark.machine import busy, machine
from baselines.benchmark.runs import Record, finish, key_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Experiment", "Job", "Options", "perform", "play_job"]


@dataclass(frozen=True)
class Experiment:
    """A question that runs with several seeds answer.

    Attributes:
        name: of its command and its report.
        title: the question.
        settings: all that decides a result, beside the seed.
        quick: what is smaller in a trial of a minute or two, which shows that it works.
        play: from the seed, the settings and a folder to what was measured, as JSON; None where it
            was interrupted.
        tables: Markdown, from what was measured with each seed.
        draw: a figure of the same.
    """

    name: str
    title: str
    settings: Mapping[str, Any]
    quick: Mapping[str, Any]
    play: Callable[[int, Mapping[str, Any], Path], Record | None]
    tables: Callable[[Sequence[Record]], list[str]]
    draw: Callable[[Sequence[Record], Figure], None]


@dataclass(frozen=True)
class Options:
    """Play an experiment, and write its report; the same command goes on.

    Finished runs are kept by their settings: remove the folder after a change of the code.
    """

    seeds: int = 5
    """Runs: the seeds from 0."""
    quick: bool = False
    """A trial of a minute or two a run: it works, but measures nothing."""
    processes: int | None = None
    """Runs at the same time, on a thread each; as many as there are cores unless given."""
    runs: Path = Path("runs/experiments")
    """Folder of the runs, one a seed, in a folder of the experiment's name."""
    out: Path = Path("baselines/results")
    """Folder of the report: NAME.json, NAME.md, NAME.png. A quick one writes beside the runs."""
    keep: bool = False
    """Take over the runs of an earlier report in --out that had the same settings."""
    report_only: bool = False
    """Play nothing; report on what is finished."""


@dataclass(frozen=True)
class Job:
    """A run to be played, with all that decides its result."""

    experiment: str
    seed: int
    settings: Mapping[str, Any]
    runs: Path = field(compare=False)

    @property
    def key(self) -> str:
        """A name that changes when anything does that decides the result."""
        return key_of({"experiment": self.experiment, "seed": self.seed, **self.settings})

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return self.runs / f"seed-{self.seed}-{self.key}"


def play_job(job: Job) -> Record | None:
    """Play a run; returns its record, or None when Ctrl-C ended it early."""
    from baselines.experiments.catalogue import EXPERIMENTS

    began = time.time()
    # Training saves before it stops. All else is stopped at once: it goes on from what is written.
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        measured = EXPERIMENTS[job.experiment].play(job.seed, job.settings, job.folder)
    except KeyboardInterrupt:
        return None
    finally:
        signal.signal(signal.SIGINT, previous)
    if measured is None:
        return None
    return {
        "key": job.key,
        "seed": job.seed,
        "measured": measured,
        "began": round(began, 2),
        "ended": round(time.time(), 2),
        "machine": machine(),
    }


def perform(experiment: Experiment, options: Options) -> int:
    """Play what is not finished yet, and write the report; returns the exit status."""
    if options.seeds < 1:
        raise ValueError("--seeds must be at least 1")
    settings = dict(experiment.settings)
    for name, value in experiment.quick.items() if options.quick else ():
        settings[name] = {**settings[name], **value} if isinstance(value, dict) else value
    runs = options.runs / experiment.name
    jobs = [Job(experiment.name, seed, settings, runs) for seed in range(options.seeds)]
    out = runs if options.quick else options.out
    files = {ending: out / f"{experiment.name}.{ending}" for ending in ("json", "md", "png")}
    records = finish(
        jobs,
        play_job,
        folder=runs,
        processes=options.processes,
        report_only=options.report_only,
        command=f"experiment {experiment.name}",
        known=_reported(files["json"]) if options.keep else {},
    )
    if records is None:
        return 130
    out.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"    {json.dumps(record)}" for record in records)
    files["json"].write_text(f'{{\n  "runs": [\n{lines}\n  ]\n}}\n', encoding="utf-8")
    text = _as_markdown(experiment, records, len(jobs), options.quick)
    files["md"].write_text(text, encoding="utf-8")
    _draw(experiment, records, files["png"])
    for file in files.values():
        print(file)
    return 0


def _reported(file: Path) -> dict[str, Record]:
    if not file.is_file():
        return {}
    return {record["key"]: record for record in json.loads(file.read_text("utf-8"))["runs"]}


def _as_markdown(
    experiment: Experiment, records: Sequence[Record], wanted: int, is_quick: bool
) -> str:
    command = f"python -m baselines experiment {experiment.name}{' --quick' * is_quick}"
    lines = [f"# {experiment.title}", "", f"Written by `{command}`.", ""]
    if len(records) < wanted:
        lines += [f"**{len(records)} of {wanted} runs are finished.**", ""]
    lines += experiment.tables([record["measured"] for record in records])
    seeds = f"{len(records)} seeds; means, and 95% intervals over the seeds (Student's t)."
    lines += ["", seeds if len(records) > 1 else "One seed, so there is no interval over seeds."]
    for where in {json.dumps(record["machine"]): record["machine"] for record in records}.values():
        mine = [record for record in records if record["machine"] == where]
        versions = ", ".join(f"{name} {number}" for name, number in where["versions"].items())
        lines += [
            "",
            f"Seeds {', '.join(str(record['seed']) for record in mine)}: {busy(mine) / 60:.0f} "
            f"minutes of clock, {where['cpus']} processors ({where['cpu']}), {versions}, commit "
            f"{where['commit']}.",
        ]
    return "\n".join([*lines, ""])


def _draw(experiment: Experiment, records: Sequence[Record], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.0), layout="constrained")
    experiment.draw([record["measured"] for record in records], figure)
    figure.savefig(path, dpi=110)
