r"""Sudoku: every digit once in each row, column and box."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.pictures.board import board
from reasoning_gym_envs.pictures.canvas import BLUE, GREY, INK, LIGHT, Canvas
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.assignment import (
    CELL,
    AssignmentPuzzle,
    Entries,
    read_cell,
    read_rows,
)

# By level: the rows and columns of a box, open cells, and how many of them singles do not give.
GRIDS = (
    (2, 2, 6, 0),
    (2, 2, 9, 0),
    (2, 3, 14, 0),
    (2, 3, 20, 0),
    (3, 3, 30, 0),
    (3, 3, 36, 0),
    (3, 3, 42, 0),
    (3, 3, 47, 0),
    (3, 3, 50, 2),
    (3, 3, 50, 5),
)
CHANGES = 3  # for each digit, exchanges of two digits in a part of the grid

_ENTER = re.compile(rf"(?:set |enter |put )?{CELL} ?(?:=|to|:|is)? ?([0-9])")
_CLEAR = re.compile(rf"(?:clear|erase|remove|empty) {CELL}")


class Sudoku(AssignmentPuzzle):
    r"""Fill a grid so that every row, every column and every box has each digit once.

    ## Description
    Grids of 4×4, 6×6 and 9×9 cells with exactly one solution. A full grid is a pattern whose rows,
    columns and digits are shuffled, and in which two digits change places in a part of the grid
    where that breaks no rule, 27 times in 9×9 cells: varied, though not
    uniform over all grids. Then cells are opened whose digit follows from what is left: it is the
    only one possible in its cell, or has only one cell in its row, column or box. So the solution
    stays the only one, and up to level 8 these two arguments find it. At levels 9 and 10 further
    cells are opened for which they are not enough; that only one solution is left is proved by
    search.

    ## Observation
    The grid, ``.`` for an open cell, with the numbers of rows and columns and with lines between
    the boxes; ``*`` marks the agent's entries. The rules stand above the first observation; what is
    wrong with a command, above the next.

    ``numeric_observation()``: for each cell of the largest grid a one for its digit, and a last
    plane with a one for what is given.

    ## Action
    * `Sudoku-v0`: one cell, ``r1c2 = 3`` (row 1, column 2); ``clear r1c2`` opens it again.
    * `SudokuBoxed-v0`: the whole grid in one answer, rows on lines or separated by ``/``, ``;`` or
      a backslash, with spaces or not: ``\boxed{1234 / 3412 / 2143 / 4321}``.

    ## Rewards
    * **sparse**: 1 when the grid is full and right, else 0.
    * **dense**: sparse plus the change of Φ: entered cells / (open cells at the start + 1) as long
      as all of them are right, and 0 when one is wrong.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    One wrong cell takes all of Φ, so that filling at random, a constant or another grid has none.
    Dense and shaped rewards tell a right entry from a wrong one, at the price of a turn each; the
    turns of an episode do not suffice to try the digits of every cell.

    ``format_cost`` is charged for what is not a command, ``illegal_cost`` for changing a given
    cell, and for a boxed grid that breaks a rule. Entries that break a rule are allowed: they can
    be changed.

    ## Episode end
    Terminated when solved. Truncated after ``max_turns``; by default a `Boxed` episode is one
    answer and the other has 20 turns and three for each open cell.

    ## Information
    ``admissible_commands`` for moves: every change of a cell that is not given.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | cells | 4×4 | 4×4 | 6×6 | 6×6 | 9×9 | 9×9 | 9×9 | 9×9 | 9×9 | 9×9 |
    | open cells, at most | 6 | 9 | 14 | 20 | 30 | 36 | 42 | 47 | 52 | 55 |
    | singles suffice | yes | yes | yes | yes | yes | yes | yes | yes | not always | not always |

    A shortest solution enters each open cell once; the reference is one.

    ## Example
    ```text
    Fill the grid so that every row, column and box (between the lines) has each digit from 1 to 4
    once. Dots are empty cells. Example commands: r1c2 = 3 (row 1, column 2), clear r1c2. Your
    entries are marked *.

       c1 c2 | c3 c4
    r1 2  4  | .  3
    r2 3  .  | 2  .
       ------+-------
    r3 .  2  | 3  1
    r4 1  .  | .  2
    > r1c3 = 1
       c1 c2 | c3 c4
    r1 2  4  | 1* 3
    r2 3  .  | 2  .
       ------+-------
    r3 .  2  | 3  1
    r4 1  .  | .  2
    > r2c2 = 1
       c1 c2 | c3 c4
    r1 2  4  | 1* 3
    r2 3  1* | 2  .
       ------+-------
    r3 .  2  | 3  1
    r4 1  .  | .  2
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Fill the grid so that every row, column and box (between the lines) has each digit from 1 "
        "to <size> once. Dots are empty cells. Example commands: r1c2 = 3 (row 1, column 2), clear "
        "r1c2. Your entries are marked *."
    )
    boxed_instruction = "Answer with the whole grid in \\boxed{}, rows separated by slashes."

    def _generate(self, stream: Stream, level: int) -> Problem:
        box_rows, box_columns, holes, hard = GRIDS[level - 1]
        shape = shape_of(box_rows, box_columns)
        solution = full_grid(stream, shape)
        given = dig(stream, shape, solution, holes)
        if hard:
            given = dig_deeper(stream, shape, given, solution, hard)
        content = f"{box_rows}x{box_columns} " + "".join(map(str, given))
        data = (given, solution, shape)
        return Problem(content, level, "", "", "Sudoku", data=data)

    def _rules(self, problem: Problem) -> str:
        shape: Shape = problem.data[2]
        return super()._rules(problem).replace("<size>", str(shape.size))

    @property
    def _shape(self) -> Shape:
        shape: Shape = self._episode.problem.data[2]
        return shape

    def _fault(self, state: Entries) -> str:
        for name, cells in self._shape.units:
            seen = 0
            for cell in cells:
                digit = 1 << state[cell]
                if seen & digit & -2:
                    return f"{name} has the digit {state[cell]} twice."
                seen |= digit
        return ""

    def _is_goal(self, state: Entries) -> bool:
        return state == self._solution  # there is no other, see the tests

    def _completion(self, state: Entries) -> Entries | None:
        pairs = zip(state, self._solution, strict=True)
        return self._solution if all(now in (0, right) for now, right in pairs) else None

    def _commands(self, state: Entries) -> list[str]:
        table = commands(self._shape.size)
        return [
            command
            for given, now, choices in zip(self._given, state, table, strict=True)
            if not given
            for command in choices[:now] + choices[now + 1 :]
        ]

    def _command(self, place: int, value: int) -> str:
        return commands(self._shape.size)[place][value]

    def _place_name(self, place: int) -> str:
        row, column = divmod(place, self._shape.size)
        return f"r{row + 1}c{column + 1}"

    def _read(self, command: str) -> tuple[int, int]:
        size = self._shape.size
        if found := _CLEAR.fullmatch(command):
            row, column = read_cell(found[1], found[2], size, size)
            return row * size + column, 0
        found = _ENTER.fullmatch(command)
        if found is None or found[3] == "0":
            raise Refused("A command has the form: r1c2 = 3 or clear r1c2.")
        row, column = read_cell(found[1], found[2], size, size)
        if int(found[3]) > size:
            raise Refused(f"The digits are 1 to {size}.", understood=True)
        return row * size + column, int(found[3])

    def _read_entries(self, answer: str) -> Entries:
        size = self._shape.size
        return read_rows(answer, size, size, ".123456789"[: size + 1])

    def _write_answer(self, start: Entries) -> str:
        size, digits = self._shape.size, "".join(map(str, self._solution))
        return " / ".join(digits[i : i + size] for i in range(0, size * size, size))

    def _describe(self, state: Entries) -> str:
        shape, given = self._shape, self._given
        size, wide = shape.size, shape.box_columns
        signs = [
            f"{value}{' ' if g else '*'}" if value else ". "
            for value, g in zip(state, given, strict=True)
        ]

        def line(cells: list[str]) -> str:
            return "| ".join(" ".join(cells[i : i + wide]) + " " for i in range(0, size, wide))

        lines = ["   " + line([f"c{column}" for column in range(1, size + 1)])]
        for row in range(size):
            if row and row % shape.box_rows == 0:
                lines.append("   " + "+-".join("-" * 3 * wide for _ in range(shape.box_rows)))
            lines.append(f"r{row + 1} " + line(signs[row * size : (row + 1) * size]))
        return "\n".join(text.rstrip() for text in lines)

    def _paint(self, state: Entries) -> Canvas:
        shape, size = self._shape, self._shape.size
        drawn = board(size, size)
        for cell, (value, given) in enumerate(zip(state, self._given, strict=True)):
            place = divmod(cell, size)
            if given:
                drawn.canvas.box(*drawn.cell(*place), LIGHT)
            if value:
                drawn.write(*place, str(value), INK if given else BLUE)
        left, top, right, bottom = drawn.left, drawn.top, *drawn.cell(size - 1, size - 1)[2:]
        for thick in (False, True):
            for line in range(size + 1):
                at = line * drawn.unit
                for step, ends in (
                    (shape.box_rows, ((left, top + at), (right, top + at))),
                    (shape.box_columns, ((left + at, top), (left + at, bottom))),
                ):
                    if thick == (line % step == 0):
                        drawn.canvas.line(*ends, 3 if thick else 1, INK if thick else GREY)
        return drawn.canvas

    @property
    def _largest(self) -> int:
        return max(rows * columns for rows, columns, *_ in GRIDS[self.level[0] - 1 : self.level[1]])

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """Every digit, and none, for every cell of the largest grid."""
        return tuple(command for cell in commands(self._largest) for command in cell)

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """Zeros and ones: row, column, digit; the last plane is what is given."""
        size = self._largest
        return gym.spaces.Box(0.0, 1.0, (size, size, size + 1), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """The digit of every cell, and whether it is given.

        Raises:
            ValueError: the grid is larger than those of the environment's levels.
        """
        size, largest = self._shape.size, self._largest
        if size > largest:
            raise ValueError(f"a grid of {size}x{size} does not fit levels {self.level}")
        numbers = np.zeros((largest, largest, largest + 1), np.float32)
        for cell, (value, given) in enumerate(zip(self._episode.state, self._given, strict=True)):
            row, column = divmod(cell, size)
            if value:
                numbers[row, column, value - 1] = 1
            if given:
                numbers[row, column, largest] = 1
        return numbers


@lru_cache(maxsize=8)
def commands(size: int) -> tuple[tuple[str, ...], ...]:
    """For each cell of a grid, the command of each value from 0."""
    names = [f"r{row}c{column}" for row in range(1, size + 1) for column in range(1, size + 1)]
    return tuple(
        (f"clear {name}", *(f"{name} = {digit}" for digit in range(1, size + 1))) for name in names
    )


class Shape(NamedTuple):
    """What is the same for all grids of a size; sets of cells are bit masks."""

    size: int
    box_rows: int
    box_columns: int
    units: tuple[tuple[str, tuple[int, ...]], ...]
    """The rows, columns and boxes, with their names."""
    masks: tuple[tuple[int, int, int], ...]
    """For each cell its row, its column and its box."""
    peers: tuple[int, ...]
    """For each cell, those of its row, column and box, and itself."""


@lru_cache(maxsize=8)
def shape_of(box_rows: int, box_columns: int) -> Shape:
    """The shape of the grids whose boxes have so many rows and columns."""
    size = box_rows * box_columns
    grid = [divmod(cell, size) for cell in range(size * size)]
    boxes = [r // box_rows * box_rows + c // box_columns for r, c in grid]
    groups = (
        ("Row", [r for r, _ in grid]),
        ("Column", [c for _, c in grid]),
        ("Box", boxes),
    )
    units = tuple(
        (f"{name} {number + 1}", tuple(i for i, n in enumerate(of) if n == number))
        for name, of in groups
        for number in range(size)
    )
    masks = [sum(1 << cell for cell in cells) for _, cells in units]
    of_cell = tuple(
        (masks[r], masks[size + c], masks[2 * size + b])
        for (r, c), b in zip(grid, boxes, strict=True)
    )
    peers = tuple(row | column | box for row, column, box in of_cell)
    return Shape(size, box_rows, box_columns, units, of_cell, peers)


def full_grid(stream: Stream, shape: Shape) -> Entries:
    """A random full grid."""
    size, high, wide = shape.size, shape.box_rows, shape.box_columns

    def lines(groups: int, of: int) -> list[int]:
        order = stream.sample(range(groups), groups)
        return [of * group + line for group in order for line in stream.sample(range(of), of)]

    columns = lines(high, wide)
    column_at = [0] * size
    for place, column in enumerate(columns):
        column_at[column] = place
    rows = lines(wide, high)
    # The columns of each digit, row by row; digits get their names by the shuffle.
    where = [
        [column_at[(digit - wide * (row % high) - row // high) % size] for row in rows]
        for digit in stream.sample(range(size), size)
    ]
    for _ in range(CHANGES * size):
        one = stream.randrange(size)
        other = (one + 1 + stream.randrange(size - 1)) % size
        exchange(where[one], where[other], stream.randrange(size), high, wide)
    grid = [0] * (size * size)
    for digit, places in enumerate(where, 1):
        for row, column in enumerate(places):
            grid[row * size + column] = digit
    return tuple(grid)


def exchange(one: list[int], other: list[int], row: int, high: int, wide: int) -> None:
    """Let two digits change places in a row, and in the rows where that makes it necessary.

    A Kempe chain: the cells of two digits, joined where they share a row, a column or a box.
    """
    rows, seen = [row], 1 << row
    for r in rows:
        a, b = one[r], other[r]
        linked = 1 << other.index(a) | 1 << one.index(b)
        box, back, first = a // wide, b // wide, r // high * high
        for near in range(first, first + high):
            if other[near] // wide == box or one[near] // wide == back:
                linked |= 1 << near
        linked &= ~seen
        seen |= linked
        while linked:
            low = linked & -linked
            rows.append(low.bit_length() - 1)
            linked ^= low
    for r in rows:
        one[r], other[r] = other[r], one[r]


def dig(stream: Stream, shape: Shape, grid: Entries, holes: int) -> Entries:
    """Open at most so many cells whose digit follows at once from what is left."""
    size = shape.size
    peers = shape.peers
    givens = list(grid)
    filled = (1 << size * size) - 1
    places = [0] * (size + 1)  # by digit, the given cells
    for cell, digit in enumerate(grid):
        places[digit] |= 1 << cell
    for cell in stream.sample(range(size * size), size * size):
        if not holes:
            break
        digit, bit = grid[cell], 1 << cell
        around = peers[cell] & filled & ~bit
        missing = 0
        for other in range(1, size + 1):
            if not places[other] & around:
                missing += 1
        if missing > 1:
            blocked = filled & ~bit
            rest = places[digit] & ~bit
            while rest:
                low = rest & -rest
                blocked |= peers[low.bit_length() - 1]
                rest ^= low
            if all(unit & ~blocked != bit for unit in shape.masks[cell]):
                continue
        filled ^= bit
        places[digit] ^= bit
        givens[cell] = 0
        holes -= 1
    return tuple(givens)


def dig_deeper(
    stream: Stream, shape: Shape, given: Entries, solution: Entries, holes: int
) -> Entries:
    """Open at most so many cells more, each of them such that the solution stays the only one."""
    cells = list(given)
    filled = [cell for cell, digit in enumerate(given) if digit]
    for cell in stream.sample(filled, min(len(filled), 3 * holes)):
        if not holes:
            break
        digit = cells[cell]
        cells[cell] = 0
        if another(shape, cells, cell, digit):
            cells[cell] = digit
        else:
            holes -= 1
    return tuple(cells)


def another(shape: Shape, cells: list[int], cell: int, digit: int) -> bool:
    """Whether there is a solution with another digit in an open cell."""
    size = shape.size
    free = [((1 << size) - 1) << 1] * 3 * size
    box_rows, box_columns = shape.box_rows, shape.box_columns

    def units(place: int) -> tuple[int, int, int]:
        r, c = divmod(place, size)
        return r, size + c, 2 * size + r // box_rows * box_rows + c // box_columns

    where = [units(place) for place in range(size * size)]
    for place, value in enumerate(cells):
        for unit in where[place] if value else ():
            free[unit] &= ~(1 << value)

    def search(places: list[int]) -> bool:
        if not places:
            return True
        best, choices, least = -1, 0, size + 1
        for place in places:
            a, b, c = where[place]
            possible = free[a] & free[b] & free[c]
            if place == cell:
                possible &= ~(1 << digit)
            if (count := possible.bit_count()) < least:
                best, choices, least = place, possible, count
                if count < 2:
                    break
        rest = [place for place in places if place != best]
        while choices:
            bit = choices & -choices
            choices ^= bit
            for unit in where[best]:
                free[unit] ^= bit
            found = search(rest)
            for unit in where[best]:
                free[unit] ^= bit
            if found:
                return True
        return False

    return search([place for place, value in enumerate(cells) if not value])
