import re

import sympy

from tests.math.independent.latex import expression


def solve(question: str) -> str:
    formulas = re.findall(r"\$(.+?)\$", question)
    equations = [[expression(side) for side in f.split(" = ")] for f in formulas if "=" in f]
    n = len(equations)
    names = sympy.symbols("x y z")[:n]
    ((*values,),) = sympy.linsolve([left - right for left, right in equations], *names)
    assert not any(value.free_symbols for value in values)
    *given, wanted = formulas
    assert len(given) == n
    if question.startswith(("Solve", "Find the solution")):
        assert wanted == f"({', '.join(map(str, names))})"
        assert f"ordered {'pair' if n == 2 else 'triple'}" in question
        return f"({', '.join(map(str, values))})"
    assert re.match(r"If .* what is the value of|Suppose that .* What is \$", question)
    return str(expression(wanted).subs(dict(zip(names, values, strict=True))))
