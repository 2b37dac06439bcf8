"""The tool, called by the real `openai` client against a local endpoint."""

from __future__ import annotations

import contextlib
import doctest
import inspect
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gymnasium as gym
import pytest

pytest.importorskip("openai", reason="needs openai: make integrations")
pytest.importorskip("jsonschema", reason="needs jsonschema: make integrations")

import jsonschema
import openai

import reasoning_gym_envs  # noqa: F401
from reasoning_gym_envs import sandbox
from reasoning_gym_envs.integrations import tool as module
from reasoning_gym_envs.integrations.tool import Tool, as_tool
from reasoning_gym_envs.sandbox import SandboxFailure
from reasoning_gym_envs.wrappers import DiscreteCommands
from tests.integrations.endpoint import Endpoint, Message
from tests.integrations.page import lines, run

HANOI = "TowerOfHanoi-v0"


def solution(id: str, seed: int, **kwargs: Any) -> list[str]:
    env = gym.make(id, **kwargs)
    env.reset(seed=seed)
    return env.unwrapped.solution()


def call(number: int, arguments: str, name: str = "take_turn") -> Message:
    function = {"name": name, "arguments": arguments}
    return {"id": f"call_{number}", "type": "function", "function": function}


def calls(*arguments: str) -> Message:
    """A message of a model that calls the tool, once or several times at once."""
    return {"content": None, "tool_calls": [call(n, text) for n, text in enumerate(arguments)]}


def play(tool: Tool, endpoint: Endpoint, seed: int) -> list[Any]:
    """The loop that a user writes; returns the conversation."""
    client = openai.OpenAI(base_url=endpoint.url, api_key="none", max_retries=0)
    messages: list[Any] = [{"role": "user", "content": tool.reset(seed=seed)}]
    while not tool.done:
        completion = client.chat.completions.create(
            model="planted", messages=messages, tools=[tool.schema]
        )
        reply = completion.choices[0].message
        messages.append(reply)
        if not reply.tool_calls:
            break
        for one in reply.tool_calls:
            said = tool.call_with_json(one.function.arguments)
            messages.append({"role": "tool", "tool_call_id": one.id, "content": said})
    return messages


# With the client.


def test_a_model_plays_until_the_episode_is_over():
    plan = solution(HANOI, 7, level=2)
    assert len(plan) > 1

    def answer(messages: list[Message]) -> Message:
        turn = sum(message["role"] == "tool" for message in messages)
        return calls(json.dumps({"action": plan[turn]}))

    tool = as_tool(gym.make(HANOI, level=2))
    with Endpoint(answer) as endpoint:
        messages = play(tool, endpoint, seed=7)
    assert tool.done
    assert tool.is_success
    assert tool.reward == 1.0
    assert tool.turns == len(plan) == len(endpoint.requests)
    assert messages[-1]["content"].endswith("The episode is over: solved. The reward is 1.")

    # What the agent was told is what the environment says.
    env = gym.make(HANOI, level=2)
    said = [env.reset(seed=7)[0], *(env.step(action)[0] for action in plan)]
    told = [m["content"] for m in messages if isinstance(m, dict)]
    assert told[:-1] == said[:-1]
    assert told[-1].startswith(said[-1])
    # And what it was offered is the tool.
    assert {json.dumps(body["tools"]) for body in endpoint.requests} == {json.dumps([tool.schema])}


def test_several_calls_at_once_and_calls_after_the_end():
    plan = solution(HANOI, 7, level=2)
    at_once = [json.dumps({"action": action}) for action in [*plan, plan[0]]]
    tool = as_tool(gym.make(HANOI, level=2))
    with Endpoint(lambda messages: calls(*at_once)) as endpoint:
        messages = play(tool, endpoint, seed=7)
    assert len(endpoint.requests) == 1
    assert (tool.turns, tool.reward, tool.is_success) == (len(plan), 1.0, True)
    late = messages[-1]["content"]
    assert late.startswith("The episode is over: solved.")
    assert "Do not call this tool again" in late


