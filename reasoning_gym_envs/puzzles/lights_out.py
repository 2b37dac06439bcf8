r"""LightsOut: press lamps, each with its neighbours, until the board matches the goal."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.pictures.board import board
from reasoning_gym_envs.pictures.canvas import GREEN, INK, Canvas, Colour
from reasoning_gym_envs.problems import Problem, Stream

# By level: rows, columns, the least and the greatest number of presses that are needed.
BOARDS = (
    (3, 4, 2, 4),
    (3, 4, 5, 7),
    (4, 4, 4, 5),
    (4, 4, 5, 7),
    (4, 5, 7, 9),
    (5, 5, 6, 9),
    (5, 5, 9, 15),
    (5, 6, 11, 15),
    (6, 6, 14, 20),
    (7, 7, 19, 29),
)
PATTERN_LEVELS = (4, 6, 8, 10)
"""The levels whose goal is a random pattern; in the others all lamps must be off."""
LIT: Colour = (255, 205, 84)
UNLIT: Colour = (84, 92, 114)

_PRESS = re.compile(
    r"(?:press |toggle )?(?:the )?(?:lamp )?(?:at )?"
    r"(?:r(?:ow)? ?([0-9]{1,3})(?: and)? ?c(?:ol(?:umn)?)? ?([0-9]{1,3})|([0-9]{1,3}) ([0-9]{1,3}))"
)


class Board(NamedTuple):
    """A problem: sets of lamps are bit masks, row by row from bit 0."""

    rows: int
    columns: int
    start: int
    goal: int


class LightsOut(CommandEnv[int]):
    r"""Press lamps until the board matches the goal.

    ## Description
    A board of lamps, some of them lit. Pressing a lamp toggles it and its neighbours above, below,
    left and right. The goal is a dark board or, at some levels, a given pattern. Every board can be
    solved: the start is reached from the goal by random presses. The order of presses does not
    matter, and no lamp need be pressed twice.

    ## Observation
    The board, ``#`` for a lamp that is on and ``.`` for one that is off, with the numbers of rows
    and columns, and the goal. The rules stand above the first observation; what is wrong with a
    command, above the next.

    ``numeric_observation()``: three planes of zeros and ones (lit, lit in the goal, part of the
    board), of the greatest number of rows and columns of the environment's levels.

    ## Action
    * `LightsOut-v0`: one press, ``press r1c2`` (row 1, column 2).
    * `LightsOutBoxed-v0`: all presses in one answer, ``\boxed{press r1c2, press r3c3}``.

    ## Rewards
    * **sparse**: 1 when the goal is reached, else 0.
    * **dense**: sparse plus the change of Φ = γ^d, where d is the least number of presses to the
      goal (γ is the reward's ``gamma``); for a whole answer, of the board that it leads to.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    d is exact, so that Φ rises only by a press of a shortest solution: pressing at random, pressing
    everything, or making the board look darker does not raise it.

    ``format_cost`` is charged for what is not a press, ``illegal_cost`` for a press off the board.

    ## Episode end
    Terminated at the goal. Truncated after ``max_turns``; by default a `Boxed` episode is one
    answer and the other has four times as many turns as lamps, and at least 50.

    ## Information
    ``admissible_commands`` for presses: one for each lamp.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | board | 3×4 | 3×4 | 4×4 | 4×4 | 4×5 | 5×5 | 5×5 | 5×6 | 6×6 | 7×7 |
    | goal | dark | dark | dark | pattern | dark | pattern | dark | pattern | dark | pattern |
    | presses | 2–4 | 5–7 | 4–5 | 5–7 | 7–9 | 6–9 | 9–15 | 11–15 | 14–20 | 19–29 |

    The last line counts the presses of a shortest solution, which the reference is.

    ## Example
    ```text
    Lamps are on (#) or off (.). Pressing a lamp toggles it and its neighbours above, below, left
    and right. Make the lamps match the goal. Example command: press r1c2 (row 1, column 2).

       c1 c2 c3 c4
    r1  #  .  #  .
    r2  #  .  #  .
    r3  .  #  .  .
    Goal: all lamps off.
    > press r1c2
       c1 c2 c3 c4
    r1  .  #  .  .
    r2  #  #  #  .
    r3  .  #  .  .
    Goal: all lamps off.
    > press r2c2
       c1 c2 c3 c4
    r1  .  .  .  .
    r2  .  .  .  .
    r3  .  .  .  .
    Goal: all lamps off.
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Lamps are on (#) or off (.). Pressing a lamp toggles it and its neighbours above, below, "
        "left and right. Make the lamps match the goal. Example command: press r1c2 (row 1, "
        "column 2)."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        rows, columns, low, high = BOARDS[level - 1]
        algebra = algebra_of(rows, columns)
        lamps = rows * columns
        while True:
            goal = int(stream.random() * 2**lamps) if level in PATTERN_LEVELS else 0
            start = goal
            for lamp in stream.sample(range(lamps), stream.randint(low, high)):
                start ^= algebra.effects[lamp]
            # Fewer presses may do the same where the null space is not trivial.
            if low <= presses_needed(algebra, start ^ goal).bit_count() <= high:
                content = f"{rows}x{columns} {start} {goal}"
                return Problem(
                    content, level, "", "", "LightsOut", data=Board(rows, columns, start, goal)
                )

    def _move_limit(self, problem: Problem) -> int:
        board: Board = problem.data
        return max(50, 4 * board.rows * board.columns)

    @property
    def _board(self) -> Board:
        board: Board = self._episode.problem.data
        return board

    def _start(self, problem: Problem) -> int:
        start: int = problem.data.start
        return start

    def _commands(self, state: int) -> list[str]:
        return list(_presses(self._board.rows, self._board.columns))

    def _apply(self, state: int, command: str) -> int:
        found = _PRESS.fullmatch(command)
        if found is None or not command.isascii():
            raise Refused("A command has the form: press r1c2.")
        row, column = (int(group) for group in found.groups() if group is not None)
        rows, columns = self._board.rows, self._board.columns
        if not (1 <= row <= rows and 1 <= column <= columns):
            raise Refused(
                f"There is no r{row}c{column} on a board of {rows} rows and {columns} columns.",
                understood=True,
            )
        return state ^ algebra_of(rows, columns).effects[(row - 1) * columns + column - 1]

    def _is_goal(self, state: int) -> bool:
        return state == self._board.goal

    def _describe(self, state: int) -> str:
        board = self._board
        goal = f"\n{_drawing(board, board.goal)}" if board.goal else " all lamps off."
        return f"{_drawing(board, state)}\nGoal:{goal}"

    def _progress_of(self, state: int) -> float:
        return self.reward_scheme.progress_gamma ** self._presses_needed(state).bit_count()

    def _solve_from(self, state: int) -> list[str]:
        presses = self._presses_needed(state)
        commands = _presses(self._board.rows, self._board.columns)
        return [command for lamp, command in enumerate(commands) if presses >> lamp & 1]

    def _presses_needed(self, state: int) -> int:
        board = self._board
        return presses_needed(algebra_of(board.rows, board.columns), state ^ board.goal)

    def _paint(self, state: int) -> Canvas:
        rows, columns, _, goal = self._board
        drawn = board(rows, columns, background=INK)
        for lamp in range(rows * columns):
            row, column = divmod(lamp, columns)
            drawn.fill(row, column, LIT if state >> lamp & 1 else UNLIT, 0.86)
            if goal >> lamp & 1:
                drawn.canvas.disk(*drawn.middle(row, column), drawn.unit * 0.15, GREEN)
        drawn.foot("Goal: the lamps with a green dot." if goal else "Goal: all lamps off.")
        return drawn.canvas

    @property
    def _largest(self) -> tuple[int, int]:
        """The greatest number of rows, and of columns, of the environment's levels."""
        low, high = self.level
        boards = BOARDS[low - 1 : high]
        return max(board[0] for board in boards), max(board[1] for board in boards)

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """A press for every lamp of the largest board, row by row."""
        return _presses(*self._largest)

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """Three planes of zeros and ones: lit, lit in the goal, part of the board."""
        return gym.spaces.Box(0.0, 1.0, (3, *self._largest), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """The board and its goal, in the space's upper left corner.

        Raises:
            ValueError: the board is larger than those of the environment's levels.
        """
        rows, columns, _, goal = self._board
        largest = self._largest
        if rows > largest[0] or columns > largest[1]:
            raise ValueError(f"a board of {rows}x{columns} does not fit levels {self.level}")
        planes = np.zeros((3, *largest), np.float32)
        for plane, lamps in zip(planes, (self._episode.state, goal, -1), strict=True):
            for lamp in range(rows * columns):
                plane[divmod(lamp, columns)] = lamps >> lamp & 1
        return planes


@lru_cache(maxsize=64)
def _presses(rows: int, columns: int) -> tuple[str, ...]:
    return tuple(
        f"press r{row}c{column}" for row in range(1, rows + 1) for column in range(1, columns + 1)
    )


def _drawing(board: Board, lamps: int) -> str:
    lines = ["   " + " ".join(f"c{column}" for column in range(1, board.columns + 1))]
    for row in range(board.rows):
        bits = lamps >> row * board.columns
        cells = ("#" if bits >> column & 1 else "." for column in range(board.columns))
        lines.append(f"r{row + 1}  " + "  ".join(cells))
    return "\n".join(lines)


# The least number of presses, by linear algebra over GF(2) (Anderson and Feil, "Turning lights out
# with linear algebra", Mathematics Magazine 71(4), 1998): Gauss-Jordan elimination gives one set of
# presses, and adding an element of the null space gives every other that does the same.


class Algebra(NamedTuple):
    """What is the same for all boards of a size."""

    effects: tuple[int, ...]
    """The lamps that a press of each lamp switches."""
    pivots: tuple[tuple[int, int, int], ...]
    """A lamp, presses that switch it, and the lamps that they switch: it and no other's lamp."""
    quiet: tuple[int, ...]
    """The sets of presses that switch nothing: the null space."""


@lru_cache(maxsize=64)
def algebra_of(rows: int, columns: int) -> Algebra:
    """The algebra of a size of board."""
    effects = tuple(
        sum(
            1 << r * columns + c
            for r in range(rows)
            for c in range(columns)
            if abs(r - row) + abs(c - column) <= 1
        )
        for row in range(rows)
        for column in range(columns)
    )
    pivots: list[tuple[int, int, int]] = []
    quiet = [0]
    for lamp, effect in enumerate(effects):
        presses = 1 << lamp
        for bit, other, switched in pivots:
            if effect >> bit & 1:
                effect, presses = effect ^ switched, presses ^ other
        if not effect:
            quiet += [presses ^ other for other in quiet]
            continue
        pivot = effect.bit_length() - 1
        pivots = [
            (bit, other ^ presses, switched ^ effect)
            if switched >> pivot & 1
            else (bit, other, switched)
            for bit, other, switched in pivots
        ]
        pivots.append((pivot, presses, effect))
    return Algebra(effects, tuple(pivots), tuple(quiet))


def presses_needed(algebra: Algebra, lamps: int) -> int:
    """A smallest set of presses that switches exactly these lamps.

    Raises:
        ValueError: no presses do.
    """
    presses = 0
    left = lamps
    for bit, these, switched in algebra.pivots:
        if lamps >> bit & 1:
            left, presses = left ^ switched, presses ^ these
    if left:
        raise ValueError("no presses switch exactly these lamps")
    if len(algebra.quiet) == 1:
        return presses
    return min((presses ^ nothing for nothing in algebra.quiet), key=lambda p: (p.bit_count(), p))
