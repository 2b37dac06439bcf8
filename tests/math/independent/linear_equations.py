import re

import sympy


def solve(question: str) -> str:
    left, right = re.fullmatch(r"Solve \$(.+)\$ for \$x\$\.", question)[1].split("=")
    roots = sympy.solve(_expression(left) - _expression(right), sympy.Symbol("x"))
    assert len(roots) == 1
    return str(roots[0])


def _expression(text: str) -> sympy.Expr:
    text = re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", r"(\1/\2)", text)
    text = re.sub(r"(?<=[\d)])\s*(?=[x(])", "*", text.strip())
    return sympy.sympify(text, rational=True)
