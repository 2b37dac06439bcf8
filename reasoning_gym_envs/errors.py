"""Messages for bad input: what is allowed, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence, Set


def unknown(what: str, value: object, allowed: Iterable[str]) -> str:
    """The message for a ``value`` that is none of the ``allowed`` names.

    >>> unknown("reward", "densse", ["sparse", "dense"])
    "unknown reward 'densse'; did you mean 'dense'? Allowed: 'sparse', 'dense'"
    """
    names = list(allowed)
    near = difflib.get_close_matches(str(value), names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"unknown {what} {value!r}{hint} Allowed: {', '.join(map(repr, names))}"


def chosen_names(
    argument: str, one: str, given: str | Collection[str], allowed: Collection[str]
) -> tuple[str, ...]:
    """The names that an argument gives, one or several; those of a set in alphabetical order.

    >>> chosen_names("topics", "topic", "fractions", ["fractions", "decimals"])
    ('fractions',)

    Raises:
        TypeError: neither a name nor several.
        ValueError: none, or one that is not allowed.
    """
    if not isinstance(given, (str, Sequence, Set)):
        raise TypeError(f"{argument} must be a name or several, got {given!r}")
    if isinstance(given, str):
        given = (given,)
    names = tuple(sorted(given)) if isinstance(given, Set) else tuple(given)
    if not names:
        raise ValueError(f"{argument} must name at least one {one}")
    for name in names:
        if name not in allowed:
            raise ValueError(unknown(one, name, allowed))
    return names
