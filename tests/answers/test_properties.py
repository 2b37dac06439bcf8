"""Random answers: equal to themselves in every notation, to nothing else, and nothing raises."""

import random
from fractions import Fraction

import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reasoning_gym_envs.answers import (
    InvalidReference,
    Reference,
    check,
    evaluate,
    extract_answer,
    is_correct,
    is_literal,
    number_literals,
    parse_answer,
    read_expression,
)
from tests.clock import within

quick = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
FORMS = ("any", "value", "reduced", "expanded")
rationals = st.fractions(min_value=-10_000, max_value=10_000, max_denominator=500)


def boxed(answer: str) -> str:
    return f"\\boxed{{{answer}}}"


def rational_notations(value: Fraction) -> list[str]:
    top, bottom = value.numerator, value.denominator
    sign, size = ("-" if top < 0 else ""), abs(top)
    notations = [
        f"{top}/{bottom}",
        rf"\frac{{{top}}}{{{bottom}}}",
        rf"{sign}\dfrac{{{size}}}{{{bottom}}}",
        f"{sign}{size} / {bottom}".replace("-", "−"),
        f"({top}) / ({bottom})",
        f"{3 * top}/{3 * bottom}",
    ]
    if 100 % bottom == 0:
        notations.append(rf"{top * 100 // bottom}\%")
    if bottom == 1:
        notations += [str(top), f"{top:,}", f"{top:,}".replace(",", "{,}"), f"{top}.0"]
    elif size > bottom:
        notations += [
            rf"{sign}{size // bottom}\frac{{{size % bottom}}}{{{bottom}}}",
            f"{sign}{size // bottom} {size % bottom}/{bottom}",
        ]
    return notations


@quick
@given(rationals, rationals)
def test_rationals_in_every_notation(value: Fraction, other: Fraction) -> None:
    reference = Reference(str(value))
    for notation in rational_notations(value):
        assert reference.check(boxed(notation)).correct, notation
        assert Reference(notation).check(boxed(str(value))).correct, notation
        assert reference.check(boxed(f"$x = {notation}$")).correct, notation
        assert evaluate(notation) == value
    for wrong in {
        other,
        -value,
        value + 1,
        value + Fraction(1, 10**6),
        value * 10,
        1 / (value or 1),
    }:
        if wrong != value:
            for notation in rational_notations(wrong):
                assert not reference.check(boxed(notation)).correct, notation


@quick
@given(
    st.from_regex(
        r"[-+−]? ?([0-9]{1,4}(\.[0-9]{0,3})?|\.[0-9]{1,3})( ?/ ?[0-9]{1,3})?", fullmatch=True
    ),
    rationals,
)
def test_the_quick_path_agrees_with_the_parser(text: str, reference: Fraction) -> None:
    """A pair of brackets keeps an answer equal and sends it through the parser."""
    value = evaluate(text)
    for target in [reference, value] if isinstance(value, Fraction) else [reference]:
        for form in ("any", "reduced"):
            plain = check(boxed(text), str(target), form)
            slow = check(boxed(f"({text})"), str(target), form)
            assert plain.status == slow.status, (text, target, form)


# Polynomials in two variables, as {(power of x, power of y): coefficient}.
polynomials = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 3)), rationals.filter(bool), min_size=1, max_size=5
)


def write(polynomial: dict[tuple[int, int], Fraction], style: str, order: random.Random) -> str:
    """Write a polynomial in one of the notations, with its terms in any order."""
    terms = list(polynomial.items())
    order.shuffle(terms)
    written = []
    for (x, y), coefficient in terms:
        times = {"plain": "*", "latex": r" \cdot ", "juxtaposed": "", "unicode": "·"}[style]
        superscript = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
        size = abs(coefficient)
        number = str(size)
        if style in ("latex", "juxtaposed") and size.denominator > 1:
            number = rf"\frac{{{size.numerator}}}{{{size.denominator}}}"
        factors = [number]
        for letter, power in (("x", x), ("y", y)):
            if power == 1:
                factors.append(letter)
            elif power and style == "unicode":
                factors.append(letter + str(power).translate(superscript))
            elif power:
                factors.append(f"{letter}^{{{power}}}" if style == "latex" else f"{letter}^{power}")
        written.append(("-" if coefficient < 0 else "+") + times.join(factors))
    text = "".join(written)
    return text.removeprefix("+")


