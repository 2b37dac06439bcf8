r"""Finding the final answer in a response: the last box, outside of the thinking part."""

import re

MAX_BOX_CHARACTERS = 65_536
"""A box that does not close within so many characters is not an answer."""

_BOX = re.compile(r"\\(?:boxed\s*|f(?:rame)?box)\{")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)  # an escaped brace does not open or close anything
_BOX_OR_BRACE = re.compile(r"\\(?:boxed\s*|f(?:rame)?box)\{|\\.|[{}]", re.DOTALL)
_GROUP = r"\{(?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.|\{[^{}]{0,99}\}){0,99}\}){0,999}\}"
# What a box without braces holds: a number, a letter, a fraction, a root or words; then the end
# of the formula or of the sentence. In `\boxed 5x` TeX puts the 5 alone into the box.
_BARE_BOX = re.compile(
    rf"""\\boxed \s* (?P<inside> -?[0-9][0-9.,]{{0,255}}(?<![.,]) | (?<=\s)[A-Za-z]
      | -?\\[dt]?frac \s* (?: [0-9] | {_GROUP} ) \s* (?: [0-9] | {_GROUP} )
      | -?\\sqrt \s* (?: [0-9A-Za-z] | {_GROUP} )
      | \\(?: text | textbf | mathrm | mathbf ) \s* {_GROUP} )
    [ ]* (?: \Z | \$ | \\[\])] | \\end\{{ | \n | [.,;!] (?= \s | \$ | \Z ) )""",
    re.VERBOSE | re.DOTALL,
)
_MAX_OUTER_CHARACTERS = 4096  # an outer box longer than an answer may be is not looked for


def extract_answer(response: str) -> str | None:
    r"""Return what stands in the last `\boxed{…}` of a response, or None where there is no answer.

    Only what follows the last `</think>` counts and, where there is an `<answer>…</answer>`, only
    the inside of the last one, which is the answer itself if it has no box. A part that was opened
    and not closed gives no answer, and neither does a last box that is empty or unbalanced: an
    earlier box never stands in for it. Of boxes inside one another the outermost counts. `\fbox{…}`
    is a box too, and so is `\boxed 5` at the end of a formula.

    >>> extract_answer(r"So \boxed{41}, no: \boxed{\frac{1}{2}}.")
    '\\frac{1}{2}'
    >>> extract_answer("<answer> 42 </answer>")
    '42'
    >>> extract_answer(r"<think>\boxed{3}</think> I do not know.") is None
    True
    >>> extract_answer(r"\boxed{3} or \boxed{}") is None
    True
    """
    begin, end = 0, len(response)
    has_answer_tag = False
    if "think>" in response:
        close = response.rfind("</think>")
        if response.rfind("<think>") > close:
            return None
        begin = close + 8 if close >= 0 else 0
    if "answer>" in response:
        close = response.rfind("</answer>", begin)
        start = response.rfind("<answer>", begin)
        if start > close:
            return None
        if close >= 0:
            start = response.rfind("<answer>", begin, close)
            if start >= 0:
                begin, end, has_answer_tag = start + 8, close, True

    box = response.rfind("\\boxed", begin, end)
    if "\\f" in response:
        frames = (response.rfind(name, begin, end) for name in ("\\fbox{", "\\framebox{"))
        box = max(box, *frames)
    if box < 0:
        return (response[begin:end].strip() or None) if has_answer_tag else None
    opening = _BOX.match(response, box, end)
    if opening is None:
        return _without_braces(response, begin, box, end)
    start = opening.end()
    close = response.find("}", start, end)
    if close < 0:
        return None
    if response.find("{", start, close) >= 0 or response[close - 1] == "\\":
        close = _closing_brace(response, start, min(end, start + MAX_BOX_CHARACTERS))
        if close < 0:
            return None
    window = max(begin, box - _MAX_OUTER_CHARACTERS)
    if _BOX.search(response, window, box):
        start, close = _outermost(response, window, end, start, close)
    return response[start:close].strip() or None


def _without_braces(text: str, begin: int, box: int, end: int) -> str | None:
    r"""Return what `\boxed 5` holds; in a response with other boxes that have braces, nothing."""
    bare = _BARE_BOX.match(text, box, end)
    if bare is None or _BOX.search(text, begin, box):
        return None
    return bare["inside"]


def _closing_brace(text: str, start: int, end: int) -> int:
    """Return where the brace that was opened just before `start` closes, or -1."""
    depth = 1
    for match in _BRACE.finditer(text, start, end):
        brace = match.group()
        if brace == "{":
            depth += 1
        elif brace == "}":
            depth -= 1
            if depth == 0:
                return match.start()
    return -1


def _outermost(text: str, window: int, end: int, start: int, close: int) -> tuple[int, int]:
    """Return the inside of the outermost box around the last box, or that of the last itself."""
    inside = start, close
    opened: list[int] = []  # where a box began, or 0 for another brace
    for match in _BOX_OR_BRACE.finditer(text, window, min(end, close + _MAX_OUTER_CHARACTERS)):
        found = match.group()
        if found == "}":
            begun = opened.pop() if opened else 0
            if begun and begun <= inside[0] and match.start() >= inside[1]:
                inside = begun, match.start()
        elif found == "{":
            opened.append(0)
        elif len(found) > 2:
            opened.append(match.end())
    return inside
