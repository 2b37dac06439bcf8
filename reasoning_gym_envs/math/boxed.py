r"""MathBoxed: a mathematical question, free reasoning, an answer in ``\boxed{}``."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from reasoning_gym_envs.answers import check
from reasoning_gym_envs.corpus import Corpus, read_problem
from reasoning_gym_envs.errors import check_text, chosen_names, unknown
from reasoning_gym_envs.math.distractors import KINDS, MOST, RULES, Distracted, distract
from reasoning_gym_envs.math.progress import ReferenceSteps
from reasoning_gym_envs.math.sentences import in_words
from reasoning_gym_envs.math.topics import TOPICS
from reasoning_gym_envs.problems import LEVELS, Problem, Stream, level_range
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.sentences import narrate
from reasoning_gym_envs.text_env import TextEnv, Turn

INSTRUCTION = "Reason step by step, then give the final answer in \\boxed{}."

_FEEDBACK = {
    "correct": "Correct.",
    "no_answer": "No answer was found. Give the final answer in \\boxed{}.",
    "unreadable": "The boxed answer could not be read as mathematics.",
    "too_large": "The boxed answer is too large to read.",
    "undecided": "The boxed answer cannot be checked: write it in a simpler form.",
}
_WRONG = "That is not correct."
_WRONG_FORM = {
    "value": "The boxed answer still has to be evaluated.",
    "reduced": "The boxed answer still has to be evaluated and written in lowest terms.",
    "expanded": "The boxed answer still has to be expanded, with like terms collected.",
}

_NO_EVENTS: Mapping[str, int] = {}
_BAD_FORMAT: Mapping[str, int] = {"format": 1}


class MathBoxed(TextEnv):
    r"""One mathematical question, answered in ``\boxed{}`` after free reasoning.

    ## Description
    A question from one of the topics below, or from a corpus of your own. The agent reasons in
    plain text or LaTeX, inside ``<think>…</think>`` if it likes, and gives the final answer in
    ``\boxed{}``, inside ``<answer>…</answer>`` if it likes. The answer is compared exactly; words
    and left-hand sides that stand in the question may stand around it.

    ## Observation
    The question, and after an empty line the instruction. After a wrong answer, with turns left:
    what was wrong with it (no box, unreadable, not correct) and how many attempts are left, but
    nothing about the right answer.

    ## Action
    Any text. What counts is the last ``\boxed{}`` after the thinking, and inside
    ``<answer>…</answer>`` if there is one. Generated questions want the answer evaluated:
    ``\boxed{3+4}`` is not an answer to "Compute 3 + 4."

    ## Rewards
    * **sparse**: 1 for a correct answer, else 0.
    * **dense**: sparse plus the change of Φ, the progress of the last response. Φ is 1 once
      solved, and otherwise *r* / (*R* + 1) · max(0, 1 − 2*i*), where *R* counts the different
      intermediate results of the reference solution, *r* those of them that the response derives,
      and *i* is the share of its different numeric equations that are false or idle. An equation
      derives its value when it is true, computes it from at least two numbers, and each of these
      stands in the question, among the constants of the reference solution, or was derived
      before. All are idle but the steps of the reference itself, one equation for each other
      result of the reference or its answer, and as many more on which these rest. Hence stating
      numbers, identities, or every sum of the given numbers pays nothing: once as many equations
      are idle as are not, Φ is 0.
      Numbers that stand in the question and the final answer are no intermediate results.
      Where the reference needs no intermediate result, Φ stays 0 and dense is sparse.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states; with a
      single turn, which is terminal, that is sparse.

    ``format_cost`` is charged for a response that is not ``<think>…</think>`` followed by a box.

    ## Episode end
    Terminated by a correct answer, and by any answer where there is one turn (the default);
    truncated after ``max_turns`` where there are more. A later success pays as much as an
    immediate one and never more.

    ## Information
    ``topic`` always; on step ``answer_status``: "correct", "wrong", "no_answer", "unreadable",
    "too_large", "undecided" or "wrong_form". At the end of an episode with distractors,
    ``used_distractor``: whether the last answer is that of somebody who used one.

    ## Arguments
    * ``topics``: a name or several; all by default.
    * ``problems``: a corpus instead of the generators: a ``.jsonl`` file, a data set of Hugging
      Face ``datasets`` (a name, or a folder saved to disk), or a list of mappings; see
      :class:`~reasoning_gym_envs.corpus.Corpus`. Same levels, split and ``info``.
    * ``instruction``: the text after the question; "" for none.
    * ``distractors``: so many sentences beside the story, 0 to 5, that its answer does not depend
      on; 0 by default. With any, the topics are by default those that take them.
    * ``distractor_kind``: "off-topic", "in-topic", "same-role" (the default) or "same-range".
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.
      ``level`` is 1 unless given, and any level for a corpus.

    ``options["problem"]`` may be a mapping with ``question`` and ``answer``. It is asked as it is
    given, without distractors.

    ### Distractors
    "Ada has 5 marbles and gets 3 more. How many marbles does Ada have now?" With one distractor
    of each kind, the question also says:

    * **off-topic**: "Omar saw 31 penguins at a zoo." Another subject, a number of another size.
    * **in-topic**: "Omar keeps a collection in 31 drawers." The same subject, but no quantity
      that the story has.
    * **same-role**: "Omar has 31 marbles." A quantity that the story has, but somebody else's, or
      of another day. The number is at least three times as large or as small.
    * **same-range**: "Omar has 7 marbles." The same, with a number of the same size.

    A distractor is true, names a person who is not in the story, has one number, and changes
    nothing: the asked quantity cannot be reached from it. It stands before the story, before the
    last question where no word there refers to the sentence before, or at the end.

    The topics that take distractors are percentages, probability, units_and_rates and
    word_problems, at all levels. A seed draws the same problem, with the same ``problem_id`` in
    the same split, whatever ``distractors`` and ``distractor_kind`` are, as long as the topics are
    the same: so success with and without them is compared in pairs. The first of two distractors
    is the one that ``distractors=1`` gives. Distractors of different kinds are about the same
    person and stand at the same place.

    Each distractor has a decoy: the answer to the question with the distractor's number in the
    place of the one that it may be taken for. Above it is 31 + 3 or 7 + 3. It is never the right
    answer. ``used_distractor`` is True where the last answer of an episode equals a decoy, so that
    errors that come from distractors are told from others. Φ of the dense reward is that of the
    story alone: numbers of distractors are not given there, and computing with them is idle.

    ## Levels
    1 is a first exercise with small numbers; each level adds operations, larger numbers or a
    harder kind; 10 takes many steps by hand.

    ## Example
    ```text
    Compute $15 + 14$.

    Reason step by step, then give the final answer in \boxed{}.
    > <think>10+10=20, 5+4=9, 20+9=29</think>\boxed{29}
    Correct.
    ```

    ## Version history
    * v0: the first version.
    """

    events = frozenset({"format"})
    mixes_topics = True
    answered_by = "box"

    def __init__(
        self,
        *,
        topics: str | Sequence[str] | None = None,
        problems: str | Path | Iterable[Mapping[str, Any]] | None = None,
        instruction: str = INSTRUCTION,
        distractors: int = 0,
        distractor_kind: str = "same-role",
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
        if problems is not None and topics is not None:
            raise ValueError(
                "give topics= to generate problems or problems= to read them, not both"
            )
        self.instruction = check_text("instruction", instruction)
        self.distractors = _check_distractors(distractors, problems is not None)
        if distractor_kind not in KINDS:
            raise ValueError(unknown("distractor_kind", distractor_kind, KINDS))
        self.distractor_kind = distractor_kind
        self.topics = _check_topics(topics, bool(distractors))
        self._generators = [TOPICS[name] for name in self.topics]
        self._corpus = None if problems is None else Corpus(problems, self.split, self.level)

    def _generate(self, stream: Stream, level: int) -> Problem:
        generators = self._generators
        generate = generators[0] if len(generators) == 1 else stream.choice(generators)
        return generate(stream, level)

    def _draw(self, stream: Stream, levels: tuple[int, int]) -> Problem:
        if self._corpus is not None:
            return self._corpus.draw(stream, levels)
        problem = TextEnv._draw(self, stream, levels)
        if self.distractors:
            return distract(problem, self.distractors, self.distractor_kind)
        return problem

    def _given_problem(self, problem: Any, level: Any) -> Problem:
        if isinstance(problem, Mapping):
            default = LEVELS[0] if level is None else level_range(level)[0]
            return read_problem(problem, "options['problem']", default)
        return super()._given_problem(problem, level)

    def _begin(self, problem: Problem) -> str:
        question = problem.question
        return f"{question}\n\n{self.instruction}" if self.instruction else question

    def _info(self, problem: Problem) -> Mapping[str, Any]:
        return {"topic": problem.topic}

    def _take_turn(self, action: str) -> Turn:
        episode = self._episode
        problem = episode.problem
        episode.state = action  # what progress is measured on
        question = _without_distractors(problem)
        correct, status, answer = check(action, problem.answer, problem.form, question)[:3]
        if status == "wrong_form":
            observation = _WRONG_FORM[problem.form]
        else:
            observation = _FEEDBACK.get(status, _WRONG)
        if not correct:
            observation += self._attempts_left()
        events = _NO_EVENTS
        if self.reward_scheme.format_cost and not _is_formatted(action, answer):
            events = _BAD_FORMAT
        info: dict[str, Any] = {"answer_status": status}
        if isinstance(problem.data, Distracted) and (correct or not self._turns_left()):
            info["used_distractor"] = not correct and _is_decoy(action, problem)
        return Turn(observation, correct, False, events, info)

    def _progress(self) -> float:
        problem, response = self._episode.problem, self._episode.state
        if response is None:
            return 0.0
        question = _without_distractors(problem)
        return _reference_steps(question, problem.steps, problem.answer).progress(response)

    def _solve(self) -> list[str]:
        problem = self._episode.problem
        thinking = ", ".join(problem.steps).replace("</think>", "")
        return [f"<think>{thinking}</think>\\boxed{{{problem.answer}}}"]

    def _solve_in_words(self) -> list[str]:
        problem = self._episode.problem
        choose = random.Random(problem.id)
        told = [in_words(step, choose) for step in problem.steps]
        thinking = narrate(told, choose).replace("</think>", "")
        return [f"<think>{thinking}</think>The answer is \\boxed{{{problem.answer}}}."]

    def _answer(self) -> tuple[str, str] | None:
        return self._episode.problem.answer, self._episode.problem.form


_reference_steps = lru_cache(maxsize=256)(ReferenceSteps)


def _is_formatted(response: str, answer: str | None) -> bool:
    before, tag, after = response.partition("</think>")
    return (
        answer is not None
        and bool(tag)
        and before.lstrip().startswith("<think>")
        and before.count("<think>") == 1
        and "think>" not in after
    )


def _without_distractors(problem: Problem) -> str:
    data = problem.data
    return data.plain if isinstance(data, Distracted) else problem.question


def _is_decoy(response: str, problem: Problem) -> bool:
    """Whether a response gives the answer of somebody who used a distractor, in whatever form."""
    decoys = problem.data.decoys
    return any(check(response, decoy, question=problem.question).correct for decoy in decoys)


def _check_topics(topics: str | Sequence[str] | None, with_distractors: bool) -> tuple[str, ...]:
    if topics is None:
        return tuple(RULES if with_distractors else TOPICS)
    names = chosen_names("topics", "topic", topics, TOPICS)
    for name in names:
        if with_distractors and name not in RULES:
            raise ValueError(
                f"the topic {name!r} takes no distractors; those that do are "
                f"{', '.join(map(repr, RULES))}: give topics= of these, or distractors=0"
            )
    return names


def _check_distractors(count: int, from_corpus: bool) -> int:
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"distractors must be a whole number, got {count!r}")
    if not 0 <= count <= MOST:
        raise ValueError(f"distractors must be from 0 to {MOST}, got {count}")
    if count and from_corpus:
        raise ValueError(
            "problems= of your own are asked as they are: distractors= is for generated ones"
        )
    return count
