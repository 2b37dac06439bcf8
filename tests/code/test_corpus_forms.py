"""Each form of a corpus: rows true to the published ones, and rows with something wrong."""

import base64
import json
import pickle
import re
import zlib

import pytest

from reasoning_gym_envs.code.code_function import CodeFunction
from reasoning_gym_envs.code.corpora import FORMS, RefusedTask, read_code_problem
from reasoning_gym_envs.code.corpora.packed import LONGEST_UNPACKED, unpacked
from reasoning_gym_envs.sandbox import Test, judge, make_sandbox
from tests.code import corpus_examples as examples
from tests.sandbox.engine import needs_engine

ROWS = [
    pytest.param(name, row, id=f"{name}-{n}")
    for name, rows in examples.FORMS.items()
    for n, row in enumerate(rows)
]


def read(row):
    return read_code_problem(row, "here")


def runs(row):
    return [test.run for (test,) in read(row).data.hidden]


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_a_row_is_recognised(name, row):
    assert read(row).topic == name


def test_every_form_that_is_read_has_an_example():
    assert {form.name for form in FORMS if form.read} == set(examples.FORMS)


@needs_engine
@pytest.mark.parametrize(("name", "row"), ROWS)
def test_the_reference_passes_and_wrong_programs_do_not(name, row):
    env = CodeFunction()
    _, info = env.reset(options={"problem": row})
    assert info["topic"] == name
    problem = read(row)
    if problem.answer:
        _, reward, _, _, info = env.step(env.solution()[0])
        assert (reward, info["status"]) == (1, "passed")
        env.reset(options={"problem": row})
    defined = problem.data.name
    wrong = "print(7)" if not defined else f"def {defined}(*args, **kw):\n    return 7"
    if defined == "Solution":
        wrong = "class Solution:\n    def top(self, *args, **kw): return 7\n    clamp = top"
    _, reward, _, _, info = env.step(f"```python\n{wrong}\n```")
    assert (reward, info["tests_passed"]) == (0, 0)
    assert info["status"] in ("wrong", "crash")  # where it is made a set of


@pytest.mark.parametrize(
    ("row", "level"),
    [
        (examples.LEETCODE, 5),
        ({**examples.LEETCODE, "difficulty": None, "meta": {"difficulty": "Hard"}}, 8),
        (examples.TACO, 10),
        (examples.TACO_FUNCTION, 2),
        (examples.CODE_CONTESTS, 3),
        ({**examples.CODE_CONTESTS, "cf_rating": 0, "difficulty": 2}, 4),
        ({**examples.CODE_CONTESTS, "cf_rating": 0}, 1),
        (examples.LIVECODEBENCH, 8),
        ({**examples.LIVECODEBENCH, "level": 3}, 3),
    ],
)
def test_difficulties_become_levels(row, level):
    assert read(row).level == level


def test_the_inputs_that_plus_corpora_add_are_tested():
    assert runs(examples.HUMANEVAL_PLUS)[1:3] == ["clamp([7, 3, 8], 4, 6)", "clamp([], 0, 1)"]
    assert runs(examples.MBPP_PLUS)[-1] == "clamp([100, 3, 8], 4, 60)"
    data = read(examples.MBPP_PLUS).data
    assert len(data.hidden) == 3  # what is an example as well is not hidden
    floats = read(examples.HUMANEVAL_PLUS).data.hidden[3][0]
    assert (floats.expected, floats.comparison.absolute) == ([1.0, 2.0], 1e-6)
    assert read(examples.HUMANEVAL_PLUS).data.packages == ()  # numpy is not needed to compare


def test_inputs_of_json_get_the_types_of_the_calls_in_python():
    *_, first, second, third = runs(examples.EVALPLUS_MBPP)
    assert "shared((1, 2), (2, 3))" in first
    assert "shared((5, 6, 5), (6, 5))" in second
    assert "shared((), (8,))" in third


