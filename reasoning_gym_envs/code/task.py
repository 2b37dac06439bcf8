"""Task: a program to be written, as the families of tasks make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from reasoning_gym_envs.problems import Stream

Arguments = tuple[Any, ...]
"""The arguments of one call, of base types. Of a class: ``(arguments of the constructor,
((method, arguments), …))``, a script of calls whose results are what is compared."""


@dataclass(frozen=True)
class Task:
    """A function or a class to be written, and where its tests come from.

    Args:
        content: the parameters that make this task another than its siblings, such as
            ``"every 3, longest first"``: tasks of one family with different contents behave
            differently; nothing of the wording.
        description: what to write, complete: whoever reads it and nothing else can pass all
            tests, what happens at the edges included. It names no parameter's value only in an
            example.
        signature: the first line of the definition without its colon, such as
            ``"def total(numbers: list[int], limit: int) -> int"`` or ``"class Queue"``.
        source: the reference solution, whole: readable Python that runs on 3.10 and later, with
            its imports, and the same results everywhere.
        draw: draws the arguments of a typical call from a stream; every draw another, so that
            hundreds differ, and with outcomes of all kinds.
        edges: the arguments of edge cases, which are always tested.
        large: draws arguments so large that a solution of a worse order of time, which the
            description rules out, takes more than a hundred times as long as the reference, which
            takes some hundredths of a second; None where there is no such thing.
        any_order: the order of a list that is returned does not matter.
        tolerance: how far off a float may be, relatively; None for exactly the same.
    """

    content: str
    description: str
    signature: str
    source: str
    draw: Callable[[Stream], Arguments]
    edges: tuple[Arguments, ...] = ()
    large: Callable[[Stream], Arguments] | None = None
    any_order: bool = False
    tolerance: float | None = None

    @property
    def name(self) -> str:
        """The name to be defined."""
        return self.signature.split("(")[0].split()[1]

    @property
    def is_class(self) -> bool:
        """It is a class that is to be written."""
        return self.signature.startswith("class ")


class Family(NamedTuple):
    """Tasks of one kind.

    Args:
        generate: makes a task of a level (of those from ``easiest`` to ``hardest``) from a stream.
        easiest: the lowest level at which the family has tasks.
        hardest: the highest.
    """

    generate: Callable[[Stream, int], Task]
    easiest: int
    hardest: int
