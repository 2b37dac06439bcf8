r"""TowerOfHanoi: move disks between three pegs, never a larger one onto a smaller."""

from __future__ import annotations

import re
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.pictures.board import SIDE
from reasoning_gym_envs.pictures.canvas import GREY, INK, PAPER, Canvas, Colour
from reasoning_gym_envs.problems import Problem, Stream

PEGS = "ABC"
DISKS = (3, 4, 4, 5, 5, 6, 6, 7, 8, 9)  # by level
EASY_LEVELS = (2, 4, 6)
DISK_COLOURS: tuple[Colour, ...] = (
    (205, 62, 72),
    (224, 112, 52),
    (196, 146, 32),
    (86, 150, 62),
    (40, 140, 112),
    (52, 128, 184),
    (74, 98, 190),
    (126, 86, 184),
    (176, 78, 150),
)

_MOVE = re.compile(r"(?:move )?(?:(?:the )?(?:top )?disk )?(?:from )?([abc]) ?(?:to|->) ?([abc])")
_MOVES = {f"{a} to {b}": (i, j) for i, a in enumerate("abc") for j, b in enumerate("abc")}

Pegs = tuple[int, ...]
"""The peg of each disk, the smallest disk first."""


class TowerOfHanoi(CommandEnv[Pegs]):
    r"""Move disks between three pegs until they match the goal.

    ## Description
    Disks of different sizes stand on three pegs, A, B and C. A move takes the top disk of a peg to
    another peg, never onto a smaller disk. Start and goal are two random legal arrangements, so
    that a level has many problems; the classic tower is one of them.

    ## Observation
    The pegs now and in the goal, each from its bottom disk to its top. The rules stand above the
    first observation; what is wrong with a move that cannot be made, above the next.

    ``numeric_observation()``: for every disk, the smallest first, a one for its peg among three
    numbers; then the same for the goal. Disks that the problem does not have are zeros.

    ## Action
    * `TowerOfHanoi-v0`: one move, ``A to B``.
    * `TowerOfHanoiBoxed-v0`: all moves in one answer, ``\boxed{A to B, A to C, B to C}``.

    ## Rewards
    * **sparse**: 1 when the goal is reached, else 0.
    * **dense**: sparse plus the change of Φ = γ^d, where d is the least number of moves to the
      goal (γ is the reward's ``gamma``); for a whole plan, of the arrangement that it leads to.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    ``format_cost`` is charged for what is not a move, ``illegal_cost`` for a move that cannot be
    made.

    ## Episode end
    Terminated at the goal. Truncated after ``max_turns``; by default a `Boxed` episode is one
    answer and the other has twice the largest number of moves that a problem with so many disks can
    need, and at least 20.

    ## Information
    ``admissible_commands`` for moves: those that are legal now.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | disks | 3 | 4 | 4 | 5 | 5 | 6 | 6 | 7 | 8 | 9 |
    | moves | 3–7 | 4–7 | 7–15 | 8–15 | 15–31 | 16–31 | 31–63 | 63–127 | 127–255 | 255–511 |

    The measure of difficulty is the second line: the moves of a shortest solution, which the
    reference is.

    ## Example
    ```text
    Move the disks, one at a time, until they match the goal. A disk may only be put on a larger
    disk or an empty peg. Disk 1 is the smallest. Example commands: A to B, A to C.

    A: 1
    B: empty
    C: 3 2
    Goal: A: 2 1; B: empty; C: 3
    > A to B
    A: empty
    B: 1
    C: 3 2
    Goal: A: 2 1; B: empty; C: 3
    > C to A
    A: 2
    B: 1
    C: 3
    Goal: A: 2 1; B: empty; C: 3
    > B to A
    A: 2 1
    B: empty
    C: 3
    Goal: A: 2 1; B: empty; C: 3
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Move the disks, one at a time, until they match the goal. A disk may only be put on a "
        "larger disk or an empty peg. Disk 1 is the smallest. Example commands: A to B, A to C."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        disks = DISKS[level - 1]
        half = (2**disks - 1) // 2
        low, high = ((half + 1) // 2, half) if level in EASY_LEVELS else (half, 2**disks - 1)
        while True:
            start, goal = (tuple(stream.randrange(3) for _ in range(disks)) for _ in range(2))
            if low <= distance(start, goal) <= high:
                content = f"{start} {goal}"
                return Problem(content, level, "", "", "TowerOfHanoi", data=(start, goal))

    def _move_limit(self, problem: Problem) -> int:
        disks = len(problem.data[0])
        return max(20, 2 * ((1 << disks) - 1))

    @property
    def _goal(self) -> Pegs:
        goal: Pegs = self._episode.problem.data[1]
        return goal

    def _start(self, problem: Problem) -> Pegs:
        start: Pegs = problem.data[0]
        return start

    def _commands(self, state: Pegs) -> list[str]:
        tops = [state.index(peg) if peg in state else len(state) for peg in range(3)]
        return [
            f"{PEGS[source]} to {PEGS[target]}"
            for source in range(3)
            for target in range(3)
            if tops[source] < tops[target]
        ]

    def _apply(self, state: Pegs, command: str) -> Pegs:
        move = _MOVES.get(command)
        if move is None:
            found = _MOVE.fullmatch(command)
            if found is None:
                raise Refused("A move has the form: A to B.")
            move = _MOVES["{} to {}".format(*found.groups())]
        source, target = move
        if source not in state:
            raise Refused(f"There is no disk on {PEGS[source]}.", understood=True)
        disk = state.index(source)
        if target in state[: disk + 1]:
            raise Refused(
                f"Disk {disk + 1} cannot be put on {PEGS[target]}: its top disk is smaller.",
                understood=True,
            )
        return (*state[:disk], target, *state[disk + 1 :])

    def _is_goal(self, state: Pegs) -> bool:
        return state == self._goal

    def _describe(self, state: Pegs) -> str:
        lines = [f"{PEGS[peg]}: {_disks(state, peg)}" for peg in range(3)]
        goal = "; ".join(f"{PEGS[peg]}: {_disks(self._goal, peg)}" for peg in range(3))
        return "\n".join(lines) + f"\nGoal: {goal}"

    def _paint(self, state: Pegs) -> Canvas:
        canvas = Canvas(SIDE, SIDE)
        _draw_pegs(canvas, state, SIDE * 0.56, 1.0)
        canvas.text(SIDE / 2, SIDE * 0.68, "Goal", 22)
        _draw_pegs(canvas, self._goal, SIDE * 0.93, 0.4)
        return canvas

    def _progress_of(self, state: Pegs) -> float:
        return self.reward_scheme.progress_gamma ** distance(state, self._goal)

    def _solve_from(self, state: Pegs) -> list[str]:
        return solve(state, self._goal)

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """The six moves."""
        return tuple(f"{a} to {b}" for a in PEGS for b in PEGS if a != b)

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """Zeros and ones: arrangement and goal, a disk of the environment's levels, a peg."""
        return gym.spaces.Box(0.0, 1.0, (2, DISKS[self.level[1] - 1], 3), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """The peg of every disk, now and in the goal.

        Raises:
            ValueError: the problem has more disks than those of the environment's levels.
        """
        disks, most = len(self._goal), DISKS[self.level[1] - 1]
        if disks > most:
            raise ValueError(f"{disks} disks do not fit levels {self.level}, of at most {most}")
        numbers = np.zeros((2, most, 3), np.float32)
        for view, pegs in zip(numbers, (self._episode.state, self._goal), strict=True):
            view[range(disks), pegs] = 1
        return numbers


def _draw_pegs(canvas: Canvas, state: Pegs, ground: float, scale: float) -> None:
    """The pegs on a line so many pixels from the top; a scale of 1 fills the width."""
    most, size = len(state), SIDE * scale
    high = min(0.075, 0.45 / most) * size  # of a disk
    names = max(16, 24 * scale)
    for peg in range(3):
        x = SIDE / 2 + (peg - 1) * size * 0.33
        canvas.box(x - size * 0.012, ground - size * 0.5, x + size * 0.012, ground, GREY, size / 90)
        canvas.text(x, ground + names * 0.75, PEGS[peg], names)
        disks = [disk for disk in reversed(range(most)) if state[disk] == peg]
        for place, disk in enumerate(disks):
            bottom, half = ground - place * high, size * (0.045 + 0.11 * (disk + 1) / most)
            colour = DISK_COLOURS[disk % len(DISK_COLOURS)]
            canvas.box(x - half, bottom - high * 0.94, x + half, bottom, colour, high * 0.3)
            if high >= 14:
                canvas.text(x, bottom - high * 0.5, str(disk + 1), min(high * 0.85, 28), PAPER)
    left = SIDE / 2 - size * 0.49
    canvas.box(left, ground, SIDE - left, ground + size * 0.016, INK, size * 0.008)


def _disks(state: Pegs, peg: int) -> str:
    disks = [str(disk + 1) for disk in reversed(range(len(state))) if state[disk] == peg]
    return " ".join(disks) or "empty"


# Shortest solutions (Hinz, Klavžar and Petr, "The Tower of Hanoi: Myths and Maths", 2nd ed. 2018,
# chapter 2): a stack is gathered on a peg in one way, and between any two arrangements the largest
# disk that differs moves once, or twice, over the third peg.


def distance(start: Pegs, goal: Pegs) -> int:
    """The least number of moves from an arrangement to another."""
    n = _differing(start, goal)
    return min(_once_and_twice(start[:n], goal[:n])) if n else 0


def solve(start: Pegs, goal: Pegs) -> list[str]:
    """The moves of a shortest solution."""
    n = _differing(start, goal)
    if n == 0:
        return []
    start, goal = start[:n], goal[:n]
    source, target = start[-1], goal[-1]
    third = 3 - source - target
    once, twice = _once_and_twice(start, goal)
    via = [third] if once <= twice else [target, source]
    moves = _gathering(start[:-1], via[0])
    if once <= twice:
        moves.append((source, target))
    else:
        moves.append((source, third))
        moves += _gathering((target,) * (n - 1), source)
        moves.append((third, target))
    moves += [(b, a) for a, b in reversed(_gathering(goal[:-1], via[-1]))]
    return [f"{PEGS[a]} to {PEGS[b]}" for a, b in moves]


def _differing(start: Pegs, goal: Pegs) -> int:
    """The number of disks without the largest ones that are where they should be."""
    n = len(start)
    while n and start[n - 1] == goal[n - 1]:
        n -= 1
    return n


def _once_and_twice(start: Pegs, goal: Pegs) -> tuple[int, int]:
    """The moves needed where the largest disk moves once, and where it moves twice."""
    source, target = start[-1], goal[-1]
    third = 3 - source - target
    small, small_goal = start[:-1], goal[:-1]
    once = _gathering_cost(small, third) + 1 + _gathering_cost(small_goal, third)
    twice = _gathering_cost(small, target) + 1 + _gathering_cost(small_goal, source)
    return once, twice + 2 ** (len(start) - 1)


def _gathering_cost(state: Pegs, peg: int) -> int:
    cost = 0
    for disk in reversed(range(len(state))):
        if state[disk] != peg:
            cost += 2**disk
            peg = 3 - peg - state[disk]
    return cost


def _gathering(state: Pegs, peg: int) -> list[tuple[int, int]]:
    """The moves, from peg to peg, that bring all disks onto one."""
    if not state:
        return []
    *small, source = state
    if source == peg:
        return _gathering(tuple(small), peg)
    third = 3 - source - peg
    moves = _gathering(tuple(small), third)
    return [*moves, (source, peg), *_gathering((third,) * len(small), peg)]
