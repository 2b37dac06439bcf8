"""Several runs of one agent that differ by their seeds: trained from them, or sampled with them.

The intervals say what other seeds would have given on the same problems, by bootstrap (Agarwal et
al. 2021, "Deep reinforcement learning at the edge of the statistical precipice", arXiv 2108.13264,
section 4.1). Samples of one model are drawn anew for each id, stratified as there. A model that was
trained from another seed may be better on all ids at once: then whole runs are drawn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.evaluation.statistics import (
    Interval,
    bootstrap,
    interquartile_mean,
    normalised,
)
from reasoning_gym_envs.evaluation.summary import Scores, family_of, summarise
from reasoning_gym_envs.evaluation.tables import aligned, part_name, percent, visible

__all__ = ["OverSeeds", "Several", "summarise_seeds"]

Values = NDArray[np.float64]

_OF_A_SEED = ("agent", "checkpoint", "step")
"""What else differs in the record of agents that were trained from different seeds."""


@dataclass(frozen=True)
class Several:
    """What several runs solve of some problems.

    Attributes:
        problems: how many.
        success: share that is solved, the mean over the runs.
        floor: share that chance solves; None where it is not measured.
        normalised: success where chance is 0 and the reference is 1.
        iqm: interquartile mean of the normalised success of each run on each id: a quarter of these
            numbers is cut off at either end (Agarwal et al. 2021, section 4.3).
    """

    problems: int
    success: Interval
    floor: float | None
    normalised: Interval | None
    iqm: Interval | None


@dataclass(frozen=True)
class OverSeeds:
    """What came out of several runs, over all and in parts, as in :class:`.Summary`."""

    runs: Sequence[Mapping[str, Any]]
    total: Several
    by_family: Mapping[str, Several]
    by_id: Mapping[str, Several]
    by_level: Mapping[int, Several]
    by_run: bool
    """Whether whole runs are drawn: each was trained from a seed of its own."""

    def in_words(self, by: str = "family") -> str:
        """A table: the total, and a line for each part.

        Args:
            by: "family", "id" or "level".
        """
        suite = self.runs[0]["suite"]
        title = f"{suite['name']} v{suite['version']}" if suite["version"] else suite["name"]
        names = [f"{run['agent']['agent']} (seed {run['seed']})" for run in self.runs]
        parts: dict[Any, Several] = dict(getattr(self, f"by_{by}"))
        rows = [["", "problems", "success, %", "chance, %", "normalised, %", "IQM, %"]]
        if suite["version"]:
            rows.append(_row("total", self.total))
        rows += [_row(part_name(by, name), several) for name, several in parts.items()]
        lines = [
            visible(f"{len(names)} runs on {title} ({suite['hash']}): {', '.join(names)}"),
            aligned(rows),
        ]
        if not suite["version"]:
            lines.append("There is no total: this is no suite.")
        lines.append(
            "Means over the runs. IQM: interquartile mean of normalised success, of each run on "
            "each id.\n95% intervals by bootstrap "
            + ("over whole runs." if self.by_run else "over the runs, for each id.")
        )
        return "\n".join(lines)


def _row(name: str, several: Several) -> list[str]:
    figures = (several.success, several.floor, several.normalised, several.iqm)
    return [name, f"{several.problems:,}", *map(percent, figures)]


def summarise_seeds(paths: Sequence[str | Path]) -> OverSeeds:
    """Sum up the folders of several runs of one agent.

    Raises:
        FileNotFoundError: there is no evaluation in a folder.
        ValueError: fewer than two runs, one that is not whole, one that is there twice, or runs
            that differ by more than their seeds.
    """
    if len(paths) < 2:
        raise ValueError("seeds are summed up over two runs or more")
    summaries = [summarise(path) for path in paths]
    for path, summary in zip(paths, summaries, strict=True):
        if summary.missing:
            raise ValueError(
                f"{path} is not whole: {summary.missing:,} episodes are missing. The command that "
                "played it goes on"
            )
        _check_alike(paths[0], summaries[0].run, path, summary.run)
    names = [json.dumps([s.run["agent"], s.run["seed"]], sort_keys=True) for s in summaries]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ValueError(
                f"{paths[names.index(name)]} and {paths[place]} are of the same agent and the same "
                "seed: give another --seed to one of them"
            )
    first = summaries[0]
    families: dict[str, list[str]] = {}
    for id in first.by_id:
        families.setdefault(family_of(id), []).append(id)

    by_run = len({summary.run["agent"].get("checkpoint") for summary in summaries}) > 1

    def of_ids(ids: Sequence[str]) -> Several:
        tasks = [[summary.by_id[id] for summary in summaries] for id in ids]
        return _several(tasks, by_run=by_run)

    def of_level(level: int) -> Several:
        ids = [id for id, levels in first.profile.items() if level in levels]
        tasks = [[summary.profile[id][level] for summary in summaries] for id in ids]
        return _several(tasks, by_run=by_run)

    return OverSeeds(
        [summary.run for summary in summaries],
        of_ids(list(first.by_id)),
        {family: of_ids(ids) for family, ids in families.items()},
        {id: of_ids([id]) for id in first.by_id},
        {level: of_level(level) for level in first.by_level},
        by_run,
    )


def _check_alike(
    one: str | Path, first: Mapping[str, Any], other: str | Path, second: Mapping[str, Any]
) -> None:
    """Raise `ValueError` where runs differ by more than their seeds."""
    for name in ("suite", "samples", "system", "versions"):
        if first[name] != second[name]:
            raise ValueError(
                f"{name} is {first[name]!r:.100} in {one}, and {second[name]!r:.100} in {other}: "
                "runs of one agent differ by their seeds alone"
            )
    if (agent := _settings(first["agent"])) != (another := _settings(second["agent"])):
        raise ValueError(
            f"the agent of {one} is {agent!r:.200}, and that of {other} {another!r:.200}: runs of "
            "one agent differ by their seeds alone"
        )


def _settings(agent: Mapping[str, Any]) -> dict[str, Any]:
    """What is the same of an agent whatever seed it was trained from."""
    of_a_seed = _OF_A_SEED if "algorithm" in agent else ()
    return {name: value for name, value in agent.items() if name not in of_a_seed}


def _several(tasks: Sequence[Sequence[Scores]], *, by_run: bool) -> Several:
    """Of tasks, each with the scores of all runs; with `by_run` whole runs are drawn."""
    weights = np.array([float(runs[0].problems) for runs in tasks])
    weights /= weights.sum()
    problems = sum(runs[0].problems for runs in tasks)
    shares = np.array([[scores.success.value for scores in runs] for runs in tasks])

    def mean(drawn: Values) -> Values:
        weighted: Values = drawn @ np.repeat(weights, shares.shape[1]) / shares.shape[1]
        return weighted

    success = _bootstrap(shares, mean, by_run)
    floors = [runs[0].floor for runs in tasks]
    known = np.array([floor for floor in floors if floor is not None and floor < 1])
    if len(known) < len(floors):
        return Several(problems, success, None, None, None)
    floor = float(known @ weights)
    above = (shares - known[:, None]) / (1 - known[:, None])
    return Several(
        problems,
        success,
        floor,
        normalised(success, floor, 1.0),
        _bootstrap(above, interquartile_mean, by_run),
    )


def _bootstrap(values: Values, statistic: Callable[[Values], Values], by_run: bool) -> Interval:
    """A statistic of ``[tasks, runs]``, of which the runs of each task are drawn, or all at once.

    The statistic is given the runs of one task after those of the other.
    """
    if not by_run:
        return bootstrap(list(values), statistic)

    def of_runs(drawn: Values) -> Values:
        taken = np.moveaxis(values[:, drawn.astype(int)], 0, -2)
        return statistic(taken.reshape(*taken.shape[:-2], -1))

    return bootstrap([np.arange(values.shape[1])], of_runs)
