"""Results of agents in one table, the best at the top."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["leaderboard", "read_results"]


def read_results(files: Iterable[str | Path]) -> list[dict[str, Any]]:
    """The summaries in some files, or in run folders.

    Raises:
        OSError: a file cannot be read.
        ValueError: it is no summary of an evaluation.
    """
    found = []
    for each in map(Path, files):
        file = each / "summary.json" if each.is_dir() else each
        summary = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(summary, dict) or not {"run", "total"} <= summary.keys():
            raise ValueError(f"{file} is no summary of an evaluation: summary.json of a run folder")
        found.append(summary)
    return found


def leaderboard(summaries: Sequence[Mapping[str, Any]]) -> str:
    """A table in Markdown for each suite, with a row for each result.

    Where episodes are missing there is no total, and the row stands at the end.
    """
    by_suite: dict[tuple[str, int, str], list[Mapping[str, Any]]] = {}
    for summary in summaries:
        suite = summary["run"]["suite"]
        by_suite.setdefault((suite["name"], suite["version"], suite["hash"]), []).append(summary)
    return "\n\n".join(_table(*suite, results) for suite, results in by_suite.items())


def _table(name: str, version: int, hash: str, results: Sequence[Mapping[str, Any]]) -> str:
    families = list(dict.fromkeys(f for result in results for f in result["by_family"]))
    head = ["agent", "success, %", "normalised, %", *families, "tokens"]
    title = f"{name} v{version}" if version else name
    chance = results[0]["total"].get("floor")
    told = "" if chance is None else f" Chance solves {100 * chance:.1f} %."
    lines = [
        f"**{title}** (`{hash}`), {results[0]['total']['problems']:,} problems; 95 % intervals."
        f"{told}",
        "",
        f"| {' | '.join(head)} |",
        f"| --- {'| ---: ' * (len(head) - 1)}|",
    ]
    lines += [_row(result, families) for result in sorted(results, key=_place)]
    return "\n".join(lines)


def _place(result: Mapping[str, Any]) -> tuple[bool, float, str]:
    is_whole = not result["missing"] and result["run"]["suite"]["version"] > 0
    return not is_whole, -result["total"]["success"][0], result["run"]["agent"]["agent"]


def _row(result: Mapping[str, Any], families: Sequence[str]) -> str:
    total = result["total"]
    is_whole = not _place(result)[0]
    parts = [result["by_family"].get(family) for family in families]
    cells = [
        _name(result["run"]),
        _interval(total["success"]) if is_whole else "",
        _interval(total["normalised"]) if is_whole and total.get("normalised") else "",
        *("" if part is None else f"{100 * part['success'][0]:.1f}" for part in parts),
        "" if total.get("tokens") is None else f"{total['tokens']:,.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def _name(run: Mapping[str, Any]) -> str:
    agent = run["agent"]
    name = agent["agent"] if agent["agent"] != "endpoint" else agent["model"]
    return f"`{name}`".replace("|", "\\|")


def _interval(interval: Sequence[float]) -> str:
    value, low, high = (100 * bound for bound in interval)
    return f"{value:.1f} ({low:.1f}–{high:.1f})"
