"""Minesweeper: nothing need be guessed, mines end it, and nothing tells where they are."""

from itertools import product

import gymnasium as gym
import pytest


def field_of(observation):
    view = observation[observation.index("Mines: ") :]
    mines = int(view.split("\n")[0].split(": ")[1])
    return mines, [line.split()[1:] for line in view.split("\n") if line.startswith("r")]


def surely_safe(mines, grid, row, column):
    """Whether no arrangement with a mine there fits the numbers: by exhaustive search."""
    cells = {(r, c): sign for r, line in enumerate(grid) for c, sign in enumerate(line)}
    closed = [cell for cell, sign in cells.items() if sign == "?"]
    left = {cell: int(sign) for cell, sign in cells.items() if sign.isdigit()}
    near = {
        (r, c): [(r + i, c + j) for i, j in product((-1, 0, 1), repeat=2) if (r + i, c + j) in left]
        for r, c in closed
    }
    open_around = {cell: sum(cell in numbers for numbers in near.values()) for cell in left}
    frontier = sorted(cell for cell in closed if near[cell] and cell != (row, column))
    inner = sum(not near[cell] and cell != (row, column) for cell in closed)

    def put(cell, mine):
        for number in near[cell]:
            left[number] -= mine
            open_around[number] -= 1
        return all(0 <= left[n] <= open_around[n] for n in near[cell])

    def undo(cell, mine):
        for number in near[cell]:
            left[number] += mine
            open_around[number] += 1

    def possible(index, used):
        if used > mines:
            return False
        if index == len(frontier):
            return mines - used <= inner
        for mine in (0, 1):
            fits = put(frontier[index], mine) and possible(index + 1, used + mine)
            undo(frontier[index], mine)
            if fits:
                return True
        return False

    return not (put((row, column), 1) and possible(0, 1))


@pytest.mark.parametrize("level", range(1, 11))
def test_every_cell_that_is_opened_could_be_deduced(level):
    env = gym.make("Minesweeper-v0", level=level).unwrapped
    for seed in range(5 if level < 8 else 1):
        said, _ = env.reset(seed=seed)
        for command in env.solution():
            row, column = map(int, command.removeprefix("open r").split("c"))
            assert surely_safe(*field_of(said), row - 1, column - 1)
            said, _, done, _, info = env.step(command)
        assert done
        assert info["is_success"]
        mines, grid = field_of(said)
        assert sum(row.count("?") for row in grid) == mines


@pytest.mark.parametrize("mode", ["sparse", "dense", "shaped"])
def test_a_mine_ends_it_and_takes_all_progress(mode):
    env = gym.make("Minesweeper-v0", level=4, reward=mode).unwrapped
    for seed in range(10):
        env.reset(seed=seed)
        paid = env.step(env.solution()[0])[1]
        field = env.snapshot().episode.problem.data
        row, column = divmod(field.mines.bit_length() - 1, field.columns)
        said, reward, terminated, truncated, info = env.step(f"open r{row + 1}c{column + 1}")
        assert (terminated, truncated, info["is_success"]) == (True, False, False)
        assert paid + reward <= 1e-12
        assert said.count("X") == 1


def test_guessing_does_not_pay():
    env = gym.make("Minesweeper-v0", level=5, reward="dense").unwrapped
    lucky = 0
    for seed in range(60):
        _, info = env.reset(seed=seed)
        done = False
        paid = 0.0
        while not done:
            _, reward, done, _, info = env.step((info["admissible_commands"] or [""])[0])
            paid += reward
        lucky += info["is_success"]
        assert info["is_success"] or paid <= 1e-12
    assert lucky <= 3


def test_solutions_from_the_middle():
    env = gym.make("Minesweeper-v0", level=8).unwrapped
    for seed in range(5):
        env.reset(seed=seed)
        for command in reversed(env.solution()):
            if command in env._admissible():
                env.step(command)
                break
        for command in env.solution():
            *_, done, _, info = env.step(command)
        assert done
        assert info["is_success"]


def test_bad_commands_and_arguments():
    env = gym.make("Minesweeper-v0", reward={"illegal_cost": 0.25, "format_cost": 0.5}).unwrapped
    env.reset(seed=1)
    opened = next(c for c in env.command_vocabulary if c not in env._admissible())
    for action, cost in ((opened, 0.25), ("open r9c9", 0.25), ("open r²c1", 0.5), ("", 0.5)):
        said, reward, *_ = env.step(action)
        assert "Possible: " in said
        assert reward == -cost
    with pytest.raises(ValueError, match="'moves'"):
        gym.make("Minesweeper-v0", form="boxed")
