r"""A tool for agents that call functions: a JSON schema, and a function that takes a turn.

With any client of OpenAI's chat completions::

    tool = as_tool(gym.make("TowerOfHanoi-v0", level=2))
    messages = [{"role": "user", "content": tool.reset(seed=7)}]
    while not tool.done:
        reply = client.chat.completions.create(
            model=..., messages=messages, tools=[tool.schema]
        ).choices[0].message
        messages.append(reply)
        if not reply.tool_calls:
            break  # the agent has given up
        for call in reply.tool_calls:
            said = tool.call_with_json(call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": said})
    print(tool.reward, tool.is_success)

Libraries that read a function instead of a schema (LangGraph and many more) take
``tool.function``.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from typing import Any

import gymnasium as gym
from gymnasium.error import ResetNeeded

from reasoning_gym_envs.registry import ENVIRONMENTS
from reasoning_gym_envs.wrappers.checks import needs_text, title

_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_ACTION = "The action of this turn: the answer or the command that the task asks for, and no more."


def as_tool(
    env: gym.Env[str, str], *, name: str = "take_turn", description: str | None = None
) -> Tool:
    r"""An environment as a tool; see :class:`Tool`.

    Args:
        env: takes and gives text; it is played by the tool alone from now on.
        name: of the function: letters, digits and underscores, as Python and OpenAI allow them.
        description: what the agent is told of the tool. None: made of the environment's summary.

    Raises:
        ValueError: a bad name, or an environment whose actions or observations are no text.

    >>> import reasoning_gym_envs
    >>> tool = as_tool(gym.make("MathBoxed-v0", level=2, topics="integer_arithmetic"))
    >>> print(tool.reset(seed=3).partition("\n")[0])
    Compute $0 + 34$.
    >>> print(tool(r"\boxed{34}"))
    Correct.
    <BLANKLINE>
    The episode is over: solved. The reward is 1.
    """
    needs_text("as_tool", env, observations=True, actions=True)
    if not _NAMES.fullmatch(name):
        raise ValueError(
            f"name must be 1 to 64 letters, digits and underscores, and begin with no digit, "
            f"got {name!r:.80}"
        )
    return Tool(env, name, description or _description(env))


def _description(env: gym.Env[str, str]) -> str:
    entry = ENVIRONMENTS.get(title(env))
    what = f" ({entry.summary})" if entry else ""
    return (
        f"Take a turn in {title(env)}{what}. Returns what came of it. Call it again for the next "
        "turn, until it says that the episode is over."
    )


class Tool:
    """Plays an environment, a turn a call; made by :func:`as_tool`.

    What an agent does wrong is told to it in words, so that it can go on. What a program does
    wrong, and a sandbox that fails, raises. Several threads may call at once, as LangGraph does
    where a reply has several calls: their turns are taken one after the other.

    Attributes:
        name: of the function.
        description: what the agent is told of it.
        schema: the function, as ``tools=[tool.schema]`` of OpenAI's chat completions takes it,
            in strict mode. Other formats are made of its ``["function"]["parameters"]``.
        reward: what the environment has paid since the last reset, over all turns.
        turns: how many turns were taken.
        done: the episode is over.
        is_success: it is over, and solved.
    """

    def __init__(self, env: gym.Env[str, str], name: str, description: str) -> None:
        self.name = name
        self.description = description
        self.reward = 0.0
        self.turns = 0
        self.done = False
        self.is_success = False
        self._env = env
        self._has_begun = False
        self._lock = threading.Lock()

    @property
    def schema(self) -> dict[str, Any]:
        """The function as a tool of OpenAI's chat completions; a new dict each time."""
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "strict": True,
                "parameters": {
                    "type": "object",
                    "properties": {"action": {"type": "string", "description": _ACTION}},
                    "required": ["action"],
                    "additionalProperties": False,
                },
            },
        }

    @property
    def function(self) -> Callable[[str], str]:
        """The call as a plain function, with the name, types and docstring that libraries read."""

        def take_turn(action: str) -> str:
            return self(action)

        take_turn.__name__ = take_turn.__qualname__ = self.name
        take_turn.__doc__ = f"{self.description}\n\nArgs:\n    action: {_ACTION}\n"
        return take_turn

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> str:
        """Begin an episode; returns the task, which is what the agent is asked.

        Args:
            seed: the same seed, the same task; None: the next one.
            options: of the environment's reset, such as ``{"level": 3}``.
        """
        with self._lock:
            task, _ = self._env.reset(seed=seed, options=options)
            self.reward, self.turns, self.done, self.is_success = 0.0, 0, False, False
            self._has_begun = True
            return task

    def __call__(self, action: str) -> str:
        """Take a turn; returns what the environment says, and at the end that it is over.

        Raises:
            gymnasium.error.ResetNeeded: before the first reset.
            TypeError: the action is no text.
        """
        with self._lock:
            return self._take_turn(action)

    def call_with_json(self, arguments: str) -> str:
        """The same, with the arguments as a model writes them: ``'{"action": "A to C"}'``.

        Anything else is answered with a text that says what is wrong, and no turn is taken.
        """
        try:
            given = json.loads(arguments)
        except (ValueError, RecursionError):
            given = None
        if isinstance(given, dict) and given.keys() == {"action"}:
            action = given["action"]
            if isinstance(action, str):
                return self(action)
        return (
            'The arguments must be a JSON object with one text, such as {"action": "..."}. '
            "Nothing was done."
        )

    def _take_turn(self, action: str) -> str:
        if not self._has_begun:
            raise ResetNeeded("no episode has begun: call reset(seed) on the tool first")
        if self.done:
            return f"{self._end()} Nothing was done. Do not call this tool again."
        observation, reward, terminated, truncated, info = self._env.step(action)
        self.reward += float(reward)
        self.turns += 1
        self.done = bool(terminated or truncated)
        self.is_success = self.done and bool(info.get("is_success", False))
        return f"{observation}\n\n{self._end()}" if self.done else observation

    def _end(self) -> str:
        how = "solved" if self.is_success else "not solved"
        return f"The episode is over: {how}. The reward is {self.reward:.3g}."
