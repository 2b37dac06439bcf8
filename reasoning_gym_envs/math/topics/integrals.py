"""Integrals: antiderivatives through a point, definite integrals, areas, motion, e^x, sin, 1/x."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from reasoning_gym_envs.answers import Form
from reasoning_gym_envs.math.writing import evaluation, latex, multiple, operand, polynomial
from reasoning_gym_envs.problems import Problem, Stream

# By level: the degree of the antiderivative, the largest coefficient, and the kinds of question.
_LEVELS = {
    1: (2, 6, "definite_power antiderivative_power"),
    2: (2, 9, "definite antiderivative"),
    3: (3, 9, "definite antiderivative"),
    4: (3, 9, "definite antiderivative through motion"),
    5: (3, 12, "definite through motion mean between_roots"),
    6: (4, 12, "definite through mean between_roots exponential"),
    7: (4, 15, "through mean between_curves exponential wave reciprocal"),
    8: (4, 15, "mean between_curves wave reciprocal inner bracket"),
    9: (4, 20, "between_curves lobes inner bracket distance"),
    10: (5, 25, "lobes distance fractions fractions"),
}

# The content, the question, the answer, the steps and the form of the answer.
_Parts = tuple[str, str, str, list[str], Form]


def generate(stream: Stream, level: int) -> Problem:
    """Integrate a function.

    Levels 1 and 2 integrate powers and linear functions; 3 to 5 longer polynomials, antiderivatives
    through a point, motion, mean values; 6 to 8 areas, exponentials, sines and cosines, 1/x and
    substitutions; 9 and 10 areas and distances where the sign changes, and fractions throughout.
    """
    degree, n, kinds = _LEVELS[level]
    kind = _KINDS[stream.choice(kinds.split())]
    content, question, answer, steps, form = kind(stream, degree, n)
    return Problem(content, level, question, answer, "integrals", tuple(steps), form)


def _number(stream: Stream, n: int) -> int:
    """A number that is not zero."""
    return stream.randint(1, n) if stream.random() < 0.5 else -stream.randint(1, n)


def _antiderivative(stream: Stream, degree: int, n: int) -> list[int]:
    """Whole coefficients by rising power; the constant is zero, the last is not."""
    return [
        0,
        *(stream.randint(-n, n) for _ in range(2, degree)),
        _number(stream, n),
        _number(stream, max(2, n // 3)),
    ][: degree + 1]


def _derived(f: Sequence[int]) -> list[int]:
    return [power * f[power] for power in range(1, len(f))]


def _integrated(f: Sequence[int], steps: list[str]) -> list[int | Fraction]:
    """The antiderivative whose constant is zero."""
    result: list[int | Fraction] = [0]
    for power, c in enumerate(f, 1):
        result.append(c // power if c % power == 0 else Fraction(c, power))
        if power > 1 and c:
            steps.append(f"{operand(c)}/{power}={result[-1]}")
    return result


def _from_to(big: Sequence[int | Fraction], a: int, b: int, steps: list[str]) -> int | Fraction:
    """The difference of an antiderivative's values."""
    upper = evaluation(big, b, steps)
    if a == 0:
        return upper
    lower = evaluation(big, a, steps)
    steps.append(f"{operand(upper)}-{operand(lower)}={upper - lower}")
    return upper - lower


def _areas(f: Sequence[int], ends: Sequence[int], steps: list[str]) -> int | Fraction:
    """The area between a function and the axis, where it changes its sign at each inner end."""
    big = _integrated(f, steps)
    total: int | Fraction = 0
    lower = evaluation(big, ends[0], steps)
    for i, end in enumerate(ends[1:]):
        upper = evaluation(big, end, steps)
        high, low = (upper, lower) if upper > lower else (lower, upper)
        size = high - low
        if lower and upper:
            steps.append(f"{operand(high)}-{operand(low)}={size}")
        elif low < 0:
            steps.append(f"(-1)*{operand(low)}={size}")
        if i:
            steps.append(f"{operand(total)}+{operand(size)}={total + size}")
        total += size
        lower = upper
    return total


