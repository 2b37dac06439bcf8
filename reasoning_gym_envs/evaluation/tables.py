"""Summaries and comparisons in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reasoning_gym_envs.evaluation.statistics import Interval
from reasoning_gym_envs.evaluation.summary import Scores, Summary

__all__ = ["UNITS", "aligned", "part_name", "percent", "probability", "summary_in_words", "visible"]


UNITS = {"turns": "turns", "tokens": "tokens", "words": "words and signs"}
"""Of what goes beyond the reference, as a reader is told."""


def visible(text: str) -> str:
    """With the characters spelled out that nobody would see, or that do something to a terminal.

    >>> print(visible("a\\nb"))
    a\\nb
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def percent(share: Interval | float | None) -> str:
    """A share, and its interval where it has one.

    >>> percent(Interval(0.5, 0.404, 0.596)), percent(0.041), percent(None)
    ('50.0 (40.4–59.6)', '4.1', '')
    """
    if share is None:
        return ""
    if isinstance(share, Interval):
        return f"{100 * share.value:.1f} ({100 * share.low:.1f}–{100 * share.high:.1f})"
    return f"{100 * share:.1f}"


def probability(p: float) -> str:
    """A p-value; below what the sums of a test can tell from 0, it says no more.

    >>> probability(0.0312), probability(0.0)
    ('0.031', '<1e-12')
    """
    return "<1e-12" if p < 1e-12 else f"{p:.2g}"


def aligned(rows: Iterable[Iterable[str]]) -> str:
    """A table whose first column begins at the left, and whose others end at the right."""
    table = [list(row) for row in rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )


def summary_in_words(summary: Summary, by: str = "family") -> str:
    """What came out, as a table: the total, and a line for each part.

    Args:
        summary: of a run.
        by: "family", "id" or "level".
    """
    parts: Mapping[Any, Scores] = getattr(summary, f"by_{by}")
    rows = [["", "problems", "success, %", "chance, %", "normalised, %"]]
    if summary.has_total:
        rows.append(_row("total", summary.total))
    rows += [_row(part_name(by, name), scores) for name, scores in parts.items()]
    lines = [_title(summary), aligned(rows)]
    if not summary.has_total:
        why = f"{summary.missing:,} episodes are missing" if summary.missing else "this is no suite"
        lines.append(f"There is no total: {why}.")
    lines += _notes(summary.total)
    return "\n".join(lines)


def _title(summary: Summary) -> str:
    suite, agent = summary.run["suite"], summary.run["agent"]
    version = f" v{suite['version']}" if suite["version"] else ""
    return visible(
        f"{agent['agent']} on {suite['name']}{version} ({suite['hash']}), "
        f"{summary.run['samples']} of each problem; 95% intervals"
    )


def part_name(by: str, name: Any) -> str:
    """What a row of a table is called."""
    return f"level {name}" if by == "level" else str(name)


def _row(name: str, scores: Scores) -> list[str]:
    return [
        name,
        f"{scores.problems:,}",
        percent(scores.success),
        percent(scores.floor),
        percent(scores.normalised),
    ]


def _notes(scores: Scores) -> list[str]:
    """What else is known of all episodes."""
    lines = []
    for name, estimates in (
        ("pass@", scores.pass_at),
        ("pass^", scores.pass_hat),
        ("maj@", scores.majority_at),
    ):
        several = {k: estimate for k, estimate in estimates.items() if k > 1}
        if several:
            each = ", ".join(f"{name}{k} {percent(several[k])}" for k in several)
            lines.append(f"{each} %")
    lines.append(
        f"{scores.unreadable:.1%} of the turns unreadable, {scores.illegal:.1%} illegal; "
        f"{scores.cut_off:.1%} of the episodes cut off"
    )
    if scores.tokens is not None:
        cost = f", {scores.cost:,.2f} dollars in all" if scores.cost is not None else ""
        lines.append(f"{scores.tokens:,.0f} tokens written in an episode{cost}")
    for unit, (difference, ratio) in scores.excess.items():
        lines.append(
            f"{difference.value:+,.1f} {UNITS[unit]} beyond the reference, of a solved problem: "
            f"{ratio.value:.2f} times as long ({ratio.low:.2f}–{ratio.high:.2f})"
        )
    return lines
