"""Checkers of problems with several right answers: in the sandbox, out of a submission's reach."""

import sys

import pytest

from reasoning_gym_envs.sandbox import (
    Comparison,
    DockerSandbox,
    Limits,
    SandboxFailure,
    Test,
    judge,
)
from tests.sandbox.engine import needs_engine

pytestmark = needs_engine

LIMITS = Limits(seconds=20, wall_seconds=60, total_seconds=120)

# Two different elements with the sum that is asked for, by their places, in any order.
TWO_SUM = """
def check(given, expected, got):
    numbers, total = given
    i, j = got
    return i != j and numbers[i] + numbers[j] == total
"""
RIGHT = """
def pair(numbers, total):
    for j in range(len(numbers)):
        for i in range(j):
            if numbers[i] + numbers[j] == total:
                return RETURNED
"""

DIVISOR = """
def check(given, expected, got):
    n, divisor = int(given), int(got)
    return 1 < divisor < n and n % divisor == 0
"""


@pytest.fixture(scope="module")
def sandbox():
    with DockerSandbox(boxes=1) as sandbox:
        yield sandbox


def pairs(sandbox, source, checker=TWO_SUM, **more):
    """How a source does on three calls of a function, of which any right answer will do."""
    given = [([5, 1, 4, 2], 6), ([3, 3], 6), ([0.5, 2, 1, 1.5], 2.5)]
    comparison = Comparison(checker=checker)
    tests = [
        Test(f"pair({numbers}, {total})", None, comparison, (numbers, total))
        for numbers, total in given
    ]
    return judge(sandbox, source, tests, requires=("pair",), limits=LIMITS, **more)


@pytest.mark.parametrize(
    ("returned", "statuses"),
    [
        ("(i, j)", ("passed",) * 3),
        ("[j, i]", ("passed",) * 3),
        ("{i: 1, j: 2}", ("passed",) * 3),
        ("(i, i)", ("wrong",) * 3),
        ("(i, j + 9)", ("wrong",) * 3),  # the checker raises IndexError
        ("(i, j, 0)", ("wrong",) * 3),
        ("object()", ("wrong",) * 3),
        ("[object(), j]", ("wrong",) * 3),
        ("None if total == 6 else (i, j)", ("wrong", "wrong", "passed")),
        ("1 / 0", ("crash",) * 3),
    ],
)
def test_a_checker_says_what_is_right(sandbox, returned, statuses):
    source = RIGHT.replace("RETURNED", returned)
    assert pairs(sandbox, source).statuses == statuses


def test_a_checker_reads_the_output_of_a_program(sandbox):
    comparison = Comparison(checker=DIVISOR)
    tests = [
        Test("12\n", "2", comparison),
        Test("35\n", "5", comparison),
        Test("9", "3", comparison),
    ]

    def statuses(program):
        return judge(sandbox, program, tests, kind="programs", limits=LIMITS).statuses

    largest = "n = int(input())\nprint(max(d for d in range(2, n) if n % d == 0))"
    assert statuses(largest) == ("passed",) * 3
    assert statuses("print(3)") == ("passed", "wrong", "passed")
    assert statuses("print(input())") == ("wrong",) * 3
    assert statuses("print('3 3')") == ("wrong",) * 3
    assert statuses("print(1 / 0)") == ("crash",) * 3
    # What is expected is an example, and another right answer is not the same text.
    assert judge(sandbox, largest, [Test("12", "2")], kind="programs").statuses == ("wrong",)


def test_a_checker_knows_what_is_expected(sandbox):
    source = (
        "def check(given, expected, got): return [given, expected, got] == ['f()', (1, 2), {3}]"
    )
    test = Test("f()", (1, 2), Comparison(checker=source))
    assert judge(sandbox, "def f(): return {3}", [test]).statuses == ("passed",)


def test_tests_may_have_checkers_of_their_own_and_none(sandbox):
    even = Comparison(checker="def check(given, expected, got): return got % 2 == 0")
    odd = Comparison(checker="def check(given, expected, got): return got % 2 == 1")
    tests = [Test("f(1)", 2, odd), Test("f(2)", 2), Test("f(3)", 0, even), Test("f(4)", 0, even)]
    verdict = judge(sandbox, "def f(x): return x", tests)
    assert verdict.statuses == ("passed", "passed", "wrong", "passed")


