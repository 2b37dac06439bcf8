r"""Sokoban: push all boxes onto goals in a small room."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import BOXED_INSTRUCTION, CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.pictures.board import board
from reasoning_gym_envs.pictures.canvas import GREEN, INK, ORANGE, PAPER, Canvas, Colour
from reasoning_gym_envs.problems import Problem, Stream

# By level: rows and columns without the outer walls, boxes, the least and greatest number of
# pushes that the boxes need if they do not get in each other's way, and the turns of an episode.
ROOMS = (
    (4, 4, 1, 2, 4, 60),
    (5, 5, 1, 4, 6, 80),
    (4, 5, 2, 4, 6, 100),
    (5, 5, 2, 6, 9, 120),
    (6, 6, 2, 8, 11, 160),
    (5, 6, 3, 8, 11, 200),
    (6, 6, 3, 10, 14, 250),
    (7, 7, 3, 13, 18, 300),
    (7, 7, 4, 15, 20, 400),
    (8, 8, 4, 18, 25, 500),
)

RESTART = "restart"
DIRECTIONS = ("north", "south", "west", "east")
_WORDS = {
    **{name: name for name in DIRECTIONS},
    **dict(zip(("up", "down", "left", "right"), DIRECTIONS, strict=True)),
    **dict(zip("nswe", DIRECTIONS, strict=True)),
    **dict(zip("udlr", DIRECTIONS, strict=True)),
}
_LETTERS = re.compile(r"[udlr]+|[nswe]+")
WOOD: Colour = (176, 124, 72)
WALLS = 0.17
"""The share of cells that are made walls at first."""
_LONGEST_LETTERS = 5_000
_CANNOT = 99


class State(NamedTuple):
    """Where the player stands and the boxes are: a cell, and a set of cells as a bit mask."""

    player: int
    boxes: int


class Room(NamedTuple):
    """A problem. A cell is row × width + column, the outer walls included; sets are bit masks."""

    width: int
    height: int
    floor: int
    goals: int
    start: State
    plan: tuple[tuple[int, int], ...]
    """Pushes that solve it: the cell of a box, and the difference to the cell behind it."""


class Sokoban(CommandEnv[State]):
    r"""Push every box onto a goal.

    ## Description
    The player walks through a room, north, south, west and east, and pushes a box by walking into
    it, if the cell behind it is free. Boxes cannot be pulled, nor two pushed at once. Any box may
    stand on any goal. Some pushes cannot be undone: a box in a corner stays there. The command
    ``restart`` puts everything back to where it was at the start, for a turn, so that no episode is
    lost. Every room can be solved: its start is reached from the goal by pulling boxes.

    ## Observation
    A map in the usual characters: ``#`` wall, ``-`` floor, ``.`` goal, ``$`` box, ``*`` box on a
    goal, ``@`` player, ``+`` player on a goal. The rules stand above the first observation; what is
    wrong with a command, above the next.

    ``numeric_observation()``: four planes of zeros and ones (walls, goals, boxes, the player), of
    the size of the largest room of the environment's levels; what is outside of a smaller one is
    wall.

    ## Action
    * `Sokoban-v0`: ``north``, ``south``, ``west``, ``east`` (also up, down, left, right, and the
      first letters of either), ``restart``.
    * `SokobanBoxed-v0`: all of them in one answer, ``\boxed{north, west, west}`` or, as is usual,
      ``\boxed{ULL}``.

    ## Rewards
    * **sparse**: 1 when all goals have a box, else 0.
    * **dense**: sparse plus the change of Φ = γ^d (γ is the reward's ``gamma``), where d is the
      least number of pushes if no box were in the way of another: the cheapest assignment of boxes
      to goals, around the walls. Φ is 0 where boxes can no longer reach goals: no such assignment,
      or a box that is not on a goal and can never move again. For a whole answer, Φ is that of the
      room that it leads to.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    Φ depends only on where the boxes are: walking changes nothing, and pushing to and fro or
    restarting earns nothing. Boxes that are near goals and can never get there are worth 0.

    ``format_cost`` is charged for what is not a command, ``illegal_cost`` for a step into a wall or
    a push that is not possible.

    ## Episode end
    Terminated when all goals have a box. Truncated after ``max_turns``; by default a `Boxed`
    episode is one answer and the others have, by level, 60, 80, 100, 120, 160, 200, 250, 300, 400
    and 500 turns.

    ## Information
    ``admissible_commands`` for moves: the possible directions, and ``restart``.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | room | 4×4 | 5×5 | 4×5 | 5×5 | 6×6 | 5×6 | 6×6 | 7×7 | 7×7 | 8×8 |
    | boxes | 1 | 1 | 2 | 2 | 2 | 3 | 3 | 3 | 4 | 4 |
    | pushes | 2–4 | 4–6 | 4–6 | 6–9 | 8–11 | 8–11 | 10–14 | 13–18 | 15–20 | 18–25 |

    | steps | 9 | 12 | 16 | 25 | 32 | 35 | 42 | 53 | 93 | 112 |

    Sizes are without the outer walls. The third line is d at the start; boxes in each other's way
    need more. The last line is the length of the reference in the middle of a sample, pushes and
    walking. The reference has the fewest pushes to level 8 (with three boxes nearly always), and at
    levels 9 and 10 typically 1.2 to 1.3 times as many; it walks by shortest ways in between.

    ## Example
    ```text
    Push all boxes onto goals by walking into them. A box moves only if the cell behind it is free;
    boxes cannot be pulled. Map: # wall, - floor, . goal, $ box, * box on a goal, @ you, + you on a
    goal. Commands: north, south, west, east, restart (back to the start).

    ######
    #----#
    #.--##
    #-$@-#
    ##---#
    ######
    > south
    ######
    #----#
    #.--##
    #-$--#
    ##-@-#
    ######
    > west
    ######
    #----#
    #.--##
    #-$--#
    ##@--#
    ######
    > north
    ######
    #----#
    #.$-##
    #-@--#
    ##---#
    ######
    > east
    ######
    #----#
    #.$-##
    #--@-#
    ##---#
    ######
    > north
    ######
    #----#
    #.$@##
    #----#
    ##---#
    ######
    > west
    ######
    #----#
    #*@-##
    #----#
    ##---#
    ######
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Push all boxes onto goals by walking into them. A box moves only if the cell behind it is "
        "free; boxes cannot be pulled. Map: # wall, - floor, . goal, $ box, * box on a goal, "
        "@ you, + you on a goal. Commands: north, south, west, east, restart (back to the start)."
    )
    map_characters: ClassVar[Mapping[str, str]] = {
        "#": "wall",
        "-": "floor",
        ".": "goal",
        "$": "box",
        "*": "box on a goal",
        "@": "agent",
        "+": "agent on a goal",
    }
    boxed_instruction = f"{BOXED_INSTRUCTION} A string of the letters U, D, L and R works too."

    def _generate(self, stream: Stream, level: int) -> Problem:
        room = make_room(stream, *ROOMS[level - 1][:5])
        content = f"{room.width} {room.floor:x} {room.goals:x} {room.start}"
        return Problem(content, level, "", "", "Sokoban", data=room)

    def _move_limit(self, problem: Problem) -> int:
        return ROOMS[problem.level - 1][-1]

    @property
    def _room(self) -> Room:
        room: Room = self._episode.problem.data
        return room

    def _start(self, problem: Problem) -> State:
        start: State = problem.data.start
        return start

    def _commands(self, state: State) -> list[str]:
        room = self._room
        possible = []
        for name, step in zip(DIRECTIONS, steps_of(room.width), strict=True):
            to = state.player + step
            if room.floor >> to & 1 and not (
                state.boxes >> to & 1 and not (room.floor & ~state.boxes) >> (to + step) & 1
            ):
                possible.append(name)
        return [*possible, RESTART]

    def _apply(self, state: State, command: str) -> State:
        room = self._room
        name = _WORDS.get(command)
        if name is None:
            if command in (RESTART, "reset", "start again"):
                return room.start
            name = _WORDS.get(command.rpartition(" ")[2])
            if name is None or command.split(" ")[0] not in ("go", "move", "push", "walk", "step"):
                raise Refused("A command is a direction or restart.")
        step = steps_of(room.width)[DIRECTIONS.index(name)]
        to = state.player + step
        if not room.floor >> to & 1:
            raise Refused(f"There is a wall to the {name}.", understood=True)
        if not state.boxes >> to & 1:
            return State(to, state.boxes)
        if not (room.floor & ~state.boxes) >> (to + step) & 1:
            raise Refused(
                f"The box to the {name} cannot be pushed: the cell behind it is not free.",
                understood=True,
            )
        return State(to, state.boxes ^ (1 << to) ^ (1 << to + step))

    def _is_goal(self, state: State) -> bool:
        return state.boxes == self._room.goals

    def _describe(self, state: State) -> str:
        room = self._room
        cells = []
        for cell in range(room.width * room.height):
            if not room.floor >> cell & 1:
                cells.append("#")
                continue
            on_goal = room.goals >> cell & 1
            if state.boxes >> cell & 1:
                cells.append("*" if on_goal else "$")
            elif cell == state.player:
                cells.append("+" if on_goal else "@")
            else:
                cells.append("." if on_goal else "-")
        text = "".join(cells)
        return "\n".join(
            text[start : start + room.width] for start in range(0, len(text), room.width)
        )

    def _paint(self, state: State) -> Canvas:
        room = self._room
        drawn = board(room.height, room.width, names=False)
        for cell in range(room.width * room.height):
            place = divmod(cell, room.width)
            if not room.floor >> cell & 1:
                drawn.canvas.box(*drawn.cell(*place), INK)
            elif room.goals >> cell & 1:
                drawn.canvas.disk(*drawn.middle(*place), drawn.unit * 0.18, GREEN)
            if state.boxes >> cell & 1:
                on_goal = room.goals >> cell & 1
                drawn.fill(*place, GREEN if on_goal else WOOD, 0.84)
                left, top, right, bottom = drawn.cell(*place, 0.5)
                for ends in (((left, top), (right, bottom)), ((left, bottom), (right, top))):
                    drawn.canvas.line(*ends, drawn.unit * 0.08, PAPER)
        x, y = drawn.middle(*divmod(state.player, room.width))
        drawn.canvas.disk(x, y, drawn.unit * 0.34, ORANGE)
        for aside in (-0.12, 0.12):
            drawn.canvas.disk(x + aside * drawn.unit, y - 0.04 * drawn.unit, drawn.unit * 0.05, INK)
        return drawn.canvas

    def _progress_of(self, state: State) -> float:
        room = self._room
        pushes = pushes_needed(distances_of(room), state.boxes)
        if pushes is None or is_frozen(room, state.boxes):
            return 0.0
        return self.reward_scheme.progress_gamma**pushes

    def _solve_from(self, state: State) -> list[str]:
        return solve(self._room, state)

    def _read_answer(self, start: State, answer: str) -> tuple[State, Refused | None]:
        """As every plan, and strings of letters."""
        if len(answer) <= _LONGEST_LETTERS:
            parts = re.split(r"([^A-Za-z ]+)", answer)
            for number, part in enumerate(parts):
                if _LETTERS.fullmatch(letters := part.replace(" ", "").lower()):
                    parts[number] = ",".join(letters)
            answer = "".join(parts)
        return super()._read_answer(start, answer)

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """The four directions and restart."""
        return (*DIRECTIONS, RESTART)

    @property
    def _largest(self) -> tuple[int, int]:
        """The most rows and columns of the environment's levels, with the outer walls."""
        low, high = self.level
        rooms = ROOMS[low - 1 : high]
        return max(room[0] for room in rooms) + 2, max(room[1] for room in rooms) + 2

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """Four planes of zeros and ones: walls, goals, boxes, the player."""
        return gym.spaces.Box(0.0, 1.0, (4, *self._largest), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """The map, in the space's upper left corner.

        Raises:
            ValueError: the room is larger than those of the environment's levels.
        """
        room, largest, state = self._room, self._largest, self._episode.state
        if room.height > largest[0] or room.width > largest[1]:
            raise ValueError(f"a room of {room.height}x{room.width} does not fit {self.level}")
        planes = np.zeros((4, *largest), np.float32)
        planes[0] = 1
        for cell in cells_of(room.floor):
            planes[0][divmod(cell, room.width)] = 0
        sets = (room.goals, state.boxes, 1 << state.player)
        for plane, cells in zip(planes[1:], sets, strict=True):
            for cell in cells_of(cells):
                plane[divmod(cell, room.width)] = 1
        return planes


def steps_of(width: int) -> tuple[int, int, int, int]:
    """What a step adds to a cell, in the order of ``DIRECTIONS``."""
    return -width, width, -1, 1


def cells_of(mask: int) -> Iterator[int]:
    """The cells of a set."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def reachable(width: int, cell: int, free: int) -> int:
    """The cells that can be walked to. (The outer walls keep shifts from running over.)"""
    reach = 1 << cell
    while True:
        more = (reach | reach << 1 | reach >> 1 | reach << width | reach >> width) & free
        if more == reach:
            return reach
        reach = more


# How many pushes a room needs.


def pushes_to(width: int, floor: int, goals: int) -> tuple[int, ...]:
    """For every cell, the pushes that a lone box needs to the nearest goal (99: it cannot)."""
    pulls = []  # a box that can be pulled a step can be pushed back
    for step in steps_of(width):
        pulls.append((step, _shifted(floor, -step) & _shifted(floor, -2 * step)))
    table = [_CANNOT] * floor.bit_length()
    found = layer = goals
    pushes = 0
    while layer:
        following = 0
        for step, possible in pulls:
            following |= _shifted(layer & possible, step)
        while layer:
            cell = layer.bit_length() - 1
            table[cell] = pushes
            layer ^= 1 << cell
        layer = following & ~found
        found |= layer
        pushes += 1
    return tuple(table)


@lru_cache(maxsize=256)
def _distances(width: int, floor: int, goals: int) -> tuple[tuple[int, ...], ...]:
    return tuple(pushes_to(width, floor, 1 << goal) for goal in cells_of(goals))


def distances_of(room: Room) -> tuple[tuple[int, ...], ...]:
    """For every goal, the pushes that a lone box needs from every cell (99: it cannot)."""
    return _distances(room.width, room.floor, room.goals)


def _shifted(mask: int, step: int) -> int:
    return mask << step if step > 0 else mask >> -step


def pushes_needed(distances: tuple[tuple[int, ...], ...], boxes: int) -> int | None:
    """The pushes of the cheapest assignment of boxes to goals; None where there is none.

    A lower bound of the pushes that are needed.
    """
    cells = list(cells_of(boxes))
    if len(cells) == 1:
        least = distances[0][cells[0]]
    else:  # the cheapest for the first goals and each set of as many boxes
        best = [0]
        for goal, options in _assignments(len(cells)):
            table = distances[goal]
            best.append(min([best[before] + table[cells[box]] for before, box in options]))
        least = best[-1]
    return least if least < _CANNOT else None


@lru_cache
def _assignments(boxes: int) -> tuple[tuple[int, tuple[tuple[int, int], ...]], ...]:
    """For every set of boxes: the goal that its last box goes to, the sets without it, it."""
    return tuple(
        (
            chosen.bit_count() - 1,
            tuple((chosen ^ 1 << box, box) for box in range(boxes) if chosen >> box & 1),
        )
        for chosen in range(1, 2**boxes)
    )


def is_frozen(room: Room, boxes: int) -> bool:
    """Whether a box that is not on a goal can never move again, whatever the others do.

    A box can move along a line only if both cells beside it are free. Boxes that can are taken
    away, until none can: the others hold each other.
    """
    width, walls = room.width, ~room.floor
    held = boxes
    while held:
        solid = walls | held
        stuck = held & (solid << 1 | solid >> 1) & (solid << width | solid >> width)
        if stuck == held:
            return bool(held & ~room.goals)
        held = stuck
    return False


# Rooms: random walls, goals anywhere, and the boxes pulled away from them, as a player who walks
# backwards in time would (Taylor and Parberry, "Procedural generation of Sokoban levels", 2011).


def make_room(stream: Stream, rows: int, columns: int, boxes: int, low: int, high: int) -> Room:
    """A room that can be solved, and whose start has a number of pushes needed in the range."""
    width = columns + 2
    inside = [
        row * width + column for row in range(1, rows + 1) for column in range(1, columns + 1)
    ]
    wanted = stream.randint(low, high)
    while True:
        floor = 0
        for cell in inside:
            if stream.random() > WALLS:
                floor |= 1 << cell
        floor = _largest_part(width, floor)
        if floor.bit_count() < len(inside) * 3 // 5:
            continue
        goals = sum(1 << cell for cell in stream.sample(list(cells_of(floor)), boxes))
        nearest = [pushes % _CANNOT for pushes in pushes_to(width, floor, goals)]
        if sum(sorted(nearest)[-boxes:]) >= wanted:
            for _ in range(2):
                pulled = _pull(stream, width, floor, goals, nearest, wanted)
                if pulled is not None:
                    return Room(width, rows + 2, floor, goals, *pulled)


def _largest_part(width: int, floor: int) -> int:
    """The largest connected part."""
    largest = 0
    while floor.bit_count() > largest.bit_count():
        part = reachable(width, floor.bit_length() - 1, floor)
        floor ^= part
        if part.bit_count() > largest.bit_count():
            largest = part
    return largest


def _pull(
    stream: Stream, width: int, floor: int, goals: int, nearest: list[int], wanted: int
) -> tuple[State, tuple[tuple[int, int], ...]] | None:
    """Pull boxes, away from goals where possible, until so many pushes are needed.

    The start and the pushes back to the goals, or None where it did not come to that.
    """
    boxes = goals
    player = stream.choice(list(cells_of(floor & ~boxes)))
    plan: list[tuple[int, int]] = []
    seen = {boxes}
    pulled = gained = 0
    for _ in range(2 * wanted):
        free = floor & ~boxes
        reach = reachable(width, player, free)
        best, choice = -9.0, None
        for step in steps_of(width):
            for cell in cells_of(boxes & _shifted(reach, -step) & _shifted(free, -2 * step)):
                after = boxes ^ (1 << cell) ^ (1 << cell + step)
                if after not in seen:
                    gain = nearest[cell + step] - nearest[cell]
                    score = stream.random() + gain + (0.3 if cell == pulled else 0)
                    if score > best:
                        best, choice = score, (cell + step, step, after, gain)
        if choice is None:
            return None
        pulled, step, boxes, gain = choice
        seen.add(boxes)
        player = pulled + step
        plan.append((pulled, -step))
        gained += gain
        # What all gained is at most what the boxes need, and seldom much less.
        if (
            gained >= wanted - 4
            and not boxes & goals
            and pushes_needed(_distances(width, floor, goals), boxes) == wanted
        ):
            start = stream.choice(list(cells_of(reachable(width, player, floor & ~boxes))))
            return State(start, boxes), tuple(reversed(plan))
    return None


# Solutions. Up to three boxes, A* finds the fewest pushes (with three it may give up, which is
# rare); with four, and where it gave up, what is left of the pushes that made the room, turned
# round; away from those, A* that overestimates. If nothing is found, all begins anew.

_MOST_EXPANSIONS = {1: 10**6, 2: 10**6, 3: 150, 4: 0}
_MOST_EXPANSIONS_IN_A_HURRY = 60


def solve(room: Room, state: State) -> list[str]:
    """The commands that solve a room from a state.

    Raises:
        ValueError: the room cannot be solved, which no room made here is.
    """
    pushes = (
        search(room, state, 1, _MOST_EXPANSIONS.get(room.goals.bit_count(), 0))
        or _follow(room, state)
        or search(room, state, 3, _MOST_EXPANSIONS_IN_A_HURRY)
    )
    if pushes is None and state != room.start:
        return [RESTART, *solve(room, room.start)]
    if pushes is None and (pushes := search(room, state, 3)) is None:
        raise ValueError("the room cannot be solved")
    return walk(room, state, pushes)


def _follow(room: Room, state: State) -> list[tuple[int, int]] | None:
    """What is left of the room's own plan, for a state that lies on it."""
    boxes = room.start.boxes
    for done, (cell, step) in enumerate(room.plan):
        if boxes == state.boxes:
            reach = reachable(room.width, state.player, room.floor & ~boxes)
            if reach >> (cell - step) & 1:
                return list(room.plan[done:])
        boxes ^= (1 << cell) ^ (1 << cell + step)
    return None


def search(
    room: Room, state: State, weight: int = 1, most: int = 10**9
) -> list[tuple[int, int]] | None:
    """Pushes that solve a room, by A*; the fewest with a weight of 1.

    None: there are none, or they are not found in the given number of expansions.
    """
    width, floor, goals = room.width, room.floor, room.goals
    distances = distances_of(room)
    least = pushes_needed(distances, state.boxes)
    if least is None or is_frozen(room, state.boxes):
        return None
    nearest = map(min, zip(*distances, strict=True))
    alive = sum(1 << cell for cell, pushes in enumerate(nearest) if pushes < _CANNOT)
    queue = [(weight * least, 0, 0, state.boxes, state.player)]
    ways: list[tuple[int, tuple[int, int]]] = [(0, (0, 0))]  # the way before, and its last push
    seen: set[tuple[int, int]] = set()
    while queue and len(seen) < most:
        _, pushed, way, boxes, player = heapq.heappop(queue)
        if boxes == goals:
            pushes = []
            while way:
                way, push = ways[way]
                pushes.append(push)
            return pushes[::-1]
        free = floor & ~boxes
        reach = reachable(width, player, free)
        if (key := (boxes, reach & -reach)) in seen:
            continue
        seen.add(key)
        for step in steps_of(width):
            for cell in cells_of(boxes & _shifted(reach, step) & _shifted(free & alive, -step)):
                after = boxes ^ (1 << cell) ^ (1 << cell + step)
                left = pushes_needed(distances, after)
                if left is not None and not is_frozen(room, after):
                    ways.append((way, (cell, step)))
                    value = 1 - pushed + weight * left
                    heapq.heappush(queue, (value, pushed - 1, len(ways) - 1, after, cell))
    return None


def walk(room: Room, state: State, pushes: list[tuple[int, int]]) -> list[str]:
    """The commands that make these pushes, walking by shortest ways in between."""
    player, boxes = state
    names = dict(zip(steps_of(room.width), DIRECTIONS, strict=True))
    commands: list[str] = []
    for cell, step in pushes:
        commands += [names[s] for s in _way(room, player, cell - step, boxes)]
        commands.append(names[step])
        player = cell
        boxes ^= (1 << cell) ^ (1 << cell + step)
    return commands


def _way(room: Room, start: int, end: int, boxes: int) -> list[int]:
    """The steps of a shortest way between two cells, by bit masks of equal distance."""
    free = room.floor & ~boxes
    width = room.width
    layers = [1 << end]
    found = layers[0]
    while not found >> start & 1:
        reach = layers[-1]
        layer = (reach << 1 | reach >> 1 | reach << width | reach >> width) & free & ~found
        layers.append(layer)
        found |= layer
    way = []
    for layer in reversed(layers[:-1]):
        step = next(step for step in steps_of(width) if layer >> (start + step) & 1)
        start += step
        way.append(step)
    return way
