"""ChatMessages: observations as a conversation, for language models."""

from __future__ import annotations

import json
import multiprocessing
from types import ModuleType
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Space
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector.utils import (
    create_shared_memory,
    read_from_shared_memory,
    write_to_shared_memory,
)

from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.spaces import SharedTexts, shared_texts, write_shared_text
from reasoning_gym_envs.wrappers.checks import needs_text, whole_number
from reasoning_gym_envs.wrappers.counting import Count, longest_end, longest_start

Message = dict[str, str]
"""``{"role": "user", "content": "..."}``."""

ROLES = ("system", "user", "assistant")
SHARED_BYTES = 2**20
"""The longest conversation in shared memory."""


class Messages(Space[list[Message]]):
    """Any list of one or more messages, each a dict of ``role`` and ``content``.

    Vector environments give a tuple of them. Their number and length have no limit, except in the
    shared memory of an ``AsyncVectorEnv``: there a conversation is at most a megabyte of JSON,
    about 250,000 tokens. Without limit is ``shared_memory=False``, which costs some speed.

    Args:
        seed: the seed of :meth:`sample`.

    >>> Messages().contains([{"role": "user", "content": "What is 6 times 7?"}])
    True
    >>> Messages().contains([{"role": "robot", "content": "42"}])
    False
    """

    def __init__(self, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(shape=None, dtype=None, seed=seed)

    def contains(self, x: Any) -> bool:
        """Whether ``x`` is such a list."""
        return isinstance(x, list) and bool(x) and all(map(_is_message, x))

    def sample(self, mask: Any = None, probability: Any = None) -> list[Message]:
        """One to three messages, of the user first and last; takes no mask."""
        if mask is not None or probability is not None:
            raise ValueError("Messages.sample takes neither a mask nor probabilities")
        turns = int(self.np_random.integers(2))
        return [
            {
                "role": ROLES[1 + number % 2],
                "content": f"message {self.np_random.integers(1000)}",
            }
            for number in range(1 + 2 * turns)
        ]

    @property
    def is_np_flattenable(self) -> bool:
        """Messages are no arrays."""
        return False

    def __repr__(self) -> str:
        return "Messages()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Messages)

    __hash__ = None  # type: ignore[assignment]  # as every gymnasium space


# Shared memory of AsyncVectorEnv: a conversation is a text of JSON.


@create_shared_memory.register(Messages)
def _create(space: Messages, n: int = 1, ctx: ModuleType = multiprocessing) -> Any:
    return shared_texts(n, SHARED_BYTES, ctx)


@read_from_shared_memory.register(Messages)
def _read(space: Messages, shared_memory: Any, n: int = 1) -> SharedTexts:
    return SharedTexts(shared_memory, n, SHARED_BYTES, _conversation)


@write_to_shared_memory.register(Messages)
def _write(space: Messages, index: int, value: list[Message], shared_memory: Any) -> None:
    encoded = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if len(encoded) > SHARED_BYTES:
        raise ValueError(
            f"a conversation of {len(encoded)} bytes does not fit into the {SHARED_BYTES} of "
            "shared memory: shorten it with history= or budget= of ChatMessages, or pass "
            'vector_kwargs={"shared_memory": False} to gym.make_vec'
        )
    write_shared_text(encoded, index, SHARED_BYTES, shared_memory)


def _conversation(text: str) -> list[Message]:
    messages: list[Message] = json.loads(text) if text else []  # nothing has been said yet
    return messages


class _Said(NamedTuple):
    role: str
    content: str
    tokens: int


class ChatMessages(gym.Wrapper[Any, str, str, str], RecordConstructorArgs):
    r"""Observations are the conversation so far, as chat templates take it.

    A list of ``{"role": ..., "content": ...}``: the ``system`` text if there is one, the first
    observation (the task) as the ``user``, and then turn by turn what the agent answered
    (``assistant``) and what the environment said to it (``user``). User and assistant alternate,
    and the last word is the user's, so that it goes as it is into
    ``tokenizer.apply_chat_template(observation, add_generation_prompt=True)``. Each observation is
    a list of its own.

    What may be left out, always whole turns and the oldest first, so that system and task stay:

    * ``history``: "full" keeps everything, a number so many of the last turns, and "last" only the
      newest text of the environment, even without the task: for environments whose observations
      say all that matters (say the rules in ``system``).
    * ``budget``: the contents of all messages together count at most so many tokens. Where the task
      and the last turn alone have more, the answer in it loses its beginning, and then the
      environment's text its end; no other message is ever cut. That system and task fit is checked
      at the reset.

    ``info["turns_left_out"]`` says how many turns are not in the observation.

    Args:
        env: an environment that speaks in text; wrappers that change actions or observations go
            outside of this one.
        system: the system message; None for none.
        history: "full", "last" or a number of turns, 1 or more.
        budget: the largest count of all contents together; None for no limit.
        count: the number of tokens of a text; characters (``len``) unless given. What a chat
            template adds to each message may be counted in.

    Raises:
        TypeError, ValueError: a bad argument, naming what is allowed; at the reset, a budget that
            is too small for the system text and the task.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> env = ChatMessages(gym.make("MathBoxed-v0", max_turns=3), system="Be brief.")
    >>> observation, info = env.reset(seed=0)
    >>> [message["role"] for message in observation]
    ['system', 'user']
    >>> observation, *_ = env.step("No idea.")
    >>> [message["role"] for message in observation]
    ['system', 'user', 'assistant', 'user']
    >>> observation[-2]["content"]
    'No idea.'
    """

    def __init__(
        self,
        env: gym.Env[str, str],
        system: str | None = None,
        history: str | int = "full",
        budget: int | None = None,
        count: Count = len,
    ) -> None:
        # A tokenizer is not copied for the record: it may be large.
        RecordConstructorArgs.__init__(
            self, _disable_deepcopy=True, system=system, history=history, budget=budget, count=count
        )
        gym.Wrapper.__init__(self, env)
        needs_text("ChatMessages", env, observations=True, actions=True)
        if system is not None and not isinstance(system, str):
            raise TypeError(f"system must be a text, got {system!r:.80}")
        if isinstance(history, str):
            if history not in ("full", "last"):
                raise ValueError(
                    f"{unknown('history', history, ('full', 'last'))}, or a number of turns"
                )
        else:
            whole_number('history, where it is not "full" or "last",', history, 1)
        if not callable(count):
            raise TypeError(f"count must be a function of a text, got {count!r:.80}")
        self.history = history
        self.budget = None if budget is None else whole_number("budget", budget, 1)
        self.observation_space = Messages()
        self._count = count
        self._system = None if system is None else self._said("system", system)
        self._empty = self._said("user", "").tokens
        self._task = _Said("user", "", 0)
        self._turns: list[tuple[_Said, _Said]] = []
        self._turns_taken = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[list[Message], dict[str, Any]]:
        """Begin an episode, and with it a conversation.

        Raises:
            ValueError: the system text, the task and an empty turn are more than the budget.
        """
        observation, info = self.env.reset(seed=seed, options=options)
        self._task = self._said("user", observation)
        self._turns.clear()
        self._turns_taken = 0
        needed = self._task.tokens + (self._system.tokens if self._system else 0)
        if self.history != "last":
            needed += 2 * self._empty  # of the next turn there are always two messages
        if self.budget is not None and needed > self.budget:
            raise ValueError(
                f"the system text, the task and an empty turn have {needed} tokens, and the "
                f"budget is {self.budget}: give a larger one"
            )
        return self._messages(), {**info, "turns_left_out": 0}

    def step(self, action: str) -> tuple[list[Message], float, bool, bool, dict[str, Any]]:
        """Take a turn; the observation ends with it."""
        text, reward, terminated, truncated, info = self.env.step(action)
        self._turns.append((self._said("assistant", action), self._said("user", str(text))))
        self._turns_taken += 1
        self._forget()
        observation = self._messages()
        info = {**info, "turns_left_out": self._turns_taken - len(self._turns)}
        return observation, float(reward), terminated, truncated, info

    def _said(self, role: str, content: str) -> _Said:
        return _Said(role, content, 0 if self.budget is None else self._count(content))

    def _forget(self) -> None:
        """Leave out the oldest turns, so that the rest has the length that was asked for."""
        turns = self._turns
        if self.history == "last":
            del turns[:-1]
        elif self.history != "full":
            del turns[: -int(self.history)]
        if self.budget is None:
            return
        room = self.budget - (self._system.tokens if self._system else 0)
        if self.history == "last":
            answer, reply = turns[0]
            turns[0] = answer, self._start(reply, room)
            return
        room -= self._task.tokens
        used = sum(answer.tokens + reply.tokens for answer, reply in turns)
        while used > room and len(turns) > 1:
            answer, reply = turns.pop(0)
            used -= answer.tokens + reply.tokens
        if used > room:
            answer, reply = turns[0]
            reply = self._start(reply, room - self._empty)
            turns[0] = self._end(answer, room - reply.tokens), reply

    def _start(self, said: _Said, room: int) -> _Said:
        if said.tokens <= room:
            return said
        return self._said(said.role, longest_start(said.content, room, self._count))

    def _end(self, said: _Said, room: int) -> _Said:
        if said.tokens <= room:
            return said
        return self._said(said.role, longest_end(said.content, room, self._count))

    def _messages(self) -> list[Message]:
        if self.history == "last":
            said = [self._turns[-1][1] if self._turns else self._task]
        else:
            said = [self._task, *(part for turn in self._turns for part in turn)]
        if self._system is not None:
            said.insert(0, self._system)
        return [{"role": role, "content": content} for role, content, _ in said]


def _is_message(thing: Any) -> bool:
    return (
        isinstance(thing, dict)
        and thing.keys() == {"role", "content"}
        and thing["role"] in ROLES
        and isinstance(thing["content"], str)
    )
