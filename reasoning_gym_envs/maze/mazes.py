"""How mazes are made: levels, three generators, keys and doors, one-way passages, distances.

A maze comes from one number. Everything in it is looked up in a table of noise (a hash of that
number and of a counter), so that the vector environment can make a thousand mazes at once in NumPy
and gets the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

DIRECTIONS = ("north", "east", "south", "west")
COLOURS = ("red", "blue", "green")
GENERATORS = ("depth_first", "kruskal", "rooms")
WALL = -1

Noise = NDArray[np.uint64]


class Level(NamedTuple):
    """What a level asks for: the size counts cells on a side, walls not included."""

    size: int
    loops: float = 0.0
    keys: int = 0
    one_way: int = 0
    slip: float = 0.0
    lamp: int = 0  # how many cells it lights; 0: as far as the eye can see

    @property
    def is_plain(self) -> bool:
        """Only walls, as the vector environment can make them in NumPy."""
        return not (self.loops or self.keys or self.one_way or self.slip or self.lamp)


LEVELS = (
    Level(5),
    Level(7),
    Level(9),
    Level(11, loops=0.05, keys=1),
    Level(15, loops=0.05, keys=2, one_way=4),
    Level(19, loops=0.05, keys=2, one_way=6, lamp=6),
    Level(21, loops=0.05, keys=2, one_way=6, slip=0.1),
    Level(25, loops=0.05, keys=2, one_way=8, slip=0.1, lamp=6),
    Level(31, loops=0.05, keys=3, one_way=10, slip=0.15, lamp=5),
    Level(41, loops=0.05, keys=3, one_way=12, slip=0.2, lamp=4),
)


@dataclass(eq=False, slots=True)
class Maze:
    """A maze, never changed after it is made.

    Cells are numbered row by row. What lies beyond a cell in a direction is looked up at
    ``4 * cell + direction``, which is called a side.

    Args:
        size: cells on a side.
        start: the cell in which the episode begins.
        exit: the cell to reach.
        beyond: for each side the cell beyond it, or ``WALL``.
        doors: the colour of the door at a side.
        keys: the colour of the key in a cell.
        one_way: the sides that can be passed and not come back through.
        slip: the probability that a move slides sideways.
        lamp: how many cells can be seen in a direction; 0 for all.
        seed: the number that the maze was made from.
    """

    size: int
    start: int
    exit: int
    beyond: list[int]
    doors: dict[int, int]
    keys: dict[int, int]
    one_way: frozenset[int]
    slip: float
    lamp: int
    seed: int
    distances: dict[int, list[int]] = field(default_factory=dict)  # filled when asked for
    texts: dict[Any, Any] = field(default_factory=dict)
    ways: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    turns: dict[Any, Any] = field(default_factory=dict)

    def step(self, cell: int, keys: int, direction: int) -> int:
        """The cell that a step leads to, or ``WALL`` where it is a wall or a locked door."""
        side = 4 * cell + direction
        colour = self.doors.get(side)
        if colour is not None and not keys >> colour & 1:
            return WALL
        return self.beyond[side]

    def pick_up(self, cell: int, keys: int) -> int:
        """The keys that are held after walking into a cell."""
        colour = self.keys.get(cell)
        return keys if colour is None else keys | 1 << colour

    def open_directions(self, cell: int, keys: int) -> tuple[int, ...]:
        """The directions in which a step is possible."""
        ways = self.ways.get((cell, keys))
        if ways is None:
            ways = tuple(d for d in range(4) if self.step(cell, keys, d) != WALL)
            self.ways[cell, keys] = ways
        return ways

    def turned(self, direction: int, turn: int) -> int:
        """Where a step in a direction really goes at a turn: sideways, where it slips."""
        if self.slip:
            number = noise_at(self.seed, SLIP, turn)
            if number >> 11 < int(self.slip * 2**53):
                return (direction + (1 if number & 1 else 3)) % 4
        return direction

    def distance(self, cell: int, keys: int) -> int:
        """The number of steps that are left to the exit, by way of the keys that it takes."""
        table = self.distances.get(keys)
        if table is None:
            table = self.distances[keys] = _distances(self, keys)
        return table[cell]


# Noise: splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
# OOPSLA 2014) as a function of a seed, a purpose and a counter.

GOLDEN, _MIX_1, _MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = 2**64 - 1
HEAD, WEIGHTS, ORDERS, LOOPS, ONE_WAY, KEYS, SLIP = range(7)  # what a number is for


def mixed(numbers: Noise) -> Noise:
    """Each number hashed to 64 bits."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(_MIX_1)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(_MIX_2)
    hashed: Noise = numbers ^ (numbers >> np.uint64(31))
    return hashed


