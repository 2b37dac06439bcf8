"""Mastermind: what guesses are told, the codes that agree, guessing within the board."""

import math
import random
import re
from collections import Counter
from itertools import product

import gymnasium as gym
import pytest

from reasoning_gym_envs.puzzles.mastermind import COLOURS, ROWS, SIZES

ID = "Mastermind-v0"
MEAN_GUESSES = ((1, 2.2), (2, 3.2), (2, 3.3), (2.5, 3.6), (2.5, 3.6), *((2.8, 4.8),) * 5)
ROW = re.compile(r"^\d+\. (.+): (\d) right, (\d) misplaced$", flags=re.MULTILINE)


def told(guess, code):
    right = sum(a == b for a, b in zip(guess, code, strict=True))
    common = sum((Counter(guess) & Counter(code)).values())
    return right, common - right


def board_of(observation):
    return [(row.split(), (int(a), int(b))) for row, a, b in ROW.findall(observation)]


def agreeing(board, pegs, colours):
    return [
        code
        for code in product(COLOURS[:colours], repeat=pegs)
        if all(told(guess, code) == answer for guess, answer in board)
    ]


@pytest.mark.parametrize("level", range(1, 11))
def test_guesses_are_told_the_truth_and_progress_is_what_they_tell(level):
    pegs, colours = SIZES[level - 1]
    size = colours**pegs
    env = gym.make(ID, level=level, reward="dense").unwrapped
    choose = random.Random(level)
    for seed in range(4 if size < 1000 else 1):
        observation, _ = env.reset(seed=seed)
        code = env.solution()[-1].split()
        known = math.log2(size / len(agreeing(board_of(observation), pegs, colours)))
        while True:
            guess = choose.choices(COLOURS[:colours], k=pegs)
            if guess == code:
                continue
            observation, reward, terminated, _, info = env.step(" ".join(guess))
            if terminated:
                assert not info["is_success"]
                break
            board = board_of(observation)
            assert board[-1] == (guess, told(guess, code))
            now = math.log2(size / len(agreeing(board, pegs, colours)))
            assert reward == pytest.approx((now - known) / (1 + math.log2(size)))
            known = now
            if len(board) == ROWS[level - 1] - 1 or size > 1000:
                break


@pytest.mark.parametrize("level", range(1, 11))
def test_the_reference_deduces(level):
    """Each of its guesses agrees with all that was told before, and it needs few of them."""
    env = gym.make(ID, level=level).unwrapped
    guesses = []
    for seed in range(30):
        observation, _ = env.reset(seed=seed)
        solution = env.solution()
        guesses.append(len(solution))
        for guess in solution:
            for row, answer in board_of(observation):
                assert told(row, guess.split()) == answer
            observation, _, terminated, *_ = env.step(guess)
        assert terminated
    low, high = MEAN_GUESSES[level - 1]
    assert low <= sum(guesses) / 30 <= high


def test_the_last_row_is_always_enough_for_the_reference():
    env = gym.make(ID, level=10).unwrapped
    env.reset(seed=0)
    wrong = " ".join(["red", "green", "red", "green"])
    while True:
        before = env.snapshot()
        solution = env.solution()
        assert len(board_of(env.step("?")[0])) + len(solution) <= ROWS[9]
        for guess in solution:
            *_, terminated, _, info = env.step(guess)
        assert terminated
        assert info["is_success"]
        env.restore(before)
        observation, _, terminated, *_ = env.step(wrong)
        if terminated:
            break
    assert "0 guesses left" in observation


def test_a_full_board_is_lost_and_pays_nothing():
    for mode in ("dense", "shaped"):
        env = gym.make(ID, level=3, reward=mode).unwrapped
        env.reset(seed=1)
        code = env.solution()[-1]
        wrong = "red red red" if code != "red red red" else "blue blue blue"
        paid, gamma = 0.0, env.reward_scheme.gamma if mode == "shaped" else 1.0
        for turn in range(20):
            _, reward, terminated, truncated, info = env.step(wrong)
            paid += gamma**turn * reward
            if terminated:
                break
        assert not truncated
        assert not info["is_success"]
        assert paid < 0  # what was known at the beginning is taken back


def test_the_same_guess_again_gains_nothing():
    env = gym.make(ID, level=6, reward="dense").unwrapped
    env.reset(seed=1)
    rewards = [env.step("red red green green blue blue")[1] for _ in range(4)]
    assert rewards[1:] == [0, 0, 0]


@pytest.mark.parametrize(
    "write", ["{}", "Guess {}.", "<think>red</think> {}", "\\boxed{{{}}}", "commas", "initials"]
)
def test_ways_of_writing_a_guess(write):
    env = gym.make(ID, level=5).unwrapped
    env.reset(seed=1)
    before = env.snapshot()
    guess = "orange red yellow green"
    expected = env.step(guess)[0]
    for text in {
        "commas": ["orange, red, yellow, green", "orange,red,yellow,green"],
        "initials": ["o r y g", "oryg", "ORYG", "o-r-y-g"],
    }.get(write, [write.format(guess), write.format(guess.upper())]):
        env.restore(before)
        assert env.step(text)[0] == expected


def test_what_is_no_guess_is_said_and_fills_no_row():
    env = gym.make(ID, level=5, reward={"mode": "dense", "format_cost": 0.5}, max_turns=99)
    env = env.unwrapped
    observation, _ = env.reset(seed=1)
    view = observation.split("\n\n")[1]
    for text in (
        "red red red",
        "red red red red red",
        "red red red pink",
        "red red red cyan",  # a colour of other levels
        "ryg",
        "1 2 3 4",
        "red red red red \ud83d\ude00",
        "r²yg",
        "red\x00red red red",
        "red " * 50,
        "",
    ):
        said, reward, *_ = env.step(text)
        assert said.split("\n\n")[1] == view
        assert reward == -0.5


def test_the_code_is_any_that_agrees():
    """Boards alike may hide different codes, and these are different problems."""
    env = gym.make(ID, level=3).unwrapped
    ids, codes = {}, {}
    for n in range(1500):
        board, info = env.reset(seed=0 if n == 0 else None)
        code = env.solution()[-1]
        codes.setdefault(board, set()).add(code)
        assert ids.setdefault(info["problem_id"], code) == code
    assert sum(len(found) > 1 for found in codes.values()) > 50


def test_there_is_no_boxed_form():
    with pytest.raises(TypeError, match="form"):
        gym.make(ID, form="boxed")
