r"""Checking a response against a reference answer.

The reference's type decides how a response is read and compared. Numbers that are written plainly
are compared at once; everything else goes through the parser and exact arithmetic.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import Literal, NamedTuple, TypeAlias

from .errors import AnswerError, InvalidReference, TooLarge, Undecided
from .extract import extract_answer
from .forms import FORMS, Form, has_form, is_fraction_of_form, keeps_form
from .normal_form import Calculator, Value
from .parser import parse_answer
from .tokens import MAX_DIGITS
from .tree import (
    BareList,
    Constant,
    Expression,
    Interval,
    Matrix,
    Negative,
    Node,
    Relation,
    Set,
    Text,
    Tuple,
    Union,
    Variable,
    walk,
)

Status: TypeAlias = Literal[
    "correct", "wrong", "no_answer", "unreadable", "too_large", "undecided", "wrong_form"
]


class Verdict(NamedTuple):
    """What a check found. `reason` never tells anything about the reference."""

    correct: bool
    status: Status
    answer: str | None
    reason: str


_NO_ANSWER = Verdict(False, "no_answer", None, "there is no complete, non-empty box")
_CORRECT = "the answer is equal to the reference"
_WRONG = "the answer is not equal to the reference"
_WRONG_KIND = "the answer is of another kind than the reference"
_WRONG_FORM = {
    "value": "the answer is equal to the reference, but not evaluated",
    "reduced": "the answer is equal to the reference, but not in lowest terms",
    "expanded": "the answer is equal to the reference, but not expanded and collected",
}

# A number that needs no parser: an integer, a decimal, or a fraction of two integers.
_PLAIN_NUMBER = re.compile(
    rf"""(?P<sign> [-−+]? ) \s*
    (?: (?P<top> [0-9]{{1,{MAX_DIGITS}}} ) (?: \s*/\s* (?P<bottom> [0-9]{{1,{MAX_DIGITS}}} ) )?
      | (?P<whole> [0-9]{{0,100}} ) \. (?P<decimals> [0-9]{{1,100}} )
      | \\[dt]?frac \{{ (?P<minus> -? ) (?P<over> [0-9]{{1,{MAX_DIGITS}}} ) \}}
                    \{{ (?P<under> [0-9]{{1,{MAX_DIGITS}}} ) \}} )""",
    re.VERBOSE,
)


def _read_plain_number(match: re.Match[str]) -> tuple[int, int, bool] | None:
    """Numerator, denominator, and whether it was written as a fraction; None: not a number."""
    sign, numerator, denominator, whole, decimals, minus, over, under = match.groups()
    is_fraction = False
    if decimals:
        top, bottom = int(whole + decimals), 10 ** len(decimals)
    elif over or denominator:
        top, bottom = int(over or numerator), int(under or denominator)
        is_fraction = True
        if bottom == 0 or (sign and minus):
            return None
    else:
        top, bottom = int(numerator), 1
    return -top if (sign and sign != "+") or minus else top, bottom, is_fraction


class Reference:
    r"""A reference answer, read once, to check many responses against.

    >>> reference = Reference(r"\frac{3}{4}")
    >>> reference.check(r"Half and a quarter: \boxed{0.75}").correct
    True
    >>> Reference("7", form="value").check(r"\boxed{3+4}").status
    'wrong_form'
    """

    __slots__ = (
        "_bottom",
        "_is_text",
        "_node",
        "_own_text",
        "_own_verdict",
        "_top",
        "form",
        "text",
    )

    def __init__(self, text: str, form: Form = "any") -> None:
        """Read a reference; `InvalidReference` says what is wrong with one that cannot be read."""
        if form not in FORMS:
            raise ValueError(f"form must be one of {', '.join(FORMS)}, not {form!r}")
        self.text = text = text.strip()
        self.form: Form = form
        self._node: Node | None = None
        self._is_text = False
        self._own_text: str | None = text
        self._own_verdict = Verdict(True, "correct", text, _CORRECT)
        self._top: int | None = None
        self._bottom = 1
        match = _PLAIN_NUMBER.fullmatch(text)
        number = _read_plain_number(match) if match else None
        if number:  # most references: no tree is needed until a response asks for one
            top, bottom, is_fraction = number
            divisor = gcd(top, bottom)
            self._top, self._bottom = top // divisor, bottom // divisor
            if is_fraction and not is_fraction_of_form(top, bottom, form):
                self._own_text = None
        else:
            self._read(text)

    def _read(self, text: str) -> None:
        calculator = Calculator()
        try:
            node = parse_answer(text)
            self._node = _resolve(node, calculator)
        except (AnswerError, RecursionError) as error:
            raise InvalidReference(f"the reference {text[:80]!r} cannot be read: {error}") from None
        if isinstance(self._node, Set) and _has_duplicates(self._node.items, calculator):
            raise InvalidReference(f"the reference {text[:80]!r} has an element twice")
        self._is_text = isinstance(node, Text)
        # The reference's own text is a right answer, unless its form is not the one asked for.
        if not keeps_form(node, self.form, calculator):
            self._own_text = None
        if isinstance(self._node, _Evaluated) and isinstance(self._node.value, Fraction):
            self._top, self._bottom = self._node.value.numerator, self._node.value.denominator

    @property
    def node(self) -> Node:
        """The tree of the reference, with values in place of its expressions."""
        if self._node is None:
            assert self._top is not None
            self._node = _Evaluated(Fraction(self._top, self._bottom))
        return self._node

    @property
    def has_own_form(self) -> bool:
        """Whether the reference has the form that it asks of responses."""
        return self._own_text is not None

    def __repr__(self) -> str:
        return f"Reference({self.text!r}, form={self.form!r})"

    def check(self, response: str) -> Verdict:
        """Compare the final answer of a response with the reference."""
        answer = extract_answer(response)
        if answer is None:
            return _NO_ANSWER
        if answer == self._own_text:
            return self._own_verdict
        if self._top is not None:
            if answer.isdigit() and answer.isascii() and len(answer) <= MAX_DIGITS:
                if self._bottom == 1 and int(answer) == self._top:
                    return Verdict(True, "correct", answer, _CORRECT)
                return Verdict(False, "wrong", answer, _WRONG)
            match = _PLAIN_NUMBER.fullmatch(answer)
            if match:
                verdict = self._check_plain_number(answer, match)
                if verdict:
                    return verdict
        try:
            return self._check_tree(answer)
        except TooLarge as error:
            return Verdict(False, "too_large", answer, str(error))
        except Undecided as error:
            return Verdict(False, "undecided", answer, str(error))
        except AnswerError as error:
            return Verdict(False, "unreadable", answer, str(error))
        except RecursionError:  # the caller's own stack was almost used up
            return Verdict(False, "too_large", answer, "the answer is nested too deeply")

    def is_correct(self, response: str) -> bool:
        """Say whether the final answer of a response is right."""
        return self.check(response).correct

    def _check_plain_number(self, answer: str, match: re.Match[str]) -> Verdict | None:
        """Compare two rational numbers; None leaves it to the parser."""
        number = _read_plain_number(match)
        if number is None:
            return None
        top, bottom, is_fraction = number
        assert self._top is not None
        if top * self._bottom != self._top * bottom:
            return Verdict(False, "wrong", answer, _WRONG)
        if is_fraction and not is_fraction_of_form(top, bottom, self.form):
            return Verdict(False, "wrong_form", answer, _WRONG_FORM[self.form])
        return Verdict(True, "correct", answer, _CORRECT)

    def _check_tree(self, answer: str) -> Verdict:
        """Read the answer as the reference's type asks, and compare the two trees."""
        verdict = self._compare(answer, parse_answer(answer, words=self._is_text))
        if verdict.status == "wrong" and "," in answer and isinstance(self.node, _COLLECTIONS):
            # 1,234 may also be two elements; only a reference with elements can ask for that.
            verdict = self._compare(answer, parse_answer(answer, thousands=False, words=False))
        return verdict

    def _compare(self, answer: str, node: Node) -> Verdict:
        calculator = Calculator()
        node = _without_prefix(node, self.node)
        if not _same_kind(self.node, node):
            return Verdict(False, "wrong", answer, _WRONG_KIND)
        if not _same(self.node, _resolve(node, calculator), calculator):
            return Verdict(False, "wrong", answer, _WRONG)
        if not has_form(node, self.form, calculator):
            return Verdict(False, "wrong_form", answer, _WRONG_FORM[self.form])
        return Verdict(True, "correct", answer, _CORRECT)