def test_a_model_that_gives_up_is_paid_nothing():
    tool = as_tool(gym.make(HANOI, level=2))
    with Endpoint(lambda messages: "I cannot do this.") as endpoint:
        play(tool, endpoint, seed=7)
    assert (tool.done, tool.turns, tool.reward, tool.is_success) == (False, 0, 0.0, False)


# The schema.


@pytest.mark.parametrize("id", ["MathBoxed-v0", HANOI, "Sudoku-v0"])
def test_the_schema_is_one_and_strict(id):
    tool = as_tool(gym.make(id))
    function = tool.schema["function"]
    assert set(tool.schema) == {"type", "function"}
    assert (function["name"], function["description"]) == (tool.name, tool.description)
    assert id in tool.description
    assert function["strict"] is True
    parameters = function["parameters"]
    jsonschema.Draft202012Validator.check_schema(parameters)
    # Strict mode: every property is required, and there are no others.
    assert set(parameters["required"]) == set(parameters["properties"])
    assert parameters["additionalProperties"] is False
    validator = jsonschema.Draft202012Validator(parameters)
    assert validator.is_valid({"action": "A to C"})
    for wrong in ({}, {"action": 3}, {"action": "A to C", "speed": "high"}, "A to C"):
        assert not validator.is_valid(wrong)


def test_what_is_done_to_a_schema_does_not_reach_the_tool():
    tool = as_tool(gym.make(HANOI))
    tool.schema["function"]["parameters"]["properties"].clear()
    assert "action" in tool.schema["function"]["parameters"]["properties"]


def test_name_and_description_may_be_given():
    tool = as_tool(gym.make(HANOI), name="move_disk", description="Move a disk.")
    assert tool.schema["function"]["name"] == tool.name == "move_disk"
    assert tool.schema["function"]["description"] == tool.description == "Move a disk."


def test_the_function_is_what_libraries_read():
    tool = as_tool(gym.make("MathBoxed-v0", level=2), name="answer", description="Answers.")
    function = tool.function
    assert function.__name__ == "answer"
    assert inspect.get_annotations(function, eval_str=True) == {"action": str, "return": str}
    assert function.__doc__.startswith("Answers.")
    described = tool.schema["function"]["parameters"]["properties"]["action"]["description"]
    assert f"Args:\n    action: {described}" in function.__doc__
    tool.reset(seed=3)
    assert "solved" in function(*solution("MathBoxed-v0", 3, level=2))
    assert (tool.done, tool.is_success) == (True, True)


# Calls.


NO_ACTION = ["", "A to C", "{", "[]", "{}", '"A to C"', '{"move": "A to C"}', "[" * 99_999]
NO_TEXT = ['{"action": 3}', '{"action": null}', '{"action": ["A to C"]}']


@pytest.mark.parametrize("arguments", [*NO_ACTION, '{"action": "A to C", "also": 1}', *NO_TEXT])
def test_arguments_that_are_none_are_told_and_take_no_turn(arguments):
    tool = as_tool(gym.make(HANOI, level=2))
    tool.reset(seed=7)
    said = tool.call_with_json(arguments)
    assert "must be a JSON object" in said
    assert "Nothing was done" in said
    assert tool.turns == 0
    for action in solution(HANOI, 7, level=2):
        tool(action)
    assert tool.is_success


def test_rewards_are_added_up():
    env = gym.make(HANOI, level=2, reward="dense")
    env.reset(seed=7)
    plan = env.unwrapped.solution()
    paid = [env.step(action)[1] for action in plan]
    tool = as_tool(gym.make(HANOI, level=2, reward="dense"))
    tool.reset(seed=7)
    for turn, action in enumerate(plan, 1):
        tool(action)
        assert tool.reward == pytest.approx(sum(paid[:turn]))
    assert tool.reward > max(paid)


