r"""TRL: environments as rewards and as tools of ``GRPOTrainer`` (and its siblings).

A single answer is scored by a reward function:

    from trl import GRPOTrainer
    from reasoning_gym_envs import rows
    from reasoning_gym_envs.integrations.trl import environment_reward, to_dataset

    problems = to_dataset(rows("MathBoxed-v0", 1000, level=2))
    GRPOTrainer(model, environment_reward, train_dataset=problems).train()

An episode of several turns is played by calls of a tool:

    problems = to_dataset(rows("TowerOfHanoi-v0", 1000, level=2))
    GRPOTrainer(model, train_dataset=problems, environment_factory=environment_factory()).train()

Every answer of a group is to the same problem, since a row of the data set is a seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import gymnasium as gym

from reasoning_gym_envs.dataset import Row, begun, score_many
from reasoning_gym_envs.sandbox.submission import SandboxFailure

if TYPE_CHECKING:
    from datasets import Dataset

Completion: TypeAlias = str | list[dict[str, Any]]
"""What TRL gives for a plain prompt, and for a conversation."""

_COLUMNS = ("id", "kwargs", "seed", "problem_id")


def to_dataset(rows: Iterable[Row], *, chat: bool = True) -> Dataset:
    """Rows as the data set that a trainer takes; rows of several ids may be mixed.

    Args:
        rows: of :func:`reasoning_gym_envs.rows`.
        chat: ``prompt`` is a conversation, for models with a chat template. Otherwise it is the
            plain text, for models without one; tools need conversations.

    Returns:
        A data set with the entries of the rows as columns, less ``messages``. ``kwargs`` is a text
        of JSON: as a table's nested column, the arguments of each row would be filled up with
        those of all others.
    """
    try:
        from datasets import Dataset
    except ImportError as error:
        raise ImportError(
            "this makes a data set of the package datasets, which TRL brings: "
            "pip install 'reasoning-gym-envs[trl]'"
        ) from error
    table = []
    for row in rows:
        entries = {name: value for name, value in row.items() if name != "messages"}
        entries["prompt"] = row["messages"] if chat else row["prompt"]
        if not isinstance(row["kwargs"], str):
            entries["kwargs"] = json.dumps(row["kwargs"], sort_keys=True)
        table.append(entries)
    # Columns of all rows: by itself datasets would take those of the first.
    names = dict.fromkeys(name for entries in table for name in entries)
    return Dataset.from_dict({name: [entries.get(name) for entries in table] for name in names})


# A response is an answer.


def environment_reward(
    completions: Sequence[Completion], *, allow_unsafe: bool = False, **columns: Any
) -> list[float | None]:
    r"""What the environments pay for completions: a function for ``reward_funcs``.

    The data set is one of :func:`to_dataset`. Of a conversation, the text of the model's last
    message is scored.

    Args:
        completions: of the model.
        allow_unsafe: see :func:`reasoning_gym_envs.score`. Where your rows need it, pass TRL a
            function of your own that gives True; a column of this name is refused.
        columns: the data set's, a list each: ``id``, ``kwargs``, ``seed`` and ``problem_id`` are
            read. Further ones are ignored.

    Returns:
        A reward for each; None where a sandbox failed to judge a program. TRL leaves that answer
        out of the group's mean and of the loss, unless another reward function of yours pays it:
        then only that counts, and such a function should give None, too.

    Raises:
        ValueError, KeyError, TypeError: the data set is none of :func:`to_dataset`, or of another
            version.

    >>> from reasoning_gym_envs import rows
    >>> row, = rows("MathBoxed-v0", 1, level=2, topics="integer_arithmetic", seed=3)  # 21 + 83
    >>> columns = {name: [value] * 2 for name, value in row.items()}
    >>> environment_reward([r"\boxed{104}", r"\boxed{21 + 83}"], **columns)
    [1.0, 0.0]
    """
    if not isinstance(allow_unsafe, bool):  # TRL passes columns by their names
        raise TypeError(
            "the data set has a column allow_unsafe, and rows cannot decide that: remove it"
        )
    _check_columns(columns)
    rows = [
        {"id": id, "kwargs": _arguments_of(kwargs), "seed": seed, "problem_id": problem_id}
        for id, kwargs, seed, problem_id in zip(*map(columns.get, _COLUMNS), strict=True)
    ]
    responses = [_text_of(completion) for completion in completions]
    return score_many(rows, responses, allow_unsafe=allow_unsafe, allow_failures=True)


def _text_of(completion: Completion) -> str:
    """What a model wrote at last."""
    if isinstance(completion, str):
        return completion
    written = [message for message in completion if message["role"] == "assistant"]
    return _content_of(written[-1]) if written else ""


def _content_of(message: Mapping[str, Any]) -> str:
    """The text of a message: a str, or parts; None where it is all calls or thoughts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part["type"] == "text")


# A response is an episode, played by calls of a tool.


