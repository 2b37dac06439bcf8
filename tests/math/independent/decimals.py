import re
from fractions import Fraction

from tests.math.independent.latex import expression


def solve(question: str) -> str:
    (formula,) = re.findall(r"\$(.+)\$", question)
    if "\\overline" in formula:
        assert "fraction in lowest terms" in question
        return str(_limit(*re.fullmatch(r"(\d+\.\d*)\\overline\{(\d+)\}", formula).groups()))
    assert re.fullmatch(r"(Compute|Calculate|Work out) \$.+\$\.|What is \$.+\$\?", question)
    return str(expression(formula))


def _limit(start: str, period: str) -> Fraction:
    """The simplest fraction near a long piece of the decimal expansion."""
    return Fraction(start + period * 20).limit_denominator(100_000)
