"""Satisfiability: few values solve it, any that do count, and guessing pays nothing."""

from itertools import product
from random import Random

import gymnasium as gym
import pytest

from reasoning_gym_envs.puzzles.satisfiability import LEVELS, NAMES, truth_tables


def is_solved(clauses, values):
    return all(any(values[abs(part) - 1] is (part > 0) for part in clause) for clause in clauses)


def count_solutions(clauses, variables):
    """Davis, Putnam, Logemann and Loveland's search, counting."""
    if any(not clause for clause in clauses):
        return 0
    if not clauses:
        return 2**variables
    pivot = abs(min(clauses, key=len)[0])
    total = 0
    for part in (pivot, -pivot):
        left = [[p for p in clause if p != -part] for clause in clauses if part not in clause]
        total += count_solutions(left, variables - 1)
    return total


def write(values):
    return ", ".join(f"{name}={str(v).lower()}" for name, v in zip(NAMES, values, strict=False))


def problems(level, number, **arguments):
    env = gym.make("SatisfiabilityBoxed-v0", level=level, **arguments).unwrapped
    for seed in range(number):
        env.reset(seed=seed)
        yield env, env.snapshot().episode.problem.data


@pytest.mark.parametrize("level", range(1, 11))
def test_few_solutions(level):
    allowed = LEVELS[level - 1]
    for _, (variables, clauses) in problems(level, 6):
        assert variables == allowed.variables
        found = count_solutions([list(clause) for clause in clauses], variables)
        assert 1 <= found <= allowed.solutions
        assert level == 1 or found / 2**variables <= 0.02
        assert all(len({abs(part) for part in clause}) == 3 for clause in clauses)


def test_any_solution_counts_and_nothing_else():
    several = 0
    for seed in range(6):
        env = gym.make("SatisfiabilityBoxed-v0", level=1, max_turns=100).unwrapped
        solved = 0
        for values in product((False, True), repeat=5):
            env.reset(seed=seed)
            _, clauses = env.snapshot().episode.problem.data
            said, reward, terminated, *_ = env.step(f"\\boxed{{{write(values)}}}")
            assert terminated is is_solved(clauses, values) is (reward == 1)
            assert terminated or "is false" in said
            solved += terminated
        several += solved > 1
    assert several


@pytest.mark.parametrize("mode", ["dense", "shaped"])
def test_guesses_and_majorities_do_not_pay(mode):
    """Random values, one value for all, and for each variable what is asked of it most often."""
    choose = Random(1)
    won = games = 0
    for env, (variables, clauses) in problems((3, 10), 60, reward=mode, max_turns=10):
        votes = [
            sum(part for clause in clauses for part in clause if abs(part) == v + 1)
            for v in range(variables)
        ]
        for values in (
            [True] * variables,
            [False] * variables,
            [choose.random() < 0.5 for _ in range(variables)],
            [vote > 0 for vote in votes],
        ):
            _, reward, solved, *_ = env.step(f"\\boxed{{{write(values)}}}")
            won, games = won + solved, games + 1
            assert solved or reward == 0
            if solved:
                break
    assert won <= 0.03 * games


@pytest.mark.parametrize(
    "form",
    [
        "{0}={1}, {2}={3}, ",
        "{0}: {1}; {2}: {3}; ",
        "{0} is {1} and {2} is {3} and ",
        "{0} = \\text{{{1}}} \\\\ {2} = \\text{{{3}}} \\\\ ",
        "{0}={1}\n{2}={3}\n",
    ],
)
@pytest.mark.parametrize("names", [("true", "false"), ("T", "F"), ("1", "0")])
def test_ways_of_writing_values(form, names):
    env = gym.make("SatisfiabilityBoxed-v0", level=2).unwrapped
    env.reset(seed=4)
    key = dict(part.split("=") for part in env.solution()[0][7:-1].split(", "))
    words = [w for n, v in key.items() for w in (n, names[v == "false"])]
    text = "".join(form.format(*words[i : i + 4]) for i in range(0, len(words), 4))
    assert env.step("\\boxed{" + text.removesuffix(" and ") + "}")[2:5][2]["is_success"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("a=true", "no value for b"),
        ("a=true, a=false", "two values for a"),
        ("a=true, z=false", "no variable z"),
        ("a=maybe", "each value like this"),
        ("true, false, true", "each value like this"),
        ("a=true or b=false", "each value like this"),
        ("all true", "each value like this"),
        ("a=2", "each value like this"),
        ("a" * 19_000, "each value like this"),
        ("a=true, " * 2_000, "no value for b"),
        ("\x00\ud800²", "each value like this"),
    ],
)
def test_what_is_no_list_of_values(answer, said):
    env = gym.make(
        "SatisfiabilityBoxed-v0", max_turns=3, reward={"mode": "dense", "format_cost": 0.25}
    )
    env.reset(seed=1)
    observation, reward, *_ = env.step(f"\\boxed{{{answer}}}")
    assert said in observation
    assert reward == -0.25


@pytest.mark.parametrize("variables", [1, 2, 5])
def test_truth_tables(variables):
    for row in range(2**variables):
        for variable, table in enumerate(truth_tables(variables)):
            assert table >> row & 1 == row >> variable & 1
