r"""Minesweeper: open all cells without a mine, by deduction alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.pictures.board import board
from reasoning_gym_envs.pictures.canvas import (
    BLUE,
    GREEN,
    GREY,
    INK,
    RED,
    RUST,
    TEAL,
    VIOLET,
    Canvas,
    Colour,
)
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.assignment import CELL, drawing, read_cell
from reasoning_gym_envs.rewards import RewardScheme

# By level: rows, columns, mines.
FIELDS = (
    (4, 5, 4),
    (5, 5, 4),
    (5, 5, 5),
    (5, 6, 6),
    (6, 6, 7),
    (6, 7, 8),
    (7, 7, 9),
    (8, 8, 12),
    (9, 9, 15),
    (10, 10, 18),
)
LEAST_TO_OPEN = 3
NOWHERE = -1
NUMBER_COLOURS: tuple[Colour, ...] = (BLUE, GREEN, RED, VIOLET, RUST, TEAL, INK, INK)

_OPEN = re.compile(rf"(?:open |dig |reveal |uncover |click )?(?:cell )?(?:at )?{CELL}")

State = tuple[int, int]
"""The open cells, a bit each, and the cell of the mine that was hit, or NOWHERE."""


class Field(NamedTuple):
    """A problem: sets of cells are bit masks, row by row from bit 0."""

    rows: int
    columns: int
    mines: int
    start: int


class Minesweeper(CommandEnv[State]):
    r"""Open every cell without a mine; numbers count the mines around a cell.

    ## Description
    Mines are hidden in a field. An open cell shows the number of mines in the up to eight cells
    around it; where it is 0, those cells are opened, too. A first region is open at the start, and
    the field is such that from there every further cell can be deduced: fields are random, and kept
    when a solver that never guesses opens them. The solver knows three arguments: what one number
    says, what two numbers say together, and the number of all mines.

    ## Observation
    The field, ``?`` for a closed cell and the number of an open one (``0``: no mine around it),
    with the numbers of rows and columns, and the number of mines. ``X`` is a mine that was hit. The
    rules stand above the first observation; what is wrong with a command, above the next.

    ``numeric_observation()``: eleven planes of the largest field: closed cells, cells with 0 to 8
    mines around, and the share of mines.

    ## Action
    * `Minesweeper-v0`: ``open r1c2`` (row 1, column 2). There are no flags: mines need not be
      marked.

    ## Rewards
    * **sparse**: 1 when all cells without a mine are open, else 0.
    * **dense**: sparse plus the change of Φ: cells opened / (cells to open + 1), counted from the
      start, and 0 when a mine is hit.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    A mine takes all of Φ, so that guessing loses what it won.

    ``format_cost`` is charged for what is not a command, ``illegal_cost`` for a cell that does not
    exist or is already open.

    ## Episode end
    Terminated when all cells without a mine are open, and without success when a mine is hit.
    Truncated after ``max_turns``, by default 20 more than the field has cells.

    ## Information
    ``admissible_commands``: to open each closed cell.

    ## Arguments
    * ``form``: only "moves": nobody can give all commands before the numbers are seen.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | field | 4×5 | 5×5 | 5×5 | 5×6 | 6×6 | 6×7 | 7×7 | 8×8 | 9×9 | 10×10 |
    | mines | 4 | 4 | 5 | 6 | 7 | 8 | 9 | 12 | 15 | 18 |

    The reference opens every cell when it can be deduced, and none that opens by itself.

    ## Example
    ```text
    Open every cell without a mine. A number counts the mines in the cells around it, diagonals
    included; ? is a closed cell. Opening a mine ends the game, and guessing is never needed.
    Example command: open r1c2 (row 1, column 2).

    Mines: 4
        c1  c2  c3  c4  c5
    r1   ?   ?   1   0   0
    r2   ?   ?   1   0   0
    r3   ?   ?   2   1   0
    r4   ?   ?   ?   1   0
    > open r3c2
    Mines: 4
        c1  c2  c3  c4  c5
    r1   ?   ?   1   0   0
    r2   ?   ?   1   0   0
    r3   ?   2   2   1   0
    r4   ?   ?   ?   1   0
    > open r2c1
    Mines: 4
        c1  c2  c3  c4  c5
    r1   ?   ?   1   0   0
    r2   2   ?   1   0   0
    r3   ?   2   2   1   0
    r4   ?   ?   ?   1   0
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Open every cell without a mine. A number counts the mines in the cells around it, "
        "diagonals included; ? is a closed cell. Opening a mine ends the game, and guessing is "
        "never needed. Example command: open r1c2 (row 1, column 2)."
    )

    def __init__(
        self,
        *,
        form: str = "moves",
        instruction: str | None = None,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] = 1,
        split: str = "train",
        max_turns: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        if form != "moves":
            raise ValueError(f"unknown form {form!r}. Allowed: 'moves'")
        super().__init__(
            form=form,
            instruction=instruction,
            reward=reward,
            level=level,
            split=split,
            max_turns=max_turns,
            render_mode=render_mode,
        )

    def _generate(self, stream: Stream, level: int) -> Problem:
        rows, columns, count = FIELDS[level - 1]
        around = around_of(rows, columns)
        while True:
            start = stream.randrange(rows * columns)
            clear = around[start] | 1 << start
            cells = [cell for cell in range(rows * columns) if not clear >> cell & 1]
            mines = sum(1 << cell for cell in stream.sample(cells, count))
            field = Field(rows, columns, mines, start)
            opened = open_cell(field, 0, start)
            found, order = deduce(field, opened)
            if is_done(field, found) and len(order) >= LEAST_TO_OPEN:
                return Problem(
                    f"{rows}x{columns} {mines} {opened}", level, "", "", "Minesweeper", data=field
                )

    def _move_limit(self, problem: Problem) -> int:
        return 20 + int(problem.data.rows * problem.data.columns)

    @property
    def _field(self) -> Field:
        field: Field = self._episode.problem.data
        return field

    def _start(self, problem: Problem) -> State:
        return open_cell(problem.data, 0, problem.data.start), NOWHERE

    def _commands(self, state: State) -> list[str]:
        names = commands(self._field.rows, self._field.columns)
        return [name for cell, name in enumerate(names) if not state[0] >> cell & 1]

    def _apply(self, state: State, command: str) -> State:
        found = _OPEN.fullmatch(command)
        if found is None or not command.isascii():
            raise Refused("A command has the form: open r1c2.")
        field = self._field
        row, column = read_cell(found[1], found[2], field.rows, field.columns)
        cell = row * field.columns + column
        if state[0] >> cell & 1:
            raise Refused(f"r{row + 1}c{column + 1} is already open.", understood=True)
        if field.mines >> cell & 1:
            return state[0], cell
        return open_cell(field, state[0], cell), NOWHERE

    def _is_goal(self, state: State) -> bool:
        return is_done(self._field, state[0])

    def _is_lost(self, state: State) -> bool:
        return state[1] != NOWHERE

    def _describe(self, state: State) -> str:
        field = self._field
        opened, hit = state
        around = around_of(field.rows, field.columns)
        signs = [
            str((near & field.mines).bit_count()) if opened >> cell & 1 else "?"
            for cell, near in enumerate(around)
        ]
        if hit != NOWHERE:
            signs[hit] = "X"
        said = "\nA mine was hit." if hit != NOWHERE else ""
        return f"Mines: {field.mines.bit_count()}\n{drawing(signs, field.columns)}{said}"

    def _paint(self, state: State) -> Canvas:
        field, (opened, hit) = self._field, state
        drawn = board(field.rows, field.columns)
        for cell, near in enumerate(around_of(field.rows, field.columns)):
            place = divmod(cell, field.columns)
            if cell == hit:
                drawn.fill(*place, RED)
                drawn.canvas.disk(*drawn.middle(*place), drawn.unit * 0.24, INK)
            elif not opened >> cell & 1:
                drawn.fill(*place, GREY)
            elif count := (near & field.mines).bit_count():
                drawn.write(*place, str(count), NUMBER_COLOURS[count - 1])
        drawn.foot(f"Mines: {field.mines.bit_count()}")
        return drawn.canvas

    def _progress_of(self, state: State) -> float:
        if state[1] != NOWHERE:
            return 0.0
        field = self._field
        first = open_cell(field, 0, field.start).bit_count()
        safe = field.rows * field.columns - field.mines.bit_count()
        return (state[0].bit_count() - first) / (safe - first + 1)

    def _solve_from(self, state: State) -> list[str]:
        names = commands(self._field.rows, self._field.columns)
        return [names[cell] for cell in deduce(self._field, state[0])[1]]

    @property
    def _largest(self) -> tuple[int, int]:
        """The greatest number of rows, and of columns, of the environment's levels."""
        fields = FIELDS[self.level[0] - 1 : self.level[1]]
        return max(field[0] for field in fields), max(field[1] for field in fields)

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """To open every cell of the largest field."""
        return commands(*self._largest)

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """Planes: closed, the numbers 0 to 8, and the share of mines in every cell."""
        return gym.spaces.Box(0.0, 1.0, (11, *self._largest), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """What is seen of the field, in the space's upper left corner.

        Raises:
            ValueError: the field is larger than those of the environment's levels.
        """
        field, largest = self._field, self._largest
        rows, columns = field.rows, field.columns
        if rows > largest[0] or columns > largest[1]:
            raise ValueError(f"a field of {rows}x{columns} does not fit levels {self.level}")
        planes = np.zeros((11, *largest), np.float32)
        for cell, near in enumerate(around_of(rows, columns)):
            row, column = divmod(cell, columns)
            is_open = self._episode.state[0] >> cell & 1
            planes[1 + (near & field.mines).bit_count() if is_open else 0, row, column] = 1
        planes[10, :rows, :columns] = field.mines.bit_count() / (rows * columns)
        return planes


@lru_cache(maxsize=64)
def commands(rows: int, columns: int) -> tuple[str, ...]:
    """The command that opens each cell."""
    return tuple(f"open r{r + 1}c{c + 1}" for r in range(rows) for c in range(columns))


@lru_cache(maxsize=64)
def around_of(rows: int, columns: int) -> tuple[int, ...]:
    """For each cell the up to eight around it."""
    return tuple(
        sum(
            1 << r * columns + c
            for r in range(max(0, row - 1), min(rows, row + 2))
            for c in range(max(0, column - 1), min(columns, column + 2))
            if (r, c) != (row, column)
        )
        for row in range(rows)
        for column in range(columns)
    )


def is_done(field: Field, opened: int) -> bool:
    """Whether all cells without a mine are open."""
    return opened | field.mines == (1 << field.rows * field.columns) - 1


def open_cell(field: Field, opened: int, cell: int) -> int:
    """The open cells after a cell without a mine is opened, and those that open with it."""
    around = around_of(field.rows, field.columns)
    waiting = 1 << cell
    while waiting:
        low = waiting & -waiting
        waiting ^= low
        opened |= low
        near = around[low.bit_length() - 1]
        if not near & field.mines:
            waiting |= near & ~opened
    return opened


def deduce(field: Field, opened: int) -> tuple[int, list[int]]:
    """Open what can be deduced, as long as anything can: the open cells, and those to open.

    Mines are looked at in the numbers of open cells alone. Between two numbers whose closed cells
    overlap: if one has as many mines more than the other as it has cells of its own, these are all
    mines, and the cells that only the other has are none.
    """
    around = around_of(field.rows, field.columns)
    everything = (1 << field.rows * field.columns) - 1
    known, order = 0, []
    while opened | field.mines != everything:
        numbers: dict[int, int] = {}
        for cell, near in enumerate(around):
            closed = near & ~opened & ~known
            if closed and opened >> cell & 1:
                numbers[closed] = (near & field.mines).bit_count() - (near & known).bit_count()
        safe = mines = 0
        for closed, count in numbers.items():
            if count == 0:
                safe |= closed
            elif count == closed.bit_count():
                mines |= closed
        if not safe | mines:
            for one, most in numbers.items():
                for other, count in numbers.items():
                    if one & other and most - count == (own := one & ~other).bit_count():
                        mines |= own
                        safe |= other & ~one
        if not safe | mines:
            left = field.mines.bit_count() - known.bit_count()
            closed = everything & ~opened & ~known
            safe = closed if left == 0 else 0
            if not safe:
                break
        known |= mines
        while safe:
            cell = (safe & -safe).bit_length() - 1
            order.append(cell)
            opened = open_cell(field, opened, cell)
            safe &= ~opened
    return opened, order
