"""CodeFunction: a function or a class to be written, judged by hidden tests in a sandbox."""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from reasoning_gym_envs.code.corpora import read_code_problem
from reasoning_gym_envs.code.corpora.packages import missing_packages
from reasoning_gym_envs.code.extract import (
    LONGEST_PROGRAM,
    after_thinking,
    fenced,
    fenced_blocks,
    find_program,
)
from reasoning_gym_envs.code.families import FAMILIES
from reasoning_gym_envs.code.problems import CodeTask, draw_problem, example_text
from reasoning_gym_envs.code.size import program_size
from reasoning_gym_envs.corpus import Corpus
from reasoning_gym_envs.corpus_rows import ProblemFileError
from reasoning_gym_envs.errors import check_text, chosen_names, unknown
from reasoning_gym_envs.problems import LEVELS, Problem, Stream, level_range
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.sandbox import make_sandbox
from reasoning_gym_envs.sandbox.judge import Test, Verdict, judge
from reasoning_gym_envs.sandbox.submission import (
    MEGABYTE,
    Limits,
    Outcome,
    Sandbox,
    SandboxFailure,
)
from reasoning_gym_envs.sandbox.values import literal, show
from reasoning_gym_envs.text_env import TextEnv, Turn

INSTRUCTION = "Answer with the complete Python code, including imports, in one fenced code block."
PROGRAM_INSTRUCTION = (
    "Write a Python program that reads from standard input and prints to standard output. Answer "
    "with the complete program in one fenced code block."
)
LIMITS = Limits(seconds=2.0, total_seconds=8.0)

_NO_PROGRAM = {
    "no_code": "No program found. Put it in a fenced code block.",
    "too_long": f"The program is longer than {LONGEST_PROGRAM:,} characters.",
    "syntax": "The program contains characters that are not allowed in source code.",
}
_FAILURES = {
    "wrong": "wrong answer",
    "crash": "runtime error",
    "timeout": "time limit exceeded",
    "memory": "memory limit exceeded",
    "output": "output limit exceeded",
    "processes": "process limit exceeded",
    "disk": "disk limit exceeded",
    "forbidden": "forbidden operation",
}
"""How the run of a test ended, in words for the agent; where it is none of these, the message."""
_NO_EVENTS: Mapping[str, float] = {}
_BAD_FORMAT: Mapping[str, float] = {"format": 1}
_LONGEST_SHOWN = 300
_LARGE_OUTPUT = 4 * MEGABYTE  # what a test with large inputs may give back
_ERROR_NAME = re.compile(r"\w+")
_ERRORS = {
    name
    for name, thing in vars(builtins).items()
    if isinstance(thing, type) and issubclass(thing, BaseException)
}


class Judged(NamedTuple):
    """What is known of a response.

    Args:
        status: "passed", "wrong", how the first test that was not passed ended, or why there was
            nothing to run.
        passed: how many hidden tests were passed.
        total: of how many.
        progress: the share of those that count.
        report: what the agent is told.
        is_slow: it passes all tests but those with large inputs.
    """

    status: str
    passed: int
    total: int
    progress: float
    report: str
    is_slow: bool = False


