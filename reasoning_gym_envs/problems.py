"""Problems, the levels of difficulty, and the split that keeps training and test apart."""

from __future__ import annotations

import random
from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeVar

from reasoning_gym_envs.answers import Form
from reasoning_gym_envs.errors import unknown

_T = TypeVar("_T")

SPLITS = ("train", "test")
LEVELS = (1, 10)

_DRAWS_BEFORE_GIVING_UP = 10_000


@dataclass(slots=True)
class Problem:
    """One problem, whole: what is asked, what solves it, and where it belongs.

    Never changed after it is made: episodes, snapshots and corpora share it. (Not frozen, which
    would double the time of making one.)

    Args:
        content: what the problem is, without its wording: two phrasings of one problem, or two
            orders in which it lists the same things, have the same content, so that no phrasing of
            a test problem is ever trained on. 3 + 4 and 4 + 3 are two problems.
        level: difficulty, 1 to 10.
        question: the text that the agent sees.
        answer: the reference answer.
        topic: the kind of problem, for environments that mix several.
        steps: the worked solution as true equations in order, e.g. ``("7+8=15", "15*2=30")``.
        form: the form that the answer must have, as `reasoning_gym_envs.answers` names them.
        data: whatever else an environment needs to play the problem.
        family: what the content is told apart from; the topic, unless given.

    Attributes:
        id: a hash of the family and content: 16 hexadecimal digits, the same on every machine.
    """

    content: str
    level: int
    question: str
    answer: str
    topic: str = ""
    steps: tuple[str, ...] = ()
    form: Form = "value"
    data: Any = None
    family: str = ""
    id: str = field(init=False)

    def __post_init__(self) -> None:
        text = f"{self.family or self.topic}\n{self.content}"
        self.id = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    @property
    def split(self) -> str:
        """ "test" for one problem in eight, chosen by the hash of its content; else "train"."""
        return "test" if self.id[0] in "01" else "train"

    def __deepcopy__(self, memo: dict[int, Any]) -> Problem:
        return self  # immutable: snapshots share it


class Stream(random.Random):
    """The random numbers that problems are made from.

    A ``random.Random`` whose integers, choices, samples and shuffles all come from ``random()``:
    the one method that Python promises to keep as it is from version to version. The same seed
    makes the same problems on every supported Python, and integers cost a third.

    >>> Stream(1).randint(1, 6), Stream(1).sample("abcdef", 3)
    (1, ['a', 'f', 'b'])
    """

    def randint(self, a: int, b: int) -> int:
        """A whole number from a to b, both included (fewer than 2**53 of them)."""
        return a + int(self.random() * (b - a + 1))

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        """A whole number of ``range(start, stop, step)``."""
        numbers = range(start) if stop is None else range(start, stop, step)
        return numbers[int(self.random() * len(numbers))]

    def choice(self, seq: Any) -> Any:
        """An element of a sequence."""
        return seq[int(self.random() * len(seq))]

    def shuffle(  # type: ignore[override]  # Python 3.10 had a second argument
        self, x: MutableSequence[Any]
    ) -> None:
        """Put a list into random order, in place (Fisher and Yates)."""
        for i in range(len(x) - 1, 0, -1):
            j = int(self.random() * (i + 1))
            x[i], x[j] = x[j], x[i]

    def sample(  # type: ignore[override]  # `counts` is not offered
        self, population: Sequence[_T], k: int
    ) -> list[_T]:
        """``k`` different elements of a sequence, in random order.

        Raises:
            ValueError: the sequence has fewer.
        """
        n = len(population)
        if not 0 <= k <= n:
            raise ValueError(f"cannot draw {k} different elements of {n}")
        moved: dict[int, int] = {}  # a Fisher and Yates shuffle that stores only what it moved
        drawn = []
        for i in range(k):
            j = i + int(self.random() * (n - i))
            drawn.append(population[moved.get(j, j)])
            moved[j] = moved.get(i, i)
        return drawn


Generator = Callable[[Stream, int], Problem]
"""Makes a problem of a level (1 to 10) from a random stream, and from nothing else."""


def draw(generate: Generator, stream: Stream, level: int, split: str) -> Problem:
    """The next problem of the stream that belongs to the split.

    Raises:
        RuntimeError: the generator seems to have no such problem.
    """
    test = split == "test"
    for _ in range(_DRAWS_BEFORE_GIVING_UP):
        problem = generate(stream, level)
        if (problem.id[0] in "01") is test:
            return problem
    raise RuntimeError(f"no {split} problem of level {level} in {_DRAWS_BEFORE_GIVING_UP:,} draws")


def check_split(split: str) -> str:
    """The split, if it is one; else ValueError."""
    if split not in SPLITS:
        raise ValueError(unknown("split", split, SPLITS))
    return split


def level_range(level: Any) -> tuple[int, int]:
    """The lowest and highest level that a ``level=`` argument allows.

    >>> level_range(3), level_range((2, 5))
    ((3, 3), (2, 5))

    Raises:
        TypeError: neither a whole number nor a pair of them.
        ValueError: outside 1 to 10, or the first larger than the second.
    """
    bounds = tuple(level) if isinstance(level, (tuple, list)) else (level, level)
    if len(bounds) != 2 or any(isinstance(b, bool) or not hasattr(b, "__index__") for b in bounds):
        raise TypeError(f"level must be a whole number or a pair (low, high), got {level!r}")
    low, high = (bound.__index__() for bound in bounds)
    if not LEVELS[0] <= low <= high <= LEVELS[1]:
        raise ValueError(f"level must be from {LEVELS[0]} to {LEVELS[1]}, low first, got {level!r}")
    return low, high
