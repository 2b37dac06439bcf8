r"""Random answers in many notations: all of one answer are the same, a changed answer is not.

The trees and their printers are the tests' own, so that the checker's reading is compared with
what was meant. Whether a change gives another value is decided by mpmath with 50 digits at random
points, never by the checker; a change that gives the same value is left out.
"""

import contextlib
import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mpmath
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reasoning_gym_envs.answers import (
    AnswerError,
    InvalidReference,
    Reference,
    check,
    extract_answer,
    parse_answer,
)

quick = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    derandomize=True,
)
thorough = settings(quick, max_examples=600)

# A tree is (kind, parts…): ("sum", a, b), ("power", a, -2), ("integer", 5).
# An answer is (kind, parts…) too: ("tuple", a, b), ("interval", low, high, "[", ")").
Tree = tuple[Any, ...]
FUNCTIONS = ("sin", "cos", "ln", "exp")
UNITS = {
    "m": (r"\text{ m}", r"\,\mathrm{m}", " meters", r"\text{ metres}"),
    "cm": (r"\text{ cm}", r"\ \mathrm{cm}", " centimeters", " cm"),
    "kg": (r"\text{ kg}", " kg", " kilograms"),
    "h": (r"\text{ h}", " hours", r"\text{ hours}"),
    "km/h": (r"\text{ km/h}", " km per hour", r"\text{ kilometers per hour}"),
    "cm^2": (r"\text{ cm}^2", r"\text{ square centimeters}", r"\,\mathrm{cm}^{2}"),
}


# The values, by mpmath.


class NoValue(Exception):
    """A tree without a value, or with one so large or small that a test of it says nothing."""


def evaluate(tree: Tree, point: dict[str, Any]) -> Any:
    value = _evaluate(tree, point)
    if not mpmath.isfinite(value) or abs(value) > 1e9 or 0 < abs(value) < 1e-9:
        raise NoValue
    return value


def _evaluate(tree: Tree, point: dict[str, Any]) -> Any:
    kind, *parts = tree
    if kind == "integer":
        return mpmath.mpf(parts[0])
    if kind == "decimal":
        return mpmath.mpf(parts[0])
    if kind == "fraction":
        return mpmath.mpf(parts[0]) / parts[1]
    if kind == "percent":
        return mpmath.mpf(parts[0]) / 100
    if kind == "letter":
        return point[parts[0]]
    if kind == "constant":
        return {"pi": mpmath.mpf(mpmath.pi), "e": mpmath.mpf(mpmath.e), "i": mpmath.mpc(0, 1)}[
            parts[0]
        ]
    if kind == "factorial":
        return mpmath.factorial(parts[0])
    if kind == "binomial":
        return mpmath.binomial(parts[0], parts[1])
    first = evaluate(parts[0], point)
    if kind == "power":
        if abs(first) < 1e-9:
            raise NoValue
        return first ** parts[1]
    if kind == "square root":
        return mpmath.sqrt(first)
    if kind == "cube root":
        is_negative = mpmath.im(first) == 0 and mpmath.re(first) < 0
        return -mpmath.cbrt(-first) if is_negative else mpmath.cbrt(first)
    if kind == "absolute":
        return abs(first)
    if kind in FUNCTIONS:
        if (kind == "exp" and abs(first) > 15) or (kind == "ln" and abs(first) < 1e-9):
            raise NoValue
        return getattr(mpmath, kind)(first)
    second = evaluate(parts[1], point)
    if kind == "quotient":
        if abs(second) < 1e-9:
            raise NoValue
        return first / second
    return {"sum": first + second, "difference": first - second, "product": first * second}[kind]


POINTS = [
    {"x": "1.2843093", "y": "0.7310521", "n": "2.2094917"},
    {"x": "0.4159265", "y": "3.1876427", "n": "0.9302871"},
]


def values(tree: Tree) -> list[Any]:
    """Return the values at the two points; an example without them is left out."""
    with mpmath.workdps(50):
        try:
            return [
                evaluate(tree, {name: mpmath.mpf(number) for name, number in point.items()})
                for point in POINTS
            ]
        except (NoValue, ZeroDivisionError, ValueError, OverflowError):
            assume(False)
            raise


def are_equal(first: Tree, second: Tree) -> bool:
    with mpmath.workdps(50):
        return all(
            abs(one - other) < 1e-30
            for one, other in zip(values(first), values(second), strict=False)
        )


