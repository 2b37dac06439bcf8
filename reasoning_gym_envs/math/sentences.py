"""The steps of a worked solution in sentences, each with its equation."""

from __future__ import annotations

import random
import re
from itertools import pairwise

_TOKEN = re.compile(r"\d+(?:\.\d+)?|[-+*/^()]")
_IN_BRACKETS = re.compile(r"\(-?\d+(?:\.\d+)?(?:/\d+)?\)")  # a number that needs none in words
_LOOSEST_FIRST = ("+-", "*/", "^")
_ROOTS = {"(1/2)": "square", "(1/3)": "cube", "(1/4)": "fourth"}
_WAYS = {
    "+": ("add {0} and {1}", "add {1} to {0}"),
    "-": ("subtract {1} from {0}", "take {1} from {0}"),
    "*": ("multiply {0} by {1}", "find {0} times {1}"),
    "/": ("divide {0} by {1}",),
    "^": ("raise {0} to the power {1}",),
}


def in_words(step: str, choose: random.Random) -> str:
    """A step ``2*5=10`` as a sentence, without a capital letter and a full stop.

    What is no calculation stays as it is.

    >>> in_words("380+621=1001", random.Random(0))
    'add 621 to 380: 380 + 621 = 1001'
    >>> in_words("(-2)^2=4", random.Random(0))
    'square -2: (-2)^2 = 4'
    >>> in_words("9*8*7=504", random.Random(0))
    'multiply 9, 8 and 7: 9 * 8 * 7 = 504'
    """
    left, _, result = step.rpartition("=")
    tokens = _TOKEN.findall(left)
    if "".join(tokens) != left or not tokens:
        return step
    parts, operators = _split(tokens)
    return f"{_told(parts, operators, choose)}: {_spaced(tokens)} = {result}"


def _split(tokens: list[str]) -> tuple[list[str], list[str]]:
    """What stands at the sides of the operators that are worked out last, and these."""
    depth, places = 0, {kind: list[int]() for kind in _LOOSEST_FIRST}
    for place, token in enumerate(tokens):
        depth += (token == "(") - (token == ")")
        if depth == 0 and not _is_sign(tokens, place):
            for kind in _LOOSEST_FIRST:
                if token in kind:
                    places[kind].append(place)
    cuts = next((places[kind] for kind in _LOOSEST_FIRST if places[kind]), [])
    ends = [-1, *cuts, len(tokens)]
    parts = ["".join(tokens[a + 1 : b]) for a, b in pairwise(ends)]
    return parts, [tokens[cut] for cut in cuts]


def _is_sign(tokens: list[str], place: int) -> bool:
    """Whether a minus stands in front of a number and not between two."""
    return tokens[place] == "-" and (place == 0 or tokens[place - 1] in "+-*/^(")


def _told(parts: list[str], operators: list[str], choose: random.Random) -> str:
    plain = [part[1:-1] if _IN_BRACKETS.fullmatch(part) else part for part in parts]
    if len(set(operators)) == 1 and len(operators) > 1 and operators[0] in "+*":
        verb = "add" if operators[0] == "+" else "multiply"
        return f"{verb} {', '.join(plain[:-1])} and {plain[-1]}"
    if len(operators) != 1:
        return "work it out"
    [operator] = operators
    if operator == "^":
        if parts[1] in _ROOTS:
            return f"take the {_ROOTS[parts[1]]} root of {plain[0]}"
        if parts[1] in ("2", "3"):
            return f"{'square' if parts[1] == '2' else 'cube'} {plain[0]}"
    return choose.choice(_WAYS[operator]).format(*plain)


def _spaced(tokens: list[str]) -> str:
    """The tokens with spaces around operators that stand between numbers, but for powers."""
    return "".join(
        f" {token} " if token in "+-*/" and not _is_sign(tokens, place) else token
        for place, token in enumerate(tokens)
    )
