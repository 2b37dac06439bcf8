"""The 24 game: every expression counts that uses the four numbers once and makes 24."""

from fractions import Fraction
from itertools import combinations, combinations_with_replacement, islice
from random import Random

import gymnasium as gym
import pytest

from reasoning_gym_envs.puzzles.game_24 import LEVELS, TARGET, ways, write


def can_make(numbers):
    """Two by two, in fractions: another way than the environment's."""
    if len(numbers) == 1:
        return numbers[0] == TARGET
    for i, j in combinations(range(len(numbers)), 2):
        a, b = numbers[i], numbers[j]
        rest = [n for k, n in enumerate(numbers) if k not in (i, j)]
        values = {a + b, a - b, b - a, a * b}
        values |= {a / b} if b else set()
        values |= {b / a} if a else set()
        if any(can_make([*rest, value]) for value in values):
            return True
    return False


def test_solvable_where_a_search_in_fractions_says_so():
    choose = Random(24)
    for _ in range(120):
        numbers = tuple(choose.randint(1, choose.choice((10, 30))) for _ in range(4))
        assert bool(next(ways(numbers, TARGET), None)) is can_make([Fraction(n) for n in numbers])


def test_as_many_as_are_known():
    """Of the hands of four cards from 1 to 10, 566 of 715 make 24."""
    hands = combinations_with_replacement(range(1, 11), 4)
    assert sum(next(ways(hand, TARGET), None) is not None for hand in hands) == 566


def test_every_way_found_is_one():
    env = gym.make("Game24Boxed-v0", level=7).unwrapped
    for seed in range(10):
        env.reset(seed=seed)
        for tree in ways(env.snapshot().episode.problem.data, TARGET):
            env.reset(seed=seed)
            assert env.step(f"\\boxed{{{write(tree).text}}}")[4]["is_success"]


def test_levels():
    for number, level in enumerate(LEVELS, 1):
        env = gym.make("Game24Boxed-v0", level=number).unwrapped
        for seed in range(10):
            env.reset(seed=seed)
            numbers = env.snapshot().episode.problem.data
            assert max(numbers) <= level.largest
            found = len(list(islice(ways(tuple(sorted(numbers)), TARGET), 50)))
            assert level.fewest <= found <= level.most
            assert can_make([Fraction(n) for n in numbers])


def game(numbers, **arguments):
    env = gym.make("Game24Boxed-v0", max_turns=100, **arguments).unwrapped
    env.reset(seed=0)
    problem = env.snapshot().episode.problem
    problem = type(problem)("x", 1, "?", "", "Game24", data=numbers)
    env.reset(options={"problem": problem})
    return env


@pytest.mark.parametrize(
    "answer",
    ["8 / (3 - 8/3)", "8 ÷ (3 − 8 ÷ 3) = 24", r"\frac{8}{3 - \frac{8}{3}}", "24 = 8/(3-(8/3))"],
)
def test_fractions_on_the_way(answer):
    assert game((3, 8, 3, 8)).step(f"\\boxed{{{answer}}}")[2]


@pytest.mark.parametrize("mode", ["dense", "shaped"])
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("8 * 3", "used less often"),
        ("3 * 8 + 3 - 3", "3 is used 3 times"),
        ("24", "24 is not one of the given numbers"),
        ("3 + 3 + 8 + 8", "makes 22"),
        ("6 * 4 * 1 * 1", "6 is not one of the given numbers"),
        ("8 / 3 + 8 * 3", "makes 80/3"),
        ("8 / (3 - 3) * 8", "Division by 0"),
        ("38 - 8 - 3", "38 is not one of the given numbers"),
        ("8! + 3", "only contain"),
        ("3, 3, 8, 8", "only contain"),
        ("8^3", "only contain"),
    ],
)
def test_what_is_wrong_is_said_and_pays_nothing(answer, said, mode):
    observation, reward, terminated, *_ = game((3, 8, 3, 8), reward=mode).step(
        f"\\boxed{{{answer}}}"
    )
    assert said in observation
    assert reward == 0
    assert not terminated
