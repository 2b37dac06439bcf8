"""River crossing: shortest solutions, found again with names and sets; refusals; the classic."""

import random
import re
from collections import deque
from itertools import combinations, pairwise

import gymnasium as gym
import pytest

from reasoning_gym_envs.problems import Problem
from reasoning_gym_envs.puzzles.river_crossing import PASSENGERS, SIZES

ID = "RiverCrossing-v0"


def names_in(text):
    return frozenset(text.split(", ")) - {"nobody", "none", "the boat"}


class River:
    """A problem, from the words of its observation."""

    def __init__(self, observation):
        left = re.search("Left bank: (.+)", observation)[1]
        right = re.search("Right bank: (.+)", observation)[1]
        goal = re.search("Goal: (.+) on the left; (.+) on the right", observation)
        enemies = re.search("Must not be left together: (.+)", observation)[1]
        self.state = names_in(left), names_in(right), "the boat" in right
        self.goal = names_in(goal[1]), names_in(goal[2])
        self.enemies = [set(pair.split(" and ")) for pair in names_in(enemies)]
        self.large = names_in(re.search("Need two seats: (.+)", observation)[1])

    def crossings(self, state):
        here, there = state[state[2]], state[not state[2]]
        for number in range(3):
            for load in map(frozenset, combinations(sorted(here), number)):
                behind = here - load
                if len(load) + len(load & self.large) <= 2 and not any(
                    pair <= behind for pair in self.enemies
                ):
                    banks = (behind, there | load)
                    yield load, (*(banks[::-1] if state[2] else banks), not state[2])

    def shortest(self):
        found, queue = {self.state: 0}, deque([self.state])
        while queue:
            state = queue.popleft()
            if state[:2] == self.goal:
                return found[state]
            for _, after in self.crossings(state):
                if after not in found:
                    found[after] = found[state] + 1
                    queue.append(after)
        raise AssertionError("the goal cannot be reached")


def words(load):
    return f"cross with {' and '.join(f'the {n}' for n in sorted(load))}" if load else "cross alone"


@pytest.mark.parametrize("level", range(1, 11))
def test_solutions_are_shortest_from_everywhere(level):
    passengers, least, most = SIZES[level - 1]
    env = gym.make(ID, level=level, reward="dense", max_turns=1000).unwrapped
    choose = random.Random(level)
    for seed in range(6):
        observation, info = env.reset(seed=seed)
        assert len(River(observation).state[0] | River(observation).state[1]) == passengers
        assert least <= len(env.solution()) <= most
        for _ in range(4):
            river = River(observation)
            moves = river.shortest()
            assert len(env.solution()) == moves
            assert {words(load) for load, _ in river.crossings(river.state)} == set(
                info["admissible_commands"]
            )
            command = choose.choice(info["admissible_commands"])
            observation, reward, terminated, _, info = env.step(command)
            after = River(observation)
            assert after.state == next(
                state for load, state in river.crossings(river.state) if words(load) == command
            )
            assert terminated is (after.state[:2] == after.goal)
            if terminated:
                break
            assert reward == pytest.approx(0.99 ** after.shortest() - 0.99**moves)


def test_difficulty_rises_with_the_level():
    """By the number of crossings of a shortest solution; passengers never become fewer."""
    for low, high in pairwise(SIZES):
        assert low[0] <= high[0]
        assert low[1] < high[1]
        assert low[2] < high[2]


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


def classic():
    """The wolf, the goat and the cabbage; each as large as the boat."""
    chosen = tuple(PASSENGERS.index(name) for name in ("cabbage", "goat", "wolf"))
    data = (chosen, 0b111, (0b010, 0b101, 0b010), 0b111, (0, 0))
    return Problem("classic", 1, "", "", "RiverCrossing", data=data)


def test_the_classic():
    env = gym.make(ID, reward={"illegal_cost": 0.25, "format_cost": 0.5}, max_turns=99).unwrapped
    observation, info = env.reset(options={"problem": classic()})
    view = observation.split("\n\n")[1]
    assert len(env.solution()) == 7
    assert info["admissible_commands"] == ["cross with the goat"]
    for action, cost, said in (
        ("cross alone", 0.25, "The cabbage and the goat would be left together without you."),
        ("cross with the wolf", 0.25, "The cabbage and the goat would"),
        ("cross with the cabbage", 0.25, "The goat and the wolf would"),
        ("cross with the goat and the wolf", 0.25, "seats"),
        ("cross with the bear", 0.5, 'no passenger "bear"'),
        ("cross with goat, wolf", 0.5, "no passenger"),
        ("cross with the goat and", 0.5, "no passenger"),
        ("swim", 0.5, "has the form"),
        ("", 0.5, "No command was found"),
    ):
        text, reward, *_ = env.step(action)
        assert said in text
        assert text.split("\n\n")[1] == view
        assert reward == -cost
    env.step("cross with the goat")
    assert "not on the same bank as the boat" in env.step("cross with the wolf")[0]
    assert env.step("cross alone")[1] == 0


@pytest.mark.parametrize(
    "text",
    [
        "Cross with the goat.",
        "cross with goat",
        "row with the goat",
        "go over with the goat",
        "cross the river with the goat",
        "\\boxed{cross with the goat}",
        "cross with goat and goat",
    ],
)
def test_ways_of_writing_a_crossing(text):
    env = gym.make(ID).unwrapped
    env.reset(options={"problem": classic()})
    assert "Right bank: goat, the boat" in env.step(text)[0]


def test_a_plan_in_a_box():
    env = gym.make("RiverCrossingBoxed-v0", level=6, reward="dense", max_turns=9).unwrapped
    env.reset(seed=3)
    plan = env.solution()[0][7:-1].split(", ")
    said, reward, *_ = env.step("\\boxed{" + ", ".join(plan[:-1]) + "}")
    assert "It leads to" in said
    assert 0 < reward < 1
    said, less, *_ = env.step("\\boxed{" + ", ".join([*plan[:2], "swim"]) + "}")
    assert said.startswith("Command 3: A command has the form")
    assert less < 0
    there_and_back = [plan[0], plan[0]]  # the boat takes back whom it took
    assert env.step("\\boxed{" + "; ".join([*there_and_back, *plan]) + "}")[2]
