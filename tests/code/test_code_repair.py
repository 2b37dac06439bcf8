"""CodeRepair: episodes with the real sandbox."""

import pickle
import random

import pytest

from reasoning_gym_envs import RewardScheme
from reasoning_gym_envs.code.code_repair import CodeRepair
from reasoning_gym_envs.code.families import FAMILIES
from reasoning_gym_envs.code.problems import make_problem
from reasoning_gym_envs.code.repairs import make_repair
from reasoning_gym_envs.problems import Problem, Stream
from reasoning_gym_envs.sandbox import SandboxFailure, make_sandbox
from tests.code.test_repairs import CLAMP
from tests.sandbox.engine import needs_engine

pytestmark = needs_engine


def fenced(program):
    return f"```python\n{program}\n```"


def block(search, replace):
    return f"<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE"


def begin(faulty_line="    if n < 50:", **arguments):
    """An episode of repairing ``clamp``, whose one fault is this line."""
    problem = make_problem(CLAMP, "clamp", 1, Stream(1))
    for seed in range(400):
        repair = make_repair(problem, 1, Stream(seed), ("train", "test")[seed % 2])
        if repair is not None and faulty_line in repair.data.faulty.split("\n"):
            env = CodeRepair(**arguments)
            return env, *env.reset(options={"problem": repair})
    raise AssertionError(f"no draw has the fault {faulty_line!r}")


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_wrong_as_it_is_said_and_can_be_repaired(name):
    """What the host found out beforehand is what the sandbox says."""
    env = CodeRepair(families=name, reward="dense")
    family = FAMILIES[name]
    for level in sorted({family.easiest, family.hardest}):
        for seed in range(2):
            observation, info = env.reset(seed=seed, options={"level": level})
            assert (info["topic"], info["level"]) == (name, level)
            task = env.snapshot().episode.problem.data
            assert task.faulty in observation
            said, reward, terminated, truncated, info = env.step(fenced(task.faulty))
            assert (reward, terminated, truncated) == (0.0, False, False)
            assert (info["tests_passed"], info["tests_total"]) == (task.passed, len(task.hidden))
            assert f"{task.passed} of {len(task.hidden)} hidden tests passed.\n" in observation
            told = observation.split("hidden tests passed.\n")[1].split("\n\n")[0]
            if task.outcome.status == "returned":
                assert told in said
            else:
                error = task.outcome.message.split(" (")[0]
                assert f"runtime error: {error}" in told
                assert f"runtime error: {error}" in said
            said, reward, terminated, _, info = env.step(env.solution()[0])
            assert (reward, terminated, info["status"]) == (2.0, True, "passed"), said


def test_an_episode():
    env, observation, info = begin(reward="dense")
    assert observation.startswith("Return n, but at least 10 and at most 50.\n\ndef clamp(n: int)")
    assert "\n```python\ndef clamp(n):\n    # not too small\n" in observation
    assert "\nExpected clamp(" in observation
    assert observation.endswith(">>>>>>> REPLACE")
    assert info["topic"] == "clamp"
    assert env.reset(options={"problem": env.snapshot().episode.problem})[0] == observation


def test_an_episode_of_replacing_lines():
    env, *_ = begin("    if n > 10:", reward="dense", max_turns=6)
    faulty = env.snapshot().episode.state.program
    said, reward, terminated, truncated, info = env.step(block("    if n < 12:", "    pass"))
    assert said.startswith("The SEARCH part does not occur in the program")
    assert said.endswith(" 5 attempts left.")
    assert (reward, terminated, truncated, info["status"]) == (0.0, False, False, "refused")
    assert env.snapshot().episode.state.program == faulty

    said, reward, _, _, info = env.step(block("    if n > 10:", "    if n < 1 / 0:"))
    assert "The program is now:\n```python\ndef clamp(n):\n" in said
    assert "    if n < 1 / 0:\n" in said
    assert "runtime error: ZeroDivisionError" in said
    assert "(line 3: if n < 1 / 0:)" in said
    assert said.endswith("\n4 attempts left.")
    assert (reward, info["status"]) == (0.0, "crash")

    # the next edit changes the changed program
    said, reward, terminated, _, info = env.step(
        "<think>" + block("x", "y") + "</think>One line.\n```\n"
        + block("if n < 1 / 0:", "if n < 10:") + "\n```"
    )  # fmt: skip
    assert said == f"Correct: all {info['tests_total']} hidden tests passed."
    assert (reward, terminated, info["status"]) == (2.0, True, "passed")
    assert info["is_success"]


def test_progress_is_of_the_program_and_not_of_the_way():
    """Breaking, repairing, parking, undoing: the sum is what the program is worth."""
    env = CodeRepair(reward="dense", level=(4, 10), max_turns=40)
    partly = 0
    for seed in range(12):
        env.reset(seed=seed)
        task = env.snapshot().episode.problem.data
        worth, paid = {}, 0.0
        programs = [task.faulty, f"def {task.name}(*a):\n    return None\n", "x = (", *_halves(env)]
        choose = random.Random(seed)
        for _ in range(12):
            program = choose.choice(programs)
            _, reward, terminated, _, _ = env.step(fenced(program))
            if terminated:
                break
            paid += reward
            assert -1e-9 <= paid < 1
            assert worth.setdefault(program, paid) == pytest.approx(paid)
        assert worth.get(task.faulty, 0.0) == pytest.approx(0.0)
        partly += max(worth.values()) > 0
    assert partly >= 1


