"""What may be said beside the questions of the topic probability."""

from __future__ import annotations

from fractions import Fraction
from math import comb, prod

from reasoning_gym_envs.math.distractors.rule import rules, value

_AT_HOME = "At home, {D} has # {FIRST} balls."
_TWO_COLOURS = (
    "|A bag contains ${a}$ {FIRST} ball~ and ${b}$ {SECOND} ball~. {N} balls are drawn at random, "
    "one after the other, "
)
_THREE_COLOURS = (
    "|A bag contains ${a}$ {FIRST} ball~, ${b}$ {SECOND} ball~ and ${c}$ {THIRD} ball~. "
)
_TWO_BAGS = (
    "|One bag contains ${a}$ {FIRST} ball~ and ${b}$ {SECOND} ball~; a second bag contains ${c}$ "
    "{FIRST} ball~ and ${d}$ {SECOND} ball~. "
)
_SORTS = {"heart": 13, "ace": 4, "red card": 26, "face card": 12}


def _of_dice(a: Fraction, b: Fraction, s: Fraction) -> Fraction:
    first = [n for n in range(1, int(a) + 1) if 1 <= s - n <= b]  # the second follows from it
    return len(first) / (a * b)


def _divisible(n: Fraction, a: Fraction, b: Fraction) -> Fraction:
    cases = sum(i % int(a) == 0 or i % int(b) == 0 for i in range(1, int(n) + 1))
    return cases / n


def _is_back(HOW: str) -> bool:
    return HOW == "with replacement"


def _in_order(a: Fraction, b: Fraction, FIRST: str, HOW: str, ORDER: str) -> Fraction:
    left = [a, b]
    chance = Fraction(1)
    for part in ORDER.replace(" and ", ", ").split(", "):
        colour = 0 if part.split()[-1] == FIRST else 1
        chance *= left[colour] / sum(left)
        if not _is_back(HOW):
            left[colour] -= 1
    return chance


def _same(HOW: str, *sizes: Fraction) -> Fraction:
    total, less = sum(sizes), 0 if _is_back(HOW) else 1
    return Fraction(sum(n * (n - less) for n in sizes), total * (total - less))


def _none(hits: int, others: int, n: int, is_back: bool) -> Fraction:
    """The chance of no hit in so many draws."""
    if is_back:
        return Fraction(others, hits + others) ** n
    return Fraction(comb(others, n), comb(hits + others, n))


def _exactly(a: Fraction, b: Fraction, N: str, K: str) -> Fraction:
    n, k = value(N.lower()), value(K)
    return Fraction(comb(int(a), k) * comb(int(b), n - k), comb(int(a + b), n))


def _at_least(a: Fraction, b: Fraction, N: str, K: str, HOW: str) -> Fraction:
    n, k = value(N.lower()), value(K)
    if k == 1:
        return 1 - _none(int(a), int(b), n, _is_back(HOW))
    cases = sum(comb(int(a), i) * comb(int(b), n - i) for i in range(k, n + 1))
    return Fraction(cases, comb(int(a + b), n))


def _trials(above: Fraction, below: Fraction, K: str, N: str | Fraction) -> Fraction:
    n, k = value(N), value(K)
    p = above / below
    return comb(n, k) * p**k * (1 - p) ** (n - k)


def _moved(a: Fraction, b: Fraction, c: Fraction, d: Fraction) -> Fraction:
    return (a * (c + 1) + b * c) / ((a + b) * (c + d + 1))


def _all(deck: Fraction, K: str, SORT: str) -> Fraction:
    size, k = _SORTS[SORT.removesuffix("s")], value(K.lower())
    return Fraction(prod(size - i for i in range(k)), prod(int(deck) - i for i in range(k)))


def _no(deck: Fraction, K: str, SORT: str) -> Fraction:
    size = _SORTS[SORT.partition(" ")[2]]
    return _none(size, max(int(deck) - size, 0), value(K.lower()), False)


