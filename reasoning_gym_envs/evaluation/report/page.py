"""The page: what came out of some runs, and what was said in them, in one file.

It needs no network and is opened from a disk. Only its own program runs in it, named by its hash in
the page's policy; what models and environments wrote reaches the page as data, and becomes text.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym

from reasoning_gym_envs import __version__
from reasoning_gym_envs.evaluation.comparison import Comparison, Pair, compare
from reasoning_gym_envs.evaluation.record import read_run, write_whole
from reasoning_gym_envs.evaluation.report import plots
from reasoning_gym_envs.evaluation.report.transcripts import FLAGS, Transcripts, packed
from reasoning_gym_envs.evaluation.statistics import Interval
from reasoning_gym_envs.evaluation.summary import Scores, Summary, summarise
from reasoning_gym_envs.evaluation.tables import UNITS, percent, probability, visible

__all__ = ["write_report"]

_LONGEST_NAME = 60  # characters; `constant:TEXT` may have a long one


def write_report(runs: Sequence[str | Path], out: str | Path) -> None:
    """Write runs as one HTML file.

    Args:
        runs: folders of evaluations.
        out: the file.

    Raises:
        FileNotFoundError: there is no evaluation in a folder.
        ImportError: the extra ``report`` is not installed.
        ValueError: no run, one that is given twice, or one in which nothing was judged yet.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise ImportError(
            "reports need the extra: pip install 'reasoning-gym-envs[report]'"
        ) from error
    paths = [Path(run) for run in runs]
    if not paths:
        raise ValueError("a report needs a run: the folder of an evaluation")
    if len({path.resolve() for path in paths}) < len(paths):
        raise ValueError("a run is given twice")
    summaries = dict(zip(_names(paths), map(summarise, paths), strict=True))
    templates = Environment(
        loader=PackageLoader(__package__ or "", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    transcripts = Transcripts()
    style, script = _own("report.css"), _own("report.js")
    page = templates.get_template("report.html").stream(
        title=" and ".join(summaries) if len(summaries) < 3 else f"{len(summaries)} runs",
        version=__version__,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        names=list(summaries),
        overview=_overview(summaries),
        measures=_measures(summaries),
        notes=_notes(summaries),
        parts=[
            ("family", _by(summaries, "family"), plots.by_family(summaries)),
            ("level", _by(summaries, "level"), plots.by_level(summaries)),
        ],
        by_id=_by(summaries, "id"),
        profiles={name: _profile(summary) for name, summary in summaries.items()},
        tokens=plots.within_tokens(summaries),
        comparisons=_comparisons(paths, list(summaries)),
        pieces=transcripts.pieces(paths),
        # Is called behind the pieces: it is known when they have been written.
        facts=lambda: packed(_facts(summaries, transcripts)),
    )
    write_whole(Path(out), page)


def _own(name: str) -> str:
    return (importlib.resources.files(__package__ or "") / "templates" / name).read_text("utf-8")


def _hash(text: str) -> str:
    """As a content security policy names what may be in the page."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _names(paths: Sequence[Path]) -> list[str]:
    """A short name for each run: who played, and the folder where that is not enough."""
    agents = [_short(visible(str(read_run(path)["agent"]["agent"]))) for path in paths]
    return [
        agent if agents.count(agent) == 1 else f"{agent} ({visible(str(path))})"
        for agent, path in zip(agents, paths, strict=True)
    ]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _facts(summaries: Mapping[str, Summary], transcripts: Transcripts) -> dict[str, Any]:
    """What the page's program begins with: the index of the episodes, and what it tells of them."""
    index = transcripts.index()
    return {
        **index,
        "runs": list(summaries),
        "suites": [summary.run["suite"]["hash"] for summary in summaries.values()],
        "flag_names": FLAGS,
        "kinds": {id: kinds for id in index["ids"] if (kinds := _map_characters(id))},
    }


def _map_characters(id: str) -> Mapping[str, str]:
    """What the characters of an environment's maps stand for."""
    spec = gym.registry.get(id)
    if spec is None or not isinstance(spec.entry_point, str):
        return {}
    maker = gym.envs.registration.load_env_creator(spec.entry_point)
    characters: Mapping[str, str] = getattr(maker, "map_characters", {})
    return characters


# Tables: a heading, and rows of texts.

Table = tuple[Sequence[str], Sequence[Sequence[str]]]


def _overview(summaries: Mapping[str, Summary]) -> Table:
    """A row for each run: what it solves."""
    columns = {
        "problems": [f"{summary.total.problems:,}" for summary in summaries.values()],
        "success, %": _totals(summaries, lambda scores: percent(scores.success)),
        "chance, %": _totals(summaries, lambda scores: percent(scores.floor)),
        "normalised, %": _totals(summaries, lambda scores: percent(scores.normalised)),
    }
    for sign, of in (("pass@", "pass_at"), ("pass^", "pass_hat"), ("maj@", "majority_at")):
        for k in sorted({k for s in summaries.values() for k in getattr(s.total, of) if k > 1}):
            columns[f"{sign}{k}, %"] = _totals(
                summaries, lambda scores, of=of, k=k: percent(getattr(scores, of).get(k))
            )
    return _columns(summaries, columns)


def _measures(summaries: Mapping[str, Summary]) -> Table:
    """A row for each run: what else is known."""
    each = [summary.total for summary in summaries.values()]
    columns = {
        "reward": [f"{scores.reward:.3f}" for scores in each],
        "tokens an episode": [_number(scores.tokens) for scores in each],
        "area to 4,096 tokens, %": [percent(scores.area) for scores in each],
        **{
            f"{name} beyond the reference": [
                _interval(s.excess[unit].difference) if unit in s.excess else "" for s in each
            ]
            for unit, name in UNITS.items()
        },
        "seconds an episode": [f"{scores.seconds:,.2f}" for scores in each],
        "turns unreadable, %": [percent(scores.unreadable) for scores in each],
        "turns illegal, %": [percent(scores.illegal) for scores in each],
        "episodes cut off, %": [percent(scores.cut_off) for scores in each],
        "dollars": ["" if s.cost is None else f"{s.cost:,.2f}" for s in each],
    }
    return _columns(summaries, columns)


def _columns(names: Iterable[str], columns: Mapping[str, Sequence[str]]) -> Table:
    """A row for each name; a column of which nothing is known is left out."""
    known = {heading: cells for heading, cells in columns.items() if any(cells)}
    rows = [
        [name, *(cells[place] or "–" for cells in known.values())]
        for place, name in enumerate(names)
    ]
    return ["run", *known], rows


def _totals(summaries: Mapping[str, Summary], cell: Any) -> list[str]:
    """A figure of whole suites; of other problems there is no total that could be quoted."""
    return [cell(s.total) if s.has_total else "" for s in summaries.values()]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _interval(interval: Interval) -> str:
    value, low, high = interval
    return f"{value:+,.1f} ({low:+,.1f} to {high:+,.1f})"


def _notes(summaries: Mapping[str, Summary]) -> list[str]:
    """What was played, and what is missing."""
    notes = []
    for name, summary in summaries.items():
        suite, run = summary.run["suite"], summary.run
        version = f" v{suite['version']}" if suite["version"] else ""
        note = (
            f"{name}: {suite['name']}{version} ({suite['hash']}), {run['samples']} of each "
            f"problem, seed {run['seed']}, reasoning-gym-envs "
            f"{run['versions'].get('reasoning-gym-envs', 'of an unknown version')}."
        )
        if summary.missing:
            note += f" {summary.missing:,} episodes are missing, so there is no total."
        elif not summary.has_total:
            note += " This is no suite, so there is no total."
        notes.append(visible(note))
    return notes


def _by(summaries: Mapping[str, Summary], part: str) -> Table:
    """A row for each part, with chance, and what each run solves of it."""
    found: dict[Any, list[Scores | None]] = {}
    for place, summary in enumerate(summaries.values()):
        for name, scores in getattr(summary, f"by_{part}").items():
            found.setdefault(name, [None] * len(summaries))[place] = scores
    if part == "level":
        found = dict(sorted(found.items()))
    rows = []
    for name, cells in found.items():
        floors = {percent(scores.floor) for scores in cells if scores is not None}
        rows.append(
            [
                str(name),
                floors.pop() if len(floors) == 1 else "differs",
                *("–" if scores is None else percent(scores.success) for scores in cells),
            ]
        )
    return [part, "chance, %", *summaries], rows


def _profile(summary: Summary) -> tuple[list[int], list[tuple[str, list[int | None]]]]:
    """Levels; and for each id the percent that is solved of each."""
    levels = list(summary.by_level)
    rows = [
        (
            id,
            [round(100 * of[level].success.value) if level in of else None for level in levels],
        )
        for id, of in summary.profile.items()
    ]
    return levels, rows


@dataclass(frozen=True)
class _Comparisons:
    """Each two runs of the same problems: a row for each pair, and a table of its families."""

    table: Table
    families: Sequence[tuple[str, Table]]
    missing: Sequence[str]
    """Pairs that cannot be compared, and why."""


def _comparisons(paths: Sequence[Path], names: Sequence[str]) -> _Comparisons | None:
    heading = ["problems", "first, %", "second, %", "difference, points", "p"]
    total, families, missing = [], [], []
    named = list(zip(paths, names, strict=True))
    for (one, first), (other, second) in itertools.combinations(named, 2):
        if read_run(one)["suite"]["hash"] != read_run(other)["suite"]["hash"]:
            continue
        pair = f"{first} and {second}"
        try:
            comparison = compare(one, other)
        except ValueError as error:  # no problem in common yet, or samples that do not match
            missing.append(visible(f"{pair}: {error}"))
            continue
        total.append([pair, *_cells(comparison.total), _verdict(comparison, first, second)])
        rows = [[name, *_cells(of)] for name, of in comparison.by_family.items()]
        families.append((pair, (["family", *heading], rows)))
    if not total and not missing:
        return None
    return _Comparisons((["first and second", *heading, "so"], total), families, missing)


def _cells(pair: Pair) -> list[str]:
    return [
        f"{pair.problems:,}",
        percent(pair.first),
        percent(pair.second),
        _interval(Interval(*(100 * each for each in pair.difference))),
        probability(pair.p),
    ]


def _verdict(comparison: Comparison, first: str, second: str) -> str:
    so_far = "as far as they have got, " if any(comparison.missing) else ""
    if comparison.total.p >= 0.05:
        return f"{so_far}the difference may be chance"
    return f"{so_far}{first if comparison.total.difference.value > 0 else second} is better"
