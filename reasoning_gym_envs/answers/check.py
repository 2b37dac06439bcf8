r"""Checking a response against a reference answer.

The reference's type decides how a response is read and compared. Numbers that are written plainly
are compared at once; everything else goes through the parser and exact arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from . import units
from .choices import several_choices, split_choice
from .compare import (
    Answer,
    Chain,
    Equation,
    Inequality,
    Measured,
    Named,
    is_based,
    is_name,
    read,
    same_answer,
    same_meaning,
    without_degrees,
    without_percent,
)
from .counted import read_counted, with_units_as_text
from .equality import MIN_DIGITS, Evaluated, evaluated, is_constant, same_value
from .errors import AnswerError, InvalidReference, TooLarge, Undecided, Unreadable
from .extract import extract_answer
from .forms import FORMS, Form, has_form, is_fraction_of_form
from .normal_form import Calculator
from .parser import parse_answer
from .regions import Region
from .rewriting import variables
from .tidy import without_delimiters
from .tokens import MAX_CHARACTERS, MAX_DIGITS
from .tree import (
    BareList,
    Congruence,
    Constant,
    Degrees,
    Expression,
    Matrix,
    Node,
    Percent,
    Product,
    Quantity,
    Quotient,
    Ratio,
    Relation,
    Set,
    Text,
    Tuple,
    Variable,
    Where,
    is_literal,
    walk,
)
from .writing import write

if TYPE_CHECKING:
    from .question import Question, Rest

Status: TypeAlias = Literal[
    "correct", "wrong", "no_answer", "unreadable", "too_large", "undecided", "wrong_form"
]


class Verdict(NamedTuple):
    """What a check found. `reason` never tells anything about the reference."""

    correct: bool
    status: Status
    answer: str | None
    reason: str
    tree: Node | None = None
    """What the answer was read as, where it was more than a plain number."""

    @property
    def reading(self) -> str | None:
        """What the answer was read as, in plain notation; None where it could not be read."""
        if self.tree is not None:
            return write(self.tree)
        if self.answer is None or self.status not in ("correct", "wrong", "wrong_form"):
            return None
        try:
            return write(parse_answer(self.answer))
        except AnswerError:
            return self.answer


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


# What can be left out without a change of meaning: sizes, and spaces beside symbols.
_UNTIDY = re.compile(
    r"\\(?:left|right)(?![A-Za-z.])|(?<=\\)[dt](?=frac(?![A-Za-z]))"
    r"|(?<=[()\[\]{}+*/^=<>|-])[ ]|(?<!\\)[ ](?=[()\[\]{}+*/^=<>|\\-])"
)
# What may be repeated from a question: a word, or one side of an equation.
_MAY_REPEAT = re.compile(r"=|(?<![\\A-Za-z])[A-Za-z]{2}|\\(?:text|math|mbox)")
_ARRANGEMENTS = re.compile(r"[CPA]\}?\s*[_^(]|[0-9]\s*C")  # C_5^2, P(5, 2), 5C2
_LETTER = re.compile(r"(?<![\\A-Za-z])[^\W\d_]|\\(?:mu|Omega)")  # that may be of a unit
_MANY_DECIMALS = 10 ** (MIN_DIGITS - 1)


class Reference:
    r"""A reference answer, read once, to check many responses against.

    >>> reference = Reference(r"\frac{3}{4}")
    >>> reference.check(r"Half and a quarter: \boxed{0.75}").correct
    True
    >>> Reference("7", form="value").check(r"\boxed{3+4}").status
    'wrong_form'
    """

    __slots__ = (
        "_answer",
        "_bottom",
        "_choices",
        "_content",
        "_grouped",
        "_has_own_unit",
        "_letter",
        "_letters",
        "_number_of_percent",
        "_own_text",
        "_own_verdict",
        "_tidy_text",
        "_top",
        "form",
        "is_number",
        "question",
        "text",
    )

    def __init__(self, text: str, form: Form = "any", question: str | None = None) -> None:
        """Read a reference; `InvalidReference` says what is wrong with one that cannot be read.

        Words and left sides of equations that stand in the `question` may stand around an answer.
        """
        if form not in FORMS:
            raise ValueError(f"form must be one of {', '.join(FORMS)}, not {form!r}")
        self.text = text = text.strip()
        self.form: Form = form
        self.question = question or None
        self._answer: Answer | None = None
        self._letters: Answer | None = None  # `ab` as a product
        self._grouped: Answer | None = None  # `{5}` as a number
        self._has_own_unit = True  # not that of the question
        self._number_of_percent: Answer | None = None  # of 75%: 75
        self._choices: frozenset[str] | None = None  # the letters of `ACD`
        self._letter: str | None = None  # of `(E) 7`, whose `_content` is 7
        self._content: Reference | None = None
        self.is_number = True  # whether it consists of rational numbers alone
        self._own_text: str | None = text
        self._own_verdict = Verdict(True, "correct", text, _CORRECT)
        self._tidy_text = _UNTIDY.sub("", text)
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
        choice = split_choice(text)
        if choice is not None:
            self._letter, content = choice
            self._content = Reference(content, self.form)
            self._answer = self._content.answer
            self.is_number = self._content.is_number
            if not self._content.has_own_form:
                self._own_text = None
            return
        self._choices = several_choices(text)
        try:
            tree = _value_of(_parse_reference(text), calculator)
            self._answer = read(tree, calculator)
            if isinstance(tree, Text) and len(tree.words) <= 3:
                self._letters = read(parse_answer(text, words=False), calculator)
            if isinstance(tree, Set) and len(tree.items) == 1 and text.startswith("{"):
                self._grouped = read(parse_answer(text), calculator)
            bare = without_percent(tree)
            if bare is not None:
                self._number_of_percent = read(bare, calculator)
        except AnswerError as error:
            if self._answer is None:
                raise InvalidReference(
                    f"the reference {text[:80]!r} cannot be read: {error}"
                ) from None
        except RecursionError:
            raise InvalidReference(f"the reference {text[:80]!r} is nested too deeply") from None
        meaning = self.answer.meaning
        if isinstance(meaning, Set) and _has_duplicates(meaning.items, calculator):
            raise InvalidReference(f"the reference {text[:80]!r} has an element twice")
        # The reference's own text is a right answer, unless its form is not the one asked for.
        self.is_number = _is_rational(meaning)
        try:
            if not self._has_form(self.answer, calculator):
                self._own_text = None
        except AnswerError:  # nobody can say
            self._own_text = None
        if (
            isinstance(meaning, Evaluated)
            and self._number_of_percent is None
            and isinstance(meaning.value, Fraction)
            and not is_based(meaning.expression)
        ):
            self._top, self._bottom = meaning.value.numerator, meaning.value.denominator
        self._answer = self._in_asked_unit(self.answer)

    @property
    def answer(self) -> Answer:
        """What the reference means: its name, if it gives one, and a tree of values."""
        if self._answer is None:
            assert self._top is not None
            value = Fraction(self._top, self._bottom)
            tree = parse_answer(self.text)
            self._answer = self._in_asked_unit(Answer(None, Evaluated(value, tree), tree))  # type: ignore[arg-type]
        return self._answer

    def _in_asked_unit(self, answer: Answer) -> Answer:
        """Give a number the unit that the question asks for: 150 miles, if it asks how many."""
        meaning = answer.meaning
        if self.question is None or self._number_of_percent is not None:
            return answer
        if not isinstance(meaning, Evaluated) or not is_constant(meaning.expression):
            return answer
        unit = _question(self.question).unit
        if unit is None:
            return answer
        self._has_own_unit = False
        return answer._replace(meaning=Measured(meaning, unit))

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
        verdict = self._check_answer(answer)
        if (
            self.question is not None
            and verdict.status in ("unreadable", "wrong")
            and _MAY_REPEAT.search(answer)
        ):
            return self._check_rests(answer, verdict)
        return verdict

    def is_correct(self, response: str) -> bool:
        """Say whether the final answer of a response is right."""
        return self.check(response).correct

    def _check_answer(self, answer: str) -> Verdict:
        """Compare an answer as it stands."""
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
        if len(answer) > MAX_CHARACTERS:
            return Verdict(False, "too_large", answer, "the answer is too long")
        if self._own_text is not None and _UNTIDY.sub("", answer) == self._tidy_text:
            return Verdict(True, "correct", answer, _CORRECT)
        if self._content is not None:
            return self._check_choice(answer, self._content)
        verdict = self._check_tree(answer)
        if self._choices is None:
            return verdict
        if isinstance(verdict.tree, BareList) and verdict.tree.joined == "or":  # not all of them
            return Verdict(False, "wrong", answer, _WRONG, verdict.tree)
        if several_choices(answer) == self._choices:
            return Verdict(True, "correct", answer, _CORRECT, verdict.tree)
        return verdict

    def _check_choice(self, answer: str, content: Reference) -> Verdict:
        """Compare a letter, what stands beside it, or both, of which both must be right."""
        choice = split_choice(answer)
        if choice is not None:
            letter, inside = choice
            if letter != self._letter:
                return Verdict(False, "wrong", answer, _WRONG)
            return content._check_answer(inside)._replace(answer=answer)
        try:
            tree: Node | None = parse_answer(answer, words=False)
        except (AnswerError, RecursionError):
            tree = None
        if self._letter is not None and tree == Variable(self._letter):
            return Verdict(True, "correct", answer, _CORRECT, tree)
        return content._check_answer(answer)

    def _check_rests(self, answer: str, verdict: Verdict) -> Verdict:
        """Compare what is left of an answer without what it repeats of the question."""
        assert self.question is not None
        meaning = self.answer.meaning
        if not isinstance(meaning, Evaluated | Measured) and "=" not in answer:
            return verdict
        if len(answer) > MAX_CHARACTERS or isinstance(
            meaning, Text | Equation | Inequality | Chain
        ):
            return verdict
        number = meaning.amount if isinstance(meaning, Measured) else meaning
        letters = not isinstance(number, Evaluated) or not is_constant(number.expression)
        expression = number.expression if isinstance(number, Evaluated) else None
        if isinstance(expression, Variable) and expression.name.isupper():  # perhaps a choice
            return verdict
        unit = ""
        if isinstance(meaning, Measured) and units.is_worded(meaning.unit):
            unit = meaning.unit.dimension[0][0]
        bare = without_delimiters(answer).strip()
        for rest in _question(self.question).rests(bare, unit, letters=letters):
            if not self._may_take(rest):
                continue
            if rest.counts and self._has_unit() and not _is_amount(rest.answer):
                continue
            again = self._check_answer(rest.answer)
            if again.status in ("correct", "wrong_form", "wrong"):
                verdict = again._replace(answer=answer)
                if again.status != "wrong":
                    break
        return verdict

    def _has_unit(self) -> bool:
        """Say whether the reference has a percent sign or a unit of the list."""
        meaning = self.answer.meaning
        is_amount = isinstance(meaning, Measured) and not units.is_worded(meaning.unit)
        return (is_amount and self._has_own_unit) or self._number_of_percent is not None

    def _may_take(self, rest: Rest) -> bool:
        """Say whether the left side of an answer, if it has one, may be taken off it."""
        left = rest.left_side
        if not left:
            return isinstance(self.answer.meaning, Evaluated | Measured)
        if self.answer.name is not None:  # then the answer's name must be the same
            return False
        try:
            node = parse_answer(left, words=False)
        except (TooLarge, RecursionError):
            return False
        except AnswerError:
            return "\\" in left  # an integral, say: it stands in the question
        if isinstance(node, Congruence):  # `3^{-1} \pmod{25}` is a number to be found
            return not is_literal(node.residue)
        if is_name(node) and variables(node) & _variables_of(rest.answer):  # x = x + 1
            return False
        is_known = not any(isinstance(part, Variable) for part in walk(node))
        if not is_known or "*" in left or "\\ast" in left:  # which the question may define
            return isinstance(node, Expression | Tuple | Matrix)
        return not is_literal(node) and self._is_true(left, node)  # a calculation

    def _is_true(self, left: str, node: Node) -> bool:
        """Say whether a calculation has the value of the reference, in whatever base."""
        meaning = self.answer.meaning
        if isinstance(meaning, Measured):
            meaning = meaning.amount
        if isinstance(meaning, Evaluated) and isinstance(node, Expression):
            calculator = Calculator()
            try:
                return same_value(evaluated(node, calculator), meaning, calculator)
            except AnswerError:
                return False
        return self._compare(left, self.answer).status in ("correct", "wrong_form")

    def _check_plain_number(self, answer: str, match: re.Match[str]) -> Verdict | None:
        """Compare two rational numbers; None leaves it to the parser."""
        number = _read_plain_number(match)
        if number is None:
            return None
        top, bottom, is_fraction = number
        assert self._top is not None
        if top * self._bottom != self._top * bottom:
            if bottom >= _MANY_DECIMALS:  # it may stand for a number that has no end
                return None
            return Verdict(False, "wrong", answer, _WRONG)
        if is_fraction and not is_fraction_of_form(top, bottom, self.form):
            return Verdict(False, "wrong_form", answer, _WRONG_FORM[self.form])
        return Verdict(True, "correct", answer, _CORRECT)

    def _check_tree(self, answer: str) -> Verdict:
        """Read the answer as the reference's type asks, and compare the two."""
        meaning = self.answer.meaning
        is_text = isinstance(meaning, Text)
        items = meaning.items if isinstance(meaning, Tuple) else (meaning,)
        any_unit = any(isinstance(item, Measured) and units.is_worded(item.unit) for item in items)
        written = answer
        if answer.endswith(")"):
            written = with_units_as_text(answer, any_unit=any_unit)
        verdict = self._compare(written, self.answer, words=is_text, any_unit=any_unit)
        if written is not answer:
            verdict = verdict._replace(answer=answer)
        if verdict.status in ("correct", "wrong_form", "too_large"):
            return verdict
        for reference, reading in self._other_readings(answer, verdict):
            again = self._compare(answer, reference, **reading)
            if reference is self._letters and _letters_of(again.tree) != self.text:
                continue
            if reference is self._number_of_percent and again.tree and _has_unit(again.tree):
                continue
            if again.status in ("correct", "wrong_form"):
                return again
        return verdict

    def _other_readings(
        self, answer: str, verdict: Verdict
    ) -> Iterator[tuple[Answer, dict[str, bool]]]:
        """Yield what else the two may mean: a reference, and options of the parser."""
        meaning = self.answer.meaning
        if self._letters is not None and not isinstance(verdict.tree, Text):
            # The reference may be a product: `ab` is also `a \cdot b`, but not `ba`, a word.
            yield self._letters, {"words": False}
        if self._grouped is not None:
            yield self._grouped, {}
        if self._number_of_percent is not None:
            yield self._number_of_percent, {}
        if isinstance(meaning, (Set, Tuple, BareList, Region)):
            if answer.startswith("{"):
                yield self.answer, {"braced_sets": True}
            if "," in answer:
                # 1,234 may also be two elements; only a reference with elements can ask for that.
                yield self.answer, {"words": False, "thousands": False}
        if isinstance(meaning, (Evaluated, Measured)) and _ARRANGEMENTS.search(answer):
            yield self.answer, {"words": False, "combinations": True}
        if isinstance(meaning, (Evaluated, Measured)) and _LETTER.search(answer):
            number = meaning.amount if isinstance(meaning, Measured) else meaning
            if not is_constant(number.expression):
                # Where the reference has variables, `5 kg` may be a product.
                yield self.answer, {"words": False, "no_units": True}
            else:
                # In `5 m` the letter is a unit, where a variable can only be wrong.
                yield self.answer, {"words": False, "eager_units": True}

    def _has_form(self, response: Answer, calculator: Calculator) -> bool:
        if self.form == "any":
            return True
        solution = self._solution(response.body)
        if solution is None:
            return False
        return has_form(solution, self.form, calculator, is_number=self.is_number)

    def _solution(self, body: Node) -> Node | None:
        """Return what must have the form, without degree sign or bounds; None: unsolved."""
        if isinstance(body, Named):
            return Tuple(body.items)
        if isinstance(body, Ratio) and len(body.parts) == 2:
            first, second = body.parts
            if isinstance(self.answer.meaning, (Evaluated, Measured)):  # it stands for a quotient
                if isinstance(first, Expression) and isinstance(second, Expression):
                    return Quotient(first, second)
                return None
        if isinstance(body, Expression):
            return without_degrees(body) or body
        if isinstance(body, Where):
            return _without_bounded_names(body)
        if not _is_solved(body, self.answer):
            return None
        if isinstance(self.answer.meaning, Region):
            return _without_bounded_names(body)
        return body

    def _compare(self, answer: str, reference: Answer, **reading: bool) -> Verdict:
        """Read the answer one way, and compare it."""
        node: Node | None = None
        try:
            node = parse_answer(answer, **reading)
            calculator = Calculator()
            response = read(node, calculator)
            same = same_answer(reference, response, calculator)
            if same is None:
                return Verdict(False, "wrong", answer, _WRONG_KIND, node)
            if not same:
                return Verdict(False, "wrong", answer, _WRONG, node)
            if not self._has_form(response, calculator):
                return Verdict(False, "wrong_form", answer, _WRONG_FORM[self.form], node)
            return Verdict(True, "correct", answer, _CORRECT, node)
        except TooLarge as error:
            return Verdict(False, "too_large", answer, str(error), node)
        except Undecided as error:
            return Verdict(False, "undecided", answer, str(error), node)
        except AnswerError as error:
            return Verdict(False, "unreadable", answer, str(error))
        except RecursionError:  # the caller's own stack was almost used up
            return Verdict(False, "too_large", answer, "the answer is nested too deeply")