def are_real(tree: Tree) -> bool:
    return "'i'" in repr(tree) or all(mpmath.im(value) == 0 for value in values(tree))


# The notations.

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ATOMS = ("letter", "constant", "square root", "cube root", *FUNCTIONS, "absolute", "binomial")
STYLES = ("plain", "LaTeX", "Unicode", "juxtaposed")


class Printer:
    """Writes a tree in one style, with everything that does not matter chosen at random."""

    def __init__(self, style: str, seed: int) -> None:
        self.style = style
        self.is_latex = style in ("LaTeX", "juxtaposed")
        self.draw = random.Random(seed)

    def one_of(self, *choices: str) -> str:
        return self.draw.choice(choices)

    def group(self, text: str) -> str:
        if self.is_latex and self.draw.random() < 0.5:
            return rf"\left({text}\right)"
        return f"({text})"

    def space(self) -> str:
        return self.one_of("", " ", "  ", *((r"\,", r"\;", "~", r"\!") if self.is_latex else ()))

    def joined(self, *parts: str) -> str:
        return self.space().join(parts)

    def write(self, tree: Tree) -> str:
        """Write a tree as a term of its own, now and then in brackets that it can do without."""
        text = self._write(tree)
        if self.draw.random() < 0.1:
            return self.group(text)
        if self.is_latex and self.draw.random() < 0.1:
            return "{" + text + "}"
        return text

    def factor(self, tree: Tree) -> str:
        """Write a tree so that anything can stand beside it."""
        is_plain = tree[0] in ATOMS or (tree[0] == "integer" and tree[1] >= 0)
        return self._write(tree) if is_plain else self.group(self._write(tree))

    def minus(self) -> str:
        return self.one_of("-", "−") if self.style == "Unicode" else "-"

    def number(self, number: int) -> str:
        return self.minus() + str(-number) if number < 0 else str(number)

    def _write(self, tree: Tree) -> str:
        kind, *parts = tree
        if kind == "integer":
            return self.number(parts[0])
        if kind == "decimal":
            return parts[0] + self.one_of("", "0")
        if kind == "percent":
            return self.number(parts[0]) + (r"\%" if self.is_latex else "%")
        if kind == "fraction":
            return self.fraction(*parts)
        if kind == "letter":
            return parts[0]
        if kind == "constant":
            names = {"LaTeX": r"\pi ", "juxtaposed": r"\pi ", "Unicode": "π", "plain": "pi"}
            return names[self.style] if parts[0] == "pi" else parts[0]
        if kind == "factorial":
            return f"{parts[0]}!"
        if kind == "binomial":
            return rf"\{self.one_of('binom', 'dbinom', 'tbinom')}{{{parts[0]}}}{{{parts[1]}}}"
        if kind == "power":
            return self.power(*parts)
        if kind in ("sum", "product"):
            first, second = parts if self.draw.random() < 0.5 else parts[::-1]
            if kind == "sum":
                return self.joined(self.term(first), "+", self.term(second))
            return self.product(first, second)
        if kind == "difference":
            return self.joined(self.term(parts[0]), self.minus(), self.factor(parts[1]))
        if kind == "quotient":
            if self.is_latex and self.draw.random() < 0.8:
                name = self.one_of("frac", "dfrac", "tfrac")
                return rf"\{name}{{{self.write(parts[0])}}}{{{self.write(parts[1])}}}"
            sign = self.one_of("/", "÷") if self.style == "Unicode" else "/"
            return self.joined(self.factor(parts[0]), sign, self.factor(parts[1]))
        inside = self._write(parts[0])
        if kind == "absolute":
            return rf"\left|{inside}\right|" if self.is_latex else f"|{inside}|"
        if kind in FUNCTIONS:
            if kind == "exp" and self.is_latex:
                return self.one_of(f"e^{{{inside}}}", rf"\exp\left({inside}\right)")
            return ("\\" if self.is_latex else "") + kind + self.group(inside)
        return self.root(kind, inside)

    def root(self, kind: str, inside: str) -> str:
        if self.is_latex:
            return rf"\sqrt{'[3]' if kind == 'cube root' else ''}{{{inside}}}"
        if self.style == "Unicode":
            return ("∛" if kind == "cube root" else "√") + f"({inside})"
        return f"sqrt({inside})" if kind == "square root" else f"(({inside})^(1/3))"

    def fraction(self, top: int, bottom: int) -> str:
        vulgar = {(1, 2): "½", (3, 4): "¾", (1, 3): "⅓"}.get((top, bottom))
        if self.style == "Unicode" and vulgar and self.draw.random() < 0.5:
            return vulgar
        if self.is_latex:
            return rf"{self.minus() if top < 0 else ''}\frac{{{abs(top)}}}{{{bottom}}}"
        return self.joined(self.number(top), "/", str(bottom))

    def power(self, base: Tree, exponent: int) -> str:
        bare = base[0] in ("letter", "integer") and not (base[0] == "integer" and base[1] < 0)
        text = self._write(base) if bare else self.group(self._write(base))
        if self.is_latex:
            return f"{text}^{{{exponent}}}"
        if self.style == "Unicode":
            return text + str(exponent).translate(SUPERSCRIPTS)
        return text + self.one_of("^", "**") + (f"({exponent})" if exponent < 0 else str(exponent))

    def term(self, tree: Tree) -> str:
        """Write a term of a sum: a difference is one where it stands first, else in brackets."""
        if tree[0] in ("product", "power", "factorial", *ATOMS):
            return self._write(tree)
        return self.factor(tree)

    def product(self, first: Tree, second: Tree) -> str:
        left, right = self.factor(first), self.factor(second)
        if self.style != "juxtaposed":
            sign = {"plain": ("*",), "LaTeX": (r"\cdot ", r"\times "), "Unicode": ("·", "×")}
            return self.joined(left, self.one_of(*sign[self.style]), right)
        if first[0] in ("integer", "letter") and second[0] in ("letter", *FUNCTIONS):
            return left + " " + right
        return self.group(left) + self.group(right)

    # Answers.

    def answer(self, answer: Tree) -> str:
        kind, *parts = answer
        comma = "," + self.space()
        if kind == "value":  # braces around all of it would make a set
            text = self.write(parts[0])
            return text[1:-1] if text.startswith("{") and text.endswith("}") else text
        if kind == "named":
            text = self.write(parts[1])
            return self.joined(parts[0], "=", text)
        if kind == "tuple":
            return self.group(comma.join(map(self.write, parts)))
        if kind == "square":
            return "[" + comma.join(map(self.write, parts)) + "]"
        if kind in ("set", "list"):
            items = [self.write(part) for part in parts]
            self.draw.shuffle(items)
            text = comma.join(items)
            if kind == "list":
                return text
            if self.is_latex:
                return self.one_of(rf"\{{{text}\}}", rf"\left\{{ {text} \right\}}")
            return f"{{{text}}}"
        if kind == "interval":
            return self.interval(*parts)
        if kind == "union":
            pieces = [self.interval(*piece[1:]) for piece in parts]
            self.draw.shuffle(pieces)
            cup = r" \cup " if self.is_latex else self.one_of("∪", " U ", " ∪ ")
            return cup.join(pieces)
        if kind == "matrix":
            rows = [[self._write(entry) for entry in row] for row in parts]
            if self.is_latex:
                name = self.one_of("pmatrix", "bmatrix")
                body = r" \\ ".join(" & ".join(row) for row in rows)
                return rf"\begin{{{name}}}{body}\end{{{name}}}"
            return "[" + comma.join("[" + comma.join(row) + "]" for row in rows) + "]"
        if kind == "relation":
            return self.relation(*parts)
        assert kind == "quantity"
        return self._write(parts[0]) + self.one_of(*UNITS[parts[1]])

    def end(self, end: Tree) -> str:
        if end[0] != "infinity":
            return self._write(end)
        name = r"\infty" if self.is_latex else self.one_of("∞", "inf", "infinity")
        return ("-" if end[1] < 0 else self.one_of("", "+")) + name

    def interval(self, low: Tree, high: Tree, opening: str, closing: str) -> str:
        left, right = (
            (r"\left", r"\right") if self.is_latex and self.draw.random() < 0.5 else ("", "")
        )
        return f"{left}{opening}{self.end(low)},{self.space()}{self.end(high)}{right}{closing}"

    def relation(self, name: str, operator: str, bound: Tree) -> str:
        if self.draw.random() < 0.3:  # as an interval
            closed = operator.endswith("=")
            if operator[0] == ">":
                return self.interval(bound, ("infinity", 1), "[" if closed else "(", ")")
            return self.interval(("infinity", -1), bound, "(", "]" if closed else ")")
        sides = [name, self._write(bound)]
        if self.draw.random() < 0.5:
            sides.reverse()
            operator = operator.translate(str.maketrans("<>", "><"))
        signs = {"<=": ("<=", "≤", r"\le ", r"\leq "), ">=": (">=", "≥", r"\ge ", r"\geq ")}
        choices = signs.get(operator, (operator,))
        sign = self.one_of(*choices[2:]) if self.is_latex and choices[2:] else choices[0]
        return self.joined(sides[0], sign, sides[1])


