import re

import sympy

from tests.math.independent.latex import expression

_X = sympy.Symbol("x")
_POWERS = {"squares": 2, "reciprocals": -1, "cubes": 3, "fourth powers": 4}


def solve(question: str) -> str:
    formulas = [f for f in re.findall(r"\$(.+?)\$", question) if "x^2" in f or "y =" in f]
    if "vertex" in question:
        curve = expression(formulas[0].removeprefix("y = "))
        (x,) = sympy.solve(sympy.diff(curve, _X), _X)
        return f"({x}, {curve.subs(_X, x)})"
    if "discriminant" in question:
        return str(sympy.discriminant(expression(formulas[0].removesuffix(" = 0")), _X))
    if question.startswith("At which values of $x$ does the parabola"):
        left, right = (f.removeprefix("y = ") for f in formulas)
    else:
        left, right = formulas[0].split(" = ")
    roots = sympy.solve(expression(left) - expression(right), _X)
    if power := re.match(r"What is the sum of the (.+) of the solutions of", question):
        assert len(roots) == 2
        return str(sympy.expand(sum(sympy.radsimp(root) ** _POWERS[power[1]] for root in roots)))
    if one := re.match(r"What is the (larger|smaller|only) solution of", question):
        assert len(roots) == (1 if one[1] == "only" else 2)
        return str((max if one[1] == "larger" else min)(roots)).replace("**", "^")
    assert re.match(r"Solve|Find all solutions|At which", question)
    assert question.endswith("as a set.")
    return f"\\{{{', '.join(map(str, roots))}\\}}"
