r"""Reading an answer into a typed tree, by recursive descent: one method a level of the grammar.

    answer     = item {("," | ";" | "or" | "and") item}
    item       = side {("=" | "<" | … | "∈") side}
    side       = region {":" region} [unit]
    region     = sum {("∪" | "∩" | "∖") sum}
    sum        = product {("+" | "-" | "±") product}
    product    = signed {("*" | "/" | nothing) signed}
    signed     = ("-" | "+" | "±") product | power
    power      = atom {"!" | "%" | "°"} ["^" exponent]
    atom       = number | letter | function | fraction | root | brackets | matrix | words

Brackets, signs and exponents are the only ways to nest, and each counts towards `MAX_NESTING`, so
the stack stays shallow whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Literal, cast

from . import units
from .choices import choice_letter
from .errors import TooLarge, Unreadable
from .tidy import tidy
from .tokens import (
    CASE_WORDS,
    FUNCTIONS,
    MAX_CHARACTERS,
    MAX_DIGITS,
    MAX_NESTING,
    Token,
    tokenize,
)
from .tree import (
    OTHERWISE,
    Application,
    BareList,
    BasedNumber,
    Binomial,
    Call,
    Congruence,
    Constant,
    Date,
    Degrees,
    Difference,
    Ellipsis,
    Expression,
    Extremum,
    Intersection,
    Interval,
    Matrix,
    Mixed,
    Negative,
    Node,
    Number,
    NumberSet,
    Percent,
    PlusMinus,
    Power,
    Product,
    Quantity,
    Quotient,
    Ratio,
    Relation,
    Root,
    Series,
    Set,
    Sum,
    Text,
    Time,
    Tuple,
    Union,
    Variable,
    Where,
    is_infinite,
    rebuild,
    walk,
)

_RELATIONS = frozenset(("=", "<", ">", "<=", ">=", "!=", "in", "≈", "≡"))
_INDICES = frozenset(("number", "variable", "constant", "text", "index mark", "extremum"))
_STARTS_FACTOR = frozenset(
    (
        *("variable", "constant", "function", "fraction", "root", "number", "binomial", "series"),
        *("accent", "figure", "vulgar", "group", "extremum", "angle"),
    )
)
_ENDS = frozenset(("end", "close", "separator"))
_SIGNS = frozenset(("+", "-", "+-", "-+"))
_ARRANGEMENTS = frozenset("CPA")
_CLOSING = {"(": ")", "[": "]", "{": "}", "\\{": "\\}"}
_HOLDS_NUMBER = frozenset(("number", "vulgar", "open", "group"))
_SET_OPERATIONS: dict[str, type[Union] | type[Intersection] | type[Difference]] = {
    "cup": Union,
    "cap": Intersection,
    "setminus": Difference,
}
_UNIT_VECTORS: dict[str, Expression] = {
    "i": Constant("i"),
    "j": Variable("j"),
    "k": Variable("k"),
}  # as if in bold type, which says nothing
_UNIT_ACCENTS = frozenset(("hat", "widehat", "vec", "overrightarrow"))
_SYSTEMS = frozenset(
    (
        "cases",
        "dcases",
        "rcases",
        "aligned",
        "align",
        "align*",
        "gathered",
        "split",
        "array",
        "matrix",
    )
)
"""The environments whose rows may be equations, or values with their conditions."""
MAX_NAME = 12
"""An index or an event is not named by longer words: they could say anything."""

_CONDITION_WORDS = frozenset(("for", "where", "with", "when", "for all", "for any", "for every"))
_OF_INTEGERS = frozenset(
    f"{start}{quantity}"
    for start in ("for ", "where ", "with ")
    for quantity in ("integer", "integers", "all integers", "any integer", "every integer")
)
_AN_INTEGER = frozenset(
    f"{start}{noun}"
    for start in ("", "is ", "is an ", "an ", "is any ", "any ")
    for noun in ("integer",)
)
_ZERO = Number(Fraction(0), "integer")
_RAY = Constant("infinity")
_NUMBER_SETS: dict[str, Node] = {
    **dict.fromkeys(("Z+", "Z>0", "Z>=1", "N+", "N*", "N>0", "N>=1"), NumberSet("Z+")),
    **dict.fromkeys(("Z>=0", "Z0+", "Z+0", "N0", "N>=0"), NumberSet("Z0+")),
    **dict.fromkeys(("Z-", "Z<0"), NumberSet("Z-")),
    **dict.fromkeys(("R+", "R>0"), Interval(_ZERO, _RAY, False, False)),
    **dict.fromkeys(("R>=0", "R0+", "R+0"), Interval(_ZERO, _RAY, True, False)),
    **dict.fromkeys(("R-", "R<0"), Interval(Negative(_RAY), _ZERO, False, False)),
}

_INVERSION = ["^", "{", "-", "1", "}"]
_ONE = Number(Fraction(1), "integer")
_TWO = Number(Fraction(2), "integer")
_THREE = Number(Fraction(3), "integer")
_INVERSE = {
    "sin": "arcsin",
    "cos": "arccos",
    "tan": "arctan",
    "cot": "arccot",
    "sec": "arcsec",
    "csc": "arccsc",
    "sinh": "arcsinh",
    "cosh": "arccosh",
    "tanh": "arctanh",
}

_WORDS = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*")
_TEXT_COMMAND = re.compile(
    r"\\(?:text(?:bf|it|rm|normal|sf|tt)?|math(?:rm|bf|it|sf)|mbox)\s*\{([^{}\\]*)\}"
)
_BEFORE_TEXT = ("\\text", "\\math", "\\mbox")
_KNOWN_WORDS = re.compile(
    r"\b(?:sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|sinh|cosh|tanh|ln|log|exp|sqrt|pi|inf"
    r"|infinity|Infinity|oo|percent|degrees|or|and)\b"
)
_MEANINGS: dict[str, Node] = {
    **dict.fromkeys(
        ("all real numbers", "all reals", "real numbers", "the real numbers"), NumberSet("R")
    ),
    **dict.fromkeys(
        (
            "none",
            "no solution",
            "no solutions",
            "no real solution",
            "no real solutions",
            "empty set",
        ),
        Set(()),
    ),
    "noon": Time((12, 0), "pm"),
    "midnight": Time((12, 0), "am"),
}
_HALF = r"(?:([ap])\.?\s?m\.?|([AP])\.?\s?M\.?)"
_TIME = re.compile(rf"([0-9]{{1,2}}):([0-5][0-9])(?::([0-5][0-9]))?(?:\s*{_HALF})?")
_HOUR = re.compile(rf"([0-9]{{1,2}})(?=\s|[AP]|[ap]\.)\s*{_HALF}")  # `3pm` may be a product
_NO_SPACE = re.compile(r"\s*\\!\s*")
_THIN_SPACE = re.compile(r"~|\\[,;:\ ]")
_MONTHS = "january february march april may june july august september october november december"
_MONTH_NUMBERS = {
    name: number
    for number, month in enumerate(_MONTHS.split(), 1)
    for name in (month, month[:3], month[:4] if month == "september" else month)
}
_MAY_BE_MOMENT = re.compile(
    rf":|\\colon|[ap]\W*m\b|-[0-9]|\b(?:{'|'.join(name[:3] for name in _MONTHS.split())})",
    re.IGNORECASE,
)
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_DATES = [
    re.compile(pattern)
    for pattern in (
        r"(?P<year>[0-9]{4})-(?P<digits>[0-9]{2})-(?P<day>[0-9]{2})",
        _MONTH + r"\s+(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?:\s*,?\s*(?P<year>[0-9]{4}))?",
        r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?\s+" + _MONTH + r"(?:\s*,?\s*(?P<year>[0-9]{4}))?",
    )
]


def parse_answer(
    text: str,
    *,
    thousands: bool = True,
    words: bool = True,
    eager_units: bool = False,
    any_unit: bool = False,
    no_units: bool = False,
    braced_sets: bool = False,
    combinations: bool = False,
) -> Node:
    r"""Read an answer as a tree. Raises an `AnswerError` (a `ValueError`) on what it cannot read.

    `thousands` tells whether `1,234` outside of brackets is one number, `words` whether letters
    alone, such as `blue`, are a word (otherwise a product of variables), `eager_units` whether
    `5 m` is a length (otherwise a product), `any_unit` whether `5 apples` can be read, `no_units`
    whether even `5 kg` is a product, `braced_sets` whether `{5}` is a set (otherwise the braces
    only group), and `combinations` whether `C_5^2` and `C(5, 2)` are binomials, and `P` and `A`
    permutations.

    >>> parse_answer("x^2 + 1") == parse_answer(r"$x^{2}\,+\,1$")
    True
    >>> parse_answer("(2, 3]").high_closed
    True
    """
    if len(text) > MAX_CHARACTERS:
        raise TooLarge("the answer is too long")
    text = tidy(text, braces=not braced_sets)
    if text[:1].isalnum() or text.startswith(_BEFORE_TEXT):
        special = _read_special(text, words)
        if special is not None:
            return special
    tokens = tokenize(
        text,
        thousands=thousands,
        eager_units=eager_units,
        any_unit=any_unit,
        no_units=no_units,
    )
    return _Parser(
        tokens,
        is_latex="\\" in text,
        any_unit=any_unit,
        braced_sets=braced_sets,
        combinations=combinations,
    ).answer()


def _read_special(text: str, words: bool) -> Node | None:
    """Read what is not a formula: words, a time or a date, the letter of a choice."""
    letter = choice_letter(text)
    if letter is not None:
        return Variable(letter)
    if words or not text[0].isdigit():
        found = read_words(text)
        if found is not None and (words or found.casefold() in _MEANINGS):
            return _MEANINGS.get(found.casefold()) or Text(found)
    return _read_moment(text)


def read_words(text: str) -> str | None:
    r"""Return the words that a text consists of, or None where it may be mathematics.

    >>> read_words(r"\text{not  prime}"), read_words("xy"), read_words("x + y")
    ('not prime', 'xy', None)
    """
    wrapped = _TEXT_COMMAND.fullmatch(text)
    if wrapped:
        text = wrapped[1]
    text = " ".join(text.split()).removesuffix(".")
    if not _WORDS.fullmatch(text) or _KNOWN_WORDS.search(text):
        return None
    words = re.split(r"\W", text)
    if not all(word.isalpha() for word in words if word):  # x² is not a word
        return None
    return text if any(len(word) > 1 for word in words) else None


def _read_moment(text: str) -> Node | None:
    """Read a time of day or a date, or return None."""
    if len(text) > 90 or not _MAY_BE_MOMENT.search(text):
        return None
    text = _THIN_SPACE.sub(" ", _NO_SPACE.sub("", text)).replace("\\colon", ":")
    text = " ".join(_TEXT_COMMAND.sub(r" \1", text).split())
    match = _TIME.fullmatch(text) or _HOUR.fullmatch(text)
    if match is not None:
        numbers = tuple(int(number) for number in match.groups()[:-2] if number)
        half = (match.groups()[-2] or match.groups()[-1] or "").lower()
        if half and not 1 <= numbers[0] <= 12:
            raise Unreadable("a time that does not exist")
        numbers = numbers if len(numbers) > 1 else (numbers[0], 0)
        return Time(numbers, cast(Literal["", "am", "pm"], half and half + "m"))
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        found = match.groupdict()
        name = (found.get("month") or "").casefold()
        month = int(found["digits"]) if "digits" in found else _MONTH_NUMBERS.get(name)
        if month is None:
            continue
        if not (1 <= month <= 12 and 1 <= int(found["day"]) <= 31):
            raise Unreadable("a date that does not exist")
        return Date(int(found["day"]), month, int(found["year"]) if found["year"] else None)
    return None


class _Parser:
    """Walks along the tokens of one answer."""

    def __init__(
        self,
        tokens: list[Token],
        *,
        is_latex: bool,
        any_unit: bool,
        braced_sets: bool,
        combinations: bool,
    ) -> None:
        self.tokens = tokens
        self.any_unit = any_unit
        self.is_latex = is_latex  # then braces may just hold something together
        self.braced_sets = braced_sets and not is_latex
        self.combinations = combinations
        self.position = 0
        self.nesting = 0
        self.open_bars = 0  # of |x|
        self.in_set = False  # where a bar or a colon begins the condition

    # Moving along the tokens.

    @property
    def next(self) -> Token:
        return self.tokens[self.position]

    def take(self) -> Token:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def mark(self) -> tuple[int, list[Token]]:
        """Return where we are, to come back to: an argument may have taken a digit off a token."""
        return self.position, self.tokens

    def back_to(self, mark: tuple[int, list[Token]]) -> None:
        self.position, self.tokens = mark

    def at(self, kind: str, text: str) -> bool:
        token = self.tokens[self.position]
        return token.kind == kind and token.text == text

    def accept(self, kind: str, text: str) -> bool:
        if self.at(kind, text):
            self.position += 1
            return True
        return False

    def expect(self, kind: str, text: str) -> None:
        if not self.accept(kind, text):
            raise Unreadable("a bracket or an argument is missing")

    def nested(self, read: Callable[[], Node]) -> Node:
        """Read something one level deeper."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise TooLarge("the answer is nested too deeply")
        node = read()
        self.nesting -= 1
        return node

    def nested_expression(self, read: Callable[[], Node]) -> Expression:
        return _expression(self.nested(read))

    # The grammar, from the whole answer down.

    def answer(self) -> Node:
        self.accept("operator", "=")
        node = self.listing()
        if self.next.kind != "end":
            raise Unreadable("something stands after the answer")
        return node

    def listing(self) -> Node:
        items = [self.item()]
        separators: list[str] = []
        while self.next.kind == "separator":
            separator = self.take().text
            if separator == "," and self.next.kind == "separator":  # "1, 2, and 3"
                separator = self.take().text
            if self.at_condition():
                break
            separators.append(separator)
            items.append(self.item())
        conditions = self.conditions()
        while len(items) > 1 and _is_membership(items[-1], items[:-1]):
            conditions.insert(0, items.pop())
            separators.pop()
        if _is_membership(items[0], items[1:]) and all(map(_is_comparison, items[1:])):
            conditions.insert(0, items.pop(0))  # `x ∈ Z, x > 3`
            separators.pop(0)
        node = _listed(items, separators)
        return Where(node, tuple(conditions)) if conditions else node

    def at_condition(self) -> bool:
        """Say whether a condition in brackets or after a word comes next: `(k ∈ Z)`."""
        if self.next.kind == "text":
            return self.next.text.casefold() in _CONDITION_WORDS | _OF_INTEGERS
        if not self.at("open", "("):
            return False
        following = self.tokens[self.position + 1 : self.position + 3]
        return following[0].kind == "variable" and following[1][:2] == ("operator", "in")

    def conditions(self) -> list[Node]:
        """Read the conditions behind an answer, if there are any."""
        found: list[Node] = []
        while self.at_condition():
            kind, text, _ = self.take()
            if text.casefold() in _OF_INTEGERS:
                found.append(_is_integer(self.atom()))
            else:
                found.append(self.item())
            if kind == "open":
                self.expect("close", ")")
        return found

    def item(self) -> Node:
        self.accept("operator", "≈")
        sides = [self.side()]
        if self.next.kind == "text" and self.next.text.casefold() in _AN_INTEGER:
            self.take()
            return _is_integer(sides[0])
        operators: list[str] = []
        while self.at_relation():
            self.accept("operator", "&")
            operators.append(self.take().text)
            self.accept("operator", "&")
            sides.append(self.side())
        return Relation(tuple(operators), tuple(sides)) if operators else sides[0]

    def at_relation(self) -> bool:
        """Say whether a relation comes next, perhaps after the mark where lines are aligned."""
        if self.next.kind != "operator":
            return False
        position = self.position + (self.next.text == "&")
        return self.tokens[position].text in _RELATIONS

    def side(self) -> Node:
        kind = self.next.kind
        amount: Node | None = None
        if kind in ("currency", "operator"):
            amount = self.currency()
        elif kind == "variable":
            amount = self.application()
        if amount is None:
            amount = self.region()
        if self.next.kind in _ENDS:
            return amount
        if isinstance(amount, Expression) and self.next.text in ("over", "choose"):
            return self.stacked(amount)
        if self.any_unit and isinstance(amount, Expression) and self.are_words_next():
            return Quantity(amount, self.worded_unit())
        if isinstance(amount, Expression) and self.next.kind in ("unit", "unit prefix", "currency"):
            return self.together(Quantity(amount, self.unit()))
        if isinstance(amount, Expression) and self.per():
            return Quantity(amount, units.power(self.unit(), -1))
        if isinstance(amount, Expression) and (modulus := self.modulus()) is not None:
            return Congruence(amount, modulus)
        if self.in_set or not self.at("operator", ":"):
            return amount
        parts = [amount]
        while self.accept("operator", ":"):
            parts.append(self.region())
        return Ratio(tuple(parts))

    def stacked(self, upper: Expression) -> Expression:
        r"""Read the lower part of `n \choose k` or `a \over b`."""
        operation = Binomial if self.take().text == "choose" else Quotient
        return operation(upper, _expression(self.region()))

    def modulus(self) -> Expression | None:
        r"""Read `\pmod{7}`, `\bmod 7` or `(mod 7)` after a residue."""
        in_brackets = self.at("open", "(") and self.tokens[self.position + 1].kind == "modulus"
        if in_brackets:
            self.take()
        if self.next.kind != "modulus":
            return None
        self.take()
        modulus = self.nested_expression(self.power)
        if in_brackets:
            self.expect("close", ")")
        return modulus

    def currency(self) -> Node | None:
        """Read an amount of money with its sign before it: `$5`, `-$5`."""
        negative = False
        if self.next.text in ("+", "-") and self.tokens[self.position + 1].kind == "currency":
            negative = self.take().text == "-"
        if self.next.kind != "currency":
            return None
        unit = _unit(self.take().text)
        amount = _expression(self.region())
        if self.next.kind == "unit" and _unit(self.next.text) == unit:  # "$5 dollars"
            self.take()
        elif self.per():
            unit = units.product(unit, units.power(self.unit(), -1))
        return Quantity(Negative(amount) if negative else amount, unit)

    def per(self) -> bool:
        """Read `per`, or the stroke of `5/s`."""
        if self.at("operator", "/") and self.tokens[self.position + 1].kind == "unit":
            self.take()
            return True
        return self.accept("operator", "per")

    def application(self) -> Node | None:
        """Read `f(x)` where it is all that stands there, before `=` or at the end."""
        start = self.mark()
        letter = self.take()
        if (
            len(letter.text) > 1
            or self.next.kind not in ("open", "operator", "prime")
            or (self.combinations and letter.text in _ARRANGEMENTS)
        ):
            self.back_to(start)
            return None
        name = letter.text + self.index()
        if [token.text for token in self.tokens[self.position : self.position + 5]] == _INVERSION:
            self.position += 5
            name += "⁻¹"
        end = self.closing_bracket() if self.next.kind == "open" and not self.next.spaced else 0
        after = self.tokens[end]
        if end and name in ("P", "E") and after.text == "=":  # of anything: P(X = 2)
            event = [token.text for token in self.tokens[self.position : end]]
            if max(map(len, event)) > MAX_NAME:
                raise Unreadable("words in the name of an event")
            name += "".join(event)
            self.position = end
            return Variable(name)
        if (
            end
            and self.next.text == "("
            and (after.kind in ("end", "separator") or after.text in _RELATIONS)
        ):
            self.take()
            arguments = [_expression(self.nested(self.region))]
            while self.accept("separator", ","):
                arguments.append(_expression(self.nested(self.region)))
            if self.accept("close", ")"):
                return Application(Variable(name), tuple(arguments))
        self.back_to(start)
        return None

    def closing_bracket(self) -> int:
        """Return the position after the bracket that closes the one that comes next, or 0."""
        depth = 0
        for position in range(self.position, len(self.tokens)):
            kind = self.tokens[position].kind
            depth += (kind == "open") - (kind == "close")
            if depth == 0:
                return position + 1
        return 0

    def together(self, first: Quantity) -> Quantity:
        """Read the rest of `2 hours 40 minutes`, where there is one."""
        parts = [first]
        while self.next.kind in ("number", "fraction", "vulgar"):
            amount = _expression(self.sum())
            if self.next.kind != "unit":
                raise Unreadable("something stands after the answer")
            parts.append(Quantity(amount, self.unit()))
        whole = _together(parts)
        if whole is None:
            raise Unreadable("two amounts side by side")
        return whole

    def unit(self) -> units.Unit:
        """Read a unit: `km/h`, `square feet`, `m s^{-2}`, `J/(kg K)`, `dollars per hour`."""
        unit = self.unit_power()
        while True:
            if self.next.kind in ("unit", "unit prefix"):
                unit = units.product(unit, self.unit_power())
            elif self.at("operator", "*") and self.tokens[self.position + 1].kind == "unit":
                self.take()
                unit = units.product(unit, self.unit_power())
            elif self.accept("operator", "per") or self.accept("operator", "/"):
                unit = units.product(unit, units.power(self.unit_power(), -1))
            elif not unit.dimension and unit != units.PLAIN:
                raise Unreadable("a unit that cancels out")
            else:
                return unit

    def are_words_next(self) -> bool:
        """Say whether words come next that are no unit of the list, as in `3 cups of juice`."""
        for token in self.tokens[self.position :]:
            if token.kind == "text":
                return True
            if token.kind != "unit":
                break
        return False

    def worded_unit(self) -> units.Unit:
        """Read the words that a reference counts: `12 apples`."""
        words = [self.take().text]
        while self.next.kind in ("text", "unit"):
            words.append(self.take().text)
        return units.counted(" ".join(words))

    def unit_power(self) -> units.Unit:
        if self.accept("open", "("):
            inside = self.unit()
            self.expect("close", ")")
            return inside
        kind, text, _ = self.take()
        exponent = 1
        if kind == "unit prefix":
            exponent = units.PREFIXES[text]
            kind, text, _ = self.take()
        if kind not in ("unit", "currency"):
            raise Unreadable("a unit is missing")
        if self.accept("operator", "^"):
            braces = self.accept("open", "{")
            sign = -1 if self.accept("operator", "-") else 1
            number = self.take().text
            if not number.isdigit() or not 1 <= int(number) <= 9:
                raise Unreadable("a unit to an unknown power")
            exponent *= sign * int(number)
            if braces:
                self.expect("close", "}")
        return units.power(_unit(text), exponent)

    def region(self) -> Node:
        first = self.sum()
        if isinstance(first, Expression):
            return first
        while self.next.kind == "operator" or self.at("variable", "U"):
            name = self.next.text
            if name == "U" and isinstance(first, (Tuple, Interval, Set, Union)):
                name = "cup"
            elif name == "-" and not isinstance(first, (Text, Quantity)):
                name = "setminus"
            if name not in _SET_OPERATIONS:
                break
            self.take()
            parts = (_region_part(first), _region_part(self.sum()))
            if isinstance(first, Union) and name == "cup":
                first = Union((*first.parts, parts[1]))
            else:
                first = _SET_OPERATIONS[name](parts)
        return first

    def sum(self) -> Node:
        first = self.product()
        if self.next.text not in _SIGNS or not isinstance(first, Expression):
            return first
        terms = [first]
        while True:
            if self.accept("operator", "+"):
                terms.append(_expression(self.product()))
            elif self.accept("operator", "-"):
                terms.append(Negative(_expression(self.product())))
            elif self.accept("operator", "+-"):
                terms.append(PlusMinus(_expression(self.product()), 1))
            elif self.accept("operator", "-+"):
                terms.append(PlusMinus(_expression(self.product()), -1))
            else:
                return Sum(tuple(terms))

    def product(self) -> Node:
        first = self.signed()
        factors = [first]
        divisions = 0
        while True:
            token = self.tokens[self.position]
            if token.kind in _ENDS:
                break
            if token.kind == "operator" and token.text in ("*", "/"):
                if self.tokens[self.position + 1].kind == "unit":  # `5/s`
                    break
                self.position += 1
                if token.text == "*":
                    factors.append(_expression(self.signed()))
                    continue
                factor = self.divisor()
                divisions += 1
                if divisions > MAX_NESTING:
                    raise TooLarge("the answer has too many divisions")
                factors = [Quotient(_product(factors), factor)]
            elif token.kind == "begin" and isinstance(factors[-1], Expression):
                return _scaled(_product(factors), self.atom())
            elif self.starts_factor() and isinstance(factors[-1], Expression):
                if self.at("open", "(") and self.tokens[self.position + 1].kind == "modulus":
                    break
                if self.at_condition():
                    break
                if token.kind in _HOLDS_NUMBER:
                    self.check_number_beside(factors[-1])
                factors.append(_expression(self.power()))
            else:
                break
        return factors[0] if len(factors) == 1 else _product(factors)

    def divisor(self) -> Expression:
        """Read what stands after `/`: 12/-3*2 is (12/(-3))*2."""
        if self.accept("operator", "-"):
            return Negative(self.nested_expression(self.divisor))
        if self.accept("operator", "+"):
            return self.nested_expression(self.divisor)
        return _expression(self.power())

    def starts_factor(self) -> bool:
        kind, text, _ = self.next
        if kind == "bar":
            return self.open_bars == 0 and not self.in_set
        if text == "[":
            return self.opens_group()
        return kind in _STARTS_FACTOR or (kind == "open" and text != "⟨")

    def opens_group(self) -> bool:
        """Say whether a square bracket may open a group: not the last one of `[0, 1[`."""
        end = self.closing_bracket() - 1
        return end > 0 and not any(
            token.kind == "separator" or token.text in _SET_OPERATIONS
            for token in self.tokens[self.position : end]
        )

    def check_number_beside(self, factor: Node) -> None:
        r"""Refuse a number beside another factor, except in `5!5!`, `i4` and `n2^{n-1}`.

        Beside a number or a letter, or after `/`, it may have been meant as another digit, an
        index or an exponent; a number that has an exponent of its own has only one reading.
        """
        position = self.position
        while self.tokens[position].kind == "group" or self.tokens[position][:2] == ("open", "{"):
            position += 1
        if position > self.position and self.tokens[position].kind == "fraction":
            position += 1 + (self.tokens[position + 1].text == "{")
            if self.tokens[position].kind == "number" and isinstance(factor, Number):
                raise Unreadable("a fraction beside a number")  # 2{\frac13} looks mixed
            return
        if self.tokens[position].kind not in ("number", "vulgar"):
            return
        before, after = self.tokens[self.position - 1], self.tokens[position + 1]
        if before[:2] in (("operator", "!"), ("constant", "i")):
            return
        if position > self.position and after.text == "}":
            after = self.tokens[position + 2]
        spaced = self.next.spaced
        if (
            after.text != "^"
            or isinstance(factor, (Number, Mixed))
            or (self.position > 1 and self.tokens[self.position - 2].text == "/")
            or (isinstance(factor, Power) and before.kind == "number" and not spaced)
            or (_is_call(factor) and before.kind != "close")
        ):
            raise Unreadable("two numbers stand side by side")
        if isinstance(factor, Variable) and not spaced:
            exponent = self.tokens[position + 2 : position + 5]
            if exponent[0].kind == "number" or [token.kind for token in exponent] == [
                "open",
                "number",
                "close",
            ]:  # x2^2 may be x_2^2
                raise Unreadable("a number that may be an index")

    def signed(self) -> Node:
        if self.tokens[self.position].kind != "operator":
            return self.power()
        if self.accept("operator", "-"):
            return Negative(self.nested_expression(self.product))  # `-2/3` is minus two thirds
        if self.accept("operator", "+"):
            return self.nested_expression(self.product)
        if self.accept("operator", "+-"):
            return PlusMinus(self.nested_expression(self.product), 1)
        if self.accept("operator", "-+"):
            return PlusMinus(self.nested_expression(self.product), -1)
        return self.power()

    def power(self) -> Node:
        base = self.grouped()
        while True:
            kind, text, _ = self.tokens[self.position]
            if kind in _ENDS:
                return base
            if text == "{" and self.skip_empty_braces():
                continue
            if kind == "degree":
                self.take()
                base = self.minutes(Degrees(_expression(base)))
            elif kind != "operator":
                return base
            elif text == "_" and isinstance(base, Number) and base.written != "repeating":
                self.take()
                base = _based_number(f"{_digits(base)}_{_integer(self.tex_argument())}")
            elif text == "!":
                self.take()
                if self.at("operator", "!"):
                    raise Unreadable("a double factorial")
                base = Call("factorial", _expression(base))
            elif text == "%":
                self.take()
                base = Percent(_expression(base))
            elif text == "^":
                self.take()
                if self.degree_sign():
                    base = self.minutes(Degrees(_expression(base)))
                else:
                    base = self.raised(base)
            else:
                return base

    def minutes(self, angle: Degrees) -> Degrees:
        r"""Read the minutes and seconds of `63^\circ 45' 30''`, where there are any."""
        if not isinstance(angle.operand, Number) or angle.operand.written != "integer":
            return angle
        value = angle.operand.value
        for primes, factor in ((1, 60), (2, 3600)):
            start = self.position
            if self.next.kind != "number":
                continue
            number = _number(self.take().text)
            if self.marks(primes) and number.value < 60:
                value += number.value / factor
            else:
                self.position = start
        return Degrees(Number(value, "repeating")) if value != angle.operand.value else angle

    def marks(self, primes: int) -> bool:
        """Read the marks of minutes or seconds: primes, or a word."""
        words = (
            ("min", "mins", "minute", "minutes") if primes == 1 else ("sec", "second", "seconds")
        )
        if self.next.kind == "unit" and self.next.text in words:
            self.take()
            return True
        braces = self.accept("operator", "^") and self.accept("open", "{")
        found = 0
        while self.next.kind == "prime":
            self.take()
            found += 1
        if braces:
            self.expect("close", "}")
        return found == primes

    def raised(self, base: Node) -> Node:
        """Read what stands after `^`: an exponent, or the T of a transpose."""
        if isinstance(base, (Matrix, Tuple, Interval)):
            return self.transposed(base)
        exponent = self.exponent()
        if isinstance(base, Variable) and self.at("operator", "_"):  # x^2_1
            base = Variable(base.name + self.index())
        return Power(_expression(base), exponent)

    def transposed(self, node: Matrix | Tuple | Interval) -> Matrix:
        r"""Read the T of `(2, 4)^T`, which is a column, as is `[2, 4]^{\top}`."""
        if self.exponent() != Variable("T"):
            raise Unreadable("something other than a number in a calculation")
        if isinstance(node, Matrix):
            return Matrix(tuple(zip(*node.rows, strict=True)))
        if isinstance(node, Interval):
            if node.low_closed != node.high_closed:
                raise Unreadable("brackets that do not match")
            return _matrix([[node.low], [node.high]])
        return _matrix([[item] for item in node.items])

    def skip_empty_braces(self) -> bool:
        r"""Skip `{}`, which holds the place of nothing: `30{}^\circ`, `{}_5C_2`."""
        if self.at("open", "{") and self.tokens[self.position + 1].text == "}":
            self.position += 2
            return True
        return False

    def grouped(self) -> Node:
        """Read an atom; square brackets or `\\{ \\}` around one expression may be a group."""
        while self.at("open", "{") and self.tokens[self.position + 1].text == "}":
            if self.tokens[self.position + 2].kind in _ENDS:
                break
            self.skip_empty_braces()
        start = self.position
        node = self.atom()
        if (
            isinstance(node, (Tuple, Set))
            and len(node.items) == 1
            and self.tokens[start].text in ("[", "\\{")
            and isinstance(inside := node.items[0], Expression)
            and self.is_group(inside, start)
        ):
            return inside
        return node

    def is_group(self, inside: Expression, start: int) -> bool:
        """Say whether the brackets around an expression can only group it.

        `[x]` and `[n/2]` may also be rounded down, `{x}` be a fractional part, `x[n]` an element;
        so a group must be one that is needed where it stands, or have round brackets inside.
        """
        before = self.tokens[start - 1] if start else Token("end", "")
        after = self.next
        has_brackets = any(token.text == "(" for token in self.tokens[start : self.position])
        if (
            before.text in ("*", "/")
            or before.kind in ("close", "number", "variable", "constant", "function")
            or after.text in ("^", "*", "/", "!")
            or (after.kind not in _ENDS and self.starts_factor())
        ):
            after_letter = before.kind == "variable" and self.tokens[start - 2].text != "^"
            if after_letter and not self.tokens[start].spaced:  # x[n-1] may be of a sequence
                return has_brackets
            return has_brackets or isinstance(inside, (Sum, Negative, Application))
        if self.tokens[start].text == "[" and (before.text in _SIGNS or after.text in _SIGNS):
            return isinstance(inside, (Sum, Negative)) and not any(
                isinstance(part, (Quotient, Root, Call))
                or (isinstance(part, Number) and part.written != "integer")
                for part in walk(inside)
            )
        return False

    def degree_sign(self) -> bool:
        if self.next.kind == "degree":
            self.take()
            return True
        if self.at("open", "{") and self.tokens[self.position + 1].kind == "degree":
            self.position += 2
            self.expect("close", "}")
            return True
        return False

    def exponent(self) -> Expression:
        """Read an exponent: one atom, perhaps signed, perhaps with an exponent of its own."""
        if self.accept("operator", "-"):
            return Negative(self.nested_expression(self.exponent))
        if self.accept("operator", "+"):
            return self.nested_expression(self.exponent)
        if self.at("open", "{"):
            atom: Expression = self.tex_argument()
        else:
            atom = _expression(self.atom(mixed=False))
            if self.accept("operator", "!"):
                atom = Call("factorial", atom)
        if self.accept("operator", "^"):
            return Power(atom, self.nested_expression(self.exponent))
        return atom

    def atom(self, *, mixed: bool = True) -> Node:
        kind, text, _ = self.take()
        if kind == "number":
            number = _number(text)
            if self.combinations and self.next.text in _ARRANGEMENTS and self.follows_number():
                arrangement = self.take().text  # 5C2
                return _arrangements(arrangement, number, _number(self.take().text))
            return self.mixed_number(number) if mixed else number
        if kind == "operator" and text in ("_", "^"):
            upper = self.tex_argument()  # {}_5C_2
            arrangement = self.next.text
            self.expect("variable", arrangement)
            self.expect("operator", "_")
            return _arrangements(arrangement, upper, self.tex_argument())
        if (
            self.combinations
            and text in _ARRANGEMENTS
            and (found := self.arrangements(text)) is not None
        ):
            return found
        if kind == "variable":
            if text == "m" and self.next.kind == "figure":  # the measure of an angle
                return self.atom()
            name = text + self.index()
            if text in "fgFG" and self.at("open", "(") and not self.next.spaced:
                return self.nested(lambda: self.arguments(name))
            return Variable(name)
        if kind == "constant":
            return Constant(text)  # type: ignore[arg-type]
        if kind == "open":
            return self.nested(lambda: self.brackets(text))
        if kind == "fraction":
            numerator = self.tex_argument()
            return Quotient(numerator, self.tex_argument())
        if kind == "root":
            return self.root(text)
        if kind == "function":
            return self.nested(lambda: self.call(text))
        if kind == "bar":
            return self.nested(self.absolute)
        if kind == "binomial":
            upper = self.tex_argument()
            return Binomial(upper, self.tex_argument())
        if kind == "extremum":
            return self.nested(lambda: self.extremum(text))
        if kind == "vulgar":
            numerator, denominator = map(_number, text.split("/"))
            return Quotient(numerator, denominator)
        if kind == "based":
            return _based_number(text)
        if kind == "series":
            return self.nested(lambda: self.series(text))
        if kind == "empty set":
            return Set(())
        if kind == "begin":
            return self.nested(lambda: self.matrix(text))
        if kind == "group":
            if not self.accept("open", "{"):  # `\mathbf x`
                return self.nested(self.atom)
            node = self.nested(self.listing)
            self.expect("close", "}")
            return node
        if kind == "angle":
            return Degrees(self.tex_argument())
        if kind == "accent":
            letters = _letters(self.tex_argument())
            if letters in _UNIT_VECTORS and text in _UNIT_ACCENTS:
                return _UNIT_VECTORS[letters]
            return Variable(f"{text} {letters}" + self.index())
        if kind == "figure":
            return self.figure(text)
        if kind == "number set":
            return self.number_set(text)
        if kind == "big union":
            return self.nested(self.big_union)
        if kind == "close" and text == "]":  # ]0, 1[
            return self.nested(self.reversed_interval)
        if kind == "ellipsis":
            return Ellipsis()
        if kind == "text":
            return Text(text)
        raise Unreadable("a number, a letter or a bracket is missing")

    # The atoms.

    def number_set(self, name: str) -> Node:
        r"""Read what stands at a number set: `\mathbb{Z}^+`, `\mathbb{N}_0`, `\mathbb{R}_{>0}`."""
        mark = ""
        while self.next.text in ("^", "_") and self.next.kind == "operator":
            self.take()
            braces = self.accept("open", "{")
            while not (braces and self.at("close", "}")):
                kind, text, _ = self.take()
                if kind not in ("operator", "number") or len(mark) > 2:
                    raise Unreadable("a set of numbers that is not known")
                mark += text
                if not braces:
                    break
            if braces:
                self.take()
        found = _NUMBER_SETS.get(name + mark) if mark else NumberSet(name)  # type: ignore[arg-type]
        if found is None:
            raise Unreadable("a set of numbers that is not known")
        return found

    def big_union(self) -> Node:
        r"""Read `\bigcup_{k \in Z} [2k, 2k+1]`; without limits, or infinite ones, k is in Z."""
        self.expect("operator", "_")
        braces = self.accept("open", "{")
        name = self.atom() if not braces else self.side()
        condition: Node = _is_integer(name)
        if braces:
            if self.accept("operator", "in"):
                condition = Relation(("in",), (name, self.side()))
            elif self.accept("operator", "="):
                low = self.side()
                self.expect("close", "}")
                self.expect("operator", "^")
                if low != Negative(_RAY) or self.tex_argument() != _RAY:
                    raise Unreadable("a union with limits")
                braces = False
            if braces:
                self.expect("close", "}")
        return Where(_region_part(self.product()), (condition,))

    def reversed_interval(self) -> Node:
        """Read what follows the bracket of `]0, 1[`, which leaves its ends out."""
        low = self.side()
        if self.next.text not in (",", ";"):
            raise Unreadable("a number, a letter or a bracket is missing")
        self.take()
        high = self.side()
        closed = self.accept("close", "]")
        if not closed:
            self.expect("open", "[")
        return Interval(low, high, False, closed)

    def follows_number(self) -> bool:
        """Say whether a number follows the next token at once: the 2 of `5C2`."""
        after = self.tokens[self.position + 1]
        return after.kind == "number" and after.text.isdigit() and not after.spaced

    def arrangements(self, letter: str) -> Expression | None:
        """Read `C(5, 2)` or `C_5^2`, or leave them where they are."""
        start = self.mark()
        if letter != "A" and self.at("open", "("):
            self.take()
            upper = self.region()
            if isinstance(upper, Expression) and self.accept("separator", ","):
                lower = _expression(self.region())
                self.expect("close", ")")
                return _arrangements(letter, upper, lower)
        elif self.accept("operator", "_"):
            upper = self.tex_argument()
            if self.accept("operator", "^"):
                return _arrangements(letter, upper, self.tex_argument())
        elif self.accept("operator", "^"):
            lower = self.tex_argument()
            if self.accept("operator", "_"):
                return _arrangements(letter, self.tex_argument(), lower)
        self.back_to(start)
        return None

    def arguments(self, function: str) -> Expression:
        """Read the arguments of f: it is a function wherever a bracket follows at once."""
        self.take()
        arguments = [_expression(self.region())]
        while self.accept("separator", ","):
            arguments.append(_expression(self.region()))
        self.expect("close", ")")
        return Application(Variable(function), tuple(arguments))

    def mixed_number(self, whole: Number) -> Expression:
        r"""Read the fraction of `2\frac{1}{3}` or `2 1/3` where one follows a whole number."""
        if whole.written != "integer":
            return whole
        start = self.mark()
        numerator: Expression
        denominator: Expression
        if self.next.kind == "fraction":
            self.take()
            numerator, denominator = self.tex_argument(), self.tex_argument()
        elif self.next.kind == "vulgar":
            numerator, denominator = map(_number, self.take().text.split("/"))
        elif (
            self.next.kind == "number"
            and self.next.spaced
            and self.tokens[self.position + 1][:2] == ("operator", "/")
            and self.tokens[self.position + 2].kind == "number"
        ):
            numerator = _number(self.take().text)
            self.take()
            denominator = _number(self.take().text)
        else:
            return whole
        if not (
            isinstance(numerator, Number)
            and isinstance(denominator, Number)
            and numerator.written == denominator.written == "integer"
        ):
            self.back_to(start)  # a product, such as 2\frac{x}{3}
            return whole
        if not 0 < numerator.value < denominator.value:
            raise Unreadable("a mixed number without a proper fraction")
        return Mixed(whole, numerator, denominator)

    def index(self) -> str:
        """Read what belongs to the name of a variable: `_1`, `_{n+1}`, and primes."""
        name = ""
        while self.next.kind == "prime":
            self.take()
            name += "'"
        if not self.accept("operator", "_"):
            return name
        if not self.accept("open", "{"):
            token = self.take()
            if token.kind not in _INDICES or len(token.text) > MAX_NAME:
                raise Unreadable("an index that is not a number or a letter")
            return f"_{token.text}{name}"
        written = ""
        while not self.accept("close", "}"):
            token = self.take()
            if token.kind in ("end", "open", "close") or len(token.text) > MAX_NAME:
                raise Unreadable("an index that is not a number or a letter")
            written += token.text
        return f"_{written}{name}"

    def tex_argument(self) -> Expression:
        r"""Read what a LaTeX command applies to: a group in braces, or one digit or symbol."""
        kind, text, _ = self.tokens[self.position]
        if kind == "open" and text == "{":
            self.position += 1
            return self.single_symbol() or self.nested_expression(self.closing_brace)
        if kind == "number":
            if not text.isdigit():
                raise Unreadable("an argument without braces")
            if len(text) > 1:  # \frac12 is one half
                rest = Token("number", text[1:], False)
                self.tokens = [
                    *self.tokens[: self.position],
                    rest,
                    *self.tokens[self.position + 1 :],
                ]
            else:
                self.take()
            return _number(text[0])
        if kind in ("variable", "constant"):
            self.take()
            return Variable(text) if kind == "variable" else Constant(text)  # type: ignore[arg-type]
        if kind in ("fraction", "root"):
            return self.nested_expression(self.atom)
        raise Unreadable("a bracket or an argument is missing")

    def single_symbol(self) -> Expression | None:
        """Read what is in braces where that is one number or letter, as it mostly is."""
        kind, text, _ = self.tokens[self.position]
        if kind == "end" or self.tokens[self.position + 1].text != "}":
            return None
        node: Expression
        if kind == "number":
            node = _number(text)
        elif kind == "variable":
            node = Variable(text)
        else:
            return None
        self.position += 2
        return node

    def closing_brace(self) -> Node:
        node = self.region()
        self.expect("close", "}")
        return node

    def root(self, style: str) -> Expression:
        index: Expression = _THREE if style == "cube" else _TWO
        if style == "tex" and self.accept("open", "["):
            index = self.nested_expression(self.region)
            self.expect("close", "]")
        if style == "tex" and not self.at("open", "("):
            return Root(self.tex_argument(), index)
        return Root(self.nested_expression(lambda: self.atom(mixed=False)), index)

    def call(self, function: str) -> Expression:
        """Read a function's argument: a bracket, or the factors up to the next operator."""
        base: Expression | None = None
        exponent: Expression | None = None
        if function == "log" and self.accept("operator", "_"):
            base = self.tex_argument()
        elif function == "lg":
            function, base = "log", Number(Fraction(10), "integer")
        if self.accept("operator", "^"):
            exponent = self.exponent()
            if isinstance(exponent, Negative) and exponent.operand == Number(
                Fraction(1), "integer"
            ):
                if function not in _INVERSE:
                    raise Unreadable("an inverse function that is not known")
                function, exponent = _INVERSE[function], None
        if self.next.kind == "open":
            argument = _expression(self.power() if self.at("open", "{") else self.grouped())
        else:
            negative = self.accept("operator", "-")
            factors: list[Node] = [self.power()]
            while self.starts_factor() and self.next.kind not in ("function", "number"):
                factors.append(self.power())
            argument = _product(factors)
            while self.at("operator", "/") and _is_angle(argument):  # `\sin 3\pi/2`, `\cos x/2`
                self.take()
                argument = Quotient(argument, _expression(self.power()))
            argument = Negative(argument) if negative else argument
        call = _derived(function, argument) or Call(function, argument, base)
        return Power(call, exponent) if exponent else call

    def absolute(self) -> Expression:
        self.open_bars += 1
        inside = _expression(self.sum())
        if self.take().kind != "bar":
            raise Unreadable("a bracket or an argument is missing")
        self.open_bars -= 1
        return Call("abs", inside)

    def extremum(self, name: str) -> Expression:
        r"""Read `\max(a, b)`, or `\min`."""
        closing = _CLOSING.get(self.take().text)
        if closing is None:
            raise Unreadable("a bracket or an argument is missing")
        arguments = [_expression(self.region())]
        while self.accept("separator", ","):
            arguments.append(_expression(self.region()))
        self.expect("close", closing)
        return Extremum(cast(Literal["max", "min"], name), tuple(arguments))

    def figure(self, name: str) -> Expression:
        r"""Read the name of an angle or a triangle: `\angle ABC`."""
        if self.at("open", "{"):
            return Variable(f"{name} {_letters(self.tex_argument())}")
        letters = ""
        for _ in range(3):
            if self.next.kind != "variable":
                break
            letters += self.take().text + self.index()
        if not letters:
            raise Unreadable("a figure without a name")
        return Variable(f"{name} {letters}")

    def series(self, operation: str) -> Expression:
        r"""Read `\sum_{k=0}^{n} …` or `\prod`."""
        self.expect("operator", "_")
        self.expect("open", "{")
        index = self.take()
        if index.kind not in ("variable", "constant"):
            raise Unreadable("a sum without an index")
        self.expect("operator", "=")
        low = self.nested_expression(self.closing_brace)
        self.expect("operator", "^")
        high = self.tex_argument()
        body = self.nested_expression(self.product)
        letter = Variable(index.text)
        if index.kind == "constant":  # here i is no imaginary unit
            bound = Constant(index.text)  # type: ignore[arg-type]
            body = _expression(rebuild(body, lambda part: letter if part == bound else None))
        return Series(cast(Literal["sum", "product"], operation), letter, low, high, body)

    def brackets(self, opening: str) -> Node:
        outside = self.open_bars, self.in_set
        in_set = opening == "\\{" or (opening == "{" and not self.is_latex)
        self.open_bars, self.in_set = 0, in_set
        node = self.inside_brackets(opening)
        self.open_bars, self.in_set = outside
        return node

    def inside_brackets(self, opening: str) -> Node:
        start = self.position
        if opening == "\\{" and self.accept("close", "\\}"):
            return Set(())
        if opening == "{" and self.accept("close", "}") and start == 1 and self.next.kind == "end":
            return Set(())
        if opening == "\\{" and self.next.kind == "begin" and (system := self.system()) is not None:
            return system
        items = [self.item() if self.in_set or opening in "{(" else self.side()]
        separator = self.next.text if self.next.kind == "separator" else ","
        while separator in ",;" and self.accept("separator", separator):
            items.append(self.side())
        if self.in_set and (self.next.kind == "bar" or self.next.text in (":", "such that")):
            return self.set_builder(items, opening)
        if opening == "[" and len(items) == 2 and self.accept("open", "["):
            return Interval(items[0], items[1], True, False)
        if self.next.kind != "close":
            raise Unreadable("a bracket or an argument is missing")
        closing = self.take().text
        if opening + closing == "\\{\\}":
            return Set(tuple(items))
        if opening + closing == "{}":
            whole = start == 1 and self.next.kind == "end"
            is_set = self.braced_sets or (isinstance(items[0], Set) and not self.is_latex)
            if len(items) > 1 or (whole and is_set):
                return Set(tuple(items))
            if isinstance(items[0], Number):  # {2}\frac13 looks like 2\frac13
                return self.mixed_number(items[0])
            return items[0]
        if opening + closing in ("⌊⌋", "⌈⌉"):
            if len(items) > 1:
                raise Unreadable("two numbers to round")
            return Call("floor" if opening == "⌊" else "ceil", _expression(items[0]))
        if opening + closing == "⟨⟩":
            return Tuple(tuple(items))
        if opening not in ("(", "[") or closing not in (")", "]"):
            raise Unreadable("brackets that do not match")
        return _bracketed(opening, items, closing)

    def set_builder(self, elements: list[Node], opening: str) -> Node:
        r"""Read the conditions of `\{x | x > 3\}` or `\{3k, 3k+1 | k \in Z\}`."""
        self.take()
        self.in_set = False
        conditions = [self.item(), *self.conditions()]
        while self.next.kind == "separator":
            separator = self.take().text
            self.accept("separator", "and")
            following = [self.item(), *self.conditions()]
            if separator == "or":
                following[0] = BareList((conditions.pop(), following[0]), "or")
            conditions += following
        self.expect("close", "}" if opening == "{" else "\\}")
        if not all(isinstance(condition, (Relation, BareList)) for condition in conditions):
            raise Unreadable("a set without a condition")
        body = elements[0] if len(elements) == 1 else BareList(tuple(elements))
        if isinstance(body, Relation):  # `\{x \in R | x > 3\}`
            if body.operators != ("in",):
                raise Unreadable("a set of something other than numbers")
            conditions.insert(0, body)
            body = body.sides[0]
        return Where(body, tuple(conditions))

    def system(self) -> Node | None:
        r"""Read `\left\{ \begin{array}{l} x = 1 \\ y = 2 \end{array} \right.`; None: a set."""
        start = self.mark()
        node = self.matrix(self.take().text)
        if isinstance(node, BareList):
            self.accept("close", "\\}")
            return node
        self.back_to(start)
        return None

    def matrix(self, name: str) -> Node:
        if name not in _SYSTEMS and name not in ("pmatrix", "bmatrix", "smallmatrix"):
            raise Unreadable("a determinant")
        rows: list[list[Node]] = [[]]
        while True:
            rows[-1].append(self.item() if name in _SYSTEMS else self.region())
            if name in _SYSTEMS and self.next.kind == "separator":
                self.take()
            if self.accept("operator", "&"):
                if name in _SYSTEMS and self.next.kind == "separator":
                    self.take()
                self.condition()
                continue
            if name in _SYSTEMS and self.condition():
                continue
            if self.accept("operator", "new row"):
                if self.next.kind == "end":
                    break
                rows.append([])
                continue
            break
        if self.take()[:2] != ("end", name):
            raise Unreadable("a matrix that does not end")
        if not _is_system(name, rows):
            return _matrix(rows)
        if len({len(row) for row in rows}) > 1 or len(rows[0]) > 2:
            raise Unreadable("cases of different lengths")
        items = (row[0] if len(row) == 1 else Tuple(tuple(row)) for row in rows)
        return BareList(tuple(items), "and")

    def condition(self) -> bool:
        """Skip the word before a condition; `otherwise` is one itself."""
        if self.next.kind != "text" or self.next.text not in CASE_WORDS:
            return False
        if self.next.text != "otherwise":
            self.take()
        return True


