"""Logarithms, powers and roots: values, the laws of exponents, equations, surds."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd

from reasoning_gym_envs.math.writing import latex, multiple, operand, polynomial
from reasoning_gym_envs.problems import Problem, Stream

# By level: a size for the kinds to read as they need, and the kinds of question.
_LEVELS = {
    1: (1, "power root"),
    2: (2, "power root logarithm negative"),
    3: (1, "exponents exponents fractional simplest_root"),
    4: (2, "exponents fractional simplest_root logarithms"),
    5: (3, "logarithms log_equation exponential simplest_root root_sum"),
    6: (2, "exponential log_rules root_sum other_bases surd_power"),
    7: (3, "log_rules two_logs hidden_quadratic surd_power quotient"),
    8: (3, "two_logs hidden_quadratic other_bases surd_power quotient exponentials"),
    9: (4, "quotient surd_power inverse_power exponentials"),
    10: (5, "surd_power inverse_power inverse_power exponentials"),
}
# (r, n, m) of the powers (r^n)^(m/n) = r^m
_FRACTIONAL = [
    (r, n, m)
    for r in range(2, 10)
    for n in range(2, 5)
    for m in range(1, 6)
    if gcd(m, n) == 1 and r**n <= 6561 and r**m <= 2500
]
_SQUAREFREE = (2, 3, 5, 6, 7, 10, 11, 13, 14, 15, 17, 19)

# The content, the question, the answer and the steps of a problem.
_Parts = tuple[str, str, str, list[str]]


def generate(stream: Stream, level: int) -> Problem:
    """Compute with powers, roots and logarithms.

    Levels 1 and 2 ask for powers, roots and logarithms of small numbers; 3 to 5 for the laws of
    exponents, roots in simplest form and one-step equations; 6 to 8 for rules of logarithms,
    equations with two solutions and sums and quotients with surds; 9 and 10 for high powers of
    surds, their reciprocals, and equations with several bases.
    """
    n, kinds = _LEVELS[level]
    content, question, answer, steps = _KINDS[stream.choice(kinds.split())](stream, n)
    return Problem(content, level, question, answer, "logarithms_and_powers", tuple(steps))


def _nonzero(stream: Stream, n: int) -> int:
    return stream.randint(1, n) if stream.random() < 0.5 else -stream.randint(1, n)


def _compute(stream: Stream, text: str) -> str:
    frame: str = stream.choice(("Compute ${}$.", "What is the value of ${}$?"))
    return frame.format(text)


def _power(stream: Stream, n: int) -> _Parts:
    a = stream.randint(2, 20)
    exponent = 2 if a > 10 else stream.randint(2, 3) if n == 1 or a > 5 else stream.randint(3, 5)
    steps = [f"{a**i}*{a}={a ** (i + 1)}" for i in range(1, exponent)]
    question = _compute(stream, f"{a}^{exponent}")
    return f"{a} ^ {exponent}", question, str(a**exponent), steps


def _root(stream: Stream, n: int) -> _Parts:
    degree = 2 if stream.random() < 0.7 else 3
    r = stream.randint(2, (20 if degree == 2 else 6) + 4 * (n - 1))
    sign = "\\sqrt" if degree == 2 else "\\sqrt[3]"
    question = _compute(stream, f"{sign}{{{r**degree}}}")
    return f"root {degree} {r**degree}", question, str(r), [f"{r**degree}^(1/{degree})={r}"]


def _logarithm(stream: Stream, n: int) -> _Parts:
    b = stream.randint(2, 10)
    k = stream.randint(2, 7 if b < 4 else 3)
    question = stream.choice(
        (
            f"What is $\\log_{{{b}}} {b**k}$?",
            f"To which power must {b} be raised to get {b**k}?",
        )
    )
    steps = [f"{b**i}*{b}={b ** (i + 1)}" for i in range(1, k)]
    return f"log {b} {b**k}", question, str(k), steps


def _negative(stream: Stream, n: int) -> _Parts:
    a, b, k = stream.randint(2, 9), stream.randint(1, 9), stream.randint(1, 3)
    b += a == b
    a, b = a // gcd(a, b), b // gcd(a, b)
    value = Fraction(b**k, a**k)
    base = f"{a}" if b == 1 else f"\\left(\\frac{{{a}}}{{{b}}}\\right)"
    steps = [f"{b}^{k}={b**k}", f"{a}^{k}={a**k}", f"{b**k}/{a**k}={value}"]
    question = f"Compute ${base}^{{-{k}}}$."
    return f"{a} / {b} ^ -{k}", question, latex(value), steps


def _exponents(stream: Stream, n: int) -> _Parts:
    # b^p b^q / (b^r)^s = b^k
    p, q, r = (stream.randint(2, 20) for _ in range(3))
    p, r = (-p if n > 1 and stream.random() < 0.5 else p), (-r if n > 1 else r)
    s = stream.randint(2, 6)
    b = stream.choice(("2", "3", "5", "7", "10", "x", "y", "z"))
    k = p + q - r * s
    steps = [
        f"{operand(p)}+{q}={p + q}",
        f"{operand(r)}*{s}={r * s}",
        f"{operand(p + q)}-{operand(r * s)}={k}",
    ]
    every = "" if b.isdigit() else f" for every ${b} > 1$"
    text = f"\\frac{{{b}^{{{p}}} \\cdot {b}^{{{q}}}}}{{({b}^{{{r}}})^{{{s}}}}}"
    question = stream.choice(
        (
            f"Write ${text}$ as a single power ${b}^k$. What is $k$?",
            f"For which $k$ is ${text} = {b}^k${every}?",
        )
    )
    return f"exponent {b if b.isdigit() else 'x'} {p} {q} {r} {s}", question, str(k), steps


def _fractional(stream: Stream, n: int) -> _Parts:
    text, content, total, steps = "", "fractional", Fraction(0), list[str]()
    for i in range(2):
        r, d, m = stream.choice(_FRACTIONAL)
        negative = n > 1 and stream.random() < 0.5
        value = Fraction(1, r**m) if negative else Fraction(r**m)
        steps.append(f"{r**d}^(1/{d})={r}")
        if m > 1:
            steps.append(f"{r}^{m}={r**m}")
        if negative:
            steps.append(f"1/{r**m}={value}")
        power = f"{r**d}^{{{'-' if negative else ''}{m}/{d}}}"
        sign = "" if not i else stream.choice(("+", "-"))
        if i:
            new = total + value if sign == "+" else total - value
            steps.append(f"{operand(total)}{sign}{operand(value)}={new}")
            total = new
        else:
            total = value
        text += f" {sign} {power}" if i else power
        content += f" {sign} {power}"
    question = _compute(stream, text)
    return content, question, latex(total), steps


def _simplest_root(stream: Stream, n: int) -> _Parts:
    a, b = stream.randint(2, 30), stream.choice(_SQUAREFREE)
    c = 1 if n < 3 else stream.randint(2, 12)
    inner = a * a * b
    steps = [f"{a}*{a}={a * a}", f"{inner}/{a * a}={b}"]
    if c > 1:
        steps.append(f"{c}*{a}={c * a}")
    root = multiple(c, f"\\sqrt{{{inner}}}")
    question = (
        f"The number ${root}$ is equal to $a\\sqrt{{b}}$, where "
        "$a$ and $b$ are positive whole numbers and $b$ is as small as possible. "
        "What is the pair $(a, b)$?"
    )
    return f"{c} sqrt {inner}", question, f"({c * a}, {b})", steps


def _root_sum(stream: Stream, n: int) -> _Parts:
    d = stream.choice(_SQUAREFREE[:6])
    text, total, steps = "", 0, list[str]()
    for i in range(n):
        a, c = stream.randint(2, 12), stream.randint(2, 9)
        c = -c if i and stream.random() < 0.5 else c
        root = f"\\sqrt{{{a * a * d}}}"
        text = f"{text} {'-' if c < 0 else '+'} {abs(c)}{root}" if i else f"{c}{root}"
        steps += (f"{a * a * d}/{d}={a * a}", f"{a * a}^(1/2)={a}", f"{operand(c)}*{a}={c * a}")
        if i:
            steps.append(f"{operand(total)}+{operand(c * a)}={total + c * a}")
        total += c * a
    question = f"For which whole number $k$ is ${text} = k\\sqrt{{{d}}}$?"
    return f"roots {text}", question, str(total), steps


def _logarithms(stream: Stream, n: int) -> _Parts:
    text, total, steps = "", 0, list[str]()
    for i in range(n):
        b, c = stream.randint(2, 10), stream.randint(2, 9)
        k = stream.randint(2, 8 if b == 2 else 5 if b < 4 else 3)
        c = -c if i and stream.random() < 0.5 else c
        argument = str(b**k)
        if stream.random() < 0.3:
            k, argument = -k, f"\\frac{{1}}{{{argument}}}"
        term = f"{abs(c)}\\log_{{{b}}} {argument}"
        text = f"{text} {'-' if c < 0 else '+'} {term}" if i else term
        steps.append(f"{operand(c)}*{operand(k)}={c * k}")
        if i:
            steps.append(f"{operand(total)}+{operand(c * k)}={total + c * k}")
        total += c * k
    question = _compute(stream, text)
    return f"logs {text}", question, str(total), steps


def _other_bases(stream: Stream, n: int) -> _Parts:
    # c log of b^j to the base b^i is c·j/i
    text, total, steps = "", Fraction(0), list[str]()
    for i in range(n):
        b, c = stream.choice((2, 3, 5)), stream.randint(1, 9)
        low, high = stream.sample(range(1, 8 if b == 2 else 5), 2)
        low += low == 1 and high != 2  # seldom a plain one
        c = -c if i and stream.random() < 0.5 else c
        value = Fraction(high, low)
        term = multiple(abs(c), f"\\log_{{{b**low}}} {b**high}")
        text = f"{text} {'-' if c < 0 else '+'} {term}" if i else term
        steps.append(f"{high}/{low}={value}")
        if c != 1:
            steps.append(f"{operand(c)}*{operand(value)}={c * value}")
        if i:
            steps.append(f"{operand(total)}+{operand(c * value)}={total + c * value}")
        total += c * value
    question = _compute(stream, text)
    return f"logs {text}", question, latex(total), steps


def _log_equation(stream: Stream, n: int) -> _Parts:
    b, m, s = stream.randint(2, 7), stream.randint(1, 9), _nonzero(stream, 30)
    k = stream.randint(2, 6 if b == 2 else 4)
    x = Fraction(b**k - s, m)
    steps = [f"{b}^{k}={b**k}", f"{b**k}-{operand(s)}={b**k - s}"]
    if m > 1:
        steps.append(f"{b**k - s}/{m}={x}")
    question = f"Solve $\\log_{{{b}}}({polynomial([s, m])}) = {k}$ for $x$."
    return f"solve log {b} {m} {s} {k}", question, latex(x), steps


def _exponential(stream: Stream, n: int) -> _Parts:
    # (b^i)^(mx + s) = (b^j)^t
    b, m, s = stream.choice((2, 3, 5)), stream.randint(1, 6), _nonzero(stream, 9)
    i, j = stream.sample((1, 2, 3, 4), 2)
    t = stream.randint(2, 12)
    right, over = j * t, Fraction(j * t, i)
    x = (over - s) / m
    steps = [f"{j}*{t}={right}"] if j > 1 else []
    if i > 1:
        steps.append(f"{right}/{i}={over}")
    steps.append(f"{operand(over)}-{operand(s)}={over - s}")
    if m > 1:
        steps.append(f"{operand(over - s)}/{m}={x}")
    question = stream.choice(
        (
            f"Solve ${b**i}^{{{polynomial([s, m])}}} = {b**j}^{{{t}}}$ for $x$.",
            f"For which $x$ is ${b**i}^{{{polynomial([s, m])}}} = {b**j}^{{{t}}}$?",
        )
    )
    return f"solve {b**i}^({m}x + {s}) = {b**j}^{t}", question, latex(x), steps


def _exponentials(stream: Stream, n: int) -> _Parts:
    # (b^i)^(x + p) (b^j)^(qx + r) = (b^k)^(tx + u)
    b = stream.choice((2, 3, 5))
    i, j, k = (stream.randint(1, 4) for _ in range(3))
    q, t = stream.randint(2, n + 2), stream.randint(2, n + 2)
    p, r, u = (_nonzero(stream, 3 * n) for _ in range(3))
    t += i + j * q == k * t
    unknown, known = i + j * q - k * t, k * u - i * p - j * r
    x = Fraction(known, unknown)
    steps = [
        f"{j}*{q}={j * q}",
        f"{i}+{j * q}={i + j * q}",
        f"{k}*{t}={k * t}",
        f"{i + j * q}-{k * t}={unknown}",
        f"{k}*{operand(u)}={k * u}",
        f"{i}*{operand(p)}={i * p}",
        f"{j}*{operand(r)}={j * r}",
        f"{operand(k * u)}-{operand(i * p)}={k * u - i * p}",
        f"{operand(k * u - i * p)}-{operand(j * r)}={known}",
        f"{operand(known)}/{operand(unknown)}={x}",
    ]
    left = f"{b**i}^{{{polynomial([p, 1])}}} \\cdot {b**j}^{{{polynomial([r, q])}}}"
    question = f"Solve ${left} = {b**k}^{{{polynomial([u, t])}}}$ for $x$."
    return f"solve {b} {i} {p} {j} {q} {r} {k} {t} {u}", question, latex(x), steps


def _log_rules(stream: Stream, n: int) -> _Parts:
    b = stream.randint(2, 9)
    p, q, r = (_nonzero(stream, 9) for _ in range(3))
    i, j, k = (stream.randint(2, 7) for _ in range(3))
    total = i * p + j * q - k * r
    inner = f"\\frac{{x^{i} y^{j}}}{{z^{k}}}"
    steps = [
        f"{i}*{operand(p)}={i * p}",
        f"{j}*{operand(q)}={j * q}",
        f"{k}*{operand(r)}={k * r}",
        f"{operand(i * p)}+{operand(j * q)}={i * p + j * q}",
        f"{operand(i * p + j * q)}-{operand(k * r)}={total}",
    ]
    value = Fraction(total)
    rooted = stream.random() < 0.5
    if rooted:
        value /= 2
        steps.append(f"{operand(total)}/2={value}")
        inner = f"\\sqrt{{{inner}}}"
    question = (
        f"Let $\\log_{{{b}}} x = {p}$, $\\log_{{{b}}} y = {q}$ and $\\log_{{{b}}} z = {r}$. "
        f"What is $\\log_{{{b}}} {inner}$?"
    )
    factors = sorted(((p, i), (q, j)))
    return f"log rules {b} {factors} {r} {k} {rooted}", question, latex(value), steps


def _two_logs(stream: Stream, n: int) -> _Parts:
    # log (x + u) + log (x + v) = i + j, where x + u = b^i and x + v = b^j
    b = stream.choice((2, 3, 5, 6, 10))
    i, j = stream.randint(0, 2), stream.randint(1, 5 if b == 2 else 3 if b == 3 else 2)
    j += i == j
    u = _nonzero(stream, 20)
    x = b**i - u
    v = b**j - x
    power, s, p = b ** (i + j), u + v, u * v
    root = b**i + b**j
    steps = [
        f"{b}^{i + j}={power}",
        f"{operand(u)}+{operand(v)}={s}",
        f"{operand(u)}*{operand(v)}={p}",
        f"{operand(p)}-{power}={p - power}",
        f"{operand(s)}^2-4*{operand(p - power)}={root * root}",
        f"{root * root}^(1/2)={root}",
        f"({operand(-s)}+{root})/2={x}",
    ]
    log = f"\\log_{{{b}}}"
    left = f"{log}({polynomial([u, 1])}) + {log}({polynomial([v, 1])})"
    question = stream.choice(
        (
            f"Find the real number $x$ for which ${left} = {i + j}$.",
            f"Solve ${left} = {i + j}$ for the real number $x$.",
        )
    )
    return f"solve logs {b} {min(u, v)} {max(u, v)} {i + j}", question, str(x), steps


def _hidden_quadratic(stream: Stream, n: int) -> _Parts:
    # a b^(2x) - a (b^i + b^j) b^x + a b^(i + j) = 0
    b, a = stream.choice((2, 3, 4, 5)), stream.randint(1, 9)
    i, j = sorted(stream.sample(range(0, 8 if b == 2 else 5 if b == 3 else 4), 2))
    s, p = b**i + b**j, b ** (i + j)
    root = b**j - b**i
    steps = [f"{a * s}/{a}={s}", f"{a * p}/{a}={p}"] if a > 1 else []
    steps += (
        f"{s}^2-4*{p}={root * root}",
        f"{root * root}^(1/2)={root}",
        f"({s}-{root})/2={b**i}",
        f"({s}+{root})/2={b**j}",
    )
    square = f"{b}^{{2x}}" if a == 1 else f"{a} \\cdot {b}^{{2x}}"
    question = (
        f"Find all real solutions of ${square} - {a * s} \\cdot {b}^x + {a * p} = 0$. "
        "Give them as a comma-separated list in increasing order."
    )
    return f"hidden quadratic {b} {a} {s} {p}", question, f"{i}, {j}", steps


def _surd(p: int, q: int, d: int) -> str:
    root = multiple(abs(q), f"\\sqrt{{{d}}}")
    return f"{p} {'-' if q < 0 else '+'} {root}"


def _as_pair(text: str, d: int) -> str:
    return (
        f"Write ${text}$ as $x + y\\sqrt{{{d}}}$ with rational numbers $x$ and $y$. "
        "What is the pair $(x, y)$?"
    )


def _raised(p: int, q: int, d: int, exponent: int, steps: list[str]) -> tuple[int, int]:
    """The power of p + q√d, one factor after the other."""
    x, y = p, q
    for _ in range(exponent - 1):
        u, v = x * p + y * q * d, x * q + y * p
        steps.append(f"{operand(x)}*{p}+{operand(y)}*{operand(q)}*{d}={u}")
        steps.append(f"{operand(x)}*{operand(q)}+{operand(y)}*{p}={v}")
        x, y = u, v
    return x, y


def _surd_power(stream: Stream, n: int) -> _Parts:
    p, q, d = stream.randint(1, 9), _nonzero(stream, 6), stream.choice(_SQUAREFREE[:6])
    steps: list[str] = []
    x, y = _raised(p, q, d, n, steps)
    question = _as_pair(f"({_surd(p, q, d)})^{n}", d)
    return f"surd {p} {q} {d} ^ {n}", question, f"({x}, {y})", steps


def _divided(x: int, y: int, p: int, q: int, d: int, steps: list[str]) -> tuple[Fraction, Fraction]:
    """(x + y√d) / (p + q√d)"""
    norm, u, v = p * p - q * q * d, x * p - y * q * d, y * p - x * q
    steps += (
        f"{operand(p)}*{operand(p)}-{operand(q)}*{operand(q)}*{d}={norm}",
        f"{operand(x)}*{operand(p)}-{operand(y)}*{operand(q)}*{d}={u}",
        f"{operand(y)}*{operand(p)}-{operand(x)}*{operand(q)}={v}",
        f"{operand(u)}/{operand(norm)}={Fraction(u, norm)}",
        f"{operand(v)}/{operand(norm)}={Fraction(v, norm)}",
    )
    return Fraction(u, norm), Fraction(v, norm)


def _quotient(stream: Stream, n: int) -> _Parts:
    a, c = stream.randint(1, 9), _nonzero(stream, 6)
    p, q, d = stream.randint(1, 9), _nonzero(stream, 6), stream.choice(_SQUAREFREE[:6])
    steps: list[str] = []
    x, y = _divided(a, c, p, q, d, steps)
    question = _as_pair(f"\\frac{{{_surd(a, c, d)}}}{{{_surd(p, q, d)}}}", d)
    return f"surd {a} {c} / {p} {q} {d}", question, f"({latex(x)}, {latex(y)})", steps


def _inverse_power(stream: Stream, n: int) -> _Parts:
    p, q, d = stream.randint(1, 9), _nonzero(stream, 6), stream.choice(_SQUAREFREE[:6])
    a, exponent = stream.randint(1, 9), n - 2
    steps: list[str] = []
    u, v = _raised(p, q, d, exponent, steps)
    norm = u * u - v * v * d
    x, y = Fraction(a * u, norm), Fraction(-a * v, norm)
    steps += (
        f"{operand(u)}*{operand(u)}-{operand(v)}*{operand(v)}*{d}={norm}",
        f"{a}*{operand(u)}={a * u}",
        f"{a}*{operand(-v)}={-a * v}",
        f"{operand(a * u)}/{operand(norm)}={x}",
        f"{operand(-a * v)}/{operand(norm)}={y}",
    )
    question = _as_pair(f"\\frac{{{a}}}{{({_surd(p, q, d)})^{exponent}}}", d)
    return f"{a} / surd {p} {q} {d} ^ {exponent}", question, f"({latex(x)}, {latex(y)})", steps


_KINDS: dict[str, Callable[[Stream, int], _Parts]] = {
    "power": _power,
    "root": _root,
    "logarithm": _logarithm,
    "negative": _negative,
    "exponents": _exponents,
    "fractional": _fractional,
    "simplest_root": _simplest_root,
    "root_sum": _root_sum,
    "logarithms": _logarithms,
    "other_bases": _other_bases,
    "log_equation": _log_equation,
    "exponential": _exponential,
    "exponentials": _exponentials,
    "log_rules": _log_rules,
    "two_logs": _two_logs,
    "hidden_quadratic": _hidden_quadratic,
    "surd_power": _surd_power,
    "quotient": _quotient,
    "inverse_power": _inverse_power,
}
