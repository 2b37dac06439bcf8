"""Tasks from corpora as they are published.

The form of a row is recognised by its fields. Tests that are Python are never run on the host: see
:mod:`~reasoning_gym_envs.code.corpora.checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from reasoning_gym_envs.code.corpora import functions, pairs
from reasoning_gym_envs.code.corpora.checks import LONGEST_TEXT
from reasoning_gym_envs.code.corpora.fields import Row
from reasoning_gym_envs.code.corpora.refusal import RefusedTask
from reasoning_gym_envs.code.corpora.tasks import Draft
from reasoning_gym_envs.code.problems import question_text, shown
from reasoning_gym_envs.corpus import content_of, level_field
from reasoning_gym_envs.corpus_rows import ProblemFileError
from reasoning_gym_envs.problems import LEVELS, Problem

__all__ = ["FORMS", "LEVELS_OF_DIFFICULTIES", "RefusedTask", "read_code_problem"]

LEVELS_OF_DIFFICULTIES: Mapping[str, int] = {
    **{"introductory": 2, "interview": 5, "competition": 8},
    **{"easy": 2, "medium": 5, "medium_hard": 6, "hard": 8, "very_hard": 10},
}
"""The levels of tasks that have a ``difficulty`` and no ``level``."""


class Form(NamedTuple):
    """A form of rows.

    Args:
        name: what ``info["topic"]`` calls it.
        fields: by which it is recognised: a row has all of them.
        read: makes a draft of a row; None for what cannot be read.
    """

    name: str
    fields: tuple[str, ...]
    read: Callable[[Row], Draft] | None


FORMS = (  # the first that fits is it
    Form("SWE-bench", ("instance_id", "base_commit"), None),
    Form("MultiPL-E", ("name", "language", "stop_tokens"), None),
    Form("taco", ("input_output", "skill_types"), pairs.apps),
    Form("leetcode", ("entry_point", "completion", "test"), functions.leetcode),
    Form("apps", ("input_output", "question"), pairs.apps),
    Form("code_contests", ("description", "public_tests"), pairs.code_contests),
    Form("livecodebench", ("question_content", "public_test_cases"), pairs.livecodebench),
    Form("bigcodebench", ("complete_prompt", "test", "libs"), functions.bigcodebench),
    Form("evalplus", ("entry_point", "canonical_solution", "plus_input"), functions.evalplus),
    Form("mbpp+", ("test_list", "test"), functions.mbpp),
    Form("mbpp", ("test_list",), functions.mbpp),
    Form("humaneval", ("entry_point", "test"), functions.humaneval),
    Form("verl", ("reward_model",), pairs.ground_truth),
    Form("verl", ("ground_truth",), pairs.ground_truth),
    Form("open-r1", ("verification_info",), pairs.verification_info),
    Form("open-r1", ("test_cases",), pairs.verification_info),
)
"""The forms that are known, and those that are known not to be readable."""


def read_code_problem(row: Any, where: str, default_level: int = LEVELS[0]) -> Problem:
    """A problem from a row of a corpus, whose form is recognised by its fields.

    * HumanEval: ``prompt``, ``entry_point``, ``test`` (the text of a function of the candidate,
      with assertions) and optionally ``canonical_solution``, which goes on where the prompt ends.
      HumanEval+ as a data set is of this form.
    * MBPP: ``text`` or ``prompt``, ``test_list`` (assertions, the first of which the agent sees),
      and optionally ``code``, ``test_setup_code`` or ``test_imports``, ``challenge_test_list``, and
      ``test``, which MBPP+ has as a data set.
    * EvalPlus: HumanEval+ and MBPP+ as its releases have them: ``prompt``, ``entry_point``,
      ``canonical_solution``, ``base_input`` and ``plus_input``. What the reference gives for them,
      in the sandbox, is right.
    * BigCodeBench: ``complete_prompt``, ``entry_point``, ``test`` (a class of test cases) and
      ``libs``, the packages that the sandbox's image must have.
    * LeetCodeDataset: ``entry_point`` (``Solution().method``), ``test``, ``completion``,
      ``problem_description`` or ``query``, and ``prompt``, which stands before the program.
    * APPS and TACO: ``question`` and ``input_output`` (``inputs`` and ``outputs``, as JSON or as
      its text): of a program standard input and output, of a function, where there is a
      ``fn_name``, its arguments and its result; optionally ``starter_code`` and ``solutions``.
      Where each result is wrapped in a list of its own, it is unwrapped.
    * CodeContests: ``description``, ``public_tests``, ``private_tests`` and ``generated_tests``.
    * LiveCodeBench: ``question_content``, ``public_test_cases`` and ``private_test_cases``, packed
      or not.
    * verl: ``prompt`` and ``reward_model`` with a ``ground_truth``: inputs and outputs as in APPS,
      cases as in LiveCodeBench, or assertions as in MBPP.
    * open-r1: ``prompt`` or ``problem``, and ``test_cases``, of themselves or in
      ``verification_info``.

    Each may have a ``level``, or a ``difficulty`` (see :data:`LEVELS_OF_DIFFICULTIES`).

    Raises:
        RefusedTask: it is of no form, a field is missing or cannot be read, or a test cannot be
            split into a call and what is known of its result. Its ``reason`` is the same for all
            rows that are refused for it.
    """
    try:
        if not isinstance(row, Mapping):
            raise RefusedTask(f"expected an object, got {type(row).__name__}")
        if row.get("task_id") is not None:
            where = f"{where} ({row['task_id']!s:.60})"
        return _read(row, default_level)
    except ProblemFileError as error:
        message = str(error).removeprefix(": ")
        raise RefusedTask(f"{where}: {message}", error.reason.removeprefix(": ")) from error


def _read(row: Row, default_level: int) -> Problem:
    form = next(
        (form for form in FORMS if all(row.get(field) is not None for field in form.fields)), None
    )
    if form is None or form.read is None:
        read = ", ".join(dict.fromkeys(form.name for form in FORMS if form.read))
        what = f"rows of {form.name}" if form else "a row of no form that is known"
        fields = f"; its fields are {sorted(map(str, row))!s:.300}"
        raise RefusedTask(f"{what}: those of {read} are read{fields}", what)
    draft = form.read(row)
    question = question_text(draft.question, draft.data.signature, map(shown, draft.data.examples))
    if len(question) > LONGEST_TEXT // 4:
        raise RefusedTask(f"the question has more than {LONGEST_TEXT // 4:,} characters")
    level = draft.level or _level_of(row) or default_level
    return Problem(
        content=content_of(draft.question),
        level=level_field(row.get("level"), "", level),
        question=question,
        answer=draft.data.solution,
        topic=form.name,
        data=draft.data,
        family="code corpus",
    )


def _level_of(row: Row) -> int | None:
    """The level that a difficulty in words stands for."""
    meta = row.get("meta")  # where LeetCodeDataset once had it
    for part in (row, meta):
        difficulty = part.get("difficulty") if isinstance(part, Mapping) else None
        if isinstance(difficulty, str):
            return LEVELS_OF_DIFFICULTIES.get(difficulty.lower())
    return None