def _unit(word: str) -> units.Unit:
    unit = units.named(word)
    assert unit is not None
    return unit


def _together(parts: list[Quantity]) -> Quantity | None:
    """Add the parts of `2 hours 40 minutes`; None where they are not parts of one amount.

    Each unit is smaller than the one before, and its number less than makes one of that.
    """
    first = parts[0]
    if len(parts) == 1:
        return first
    sign = -1 if isinstance(first.amount, Negative) else 1
    amount = first.amount.operand if isinstance(first.amount, Negative) else first.amount
    numbers = (amount, *(part.amount for part in parts[1:]))
    total = Fraction(0)
    for place, (number, part) in enumerate(zip(numbers, parts, strict=True)):
        value = _written_value(number)
        if value is None or part.unit.dimension != first.unit.dimension:
            return None
        if place < len(parts) - 1 and value.denominator != 1:
            return None
        if place and value * part.unit.factor >= parts[place - 1].unit.factor:
            return None
        total += value * part.unit.factor
    last = parts[-1].unit
    return Quantity(Number(sign * total / last.factor, "repeating"), last, True)


def _written_value(node: Expression) -> Fraction | None:
    """Return the value of a number that is written out: `40`, `2.5`, `1/2`, `2 1/2`."""
    match node:
        case Number(value):
            return value
        case Mixed(whole, numerator, denominator):
            return whole.value + numerator.value / denominator.value
        case Quotient(Number(above), Number(below)) if below:
            return above / below
    return None


