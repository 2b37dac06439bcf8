"""ReasoningGym-v0 with the real package: every task, what is refused, and the process behind it."""

import decimal
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import gymnasium as gym
import pytest

pytest.importorskip("reasoning_gym", reason="needs pip install 'reasoning-gym-envs[reasoning-gym]'")

from reasoning_gym_envs import rows, score
from reasoning_gym_envs.integrations.reasoning_gym import environment, process
from reasoning_gym_envs.integrations.reasoning_gym.process import TookTooLong, ask
from reasoning_gym_envs.integrations.reasoning_gym.tasks import (
    EVALUATES_TEXT,
    OFFERED,
    REFUSED,
    SLOW,
    TASKS,
    WITHOUT_LEVELS,
    rung,
)

ROOT = Path(__file__).parents[2]
PLAYED = [task for task in TASKS if task not in REFUSED]
# A scorer without end: it reads what it is given as Python.
ENDLESS = "[n for n in iter(int, 1)]"

each_task = pytest.mark.parametrize(
    "task",
    [pytest.param(each, marks=pytest.mark.slow) if each in SLOW else each for each in PLAYED],
)


def make(task, **arguments):
    return gym.make("ReasoningGym-v0", task=task, **arguments)


@each_task
def test_every_level_has_problems(task):
    for level in range(1, 11):
        assert any(ask("make", task, level, seed) for seed in range(9))


@each_task
@pytest.mark.parametrize("level", [1, 10])
def test_every_task_keeps_the_contract(task, level):
    env = make(task, level=level)
    for seed in range(2):
        question, info = env.reset(seed=seed)
        assert question in env.observation_space
        assert set(info) == {"level", "turn", "problem_id", "task"}
        assert (info["level"], info["task"]) == (level, task)
        *_, info = env.step("\\boxed{no answer to anything}")
        assert (info["answer_status"], info["is_success"]) == ("wrong", False)
        assert 0 <= info["score"] < 1
        assert env.reset(seed=seed)[0] == question
        [solution] = env.unwrapped.solution()
        said, reward, terminated, truncated, info = env.step(f"<think>Hm.</think> {solution}")
        assert (said, reward, terminated, truncated) == ("Correct.", 1.0, True, False)
        assert (info["answer_status"], info["score"]) == ("correct", 1.0)


def test_no_task_is_forgotten():
    from reasoning_gym.factory import CURRICULA, DATASETS

    assert set(TASKS) == set(DATASETS) - {"composite"}  # which mixes others
    assert len(TASKS) == 105
    assert set(WITHOUT_LEVELS) == set(TASKS) - set(CURRICULA)
    assert make("all").unwrapped.tasks == OFFERED
    assert set(OFFERED) == set(TASKS) - {*EVALUATES_TEXT, *SLOW, *REFUSED}


@pytest.mark.parametrize("task", REFUSED)
def test_what_cannot_be_played_is_refused(task):
    with pytest.raises(ValueError, match=f"'{task}' cannot be played: .*{REFUSED[task][:20]}"):
        make([task, "chain_sum"])


def test_a_misspelt_task_is_told_what_was_meant():
    with pytest.raises(ValueError, match="unknown task 'chain_sums'; did you mean 'chain_sum'"):
        make("chain_sums")
    with pytest.raises(TypeError, match="task must be a name or several"):
        make(3)


def test_which_scorers_evaluate_text():
    """All that is evaluated while an answer is scored is looked at; exactly these see its text."""
    program = """
import builtins, json
from reasoning_gym_envs.integrations.reasoning_gym import worker
from reasoning_gym_envs.integrations.reasoning_gym.tasks import REFUSED, TASKS

seen = []
def watched(function):
    def watch(code, *more):
        seen.append(code.co_names if hasattr(code, "co_names") else str(code))
        return function(code, *more)
    return watch

found = []
for task in TASKS:
    if task in REFUSED:
        continue
    worker.make(task, 1, 1)
    seen.clear()
    before = builtins.eval, builtins.exec
    builtins.eval, builtins.exec = map(watched, before)
    for answer in ("[[xyzzy(1)]]", "xyzzy", '{"a": [xyzzy]}'):
        worker.score(task, 1, 1, answer)
    builtins.eval, builtins.exec = before
    if any("xyzzy" in str(code) for code in seen):
        found.append(task)
print()  # one scorer prints, too
print(json.dumps(found))
"""
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert json.loads(found.splitlines()[-1]) == list(EVALUATES_TEXT)