def _is_solved(node: Node, reference: Answer) -> bool:
    """Say whether a relation says what the reference says without work left to do."""
    if isinstance(node, BareList):
        return all(_is_solved(item, reference) for item in node.items)
    if not isinstance(node, Relation):
        return True
    if isinstance(reference.meaning, Region):
        return any(map(is_name, node.sides))
    return reference.name is None


def _without_bounded_names(node: Node) -> Node:
    """Return the bounds of `1 < x < 2`."""
    if isinstance(node, BareList):
        return BareList(tuple(map(_without_bounded_names, node.items)), node.joined)
    if isinstance(node, Relation):
        return BareList(tuple(side for side in node.sides if not is_name(side)))
    if isinstance(node, Where):
        parts = () if is_name(node.body) else (node.body,)
        return BareList(tuple(map(_without_bounded_names, (*parts, *node.conditions))))
    return node


def _is_rational(meaning: Node) -> bool:
    """Say whether a reference consists of rational numbers alone."""
    if isinstance(meaning, Region):
        parts: list[Node] = [end for piece in meaning.pieces for end in (piece.low, piece.high)]
    else:
        parts = list(walk(meaning))
    numbers = [part for part in parts if isinstance(part, Evaluated)]
    return bool(numbers) and all(
        isinstance(part.value, Fraction) and not is_based(part.expression) for part in numbers
    )