def _definite_power(stream: Stream, degree: int, n: int) -> _Parts:
    power = stream.randint(1, 2)
    return _ask_definite(stream, [0] * power + [stream.randint(1, n) * (power + 1)], 0, 4)


def _definite(stream: Stream, degree: int, n: int) -> _Parts:
    f = _derived(_antiderivative(stream, degree, n))
    a = 0 if degree == 2 else stream.randint(-3, 2)
    return _ask_definite(stream, f, a, a + 5)


def _fractions(stream: Stream, degree: int, n: int) -> _Parts:
    f = [_number(stream, n), *(stream.randint(-n, n) for _ in range(2, degree)), _number(stream, n)]
    return _ask_definite(stream, f, stream.randint(-4, 2), 5)


def _ask_definite(stream: Stream, f: list[int], a: int, most: int) -> _Parts:
    b = stream.randint(a + 1, most)
    steps: list[str] = []
    value = _from_to(_integrated(f, steps), a, b, steps)
    text = polynomial(f)
    bracketed = f"({text})" if " " in text or text[0] == "-" else text
    formula = f"\\int_{{{a}}}^{{{b}}} {bracketed} \\, dx"
    question = stream.choice(
        (
            f"Compute ${formula}$.",
            f"What is the value of the definite integral ${formula}$?",
            f"Integrate ${text}$ from $x = {a}$ to $x = {b}$. What is the value?",
        )
    )
    return f"definite {text} from {a} to {b}", question, latex(value), steps, "value"


def _antiderivative_power(stream: Stream, degree: int, n: int) -> _Parts:
    power = stream.randint(1, 4)
    return _ask_antiderivative(stream, [0] * power + [stream.randint(1, n) * (power + 1)])


def _any_antiderivative(stream: Stream, degree: int, n: int) -> _Parts:
    return _ask_antiderivative(stream, _derived(_antiderivative(stream, degree, n)))


def _ask_antiderivative(stream: Stream, f: list[int]) -> _Parts:
    steps: list[str] = []
    answer = polynomial(_integrated(f, steps))
    text = polynomial(f)
    question = stream.choice(
        (
            f"Find the antiderivative $F(x)$ of $f(x) = {text}$ with $F(0) = 0$.",
            f"Which polynomial $F(x)$ has the derivative ${text}$ and the value $F(0) = 0$?",
        )
    )
    return f"antiderivative {text}", question, answer, steps, "expanded"


def _through(stream: Stream, degree: int, n: int) -> _Parts:
    big = _antiderivative(stream, degree, n)
    f, a, c = _derived(big), _number(stream, 4), _number(stream, 20)
    steps: list[str] = []
    at_a = evaluation(_integrated(f, steps), a, steps)
    given = int(at_a) + c
    steps.append(f"{operand(given)}-{operand(at_a)}={c}")
    text = polynomial(f)
    if stream.random() < 0.5:
        question = f"Find the polynomial $F(x)$ with $F'(x) = {text}$ and $F({a}) = {given}$."
        answer = polynomial([c, *big[1:]])
        return f"F: {text}, F({a}) = {given}", question, answer, steps, "expanded"
    b = _number(stream, 4)
    b = -a if a == b else b
    value = evaluation([c, *big[1:]], b, steps)
    question = f"If $F'(x) = {text}$ and $F({a}) = {given}$, what is $F({b})$?"
    return f"F({b}): {text}, F({a}) = {given}", question, str(value), steps, "value"


