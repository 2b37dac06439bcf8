r"""RiverCrossing: ferry passengers across a river, leaving no enemies together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.canonical_form import Fact, canonical_form

PASSENGERS = (
    *("bear", "cabbage", "cat", "dog", "fish", "fox", "goat"),
    *("goose", "lion", "mouse", "owl", "snake", "wolf", "worm"),
)
# By level: passengers, and the least and most crossings of a shortest solution.
SIZES = (
    (5, 3, 4),
    (6, 5, 6),
    (8, 7, 7),
    (9, 8, 8),
    (10, 9, 9),
    (10, 10, 10),
    (11, 11, 11),
    (11, 12, 12),
    (11, 13, 13),
    (11, 14, 18),
)
TURNS = 3, 6  # for each crossing of a shortest solution, and over and above
PLACES = 2  # in the boat, beside the one who rows
# Between these, for each problem: the chances of two to be enemies, of one to need two places.
HOSTILITY = (0.15, 0.4)
WEIGHT = (0.3, 0.8)
SIDES = ("left", "right")

State = tuple[int, int]
"""Who is on the right bank, a bit for each passenger, and where the boat is: 0 left, 1 right."""

_COMMAND = re.compile(r"(?:cross|row|go)(?: over| across)?(?: the river)?(?: (alone)| with (.+))?")
_AND = re.compile(r" and | & ")


class RiverCrossing(CommandEnv[State]):
    r"""Ferry passengers across a river, leaving no enemies together.

    ## Description
    You have a boat with two seats besides yours, and some passengers need both. Some must not be
    left together on a bank without you. Start, goal, who needs two seats and who must not be left
    with whom are random; the wolf, the goat and the cabbage (Alcuin, "Propositiones ad acuendos
    juvenes", about 800) are one problem of many.

    ## Observation
    Who is on which bank and where the boat is; the goal; who must not be left together; who needs
    two seats. The rules stand above the first observation; why a crossing is refused, above the
    next.

    ## Action
    * `RiverCrossing-v0`: one crossing, ``cross alone``, ``cross with the wolf`` or ``cross with the
      goat and the wolf``.
    * `RiverCrossingBoxed-v0`: all crossings in one answer, separated by commas, in a box.

    ## Rewards
    * **sparse**: 1 when the banks match the goal, else 0.
    * **dense**: sparse plus the change of Φ = γ^d, where d is the least number of crossings to the
      goal (γ is the reward's ``gamma``); for a whole plan, of the state that it leads to.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    Φ pays only for being nearer. A crossing can be taken back by rowing back, so that nothing is
    ever lost, and there and back pays nothing.

    ``format_cost`` is charged for what is not a command, ``illegal_cost`` for a crossing that
    cannot be made: a passenger who is not there, too many, or enemies left together.

    ## Episode end
    Terminated at the goal. Truncated after ``max_turns``; by default a `Boxed` episode is one
    answer and the other has three turns for each crossing of a shortest solution, and six more.

    ## Information
    ``admissible_commands`` for moves: the crossings that are possible now.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | passengers | 5 | 6 | 8 | 9 | 10 | 10 | 11 | 11 | 11 | 11 |
    | crossings | 3–4 | 5–6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14–18 |

    The last line is the measure of difficulty: the crossings of a shortest solution, which the
    reference is.

    ## Example
    ```text
    Ferry the passengers until the banks match the goal. Only you can row the boat, which has two
    seats besides yours. Some must not be left together on a bank without you. Example commands:
    cross alone, cross with the wolf, cross with the goat and the wolf.

    Left bank: goat, snake, worm
    Right bank: fish, goose, the boat
    Goal: fish, goose, worm on the left; goat, snake on the right
    Must not be left together: fish and goat, fish and snake, goose and worm
    Need two seats: goose
    > cross with the fish
    Left bank: fish, goat, snake, worm, the boat
    Right bank: goose
    Goal: fish, goose, worm on the left; goat, snake on the right
    Must not be left together: fish and goat, fish and snake, goose and worm
    Need two seats: goose
    > cross with the goat and the snake
    Left bank: fish, worm
    Right bank: goat, goose, snake, the boat
    Goal: fish, goose, worm on the left; goat, snake on the right
    Must not be left together: fish and goat, fish and snake, goose and worm
    Need two seats: goose
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Ferry the passengers until the banks match the goal. Only you can row the boat, which has "
        "two seats besides yours. Some must not be left together on a bank without you. Example "
        "commands: cross alone, cross with the wolf, cross with the goat and the wolf."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        passengers, least, most = SIZES[level - 1]
        while True:
            hostility, weight = (
                low + (high - low) * stream.random() for low, high in (HOSTILITY, WEIGHT)
            )
            enemies = [0] * passengers
            for one, other in combinations(range(passengers), 2):
                if stream.random() < hostility:
                    enemies[one] |= 1 << other
                    enemies[other] |= 1 << one
            large = sum(1 << p for p in range(passengers) if stream.random() < weight)
            goal = stream.randrange(1 << passengers)
            fitting = [
                (right, side)
                for states in layers(tuple(enemies), large, goal)[least : most + 1]
                for side in range(2)
                for right in range(1 << passengers)
                if states[side] >> right & 1
            ]
            if fitting:
                break
        start = stream.choice(fitting)
        chosen = sorted(stream.sample(range(len(PASSENGERS)), passengers))
        facts: list[Fact] = [
            (4 * (start[0] >> p & 1) + 2 * (goal >> p & 1) + (large >> p & 1), ((0, p),))
            for p in range(passengers)
        ]
        facts += [(8, ((0, one), (0, other))) for one, other in conflicts(enemies)]
        content = f"{start[1]} {canonical_form(passengers, facts)}"
        data = (tuple(chosen), large, tuple(enemies), goal, start)
        return Problem(content, level, "", "", "RiverCrossing", data=data)

    def _move_limit(self, problem: Problem) -> int:
        _, large, enemies, goal, start = problem.data
        each, more = TURNS
        return each * distance(start, enemies, large, goal) + more

    def _start(self, problem: Problem) -> State:
        start: State = problem.data[4]
        return start

    @property
    def _names(self) -> list[str]:
        return [PASSENGERS[passenger] for passenger in self._episode.problem.data[0]]

    def _commands(self, state: State) -> list[str]:
        _, large, enemies, *_ = self._episode.problem.data
        names = self._names
        return [command(load, names) for load in crossings(state, enemies, large)]

    def _apply(self, state: State, command: str) -> State:
        _, large, enemies, *_ = self._episode.problem.data
        names = self._names
        found = _COMMAND.fullmatch(command)
        if found is None:
            raise Refused("A command has the form: cross alone or cross with the wolf.")
        load = 0
        for said in _AND.split(found[2]) if found[2] else ():
            name = said.strip().removeprefix("the ")
            if name not in names:
                raise Refused(f'There is no passenger "{name[:30]}".')
            load |= 1 << names.index(name)
        right, side = state
        here = right if side else ~right & (1 << len(names)) - 1
        if absent := load & ~here:
            name = names[absent.bit_length() - 1]
            raise Refused(f"The {name} is not on the same bank as the boat.", understood=True)
        if places(load, large) > PLACES:
            raise Refused(f"The boat has {PLACES} seats besides yours.", understood=True)
        for one, other in conflicts(enemies):
            if here & ~load & 1 << one and here & ~load & 1 << other:
                raise Refused(
                    f"The {names[one]} and the {names[other]} would be left together without you.",
                    understood=True,
                )
        return right ^ load, 1 - side

    def _is_goal(self, state: State) -> bool:
        return bool(state[0] == self._episode.problem.data[3])

    def _describe(self, state: State) -> str:
        _, large, enemies, goal, _ = self._episode.problem.data
        names = self._names
        lines = []
        for side, bank in enumerate(banks(state[0], names)):
            boat = ["the boat"] if side == state[1] else []
            lines.append(f"{SIDES[side].capitalize()} bank: {', '.join(bank + boat) or 'nobody'}")
        aims = [
            f"{', '.join(bank) or 'nobody'} on the {SIDES[side]}"
            for side, bank in enumerate(banks(goal, names))
        ]
        pairs = [f"{names[one]} and {names[other]}" for one, other in conflicts(enemies)]
        return "\n".join(
            [
                *lines,
                f"Goal: {'; '.join(aims)}",
                f"Must not be left together: {', '.join(pairs) or 'none'}",
                f"Need two seats: {', '.join(banks(large, names)[1]) or 'none'}",
            ]
        )

    def _progress_of(self, state: State) -> float:
        _, large, enemies, goal, _ = self._episode.problem.data
        left = distance(state, enemies, large, goal)
        return float(self.reward_scheme.progress_gamma**left)

    def _solve_from(self, state: State) -> list[str]:
        _, large, enemies, goal, _ = self._episode.problem.data
        names = self._names
        commands = []
        right, side = state
        while right != goal:
            load = min(
                crossings((right, side), enemies, large),
                key=lambda load: distance((right ^ load, 1 - side), enemies, large, goal),
            )
            commands.append(command(load, names))
            right, side = right ^ load, 1 - side
        return commands

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """The crossings with all passengers that there are, two at most."""
        return tuple(
            command(sum(1 << passenger for passenger in load), PASSENGERS)
            for number in range(PLACES + 1)
            for load in combinations(range(len(PASSENGERS)), number)
        )

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """For each passenger: on the left, on the right, should be there, needs two places.

        Then the enemies, pair by pair, and the boat on the right.
        """
        size = len(PASSENGERS)
        return gym.spaces.Box(0.0, 1.0, (4 * size + size * (size - 1) // 2 + 1,), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """What the observation says; passengers who are not in the problem are 0."""
        chosen, large, enemies, goal, _ = self._episode.problem.data
        right, side = self._episode.state
        size = len(PASSENGERS)
        view = np.zeros(self.numeric_space.shape or (), np.float32)
        for number, passenger in enumerate(chosen):
            view[(right >> number & 1) * size + passenger] = 1
            view[2 * size + passenger] = goal >> number & 1
            view[3 * size + passenger] = large >> number & 1
        pairs = list(combinations(range(size), 2))
        for one, other in conflicts(enemies):
            view[4 * size + pairs.index((chosen[one], chosen[other]))] = 1
        view[-1] = side
        return view


def command(load: int, names: Sequence[str]) -> str:
    """The command that takes a load, a bit for each passenger, across."""
    taken = [f"the {name}" for number, name in enumerate(names) if load >> number & 1]
    return f"cross with {' and '.join(taken)}" if taken else "cross alone"


def banks(right: int, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Who is on the left bank, and who on the right."""
    sides: tuple[list[str], list[str]] = ([], [])
    for number, name in enumerate(names):
        sides[right >> number & 1].append(name)
    return sides


def conflicts(enemies: tuple[int, ...] | list[int]) -> list[tuple[int, int]]:
    """The pairs that must not be left together."""
    pairs = combinations(range(len(enemies)), 2)
    return [(one, other) for one, other in pairs if enemies[one] >> other & 1]


def crossings(state: State, enemies: tuple[int, ...], large: int) -> list[int]:
    """The loads, a bit for each passenger, with which the boat can leave."""
    right, side = state
    here = right if side else ~right & (1 << len(enemies)) - 1
    hostile = [1 << one | 1 << other for one, other in conflicts(enemies)]
    return [
        load
        for load in loads(len(enemies), large)
        if not load & ~here and all((here ^ load) & pair != pair for pair in hostile)
    ]


def places(load: int, large: int) -> int:
    """The places that a load takes in the boat."""
    return bin(load).count("1") + bin(load & large).count("1")


@lru_cache(maxsize=1024)
def loads(passengers: int, large: int) -> tuple[int, ...]:
    """The loads that the boat can take, the smallest first."""
    bits = [1 << number for number in range(passengers)]
    together = (sum(load) for number in range(PLACES + 1) for load in combinations(bits, number))
    return tuple(load for load in together if places(load, large) <= PLACES)


# A set of states with the boat on one side is a number with a bit for each set of passengers who
# may be on the right bank. A crossing with a load moves all of them at once: where nobody of the
# load is on the right bank, the number of the set grows by that of the load.


@lru_cache(maxsize=16)
def having(passengers: int) -> tuple[int, ...]:
    """For each passenger, all sets with that passenger."""
    return tuple(
        sum(1 << those for those in range(1 << passengers) if those >> one & 1)
        for one in range(passengers)
    )


@lru_cache(maxsize=1024)
def layers(enemies: tuple[int, ...], large: int, goal: int) -> list[tuple[int, int]]:
    """The states from which the goal takes 0 crossings, 1, 2 and so on, the boat left and right.

    Breadth-first from the goal: a crossing between two states in which nobody is left with an enemy
    can be made in both directions.
    """
    on_right = having(len(enemies))
    everything = (1 << (1 << len(enemies))) - 1
    new_left = new_right = everything  # the states that were not found yet, without those at war
    for one, other in conflicts(enemies):
        new_left &= ~(on_right[one] & on_right[other])
        new_right &= on_right[one] | on_right[other]
    if not 1 << goal & (new_left | new_right):
        return []
    rides = []  # a load, the states in which all of it is on the left bank, and on the right one
    for load in loads(len(enemies), large):
        all_left = all_right = everything
        for number, sets in enumerate(on_right):
            if load >> number & 1:
                all_left &= ~sets
                all_right &= sets
        rides.append((load, all_left, all_right))
    found = []
    left = right = 1 << goal
    while (left := left & new_left) | (right := right & new_right):
        found.append((left, right))
        new_left &= ~left
        new_right &= ~right
        before = left, right
        left = right = 0
        for load, all_left, all_right in rides:
            right |= (before[0] & all_left) << load
            left |= (before[1] & all_right) >> load
    return found


def distance(state: State, enemies: tuple[int, ...], large: int, goal: int) -> int:
    """The least number of crossings from a state to the goal."""
    right, side = state
    for crossed, states in enumerate(layers(enemies, large, goal)):
        if states[side] >> right & 1:
            return crossed
    raise ValueError("there is no way to the goal")
