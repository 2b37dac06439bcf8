"""Inspect: every environment as a task of ``inspect eval``, and its verifier as the scorer.

On the command line, where the package is installed with its extra::

    inspect eval reasoning_gym_envs/MathBoxed-v0 -T level=2 --model openai/MODEL
    inspect eval reasoning_gym_envs/reasoning -T id=TextMaze-v0 -T count=50 --model openai/MODEL
    inspect view

In Python, ``inspect_ai.eval(reasoning("MathBoxed-v0", level=2), model="openai/MODEL")``.

A sample is a row of :func:`reasoning_gym_envs.rows`. A reply of the model is an action, and what
the environment says to it is the next message of the user, until the episode ends or Inspect stops
the sample (``--message-limit``, ``--token-limit``). The score is what the environment says of the
replies: ``success``, and ``reward``, summed over all turns. A sandbox that fails is an error of the
sample (``--retry-on-error`` tries again), and never a wrong answer.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import gymnasium as gym

from reasoning_gym_envs.answers import extract_answer
from reasoning_gym_envs.dataset import Row, begun, rows, unsafe_argument
from reasoning_gym_envs.registry import ENVIRONMENTS

try:
    from anyio.to_thread import run_sync
    from inspect_ai import Task, task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageAssistant, ChatMessageUser
    from inspect_ai.scorer import Score, Scorer, Target, accuracy, mean, scorer, stderr
    from inspect_ai.solver import Generate, Solver, TaskState, solver
except ImportError as error:
    raise ImportError(
        "this needs Inspect 0.3.285 or newer: pip install 'reasoning-gym-envs[inspect]'"
    ) from error

_NAMES = ("id", "kwargs", "seed", "problem_id", "level")  # of a row: a sample's metadata


# Tasks.


@task
def reasoning(
    id: str,
    level: int | list[int] = 3,
    split: str = "test",
    count: int = 100,
    seed: int = 0,
    **kwargs: Any,
) -> Task:
    """Different problems of an environment; ``reasoning_gym_envs/ID`` is the same for each id.

    Args:
        id: of the environment, such as MathBoxed-v0; ``reasoning-gym-envs list`` shows them.
        level: difficulty from 1 to 10, or the lowest and the highest: ``-T 'level=[1, 5]'``.
        split: "test", or "train".
        count: how many problems.
        seed: the same seed, the same problems; the first are the same whatever ``count`` is.
        kwargs: further arguments of the environment, such as ``-T reward=dense``.

    Raises:
        ValueError: no such environment, an argument that it refuses or with which replies would
            run as code without a container, or fewer different problems than ``count`` (see
            :func:`reasoning_gym_envs.rows`).
    """
    return _task(id, level=level, split=split, count=count, seed=seed, **kwargs)


def _register(id: str) -> None:
    """Register the task of one id."""

    @task(name=id)
    def of_one_id(
        level: int | list[int] = 3,
        split: str = "test",
        count: int = 100,
        seed: int = 0,
        **kwargs: Any,
    ) -> Task:
        return _task(id, level=level, split=split, count=count, seed=seed, **kwargs)


for _id in ENVIRONMENTS:
    _register(_id)


def _task(id: str, *, count: int, level: int | list[int], **arguments: Any) -> Task:
    if unsafe := unsafe_argument(id, arguments):
        raise ValueError(
            f"{unsafe}: replies would run as code that no container isolates, and a task of "
            "Inspect has no way to allow that; leave it out"
        )
    made = rows(id, count, reveal=True, level=level, **arguments)
    return Task(
        dataset=MemoryDataset([_sample(row) for row in made], name=id),
        solver=play(),
        scorer=verdict(),
        display_name=f"{id}, level {level}",
    )


def _sample(row: Row) -> Sample:
    return Sample(
        id=row["problem_id"],
        input=row["prompt"],
        target=row.get("answer", "\n".join(row["solution"])),
        metadata={name: row[name] for name in _NAMES},
    )


# Playing.


@solver
def play() -> Solver:
    """Takes turns with the environment; where there is one turn, the same as ``generate()``."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        with ExitStack() as stack:
            env, _, _ = await run_sync(stack.enter_context, begun(state.metadata))
            for turns_left in reversed(range(_turn_limit(env))):
                state = await generate(state)
                if not turns_left or state.completed:
                    break  # the last reply is for the scorer alone
                observation, _, terminated, truncated, _ = await run_sync(
                    env.step, state.output.completion
                )
                if terminated or truncated:
                    break
                state.messages.append(ChatMessageUser(content=observation))
        return state

    return solve


# Scoring.


@scorer(metrics={"success": [accuracy(), stderr()], "reward": [mean(), stderr()]})
def verdict() -> Scorer:
    """What the environment says of the replies, which it is given again from its beginning.

    So a log can be scored anew (``inspect score LOG --scorer reasoning_gym_envs/verdict``), and
    any solver can stand in for :func:`play`: where there is one turn, its output is judged, and
    where there are several, what the model said turn by turn. Programs run in containers alone: a
    log may come from anybody's file, and cannot ask for less.
    """

    async def score(state: TaskState, target: Target) -> Score:
        return await run_sync(_judge, state)

    return score


def _judge(state: TaskState) -> Score:
    with begun(state.metadata) as (env, observation, info):
        replies = [state.output.completion] if _turn_limit(env) == 1 else _replies(state)
        rewards: list[float] = []
        terms: dict[str, float] = {}
        over, is_success, answer = False, False, ""
        for answer in replies:
            observation, reward, terminated, truncated, info = env.step(answer)
            rewards.append(float(reward))
            for name, paid in info["reward_terms"].items():
                terms[name] = terms.get(name, 0.0) + float(paid)
            if over := terminated or truncated:
                is_success = bool(info.get("is_success", False))
                break
    end = "solved" if is_success else "not solved" if over else "stopped before its end"
    return Score(
        value={"success": int(is_success), "reward": sum(rewards)},
        answer=extract_answer(answer) or answer,
        explanation=f"{observation}\n\nThe episode was {end}; turns taken: {len(rewards)}.",
        metadata={"turns": len(rewards), "rewards": rewards, "reward_terms": terms},
    )


def _replies(state: TaskState) -> list[str]:
    """What the model said to the environment: neither examples in a prompt, nor calls of tools."""
    return [
        message.text
        for message in state.messages
        if isinstance(message, ChatMessageAssistant)
        and message.source == "generate"
        and not message.tool_calls
    ]


def _turn_limit(env: gym.Env[str, str]) -> int:
    return int(env.unwrapped.snapshot().episode.turn_limit)  # type: ignore[attr-defined]
