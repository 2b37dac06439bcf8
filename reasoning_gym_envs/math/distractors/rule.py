"""Rules of distractors: how a question is told, and what may be said beside it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

# In stories: a place for a sentence, an s that may be missing, text of any kind, "twice" or
# "3 times", and what is read.
_MARK = re.compile(r"(\||~|…|\{[a-z]+\} times|\{[A-Z]+…\}|\{[A-Za-z]+\})")
_NAME = re.compile(r"[A-Za-z]+")
_WORD = re.compile(r"\{([A-Z]+)\}")

Given: TypeAlias = Mapping[str, "Fraction | str"]
"""What a question gives: its numbers by names in small letters, its words by names in capitals."""

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven")


@dataclass(frozen=True)
class Rule:
    """A way in which a question is told, with the number that a distractor may be taken for.

    Args:
        subject: what it is about, for sentences about the same.
        story: the beginning of the question. ``{a}`` is a number, ``{ITEMS}`` are words,
            ``{HISTORY…}`` has numbers too, ``~`` is an s that may be missing, ``…`` is any text;
            a distractor may stand at each ``|``, where no word refers to the sentence before, and
            at the end of the question.
        role: the name of the number that a distractor may be taken for; or several, where another
            number in the place of the first may leave the answer as it is.
        other: a sentence about another number in this role, ``#``, which is somebody else's,
            ``{D}``. It is told of another day where the question does not name its owner.
        answer: the answer, computed from what the story reads, by the same names.
    """

    subject: str
    story: str
    role: str
    other: str
    answer: Callable[..., int | Fraction]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts, read, places = [], set[str](), 0
        for text in _MARK.split(self.story):
            if text == "|":
                parts.append(f"(?P<_{places}>)")
                places += 1
            elif text in ("~", "…"):
                parts.append("s?" if text == "~" else ".*?")
            elif not _MARK.fullmatch(text):
                parts.append(re.escape(text))
            elif (name := _NAME.findall(text)[0]) in read:
                parts.append(f"(?P={name})")
            elif text.endswith(" times"):
                parts.append(rf"(?:twice|(?P<{name}>\d+) times)")
                read.add(name)
            else:
                words = r"[^.?]+?" if "…" in text else r"[^.?$\d]+?"
                what = r"\d+(?:\.\d+)?" if name.islower() else words
                parts.append(f"(?P<{name}>{what})")
                read.add(name)
        return re.compile("".join(parts))

    @cached_property
    def _parameters(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.answer).parameters)

    def read(self, question: str) -> tuple[Given, list[int]] | None:
        """What a question gives, and where distractors may stand; None: it is told otherwise."""
        match = self._pattern.match(question)
        if match is None:
            return None
        given: dict[str, Fraction | str] = {}
        places = []
        for name, text in match.groupdict("2").items():  # twice is 2 times
            if name.startswith("_"):
                places.append(match.start(name))
            else:
                given[name] = Fraction(text) if name.islower() else text
        return given, [*places, len(question)]

    def solve(self, given: Given) -> Fraction | None:
        """The answer to the question with these numbers; None: there is none."""
        try:
            return Fraction(self.answer(**{name: given[name] for name in self._parameters}))
        except ZeroDivisionError:
            return None


def value(number: Fraction | str) -> int:
    """A number that stands in digits or as a word.

    >>> value("three"), value(Fraction(12))
    (3, 12)
    """
    return NUMBERS.index(number) if isinstance(number, str) else int(number)


def filled(sentence: str, given: Given, owner: str, number: str) -> str:
    """A sentence with its owner, its number, and words of the question."""
    words = {**given, "D": owner}
    return _WORD.sub(lambda match: str(words[match[1]]), sentence).replace("#", number)


_Story: TypeAlias = tuple[str, str, str, str]  # subject, story, role, other


def rules(
    *table: tuple[Callable[..., int | Fraction], Iterable[_Story]],
) -> tuple[Rule, ...]:
    """The rules of a table that gives the stories for each way of computing an answer."""
    return tuple(Rule(*story, answer) for answer, stories in table for story in stories)
