"""Numbers and polynomials as people write them, in LaTeX and in plain text."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def latex(value: int | Fraction) -> str:
    r"""A rational number in LaTeX.

    >>> latex(7), latex(Fraction(-3, 4))
    ('7', '-\\frac{3}{4}')
    """
    if type(value) is int:
        return str(value)
    numerator, denominator = value.numerator, value.denominator
    if denominator == 1:
        return str(numerator)
    sign = "-" if numerator < 0 else ""
    return f"{sign}\\frac{{{abs(numerator)}}}{{{denominator}}}"


def decimal(digits: int, places: int) -> str:
    """The decimal number ``digits / 10**places``, without zeros at its end.

    >>> decimal(-250, 2), decimal(7, 3), decimal(1200, 2)
    ('-2.5', '0.007', '12')
    """
    if not places:
        return str(digits)
    text = str(abs(digits)).zfill(places + 1)
    text = f"{text[:-places]}.{text[-places:]}".rstrip("0").rstrip(".")
    return f"-{text}" if digits < 0 else text


def operand(value: int | Fraction) -> str:
    """A rational number in plain text, in parentheses where it needs them after an operator.

    >>> operand(5), operand(-5), operand(Fraction(1, 2))
    ('5', '(-5)', '(1/2)')
    """
    plain = value >= 0 and (type(value) is int or value.denominator == 1)
    return str(value) if plain else f"({value})"


def latex_operand(value: int | Fraction) -> str:
    r"""The same in LaTeX: only negative numbers need parentheses.

    >>> latex_operand(Fraction(1, 2)), latex_operand(-5)
    ('\\frac{1}{2}', '(-5)')
    """
    return latex(value) if value >= 0 else f"({latex(value)})"


def multiple(coefficient: int | Fraction, symbol: str) -> str:
    r"""A rational multiple of a symbol in LaTeX, without a coefficient 1.

    >>> multiple(1, "x"), multiple(-12, r"\pi"), multiple(Fraction(5, 6), r"\pi")
    ('x', '-12\\pi', '\\frac{5\\pi}{6}')
    """
    numerator, denominator = coefficient.numerator, coefficient.denominator
    if numerator == 0:
        return "0"
    size = abs(numerator)
    text = symbol if size == 1 else f"{size}{symbol}"
    if denominator != 1:
        text = f"\\frac{{{text}}}{{{denominator}}}"
    return f"-{text}" if numerator < 0 else text


def polynomial(coefficients: Sequence[int | Fraction], variable: str = "x") -> str:
    r"""A polynomial in LaTeX, the highest power first, without zero terms or coefficients 1.

    Args:
        coefficients: by rising power: ``[c0, c1, c2]``.
        variable: its name.

    >>> polynomial([-5, 1, 0, Fraction(-1, 2)])
    '-\\frac{1}{2}x^3 + x - 5'
    >>> polynomial([0])
    '0'
    """
    text = ""
    for power in range(len(coefficients) - 1, -1, -1):
        c = coefficients[power]
        if c == 0:
            continue
        size = latex(c if c > 0 else -c)
        if power:
            size = ("" if size == "1" else size) + variable
            if power > 1:
                size += f"^{power}" if power < 10 else f"^{{{power}}}"
        if text:
            text += f" - {size}" if c < 0 else f" + {size}"
        else:
            text = f"-{size}" if c < 0 else size
    return text or "0"


def counted(number: int, noun: str) -> str:
    """A number of things, in the plural where it should be.

    >>> counted(1, "hour"), counted(3, "hour")
    ('1 hour', '3 hours')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def evaluation(coefficients: Sequence[int | Fraction], at: int, steps: list[str]) -> int | Fraction:
    """The value of a polynomial, worked out term by term; what it takes is added to the steps.

    >>> steps = []
    >>> evaluation([1, -3, 0, 2], 2, steps), steps
    (11, ['2^3=8', '2*8=16', '(-3)*2=-6', '16+(-6)=10', '10+1=11'])
    """
    if at == 0:
        return coefficients[0]
    total: int | Fraction | None = None
    for power in range(len(coefficients) - 1, -1, -1):
        term = coefficients[power]
        if term == 0:
            continue
        if power:
            base = at**power
            if power > 1 and at != 1:
                steps.append(f"{operand(at)}^{power}={base}")
            if term != 1 and at != 1:
                steps.append(f"{operand(term)}*{operand(base)}={term * base}")
            term *= base
        if total is None:
            total = term
        else:
            steps.append(f"{operand(total)}+{operand(term)}={total + term}")
            total += term
    return total or 0
