r"""CodeOutput: predict what a program prints."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from reasoning_gym_envs.answers import extract_answer
from reasoning_gym_envs.code.extract import fenced_blocks
from reasoning_gym_envs.code.interpreter import run
from reasoning_gym_envs.code.programs import (
    SHAPES,
    can_be_guessed,
    lines_of,
    make_program,
    topics_of,
)
from reasoning_gym_envs.errors import check_text, chosen_names
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.sentences import narrate
from reasoning_gym_envs.text_env import TextEnv, Turn

INSTRUCTION = "What does this program print? Answer with the exact output in one fenced code block."
LONGEST_OUTPUT = 10_000

_FEEDBACK = {
    "correct": "Correct.",
    "wrong": "Wrong output.",
    "no_answer": "No answer found. Put the output in a fenced code block.",
    "too_long": "Wrong output: the program prints far less.",
}
_GIVEN = ("`{0}` is {1}", "`{0}` becomes {1}", "`{0}` is set to {1}")
_NO_EVENTS: Mapping[str, int] = {}
_BAD_FORMAT: Mapping[str, int] = {"format": 1}


class CodeOutput(TextEnv):
    r"""Predict exactly what a program prints, without running it.

    ## Description
    A short program in Python: variables, strings, loops, lists and dicts, at higher levels
    functions, recursion, aliasing, closures, exceptions, iterators and classes. It takes no input,
    terminates, and prints one to six short lines, at least one of which cannot be guessed from the
    source. The agent may reason first, then gives the output. The reasoning of the reference
    solution lists all assignments in order: ``a=3, b=7, a=10``.

    ## Observation
    The program in a code block, and the instruction. After a wrong answer, with turns left: that
    it is wrong or was not found, and the number of attempts left.

    ## Action
    Any text. The answer is the last fenced code block after the thinking (``</think>``), inside
    ``<answer>…</answer>`` if there is one. A ``\boxed{}`` that no block follows is read too, which
    is handy for outputs of one line; its content is taken literally, not as LaTeX. An ``<answer>``
    with neither is the output itself.

    White space at the ends of lines and line breaks at the end of the output are ignored.
    Everything else counts: spaces, quotes, brackets, capitals.

    ## Rewards
    * **sparse**: 1 for the exact output, else 0.
    * **dense**: sparse plus the change of Φ, the progress of the last response. Φ is 1 once solved
      and otherwise max(0, *r* − *e*) / (*N* + 1). Of the *N* lines that cannot be guessed, *r* are
      given before the first wrong line of the answer, and *e* is the number of excess lines in the
      answer. A line can be guessed, and pays nothing, if it occurs in the program, repeats a line
      printed before, or if all that is unknown in it is a constant, a one-digit number or a number
      of the program. So constants, copies of the program, padding, and lists of everything pay
      nothing; with a single line to predict, dense equals sparse.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states; with a
      single turn, which is terminal, that is sparse.

    ``format_cost`` is charged for a response without an answer.

    ## Episode end
    Terminated by a correct answer and, with a single turn (the default), by any answer; with more
    turns, truncated after ``max_turns``. A later success pays as much as an immediate one and never
    more.

    ## Information
    ``topic``: the kind of program, such as "closures"; ``steps``: the number of steps it takes:
    statements, calls of its own functions and elements of comprehensions. On step
    ``answer_status``: "correct", "wrong", "no_answer" or "too_long".

    ## Arguments
    * ``topics``: kinds of programs, a name or several, such as ``topics="swaps"``; all by default.
      Each level of the environment must have at least one of them.
    * ``instruction``: the text after the program; "" for none.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | steps | 3–12 | 5–20 | 8–30 | 12–45 | 16–60 | 22–80 | 30–110 | 40–150 | 50–200 | 62–280 |

    Each level has its kinds of programs: assignments and slices at 1, loops over lists from 2,
    dicts from 3, functions from 4, recursion from 5, closures and exceptions from 6, and classes
    from 7.

    ## Example
    ````text
    ```python
    series = [12, 26, 20, 4, 19]
    total = 8
    for n in series:
        if n > 15:
            total = total * 2 - n
        else:
            total += n * 3
    print(total, total % 7)
    ```

    What does this program print? Answer with the exact output in one fenced code block.
    > The total is 44, then 62, 104, 116, 213. \boxed{213 3}
    Correct.
    ````

    ## Version history
    * v0: the first version.
    """

    events = frozenset({"format"})
    mixes_topics = True
    answered_by = "block"

    def __init__(
        self,
        *,
        topics: str | Sequence[str] | None = None,
        instruction: str = INSTRUCTION,
        reward: str | Mapping[str, Any] | RewardScheme = "sparse",
        level: int | tuple[int, int] = 1,
        split: str = "train",
        max_turns: int = 1,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            reward=reward, level=level, split=split, max_turns=max_turns, render_mode=render_mode
        )
        self.instruction = check_text("instruction", instruction)
        self.topics = tuple(SHAPES)
        if topics is not None:
            self.topics = chosen_names("topics", "topic", topics, SHAPES)
        self._by_level = {each: topics_of(each, self.topics) for each in range(1, 11)}
        for each in range(self.level[0], self.level[1] + 1):
            self._topics_of(each)

    def _topics_of(self, level: int) -> list[str]:
        topics = self._by_level[level]
        if not topics:
            levels = (f"{t!r} has {SHAPES[t].easiest} to {SHAPES[t].hardest}" for t in self.topics)
            raise ValueError(f"level {level} has none of the topics: {', '.join(levels)}")
        return topics

    def _generate(self, stream: Stream, level: int) -> Problem:
        program = make_program(stream, level, self._topics_of(level))
        return Problem(
            program.content,
            level,
            program.source,
            program.output.rstrip(),
            program.topic,
            data=program.steps,
            family="CodeOutput",
        )

    def _begin(self, problem: Problem) -> str:
        program = f"```python\n{problem.question}\n```"
        return f"{program}\n\n{self.instruction}" if self.instruction else program

    def _info(self, problem: Problem) -> Mapping[str, Any]:
        return {"topic": problem.topic, "steps": problem.data}

    def _take_turn(self, action: str) -> Turn:
        episode = self._episode
        answer = read_output(action)
        episode.state = None
        events = _NO_EVENTS
        if answer is None:
            status, events = "no_answer", _BAD_FORMAT
        elif len(answer) > LONGEST_OUTPUT:
            status = "too_long"
        elif lines_of(answer) == lines_of(episode.problem.answer):
            status = "correct"
        else:
            status = "wrong"
            episode.state = answer  # what progress is measured on
        solved = status == "correct"
        observation = _FEEDBACK[status]
        if not solved:
            observation += self._attempts_left()
        return Turn(observation, solved, False, events, {"answer_status": status})

    def _progress(self) -> float:
        answer = self._episode.state
        problem = self._episode.problem
        return 0.0 if answer is None else progress(answer, problem.answer, problem.question)

    def _solve(self) -> list[str]:
        problem = self._episode.problem
        trace = ", ".join(run(problem.question, traced=True).trace)
        return [f"<think>{trace}</think>```\n{problem.answer}\n```"]

    def _solve_in_words(self) -> list[str]:
        problem = self._episode.problem
        choose = random.Random(problem.id)
        told = []
        for given in run(problem.question, traced=True).trace:
            name, _, value = given.partition("=")
            told.append(choose.choice(_GIVEN).format(name, value))
        text = narrate(told, choose)
        return [f"<think>{text}</think>The output is:\n```\n{problem.answer}\n```"]

    def _answer(self) -> tuple[str, str] | None:
        return self._episode.problem.answer, "fenced"


def progress(answer: str, output: str, source: str) -> float:
    r"""Φ of a wrong answer: the share of lines to be worked out that it begins with.

    >>> progress("17\n40\n5", "17\n40\n62", "…")
    0.5
    >>> progress("17\n40\n62\n62\n62\n62", "17\n40\n62", "…")
    0.0
    """
    given, printed = lines_of(answer), lines_of(output)
    hidden = [not can_be_guessed(line, source, printed[:n]) for n, line in enumerate(printed)]
    right = 0
    for line, wanted, is_hidden in zip(given, printed, hidden):  # noqa: B905  # until one ends
        if line != wanted:
            break
        right += is_hidden
    excess = max(0, len(given) - len(printed))
    return max(0, right - excess) / (sum(hidden) + 1)


def read_output(response: str) -> str | None:
    r"""The output that a response gives: its last block or box after the thinking.

    >>> read_output("It adds 3 and 4:\n```\n7\n```\nI am sure.")
    '7\n'
    >>> read_output("```python\nprint(3 + 4)\n```\nprints \\boxed{7}")
    '7'
    >>> read_output("<think>```\n7\n```</think>") is None
    True
    """
    text = response.rpartition("</think>")[2]
    if "<think>" in text:  # it is still thinking
        return None
    has_answer_tag = "<answer>" in text
    if has_answer_tag:
        text = text.rpartition("<answer>")[2].partition("</answer>")[0]
    if text.rfind("\\boxed") > max(text.rfind("```"), text.rfind("~~~")):
        return extract_answer(text)
    blocks = fenced_blocks(text)
    if blocks:
        return blocks[-1].text
    return text.strip("\n") if has_answer_tag else None
