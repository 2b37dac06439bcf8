"""Tasks about whole numbers: digits, divisors, primes, sequences."""

from __future__ import annotations

from reasoning_gym_envs.code.task import Family, Task
from reasoning_gym_envs.problems import Stream

_DIGITS = {
    # name: (what the description calls it, how the reference begins, how it goes on)
    "sum": ("the sum", "0", "result + digit"),
    "product": ("the product", "1", "result * digit"),
    "sum of squares": ("the sum of the squares", "0", "result + digit * digit"),
    "number": ("the number", "0", "result + 1"),
}


def digit_total(stream: Stream, level: int) -> Task:
    """Some digits of a number in a base, combined."""
    base = 10 if level <= 1 else stream.choice((7, 8, 9, 11, 12, 16, 20))
    divisor = stream.randint(2, 4)
    remainder = stream.randrange(divisor)
    combine = stream.choice(tuple(_DIGITS))
    what, start, step = _DIGITS[combine]
    digits = "decimal digits" if base == 10 else f"base-{base} digits"
    return Task(
        content=f"{combine} of digits that are {remainder} mod {divisor}, base {base}",
        description=(
            f"Return {what} of those {digits} of the integer n (n ≥ 0) that leave remainder "
            f"{remainder} when divided by {divisor}, or {start} if there are none. The number 0 "
            "has the single digit 0."
        ),
        signature="def digit_total(n: int) -> int",
        source=f"""\
def digit_total(n: int) -> int:
    digits = [n % {base}]
    while n >= {base}:
        n //= {base}
        digits.append(n % {base})
    result = {start}
    for digit in digits:
        if digit % {divisor} == {remainder}:
            result = {step}
    return result
""",
        draw=lambda stream: (stream.randrange(base ** stream.randint(1, 5 + level)),),
        edges=((0,), (base - 1,), (base,), (base**6 - 1,)),
    )


def write_in_base(stream: Stream, level: int) -> Task:
    """A number as text, in a base, with its digits grouped."""
    base = stream.choice((2, 3, 5, 6, 7, 8) if level <= 2 else (4, 9, 11, 12, 14, 16, 20))
    separator = stream.choice("_ .:")
    size = stream.randint(2, 4)
    symbols = "0123456789ABCDEFGHIJ"
    shown = symbols[:base]
    if level >= 3 and stream.random() < 0.5:
        symbols = "abcdefghijklmnopqrst"
        shown = symbols[:base]
    sign = stream.choice(("minus in front", "minus behind", "brackets"))
    fill = level >= 3 and stream.random() < 0.5
    sign_text, sign_code = {
        "minus in front": ('put "-" in front of it', '"-" + text'),
        "minus behind": ('put "-" after it', 'text + "-"'),
        "brackets": ("put it in parentheses", '"(" + text + ")"'),
    }[sign]
    name = {" ": "a space", "_": '"_"', ".": '"."', ":": '":"'}[separator]
    filling = (
        f' Pad it with "{symbols[0]}" on the left to a multiple of {size} digits.' if fill else ""
    )
    fill_code = f"""\
    while len(digits) % {size} != 0:
        digits.append("{symbols[0]}")
"""
    return Task(
        content=f"base {base} in {shown}, {size} by {name}, {sign}{', filled' if fill else ''}",
        description=(
            f'Convert the integer n to a string in base {base}, using the characters of "{shown}" '
            f"as the digits from 0 to {base - 1}, most significant digit first, without leading "
            "zeros."
            f"{filling} Then, from the right, group the digits by {size}, with {name} between "
            "groups; the leftmost group may be shorter. "
            f"For a negative n, convert -n in this way and {sign_text}. The number 0 has one "
            f"digit{' before padding' if fill else ''}. Return the string."
        ),
        signature="def write_in_base(n: int) -> str",
        source=f"""\
def write_in_base(n: int) -> str:
    symbols = "{shown}"
    rest = abs(n)
    digits = [symbols[rest % {base}]]
    while rest >= {base}:
        rest //= {base}
        digits.append(symbols[rest % {base}])
{fill_code if fill else ""}\
    text = ""
    for position, digit in enumerate(digits):
        if position > 0 and position % {size} == 0:
            text = "{separator}" + text
        text = digit + text
    if n < 0:
        text = {sign_code}
    return text
""",
        draw=lambda stream: (
            stream.randrange(10 ** stream.randint(1, 6)) * stream.choice((1, 1, -1)),
        ),
        edges=((0,), (base,), (-base + 1,), (base**size,), (-(base**size) + 1,)),
    )


