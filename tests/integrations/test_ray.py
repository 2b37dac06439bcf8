"""Evaluations on Ray: the record of this process, and a worker that dies loses nothing."""

import json
import os
from functools import partial

import pytest

pytest.importorskip("ray", reason="Ray is not installed here: make integrations")

import ray

from reasoning_gym_envs.evaluation import evaluate, suite_of
from reasoning_gym_envs.evaluation.pool import RolloutPool, WorkersDie
from reasoning_gym_envs.evaluation.record import read_episodes

SUITE = suite_of(["MathBoxed-v0", "TowerOfHanoi-v0"], levels=(1, 3), count=20)


@pytest.fixture(scope="module", autouse=True)
def cluster():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
        yield
        ray.shutdown()


def lines(folder):
    return sorted(
        json.dumps({k: v for k, v in record.items() if k != "seconds"})
        for record in read_episodes(folder)
    )


@pytest.mark.parametrize("agent", ["reference", "random"])
def test_two_workers_write_the_record_of_one_process(agent, tmp_path):
    evaluate(agent, SUITE, out=tmp_path / "one", samples=2)
    evaluate(agent, SUITE, out=tmp_path / "ray", samples=2, workers=2, backend="ray")
    assert lines(tmp_path / "ray") == lines(tmp_path / "one")


def deadly(file, task):
    def work(tasks):
        for place, each in enumerate(tasks):
            if each == task and int(file.read_text()):
                file.write_text(str(int(file.read_text()) - 1))
                os.kill(os.getpid(), 9)
            yield place, each * each

    return work


def test_a_worker_that_dies_costs_a_second_run(tmp_path):
    deaths = tmp_path / "deaths"
    deaths.write_text("2")
    pool = RolloutPool(partial(deadly, deaths, 7), workers=2, backend="ray")
    assert sorted(pool.run(range(40))) == [n * n for n in range(40)]
    assert deaths.read_text() == "0"


def test_a_task_that_kills_every_worker_is_named(tmp_path):
    deaths = tmp_path / "deaths"
    deaths.write_text("100")
    pool = RolloutPool(partial(deadly, deaths, 7), workers=2, backend="ray")
    with pytest.raises(WorkersDie, match="3 workers died with 7"):
        list(pool.run(range(40)))


def failing():
    def work(tasks):
        raise KeyError("five")

    return work


def test_what_the_work_raises_is_raised():
    with pytest.raises(KeyError, match="five"):
        list(RolloutPool(failing, workers=2, backend="ray").run(range(4)))
