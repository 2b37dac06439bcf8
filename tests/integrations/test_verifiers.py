"""The plug for verifiers, with the real package: a local endpoint plays what was planted."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("verifiers", reason="needs verifiers: make integrations")

import verifiers.v1 as vf

from reasoning_gym_envs import play_row, rows, sandbox
from reasoning_gym_envs.integrations.verifiers import _in_thread, load_environment
from reasoning_gym_envs.sandbox.submission import SandboxFailure
from tests.integrations.endpoint import Endpoint, Message
from tests.integrations.page import commands, lines, run

PLUGIN = "reasoning-gym-envs-verifiers"
WRONG = r"\boxed{no}"
UNSAFE: dict[str, Any] = {"level": 1, "sandbox": "process-unsafe"}


def run_all(env: vf.Env, endpoint: Endpoint) -> list[vf.Episode]:
    """An episode of each task of an environment, all at once."""

    async def run() -> list[vf.Episode]:
        client = vf.EvalClientConfig(base_url=endpoint.url)
        context = vf.ModelContext(client=client, model="planted")
        async with env.serving():
            episodes = (env.run_episode(task, context) for task in env.taskset)
            return list(await asyncio.gather(*episodes))

    return asyncio.run(run())


def play(env: vf.Env, answer: Callable[[list[Message]], str | Message]) -> list[vf.Trace]:
    """The traces of episodes that went well, one for each task."""
    with Endpoint(answer) as endpoint:
        episodes = run_all(env, endpoint)
    assert all(episode.ok for episode in episodes), [episode.errors for episode in episodes]
    return [trace for episode in episodes for trace in episode.traces]


def planted(*made: dict[str, Any]) -> Callable[[list[Message]], str]:
    """A model that knows the solutions of rows, and gives one action of it a turn."""
    solutions = {row["prompt"]: row["solution"] for row in made}

    def answer(messages: list[Message]) -> str:
        said = [message for message in messages if message["role"] != "system"]
        return solutions[said[0]["content"]][len(said) // 2]

    return answer


def command(name: str, *arguments: str, folder: Path, fails: bool = False) -> str:
    """A command of verifiers, in a folder that has nothing of the project; returns its output."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    program = str(Path(sys.executable).parent / name)
    done = subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert bool(done.returncode) == fails, done.stderr
    return done.stdout + done.stderr


def saved(folder: Path) -> list[dict[str, Any]]:
    """The traces that a command has written, by task."""
    (file,) = folder.rglob("traces.jsonl")
    traces = [json.loads(line)["traces"][0] for line in file.read_text().splitlines()]
    return sorted(traces, key=lambda trace: trace["task"]["data"]["idx"])


def rewards(traces: Iterable[dict[str, Any]]) -> list[float]:
    return [trace["rewards"]["reward"]["score"] for trace in traces]


# Rewards.


def test_single_answers_are_paid_as_planted():
    made = rows("MathBoxed-v0", 4, level=2, split="train", reveal=True)
    right = planted(*made[::2])
    known = {row["prompt"] for row in made[::2]}

    env = load_environment("MathBoxed-v0", level=2, count=4)
    traces = play(env, lambda said: right(said) if said[0]["content"] in known else WRONG)

    assert [trace.reward for trace in traces] == [1.0, 0.0, 1.0, 0.0]
    assert [trace.metrics["success"] for trace in traces] == [1.0, 0.0, 1.0, 0.0]
    assert {trace.metrics["turns"] for trace in traces} == {1.0}


def test_several_turns_are_one_conversation():
    made = rows("TowerOfHanoi-v0", 3, level=2, split="train", reveal=True)
    env = load_environment("TowerOfHanoi-v0", level=2, count=3)
    traces = play(env, planted(*made))
    for row, trace in zip(made, traces, strict=True):
        turns = len(row["solution"])
        assert turns > 1
        assert trace.reward == trace.metrics["success"] == 1.0
        assert trace.metrics["turns"] == trace.num_turns == turns
        plan = iter(row["solution"])
        expected = play_row(row, lambda messages, plan=plan: next(plan))["messages"]
        (branch,) = trace.branches
        said = [{"role": m.role, "content": m.content} for m in branch.messages]
        assert said == expected[:-1]  # no reply is wanted to the last observation


