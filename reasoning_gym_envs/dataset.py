r"""A data set is seeds, and the environment is the verifier: rows, and the score of a response.

>>> row = rows("MathBoxed-v0", 1, level=2, topics="integer_arithmetic", seed=3)[0]
>>> print(row["prompt"].partition("\n")[0])
Compute $21 + 83$.
>>> score(row, r"20+80=100, 1+3=4: \boxed{104}"), score(row, r"\boxed{21 + 83}")
(1.0, 0.0)
"""

from __future__ import annotations

import itertools
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Literal, TypeAlias, overload

import gymnasium as gym

from reasoning_gym_envs.answers.forms import FORMS
from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.problems import Problem
from reasoning_gym_envs.registry import ENVIRONMENTS
from reasoning_gym_envs.sandbox.submission import SandboxFailure
from reasoning_gym_envs.seeds import Drawn, PoolTooSmall, derive_seed, distinct_episodes
from reasoning_gym_envs.text_env import TextEnv

Row: TypeAlias = dict[str, Any]
"""One problem, as JSON can write it: see :func:`rows`."""
Message: TypeAlias = dict[str, str]
"""``{"role": "user", "content": "..."}``."""
Agent: TypeAlias = Callable[[list[Message]], str]
"""Answers the conversation so far, whose last message is what the environment said."""

_NAMES = ("id", "kwargs", "seed", "problem_id")  # what score needs of a row
_REVEALED = ("answer", "form", "solution")
_BOXED = ("boxed", *FORMS)
_KINDS_KEPT = 64  # of environments: ids with arguments
_PROBLEMS_KEPT = 1024


