"""All episodes of some runs, packed: an index of a few numbers each, and pieces to be looked at.

A piece is JSON, compressed (zlib) and written in base64: a browser unpacks it when an episode of it
is opened or searched. So a page of 20,000 episodes opens as quickly as one of 20.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reasoning_gym_envs.evaluation.play import Record
from reasoning_gym_envs.evaluation.record import read_episodes
from reasoning_gym_envs.evaluation.report.mathematics import Formulas, parts
from reasoning_gym_envs.evaluation.report.mazes import walked
from reasoning_gym_envs.evaluation.summary import family_of, is_unreadable

__all__ = ["FLAGS", "Transcripts", "packed"]

PIECE = 400_000
"""Characters of conversations, from which on a piece is full."""
FLAGS = ("right", "unreadable", "cut off", "illegal")
"""What may be true of an episode; bit 0, bit 1 and so on of its flags."""
_EPISODE = ("topic", "arguments", "seed", "problem_id", "reward", "cost", "prompt_tokens")


class Transcripts:
    """Reads the episodes of one run after another, and gives the pieces as they are full.

    >>> transcripts = Transcripts()
    >>> pieces = list(transcripts.pieces([Path("runs/x")]))  # doctest: +SKIP
    >>> transcripts.index()  # doctest: +SKIP
    """

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._rows: list[list[Any]] = []

    def pieces(self, runs: Sequence[Path]) -> Iterator[str]:
        """The conversations, packed; :meth:`index` is whole when they have all been given."""
        number = 0
        for run, path in enumerate(runs):
            episodes: list[Any] = []
            formulas: Formulas = {}
            size = 0
            for record in read_episodes(path):
                self._rows.append(self._row(run, record, number, len(episodes)))
                episodes.append(_episode(record, formulas))
                size += sum(len(message["content"]) for message in record["messages"])
                if size >= PIECE:
                    yield packed({"episodes": episodes, "formulas": formulas})
                    episodes, formulas, size = [], {}, 0
                    number += 1
            if episodes:
                yield packed({"episodes": episodes, "formulas": formulas})
                number += 1

    def index(self) -> dict[str, Any]:
        """A column a fact, and a row an episode, by run, problem and sample."""
        rows = sorted(self._rows, key=lambda row: row[:3])
        columns = list(map(list, zip(*rows, strict=True)))
        names = (
            "run",
            "number",
            "sample",
            "id",
            "level",
            "flags",
            "turns",
            "tokens",
            "piece",
            "place",
        )
        return {
            "ids": list(self._ids),
            "families": [family_of(id) for id in self._ids],
            **dict(zip(names, columns, strict=True)),
        }

    def _row(self, run: int, record: Record, piece: int, place: int) -> list[Any]:
        events = [step.get("events", ()) for step in record["steps"]]
        is_true = (
            record["is_success"],
            any(map(is_unreadable, record["steps"])),
            record["cut_off"],
            any("illegal" in each for each in events),
        )
        return [
            run,
            record["number"],
            record["sample"],
            self._ids.setdefault(record["id"], len(self._ids)),
            record["level"],
            sum(bool(each) << bit for bit, each in enumerate(is_true)),
            record["turns"],
            record["completion_tokens"],
            piece,
            place,
        ]


def _episode(record: Record, formulas: Formulas) -> dict[str, Any]:
    """What is shown of an episode when it is opened, but for what stands in the index."""
    return {
        **{name: record[name] for name in _EPISODE},
        "seconds": record["seconds"],
        "messages": [
            [message["role"], parts(message["content"], formulas)] for message in record["messages"]
        ],
        "steps": [_step(step, formulas) for step in record["steps"]],
        "maze": walked(record),
    }


def _step(step: Mapping[str, Any], formulas: Formulas) -> dict[str, Any]:
    shown = dict(step)
    if "reasoning" in shown:
        shown["reasoning"] = parts(shown["reasoning"], formulas)
    return shown


def packed(value: Any) -> str:
    """JSON, compressed, in base64: no character of it means anything in HTML."""
    text = json.dumps(value, separators=(",", ":"))  # lone surrogates become escapes
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()
