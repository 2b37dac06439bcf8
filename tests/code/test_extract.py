"""Which text of a response is the program."""

import pytest

from reasoning_gym_envs.code.extract import fenced_blocks, find_program
from tests.clock import within


def fenced(text, mark="```python"):
    return f"{mark}\n{text}\n{mark[:3]}"


MARKS = (
    *("python", "py", "PY", "Python", "Python3", "py3", "python2", "python3.12", "ipython3"),
    *("{python}", "{.python}", "{.python .numberLines}", "{python, echo=FALSE}", "python{1,3}"),
    *("python:main.py", "python:src/main.py", "main.py", "src/a.py", "python title=a", "python\ta"),
    *("python,", "python, fixed", "python;", ".python", ":python", "[python]", " python "),
    *("python\u200b", "\ufeffpython"),
)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("fence", ["```", "````", "~~~"])
def test_marks_of_python(mark, fence):
    marked = f"{fence}{mark}\nf = 1\n{fence}"
    assert find_program(f"{marked}\nIt prints\n{fenced('f = 2', '```')}") == "f = 1\n"
    assert find_program(f"{fenced('f = 2', '```')}\nSo:\r\n\r\n{marked}\r\n") == "f = 1\n"


@pytest.mark.parametrize(
    "mark", ["pycon", "python-repl", "cython", "pyx", "text", "py.txt", "pytb"]
)
def test_marks_of_something_else(mark):
    assert find_program(fenced("f = 2") + "\n" + fenced("f = 1", f"```{mark}")) == "f = 2\n"
    assert find_program(fenced("f = 1", f"```{mark}")) is None


@pytest.mark.parametrize(
    ("response", "program"),
    [
        # A fence after words, and before a tag.
        ("Here it is: ```python\nf = 1\n```", "f = 1\n"),
        ("Here it is: ```{.python}\nif a:\n    f = 1\n```", "if a:\n    f = 1\n"),
        ("Here it is: ```\nf = 1\n```", "f = 1\n"),
        ("Here it is:```\nf = 1\n```", "f = 1\n"),
        ("**Answer:** ```py3\nf = 1\n```", "f = 1\n"),
        ("With `f` it is ```python\nf = 1\n```", "f = 1\n"),
        ("<answer>```python\nf = 1\n```</answer>", "f = 1\n"),
        ("```python\nf = 1\n```<|im_end|>", "f = 1\n"),
        ("- ```python\n  if a:\n      f = 1\n  ```", "if a:\n    f = 1\n"),
        ("12. ```python\n    f = 1\n    ```", "f = 1\n"),
        ("* ```\n  f = 1\n  ```", "f = 1\n"),
        ("   ```python\nif a:\n    f = 1\n   ```", "if a:\n    f = 1\n"),
        ("\t```python\n\tif a:\n\t\tf = 1\n\t```", "if a:\n\tf = 1\n"),
        ("Do not write ``` at the end\n" + fenced("f = 1"), "f = 1\n"),
        ("Do not forget the closing ```\n" + fenced("f = 1"), "f = 1\n"),
        ("It begins with ```python\n" + fenced("f = 1"), "f = 1\n"),
        ("It begins with ```python and code.\n" + fenced("f = 1"), "f = 1\n"),
        ("Call ```python f(1)``` like this.", None),
        # A fence after the code.
        ("```python\nf = 1```", "f = 1\n"),
        ("```python\nf = 1\ng = 2```\nDone.", "f = 1\ng = 2\n"),
        ("```python\nf = 1```\n" + fenced("g = 2", "```"), "f = 1\n"),
        ("```python\nf = 1  # not ```\ng = 2\n```", "f = 1  # not ```\ng = 2\n"),
        ("```python\n'Call ```f()```'\nf = 1\n```", "'Call ```f()```'\nf = 1\n"),
        ("```python\nf = '```python'\n```", "f = '```python'\n"),
        # One that was not closed before the next.
        ("```python\nf = 1\nNo, wait:\n```python\nf = 2\n```", "f = 2\n"),
        ("```markdown\nIt is\n```python\nf = 2\n```\n```", "f = 2\n"),
        # The end of thinking in a string is none.
        (fenced("f = s.split('</think>')[-1]"), "f = s.split('</think>')[-1]\n"),
        (fenced('f = "a </think> b"'), 'f = "a </think> b"\n'),
        (fenced('f = """</think>"""'), 'f = """</think>"""\n'),
        ("def f(s): return '</think>' in s", "def f(s): return '</think>' in s"),
        ("<think>a</think>" + fenced('r"<think>.*?</think>"'), 'r"<think>.*?</think>"\n'),
        ("Say \"</think>\" when it's done.</think>I'm done:\n" + fenced("f = 1"), "f = 1\n"),
        (fenced("f = 1") + "\nit's wrong</think>it's unknown", None),
        (fenced("f = 1") + '\n"quoted</think>\nI do not know.', None),
        ("<think>" + "```python\nf = 1\n" + "</think>\n" + fenced("f = 2"), "f = 2\n"),
        # Marks that show nothing.
        ("\ufeff" + fenced("f = 1"), "f = 1\n"),
        ("\u200b```python\nf = 1\n\u200b```\u200b", "f = 1\n"),
        (fenced("\ufefff = 1"), "f = 1\n"),
        (fenced("if a:\n    \u200bf = 1\u2060 \ufeff"), "if a:\n    f = 1\n"),
        (fenced("f = 'a\u200bb'"), "f = 'a\u200bb'\n"),
        ("\ufeffdef f(): return 1\u200b", "def f(): return 1"),
    ],
)
def test_responses_as_models_write_them(response, program):
    assert find_program(response) == program
    if "```" in response:
        assert find_program(response.replace("\n", "\r\n")) == program


