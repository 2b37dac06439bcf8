"""The plug for Inspect, with the real package: a local endpoint plays what was planted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("inspect_ai", reason="needs inspect_ai: make integrations")

import inspect_ai
from inspect_ai.log import EvalLog, EvalSample, read_eval_log, write_eval_log
from inspect_ai.model import ChatMessageAssistant, ChatMessageUser, get_model
from inspect_ai.solver import solver

from reasoning_gym_envs import ENVIRONMENTS, play_row, rows, sandbox
from reasoning_gym_envs.integrations.inspect_ai import reasoning
from reasoning_gym_envs.sandbox import ProcessSandbox, SandboxFailure
from tests.integrations.endpoint import Endpoint, Message
from tests.integrations.page import commands

MODEL = "openai-api/planted/planted"
EVAL = ["eval", "--model", MODEL, "--log-dir", "logs"]
WRONG = r"\boxed{no}"
Answer = Callable[[list[Message]], "str | Message"]


def planted(*made: dict[str, Any], otherwise: str = WRONG) -> Answer:
    """A model that knows the solutions of rows, and gives one action of them a turn."""
    solutions = {row["prompt"]: row["solution"] for row in made}

    def answer(messages: list[Message]) -> str:
        plan = solutions.get(messages[0]["content"])
        return otherwise if plan is None else plan[len(messages) // 2]

    return answer


def command(*arguments: str, answer: Answer, folder: Path, fails: bool = False) -> str:
    """``inspect eval`` or another command of Inspect, in a folder that has nothing of the project.

    Returns what it prints.
    """
    program = str(Path(sys.executable).parent / "inspect")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    with Endpoint(answer) as endpoint:
        environment |= {"PLANTED_API_KEY": "none", "PLANTED_BASE_URL": endpoint.url}
        done = subprocess.run(
            [program, *arguments, "--display", "plain"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def saved(folder: Path) -> list[EvalLog]:
    """The logs that a command has written, read with Inspect's own reader."""
    logs = [read_eval_log(str(file)) for file in (folder / "logs").glob("*.eval")]
    assert {log.status for log in logs} == {"success"}
    return logs


def run(tasks: Any, endpoint: Endpoint, folder: Path, **arguments: Any) -> list[EvalLog]:
    """The same in this process; returns the logs."""
    model = get_model(MODEL, base_url=endpoint.url, api_key="none", memoize=False)
    arguments = {"log_dir": str(folder), "display": "none", "max_retries": 0} | arguments
    return inspect_ai.eval(tasks, model=model, **arguments)


def evaluate(task: inspect_ai.Task, answer: Answer, folder: Path, **arguments: Any) -> EvalLog:
    with Endpoint(answer) as endpoint:
        (log,) = run(task, endpoint, folder, **arguments)
    assert log.status == "success", log.error
    return log


def metrics(log: EvalLog) -> dict[str, dict[str, float]]:
    return {
        score.name: {name: metric.value for name, metric in score.metrics.items()}
        for score in log.results.scores
    }


def values(log: EvalLog) -> list[dict[str, float]]:
    """The scores of the samples, in the order of the rows."""
    return [sample.scores["verdict"].value for sample in in_order(log)]


def in_order(log: EvalLog) -> list[EvalSample]:
    order = log.eval.dataset.sample_ids
    return sorted(log.samples, key=lambda sample: (order.index(sample.id), sample.epoch))


def said(sample: EvalSample) -> list[Message]:
    return [{"role": message.role, "content": message.text} for message in sample.messages]


# The command line.


