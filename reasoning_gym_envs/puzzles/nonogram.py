r"""Nonogram: fill the cells of a grid by the numbers of its rows and columns."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.pictures.board import board
from reasoning_gym_envs.pictures.canvas import INK, LIGHT, WHITE, Canvas
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.assignment import (
    CELL,
    AssignmentPuzzle,
    Entries,
    drawing,
    read_cell,
    read_rows,
)

# By level: rows, columns.
GRIDS = ((4, 4), (4, 5), (5, 5), (5, 6), (6, 6), (7, 7), (8, 8), (8, 9), (9, 9), (10, 10))
DENSITY = (0.5, 0.68)  # between these, for each problem: the chance of a cell to be filled

_FILL = re.compile(rf"(?:fill|paint|mark)(?: cell)? {CELL}|{CELL} ?(?:=|is)? ?(?:#|1|filled|full)")
_CLEAR = re.compile(
    rf"(?:clear|erase|empty|unfill)(?: cell)? {CELL}|{CELL} ?(?:=|is)? ?(?:\.|0|empty)"
)

_CLUES = 120  # pixels of a drawing beside its cells

Clue = tuple[int, ...]
"""The lengths of the runs of filled cells in a line, in order; (0,) for none."""


class Nonogram(AssignmentPuzzle):
    r"""Fill cells so that every row and column has the runs given by its numbers.

    ## Description
    The numbers of a row or column are the lengths of its runs of filled cells, in order, with at
    least one empty cell between two runs. Grids are random, and kept when they can be solved line
    by line: again and again, the cells that all ways to place the runs of one line have in common
    are known. So there is exactly one solution, and no trial and error is needed.

    ## Observation
    The numbers of the rows and of the columns, and the grid, ``#`` for a filled cell and ``.`` for
    one that is not (or not yet). The rules stand above the first observation; what is wrong with a
    command, above the next.

    ``numeric_observation()``: a plane of filled cells and one of the cells of the grid; below them,
    in rows of numbers, the clues of the rows and those of the columns, divided by 10.

    ## Action
    * `Nonogram-v0`: one cell, ``fill r1c2`` (row 1, column 2); ``clear r1c2`` takes it back.
    * `NonogramBoxed-v0`: the whole grid in one answer, ``#`` and ``.`` or ``1`` and ``0``, rows on
      lines or separated by ``/``, ``;`` or a backslash: ``\boxed{##.# / .#.. / .### / #...}``.

    ## Rewards
    * **sparse**: 1 when all numbers are right, else 0.
    * **dense**: sparse plus the change of Φ: filled cells / (cells to fill + 1) as long as all of
      them are right, and 0 when one is wrong.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    A boxed grid leaves nothing open: if it is wrong, its Φ is 0.
    One wrong cell takes all of Φ, so that filling all, at random or row by row has none. Dense and
    shaped rewards tell a right cell from a wrong one, at the price of a turn each.

    ``format_cost`` is charged for what is not a command, ``illegal_cost`` for a cell that does not
    exist or would not change, and for a boxed grid that contradicts a number.

    ## Episode end
    Terminated when solved. Truncated after ``max_turns``; by default a `Boxed` episode is one
    answer and the other has 20 turns and two for each cell.

    ## Information
    ``admissible_commands`` for moves: to fill or to clear every cell, whichever changes it.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | grid | 4×4 | 4×5 | 5×5 | 5×6 | 6×6 | 7×7 | 8×8 | 8×9 | 9×9 | 10×10 |

    A shortest solution fills each cell once, a little more than half of the grid; the reference is
    one.

    ## Example
    ```text
    Fill cells so that each row and column has exactly the runs of filled cells (#) given by its
    numbers, in order, with at least one empty cell (.) between runs. Example commands: fill r1c2
    (row 1, column 2), clear r1c2.

    Rows: r1 4; r2 1 1; r3 4; r4 2 1
    Columns: c1 4; c2 1 2; c3 1 1; c4 4
        c1  c2  c3  c4
    r1   .   .   .   .
    r2   .   .   .   .
    r3   .   .   .   .
    r4   .   .   .   .
    > fill r1c1
    Rows: r1 4; r2 1 1; r3 4; r4 2 1
    Columns: c1 4; c2 1 2; c3 1 1; c4 4
        c1  c2  c3  c4
    r1   #   .   .   .
    r2   .   .   .   .
    r3   .   .   .   .
    r4   .   .   .   .
    > fill r1c2
    Rows: r1 4; r2 1 1; r3 4; r4 2 1
    Columns: c1 4; c2 1 2; c3 1 1; c4 4
        c1  c2  c3  c4
    r1   #   #   .   .
    r2   .   .   .   .
    r3   .   .   .   .
    r4   .   .   .   .
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Fill cells so that each row and column has exactly the runs of filled cells (#) given by "
        "its numbers, in order, with at least one empty cell (.) between runs. Example commands: "
        "fill r1c2 (row 1, column 2), clear r1c2."
    )
    boxed_instruction = (
        "Answer with the whole grid in \\boxed{}, # for filled and . for empty cells, rows "
        "separated by slashes."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        rows, columns = GRIDS[level - 1]
        low, high = DENSITY
        while True:
            density = low + (high - low) * stream.random()
            cells = tuple(int(stream.random() < density) for _ in range(rows * columns))
            clues = clues_of(cells, columns)
            if any(cells) and solve_by_lines(*clues) == cells:
                break
        content = f"{clues}"
        data = ((0,) * len(cells), cells, *clues)
        return Problem(content, level, "", "", "Nonogram", data=data)

    def _move_limit(self, problem: Problem) -> int:
        return 20 + 2 * len(problem.data[0])

    @property
    def _clues(self) -> tuple[tuple[Clue, ...], tuple[Clue, ...]]:
        _, _, rows, columns = self._episode.problem.data
        return rows, columns

    def _values(self) -> int:
        return 1

    def _is_goal(self, state: Entries) -> bool:
        return state == self._solution  # there is no other, see the tests

    def _fault(self, state: Entries) -> str:
        rows, columns = self._clues
        for number, (wanted, clue) in enumerate(
            zip((*rows, *columns), sum(clues_of(state, len(columns)), ()), strict=True)
        ):
            if wanted != clue:
                line, count = (
                    ("Row", number) if number < len(rows) else ("Column", number - len(rows))
                )
                return f"{line} {count + 1} has {_numbers(clue)} instead of {_numbers(wanted)}."
        return ""

    def _completion(self, state: Entries) -> Entries | None:
        pairs = zip(state, self._solution, strict=True)
        return self._solution if all(now <= right for now, right in pairs) else None

    def _progress_of(self, state: Entries) -> float:
        if self._completion(state) is None:
            return 0.0
        return sum(state) / (sum(self._solution) + 1)

    def _command(self, place: int, value: int) -> str:
        return f"{'fill' if value else 'clear'} {self._place_name(place)}"

    def _place_name(self, place: int) -> str:
        row, column = divmod(place, len(self._clues[1]))
        return f"r{row + 1}c{column + 1}"

    def _read(self, command: str) -> tuple[int, int]:
        rows, columns = map(len, self._clues)
        value, found = 1, _FILL.fullmatch(command)
        if found is None:
            value, found = 0, _CLEAR.fullmatch(command)
        if found is None:
            raise Refused("A command has the form: fill r1c2 or clear r1c2.")
        row, column = read_cell(found[1] or found[3], found[2] or found[4], rows, columns)
        return row * columns + column, value

    def _read_entries(self, answer: str) -> Entries:
        rows, columns = map(len, self._clues)
        return read_rows(answer.replace("\\#", "#"), rows, columns, ".#")

    def _read_answer(self, start: Entries, answer: str) -> tuple[Entries, Refused | None]:
        entries, fault = super()._read_answer(start, answer)
        return (start if fault else entries), fault  # no cell is left open in a whole grid

    def _write_answer(self, start: Entries) -> str:
        signs, columns = "".join(".#"[cell] for cell in self._solution), len(self._clues[1])
        return " / ".join(signs[i : i + columns] for i in range(0, len(signs), columns))

    def _describe(self, state: Entries) -> str:
        rows, columns = self._clues
        return "\n".join(
            [
                "Rows: " + "; ".join(f"r{n} {_numbers(clue)}" for n, clue in enumerate(rows, 1)),
                "Columns: "
                + "; ".join(f"c{n} {_numbers(clue)}" for n, clue in enumerate(columns, 1)),
                drawing([".#"[cell] for cell in state], len(columns)),
            ]
        )

    def _paint(self, state: Entries) -> Canvas:
        rows, columns = self._clues
        drawn = board(len(rows), len(columns), edge=_CLUES, background=LIGHT)
        size = min(20.0, drawn.unit * 0.5)
        for cell, value in enumerate(state):
            drawn.fill(*divmod(cell, len(columns)), INK if value else WHITE)
        for row, clue in enumerate(rows):
            y = drawn.middle(row, 0)[1]
            drawn.canvas.text(drawn.left - 8, y, _numbers(clue), size, align=1)
        for column, clue in enumerate(columns):
            x = drawn.middle(0, column)[0]
            for place, number in enumerate(reversed(clue)):
                drawn.canvas.text(x, drawn.top - 12 - place * size, str(number), size)
        return drawn.canvas

    @property
    def _largest(self) -> tuple[int, int]:
        """The greatest number of rows, and of columns, of the environment's levels."""
        grids = GRIDS[self.level[0] - 1 : self.level[1]]
        return max(rows for rows, _ in grids), max(columns for _, columns in grids)

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """To fill and to clear every cell of the largest grid."""
        rows, columns = self._largest
        return tuple(
            f"{verb} r{r + 1}c{c + 1}"
            for r in range(rows)
            for c in range(columns)
            for verb in ("fill", "clear")
        )

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """Filled cells, cells of the grid, and the clues of the rows and of the columns."""
        size = max(self._largest)
        return gym.spaces.Box(0.0, 1.0, (4, size, size), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """The grid and its clues, a tenth of each number.

        Raises:
            ValueError: the grid is larger than those of the environment's levels.
        """
        clues, largest = self._clues, self._largest
        rows, columns = map(len, clues)
        if rows > largest[0] or columns > largest[1]:
            raise ValueError(f"a grid of {rows}x{columns} does not fit levels {self.level}")
        planes = np.zeros((4, max(largest), max(largest)), np.float32)
        planes[0, :rows, :columns] = np.reshape(self._episode.state, (rows, columns))
        planes[1, :rows, :columns] = 1
        for plane, lines in zip(planes[2:], clues, strict=True):
            for number, clue in enumerate(lines):
                plane[number, : len(clue)] = np.array(clue) / 10
        return planes


def _numbers(clue: Clue) -> str:
    return " ".join(map(str, clue))


def clues_of(cells: Entries, columns: int) -> tuple[tuple[Clue, ...], tuple[Clue, ...]]:
    """The clues of the rows, and of the columns, of a full grid."""
    rows = [cells[i : i + columns] for i in range(0, len(cells), columns)]
    return (
        tuple(clue_of(sum(bit << i for i, bit in enumerate(row))) for row in rows),
        tuple(
            clue_of(sum(bit << i for i, bit in enumerate(cells[c::columns])))
            for c in range(columns)
        ),
    )


@lru_cache(maxsize=4096)
def clue_of(line: int) -> Clue:
    """The lengths of the runs of a line, a bit for each cell."""
    runs = tuple(map(len, f"{line:b}"[::-1].replace("0", " ").split()))
    return runs or (0,)


@lru_cache(maxsize=8192)
def placements(clue: Clue, length: int) -> tuple[int, ...]:
    """All lines of a length that have the clue."""
    if not clue or clue == (0,):
        return (0,)
    run, *rest = clue
    found = []
    for at in range(length - sum(clue) - len(rest) + 1):
        used = at + run + 1
        for more in placements(tuple(rest), length - used):
            found.append(((1 << run) - 1) << at | more << used)
    return tuple(found)


def solve_by_lines(rows: tuple[Clue, ...], columns: tuple[Clue, ...]) -> Entries | None:
    """The solution where line by line is enough, else None."""
    lines = [
        [list(placements(clue, len(columns))) for clue in rows],
        [list(placements(clue, len(rows))) for clue in columns],
    ]
    full = [(1 << len(columns)) - 1, (1 << len(rows)) - 1]
    filled, empty = ([[0] * len(rows), [0] * len(columns)] for _ in range(2))
    waiting = [(0, i) for i in range(len(rows))] + [(1, i) for i in range(len(columns))]
    while waiting:
        way, i = waiting.pop()
        yes, no = filled[way][i], empty[way][i]
        all_of, any_of = full[way], 0
        possible = [p for p in lines[way][i] if p & yes == yes and not p & no]
        for line in possible:
            all_of &= line
            any_of |= line
        lines[way][i] = possible
        for table, new in ((filled, all_of & ~yes), (empty, full[way] & ~any_of & ~no)):
            table[way][i] |= new
            while new:
                at = (new & -new).bit_length() - 1
                new &= new - 1
                table[1 - way][at] |= 1 << i
                if (1 - way, at) not in waiting:
                    waiting.append((1 - way, at))
    if any(y | n != full[0] for y, n in zip(filled[0], empty[0], strict=True)):
        return None
    return tuple(row >> c & 1 for row in filled[0] for c in range(len(columns)))
