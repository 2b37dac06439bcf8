r"""Entailment: which statements follow from the premises."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations, permutations, product
from typing import NamedTuple

from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.boxed_puzzle import (
    CORRECT,
    BoxedPuzzle,
    Judgement,
    without_markup,
)
from reasoning_gym_envs.puzzles.canonical_form import canonical_form
from reasoning_gym_envs.puzzles.satisfiability import truth_tables


class Level(NamedTuple):
    """What the problems of a level are made from."""

    facts: int
    premises: int
    candidates: int
    needed: int  # a conclusion that follows needs so many of the premises, at least


LEVELS = (
    Level(4, 3, 5, 1),
    Level(4, 4, 5, 2),
    Level(4, 4, 6, 2),
    Level(5, 5, 6, 2),
    Level(5, 6, 6, 2),
    Level(6, 6, 7, 2),
    Level(6, 7, 7, 3),
    Level(7, 8, 7, 3),
    Level(8, 9, 8, 3),
    Level(8, 10, 8, 3),
)

FACTS = (
    "the door is open",
    "the lamp is on",
    "the bridge is closed",
    "the train is late",
    "the shop is full",
    "the river is high",
    "the kettle is hot",
    "the garden is wet",
    "the cat is asleep",
    "the clock is right",
    "the road is icy",
    "the letter is signed",
    "the boat is empty",
    "the window is broken",
    "the key is lost",
    "the oven is warm",
    "the alarm is silent",
    "the flag is up",
    "the well is dry",
    "the judge is present",
)

# Each kind of statement: how it is put, and the roles of its parts; parts of one role may change
# places.
FACT, OR, IF, IF_BOTH, IF_AND_ONLY_IF, NOT_BOTH = range(6)
WORDS = (
    "{0}",
    "{0} or {1}, or both",
    "if {0}, then {1}",
    "if {0} and {1}, then {2}",
    "{0} if and only if {1}",
    "it is not the case that both {0} and {1}",
)
ROLES = ((0,), (0, 0), (0, 1), (0, 0, 1), (0, 0), (0, 0))
PREMISES = (FACT, OR, OR, IF, IF, IF, IF_BOTH, IF_BOTH, IF_AND_ONLY_IF, NOT_BOTH)
CONCLUSIONS = (FACT, FACT, OR, OR, IF, IF, IF, IF_AND_ONLY_IF, NOT_BOTH, NOT_BOTH)

DRAWS = 30  # of a conclusion, before other premises are tried
TRIES = 500  # of premises, for what was drawn before them: which conclusions follow, their kinds

NONE = ("none", "none of them", "none of the statements", "\\emptyset", "\\varnothing", "∅")

_NUMBERS = re.compile(r"[0-9]{1,3}(?:[,; ]+[0-9]{1,3})*")
_SKIPPED = re.compile(r"\.(?= |$)|\band\b|#(?=[0-9])|\bstatements?\b(?= #?[0-9])")

Statement = tuple[int, tuple[tuple[int, bool], ...]]
"""A kind, and its parts: a fact, and whether it is so."""


class Entailment(BoxedPuzzle):
    r"""Say which statements follow from the premises.

    ## Description
    Some premises about a few facts, and some numbered statements. A statement follows if it is true
    whenever all the premises are. The premises do not contradict one another. Each choice of the
    statements is as likely as any other to be the right one, and how a statement is worded says
    nothing about whether it follows.

    ## Observation
    The premises, the statements, and how to answer.

    ## Action
    Any text; the answer is in its last ``\boxed{}``: the numbers of the statements that follow, in
    any order, ``1, 4, 6``, or ``none``.

    ## Rewards
    * **sparse**: 1 for exactly the statements that follow, else 0.
    * **dense**: the same: Φ = 0 for every answer that is not right.
    * **shaped**: the same.

    Half of the statements follow, so any answer is right about half of them: paying by their number
    would be paying for guesses. ``format_cost`` is charged for what is not a list of numbers.

    ## Episode end
    Terminated by a right answer, and by any answer if ``max_turns`` is 1, the default. Else
    truncated after ``max_turns``.

    ## Information
    Only what every environment gives.

    ## Arguments
    * ``instruction``: what stands below the question instead of how to answer; "" for nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | facts | 4 | 4 | 4 | 5 | 5 | 6 | 6 | 7 | 8 | 8 |
    | premises | 3 | 4 | 4 | 5 | 6 | 6 | 7 | 8 | 9 | 10 |
    | statements | 5 | 5 | 6 | 6 | 6 | 7 | 7 | 7 | 8 | 8 |
    | premises needed | 1– | 2– | 2– | 2– | 2– | 2– | 3– | 3– | 3– | 3– |

    The last line: fewer premises than that never suffice for a statement that follows.

    ## Example
    ```text
    Suppose that these premises are true:
    If the river is high, then the road is icy.
    The window is not broken.
    If the key is lost, then the window is broken.

    Which of these statements follow, that is, must also be true?
    1. If the river is not high, then the road is not icy.
    2. It is not the case that both the key is lost and the river is not high.
    3. The key is lost if and only if the window is broken.
    4. If the river is high, then the key is not lost.
    5. If the key is not lost, then the window is not broken.

    Answer with the numbers of all statements that follow, like this: \boxed{2, 3}, or \boxed{none}.
    > \boxed{2, 3, 4, 5}
    Correct.
    ```

    ## Version history
    * v0: the first version.
    """

    answer_instruction = (
        "Answer with the numbers of all statements that follow, like this: \\boxed{2, 3}, or "
        "\\boxed{none}."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        table = LEVELS[level - 1]
        premises, candidates, follows = make(stream, table)
        names = stream.sample(FACTS, table.facts)
        lines = [f"{_sentence(premise, names)}." for premise in premises]
        asked = [f"{n}. {_sentence(s, names)}." for n, s in enumerate(candidates, 1)]
        question = "\n".join(
            [
                "Suppose that these premises are true:",
                *lines,
                "",
                "Which of these statements follow, that is, must also be true?",
                *asked,
            ]
        )
        content = canonical_form(
            table.facts,
            [_fact(premise, 0) for premise in premises] + [_fact(c, 1) for c in candidates],
        )
        answer = ", ".join(str(n) for n, so in enumerate(follows, 1) if so) or "none"
        data = (tuple(premises), tuple(candidates), tuple(follows))
        return Problem(content, level, question, answer, "Entailment", data=data)

    def _judge(self, problem: Problem, answer: str) -> Judgement:
        follows = problem.data[2]
        chosen, fault = read_choice(answer, len(follows))
        if fault:
            return Judgement(False, 0.0, fault, is_read=False)
        if chosen != {n for n, so in enumerate(follows, 1) if so}:
            return Judgement(False, 0.0, "These are not exactly the statements that follow.")
        return CORRECT


def read_choice(answer: str, statements: int) -> tuple[set[int], str]:
    """The numbers that an answer lists, or what is wrong with it.

    >>> read_choice("1, 4 and 6", 6)
    ({1, 4, 6}, '')
    >>> read_choice("none", 6)
    (set(), '')
    >>> read_choice("1, 7", 6)
    (set(), 'There is no statement 7.')
    """
    answer = _SKIPPED.sub("", without_markup(answer)).strip()
    if answer in NONE:
        return set(), ""
    if len(answer) > 200 or not _NUMBERS.fullmatch(answer):
        return set(), "The answer must be a list of numbers, such as 2, 3, or the word none."
    numbers = [int(number) for number in re.findall("[0-9]+", answer)]
    for number in numbers:
        if not 1 <= number <= statements:
            return set(), f"There is no statement {number}."
    if len(set(numbers)) < len(numbers):
        return set(), "A number is listed twice."
    return set(numbers), ""


def _sentence(statement: Statement, names: list[str]) -> str:
    kind, parts = statement
    words = [names[fact] if so else names[fact].replace(" is ", " is not ") for fact, so in parts]
    text = WORDS[kind].format(*words)
    return text[0].upper() + text[1:]


def _fact(statement: Statement, group: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """A statement as the canonical form of a problem wants it."""
    kind, parts = statement
    roles = ROLES[kind]
    about = tuple((2 * role + so, fact) for role, (fact, so) in zip(roles, parts, strict=True))
    return 2 * kind + group, about


# A statement is a number: its bit i says whether it is true in the i-th of all possible worlds.


def make(stream: Stream, level: Level) -> tuple[list[Statement], list[Statement], list[bool]]:
    """Premises that do not contradict one another, statements, and which of them follow."""
    worlds = (1 << (1 << level.facts)) - 1
    while True:
        follows = [stream.random() < 0.5 for _ in range(level.candidates)]
        kinds = stream.sample(CONCLUSIONS, level.candidates)
        for _ in range(TRIES):
            drawn = _premises(stream, level, worlds)
            if drawn is None:
                continue
            premises, masks = drawn
            candidates = _candidates(stream, level, masks, worlds, follows, kinds)
            if candidates is not None:
                return premises, candidates, follows


def _premises(
    stream: Stream, level: Level, worlds: int
) -> tuple[list[Statement], list[int]] | None:
    """Premises of which each says something new; None where that fails."""
    premises, masks, possible = [], [], worlds
    for _ in range(3 * level.premises):
        premise, mask = stream.choice(statements(level.facts, stream.choice(PREMISES)))
        left = possible & mask
        if left == possible or left & (left - 1) == 0:
            continue  # nothing new, or one world at most
        possible = left
        premises.append(premise)
        masks.append(mask)
        if len(premises) == level.premises:
            return premises, masks
    return None


def _candidates(
    stream: Stream,
    level: Level,
    masks: list[int],
    worlds: int,
    follows: list[bool],
    kinds: list[int],
) -> list[Statement] | None:
    """Statements of the kinds, that follow or not as is wanted of each; None where one fails."""
    possible = worlds
    for mask in masks:
        possible &= mask
    weaker = [worlds]  # the worlds that too few premises leave
    for some in combinations(masks, level.needed - 1):
        left = worlds
        for mask in some:
            left &= mask
        weaker.append(left)
    seen = {*masks, worlds, 0}
    candidates = []
    for wanted, kind in zip(follows, kinds, strict=True):
        of_this_kind = statements(level.facts, kind)
        for _ in range(DRAWS):
            candidate, mask = stream.choice(of_this_kind)
            does_follow = possible & mask == possible
            if does_follow is not wanted or mask in seen:
                continue
            if wanted and any(left & mask == left for left in weaker):
                continue
            seen.add(mask)
            candidates.append(candidate)
            break
        else:
            return None
    return candidates


@cache
def statements(facts: int, kind: int) -> tuple[tuple[Statement, int], ...]:
    """All statements of a kind about so many facts, each with its meaning."""
    tables = truth_tables(facts)
    worlds = (1 << (1 << facts)) - 1
    made = []
    for about in permutations(range(facts), len(ROLES[kind])):
        for values in product((False, True), repeat=len(about)):
            statement = kind, tuple(zip(about, values, strict=True))
            made.append((statement, meaning(statement, tables, worlds)))
    return tuple(made)


def meaning(statement: Statement, tables: list[int], worlds: int) -> int:
    """The worlds in which a statement is true."""
    kind, parts = statement
    first, *others = [tables[fact] if so else worlds ^ tables[fact] for fact, so in parts]
    if kind == FACT:
        return first
    if kind == OR:
        return first | others[0]
    if kind == IF:
        return worlds ^ first | others[0]
    if kind == IF_BOTH:
        return worlds ^ (first & others[0]) | others[1]
    if kind == IF_AND_ONLY_IF:
        return worlds ^ first ^ others[0]
    return worlds ^ (first & others[0])
