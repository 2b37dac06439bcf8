"""CodeFunction: episodes with the real sandbox."""

import json
import pickle
import random
from collections import Counter

import gymnasium as gym
import pytest

from reasoning_gym_envs import RewardScheme
from reasoning_gym_envs.code.code_function import CodeFunction
from reasoning_gym_envs.code.families import FAMILIES
from reasoning_gym_envs.code.problems import CodeTask, draw_problem, make_problem
from reasoning_gym_envs.code.size import program_size
from reasoning_gym_envs.code.task import Task
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.sandbox import (
    Comparison,
    Limits,
    SandboxFailure,
    Test,
    judge,
    make_sandbox,
)
from reasoning_gym_envs.sandbox.images import default_image
from tests.code.test_corpora import APPS_METHOD, APPS_PROGRAM, HUMANEVAL, MBPP
from tests.code.worse_orders import (
    STEPS,
    less_well_written,
    of_a_worse_order,
    problem_with_large_inputs,
)
from tests.sandbox.engine import needs_engine

pytestmark = needs_engine

DOUBLE = Task(
    "double",
    "Return the double of n.",
    "def double(n: int) -> int",
    "def double(n):\n    result = n + n\n    return result\n",
    lambda stream: (stream.randint(3, 10**6),),
    edges=((0,), (-5,)),
)


def make(**arguments):
    return CodeFunction(**arguments)


def begin(env, task=DOUBLE, **fields):
    problem = make_problem(task, "double", 1, Stream(1), **fields)
    return env.reset(options={"problem": problem})


def fenced(program):
    return f"```python\n{program}\n```"


def step(env, program):
    return env.step(fenced(program))


@pytest.mark.parametrize("name", FAMILIES)
def test_the_reference_of_every_family_passes_at_every_level(name):
    """In the sandbox, on all tests; at the hardest level on large inputs too."""
    family = FAMILIES[name]
    for level in range(family.easiest, family.hardest + 1):
        env = make(families=name, level=level, asymptotic=level == family.hardest)
        for seed in range(2):
            _, info = env.reset(seed=seed)
            assert (info["topic"], info["level"]) == (name, level)
            said, reward, terminated, _, info = env.step(env.solution()[0])
            assert (reward, terminated, info["status"]) == (1.0, True, "passed"), said


def test_an_episode():
    env = make(reward="dense", max_turns=4)
    observation, info = begin(env)
    assert observation.startswith(
        "Return the double of n.\n\ndef double(n: int) -> int:\n\nExamples:"
    )
    assert observation.count("\ndouble(") == 3
    assert observation.endswith("in one fenced code block.")
    assert info["topic"] == "double"

    said, reward, terminated, truncated, info = env.step("I do not know.")
    assert (said[:17], reward, terminated, truncated) == (
        "No program found.",
        0.0,
        False,
        False,
    )
    assert (info["status"], info["tests_passed"], info["tests_total"]) == ("no_code", 0, 8)

    # Right for positive numbers only.
    said, reward, *_, info = step(env, "def double(n):\n    return 2 * abs(n)")
    assert info["status"] == "wrong"
    assert 0 < info["tests_passed"] < 8
    assert reward == pytest.approx(info["tests_passed"] / 9)
    assert f"{info['tests_passed']} of 8 hidden tests passed." in said
    assert "Hidden test 2: wrong answer." in said
    assert said.endswith("2 attempts left.")
    before = info["tests_passed"]

    said, reward, *_, info = step(env, "def double(n):\n    return n / (n - n)")
    assert reward == pytest.approx(-before / 9)
    assert "All tests: runtime error: ZeroDivisionError" in said
    assert said.count("ZeroDivisionError") == 1

    said, reward, terminated, _, info = step(env, "def double(n):\n    return 2 * n")
    assert said == "Correct: all 8 hidden tests passed."
    assert (reward, terminated, info["is_success"]) == (2.0, True, True)
    assert info["sandbox"] == make_sandbox("docker").image


