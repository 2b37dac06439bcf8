"""Amounts whose unit, or what they count, stands in brackets behind them: `9 (apples)`."""

from __future__ import annotations

import re

from . import units
from .errors import AnswerError
from .parser import parse_answer
from .tokens import FUNCTIONS
from .tree import Expression, Node, Quantity, Tuple

_COUNTED = re.compile(r"([^()]+?)(\s*)\(\s*([A-Za-z][A-Za-z0-9 .'’/-]*)\)")
_NO_WORDS = FUNCTIONS | {"pi", "inf", "infinity", "mod", "or", "and", "max", "min", "sqrt", "abs"}


def read_counted(text: str) -> Node | None:
    """Read a reference such as `9 (apples)`, or several in their order: `9 (apples); 4 (pears)`.

    None where what stands in brackets may be a factor.
    """
    items: list[Node] = []
    for part in text.split(";"):
        match = _COUNTED.fullmatch(part.strip())
        if match is None or any(word in _NO_WORDS for word in match[3].split()):
            return None
        unit = _listed_unit(match[3])
        try:
            amount = parse_answer(match[1])
        except AnswerError:
            return None
        if not isinstance(amount, Expression):
            return None
        if unit is None:
            if len(match[3]) < 3 or not match[2]:  # 2 (xy), 2(xyz)
                return None
            unit = units.counted(match[3])
        items.append(Quantity(amount, unit))
    return Tuple(tuple(items)) if len(items) > 1 else items[0]


def with_units_as_text(answer: str, *, any_unit: bool) -> str:
    r"""Write `9 (inches)` as `9\text{ inches}`, and with `any_unit` all words, as in `9 (apples)`.

    >>> [with_units_as_text(answer, any_unit=False) for answer in ("9 (inches)", "2 (x)")]
    ['9\\text{ inches}', '2 (x)']
    """

    def as_text(match: re.Match[str]) -> str:
        is_word = any_unit or (len(match[3]) > 1 and _listed_unit(match[3]) is not None)
        return rf"{match[1]}\text{{ {match[3]}}}" if is_word else match.group()

    return _COUNTED.sub(as_text, answer)


def _listed_unit(words: str) -> units.Unit | None:
    try:
        measured = parse_answer(rf"1\text{{ {words}}}")
    except AnswerError:
        return None
    return measured.unit if isinstance(measured, Quantity) else None
