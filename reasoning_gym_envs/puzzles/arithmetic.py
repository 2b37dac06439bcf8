r"""Reading expressions of whole numbers, and writing them, for the puzzles with given numbers.

Values are exact. Text and nesting are bounded, so that no answer takes long, whatever it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

LONGEST_EXPRESSION = 1_000
MOST_NUMBERS = 20
LARGEST_NUMBER = 9  # digits
DEEPEST = 50

_SPELLINGS = (
    *((sign, "*") for sign in ("\\times", "\\cdot", "\\ast", "×", "·", "⋅", "∗", "∙", "x", "X")),
    *((sign, "/") for sign in ("\\div", "÷", "∕")),
    *((sign, "-") for sign in ("−", "–")),
    *((sign, "(") for sign in ("\\left(", "\\left[", "\\left\\{", "\\{", "[", "{")),
    *((sign, ")") for sign in ("\\right)", "\\right]", "\\right\\}", "\\}", "]", "}")),
    *((sign, " ") for sign in ("\\,", "\\;", "\\!", "\\:", "\\ ", "~", "$", "\\quad")),
    *((sign, " ") for sign in ("\\(", "\\)", "\\[", "\\]", "\\displaystyle", "`")),
    *((sign, "f") for sign in ("\\frac", "\\dfrac", "\\tfrac")),
    ("f", "?"),  # no fraction: only LaTeX's is read as one
)
_PLAIN = dict(_SPELLINGS)
_SPELLING = re.compile(
    "|".join(re.escape(sign) for sign, _ in sorted(_SPELLINGS, key=lambda s: -len(s[0])))
)
_PLAIN_TEXT = re.compile(r"[-+*/()0-9= ]*")
_TOKEN = re.compile(r"[0-9]+|[-+*/()f]")


Value = int | Fraction
"""An int where it is whole."""


class Unreadable(Exception):
    """A text that is no expression of whole numbers; the message says why."""


class Reading(NamedTuple):
    """What an expression says.

    Args:
        value: its exact value.
        numbers: the numbers written in it, from left to right.
        uneven: the first division that leaves a remainder, as text; "" where there is none.
    """

    value: Value
    numbers: tuple[int, ...]
    uneven: str


def read_expression(text: str, target: int) -> Reading:
    r"""Read an expression of whole numbers, + - * / and brackets, in plain or LaTeX spelling.

    One ``= target`` may stand on either side of it.

    >>> read_expression(r"(8 - 2) \times 4 = 24", 24).numbers
    (8, 2, 4)
    >>> read_expression(r"\frac{8}{3 - 8 ÷ 3}", 24).value
    24

    Raises:
        Unreadable: the text is something else, or too long.
    """
    if len(text) > LONGEST_EXPRESSION:
        raise Unreadable(f"An expression has at most {LONGEST_EXPRESSION:,} characters.")
    if not _PLAIN_TEXT.fullmatch(text):
        text = _SPELLING.sub(lambda found: _PLAIN[found.group()], text).strip().rstrip(".")
    if "=" in text:
        text = _without_target(text, target)
    tokens = _TOKEN.findall(text)
    if sum(map(len, tokens)) != sum(1 for character in text if not character.isspace()):
        raise Unreadable("An expression may only contain whole numbers, + - * / and brackets.")
    return _Parser(tokens).reading()


def _without_target(text: str, target: int) -> str:
    sides = [side.strip() for side in text.split("=")]
    if len(sides) == 2 and str(target) in sides:
        return sides[0] if sides[1] == str(target) else sides[1]
    raise Unreadable(f"One side of an equals sign must be {target}.")


class _Parser:
    """Recursive descent: sums of products of numbers, brackets and fractions."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = [*tokens, ""]
        self.place = 0
        self.depth = 0
        self.numbers: list[int] = []
        self.uneven = ""

    def reading(self) -> Reading:
        value = self.sum()
        if token := self.tokens[self.place]:
            raise Unreadable(f"There is an extra {token!r}." if token == ")" else _TWO_VALUES)
        return Reading(value, tuple(self.numbers), self.uneven)

    def sum(self) -> Value:
        value = self.product()
        while (token := self.tokens[self.place]) in ("+", "-"):
            self.place += 1
            other = self.product()
            value = value + other if token == "+" else value - other
        return value

    def product(self) -> Value:
        value = self.factor()
        while (token := self.tokens[self.place]) in ("*", "/", "(", "f"):
            if token == "f" and self.tokens[self.place - 1].isdigit():
                raise Unreadable(_TWO_VALUES)  # a mixed number, or a product?
            if token in "*/":
                self.place += 1
            other = self.factor()
            value = self.divide(value, other) if token == "/" else value * other
        return value

    def divide(self, top: Value, bottom: Value) -> Value:
        if not bottom:
            raise Unreadable("Division by 0 is not possible.")
        value = Fraction(top) / bottom
        if value.denominator == 1:
            return value.numerator
        if not self.uneven:
            parts = (str(x) if x.denominator == 1 else f"({x})" for x in (top, bottom))
            self.uneven = " / ".join(parts)
        return value

    def factor(self) -> Value:
        token = self.tokens[self.place]
        self.place += 1
        if token.isdigit():
            self.numbers.append(_number(token))
            if len(self.numbers) > MOST_NUMBERS:
                raise Unreadable(f"An expression has at most {MOST_NUMBERS} numbers.")
            return self.numbers[-1]
        if token == "(":
            return self.bracket()
        if token == "f":
            return self.divide(self.part_of_fraction(), self.part_of_fraction())
        if token == "-" and self.tokens[self.place] != "-":
            return -self.factor()
        raise Unreadable(
            f"A number is missing before {token!r}." if token else "A number is missing at the end."
        )

    def part_of_fraction(self) -> Value:
        """A bracket, or a single digit: LaTeX reads \\frac83 as 8/3."""
        token = self.tokens[self.place]
        if token.isdigit():
            self.tokens[self.place] = token[0]
            if len(token) > 1:
                self.tokens.insert(self.place + 1, token[1:])
            return self.factor()
        if token != "(":
            raise Unreadable("Write a fraction as \\frac{…}{…}.")
        self.place += 1
        return self.bracket()

    def bracket(self) -> Value:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable(f"Brackets may be nested at most {DEEPEST} deep.")
        value = self.sum()
        if self.tokens[self.place] != ")":
            raise Unreadable(
                "A bracket is not closed." if not self.tokens[self.place] else _TWO_VALUES
            )
        self.place += 1
        self.depth -= 1
        return value


