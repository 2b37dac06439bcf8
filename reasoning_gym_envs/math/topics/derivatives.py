"""Derivatives: of polynomials, products, powers and quotients; tangents; e^x, sin, cos and ln."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from reasoning_gym_envs.answers import Form
from reasoning_gym_envs.math.writing import evaluation, latex, multiple, operand, polynomial
from reasoning_gym_envs.problems import Problem, Stream

# By level: the degree of the polynomials, their largest coefficient, and the kinds of question.
_LEVELS = {
    1: (3, 20, "power"),
    2: (2, 9, "derivative slope"),
    3: (3, 9, "derivative slope slope"),
    4: (4, 9, "derivative slope slope second"),
    5: (4, 15, "slope second product tangent"),
    6: (4, 20, "second product tangent extremum chain"),
    7: (3, 20, "product tangent extremum chain exponential wave"),
    8: (3, 20, "tangent chain quotient exponential wave logarithm"),
    9: (3, 20, "chains quotient exponential wave logarithm"),
    10: (4, 20, "chains quotient exponential logarithm"),
}

# The content, the question, the answer, the steps and the form of the answer.
_Parts = tuple[str, str, str, list[str], Form]
_Polynomial = list[int]


def generate(stream: Stream, level: int) -> Problem:
    """Differentiate a function, or find a slope, a tangent or an extremum.

    Levels 1 and 2 differentiate powers and quadratics; 3 and 4 longer polynomials, once and
    twice; 5 to 7 bring tangents, extrema, products and powers of brackets, then exponentials,
    sines and cosines; 8 to 10 quotients, logarithms and products of powers.
    """
    degree, n, kinds = _LEVELS[level]
    kind = _KINDS[stream.choice(kinds.split())]
    content, question, answer, steps, form = kind(stream, degree, n)
    return Problem(content, level, question, answer, "derivatives", tuple(steps), form)


def _number(stream: Stream, n: int) -> int:
    """A number that is not zero."""
    return stream.randint(1, n) if stream.random() < 0.5 else -stream.randint(1, n)


def _random(stream: Stream, degree: int, n: int) -> _Polynomial:
    """Coefficients by rising power; the first two and the last are not zero."""
    return [
        stream.randint(-n, n) if 1 < power < degree else _number(stream, n)
        for power in range(degree + 1)
    ]


def _derived(f: Sequence[int], steps: list[str]) -> _Polynomial:
    for power in range(len(f) - 1, 1, -1):
        if f[power]:
            steps.append(f"{power}*{operand(f[power])}={power * f[power]}")
    return [power * f[power] for power in range(1, len(f))]


def _power(stream: Stream, degree: int, n: int) -> _Parts:
    a, power = stream.randint(2, n), stream.randint(2, 6)
    f = [0] * power + [a]
    return _ask_derivative(stream, f, polynomial(f), [])


def _derivative(stream: Stream, degree: int, n: int) -> _Parts:
    f = _random(stream, degree, n)
    return _ask_derivative(stream, f, polynomial(f), [])


def _ask_derivative(stream: Stream, f: _Polynomial, text: str, steps: list[str]) -> _Parts:
    answer = polynomial(_derived(f, steps))
    question = stream.choice(
        (
            f"Differentiate $f(x) = {text}$. Give the derivative as a polynomial in expanded form.",
            f"What is the derivative of ${text}$ with respect to $x$, in expanded form?",
            f"Let $f(x) = {text}$. Write $f'(x)$ as a polynomial in expanded form.",
        )
    )
    return f"derivative {text}", question, answer, steps, "expanded"


def _ask_slope(
    stream: Stream, text: str, at: int, value: int | Fraction, steps: list[str]
) -> _Parts:
    question = stream.choice(
        (
            f"Let $f(x) = {text}$. What is $f'({at})$?",
            f"What is the slope of the tangent to the curve $y = {text}$ at $x = {at}$?",
            f"Find the value of the derivative of ${text}$ at $x = {at}$.",
        )
    )
    return f"slope {text} at {at}", question, latex(value), steps, "value"


def _slope(stream: Stream, degree: int, n: int) -> _Parts:
    f, at = _random(stream, degree, n), _number(stream, 5)
    steps: list[str] = []
    value = evaluation(_derived(f, steps), at, steps)
    return _ask_slope(stream, polynomial(f), at, value, steps)


def _second(stream: Stream, degree: int, n: int) -> _Parts:
    f, at = _random(stream, degree, n), _number(stream, 5)
    steps: list[str] = []
    value = evaluation(_derived(_derived(f, steps), steps), at, steps)
    text = polynomial(f)
    question = f"Let $f(x) = {text}$. What is the value of the second derivative $f''({at})$?"
    return f"second derivative {text} at {at}", question, str(value), steps, "value"


def _tangent(stream: Stream, degree: int, n: int) -> _Parts:
    f, at = _random(stream, 3, n), _number(stream, 5)
    steps: list[str] = []
    slope = evaluation(_derived(f, steps), at, steps)
    height = evaluation(f, at, steps)
    start = height - slope * at
    steps.append(f"{operand(slope)}*{operand(at)}={slope * at}")
    steps.append(f"{operand(height)}-{operand(slope * at)}={start}")
    text = polynomial(f)
    question = stream.choice(
        (
            f"At which value of $y$ does the tangent to $y = {text}$ at $x = {at}$ cross the "
            "$y$-axis?",
            f"The tangent to the curve $y = {text}$ at $x = {at}$ is $y = mx + b$. What is $b$?",
        )
    )
    return f"tangent intercept {text} at {at}", question, str(start), steps, "value"


def _extremum(stream: Stream, degree: int, n: int) -> _Parts:
    r, gap = stream.randint(-8, 6), 2 * stream.randint(1, 5)
    s, m, d = r + gap, _number(stream, 3), _number(stream, n)
    f = [d, 6 * m * r * s, -3 * m * (r + s), 2 * m]
    kind = stream.choice(("minimum", "maximum"))
    answer = s if (kind == "minimum") == (m > 0) else r
    steps: list[str] = []
    slope = _derived(f, steps)
    if slope[1]:
        steps.append(f"{operand(slope[1])}/{operand(slope[2])}={-r - s}")
    if slope[0]:
        steps.append(f"{operand(slope[0])}/{operand(slope[2])}={r * s}")
    root, half = gap // 2, (r + s) // 2
    steps += (
        f"{operand(-r - s)}/2={-half}",
        f"{operand(half)}^2={half * half}",
        f"{half * half}-{operand(r * s)}={root * root}",
        f"{root * root}^(1/2)={root}",
        f"{operand(half)}{'+' if answer == s else '-'}{root}={answer}",
    )
    text = polynomial(f)
    question = f"At which value of $x$ does $f(x) = {text}$ have its local {kind}?"
    return f"{kind} {text}", question, str(answer), steps, "value"


def _product(stream: Stream, degree: int, n: int) -> _Parts:
    u, v = _random(stream, 2, n), _random(stream, stream.randint(1, degree - 2), n)
    text = f"({polynomial(u)})({polynomial(v)})"
    steps: list[str] = []
    if stream.random() < 0.4:
        f = [0] * (len(u) + len(v) - 1)
        for power in range(len(f) - 1, 0, -1):
            pairs = [(u[i], v[power - i]) for i in range(3) if 0 <= power - i < len(v)]
            f[power] = sum(a * b for a, b in pairs)
            terms = "+".join(f"{operand(a)}*{operand(b)}" for a, b in pairs)
            steps.append(f"{terms}={f[power]}")
        return _ask_derivative(stream, f, text, steps)
    at = _number(stream, 5)
    du = evaluation(_derived(u, steps), at, steps)
    dv = evaluation(_derived(v, steps), at, steps)
    a, b = evaluation(u, at, steps), evaluation(v, at, steps)
    left, right = du * b, a * dv
    steps += (
        f"{operand(du)}*{operand(b)}={left}",
        f"{operand(a)}*{operand(dv)}={right}",
        f"{operand(left)}+{operand(right)}={left + right}",
    )
    return _ask_slope(stream, text, at, left + right, steps)


def _bracket(stream: Stream, degree: int, n: int, at: int) -> _Polynomial:
    """A polynomial whose value at a number is small but not zero."""
    f = _random(stream, degree, n // 3)
    f[0] = _number(stream, 5)
    f[0] -= sum(f[power] * at**power for power in range(1, degree + 1))
    return f


def _to_the(f: _Polynomial, power: int) -> str:
    return f"({polynomial(f)})^{power}" if power > 1 else f"({polynomial(f)})"


def _chain(stream: Stream, degree: int, n: int) -> _Parts:
    at, power = _number(stream, 4), stream.randint(2, 5)
    u = _bracket(stream, stream.randint(1, 2), n, at)
    steps: list[str] = []
    a, du = evaluation(u, at, steps), evaluation(_derived(u, steps), at, steps)
    outer = a ** (power - 1)
    steps += (
        f"{operand(a)}^{power - 1}={outer}",
        f"{power}*{operand(outer)}={power * outer}",
        f"{operand(power * outer)}*{operand(du)}={power * outer * du}",
    )
    return _ask_slope(stream, _to_the(u, power), at, power * outer * du, steps)


def _chains(stream: Stream, degree: int, n: int) -> _Parts:
    at = _number(stream, 4)
    p, q = stream.randint(2, degree), stream.randint(2, degree)
    u, v = _bracket(stream, degree - 2, n, at), _bracket(stream, 1, n, at)
    steps: list[str] = []
    a, du = evaluation(u, at, steps), evaluation(_derived(u, steps), at, steps)
    b, dv = evaluation(v, at, steps), v[1]
    left, right = p * a ** (p - 1) * du * b**q, a**p * q * b ** (q - 1) * dv
    ap, bq = a ** (p - 1), b ** (q - 1)
    steps += (
        f"{operand(a)}^{p - 1}={ap}",
        f"{operand(b)}^{q - 1}={bq}",
        f"{p}*{operand(ap)}*{operand(du)}={p * ap * du}",
        f"{operand(bq)}*{operand(b)}={bq * b}",
        f"{operand(p * ap * du)}*{operand(bq * b)}={left}",
        f"{operand(ap)}*{operand(a)}={ap * a}",
        f"{q}*{operand(bq)}*{operand(dv)}={q * bq * dv}",
        f"{operand(ap * a)}*{operand(q * bq * dv)}={right}",
        f"{operand(left)}+{operand(right)}={left + right}",
    )
    return _ask_slope(stream, _to_the(u, p) + _to_the(v, q), at, left + right, steps)


def _quotient(stream: Stream, degree: int, n: int) -> _Parts:
    at = _number(stream, 4)
    u, v = _random(stream, degree - 1, n), _bracket(stream, stream.randint(1, degree - 2), n, at)
    steps: list[str] = []
    a, du = evaluation(u, at, steps), evaluation(_derived(u, steps), at, steps)
    b, dv = evaluation(v, at, steps), evaluation(_derived(v, steps), at, steps)
    top, value = du * b - a * dv, Fraction(du * b - a * dv, b * b)
    steps += (
        f"{operand(du)}*{operand(b)}={du * b}",
        f"{operand(a)}*{operand(dv)}={a * dv}",
        f"{operand(du * b)}-{operand(a * dv)}={top}",
        f"{operand(b)}*{operand(b)}={b * b}",
        f"{operand(top)}/{b * b}={value}",
    )
    return _ask_slope(stream, f"\\frac{{{polynomial(u)}}}{{{polynomial(v)}}}", at, value, steps)


def _exponential(stream: Stream, degree: int, n: int) -> _Parts:
    # The exponent is zero where the slope is asked, so that the slope is a whole number.
    at, k = _number(stream, 4), _number(stream, 5)
    u = _random(stream, degree, n // 2)
    steps = [f"{operand(k)}*{operand(at)}={k * at}"]
    a, du = evaluation(u, at, steps), evaluation(_derived(u, steps), at, steps)
    steps.append(f"{operand(k)}*{operand(a)}={k * a}")
    steps.append(f"{operand(du)}+{operand(k * a)}={du + k * a}")
    text = f"({polynomial(u)})e^{{{polynomial([-k * at, k])}}}"
    return _ask_slope(stream, text, at, du + k * a, steps)


def _wave(stream: Stream, degree: int, n: int) -> _Parts:
    # (ax + b) sin(kx) + c cos(mx) at π
    a, b, c = _number(stream, n), _number(stream, n), _number(stream, n)
    k, m = stream.randint(2, 9), stream.randint(2, 9)
    sign = -1 if k % 2 else 1
    inner, outer = sign * k * a, sign * k * b
    steps = [
        f"{k}*{operand(a)}={k * a}",
        f"{k}*{operand(b)}={k * b}",
    ]
    if sign < 0:
        steps += (f"(-1)*{operand(k * a)}={inner}", f"(-1)*{operand(k * b)}={outer}")
    cosine = multiple(abs(c), f"\\cos({m}x)")
    last = f"{'-' if c < 0 else '+'} {cosine}"
    text = f"({polynomial([b, a])})\\sin({k}x) {last}"
    pi_term = multiple(inner, "\\pi")
    value = f"{pi_term} {'-' if outer < 0 else '+'} {abs(outer)}"
    question = stream.choice(
        (
            f"Let $f(x) = {text}$. What is $f'(\\pi)$, in terms of $\\pi$?",
            f"What is the slope of the curve $y = {text}$ at $x = \\pi$, in terms of $\\pi$?",
        )
    )
    return f"slope {text} at pi", question, value, steps, "value"


def _logarithm(stream: Stream, degree: int, n: int) -> _Parts:
    at, a = _number(stream, 5), _number(stream, n)
    u = _random(stream, degree - 1, n // 2)
    size = stream.randint(1, 20)
    u[0] = size - sum(u[power] * at**power for power in range(1, degree))
    steps: list[str] = []
    inner, du = evaluation(u, at, steps), evaluation(_derived(u, steps), at, steps)
    if a != 1:
        steps.append(f"{operand(a)}*{operand(du)}={a * du}")
    value = Fraction(a * du, size)
    steps.append(f"{operand(a * du)}/{inner}={value}")
    text = multiple(a, "\\ln") + f"({polynomial(u)})"
    return _ask_slope(stream, text, at, value, steps)


_KINDS: dict[str, Callable[[Stream, int, int], _Parts]] = {
    "power": _power,
    "derivative": _derivative,
    "slope": _slope,
    "second": _second,
    "tangent": _tangent,
    "extremum": _extremum,
    "product": _product,
    "chain": _chain,
    "chains": _chains,
    "quotient": _quotient,
    "exponential": _exponential,
    "wave": _wave,
    "logarithm": _logarithm,
}
