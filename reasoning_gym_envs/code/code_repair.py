r"""CodeRepair: a program with faults, repaired in a few turns and judged by hidden tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from reasoning_gym_envs.code.code_function import CodeFunction, Judged, failing_example
from reasoning_gym_envs.code.edits import Refused, apply_blocks, has_blocks, read_blocks
from reasoning_gym_envs.code.extract import fenced, find_program
from reasoning_gym_envs.code.repairs import RepairTask, draw_repair
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.sandbox.submission import Limits, Sandbox
from reasoning_gym_envs.text_env import TextEnv, Turn

INSTRUCTION = """\
Repair it. Answer with the whole program in one ```python block, or with blocks that replace lines:

<<<<<<< SEARCH
whole lines of the program, copied exactly, which stand in one place of it
=======
the lines that take their place
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
    A function or a class is described in words, with examples, as in `CodeFunction-v0`, and there
    is a program for it, which is wrong: one to three mistakes were made in it, such as people make,
    each at another place. A comparison is off by one, two variables are mixed up, a line stands
    outside of its loop, a copy is missing, and so on. Each of the mistakes shows in a test, whether
    the others are there or not. The agent changes the program until all tests pass. The program
    runs in a sandbox; what it gives back is compared outside.

    ## Observation
    The description, the first line of the definition, examples, the program, how many hidden tests
    it passes, the first call that goes wrong with what it should give and what it gives, and the
    instruction. After each turn: the program as it is now, if lines of it were replaced; how many
    hidden tests pass, how the first other one ended (but not its input), the calls that the agent
    knows and that go wrong, and how many attempts are left. A line in which it fails is quoted.

    ## Action
    Any text. What counts comes after the thinking: blocks that replace lines, inside a fence or
    not, each of a line ``<<<<<<< SEARCH``, whole lines of the program, a line ``=======``, the
    lines that take their place, and a line ``>>>>>>> REPLACE``;
    or, where there are none, the whole program, found as in `CodeFunction-v0`. Several blocks are
    applied one after the other, and all or none. The lines that are searched for must stand in
    exactly one place of the program; white space at the ends of lines, and how far all of them are
    indented, may differ where that is still so. What cannot be applied is refused with the reason;
    the program stays as it was, and the turn is taken. Otherwise the changed program is the one
    that the next turn changes.

    ## Rewards
    * **sparse**: 1 for a program that passes all tests, else 0.
    * **dense**: sparse plus the change of Φ, the progress of the program over the faulty one. Φ is
      1 once solved, and otherwise max(0, *p* − *b*) / (*f* + 1), where *p* is the number of hidden
      tests that the program passes, *f* the number of those that the faulty program fails, and *b*
      of all the others. Tests that are passed with the help of the failing call that was shown
      count as others. Φ depends on the program alone: to break it and to repair it again pays
      nothing, and no trivial program makes progress.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    ``format_cost`` is charged for a response in which there is no program, for blocks that cannot
    be applied, and for a program without a fence. ``size_cost`` and ``runtime_cost`` are charged
    for the program that solves the task, as in `CodeFunction-v0`.

    ## Episode end
    Terminated by a program that passes all tests; truncated after ``max_turns``, 5 unless given.

    Where the sandbox fails, for no fault of the program, ``step`` raises
    :class:`~reasoning_gym_envs.sandbox.SandboxFailure`: nothing is rewarded, no turn is taken, and
    the same step can be taken again.

    ## Information
    ``topic``, the family, always; on step ``status``, ``tests_passed``, ``tests_total`` and
    ``sandbox`` as in `CodeFunction-v0`, where ``status`` may be "refused" too, for blocks that
    cannot be applied.

    ## Arguments
    * ``families``: a name or several; all by default.
    * ``sandbox``: "docker" (default), "process-unsafe" (no isolation: for programs that you trust,
      on machines without Docker), or a sandbox.
    * ``limits``: :class:`~reasoning_gym_envs.sandbox.Limits` or a mapping of its fields.
    * ``instruction``: the text at the end of the first observation; "" for none.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    A problem belongs to the split that its task belongs to in `CodeFunction-v0`.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | faults | 1 | 1 | 1 | 2 | 2 | 2 | 2 | 3 | 3 | 3 |
    | right calls | 0 % | 0 % | 10 % | 10 % | 20 % | 20 % | 20 % | 20 % | 30 % | 30 % |

    The tasks are those of the same level of `CodeFunction-v0`. The last line is the least share of
    hidden calls that go right in spite of the faults, for programs of which that can be had: the
    more do, the less does a mistake show. Programs that are too short for so many faults have
    fewer.

    ## Example
    ````text
    Take the elements of the list values that are even, in their order, and return the sum of their
    squares. If there are none, the result is 0.

    def select_total(values: list[int]) -> int:

    Examples:
    select_total([11, 4, 4, -8]) == 96
    select_total([-8, -9, -9, -5, -6, -6]) == 136
    select_total([-6, -3, -8]) == 100

    This program for it is wrong:
    ```python
    def select_total(values: list[int]) -> int:
        result = 0
        for value in values:
            if value % 2 == 0:
                result = value * value
        return result
    ```

    1 of 8 hidden tests pass.
    select_total([11, 4, 4, -8]) should be 96, got 64.

    Repair it. Answer with the whole program in one ```python block, or with blocks that replace
    lines:

    <<<<<<< SEARCH
    whole lines of the program, copied exactly, which stand in one place of it
    =======
    the lines that take their place >>>>>>> REPLACE
    > def select_total(values): return sum(value for value in values if value % 2 == 0)
    0 of 8 hidden tests pass.
    Hidden test 1: wrong.
    select_total([11, 4, 4, -8]) should be 96, got 0.
    select_total([-8, -9, -9, -5, -6, -6]) should be 136, got -20.
    select_total([-6, -3, -8]) should be 100, got -14.
    99 attempts left.
    > def select_total(values): return sum(value * value for value in values if value % 2 == 0)
    Correct: all 8 hidden tests pass.
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
            f"This program for it is wrong:\n{fenced(task.faulty)}",
            f"{task.passed} of {len(task.hidden)} hidden tests pass.\n"
            + _with_lines(failure, task.faulty),
        ]
        if self.instruction:
            parts.append(self.instruction)
        return "\n\n".join(parts)

    def _take_turn(self, action: str) -> Turn:
        episode = self._episode
        task: RepairTask = episode.problem.data
        response = action.rpartition("</think>")[2]
        replaces = has_blocks(response)
        program: str | None
        try:
            if replaces:
                program = apply_blocks(episode.state.program, read_blocks(response))
            else:
                program = find_program(action)
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
