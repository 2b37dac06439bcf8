import re

import sympy

from tests.math.independent.latex import expression

_X = sympy.Symbol("x")


def solve(question: str) -> str:
    formulas = re.findall(r"\$(.+?)\$", question)
    if match := re.match(
        r"(What is the value of|Evaluate) \$(.+?)\$ (for|at) \$x = (.+?)\$", question
    ):
        return str(expression(match[2]).subs(_X, int(match[4])))
    if match := re.fullmatch(r"Let \$p\(x\) = (.+?)\$\. What is \$p\((.+?)\)\$\?", question):
        return str(expression(match[1]).subs(_X, int(match[2])))
    if "coefficient of" in question:
        power, product = formulas
        return str(_by_sampling(expression(product))[_degree(power)])
    if question.startswith("Expand"):
        return _text(sympy.expand(expression(formulas[0])))
    dividend, divisor = map(expression, formulas)
    quotient, remainder = sympy.div(dividend, divisor, _X)
    if "remainder when" in question or "the remainder of" in question:
        return _text(remainder)
    assert "What is the quotient" in question or (remainder == 0 and "result" in question)
    return _text(quotient)


def _by_sampling(product: sympy.Expr) -> list[sympy.Expr]:
    """The coefficients, by rising power, of the polynomial through enough of its values."""
    degree = 12
    points = [(x, product.subs(_X, x)) for x in range(degree + 1)]
    poly = sympy.Poly(sympy.interpolate(points, _X), _X)
    return list(reversed(poly.all_coeffs()))


def _degree(power: str) -> int:
    return sympy.degree(expression(power), _X)


def _text(polynomial: sympy.Expr) -> str:
    return str(polynomial).replace("**", "^")