DEFINITION = "def f(x):\n    return x"
USE = "print(f(1))"


@pytest.mark.parametrize(
    ("response", "program"),
    [
        (fenced(DEFINITION) + "\nUse it:\n" + fenced(USE), DEFINITION),
        (fenced(DEFINITION, "```") + "\nUse it:\n" + fenced(USE), DEFINITION),
        (fenced(DEFINITION) + "\nUse it:\n" + fenced(USE, "```"), DEFINITION),
        (fenced(USE) + "\nwith\n" + fenced(DEFINITION), DEFINITION),
        (fenced("def f(): pass") + "\nNo:\n" + fenced(DEFINITION) + fenced(USE), DEFINITION),
        (fenced(DEFINITION) + "\n" + fenced(f"{DEFINITION}\n{USE}"), f"{DEFINITION}\n{USE}"),
        (fenced(DEFINITION) + "\n" + fenced(""), DEFINITION),
        (fenced(DEFINITION) + "\n" + fenced("f == 1"), DEFINITION),
        (fenced(DEFINITION) + "\n" + fenced("def test_f():\n    def f(): pass"), DEFINITION),
        (fenced(DEFINITION) + "\n" + fenced("def f_of_x(): pass"), DEFINITION),
        (fenced("class f:\n    pass") + "\n" + fenced(USE), "class f:\n    pass"),
        (fenced("f = lambda x: x") + "\n" + fenced(USE), "f = lambda x: x"),
        (fenced("f: object = abs") + "\n" + fenced(USE), "f: object = abs"),
        (fenced("async def f(x): pass") + "\n" + fenced(USE), "async def f(x): pass"),
        (fenced("\ufeffdef f(x): pass") + "\n" + fenced(USE), "def f(x): pass"),
        # Nothing defines it: the last, for what is wrong to be told.
        (fenced("def g(): pass") + "\n" + fenced(USE), USE),
        ("<think>" + fenced(DEFINITION) + "</think>" + fenced(USE), USE),
        (USE, USE),
    ],
)
def test_the_block_that_defines_what_is_asked_for(response, program):
    found = find_program(response, "f")
    assert found is not None
    assert found.rstrip() == program


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
        "a ```" * 200_000,
        "a ```python" * 100_000,
        "a:```\nb```\n" * 50_000,
        "`" * 1_000_000 + "a",
        "a" + "`" * 1_000_000,
        "```" + "." * 1_000_000,
        "\u200b" * 1_000_000 + "def f(x)",
        "```python\n" + "\u200b a" * 300_000,
        "'</think>" * 100_000,
        "'</think>\n" * 100_000,
        " " * 500_000 + "-" + " " * 500_000,
        "```python\n" + "f " * 400_000,
        "```python\n" + "f\n" * 400_000,
        ("`" * 3000 + "\n") * 300,
    ],
)
def test_any_text_takes_little_time(text):
    with within(2):
        find_program(text, "f")
