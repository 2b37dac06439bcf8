r"""Zebra: logic grid puzzles, who lives in which house and with what."""

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

# By level: houses, attributes, and how often each kind of clue is tried.
SIZES = ((3, 2), (3, 3), (4, 2), (4, 3), (4, 4), (5, 3), (5, 4), (5, 5), (6, 5), (6, 6))
DIRECT = {"at": 2, "not_at": 1, "same": 3, "left": 2, "next": 1, "not_same": 1, "ends": 1}
MIXED = {
    "at": 1,
    "not_at": 1,
    "same": 3,
    "left": 1,
    "next": 2,
    "before": 1,
    "not_same": 1,
    "ends": 1,
    "gap": 1,
}
INDIRECT = {
    "not_at": 1,
    "same": 2,
    "left": 1,
    "next": 2,
    "before": 1,
    "not_same": 1,
    "gap": 2,
    "between": 1,
}
CLUES = tuple(
    [kind for kind, weight in weights.items() for _ in range(weight)]
    for weights in (*(DIRECT,) * 3, *(MIXED,) * 4, *(INDIRECT,) * 3)
)
FIRST_CLUES = 0.4  # of the cells: as many clues are drawn without asking what they tell

# What a category is called, its values, and how somebody is called by one of them.
CATEGORIES = (
    ("name", "Alice Bruno Carla David Elena Frank Grace Henry", "{}"),
    ("house colour", "red green blue white yellow purple orange grey", "the owner of the {} house"),
    ("drink", "tea coffee milk water juice lemonade cocoa cider", "the {} drinker"),
    ("pet", "cat dog fish parrot rabbit turtle hamster pony", "the {} owner"),
    ("job", "doctor teacher baker lawyer painter farmer pilot tailor", "the {}"),
    ("food", "pizza pasta rice soup salad curry stew toast", "the {} eater"),
    ("sport", "tennis football hockey golf rugby chess cricket judo", "the {} player"),
    ("instrument", "violin piano flute guitar drum harp cello trumpet", "the {} player"),
    ("flower", "roses tulips lilies daisies orchids violets poppies irises", "the grower of {}"),
    ("vehicle", "bicycle car van truck scooter tram boat tractor", "the {} owner"),
)
VALUES = tuple(tuple(values.split()) for _, values, _ in CATEGORIES)
LABEL_OF = {  # the last word of what the category of a value is called
    value.lower(): name.split()[-1] for name, values, _ in CATEGORIES for value in values.split()
}
LABELS = frozenset(LABEL_OF.values())
MOST_HOUSES = 6

Clue = tuple[str, int, int, int, int]
"""A kind and what it is about, up to three items or an item and a house; and a bit for each item.

An item, the person with a value, is numbered attribute * houses + value.
"""

SENTENCES = {
    "at": "{0} lives in house {house}.",
    "not_at": "{0} does not live in house {house}.",
    "ends": "{0} lives in the first or the last house.",
    "same": "{0} is {1}.",
    "not_same": "{0} is not {1}.",
    "left": "{0} lives directly to the left of {1}.",
    "next": "{0} lives next door to {1}.",
    "before": "{0} lives somewhere to the left of {1}.",
    "gap": "There is exactly one house between the houses of {0} and {1}.",
    "between": "{0} lives somewhere between {1} and {2}.",
}
ITEMS_IN = {kind: text.count("{") - text.count("{house}") for kind, text in SENTENCES.items()}
KINDS = tuple(SENTENCES)
SYMMETRIC = frozenset({"same", "not_same", "next", "gap"})

_WORD = re.compile(r"[a-z]+|[0-9]+|[^\sa-z0-9]")
_SKIPPED = frozenset({*":;,.=-–—→*/#", "house", "and", "is"})


