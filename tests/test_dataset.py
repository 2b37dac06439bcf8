"""Rows and scores: a row is a seed, and the environment is the verifier, for every id."""

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path

import gymnasium as gym
import pytest

from reasoning_gym_envs import (
    ENVIRONMENTS,
    RewardScheme,
    dataset,
    play_row,
    rows,
    sandbox,
    score,
    score_many,
)
from reasoning_gym_envs.answers import check
from reasoning_gym_envs.answers.forms import FORMS
from reasoning_gym_envs.conformance.attacks import ATTACKS
from reasoning_gym_envs.dataset import begun, write_answer
from reasoning_gym_envs.sandbox import SandboxFailure
from reasoning_gym_envs.seeds import PoolTooSmall

each_id = pytest.mark.parametrize("id", ENVIRONMENTS)
some_levels = pytest.mark.parametrize("level", [1, 4, 7, 10])

KEYS = {"prompt", "messages", "id", "kwargs", "seed", "problem_id", "level"}
ARITHMETIC = {"level": 2, "topics": "integer_arithmetic"}


def in_json(thing):
    """What comes back from a file."""
    return json.loads(json.dumps(thing, allow_nan=False))


def by_hand(row, actions):
    """What an environment of its own pays for actions, and whether they solve the episode."""
    env = gym.make(row["id"], **row["kwargs"])
    env.reset(seed=row["seed"])
    total = 0.0
    for action in actions:
        _, reward, terminated, truncated, info = env.step(action)
        total += reward
        if terminated or truncated:
            break
    return total, info.get("is_success", False)


def is_walked(row):
    """Whether its actions are commands, or equations, one after the other."""
    env = gym.make(row["id"], **row["kwargs"]).unwrapped
    return getattr(env, "form", "") == "moves"


# Rows.


@each_id
def test_a_row_is_a_seed(id):
    made = rows(id, 4, level=(1, 5), split="test")
    assert made == in_json(made)
    env = gym.make(id, level=(1, 5), split="test")
    for row in made:
        assert set(row) == KEYS
        assert row["kwargs"] == {"level": [1, 5], "split": "test"}
        prompt, info = env.reset(seed=row["seed"])
        assert (row["prompt"], row["id"]) == (prompt, id)
        assert row["messages"] == [{"role": "user", "content": prompt}]
        assert (row["problem_id"], row["level"]) == (info["problem_id"], info["level"])
        assert row["problem_id"][0] in "01"
        made_anew = gym.make(row["id"], **row["kwargs"]).reset(seed=row["seed"])
        assert made_anew[0] == row["prompt"]


@each_id
def test_rows_hold_the_reference_only_where_it_is_asked_for(id):
    for plain, told in zip(rows(id, 5, level=5), rows(id, 5, level=5, reveal=True), strict=True):
        added = told.keys() - plain.keys()
        assert {name: told[name] for name in plain} == plain
        assert added in ({"solution"}, {"solution", "answer", "form"})
        env = gym.make(id, level=5).unwrapped
        env.reset(seed=plain["seed"])
        assert told["solution"] == env.solution()
        if not is_walked(plain):
            assert told["solution"][0] not in json.dumps(plain, ensure_ascii=False)


@each_id
@some_levels
def test_the_revealed_answer_in_its_form_is_paid_in_full(id, level):
    """And so are the actions of the solution."""
    for row in in_json(rows(id, 4, level=level, reveal=True)):
        assert score(row, "\n".join(row["solution"])) == 1.0
        assert ("answer" in row) is ("form" in row)
        if "answer" in row:
            assert row["answer"].strip()
            assert score(row, write_answer(row["answer"], row["form"])) == 1.0
        else:  # one answer is no solution
            assert is_walked(row)


