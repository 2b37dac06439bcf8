r"""Random near misses and rewritings, judged without the checker: by brute force, exactly.

    python -m tests.answers.differential [--pairs 100000] [--seed 1] [--kinds steps,kinks]

Each kind draws an object, often a neighbour of it (off by one, an endpoint, another domain, order,
sign, unit), and a writing of each. What is right is decided by evaluating both with fractions
where that decides: at all places where a piecewise linear function can bend, over several periods
of one that rounds, on all members in a window. A wrong answer that is accepted is a bug; of the
right ones that are refused the command prints how many, by kind and status.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from reasoning_gym_envs.answers import check


class Pair(NamedTuple):
    """A reference, an answer to it, and whether that is right."""

    kind: str
    reference: str
    answer: str
    is_right: bool


class Function(NamedTuple):
    """How a function is written, and what it computes from a number."""

    text: str
    value: Callable[[Any], Any]


Draw = random.Random


def number(value: Fraction | int, draw: Draw | None = None) -> str:
    """Write a rational number."""
    value = Fraction(value)
    sign, top, bottom = "-" if value < 0 else "", abs(value.numerator), value.denominator
    if bottom == 1:
        return f"{sign}{top}"
    style = draw.randrange(3) if draw else 0
    return (
        rf"{sign}\frac{{{top}}}{{{bottom}}}",
        f"{sign}{top}/{bottom}",
        rf"\dfrac{{{sign}{top}}}{{{bottom}}}",
    )[style]


def signed(value: Fraction | int) -> str:
    """Write what is added: with its sign."""
    return f"+{number(value)}" if value >= 0 else number(value)


def near(value: int, draw: Draw) -> int:
    return value + draw.choice((-1, 1, 1, 2, -2)) if draw.random() < 0.8 else -value


# Numbers.


def numbers(draw: Draw) -> Pair:
    value = Fraction(draw.randint(-60, 60), draw.choice((1, 1, 2, 3, 4, 5, 8, 10, 12)))
    other = value
    if draw.random() < 0.6:
        other = draw.choice(
            (
                value + 1,
                value - 1,
                -value,
                1 / value if value else value,
                value * 10,
                value + Fraction(1, 100),
            )
        )
    times = draw.randint(2, 9)
    a, b = draw.randint(-9, 9), draw.randint(1, 9)
    writings = [
        number(other, draw),
        rf"\frac{{{other.numerator * times}}}{{{other.denominator * times}}}",
        f"{number(other - a)} {signed(a)}",
        rf"{number(other / b)} \cdot {b}",
        rf"\frac{{{number(other * b)}}}{{{b}}}",
        f"x = {number(other)}",
        rf"\sqrt{{{number(other**2)}}}" if other >= 0 else rf"-\sqrt{{{number(other**2)}}}",
        rf"\sqrt[3]{{{number(other**3)}}}",
        rf"2^{{{b}}} {signed(other - 2**b)}",
    ]
    if 1000 % other.denominator == 0:
        decimals = f"{float(other):.3f}"
        writings += [decimals, decimals.rstrip("0").rstrip(".")]
    return Pair("numbers", number(value), draw.choice(writings), value == other)


# Rounding, of integers n and of real x.


def _rounded(draw: Draw, letter: str) -> Function:
    """Return an expression of one or two roundings and a polynomial."""
    a, b, c = draw.choice((1, 1, 1, 2, 3)), draw.randint(-3, 4), draw.choice((2, 2, 3, 4))
    name = draw.choice(("floor", "ceil"))
    inside = f"{'' if a == 1 else a}{letter}{signed(b) if b else ''}"
    text = rf"\l{name}\frac{{{inside}}}{{{c}}}\r{name}"
    rounding = math.floor if name == "floor" else math.ceil
    return Function(text, lambda v: Fraction(rounding((a * v + b) / c)))


def _plus(first: Function, second: Function, sign: int) -> Function:
    mark = "+" if sign > 0 else "-"
    return Function(
        f"{first.text} {mark} {second.text}", lambda v: first.value(v) + sign * second.value(v)
    )


def _constant(value: int) -> Function:
    return Function(f"{value}" if value >= 0 else f"({value})", lambda v: value)


def _equivalents(letter: str, draw: Draw) -> tuple[Function, Function]:
    """Return a rounding and another writing of it, or of a neighbour."""
    c, b = draw.choice((2, 3, 4)), draw.randint(-4, 5)
    whole = lambda v: (v + b) / c  # noqa: E731
    first = Function(
        rf"\lfloor\frac{{{letter}{signed(b)}}}{{{c}}}\rfloor",
        lambda v: Fraction(math.floor(whole(v))),
    )
    shift = draw.randint(-3, 3)
    d = draw.choice((c - 1, c, c - 2, 1))
    second = draw.choice(
        (
            Function(
                rf"\lceil\frac{{{letter}{signed(b - d)}}}{{{c}}}\rceil",
                lambda v: Fraction(math.ceil((v + b - d) / c)),
            ),
            Function(
                rf"-\lceil\frac{{{-b - draw.choice((0, 0, 1))}-{letter}}}{{{c}}}\rceil",
                lambda v: Fraction(0),
            ),
            Function(
                rf"\lfloor\frac{{{letter}{signed(b + c * shift)}}}{{{c}}}\rfloor {signed(-shift)}",
                lambda v: Fraction(math.floor((v + b + c * shift) / c) - shift),
            ),
            Function(
                rf"\lfloor\frac{{{letter}{signed(b + shift)}}}{{{c}}}\rfloor",
                lambda v: Fraction(math.floor((v + b + shift) / c)),
            ),
        )
    )
    if second.text.startswith("-"):
        top = int(second.text.partition("frac{")[2].partition(f"-{letter}")[0])
        second = second._replace(value=lambda v: Fraction(-math.ceil((top - v) / c)))
    return first, second


def _steps_of(letter: str, places: list[Fraction], kind: str, draw: Draw) -> Pair:
    if draw.random() < 0.6:
        first, second = _equivalents(letter, draw)
    else:
        first, second = _rounded(draw, letter), _rounded(draw, letter)
    if draw.random() < 0.4:
        more = draw.choice(
            (_rounded(draw, letter), _constant(draw.randint(-2, 2)), Function(letter, lambda v: v))
        )
        sign = draw.choice((1, -1))
        if draw.random() < 0.7:
            first = _plus(first, more, sign)
        second = _plus(more if sign > 0 else _negative(more), second, 1)
    same = all(first.value(v) == second.value(v) for v in places)
    return Pair(kind, first.text, second.text, same)


def _negative(function: Function) -> Function:
    return Function(f"-{function.text}", lambda v: -function.value(v))


# Enough for a polynomial of degree 2 that has other coefficients at each residue modulo 12.
INTEGERS = [Fraction(v) for v in range(-18, 42)]
# Two periods of 12, with all the jumps, which are at multiples of 1/6, and what is between.
REALS = [Fraction(v, 12) for v in range(-12 * 12, 12 * 12)]


def steps_of_integers(draw: Draw) -> Pair:
    return _steps_of(draw.choice("nmk"), INTEGERS, "steps of integers", draw)


def steps_of_reals(draw: Draw) -> Pair:
    return _steps_of(draw.choice("xt"), REALS, "steps of reals", draw)


def quadratic_steps(draw: Draw) -> Pair:
    """Products and squares of roundings of n, and roundings of squares."""

    def drawn() -> Function:
        c = draw.choice((2, 2, 3, 4))
        b = draw.randint(-2, 2)
        first, second = _rounded(draw, "n"), _rounded(draw, "n")
        return draw.choice(
            (
                Function(
                    rf"\lfloor\frac{{n^2{signed(b)}}}{{{c}}}\rfloor",
                    lambda n: Fraction(math.floor((n * n + b) / c)),
                ),
                Function(
                    rf"\lceil\frac{{n^2{signed(b)}}}{{{c}}}\rceil",
                    lambda n: Fraction(math.ceil((n * n + b) / c)),
                ),
                Function(first.text + second.text, lambda n: first.value(n) * second.value(n)),
                Function(
                    r"\lfloor\frac{n}{2}\rfloor\lceil\frac{n}{2}\rceil",
                    lambda n: Fraction(math.floor(n / 2) * math.ceil(n / 2)),
                ),
                Function(
                    r"\frac{2n^2-1+(-1)^n}{8}", lambda n: (2 * n * n - 1 + (-1) ** int(n)) / 8
                ),
                Function(r"\lfloor\frac{n^2}{4}\rfloor", lambda n: Fraction(math.floor(n * n / 4))),
            )
        )

    first, second = drawn(), drawn()
    same = all(first.value(n) == second.value(n) for n in INTEGERS)
    return Pair("quadratic steps", first.text, second.text, same)


def alternating_signs(draw: Draw) -> Pair:
    def drawn() -> Function:
        a, b, c = draw.randint(1, 3), draw.randint(-2, 3), draw.choice((1, -1, 2))
        base = draw.choice(
            (
                Function(
                    rf"(-1)^{{{a}n{signed(b)}}}", lambda n: Fraction((-1) ** int((a * n + b) % 2))
                ),
                Function(rf"\cos({a}n\pi)", lambda n: Fraction((-1) ** int((a * n) % 2))),
                Function(
                    rf"\cos(\pi({a}n{signed(b)}))", lambda n: Fraction((-1) ** int((a * n + b) % 2))
                ),
                Function(r"\cos\frac{n\pi}{2}", lambda n: Fraction((1, 0, -1, 0)[int(n) % 4])),
                Function(r"\sin\frac{n\pi}{2}", lambda n: Fraction((0, 1, 0, -1)[int(n) % 4])),
                Function(r"\frac{1+(-1)^n}{2}", lambda n: Fraction(int(n % 2 == 0))),
                Function(r"1-2(n-2\lfloor n/2\rfloor)", lambda n: Fraction(1 - 2 * (int(n) % 2))),
            )
        )
        return Function(f"{c}({base.text}) + n", lambda n: c * base.value(n) + n)

    first, second = drawn(), drawn()
    if "(-1)" not in first.text and "pi" not in first.text and "floor" not in first.text:
        raise AssertionError("a reference that does not say that n is an integer")
    same = all(first.value(n) == second.value(n) for n in INTEGERS)
    return Pair("alternating signs", first.text, second.text, same)


# Kinks: piecewise linear functions, with slopes and nodes such that all bends are at eighths.


def _linear(draw: Draw, letter: str = "x") -> Function:
    a, b = draw.choice((1, 1, -1, 2)), draw.randint(-4, 4)
    text = f"{'-' if a == -1 else '' if a == 1 else a}{letter}{signed(b) if b else ''}"
    return Function(text, lambda v: a * v + b)


def _kinked(draw: Draw, depth: int) -> Function:
    if depth == 0:
        return _linear(draw)
    inner = _kinked(draw, depth - 1)
    other = _linear(draw) if draw.random() < 0.6 else _constant(draw.randint(-3, 3))
    return draw.choice(
        (
            Function(
                f"|{inner.text}|" if "|" not in inner.text else rf"\left|{inner.text}\right|",
                lambda v: abs(inner.value(v)),
            ),
            Function(
                rf"\max({inner.text}, {other.text})", lambda v: max(inner.value(v), other.value(v))
            ),
            Function(
                rf"\min({inner.text}, {other.text})", lambda v: min(inner.value(v), other.value(v))
            ),
            Function(rf"\sqrt{{({inner.text})^2}}", lambda v: abs(inner.value(v))),
            _plus(inner, other, 1),
        )
    )


def _rewritten(function: Function, other: Function, draw: Draw) -> list[Function]:
    """Return writings of the maximum of two functions, some of them wrong."""
    f, g = function, other
    return [
        Function(rf"\max({g.text}, {f.text})", lambda v: max(f.value(v), g.value(v))),
        Function(
            rf"\frac{{{f.text}+({g.text})+|{f.text}-({g.text})|}}{{2}}",
            lambda v: max(f.value(v), g.value(v)),
        ),
        Function(
            rf"{f.text}+({g.text})-\min({f.text}, {g.text})", lambda v: max(f.value(v), g.value(v))
        ),
        Function(rf"-\min(-({f.text}), -({g.text}))", lambda v: max(f.value(v), g.value(v))),
        Function(rf"{f.text}+\max(0, {g.text}-({f.text}))", lambda v: max(f.value(v), g.value(v))),
        Function(
            rf"{f.text}+\max(1, {g.text}-({f.text}))", lambda v: max(f.value(v) + 1, g.value(v))
        ),
        Function(rf"\max({f.text}, {g.text}, {f.text}-1)", lambda v: max(f.value(v), g.value(v))),
        Function(rf"\min({f.text}, {g.text})", lambda v: min(f.value(v), g.value(v))),
        f,
        g,
    ]


EIGHTHS = [v / 8 for v in range(-8 * 22, 8 * 22 + 1)]  # exact, as is all that follows from them


def kinks(draw: Draw) -> Pair:
    if draw.random() < 0.6:
        f, g = _linear(draw), draw.choice((_linear(draw), _constant(draw.randint(-3, 3))))
        first = Function(rf"\max({f.text}, {g.text})", lambda v: max(f.value(v), g.value(v)))
        second = draw.choice(_rewritten(f, g, draw))
    else:
        depth = draw.randint(1, 2)
        first, second = _kinked(draw, depth), _kinked(draw, depth)
    if draw.random() < 0.3:  # a bump, or none where it is cut off
        place, width = draw.randint(-20, 20), draw.choice((0, 0, 1, 2))
        bump = Function(
            rf"\max(0, \frac{{{width}}}{{8}}-|x{signed(-place)}|)",
            lambda v: max(0, width / 8 - abs(v - place)),
        )
        second = _plus(bump, first if draw.random() < 0.5 else second, 1)
    same = all(first.value(v) == second.value(v) for v in EIGHTHS)
    return Pair("kinks", first.text, second.text, same)


def kinks_of_two(draw: Draw) -> Pair:
    """|x| + |y| and the like: positively homogeneous, so that directions decide."""
    values = {
        "|x|+|y|": lambda x, y: abs(x) + abs(y),
        r"\max(|x+y|,|x-y|)": lambda x, y: max(abs(x + y), abs(x - y)),
        r"\max(|x|,|y|)": lambda x, y: max(abs(x), abs(y)),
        r"\frac{|x+y|+|x-y|}{2}": lambda x, y: (abs(x + y) + abs(x - y)) / Fraction(2),
        "|x+y|": lambda x, y: abs(x + y),
        "|x-y|": lambda x, y: abs(x - y),
        r"\max(x,y)-\min(x,y)": lambda x, y: abs(x - y),
        r"\sqrt{x^2-2xy+y^2}": lambda x, y: abs(x - y),
        r"\max(x-y,y-x)": lambda x, y: abs(x - y),
        r"\max(x,y,0)": lambda x, y: max(x, y, 0),
        r"\max(\max(0,x),y)": lambda x, y: max(x, y, 0),
        r"\max(x,y)": max,
        r"\frac{x+y+|x-y|}{2}": max,
        r"x+y-\min(x,y)": max,
    }
    first, second = draw.choice(list(values)), draw.choice(list(values))
    if draw.random() < 0.5:
        grid = [Fraction(v, 2) for v in range(-8, 9)]
        alike = [
            text
            for text, value in values.items()
            if all(value(x, y) == values[first](x, y) for x in grid for y in grid)
        ]
        second = draw.choice(alike)
        return Pair("kinks of two", first, second, True)
    grid = [Fraction(v, 2) for v in range(-8, 9)]
    same = all(values[first](x, y) == values[second](x, y) for x in grid for y in grid)
    return Pair("kinks of two", first, second, same)


# Polynomials.


def polynomials(draw: Draw) -> Pair:
    roots = [draw.choice((-4, -3, -2, -1, 1, 2, 3, 4)) for _ in range(draw.randint(2, 3))]
    coefficients = [1]
    for root in roots:
        shifted = [0, *coefficients]
        coefficients = [s - root * c for s, c in zip(shifted, [*coefficients, 0], strict=True)]
    product = "".join(f"(x{signed(-root)})" for root in roots)
    changed = list(coefficients)
    if draw.random() < 0.6:
        place = draw.randrange(len(changed))
        changed[place] = near(changed[place], draw)
    expanded = "".join(
        signed(c) + ("" if power == 0 else "x" if power == 1 else f"x^{power}")
        for power, c in reversed(list(enumerate(changed)))
        if c
    ).removeprefix("+")
    pair = (product, expanded or "0") if draw.random() < 0.5 else (expanded or "0", product)
    return Pair("polynomials", *pair, changed == coefficients)


# Sets of numbers.


class Piece(NamedTuple):
    low: int
    low_closed: bool
    high: int
    high_closed: bool


LIMIT = 50  # what lies beyond is infinite


def _contains(pieces: list[Piece], place: Fraction) -> bool:
    return any(
        (p.low < place or (p.low == place and p.low_closed))
        and (place < p.high or (place == p.high and p.high_closed))
        for p in pieces
    )


def _interval(piece: Piece, draw: Draw, style: str) -> str:
    low = r"-\infty" if piece.low < -LIMIT else str(piece.low)
    high = r"\infty" if piece.high > LIMIT else str(piece.high)
    if style == "reversed":
        return f"{'[' if piece.low_closed else ']'}{low}, {high}{']' if piece.high_closed else '['}"
    if style == "inequality":
        left = (
            "" if piece.low < -LIMIT else f"{low} {chr(92)}le " if piece.low_closed else f"{low} < "
        )
        right = (
            ""
            if piece.high > LIMIT
            else f" {chr(92)}le {high}"
            if piece.high_closed
            else f" < {high}"
        )
        return f"{left}x{right}"
    return f"{'[' if piece.low_closed else '('}{low}, {high}{']' if piece.high_closed else ')'}"


def _drawn_pieces(draw: Draw) -> list[Piece]:
    ends = sorted(draw.sample(range(-9, 10), 2 * draw.randint(1, 2)))
    pieces = []
    for low, high in zip(ends[::2], ends[1::2], strict=True):
        pieces.append(Piece(low, draw.random() < 0.5, high, draw.random() < 0.5))
    if draw.random() < 0.3:
        pieces[0] = pieces[0]._replace(low=-99, low_closed=False)
    if draw.random() < 0.3 and (len(pieces) > 1 or pieces[0].low > -LIMIT):
        pieces[-1] = pieces[-1]._replace(high=99, high_closed=False)
    return pieces


def intervals(draw: Draw) -> Pair:
    pieces = _drawn_pieces(draw)
    changed = list(pieces)
    if draw.random() < 0.6:
        place = draw.randrange(len(changed))
        piece = changed[place]
        change = draw.randrange(4)
        if change == 0 and piece.low > -LIMIT:
            piece = piece._replace(low_closed=not piece.low_closed)
        elif change == 1 and piece.high < LIMIT:
            piece = piece._replace(high_closed=not piece.high_closed)
        elif change == 2 and piece.high < LIMIT:
            piece = piece._replace(high=piece.high + 1)
        elif piece.low > -LIMIT:
            piece = piece._replace(low=piece.low - 1)
        changed[place] = piece
    places = [Fraction(v, 2) for v in range(-2 * LIMIT, 2 * LIMIT + 1)]
    same = all(_contains(pieces, place) == _contains(changed, place) for place in places)
    if draw.random() < 0.3:
        draw.shuffle(changed)
    style = draw.choice(("plain", "reversed", "inequality", "builder", "domain"))
    if style == "plain" or (style == "reversed" and len(changed) < 3):
        answer = r" \cup ".join(_interval(piece, draw, style) for piece in changed)
    elif style == "inequality":
        answer = r" \text{ or } ".join(_interval(piece, draw, style) for piece in changed)
    else:
        condition = r" \text{ or } ".join(_interval(piece, draw, "inequality") for piece in changed)
        domain = draw.choice(("R", "Z", "N", "Q")) if style == "domain" else "R"
        head = "x" if style == "builder" else rf"x \in \mathbb{{{domain}}}"
        answer = rf"\{{{head} \mid {condition}\}}"
        same = same and domain == "R"
    reference = r" \cup ".join(_interval(piece, draw, "plain") for piece in pieces)
    return Pair("intervals", reference, answer, same)


def integers_of_intervals(draw: Draw) -> Pair:
    piece = Piece(draw.randint(-6, 3), draw.random() < 0.5, draw.randint(5, 9), draw.random() < 0.5)
    members = {v for v in range(-20, 20) if _contains([piece], Fraction(v))}
    condition = _interval(piece, draw, "inequality")
    builder = draw.choice(
        (
            rf"\{{x \in \mathbb{{Z}} \mid {condition}\}}",
            rf"\{{x : {condition}, x \in \mathbb{{Z}}\}}",
            rf"{condition}, x \in \mathbb{{Z}}",
        )
    )
    change = draw.randrange(5)
    if change == 0:
        listed = set(members) ^ {
            draw.choice((min(members), max(members), max(members) + 1, min(members) - 1))
        }
        return Pair("integers of intervals", *_either(builder, _listed(listed, draw), draw), False)
    if change == 1:
        return Pair(
            "integers of intervals", *_either(builder, _interval(piece, draw, "plain"), draw), False
        )
    if change == 2:
        other = piece._replace(
            low_closed=not piece.low_closed, low=piece.low + (1 if piece.low_closed else -1)
        )
        same = members == {v for v in range(-20, 20) if _contains([other], Fraction(v))}
        text = rf"\{{x \in \mathbb{{Z}} \mid {_interval(other, draw, 'inequality')}\}}"
        kept = draw.random() < 0.5
        if not kept:
            wrong = other._replace(low=other.low + 1)
            text = rf"\{{x \in \mathbb{{Z}} \mid {_interval(wrong, draw, 'inequality')}\}}"
            same = members == {v for v in range(-20, 20) if _contains([wrong], Fraction(v))}
        return Pair("integers of intervals", builder, text, same)
    return Pair("integers of intervals", *_either(builder, _listed(members, draw), draw), True)


def _either(first: str, second: str, draw: Draw) -> tuple[str, str]:
    return (first, second) if draw.random() < 0.5 else (second, first)


def _listed(members: set[int], draw: Draw) -> str:
    listed = list(members)
    draw.shuffle(listed)
    return rf"\{{{', '.join(map(str, listed))}\}}"


def families(draw: Draw) -> Pair:
    """Unions of progressions a + bk, of numbers or of multiples of π."""
    unit = draw.choice(("", r"\pi"))
    step = draw.choice((1, 2, 2, 3, 4, 6))
    members = [
        (Fraction(draw.randint(-4, 4), draw.choice((1, 2, 3, 4))), step)
        for _ in range(draw.randint(1, 2))
    ]
    changed = list(members)
    if draw.random() < 0.6:
        place = draw.randrange(len(changed))
        start, period = changed[place]
        changed[place] = draw.choice(
            (
                (start + period, period),
                (start - 2 * period, period),
                (-start, period),
                (start + 1, period),
                (start, 2 * period),
                (start, -period),
            )
        )
    elif draw.random() < 0.5:  # one that is split
        start, period = changed.pop()
        changed += [(start, 2 * period), (start + period, 2 * period)]
        if draw.random() < 0.4:
            changed[-1] = (start + period + draw.choice((0, 1, Fraction(1, 2))), 2 * period)

    def window(progressions: list[tuple[Fraction, int]]) -> set[Fraction]:
        found = {start + period * k for start, period in progressions for k in range(-60, 61)}
        return {value for value in found if abs(value) <= 24}

    def written(progressions: list[tuple[Fraction, int]]) -> str:
        letter = draw.choice("kmn")
        parts = []
        for start, period in progressions:
            first = f"{number(start)}{unit}" if start else "0"
            factor = period if abs(period) > 1 or not unit else "" if period > 0 else "-"
            slope = f"{factor}{letter}{unit}"
            parts.append(f"{first}{'' if slope.startswith('-') else '+'}{slope}")
        condition = draw.choice((rf"{letter} \in \mathbb{{Z}}", rf"{letter}\in Z"))
        style = draw.randrange(4)
        if style == 0:
            return f"x = {' , '.join(parts)}, {condition}"
        if style == 1:
            return rf"\{{{', '.join(parts)} \mid {condition}\}}"
        if style == 2 and len(parts) == 1:
            return rf"\{{x \mid x = {parts[0]}, {condition}\}}"
        joined = r" \text{ or } ".join(parts)
        return f"{joined} ({condition})"

    return Pair("families", written(members), written(changed), window(members) == window(changed))


# Order.


class Numbered(NamedTuple):
    """The numbers slope·k + start for every k of a domain that has one end, two or none."""

    slope: int
    start: int
    low: int | None
    high: int | None

    def members(self) -> set[int]:
        """Return the numbers from -30 to 30."""
        low = -80 if self.low is None else self.low
        high = 80 if self.high is None else self.high
        found = {self.slope * k + self.start for k in range(low, high + 1)}
        return {value for value in found if abs(value) <= 30}

    def built(self, draw: Draw) -> str:
        """Write it with a condition on k."""
        low, high = self.low, self.high
        domain = r"k \in \mathbb{Z}"
        if low is not None and high is not None:
            domain = draw.choice(
                (
                    rf"k \in {_listed(set(range(low, high + 1)), draw)}",
                    rf"{domain}, {low} \le k < {high + 1}",
                    rf"{low - 1} < k \le {high}, {domain}",
                )
            )
        elif low is not None:
            domain = draw.choice((rf"{domain}, k \ge {low}", rf"{domain}, k > {low - 1}"))
        elif high is not None:
            domain = rf"{domain}, k \le {high}"
        member = rf"{self.slope}k {signed(self.start)}"
        bar = draw.choice((r"\mid", ":", "|"))
        return rf"\{{{member} {bar} {domain}\}}"

    def listed(self, draw: Draw) -> str:
        """Write out its members, with dots where they do not end."""
        if self.low is not None and self.high is not None:
            return _listed(self.members(), draw)
        first, step = (self.high, -1) if self.low is None else (self.low, 1)
        places = [(first or 0) + step * k for k in range(draw.randint(3, 5))]
        written = ", ".join(str(self.slope * k + self.start) for k in places)
        before = r"\ldots, " if self.low is None and self.high is None else ""
        return rf"\{{{before}{written}, \ldots\}}"


def numbered(draw: Draw) -> Pair:
    """Members that a list, a range or all integers from one on number, and endless lists."""
    ends = draw.choice(((True, True), (True, True), (True, False), (False, True), (False, False)))
    first = Numbered(
        draw.choice((1, 2, 3, -1, -2)),
        draw.randint(-3, 4),
        draw.randint(-3, 2) if ends[0] else None,
        draw.randint(4, 7) if ends[1] else None,
    )
    other = first
    if draw.random() < 0.6:
        other = draw.choice(
            (
                first._replace(slope=first.slope + 1 or 2),
                first._replace(slope=-first.slope),
                first._replace(start=first.start + 1),
                first._replace(start=first.start + first.slope),
                first._replace(low=(first.low or 0) + 1),
                first._replace(high=(first.high or 5) - 1),
                first._replace(low=None),
                first._replace(high=None),
            )
        )
    texts = _either(
        draw.choice((first.built, first.listed))(draw),
        draw.choice((other.built, other.listed))(draw),
        draw,
    )
    return Pair("numbered", *texts, first.members() == other.members())


def tuples(draw: Draw) -> Pair:
    values = [draw.randint(-3, 5) for _ in range(draw.randint(2, 3))]
    changed = list(values)
    if draw.random() < 0.6:
        if draw.random() < 0.5:
            draw.shuffle(changed)
        else:
            place = draw.randrange(len(changed))
            changed[place] = near(changed[place], draw)
    names = draw.choice(
        (["x", "y", "z"], ["a", "b", "c"], ["x_1", "x_2", "x_3"], ["x_9", "x_{10}", "x_{11}"])
    )
    named = list(zip(names[: len(changed)], changed, strict=True))
    style = draw.randrange(4)
    if style == 0:
        answer = f"({', '.join(map(str, changed))})"
    elif style == 1:
        draw.shuffle(named)
        answer = ", ".join(f"{name} = {value}" for name, value in named)
    elif style == 2:
        draw.shuffle(named)
        left, right = zip(*named, strict=True)
        answer = f"({', '.join(left)}) = ({', '.join(map(str, right))})"
    else:
        answer = rf"\begin{{pmatrix}}{(chr(92) * 2).join(map(str, changed))}\end{{pmatrix}}"
    return Pair("tuples", f"({', '.join(map(str, values))})", answer, values == changed)


def sets(draw: Draw) -> Pair:
    values = draw.sample(range(-9, 10), draw.randint(1, 4))
    changed = list(values)
    if draw.random() < 0.6:
        place = draw.randrange(len(changed))
        change = draw.randrange(3)
        if change == 0:
            changed[place] = near(changed[place], draw)
        elif change == 1:
            changed.append(changed[place])
        elif len(changed) > 1:
            changed.pop(place)
    same = len(changed) == len(set(changed)) and set(changed) == set(values)
    draw.shuffle(changed)
    separators = draw.choice((", ", ", ", r" \text{ or } ")) if len(changed) > 1 else ", "
    inside = separators.join(map(str, changed))
    answer = rf"\{{{inside}\}}" if "or" not in separators else inside
    return Pair("sets", rf"\{{{', '.join(map(str, values))}\}}", answer, same)


def matrices(draw: Draw) -> Pair:
    rows = [[draw.randint(-3, 4) for _ in range(2)] for _ in range(2)]
    changed = [list(row) for row in rows]
    if draw.random() < 0.6:
        if draw.random() < 0.5:
            changed = [list(column) for column in zip(*changed, strict=True)]
        else:
            row = draw.choice(changed)
            row[draw.randrange(2)] += draw.choice((1, -1))

    def written(entries: list[list[int]], style: int) -> str:
        if style == 0:
            return str(entries)
        name = "pmatrix" if style == 1 else "bmatrix"
        inside = (chr(92) * 2).join("&".join(map(str, row)) for row in entries)
        return rf"\begin{{{name}}}{inside}\end{{{name}}}"

    return Pair("matrices", written(rows, 1), written(changed, draw.randrange(3)), rows == changed)


def ratios(draw: Draw) -> Pair:
    parts = [draw.randint(1, 9) for _ in range(draw.randint(2, 3))]
    changed = [part * draw.choice((1, 1)) for part in parts]
    factor = draw.randint(2, 9)
    changed = [part * factor for part in changed]
    if draw.random() < 0.6:
        place = draw.randrange(len(changed))
        changed[place] += draw.choice((1, -1, factor))
    same = all(a * changed[0] == b * parts[0] for a, b in zip(parts, changed, strict=True))
    return Pair("ratios", " : ".join(map(str, parts)), " : ".join(map(str, changed)), same)


# Units and angles.

LENGTHS = {"mm": Fraction(1, 1000), "cm": Fraction(1, 100), "m": Fraction(1), "km": Fraction(1000)}
TIMES = {"s": Fraction(1), "min": Fraction(60), "h": Fraction(3600)}
MASSES = {"mg": Fraction(1, 1000), "g": Fraction(1), "kg": Fraction(1000)}


def units(draw: Draw) -> Pair:
    table = draw.choice((LENGTHS, TIMES, MASSES))
    unit, other = draw.choice(list(table)), draw.choice(list(table))
    value = Fraction(draw.randint(1, 60), draw.choice((1, 2, 4)))
    power = draw.choice((1, 1, 2)) if table is LENGTHS else 1
    converted = value * (table[unit] / table[other]) ** power
    wrong = converted
    if draw.random() < 0.6:
        wrong = draw.choice((converted + 1, value, converted * 10, converted / 10, -converted))
    exponent = "" if power == 1 else "^2"
    foreign = draw.random() < 0.1
    name = "W" if foreign else other
    return Pair(
        "units",
        rf"{number(value)}\text{{ {unit}}}{exponent}",
        rf"{number(wrong)}\text{{ {name}}}{exponent}",
        wrong == converted and not foreign,
    )


def angles(draw: Draw) -> Pair:
    degrees = draw.choice((15, 30, 45, 60, 75, 90, 120, 135, 150, 180, 270))
    turned = degrees
    if draw.random() < 0.6:
        turned = draw.choice((degrees + 15, -degrees, 180 - degrees, 360 - degrees, degrees + 360))
    style = draw.randrange(3)
    radians = Fraction(turned, 180)
    in_radians = rf"\frac{{{radians.numerator}\pi}}{{{radians.denominator}}}"
    if style == 0:  # the sine of an angle
        function = draw.choice(("sin", "cos"))
        fold = {
            "sin": lambda d: {d % 360, (180 - d) % 360},
            "cos": lambda d: {d % 360, -d % 360},
        }[function]
        written = draw.choice((rf"{turned}^\circ", in_radians))
        same = turned % 360 in fold(degrees)
        if draw.random() < 0.15:
            # Radians that were meant for degrees; 0 is the same in both.
            written, same = str(turned), same and turned == 0
        return Pair("angles", rf"\{function} {degrees}^\circ", rf"\{function}({written})", same)
    if style == 1:
        return Pair(
            "angles", rf"{degrees}^\circ", rf"{in_radians}\text{{ radians}}", degrees == turned
        )
    wrong_unit = draw.random() < 0.3
    answer = str(turned) + ("" if not wrong_unit else r"\text{ radians}")
    return Pair("angles", rf"{degrees}^\circ", answer, degrees == turned and not wrong_unit)


def times(draw: Draw) -> Pair:
    minutes = draw.randrange(24 * 60)
    other = minutes
    if draw.random() < 0.6:
        other = draw.choice(
            ((minutes + 12 * 60) % 1440, (minutes + 1) % 1440, (minutes + 60) % 1440)
        )

    def half(value: int) -> str:
        hours = value // 60
        return f"{hours % 12 or 12}:{value % 60:02}\\text{{ {'AM' if hours < 12 else 'PM'}}}"

    answer = half(other) if draw.random() < 0.6 else f"{other // 60:02}:{other % 60:02}"
    same = minutes == other
    if not answer.endswith("}") and 0 < other // 60 <= 12:
        return Pair("times", half(minutes), half(other), same)  # without a half it may be either
    return Pair("times", half(minutes), answer, same)


# Powers, roots and products, judged with whole numbers of variables.


def products(draw: Draw) -> Pair:
    """Powers and factorials of n, at whole numbers where each is an exact rational."""
    a, b = draw.randint(1, 3), draw.randint(-2, 3)
    writings: list[Function] = [
        Function(rf"2^{{n{signed(a)}}}", lambda n: Fraction(2) ** int(n + a)),
        Function(rf"{2**a}\cdot 2^n", lambda n: Fraction(2) ** int(n + a)),
        Function(rf"{2**a}\cdot 2^n{signed(b)}", lambda n: Fraction(2) ** int(n + a) + b),
        Function(rf"4^n\cdot 2^{{{a}-n}}", lambda n: Fraction(2) ** int(n + a)),
        Function(rf"\frac{{(n+{a})!}}{{n!}}", lambda n: Fraction(math.perm(int(n + a), a))),
        Function(
            "".join(f"(n+{i})" for i in range(1, a + 1)),
            lambda n: Fraction(math.perm(int(n + a), a)),
        ),
        Function(
            "".join(f"(n+{i - 1})" for i in range(1, a + 1)),
            lambda n: Fraction(math.prod(int(n) + i for i in range(a))),
        ),
        Function(
            rf"{math.factorial(a)}\binom{{n+{a}}}{{{a}}}",
            lambda n: Fraction(math.perm(int(n + a), a)),
        ),
        Function(
            rf"{math.factorial(a)}\binom{{n+{a}}}{{n}}",
            lambda n: Fraction(math.perm(int(n + a), a)),
        ),
    ]
    first, second = draw.choice(writings), draw.choice(writings)
    places = [Fraction(v) for v in range(1, 15)]
    return Pair(
        "products", first.text, second.text, all(first.value(n) == second.value(n) for n in places)
    )


def roots(draw: Draw) -> Pair:
    """Square roots of squares: exact at every whole number, with one bend."""
    a, b = draw.randint(1, 2), draw.randint(-4, 4)
    inner = f"{'' if a == 1 else a}x{signed(b) if b else ''}"
    wrong = f"{'' if a == 1 else a}x{signed(b + draw.choice((-1, 1)))}"
    expanded = f"{a * a}x^2{signed(2 * a * b)}x{signed(b * b)}"
    cases = [
        (rf"|{inner}|", rf"\sqrt{{{expanded}}}", True),
        (rf"\sqrt{{{expanded}}}", rf"|{inner}|", True),
        (rf"\sqrt{{{expanded}}}", inner, False),
        (rf"\sqrt{{{expanded}}}", rf"|{wrong}|", False),
        (rf"|{inner}|", rf"\sqrt[4]{{({inner})^4}}", True),
        (rf"|{inner}|", rf"\sqrt[3]{{({inner})^3}}", False),
        (inner, rf"\sqrt[3]{{({inner})^3}}", True),
        (inner, rf"\frac{{({inner})^2}}{{|{inner}|}}", False),
        (rf"|{inner}|", rf"\frac{{({inner})^2}}{{|{inner}|}}", True),
        (rf"\frac{{|{inner}|}}{{{inner}}}", rf"\frac{{{inner}}}{{|{inner}|}}", True),
        (rf"\frac{{|{inner}|}}{{{inner}}}", "1", False),
        (rf"\ln|{inner}|", rf"\frac12\ln({expanded})", True),
    ]
    reference, answer, same = draw.choice(cases)
    return Pair("roots", reference, answer, same)


KINDS: dict[str, Callable[[Draw], Pair]] = {
    function.__name__: function
    for function in (
        numbers,
        steps_of_integers,
        steps_of_reals,
        quadratic_steps,
        alternating_signs,
        kinks,
        kinks_of_two,
        polynomials,
        intervals,
        integers_of_intervals,
        families,
        numbered,
        tuples,
        sets,
        matrices,
        ratios,
        units,
        angles,
        times,
        products,
        roots,
    )
}


def pairs(count: int, seed: int, kinds: list[str] | None = None) -> Iterator[Pair]:
    """Yield so many pairs, in turn of each kind."""
    names = kinds or list(KINDS)
    for place in range(count):
        name = names[place % len(names)]
        yield KINDS[name](random.Random(f"{seed} {place}"))


def main() -> int:
    """Read the command line; returns 1 where a wrong answer was accepted."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.answers.differential",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pairs", type=int, default=100_000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="%(default)s")
    parser.add_argument("--kinds", help="only these, with commas: " + ", ".join(KINDS))
    parser.add_argument("--show", type=int, default=3, help="refused right ones, of each kind")
    options = parser.parse_args()
    counts: Counter[tuple[str, bool, str]] = Counter()
    accepted: list[Pair] = []
    refused: dict[str, list[str]] = {}
    chosen = options.kinds.split(",") if options.kinds else None
    for pair in pairs(options.pairs, options.seed, chosen):
        status = check(f"\\boxed{{{pair.answer}}}", pair.reference).status
        counts[pair.kind, pair.is_right, status] += 1
        if status == "correct" and not pair.is_right:
            accepted.append(pair)
        elif status != "correct" and pair.is_right:
            refused.setdefault(pair.kind, []).append(
                f"{status:10} {pair.reference}  <-  {pair.answer}"
            )
    print(f"{'kind':24}{'wrong':>8}{'accepted':>10}{'right':>8}{'refused':>9}  how")
    for kind in dict.fromkeys(kind for kind, _, _ in counts):
        rows = {key[1:]: n for key, n in counts.items() if key[0] == kind}
        wrong, right = (
            sum(n for (is_right, _), n in rows.items() if is_right is side)
            for side in (False, True)
        )
        how = Counter(
            {
                status: n
                for (is_right, status), n in rows.items()
                if is_right and status != "correct"
            }
        )
        told = ", ".join(f"{status} {n}" for status, n in how.most_common())
        paid = rows.get((False, "correct"), 0)
        print(f"{kind:24}{wrong:8}{paid:10}{right:8}{sum(how.values()):9}  {told}")
    for pair in accepted:
        print("ACCEPTED", pair.kind, "|", pair.reference, " <- ", pair.answer)
    for kind, lines in refused.items():
        for line in lines[: options.show]:
            print("refused ", kind, "|", line)
    print(f"{sum(counts.values())} pairs, {len(accepted)} wrong ones accepted")
    return int(bool(accepted))


if __name__ == "__main__":
    sys.exit(main())
