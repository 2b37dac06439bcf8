"""Lines are wrapped to the width of a terminal, and only those that have to be."""

import pytest

from reasoning_gym_envs.cli.terminal import wrapped

CODE = "```python\nprint('one', 'two', 'three', 'four')\n```"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("x" * 20, "x" * 20),
        ("a b\n\n  c   d ", "a b\n\n  c   d "),
        ("one two three four five", "one two three four\nfive"),
        ("  one two three fours", "  one two three\n  fours"),
        ("- one two three fours", "- one two three\n  fours"),
        ("12. one two three four", "12. one two three\n    four"),
        ("  :new    another problem", "  :new    another\n          problem"),
        ("short\n" + "x" * 30 + " y\nshort", "short\n" + "x" * 30 + "\ny\nshort"),
        ("well-known-as-that long-word", "well-known-as-that\nlong-word"),
        (" " * 30, ""),
        (" " * 18 + "one two", "one two"),
        (CODE + "\none two three four five", CODE + "\none two three four\nfive"),
    ],
)
def test_lines_are_wrapped(text, expected):
    assert wrapped(text, 20) == expected


def test_every_width_goes_and_loses_no_word():
    text = "- Ada says that Ben is a knave, or so.\n    an indented line that is long"
    for width in range(1, 60):
        assert wrapped(text, width).split() == text.split()
