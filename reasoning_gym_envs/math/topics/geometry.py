"""Plane geometry: perimeters, areas, angles, right triangles, circles, coordinates, polygons."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd

from reasoning_gym_envs.math.writing import latex, multiple, operand
from reasoning_gym_envs.problems import Problem, Stream

# By level: the size of the lengths, and the kinds of question.
_LEVELS = {
    1: (10, "rectangle square"),
    2: (25, "rectangle square triangle angles"),
    3: (40, "triangle angles rectangle_back trapezoid circle"),
    4: (40, "angles rectangle_back trapezoid circle l_shape hypotenuse"),
    5: (60, "trapezoid l_shape border hypotenuse similar distance axes"),
    6: (40, "border ring similar distance axes sector vertices vertices"),
    7: (25, "ring sector arch rhombus chord vertices vertices"),
    8: (30, "sector arch isosceles chord vertices vertices circle_equation"),
    9: (40, "arch isosceles heron vertices vertices circle_equation"),
    10: (60, "heron vertices vertices vertices circle_equation"),
}
_VERTICES = {6: 3, 7: 4, 8: 5, 9: 6, 10: 7}
_PI = "\\pi"
_UNITS = (("cm", "centimetres"), ("m", "metres"), ("mm", "millimetres"), ("ft", "feet"))
_TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (20, 21, 29), (9, 40, 41))
_POLYGONS = ("triangle", "quadrilateral", "pentagon", "hexagon", "heptagon", "octagon")
_AROUND = ((50, 15), (60, 25), (90, 25), (108, 15), (120, 10), (128, 8), (135, 6))

# The content, the question, the answer and the steps of a problem.
_Parts = tuple[str, str, str, tuple[str, ...]]


def generate(stream: Stream, level: int) -> Problem:
    """Compute a length, an area or an angle of a figure.

    Levels 1 and 2 ask for rectangles, triangles and angles with one or two operations; 3 to 5 add
    trapezoids, circles, composite figures and right triangles; 6 to 8 rings, sectors, similar
    triangles, chords and polygons in the plane; 9 and 10 many vertices, Heron's triangles and the
    equation of a circle.
    """
    size, kinds = _LEVELS[level]
    kind = _KINDS[stream.choice(kinds.split())]
    if kind is _vertices:
        content, question, answer, steps = _vertices(stream, size, _VERTICES[level])
    else:
        content, question, answer, steps = kind(stream, size)
    return Problem(content, level, question, answer, "geometry", steps)


def _rectangle(stream: Stream, n: int) -> _Parts:
    a, b = stream.randint(2, n), stream.randint(2, n)
    a, b = max(a, b) + (a == b), min(a, b)
    unit, units = stream.choice(_UNITS[:2])
    side = f"{a} {unit} long and {b} {unit} wide"
    figure = stream.choice(("A rectangle is", "A rectangular tile is", "A rectangular board is"))
    if stream.random() < 0.5:
        steps: tuple[str, ...] = (f"{a}+{b}={a + b}", f"{a + b}*2={2 * (a + b)}")
        question = f"{figure} {side}. What is its perimeter in {units}?"
        return f"rectangle perimeter {a} {b}", question, str(2 * (a + b)), steps
    question = f"{figure} {side}. What is its area in square {units}?"
    return f"rectangle area {a} {b}", question, str(a * b), (f"{a}*{b}={a * b}",)


def _square(stream: Stream, n: int) -> _Parts:
    a = stream.randint(2, n)
    unit, units = stream.choice(_UNITS)
    side = f"Each side of a square is {a} {unit} long."
    if stream.random() < 0.5:
        question = f"{side} What is its perimeter in {units}?"
        return f"square perimeter {a}", question, str(4 * a), (f"4*{a}={4 * a}",)
    question = f"{side} What is its area in square {units}?"
    return f"square area {a}", question, str(a * a), (f"{a}*{a}={a * a}",)


def _triangle(stream: Stream, n: int) -> _Parts:
    a, h = stream.randint(2, n), stream.randint(2, n)
    h += a * h % 2
    unit, units = stream.choice(_UNITS)
    question = stream.choice(
        (
            f"A triangle has a base of {a} {unit} and a height of {h} {unit}. "
            f"What is its area in square {units}?",
            f"Find the area in square {units} of a triangle whose base is {a} {unit} "
            f"and whose height is {h} {unit}.",
        )
    )
    area = a * h // 2
    return f"triangle area {a} {h}", question, str(area), (f"{a}*{h}={a * h}", f"{a * h}/2={area}")


def _angles(stream: Stream, n: int) -> _Parts:
    sides = 3 if n < 30 else stream.randint(3, 5 if n < 40 else 8)
    middle, spread = _AROUND[sides - 2]
    angles = [stream.randint(middle - spread, middle + spread) for _ in range(sides - 1)]
    total = 180 * (sides - 2)
    steps = [] if sides == 3 else [f"{sides}-2={sides - 2}", f"{sides - 2}*180={total}"]
    known = angles[0]
    for angle in angles[1:]:
        steps.append(f"{known}+{angle}={known + angle}")
        known += angle
    steps.append(f"{total}-{known}={total - known}")
    listed = ", ".join(f"${a}^\\circ$" for a in angles[:-1]) + f" and ${angles[-1]}^\\circ$"
    name = _POLYGONS[sides - 3]
    article = "An" if sides == 8 else "A"
    question = stream.choice(
        (
            f"{article} {name} has angles of {listed}, and one more angle. "
            "How many degrees does that angle measure?",
            f"All angles of {article.lower()} {name} but one are known: {listed}. "
            "How many degrees does the last one measure?",
        )
    )
    content = f"angles {' '.join(map(str, sorted(angles)))}"
    return content, question, str(total - known), tuple(steps)


def _rectangle_back(stream: Stream, n: int) -> _Parts:
    a, b = stream.randint(3, n), stream.randint(3, n)
    unit, units = stream.choice(_UNITS)
    if stream.random() < 0.5:
        question = (
            f"A rectangle has an area of {a * b} square {units}, and one of its sides is "
            f"{a} {unit} long. What is its perimeter in {units}?"
        )
        steps = (f"{a * b}/{a}={b}", f"{a}+{b}={a + b}", f"{a + b}*2={2 * (a + b)}")
        return f"rectangle perimeter, area {a * b} side {a}", question, str(2 * (a + b)), steps
    p = 2 * (a + b)
    question = (
        f"A rectangle has a perimeter of {p} {unit}, and one of its sides is {a} {unit} long. "
        f"What is its area in square {units}?"
    )
    steps = (f"{p}/2={a + b}", f"{a + b}-{a}={b}", f"{a}*{b}={a * b}")
    return f"rectangle area, perimeter {p} side {a}", question, str(a * b), steps


def _trapezoid(stream: Stream, n: int) -> _Parts:
    a, b, h = (stream.randint(2, n) for _ in range(3))
    b += a == b
    h += (a + b) * h % 2
    unit, units = stream.choice(_UNITS)
    s, area = a + b, (a + b) * h // 2
    question = stream.choice(
        (
            f"The parallel sides of a trapezoid are {a} {unit} and {b} {unit} long, and they are "
            f"{h} {unit} apart. What is its area in square {units}?",
            f"A trapezoid has parallel sides of {a} {unit} and {b} {unit} and a height of "
            f"{h} {unit}. Find its area in square {units}.",
        )
    )
    steps = (f"{a}+{b}={s}", f"{s}*{h}={s * h}", f"{s * h}/2={area}")
    return f"trapezoid area {min(a, b)} {max(a, b)} {h}", question, str(area), steps


def _circle(stream: Stream, n: int) -> _Parts:
    r = stream.randint(2, n)
    d, square = 2 * r, r * r
    unit, units = stream.choice(_UNITS)
    kind = stream.randint(0, 2)
    if kind == 0:
        given, asked, value = f"diameter of {d} {unit}", f"area in square {units}", square
        steps: tuple[str, ...] = (f"{d}/2={r}", f"{r}*{r}={square}")
    elif kind == 1:
        given = f"circumference of ${d}\\pi$ {unit}"
        asked, value = f"area in square {units}", square
        steps = (f"{d}/2={r}", f"{r}*{r}={square}")
    else:
        given = f"area of ${square}\\pi$ square {units}"
        asked, value = f"circumference in {units}", d
        steps = (f"{square}^(1/2)={r}", f"2*{r}={d}")
    question = f"A circle has a {given}. What is its {asked}, as a multiple of $\\pi$?"
    question = question.replace("a area", "an area")
    return f"circle {kind} {r}", question, multiple(value, _PI), steps


def _l_shape(stream: Stream, n: int) -> _Parts:
    a, b = stream.randint(6, n), stream.randint(6, n)
    c, d = stream.randint(2, a - 2), stream.randint(2, b - 2)
    unit, units = stream.choice(_UNITS)
    question = (
        f"From one corner of a rectangle of {a} {unit} by {b} {unit}, a smaller rectangle of {c} "
        f"{unit} by {d} {unit} is cut away. What is the area of the rest in square {units}?"
    )
    rest = a * b - c * d
    steps = (f"{a}*{b}={a * b}", f"{c}*{d}={c * d}", f"{a * b}-{c * d}={rest}")
    return f"L area {sorted((a, b))} {sorted((c, d))}", question, str(rest), steps


def _border(stream: Stream, n: int) -> _Parts:
    a, b, w = stream.randint(4, n), stream.randint(4, n), stream.randint(1, 9)
    thing, edge = stream.choice((("pool", "path"), ("picture", "frame"), ("lawn", "path")))
    unit, units = _UNITS[0] if thing == "picture" else _UNITS[1]
    question = (
        f"A rectangular {thing} of {a} {unit} by {b} {unit} has a {edge} {w} {unit} wide all "
        f"around it, with square corners. What is the area of the {edge} in square {units}?"
    )
    c, d = a + 2 * w, b + 2 * w
    steps = (
        f"2*{w}={2 * w}",
        f"{a}+{2 * w}={c}",
        f"{b}+{2 * w}={d}",
        f"{c}*{d}={c * d}",
        f"{a}*{b}={a * b}",
        f"{c * d}-{a * b}={c * d - a * b}",
    )
    return f"border area {min(a, b)} {max(a, b)} {w}", question, str(c * d - a * b), steps


def _right_triangle(stream: Stream, n: int) -> tuple[int, int, int]:
    p, q, r = stream.choice(_TRIPLES)
    k = stream.randint(1, max(1, 2 * n // r))
    return (p * k, q * k, r * k) if stream.random() < 0.5 else (q * k, p * k, r * k)


def _hypotenuse(stream: Stream, n: int) -> _Parts:
    p, q, r = _right_triangle(stream, n)
    kind = stream.randint(0, 2)
    unit, units = _UNITS[3] if kind == 1 else stream.choice(_UNITS)
    if kind == 0:
        question = (
            f"The legs of a right triangle are {p} {unit} and {q} {unit} long. "
            f"What is its perimeter in {units}?"
        )
        answer = p + q + r
        steps: tuple[str, ...] = (
            *_hypotenuse_steps(p, q, r),
            f"{p}+{q}={p + q}",
            f"{p + q}+{r}={answer}",
        )
        return f"right triangle perimeter {min(p, q)} {max(p, q)}", question, str(answer), steps
    steps = _leg_steps(p, q, r)
    if kind == 1:
        question = (
            f"A ladder {r} {unit} long leans against a vertical wall, with its foot {p} {unit} "
            f"from the wall. How high does it reach, in {units}?"
        )
        return f"right triangle leg {p} {r}", question, str(q), steps
    question = (
        f"The hypotenuse of a right triangle is {r} {unit} long and one leg is {p} {unit} long. "
        f"What is its area in square {units}?"
    )
    steps += (f"{p}*{q}={p * q}", f"{p * q}/2={p * q // 2}")
    return f"right triangle area {p} {r}", question, str(p * q // 2), steps


def _hypotenuse_steps(p: int, q: int, r: int) -> tuple[str, ...]:
    return (
        f"{p}*{p}={p * p}",
        f"{q}*{q}={q * q}",
        f"{p * p}+{q * q}={r * r}",
        f"{r * r}^(1/2)={r}",
    )


def _leg_steps(p: int, q: int, r: int) -> tuple[str, ...]:
    return (
        f"{r}*{r}={r * r}",
        f"{p}*{p}={p * p}",
        f"{r * r}-{p * p}={q * q}",
        f"{q * q}^(1/2)={q}",
    )


def _similar(stream: Stream, n: int) -> _Parts:
    a = stream.randint(3, n // 2)
    b, k = stream.randint(a + 1, 2 * a - 1), stream.randint(2, 9)
    c = stream.randint(b, a + b - 1)
    unit, units = stream.choice(_UNITS)
    question = (
        f"The sides of a triangle are {a} {unit}, {b} {unit} and {c} {unit} long. The shortest "
        f"side of a similar triangle is {k * a} {unit} long. What is the perimeter of that "
        f"triangle in {units}?"
    )
    s = a + b + c
    steps = (f"{a}+{b}={a + b}", f"{a + b}+{c}={s}", f"{k * a}/{a}={k}", f"{s}*{k}={s * k}")
    return f"similar triangle {a} {b} {c} {k * a}", question, str(s * k), steps


def _distance(stream: Stream, n: int) -> _Parts:
    p, q, r = _right_triangle(stream, n // 2)
    x, y = stream.randint(-n, n), stream.randint(-n, n)
    u = x + p if stream.random() < 0.5 else x - p
    v = y + q if stream.random() < 0.5 else y - q
    question = stream.choice(
        (
            f"What is the distance between the points $({x}, {y})$ and $({u}, {v})$?",
            f"Find the length of the line segment from $({x}, {y})$ to $({u}, {v})$.",
        )
    )
    steps = (
        f"{operand(u)}-{operand(x)}={u - x}",
        f"{operand(v)}-{operand(y)}={v - y}",
        *_hypotenuse_steps(p, q, r),
    )
    ends = sorted(((x, y), (u, v)))
    return f"distance {ends}", question, str(r), steps


def _axes(stream: Stream, n: int) -> _Parts:
    a, b = stream.randint(1, 9), stream.randint(1, 9)
    c = a * b // gcd(a, b) * stream.randint(1, max(2, n // 4))
    sign = "+" if stream.random() < 0.5 else "-"
    u, v = c // a, c // b
    question = (
        f"The line ${multiple(a, 'x')} {sign} {multiple(b, 'y')} = {c}$ and the two coordinate "
        "axes enclose a triangle. What is its area?"
    )
    area = Fraction(u * v, 2)
    steps = (f"{c}/{a}={u}", f"{c}/{b}={v}", f"{u}*{v}={u * v}", f"{u * v}/2={area}")
    return f"axes area {a} {sign}{b} {c}", question, latex(area), steps


def _ring(stream: Stream, n: int) -> _Parts:
    r, w = stream.randint(2, n), stream.randint(1, n)
    d = r + w
    unit, units = stream.choice(_UNITS)
    question = stream.choice(
        (
            f"Two circles have the same centre; their radii are {r} {unit} and {d} {unit}. What "
            f"is the area between them in square {units}, as a multiple of $\\pi$?",
            f"A circular hole with a radius of {r} {unit} is cut out of the middle of a disc with "
            f"a radius of {d} {unit}. What area is left, in square {units}, "
            "as a multiple of $\\pi$?",
        )
    )
    area = d * d - r * r
    steps = (f"{d}*{d}={d * d}", f"{r}*{r}={r * r}", f"{d * d}-{r * r}={area}")
    return f"ring area {r} {d}", question, multiple(area, _PI), steps


def _sector(stream: Stream, n: int) -> _Parts:
    r, angle = stream.randint(2, n), 15 * stream.randint(2, 22)
    part = Fraction(angle, 360)
    unit, units = stream.choice(_UNITS)
    intro = f"A sector of a circle has a radius of {r} {unit} and an angle of ${angle}^\\circ$."
    if stream.random() < 0.5:
        value = part * r * r
        question = f"{intro} What is its area in square {units}, as a multiple of $\\pi$?"
        steps: tuple[str, ...] = (
            f"{angle}/360={part}",
            f"{r}*{r}={r * r}",
            f"{r * r}*({part})={value}",
        )
        return f"sector area {r} {angle}", question, multiple(value, _PI), steps
    value = part * 2 * r
    question = (
        f"{intro} What is its perimeter in {units}, including both radii? "
        "Give it in terms of $\\pi$."
    )
    steps = (f"{angle}/360={part}", f"2*{r}={2 * r}", f"{2 * r}*({part})={value}")
    answer = f"{2 * r} + {multiple(value, _PI)}"
    return f"sector perimeter {r} {angle}", question, answer, steps


def _arch(stream: Stream, n: int) -> _Parts:
    r, h = stream.randint(2, n), stream.randint(2, 2 * n)
    w = 2 * r
    unit, units = _UNITS[0]
    thing = stream.choice(("window", "door", "gate"))
    intro = (
        f"A {thing} has the shape of a rectangle {w} {unit} wide and {h} {unit} high with a "
        "semicircle on top, whose diameter is the width of the rectangle."
    )
    if stream.random() < 0.5:
        question = f"{intro} What is its area in square {units}, in terms of $\\pi$?"
        half = Fraction(r * r, 2)
        steps: tuple[str, ...] = (
            f"{w}*{h}={w * h}",
            f"{w}/2={r}",
            f"{r}*{r}={r * r}",
            f"{r * r}/2={half}",
        )
        answer = f"{w * h} + {multiple(half, _PI)}"
        return f"arch area {w} {h}", question, answer, steps
    question = f"{intro} What is its perimeter in {units}, in terms of $\\pi$?"
    steps = (f"2*{h}={2 * h}", f"{2 * h}+{w}={2 * h + w}", f"{w}/2={r}")
    answer = f"{2 * h + w} + {multiple(r, _PI)}"
    return f"arch perimeter {w} {h}", question, answer, steps


def _rhombus(stream: Stream, n: int) -> _Parts:
    p, q, r = _right_triangle(stream, 2 * n)
    unit, units = stream.choice(_UNITS)
    question = (
        f"The diagonals of a rhombus are {2 * p} {unit} and {2 * q} {unit} long. "
        f"What is its perimeter in {units}?"
    )
    steps = (
        f"{2 * p}/2={p}",
        f"{2 * q}/2={q}",
        *_hypotenuse_steps(p, q, r),
        f"4*{r}={4 * r}",
    )
    return f"rhombus perimeter {2 * min(p, q)} {2 * max(p, q)}", question, str(4 * r), steps


def _chord(stream: Stream, n: int) -> _Parts:
    p, q, r = _right_triangle(stream, 2 * n)
    unit, units = stream.choice(_UNITS)
    if stream.random() < 0.5:
        question = (
            f"A chord of a circle with a radius of {r} {unit} is {p} {unit} away from the centre. "
            f"How long is the chord, in {units}?"
        )
        steps = (*_leg_steps(p, q, r), f"2*{q}={2 * q}")
        return f"chord length {p} {r}", question, str(2 * q), steps
    question = (
        f"A chord {2 * p} {unit} long is {q} {unit} away from the centre of a circle. "
        f"What is the area of the circle in square {units}, as a multiple of $\\pi$?"
    )
    steps = (f"{2 * p}/2={p}", *_hypotenuse_steps(p, q, r)[:3])
    return f"chord circle {2 * p} {q}", question, multiple(r * r, _PI), steps


def _isosceles(stream: Stream, n: int) -> _Parts:
    p, q, r = _right_triangle(stream, 2 * n)
    unit, units = stream.choice(_UNITS)
    question = (
        f"Two sides of a triangle are {r} {unit} long each, and the third is {2 * p} {unit} long. "
        f"What is its area in square {units}?"
    )
    steps = (f"{2 * p}/2={p}", *_leg_steps(p, q, r), f"{p}*{q}={p * q}")
    a, b, c = sorted((r, r, 2 * p))
    return f"area from sides {a} {b} {c}", question, str(p * q), steps


def _heron(stream: Stream, n: int) -> _Parts:
    # Two right triangles side by side, with a leg in common: the height.
    (p, h, r), (q, g, t) = _right_triangle(stream, 10), _right_triangle(stream, 10)
    common = gcd(h, g)
    a, b, c = sorted((r * g // common, t * h // common, p * g // common + q * h // common))
    unit, units = stream.choice(_UNITS)
    question = stream.choice(
        (
            f"The sides of a triangle are {a} {unit}, {b} {unit} and {c} {unit} long. "
            f"What is its area in square {units}?",
            f"Find the area in square {units} of the triangle whose sides are {c} {unit}, "
            f"{b} {unit} and {a} {unit} long.",
        )
    )
    s2 = a + b + c
    s = s2 // 2
    u, v, w = s - a, s - b, s - c
    square = s * u * v * w
    area = h * g // common * (p * g + q * h) // common // 2
    steps = (
        f"{a}+{b}+{c}={s2}",
        f"{s2}/2={s}",
        f"{s}-{a}={u}",
        f"{s}-{b}={v}",
        f"{s}-{c}={w}",
        f"{s}*{u}={s * u}",
        f"{v}*{w}={v * w}",
        f"{s * u}*{v * w}={square}",
        f"{square}^(1/2)={area}",
    )
    return f"area from sides {a} {b} {c}", question, str(area), steps


def _vertices(stream: Stream, n: int, count: int = 3) -> _Parts:
    """The area of a polygon: out along its lower vertices, back along its upper ones."""
    x, middle = stream.randint(-n, 0), stream.randint(-n // 2, n // 2)
    lower, upper = [(x, middle)], []
    for i in range(1, count):
        x += stream.randint(1, 2 + n // 3)
        y = stream.randint(1, n // 2)
        if i == count - 1:
            lower.append((x, middle))
        elif stream.random() < 0.5:
            lower.append((x, middle - y))
        else:
            upper.append((x, middle + y))
    polygon = lower + upper[::-1]
    listed = ", ".join(f"$({x}, {y})$" for x, y in polygon[:-1])
    question = stream.choice(
        (
            f"What is the area of the polygon with the vertices {listed} and $({polygon[-1][0]}, "
            f"{polygon[-1][1]})$, in this order?",
            f"A polygon has the vertices {listed} and $({polygon[-1][0]}, {polygon[-1][1]})$, "
            "in this order. Find its area.",
        )
    )
    steps = []
    total = 0
    for (a, b), (c, d) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        cross = a * d - c * b
        steps.append(f"{operand(a)}*{operand(d)}-{operand(c)}*{operand(b)}={cross}")
        if len(steps) > 1:
            steps.append(f"{operand(total)}+{operand(cross)}={total + cross}")
        total += cross
    steps.append(f"{total}/2={Fraction(total, 2)}")
    return f"polygon area {polygon}", question, latex(Fraction(total, 2)), tuple(steps)


def _circle_equation(stream: Stream, n: int) -> _Parts:
    a, b = stream.randint(1, n // 3), stream.randint(1, n // 3)
    square = stream.randint(2, n * n // 4)
    f = a * a + b * b - square
    square -= f == 0  # no zero in the equation
    f = f or 1
    s, t = stream.choice("+-"), stream.choice("+-")
    equation = f"x^2 + y^2 {s} {2 * a}x {t} {2 * b}y {'+' if f > 0 else '-'} {abs(f)} = 0"
    question = stream.choice(
        (
            f"What is the area enclosed by the circle ${equation}$, as a multiple of $\\pi$?",
            f"The equation ${equation}$ describes a circle. What is its area, "
            "as a multiple of $\\pi$?",
        )
    )
    aa, bb = a * a, b * b
    steps = (
        f"{2 * a}/2={a}",
        f"{a}*{a}={aa}",
        f"{2 * b}/2={b}",
        f"{b}*{b}={bb}",
        f"{aa}+{bb}={aa + bb}",
        f"{aa + bb}-{operand(f)}={square}",
    )
    return f"circle area {equation}", question, multiple(square, _PI), steps


_KINDS: dict[str, Callable[..., _Parts]] = {
    "rectangle": _rectangle,
    "square": _square,
    "triangle": _triangle,
    "angles": _angles,
    "rectangle_back": _rectangle_back,
    "trapezoid": _trapezoid,
    "circle": _circle,
    "l_shape": _l_shape,
    "border": _border,
    "hypotenuse": _hypotenuse,
    "similar": _similar,
    "distance": _distance,
    "axes": _axes,
    "ring": _ring,
    "sector": _sector,
    "arch": _arch,
    "rhombus": _rhombus,
    "chord": _chord,
    "isosceles": _isosceles,
    "heron": _heron,
    "vertices": _vertices,
    "circle_equation": _circle_equation,
}