def noise(seeds: Noise, purpose: int, count: int) -> Noise:
    """A row of ``count`` numbers for each seed."""
    return mixed(mixed(seeds)[:, None] + _counters(purpose, count))


def noise_at(seed: int, purpose: int, counter: int) -> int:
    """One number of :func:`noise`."""
    return _mixed_one(_mixed_one(seed) + ((purpose << 32) + counter + 1) * GOLDEN)


@lru_cache(maxsize=64)
def _counters(purpose: int, count: int) -> Noise:
    counters: Noise = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(purpose << 32)
    counters *= np.uint64(GOLDEN)
    return counters


def _mixed_one(number: int) -> int:
    number &= _MASK
    number = (number ^ (number >> 30)) * _MIX_1 & _MASK
    number = (number ^ (number >> 27)) * _MIX_2 & _MASK
    return number ^ (number >> 31)


class Grid(NamedTuple):
    """What all mazes of a size share. An edge lies between two cells side by side."""

    size: int
    first: list[int]  # the western or northern cell of each edge
    second: list[int]
    edge_of: list[int]  # the edge of each side, or -1 at the border
    forth: NDArray[np.int64]  # the side of each edge from its first cell, and from its second
    back: NDArray[np.int64]


@lru_cache(maxsize=32)
def grid_of(size: int) -> Grid:
    """The grid of a size: first the edges that lead east, row by row, then those south."""
    cells = range(size * size)
    east = [c for c in cells if c % size < size - 1]
    south = [c for c in cells if c < size * (size - 1)]
    first = east + south
    second = [c + 1 for c in east] + [c + size for c in south]
    direction = np.repeat([1, 2], len(east))
    forth = 4 * np.array(first) + direction
    back = 4 * np.array(second) + (direction ^ 2)
    edge_of = np.full(4 * size * size, -1)
    edge_of[forth] = edge_of[back] = np.arange(len(first))
    return Grid(size, first, second, edge_of.tolist(), forth, back)