def test_single_turns_on_the_command_line(tmp_path):
    made = rows("MathBoxed-v0", 4, level=2, split="test", reveal=True)
    flags = ["-T", "id=MathBoxed-v0", "-T", "level=2", "-T", "count=4"]
    answer = planted(*made[:3])
    printed = command(*EVAL, "reasoning_gym_envs/reasoning", *flags, answer=answer, folder=tmp_path)
    (log,) = saved(tmp_path)
    assert log.eval.task == "reasoning_gym_envs/reasoning"
    assert log.eval.packages["reasoning-gym-envs"]
    # The standard error of 1, 1, 1, 0: a deviation of 0.5, over the root of 4.
    assert metrics(log) == {
        "success": {"accuracy": 0.75, "stderr": pytest.approx(0.25)},
        "reward": {"mean": 0.75, "stderr": pytest.approx(0.25)},
    }
    assert "accuracy  0.750" in printed
    for row, sample in zip(made, in_order(log), strict=True):
        right = row is not made[3]
        assert sample.id == row["problem_id"]
        assert sample.input == row["prompt"]
        assert sample.target == row["answer"]
        assert sample.metadata == {
            name: row[name] for name in ("id", "kwargs", "seed", "problem_id", "level")
        }
        assert (sample.metadata["level"], sample.metadata["kwargs"]["split"]) == (2, "test")
        score = sample.scores["verdict"]
        assert score.value == {"success": right, "reward": right}
        assert score.answer == (row["answer"] if right else "no")
        verdict = play_row(row, lambda messages: answer(messages))["messages"][-1]["content"]
        assert score.explanation.startswith(verdict)
        assert ("was solved" in score.explanation) == right


def test_several_turns_on_the_command_line(tmp_path):
    made = rows("TowerOfHanoi-v0", 4, level=2, split="test", seed=3, max_turns=9, reveal=True)
    answer = planted(*made[:2], otherwise="nonsense")
    flags = ["level=2", "count=4", "seed=3", "max_turns=9"]
    flags = [part for flag in flags for part in ("-T", flag)]
    command(*EVAL, "reasoning_gym_envs/TowerOfHanoi-v0", *flags, answer=answer, folder=tmp_path)
    (log,) = saved(tmp_path)
    assert metrics(log)["success"]["accuracy"] == 0.5
    for row, sample in zip(made, in_order(log), strict=True):
        right = row in made[:2]
        turns = len(row["solution"]) if right else 9
        assert turns > 1
        assert sample.target.split("\n") == row["solution"]
        played = play_row(row, lambda messages: answer(messages))
        assert said(sample) == played["messages"][:-1]  # the last word is in the explanation
        score = sample.scores["verdict"]
        assert score.explanation.startswith(played["messages"][-1]["content"])
        assert score.value == {"success": right, "reward": played["reward"]}
        assert score.metadata["turns"] == turns
        assert score.metadata["rewards"] == played["rewards"]


def test_what_is_wrong_is_named_on_the_command_line(tmp_path):
    tower = ["reasoning_gym_envs/TowerOfHanoi-v0", "-T", "level=1"]
    printed = command(*EVAL, *tower, answer=planted(), folder=tmp_path, fails=True)
    assert "only 77 different problems" in printed


def test_every_id_is_a_task_and_its_solution_solves_it(tmp_path):
    ids = [id for id, entry in ENVIRONMENTS.items() if not entry.needs]
    made = [rows(id, 1, level=2, split="test", reveal=True)[0] for id in ids]
    names = [f"reasoning_gym_envs/{id}" for id in ids]
    flags = ["-T", "level=2", "-T", "count=1", "--max-tasks=8"]
    command(*EVAL, *names, *flags, answer=planted(*made), folder=tmp_path)
    logs = {log.eval.task: log for log in saved(tmp_path)}
    assert set(logs) == set(names)
    for name, row in zip(names, made, strict=True):
        (sample,) = logs[name].samples
        assert sample.scores["verdict"].value == {"success": 1, "reward": 1.0}
        assert len(sample.messages) == 2 * len(row["solution"])


# Playing.


def test_a_model_is_asked_the_prompt_alone(tmp_path):
    (row,) = rows("MathBoxed-v0", 1, level=2, split="test", reveal=True)
    with Endpoint(planted(row)) as endpoint:
        run(reasoning("MathBoxed-v0", level=2, count=1), endpoint, tmp_path)
    (body,) = endpoint.requests
    assert body["messages"] == [{"role": "user", "content": row["prompt"]}]


