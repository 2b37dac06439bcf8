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


def test_numbers_say_what_the_text_says():
    env = gym.make("TowerOfHanoi-v0", level=(2, 5)).unwrapped
    assert env.numeric_space.shape == (2, 5, 3)
    for seed in range(20):
        lines = env.reset(seed=seed)[0].split("\n\n")[1].splitlines()
        now, goal = env.numeric_observation()
        goal_lines = lines[3].removeprefix("Goal: ").split("; ")
        for numbers, texts in ((now, lines[:3]), (goal, goal_lines)):
            read = {
                (int(disk) - 1, peg)
                for peg, text in enumerate(texts)
                for disk in text.split()[1:]
                if disk != "empty"
            }
            assert {(int(d), int(p)) for d, p in zip(*numbers.nonzero(), strict=True)} == read
    env.reset(options={"level": 8})
    with pytest.raises(ValueError, match="7 disks do not fit"):
        env.numeric_observation()


@pytest.mark.parametrize("level", range(1, 11))
def test_limits_leave_room_for_twice_the_longest_way_and_no_more(level):
    env = gym.make("TowerOfHanoi-v0", level=level).unwrapped
    env.reset(seed=1)
    assert env.snapshot().episode.turn_limit == max(20, 2 * (2 ** DISKS[level - 1] - 1))


@pytest.mark.parametrize("mode", ["dense", "shaped"])
def test_parking_disks_on_the_goal_peg_is_worth_their_distance_alone(mode):
    """Small disks on the right peg under no large one are far from the goal, and paid as such."""
    env = gym.make("TowerOfHanoi-v0", level=5, reward=mode).unwrapped
    gamma = env.reward_scheme.gamma
    for seed in range(10):
        _, info = env.reset(seed=seed)
        before = env.snapshot()
        start, goal = before.episode.problem.data
        for command in info["admissible_commands"]:
            env.restore(before)
            _, reward, ended, *_ = env.step(command)
            if not ended:
                after = distances_from(goal)[env.snapshot().episode.state]
                factor = gamma if mode == "shaped" else 1
                expected = factor * gamma**after - gamma ** distance(start, goal)
                assert reward == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", ["A to", "to B", "A", "A to B to C", "A to B, B to C", "A²to B", "\x00", "a" * 10**6]
)
def test_what_is_no_move(text):
    env = gym.make("TowerOfHanoi-v0", reward={"format_cost": 0.5}).unwrapped
    env.reset(seed=1)
    before = env.snapshot().episode.state
    assert env.step(text)[1] == -0.5
    assert env.snapshot().episode.state == before
