"""Greatest common divisors and least common multiples, by Euclid's algorithm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from reasoning_gym_envs.problems import Problem, Stream


class _Level(NamedTuple):
    rows: int  # divisions that Euclid's algorithm takes on two numbers
    quotient: int  # the largest quotient in them
    divisor: int  # the largest common divisor
    kinds: tuple[str, ...]


_LEVELS = {
    1: _Level(2, 2, 12, ("gcd", "lcm")),
    2: _Level(2, 4, 12, ("gcd", "lcm", "partner")),
    3: _Level(3, 5, 18, ("gcd", "lcm", "partner", "gcd of three")),
    4: _Level(3, 6, 20, ("gcd", "lcm", "partner", "gcd of three")),
    5: _Level(4, 4, 90, ("gcd", "lcm", "gcd of three", "lcm of three")),
    6: _Level(4, 4, 120, ("gcd", "lcm", "gcd of three", "lcm of three", "remainders")),
    7: _Level(5, 4, 120, ("gcd", "lcm", "gcd of three", "lcm of three", "remainders", "remainder")),
    8: _Level(5, 5, 120, ("lcm", "gcd of three", "lcm of three", "remainders", "remainder")),
    9: _Level(6, 5, 120, ("lcm", "gcd of three", "lcm of three", "remainders", "remainder")),
    10: _Level(7, 5, 120, ("lcm", "gcd of three", "lcm of three", "remainders", "remainder")),
}

_GCD = (
    "Find the greatest common divisor of {}.",
    "What is the largest whole number that divides {} without a remainder?",
    "Ropes of {} metres are cut into pieces, all of the same length, with nothing left over. "
    "What is the greatest possible length of a piece, in metres?",
    "Barrels hold {} litres. What is the largest number of litres that a jug can hold if each "
    "barrel can be filled by a whole number of full jugs?",
)
_GCD_OF_TWO = (
    r"Compute $\gcd({}, {})$.",
    "A florist has ${}$ roses and ${}$ tulips. She uses them all in identical bouquets. "
    "What is the greatest number of bouquets she can make?",
    "A floor of ${}$ cm by ${}$ cm is covered with equal square tiles, none of them cut. "
    "What is the largest possible side of a tile, in centimetres?",
)
_LCM = (
    "Find the least common multiple of {}.",
    "What is the smallest positive whole number that is divisible by {}?",
    "Lamps flash every {} seconds, each at its own interval. They have just flashed together. "
    "After how many seconds will they next all flash together?",
    "Buses leave a station at intervals of {} minutes, each line with its own interval, and all "
    "lines leave together now. How many minutes pass until they all leave together again?",
)
_PARTNER = (
    "The greatest common divisor of two positive whole numbers is ${}$ and their least common "
    "multiple is ${}$. One of the numbers is ${}$. What is the other?",
    "Two positive whole numbers have greatest common divisor ${}$ and least common multiple ${}$. "
    "Find the other number if one of them is ${}$.",
)


def generate(stream: Stream, level: int) -> Problem:
    """Find a divisor or a multiple that numbers have in common, plainly asked or in a story.

    Levels 1 and 2 have two small numbers; from 3 on three numbers come in, and Euclid's algorithm
    takes more divisions; from 6 on remainders have to be taken off or added.
    """
    chosen = _LEVELS[level]
    kind = stream.choice(chosen.kinds)
    steps: list[str] = []
    content, question, answer = _KINDS[kind](stream, chosen, steps)
    return Problem(content, level, question, str(answer), "gcd_lcm", tuple(steps), "reduced")


def _gcd(stream: Stream, level: _Level, steps: list[str]) -> tuple[str, str, int]:
    numbers = _pair(stream, stream.randint(2, level.divisor), level.rows, level.quotient)
    return _ask_gcd(stream, numbers, _euclid(*numbers, steps))


def _gcd_of_three(stream: Stream, level: _Level, steps: list[str]) -> tuple[str, str, int]:
    rows = (level.rows + 1) // 2
    third, divisor = _pair(stream, stream.randint(2, level.divisor), rows, level.quotient)
    a, b = _pair(stream, divisor, rows, 3)
    while third in (a, b):
        third += divisor
    return _ask_gcd(stream, (a, b, third), _euclid(third, _euclid(a, b, steps), steps))


def _ask_gcd(stream: Stream, numbers: Sequence[int], answer: int) -> tuple[str, str, int]:
    content = f"gcd {sorted(numbers)}"
    if len(numbers) == 2 and max(numbers) < 1000 and stream.random() < 0.4:
        return content, stream.choice(_GCD_OF_TWO).format(*numbers), answer
    return content, _ask(stream, _GCD, numbers), answer


def _lcm(stream: Stream, level: _Level, steps: list[str]) -> tuple[str, str, int]:
    numbers = _pair(stream, stream.randint(2, level.divisor), level.rows, level.quotient)
    question = _ask(stream, _LCM, numbers)
    return f"lcm {sorted(numbers)}", question, _multiple(*numbers, steps)


def _lcm_of_three(stream: Stream, level: _Level, steps: list[str]) -> tuple[str, str, int]:
    numbers = _three(stream, level)
    question = _ask(stream, _LCM, numbers)
    answer = _multiple(_multiple(numbers[0], numbers[1], steps), numbers[2], steps)
    return f"lcm {sorted(numbers)}", question, answer


def _remainder(stream: Stream, level: _Level, steps: list[str]) -> tuple[str, str, int]:
    numbers = _three(stream, level)
    r = stream.randint(1, min(numbers) - 1)
    multiple = _multiple(_multiple(numbers[0], numbers[1], steps), numbers[2], steps)
    steps.append(f"{multiple}+{r}={multiple + r}")
    question = (
        f"What is the smallest whole number greater than ${r}$ that leaves the remainder ${r}$ "
        f"when it is divided by {_listed(stream, numbers)}?"
    )
    return f"remainder {r} {sorted(numbers)}", question, multiple + r


def _remainders(stream: Stream, level: _Level, steps: list[str]) -> tuple[str, str, int]:
    divisor = stream.randint(4, level.divisor)
    a, b = _pair(stream, divisor, level.rows, level.quotient)
    r, s = stream.randint(1, divisor - 1), stream.randint(1, divisor - 1)
    steps += (f"{a + r}-{r}={a}", f"{b + s}-{s}={b}")
    question = (
        f"What is the largest whole number by which ${a + r}$ can be divided with remainder ${r}$ "
        f"and ${b + s}$ with remainder ${s}$?"
    )
    return f"remainders {sorted(((a + r, r), (b + s, s)))}", question, _euclid(a, b, steps)


def _partner(stream: Stream, level: _Level, steps: list[str]) -> tuple[str, str, int]:
    divisor = stream.randint(2, level.divisor)
    a, b = _pair(stream, divisor, level.rows, level.quotient)
    if stream.random() < 0.5:
        a, b = b, a
    steps += (f"{divisor}*{a // divisor * b}={a * b}", f"{a * b}/{a}={b}")
    question = stream.choice(_PARTNER).format(divisor, a // divisor * b, a)
    return f"partner {divisor} {a // divisor * b} {a}", question, b


def _pair(stream: Stream, divisor: int, rows: int, quotient: int) -> tuple[int, int]:
    """Two numbers for which Euclid's algorithm takes so many divisions to find the divisor."""
    a, b = divisor * stream.randint(2, quotient + 1), divisor
    for _ in range(rows - 1):
        a, b = a * stream.randint(1, quotient) + b, a
    return a, b