def _is_integer(node: Node) -> Node:
    if not isinstance(node, Variable):
        raise Unreadable("something other than a letter that is an integer")
    return Relation(("in",), (node, NumberSet("Z")))


def _is_membership(node: Node, others: list[Node]) -> bool:
    """Say whether a part of a list is the condition `k ∈ Z` on a letter of the others."""
    if not isinstance(node, Relation) or node.operators != ("in",):
        return False
    letter = node.sides[0]
    return isinstance(letter, Variable) and any(letter in walk(other) for other in others)


def _is_comparison(node: Node) -> bool:
    return isinstance(node, Relation) and "in" not in node.operators


def _number(text: str) -> Number:
    """Make the node of a literal such as `12`, `0.5`, `.5`, `3.`, `1.5e3` or `0.1(6)`."""
    if text.isdigit():
        return Number(Fraction(int(text)), "integer")
    if text.endswith(")"):
        fixed, _, period = text[:-1].partition("(")
        whole, _, decimals = fixed.partition(".")
        nines = 10 ** len(decimals) * (10 ** len(period) - 1)
        return Number(
            Fraction(int(whole + decimals + period) - int(whole + decimals or "0"), nines),
            "repeating",
        )
    mantissa, _, exponent = text.partition("e")
    whole, _, decimals = mantissa.partition(".")
    if len(exponent) > 5 or abs(int(exponent or "0")) > MAX_DIGITS:
        raise TooLarge("a number with too many digits")
    power = int(exponent or "0") - len(decimals)
    value = int(whole + decimals) * Fraction(10) ** power
    if not decimals and not exponent:
        return Number(value, "integer")
    return Number(value, "decimal", len((whole + decimals).lstrip("0")))