def _halves(env):
    """Programs with a part of the faults: one changed line after the other put right."""
    problem = env.snapshot().episode.problem
    right, faulty = problem.answer.split("\n"), problem.data.faulty.split("\n")
    if len(right) != len(faulty):
        return []
    places = [n for n, line in enumerate(right) if line != faulty[n]]
    return ["\n".join([*faulty[:n], right[n], *faulty[n + 1 :]]) for n in places if len(places) > 1]


@pytest.mark.parametrize("mode", ["sparse", "dense", "shaped"])
def test_attacks_do_not_pay(mode):
    env = CodeRepair(reward=mode, level=(1, 10), max_turns=3)
    for seed in range(15):
        env.reset(seed=seed + 500)
        other = env.solution()[0]
        env.reset(seed=seed)
        task = env.snapshot().episode.problem.data
        known = [test.run for test in task.examples]
        values = [test.expected for test in task.examples]
        name = task.name
        results = dict(zip((repr(call.arguments) for call in task.example_calls), values))  # noqa: B905
        by_heart = (
            f"{task.faulty}\n_known = {results!r}"
            f"\n_faulty = {name}\n"
            f"def {name}(*a):\n"
            f"    return _known[repr(a)] if repr(a) in _known else _faulty(*a)\n"
        )
        attacks = [
            fenced(task.faulty),
            block(task.faulty.split("\n")[0], task.faulty.split("\n")[0]),
            other,
            "",
            fenced("pass"),
            fenced(f"def {name}(*a): return a[0]"),
            fenced(f"def {name}(*a): return {values[-1]!r}"),
            fenced(f"class Any:\n    def __eq__(s, o): return True\ndef {name}(*a): return Any()"),
            fenced(f"{task.faulty}\nimport os\nos._exit(0)"),
            block(task.faulty.rstrip("\n"), ""),
            *([] if task.signature.startswith("class") else [fenced(by_heart)]),
        ]
        assert known
        start = env.snapshot()
        for attack in attacks:
            env.restore(start)
            paid = 0.0
            for _ in range(3):
                _, reward, terminated, truncated, info = env.step(attack)
                paid += reward
            assert not terminated
            assert truncated
            assert info["is_success"] is False
            assert paid <= 1e-9, attack


def test_any_text_is_an_action():
    """Nothing raises, and what cannot be applied leaves the program as it was."""
    env, *_ = begin(reward="dense", max_turns=100)
    before = env.snapshot().episode.state.program
    for text in (
        "",
        "\x00\ud800",
        "x" * 1_000_000,
        "\n" * 200_000,
        "<<<<<<< SEARCH\n" * 50_000,
        block("\ud800", "\x00"),
        block("    if n < 50:", "x" * 200_000),
        block("    if n < 50:", "x\n" * 90_000),
        "</think>" * 1000,
        "=======\n>>>>>>> REPLACE",
    ):
        observation, reward, terminated, *_ = env.step(text)
        assert observation in env.observation_space
        assert (reward, terminated) == (0.0, False)
    assert env.snapshot().episode.state.program == before
    for odd in ("\ud800", "\x00", "'\u202e🙂'"):
        observation, reward, *_ = env.step(block("    if n < 50:", f"    {odd}"))
        assert observation in env.observation_space
        assert reward == 0.0
        env.step(fenced(before))
    assert env.step(env.solution()[0])[2]


def test_costs():
    scheme = RewardScheme("dense", format_cost=0.25, size_cost=0.5)
    env, *_ = begin(reward=scheme, max_turns=10)
    assert env.step(block("nothing", ""))[4]["reward_terms"]["format"] == -0.25
    assert env.step("what?")[4]["reward_terms"]["format"] == -0.25
    assert env.step(block("    if n < 50:", "    if n > 52:"))[4]["reward_terms"]["format"] == 0
    *_, info = env.step(block("    if n > 52:", "    n = n + 0 + 0 + 0 + 0\n    if n > 50:"))
    assert info["is_success"]
    assert -0.5 < info["reward_terms"]["size"] < 0


def test_a_failing_sandbox_takes_no_turn():
    class Failing:
        image = "none"

        def run(self, submission):
            raise SandboxFailure("lost")

        def close(self):
            pass

    env, *_ = begin(reward="dense")
    program = env.snapshot().episode.state.program
    env.sandbox = Failing()
    with pytest.raises(SandboxFailure):
        env.step(block("    if n < 50:", "    if n > 50:"))
    assert env.snapshot().episode.turn == 0
    assert env.snapshot().episode.state.program == program
    env.sandbox = make_sandbox("docker")
    *_, info = env.step(block("    if n < 50:", "    if n > 50:"))
    assert info["is_success"]
    assert info["turn"] == 1


def test_copies_go_on_from_where_the_program_is():
    env, *_ = begin(reward="dense")
    env.step(block("    if n < 50:", "    if n >= 60:"))
    twin = pickle.loads(pickle.dumps(env))
    action = block("    if n >= 60:", "    if n > 50:")
    assert env.step(action) == twin.step(action)


def test_problems_of_other_environments_are_refused():
    env = CodeRepair()
    with pytest.raises(TypeError, match="without faults"):
        env.reset(options={"problem": make_problem(CLAMP, "clamp", 1, Stream(1))})
    with pytest.raises(TypeError, match="without faults"):
        env.reset(options={"problem": Problem("1", 1, "?", "1", "Chess")})
    with pytest.raises(TypeError, match="Problem"):
        env.reset(options={"problem": {"question": "?", "answer": "1"}})
