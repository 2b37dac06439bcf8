"""The benchmark of the classic agents, with tiny budgets, and its statistics."""

from __future__ import annotations

import json
import os
import re
import signal

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")
pytest.importorskip("rich")

import gymnasium as gym

import baselines.benchmark.classic as classic
import baselines.benchmark.runs as runs
from baselines.benchmark.classic import benchmark, jobs_of, play_job
from baselines.benchmark.machine import busy
from baselines.benchmark.runs import read_records
from baselines.benchmark.statistics import area_under_curve, on_grid, steps_to_threshold
from baselines.benchmark.tasks import TASKS, ClassicOptions
from tests.processes import workers_end_with


def options(tmp_path, **changes):
    settings = {
        "agents": ("random", "q_learning"),
        "tasks": ("maze-1", "lights"),
        "rewards": ("sparse", "shaped"),
        "seeds": 2,
        "steps_scale": 0.05,
        "processes": 2,
        "runs": tmp_path / "runs",
        "out": tmp_path / "out",
    }
    return ClassicOptions(**{**settings, **changes})


@pytest.fixture
def in_this_process(monkeypatch):
    """Plays runs here, one after the other; the list has the runs that were played."""
    played = []

    def play_all(play, jobs, processes, total):
        for job in jobs:
            played.append(job)
            yield play(job)

    monkeypatch.setattr(runs, "play_all", play_all)
    return played


# Running. ----------------------------------------------------------------------------------------


