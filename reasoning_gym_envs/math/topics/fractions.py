"""Fractions: lowest terms, the four operations, mixed numbers, nested and continued fractions."""

from __future__ import annotations

from math import gcd
from typing import NamedTuple

from reasoning_gym_envs.answers import Form
from reasoning_gym_envs.problems import Problem, Stream


class _Level(NamedTuple):
    kinds: str  # the letters of _KINDS
    size: int  # the largest denominator
    terms: int  # how many fractions: of a sum, product, comparison or continued fraction
    mixed: float = 0.0  # how often a fraction is a mixed number


_LEVELS = {
    1: _Level("lle", 9, 2),
    2: _Level("lsp", 8, 2),
    3: _Level("lssppd", 12, 2),
    4: _Level("lspd", 12, 3, 0.2),
    5: _Level("spdm", 12, 3, 0.3),
    6: _Level("sdbmm", 12, 3, 0.3),
    7: _Level("dbmnc", 12, 4, 0.3),
    8: _Level("dbbnnc", 12, 5, 0.4),
    9: _Level("bnc", 12, 6, 0.4),
    10: _Level("bnc", 14, 7, 0.5),
}

_COMPUTE = ("Compute ${}$.", "Calculate ${}$.", "What is ${}$?", "Work out ${}$.")
_SIMPLIFY = (
    "Write ${}$ in lowest terms.",
    "Simplify ${}$ to a fraction in lowest terms.",
    "Reduce ${}$ to lowest terms.",
)
_DIFFERENCE = (
    "What is the difference between the {1} and the {2} of the fractions {0}?",
    "By how much is the {1} of the fractions {0} greater than the {2}?",
)

_Fraction = tuple[int, int]  # numerator and denominator, in lowest terms, the latter positive


def generate(stream: Stream, level: int) -> Problem:
    """Simplify, compare and compute.

    Levels 1 and 2 simplify and have one operation (on level 1 with equal denominators), from 3 on
    denominators differ, from 4 on there are mixed numbers and three fractions or more, from 6 on
    brackets, from 7 on fractions in fractions and continued fractions.
    """
    row = _LEVELS[level]
    kind = stream.choice(row.kinds)
    steps: list[str] = []
    form: Form = "value"
    if kind == "l":
        (p, q), text = _lowest_terms(stream, row.size, level, steps)
        content, question, form = text, stream.choice(_SIMPLIFY).format(text), "reduced"
    elif kind == "d":
        (p, q), texts, words = _spread(stream, row, steps)
        listed = f"{', '.join(texts[:-1])} and {texts[-1]}"
        content = f"difference {', '.join(sorted(texts))}"
        question = stream.choice(_DIFFERENCE).format(listed, *words)
    else:
        (p, q), content = _KINDS[kind](stream, row, steps)
        question = stream.choice(_COMPUTE).format(content)
    return Problem(content, level, question, _latex(p, q), "fractions", tuple(steps), form)


def _latex(p: int, q: int) -> str:
    if q == 1:
        return str(p)
    return f"-\\frac{{{-p}}}{{{q}}}" if p < 0 else f"\\frac{{{p}}}{{{q}}}"


def _draw(stream: Stream, size: int, mixed: float, steps: list[str]) -> tuple[_Fraction, str]:
    """A positive fraction and its LaTeX; a mixed number is made improper in the steps."""
    q = 2 + int(stream.random() * (size - 1))
    p = 1 + int(stream.random() * (q - 1))
    g = gcd(p, q)
    p, q = p // g, q // g
    text = f"\\frac{{{p}}}{{{q}}}"
    if mixed and stream.random() < mixed:
        whole = 1 + int(stream.random() * 5)
        steps += (f"{whole}*{q}={whole * q}", f"{whole * q}+{p}={whole * q + p}")
        return (whole * q + p, q), f"{whole}{text}"
    return (p, q), text


# The operations: each adds its steps, in whole numbers, and returns a fraction in lowest terms.


