"""The benchmark of language models: runs, the control, the report, and what goes on later."""

from __future__ import annotations

import json
import signal
from dataclasses import replace

import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

import baselines.benchmark.language as language
import baselines.benchmark.runs as runs
from agents.grpo import GRPO
from baselines.benchmark.language import TASKS, LanguageOptions, benchmark, jobs_of, play_job

SMALL = {
    "imitation": {
        "max_steps": 2,
        "demonstrations": 8,
        "batch_size": 4,
        "held_out_problems": 4,
        "max_new_tokens": 2,
    },
    "grpo": {
        "groups": 2,
        "group_size": 2,
        "updates": 2,
        "eval_every": 1,
        "eval_problems": 4,
        "max_new_tokens": 2,
        "max_turns": 2,
    },
}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Tasks with a handful of steps, one after the other, in this process."""
    tasks = {
        name: replace(task, imitation={**task.imitation, **SMALL["imitation"]}, grpo=SMALL["grpo"])
        for name, task in TASKS.items()
    }
    monkeypatch.setattr(language, "TASKS", tasks)

    def play_all(play, jobs, processes, total):
        return (record for record in map(play, jobs) if record is not None)

    monkeypatch.setattr(runs, "play_all", play_all)


def options(tmp_path, **changes):
    settings = {"tasks": ("hanoi", "math"), "seeds": 1, "runs": tmp_path / "runs"}
    return LanguageOptions(**{**settings, "out": tmp_path / "out", **changes})


def test_runs_and_reports(tmp_path, capsys):
    settings = options(tmp_path)
    assert benchmark(settings) == 0
    assert "language.md" in capsys.readouterr().out
    written = json.loads((tmp_path / "out/language.json").read_text())
    assert [run["task"] for run in written["runs"]] == ["hanoi", "math"]
    for run in written["runs"]:
        for kind in ("grpo", "coin_flips"):
            assert run[kind]["updates"] == [0, 1, 2]
            assert len(run[kind]["test_accuracy"]) == 3
        assert run["grpo"]["test_accuracy"][0] == run["coin_flips"]["test_accuracy"][0]
        assert run["seconds"] > 0
    text = (tmp_path / "out/language.md").read_text()
    for task in settings.tasks:
        row = next(line for line in text.splitlines() if line.startswith(f"| {TASKS[task].title}"))
        assert row.count("%") >= 8
    assert (tmp_path / "out/language.png").stat().st_size > 5_000
    # What is finished is not played again.
    before = (tmp_path / "runs/runs.jsonl").read_text()
    assert benchmark(settings) == 0
    assert (tmp_path / "runs/runs.jsonl").read_text() == before
    # A report keeps what it has of other tasks, with where that was measured.
    for run in written["runs"]:
        run["machine"]["commit"] = "long ago"
    (tmp_path / "out/language.json").write_text(json.dumps(written))
    assert benchmark(options(tmp_path, tasks=("hanoi",))) == 0
    again = json.loads((tmp_path / "out/language.json").read_text())["runs"]
    assert [run["task"] for run in again] == ["hanoi", "math"]
    assert [run["machine"]["commit"] == "long ago" for run in again] == [False, True]
    ends = (tmp_path / "out/language.md").read_text().splitlines()[-3:]
    assert [line.split(":")[0] for line in ends] == ["hanoi", "", "math"]


def test_an_interrupted_run_goes_on(tmp_path, monkeypatch, capsys):
    """Ctrl-C in the first update of GRPO: the warm start is not done again."""
    settings = options(tmp_path, tasks=("hanoi",), controls=False)
    update, calls = GRPO.update, []

    def interrupting(agent, step):
        calls.append(step)
        if len(calls) == 1:
            signal.raise_signal(signal.SIGINT)
        return update(agent, step)

    monkeypatch.setattr(GRPO, "update", interrupting)
    assert benchmark(settings) == 130
    assert "python -m baselines benchmark language" in capsys.readouterr().out
    [job] = jobs_of(settings)
    steps = (job.folder / "warm_start/metrics.jsonl").read_text()
    assert benchmark(settings) == 0
    assert calls == [0, 1]
    assert (job.folder / "warm_start/metrics.jsonl").read_text() == steps


def test_jobs_are_told_apart_by_what_decides_their_result(tmp_path):
    jobs = jobs_of(LanguageOptions())
    assert len(jobs) == len({job.key for job in jobs}) == 15
    assert sum(job.coin_flips for job in jobs) == 5
    moved = jobs_of(LanguageOptions(runs=tmp_path))
    assert [job.key for job in moved] == [job.key for job in jobs]
    longer = jobs_of(LanguageOptions(updates_scale=2.0))
    for others in ({job.key for job in jobs}, {job.folder for job in jobs}):
        assert not {job.key for job in longer} & others
        assert not {job.folder for job in longer} & others
    assert all(job.imitation["env_kwargs"].get("split") != "test" for job in jobs)
    assert all(job.grpo["test_kwargs"] == {"split": "test"} for job in jobs)


def test_a_run_depends_on_its_seed_alone(tmp_path):
    [job] = jobs_of(options(tmp_path, tasks=("hanoi",), controls=False))
    first = play_job(job)
    second = play_job(replace(job, runs=tmp_path / "again"))
    assert first is not None
    assert second is not None
    assert first["grpo"] == second["grpo"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seeds": 0}, "--seeds"),
        ({"updates_scale": 0.0}, "--updates-scale"),
        ({"processes": 0}, "--processes"),
        ({"tasks": ()}, "--tasks must name"),
        ({"report_only": True}, "nothing to report"),
    ],
)
def test_bad_options_are_refused(changes, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        benchmark(options(tmp_path, **changes))
