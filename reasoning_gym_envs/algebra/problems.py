"""Random equations, level by level, with their solutions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isqrt, lcm
from typing import NamedTuple

from reasoning_gym_envs.algebra.statements import (
    Term,
    term,
    total,
    write,
)
from reasoning_gym_envs.answers.tree import Sum
from reasoning_gym_envs.problems import Stream


class Equations(NamedTuple):
    """Equations to be solved: their sides, the solutions, the numbers without a meaning."""

    sides: tuple[tuple[str, str], ...]
    solutions: tuple[tuple[Fraction, ...], ...]
    excluded: tuple[Fraction, ...] = ()


def draw_equations(stream: Stream, level: int) -> Equations:
    """Equations of a level in x, or in x and y."""
    equations: Equations = stream.choice(KINDS[level - 1])(stream)
    return equations


# Parts of equations.


def _polynomial(*coefficients: Fraction | int) -> str:
    """A polynomial from its coefficients, the highest first."""
    degree = len(coefficients) - 1
    terms: list[Term] = [
        (Fraction(c), ("x", degree - i) if i < degree else ()) for i, c in enumerate(coefficients)
    ]
    return write(total(terms))


def _signed(stream: Stream, low: int, high: int) -> int:
    return stream.randint(low, high) * (1 if stream.random() < 0.6 else -1)


def _one(
    left: str, right: str, *solutions: Fraction | int, excluded: tuple[int, ...] = ()
) -> Equations:
    """One equation in x; a solution that comes twice counts once."""
    values = sorted({Fraction(value) for value in solutions})
    return Equations(
        ((left, right),), tuple((value,) for value in values), tuple(map(Fraction, excluded))
    )


def _plus(number: int) -> str:
    return f" - {-number}" if number < 0 else f" + {number}"


def _times(factor: int, inside: str) -> str:
    """A bracket with its factor."""
    return f"{'' if factor == 1 else '-' if factor == -1 else factor}({inside})"


# Level 1 to 6: linear equations.


def _add(stream: Stream) -> Equations:
    a, x = _signed(stream, 1, 20), stream.randint(-20, 20)
    return _one(_polynomial(1, a), str(x + a), x)


def _multiply(stream: Stream) -> Equations:
    a, x = _signed(stream, 2, 12), _signed(stream, 1, 12)
    return _one(_polynomial(a, 0), str(a * x), x)


def _multiply_and_add(stream: Stream) -> Equations:
    a, b, x = _signed(stream, 2, 9), _signed(stream, 1, 20), stream.randint(-9, 9)
    return _one(_polynomial(a, b), str(a * x + b), x)


def _both_sides(stream: Stream) -> Equations:
    a, c = _signed(stream, 2, 9), _signed(stream, 1, 9)
    b, x = _signed(stream, 1, 20), stream.randint(-9, 9)
    a += a == c
    right = _polynomial(c, (a - c) * x + b)
    return _one(_polynomial(a, b), right, x)


def _bracket(stream: Stream) -> Equations:
    a, b, c = _signed(stream, 2, 5), _signed(stream, 1, 9), _signed(stream, 1, 3)
    d, x = _signed(stream, 1, 9), stream.randint(-7, 7)
    value = a * (c * x + b) + d
    return _one(_times(a, _polynomial(c, b)) + _plus(d), str(value), x)


def _brackets(stream: Stream) -> Equations:
    a, b, c = _signed(stream, 2, 6), _signed(stream, 1, 9), _signed(stream, 1, 6)
    d, x = _signed(stream, 1, 9), stream.randint(-9, 9)
    a += a == c
    e = a * (x + b) - c * (x + d)
    left, right = _times(a, f"x{_plus(b)}"), _times(c, f"x{_plus(d)}")
    return _one(left, right + _plus(e) if e else right, x)


def _fraction(stream: Stream) -> Equations:
    b, a, d = stream.randint(2, 9), _signed(stream, 1, 20), _signed(stream, 1, 9)
    quotient = stream.randint(-9, 9)
    return _one(f"(x{_plus(a)})/{b}{_plus(d)}", str(quotient + d), b * quotient - a)


def _fractions(stream: Stream) -> Equations:
    x = stream.randint(-50, 50)  # evenly, so that no value is a good guess
    while True:
        b, d = stream.sample(range(2, 7), 2)
        p, q = x // b + stream.randint(-9, 9), x // d + stream.randint(-9, 9)
        a, c = b * p - x, d * q - x  # so that b divides x + a, and d divides x + c
        sign = 1 if stream.random() < 0.5 else -1
        multiple = lcm(b, d)
        sizes = (abs(a) * multiple // b + abs(c) * multiple // d, abs(p + sign * q) * multiple)
        if max(sizes) <= 180:
            left = f"{_over(_polynomial(1, a), b)} {'+-'[sign < 0]} {_over(_polynomial(1, c), d)}"
            return _one(left, str(p + sign * q), x)


def _over(top: str, bottom: int) -> str:
    return f"({top})/{bottom}" if " " in top else f"{top}/{bottom}"


# Solutions that are drawn evenly, so that none of them is a good guess.
_FRACTIONS = sorted({Fraction(p, q) for p in range(-27, 28) for q in range(2, 6) if p % q})
_ROOTS = sorted({Fraction(p, q) for p in range(-16, 17) for q in range(1, 4)})


def _rational(stream: Stream) -> Equations:
    x = stream.choice(_FRACTIONS)
    while True:
        a, b, c = (Fraction(_signed(stream, 1, 9), stream.randint(1, 6)) for _ in range(3))
        c *= stream.randrange(2)
        d = (a - c) * x + b
        if a != c and d and _is_handy(a, b, c, d):
            return _one(_polynomial(a, b), _polynomial(c, d), x)


def _rational_bracket(stream: Stream) -> Equations:
    x = stream.choice(_FRACTIONS)
    while True:
        a, b, c = _signed(stream, 2, 5), _signed(stream, 1, 9), _signed(stream, 1, 5)
        d = Fraction(1, stream.randint(2, 4))
        e = a * (c * x + b) - x * d
        if e and _is_handy(Fraction(a * c), Fraction(a * b), d, e):
            return _one(_times(a, _polynomial(c, b)), _polynomial(d, e), x)


def _is_handy(*numbers: Fraction) -> bool:
    """Whether there are fractions, and none of the numbers grows large without them."""
    multiple = lcm(*(number.denominator for number in numbers))
    return 1 < multiple <= 12 and max(map(abs, numbers)) * multiple <= 120


# Level 7 to 10.


def _quadratic(stream: Stream) -> Equations:
    """(ax − r)(x − s) = 0 multiplied out, and some of it moved to the right."""
    a = stream.choice((1, 1, 1, 2, 3))
    r, s = stream.randint(-9, 9), stream.randint(-9, 9)
    b, c = -r - a * s, r * s
    move_b, move_c = (stream.randint(-9, 9) * (stream.random() < 0.5) for _ in range(2))
    left = _polynomial(a, b - move_b, c - move_c)
    return _one(left, _polynomial(-move_b, -move_c), Fraction(r, a), s)


def _product(stream: Stream) -> Equations:
    """x(ax + b) = c, or (x + b)(x + c) = d."""
    r, s, p = stream.randint(-9, 9), stream.randint(-9, 9), _signed(stream, 1, 5)
    q = r + s - p  # (x − p)(x − q) = d has roots whose sum is p + q
    return _one(_factor(q) + _factor(p), str(p * q - r * s), r, s)


def _factor(root: int) -> str:
    return f"({_polynomial(1, -root)})" if root else "x"


def _square(stream: Stream) -> Equations:
    a, root, k = stream.randint(-12, 12), stream.randint(1, 12), stream.randint(1, 5)
    if a == 0 or k > 4:
        k = stream.randint(1, 3)
        root = stream.randint(1, isqrt(150 // k))
        c = _signed(stream, 1, 9)
        return _one(_polynomial(k, 0, c), str(k * root * root + c), root, -root)
    return _one(f"(x{_plus(a)})^2", str(root * root), root - a, -root - a)


def _absolute(stream: Stream) -> Equations:
    a, b = stream.choice((1, 1, 2, 3)), stream.randint(-9, 9)
    k, c, size = _signed(stream, 1, 6), _signed(stream, 1, 9), stream.randint(1, 12)
    bars = f"|{_polynomial(a, b)}|"
    left = f"{'' if k == 1 else '-' if k == -1 else k}{bars}{_plus(c)}"
    return _one(left, str(k * size + c), Fraction(size - b, a), Fraction(-size - b, a))


def _absolutes(stream: Stream) -> Equations:
    a, c = stream.sample((1, 2, 3, 4), 2)
    b, d = _signed(stream, 1, 12), _signed(stream, 1, 12)
    left, right = (f"|{_polynomial(*line)}|" for line in ((a, b), (c, d)))
    return _one(left, right, Fraction(d - b, a - c), Fraction(-d - b, a + c))


def _system(stream: Stream) -> Equations:
    while True:
        a, b, d, e = (_signed(stream, 1, 5) for _ in range(4))
        if a * e != b * d:
            break
    x, y = stream.randint(-9, 9), stream.randint(-9, 9)
    sides = []
    for p, q in ((a, b), (d, e)):
        below = stream.randint(1, 3)  # of both sides
        parts = [Fraction(part, below) for part in (p, q, p * x + q * y)]
        sides.append((_two(*parts[:2]), str(parts[2])))
    return Equations(tuple(sides), ((Fraction(x), Fraction(y)),))


def _two(a: Fraction | int, b: Fraction | int) -> str:
    return write(Sum((term(Fraction(a), ("x", 1)), term(Fraction(b), ("y", 1)))))


def _substitution(stream: Stream) -> Equations:
    m, n, a, b = (_signed(stream, 1, 5) for _ in range(4))
    a += a + b * m == 0
    x = stream.randint(-6, 6)
    y = m * x + n
    sides = (("y", _polynomial(m, n)), (_two(a or 1, b), str((a or 1) * x + b * y)))
    if (a or 1) + b * m == 0:
        return _substitution(stream)
    return Equations(sides, ((Fraction(x), Fraction(y)),))


def _one_denominator(stream: Stream) -> Equations:
    """P/(x − e) + q = T/(x − e) with P − T + q(x − e) = a(x − e)(x − r)."""
    e, r = _signed(stream, 1, 6), stream.choice(_ROOTS)
    r += r == e
    a = r.denominator
    q, t, u = _signed(stream, 1, 5), stream.randint(-5, 5), stream.randint(-9, 9)
    b, c = int(-a * (e + r)) + t - q, int(a * e * r) + u + q * e
    below = _factor(e)
    left = f"{_top(_polynomial(a, b, c))}/{below}{_plus(q)}"
    return _one(left, f"{_top(_polynomial(t, u))}/{below}", r, excluded=(e,))


def _top(text: str) -> str:
    return f"({text})" if " " in text else text


def _two_denominators(stream: Stream) -> Equations:
    """ax/(x − e) + b/(x − f) = c/((x − e)(x − f)); every other one has an extraneous root."""
    while True:
        e, f = stream.sample([n for n in range(-6, 7) if n], 2)
        r = stream.choice(_ROOTS)
        s = e if stream.random() < 0.6 else stream.randint(-8, 8)
        a = r.denominator
        b = int(a * (f - r - s))
        c = int(-b * e - a * r * s)
        values = [value for value in {r, Fraction(s)} if value not in (e, f)]
        if b and c and values and max(abs(b * e), abs(c)) <= 150:
            left = f"{_polynomial(a, 0)}/{_factor(e)}{_plus(b)}/{_factor(f)}"
            return _one(left, f"{c}/({_factor(e)}{_factor(f)})", *values, excluded=(e, f))


Kind = Callable[[Stream], Equations]

# In each level so many of each kind that the solutions get longer from level to level.
KINDS: tuple[tuple[Kind, ...], ...] = (
    (_add,),
    (_multiply, _multiply_and_add, _multiply_and_add),
    (_both_sides,),
    (_bracket, _bracket, _brackets),
    (_fraction, _fractions, _fractions, _fractions),
    (_rational, *[_rational_bracket] * 9),
    (_quadratic, _product, _square),
    (_absolute, _absolutes),
    (_system, _system, _system, _substitution),
    (_one_denominator, _two_denominators),
)
