r"""EquationSteps: solve an equation by writing the next one, or by commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from reasoning_gym_envs.algebra.operations import START_AGAIN, Bounds, Operation, operations
from reasoning_gym_envs.algebra.problems import draw_equations
from reasoning_gym_envs.algebra.rewriting import (
    ADD,
    PLAIN_COMMANDS,
    SUBSTITUTE,
    SUBTRACT,
    distance,
    is_claim,
    is_solved,
    value_of,
    work_out,
)
from reasoning_gym_envs.algebra.solution_sets import Facts, Undecided, follows
from reasoning_gym_envs.algebra.statements import (
    Statement,
    TooComplex,
    collected,
    expand,
    flat_terms,
    read_statement,
    write_statement,
)
from reasoning_gym_envs.answers import extract_answer
from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.commands import Refused
from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.sentences import capitalized
from reasoning_gym_envs.text_env import Turn

EQUATIONS, COMMANDS = "equations", "commands"
MISTAKES = 3
LETTERS = ("x", "x", "y", "z", "t", "n", "k", "w", "p", "u", "v", "a", "b", "c")
PAIRS = (("x", "y"), ("x", "y"), ("a", "b"), ("p", "q"), ("u", "v"), ("s", "t"))
SYSTEM_LEVEL = 9
SQUARE_LEVELS = (7, 10)
SWAPPED = 0.25  # of the equations, and of the sides such as x + 3

# By level: the largest number added or subtracted in a command, the largest coefficient of x or y.
LARGEST_NUMBERS = (80, 120, 180, 180, 200, 200, 160, 120, 200, 160)
LARGEST_COEFFICIENTS = (20, 20, 20, 20, 20, 100, 40, 20, 200, 40)
LARGEST_SQUARE = 6
LARGEST_FACTOR = 30  # that both sides, or an equation of a system, are multiplied by

_WRONG = "That does not have the same solutions."
_REWRITE = "write it in another way"
_UNDECIDED = "That cannot be checked exactly, so it counts as a wrong step. Take a smaller step."

SLOT = 17  # numbers of the numeric view for each of two equations
SCALE = 100.0


class State(NamedTuple):
    """Where the solution stands, and how many wrong steps may still be made."""

    statement: Statement
    mistakes_left: int = MISTAKES


class EquationSteps(CommandEnv[State]):
    r"""Solve an equation by writing the next one, until the variable stands alone.

    ## Description
    An equation is given, from ``x + 3 = 5`` to systems and rational equations with an extraneous
    root. The agent writes an equation that follows from the current one, then the next. It
    follows if it has the same solutions, which is decided exactly: no step is taken on trust, and
    none is refused because it is not the usual one. Skipping steps is fine. What cannot be decided
    exactly (a degree above 8; irrational roots with absolute values) counts as a wrong step.

    The solutions are counted among the numbers for which the equation *given* has a meaning.
    Multiplying by ``x - 2`` is therefore right although 2 may become a root of the result; the end
    must not list it. A step may neither lose a solution nor gain any other: squaring and dividing
    by a variable are wrong where they do. Cases are joined by "or": ``|x| = 3`` leads to ``x = 3 or
    x = -3``. The two equations of a system are written together, with a comma.

    ## Observation
    The current equation after ``Now:``, in a standard notation. Above it, where the equation given
    has a variable in a denominator, that equation after ``Given:``. Under it, unless the actions
    are commands, how many wrong steps are left: the last of them ends the attempt. The rules stand
    above the first observation; above the next stands what is wrong with a step, or that it is no
    progress.

    The numeric view (for commands) is a vector of 37 numbers: for each of two equations (the first
    two cases, or the system) the coefficients of x², x, y, 1 and |…| of the left side and of the
    right, multiplied out and divided by 100 (clipped to ±1; 0 for a side with a variable in a
    denominator); the coefficients of x and 1 inside |…| of either side; and whether brackets or
    fractions are to be worked out, terms to be collected, the variable stands alone. Then half the
    number of cases, and the numbers, over 10, for which the denominators of the equation given are
    0 (0 where there are fewer than two).

    ## Action
    * `EquationSteps-v0`: an equation in plain text, LaTeX or Unicode, after any
      ``<think>…</think>``, in ``\boxed{}`` if the agent likes: ``2x = 6``, ``\frac{x}{2} = 3``,
      ``x = 2 or x = -3``, ``x ∈ {2, -3}``, ``x = ±3``, ``x + y = 3, x - y = 1``.
    * `EquationStepsCommands-v0`: a command, such as ``subtract 3 from both sides``, ``divide both
      sides by 2``, ``multiply both sides by 2``, ``expand``, ``collect terms``, ``clear
      fractions``, ``swap sides``, ``factor``, ``split into cases``, ``take the square root``,
      ``drop extraneous solutions``; in systems also ``add the equations``, ``subtract the
      equations`` (the second from the first), ``multiply the first equation by 2`` and
      ``substitute``; and ``start again``, which leads back to the equation given. It works on the
      first case that is not solved, or on the first equation of a system that has something to be
      done by itself.

    Commands are legal whether they are of use or not: each number and term of the equation, and
    the numbers beside it, may be added and subtracted, and both sides multiplied and divided by
    them. Mostly 20 to 60 commands are legal at a time, one or two of which lead on. Adding and
    subtracting collects the terms without brackets. No number may be made larger than the level
    has commands for.

    ## Rewards
    * **sparse**: 1 when the equation is solved, else 0.
    * **dense**: sparse plus the change of Φ = γ^d, where d is the number of steps that the
      textbook method takes from the current equation to the end (γ is the reward's ``gamma``; 25
      more where that method does not know the equation). Φ = 0 once the episode is lost.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    With commands, d counts the commands of the reference solution; where the textbook knows no way
    on with the commands of the level, that is to start again.

    Φ depends on the equation alone. So a step that is undone pays back what it earned, rewriting
    without simplifying earns nothing, and a correct jump to the end earns all at once. A wrong step
    earns nothing, and does not say what is right. Guessing does not pay: a wrong value for the
    variable ends the episode, which costs Φ, and so does the third wrong step of any kind, so that
    equations such as ``x - 7 = 0`` are no way to search. ``illegal_cost`` is charged for wrong
    steps and for commands that are not possible, ``format_cost`` for what is not an equation in the
    variables, or not a command.

    ## Episode end
    Terminated when every variable stands alone on the left with its value (a number in lowest
    terms) and all solutions are there; and, as a failure, after a wrong value or three wrong steps.
    Truncated after ``max_turns``, by default 10 + 3*d* at the start.

    ## Information
    ``admissible_commands`` where the actions are commands.

    ## Arguments
    * ``actions``: "equations" or "commands"; set by the id.
    * ``instruction``: what stands above the first observation instead of the rules; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | equations | textbook steps | on average |
    | --- | --- | --- | --- |
    | 1 | x + a = b | 1–2 | 1.2 |
    | 2 | ax = b, ax + b = c | 1–3 | 1.9 |
    | 3 | the variable on both sides | 2–3 | 2.9 |
    | 4 | brackets | 4–5 | 4.4 |
    | 5 | fractions | 2–6 | 4.6 |
    | 6 | rational coefficients and solutions | 3–5 | 4.9 |
    | 7 | quadratics by factoring or a square root | 1–10 | 5.7 |
    | 8 | absolute values, on one side or on both | 3–8 | 6.4 |
    | 9 | 2×2 systems, by elimination or substitution | 4–10 | 6.6 |
    | 10 | variables in denominators, mostly with an extraneous root | 5–13 | 10.3 |

    The measure of difficulty is the average number of steps of the reference solution, which is the
    textbook's and nearly shortest without skipping; a jump is always shorter. Letters, sides and
    the order of terms vary; with commands the variables are always x and y. All solutions are
    rational. A random agent solves one in ten `EquationStepsCommands-v0` at level 1 and next to
    none from level 3 on, and no value of a variable is frequent.

    ## Example
    ```text
    Solve the equation step by step: each time, write a simpler equation with the same solutions,
    until the variable stands alone on the left with its value. Join cases with "or". A wrong value
    ends the attempt; so does the third wrong step.

    Now: 2n - 10 = 4n - 20
    Wrong steps left: 3
    > 6n = 10
    That does not have the same solutions.

    Now: 2n - 10 = 4n - 20
    Wrong steps left: 2
    > 10 = 2n
    Now: 10 = 2n
    Wrong steps left: 2
    > n = 5
    Now: n = 5
    Wrong steps left: 2
    ```

    With commands:

    ```text
    Solve until each variable stands alone on the left with its value. Example commands: subtract 3
    from both sides, divide both sides by 2, expand, collect terms, clear fractions, factor, split
    into cases.

    Now: 7x - 9 = x - 57
    > subtract x from both sides
    Now: 6x - 9 = -57
    > add 9 to both sides
    Now: 6x = -48
    > divide both sides by 6
    Now: x = -8
    ```

    ## Version history
    * v0: the first version.
    """

    rules = (
        "Solve the equation step by step: each time, write a simpler equation with the same "
        "solutions, until the variable stands alone on the left with its value. Join cases with "
        '"or". A wrong value ends the attempt; so does the third wrong step.'
    )
    system_rules = (
        "Solve the system step by step: each time, write two simpler equations with the same "
        "solution, separated by a comma, until each variable stands alone on the left with its "
        "value. A wrong value ends the attempt; so does the third wrong step."
    )
    command_rules = (
        "Solve until each variable stands alone on the left with its value. Example commands: "
        "subtract 3 from both sides, divide both sides by 2, expand, collect terms, clear "
        "fractions, factor, split into cases."
    )

    def __init__(
        self,
        *,
        actions: str = EQUATIONS,
        instruction: str | None = None,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] = 1,
        split: str = "train",
        max_turns: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            instruction=instruction,
            reward=reward,
            level=level,
            split=split,
            max_turns=max_turns,
            render_mode=render_mode,
        )
        if actions not in (EQUATIONS, COMMANDS):
            raise ValueError(unknown("actions", actions, (EQUATIONS, COMMANDS)))
        self.actions = actions

    def _generate(self, stream: Stream, level: int) -> Problem:
        drawn = draw_equations(stream, level)
        is_system = len(drawn.sides) > 1
        letters = stream.choice(PAIRS) if is_system else (stream.choice(LETTERS),)
        if self.actions == COMMANDS:
            letters = ("x", "y")[: len(letters)]
        rows = [list(sides) for sides in drawn.sides]
        content = ", ".join(sorted(" = ".join(sorted(sides)) for sides in rows))
        for sides in rows:
            if stream.random() < SWAPPED and not is_system:
                sides.reverse()
            if stream.random() < SWAPPED:
                sides[:] = map(_turned_round, sides)
        stream.shuffle(rows)
        names = str.maketrans("xy"[: len(letters)], "".join(letters))
        text = ", ".join(" = ".join(sides) for sides in rows).translate(names)
        answer = " or ".join(
            ", ".join(f"{name} = {value}" for name, value in zip(letters, values, strict=True))
            for values in drawn.solutions
        )
        facts = Facts(letters, drawn.solutions, drawn.excluded)
        return Problem(content, level, text, answer, "EquationSteps", data=facts)

    def _move_limit(self, problem: Problem) -> int:
        return 10 + 3 * distance(self._start(problem).statement, problem.data)

    @property
    def _facts(self) -> Facts:
        facts: Facts = self._episode.problem.data
        return facts

    # The state.

    def _start(self, problem: Problem) -> State:
        return State(_read(problem.question, problem.data.unknowns))

    def _is_goal(self, state: State) -> bool:
        return is_solved(state.statement, self._facts)

    def _is_lost(self, state: State) -> bool:
        return state.mistakes_left == 0

    def _progress_of(self, state: State) -> float:
        if self._is_lost(state):
            return 0.0
        if self.actions == COMMANDS:
            steps = len(self._solve_from(state))
        else:
            steps = distance(state.statement, self._facts)
        return self.reward_scheme.progress_gamma**steps

    def _describe(self, state: State) -> str:
        text = f"Now: {write_statement(state.statement)}"
        if self._facts.excluded:
            text = f"Given: {self._episode.problem.question}\n{text}"
        if self.actions == EQUATIONS:
            text += f"\nWrong steps left: {state.mistakes_left}"
        return text

    def _rules(self, problem: Problem) -> str:
        if self.actions == COMMANDS:
            return self.command_rules
        return self.rules if len(problem.data.unknowns) == 1 else self.system_rules

    def _solve_from(self, state: State) -> list[str]:
        steps = work_out(state.statement, self._facts)
        if self.actions == EQUATIONS:
            return [write_statement(step.statement) for step in steps]
        commands = [step.command for step in steps]
        given = self._start(self._episode.problem)
        if state.statement == given.statement or self._known.keys() >= set(commands):
            return commands
        return [START_AGAIN, *self._solve_from(given)]  # no textbook way leads on from here

    def _solve_in_words(self) -> list[str]:
        if self.actions == COMMANDS:
            return super()._solve_in_words()
        steps = work_out(self._episode.state.statement, self._facts)
        done = [capitalized(step.command or _REWRITE) for step in steps]
        return [
            f"<think>{command}.</think>{write_statement(step.statement)}"
            for command, step in zip(done, steps, strict=True)
        ]

    def _answer(self) -> tuple[str, str] | None:
        return (self._episode.problem.answer, "text") if self.actions == EQUATIONS else None

    # Free text: the next equation.

    def _take_turn(self, action: str) -> Turn:
        if self.actions == COMMANDS:
            return super()._take_turn(action)
        state: State = self._episode.state
        try:
            after, remark = self._judge(state, read_step(action))
        except Refused as refused:
            event = "illegal" if refused.understood else "format"
            return Turn(f"{refused}\n\n{self._describe(state)}", events={event: 1})
        self._episode.state = after
        observation = self._describe(after)
        if remark:
            observation = f"{remark}\n\n{observation}"
        is_wrong = after.mistakes_left < state.mistakes_left
        return Turn(
            observation,
            self._is_goal(after),
            self._is_lost(after),
            {"illegal": 1} if is_wrong else {},
        )

    def _judge(self, state: State, text: str) -> tuple[State, str]:
        """The state that a step leads to, and what there is to say about it."""
        facts = self._facts
        statement = read_statement(text, facts.unknowns)
        if write_statement(statement) == write_statement(state.statement):
            return state, "That is the same equation again."
        try:
            fault = "" if follows(statement, facts) else _WRONG
        except Undecided:  # a mistake as well, or it would say something of the solutions for free
            fault = _UNDECIDED
        if fault:
            left = 0 if is_claim(statement) else state.mistakes_left - 1
            return State(state.statement, left), fault
        remark = ""
        if distance(statement, facts) >= distance(state.statement, facts):
            remark = "That is true, but it brings you no closer to the solution."
        return State(statement, state.mistakes_left), remark

    # Commands.

    @property
    def _known(self) -> dict[str, None]:
        """The commands of the levels that may come, and of the level of the problem."""
        level = self._episode.problem.level
        return _vocabulary(min(level, self.level[0]), max(level, self.level[1]))

    def _operations(self, state: State) -> dict[str, Operation]:
        problem = self._episode.problem
        bounds = _bounds(problem.level, problem.level)
        found = operations(state.statement, self._start(problem).statement, self._facts, bounds)
        known = self._known
        return {command: change for command, change in found.items() if command in known}

    def _commands(self, state: State) -> list[str]:
        return list(self._operations(state))

    def _apply(self, state: State, command: str) -> State:
        possible = self._operations(state)
        meant = standard_command(command)
        if meant in possible:
            return State(possible[meant](), state.mistakes_left)
        if meant in self._known:
            raise Refused("That is not possible now.", understood=True)
        raise Refused("That is not a command.")

    def _admissible(self) -> list[str] | None:
        return self._commands(self._episode.state) if self.actions == COMMANDS else None

    @property
    def command_vocabulary(self) -> tuple[str, ...]:
        """Every command, with all numbers that it may have at these levels; () for free text."""
        return tuple(_vocabulary(*self.level)) if self.actions == COMMANDS else ()

    @property
    def numeric_space(self) -> gym.Space[Any] | None:
        """A vector of 37 numbers from -1 to 1 for commands; None for free text."""
        if self.actions == EQUATIONS:
            return None
        return gym.spaces.Box(-1.0, 1.0, (2 * SLOT + 3,), np.float32)

    def numeric_observation(self) -> Any:
        """The current equation in numbers, as the card says."""
        if self.actions == EQUATIONS:
            return super().numeric_observation()
        state: State = self._episode.state
        return _numbers(state.statement, self._facts)


def _turned_round(side: str) -> str:
    """3 + x for x + 3."""
    left, _, right = side.rpartition(" + ")
    return f"{right} + {left}" if right.isdigit() and left and " " not in left else side


def read_step(action: str) -> str:
    r"""The equation of a response: what follows ``</think>``, from its box if it has one.

    Raises:
        Refused: there is nothing.
    """
    if "\\boxed" in action or "<answer>" in action:
        action = extract_answer(action) or ""
    elif "think>" in action:
        close = action.rfind("</think>")
        action = "" if action.rfind("<think>") > close else action[close + 8 :]
    action = action.strip()
    if not action:
        raise Refused("No equation was found.")
    return action


_SHORT = re.compile(r"(add|subtract|divide|multiply)(?: both sides)? (?:by |to both sides )?(\S+)")


def standard_command(command: str) -> str:
    """A command as the vocabulary writes it.

    >>> standard_command("subtract 3 x"), standard_command("divide by −2")
    ('subtract 3x from both sides', 'divide both sides by -2')
    """
    command = command.replace("−", "-").replace("²", "^2").replace("*", "")
    command = re.sub(r"(\d) (?=[xy]\b)", r"\1", command)
    short = _SHORT.fullmatch(command)
    if short is None:
        return command
    verb, what = short.groups()
    if verb == "add":
        return f"add {what} to both sides"
    if verb == "subtract":
        return f"subtract {what} from both sides"
    return f"{verb} both sides by {what}"


@lru_cache(maxsize=1024)
def _read(text: str, unknowns: tuple[str, ...]) -> Statement:
    return read_statement(text, unknowns)


@lru_cache(maxsize=64)
def _bounds(low: int, high: int) -> Bounds:
    """How large the numbers of the levels from low to high may get."""
    levels = range(low, high + 1)
    return Bounds(
        max(LARGEST_NUMBERS[level - 1] for level in levels),
        max(LARGEST_COEFFICIENTS[level - 1] for level in levels),
        LARGEST_SQUARE if any(level in SQUARE_LEVELS for level in levels) else 0,
        LARGEST_FACTOR,
    )


@lru_cache(maxsize=64)
def _vocabulary(low: int, high: int) -> dict[str, None]:
    """Every command of the levels from low to high, in a fixed order."""
    bounds = _bounds(low, high)
    has_systems = low <= SYSTEM_LEVEL <= high
    commands = [*PLAIN_COMMANDS, START_AGAIN]
    if has_systems:
        commands += [SUBSTITUTE, ADD, SUBTRACT]
        commands += [
            f"multiply the {which} equation by {n}"
            for which in ("first", "second")
            for n in range(2, LARGEST_FACTOR + 1)
        ]
    terms = [str(n) for n in range(1, bounds.number + 1)]
    for power, most in (("", bounds.coefficient), ("^2", bounds.square)):
        for letter in "xy" if has_systems and not power else "x":
            terms += [f"{n if n > 1 else ''}{letter}{power}" for n in range(1, most + 1)]
    commands += [f"subtract {each} from both sides" for each in terms]
    commands += [f"add {each} to both sides" for each in terms]
    divisors = range(1, bounds.coefficient + 1)
    commands += [f"divide both sides by {sign * n}" for sign in (1, -1) for n in divisors][1:]
    commands += [f"multiply both sides by {n}" for n in range(2, LARGEST_FACTOR + 1)]
    return dict.fromkeys(commands)


def _numbers(statement: Statement, facts: Facts) -> NDArray[np.float32]:
    vector = np.zeros(2 * SLOT + 3, np.float32)
    equations = [equation for case in statement for equation in case]
    x, y = (*facts.unknowns, "y")[:2]
    for slot, equation in enumerate(equations[:2]):
        at = slot * SLOT
        flags = np.zeros(3, np.float32)
        for which, side in enumerate(equation):
            flat = flat_terms(side)
            flags[0] = max(flags[0], flat is None)
            try:
                terms = collected(expand(side))
            except TooComplex:
                continue
            if flat is not None and len(flat) != len(terms):
                flags[1] = 1
            place = {(x, 2): 0, (x, 1): 1, (y, 1): 2, (): 3}
            for coefficient, key in terms:
                vector[at + 5 * which + place.get(key, 4)] = float(coefficient) / SCALE
                if key and key[0] == "|":
                    for inner, inner_key in key[1]:
                        vector[at + 10 + 2 * which + (not inner_key)] = float(inner) / SCALE
        flags[2] = value_of(equation) is not None
        vector[at + 14 : at + 17] = flags
    vector[2 * SLOT] = len(statement) / 2
    for index, value in enumerate(facts.excluded[:2]):
        vector[2 * SLOT + 1 + index] = float(value) / 10
    return np.clip(vector, -1.0, 1.0)