def _based_number(text: str) -> BasedNumber:
    digits, _, base = text.partition("_")
    if not 2 <= int(base) <= 36:
        raise Unreadable("a base that does not exist")
    whole, _, decimals = digits.partition(".")
    try:
        value = Fraction(int(whole + decimals, int(base)), int(base) ** len(decimals))
    except ValueError:
        raise Unreadable("a digit that the base does not have") from None
    return BasedNumber(value, int(base))


def _digits(number: Number) -> str:
    """Return the digits of an integer or a decimal, to be read in another base."""
    places = 0
    while (number.value * 10**places).denominator > 1:
        places += 1
    digits = str(number.value * 10**places).rjust(places + 1, "0")
    return f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}"


def _integer(node: Expression) -> int:
    if not isinstance(node, Number) or node.written != "integer":
        raise Unreadable("a base that does not exist")
    return int(node.value)


def _expression(node: Node) -> Expression:
    if not isinstance(node, Expression):
        raise Unreadable("something other than a number in a calculation")
    return node


def _derived(function: str, argument: Expression) -> Expression | None:
    r"""Write a function by those that it is defined by; `\operatorname{arccot}` is in (0, π)."""
    inverse = Quotient(_ONE, argument)
    match function:
        case "cis":
            return Sum((Call("cos", argument), Product((Constant("i"), Call("sin", argument)))))
        case "arccot":
            return Sum((Quotient(Constant("pi"), _TWO), Negative(Call("arctan", argument))))
        case "arcsec":
            return Call("arccos", inverse)
        case "arccsc":
            return Call("arcsin", inverse)
        case "coth":
            return Quotient(Call("cosh", argument), Call("sinh", argument))
        case "sech":
            return Quotient(_ONE, Call("cosh", argument))
        case "csch":
            return Quotient(_ONE, Call("sinh", argument))
    return None


