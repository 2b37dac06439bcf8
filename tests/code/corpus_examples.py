"""Rows of our own in each form of corpora, with the fields of the published ones."""

import base64
import json
import pickle
import zlib

CLAMP = "def clamp(values, low, high):\n    return [min(max(v, low), high) for v in values]\n"

HUMANEVAL = {
    "task_id": "HumanEval/900",
    "prompt": (
        "from typing import List\n\n\ndef clamp(values: List[int], low: int, high: int) -> "
        'List[int]:\n    """ Bring each value between low and high.\n'
        '    >>> clamp([1, 9], 2, 5)\n    [2, 5]\n    """\n'
    ),
    "entry_point": "clamp",
    "canonical_solution": "    return [min(max(v, low), high) for v in values]\n",
    "test": (
        "\n\nMETADATA = {\n    'author': 'us',\n    'dataset': 'test'\n}\n\n\n"
        "def check(candidate):\n    assert candidate([1, 9], 2, 5) == [2, 5]\n"
        "    for low in range(2, 5):\n"
        "        assert candidate([0, low, 30], low, 20) == [low, low, 20]\n"
    ),
}
_HELPERS = """
import numpy as np

def is_floats(x) -> bool:
    if isinstance(x, float):
        return True
    if isinstance(x, (list, tuple)):
        return all(isinstance(i, float) for i in x)
    if isinstance(x, np.ndarray):
        return x.dtype == np.float64
    return False


def assertion(out, exp, atol):
    same = out == exp

    if atol == 0 and is_floats(exp):
        atol = 1e-6
    if not same and atol != 0:
        assert np.allclose(out, exp, rtol=1e-07, atol=atol)
    else:
        assert same

"""
HUMANEVAL_PLUS = {
    **HUMANEVAL,
    "test": _HELPERS
    + (
        "\ndef check(candidate):\n"
        "    inputs = [[[1, 9], 2, 5], [[7, 3, 8], 4, 6], [[], 0, 1], [[0.5, 2.5], 1.0, 2.0]]\n"
        "    results = [[2, 5], [6, 4, 6], [], [1.0, 2.0]]\n"
        "    for i, (inp, exp) in enumerate(zip(inputs, results)):\n"
        "        assertion(candidate(*inp), exp, 0)\n"
    ),
}
EVALPLUS_HUMANEVAL = {
    **HUMANEVAL,
    "contract": '\n    assert low <= high, "invalid inputs"\n',
    "base_input": [[[1, 9], 2, 5], [[0, 3, 30], 3, 20]],
    "plus_input": [[[], 0, 1], [[7, -3, 8], -2, 6]],
    "atol": 0,
}
MBPP = {
    "task_id": 900,
    "text": "Write a function to bring each value between two bounds.",
    "code": CLAMP.replace("\n", "\r\n"),
    "test_setup_code": "",
    "test_list": [
        "assert clamp([1, 9], 2, 5) == [2, 5]",
        "assert clamp([4, 0, 30], 3, 20) == [4, 3, 20]",
        "assert clamp([7, -3, 8], -2, 6) == [6, -2, 6]",
    ],
    "challenge_test_list": ["assert clamp([50, 51, 49], 49, 50) == [50, 50, 49]"],
}
MBPP_SANITIZED = {
    "source_file": "Benchmark Questions Verification V2.ipynb",
    "task_id": 900,
    "prompt": MBPP["text"],
    "code": CLAMP,
    "test_imports": ["import math"],
    "test_list": MBPP["test_list"],
}
MBPP_PLUS = {
    **MBPP_SANITIZED,
    "test_imports": [],
    "test": _HELPERS
    + (
        "\ninputs = [[[1, 9], 2, 5], [[100, 3, 8], 4, 60]]\n"
        "results = [[2, 5], [60, 4, 8]]\n"
        "for i, (inp, exp) in enumerate(zip(inputs, results)):\n"
        "    assertion(clamp(*inp), exp, 0)\n"
    ),
}
EVALPLUS_MBPP = {
    "task_id": "Mbpp/901",
    "prompt": (
        '"""\nWrite a function to find what two tuples share.\n'
        'assert set(shared((1, 2), (2, 3))) == set((2,))\n"""\n'
    ),
    "entry_point": "shared",
    "canonical_solution": "\ndef shared(a, b):\n    return tuple(set(a + (0,)) & set(b)) + ()\n",
    "base_input": [[[1, 2], [2, 3]]],
    "plus_input": [[[5, 6, 5], [6, 5]], [[], [8]]],
    "atol": 0,
    "contract": '\n    assert isinstance(a, tuple), "invalid inputs"\n',
    "assertion": "\nassert shared((1, 2), (2, 3)) == (2,)\n",
}
LEETCODE = {
    "task_id": "clamp-values",
    "question_id": 9000,
    "difficulty": "Medium",
    "tags": ["Array"],
    "problem_description": "Bring each value of an array between low and high.",
    "starter_code": (
        "class Solution:\n"
        "    def clamp(self, values: List[int], low: int, high: int) -> List[int]:\n        "
    ),
    "estimated_date": "2024-08-04",
    "prompt": "import functools\nfrom typing import *\n\ninf = float('inf')\n",
    "completion": (
        "class Solution:\n"
        "    def clamp(self, values: List[int], low: int, high: int) -> List[int]:\n"
        "        return [min(max(v, low), high) for v in values]\n"
    ),
    "entry_point": "Solution().clamp",
    "test": (
        "def check(candidate):\n"
        "    assert candidate(values = [1, 9],low = 2,high = 5) == [2, 5]\n"
        "    assert candidate(values = [7, -3, 8],low = -2,high = 6) == [6, -2, 6]\n"
    ),
    "input_output": [{"input": "values = [1,9], low = 2, high = 5", "output": "[2, 5]"}],
    "query": "…",
    "response": "…",
}
BIGCODEBENCH = {
    "task_id": "BigCodeBench/9000",
    "complete_prompt": (
        "from collections import Counter\n\n\ndef task_func(text):\n"
        '    """\n    Count the letters of a text.\n    """\n'
    ),
    "instruct_prompt": "Count the letters of a text. …",
    "canonical_solution": (
        "    if not isinstance(text, str):\n        raise TypeError('a text')\n"
        "    return Counter(text.lower())\n"
    ),
    "code_prompt": "from collections import Counter\ndef task_func(text):\n",
    "test": (
        "import unittest\n\nclass TestCases(unittest.TestCase):\n"
        "    def test_case_1(self):\n"
        "        result = task_func('abA')\n"
        "        self.assertEqual(result, {'a': 2, 'b': 1})\n"
        "        self.assertIsInstance(task_func('c')['c'], int)\n"
        "    def test_case_2(self):\n"
        "        with self.assertRaises(TypeError):\n"
        "            task_func(5)\n"
        "        self.assertIn(task_func('zz')['z'], [2, 3])\n"
    ),
    "entry_point": "task_func",
    "doc_struct": '{"description": ["Count the letters."]}',
    "libs": "['collections']",
}
_SUM = "print(sum(map(int, input().split())))\n"
_MAXIMUM = "class Solution:\n    def top(self, a, n):\n        return max(a[:n])\n"
APPS = {
    "problem_id": 9000,
    "question": "Print the sum of the numbers in a line.\n\nInput\n1 2\n\nOutput\n3",
    "solutions": json.dumps([_SUM, "print(0)\n"]),
    "input_output": json.dumps({"inputs": ["1 2\n", "20 22 1\n"], "outputs": ["3\n", "43\n"]}),
    "difficulty": "interview",
    "url": "https://example.org",
    "starter_code": "",
}
_OF_TACO = {
    "raw_tags": "[]",
    "name": None,
    "source": "geeksforgeeks",
    "tags": "[]",
    "skill_types": "['Sorting']",
    "url": "https://example.org",
    "Expected Auxiliary Space": None,
    "time_limit": None,
    "date": None,
    "picture_num": None,
    "memory_limit": None,
    "Expected Time Complexity": None,
}
TACO = {**APPS, **_OF_TACO, "difficulty": "VERY_HARD"}
TACO_FUNCTION = {
    **_OF_TACO,
    "question": "The largest of the first n values.",
    "solutions": json.dumps([_MAXIMUM]),
    "starter_code": "class Solution:\n    def top(self, a, n):\n        ",
    "input_output": json.dumps(
        {"fn_name": "top", "inputs": [[[3, 41, 50], 2], [[7, 7, 9], 3]], "outputs": [[41], [9]]}
    ),
    "difficulty": "EASY",
}
CODE_CONTESTS = {
    "name": "1575_Z. Sums",
    "description": "Print the sum of the numbers in a line.\n\nInput\n\n1 2\n\nOutput\n\n3",
    "public_tests": {"input": ["1 2\n"], "output": ["3\n"]},
    "private_tests": {"input": [], "output": []},
    "generated_tests": {"input": ["20 22 1\n", "5 5 7\n"], "output": ["43\n", "17\n"]},
    "source": 2,
    "difficulty": 7,
    "solutions": {"language": [2, 1, 3], "solution": ["int main;", "print 0", _SUM]},
    "incorrect_solutions": {"language": [3], "solution": ["print(0)"]},
    "cf_contest_id": 1575,
    "cf_index": "Z",
    "cf_points": 0.0,
    "cf_rating": 1400,
    "cf_tags": ["math"],
    "is_description_translated": False,
    "untranslated_description": "",
    "time_limit": {"seconds": 2, "nanos": 0},
    "memory_limit_bytes": 256000000,
    "input_file": "",
    "output_file": "",
}


