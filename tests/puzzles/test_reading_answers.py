"""What stands in a box is read in the many ways in which it is written, and in no other."""

from fractions import Fraction

import pytest

from reasoning_gym_envs.puzzles.arithmetic import Unreadable, read_expression
from reasoning_gym_envs.puzzles.cryptarithm import read_digits
from reasoning_gym_envs.puzzles.entailment import read_choice
from reasoning_gym_envs.puzzles.knights_and_knaves import read_kinds
from reasoning_gym_envs.puzzles.satisfiability import read_values
from reasoning_gym_envs.puzzles.zebra import read_table
from tests.clock import within


def values(answer):
    return read_values(answer, 2)


def digits(answer):
    return read_digits(answer, {"A": 1, "B": 2})


def choice(answer):
    return read_choice(answer, 6)


def kinds(answer):
    return read_kinds(answer, ("ada", "ben"))


def table(answer):
    return read_table(answer, (("tea", "milk"), ("dog", "cat")))


RIGHT = {
    values: [True, False],
    digits: {"A": 1, "B": 2},
    choice: {1, 2},
    kinds: {"ada": 1, "ben": 0},
    table: {"tea": 0, "dog": 0, "milk": 1, "cat": 1},
}


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        (values, "a=T b=F"),
        (values, "a is true and b is false."),
        (values, "a := true; b := false"),
        (values, '{"a": true, "b": false}'),
        (values, "{'a': True, 'b': False}"),
        (values, "**a** = true\n**b** = false"),
        (values, "| a | true |\n| b | false |"),
        (values, "a \\mapsto 1, b \\to 0"),
        (values, "\\begin{aligned} a &= 1 \\\\ b &= 0 \\end{aligned}"),
        (values, "$a=\\text{true}$,\\quad $b=\\mathtt{false}$"),
        (digits, '{"A": 1, "B": 2}'),
        (digits, "a=1 b=2"),
        (digits, "|A|1|\n|B|2|"),
        (digits, "A \\rightarrow 1,\\; B \\rightarrow 2."),
        (digits, "\\begin{array}{cc} A & 1 \\\\ B & 2 \\end{array}"),
        (digits, "A=1 \\text{ and } B=2"),
        (choice, "{1, 2}"),
        (choice, "1, and 2."),
        (choice, "Statements 1 and 2"),
        (choice, "statement 2, statement 1"),
        (choice, "#1, #2"),
        (choice, "1. 2."),
        (choice, "**1, 2**"),
        (choice, "1 \\\\ 2"),
        (kinds, '{"Ada": "knight", "Ben": "knave"}'),
        (kinds, "| Ada | knight |\n| Ben | knave |"),
        (kinds, "\\textbf{Ada}: knight, \\textbf{Ben}: knave"),
        (kinds, "Ada \\to knight, Ben \\to knave"),
        (kinds, "Ada – knight, Ben – knave"),
        (kinds, "[Ben is a knave and Ada is a knight.]"),
        (table, "1: {drink: tea, pet: dog}, 2: {drink: milk, pet: cat}"),
        (table, '{"1": {"drink": "tea", "pet": "dog"}, "2": {"pet": "cat", "drink": "milk"}}'),
        (table, "| House | drink | pet |\n|---|---|---|\n| 1 | tea | dog |\n| 2 | milk | cat |"),
        (
            table,
            "\\begin{tabular}{|c|c|c|} \\hline 1 & tea & dog \\\\ 2 & milk & cat\\end{tabular}",
        ),
        (table, "House #2: milk/cat; House #1: tea/dog"),
        (table, "1) Tea, Dog 2) Milk, Cat"),
    ],
)
def test_one_meaning_in_many_spellings(read, answer):
    assert read(answer) == (RIGHT[read], "")


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        (values, "a=true, a=false, b=false"),
        (values, "a=true, b=true or false"),
        (values, "a=true, b=not true"),
        (values, "not a=true, b=false"),
        (values, "a = b = false"),
        (values, "a=true"),
        (values, "a=true, b=false, c=true"),
        (values, "ba=1, b=0"),
        (values, "a≠false, b=false"),
        (values, "a=1.0, b=0"),
        (digits, "A=1, A=2, B=2"),
        (digits, "A=1 or 2, B=2"),
        (digits, "not A=1, B=2"),
        (digits, "A=-1, B=2"),
        (digits, "A=01, B=2"),
        (digits, "A=1.5, B=2"),
        (digits, "A=B=1"),
        (digits, "AB=12"),
        (digits, "A=¹, B=²"),
        (digits, "A=1, B=2, C=3"),
        (choice, "1, 1, 2"),
        (choice, "1 or 2"),
        (choice, "not 1"),
        (choice, "1-2"),
        (choice, "1.2"),
        (choice, "1, 2, none"),
        (choice, "1, 7"),
        (choice, "١, ٢"),
        (choice, "all"),
        (kinds, "Ada: ~knave, Ben: knave"),
        (kinds, "Ada: not a knave, Ben: knave"),
        (kinds, "Ada: \\neg knave, Ben: knave"),
        (kinds, "Ada ≠ knave, Ben: knave"),
        (kinds, "Ada: knight, Ada: knave, Ben: knave"),
        (kinds, "Ada: knight or knave, Ben: knave"),
        (kinds, "Ada: knight"),
        (kinds, "Ada: knight, Ben: knave, Carl: knave"),
        (kinds, "Ada and Ben: knight"),
        (table, "1: tea, dog; 2: ~milk, cat"),
        (table, "1: not tea, dog; 2: milk, cat"),
        (table, "1: tea or milk, dog; 2: cat"),
        (table, "1: tea, dog, cat; 2: milk, cat"),
        (table, "1: tea, dog; 2: milk"),
        (table, "1: tea, dog; 2: milk, cat; 3: juice"),
        (table, "1: tea, dog; 2: milk, cat; 1: milk, cat"),
        (table, "1: drink: dog, pet: tea; 2: milk, cat"),
        (table, "tea, dog; milk, cat"),
    ],
)
def test_what_says_something_else_is_refused(read, answer):
    assert read(answer)[1]