class CodeFunction(TextEnv):
    r"""A function or a class, written from its description and judged by hidden tests.

    ## Description
    The agent reads a description, a signature and examples, and writes the program. The tasks come
    from the families below, or from a corpus of your own. The program runs in a sandbox on unseen
    inputs, including edge cases. Its results are compared outside the sandbox, types included:
    1, 1.0 and True are three different results. What a program of a corpus prints is compared token
    by token, where 0.400 is as good as 0.4; a problem with several right answers has a checker.

    A hidden test is a small group of calls, chosen such that no trivial program passes it: no
    constant; no built-in of one or two arguments, such as ``max`` or ``+``; no composition of two
    built-ins that fits the examples; no lookup of the most similar example. For a class, no
    combination of the best of these for each method passes. A test of every family checks that.

    **Time limits.** Hidden tests are small. Their limit of two seconds of processor time only ends
    programs that do not terminate. Tests with large inputs, which ``asymptotic`` and
    ``runtime_cost`` ask for, have no limit in seconds. The reference first runs on the same input,
    in the same container, in a process of its own; the program may take 20 times its processor
    time (``times`` of the limits). A program of the same complexity that is five times as slow
    passes. One of a worse complexity takes more than a hundred times as long and fails: on a fast
    machine, on a slow one, and beside busy neighbours.

    ## Observation
    The description, the signature, examples such as ``f(3) == 5``, an empty line, and the
    instruction. After a program that fails, with turns left: the number of hidden tests passed,
    how the first of the others failed (but not its input), the failing examples with the
    program's results, and the number of attempts left.

    ## Action
    Any text. The program is the last block fenced as ```` ```python ```` after the thinking; if no
    block is marked as Python, the last unmarked block; without a fence, the whole text if it looks
    like Python. If the last block does not define the function or class, as an example of its use
    does not, the last block that does counts.

    ## Rewards
    * **sparse**: 1 for a program that passes all tests, else 0.
    * **dense**: sparse plus the change of Φ, the progress of the last program. Φ is 1 once solved,
      and otherwise *p* / (*n* + 1), where *p* of *n* hidden tests are passed. The test with large
      inputs is only run for a program that passes all others. In a corpus, tests that a trivial
      program may pass are not counted in *p* and *n*. No trivial program makes progress.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states; with a
      single turn, which is terminal, that is sparse.

    ``format_cost`` is charged for a response without a fenced program. ``size_cost`` is charged for
    a program that solves the task, in proportion to how much larger it is than the reference, and
    in full if it is at least twice as large; names, numbers, strings and operators are counted,
    comments are free. ``runtime_cost`` is charged for a program that solves the task but fails
    the test with large inputs, if the task has one.

    ## Episode end
    Terminated by a program that passes all tests and, with a single turn (the default), by any
    response; with more turns, truncated after ``max_turns``. A later success pays as much as an
    immediate one and never more.

    A program is quoted from a run of its own that is given the examples alone, so it cannot show
    the inputs of hidden tests. Of these it can tell no more than the feedback does: how many it
    passes, and in which of a few ways the first of the others ends. The expected results never
    enter the sandbox.

    If the sandbox fails through no fault of the program, ``step`` raises
    :class:`~reasoning_gym_envs.sandbox.SandboxFailure`: there is no reward, no turn is used, and
    the same step can be taken again.

    ## Information
    ``topic``: the family or the form of the row, always. Of a corpus, always, ``tests_counted``:
    how many hidden tests count as progress; where none does, dense pays what sparse pays. On step
    ``status``: "passed", "wrong", "missing" (the name is not defined), "syntax", "too_large",
    "crash", "timeout", "memory", "output", "processes", "disk", "forbidden", "no_code" or
    "too_long"; ``tests_passed`` and ``tests_total``: the numbers of hidden tests; ``sandbox``: the
    digest of the image that the program ran in. The processor time of the last program, which
    varies from run to run, is ``env.unwrapped.seconds``.

    ## Arguments
    * ``families``: a name or several; all by default.
    * ``problems``: a corpus instead of the families: a file (``.jsonl``, ``.jsonl.gz``, ``.json``,
      ``.parquet``), a data set of Hugging Face ``datasets``, or a list of mappings. The rows are of
      HumanEval, MBPP, EvalPlus, BigCodeBench, LeetCodeDataset, APPS, TACO, CodeContests,
      LiveCodeBench, verl or open-r1; see
      :func:`~reasoning_gym_envs.code.corpora.read_code_problem`. Same levels, split and ``info``.
      ``reasoning-gym-envs corpus FILE`` tells what of a file can be used.
    * ``refused``: "raise" (default), or "skip" for rows that cannot be used: of another form,
      broken, or with tests that cannot be judged safely. ``env.unwrapped.refused_tasks`` then says
      which, and why; ``env.unwrapped.refused_for`` counts the reasons.
    * ``sandbox``: "docker" (default), "docker:IMAGE" for an image of your own, such as one with
      packages, "process-unsafe" (no isolation: for programs that you trust, on machines without
      Docker), or a sandbox. Of an image that is named, the instruction tells the versions of Python
      and of the packages.
    * ``limits``: :class:`~reasoning_gym_envs.sandbox.Limits` or a mapping of its fields.
    * ``asymptotic``: True adds the test with large inputs, if a task has one, to the hidden tests.
    * ``instruction``: the text after the examples; "" for none.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.
      ``level`` is 1 unless given, and any level for a corpus.

    ``options["problem"]`` may be a mapping as in a corpus.

    ## Levels
    Level 1 is a loop with a condition; each level adds conditions, nesting, state or an algorithm;
    level 10 asks for several algorithms together. Each family has the levels that suit it; if none
    of ``families`` has the level, the nearest one is taken.

    ## Example
    ```text
    Return the sum of the squares of the elements of `values` that are even, or 0 if there are none.

    def select_total(values: list[int]) -> int:

    Examples:
    select_total([11, 4, 4, -8]) == 96
    select_total([-8, -9, -9, -5, -6, -6]) == 136
    select_total([-6, -3, -8]) == 100

    Answer with the complete Python code, including imports, in one fenced code block.
    > def select_total(values): return sum(value * value for value in values)
    0 of 8 hidden tests passed.
    Hidden test 1: wrong answer.
    Expected select_total([11, 4, 4, -8]) == 96, got 217.
    Expected select_total([-8, -9, -9, -5, -6, -6]) == 136, got 323.
    Expected select_total([-6, -3, -8]) == 100, got 109.
    99 attempts left.
    > def select_total(values): return sum(value * value for value in values if value % 2 == 0)
    Correct: all 8 hidden tests passed.
    ```

    ## Version history
    * v0: the first version.
    """

    events = frozenset({"format", "size", "runtime"})
    mixes_topics = True
    answered_by = "block"

    def __init__(
        self,
        *,
        families: str | Sequence[str] | None = None,
        problems: str | Path | Iterable[Mapping[str, Any]] | None = None,
        refused: str = "raise",
        sandbox: str | Sandbox = "docker",
        limits: Limits | Mapping[str, Any] | None = None,
        asymptotic: bool = False,
        instruction: str | None = None,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] | None = None,
        split: str = "train",
        max_turns: int = 1,
        render_mode: str | None = None,
    ) -> None:
        if level is None:
            level = LEVELS[0] if problems is None else LEVELS
        super().__init__(
            reward=reward, level=level, split=split, max_turns=max_turns, render_mode=render_mode
        )
        if problems is not None and families is not None:
            raise ValueError(
                "give families= to generate problems or problems= to read them, not both"
            )
        self.instruction = None if instruction is None else check_text("instruction", instruction)
        self.families = _check_families(families)
        self.limits = _check_limits(limits)
        self.asymptotic = bool(asymptotic)
        if self.asymptotic and self.reward_scheme.runtime_cost:
            raise ValueError(
                "asymptotic=True makes large inputs tests that have to be passed; runtime_cost "
                "puts a price on failing them: give one of the two"
            )
        if refused not in ("raise", "skip"):
            raise ValueError(unknown("refused", refused, ("raise", "skip")))
        # Its name and not the sandbox itself: a copy in another process has one of its own there.
        self.sandbox = sandbox
        self._sandbox()
        self._corpus = None
        if problems is not None:
            skip = (ProblemFileError,) if refused == "skip" else ()
            self._corpus = Corpus(
                problems, self.split, self.level, read_code_problem, skip, self.why_not
            )
        self.seconds = 0.0

    @property
    def refused_tasks(self) -> tuple[str, ...]:
        """What was wrong with the tasks of a corpus that were left out."""
        return () if self._corpus is None else tuple(self._corpus.refused)

    @property
    def refused_for(self) -> dict[str, int]:
        """For how many tasks each reason was it, the most frequent first."""
        return {} if self._corpus is None else dict(self._corpus.reasons.most_common())

    def why_not(self, problem: Problem) -> str:
        """Why a problem cannot be judged here; "" if it can."""
        return missing_packages(problem, self._sandbox())

    def _sandbox(self) -> Sandbox:
        return make_sandbox(self.sandbox)

    # The problem.

    def _generate(self, stream: Stream, level: int) -> Problem:
        return draw_problem(self.families, stream, level, self.split, large=self._wants_large)

    def _draw(self, stream: Stream, levels: tuple[int, int]) -> Problem:
        if self._corpus is not None:
            return self._corpus.draw(stream, levels)
        low, high = levels
        return self._generate(stream, low if low == high else stream.randint(low, high))

    @property
    def _wants_large(self) -> bool:
        return self.asymptotic or self.reward_scheme.runtime_cost > 0

    def _given_problem(self, problem: Any, level: Any) -> Problem:
        if isinstance(problem, Mapping):
            default = LEVELS[0] if level is None else level_range(level)[0]
            read = read_code_problem(problem, "options['problem']", default)
            if why := self.why_not(read):
                raise ProblemFileError(f"options['problem']: {why}", why)
            return read
        given = super()._given_problem(problem, level)
        if not isinstance(given.data, CodeTask):
            raise TypeError(f"options['problem'] is a problem of {given.topic}, without tests")
        return given

    def _begin(self, problem: Problem) -> str:
        instruction = self.instruction
        if instruction is None:
            is_program = problem.data.kind == "programs"
            instruction = PROGRAM_INSTRUCTION if is_program else INSTRUCTION
            if told := getattr(self._sandbox(), "told", ""):
                instruction += f" It runs under {told}."
        question = problem.question
        return f"{question}\n\n{instruction}" if instruction else question

    def _info(self, problem: Problem) -> Mapping[str, Any]:
        info: dict[str, Any] = {"topic": problem.topic}
        if problem.data.counts:
            info["tests_counted"] = sum(problem.data.counts)
        return info

    # The turn.

    def _take_turn(self, action: str) -> Turn:
        episode = self._episode
        task: CodeTask = episode.problem.data
        program = find_program(action, task.name)
        judged = self._judge(program, task)
        episode.state = judged.progress
        solved = judged.status == "passed"
        observation = judged.report if solved else self._with_attempts_left(judged.report)
        events = self._events(action, program, judged)
        return Turn(observation, solved, False, events, self._step_info(judged))

    def _progress(self) -> float:
        return self._episode.state or 0.0

    def _solve(self) -> list[str]:
        solution = self._episode.problem.answer
        if not solution:
            raise LookupError("this problem of the corpus has no reference solution")
        return [fenced(solution)]

    def _answer(self) -> tuple[str, str] | None:
        return self._episode.problem.answer, "fenced"

    def _with_attempts_left(self, report: str) -> str:
        left = self._attempts_left()
        return f"{report}\n{left.strip()}" if left and "\n" in report else report + left

    def _step_info(self, judged: Judged) -> Mapping[str, Any]:
        return {
            "status": judged.status,
            "tests_passed": judged.passed,
            "tests_total": judged.total,
            "sandbox": self._sandbox().image,
        }

    def _events(self, action: str, program: str | None, judged: Judged) -> Mapping[str, float]:
        scheme = self.reward_scheme
        events: dict[str, float] = {}
        if scheme.format_cost and not (
            program is not None and fenced_blocks(after_thinking(action))
        ):
            events["format"] = 1
        if judged.status == "passed":
            if scheme.size_cost and program is not None:
                events["size"] = _excess(program, self._episode.problem.answer)
            events["runtime"] = float(judged.is_slow)
        return events

    def _judge(self, program: str | None, task: CodeTask) -> Judged:
        hidden = task.hidden
        has_large = self._wants_large and bool(task.large)
        total = len(hidden) + (has_large and self.asymptotic)
        self.seconds = 0.0
        if program is None:
            return Judged("no_code", 0, total, 0.0, _NO_PROGRAM["no_code"])
        if len(program) > LONGEST_PROGRAM:
            return Judged("too_long", 0, total, 0.0, _NO_PROGRAM["too_long"])
        if not _can_be_source(program):
            return Judged("syntax", 0, total, 0.0, _NO_PROGRAM["syntax"])
        tests = [*task.examples, *(test for group in hidden for test in group)]
        verdict = self._run_in_time(program, tests, task)
        passed, number = verdict.passed, len(task.examples)
        groups: list[bool] = []
        first_failure = ""
        for group in hidden:
            ends = slice(number, number + len(group))
            number = ends.stop
            groups.append(all(passed[ends]))
            if not groups[-1] and not first_failure:
                first_failure = _ending(verdict, ends.start + passed[ends].index(False))
        counts = task.counts or (True,) * len(hidden)
        counted = sum(counts) + total - len(hidden)
        progress = sum(map(bool.__and__, groups, counts)) / (counted + 1)
        lines = [f"{sum(groups)} of {total} hidden tests passed."]
        if verdict.status == "passed":
            large = self._run(program, task.large, task, task.solution) if has_large else verdict
            is_slow = large.status != "passed"
            if is_slow and self.asymptotic:
                ending = _ending(large, large.passed.index(False))
                lines.append(f"Hidden test {total} (large inputs): {ending}.")
                return Judged(large.status, len(hidden), total, progress, "\n".join(lines))
            report = f"Correct: all {total} hidden tests passed."
            if is_slow:
                report += " The test with large inputs failed."
            return Judged("passed", total, total, 1.0, report, is_slow)
        said = self._run_examples(program, task)
        outcomes = (*said.outcomes, *verdict.outcomes)
        endings = {(outcome.status, outcome.message) for outcome in outcomes}
        if len(endings) == 1 and verdict.status != "wrong":
            # It is the same for every test: it is not a matter of their inputs.
            lines.append(f"All tests: {_with_message(verdict.status, said.outcomes[0])}.")
        else:
            if first_failure:
                lines.append(f"Hidden test {groups.index(False) + 1}: {first_failure}.")
            for n in range(len(task.examples)):
                if said.statuses[n] != "passed":
                    lines.append(failing_example(task, n, said.statuses[n], said.outcomes[n]))
        return Judged(verdict.status, sum(groups), total, progress, "\n".join(lines))

    def _run_examples(self, program: str, task: CodeTask) -> Verdict:
        """What may be quoted: said in a run of its own, which knows nothing of the hidden tests.

        Where there are no examples, the program is loaded, and has nothing to do.
        """
        if task.examples:
            return self._run_in_time(program, task.examples, task)
        return self._run(program, [Test("None", None)], dataclasses.replace(task, kind="calls"))

    def _run(
        self, program: str, tests: Sequence[Test], task: CodeTask, reference: str = ""
    ) -> Verdict:
        limits = task.limits or self.limits
        if reference or any(test.comparison.checker for test in tests):
            limits = dataclasses.replace(limits, output=max(limits.output, _LARGE_OUTPUT))
        if task.kind == "programs":  # a corpus may have hundreds of inputs, each a run of its own
            total = max(limits.total_seconds, limits.seconds * len(tests) / 4)
            limits = dataclasses.replace(limits, total_seconds=total)
        verdict = judge(
            self._sandbox(),
            program,
            tests,
            kind=task.kind,
            requires=(task.name,) if task.name else (),
            limits=limits,
            reference=reference,
            setup=task.setup,
        )
        for outcome in verdict.outcomes:
            self.seconds += outcome.seconds
        return verdict

    def _run_in_time(self, program: str, tests: Sequence[Test], task: CodeTask) -> Verdict:
        """Run the tests of a corpus: its inputs may be so large that the reference takes as long.

        Only where a program takes too long, it runs again, with a limit relative to the reference.
        """
        verdict = self._run(program, tests, task)
        if task.counts and task.solution and "timeout" in verdict.statuses:
            with contextlib.suppress(SandboxFailure):  # the reference does not run to its end
                return self._run(program, tests, task, task.solution)
        return verdict