def step_sequence(stream: Stream, level: int) -> Task:
    """A sequence that goes on in one of two ways, followed for some steps."""
    divisor = stream.choice((2, 3) if level <= 2 else (2, 3, 4, 5))
    factor, plus = stream.randint(2, 5), stream.randint(1, 9)
    limit = stream.choice((50, 100, 200, 500))
    result = stream.choice(
        ("last", "largest") if level <= 2 else ("last", "largest", "total", "above", "turns")
    )
    other = level >= 4 and stream.random() < 0.7
    minus = stream.randint(1, 7)
    what, start, step = {
        "last": ("the final number", "", ""),
        "largest": (
            "the largest number of the sequence, including the start",
            "result = n",
            "result = max(result, n)",
        ),
        "total": (
            "the sum of all numbers of the sequence, including the start",
            "result = n",
            "result += n",
        ),
        "above": (
            f"how many numbers of the sequence, excluding the start, are greater than {limit // 5}",
            "result = 0",
            f"if n > {limit // 5}:\n            result += 1",
        ),
        "turns": (
            "the number of steps after which the largest number of the sequence is first reached "
            "(0 if it is the start)",
            "best, result = n, 0",
            "if n > best:\n            best, result = n, step",
        ),
    }[result]
    middle = f" Otherwise, if it is greater than {limit}, subtract {limit}." if not other else ""
    if other:
        middle = f" Otherwise, if it is greater than {limit}, replace it with {minus}."
    middle_code = f"n = {minus}" if other else f"n -= {limit}"
    count = "step" if result == "turns" else "_"
    follow = f"        {step}\n" if step else ""
    begin = f"    {start}\n" if start else ""
    first = "1, steps + 1" if result == "turns" else "steps"
    back = "n" if result == "last" else "result"
    reset = f"becomes {minus}" if other else f"minus {limit}"
    return Task(
        content=(
            f"{result}: divide by {divisor}, else above {limit} {reset}, else "
            f"times {factor} plus {plus}"
        ),
        description=(
            "A sequence starts with the integer n (n ≥ 1). Each step computes the next number "
            f"from the current one: if it is a multiple of {divisor}, divide it by {divisor}."
            f"{middle} Otherwise, multiply it by {factor} and add {plus}. After `steps` steps "
            f"(steps ≥ 0), return {what}."
        ),
        signature="def step_sequence(n: int, steps: int) -> int",
        source=f"""\
def step_sequence(n: int, steps: int) -> int:
{begin}\
    for {count} in range({first}):
        if n % {divisor} == 0:
            n //= {divisor}
        elif n > {limit}:
            {middle_code}
        else:
            n = {factor} * n + {plus}
{follow}\
    return {back}
""",
        draw=lambda stream: (stream.randint(1, 2 * limit), stream.randint(0, 6 + 2 * level)),
        edges=((1, 0), (divisor, 1), (limit, 2), (limit + 1, 3), (1, 40)),
    )


_DIVISORS = {
    # name: (what is said of the divisors, the condition on `divisor` in the reference)
    "odd": ("are odd", "divisor % 2 == 1"),
    "even": ("are even", "divisor % 2 == 0"),
    "not multiples of 3": ("are not multiples of 3", "divisor % 3 != 0"),
    "multiples of 3": ("are multiples of 3", "divisor % 3 == 0"),
    "multiples of 4": ("are multiples of 4", "divisor % 4 == 0"),
    "1 mod 4": ("leave remainder 1 when divided by 4", "divisor % 4 == 1"),
    "2 mod 3": ("leave remainder 2 when divided by 3", "divisor % 3 == 2"),
    "end in 1, 2 or 3": ("end in the digit 1, 2 or 3", "divisor % 10 in (1, 2, 3)"),
    "odd quotient": ("have an odd quotient n // d", "n // divisor % 2 == 1"),
    "even quotient": ("have an even quotient n // d", "n // divisor % 2 == 0"),
    "sum with quotient even": (
        "make d + n // d even",
        "(divisor + n // divisor) % 2 == 0",
    ),
    "coprime": (
        "are coprime to n // d",
        "math.gcd(divisor, n // divisor) == 1",
    ),
    "not coprime": (
        "share a common divisor greater than 1 with n // d",
        "math.gcd(divisor, n // divisor) > 1",
    ),
    "digit sum odd": (
        "have an odd decimal digit sum",
        "sum(int(digit) for digit in str(divisor)) % 2 == 1",
    ),
}


