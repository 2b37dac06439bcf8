r"""WaterJugs: measure out an amount of water with jugs that have no marks."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.pictures.board import SIDE
from reasoning_gym_envs.pictures.canvas import INK, PAPER, WHITE, Canvas, Colour
from reasoning_gym_envs.problems import Problem, Stream

JUGS = "ABC"
# By level: jugs, largest capacity, least and most commands of a shortest solution.
SIZES = (
    (2, 15, 2, 3),
    (3, 12, 3, 4),
    (3, 15, 5, 5),
    (3, 15, 6, 6),
    (3, 15, 7, 7),
    (3, 15, 8, 8),
    (3, 18, 9, 9),
    (3, 18, 10, 10),
    (3, 20, 11, 11),
    (3, 20, 12, 19),
)
TURNS = 3, 6  # for each command of a shortest solution, and over and above
SMALLEST = 2
ANY, TOTAL = -1, -2  # goals that are not about one jug
NEVER = -1
WATER: Colour = (92, 156, 224)

_COMMAND = re.compile(
    r"(?P<what>fill|empty|pour)(?: out)?(?: from)?(?: the)?(?: jug)? (?P<jug>[a-z])"
    r"(?: ?(?:to|into|->|→)(?: the)?(?: jug)? ?(?P<other>[a-z]))?"
)

Amounts = tuple[int, ...]


class WaterJugs(CommandEnv[Amounts]):
    r"""Fill, empty and pour jugs to measure out an amount of water.

    ## Description
    Jugs of known capacities hold some water. A jug can be filled to the brim, emptied, or poured
    into another until that one is full or the first is empty. The goal is an amount in a certain
    jug, in any of them, or in all together. (The decanting problem is in Bachet, "Problèmes
    plaisants et délectables", 1612.)

    ## Observation
    What each jug holds, of how much, and the goal. The rules stand above the first observation;
    what is wrong with a command that cannot be followed, above the next.

    ## Action
    * `WaterJugs-v0`: one command, ``fill A``, ``empty A`` or ``pour A to B``.
    * `WaterJugsBoxed-v0`: all commands in one answer, ``\boxed{fill A, pour A to B}``.

    ## Rewards
    * **sparse**: 1 when the goal is reached, else 0.
    * **dense**: sparse plus the change of Φ = γ^d, where d is the least number of commands to the
      goal (γ is the reward's ``gamma``); for a whole plan, of the state that it leads to.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    Φ pays only for being nearer: every goal can be reached from every state, so that nothing is
    lost and nothing can be collected twice.

    ``format_cost`` is charged for what is not a command, ``illegal_cost`` for one that would change
    nothing: filling a full jug, emptying or pouring an empty one, pouring into a full one.

    ## Episode end
    Terminated at the goal. Truncated after ``max_turns``; by default a `Boxed` episode is one
    answer and the other has three turns for each command of a shortest solution, and six more.

    ## Information
    ``admissible_commands`` for moves: those that change something.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | jugs | 2 | 3 | 3 | 3 | 3 | 3 | 3 | 3 | 3 | 3 |
    | capacity, at most | 15 | 12 | 15 | 15 | 15 | 15 | 18 | 18 | 20 | 20 |
    | commands | 2–3 | 3–4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12–19 |

    The last line is the measure of difficulty: the commands of a shortest solution, which the
    reference is. An episode begins with at least one jug full or empty, as all states are later.

    ## Example
    ```text
    Measure out the goal amount. The jugs have no marks: a jug can be filled to the brim, emptied,
    or poured into another until that one is full or the first is empty. Example commands: fill A,
    empty A, pour A to B.

    A: 3 of 3 litres
    B: 4 of 7 litres
    C: 1 of 4 litres
    Goal: exactly 2 in C
    > empty A
    A: 0 of 3 litres
    B: 4 of 7 litres
    C: 1 of 4 litres
    Goal: exactly 2 in C
    > pour B to A
    A: 3 of 3 litres
    B: 1 of 7 litres
    C: 1 of 4 litres
    Goal: exactly 2 in C
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Measure out the goal amount. The jugs have no marks: a jug can be filled to the brim, "
        "emptied, or poured into another until that one is full or the first is empty. Example "
        "commands: fill A, empty A, pour A to B."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        jugs, largest, least, most = SIZES[level - 1]
        while True:
            capacities = tuple(sorted(stream.sample(range(SMALLEST, largest + 1), jugs)))
            where = stream.randrange(TOTAL, jugs)
            highest = sum(capacities) - 1 if where == TOTAL else capacities[where]
            goal = (where, stream.randint(1, highest))
            left = distances(capacities, goal)
            fitting = np.flatnonzero((left >= least) & (left <= most))
            # Whatever can be reached with all jugs empty can be reached from every state.
            if len(fitting) and left.flat[0] != NEVER:
                break
        numbers = np.unravel_index(fitting[stream.randrange(len(fitting))], left.shape)
        start = tuple(int(number) for number in numbers)
        # In a random order, which makes no difference to the problem: it is told from the sorted.
        order = stream.sample(range(jugs), jugs)
        data = (
            tuple(capacities[jug] for jug in order),
            tuple(start[jug] for jug in order),
            (order.index(where) if where >= 0 else where, goal[1]),
        )
        content = f"{capacities} {start} {goal}"
        return Problem(content, level, "", "", "WaterJugs", data=data)

    def _move_limit(self, problem: Problem) -> int:
        capacities, start, goal = problem.data
        each, more = TURNS
        return each * int(distances(capacities, goal)[start]) + more

    @property
    def _capacities(self) -> Amounts:
        capacities: Amounts = self._episode.problem.data[0]
        return capacities

    def _start(self, problem: Problem) -> Amounts:
        start: Amounts = problem.data[1]
        return start

    def _commands(self, state: Amounts) -> list[str]:
        return [command for command, _ in successors(self._capacities, state)]

    def _apply(self, state: Amounts, command: str) -> Amounts:
        found = _COMMAND.fullmatch(command)
        if found is None or (found["what"] == "pour") is (found["other"] is None):
            raise Refused("A command has the form: fill A, empty A or pour A to B.")
        jugs = JUGS[: len(state)]
        if not {*found["jug"].upper(), *(found["other"] or "").upper()} <= {*jugs}:
            raise Refused(f"The jugs are {', '.join(jugs)}.")
        jug = jugs.index(found["jug"].upper())
        other = jugs.index(found["other"].upper()) if found["other"] else None
        if jug == other:
            raise Refused("A jug cannot be poured into itself.", understood=True)
        if found["what"] == "fill":
            if state[jug] == self._capacities[jug]:
                raise Refused(f"Jug {JUGS[jug]} is full.", understood=True)
            return filled(state, jug, self._capacities[jug])
        if state[jug] == 0:
            raise Refused(f"Jug {JUGS[jug]} is empty.", understood=True)
        if other is None:
            return filled(state, jug, 0)
        if state[other] == self._capacities[other]:
            raise Refused(f"Jug {JUGS[other]} is full.", understood=True)
        return poured(self._capacities, state, jug, other)

    def _is_goal(self, state: Amounts) -> bool:
        return is_goal(state, self._episode.problem.data[2])

    def _describe(self, state: Amounts) -> str:
        lines = [
            f"{JUGS[jug]}: {amount} of {self._capacities[jug]} litres"
            for jug, amount in enumerate(state)
        ]
        return "\n".join(lines) + f"\nGoal: {self._goal_in_words()}"

    def _goal_in_words(self) -> str:
        where, amount = self._episode.problem.data[2]
        if where == ANY:
            return f"exactly {amount} in any one jug"
        if where == TOTAL:
            return f"exactly {amount} in all jugs together"
        return f"exactly {amount} in {JUGS[where]}"

    def _paint(self, state: Amounts) -> Canvas:
        canvas, ground = Canvas(SIDE, SIDE), SIDE * 0.78
        litre = SIDE * 0.7 / max(self._capacities)
        apart = SIDE / len(state)
        half = min(apart * 0.36, 70)
        for jug, (amount, capacity) in enumerate(zip(state, self._capacities, strict=True)):
            x = (jug + 0.5) * apart
            top = ground - capacity * litre
            canvas.box(x - half, top, x + half, ground, INK, round=10)
            canvas.box(x - half + 5, top - 12, x + half - 5, ground - 5, WHITE, round=7)
            if amount:
                level = ground - amount * litre
                canvas.box(x - half + 5, level, x + half - 5, ground - 5, WATER, round=7)
            canvas.box(x - half, top - 13, x + half, top, PAPER)  # it is open at its top
            canvas.text(x, ground + 20, JUGS[jug], 28)
            canvas.text(x, ground + 48, f"{amount} of {capacity}", 20)
        canvas.text(SIDE / 2, SIDE - 20, f"Goal: {self._goal_in_words()}", 20)
        return canvas

    def _progress_of(self, state: Amounts) -> float:
        capacities, _, goal = self._episode.problem.data
        return self.reward_scheme.progress_gamma ** int(distances(capacities, goal)[state])

    def _solve_from(self, state: Amounts) -> list[str]:
        capacities, _, goal = self._episode.problem.data
        left = distances(capacities, goal)
        commands = []
        while left[state]:
            command, state = next(
                (command, after)
                for command, after in successors(capacities, state)
                if left[after] < left[state]
            )
            commands.append(command)
        return commands

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """The commands for the jugs of the levels."""
        jugs = self._most(0)
        return (
            *(f"{what} {jug}" for what in ("fill", "empty") for jug in JUGS[:jugs]),
            *(f"pour {a} to {b}" for a in JUGS[:jugs] for b in JUGS[:jugs] if a != b),
        )

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """For each jug a 1 at its amount, one at its capacity, and one at the goal.

        Two more goals come after those of the jugs: the amount in any one, and, as a share of the
        largest total, in all of them.
        """
        return gym.spaces.Box(0.0, 1.0, self._shape(), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """What the jugs hold and should hold; jugs that there are not are 0."""
        capacities, _, (where, amount) = self._episode.problem.data
        jugs = self._most(0)
        view = np.zeros(self._shape(), np.float32)
        for jug, (held, capacity) in enumerate(zip(self._episode.state, capacities, strict=True)):
            view[jug, held] = view[jugs + jug, capacity] = 1
        if where == TOTAL:
            view[-1, 0] = amount / (jugs * self._most(1))
        else:
            view[2 * jugs + (jugs if where == ANY else where), amount] = 1
        return view

    def _shape(self) -> tuple[int, int]:
        return 3 * self._most(0) + 2, self._most(1) + 1

    def _most(self, which: int) -> int:
        """The most jugs (0), or the largest capacity (1), of the levels."""
        low, high = self.level
        return max(size[which] for size in SIZES[low - 1 : high])


def filled(state: Amounts, jug: int, amount: int) -> Amounts:
    """The state with another amount in a jug."""
    return (*state[:jug], amount, *state[jug + 1 :])


def poured(capacities: Amounts, state: Amounts, jug: int, other: int) -> Amounts:
    """The state after pouring a jug into another."""
    flow = min(state[jug], capacities[other] - state[other])
    return filled(filled(state, jug, state[jug] - flow), other, state[other] + flow)


def successors(capacities: Amounts, state: Amounts) -> list[tuple[str, Amounts]]:
    """The commands that change a state, and what they lead to."""
    found = []
    for jug, (amount, capacity) in enumerate(zip(state, capacities, strict=True)):
        if amount < capacity:
            found.append((f"fill {JUGS[jug]}", filled(state, jug, capacity)))
        if amount:
            found.append((f"empty {JUGS[jug]}", filled(state, jug, 0)))
            found += [
                (f"pour {JUGS[jug]} to {JUGS[other]}", poured(capacities, state, jug, other))
                for other in range(len(state))
                if other != jug and state[other] < capacities[other]
            ]
    return found


def is_goal(state: Amounts, goal: tuple[int, int]) -> bool:
    """Whether the amounts are what they should be."""
    where, amount = goal
    if where == ANY:
        return amount in state
    return (sum(state) if where == TOTAL else state[where]) == amount


@lru_cache(maxsize=32)
def transitions(capacities: Amounts) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The states in which a jug is full or empty, as one is after every command: jugs by states.

    Then the number of the state after each command (rows) from each of them (columns).
    """
    shape = tuple(capacity + 1 for capacity in capacities)
    held = np.indices(shape).reshape(len(shape), -1)
    full = np.array(capacities)[:, None]
    may_be = ((held == 0) | (held == full)).any(0)
    number = np.cumsum(may_be) - 1
    held = held[:, may_be]
    after = []
    for jug, capacity in enumerate(capacities):
        for amount in (0, capacity):
            moved = held.copy()
            moved[jug] = amount
            after.append(number[np.ravel_multi_index(tuple(moved), shape)])
        for other, room in enumerate(capacities):
            if other != jug:
                flow = np.minimum(held[jug], room - held[other])
                moved = held.copy()
                moved[jug] -= flow
                moved[other] += flow
                after.append(number[np.ravel_multi_index(tuple(moved), shape)])
    return held, np.array(after)


@lru_cache(maxsize=4096)
def distances(capacities: Amounts, goal: tuple[int, int]) -> NDArray[np.int8]:
    """The least number of commands from each state to the goal, or NEVER: breadth-first, backwards.

    An array with an axis for each jug; no episode comes to a state with no jug full or empty.
    """
    held, after = transitions(capacities)
    where, amount = goal
    if where == ANY:
        reached = (held == amount).any(0)
    else:
        reached = (held.sum(0) if where == TOTAL else held[where]) == amount
    moves = 0
    left = np.full([capacity + 1 for capacity in capacities], NEVER, dtype=np.int8)
    new = reached
    while new.any():
        left[tuple(held[:, new])] = moves
        moves += 1
        new = reached[after].any(0) & ~reached
        reached = reached | new
    return left
