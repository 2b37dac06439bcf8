"""Cryptarithm: one solution, found by another solver; partial answers pay what the card says."""

from itertools import permutations
from random import Random

import gymnasium as gym
import pytest

from reasoning_gym_envs.puzzles.cryptarithm import LEVELS, PATTERNS, pattern_of, unique_ways


def solutions(words, limit=2):
    """Column by column from the right, carrying: another method than the environment's."""
    *addends, result = words
    cells = []  # letters in the order in which the columns need them, None for a column's end
    for place in range(1, len(result) + 1):
        cells += [word[-place] for word in addends if place <= len(word)]
        cells += [result[-place], None]
    leading = {word[0] for word in words}
    found, digit_of = [], {}

    def column_sum(place, carry):
        return carry + sum(digit_of[word[-place]] for word in addends if place <= len(word))

    def go(i, place, carry):
        if len(found) >= limit:
            return
        if i == len(cells):
            if carry == 0:
                found.append(dict(digit_of))
            return
        letter = cells[i]
        if letter is None:
            total = column_sum(place, carry)
            if total % 10 == digit_of[result[-place]]:
                go(i + 1, place + 1, total // 10)
            return
        if letter in digit_of:
            go(i + 1, place, carry)
            return
        digits = range(10)
        if cells[i + 1] is None:  # the sum's letter follows from the column
            digits = [column_sum(place, carry) % 10]
        for digit in digits:
            if digit not in digit_of.values() and (digit or letter not in leading):
                digit_of[letter] = digit
                go(i + 1, place, carry)
                del digit_of[letter]

    go(0, 1, 0)
    return found


def read(env):
    return list(env.snapshot().episode.problem.data[0])


@pytest.mark.parametrize("level", range(1, 11))
def test_one_solution_and_it_is_the_reference(level):
    env = gym.make("CryptarithmBoxed-v0", level=level).unwrapped
    for seed in range(6 if level < 7 else 2):
        observation, _ = env.reset(seed=seed)
        words = read(env)
        assert f"{' + '.join(words[:-1])} = {words[-1]}" in observation
        assert len(words) - 1 == LEVELS[level - 1].addends
        assert len(set("".join(words))) == LEVELS[level - 1].letters
        (only,) = solutions(words)
        answer = ", ".join(f"{letter}={only[letter]}" for letter in sorted(only))
        assert env.solution() == [f"\\boxed{{{answer}}}"]
        assert env.step("\\boxed{" + answer.replace(", ", "; ").replace("=", ": ") + "}")[2]


@pytest.mark.parametrize(
    ("pattern", "letters"),
    [
        (((0, 1, 2), (1, 2, 1)), 4),
        (((0, 1, 2), (1, 2, 1)), 5),
        (((0, 1, 0, 2), (2, 1, 0)), 5),
        (((0, 1), (1, 2), (2, 2)), 4),
    ],
)
def test_the_unique_ways_are_those_that_the_other_solver_finds(pattern, letters):
    ways = {tuple(map(int, bytes(way).decode())) for way in unique_ways(pattern, letters)}
    expected, problems = set(), 0
    for digits in permutations(range(10), 3):
        numbers = ["".join(str(digits[letter]) for letter in word) for word in pattern]
        if any(number[0] == "0" for number in numbers):
            continue
        words = [*numbers, str(sum(map(int, numbers)))]
        if len(set("".join(words))) == letters:
            problems += 1
            if len(solutions(words)) == 1:
                expected.add(digits)
    assert ways == expected
    assert 0 < len(expected) < problems


@pytest.mark.parametrize("level", range(1, 11))
def test_every_level_has_patterns_with_thousands_of_problems(level):
    _, longest, letters, added = LEVELS[level - 1]
    for number in range(4):
        pattern = pattern_of(level, number)
        assert {letter for word in pattern for letter in word} == set(range(added))
        assert all(longest - 1 <= len(word) <= longest for word in pattern)
    patterns = {pattern_of(level, number) for number in range(PATTERNS[added])}
    assert len(patterns) >= PATTERNS[added] - 3
    some = unique_ways(pattern_of(level, 0), letters)
    assert len(some) > (3_000 if level > 3 else 300 if level > 1 else 3)
    assert len(set(map(tuple, some.tolist()))) == len(some)


@pytest.mark.parametrize("level", [1, 6, 10])
def test_progress_is_paid_for_more_than_half_of_the_letters(level):
    env = gym.make("CryptarithmBoxed-v0", level=level, reward="dense", max_turns=100).unwrapped
    env.reset(seed=2)
    parts = env.solution()[0][7:-1].split(", ")
    for known in range(1, len(parts)):
        env.reset(seed=2)
        said, reward, *_ = env.step("\\boxed{" + ", ".join(parts[:known]) + "}")
        assert reward == pytest.approx(max(0, 2 * known / len(parts) - 1))
        assert "no digit for" in said
        assert parts[known].split("=")[1] not in said.split(".")[0]


@pytest.mark.parametrize("level", [1, 5, 10])
def test_guessing_pays_next_to_nothing(level):
    env = gym.make("CryptarithmBoxed-v0", level=level, reward="dense").unwrapped
    choose = Random(level)
    paid = []
    for seed in range(15):
        env.reset(seed=seed)
        start = env.snapshot()
        letters = sorted(set("".join(read(env))))
        for _ in range(40):
            digits = choose.sample(range(10), len(letters))
            env.restore(start)
            text = ", ".join(f"{a}={d}" for a, d in zip(letters, digits, strict=True))
            paid.append(env.step(f"\\boxed{{{text}}}")[1])
    assert sum(paid) / len(paid) < 0.02


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda parts: [*parts, parts[0]], "two digits for"),
        (lambda parts: [part.split("=")[0] + "=5" for part in parts], "same digit"),
        (lambda parts: [*parts[:-1], "Ä=3"], "each digit like this"),
        (lambda parts: [*parts[:-1], parts[-1] + "0"], "from 0 to 9"),
        (lambda parts: [*parts[:-1], parts[-1][:2] + "٣"], "each digit like this"),
        (lambda parts: [*parts[:-1], parts[-1] + " or 3"], "each digit like this"),
        (lambda parts: ["1234567890"], "each digit like this"),
        (lambda parts: ["A" * 19_000], "each digit like this"),
        (lambda parts: ["\x00\ud800"], "each digit like this"),
    ],
)
@pytest.mark.parametrize("mode", ["dense", "shaped"])
def test_what_breaks_a_rule_pays_nothing(change, said, mode):
    env = gym.make("CryptarithmBoxed-v0", level=3, reward=mode, max_turns=3).unwrapped
    env.reset(seed=1)
    parts = env.solution()[0][7:-1].split(", ")
    observation, reward, *_ = env.step("\\boxed{" + ", ".join(change(parts)) + "}")
    assert said in observation
    assert reward == 0


