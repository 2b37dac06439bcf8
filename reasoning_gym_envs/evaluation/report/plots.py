"""Plots of runs: Vega-Lite, drawn once, when the report is written.

What comes out is SVG: small, sharp, readable by screen readers (each point says what it shows), and
coloured by the page's own variables, so that it is dark where the page is. No program of a third
party runs in the page, which shows what models wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from reasoning_gym_envs.evaluation.summary import Scores, Summary
from reasoning_gym_envs.evaluation.tables import percent

__all__ = ["COLOURS", "by_family", "by_level", "within_tokens"]

COLOURS = 8
"""Runs with a colour of their own; then they begin anew. The page defines them: `--run-0` to 7."""
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
_NARROW, _HEIGHT = 560, 260  # pixels of a plot without its axes

Row = Mapping[str, Any]


def by_family(summaries: Mapping[str, Summary]) -> str:
    """Success by family, with intervals and chance."""
    rows = [
        {**_estimate(scores, f"{name}, {family}"), "run": name, "family": family}
        for name, summary in summaries.items()
        for family, scores in summary.by_family.items()
    ]
    families = list(dict.fromkeys(row["family"] for row in rows))
    place = {
        "x": {
            "field": "family",
            "type": "nominal",
            "sort": families,
            "title": None,
            "axis": {"labelAngle": 0},
        }
    }
    beside = {**place, "xOffset": {"field": "run", "sort": list(summaries)}}
    layers = [
        _layer({"type": "tick", "thickness": 2, "color": _INK}, {**beside, **_percent("chance")}),
        _layer({"type": "rule", "strokeWidth": 2}, {**beside, **_bounds(), **_run(summaries)}),
        _points_of({**beside, **_percent("success"), **_run(summaries, shape=True)}),
    ]
    return _drawn("Success by family, with 95% intervals; ticks: chance.", rows, layers)


def by_level(summaries: Mapping[str, Summary]) -> str:
    """Success by level, with intervals and chance."""
    rows = [
        {**_estimate(scores, f"{name}, level {level}"), "run": name, "level": level}
        for name, summary in summaries.items()
        for level, scores in summary.by_level.items()
    ]
    levels = sorted({row["level"] for row in rows})
    x = {"field": "level", "type": "quantitative", "axis": {"values": levels, "format": "d"}}
    scale = {"domain": [min(levels) - 0.3, max(levels) + 0.3], "nice": False, "zero": False}
    place = {"x": {**x, "scale": scale, "title": "level"}}
    success = {**place, **_percent("success")}
    layers = [
        _layer(
            {"type": "line", "strokeDash": [3, 4], "strokeWidth": 1.5, "color": _INK},
            {**place, **_percent("chance"), "detail": {"field": "run"}},
        ),
        _layer({"type": "line", "strokeWidth": 2}, {**success, **_run(summaries)}),
        _layer({"type": "rule", "strokeWidth": 2}, {**place, **_bounds(), **_run(summaries)}),
        _points_of({**success, **_run(summaries, shape=True)}),
    ]
    return _drawn("Success by level, with 95% intervals; dashed: chance.", rows, layers)


def within_tokens(summaries: Mapping[str, Summary]) -> str:
    """Success within a budget of tokens an episode; "" where nobody counted them."""
    rows: list[Row] = [
        {
            "run": name,
            "tokens": budget,
            "success": _points(share),
            "about": f"{name}: {100 * share:.1f}% within {budget:,} tokens",
        }
        for name, summary in summaries.items()
        for budget, share in (summary.total.within or {}).items()
    ]
    if not rows:
        return ""
    budgets = sorted({row["tokens"] for row in rows})
    place = {
        "x": {
            "field": "tokens",
            "type": "quantitative",
            "title": "at most so many tokens written in an episode",
            "scale": {"type": "log", "base": 2, "nice": False},
            "axis": {"values": budgets, "format": ",d", "labelAngle": 0},
        },
        **_percent("success"),
    }
    layers = [
        _layer({"type": "line", "strokeWidth": 2}, {**place, **_run(summaries)}),
        _points_of({**place, **_run(summaries, shape=True)}),
    ]
    return _drawn("Success within a budget of tokens.", rows, layers)


_INK, _LINE = "var(--muted)", "var(--line)"


def _estimate(scores: Scores, whose: str) -> Row:
    success, floor = scores.success, scores.floor
    chance = "" if floor is None else f"; chance {percent(floor)}%"
    return {
        "success": _points(success.value),
        "from": _points(success.low),
        "to": _points(success.high),
        "chance": None if floor is None else _points(floor),
        "about": f"{whose}: {percent(success)}%{chance}",
    }


def _points(share: float) -> float:
    return round(100 * share, 1)


def _percent(field: str) -> dict[str, Any]:
    scale = {"domain": [0, 100]}
    return {"y": {"field": field, "type": "quantitative", "title": "success, %", "scale": scale}}


def _bounds() -> dict[str, Any]:
    return {**_percent("from"), "y2": {"field": "to"}}


def _run(names: Mapping[str, Any], *, shape: bool = False) -> dict[str, Any]:
    """Colour, and for who sees none the shape, of a run. The page has the legend."""
    runs = list(names)

    def channel(of: Sequence[str]) -> dict[str, Any]:
        scale = {"domain": runs, "range": [of[n % len(of)] for n in range(len(runs))]}
        return {"field": "run", "type": "nominal", "legend": None, "scale": scale}

    colours = {"color": channel([f"var(--run-{n})" for n in range(COLOURS)])}
    return {**colours, "shape": channel(_SHAPES)} if shape else colours


def _layer(mark: Mapping[str, Any], encoding: Mapping[str, Any]) -> dict[str, Any]:
    """Marks that say nothing to a screen reader: the points do."""
    return {"mark": {**mark, "aria": False}, "encoding": encoding}


def _points_of(encoding: Mapping[str, Any]) -> dict[str, Any]:
    """A point for each row, which says in words what the row has."""
    mark = {"type": "point", "filled": True, "size": 70, "opacity": 1}
    about = {"description": {"field": "about", "type": "nominal"}}
    return {"mark": mark, "encoding": {**encoding, **about}}


def _drawn(about: str, rows: Sequence[Row], layers: Sequence[Mapping[str, Any]]) -> str:
    """The SVG, as wide as its place in the page."""
    try:
        from vl_convert import vegalite_to_svg
    except ImportError as error:
        raise ImportError(
            "reports need the extra: pip install 'reasoning-gym-envs[report]'"
        ) from error
    plot = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": about,
        "data": {"values": rows},
        "width": _NARROW,
        "height": _HEIGHT,
        "layer": layers,
        "background": None,
        "config": {
            "font": "system-ui, sans-serif",
            "view": {"stroke": None},
            "axis": {
                "labelColor": _INK,
                "titleColor": _INK,
                "titleFontWeight": "normal",
                "labelFontSize": 12,
                "titleFontSize": 12,
                "gridColor": _LINE,
                "domainColor": _LINE,
                "tickColor": _LINE,
            },
            "axisX": {"grid": False},
        },
    }
    svg = vegalite_to_svg(plot, vl_version="6.4")
    return re.sub(r'^<svg ([^>]*?)width="[\d.]+" height="[\d.]+"', r"<svg \1", svg)
