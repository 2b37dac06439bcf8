"""Tasks from files in the form of HumanEval, MBPP and APPS: tests that are split and never run."""

import ast
import json
import tracemalloc

import pytest

from reasoning_gym_envs.code.corpora import RefusedTask, read_code_problem
from reasoning_gym_envs.code.corpora.literals import evaluate
from reasoning_gym_envs.corpus import Corpus
from reasoning_gym_envs.corpus_rows import ProblemFileError
from reasoning_gym_envs.sandbox.values import matches, tree_of

HUMANEVAL = {
    "task_id": "Test/0",
    "prompt": (
        "from typing import List\n\n\ndef helper(x):\n    return x\n\n\n"
        'def below(numbers: List[int], limit: int) -> List[int]:\n    """The numbers below.\n\n'
        '    >>> below([1, 5], 3)\n    [1]\n    """\n'
    ),
    "entry_point": "below",
    "canonical_solution": "    return [n for n in numbers if n < limit]\n",
    "test": (
        "\n\nMETADATA = {'author': 'x'}\n\n\ndef check(candidate):\n"
        "    # the first are simple\n    assert True, 'This prints if this assert fails'\n"
        "    assert candidate([1, 5], 3) == [1]\n"
        "    assert candidate([4, 9, 2], 5) == [4, 2], 'with a message'\n"
        "    assert candidate([], 5) == []\n"
    ),
}
MBPP = {
    "task_id": 602,
    "text": "Write a function to find the volume of a box.",
    "code": "def volume(a, b, c):\r\n  return a * b * c",
    "test_setup_code": "",
    "test_list": ["assert volume(10, 8, 6) == 480", "assert volume(1, 2, 7)==14"],
}
APPS_PROGRAM = {
    "question": "Print the sum of two numbers.\n\nInput\n1 2\n\nOutput\n3",
    "input_output": json.dumps({"inputs": ["1 2\n", "20 22\n"], "outputs": ["3\n", "42\n"]}),
    "difficulty": "introductory",
    "solutions": json.dumps(["print(sum(map(int, input().split())))"]),
}
APPS_METHOD = {
    "question": "Add one to each.",
    "input_output": {"fn_name": "bump", "inputs": [[[1, 5]], [[7]]], "outputs": [[2, 6], [8]]},
    "starter_code": "class Solution:\n    def bump(self, a: List[int]) -> List[int]:\n        ",
    "difficulty": "interview",
}


def one_test(assertion, **fields):
    """The test that an assertion of a function f becomes."""
    row = {"text": "?", "test_list": [assertion], "code": "def f(x): pass", **fields}
    return read_code_problem(row, "here").data.hidden[0][0]


def test_humaneval():
    problem = read_code_problem(HUMANEVAL, "here", 3)
    data = problem.data
    assert (problem.level, problem.topic, data.name, data.kind) == (
        3,
        "humaneval",
        "below",
        "calls",
    )
    assert [(test.run, test.expected) for (test,) in data.hidden] == [
        ("below([1, 5], 3)", [1]),
        ("below([4, 9, 2], 5)", [4, 2]),
        ("below([], 5)", []),
    ]
    # The first stands in the prompt, and the last is an echo.
    assert data.counts == (False, True, False)
    assert data.setup == "from typing import List\n\n\ndef helper(x):\n    return x\n\n\n"
    assert problem.question.endswith(HUMANEVAL["prompt"].rstrip())
    ast.parse(problem.answer)
    assert problem.answer.endswith("if n < limit]\n")


def test_mbpp():
    problem = read_code_problem(MBPP, "here")
    data = problem.data
    assert (problem.topic, data.name, problem.answer) == ("mbpp", "volume", MBPP["code"])
    assert problem.question == (
        "Write a function to find the volume of a box.\n\ndef volume(a, b, c):\n\n"
        "Examples:\nvolume(10, 8, 6) == 480"
    )
    assert [test.run for (test,) in data.hidden] == ["volume(1, 2, 7)"]
    without_code = {key: value for key, value in MBPP.items() if key != "code"}
    assert read_code_problem(without_code, "here").data.signature == "def volume(…)"