@pytest.mark.parametrize(
    ("program", "status", "says"),
    [
        ("def double(n):\n    return", "wrong", "got None"),
        ("def double(n):\n    return float(2 * n)", "wrong", ".0"),
        ("def double(n) return 2 * n", "syntax", "All tests: SyntaxError: "),
        ("def halve(n):\n    return 2 * n", "missing", "double"),
        ("def double(n):\n    while True: pass", "timeout", "time limit exceeded"),
        ("def double(n):\n    return 'x' * 10 ** 10", "memory", "memory"),
        ("def double(n):\n    raise SystemExit(0)", "crash", "runtime error"),
        ("def double(n):\n    return '\ud800'", "syntax", "not allowed in source code"),
        ("def double(n):\n    return '\x00'", "syntax", "not allowed in source code"),
        ("x = 1\n" * 20_000, "too_long", "longer than 100,000"),
    ],
)
def test_how_programs_fail(program, status, says):
    env = make(reward="dense", limits={"seconds": 0.3, "total_seconds": 2.0})
    begin(env)
    said, reward, terminated, _, info = step(env, program)
    assert info["status"] == status
    assert says in said
    assert (reward, terminated, info["is_success"], info["tests_passed"]) == (0.0, True, False, 0)
    assert status != "timeout" or env.seconds >= 0.3


def test_nothing_of_a_hidden_input_is_shown():
    """Whatever a program says of it: by a message, the name of an exception, or by printing."""
    env = make(max_turns=9)
    begin(env)
    task = env.snapshot().episode.problem.data
    shown = {call.arguments[0] for call in task.example_calls}
    hidden = {call.arguments[0] for group in task.hidden_calls for call in group} - {0, -5}
    for program in (
        "def double(n):\n    raise ValueError(n)",
        "def double(n):\n    raise type(f'N{n}', (Exception,), {})(n)",
        "def double(n):\n    print(n)\n    return None",
        "def double(n):\n    return n",
        "import sys\ndef double(n):\n    sys.exit(str(n))",
        f"def double(n):\n    if n in {sorted(shown)}: return 2 * n\n    raise KeyError(n)",
    ):
        said = step(env, program)[0]
        assert not any(str(n) in said for n in hidden), said


@pytest.mark.parametrize("level", [1, 4, 7, 10])
def test_trivial_programs_earn_nothing(level):
    """In the sandbox, as text; see test_problems.py for all families and many more programs."""
    env = make(reward="dense", level=level)
    for seed in range(8):
        env.reset(seed=seed)
        task = env.snapshot().episode.problem.data
        known = {call.run: call.expected for call in task.examples}
        for returned in ("None", "0", "True", "[]", "given[0]", "len(given[0])", f"{known!r}"):
            if task.signature.startswith("class"):
                program = (
                    f"class {task.name}:\n    def __init__(self, *given): pass\n"
                    f"    def __getattr__(self, name):\n        return lambda *given: {returned}"
                )
            else:
                program = f"def {task.name}(*given):\n    return {returned}"
            env.reset(seed=seed)
            _, reward, *_, info = step(env, program)
            assert (reward, info["tests_passed"]) == (0.0, 0)


def test_a_failing_sandbox_takes_no_turn_and_rewards_nothing():
    class Failing:
        image = "none"
        fails = True

        def run(self, submission):
            if self.fails:
                raise SandboxFailure("the engine is gone")
            return make_sandbox("docker").run(submission)

        def close(self):
            pass

    sandbox = Failing()
    env = make(sandbox=sandbox, reward="dense", max_turns=2)
    begin(env)
    twin = make(reward="dense", max_turns=2)
    begin(twin)
    for program in ("def double(n):\n    return 2 * abs(n)", DOUBLE.source):
        sandbox.fails = True
        for _ in range(3):
            with pytest.raises(SandboxFailure, match="engine is gone"):
                step(env, program)
        sandbox.fails = False
        ours, theirs = step(env, program), step(twin, program)
        assert ours[:4] == theirs[:4]
        assert ours[4]["reward_terms"] == theirs[4]["reward_terms"]
    assert ours[4]["is_success"]


def test_pickled_in_the_middle_and_in_other_processes():
    env = make(reward="dense", level=3, max_turns=3)
    env.reset(seed=3)
    env.step("not yet")
    twin = pickle.loads(pickle.dumps(env))
    solution = env.solution()[0]
    assert env.step(solution) == twin.step(solution)
    vector = gym.make_vec("CodeFunction-v0", 2, vectorization_mode="async", level=2)
    try:
        observations, _ = vector.reset(seed=[1, 2])
        one = make(level=2)
        assert one.reset(seed=1)[0] == observations[0]
        solutions = [one.solution()[0]]
        one.reset(seed=2)
        _, rewards, *_ = vector.step([*solutions, one.solution()[0]])
        assert list(rewards) == [1.0, 1.0]
    finally:
        vector.close()


