"""BoxedPuzzle: puzzles that are solved by one answer in a box."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from reasoning_gym_envs.commands import Refused, read_box
from reasoning_gym_envs.errors import check_text
from reasoning_gym_envs.problems import Problem
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.text_env import TextEnv, Turn

_MARKUP = re.compile(
    r"\\(?:begin|end)\{[a-z]{1,9}\*?\}(?:\{[lcr| ]*\})?"  # an array, aligned lines
    r"|\\(?:text|mathrm)(?:bf|it|tt)?\b|\\math(?:bf|it|tt)\b|\\(?:q?quad|hline|to|mapsto|rightarrow)\b"
    r"|\\\\|\\[,;:! ]|\\?[{}]|[$()\[\]\"'`“”&|]|\*\*"
)
MEANS = r"(?: ?(?::?={1,2}|:|is|->|→) ?| )"
"""What stands between a thing and its value in an answer, as a regular expression."""

_FORMAT: Mapping[str, int] = {"format": 1}
_NO_EVENTS: Mapping[str, int] = {}


class Judgement(NamedTuple):
    """What a puzzle says of an answer.

    Args:
        solved: the answer is a valid solution, whichever of them.
        progress: Φ of an answer that is not, in [0, 1).
        message: what is wrong with it, in a sentence that does not give the solution away.
        is_read: the answer has the form that was asked for, right or wrong.
    """

    solved: bool
    progress: float = 0.0
    message: str = "That is not correct."
    is_read: bool = True


CORRECT = Judgement(True, 1.0, "Correct.")


class BoxedPuzzle(TextEnv):
    r"""A puzzle whose solution is one answer, in ``\boxed{}``.

    A subclass makes problems (:meth:`_generate`) and judges answers (:meth:`_judge`): any valid
    solution counts, not only the reference.

    Args:
        instruction: what stands below the question; None for the puzzle's own, "" for nothing.
        reward, level, split, max_turns, render_mode: as in every environment.
    """

    answer_instruction: ClassVar[str]
    """What an answer looks like, and that it stands in a box."""
    events = frozenset({"format"})
    answered_by = "box"

    def __init__(
        self,
        *,
        instruction: str | None = None,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] = 1,
        split: str = "train",
        max_turns: int = 1,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            reward=reward, level=level, split=split, max_turns=max_turns, render_mode=render_mode
        )
        given = self.answer_instruction if instruction is None else instruction
        self.instruction = check_text("instruction", given)

    @abstractmethod
    def _judge(self, problem: Problem, answer: str) -> Judgement:
        """Judge the inside of a box, at most 20,000 characters; never raises."""

    def _begin(self, problem: Problem) -> str:
        self._episode.state = 0.0  # the progress of the last answer
        question = problem.question
        return f"{question}\n\n{self.instruction}" if self.instruction else question

    def _take_turn(self, action: str) -> Turn:
        try:
            judgement = self._judge(self._episode.problem, read_box(action))
        except Refused as refused:
            judgement = Judgement(False, 0.0, str(refused), is_read=False)
        self._episode.state = judgement.progress
        observation = judgement.message
        if not judgement.solved:
            observation += self._attempts_left()
        events = _NO_EVENTS if judgement.is_read else _FORMAT
        return Turn(observation, judgement.solved, events=events)

    def _progress(self) -> float:
        progress: float = self._episode.state
        return progress

    def _solve(self) -> list[str]:
        return [f"\\boxed{{{self._episode.problem.answer}}}"]

    def _answer(self) -> tuple[str, str] | None:
        return self._episode.problem.answer, "boxed"


def without_markup(answer: str) -> str:
    r"""An answer in lower case and on one line, without LaTeX, Markdown, brackets and quotes.

    >>> without_markup(r"\text{Ada}: **knight**\\ {'Ben':~'knave'}")
    'ada : knight ben :~ knave'
    """
    return " ".join(_MARKUP.sub(" ", answer).lower().split())
