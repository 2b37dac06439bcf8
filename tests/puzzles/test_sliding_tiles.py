"""Sliding tiles: distances, solutions from everywhere, boards that can be solved."""

from collections import deque
from itertools import permutations
from random import Random

import gymnasium as gym
import pytest

from reasoning_gym_envs.puzzles.sliding_tiles import (
    BOARDS,
    EXACT_CELLS,
    Shape,
    distance,
    distances_of,
    is_solvable,
    lower_bound,
    solve,
)

OFFSETS = {"up": (1, 0), "down": (-1, 0), "left": (0, 1), "right": (0, -1)}  # gap to tile


def slid(shape, tiles, direction):
    """The board after a slide, by the rules; None where there is no such tile."""
    row, column = divmod(tiles.index(0), shape.columns)
    row, column = row + OFFSETS[direction][0], column + OFFSETS[direction][1]
    if not (0 <= row < shape.rows and 0 <= column < shape.columns):
        return None
    after = list(tiles)
    cell = row * shape.columns + column
    after[tiles.index(0)], after[cell] = tiles[cell], 0
    return tuple(after)


def walked(shape, tiles, directions):
    for direction in directions:
        tiles = slid(shape, tiles, direction)
    return tiles


def all_distances(shape):
    """Breadth-first, one board at a time."""
    found, queue = {shape.goal: 0}, deque([shape.goal])
    while queue:
        tiles = queue.popleft()
        for direction in OFFSETS:
            after = slid(shape, tiles, direction)
            if after is not None and after not in found:
                found[after] = found[tiles] + 1
                queue.append(after)
    return found


def random_board(shape, random):
    while True:
        tiles = list(shape.goal)
        random.shuffle(tiles)
        if is_solvable(shape, tuple(tiles)):
            return tuple(tiles)


@pytest.mark.parametrize("gap_first", [False, True])
@pytest.mark.parametrize("size", [(2, 3), (3, 2)])
def test_six_cells_whole(size, gap_first):
    """Every board that can be solved is, in the fewest slides, and no other is thought to be."""
    shape = Shape(*size, gap_first)
    exact = all_distances(shape)
    assert len(exact) == 360
    for tiles in permutations(range(6)):
        assert is_solvable(shape, tiles) is (tiles in exact)
    for tiles, slides in exact.items():
        assert distance(shape, tiles) == slides == len(solve(shape, tiles))
        assert walked(shape, tiles, solve(shape, tiles)) == shape.goal
        assert lower_bound(shape, tiles) <= slides
        assert (lower_bound(shape, tiles) == 0) is (tiles == shape.goal)


@pytest.mark.parametrize("gap_first", [False, True])
def test_nine_cells(gap_first):
    """The known numbers of 8-puzzles by distance (Reinefeld, IJCAI 1993), and shortest ways."""
    shape = Shape(3, 3, gap_first)
    table = distances_of(shape)
    counts = [b - a for a, b in zip(table.starts, table.starts[1:], strict=False)]
    assert sum(counts) == 181440
    assert counts[:8] == [1, 2, 4, 8, 16, 20, 39, 62]
    assert (len(counts) - 1, counts[-2:]) == (31, [221, 2])
    random = Random(1)
    for _ in range(50):
        tiles = random_board(shape, random)
        slides = distance(shape, tiles)
        assert lower_bound(shape, tiles) <= slides == len(solve(shape, tiles))
        assert walked(shape, tiles, solve(shape, tiles)) == shape.goal
        beside = [slid(shape, tiles, direction) for direction in OFFSETS]
        assert {abs(distance(shape, after) - slides) for after in beside if after} == {1}


@pytest.mark.parametrize("gap_first", [False, True])
@pytest.mark.parametrize("size", [(3, 4), (4, 3), (4, 4)])
def test_large_boards_are_solved_from_everywhere(size, gap_first):
    shape = Shape(*size, gap_first)
    random = Random(2)
    lengths = []
    for _ in range(40):
        tiles = random_board(shape, random)
        way = solve(shape, tiles)
        assert walked(shape, tiles, way) == shape.goal
        assert lower_bound(shape, tiles) <= len(way)
        assert (len(way) - lower_bound(shape, tiles)) % 2 == 0
        lengths.append(len(way))
    # the averages of shortest solutions are near 36 and 53
    assert sum(lengths) / len(lengths) < (43 if len(shape.goal) == 12 else 76)
    assert solve(shape, shape.goal) == []


