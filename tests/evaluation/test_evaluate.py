"""Evaluations: the same record however they run, whatever happens to them."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

import reasoning_gym_envs
from reasoning_gym_envs import sandbox
from reasoning_gym_envs.evaluation import (
    EvaluationStopped,
    evaluate,
    load_suite,
    suite_of,
    summarise,
)
from reasoning_gym_envs.evaluation import run as run_module
from reasoning_gym_envs.evaluation.pool import RolloutPool, WorkersDie
from reasoning_gym_envs.evaluation.record import RunConflict, read_episodes, read_run
from reasoning_gym_envs.sandbox import SandboxFailure
from tests.evaluation.players import Deadly, Dice, Flaky, InThreads, Together

ROOT = Path(reasoning_gym_envs.__file__).parents[1]
SOME = suite_of(["MathBoxed-v0", "TowerOfHanoi-v0", "LightsOut-v0"], levels=(1, 3), count=6)


def lines(folder):
    """The record, sorted, without the times."""
    return sorted(
        json.dumps({k: v for k, v in record.items() if k != "seconds"})
        for record in read_episodes(folder)
    )


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Played by one process, one by one."""
    folder = tmp_path_factory.mktemp("plain")
    evaluate(Dice, SOME, out=folder, samples=2, seed=3)
    return lines(folder)


def test_the_record_says_all(tmp_path):
    summary = evaluate(Dice, SOME, out=tmp_path, samples=2, seed=3)
    run = read_run(tmp_path)
    assert run["suite"] == {"name": SOME.name, "version": 0, "hash": SOME.hash}
    assert (run["agent"], run["samples"], run["seed"]) == ({"agent": "dice"}, 2, 3)
    assert run["versions"]["reasoning-gym-envs"] == reasoning_gym_envs.__version__
    records = list(read_episodes(tmp_path))
    assert len(records) == 2 * len(SOME.problems)
    assert len({(record["number"], record["sample"]) for record in records}) == len(records)
    for record in records:
        problem = SOME.problems[record["number"]]
        assert (record["id"], record["problem_id"]) == (problem.id, problem.problem_id)
        # The conversation is what the environment says to these actions, and pays.
        played = reasoning_gym_envs.play_row(problem.row, actions(record))
        assert played["messages"] == record["messages"]
        assert played["reward"] == record["reward"]
        assert played["is_success"] == record["is_success"]
        assert len(record["steps"]) == record["turns"] == len(played["rewards"])
        assert record["completion_tokens"] == sum(s["completion_tokens"] for s in record["steps"])
    assert 0 < summary.total.success.value < 1
    assert json.loads((tmp_path / "summary.json").read_text()) == json.loads(
        json.dumps(summary.record())
    )
    assert summarise(tmp_path) == summary


def actions(record):
    said = iter([m["content"] for m in record["messages"] if m["role"] == "assistant"])
    return lambda messages: next(said)


@pytest.mark.parametrize("kind", [Together, InThreads])
def test_several_at_a_time_is_the_same_record(kind, plain, tmp_path):
    evaluate(kind, SOME, out=tmp_path, samples=2, seed=3)
    assert lines(tmp_path) == plain


@pytest.mark.parametrize("workers", [2, 3])
def test_more_workers_are_the_same_record(workers, plain, tmp_path):
    evaluate(Dice, SOME, out=tmp_path, samples=2, seed=3, workers=workers)
    assert lines(tmp_path) == plain


def test_another_seed_is_another_record(plain, tmp_path):
    evaluate(Dice, SOME, out=tmp_path, samples=2, seed=4)
    assert lines(tmp_path) != plain


def test_a_worker_that_dies_costs_a_second_run(plain, tmp_path):
    deaths = tmp_path / "deaths"
    deaths.write_text("3")
    evaluate(partial(Deadly, deaths), SOME, out=tmp_path / "run", samples=2, seed=3, workers=2)
    assert deaths.read_text() == "0"
    assert lines(tmp_path / "run") == plain


def test_an_episode_that_kills_every_worker_is_named(tmp_path):
    deaths = tmp_path / "deaths"
    deaths.write_text("1000")
    with pytest.raises(WorkersDie, match=r"3 workers died with Episode\(number="):
        evaluate(partial(Deadly, deaths), SOME, out=tmp_path / "run", workers=2)


# Failures that are nobody's.


