r"""TextMaze: find the way to the exit, in words, on a map or by coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import BOXED_FORM, MOVES_FORM, CommandEnv
from reasoning_gym_envs.commands import Refused, read_command
from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.maze import mazes, views
from reasoning_gym_envs.maze.mazes import COLOURS, DIRECTIONS, GENERATORS, LEVELS, WALL, Maze
from reasoning_gym_envs.maze.views import VIEWS, Place
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.text_env import Turn

COMMANDS: Mapping[str, int] = {
    word: direction
    for direction, words in enumerate(
        (
            ("north", "n", "up"),
            ("east", "e", "right"),
            ("south", "s", "down"),
            ("west", "w", "left"),
        )
    )
    for word in words
}
GOING = frozenset({"go", "walk", "move", "step", "head", "run"})

NOT_UNDERSTOOD = "A command is a direction: north, east, south or west."
WALL_THERE = "There is a wall to the {}."
DOOR_THERE = "The {} door to the {} is locked, and you do not carry its key."

_GOAL = "Find the exit of the maze. Commands: north, east, south, west."
_KEYS = "A door opens if you carry the key of its colour; walk onto a key to take it."
_ONE_WAY = "Some passages are one-way."
_ICE = "The floor is icy: sometimes a step slides to one side instead."
_LAMP = "Your lamp lights {} cells ahead."
_NO_ICE_IN_A_BOX = 'form="boxed" needs slip=0: no plan can know how the ice behaves'
_MAP = "Map: @ you, E exit, # wall, . floor"

_COLLISION = {"illegal": 1, "collision": 1}
_NO_COMMAND = {"format": 1}

_Steps = TypeVar("_Steps", int, NDArray[np.int64])

MOST_SLIP = 0.9
TURNS_APART = 2**20
"""Where a maze is played again, the ice goes on so many turns later: it slides anew."""


class TextMaze(CommandEnv[Place]):
    r"""Find the way to the exit of a maze, described in words.

    ## Description
    A maze of square cells, with a start and an exit, made in one of three ways: by a depth-first
    walk (long corridors), by Kruskal's algorithm (many short dead ends), or as rooms with single
    gaps in their walls. Higher levels add loops, doors with keys, one-way passages, ice on which
    steps slide sideways, and a lamp that lights only so far. Doors come after their keys, and
    one-way passages are never the only way: the exit can be reached from every state.

    Keys are taken by walking onto them, and doors are opened by walking through them with the key.

    ## Observation
    Always of the state alone: where the agent is, the keys it carries, in fog what it has seen.

    * ``view="local"``: for each direction how many steps the agent can see and what is there. A
      wall or a door, open or not, ends the sight, and so does the end of the lamp's light.
    * ``view="map"``: a map in characters; with ``fog=True`` only the cells that have been seen from
      where the agent was, with their walls.
    * ``view="coordinates"``: the column and row of the agent, the exit, the doors and the keys, and
      the directions that are open.

    The rules stand above the first observation; that a step is not possible, above the next.

    In numbers (``numeric_observation()``, all from 0 to 1): for "local" the four lines of sight, 44
    numbers with the keys and whether this is the exit; for "coordinates" the cell as one of
    ``largest²`` and what else the text says; for "map" the 11 × 11 squares of the map around the
    agent, a plane for each character, and where the agent and the exit (if seen) are.

    ## Action
    * `TextMaze-v0`: ``north``, ``east``, ``south`` or ``west``; ``go north``, ``n`` and ``up`` are
      understood, too.
    * `TextMazeBoxed-v0`: the whole way in one answer, ``\boxed{north, east, east}``; shown the
      whole map, and without ice.

    ## Rewards
    * **sparse**: 1 at the exit, else 0.
    * **dense**: sparse plus the change of Φ = γ^d, where d is the number of steps that are left to
      the exit, by way of the keys that are still needed (γ is the reward's ``gamma``).
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    Φ depends on where the agent is and what it carries, so walking to and fro pays nothing.
    ``collision_cost`` is charged for a step into a wall or a locked door (and ``illegal_cost``, if
    given, too), ``format_cost`` for what is not a direction, ``step_cost`` for every turn. A way in
    a box ends at the first wall, which is what its ``illegal_cost`` is for; it has no collisions.

    ## Episode end
    Terminated at the exit. Truncated after ``max_turns``; by default a `Boxed` episode is one
    answer and the other has twice as many turns as a shortest way has steps and the maze has cells
    together, and on ice three times as many: who looks everywhere is in time, who wanders is not.

    ## Information
    ``admissible_commands``: the directions that are open.

    ## Arguments
    * ``form``: "moves" or "boxed"; set by the id.
    * ``view``: "local", "map" or "coordinates"; ``fog``: True to hide the map's unseen cells.
    * ``generator``: "depth_first", "kruskal", "rooms", or None for any of them.
    * ``slip``: the probability that a step slides to one side or the other, at most 0.9; None for
      the level's.
    * ``same_maze``: True to begin every episode in the same maze, until a reset gives a seed, a
      level or another problem: what a table of values needs. Where there is ice, each episode
      slides anew.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.
      ``render_mode="rgb_array"`` draws a picture, "human" opens a window; both need
      ``pip install 'reasoning-gym-envs[render]'``.

    A film of an episode, with Gymnasium's wrapper:

    ```python
    from gymnasium.wrappers import RenderCollection
    from reasoning_gym_envs.pictures import save_gif

    env = RenderCollection(gym.make("TextMaze-v0", render_mode="rgb_array"))
    env.reset(seed=1)
    for command in env.unwrapped.solution():
        env.step(command)
    save_gif(env.render(), "episode.gif")
    ```

    ``gym.make_vec("TextMaze-v0", n)`` is a batch in NumPy that plays the same episodes, millions of
    steps per second; it takes the same arguments, and ``observation="index"`` to see the number of
    the state instead of its text. Its wrappers are in :mod:`reasoning_gym_envs.wrappers.vector`;
    ``wrappers=[...]`` of ``gym.make_vec`` asks for ``vectorization_mode="sync"``.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | cells on a side | 5 | 7 | 9 | 11 | 15 | 19 | 21 | 25 | 31 | 41 |
    | walls opened to loops | – | – | – | 5% | 5% | 5% | 5% | 5% | 5% | 5% |
    | doors and keys | – | – | – | 1 | 2 | 2 | 2 | 2 | 3 | 3 |
    | one-way passages | – | – | – | – | 4 | 6 | 6 | 8 | 10 | 12 |
    | the lamp lights | all | all | all | all | all | 6 | all | 6 | 5 | 4 |
    | a step slides | – | – | – | – | – | – | 10% | 10% | 15% | 20% |
    | steps | 7–11 | 11–20 | 15–27 | 26–44 | 47–81 | 59–114 | 73–140 | 78–165 | 141–299 | 164–348 |

    The last line is the measure of difficulty, the length of a shortest way without sliding: the
    middle half of the lengths. The reference is such a way and knows how the ice will behave. The
    exit is one of the third of the cells that are the farthest from the start, before loops are
    opened. The size counts cells, not walls.

    ## Example
    ```text
    Find the exit of the maze. Commands: north, east, south, west.

    North: a wall.
    East: 3 steps, then a wall.
    South: a wall.
    West: 1 step, then a wall.
    > south
    There is a wall to the south. Possible: east, west.

    North: a wall.
    East: 3 steps, then a wall.
    South: a wall.
    West: 1 step, then a wall.
    > east
    North: 4 steps, then a wall.
    East: 2 steps, then a wall.
    South: a wall.
    West: 2 steps, then a wall.
    > north
    North: 3 steps, then a wall.
    East: a wall.
    South: 1 step, then a wall.
    West: 2 steps, then a wall.
    ```

    ## Version history
    * v0: the first version.
    """

    metadata = {**CommandEnv.metadata, "render_fps": 8}  # noqa: RUF012
    rules = _GOAL
    map_characters = views.MAP_CHARACTERS
    events = frozenset({"format", "illegal", "collision"})

    def __init__(
        self,
        *,
        view: str | None = None,
        fog: bool = False,
        generator: str | None = None,
        slip: float | None = None,
        same_maze: bool = False,
        form: str = MOVES_FORM,
        instruction: str | None = None,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] = 1,
        split: str = "train",
        max_turns: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            form=form,
            instruction=instruction,
            reward=reward,
            level=level,
            split=split,
            max_turns=max_turns,
            render_mode=render_mode,
        )
        if view is None:
            view = "map" if form == BOXED_FORM else "local"
        if view not in VIEWS:
            raise ValueError(unknown("view", view, VIEWS))
        if generator is not None and generator not in GENERATORS:
            raise ValueError(unknown("generator", generator, GENERATORS))
        for name, value in (("fog", fog), ("same_maze", same_maze)):
            if not isinstance(value, bool):
                raise TypeError(f"{name} must be True or False, got {value!r}")
        if fog and view != "map":
            raise ValueError(f'fog=True needs view="map", got view={view!r}')
        if slip is not None:
            if isinstance(slip, bool) or not isinstance(slip, (int, float, np.floating)):
                raise TypeError(f"slip must be a number or None, got {slip!r}")
            if not 0 <= slip <= MOST_SLIP:
                raise ValueError(f"slip must be from 0 to {MOST_SLIP}, got {slip}")
            slip = float(slip)
        if form == BOXED_FORM:
            if view != "map" or fog:
                raise ValueError('form="boxed" needs view="map" without fog: the way is planned')
            if slip:
                raise ValueError(_NO_ICE_IN_A_BOX)
            if self.reward_scheme.collision_cost:
                raise ValueError(
                    'collision_cost: form="boxed" has no collisions; take illegal_cost'
                )
            slip = 0.0
        self.view = view
        self.fog = fog
        self.generator = generator
        self.slip = slip
        self.same_maze = same_maze
        self._largest = LEVELS[self.level[1] - 1].size
        self._is_drawn = render_mode in ("human", "rgb_array")
        self._turns_are_kept = view != "map" and not self._is_drawn
        self._again = False  # this episode has the maze of the last one
        self._first_turn = 0
        self._window: Any = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin an episode; with ``same_maze`` in the maze of the last one, if there is one."""
        last: Place | None = self._episode.state
        self._again = (
            self.same_maze
            and last is not None
            and seed is None
            and not self._asks_for_another(options or {})
        )
        self._first_turn = 0
        if self._again and last is not None:
            self._first_turn = (last.turn // TURNS_APART + 1) * TURNS_APART
        return super().reset(seed=seed, options=options)

    def _asks_for_another(self, options: Mapping[str, Any]) -> bool:
        problem = self._episode.problem
        return "level" in options or ("problem" in options and options["problem"] is not problem)

    def _draw(self, stream: Stream, levels: tuple[int, int]) -> Problem:
        return self._episode.problem if self._again else super()._draw(stream, levels)

    def _given_problem(self, problem: Any, level: Any) -> Problem:
        given = super()._given_problem(problem, level)
        if self.form == BOXED_FORM and given.data.slip:
            raise ValueError(_NO_ICE_IN_A_BOX)
        return given

    def _generate(self, stream: Stream, level: int) -> Problem:
        return self._problem(int(stream.random() * 2**53), level)

    def _problem(self, number: int, level: int) -> Problem:
        asked = LEVELS[level - 1]
        if self.slip is not None:
            asked = asked._replace(slip=self.slip)
        maze, content = mazes.make(number, asked, self.generator)
        return Problem(content, level, "", "", "TextMaze", data=maze)

    def _move_limit(self, problem: Problem) -> int:
        maze: Maze = problem.data
        return turn_limit(maze.size, maze.distance(maze.start, 0), ice=maze.slip > 0)

    def _rules(self, problem: Problem) -> str:
        return rules_of(problem.data, self.view, fog=self.fog)

    @property
    def _maze(self) -> Maze:
        maze: Maze = self._episode.problem.data
        return maze

    def _start(self, problem: Problem) -> Place:
        maze: Maze = problem.data
        return self._place(maze, maze.start, 0, self._first_turn, 0, ())

    def _place(
        self, maze: Maze, cell: int, keys: int, turn: int, seen: int, trail: tuple[int, ...]
    ) -> Place:
        if self.fog:
            seen |= views.seen_from(maze, cell)
        if self._is_drawn and trail[-1:] != (cell,):
            trail = (*trail, cell)
        return Place(cell, keys, turn if maze.slip else 0, seen, trail)

    def _commands(self, state: Place) -> list[str]:
        return [DIRECTIONS[d] for d in self._maze.open_directions(state.cell, state.keys)]

    def _apply(self, state: Place, command: str) -> Place:
        direction = direction_of(command)
        if direction is None:
            raise Refused(NOT_UNDERSTOOD)
        maze, (cell, keys, turn, seen, trail) = self._maze, state
        actual = maze.turned(direction, turn)
        after = maze.step(cell, keys, actual)
        if after == WALL:
            if actual == direction:
                raise Refused(collision_text(maze, cell, direction), understood=True)
            after = cell  # it slid into a wall: no fault of the agent's
        return self._place(maze, after, maze.pick_up(after, keys), turn + 1, seen, trail)

    def _take_turn(self, action: str) -> Turn:
        if self.form == BOXED_FORM:
            return self._take_answer(action)
        episode = self._episode
        maze: Maze = episode.problem.data
        if action not in COMMANDS or not self._turns_are_kept or maze.slip:
            return self._walk(action)
        # What a plain command does depends on the cell and the keys alone: it is worked out once.
        cell, keys, *_ = episode.state
        known = maze.turns.get((self.view, cell, keys, action))
        if known is None:
            turn = self._walk(action)
            known = episode.state, turn.observation, turn.solved, turn.events or {}
            maze.turns[self.view, cell, keys, action] = known
        episode.state, observation, solved, events = known
        return Turn(observation, solved, events=events)

    def _walk(self, action: str) -> Turn:
        episode = self._episode
        state: Place = episode.state
        try:
            episode.state = state = self._apply(state, read_command(action))
        except Refused as refused:
            if self._maze.slip:  # the ice waits for nobody
                episode.state = state = state._replace(turn=state.turn + 1)
            said = f"{refused} {self._possible()}\n\n{self._describe(state)}"
            return Turn(said, events=_COLLISION if refused.understood else _NO_COMMAND)
        return Turn(self._describe(state), self._is_goal(state))

    def _is_goal(self, state: Place) -> bool:
        return state.cell == self._maze.exit

    def _describe(self, state: Place) -> str:
        return described(self._maze, state, self.view, fog=self.fog)

    def _progress_of(self, state: Place) -> float:
        return self.reward_scheme.progress_gamma ** self._maze.distance(state.cell, state.keys)

    def _solve_from(self, state: Place) -> list[str]:
        return solve(self._maze, state)

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """The four directions."""
        return DIRECTIONS

    @property
    def numeric_space(self) -> gym.Space[Any]:
        """Numbers from 0 to 1; see the card."""
        count = {
            "local": views.numbers_of_local,
            "map": views.numbers_of_map,
            "coordinates": views.numbers_of_coordinates,
        }[self.view](self._largest)
        return gym.spaces.Box(0.0, 1.0, (count,), np.float32)

    def numeric_observation(self) -> NDArray[np.float32]:
        """What is seen, in numbers."""
        return self.numbers_of(self._maze, self._episode.state)

    def numbers_of(self, maze: Maze, place: Place) -> NDArray[np.float32]:
        """What is seen of a state of any maze that this environment is made for, in numbers."""
        if self.view == "local":
            return views.local_numbers(maze, place, self._largest)
        if self.view == "coordinates":
            return views.coordinate_numbers(maze, place, self._largest)
        return views.map_numbers(maze, place, self._largest, fog=self.fog)

    def _picture(self) -> NDArray[np.uint8]:
        from reasoning_gym_envs.maze.picture import draw, side_of

        low, high = self.level
        sides = [side_of(level.size) for level in LEVELS[low - 1 : high]]
        return draw(self._maze, self._episode.state, self._visible(), max(sides))

    def _visible(self) -> int | None:
        """The cells that a picture shows without fog; None for all."""
        place: Place = self._episode.state
        if self.view != "local":
            return place.seen if self.fog else None
        seen = 0
        for cell in {place.cell, *place.trail}:
            seen |= views.seen_from(self._maze, cell)
        return seen

    def _show(self, text: str) -> None:
        from reasoning_gym_envs.pictures.films import Window

        if self._window is None:
            self._window = Window(self._title(), self.metadata["render_fps"])
        self._window.show(self._picture())

    def close(self) -> None:
        """Close the window, if one was opened."""
        if self._window is not None:
            self._window.close()
            self._window = None


def turn_limit(size: int, steps: _Steps, *, ice: bool) -> _Steps:
    """How many turns an episode has, unless ``max_turns`` says so; ``steps``: a shortest way's.

    Twice a shortest way and a turn for every cell, which is enough to look everywhere first; on
    ice, where many a step goes astray, three times.
    """
    return (3 if ice else 2) * (size * size + steps)


def direction_of(command: str) -> int | None:
    """The direction that a command names, if it does.

    >>> direction_of("go to the north"), direction_of("w"), direction_of("dance")
    (0, 3, None)
    """
    direction = COMMANDS.get(command)
    if direction is None:
        *before, word = command.split()
        if before and before[0] in GOING and before[1:] in ([], ["to", "the"], ["one", "step"]):
            direction = COMMANDS.get(word)
    return direction


def collision_text(maze: Maze, cell: int, direction: int) -> str:
    """What is in the way."""
    colour = maze.doors.get(4 * cell + direction)
    if colour is None:
        return WALL_THERE.format(DIRECTIONS[direction])
    return DOOR_THERE.format(COLOURS[colour], DIRECTIONS[direction])


def described(maze: Maze, place: Place, view: str, *, fog: bool) -> str:
    """What is seen of a state."""
    if view == "map":
        return views.map_text(maze, place, fog=fog)
    text: str | None = maze.texts.get((view, place.cell, place.keys))
    if text is None:
        write = views.local if view == "local" else views.coordinates
        maze.texts[view, place.cell, place.keys] = text = write(maze, place)
    return text


def rules_of(maze: Maze, view: str, *, fog: bool) -> str:
    """What an agent is told of a maze before it begins."""
    told = [_GOAL]
    if maze.keys:
        told.append(_KEYS)
    if maze.one_way:
        told.append(_ONE_WAY)
    if maze.slip:
        told.append(_ICE)
    if maze.lamp and (view == "local" or fog):
        told.append(_LAMP.format(maze.lamp))
    if view == "map":
        legend = _MAP
        if maze.keys:
            names = [COLOURS[colour] for colour in sorted(maze.keys.values())]
            legend += "".join(
                f", {name[0]} {name} key, {name[0].upper()} its door" for name in names
            )
        if maze.one_way:
            legend += ", ^ > v < one-way passage"
        if fog:
            legend += ", ? unseen"
        told.append(legend + ".")
    return " ".join(told)


def solve(maze: Maze, place: Place) -> list[str]:
    """The commands of a shortest way, that know how the ice will behave.

    At each turn the open direction that brings the agent nearest to the exit, as it will slide.
    """
    cell, keys, turn = place.cell, place.keys, place.turn
    commands = []
    while cell != maze.exit:
        best = (len(maze.beyond) * 8, 0, cell, keys)
        for direction in maze.open_directions(cell, keys):
            after = maze.step(cell, keys, maze.turned(direction, turn))
            after = cell if after == WALL else after
            held = maze.pick_up(after, keys)
            best = min(best, (maze.distance(after, held), direction, after, held))
        commands.append(DIRECTIONS[best[1]])
        cell, keys, turn = best[2], best[3], turn + 1
    return commands
