"""sympy differentiates; an extremum is found among the roots of the derivative by its curvature."""

import re

import sympy
from sympy.abc import x

_FORMULA = re.compile(r"(?:f\(x\) = |derivative of \$|curve \$y = |tangent to \$y = )(.+?)\$")


def solve(question: str) -> str:
    f = expression(_FORMULA.search(question)[1])
    if "expanded form" in question:
        return str(sympy.expand(sympy.diff(f, x))).replace("**", "^").replace("*", "")
    if extremum := re.search("local (minimum|maximum)", question):
        sign = 1 if extremum[1] == "minimum" else -1
        (at,) = [r for r in sympy.roots(f.diff(x), x) if f.diff(x, 2).subs(x, r) * sign > 0]
        return str(at)
    at = re.search(r"f'+\(([^)]+)\)|x = (\S+)\$", question)
    at = sympy.pi if "\\pi" in (at[1] or at[2]) else int(at[1] or at[2])
    if "f''" in question:
        return str(f.diff(x, 2).subs(x, at))
    if "y$-axis" in question or "What is $b$" in question:
        return str(sympy.series(f, x, at, 2).removeO().subs(x, 0))
    value = sympy.simplify(f.diff(x).subs(x, at))
    return str(sympy.expand(value)).replace("*pi", "\\pi")


def expression(latex: str) -> sympy.Expr:
    """The formulas of these questions as sympy expressions."""
    text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", latex)
    text = re.sub(r"e\^\{([^{}]*)\}", r"E^(\1)", text)
    text = re.sub(r"\\(sin|cos|ln)", r" \1", text).replace("\\pi", "pi").replace("\\", "")
    text = re.sub(r"(?<=[\d)x])\s*(?=[xE(]|sin|cos|ln|pi)", "*", text)
    text = text.replace("{", "(").replace("}", ")").replace("^", "**")
    return sympy.sympify(text, rational=True)