@pytest.mark.parametrize("level", range(1, 11))
def test_levels(level):
    shapes, low, high = BOARDS[level - 1]
    env = gym.make("SlidingTiles-v0", level=level).unwrapped
    seen = set()
    for seed in range(25):
        _, info = env.reset(seed=seed)
        shape, start = env.snapshot().episode.problem.data
        seen.add(shape)
        assert (shape.rows, shape.columns) in shapes
        slides = distance(shape, start)
        assert low <= slides <= high
        solution = env.solution()
        assert walked(shape, start, solution) == shape.goal
        assert len(solution) == slides or len(start) > EXACT_CELLS
        assert set(info["admissible_commands"]) == {d for d in OFFSETS if slid(shape, start, d)}
        ended = level > 6 and seed >= 4
        while not ended:  # asked anew at every turn, it gets shorter at every turn
            left = len(solution)
            *_, ended, truncated, info = env.step(solution[0])
            solution = [] if ended else env.solution()
            assert not truncated
            assert len(solution) <= left - 1
            assert not ended or info["is_success"]
    assert len(seen) == 2 * len(shapes)  # upright or not, the gap first or last


@pytest.mark.parametrize("mode", ["dense", "shaped"])
def test_sliding_to_and_fro_earns_nothing(mode):
    env = gym.make("SlidingTiles-v0", level=5, reward=mode).unwrapped
    env.reset(seed=1)
    back = {"up": "down", "down": "up", "left": "right", "right": "left"}
    first = env.solution()[0]
    paid = sum(env.step(command)[1] for _ in range(20) for command in (first, back[first]))
    assert paid <= 1e-9


@pytest.mark.parametrize(
    ("text", "same"),
    [("UP", "up"), ("move left", "left"), ("slide right.", "right"), ("d", "down"),
     ("<think>hm</think> Up", "up"), ("\\boxed{\\text{left}}", "left")],
)  # fmt: skip
def test_ways_of_writing_a_slide(text, same):
    env = gym.make("SlidingTiles-v0", level=3).unwrapped
    for seed in range(40):
        _, info = env.reset(seed=seed)
        if same in info["admissible_commands"]:
            break
    before = env.snapshot()
    shape, start = before.episode.problem.data
    env.step(same)
    after = env.snapshot().episode.state
    assert after == slid(shape, start, same)
    env.restore(before)
    env.step(text)
    assert env.snapshot().episode.state == after
    tile = start[after.index(0)]
    for text in ("move {}", "{}", "Slide tile {}"):
        env.restore(before)
        env.step(text.format(tile))
        assert env.snapshot().episode.state == after


@pytest.mark.parametrize(
    ("text", "cost"),
    [("move 0", 0.25), ("move 9", 0.25), ("999", 0.25), ("move ²", 0.5), ("move ٣", 0.5),
     ("upp", 0.5), ("up down", 0.5), ("", 0.5), ("move", 0.5), ("1" * 10**6, 0.5),
     ("\x00", 0.5), ("\ud800", 0.5), ("move 1234", 0.5), ("move -1", 0.5)],
)  # fmt: skip
def test_what_cannot_be_done_changes_nothing(text, cost):
    scheme = {"mode": "dense", "illegal_cost": 0.25, "format_cost": 0.5}
    env = gym.make("SlidingTiles-v0", level=3, reward=scheme).unwrapped
    env.reset(seed=1)
    before = env.snapshot().episode.state
    said, reward, *_ = env.step(text)
    assert "Possible: " in said
    assert env.snapshot().episode.state == before
    assert reward == -cost


def test_tiles_and_directions_that_cannot_move_are_illegal():
    env = gym.make("SlidingTiles-v0", level=3, reward={"illegal_cost": 1}).unwrapped
    for seed in range(10):
        _, info = env.reset(seed=seed)
        shape, tiles = env.snapshot().episode.problem.data
        movable = {tiles[slid(shape, tiles, d).index(0)] for d in info["admissible_commands"]}
        for tile in range(1, 9):
            before = env.snapshot()
            assert (env.step(f"move {tile}")[1] == -1) is (tile not in movable)
            env.restore(before)
        for direction in OFFSETS:
            before = env.snapshot()
            assert (env.step(direction)[1] == -1) is (direction not in info["admissible_commands"])
            env.restore(before)


def test_numbers_say_what_the_text_says():
    env = gym.make("SlidingTiles-v0", level=(2, 7)).unwrapped
    assert env.numeric_space.shape == (2, 4, 4, 12)
    for seed in range(20):
        lines = env.reset(seed=seed)[0].split("\n\n")[1].splitlines()
        board, goal = env.numeric_observation()
        read = [[0 if text == "_" else int(text) for text in line.split()] for line in lines[:-1]]
        ordered = [
            [0 if text == "_" else int(text) for text in row.split()]
            for row in lines[-1].removeprefix("Goal: ").split("/")
        ]
        for numbers, rows in ((board, read), (goal, ordered)):
            assert numbers.sum() == sum(map(len, rows))
            for r, row in enumerate(rows):
                assert numbers[r, : len(row)].argmax(axis=1).tolist() == row
    with pytest.raises(ValueError, match="does not fit"):
        env.reset(options={"level": 9}) and env.numeric_observation()
