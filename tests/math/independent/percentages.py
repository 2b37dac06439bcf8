import re

from sympy import Rational, Symbol
from sympy import solve as roots

_X = Symbol("x")
_N = r"\$([\d.]+)\$"
_P = r"\$([\d.]+)\\%\$"


def solve(question: str) -> str:
    """Write the sentence as an equation in the unknown, and let sympy solve it."""
    numbers = [Rational(n) for n in re.findall(r"[\d.]*\d", question)]
    if re.fullmatch(rf"(What is|Find) {_P} of {_N}[?.]", question):
        p, whole = numbers
        equation = whole * p / 100 - _X
    elif re.match(rf"What percent of {_N} is {_N}\? Give the number without", question):
        whole, part = numbers
        equation = whole * _X / 100 - part
    elif re.match(rf"Express {_N} as a percentage of {_N}\. Give the number without", question):
        part, whole = numbers
        equation = whole * _X / 100 - part
    elif re.fullmatch(rf"If {_P} of a number is {_N}, what is the number\?", question):
        p, part = numbers
        equation = _X * p / 100 - part
    elif re.fullmatch(rf"The number {_N} is {_P} of what number\?", question):
        part, p = numbers
        equation = _X * p / 100 - part
    elif question.startswith("Find the number such that"):
        q, *factors, whole = numbers
        assert re.search(r"\\%\$ of it is \$", question)
        for factor in factors:
            whole *= factor / 100
        equation = _X * q / 100 - whole
    elif " are mixed: " in question:
        equation = sum(
            amount * (strength - _X)
            for amount, strength in zip(numbers[::2], numbers[1::2], strict=True)
        )
    elif " from $" in question:
        start, end = numbers
        falls = re.search("fall|shrink|decrease", question)
        equation = start * (1 - _X / 100 if falls else 1 + _X / 100) - end
    else:
        equation = _history(question, numbers)
    (root,) = roots(equation, _X)
    return str(root)


def _history(question, numbers):
    growth = 1
    pattern = r"(rise|grow|increase|fall|shrink|decrease)s by \$(\d+)\\%"
    for verb, p in re.findall(pattern, question):
        growth *= 1 + Rational(p) / 100 * (1 if verb in ("rise", "grow", "increase") else -1)
    if "overall" in question:
        return 1 + _X / 100 - growth
    if "original" in question:
        return _X * growth - numbers[-1]
    assert " now, in " in question
    return numbers[0] * growth - _X
