r"""KnightsAndKnaves: who always tells the truth, and who always lies?"""

from __future__ import annotations

import re
from functools import lru_cache

from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.puzzles.boxed_puzzle import (
    CORRECT,
    BoxedPuzzle,
    Judgement,
    without_markup,
)
from reasoning_gym_envs.puzzles.canonical_form import Fact, canonical_form

# By level: how many people, and the kinds of statements they make.
PEOPLE = (3, 4, 5, 6, 7, 8, 8, 9, 9, 10)
SIMPLE = ("is", "and", "or", "same")
KINDS = (
    SIMPLE,
    SIMPLE,
    (*SIMPLE, "count"),
    (*SIMPLE, "count"),
    (*SIMPLE, "count", "if"),
    (*SIMPLE, "count", "if"),
    ("is", "and", "or", "same", "count", "if", "nor"),
    ("and", "or", "same", "count", "if", "nor", "iff"),
    ("or", "same", "count", "if", "nor", "iff", "three"),
    ("or", "same", "count", "if", "iff", "three", "three"),
)
_NAMES = """
    Ada Alan Alma Amos Anna Anton Ben Bea Boris Carl Clara Cora Dan Dora Edith Egon Ella
    Emil Emma Erik Eva Felix Finn Flora Frida Fritz Gerda Gina Greta Hanna Hugo Ida Igor
    Ines Ivan Jack Jana Jonas Julia Karl Kate Klara Lars Laura Leo Lena Lily Lisa Luis
    Marta Max Mia Nina Nora Olga Oscar Otto Paul Petra Quinn Rita Rosa Ruth Sam Sara Sofia
    Tess Theo Tina Tom Uma Vera Viktor Walter Wanda Yara Zoe
"""
NAMES = tuple(_NAMES.split())

Statement = tuple[str, tuple[tuple[int, int], ...], int]
"""A kind, the people it is about as (person, 1 where said to be a knight), and a number."""

_WORD = re.compile(r"[a-z]+|[^\sa-z]")
_SKIPPED = frozenset({"is", "a", "and", "the", *":=,;.-–—→*"})
_KINDS = {"knight": 1, "knave": 0}


