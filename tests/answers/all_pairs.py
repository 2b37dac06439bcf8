"""The tables of this folder once more, each in one test: what mutation runs go by.

A mutation run starts pytest again for each fault. To collect the thousands of tests that these
tables are otherwise would take longer than to check all their pairs.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reasoning_gym_envs.answers import check
from tests.answers import (
    test_as_written,
    test_attacks,
    test_check,
    test_compare,
    test_families,
    test_forms,
    test_piecewise,
    test_question,
    test_units,
)

MODULES = (
    test_check,
    test_compare,
    test_as_written,
    test_families,
    test_piecewise,
    test_question,
    test_units,
    test_forms,
    test_attacks,
)
SLOW = (
    "padding",
    "cannot_be_seen",
    "looks_alike",
    "almost",
    "more_than_the_answer",
    "elsewhere",
    "question_itself",
    "differs_somewhere",
    "every_unit",
    "long_texts",
)
"""They take longer than all others, and are about how answers are read and valued."""


def tables() -> Iterator[Any]:
    for module in MODULES:
        for name, test in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_") and not any(word in name for word in SLOW):
                yield pytest.param(test, id=f"{module.__name__.rpartition('.')[2]}:{name}")


def rows(test: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """The arguments that `pytest.mark.parametrize` gives a test, one call after another."""
    given = []
    for mark in getattr(test, "pytestmark", []):
        names, values = mark.args
        single = isinstance(names, str)
        given.append([{names: v} if single else dict(zip(names, v, strict=True)) for v in values])
    for parts in itertools.product(*given):
        yield {name: value for part in parts for name, value in part.items()}


@pytest.mark.parametrize("test", list(tables()))
def test_every_row(test: Callable[..., None]) -> None:
    check.__globals__["_reference"].cache_clear()  # a fault may be in how references are read
    for arguments in rows(test):
        test(**arguments)