@quick
@given(polynomials, st.integers(0, 10**6), st.data())
def test_polynomials_in_every_notation(
    polynomial: dict[tuple[int, int], Fraction], seed: int, data: st.DataObject
) -> None:
    order = random.Random(seed)
    reference = Reference(write(polynomial, "plain", order), form="expanded")
    place = data.draw(st.sampled_from(sorted(polynomial)))
    change = data.draw(st.sampled_from(["sign", "digit", "power", "more", "less"]))
    other = dict(polynomial)
    if change == "sign":
        other[place] = -other[place]
    elif change == "digit":
        other[place] += Fraction(1, 7)
    elif change == "power":
        other[(place[0] + 5, place[1])] = other.pop(place)
    elif change == "more":
        other[(9, 9)] = Fraction(1)
    else:
        del other[place]
    for style in ("plain", "latex", "juxtaposed", "unicode"):
        same = write(polynomial, style, order)
        assert reference.check(boxed(same)).status == "correct", same
        spaced = same.replace("+", " + ").replace("*", r"\, * \;")
        assert reference.check(boxed(rf"\left({spaced}\right)")).correct
        different = write({k: v for k, v in other.items() if v}, style, order) or "0"
        assert reference.check(boxed(different)).status == "wrong", different


# Expressions, judged by sympy, which sees a tree that is built beside the text.
X, Y = sympy.symbols("x y")
leaves = st.one_of(
    st.integers(0, 12).map(lambda n: (str(n), sympy.Integer(n))),
    st.sampled_from([("x", X), ("y", Y), (r"\pi", sympy.pi)]),
    st.sampled_from([2, 3, 6, 8, 12, 50]).map(lambda n: (rf"\sqrt{{{n}}}", sympy.sqrt(n))),
)


def combine(children: st.SearchStrategy) -> st.SearchStrategy:  # type: ignore[type-arg]
    pairs = st.tuples(children, children)
    return st.one_of(
        pairs.map(lambda p: (f"({p[0][0]}+{p[1][0]})", p[0][1] + p[1][1])),
        pairs.map(lambda p: (f"({p[0][0]}) - ({p[1][0]})", p[0][1] - p[1][1])),
        pairs.map(lambda p: (f"({p[0][0]})({p[1][0]})", p[0][1] * p[1][1])),
        pairs.filter(lambda p: sympy.expand(p[1][1]) != 0).map(
            lambda p: (rf"\frac{{{p[0][0]}}}{{{p[1][0]}}}", p[0][1] / p[1][1])
        ),
        st.tuples(children, st.integers(1, 3)).map(
            lambda p: (f"({p[0][0]})^{p[1]}", p[0][1] ** p[1])
        ),
    )


expressions = st.recursive(leaves, combine, max_leaves=6)


@settings(quick, max_examples=80)
@given(expressions, expressions)
def test_sympy_agrees_on_what_is_equal(
    first: tuple[str, object], second: tuple[str, object]
) -> None:
    values = [evaluate(text) for text, _ in (first, second)]
    point = {X: sympy.Rational(1234577, 1000003), Y: sympy.Rational(-7654337, 1000033)}
    judged = []
    for value, (text, expected) in zip(values, (first, second), strict=True):
        number = sympy.N(expected.subs(point), 60)  # type: ignore[attr-defined]
        judged.append(number)
        if not number.is_finite:
            return
        assert value is not None, text
        if isinstance(value, Fraction):
            assert abs(number - sympy.Rational(value.numerator, value.denominator)) < 1e-40, text
    equal = abs(judged[0] - judged[1]) < sympy.Float("1e-40") * (1 + abs(judged[0]))
    assert (values[0] == values[1]) == bool(equal), (first[0], second[0])
    assert evaluate(f"({first[0]}) + (x+1)^2 - x^2 - 2x - 1") == values[0]