def test_what_tests_are_set_up_with():
    row = {
        "text": "?",
        "code": "def area(p): return p.a",
        "test_setup_code": "class Pair:\n    def __init__(self, a, b):\n        self.a = a",
        "test_list": ["assert area(Pair(5, 24)) == 5"],
    }
    data = read_code_problem(row, "here").data
    assert data.setup == row["test_setup_code"]
    assert data.hidden[0][0].run == "area(Pair(5, 24))"
    imports = {**MBPP, "test_imports": ["import math"], "test_list": ["assert volume(math.pi)==1"]}
    del imports["test_setup_code"]
    assert read_code_problem(imports, "here").data.setup == "import math"


def test_apps_programs():
    problem = read_code_problem(APPS_PROGRAM, "here")
    data = problem.data
    assert (problem.level, problem.topic, data.name, data.kind) == (2, "apps", "", "programs")
    assert [(t.run, t.expected) for (t,) in data.hidden] == [("1 2\n", "3\n"), ("20 22\n", "42\n")]
    assert data.counts == (False, True)  # the first stands in the question
    assert problem.answer == "print(sum(map(int, input().split())))"


def test_apps_functions():
    problem = read_code_problem(APPS_METHOD, "here")
    data = problem.data
    assert (problem.level, data.name, data.hidden[0][0].expected) == (5, "Solution", [2, 6])
    assert "Solution().bump([1, 5])" in data.hidden[0][0].run
    assert problem.question.endswith(APPS_METHOD["starter_code"].rstrip())
    bare = {**APPS_METHOD, "starter_code": ""}
    bare["input_output"] = {"fn_name": "bump", "inputs": [[1], [2]], "outputs": [[[1]], [[2]]]}
    data = read_code_problem(bare, "here").data
    assert ["bump(1)" in t.run and t.expected for (t,) in data.hidden] == [[1], False]
    assert data.hidden[1][0].expected == [2]


@pytest.mark.parametrize(
    ("assertion", "run", "right", "wrong"),
    [
        ("f(1) == 2", "f(1)", [2, 2.0], [3, "2", None]),
        ("2 == f(1)", "f(1)", [2], [3]),
        ("(f(1) == -2.5e3)", "f(1)", [-2500.0], [2500.0]),
        ("f(1) == 10**20 + 5 * 2 - 1", "f(1)", [10**20 + 9], [10**20]),
        (
            "f('a') == ('a', [1, {2}])",
            "f('a')",
            [("a", [1, {2}])],
            [["a", [1, {2}]], ("a", [1, 2])],
        ),
        ("f(1) == set([3, 4])", "f(1)", [{3, 4}], [[3, 4], {3}]),
        ("set(f(1)) == set([3, 4])", "set(f(1))", [{3, 4}], [{3}]),
        ("sorted(f(1)) == sorted([4, 3])", "sorted(f(1))", [[3, 4]], [[4, 3]]),
        ("f(f(1)) == 'x' * 3", "f(f(1))", ["xxx"], ["x"]),
        ("f(1)[0] == 'x'", "f(1)[0]", ["x"], ["y"]),
        ("f(1) is None", "f(1)", [None], [0, False]),
        ("f(1) is True", "f(1)", [True], [1, False]),
        ("f(1)", "bool(f(1))", [True], [False]),
        ("not f(1)", "bool(f(1))", [False], [True]),
        ("abs(f(1) - 2.5) < 1e-6", "f(1)", [2.5, 2.5000005], [2.51, "2.5"]),
        ("abs(2.5 - f(1)) <= 0.1", "f(1)", [2.5, 2.55], [2.7]),
        ("1e-3 > abs(f(1) - 2)", "f(1)", [2, 2.0, 2.0005], [2.1]),
        ("math.isclose(f(1), 100.0, rel_tol=0.01)", "f(1)", [100.9, 100], [102.0]),
        ("math.isclose(3, f(1), abs_tol=0.5)", "f(1)", [3.4], [3.6]),
        ("f(1) == float('inf')", "f(1)", [float("inf")], [1e308]),
        ("f(lambda x: x + 1, [y for y in range(3)]) == 2", "f(lambda x", [2], [3]),
        ("f(x=1, y=[2]) == 2", "f(x=1, y=[2])", [2], [3]),
        ("f(1) == {'a': 1, 2: (3,)}", "(f(1))", [{2: (3,), "a": 1}], [{"a": 1}]),
    ],
)
def test_assertions_are_split(assertion, run, right, wrong):
    test = one_test(f"assert {assertion}, 'a message'")
    assert run in test.run
    for value in right:
        assert matches(test.expected, tree_of(value), test.comparison)
    for value in wrong:
        assert not matches(test.expected, tree_of(value), test.comparison)


