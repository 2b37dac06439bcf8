r"""Mastermind: find a hidden code from the feedback on each guess."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import product
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.rewards import RewardScheme

COLOURS = ("red", "green", "blue", "yellow", "orange", "purple", "white", "cyan")
# By level: pegs, colours, guesses that are on the board already, rows of the board.
SIZES = ((3, 4), (4, 4), (3, 5), (5, 4), (4, 5), (6, 4), (5, 5), (4, 6), (4, 7), (4, 8))
GIVEN = (2, 1, 1, 1, 1, 1, 1, 1, 1, 1)
ROWS = (7, 7, 8, 8, 8, 8, 8, 8, 9, 10)
MOST_ROWS = max(ROWS)
GUESSES_COMPARED = 6

_WORD = re.compile(r"[a-z]+")
_NAMES = {**{name: i for i, name in enumerate(COLOURS)}, **{n[0]: i for i, n in enumerate(COLOURS)}}

Board = tuple[tuple[int, int, int], ...]
"""The guesses, each as its number among all codes, how many pegs are right, how many colours more.
"""


class Mastermind(CommandEnv[Board]):
    r"""Guess a hidden code of coloured pegs from the feedback on each guess.

    ## Description
    A code of coloured pegs is hidden; colours may repeat. A guess is a code, too. The feedback says
    how many of its pegs have the right colour in the right place, and how many more have a right
    colour in the wrong place. The first rows of the board are filled with random guesses when the
    episode begins: these are the problem, and the code is a random one of those that agree with
    them.

    ## Observation
    The board: every guess so far with its feedback.

    ## Action
    `Mastermind-v0`: a code, peg by peg, ``red green green blue``; the first letters, ``r g g b`` or
    ``rggb``, are read, too. (A whole list of guesses at once would leave nothing to deduce: there
    is no `Boxed` id.)

    ## Rewards
    * **sparse**: 1 when the code is guessed, else 0.
    * **dense**: sparse plus the change of Φ = log₂(N/n) / (1 + log₂ N), where n of the N codes
      agree with the board: the share of bits that are known, the last one being the guess itself.
      0 when the board is full.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    A guess made before, or one that tells nothing new, leaves Φ as it is.

    ``format_cost`` is charged for what is not a code.

    ## Episode end
    Terminated when the code is guessed, or when the board is full. Truncated after ``max_turns``,
    by default twice the rows of the board.

    ## Information
    ``admissible_commands``: all codes. A problem is the code and the board at the beginning; the
    same board may hide another code another time.

    ## Arguments
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | pegs | 3 | 4 | 3 | 5 | 4 | 6 | 5 | 4 | 4 | 4 |
    | colours | 4 | 4 | 5 | 4 | 5 | 4 | 5 | 6 | 7 | 8 |
    | codes | 64 | 256 | 125 | 1024 | 625 | 4096 | 3125 | 1296 | 2401 | 4096 |
    | rows | 7 | 7 | 8 | 8 | 8 | 8 | 8 | 8 | 9 | 10 |
    | guesses, about | 1.6 | 2.6 | 2.8 | 3.0 | 3.2 | 3.4 | 3.5 | 3.5 | 3.9 | 4.3 |

    On level 1 two guesses are on the board at the beginning, on the others one. The last line is
    the mean length of the reference, which always guesses a code that agrees with the board: near
    the optimum (Knuth, "The computer as master mind", 1977, needs 4.48 for 4 pegs of 6 colours and
    an empty board).

    ## Example
    ```text
    Guess the hidden code of 3 pegs. Each peg is red, green, blue or yellow; colours may repeat. The
    feedback says how many pegs have the right colour in the right place (right), and how many more
    have a right colour in the wrong place (misplaced). Example command: red green blue.

    1. red red red: 0 right, 0 misplaced
    2. green red blue: 0 right, 2 misplaced
    5 guesses left.
    > blue green yellow
    1. red red red: 0 right, 0 misplaced
    2. green red blue: 0 right, 2 misplaced
    3. blue green yellow: 0 right, 3 misplaced
    4 guesses left.
    > yellow blue green
    1. red red red: 0 right, 0 misplaced
    2. green red blue: 0 right, 2 misplaced
    3. blue green yellow: 0 right, 3 misplaced
    4. yellow blue green: 3 right, 0 misplaced
    3 guesses left.
    ```

    ## Version history
    * v0: the first version.
    """

    rules = ""

    def __init__(
        self,
        *,
        instruction: str | None = None,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] = 1,
        split: str = "train",
        max_turns: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            instruction=instruction,
            reward=reward,
            level=level,
            split=split,
            max_turns=max_turns,
            render_mode=render_mode,
        )

    def _rules(self, problem: Problem) -> str:
        pegs, colours, *_ = problem.data
        return (
            f"Guess the hidden code of {pegs} pegs. Each peg is "
            f"{', '.join(COLOURS[: colours - 1])} or {COLOURS[colours - 1]}; colours may repeat. "
            "The feedback says how many pegs have the right colour in the right place (right), "
            "and how many more have a right colour in the wrong place (misplaced). "
            f"Example command: {' '.join(COLOURS[i % colours] for i in range(pegs))}."
        )

    def _generate(self, stream: Stream, level: int) -> Problem:
        pegs, colours = SIZES[level - 1]
        size = colours**pegs
        code = stream.randrange(size)
        board: Board = ()
        while len(board) < GIVEN[level - 1]:
            guess = stream.randrange(size)
            if guess != code and all(guess != row[0] for row in board):
                board += ((guess, *told(guess, code, pegs, colours)),)
        content = f"{pegs} {colours} {code} {sorted(board)}"
        data = (pegs, colours, code, board)
        return Problem(content, level, "", "", "Mastermind", data=data)

    def _move_limit(self, problem: Problem) -> int:
        return 2 * ROWS[problem.level - 1]

    def _start(self, problem: Problem) -> Board:
        board: Board = problem.data[3]
        return board

    def _commands(self, state: Board) -> list[str]:
        pegs, colours, *_ = self._episode.problem.data
        return list(codes(pegs, colours))

    def _apply(self, state: Board, command: str) -> Board:
        pegs, colours, code, _ = self._episode.problem.data
        words = _WORD.findall(command.removeprefix("guess"))
        if len(words) == 1 and len(words[0]) == pegs:
            words = list(words[0])
        guess = 0
        for word in words:
            colour = _NAMES.get(word, colours)
            if colour >= colours:
                raise Refused(f'"{word}" is not a colour of this code.')
            guess = guess * colours + colour
        if len(words) != pegs or not set(command) <= _CODE_CHARACTERS:
            raise Refused(f"A guess has {pegs} colours.")
        return (*state, (guess, *told(guess, code, pegs, colours)))

    def _is_goal(self, state: Board) -> bool:
        return bool(state[-1][1] == self._episode.problem.data[0])

    def _is_lost(self, state: Board) -> bool:
        return len(state) >= ROWS[self._episode.problem.level - 1] and not self._is_goal(state)

    def _describe(self, state: Board) -> str:
        pegs, colours, *_ = self._episode.problem.data
        names = codes(pegs, colours)
        rows = ROWS[self._episode.problem.level - 1]
        lines = [
            f"{row}. {names[guess]}: {right} right, {misplaced} misplaced"
            for row, (guess, right, misplaced) in enumerate(state, 1)
        ]
        left = rows - len(state)
        return "\n".join([*lines, f"{left} guess{'es' * (left != 1)} left."])

    def _progress_of(self, state: Board) -> float:
        if self._is_lost(state):
            return 0.0
        pegs, colours, *_ = self._episode.problem.data
        size = colours**pegs
        return math.log2(size / agreeing(state, pegs, colours).sum()) / (1 + math.log2(size))

    def _solve_from(self, state: Board) -> list[str]:
        pegs, colours, code, _ = self._episode.problem.data
        names = codes(pegs, colours)
        last = ROWS[self._episode.problem.level - 1] - 1
        possible = agreeing(state, pegs, colours)
        guesses: list[str] = []
        for _ in range(len(state), last):
            guess = best_guess(possible, pegs, colours)
            guesses.append(names[guess])
            if guess == code:
                return guesses
            given = answers(guess, pegs, colours)
            possible &= given == given[code]
        return [*guesses, names[code]]

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """All codes of the levels, in the order of levels."""
        return vocabulary(*self.level)

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """Rows of the board: a 0 or 1 for each peg and colour, and the two counts over the pegs."""
        pegs, colours = self._widest()
        return gym.spaces.Box(0.0, 1.0, (MOST_ROWS, pegs * colours + 2), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """The board; rows that are empty are 0."""
        most_pegs, most_colours = self._widest()
        pegs, colours, *_ = self._episode.problem.data
        board = np.zeros((MOST_ROWS, most_pegs * most_colours + 2), np.float32)
        for row, (guess, right, misplaced) in enumerate(self._episode.state):
            for peg, colour in enumerate(table(pegs, colours)[guess]):
                board[row, peg * most_colours + colour] = 1
            board[row, -2:] = right / pegs, misplaced / pegs
        return board

    def _widest(self) -> tuple[int, int]:
        low, high = self.level
        sizes = SIZES[low - 1 : high]
        return max(pegs for pegs, _ in sizes), max(colours for _, colours in sizes)


_CODE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz ,;-:")


# Codes are numbered in the order of itertools.product; there are 4,096 at most.


@cache
def codes(pegs: int, colours: int) -> tuple[str, ...]:
    """All codes, as they are written."""
    return tuple(" ".join(code) for code in product(COLOURS[:colours], repeat=pegs))


@cache
def vocabulary(low: int, high: int) -> tuple[str, ...]:
    """The codes of all levels from low to high, each once."""
    return tuple(dict.fromkeys(code for size in SIZES[low - 1 : high] for code in codes(*size)))


@cache
def table(pegs: int, colours: int) -> NDArray[np.int8]:
    """All codes, as rows of colours."""
    return np.array(list(product(range(colours), repeat=pegs)), np.int8)


@cache
def counts(pegs: int, colours: int) -> NDArray[np.int8]:
    """How often each colour occurs in each code."""
    return np.stack([(table(pegs, colours) == c).sum(1) for c in range(colours)], 1).astype(np.int8)


def told(guess: int, code: int, pegs: int, colours: int) -> tuple[int, int]:
    """What a guess is told: pegs right in colour and place, and colours in a wrong place."""
    key = int(answers(guess, pegs, colours)[code])
    return key // 8, key % 8


@lru_cache(maxsize=4096)
def answers(guess: int, pegs: int, colours: int) -> NDArray[np.int8]:
    """What a guess would be told by each code: 8 × right + misplaced."""
    all_codes, all_counts = table(pegs, colours), counts(pegs, colours)
    right = (all_codes == all_codes[guess]).sum(1, dtype=np.int8)
    common = np.minimum(all_counts, all_counts[guess]).sum(1, dtype=np.int8)
    told: NDArray[np.int8] = 7 * right + common
    return told


def agreeing(board: Board, pegs: int, colours: int) -> NDArray[np.bool_]:
    """Which codes would have told all guesses what they were told."""
    possible = np.ones(colours**pegs, np.bool_)
    for guess, *what in board:
        possible &= answers(guess, pegs, colours) == 8 * what[0] + what[1]
    return possible


def best_guess(possible: NDArray[np.bool_], pegs: int, colours: int) -> int:
    """Of a few codes that are possible, the one that leaves the fewest in the worst case."""
    candidates = np.flatnonzero(possible)
    tried = candidates[:: -(-len(candidates) // GUESSES_COMPARED)].tolist()
    if len(tried) == 1:
        return int(tried[0])
    worst = [int(np.bincount(answers(guess, pegs, colours)[candidates]).max()) for guess in tried]
    return int(tried[worst.index(min(worst))])
