"""The floors of all environments: ``python -m baselines floors``.

Measures how often chance solves each id at each level (`reasoning_gym_envs.evaluation.floors`), and
writes ``floors.json``, which is data of the package, and ``floors.md``.  What is measured replaces
what was there of the same id and level, and the rest stays: a changed environment is measured
alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.console import Console
from rich.progress import Progress

from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.errors import chosen_names
from reasoning_gym_envs.evaluation.floors import EPISODES, TABLE, Floor, measure, read_floors
from reasoning_gym_envs.math.topics import TOPICS
from reasoning_gym_envs.maze.views import VIEWS

__all__ = ["FloorsOptions", "floors", "markdown"]

LEVELS = tuple(range(1, 11))
RESULTS = Path(__file__).parent / "results"
_KINDS: Mapping[str, Sequence[dict[str, Any]]] = {
    "MathBoxed-v0": [{"topics": topic} for topic in TOPICS],
    "TextMaze-v0": [{"view": view} for view in VIEWS if view != "local"],
}
"""Arguments with floors of their own, beside those of an id as it is."""


@dataclass
class FloorsOptions:
    """Measure how often random commands, a random plan and the best constant answer succeed."""

    ids: Annotated[tuple[str, ...], tyro.conf.Positional] = ()
    """Environments; all unless given."""
    levels: tuple[int, ...] = LEVELS
    """Levels from 1 to 10."""
    episodes: int = EPISODES
    """Episodes of each, on different problems of the test split where there are so many."""
    out: Path | None = None
    """Folder of floors.json and floors.md; what it has of other ids and levels stays. Unless given,
    the table of the package, and that of baselines/results."""


def floors(options: FloorsOptions) -> int:
    """Measure, print and write; the exit status."""
    ids = chosen_names("ids", "id", options.ids or tuple(ENVIRONMENTS), ENVIRONMENTS)
    todo: list[tuple[str, int, dict[str, Any]]] = []
    for id in ids:
        kinds = [{}, *_KINDS.get(id, ())]
        todo += [(id, level, kind) for kind in kinds for level in options.levels]
    table = TABLE if options.out is None else options.out / TABLE.name
    words = (options.out or RESULTS) / "floors.md"
    console = Console(stderr=True)
    measured: list[Floor] = []
    with Progress(console=console) as bar:
        task = bar.add_task("floors", total=len(todo))
        for id, level, arguments in todo:
            bar.update(task, description=f"{id}, level {level}")
            measured += measure(id, level, episodes=options.episodes, **arguments)
            write(measured, table, words)
            bar.advance(task)
    print(markdown(measured))
    high = [floor for floor in measured if not floor.is_low]
    for floor in high:
        print(f"above the limit: {_title(floor)}, level {floor.level}: {_share(floor)}")
    return 1 if high else 0


# The table. --------------------------------------------------------------------------------------


def write(measured: Sequence[Floor], table: Path, words: Path) -> None:
    """Write floors.json and floors.md, with what the table has of other ids and levels."""
    replaced = {_key(floor) for floor in measured}
    kept = [floor for floor in read_floors(table) if _key(floor) not in replaced]
    both = sorted([*kept, *measured], key=_place)
    table.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(floor), ensure_ascii=False) for floor in both]
    table.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    words.write_text(markdown(both) + "\n", encoding="utf-8")


def markdown(measured: Iterable[Floor]) -> str:
    """A row for each id (or topic) and policy, a column for each level."""
    rows: dict[tuple[str, str], dict[int, Floor]] = {}
    for floor in measured:
        rows.setdefault((_title(floor), floor.policy), {})[floor.level] = floor
    levels = sorted({level for row in rows.values() for level in row})
    table = [
        f"| id | policy | {' | '.join(map(str, levels))} |",
        "| --- " * (2 + len(levels)) + "|",
    ]
    for (title, policy), row in rows.items():
        cells = [_share(row[level]) if level in row else "" for level in levels]
        table.append(f"| {title} | {policy} | {' | '.join(cells)} |")
    return "\n".join(table)


def _title(floor: Floor) -> str:
    return ", ".join([floor.id, *map(str, (floor.arguments or {}).values())])


def _share(floor: Floor) -> str:
    low, high = floor.interval
    return f"{100 * floor.share:.1f} ({100 * max(low, 0):.1f}–{100 * high:.1f})"


def _key(floor: Floor) -> tuple[str, int]:
    return _title(floor), floor.level


def _place(floor: Floor) -> tuple[int, str, str, int]:
    ids = list(ENVIRONMENTS)
    place = ids.index(floor.id) if floor.id in ids else len(ids)
    return place, _title(floor), floor.policy, floor.level
