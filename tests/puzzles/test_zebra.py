"""Zebra: one solution, found by plain search; answers read and paid."""

import random
import re

import gymnasium as gym
import pytest

from reasoning_gym_envs.problems import Stream
from reasoning_gym_envs.puzzles.zebra import CATEGORIES, CLUES, SIZES, content_of, make

ID = "ZebraBoxed-v0"

CALLED = {
    called.format(value).lower(): value.lower()
    for _, values, called in CATEGORIES
    for value in values.split()
}
# The words of a clue, and what they say of the houses of the people in it.
MEANINGS = [
    (r"(.+) lives in house (\d)", lambda h, a: a == h),
    (r"(.+) does not live in house (\d)", lambda h, a: a != h),
    (r"(.+) lives directly to the left of (.+)", lambda a, b: a + 1 == b),
    (r"(.+) lives next door to (.+)", lambda a, b: abs(a - b) == 1),
    (r"(.+) lives somewhere to the left of (.+)", lambda a, b: a < b),
    (
        r"there is exactly one house between the houses of (.+) and (.+)",
        lambda a, b: abs(a - b) == 2,
    ),
    (r"(.+) lives somewhere between (.+) and (.+)", lambda a, b, c: b < a < c or c < a < b),
    (r"(.+) is not (.+)", lambda a, b: a != b),
    (r"(.+) is (.+)", lambda a, b: a == b),
]


def read_puzzle(text):
    """The lists of values, and each clue as the values that it is about and a test of houses."""
    houses = int(re.search(r"There are (\d) houses", text)[1])
    lists = [
        line.partition(": ")[2].lower().split(", ")
        for line in text.partition("Clues:")[0].splitlines()[1:]
        if line
    ]
    clues = []
    for clue in re.findall(r"^\d+\. (.+)\.$", text, flags=re.MULTILINE):
        clue = clue.lower()
        if found := re.fullmatch(r"(.+) lives in the first or the last house", clue):
            clues.append(([CALLED[found[1]]], lambda a, last=houses: a in (1, last)))
            continue
        for pattern, test in MEANINGS:
            if found := re.fullmatch(pattern, clue):
                *names, last = found.groups()
                if last.isdigit():
                    house = int(last)
                    clues.append(
                        ([CALLED[names[0]]], lambda a, test=test, house=house: test(house, a))
                    )
                else:
                    clues.append(([CALLED[name] for name in found.groups()], test))
                break
        else:
            raise AssertionError(clue)
    return houses, lists, clues


def solutions(houses, lists, clues, most=2):
    """Up to two tables, by backtracking on the value with the fewest houses left."""
    found = []
    house_of = {}
    about = {value: [] for of_it in lists for value in of_it}
    for values, test in clues:
        for value in values:
            about[value].append((values, test))
    fellows = {value: of_it for of_it in lists for value in of_it}

    def fits(value, house):
        if any(house_of.get(fellow) == house for fellow in fellows[value]):
            return False
        house_of[value] = house
        right = all(
            test(*(house_of[v] for v in values))
            for values, test in about[value]
            if all(v in house_of for v in values)
        )
        del house_of[value]
        return right

    def search():
        options = {
            value: [house for house in range(1, houses + 1) if fits(value, house)]
            for value in about
            if value not in house_of
        }
        if not options:
            found.append(dict(house_of))
            return
        value = min(options, key=lambda value: len(options[value]))
        for house in options[value]:
            house_of[value] = house
            search()
            del house_of[value]
            if len(found) >= most:
                return

    search()
    return found


def table_of(found, houses, separator="; "):
    return separator.join(
        f"{house}: {', '.join(value for value, h in found.items() if h == house)}"
        for house in range(1, houses + 1)
    )


@pytest.mark.parametrize("level", range(1, 11))
def test_one_solution(level):
    env = gym.make(ID, level=level).unwrapped
    env.reset(seed=level)
    for _ in range(40 if level < 6 else 5 if level < 9 else 2):
        text, _ = env.reset()
        houses, lists, clues = read_puzzle(text)
        assert (houses, len(lists)) == SIZES[level - 1]
        found = solutions(houses, lists, clues)
        assert len(found) == 1
        assert env.step(f"\\boxed{{{table_of(found[0], houses)}}}")[2]


def test_nearly_every_clue_is_needed():
    env = gym.make(ID, level=4).unwrapped
    env.reset(seed=0)
    needed = clues_seen = 0
    for _ in range(25):
        houses, lists, clues = read_puzzle(env.reset()[0])
        for clue in clues:
            others = [other for other in clues if other is not clue]
            needed += len(solutions(houses, lists, others)) > 1
            clues_seen += 1
    assert needed / clues_seen > 0.9