def divisors(stream: Stream, level: int) -> Task:
    """Some divisors of a number, found in pairs."""
    condition = stream.choice(tuple(_DIVISORS))
    hold, code = _DIVISORS[condition]
    bounds = {"multiples of 4": (1, 6, 10), "end in 1, 2 or 3": (1, 2, 12)}
    least = stream.choice(bounds.get(condition, (1, 4, 10)))
    combine = stream.choice(("sum", "number", "list", "descending", "alternating", "gap"))
    if combine == "number" and "quotient" in condition:  # as many as there are odd divisors
        combine = "sum"
    if combine == "gap":
        least = 1
    what, otherwise, back, kind = {
        "sum": ("the sum", " (0 if there are none)", "sum(found)", "int"),
        "number": ("the number", "", "len(found)", "int"),
        "list": ("the list", ", in ascending order", "found", "list[int]"),
        "descending": ("the list", ", in descending order", "found[::-1]", "list[int]"),
        "alternating": (
            "the alternating sum (largest minus second largest plus third largest, and so on)",
            " (0 if there are none)",
            "sum(found[::-2]) - sum(found[-2::-2])",
            "int",
        ),
        "gap": (
            "the largest difference between consecutive elements, in ascending order,",
            " (0 if there are fewer than two)",
            "max((b - a for a, b in zip(found, found[1:])), default=0)",
            "int",
        ),
    }[combine]
    proper = condition not in ("even quotient", "not coprime") and stream.random() < 0.5
    but = " other than n itself" if proper else ""
    at_least = f" are at least {least} and" if least > 1 else ""
    test = " and ".join(
        part
        for part in (
            f"divisor >= {least}" if least > 1 else "",
            "divisor < n" if proper else "",
            code,
        )
        if part
    )

    def draw(stream: Stream) -> tuple[int]:
        n = stream.randint(1, 12)
        for _ in range(stream.randint(1, 4)):
            n *= stream.choice((2, 3, 3, 4, 5, 5, 6, 7, 9, 11, 13))
        return (n,)

    return Task(
        content=(
            f"{combine} of divisors at least {least} that are {condition}"
            f"{', proper' if proper else ''}"
        ),
        description=(
            f"Return {what} of the positive divisors d of n{but} that{at_least} "
            f"{hold}{otherwise}. n is an integer from 1 to 10**12."
        ),
        signature=f"def divisors(n: int) -> {kind}",
        source=f"""\
import math


def divisors(n: int) -> {kind}:
    found = []
    for small in range(1, math.isqrt(n) + 1):
        if n % small != 0:
            continue
        pair = [small]
        if small * small != n:
            pair.append(n // small)
        for divisor in pair:
            if {test}:
                found.append(divisor)
    found.sort()
    return {back}
""",
        draw=draw,
        edges=((1,), (2,), (36,), (97,), (least * 60,)),
        large=lambda stream: (
            stream.randint(700_000, 800_000) * stream.randint(1_100_000, 1_200_000),
        ),
    )


