"""Draws the figures with coordinates and lets sympy measure them."""

import re
from itertools import pairwise

import sympy
from sympy import (
    Circle,
    Integer,
    Line,
    Matrix,
    Point,
    Polygon,
    Rational,
    Symbol,
    integrate,
    pi,
    sqrt,
    sympify,
)
from sympy.abc import x, y


def solve(question: str) -> str:
    value = _value(question)
    assert value > 0
    return str(value).replace("pi", "\\pi ").replace("*", " \\cdot ")


def _value(question):
    numbers = [Integer(n) for n in re.findall(r"-?\d+", question)]
    wants_area = bool(
        re.search(r"[Ww]hat (area|is (its|the) area)|[Ff]ind (the|its) area", question)
    )
    measure = _area if wants_area else _perimeter
    if "vertices" in question:
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        # Cut into triangles from the first vertex, by determinants.
        return sum(
            Matrix([[*points[0], 1], [*b, 1], [*c, 1]]).det() / 2 for b, c in pairwise(points[1:])
        )
    if "distance between" in question or "line segment" in question:
        return Point(*numbers[:2]).distance(Point(*numbers[2:]))
    if "coordinate axes" in question:
        left, right = re.search(r"\$(.*) = (.*?)\$", question).groups()
        line = sympify(re.sub(r"(\d)([xy])", r"\1*\2", left)) - int(right)
        height = sympy.solve(line, y)[0]
        width = sympy.solve(line.subs(y, 0), x)[0]
        return abs(integrate(height, (x, 0, width)))
    if "the circle $" in question or "describes a circle" in question:
        left = re.search(r"\$(.*) = 0\$", question)[1]
        return Circle(sympify(re.sub(r"(\d)([xy])", r"\1*\2", left).replace("^", "**"))).area
    if "the last one measure" in question or "that angle measure" in question:
        name = re.search(r"[Aa]n? (\w+) (has angles|but one)", question)[1]
        names = ("triangle", "quadrilateral", "pentagon", "hexagon", "heptagon", "octagon")
        sides = 3 + names.index(name)
        assert len(numbers) == sides - 1
        # Walking around a convex polygon turns by 360 degrees in all.
        return 180 - (360 - sum(180 - angle for angle in numbers))
    return _figure(question, numbers, measure)


def _figure(question, numbers, measure):
    if question.startswith("Each side of a square"):
        return measure(_rectangle(numbers[0], numbers[0]))
    if "is cut away" in question:
        a, b, c, d = numbers
        corners = (0, 0), (a, 0), (a, b - d), (a - c, b - d), (a - c, b), (0, b)
        return measure(Polygon(*corners))
    if "all around it" in question:
        a, b, w = numbers
        inner, outer = _rectangle(a, b), Polygon((-w, -w), (a + w, -w), (a + w, b + w), (-w, b + w))
        return measure(outer) - measure(inner)
    if " wide. " in question:
        return measure(_rectangle(*numbers))
    if "A rectangle has a" in question:
        a, b = Symbol("a", positive=True), numbers[1]
        given = a * b if "has an area" in question else 2 * (a + b)
        return measure(_rectangle(sympy.solve(given - numbers[0], a)[0], b))
    if "base of" in question or "whose base" in question:
        a, h = numbers
        return measure(Polygon((0, 0), (a, 0), (a / 3, h)))
    if "parallel sides" in question:
        a, b, h = numbers
        return measure(Polygon((0, 0), (a, 0), (b + Rational(1, 7), h), (Rational(1, 7), h)))
    if question.startswith("A circle has"):
        r = Symbol("r", positive=True)
        value = numbers[0] * (pi if "\\pi$ " in question.split(".")[0] else 1)
        given = {"diameter": 2 * r, "circumference": 2 * pi * r, "area": pi * r**2}
        radius = sympy.solve(given[re.search(r"has an? (\w+)", question)[1]] - value, r)[0]
        if "its circumference" in question:
            return Circle((0, 0), radius).circumference
        return Circle((0, 0), radius).area
    if "similar triangle" in question:
        a, b, c, shortest = numbers
        assert a < b <= c
        return sum(side * shortest / a for side in (a, b, c))
    if "Two circles" in question or "hole" in question:
        return 2 * pi * integrate(x, (x, *numbers))  # ring by ring
    if question.startswith("A sector"):
        r, angle = numbers
        area = integrate(x * angle * pi / 180, (x, 0, r))
        return area if "its area" in question else 2 * r + area * 2 / r
    if "semicircle" in question:
        w, h = numbers
        circle = Circle((0, 0), w / 2)
        if "its area" in question:
            return w * h + circle.area / 2
        return w + h + h + circle.circumference / 2
    if "legs of a right triangle" in question:
        return measure(Polygon((0, 0), (numbers[0], 0), (0, numbers[1])))
    if "ladder" in question or "hypotenuse" in question:
        r, p = numbers
        wall = Circle((p, 0), r).intersection(Line((0, 0), (0, 1)))
        height = max(point.y for point in wall)
        return height if "ladder" in question else measure(Polygon((0, 0), (p, 0), (0, height)))
    if "rhombus" in question:
        p, q = numbers[0] / 2, numbers[1] / 2
        return measure(Polygon((p, 0), (0, q), (-p, 0), (0, -q)))
    if "A chord of a circle" in question:
        r, distance = numbers
        ends = Circle((0, 0), r).intersection(Line((0, distance), (1, distance)))
        return ends[0].distance(ends[1])
    if "A chord" in question:
        length, distance = numbers
        ends = Point(length / 2, distance), Point(-length / 2, distance)
        return Circle(*ends, Point(0, -ends[0].distance((0, 0)))).area
    if "Two sides of a triangle" in question:
        numbers.insert(0, numbers[0])
    else:
        assert "The sides of a triangle" in question or "whose sides are" in question, question
    a, b, c = numbers
    determinant = Matrix(  # Cayley and Menger
        [[0, a**2, b**2, 1], [a**2, 0, c**2, 1], [b**2, c**2, 0, 1], [1, 1, 1, 0]]
    ).det()
    return sqrt(-determinant) / 4


def _rectangle(a, b):
    return Polygon((0, 0), (a, 0), (a, b), (0, b))


def _area(figure):
    return abs(figure.area)


def _perimeter(figure):
    return figure.perimeter