def test_a_limit_of_messages_keeps_what_was_paid(tmp_path):
    arguments: dict[str, Any] = {"level": 3, "split": "test", "reward": "dense"}
    (row,) = rows("TowerOfHanoi-v0", 1, reveal=True, **arguments)
    assert len(row["solution"]) > 2
    task = reasoning("TowerOfHanoi-v0", count=1, reward="dense")
    log = evaluate(task, planted(row), tmp_path, message_limit=4)
    (sample,) = log.samples
    assert sample.limit.type == "message"
    played = play_row(row, lambda messages: planted(row)(messages))
    score = sample.scores["verdict"]
    assert score.metadata["rewards"] == played["rewards"][:2]
    assert score.value == {"success": 0, "reward": pytest.approx(sum(played["rewards"][:2]))}
    assert score.value["reward"] != 0.0
    assert score.metadata["reward_terms"]["progress"] == pytest.approx(score.value["reward"])
    assert "stopped before its end" in score.explanation


def test_an_episode_that_gymnasium_ends_is_not_solved(tmp_path):
    (row,) = rows("TowerOfHanoi-v0", 1, level=3, split="test", reveal=True)
    assert len(row["solution"]) > 2
    task = reasoning("TowerOfHanoi-v0", count=1, max_episode_steps=2)
    log = evaluate(task, planted(row), tmp_path)
    assert values(log) == [{"success": 0, "reward": 0.0}]
    assert "not solved; turns taken: 2." in log.samples[0].scores["verdict"].explanation


def test_a_model_that_says_nothing_is_paid_nothing(tmp_path):
    task = reasoning("TowerOfHanoi-v0", count=1)
    log = evaluate(task, planted(), tmp_path, message_limit=1)
    assert values(log) == [{"success": 0, "reward": 0.0}]


def test_what_a_model_thinks_is_not_an_action(tmp_path):
    (row,) = rows("TowerOfHanoi-v0", 1, level=2, split="test", reveal=True)
    right = planted(row)
    log = evaluate(
        reasoning("TowerOfHanoi-v0", level=2, count=1),
        lambda messages: {"content": right(messages), "reasoning_content": "A to A"},
        tmp_path,
    )
    assert values(log) == [{"success": 1, "reward": 1.0}]


def test_an_epoch_is_an_episode_of_its_own(tmp_path):
    """Wrong, then right: half of the epochs, and all of the problems in two attempts."""
    (row,) = rows("MathBoxed-v0", 1, level=2, split="test", reveal=True)
    tries = iter([WRONG, *row["solution"]])
    log = evaluate(
        reasoning("MathBoxed-v0", level=2, count=1),
        lambda messages: next(tries),
        tmp_path,
        epochs=inspect_ai.Epochs(2, ["mean", "pass_at_2"]),
        max_samples=1,
    )
    accuracy = {
        score.reducer: score.metrics["accuracy"].value
        for score in log.results.scores
        if score.name == "success"
    }
    assert accuracy == {"mean": 0.5, "pass_at_2": 1.0}


# Scoring.


def test_a_log_is_scored_anew(tmp_path):
    """It is what the model said that counts, and not what was written down of it."""
    made = rows("TowerOfHanoi-v0", 3, level=2, split="test", reveal=True)
    task = reasoning("TowerOfHanoi-v0", level=2, count=3, max_turns=9)
    log = evaluate(task, planted(*made[:2], otherwise="nonsense"), tmp_path)
    assert [value["success"] for value in values(log)] == [1, 1, 0]
    for message in in_order(log)[1].messages:
        if message.role == "assistant":
            message.content = "nonsense"
    write_eval_log(log)
    flags = ["--scorer", "reasoning_gym_envs/verdict", "--action=overwrite", "--overwrite"]
    command("score", log.location, *flags, answer=planted(), folder=tmp_path)
    again = read_eval_log(log.location)
    assert [value["success"] for value in values(again)] == [1, 0, 0]