@pytest.mark.parametrize(
    "value",
    [
        "[[0] * 100_000] * 100_000",
        "100_000 * ((0,) * 100_000,)",
        "[[[[[0] * 100] * 100] * 100] * 100] * 100",
        "['x' * 100_000] * 100_000",
        "[b'x' * 100_000] * 100_000",
        "[7 ** 3000] * 500_000",
        "[{1: [0] * 1000}] * 10_000",
        "[[0] * 1000] * 900 + [[0] * 1000] * 900",
        "str([[0] * 1000] * 5000)",
        "sorted([[0] * 1000] * 5000)",
        "[list([0] * 900_000), list([0] * 900_000)]",
        "sum([[0] * 10] * 90_000, [])",
        "[" + "[0] * 900_000, " * 100 + "]",
        "[" + "'x' * 7_000_000, " * 100 + "]",
        "[0]" + " + [0] * 400_000" * 50,
    ],
)
def test_a_value_that_is_too_large_is_not_made(value, time_limit):
    """Neither at once nor bit by bit, though it takes a few letters to write."""
    row = {"text": "?", "test_list": [f"assert f(1) == {value}"], "code": "def f(x): 0"}
    tracemalloc.start()
    try:
        with time_limit(60), pytest.raises(RefusedTask, match=r"large|sum"):
            read_code_problem(row, "here")
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        ("x = 'a' * 5_000_000\n" + "assert f(x) == 1\n" * 900, "too large together"),
        ("x = 'a' * 5_000_000\nfor n in range(900): assert f(x, n) == 1", "too large together"),
        ("t = f(1)\n" + "t = (t, t)\n" * 60 + "assert t == 1", "too long an expression"),
        ("t = 'a'\n" + "t = t + t\n" * 60 + "assert f(1) == t", "too long an expression"),
        (
            "".join(f"def g{n}():\n    g{n + 1}()\n    g{n + 1}()\n" for n in range(25))
            + "def g25():\n    assert True\ng0()\nassert f(1) == 1",
            "more than 100,000 steps",
        ),
        (
            f"def g(n):\n    if n == 0: return 1\n    return {' + '.join(['g(n - 1)'] * 20)}\n"
            "assert f(1) == g(7)",
            "too large together",
        ),
        ("assert f(1) == round(5, -10 ** 8)", "too many digits"),
        ("assert f(1) == bytes('é' * 200_000, 'punycode')", "encoding"),
        ("assert f(1) == (-5 in reversed(range(10 ** 12)))", "too large together"),
        ("assert f(1) == (0.5 in range(10 ** 12))", "too large together"),
        ("assert f(1) == dict([range(10 ** 12)])", "too large together"),
        ("assert f(1) == {n * (2 ** 61 - 1) for n in range(30_000)}", "of one hash"),
        ("assert f(1) == {n * (2 ** 61 - 1): n for n in range(30_000)}", "of one hash"),
        ("assert f(1) == len(set([n * (2 ** 61 - 1) for n in range(30_000)]))", "of one hash"),
    ],
)
def test_what_would_take_too_long_is_not_followed(tests, reason, time_limit):
    """Of a few letters: names that stand for much, calls of calls, one operation without an end."""
    row = {"text": "?", "test_list": ["assert f(0) == 7", tests], "code": "def f(x): 0"}
    with time_limit(60), pytest.raises(RefusedTask, match=reason):
        read_code_problem(row, "here")