def test_the_text_of_an_answer_is_run_for_no_task_that_is_offered(tmp_path):
    mark = tmp_path / "it ran"
    attack = f"__import__('pathlib').Path({str(mark)!r}).touch() or [[1]]"
    for task in ("number_sorting", "bitwise_arithmetic", "knights_knaves"):
        env = make(task)
        env.reset(seed=0)
        env.step(f"<answer>{attack}</answer>")
        assert not mark.exists()
    env = make("spiral_matrix")  # by name: as it was asked for
    env.reset(seed=0)
    env.step(f"<answer>{attack}</answer>")
    assert mark.exists()


def test_levels_climb_the_ladder():
    assert [rung("", "", level, 4) for level in range(1, 11)] == [0, 0, 1, 1, 1, 2, 2, 2, 3, 3]
    assert [rung("", "", level, 1) for level in (1, 5, 10)] == [0, 0, 0]
    digits = []
    for level in (1, 4, 7, 10):
        env = make("chain_sum", level=level)
        digits.append(sum(letter.isdigit() for letter in env.reset(seed=0)[0]))
    assert digits == sorted(set(digits))


def test_a_task_without_test_problems_says_so():
    env = make("tower_of_hanoi", split="test")  # it has 6 at this level
    with pytest.raises(RuntimeError, match="no test problem of level 1"):
        env.reset(seed=0)
    env = make("tower_of_hanoi", split="train")
    env.reset(seed=0)
    assert len({env.reset()[0] for _ in range(100)}) == 6


def test_what_the_package_cannot_solve_is_drawn_again():
    """Of string_manipulation, some references are empty, which its scorer does not take."""
    made = [ask("make", "string_manipulation", 7, seed) for seed in range(60)]
    assert 0 < made.count(None) < 20
    env = make("string_manipulation", level=7)
    env.reset(seed=0)
    for _ in range(60):
        env.reset()
        assert env.step(env.unwrapped.solution()[0])[1] == 1.0


def test_a_task_does_not_change_another():
    """decimal_arithmetic lowers the precision of every sum of decimals that follows."""
    ask("make", "decimal_arithmetic", 10, 0)
    for seed in range(5):
        question, answer = ask("make", "decimal_chain_sum", 10, seed)
        terms = question.split(": ")[1].removesuffix(" =").replace(" - ", " -").replace(" + ", " ")
        with decimal.localcontext(decimal.Context(prec=60)):
            assert sum(map(decimal.Decimal, terms.split())) == decimal.Decimal(answer)


@pytest.mark.parametrize("mode", ["sparse", "dense", "shaped"])
def test_partial_scores_pay_nothing(mode):
    env = make("word_sorting", reward=mode, max_turns=2)
    env.reset(seed=0)
    words = env.unwrapped.solution()[0].removeprefix("\\boxed{").removesuffix("}").split(", ")
    words[0], words[1] = words[1], words[0]
    _, reward, _, _, info = env.step("\\boxed{" + ", ".join(words) + "}")
    assert 0.3 < info["score"] < 1
    assert reward == 0.0


@each_task
@pytest.mark.parametrize("level", [1, 10])
def test_one_answer_does_not_solve_all(task, level):
    answers = [made[1] for seed in range(300, 310) if (made := ask("make", task, level, seed))]
    assert max(map(answers.count, answers)) <= 0.9 * len(answers)


@each_task
def test_the_beginning_of_an_answer_is_not_the_answer(task):
    """It was, for nearly all problems of coin_flip, which is refused."""
    answers = [made and made[1].strip() for made in (ask("make", task, 10, s) for s in range(6))]
    beginnings = {seed: text[0] for seed, text in enumerate(answers) if text and len(text) > 1}
    scores = [ask("score", task, 10, seed, text) for seed, text in beginnings.items()]
    assert scores.count(1.0) <= len(scores) / 2


def test_not_a_number_is_no_answer():
    env = make("complex_arithmetic")
    for text in ("nan", "nan+nani", "nani", "inf", "1e999"):
        env.reset(seed=0)
        assert env.step(f"\\boxed{{{text}}}")[1] == 0.0


def test_an_answer_that_has_no_end_pays_nothing(monkeypatch):
    monkeypatch.setattr(environment, "ask", partial(ask, seconds=1))
    env = make("spiral_matrix", max_turns=2)
    env.reset(seed=0)
    solution = env.unwrapped.solution()[0]
    _, reward, _, _, info = env.step(f"<answer>{ENDLESS}</answer>")
    assert (reward, info["answer_status"], info["score"]) == (0.0, "too_slow", 0.0)
    assert env.step(solution)[1] == 1.0  # the next is scored as always


def test_a_problem_that_has_no_end_raises():
    _, reference = ask("make", "spiral_matrix", 1, 0)
    with pytest.raises(TookTooLong, match="more than 1 s"):
        ask("score", "spiral_matrix", 1, 0, ENDLESS, seconds=1)
    assert ask("score", "spiral_matrix", 1, 0, reference) == 1.0