@needs_engine
def test_results_are_compared_as_the_row_does_it():
    """In whichever order, where the assertion of MBPP+ makes sets."""
    env = CodeFunction()
    for tail, status in (("[::-1]", "passed"), ("[1:]", "wrong")):
        env.reset(options={"problem": examples.EVALPLUS_MBPP})
        program = f"def shared(a, b): return tuple(sorted(set(a) & set(b))){tail}"
        assert env.step(f"```python\n{program}\n```")[4]["status"] == status


@needs_engine
def test_a_program_neither_sees_the_reference_nor_shares_a_process_with_it():
    env = CodeFunction()
    env.reset(options={"problem": examples.EVALPLUS_HUMANEVAL})
    thief = "import sys\nreference = check = None\ndef clamp(*a):\n    return reference(*a)"
    assert env.step(f"```python\n{thief}\n```")[4]["status"] == "crash"


def test_private_tests_are_unpacked_and_never_unpickled(tmp_path):
    cases = [{"input": "ä" * n, "output": "1", "testtype": "stdin"} for n in (1, 300, 100_000)]
    for protocol in (2, 3, 4, 5):
        data = pickle.dumps(json.dumps(cases, ensure_ascii=False), protocol)
        text = base64.b64encode(zlib.compress(data)).decode()
        assert json.loads(unpacked(text)) == cases
    assert runs(examples.LIVECODEBENCH) == ["1 2\n", "20 22 1\n", "5 5 7\n"]


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def compressed(data):
    return base64.b64encode(zlib.compress(data, 9)).decode()