def test_runs_in_processes_and_reports(tmp_path, capfd):
    settings = options(tmp_path)
    assert benchmark(settings) == 0
    assert "classic.md" in capfd.readouterr().out
    records = list(read_records(tmp_path / "runs/runs.jsonl").values())
    assert len(records) == 2 * 2 * 2 * 2
    for record in records:
        curve = record["test_success"]
        assert len(curve) == len(record["steps"]) == len(record["test_return"])
        assert record["steps"][0] == 0
        if record["agent"] == "q_learning":
            budget = round(TASKS[record["task"]].steps * 0.05)
            assert len(curve) == 21
            assert record["steps"] == list(range(0, budget + 1, budget // 20))
        else:
            assert len(curve) == 1
        assert record["cpu_seconds"] > 0
    learned = [r for r in records if (r["agent"], r["task"]) == ("q_learning", "maze-1")]
    assert all(r["test_success"][-1] == 1.0 for r in learned if r["reward"] == "shaped")

    written = json.loads((tmp_path / "out/classic.json").read_text())
    assert len(written["runs"]) == 16
    assert {"versions", "cpu", "cpus", "commit", "tasks"} <= written.keys()
    assert {"Python", "numpy", "gymnasium"} <= written["versions"].keys()
    by_key = {record["key"]: record for record in records}
    for run in written["runs"]:
        assert run["test_success"] == by_key[run["key"]]["test_success"]
    text = (tmp_path / "out/classic.md").read_text()
    for heading in ("## All tasks", "### LightsOut", "## What the rewards do", "## Speed"):
        assert heading in text
    chosen = ("q_learning", "lights", "shaped")
    final = [
        r["test_success"][-1] for r in records if (r["agent"], r["task"], r["reward"]) == chosen
    ]
    lights = text[text.index("### LightsOut") :]
    row = next(line for line in lights.splitlines() if line.startswith("| q_learning"))
    assert row.split("|")[3].split()[0] == f"{np.mean(final):.2f}"
    for row in re.findall(r"^\|.*\|$", text, re.MULTILINE):
        assert "nan" not in row
    assert (tmp_path / "out/classic.png").stat().st_size > 10_000


def test_what_is_finished_is_not_played_again(tmp_path, in_this_process, capsys):
    settings = options(tmp_path, tasks=("maze-1",), seeds=1)
    assert benchmark(settings) == 0
    assert len(in_this_process) == 4
    first = (tmp_path / "out/classic.json").read_text()
    assert benchmark(settings) == 0
    assert len(in_this_process) == 4
    assert (tmp_path / "out/classic.json").read_text() == first

    assert benchmark(options(tmp_path, tasks=("maze-1",), seeds=2)) == 0  # only the new seed
    assert [job.seed for job in in_this_process[4:]] == [1] * 4
    del in_this_process[:]
    assert benchmark(options(tmp_path, tasks=("maze-1",), seeds=1, steps_scale=0.06)) == 0
    assert {job.agent for job in in_this_process} == {"random", "q_learning"}  # other settings
    del in_this_process[:]
    assert (
        benchmark(options(tmp_path, tasks=("maze-1",), report_only=True, rewards=("sparse",))) == 0
    )
    assert not in_this_process
    assert len(json.loads((tmp_path / "out/classic.json").read_text())["runs"]) == 4


def test_an_interruption_keeps_what_is_finished(tmp_path, monkeypatch, capsys):
    """Ctrl-C after the third record; then on, and nothing is played twice."""
    settings = options(tmp_path, tasks=("maze-1",))
    original, seen = runs._records, []

    def interrupting(finished):
        for record in original(finished):
            seen.append(record["key"])
            if len(seen) == 3:
                os.kill(os.getpid(), signal.SIGINT)
            yield record

    monkeypatch.setattr(runs, "_records", interrupting)
    assert benchmark(settings) == 130
    said = capsys.readouterr().out
    assert "python -m baselines benchmark classic" in said
    kept = read_records(tmp_path / "runs/runs.jsonl")
    assert 3 <= len(kept) <= 4  # one may have been in progress
    assert not (tmp_path / "out").exists()

    assert benchmark(settings) == 0
    lines = (tmp_path / "runs/runs.jsonl").read_text().splitlines()
    assert len(lines) == 8
    assert len({json.loads(line)["key"] for line in lines}) == 8
    assert sorted(seen) == sorted({job.key for job in jobs_of(settings)})


def test_a_line_that_was_cut_off_is_played_again(tmp_path, in_this_process):
    settings = options(tmp_path, tasks=("maze-1",), rewards=("sparse",), seeds=1)
    assert benchmark(settings) == 0
    file = tmp_path / "runs/runs.jsonl"
    whole = file.read_text()
    file.write_text(whole[:-30])
    del in_this_process[:]
    assert benchmark(settings) == 0
    assert [job.agent for job in in_this_process] == ["q_learning"]
    assert len(file.read_text().splitlines()) == 2


def test_the_same_job_gives_the_same_curve(tmp_path):
    [job] = jobs_of(
        options(tmp_path, agents=("actor_critic",), tasks=("maze-1",), rewards=("dense",), seeds=1)
    )
    first, second = play_job(job), play_job(job)
    assert first is not None
    assert second is not None
    for name in ("steps", "test_success", "test_return", "training_success"):
        assert first[name] == second[name]


def test_every_agent_and_task_is_there(tmp_path):
    settings = ClassicOptions()
    jobs = jobs_of(settings)
    assert len(jobs) == 5 * 9 * 3 * 5
    assert len({job.key for job in jobs}) == len(jobs)
    budgets = {(job.task, job.config["steps"]) for job in jobs if job.agent != "random"}
    assert len(budgets) == len(TASKS)  # the same for all agents


def test_the_floor_is_that_of_chance(tmp_path):
    [job] = jobs_of(
        options(tmp_path, agents=("random",), tasks=("math",), rewards=("sparse",), seeds=1)
    )
    record = play_job(job)
    assert record is not None
    assert 0.0 <= record["test_success"][0] <= 0.4  # one of nine


def test_all_answers_of_the_math_task_are_among_the_nine():
    task = TASKS["math"]
    seen = set()
    for split in ("train", "test"):
        env = gym.make(task.env_id, split=split, **task.env_kwargs)
        for seed in range(1000):
            env.reset(seed=seed)
            answer = env.unwrapped.solution()[-1]
            seen.add(answer[answer.index("\\boxed") :])
    assert seen == set(task.vocabulary)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seeds": 0}, "--seeds"),
        ({"steps_scale": 0.0}, "--steps-scale"),
        ({"processes": 0}, "--processes"),
        ({"tasks": ()}, "--tasks must name"),
        ({"report_only": True}, "nothing to report"),
    ],
)
def test_bad_options_are_refused(changes, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        benchmark(options(tmp_path, **changes))


def test_a_run_that_fails_is_named(tmp_path):
    [job] = jobs_of(
        options(tmp_path, agents=("q_learning",), tasks=("maze-1",), rewards=("dense",), seeds=1)
    )
    broken = classic.Job(**{**vars(job), "config": {**job.config, "target": "nonsense"}})
    with pytest.raises(RuntimeError, match="q_learning on maze-1, dense, seed 0: target is"):
        play_job(broken)


# Statistics. -------------------------------------------------------------------------------------


def test_steps_to_threshold():
    steps = [0, 10, 20, 30]
    assert steps_to_threshold(steps, [0, 1, 0, 1], 1.0) == 30
    assert steps_to_threshold(steps, [0, 1, 1, 1], 1.0) == 10
    assert steps_to_threshold(steps, [1, 1, 1, 0], 1.0) is None
    assert steps_to_threshold(steps, [0.9, 0.95, 0.96, 0.95], 0.95) == 10


def test_curves():
    assert on_grid([0, 10], [0.0, 1.0], [0, 5, 10, 20]).tolist() == [0.0, 0.5, 1.0, 1.0]
    assert area_under_curve([0, 10], [0.0, 1.0], 10) == pytest.approx(0.5)
    assert area_under_curve([0, 10], [0.0, 1.0], 20) == pytest.approx(0.75)
    assert area_under_curve([0, 40], [0.0, 1.0], 20) == pytest.approx(0.25)


def test_clock_time_counts_overlaps_once():
    times = [(0.0, 10.0), (5.0, 12.0), (20.0, 21.0), (6.0, 7.0)]
    assert busy([{"began": b, "ended": e} for b, e in times]) == 13.0


ORPHANS = """
import os, time
from baselines.benchmark.runs import play_all

def play(job):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(3600)

if __name__ == "__main__":
    list(play_all(play, [0, 1], 2, 2))
"""


def test_runs_end_with_their_parent(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(ORPHANS)
    workers_end_with(program)