def test_an_episode_that_fails_is_over_too():
    tool = as_tool(gym.make("MathBoxed-v0", level=2))
    tool.reset(seed=3)
    said = tool(r"\boxed{no}")
    assert said.endswith("The episode is over: not solved. The reward is 0.")
    assert (tool.done, tool.is_success, tool.reward) == (True, False, 0.0)


def test_a_reset_begins_anew():
    tool = as_tool(gym.make("MathBoxed-v0", level=2))
    (right,) = solution("MathBoxed-v0", 3, level=2)
    task = tool.reset(seed=3)
    tool(right)
    assert tool.is_success
    assert tool.reset(seed=3) == task
    assert (tool.done, tool.is_success, tool.reward, tool.turns) == (False, False, 0.0, 0)
    assert tool.reset() != task
    harder = gym.make("MathBoxed-v0").reset(seed=3, options={"level": 5})[0]
    assert tool.reset(seed=3, options={"level": 5}) == harder != task


class Meets(gym.Wrapper):
    """In whose step threads meet, if more than one may be there."""

    meeting = threading.Barrier(2)

    def step(self, action):
        with contextlib.suppress(threading.BrokenBarrierError):
            self.meeting.wait(timeout=0.2)
        return self.env.step(action)


def test_calls_of_several_threads_are_turns_one_after_the_other():
    """The right answer is not paid twice, and there is no second attempt where there is one."""
    tool = as_tool(Meets(gym.make("MathBoxed-v0", level=2)))
    tool.reset(seed=3)
    answers = solution("MathBoxed-v0", 3, level=2) * 2
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(tool.function, answers))
    assert (tool.turns, tool.reward, tool.is_success) == (1, 1.0, True)
    assert sum("Nothing was done" in text for text in said) == 1


def test_the_example_of_the_documentation_runs():
    failed, tried = doctest.testmod(module)
    assert (failed, tried) == (0, 4)


# Mistakes of a program.


def test_a_call_before_the_first_reset_raises():
    with pytest.raises(gym.error.ResetNeeded, match=r"reset\(seed\)"):
        as_tool(gym.make(HANOI))("A to C")


@pytest.mark.parametrize("name", ["", "take turn", "3", "a" * 65, "take-turn", "zug\n"])
def test_bad_names_are_refused(name):
    with pytest.raises(ValueError, match="letters, digits and underscores"):
        as_tool(gym.make(HANOI), name=name)


def test_environments_that_do_not_speak_are_refused():
    with pytest.raises(ValueError, match="as_tool takes texts as actions"):
        as_tool(DiscreteCommands(gym.make(HANOI)))
    with pytest.raises(ValueError, match="as_tool reads texts"):
        as_tool(gym.make("CartPole-v1"))


class Broken:
    """A sandbox whose engine has gone away."""

    image = "none"

    def run(self, submission):
        raise SandboxFailure("the engine does not answer")


def test_a_sandbox_that_fails_takes_no_turn():
    tool = as_tool(gym.make("CodeFunction-v0", level=1, sandbox="process-unsafe"))
    tool.reset(seed=0)
    (right,) = solution("CodeFunction-v0", 0, level=1, sandbox="process-unsafe")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sandbox._shared, "process-unsafe", Broken())
        broken = as_tool(gym.make("CodeFunction-v0", level=1, sandbox="process-unsafe"))
        broken.reset(seed=0)
        with pytest.raises(SandboxFailure, match="does not answer"):
            broken(right)
    assert (broken.done, broken.turns, broken.reward) == (False, 0, 0.0)
    tool(right)
    assert tool.is_success


def test_the_lines_of_the_page(tmp_path):
    plan = solution(HANOI, 7, level=2)

    def answer(messages: list[Message]) -> Message:
        turn = sum(message["role"] == "tool" for message in messages)
        return calls(json.dumps({"action": plan[turn]}))

    with Endpoint(answer) as endpoint:
        code = lines("Tools", {"http://localhost:8000/v1": endpoint.url})
        assert run(code, tmp_path) == "1.0 True\n"
