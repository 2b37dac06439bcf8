r"""Cutting an answer into tokens: one alphabet for plain text, LaTeX and Unicode.

`2·x²`, `2 \cdot x^{2}` and `2*x^2` give the same tokens. Spacing and sizing commands disappear.
All limits on the size of an answer are enforced here, before anything is built.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import TooLarge, Unreadable

MAX_CHARACTERS = 4096
MAX_TOKENS = 1024
MAX_DIGITS = 256
MAX_NESTING = 32


class Token(NamedTuple):
    """One symbol. `spaced` tells whether white space stands before it."""

    kind: str
    text: str
    spaced: bool = False


_FUNCTION_NAMES = "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log exp"
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi rho sigma "
    "tau phi varphi chi psi omega Gamma Delta Theta Lambda Sigma Phi Psi Omega"
)
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())

# What a LaTeX command, a word or a character stands for: (kind, text).
_COMMANDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("cdot", "times", "ast"), ("operator", "*")),
    "div": ("operator", "/"),
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), ("fraction", "")),
    "sqrt": ("root", "tex"),
    "pi": ("constant", "pi"),
    "infty": ("constant", "infinity"),
    **dict.fromkeys(("emptyset", "varnothing"), ("empty set", "")),
    "cup": ("operator", "cup"),
    "in": ("operator", "in"),
    **dict.fromkeys(("le", "leq", "leqslant"), ("operator", "<=")),
    **dict.fromkeys(("ge", "geq", "geqslant"), ("operator", ">=")),
    **dict.fromkeys(("ne", "neq"), ("operator", "!=")),
    "lt": ("operator", "<"),
    "gt": ("operator", ">"),
    "%": ("operator", "%"),
    "\\": ("operator", "new row"),
    **dict.fromkeys(("{", "lbrace"), ("open", "\\{")),
    **dict.fromkeys(("}", "rbrace"), ("close", "\\}")),
    **{name: ("function", name) for name in FUNCTIONS},
    **{name: ("variable", name) for name in _GREEK_NAMES.split()},
}
_WORDS: dict[str, tuple[str, str]] = {
    **{name: ("function", name) for name in FUNCTIONS},
    "sqrt": ("root", "plain"),
    "pi": ("constant", "pi"),
    "e": ("constant", "e"),
    **dict.fromkeys(("inf", "infinity", "Infinity"), ("constant", "infinity")),
}
_CHARACTERS: dict[str, tuple[str, str]] = {
    **{character: ("operator", character) for character in "+-*/^_,=<>%&"},
    **{character: ("open", character) for character in "([{"},
    **{character: ("close", character) for character in ")]}"},
    **dict.fromkeys("−–", ("operator", "-")),
    **dict.fromkeys("×·⋅∙∗", ("operator", "*")),
    **dict.fromkeys("÷⁄∕", ("operator", "/")),
    "√": ("root", "plain"),
    **dict.fromkeys("π𝜋", ("constant", "pi")),
    "∞": ("constant", "infinity"),
    "∅": ("empty set", ""),
    "∪": ("operator", "cup"),
    "∈": ("operator", "in"),
    **dict.fromkeys(("≤", "<="), ("operator", "<=")),
    **dict.fromkeys(("≥", ">="), ("operator", ">=")),
    **dict.fromkeys(("≠", "!="), ("operator", "!=")),
    **{character: ("variable", character) for character in "αβγδεζηθικλμνξρστφχψωΓΔΘΛΣΦΨΩ"},
}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_NOT_WORDS = frozenset(("or", "and", "not", "is"))

# Scientific notation: `1e-7` must not be read as e·1 − 7.
_EXPONENT = re.compile(r"[eE][-+]?[0-9]")

_TOKEN = re.compile(
    r"""
    (?P<thousands> [1-9][0-9]{0,2} (?: ,[0-9]{3} )+ (?! [0-9] | ,[0-9] ) (?: \.[0-9]* )? )
  | (?P<grouped> [1-9][0-9]{0,2} (?: (?: \{,\} | ,\\! ) [0-9]{3} )+ (?: \.[0-9]* )? )
  | (?P<number> [0-9]+ (?: \.[0-9]* )? | \.[0-9]+ )
  | (?P<space> (?: \s | ~ | \\[,;:!\ ]
      | \\(?: quad | qquad | left | right | [bB]igg?[lr]? | displaystyle | textstyle ) (?![A-Za-z])
    )+ )
  | \\(?P<edge> begin | end ) \{ (?P<matrix> [pbvBV]?matrix ) \}
  | \\(?: text | textbf | textit | textrm | mathrm | mathbf | mathit | operatorname | mbox )
      \s* \{ (?P<text> [^{}\\]* ) \}
  | \\(?P<command> [A-Za-z]+ | [{}%\\] )
  | (?P<word> [A-Za-z]+ )
  | (?P<superscript> [⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+ )
  | (?P<character> [<>!]= | . )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokenize(text: str, *, thousands: bool = True) -> list[Token]:
    r"""Cut a text into tokens, the last of them of kind `end`.

    A comma between digits groups thousands where it can, outside of brackets: `1,234` is one number
    and `(1,234)` a pair. With `thousands=False` it always separates. `1{,}234` is always a number.

    >>> [token.text for token in tokenize(r"2 \cdot 1,234")]
    ['2', '*', '1234', '']
    """
    if len(text) > MAX_CHARACTERS:
        raise TooLarge("the answer is too long")
    tokens: list[Token] = []
    position, end, depth, spaced = 0, len(text), 0, False
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:  # pragma: no cover - the last alternative takes any character
            raise Unreadable("a character that is not part of mathematics")
        position = match.end()
        kind = match.lastgroup
        found = match[kind] if kind else ""
        if kind == "space":
            spaced = True
            continue
        before = len(tokens)
        if kind in ("number", "grouped", "thousands"):
            if kind == "thousands" and (depth or not thousands):  # the comma separates here
                kind, found = "number", found.partition(",")[0]
                position = match.start() + len(found)
            digits = found if kind == "number" else re.sub(r"[^0-9.]", "", found)
            if len(digits) > MAX_DIGITS:
                raise TooLarge("a number with too many digits")
            if _EXPONENT.match(text, position):
                raise Unreadable("a number with an exponent, such as 1e5")
            tokens.append(Token("number", digits, spaced))
        elif kind == "character":
            known = _CHARACTERS.get(found)
            if known is None:
                raise Unreadable("a character that is not part of mathematics")
            if known[0] == "open" and found != "{":
                depth += 1
            elif known[0] == "close" and found != "}":
                depth -= 1
            tokens.append(Token(*known, spaced))
        elif kind == "word":
            _add_word(found, spaced, tokens)
        elif kind == "command":
            known = _COMMANDS.get(found)
            if known is None:
                raise Unreadable("a command that is not known")
            if known[1] == "\\{":
                depth += 1
            elif known[1] == "\\}":
                depth -= 1
            tokens.append(Token(*known, spaced))
        elif kind == "superscript":
            sign, digits = re.fullmatch(r"([-+]?)(.*)", found.translate(_SUPERSCRIPTS)).groups()  # type: ignore[union-attr]
            if not digits.isdigit():
                raise Unreadable("an exponent that is not a number")
            tokens += [Token("operator", "^"), Token("open", "{")]
            tokens += [Token("operator", sign)] if sign else []
            tokens += [Token("number", digits), Token("close", "}")]
        elif kind == "text":
            words = " ".join(found.split())
            if words in _WORDS or (len(words) == 1 and words.isalpha() and words.isascii()):
                _add_word(words, spaced, tokens)
            elif words:
                tokens.append(Token("text", words, spaced))
        else:  # the group that closed last is the name of the environment
            tokens.append(Token(match["edge"], match["matrix"], spaced))
        if len(tokens) > MAX_TOKENS:
            raise TooLarge("the answer has too many symbols")
        spaced = spaced and len(tokens) == before
    tokens.append(Token("end", "", spaced))
    return tokens


def _add_word(word: str, spaced: bool, tokens: list[Token]) -> None:
    """Add a run of letters: a known name, a function stuck to its argument, or variables."""
    known = _WORDS.get(word)
    if known is not None:
        tokens.append(Token(*known, spaced))
        return
    for length in (4, 3, 2):
        name = word[:length]
        if len(word) > length and (name in FUNCTIONS or name == "sqrt"):
            tokens.append(Token(*_WORDS[name], spaced))
            _add_word(word[length:], False, tokens)
            return
    if len(word) > 3 or word in _NOT_WORDS:
        raise Unreadable("words beside mathematics")
    for letter in word:
        tokens.append(Token(*_WORDS.get(letter, ("variable", letter)), spaced))
        spaced = False