def check(response: str, reference: str | Reference, form: Form = "any") -> Verdict:
    r"""Compare the final answer of a response with a reference answer.

    >>> check(r"The roots are \boxed{\{3, 2\}}.", "{2, 3}").status
    'correct'
    >>> check(r"\boxed{42 \text{ is wrong, it is } 43}", "42").status
    'unreadable'
    """
    if isinstance(reference, str):
        reference = _reference(reference, form)
    return reference.check(response)


def is_correct(response: str, reference: str | Reference, form: Form = "any") -> bool:
    r"""Say whether the final answer of a response is equal to a reference answer.

    >>> is_correct(r"\boxed{2\sqrt{3}}", r"\sqrt{12}")
    True
    """
    return check(response, reference, form).correct


def strictest_form(text: str) -> Form:
    r"""The form to ask of responses where only a reference is known: its own, if it has one.

    A corpus does not say which answers to refuse; but where the reference is evaluated, the
    question put into the box unevaluated should not do; nor should the product where the
    reference is an expanded polynomial.

    >>> strictest_form("42"), strictest_form(r"2^3 \cdot 5"), strictest_form("x^2 - 1")
    ('value', 'any', 'expanded')

    Raises:
        InvalidReference: the reference cannot be read.
    """
    reference = Reference(text, "value")  # raises where it cannot be read
    if any(isinstance(part, Variable) for part in walk(parse_answer(reference.text))):
        reference = Reference(text, "expanded")
    return reference.form if reference.has_own_form else "any"