@pytest.mark.needs_engine
def test_where_there_is_an_answer_and_its_form():
    forms = {id: rows(id, 1, reveal=True)[0].get("form") for id in ENVIRONMENTS}
    assert forms.pop("EquationSteps-v0") == "text"
    assert {forms.pop(id) for id in list(forms) if id.startswith("Code")} == {"fenced"}
    assert all(forms.pop(id) in ("boxed", *FORMS) for id in ("MathBoxed-v0", "Mixture-v0"))
    answered_by = {id: ENVIRONMENTS[id].answered_by for id in forms}
    assert forms == {id: "boxed" if by == "box" else None for id, by in answered_by.items()}


def test_rows_are_of_different_problems():
    made = rows("MathBoxed-v0", 300, level=1, split="test")
    assert len({row["problem_id"] for row in made}) == len({row["seed"] for row in made}) == 300
    drawn = rows("MathBoxed-v0", 300, level=1, split="test", unique=False)
    assert len({row["problem_id"] for row in drawn}) < 300
    assert len({row["seed"] for row in drawn}) == 300
    assert rows("MathBoxed-v0", 40, level=1, split="test") == made[:40]
    other = rows("MathBoxed-v0", 300, level=1, split="test", seed=1)
    assert not {row["seed"] for row in made} & {row["seed"] for row in other}


def test_a_pool_that_is_too_small_says_how_large_it_seems():
    message = (
        "^100 rows cannot all be different: TowerOfHanoi-v0 seems to have only 77 different "
        r"problems with these arguments: 2,540 draws gave 77\. Ask for fewer, .*unique=False"
    )
    with pytest.raises(PoolTooSmall, match=message):
        rows("TowerOfHanoi-v0", 100, level=1, split="test")
    assert len(rows("TowerOfHanoi-v0", 77, level=1, split="test")) == 77
    assert len(rows("TowerOfHanoi-v0", 100, level=1, split="test", unique=False)) == 100
    assert len(rows("TowerOfHanoi-v0", 100, level=(1, 3), split="test")) == 100


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"reward": RewardScheme("dense")}, TypeError, "reward= must be .* mapping of fields; got"),
        ({"problems": Path("squares.jsonl")}, TypeError, "problems= must be .* path as a str"),
        ({"topics": {"fractions"}}, TypeError, "topics= must be something that JSON can write"),
        ({"reward": {"gamma": float("nan")}}, TypeError, "reward= must be"),
        ({"problems": [{"question": "1 + 1?", "answer": "2"}]}, TypeError, "path of a .jsonl file"),
        ({"level": 11}, ValueError, "from 1 to 10"),
        ({"count": 0}, ValueError, "count must be a whole number of 1 or more, got 0"),
        ({"count": 2.0}, ValueError, "count must be"),
        ({"id": "MathBoxd-v0"}, ValueError, "unknown environment 'MathBoxd-v0'; did you mean 'Ma"),
        ({"id": "CartPole-v1"}, TypeError, "CartPole-v1 is no text environment"),
    ],
)
def test_bad_arguments_of_rows_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        rows(**{"id": "MathBoxed-v0", "count": 2, **arguments})


def test_arguments_that_json_can_write_come_back(tmp_path):
    corpus = tmp_path / "squares.jsonl"
    lines = [{"question": f"What is {n} squared?", "answer": str(n * n)} for n in range(30)]
    corpus.write_text("\n".join(map(json.dumps, lines)))
    reward = {"mode": "dense", "format_cost": 0.25}
    made = in_json(rows("reasoning_gym_envs:MathBoxed-v0", 5, problems=str(corpus), reward=reward))
    for row in made:
        assert row["id"] == "MathBoxed-v0"
        number = int(row["prompt"].split()[2])
        right = f"<think></think>\\boxed{{{number**2}}}"
        assert score(row, right) == 2.0  # success, and progress from 0 to 1
        assert score(row, "none") == -0.25
        as_text = {**row, "kwargs": json.dumps(row["kwargs"])}  # as a table has it
        assert score(as_text, right) == 2.0
    corpus.write_text(corpus.read_text().replace("squared", "cubed"))
    dataset._problem.cache_clear()
    dataset._environments = dataset._Environments()
    with pytest.raises(ValueError, match="a file of problems has changed"):
        score(made[0], "none")


