"""CommandEnv: environments that are walked by commands, or solved by a whole plan in a box."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from reasoning_gym_envs.commands import Refused, plan_of, read_box, read_command
from reasoning_gym_envs.errors import check_text, unknown
from reasoning_gym_envs.pictures.canvas import Canvas
from reasoning_gym_envs.problems import Problem
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.text_env import TextEnv, Turn

State = TypeVar("State")

COMMANDS_SHOWN = 12

MOVES_FORM, BOXED_FORM = "moves", "boxed"
BOXED_INSTRUCTION = (
    "Answer with all commands in order, separated by commas, in \\boxed{}. At most <limit> "
    "commands are allowed."
)

_FORMAT: Mapping[str, int] = {"format": 1}
_ILLEGAL: Mapping[str, int] = {"illegal": 1}


class CommandEnv(TextEnv, Generic[State]):
    r"""An environment with a state, commands that change it, and a goal.

    A subclass says in which state an episode begins (:meth:`_start`), which commands are possible
    (:meth:`_commands`), what one does (:meth:`_apply`), when the goal is reached
    (:meth:`_is_goal`), what the agent sees (:meth:`_describe`), how far along a state is
    (:meth:`_progress_of`) and how it is solved (:meth:`_solve_from`). States are immutable, and an
    observation describes the state alone, so that a table keyed by it is a table of states.

    With ``form="boxed"`` the whole plan is one answer: commands separated by commas in
    ``\boxed{}``, played from the start; the first that is not possible ends it. It may have as many
    commands as an episode of moves has turns, so that no plan tries everything.

    Args:
        form: "moves", a command a turn, or "boxed".
        instruction: what stands above the first observation; None for the environment's rules,
            "" for nothing.
        reward, level, split, max_turns, render_mode: as in every environment; the default of
            ``max_turns`` is 1 for "boxed" and otherwise a limit that suits the problem.
    """

    rules: ClassVar[str]
    """What the first observation says above the first state."""
    events = frozenset({"format", "illegal"})

    def __init__(
        self,
        *,
        form: str = MOVES_FORM,
        instruction: str | None = None,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] = 1,
        split: str = "train",
        max_turns: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            reward=reward, level=level, split=split, max_turns=max_turns, render_mode=render_mode
        )
        if form not in (MOVES_FORM, BOXED_FORM):
            raise ValueError(unknown("form", form, (MOVES_FORM, BOXED_FORM)))
        self.form = form
        self.answered_by = "box" if form == BOXED_FORM else "steps"
        self.instruction = None if instruction is None else check_text("instruction", instruction)

    # What an environment says.

    @abstractmethod
    def _start(self, problem: Problem) -> State:
        """The state in which the problem begins."""

    @abstractmethod
    def _commands(self, state: State) -> list[str]:
        """The commands that are possible in a state."""

    @abstractmethod
    def _apply(self, state: State, command: str) -> State:
        """The state that a command leads to.

        Args:
            state: where the command is given.
            command: lower case, at most 200 characters, single spaces, no full stop at its end.

        Raises:
            Refused: it is no command, or not possible now.
        """

    @abstractmethod
    def _is_goal(self, state: State) -> bool:
        """Whether the state solves the problem."""

    @abstractmethod
    def _describe(self, state: State) -> str:
        """What the agent sees of a state."""

    @abstractmethod
    def _progress_of(self, state: State) -> float:
        """Φ of a state that is not the goal, in [0, 1)."""

    @abstractmethod
    def _solve_from(self, state: State) -> list[str]:
        """The commands that lead from a state to the goal."""

    @abstractmethod
    def _move_limit(self, problem: Problem) -> int:
        """How many commands an episode, or a plan in a box, may have."""

    def _is_lost(self, state: State) -> bool:
        """Whether the episode ends here without success."""
        return False

    def _rules(self, problem: Problem) -> str:
        """What stands above the first observation."""
        return self.rules

    def _paint(self, state: State) -> Canvas | None:
        """A drawing that shows all that :meth:`_describe` tells, and no more; None for no drawing.

        It is made on a board (``pictures/board.py``), and stands in a picture beside the text.
        """
        return None

    # A whole answer in a box: a plan, unless the environment reads and writes something else.

    boxed_instruction: ClassVar[str] = BOXED_INSTRUCTION
    """What the rules say of it; ``<limit>`` stands for the most commands of a plan."""

    def _read_answer(self, start: State, answer: str) -> tuple[State, Refused | None]:
        """The state that an answer reaches, and what is wrong with it."""
        state = start
        limit = self._move_limit(self._episode.problem)
        for number, text in enumerate(plan_of(answer), 1):
            if number > limit:
                said = f"Command {number}: At most {limit} commands are allowed."
                return state, Refused(said)
            try:
                state = self._apply(state, text)
            except Refused as refused:
                said = f"Command {number}: {refused}"
                return state, Refused(said, understood=refused.understood)
            if self._is_goal(state) or self._is_lost(state):
                break
        return state, None

    def _write_answer(self, start: State) -> str:
        """An answer that solves the problem."""
        return ", ".join(self._solve_from(start))

    def _drawing(self) -> Canvas | None:
        return self._paint(self._episode.state)

    def _beside_drawing(self, observation: str) -> str:
        if type(self)._paint is CommandEnv._paint:  # there is no drawing
            return observation
        return observation.replace(self._describe(self._episode.state), "").strip()

    # The episode.

    def actions_of(self, response: str) -> list[str]:
        """The lines after ``</think>`` where it is walked by commands; else the response."""
        if self.form != MOVES_FORM:
            return [response]
        plan = response.rpartition("</think>")[2]
        lines = [line for line in plan.split("\n") if line.strip()]
        return lines if lines and "<think>" not in plan else [response]

    def _turn_limit(self, problem: Problem) -> int:
        return 1 if self.form == BOXED_FORM else self._move_limit(problem)

    def _begin(self, problem: Problem) -> str:
        self._episode.state = state = self._start(problem)
        instruction = self.instruction
        if instruction is None:
            instruction = self._rules(problem)
            if self.form == BOXED_FORM:
                limit = str(self._move_limit(problem))
                instruction += "\n" + self.boxed_instruction.replace("<limit>", limit)
        view = self._describe(state)
        return f"{instruction}\n\n{view}" if instruction else view

    def _take_turn(self, action: str) -> Turn:
        if self.form == BOXED_FORM:
            return self._take_answer(action)
        episode = self._episode
        try:
            state = self._apply(episode.state, read_command(action))
        except Refused as refused:
            observation = f"{refused} {self._possible()}\n\n{self._describe(episode.state)}"
            return Turn(observation, events=_event_of(refused))
        episode.state = state
        return Turn(self._describe(state), self._is_goal(state), self._is_lost(state))

    def _take_answer(self, action: str) -> Turn:
        episode = self._episode
        start = self._start(episode.problem)
        fault: Refused | None
        try:
            state, fault = self._read_answer(start, read_box(action))
        except Refused as refused:
            state, fault = start, refused
        episode.state = state
        if fault is not None:
            return Turn(f"{fault}{self._attempts_left()}", events=_event_of(fault))
        if self._is_goal(state):
            return Turn("Correct.", solved=True)
        said = f"That does not solve it.{self._attempts_left()} It leads to:"
        return Turn(f"{said}\n{self._describe(state)}")

    def _possible(self) -> str:
        commands = self._commands(self._episode.state)
        shown = ", ".join(commands[:COMMANDS_SHOWN])
        more = len(commands) - COMMANDS_SHOWN
        return f"Possible: {shown}{f' and {more} more' if more > 0 else ''}."

    def _progress(self) -> float:
        return self._progress_of(self._episode.state)

    def _admissible(self) -> list[str] | None:
        return self._commands(self._episode.state) if self.form == MOVES_FORM else None

    def _solve(self) -> list[str]:
        if self.form == MOVES_FORM:
            return self._solve_from(self._episode.state)
        return [f"\\boxed{{{self._write_answer(self._start(self._episode.problem))}}}"]

    def _answer(self) -> tuple[str, str] | None:
        if self.form == MOVES_FORM:
            return None
        return self._write_answer(self._start(self._episode.problem)), "boxed"


def _event_of(refused: Refused) -> Mapping[str, int]:
    return _ILLEGAL if refused.understood else _FORMAT
