"""Votes: which of some replies has the commonest answer. Nobody says which is right."""

from __future__ import annotations

from collections.abc import Sequence

from reasoning_gym_envs.answers import (
    AnswerError,
    InvalidReference,
    Node,
    extract_answer,
    is_correct,
    parse_answer,
)
from reasoning_gym_envs.answers.tree import BareList
from reasoning_gym_envs.commands import Refused, read_command

__all__ = ["answer_of", "ballots", "same_answer", "text_of", "vote"]


def vote(texts: Sequence[str], *, is_command: bool) -> int:
    r"""Which text is the first one with the commonest answer; 0 where none has an answer.

    Where a command is asked for, commands vote. Else what stands in the boxes does, and a text
    without one has no vote; where none has a box (programs, say), they vote as they are.

    >>> vote([r"\boxed{2}", r"\boxed{0.5}", r"\boxed{\frac{1}{2}}"], is_command=False)
    1
    >>> vote(["go north", "<think>East?</think> Go east.", "go east"], is_command=True)
    1
    """
    answers = [answer_of(text, is_command=is_command) for text in texts]
    if not is_command and answers.count(None) == len(answers):
        answers = [text_of(text) for text in texts]
    votes = ballots(answers, is_command=is_command)
    return max(votes, key=len, default=[0])[0]  # of the first of the commonest


def ballots(answers: Sequence[str | None], *, is_command: bool) -> list[list[int]]:
    """The numbers of the answers that vote together, in the order in which they come up.

    Commands vote together if they are the same, other answers by `same_answer`. None has no vote.

    >>> ballots(["2", "0.5", None, "1/2"], is_command=False)
    [[0], [1, 3]]
    """
    found: list[tuple[str, list[int]]] = []
    for number, answer in enumerate(answers):
        if answer is None:
            continue
        for other, numbers in found:
            if answer == other or (not is_command and same_answer(answer, other)):
                numbers.append(number)
                break
        else:
            found.append((answer, [number]))
    return [numbers for _, numbers in found]


def answer_of(text: str, *, is_command: bool) -> str | None:
    """The command of a text, or what stands in its box; None where there is nothing to be read."""
    if not is_command:
        return extract_answer(text)
    try:
        return read_command(text)
    except Refused:
        return None


def text_of(text: str) -> str | None:
    """What follows the thoughts; None where there is nothing."""
    words = text.rpartition("</think>")[2].strip()
    return None if not words or "<think>" in words else words


def same_answer(answer: str, other: str) -> bool:
    """Whether two answers vote together: they are the same text, or have one value.

    A list counts in its order, for it may be a plan. A calculation counts as it is written, for it
    may matter which numbers stand in it (and where it does not, it has to be evaluated).

    >>> same_answer("1, 1/2", "1, 0.5"), same_answer("1, 2", "2, 1")
    (True, False)
    >>> same_answer("2x + 1", "1 + 2x"), same_answer("(4 - 1) * 8", "1 + 23")
    (True, False)
    """
    if answer.split() == other.split():
        return True
    one, two = _tree(answer), _tree(other)
    if one is not None and one == two:
        return True
    if isinstance(one, BareList) and isinstance(two, BareList):
        answer, other = f"({answer})", f"({other})"  # without brackets its order does not matter
    try:
        return _is_value_of(answer, other) and _is_value_of(other, answer)
    except InvalidReference:  # it is none that can be read
        return False


def _tree(answer: str) -> Node | None:
    try:
        return parse_answer(answer)
    except (AnswerError, RecursionError):
        return None


def _is_value_of(answer: str, other: str) -> bool:
    return is_correct(f"\\boxed{{{answer}}}", other, "value")
