"""Plain mazes by the thousand, in NumPy: the same ones as :func:`mazes.make` makes one by one."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.maze import mazes, views
from reasoning_gym_envs.maze.mazes import DIRECTIONS, GENERATORS, Level, Noise

Cells = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEVER = 255  # steps from where there is no way, while they are counted


class Batch(NamedTuple):
    """Many mazes of a size, a row each."""

    size: int
    start: Cells
    exit: Cells
    steps: Cells  # of a shortest way from the start to the exit
    passable: Flags  # maze × row × column × direction
    contents: list[str]


def make(numbers: Noise, level: Level, generator: str | None) -> Batch:
    """The mazes of many numbers."""
    size = level.size
    head = mazes.noise(numbers, mazes.HEAD, 8)
    which = (head[:, 0] % np.uint64(3)).astype(np.int64)
    if generator is not None:
        which[:] = GENERATORS.index(generator)
    start = (head[:, 1] % np.uint64(size * size)).astype(np.int64)
    is_open = np.zeros((len(numbers), len(mazes.grid_of(size).first)), dtype=bool)
    for generate, make_some in enumerate((_depth_first, _kruskal, _rooms)):
        chosen = np.flatnonzero(which == generate)
        if chosen.size:
            is_open[chosen] = make_some(numbers[chosen], size)
    passable = _passable(is_open, size)
    steps = distances(passable, start)
    exit = mazes.far_cells(steps, head[:, 2])
    packed = np.packbits(is_open, axis=1)
    width, walls = 2 * packed.shape[1], packed.tobytes().hex()
    contents = [
        f"{size} {a} {b} {walls[width * row : width * (row + 1)]}"
        for row, (a, b) in enumerate(zip(start.tolist(), exit.tolist(), strict=True))
    ]
    return Batch(size, start, exit, steps[np.arange(len(start)), exit], passable, contents)


_FIRST_FREE = np.array(mazes.FIRST_FREE)


def _depth_first(numbers: Noise, size: int) -> Flags:
    """All walks at once; a walk that is back where it began waits for the others."""
    grid = mazes.grid_of(size)
    count, width = len(numbers), size + 2
    orders = (mazes.noise(numbers, mazes.ORDERS, size * size) % np.uint64(24)).astype(np.uint16)
    free = np.zeros((count, width, width), dtype=np.uint16)
    free[:, 1:-1, 1:-1] = 1
    free[:, 1, 1] = 0
    flat = free.ravel()
    edge_of = np.full((width * width, 5), len(grid.first))  # the last edge is none
    for number in range(size * size):
        padded = (number // size + 1) * width + number % size + 1
        sides = grid.edge_of[4 * number : 4 * number + 4]
        edge_of[padded, :4] = [edge if edge >= 0 else len(grid.first) for edge in sides]
    padded_orders = np.zeros((count, width, width), dtype=np.uint16)
    padded_orders[:, 1:-1, 1:-1] = orders.reshape(count, size, size)
    padded_orders *= 16
    flat_orders, first_free, flat_edges = (
        padded_orders.ravel(),
        _FIRST_FREE.ravel(),
        edge_of.ravel(),
    )
    offsets = np.array([-width, 1, width, -1, 0])
    rows = np.arange(count)
    base = rows * width * width
    came_from = np.zeros(count * width * width, dtype=np.int64)
    cell = base + width + 1
    came_from[cell] = cell
    is_open = np.zeros((count, len(grid.first) + 1), dtype=bool)
    flat_open, open_base = is_open.ravel(), rows * (len(grid.first) + 1)
    for _ in range(2 * (size * size - 1)):
        around = flat.take(cell - width)
        around += flat.take(cell + 1) << 1
        around += flat.take(cell + width) << 2
        around += flat.take(cell - 1) << 3
        around += flat_orders.take(cell)
        direction = first_free.take(around)
        flat_open[open_base + flat_edges.take((cell - base) * 5 + direction)] = True
        goes_on = direction < 4
        after = np.where(goes_on, cell + offsets.take(direction), came_from.take(cell))
        came_from[after * goes_on] = cell  # the first place belongs to no cell
        flat[after] = 0
        cell = after
    return is_open[:, :-1]


def _kruskal(numbers: Noise, size: int) -> Flags:
    regions = np.arange(size * size, dtype=np.uint8)[:, None].repeat(len(numbers), axis=1)
    return _joined(numbers, size, regions)


def _rooms(numbers: Noise, size: int) -> Flags:
    head = mazes.noise(numbers, mazes.HEAD, 8).T
    height, width = (2 + row % np.uint64(3) for row in head[3:5])
    rows = (np.arange(size, dtype=np.uint64)[:, None] + head[5] % height) // height
    columns = (np.arange(size, dtype=np.uint64)[:, None] + head[6] % width) // width
    regions = rows[:, None] * np.uint64(size) + columns[None]
    return _joined(numbers, size, regions.reshape(size * size, -1).astype(np.uint8))


def _joined(numbers: Noise, size: int, labels: NDArray[np.uint8]) -> Flags:
    """Kruskal's algorithm; the joined regions of a maze (a column) have one label."""
    grid, count = mazes.grid_of(size), len(numbers)
    first, second = np.array(grid.first), np.array(grid.second)
    is_open = labels[first] == labels[second]
    columns, flat, flat_open = np.arange(count), labels.reshape(-1), is_open.reshape(-1)
    order = mazes.edge_order(mazes.noise(numbers, mazes.WEIGHTS, len(first))).T * count + columns
    first, second = (np.repeat(cells * count, count) for cells in (first, second))
    first += np.tile(columns, len(grid.first))
    second += np.tile(columns, len(grid.first))
    for edges in order:
        a, b = flat.take(first.take(edges)), flat.take(second.take(edges))
        differ = a ^ b
        flat_open[edges[differ != 0]] = True
        labels ^= (labels == b).view(np.uint8) * differ  # every b becomes an a
    opened: Flags = is_open.T.copy()
    return opened