def test_levels_rise_in_size_and_clues():
    sizes = [houses * attributes for houses, attributes in SIZES]
    assert sizes[0] < sizes[4] < sizes[7] < sizes[9]
    assert not {"at", "ends"} & set(CLUES[9])


def fresh(level=5, seed=4, **arguments):
    env = gym.make(ID, level=level, **arguments).unwrapped
    env.reset(seed=seed)
    [action] = env.solution()
    return env, action[7:-1]


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: ";".join(reversed(rows)),
        lambda rows: "\n".join(f"House {row}".replace(": ", " = ").upper() for row in rows),
        lambda rows: r" \\ ".join(row.replace(": ", " & ").replace(", ", " & ") for row in rows),
        lambda rows: "; ".join(f"\\text{{{row}}}" for row in rows),
        lambda rows: ", ".join(rows),
        lambda rows: "; ".join(
            f"{row[0]}: {', '.join(reversed(row[3:].split(', ')))}" for row in rows
        ),
    ],
)
def test_ways_of_writing(write):
    env, right = fresh()
    assert env.step(f"\\boxed{{{write(right.split('; '))}}}")[2:3] == (True,)


def test_malformed_answers_say_why_and_earn_nothing():
    env, right = fresh(reward={"mode": "dense", "format_cost": 0.5}, max_turns=99)
    rows = right.split("; ")
    first = rows[0].split(": ")[1].split(", ")
    second = rows[1].split(": ")[1].split(", ")
    for answer, fault in (
        ("; ".join(rows[:-1]), "not complete"),
        (right.rpartition(", ")[0], "not complete"),
        (right + "; " + rows[0], "given twice"),
        (right + ", " + first[0], "given twice"),
        (right.replace(second[0], first[0]), "given twice"),
        (right.replace(first[0] + ", ", "").replace(second[0], f"{second[0]}, {first[0]}"), "two"),
        (right.replace(first[0], "unicorn"), "not a value"),
        (right.replace("1:", "9:"), "no house"),
        (right.replace("1:", "11111111:"), "no house"),
        (right.replace("1:", "0:"), "no house"),
        (right.replace("1:", "¹:"), "not a value"),
        (right.replace("1: ", ""), "before"),
        ("; ".join(f"{house}: {', '.join(first + second)}" for house in range(1, 5)), "two"),
        ("1" * 19_000, "no house"),
        ("¬²٣\x00\ud800", "not a value"),
    ):
        said, reward, terminated, _, info = env.step(f"\\boxed{{{answer}}}")
        assert not terminated, answer
        assert fault in said
        assert reward == -0.5
        assert info["reward_terms"]["progress"] == 0


@pytest.mark.parametrize(("level", "most"), [(1, 0.09), (2, 0.05), (5, 0.03), (10, 0.02)])
def test_random_tables_earn_next_to_nothing(level, most):
    env = gym.make(ID, level=level, reward="dense").unwrapped
    env.reset(seed=level)
    choose = random.Random(level)
    earned, episodes = 0.0, 150 if level < 10 else 20
    for _ in range(episodes):
        houses, lists, _ = read_puzzle(env.reset()[0])
        start = env.snapshot()
        for _ in range(5):
            env.restore(start)
            for of_it in lists:
                choose.shuffle(of_it)
            table = {value: house for of_it in lists for house, value in enumerate(of_it, 1)}
            reward = env.step(f"\\boxed{{{table_of(table, houses)}}}")[1]
            earned += reward if reward < 1 else 0
    assert earned / (5 * episodes) < most


def test_the_content_does_not_depend_on_the_order_of_attributes():
    for level in (2, 5, 8):
        houses, attributes = SIZES[level - 1]
        stream = Stream(level)
        for _ in range(20):
            clues = make(stream, houses, attributes, CLUES[level - 1])
            order = stream.sample(range(attributes), attributes)
            renamed = [
                (
                    kind,
                    order[one // houses] * houses + one % houses,
                    two
                    if kind in ("at", "not_at", "ends")
                    else order[two // houses] * houses + two % houses,
                    order[three // houses] * houses + three % houses,
                    bits,
                )
                for kind, one, two, three, bits in clues
            ]
            stream.shuffle(renamed)
            assert content_of(renamed, houses, attributes) == content_of(clues, houses, attributes)
