r"""Mixture: one of several environments each episode."""

from __future__ import annotations

import copy
from bisect import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from gymnasium.error import ResetNeeded

from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.mixture.components import class_of, make_component, read_components
from reasoning_gym_envs.pictures.canvas import Canvas
from reasoning_gym_envs.problems import LEVELS, Problem, Stream
from reasoning_gym_envs.registry import ENVIRONMENTS
from reasoning_gym_envs.rewards import PRICED_EVENTS, RewardScheme
from reasoning_gym_envs.text_env import RESET_OPTIONS, Snapshot, TextEnv, Turn
from reasoning_gym_envs.wrappers.ladder import Ladder

IDS = (
    "MathBoxed-v0",
    "TextMazeBoxed-v0",
    "TowerOfHanoiBoxed-v0",
    "CountdownBoxed-v0",
    "SudokuBoxed-v0",
    "GraphColoringBoxed-v0",
    "KnightsAndKnavesBoxed-v0",
    "EntailmentBoxed-v0",
)
"""What is mixed unless ``ids`` is given; another choice is another version."""


class MixedProblem(Problem):
    """A problem of a component, as the component made it, that knows whose it is."""

    __slots__ = ("component",)

    def __init__(self, problem: Problem, component: str) -> None:
        # One by one, as it is done at every reset; the hash of the content is known.
        self.content = problem.content
        self.level = problem.level
        self.question = problem.question
        self.answer = problem.answer
        self.topic = problem.topic
        self.steps = problem.steps
        self.form = problem.form
        self.data = problem.data
        self.family = problem.family
        self.id = problem.id
        self.component = component


@dataclass(frozen=True)
class MixtureSnapshot(Snapshot):
    """With what ``adaptive=True`` keeps."""

    ladders: Mapping[str, Mapping[str, Any]]
    counts: bool


