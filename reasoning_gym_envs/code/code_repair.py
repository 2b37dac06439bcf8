r"""CodeRepair: an incorrect program, repaired in a few turns and judged by hidden tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from reasoning_gym_envs.code.code_function import CodeFunction, Judged, failing_example
from reasoning_gym_envs.code.edits import Refused, apply_blocks, has_blocks, read_blocks
from reasoning_gym_envs.code.extract import after_thinking, fenced, find_program
from reasoning_gym_envs.code.repairs import RepairTask, draw_repair
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.sandbox.submission import Limits, Sandbox
from reasoning_gym_envs.text_env import TextEnv, Turn

INSTRUCTION = """\
Fix it. Answer with the complete program in one ```python block or with search/replace blocks:

<<<<<<< SEARCH
complete lines copied exactly from the program, where they occur only once
=======
the lines to replace them with
>>>>>>> REPLACE"""

_LONGEST_SHOWN = 20_000
_LONGEST_LINE = 200
_LINE = re.compile(r"\(line (\d{1,6})\)")


class _State(NamedTuple):
    """Where an episode stands: the program as it is now, and how far along it is."""

    program: str
    progress: float


class CodeRepair(CodeFunction):
    r"""A program with one to three faults, repaired in a few turns and judged by hidden tests.

    ## Description
    A function or a class is described with examples, as in `CodeFunction-v0`, together with an
    incorrect program for it. The program has one to three realistic faults, each in a different
    place: a comparison is off by one, two variables are mixed up, a line is outside its loop, a
    copy is missing, and so on. Each fault makes a test fail, with or without the others. The agent
    changes the program until all tests pass. The program runs in a sandbox; its results are
    compared outside.

    ## Observation
    The description, the signature, examples, the program, the number of hidden tests it passes,
    the first failing call with its expected and its actual result, and the instruction. After each
    turn: the current program, if lines were replaced; the number of hidden tests passed, how the
    first of the others failed (but not its input), the known calls that fail, and the number of
    attempts left. The line of an error is quoted.

    ## Action
    Any text. After the thinking, either search/replace blocks or the complete program, found as in
    `CodeFunction-v0`. A block, inside a fence or not, is a line ``<<<<<<< SEARCH``, complete lines
    of the program, a line ``=======``, the lines to replace them with, and a line
    ``>>>>>>> REPLACE``. Blocks are applied one after the other, all or none. The lines to search
    for must occur exactly once in the program; trailing white space and the indentation of the
    whole part may differ if they still do. Blocks that cannot be applied are refused with the
    reason: the program stays unchanged, and the turn is used. Otherwise, the next turn edits the
    changed program.

    ## Rewards
    * **sparse**: 1 for a program that passes all tests, else 0.
    * **dense**: sparse plus the change of Φ, the progress of the program over the faulty one. Φ is
      1 once solved, and otherwise max(0, *p* − *b*) / (*f* + 1). Here *p* is the number of hidden
      tests that the program passes, *f* the number of those that the faulty program fails, and *b*
      the number of all others. Tests that can be passed by knowing the failing call shown count as
      others. Φ depends on the program alone: breaking it and repairing it again pays nothing, and
      no trivial program makes progress.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    ``format_cost`` is charged for a response without a program, for blocks that cannot be applied,
    and for a program without a fence. ``size_cost`` and ``runtime_cost`` are charged
    for the program that solves the task, as in `CodeFunction-v0`.

    ## Episode end
    Terminated by a program that passes all tests; truncated after ``max_turns``, 5 unless given.

    If the sandbox fails through no fault of the program, ``step`` raises
    :class:`~reasoning_gym_envs.sandbox.SandboxFailure`: there is no reward, no turn is used, and
    the same step can be taken again.

    ## Information
    ``topic``: the family, always. On step ``status``, ``tests_passed``, ``tests_total`` and
    ``sandbox`` as in `CodeFunction-v0`; ``status`` may also be "refused", for blocks that cannot
    be applied.

    ## Arguments
    * ``families``: a name or several; all by default.
    * ``sandbox``: "docker" (default), "process-unsafe" (no isolation: for programs that you trust,
      on machines without Docker), or a sandbox.
    * ``limits``: :class:`~reasoning_gym_envs.sandbox.Limits` or a mapping of its fields.
    * ``instruction``: the text at the end of the first observation; "" for none.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    A problem belongs to the same split as its task in `CodeFunction-v0`.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | faults | 1 | 1 | 1 | 2 | 2 | 2 | 2 | 3 | 3 | 3 |
    | right calls | 0 % | 0 % | 10 % | 10 % | 20 % | 20 % | 20 % | 20 % | 30 % | 30 % |

    The tasks are those of the same level of `CodeFunction-v0`. The last line is the least share of
    hidden calls that pass in spite of the faults, where possible: the more pass, the harder a
    fault is to see. Programs that are too short for so many faults have fewer.

    ## Example
    ````text
    Return the sum of the squares of the elements of `values` that are even, or 0 if there are none.

    def select_total(values: list[int]) -> int:

    Examples:
    select_total([11, 4, 4, -8]) == 96
    select_total([-8, -9, -9, -5, -6, -6]) == 136
    select_total([-6, -3, -8]) == 100

    This program is incorrect:
    ```python
    def select_total(values: list[int]) -> int:
        result = 0
        for value in values:
            if value % 2 == 0:
                result = value * value
        return result
    ```

    1 of 8 hidden tests passed.
    Expected select_total([11, 4, 4, -8]) == 96, got 64.

    Fix it. Answer with the complete program in one ```python block or with search/replace blocks:

    <<<<<<< SEARCH
    complete lines copied exactly from the program, where they occur only once
    =======
    the lines to replace them with >>>>>>> REPLACE
    > def select_total(values): return sum(value for value in values if value % 2 == 0)
    0 of 8 hidden tests passed.
    Hidden test 1: wrong answer.
    Expected select_total([11, 4, 4, -8]) == 96, got 0.
    Expected select_total([-8, -9, -9, -5, -6, -6]) == 136, got -20.
    Expected select_total([-6, -3, -8]) == 100, got -14.
    99 attempts left.
    > def select_total(values): return sum(value * value for value in values if value % 2 == 0)
    Correct: all 8 hidden tests passed.
    ````

    ## Version history
    * v0: the first version.
    """

    def __init__(
        self,
        *,
        families: str | Sequence[str] | None = None,
        sandbox: str | Sandbox = "docker",
        limits: Limits | Mapping[str, Any] | None = None,
        instruction: str = INSTRUCTION,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] = 1,
        split: str = "train",
        max_turns: int = 5,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            families=families,
            sandbox=sandbox,
            limits=limits,
            instruction=instruction,
            reward=reward,
            level=level,
            split=split,
            max_turns=max_turns,
            render_mode=render_mode,
        )

    def _generate(self, stream: Stream, level: int) -> Problem:
        return draw_repair(self.families, stream, level, self.split, large=self._wants_large)

    def _given_problem(self, problem: Any, level: Any) -> Problem:
        given = TextEnv._given_problem(self, problem, level)
        if not isinstance(given.data, RepairTask):
            raise TypeError(f"options['problem'] is a problem of {given.topic}, without faults")
        return given

    def _begin(self, problem: Problem) -> str:
        task: RepairTask = problem.data
        self._episode.state = _State(task.faulty, 0.0)
        status = "wrong" if task.outcome.status == "returned" else task.outcome.status
        failure = failing_example(task, task.shown, status, task.outcome)
        parts = [
            problem.question,
            f"This program is incorrect:\n{fenced(task.faulty)}",
            f"{task.passed} of {len(task.hidden)} hidden tests passed.\n"
            + _with_lines(failure, task.faulty),
        ]
        if self.instruction:
            parts.append(self.instruction)
        return "\n\n".join(parts)

    def _take_turn(self, action: str) -> Turn:
        episode = self._episode
        task: RepairTask = episode.problem.data
        response = after_thinking(action)
        replaces = has_blocks(response)
        program: str | None
        try:
            if replaces:
                program = apply_blocks(episode.state.program, read_blocks(response))
            else:
                program = find_program(action, task.name)
        except Refused as refusal:
            judged = Judged("refused", 0, len(task.hidden), 0.0, str(refusal))
            said = self._with_attempts_left(judged.report)
            return Turn(said, events={"format": 1}, info=self._step_info(judged))
        judged = self._judge(program, task)
        events = dict(self._events(action, program, judged))
        if replaces:
            events["format"] = 0  # no fence is needed
        observation = judged.report
        solved = judged.status == "passed"
        if program is not None and judged.status not in ("no_code", "too_long"):
            gained = judged.passed - (len(task.hidden) - task.to_gain)
            episode.state = _State(program, max(0, gained) / (task.to_gain + 1))
            observation = _with_lines(observation, program)
            if replaces and not solved and len(program) <= _LONGEST_SHOWN:
                observation = f"The program is now:\n{fenced(program)}\n\n{observation}"
        if not solved:
            observation = self._with_attempts_left(observation)
        return Turn(observation, solved, False, events, self._step_info(judged))

    def _progress(self) -> float:
        progress: float = self._episode.state.progress
        return progress


def _with_lines(report: str, program: str) -> str:
    """A report that quotes the lines of the program that it names."""
    lines = program.split("\n")

    def quote(named: re.Match[str]) -> str:
        number = int(named[1])
        if not 1 <= number <= len(lines):
            return named[0]
        return f"(line {number}: {lines[number - 1].strip()[:_LONGEST_LINE]})"

    return _LINE.sub(quote, report)