# Scores.


@each_id
@pytest.mark.parametrize("reward", ["sparse", "dense"])
def test_a_score_is_what_the_environment_pays(id, reward):
    """Whatever the response: for answers the reward, for a walk the sum of its lines' rewards."""
    made = rows(id, 3, level=3, reward=reward, reveal=True)
    for row, other in zip(made, made[1:] + made[:1], strict=True):
        solution = row["solution"]
        plans = [solution, other["solution"], solution[:-1] or ["?"], ["dance", *solution], ["no"]]
        for plan in plans:
            paid, is_success = by_hand(row, plan if is_walked(row) else plan[:1])
            text = "\n".join(plan) if is_walked(row) else plan[0]
            assert score(row, text) == pytest.approx(paid, abs=1e-12)
            assert (score(row, text) >= 1) is is_success


@each_id
def test_attacks_score_nothing(id):
    made = rows(id, 6, level=(3, 5), reveal=True)
    paid = [
        score(row, "\n".join(ATTACKS[attack](row["prompt"], other["solution"])))
        for row, other in zip(made, made[1:] + made[:1], strict=True)
        for attack in ("nothing", "echo the prompt", "echo the prompt in a box")
    ]
    assert sum(paid) <= 1  # the instruction of one id shows an answer that may be right by luck


def test_a_walk_is_the_lines_after_the_thinking():
    (row,) = rows("TowerOfHanoi-v0", 1, level=3, reveal=True)
    plan = row["solution"]
    assert score(row, "<think>\nA to B\n</think>\n" + "\n\n".join(plan) + "\n") == 1.0
    assert score(row, "\n".join([*plan, "A to B", "B to A"])) == 1.0  # the episode is over
    assert score(row, "<think>" + "\n".join(plan)) == 0.0
    assert score(row, "\n".join(plan[:-1])) == 0.0
    assert score(row, "</think>" * 2) == 0.0
    (row,) = rows("TowerOfHanoi-v0", 1, level=3, reveal=True, reward={"step_cost": 0.01})
    paid = score(row, "\n".join(row["solution"]))
    assert paid == pytest.approx(1 - 0.01 * len(row["solution"]))


def test_a_response_is_the_first_of_several_turns():
    (row,) = rows("MathBoxed-v0", 1, max_turns=3, reveal=True, **ARITHMETIC)
    assert score(row, f"\\boxed{{{row['answer']}}}") == 1.0
    assert score(row, f"\\boxed{{-1}}\n\\boxed{{{row['answer']}}}") == 1.0  # the last box
    assert score(row, "I would rather think again.") == 0.0


def test_the_question_in_the_box_is_paid_nothing_where_check_would_take_it():
    for row in rows("MathBoxed-v0", 10, reveal=True, **ARITHMETIC):
        question = row["prompt"].split("$")[1]
        copied = f"\\boxed{{{question}}}"
        assert check(copied, row["answer"]).correct  # the form is not told
        assert not check(copied, row["answer"], row["form"]).correct
        assert score(row, copied) == 0.0


def test_every_episode_of_a_slippery_maze_slides_as_its_row_does():
    for row in rows("TextMaze-v0", 5, level=3, slip=0.5, reveal=True):
        plan = row["solution"] * 3
        paid = by_hand(row, plan)[0]
        assert [score(row, "\n".join(plan)) for _ in range(3)] == [paid] * 3


