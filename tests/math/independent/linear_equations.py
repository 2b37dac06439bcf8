import re

import sympy

from tests.math.independent.latex import expression


def solve(question: str) -> str:
    left, right = re.fullmatch(r"Solve \$(.+)\$ for \$x\$\.", question)[1].split("=")
    roots = sympy.solve(expression(left) - expression(right), sympy.Symbol("x"))
    assert len(roots) == 1
    return str(roots[0])