# What answers there are.

integers = st.integers(-20, 20).map(lambda n: ("integer", n))
numbers = st.one_of(
    integers,
    st.sampled_from(["0.5", "2.5", "0.12", "7.25", "10.4"]).map(lambda text: ("decimal", text)),
    st.tuples(st.just("fraction"), st.sampled_from([1, 3, -5, 7, 11]), st.sampled_from([2, 3, 4])),
)
leaves = st.one_of(
    numbers,
    st.sampled_from(["x", "y", "n"]).map(lambda name: ("letter", name)),
    st.sampled_from(["pi", "e", "i"]).map(lambda name: ("constant", name)),
    st.integers(0, 6).map(lambda n: ("factorial", n)),
    st.tuples(st.just("binomial"), st.integers(3, 7), st.integers(0, 3)),
    st.integers(1, 300).map(lambda n: ("percent", n)),
)


def combine(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.one_of(
        st.tuples(
            st.sampled_from(["sum", "difference", "product", "quotient"]), children, children
        ),
        st.tuples(st.just("power"), children, st.sampled_from([2, 3, -1, -2])),
        st.tuples(st.sampled_from(["square root", "cube root", "absolute", *FUNCTIONS]), children),
    )


trees = st.recursive(leaves, combine, max_leaves=5)
small_trees = st.recursive(leaves, combine, max_leaves=2)


@st.composite
def pieces(draw: Callable[..., Any], count: int) -> list[Tree]:
    ends = sorted(draw(st.sets(st.integers(-30, 30), min_size=2 * count, max_size=2 * count)))
    found = []
    for low, high in zip(ends[::2], ends[1::2], strict=True):
        opening, closing = draw(st.sampled_from(["()", "[)", "(]", "[]"]))
        found.append(("interval", ("integer", low), ("integer", high), opening, closing))
    if draw(st.booleans()):
        found[-1] = (*found[-1][:2], ("infinity", 1), found[-1][3], ")")
    if draw(st.booleans()):
        found[0] = ("interval", ("infinity", -1), found[0][2], "(", found[0][4])
    return found


@st.composite
def collections(draw: Callable[..., Any]) -> Tree:
    kind = draw(st.sampled_from(["tuple", "set", "list"]))
    return (kind, *draw(st.lists(small_trees, min_size=2, max_size=4)))


def is_plain_interval(answer: Tree) -> bool:
    """Say whether an interval is not a pair in round brackets, which is a point as well."""
    return answer[3:] != ("(", ")") or "infinity" in (answer[1][0], answer[2][0])


answers: st.SearchStrategy[Tree] = st.one_of(
    trees.map(lambda tree: ("value", tree)),
    trees.map(lambda tree: ("value", tree)),
    small_trees.map(lambda tree: ("named", "z", tree)),
    collections(),
    pieces(1).map(lambda found: found[0]).filter(is_plain_interval),
    pieces(3).map(lambda found: ("union", *found)),
    st.lists(st.tuples(small_trees, small_trees), min_size=2, max_size=2).map(
        lambda rows: ("matrix", *rows)
    ),
    st.tuples(st.just("relation"), st.just("x"), st.sampled_from(["<", ">", "<=", ">="]), numbers),
    st.tuples(
        st.just("quantity"),
        st.integers(1, 500).map(lambda n: ("integer", n)),
        st.sampled_from(list(UNITS)),
    ),
)


def trees_of(answer: Tree) -> list[Tree]:
    """Return the trees of an answer that need a value."""
    kind, *parts = answer
    if kind == "matrix":
        return [entry for row in parts for entry in row]
    if kind == "named":
        return [parts[1]]
    return parts if kind in ("value", "tuple", "square", "set", "list") else []


def are_distinct(items: Sequence[Tree]) -> bool:
    return not any(are_equal(one, other) for one, other in itertools.combinations(items, 2))


def make_sure_it_means_something(answer: Tree) -> None:
    items = trees_of(answer)
    for item in items:
        values(item)
        assume(are_real(item))
    if answer[0] == "set":
        assume(are_distinct(items))


def boxed(answer: str) -> str:
    return f"\\boxed{{{answer}}}"


def notations(answer: Tree, seed: int) -> list[str]:
    return [
        Printer(style, seed + place).answer(answer)
        for style in STYLES
        for place in range(2)
        if not (style in ("plain", "Unicode") and "binomial" in repr(answer))
    ]


def hold_together(answer: Tree, seed: int) -> None:
    make_sure_it_means_something(answer)
    written = notations(answer, seed)
    for reference, response in zip(written, written[1:] + written[:1], strict=True):
        verdict = check(boxed(response), reference)
        assert verdict.status == "correct", (reference, response, verdict)


@quick
@given(answers, st.integers(0, 10**6))
def test_all_notations_of_an_answer_are_the_same(answer: Tree, seed: int) -> None:
    hold_together(answer, seed)


# Changed answers.


def changed_tree(tree: Tree, draw: random.Random) -> Tree:
    """Change one thing somewhere in a tree."""
    kind, *parts = tree
    places = [place for place, part in enumerate(parts) if isinstance(part, tuple)]
    if places and draw.random() < 0.6:
        place = draw.choice(places)
        parts[place] = changed_tree(parts[place], draw)
        return (kind, *parts)
    if draw.random() < 0.2:  # one sign
        return ("product", ("integer", -1), tree)
    if kind in ("sum", "difference", "product", "quotient"):
        others = {"sum", "difference", "product", "quotient"} - {kind}
        return (draw.choice(sorted(others)), *parts)
    if kind == "power":
        return ("power", parts[0], parts[1] + draw.choice([-3, 1, 2, 3]))
    if kind in ("square root", "cube root"):
        return ("cube root" if kind == "square root" else "square root", *parts)
    if kind in FUNCTIONS:
        return (draw.choice([name for name in FUNCTIONS if name != kind]), *parts)
    if kind == "absolute":
        return parts[0]
    if kind == "letter":
        return ("letter", draw.choice([name for name in "xyn" if name != parts[0]]))
    if kind == "constant":
        return ("constant", draw.choice([name for name in ("pi", "e") if name != parts[0]]))
    if kind == "decimal":
        return ("decimal", parts[0][:-1] + str((int(parts[0][-1]) + draw.randint(1, 9)) % 10))
    if kind == "binomial":
        return ("binomial", parts[0], parts[1] + 1)
    change = draw.choice([-1, 1, 10])  # a digit
    return (
        kind,
        max(parts[0] + change, 0) if kind == "factorial" else parts[0] + change,
        *parts[1:],
    )


def changed_answer(answer: Tree, draw: random.Random) -> Tree:
    """Change one thing in an answer; an example where that changes nothing is left out."""
    kind, *parts = answer
    if kind in ("tuple", "set", "list"):
        change = draw.choice(["tree", "more", "less", "repeated", "brackets", "swapped"])
        place = draw.randrange(len(parts))
        if change == "more":
            extra = ("integer", 40 + draw.randrange(60))
            return (kind, *parts[:place], extra, *parts[place:])
        if change == "less":
            return (kind, *parts[:place], *parts[place + 1 :])
        if change == "repeated":
            return (kind, *parts[: place + 1], parts[place], *parts[place + 1 :])
        if change == "brackets":
            others = {"tuple": ["set", "square"], "set": ["tuple", "square"], "list": ["square"]}
            return (draw.choice(others[kind]), *parts)
        if change == "swapped" and kind == "tuple":
            other = (place + 1) % len(parts)
            assume(not are_equal(parts[place], parts[other]))
            parts[place], parts[other] = parts[other], parts[place]
            return (kind, *parts)
        new = changed_tree(parts[place], draw)
        assume(are_real(new) and not are_equal(new, parts[place]))
        return (kind, *parts[:place], new, *parts[place + 1 :])
    if kind in ("value", "named"):
        new = changed_tree(parts[-1], draw)
        assume(are_real(new) and not are_equal(new, parts[-1]))
        return (kind, *parts[:-1], new)
    if kind == "matrix":
        row, column = draw.randrange(len(parts)), draw.randrange(2)
        entries = list(parts[row])
        new = changed_tree(entries[column], draw)
        assume(are_real(new) and not are_equal(new, entries[column]))
        entries[column] = new
        return (kind, *parts[:row], tuple(entries), *parts[row + 1 :])
    if kind == "interval":
        return changed_interval(answer, draw)
    if kind == "union":
        place = draw.randrange(len(parts))
        if draw.random() < 0.3:
            return (kind, *parts[:place], *parts[place + 1 :])
        return (kind, *parts[:place], changed_interval(parts[place], draw), *parts[place + 1 :])
    if kind == "relation":
        if draw.random() < 0.5:
            others = [sign for sign in ("<", ">", "<=", ">=") if sign != parts[1]]
            return (kind, parts[0], draw.choice(others), parts[2])
        new = changed_tree(parts[2], draw)
        assume(not are_equal(new, parts[2]))
        return (kind, parts[0], parts[1], new)
    assert kind == "quantity"
    if draw.random() < 0.5:
        return (kind, parts[0], draw.choice([unit for unit in UNITS if unit != parts[1]]))
    return (kind, ("integer", parts[0][1] + 1), parts[1])


def changed_interval(interval: Tree, draw: random.Random) -> Tree:
    kind, low, high, opening, closing = interval
    if low[0] != "infinity" and draw.random() < 0.5:
        if draw.random() < 0.5:
            return (kind, low, high, "(" if opening == "[" else "[", closing)
        return (kind, ("fraction", 2 * low[1] + 1, 2), high, opening, closing)
    if high[0] != "infinity":
        if draw.random() < 0.5:
            return (kind, low, high, opening, ")" if closing == "]" else "]")
        return (kind, low, ("fraction", 2 * high[1] - 1, 2), opening, closing)
    return (kind, low, ("integer", 99), opening, closing)


def stay_apart(answer: Tree, seed: int) -> None:
    make_sure_it_means_something(answer)
    changed = changed_answer(answer, random.Random(seed))
    for item in trees_of(changed):
        values(item)
    written = notations(answer, seed)
    for reference, response in zip(written, notations(changed, seed + 7), strict=False):
        verdict = check(boxed(response), reference)
        assert verdict.status != "correct", (reference, response, verdict.reading)
        assert not verdict.correct


@settings(quick, max_examples=400)
@given(answers, st.integers(0, 10**6))
def test_a_changed_answer_is_never_the_same(answer: Tree, seed: int) -> None:
    stay_apart(answer, seed)


@pytest.mark.slow
@thorough
@given(answers, st.integers(0, 10**9))
def test_all_notations_of_many_answers_are_the_same(answer: Tree, seed: int) -> None:
    hold_together(answer, seed)


@pytest.mark.slow
@thorough
@given(answers, st.integers(0, 10**9))
def test_many_changed_answers_are_never_the_same(answer: Tree, seed: int) -> None:
    stay_apart(answer, seed)


# A verdict depends on the answer and the reference, and on nothing else.

REFERENCES = [
    "42",
    r"\frac{3}{4}",
    "x^2 - 2x + 1",
    r"\sqrt{2} + \sqrt{3}",
    r"\sin(x - y) + \cos(y)",
    r"\{1, \sqrt{2}, \arctan 2\}",
    "(1, x, 3)",
    r"[0, \pi)",
    r"(-\infty, 1) \cup (2, 3]",
    "x > 3",
    "y = 2x + 1",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"7\text{ m}",
    "blue",
    "3 + 4i",
    r"|x - y| \ln 2",
]
RESPONSES = [
    *REFERENCES,
    "42.0",
    "0.75",
    "(x-1)^2",
    r"\sqrt{5 + 2\sqrt{6}}",
    r"-\sin(y - x) + \cos(-y)",
    r"\sin x \cos y - \cos x \sin y + \sin(y + \frac{\pi}{2})",
    r"\{\arctan 2, 1, 2^{1/2}\}",
    r"\{1, \sqrt[4]{4}, \arctan 2.0001\}",
    r"0 \le t < \pi",
    "2x - y = -1",
    "7",
    "700 cm",
    r"\text{Blue}",
    "(2+i)^2",
    r"\ln(2^{|y - x|})",
    r"42 + 9^{-9^{9}}",
    r"\lfloor \arctan(x) + 40 \rfloor",
    r"e^{x} - e^{y} + \tan(x + y + 1)",
    "((",
    "9^{9^9}",
]
PAIRS = [(reference, boxed(response)) for reference in REFERENCES for response in RESPONSES]


def test_verdicts_do_not_depend_on_what_was_checked_before() -> None:
    fresh = [Reference(reference).check(response) for reference, response in PAIRS]
    reused = {reference: Reference(reference) for reference in REFERENCES}
    order = list(range(len(PAIRS)))
    for seed in range(2):
        random.Random(seed).shuffle(order)
        for place in order:
            reference, response = PAIRS[place]
            assert reused[reference].check(response) == fresh[place]
            assert check(response, reference) == fresh[place]


def test_verdicts_do_not_depend_on_the_thread() -> None:
    expected = [Reference(reference).check(response) for reference, response in PAIRS]
    shared = {reference: Reference(reference) for reference in REFERENCES}

    def run(seed: int) -> list[Any]:
        order = list(range(len(PAIRS)))
        random.Random(seed).shuffle(order)
        found: list[Any] = [None] * len(PAIRS)
        for place in order:
            reference, response = PAIRS[place]
            found[place] = shared[reference].check(response)
        return found

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(run, range(4)):
            assert found == expected


PROGRAM = """
import json, sys
from reasoning_gym_envs.answers import check
pairs = json.load(sys.stdin)
verdicts = [check(response, reference) for reference, response in pairs]
print(json.dumps([[verdict.status, verdict.reason, verdict.reading] for verdict in verdicts]))
"""


def test_verdicts_do_not_depend_on_the_hash_seed() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input=json.dumps(PAIRS),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "20250101")
    }
    assert len(printed) == 1


