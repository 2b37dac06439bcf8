r"""Finding the final answer in a response: the last box, outside of the thinking part."""

import re

MAX_BOX_CHARACTERS = 65_536
"""A box that does not close within so many characters is not an answer."""

_BOX = re.compile(r"\\boxed\s*\{")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)  # an escaped brace does not open or close anything
_BOX_OR_BRACE = re.compile(r"\\boxed\s*\{|\\.|[{}]", re.DOTALL)
_MAX_OUTER_CHARACTERS = 4096  # an outer box longer than an answer may be is not looked for


def extract_answer(response: str) -> str | None:
    r"""Return what stands in the last `\boxed{…}` of a response, or None where there is no answer.

    Only what follows the last `</think>` counts and, where there is an `<answer>…</answer>`, only
    the inside of the last one, which is the answer itself if it has no box. A part that was opened
    and not closed gives no answer, and neither does a last box that is empty or unbalanced: an
    earlier box never stands in for it. Of boxes inside one another the outermost counts.

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
    if box < 0:
        return (response[begin:end].strip() or None) if has_answer_tag else None
    opening = _BOX.match(response, box, end)
    if opening is None:
        return None
    start = opening.end()
    close = response.find("}", start, end)
    if close < 0:
        return None
    if response.find("{", start, close) >= 0 or response[close - 1] == "\\":
        close = _closing_brace(response, start, min(end, start + MAX_BOX_CHARACTERS))
        if close < 0:
            return None
    window = max(begin, box - _MAX_OUTER_CHARACTERS)
    if response.find("\\boxed", window, box) >= 0:
        start, close = _outermost(response, window, end, start, close)
    return response[start:close].strip() or None


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
