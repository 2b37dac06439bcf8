"""Lights out: fewest presses, boards that can be solved, what earns nothing."""

from itertools import combinations

import gymnasium as gym
import numpy as np
import pytest

from reasoning_gym_envs.puzzles.lights_out import (
    BOARDS,
    PATTERN_LEVELS,
    algebra_of,
    presses_needed,
)


def pressed(rows, columns, lamps, cells):
    """The lit cells after some presses, by the rules and nothing else."""
    lit = set(lamps)
    for row, column in cells:
        for cell in ((row, column), (row - 1, column), (row + 1, column), (row, column - 1)):
            if 0 <= cell[0] < rows and 0 <= cell[1] < columns:
                lit ^= {cell}
        if column + 1 < columns:
            lit ^= {(row, column + 1)}
    return frozenset(lit)


def cells_of(mask, columns):
    return frozenset(divmod(bit, columns) for bit in range(mask.bit_length()) if mask >> bit & 1)


def by_trying(rows, columns, lamps, most):
    """The least number of presses, by trying all sets of so many, small ones first."""
    effects = [
        pressed(rows, columns, (), [(row, column)])
        for row in range(rows)
        for column in range(columns)
    ]
    for number in range(most + 1):
        for chosen in combinations(effects, number):
            lit = lamps
            for effect in chosen:
                lit = lit ^ effect
            if not lit:
                return number
    return None


@pytest.mark.parametrize(("rows", "columns"), [(1, 4), (2, 2), (2, 3), (3, 3), (2, 5), (3, 4)])
def test_all_starts_of_small_boards_are_solved_in_the_fewest_presses(rows, columns):
    """Against breadth-first search over all boards, also where presses can cancel out."""
    algebra = algebra_of(rows, columns)
    distance, layer = {0: 0}, [0]
    while layer:
        following = []
        for lamps in layer:
            for effect in algebra.effects:
                if lamps ^ effect not in distance:
                    distance[lamps ^ effect] = distance[lamps] + 1
                    following.append(lamps ^ effect)
        layer = following
    for lamps in range(0, 2 ** (rows * columns), 1 if rows * columns < 10 else 5):
        if lamps in distance:
            presses = presses_needed(algebra, lamps)
            assert presses.bit_count() == distance[lamps]
            cells = cells_of(presses, columns)
            assert pressed(rows, columns, cells_of(lamps, columns), cells) == frozenset()
        else:
            with pytest.raises(ValueError, match="no presses"):
                presses_needed(algebra, lamps)
    assert len(distance) * len(algebra.quiet) == 2 ** (rows * columns)


@pytest.mark.parametrize("level", range(1, 11))
def test_levels(level):
    rows, columns, low, high = BOARDS[level - 1]
    env = gym.make("LightsOut-v0", level=level).unwrapped
    for seed in range(10):
        env.reset(seed=seed)
        board = env.snapshot().episode.problem.data
        assert (board.rows, board.columns) == (rows, columns)
        assert (board.goal != 0) is (level in PATTERN_LEVELS)
        solution = env.solution()
        assert low <= len(solution) <= high
        difference = cells_of(board.start ^ board.goal, columns)
        presses = [(int(text[7]) - 1, int(text[9]) - 1) for text in solution]
        assert pressed(rows, columns, difference, presses) == frozenset()
        assert (
            by_trying(rows, columns, difference, min(len(solution) - 1, 3 if level < 6 else 2))
            is None
        )


@pytest.mark.parametrize("mode", ["dense", "shaped"])
def test_any_solution_counts_and_only_the_right_presses_pay(mode):
    """4×4 boards have sixteen solutions each; pressing in any order, and twice more, is as good."""
    env = gym.make("LightsOut-v0", level=3, reward=mode).unwrapped
    rows, columns = BOARDS[2][:2]
    commands = env.command_vocabulary
    for seed in range(5):
        env.reset(seed=seed)
        start = env.snapshot()
        fewest = env.solution()
        others = set()
        for quiet in algebra_of(rows, columns).quiet:
            nothing = {command for bit, command in enumerate(commands) if quiet >> bit & 1}
            presses = set(fewest) ^ nothing
            others.add(frozenset(presses))
            env.restore(start)
            *_, last = (env.step(command) for command in sorted(presses, reverse=True))
            assert last[4]["is_success"]
        assert len(others) == 16
        needed = {command for presses in others for command in presses if len(presses) == 4}
        if len(fewest) == 4:
            for command in commands:
                env.restore(start)
                reward = env.step(command)[1]
                assert (reward > 0) is (command in needed)