@pytest.mark.parametrize("said", ["1", "'True'", "None", "[True]", "print(True)", "(True, 'ok')"])
def test_only_true_is_right(sandbox, said):
    checker = f"def check(given, expected, got): return {said}"
    assert pairs(sandbox, RIGHT, checker).passed == (False,) * 3


@pytest.mark.parametrize(
    "checker", ["def check(given:", "1 / 0", "def judge(given, expected, got): return True", ""]
)
def test_a_checker_that_is_none_is_nobodys_fault(sandbox, checker):
    if not checker:  # none at all: the values are compared
        assert pairs(sandbox, "def pair(*_): pass", checker).status == "passed"
        return
    with pytest.raises(SandboxFailure, match="the checker cannot be loaded"):
        pairs(sandbox, RIGHT.replace("RETURNED", "(i, j)"), checker)
    # Where there is nothing to check, it is not asked.
    assert pairs(sandbox, "def pair(*_): 1 / 0", checker).status == "crash"


def test_a_checker_that_does_not_end_pays_nothing(sandbox, monkeypatch):
    monkeypatch.setattr(sys.modules[judge.__module__], "CHECKER_SECONDS", 0.5)
    source = "def check(given, expected, got):\n    while True: pass"
    assert pairs(sandbox, RIGHT.replace("RETURNED", "(i, j)"), source).passed == (False,) * 3


FORGERIES = {
    "a check of its own": "def check(*_): return True\n",
    "a check in builtins": "import builtins\nbuiltins.check = lambda *_: True\n",
    "a module of its name": """
import os, sys, types
sys.modules["check"] = types.SimpleNamespace(check=lambda *_: True)
for name in ("check.py", "math.py", "sitecustomize.py", "submission.py"):
    open(f"/tmp/{name}", "w").write("def check(*_): return True")
""",
    "whatever stays behind": """
import os, time
if not os.fork():
    os.setsid()
    for _ in range(1000):
        for fd in range(3, 256):
            try: os.write(fd, b'\\0\\0\\0\\x14["returned","",true]')
            except OSError: pass
        time.sleep(0.01)
    os._exit(0)
""",
}
VALUES = {
    "a value that is equal to all": "type('Any', (), {'__eq__': lambda *_: True})()",
    "a type with a name that is code": "type('0) or True #', (), {})()",
    "the same in a list": "[type('1] and True) #', (), {})()]",
    "a text that ends the call": "'\\'\") or True #'",
    "a text of odd characters": "'\\n\\r\\u2028\\x00\\ud800) or True'",
    "a subclass of list": "type('L', (list,), {'__len__': lambda self: 2})([0, 1])",
    "a subclass of int": "type('N', (int,), {'__eq__': lambda *_: True})(1)",
    "a key": "{') or True #': 1}",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_submission_cannot_change_a_checker(sandbox, name):
    source = FORGERIES[name] + "def pair(*_): return (0, 0)"
    assert not any(pairs(sandbox, source).passed)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_cannot_change_a_checker(sandbox, name):
    same = "def check(given, expected, got): return got == (0, 7) and type(got) is tuple"
    assert not any(pairs(sandbox, f"def pair(*_): return {VALUES[name]}", same).passed)


# What is long.


@pytest.mark.parametrize("kind", ["calls", "programs"])
def test_what_is_expected_may_be_longer_than_what_may_be_printed(sandbox, kind):
    count = 400_000  # numbers of two characters, and more than all tests together may print
    program = f"print('7 ' * {count})"
    source = program if kind == "programs" else f"def f(x): return [7] * {count}"
    expected = "7 " * count if kind == "programs" else [7] * count
    tests = [Test("f(1)", expected)] * 12
    limits = Limits(seconds=20, total_seconds=120)
    assert judge(sandbox, source, tests, kind=kind, limits=limits).status == "passed"
    # It is room for what is right, and for nobody else.
    short = [Test("f(1)", "7" if kind == "programs" else [7])]
    assert judge(sandbox, source, short, kind=kind, limits=limits).status == "output"