# Prices.


def test_the_size_of_a_program_has_a_price_when_it_is_right():
    reference = program_size(DOUBLE.source)
    env = make(reward={"size_cost": 0.4})
    for program, size in (
        (DOUBLE.source, 0.0),
        ("def double(n): return n+n  # " + "as short as can be " * 99, 0.0),
        (DOUBLE.source + "\n\n\n\n# more\n", 0.0),
        (DOUBLE.source + "a = 1", 3 / reference),
        (DOUBLE.source * 3, 1.0),
    ):
        begin(env)
        _, reward, *_, info = step(env, program)
        assert info["reward_terms"] == {"success": 1.0, "size": pytest.approx(-0.4 * size)}
        assert reward == pytest.approx(1 - 0.4 * size)
    begin(env)
    *_, info = step(env, DOUBLE.source.replace("n + n", "n") * 9)
    assert info["reward_terms"] == {"success": 0.0, "size": 0.0}


@pytest.mark.parametrize(
    ("source", "size"),
    [
        ("", 0),
        ("# nothing\n\n", 0),
        ("a = b", 3),
        ("a=b", 3),
        ("name_of_eight_or_more = 1", 3 + 2),
        ("x = '# no comment'", 2 + 2),
        ("x = '''a\nb'''  # comment '''", 2 + 2),
        ("exec('" + "x" * 800 + "')", 4 + 100 - 1 + 1),
        ("\x00\ud800", 2),
    ],
)
def test_sizes(source, size):
    assert program_size(source) == size


def slow_task():
    return Task(
        "pairs",
        "Count pairs.",
        "def pairs(numbers: list[int]) -> int",
        "def pairs(numbers):\n    n = 0\n    for number in numbers:\n        n += number\n"
        "    return len(numbers) * (len(numbers) - 1) // 2 + n\n",
        lambda stream: ([stream.randint(1, 99) for _ in range(stream.randint(4, 9))],),
        large=lambda stream: ([stream.randint(1, 99) for _ in range(100_000)],),
    )


SLOW = """\
def pairs(numbers):
    count = 0
    for i in range(len(numbers)):
        for j in range(i):
            count += 1
    return count + sum(numbers)
"""


def test_running_time_has_a_price_when_it_is_right():
    env = make(reward={"runtime_cost": 0.25})
    for program, charged in ((slow_task().source, 0.0), (SLOW, 1.0)):
        begin(env, slow_task(), large=True)
        said, _, *_, info = step(env, program)
        assert info["reward_terms"] == {"success": 1.0, "runtime": -0.25 * charged}
        assert ("large inputs" in said) is bool(charged)
    begin(env, slow_task(), large=True)
    *_, info = step(env, SLOW.replace("count = 0", "count = 1"))
    assert info["reward_terms"] == {"success": 0.0, "runtime": 0.0}


def test_large_inputs_may_have_to_be_passed():
    env = make(asymptotic=True, reward="dense", max_turns=2)
    begin(env, slow_task(), large=True)
    said, reward, terminated, _, info = step(env, SLOW)
    assert (info["status"], terminated) == ("timeout", False)
    assert (info["tests_passed"], info["tests_total"]) == (8, 9)
    assert reward == pytest.approx(8 / 10)
    wanted = "8 of 9 hidden tests passed.\nHidden test 9 (large inputs): time limit exceeded."
    assert wanted in said
    *_, info = step(env, slow_task().source)
    assert info["is_success"]
    assert info["tests_total"] == 9
    # It is run for a program alone that passes all others.
    begin(env, slow_task(), large=True)
    before = Counter()
    env.sandbox = Counting(before)
    *_, info = step(env, SLOW.replace("count = 0", "count = 1"))
    assert (info["status"], info["tests_passed"], before["runs"]) == ("wrong", 0, 2)


class Counting:
    """A sandbox that counts what is run, and what has a reference."""

    image = "counting"

    def __init__(self, counts):
        self.counts = counts

    def run(self, submission):
        self.counts["runs"] += 1
        self.counts["with a reference"] += bool(submission.reference)
        return make_sandbox("docker").run(submission)

    def close(self):
        pass