def test_the_output_of_another_solver_is_judged_where_there_is_one_turn(tmp_path):
    (row,) = rows("MathBoxed-v0", 1, level=2, split="test", reveal=True)

    @solver
    def twice():
        async def solve(state, generate):
            state = await generate(state)
            state.messages.append(ChatMessageUser(content="Are you sure?"))
            return await generate(state)

        return solve

    def answer(messages: list[Message]) -> str:
        return WRONG if len(messages) == 1 else row["solution"][0]

    task = reasoning("MathBoxed-v0", level=2, count=1)
    assert values(evaluate(task, answer, tmp_path / "once")) == [{"success": 0, "reward": 0}]
    log = evaluate(task, answer, tmp_path / "twice", solver=twice())
    assert values(log) == [{"success": 1, "reward": 1.0}]


def test_examples_in_a_prompt_are_not_replies(tmp_path):
    (row,) = rows("TowerOfHanoi-v0", 1, level=2, split="test", reveal=True)
    right = planted(row)
    task = reasoning("TowerOfHanoi-v0", level=2, count=1)
    for sample in task.dataset:
        example = [ChatMessageUser(content="Example:"), ChatMessageAssistant(content="A to A")]
        sample.input = [*example, ChatMessageUser(content=sample.input)]
    log = evaluate(task, lambda messages: right(messages[2:]), tmp_path)
    assert values(log) == [{"success": 1, "reward": 1.0}]
    assert log.samples[0].scores["verdict"].metadata["turns"] == len(row["solution"])


class Engine:
    """Stands in for Docker, and is away as often as it is told."""

    image = "none"

    def __init__(self) -> None:
        self.away = 0
        self.runs = 0
        self._here = ProcessSandbox()

    def run(self, submission):
        self.runs += 1
        if self.away:
            self.away -= 1
            raise SandboxFailure("the engine does not answer")
        return self._here.run(submission)


@pytest.fixture
def engine(monkeypatch):
    stands_in = Engine()
    monkeypatch.setitem(sandbox._shared, "docker", stands_in)
    return stands_in


@pytest.mark.parametrize("programs", ["CodeFunction-v0", "CodeRepair-v0"])
def test_a_sandbox_that_fails_is_an_error_and_no_score(programs, engine, tmp_path):
    """Of one turn, where the scorer needs it, and of several, where the solver does."""
    made = rows(programs, 2, level=1, split="test", reveal=True)
    task = reasoning(programs, level=1, count=2)
    with Endpoint(planted(*made)) as endpoint:
        engine.away = 1
        (log,) = run(task, endpoint, tmp_path, max_samples=1, fail_on_error=False)
        failed, solved = in_order(log)
        assert "the engine does not answer" in failed.error.message
        assert not failed.scores
        assert solved.scores["verdict"].value == {"success": 1, "reward": 1.0}
        assert log.results.completed_samples == 1
        assert metrics(log)["success"]["accuracy"] == 1.0  # of those that could be judged

        engine.away = 1
        (log,) = run(task, endpoint, tmp_path, max_samples=1, retry_on_error=1)  # it answers again
        assert [len(sample.error_retries) for sample in in_order(log)] == [1, 0]
        assert values(log) == [{"success": 1, "reward": 1.0}] * 2

        engine.away = 1
        (log,) = run(task, endpoint, tmp_path, max_samples=1)
        assert log.status == "error"


def test_a_program_of_one_turn_is_run_once(engine, tmp_path):
    (row,) = rows("CodeFunction-v0", 1, level=1, split="test", reveal=True)
    play_row(row, planted(row))
    once = engine.runs
    assert once > 0
    evaluate(reasoning("CodeFunction-v0", level=1, count=1), planted(row), tmp_path)
    assert engine.runs == 2 * once