class Zebra(BoxedPuzzle):
    r"""Fill a table from clues: each house in a row has one value of every attribute.

    ## Description
    Some people live in a row of houses, one in each. They differ in their names, drinks, pets and
    so on. The clues leave one possibility, which can be found without trial and error: it follows
    from one clue, or one row of the table, at a time. Nearly always every clue is needed for that.
    The best known puzzle of this kind asks for the owner of the zebra ("Who Owns the Zebra?", Life
    International, 1962).

    ## Observation
    How many houses there are, the values of each attribute, and the clues.

    ## Action
    The table in a box: for each house its number, a colon and the values, separated by commas, and
    a semicolon between houses: ``\boxed{1: Carla, tea; 2: Alice, milk; 3: David, cocoa}``. The
    order of houses, and of the values of a house, is free; so are line ends for semicolons.

    ## Rewards
    * **sparse**: 1 for the whole table, else 0.
    * **dense**: sparse plus Φ = max(0, (r − a)/(c − a))², where r of the c cells are right and a is
      the number of attributes; 0 if a value is missing, unknown or given twice, or if a house does
      not have one value of each attribute.
    * **shaped**: sparse plus γΦ(s′) − Φ(s), with the same Φ, and 0 at terminal states.

    Values put into the houses at random are right in one cell of each attribute on average, for
    which Φ is 0; by luck, such an answer has a Φ of less than 0.06 on average at level 1 and 0.01
    at level 10. No fixed answer can be worth anything: the values differ from puzzle to puzzle.

    ``format_cost`` is charged for an answer that is not such a table.

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
    | houses | 3 | 3 | 4 | 4 | 4 | 5 | 5 | 5 | 6 | 6 |
    | attributes | 2 | 3 | 2 | 3 | 4 | 3 | 4 | 5 | 5 | 6 |
    | clues, about | 4 | 5 | 5 | 8 | 11 | 11 | 14 | 19 | 25 | 29 |

    Up to level 3 the clues are direct (in house 2, not in house 2, the first or the last, the same
    person, directly to the left, next door). From 4 on some say only "somewhere to the left" or
    "one house between", and from 8 on none says in which house somebody lives, and some are about
    three people.

    ## Example
    ```text
    There are 3 houses in a row, numbered 1 to 3 from left to right. One person lives in each, and
    no two people share a value:
    drink: cider, lemonade, water
    sport: football, hockey, judo

    Clues:
    1. The hockey player lives in house 1.
    2. The hockey player lives next door to the football player.
    3. The water drinker is the judo player.
    4. The lemonade drinker is the hockey player.

    Answer with the values of every house, like this: \boxed{1: Ann, wine; 2: Bob, beer}.
    > \boxed{1: lemonade, hockey; 2: cider, football; 3: water, judo}
    Correct.
    ```

    ## Version history
    * v0: the first version.
    """

    answer_instruction = (
        "Answer with the values of every house, like this: \\boxed{1: Ann, wine; 2: Bob, beer}."
    )

    def _generate(self, stream: Stream, level: int) -> Problem:
        houses, attributes = SIZES[level - 1]
        clues = make(stream, houses, attributes, CLUES[level - 1])
        # Item i of an attribute is in house i: which value it is makes no difference to the clues.
        categories = stream.sample(range(len(CATEGORIES)), attributes)
        values = [stream.sample(VALUES[category], houses) for category in categories]
        called = [
            CATEGORIES[category][2].format(value)
            for category, of_it in zip(categories, values, strict=True)
            for value in of_it
        ]
        lists = []
        for category, of_it in zip(categories, values, strict=True):
            shown = sorted(of_it)
            lists.append(f"{CATEGORIES[category][0]}: {', '.join(shown)}")
        question = (
            f"There are {houses} houses in a row, numbered 1 to {houses} from left to right. "
            "One person lives in each, and no two people share a value:\n"
            + "\n".join(lists)
            + "\n\nClues:\n"
            + "\n".join(
                f"{number}. {sentence(clue, called)}" for number, clue in enumerate(clues, 1)
            )
        )
        table = tuple(tuple(value.lower() for value in of_it) for of_it in values)
        answer = "; ".join(
            f"{house + 1}: {', '.join(of_it[house] for of_it in values)}" for house in range(houses)
        )
        content = content_of(clues, houses, attributes)
        return Problem(content, level, question, answer, "Zebra", data=table)

    def _judge(self, problem: Problem, answer: str) -> Judgement:
        table = problem.data
        placed, fault = read_table(answer, table)
        if fault:
            return Judgement(False, 0.0, fault, is_read=False)
        right = sum(placed[value] == house for of_it in table for house, value in enumerate(of_it))
        attributes, cells = len(table), len(placed)
        if right == cells:
            return CORRECT
        beyond_chance = max(0.0, (right - attributes) / (cells - attributes))
        return Judgement(False, beyond_chance**2)