def test_the_form_has_a_price():
    env = make(reward={"format_cost": 0.5})
    for response, charged in (
        (fenced(DOUBLE.source), 0),
        (DOUBLE.source, -0.5),
        ("I do not know.", -0.5),
        ("<think>" + fenced(DOUBLE.source) + "</think>" + DOUBLE.source, -0.5),
    ):
        begin(env)
        assert env.step(response)[4]["reward_terms"]["format"] == charged


def test_costs_never_make_a_solution_worth_nothing():
    for cost in ({"size_cost": 1.0}, {"runtime_cost": 1}, {"size_cost": 0.5, "runtime_cost": 0.5}):
        with pytest.raises(ValueError, match="together must be less than 1"):
            RewardScheme(**cost)
    RewardScheme(size_cost=0.5, runtime_cost=0.49)
    with pytest.raises(ValueError, match="MathBoxed has no size events"):
        gym.make("MathBoxed-v0", reward={"size_cost": 0.1})


# Corpora.


@pytest.mark.parametrize("row", [HUMANEVAL, MBPP, APPS_PROGRAM, APPS_METHOD])
def test_a_task_of_a_corpus(row):
    env = make(reward="dense", max_turns=2)
    row = {**row}
    if row is not HUMANEVAL and "question" in row and "solutions" not in row:
        row["solutions"] = [
            "class Solution:\n    def bump(self, a):\n        return tuple(n + 1 for n in a)"
        ]
    observation, _ = env.reset(options={"problem": row})
    assert "fenced code block" in observation
    assert env.step("```python\nx = 1\n```")[1] == 0.0
    said, reward, terminated, _, info = env.step(env.solution()[0])
    assert (reward, terminated, info["is_success"]) == (2.0, True, True), said


def test_a_corpus_is_drawn_like_generated_problems(tmp_path):
    rows = [{**MBPP, "text": f"Task {n}.", "level": n % 3 + 1} for n in range(60)]
    rows.append({**MBPP, "text": "Bad.", "test_list": ["assert volume(1, 2, 3) is 5"]})
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(ValueError, match="line 61"):
        make(problems=path)
    env = make(problems=path, refused="skip")
    assert len(env.refused_tasks) == 1
    assert "line 61" in env.refused_tasks[0]
    infos = [env.reset(seed=0)[1], *(env.reset()[1] for _ in range(200))]
    assert {info["level"] for info in infos} == {1, 2, 3}
    test = make(problems=path, refused="skip", split="test")
    assert not {i["problem_id"] for i in infos} & {test.reset()[1]["problem_id"] for _ in range(50)}
    assert make(problems=path, refused="skip").reset(seed=5) == env.reset(seed=5)


def test_the_prompt_names_what_an_image_has():
    plain, _ = make(problems=[MBPP, APPS_PROGRAM]).reset(seed=0)
    assert "It runs under" not in plain  # another machine has another Python
    python = make_sandbox().contents.python
    named = make(problems=[MBPP, APPS_PROGRAM], sandbox=f"docker:{default_image()}")
    for _ in range(2):
        observation, _ = named.reset(seed=0)
        assert observation == f"{plain} It runs under Python {python}."
    program, _ = named.reset(options={"problem": APPS_PROGRAM})
    assert program.endswith(f"fenced code block. It runs under Python {python}.")
    assert named.unwrapped.sandbox == f"docker:{default_image()}"
    own = make(problems=[MBPP], sandbox=f"docker:{default_image()}", instruction="Go.")
    assert own.reset(seed=0)[0].endswith("\nGo.")


def test_setup_and_imports_from_the_future():
    env = make()
    env.reset(options={"problem": HUMANEVAL})
    program = (
        "from __future__ import annotations\n\n"
        "def below(numbers: List[int], limit) -> List[int]:\n"
        "    return [helper(n) for n in numbers if n < limit]"
    )
    assert step(env, program)[4]["is_success"]


