"""Water jugs: shortest solutions, found again by a forward search; commands and plans."""

import random
import re
from collections import deque
from itertools import pairwise

import gymnasium as gym
import pytest

from reasoning_gym_envs.puzzles.water_jugs import SIZES

ID = "WaterJugs-v0"


def read(observation):
    """The amounts, the capacities and the goal, from the words."""
    jugs = re.findall(r"^([A-D]): (\d+) of (\d+) litres$", observation, flags=re.MULTILINE)
    amounts = tuple(int(amount) for _, amount, _ in jugs)
    capacities = tuple(int(capacity) for *_, capacity in jugs)
    amount, where = re.search(r"Goal: exactly (\d+) in (.+)$", observation).groups()
    if where.startswith("any"):
        goal = lambda state: int(amount) in state  # noqa: E731
    elif where.startswith("all"):
        goal = lambda state: sum(state) == int(amount)  # noqa: E731
    else:
        goal = lambda state: state["ABCD".index(where)] == int(amount)  # noqa: E731
    return amounts, capacities, goal


def neighbours(state, capacities):
    for jug in range(len(state)):
        for level in (0, capacities[jug]):
            after = list(state)
            after[jug] = level
            yield tuple(after)
        for other in range(len(state)):
            if other != jug:
                after = list(state)
                while after[jug] > 0 and after[other] < capacities[other]:  # drop by drop
                    after[jug] -= 1
                    after[other] += 1
                yield tuple(after)


def shortest(state, capacities, goal):
    found, queue = {state: 0}, deque([state])
    while queue:
        state = queue.popleft()
        if goal(state):
            return found[state]
        for after in neighbours(state, capacities):
            if after not in found:
                found[after] = found[state] + 1
                queue.append(after)
    raise AssertionError("the goal cannot be reached")


@pytest.mark.parametrize("level", range(1, 11))
def test_solutions_are_shortest_from_everywhere(level):
    jugs, largest, least, most = SIZES[level - 1]
    env = gym.make(ID, level=level, reward="dense", max_turns=1000).unwrapped
    choose = random.Random(level)
    for seed in range(12):
        observation, info = env.reset(seed=seed)
        state, capacities, goal = read(observation)
        assert len(capacities) == len(set(capacities)) == jugs
        assert max(capacities) <= largest
        assert least <= len(env.solution()) <= most
        progress = 0.99 ** shortest(state, capacities, goal)
        for _ in range(5):
            assert len(env.solution()) == shortest(state, capacities, goal)
            expected = {s for s in neighbours(state, capacities) if s != state}
            before, reached = env.snapshot(), set()
            for command in info["admissible_commands"]:
                env.restore(before)
                reached.add(read(env.step(command)[0])[0])
            assert reached == expected
            env.restore(before)
            command = choose.choice(info["admissible_commands"])
            observation, reward, terminated, _, info = env.step(command)
            state = read(observation)[0]
            assert terminated is goal(state)
            if terminated:
                break
            after = 0.99 ** shortest(state, capacities, goal)
            assert reward == pytest.approx(after - progress)
            progress = after


def test_difficulty_rises_with_the_level():
    """By the number of commands of a shortest solution."""
    assert all(low[2] < high[2] and low[3] < high[3] for low, high in pairwise(SIZES))


def test_the_turn_limit_is_a_multiple_of_the_shortest_solution():
    for level in (1, 3, 6):
        env = gym.make(ID, level=level).unwrapped
        env.reset(seed=level)
        assert env.snapshot().episode.turn_limit == 3 * len(env.solution()) + 6
        mine = gym.make(ID, level=level, max_turns=7).unwrapped
        mine.reset(seed=level)
        assert mine.snapshot().episode.turn_limit == 7


@pytest.mark.parametrize("level", [1, 2, 3])
def test_there_are_many_problems(level):
    env = gym.make(ID, level=level, split="test")
    assert len({env.reset(seed=seed)[1]["problem_id"] for seed in range(150)}) > 120


def test_levels_have_all_kinds_of_goals():
    env = gym.make(ID, level=4).unwrapped
    env.reset(seed=0)
    goals = " ".join(env.reset()[0].split("Goal: ")[1] for _ in range(80))
    for kind in ("in A", "in B", "in any one jug", "in all jugs together"):
        assert kind in goals


def test_what_cannot_be_done_is_said_and_changes_nothing():
    env = gym.make(
        ID, level=1, reward={"illegal_cost": 0.25, "format_cost": 0.5}, max_turns=99
    ).unwrapped
    env.reset(seed=1)
    observation, terminated = "", True
    while True:  # until both are empty and filling A is not the solution
        _, info = env.reset()
        for command in [c for c in info["admissible_commands"] if c.startswith("empty")]:
            observation, _, terminated, *_ = env.step(command)
        if not terminated:
            state, capacities, goal = read(observation)
            if state == (0, 0) and not goal((capacities[0], 0)):
                break
    view = env.step("fill A")[0]
    for action, cost, said in (
        ("fill A", 0.25, "Jug A is full."),
        ("empty B", 0.25, "Jug B is empty."),
        ("pour B to A", 0.25, "Jug B is empty."),
        ("pour A to A", 0.25, "itself"),
        ("fill C", 0.5, "The jugs are A, B."),
        ("pour A", 0.5, "has the form"),
        ("fill A to B", 0.5, "has the form"),
        ("fill A, fill B", 0.5, "has the form"),
        ("fill E", 0.5, "The jugs are A, B."),
        ("pour A to Z", 0.5, "The jugs are A, B."),
        ("fill AB", 0.5, "has the form"),
        ("fill ²", 0.5, "has the form"),
        ("", 0.5, "No command"),
    ):
        observation, reward, *_ = env.step(action)
        assert said in observation
        assert observation.split("\n\n")[1] == view
        assert reward == -cost


@pytest.mark.parametrize(
    ("command", "same"),
    [
        ("fill A", ["Fill a.", "fill jug A", "fill the jug A", "\\boxed{fill A}"]),
        ("empty A", ["EMPTY A", "empty the jug a", "empty out A"]),
        ("pour A to B", ["pour A into B", "pour a -> b", "pour from jug A into jug B", "pour A→B"]),
    ],
)
def test_ways_of_writing_a_command(command, same):
    env = gym.make(ID, level=2).unwrapped
    env.reset(seed=0)
    while command not in env.reset()[1]["admissible_commands"]:
        pass
    before = env.snapshot()
    expected = env.step(command)[0]
    for text in same:
        env.restore(before)
        assert env.step(text)[0] == expected


def test_a_plan_in_a_box():
    env = gym.make("WaterJugsBoxed-v0", level=4, reward="dense", max_turns=9).unwrapped
    env.reset(seed=3)
    plan = env.solution()[0][7:-1].split(", ")
    said, reward, *_ = env.step("\\boxed{" + ", ".join(plan[:-1]) + "}")
    assert "It leads to" in said
    assert 0 < reward < 1
    said, less, *_ = env.step("\\boxed{" + ", ".join([*plan[:2], "fill D"]) + "}")
    assert said.startswith("Command 3: The jugs are")
    assert less < 0
    detour = ["empty A", "fill A"] if "fill A" in plan[:1] else []
    assert env.step("\\boxed{" + " \\to ".join([*plan[:1], *detour, *plan[1:]]) + "}")[2]
