r"""Cryptarithm: digits for letters that make a sum of words correct."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.boxed_puzzle import (
    CORRECT,
    MEANS,
    BoxedPuzzle,
    Judgement,
    without_markup,
)


class Level(NamedTuple):
    """What the problems of a level are made from."""

    addends: int
    longest: int  # of the words that are added
    letters: int
    added: int  # of the letters are in the words that are added


LEVELS = (
    Level(2, 4, 5, 4),
    Level(2, 5, 6, 5),
    Level(2, 6, 7, 5),
    Level(2, 6, 8, 6),
    Level(3, 5, 8, 6),
    Level(2, 7, 9, 6),
    Level(3, 6, 9, 6),
    Level(2, 7, 10, 7),
    Level(3, 7, 10, 7),
    Level(4, 7, 10, 7),
)
PATTERNS = {4: 64, 5: 32, 6: 16, 7: 8}
"""How many patterns of words a level has, by the letters in the words that are added."""
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_PART = re.compile(rf"(?<![a-z])([a-z]){MEANS}([0-9]+)")


class Cryptarithm(BoxedPuzzle):
    r"""Find the digit for each letter that makes a sum of words correct.

    ## Description
    Each letter stands for a different digit, and no number begins with 0. Exactly one choice of
    digits makes the sum correct. The best known problem of this kind is SEND + MORE = MONEY; here
    the words are random.

    ## Observation
    The sum, the rules, and how to answer. After a wrong answer, unless it is the last: what is
    wrong with it, including the sum that it makes.

    ## Action
    Any text; the answer is in its last ``\boxed{}``: a digit for every letter, ``S=9, E=5, N=6``.
    Also read: "S: 9", "S is 9", other separators.

    ## Rewards
    * **sparse**: 1 when every digit is right, else 0.
    * **dense**: sparse plus Φ, which counts the right letters beyond half of them: 2r/n − 1 for r
      of n letters, and 0 for half of them or fewer.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    An answer that leaves a letter out has no digit for it, and one that breaks a rule (a digit
    given to two letters, a number that begins with 0) has Φ = 0. Random digits are right for one
    letter on average and for more than half of them in one or two cases of a hundred, so guessing
    earns less than a hundredth; a digit for every letter is given once, so nothing can be listed.

    ``format_cost`` is charged for what is not a list of digits.

    ## Episode end
    Terminated by a right answer, and by any answer if ``max_turns`` is 1, the default. Else
    truncated after ``max_turns``.

    ## Information
    Only what every environment gives.

    ## Arguments
    * ``instruction``: what stands below the question instead of how to answer; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | words added | 2 | 2 | 2 | 2 | 3 | 2 | 3 | 2 | 3 | 4 |
    | longest word added | 4 | 5 | 6 | 6 | 5 | 7 | 6 | 7 | 7 | 7 |
    | different letters | 5 | 6 | 7 | 8 | 8 | 9 | 9 | 10 | 10 | 10 |
    | of them in the words added | 4 | 5 | 5 | 6 | 6 | 6 | 6 | 7 | 7 | 7 |

    A level has 8 to 64 patterns of repeated letters in the words added. All the sums of a pattern
    are made at once, and those with a single solution are kept: 5,000 at level 1, from 34,000 to
    460,000 at the others.

    ## Example
    ```text
    Each letter stands for a different digit, and no number begins with 0. Find the digits that make
    this sum correct:

    KDNY + DYY = DHDN

    Answer with the digit for each letter, like this: \boxed{A=1, B=2, …}.
    > \boxed{D=5, H=1, K=4, N=6, Y=8}
    Correct.
    ```

    ## Version history
    * v0: the first version.
    """

    answer_instruction = "Answer with the digit for each letter, like this: \\boxed{A=1, B=2, …}."

    def _generate(self, stream: Stream, level: int) -> Problem:
        addends = make(stream, level)
        result = str(sum(map(int, addends)))
        digits = sorted({*result, *"".join(addends)})
        letters = stream.sample(ALPHABET, len(digits))
        names = str.maketrans("".join(digits), "".join(letters))
        words = tuple([number.translate(names) for number in (*addends, result)])
        question = (
            "Each letter stands for a different digit, and no number begins with 0. Find the "
            "digits that make this sum correct:\n\n"
            f"{' + '.join(words[:-1])} = {words[-1]}"
        )
        key = tuple(sorted(zip(letters, map(int, digits), strict=True)))
        answer = ", ".join([f"{letter}={digit}" for letter, digit in key])
        content = f"{_columns(addends)}={result}"
        data = (words, key)
        return Problem(content, level, question, answer, "Cryptarithm", data=data)

    def _judge(self, problem: Problem, answer: str) -> Judgement:
        words, key = problem.data
        digits = dict(key)
        given, fault = read_digits(answer, digits)
        if given == digits:
            return CORRECT
        if fault:
            return Judgement(False, 0.0, fault, is_read=False)
        if len(set(given.values())) < len(given):
            return Judgement(False, 0.0, "Two letters have the same digit.")
        if 0 in [given.get(word[0]) for word in words]:
            return Judgement(False, 0.0, "A number begins with 0.")
        right = sum(given.get(letter) == digit for letter, digit in key)
        progress = max(0.0, 2 * right / len(key) - 1)
        for letter, _ in key:
            if letter not in given:
                return Judgement(False, progress, f"The answer has no digit for {letter}.")
        *addends, result = [int("".join(str(given[letter]) for letter in word)) for word in words]
        text = f"{' + '.join(map(str, addends))} is {sum(addends)}, not {result}."
        return Judgement(False, progress, text)


def read_digits(answer: str, letters: dict[str, int]) -> tuple[dict[str, int], str]:
    """The digits that an answer gives to letters, or what is wrong with it.

    >>> read_digits("A = 1; B is 2", {"A": 0, "B": 0})
    ({'A': 1, 'B': 2}, '')
    >>> read_digits("A = 12", {"A": 0})
    ({}, 'A digit is from 0 to 9.')
    """
    answer = without_markup(answer)
    given: dict[str, int] = {}
    end = 0
    for found in _PART.finditer(answer):
        letter, digit = found[1].upper(), found[2]
        between = answer[end : found.start()]
        if between != ", " and between.strip(" ,;.") not in ("", "and"):
            return {}, "Write each digit like this: A=1."
        if letter not in letters:
            return {}, f"There is no letter {letter}."
        if len(digit) > 1:
            return {}, "A digit is from 0 to 9."
        if letter in given:
            return {}, f"There are two digits for {letter}."
        given[letter] = int(digit)
        end = found.end()
    if not given or answer[end:].strip(" ,;."):
        return {}, "Write each digit like this: A=1."
    return given, ""


def _columns(addends: Sequence[str]) -> str:
    """The digits of each column in order: exchanging them makes no other problem."""
    longest = max(map(len, addends))
    columns = zip(*[number.rjust(longest) for number in addends], strict=True)
    return "|".join(map("".join, map(sorted, columns)))


def make(stream: Stream, level: int) -> list[str]:
    """Numbers whose sum, written in letters, has a single solution."""
    patterns = PATTERNS[LEVELS[level - 1].added]
    while True:
        pattern, ways = sums_of(level, stream.randrange(patterns))
        if len(ways):
            digits = ways[stream.randrange(len(ways))].tobytes().decode()
            return ["".join([digits[letter] for letter in word]) for word in pattern]


# All sums of words with the same pattern are made at once. Each way to choose digits for the
# letters of the words gives their sum, and so the letters that the sum is written with. Two ways
# that give the same letters are two solutions of one problem; a way that shares its letters with no
# other is the only solution of its problem.

Pattern = tuple[tuple[int, ...], ...]
"""The words that are added, with numbers from 0 for their letters."""
Digits = NDArray[np.int8]


@cache
def sums_of(level: int, number: int) -> tuple[Pattern, Digits]:
    """One of the patterns of a level, and its unique ways."""
    pattern = pattern_of(level, number)
    return pattern, unique_ways(pattern, LEVELS[level - 1].letters)


def pattern_of(level: int, number: int) -> Pattern:
    """One of the patterns of a level."""
    addends, longest, _, added = LEVELS[level - 1]
    stream = Stream(1_000 * level + number)
    while True:
        words = []
        for n in range(addends):
            length = longest - (n > 0 and stream.random() < 0.3)
            words.append(tuple([stream.randrange(added) for _ in range(length)]))
        if len(set().union(*words)) == added:
            return tuple(words)


def unique_ways(pattern: Pattern, letters: int) -> Digits:
    """The ways to choose digits that are a problem's only solution, with so many letters in all.

    A row a way, with the digit of each letter of the words that are added, as ASCII.
    """
    digits = ways_to_choose(len(set().union(*pattern)))
    digits = digits[:, np.all(digits[[word[0] for word in pattern]] > 0, axis=0)]
    totals = np.zeros(digits.shape[1], np.int32)
    for word in pattern:
        for place, letter in enumerate(reversed(word)):
            totals += 10**place * digits[letter].astype(np.int32)
    used = _digits_of(totals)
    for row in digits:
        used |= _BITS[row]
    kept = np.flatnonzero(_COUNTS[used] == letters)
    codes = _sums_in_letters(digits[:, kept], totals[kept])
    order = np.argsort(codes)
    differs = np.diff(codes[order], prepend=-1, append=-1) != 0
    unique = kept[order[differs[:-1] & differs[1:]]]
    return np.ascontiguousarray(digits[:, unique].T + np.int8(ord("0")))


@cache
def ways_to_choose(letters: int) -> Digits:
    """All ways to choose different digits for some letters, a column a way."""
    ways = np.zeros((0, 1), np.int8)
    for _ in range(letters):
        digits = np.repeat(np.arange(10, dtype=np.int8), ways.shape[1])
        ways = np.tile(ways, 10)
        is_new = np.all(ways != digits, axis=0)
        ways = np.vstack([ways[:, is_new], digits[is_new]])
    return ways


_BITS = np.int16(1) << np.arange(10, dtype=np.int16)
_COUNTS = np.array([bin(bits).count("1") for bits in range(1 << 10)], np.int8)


def _digits_of(numbers: NDArray[np.int32]) -> NDArray[np.int16]:
    """The digits in each number, as bits."""
    used = np.zeros(len(numbers), np.int16)
    while numbers.any():
        rest, digit = np.divmod(numbers, 10)
        used |= np.where(numbers > 0, _BITS[digit], 0)
        numbers = rest
    return used


def _sums_in_letters(digits: Digits, sums: NDArray[np.int32]) -> NDArray[np.int32]:
    """A number for each sum that says which letters it is written with.

    Digits that no letter has yet get new letters from the right to the left.
    """
    columns = np.arange(len(sums))
    letter_of = np.full((10, len(sums)), -1, np.int8)
    for number, row in enumerate(digits):
        letter_of[row, columns] = number
    letters = np.full(len(sums), len(digits), np.int8)
    codes = np.zeros(len(sums), np.int32)
    while sums.any():
        rest, digit = np.divmod(sums, 10)
        letter = letter_of[digit, columns]
        is_new = letter < 0
        letter = np.where(is_new, letters, letter)
        letter_of[digit, columns] = letter
        letters += is_new
        codes = 11 * codes + np.where(sums > 0, letter, 10)  # 10 where there is no more digit
        sums = rest
    return codes