@pytest.mark.parametrize(
    ("before", "body"),
    [
        ("", "return [n + 1 for n in a]"),
        ("", "return list(map(partial(add, 1), a))"),
        (
            "",
            "return [*Counter(a).elements(), *deque(), *defaultdict(list)] and [n + 1 for n in a]",
        ),
        ("", "return sorted(a[bisect_left(a, n)] + int(pow(2, 1, 2) + gcd(1, 3)) for n in a)"),
        ("", "return [heapq.heappop([n + 1]) + heappop([0]) + floor(sqrt(0)) for n in a]"),
        ("", "return [n + 1 for n in accumulate(a, lambda _, n: n)] if inf > -math.inf else []"),
        ("", "return copy.deepcopy([bisect.bisect([n], n) + n for n in a])"),
        ("from __future__ import annotations\n", "return [n + len(ascii_letters) - 51 for n in a]"),
        (
            "@lru_cache(None)\ndef up(n: Optional[int]) -> int: return n + 1\n",
            "return [*map(up, a)]",
        ),
        ("import collections as deque\nlist = Counter = 3\n", "return [n + 1 for n in a]"),
    ],
)
def test_a_solution_finds_what_its_site_imports(before, body):
    env = make()
    env.reset(options={"problem": APPS_METHOD})
    method = f"    def bump(self, a: List[int]) -> List[int]:\n        {body}"
    said, *_, info = step(env, f"{before}class Solution:\n{method}")
    assert info["is_success"], said


CLASSES = [
    name
    for name in FAMILIES
    if draw_problem([name], Stream(1), 5, "train").data.signature[:6] == "class "
]
OWN_NAMES = """
s = list = dict = copy = marshal = "its own"
_begin = {name}.__init__
def _check(self, *given):
    assert s == list == dict == copy == marshal == "its own"
    _begin(self, *given)
{name}.__init__ = _check
"""


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_may_stand_beside_any_names(name):
    """The names that tests use are theirs; those of the program are its own, and stay so."""
    env = make(families=name, level=5)
    for seed in range(3):
        env.reset(seed=seed)
        task = env.snapshot().episode.problem.data
        source = task.solution.replace("list(", "[].__class__(").replace("dict(", "{}.__class__(")
        said, *_, info = step(env, source + OWN_NAMES.format(name=task.name))
        assert info["is_success"], said


def test_outputs_are_compared_by_tokens_and_decimals_nearly():
    row = {
        "question": "Half of each.",
        "input_output": {"inputs": ["1 4\n", "3\n"], "outputs": ["0.5 2.0\n", "1.5\n"]},
    }
    for program, passed in (
        ("for n in input().split(): print(f'\\n  {int(n) / 2:.3f}')", 2),
        ("print(*(int(n) / 2 + 1e-8 for n in input().split()))", 2),
        ("print(*(int(n) / 2 + 1e-3 for n in input().split()))", 0),
        ("print(*(int(n) / 2 for n in input().split()[:1]))", 1),
    ):
        env = make()
        env.reset(options={"problem": row})
        assert step(env, program)[4]["tests_passed"] == passed


def test_a_problem_may_have_a_checker():
    checker = "def check(given, expected, got): return sorted(got) == sorted(given) != got"
    tests = [Test(f"mix({n})", None, Comparison(checker=checker), n) for n in ([1, 2], [3, 1, 4])]
    data = CodeTask("mix", "def mix(xs)", (tests[0],), ((tests[1],),))
    env = make(max_turns=9)
    env.reset(options={"problem": Problem("mix", 1, "Change the order.", "", topic="x", data=data)})
    assert step(env, "def mix(xs): return xs")[4]["status"] == "wrong"
    assert step(env, "def mix(xs): return check(0, 0, 0)")[4]["status"] == "crash"
    assert step(env, "def check(*_): return True\ndef mix(xs): return xs")[4]["status"] == "wrong"
    assert step(env, "def mix(xs): return xs[::-1]")[4]["is_success"]


def test_without_a_reference_there_is_no_solution():
    env = make()
    row = {key: value for key, value in MBPP.items() if key != "code"}
    env.reset(options={"problem": row})
    with pytest.raises(LookupError, match="no reference solution"):
        env.solution()
    assert step(env, MBPP["code"])[4]["is_success"]


def test_results_are_compared_as_the_assertion_does():
    env = make()
    row = {
        "text": "?",
        "code": "from collections import Counter\ndef f(x): return Counter(x)",
        "test_list": ["assert f('aab') == {'a': 2, 'b': 1}", "assert f('') == {}"],
    }
    env.reset(options={"problem": row})
    assert env.step(env.solution()[0])[4]["is_success"]