def test_gymnasiums_own_arguments_count():
    (row,) = rows("TowerOfHanoi-v0", 1, level=3, max_episode_steps=1, reveal=True)
    assert len(row["solution"]) > 1
    assert [score(row, "\n".join(row["solution"])) for _ in range(3)] == [0.0] * 3


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"problem_id": "0" * 16}, ValueError, "made by another version of the package"),
        ({"seed": 12}, ValueError, "seed 12 of MathBoxed-v0 with .* is the problem [0-9a-f]{16}"),
        ({"id": "os:MathBoxed-v0"}, ValueError, "unknown environment 'os:MathBoxed-v0'"),
        ({"kwargs": [1]}, TypeError, "kwargs are a mapping or a text of JSON"),
        ({"kwargs": {"levle": 3}}, TypeError, "levle"),
        ({"id": ["MathBoxed-v0"]}, TypeError, r"a row's id is a str, got \['MathBoxed-v0'\]"),
        ({"id": "Mixture-v0", "kwargs": {"ids": 5}}, TypeError, "ids must be a list"),
        (
            {"id": "ReasoningGym-v0", "kwargs": {"task": 5}},
            TypeError,
            "task must be a name or several, got 5",
        ),
    ],
)
def test_what_is_no_row_is_named(change, error, message):
    (row,) = rows("MathBoxed-v0", 1)
    with pytest.raises(error, match=message):
        score({**row, **change}, "\\boxed{1}")
    with pytest.raises(error, match=message):
        play_row({**row, **change}, lambda messages: "\\boxed{1}")


def test_a_row_needs_four_entries():
    (row,) = rows("MathBoxed-v0", 1, reveal=True, **ARITHMETIC)
    least = {name: row[name] for name in ("id", "kwargs", "seed", "problem_id")}
    assert score(least, f"\\boxed{{{row['answer']}}}") == 1.0
    with pytest.raises(KeyError, match="this one has no seed, problem_id"):
        score({"id": row["id"], "kwargs": {}}, "")


def test_many_scores_are_those_of_each():
    made = [row for id in ("MathBoxed-v0", "TowerOfHanoi-v0", "Game24Boxed-v0", "CodeOutput-v0")
            for row in rows(id, 6, level=2, reveal=True)]  # fmt: skip
    asked = [row for row in made for _ in range(2)]
    responses = [text for row in made for text in ("\n".join(row["solution"]), "\\boxed{1}")]
    each = [score(row, response) for row, response in zip(asked, responses, strict=True)]
    assert sum(each) == len(made)
    for workers in (None, 1, 4):
        assert score_many(asked, responses, workers=workers) == each
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(score_many, asked, responses, workers=2) for _ in range(16)]
        assert all(future.result() == each for future in futures)
    assert score_many([], []) == []


def test_environments_are_kept_between_calls(monkeypatch):
    made = rows("MathBoxed-v0", 20, level=6, reward="dense")
    score_many(made, ["?"] * 20)
    monkeypatch.setattr(dataset, "_make", lambda *arguments: pytest.fail("made anew"))
    assert score_many(made, ["?"] * 20) == [0.0] * 20


def test_no_more_than_some_kinds_of_environments_are_kept():
    kept = dataset._Environments()
    for cost in range(200):
        with kept.lent("MathBoxed-v0", json.dumps({"reward": {"step_cost": cost}})):
            pass
    assert len(kept._idle) == dataset._KINDS_KEPT


def test_an_environment_that_was_never_given_back_comes_back_with_the_garbage():
    """Whenever that is: in the midst of another's borrowing, too."""
    kept = dataset._Environments()
    borrowing = kept.lent("MathBoxed-v0", "{}")
    env = borrowing.__enter__()

    def collect():
        nonlocal borrowing
        with kept._lock:
            borrowing = None

    thread = threading.Thread(target=collect, daemon=True)
    thread.start()
    thread.join(timeout=30)  # it is done at once, or waits for itself for ever
    assert not thread.is_alive()
    with kept.lent("MathBoxed-v0", "{}") as again:
        assert again is env


def test_a_program_that_ends_within_an_episode_ends_quietly():
    program = (
        "import sys; from reasoning_gym_envs import dataset\n"
        "sys.main = sys.modules['__main__']\n"  # as dill does: the program's names go last
        "episode = dataset.begun(dataset.rows('TowerOfHanoi-v0', 1)[0])\n"
        "episode.__enter__()\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-c", program]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (finished.returncode, finished.stderr) == (0, "")


