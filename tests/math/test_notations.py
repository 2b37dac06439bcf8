"""Every topic's answers in other notations, and nearly right ones: right and wrong."""

import re
from itertools import islice

import pytest

from reasoning_gym_envs.answers import Reference, parse_answer
from reasoning_gym_envs.answers.tree import (
    BareList,
    Expression,
    Matrix,
    Set,
    Sum,
    Tuple,
    Variable,
    walk,
)
from reasoning_gym_envs.math.topics import TOPICS
from reasoning_gym_envs.problems import Stream

LEVELS = range(1, 11)
SAMPLES = 6  # problems a topic and level

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"  # an argument in braces, with one level of braces inside


def problems(topic, level):
    stream = Stream(f"notations {topic} {level}")
    return [TOPICS[topic](stream, level) for _ in range(SAMPLES)]


# Notations that only look at the text. Each gives the text back where it has nothing to change.


def in_dollars(text):
    return f"${text}$"


def in_round_delimiters(text):
    return rf"\({text}\)"


def in_square_delimiters(text):
    return rf"\[ {text} \]"


def in_a_box_more(text):
    return text if items(text, BareList) else rf"\boxed{{{text}}}"


def with_a_full_stop(text):
    return f"{text}."


def displayed(text):
    return rf"\displaystyle {text}"


def bold(text):
    return rf"\mathbf{{{text}}}" if is_number(text) else text


def spaced(text):
    """Spaces around every sign and bracket, outside of commands."""
    return re.sub(r"(?<!\\)([-+,()])", r" \1 ", text)


def with_thin_spaces(text):
    return text.replace(" ", r"\, ")


def without_spaces(text):
    return re.sub(r"(?<![A-Za-z]) | (?![A-Za-z])", "", text)


def with_dfrac(text):
    return text.replace(r"\frac", r"\dfrac")


def with_tfrac(text):
    return text.replace(r"\frac", r"\tfrac")


def with_slashes(text):
    r"""`(a)/(b)` for `\frac{a}{b}`; without brackets around integers."""
    found = re.sub(rf"\\frac{GROUP}{GROUP}", r"((\1)/(\2))", text)
    found = re.sub(r"\((\d+)\)", r"\1", found)
    return re.sub(r"^\((-?\d+/\d+)\)$", r"\1", found)


def with_short_arguments(text):
    return re.sub(r"\\(frac)\{(\d)\}\{(\d)\}", r"\\\1\2\3", text)


def with_left_and_right(text):
    text = re.sub(r"(?<!\\)\(|\\\{", r"\\left\g<0>", text)
    return re.sub(r"(?<!\\)\)|\\\}", r"\\right\g<0>", text)


def with_unicode_minus(text):
    return text.replace("-", "−")


def with_unicode_roots(text):
    return re.sub(r"\\sqrt\{(\d+)\}", r"√\1", text)


def with_plain_roots(text):
    return re.sub(r"\\sqrt\{(\d+)\}", r"sqrt(\1)", text)


def with_unicode_pi(text):
    return text.replace(r"\pi", "π")


def with_plain_pi(text):
    return re.sub(r"(\d)\\pi", r"\1*pi", text)


def with_superscripts(text):
    return re.sub(r"\^(\d)", lambda match: match[1].translate(SUPERSCRIPTS), text)


def with_braced_exponents(text):
    return re.sub(r"\^(\d+)", r"^{\1}", text)


def with_starred_powers(text):
    return re.sub(r"\^(?:(\d+)|\{([^{}]*)\})", r"**(\1\2)", text)


def with_unicode_products(text):
    return re.sub(r"(\d)(?=x|\\pi|\\sqrt)", r"\1×", text)


def with_dots_between_factors(text):
    return re.sub(r"(\d)(?=x|\\pi|\\sqrt)", r"\1 \\cdot ", text)


def with_stars_between_factors(text):
    return re.sub(r"(\d)(?=x|\\pi|\\sqrt)", r"\1*", text)


# Notations for one kind of answer: they have nothing to say of the others.


def is_list(text):
    return not isinstance(parse_answer(text), Expression)


def with_commas(text):
    if not re.fullmatch(r"-?\d{4,}", text):
        return text
    return f"{int(text):,}"


def with_braced_commas(text):
    return text if is_list(text) else with_commas(text).replace(",", "{,}")


def with_thin_space_groups(text):
    return text if is_list(text) else with_commas(text).replace(",", r"\,")


def is_number(text):
    tree = parse_answer(text)
    return isinstance(tree, Expression) and not any(isinstance(n, Variable) for n in walk(tree))


def with_a_name_before(text):
    return f"x = {text}" if is_number(text) else text