def _letters_of(node: Node | None) -> str:
    """Return the letters of a product of letters, in the order in which they stand."""
    parts = node.factors if isinstance(node, Product) else (node,)
    return "".join(part.name for part in parts if isinstance(part, (Variable, Constant)))


def _has_unit(node: Node) -> bool:
    """Say whether a percent sign, a degree sign or another unit stands in an answer."""
    return any(isinstance(part, (Percent, Degrees, Quantity)) for part in walk(node))


def _is_amount(text: str) -> bool:
    """Say whether an answer has a unit."""
    try:
        return _has_unit(parse_answer(text, eager_units=True))
    except (AnswerError, RecursionError):
        return False


def _variables_of(text: str) -> set[str]:
    try:
        return variables(parse_answer(text, words=False))
    except (AnswerError, RecursionError):
        return set()


def _has_duplicates(items: tuple[Node, ...], calculator: Calculator) -> bool:
    try:
        return any(
            same_meaning(one, other, calculator)
            for place, one in enumerate(items)
            for other in items[:place]
        )
    except AnswerError:  # nobody can say
        return False


def _parse_reference(text: str) -> Node:
    """Read a reference; the author is trusted where a response would not be."""
    if text.endswith(")"):
        counted = read_counted(text)
        if counted is not None:
            return counted
    if "C" in text and _ARRANGEMENTS.search(text):  # `C_5^2`, unless C is a letter: C_1 + C_2
        try:
            tree = parse_answer(text, combinations=True)
        except AnswerError:
            pass
        else:
            if isinstance(tree, Expression) and is_constant(tree):
                return tree
    try:
        return parse_answer(text, braced_sets=True)
    except Unreadable as error:
        # `36 km/h`, `5 mg / 2` (a product), `5 apples`
        options = ("eager_units", "no_units", "any_unit")
        readings: list[dict[str, bool]] = [{"words": False, option: True} for option in options]
        for reading in [{}, *readings] if text.startswith("{") else readings:
            try:
                return parse_answer(text, **reading)
            except Unreadable:
                continue
        raise error