def rows(
    id: str,
    count: int,
    *,
    unique: bool = True,
    seed: int = 0,
    reveal: bool = False,
    style: str = "terse",
    **kwargs: Any,
) -> list[Row]:
    """Problems of an environment, as rows of a data set.

    A row is a seed: ``gym.make(row["id"], **row["kwargs"]).reset(seed=row["seed"])`` begins its
    episode, on every machine, so that :func:`score` needs nothing else. It is a dict of what JSON
    can write: ``prompt`` (the first observation), ``messages`` (the same as a conversation),
    ``id``, ``kwargs``, ``seed``, ``problem_id``, ``level``; and with ``reveal`` ``solution`` (the
    actions that solve it) and, where that is a single answer, ``answer`` and ``form`` (see
    :meth:`~reasoning_gym_envs.TextEnv.reset`). Nothing else in it gives the answer away.

    It is a list and no iterator: a pool that is too small is found before the first row is used,
    and what a data set is for needs its length, its order and more than one pass.

    Args:
        id: the environment's.
        count: how many rows.
        unique: every row another problem. Otherwise problems come as often as they are drawn: as
            an agent meets them in training.
        seed: where the rows' seeds are derived from; different seeds share none. The first rows
            are the same whatever ``count`` is.
        reveal: add the reference to each row.
        style: how solutions tell their derivations: "terse"; or in "words", in sentences, where
            there are derivations to tell (MathBoxed, CodeOutput, EquationSteps).
        kwargs: arguments of ``gymnasium.make``, such as ``level=3, split="test"``.

    Raises:
        PoolTooSmall: there are fewer different problems, with how many there seem to be.
        TypeError: an argument that JSON cannot write; or the environment is none of this package.
        ValueError: ``count`` is less than 1, or an argument that the environment refuses.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"count must be a whole number of 1 or more, got {count!r}")
    if style != "terse" and not reveal:
        raise ValueError("style is one of solutions, which rows have with reveal=True")
    if any(isinstance(problems, (list, tuple)) for problems in given("problems", kwargs)):
        raise TypeError(
            "problems= as a list would write all of its answers into each row: give the path of "
            "a .jsonl file"
        )
    arguments = _as_json(kwargs)
    options = {"reveal": True} if reveal else None
    made: list[Row] = []
    with _environments.lent(id.rpartition(":")[2], arguments) as env:
        draw = distinct_episodes if unique else _all_episodes
        try:
            for drawn in itertools.islice(draw(env, seed, options=options), count):
                row = _row(env, arguments, drawn)
                if style != "terse":
                    inner = env.unwrapped
                    assert isinstance(inner, TextEnv)
                    row["solution"] = inner.solution(style)
                made.append(row)
        except PoolTooSmall as error:
            raise PoolTooSmall(
                f"{count:,} rows cannot all be different: {error}; with unique=False problems "
                "come more than once"
            ) from None
    return made


def score(row: Mapping[str, Any], response: str, *, allow_unsafe: bool = False) -> float:
    r"""What the environment pays for a response to a row's problem: its reward.

    The response is whole, as the model wrote it. It is the action of the one turn that most ids
    have; where there are more, it is the first, and what is paid is what that turn pays. Ids that
    are walked by commands (and equations step by step) take a response that is a plan: the lines
    after ``</think>`` are given one after the other until the episode ends, and what they pay is
    added up. An agent that sees what comes of each turn is played by :func:`play_row`.

    Args:
        row: of :func:`rows`, or its ``id``, ``kwargs``, ``seed`` and ``problem_id`` alone;
            ``kwargs`` may be a text of JSON, as in tables.
        response: any text.
        allow_unsafe: let responses run as code without a container where the row's ``kwargs`` say
            so: ``sandbox="process-unsafe"``, or a task of ReasoningGym whose scorer evaluates
            answers. A row may come from anybody's file, and must not decide that alone.

    Raises:
        SandboxFailure: a program could not be judged, for no fault of its own; try again. It is
            never paid as a wrong answer.
        ValueError, KeyError, TypeError: what was given is no row, or names no problem of this
            version, or asks for less isolation than was allowed.
    """
    return score_many([row], [response], allow_unsafe=allow_unsafe)[0]


@overload
def score_many(
    rows: Sequence[Mapping[str, Any]],
    responses: Sequence[str],
    *,
    workers: int | None = None,
    allow_unsafe: bool = False,
    allow_failures: Literal[False] = False,
) -> list[float]: ...


@overload
def score_many(
    rows: Sequence[Mapping[str, Any]],
    responses: Sequence[str],
    *,
    workers: int | None = None,
    allow_unsafe: bool = False,
    allow_failures: bool,
) -> list[float | None]: ...


def score_many(
    rows: Sequence[Mapping[str, Any]],
    responses: Sequence[str],
    *,
    workers: int | None = None,
    allow_unsafe: bool = False,
    allow_failures: bool = False,
) -> list[float] | list[float | None]:
    """The scores of responses, each to the row at its place; see :func:`score`.

    Environments and problems are kept between calls, and several threads may call at once.

    Args:
        rows: may have the same row several times, as a group of samples does.
        responses: as many.
        workers: threads. None: one, or where programs run in a sandbox as many as it has places.
        allow_unsafe: see :func:`score`; no response is tried before all rows have been looked at.
        allow_failures: give None for a response that a sandbox failed to judge, beside the scores
            of the others. Otherwise one failure raises :class:`SandboxFailure`.

    Raises:
        ValueError: not as many responses as rows; or as :func:`score`.
        SandboxFailure, KeyError, TypeError: as :func:`score`; no score is given then.
    """
    if len(rows) != len(responses):
        raise ValueError(f"{len(rows)} rows and {len(responses)} responses: give one for each")
    if workers is not None and workers < 1:
        raise ValueError(f"workers must be 1 or more, or None, got {workers}")
    for response in responses:
        if not isinstance(response, str):
            raise TypeError(f"a response is a str, got {type(response).__name__}: {response!r:.80}")
    for row in rows:
        _check_isolation(row, allow_unsafe)
    if workers is None:
        in_sandbox = any(_needs_sandbox(row) for row in rows)
        workers = max(4, 2 * (os.cpu_count() or 1)) if in_sandbox else 1
    workers = min(workers, len(rows))
    judge = _score_if_judged if allow_failures else _score
    if workers <= 1:
        return list(map(judge, rows, responses))
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(judge, rows, responses))


def play_row(row: Mapping[str, Any], agent: Agent, *, allow_unsafe: bool = False) -> dict[str, Any]:
    r"""Play a row's problem, turn by turn, with an agent that reads a conversation.

    The conversation begins with the row's ``messages``, so that a system message put in front of
    them is there. After each answer of the agent (``assistant``) comes what the environment says
    to it (``user``), to its last word. So a language model is an agent in one line, and so is what
    only reads the last observation::

        def model(messages):
            return client.chat.completions.create(model=..., messages=messages).choices[0]...

        def reader(messages):
            return answer_to(messages[-1]["content"])

    Args:
        row: of :func:`rows`.
        agent: is given the conversation, a list of its own, and returns an action.
        allow_unsafe: see :func:`score`.

    Returns:
        The record, as JSON can write it: ``id``, ``kwargs``, ``seed``, ``problem_id``, ``level``;
        ``messages``, the whole conversation; ``rewards``, one for each turn, and ``reward``, their
        sum; ``is_success``, ``terminated`` and ``truncated``.

    Raises:
        TypeError: the agent returned no text. What the agent and a sandbox raise goes through.
        ValueError, KeyError: as :func:`score`.

    >>> row, = rows("TowerOfHanoi-v0", 1, level=2, reveal=True)
    >>> plan = iter(row["solution"])
    >>> record = play_row(row, lambda messages: next(plan))
    >>> record["is_success"], len(record["rewards"]) == len(row["solution"])
    (True, True)
    """
    with begun(row, allow_unsafe=allow_unsafe) as (env, observation, info):
        given = row.get("messages") or [{"role": "user", "content": observation}]
        messages = [dict(message) for message in given]
        rewards: list[float] = []
        terminated = truncated = False
        while not (terminated or truncated):
            action = agent([dict(message) for message in messages])
            observation, reward, terminated, truncated, step_info = env.step(action)
            messages.append({"role": "assistant", "content": action})
            messages.append({"role": "user", "content": observation})
            rewards.append(float(reward))
        return {
            "id": row["id"],
            "kwargs": json.loads(_arguments_of(row)),
            "seed": int(row["seed"]),
            "problem_id": row["problem_id"],
            "level": info["level"],
            "messages": messages,
            "rewards": rewards,
            "reward": sum(rewards),
            "is_success": bool(step_info.get("is_success", False)),
            "terminated": bool(terminated),
            "truncated": bool(truncated),
        }


@contextmanager
def begun(
    row: Mapping[str, Any], *, allow_unsafe: bool = False
) -> Iterator[tuple[gym.Env[str, str], str, dict[str, Any]]]:
    """An environment in which a row's episode has begun, its first observation and ``info``.

    For what takes the turns itself; where a function can take them, :func:`play_row` is shorter.
    The environment is the caller's alone until the context ends, and then serves another row.

    Args:
        row: of :func:`rows`. A ``problem_id`` of None is that of whatever problem the seed gives.
        allow_unsafe: see :func:`score`.

    Raises:
        ValueError, KeyError, TypeError: as :func:`score`.

    >>> row, = rows("TowerOfHanoi-v0", 1, level=2)
    >>> with begun(row) as (env, observation, info):
    ...     assert observation == row["prompt"]
    ...     observation, reward, terminated, truncated, info = env.step("A to C")
    """
    _check_isolation(row, allow_unsafe)
    with _begun(row) as episode:
        yield episode


def write_answer(answer: str, form: str) -> str:
    r"""The response that gives an answer in a form, as a row's ``answer`` and ``form`` say.

    >>> print(write_answer("3/4", "reduced"), write_answer("x = 2", "text"))
    \boxed{3/4} x = 2
    >>> write_answer("17", "fenced")
    '```\n17\n```'

    Raises:
        ValueError: there is no such form.
    """
    if form == "text":
        return answer
    if form == "fenced":
        fence = "```"
        while fence in answer:
            fence += "`"
        return f"{fence}\n{answer}\n{fence}"
    if form in _BOXED:
        return f"\\boxed{{{answer}}}"
    raise ValueError(unknown("form", form, ("text", "fenced", *_BOXED)))


# Rows.


def _all_episodes(
    env: gym.Env[str, str], seed: int, *, options: dict[str, Any] | None
) -> Iterator[Drawn]:
    """Episodes from the same seeds as distinct ones, whatever their problems."""
    for number in itertools.count():
        derived = derive_seed(seed, number)
        yield Drawn(derived, *env.reset(seed=derived, options=options))


def _row(env: gym.Env[str, str], arguments: str, drawn: Drawn) -> Row:
    assert env.spec is not None
    info = drawn.info
    row = {
        "prompt": drawn.observation,
        "messages": [{"role": "user", "content": drawn.observation}],
        "id": env.spec.id,
        "kwargs": json.loads(arguments),
        "seed": drawn.seed,
        "problem_id": info["problem_id"],
        "level": info["level"],
    }
    return row | {name: info[name] for name in _REVEALED if name in info}


def _as_json(kwargs: Mapping[str, Any]) -> str:
    """Arguments of an environment as JSON; the same arguments, the same text."""
    for name, value in kwargs.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"{name}= must be something that JSON can write, so that a row says what its "
                f"environment is: a name, a path as a str, a mapping of fields; got "
                f"{value!r:.80} ({error})"
            ) from None
    return json.dumps(kwargs, sort_keys=True)


def _arguments_of(row: Mapping[str, Any]) -> str:
    """The arguments of a row's environment, as :func:`_as_json` writes them."""
    missing = [name for name in _NAMES if name not in row]
    if missing:
        raise KeyError(f"a row has {', '.join(_NAMES)}; this one has no {', '.join(missing)}")
    kwargs = row["kwargs"]
    if isinstance(kwargs, str):
        kwargs = json.loads(kwargs)
    if not isinstance(row["id"], str):
        raise TypeError(f"a row's id is a str, got {row['id']!r:.80}")
    if not isinstance(kwargs, Mapping):
        raise TypeError(f"a row's kwargs are a mapping or a text of JSON, got {kwargs!r:.80}")
    return _as_json(kwargs)