def _motion(stream: Stream, degree: int, n: int) -> _Parts:
    big = _antiderivative(stream, degree, n)
    f, start, t = _derived(big), _number(stream, 30), stream.randint(2, 6)
    steps: list[str] = []
    way = evaluation(_integrated(f, steps), t, steps)
    steps.append(f"{operand(start)}+{operand(way)}={start + way}")
    text = polynomial(f, "t")
    question = (
        f"A point moves on a number line with velocity $v(t) = {text}$ and is at ${start}$ when "
        f"$t = 0$. Where is it when $t = {t}$?"
    )
    return f"motion {text} from {start} to {t}", question, str(start + way), steps, "value"


def _mean(stream: Stream, degree: int, n: int) -> _Parts:
    f, a = _derived(_antiderivative(stream, degree, n)), stream.randint(-4, 2)
    b = a + stream.randint(2, 5)
    steps: list[str] = []
    value = _from_to(_integrated(f, steps), a, b, steps)
    mean = Fraction(value) / (b - a)
    steps += (f"{b}-{operand(a)}={b - a}", f"{operand(value)}/{b - a}={mean}")
    text = polynomial(f)
    question = f"What is the mean value of $f(x) = {text}$ on the interval $[{a}, {b}]$?"
    return f"mean {text} from {a} to {b}", question, latex(mean), steps, "value"