def test_bad_calls_of_score_many_are_named():
    (row,) = rows("MathBoxed-v0", 1)
    with pytest.raises(ValueError, match="1 rows and 2 responses"):
        score_many([row], ["", ""])
    with pytest.raises(ValueError, match="workers"):
        score_many([row], [""], workers=0)
    with pytest.raises(TypeError, match="a response is a str, got list"):
        score(row, [{"role": "assistant", "content": "\\boxed{1}"}])


class Broken:
    """A sandbox whose engine has gone away."""

    image = "none"

    def run(self, submission):
        raise SandboxFailure("the engine does not answer")


@pytest.mark.parametrize("id", ["CodeFunction-v0", "CodeRepair-v0"])
def test_a_failure_of_the_sandbox_is_never_a_score(id, monkeypatch):
    made = rows(id, 3, level=1, sandbox="process-unsafe", reveal=True)
    programs = [row["solution"][0] for row in made]
    with monkeypatch.context() as patch:
        patch.setitem(sandbox._shared, "process-unsafe", Broken())
        for workers in (1, 3):
            with pytest.raises(SandboxFailure, match="does not answer"):
                score_many(made, programs, workers=workers, allow_unsafe=True)
        with pytest.raises(SandboxFailure, match="does not answer"):
            play_row(made[0], lambda messages: programs[0], allow_unsafe=True)
        (other,) = rows("MathBoxed-v0", 1, reveal=True, **ARITHMETIC)
        mixed, answers = [made[0], other, made[1]], [programs[0], other["solution"][0], "no"]
        for workers in (1, 3):
            options = {"workers": workers, "allow_unsafe": True, "allow_failures": True}
            scores = score_many(mixed, answers, **options)
            assert scores == [None, 1.0, 0.0]  # where there is no program, nothing was to be run
            with pytest.raises(KeyError):
                score_many([{}], ["no"], **options)
    # once it answers again
    assert score_many(made, programs, allow_unsafe=True) == [1.0] * 3
    assert score_many(made, programs, allow_unsafe=True, allow_failures=True) == [1.0] * 3
    assert score_many(made, ["```python\npass\n```"] * 3, allow_unsafe=True) == [0.0] * 3


class Recorder:
    """A sandbox that says what it was given."""

    image = "none"

    def __init__(self):
        self.ran = []

    def run(self, submission):
        self.ran.append(submission.source)
        raise SandboxFailure("it runs nothing")


@pytest.mark.parametrize("id", ["CodeFunction-v0", "CodeRepair-v0"])
@pytest.mark.parametrize("as_text", [False, True])
def test_a_row_cannot_lower_the_isolation_of_programs(id, as_text, monkeypatch):
    """What is refused reaches no sandbox, and is told what allows it."""
    (row,) = rows(id, 1, level=1, sandbox="process-unsafe", reveal=True)
    program = row["solution"][0]
    if as_text:
        row["kwargs"] = json.dumps(row["kwargs"])
    recorder = Recorder()
    monkeypatch.setitem(sandbox._shared, "process-unsafe", recorder)
    (sum_row,) = rows("MathBoxed-v0", 1)
    refused = [
        lambda: score(row, program),
        lambda: score_many([sum_row, row], ["", program]),
        lambda: score_many([row] * 2, [program] * 2, workers=2),
        lambda: play_row(row, lambda messages: program),
    ]
    for call in refused:
        with pytest.raises(ValueError, match=r"sandbox='process-unsafe'.*allow_unsafe=True"):
            call()
    assert recorder.ran == []
    with pytest.raises(SandboxFailure, match="it runs nothing"):
        score(row, program, allow_unsafe=True)
    assert len(recorder.ran) == 1


