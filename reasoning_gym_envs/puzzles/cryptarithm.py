r"""Cryptarithm: letters stand for digits, and a sum of words is right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.boxed_puzzle import CORRECT, BoxedPuzzle, Judgement


class Level(NamedTuple):
    """So many words are added, of so many letters at most and different letters in all."""

    addends: int
    longest: int
    letters: int


LEVELS = (
    Level(2, 4, 5),
    Level(2, 5, 6),
    Level(2, 6, 7),
    Level(2, 6, 8),
    Level(3, 5, 8),
    Level(2, 7, 9),
    Level(3, 6, 9),
    Level(2, 7, 10),
    Level(3, 7, 10),
    Level(4, 7, 10),
)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_DECORATION = re.compile(r"\\(?:text|mathrm|mathbf|textbf|mathit)\b|\\[,;:! ]|[{}$()\[\]]|\\\\")
_PART = re.compile(r"([A-Z]) ?(?:=|:|IS|->|→|\\TO) ?([0-9]+)")


class Cryptarithm(BoxedPuzzle):
    r"""Find the digit of each letter, so that a sum of words is right.

    ## Description
    Each letter stands for a digit, different letters for different ones, and no number begins with
    0. Exactly one choice of digits makes the sum right. The best known problem of the kind is
    SEND + MORE = MONEY; here the words are random.

    ## Observation
    The sum, the rules, and how the answer is given. After a wrong answer that is not the last: what
    is wrong with it, the sum that it makes included.

    ## Action
    Any text; the answer is in its last ``\boxed{}``: a digit for every letter, ``S=9, E=5, N=6``.
    Also read: "S: 9", "S is 9", other separators.

    ## Rewards
    * **sparse**: 1 when every digit is right, else 0.
    * **dense**: sparse plus Φ, which says how many letters more than half of them have the right
      digit: 2r/n − 1 for r of n letters, and 0 for half of them or fewer.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    An answer that leaves a letter out has no digit for it, and one that breaks a rule (a digit
    given to two letters, a number that begins with 0) has Φ = 0. Random digits are right for one
    letter on average and for more than half of them in one case of a hundred or less, so guessing
    earns less than a hundredth; a digit for every letter is given once, so nothing can be listed.

    ``format_cost`` is charged for what is no list of digits.

    ## Episode end
    Terminated by a right answer, and by any answer if ``max_turns`` is 1, the default. Else
    truncated after ``max_turns``.

    ## Information
    Nothing but what every environment gives.

    ## Arguments
    * ``instruction``: what stands below the question instead of how to answer; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | words added | 2 | 2 | 2 | 2 | 3 | 2 | 3 | 2 | 3 | 4 |
    | longest word added | 4 | 5 | 6 | 6 | 5 | 7 | 6 | 7 | 7 | 7 |
    | different letters | 5 | 6 | 7 | 8 | 8 | 9 | 9 | 10 | 10 | 10 |

    ## Example
    ```text
    Each letter stands for a digit, different letters for different digits, and no number begins
    with 0. Find the digits that make this sum right:

    AENY + NAYN = JYNJE

    Answer with the digit of every letter in \boxed{}, like this: \boxed{A=1, B=2, …}.
    > \boxed{A=6, E=0, J=1, N=7, Y=3}
    Correct.
    ```

    ## Version history
    * v0: the first version.
    """

    answer_instruction = (
        "Answer with the digit of every letter in \\boxed{}, like this: \\boxed{A=1, B=2, …}."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        addends = make(stream, LEVELS[level - 1])
        result = str(sum(map(int, addends)))
        digits = sorted(set("".join(addends) + result))
        letters = stream.sample(ALPHABET, len(digits))
        letter_of = str.maketrans(dict(zip(digits, letters, strict=True)))
        words = tuple(number.translate(letter_of) for number in (*addends, result))
        question = (
            f"Each letter stands for a digit, different letters for different digits, and no "
            f"number begins with 0. Find the digits that make this sum right:\n\n"
            f"{' + '.join(words[:-1])} = {words[-1]}"
        )
        key = dict(sorted(zip(letters, map(int, digits), strict=True)))
        answer = ", ".join(f"{letter}={digit}" for letter, digit in key.items())
        content = f"{_columns(addends)}={result}"
        data = (words, tuple(key.items()))
        return Problem(content, level, question, answer, "Cryptarithm", data=data)

    def _judge(self, problem: Problem, answer: str) -> Judgement:
        words, key = problem.data
        given, fault = read_digits(answer, dict(key))
        if fault:
            return Judgement(False, 0.0, fault, is_read=False)
        if len(set(given.values())) < len(given):
            return Judgement(False, 0.0, "Two letters have the same digit.")
        if any(given.get(word[0]) == 0 for word in words):
            return Judgement(False, 0.0, "A number begins with 0.")
        right = sum(given.get(letter) == digit for letter, digit in key)
        progress = max(0.0, 2 * right / len(key) - 1)
        for letter, _ in key:
            if letter not in given:
                return Judgement(False, progress, f"There is no digit for {letter}.")
        *addends, result = [int("".join(str(given[letter]) for letter in word)) for word in words]
        if sum(addends) != result:
            text = f"{' + '.join(map(str, addends))} is {sum(addends)}, not {result}."
            return Judgement(False, progress, text)
        return CORRECT


def read_digits(answer: str, letters: dict[str, int]) -> tuple[dict[str, int], str]:
    """The digits that an answer gives to letters, or what is wrong with it.

    >>> read_digits("A = 1; B is 2", {"A": 0, "B": 0})
    ({'A': 1, 'B': 2}, '')
    >>> read_digits("A = 12", {"A": 0})
    ({}, 'A digit is one of 0 to 9.')
    """
    answer = " ".join(_DECORATION.sub(" ", answer).upper().split())
    given: dict[str, int] = {}
    end = 0
    for found in _PART.finditer(answer):
        letter, digit = found.groups()
        if answer[end : found.start()].strip(" ,;&.") not in ("", "AND"):
            return {}, "A digit is given like this: A=1."
        if letter not in letters:
            return {}, f"There is no letter {letter}."
        if len(digit) > 1:
            return {}, "A digit is one of 0 to 9."
        if letter in given:
            return {}, f"There are two digits for {letter}."
        given[letter] = int(digit)
        end = found.end()
    if not given or answer[end:].strip(" ,;&."):
        return {}, "A digit is given like this: A=1."
    return given, ""


def _columns(addends: Sequence[str]) -> str:
    """The digits of each column in order: exchanging them makes no other problem."""
    places = range(max(map(len, addends)), 0, -1)
    return " ".join(
        "".join(sorted(number[-place] for number in addends if place <= len(number)))
        for place in places
    )


def make(stream: Stream, level: Level) -> list[str]:
    """Numbers whose sum, written in letters, has a single solution."""
    addends, longest, letters = level
    while True:
        digits = stream.sample("0123456789", letters)
        numbers = []
        for n in range(addends):
            length = longest - (n > 0 and stream.random() < 0.3)
            numbers.append("".join([stream.choice(digits) for _ in range(length)]))
        if any(number[0] == "0" for number in numbers):
            continue
        result = str(sum(map(int, numbers)))
        if len(set("".join(numbers) + result)) == letters and is_unique(numbers, result):
            return numbers


# A sum of words says that the digits, each times the places that its letter stands at, add up to 0.
# Half of the letters are given digits in all ways, and the other half too; what remains are the
# pairs of ways that add up to 0 and share no digit (Horowitz and Sahni, "Computing partitions with
# applications to the knapsack problem", JACM 1974).

_BUCKETS = 1 << 14
Integers = NDArray[np.int32]


def is_unique(addends: Sequence[str], result: str) -> bool:
    """Whether a sum, with other digits for its digits, is right in no other way."""
    weights: dict[str, int] = {}
    for number, sign in [*((number, 1) for number in addends), (result, -1)]:
        for place, digit in enumerate(reversed(number)):
            weights[digit] = weights.get(digit, 0) + sign * 10**place
    leading = {number[0] for number in (*addends, result)}
    kinds = {(weight, digit in leading) for digit, weight in weights.items()}
    if len(kinds) < len(weights):
        return False  # two of the letters can be exchanged
    order = sorted(weights)
    half = len(order) // 2
    some, others = order[:half], order[half:]
    sums, used = _sums(some, weights, leading)
    other_sums, other_used = _sums(others, weights, leading)
    negated = -other_sums

    # Most have no partner: what falls into a bucket that none of the others fall into.
    for shift in (0, 9) if len(sums) > _BUCKETS // 8 else ():
        there = np.zeros(_BUCKETS, bool)
        there[(sums >> shift) & (_BUCKETS - 1)] = True
        kept = there[(negated >> shift) & (_BUCKETS - 1)]
        negated, other_used = negated[kept], other_used[kept]
        there[:] = False
        there[(negated >> shift) & (_BUCKETS - 1)] = True
        kept = there[(sums >> shift) & (_BUCKETS - 1)]
        sums, used = sums[kept], used[kept]

    ranks = np.argsort(negated)
    negated, other_used = negated[ranks], other_used[ranks]
    first = np.searchsorted(negated, sums, "left")
    counts = np.searchsorted(negated, sums, "right") - first
    pairs = np.repeat(np.arange(len(sums)), counts)
    offsets = np.arange(len(pairs)) - np.repeat(np.cumsum(counts) - counts, counts)
    partners = other_used[first[pairs] + offsets]
    return int(np.count_nonzero((used[pairs] & partners) == 0)) == 1


def _sums(
    letters: Sequence[str], weights: dict[str, int], leading: set[str]
) -> tuple[Integers, Integers]:
    """What some letters add up to, and the set of digits used, for each way to choose them."""
    ways, used = _ways(len(letters))
    sums = np.zeros(len(used), np.int32)
    allowed = np.ones(len(used), bool)
    for letter, digits in zip(letters, ways, strict=True):
        sums += weights[letter] * digits
        if letter in leading:
            allowed &= digits > 0
    return sums[allowed], used[allowed]


@cache
def _ways(letters: int) -> tuple[Integers, Integers]:
    """All ways to choose different digits, a row a letter, and each way's digits as bits."""
    ways = np.array(list(permutations(range(10), letters)), np.int32).T.copy()
    return ways, np.bitwise_or.reduce(1 << ways, axis=0)