awkward = st.text(
    alphabet=st.one_of(
        st.sampled_from(list(r"\{}()[]^_$%,.=<>+-*/|&!~0123456789xyze ")),
        st.characters(),
        st.sampled_from(["\ud800", "\x00", "\u200b", "\u202e", "²", "½", "π", "√", "∞"]),
    ),
    max_size=40,
)
FRAGMENTS = r"""
\frac \sqrt [ ] { } ( ) \left \right 1 23 0 x e ^ _ - + / * , = . & % U \\ \{ \} \cup \in \infty
\text{or} \log \ln \sin \begin{pmatrix} \end{pmatrix}
"""
fragments = st.lists(st.sampled_from([" ", *FRAGMENTS.split()]), max_size=25).map("".join)
REFERENCES = [
    Reference(text, form=form)  # type: ignore[arg-type]
    for form in FORMS
    for text in [
        "917",
        "x^2 - 917",
        "{2, 917}",
        "(1, 917)",
        "[1, 917)",
        "[[1, 917]]",
        "blue",
        "x > 917",
        r"\sqrt{917}",
    ]
]


@settings(quick, max_examples=400)
@given(st.one_of(awkward, fragments))
def test_no_text_raises_or_pays(text: str) -> None:
    evaluate(text)
    extract_answer(text)
    for reference in REFERENCES:
        assert not reference.check(text).correct or "917" in text
        assert not reference.check(boxed(text)).correct or "917" in text or reference.text == "blue"
    try:
        reference = Reference(text)
    except InvalidReference:
        return
    if extract_answer(boxed(text)) == text.strip():
        verdict = check(boxed(text), reference)
        assert verdict.status == "correct" or "\\boxed" in text, verdict


