"""Which text of a response is the program."""

import pytest

from reasoning_gym_envs.code.extract import fenced_blocks, find_program
from tests.clock import within


def fenced(text, mark="```python"):
    return f"{mark}\n{text}\n{mark[:3]}"


@pytest.mark.parametrize(
    ("response", "program"),
    [
        (fenced("f = 1"), "f = 1\n"),
        (fenced("f = 1", "```py"), "f = 1\n"),
        (fenced("f = 1", "```Python3"), "f = 1\n"),
        (fenced("f = 1", "```python title=solution.py"), "f = 1\n"),
        (fenced("f = 1", "```"), "f = 1\n"),
        (fenced("f = 1", "~~~"), "f = 1\n"),
        (fenced("f = 1", "~~~python"), "f = 1\n"),
        ("Here:\r\n```python\r\nf = 1\r\n```\r\n", "f = 1\n"),
        # The last wins, and one that is marked as Python over one that is not.
        (fenced("f = 1") + "\nNo:\n" + fenced("f = 2"), "f = 2\n"),
        (fenced("a_long_draft = 1\n" * 9) + "\n" + fenced("f = 2"), "f = 2\n"),
        (fenced("f = 1") + "\nIt prints\n" + fenced("1 2 3", "```"), "f = 1\n"),
        (fenced("f = 1", "```") + "\n" + fenced("f = 2", "```"), "f = 2\n"),
        (fenced("f = 1", "```") + "\nRun\n" + fenced("pip install x", "```bash"), "f = 1\n"),
        # Thinking is not the answer.
        ("<think>" + fenced("f = 1") + "</think>" + fenced("f = 2"), "f = 2\n"),
        ("</think>" + fenced("f = 1") + "</think>\n" + fenced("f = 2"), "f = 2\n"),
        ("<think>" + fenced("f = 1") + "</think> I give up.", None),
        # Fences within.
        ("````python\ns = '''\n```\n'''\n````", "s = '''\n```\n'''\n"),
        ("~~~python\n```\n~~~", "```\n"),
        ("```python\nf = 1", "f = 1\n"),  # cut off
        ("1. So:\n   ```python\n   if a:\n       f = 1\n   ```", "if a:\n    f = 1\n"),
        ("Call ```f(1)``` like this.", None),
        # No fence at all.
        ("def f(n):\n    return n", "def f(n):\n    return n"),
        ("import sys\nprint(sys.stdin.read())", "import sys\nprint(sys.stdin.read())"),
        ("print(int(input()) * 2)", "print(int(input()) * 2)"),
        ("class A:\n    pass", "class A:\n    pass"),
        ("The class is over, I import nothing from you.", None),
        ("from here on, I do not know", None),
        ("", None),
        ("\\boxed{7}", None),
        ("```python\n```", None),
        ("```python\n  \n```", None),
        (fenced("f = 1") + "\n" + fenced(""), None),  # the last is empty: no way back
        (fenced("rm -rf /", "```bash"), None),
    ],
)
def test_the_program_in_a_response(response, program):
    assert find_program(response) == program


def test_blocks_have_their_languages():
    text = fenced("a", "```JSON") + "\n" + fenced("b", "~~~")
    assert fenced_blocks(text) == [("json", "a\n"), ("", "b\n")]


@pytest.mark.parametrize(
    "text",
    [
        "`" * 1_000_000,
        "```\n" * 250_000,
        "~~~`\n" * 200_000,
        "\n" * 1_000_000,
        " " * 1_000_000,
        "\t" * 500_000 + "def ",
        "def " + "a" * 1_000_000,
        "class " * 200_000,
        "from " + "a." * 500_000,
        "import" + " " * 1_000_000,
        "</think>" * 100_000,
        "```python\n" * 100_000,
        "\ud800\x00" * 100_000,
        ("`" * 3000 + "\n") * 300,
    ],
)
def test_any_text_takes_little_time(text):
    with within(2):
        find_program(text)