def test_terms_of_the_reward_are_metrics_that_add_up():
    """A step of progress, then nonsense until the environment has enough of it."""
    (row,) = rows("TowerOfHanoi-v0", 1, level=2, split="train", reward="dense", max_turns=4)
    first = rows("TowerOfHanoi-v0", 1, level=2, split="train", reveal=True)[0]["solution"][0]

    def agent(messages: list[Message]) -> str:
        return first if len(messages) == 1 else "nonsense"

    played = play_row(row, agent)
    env = load_environment("TowerOfHanoi-v0", level=2, count=1, reward="dense", max_turns=4)
    (trace,) = play(env, agent)
    assert trace.metrics["turns"] == 4.0
    assert trace.metrics["success"] == 0.0
    assert trace.reward == pytest.approx(played["reward"]) != 0.0
    terms = [paid for name, paid in trace.metrics.items() if name.startswith("reward_")]
    assert len(terms) > 1
    assert sum(terms) == pytest.approx(trace.reward)


def test_an_agent_that_is_stopped_keeps_what_was_paid():
    (row,) = rows("TowerOfHanoi-v0", 1, level=2, split="train", reward="dense", reveal=True)
    env = load_environment("TowerOfHanoi-v0", level=2, count=1, reward="dense")
    env.config.agent.max_turns = 2
    (trace,) = play(env, planted(row))
    assert trace.stop_condition == "max_turns"
    assert trace.metrics["turns"] == 2.0
    assert 0.0 < trace.reward < 1.0


def test_an_environment_that_does_not_play_has_its_replies_scored():
    """Such as verifiers' own, which asks once and takes no turns."""
    made = rows("MathBoxed-v0", 2, level=2, split="train", reveal=True)
    config = load_environment("MathBoxed-v0", level=2, count=2).config
    env = vf.SingleAgentEnv(config)
    right = planted(made[1])
    known = made[1]["prompt"]
    traces = play(env, lambda said: right(said) if said[0]["content"] == known else WRONG)
    assert [trace.reward for trace in traces] == [0.0, 1.0]
    assert [trace.metrics["turns"] for trace in traces] == [1.0, 1.0]


class Broken:
    """A sandbox whose engine has gone away."""

    image = "none"

    def run(self, submission):
        raise SandboxFailure("the engine does not answer")


@pytest.mark.parametrize("kind", [None, vf.SingleAgentEnv])
def test_a_sandbox_that_fails_is_an_error_and_no_reward(kind, monkeypatch):
    env = load_environment("CodeFunction-v0", count=1, allow_unsafe=True, **UNSAFE)
    if kind is not None:  # replies are scored after the conversation
        env = kind(env.config)
    (row,) = rows("CodeFunction-v0", 1, split="train", reveal=True, **UNSAFE)
    with Endpoint(planted(row)) as endpoint:
        with monkeypatch.context() as patch:
            patch.setitem(sandbox._shared, "process-unsafe", Broken())
            (episode,) = run_all(env, endpoint)
        (trace,) = episode.traces
        assert not episode.ok
        assert not trace.ok
        assert "the engine does not answer" in trace.errors[-1].message
        assert trace.rewards.get("reward") is None

        (episode,) = run_all(env, endpoint)  # it answers again
        assert episode.traces[0].reward == 1.0


