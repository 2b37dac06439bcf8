"""By listing all divisors, or all powers of a prime, and picking those that were asked for."""

import re
from math import isqrt, prod

import sympy


def solve(question: str) -> str:
    numbers = [int(n) for n in re.findall(r"\d+", question)]
    if "!" in question:
        p, n = sorted(numbers) if "occur" in question else reversed(numbers)
        return str(_in_factorial(n, p))
    if "\\varphi" in question or "in common" in question:
        n = numbers[-1]
        divisors = sympy.divisors(n)
        return str(sum(sympy.mobius(d) * (n // d) for d in divisors))
    if "largest prime factors of" in question or "Multiply the largest" in question:
        p, q = (max(d for d in sympy.divisors(n) if sympy.isprime(d)) for n in numbers)
        return str(p + q if "sum" in question else p * q)
    if "Add the number" in question:
        return str(sum(len(sympy.divisors(n)) for n in numbers))
    if "divisors of" in question and "sum" in question:
        return str(sum(sympy.divisors(next(n for n in numbers if n > 1))))
    n = prod(numbers)
    divisors = sympy.divisors(n)
    if ("perfect square" in question and "multipl" in question) or "product with" in question:
        return str(next(d for d in divisors if isqrt(n * d) ** 2 == n * d))
    primes = [p for p in divisors if sympy.isprime(p)]
    if "largest prime factor" in question or "greatest prime" in question:
        return str(primes[-1])
    repeated = [p for p in primes for e in range(1, 99) if n % p**e == 0]
    if "sum of the prime factors" in question:
        return str(sum(repeated))
    assert "commas" in question or "comma-separated" in question
    return ", ".join(map(str, repeated))


def _in_factorial(n, p):
    count = 0
    for k in range(p, n + 1, p):
        while k % p == 0:
            k //= p
            count += 1
    return count