@pytest.mark.parametrize(
    ("private", "message"),
    [
        ("no base64!", "packed tests cannot be read"),
        (base64.b64encode(b"no zlib").decode(), "packed tests cannot be read"),
        (compressed(b"no pickle"), "packed tests"),
        (compressed(b""), "packed tests cannot be read"),
        (compressed(pickle.dumps("[]"))[:-8], "packed tests"),
        (compressed(pickle.dumps("[]")[:-3]), "packed tests"),
        (compressed(pickle.dumps(["[]"])), "more than a text: they are not unpickled"),
        (compressed(pickle.dumps(b"[]")), "more than a text"),
        (compressed(pickle.dumps(5)), "more than a text"),
        (compressed(pickle.dumps(("a", "b"))), "more than a text"),
        (compressed(pickle.dumps("{")), "'private_test_cases' is not JSON"),
        (compressed(pickle.dumps("5")), "'private_test_cases' must be a list"),
        (compressed(pickle.dumps('[{"input": "1"}]')), "'private_test_cases' must be a list"),
        (compressed(bytes(LONGEST_UNPACKED + 1)), "packed tests of more than 67,108,864 bytes"),
        ("[" * 100_000, "not JSON"),
        (["a"], "'private_test_cases' must be a list"),
        ({"a": 1}, "'private_test_cases' must be a list"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_packed_otherwise_is_refused(private, message):
    with pytest.raises(RefusedTask, match=message):
        read({**examples.LIVECODEBENCH, "private_test_cases": private})


def test_a_pickle_that_runs_something_runs_nothing(tmp_path):
    path = tmp_path / "written"
    private = compressed(pickle.dumps(Bomb(path)))
    with pytest.raises(RefusedTask, match="more than a text"):
        read({**examples.LIVECODEBENCH, "private_test_cases": private})
    assert not path.exists()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (examples.MULTIPL_E, "rows of MultiPL-E: those of taco, leetcode, .* are read"),
        (examples.SWE_BENCH, "rows of SWE-bench: those of taco, leetcode, .* are read"),
        ({}, "a row of no form that is known"),
        ({"prompt": None, "entry_point": None, "test": None}, "no form"),
        (5, "expected an object, got int"),
        ({**examples.HUMANEVAL, "entry_point": 5}, "no name of a function"),
        ({**examples.HUMANEVAL, "test": ["a"]}, "'test' must be a text"),
        ({**examples.HUMANEVAL, "prompt": "x" * 60_000}, "more than 50,000 characters"),
        ({**examples.HUMANEVAL, "test": "#" * 2_000_000}, "a text of more than 1,000,000"),
        ({**examples.HUMANEVAL, "test": "\ud800"}, "not Python|cannot be read"),
        ({**examples.MBPP, "test_list": [5]}, "list of texts"),
        ({**examples.MBPP, "test_setup_code": 5}, "'test_setup_code' must be a list of texts"),
        ({**examples.MBPP, "challenge_test_list": {}}, "'challenge_test_list' must be a list"),
        ({**examples.EVALPLUS_MBPP, "base_input": 5}, "'base_input' must be a list of lists"),
        ({**examples.EVALPLUS_MBPP, "plus_input": [5]}, "'plus_input' must be a list of lists"),
        ({**examples.EVALPLUS_MBPP, "plus_input": [[[[0] * 9_000] * 120, 0]]}, "a value of an inp"),
        ({**examples.LEETCODE, "entry_point": "top"}, "no method of Solution"),
        ({**examples.LEETCODE, "test": "def check(f):\n    f(1)"}, "a call whose result is not"),
        ({**examples.BIGCODEBENCH, "libs": "[pandas"}, "'libs' must be a list of names"),
        ({**examples.BIGCODEBENCH, "libs": [5]}, "'libs' must be a list of names"),
        ({**examples.APPS, "input_output": {}}, "must be lists of the same length"),
        ({**examples.APPS, "input_output": {"inputs": 5, "outputs": 5}}, "lists of the same len"),
        ({**examples.APPS, "input_output": {"inputs": ["1"] * 5_001, "outputs": ["1"] * 5_001}},
         "more than 5,000 tests"),
        ({**examples.TACO_FUNCTION, "input_output": {"fn_name": 5, "inputs": [[1]],
                                                     "outputs": [1]}}, "no name of a function"),
        ({**examples.TACO_FUNCTION, "input_output": {"fn_name": "f", "inputs": ["N = 5"],
                                                     "outputs": [1]}}, "lists of arguments"),
        ({**examples.CODE_CONTESTS, "public_tests": "none"}, "'public_tests' is not JSON"),
        ({**examples.CODE_CONTESTS, "input_file": "in.txt"}, "reads or writes a file"),
        ({**examples.CODE_CONTESTS, "public_tests": {"input": [1], "output": ["1"]}}, "are texts"),
        ({**examples.LIVECODEBENCH_FUNCTION, "metadata": "{}"}, "do not name it"),
        ({**examples.LIVECODEBENCH_FUNCTION, "private_test_cases": examples.LIVECODEBENCH[
            "private_test_cases"]}, "tests of several kinds"),
        ({**examples.VERL, "reward_model": {"ground_truth": "42", "style": "rule"}},
         "'ground_truth' must be an object"),
        ({**examples.VERL, "reward_model": 5}, "'ground_truth' must be an object"),
        ({**examples.VERL, "prompt": []}, "no message of a user"),
        ({**examples.OPEN_R1, "verification_info": "5"}, "must be an object"),
        ({**examples.OPEN_R1, "verification_info": {"language": "cpp", "test_cases": []}},
         "programs in cpp: only Python is run"),
        ({**examples.OPEN_R1, "verification_info": {"language": "python"}}, "no 'test_cases'"),
        ({**examples.OPEN_R1, "verification_info": {"test_cases": []}}, "there is no test"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_a_row_with_something_wrong_is_refused_with_its_reason(row, message):
    with pytest.raises(RefusedTask, match=f"^here.*: .*({message})") as refusal:
        read(row)
    assert not refusal.value.reason.startswith(("here", ":"))


@pytest.mark.parametrize(("name", "row"), ROWS)
@pytest.mark.parametrize("value", [None, 5, [], {}, "", "\0", [[None]], True, "x" * 300_000])
def test_whatever_a_field_holds_nothing_but_a_refusal_is_raised(name, row, value):
    for field in row:
        broken = {**row, field: value}
        try:
            read(broken)
        except RefusedTask:
            continue
        assert read(broken).data.hidden


@pytest.mark.parametrize("lost", [name for name in examples.HUMANEVAL if name != "task_id"])
def test_a_field_that_is_missing_is_named(lost):
    row = {name: value for name, value in examples.HUMANEVAL.items() if name != lost}
    if lost == "canonical_solution":
        assert read(row).answer == ""
        return
    with pytest.raises(RefusedTask, match=f"no form that is known|no '{lost}'"):
        read(row)


def checked(tests, **fields):
    """The tests of a function f that a text becomes."""
    row = {"prompt": "def f(x):\n", "entry_point": "f", "test": tests, **fields}
    return [test for (test,) in read(row).data.hidden]


@needs_engine
@pytest.mark.parametrize(
    ("tests", "right", "wrong"),
    [
        ("assert f(2) != 4", "x + 1", "x * 2"),
        ("assert 3 < f(2) < 6", "x + 2", "x"),
        ("assert f(2) in (5, 6)", "x + 3", "x"),
        ("assert 5 in f(2)", "[5]", "[6]"),
        ("assert f(2) == 5 or f(2) == 6", "6", "7"),
        ("assert f(2) == 5 and f(3) == 6", "x + 3", "5"),
        ("assert len(f(2)) > 2 and f(2)[0] == 1", "[1, 2, 3]", "[1, 2]"),
        ("def near(a, b):\n    assert abs(a - b) < 0.1\nnear(f(2), 4)", "4.05", "4.5"),
        ("def poly(a, x):\n    return sum(c * x ** n for n, c in enumerate(a))\n"
         "def check(g):\n    for a in ([-2, 1], [-4, 2]):\n        assert abs(poly(a, g(a))) < .1",
         "-x[0] / x[1]", "x[0]"),
        ("import math\nassert f(2) > math.sqrt(16)", "5", "4"),
        ("with pytest.raises(ValueError):\n    f(2)", "int('a')", "5"),
        ("with raises(ArithmeticError):\n    f(2)", "1 / 0", "int('a')"),
        ("with raises((KeyError, IndexError)):\n    r = f(2)", "[][0]", "None"),
        ("y = sorted([3, 1])\nassert f(2) == y", "[1, 3]", "[3, 1]"),
        ("assert f(2) == pytest.approx(1 / 3, rel=1e-3)", "0.3333", "0.33"),
        ("import numpy as np\nassert np.allclose(f(2), [1.0, 2.0])", "[1.0, 2.00001]", "[1.0]"),
        ("import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n"
         "        self.assertAlmostEqual(f(2), 0.3, places=2)\n        self.assertTrue(f(3) > 0)",
         "0.1 * 3", "0.31"),
    ],
)  # fmt: skip
def test_what_holds_for_a_result_is_tested(tests, right, wrong):
    made = checked(tests)
    for body, status in ((right, "passed"), (wrong, "wrong")):
        verdict = judge(make_sandbox(), f"def f(x):\n    return {body}", made)
        assert verdict.status == status


def test_loops_and_functions_are_unrolled_into_plain_tests():
    tests = checked(
        "cases = [(n, n * n) for n in range(3, 6)]\n"
        "def same(x, y, message=''):\n    assert f(x) == y, message\n"
        "for n, square in cases:\n    same(n, square)\n"
        "for case in zip([10], ['ten']):\n    same(*case, message='?')\n"
    )
    assert [(test.run, test.expected) for test in tests] == [
        *(("f(3)", 9), ("f(4)", 16), ("f(5)", 25)),
        ("f(10)", "ten"),
    ]
    assert not any(test.comparison.checker for test in tests)


def test_expected_values_are_no_part_of_what_runs_with_the_program():
    for row in (examples.HUMANEVAL_PLUS, examples.MBPP_PLUS, examples.LEETCODE):
        for (test,) in read(row).data.hidden:
            assert "assert" not in test.run
            assert "results" not in test.run


def test_what_no_value_is_known_of_is_no_progress():
    row = {**examples.HUMANEVAL, "test": "def check(c):\n    assert c([8], 1, 2) != [8]\n"}
    assert read(row).data.counts == (False,)
    assert sum(read(examples.HUMANEVAL_PLUS).data.counts) == 2  # the empty list is an echo
    plus = read(examples.EVALPLUS_HUMANEVAL).data
    assert sum(plus.counts) == 3  # those that HumanEval knows the results of


@needs_engine
def test_info_tells_where_dense_is_sparse():
    env = CodeFunction(reward="dense")
    dull = {**examples.HUMANEVAL, "test": "def check(c):\n    assert c([8], 1, 2) != [8]\n"}
    for row, count in ((dull, 0), (examples.HUMANEVAL, 3)):
        _, info = env.reset(options={"problem": row})
        assert info["tests_counted"] == count
    env = CodeFunction()
    assert "tests_counted" not in env.reset(seed=0)[1]  # of our own tasks every test counts


@needs_engine
def test_a_package_that_the_sandbox_lacks_is_named():
    row = {**examples.BIGCODEBENCH, "libs": "['collections', 'no_such_package']"}
    message = "it needs no_such_package, which the sandbox's image lacks .*build-image --packages"
    with pytest.raises(ValueError, match=f"options.*{message}"):
        CodeFunction().reset(options={"problem": row})
    rows = [{**examples.MBPP, "text": f"Task {n}"} for n in range(30)]
    with pytest.raises(ValueError, match=f"^problems, item 31: {message}"):
        CodeFunction(problems=[*rows, row])
    env = CodeFunction(problems=[*rows, row, 5, {}], refused="skip")
    assert [re.match(r"problems, item \d+", text)[0] for text in env.refused_tasks] == [
        f"problems, item {n}" for n in (31, 32, 33)
    ]
    assert list(env.refused_for.values()) == [1, 1, 1]
    assert "expected an object, got int" in env.refused_for


@needs_engine
def test_a_reference_that_takes_long_sets_the_time_of_a_corpus():
    """A limit in seconds would make the verdict a matter of the machine."""
    slow = "sum(n % 3 for n in range(10_000_000))"
    code = f"def f(x):\n    {slow}\n    return x + 3\n"
    row = {"text": "?", "code": code, "test_list": ["assert f(2) == 5", "assert f(40) == 43"]}
    env = CodeFunction(limits={"seconds": 0.05, "total_seconds": 0.5})
    for program, status in ((code, "passed"), (code.replace("+ 3", "+ 2"), "wrong")):
        env.reset(options={"problem": row})
        assert env.step(f"```python\n{program}\n```")[4]["status"] == status
    env.reset(options={"problem": {**row, "code": ""}})
    assert env.step(f"```python\n{code}\n```")[4]["status"] == "timeout"


@needs_engine
def test_many_inputs_of_a_program_have_time_enough():
    """Each is a run of its own: together they take longer than the tests of a function."""
    inputs = [f"{n} {n + 5}\n" for n in range(60)]
    pairs = {"inputs": inputs, "outputs": [f"{2 * n + 5}" for n in range(60)]}
    env = CodeFunction(limits={"total_seconds": 0.5, "seconds": 2})
    env.reset(options={"problem": {**examples.APPS, "input_output": pairs}})
    assert env.step(env.solution()[0])[4]["status"] == "passed"


@needs_engine
def test_an_exception_must_be_raised_and_not_said():
    test = Test("f(1)", None, raises=("ValueError",))
    for body, status in (
        ("raise ValueError('x')", "passed"),
        ("raise UnicodeError", "passed"),
        ("raise KeyError", "wrong"),
        ("return ValueError()", "wrong"),
        ("return 'ValueError'", "wrong"),
        ("\n while x: pass", "timeout"),
    ):
        assert judge(make_sandbox(), f"def f(x): {body}", [test]).status == status