def test_a_process_that_fails_is_no_verdict():
    """The step raises, was not taken, and can be taken again."""
    env = make("spiral_matrix").unwrapped
    env.reset(seed=0)
    with pytest.raises(RuntimeError, match=r"ended \(3\) without an answer"):
        env.step("<answer>__import__('os')._exit(3)</answer>")
    _, reward, _, _, info = env.step(env.solution()[0])
    assert (reward, info["turn"]) == (1.0, 1)
    with pytest.raises(RuntimeError, match="reasoning-gym: KeyError"):
        ask("make", "no such task", 1, 0)


def episode(task, seed):
    env = make(task)
    question, _ = env.reset(seed=seed)
    return question, env.step(env.unwrapped.solution()[0])[1], env.reset()[0]


def test_threads_share_the_process():
    named = [(task, seed) for seed in range(10) for task in ("ab", "pool_matrix", "lcm")]
    alone = [episode(*each) for each in named]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda each: episode(*each), named)) == alone


def test_what_lies_in_the_working_directory_is_not_imported(tmp_path):
    """As it is not by a script that is run from another folder."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "random.py").write_text("raise SystemExit('the wrong module')")
    (tmp_path / "script.py").write_text(
        "from reasoning_gym_envs.integrations.reasoning_gym.process import ask\n"
        "print(ask('make', 'lcm', 1, 0))"
    )
    output = subprocess.run(
        [sys.executable, tmp_path / "script.py"],
        cwd=tmp_path / "elsewhere",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert output == f"{ask('make', 'lcm', 1, 0)}\n"


FORKS = """
import multiprocessing
from tests.integrations.test_reasoning_gym import episode

alone = episode("pool_matrix", 1)
context = multiprocessing.get_context("fork")
answers = context.SimpleQueue()

def play():
    answers.put([episode("pool_matrix", 1) for _ in range(3)])

children = [context.Process(target=play) for _ in range(2)]
for child in children:
    child.start()
ours = [episode("pool_matrix", 1) for _ in range(3)]  # at the same time
played = [ours, *(answers.get() for _ in children)]
for child in children:
    child.join()
print(played == [[alone] * 3] * 3)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")
def test_a_forked_process_has_one_of_its_own():
    """In a process of its own: one with threads, as a test's may be, is not to be forked."""
    finished = subprocess.run(
        [sys.executable, "-c", FORKS],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert finished.stdout == "True\n", finished.stderr


@pytest.mark.slow
def test_another_process_makes_the_same_problems_in_any_order():
    """With other hashes of strings and another random state outside, and another history."""
    program = """
import json, random, sys
from reasoning_gym_envs.integrations.reasoning_gym.process import ask
random.seed(5)
made = {}
for task in json.loads(sys.argv[1]):
    ask("make", task, 5, 1)
    ask("make", task, 2, 1)
    made[task] = ask("make", task, 5, 77)
print(json.dumps(made))
"""
    ours = {task: ask("make", task, 5, 77) for task in PLAYED}
    output = subprocess.run(
        [sys.executable, "-c", program, json.dumps(PLAYED[::-1])],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert json.loads(output) == ours


def test_rows_are_scored_again():
    made = rows("ReasoningGym-v0", 6, task=["lcm", "graph_color", "word_sorting"], reveal=True)
    assert len({row["problem_id"] for row in made}) == 6
    for row in made:
        assert score(row, row["solution"][0]) == 1.0
        assert score(row, "\\boxed{no answer to anything}") == 0.0


def test_a_problem_of_another_environment_is_refused():
    env = make("lcm").unwrapped
    boxed = gym.make("MathBoxed-v0").unwrapped
    boxed.reset(seed=0)
    with pytest.raises(ValueError, match="no problem of ReasoningGym"):
        env.reset(options={"problem": boxed.snapshot().episode.problem})


def test_a_problem_whose_scorer_runs_text_is_refused_where_its_task_was_not_asked_for():
    asked_for = make("n_queens").unwrapped
    asked_for.reset(seed=0)
    problem = asked_for.snapshot().episode.problem
    assert asked_for.reset(options={"problem": problem})[1]["task"] == "n_queens"
    with pytest.raises(ValueError, match="is of the task 'n_queens', which is not among task="):
        make("all").reset(options={"problem": problem})


def test_importing_and_making_import_nothing_of_the_package():
    program = (
        "import sys, gymnasium as gym, reasoning_gym_envs\n"
        "gym.make('ReasoningGym-v0').reset(seed=0)\n"
        "print('reasoning_gym' in sys.modules, 'sympy' in sys.modules)"
    )
    output = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert output.stdout == "False False\n"
    assert output.stderr == ""


def test_the_process_is_started_once():
    ask("version")
    started = process._process
    make("ab").reset(seed=0)
    assert process._process is started
