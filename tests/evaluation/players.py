"""Players for the tests of evaluations; workers import them by name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from reasoning_gym_envs.evaluation import Reply, Turn, Unavailable
from reasoning_gym_envs.evaluation.players import Message


class Dice:
    """Solves or fails by its seed; says how many tokens it wrote."""

    about: dict[str, Any] = {"agent": "dice"}  # noqa: RUF012

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        draw = Random(turn.seed).random()
        text = turn.env.solution()[0] if draw < 0.6 else f"\\boxed{{{int(draw * 100)}}}"
        return Reply(text, len(messages), int(draw * 1000), draw > 0.9, draw / 100)


class Together(Dice):
    """The same, several episodes at a time."""

    batch_size = 7

    def replies(
        self, conversations: Sequence[Sequence[Message]], turns: Sequence[Turn]
    ) -> list[Reply]:
        return [self.reply(*each) for each in zip(conversations, turns, strict=True)]


class InThreads(Dice):
    """The same, from several threads."""

    concurrency = 4


def write(file: Path, number: int) -> None:
    """Whole or not at all: several processes read it."""
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_text(str(number))
    beside.replace(file)


class _Failing(Dice):
    """Fails as often as a file says, which all processes share."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        left = int(self._file.read_text())
        if left:
            write(self._file, left - 1)
            self._fail()
        return super().reply(messages, turn)

    def _fail(self) -> None:
        raise Unavailable("the server is down")


class Flaky(_Failing):
    """Is unavailable."""


class Deadly(_Failing):
    """Ends its process."""

    def _fail(self) -> None:
        os.kill(os.getpid(), 9)


def shout(text: str) -> str:
    """A function from text to text."""
    return f"\\boxed{{{len(text)}}}"


def silent(text: str) -> None:
    """No function from text to text."""