def test_the_values_of_all_tests_have_to_fit_together():
    small, *large = ["assert f(0) == 0", *(f"assert f({n}) == [{n}] * 280_000" for n in range(4))]
    row = {"text": "?", "test_list": [small, *large[:3]], "code": "def f(x): 0"}
    assert len(read_code_problem(row, "here").data.hidden) == 3
    with pytest.raises(RefusedTask, match="together"):
        read_code_problem({**row, "test_list": [small, *large]}, "here")
    # The arguments of a call are made in the container alone.
    row["test_list"] = [small, "assert f([[0] * 100_000] * 100_000) == 1", *large[:3]]
    assert len(read_code_problem(row, "here").data.hidden) == 4


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        ("while f(1):\n    assert f(1) == 1", "a statement that is not followed"),
        ("for x in range(10 ** 9):\n    assert f(x) == x", "more than 5,000 tests"),
        ("for x in range(10 ** 9):\n    pass", "more than 100,000 steps"),
        ("for x in range(10 ** 9):\n    if f(1) == x:\n        assert f(1) == x", "depends on the"),
        (
            "def g(x):\n    return x\nassert f(1) == [g(g(g(x))) for x in range(900_000)]",
            "too large together",
        ),
        ("for x in f(1):\n    assert f(x) == x", "no literal"),
        ("import random\nassert f(1) == random.random()", "no literal"),
        ("import random\nassert f(random.random()) < 5", "it uses random"),
        ("import time\nassert f(1) < time.time()", "of < only"),
        ("import sys\nassert f(1) != sys.maxsize", "no literal"),
        ("assert f(1) != open('/etc/passwd')", "no literal"),
        ("assert f(1) < eval('5')", "of < only"),
        ("assert f(1) != 9 ** 9 ** 9", "too large"),
        ("assert f(1) < len([0] * 10 ** 9)", "too large"),
        ("assert f(1).shape == 3 and f(1).shape != 4", "only =="),
        ("x = [2, 1]\nf(x)\nassert x == [1, 2]", "a call whose result"),
        ("x = [2, 1]\ny = f(x)\nassert x == [1, 2]", "does not call f"),
        ("if f(1):\n    assert f(2) == 3", "depends on the result"),
        ("if f(1) != 5:\n    assert f(2) == 5\nelse:\n    assert f(1) == 5", "depends on the"),
        ("def g(x):\n    assert x == y\ng(f(1))", "no literal"),
        ("with f(1):\n    pass", "of `with`"),
        ("with pytest.raises(ValueError):\n    f(1)\n    f(2)", "of `with`"),
        ("class A(unittest.TestCase):\n    def setUp(self): pass", "with setUp"),
        ("import unittest\nclass A(unittest.TestCase):\n    x = 5", "more than tests"),
        ("assert f(y) == 5", "it uses y"),
        ("assert f(1) == y", "no literal"),
        ("assert f(1) == g(1)", "no literal"),
        ("assert f(1) == f(2)", "both sides"),
        ("assert f(1) is 5", "only None"),
        ("assert f(1) == 9 ** 9 ** 9", "too large"),
        ("assert f(1) == [0] * 10 ** 9", "too large"),
        ("assert f(1) == 'x' * 10 ** 9", "too large"),
        ("assert f(1) == '%999999999d' % 5", "operation on texts"),
        ("assert f(1) == bytes(10 ** 9)", "bytes of a number"),
        ("assert f(1) == 1 / 0", "ZeroDivisionError"),
        ("assert f(1) == {[]: 1}", "TypeError"),
        ("assert f(1) == __import__('os').system('true')", "no literal"),
        ("assert f(1) == open('/etc/passwd').read()", "no literal"),
        ("assert f(__import__('os')) == 1", "it uses __import__"),
        ("assert f((y := 5)) == 5", "an assignment"),
        ("assert f(1) == ...", "no value"),
        ("assert 3 == 3", "does not call f|no literal"),
        ("assert f(1) == " + "-" * 5000 + "1", "nests|not Python"),
        ("def check(a, b):\n    assert a(1) == b", "candidate alone"),
        ("x = [1]\nx.append(f(1))\nassert x == [1, 2]", "a call whose result"),
        ("assert f(", "not Python"),
        ("assert f(1) == 2\x00", "not Python"),
    ],
)
def test_what_cannot_be_split_is_refused_with_its_reason(tests, reason):
    row = {
        "text": "?",
        "test_list": ["assert f(0) == 7", tests],
        "task_id": 12,
        "code": "def f(x): 0",
    }
    with pytest.raises(RefusedTask, match=rf"here \(12\)(?s:.)*({reason})"):
        read_code_problem({**row, "task_id": 12}, "here")


def test_a_refusal_names_the_line_and_the_assertion(tmp_path):
    row = {**HUMANEVAL, "test": HUMANEVAL["test"] + "    assert candidate([1], 2) is 5\n"}
    path = tmp_path / "tasks.jsonl"
    path.write_text(f"{json.dumps(HUMANEVAL)}\n{json.dumps(row)}\n", encoding="utf-8")
    message = (
        r"tasks.jsonl, line 2 \(Test/0\): line 12 of the tests: .*assert "
        r"candidate\(\[1\], 2\) is 5"
    )
    with pytest.raises(RefusedTask, match=message):
        Corpus(path, "train", (1, 10), read_code_problem)


