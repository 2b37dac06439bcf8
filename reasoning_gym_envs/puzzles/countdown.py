r"""Countdown: make a target from numbers by the four operations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import combinations
from typing import NamedTuple

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import BOXED_FORM, MOVES_FORM, CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.arithmetic import (
    Unreadable,
    Written,
    join,
    misused,
    read_expression,
)


class Level(NamedTuple):
    """What the problems of a level are made from."""

    numbers: int
    tiles: str
    target: tuple[int, int]
    needed: int  # how many of the numbers any solution must use, at least


LEVELS = (
    Level(3, "small", (10, 50), 2),
    Level(3, "small", (20, 100), 3),
    Level(4, "small", (20, 100), 3),
    Level(4, "show", (50, 200), 3),
    Level(5, "show", (50, 400), 3),
    Level(5, "show", (100, 999), 4),
    Level(6, "show", (100, 999), 3),
    Level(6, "show", (100, 999), 4),
    Level(6, "any", (100, 999), 4),
    Level(6, "any", (100, 999), 5),
)
SMALL = tuple(range(1, 11)) * 2
LARGE = (25, 50, 75, 100)
TILES = {"small": SMALL, "show": SMALL + LARGE, "any": tuple(range(1, 101))}

LETTERS = "abcdef"
OPERATORS = "+-*/"
TURNS = 20
TOO_LARGE = 5_000  # for a result on the way to a target, where a problem is made

_MOVE = re.compile(
    r"([a-z]|[0-9]{1,15}) ?(\+|-|\*|/|x|×|·|÷|−|plus|minus|times|divided by) ?([a-z]|[0-9]{1,15})"
    r"(?: ?= ?([0-9]{1,15}))?"
)
_OPERATOR = {"x": "*", "×": "*", "·": "*", "÷": "/", "−": "-"} | {
    "plus": "+",
    "minus": "-",
    "times": "*",
    "divided by": "/",
}

Numbers = tuple[int, ...]
"""The numbers that are left, the largest first."""
Move = tuple[int, str, int]
"""The two numbers and the operation that replaces them by its result."""


class Countdown(CommandEnv[Numbers]):
    r"""Make the target from the numbers, as in the television game.

    ## Description
    Some numbers and a target. Each move replaces two of the numbers with their sum, difference,
    product or quotient, until one of them is the target. Each number is used at most once; not all
    need to be used. Every result is a positive whole number.

    ## Observation
    `Countdown-v0`: the numbers that are left, the largest first, each after a letter, and the
    target. `CountdownBoxed-v0`: the numbers and the target. The rules stand above the first
    observation; what is wrong with a move or an answer, in the next.

    `numeric_observation()` of `Countdown-v0` has the target and the numbers from the largest to the
    smallest, each as log₂(1 + number), and 0 where no number is left.

    ## Action
    * `Countdown-v0`: one move, by letters, ``a * c``, or by values, ``8 * 3``.
    * `CountdownBoxed-v0`: one expression, ``\boxed{(8 - 2) * 4}``, in plain or LaTeX spelling; it
      may end in "= target". It is read from left to right: sums and products may be in any order,
      and part of them may be negative, which is no more than another order of a positive one, but
      every division must have a whole-number result.

    ## Rewards
    * **sparse**: 1 when the target is made, else 0.
    * **dense**: sparse plus the change of Φ.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    For moves Φ = γ^d, where d is the least number of moves to the target (γ is the reward's
    ``gamma``), and 0 where it is out of reach: each move that is a step of a shortest solution
    pays a little, and one that throws the target away costs all that was paid. An answer in a box
    has Φ = 0 unless it is right: how near its value comes says nothing about how near it is to a
    solution, so `CountdownBoxed-v0` pays the same in all three modes.

    ``format_cost`` is charged for what is not a move or an answer, ``illegal_cost`` for a move that
    cannot be made and an expression that breaks a rule.

    ## Episode end
    Terminated when the target is made, or a single other number is left. Truncated after
    ``max_turns``; by default 20 for moves, and 1 for `Boxed`.

    ## Information
    ``admissible_commands`` for moves: those that are possible now, by letters.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | numbers | 3 | 3 | 4 | 4 | 5 | 5 | 6 | 6 | 6 | 6 |
    | drawn from | small | small | small | show | show | show | show | show | 1–100 | 1–100 |
    | target from | 10 | 20 | 20 | 50 | 50 | 100 | 100 | 100 | 100 | 100 |
    | target to | 50 | 100 | 100 | 200 | 400 | 999 | 999 | 999 | 999 | 999 |
    | least moves | 1–2 | 2 | 2–3 | 2–3 | 2–4 | 3–4 | 2–5 | 3–5 | 3–5 | 4–5 |

    Small numbers are 1 to 10, each twice; the show adds 25, 50, 75 and 100, each once. The last
    line counts the moves of a shortest solution. The reference at the start is the one that the
    problem was made from, which may be longer; from any other state it is a shortest one.

    ## Example
    ```text
    Make the target from the numbers: each move replaces two of them with their sum, difference,
    product or quotient, which must be a positive whole number. Not all numbers need to be used.
    Example commands: a + b, a - b, a * b, a / b.

    a: 9, b: 7, c: 5
    Target: 58
    > a * b
    a: 63, b: 5
    Target: 58
    > a - b
    a: 58
    Target: 58
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Make the target from the numbers: each move replaces two of them with their sum, "
        "difference, product or quotient, which must be a positive whole number. Not all numbers "
        "need to be used. Example commands: a + b, a - b, a * b, a / b."
    )
    boxed_rules = (
        "Make the target from the numbers with + - * / and brackets. Use each number at most once; "
        "not all need to be used. Every division must have a whole-number result."
    )
    boxed_instruction = "Answer with one expression in \\boxed{}."

    def _generate(self, stream: Stream, level: int) -> Problem:
        numbers, target, moves = make(stream, LEVELS[level - 1])
        content = f"{' '.join(map(str, numbers))} {target}"
        return Problem(content, level, "", "", "Countdown", data=(numbers, target, moves))

    def _move_limit(self, problem: Problem) -> int:
        return TURNS

    @property
    def _target(self) -> int:
        target: int = self._episode.problem.data[1]
        return target

    def _rules(self, problem: Problem) -> str:
        return self.rules if self.form == MOVES_FORM else self.boxed_rules

    def _start(self, problem: Problem) -> Numbers:
        numbers: Numbers = problem.data[0]
        return numbers

    def _commands(self, state: Numbers) -> list[str]:
        return [
            f"{LETTERS[i]} {operator} {LETTERS[j]}"
            for i, j in combinations(range(len(state)), 2)
            for operator in OPERATORS
            if result(state[i], operator, state[j])
        ]

    def _apply(self, state: Numbers, command: str) -> Numbers:
        found = _MOVE.fullmatch(command)
        if found is None:
            raise Refused("A move has the form: a + b.")
        first, sign, second, claimed = found.groups()
        operator = _OPERATOR.get(sign, sign)
        i = _place(state, first, None)
        j = _place(state, second, i)
        value = result(state[i], operator, state[j])
        if not value:
            raise Refused(
                f"{state[i]} {operator} {state[j]} is not a positive whole number.",
                understood=True,
            )
        if claimed is not None and int(claimed) != value:
            raise Refused(f"{state[i]} {operator} {state[j]} is {value}.", understood=True)
        return after(state, i, j, value)

    def _is_goal(self, state: Numbers) -> bool:
        return self._target in state

    def _is_lost(self, state: Numbers) -> bool:
        return len(state) == 1

    def _describe(self, state: Numbers) -> str:
        if self.form == BOXED_FORM:
            return f"Numbers: {', '.join(map(str, state))}\nTarget: {self._target}"
        numbers = ", ".join(
            f"{letter}: {number}" for letter, number in zip(LETTERS, state, strict=False)
        )
        return f"{numbers}\nTarget: {self._target}"

    def _progress_of(self, state: Numbers) -> float:
        if self.form == BOXED_FORM:
            return 0.0
        start, target, known = self._episode.problem.data
        moves = shortest(state, target, known if state == start else None)
        return 0.0 if moves is None else float(self.reward_scheme.progress_gamma ** len(moves))

    def _solve_from(self, state: Numbers) -> list[str]:
        start, target, moves = self._episode.problem.data
        if state != start:
            moves = shortest(state, target)
        commands = []
        for left, operator, right in moves or ():
            i = state.index(left)
            i, j = sorted((i, _place(state, str(right), i)))
            commands.append(f"{LETTERS[i]} {operator} {LETTERS[j]}")
            state = after(state, i, j, result(left, operator, right))
        return commands

    def _read_answer(self, start: Numbers, answer: str) -> tuple[Numbers, Refused | None]:
        try:
            value, numbers, uneven = read_expression(answer, self._target)
        except Unreadable as unreadable:
            return start, Refused(str(unreadable))
        fault = misused(numbers, start, all_of_them=False)
        if not fault and uneven:
            fault = f"{uneven} is not a whole number."
        return (start, Refused(fault, understood=True)) if fault else ((int(value),), None)

    def _write_answer(self, start: Numbers) -> str:
        return expression(start, self._episode.problem.data[2])

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """The four operations on each pair of letters: 60 where there are six numbers."""
        pairs = list(combinations(LETTERS[: self._most_numbers], 2))
        return tuple(f"{a} {operator} {b}" for a, b in pairs for operator in OPERATORS)

    @property
    def _most_numbers(self) -> int:
        return LEVELS[self.level[1] - 1].numbers

    @property
    def numeric_space(self) -> gym.Space[NDArray[np.float32]] | None:
        """The target and the numbers, as logarithms."""
        if self.form == BOXED_FORM:
            return None
        return gym.spaces.Box(0.0, 64.0, (self._most_numbers + 1,), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """log₂(1 + number) of the target and the numbers, the largest first; 0 for none."""
        if self.form == BOXED_FORM:
            return super().numeric_observation()  # type: ignore[no-any-return]
        state = (self._target, *self._episode.state)
        view = np.zeros(max(self._most_numbers + 1, len(state)), np.float32)
        view[: len(state)] = np.log2(np.array(state, float) + 1)
        return view


def result(left: int, operator: str, right: int) -> int:
    """What an operation makes; 0 where that is not whole and positive."""
    if operator == "+":
        return left + right
    if operator == "*":
        return left * right
    if operator == "-":
        return max(0, left - right)
    return 0 if left % right else left // right


def after(state: Numbers, i: int, j: int, value: int) -> Numbers:
    """The numbers after those at two places are replaced by one."""
    rest = [number for k, number in enumerate(state) if k not in (i, j)]
    return tuple(sorted([*rest, value], reverse=True))


def _place(state: Numbers, name: str, other: int | None) -> int:
    """Where the number is that a letter or a value names, and that is not the other one."""
    if name.isdigit():
        number = int(name)
        for place, value in enumerate(state):
            if value == number and place != other:
                return place
        again = "second " if other is not None and state[other] == number else ""
        raise Refused(f"There is no {again}{number}.", understood=True)
    place = LETTERS.find(name)
    if not 0 <= place < len(state):
        raise Refused(f"There is no number {name}.", understood=True)
    if place == other:
        raise Refused("A move needs two numbers.", understood=True)
    return place


def make(stream: Stream, level: Level) -> tuple[Numbers, int, tuple[Move, ...]]:
    """Numbers, a target and moves that make it: some of the numbers are combined at random."""
    low, high = level.target
    while True:
        drawn = stream.sample(TILES[level.tiles], level.numbers)
        used = stream.randint(level.needed, level.numbers)
        moves = _random_moves(stream, drawn[:used])
        if moves is None:
            continue
        *before, target = [result(*move) for move in moves]
        if not low <= target <= high or target in drawn or target in before:
            continue
        if all(operator in "+-" for _, operator, _ in moves):
            continue  # a mere sum
        numbers = tuple(sorted(drawn, reverse=True))
        if not any(reach(some, target) for some in _parts(numbers, level.needed - 1)):
            return numbers, target, moves


def _random_moves(stream: Stream, left: list[int]) -> tuple[Move, ...] | None:
    """Combine numbers at random until one is left; None where a move would make nothing new."""
    moves = []
    while len(left) > 1:
        a = left.pop(stream.randrange(len(left)))
        b = left.pop(stream.randrange(len(left)))
        if a < b:
            a, b = b, a
        operator = OPERATORS[stream.randrange(4)]
        if operator == "*" and a * b > TOO_LARGE:
            operator = "+"
        elif operator == "/" and a % b:
            operator = "-"
        value = result(a, operator, b)
        if value in (0, a, b):
            return None
        left.append(value)
        moves.append((a, operator, b))
    return tuple(moves)


# Which numbers can be made: the last operation joins a result of some of the numbers to a result
# of the others, so every result of the smaller part asks for a few of the larger.


def _parts(numbers: Numbers, most: int) -> Iterator[Numbers]:
    """Selections of two numbers and more, up to so many, the small ones first."""
    for size in range(2, most + 1):
        yield from dict.fromkeys(combinations(numbers, size))


def shortest(
    numbers: Numbers, target: int, known: tuple[Move, ...] | None = None
) -> tuple[Move, ...] | None:
    """The fewest moves that make the target; None where it is out of reach.

    Args:
        numbers: the numbers, the largest first.
        target: a whole number above 0.
        known: moves that make it, to be returned where there are no fewer.
    """
    if target in numbers:
        return ()
    for some in _parts(numbers, len(numbers) if known is None else len(known)):
        if reach(some, target):
            return _moves(some, target)
    return known


@lru_cache(maxsize=20_000)
def reach(numbers: Numbers, target: int) -> bool:
    """Whether the target can be made from all of the numbers."""
    if len(numbers) <= 3:
        return target in results(numbers)
    return next(_last_moves(numbers, target), None) is not None


@lru_cache(maxsize=2_000)
def results(numbers: Numbers) -> frozenset[int]:
    """Every number that all of these make together; for up to three of them."""
    if len(numbers) == 1:
        return frozenset(numbers)
    if len(numbers) == 2:
        return frozenset(_of_two(*numbers))
    x, y, z = numbers
    made: list[int] = []
    for one, two in ((x, (y, z)), (y, (x, z)), (z, (x, y))):
        for value in _of_two(*two):
            made += _of_two(one, value)
    return frozenset(made)


def _of_two(a: int, b: int) -> list[int]:
    """What two numbers make."""
    if a < b:
        a, b = b, a
    made = [a + b, a * b]
    if a > b:
        made.append(a - b)
    if a % b == 0:
        made.append(a // b)
    return made


@lru_cache(maxsize=2_000)
def _splits(numbers: Numbers) -> tuple[tuple[Numbers, Numbers], ...]:
    """The ways to split the numbers in two, the smaller part first."""
    places = range(len(numbers))
    splits = [
        (
            tuple(numbers[i] for i in few),
            tuple(numbers[i] for i in places if i not in few),
        )
        for size in range(1, len(numbers) // 2 + 1)
        for few in combinations(places, size)
    ]
    return tuple(dict.fromkeys(splits))


def _last_moves(numbers: Numbers, target: int) -> Iterator[tuple[Move, Numbers, Numbers]]:
    """The moves that make the target, with the numbers that make their left and right."""
    for few, rest in _splits(numbers):
        made = results(rest).__contains__ if len(rest) <= 3 else partial(reach, rest)
        for a in results(few):
            if a < target and made(target - a):
                yield (a, "+", target - a), few, rest
            if a > target and made(a - target):
                yield (a, "-", a - target), few, rest
            if made(a + target):
                yield (a + target, "-", a), rest, few
            if target % a == 0 and made(target // a):
                yield (a, "*", target // a), few, rest
            if a % target == 0 and made(a // target):
                yield (a, "/", a // target), few, rest
            if made(a * target):
                yield (a * target, "/", a), rest, few


def _moves(numbers: Numbers, target: int) -> tuple[Move, ...]:
    """The moves that make a target that is in reach."""
    if len(numbers) == 1:
        return ()
    move, left, right = next(_last_moves(numbers, target))
    return (*_moves(left, move[0]), *_moves(right, move[2]), move)


def expression(numbers: Numbers, moves: tuple[Move, ...]) -> str:
    """The expression that a list of moves computes, its last."""
    parts = [(number, Written(str(number), 3)) for number in numbers]
    for left, operator, right in moves:
        a, b = (parts.pop(_find(parts, number)) for number in (left, right))
        parts.append((result(left, operator, right), join(a[1], operator, b[1])))
    return parts[-1][1].text


def _find(parts: list[tuple[int, Written]], number: int) -> int:
    """The last of the parts that has the value: what was made before what was given."""
    return max(place for place, part in enumerate(parts) if part[0] == number)
