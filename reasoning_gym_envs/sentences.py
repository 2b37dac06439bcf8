"""Derivations told in sentences: what a model that is to explain itself learns from."""

from __future__ import annotations

import random
from collections.abc import Sequence

STYLES = ("terse", "words")
"""How a solution tells its derivation: as it is checked, or the same in sentences."""

_FIRST = ("First, ", "To begin with, ", "We start: ")
_THEN = ("Then ", "Next, ", "Now ", "After that, ", "")
_LAST = ("Finally, ", "In the end, ", "Last, ")


def narrate(sentences: Sequence[str], choose: random.Random) -> str:
    """Sentences as a paragraph; each begins with a small letter and has no full stop.

    >>> narrate(["add 2 and 3: 2 + 3 = 5", "double it: 2 * 5 = 10"], random.Random(1))
    'First, add 2 and 3: 2 + 3 = 5. Last, double it: 2 * 5 = 10.'
    """
    told = []
    for number, sentence in enumerate(sentences):
        if len(sentences) == 1:
            begin = ""
        elif number == 0:
            begin = choose.choice(_FIRST)
        else:
            begin = choose.choice(_LAST if number == len(sentences) - 1 else _THEN)
        told.append(begin + (sentence if begin else capitalized(sentence)) + ".")
    return " ".join(told)


def capitalized(sentence: str) -> str:
    """A sentence with a capital letter in front; the rest stays as it is."""
    return sentence[:1].upper() + sentence[1:]