def with_a_name_behind(text):
    return f"{text} = n" if is_number(text) else text


def with_a_function_before(text):
    return f"f(x) = {text}" if isinstance(parse_answer(text), Expression) else text


def with_a_unit(text):
    return rf"{text} \text{{ cm}}" if re.fullmatch(r"-?[\d.]+", text) else text


def with_a_word_for_its_unit(text):
    return f"{text} units" if re.fullmatch(r"-?[\d.]+", text) else text


def with_a_plus(text):
    return f"+{text}" if re.match(r"\d|\\frac", text) and is_number(text) else text


def with_a_zero(text):
    return f"{text}0" if re.fullmatch(r"-?\d+\.\d+", text) else text


def without_a_zero(text):
    return re.sub(r"^(-?)0\.", r"\1.", text)


def as_a_decimal(text):
    return f"{text}.0" if re.fullmatch(r"-?\d+", text) else text


def as_text(text):
    return rf"\text{{{text}}}" if re.fullmatch(r"-?\d+", text) else text


def as_a_mixed_number(text):
    match = re.fullmatch(r"(-?)\\frac\{(\d+)\}\{(\d+)\}", text)
    if not match or int(match[2]) < int(match[3]):
        return text
    whole, rest = divmod(int(match[2]), int(match[3]))
    return rf"{match[1]}{whole}\frac{{{rest}}}{{{match[3]}}}"


def terms(text):
    return re.findall(r"([+-]?)\s*((?:[^-+{}]|\{[^{}]*\})+)", text)


def with_reversed_terms(text):
    if not isinstance(parse_answer(text), Sum):
        return text
    return " ".join(f"{sign or '+'} {term.strip()}" for sign, term in reversed(terms(text)))


def items(text, kinds):
    """The elements of an answer that is of one of some kinds, as texts; else none."""
    if not isinstance(parse_answer(text), kinds):
        return []
    inside = re.sub(r"^(\(|\\\{)|(\)|\\\})$", "", text)
    return [item.strip() for item in inside.split(",")]


def as_a_reversed_set(text):
    found = items(text, Set)
    return rf"\{{{', '.join(reversed(found))}\}}" if found else text


def as_a_plain_set(text):
    found = items(text, Set)
    return f"{{{'; '.join(found)}}}" if found and "\\" not in "".join(found) else text


def as_alternatives(text):
    found = items(text, Set)
    return r" \text{ or } ".join(f"x = {item}" for item in found) if found[1:] else text


def as_an_element(text):
    return rf"x \in {text}" if items(text, Set) else text


def as_a_list(text):
    found = items(text, (Set, Tuple))
    return ", ".join(found) if found[1:] else text


def as_a_reversed_list(text):
    found = items(text, BareList)
    return ",".join(reversed(found)) if found else text


def as_a_list_with_and(text):
    found = items(text, BareList)
    return f"{', '.join(found[:-1])} and {found[-1]}" if found else text


def as_a_list_in_brackets(text):
    return f"({text})" if items(text, BareList) else text


def in_angle_brackets(text):
    found = items(text, Tuple)
    return rf"\langle {', '.join(found)} \rangle" if found else text


def with_names_before(text):
    found = items(text, Tuple)
    return f"({', '.join('xyzuvw'[: len(found)])}) = {text}" if found else text


def with_a_name_each(text):
    found = items(text, Tuple)
    named = zip("xyz" if len(found) < 4 else "pqrstu", found, strict=False)
    return ", ".join(f"{name} = {item}" for name, item in named) if found else text


def as_a_column(text):
    found = items(text, Tuple)
    return r"\begin{pmatrix}" + r"\\".join(found) + r"\end{pmatrix}" if found else text


def in_square_brackets(text):
    return text.replace("pmatrix", "bmatrix")


def as_a_list_of_rows(text):
    if not isinstance(parse_answer(text), Matrix):
        return text
    rows = re.sub(r"\\(begin|end)\{pmatrix\}", "", text).split(r"\\")
    return f"[{', '.join(f'[{row.strip()}]'.replace('&', ',') for row in rows)}]"