def _check_isolation(row: Mapping[str, Any], allow_unsafe: bool) -> None:
    """Refuse a row with which the text of a response would run as code in less than a container.

    Raises:
        ValueError: it asks for that, and the caller has not allowed it.
    """
    if allow_unsafe:
        return
    arguments = json.loads(_arguments_of(row))
    if unsafe := unsafe_argument(row["id"], arguments):
        raise ValueError(
            f"this row asks for {unsafe}: responses would run as code that no container "
            "isolates, with your rights. A row may come from anybody's file and cannot decide "
            "that: pass allow_unsafe=True if you trust the responses, or take rows without it"
        )


def unsafe_argument(id: str, arguments: Mapping[str, Any]) -> str | None:
    """The argument with which an agent's text would run as code in less than a container.

    >>> unsafe_argument("CodeFunction-v0", {"level": 2, "sandbox": "process-unsafe"})
    "sandbox='process-unsafe'"
    """
    for name in given("sandbox", arguments):
        if name != "docker":
            return f"sandbox={name!r}"
    if "ReasoningGym-v0" in ids_of(id, arguments):
        from reasoning_gym_envs.integrations.reasoning_gym.tasks import EVALUATES_TEXT

        for task in given("task", arguments):
            for name in task if isinstance(task, (list, tuple)) else [task]:
                if isinstance(name, str) and name in EVALUATES_TEXT:
                    return f"task={name!r}"
    return None


