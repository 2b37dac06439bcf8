"""Messages for bad input: what is allowed, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def unknown(what: str, value: object, allowed: Iterable[str]) -> str:
    """The message for a ``value`` that is none of the ``allowed`` names.

    >>> unknown("reward", "densse", ["sparse", "dense"])
    "unknown reward 'densse'; did you mean 'dense'? Allowed: 'sparse', 'dense'"
    """
    names = list(allowed)
    near = difflib.get_close_matches(str(value), names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"unknown {what} {value!r}{hint} Allowed: {', '.join(map(repr, names))}"
