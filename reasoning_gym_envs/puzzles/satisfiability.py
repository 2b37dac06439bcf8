r"""Satisfiability: truth values that make every statement true."""

from __future__ import annotations

import re
from typing import NamedTuple

from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.boxed_puzzle import (
    CORRECT,
    MEANS,
    BoxedPuzzle,
    Judgement,
    without_markup,
)
from reasoning_gym_envs.puzzles.canonical_form import canonical_form


class Level(NamedTuple):
    """So many variables, and solutions at most."""

    variables: int
    solutions: int


LEVELS = (
    Level(5, 2),
    Level(6, 1),
    Level(7, 2),
    Level(8, 2),
    Level(9, 2),
    Level(10, 2),
    Level(11, 2),
    Level(12, 2),
    Level(13, 2),
    Level(14, 1),
)
NAMES = "abcdefghijklmn"

# How often a statement of three parts has one, two and three true ones in the hidden solution:
# with these odds a variable's name stands as often with "not" as without, whatever its value, and
# counting them tells nothing (Jia, Moore and Strain, "Generating Hard Satisfiable Formulas by
# Hiding Solutions Deceptively", AAAI 2005: odds of q^t with q the golden ratio's inverse).
_ONE_TRUE, _TWO_TRUE = 0.5729, 0.9271  # cumulative

_VALUES = {"true": True, "t": True, "1": True, "yes": True} | {
    "false": False,
    "f": False,
    "0": False,
    "no": False,
}
_PART = re.compile(rf"(?<![a-z])([a-z]){MEANS}([a-z01]+)")

Clause = tuple[int, ...]
"""The parts of a statement: v + 1 for variable v, −(v + 1) for its negation."""