NOTATIONS = [
    in_dollars,
    in_round_delimiters,
    in_square_delimiters,
    in_a_box_more,
    with_a_full_stop,
    displayed,
    bold,
    spaced,
    with_thin_spaces,
    without_spaces,
    with_dfrac,
    with_tfrac,
    with_slashes,
    with_short_arguments,
    with_left_and_right,
    with_unicode_minus,
    with_unicode_roots,
    with_plain_roots,
    with_unicode_pi,
    with_plain_pi,
    with_superscripts,
    with_braced_exponents,
    with_starred_powers,
    with_unicode_products,
    with_dots_between_factors,
    with_stars_between_factors,
    with_commas,
    with_braced_commas,
    with_thin_space_groups,
    with_a_name_before,
    with_a_name_behind,
    with_a_function_before,
    with_a_unit,
    with_a_word_for_its_unit,
    with_a_plus,
    with_a_zero,
    without_a_zero,
    as_a_decimal,
    as_text,
    as_a_mixed_number,
    with_reversed_terms,
    as_a_reversed_set,
    as_a_plain_set,
    as_alternatives,
    as_an_element,
    as_a_list,
    as_a_reversed_list,
    as_a_list_with_and,
    as_a_list_in_brackets,
    in_angle_brackets,
    with_names_before,
    with_a_name_each,
    as_a_column,
    in_square_brackets,
    as_a_list_of_rows,
]


def notations(text):
    """The notations in which an answer looks different, by name."""
    found = {notation.__name__: notation(text) for notation in NOTATIONS}
    return {name: other for name, other in found.items() if other != text}


def changed(text):
    """Answers that are nearly the right one."""
    for match in islice(re.finditer(r"\d+", text), 12):  # another last digit in each number
        number = match[0][:-1] + str((int(match[0][-1]) + 1) % 10)
        yield text[: match.start()] + number + text[match.end() :]
    tree = parse_answer(text)
    if isinstance(tree, Expression):
        if text != "0":
            yield text[1:] if re.fullmatch(r"-[\d.]+", text) else f"-({text})"
            yield f"({text})x"
        yield from (f"{text} + 1", f"{text} + x", f"{text}, {text}", rf"\{{{text}\}}", f"[{text}]")
        yield from (f"{text} or 1", f"{text} = {text}", rf"{text} \text{{ of them}}")
    elif isinstance(tree, Matrix):
        yield re.sub(r"(\\\\|\\end)", r"& 0 \1", text)
        yield text.replace(r"\end", r"\\ 0 \end") if "&" not in text else text.replace("&", r"\\")
        yield rf"-1 \cdot {text}"
    else:
        found = items(text, (Set, Tuple, BareList))
        opening, closing = {Set: (r"\{", r"\}"), Tuple: "()", BareList: ("", "")}[type(tree)]
        others = [[*found, found[-1]], [*found, "97"], found[:-1], [f"{found[0]} + 1", "98"]]
        if isinstance(tree, Tuple) and found != found[::-1]:
            others.append(found[::-1])
        if isinstance(tree, Tuple) and found[0] != "0":
            others.append([f"-({found[0]})", *found[1:]])
        for other in others:
            yield opening + ", ".join(other) + closing


def boxed(answer):
    return f"So it is $\\boxed{{{answer}}}$."


@pytest.mark.parametrize("topic", TOPICS)
def test_every_notation_of_an_answer_is_right(topic):
    for level in LEVELS:
        for problem in problems(topic, level):
            reference = Reference(problem.answer, problem.form)
            found = notations(problem.answer)
            assert len(found) >= 8, found
            for name, text in found.items():
                verdict = reference.check(boxed(text))
                assert verdict.correct, (name, text, reference, verdict)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_changed_answer_is_wrong(topic):
    for level in LEVELS:
        for problem in problems(topic, level):
            reference = Reference(problem.answer)  # in whatever form: it must not be equal
            texts = list(changed(problem.answer))
            assert len(texts) >= 4, texts
            for text in texts:
                verdict = reference.check(boxed(text))
                assert verdict.status in ("wrong", "unreadable"), (text, reference, verdict)


def test_every_notation_is_met():
    met = {
        name
        for topic in TOPICS
        for level in LEVELS
        for problem in problems(topic, level)
        for name in notations(problem.answer)
    }
    assert met == {notation.__name__ for notation in NOTATIONS}


def test_notations_look_as_they_should():
    assert with_slashes(r"-\frac{3}{4}") == "-(3/4)"
    assert with_slashes(r"\frac{10 - 4\sqrt{6}}{3}") == r"((10 - 4\sqrt{6})/3)"
    assert with_reversed_terms("-3x^2 - 8x + 1") == "+ 1 - 8x - 3x^2"
    assert as_a_mixed_number(r"-\frac{49}{3}") == r"-16\frac{1}{3}"
    assert with_commas("-1234567") == "-1,234,567"
    assert as_alternatives(r"\{1, 11\}") == r"x = 1 \text{ or } x = 11"
    assert with_a_name_each("(2, -1)") == "x = 2, y = -1"
    assert (
        as_a_list_of_rows(r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}") == "[[1 , 2], [3 , 4]]"
    )
    assert with_left_and_right(r"\{(1, 2)\}") == r"\left\{\left(1, 2\right)\right\}"