def test_refused_tasks_can_be_left_out():
    rows = [{**MBPP, "text": f"Task {n}", "task_id": n} for n in range(40)]
    rows[7] = {**rows[7], "test_list": ["assert volume(1, 2, 3) is 5"]}
    corpus = Corpus(rows, "train", (1, 10), read_code_problem, (RefusedTask,))
    assert len(corpus.refused) == 1
    assert "item 8 (7): line 1 of the tests" in corpus.refused[0]
    rows[8:11] = {"text": 5}, 5, {**MBPP, "test_list": 5}  # which are no tasks at all
    corpus = Corpus(rows, "train", (1, 10), read_code_problem, (RefusedTask,))
    assert len(corpus.refused) == 4
    with pytest.raises(ProblemFileError, match=r"^problems, item 8 \(7\): line 1 of the tests"):
        Corpus(rows, "train", (1, 10), read_code_problem)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([], "expected an object"),
        ({"question": "?"}, "a row of no form that is known: those of taco, .* are read; its fie"),
        ({**MBPP, "test_list": "assert"}, "list of texts"),
        ({**MBPP, "test_list": []}, "the tests call nothing"),
        ({**MBPP, "test_list": ["assert g(1) == 2", "assert h(1) == 3"]}, "not one function"),
        ({**MBPP, "level": 11}, "'level' must be"),
        ({**HUMANEVAL, "prompt": ""}, "'prompt' must be a text"),
        ({**HUMANEVAL, "entry_point": "a b"}, "no name"),
        ({**HUMANEVAL, "test": "def check(candidate):\n    pass"}, "there is no test"),
        ({**APPS_PROGRAM, "input_output": "{"}, "not JSON"),
        ({**APPS_PROGRAM, "input_output": "5"}, "must be an object"),
        ({**APPS_PROGRAM, "input_output": {"inputs": [], "outputs": []}}, "no test"),
        ({**APPS_PROGRAM, "input_output": {"inputs": ["1"], "outputs": []}}, "same length"),
        (
            {**APPS_PROGRAM, "input_output": {"inputs": [1], "outputs": ["1"]}},
            "input and output of a program",
        ),
        ({**APPS_PROGRAM, "question": "x" * 100_000}, "more than 50,000 characters"),
    ],
)
def test_what_is_no_task_is_named(row, message):
    with pytest.raises(ProblemFileError, match=f"here.*{message}"):
        read_code_problem(row, "here")


def test_small_differences_do_not_carry_a_task_into_the_other_split():
    twin = {**MBPP, "text": " write a  function to find the VOLUME of a box. "}
    assert read_code_problem(twin, "here").id == read_code_problem(MBPP, "here").id


def test_tests_that_a_trivial_program_passes_carry_no_progress():
    tests = [
        "f(5) == 7",
        "f(1) == True",
        "f(2) == False",
        "f(3) == 3",
        "f([4, 9]) == 2",
        "f(8) == 11",
    ]
    row = {"text": "?", "code": "def f(x): 0", "test_list": [f"assert {test}" for test in tests]}
    data = read_code_problem(row, "here").data
    assert data.counts == (False, False, False, False, True)
    frequent = {**row, "test_list": [f"assert f({n + 50}) == 17" for n in range(4)]}
    assert read_code_problem(frequent, "here").data.counts == (False,) * 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-5", -5),
        ("+1.5", 1.5),
        ("not True", False),
        ("[1, (2,), {'a': {3}}]", [1, (2,), {"a": {3}}]),
        ("2 ** 100 // 3 % 7", 2**100 // 3 % 7),
        ("[1] + [2] * 2", [1, 2, 2]),
        ("{1, 2} - {2}", {1}),
        ("tuple([1, 2])", (1, 2)),
        ("dict([('a', 1)])", {"a": 1}),
        ("math.pi", 3.141592653589793),
        ("3 + 4j", 3 + 4j),
        ("b'x'", b"x"),
        ("'a' 'b'", "ab"),
    ],
)
def test_literals_are_evaluated(text, value):
    assert evaluate(ast.parse(text, mode="eval").body) == value
