"""Quadratic equations and parabolas: roots, vertices, discriminants, sums over the roots."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import NamedTuple

from reasoning_gym_envs.math.writing import latex, operand, polynomial
from reasoning_gym_envs.problems import Problem, Stream


class _Level(NamedTuple):
    kinds: str  # the letters of _KINDS
    root: int  # the largest root, or its largest rational part
    leading: int = 1  # the largest factor in the leading coefficient
    moved: int = 0  # up to which coefficients terms stand on the right side
    radicands: tuple[int, ...] = ()  # what is under the roots of irrational solutions


_LEVELS = {
    1: _Level("r", 12),
    2: _Level("r", 15),
    3: _Level("rrdl", 12, moved=20),
    4: _Level("rldv", 12, leading=4, moved=20),
    5: _Level("rlvs", 12, leading=3, moved=30),
    6: _Level("rlvst", 15, leading=4, moved=30),
    7: _Level("rlsc", 9, 2, 30, (2, 3, 5, 6, 7, 10)),
    8: _Level("rlstc", 12, 3, 40, (2, 3, 5, 6, 7, 10, 11, 13)),
    9: _Level("rlcf", 15, 4, 60, (2, 3, 5, 6, 7, 10, 11, 13, 14, 15)),
    10: _Level("rlcff", 25, 6, 99, (2, 3, 5, 6, 7, 10, 11, 13, 14, 15, 17, 19, 21)),
}

_SET = "Give the solutions as a set."
_SUMS = {
    "s": ("square", "the squares of the solutions"),
    "t": ("reciprocal", "the reciprocals of the solutions"),
    "c": ("cube", "the cubes of the solutions"),
    "f": ("fourth", "the fourth powers of the solutions"),
}


class _Quadratic(NamedTuple):
    """ax² + bx + c = 0, with the solutions (p ± m√r)/q, or (p ± m)/q where r is 1."""

    a: int
    b: int
    c: int
    p: int
    m: int
    r: int
    q: int


def generate(stream: Stream, level: int) -> Problem:
    """Find solutions, a discriminant, a vertex, or a sum over the solutions.

    Levels 1 and 2 have whole solutions and 1 as the leading coefficient; on 3 terms stand on both
    sides, from 4 on the leading coefficient is larger, from 5 on solutions are fractions and sums
    over them are asked, and from 7 on they are irrational.
    """
    row = _LEVELS[level]
    kind = stream.choice(row.kinds)
    steps: list[str] = []
    e = _draw(stream, row, level)
    if kind in _SUMS and not (e.m and e.c):
        kind = "r"  # no sums over one solution, no reciprocal of 0
    if kind == "v":
        content, question, answer = _vertex(stream, e, level, steps)
    elif kind == "d":
        content, question, answer = _discriminant(stream, e, steps)
    else:
        equation, left, right = _equation(stream, e, row, steps)
        if kind in _SUMS:
            name, words = _SUMS[kind]
            content, answer = f"{name} {equation}", latex(_sum(kind, e, steps))
            question = f"What is the sum of {words} of ${equation}$?"
        elif kind == "l":
            content, question, answer = _one_root(stream, e, equation, steps)
        else:
            content, answer = equation, _roots(e, steps)
            question = _ask_roots(stream, equation, left, right)
    return Problem(content, level, question, answer, "quadratics", tuple(steps))


def _draw(stream: Stream, row: _Level, level: int) -> _Quadratic:
    """From the solutions to the equation."""
    if row.radicands:
        p, q = stream.randint(-row.root, row.root), stream.randint(1, row.leading)
        m, r = stream.randint(1, 4 if level < 9 else 7), stream.choice(row.radicands)
        a, b, c = q * q, -2 * p * q, p * p - m * m * r
        g = gcd(a, b, c)
        return _Quadratic(a // g, b // g, c // g, p, m, r, q)
    low = 1 if level == 1 else -row.root
    s, t = stream.randint(low, row.root), stream.randint(low, row.root)
    k, n = stream.randint(1, row.leading), 1
    if level > 4:
        n = stream.randint(2, row.leading + 1)
    if level <= 4:
        a, b, c = k, -k * (s + t), k * s * t
    else:  # (kx - s)(nx - t)
        a, b, c = k * n, -(k * t + n * s), s * t
    return _Quadratic(a, b, c, -b, abs(k * t - n * s) if level > 4 else k * abs(s - t), 1, 2 * a)


# Writing


def _equation(stream: Stream, e: _Quadratic, row: _Level, steps: list[str]) -> tuple[str, str, str]:
    """The equation, perhaps with terms on both sides, and its sides."""
    a, b, c = e.a, e.b, e.c
    right = [0, 0, 0]
    if row.moved and (row.radicands or stream.random() < 0.8):
        right[0] = stream.randint(-row.moved, row.moved)
        right[1] = stream.randint(-row.moved // 2, row.moved // 2)
        if row.radicands or row.leading > 3:
            right[2] = stream.randint(0, 9)
        for moved, own in zip(right, (c, b, a), strict=True):
            if moved:
                steps.append(f"{operand(own + moved)}-{operand(moved)}={own}")
    left_text = polynomial((c + right[0], b + right[1], a + right[2]))
    right_text = polynomial(right)
    return f"{left_text} = {right_text}", left_text, right_text


def _ask_roots(stream: Stream, equation: str, left: str, right: str) -> str:
    if right != "0" and "x^2" not in right and stream.random() < 0.3:
        what = "line" if "x" in right else "horizontal line"
        return (
            f"At which values of $x$ does the parabola $y = {left}$ meet the {what} "
            f"$y = {right}$? Give them as a set."
        )
    if stream.random() < 0.5:
        return f"Solve ${equation}$ for $x$. {_SET}"
    return f"Find all solutions of ${equation}$. {_SET}"


def _surd(p: int, m: int, r: int, q: int) -> str:
    """(p + m√r)/q in LaTeX and lowest terms; m may be negative."""
    if r == 1:
        return latex(Fraction(p + m, q))
    g = gcd(p, m, q)
    p, m, q = p // g, m // g, q // g
    root = f"\\sqrt{{{r}}}" if m in (1, -1) else f"{abs(m)}\\sqrt{{{r}}}"
    if p:
        text = f"{p} + {root}" if m > 0 else f"{p} - {root}"
    else:
        text = root if m > 0 else f"-{root}"
    return text if q == 1 else f"\\frac{{{text}}}{{{q}}}"


# The kinds, each with its steps


def _discriminant_steps(e: _Quadratic, steps: list[str]) -> int:
    a, b, c = e.a, e.b, e.c
    if a != 1 or c:
        steps.append(f"4*{a}*{operand(c)}={4 * a * c}")
    steps.append(f"{operand(b)}*{operand(b)}={b * b}")
    steps.append(f"{b * b}-{operand(4 * a * c)}={b * b - 4 * a * c}")
    return b * b - 4 * a * c


def _discriminant(stream: Stream, e: _Quadratic, steps: list[str]) -> tuple[str, str, str]:
    shift = stream.randint(-30, 30)  # any discriminant, not only squares
    e = e._replace(c=e.c + shift)
    text = polynomial((e.c, e.b, e.a))
    question = stream.choice(
        (f"What is the discriminant of ${text}$?", f"Find the discriminant of ${text} = 0$.")
    )
    return f"discriminant {text}", question, str(_discriminant_steps(e, steps))


def _solve(e: _Quadratic, steps: list[str]) -> None:
    """The formula for the solutions."""
    discriminant = _discriminant_steps(e, steps)
    below = 2 * e.a
    root = e.m * below // e.q  # of the discriminant, without √r
    if e.r > 1:
        steps.append(f"{discriminant}/{e.r}={root * root}")
    if root:
        steps.append(f"{root}*{root}={root * root}")
    if e.a != 1:
        steps.append(f"2*{e.a}={below}")
    if e.r > 1:
        steps.append(f"{operand(-e.b)}/{below}={Fraction(-e.b, below)}")
        steps.append(f"{root}/{below}={Fraction(root, below)}")
        return
    for signed in (root, -root) if root else (0,):
        top = -e.b + signed
        steps.append(f"{operand(-e.b)}{'+' if signed >= 0 else '-'}{root}={top}")
        steps.append(f"{operand(top)}/{below}={Fraction(top, below)}")


def _roots(e: _Quadratic, steps: list[str]) -> str:
    _solve(e, steps)
    if not e.m:
        return f"\\{{{_surd(e.p, 0, 1, e.q)}\\}}"
    return f"\\{{{_surd(e.p, -e.m, e.r, e.q)}, {_surd(e.p, e.m, e.r, e.q)}\\}}"


def _one_root(
    stream: Stream, e: _Quadratic, equation: str, steps: list[str]
) -> tuple[str, str, str]:
    _solve(e, steps)
    larger = stream.random() < 0.5
    answer = _surd(e.p, e.m if larger else -e.m, e.r, e.q)
    if not e.m:
        return f"only {equation}", f"What is the only solution of ${equation}$?", answer
    word = "larger" if larger else "smaller"
    return f"{word} {equation}", f"What is the {word} solution of ${equation}$?", answer


def _vertex(stream: Stream, e: _Quadratic, level: int, steps: list[str]) -> tuple[str, str, str]:
    a, b, c = e.a * (1 if stream.random() < 0.7 else -1), e.b, e.c + stream.randint(-20, 20)
    if level == 4:
        b *= 2  # the vertex is at a multiple of 1/1 or 1/2
    x = Fraction(-b, 2 * a)
    y = c + b * x / 2
    text = polynomial((c, b, a))
    steps.append(f"2*{operand(a)}={2 * a}")
    steps.append(f"{operand(-b)}/{operand(2 * a)}={x}")
    steps.append(f"{operand(x)}*{operand(x)}={x * x}")
    steps.append(f"{operand(a)}*{operand(x * x)}={a * x * x}")
    steps.append(f"{operand(b)}*{operand(x)}={b * x}")
    steps.append(f"{operand(a * x * x)}+{operand(b * x)}={a * x * x + b * x}")
    if c:
        steps.append(f"{operand(y - c)}+{operand(c)}={y}")
    question = f"Find the vertex of the parabola $y = {text}$. Give it as an ordered pair $(x, y)$."
    return f"vertex {text}", question, f"({latex(x)}, {latex(y)})"


def _sum(kind: str, e: _Quadratic, steps: list[str]) -> Fraction:
    """By the sum and the product of the solutions, which are -b/a and c/a."""
    total, product = Fraction(-e.b, e.a), Fraction(e.c, e.a)
    if e.a != 1:
        steps.append(f"{operand(-e.b)}/{e.a}={total}")
        steps.append(f"{operand(e.c)}/{e.a}={product}")
    if kind == "t":
        steps.append(f"{operand(total)}/{operand(product)}={total / product}")
        return total / product
    square = total * total
    steps.append(f"{operand(total)}*{operand(total)}={square}")
    if kind == "c":
        steps.append(f"{operand(square)}*{operand(total)}={square * total}")
        steps.append(f"{operand(product)}*{operand(total)}={product * total}")
        steps.append(f"3*{operand(product * total)}={3 * product * total}")
        result = square * total - 3 * product * total
        steps.append(f"{operand(square * total)}-{operand(3 * product * total)}={result}")
        return result
    squares = square - 2 * product
    steps.append(f"2*{operand(product)}={2 * product}")
    steps.append(f"{operand(square)}-{operand(2 * product)}={squares}")
    if kind == "s":
        return squares
    steps.append(f"{operand(squares)}*{operand(squares)}={squares * squares}")
    steps.append(f"{operand(product)}*{operand(product)}={product * product}")
    steps.append(f"2*{operand(product * product)}={2 * product * product}")
    result = squares * squares - 2 * product * product
    steps.append(f"{operand(squares * squares)}-{operand(2 * product * product)}={result}")
    return result
