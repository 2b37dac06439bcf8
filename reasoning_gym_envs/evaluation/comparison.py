"""Two runs on the same problems: is one better?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoning_gym_envs.evaluation.play import Record
from reasoning_gym_envs.evaluation.record import read_episodes, read_run
from reasoning_gym_envs.evaluation.statistics import Interval, paired_difference, paired_test
from reasoning_gym_envs.evaluation.summary import family_of, grouped
from reasoning_gym_envs.evaluation.tables import aligned, probability, visible

__all__ = ["Comparison", "Pair", "compare"]


@dataclass(frozen=True)
class Pair:
    """The first run beside the second, on some problems.

    Attributes:
        problems: how many both played.
        first, second: shares of their episodes that were solved.
        difference: first less second, with its 95% interval.
        p: how likely so large a difference is where both are alike, two-sided: McNemar's exact
            test, or with several samples the permutation test that it is a case of.
    """

    problems: int
    first: float
    second: float
    difference: Interval
    p: float


@dataclass(frozen=True)
class Comparison:
    """Two runs: over all problems that both played, and by family."""

    names: tuple[str, str]
    total: Pair
    by_family: Mapping[str, Pair]
    only_one: int
    """Problems that one of them alone has played: they do not count."""
    missing: tuple[int, int]
    """Episodes of each that are not written (yet)."""
    versions: tuple[str, str]
    """Of the package that judged them."""

    def __str__(self) -> str:
        """A table, and what follows from it."""
        first, second = self.names
        rows = [["", "problems", "first, %", "second, %", "difference, points", "p"]]
        for name, pair in {"total": self.total, **self.by_family}.items():
            value, low, high = (100 * each for each in pair.difference)
            rows.append(
                [
                    name,
                    f"{pair.problems:,}",
                    f"{100 * pair.first:.1f}",
                    f"{100 * pair.second:.1f}",
                    f"{value:+.1f} ({low:+.1f} to {high:+.1f})",
                    probability(pair.p),
                ]
            )
        lines = [f"first: {first}", f"second: {second}", aligned(rows)]
        if self.only_one:
            lines.append(f"{self.only_one:,} problems were played by one alone, and do not count.")
        for name, missing in zip(("first", "second"), self.missing, strict=True):
            if missing:
                lines.append(f"{missing:,} episodes of the {name} are missing.")
        if self.versions[0] != self.versions[1]:
            one, other = self.versions
            lines.append(
                f"The first was judged by version {one} of the package, the second by {other}: "
                "play both with one version."
            )
        better = "first" if self.total.difference.value > 0 else "second"
        verdict = (
            f"the {better} is better."
            if self.total.p < 0.05
            else "neither is shown to be better: at p = 0.05 the difference may be chance."
        )
        if any(self.missing):
            verdict = f"as far as they have got, {verdict}"
        return "\n".join([*lines, verdict[0].upper() + verdict[1:]])


def compare(first: str | Path, second: str | Path) -> Comparison:
    """Compare two run folders of the same suite.

    Raises:
        FileNotFoundError: a folder has no evaluation.
        ValueError: they are of different problems, or have none in common yet.
    """
    paths = (Path(first), Path(second))
    runs = [read_run(path) for path in paths]
    suites = [run["suite"] for run in runs]
    if suites[0]["hash"] != suites[1]["hash"]:
        raise ValueError(
            f"{first} is of {suites[0]['name']} v{suites[0]['version']} ({suites[0]['hash']}), and "
            f"{second} of {suites[1]['name']} v{suites[1]['version']} ({suites[1]['hash']}): only "
            "runs of the same problems can be compared"
        )
    one, other = (grouped(read_episodes(path)) for path in paths)
    both = [(one[number], other[number]) for number in one if number in other]
    if not both:
        raise ValueError(f"{first} and {second} have no problem in common yet")
    by_family: dict[str, list[tuple[list[Record], list[Record]]]] = {}
    for pair in both:
        by_family.setdefault(family_of(pair[0][0]["id"]), []).append(pair)
    return Comparison(
        (_name(paths[0]), _name(paths[1])),
        _pair(both),
        {family: _pair(some) for family, some in by_family.items()},
        len(one.keys() ^ other.keys()),
        (_missing(runs[0], one), _missing(runs[1], other)),
        (_version(runs[0]), _version(runs[1])),
    )


def _missing(run: Mapping[str, Any], problems: Mapping[int, list[Record]]) -> int:
    return int(run["episodes"]) - sum(map(len, problems.values()))


def _version(run: Mapping[str, Any]) -> str:
    return str(run["versions"].get("reasoning-gym-envs"))


def _pair(problems: list[tuple[list[Record], list[Record]]]) -> Pair:
    first, second = (
        [[bool(record["is_success"]) for record in pair[place]] for pair in problems]
        for place in (0, 1)
    )
    return Pair(
        len(problems),
        _mean(first),
        _mean(second),
        paired_difference(first, second),
        paired_test(first, second),
    )


def _mean(outcomes: list[list[bool]]) -> float:
    """Of the problems' shares."""
    return sum(sum(each) / len(each) for each in outcomes) / len(outcomes)


def _name(path: Path) -> str:
    agent: Any = read_run(path)["agent"]
    return visible(f"{agent['agent']} ({path})")