@pytest.mark.parametrize(
    "kwargs", [{"sandbox": None}, {"sandbox": "host"}, {"ids": [{"a": {"sandbox": "unsafe"}}]}]
)
def test_any_sandbox_but_the_default_is_refused_wherever_it_stands(kwargs):
    row = {"id": "CodeFunction-v0", "kwargs": kwargs, "seed": 1, "problem_id": "?"}
    with pytest.raises(ValueError, match="allow_unsafe=True"):
        score(row, "")


@pytest.mark.parametrize(
    ("id", "kwargs"),
    [
        ("ReasoningGym-v0", {"task": "n_queens"}),
        ("ReasoningGym-v0", {"task": ["chain_sum", "countdown"]}),
        ("Mixture-v0", {"ids": {"ReasoningGym-v0": {"weight": 1, "task": "puzzle24"}}}),
    ],
)
def test_a_row_cannot_name_a_task_whose_scorer_evaluates_answers(id, kwargs):
    row = {"id": id, "kwargs": kwargs, "seed": 1, "problem_id": "?"}
    for call in (lambda: score(row, ""), lambda: play_row(row, lambda messages: "")):
        with pytest.raises(ValueError, match=r"asks for task='\w+'.*allow_unsafe=True"):
            call()
    with pytest.raises(
        TypeError, match="unexpected keyword argument"
    ):  # they are tasks of that id alone
        score({**row, "id": "MathBoxed-v0", "kwargs": {"task": "n_queens"}}, "")


def test_another_process_scores_rows_of_a_file(tmp_path):
    made = [row for id in ("MathBoxed-v0", "Sudoku-v0", "EquationSteps-v0", "ZebraBoxed-v0")
            for row in rows(id, 3, level=4, split="test", reveal=True)]  # fmt: skip
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, made)))
    program = (
        "import json, sys; from reasoning_gym_envs import score;"
        "rows = [json.loads(line) for line in open('rows.jsonl')];"
        "print([score(row, '\\n'.join(row['solution'])) + score(row, 'no') for row in rows]);"
        "print({'torch', 'sympy', 'docker', 'datasets'} & sys.modules.keys())"
    )
    output = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONHASHSEED": "7"},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert output.split("\n")[:2] == [str([1.0] * 12), "set()"]


def test_rows_come_back_from_a_table(tmp_path):
    datasets = pytest.importorskip("datasets")
    made = rows("KnightsAndKnavesBoxed-v0", 5, level=(2, 4), reveal=True)
    datasets.Dataset.from_list(made).to_parquet(tmp_path / "rows.parquet")
    read = datasets.Dataset.from_parquet(
        str(tmp_path / "rows.parquet"), cache_dir=str(tmp_path / "cache")
    )
    assert list(read) == made
    assert [score(row, row["solution"][0]) for row in read] == [1.0] * 5


# Several turns.


@each_id
def test_an_agent_that_knows_the_solution_succeeds(id):
    for row in rows(id, 2, level=2, reward="dense", reveal=True):
        plan = iter(row["solution"])
        record = play_row(row, lambda messages, plan=plan: next(plan))
        assert record == in_json(record)
        ends = [record[name] for name in ("is_success", "terminated", "truncated")]
        assert ends == [True, True, False]
        paid = [by_hand(row, row["solution"][: n + 1])[0] for n in range(len(row["solution"]))]
        assert list(accumulate(record["rewards"])) == pytest.approx(paid)
        assert record["reward"] == pytest.approx(paid[-1])
        names = ("id", "kwargs", "seed", "problem_id", "level")
        assert [record[name] for name in names] == [row[name] for name in names]
        said = record["messages"]
        assert said[:1] == row["messages"]
        assert [m["content"] for m in said if m["role"] == "assistant"] == row["solution"]
        assert [m["role"] for m in said[1:]] == ["assistant", "user"] * len(row["solution"])