# Text that is no answer.

fragments = st.lists(
    st.sampled_from(
        [
            *(
                " ",
                "1",
                "23",
                "0",
                "4.5",
                "x",
                "e",
                "i",
                "m",
                "k",
                "{",
                "}",
                "(",
                ")",
                "[",
                "]",
                "|",
            ),
            *(
                "^",
                "_",
                "-",
                "+",
                "/",
                "*",
                "=",
                "<",
                ">",
                ",",
                ";",
                ":",
                ".",
                "!",
                "%",
                "$",
                "&",
                "°",
            ),
            *(
                r"\frac",
                r"\sqrt",
                r"\left",
                r"\right",
                r"\\",
                r"\{",
                r"\}",
                r"\cup",
                r"\in",
                r"\infty",
            ),
            *(
                r"\sum",
                r"\prod",
                r"\sum_{k=1}^{3}",
                r"\max",
                r"\min",
                r"\binom",
                r"\lfloor",
                r"\rfloor",
            ),
            *(r"\text{", r"\text{ or }", r"\text{ cm}", r"\pm", r"\pmod", r"\log", r"\ln", r"\sin"),
            *(r"\begin{pmatrix}", r"\end{pmatrix}", r"\begin{cases}", r"\end{cases}", r"\approx"),
            *(
                "10^{-900}",
                r"\arctan 2",
                "3:30",
                "PM",
                "May 5",
                "101_2",
                "0.(3)",
                r"\ldots",
                "½",
                "²",
                "√",
            ),
        ]
    ),
    max_size=14,
).map("".join)


def reads_without_complaint(text: str) -> None:
    extract_answer(text)
    with contextlib.suppress(AnswerError):
        parse_answer(text)
    for reference in SHARED:
        assert check(boxed(text), reference).status
    check(text, SHARED[0])
    with contextlib.suppress(InvalidReference):
        Reference(text)


SHARED = [
    Reference(text)
    for text in (
        "42",
        "x^2 + 1",
        r"\arctan 2",
        r"\{1, 2\}",
        "(1, x)",
        "[0, 1)",
        "y = 2x",
        "yes",
        "3:30",
    )
]


@settings(quick, max_examples=500)
@given(st.one_of(fragments, fragments, st.text(max_size=30)))
def test_no_text_raises(text: str) -> None:
    reads_without_complaint(text)


@pytest.mark.slow
@settings(thorough, max_examples=4000)
@given(st.one_of(fragments, fragments, st.text(max_size=30)))
def test_no_text_of_many_raises(text: str) -> None:
    reads_without_complaint(text)