class Satisfiability(BoxedPuzzle):
    r"""Find truth values that make all statements true.

    ## Description
    Each statement is a clause: at least one of its three literals, a variable or its negation, is
    true. At least one assignment makes all of them true, and few do.

    ## Observation
    The statements, numbered, and how to answer. After a wrong answer, unless it is the last: the
    first statement that it makes false, or what is wrong with its form.

    ## Action
    Any text; the answer is in its last ``\boxed{}``: a value for every variable,
    ``a=true, b=false, c=true``. Also read: T and F, 1 and 0, "a is true", other separators.

    ## Rewards
    * **sparse**: 1 for values that make all statements true, whichever they are, else 0.
    * **dense**: the same: Φ = 0 for every answer that is not right.
    * **shaped**: the same.

    Random values make seven statements of eight true, and the choices that miss a single one are
    many and have nothing to do with a solution: paying by the number of true statements would be
    paying for guesses. ``format_cost`` is charged for what is not a list of values.

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
    | variables | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 |
    | solutions | 1–2 | 1 | 1–2 | 1–2 | 1–2 | 1–2 | 1–2 | 1–2 | 1–2 | 1 |

    Random values succeed in one case of 16 at level 1, and in one of 64 at most from level 2 on.

    ## Example
    ```text
    Assign true or false to a, b, c, d and e so that every line is true.

    1. not a or not d or e
    2. not c or not d or not e
    3. c or d or e
    4. b or not c or d
    5. not b or not c or not d
    6. not a or c or not e
    7. not a or b or not e
    8. b or c or not d
    9. a or not b or not e
    10. not b or c or not d
    11. a or b or e
    12. a or not c or e
    13. not a or not c or not e
    14. a or not c or not e

    Answer with the value of every variable, like this: \boxed{a=true, b=false, …}.
    > \boxed{a=false, b=false, c=false, d=false, e=true}
    Correct.
    ```

    ## Version history
    * v0: the first version.
    """

    answer_instruction = (
        "Answer with the value of every variable, like this: \\boxed{a=true, b=false, …}."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        variables, most = LEVELS[level - 1]
        values, clauses = make(stream, variables, most)
        lines = "\n".join(f"{n}. {_in_words(clause)}" for n, clause in enumerate(clauses, 1))
        names = f"{', '.join(NAMES[: variables - 1])} and {NAMES[variables - 1]}"
        question = f"Assign true or false to {names} so that every line is true.\n\n{lines}"
        content = canonical_form(
            variables,
            [(0, tuple((int(part < 0), abs(part) - 1) for part in clause)) for clause in clauses],
        )
        answer = ", ".join(
            f"{name}={'true' if value else 'false'}"
            for name, value in zip(NAMES, values, strict=False)
        )
        data = (variables, tuple(clauses))
        return Problem(content, level, question, answer, "Satisfiability", data=data)

    def _judge(self, problem: Problem, answer: str) -> Judgement:
        variables, clauses = problem.data
        values, fault = read_values(answer, variables)
        if fault:
            return Judgement(False, 0.0, fault, is_read=False)
        for number, clause in enumerate(clauses, 1):
            if not any(values[abs(part) - 1] is (part > 0) for part in clause):
                return Judgement(False, 0.0, f"Line {number} is false.")
        return CORRECT


def read_values(answer: str, variables: int) -> tuple[list[bool], str]:
    """The values that an answer gives to all variables, or what is wrong with it.

    >>> read_values("a = true; b is F", 2)
    ([True, False], '')
    >>> read_values("a = true, a = false", 2)
    ([], 'There are two values for a.')
    """
    answer = without_markup(answer)
    given: dict[str, bool] = {}
    end = 0
    for found in _PART.finditer(answer):
        name, value = found.groups()
        between = answer[end : found.start()].strip(" ,;.")
        if between not in ("", "and", "∧", "\\land", "\\wedge") or value not in _VALUES:
            return [], "Write each value like this: a=true."
        if name not in NAMES[:variables]:
            return [], f"There is no variable {name}."
        if given.setdefault(name, _VALUES[value]) is not _VALUES[value]:
            return [], f"There are two values for {name}."
        end = found.end()
    if answer[end:].strip(" ,;."):
        return [], "Write each value like this: a=true."
    for name in NAMES[:variables]:
        if name not in given:
            return [], f"There is no value for {name}."
    return [given[name] for name in NAMES[:variables]], ""


def _in_words(clause: Clause) -> str:
    return " or ".join(("" if part > 0 else "not ") + NAMES[abs(part) - 1] for part in clause)


def make(stream: Stream, variables: int, most: int) -> tuple[list[bool], list[Clause]]:
    """Values, and statements that they make true, added until few other values do as well."""
    values = [stream.random() < 0.5 for _ in range(variables)]
    truths = truth_tables(variables)
    remaining = (1 << (1 << variables)) - 1
    everything = remaining
    clauses: list[Clause] = []
    while remaining.bit_count() > most:
        drawn = stream.random()
        true = 1 if drawn < _ONE_TRUE else 2 if drawn < _TWO_TRUE else 3
        parts = []
        for place, variable in enumerate(stream.sample(range(variables), 3)):
            is_positive = values[variable] is (place < true)
            parts.append(variable + 1 if is_positive else -variable - 1)
        allowed = 0
        for part in parts:
            table = truths[abs(part) - 1]
            allowed |= table if part > 0 else everything ^ table
        if remaining & allowed != remaining:  # it says something new
            remaining &= allowed
            clauses.append(tuple(sorted(parts, key=abs)))
    stream.shuffle(clauses)
    return values, clauses


def truth_tables(variables: int) -> list[int]:
    """For each variable a number whose bit i is its value in the i-th of all assignments.

    >>> [f"{table:08b}" for table in truth_tables(3)]
    ['10101010', '11001100', '11110000']
    """
    rows = 1 << variables
    tables = []
    for variable in range(variables):
        block = 1 << variable
        table = ((1 << block) - 1) << block
        width = 2 * block
        while width < rows:
            table |= table << width
            width *= 2
        tables.append(table)
    return tables