def read_table(answer: str, table: tuple[tuple[str, ...], ...]) -> tuple[dict[str, int], str]:
    """The house of each value in an answer, and what is wrong with its form ("" for nothing)."""
    attribute_of = {value: number for number, of_it in enumerate(table) for value in of_it}
    houses = len(table[0])
    placed: dict[str, int] = {}
    filled: set[tuple[int, int]] = set()
    named: set[int] = set()
    house = -1
    label = ""
    for word in _WORD.findall(without_markup(answer)):
        if word in attribute_of:
            if house < 0:
                return placed, "The first value has no house number before it."
            if label not in ("", LABEL_OF[word]):
                return placed, f'There is no {label} "{word}".'
            if word in placed:
                return placed, f'"{word}" is given twice.'
            if (house, attribute_of[word]) in filled:
                return placed, f"House {house + 1} is given two values of an attribute."
            filled.add((house, attribute_of[word]))
            placed[word] = house
            label = ""
        elif word in LABELS:
            label = word
        elif word[0] in "0123456789":
            house = int(word) - 1 if len(word) == 1 else -1
            if not 0 <= house < houses:
                return placed, f"There is no house {word[:30]}."
            if house in named:
                return placed, f"House {house + 1} is given twice."
            named.add(house)
            label = ""
        elif word not in _SKIPPED:
            return placed, f'"{word[:30]}" is not a value in this puzzle.'
    if len(placed) < len(attribute_of):
        return placed, "The table is not complete."
    return placed, ""


# Clues. The houses in which an item may be are the bits of an integer, house 0 the lowest.


def make(stream: Stream, houses: int, attributes: int, kinds: list[str]) -> list[Clue]:
    """Clues to the table in which value i of each attribute is in house i, in random order.

    Some are drawn blindly, then only such as tell something that the others do not, until
    :func:`propagate` finds the whole table; then those that it can do without are taken out.
    """
    everywhere = [(1 << houses) - 1] * (houses * attributes)
    clues: list[Clue] = []
    while len(clues) < FIRST_CLUES * houses * attributes:
        clue = draw_clue(stream, houses, attributes, kinds)
        if clue not in clues:
            clues.append(clue)
    domains = propagate(everywhere, clues, clues, houses)
    while not is_solved(domains):
        clue = draw_clue(stream, houses, attributes, kinds)
        if revise(domains[:], clue, houses):
            clues.append(clue)
            domains = propagate(domains, clues, [clue], houses)
    clues = needed(clues, [], everywhere, houses)
    stream.shuffle(clues)
    return clues


