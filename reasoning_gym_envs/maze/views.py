"""What an agent sees of a maze, in words, as a map, in coordinates, and in numbers.

Every function here is one of a maze and a state, and of nothing else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.maze.mazes import COLOURS, DIRECTIONS, WALL, Maze

VIEWS = ("local", "map", "coordinates")

AGENT, EXIT, WALL_MARK, FLOOR, UNSEEN = "@E#.?"
ARROWS = "^>v<"
MAP_CHARACTERS = {
    **{AGENT: "agent", EXIT: "exit", WALL_MARK: "wall", FLOOR: "floor", UNSEEN: "unseen"},
    **dict.fromkeys(ARROWS, "one way"),
    **{colour[0]: colour for colour in COLOURS},  # a key
    **{colour[0].upper(): colour for colour in COLOURS},  # its door
}
WALL_END, DARK_END = "a wall", "darkness"

WINDOW = 11  # squares of the map on a side, around the agent, in the numeric view
PLANES = WALL_MARK + UNSEEN + EXIT + "rbg" + "RBG" + ARROWS

Line = tuple[int, str, tuple[tuple[int, str], ...]]
"""How many steps can be seen, what ends them, and what there is at which step."""


class Place(NamedTuple):
    """Where an episode stands: all that changes in a maze.

    Args:
        cell: where the agent is.
        keys: the colours of the keys that it holds, one bit each.
        turn: how many commands were given, which the ice depends on; 0 where there is none.
        seen: the cells that it has seen, one bit each; 0 unless there is fog.
        trail: the cells that it walked through, for a picture; empty where none is drawn.
    """

    cell: int
    keys: int = 0
    turn: int = 0
    seen: int = 0
    trail: tuple[int, ...] = ()


def sight(maze: Maze, cell: int, keys: int, direction: int) -> Line:
    """What is seen in a direction: as far as the next wall or door, and as the lamp shines."""
    distance = 0
    things = []
    while True:
        if distance == maze.lamp and maze.lamp:
            end = DARK_END
            break
        side = 4 * cell + direction
        colour = maze.doors.get(side)
        if colour is not None:
            end = f"a {COLOURS[colour]} door"
            break
        if maze.beyond[side] == WALL:
            end = WALL_END
            break
        cell = maze.beyond[side]
        distance += 1
        if side in maze.one_way:
            things.append((distance, "one way only"))
        if cell == maze.exit:
            things.append((distance, "the exit"))
        colour = maze.keys.get(cell)
        if colour is not None and not keys >> colour & 1:
            things.append((distance, f"a {COLOURS[colour]} key"))
    return distance, end, tuple(things)


def line_text(direction: int, line: Line) -> str:
    """A line of sight in words."""
    distance, end, things = line
    text = f"{DIRECTIONS[direction].capitalize()}: "
    if distance:
        text += f"{distance} step{'s' if distance > 1 else ''}, then "
    text += end
    if things:
        text += " (" + "; ".join(f"step {at}: {thing}" for at, thing in things) + ")"
    return text + "."


def local_text(lines: list[Line], *, at_exit: bool, carried: str = "") -> str:
    """The four lines of sight in words."""
    texts = [line_text(direction, line) for direction, line in enumerate(lines)]
    if carried:
        texts.append(carried)
    if at_exit:
        texts.insert(0, "You are at the exit.")
    return "\n".join(texts)


def carried_text(maze: Maze, keys: int) -> str:
    """The keys that are held, in words; nothing where the maze has none."""
    if not maze.keys:
        return ""
    held = [f"the {name} key" for colour, name in enumerate(COLOURS) if keys >> colour & 1]
    return f"You carry {' and '.join(held) or 'no keys'}."


def local(maze: Maze, place: Place) -> str:
    """What is seen from a cell, in words."""
    lines = [sight(maze, place.cell, place.keys, direction) for direction in range(4)]
    at_exit = place.cell == maze.exit
    return local_text(lines, at_exit=at_exit, carried=carried_text(maze, place.keys))


def seen_from(maze: Maze, cell: int) -> int:
    """The cells that are seen from one, itself too: one bit each."""
    known = maze.texts.get(("seen", cell))
    if known is None:
        known = 1 << cell
        for direction, offset in enumerate((-maze.size, 1, maze.size, -1)):
            for step in range(1, sight(maze, cell, 0, direction)[0] + 1):
                known |= 1 << cell + step * offset
        maze.texts["seen", cell] = known
    return known


def _whole_map(maze: Maze, keys: int) -> str:
    """The map without the agent: cells at odd rows and columns, what parts them between."""
    known: str | None = maze.texts.get(("map", keys))
    if known is not None:
        return known
    size = maze.size
    shown = [[WALL_MARK] * (2 * size + 1) for _ in range(2 * size + 1)]
    for cell in range(size * size):
        row, column = 2 * (cell // size) + 1, 2 * (cell % size) + 1
        shown[row][column] = FLOOR
        for direction, (down, right) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
            side = 4 * cell + direction
            if maze.beyond[side] != WALL:
                colour = maze.doors.get(side)
                mark = FLOOR if colour is None else COLOURS[colour][0].upper()
                mark = ARROWS[direction] if side in maze.one_way else mark
                shown[row + down][column + right] = mark
    for row in range(2, 2 * size, 2):  # the posts that no wall stands at are floor
        for column in range(2, 2 * size, 2):
            around = shown[row - 1][column], shown[row + 1][column], shown[row][column - 1]
            if WALL_MARK not in (*around, shown[row][column + 1]):
                shown[row][column] = FLOOR
    for cell, colour in maze.keys.items():
        if not keys >> colour & 1:
            shown[2 * (cell // size) + 1][2 * (cell % size) + 1] = COLOURS[colour][0]
    shown[2 * (maze.exit // size) + 1][2 * (maze.exit % size) + 1] = EXIT
    maze.texts["map", keys] = text = "\n".join(map("".join, shown))
    return text


def drawn_map(maze: Maze, place: Place, *, fog: bool) -> str:
    """The map in characters. In the fog, a cell that was seen is shown with its walls."""
    text = _whole_map(maze, place.keys)
    size, width = maze.size, 2 * maze.size + 2
    if fog:
        shown = list(("?" * (width - 1) + "\n") * (width - 2) + "?" * (width - 1))
        for cell in range(size * size):
            if place.seen >> cell & 1:
                corner = 2 * (cell // size) * width + 2 * (cell % size)
                for at in (corner, corner + width, corner + 2 * width):
                    shown[at : at + 3] = text[at : at + 3]
        for row in range(2, 2 * size, 2):  # a post is what the squares around it say that it is
            for post in range(row * width + 2, row * width + 2 * size, 2):
                if shown[post] != UNSEEN:
                    around = (post - width, post - 1, post + 1, post + width)
                    marks = [shown[at] for at in around]
                    if UNSEEN in marks and WALL_MARK not in marks:
                        shown[post] = UNSEEN
        text = "".join(shown)
    at = (2 * (place.cell // size) + 1) * width + 2 * (place.cell % size) + 1
    return f"{text[:at]}{AGENT}{text[at + 1 :]}"


def map_text(maze: Maze, place: Place, *, fog: bool) -> str:
    """The map, and the keys that are held."""
    carried = carried_text(maze, place.keys)
    return drawn_map(maze, place, fog=fog) + (f"\n{carried}" if carried else "")


def coordinates(maze: Maze, place: Place) -> str:
    """Where everything is, in columns from the west and rows from the north."""

    def at(cell: int) -> str:
        return f"column {cell % maze.size + 1}, row {cell // maze.size + 1}"

    ways = [DIRECTIONS[d] for d in maze.open_directions(place.cell, place.keys)]
    lines = [
        f"You are at {at(place.cell)}. The exit is at {at(maze.exit)}.",
        f"Open: {', '.join(ways)}.",
    ]
    for cell, colour in maze.keys.items():
        if not place.keys >> colour & 1:
            lines.append(f"The {COLOURS[colour]} key is at {at(cell)}.")
    for side, colour in maze.doors.items():
        if side % 4 in (1, 2):
            there = f"{DIRECTIONS[side % 4]} of {at(side // 4)}"
            lines.append(f"The {COLOURS[colour]} door is {there}.")
    carried = carried_text(maze, place.keys)
    return "\n".join([*lines, carried] if carried else lines)


# The same in numbers, between 0 and 1.

LINE_NUMBERS = 3 + 1 + 2 * len(COLOURS)
EXIT_NUMBER = 2  # where a line says how near the exit is
_COORDINATE_NUMBERS = 2 + 4 + 3 * len(COLOURS) + 4 * len(COLOURS) + len(COLOURS)
_HELD = range(len(COLOURS))


def numbers_of_local(largest: int) -> int:
    """How many numbers :func:`local_numbers` gives."""
    return 4 * LINE_NUMBERS + len(COLOURS) + 1


def local_numbers(maze: Maze, place: Place, largest: int) -> NDArray[np.float32]:
    """For each direction its line of sight, then the keys held and whether this is the exit.

    A line is: its length over ``largest``, whether it ends in darkness, 1 / steps to the exit if it
    is seen and to the nearest one-way passage, and for each colour 1 / steps to the key and whether
    the line ends at the door.
    """
    numbers = np.zeros((4, LINE_NUMBERS), dtype=np.float32)
    for direction, row in enumerate(numbers):
        distance, end, things = sight(maze, place.cell, place.keys, direction)
        row[0] = distance / largest
        row[1] = end == DARK_END
        for step, thing in reversed(things):
            words = thing.split()
            if words[-1] == "key":
                row[4 + COLOURS.index(words[1])] = 1 / step
            else:
                row[EXIT_NUMBER if words[-1] == "exit" else 3] = 1 / step
        if end.endswith("door"):
            row[4 + len(COLOURS) + COLOURS.index(end.split()[1])] = 1
    last = [place.keys >> colour & 1 for colour in _HELD] + [place.cell == maze.exit]
    return np.concatenate([numbers.ravel(), np.array(last, dtype=np.float32)])


def numbers_of_coordinates(largest: int) -> int:
    """How many numbers :func:`coordinate_numbers` gives."""
    return largest * largest + _COORDINATE_NUMBERS


def coordinate_numbers(maze: Maze, place: Place, largest: int) -> NDArray[np.float32]:
    """Which cell this is (one of ``largest²``), then what the text says, over ``largest``.

    That is the exit's column and row, the open directions, and for each colour: the key's column
    and row and whether it lies there, the two cells of the door, and whether the key is held.
    """
    size = maze.size

    def at(cell: int) -> tuple[float, float]:
        return (cell % size + 1) / largest, (cell // size + 1) / largest

    cells = np.zeros(largest * largest, dtype=np.float32)
    cells[place.cell // size * largest + place.cell % size] = 1
    numbers = [*at(maze.exit)]
    ways = maze.open_directions(place.cell, place.keys)
    numbers += [float(direction in ways) for direction in range(4)]
    keys = {colour: cell for cell, colour in maze.keys.items()}
    doors = {colour: side for side, colour in maze.doors.items() if side % 4 in (1, 2)}
    for colour in _HELD:
        lies = colour in keys and not place.keys >> colour & 1
        numbers += [*at(keys[colour]), 1.0] if lies else [0.0] * 3
        side = doors.get(colour)
        numbers += [0.0] * 4 if side is None else [*at(side // 4), *at(maze.beyond[side])]
        numbers.append(float(place.keys >> colour & 1))
    return np.concatenate([cells, np.array(numbers, dtype=np.float32)])


def numbers_of_map(largest: int) -> int:
    """How many numbers :func:`map_numbers` gives."""
    return len(PLANES) * WINDOW * WINDOW + 5 + len(COLOURS)


def map_numbers(maze: Maze, place: Place, largest: int, *, fog: bool) -> NDArray[np.float32]:
    """The map around the agent, then where the agent and the exit are, and the keys held.

    For each character of ``PLANES`` the 11 × 11 squares in whose middle the agent stands (what lies
    outside the map is wall), row by row; then column and row of the agent and of the exit, over
    ``largest``, and whether the exit is seen.
    """
    size, half = maze.size, WINDOW // 2
    drawn = drawn_map(maze, place, fog=fog).replace("\n", "").encode()
    codes = np.frombuffer(drawn, dtype=np.uint8).reshape(2 * size + 1, 2 * size + 1)
    padded = np.pad(codes, half, constant_values=ord(WALL_MARK))
    row, column = 2 * (place.cell // size) + 1, 2 * (place.cell % size) + 1
    window = padded[row : row + WINDOW, column : column + WINDOW]
    marks = np.frombuffer(PLANES.encode(), dtype=np.uint8)
    planes = (window[None] == marks[:, None, None]).astype(np.float32)
    visible = place.cell == maze.exit or not fog or bool(place.seen >> maze.exit & 1)
    numbers = [place.cell % size + 1, place.cell // size + 1]
    numbers += [maze.exit % size + 1, maze.exit // size + 1] if visible else [0, 0]
    last = [number / largest for number in numbers] + [float(visible)]
    last += [float(place.keys >> colour & 1) for colour in _HELD]
    return np.concatenate([planes.ravel(), np.array(last, dtype=np.float32)])
