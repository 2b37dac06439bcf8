"""TextEnv: the episode protocol that all environments share."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from reasoning_gym_envs.errors import check_arguments, unknown
from reasoning_gym_envs.pictures.canvas import GREEN, GREY, RED, Canvas
from reasoning_gym_envs.pictures.page import Exchange, draw_page
from reasoning_gym_envs.problems import Problem, Stream, check_split, draw, level_range
from reasoning_gym_envs.rewards import PRICED_EVENTS, RewardScheme
from reasoning_gym_envs.sentences import STYLES
from reasoning_gym_envs.spaces import UnicodeText

RESET_OPTIONS = ("level", "problem", "reveal")
LONGEST_OBSERVATION = 65_536
LONGEST_ACTION = 1_048_576

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Turn(NamedTuple):
    """What an environment says of one action.

    Args:
        observation: the text that the agent sees next.
        solved: the episode ends in success.
        failed: the episode ends without success (a hole in the ice, not a limit of turns).
        events: how often, or how much of, each thing that may have a price happened (see
            ``PRICED_EVENTS``).
        info: what the environment adds to ``info``; nothing that gives the answer away.
    """

    observation: str
    solved: bool = False
    failed: bool = False
    events: Mapping[str, float] = _NOTHING
    info: Mapping[str, Any] = _NOTHING


@dataclass(slots=True)
class Episode:
    """All that changes while an episode runs: what a snapshot copies."""

    problem: Problem
    info: Mapping[str, Any]  # what is the same in every step's info
    turn_limit: int = 1
    state: Any = None
    turn: int = 0
    progress: float = 0.0
    ended: bool = False
    solved: bool = False
    transcript: tuple[Exchange, ...] = ()


# Stands where no episode has begun: there is nothing to step.
_NO_EPISODE = Episode(Problem("", 1, "", ""), {}, ended=True)


@dataclass(frozen=True)
class Snapshot:
    """A running episode and the streams that later ones are drawn from; opaque, picklable."""

    environment: type[TextEnv]
    episode: Episode
    stream: tuple[Any, ...]
    np_random: Mapping[str, Any]


class TextEnv(gym.Env[str, str], ABC):
    """A text environment: the agent reads a text, writes a text, and is paid by a rule.

    An environment is a subclass that says how a problem is made (:meth:`_generate`), how an
    episode begins (:meth:`_begin`) and goes on (:meth:`_take_turn`), how far along it is
    (:meth:`_progress`), and how it is solved (:meth:`_solve`). Its own state lives in
    ``self._episode.state``, so that snapshots have it. Seeds, splits, levels, rewards, limits,
    ``info``, rendering and errors are here, the same for all. One that is played by a finite set
    of commands is a :class:`~reasoning_gym_envs.command_env.CommandEnv`.

    Args:
        reward: "sparse", "dense", "shaped", or a :class:`RewardScheme` or a mapping of its fields.
        level: difficulty from 1 to 10, or ``(low, high)`` to draw from, both included.
        split: "train", or "test" for the problems that training never sees.
        max_turns: the episode is truncated after so many steps; a limit of 1 makes it a task of a
            single step, which terminates whatever the answer. None: the environment's own limit.
        render_mode: None, "ansi" (``render()`` returns the transcript), "human" (shown as it
            happens) or "rgb_array" (``render()`` returns a picture: the transcript as text,
            beside a drawing where there is one; always of the same size).

    Raises:
        ValueError, TypeError: a bad argument, naming what is allowed.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012
        "render_modes": ["ansi", "human", "rgb_array"],
        "render_fps": 4,
    }
    events: ClassVar[frozenset[str]] = frozenset()
    """The events of :class:`Turn` that this environment has, and that may have a price."""
    mixes_topics: ClassVar[bool] = False
    """Its problems have topics of their own; otherwise theirs is the name of the class."""
    reset_options: ClassVar[tuple[str, ...]] = RESET_OPTIONS
    """What the options of :meth:`reset` may name."""
    map_characters: ClassVar[Mapping[str, str]] = {}
    """What the characters of its maps are, such as "agent", "wall" and "goal": for colours."""
    answered_by: str = "steps"
    """What an agent writes: "steps", one a turn, one answer in a "box", or a "block" of code."""

    def __new__(cls, *args: Any, **arguments: Any) -> TextEnv:
        """Refuse a misspelt argument, whichever class's ``__init__`` it is meant for."""
        check_arguments(arguments, cls)
        return super().__new__(cls)

    def __init__(
        self,
        *,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] = 1,
        split: str = "train",
        max_turns: int | None = 1,
        render_mode: str | None = None,
    ) -> None:
        self.reward_scheme = RewardScheme.of(reward)
        for event in PRICED_EVENTS:
            if getattr(self.reward_scheme, f"{event}_cost") and event not in self.events:
                raise ValueError(f"{event}_cost: {type(self).__name__} has no {event} events")
        self._uses_progress = self.reward_scheme.mode != "sparse"
        self.level = level_range(level)
        self.split = check_split(split)
        if max_turns is not None and (
            isinstance(max_turns, bool) or not isinstance(max_turns, int) or max_turns < 1
        ):
            raise ValueError(
                f"max_turns must be a whole number of 1 or more, or None, got {max_turns!r}"
            )
        self.max_turns = max_turns
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(unknown("render_mode", render_mode, self.metadata["render_modes"]))
        self.render_mode = render_mode
        self.observation_space = UnicodeText(LONGEST_OBSERVATION)
        self.action_space = UnicodeText(LONGEST_ACTION)
        self.turn_events: dict[str, float] = {}
        """What happened in the latest turn, of :attr:`events`, and how often: "format" where the
        action could not be read, "illegal" for a command that is not possible."""
        self._stream: Stream | None = None  # None until the first reset
        self._episode = _NO_EPISODE

    # The episode, in the order in which it happens.

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin an episode.

        The problems after a seed are a fixed sequence: the n-th reset after ``reset(seed=s)``
        begins the same episode whatever was done in those before, as long as their options were
        the same.

        Args:
            seed: starts the sequence of problems anew; consecutive seeds share nothing.
            options: ``level`` (as the constructor's) for this episode alone; ``problem``, the
                problem to play, a :class:`Problem` or where the environment says so a mapping
                of its fields; ``reveal``, True to find the reference in ``info["solution"]``,
                the actions that solve the episode, and where it is a single answer, that answer
                in ``info["answer"]`` and how an action gives it in ``info["form"]``: "text" (as
                it stands), "boxed" (in ``\\boxed{}``), "fenced" (in a block between two lines of
                three backticks), or one of the forms that ``answers.check`` takes ("any",
                "value", "reduced", "expanded"; in ``\\boxed{}`` too).

        Returns:
            The first observation, and ``info`` with ``level``, ``turn`` and ``problem_id``.
        """
        if seed is not None or self._stream is None:
            super().reset(seed=seed)
            self._stream = Stream(int(self.np_random.integers(2**63)))
        problem = self._choose(options) if options else self._draw(self._stream, self.level)
        fixed = {"level": problem.level, "problem_id": problem.id, **self._info(problem)}
        limit = self._turn_limit(problem) if self.max_turns is None else self.max_turns
        self._episode = episode = Episode(problem, fixed, limit)
        observation = self._begin(problem)
        if self._uses_progress:
            episode.progress = self._progress()
        info = {**fixed, "turn": 0}
        admissible = self._admissible()
        if admissible is not None:
            info["admissible_commands"] = admissible
        if options and options.get("reveal"):
            info["solution"] = self._solve()
            answer = self._answer()
            if answer is not None:
                info["answer"], info["form"] = answer
        if self.render_mode is not None:
            self._record(Exchange(f"── {self._title()} · level {problem.level} ──", observation))
        return observation, info

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Take a turn. Any text is a legal action.

        Returns:
            The observation, the reward, whether the episode terminated (solved or lost), whether
            it was truncated (out of several turns), and ``info`` with ``level``, ``turn``,
            ``problem_id``, ``reward_terms`` (their sum is the reward) and, at the end,
            ``is_success``; where there is a finite set of commands, ``admissible_commands``.

        Raises:
            TypeError: the action is not a string.
            gymnasium.error.ResetNeeded: before the first reset, or after the end.
        """
        if not isinstance(action, str):
            raise TypeError(f"an action is a str, got {type(action).__name__}: {action!r:.80}")
        episode = self._episode
        if episode.ended:
            raise ResetNeeded("no episode is running: call reset() to begin one")

        episode.turn += 1
        try:
            turn = self._take_turn(action)
        except BaseException:  # what judges it failed, or an interrupt: the turn was not taken
            episode.turn -= 1
            raise
        self.turn_events = dict(turn.events)
        out_of_turns = episode.turn >= episode.turn_limit
        # A single turn is the whole task, so its end is terminal; a limit on many truncates.
        terminated = turn.solved or turn.failed or (out_of_turns and episode.turn_limit == 1)
        truncated = out_of_turns and not terminated
        before = episode.progress
        if self._uses_progress:
            episode.progress = 1.0 if turn.solved else self._progress()
        terms = self.reward_scheme.terms(
            turn.solved, terminated, before, episode.progress, action, turn.events
        )
        reward = 0.0
        for value in terms.values():  # sum() rounds in another way from Python 3.12 on
            reward += value
        info = {**episode.info, "turn": episode.turn, "reward_terms": terms}
        if turn.info:
            info.update(turn.info)
        admissible = self._admissible()
        if admissible is not None:
            info["admissible_commands"] = [] if terminated else admissible
        if terminated or truncated:
            episode.ended = True
            episode.solved = info["is_success"] = turn.solved
        if self.render_mode is not None:
            paid = ", ".join(f"{name} {value:+.3g}" for name, value in terms.items())
            paid = f"[reward {reward:+.3g}: {paid}]"
            self._record(Exchange(f"> {action}", turn.observation, paid, reward))
        return turn.observation, reward, terminated, truncated, info

    def solution(self, style: str = "terse") -> list[str]:
        """The actions that solve the current episode from where it stands.

        Args:
            style: "terse"; or "words", where there is a derivation, to have it told in sentences.

        Raises:
            gymnasium.error.ResetNeeded: no episode is running.
            ValueError: there is no such style, or no derivation to be told.
        """
        if self._episode.ended:
            raise ResetNeeded("no episode is running to be solved: call reset() to begin one")
        if style not in STYLES:
            raise ValueError(unknown("style", style, STYLES))
        return self._solve() if style == "terse" else self._solve_in_words()

    def actions_of(self, response: str) -> list[str]:
        """The actions that a response is which was written before any of them was taken.

        It is one action, unless the running episode is walked by commands: see
        :func:`~reasoning_gym_envs.score`.
        """
        return [response]

    def render(self) -> Any:
        """The transcript so far ("ansi"), a picture ("rgb_array": height × width × 3 bytes).

        None for "human", which shows it as it happens.

        Raises:
            gymnasium.error.ResetNeeded: before the first reset.
        """
        if self._stream is None:
            raise ResetNeeded("call reset() before render()")
        if self.render_mode is None:
            gym.logger.warn(
                "render() without a render mode shows nothing; make the environment with "
                f"render_mode= one of {self.metadata['render_modes']}"
            )
        if self.render_mode == "rgb_array":
            return self._picture()
        if self.render_mode == "ansi":
            return "\n".join(map(str, self._episode.transcript))
        return None

    def snapshot(self) -> Snapshot:
        """A copy of the running episode, to be put back with :meth:`restore` any number of times.

        Raises:
            gymnasium.error.ResetNeeded: before the first reset.
        """
        if self._stream is None:
            raise ResetNeeded("call reset() before snapshot()")
        return Snapshot(
            type(self),
            copy.deepcopy(self._episode),
            self._stream.getstate(),
            self.np_random.bit_generator.state,  # a new dict each time
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Put a copied episode back, in this environment or in another of the same class.

        Raises:
            TypeError: the snapshot is of another class.
        """
        if not isinstance(snapshot, Snapshot) or snapshot.environment is not type(self):
            raise TypeError(f"restore() takes a snapshot of a {type(self).__name__}")
        self._episode = copy.deepcopy(snapshot.episode)
        self._stream = Stream()
        self._stream.setstate(snapshot.stream)
        self.np_random.bit_generator.state = snapshot.np_random

    # What an environment says.

    @abstractmethod
    def _generate(self, stream: Stream, level: int) -> Problem:
        """Make a problem of a level, from the stream alone."""

    @abstractmethod
    def _begin(self, problem: Problem) -> str:
        """Begin an episode, in ``self._episode.state``; returns the first observation."""

    @abstractmethod
    def _take_turn(self, action: str) -> Turn:
        """Apply an action; never raises because of its text.

        Where what judges it fails, it raises and leaves the episode as it was: the same step can
        be taken again.
        """

    @abstractmethod
    def _progress(self) -> float:
        """Φ of an unsolved state, in [0, 1)."""

    @abstractmethod
    def _solve(self) -> list[str]:
        """The actions that solve the episode from here."""

    def _solve_in_words(self) -> list[str]:
        """The same, with its derivation told in sentences."""
        raise ValueError(
            f"the solutions of {type(self).__name__} are actions without a derivation: there is "
            'nothing to be told in words, so leave style="words" out'
        )

    def _answer(self) -> tuple[str, str] | None:
        """The reference as a single answer, and its form (see :meth:`reset`); None: it is none."""
        return None

    def _draw(self, stream: Stream, levels: tuple[int, int]) -> Problem:
        """The next problem of the stream within the levels and the split."""
        low, high = levels
        level = low if low == high else stream.randint(low, high)
        return draw(self._generate, stream, level, self.split)

    def _info(self, problem: Problem) -> Mapping[str, Any]:
        """What is added to every ``info`` of an episode; nothing that gives the answer away."""
        return _NOTHING

    def _turn_limit(self, problem: Problem) -> int:
        """How many turns an episode has where ``max_turns`` is None."""
        return 1

    def _admissible(self) -> list[str] | None:
        """The commands that are possible now; None where any text may be an answer."""
        return None

    def _picture(self) -> NDArray[np.uint8]:
        """What there is to see: the transcript, beside the drawing if there is one."""
        episode = self._episode
        status, colour = f"turn {episode.turn} of {episode.turn_limit}", GREY
        if episode.ended:
            status, colour = ("solved", GREEN) if episode.solved else ("not solved", RED)
        title = f"{self._title()} · level {episode.problem.level}"
        drawing = self._drawing()
        board = None if drawing is None else drawing.pixels
        return draw_page(title, status, colour, episode.transcript, board)

    def _drawing(self) -> Canvas | None:
        """A drawing of the state, as large as a board's; None where there is only the text."""
        return None

    def _beside_drawing(self, observation: str) -> str:
        """What of an observation is not in the drawing: the text beside it."""
        return observation

    def _show(self, text: str) -> None:
        """Show to a person what has just happened ("human")."""
        print(text)

    # What other views of the environment need (see the wrappers).

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """Every command that may be admissible at the levels of this environment, in a fixed order.

        Empty where any text may be an answer.
        """
        return ()

    @property
    def numeric_space(self) -> gym.Space[Any] | None:
        """The space of :meth:`numeric_observation`; None where there is only the text."""
        return None

    def numeric_observation(self) -> Any:
        """What the last observation says, in numbers; in :attr:`numeric_space`, nothing more."""
        raise NotImplementedError(f"{type(self).__name__} has no numeric view of its own")

    def _given_problem(self, problem: Any, level: Any) -> Problem:
        """The problem that a reset's options give; a subclass may read mappings too."""
        if not isinstance(problem, Problem):
            raise TypeError(
                f"options['problem'] must be a Problem, got {type(problem).__name__}: "
                f"{problem!r:.80}"
            )
        own = type(self).__name__
        if not self.mixes_topics and problem.topic not in ("", own):
            raise ValueError(f"options['problem'] is a problem of {problem.topic}, not of {own}")
        return problem

    # Shared details.

    def _turns_left(self) -> int:
        return self._episode.turn_limit - self._episode.turn

    def _attempts_left(self) -> str:
        """What is added to the answer to a wrong attempt, where there may be another."""
        left = self._turns_left()
        return f" {left} attempt{'s' if left > 1 else ''} left." if left > 0 else ""

    def _title(self) -> str:
        return self.spec.id if self.spec is not None else type(self).__name__

    def _record(self, exchange: Exchange) -> None:
        if self.render_mode == "rgb_array":
            said = self._beside_drawing(exchange.observation)
            exchange = exchange._replace(observation=said)
        self._episode.transcript += (exchange,)
        if self.render_mode == "human":
            self._show(str(exchange))

    def _choose(self, options: Mapping[str, Any]) -> Problem:
        """The problem that a reset's options ask for."""
        if not isinstance(options, Mapping):
            raise TypeError(f"options must be a mapping, got {type(options).__name__}")
        for name in options:
            if name not in self.reset_options:
                raise ValueError(unknown("reset option", name, self.reset_options))
        problem, level = options.get("problem"), options.get("level")
        if problem is not None:
            return self._given_problem(problem, level)
        assert self._stream is not None
        return self._draw(self._stream, self.level if level is None else level_range(level))
