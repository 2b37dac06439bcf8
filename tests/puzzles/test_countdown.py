"""Countdown: every way to the target counts, no rule can be bent, and targets are in reach."""

from itertools import combinations
from random import Random

import gymnasium as gym
import pytest

from reasoning_gym_envs.puzzles.countdown import LEVELS, shortest


def made_by_moves(numbers):
    """Breadth-first: for each number that can be made, the least moves; knows no shortcuts."""
    best, states = dict.fromkeys(numbers, 0), {tuple(sorted(numbers))}
    for moves in range(1, len(numbers)):
        after = set()
        for state in states:
            for i, j in combinations(range(len(state)), 2):
                low, high = state[i], state[j]
                rest = [n for k, n in enumerate(state) if k not in (i, j)]
                values = {low + high, low * high, high - low} - {0}
                if high % low == 0:
                    values.add(high // low)
                for value in values:
                    best.setdefault(value, moves)
                    after.add(tuple(sorted([*rest, value])))
        states = after
    return best


@pytest.mark.parametrize("count", [2, 3, 4])
def test_shortest_is_what_breadth_first_search_finds(count):
    choose = Random(count)
    for _ in range(8 if count == 4 else 20):
        numbers = tuple(sorted((choose.randint(1, 12) for _ in range(count)), reverse=True))
        best = made_by_moves(numbers)
        for target in [*choose.sample(range(1, 200), 25), *list(best)[:25]]:
            moves = shortest(numbers, target)
            assert (None if moves is None else len(moves)) == best.get(target)


def test_five_and_six_numbers():
    assert len(shortest((100, 75, 50, 25, 6, 3), 952)) == 5  # the famous one
    choose = Random(5)
    numbers = tuple(sorted((choose.randint(1, 10) for _ in range(5)), reverse=True))
    best = made_by_moves(numbers)
    for target in range(1, 600, 7):
        moves = shortest(numbers, target)
        assert (None if moves is None else len(moves)) == best.get(target)


def test_levels():
    for number, level in enumerate(LEVELS, 1):
        env = gym.make("Countdown-v0", level=number).unwrapped
        env.reset(seed=0)
        for _ in range(8):
            env.reset()
            numbers, target, _ = env.snapshot().episode.problem.data
            assert len(numbers) == level.numbers
            assert level.target[0] <= target <= level.target[1]
            assert target not in numbers
            if len(numbers) <= 4:
                assert made_by_moves(numbers)[target] >= level.needed - 1
            else:
                fewer = combinations(numbers, min(level.needed - 1, 3))
                assert all(target not in made_by_moves(some) for some in fewer)


def boxed(numbers, target, **arguments):
    env = gym.make("CountdownBoxed-v0", max_turns=100, **arguments).unwrapped
    env.reset(seed=0)
    problem = env.snapshot().episode.problem
    problem = type(problem)("x", 1, "", "", "Countdown", data=(numbers, target, ()))
    env.reset(options={"problem": problem})
    return env


@pytest.mark.parametrize(
    "answer",
    [
        "(8 - 2) * 4",
        "8*(4-1)",
        "4*(8-2)=24",
        "24 = 4 × (8 − 2)",
        r"4 \times \left(8 - 2\right)",
        r"4 \cdot (8-2)",
        "4(8-2)",
        "[8 - 2] · 4.",
        r"\frac{8}{2} * (4 + 1) + 4 - 4 + 4 * 1 - 0",
        r"\frac{8 \cdot 4}{2} + 9 - 1",
        "8 ÷ 2 × 4 + 9 - 1",
        "-8 + 4 * 9 - 2 * 2",
        "2 - 8 + 30",
        "8 + 8 + 8",
        "24",
    ],
)
def test_expressions_are_judged_by_their_value_and_numbers(answer):
    given = (9, 8, 4, 2, 1)
    used = [int(word) for word in "".join(c if c.isdigit() else " " for c in answer).split()]
    if "=" in answer:
        used.remove(24)
    allowed = all(used.count(n) <= given.count(n) for n in used)
    env = boxed(given, 24)
    assert env.step(f"\\boxed{{{answer}}}")[2] is allowed


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("8 * 4", "does not solve"),
        ("9 * 8 - 48", "48 is not one of the given numbers"),
        ("8 + 8 + 4 + 4", "8 is used twice"),
        ("9 / 2 * 4 + 8 - 2", "2 is used twice"),
        ("9 / 2 * 8", "9 / 2 is not a whole number"),
        ("8 / (2 - 2)", "Division by 0"),
        ("8 * 4 = 24 = 24", "equals sign"),
        ("8 * 4 = 32", "equals sign"),
        ("8 * 3 = 9 * 4", "equals sign"),
        ("8 4", "operation is missing"),
        ("(8 * 4", "not closed"),
        ("8 * 4)", "extra"),
        ("8 *", "at the end"),
        ("8 ** 4", "before '*'"),
        ("8 // 4", "before '/'"),
        ("8 ^ 4", "only contain"),
        ("8² + ٣", "only contain"),
        ("__import__('os')", "only contain"),
        ("8 or 24", "only contain"),
        ("9" * 500, "9 digits"),
        ("(" * 400, "50 deep"),
        ("8+" * 400, "at most"),
        ("8+" * 4000, "1,000 characters"),
        ("\\frac{8} + 4", "\\frac{…}{…}"),
        ("\x00\ud800", "only contain"),
    ],
)
def test_what_is_wrong_is_said(answer, said):
    env = boxed((9, 8, 4, 2, 1), 24, reward="dense")
    observation, reward, terminated, *_ = env.step(f"\\boxed{{{answer}}}")
    assert said in observation
    assert reward == 0
    assert not terminated


