"""Problems from a file, a data set, or a list: fixed questions under the same split and levels."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from reasoning_gym_envs.answers import InvalidReference, extract_answer, strictest_form
from reasoning_gym_envs.corpus_rows import Place, ProblemFileError, rows_of, rows_of_file
from reasoning_gym_envs.problems import LEVELS, Problem, Stream

_GSM8K_ANSWER = re.compile(r"####\s*(.+?)\s*$")
_GSM8K_STEP = re.compile(r"<<(.+?)>>")
_LEVEL = re.compile(r"\s*(?:level\s*)?(\d+)\s*", re.IGNORECASE)


Reader = Callable[[Any, str], Problem]
"""Makes a problem of a row; the text says where it stands, for a :class:`ProblemFileError`."""


class Corpus:
    """Fixed problems, drawn like generated ones.

    Args:
        problems: a file (``.jsonl``, ``.jsonl.gz``, ``.json`` or ``.parquet``), the folder of a
            data set saved with Hugging Face ``datasets``, a data set's name there (``"name"``,
            ``"name:config"`` or ``"name:config:split"``; the split is "train" unless given), or
            mappings.
            Each problem has a ``question`` (or ``problem``), an ``answer``, and optionally a
            ``level`` (a number, or "Level 3") and a ``topic`` (or ``type``, ``subject``). GSM8K's
            answers that end in ``#### 42`` are understood, and MATH's ``solution`` with its
            boxed answer. Where the reference is evaluated, a response has to be.
        split: what to draw from: "train" or "test", by the hash of the question (without case
            and white space, so that small differences cannot carry a test problem over).
        levels: the lowest and highest level to draw from.
        read: makes a problem of a row, for rows of another kind.
        skip: the kinds of :class:`ProblemFileError` for which a row is left out.
        refuse: says why a problem cannot be used here; "" if it can.

    Attributes:
        refused: what was wrong with the rows that were left out.
        reasons: for how many rows each reason was it.

    Raises:
        FileNotFoundError: there is no such file.
        ProblemFileError: a line that is no such problem (with its number), or nothing to draw.
        ImportError: a data set is named and ``datasets`` is not installed.
    """

    def __init__(
        self,
        problems: str | Path | Iterable[Mapping[str, Any]],
        split: str,
        levels: tuple[int, int],
        read: Reader | None = None,
        skip: tuple[type[ProblemFileError], ...] = (),
        refuse: Callable[[Problem], str] | None = None,
    ) -> None:
        if isinstance(problems, Mapping) or not isinstance(problems, (str, Path, Iterable)):
            raise TypeError(
                "problems must be a file, a data set's name or folder, or a list of "
                f"mappings, got {type(problems).__name__}"
            )
        if problems == "":
            raise ValueError("problems is an empty name")
        read = read or read_problem
        self.name = str(problems) if isinstance(problems, (str, Path)) else "problems"
        if isinstance(problems, (str, Path)) and Path(problems).is_file():
            path, status = Path(problems).resolve(), Path(problems).stat()
            everything = _read_file(path, status.st_mtime_ns, status.st_size, read, skip)
        else:
            everything = _read_all(rows_of(problems), read, skip)
        self.split = split
        self.refused: list[str] = []
        self.reasons: Counter[str] = Counter()
        self._by_level: dict[int, list[Problem]] = {}
        for where, problem in everything:
            if isinstance(problem, Problem) and refuse is not None and (why := refuse(problem)):
                problem = ProblemFileError(f"{where}: {why}", why)
                if not isinstance(problem, skip):
                    raise problem
            if isinstance(problem, ProblemFileError):
                self.refused.append(str(problem))
                self.reasons[problem.reason] += 1
            elif problem.split == split:
                self._by_level.setdefault(problem.level, []).append(problem)
        self._within(levels)

    def draw(self, stream: Stream, levels: tuple[int, int]) -> Problem:
        """A problem of these levels, each problem as likely as every other."""
        choices = self._within(levels)
        at = stream.randrange(sum(map(len, choices)))
        for problems in choices:
            if at < len(problems):
                return problems[at]
            at -= len(problems)
        raise AssertionError("unreachable")

    def _within(self, levels: tuple[int, int]) -> list[list[Problem]]:
        low, high = levels
        choices = [self._by_level[n] for n in sorted(self._by_level) if low <= n <= high]
        if not choices:
            there = ", ".join(f"level {n}: {len(p)}" for n, p in sorted(self._by_level.items()))
            raise ProblemFileError(
                f"{self.name} has no problem of level {low} to {high} in the {self.split} split; "
                f"it has {there or 'none at any level'}"
                + (f"; {len(self.refused)} were left out" if self.refused else "")
                + "".join(
                    f"; {count} for: {reason}" for reason, count in self.reasons.most_common(5)
                )
            )
        return choices


def read_problem(row: Any, where: str, default_level: int = LEVELS[0]) -> Problem:
    """A problem from a mapping as :class:`Corpus` describes it.

    Raises:
        ProblemFileError: a field is missing or cannot be read, with ``where`` it stands.
    """
    if not isinstance(row, Mapping):
        raise ProblemFileError(f"{where}: expected an object, got {type(row).__name__}")
    question = text_field(row, ("question", "problem"), where)
    solution = row.get("solution")
    if "answer" in row:
        answer = text_field(row, ("answer",), where)
    elif isinstance(solution, str):
        answer = extract_answer(solution) or ""
        if not answer:
            raise ProblemFileError(f"{where}: 'solution' has no \\boxed{{}} answer")
    else:
        raise ProblemFileError(
            f"{where}: no 'answer' (nor a 'solution' with a \\boxed{{}} one); "
            f"the fields are {sorted(map(str, row))}"
        )
    steps: tuple[str, ...] = (solution,) if isinstance(solution, str) else ()
    if match := _GSM8K_ANSWER.search(answer):
        steps = tuple(_GSM8K_STEP.findall(answer)) or (answer[: match.start()].strip(),)
        answer = match.group(1)
    try:
        form = strictest_form(answer)
    except InvalidReference as error:
        raise ProblemFileError(f"{where}: the answer cannot be read: {error}") from error
    topics = (row[key] for key in ("topic", "type", "subject") if isinstance(row.get(key), str))
    return Problem(
        content=content_of(question),
        level=level_field(row.get("level"), where, default_level),
        question=question,
        answer=answer,
        topic=next(topics, "corpus"),
        steps=steps,
        form=form,
        family="corpus",
    )


def content_of(question: str) -> str:
    """What a question is, without case, white space and forms of characters."""
    return "".join(unicodedata.normalize("NFKC", question).casefold().split())


def text_field(row: Mapping[str, Any], names: tuple[str, ...], where: str) -> str:
    """The first of some fields that a row has, as a text.

    Raises:
        ProblemFileError: it has none of them, or one that is no text and no number.
    """
    for name in names:
        value = row.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if not math.isfinite(value):
                raise ProblemFileError(f"{where}: {name!r} must be finite, got {value}")
            return format(Decimal(repr(value)), "f")
        if isinstance(value, str) and value.strip():
            return value
        if name in row:
            raise ProblemFileError(f"{where}: {name!r} must be a text, got {value!r:.60}")
    wanted = " or ".join(map(repr, names))
    raise ProblemFileError(f"{where}: no {wanted}; the fields are {sorted(map(str, row))}")


def level_field(value: Any, where: str, default: int) -> int:
    """The level that a row gives, as a number or as "Level 3"; the default for None.

    Raises:
        ProblemFileError: it is no level.
    """
    if value is None:
        return default
    match = _LEVEL.fullmatch(str(value))
    if isinstance(value, bool) or not match or not LEVELS[0] <= int(match[1]) <= LEVELS[1]:
        raise ProblemFileError(
            f"{where}: 'level' must be {LEVELS[0]} to {LEVELS[1]}, got {value!r}"
        )
    return int(match[1])


_Read = tuple[str, Problem | ProblemFileError]
_Skip = tuple[type[ProblemFileError], ...]


def _read_all(rows: Iterable[Place], read: Reader, skip: _Skip) -> tuple[_Read, ...]:
    return tuple(_read_row(where, row, read, skip) for where, row in rows)


def _read_row(where: str, row: Any, read: Reader, skip: _Skip) -> _Read:
    try:
        if isinstance(row, ProblemFileError):
            raise row
        return where, read(row, where)
    except skip as refusal:
        return where, refusal.with_traceback(None)


@lru_cache(maxsize=8)  # the copies in a vector environment share one reading of a file
def _read_file(
    path: Path, modified: int, size: int, read: Reader, skip: _Skip
) -> tuple[_Read, ...]:
    return _read_all(rows_of_file(path), read, skip)
