"""VectorTextMaze: many mazes walked at once in NumPy, the same episodes as one by one."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from operator import index, itemgetter
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import MOVES_FORM
from reasoning_gym_envs.commands import Refused, read_command
from reasoning_gym_envs.errors import check_arguments, unknown
from reasoning_gym_envs.maze import batch, mazes
from reasoning_gym_envs.maze.mazes import COLOURS, DIRECTIONS, LEVELS, WALL, Maze
from reasoning_gym_envs.maze.text_maze import (
    NOT_UNDERSTOOD,
    TURNS_APART,
    WALL_THERE,
    TextMaze,
    collision_text,
    described,
    direction_of,
    rules_of,
    turn_limit,
)
from reasoning_gym_envs.maze.views import Place, seen_from
from reasoning_gym_envs.problems import Problem, Stream

OBSERVATIONS = ("text", "index")
LONGEST_REMEMBERED, MOST_REMEMBERED = 200, 100_000


def _complaint(action: str) -> str:
    try:
        read_command(action)
    except Refused as refused:
        return str(refused)
    return NOT_UNDERSTOOD


# A command is a number: a direction, or one of the ways of not naming one.
COMPLAINTS = (NOT_UNDERSTOOD, _complaint("x" * 201), _complaint(""))
COMMANDS = 4 + len(COMPLAINTS)
# What stands above a view is a number, too: nothing, 1 + the command that failed, or the rules.
SAID_NOTHING, SAID_RULES, MESSAGES = 0, COMMANDS + 1, COMMANDS + 2
_ONE = np.uint8(1)

EPISODES_AHEAD = 4096  # plain mazes are made about so many at a time

_ADMISSIBLE = np.empty(16, dtype=object)
for _mask in range(16):
    _ADMISSIBLE[_mask] = tuple(name for d, name in enumerate(DIRECTIONS) if _mask >> d & 1)


class VectorTextMaze(VectorEnv[Any, Any, Any]):
    """``n`` mazes: ``gym.make_vec("TextMaze-v0", n)``.

    Slot i plays what ``gym.make("TextMaze-v0", ...)`` plays after ``reset(seed=seed + i)`` and the
    resets after it; observations, rewards, ends and infos are those of Gymnasium's
    ``SyncVectorEnv`` (an episode that has ended begins anew with the next step, whatever the
    action), step by step. Only the ``admissible_commands`` are tuples, which slots share.

    Actions are a sequence of texts, or faster an array of whole numbers: 0 north, 1 east, 2 south,
    3 west. With ``observation="index"`` an observation is the number of the state, ``cell + cells *
    keys``, the cells counted row by row and the keys one bit each: what a table of values needs.

    What a network needs is in :mod:`reasoning_gym_envs.wrappers.vector`: observations in numbers,
    and actions with a mask of those that are possible.

    Args:
        num_envs: how many.
        observation: "text" or "index".
        arguments: as those of TextMaze. There is no plan in a box, and there are no pictures: they
            are drawn one by one, as ``vectorization_mode="sync"`` does it.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012
        "render_modes": [],
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(self, num_envs: int = 1, *, observation: str = "text", **arguments: Any) -> None:
        if isinstance(num_envs, bool) or not isinstance(num_envs, int) or num_envs < 1:
            raise ValueError(f"num_envs must be a whole number of 1 or more, got {num_envs!r}")
        if observation not in OBSERVATIONS:
            raise ValueError(unknown("observation", observation, OBSERVATIONS))
        check_arguments(arguments, TextMaze, "observation")
        one = TextMaze(**arguments)
        for name, value, plain in (
            ("form", one.form, MOVES_FORM),
            ("render_mode", one.render_mode, None),
        ):
            if value != plain:
                raise ValueError(
                    f"{name}={value!r} is not for the native batch: pass "
                    f'vectorization_mode="sync" to gym.make_vec'
                )
        self.num_envs = n = num_envs
        self.render_mode = None
        self._one = one
        self._texts = observation == "text"
        self._scheme = one.reward_scheme
        self._uses_progress = self._scheme.mode != "sparse"
        low, high = one.level
        levels = [LEVELS[level - 1] for level in range(low, high + 1)]
        self._cells = levels[-1].size ** 2
        held = 1 << max(level.keys for level in levels)  # sets of keys
        self._has_keys = any(level.keys for level in levels)
        self._has_ice = any(level.slip for level in levels) if one.slip is None else one.slip > 0
        # Plain mazes of one level, seen in words or not at all, are made and described in NumPy.
        asked = levels[0] if one.slip is None else levels[0]._replace(slip=one.slip)
        self._is_plain = low == high and asked.is_plain and (not self._texts or one.view == "local")
        self._level = asked
        plays_many = self._is_plain and not one.same_maze
        self._ahead = max(4, min(64, EPISODES_AHEAD // n)) if plays_many else 1

        self.single_action_space = one.action_space
        self.single_observation_space = (
            one.observation_space if self._texts else spaces.Discrete(self._cells * held)
        )
        self.action_space = batch_space(self.single_action_space, n)
        self.observation_space = batch_space(self.single_observation_space, n)

        # The episodes: row by row those that are played and, of plain mazes, those after them. A
        # position is a row and a cell, one number that looks up what there is in these tables.
        rows, cells = n * self._ahead, self._cells
        self._row_base = np.arange(rows) * cells
        self._open = np.zeros((rows, cells), dtype=np.uint8)  # a bit for each direction
        # NaN where Φ is not known yet.
        self._phi = np.zeros((rows, held, cells) if self._uses_progress else 0)
        self._doors = [np.zeros((rows, cells), np.uint8) for _ in COLOURS if self._has_keys]
        self._key_at = np.zeros((rows, cells) if self._has_keys else 0, dtype=np.uint8)
        self._words = _Words(asked.size, one) if self._is_plain and self._texts else None
        self._said = np.zeros((rows, cells) if self._words else 0, dtype=np.int32)
        self._starts, self._exits = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        self._limits = np.zeros(rows, np.int64)
        self._ids = np.full(rows, None, dtype=object)

        # The slots.
        self._streams: list[Stream] = []
        self._unread: list[list[int]] = [[] for _ in range(n)]
        self._begun = np.zeros(n, np.int64)  # episodes of each slot, and how many are ready
        self._ready = np.zeros(n, np.int64)
        self._mazes: list[Maze] = []
        self._seen = [0] * n
        self._row = np.arange(n) * self._ahead
        self._position = np.zeros(n, np.int64)
        self._ways = np.zeros(n, np.uint8)  # the directions in which a step is possible
        self._offsets = np.zeros((n, 8), np.int64)  # what a direction adds to a position
        self._offset_base = np.arange(n) * 8
        self._exit = np.zeros(n, np.int64)
        self._keys = np.zeros(n, np.uint8)
        self._turn = np.zeros(n, np.int64)
        self._limit = np.zeros(n, np.int64)
        self._of_level = np.full(n, low, np.int64)
        self._id = np.full(n, None, dtype=object)
        self._ice_seed = np.zeros(n, np.uint64)
        self._ice = np.zeros(n, np.uint64)
        self._first_turn = np.zeros(n, np.int64)  # where the ice goes on in the same maze
        self._progress = np.zeros(n)
        self._ended = np.zeros(n, dtype=bool)
        self._everywhere = np.ones(n, dtype=bool)
        self._everywhere.flags.writeable = False
        self._numbers = _Commands()
        self._offsets[:, :4] = -asked.size, 1, asked.size, -1

    # The episode, in the order in which it happens.

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode in every slot; slot i has the seed ``seed + i``.

        Raises:
            ValueError: options, which the native batch does not take; not as many seeds as slots.
            TypeError, gymnasium.error.Error: what is no seed. Nothing is reset then.
        """
        if options:
            raise ValueError(
                "the native batch takes no reset options: pass "
                'vectorization_mode="sync" to gym.make_vec'
            )
        n = self.num_envs
        seeds: list[int | None]
        if seed is None:
            seeds = [None] * n
        elif isinstance(seed, (int, np.integer)):
            seeds = [int(seed) + slot for slot in range(n)]
        elif isinstance(seed, (Sequence, np.ndarray)):
            seeds = [number if number is None else index(number) for number in seed]
        else:
            raise TypeError(f"a seed is a whole number, or one for each slot, got {seed!r:.80}")
        if len(seeds) != n:
            raise ValueError(f"{len(seeds)} seeds for {n} environments")
        is_first = not self._streams
        seeded = [s for s in range(n) if is_first or seeds[s] is not None]
        streams = {slot: _stream(seeds[slot]) for slot in seeded}
        if self._one.same_maze and not self._is_plain:
            # It is drawn once from a stream: slots of one seed can share it, and so their maze.
            of_seed: dict[int | None, Stream] = {seeds[slot]: streams[slot] for slot in seeded}
            streams |= {s: of_seed[seeds[s]] for s in seeded if seeds[s] is not None}
        if is_first:
            self._streams = list(streams.values())
            self._mazes = [_NO_MAZE] * n
        for slot, stream in streams.items():
            self._streams[slot] = stream
            self._unread[slot].clear()
            self._ready[slot] = self._begun[slot] = 0
        if self._one.same_maze:
            self._first_turn += TURNS_APART
            self._first_turn[seeded] = 0
            self._draw(np.array(seeded, dtype=int))
        else:
            self._draw(np.arange(n))
        self._begin(np.arange(n))
        self._ended = np.zeros(n, dtype=bool)
        self._look()
        infos = self._infos(self._everywhere)
        if not self._texts:
            return self._indexes(), infos
        if self._words is not None:
            return self._words.of(self._said.reshape(-1)[self._position] + SAID_RULES), infos
        return tuple(self._text(slot, SAID_RULES) for slot in range(n)), infos

    def step(
        self, actions: Any
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """A turn in every slot; those whose episode has ended begin another instead.

        Raises:
            TypeError: an action is neither a text nor a whole number.
            ValueError: not as many actions as slots, or numbers that are no directions.
        """
        if not self._streams:
            raise ResetNeeded("call reset() before step()")
        scheme = self._scheme
        commands = self._read(actions)
        begins = self._ended
        walked, slid = self._slide(commands) if self._has_ice else (commands, None)
        moves = self._ways >> walked & _ONE
        offsets = self._offsets.reshape(-1).take(self._offset_base + walked)
        self._position = position = self._position + offsets * moves
        self._turn = turn = self._turn + 1
        solved = position == self._exit
        slots = None
        if begins.any():
            slots = np.flatnonzero(begins)
            solved[slots] = False
            if self._one.same_maze:
                self._first_turn[slots] += TURNS_APART
            else:
                self._draw(slots)
            self._begin(slots)
        self._look()
        out = turn >= self._limit
        terminated = solved | out if self._one.max_turns == 1 else solved
        self._ways = self._ways * ~terminated
        truncated = out & ~terminated
        self._ended = terminated | truncated
        stepped = self._everywhere if slots is None else ~begins
        fails = None  # the commands that were no step, as messages
        if self._texts or scheme.collision_cost or scheme.illegal_cost:
            fails = (commands + _ONE) * (moves ^ _ONE)
            if slid is not None:
                fails[slid] = SAID_NOTHING
        rewards, terms = self._pay(commands, actions, solved, terminated, fails, slots)
        infos = self._infos(stepped, terms)
        if self._ended.any():
            infos["is_success"], infos["_is_success"] = solved.copy(), self._ended.copy()
        if not self._texts:
            return self._indexes(), rewards, terminated, truncated, infos
        assert fails is not None
        observations: tuple[str, ...]
        if self._words is not None:
            said = self._said.reshape(-1).take(position) + fails
            if slots is not None:
                said[slots] = self._said.reshape(-1)[position[slots]] + SAID_RULES
            observations = self._words.of(said)
        else:
            if slots is not None:
                fails[slots] = SAID_RULES
            observations = tuple(map(self._text, range(self.num_envs), fails.tolist()))
        return observations, rewards, terminated, truncated, infos

    # What wrappers ask for.

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """The four directions, in the order of their numbers."""
        return DIRECTIONS

    @property
    def admissible(self) -> NDArray[np.uint8]:
        """The commands that each slot's ``admissible_commands`` name: bit c for the number c."""
        return self._ways

    @property
    def single_numeric_space(self) -> spaces.Space[Any]:
        """The space of a row of :meth:`numeric_observation`."""
        return self._one.numeric_space

    def numeric_observation(self) -> NDArray[np.float32]:
        """What is seen, in numbers: a row for each slot, those of TextMaze.

        Raises:
            ValueError: the observations are indexes, and what is seen is not known.
        """
        if not self._texts:
            raise ValueError('what is seen is known with observation="text", the default, alone')
        if self._words is not None:
            return self._words.numbers_of(self._said.reshape(-1).take(self._position))
        places = zip(self._cells_now().tolist(), self._keys.tolist(), self._seen, strict=True)
        return np.stack(
            [
                self._one.numbers_of(maze, Place(cell, keys, 0, seen))
                for maze, (cell, keys, seen) in zip(self._mazes, places, strict=True)
            ]
        )

    # What a step consists of.

    def _read(self, actions: Any) -> NDArray[Any]:
        """The commands of some actions, as numbers."""
        commands: NDArray[Any]
        if isinstance(actions, np.ndarray) and actions.dtype.kind in "iu":
            commands = actions
            if commands.shape != (self.num_envs,):
                raise ValueError(f"{self.num_envs} actions are needed, got {commands.shape}")
            if commands.size and (commands.min() < 0 or commands.max() > 3):
                raise ValueError("a command's number is 0, 1, 2 or 3")
            return commands.astype(np.uint8)
        if isinstance(actions, str) or not isinstance(actions, (Sequence, np.ndarray)):
            raise TypeError(
                f"the actions are a list of texts, one for each slot, got {actions!r:.80}"
            )
        if len(actions) != self.num_envs:
            raise ValueError(f"{self.num_envs} actions are needed, got {len(actions)}")
        if self.num_envs == 1:
            return np.array([self._numbers[actions[0]]], dtype=np.uint8)
        # the quickest way to look many keys up
        return np.frombuffer(bytes(itemgetter(*actions)(self._numbers)), dtype=np.uint8)

    def _slide(self, commands: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """The directions that are really walked on the ice, and who slides: as Maze.turned."""
        turns = (self._first_turn + self._turn).astype(np.uint64)
        counters = turns + np.uint64((mazes.SLIP << 32) + 1)
        numbers = mazes.mixed(self._ice_seed + counters * np.uint64(mazes.GOLDEN))
        slid = (numbers >> np.uint64(11) < self._ice) & (commands < 4)
        to_the_side = np.where(numbers & np.uint64(1), np.uint8(1), np.uint8(3))
        return np.where(slid, (commands + to_the_side) % np.uint8(4), commands), slid

    def _look(self) -> None:
        """Take the keys where the agents are, and see in which directions they can go."""
        position = self._position
        self._ways = self._open.reshape(-1).take(position)
        if self._has_keys:
            self._keys = self._keys | self._key_at.reshape(-1).take(position)
            for colour, doors in enumerate(self._doors):
                held = self._keys >> np.uint8(colour) & _ONE
                self._ways &= ~(doors.reshape(-1).take(position) * (held ^ _ONE))

    def _pay(
        self,
        commands: NDArray[Any],
        actions: Any,
        solved: NDArray[np.bool_],
        terminated: NDArray[np.bool_],
        fails: NDArray[np.uint8] | None,
        slots: NDArray[np.int64] | None,
    ) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
        """The rewards and their terms, as RewardScheme.terms has them."""
        scheme = self._scheme
        terms: dict[str, NDArray[Any]] = {"success": solved.astype(np.float64)}
        if self._uses_progress:
            before, after = self._progress, self._progress_now()
            after[solved] = 1.0
            self._progress = after
            if scheme.mode == "dense":
                terms["progress"] = after - before
            else:
                terms["shaping"] = np.where(terminated, 0.0, scheme.gamma * after) - before
        if scheme.step_cost:
            terms["step"] = np.full(self.num_envs, -scheme.step_cost)
        if scheme.length_cost:
            terms["length"] = -scheme.length_cost * np.array(self._excess(actions))
        if scheme.format_cost:
            terms["format"] = -scheme.format_cost * (commands >= 4)
        if fails is not None and (scheme.illegal_cost or scheme.collision_cost):
            collides = (fails > 0) & (fails <= 4)
            if scheme.illegal_cost:
                terms["illegal"] = -scheme.illegal_cost * collides
            if scheme.collision_cost:
                terms["collision"] = -scheme.collision_cost * collides
        if slots is not None:
            for term in terms.values():
                term[slots] = 0.0
        if len(terms) == 1:
            return terms["success"].copy(), terms
        return sum(terms.values(), np.zeros(self.num_envs)), terms

    def _excess(self, actions: Any) -> list[int]:
        length_of = self._scheme.length_of or len
        texts = actions
        if isinstance(actions, np.ndarray) and actions.dtype.kind in "iu":
            texts = [DIRECTIONS[command] for command in actions]
        return [max(0, length_of(text) - self._scheme.length_budget) for text in texts]

    def _progress_now(self) -> NDArray[np.float64]:
        if not self._has_keys:
            place = self._position
        else:  # a row has the cells once for each set of keys
            held = self._phi.shape[1]
            place = self._position + ((held - 1) * self._row + self._keys) * self._cells
        progress = self._phi.reshape(-1).take(place)
        unknown_slots = np.flatnonzero(np.isnan(progress))
        if unknown_slots.size:
            self._measure(unknown_slots.tolist())
            progress = self._phi.reshape(-1).take(place)
        return progress

    def _measure(self, slots: list[int]) -> None:
        """Put Φ of mazes that were made one by one into the tables, for the keys that are held."""
        gamma = self._scheme.progress_gamma
        alike: dict[tuple[int, int], list[int]] = {}  # the slots of each maze and set of keys
        for slot in slots:
            alike.setdefault((id(self._mazes[slot]), int(self._keys[slot])), []).append(slot)
        for (_, keys), group in alike.items():
            maze = self._mazes[group[0]]
            cells = maze.size**2
            values = [gamma ** maze.distance(cell, keys) for cell in range(cells)]
            self._phi[group, keys, :cells] = values

    def _infos(
        self,
        stepped: NDArray[np.bool_],
        terms: dict[str, NDArray[np.float64]] | None = None,
    ) -> dict[str, Any]:
        infos = {
            "level": self._of_level.copy(),
            "turn": self._turn.copy(),
            "problem_id": self._id.copy(),
            "admissible_commands": _ADMISSIBLE.take(self._ways),
        }
        for name in list(infos):
            infos[f"_{name}"] = self._everywhere
        if terms is not None and (stepped is self._everywhere or stepped.any()):
            infos["reward_terms"] = {**terms, **{f"_{name}": stepped for name in terms}}
            infos["_reward_terms"] = stepped
        return infos

    def _cells_now(self) -> NDArray[np.int64]:
        return self._position - self._row * self._cells

    def _indexes(self) -> NDArray[np.int64]:
        cells = self._cells_now()
        return cells + self._cells * self._keys.astype(np.int64) if self._has_keys else cells

    def _text(self, slot: int, said: int) -> str:
        """What a slot sees, where it is no plain maze or not in words."""
        maze, one = self._mazes[slot], self._one
        cell = int(self._position[slot]) - slot * self._cells
        keys = int(self._keys[slot])
        seen = 0
        if one.fog:
            known = 0 if said == SAID_RULES else self._seen[slot]
            seen = self._seen[slot] = known | seen_from(maze, cell)
        view = described(maze, Place(cell, keys, 0, seen), one.view, fog=one.fog)
        if said == SAID_NOTHING:
            return view
        if said == SAID_RULES:
            rules = rules_of(maze, one.view, fog=one.fog)
            rules = rules if one.instruction is None else one.instruction
            return f"{rules}\n\n{view}" if rules else view
        command = said - 1
        why = collision_text(maze, cell, command) if command < 4 else COMPLAINTS[command - 4]
        possible = ", ".join(DIRECTIONS[d] for d in maze.open_directions(cell, keys))
        return f"{why} Possible: {possible}.\n\n{view}"

    # How episodes begin.

    def _draw(self, slots: NDArray[np.int64]) -> None:
        """Put the next problems of some slots into their rows."""
        if self._is_plain:
            if (self._begun[slots] == self._ready[slots]).any():
                self._make_plain(slots)
            self._row[slots] = slots * self._ahead + self._begun[slots] % self._ahead
            self._begun[slots] += 1
            return
        one = self._one
        alike: dict[int, list[int]] = {}  # the slots of each stream
        for slot in slots.tolist():
            alike.setdefault(id(self._streams[slot]), []).append(slot)
        for group in alike.values():
            self._load(group, one._draw(self._streams[group[0]], one.level))

    def _begin(self, slots: NDArray[np.int64]) -> None:
        """Begin the episodes in the rows of some slots."""
        rows = self._row[slots]
        self._position[slots] = self._starts[rows]
        self._exit[slots] = self._exits[rows]
        self._id[slots] = self._ids[rows]
        self._turn[slots] = 0
        self._limit[slots] = self._limits[rows]
        if self._has_keys:
            self._keys[slots] = 0
        if self._uses_progress:
            self._progress[slots] = self._progress_now()[slots]

    def _load(self, slots: list[int], problem: Problem) -> None:
        """Put a maze into the tables of some slots."""
        maze: Maze = problem.data
        cells = maze.size**2
        for slot in slots:
            self._mazes[slot] = maze
        sides = np.array(maze.beyond).reshape(cells, 4)
        self._open[slots, :cells] = ((sides != WALL) << np.arange(4)).sum(axis=1)
        self._offsets[slots, :4] = -maze.size, 1, maze.size, -1
        if self._has_keys:
            for doors in self._doors:
                doors[slots] = 0
            for side, colour in maze.doors.items():
                self._doors[colour][slots, side // 4] |= 1 << side % 4
            self._key_at[slots] = 0
            for cell, colour in maze.keys.items():
                self._key_at[slots, cell] = 1 << colour
        if self._uses_progress:
            self._phi[slots] = np.nan
        base = np.array(slots) * self._cells
        self._starts[slots] = base + maze.start
        self._exits[slots] = base + maze.exit
        self._limits[slots] = (
            self._one._turn_limit(problem) if self._one.max_turns is None else self._one.max_turns
        )
        self._ids[slots] = problem.id
        self._of_level[slots] = problem.level
        if self._has_ice:
            self._ice_seed[slots] = mazes.mixed(np.array([maze.seed], dtype=np.uint64))[0]
            self._ice[slots] = int(maze.slip * 2**53)

    def _make_plain(self, needed: NDArray[np.int64]) -> None:
        """Make plain mazes for all slots that have room, and at least one for each of some."""
        wants = self._ahead - (self._ready - self._begun)
        wants[self._begun > 0] -= 1  # the row that is being played
        slots = np.flatnonzero(wants > 0)
        is_test = self._one.split == "test"
        while slots.size:
            numbers: list[int] = []
            for slot in slots.tolist():
                unread, random = self._unread[slot], self._streams[slot].random
                count = int(wants[slot]) * (8 if is_test else 1)
                while len(unread) < count:
                    unread.append(int(random() * 2**53))
                numbers += unread
            made = batch.make(np.array(numbers, dtype=np.uint64), self._level, self._one.generator)
            ids = [
                blake2b(f"TextMaze\n{content}".encode(), digest_size=8).hexdigest()  # as Problem.id
                for content in made.contents
            ]
            chosen, rows, first = [], [], 0
            for slot in slots.tolist():
                unread, want, ready = self._unread[slot], int(wants[slot]), int(self._ready[slot])
                own = range(first, first + len(unread))
                first = own.stop
                good = [k for k in own if (ids[k][0] in "01") is is_test][:want]
                del unread[: good[-1] + 1 - own.start if len(good) == want else len(unread)]
                chosen += good
                for number in range(ready, ready + len(good)):
                    rows.append(slot * self._ahead + number % self._ahead)
                self._ready[slot] += len(good)
                wants[slot] -= len(good)
            if rows:
                self._ids[rows] = [ids[k] for k in chosen]
                self._load_plain(made, np.array(chosen), np.array(rows))
            slots = needed[self._begun[needed] == self._ready[needed]]

    def _load_plain(
        self, made: batch.Batch, chosen: NDArray[np.int64], rows: NDArray[np.int64]
    ) -> None:
        """Put some of a batch's mazes into the tables."""
        passable = made.passable[chosen]
        made = batch.Batch(
            made.size, made.start[chosen], made.exit[chosen], made.steps[chosen], passable, []
        )
        base = self._row_base[rows]
        self._open[rows] = batch.open_masks(made)
        max_turns = self._one.max_turns
        self._limits[rows] = (
            turn_limit(made.size, made.steps, ice=False) if max_turns is None else max_turns
        )
        self._starts[rows] = base + made.start
        self._exits[rows] = base + made.exit
        if self._words is not None:
            self._said[rows] = batch.codes(made) * MESSAGES
        if self._uses_progress:
            gamma = self._scheme.progress_gamma
            powers = np.array([gamma**steps for steps in range(self._cells)])
            self._phi[rows, 0] = powers[batch.distances(passable, made.exit)]


def _stream(seed: int | None) -> Stream:
    generator, _ = seeding.np_random(seed)
    return Stream(int(generator.integers(2**63)))


_NO_MAZE = Maze(0, 0, 0, [], {}, {}, frozenset(), 0.0, 0, 0)


class _Commands(dict[str, int]):
    """The number of each text that was ever given as an action."""

    def __missing__(self, action: str) -> int:
        if not isinstance(action, str):
            raise TypeError(
                f"an action is a str, got {type(action).__name__}: {action!r:.80} "
                "(numbers are given as an array, not as a list)"
            )
        try:
            direction = direction_of(read_command(action))
            number = 4 if direction is None else direction
        except Refused as refused:
            number = 4 + COMPLAINTS.index(str(refused))
        if len(action) <= LONGEST_REMEMBERED and len(self) < MOST_REMEMBERED:
            self[action] = number
        return number


class _Words:
    """The observations of plain mazes, each text made once, when it is first seen."""

    def __init__(self, size: int, one: TextMaze) -> None:
        self._size = size
        rules = one.rules if one.instruction is None else one.instruction
        self._rules = f"{rules}\n\n" if rules else ""
        self._place = np.full(batch.code_space(size) * MESSAGES, -1, dtype=np.int32)
        self._texts = np.empty(1024, dtype=object)
        self._count = 0

    def of(self, said: NDArray[np.int32]) -> tuple[str, ...]:
        """The texts of some codes."""
        places = self._place.take(said)
        if places.min() < 0:
            for code in set(said[places < 0].tolist()):
                if self._count == len(self._texts):
                    self._texts = np.concatenate([self._texts, np.empty_like(self._texts)])
                self._texts[self._count] = self._write(code)
                self._place[code] = self._count
                self._count += 1
            places = self._place.take(said)
        return tuple(self._texts.take(places).tolist())

    def numbers_of(self, said: NDArray[np.int32]) -> NDArray[np.float32]:
        """What some codes say, in numbers; what stands above a view is not in them."""
        return batch.numbers_of(said // MESSAGES, self._size)

    def _write(self, said: int) -> str:
        code, message = divmod(said, MESSAGES)
        view = batch.text_of(code, self._size)
        if message == SAID_NOTHING:
            return view
        if message == SAID_RULES:
            return self._rules + view
        command = message - 1
        why = WALL_THERE.format(DIRECTIONS[command]) if command < 4 else COMPLAINTS[command - 4]
        ways = ", ".join(DIRECTIONS[d] for d in batch.open_of(code, self._size))
        return f"{why} Possible: {ways}.\n\n{view}"
