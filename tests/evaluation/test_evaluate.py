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
    Reply,
    evaluate,
    load_suite,
    suite_of,
    summarise,
)
from reasoning_gym_envs.evaluation import run as run_module
from reasoning_gym_envs.evaluation.pool import RolloutPool, WorkersDie
from reasoning_gym_envs.evaluation.record import RunConflict, read_episodes, read_run
from reasoning_gym_envs.evaluation.suites import PLANS
from reasoning_gym_envs.sandbox import SandboxFailure
from reasoning_gym_envs.text_env import TextEnv
from tests.evaluation.players import Deadly, Dice, Flaky, InThreads, Together
from tests.processes import is_running, workers_end_with

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


@pytest.mark.parametrize("workers", [1, 2])
def test_the_summary_of_what_workers_send_is_that_of_the_lines(workers, tmp_path):
    """Answered in a box and by commands, level 1 with its references, votes, half of it resumed."""
    mixed = suite_of(
        ["MathBoxed-v0", "GraphColoringBoxed-v0", "EquationSteps-v0", "LightsOut-v0"],
        levels=(1, 3),
        count=4,
    )
    evaluate(Dice, mixed, out=tmp_path, samples=4, seed=3, workers=workers)
    file = tmp_path / "episodes.jsonl"
    some = sorted(file.read_bytes().splitlines(keepends=True))[::3]
    file.write_bytes(b"".join(some))
    summary = evaluate(Dice, mixed, out=tmp_path, samples=4, seed=3, workers=workers)
    assert summary == summarise(tmp_path)
    assert summary.total.excess.keys() == {"turns", "words"}
    assert summary.by_id["MathBoxed-v0"].majority_at


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


# Players that misbehave.


class Says:
    """Whatever a test lets it reply."""

    about = {"agent": "says"}  # noqa: RUF012

    def __init__(self, reply):
        self.reply = reply


class SaysTogether(Says):
    batch_size = 3

    def replies(self, conversations, turns):
        return self.reply(conversations, turns)


@pytest.mark.parametrize(
    ("player", "error", "message"),
    [
        (Says(lambda *_: None), TypeError, "says gave None: reply.. returns a Reply"),
        (Says(lambda *_: "4"), TypeError, "says gave '4': reply.. returns a Reply"),
        (Says(lambda *_: Reply(None)), TypeError, "says gave Reply.text=None"),
        (SaysTogether(lambda *_: [Reply("4")]), ValueError, "asked for 3 replies, and gave 1"),
        (Says(lambda *_: Reply("4", 1, -5)), ValueError, "says completion_tokens=-5"),
        (Says(lambda *_: Reply("4", cost=float("nan"))), ValueError, "says cost=nan"),
    ],
)
def test_what_is_no_reply_is_named_and_nothing_is_counted(player, error, message, tmp_path):
    with pytest.raises(error, match=message):
        evaluate(lambda: player, SOME, out=tmp_path)
    assert lines(tmp_path) == []


def test_what_a_player_does_with_its_conversation_is_its_own_affair(plain, tmp_path):
    class Scribbles(Dice):
        def reply(self, messages, turn):
            reply = super().reply(messages, turn)
            messages[0]["content"] = "something else"
            messages.append({"role": "user", "content": "more"})
            return reply

    evaluate(Scribbles, SOME, out=tmp_path, samples=2, seed=3)
    assert lines(tmp_path) == plain


def test_who_does_not_read_is_given_the_first_observation_alone(plain, tmp_path):
    """Copies of a conversation of 7,000 turns, in each turn, were most of the time of `core`."""
    seen = []

    class Blind(Dice):
        reads = False

        def reply(self, messages, turn):
            seen.append((turn.info["turn"], len(messages)))
            return super().reply(messages, turn)

    evaluate(Blind, SOME, out=tmp_path, samples=2, seed=3)
    assert set(seen) > {(0, 1), (1, 0)}
    assert all(count == (turn == 0) for turn, count in seen)

    def without_counts(line):
        return {**json.loads(line), "prompt_tokens": None}

    assert list(map(without_counts, lines(tmp_path))) == list(map(without_counts, plain))


