r"""Reading an answer into a typed tree, by recursive descent: one method a level of the grammar.

    answer     = item {"," item}
    item       = region {("=" | "<" | … | "∈") region}
    region     = sum {"∪" sum}
    sum        = product {("+" | "-") product}
    product    = signed {("*" | "/" | nothing) signed}
    signed     = ("-" | "+") product | power
    power      = atom ["%"] ["^" exponent]
    atom       = number | letter | function | fraction | root | brackets | matrix | words

Brackets, signs and exponents are the only ways to nest, and each counts towards `MAX_NESTING`, so
the stack stays shallow whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from .errors import TooLarge, Unreadable
from .tokens import MAX_CHARACTERS, MAX_NESTING, Token, tokenize
from .tree import (
    BareList,
    Call,
    Constant,
    Expression,
    Interval,
    Matrix,
    Mixed,
    Negative,
    Node,
    Number,
    Percent,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Set,
    Sum,
    Text,
    Tuple,
    Union,
    Variable,
)

_RELATIONS = frozenset(("=", "<", ">", "<=", ">=", "!=", "in"))
_STARTS_FACTOR = frozenset(("variable", "constant", "function", "fraction", "root", "number"))
_TWO = Number(Fraction(2), "integer")

_WORDS = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*")
_TEXT_COMMAND = re.compile(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox)\s*\{([^{}\\]*)\}")
_KNOWN_WORDS = re.compile(
    r"\b(?:sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|sinh|cosh|tanh|ln|log|exp|sqrt|pi|inf"
    r"|infinity|Infinity)\b"
)


def parse_answer(text: str, *, thousands: bool = True, words: bool = True) -> Node:
    r"""Read an answer as a tree. Raises an `AnswerError` (a `ValueError`) on what it cannot read.

    `thousands` tells whether `1,234` outside of brackets is one number, `words` whether letters
    alone, such as `blue`, are a word; otherwise they are a product of variables.

    >>> parse_answer("x^2 + 1") == parse_answer(r"$x^{2}\,+\,1$")
    True
    >>> parse_answer("(2, 3]").high_closed
    True
    """
    if len(text) > MAX_CHARACTERS:
        raise TooLarge("the answer is too long")
    text = _without_dollars(text.strip())
    if words:
        found = read_words(text)
        if found is not None:
            return Text(found)
    return _Parser(tokenize(text, thousands=thousands)).answer()


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
    return text if any(len(word) > 1 for word in re.split(r"\W", text)) else None


def _without_dollars(text: str) -> str:
    r"""Remove one pair of `$…$`, `$$…$$`, `\(…\)` or `\[…\]` around the whole text."""
    for opening, closing in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if (
            len(text) > len(opening) + len(closing)
            and text.startswith(opening)
            and text.endswith(closing)
        ):
            return text[len(opening) : -len(closing)].strip()
    return text


class _Parser:
    """Walks along the tokens of one answer."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.nesting = 0

    # Moving along the tokens.

    @property
    def next(self) -> Token:
        return self.tokens[self.position]

    def take(self) -> Token:
        token = self.tokens[self.position]
        self.position += 1
        return token

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
        items = [self.item()]
        while self.accept("operator", ","):
            items.append(self.item())
        if self.next.kind != "end":
            raise Unreadable("something stands after the answer")
        return items[0] if len(items) == 1 else BareList(tuple(items))

    def item(self) -> Node:
        sides = [self.region()]
        operators: list[str] = []
        while self.next.kind == "operator" and self.next.text in _RELATIONS:
            operators.append(self.take().text)
            sides.append(self.region())
        return Relation(tuple(operators), tuple(sides)) if operators else sides[0]

    def region(self) -> Node:
        first = self.sum()
        if self.next.text not in ("cup", "U"):
            return first
        parts = [first]
        while self.accept("operator", "cup") or (
            isinstance(parts[-1], (Tuple, Interval, Set)) and self.accept("variable", "U")
        ):
            parts.append(self.sum())
        return first if len(parts) == 1 else Union(tuple(_region_part(part) for part in parts))

    def sum(self) -> Node:
        first = self.product()
        if self.next.text not in ("+", "-"):
            return first
        terms = [_expression(first)]
        while True:
            if self.accept("operator", "+"):
                terms.append(_expression(self.product()))
            elif self.accept("operator", "-"):
                terms.append(Negative(_expression(self.product())))
            else:
                return Sum(tuple(terms))

    def product(self) -> Node:
        first = self.signed()
        factors = [first]
        divisions = 0
        while True:
            token = self.next
            if token.kind == "operator" and token.text in "*/":
                self.position += 1
                factor = _expression(self.signed())
                if token.text == "*":
                    factors.append(factor)
                    continue
                divisions += 1
                if divisions > MAX_NESTING:
                    raise TooLarge("the answer has too many divisions")
                factors = [Quotient(_product(factors), factor)]
            elif self.starts_factor() and isinstance(factors[-1], Expression):
                if token.kind == "number":
                    raise Unreadable("two numbers stand side by side")
                if token == ("variable", "U", token.spaced) and isinstance(first, Set):
                    break
                factors.append(_expression(self.power()))
            else:
                break
        return factors[0] if len(factors) == 1 else _product(factors)

    def starts_factor(self) -> bool:
        kind, text, _ = self.next
        return kind in _STARTS_FACTOR or (kind == "open" and text in "({")

    def signed(self) -> Node:
        if self.accept("operator", "-"):
            return Negative(self.nested_expression(self.signed_product))
        if self.accept("operator", "+"):
            return self.nested_expression(self.signed_product)
        return self.power()

    def signed_product(self) -> Node:
        """Read what a sign stands before: `-2/3` is minus two thirds."""
        return self.product()

    def power(self) -> Node:
        base = self.atom()
        if self.next.kind != "operator":
            return base
        if self.accept("operator", "%"):
            base = Percent(_expression(base))
        if self.accept("operator", "^"):
            return Power(_expression(base), self.exponent())
        return base

    def exponent(self) -> Expression:
        """Read an exponent: one atom, perhaps signed, perhaps with an exponent of its own."""
        if self.accept("operator", "-"):
            return Negative(self.nested_expression(self.exponent))
        atom = _expression(self.atom(mixed=False))
        if self.accept("operator", "^"):
            return Power(atom, self.nested_expression(self.exponent))
        return atom

    def atom(self, *, mixed: bool = True) -> Node:
        kind, text, _ = self.take()
        if kind == "number":
            number = _number(text)
            return self.mixed_number(number) if mixed else number
        if kind == "variable":
            return Variable(text + self.index())
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
        if kind == "empty set":
            return Set(())
        if kind == "begin":
            return self.nested(lambda: self.matrix(text))
        if kind == "text":
            return Text(text)
        raise Unreadable("a number, a letter or a bracket is missing")

    # The atoms.

    def mixed_number(self, whole: Number) -> Expression:
        r"""Read the fraction of `2\frac{1}{3}` or `2 1/3` where one follows a whole number."""
        if whole.written != "integer":
            return whole
        start = self.position
        numerator: Expression
        denominator: Expression
        if self.next.kind == "fraction":
            self.take()
            numerator, denominator = self.tex_argument(), self.tex_argument()
        elif (
            self.next.kind == "number"
            and self.next.spaced
            and self.tokens[start + 1][:2] == ("operator", "/")
            and self.tokens[start + 2].kind == "number"
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
            self.position = start  # a product, such as 2\frac{x}{3}
            return whole
        if not 0 < numerator.value < denominator.value:
            raise Unreadable("a mixed number without a proper fraction")
        return Mixed(whole, numerator, denominator)

    def index(self) -> str:
        """Read the index of a variable: `_1`, `_{12}`, `_n`."""
        if not self.accept("operator", "_"):
            return ""
        braces = self.accept("open", "{")
        token = self.take()
        if token.kind not in ("number", "variable") or "." in token.text:
            raise Unreadable("an index that is not a number or a letter")
        if braces:
            self.expect("close", "}")
        return "_" + token.text

    def tex_argument(self) -> Expression:
        r"""Read what a LaTeX command applies to: a group in braces, or one digit or symbol."""
        kind, text, _ = self.next
        if kind == "open" and text == "{":
            self.take()
            return self.nested_expression(self.closing_brace)
        if kind == "number":
            if not text.isdigit():
                raise Unreadable("an argument without braces")
            if len(text) > 1:  # \frac12 is one half
                self.tokens[self.position] = Token("number", text[1:], False)
            else:
                self.take()
            return _number(text[0])
        if kind in ("variable", "constant"):
            self.take()
            return Variable(text) if kind == "variable" else Constant(text)  # type: ignore[arg-type]
        if kind in ("fraction", "root"):
            return self.nested_expression(self.atom)
        raise Unreadable("a bracket or an argument is missing")

    def closing_brace(self) -> Node:
        node = self.region()
        self.expect("close", "}")
        return node

    def root(self, style: str) -> Expression:
        index: Expression = _TWO
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
        if self.accept("operator", "^"):
            exponent = self.exponent()
            if not isinstance(exponent, Number):
                raise Unreadable("a function with an exponent that is not a number")
        if self.next.kind == "open":
            argument = _expression(self.atom())
        else:
            negative = self.accept("operator", "-")
            factors: list[Node] = [self.power()]
            while self.starts_factor() and self.next.kind not in ("function", "number"):
                factors.append(self.power())
            argument = _product(factors)
            argument = Negative(argument) if negative else argument
        call = Call(function, argument, base)
        return Power(call, exponent) if exponent else call

    def brackets(self, opening: str) -> Node:
        start = self.position
        if opening == "\\{" and self.accept("close", "\\}"):
            return Set(())
        if opening == "{" and self.accept("close", "}") and start == 1 and self.next.kind == "end":
            return Set(())
        items = [self.region()]
        while self.accept("operator", ","):
            items.append(self.region())
        if self.next.kind != "close":
            raise Unreadable("a bracket or an argument is missing")
        closing = self.take().text
        if opening + closing == "\\{\\}":
            return Set(tuple(items))
        if opening + closing == "{}":
            whole = start == 1 and self.next.kind == "end"
            return Set(tuple(items)) if whole or len(items) > 1 else items[0]
        if opening not in ("(", "[") or closing not in (")", "]"):
            raise Unreadable("brackets that do not match")
        return _bracketed(opening, items, closing)

    def matrix(self, name: str) -> Node:
        if name not in ("matrix", "pmatrix", "bmatrix"):
            raise Unreadable("a determinant")
        rows: list[list[Node]] = [[]]
        while True:
            rows[-1].append(self.region())
            if self.accept("operator", "&"):
                continue
            if self.accept("operator", "new row") and self.next.kind != "end of matrix":
                if self.next.kind == "end":
                    break
                rows.append([])
                continue
            break
        if self.take()[:2] != ("end", name):
            raise Unreadable("a matrix that does not end")
        return _matrix(rows)


def _number(text: str) -> Number:
    """Make the node of a literal such as `12`, `0.5`, `.5` or `3.`."""
    whole, _, decimals = text.partition(".")
    value = Fraction(int(whole + decimals), 10 ** len(decimals))
    return Number(value, "decimal" if decimals else "integer")


def _expression(node: Node) -> Expression:
    if not isinstance(node, Expression):
        raise Unreadable("something other than a number in a calculation")
    return node


def _product(factors: list[Node]) -> Expression:
    if len(factors) == 1:
        return _expression(factors[0])
    return Product(tuple(_expression(factor) for factor in factors))


def _is_infinite(node: Node) -> bool:
    if isinstance(node, Negative):
        node = node.operand
    return node == Constant("infinity")


def _bracketed(opening: str, items: list[Node], closing: str) -> Node:
    """Decide what round and square brackets mean: a group, a tuple, an interval or a matrix."""
    if len(items) == 2 and (opening + closing != "()" or any(map(_is_infinite, items))):
        if opening + closing == "[]" and (rows := _rows(items)):
            return _matrix(rows)
        return Interval(items[0], items[1], opening == "[", closing == "]")
    brackets: Literal["()", "[]"]
    if opening + closing == "()":
        if len(items) == 1:
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


def _matrix(rows: list[list[Node]]) -> Matrix:
    if len({len(row) for row in rows}) != 1:
        raise Unreadable("a matrix with rows of different lengths")
    return Matrix(tuple(tuple(_expression(entry) for entry in row) for row in rows))


def _region_part(node: Node) -> Node:
    """In a union, a pair in round brackets is an open interval."""
    if isinstance(node, Tuple) and node.brackets == "()" and len(node.items) == 2:
        return Interval(node.items[0], node.items[1], False, False)
    if isinstance(node, (Interval, Set)):
        return node
    raise Unreadable("a union of something other than intervals and sets")