_PRIME_POWERS = {
    "all": ("", ""),
    "odd exponent": (" whose exponent is odd", "exponent % 2 == 1"),
    "even exponent": (" whose exponent is even", "exponent % 2 == 0"),
    "exponent 1": (" whose exponent is 1", "exponent == 1"),
    "exponent above 1": (" whose exponent is greater than 1", "exponent > 1"),
    "1 mod 4": (" that leave remainder 1 when divided by 4", "prime % 4 == 1"),
    "3 mod 4": (" that leave remainder 3 when divided by 4", "prime % 4 == 3"),
    "2 mod 3": (" that leave remainder 2 when divided by 3", "prime % 3 == 2"),
    "1 mod 3": (" that leave remainder 1 when divided by 3", "prime % 3 == 1"),
    "above 3": (" that are greater than 3", "prime > 3"),
    "above exponent": (
        " that are greater than twice their exponent",
        "prime > 2 * exponent",
    ),
    "below 7": (" that are less than 7", "prime < 7"),
    "ends in 3": (" whose last decimal digit is 3", "prime % 10 == 3"),
}
_PRIME_RESULTS = {
    # name: (what is returned, when there are none, start, step, type)
    "sum": ("the sum of these primes", "0", "result += prime", "int"),
    "exponents": ("the sum of their exponents", "0", "result += exponent", "int"),
    "part": (
        "the product of these primes, each raised to its exponent",
        "1",
        "result *= prime**exponent",
        "int",
    ),
    "raised": (
        "the product of (prime + exponent) over these primes",
        "1",
        "result *= prime + exponent",
        "int",
    ),
    "divisors": (
        "the product of (exponent + 1) over these primes",
        "1",
        "result *= exponent + 1",
        "int",
    ),
    "weighted": (
        "the sum of prime * exponent over these primes",
        "0",
        "result += prime * exponent",
        "int",
    ),
    "kernel": ("the product of these primes", "1", "result *= prime", "int"),
    "pairs": (
        "the list of [prime, exponent] for these primes, in ascending order",
        "[]",
        "result.append([prime, exponent])",
        "list[list[int]]",
    ),
    "successors": (
        "the product of (prime + 1) over these primes",
        "1",
        "result *= prime + 1",
        "int",
    ),
}


def prime_factors(stream: Stream, level: int) -> Task:
    """The prime factors of a number, some of them combined."""
    condition = stream.choice(tuple(_PRIME_POWERS))
    combine = stream.choice(tuple(_PRIME_RESULTS))
    which, code = _PRIME_POWERS[condition]
    what, start, step, kind = _PRIME_RESULTS[combine]
    if condition == "exponent 1":  # prime**exponent is the prime, and so on
        combine = stream.choice(("sum", "exponents", "kernel", "pairs", "raised"))
        what, start, step, kind = _PRIME_RESULTS[combine]
    # Elsewhere leaving out a prime changes little, or comes to the same as another condition.
    skips = condition in ("all", "odd exponent", "exponent above 1")
    skipped = stream.choice((None, 2, 3, 5)) if skips else None
    but = f" Ignore the prime {skipped}." if skipped else ""
    test = code if not skipped else f"prime != {skipped}" + (f" and {code}" if code else "")
    test = f" and {test}" if test else ""

    def draw(stream: Stream) -> tuple[int]:
        n = 1
        for prime in stream.sample((2, 3, 5, 7, 11, 13, 17), stream.randint(1, 4)):
            n *= prime ** stream.choice((1, 1, 2, 2, 3, 4) if prime <= 5 else (1, 1, 1, 2))
        return (n * stream.choice((1, 1, 23, 37)),)

    return Task(
        content=(f"{combine} of primes {condition}{f' without {skipped}' if skipped else ''}"),
        description=(
            "Consider the prime factorization of the integer n: its distinct prime "
            f"factors{which}, each with its exponent.{but} Return {what}, or {start} if there are "
            "none. n is at least 1 and at most 10**11."
        ),
        signature=f"def prime_factors(n: int) -> {kind}",
        source=f"""\
def prime_factors(n: int) -> {kind}:
    result = {start}
    prime = 2
    while prime * prime <= n:
        exponent = 0
        while n % prime == 0:
            n //= prime
            exponent += 1
        if exponent > 0{test}:
            {step}
        prime += 1
    if n > 1:
        prime, exponent = n, 1
        if {test.removeprefix(" and ") or "prime > 1"}:
            {step}
    return result
""",
        draw=draw,
        edges=((1,), (2,), (360,), (9973,), (3**4 * 5**2,), (7 * 11 * 13,)),
        large=lambda stream: (stream.choice((99_999_999_977, 99_999_999_947, 99_999_999_943)),),
    )


