"""Where a polynomial of one variable is zero, by exact arithmetic.

Sturm's theorem: the number of real roots between two points is the number of changes of sign that
the polynomial's remainder sequence loses from the one to the other. Polynomials are lists of
integers: the coefficients of 1, x, x², …, of which the last is not zero.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from .errors import Undecided
from .normal_form import Budget

MAX_DEGREE = 20
BITS_A_STEP = 2048  # of the numbers that one step of work may multiply


def cells(polynomial: list[int], budget: Budget) -> list[tuple[Fraction | None, Fraction | None]]:
    """Return an open interval between each two neighbouring roots, and one beyond either end.

    None stands for infinity.

    >>> [tuple(map(str, cell)) for cell in cells([-2, 0, 1], Budget(1000))]
    [('None', '-2'), ('-1', '0'), ('4', 'None')]

    Raises:
        Undecided: the polynomial is too long.
        TooLarge: the budget is used up.
    """
    if len(polynomial) > MAX_DEGREE + 1:
        raise Undecided("a polynomial of a high degree")
    chain = _sturm_chain(polynomial)
    bits = max(abs(c).bit_length() for member in chain for c in member)

    def changes(point: Fraction) -> int:
        size = bits + len(polynomial) * point.denominator.bit_length()
        budget.spend(len(chain) * (1 + size // BITS_A_STEP))
        signs = [sign for member in chain if (sign := _sign(member, point))]
        return sum(a != b for a, b in itertools.pairwise(signs))

    bound = Fraction(1 + max(map(abs, polynomial)) // abs(polynomial[-1]) + 1)
    waiting = [(-bound, bound, changes(-bound), changes(bound))]
    roots: list[tuple[Fraction, Fraction]] = []  # from right to left, each alone in its interval
    while waiting:
        low, high, before, after = waiting.pop()
        if before == after:
            continue
        if before - after == 1 and (not roots or high < roots[-1][0]):
            roots.append((low, high))
            continue
        middle = _between(polynomial, low, high)
        changed = changes(middle)
        waiting += [(low, middle, before, changed), (middle, high, changed, after)]
    ends = [None, *(end for root in reversed(roots) for end in root), None]
    return list(zip(ends[::2], ends[1::2], strict=True))


def product(first: list[int], second: list[int]) -> list[int]:
    """Return the product of two polynomials.

    >>> product([-1, 1], [1, 1])
    [-1, 0, 1]
    """
    result = [0] * (len(first) + len(second) - 1)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            result[i + j] += a * b
    return result


def _between(polynomial: list[int], low: Fraction, high: Fraction) -> Fraction:
    """Return a point between two others, close to their middle, that is no root."""
    parts = 2
    while not _sign(polynomial, point := low + (high - low) / parts):
        parts += 1
    return point


def _sign(polynomial: list[int], point: Fraction) -> int:
    """Return a number with the sign of the polynomial at a point."""
    total, power = 0, 1
    for coefficient in reversed(polynomial):
        total = total * point.numerator + coefficient * power
        power *= point.denominator
    return (total > 0) - (total < 0)


def _sturm_chain(polynomial: list[int]) -> list[list[int]]:
    derivative = [power * c for power, c in enumerate(polynomial)][1:]
    chain = [polynomial, derivative] if derivative else [polynomial]
    while len(chain[-1]) > 1:
        remainder = _negative_remainder(chain[-2], chain[-1])
        if not remainder:
            break
        chain.append(remainder)
    return chain


def _negative_remainder(dividend: list[int], divisor: list[int]) -> list[int]:
    """Return the negative of the remainder, times a positive number that makes it integers."""
    rest = list(dividend)
    lead = divisor[-1]
    while len(rest) >= len(divisor):
        shift, factor = len(rest) - len(divisor), rest.pop()
        rest = [coefficient * abs(lead) for coefficient in rest]
        factor = factor if lead > 0 else -factor
        for place, coefficient in enumerate(divisor[:-1]):
            rest[shift + place] -= factor * coefficient
        while rest and not rest[-1]:
            rest.pop()
    content = math.gcd(*rest) if rest else 1
    return [-coefficient // content for coefficient in rest]