@lru_cache(maxsize=4096)
def _reference(text: str, form: Form) -> Reference:
    return Reference(text, form)


# Trees whose expressions have been replaced by their values.


class _Evaluated(Node):
    """A leaf: the value of an expression, or one of the two infinities."""

    value: Value | Literal["infinity", "-infinity"]


_COLLECTIONS = (Set, Tuple, BareList)


def _resolve(node: Node, calculator: Calculator) -> Node:
    """Return the tree with a value in place of every expression."""

    def resolve(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(_resolve(inner, calculator) for inner in nodes)

    if isinstance(node, Expression):
        if node == Constant("infinity"):
            return _Evaluated("infinity")
        if node == Negative(Constant("infinity")):
            return _Evaluated("-infinity")
        return _Evaluated(calculator.value(node))
    match node:
        case Tuple(items, brackets):
            return Tuple(resolve(items), brackets)
        case BareList(items):
            return BareList(resolve(items))
        case Set(items):
            return Set(resolve(items))
        case Union(parts):
            return Union(resolve(parts))
        case Relation(operators, sides):
            return Relation(operators, resolve(sides))
        case Interval(low, high, low_closed, high_closed):
            low, high = resolve((low, high))
            return Interval(low, high, low_closed, high_closed)
        case Matrix(rows):
            return Matrix(tuple(resolve(row) for row in rows))
        case Text(words):
            return Text(words.casefold())
    raise TypeError(f"not a node: {node!r}")


def _without_prefix(node: Node, reference: Node) -> Node:
    """Remove `x =`, `x ∈` or `(x, y) =` before an answer, unless a relation is asked for."""
    if isinstance(reference, Relation) or not isinstance(node, Relation):
        return node
    if len(node.sides) != 2 or node.operators[0] not in ("=", "in"):
        return node
    left, right = node.sides
    names = left.items if isinstance(left, Tuple) and isinstance(right, Tuple) else (left,)
    if not all(isinstance(name, Variable) for name in names) or len(set(names)) < len(names):
        return node
    if any(part in names for part in walk(right) if isinstance(part, Variable)):
        return node
    if node.operators[0] == "in" and isinstance(right, Expression):
        return node
    return right


def _same_kind(reference: Node, response: Node) -> bool:
    """Say whether a response can be compared with the reference at all."""
    if isinstance(reference, _Evaluated):
        return isinstance(response, Expression)
    if isinstance(reference, Set):
        return isinstance(response, (Set, BareList))
    if isinstance(reference, BareList) or (
        isinstance(reference, Tuple) and reference.brackets == "()"
    ):
        return isinstance(response, BareList) or (
            isinstance(response, Tuple) and response.brackets == "()"
        )
    return isinstance(response, type(reference))


def _same(reference: Node, response: Node, calculator: Calculator) -> bool:
    """Say whether two resolved trees are the same answer."""
    if isinstance(reference, _Evaluated) and isinstance(response, _Evaluated):
        return _same_value(reference.value, response.value, calculator)
    match reference, response:
        case (Text(first), Text(second)):
            return first == second
        case (Set(first), (Set(second) | BareList(second))):
            return _same_in_any_order(first, second, calculator)
        case (Union(first), Union(second)):
            return _same_in_any_order(first, second, calculator)
        case (Tuple(first, brackets), Tuple(second, others)):
            return brackets == others and _same_in_order(first, second, calculator)
        case (Tuple(first, "()"), BareList(second)) | (BareList(first), Tuple(second, "()")):
            return _same_in_order(first, second, calculator)
        case (BareList(first), BareList(second)):
            return _same_in_order(first, second, calculator)
        case (Interval(), Interval()):
            return (
                reference.low_closed == response.low_closed
                and reference.high_closed == response.high_closed
                and _same(reference.low, response.low, calculator)
                and _same(reference.high, response.high, calculator)
            )
        case (Matrix(rows), Matrix(others)):
            return len(rows) == len(others) and all(
                _same_in_order(row, other, calculator)
                for row, other in zip(rows, others, strict=True)
            )
        case (Relation(), Relation()):
            return _same_relation(reference, response, calculator)
    return False


def _same_value(first: Value | str, second: Value | str, calculator: Calculator) -> bool:
    if isinstance(first, str) or isinstance(second, str):
        return isinstance(first, str) and isinstance(second, str) and first == second
    if calculator.equal(first, second):
        return True
    for value in (first, second):
        if not isinstance(value, Fraction) and not value.is_transparent():
            raise Undecided("whether the answer is equal cannot be decided")
    return False


def _same_in_order(
    first: tuple[Node, ...], second: tuple[Node, ...], calculator: Calculator
) -> bool:
    return len(first) == len(second) and all(
        _same(one, other, calculator) for one, other in zip(first, second, strict=True)
    )


def _same_in_any_order(
    first: tuple[Node, ...], second: tuple[Node, ...], calculator: Calculator
) -> bool:
    """Match the elements one to one: a repeated element is one element too many."""
    if len(first) != len(second):
        return False
    left = list(second)
    for one in first:
        for place, other in enumerate(left):
            if _same(one, other, calculator):
                del left[place]
                break
        else:
            return False
    return True


def _has_duplicates(items: tuple[Node, ...], calculator: Calculator) -> bool:
    return any(
        _same(one, other, calculator) for place, one in enumerate(items) for other in items[:place]
    )


_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _same_relation(reference: Relation, response: Relation, calculator: Calculator) -> bool:
    """Compare side by side; a relation read from right to left is the same relation."""
    if len(reference.sides) != len(response.sides):
        return False
    if reference.operators == response.operators and _same_in_order(
        reference.sides, response.sides, calculator
    ):
        return True
    if "in" in response.operators:
        return False
    operators = tuple(_FLIPPED.get(name, name) for name in reversed(response.operators))
    return reference.operators == operators and _same_in_order(
        reference.sides, response.sides[::-1], calculator
    )