def test_pressing_everything_or_at_random_or_nothing_is_no_way_to_progress():
    for level in (1, 5, 10):
        env = gym.make("LightsOutBoxed-v0", level=level, reward="dense").unwrapped
        total = {"all": 0.0, "none": 0.0, "first": 0.0, "lit": 0.0}
        for seed in range(40):
            for name in total:
                env.reset(seed=seed)
                board = env.snapshot().episode.problem.data
                every = env.command_vocabulary
                chosen = {
                    "all": every,
                    "none": (),
                    "first": every[:1] * 2,
                    "lit": [c for bit, c in enumerate(every) if board.start >> bit & 1],
                }[name]
                _, reward, *_, info = env.step("\\boxed{" + ", ".join(chosen) + "}")
                total[name] += reward if not info["is_success"] else 0
        assert max(total.values()) <= 1e-9


@pytest.mark.parametrize(
    "text",
    ["press r{0}c{1}", "R{0}C{1}", "Press row {0}, column {1}.", "row {0} column {1}",
     "press {0} {1}", "toggle r{0} c{1}", "\\boxed{{press r{0}c{1}}}"],
)  # fmt: skip
def test_ways_of_writing_a_press(text):
    env = gym.make("LightsOut-v0").unwrapped
    env.reset(seed=1)
    before = env.snapshot()
    expected = env.step("press r2c3")[0]
    env.restore(before)
    said = env.step(text.format(2, 3))[0]
    assert said == expected if "," not in text else "Possible: " in said


@pytest.mark.parametrize(
    ("text", "cost"),
    [("press r0c1", 0.25), ("press r4c1", 0.25), ("press r1c5", 0.25), ("r999c999", 0.25),
     ("press 12", 0.5), ("press r²c1", 0.5), ("press r٣c1", 0.5), ("press", 0.5), ("", 0.5),
     ("press r1c1 r1c2", 0.5), ("r" * 10**6, 0.5), ("\x00", 0.5), ("\ud800", 0.5), ("🎉", 0.5),
     ("press r1000000c1", 0.5), ("press r-1c1", 0.5)],
)  # fmt: skip
def test_what_is_no_press_changes_nothing(text, cost):
    scheme = {"mode": "dense", "illegal_cost": 0.25, "format_cost": 0.5}
    env = gym.make("LightsOut-v0", reward=scheme).unwrapped
    view = env.reset(seed=1)[0].split("\n\n")[1]
    said, reward, *_ = env.step(text)
    assert said.split("\n\n")[1] == view
    assert reward == -cost


def test_numbers_say_what_the_text_says():
    env = gym.make("LightsOut-v0", level=(4, 6)).unwrapped
    assert env.numeric_space.shape == (3, 5, 5)
    for seed in range(20):
        text = env.reset(seed=seed)[0].split("\n\n")[1]
        lit, goal, board = env.numeric_observation()
        drawings = text.split("Goal:")
        for plane, drawing in ((lit, drawings[0]), (goal, drawings[1])):
            rows = [line.split()[1:] for line in drawing.splitlines() if line.startswith("r")]
            if rows:
                read = np.array([[cell == "#" for cell in row] for row in rows])
                assert (plane[: read.shape[0], : read.shape[1]] == read).all()
                assert board[: read.shape[0], : read.shape[1]].all()
                assert board.sum() == read.size
            else:
                assert not plane.any()
    with pytest.raises(ValueError, match="does not fit"):
        env.reset(options={"level": 10}) and env.numeric_observation()
