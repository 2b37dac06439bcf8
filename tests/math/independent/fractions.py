import re

from tests.math.independent.latex import expression


def solve(question: str) -> str:
    formulas = re.findall(r"\$(.+?)\$", question)
    values = [expression(formula) for formula in formulas]
    if "the fractions" in question:
        first = re.search(r"the (larg\w+|small\w+)", question)[1]
        second = re.findall(r"the (larg\w+|small\w+)", question)[1]
        few = len(values) == 2
        assert (first, second) == (("larger", "smaller") if few else ("largest", "smallest"))
        return str(max(values) - min(values))
    assert re.match(r"(Compute|Calculate|What is|Work out|Write|Simplify|Reduce) \$", question)
    (value,) = values
    return str(value)