def _passable(is_open: Flags, size: int) -> Flags:
    half = size * (size - 1)
    east = is_open[:, :half].reshape(-1, size, size - 1)
    south = is_open[:, half:].reshape(-1, size - 1, size)
    passable = np.zeros((len(is_open), size, size, 4), dtype=bool)
    passable[:, :, :-1, 1] = passable[:, :, 1:, 3] = east
    passable[:, :-1, :, 2] = passable[:, 1:, :, 0] = south
    return passable


def distances(passable: Flags, cells: Cells) -> Cells:
    """The steps between one cell of each maze and each of its cells."""
    count, size = passable.shape[:2]
    north, east, south, west = np.moveaxis(passable, 3, 0)
    table = np.full((count, size, size), NEVER, dtype=np.int64)
    fresh = np.zeros((count, size * size), dtype=bool)
    fresh[np.arange(count), cells] = True
    layer = fresh.reshape(count, size, size)
    unknown = np.ones_like(layer)
    distance = 0
    while layer.any():
        table[layer] = distance
        unknown &= ~layer
        reached = np.zeros_like(layer)
        reached[:, :-1] |= (layer & north)[:, 1:]
        reached[:, 1:] |= (layer & south)[:, :-1]
        reached[:, :, :-1] |= (layer & west)[:, :, 1:]
        reached[:, :, 1:] |= (layer & east)[:, :, :-1]
        layer = reached & unknown
        distance += 1
    return table.reshape(count, size * size)


# The words of a plain maze are a code: how far one sees in each direction, and where the exit is.


def code_space(size: int) -> int:
    """How many codes there may be."""
    return size**4 * _exit_codes(size)


def _exit_codes(size: int) -> int:
    return 2 + 4 * (size - 1)  # not seen, here, or in a direction at a step


def codes(batch: Batch) -> NDArray[np.int32]:
    """The code of what is seen from each cell of each maze."""
    count, size = len(batch.start), batch.size
    runs: NDArray[np.int32] = np.zeros((4, count, size, size), dtype=np.int32)
    north, east, south, west = np.moveaxis(batch.passable, 3, 0)
    for at in range(1, size):
        runs[0, :, at] = (runs[0, :, at - 1] + 1) * north[:, at]
        runs[3, :, :, at] = (runs[3, :, :, at - 1] + 1) * west[:, :, at]
        back = size - 1 - at
        runs[1, :, :, back] = (runs[1, :, :, back + 1] + 1) * east[:, :, back]
        runs[2, :, back] = (runs[2, :, back + 1] + 1) * south[:, back]
    runs = runs.reshape(4, count, size * size)
    code: NDArray[np.int32] = ((runs[0] * size + runs[1]) * size + runs[2]) * size + runs[3]
    code *= _exit_codes(size)
    rows = np.arange(count)
    code[rows, batch.exit] += 1
    for direction, offset in enumerate((-size, 1, size, -1)):
        free = runs[direction ^ 2][rows, batch.exit]
        for step in range(1, size):
            seeing = rows[free >= step]
            cells = batch.exit[seeing] - step * offset
            code[seeing, cells] += 2 + direction * (size - 1) + step - 1
    return code


def text_of(code: int, size: int) -> str:
    """What a code says, in the words of the local view."""
    code, exit_code = divmod(code, _exit_codes(size))
    lines: list[views.Line] = []
    for direction in (3, 2, 1, 0):
        code, run = divmod(code, size)
        sees_exit = exit_code >= 2 and (exit_code - 2) // (size - 1) == direction
        step = (exit_code - 2) % (size - 1) + 1
        things = ((step, "the exit"),) if sees_exit else ()
        lines.insert(0, (run, views.WALL_END, things))
    return views.local_text(lines, at_exit=exit_code == 1)


def numbers_of(codes: NDArray[np.int32], size: int) -> NDArray[np.float32]:
    """What some codes say, in the numbers of the local view (a row each)."""
    runs, exit_codes = np.divmod(codes, _exit_codes(size))
    numbers = _exit_numbers(size).take(exit_codes, axis=0)
    for direction in (3, 2, 1, 0):
        runs, run = np.divmod(runs, size)
        numbers[:, direction * views.LINE_NUMBERS] = run / size
    return numbers


@lru_cache
def _exit_numbers(size: int) -> NDArray[np.float32]:
    """For each code of the exit the numbers of the local view, as if nothing else were seen."""
    numbers = np.zeros((_exit_codes(size), views.numbers_of_local(size)), dtype=np.float32)
    numbers[1, -1] = 1
    for direction in range(4):
        for step in range(1, size):
            row = 2 + direction * (size - 1) + step - 1
            numbers[row, direction * views.LINE_NUMBERS + views.EXIT_NUMBER] = 1 / step
    return numbers


def open_masks(batch: Batch) -> NDArray[np.uint8]:
    """The open directions of each cell, one bit each."""
    bits = np.array([1 << direction for direction in range(len(DIRECTIONS))], dtype=np.uint8)
    masks: NDArray[np.uint8] = (batch.passable * bits).sum(axis=3, dtype=np.uint8)
    return masks.reshape(len(batch.start), -1)


def open_of(code: int, size: int) -> list[int]:
    """The directions in which a step is possible where a code is seen."""
    runs = code // _exit_codes(size)
    return [d for d in range(4) if runs // size ** (3 - d) % size]