def test_who_is_unavailable_is_asked_again(plain, tmp_path):
    down = tmp_path / "down"
    down.write_text("5")
    evaluate(partial(Flaky, down), SOME, out=tmp_path / "run", samples=2, seed=3)
    assert lines(tmp_path / "run") == plain
    failures = (tmp_path / "run" / "failures.jsonl").read_text().splitlines()
    assert len(failures) == 5
    assert json.loads(failures[0])["reason"] == "Unavailable: the server is down"


def test_who_stays_unavailable_stops_it_and_nothing_is_counted(plain, tmp_path, monkeypatch):
    down = tmp_path / "down"
    down.write_text("1000")
    monkeypatch.setattr(run_module, "FAILURES_IN_A_ROW", 10)
    with pytest.raises(EvaluationStopped, match=r"10 episodes in a row .*the server is down"):
        evaluate(partial(Flaky, down), SOME, out=tmp_path / "run", samples=2, seed=3)
    assert lines(tmp_path / "run") == []
    down.write_text("0")
    evaluate(partial(Flaky, down), SOME, out=tmp_path / "run", samples=2, seed=3)
    assert lines(tmp_path / "run") == plain


def test_an_episode_that_is_never_judged_is_missing(tmp_path, monkeypatch):
    class Broken:
        image = "none"

        def run(self, submission):
            raise SandboxFailure("the engine does not answer")

    monkeypatch.setitem(sandbox._shared, "process-unsafe", Broken())
    programs = suite_of(["CodeFunction-v0"], levels=(1,), count=2, sandbox="process-unsafe")
    both = suite_of(["MathBoxed-v0"], levels=(1,), count=3)
    mixed = type(both)("both", 0, (*both.problems, *programs.problems))
    with pytest.raises(EvaluationStopped, match="2 of 5 episodes could not be judged, after 3"):
        evaluate("reference", mixed, out=tmp_path)
    summary = summarise(tmp_path)
    assert (summary.total.episodes, summary.missing) == (3, 2)
    assert summary.total.success.value == 1.0


# Going on.