_TWO_VALUES = "An operation is missing between two numbers."


def _number(digits: str) -> int:
    if len(digits) > LARGEST_NUMBER:
        raise Unreadable(f"A number has at most {LARGEST_NUMBER} digits.")
    return int(digits)


def misused(used: Sequence[int], given: Sequence[int], *, all_of_them: bool) -> str:
    """What is wrong with the numbers of an expression; "" for nothing.

    >>> misused((8, 3, 3), (8, 3, 5), all_of_them=False)
    'The number 3 is used twice but given only once.'
    """
    have = Counter(given)
    for number, times in Counter(used).items():
        if number not in have:
            return f"{number} is not one of the given numbers."
        if times > have[number]:
            given_only = f"given only {_times(have[number])}"
            return f"The number {number} is used {_times(times)} but {given_only}."
    if all_of_them and (missing := have - Counter(used)):
        return f"The number {next(iter(missing))} is used less often than it is given."
    return ""


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


class Written(NamedTuple):
    """An expression as text, with how tightly its last operation binds."""

    text: str
    binds: int  # 1 for + and -, 2 for * and /, 3 for a number


def join(left: Written, operator: str, right: Written) -> Written:
    """The expression of two expressions and an operation, with no more brackets than it needs."""
    binds = 1 if operator in "+-" else 2
    a = left.text if left.binds >= binds else f"({left.text})"
    tight = right.binds > binds or (right.binds == binds and operator in "+*")
    b = right.text if tight else f"({right.text})"
    return Written(f"{a} {operator} {b}", binds)