def _three(stream: Stream, level: _Level) -> tuple[int, int, int]:
    """Three different numbers."""
    rows = (level.rows + 1) // 2
    divisor = stream.randint(2, level.divisor // 2)
    a, b = _pair(stream, divisor, rows, level.quotient)
    third = divisor * stream.randint(2, 3 * level.quotient)
    while third in (a, b):
        third += divisor
    return a, b, third


def _euclid(a: int, b: int, steps: list[str]) -> int:
    """The greatest common divisor: the last remainder that is not 0."""
    a, b = max(a, b), min(a, b)
    while a % b:
        q, r = divmod(a, b)
        steps.append(f"{a}-{b}={r}" if q == 1 else f"{a}-{q}*{b}={r}")
        a, b = b, r
    return b


def _multiple(a: int, b: int, steps: list[str]) -> int:
    """The least common multiple: the product, divided by the greatest common divisor."""
    divisor = _euclid(a, b, steps)
    multiple = a // divisor * b
    if divisor == 1:
        steps.append(f"{a}*{b}={multiple}")
    elif multiple > max(a, b):
        steps += (f"{a}/{divisor}={a // divisor}", f"{a // divisor}*{b}={multiple}")
    return multiple


def _ask(stream: Stream, phrasings: Sequence[str], numbers: Sequence[int]) -> str:
    """The question in one of the phrasings; only the first two suit numbers of any size."""
    phrasing = stream.choice(phrasings if max(numbers) < 1000 else phrasings[:2])
    return str(phrasing).format(_listed(stream, numbers))


def _listed(stream: Stream, numbers: Sequence[int]) -> str:
    """The numbers in random order: "$4$, $6$ and $9$"."""
    shuffled = stream.sample(numbers, len(numbers))
    return ", ".join(f"${n}$" for n in shuffled[:-1]) + f" and ${shuffled[-1]}$"


_KINDS: dict[str, Callable[[Stream, _Level, list[str]], tuple[str, str, int]]] = {
    "gcd": _gcd,
    "gcd of three": _gcd_of_three,
    "lcm": _lcm,
    "lcm of three": _lcm_of_three,
    "partner": _partner,
    "remainder": _remainder,
    "remainders": _remainders,
}