@pytest.mark.parametrize("read", list(RIGHT))
@pytest.mark.parametrize(
    "text",
    ["{", "\\begin{", "a=", "1", "1 ", "**", "\\", "a ", "ada ", ": ", "\ud800", "and ", "|", "İ"],
)
def test_no_text_takes_long(read, text):
    with within(5):
        assert read((text * 20_000)[:20_000])[1]


@pytest.mark.parametrize(
    ("text", "value", "numbers"),
    [
        (r"\frac83", Fraction(8, 3), (8, 3)),
        (r"\frac 8{3 + 1} = 24", 2, (8, 3, 1)),
        (r"\frac{8}3", Fraction(8, 3), (8, 3)),
        (r"\[\displaystyle 8 \times 3 = 24\]", 24, (8, 3)),
        (r"\left[8 - 2\right]\left(4\right)", 24, (8, 2, 4)),
        ("`24 = 8 × 3`", 24, (8, 3)),
        ("8 − −16", 24, (8, 16)),
        ("-(8 - 32)", 24, (8, 32)),
    ],
)
def test_expressions_in_many_spellings(text, value, numbers):
    assert read_expression(text, 24)[:2] == (value, numbers)


@pytest.mark.parametrize(
    "text",
    [
        r"2\frac{1}{2}",  # 5/2 to some, 1 to others
        r"\frac123",
        r"\frac8",
        r"\frac{8}",
        "f(8)(3)",
        "8 3",
        "8**3",
        "2**(3) × 1",
        "8^3",
        "8!",
        "8.0 * 3",
        "8e1",
        "8,000",
        "8 // 3",
        "8 % 3",
        "++8",
        "--8",
        "24 = 24 = 24",
        "8 * 3 = 25",
        "8 * 3 or 4 * 6",
        "8 * 3, 4 * 6",
        "8 * 3\n4 * 6",
        r"\sqrt{64} * 3",
        "abs(8) * 3",
        "٨ * 3",
        "2² * 6",
        "½ * 48",
        "9^9^9",
        "9" * 400,
        "(" * 400,
        "-" * 400,
        r"\frac" * 190,
        "",
    ],
)
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(Unreadable):
        read_expression(text, 24)
