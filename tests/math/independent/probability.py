"""By going through all that can happen, draw by draw, and adding up the chances."""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import product

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven")


def solve(question: str) -> str:
    numbers = [int(n) for n in re.findall(r"\d+", question)]
    if "rolled" in question:
        a, b, wanted = numbers[1], numbers[-2], numbers[-1]
        rolls = list(product(range(1, a + 1), range(1, b + 1)))
        return str(Fraction(sum(x + y == wanted for x, y in rolls), len(rolls)))
    if "whole number from" in question:
        _, n, a, b = numbers
        return str(Fraction(sum(i % a == 0 or i % b == 0 for i in range(1, n + 1)), n))
    if "disease" in question:
        return str(_disease(numbers))
    if "throws" in question or "faulty" in question:
        return str(_trials(question))
    if "deck" in question:
        return str(_cards(question))
    bags = [
        {colour: int(n) for n, colour in re.findall(r"\$(\d+)\$ (\w+) balls?", part)}
        for part in question.split("a second bag")
    ]
    return str(_from_bags(question, bags) if len(bags) == 2 else _from_bag(question, bags[0]))


def _disease(numbers: list[int]) -> Fraction:
    people, ill, found, _, wrong, _ = numbers
    chances = {}
    for has in (True, False):
        for positive in (True, False):
            share = Fraction(ill if has else people - ill, people)
            rate = Fraction(found if has else wrong, 100)
            chances[has, positive] = share * (rate if positive else 1 - rate)
    return chances[True, True] / sum(chances[has, True] for has in (True, False))


def _trials(question: str) -> Fraction:
    above, below = map(int, re.search(r"\\frac\{(\d+)\}\{(\d+)\}", question).groups())
    k, n = re.search(r"exactly (\w+) (?:hits? in|of) (\w+) ", question).groups()
    p = Fraction(above, below)
    total = Fraction(0)
    for outcome in product((True, False), repeat=_NUMBERS.index(n)):
        if sum(outcome) == _NUMBERS.index(k):
            chance = Fraction(1)
            for hit in outcome:
                chance *= p if hit else 1 - p
            total += chance
    return total


def _cards(question: str) -> Fraction:
    deck = [(suit, rank) for suit in "HDSC" for rank in range(1, 14)]
    sorts = {
        "face card": lambda suit, rank: rank > 10,
        "heart": lambda suit, rank: suit == "H",
        "ace": lambda suit, rank: rank == 1,
        "red card": lambda suit, rank: suit in "HD",
    }
    text = question.split("What is")[1]
    fits = next(test for name, test in sorts.items() if name in text)
    hits = sum(fits(*card) for card in deck)
    count = _NUMBERS.index(re.search(r"(\w+) cards are dealt", question)[1].lower())
    size = int(re.search(r"\$(\d+)\$ cards", question)[1])
    total = Fraction(0)
    for cards, chance in _draws({"hit": hits, "miss": size - hits}, count, False):
        found = cards.count("hit")
        wanted = found == count if "all of" in text else found == 0 if "none" in text else found > 0
        total += chance * wanted
    return total


def _draws(bag: dict[str, int], count: int, back: bool) -> Iterator[tuple[list[str], Fraction]]:
    """All sequences of colours that can be drawn, with their chances."""
    if count == 0:
        yield [], Fraction(1)
        return
    total = sum(bag.values())
    for colour, n in bag.items():
        if n:
            left = bag if back else {**bag, colour: n - 1}
            for rest, chance in _draws(left, count - 1, back):
                yield [colour, *rest], chance * Fraction(n, total)


def _from_bag(question: str, bag: dict[str, int]) -> Fraction:
    count = re.search(r"(\w+) balls? (?:is|are) drawn", question)[1].lower()
    wanted = _condition(question.split("What is the probability that ")[1].split("?")[0])
    drawn = _draws(bag, _NUMBERS.index(count), "with replacement" in question)
    return sum(chance for colours, chance in drawn if wanted(colours))


def _condition(text: str):
    """What the sequence of colours has to fulfil."""
    if text.startswith("it is not "):
        return lambda colours: colours[0] != text.split()[-1]
    if text.startswith("it is "):
        return lambda colours: colours[0] == text.split()[-1]
    if "same colour" in text:
        return lambda colours: len(set(colours)) == 1
    pair = re.fullmatch(r"one is (\w+) and the other is (\w+)", text)
    if pair:
        return lambda colours: sorted(colours) == sorted(pair.groups())
    count = re.fullmatch(r"(exactly|at least) (\w+) of them (?:is|are) (\w+)", text)
    if count:
        k = _NUMBERS.index(count[2])
        if count[1] == "exactly":
            return lambda colours: colours.count(count[3]) == k
        return lambda colours: colours.count(count[3]) >= k
    ordered = re.findall(r"the (?:first|second|third) is (\w+)", text)
    assert ordered, text
    return lambda colours: colours == ordered


def _from_bags(question: str, bags: list[dict[str, int]]) -> Fraction:
    colour = re.search(r"(?:[Tt]he ball is|it is|This ball is) (\w+)[.?]", question)[1]
    if "put into the second" in question:
        both = either = Fraction(0)
        for (moved,), chance in _draws(bags[0], 1, False):
            second = {**bags[1], moved: bags[1][moved] + 1}
            for (drawn,), then in _draws(second, 1, False):
                if drawn == colour:
                    either += chance * then
                    both += chance * then * (moved == colour)
        return both / either if "too" in question else either
    chances = [Fraction(bag[colour], sum(bag.values())) / 2 for bag in bags]
    return chances[0] / sum(chances) if "came from the first" in question else sum(chances)
