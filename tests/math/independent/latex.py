"""LaTeX as the topics write it, read into sympy."""

import re

import sympy

_FRAC = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")


def expression(text: str) -> sympy.Expr:
    text = text.replace("\\left", "").replace("\\right", "")
    text = text.replace("[", "(").replace("]", ")")
    text = text.replace("\\times", "*").replace("\\cdot", "*").replace("\\div", "/")
    text = re.sub(r"(\d)(?=\\frac\{\d+\}\{\d+\})", r"\1+", _guard_mixed(text))
    text = re.sub(r"\\sqrt\{(\d+)\}", r"sqrt(\1)", text)
    while _FRAC.search(text):
        text = _FRAC.sub(r"((\1)/(\2))", text)
    text = text.replace("{", "(").replace("}", ")")
    text = re.sub(r"(?<=[\dxyznta)])\s*(?=[xyznta(]|sqrt)(?<!sqrt)", "*", text)
    return sympy.sympify(text.replace("^", "**"), rational=True)


def _guard_mixed(text: str) -> str:
    """Brackets around mixed numbers: 2 1/3 is a sum."""
    return re.sub(r"(?<!\d)(\d+)(\\frac\{\d+\}\{\d+\})", r"(\1\2)", text)