RULES = rules(
    (
        lambda a, b, c: a / (a + b + c),
        (
            (
                "games",
                f"{_THREE_COLOURS}One ball is drawn … that it is {{FIRST}}?",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        lambda a, b, c: (b + c) / (a + b + c),
        (
            (
                "games",
                f"{_THREE_COLOURS}One ball is drawn … that it is not {{FIRST}}?",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        _of_dice,
        (
            (
                "games",
                "|A fair die with faces numbered $1$ to ${a}$ and another with faces numbered $1$ "
                "to ${b}$ are rolled. What is the probability that the sum is ${s}$?",
                "a b",
                "{D} has a die with # faces.",
            ),
        ),
    ),
    (
        lambda a, s: _of_dice(a, a, s),
        (
            (
                "games",
                "|Two fair dice with faces numbered $1$ to ${a}$ are rolled. What is the "
                "probability that the sum is ${s}$?",
                "a",
                "{D} has a die with # faces.",
            ),
        ),
    ),
    (
        _divisible,
        (
            (
                "games",
                "|A whole number from $1$ to ${n}$ is chosen at random. What is the probability "
                "that it is divisible by ${a}$ or ${b}$",
                "n",
                "In {D}'s exercise, the largest number is #.",
            ),
        ),
    ),
    (
        _in_order,
        (
            (
                "games",
                f"{_TWO_COLOURS}{{HOW}}. What is the probability that the {{ORDER}}?",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        lambda a, b, HOW: _same(HOW, a, b),
        (("games", f"{_TWO_COLOURS}{{HOW}}. What … that both have the same", "a", _AT_HOME),),
    ),
    (
        lambda a, b, c, HOW: _same(HOW, a, b, c),
        (
            (
                "games",
                f"{_THREE_COLOURS}Two balls are drawn at random, one after the other, "
                "{HOW}. "
                "What … that both have the same",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        lambda a, b, c: 2 * a * b / ((a + b + c) * (a + b + c - 1)),
        (
            (
                "games",
                f"{_THREE_COLOURS}Two balls are drawn … that one is {{FIRST}} and the other is "
                "{SECOND}?",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        _exactly,
        (
            (
                "games",
                f"{_TWO_COLOURS}without … that exactly {{K}} of them … {{FIRST}}?",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        _at_least,
        (
            (
                "games",
                f"{_TWO_COLOURS}{{HOW}}. What … that at least {{K}} of them … {{FIRST}}?",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        _trials,
        (
            (
                "games",
                "|A player hits the target with probability $\\frac{{above}}{{below}}$ on each "
                "throw, independently of the others. What is the probability of exactly {K} hit~ "
                "in {N} throws?",
                "N",
                "Yesterday, {D} threw # times.",
            ),
            (
                "work",
                "|Each part that a machine makes is faulty with probability "
                "$\\frac{{above}}{{below}}$, independently of the others. What is the probability "
                "that exactly {K} of {N} parts",
                "N",
                "Yesterday, {D} checked # parts.",
            ),
        ),
    ),
    (
        lambda a, b, c, d: (a / (a + b) + c / (c + d)) / 2,
        (
            (
                "games",
                f"{_TWO_BAGS}One … What is the probability that the ball is {{FIRST}}?",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        lambda a, b, c, d: a / (a + b) / (a / (a + b) + c / (c + d)),
        (
            (
                "games",
                f"{_TWO_BAGS}One … The ball is {{FIRST}}. What is the probability that it came",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        _moved,
        (
            (
                "games",
                f"{_TWO_BAGS}A ball … What is the probability that it is {{FIRST}}?",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        lambda a, b, c: a * (c + 1) / (a * (c + 1) + b * c),
        (
            (
                "games",
                f"{_TWO_BAGS}A ball … This ball is {{FIRST}}. What",
                "a",
                _AT_HOME,
            ),
        ),
    ),
    (
        lambda n, ill, found, wrong: ill * found / (ill * found + (n - ill) * wrong),
        (
            (
                "health",
                "|In a town of ${n}$ people, ${ill}$ have a disease. A test is positive with "
                "probability $\\frac{{found}}{100}$ for people who have it and with probability "
                "$\\frac{{wrong}}{100}$ for",
                "ill",
                "Last year, # people in {D}'s village had a cold.",
            ),
        ),
    ),
    (
        _all,
        (
            (
                "games",
                "|{K} cards are dealt from a standard deck of ${deck}$ cards. What is the "
                "probability that all of them are {SORT}?",
                "deck",
                "{D} has a collection of # cards.",
            ),
        ),
    ),
    (
        _no,
        (
            (
                "games",
                "|{K} cards are dealt from a standard deck of ${deck}$ cards. What is the "
                "probability that none of them is {SORT}?",
                "deck",
                "{D} has a collection of # cards.",
            ),
        ),
    ),
    (
        lambda deck, K, SORT: 1 - _no(deck, K, SORT),
        (
            (
                "games",
                "|{K} cards are dealt from a standard deck of ${deck}$ cards. What is the "
                "probability that at least one of them is {SORT}?",
                "deck",
                "{D} has a collection of # cards.",
            ),
        ),
    ),
)
