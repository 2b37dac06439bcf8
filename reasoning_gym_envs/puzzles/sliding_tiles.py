r"""SlidingTiles: slide numbered tiles into the gap until they are in order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations, permutations
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.pictures.board import board
from reasoning_gym_envs.pictures.canvas import GREEN, INK, LIGHT, PAPER, Canvas
from reasoning_gym_envs.problems import Problem, Stream

# By level: the shapes, and the least and greatest distance from the goal; on boards of more than
# nine cells, of its lower bound.
BOARDS: tuple[tuple[tuple[tuple[int, int], ...], int, int], ...] = (
    (((2, 3), (3, 2)), 2, 12),
    (((2, 3), (3, 2)), 13, 21),
    (((3, 3),), 6, 12),
    (((3, 3),), 13, 18),
    (((3, 3),), 19, 23),
    (((3, 3),), 24, 31),
    (((3, 4), (4, 3)), 12, 20),
    (((3, 4), (4, 3)), 21, 50),
    (((4, 4),), 20, 29),
    (((4, 4),), 30, 70),
)
EXACT_CELLS = 9
"""Boards of at most so many cells have a table of all distances."""

# A direction is the one in which the tile moves: rows and columns from the tile to the gap.
DIRECTIONS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}

_DIRECTION = re.compile(r"(?:(?:move|slide|push) )?(?:tile )?(up|down|left|right|[udlr])")
_TILE = re.compile(r"(?:(?:move|slide|push) )?(?:the )?(?:tile )?([0-9]{1,3})")
_BY_LETTER = {name[0]: name for name in DIRECTIONS}

Tiles = tuple[int, ...]
"""The number in each cell, row by row; 0 is the gap."""


class Shape(NamedTuple):
    """The rows and columns of a board, and whether its goal has the gap in the first cell."""

    rows: int
    columns: int
    gap_first: bool = False

    @property
    def goal(self) -> Tiles:
        """The tiles in order, row by row."""
        tiles = tuple(range(1, self.rows * self.columns))
        return (0, *tiles) if self.gap_first else (*tiles, 0)


class SlidingTiles(CommandEnv[Tiles]):
    r"""Slide tiles into the gap until the board matches the goal.

    ## Description
    Numbered tiles lie on a board with one gap. A tile next to the gap can slide into it. The goal
    has the tiles in order, row by row, with the gap in the last cell or in the first. Every board
    can be solved. The classic 8-puzzle and 15-puzzle are levels 3 to 6, and 9 and 10.

    ## Observation
    The board, a row a line, ``_`` for the gap, and the goal, its rows separated by slashes. The
    rules stand above the first observation; what is wrong with a command, above the next.

    ``numeric_observation()``: zeros and ones. For every cell of the largest board of the
    environment's levels, a one for what lies there (the gap, tile 1, tile 2 and so on; nothing
    where the board has no such cell), then the same for the goal.

    ## Action
    * `SlidingTiles-v0`: one slide, named by the direction in which a tile moves: ``up``, ``down``,
      ``left``, ``right`` (``up`` moves the tile below the gap). The tile may be named instead:
      ``move 5``.
    * `SlidingTilesBoxed-v0`: all slides in one answer, ``\boxed{up, left, down}``.

    ## Rewards
    * **sparse**: 1 when the goal is reached, else 0.
    * **dense**: sparse plus the change of Φ = γ^d (γ is the reward's ``gamma``). On boards of up to
      nine cells, d is the least number of slides to the goal; on larger ones a lower bound of it,
      the Manhattan distance with linear conflicts. For a whole answer, of the board that it leads
      to.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    Φ depends on the board alone, so that sliding to and fro earns nothing; a board that is nearly
    in order and hard to finish has a small Φ where d is exact.

    ``format_cost`` is charged for what is not a command, ``illegal_cost`` for a tile or direction
    that cannot move.

    ## Episode end
    Terminated at the goal. Truncated after ``max_turns``; by default a `Boxed` episode is one
    answer and the other has 100 turns on boards of six cells, 150 on nine, 250 on twelve and 350 on
    sixteen.

    ## Information
    ``admissible_commands`` for moves: the directions in which a tile can slide.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | board | 2×3 | 2×3 | 3×3 | 3×3 | 3×3 | 3×3 | 3×4 | 3×4 | 4×4 | 4×4 |
    | slides | 2–12 | 13–21 | 6–12 | 13–18 | 19–23 | 24–31 | 12+ | 21+ | 20+ | 30+ |

    Boards of 2×3 and 3×4 may stand upright. The last line counts the slides of a shortest solution.
    To level 6 the reference is a shortest one. Beyond, the numbers are lower bounds of the shortest
    solution, and the reference, made line by line, is longer than a shortest one: from random
    boards of 3×4 it has 40 slides on average (a shortest one 36), of 4×4 70 (53).

    ## Example
    ```text
    Slide tiles into the gap (_) until the board matches the goal. Commands: up, down, left, right
    (the direction in which a tile moves: up moves the tile below the gap), or name the tile: move
    5.

    _ 2 3
    1 4 5
    Goal: 1 2 3 / 4 5 _
    > up
    1 2 3
    _ 4 5
    Goal: 1 2 3 / 4 5 _
    > left
    1 2 3
    4 _ 5
    Goal: 1 2 3 / 4 5 _
    > left
    1 2 3
    4 5 _
    Goal: 1 2 3 / 4 5 _
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Slide tiles into the gap (_) until the board matches the goal. Commands: up, down, left, "
        "right (the direction in which a tile moves: up moves the tile below the gap), or name the "
        "tile: move 5."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        shapes, low, high = BOARDS[level - 1]
        rows, columns = stream.choice(shapes)
        shape = Shape(rows, columns, stream.random() < 0.5)
        if shape.rows * shape.columns <= EXACT_CELLS:
            start = distances_of(shape).draw(stream, low, high)
        else:
            start = _scramble(stream, shape, low, high)
        content = f"{shape.rows}x{shape.columns} {start} {shape.goal}"
        return Problem(content, level, "", "", "SlidingTiles", data=(shape, start))

    def _move_limit(self, problem: Problem) -> int:
        shape = problem.data[0]
        return _TURNS[shape.rows * shape.columns]

    @property
    def _shape(self) -> Shape:
        shape: Shape = self._episode.problem.data[0]
        return shape

    def _start(self, problem: Problem) -> Tiles:
        start: Tiles = problem.data[1]
        return start

    def _commands(self, state: Tiles) -> list[str]:
        return list(_slides(self._shape.rows, self._shape.columns)[state.index(0)])

    def _apply(self, state: Tiles, command: str) -> Tiles:
        gap = state.index(0)
        slides = _slides(self._shape.rows, self._shape.columns)[gap]
        if command in slides:
            return _swapped(state, gap, slides[command])
        if (found := _DIRECTION.fullmatch(command)) is not None:
            direction = _BY_LETTER[found[1][0]]
            if direction not in slides:
                raise Refused(f"No tile can move {direction} into the gap.", understood=True)
            return _swapped(state, gap, slides[direction])
        if (found := _TILE.fullmatch(command)) is None:
            raise Refused("A command is up, down, left or right, or names a tile: move 5.")
        tile = int(found[1])
        if not 1 <= tile < len(state):
            raise Refused(f"There is no tile {tile}.", understood=True)
        if (cell := state.index(tile)) not in slides.values():
            raise Refused(f"Tile {tile} is not next to the gap.", understood=True)
        return _swapped(state, gap, cell)

    def _is_goal(self, state: Tiles) -> bool:
        return state == self._shape.goal

    def _describe(self, state: Tiles) -> str:
        columns = self._shape.columns
        goal = " / ".join(" ".join(row) for row in _rows(self._shape.goal, columns))
        width = len(str(len(state) - 1))
        lines = (" ".join(text.rjust(width) for text in row) for row in _rows(state, columns))
        return "\n".join(lines) + f"\nGoal: {goal}"

    def _paint(self, state: Tiles) -> Canvas:
        shape = self._shape
        drawn = board(shape.rows, shape.columns, names=False, background=LIGHT)
        for cell, (tile, wanted) in enumerate(zip(state, shape.goal, strict=True)):
            if tile:
                place = divmod(cell, shape.columns)
                drawn.fill(*place, GREEN if tile == wanted else INK)
                drawn.write(*place, str(tile), PAPER)
        goal = " / ".join(" ".join(row) for row in _rows(shape.goal, shape.columns))
        drawn.foot(f"Goal: {goal}")
        return drawn.canvas

    def _progress_of(self, state: Tiles) -> float:
        return self.reward_scheme.progress_gamma ** distance(self._shape, state)

    def _solve_from(self, state: Tiles) -> list[str]:
        return solve(self._shape, state)

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """The four directions."""
        return tuple(DIRECTIONS)

    @property
    def _largest(self) -> tuple[int, int, int]:
        """The most rows, columns and cells of the environment's levels."""
        low, high = self.level
        shapes = [shape for shapes, *_ in BOARDS[low - 1 : high] for shape in shapes]
        return (
            max(rows for rows, _ in shapes),
            max(columns for _, columns in shapes),
            max(rows * columns for rows, columns in shapes),
        )

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """Zeros and ones: board and goal, rows, columns, what lies there."""
        return gym.spaces.Box(0.0, 1.0, (2, *self._largest), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """The tile of every cell, now and in the goal.

        Raises:
            ValueError: the board is larger than those of the environment's levels.
        """
        shape, largest = self._shape, self._largest
        cells = len(shape.goal)
        if shape.rows > largest[0] or shape.columns > largest[1] or cells > largest[2]:
            raise ValueError(f"a board of {shape.rows}x{shape.columns} does not fit {self.level}")
        numbers = np.zeros((2, *largest), np.float32)
        for view, tiles in zip(numbers, (self._episode.state, shape.goal), strict=True):
            for cell, tile in enumerate(tiles):
                view[divmod(cell, shape.columns)][tile] = 1
        return numbers


_TURNS = {6: 100, 9: 150, 12: 250, 16: 350}


@lru_cache(maxsize=64)
def _slides(rows: int, columns: int) -> tuple[Mapping[str, int], ...]:
    """For every cell of the gap: each possible direction, and the cell whose tile moves."""
    return tuple(
        {
            name: cell - down * columns - right
            for name, (down, right) in DIRECTIONS.items()
            if 0 <= cell // columns - down < rows and 0 <= cell % columns - right < columns
        }
        for cell in range(rows * columns)
    )


def _swapped(state: Tiles, gap: int, cell: int) -> Tiles:
    tiles = list(state)
    tiles[gap], tiles[cell] = tiles[cell], 0
    return tuple(tiles)


def _rows(state: Tiles, columns: int) -> list[list[str]]:
    texts = [str(tile or "_") for tile in state]
    return [texts[start : start + columns] for start in range(0, len(texts), columns)]


def _scramble(stream: Stream, shape: Shape, low: int, high: int) -> Tiles:
    """A random solvable board whose lower bound is in the range."""
    while True:
        tiles = list(shape.goal)
        if low < 21:  # random boards are seldom so near to the goal: walk away from it
            before, gap = -1, tiles.index(0)
            for _ in range(stream.randint(2 * low, 5 * low)):
                cells = _slides(shape.rows, shape.columns)[gap].values()
                cell = stream.choice([cell for cell in cells if cell != before])
                tiles[gap], tiles[cell] = tiles[cell], 0
                before, gap = gap, cell
        else:
            stream.shuffle(tiles)
            if not is_solvable(shape, tuple(tiles)):
                first, second = [cell for cell, tile in enumerate(tiles) if tile][:2]
                tiles[first], tiles[second] = tiles[second], tiles[first]
        if low <= lower_bound(shape, tuple(tiles)) <= high:
            return tuple(tiles)


def is_solvable(shape: Shape, state: Tiles) -> bool:
    """Whether the goal can be reached: a slide is a swap, and moves the gap by one cell."""
    goal = shape.goal
    swaps = sum(goal.index(a) > goal.index(b) for a, b in combinations(state, 2))
    gap, goal_gap = state.index(0), goal.index(0)
    steps = abs(gap // shape.columns - goal_gap // shape.columns)
    steps += abs(gap % shape.columns - goal_gap % shape.columns)
    return (swaps + steps) % 2 == 0


# Distances: exact from a table on small boards; on larger ones the Manhattan distance with linear
# conflicts (Hansson, Mayer and Yung, "Criticizing solutions to relaxed models yields powerful
# admissible heuristics", Information Sciences 63(3), 1992).


def distance(shape: Shape, state: Tiles) -> int:
    """The least number of slides to the goal; on boards of more than nine cells a lower bound."""
    if len(state) > EXACT_CELLS:
        return lower_bound(shape, state)
    return distances_of(shape).of[_pack(state)]


def lower_bound(shape: Shape, state: Tiles) -> int:
    """The Manhattan distance of all tiles, and two for every tile that must leave its line."""
    columns, gap_first = shape.columns, shape.gap_first
    total = 0
    in_rows: list[list[int]] = [[] for _ in range(shape.rows)]
    in_columns: list[list[int]] = [[] for _ in range(columns)]
    for cell, tile in enumerate(state):
        if tile:
            target = tile if gap_first else tile - 1
            row, column = divmod(cell, columns)
            target_row, target_column = divmod(target, columns)
            total += abs(row - target_row) + abs(column - target_column)
            if row == target_row:
                in_rows[row].append(target_column)
            if column == target_column:
                in_columns[column].append(target_row)
    for line in (*in_rows, *in_columns):
        if len(line) > 1:
            total += 2 * (len(line) - _longest_rising(line))
    return total


def _longest_rising(line: list[int]) -> int:
    """The most tiles of a line, each with its place in it, that are in order."""
    lengths: list[int] = []
    for n, place in enumerate(line):
        before = (lengths[k] for k in range(n) if line[k] < place)
        lengths.append(1 + max(before, default=0))
    return max(lengths)


class Distances(NamedTuple):
    """All boards of a shape, packed, by their distance from the goal."""

    of: Mapping[int, int]
    boards: NDArray[np.int64]
    """The nearest first."""
    starts: tuple[int, ...]
    """Where in ``boards`` each distance begins, and the end."""

    def draw(self, stream: Stream, low: int, high: int) -> Tiles:
        """A random board at one of the distances, all equally probable."""
        first, end = self.starts[low], self.starts[min(high + 1, len(self.starts) - 1)]
        packed = int(self.boards[stream.randrange(first, end)])
        cells = 6 if len(self.boards) <= 360 else 9
        return tuple(packed >> 4 * cell & 15 for cell in range(cells))


def _pack(state: Tiles) -> int:
    packed = 0
    for tile in reversed(state):
        packed = packed << 4 | tile
    return packed


@lru_cache(maxsize=8)
def distances_of(shape: Shape) -> Distances:
    """Breadth-first from the goal, a whole distance at a time; 3×3 takes a tenth of a second."""
    slides = _slides(shape.rows, shape.columns)
    layers = [np.array([_pack(shape.goal)], np.int64)]
    gaps = np.array([shape.goal.index(0)])
    before = np.empty(0, np.int64)
    while len(layers[-1]):
        found, found_gaps = [], []
        for gap in range(shape.rows * shape.columns):
            boards = layers[-1][gaps == gap]
            for cell in slides[gap].values():
                tiles = boards >> 4 * cell & 15
                found.append(boards + (tiles << 4 * gap) - (tiles << 4 * cell))
                found_gaps.append(np.full(len(boards), cell))
        boards, first = np.unique(np.concatenate(found), return_index=True)
        # Neighbours of a layer are in the one before it or in the next.
        new = np.isin(boards, before, assume_unique=True, invert=True)
        before = layers[-1]
        layers.append(boards[new])
        gaps = np.concatenate(found_gaps)[first[new]]
    boards = np.concatenate(layers)
    lengths = [len(layer) for layer in layers]
    depths = np.repeat(np.arange(len(layers)), lengths)
    starts = tuple(int(start) for start in np.cumsum([0, *lengths[:-1]]))
    return Distances(dict(zip(boards.tolist(), depths.tolist(), strict=True)), boards, starts)


# Solutions: downhill in the table on small boards. On larger ones a row and a column at a time, two
# or three tiles together in the fewest slides (from tables of where these tiles and the gap are),
# until a board of 3×3 is left, which has its own table. There are many ways to do so that are as
# short for each group of tiles: rows first or columns first, and whichever direction is preferred.
# The shortest of some of them is taken.

_OPPOSITE = {"up": "down", "down": "up", "left": "right", "right": "left"}
_PREFERENCES = tuple(permutations(DIRECTIONS))[::6]


def solve(shape: Shape, state: Tiles) -> list[str]:
    """Slides that lead to the goal; the fewest on boards of at most nine cells."""
    if shape.gap_first:  # turn the board by half a turn and count the tiles from the other end
        state = tuple((len(state) - tile) % len(state) for tile in reversed(state))
        return [_OPPOSITE[name] for name in solve(Shape(shape.rows, shape.columns), state)]
    if len(state) <= EXACT_CELLS:
        return _downhill(shape, state)
    return min(
        (
            _by_lines(shape, state, rows_first, preference)
            for rows_first in (True, False)
            for preference in _PREFERENCES
        ),
        key=len,
    )


def _downhill(shape: Shape, state: Tiles) -> list[str]:
    """A shortest way to the goal."""
    distances = distances_of(shape).of
    slides = _slides(shape.rows, shape.columns)
    way: list[str] = []
    gap = state.index(0)
    for left in range(distances[_pack(state)], 0, -1):
        for name, cell in slides[gap].items():
            after = _swapped(state, gap, cell)
            if distances[_pack(after)] < left:
                state, gap = after, cell
                way.append(name)
                break
    return way


def _by_lines(
    shape: Shape, state: Tiles, rows_first: bool, preference: tuple[str, ...]
) -> list[str]:
    """A way to the goal, line by line."""
    tiles = list(state)
    way: list[str] = []
    groups, inner = _plan(shape.rows, shape.columns, rows_first)
    for free, group in groups:
        way += _place(tiles, shape, free, group, preference)
    targets = {cell + 1: number for number, cell in enumerate(inner[:-1], 1)}
    return way + _downhill(Shape(3, 3), tuple(targets.get(tiles[cell], 0) for cell in inner))


Cells = tuple[int, ...]


@lru_cache(maxsize=16)
def _plan(rows: int, columns: int, rows_first: bool) -> tuple[list[tuple[Cells, Cells]], Cells]:
    """Groups of cells to be filled in this order, each with the cells that are free till then.

    And the last nine cells.
    """
    groups = []
    top, left = 0, 0
    free = list(range(rows * columns))
    while rows - top > 3 or columns - left > 3:
        by_row = rows - top > 3 and (rows_first or columns - left <= 3)
        if by_row:
            line = [top * columns + column for column in range(left, columns)]
        else:
            line = [row * columns + left for row in range(top, rows)]
        for group in (line,) if len(line) <= 3 else (line[:2], line[2:]):
            groups.append((tuple(free), tuple(group)))
            free = [cell for cell in free if cell not in group]
        top, left = top + by_row, left + (not by_row)
    return groups, tuple(free)


def _place(
    tiles: list[int], shape: Shape, free: Cells, group: Cells, preference: tuple[str, ...]
) -> list[str]:
    """Bring the tiles of a group of cells into place, without moving what is not free."""
    table = _placing(shape.rows, shape.columns, free, group)
    slides = _slides(shape.rows, shape.columns)
    gap = tiles.index(0)
    places = [tiles.index(cell + 1) for cell in group]
    way = []
    while left := table[_key(gap, places)]:
        for name in preference:
            if (cell := slides[gap].get(name)) is None:
                continue
            after = [gap if place == cell else place for place in places]
            if table.get(_key(cell, after), left) < left:
                tiles[gap], tiles[cell] = tiles[cell], 0
                gap, places = cell, after
                way.append(name)
                break
    return way


def _key(gap: int, places: list[int]) -> int:
    key = gap
    for place in places:
        key = key << 4 | place
    return key


@lru_cache(maxsize=64)
def _placing(rows: int, columns: int, free: Cells, group: Cells) -> Mapping[int, int]:
    """The fewest slides until a group is in place, by the cells of the gap and of its tiles."""
    slides = _slides(rows, columns)
    steps = {cell: [to for to in slides[cell].values() if to in free] for cell in free}
    layer = [(gap, list(group)) for gap in free if gap not in group]
    found = {_key(gap, places): 0 for gap, places in layer}
    moves = 0
    while layer:
        moves += 1
        following = []
        for gap, places in layer:
            for cell in steps[gap]:
                after = [gap if place == cell else place for place in places]
                if (key := _key(cell, after)) not in found:
                    found[key] = moves
                    following.append((cell, after))
        layer = following
    return found
