r"""NQueens: complete a board of queens that do not attack each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.commands import Refused, plan_of
from reasoning_gym_envs.pictures.board import Board, board
from reasoning_gym_envs.pictures.canvas import INK, LIGHT, ORANGE, Canvas, Colour
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.assignment import (
    CELL,
    AssignmentPuzzle,
    Entries,
    drawing,
    read_cell,
    read_rows,
)

# By level: the size of the board, and the queens that are given.
BOARDS = ((7, 3), (7, 2), (8, 3), (8, 2), (9, 3), (10, 3), (11, 3), (12, 3), (13, 3), (14, 3))

_PLACE = re.compile(rf"(?:place |put |queen )?(?:a )?(?:queen )?(?:at |on )?{CELL}")
_REMOVE = re.compile(rf"(?:remove|clear|take)(?: the)?(?: queen)?(?: from| at)? {CELL}")
_NUMBERS = re.compile(r"[0-9.?_ ]+")


class NQueens(AssignmentPuzzle):
    r"""Place queens until every row has one and none attacks another.

    ## Description
    A board with some queens, at random, that can be completed to a queen in every row such that no
    two share a row, a column or a diagonal. Often there are several ways; each of them counts.
    Completing a partial placement is hard in general, unlike placing queens on an empty board
    (Gent, Jefferson and Nightingale, "Complexity of n-queens completion", JAIR 59, 2017).

    ## Observation
    The board, ``Q`` for a given queen, ``q`` for one of yours and ``.`` for an empty cell, with the
    numbers of rows and columns. The rules stand above the first observation; what is wrong with a
    command, above the next.

    ``numeric_observation()``: two planes of the largest board: the queens, and the given ones.

    ## Action
    * `NQueens-v0`: one queen, ``place r1c2`` (row 1, column 2); it replaces the one in that row.
      ``remove r1c2`` takes it away.
    * `NQueensBoxed-v0`: the column of the queen in each row, from row 1:
      ``\boxed{2, 4, 6, 1, 3, 5}``; or the cells, ``\boxed{r1c2, r2c4, …}``; or the board, row by
      row, with ``Q`` and ``.``.

    ## Rewards
    * **sparse**: 1 when every row has a queen and none attacks another, else 0.
    * **dense**: sparse plus the change of Φ: queens placed / (rows that were empty + 1) as long as
      the placement can be completed, and 0 when it cannot.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    Queens that attack each other, or that leave no completion, have no Φ at all, so that placing at
    random or a queen in every row pays nothing. Dense and shaped rewards show a dead end when it is
    entered, not the way around it.

    ``format_cost`` is charged for what is not a command, ``illegal_cost`` for a cell off the board
    or in a row that is given, and for a boxed answer in which queens attack each other.

    ## Episode end
    Terminated when solved. Truncated after ``max_turns``; by default a `Boxed` episode is one
    answer and the other has 20 turns and three for each empty row.

    ## Information
    ``admissible_commands`` for moves: every change of a row whose queen is not given.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | rows and columns | 7 | 7 | 8 | 8 | 9 | 10 | 11 | 12 | 13 | 14 |
    | queens to place | 4 | 5 | 5 | 6 | 6 | 7 | 8 | 9 | 10 | 11 |

    A shortest solution places each queen once; the reference is one from every start.

    ## Example
    ```text
    Place one queen in every row so that no two share a column or a diagonal. Given queens (Q)
    cannot be moved. Example commands: place r1c2 (row 1, column 2), remove r1c2. Your queens are
    shown as q.

        c1  c2  c3  c4  c5  c6  c7
    r1   .   .   .   .   .   .   .
    r2   .   .   .   .   .   Q   .
    r3   .   .   .   .   .   .   .
    r4   .   .   .   .   .   .   .
    r5   .   .   .   .   .   .   .
    r6   Q   .   .   .   .   .   .
    r7   .   .   .   .   Q   .   .
    > place r1c2
        c1  c2  c3  c4  c5  c6  c7
    r1   .   q   .   .   .   .   .
    r2   .   .   .   .   .   Q   .
    r3   .   .   .   .   .   .   .
    r4   .   .   .   .   .   .   .
    r5   .   .   .   .   .   .   .
    r6   Q   .   .   .   .   .   .
    r7   .   .   .   .   Q   .   .
    > place r3c3
        c1  c2  c3  c4  c5  c6  c7
    r1   .   q   .   .   .   .   .
    r2   .   .   .   .   .   Q   .
    r3   .   .   q   .   .   .   .
    r4   .   .   .   .   .   .   .
    r5   .   .   .   .   .   .   .
    r6   Q   .   .   .   .   .   .
    r7   .   .   .   .   Q   .   .
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Place one queen in every row so that no two share a column or a diagonal. Given queens "
        "(Q) cannot be moved. Example commands: place r1c2 (row 1, column 2), remove r1c2. "
        "Your queens are shown as q."
    )
    boxed_instruction = (
        "Answer with the column of each row's queen, starting with row 1, separated by commas, in "
        "\\boxed{}."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        size, queens = BOARDS[level - 1]
        order = stream.sample(range(1, size + 1), size)
        # Three queens at random, the rest as they then can stand.
        while True:
            seeds = [0] * size
            for row in stream.sample(range(size), 3):
                seeds[row] = stream.choice(order)
            if not attackers(seeds) and (solution := complete(tuple(seeds), tuple(order))):
                break
        kept = set(stream.sample(range(size), queens))
        given = tuple(column if row in kept else 0 for row, column in enumerate(solution))
        return Problem(f"{size} {given}", level, "", "", "NQueens", data=(given, solution))

    @property
    def _size(self) -> int:
        return len(self._given)

    def _values(self) -> int:
        return self._size

    def _fault(self, state: Entries) -> str:
        pair = attackers(state)
        if not pair:
            return ""
        first, second = (f"r{row + 1}c{state[row]}" for row in pair)
        return f"The queens {first} and {second} attack each other."

    def _completion(self, state: Entries) -> Entries | None:
        return complete(state)

    def _commands(self, state: Entries) -> list[str]:
        size = self._size
        found = []
        for row, (given, now) in enumerate(zip(self._given, state, strict=True)):
            if not given:
                found += [f"place r{row + 1}c{c}" for c in range(1, size + 1) if c != now]
                if now:
                    found.append(f"remove r{row + 1}c{now}")
        return found

    def _command(self, place: int, value: int) -> str:
        if value:
            return f"place r{place + 1}c{value}"
        return f"remove r{place + 1}c{self._episode.state[place]}"

    def _place_name(self, place: int) -> str:
        return f"The queen in row {place + 1}"

    def _read(self, command: str) -> tuple[int, int]:
        size = self._size
        if found := _REMOVE.fullmatch(command):
            row, column = read_cell(found[1], found[2], size, size)
            if self._episode.state[row] != column + 1:
                raise Refused(f"There is no queen at r{row + 1}c{column + 1}.", understood=True)
            return row, 0
        found = _PLACE.fullmatch(command)
        if found is None:
            raise Refused("A command has the form: place r1c2 or remove r1c2.")
        row, column = read_cell(found[1], found[2], size, size)
        return row, column + 1

    def _read_entries(self, answer: str) -> Entries:
        size = self._size
        if "q" in (drawn := answer.lower()) and "queen" not in drawn:
            return self._read_board(drawn)
        parts = plan_of(answer)
        if len(parts) == 1 and _NUMBERS.fullmatch(parts[0]):
            parts = parts[0].split()
        parts = [part.strip("() ") for part in parts]
        if len(parts) <= size and all(_PLACE.fullmatch(part) for part in parts):
            entries, named = list(self._given), set()
            for part in parts:
                found = _PLACE.fullmatch(part)
                assert found is not None
                row, column = read_cell(found[1], found[2], size, size)
                if row in named:
                    raise Refused(f"Row {row + 1} has two queens.", understood=True)
                named.add(row)
                entries[row] = column + 1
            return tuple(entries)
        if len(parts) != size:
            raise Refused(f"The answer has {len(parts)} parts instead of {size}.")
        columns = []
        for row, part in enumerate(parts, 1):
            if part in (".", "?", "_"):
                part = "0"
            if not (part.isascii() and part.isdigit() and len(part) < 4 and int(part) <= size):
                raise Refused(f"Part {row} of the answer is not a column from 1 to {size}.")
            columns.append(int(part))
        return tuple(columns)

    def _read_board(self, answer: str) -> Entries:
        size = self._size
        cells = read_rows(answer, size, size, ".q")
        rows = [cells[i : i + size] for i in range(0, size * size, size)]
        for number, row in enumerate(rows, 1):
            if sum(row) > 1:
                raise Refused(f"Row {number} has two queens.", understood=True)
        return tuple(row.index(1) + 1 if 1 in row else 0 for row in rows)

    def _write_answer(self, start: Entries) -> str:
        return ", ".join(map(str, self._solution))

    def _describe(self, state: Entries) -> str:
        size = self._size
        signs = ["."] * (size * size)
        for row, (column, given) in enumerate(zip(state, self._given, strict=True)):
            if column:
                signs[row * size + column - 1] = "Q" if given else "q"
        return drawing(signs, size)

    def _paint(self, state: Entries) -> Canvas:
        size = self._size
        drawn = board(size, size)
        for cell in range(size * size):
            row, column = divmod(cell, size)
            if (row + column) % 2:
                drawn.canvas.box(*drawn.cell(row, column), LIGHT)
        for row, (column, given) in enumerate(zip(state, self._given, strict=True)):
            if column:
                _draw_queen(drawn, row, column - 1, INK if given else ORANGE)
        return drawn.canvas

    @property
    def _largest(self) -> int:
        return max(size for size, _ in BOARDS[self.level[0] - 1 : self.level[1]])

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """To place and to remove a queen, for every cell of the largest board."""
        numbers = range(1, self._largest + 1)
        return tuple(
            f"{verb} r{r}c{c}" for r in numbers for c in numbers for verb in ("place", "remove")
        )

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """Two planes of zeros and ones: all queens, and the given ones."""
        return gym.spaces.Box(0.0, 1.0, (2, self._largest, self._largest), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """Where the queens are, in the space's upper left corner.

        Raises:
            ValueError: the board is larger than those of the environment's levels.
        """
        largest = self._largest
        if self._size > largest:
            raise ValueError(f"a board of size {self._size} does not fit levels {self.level}")
        planes = np.zeros((2, largest, largest), np.float32)
        for plane, queens in zip(planes, (self._episode.state, self._given), strict=True):
            for row, column in enumerate(queens):
                if column:
                    plane[row, column - 1] = 1
        return planes


def _draw_queen(drawn: Board, row: int, column: int, colour: Colour) -> None:
    """A crown of five points."""
    (x, y), unit, canvas = drawn.middle(row, column), drawn.unit, drawn.canvas
    canvas.box(x - 0.26 * unit, y + 0.2 * unit, x + 0.26 * unit, y + 0.32 * unit, colour, unit / 25)
    for step, height in ((-2, 0.18), (-1, 0.27), (0, 0.3), (1, 0.27), (2, 0.18)):
        tip_x, tip_y = x + step * 0.16 * unit, y - height * unit
        foot = x + step * 0.1 * unit
        wide = 0.09 * unit
        corners = [(tip_x, tip_y), (foot + wide, y + 0.17 * unit), (foot - wide, y + 0.17 * unit)]
        canvas.polygon(corners, colour)
        canvas.disk(tip_x, tip_y, 0.055 * unit, colour)


def attackers(state: Sequence[int]) -> tuple[int, int] | None:
    """The rows of two queens that attack each other, if there are such queens."""
    columns: dict[int, int] = {}
    falling: dict[int, int] = {}
    rising: dict[int, int] = {}
    for row, column in enumerate(state):
        if column:
            lines = ((columns, column), (falling, column + row), (rising, column - row))
            for taken, line in lines:
                if line in taken:
                    return taken[line], row
                taken[line] = row
    return None


@lru_cache(maxsize=1024)
def complete(state: Entries, order: Entries = ()) -> Entries | None:
    """A placement in all rows with these queens, or None: rows with the fewest cells come first.

    Args:
        state: the column of each row's queen, 0 for none.
        order: the order in which columns are tried; from 1 on unless given.
    """
    size = len(state)
    columns = falling = rising = 0  # what is taken, a bit each
    for row, column in enumerate(state):
        if column:
            bits = 1 << column, 1 << row + column, 1 << size + column - row
            if columns & bits[0] or falling & bits[1] or rising & bits[2]:
                return None
            columns, falling, rising = columns | bits[0], falling | bits[1], rising | bits[2]
    board = (1 << size + 1) - 2
    queens = list(state)

    def search(rows: list[int], columns: int, falling: int, rising: int) -> bool:
        if not rows:
            return True
        best, cells, least = -1, 0, size + 1
        for row in rows:
            free = board & ~(columns | falling >> row | rising << row >> size)
            if (count := free.bit_count()) < least:
                best, cells, least = row, free, count
                if count < 2:
                    break
        if not cells:
            return False
        rest = [row for row in rows if row != best]
        for column in order or range(1, size + 1):
            if cells >> column & 1:
                queens[best] = column
                if search(
                    rest,
                    columns | 1 << column,
                    falling | 1 << best + column,
                    rising | 1 << size + column - best,
                ):
                    return True
        return False

    found = search(
        [row for row, column in enumerate(state) if not column], columns, falling, rising
    )
    return tuple(queens) if found else None
