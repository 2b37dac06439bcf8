"""A text that is the same for two problems that differ only in what their things are called."""

from __future__ import annotations

from collections.abc import Sequence

Fact = tuple[int, tuple[tuple[int, int], ...]]
"""A kind, and the things it is about as (role, thing); things of one role may change places."""


def canonical_form(things: int, facts: Sequence[Fact]) -> str:
    """The facts, with the things numbered in a way that does not depend on their numbers.

    Colour refinement, and where it leaves things apart by nothing, a search over them (McKay and
    Piperno, "Practical graph isomorphism II", 2014), which skips things that can be swapped.

    >>> friends = [(0, ((0, 0), (0, 1))), (0, ((0, 1), (0, 2)))]
    >>> others = [(0, ((0, 2), (0, 0))), (0, ((0, 1), (0, 2)))]
    >>> canonical_form(3, friends) == canonical_form(3, others)
    True
    """
    named = _search(things, facts, [0] * things)
    return ";".join(f"{kind}:{','.join(f'{r}.{t}' for r, t in about)}" for kind, about in named)


def _search(things: int, facts: Sequence[Fact], colours: list[int]) -> list[Fact]:
    colours = _refined(things, facts, colours)
    cells: dict[int, list[int]] = {}
    for thing, colour in enumerate(colours):
        cells.setdefault(colour, []).append(thing)
    if len(cells) == things:
        return _renamed(facts, colours)
    cell = next(cells[colour] for colour in sorted(cells) if len(cells[colour]) > 1)
    tried: list[int] = []
    best: list[Fact] = []
    for thing in cell:
        if any(_are_alike(things, facts, thing, other) for other in tried):
            continue
        tried.append(thing)
        apart = [2 * colour + 1 for colour in colours]
        apart[thing] -= 1
        form = _search(things, facts, apart)
        best = min(best, form) if best else form
    return best


def _refined(things: int, facts: Sequence[Fact], colours: list[int]) -> list[int]:
    """Colours told apart by the facts about each thing, until that tells nothing more."""
    number = len(set(colours))
    while True:
        seen: list[list[tuple[int, int, list[int]]]] = [[] for _ in range(things)]
        for kind, about in facts:
            roles = sorted([role << 20 | colours[thing] for role, thing in about])
            for role, thing in about:
                seen[thing].append((kind, role, roles))
        keys = []
        for thing, about_it in enumerate(seen):
            about_it.sort()
            keys.append((colours[thing], about_it))
        ranks: dict[int, int] = {}
        before: tuple[int, list[tuple[int, int, list[int]]]] | None = None
        rank = -1
        for thing in sorted(range(things), key=keys.__getitem__):
            if keys[thing] != before:
                rank += 1
                before = keys[thing]
            ranks[thing] = rank
        colours = [ranks[thing] for thing in range(things)]
        if rank + 1 in (number, things):
            return colours
        number = rank + 1


def _renamed(facts: Sequence[Fact], names: Sequence[int]) -> list[Fact]:
    return sorted(
        (kind, tuple(sorted((role, names[thing]) for role, thing in about)))
        for kind, about in facts
    )


def _are_alike(things: int, facts: Sequence[Fact], one: int, other: int) -> bool:
    """Whether the facts stay the same when two things are swapped."""
    names = list(range(things))
    names[one], names[other] = other, one
    return _renamed(facts, names) == _renamed(facts, range(things))
