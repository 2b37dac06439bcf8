"""What the runs of the classic benchmark show: classic.json, classic.md and classic.png."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from baselines.benchmark.machine import busy, machine
from baselines.benchmark.runs import Record
from baselines.benchmark.statistics import area_under_curve, on_grid, steps_to_threshold
from baselines.benchmark.tasks import TASKS, ClassicOptions, Task
from reasoning_gym_envs.evaluation.statistics import Interval, bootstrap, interquartile_mean

__all__ = ["write_report"]

Cell = tuple[str, str, str]
"""Agent, task, reward."""

_COLORS = {"sparse": "#636363", "dense": "#e6550d", "shaped": "#08519c"}


def write_report(options: ClassicOptions, records: Sequence[Record], wanted: int) -> list[Path]:
    """Write the report on some finished runs of `wanted`; returns its files."""
    options.out.mkdir(parents=True, exist_ok=True)
    summary = _Summary(options, records)
    where = machine()
    files = [options.out / f"classic.{ending}" for ending in ("json", "md", "png")]
    files[0].write_text(_as_json(summary, where), encoding="utf-8")
    files[1].write_text(_as_markdown(summary, where, wanted), encoding="utf-8")
    _draw(summary, files[2])
    return files


class _Summary:
    """The runs by agent, task and reward, and what is reckoned from them."""

    def __init__(self, options: ClassicOptions, records: Sequence[Record]) -> None:
        self.records = records
        self.scale = options.steps_scale
        self.cells: dict[Cell, list[Record]] = {}
        for record in sorted(records, key=lambda r: r["seed"]):
            cell = record["agent"], record["task"], record["reward"]
            self.cells.setdefault(cell, []).append(record)
        self.tasks: dict[str, Task] = {
            name: TASKS[name] for name in options.tasks if self._has(1, name)
        }
        self.agents = [name for name in options.agents if self._has(0, name)]
        self.learners = [name for name in self.agents if name != "random"]
        self.rewards = [name for name in options.rewards if self._has(2, name)]

    def _has(self, place: int, name: str) -> bool:
        return any(cell[place] == name for cell in self.cells)

    def budget(self, task: Task) -> int:
        """Environment steps of a run."""
        return round(task.steps * self.scale)

    def final(self, cell: Cell) -> list[float]:
        """Success in the last test, of each seed."""
        return [record["test_success"][-1] for record in self.cells.get(cell, ())]

    def reached(self, cell: Cell) -> list[int | None]:
        """Environment steps to the task's threshold, of each seed."""
        threshold = self.tasks[cell[1]].threshold
        return [
            steps_to_threshold(record["steps"], record["test_success"], threshold)
            for record in self.cells.get(cell, ())
        ]

    def height(self, record: Record) -> float:
        """Mean success of the greedy policy over a run."""
        end = self.budget(self.tasks[record["task"]])
        return area_under_curve(record["steps"], record["test_success"], end)

    def paired(self, agent: str, task: str, reward: str) -> list[tuple[Record, Record]]:
        """Runs with a reward beside the sparse ones of the same seeds."""
        sparse = {record["seed"]: record for record in self.cells.get((agent, task, "sparse"), ())}
        others = self.cells.get((agent, task, reward), ())
        return [(sparse[other["seed"]], other) for other in others if other["seed"] in sparse]

    def saved(self, agent: str, task: str, reward: str) -> Interval | None:
        """Environment steps to the threshold that a reward saves, against sparse, by seed.

        A run that never gets there counts as one that got there at its end, so this is no more than
        what is saved.  None where no run got there.
        """
        limit, threshold = self.budget(self.tasks[task]), self.tasks[task].threshold
        differences, anyone = [], False
        for pair in self.paired(agent, task, reward):
            sparse, other = (
                steps_to_threshold(record["steps"], record["test_success"], threshold)
                for record in pair
            )
            anyone |= sparse is not None or other is not None
            differences.append(
                (limit if sparse is None else sparse) - (limit if other is None else other)
            )
        return bootstrap([differences]) if anyone else None

    def gained(self, agent: str, task: str, reward: str) -> Interval | None:
        """How much higher than with the sparse reward the curve of test success is on average."""
        pairs = self.paired(agent, task, reward)
        if not pairs:
            return None
        return bootstrap([[self.height(other) - self.height(sparse) for sparse, other in pairs]])


# Markdown. ---------------------------------------------------------------------------------------


