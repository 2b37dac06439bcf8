"""sympy integrates; areas and distances are the integral of the absolute value, piece by piece."""

import re
from itertools import pairwise

import sympy
from sympy.abc import x

from tests.math.independent.derivatives import expression

_PIECE = re.compile(r"(^|[-+] )\\int_\{(\S+?)\}\^\{(e\^\{\d+\}|\S+?)\} (.+?) \\, dx")


def solve(question: str) -> str:
    value = sympy.expand(_value(question))
    return str(value).replace("**", "^").replace("*", "").replace("exp", "e^")


def _value(question):
    formulas = re.findall(r"\$(.+?)\$", question)
    if question.startswith("Integrate"):
        a, b = re.search(r"from \$x = (\S+)\$ to \$x = (\S+)\$", question).groups()
        return _integral(a, b, formulas[0])
    if "\\int" in question:
        pieces = _PIECE.findall(formulas[0])
        assert len(pieces) == formulas[0].count("\\int")
        return sum((-1 if sign == "- " else 1) * _integral(a, b, f) for sign, a, b, f in pieces)
    if "$F" in question:
        return _antiderivative(question)
    curves = [f.split(" = ")[1].replace("t", "x") for f in formulas if re.match("[yfv].* = ", f)]
    curves = [expression(f) for f in curves]
    if "Where is it" in question:
        start, end = int(formulas[1]), int(formulas[3].split(" = ")[1])
        return start + sympy.integrate(curves[0], (x, 0, end))
    if "total distance" in question:
        return _absolute(curves[0], 0, int(formulas[2].split(" = ")[1]))
    if "mean value" in question:
        a, b = map(int, re.search(r"\[(-?\d+), (-?\d+)\]", question).groups())
        return sympy.integrate(curves[0], (x, a, b)) / (b - a)
    assert "enclose" in question or "region" in question
    difference = curves[0] - (curves[1] if "curves" in question else 0)
    roots = sympy.real_roots(sympy.Poly(difference, x))
    return _absolute(difference, min(roots), max(roots))


def _antiderivative(question):
    f = expression(re.search(r"(?:f\(x\) = |F'\(x\) = |the derivative \$)(.+?)\$", question)[1])
    ((a, given),) = re.findall(r"F\((-?\d+)\) = (-?\d+)", question)
    big = sympy.Function("F")
    found = sympy.dsolve(big(x).diff(x) - f, big(x), ics={big(int(a)): int(given)}).rhs
    at = re.search(r"what is \$F\((-?\d+)\)", question)
    return found.subs(x, int(at[1])) if at else found


def _absolute(f, a, b):
    inside = sorted(r for r in sympy.real_roots(sympy.Poly(f, x)) if a < r < b)
    return sum(abs(sympy.integrate(f, (x, *ends))) for ends in pairwise([a, *inside, b]))


def _integral(a, b, f):
    return sympy.integrate(sympy.expand(expression(f)), (x, expression(a), expression(b)))
