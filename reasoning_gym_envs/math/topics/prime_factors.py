"""Prime factors, and what they tell about a number: its divisors, their sum, its squares."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import NamedTuple

from reasoning_gym_envs.problems import Problem, Stream

_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


class _Level(NamedTuple):
    small: int  # how many factors are among 2, 3, 5 and, from level 3 on, 7
    large: int  # how many are among more primes
    primes: int  # how many more primes these are
    factorial: int  # the largest number whose factorial is asked about
    kinds: tuple[str, ...]


_LEVELS = {
    1: _Level(2, 1, 10, 0, ("list", "largest")),
    2: _Level(3, 1, 10, 0, ("list", "largest", "sum")),
    3: _Level(2, 1, 15, 0, ("list of product", "two largest", "sum", "square")),
    4: _Level(3, 1, 15, 0, ("list of product", "sum", "two largest", "two counts", "square")),
    5: _Level(4, 1, 20, 0, ("list of product", "two largest", "divisor sum", "square")),
    6: _Level(4, 1, 20, 999, ("list of product", "list of product", "divisor sum", "factorial")),
    7: _Level(5, 1, 20, 2000, ("list of product", "divisor sum", "factorial", "square")),
    8: _Level(5, 2, 9, 3000, ("list", "divisor sum", "factorial", "square", "coprime")),
    9: _Level(5, 2, 15, 6000, ("list", "divisor sum", "factorial", "square", "coprime")),
    10: _Level(6, 2, 23, 9999, ("list", "divisor sum", "factorial", "square", "coprime")),
}

_LIST = (
    "List the prime factors of ${}$ in increasing order, each as often as it occurs, separated by "
    "commas.",
    "What is the prime factorisation of ${}$? Give the prime factors, smallest first, each as "
    "often as it occurs, as a comma-separated list.",
)
_LARGEST = (
    "What is the largest prime factor of ${}$?",
    "Find the greatest prime number that divides ${}$.",
)
_DIVISOR_SUM = (
    "What is the sum of all positive divisors of ${}$, including $1$ and the number itself?",
    "Find the sum of all positive divisors of ${}$, from $1$ to the number itself.",
)
_SQUARE = (
    "What is the smallest positive whole number by which ${}$ must be multiplied to give a "
    "perfect square?",
    "Find the smallest positive whole number whose product with ${}$ is a perfect square.",
)
_COPRIME = (
    "How many whole numbers from $1$ to ${0}$ have no prime factor in common with ${0}$?",
    "Euler's function $\\varphi(n)$ counts the whole numbers from $1$ to $n$ that are coprime to "
    "$n$. Find $\\varphi({0})$.",
)


def generate(stream: Stream, level: int) -> Problem:
    """Factorise a number, or say something about it that its factorisation tells.

    Levels 1 and 2 list the prime factors of one number or name the largest; from 3 on there are
    two numbers or squares to complete, on 4 divisors to count; from 5 on divisor sums, from 6 on
    factorials; from 8 on numbers of six and more digits.
    """
    chosen = _LEVELS[level]
    kind = stream.choice(chosen.kinds)
    steps: list[str] = []
    content, question, answer = _KINDS[kind](stream, chosen, steps)
    return Problem(content, level, question, str(answer), "prime_factors", tuple(steps), "reduced")


_Made = tuple[str, str, "int | str"]


def _list(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    factors = _factors(stream, level)
    n = _divide(factors, steps)
    return f"list {n}", stream.choice(_LIST).format(n), ", ".join(map(str, factors))


def _list_of_product(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    content, product, factors = _product(stream, level, steps)
    question = stream.choice(_LIST).format(product)
    return f"list {content}", question, ", ".join(map(str, factors))


def _largest(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    factors = _factors(stream, level)
    n = _divide(factors, steps, to_the_end=True)
    return f"largest {n}", stream.choice(_LARGEST).format(n), factors[-1]


def _two_largest(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    first, second = _two(stream, level)
    m, n = _divide(first, steps, to_the_end=True), _divide(second, steps, to_the_end=True)
    p, q = first[-1], second[-1]
    if stream.random() < 0.5:
        steps.append(f"{p}+{q}={p + q}")
        question = f"What is the sum of the largest prime factors of ${m}$ and of ${n}$?"
        return f"largest sum {min(m, n)} {max(m, n)}", question, p + q
    steps.append(f"{p}*{q}={p * q}")
    question = f"Multiply the largest prime factor of ${m}$ by the largest prime factor of ${n}$. "
    return f"largest product {min(m, n)} {max(m, n)}", f"{question}What is the product?", p * q


def _sum(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    factors = _factors(stream, level)
    n = _divide(factors, steps)
    steps.append("+".join(map(str, factors)) + f"={sum(factors)}")
    question = f"What is the sum of the prime factors of ${n}$, each counted as often as it occurs?"
    return f"sum {n}", question, sum(factors)


def _two_counts(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    first, second = _two(stream, level)
    m, n = _divide(first, steps), _divide(second, steps, used=first)
    a, b = _choices(_exponents(first), steps), _choices(_exponents(second), steps)
    steps.append(f"{a}+{b}={a + b}")
    question = (
        f"Add the number of positive divisors of ${m}$ to the number of positive divisors of "
        f"${n}$. What is the sum?"
    )
    return f"counts {min(m, n)} {max(m, n)}", question, a + b


def _divisor_sum(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    factors = _factors(stream, level)
    n = _divide(factors, steps)
    sums = []
    for powers in _powers(factors):
        sums.append(sum(powers))
        steps.append("+".join(map(str, powers)) + f"={sums[-1]}")
    if len(sums) > 1:
        steps.append("*".join(map(str, sums)) + f"={prod(sums)}")
    return f"divisor sum {n}", stream.choice(_DIVISOR_SUM).format(n), prod(sums)


def _square(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    factors = _factors(stream, level)
    if len(set(factors)) == len(factors):  # the number itself would be the answer
        factors.insert(0, factors[0])
    n = _divide(factors, steps)
    single = [powers[1] for powers in _powers(factors) if len(powers) % 2 == 0]
    if len(single) > 1:
        steps.append("*".join(map(str, single)) + f"={prod(single)}")
    return f"square {n}", stream.choice(_SQUARE).format(n), prod(single)


def _factorial(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    n, p = stream.randint(level.factorial // 4, level.factorial), stream.choice(_PRIMES[:6])
    counts, rest = [], n
    while rest >= p:
        left = rest % p
        steps.append(f"({rest}-{left})/{p}={rest // p}" if left else f"{rest}/{p}={rest // p}")
        rest //= p
        counts.append(rest)
    steps.append("+".join(map(str, counts)) + f"={sum(counts)}")
    question = (
        f"What is the largest whole number $k$ for which ${n}!$ is divisible by ${p}^k$?",
        f"How many times does the prime factor ${p}$ occur in ${n}!$?",
    )
    return f"factorial {n} {p}", stream.choice(question), sum(counts)


def _coprime(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    factors = _factors(stream, level)
    n = _divide(factors, steps)
    count = n
    for powers in _powers(factors):
        p = powers[1]
        steps.append(f"{count}/{p}={count // p}")
        count //= p
        if p > 2:
            steps.append(f"{count}*{p - 1}={count * (p - 1)}")
            count *= p - 1
    return f"coprime {n}", stream.choice(_COPRIME).format(n), count


def _factors(stream: Stream, level: _Level) -> list[int]:
    """The prime factors of a number, in increasing order."""
    primes = _PRIMES[: 3 if level.primes < 9 else 4]
    factors = [primes[int(stream.random() * len(primes))] for _ in range(level.small)]
    factors += [_PRIMES[int(stream.random() * level.primes)] for _ in range(level.large)]
    factors.sort()
    return factors


def _two(stream: Stream, level: _Level) -> tuple[list[int], list[int]]:
    """The prime factors of two different numbers."""
    first, second = _factors(stream, level), _factors(stream, level)
    if first == second:
        second[-1] = _PRIMES[_PRIMES.index(second[-1]) + 1]
    return first, second


def _divide(
    factors: list[int], steps: list[str], to_the_end: bool = False, used: list[int] | None = None
) -> int:
    """Divide a number by its prime factors, smallest first, and return the number.

    A last quotient that was a divisor before tells nothing new: it is left out, if not asked for.
    """
    n = number = prod(factors)
    for p in factors[:-1]:
        n //= p
        if n > factors[-1] or to_the_end or not (n == p or (used and n in used)):
            steps.append(f"{n * p}/{p}={n}")
    return number


def _product(stream: Stream, level: _Level, steps: list[str]) -> tuple[str, str, list[int]]:
    """A product of two numbers: for the content, in LaTeX, and its prime factors."""
    first, second = _factors(stream, level), _factors(stream, level)
    m, n = _divide(first, steps), _divide(second, steps, used=first)
    return f"{min(m, n)}*{max(m, n)}", f"{m} \\times {n}", sorted(first + second)


def _powers(factors: list[int]) -> list[list[int]]:
    """For each prime its powers that divide the number: [[1, 2, 4], [1, 3]] for 12."""
    powers: list[list[int]] = []
    last = 0
    for p in factors:
        if p != last:
            powers.append([1])
        powers[-1].append(powers[-1][-1] * p)
        last = p
    return powers


def _exponents(factors: list[int]) -> list[int]:
    """How often each prime occurs: [2, 1] for 12."""
    return [len(powers) - 1 for powers in _powers(factors)]


def _choices(exponents: list[int], steps: list[str]) -> int:
    """In how many ways exponents from 0 to the given ones can be chosen."""
    count = prod(e + 1 for e in exponents)
    steps.append("*".join(f"({e}+1)" for e in exponents) + f"={count}")
    return count


_KINDS: dict[str, Callable[[Stream, _Level, list[str]], _Made]] = {
    "list": _list,
    "list of product": _list_of_product,
    "largest": _largest,
    "two largest": _two_largest,
    "sum": _sum,
    "two counts": _two_counts,
    "divisor sum": _divisor_sum,
    "square": _square,
    "factorial": _factorial,
    "coprime": _coprime,
}
