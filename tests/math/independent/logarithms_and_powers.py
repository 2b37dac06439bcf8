"""Evaluates with floating point or sympy, tries candidates, and expands surds symbolically."""

import re
from fractions import Fraction

import sympy
from sympy.abc import x


def solve(question: str) -> str:
    formulas = re.findall(r"\$(.+?)\$", question)
    if question.startswith("To which power"):
        base, number = map(int, re.findall(r"\d+", question))
        return str(next(k for k in range(40) if base**k == number))
    if "What is the pair $(a, b)$" in question:
        factor, number = re.fullmatch(r"(\d*)\\sqrt\{(\d+)\}", formulas[0]).groups()
        square = int(factor or 1) ** 2 * int(number)
        inner = int(number)
        b = next(b for b in range(1, inner + 1) if _is_square(inner * b))
        a = next(a for a in range(1, 10**4) if a * a * b == square)
        return f"({a}, {b})"
    if "What is the pair $(x, y)$" in question:
        return _surd(formulas)
    if "single power" in question or "= y^k" in question or re.search(r"= \w+\^k", question):
        text = re.sub(r"\b[xyz]\^", "2^", formulas[0 if "single" in question else 1])
        text = text.split(" = ")[0]
        base = sympy.Integer(re.search(r"\d+", text)[0])
        power = _expression(text)
        return str(next(k for k in range(-400, 400) if base**k == power))
    if "whole number $k$" in question:
        left, right = formulas[1].split(" = ")
        unit = _expression(right.replace("k", ""))
        return str(sympy.nsimplify((_expression(left) / unit).evalf(30), rational=True))
    if question.startswith("Let"):
        base, values = 7, {f[-8:]: f for f in formulas}
        assert len(values) == 4
        given = {re.search(r" ([xyz]) = (-?\d+)", f).groups() for f in formulas[:3]}
        numbers = {name: sympy.Integer(base) ** int(value) for name, value in given}
        inner = re.fullmatch(r"\\log_\{\d+\} (.+)", formulas[3])[1]
        number = _expression(inner).subs(numbers)
        return str(_near_fraction(sympy.log(number) / sympy.log(base)))
    if "log" in question and "x" in formulas[-1]:
        return _log_equation(next(f for f in formulas if "log" in f))
    if "log" in question:
        return str(_near_fraction(_expression(formulas[0])))
    if "all real solutions" in question:
        left = _expression(formulas[0].split(" = ")[0])
        return ", ".join(str(k) for k in range(-10, 20) if left.subs(x, k) == 0)
    equation = next((f for f in formulas if "=" in f), None)
    if equation:
        left, right = map(_expression, equation.split(" = "))
        exponents = sympy.expand_log(sympy.log(left) - sympy.log(right), force=True)
        (solution,) = sympy.solve(exponents, x)
        return str(sympy.nsimplify(solution.evalf(40), rational=True, tolerance=1e-25))
    value = _expression(formulas[0])
    assert value.is_rational
    return str(value)


def _surd(formulas):
    d = int(re.search(r"\d+", formulas[1])[0])
    value = sympy.radsimp(sympy.expand(_expression(formulas[0])))
    root = sympy.sqrt(d)
    y = sympy.expand(value).coeff(root)
    rest = sympy.expand(value - y * root)
    assert rest.is_rational
    return f"({rest}, {y})"


def _log_equation(text):
    left, right = text.split(" = ")
    if "+ \\log" not in left:
        base, inner = re.fullmatch(r"\\log_\{(\d+)\}\((.*)\)", left).groups()
        return str(sympy.solve(_expression(inner) - int(base) ** int(right), x)[0])
    # The left side rises, so there is one solution; it is a whole number.
    base = int(re.search(r"\d+", left)[0])
    inner = [_expression(i) for i in re.findall(r"\}\((.*?)\)", left)]
    for candidate in range(-60, 2000):
        values = [i.subs(x, candidate) for i in inner]
        if min(values) > 0 and values[0] * values[1] == base ** int(right):
            return str(candidate)
    raise AssertionError(text)


def _near_fraction(value):
    number = Fraction(str(sympy.N(value, 30))).limit_denominator(10_000)
    assert abs(float(number) - float(value)) < 1e-9
    return number


def _is_square(n):
    return round(n**0.5) ** 2 == n


def _expression(text):
    text = text.replace("\\left", "").replace("\\right", "").replace("\\cdot", "*")
    text = re.sub(r"\\log_\{(\d+)\} \\frac\{1\}\{(\d+)\}", r"(-log(\2)/log(\1))", text)
    text = re.sub(r"\\log_\{(\d+)\} (\d+)", r"(log(\2)/log(\1))", text)
    text = re.sub(r"\\sqrt\[3\]\{(\d+)\}", r"((\1)^(1/3))", text)
    braces = r"(\{(?:[^{}]|\{[^{}]*\})*\})"
    while "\\frac" in text:
        text = re.sub(rf"\\frac{braces}{braces}", r"(\1/\2)", text)
    text = text.replace("\\sqrt", "sqrt").replace("{", "(").replace("}", ")")
    text = re.sub(r"(?<=[\dxyz)])\s*(?=[xyz(]|sqrt|log)", "*", text)
    text = re.sub(r"(sqrt|log)\*\(", r"\1(", text)
    return sympy.sympify(text.replace("^", "**"), rational=True)