def _parabola(stream: Stream, n: int) -> tuple[int, int, int, list[int]]:
    """Two roots, the leading coefficient, and a parabola through the roots."""
    r = stream.randint(-6, 4)
    s, k = r + stream.randint(1, 6), _number(stream, max(2, n // 4))
    return r, s, k, [k * r * s, -k * (r + s), k]


def _roots(f: list[int], r: int, s: int, steps: list[str]) -> None:
    """Find the roots of a parabola."""
    c, b, a = f
    p, q = b // a, c // a
    if a != 1:
        steps += (f"{operand(b)}/{operand(a)}={p}", f"{operand(c)}/{operand(a)}={q}")
    d = p * p - 4 * q
    steps += (
        f"{operand(p)}^2-4*{operand(q)}={d}",
        f"{d}^(1/2)={s - r}",
        f"({-p}-{s - r})/2={r}",
        f"({-p}+{s - r})/2={s}",
    )


def _between_roots(stream: Stream, degree: int, n: int) -> _Parts:
    r, s, _, f = _parabola(stream, n)
    steps: list[str] = []
    _roots(f, r, s, steps)
    area = _areas(f, (r, s), steps)
    text = polynomial(f)
    question = stream.choice(
        (
            f"What is the area enclosed by the curve $y = {text}$ and the $x$-axis?",
            f"Find the area of the region between the parabola $y = {text}$ and the $x$-axis.",
        )
    )
    return f"area {text}", question, latex(area), steps, "value"


def _between_curves(stream: Stream, degree: int, n: int) -> _Parts:
    r, s, k, f = _parabola(stream, n)
    g = [stream.randint(-n, n), stream.randint(-n, n), _number(stream, 4)]
    g[2] = k if g[2] == -k else g[2]  # or the other curve would be a line
    h = [a + b for a, b in zip(f, g, strict=True)]
    steps = [
        f"{operand(a)}-{operand(b)}={a - b}" for a, b in zip(h[::-1], g[::-1], strict=True) if b
    ]
    _roots(f, r, s, steps)
    area = _areas(f, (r, s), steps)
    one, other = polynomial(h), polynomial(g)
    question = (
        f"What is the area of the region enclosed by the curves $y = {one}$ and $y = {other}$?"
    )
    return f"area {' | '.join(sorted((one, other)))}", question, latex(area), steps, "value"


def _lobes(stream: Stream, degree: int, n: int) -> _Parts:
    # k x (x - r)(x - s) with r < 0 < s: two regions
    r, s, k = -stream.randint(1, 6), stream.randint(1, 6), _number(stream, n)
    f = [0, k * r * s, -k * (r + s), k]
    steps: list[str] = []
    _roots(f[1:], r, s, steps)
    area = _areas(f, (r, 0, s), steps)
    text = polynomial(f)
    question = stream.choice(
        (
            f"What is the total area of the regions enclosed by $y = {text}$ and the $x$-axis?",
            f"The curve $y = {text}$ and the $x$-axis enclose two regions. "
            "What is the sum of their areas?",
        )
    )
    return f"lobes {text}", question, latex(area), steps, "value"


def _distance(stream: Stream, degree: int, n: int) -> _Parts:
    # v(t) = k (t - r)(t - s): forward, back, forward
    r = stream.randint(1, 4)
    s, k = r + stream.randint(1, 4), _number(stream, n // 3)
    end = s + stream.randint(1, 4)
    f = [k * r * s, -k * (r + s), k]
    steps: list[str] = []
    _roots(f, r, s, steps)
    way = _areas(f, (0, r, s, end), steps)
    text = polynomial(f, "t")
    question = (
        f"A point moves on a line with velocity $v(t) = {text}$ from $t = 0$ to $t = {end}$. "
        "What is the total distance that it covers, forwards and backwards?"
    )
    return f"distance {text} to {end}", question, latex(way), steps, "value"


def _exponential(stream: Stream, degree: int, n: int) -> _Parts:
    a, k, b = _number(stream, n), stream.randint(2, 5), stream.randint(1, 6)
    c = _number(stream, n)
    f = f"{multiple(a * k, f'e^{{{k}x}}')} {'-' if c < 0 else '+'} {abs(c)}"
    constant = c * b - a
    power = multiple(a, f"e^{{{k * b}}}")
    answer = f"{power} {'-' if constant < 0 else '+'} {abs(constant)}" if constant else power
    question = f"Compute $\\int_{{0}}^{{{b}}} ({f}) \\, dx$, in terms of $e$."
    steps = [
        f"{operand(a * k)}/{k}={a}",
        f"{k}*{b}={k * b}",
        f"{operand(c)}*{b}={c * b}",
        f"{operand(c * b)}-{operand(a)}={constant}",
    ]
    return f"definite {f} from 0 to {b}", question, answer, steps, "value"


def _wave(stream: Stream, degree: int, n: int) -> _Parts:
    # a sin(kx) + b cos(mx) from 0 to π/2; the rest of k, m by 4 says what becomes of them
    a, b = _number(stream, n), _number(stream, n)
    k, m = stream.randint(1, 9), stream.randint(1, 9)
    cosine, sine = (1, 0, -1, 0)[k % 4], (0, 1, 0, -1)[m % 4]
    left, right = Fraction(a * (1 - cosine), k), Fraction(b * sine, m)
    first = multiple(a, f"\\sin({'' if k == 1 else k}x)")
    second = multiple(abs(b), f"\\cos({'' if m == 1 else m}x)")
    f = f"{first} {'-' if b < 0 else '+'} {second}"
    steps = [
        f"1-{operand(cosine)}={1 - cosine}",
        f"{operand(a)}*{1 - cosine}={a * (1 - cosine)}",
        f"{operand(a * (1 - cosine))}/{k}={left}",
        f"{operand(b)}*{operand(sine)}={b * sine}",
        f"{operand(b * sine)}/{m}={right}",
        f"{operand(left)}+{operand(right)}={left + right}",
    ]
    question = f"Compute $\\int_{{0}}^{{\\pi/2}} ({f}) \\, dx$."
    return f"definite {f} from 0 to pi/2", question, latex(left + right), steps, "value"


def _reciprocal(stream: Stream, degree: int, n: int) -> _Parts:
    # a/x + b/x² from 1 to e^k
    a, k = _number(stream, n), stream.randint(2, 9)
    c, d = stream.randint(1, n), stream.randint(2, 6)
    bound = stream.randint(2, 9)
    # c/(dx) up to e^(kd) is c·k; b/x² from 1 to the bound is a fraction
    up_to_power = f"\\int_{{1}}^{{e^{{{k * d}}}}} \\frac{{{c}}}{{{d}x}} \\, dx"
    square = f"\\int_{{1}}^{{{bound}}} \\frac{{{abs(a)}}}{{x^2}} \\, dx"
    left, inverse = c * k, 1 - Fraction(1, bound)
    right = abs(a) * inverse
    sign = "-" if a < 0 else "+"
    value = left - right if a < 0 else left + right
    question = f"Compute ${up_to_power} {sign} {square}$."
    steps = [
        f"{k * d}/{d}={k}",
        f"{c}*{k}={left}",
        f"1-(1/{bound})={inverse}",
        f"{abs(a)}*({inverse})={right}",
        f"{left}{sign}{operand(right)}={value}",
    ]
    return f"reciprocal {c} {d} {k} {a} {bound}", question, latex(value), steps, "value"


def _inner(stream: Stream, degree: int, n: int) -> _Parts:
    # k·2x(x² + c)^p: the derivative of the bracket stands before it
    c, p, k = _number(stream, 5), stream.randint(2, 4), stream.randint(1, 5)
    a = stream.randint(0, 2)
    b = a + stream.randint(1, 2)
    u, v = a * a + c, b * b + c
    low, high = u ** (p + 1), v ** (p + 1)
    value = Fraction(k * (high - low), p + 1)
    text = f"{2 * k}x({polynomial([c, 0, 1])})^{p}"
    steps = [
        f"{2 * k}/2={k}",
        f"{a}^2+{operand(c)}={u}",
        f"{b}^2+{operand(c)}={v}",
        f"{operand(v)}^{p + 1}={high}",
        f"{operand(u)}^{p + 1}={low}",
        f"{operand(high)}-{operand(low)}={high - low}",
        f"{operand(high - low)}*{k}={k * (high - low)}",
        f"{operand(k * (high - low))}/{p + 1}={value}",
    ]
    question = f"Compute $\\int_{{{a}}}^{{{b}}} {text} \\, dx$."
    return f"definite {text} from {a} to {b}", question, latex(value), steps, "value"


def _bracket(stream: Stream, degree: int, n: int) -> _Parts:
    # k (mx + c)^p
    m, c, p, k = (
        stream.randint(2, 5),
        _number(stream, 9),
        stream.randint(2, 4),
        stream.randint(1, 9),
    )
    a = stream.randint(-2, 2)
    b = a + stream.randint(1, 2)
    u, v = m * a + c, m * b + c
    low, high = u ** (p + 1), v ** (p + 1)
    below = m * (p + 1)
    value = Fraction(k * (high - low), below)
    text = f"{multiple(k, f'({polynomial([c, m])})^{p}')}"
    steps = [
        f"{m}*{operand(a)}+{operand(c)}={u}",
        f"{m}*{operand(b)}+{operand(c)}={v}",
        f"{operand(v)}^{p + 1}={high}",
        f"{operand(u)}^{p + 1}={low}",
        f"{operand(high)}-{operand(low)}={high - low}",
        f"{operand(high - low)}*{operand(k)}={k * (high - low)}",
        f"{m}*{p + 1}={below}",
        f"{operand(k * (high - low))}/{below}={value}",
    ]
    question = f"Compute $\\int_{{{a}}}^{{{b}}} {text} \\, dx$."
    return f"definite {text} from {a} to {b}", question, latex(value), steps, "value"


_KINDS: dict[str, Callable[[Stream, int, int], _Parts]] = {
    "definite_power": _definite_power,
    "definite": _definite,
    "fractions": _fractions,
    "antiderivative_power": _antiderivative_power,
    "antiderivative": _any_antiderivative,
    "through": _through,
    "motion": _motion,
    "mean": _mean,
    "between_roots": _between_roots,
    "between_curves": _between_curves,
    "lobes": _lobes,
    "distance": _distance,
    "exponential": _exponential,
    "wave": _wave,
    "reciprocal": _reciprocal,
    "inner": _inner,
    "bracket": _bracket,
}
