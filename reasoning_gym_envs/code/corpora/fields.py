"""The fields of a row, as a corpus has them or as JSON in a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reasoning_gym_envs.code.corpora.refusal import RefusedTask
from reasoning_gym_envs.corpus import text_field

Row = Mapping[str, Any]


def text(row: Row, *names: str) -> str:
    """The first of some fields that a row has, as a text.

    Raises:
        RefusedTask: it has none of them, or one that is no text.
    """
    return text_field(row, names, "")


def text_or_nothing(row: Row, *names: str) -> str:
    """The same, and "" where there is no such text."""
    return next((value for name in names if isinstance(value := row.get(name), str)), "")


def list_of_texts(row: Row, name: str) -> list[str]:
    """A field that is a list of texts, or one text; [] where there is none.

    Raises:
        RefusedTask: it is something else.
    """
    value = row.get(name)
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return list(value)
    raise RefusedTask(f"{name!r} must be a list of texts")


def from_json(value: Any, name: str) -> Any:
    """A value as it is, or what its text of JSON stands for.

    Raises:
        RefusedTask: the text is no JSON.
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        reason = f"{name!r} is not JSON"
        raise RefusedTask(f"{reason}: {error}", reason) from error


def identifier(value: Any) -> str:
    """The name of a function.

    Raises:
        RefusedTask: it is none.
    """
    if isinstance(value, str) and value.isidentifier():
        return value
    raise RefusedTask(f"{value!r:.60} is no name of a function", "no name of a function")