def _product(factors: list[Node]) -> Expression:
    if len(factors) == 1:
        return _expression(factors[0])
    return Product(tuple(_expression(factor) for factor in factors))


def _scaled(factor: Expression, matrix: Node) -> Matrix:
    """Multiply every entry of a matrix."""
    if not isinstance(matrix, Matrix):
        raise Unreadable("something other than a number in a calculation")
    rows = (tuple(Product((factor, entry)) for entry in row) for row in matrix.rows)  # type: ignore[arg-type]
    return Matrix(tuple(rows))


def _arrangements(letter: str, upper: Expression, lower: Expression) -> Expression:
    """Return how many combinations (C) or permutations (P, A) there are."""
    if letter not in _ARRANGEMENTS:
        raise Unreadable("an index without a letter")
    if isinstance(upper, Number) and isinstance(lower, Number) and upper.value < lower.value:
        raise Unreadable("more elements chosen than there are")
    combinations = Binomial(upper, lower)
    return combinations if letter == "C" else Product((combinations, Call("factorial", lower)))


def _is_call(node: Node) -> bool:
    r"""Say whether a factor is a function such as `\sin^2 x`, whose argument may go on."""
    node = node.base if isinstance(node, Power) else node
    return isinstance(node, Call) and node.function in FUNCTIONS


