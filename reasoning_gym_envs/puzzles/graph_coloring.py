r"""GraphColoring: give every vertex a colour, and never the same one to neighbours."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.commands import Refused, plan_of
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.assignment import AssignmentPuzzle, Entries

VERTICES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COLORS = ("red", "green", "blue", "yellow")
# By level: vertices, edges, colours, and vertices whose colour is given.
GRAPHS = (
    (5, 7, 3, 1),
    (7, 12, 3, 1),
    (9, 17, 3, 1),
    (10, 20, 3, 1),
    (12, 25, 3, 1),
    (14, 30, 3, 1),
    (16, 35, 3, 0),
    (16, 55, 4, 2),
    (18, 64, 4, 1),
    (20, 74, 4, 0),
)

_COLOR = re.compile(
    r"(?:colou?r |paint |set )?(?:vertex )?([a-z])(?: ?(?:=|:|->) ?| (?:is |to |in )?)([a-z]+)"
)
_CLEAR = re.compile(r"(?:clear|erase|uncolou?r)(?: vertex)? ([a-z])")
_MEANINGS = {  # of what is usually written, so that most commands are only looked up
    f"{vertex.lower()} = {name}": (place, color)
    for place, vertex in enumerate(VERTICES)
    for color, name in enumerate(COLORS, 1)
}


class GraphColoring(AssignmentPuzzle):
    r"""Colour the vertices of a graph so that no two neighbours have the same colour.

    ## Description
    A graph whose edges are random among the pairs that a hidden colouring tells apart, so that it
    can be coloured; any colouring without a conflict counts. The number of edges is near the one at
    which random graphs stop being colourable, where few colourings are left. The colours of some
    vertices may be given.

    ## Observation
    The colours, the neighbours of every vertex, and for each vertex its colour or ``open``. The
    rules stand above the first observation; what is wrong with a command, above the next.

    ``numeric_observation()``: for each vertex a row: its colour among four numbers, a one if that
    is given, a one if the vertex exists, and a one for each neighbour.

    ## Action
    * `GraphColoring-v0`: one vertex, ``A = red``; it replaces the colour it had. ``clear A`` takes
      the colour away.
    * `GraphColoringBoxed-v0`: all open vertices in one answer, ``\boxed{A = red, B = blue}``.

    ## Rewards
    * **sparse**: 1 when all vertices have a colour and no neighbours share one, else 0.
    * **dense**: sparse plus the change of Φ: coloured vertices / (vertices that were open + 1) as
      long as the colouring can be completed, and 0 when it cannot.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    Neighbours of one colour, or colours that leave no completion, have no Φ at all, so that
    colouring at random or all vertices alike pays nothing. Dense and shaped rewards show a dead end
    when it is entered, not the way around it.

    ``format_cost`` is charged for what is not a command, ``illegal_cost`` for a vertex that does
    not exist or is given, and for a boxed answer in which neighbours share a colour.

    ## Episode end
    Terminated when solved. Truncated after ``max_turns``; by default a `Boxed` episode is one
    answer and the other has 20 turns and three for each open vertex.

    ## Information
    ``admissible_commands`` for moves: every change of a vertex whose colour is not given.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | vertices | 5 | 7 | 9 | 10 | 12 | 14 | 16 | 16 | 18 | 20 |
    | edges | 7 | 12 | 17 | 20 | 25 | 30 | 35 | 55 | 64 | 74 |
    | colours | 3 | 3 | 3 | 3 | 3 | 3 | 3 | 4 | 4 | 4 |
    | given | 1 | 1 | 1 | 1 | 1 | 1 | 0 | 2 | 1 | 0 |

    A shortest solution colours each open vertex once; the reference is one.

    ## Example
    ```text
    Colour every vertex so that no two neighbours have the same colour. Given colours cannot be
    changed. Example commands: A = red, clear A.

    Colours: red, green, blue
    A: open, next to C D
    B: open, next to C D E
    C: red (given), next to A B E
    D: open, next to A B E
    E: open, next to B C D
    > A = green
    Colours: red, green, blue
    A: green, next to C D
    B: open, next to C D E
    C: red (given), next to A B E
    D: open, next to A B E
    E: open, next to B C D
    > B = green
    Colours: red, green, blue
    A: green, next to C D
    B: green, next to C D E
    C: red (given), next to A B E
    D: open, next to A B E
    E: open, next to B C D
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Colour every vertex so that no two neighbours have the same colour. Given colours cannot "
        "be changed. Example commands: A = red, clear A."
    )
    boxed_instruction = (
        "Answer with the colours of all open vertices, like this: \\boxed{A = red, B = blue}."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        size, edges, colors, count = GRAPHS[level - 1]
        planted = [place % colors + 1 for place in range(size)]
        stream.shuffle(planted)
        pairs = [(a, b) for a, b in combinations(range(size), 2) if planted[a] != planted[b]]
        while True:
            left_out = stream.sample(pairs, len(pairs) - edges)
            neighbours = neighbours_of(planted, left_out)
            if all(neighbours):
                break
        kept = set(stream.sample(range(size), count))
        given = tuple(color if v in kept else 0 for v, color in enumerate(planted))
        data = (given, tuple(planted), neighbours, colors)
        content = f"{colors} {given} {neighbours}"
        return Problem(content, level, "", "", "GraphColoring", data=data)

    def _values(self) -> int:
        colors: int = self._episode.problem.data[3]
        return colors

    @property
    def _neighbours(self) -> tuple[int, ...]:
        neighbours: tuple[int, ...] = self._episode.problem.data[2]
        return neighbours

    def _fault(self, state: Entries) -> str:
        having = [0] * (len(COLORS) + 1)  # by colour, the vertices that have it
        for b, (color, near) in enumerate(zip(state, self._neighbours, strict=True)):
            if color and (same := having[color] & near):
                a = VERTICES[(same & -same).bit_length() - 1]
                return f"The neighbours {a} and {VERTICES[b]} have the same colour."
            having[color] |= 1 << b
        return ""

    def _completion(self, state: Entries) -> Entries | None:
        return complete(state, self._neighbours, self._values())

    def _command(self, place: int, value: int) -> str:
        vertex = VERTICES[place]
        return f"{vertex} = {COLORS[value - 1]}" if value else f"clear {vertex}"

    def _place_name(self, place: int) -> str:
        return f"The colour of {VERTICES[place]}"

    def _read(self, command: str) -> tuple[int, int]:
        known = _MEANINGS.get(command)
        if known is not None and known[0] < len(self._given) and known[1] <= self._values():
            return known
        if found := _CLEAR.fullmatch(command):
            return self._vertex(found[1]), 0
        found = _COLOR.fullmatch(command)
        if found is None:
            raise Refused("A command has the form: A = red or clear A.")
        place = self._vertex(found[1])
        colors = COLORS[: self._values()]
        if found[2] not in colors:
            raise Refused(f"The colours are {', '.join(colors)}.", understood=True)
        return place, colors.index(found[2]) + 1

    def _vertex(self, letter: str) -> int:
        place = VERTICES.index(letter.upper())
        if place >= len(self._given):
            raise Refused(f"There is no vertex {letter.upper()}.", understood=True)
        return place

    def _read_entries(self, answer: str) -> Entries:
        entries = list(self._given)
        named = set()
        for number, part in enumerate(plan_of(answer), 1):
            if number > len(entries):
                raise Refused("The answer names more vertices than there are.")
            try:
                place, value = self._read(part)
            except Refused as refused:
                said = f"Part {number} of the answer: {refused}"
                raise Refused(said, understood=refused.understood) from None
            if place in named:
                raise Refused(f"The answer names {VERTICES[place]} twice.", understood=True)
            named.add(place)
            entries[place] = value
        return tuple(entries)

    def _write_answer(self, start: Entries) -> str:
        return ", ".join(self._solve_from(start))

    def _describe(self, state: Entries) -> str:
        lines = [f"Colours: {', '.join(COLORS[: self._values()])}"]
        places = zip(VERTICES, state, self._given, self._neighbours, strict=False)
        for vertex, value, is_given, near in places:
            color = COLORS[value - 1] if value else "open"
            given = " (given)" if is_given else ""
            lines.append(f"{vertex}: {color}{given}, next to {names_of(near)}")
        return "\n".join(lines)

    @property
    def _largest(self) -> tuple[int, int]:
        """The greatest numbers of vertices and of colours of the environment's levels."""
        graphs = GRAPHS[self.level[0] - 1 : self.level[1]]
        return max(graph[0] for graph in graphs), max(graph[2] for graph in graphs)

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """Every colour, and none, for every vertex of the largest graph."""
        size, colors = self._largest
        return tuple(self._command(v, color) for v in range(size) for color in range(colors + 1))

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """For each vertex zeros and ones: four colours, given, present, the neighbours."""
        size = self._largest[0]
        return gym.spaces.Box(0.0, 1.0, (size, len(COLORS) + 2 + size), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """The colours and the edges.

        Raises:
            ValueError: the graph is larger than those of the environment's levels.
        """
        largest, size = self._largest[0], len(self._given)
        if size > largest:
            raise ValueError(f"a graph of {size} vertices does not fit levels {self.level}")
        colors = len(COLORS)
        view = np.zeros((largest, colors + 2 + largest), np.float32)
        for place, value in enumerate(self._episode.state):
            if value:
                view[place, value - 1] = 1
            view[place, colors] = bool(self._given[place])
            view[place, colors + 1] = 1
            for other in range(size):
                view[place, colors + 2 + other] = self._neighbours[place] >> other & 1
        return view


@lru_cache(maxsize=4096)
def names_of(vertices: int) -> str:
    """The names of some vertices, a bit each."""
    bits = zip(VERTICES, reversed(f"{vertices:b}"), strict=False)
    return " ".join([name for name, bit in bits if bit == "1"])


def neighbours_of(planted: list[int], left_out: list[tuple[int, int]]) -> tuple[int, ...]:
    """For each vertex its neighbours, a bit each: those of other colours, but for some pairs."""
    having = [0] * (max(planted) + 1)
    for vertex, color in enumerate(planted):
        having[color] |= 1 << vertex
    everything = (1 << len(planted)) - 1
    neighbours = [everything ^ having[color] for color in planted]
    for a, b in left_out:
        neighbours[a] ^= 1 << b
        neighbours[b] ^= 1 << a
    return tuple(neighbours)


@lru_cache(maxsize=1024)
def complete(state: Entries, neighbours: tuple[int, ...], colors: int) -> Entries | None:
    """A proper colouring with these colours, or None.

    The vertex with the fewest possible colours comes first (Brélaz, "New methods to color the
    vertices of a graph", Communications of the ACM 22(4), 1979).
    """
    having = [0] * (colors + 1)  # by colour, the vertices that have it
    for vertex, color in enumerate(state):
        having[color] |= 1 << vertex
    for vertex, color in enumerate(state):
        if color and having[color] & neighbours[vertex]:
            return None
    result = list(state)

    def search(vertices: list[int]) -> bool:
        if not vertices:
            return True
        best, choices = -1, list(range(colors + 1))
        for vertex in vertices:
            near = neighbours[vertex]
            possible = [color for color in range(1, colors + 1) if not having[color] & near]
            if len(possible) < len(choices):
                best, choices = vertex, possible
                if len(possible) < 2:
                    break
        rest = [vertex for vertex in vertices if vertex != best]
        for color in choices:
            having[color] |= 1 << best
            result[best] = color
            if search(rest):
                return True
            having[color] ^= 1 << best
        return False

    found = search([vertex for vertex, color in enumerate(state) if not color])
    return tuple(result) if found else None
