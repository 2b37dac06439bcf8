r"""What an answer is written with and does not say: delimiters, colours, bold type, a full stop.

Everything that is taken away here can be seen and means nothing. What hides or strikes something
out (`\cancel`, `\phantom{5}`, white ink) stays where it is, and no grammar reads it.
"""

from __future__ import annotations

import re

MAX_LAYERS = 8
"""Marks around marks are taken off so often: `**$\boxed{5}$**` has three layers."""

TEXT_STYLE = r"\\(?:text(?:bf|it|rm|normal|sf|sl|sc|tt|up)?|math(?:rm|bf|it|sf|tt)|mbox|hbox)"
r"""The commands for words and upright letters, such as `\text`."""

_DELIMITER = re.compile(r"\\\\|\\\$|\$|\\[()\[\]]")  # an escaped dollar is money
_OPENING = {"\\)": "\\(", "\\]": "\\["}
_SWITCH = re.compile(
    r"\\(?:tiny|scriptsize|footnotesize|small|normalsize|large|Large|LARGE|huge|Huge|bf|bfseries"
    r"|rm|it|itshape|sf|tt|boldmath|displaystyle|textstyle|scriptstyle|scriptscriptstyle|limits"
    r"|newline|nolimits|strut|mathstrut|relax|allowbreak)(?![A-Za-z])"
)
_COLOUR = re.compile(
    r"\\(?:textcolor|mathcolor|color(?:box)?)\s*\{\s*(?!white|transparent)[A-Za-z]+(?:![0-9]+(?:![a-z]+)?)?\s*\}"
)
_PHANTOM = re.compile(r"\\[hv]?phantom\s*\{\s*[-+=()\[\].,]?\s*\}")
_PRIMES = re.compile(
    r"\^\s*(?:\{\s*((?:(?:\\prime(?![A-Za-z])|['’′])\s*)+)\}|(\\prime)(?![A-Za-z]))"
)
# A symbol in braces, so that TeX sets it closer: 1{:}9, {-}5, \text{\$}5. Not an exponent.
_BRACED_SYMBOL = re.compile(
    r"(?:(?<![\^_])|\\math(?:bin|rel|ord|open|close|punct)\s*)"
    r"\{\s*([-+=<>*/:!().\[\]€¢]|\\[$%]|\\(?:cdot|times|div|pm|leq?|geq?|colon)\s*)\s*\}"
)
_END_OF_ROW = re.compile(r"(?<!\\)[.,;]\s*(?=\\\\|\\end\b)")
_TEXT_CONDITION = re.compile(
    r"\\(?:text|textrm|mbox)\s*\{\s*([Ii]f|[Ff]or|[Ww]hen|[Ww]here)\b([^{}]*)\}"
)
_TEXT_SYMBOL = re.compile(TEXT_STYLE + r"\s*\{\s*([:,().¢€]|\\[$%])\s*\}")
_LEFT_ANGLE = re.compile(r"\\left\s*<")
_RIGHT_ANGLE = re.compile(r"\\right\s*>")
_SEPARATOR = re.compile(r"(?<!\{),|(?<!\\);")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_WRAPPER = re.compile(
    r"\\(?:underline|uline|emph|f(?:rame)?box|boxed|ensuremath|num|(?P<style>"
    + TEXT_STYLE[2:]
    + r"))"
    r"\s*\{"
)
_COMMAND = re.compile(r"\\[A-Za-z]")
_MARKDOWN = ("***", "**", "__", "```", "`", "*", "_")


def tidy(text: str, *, braces: bool = True) -> str:
    r"""Return an answer without what says nothing; `braces` tells whether those around it do.

    >>> tidy(r"$\textcolor{blue}{\dfrac{3}{4}}$."), tidy("**5**,"), tidy(r"{-}{5}")
    ('\\dfrac{3}{4}', '5', '-{5}')
    >>> tidy(r"\textcolor{white}{5}"), tidy(r"\{5\}"), tidy("{2, 3}")
    ('\\textcolor{white}{5}', '\\{5\\}', '{2, 3}')
    """
    text = without_delimiters(text)
    if "\\" in text:
        text = _SWITCH.sub(" ", text)
        if "color" in text:
            text = _COLOUR.sub(" ", text)
        if "phantom" in text:
            text = _PHANTOM.sub(" ", text)
    if "^" in text and ("prime" in text or "^{" in text):
        text = _PRIMES.sub(_as_primes, text)
    if "\\end" in text:
        text = _TEXT_CONDITION.sub(r"\\text{\1}\2", _END_OF_ROW.sub("", text))
    if "\\left" in text and "<" in text:
        text = _LEFT_ANGLE.sub(r"\\langle ", _RIGHT_ANGLE.sub(r"\\rangle ", text))
    if "{" in text:
        text = _BRACED_SYMBOL.sub(r"\1", _TEXT_SYMBOL.sub(r"\1", text))
    text = text.strip()
    for _ in range(MAX_LAYERS):
        inside = _without_layer(text, braces)
        if inside == text:
            break
        text = inside
    return text


def without_delimiters(text: str) -> str:
    r"""Remove `$…$`, `$$…$$`, `\(…\)` and `\[…\]` around formulas; a single `$` is a currency."""
    if "$" not in text and "\\(" not in text and "\\[" not in text:
        return text
    found = [mark for mark in _DELIMITER.findall(text) if mark not in ("\\\\", "\\$")]
    brackets = [mark for mark in found if mark != "$"]
    removed = set()
    if (len(found) - len(brackets)) % 2 == 0:
        removed.add("$")
    if (
        all(
            mark == _OPENING.get(closing)
            for mark, closing in zip(brackets[::2], brackets[1::2], strict=False)
        )
        and not len(brackets) % 2
    ):
        removed.update(brackets)
    return _DELIMITER.sub(lambda mark: " " if mark[0] in removed else mark[0], text)


def _as_primes(match: re.Match[str]) -> str:
    found = match[1] or match[2]
    return "'" * (found.count("\\prime") + sum(found.count(mark) for mark in "'’′"))


def _without_layer(text: str, braces: bool) -> str:
    """Take off one mark at the end of an answer or around the whole of it."""
    if not text:
        return text
    last = text[-1]
    if last == "\\":  # of a line
        return text.rstrip("\\ ")
    if last in ".,;" and text[-2:-1] not in ("", last):
        if text[-2] == "\\":  # a thin space
            return text[:-2].rstrip()
        if last == "." or text[-2] in ")]}" or not _SEPARATOR.search(text, 0, len(text) - 1):
            return text[:-1].rstrip()  # of a sentence
    first = text[0]
    if first in "*_`":
        for mark in _MARKDOWN:
            inside = text[len(mark) : -len(mark)]
            if text.startswith(mark) and text.endswith(mark) and inside and mark[0] not in inside:
                return inside.strip()
    elif last == "}":
        if first == "{":
            inside = text[1:-1]
            if braces and inside and _is_closed(inside) and not _SEPARATOR.search(inside):
                return inside.strip()
        elif first == "\\" and (wrapper := _WRAPPER.match(text)):
            inside = text[wrapper.end() : -1]
            if _is_closed(inside) and (not wrapper["style"] or _COMMAND.search(inside)):
                return inside.strip()
    return text


def _is_closed(text: str) -> bool:
    """Say whether each brace that closes in a text was opened in it, and the other way round."""
    depth = 0
    for match in _BRACE.finditer(text):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if depth < 0:
                return False
    return depth == 0
