"""Sequences and their sums: arithmetic, geometric, quadratic and recursive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from reasoning_gym_envs.math.writing import latex, latex_operand, operand, polynomial
from reasoning_gym_envs.problems import Problem, Stream


class _Level(NamedTuple):
    number: int  # the largest first term, difference or coefficient
    terms: int  # the largest index in an arithmetic or quadratic sequence
    recursion: int  # how many times a rule is applied at most
    kinds: tuple[str, ...]


_LEVELS = {
    1: _Level(9, 5, 2, ("next", "term")),
    2: _Level(12, 9, 2, ("next", "term", "rule", "ratio")),
    3: _Level(20, 40, 3, ("two terms", "rule", "sum", "index")),
    4: _Level(30, 60, 3, ("two terms", "rule", "sum", "quadratic")),
    5: _Level(40, 80, 4, ("two terms", "sum", "rule", "quadratic", "ratio sum")),
    6: _Level(50, 99, 5, ("sum between", "rule", "quadratic", "ratio sum", "endless")),
    7: _Level(60, 150, 6, ("sum between", "rule", "quadratic", "ratio sum", "two back")),
    8: _Level(70, 200, 8, ("sum between", "rule", "powers", "ratio sum", "two back")),
    9: _Level(80, 300, 9, ("sum of terms", "powers", "two back", "sum of two back")),
    10: _Level(99, 500, 11, ("sum of terms", "powers", "sum of two back")),
}


def generate(stream: Stream, level: int) -> Problem:
    """Find a term, a sum of terms, or where a term stands.

    Levels 1 and 2 continue an arithmetic sequence or apply a rule twice; 3 to 5 have sums,
    sequences given by two terms, and quadratic ones; from 6 on come sums between two indices and
    of geometric series, rules that look two terms back, and sums of squares and cubes.
    """
    chosen = _LEVELS[level]
    kind = stream.choice(chosen.kinds)
    steps: list[str] = []
    content, question, answer = _KINDS[kind](stream, chosen, steps)
    return Problem(content, level, question, latex(answer), "sequences", tuple(steps), "reduced")


_Made = tuple[str, str, "int | Fraction"]  # content, question, answer


def _next(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, d = _arithmetic(stream, level)
    terms = [a + i * d for i in range(5)]
    steps += (_minus(terms[1], terms[0]), _plus(terms[3], d))
    question = (
        f"An arithmetic sequence begins ${_listed(terms[:4])}, \\ldots$. What is its next term?",
        f"Consecutive terms of the sequence ${_listed(terms[:4])}, \\ldots$ always differ by the "
        "same number. What comes next?",
    )
    return f"arithmetic {a} {d}: 5", stream.choice(question), terms[4]


def _term(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, d = _arithmetic(stream, level)
    n = stream.randint(4, level.terms + 5)
    steps += (_minus(a + d, a), f"{n - 1}*{operand(d)}={(n - 1) * d}", _plus(a, (n - 1) * d))
    question = (
        f"An arithmetic sequence begins ${_listed([a, a + d, a + 2 * d])}, \\ldots$. "
        f"What is term number ${n}$?"
    )
    return f"arithmetic {a} {d}: {n}", question, a + (n - 1) * d


def _index(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, d = _arithmetic(stream, level)
    n = stream.randint(9, level.terms)
    last = a + (n - 1) * d
    steps += (_minus(a + d, a), _minus(last, a), f"{operand(last - a)}/{operand(d)}={n - 1}")
    steps.append(f"{n - 1}+1={n}")
    question = (
        f"Which term of the arithmetic sequence ${_listed([a, a + d, a + 2 * d])}, \\ldots$ is "
        f"equal to ${last}$? Give its number, counting the first term as number $1$.",
        f"How many terms does the arithmetic sequence ${_listed([a, a + d])}, \\ldots, {last}$ "
        "have?",
    )
    return f"arithmetic {a} {d} {last}", stream.choice(question), n


def _two_terms(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, d = _arithmetic(stream, level)
    j, k, n = sorted(stream.sample(range(2, level.terms), 3))
    if stream.random() < 0.4:
        k, n = n, k
    first, second, wanted = (a + (i - 1) * d for i in (j, k, n))
    gap = second - first
    steps += (_minus(second, first), f"{k}-{j}={k - j}", f"{operand(gap)}/{k - j}={d}")
    steps += (f"{n}-{j}={n - j}", f"{n - j}*{operand(d)}={(n - j) * d}")
    steps.append(_plus(first, (n - j) * d))
    question = (
        f"In an arithmetic sequence, $a_{{{j}}} = {first}$ and $a_{{{k}}} = {second}$. "
        f"Find $a_{{{n}}}$.",
        f"Term number ${j}$ of an arithmetic sequence is ${first}$, and term number ${k}$ is "
        f"${second}$. What is term number ${n}$?",
    )
    return f"arithmetic {j}:{first} {k}:{second} {n}", stream.choice(question), wanted


def _sum(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, d = _arithmetic(stream, level)
    n = stream.randint(8, level.terms)
    last = a + (n - 1) * d
    steps += (_minus(a + d, a), f"{n - 1}*{operand(d)}={(n - 1) * d}", _plus(a, (n - 1) * d))
    total = _add_up(a, last, n, steps)
    question = (
        f"Find the sum of the first ${n}$ terms of the arithmetic sequence "
        f"${_listed([a, a + d, a + 2 * d])}, \\ldots$.",
        f"An arithmetic sequence begins ${_listed([a, a + d, a + 2 * d])}, \\ldots$. "
        f"What do its first ${n}$ terms sum to?",
    )
    return f"arithmetic {a} {d} sum {n}", stream.choice(question), total


def _sum_between(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    d, c = stream.randint(2, level.number), stream.randint(1, level.number)
    low = stream.randint(3, level.terms // 2)
    high = stream.randint(low + 5, level.terms)
    if stream.random() < 0.5:
        c = -c
    first, last, n = d * low + c, d * high + c, high - low + 1
    for k in (low, high):
        steps += (f"{d}*{k}={d * k}", _plus(d * k, c))
    steps.append(f"{high}-{low}+1={n}")
    total = _add_up(first, last, n, steps)
    rule = polynomial([c, d], "k")
    question = (
        f"Compute $\\sum_{{k={low}}}^{{{high}}} ({rule})$.",
        f"The sequence $a_1, a_2, \\ldots$ is given by $a_k = {rule}$. "
        f"Find $a_{{{low}}} + a_{{{low + 1}}} + \\cdots + a_{{{high}}}$.",
    )
    return f"sum {low} {high} {rule}", stream.choice(question), total


def _quadratic(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """Term n of a n² + b n + c: first term, plus first difference, plus second differences."""
    second = 2 * stream.randint(1, max(2, level.number // 8))
    start, step = stream.randint(-level.number, level.number), stream.randint(1, level.number)
    n = stream.randint(8, level.terms // 3)
    terms = [start + i * step + i * (i - 1) // 2 * second for i in range(5)]
    first, then = terms[1] - terms[0], terms[2] - terms[1]
    steps += (_minus(terms[1], terms[0]), _minus(terms[2], terms[1]), f"{then}-{first}={second}")
    pairs = (n - 1) * (n - 2) // 2
    steps += (f"{n - 1}*{first}={(n - 1) * first}", f"{n - 1}*{n - 2}/2={pairs}")
    steps += (f"{pairs}*{second}={pairs * second}", _plus(start, (n - 1) * first))
    answer = start + (n - 1) * first + pairs * second
    steps.append(_plus(start + (n - 1) * first, pairs * second))
    question = (
        f"The differences between consecutive terms of the sequence ${_listed(terms)}, \\ldots$ "
        f"form an arithmetic sequence. What is term number ${n}$?",
        f"A sequence begins ${_listed(terms[:4])}, \\ldots$ and is given by a quadratic "
        f"polynomial in the term's number. What is term number ${n}$?",
    )
    return f"quadratic {start} {first} {second}: {n}", stream.choice(question), answer


def _rule(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """A linear recursion of the first order."""
    factor, c = stream.randint(2, 3), stream.randint(1, level.number)
    if stream.random() < 0.4:
        c = -c
    if level.recursion > 2 and stream.random() < 0.3:
        factor = -factor
    first = stream.randint(1, level.number)
    if factor * first + c == first:  # the sequence would stand still
        first += 1
    value = first
    n = stream.randint(level.recursion, level.recursion + 1)
    for _ in range(n):
        product = factor * value
        steps += (f"{operand(factor)}*{operand(value)}={product}", _plus(product, c))
        value = product + c
    rule = f"{factor}a_k {'-' if c < 0 else '+'} {abs(c)}"
    question = (
        f"A sequence starts with $a_1 = {first}$ and continues with $a_{{k+1}} = {rule}$. "
        f"Find $a_{{{n + 1}}}$.",
        f"Let $a_1 = {first}$ and $a_{{k+1}} = {rule}$ for every $k \\ge 1$. "
        f"What is $a_{{{n + 1}}}$?",
    )
    return f"rule {first} {rule}: {n + 1}", stream.choice(question), value


def _ratio(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, q = stream.randint(1, level.number), stream.randint(2, 4)
    n = stream.randint(4, 6)
    value = a * q * q
    steps.append(f"{a * q}/{a}={q}")
    for _ in range(n - 3):
        steps.append(f"{value}*{q}={value * q}")
        value *= q
    question = (
        f"A geometric sequence begins ${_listed([a, a * q, a * q * q])}, \\ldots$. "
        f"What is term number ${n}$?"
    )
    return f"geometric {a} {q}: {n}", question, value


def _ratio_sum(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, q = stream.randint(2, level.number), stream.choice((-3, -2, 2, 3, 4, 5))
    n = stream.randint(5, min(level.recursion + 2, 9 if abs(q) < 4 else 6))
    power = q**n
    steps += (f"{operand(q)}^{n}={power}", _minus(power, 1), _minus(q, 1))
    steps += (f"{operand(power - 1)}/{operand(q - 1)}={(power - 1) // (q - 1)}",)
    total = a * ((power - 1) // (q - 1))
    steps.append(f"{operand(total // a)}*{a}={total}")
    question = (
        f"Find the sum of the first ${n}$ terms of the geometric sequence with first term ${a}$ "
        f"and common ratio ${q}$.",
        f"Compute ${a} + {a} \\cdot {latex_operand(q)} + {a} \\cdot {latex_operand(q)}^2 + \\cdots "
        f"+ {a} \\cdot {latex_operand(q)}^{n - 1}$.",
    )
    return f"geometric {a} {q} sum {n}", stream.choice(question), total


def _endless(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    a, below = stream.randint(2, level.number), stream.randint(3, 12)
    q = Fraction(stream.randint(1, below - 1) * stream.choice((-1, 1)), below)
    total = a / (1 - q)
    steps += (f"1-{operand(q)}={1 - q}", f"{a}/{operand(1 - q)}={total}")
    question = (
        f"The first term of an infinite geometric series is ${a}$, and its common ratio is "
        f"${latex(q)}$. Find its sum, as a whole number or a fraction in lowest terms.",
        f"Find the sum of the infinite geometric series that begins "
        f"${a} {_signed(a * q)} {_signed(a * q * q)} + \\cdots$, as a whole number "
        "or a fraction in lowest terms.",
    )
    return f"geometric {a} {q} endless", question[0 if q < 0 else stream.randint(0, 1)], total


def _two_back(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    rule, terms = _recursion(stream, level, steps)
    n = len(terms)
    return f"{rule}: {n}", f"Let {rule} for every $k \\ge 1$. Find $a_{{{n}}}$.", terms[-1]


def _sum_of_two_back(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    rule, terms = _recursion(stream, level, steps)
    n = len(terms)
    total = sum(terms)
    steps.append("+".join(map(operand, terms)) + f"={total}")
    question = f"Let {rule} for every $k \\ge 1$. Find the sum $a_1 + a_2 + \\cdots + a_{{{n}}}$."
    return f"{rule}: sum {n}", question, total


def _powers(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """A sum of squares or cubes, the formula evaluated at both ends."""
    low, high = stream.randint(3, 30), stream.randint(31, level.terms // 3 + 20)
    a = stream.randint(2, level.number // 4)
    squares = stream.random() < 0.6
    values = []
    for n in (high, low - 1):
        if squares:
            values.append(n * (n + 1) * (2 * n + 1) // 6)
            steps.append(f"{n}*({n}+1)*(2*{n}+1)/6={values[-1]}")
        else:
            half = n * (n + 1) // 2
            values.append(half * half)
            steps += (f"{n}*({n}+1)/2={half}", f"{half}^2={half * half}")
    difference = values[0] - values[1]
    steps += (f"{values[0]}-{values[1]}={difference}", f"{a}*{difference}={a * difference}")
    question = f"Compute $\\sum_{{k={low}}}^{{{high}}} {a}k^{2 if squares else 3}$."
    return question, question, a * difference


def _sum_of_terms(stream: Stream, level: _Level, steps: list[str]) -> _Made:
    """The sum of a k² + b k + c, by the three formulas."""
    n = stream.randint(15, level.terms // 4)
    a, b, c = (stream.randint(2, level.number // 4) for _ in range(3))
    if stream.random() < 0.5:
        b = -b
    squares, numbers = n * (n + 1) * (2 * n + 1) // 6, n * (n + 1) // 2
    steps += (f"{n}*({n}+1)*(2*{n}+1)/6={squares}", f"{a}*{squares}={a * squares}")
    steps += (f"{n}*({n}+1)/2={numbers}", f"{operand(b)}*{numbers}={b * numbers}")
    total = a * squares + b * numbers
    steps += (f"{c}*{n}={c * n}", _plus(a * squares, b * numbers), _plus(total, c * n))
    question = f"Compute $\\sum_{{k=1}}^{{{n}}} ({polynomial([c, b, a], 'k')})$."
    return question, question, total + c * n


def _arithmetic(stream: Stream, level: _Level) -> tuple[int, int]:
    """First term and difference."""
    a, d = stream.randint(1, level.number), stream.randint(2, level.number)
    if level.terms > 5 and stream.random() < 0.4:
        return a, -d
    return (-a, d) if level.terms > 9 and stream.random() < 0.3 else (a, d)


def _recursion(stream: Stream, level: _Level, steps: list[str]) -> tuple[str, list[int]]:
    """A rule that looks two terms back, in LaTeX, and the terms it gives."""
    p, q = stream.randint(1, 3), stream.choice((-3, -2, -1, 1, 2, 3))
    terms = [stream.randint(1, 9), stream.randint(1, 9)]
    rule = (
        f"$a_1 = {terms[0]}$, $a_2 = {terms[1]}$ and "
        f"$a_{{k+2}} = {p if p > 1 else ''}a_{{k+1}} {'-' if q < 0 else '+'} "
        f"{abs(q) if abs(q) > 1 else ''}a_k$"
    )
    for _ in range(stream.randint(level.recursion - 3, level.recursion - 1)):
        first, second = terms[-2:]
        value = p * second + q * first
        left = f"{p}*{operand(second)}" if p > 1 else operand(second)
        right = f"{abs(q)}*{operand(first)}" if abs(q) > 1 else operand(first)
        steps.append(f"{left}{'-' if q < 0 else '+'}{right}={value}")
        terms.append(value)
    return rule, terms


def _add_up(first: int, last: int, n: int, steps: list[str]) -> int:
    """The sum of an arithmetic sequence: the number of terms times their mean."""
    ends = first + last
    steps += (_plus(first, last), f"{n}*{operand(ends)}={n * ends}")
    steps.append(f"{operand(n * ends)}/2={n * ends // 2}")
    return n * ends // 2


def _plus(a: int, b: int) -> str:
    """The step a + b."""
    return f"{operand(a)}-{-b}={a + b}" if b < 0 else f"{operand(a)}+{b}={a + b}"


def _minus(a: int, b: int) -> str:
    return f"{operand(a)}-{operand(b)}={a - b}"


def _signed(value: int | Fraction) -> str:
    return f"- {latex(-value)}" if value < 0 else f"+ {latex(value)}"


def _listed(terms: Sequence[int]) -> str:
    return ", ".join(map(str, terms))


_KINDS: dict[str, Callable[[Stream, _Level, list[str]], _Made]] = {
    "next": _next,
    "term": _term,
    "index": _index,
    "two terms": _two_terms,
    "sum": _sum,
    "sum between": _sum_between,
    "quadratic": _quadratic,
    "rule": _rule,
    "ratio": _ratio,
    "ratio sum": _ratio_sum,
    "endless": _endless,
    "two back": _two_back,
    "sum of two back": _sum_of_two_back,
    "powers": _powers,
    "sum of terms": _sum_of_terms,
}
