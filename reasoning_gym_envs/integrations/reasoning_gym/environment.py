r"""ReasoningGym: the tasks of the package ``reasoning-gym`` under our contract."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any

from gymnasium.error import DependencyNotInstalled

from reasoning_gym_envs.answers import extract_answer
from reasoning_gym_envs.errors import check_text, chosen_names
from reasoning_gym_envs.integrations.reasoning_gym.process import TookTooLong, ask
from reasoning_gym_envs.integrations.reasoning_gym.tasks import OFFERED, REFUSED, TASKS
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.rewards import RewardScheme
from reasoning_gym_envs.text_env import TextEnv, Turn

INSTRUCTION = "Reason step by step, then give the final answer in \\boxed{}."

_FEEDBACK = {
    "correct": "Correct.",
    "wrong": "That is not correct.",
    "no_answer": "No answer was found. Give the final answer in \\boxed{}.",
    "too_slow": "That took too long to check.",
}
_DRAWS = 200
_NO_EVENTS: Mapping[str, int] = {}
_BAD_FORMAT: Mapping[str, int] = {"format": 1}


class ReasoningGym(TextEnv):
    r"""A task of the package ``reasoning-gym``, answered in ``\boxed{}`` after free reasoning.

    ## Description
    The package makes the problem and scores the answer; splits, levels, seeds and rewards are those
    of every environment here. ``pip install 'reasoning-gym-envs[reasoning-gym]'`` installs it. It
    runs in a process of its own, which starts with the first reset, takes a few seconds to load and
    serves all environments of the process that made them.

    ## Observation
    The question as the package asks it, and after an empty line the instruction. After a wrong
    answer, with turns left: that it is wrong, and how many attempts are left.

    ## Action
    Any text. What counts is the last ``\boxed{}`` after the thinking, or the inside of
    ``<answer>…</answer>``, without the white space around it. Answers of several lines, such as
    grids, keep their lines. Braces that do not come in pairs go between the tags.

    ## Rewards
    * **sparse**: 1 for an answer with the full score of the package's scorer, else 0.
    * **dense**: sparse; Φ stays 0. The partial scores of the package are no progress: many pay for
      an empty list, a number of the right size, or a text that has the answer somewhere in it.
      The score stands in ``info["score"]``.
    * **shaped**: sparse, too.

    ``format_cost`` is charged for a response without an answer.

    ## Episode end
    Terminated by a correct answer, and by any answer where there is one turn (the default);
    truncated after ``max_turns`` where there are more.

    ## Information
    ``task`` always; on step ``answer_status``: "correct", "wrong", "no_answer" or "too_slow", and
    ``score``, what the package's scorer gave, from 0 to 1. "too_slow" is an answer that its scorer
    worked on for a minute, where milliseconds are usual; it pays 0. Where the package fails
    otherwise, the step raises and was not taken.

    ## Arguments
    * ``task``: a name such as "chain_sum", several, or "all"; "decimal_chain_sum" unless given.
      "all" is every task but three kinds:

      * those whose scorer runs the text of an answer as Python, which are played when they are
        asked for by name. A model that is trained on them can run what it likes, with your rights:
        binary_matrix, countdown, intermediate_integration, n_queens, polynomial_multiplication,
        puzzle24, simple_integration, spiral_matrix, string_insertion;
      * knight_swap and sokoban, which make a problem in a second or more; by name, too;
      * those that are refused: boxnet and rush_hour, which have no reference answer;
        game_of_life_halting, whose scorer accepts any text; coin_flip, whose scorer accepts "0" for
        nearly all problems; propositional_logic, whose scorer takes a premise that is said again
        for a conclusion; and codeio, which makes problems by running programs from a file: they
        write files where you are, and some read the clock, so that a seed gives different problems.
    * ``instruction``: the text after the question; "" for none.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    The same seed gives the same problems with the same versions of Python, ``reasoning-gym`` and
    its requirements; what its generators take from the order of sets is fixed, but changed between
    Python 3.10 and 3.11 (isomorphic_strings, knight_swap, polynomial_multiplication, ransom_note,
    word_ladder). Problems whose reference the package's own scorer refuses are
    drawn again. They belong to "train" or "test" by their question.

    ## Levels
    Each attribute of a task's curriculum goes from its first value at level 1 to its last at level
    10, evenly, and from range attributes only the highest segment counts. Values with which the
    package fails, works for seconds or has one answer to nearly all problems are left out.
    acre, gsm_symbolic and list_functions have no
    curriculum: their levels are all the same.

    Some tasks have few problems at low levels. At level 1, tower_of_hanoi has 6, none of which are
    in the test split: there, ``split="test"`` raises. Some can be guessed: a constant answer solves
    half or more of circuit_logic, course_schedule, isomorphic_strings, largest_island,
    letter_counting, mahjong_puzzle, polynomial_equations, ransom_note, rotten_oranges,
    shortest_path and syllogism at some levels. And figlet_font, whose words have up to 30
    letters, gives the full score for any ten that are right and in their places.

    ## Example
    ```text
    State the final answer to the following arithmetic problem: 49.11 + 64.5 =

    Reason step by step, then give the final answer in \boxed{}.
    > 49 + 64 is 113, and .11 + .5 is .61. \boxed{113.61}
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
        task: str | Sequence[str] = "decimal_chain_sum",
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
        self.tasks = OFFERED if task == "all" else chosen_names("task", "task", task, TASKS)
        for name in self.tasks:
            if name in REFUSED:
                raise ValueError(f"task {name!r} cannot be played: {REFUSED[name]}")
        if importlib.util.find_spec("reasoning_gym") is None:
            raise DependencyNotInstalled(
                "reasoning-gym is not installed: pip install 'reasoning-gym-envs[reasoning-gym]'"
            )

    def _generate(self, stream: Stream, level: int) -> Problem:
        task = self.tasks[0] if len(self.tasks) == 1 else stream.choice(self.tasks)
        for _ in range(_DRAWS):
            seed = stream.randrange(2**31)
            made = ask("make", task, level, seed)
            if made is not None:
                question, answer = made
                return Problem(question, level, question, answer, task, data=seed)
        raise RuntimeError(f"{task}, level {level}: no problem that it solves in {_DRAWS} draws")

    def _given_problem(self, problem: Any, level: Any) -> Problem:
        given = super()._given_problem(problem, level)
        if given.topic not in TASKS or not isinstance(given.data, int):
            raise ValueError("options['problem'] is no problem of ReasoningGym")
        if given.topic not in self.tasks:  # its scorer may be one that was not asked for
            raise ValueError(
                f"options['problem'] is of the task {given.topic!r}, which is not among task="
            )
        return given

    def _begin(self, problem: Problem) -> str:
        question = problem.question
        return f"{question}\n\n{self.instruction}" if self.instruction else question

    def _info(self, problem: Problem) -> Mapping[str, Any]:
        return {"task": problem.topic}

    def _take_turn(self, action: str) -> Turn:
        problem = self._episode.problem
        answer = extract_answer(action)
        score, status = 0.0, "no_answer"
        if answer is not None:
            try:
                score = ask("score", problem.topic, problem.level, problem.data, answer)
                status = "correct" if score >= 1 else "wrong"
            except TookTooLong:
                status = "too_slow"
        solved = status == "correct"
        observation = _FEEDBACK[status]
        if not solved:
            observation += self._attempts_left()
        events = _BAD_FORMAT if answer is None else _NO_EVENTS
        return Turn(observation, solved, False, events, {"answer_status": status, "score": score})

    def _progress(self) -> float:
        return 0.0

    def _solve(self) -> list[str]:
        answer = self._episode.problem.answer.strip()
        boxed = f"\\boxed{{{answer}}}"
        return [boxed if extract_answer(boxed) == answer else f"<answer>{answer}</answer>"]

    def _answer(self) -> tuple[str, str] | None:
        answer = self._episode.problem.answer.strip()
        return (answer, "boxed") if "\\boxed" in self._solve()[0] else None
