"""Systems of linear equations: two unknowns, then three, solved by elimination."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from reasoning_gym_envs.math.writing import latex, operand
from reasoning_gym_envs.problems import Problem, Stream


class _Level(NamedTuple):
    unknowns: int
    coefficient: int  # the largest
    solution: int  # the largest component of the solution
    denominator: int = 1  # the largest of the first component of the solution
    moved: bool = False  # terms stand on both sides
    zeros: int = 0  # how many coefficients are 0


_LEVELS = {
    2: _Level(2, 3, 6),
    3: _Level(2, 5, 9),
    4: _Level(2, 9, 12),
    5: _Level(2, 9, 15, moved=True),
    6: _Level(2, 12, 20, denominator=6, moved=True),
    7: _Level(3, 3, 6, zeros=2),
    8: _Level(3, 4, 8),
    9: _Level(3, 6, 10),
    10: _Level(3, 9, 12, denominator=4),
}

_NAMES = "xyz"
_SOLVE = (
    "Solve the system {}.",
    "Solve the system of equations {}.",
    "Find the solution of the system {}.",
)
_SUM = ("If {}, what is the value of ${}$?", "Suppose that {}. What is ${}$?")

_Rows = list[list[int]]  # of each equation the coefficients and the right side


def generate(stream: Stream, level: int) -> Problem:
    """Solve a system, for an ordered pair or triple or for the value of an expression.

    Level 1 gives a sum and a difference; 2 to 6 are two equations with growing coefficients, on 5
    and 6 with terms on both sides, on 6 with fractions as solutions; from 7 on there are three
    equations, on 7 with some coefficients 0, on 10 with fractions as solutions.
    """
    if level == 1:
        x, y = stream.randint(1, 12), stream.randint(1, 12)
        row, rows = _Level(2, 1, 12), [[1, 1, x + y], [1, -1, x - y]]
    else:
        row = _LEVELS[level]
        rows = _draw(stream, row)
    n = row.unknowns
    steps: list[str] = []
    equations = [_equation(stream, r, row.moved, steps) for r in rows]
    content = "; ".join(sorted(equations))
    system = ", ".join(f"${e}$" for e in equations[:-1]) + f" and ${equations[-1]}$"
    solution = _two(rows, steps) if n == 2 else _three(rows, steps)
    if level > 2 and stream.random() < 0.25:
        return _expression(stream, level, content, system, solution, steps)
    names = f"(x, y{', z' if n == 3 else ''})"
    kind = "pair" if n == 2 else "triple"
    question = stream.choice(_SOLVE).format(system)
    question = f"{question} Give the answer as an ordered {kind} ${names}$."
    answer = f"({', '.join(map(latex, solution))})"
    return Problem(content, level, question, answer, "linear_systems", tuple(steps))


def _expression(
    stream: Stream,
    level: int,
    content: str,
    system: str,
    solution: list[int | Fraction],
    steps: list[str],
) -> Problem:
    """Ask for a sum of multiples of the unknowns instead of for all of them."""
    weights = [stream.randint(1, 4) * (1 if stream.random() < 0.6 else -1) for _ in solution]
    if f"{_side(weights)} = " in f"; {content}":
        weights[0] = 7  # an equation's own side would be no question
    total: int | Fraction = 0
    for i, (weight, value) in enumerate(zip(weights, solution, strict=True)):
        term = weight * value
        if weight not in (1, -1):
            steps.append(f"{weight}*{operand(value)}={term}")
        if i:
            steps.append(f"{operand(total)}+{operand(term)}={total + term}")
        total += term
    wanted = _side(weights)
    question = stream.choice(_SUM).format(system, wanted)
    return Problem(
        f"{content}; {wanted}", level, question, latex(total), "linear_systems", tuple(steps)
    )


def _draw(stream: Stream, row: _Level) -> _Rows:
    """The solution first, then coefficients around it."""
    n, largest = row.unknowns, row.coefficient
    solution: list[int | Fraction] = [stream.randint(-row.solution, row.solution) for _ in range(n)]
    over = stream.randint(2, row.denominator) if row.denominator > 1 else 1
    if over > 1:
        solution[0] = Fraction(stream.randint(-row.solution, row.solution), over)
        over = solution[0].denominator
    holes = stream.sample(range(n), row.zeros) if row.zeros else []
    rows: _Rows = []
    for i in range(n):
        # The first coefficient is a multiple of the denominator, so that right sides are whole.
        r = [stream.randint(1, 2 * largest) for _ in range(n)]
        r = [c if c <= largest else largest - c for c in r]
        if over > 1 and r[0] % over:
            r[0] = (over if r[0] > 0 else -over) * (1 + abs(r[0]) // over)
        if i in holes:
            r[(i + 1) % n] = 0
        rows.append(r)
    for _ in range(2):  # a determinant of 0 has no single solution; two changes are enough
        if _determinant(rows):
            break
        rows[-1][-1] += 1 if rows[-1][-1] != -1 else 2
    else:
        if not _determinant(rows):
            rows = [[over if i == j == 0 else int(i >= j) for j in range(n)] for i in range(n)]
            rows[1][0] = rows[-1][0] = over
    for r in rows:
        r.append(int(sum([c * solution[i] for i, c in enumerate(r)])))
    return rows


def _determinant(rows: _Rows) -> int:
    if len(rows) == 2:
        (a, b), (c, d) = rows
        return a * d - b * c
    (a, b, c), (d, e, f), (g, h, i) = rows
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


# Writing


def _side(coefficients: list[int]) -> str:
    text = ""
    for i, c in enumerate(coefficients):
        if c:
            size = "" if -2 < c < 2 else str(abs(c))
            sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
            text += f"{sign}{size}{_NAMES[i]}"
    return text


def _equation(stream: Stream, row: list[int], moved: bool, steps: list[str]) -> str:
    """The equation; ``moved`` adds the same multiple of an unknown and number to both sides."""
    *left, constant = row
    if not moved:
        return f"{_side(left)} = {constant}"
    right = [0] * len(left)
    i = stream.randint(0, len(left) - 1)
    more = stream.randint(1, 6)
    number = stream.randint(1, 20)
    steps.append(f"{left[i] + more}-{more}={left[i]}")
    left[i], right[i] = left[i] + more, more
    left_text = _side(left)
    left_text = f"{left_text} - {number}" if left_text else f"-{number}"
    rest = constant - number
    if rest:
        steps.append(f"{rest}+{number}={constant}")
    right_text = _side(right) + (f" + {rest}" if rest > 0 else f" - {-rest}" if rest else "")
    return f"{left_text} = {right_text}"


# Elimination, in numbers


def _divide(p: int | Fraction, q: int, steps: list[str]) -> int | Fraction:
    if q == 1:
        return p
    result = p // q if type(p) is int and p % q == 0 else Fraction(p) / q
    steps.append(f"{operand(p)}/{operand(q)}={result}")
    return result


def _cross(p: int, q: int, r: int, s: int, steps: list[str]) -> int:
    """p q - r s, and the steps; what is multiplied by 0 or 1 is not written."""
    left, right = p * q, r * s
    if p != 1 and left:
        steps.append(f"{operand(p)}*{operand(q)}={left}")
    if r != 1 and right:
        steps.append(f"{operand(r)}*{operand(s)}={right}")
    if right:
        steps.append(f"{left}-{operand(right)}={left - right}")
    return left - right


def _two(rows: _Rows, steps: list[str]) -> list[int | Fraction]:
    """Eliminate the first unknown, and put the second into an equation that has the first."""
    (a, b, e), (c, d, f) = rows
    if not a:
        (a, b, e), (c, d, f) = (c, d, f), (a, b, e)
    coefficient = _cross(a, d, c, b, steps)
    y = _divide(_cross(a, f, c, e, steps), coefficient, steps)
    return [_back(a, ((b, y),), e, steps), y]


def _three(rows: _Rows, steps: list[str]) -> list[int | Fraction]:
    """Eliminate the first unknown from two equations, solve these, and put them in."""
    first, *others = sorted(rows, key=lambda row: abs(row[0]) or 99)
    a, b, c, e = first
    smaller: _Rows = []
    for row in others:
        k = row[0]
        smaller.append([_cross(a, row[i], k, first[i], steps) for i in (1, 2, 3)] if k else row[1:])
    y, z = _two(smaller, steps)
    return [_back(a, ((b, y), (c, z)), e, steps), y, z]


def _back(
    a: int, known: tuple[tuple[int, int | Fraction], ...], rest: int | Fraction, steps: list[str]
) -> int | Fraction:
    """Solve a x + b y + … = rest for x, with y and so on known."""
    for coefficient, value in known:
        product = coefficient * value
        if product:
            if coefficient != 1:
                steps.append(f"{operand(coefficient)}*{operand(value)}={product}")
            steps.append(f"{operand(rest)}-{operand(product)}={rest - product}")
            rest -= product
    return _divide(rest, a, steps)