class KnightsAndKnaves(BoxedPuzzle):
    r"""Work out who is a knight and who is a knave from what they say.

    ## Description
    Some people live on an island. Knights always tell the truth, knaves always lie (Smullyan,
    "What Is the Name of This Book?", 1978). Each makes one statement, and together they leave
    exactly one possibility.

    ## Observation
    The people, and what each of them says.

    ## Action
    Everyone's kind in a box: ``\boxed{Ada: knight, Ben: knave, Cora: knight}``, in any order. "="
    and "is a" are read like a colon.

    ## Rewards
    * **sparse**: 1 for the right kinds of all, else 0.
    * **dense**: sparse plus Φ = max(0, 2r/n − 1)⁴, where r of the n people are given their right
      kind; 0 if someone is missing, unknown or named twice.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    Guessing is right about half of the people, for which Φ is 0. The fourth power keeps lucky
    guesses small: on average a random answer has a Φ of 0.022 at most, an answer with one mistake
    among ten people one of 0.41. Knights and knaves are equally many in the long run, so that no
    fixed answer is worth more than a random one.

    ``format_cost`` is charged for an answer that is not a list of people and kinds.

    ## Episode end
    Terminated after one answer, or with ``max_turns`` after the right one.

    ## Information
    Only what every environment gives.

    ## Arguments
    * ``instruction``: what stands below the question instead of the form of an answer; "" for
      nothing.
    * ``reward``, ``level``, ``split``, ``max_turns``, ``render_mode``: as in every environment.

    ## Levels
    | level | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | people | 3 | 4 | 5 | 6 | 7 | 8 | 8 | 9 | 9 | 10 |
    | guessed right | 1/8 | 1/16 | 1/32 | 1/64 | 1/128 | 1/256 | 1/256 | 1/512 | 1/512 | 1/1024 |

    The measure of difficulty is the number of people, and where it is the same the kinds of
    statements.

    Levels 1 and 2 have statements about one or two people (is, and, or, same kind); from 3 on also
    about how many knights there are, from 5 on "if", from 7 on "neither … nor", from 8 on "if and
    only if", from 9 on about three people; plain ones become fewer from 8 on.

    ## Example
    ```text
    Everyone on an island is a knight, who always tells the truth, or a knave, who always lies.
    Frida, Anton and Sofia live there.

    Frida says: "Anton is a knight."
    Anton says: "I am a knave or Frida is a knight."
    Sofia says: "Anton is a knight or Frida is a knave."

    Say who is a knight and who is a knave, like this: \boxed{Ann: knight, Bob: knave}.
    > \boxed{Frida: knight, Anton: knight, Sofia: knight}
    Correct.
    ```

    ## Version history
    * v0: the first version.
    """

    answer_instruction = (
        "Say who is a knight and who is a knave, like this: \\boxed{Ann: knight, Bob: knave}."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        people = PEOPLE[level - 1]
        statements, solution = make(stream, people, KINDS[level - 1])
        names = stream.sample(NAMES, people)
        kinds = tuple(solution >> person & 1 for person in range(people))
        lines = [
            f'{names[person]} says: "{sentence(statement, person, names)}"'
            for person, statement in enumerate(statements)
        ]
        question = (
            "Everyone on an island is a knight, who always tells the truth, or a knave, who "
            "always lies. "
            f"{', '.join(names[:-1])} and {names[-1]} live there.\n\n" + "\n".join(lines)
        )
        answer = ", ".join(
            f"{name}: {'knight' if kind else 'knave'}"
            for name, kind in zip(names, kinds, strict=True)
        )
        content = canonical_form(people, facts_of(statements))
        data = (tuple(name.lower() for name in names), kinds)
        return Problem(content, level, question, answer, "KnightsAndKnaves", data=data)

    def _judge(self, problem: Problem, answer: str) -> Judgement:
        names, kinds = problem.data
        said, fault = read_kinds(answer, names)
        if fault:
            return Judgement(False, 0.0, fault, is_read=False)
        right = sum(said[name] == kind for name, kind in zip(names, kinds, strict=True))
        if right == len(kinds):
            return CORRECT
        return Judgement(False, max(0.0, 2 * right / len(kinds) - 1) ** 4)


def read_kinds(answer: str, names: tuple[str, ...]) -> tuple[dict[str, int], str]:
    """The kinds that an answer gives by name, and what is wrong with its form ("" for nothing)."""
    said: dict[str, int] = {}
    name = ""
    for word in _WORD.findall(without_markup(answer)):
        if word in _KINDS:
            if not name:
                return said, "A kind has no name before it."
            said[name] = _KINDS[word]
            name = ""
        elif word in names:
            if name or word in said:
                return said, f"{(name or word).capitalize()} must be given exactly one kind."
            name = word
        elif word not in _SKIPPED:
            return said, f'"{word[:30]}" is not a name, "knight" or "knave".'
    if name or len(said) < len(names):
        return said, "Not everyone is given a kind."
    return said, ""


# Statements. A set of possible worlds is an integer with a bit for each of the 2**n assignments of
# kinds; bit w is the assignment in which person p is a knight where bit p of w is 1.


def make(stream: Stream, people: int, kinds: tuple[str, ...]) -> tuple[list[Statement], int]:
    """A statement by each person, and the only assignment that fits them all (bit p: a knight)."""
    columns, _ = tables(people)
    everything = (1 << (1 << people)) - 1
    while True:
        solution = stream.randrange(1 << people)
        statements: list[Statement] = []
        worlds = everything
        for person in range(people):
            is_knight = solution >> person & 1
            while True:
                statement = draw_statement(stream, people, person, kinds)
                true_in = truth(statement, people)
                if true_in >> solution & 1 == is_knight:
                    left = worlds & ~(columns[person] ^ true_in)
                    if left != worlds:  # it tells something that the others have not told
                        break
                    if worlds & (worlds - 1) == 0:
                        break
            worlds = left
            statements.append(statement)
        if worlds & (worlds - 1) == 0:
            return statements, solution


def draw_statement(stream: Stream, people: int, speaker: int, kinds: tuple[str, ...]) -> Statement:
    """A random statement, neither always true nor always false."""
    kind = stream.choice(kinds)
    if kind == "count":
        number = stream.randint(1, people - 1)
        return (stream.choice(("exactly", "at least", "at most")), (), number)
    if kind == "is":
        other = stream.randrange(people - 1)
        return (kind, ((other + (other >= speaker), stream.randrange(2)),), 0)
    about = stream.sample(range(people), 3 if kind == "three" else 2)
    if kind == "same":
        return (kind, tuple((person, 1) for person in about), stream.randrange(2))
    if kind == "three":
        kind = stream.choice(("all", "any", "one"))
    if kind == "nor":
        return (kind, tuple((person, 1) for person in about), 0)
    return (kind, tuple((person, stream.randrange(2)) for person in about), 0)


@lru_cache(maxsize=16)
def tables(people: int) -> tuple[list[int], list[int]]:
    """The worlds in which each person is a knight, and those with each number of knights."""
    columns = [0] * people
    counts = [0] * (people + 1)
    for world in range(1 << people):
        for person in range(people):
            columns[person] |= (world >> person & 1) << world
        counts[bin(world).count("1")] |= 1 << world
    return columns, counts


def truth(statement: Statement, people: int) -> int:
    """The worlds in which a statement is true."""
    kind, about, number = statement
    columns, counts = tables(people)
    everything = (1 << (1 << people)) - 1
    if kind == "exactly":
        return counts[number]
    if kind == "at least":
        return sum(counts[number:])
    if kind == "at most":
        return sum(counts[: number + 1])
    literals = [
        columns[person] if knight else everything ^ columns[person] for person, knight in about
    ]
    first = literals[0]
    if kind == "is":
        return first
    second = literals[1]
    if kind == "and":
        return first & second
    if kind == "or":
        return first | second
    if kind == "nor":
        return everything ^ (first | second)
    if kind == "if":
        return (everything ^ first) | second
    if kind == "same":
        return first ^ second if number else everything ^ first ^ second
    if kind == "iff":
        return everything ^ first ^ second
    third = literals[2]
    if kind == "all":
        return first & second & third
    if kind == "any":
        return first | second | third
    return (first ^ second ^ third) & ~(first & second & third)  # exactly one


def sentence(statement: Statement, speaker: int, names: list[str]) -> str:
    """A statement in words, as the speaker says it."""
    kind, about, number = statement
    if kind in ("exactly", "at least", "at most"):
        are = "is a knight" if number == 1 else "are knights"
        return f"{kind.capitalize()} {number} of us {are}."

    def who(person: int) -> str:
        return "I" if person == speaker else names[person]

    # The speaker comes last in what is said of two in one breath.
    if kind in ("same", "nor"):
        one, two = (who(person) for person, _ in sorted(about, key=lambda p: p[0] == speaker))
        if kind == "nor":
            return f"Neither {one} nor {two} {'am' if two == 'I' else 'is'} a knight."
        return f"{one} and {two} are of {'different kinds' if number else 'the same kind'}."
    literals = [
        f"{who(person)} {'am' if person == speaker else 'is'} a {'knight' if knight else 'knave'}"
        for person, knight in about
    ]
    if kind == "is":
        return f"{literals[0]}."
    if kind == "if":
        return f"If {literals[0]}, then {literals[1]}."
    if kind == "iff":
        return f"{literals[0]} if and only if {literals[1]}."
    if kind == "one":
        return f"Exactly one of these is true: {'; '.join(literals)}."
    if len(literals) == 3:
        joint = "and" if kind == "all" else "or"
        return f"{literals[0]}, {literals[1]} {joint} {literals[2]}."
    return f"{literals[0]} {kind} {literals[1]}."


def facts_of(statements: list[Statement]) -> list[Fact]:
    """The statements as facts about people; the order of what is said of equals does not count."""
    facts: list[Fact] = []
    for speaker, (kind, about, number) in enumerate(statements):
        code = FACT_KINDS.index(kind) * 16 + number
        roles = [1 + knight for _, knight in about]
        if kind == "if":
            roles[1] += 2
        people = [(role, person) for role, (person, _) in zip(roles, about, strict=True)]
        facts.append((code, ((0, speaker), *people)))
    return facts


FACT_KINDS = (
    "exactly", "at least", "at most", "is", "and", "or", "nor", "if", "same", "iff", "all", "any",
    "one",
)  # fmt: skip