_PRIME_TESTS = {
    # name: (what is said of the primes, the condition on `p`, how far above `high` it looks)
    "twin": ("for which p + 2 is also prime", "is_prime[p + 2]", 2),
    "cousin": ("for which p + 4 is also prime", "is_prime[p + 4]", 4),
    "sexy": ("for which p + 6 is also prime", "is_prime[p + 6]", 6),
    "lonely": ("for which neither p - 2 nor p + 2 is prime", "", 2),
    "germain": ("for which 2 * p + 1 is also prime", "is_prime[2 * p + 1]", -1),
    "3 mod 4": ("that leave remainder 3 when divided by 4", "p % 4 == 3", 0),
    "1 mod 3": ("that leave remainder 1 when divided by 3", "p % 3 == 1", 0),
    "1 mod 5": ("that leave remainder 1 when divided by 5", "p % 5 == 1", 0),
    "2 mod 5": ("that leave remainder 2 when divided by 5", "p % 5 == 2", 0),
    "reversed": (
        "that are also prime when their decimal digits are reversed",
        "is_prime[int(str(p)[::-1])]",
        -2,
    ),
    "digit sum": (
        "whose decimal digit sum is prime",
        "is_prime[sum(int(digit) for digit in str(p))]",
        60,
    ),
}


def prime_range(stream: Stream, level: int) -> Task:
    """The primes of a range that meet a condition, found with a sieve."""
    condition = stream.choice(tuple(_PRIME_TESTS))
    which, code, reach = _PRIME_TESTS[condition]
    combine = stream.choice(("number", "sum", "largest", "gap", "list", "alternating", "spread"))
    what, otherwise, back, kind = {
        "number": ("their number", "", "len(found)", "int"),
        "sum": ("their sum", " (0 if there are none)", "sum(found)", "int"),
        "largest": (
            "the largest of them",
            " (0 if there are none)",
            "max(found, default=0)",
            "int",
        ),
        "gap": (
            "the largest difference between consecutive ones",
            " (0 if there are fewer than two)",
            "max((b - a for a, b in zip(found, found[1:])), default=0)",
            "int",
        ),
        "list": ("the list of them, in ascending order", "", "found", "list[int]"),
        "alternating": (
            "their alternating sum, in ascending order: the first minus the second plus the "
            "third, and so on",
            " (0 if there are none)",
            "sum(found[::2]) - sum(found[1::2])",
            "int",
        ),
        "spread": (
            "the largest of them minus the smallest",
            " (0 if there are none)",
            "found[-1] - found[0] if found else 0",
            "int",
        ),
    }[combine]
    if condition == "lonely":
        code = "not is_prime[p - 2] and not is_prime[p + 2]"
    size = {-1: "2 * high + 2", -2: "10 ** len(str(high))", 0: "high + 1"}.get(
        reach, f"high + {reach + 1}"
    )
    every = 1 if level <= 6 else stream.choice((1, 2, 3))
    ordinals = {1: "", 2: "the second, the fourth", 3: "the third, the sixth"}[every]
    thin = f" In ascending order, keep only {ordinals}, and so on." if every > 1 else ""
    outside = " Only p itself must lie in the range." if "prime" in which else ""
    thin_code = "" if every == 1 else f"    found = found[{every - 1}::{every}]\n"
    return Task(
        content=f"{combine} of primes {condition}, every {every}",
        description=(
            f"Find the primes p with low ≤ p ≤ high {which}.{thin} Return {what}{otherwise}. 5 ≤ "
            f"low ≤ high ≤ 400,000.{outside}"
        ),
        signature=f"def prime_range(low: int, high: int) -> {kind}",
        source=f"""\
def prime_range(low: int, high: int) -> {kind}:
    size = {size}
    is_prime = [True] * size
    is_prime[0] = is_prime[1] = False
    for factor in range(2, int(size**0.5) + 1):
        if is_prime[factor]:
            for multiple in range(factor * factor, size, factor):
                is_prime[multiple] = False
    found = []
    for p in range(low, high + 1):
        if is_prime[p] and {code}:
            found.append(p)
{thin_code}\
    return {back}
""",
        draw=lambda stream: (low := stream.randint(5, 400), low + stream.randint(0, 300)),
        edges=((5, 5), (6, 6), (8, 10), (5, 100), (90, 96)),
        large=lambda stream: (stream.randint(5, 99), 400_000 - stream.randint(0, 999)),
    )