def needed(clues: list[Clue], others: list[Clue], domains: list[int], houses: int) -> list[Clue]:
    """The clues without those that the remaining and the others can do without.

    By halves (Junker, "QuickXplain", AAAI 2004): what is known from the others, which the domains
    say, is not found out again for every clue that is tried.
    """
    if is_solved(domains):
        return []
    if len(clues) == 1:
        return clues
    one, two = clues[: len(clues) // 2], clues[len(clues) // 2 :]
    with_two = [*others, *two]
    one = needed(one, with_two, propagate(domains, with_two, two, houses), houses)
    with_one = [*others, *one]
    two = needed(two, with_one, propagate(domains, with_one, one, houses), houses)
    return one + two


def is_solved(domains: list[int]) -> bool:
    """Whether one house is left to each item."""
    return all(domain & (domain - 1) == 0 for domain in domains)


def draw_clue(stream: Stream, houses: int, attributes: int, kinds: list[str]) -> Clue:
    """A random clue that is true of the table in which value i is in house i."""
    random = stream.random
    while True:
        kind = kinds[int(random() * len(kinds))]
        house = int(random() * houses)
        item = int(random() * attributes) * houses + house
        if kind == "at":
            return (kind, item, house, 0, 1 << item)
        if kind == "ends":
            if house in (0, houses - 1):
                return (kind, item, 0, 0, 1 << item)
            continue
        other_house = int(random() * houses)
        if kind == "not_at":
            if other_house != house:
                return (kind, item, other_house, 0, 1 << item)
            continue
        attribute = int(random() * attributes)
        other = attribute * houses + (house if kind == "same" else other_house)
        both = 1 << item | 1 << other
        if kind == "same":
            if other != item:
                return (kind, min(item, other), max(item, other), 0, both)
        elif kind == "not_same":
            if other_house != house and item // houses != attribute:
                return (kind, min(item, other), max(item, other), 0, both)
        elif kind == "between":
            third_house = int(random() * houses)
            third = int(random() * attributes) * houses + third_house
            if other_house < house < third_house:
                return (kind, item, min(other, third), max(other, third), both | 1 << third)
        elif kind == "left":
            if other_house == house + 1:
                return (kind, item, other, 0, both)
        elif kind == "before":
            if other_house > house + 1:
                return (kind, item, other, 0, both)
        elif abs(other_house - house) == (1 if kind == "next" else 2):
            return (kind, min(item, other), max(item, other), 0, both)


def propagate(domains: list[int], clues: list[Clue], new: list[Clue], houses: int) -> list[int]:
    """The domains without the houses that single clues and single attributes rule out.

    What is left can only be too much: when it is one house for every item, there is no other
    solution. Nothing follows any more from the domains and the clues that are not new.
    """
    after = domains[:]
    every_house = (1 << houses) - 1
    due = new
    while due:
        changed = 0
        for clue in due:
            changed |= revise(after, clue, houses)
        for first in range(0, len(after), houses):
            if changed >> first & every_house:
                of_it = tuple(after[first : first + houses])
                left = spread(of_it)
                if left != of_it:
                    after[first : first + houses] = left
                    for i in range(houses):
                        if left[i] != of_it[i]:
                            changed |= 1 << first + i
        due = [clue for clue in clues if clue[4] & changed]
    return after


@lru_cache(maxsize=50_000)
def spread(domains: tuple[int, ...]) -> tuple[int, ...]:
    """What is left of the domains of an attribute, whose values are in different houses."""
    known = once = more = 0
    for domain in domains:
        if domain & (domain - 1) == 0:
            known |= domain
        more |= once & domain
        once |= domain
    only = once & ~more & ~known
    after = tuple(
        [
            (domain & only or domain & ~known) if domain & (domain - 1) else domain
            for domain in domains
        ]
    )
    return after if after == domains else spread(after)


def revise(domains: list[int], clue: Clue, houses: int) -> int:
    """Strike out, in place, the houses that a clue rules out; its items if there were any, or 0."""
    kind, one, two, three, items = clue
    a, b = domains[one], domains[two]
    if kind == "same":
        new_a = new_b = a & b
    elif kind == "next":
        new_a, new_b = a & (b << 1 | b >> 1), b & (a << 1 | a >> 1)
    elif kind == "left":
        new_a, new_b = a & b >> 1, b & a << 1
    elif kind == "before":
        new_a, new_b = a & below(b), b & above(a)
    elif kind == "gap":
        new_a, new_b = a & (b << 2 | b >> 2), b & (a << 2 | a >> 2)
    elif kind == "not_same":
        new_a = a & ~b if b & (b - 1) == 0 else a
        new_b = b & ~a if a & (a - 1) == 0 else b
    elif kind == "between":
        c = domains[three]
        b_first, c_first = in_order(b, a, c), in_order(c, a, b)
        new_a, new_b = b_first[1] | c_first[1], b_first[0] | c_first[2]
        new_c = b_first[2] | c_first[0]
        domains[one], domains[two], domains[three] = new_a, new_b, new_c
        return items if (a, b, c) != (new_a, new_b, new_c) else 0
    else:
        houses_left = {"at": 1 << two, "not_at": ~(1 << two), "ends": 1 | 1 << houses - 1}
        domains[one] = new_a = a & houses_left[kind]
        return items if a != new_a else 0
    if a == new_a and b == new_b:
        return 0
    domains[one], domains[two] = new_a, new_b
    return items


def above(domain: int) -> int:
    """The houses to the right of the leftmost one of a domain."""
    return ~((domain & -domain) * 2 - 1)


def below(domain: int) -> int:
    """The houses to the left of the rightmost one of a domain."""
    return (1 << domain.bit_length() >> 1) - 1


def in_order(left: int, middle: int, right: int) -> tuple[int, int, int]:
    """What is left of three domains if the items stand in this order; zeros if they cannot."""
    middle &= above(left) & below(right)
    left &= below(middle)
    right &= above(middle)
    return (left, middle, right) if middle else (0, 0, 0)


def sentence(clue: Clue, called: list[str]) -> str:
    """A clue in words."""
    kind, *about = clue[:4]
    items = [called[item] for item in about[: ITEMS_IN[kind]]]
    text = SENTENCES[kind].format(*items, house=about[1] + 1)
    return text[0].upper() + text[1:]


def content_of(clues: list[Clue], houses: int, attributes: int) -> str:
    """The clues, whatever the attributes and values are called and in whatever order they stand.

    A value is known by its house in the solution, so that only the attributes have to be put into
    an order that does not depend on their names.
    """
    facts: list[Fact] = []
    for kind, one, two, three, _ in clues:
        roles = {"between": (0, 1, 1)}.get(kind, (0, 0) if kind in SYMMETRIC else (0, 1))
        code = KINDS.index(kind) * MOST_HOUSES + (two if kind == "not_at" else 0)
        items = (one, two, three)[: ITEMS_IN[kind]]
        about = [
            (role * MOST_HOUSES + item % houses, item // houses)
            for role, item in zip(roles, items, strict=False)
        ]
        facts.append((code, tuple(about)))
    return f"{houses} {canonical_form(attributes, facts)}"