class Mixture(TextEnv):
    r"""Each episode is one of several environments, drawn by weight.

    ## Description
    An agent that is to learn several things meets them in turn: at each reset one of the ``ids`` is
    drawn, and the episode is one of that environment, from its problem and rewards to its limit of
    turns. With ``adaptive=True`` levels and weights follow what the agent solves.

    ```python
    env = gym.make("Mixture-v0", ids={"MathBoxed-v0": 3, "TextMaze-v0": 1}, level=(1, 3))
    ```

    ## Observation
    That of the component. A component is whatever its own page tells; there is no numeric view.

    ## Action
    That of the component. The default ones are all answered in ``\boxed{}``. A mixture of ids that
    are all walked by commands has a ``command_vocabulary``: the commands of all of them.

    ## Rewards
    One scheme for all components, each with its own progress Φ:

    * **sparse**: 1 for success, else 0.
    * **dense**: sparse plus the change of Φ.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    A cost such as ``collision_cost`` is charged by the components that know it; one that none
    knows is refused.

    ## Episode end
    That of the component.

    ## Information
    ``component``: the id that is played; and what the component adds. ``problem_id`` is the
    component's: a problem has the same here as there, so that what is left out of one is left out
    of the other. Problems of different classes have different ids; the two forms of one, such as
    TowerOfHanoi-v0 and TowerOfHanoiBoxed-v0, share theirs.

    ## Arguments
    * ``ids``: a list of ids, all as likely, or a mapping from each id to its weight, or to a
      mapping of ``weight`` and arguments for this id alone:
      ``{"MathBoxed-v0": 2, "TextMaze-v0": {"weight": 1, "view": "map", "level": (1, 3)}}``.
      Their order does not matter. Ids that you registered yourself may be among them; one that
      needs an extra needs it here. To mix an id with itself under other arguments, register it
      under another name.
    * ``adaptive``: True to move levels and weights, or a mapping of ``low``, ``high`` and
      ``window`` (0.3, 0.8 and 32 unless given); see below. On the test split nothing moves:
      levels are drawn from their range, so that a test is the same for every agent.
    * ``level``, ``max_turns``: of each component that has none of its own. ``level`` is 1 unless
      given, or (1, 10) with ``adaptive``; ``max_turns`` the component's own limit.
    * ``reward``, ``split``, ``render_mode``: as in every environment; the same for all components.

    The options of ``reset`` may name a ``component``: the episode is one of that id.
    ``options["problem"]`` is a problem that a mixture has drawn, or any problem together with the
    ``component`` that it is of.

    **Adaptive** mixtures keep a window of success for each component. Its level begins at the
    lowest and moves by the rule of the wrapper
    :class:`~reasoning_gym_envs.wrappers.Curriculum`: up where the rate of the last ``window``
    episodes is ``high`` or more, down where it is below ``low``. Its weight is multiplied by
    4*p*(1 − *p*), where *p* = (successes + 1) / (episodes + 2) in the window: 1 for one of which
    nothing is known or that is solved half of the time, and little for one that is always solved,
    or never. It does not become 0, so that every component is tried again. The
    property ``adaptation`` tells levels, rates and shares. An episode counts at its end, unless a
    reset asked for its ``level``, ``problem`` or ``component``.

    What was solved belongs to the episodes after a seed: a reset with a seed begins at the lowest
    levels with empty windows, so that the same seed and actions give the same episodes. Give a seed
    once, and then reset without; an agent that seeds every episode, as GRPO does for its groups,
    does not adapt. Snapshots carry levels and windows.

    ## Levels
    Those of the components.

    ## Example
    Two episodes:

    ```text
    A rectangle is 7 cm long and 2 cm wide. What is its perimeter in centimetres?

    Reason step by step, then give the final answer in \boxed{}.
    > 7 + 2 = 9 and 9 * 2 = 18: \boxed{18}
    Correct.
    ```

    ```text
    Make the target from the numbers with + - * / and brackets. Use each number at most once; not
    all need to be used. Every division must have a whole-number result.
    Answer with one expression in \boxed{}.

    Numbers: 8, 2, 2
    Target: 32
    > \boxed{8 * (2 + 2)}
    Correct.
    ```

    ## Version history
    * v0: the first version.
    """

    _playing: TextEnv  # the component of the running episode
    events = frozenset(PRICED_EVENTS)
    mixes_topics = True
    reset_options = (*RESET_OPTIONS, "component")

    def __init__(
        self,
        *,
        ids: Iterable[str] | Mapping[str, Any] = IDS,
        adaptive: bool | Mapping[str, Any] = False,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] | None = None,
        split: str = "train",
        max_turns: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        if level is None:
            level = LEVELS[0] if adaptive is False else LEVELS
        super().__init__(
            reward=reward, level=level, split=split, max_turns=max_turns, render_mode=render_mode
        )
        self._components = read_components(ids)
        self.ids = tuple(self._components)
        """The components."""
        self._check_costs()
        self._parts: dict[str, TextEnv] = {}
        for id, component in self._components.items():
            if not component.is_plain:  # the others are made when they are drawn
                self._part(id)
        self._bounds = list(accumulate(each.weight for each in self._components.values()))
        self._ladders = self._make_ladders(adaptive)
        self._counts = False  # whether the episode moves levels and weights
        self._asked: Mapping[str, Any] = {}
        self.answered_by = self._answered_by_all()

    @property
    def adaptation(self) -> dict[str, dict[str, float]]:
        """Of each component of an adaptive mixture what it is drawn with, as JSON can write it.

        Its ``level``, the ``success_rate`` of the last so many ``episodes`` at this level, and the
        ``share`` of episodes to come that are its own. Empty where the mixture is not adaptive.
        """
        weights = self._weights() if self._ladders else []
        total = sum(weights)
        return {
            id: {
                "level": ladder.level,
                "success_rate": ladder.success_rate,
                "episodes": ladder.episodes,
                "share": weight / total,
            }
            for (id, ladder), weight in zip(self._ladders.items(), weights, strict=True)
        }

    # The components.

    def _check_costs(self) -> None:
        """Raise ValueError for a cost of what happens in no component."""
        for event in PRICED_EVENTS:
            if getattr(self.reward_scheme, f"{event}_cost") and not any(
                event in getattr(class_of(id), "events", ()) for id in self._components
            ):
                raise ValueError(f"{event}_cost: no component has {event} events")

    def _part(self, id: str) -> TextEnv:
        """The environment of a component."""
        part = self._parts.get(id)
        if part is None:
            shared: dict[str, Any] = {"level": self.level, "split": self.split}
            if self.max_turns is not None:
                shared["max_turns"] = self.max_turns
            part = make_component(self._components[id], shared, self.reward_scheme)
            if isinstance(part, Mixture):
                raise ValueError(f"{id} is a mixture itself: name its ids instead")
            self._parts[id] = part
        return part

    def _answered_by_all(self) -> str:
        """How all components are answered; "steps" where they differ, or in an episode its own."""
        ways = {
            self._parts[id].answered_by if id in self._parts else ENVIRONMENTS[id].answered_by
            for id in self._components
        }
        return ways.pop() if len(ways) == 1 else "steps"

    # What moves levels and weights.

    def _make_ladders(self, adaptive: bool | Mapping[str, Any]) -> dict[str, Ladder]:
        if not isinstance(adaptive, (bool, Mapping)):
            raise TypeError(
                f"adaptive must be True, False or a mapping of {_ADAPTIVE}, got {adaptive!r:.80}"
            )
        given = adaptive if isinstance(adaptive, Mapping) else {}
        for name in given:
            if name not in _ADAPTIVE:
                raise ValueError(unknown("name in adaptive", name, _ADAPTIVE))
        ladders = {id: Ladder(self._levels_of(id), **given) for id in self._components}
        # A test is the same for every agent, whatever it solves.
        return {} if adaptive is False or self.split == "test" else ladders

    def _levels_of(self, id: str) -> tuple[int, int]:
        """The levels that a component is made with."""
        return self._parts[id].level if id in self._parts else self.level

    def _weights(self) -> list[float]:
        weights = []
        for id, component in self._components.items():
            ladder = self._ladders[id]
            rate = (ladder.successes + 1) / (ladder.episodes + 2)
            weights.append(component.weight * 4 * rate * (1 - rate))
        return weights

    # The episode.

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin an episode of one of the components; the options may say of which."""
        asked: Mapping[str, Any] = options if isinstance(options, Mapping) else {}
        component = asked.get("component")
        if component is not None and component not in self.ids:
            raise ValueError(unknown("component", component, self._components))
        self._asked = asked
        if seed is not None or self._stream is None:
            for ladder in self._ladders.values():
                ladder.restart()
        self._counts = False  # an error leaves no episode to count
        observation, info = super().reset(seed=seed, options=options)
        self._counts = bool(self._ladders) and not any(
            asked.get(name) is not None for name in ("level", "problem", "component")
        )
        return observation, info

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Take a turn of the component; the end of an episode may move its level and weight."""
        answer = super().step(action)
        if self._counts and self._episode.ended:
            self._ladders[answer[4]["component"]].count(self._episode.solved)
            self._counts = False
        return answer

    def snapshot(self) -> MixtureSnapshot:
        """A copy of the running episode, with levels and windows; see :class:`TextEnv`."""
        ladders = {id: ladder.state_dict() for id, ladder in self._ladders.items()}
        return MixtureSnapshot(**vars(super().snapshot()), ladders=ladders, counts=self._counts)

    def restore(self, snapshot: Snapshot) -> None:
        """Put a copied episode back, in this mixture or in another with the same arguments.

        Raises:
            TypeError: the snapshot is of another class.
            ValueError: it is of a mixture of other ids, or of one that is adaptive in another way.
        """
        if isinstance(snapshot, MixtureSnapshot):
            component = snapshot.episode.info["component"]
            if component not in self._components:
                raise ValueError(f"the snapshot is of {component}, which is no component here")
            if snapshot.ladders.keys() != self._ladders.keys():
                raise ValueError("the snapshot is of a mixture that keeps other levels")
            self._part(component)
            ladders = copy.deepcopy(self._ladders)  # if one refuses its state, nothing is changed
            for id, state in snapshot.ladders.items():
                ladders[id].load_state_dict(state)
        super().restore(snapshot)
        assert isinstance(snapshot, MixtureSnapshot)
        self._ladders, self._counts = ladders, snapshot.counts
        self._enter()

    def close(self) -> None:
        """Close the components."""
        for part in self._parts.values():
            part.close()

    def _enter(self) -> TextEnv:
        """Let the component play the episode, which is the mixture's and its own at once."""
        part = self._parts[self._episode.info["component"]]
        part._episode = self._episode
        self._playing = part
        self.answered_by = part.answered_by
        return part

    def _generate(self, stream: Stream, level: int) -> Problem:
        raise NotImplementedError("a mixture draws from its components")

    def _draw(self, stream: Stream, levels: tuple[int, int]) -> Problem:
        id = self._asked.get("component") or self._pick(stream)
        part = self._part(id)
        if self._asked.get("level") is None:
            levels = part.level
            if self._ladders:
                levels = (self._ladders[id].level,) * 2
        return MixedProblem(part._draw(stream, levels), id)

    def _pick(self, stream: Stream) -> str:
        bounds = list(accumulate(self._weights())) if self._ladders else self._bounds
        # The last bound is out of reach: rounding alone could lead there.
        return self.ids[bisect(bounds, stream.random() * bounds[-1], hi=len(bounds) - 1)]

    def _given_problem(self, problem: Any, level: Any) -> Problem:
        id = self._asked.get("component")
        if isinstance(problem, MixedProblem):
            if id is None:
                id = problem.component
            if id != problem.component or id not in self._components:
                raise ValueError(
                    f"options['problem'] is one of {problem.component}, "
                    + (f"not of {id}" if id in self._components else "which is no component here")
                )
        elif id is None:
            raise TypeError(
                "options['problem'] must be a Problem that a mixture has drawn; for any other, say "
                f"in options['component'] which id it is of; got {type(problem).__name__}: "
                f"{problem!r:.80}"
            )
        return MixedProblem(self._part(id)._given_problem(problem, level), id)

    def _info(self, problem: Problem) -> Mapping[str, Any]:
        assert isinstance(problem, MixedProblem)
        part = self._parts[problem.component]
        return {"component": problem.component, **part._info(problem)}

    def _begin(self, problem: Problem) -> str:
        part = self._enter()
        limit = part.max_turns  # the mixture's, unless it has one of its own
        self._episode.turn_limit = part._turn_limit(problem) if limit is None else limit
        return part._begin(problem)

    def _take_turn(self, action: str) -> Turn:
        return self._playing._take_turn(action)

    def _progress(self) -> float:
        return self._playing._progress()

    def _admissible(self) -> list[str] | None:
        return self._playing._admissible()

    def _solve(self) -> list[str]:
        return self._playing._solve()

    def _solve_in_words(self) -> list[str]:
        return self._playing._solve_in_words()

    def _answer(self) -> tuple[str, str] | None:
        return self._playing._answer()

    def actions_of(self, response: str) -> list[str]:
        """The actions of a whole response: as the component of the running episode reads it.

        Raises:
            gymnasium.error.ResetNeeded: before the first reset.
        """
        if self._stream is None:
            raise ResetNeeded("how a response is read depends on the component: call reset()")
        return self._playing.actions_of(response)

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """The commands of all components; empty where any text may answer one of them."""
        each = [self._part(id).command_vocabulary for id in self._components]
        return tuple(dict.fromkeys(c for commands in each for c in commands)) if all(each) else ()

    # What is shown.

    def _title(self) -> str:
        return f"{super()._title()}: {self._episode.info['component']}"

    def _drawing(self) -> Canvas | None:
        return self._playing._drawing()

    def _beside_drawing(self, observation: str) -> str:
        return self._playing._beside_drawing(observation)


_ADAPTIVE = ("low", "high", "window")