PROGRAM = """
import sys, time
from reasoning_gym_envs.evaluation import evaluate, suite_of
from tests.evaluation.players import Dice
from tests.evaluation.test_evaluate import SOME

if __name__ == "__main__":
    evaluate(Dice, SOME, out=sys.argv[1], samples=2, seed=3, workers=int(sys.argv[2]))
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_in_a_loop_nothing_is_lost_and_nothing_counted_twice(workers, plain, tmp_path):
    program, folder = tmp_path / "program.py", tmp_path / "run"
    program.write_text(PROGRAM)
    kills, seen = 0, 0
    while True:
        process = subprocess.Popen(
            [sys.executable, program, folder, str(workers)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        # It is killed as soon as it has written something more: by a count, not a clock.
        while process.poll() is None and (size := written(folder)) < seen + 4_000:
            time.sleep(0.002)
        if process.poll() is not None:
            assert process.returncode == 0
            break
        process.kill()
        process.wait()
        kills += 1
        seen = size
    assert kills >= 3
    assert lines(folder) == plain


def written(folder):
    file = folder / "episodes.jsonl"
    return file.stat().st_size if file.exists() else 0


def test_half_a_line_is_cut_off(plain, tmp_path):
    evaluate(Dice, SOME, out=tmp_path, samples=2, seed=3)
    file = tmp_path / "episodes.jsonl"
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
    assert len(lines(tmp_path)) < len(plain)
    evaluate(Dice, SOME, out=tmp_path, samples=2, seed=3)
    assert lines(tmp_path) == plain


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"suite": "smoke"}, "suite is"),
        ({"agent": "random"}, "agent is"),
        ({"samples": 3}, "samples is 2 there, and 3 here"),
        ({"seed": 4}, "seed is 3 there, and 4 here"),
        ({"system": "Be brief."}, "system is None there"),
    ],
)
def test_another_run_in_the_same_folder_is_refused(change, message, tmp_path):
    asked = {"agent": Dice, "suite": SOME, "samples": 2, "seed": 3}
    evaluate(**asked, out=tmp_path)
    before = (tmp_path / "episodes.jsonl").read_bytes()
    with pytest.raises(RunConflict, match=message):
        evaluate(**{**asked, **change}, out=tmp_path)
    assert (tmp_path / "episodes.jsonl").read_bytes() == before


def test_two_processes_do_not_write_into_one_folder(tmp_path):
    class Asks(Dice):
        def reply(self, messages, turn):
            with pytest.raises(RunConflict, match="another process is writing"):
                evaluate(Dice, SOME, out=tmp_path, samples=2, seed=3)
            return super().reply(messages, turn)

    evaluate(Asks, suite_of(["MathBoxed-v0"], count=1), out=tmp_path)


def test_a_system_prompt_stands_before_the_problem(tmp_path):
    evaluate(Dice, suite_of(["MathBoxed-v0"], count=2), out=tmp_path, system="Be brief.")
    for record in read_episodes(tmp_path):
        assert record["messages"][0] == {"role": "system", "content": "Be brief."}
        assert record["messages"][1]["role"] == "user"


def test_any_text_can_be_written_down(tmp_path):
    text = "\ud800 \x00 \u2028 \\boxed{1}"
    evaluate(f"constant:{text}", suite_of(["MathBoxed-v0"], count=2), out=tmp_path)
    for record in read_episodes(tmp_path):
        assert record["messages"][1]["content"] == text


def test_the_scripted_players(tmp_path):
    suite = load_suite("smoke")
    assert evaluate("reference", suite, out=tmp_path / "reference").total.success.value == 1.0
    random = evaluate("random", suite, out=tmp_path / "random").total
    assert random.success.value < 0.2
    assert random.illegal < 0.01
    shout = evaluate("tests.evaluation.players:shout", suite, out=tmp_path / "shout").total
    assert shout.success.value < 0.1
    with pytest.raises(TypeError, match="silent returned None and no text"):
        evaluate("tests.evaluation.players:silent", suite, out=tmp_path / "silent")
    for wrong in ("nobody", "tests.evaluation.players:nobody", "no.such.module:function"):
        with pytest.raises(ValueError, match=r"is no (agent|function that)"):
            evaluate(wrong, suite, out=tmp_path / "wrong")


@pytest.mark.parametrize(
    ("agent", "id"),
    [
        ("random", "TextMazeBoxed-v0"),
        ("random", "TextMaze-v0"),
        ("constant", "KnightsAndKnavesBoxed-v0"),
    ],
)
def test_who_knows_nothing_solves_as_much_as_the_table_of_floors_says(agent, id, tmp_path):
    suite = suite_of([id], levels=(1,), count=70, seed=1)
    total = evaluate(agent, suite, out=tmp_path, samples=5).total
    assert total.floor > 0.03
    assert total.success.low <= total.floor <= total.success.high


# The pool.


def make_squares():
    return lambda tasks: ((place, task * task) for place, task in reversed(list(enumerate(tasks))))


def make_failures():
    def work(tasks):
        for place, task in enumerate(tasks):
            if task == 5:
                raise KeyError("five")
            yield place, task

    return work


@pytest.mark.parametrize("at_once", [1, 3, None])
def test_a_pool_gives_every_result_once(at_once):
    pool = RolloutPool(make_squares, workers=2)
    assert sorted(pool.run(range(50), at_once=at_once)) == [n * n for n in range(50)]
    assert list(pool.run([])) == []


def test_what_the_work_raises_is_raised():
    with pytest.raises(KeyError, match="five"):
        list(RolloutPool(make_failures, workers=2).run(range(10)))


def test_bad_pools():
    with pytest.raises(ValueError, match="processes, ray"):
        RolloutPool(make_squares, backend="threads")
    with pytest.raises(ValueError, match="workers must be 1 or more"):
        RolloutPool(make_squares, workers=0)


ORPHANS = """
import os, sys, time
from reasoning_gym_envs.evaluation.pool import RolloutPool

def make():
    def work(tasks):
        for place, _ in enumerate(tasks):
            print(os.getpid(), flush=True)
            time.sleep(3600)
            yield place, 0
    return work

if __name__ == "__main__":
    list(RolloutPool(make, workers=2).run(range(2)))
"""


def test_workers_end_with_their_parent(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(ORPHANS)
    process = subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    workers = [int(process.stdout.readline()) for _ in range(2)]
    process.kill()
    process.communicate()
    while any(map(is_running, workers)):  # a moment later
        time.sleep(0.01)


def is_running(process):
    """Whether there is such a process, and it has not ended (as one that nobody waits for yet)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_control_c_ends_the_workers(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(ORPHANS)
    process = subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    workers = [int(process.stdout.readline()) for _ in range(2)]
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert not any(map(is_running, workers))