def _letters(node: Node) -> str:
    """Return the letters of a name such as `AB`."""
    parts = node.factors if isinstance(node, Product) else (node,)
    if not all(isinstance(part, (Variable, Constant)) for part in parts):
        raise Unreadable("a name that does not consist of letters")
    return "".join(part.name for part in parts if isinstance(part, (Variable, Constant)))


def _is_angle(node: Expression) -> bool:
    """Say whether `/` after a function's argument belongs to it: after one letter or constant."""
    last = node.factors[-1] if isinstance(node, Product) else node
    return isinstance(last, (Variable, Constant))


def _listed(items: list[Node], separators: list[str]) -> Node:
    """Make the node of a list without brackets."""
    if not separators:
        return items[0]
    if all(isinstance(item, Quantity) for item in items) and set(separators) <= {",", "and"}:
        whole = _together(cast(list[Quantity], items))  # `2 hours and 40 minutes`
        if whole is not None:
            return whole
    for separator in (";", "or"):
        if separator not in separators or set(separators) == {separator}:
            continue
        groups: list[list[Node]] = [[items[0]]]
        for found, item in zip(separators, items[1:], strict=True):
            if found == separator:
                groups.append([item])
            else:
                groups[-1].append(item)
        if separator == ";" or _are_solutions(groups):
            return BareList(tuple(_solution(group) for group in groups), "or")
        if "and" in separators:
            parts = (BareList(tuple(group), "and") if group[1:] else group[0] for group in groups)
            return BareList(tuple(parts), "or")
    joined = "or" if "or" in separators else "and" if "and" in separators else ","
    return BareList(tuple(items), joined)  # type: ignore[arg-type]