HOSTILE = {
    "parentheses": "(" * 5000,
    "closed parentheses": "(" * 2000 + "1" + ")" * 2000,
    "braces": "{" * 500 + "1" + "}" * 500,
    "minus signs": "-" * 2000 + "1",
    "digits": "1" * 10**6,
    "power tower": "9^" * 20 + "9",
    "huge power": "9" * 256 + "^" + "9" * 256,
    "power of a sum": "(x+y+z+w)^{60}",
    "sums of powers": "+".join(["(x+y)^{9}"] * 90),
    "sum of fractions": "+".join(f"1/(x+{i})" for i in range(150)),
    "product of sums": "*".join(f"(x+{i}/{i + 1})" for i in range(60)),
    "product of long sums": "({})({})".format(
        *("+".join(f"{c}_{i}" for i in range(60)) for c in "ab")
    ),
    "hard roots": "+".join(rf"\sqrt{{{10**70 + i}}}" for i in range(30)),
    "many roots": "*".join(f"2^{{1/{p}}}" for p in range(2, 150)),
    "exponentials": "*".join(f"e^{{x/{p}}}" for p in range(2, 150)),
    "a large set": "{" + ",".join(str(i) for i in range(500)) + "}",
    "a set of powers": "{" + ",".join(f"(x+{i})^{{20}}/(y+{i})" for i in range(80)) + "}",
    "thousands": "1,234" * 500,
    "fractions": r"\frac" * 500,
    "functions": r"\sin " * 500,
    "names": "sin" * 1300,
    "divisions": "1/" * 500 + "1",
    "environments": r"\begin{pmatrix}" * 200,
    "nested lists": "[" * 200 + "1" + "]" * 200,
    "texts": r"\text{" * 500 + "}" * 500,
    "letters": "x" * 4000,
    "one megabyte": "x + " * 250_000,
    "boxes": r"\boxed{" * 100_000,
    "a surrogate": "\ud800",
    "a long unit": r"5\text{m" + "6" * 3000 + "r}",
    "a long calculation": r"5\text{" + "1" * 3000 + "x}",
    "unit after unit": r"5\text{" + "m^2 " * 900 + "x}",
    "texts that do not end": r"\text{a" * 600,
    "zeros": "0" * 4000,
    "commas": "1,234" * 700,
    "capitals": "A" * 4000,
    "capitals and digits": "A1" * 2000,
    "backslashes": "\\" * 4000,
    "spaces": "4" + " " * 4000 + "2",
    "nested sums": r"\sum_{k=1}^{64}" * 20 + "k",
    "nested maxima": r"\max(x, " * 30 + "1" + ")" * 30,
    "nested sines": r"\sin(" * 30 + "x" + ")" * 30,
    "nested exponentials": "e^{" * 30 + "1" + "}" * 30,
    "nested roots": r"\sqrt{1+" * 30 + "2" + "}" * 30,
    "nested fractions": r"\frac{1}{1+" * 30 + "x" + "}" * 30,
    "factorials": "+".join(f"(x+{i})!" for i in range(200)),
    "large factorials": "+".join(f"{5000 - i}!" for i in range(100)),
    "large powers": "+".join(f"7^{{{20_000 - i}}}" for i in range(100)),
    "a factorial tower": "9" + "!" * 50,
    "sums of nested roots": "+".join(rf"\sqrt{{{i}+\sqrt{{{i + 1}}}}}" for i in range(2, 100)),
    "a set of roots": r"\{" + ",".join(rf"\sqrt{{{i}}}+\pi" for i in range(2, 150)) + r"\}",
    "a union of roots": r"\cup".join(rf"\{{\sqrt{{{i}}}+\pi\}}" for i in range(2, 100)),
    "inequalities": " or ".join(rf"\sqrt{{{i}}} < x < \pi^{{{i + 1}}}" for i in range(2, 100)),
    "roots of unity": "+".join(rf"e^{{2i\pi/{i}}}" for i in range(2, 120)),
    "cosines": "".join(rf"\cos\frac{{\pi}}{{{i}}}" for i in range(3, 90)),
    "signs": "+".join(rf"\pm {i}" for i in range(200)),
    "nested series": "".join(rf"\sum_{{{c}=0}}^\infty " for c in "abcdfghjklmnopq") + "x^a",
    "nested floors": r"\lfloor\frac{x+" * 15 + "x" + r"}{2}\rfloor" * 15,
    "a condition of high degree": r"\{x \in \mathbb{Z} \mid x^{1000} < 10^{300}x + 1\}",
    "a condition with many bars": r"\{k \in \mathbb{Z} \mid "
    + "+".join(["|k-1|"] * 60)
    + r" < 9\}",
    "nearly equal": "917+e^{-3500}",
    "nearly equal, by a root": r"917+\sqrt{10^{900}+1}-10^{450}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_take_little_time(name: str) -> None:
    text = HOSTILE[name]
    for reference in REFERENCES[:9]:
        with within(5):
            assert not is_correct(boxed(text), reference)
    with within(5):
        evaluate(text)


@quick
@given(
    st.lists(st.tuples(st.sampled_from("+-*/"), st.integers(0, 999)), max_size=6),
    st.integers(0, 999),
)
def test_arithmetic_is_read_the_same_with_and_without_a_tree(
    steps: list[tuple[str, int]], first: int
) -> None:
    text = str(first) + "".join(f" {operator} {number}" for operator, number in steps)
    quick_reading, tree_reading = read_expression(text), read_expression(f"({text})")
    if quick_reading is None:
        assert tree_reading is None
        assert "/ 0" in text
        return
    assert tree_reading is not None
    assert quick_reading[:2] == tree_reading[:2]
    assert quick_reading.literals == number_literals(parse_answer(text))
    assert quick_reading.is_literal == is_literal(parse_answer(text)) == (not steps)


def test_values_can_be_kept_in_sets() -> None:
    texts = [
        "1/2",
        "0.5",
        r"\sqrt{8}",
        r"2\sqrt2",
        "x+1",
        r"\frac{x^2-1}{x-1}",
        r"\frac{x+1}{2x+2}",
    ]
    assert len({evaluate(text) for text in texts}) == 3
    assert evaluate("x") != evaluate("y")
    assert evaluate("x") != "x"
    assert evaluate("(1, 2)") is None