def _ending(verdict: Verdict, n: int) -> str:
    """How a hidden test ended, without what a program may say of its input.

    All of that is the program's own to say, but for the name of an error of Python's.
    """
    status, message = verdict.statuses[n], verdict.outcomes[n].message
    error = _ERROR_NAME.match(message)
    if status == "crash" and error and error.group() in _ERRORS:
        return f"{_FAILURES[status]} ({error.group()})"
    return _FAILURES.get(status, "the program could not be run")


def failing_example(task: CodeTask, n: int, status: str, outcome: Outcome) -> str:
    """What an example should give, and what came of it."""
    if status == "wrong":
        got = show(outcome.value, _LONGEST_SHOWN)
    else:
        got = _with_message(status, outcome)
    run, expected = _short(example_text(task, n)), _short(literal(task.examples[n].expected))
    if task.kind == "programs":
        return f"Input {run!r}: expected {expected}, got {got}."
    return f"Expected {run} == {expected}, got {got}."


def _with_message(status: str, outcome: Outcome) -> str:
    said = (_FAILURES.get(status, ""), outcome.message)
    return ": ".join(filter(None, said))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _can_be_source(program: str) -> bool:
    try:
        program.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return "\0" not in program


def _excess(program: str, reference: str) -> float:
    """By how much a program is larger than the reference, as a share of it, at most 1."""
    if not reference:
        return 0.0
    return min(1.0, max(0.0, program_size(program) / program_size(reference) - 1.0))


def _check_families(families: str | Sequence[str] | None) -> tuple[str, ...]:
    if families is None:
        return tuple(FAMILIES)
    return tuple(sorted(chosen_names("families", "family", families, FAMILIES)))


def _check_limits(limits: Limits | Mapping[str, Any] | None) -> Limits:
    if limits is None:
        return LIMITS
    if isinstance(limits, Limits):
        return limits
    if isinstance(limits, Mapping):
        fields = [field.name for field in dataclasses.fields(Limits)]
        for name in limits:
            if name not in fields:
                raise ValueError(unknown("field of Limits", name, fields))
        return Limits(**limits)
    raise TypeError(f"limits must be Limits or a mapping of its fields, got {limits!r:.80}")
