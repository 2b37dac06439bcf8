"""Messages for bad input: what is allowed, and what was probably meant."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Collection, Iterable, Sequence, Set
from functools import lru_cache
from typing import Any


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


def check_text(argument: str, given: Any) -> str:
    """An argument that is a text.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(given, str):
        raise TypeError(f"{argument} must be a str, got {type(given).__name__}")
    return given


def check_arguments(given: Iterable[str], kind: type, *more: str) -> None:
    """Refuse the names of arguments that a class does not take, nor are among ``more``.

    A class whose ``__init__`` takes whatever it is given (``**arguments``) refuses them itself.

    Raises:
        TypeError: the first that is not known, with what was probably meant.
    """
    names = _argument_names(kind)
    for name in given:
        if names is not None and name not in names and name not in more:
            # In the words that Python has for it: TorchRL's GymEnv tries an argument of its own
            # first, and looks for them to leave it out.
            said = unknown("argument", name, (*more, *names)).removeprefix("unknown")
            raise TypeError(f"unexpected keyword{said}")


@lru_cache(maxsize=256)
def _argument_names(kind: type) -> tuple[str, ...] | None:
    _, *parameters = inspect.signature(kind.__init__).parameters.values()  # type: ignore[misc]
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return tuple(parameter.name for parameter in parameters)