def test_no_number_begins_with_0_and_a_wrong_sum_is_said():
    env = gym.make("CryptarithmBoxed-v0", level=1, max_turns=9).unwrapped
    env.reset(seed=1)
    words = read(env)
    letters = [words[0][0], *sorted(set("".join(words)) - {words[0][0]})]
    text = ", ".join(f"{letter}={digit}" for digit, letter in enumerate(letters))
    assert "begins with 0" in env.step(f"\\boxed{{{text}}}")[0]
    text = ", ".join(f"{letter}={digit}" for digit, letter in enumerate(letters, 1))
    assert ", not " in env.step(f"\\boxed{{{text}}}")[0]


def test_columns_may_be_exchanged_and_letters_renamed_without_a_new_problem():
    from reasoning_gym_envs.puzzles.cryptarithm import _columns

    assert _columns(["9567", "1085"]) == _columns(["1085", "9567"]) == _columns(["9085", "1567"])
    assert _columns(["9567", "1085"]) != _columns(["9567", "1084"])


@pytest.mark.parametrize(
    "write",
    [
        lambda pairs: "{" + ", ".join(f'"{a}": {d}' for a, d in pairs) + "}",
        lambda pairs: "\n".join(f"**{a}** = {d}" for a, d in pairs),
        lambda pairs: " and ".join(f"\\text{{{a}}} is {d}" for a, d in pairs) + ".",
        lambda pairs: ",\\; ".join(f"{a} \\to {d}" for a, d in pairs),
        lambda pairs: "; ".join(f"{a.lower()}->{d}" for a, d in reversed(pairs)),
        lambda pairs: " ".join(f"{a}={d}" for a, d in pairs),
    ],
)
def test_right_digits_are_read_in_many_spellings(write):
    env = gym.make("CryptarithmBoxed-v0", level=4).unwrapped
    env.reset(seed=3)
    pairs = [tuple(part.split("=")) for part in env.solution()[0][7:-1].split(", ")]
    assert env.step(f"\\boxed{{{write(pairs)}}}")[4]["is_success"]
