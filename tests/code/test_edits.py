"""Search/replace blocks: applied where it is clear what is meant, refused in words otherwise."""

import contextlib

import pytest

from reasoning_gym_envs.code.edits import (
    MOST_BLOCKS,
    Block,
    Refused,
    apply_blocks,
    has_blocks,
    read_blocks,
)

PROGRAM = """\
def f(a):
    total = 0
    for x in a:
        if x:
            total += x
    return total

def g(a):
    total = 0
    return a
"""


def block(search, replace):
    return f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


def edited(response, program=PROGRAM):
    return apply_blocks(program, read_blocks(response))


@pytest.mark.parametrize(
    "around",
    ["{}", "I see.\n```python\n{}```\nDone.", "```\n{}```", "{}\nand no more"],
)
def test_a_block_is_applied_wherever_it_stands(around):
    response = around.format(block("            total += x\n", "            total -= x\n"))
    assert has_blocks(response)
    assert edited(response) == PROGRAM.replace("+=", "-=")


def test_several_blocks_are_applied_in_order():
    first = block("        if x:\n", "        if not x:\n")
    second = block("        if not x:\n            total += x\n", "        total += 1\n")
    assert edited(first + second) == PROGRAM.replace(
        "        if x:\n            total += x\n", "        total += 1\n"
    )


def test_lines_can_be_added_and_removed():
    assert edited(block("    return a\n", "")) == PROGRAM.replace("    return a\n", "")
    added = edited(block("    return a\n", "    a += 1\n\n    return a\n"))
    assert added == PROGRAM.replace("    return a\n", "    a += 1\n\n    return a\n")


def test_white_space_may_differ_where_it_is_clear():
    assert edited(block("    return a  \n", "    return 1\n")) == PROGRAM.replace(
        "return a", "return 1"
    )
    assert edited(block("    return a\r\n", "    return 1\r\n")) == PROGRAM.replace(
        "return a", "return 1"
    )
    # less far indented than the program, and further
    for indent in ("", "  ", " " * 16):
        response = block(
            f"{indent}if x:\n{indent}    total += x\n", f"{indent}if x > 1:\n\n{indent}    pass\n"
        )
        assert edited(response) == PROGRAM.replace(
            "        if x:\n            total += x\n", "        if x > 1:\n\n            pass\n"
        )


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (block("    return b\n", ""), "does not occur in the program"),
        (block("total += x; total\n", ""), "does not occur in the program"),
        (block("turn total\n", ""), "does not occur in the program"),
        (block("    total = 0\n", ""), "more than once"),
        (block("total = 0\n", ""), "more than once"),
        (block("", "x = 1\n"), "is empty"),
        (block(" \n\n", "x = 1\n"), "is empty"),
        (block("    if x:\n  total += x\n", ""), "indented inconsistently"),
        (block(" " * 16 + "return a\n", "return 1\n"), "indented less than"),
        ("<<<<<<< SEARCH\nx\n", "no `=======` line"),
        ("<<<<<<< SEARCH\nx\n=======\n", "no `>>>>>>> REPLACE` line"),
        ("<<<<<<< SEARCH\nx\n>>>>>>> REPLACE\n", "no `<<<<<<< SEARCH` and `=======`"),
        (">>>>>>> REPLACE\n", "no `<<<<<<< SEARCH` and `=======`"),
        ("<<<<<<< SEARCH\nx\n<<<<<<< SEARCH\n", "second `<<<<<<< SEARCH` line"),
        (block("    return a\n", "") + block("    return a\n", ""), "of block 2 does not occur"),
        (block("x\n", "y\n") * (MOST_BLOCKS + 1), "complete program"),
    ],
)
def test_what_is_unclear_is_refused(response, said):
    with pytest.raises(Refused, match=said.replace("(", r"\(")):
        edited(response)


def test_a_line_of_equals_signs_may_be_replaced_with():
    assert edited(block("    return a\n", "    return (\n=======\n")).count("\n=======\n") == 1


def test_ordinary_responses_have_no_blocks():
    for response in ("", "```python\nx = 1\n```", "=======", "a <<<<<<< SEARCH", "<<<<<<< HEAD"):
        assert not has_blocks(response)
    assert read_blocks("=======\n") == []


def test_any_text_takes_linear_time(time_limit):
    lines = "\n" * 100_000 + "x\n"
    texts = [
        block("\n" * 50_000 + "y\n", "z\n"),
        block("\n" * 50_000 + "x\n", "z\n"),
        block(" \n" * 20_000 + "x\n", "z\n") * MOST_BLOCKS,
        block("x\n" * 200_000, ""),
        "<<<<<<< SEARCH\n" * 60_000,
        "=======\n" * 100_000,
        "\x00\ud800\u2028\x0c\u0085\r" * 100_000,
        "<" * 1_000_000,
    ]
    with time_limit(10):
        for text in texts:
            for program in (lines, "x\n" * 50_000, "", PROGRAM, "\ud800\x00"):
                with contextlib.suppress(Refused):
                    assert isinstance(edited(text, program), str)


def test_places_that_overlap_are_two():
    with pytest.raises(Refused, match="more than once"):
        apply_blocks("x\nx\nx\n", [Block(["x", "x"], [])])