def orbit(stream: Stream, level: int) -> Task:
    """A sequence that must run in a circle, followed for more steps than can be made."""
    modulus = stream.choice((97, 101, 127, 211, 307, 499, 997))
    square, factor, plus = stream.randint(0, 2), stream.randint(2, 9), stream.randint(1, 20)
    if level <= 8:
        square = 0
    if square:  # such a sequence soon runs in a small circle
        modulus = stream.choice((997, 1009, 1999, 3001, 4999))
    result = stream.choice(("state", "sum", "number below"))
    below = modulus // stream.choice((2, 3, 4))
    what, amount = {
        "state": ("x(steps)", ""),
        "sum": ("x(1) + x(2) + … + x(steps) (0 if steps is 0)", "x"),
        "number below": (
            f"how many of x(1), x(2), …, x(steps) are less than {below}",
            f"(1 if x < {below} else 0)",
        ),
    }[result]
    term = {0: "", 1: "x(k)² + ", 2: "2·x(k)² + "}[square]
    code = {0: "", 1: "x * x + ", 2: "2 * x * x + "}[square]
    if result == "state":
        body = f"""\
    seen: dict[int, int] = {{}}
    order = []
    while x not in seen:
        seen[x] = len(order)
        order.append(x)
        x = ({code}{factor} * x + {plus}) % {modulus}
    first = seen[x]
    if steps < first:
        return order[steps]
    return order[first + (steps - first) % (len(order) - first)]
"""
    else:
        body = f"""\
    seen: dict[int, int] = {{}}
    totals = [0]
    while x not in seen:
        seen[x] = len(totals) - 1
        x = ({code}{factor} * x + {plus}) % {modulus}
        totals.append(totals[-1] + {amount})
    first = seen[x]
    if steps < first:
        return totals[steps]
    length = len(totals) - 1 - first
    rounds, rest = divmod(steps - first, length)
    return totals[first + rest] + rounds * (totals[-1] - totals[first])
"""
    name = f"number below {below}" if result == "number below" else result
    return Task(
        content=f"{name} of {square} x² + {factor} x + {plus} mod {modulus}",
        description=(
            f"A sequence is defined by x(0) = x and x(k + 1) = ({term}{factor}·x(k) + {plus}) mod "
            f"{modulus}. Return {what}. 0 ≤ x < {modulus} and 0 ≤ steps ≤ 10**15."
        ),
        signature="def orbit(x: int, steps: int) -> int",
        source=f"def orbit(x: int, steps: int) -> int:\n{body}",
        draw=lambda stream: (
            stream.randrange(modulus),
            stream.randint(0, 30) if stream.random() < 0.6 else stream.randint(100, 10**6),
        ),
        edges=((0, 0), (1, 1), (modulus - 1, modulus), (0, modulus - 1)),
        large=lambda stream: (stream.randrange(modulus), 10**15 - stream.randrange(10**6)),
    )


def fast_recurrence(stream: Stream, level: int) -> Task:
    """A term of a linear recurrence, so far out that only doubling reaches it."""
    first, second = stream.randint(0, 4), stream.randint(1, 7)
    p, q = stream.randint(1, 5), stream.choice((-3, -2, 1, 2, 3, 4))
    plus = stream.randint(0, 5)
    modulus = stream.choice((1_000_000_007, 998_244_353, 10**9, 1_000_003))
    total = level >= 9 and stream.random() < 0.6
    what = "a(0) + a(1) + … + a(n)" if total else "a(n)"
    sign = "+" if q > 0 else "-"
    times_p, times_q = ("" if factor == 1 else f"{factor}·" for factor in (p, abs(q)))
    extra = f" + {plus}" if plus else ""
    # The state is (a(n), a(n + 1), 1), and with a total the sum of all before a(n).
    rows = [[0, 1, 0], [q, p, plus], [0, 0, 1]]
    start = [first, second, 1]
    if total:
        rows = [[*row, 0] for row in rows] + [[1, 0, 0, 1]]
        start = [*start, 0]
    count, entry = ("n + 1", 3) if total else ("n", 0)
    return Task(
        content=(
            f"{'total' if total else 'term'} of {p} a + {q} b + {plus} from {first}, {second} "
            f"mod {modulus}"
        ),
        description=(
            f"A sequence is defined by a(0) = {first}, a(1) = {second}, and a(k) = {times_p}a(k - "
            f"1) {sign} {times_q}a(k - 2){extra} for k ≥ 2. "
            f"Return {f'({what})' if total else what} mod {modulus}, as a non-negative number. 0 "
            "≤ n ≤ 10**15."
        ),
        signature="def fast_recurrence(n: int) -> int",
        source=f"""\
def multiply(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
    columns = list(zip(*b))
    return [
        [sum(x * y for x, y in zip(row, column)) % {modulus} for column in columns]
        for row in a
    ]


def fast_recurrence(n: int) -> int:
    power = {rows}
    state = {[[value] for value in start]}
    steps = {count}
    while steps > 0:
        if steps % 2 == 1:
            state = multiply(power, state)
        power = multiply(power, power)
        steps //= 2
    return state[{entry}][0] % {modulus}
""",
        draw=lambda stream: (
            stream.randint(0, 60) if stream.random() < 0.5 else stream.randint(100, 10**9),
        ),
        edges=((0,), (1,), (2,), (3,), (64,)),
        large=lambda stream: (10**15 - stream.randrange(10**6),),
    )


