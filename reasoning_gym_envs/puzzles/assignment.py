"""AssignmentPuzzle: puzzles whose open places get their values one at a time, or all in a box."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence

from reasoning_gym_envs.command_env import BOXED_FORM, CommandEnv
from reasoning_gym_envs.commands import Refused, without_latex
from reasoning_gym_envs.problems import Problem

Entries = tuple[int, ...]
"""The value of each place, 0 where it is open."""

_ROW_MARKS = ("\\\\", ";", "/", "\r")
_LABEL = re.compile(r"\s*r(?:ow ?)?\d{1,2}\s*[:=]?\s*", re.ASCII)
_HEADING = re.compile(r"[\sc0-9|]*c[\sc0-9|]*", re.ASCII)
CELL = r"\(?(?:r(?:ow)? ?([0-9]{1,3})(?: and)? ?c(?:ol(?:umn)?)? ?([0-9]{1,3}))\)?"
"""What names a cell: r1c2, row 1 column 2."""


class AssignmentPuzzle(CommandEnv[Entries]):
    """Places, some of them given, and values for the open ones.

    An entry may be made anywhere but on what is given, replaced and taken back: a wrong one breaks
    no rule of the episode, it only does not lead to the goal. The progress Φ is the share of the
    open places that have a value as long as all entries can be completed to a solution, and 0 from
    the first that cannot.
    ``problem.data`` is a tuple whose first two are the given entries and a solution.
    """

    @abstractmethod
    def _fault(self, state: Entries) -> str:
        """The rule that the entries break, as a sentence; "" for none."""

    @abstractmethod
    def _completion(self, state: Entries) -> Entries | None:
        """A solution with these entries, if there is one."""

    @abstractmethod
    def _command(self, place: int, value: int) -> str:
        """The command that gives a place a value, 0 to open it."""

    @abstractmethod
    def _read(self, command: str) -> tuple[int, int]:
        """The place and the value that a command means; raises Refused where it means none."""

    @abstractmethod
    def _read_entries(self, answer: str) -> Entries:
        """The entries of a whole answer; raises Refused where it cannot be read."""

    @abstractmethod
    def _place_name(self, place: int) -> str:
        """What the agent calls a place."""

    def _values(self) -> int:
        """How many values there are: 1 to this number."""
        return max(self._solution)

    def _is_goal(self, state: Entries) -> bool:
        return 0 not in state and not self._fault(state)

    @property
    def _given(self) -> Entries:
        given: Entries = self._episode.problem.data[0]
        return given

    @property
    def _solution(self) -> Entries:
        solution: Entries = self._episode.problem.data[1]
        return solution

    def _start(self, problem: Problem) -> Entries:
        given: Entries = problem.data[0]
        return given

    def _move_limit(self, problem: Problem) -> int:
        given: Entries = problem.data[0]
        return 20 + 3 * given.count(0)

    def _rules(self, problem: Problem) -> str:
        return (
            self.rules.partition(" Example commands:")[0] if self.form == BOXED_FORM else self.rules
        )

    def _commands(self, state: Entries) -> list[str]:
        values = self._values()
        return [
            self._command(place, value)
            for place, (given, now) in enumerate(zip(self._given, state, strict=True))
            if not given
            for value in range(values + 1)
            if value != now
        ]

    def _apply(self, state: Entries, command: str) -> Entries:
        if not command.isascii():
            raise Refused("Use ASCII characters only.")
        place, value = self._read(command)
        if self._given[place]:
            raise Refused(f"{self._place_name(place)} is given.", understood=True)
        if state[place] == value:
            raise Refused("That changes nothing.", understood=True)
        return (*state[:place], value, *state[place + 1 :])

    def _progress_of(self, state: Entries) -> float:
        entries = self._given.count(0) - self._open(state)
        if entries <= 0 or self._completion(state) is None:
            return 0.0
        return entries / (self._given.count(0) + 1)

    def _open(self, state: Entries) -> int:
        return state.count(0)

    def _solve_from(self, state: Entries) -> list[str]:
        goal = self._completion(state) or self._solution
        commands = []
        entries = list(state)
        for place, value in enumerate(goal):
            if entries[place] != value:
                commands.append(self._command(place, value))
                entries[place] = value
                if self._is_goal(tuple(entries)):  # of several solutions another may be nearer
                    break
        return commands

    def _read_answer(self, start: Entries, answer: str) -> tuple[Entries, Refused | None]:
        try:
            entries = self._read_entries(without_latex(answer))
        except Refused as refused:
            return start, refused
        for place, (given, value) in enumerate(zip(start, entries, strict=True)):
            if given and given != value:
                said = f"{self._place_name(place)} is given, and the answer changes it."
                return start, Refused(said, understood=True)
        fault = self._fault(entries)
        return entries, Refused(fault, understood=True) if fault else None


def read_rows(answer: str, rows: int, columns: int, symbols: str) -> Entries:
    """The cells of a grid that is written row by row; Refused where it cannot be read.

    Rows stand on lines or are separated by semicolons, slashes, backslashes or commas. Spaces and
    bars between cells, lines of dashes and the names of rows and columns do not matter.

    Args:
        answer: what was written.
        rows, columns: the size of the grid.
        symbols: the sign of each value, from that of 0; several signs may mean a value: see
            ``SAME``.

    >>> read_rows("1 2 / .1", 2, 2, ".12")
    (1, 2, 0, 1)
    """
    answer = answer.lower()
    for mark in _ROW_MARKS:
        answer = answer.replace(mark, "\n")
    lines = []
    for line in answer.replace("\\", "\n").split("\n"):
        label = _LABEL.match(line)
        if _HEADING.fullmatch(line) and "c" in line:
            continue
        line = line[label.end() :] if label else line
        for mark in " \t|,&*[]()\"'`":
            line = line.replace(mark, "")
        if line.strip("-+="):
            lines.append(line)
    if len(lines) == 1 and len(lines[0]) == rows * columns:
        lines = [lines[0][i : i + columns] for i in range(0, rows * columns, columns)]
    if len(lines) != rows:
        raise Refused(f"The answer has {_counted(len(lines), 'row')} instead of {rows}.")
    for number, line in enumerate(lines, 1):
        if len(line) != columns:
            raise Refused(f"Row {number} has {_counted(len(line), 'cell')} instead of {columns}.")
    values = {other: symbols.find(sign) for other, sign in SAME.items()}
    values.update((sign, value) for value, sign in enumerate(symbols))
    cells = tuple([values.get(sign, -1) for line in lines for sign in line])
    if -1 in cells:
        raise Refused(f"Row {cells.index(-1) // columns + 1} has an unknown symbol.")
    return cells


SAME = {"_": ".", "?": ".", "0": ".", "□": ".", "1": "#", "x": "#", "■": "#", "█": "#"}
"""Other signs, where they are not signs themselves."""


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def read_cell(row: str, column: str, rows: int, columns: int) -> tuple[int, int]:
    """The cell with these numbers, counted from 0; Refused where there is none."""
    r, c = int(row), int(column)
    if not (1 <= r <= rows and 1 <= c <= columns):
        raise Refused(
            f"There is no r{r}c{c} on a board of {rows} rows and {columns} columns.",
            understood=True,
        )
    return r - 1, c - 1


def drawing(signs: Sequence[str], columns: int) -> str:
    """A grid with the numbers of its rows and columns."""
    lines = ["   " + " ".join(f"{f'c{column}':>3}" for column in range(1, columns + 1))]
    for row in range(len(signs) // columns):
        cells = signs[row * columns : (row + 1) * columns]
        lines.append(f"{f'r{row + 1}':<3}" + " ".join(f"{sign:>3}" for sign in cells))
    return "\n".join(lines)
