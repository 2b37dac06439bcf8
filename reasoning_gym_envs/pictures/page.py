"""The picture of an episode: its transcript as text, beside a drawing of the board if there is one.

All pages have the same size, so that an episode is a film and the pictures of an environment are in
one space.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.pictures import glyphs
from reasoning_gym_envs.pictures.board import SIDE
from reasoning_gym_envs.pictures.canvas import (
    GREEN,
    GREY,
    INK,
    PAPER,
    RED,
    RUST,
    Canvas,
    Colour,
    mixed,
)

HEIGHT, WIDTH = 624, 1008
"""Pixels of a page. Encoders of films want multiples of 16."""
_BAR, _MARGIN, _LINE = 40, 24, 20  # pixels
_ROWS = (HEIGHT - _BAR - _MARGIN) // _LINE
_LONGEST = 8_000
"""So many characters of a text, its last ones, are more than a page shows."""


class Exchange(NamedTuple):
    """One turn of a transcript.

    Args:
        heading: the title of the episode, or what the agent wrote.
        observation: what the environment said.
        paid: the reward and its terms; "" where there is none.
        reward: the reward.
    """

    heading: str
    observation: str
    paid: str = ""
    reward: float = 0.0

    def __str__(self) -> str:
        text = f"{self.heading}\n{self.observation}"
        return f"{text}\n{self.paid}" if self.paid else text


def draw_page(
    title: str,
    status: str,
    status_colour: Colour,
    transcript: Iterable[Exchange],
    board: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """A page, height × width × 3: a bar with title and status, and the end of a transcript.

    Args:
        title: stands at the left of the bar.
        status: stands at the right of it, on its colour.
        status_colour: see there.
        transcript: the turns; lines that are too long go on in the next, and where there are too
            many, the last are shown. The heading of the first is the title, and left out.
        board: a drawing beside the text, a square of ``SIDE`` pixels.
    """
    canvas = Canvas(HEIGHT, WIDTH)
    canvas.box(0, 0, WIDTH, _BAR, INK)
    wide = (len(status) + 2) * _LINE / 2
    canvas.box(WIDTH - _MARGIN - wide, 7, WIDTH - _MARGIN, _BAR - 7, status_colour, round=8)
    canvas.text(WIDTH - _MARGIN - wide / 2, _BAR / 2, status, _LINE, PAPER)
    canvas.text(_MARGIN, _BAR / 2, title, _LINE, PAPER, align=0)
    left = _MARGIN
    if board is not None:
        canvas.paste(_BAR + _MARGIN, _MARGIN, board)
        left += SIDE + _MARGIN
    columns = (WIDTH - _MARGIN - left) // (_LINE // 2)
    lines = _last_lines(list(transcript), columns)
    _write(canvas, _BAR + _MARGIN // 2, left, lines, columns)
    return canvas.pixels


def _last_lines(transcript: list[Exchange], columns: int) -> list[tuple[str, Colour]]:
    """As many lines of the end as fit, and their colours."""
    lines: list[tuple[str, Colour]] = []  # from the last to the first
    for number in reversed(range(len(transcript))):
        heading, observation, paid, reward = transcript[number]
        colour = GREEN if reward > 0 else RED if reward < 0 else GREY
        if lines and (observation or transcript[number + 1].observation):
            lines.append(("", INK))
        parts = [(paid, colour), (observation, INK), (heading, RUST)]
        for text, colour in parts if number else parts[1:2]:
            if text:
                lines += [(line, colour) for line in reversed(_wrapped(text, columns))]
        if len(lines) > _ROWS:
            return [("…", GREY), *reversed(lines[: _ROWS - 1])]
    return lines[::-1]


def _wrapped(text: str, columns: int) -> list[str]:
    """The lines of a text, none longer than so many characters."""
    lines = []
    for line in text[-_LONGEST:].replace("\r\n", "\n").split("\n"):
        lines += textwrap.wrap(
            line, columns, tabsize=4, replace_whitespace=False, break_on_hyphens=False
        ) or [""]
    return lines


def _write(
    canvas: Canvas, top: int, left: int, lines: list[tuple[str, Colour]], columns: int
) -> None:
    """Lines of text, all at once."""
    if not lines:
        return
    shapes = glyphs.shapes("".join(text.ljust(columns) for text, _ in lines), _LINE)
    shapes = shapes.reshape(len(lines), columns, _LINE, -1).transpose(0, 2, 1, 3)
    covered = shapes.reshape(len(lines) * _LINE, -1)
    colours = np.repeat(np.array([colour for _, colour in lines]), _LINE, axis=0)[:, None, :]
    there = canvas.pixels[top : top + covered.shape[0], left : left + covered.shape[1]]
    there[:] = mixed(there, covered, colours)