def test_programs_run_in_containers_alone(tmp_path):
    """A log may come from anybody's file: nothing in it lets programs run without."""
    unsafe = {"level": 1, "sandbox": "process-unsafe"}
    with pytest.raises(ValueError, match="sandbox='process-unsafe': replies would run as code"):
        reasoning("CodeFunction-v0", count=1, **unsafe)
    with pytest.raises(ValueError, match="task='countdown': replies would run as code"):
        reasoning("ReasoningGym-v0", task="countdown")
    task = reasoning("MathBoxed-v0", count=1)
    (task.dataset[0].metadata,) = rows("CodeFunction-v0", 1, **unsafe)
    with Endpoint(planted()) as endpoint:
        (log,) = run(task, endpoint, tmp_path, fail_on_error=False)
    assert "this row asks for sandbox='process-unsafe'" in log.samples[0].error.message
    assert not endpoint.requests  # found before the model is asked


# Tasks.


def test_samples_are_different_problems_of_the_test_split():
    made = rows("MathBoxed-v0", 20, level=(1, 3), split="test", seed=5, topics="fractions")
    task = reasoning("MathBoxed-v0", level=[1, 3], count=20, seed=5, topics="fractions")
    assert [sample.input for sample in task.dataset] == [row["prompt"] for row in made]
    assert len({sample.id for sample in task.dataset}) == 20
    others = reasoning("MathBoxed-v0", [1, 3], "train", 20, 5, topics="fractions").dataset
    assert not {sample.id for sample in task.dataset} & {sample.id for sample in others}


def test_there_are_a_hundred_different_problems_at_the_level_of_the_tasks():
    """What `inspect eval reasoning_gym_envs/ID` asks for where nothing is said."""
    assert all(entry.pools[3] >= 100 for entry in ENVIRONMENTS.values() if entry.pools)
    task = reasoning("TowerOfHanoi-v0")
    assert len(task.dataset) == 100
    assert {sample.metadata["level"] for sample in task.dataset} == {3}


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="did you mean 'MathBoxed-v0'"):
        reasoning("MathBoxd-v0")
    with pytest.raises(TypeError, match="did you mean 'topics'"):
        reasoning("MathBoxed-v0", topcs="fractions")
    with pytest.raises(ValueError, match="from 1 to 10"):
        reasoning("MathBoxed-v0", level=11)
    with pytest.raises(ValueError, match="only 77 different"):
        reasoning("TowerOfHanoi-v0", level=1)


# The page.


def test_the_commands_of_the_page(tmp_path):
    one, any_id, again = commands("Inspect", {"openai/MODEL": MODEL, "LOG": "the.eval"})
    made = rows("MathBoxed-v0", 20, level=2, split="test", reveal=True)
    answer = planted(*made[:5])
    command(*one[1:], "--log-dir", "logs", answer=answer, folder=tmp_path)
    (log,) = saved(tmp_path)
    assert metrics(log)["success"]["accuracy"] == 0.25
    Path(log.location).rename(tmp_path / "the.eval")

    towers = planted(*rows("TowerOfHanoi-v0", 20, level=3, split="test", reveal=True))
    command(*any_id[1:], "--log-dir", "logs", answer=towers, folder=tmp_path)
    (walked,) = saved(tmp_path)
    assert len(walked.samples) == 20
    assert metrics(walked)["success"]["accuracy"] == 1.0
    assert {sample.metadata["kwargs"]["reward"] for sample in walked.samples} == {"dense"}

    command(*again[1:], answer=answer, folder=tmp_path)
    assert metrics(read_eval_log(str(tmp_path / "the.eval")))["success"]["accuracy"] == 0.25


def test_a_task_that_there_is_not(tmp_path):
    task = "reasoning_gym_envs/MathBoxd-v0"
    said = command(*EVAL, task, answer=planted(), folder=tmp_path, fails=True)
    assert "No inspect tasks were found" in said
