"""Matrices: sums, products, powers, traces, determinants, inverses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from reasoning_gym_envs.math.writing import latex, multiple, operand
from reasoning_gym_envs.problems import Problem, Stream

# By level: the size of the entries, and the kinds of question.
_LEVELS = {
    1: (9, "total trace"),
    2: (15, "total determinant2 trace"),
    3: (20, "combination determinant2 vector"),
    4: (12, "combination vector product determinant2"),
    5: (9, "product square inverse_entry singular"),
    6: (9, "square wide_product inverse determinant3 singular trace_product"),
    7: (12, "wide_product inverse determinant3 cube trace_product"),
    8: (9, "determinant3 cube commutator product3 singular3"),
    9: (9, "commutator product3 inverse3_entry fourth determinant_product"),
    10: (9, "inverse3 triple trace_cube determinant_product"),
}

_Matrix = list[list[int]]
# The content, the question, the answer and the steps of a problem.
_Parts = tuple[str, str, str, list[str]]


def generate(stream: Stream, level: int) -> Problem:
    """Compute with matrices.

    Levels 1 and 2 add 2 by 2 matrices and take traces and determinants; 3 to 5 bring combinations,
    products, squares and inverses; 6 to 8 matrices with three rows, powers, commutators and
    unknown entries; 9 and 10 inverses of 3 by 3 matrices, products of three, higher powers.
    """
    n, kinds = _LEVELS[level]
    content, question, answer, steps = _KINDS[stream.choice(kinds.split())](stream, n)
    return Problem(content, level, question, answer, "matrices", tuple(steps))


def _random(stream: Stream, rows: int, columns: int, n: int, low: int | None = None) -> _Matrix:
    low = -n if low is None else low
    return [[stream.randint(low, n) for _ in range(columns)] for _ in range(rows)]


def _write(matrix: Sequence[Sequence[int | Fraction]]) -> str:
    rows = " \\\\ ".join(" & ".join(map(latex, row)) for row in matrix)
    return f"\\begin{{pmatrix}} {rows} \\end{{pmatrix}}"


def _times(a: _Matrix, b: _Matrix, steps: list[str]) -> _Matrix:
    result = []
    columns = list(zip(*b, strict=True))
    for row in a:
        entries = []
        for column in columns:
            pairs = list(zip(row, column, strict=True))
            entry = sum(x * y for x, y in pairs)
            terms = "+".join([f"{operand(x)}*{operand(y)}" for x, y in pairs])
            steps.append(f"{terms}={entry}")
            entries.append(entry)
        result.append(entries)
    return result


def _determinant2(m: _Matrix, steps: list[str]) -> int:
    (a, b), (c, d) = m
    steps += (
        f"{operand(a)}*{operand(d)}={a * d}",
        f"{operand(b)}*{operand(c)}={b * c}",
        f"{operand(a * d)}-{operand(b * c)}={a * d - b * c}",
    )
    return a * d - b * c


def _minor(m: _Matrix, i: int, j: int, steps: list[str]) -> int:
    """The determinant of what is left of a 3 by 3 matrix without a row and a column."""
    (a, b), (c, d) = ([row[k] for k in range(3) if k != j] for row in m[:i] + m[i + 1 :])
    value = a * d - b * c
    steps.append(f"{operand(a)}*{operand(d)}-{operand(b)}*{operand(c)}={value}")
    return value


def _determinant3(m: _Matrix, steps: list[str]) -> int:
    p, q, r = (_minor(m, 0, j, steps) for j in range(3))
    a, b, c = m[0]
    value = a * p - b * q + c * r
    terms = f"{operand(a)}*{operand(p)}-{operand(b)}*{operand(q)}+{operand(c)}*{operand(r)}"
    steps.append(f"{terms}={value}")
    return value


def _total(stream: Stream, n: int) -> _Parts:
    low = 0 if n < 10 else -n
    a, b = _random(stream, 2, 2, n, low), _random(stream, 2, 2, n, low)
    sign = stream.choice("+-")
    steps = []
    result = []
    for row, other in zip(a, b, strict=True):
        entries = [x + y if sign == "+" else x - y for x, y in zip(row, other, strict=True)]
        for x, y, z in zip(row, other, entries, strict=True):
            steps.append(f"{operand(x)}{sign}{operand(y)}={z}")
        result.append(entries)
    question = f"Compute ${_write(a)} {sign} {_write(b)}$."
    return f"{a} {sign} {b}", question, _write(result), steps


def _trace(stream: Stream, n: int) -> _Parts:
    size = stream.randint(2, 3)
    a = _random(stream, size, size, n, 0 if n < 10 else -n)
    steps: list[str] = []
    question = f"What is the trace of the matrix ${_write(a)}$?"
    return f"trace {a}", question, str(_diagonal_sum(a, steps)), steps


def _diagonal_sum(a: _Matrix, steps: list[str]) -> int:
    total = a[0][0]
    for i in range(1, len(a)):
        steps.append(f"{operand(total)}+{operand(a[i][i])}={total + a[i][i]}")
        total += a[i][i]
    return total


def _combination(stream: Stream, n: int) -> _Parts:
    a, b = _random(stream, 2, 2, n), _random(stream, 2, 2, n)
    k, m = stream.randint(2, 6), stream.randint(2, 6)
    sign = stream.choice("+-")
    steps, result = [], []
    for row, other in zip(a, b, strict=True):
        entries = []
        for x, y in zip(row, other, strict=True):
            z = k * x + m * y if sign == "+" else k * x - m * y
            steps.append(f"{k}*{operand(x)}{sign}{m}*{operand(y)}={z}")
            entries.append(z)
        result.append(entries)
    question = f"Let $A = {_write(a)}$ and $B = {_write(b)}$. Compute ${k}A {sign} {m}B$."
    return f"{k} {a} {sign} {m} {b}", question, _write(result), steps


def _ask_determinant(stream: Stream, n: int, size: int) -> _Parts:
    a = _random(stream, size, size, n)
    steps: list[str] = []
    value = _determinant2(a, steps) if size == 2 else _determinant3(a, steps)
    question = stream.choice(
        (
            f"What is the determinant of the matrix ${_write(a)}$?",
            f"Let $A = {_write(a)}$. Compute $\\det A$.",
        )
    )
    return f"determinant {a}", question, str(value), steps


def _multiplied(stream: Stream, n: int, rows: int, inner: int, columns: int) -> _Parts:
    a, b = _random(stream, rows, inner, n), _random(stream, inner, columns, n)
    steps: list[str] = []
    answer = _write(_times(a, b, steps))
    question = f"Compute the product ${_write(a)} {_write(b)}$."
    return f"{a} * {b}", question, answer, steps


def _power(stream: Stream, n: int, exponent: int) -> _Parts:
    a = _random(stream, 2, 2, n if exponent == 2 else max(2, n // exponent))
    steps: list[str] = []
    square = _times(a, a, steps)
    power = square if exponent == 2 else _times(square, a if exponent == 3 else square, steps)
    question = f"Let $A = {_write(a)}$. Compute $A^{exponent}$."
    return f"{a} ^ {exponent}", question, _write(power), steps


def _invertible2(stream: Stream, n: int) -> _Matrix:
    a, b, c = (stream.randint(-n, n) for _ in range(3))
    a = a or 1
    # The last entry is moved where the determinant would be zero.
    d = stream.randint(-n, n)
    d += a * d == b * c
    return [[a, b], [c, d]]


def _inverse(stream: Stream, n: int) -> _Parts:
    m = _invertible2(stream, n)
    steps: list[str] = []
    det = _determinant2(m, steps)
    (a, b), (c, d) = m
    answer = [[Fraction(d, det), Fraction(-b, det)], [Fraction(-c, det), Fraction(a, det)]]
    for entry, value in zip((d, -b, -c, a), answer[0] + answer[1], strict=True):
        steps.append(f"{operand(entry)}/{operand(det)}={value}")
    question = f"What is the inverse of the matrix ${_write(m)}$?"
    return f"inverse {m}", question, _write(answer), steps


def _inverse_entry(stream: Stream, n: int) -> _Parts:
    m = _invertible2(stream, n)
    steps: list[str] = []
    det = _determinant2(m, steps)
    i, j = stream.randint(0, 1), stream.randint(0, 1)
    entry = m[1 - i][1 - i] if i == j else -m[i][j]
    value = Fraction(entry, det)
    steps.append(f"{operand(entry)}/{operand(det)}={value}")
    question = (
        f"Let $A = {_write(m)}$. What is the entry of $A^{{-1}}$ in row {i + 1}, column {j + 1}?"
    )
    return f"inverse {m} at {i} {j}", question, latex(value), steps


def _singular(stream: Stream, n: int) -> _Parts:
    a, b, c = (stream.randint(2, n) for _ in range(3))
    a, b = (-a if stream.random() < 0.5 else a), (-b if stream.random() < 0.5 else b)
    k = Fraction(b * c, a)
    steps = [f"{operand(b)}*{c}={b * c}", f"{operand(b * c)}/{operand(a)}={k}"]
    text = f"\\begin{{pmatrix}} {a} & {b} \\\\ {c} & k \\end{{pmatrix}}"
    question = f"For which number $k$ does the matrix ${text}$ have no inverse?"
    return f"singular {a} {b} {c}", question, latex(k), steps


def _singular3(stream: Stream, n: int) -> _Parts:
    # The determinant is k·p - q in the last entry; p is not zero.
    m = _random(stream, 3, 3, n)
    (m[0][0], m[0][1]), (m[1][0], m[1][1]) = _invertible2(stream, n)
    m[2][2] = 0
    steps: list[str] = []
    p = _minor(m, 2, 2, steps)
    q = _determinant3(m, steps)
    k = Fraction(-q, p)
    steps.append(f"{operand(-q)}/{operand(p)}={k}")
    rows = [*(" & ".join(map(str, row)) for row in m[:2]), f"{m[2][0]} & {m[2][1]} & k"]
    body = " \\\\ ".join(rows)
    text = f"\\begin{{pmatrix}} {body} \\end{{pmatrix}}"
    question = f"For which number $k$ is the determinant of ${text}$ equal to zero?"
    return f"singular {m}", question, latex(k), steps


def _trace_product(stream: Stream, n: int) -> _Parts:
    a, b = _random(stream, 3, 3, n), _random(stream, 3, 3, n)
    steps: list[str] = []
    diagonal = [[0] * 3 for _ in range(3)]
    for i in range(3):
        ((diagonal[i][i],),) = _times([a[i]], [[row[i]] for row in b], steps)
    value = _diagonal_sum(diagonal, steps)
    question = f"Let $A = {_write(a)}$ and $B = {_write(b)}$. What is the trace of $AB$?"
    return f"trace {a} * {b}", question, str(value), steps


def _commutator(stream: Stream, n: int) -> _Parts:
    a, b = _random(stream, 2, 2, n), _random(stream, 2, 2, n)
    steps: list[str] = []
    left, right = _times(a, b, steps), _times(b, a, steps)
    result = [[x - y for x, y in zip(*rows, strict=True)] for rows in zip(left, right, strict=True)]
    for rows in zip(left, right, result, strict=True):
        for x, y, z in zip(*rows, strict=True):
            steps.append(f"{operand(x)}-{operand(y)}={z}")
    question = f"Let $A = {_write(a)}$ and $B = {_write(b)}$. Compute $AB - BA$."
    return f"commutator {a} {b}", question, _write(result), steps


def _invertible3(stream: Stream) -> _Matrix:
    """A lower times an upper triangle, with small numbers: the determinant is 1 to 3 in size."""
    x, y, z, u, v, w = (stream.randint(-2, 3) for _ in range(6))
    d = stream.choice((-3, -2, -1, 1, 2, 3))
    return [[1, u, v], [x, x * u + 1, x * v + w], [y, y * u + z, y * v + z * w + d]]


def _cofactor(m: _Matrix, i: int, j: int, steps: list[str]) -> int:
    minor = _minor(m, i, j, steps)
    return -minor if (i + j) % 2 else minor


def _inverse3_entry(stream: Stream, n: int) -> _Parts:
    m = _invertible3(stream)
    i, j = stream.randint(0, 2), stream.randint(0, 2)
    steps: list[str] = []
    det = _determinant3(m, steps)
    cofactor = _cofactor(m, j, i, steps)
    value = Fraction(cofactor, det)
    steps.append(f"{operand(cofactor)}/{operand(det)}={value}")
    question = (
        f"Let $A = {_write(m)}$. What is the entry of $A^{{-1}}$ in row {i + 1}, column {j + 1}?"
    )
    return f"inverse {m} at {i} {j}", question, latex(value), steps


def _inverse3(stream: Stream, n: int) -> _Parts:
    m = _invertible3(stream)
    steps: list[str] = []
    det = _determinant3(m, steps)
    answer = []
    for i in range(3):
        row = []
        for j in range(3):
            cofactor = _cofactor(m, j, i, steps)
            row.append(Fraction(cofactor, det))
            if det != 1:
                steps.append(f"{operand(cofactor)}/{operand(det)}={row[-1]}")
        answer.append(row)
    question = f"What is the inverse of the matrix ${_write(m)}$?"
    return f"inverse {m}", question, _write(answer), steps


def _determinant_product(stream: Stream, n: int) -> _Parts:
    a, b = _random(stream, 3, 3, n), _random(stream, 3, 3, n)
    k = stream.randint(2, 4)
    steps: list[str] = []
    p, q = _determinant3(a, steps), _determinant3(b, steps)
    value = k**3 * p * q
    steps += (f"{k}^3={k**3}", f"{k**3}*{operand(p)}={k**3 * p}")
    steps.append(f"{operand(k**3 * p)}*{operand(q)}={value}")
    question = f"Let $A = {_write(a)}$ and $B = {_write(b)}$. Compute $\\det({multiple(k, 'AB')})$."
    return f"determinant {k} {a} * {b}", question, str(value), steps


def _triple(stream: Stream, n: int) -> _Parts:
    a, b, c = (_random(stream, *size, n) for size in ((2, 3), (3, 3), (3, 2)))
    steps: list[str] = []
    answer = _write(_times(_times(a, b, steps), c, steps))
    question = f"Let $A = {_write(a)}$, $B = {_write(b)}$ and $C = {_write(c)}$. Compute $ABC$."
    return f"{a} * {b} * {c}", question, answer, steps


def _trace_cube(stream: Stream, n: int) -> _Parts:
    a = _random(stream, 3, 3, n // 2)
    steps: list[str] = []
    square = _times(a, a, steps)
    diagonal = [[0] * 3 for _ in range(3)]
    for i in range(3):
        ((diagonal[i][i],),) = _times([square[i]], [[row[i]] for row in a], steps)
    value = _diagonal_sum(diagonal, steps)
    question = f"Let $A = {_write(a)}$. What is the trace of $A^3$?"
    return f"trace {a} ^ 3", question, str(value), steps


_KINDS: dict[str, Callable[[Stream, int], _Parts]] = {
    "total": _total,
    "trace": _trace,
    "combination": _combination,
    "determinant2": lambda stream, n: _ask_determinant(stream, n, 2),
    "determinant3": lambda stream, n: _ask_determinant(stream, n, 3),
    "determinant_product": _determinant_product,
    "vector": lambda stream, n: _multiplied(stream, n, 2, 2, 1),
    "product": lambda stream, n: _multiplied(stream, n, 2, 2, 2),
    "wide_product": lambda stream, n: _multiplied(stream, n, 2, 3, 2),
    "product3": lambda stream, n: _multiplied(stream, n, 3, 3, 3),
    "triple": _triple,
    "square": lambda stream, n: _power(stream, n, 2),
    "cube": lambda stream, n: _power(stream, n, 3),
    "fourth": lambda stream, n: _power(stream, n, 4),
    "trace_product": _trace_product,
    "trace_cube": _trace_cube,
    "commutator": _commutator,
    "inverse": _inverse,
    "inverse_entry": _inverse_entry,
    "inverse3": _inverse3,
    "inverse3_entry": _inverse3_entry,
    "singular": _singular,
    "singular3": _singular3,
}