def test_programs_run_without_containers_only_where_that_is_allowed():
    (row,) = rows("CodeFunction-v0", 1, split="train", reveal=True, **UNSAFE)
    with Endpoint(planted(row)) as endpoint:
        (episode,) = run_all(load_environment("CodeFunction-v0", count=1, **UNSAFE), endpoint)
        assert "allow_unsafe=True" in episode.errors[-1].message
        assert not endpoint.requests  # found before the model is asked
        env = load_environment("CodeFunction-v0", count=1, allow_unsafe=True, **UNSAFE)
        (episode,) = run_all(env, endpoint)
    assert episode.ok
    assert episode.traces[0].reward == 1.0


# Conversations.


def test_what_a_model_thinks_is_sent_back_and_not_scored(tmp_path):
    """A wrong thought costs nothing; a conversation stays in one piece."""
    (row,) = rows("TowerOfHanoi-v0", 1, level=2, split="train", reveal=True)
    right = planted(row)
    env = load_environment("TowerOfHanoi-v0", level=2, count=1)
    rules = tmp_path / "rules.txt"
    rules.write_text("Say only the command.")
    env.taskset.system_prompt = rules.read_text()
    with Endpoint(lambda m: {"content": right(m), "reasoning_content": "A to A"}) as endpoint:
        (episode,) = run_all(env, endpoint)
    (trace,) = episode.traces
    assert trace.reward == 1.0
    assert len(trace.branches) == 1
    last = endpoint.requests[-1]["messages"]
    assert last[0] == {"role": "system", "content": "Say only the command."}
    assert [m["reasoning_content"] for m in last if m["role"] == "assistant"]


def test_an_environment_is_not_given_back_while_a_thread_works_on_it():
    may_end, has_ended = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait()
        has_ended.set()

    async def run() -> None:
        task = asyncio.create_task(_in_thread(work))
        try:
            await asyncio.sleep(0)
            for _ in range(2):  # as a person does who is in a hurry
                task.cancel()
                for _ in range(5):
                    await asyncio.sleep(0)
                assert not task.done()
        finally:
            may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert has_ended.is_set()

    asyncio.run(run())


# Tasks.


@pytest.mark.parametrize("split", ["train", "test"])
def test_tasks_are_the_rows_of_the_package(split):
    arguments: dict[str, Any] = {"level": (1, 3), "split": split, "seed": 5, "topics": "fractions"}
    made = rows("MathBoxed-v0", 6, **arguments)
    tasks = list(load_environment("MathBoxed-v0", count=6, **arguments).taskset)
    assert [task.data.prompt for task in tasks] == [row["prompt"] for row in made]
    assert [task.data.id for task in tasks] == [row["problem_id"] for row in made]
    assert len({task.key for task in tasks}) == 6
    again = list(load_environment("MathBoxed-v0", count=6, **arguments).taskset)
    assert [task.key for task in again] == [task.key for task in tasks]
    assert split in json.dumps(tasks[0].data.row["kwargs"])


def test_the_answer_is_not_in_a_task():
    (row,) = rows("MathBoxed-v0", 1, level=2, split="train", reveal=True)
    (task,) = load_environment("MathBoxed-v0", level=2, count=1).taskset
    assert set(task.data.row) == {"id", "kwargs", "seed", "problem_id"}
    assert row["solution"][0] not in task.data.model_dump_json()


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="did you mean 'MathBoxed-v0'"):
        load_environment("MathBoxd-v0")
    with pytest.raises(ValueError, match="did you mean 'topics'"):
        load_environment("MathBoxed-v0", topcs="fractions")
    with pytest.raises(ValueError, match="from 1 to 10"):
        load_environment("MathBoxed-v0", level=11)
    with pytest.raises(ValueError, match="multiple values for keyword argument 'level'"):
        vf.load_taskset(
            vf.taskset_config_type(PLUGIN)(
                id=PLUGIN, environment="MathBoxed-v0", level=1, kwargs={"level": 2}
            )
        )
    with pytest.raises(ValueError, match="environment MathBoxed-v0"):
        list(load_environment("").taskset)


# The command line.