def ids_of(id: str, arguments: Mapping[str, Any]) -> set[str]:
    """The id of an environment, and those that it mixes."""
    mixed = given("ids", arguments)
    lists = [ids for ids in mixed if isinstance(ids, (list, tuple, Mapping))]
    return {id, *(name for ids in lists for name in ids if isinstance(name, str))}


def given(argument: str, value: Any) -> Iterator[Any]:
    """What is given for an argument, for environments inside an environment as well."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == argument:
                yield inner
            else:
                yield from given(argument, inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from given(argument, inner)


# Playing.


def _score_if_judged(row: Mapping[str, Any], response: str) -> float | None:
    try:
        return _score(row, response)
    except SandboxFailure:
        return None


def _score(row: Mapping[str, Any], response: str) -> float:
    with _begun(row) as (env, _, _):
        total = 0.0
        inner = env.unwrapped
        assert isinstance(inner, TextEnv)
        for action in inner.actions_of(response):
            _, reward, terminated, truncated, _ = env.step(action)
            total += float(reward)
            if terminated or truncated:
                break
        return total


def _needs_sandbox(row: Mapping[str, Any]) -> bool:
    """Whether its responses may be programs: those of a mixture too."""
    arguments = json.loads(_arguments_of(row))
    ids = ids_of(row["id"], arguments)
    return any(id in ENVIRONMENTS and ENVIRONMENTS[id].needs == "code" for id in ids)


@contextmanager
def _begun(
    row: Mapping[str, Any],
) -> Iterator[tuple[gym.Env[str, str], str, dict[str, Any]]]:
    """:func:`begun`, of a row whose isolation has been looked at."""
    arguments = _arguments_of(row)
    id, seed = row["id"], int(row["seed"])
    problem = _problem(id, arguments, seed)
    if row["problem_id"] not in (None, problem.id):
        raise ValueError(
            f"seed {seed} of {id} with {arguments} is the problem {problem.id} here and not the "
            f"row's {row['problem_id']!r}: the row was made by another version of the package, or "
            "a file of problems has changed. Make the rows anew"
        )
    with _environments.lent(id, arguments) as env:
        # The problem is given: to draw it anew costs more than most responses do.
        observation, info = env.reset(seed=seed, options={"problem": problem})
        yield env, observation, info


@lru_cache(_PROBLEMS_KEPT)
def _problem(id: str, arguments: str, seed: int) -> Problem:
    """The first problem of a seed."""
    with _environments.lent(id, arguments) as env:
        env.reset(seed=seed)
        inner = env.unwrapped
        assert isinstance(inner, TextEnv)
        return inner.snapshot().episode.problem


class _Environments:
    """Environments that are kept for the next call, each lent to one caller at a time."""

    def __init__(self) -> None:
        # One that the same thread may take again: where an environment was never given back, its
        # context ends whenever the collector of garbage finds it, and that may be in here.
        self._lock = threading.RLock()
        self._kinds_kept = _KINDS_KEPT  # at the end of Python there are no globals any more
        self._idle: OrderedDict[tuple[str, str], list[gym.Env[str, str]]] = OrderedDict()

    @contextmanager
    def lent(self, id: str, arguments: str) -> Iterator[gym.Env[str, str]]:
        """An environment with these arguments, which nobody else has for so long."""
        key = (id, arguments)
        with self._lock:
            idle = self._idle.get(key)
            env = idle.pop() if idle else None
        if env is None:
            env = _make(id, json.loads(arguments))
        try:
            yield env
        finally:
            with self._lock:
                self._idle.setdefault(key, []).append(env)
                self._idle.move_to_end(key)
                if len(self._idle) > self._kinds_kept:
                    self._idle.popitem(last=False)


_environments = _Environments()


def _make(id: str, kwargs: dict[str, Any]) -> gym.Env[str, str]:
    if id not in gym.registry:  # gymnasium.make would import what stands before a colon
        raise ValueError(unknown("environment", id, ENVIRONMENTS))
    env = gym.make(id, disable_env_checker=True, **kwargs)
    if not isinstance(env.unwrapped, TextEnv):
        raise TypeError(f"{id} is no text environment: rows are made of a TextEnv alone")
    return env
