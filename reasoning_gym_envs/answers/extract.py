r"""Finding the final answer in a response: the last box, outside of the thinking part."""

import re

MAX_BOX_CHARACTERS = 65_536
"""A box that does not close within so many characters is not an answer."""

_BOX = "\\boxed{"
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)  # an escaped brace does not open or close anything


def extract_answer(response: str) -> str | None:
    r"""Return what stands in the last `\boxed{…}` of a response, or None where there is no answer.

    Only what follows the last `</think>` counts and, where there is an `<answer>…</answer>`, only
    the inside of the last one. A part that was opened and not closed gives no answer, and neither
    does a last box that is empty or unbalanced: an earlier box never stands in for it.

    >>> extract_answer(r"So \boxed{41}, no: \boxed{\frac{1}{2}}.")
    '\\frac{1}{2}'
    >>> extract_answer(r"<think>\boxed{3}</think> I do not know.") is None
    True
    >>> extract_answer(r"\boxed{3} or \boxed{}") is None
    True
    """
    begin, end = 0, len(response)
    if "think>" in response:
        close = response.rfind("</think>")
        if response.rfind("<think>") > close:
            return None
        begin = max(close, 0)
    if "answer>" in response:
        close = response.rfind("</answer>", begin)
        start = response.rfind("<answer>", begin)
        if start > close:
            return None
        if close >= 0:
            start = response.rfind("<answer>", begin, close)
            if start >= 0:
                begin, end = start, close

    box = response.rfind(_BOX, begin, end)
    if box < 0:
        return None
    start = box + 7
    close = response.find("}", start, end)
    if close < 0:
        return None
    if response.find("{", start, close) >= 0 or response[close - 1] == "\\":
        close = _closing_brace(response, start, min(end, start + MAX_BOX_CHARACTERS))
        if close < 0:
            return None
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
