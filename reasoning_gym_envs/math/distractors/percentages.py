"""What may be said beside the questions of the topic percentages."""

from __future__ import annotations

import re
from fractions import Fraction

from reasoning_gym_envs.math.distractors.rule import rules

_CHANGE = re.compile(r"(\w+?)s by \$(\d+)")
_PORTION = re.compile(r"\$(\d+)\$ millilitres with \$(\d+)")
_DOWN = ("fall", "shrink", "decrease")

_WHOLE = "In {D}'s exercise, the whole is #."
_PART = "In {D}'s exercise, the part is #."


def _factor(verb: str, percent: Fraction) -> Fraction:
    return (100 - percent if verb in _DOWN else 100 + percent) / 100


def _growth(history: str) -> Fraction:
    """What changes such as "rises by $20\\%$ and then falls by $5\\%$" multiply a number by."""
    growth = Fraction(1)
    for verb, percent in _CHANGE.findall(history):
        growth *= _factor(verb, Fraction(percent))
    return growth


def _mixture(a: Fraction, p: Fraction, OTHERS: str) -> Fraction:
    others = [(int(amount), int(strength)) for amount, strength in _PORTION.findall(OTHERS)]
    content = a * p + sum(amount * strength for amount, strength in others)
    return content / (a + sum(amount for amount, _ in others))


def _overall(VERB: str, p: Fraction, HISTORY: str) -> Fraction:
    return 100 * (_factor(VERB.split()[-1], p) * _growth(HISTORY) - 1)


def _difference(VERB: str, start: Fraction, end: Fraction) -> Fraction:
    change = start - end if VERB.split()[-1] in _DOWN else end - start
    return change / start * 100


RULES = rules(
    (
        lambda p, whole: p * whole / 100,
        (
            ("exercise", "|What is ${p}\\%$ of ${whole}$?", "whole", _WHOLE),
            ("exercise", "|Find ${p}\\%$ of ${whole}$.", "whole", _WHOLE),
        ),
    ),
    (
        lambda part, whole: part / whole * 100,
        (
            ("exercise", "|What percent of ${whole}$ is ${part}$?", "whole", _WHOLE),
            ("exercise", "|Express ${part}$ as a percentage of ${whole}$.", "whole", _WHOLE),
        ),
    ),
    (
        lambda part, p: part / p * 100,
        (
            ("exercise", "|If ${p}\\%$ of a number is ${part}$, what", "part", _PART),
            ("exercise", "|The number ${part}$ is ${p}\\%$ of what number?", "part", _PART),
        ),
    ),
    (
        lambda p, whole, q: p * whole / q,
        (
            (
                "exercise",
                "|Find the number such that ${q}\\%$ of it is ${p}\\%$ of ${whole}$.",
                "whole",
                _WHOLE,
            ),
        ),
    ),
    (
        lambda r, p, whole, q: r * p * whole / q / 100,
        (
            (
                "exercise",
                "|Find the number such that ${q}\\%$ of it is ${r}\\%$ of ${p}\\%$ of ${whole}$.",
                "whole",
                _WHOLE,
            ),
        ),
    ),
    (
        _mixture,
        (
            (
                "mixing",
                "|These {PORTIONS} of {LIQUID} are mixed: ${a}$ millilitres with ${p}\\%$ "
                "{OTHERS…}. What percent of the mixture is {SOLUTE}?",
                "p",
                "Yesterday, {D} used {LIQUID} with #% {SOLUTE}.",
            ),
        ),
    ),
    (
        lambda start, HISTORY: start * _growth(HISTORY),
        (
            (
                "exercise",
                "|The {THING} is ${start}$ {UNIT}. It {HISTORY…}. What is the {SHORT} now, in",
                "start",
                "In {D}'s exercise, the {SHORT} is # {UNIT}.",
            ),
        ),
    ),
    (
        lambda end, HISTORY: end / _growth(HISTORY),
        (
            (
                "exercise",
                "|The {HISTORY…}. After that, it is ${end}$ {UNIT}. What was the original {SHORT},",
                "end",
                "In {D}'s exercise, the final {SHORT} is # {UNIT}.",
            ),
        ),
    ),
    (
        _overall,
        (
            (
                "exercise",
                "|The {VERB}s by ${p}\\%${HISTORY…}. By what percent has it changed overall?",
                "p",
                "In {D}'s exercise, the first change is #%.",
            ),
        ),
    ),
    (
        _difference,
        (
            (
                "exercise",
                "|The {SHORT} of {VERB}s from ${start}$ to ${end}$ {UNIT}. By what percent does it",
                "start",
                "In {D}'s exercise, the original {SHORT} is # {UNIT}.",
            ),
        ),
    ),
)