def test_the_conversation_that_an_agent_reads():
    (row,) = rows("MathBoxed-v0", 1, max_turns=3, reveal=True, **ARITHMETIC)
    system = {"role": "system", "content": "Be brief."}
    row = {**row, "messages": [system, *row["messages"]]}
    read = []

    def agent(messages):
        read.append([dict(message) for message in messages])
        messages.clear()  # it is the agent's own
        return f"\\boxed{{{row['answer'] if len(read) == 3 else 'pear'}}}"

    record = play_row(row, agent)
    assert record["rewards"] == [0.0, 0.0, 1.0]
    assert record["reward"] == 1.0
    assert record["messages"][-1] == {"role": "user", "content": "Correct."}
    assert read[0] == row["messages"]
    assert read[2] == record["messages"][:-2]
    assert "2 attempts left" in read[1][-1]["content"]


def test_an_episode_that_the_caller_plays():
    made = rows("TowerOfHanoi-v0", 2, level=2, reveal=True)
    with begun(made[0]) as (env, observation, info), begun(made[1]) as (other, *_):
        assert env is not other
        assert (observation, info["problem_id"]) == (made[0]["prompt"], made[0]["problem_id"])
        for action in made[0]["solution"]:
            *_, info = env.step(action)
        assert info["is_success"]
    with begun(made[1] | {"problem_id": None}) as (env, observation, _):
        assert observation == made[1]["prompt"]
    with pytest.raises(ValueError, match="another version"), begun(made[1] | {"seed": 1}):
        pass
    (row,) = rows("CodeFunction-v0", 1, level=1, sandbox="process-unsafe")
    with pytest.raises(ValueError, match="allow_unsafe=True"), begun(row):
        pass
    with begun(row, allow_unsafe=True) as (_, observation, _):
        assert observation == row["prompt"]


def test_an_episode_in_vain_is_recorded():
    (row,) = rows("TowerOfHanoi-v0", 1, level=1, max_turns=4)
    record = play_row(row, lambda messages: "fly")
    assert (record["rewards"], record["is_success"]) == ([0.0] * 4, False)
    assert (record["terminated"], record["truncated"]) == (False, True)


def test_what_an_agent_raises_goes_through_and_the_row_can_be_played_again():
    (row,) = rows("TowerOfHanoi-v0", 1, level=1, reveal=True)

    def fails(messages):
        raise OSError("the model is away")

    with pytest.raises(OSError, match="away"):
        play_row(row, fails)
    with pytest.raises(TypeError, match="an action is a str, got NoneType"):
        play_row(row, lambda messages: None)
    plan = iter(row["solution"])
    assert play_row(row, lambda messages: next(plan))["is_success"]


def test_agents_may_play_and_score_within_their_turns():
    """Each has an environment of its own."""
    (row,) = rows("TowerOfHanoi-v0", 1, level=2, reveal=True)
    plan = iter(row["solution"])

    def agent(messages):
        assert score(row, "\n".join(row["solution"])) == 1.0
        return next(plan)

    assert play_row(row, agent)["is_success"]


def test_answers_are_written_in_their_form():
    assert [write_answer("1/2", form) for form in FORMS] == ["\\boxed{1/2}"] * len(FORMS)
    assert write_answer("a ``` b", "fenced") == "````\na ``` b\n````"
    with pytest.raises(ValueError, match="unknown form 'boxd'; did you mean 'boxed'"):
        write_answer("1", "boxd")


@pytest.mark.parametrize(
    ("id", "is_side_by_side"), [("CodeRepair-v0", True), ("ZebraBoxed-v0", False)]
)
def test_programs_are_judged_side_by_side_unless_told_otherwise(id, is_side_by_side, monkeypatch):
    meeting = threading.Barrier(2)

    def meets(row, response):
        try:
            meeting.wait(timeout=30 if is_side_by_side else 0.1)
        except threading.BrokenBarrierError:
            return 0.0
        return 1.0

    monkeypatch.setattr(dataset, "_score", meets)
    row = {"id": id, "kwargs": {}, "seed": 0, "problem_id": ""}
    assert score_many([row, row], ["", ""]) == [float(is_side_by_side)] * 2