def _as_markdown(summary: _Summary, where: Record, wanted: int) -> str:
    records, scale = summary.records, summary.scale
    cpu = sum(record["cpu_seconds"] for record in records)
    count = f"{len(records)} runs" if len(records) == wanted else f"{len(records)} of {wanted} runs"
    scaled = "" if scale == 1 else f" Steps are those of the benchmark, times {scale:g}."
    lines = [
        "# Classic agents",
        "",
        "Written by `python -m baselines benchmark classic`; "
        "the numbers of every run are in `classic.json`.",
        "",
        f"{count}: {cpu / 60:.1f} minutes of processor time, {busy(records) / 60:.1f} minutes of "
        f"clock time, on {where['cpus']} × {where['cpu']}.{scaled}",
        "",
        ", ".join(f"{name} {number}" for name, number in where["versions"].items())
        + f", commit {where['commit']}.",
        "",
        "Success is that of the greedy policy: on problems of the test split, which training never "
        "sees, or on the one maze of the seed. Brackets are 95% percentile bootstrap intervals "
        "over seeds; with five seeds these are somewhat too narrow.",
        "",
        "![Learning curves](classic.png)",
        "",
    ]
    lines += _overview(summary)
    lines += ["## Tasks", ""]
    for name, task in summary.tasks.items():
        lines += _task_table(summary, name, task)
    lines += _rewards_table(summary) + _speed_table(summary)
    return "\n".join(lines).rstrip() + "\n"


def _overview(summary: _Summary) -> list[str]:
    """Final success over all tasks."""

    def entry(agent: str, reward: str) -> str:
        cells = [summary.final((agent, task, reward)) for task in summary.tasks]
        return _share(bootstrap([cell for cell in cells if cell], interquartile_mean))

    return [
        "## All tasks",
        "",
        "Interquartile mean of the final success over tasks and seeds: that of the middle half.",
        "",
        *_table(["", *summary.rewards], _rows(summary.agents, summary.rewards, entry)),
        "",
    ]


def _task_table(summary: _Summary, name: str, task: Task) -> list[str]:
    def success(agent: str, reward: str) -> str:
        values = summary.final((agent, name, reward))
        return _share(bootstrap([values])) if values else "–"

    def steps(agent: str, reward: str) -> str:
        if agent == "random":
            return "–"
        return _median(summary.reached((agent, name, reward)))

    successes = _rows(summary.agents, summary.rewards, success)
    medians = _rows(summary.agents, summary.rewards, steps)
    what = "the maze is" if task.same_problem else f"{task.threshold:.0%} of the problems are"
    return [
        f"### {task.title}",
        "",
        f"{summary.budget(task):,} environment steps. Final success, and median steps until {what} "
        "solved from then on (in brackets: how many of the runs get there).",
        "",
        *_table(
            ["", *summary.rewards, *(f"steps, {reward}" for reward in summary.rewards)],
            [[*first, *second[1:]] for first, second in zip(successes, medians, strict=True)],
        ),
        "",
    ]


def _rewards_table(summary: _Summary) -> list[str]:
    others = [reward for reward in summary.rewards if reward != "sparse"]
    if not others or "sparse" not in summary.rewards or not summary.learners:
        return []
    rows = []
    for task in summary.tasks:
        for agent in summary.learners:
            row: list[str] = [task, agent]
            for reward in others:
                saved = summary.saved(agent, task, reward)
                gained = summary.gained(agent, task, reward)
                row.append("–" if saved is None else _mark(saved, "{:+,.0f}"))
                row.append("–" if gained is None else _mark(gained, "{:+.2f}"))
            rows.append(row)
    header = ["task", "agent"]
    for reward in others:
        header += [f"{reward}: steps saved", f"{reward}: success gained"]
    return [
        "## What the rewards do",
        "",
        "Against sparse, seed by seed. Steps saved: until the task is learned; a run that does not "
        "get there counts as one that got there with its last step, so that more may be saved. "
        "Success gained: mean over the whole run. Bold where the interval leaves 0 out.",
        "",
        *_table(header, rows),
        "",
    ]


def _speed_table(summary: _Summary) -> list[str]:
    def entry(agent: str, task: str) -> str:
        chosen = [r for r in summary.records if (r["agent"], r["task"]) == (agent, task)]
        if not chosen:
            return "–"
        seconds = sum(record["cpu_seconds"] for record in chosen)
        steps = sum(record["steps"][-1] for record in chosen)
        return f"{steps / max(seconds, 1e-9):,.0f} ({seconds / len(chosen):.1f} s)"

    tasks = list(summary.tasks)
    if not summary.learners:
        return []
    return [
        "## Speed",
        "",
        "Environment steps for each second of processor time, and processor time of a run; tests "
        "of the greedy policy, which take a part of it, included.",
        "",
        *_table(["", *tasks], _rows(summary.learners, tasks, entry)),
        "",
    ]