def packed(cases):
    """Test cases as LiveCodeBench packs them."""
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(cases)))).decode()


def _cases(kind, *pairs):
    return [{"input": given, "output": wanted, "testtype": kind} for given, wanted in pairs]


LIVECODEBENCH = {
    "question_title": "Sums",
    "question_content": "Print the sum of the numbers in a line.\n\nInput\n1 2\n\nOutput\n3",
    "platform": "atcoder",
    "question_id": "abc900_a",
    "contest_id": "abc900",
    "contest_date": "2025-01-01T00:00:00",
    "starter_code": "",
    "difficulty": "hard",
    "public_test_cases": json.dumps(_cases("stdin", ("1 2\n", "3\n"))),
    "private_test_cases": packed(_cases("stdin", ("20 22 1\n", "43\n"), ("5 5 7\n", "17\n"))),
    "metadata": "{}",
}
LIVECODEBENCH_FUNCTION = {
    **LIVECODEBENCH,
    "question_content": "The largest of the first n values.",
    "platform": "leetcode",
    "starter_code": "class Solution:\n    def top(self, a: List[int], n: int) -> int:\n        ",
    "public_test_cases": json.dumps(_cases("functional", ("[3, 41, 50]\n2", "41"))),
    "private_test_cases": json.dumps(_cases("functional", ("[7, 7, 9]\n3", "9"))),
    "metadata": json.dumps({"func_name": "top"}),
}
VERL = {
    "data_source": "taco",
    "prompt": [
        {"content": "You solve problems.", "role": "system"},
        {"content": "Print the sum of the numbers in a line.", "role": "user"},
    ],
    "ability": "code",
    "reward_model": {
        "ground_truth": json.dumps({"inputs": ["20 22 1\n", "5 5 7\n"], "outputs": ["43\n", "17"]}),
        "style": "rule",
    },
    "extra_info": {"index": 0, "split": "train"},
}
VERL_FUNCTION = {
    **VERL,
    "reward_model": {
        "ground_truth": json.dumps(
            {"fn_name": "top", "inputs": [[[3, 41, 50], 2]], "outputs": [41]}
        ),
        "style": "rule",
    },
}
OPEN_R1 = {
    "source": "apps",
    "task_type": "verifiable_code",
    "in_source_id": "9000",
    "prompt": "Solve this in Python: print the sum of the numbers in a line.",
    "gold_standard_solution": f"```python\n{_SUM}```",
    "verification_info": {
        "language": "python",
        "test_cases": [
            {"fn_name": None, "input": "20 22 1\n", "output": "43\n", "type": "stdin_stdout"},
            {"fn_name": None, "input": "5 5 7\n", "output": "17\n", "type": "stdin_stdout"},
        ],
    },
    "metadata": {"difficulty": "interview"},
    "problem_id": "vcp_9000",
}
OPEN_R1_FUNCTION = {
    **{name: OPEN_R1[name] for name in ("source", "task_type", "prompt", "problem_id")},
    "gold_standard_solution": "```python\ndef top(a, n):\n    return max(a[:n])\n```",
    "verification_info": json.dumps(
        {
            "language": "python",
            "test_cases": [
                {
                    "fn_name": "top",
                    "input": [[3, 41, 50], 2],
                    "output": 41,
                    "type": "function_call",
                }
            ],
        }
    ),
}
OPEN_R1_CASES = {
    "problem": "Print the sum of the numbers in a line.",
    "test_cases": [{"input": "20 22 1\n", "output": "43\n"}],
    "solution": _SUM,
}
MULTIPL_E = {
    "name": "HumanEval_0_clamp",
    "language": "cpp",
    "prompt": "…",
    "doctests": "transform",
    "original": "…",
    "prompt_terminology": "reworded",
    "tests": "…",
    "stop_tokens": ["\n}"],
}
SWE_BENCH = {
    "repo": "a/b",
    "instance_id": "a__b-1",
    "base_commit": "0" * 40,
    "patch": "…",
    "test_patch": "…",
    "problem_statement": "…",
    "hints_text": "",
    "created_at": "",
    "version": "1",
    "FAIL_TO_PASS": "[]",
    "PASS_TO_PASS": "[]",
    "environment_setup_commit": "",
}

FORMS = {
    "humaneval": (HUMANEVAL, HUMANEVAL_PLUS),
    "evalplus": (EVALPLUS_HUMANEVAL, EVALPLUS_MBPP),
    "mbpp": (MBPP, MBPP_SANITIZED),
    "mbpp+": (MBPP_PLUS,),
    "leetcode": (LEETCODE,),
    "bigcodebench": (BIGCODEBENCH,),
    "apps": (APPS,),
    "taco": (TACO, TACO_FUNCTION),
    "code_contests": (CODE_CONTESTS,),
    "livecodebench": (LIVECODEBENCH, LIVECODEBENCH_FUNCTION),
    "verl": (VERL, VERL_FUNCTION),
    "open-r1": (OPEN_R1, OPEN_R1_FUNCTION, OPEN_R1_CASES),
}
"""Of each form some rows, by the name that ``info["topic"]`` has."""