@pytest.mark.parametrize("move", [lambda env: env.step("A to C"), lambda env: env.reset(seed=0)])
@pytest.mark.parametrize("id", ["TowerOfHanoi-v0", "TowerOfHanoiBoxed-v0"])
def test_a_player_moves_by_its_replies_alone(move, id, tmp_path):
    def reply(messages, turn):
        if turn.info["turn"] == (id == "TowerOfHanoi-v0"):  # not in the first turn of several
            move(turn.env)
        return Reply("A to C")

    with pytest.raises(ValueError, match=f"the player has moved {id} on by itself"):
        evaluate(lambda: Says(reply), suite_of([id], count=1), out=tmp_path)
    assert lines(tmp_path) == []


def test_a_reward_that_is_no_number_is_no_result(tmp_path, monkeypatch):
    step = TextEnv.step

    def pays_nothing_known(self, action):
        observation, _, *rest = step(self, action)
        return observation, float("nan"), *rest

    monkeypatch.setattr(TextEnv, "step", pays_nothing_known)
    with pytest.raises(ValueError, match="MathBoxed-v0 pays nan"):
        evaluate("reference", suite_of(["MathBoxed-v0"], count=1), out=tmp_path)
    assert lines(tmp_path) == []


FUNCTIONS = """
import sys

def fails(text):
    return str(int("none"))

def ends(text):
    sys.exit(3)

def answers(text):
    return "4"
"""


def test_where_a_function_fails_is_said(tmp_path, monkeypatch):
    (tmp_path / "functions_that_fail.py").write_text(FUNCTIONS)
    monkeypatch.chdir(tmp_path)
    some = suite_of(["MathBoxed-v0"], count=2)
    for workers in (1, 2):
        for name, error in (("fails", "ValueError: invalid literal"), ("ends", "SystemExit: 3")):
            with pytest.raises(RuntimeError, match=f"(?s)functions_that_fail.py.*{error}"):
                evaluate(f"functions_that_fail:{name}", some, out=name, workers=workers)


def test_a_function_that_was_changed_is_another_agent(tmp_path, monkeypatch):
    file = tmp_path / "function_that_changes.py"
    monkeypatch.chdir(tmp_path)
    asked = ("function_that_changes:answers", suite_of(["MathBoxed-v0"], count=2))
    file.write_text(FUNCTIONS)
    evaluate(*asked, out="run")
    evaluate(*asked, out="run")
    file.write_text(FUNCTIONS.replace('"4"', '"5"'))
    with pytest.raises(RunConflict, match=r"agent is \{'source': '"):
        evaluate(*asked, out="run")


def test_a_player_without_a_name_goes_on_as_the_same_one(tmp_path):
    class Nameless:
        def reply(self, messages, turn):
            return Reply("4")

    some = suite_of(["MathBoxed-v0"], count=2)
    for _ in range(2):
        evaluate(lambda: Nameless(), some, out=tmp_path)  # another lambda each time
    assert read_run(tmp_path)["agent"]["agent"].endswith("Nameless")


# What is asked for.


