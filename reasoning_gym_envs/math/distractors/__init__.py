"""Distractors: true sentences beside a question, about what its answer does not depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from reasoning_gym_envs.math.distractors import (
    percentages,
    probability,
    units_and_rates,
    word_problems,
)
from reasoning_gym_envs.math.distractors.rule import Given, Rule, filled, value
from reasoning_gym_envs.math.topics.word_problems import NAMES
from reasoning_gym_envs.math.writing import latex
from reasoning_gym_envs.problems import Problem, Stream

KINDS = ("off-topic", "in-topic", "same-role", "same-range")
"""Each is nearer to the question than the one before it."""
MOST = 5
"""So many distractors can a question have."""

RULES: dict[str, tuple[Rule, ...]] = {
    "percentages": percentages.RULES,
    "probability": probability.RULES,
    "units_and_rates": units_and_rates.RULES,
    "word_problems": word_problems.RULES,
}
"""The topics that take distractors, and how."""

_IN_FORMULAS = ("percentages", "probability")  # the topics whose numbers stand between $ signs

_OFF_TOPIC = (
    "{D} once climbed a lighthouse with # steps.",
    "{D} saw # penguins at a zoo.",
    "{D} knows # words of Finnish.",
    "{D} took part in a race with # runners.",
    "{D} photographed # stars.",
    "{D} lives near a castle with # windows.",
    "{D} wrote a poem of # lines.",
    "{D} went to a concert with # musicians.",
    "{D} visited a cave with # bats.",
    "{D} planted # tulips.",
)
_IN_TOPIC = {
    "age": (
        "{D} has a birthday album with # pages.",
        "{D} has # birthday photographs.",
    ),
    "birds": ("{D} has # books about birds.", "{D} has built # nesting boxes."),
    "books": ("{D} has # books on a shelf.", "{D}'s bookmark is # millimetres long."),
    "bus": ("{D} lives # metres from a bus stop.", "{D} has # toy buses."),
    "club": ("{D}'s clubhouse has # windows.", "{D} went to # club meetings."),
    "craft": ("{D}'s workshop has # shelves.", "{D} has # pairs of scissors."),
    "exercise": ("{D} solved # exercises.", "{D}'s exercise book has # pages."),
    "farm": ("{D}'s farm has # trees.", "{D} owns a field # metres wide."),
    "food": ("{D} owns # cookbooks.", "{D}'s kitchen has # plates."),
    "games": ("{D} won # games.", "{D} has # board games."),
    "garden": ("{D}'s garden is # metres long.", "{D}'s garden has # trees."),
    "hall": ("{D} owns a book about theatres with # pages.", "{D} has # theatre posters."),
    "health": ("{D} read # articles about medicine.", "{D}'s thermometer cost # cents."),
    "measuring": ("{D} owns # rulers.", "{D}'s scales cost # euros."),
    "mixing": ("{D} has # glasses.", "{D}'s bottle weighs # grams."),
    "money": ("{D} lives # metres from a bank.", "{D}'s purse weighs # grams."),
    "shop": ("{D} has worked in a shop for # months.", "{D}'s shop had # customers yesterday."),
    "sport": ("{D} has # medals.", "{D} took part in # contests."),
    "things": ("{D} keeps a collection in # drawers.", "{D} has # books about collecting."),
    "travel": ("{D} took # photographs on a trip.", "{D}'s timetable has # pages."),
    "units": ("{D} owns # measuring tapes.", "{D} read # pages about units of measurement."),
    "water": ("{D} has # buckets.", "{D}'s garden hose is # metres long."),
    "work": ("{D} has # tools.", "{D}'s firm has # customers."),
}

_TRIES = 100


class Distracted(NamedTuple):
    """The data of a problem with distractors.

    Args:
        plain: the question without them.
        sentences: the distractors, in the order in which they were added.
        decoys: for each of them, the answer to the question with the distractor's number in the
            place of the one that it may be taken for.
    """

    plain: str
    sentences: tuple[str, ...]
    decoys: tuple[str, ...]


def distract(problem: Problem, count: int, kind: str) -> Problem:
    """The same problem, with the same id, and so many distractors in its question.

    They follow from the problem, not from its wording: its id seeds them. The first of several is
    the only one of one, and those of different kinds are about the same people and stand at the
    same places.
    """
    question = problem.question
    rule, given, places = _reading(problem)
    stream = Stream(f"distractors {problem.id}")
    owners = stream.sample([name for name in NAMES if name not in question], MOST)
    at = [stream.choice(places) for _ in range(MOST)]
    off_topic = stream.sample(_OFF_TOPIC, MOST)
    in_topic = stream.sample(_IN_TOPIC[rule.subject], 2) * MOST
    others = {"off-topic": off_topic, "in-topic": in_topic}.get(kind, [rule.other] * MOST)
    sentences, decoys = [], []
    for number in range(count):
        most = 99 if "#%" in others[number] else None
        drawn, decoy = _number(stream, rule, given, problem, kind == "same-range", most)
        sentences.append(filled(others[number], given, owners[number], _written(drawn, problem)))
        sentences[-1] = sentences[-1].replace("$%", "\\%$")
        decoys.append(latex(decoy))
    return replace(
        problem,
        question=_inserted(question, sentences, at),
        data=Distracted(question, tuple(sentences), tuple(decoys)),
    )


def _reading(problem: Problem) -> tuple[Rule, Given, list[int]]:
    for rule in RULES[problem.topic]:
        read = rule.read(problem.question)
        if read is not None:
            return rule, *read
    raise NotImplementedError(f"no rule of distractors fits {problem.question!r}")


def _number(
    stream: Stream, rule: Rule, given: Given, problem: Problem, is_near: bool, most: int | None
) -> tuple[int, Fraction]:
    """A number near the one that it may be taken for, or far from it, and the decoy."""
    answer = rule.solve(given)
    for role in rule.role.split():
        own = max(1, value(given[role]))  # some are below 1
        near = (max(2, own // 2), own + max(own // 2, 6))
        more, less = (3 * own, 9 * own), (max(2, own // 9), own // 3)
        far = (more, less) if own < 40 else (less, more)
        for low, high in (near,) if is_near else far:
            high = high if most is None else min(high, most)
            for _ in range(_TRIES if low <= high else 0):
                number = stream.randint(low, high)
                decoy = rule.solve({**given, role: Fraction(number)})
                if decoy not in (None, answer) and _is_possible(decoy, problem):
                    return number, decoy
    raise RuntimeError(f"no distractor was found for {problem.question!r}")


def _is_possible(decoy: Fraction, problem: Problem) -> bool:
    """Whether the decoy is an answer that such a question may have."""
    if problem.topic == "probability":
        return 0 < decoy < 1
    return decoy > 0 or "negative" in problem.question


def _written(number: int, problem: Problem) -> str:
    return f"${number}$" if problem.topic in _IN_FORMULAS else str(number)


def _inserted(question: str, sentences: Sequence[str], at: Sequence[int]) -> str:
    """The question with each sentence at its place, those at one place in their order."""
    parts, done = [], 0
    for place in sorted(set(at[: len(sentences)])):
        here = " ".join(s for s, p in zip(sentences, at, strict=False) if p == place)
        before = question[done:place]
        parts += [before, here + " "] if place < len(question) else [before, f" {here}"]
        done = place
    return "".join([*parts, question[done:]])
