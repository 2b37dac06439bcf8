"""Tower of Hanoi: shortest solutions, the classic tower, moves that cannot be made."""

from collections import deque
from itertools import product

import gymnasium as gym
import pytest

from reasoning_gym_envs.puzzles.tower_of_hanoi import DISKS, EASY_LEVELS, distance, solve


def neighbours(pegs):
    for source, target in product(range(3), repeat=2):
        if source != target and source in pegs:
            disk = pegs.index(source)
            if target not in pegs[:disk]:
                yield (*pegs[:disk], target, *pegs[disk + 1 :])


def distances_from(start):
    """Breadth-first, knowing nothing of the theory."""
    found, queue = {start: 0}, deque([start])
    while queue:
        pegs = queue.popleft()
        for after in neighbours(pegs):
            if after not in found:
                found[after] = found[pegs] + 1
                queue.append(after)
    return found


@pytest.mark.parametrize("disks", [1, 2, 3, 4, 5])
def test_solutions_are_shortest_between_all_arrangements(disks):
    for start in list(product(range(3), repeat=disks))[:: 1 if disks < 5 else 7]:
        for goal, moves in distances_from(start).items():
            assert distance(start, goal) == moves == len(solve(start, goal))


def test_levels():
    env = gym.make("TowerOfHanoi-v0").unwrapped
    for level, disks in enumerate(DISKS, 1):
        for seed in range(20):
            env.reset(seed=seed, options={"level": level})
            moves = len(env.solution())
            half = (2**disks - 1) // 2
            assert 1 <= moves <= half if level in EASY_LEVELS else half <= moves <= 2 * half + 1


def test_what_cannot_be_done_is_said_and_changes_nothing():
    env = gym.make("TowerOfHanoi-v0", reward={"illegal_cost": 0.25, "format_cost": 0.5}).unwrapped
    observation, info = env.reset(seed=1)
    view = observation.split("\n\n")[1]
    illegal = next(c for c in env.command_vocabulary if c not in info["admissible_commands"])
    for action, cost in ((illegal, 0.25), ("A to D", 0.5), ("A to A", 0.25), ("", 0.5)):
        said, reward, *_ = env.step(action)
        assert said.split("\n\n")[1] == view
        assert "Possible: " in said
        assert reward == -cost


@pytest.mark.parametrize("text", ["{}", "move {}", "Move disk from {}.", "<think>hm</think> {}"])
def test_ways_of_writing_a_move(text):
    env = gym.make("TowerOfHanoi-v0").unwrapped
    env.reset(seed=1)
    before = env.snapshot()
    command = env.solution()[0]
    expected = env.step(command)[0]
    env.restore(before)
    assert env.step(text.format(command))[0] == expected


def test_a_plan_in_a_box():
    env = gym.make("TowerOfHanoiBoxed-v0", level=4, reward="dense", max_turns=3).unwrapped
    env.reset(seed=3)
    plan = env.solution()[0][7:-1].split(", ")
    said, reward, *_ = env.step("\\boxed{" + ", ".join(plan[:-1]) + "}")
    assert "It leads to" in said
    assert 0 < reward < 1
    said, less, *_ = env.step("\\boxed{" + ", ".join([*plan[:2], "A to D"]) + "}")
    assert said.startswith("Command 3: A move has the form")
    assert less < 0
    assert env.step("\\boxed{" + " \\to ".join(plan) + "}")[2]