def _reduce(p: int, q: int, steps: list[str]) -> _Fraction:
    g = gcd(p, q)
    if g > 1 and p:
        steps += (f"{_s(p)}/{g}={p // g}", f"{q}/{g}={q // g}")
    return p // g, q // g


def _add(a: _Fraction, sign: str, b: _Fraction, steps: list[str]) -> _Fraction:
    (p, q), (r, s) = a, b
    g = gcd(q, s)
    widen, widen_b = s // g, q // g
    left, right = p * widen, r * widen_b
    if widen > 1 and widen_b > 1:
        steps.append(f"{q}*{widen}={q * widen}")
    if widen > 1:
        steps.append(f"{_s(p)}*{widen}={left}")
    if widen_b > 1:
        steps.append(f"{_s(r)}*{widen_b}={right}")
    total = left + right if sign == "+" else left - right
    steps.append(f"{_s(left)}{sign}{_s(right)}={total}")
    return _reduce(total, q * widen, steps)


def _multiply(a: _Fraction, b: _Fraction, steps: list[str]) -> _Fraction:
    (p, q), (r, s) = a, b
    if q == 1 or s == 1 or (p != 1 and r != 1):
        steps.append(f"{_s(p)}*{_s(r)}={p * r}")
    if q != 1 and s != 1:
        steps.append(f"{q}*{s}={q * s}")
    return _reduce(p * r, q * s, steps)


def _divide(a: _Fraction, b: _Fraction, steps: list[str]) -> _Fraction:
    r, s = b
    return _multiply(a, (s, r) if r > 0 else (-s, -r), steps)


def _s(n: int) -> str:
    return str(n) if n >= 0 else f"({n})"


# The kinds: each returns the answer and the LaTeX of the question.


def _lowest_terms(stream: Stream, size: int, level: int, steps: list[str]) -> tuple[_Fraction, str]:
    (p, q), _ = _draw(stream, size + 10 * (level - 1), 0.0, [])
    factors = [stream.choice((2, 3, 5, 7, 11) if level > 2 else (2, 3, 5)) for _ in range(level)]
    n, d = p, q
    for factor in factors:
        n, d = n * factor, d * factor
    text = f"\\frac{{{n}}}{{{d}}}"
    for factor in factors:
        steps += (f"{n}/{factor}={n // factor}", f"{d}/{factor}={d // factor}")
        n, d = n // factor, d // factor
    return (p, q), text


def _equal_denominators(stream: Stream, row: _Level, steps: list[str]) -> tuple[_Fraction, str]:
    q = stream.randint(3, row.size)
    a, b = stream.randint(1, q - 1), stream.randint(1, q - 1)
    sign = "+" if stream.random() < 0.5 else "-"
    if sign == "-" and a < b:
        a, b = b, a
    total = a + b if sign == "+" else a - b
    steps.append(f"{a}{sign}{b}={total}")
    text = f"\\frac{{{a}}}{{{q}}} {sign} \\frac{{{b}}}{{{q}}}"
    return _reduce(total, q, steps), text


def _sum(stream: Stream, row: _Level, steps: list[str]) -> tuple[_Fraction, str]:
    total, text = _draw(stream, row.size, row.mixed, steps)
    for _ in range(row.terms - 1):
        term, latex = _draw(stream, row.size, row.mixed, steps)
        sign = "+" if stream.random() < 0.5 else "-"
        total, text = _add(total, sign, term, steps), f"{text} {sign} {latex}"
    return total, text


def _product(stream: Stream, row: _Level, steps: list[str]) -> tuple[_Fraction, str]:
    total, text = _draw(stream, row.size, row.mixed, steps)
    for _ in range(row.terms - 1):
        factor, latex = _draw(stream, row.size, row.mixed, steps)
        if stream.random() < 0.5:
            total, text = _multiply(total, factor, steps), f"{text} \\times {latex}"
        else:
            total, text = _divide(total, factor, steps), f"{text} \\div {latex}"
    return total, text