@pytest.mark.parametrize("mode", ["sparse", "dense", "shaped"])
def test_a_wrong_box_pays_nothing_in_any_mode(mode):
    env = gym.make("CountdownBoxed-v0", reward=mode, level=(3, 10)).unwrapped
    for seed in range(30):
        env.reset(seed=seed)
        numbers, target, _ = env.snapshot().episode.problem.data
        nearest = min(numbers, key=lambda n: abs(n - target))
        for answer in (nearest, target, "+".join(map(str, numbers)), f"{nearest}={target}"):
            env.reset(seed=seed)
            _, reward, _, _, info = env.step(f"\\boxed{{{answer}}}")
            assert info["is_success"] or reward == 0


@pytest.mark.parametrize("text", ["{0} * {1}", "{1}x{0}", "{0} times {1}", "{1} × {0} = {2}"])
def test_ways_of_writing_a_move(text):
    env = gym.make("Countdown-v0", level=5).unwrapped
    env.reset(seed=1)
    (a, b, *_), *_ = env.snapshot().episode.problem.data
    before = env.snapshot()
    expected = env.step("a * b")[0]
    env.restore(before)
    assert env.step(text.format(a, b, a * b))[0] == expected
    assert f"a: {a * b}" in expected


def test_moves_that_cannot_be_made_change_nothing():
    env = gym.make("Countdown-v0", level=5, reward={"illegal_cost": 0.25, "format_cost": 0.5})
    env = env.unwrapped
    observation, _ = env.reset(seed=1)
    view = observation.split("\n\n")[1]
    (a, b, *_), *_ = env.snapshot().episode.problem.data
    for action, cost in (
        ("b - a", 0.25),
        ("b / a", 0.25),
        ("a + a", 0.25),
        ("a + z", 0.25),
        ("999 + a", 0.25),
        (f"{a} + {b} = 1", 0.25),
        ("a", 0.5),
        ("a ^ b", 0.5),
        ("٣ + a", 0.5),
        ("9" * 150 + " + a", 0.5),
    ):
        said, reward, *_ = env.step(action)
        assert said.split("\n\n")[1] == view
        assert reward == -cost


def test_progress_is_the_distance_and_gone_where_the_target_is():
    env = gym.make("Countdown-v0", level=4, reward="dense").unwrapped
    gamma = env.reward_scheme.gamma
    for seed in range(15):
        _, info = env.reset(seed=seed)
        numbers, target, _ = env.snapshot().episode.problem.data
        before = env.snapshot()
        start = gamma ** made_by_moves(numbers)[target]
        for command in info["admissible_commands"]:
            env.restore(before)
            _, reward, terminated, _, _ = env.step(command)
            left = env.snapshot().episode.state
            distance = made_by_moves(left).get(target)
            assert terminated is (distance == 0)
            expected = 0.0 if distance is None else gamma**distance
            assert reward == pytest.approx(expected - start + (distance == 0))
            if distance:
                assert len(env.solution()) == distance
