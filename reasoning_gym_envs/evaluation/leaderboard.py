"""Results of agents in one table, the best at the top."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reasoning_gym_envs.evaluation.summary import summarise
from reasoning_gym_envs.evaluation.tables import visible

__all__ = ["leaderboard", "read_results"]


def read_results(files: Iterable[str | Path]) -> list[dict[str, Any]]:
    """The summaries in some files; those of run folders are made of their episodes.

    Raises:
        OSError: a file cannot be read.
        ValueError: it is no summary of an evaluation.
    """
    return list(map(_result, map(Path, files)))


def _result(path: Path) -> dict[str, Any]:
    if path.is_dir():
        if (path / "run.json").exists() or not (path / "summary.json").exists():
            return json.loads(json.dumps(summarise(path).record()))  # type: ignore[no-any-return]
        path = path / "summary.json"
    try:
        summary: dict[str, Any] = json.loads(path.read_bytes())
        _table([summary], brief=False)  # it has all that a row is made of
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise ValueError(
            f"{path} is no summary of an evaluation: give a run folder, or its summary.json"
        ) from None
    return summary


def leaderboard(summaries: Sequence[Mapping[str, Any]], brief: bool = False) -> str:
    """A table in Markdown for each suite, with a row for each result.

    Where episodes are missing there is no total, and the row stands at the end.

    Args:
        summaries: of evaluations (see :func:`read_results`).
        brief: agents and their success alone.
    """
    by_suite: dict[tuple[str, int, str], list[Mapping[str, Any]]] = {}
    for summary in summaries:
        suite = summary["run"]["suite"]
        by_suite.setdefault((suite["name"], suite["version"], suite["hash"]), []).append(summary)
    return "\n\n".join(_table(results, brief) for results in by_suite.values())


def _table(results: Sequence[Mapping[str, Any]], brief: bool) -> str:
    families = list(dict.fromkeys(f for result in results for f in result["by_family"]))
    head = ["agent", "success, %", "normalised, %", *map(_plain, families), "tokens"]
    rows = [head, ["---", *["---:"] * (len(head) - 1)]]
    rows += [
        _row(result, families, _differing(result, results))
        for result in sorted(results, key=_place)
    ]
    lines = [
        _title(results[0]["run"]["suite"], results),
        "",
        *(f"| {' | '.join(row[:2] if brief else row)} |" for row in rows),
    ]
    return "\n".join(lines)


def _differing(result: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> str:
    """What tells a result from others of the same name: "" where there are none."""
    of_name = [_settings(r["run"]) for r in results if _name(r["run"]) == _name(result["run"])]
    known = _settings(result["run"])
    names = [n for n in known if any(other.get(n) != known[n] for other in of_name)]
    return "".join(f", {_plain(n)} {_plain(str(known[n])[:40])}" for n in names)


def _settings(run: Mapping[str, Any]) -> dict[str, Any]:
    return {**run["agent"], **{name: run[name] for name in ("samples", "seed", "system")}}


def _title(suite: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> str:
    """What was played, and what all of it together tells."""
    name = f"{suite['name']} v{suite['version']}" if suite["version"] else suite["name"]
    problems = results[0]["run"]["episodes"] // results[0]["run"]["samples"]
    said = [
        f"**{_plain(name)}** (`{_plain(suite['hash'])}`), {problems:,} problems; 95 % intervals."
    ]
    # Of a part chance is another, and versions may know another table of it.
    chances = sorted({f"{100 * r['total']['floor']:.1f}" for r in results if _has_floor(r)})
    if chances:
        said.append(f"Chance solves {' to '.join(chances[:: max(1, len(chances) - 1)])} %.")
    versions = sorted({str(r["run"]["versions"].get("reasoning-gym-envs")) for r in results})
    if len(versions) > 1:
        said.append(f"Judged by versions {', '.join(map(_plain, versions))} of the package.")
    return " ".join(said)


def _has_floor(result: Mapping[str, Any]) -> bool:
    return not result["missing"] and result["total"].get("floor") is not None


def _place(result: Mapping[str, Any]) -> tuple[bool, float, str]:
    is_whole = not result["missing"] and result["run"]["suite"]["version"] > 0
    return not is_whole, -result["total"]["success"][0], result["run"]["agent"]["agent"]


def _row(result: Mapping[str, Any], families: Sequence[str], told: str) -> list[str]:
    total = result["total"]
    is_whole = not _place(result)[0]
    parts = [result["by_family"].get(family) for family in families]
    return [
        _name(result["run"]) + told,
        _interval(total["success"]) if is_whole else "",
        _interval(total["normalised"]) if is_whole and total.get("normalised") else "",
        *("" if part is None else f"{100 * part['success'][0]:.1f}" for part in parts),
        "" if total.get("tokens") is None else f"{total['tokens']:,.0f}",
    ]


def _name(run: Mapping[str, Any]) -> str:
    return f"`{_plain(run['agent']['agent'])}`"


def _plain(text: object) -> str:
    """A text of others as it may stand in a table: it ends no cell, no row and no code."""
    return visible(str(text)).replace("|", "\\|").replace("`", "'").replace("<", "‹")


def _interval(interval: Sequence[float]) -> str:
    value, low, high = (100 * bound for bound in interval)
    return f"{value:.1f} ({low:.1f}–{high:.1f})"
