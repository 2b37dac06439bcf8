r"""Choices among lettered options: a letter, letters, or a letter with what stands beside it.

`\text{(E) }7` says twice what the answer is, once by its letter and once in full; `ACD` and
`A, C, D` are the same three letters.
"""

from __future__ import annotations

import re

from .tidy import TEXT_STYLE, tidy

_SPACE = r"(?:\s|~|\\[,;:!\ ]|\\q?quad(?![A-Za-z]))"
_LETTER = r"(?:\(\s*([A-Z])\s*\)|([A-Z])\s*[.):])"
_NAME = rf"(?:[Oo]ption|[Cc]hoice)\s+\(?([A-Z])\)?{_SPACE}*:?"
_LABELS = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        # \text{(E) }7, \textbf{E.}\ 7, \text{Option E: }7
        rf"{TEXT_STYLE}\s*\{{\s*(?:{_LETTER}|{_NAME}){_SPACE}*\}}{_SPACE}*(?P<rest>.+)",
        # \text{(E) 7}
        rf"(?P<style>{TEXT_STYLE}\s*\{{)\s*(?:{_LETTER}|{_NAME}){_SPACE}+(?P<rest>[^{{}}]+\}})",
        # (E) 7, E. 7, Option E: 7
        rf"(?:\(([A-J])\)|([A-J])[.)]|(?:[Oo]ption|[Cc]hoice)\s+\(?([A-Z])\)?:){_SPACE}+(?P<rest>.+)",
    )
]
# What follows a letter that is part of a formula, or joins it to another one.
_NO_CONTENT = re.compile(
    r"[=+*/^_<>,;:!|)&'?]|-\s|\\(?:cdot|times|div|pm|mp|le|ge|ne|l?or|l?and|cup|cap|in|to|text\{\s*(?:or|and)\b"
    r")(?![A-Za-z])|(?:or|and|not)\b|\(?[A-Z]\)?[.)]?\s*\Z"
)
_ANOTHER = re.compile(r"\(\s*[A-J]\s*\)")  # several choices say which content is whose
_WHOLE = re.compile(
    rf"(?:[Oo]ption|[Cc]hoice|[Aa]nswer)\s*(?:{TEXT_STYLE}\s*\{{\s*)?\(?([A-Z])\)?\s*\}}?|([A-Z])[.)]"
)
_MAY_BE_WHOLE = re.compile(r"[Oo]ption|[Cc]hoice|[Aa]nswer|[A-Z]\}*[.)]")
_STYLED = re.compile(TEXT_STYLE + r"\s*\{([^{}\\]*)\}")
_SEVERAL = re.compile(r"[A-J](?:\s*(?:[,;&]|,?\s*\band\b)\s*[A-J])+")
_IN_BRACKETS = re.compile(r"\(([A-J])\)")


def split_choice(text: str) -> tuple[str, str] | None:
    r"""Return the letter and the content of a labelled choice, or None where there are not both.

    >>> split_choice(r"\textbf{(E)}\ \frac{1}{2}"), split_choice("(B) blue")
    (('E', '\\frac{1}{2}'), ('B', 'blue'))
    >>> split_choice("(E)"), split_choice("(A) + 1"), split_choice("(A) or (B)")
    (None, None, None)
    """
    text = tidy(text)
    for label in _LABELS:
        match = label.fullmatch(text)
        if match is None:
            continue
        letter = next(group for group in match.groups()[("style" in label.groupindex) :] if group)
        rest = match["rest"]
        if _NO_CONTENT.match(rest.removesuffix("}")) or _ANOTHER.search(rest):
            return None
        return letter[:1], (match["style"] if "style" in label.groupindex else "") + rest
    return None


def choice_letter(text: str) -> str | None:
    r"""Return the letter of `A)`, `Option C`, `\text{choice (C)}` or `\text{Option }C`.

    >>> choice_letter(r"\text{Option (C)}"), choice_letter("Option"), choice_letter("C or D")
    ('C', None, None)
    """
    if len(text) > 60 or not _MAY_BE_WHOLE.search(text):
        return None
    match = _WHOLE.fullmatch(tidy(_STYLED.sub(r"\1", text)))
    return match[1] or match[2] if match else None


def several_choices(text: str) -> frozenset[str] | None:
    r"""Return the letters of `ACD`, `A, C and D` or `\text{(A), (C)}`, or None.

    Without anything between them, letters must be in the order of the alphabet: `CAD` is a word.

    >>> sorted(several_choices("ACD") & several_choices(r"\text{D}, \text{C} \text{ and } (A)"))
    ['A', 'C', 'D']
    >>> [several_choices(text) for text in ("A", "DAC", "A, A", "A or B")]
    [None, None, None, None]
    """
    if len(text) > 200:
        return None
    text = _IN_BRACKETS.sub(r"\1", _STYLED.sub(r"\1", tidy(text)))
    text = text.removeprefix("\\{").removesuffix("\\}").strip()
    if _SEVERAL.fullmatch(text):
        letters = [letter for letter in text if letter.isupper()]
    else:
        letters = text.split() if " " in text else list(text)
        if sorted(letters) != letters or not all(letter in "ABCDEFGHIJ" for letter in letters):
            return None
    return frozenset(letters) if len(set(letters)) == len(letters) > 1 else None