# Arguments.


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"families": "digit_totel"}, ValueError, "did you mean 'digit_total'"),
        ({"families": []}, ValueError, "at least one"),
        ({"families": 5}, TypeError, "families must be"),
        ({"families": "orbit", "problems": [MBPP]}, ValueError, "not both"),
        ({"sandbox": "dokcer"}, ValueError, "did you mean 'docker'"),
        ({"sandbox": 5}, TypeError, "sandbox must be"),
        ({"limits": {"second": 1}}, ValueError, "did you mean 'seconds'"),
        ({"limits": {"seconds": 0}}, ValueError, "seconds must be a positive"),
        ({"limits": 5}, TypeError, "limits must be"),
        ({"refused": "ignore"}, ValueError, "unknown refused"),
        ({"instruction": 5}, TypeError, "instruction"),
        ({"asymptotic": True, "reward": {"runtime_cost": 0.1}}, ValueError, "one of the two"),
        ({"problems": "no_such.jsonl"}, FileNotFoundError, "no_such"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        make(**arguments)


def test_bad_problems():
    env = make()
    with pytest.raises(TypeError, match="without tests"):
        env.reset(options={"problem": Problem("1 + 1", 1, "?", "2", "sums")})
    with pytest.raises(ValueError, match="a row of no form that is known"):
        env.reset(options={"problem": {"question": "?", "answer": "2"}})


def test_families_and_instructions():
    env = make(families=["orbit", "divisors"], level=7, instruction="")
    topics = {env.reset()[1]["topic"] for _ in range(30)}
    assert topics == {"orbit", "divisors"}
    assert "fenced" not in env.reset()[0]
    assert make(instruction="Go!").reset(seed=1)[0].endswith("\n\nGo!")


def test_step_survives_any_text():
    env = make(max_turns=1000)
    begin(env)
    choose = random.Random(1)
    pieces = [
        "```python\n",
        "```",
        "~~~",
        "def double(n):",
        "\n",
        "    return n",
        "</think>",
        "\x00",
    ]
    pieces += [
        "\ud800",
        "🙂",
        "\x1b[2J",
        "\u202e",
        "'" * 3,
        "\\",
        "(" * 300,
        "0" * 5000,
        "\r",
        "\f",
    ]
    for _ in range(60):
        text = "".join(choose.choices(pieces, k=choose.randint(1, 30)))
        assert env.step(text)[4]["tests_passed"] == 0
    for text in ("x" * 1_048_576, "\n" * 10_000, "```python\n" + "(" * 90_000 + "\n```"):
        assert env.step(text)[1] == 0.0


def test_a_problem_is_a_task_with_tests():
    problem = draw_problem(["digit_total"], Stream(1), 1, "train")
    assert isinstance(problem.data, CodeTask)
    env = make()
    assert problem.question in env.reset(options={"problem": problem})[0]


@pytest.mark.parametrize("family", ["balanced_parts", "merge_spans", "divisors"])
def test_a_right_program_of_a_worse_order_of_time_fails_the_large_inputs(family):
    """And one of the same order that is five times as slow passes; whatever ``seconds`` say."""
    problem = problem_with_large_inputs(family, FAMILIES[family].hardest)
    reference = problem.data.solution
    costly = {"mode": "sparse", "runtime_cost": 0.5}
    for program, is_fast in (
        (reference, True),
        (less_well_written(reference, family), True),
        (of_a_worse_order(reference, family), False),
    ):
        for arguments, right, paid in (
            ({"asymptotic": True}, is_fast, float(is_fast)),
            ({"reward": costly}, True, 1.0 if is_fast else 0.5),
        ):
            env = make(**arguments)
            env.reset(options={"problem": problem})
            *_, info = step(env, program)
            assert info["is_success"] is right
            assert sum(info["reward_terms"].values()) == pytest.approx(paid)
            assert info["status"] == ("passed" if right else "timeout")


@pytest.mark.slow
@pytest.mark.parametrize("family", STEPS)
def test_a_worse_order_takes_too_long_in_every_family(family):
    """``python -m tests.code.worse_orders`` shows by how much."""
    sandbox, limits = make_sandbox("docker"), Limits(output=1 << 22)
    task = problem_with_large_inputs(family, FAMILIES[family].hardest).data
    for program, status in (
        (task.solution, "passed"),
        (less_well_written(task.solution, family), "passed"),
        (of_a_worse_order(task.solution, family), "timeout"),
    ):
        verdict = judge(sandbox, program, task.large, limits=limits, reference=task.solution)
        assert verdict.status == status, program


def test_every_family_with_large_inputs_is_measured():
    with_large = {
        name
        for name, family in FAMILIES.items()
        if any(
            family.generate(Stream(seed), level).large
            for level in range(family.easiest, family.hardest + 1)
            for seed in range(5)
        )
    }
    assert with_large == set(STEPS)