_DIGIT_RULES = {
    # name: (what is said of the numbers, what the state is, how a digit changes it, who counts)
    "digit sum": (
        "whose decimal digit sum leaves remainder {r} when divided by {m}",
        "(state + digit) % {m}",
        "state == {r}",
    ),
    "weight": (
        "whose decimal digits have a sum of squares that leaves remainder {r} when divided by {m}",
        "(state + digit * digit) % {m}",
        "state == {r}",
    ),
    "exactly": (
        "that have exactly {r} decimal digits greater than {m}",
        "state + (digit > {m})",
        "state == {r}",
    ),
    "exactly few": (
        "in which at most {r} nonzero decimal digits are multiples of {m}",
        "state + (digit > 0 and digit % {m} == 0)",
        "state <= {r}",
    ),
}


def count_numbers(stream: Stream, level: int) -> Task:
    """How many numbers of a vast range have certain digits, counted digit by digit."""
    rule = stream.choice(tuple(_DIGIT_RULES))
    if rule in ("digit sum", "weight"):
        m = stream.choice((4, 5, 6, 7, 8, 10, 11))
        r = stream.randrange(m)
    elif rule == "exactly":
        m, r = stream.randint(2, 6), stream.randint(2, 3)
    else:
        m, r = stream.randint(2, 4), stream.randint(2, 4)
    which, change, counts = (text.format(m=m, r=r) for text in _DIGIT_RULES[rule])
    multiple = stream.choice((1, 7, 11, 13)) if level >= 9 else 1
    numbers = f"multiples of {multiple}" if multiple > 1 else "integers"
    state, start = ("state", "0") if multiple == 1 else ("(state, rest)", "(0, 0)")
    moved = f"{change}" if multiple == 1 else f"({change}, (rest * 10 + digit) % {multiple})"
    accept = counts if multiple == 1 else f"{counts} and rest == 0"
    return Task(
        content=f"{rule} {r} of {m}, multiples of {multiple}",
        description=(
            f"Return the number of {numbers} between low and high (inclusive) {which}. 1 ≤ low ≤ "
            "high ≤ 10**15."
        ),
        signature="def count_numbers(low: int, high: int) -> int",
        source=f"""\
def count_below(limit: int) -> int:
    exact = {start}
    smaller: dict = {{}}
    for character in str(limit):
        following: dict = {{}}
        for {state}, ways in smaller.items():
            for digit in range(10):
                key = {moved}
                following[key] = following.get(key, 0) + ways
        {state} = exact
        for digit in range(int(character)):
            key = {moved}
            following[key] = following.get(key, 0) + 1
        digit = int(character)
        exact = {moved}
        smaller = following
    total = 0
    for {state}, ways in smaller.items():
        if {accept}:
            total += ways
    return total


def count_numbers(low: int, high: int) -> int:
    return count_below(high + 1) - count_below(low)
""",
        draw=lambda stream: (
            low := stream.randint(1, 500),
            low + stream.randrange(10 ** stream.randint(2, 7)),
        ),
        edges=((1, 1), (1, 9), (10, 99), (1, 100_000), (999, 1001)),
        large=lambda stream: (stream.randint(1, 10**6), 10**15 - stream.randrange(10**6)),
    )


FAMILIES = {
    "digit_total": Family(digit_total, 1, 4),
    "step_sequence": Family(step_sequence, 1, 6),
    "write_in_base": Family(write_in_base, 2, 5),
    "divisors": Family(divisors, 4, 7),
    "prime_factors": Family(prime_factors, 5, 8),
    "prime_range": Family(prime_range, 5, 8),
    "orbit": Family(orbit, 7, 10),
    "fast_recurrence": Family(fast_recurrence, 8, 10),
    "count_numbers": Family(count_numbers, 8, 10),
}
