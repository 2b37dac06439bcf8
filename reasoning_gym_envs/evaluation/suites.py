"""Suites: fixed lists of problems of the test split, with a version and a hash.

>>> suite = load_suite("smoke")
>>> suite.title, len(suite.problems), suite.problems[0].id
('smoke v1', 108, 'MathBoxed-v0')

A suite is a file that names its problems, so that everybody who names the suite has played the same
ones. :data:`PLANS` says how they were drawn; where a generator changes, they cannot be drawn
again, :func:`check` says so, and the suite needs a new version.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import gymnasium as gym

from reasoning_gym_envs.dataset import Row, rows
from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.registry import ENVIRONMENTS, unknown_id

__all__ = ["PLANS", "NamedProblem", "Plan", "Suite", "check", "draw", "load_suite", "suite_of"]

FOLDER = Path(__file__).parent / "suites"
LEVELS = tuple(range(1, 11))
_SEED = 2026  # of the problems of all suites


@dataclass(frozen=True)
class NamedProblem:
    """A problem by its name: what makes it again, and the hash of what it is.

    ``gym.make(id, **arguments).reset(seed=seed)`` begins an episode of it.
    """

    id: str
    arguments: Mapping[str, Any]
    seed: int
    problem_id: str
    level: int

    @property
    def row(self) -> Row:
        """The same as a row of a data set: what :func:`reasoning_gym_envs.score` takes."""
        return {
            "id": self.id,
            "kwargs": dict(self.arguments),
            "seed": self.seed,
            "problem_id": self.problem_id,
        }

    @property
    def needs(self) -> str:
        """What it cannot be played without, as the registry says it: "code", or nothing."""
        return ENVIRONMENTS[self.id].needs if self.id in ENVIRONMENTS else ""


@dataclass(frozen=True)
class Suite:
    """A list of problems. The order is that of the list; the hash is of all that they are."""

    name: str
    version: int
    problems: tuple[NamedProblem, ...]
    about: str = ""

    @property
    def title(self) -> str:
        """Name and version: how a result is quoted."""
        return f"{self.name} v{self.version}" if self.version else self.name

    @property
    def hash(self) -> str:
        """16 hexadecimal digits; the same problems in the same order have the same."""
        named = [[p.id, dict(p.arguments), p.problem_id] for p in self.problems]
        text = json.dumps(named, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def needs(self) -> dict[str, list[str]]:
        """What must be installed or running, and the ids that need it."""
        found: dict[str, list[str]] = {}
        for problem in self.problems:
            if problem.needs and problem.id not in found.setdefault(problem.needs, []):
                found[problem.needs].append(problem.id)
        return found

    def without(self, ids: Iterable[str]) -> Suite:
        """The problems of other ids. That is no suite: its version is 0, and its name says so.

        >>> load_suite("smoke").without({"MathBoxed-v0"}).title
        'smoke without MathBoxed-v0'
        """
        left_out = sorted(set(ids))
        kept = tuple(problem for problem in self.problems if problem.id not in left_out)
        return Suite(f"{self.name} without {', '.join(left_out)}", 0, kept, self.about)


def load_suite(name: str) -> Suite:
    """A suite of the package.

    Raises:
        ValueError: there is none of this name.
    """
    if name not in PLANS:
        raise ValueError(unknown("suite", name, PLANS))
    saved = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    problems = [
        NamedProblem(
            part["id"],
            part["arguments"],
            seed,
            problem_id,
            part["arguments"]["level"],
        )
        for part in saved["parts"]
        for seed, problem_id in part["problems"]
    ]
    return Suite(name, saved["version"], tuple(problems), PLANS[name].about)


def suite_of(
    ids: Sequence[str],
    *,
    levels: Sequence[int] = (3,),
    count: int = 100,
    seed: int = 0,
    **arguments: Any,
) -> Suite:
    """Problems of your own choice: as many of each id at each level.

    Args:
        ids: of environments.
        levels: from 1 to 10.
        count: how many different problems of each id at each level.
        seed: of the problems.
        arguments: of all the environments; the split is "test" unless given.

    Raises:
        ValueError: an unknown id, one that is given twice, or an argument that an environment
            refuses.
        PoolTooSmall: there are fewer different problems.
    """
    for id in ids:
        if id not in gym.registry:
            raise ValueError(unknown_id(id))
    for name, values in (("id", ids), ("level", levels)):
        if twice := [value for value, times in Counter(values).items() if times > 1]:
            raise ValueError(f"{name} {twice[0]} is given twice: give each once, and a count")
    problems = [
        _named(row)
        for id in ids
        for level in levels
        for row in rows(id, count, seed=seed, **{"split": "test", "level": level, **arguments})
    ]
    return Suite(", ".join(ids), 0, tuple(problems))


# How the suites were drawn.


class Plan(NamedTuple):
    """How a suite is made: so many problems of each id at each level."""

    version: int
    about: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Part:
    """Problems of some ids, as many of each at each level."""

    ids: tuple[str, ...]
    count: int
    levels: tuple[int, ...] = LEVELS
    arguments: Mapping[str, Any] = field(default_factory=dict)


def _ids(
    *families: str, needs: str | None = None, answered_by: str | None = None
) -> tuple[str, ...]:
    return tuple(
        id
        for id, entry in ENVIRONMENTS.items()
        if (not families or entry.family in families)
        and (needs is None or entry.needs == needs)
        and (answered_by is None or entry.answered_by == answered_by)
        and id not in _OTHERS
    )


# They have no problems of their own, or need a package of others.
_OTHERS = ("Mixture-v0", "ReasoningGym-v0")
_WALKS = ("TextMaze-v0", "TextMazeBoxed-v0", "Sokoban-v0", "SokobanBoxed-v0")

PLANS: Mapping[str, Plan] = MappingProxyType(
    {
        "smoke": Plan(
            1,
            "Three levels of every id that needs nothing installed: does it run at all?",
            (Part(_ids(needs=""), 1, (1, 4, 7)),),
        ),
        "core": Plan(
            1,
            "Every id at ten levels, no family more than two fifths. The total has an interval of "
            "2 points or less to either side.",
            (
                Part(_ids("math"), 50),
                Part(_ids("algebra"), 12),
                Part(_ids("maze"), 20),
                Part(_ids("puzzles"), 3),
                Part(_ids("code"), 15),
            ),
        ),
        "math": Plan(
            1,
            "Questions of mathematics, and equations step by step.",
            (Part(_ids("math"), 120), Part(_ids("algebra"), 20)),
        ),
        "puzzles": Plan(
            1, "All puzzles, by commands and by one answer.", (Part(_ids("puzzles"), 8),)
        ),
        "navigation": Plan(
            1,
            "Mazes seen locally, on a map and by coordinates, and boxes to be pushed.",
            (
                Part(_WALKS, 20),
                *(Part(("TextMaze-v0",), 20, LEVELS, {"view": v}) for v in ("map", "coordinates")),
            ),
        ),
        "code": Plan(
            1,
            "Programs to write, to predict and to repair. It needs a Docker engine.",
            (Part(_ids("code"), 20),),
        ),
        "long-horizon": Plan(
            1,
            "Commands at the levels 8 to 10: many turns, and a mistake may be found out late.",
            (Part(_ids(needs="", answered_by="steps"), 15, (8, 9, 10)),),
        ),
        "overthinking": Plan(
            1,
            "Level 1 of every id: how much more is written than the shortest derivation needs?",
            (Part(_ids(needs=""), 20, (1,)),),
        ),
    }
)  # fmt: skip
"""The suites of the package, by name."""


def draw(name: str) -> Suite:
    """Draw the problems of a suite anew, as its plan says."""
    plan = PLANS[name]
    problems = [
        _named(row)
        for part in plan.parts
        for id in part.ids
        for level in part.levels
        for row in rows(
            id, part.count, seed=_SEED, level=level, split="test", **dict(part.arguments)
        )
    ]
    return Suite(name, plan.version, tuple(problems), plan.about)


def write(suite: Suite, folder: Path = FOLDER) -> Path:
    """Write a suite as :func:`load_suite` reads it; returns the file."""
    parts: list[dict[str, Any]] = []
    for problem in suite.problems:
        head = {"id": problem.id, "arguments": dict(problem.arguments)}
        if not parts or {**parts[-1], "problems": None} != {**head, "problems": None}:
            parts.append({**head, "problems": []})
        parts[-1]["problems"].append([problem.seed, problem.problem_id])
    lines = ",\n".join(json.dumps(part, separators=(",", ":")) for part in parts)
    about = json.dumps({"name": suite.name, "version": suite.version, "hash": suite.hash})
    file = folder / f"{suite.name}.json"
    file.write_text(f'{about[:-1]}, "parts": [\n{lines}\n]}}\n', encoding="utf-8")
    return file


def check(name: str) -> list[str]:
    """Problems of a suite's file that are not drawn again; none where all is as it was."""
    saved, drawn = load_suite(name), draw(name)
    if saved.hash == drawn.hash and saved.version == drawn.version:
        return []
    return [
        f"{problem.id} {dict(problem.arguments)} level {problem.level}: {problem.problem_id}"
        for problem in _differing(saved.problems, drawn.problems)
    ] or [f"version {saved.version} in the file, {drawn.version} in its plan"]


def _differing(
    saved: Sequence[NamedProblem], drawn: Sequence[NamedProblem]
) -> Iterator[NamedProblem]:
    now = set(map(_key, drawn))
    yield from (problem for problem in saved if _key(problem) not in now)


def _key(problem: NamedProblem) -> tuple[str, str, int, str]:
    arguments = json.dumps(dict(problem.arguments), sort_keys=True)
    return problem.id, arguments, problem.seed, problem.problem_id


def _named(row: Row) -> NamedProblem:
    return NamedProblem(row["id"], row["kwargs"], row["seed"], row["problem_id"], row["level"])
