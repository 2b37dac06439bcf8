r"""Cutting an answer into tokens: one alphabet for plain text, LaTeX and Unicode.

`2·x²`, `2 \cdot x^{2}` and `2*x^2` give the same tokens. Spacing and sizing commands disappear.
All limits on the size of an answer are enforced here, before anything is built.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from . import units
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


_FUNCTION_NAMES = (
    "sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth sech "
    "csch arcsinh arccosh arctanh ln log exp cis"
)
# Other names of functions; the short ones are products of letters unless they are commands.
_FUNCTION_ALIASES = {
    "arctg": "arctan",
    "arcctg": "arccot",
    "cosec": "csc",
    **{"a" + name: "arc" + name for name in ("sin", "cos", "tan", "cot", "sinh", "cosh", "tanh")},
    **{"ar" + name: "arc" + name for name in ("sinh", "cosh", "tanh")},
}
_SHORT_ALIASES = {"tg": "tan", "ctg": "cot", "sh": "sinh", "ch": "cosh", "th": "tanh"}
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi "
    "rho sigma tau phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell "
    "hbar"
)
_GREEK = "αβγδεζηθικλμνξρστφχψωΓΔΘΛΞΣΦΨ"
_GREEK_LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi "
    "chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi"
)
_ACCENT_NAMES = (
    "overline bar vec overrightarrow hat widehat tilde widetilde dot ddot mathcal mathscr mathfrak"
)
_INDEX_MARKS = "odot oplus star dagger perp parallel"
_GROUPING = (
    "boxed fbox framebox underline uline emph ensuremath num text textbf textit textrm textsf mbox "
    "hbox mathop mathbf mathrm mathit mathsf mathtt mathnormal boldsymbol bm pmb bold"
)
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())

# What a LaTeX command, a word or a character stands for: (kind, text).
_COMMANDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("cdot", "times", "ast", "bullet"), ("operator", "*")),
    "div": ("operator", "/"),
    "pm": ("operator", "+-"),
    "mp": ("operator", "-+"),
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"), ("fraction", "")),
    **dict.fromkeys(("binom", "dbinom", "tbinom"), ("binomial", "")),
    "choose": ("operator", "choose"),
    "over": ("operator", "over"),
    "sqrt": ("root", "tex"),
    "pi": ("constant", "pi"),
    "infty": ("constant", "infinity"),
    **dict.fromkeys(("imath", "i"), ("constant", "i")),
    **dict.fromkeys(("emptyset", "varnothing"), ("empty set", "")),
    "cup": ("operator", "cup"),
    "cap": ("operator", "cap"),
    **dict.fromkeys(("setminus", "backslash", "smallsetminus"), ("operator", "setminus")),
    "in": ("operator", "in"),
    **dict.fromkeys(("le", "leq", "leqslant"), ("operator", "<=")),
    **dict.fromkeys(("ge", "geq", "geqslant"), ("operator", ">=")),
    **dict.fromkeys(("ne", "neq"), ("operator", "!=")),
    **dict.fromkeys(("approx", "thickapprox"), ("operator", "≈")),
    **dict.fromkeys(("or", "lor", "vee"), ("separator", "or")),
    **dict.fromkeys(("land", "wedge"), ("separator", "and")),
    "lt": ("operator", "<"),
    "gt": ("operator", ">"),
    "colon": ("operator", ":"),
    "%": ("operator", "%"),
    "\\": ("operator", "new row"),
    **dict.fromkeys(("{", "lbrace"), ("open", "\\{")),
    **dict.fromkeys(("}", "rbrace"), ("close", "\\}")),
    "lparen": ("open", "("),
    "rparen": ("close", ")"),
    "lbrack": ("open", "["),
    "rbrack": ("close", "]"),
    "langle": ("open", "⟨"),
    "rangle": ("close", "⟩"),
    "lfloor": ("open", "⌊"),
    "rfloor": ("close", "⌋"),
    "lceil": ("open", "⌈"),
    "rceil": ("close", "⌉"),
    **dict.fromkeys(("lvert", "rvert", "vert"), ("bar", "")),
    "mid": ("operator", "such that"),
    **dict.fromkeys(("circ", "degree"), ("degree", "")),
    **dict.fromkeys(("ldots", "dots", "cdots", "dotsc", "dotsb"), ("ellipsis", "")),
    **dict.fromkeys(("angle", "measuredangle"), ("figure", "angle")),
    "triangle": ("figure", "triangle"),
    "prime": ("prime", ""),
    **dict.fromkeys(("pmod", "bmod", "mod"), ("modulus", "")),
    "equiv": ("operator", "≡"),
    "max": ("extremum", "max"),
    "min": ("extremum", "min"),
    "bigcup": ("big union", ""),
    "sum": ("series", "sum"),
    "prod": ("series", "product"),
    **dict.fromkeys(("$", "textdollar", "mathdollar"), ("currency", "$")),
    **dict.fromkeys(("cent", "textcent"), ("unit", "¢")),
    "AA": ("unit", "Å"),
    "euro": ("currency", "€"),
    "pounds": ("currency", "£"),
    **{name: ("group", name) for name in _GROUPING.split()},
    "ang": ("angle", ""),
    **{name: ("function", name) for name in FUNCTIONS},
    **{name: ("function", other) for name, other in _FUNCTION_ALIASES.items()},
    **{name: ("function", other) for name, other in _SHORT_ALIASES.items()},
    "lg": ("function", "lg"),
    "Pr": ("variable", "P"),
    **{name: ("variable", name) for name in _GREEK_NAMES.split()},
    **{name: ("accent", name) for name in _ACCENT_NAMES.split()},
    **{name: ("index mark", name) for name in _INDEX_MARKS.split()},
    **dict.fromkeys(("jmath", "j"), ("variable", "j")),
    **dict.fromkeys(("top", "intercal"), ("variable", "T")),
}
_WORDS: dict[str, tuple[str, str]] = {
    **{name: ("function", name) for name in FUNCTIONS},
    **{name: ("function", other) for name, other in _FUNCTION_ALIASES.items()},
    "lg": ("function", "lg"),
    "abs": ("function", "abs"),
    "max": ("extremum", "max"),
    "mod": ("modulus", ""),
    "floor": ("function", "floor"),
    "ceil": ("function", "ceil"),
    "sqrt": ("root", "plain"),
    "pi": ("constant", "pi"),
    "e": ("constant", "e"),
    "i": ("constant", "i"),
    **dict.fromkeys(("inf", "infinity", "Infinity", "infty", "oo"), ("constant", "infinity")),
    **dict.fromkeys(("percent", "pct", "percentage"), ("operator", "%")),
    **dict.fromkeys(("degree", "degrees", "deg"), ("degree", "")),
    "or": ("separator", "or"),
    "and": ("separator", "and"),
    "per": ("operator", "per"),
    "to": ("operator", ":"),
    **{name: ("unit prefix", name) for name in units.PREFIXES},
}
_CHARACTERS: dict[str, tuple[str, str]] = {
    **{character: ("operator", character) for character in "+-*/^_=<>%&:!"},
    **{character: ("open", character) for character in "([{"},
    **{character: ("close", character) for character in ")]}"},
    ",": ("separator", ","),
    ";": ("separator", ";"),
    "|": ("bar", ""),
    **dict.fromkeys("'’′″\"", ("prime", "")),
    **dict.fromkeys("−–", ("operator", "-")),
    **dict.fromkeys("×·⋅∙∗", ("operator", "*")),
    **dict.fromkeys("÷⁄∕", ("operator", "/")),
    "±": ("operator", "+-"),
    "∓": ("operator", "-+"),
    "√": ("root", "plain"),
    "∛": ("root", "cube"),
    **dict.fromkeys("π𝜋", ("constant", "pi")),
    "∞": ("constant", "infinity"),
    "∅": ("empty set", ""),
    "∪": ("operator", "cup"),
    "∩": ("operator", "cap"),
    "∖": ("operator", "setminus"),
    "\\": ("operator", "setminus"),
    "∈": ("operator", "in"),
    "∶": ("operator", ":"),
    "≈": ("operator", "≈"),
    "≡": ("operator", "≡"),
    **dict.fromkeys(("≤", "⩽", "<="), ("operator", "<=")),
    **dict.fromkeys(("≥", "⩾", ">="), ("operator", ">=")),
    **dict.fromkeys(("≠", "!="), ("operator", "!=")),
    "**": ("operator", "^"),
    **dict.fromkeys("°º˚", ("degree", "")),
    "…": ("ellipsis", ""),
    "...": ("ellipsis", ""),
    "∠": ("figure", "angle"),
    "△": ("figure", "triangle"),
    "⟨": ("open", "⟨"),
    "⟩": ("close", "⟩"),
    "⌊": ("open", "⌊"),
    "⌋": ("close", "⌋"),
    "⌈": ("open", "⌈"),
    "⌉": ("close", "⌉"),
    "¢": ("unit", "¢"),
    **dict.fromkeys("Å\u212b", ("unit", "Å")),
    **dict.fromkeys("ΩΩ", ("variable", "Omega")),
    "µ": ("variable", "mu"),
    **dict.fromkeys("ħℏ", ("variable", "hbar")),
    "ℓ": ("variable", "ell"),
    **dict.fromkeys("⊙☉", ("index mark", "odot")),
    **{sign: ("currency", sign) for sign in units.CURRENCY_SIGNS},
    **{letter: ("number set", name) for letter, name in zip("ℝℤℚℕℂ", "RZQNC", strict=True)},
    **{
        letter: ("variable", name)
        for letter, name in zip(_GREEK, _GREEK_LETTERS.split(), strict=True)
    },
}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_VULGAR = {
    "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5",
    "⅗": "3/5", "⅘": "4/5", "⅙": "1/6", "⅚": "5/6", "⅐": "1/7", "⅛": "1/8", "⅜": "3/8",
    "⅝": "5/8", "⅞": "7/8", "⅑": "1/9", "⅒": "1/10",
}  # fmt: skip
_BASE_NAMES = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
)
_BASES = {name: base for base, name in enumerate(_BASE_NAMES.split(), 2)}
CASE_WORDS = frozenset(("if", "for", "when", "where", "otherwise", "else", "elsewhere"))
_OTHERWISE = ("else", "elsewhere")
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_NOT_WORDS = frozenset(("not", "is"))
_MATH_STYLES = ("mathrm", "mathit", "mathbf", "mathsf", "mathnormal", "boldsymbol", "bm")
_BEFORE_UNIT = ("number", "close", "vulgar", "unit", "unit prefix", "text")

_DIGIT = re.compile(r"[0-9]")
_DIGITS_ONLY = re.compile(r"[0-9.]+")
_FIRST_PART = re.compile(r"[0-9]*\.?[0-9]+|[A-Z]+")
_BASED_DIGITS = re.compile(r"[0-9A-Z.]+")
_NAMED_BASE = re.compile(
    r"(?<=[0-9A-Z)}]) _ (?: \{\s* )? \\text\s*\{\s* (?:base\s*)? ([a-z]+|[0-9]{1,2}|) \s*\}"
    r" \s* ([0-9]{0,2}) (?: \s*\} )?",
    re.VERBOSE,
)
_BRACKETED_DIGITS = re.compile(
    r"\( \s* (?: \\(?:text|mathrm)\{ )? ([0-9A-Z.]*[A-Z][0-9A-Z.]*) \}? \s* \)"
    r"(?= _ \{? \(? [1-3][0-9] )",
    re.VERBOSE,
)
_DIGIT_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ["  # the last one stands for base 36
_LEADING_DIGITS = re.compile(r"[0-9]*")
_SPACING = re.compile(r"~|\\[,;:!\ ]")
_CALCULATION = re.compile(r"(?=[^0-9]*[0-9])[-+0-9.,/%$€£¥\s]+")
_FORMULA = re.compile(r"[0-9=^+*/(]")
_ENUMERATION = re.compile(
    r"(?:[0-9]+|[A-Z])(?:,\s*(?:[0-9]+|[A-Z]))*,?\s+(?:and|or)\s+(?:[0-9]+|[A-Z])"
)
_UNIT_PHRASE = re.compile(
    r"[A-Za-zμΩÅ]+(?:[\s/·*^()-]+[A-Za-zμΩÅ]+|\^?[-⁻]?[0-9¹²³](?![0-9¹²³]))*[\s)]*"
)
_LETTERS = re.compile(r"[A-Za-zμΩÅ]+")
# What may stand in a unit that is set as text, and what it means in plain notation.
_INSIDE_UNIT = (
    r"(?:[^{}\\]|\\[,;:!\ ]|\\(?:cdot|times|mu|Omega|AA)(?![A-Za-z])|\^\s*\{\s*-?[0-9]\s*\})*"
)
_UNIT_TEXT = re.compile(
    rf"\\(text|textrm|textnormal|textup|mathrm|mathit|mathsf|mathnormal|mbox|operatorname|unit|si)"
    rf"\s*\{{({_INSIDE_UNIT})\}}"
)
_UNIT_FRACTION = re.compile(
    r"\\[dtc]?frac\s*\{((?:[^{}]|\{[^{}]*\})+)\}\s*\{((?:[^{}]|\{[^{}]*\})+)\}"
)
_PLAIN_IN_UNIT = [
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\\(?:cdot|times)(?![A-Za-z])|[·⋅×]|(?<=[A-Za-z])[-‐](?=[A-Za-z])", "*"),
        (r"\\mu(?![A-Za-z])\s*|µ", "μ"),
        (r"\s*\\Omega(?![A-Za-z])|Ω", "Ω"),
        (r"\\AA(?![A-Za-z])|Å", "Å"),
        (r"\^\s*\{\s*(-?[0-9])\s*\}", r"^\1"),
        (r"\\[,;:!\ ]|~|\$", " "),
        (r"\.(?=[A-Za-z])|\b(?<=[A-Za-z])\.", " "),  # of an abbreviation, or a product
    )
]
_CHOICE = re.compile(r"\(?([A-Za-z])[).]?|\(([A-Za-z])\)\.?")
_MICRO = re.compile(
    r"([0-9)}](?:\\[,;:!\ ]|~|\s|\\text\s*\{\s*\})*)"
    r"\\mu\s*\\(?:text|mathrm|mbox|textrm)\s*\{\s*([A-Za-z])"
)
_KILO_OHM = re.compile(r"\\(?:text|mathrm|mbox|textrm)\s*\{\s*([kMGm])\s*\}\s*\\Omega(?![A-Za-z])")
_AND_MORE = re.compile(r"(.*?)(?:(,)\s*)?(?:\s+(and|or))?", re.DOTALL)
_IN_UNITS = ("per", "degree", "degrees")
_SIUNITX = re.compile(r"\\(?:SI|qty)\s*\{([^{}]+)\}\s*\{([^{}\\]+)\}")
_OMEGA = ("variable", "Omega")
_SPACES = frozenset(",;:! ~\u2009\u202f")
_SECONDS = frozenset('″"')
_STOP = re.compile(r"\.(?![0-9.])")
_CONJUNCTION = re.compile(r",?\s*(or|and)")

_TOKEN = re.compile(
    r"""
    (?P<thousands> 0*[1-9][0-9]{0,2} (?: ,[0-9]{3} )+ (?! [0-9] | ,[0-9] ) (?: \.[0-9]* )? )
  | (?P<grouped> [1-9][0-9]{0,2}
      (?: (?: \{,\} | ,\\[!,]\s* | \\[,:;\ ] | \{\\,\} | \\!, | \\thinspace\s*
            | ~ | \u2009 | \u202f ) [0-9]{3} )+ (?! [0-9] )
      (?: \.[0-9]* )? )
  | (?P<based> (?P<digits> [A-Z]{0,32}[0-9][0-9A-Z]{0,64} (?: \.[0-9A-Z]{1,64} )?
            | \.[0-9][0-9A-Z]{0,63} | [0-9]{0,64}\\(?:text|mathrm)\s*\{\s*[0-9A-Z]+\s*\} )
      (?: _ (?: [0-9]{1,2} | \{\s*\(?[0-9]{1,2}\)?\s*\}
            | (?: \{\s* )? \\text\{ (?P<base> [a-z]+ ) \} (?: \s*\} )? ) | [₀-₉]+ ) )
  | (?P<repeating> [0-9]*\.[0-9]*
      (?: \( [0-9]+ \) | \\(?:overline|bar|dot)\s* (?: \{\s*[0-9]+\s*\} | [0-9] )
        | (?: [0-9]\u0305 )+ ) )
  | (?P<endless> [0-9]*\.[0-9]+ \s* (?: \.\.\. | … | \\[lc]?dots (?![A-Za-z]) ) )
  | (?P<scientific> (?: [0-9]+ (?: \.[0-9]* )? | \.[0-9]+ ) [eE][-+]?[0-9]+ (?! [0-9A-Za-z.] ) )
  | (?P<number> [0-9]+ (?: \.(?!\.) [0-9]* )? | \.[0-9]+ )
  | (?P<row> \\\\ \s* \[ \s* -? [0-9.]+ \s* (?: pt | em | ex | mm | cm ) \s* \] )
  | (?P<dollar> US \s* \\?\$ )
  | (?P<space> (?: \s | ~ | \\[,;:!>\ ] | \\(?: left | right ) \s* \.
      | \\(?: quad | qquad | enspace | thinspace | left | right | middle | [bB]igg?[lrm]?
            | medspace | thickspace | negthinspace
          ) (?![A-Za-z])
      | \\hspace\*? \{ \s* -? [0-9.]+ \s* (?: em | ex | pt | cm | mm | in | mu ) \s* \}
    )+ )
  | \\(?P<edge> begin | end ) \s* \{ \s* (?P<matrix> [pbvBV]?matrix | smallmatrix | array
        | [dr]?cases | aligned | align\*? | gathered | split ) \s* \}
      (?: (?: (?<= array\} ) | (?<= array\ \} ) ) \s* \{ [lcr|\s]* \} )?
  | \\(?P<style> text | textbf | textit | textrm | textnormal | textsf | texttt | textsc | textup
        | mathrm | mathbf | mathit | mathsf | mathtt | mathnormal | boldsymbol | bm
        | operatorname\*? | mbox )
      \s* \{ (?P<text> (?: [^{}\\] | \\[,;:!%$\ ] )* ) \}
  | \\mathbb \s* (?: \{ \s* (?P<numbers> [RZQNC] ) \s* \} | (?P<bare_numbers> [RZQNC] ) )
  | (?P<micro> (?: [µμ] | \\mu (?![A-Za-z]) \s* ) [A-Za-z]+ | [kMG] [ΩΩ] )
  | (?P<ring> \\mathring \s* \{ \s* (?: A | \\(?:text|mathrm) \s* \{ \s* A \s* \} ) \s* \} )
  | \\(?P<command> [A-Za-z]+ | [{}%$\\] )
  | (?P<word> [A-Za-z]+ )
  | (?P<superscript> [⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+ )
  | (?P<subscript> [₀-₉]+ )
  | (?P<vulgar> [½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒] )
  | (?P<character> [<>!]= | \*\* | \.\.\. | . )
    """,
    re.VERBOSE | re.DOTALL,
)


# The short cuts: characters that begin nothing longer, short integers, commands with one meaning.
_SINGLE_CHARACTERS = {character: _CHARACTERS[character] for character in "+-^_=()[]{},|:%&/"}
_SIMPLE = re.compile(r"([0-9]{1,15})(?=[\s)\]}+*/^=|-]|\Z)|\\([A-Za-z]+)")
_SIMPLE_COMMANDS = {
    name: symbol
    for name, symbol in _COMMANDS.items()
    if symbol[0] != "group" and name not in ("$", "mu", "Omega")
}


def tokenize(
    text: str,
    *,
    thousands: bool = True,
    eager_units: bool = False,
    any_unit: bool = False,
    no_units: bool = False,
) -> list[Token]:
    r"""Cut a text into tokens, the last of them of kind `end`.

    A comma between digits groups thousands where it can, outside of brackets: `1,234` is one number
    and `(1,234)` a pair. With `thousands=False` it always separates. `1{,}234` is always a number.
    Units that may be variables, and those stuck to their number, are variables unless
    `eager_units`; with `no_units`, all are but those set as text. With `any_unit`, words beside a
    number are kept as text.

    >>> [token.text for token in tokenize(r"2 \cdot 1,234")]
    ['2', '*', '1234', '']
    """
    if len(text) > MAX_CHARACTERS:
        raise TooLarge("the answer is too long")
    tokenizer = _Tokenizer(thousands, eager_units, any_unit, no_units, "\\" in text)
    if "_" in text and "\\" in text:
        text = _NAMED_BASE.sub(_numbered_base, text)
    if ")_" in text:
        text = _BRACKETED_DIGITS.sub(r"\\text{\1}", text)
    tokenizer.read(text if no_units else _with_units_together(text))
    if len(tokenizer.tokens) > MAX_TOKENS:
        raise TooLarge("the answer has too many symbols")
    tokenizer.add("end", "")
    return tokenizer.tokens


def _numbered_base(found: re.Match[str]) -> str:
    r"""Write `_{\text{base } 2}` and `_{\text{two}}` with the number alone."""
    name, number = found.groups()
    if bool(name) == bool(number) or (name.isalpha() and name not in _BASES):
        return found[0]
    return f"_{{{_BASES.get(name, name or number)}}}"


class _Tokenizer:
    """Reads one answer; a piece inside a text command is read the same way."""

    def __init__(
        self, thousands: bool, eager_units: bool, any_unit: bool, no_units: bool, is_latex: bool
    ) -> None:
        self.tokens: list[Token] = []
        self.thousands = thousands
        self.eager_units = eager_units
        self.any_unit = any_unit
        self.no_units = no_units
        self.is_latex = is_latex  # then braces hold something together that is no list
        self.in_unit_phrase = False
        self.in_system = False  # where a word may begin a condition
        self.depth = 0
        self.spaced = False
        self.spaced_by_command = False  # as `5\,\Omega` is

    def add(self, kind: str, text: str) -> None:
        # As Token(…), at half the price.
        self.tokens.append(tuple.__new__(Token, (kind, text, self.spaced)))
        self.spaced = self.spaced_by_command = False

    def read(self, text: str) -> None:
        position, end = 0, len(text)
        while position < end:
            # Most symbols need no search among all alternatives.
            character = text[position]
            if character == " ":
                self.spaced = True
                position += 1
                continue
            symbol = _SINGLE_CHARACTERS.get(character)
            if symbol is not None:
                self.known(symbol, "")
                position += 1
                continue
            if character == "\\" and self.tokens and self.tokens[-1].kind in _BEFORE_UNIT:
                after = self.unit_as_text(text, position)
                if after:
                    position = after
                    continue
            match = _SIMPLE.match(text, position)
            if match is not None:
                digits, command = match.groups()
                if digits:
                    self.add("number", digits)
                    position = match.end()
                    continue
                symbol = _SIMPLE_COMMANDS.get(command)
                if symbol is not None:
                    self.known(symbol, "")
                    position = match.end()
                    continue
            match = _TOKEN.match(text, position)
            if match is None:  # pragma: no cover - the last alternative takes any character
                raise Unreadable("a character that is not part of mathematics")
            position = match.end()
            kind = match.lastgroup
            found = match[kind] if kind else ""
            if kind == "number":
                self.number(found)
            elif kind == "space":
                self.spaced = self.spaced or not found.startswith(("\\left", "\\right"))
                self.spaced_by_command = self.spaced_by_command or found[-1] in _SPACES
            elif kind == "character":
                if found in _SECONDS:  # two primes in one
                    self.add("prime", "")
                symbol = _CHARACTERS.get(found)
                if symbol != _OMEGA or not self.is_ohm(is_command=False):
                    self.known(symbol, "a character that is not part of mathematics")
            elif kind == "word":
                self.word(found)
                if self.tokens[-1].kind in ("unit", "unit prefix") and _STOP.match(text, position):
                    position += 1  # of an abbreviation
            elif kind == "micro":
                self.prefixed(found)
            elif kind == "ring":
                self.add("unit", "Å")
            elif kind == "command":
                symbol = _COMMANDS.get(found)
                if symbol != _OMEGA or not self.is_ohm(is_command=True):
                    self.known(symbol, "a command that is not known")
            elif kind == "dollar":
                self.add("currency", "$")
            elif kind == "thousands":
                if self.depth or not self.thousands:  # the comma separates here
                    found = found.partition(",")[0]
                    position = match.start() + len(found)
                self.number(found.replace(",", ""))
            elif kind == "grouped" and (",\\" in found) and not self.thousands:
                found = _LEADING_DIGITS.match(found).group()  # type: ignore[union-attr]
                self.number(found)
                position = match.start() + len(found)
            elif kind == "grouped":
                self.number("".join(_DIGITS_ONLY.findall(found)))
            elif kind == "scientific":
                self.number(found.lower())
            elif kind == "repeating":
                whole, _, decimals = found.partition(".")
                fixed = _LEADING_DIGITS.match(decimals).group()  # type: ignore[union-attr]
                if "\u0305" in decimals:  # each digit of the period is followed by its line
                    fixed = fixed[:-1]
                period = "".join(_DIGIT.findall(decimals[len(fixed) :]))
                self.number(f"{whole}.{fixed}({period})")
            elif kind == "endless":
                self.number(_continued(found))
            elif kind == "based":
                digits = "".join(_BASED_DIGITS.findall(match["digits"]))
                rest = found[len(match["digits"]) :]
                base = "".join(_DIGIT.findall(rest.translate(_SUBSCRIPTS)))
                base = base or str(_BASES.get(match["base"] or "", 0))
                if self.tokens and self.tokens[-1].text == "^" and found[0] != "\\":  # x^2_1
                    self.number(first := _FIRST_PART.match(found).group())  # type: ignore[union-attr]
                    position = match.start() + len(first)
                elif (
                    max(digits) < _DIGIT_CHARACTERS[min(int(base), 36)]
                    or digits.replace(".", "").isdigit()
                ):
                    self.add("based", f"{digits}_{base}")
                elif found.startswith("\\"):  # an upright letter with an index
                    for letter in digits:
                        self.add("variable", letter)
                    position = match.start() + len(match["digits"])
                else:  # a product, such as 2A_1
                    first = _FIRST_PART.match(found).group()  # type: ignore[union-attr]
                    self.word(first) if first.isalpha() else self.number(first)
                    position = match.start() + len(first)
            elif kind == "superscript":
                self.superscript(found.translate(_SUPERSCRIPTS))
            elif kind == "subscript":
                self.add("operator", "_")
                self.add("number", found.translate(_SUBSCRIPTS))
            elif kind == "row":
                self.add("operator", "new row")
            elif kind == "vulgar":
                self.add("vulgar", _VULGAR[found])
            elif kind == "text":
                self.text(found, match["style"])
            elif kind in ("numbers", "bare_numbers"):
                self.add("number set", found)
            else:  # the group that closed last is the name of the environment
                self.in_system = match["edge"] == "begin"
                self.add(match["edge"], match["matrix"])

    def number(self, digits: str) -> None:
        if len(digits) > MAX_DIGITS:
            raise TooLarge("a number with too many digits")
        self.add("number", digits)

    def known(self, symbol: tuple[str, str] | None, complaint: str) -> None:
        if symbol is None:
            raise Unreadable(complaint)
        kind, text = symbol
        if kind == "open" and (text != "{" or not self.is_latex):
            self.depth += 1
        elif kind == "close" and (text != "}" or not self.is_latex):
            self.depth -= 1
        self.add(kind, text)

    def superscript(self, exponent: str) -> None:
        sign = exponent[0] if exponent[0] in "+-" else ""
        digits = exponent[len(sign) :]
        if not digits.isdigit():
            raise Unreadable("an exponent that is not a number")
        self.add("operator", "^")
        self.add("open", "{")
        if sign:
            self.add("operator", sign)
        self.add("number", digits)
        self.add("close", "}")

    def word(self, word: str) -> None:
        """Add a run of letters: a name, a unit, a function stuck to its argument, or variables."""
        if word in ("C", "F") and self.tokens and self.degree_sign():
            self.add("unit", "°" + word)
            return
        if self.is_unit(word):
            self.add("unit", word)
            return
        if self.is_degree(word):
            self.add("degree", "")
            return
        if self.in_system and (condition := word.lower()) in CASE_WORDS:
            self.add("text", "otherwise" if condition in _OTHERWISE else condition)
            return
        if word in _SCALES and self.tokens and self.tokens[-1].kind == "number":
            self.add("operator", "*")
            self.add("number", str(_SCALES[word]))
            return
        if word in units.CURRENCY_CODES and (
            not self.tokens or self.tokens[-1].kind == "separator"
        ):
            self.add("currency", word)
            return
        known = _WORDS.get(word)
        if known is not None and (word != "to" or (self.tokens and self.spaced)):
            self.add(*known)
            return
        for length in (4, 3, 2):
            name = word[:length]
            if len(word) > length and (name in FUNCTIONS or name == "sqrt"):
                if self.tokens and self.tokens[-1].kind == "function" and not self.spaced:
                    raise Unreadable("words beside mathematics")
                self.add(*_WORDS[name])
                self.word(word[length:])
                return
        if len(word) > 1 and self.is_index():
            self.add("text", word)
            return
        if self.any_unit and len(word) > 1 and self.tokens and self.tokens[-1].kind in _BEFORE_UNIT:
            self.add("text", word)
            return
        if len(word) > 3 or word in _NOT_WORDS:
            raise Unreadable("words beside mathematics")
        for letter in word:
            self.add(*_WORDS.get(letter, ("variable", letter)))

    def prefixed(self, found: str) -> None:
        r"""Add `μm`, `kΩ`, or the letters that they consist of."""
        is_command = found[0] == "\\"
        word = found.removeprefix("\\mu").strip()
        word = "μ" + word if is_command else word.replace("µ", "μ").replace("Ω", "Ω")
        if self.is_unit(word) and (self.eager_units or self.spaced_by_command or not is_command):
            self.add("unit", word)
            return
        first = word[0].replace("μ", "mu")
        self.add("variable", first)
        if word[1:] == "Ω":
            self.add(*_OMEGA)
        else:
            self.word(word[1:])

    def is_ohm(self, *, is_command: bool) -> bool:
        r"""Add Ω as a unit, where it is one: `5\,\Omega`."""
        if not (self.eager_units or self.spaced_by_command or not is_command):
            return False
        last = self.tokens[-2:]
        if self.eager_units and len(last) == 2 and last[0].kind in _BEFORE_UNIT:
            word = last[1].text + "Ω"  # `k\Omega`
            if last[1].kind == "variable" and word in units.WORDS:
                self.tokens.pop()
                self.add("unit", word)
                return True
        if not self.is_unit("Ω"):
            return False
        self.add("unit", "Ω")
        return True

    def is_degree(self, word: str) -> bool:
        """Say whether a letter stands for a degree sign: the o of `30^o`."""
        tokens = self.tokens[-3:]
        if tokens and tokens[-1].text == "{":
            tokens.pop()
        return (
            word == "o"
            and not self.no_units
            and len(tokens) > 1
            and tokens[-1].text == "^"
            and tokens[-2].kind in ("number", "close")
        )

    def is_unit(self, word: str) -> bool:
        """Say whether a bare word is a unit here."""
        if not self.tokens or units.named(word) is None:
            return False
        if self.in_unit_phrase:
            return True
        if self.no_units or word in units.ONLY_AS_TEXT:
            return False
        stuck = not self.spaced and self.tokens[-1].kind != "operator"
        if not self.eager_units and (word in units.LIKE_VARIABLES or (stuck and len(word) < 4)):
            return False
        return self.tokens[-1].kind in _BEFORE_UNIT or self.continues_unit()

    def is_index(self) -> bool:
        """Say whether what comes next stands below the line, as in `S_{ABC}`."""
        return [token.text for token in self.tokens[-2:]] == ["_", "{"]

    def continues_unit(self) -> bool:
        """Say whether the last token joins what follows to a unit, as in `km/h`."""
        return self.tokens[-1].text in ("/", "*", "per") and any(
            token.kind in ("unit", "currency") or token.text == "per" for token in self.tokens
        )

    def follows_amount(self) -> bool:
        """Say whether a number stands before the last token, as in `5/s`."""
        return len(self.tokens) > 1 and self.tokens[-2].kind in _BEFORE_UNIT

    def degree_sign(self) -> bool:
        r"""Take back the degree sign of `^\circ C`, in any of its notations, if there is one."""
        for length, kinds in (
            (4, ["operator", "open", "degree", "close"]),
            (2, ["operator", "degree"]),
            (1, ["degree"]),
        ):
            if [token.kind for token in self.tokens[-length:]] == kinds:
                del self.tokens[-length:]
                return True
        return False

    def text(self, found: str, style: str) -> None:
        """Add what stands in a text command: a conjunction, units, a calculation, or words."""
        found = _SPACING.sub(" ", found).replace("\\%", "%").replace("\\$", "$")
        words = found.split()
        content = " ".join(words)
        self.spaced = self.spaced or found[:1].isspace()
        self.spaced_by_command = self.spaced_by_command or found[:1].isspace()
        if not words:
            return
        if self.in_system and words[0].strip(",").lower() in ("", *CASE_WORDS):
            self.read(content.strip(", "))  # `, if`, `if x > 0`, `otherwise`
            return
        if words[0] in _SCALES:  # `1.2\text{ million dollars}`
            self.word(words[0])
            self.text(" " + " ".join(words[1:]), style)
            return
        conjunction = _CONJUNCTION.fullmatch(content)
        if conjunction:
            self.add("separator", conjunction[1])
        elif content in ("C", "F") and self.degree_sign():
            self.add("unit", "°" + content)
        elif self.is_degree(content):
            self.add("degree", "")
        elif self.are_units(content, style):
            self.unit_phrase(content)
        elif content in units.CURRENCY_SIGNS or content in units.CURRENCY_CODES:
            self.add("currency", content)
        elif content == "US$":
            self.add("currency", "$")
        elif (
            style.startswith(("operatorname", "mathrm"))
            and _COMMANDS.get(content, ("",))[0] == "function"
        ):
            self.add(*_COMMANDS[content])
        elif content == "%" or _CALCULATION.fullmatch(content) or _ENUMERATION.fullmatch(content):
            self.read(content)
        elif content in _WORDS:
            self.word(content)
        elif (choice := _CHOICE.fullmatch(content)) is not None:
            self.add("variable", choice[1] or choice[2])
        elif style in _MATH_STYLES or _FORMULA.search(content):
            self.read(content)
        else:
            self.add("text", content)

    def unit_as_text(self, text: str, position: int) -> int:
        r"""Add a unit that begins here: `\mathrm{m/s^{2}}`, `\frac{\text{m}}{\text{s}}`.

        Returns where it ends, or 0.
        """
        match = _UNIT_TEXT.match(text, position)
        if match is not None and text.startswith("_", match.end()):  # a letter with an index
            return 0
        if match is not None:
            phrase, comma, conjunction = _AND_MORE.fullmatch(_plain_unit(match[2])).groups()  # type: ignore[union-attr]
            if not self.are_units(phrase, match[1]):
                return 0
            self.unit_phrase(phrase)
            if comma or conjunction:  # `\text{ hours and }`
                self.add("separator", conjunction or ",")
            return match.end()
        match = _UNIT_FRACTION.match(text, position)
        if match is None or self.no_units:
            return 0
        above, below = (_plain_unit(_UNIT_TEXT.sub(r" \2", side)) for side in match.groups())
        if not (self.eager_units or "\\" in match[1]):
            return 0  # a quotient of variables
        if not (self.are_units(above, "text") and self.are_units(below, "text")):
            return 0
        self.unit_phrase(f"{above}/({below})")
        return match.end()

    def unit_phrase(self, phrase: str) -> None:
        self.in_unit_phrase = True
        self.read(phrase)
        self.in_unit_phrase = False

    def are_units(self, content: str, style: str) -> bool:
        """Say whether the words of a text command are a unit of what stands before them."""
        content = content.strip()
        if not self.tokens or not _UNIT_PHRASE.fullmatch(content):
            return False
        words = _LETTERS.findall(content)
        if style.endswith("bf") and len(words[0]) == 1:
            return False
        if style in _MATH_STYLES and self.no_units:
            return False
        if not all(
            units.named(word) or word in units.PREFIXES or word in _IN_UNITS for word in words
        ):
            return False
        return (
            words[0] == "per"
            or (style == "text" and self.tokens[-1].text == "/" and self.follows_amount())
            or self.tokens[-1].kind in (*_BEFORE_UNIT, "variable", "constant", "prime")
            or self.continues_unit()
        )


def _with_units_together(text: str) -> str:
    """Write units of two words, or of two commands, as one word."""
    text = units.with_symbols(text)
    if "\\SI" in text or "\\qty" in text:
        text = _SIUNITX.sub(r"\1\\text{ \2}", text)
    if "\\mu" in text or "\\Omega" in text:
        text = _MICRO.sub(r"\1\\text{ μ\2", text)
        text = _KILO_OHM.sub(r"\\text{ \1Ω}", text)
    return text


def _plain_unit(text: str) -> str:
    """Write a unit that is set as text in plain notation."""
    text = text.strip()
    if not text.isalpha():
        for pattern, plain in _PLAIN_IN_UNIT:
            text = pattern.sub(plain, text)
    return text.strip()


def _continued(text: str) -> str:
    """Return the repeating decimal that `0.1666…` stands for."""
    whole, _, decimals = text.partition(".")
    digits = _LEADING_DIGITS.match(decimals).group()  # type: ignore[union-attr]
    for length in range(1, len(digits) // 2 + 1):
        times = 3 if length == 1 else 2
        period = digits[-length:]
        if len(digits) >= times * length and digits.endswith(period * times):
            while digits.endswith(period):
                digits = digits[:-length]
            return f"{whole}.{digits}({period})"
    raise Unreadable("an unfinished decimal")