def environment_factory(
    id: str | None = None, *, allow_unsafe: bool = False, **kwargs: Any
) -> type[ToolEnvironment]:
    """A class for ``environment_factory=``: a rollout plays an episode through the tool ``act``.

    Which episode, the rows of the data set say; :func:`to_dataset` makes one. Without
    ``train_dataset`` each answer of a group would be to another problem, and is refused.

    Args:
        id: the environment that rows are of which do not name theirs: a data set of your own may
            have a column ``seed`` and no other. TRL logs the rewards under this name.
        allow_unsafe: see :func:`reasoning_gym_envs.score`.
        kwargs: arguments of that environment, such as ``level=3``.

    Raises:
        TypeError: arguments without an id.
    """
    if id is None and kwargs:
        raise TypeError(f"{', '.join(kwargs)}: of which environment? Give its id first")
    as_in_rows = json.loads(json.dumps(kwargs))  # a tuple is a list there
    members = {"_id": id, "_kwargs": as_in_rows, "_allow_unsafe": allow_unsafe}
    return type(id or ToolEnvironment.__name__, (ToolEnvironment,), members)


class ToolEnvironment:
    """An environment as TRL drives it: ``reset``, the tool ``act``, and ``get_reward``.

    See :func:`environment_factory`, which makes classes of it.
    """

    _id: ClassVar[str | None] = None
    _kwargs: ClassVar[Mapping[str, Any]] = {}
    _allow_unsafe: ClassVar[bool] = False

    def __init__(self) -> None:
        self._lent = ExitStack()
        self._env: gym.Env[str, str] | None = None  # None: no episode is running
        self._reward = 0.0
        self._failure: Exception | None = None

    def reset(self, **columns: Any) -> str | None:
        """Begin the episode of a row.

        Args:
            columns: the row's.

        Returns:
            The first observation, which TRL adds to the prompt; None where the prompt has it.

        Raises:
            ValueError, KeyError, TypeError: the row names no problem, or another environment.
        """
        self._lent.close()
        self._env, self._reward, self._failure = None, 0.0, None
        episode = begun(self._row(columns), allow_unsafe=self._allow_unsafe)
        self._env, observation, _ = self._lent.enter_context(episode)
        prompt: Any = columns.get("prompt")
        if isinstance(prompt, str):
            raise TypeError(
                "tools are called in conversations, and this prompt is a plain text: make the data "
                "set with to_dataset(rows)"
            )
        is_told = bool(prompt) and _content_of(prompt[-1]).endswith(observation)
        return None if is_told else observation

    def act(self, action: str) -> str:
        """Take a turn in the environment, and read what comes of it.

        Args:
            action: What to do: one command, or a whole answer, written as the task asks for it.

        Returns:
            What the environment says.
        """
        if not isinstance(action, str):
            raise TypeError(f"action must be a text, got {action!r:.80}")
        if self._env is None:
            return "The episode is over: nothing more counts."
        try:
            observation, reward, terminated, truncated, _ = self._env.step(action)
        except Exception as error:  # TRL tells it to the model and goes on: see get_reward
            self._failure = error
            raise
        self._failure = None
        self._reward += float(reward)
        if terminated or truncated:
            self._env = None
            self._lent.close()
            observation += "\nThe episode is over."
        return observation

    def get_reward(self) -> float | None:
        """What the episode paid so far; None where a sandbox failed to judge the last turn.

        What TRL does with None: see :func:`environment_reward`.

        Raises:
            Exception: whatever else the environment failed with, so that training ends with it.
        """
        if self._failure is None:
            return self._reward
        if isinstance(self._failure, SandboxFailure):
            return None
        raise self._failure

    def _row(self, columns: Mapping[str, Any]) -> Row:
        """The four entries that name a problem."""
        row = {name: columns[name] for name in _COLUMNS if name in columns}
        if "kwargs" in row:
            row["kwargs"] = _arguments_of(row["kwargs"])
        if self._id is not None:
            own = {"id": self._id, "kwargs": self._kwargs}
            for name, value in own.items():
                if value and row.get(name, value) != value:
                    raise ValueError(
                        f"environment_factory was given {value!r}, and a row has {name} "
                        f"{row[name]!r}: leave the factory's arguments out, and each row is played "
                        "in its own environment"
                    )
            row = {**own, "problem_id": None, **row}
        _check_columns(row)
        return row


# Data sets that are not as they should be.


def _check_columns(columns: Mapping[str, Any]) -> None:
    missing = [name for name in _COLUMNS if name not in columns]
    if missing:
        raise KeyError(
            f"the data set has no column {', '.join(missing)}, and so does not say which problem "
            "an answer is to: pass train_dataset=to_dataset(rows(...))"
        )


def _arguments_of(kwargs: Any) -> dict[str, Any]:
    """The arguments in a column ``kwargs``; a nested one has the entries of other rows, too."""
    arguments: dict[str, Any] = json.loads(kwargs) if isinstance(kwargs, str) else kwargs
    if not isinstance(kwargs, str) and None in arguments.values():
        raise ValueError(
            f"the column kwargs says {arguments}, and whether a None was given or is what a table "
            "writes for nothing cannot be seen: make the data set with to_dataset(rows)"
        )
    return arguments