def test_vf_eval_finds_the_package_and_pays_as_planted(tmp_path):
    made = rows("TowerOfHanoi-v0", 4, level=2, split="test", seed=3, reveal=True)
    right = planted(*made)
    known = {row["prompt"] for row in made[:2]}

    def answer(messages: list[Message]) -> str:
        return right(messages) if messages[0]["content"] in known else "nonsense"

    with Endpoint(answer) as endpoint:
        chosen = {"environment": "TowerOfHanoi-v0", "level": 2, "split": "test", "seed": 3}
        flags = [f"--env.taskset.{name}={value}" for name, value in chosen.items()]
        flags += ["--env.taskset.kwargs.max_turns=9", "--client.base-url", endpoint.url]
        more = ["-n=4", "--model=planted", "--no-push", "--no-rich", "-o=out", "--run.name=it"]
        command("vf-eval", PLUGIN, *flags, *more, folder=tmp_path)
    traces = saved(tmp_path / "out" / "it")
    assert rewards(traces) == [1.0, 1.0, 0.0, 0.0]
    expected = [*(len(row["solution"]) for row in made[:2]), 9, 9]
    assert [trace["metrics"]["turns"] for trace in traces] == expected
    assert len(endpoint.requests) == sum(expected)

    # Without a model: the replies that were written down are scored anew.
    command("vf-replay", "out/it", "--no-rich", "-o=again", folder=tmp_path)
    again = saved(tmp_path / "again")
    assert rewards(again) == [1.0, 1.0, 0.0, 0.0]
    assert [trace["metrics"] for trace in again] == [trace["metrics"] for trace in traces]


def test_vf_validate_plays_the_reference_solutions(tmp_path):
    flags = ["--taskset.environment=TextMaze-v0", "--taskset.level=3", "-n=3", "--no-rich"]
    flags += ["--runtime.type", "subprocess"]
    said = command("vf-validate", PLUGIN, *flags, folder=tmp_path)
    assert '"valid_rate": 1.0' in said
    assert '"unchecked": 0' in said


def test_vf_eval_names_what_was_meant(tmp_path):
    flags = ["--env.taskset.environment=MathBoxd-v0", "-n=1", "--no-push", "--no-rich"]
    said = command("vf-eval", PLUGIN, *flags, folder=tmp_path, fails=True)
    assert "did you mean 'MathBoxed-v0'" in said
    assert "Traceback" not in said


TITLE = "verifiers"


def test_the_lines_of_the_page(tmp_path):
    made = rows("MathBoxed-v0", 20, level=2, split="test", reveal=True)
    right = planted(*made[:12])
    known = {row["prompt"] for row in made[:12]}

    def answer(messages: list[Message]) -> str:
        return right(messages) if messages[0]["content"] in known else WRONG

    with Endpoint(answer) as endpoint:
        code = lines(TITLE, {"http://localhost:8000/v1": endpoint.url})
        assert run(code, tmp_path).split() == ["1.0"] * 12 + ["0.0"] * 8


def test_the_commands_of_the_page(tmp_path):
    towers = planted(*rows("TowerOfHanoi-v0", 20, level=2, split="train", reveal=True))
    with Endpoint(towers) as endpoint:
        evaluated, validated = commands(TITLE, {"http://localhost:8000/v1": endpoint.url})
        command(*evaluated, "--no-rich", "-o=out", folder=tmp_path)
    traces = saved(tmp_path / "out")
    assert len(traces) == 20
    assert rewards(traces) == [1.0] * 20
    assert '"valid_rate": 1.0' in command(*validated, "--no-rich", folder=tmp_path)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["reasoning_gym_envs.verifiers", "-n=1"], "No module named 'verifiers.v1.tasksets."),
        ([PLUGIN, "--env.taskset.environment=MathBoxed-v0", "--env.taskset.reward=dense"],
         "Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_messages_of_the_page(wrong, message, tmp_path):
    said = command("vf-eval", *wrong, "--no-push", "--no-rich", folder=tmp_path, fails=True)
    assert message in " ".join(said.split())