def _rows(
    names: Iterable[str], columns: Sequence[str], entry: Callable[[str, str], str]
) -> list[list[str]]:
    return [[name, *(entry(name, column) for column in columns)] for name in names]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _share(interval: Interval) -> str:
    return "{:.2f} [{:.2f}, {:.2f}]".format(*interval)


def _mark(interval: Interval, form: str) -> str:
    value, low, high = (form.format(number) for number in interval)
    bold = "**" if interval.low > 0 or interval.high < 0 else ""
    return f"{bold}{value}{bold} [{low}, {high}]"


def _median(reached: Sequence[int | None]) -> str:
    """The median, where a run that never got there took infinitely many steps."""
    if not reached:
        return "–"
    middle = statistics.median(float("inf") if steps is None else steps for steps in reached)
    count = sum(steps is not None for steps in reached)
    return f"{'never' if middle == float('inf') else f'{middle:,.0f}'} ({count}/{len(reached)})"


# JSON and the picture. ---------------------------------------------------------------------------


def _as_json(summary: _Summary, where: Record) -> str:
    """Everything; a line each run."""
    fields = ("agent", "task", "reward", "seed", "steps")
    curves = ("test_success", "test_return", "training_success")
    runs = []
    for record in summary.records:
        cell = record["agent"], record["task"], record["reward"]
        run = {name: record[name] for name in (*fields, *curves, "cpu_seconds", "key")}
        run["steps_to_threshold"] = steps_to_threshold(
            record["steps"], record["test_success"], summary.tasks[cell[1]].threshold
        )
        runs.append(json.dumps(run, separators=(",", ":")))
    tasks = {
        name: {
            "env_id": task.env_id,
            "env_kwargs": task.env_kwargs,
            "steps": summary.budget(task),
            "threshold": task.threshold,
            "same_problem": task.same_problem,
        }
        for name, task in summary.tasks.items()
    }
    head = json.dumps(
        {**where, "clock_seconds": round(busy(summary.records)), "tasks": tasks}, indent=1
    )
    return head[:-2] + ',\n "runs": [\n' + ",\n".join(runs) + "\n ]\n}\n"


def _draw(summary: _Summary, path: Path) -> None:
    """A panel an agent and task, a line a reward: mean over seeds, and its bootstrap interval."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure  # not pyplot: it keeps global state

    tasks, agents = summary.tasks, summary.learners or summary.agents
    figure = Figure(
        figsize=(2.7 * len(agents) + 0.6, 1.75 * len(tasks) + 0.9), layout="constrained"
    )
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(tasks), len(agents), sharey=True, squeeze=False)
    for row, (task_name, task) in zip(panels, tasks.items(), strict=True):
        grid = np.linspace(0, summary.budget(task), 41)
        for panel, agent in zip(row, agents, strict=True):
            for reward in summary.rewards:
                runs = summary.cells.get((agent, task_name, reward), [])
                if not runs:
                    continue
                curves = np.array(
                    [on_grid(run["steps"], run["test_success"], grid) for run in runs]
                )
                bands = [bootstrap([column], resamples=400) for column in curves.T]
                mean, low, high = np.array(bands).T
                panel.plot(grid, mean, color=_COLORS[reward], lw=1.6, label=reward)
                panel.fill_between(grid, low, high, color=_COLORS[reward], alpha=0.18, lw=0)
            floor = [
                value
                for reward in summary.rewards
                for value in summary.final(("random", task_name, reward))
            ]
            if floor:
                panel.axhline(
                    float(np.mean(floor)), color="#999999", lw=0.9, ls=":", label="random"
                )
            panel.set(xlim=(0, grid[-1]), ylim=(-0.03, 1.03))
            panel.xaxis.set_major_formatter(lambda x, _: f"{x / 1000:g}k")
            panel.xaxis.set_major_locator(_ticks())
            panel.tick_params(labelsize=8)
            panel.grid(alpha=0.25)
        row[0].set_ylabel(task_name, fontsize=10)
    for panel, agent in zip(panels[0], agents, strict=True):
        panel.set_title(agent.replace("_", "-"), fontsize=11)
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    figure.supxlabel("environment steps", fontsize=10)
    figure.supylabel("share of test problems solved greedily", fontsize=10)
    figure.savefig(path, dpi=110)


def _ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4)