def far_cells(steps: NDArray[np.integer[Any]], draws: Noise) -> NDArray[np.int64]:
    """The exits: for each maze (a row) one of the third of its cells that are the farthest.

    ``steps`` are those from the start to each cell, before loops are opened.
    """
    count, cells = steps.shape
    farthest_last = np.argsort(steps, axis=1, kind="stable")
    drawn = cells - 1 - (draws % np.uint64(cells // 3)).astype(np.int64)
    exits: NDArray[np.int64] = farthest_last[np.arange(count), drawn]
    return exits


# The generators: each says which edges are open, so that all cells are connected, and which cells
# are one region, within which there may be circles. Between regions there are none.

FIRST_FREE = [
    [next((d for d in order if free >> d & 1), 4) for free in range(16)]
    for order in permutations(range(4))
]
"""By the order in which a cell's directions are tried and the set of free ones: the next, or 4."""


def depth_first(seed: Noise, size: int) -> tuple[list[bool], list[int]]:
    """A walk that goes on until it must turn back: long winding corridors."""
    grid = grid_of(size)
    opened = [False] * len(grid.first)
    orders = (noise(seed, ORDERS, size * size)[0] % np.uint64(len(FIRST_FREE))).tolist()
    width = size + 2  # cells with a border around them that is never free
    offsets = (-width, 1, width, -1)
    free = bytearray(width * width)
    for row in range(1, size + 1):
        free[row * width + 1 : row * width + 1 + size] = b"\1" * size
    cell, padded, path = 0, width + 1, []
    north, east, south, west = offsets
    steps = (-size, 1, size, -1)
    free[padded] = 0
    while True:
        around = (
            free[padded + north]
            | free[padded + east] << 1
            | free[padded + south] << 2
            | free[padded + west] << 3
        )
        direction = FIRST_FREE[orders[cell]][around]
        if direction < 4:
            path.append((cell, padded))
            opened[grid.edge_of[4 * cell + direction]] = True
            cell, padded = cell + steps[direction], padded + offsets[direction]
            free[padded] = 0
        elif path:
            cell, padded = path.pop()
        else:
            return opened, list(range(size * size))


def kruskal(seed: Noise, size: int) -> tuple[list[bool], list[int]]:
    """Walls taken away in random order where they part two cells: many short dead ends."""
    regions = list(range(size * size))
    return _joined(seed, size, regions), regions


def rooms(seed: Noise, size: int) -> tuple[list[bool], Sequence[int]]:
    """Open rooms, joined by single gaps in their walls."""
    regions = room_of(size, *room_numbers(noise(seed, HEAD, 8)[0].tolist()))
    return _joined(seed, size, regions), regions


def room_numbers(head: Sequence[int]) -> tuple[int, int, int, int]:
    """The height and width of rooms, 2 to 4, and how the first ones are cut off."""
    height, width = 2 + head[3] % 3, 2 + head[4] % 3
    return height, width, head[5] % height, head[6] % width


@lru_cache(maxsize=1024)
def room_of(size: int, height: int, width: int, top: int, left: int) -> tuple[int, ...]:
    """The room of each cell."""
    return tuple(
        (row + top) // height * size + (column + left) // width
        for row in range(size)
        for column in range(size)
    )


def edge_order(weights: Noise) -> NDArray[np.int64]:
    """The order in which walls are taken away."""
    return np.argsort((weights >> np.uint64(48)).astype(np.uint16), axis=-1, kind="stable")


def _joined(seed: Noise, size: int, regions: Sequence[int]) -> list[bool]:
    """Kruskal's algorithm between regions; within one, all is open."""
    grid = grid_of(size)
    first, second = grid.first, grid.second
    parent = list(range(size * size))
    opened = [regions[a] == regions[b] for a, b in zip(first, second, strict=True)]
    for edge in edge_order(noise(seed, WEIGHTS, len(first))[0]).tolist():
        a, b = regions[first[edge]], regions[second[edge]]
        if a == b:
            continue
        while parent[a] != a:
            parent[a] = a = parent[parent[a]]
        while parent[b] != b:
            parent[b] = b = parent[parent[b]]
        if a != b:
            parent[b] = a
            opened[edge] = True
    return opened


_GENERATE = {"depth_first": depth_first, "kruskal": kruskal, "rooms": rooms}


def make(number: int, level: Level, generator: str | None = None) -> tuple[Maze, str]:
    """The maze of a number, and its content: the same for the same maze.

    The exit is one of the third of the cells that are the farthest from the start. Doors stand
    between regions on the way to it, each key before its door, loops and one-way passages join only
    what no door parts. So the exit can be reached from every state.
    """
    seed = np.array([number], dtype=np.uint64)
    size = level.size
    head = noise(seed, HEAD, 8)[0].tolist()
    start = head[1] % (size * size)
    opened, regions = _GENERATE[generator or GENERATORS[head[0] % 3]](seed, size)
    grid = grid_of(size)
    beyond = _beyond(grid, opened)
    walked, came_from = _walked(beyond, start)
    steps = np.zeros((1, size * size), dtype=np.int64)
    for cell in walked[1:]:
        steps[0, cell] = steps[0, came_from[cell] // 4] + 1
    exit = int(far_cells(steps, np.array(head[2:3], dtype=np.uint64))[0])
    doors: dict[int, int] = {}
    keys: dict[int, int] = {}
    one_way: list[int] = []
    zones = np.zeros(size * size, dtype=np.int64)
    if level.keys:
        doors = _place_doors(beyond, regions, came_from, exit, level.keys)
        for cell in walked[1:]:  # how many doors part it from the start
            zones[cell] = zones[came_from[cell] // 4] + (came_from[cell] in doors)
        for colour, draw in enumerate(noise(seed, KEYS, level.keys)[0].tolist()):
            cells = np.setdiff1d(np.flatnonzero(zones <= colour), [start, exit, *keys])
            keys[int(cells[draw % len(cells)])] = colour
    within = zones[grid.first] == zones[grid.second]  # no door parts the edge's cells
    is_open = np.array(opened)
    if level.loops:
        chances = noise(seed, LOOPS, len(opened))[0] >> np.uint64(32)
        is_open |= within & (chances < np.uint64(level.loops * 2**32))
    if level.one_way:
        numbers = noise(seed, ONE_WAY, len(opened))[0]
        walls = np.flatnonzero(within & ~is_open)
        drawn = walls[np.argsort(numbers[walls], kind="stable")[: level.one_way]]
        sides = np.where(numbers[drawn] & np.uint64(1), grid.back[drawn], grid.forth[drawn])
        one_way = sorted(sides.tolist())
    content = f"{size} {start} {exit} {np.packbits(is_open).tobytes().hex()}"
    if keys or one_way:  # not how it is walked: on ice or not, it is the same maze
        content += f" {sorted(doors)} {sorted(keys.items())} {one_way}"
    beyond = _beyond(grid, is_open)
    for side in one_way:
        beyond[side] = side // 4 + (-size, 1, size, -1)[side % 4]
    return (
        Maze(
            size,
            start,
            exit,
            beyond,
            doors,
            keys,
            frozenset(one_way),
            level.slip,
            level.lamp,
            number,
        ),
        content,
    )


def _beyond(grid: Grid, is_open: Sequence[bool] | NDArray[np.bool_]) -> list[int]:
    beyond = np.full(len(grid.edge_of), WALL)
    beyond[grid.forth] = np.where(is_open, grid.second, WALL)
    beyond[grid.back] = np.where(is_open, grid.first, WALL)
    sides: list[int] = beyond.tolist()
    return sides


def _walked(beyond: Sequence[int], start: int) -> tuple[list[int], list[int]]:
    """All cells, the nearest to the start first, and the side by which a search comes to each."""
    came_from = [-2] * (len(beyond) // 4)
    came_from[start] = -1
    cells = [start]
    for cell in cells:  # grows while it is read
        for side in range(4 * cell, 4 * cell + 4):
            after = beyond[side]
            if after != WALL and came_from[after] == -2:
                came_from[after] = side
                cells.append(after)
    return cells, came_from


def _place_doors(
    beyond: Sequence[int], regions: Sequence[int], came_from: Sequence[int], exit: int, count: int
) -> dict[int, int]:
    """Doors between regions, evenly along the way by which a search came to the exit."""
    crossings, cell = [], exit
    while (side := came_from[cell]) >= 0:
        if regions[side // 4] != regions[cell]:
            crossings.append(side)
        cell = side // 4
    crossings.reverse()
    doors = {}
    for colour in range(count):
        side = crossings[(colour + 1) * len(crossings) // (count + 1)]
        doors[side] = doors[4 * beyond[side] + (side % 4 ^ 2)] = colour
    return doors


def _distances(maze: Maze, keys: int) -> list[int]:
    """The steps left from every cell with some keys: a search back from the exit and the keys.

    Where a key is not held yet, what remains from it is known with the key. A cell from which there
    is no way is farther than any other; no episode comes there.
    """
    far = len(maze.beyond) * (len(maze.keys) + 1)
    table = [far] * (maze.size * maze.size)
    waiting: dict[int, list[int]] = {0: [maze.exit]}
    for cell, colour in maze.keys.items():
        if not keys >> colour & 1:
            left = maze.distance(cell, keys | 1 << colour)
            if left < far:
                waiting.setdefault(left, []).append(cell)
    beyond, size = maze.beyond, maze.size
    locked = {side for side, colour in maze.doors.items() if not keys >> colour & 1}
    special = bool(locked or maze.one_way)
    not_held = {cell for cell, colour in maze.keys.items() if not keys >> colour & 1}
    distance = 0
    layer: list[int] = []
    while waiting or layer:
        layer += waiting.pop(distance, [])
        following = []
        for cell in layer:
            if table[cell] <= distance:
                continue
            table[cell] = distance
            for direction, offset in enumerate((-size, 1, size, -1)):
                # who could have come here by going the other way
                before = cell + offset
                if special:
                    if not 0 <= before < size * size:
                        continue
                    side = 4 * before + (direction ^ 2)
                    if beyond[side] != cell or side in locked:
                        continue
                elif beyond[4 * cell + direction] == WALL:
                    continue
                if table[before] > distance + 1 and before not in not_held:
                    following.append(before)
        distance, layer = distance + 1, following
    return table
