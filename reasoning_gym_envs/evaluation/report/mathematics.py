r"""Formulas in what models write: LaTeX to MathML, as data.

    >>> formulas = {}
    >>> parts(r"So $x = \frac12$.", formulas)
    ['So ', ['math', '$x = \\frac12$'], '.']
    >>> formulas[r"$x = \frac12$"][0], formulas[r"$x = \frac12$"][2][2]
    ('math', ['mi', {}, 'x'])

The text is a model's: nothing in it becomes markup. What latex2mathml makes of a formula is taken
element by element, and only what MathML needs passes; a formula with anything else stays text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element

__all__ = ["Formulas", "Parts", "parts"]

Parts: TypeAlias = list[Any]
"""Of a text: a string as it stands, or the kind of a part and its source."""
Formulas: TypeAlias = dict[str, Any]
"""By their source: a tree of lists (tag, attributes, children), or None for what stays text."""

_LONGEST = 1000  # characters of a formula
_MOST_ELEMENTS = 2000
_DEEPEST = 60
_OPENING = re.compile(r"^[^\S\n]*```|(?<!\\)(?:\$\$?|\\\[|\\\(|\\boxed\{)", re.MULTILINE)
_CLOSING = {"$$": "$$", "$": "$", r"\[": r"\]", r"\(": r"\)"}
_MACROS = re.compile(r"\\(?:(?:re)?newcommand|[gex]?def|let)\b")
_COMMANDS = re.compile(r"\\text\w*\{[^{}]*\}|\\[a-zA-Z]+")
_WORD = re.compile(r"[^\W\d_]{3}")
_SPACE = re.compile(r"-?\d?(\.\d+)?em")  # no space is so wide that it hides something

# fmt: off
_TAGS = frozenset({
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup",
    "msubsup", "mover", "munder", "munderover", "mtable", "mtr", "mtd", "menclose", "mstyle",
    "mpadded", "mmultiscripts", "mprescripts",
})
_ATTRIBUTES = frozenset({
    "accent", "accentunder", "columnalign", "columnlines", "columnspacing", "display",
    "displaystyle", "fence", "form", "largeop", "linebreak", "linethickness", "mathvariant",
    "movablelimits", "notation", "rowlines", "rowspacing", "scriptlevel", "separator", "stretchy",
    "symmetric",
})
# fmt: on


def parts(text: str, formulas: Formulas) -> Parts:
    """A text, cut where something other than plain text begins: joined, they are the text.

    Args:
        text: of a model or an environment.
        formulas: is given the formulas that are new.

    Returns:
        Strings, and lists of a kind and a source: "math" (with its signs), or "code" (with its
        fences).
    """
    found: Parts = []
    done = 0
    for kind, start, end in _pieces(text):
        source = text[start:end]
        if kind == "math":
            if source not in formulas:
                formulas[source] = _mathml(source)
            if formulas[source] is None:
                continue
        if start > done:
            found.append(text[done:start])
        found.append([kind, source])
        done = end
    if done < len(text):
        found.append(text[done:])
    return found


def _pieces(text: str) -> Iterator[tuple[str, int, int]]:
    at = 0
    while opening := _OPENING.search(text, at):
        start, at = opening.span()
        sign = opening[0]
        if sign.endswith("```"):
            close = text.find("\n" + sign, at)
            at = len(text) if close < 0 else close + 1 + len(sign)
            yield "code", start, at
            continue
        end = _end_of_box(text, at) if sign == r"\boxed{" else _end(text, at, sign)
        if end is not None:
            yield "math", start, end
            at = end


def _end(text: str, start: int, sign: str) -> int | None:
    """Where a formula ends; None where the sign began none."""
    closing = _CLOSING[sign]
    end = text.find(closing, start, start + _LONGEST)
    if end <= start:
        return None
    if sign == "$":  # an amount of money, as Pandoc tells it from a formula
        inner = text[start:end]
        if inner[0].isspace() or inner[-1].isspace() or text[end + 1 : end + 2].isdigit():
            return None
    return end + len(closing)


def _end_of_box(text: str, start: int) -> int | None:
    """Behind the bracket that closes a box; None for one with words in it, which is no formula."""
    depth = 1
    for at in range(start, min(len(text), start + _LONGEST // 2)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            is_formula = at > start and not _WORD.search(_COMMANDS.sub(" ", text[start:at]))
            return at + 1 if is_formula else None
    return None


def _mathml(source: str) -> Any:
    """The tree of a formula with its signs; None where there is none that is safe to show."""
    try:
        from latex2mathml.converter import convert_to_element
    except ImportError as error:
        raise ImportError(
            "reports need the extra: pip install 'reasoning-gym-envs[report]'"
        ) from error
    is_display = source.startswith(("$$", r"\["))
    sign = next((s for s in _CLOSING if source.startswith(s)), "")
    latex = source[len(sign) : len(source) - len(sign)]
    if _MACROS.search(latex):
        return None
    try:
        made = convert_to_element(latex, display="block" if is_display else "inline")
        return _tree(made, [_MOST_ELEMENTS], 0)
    except Exception:  # of any kind: it reads what a model wrote, and then it stays text
        return None


def _tree(element: Element, left: list[int], depth: int) -> list[Any]:
    left[0] -= 1
    if left[0] < 0 or depth > _DEEPEST or element.tag not in _TAGS:
        raise ValueError(f"not shown as a formula: {element.tag}")
    attributes = {
        name: value
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES or (name == "width" and _SPACE.fullmatch(value))
    }
    tree: list[Any] = [element.tag, attributes]
    if element.text:
        tree.append(html.unescape(element.text))  # it writes signs as &#x0002B;
    tree += [_tree(child, left, depth + 1) for child in element]
    return tree