def _are_solutions(groups: list[list[Node]]) -> bool:
    """Say whether groups such as `x = 1, y = 2` name the same unknowns."""
    return len({len(group) for group in groups}) == 1 and all(
        isinstance(item, Relation) and item.operators == ("=",)
        for group in groups
        for item in group
    )


def _solution(group: list[Node]) -> Node:
    return group[0] if len(group) == 1 else BareList(tuple(group))


def _bracketed(opening: str, items: list[Node], closing: str) -> Node:
    """Decide what round and square brackets mean: a group, a tuple, an interval or a matrix."""
    if len(items) == 1 and isinstance(items[0], Matrix) and opening + closing in ("()", "[]"):
        return items[0]
    if len(items) == 2 and (opening + closing != "()" or any(map(is_infinite, items))):
        if opening + closing == "[]" and (rows := _rows(items)):
            return _matrix(rows)
        return Interval(items[0], items[1], opening == "[", closing == "]")
    brackets: Literal["()", "[]"]
    if opening + closing == "()":
        if len(items) == 1:
            if isinstance(items[0], (Union, Intersection, Difference, Ratio, Relation)):
                return items[0]
            return _expression(items[0])
        brackets = "()"
    elif opening + closing == "[]":
        if rows := _rows(items):
            return _matrix(rows)
        brackets = "[]"
    else:
        raise Unreadable("brackets that do not match")
    return Tuple(tuple(items), brackets)


