"""Numbers and polynomials as people write them, in LaTeX and in plain text."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def latex(value: int | Fraction) -> str:
    r"""A rational number in LaTeX.

    >>> latex(7), latex(Fraction(-3, 4))
    ('7', '-\\frac{3}{4}')
    """
    numerator, denominator = value.numerator, value.denominator
    if denominator == 1:
        return str(numerator)
    sign = "-" if numerator < 0 else ""
    return f"{sign}\\frac{{{abs(numerator)}}}{{{denominator}}}"


def operand(value: int | Fraction) -> str:
    """A rational number in plain text, in parentheses where it needs them after an operator.

    >>> operand(5), operand(-5), operand(Fraction(1, 2))
    ('5', '(-5)', '(1/2)')
    """
    return str(value) if value >= 0 and value.denominator == 1 else f"({value})"


def latex_operand(value: int | Fraction) -> str:
    r"""The same in LaTeX: only negative numbers need parentheses.

    >>> latex_operand(Fraction(1, 2)), latex_operand(-5)
    ('\\frac{1}{2}', '(-5)')
    """
    return latex(value) if value >= 0 else f"({latex(value)})"


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
        size = latex(abs(c))
        if power:
            size = ("" if size == "1" else size) + variable
            if power > 1:
                size += f"^{power}" if power < 10 else f"^{{{power}}}"
        if text:
            text += f" - {size}" if c < 0 else f" + {size}"
        else:
            text = f"-{size}" if c < 0 else size
    return text or "0"
