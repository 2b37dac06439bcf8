"""By adding up: Pascal's triangle, paths point by point, shares box by box, patterns one by one."""

import re
from functools import cache
from itertools import combinations, pairwise
from math import prod


def solve(question: str) -> str:
    numbers = [int(n) for n in re.findall(r"(?<![\w{])\d+", question)]
    for words, count in _TASKS.items():
        if words in question:
            return str(count(question, numbers))
    raise AssertionError(question)


@cache
def _subsets(n, k):
    if k in (0, n) or n < k:
        return int(k <= n)
    return _subsets(n - 1, k - 1) + _subsets(n - 1, k)


def _orders(n):
    return prod(range(1, n + 1))


def _paths(right, up, forbidden=None):
    counts = {(-1, 0): 1}
    for x in range(right + 1):
        for y in range(up + 1):
            counts[x, y] = counts.get((x - 1, y), 0) + counts.get((x, y - 1), 0)
            if (x, y) == forbidden:
                counts[x, y] = 0
    return counts[right, up]


def _path(question, numbers):
    _, _, right, up, _, *point = numbers
    if not point:
        return _paths(right, up)
    around = _paths(right, up, tuple(point))
    return around if "do not pass" in question else _paths(right, up) - around


def _shared(n, boxes):
    """In how many ways the numbers of the boxes, each from a range, sum to n."""
    ways = [1] + [0] * n
    for low, high in boxes:
        ways = [sum(ways[max(0, i - high) : max(0, i - low + 1)]) for i in range(n + 1)]
    return ways[n]


def _share(question, numbers):
    if "Anna" in question:
        n, others, first, least = numbers
        return _shared(n, [(first, n)] + [(least, n)] * others)
    if "boxes" in question:
        n, k, most = numbers
        return _shared(n, [(0, most)] * k)
    if "solutions" in question:
        return _shared(numbers[-1], [(0, numbers[-1])] * question.count("x_"))
    return _shared(numbers[0], [(0, numbers[0])] * numbers[1])


def _letters(question, numbers):
    word = re.search(r"\\mathrm\{([A-E]+)\}", question)[1]
    apart = "next to each other" in question

    @cache
    def continued(left, last):
        if not any(left):
            return 1
        return sum(
            continued((*left[:i], left[i] - 1, *left[i + 1 :]), i)
            for i in range(5)
            if left[i] and not (apart and i == last == 4)
        )

    return continued(tuple(word.count(letter) for letter in "ABCDE"), None)


def _code(question, numbers):
    lengths = [1, *numbers] if "one letter" in question else numbers
    k, m, letters, digits = lengths
    both = "Letters and digits"
    repeats = [
        f"{both} may" in question or "Letters may" in question,
        f"{both} may" in question or "Digits may" in question,
    ]
    ways = 1
    for length, size, repeat in zip((k, m), (letters, digits), repeats, strict=True):
        for i in range(length):
            ways *= size if repeat else size - i
    return ways


def _officers(question, numbers):
    n, k = numbers
    named = 3 if "secretary" in question or "deputy, a treasurer" in question else 2
    # first all that are elected together, then who of them gets which office
    return _subsets(n, named + k) * _subsets(named + k, named) * _orders(named)


def _at_least(question, numbers):
    if "box holds" in question:
        n, m, k, least = numbers
    else:
        k, n, m, least = numbers
    few = sum(_subsets(n, a) * _subsets(m, k - a) for a in range(least))
    return _subsets(n + m, k) - few


def _of_each(question, numbers):
    k, *sizes = numbers
    total = sum(sizes)
    without_one = sum(_subsets(total - n, k) for n in sizes)
    return _subsets(total, k) - without_one + sum(_subsets(n, k) for n in sizes)


def _seats(question, numbers):
    """The patterns of seats that the second group may take, then who sits where."""
    n, m, k, j = numbers[:4]
    size = k + j
    patterns = 0
    for seats in combinations(range(size), j):
        if "round table" in question:
            apart = sum((seat + 1) % size not in seats for seat in seats)
            patterns += apart == 1
        else:
            patterns += all(b - a > 1 for a, b in pairwise(seats))
    orders = patterns * _orders(k) * _orders(j)
    if "round table" in question:
        orders //= size
    return _subsets(n, k) * _subsets(m, j) * orders


def _groups(question, numbers):
    return prod(map(_subsets, numbers[3:], numbers[:3]))


_TASKS = {
    "Paths lead": _path,
    "shared among": _share,
    "solutions": _share,
    "boxes that hold": _share,
    "the letters of": _letters,
    "A code": _code,
    "president": _officers,
    "captain": _officers,
    "At least": _at_least,
    "at least": _at_least,
    "represented": _of_each,
    "round table": _seats,
    "for a photo": _seats,
    "is to be chosen": _groups,
    "with one of each": lambda _, numbers: sum(1 for _ in range(numbers[0])) * prod(numbers[1:]),
    "handshakes": lambda _, numbers: sum(range(numbers[0])),
    "games": lambda _, numbers: sum(range(numbers[0])),
    "orders": lambda _, numbers: _orders(numbers[0]),
    "in a row": lambda _, numbers: _orders(numbers[0]),
    "be chosen": lambda _, numbers: _subsets(numbers[1], numbers[0]),
    "subsets": lambda _, numbers: _subsets(numbers[1], numbers[0]),
}