def _rows(items: list[Node]) -> list[list[Node]]:
    """Return the rows of a matrix that is written as a list of lists, or nothing."""
    rows: list[list[Node]] = []
    for item in items:
        if isinstance(item, Interval) and item.low_closed and item.high_closed:
            rows.append([item.low, item.high])
        elif isinstance(item, Tuple) and item.brackets == "[]":
            rows.append(list(item.items))
        else:
            return []
    return rows


def _is_system(name: str, rows: list[list[Node]]) -> bool:
    """Say whether rows are equations that hold together, or values with their conditions."""
    return name in _SYSTEMS and (
        name not in ("array", "matrix")
        or any(isinstance(row[-1], Relation) or row[-1] == OTHERWISE for row in rows)
    )


def _matrix(rows: list[list[Node]]) -> Matrix:
    if len({len(row) for row in rows}) != 1:
        raise Unreadable("a matrix with rows of different lengths")
    return Matrix(tuple(tuple(_expression(entry) for entry in row) for row in rows))


def _region_part(node: Node) -> Node:
    """In a union, a pair in round brackets is an open interval."""
    if isinstance(node, Tuple) and node.brackets == "()" and len(node.items) == 2:
        return Interval(node.items[0], node.items[1], False, False)
    if isinstance(node, (Interval, Set, Union, Intersection, Difference, NumberSet, Where)):
        return node
    raise Unreadable("a union of something other than intervals and sets")