def _spread(
    stream: Stream, row: _Level, steps: list[str]
) -> tuple[_Fraction, list[str], tuple[str, str]]:
    """The largest of some fractions minus the smallest, over their common denominator."""
    drawn: dict[_Fraction, str] = {}
    for _ in range(row.terms + 2):
        fraction, text = _draw(stream, row.size, 0.0, steps)
        drawn[fraction] = text
    if len(drawn) < 2:
        drawn = {(1, 2): "\\frac{1}{2}", (2, 3): "\\frac{2}{3}"}
    fractions = list(drawn)[: row.terms]
    common = fractions[0][1]
    for _, q in fractions[1:]:
        if common % q:
            larger = common * (q // gcd(common, q))
            steps.append(f"{common}*{q // gcd(common, q)}={larger}")
            common = larger
    numerators = []
    for p, q in fractions:
        numerators.append(p * (common // q))
        if q != common:
            steps += (f"{common}/{q}={common // q}", f"{p}*{common // q}={numerators[-1]}")
    high, low = max(numerators), min(numerators)
    steps.append(f"{high}-{low}={high - low}")
    texts = [f"${drawn[fraction]}$" for fraction in fractions]
    words = ("largest", "smallest") if len(texts) > 2 else ("larger", "smaller")
    return _reduce(high - low, common, steps), texts, words


def _sum_of_products(stream: Stream, row: _Level, steps: list[str]) -> tuple[_Fraction, str]:
    two = row._replace(terms=2)
    left, left_text = _product(stream, two, steps)
    right, right_text = _product(stream, two, steps)
    sign = "+" if stream.random() < 0.5 else "-"
    return _add(left, sign, right, steps), f"{left_text} {sign} {right_text}"


def _brackets(stream: Stream, row: _Level, steps: list[str]) -> tuple[_Fraction, str]:
    """A sum in brackets times or divided by a sum in brackets, or by a fraction, and so on."""
    total, text = _sum(stream, row._replace(terms=2), steps)
    text = f"\\left({text}\\right)"
    for i in range(2, row.terms, 2):
        if i + 2 <= row.terms:
            factor, latex = _sum(stream, row._replace(terms=2), steps)
            latex = f"\\left({latex}\\right)"
        else:
            factor, latex = _draw(stream, row.size, row.mixed, steps)
        if factor[0] == 0 or stream.random() < 0.5:
            total, text = _multiply(total, factor, steps), f"{text} \\times {latex}"
        else:
            total, text = _divide(total, factor, steps), f"{text} \\div {latex}"
    return total, text


def _nested(stream: Stream, row: _Level, steps: list[str]) -> tuple[_Fraction, str]:
    """A sum of fractions over a sum of fractions."""
    half = row._replace(terms=row.terms // 2, mixed=row.mixed / 2)
    top, top_text = _sum(stream, half, steps)
    bottom_steps: list[str] = []
    bottom, bottom_text = _sum(stream, half, bottom_steps)
    if bottom[0] == 0:
        bottom, bottom_text, bottom_steps = (3, 2), "1 + \\frac{1}{2}", ["1+(1/2)=3/2"]
    steps += bottom_steps
    return _divide(top, bottom, steps), f"\\frac{{{top_text}}}{{{bottom_text}}}"


def _continued(stream: Stream, row: _Level, steps: list[str]) -> tuple[_Fraction, str]:
    """a + b/(c + d/(e + …)), evaluated from the innermost denominator outwards."""
    p, q = stream.choice((3, 5, 7)), 1
    text = str(p)
    for i in range(row.terms - 1):
        whole, over = stream.randint(1, 9), stream.randint(1, 9 if i else p - 1)
        text = f"{whole} + \\frac{{{over}}}{{{text}}}"
        if over > 1 and q > 1:
            steps.append(f"{over}*{q}={over * q}")
        q, p = p, over * q
        if whole > 1:
            steps.append(f"{whole}*{q}={whole * q}")
        steps.append(f"{whole * q}+{p}={whole * q + p}")
        p, q = _reduce(whole * q + p, q, steps)
    return (p, q), text


_KINDS = {
    "e": _equal_denominators,
    "s": _sum,
    "p": _product,
    "m": _sum_of_products,
    "b": _brackets,
    "n": _nested,
    "c": _continued,
}