def test_no_problem_counts_twice(tmp_path):
    with pytest.raises(ValueError, match="id MathBoxed-v0 is given twice"):
        suite_of(["MathBoxed-v0", "MathBoxed-v0"])
    with pytest.raises(ValueError, match="level 3 is given twice"):
        suite_of(["MathBoxed-v0"], levels=(3, 3))
    twice = type(SOME)("twice", 0, SOME.problems[:3] + SOME.problems[:1])
    with pytest.raises(ValueError, match="has a problem of MathBoxed-v0 twice"):
        evaluate("random", twice, out=tmp_path / "run")
    for name in PLANS:
        problems = load_suite(name).problems
        assert len({(p.id, str(p.arguments), p.problem_id) for p in problems}) == len(problems)


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"seed": -1}, {"workers": 0}])
def test_what_makes_no_sense_leaves_no_folder(wrong, tmp_path):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} must be [01] or more, got"):
        evaluate("random", SOME, out=tmp_path / "run", **wrong)
    with pytest.raises(ValueError, match="nothing has no problem to be played"):
        evaluate("random", type(SOME)("nothing", 0, ()), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


# Folders that are damaged, or of others.


def test_a_damaged_line_is_named_and_played_again(plain, tmp_path):
    evaluate(Dice, SOME, out=tmp_path, samples=2, seed=3)
    file = tmp_path / "episodes.jsonl"
    data = file.read_bytes().splitlines(keepends=True)
    for damaged in (b"\0" * 50 + b"\n", b"[]\n", b"{}\n"):
        file.write_bytes(b"".join([*data[:4], damaged, *data[5:]]))
        with pytest.raises(ValueError, match=r"line 5 of .*episodes.jsonl is damaged: take it out"):
            summarise(tmp_path)
    file.write_bytes(b"".join([*data[:4], *data[5:]]))
    evaluate(Dice, SOME, out=tmp_path, samples=2, seed=3)
    assert lines(tmp_path) == plain


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1}', '{"schema": "x"}', "\ud800"])
def test_what_no_evaluation_wrote_is_not_written_over(text, tmp_path):
    data = text.encode("utf-8", "surrogatepass")
    (tmp_path / "run.json").write_bytes(data)
    with pytest.raises(ValueError, match=r"run.json is not what an evaluation writes"):
        evaluate("random", SOME, out=tmp_path)
    with pytest.raises(ValueError, match=r"run.json is not what an evaluation writes"):
        summarise(tmp_path)
    assert (tmp_path / "run.json").read_bytes() == data
    with pytest.raises(RunConflict, match=r"run.json is a file: give a folder with --out"):
        evaluate("random", SOME, out=tmp_path / "run.json")


def test_what_differs_of_another_run_is_named_alone(tmp_path):
    class Wordy(Dice):
        about = {"agent": "wordy", "text": "long " * 100, "inside": {"same": 1, "other": 2}}  # noqa: RUF012

    class Wordier(Wordy):
        about = {**Wordy.about, "inside": {"same": 1, "other": 3}}  # noqa: RUF012

    some = suite_of(["MathBoxed-v0"], count=1)
    evaluate(Wordy, some, out=tmp_path)
    there, here = (f"{{'inside': {{'other': {number}}}}}" for number in (2, 3))
    with pytest.raises(RunConflict, match=f"agent is {there} there, and {here} here"):
        evaluate(Wordier, some, out=tmp_path)


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that is too long is then an error
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
"""


def test_a_disk_that_is_full_costs_what_was_not_written(plain, tmp_path):
    program, folder = tmp_path / "program.py", tmp_path / "run"
    program.write_text(PROGRAM.replace('if __name__ == "__main__":', FULL + "if True:"))
    ended = subprocess.run(
        [sys.executable, program, folder, "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "OSError: [Errno 27] File too large" in ended.stderr
    assert written(folder) == 20_000  # with half a line
    before = lines(folder)
    assert 0 < len(before) < len(plain)
    evaluate(Dice, SOME, out=folder, samples=2, seed=3)
    assert lines(folder) == plain


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
            os.write(1, b"%d\\n" % os.getpid())
            time.sleep(3600)
            yield place, 0
    return work

if __name__ == "__main__":
    list(RolloutPool(make, workers=2).run(range(2)))
"""


def test_workers_end_with_their_parent(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(ORPHANS)
    workers_end_with(program)


def test_control_c_ends_the_workers(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(ORPHANS)
    process = subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        # In the background of a shell Ctrl-C is ignored, by all that is started there.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    workers = [int(process.stdout.readline()) for _ in range(2)]
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert not any(map(is_running, workers))