def _value_of(node: Node, calculator: Calculator) -> Node:
    """Return one side of a reference that gives a number in two ways: `0.56 = 56%`."""
    match node:
        case Relation(("=",), (Expression() as first, Expression() as second)) if (
            is_constant(first)
            and is_constant(second)
            and same_value(evaluated(first, calculator), evaluated(second, calculator), calculator)
        ):
            return second
    return node


def check(
    response: str,
    reference: str | Reference,
    form: Form = "any",
    question: str | None = None,
) -> Verdict:
    r"""Compare the final answer of a response with a reference answer.

    Words and left sides of equations that stand in the `question` may stand around the answer.

    >>> check(r"The roots are \boxed{\{3, 2\}}.", "{2, 3}").status
    'correct'
    >>> check(r"\boxed{42 \text{ is wrong, it is } 43}", "42").status
    'unreadable'
    >>> check(r"\boxed{5 \text{ apples}}", "5", question="How many apples are left?").status
    'correct'
    """
    if isinstance(reference, str):
        reference = _reference(reference, form, question)
    elif form not in ("any", reference.form):
        raise ValueError(f"the reference was made with form={reference.form!r}, not {form!r}")
    elif question not in (None, reference.question):
        raise ValueError("the reference was made with another question")
    return reference.check(response)


def is_correct(
    response: str,
    reference: str | Reference,
    form: Form = "any",
    question: str | None = None,
) -> bool:
    r"""Say whether the final answer of a response is equal to a reference answer.

    >>> is_correct(r"\boxed{2\sqrt{3}}", r"\sqrt{12}")
    True
    """
    return check(response, reference, form, question).correct


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
    reference = Reference(text)  # raises where it cannot be read
    forms: tuple[Form, ...] = ("value",) if reference.is_number else ("expanded", "value")
    for form in forms:
        if Reference(text, form).has_own_form:
            return form
    return "any"


@lru_cache(maxsize=256)
def _question(text: str) -> Question:
    from .question import Question  # its patterns take a while to compile

    return Question(text)


@lru_cache(maxsize=4096)
def _reference(text: str, form: Form, question: str | None) -> Reference:
    return Reference(text, form, question)
