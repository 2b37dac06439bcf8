r"""verifiers: every environment as a taskset that is played turn by turn, and scored by itself.

On the command line::

    vf-eval reasoning-gym-envs-verifiers --env.taskset.environment MathBoxed-v0 \
        --env.taskset.level 2 --env.taskset.count 100 \
        --client.base-url http://localhost:8000/v1 --model MODEL --no-push

In Python::

    env = load_environment("MathBoxed-v0", level=2, count=100)
    client = vf.EvalClientConfig(base_url="http://localhost:8000/v1")
    context = vf.ModelContext(client=client, model="MODEL")
    async with env.serving():
        episodes = [await env.run_episode(task, context) for task in env.taskset]

A task is a row of :func:`reasoning_gym_envs.rows`. Its reward is what the environment pays for the
model's replies, over all turns; a sandbox that fails is an error of the episode and no reward.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from functools import cache
from typing import Any, Literal, TypeVar

import gymnasium as gym

from reasoning_gym_envs.dataset import Row, begun, rows

try:
    import openai
    import verifiers.v1 as vf
    from pydantic import Field, model_validator
    from verifiers.v1.dialects.chat import message_to_wire
except ImportError as error:
    raise ImportError(
        "this needs verifiers 0.4 or newer, and Python 3.11 or newer: "
        "pip install 'reasoning-gym-envs[verifiers]'"
    ) from error

_PLUGIN = "reasoning_gym_envs_verifiers"  # the module that verifiers imports by this name
_NAMES = ("id", "kwargs", "seed", "problem_id")  # of a row: what its episode needs
T = TypeVar("T")


def load_environment(
    id: str,
    *,
    count: int = 100,
    unique: bool = True,
    seed: int = 0,
    level: int | tuple[int, int] | None = None,
    split: Literal["train", "test"] = "train",
    allow_unsafe: bool = False,
    **kwargs: Any,
) -> ReasoningEnv:
    """An environment of verifiers, whose ``taskset`` has ``count`` problems of an id.

    Args:
        id: of an environment of this package, such as ``"TextMaze-v0"``.
        count: how many tasks.
        unique: see :func:`reasoning_gym_envs.rows`.
        seed: the same seed, the same tasks.
        level: None is the environment's own default.
        split: where the problems are drawn from.
        allow_unsafe: see :func:`reasoning_gym_envs.score`.
        kwargs: further arguments of ``gymnasium.make``.

    Raises:
        ValueError: no such environment, or an argument that it refuses.
    """
    taskset = ReasoningTasksetConfig(
        id=_PLUGIN,
        environment=id,
        count=count,
        unique=unique,
        seed=seed,
        level=level,
        split=split,
        kwargs=kwargs,
        task=ReasoningTaskConfig(allow_unsafe=allow_unsafe),
    )
    return ReasoningEnv(ReasoningEnvConfig(taskset=taskset))


# Tasks: what is asked, and what a reply is worth.


class ReasoningTaskConfig(vf.TaskConfig):
    """How replies are scored."""

    allow_unsafe: bool = False
    """Let programs in replies run without containers where `kwargs` say so."""


class ReasoningTasksetConfig(vf.TasksetConfig):
    """Which problems: the arguments of :func:`load_environment`, as ``--env.taskset.NAME``."""

    environment: str = ""
    """Id of the environment, such as MathBoxed-v0; `reasoning-gym-envs list` shows them."""
    level: int | tuple[int, int] | None = None
    """Difficulty from 1 to 10, or the lowest and the highest (in a file, or as `kwargs`)."""
    split: Literal["train", "test"] = "train"
    """Where the problems are drawn from; the two never overlap."""
    count: int = Field(100, ge=1)
    """How many tasks."""
    unique: bool = True
    """Every task another problem."""
    seed: int = 0
    """Where the seeds of the tasks are derived from."""
    kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further arguments of the environment, such as --env.taskset.kwargs.reward dense."""
    task: ReasoningTaskConfig = ReasoningTaskConfig()

    @model_validator(mode="after")
    def _draws(self) -> ReasoningTasksetConfig:
        """Refuse what no problem can be drawn with while the command line is read."""
        if self.environment:
            try:
                self.rows(1)
            except (TypeError, gym.error.Error) as error:
                raise ValueError(str(error)) from None
        return self

    def rows(self, count: int) -> list[Row]:
        """The first problems."""
        level: dict[str, Any] = {} if self.level is None else {"level": self.level}
        return rows(
            self.environment,
            count,
            unique=self.unique,
            seed=self.seed,
            split=self.split,
            **level,
            **self.kwargs,
        )


class ReasoningData(vf.TaskData):
    """A problem: its first observation is the ``prompt``."""

    row: dict[str, Any]
    """Names the episode: ``id``, ``kwargs``, ``seed``, ``problem_id``."""


class Played(vf.State):
    """What an episode has come to."""

    turns: int = 0
    reward: float = 0.0
    reward_terms: dict[str, float] = Field(default_factory=dict)
    is_success: bool = False
    is_over: bool = False

    def add(self, step: tuple[str, Any, bool, bool, dict[str, Any]]) -> str:
        """Count a step of the environment; returns its observation."""
        observation, reward, terminated, truncated, info = step
        self.turns += 1
        self.reward += float(reward)
        for name, paid in info["reward_terms"].items():
            self.reward_terms[name] = self.reward_terms.get(name, 0.0) + float(paid)
        self.is_success = bool(info.get("is_success", False))
        self.is_over = terminated or truncated
        return observation


class ReasoningTask(vf.Task[ReasoningData, Played, ReasoningTaskConfig]):
    """One problem, and the score of a conversation about it."""

    def begun(self) -> AbstractContextManager[tuple[gym.Env[str, str], str, dict[str, Any]]]:
        """The environment with the problem in it; see :func:`reasoning_gym_envs.dataset.begun`."""
        return begun(self.data.row, allow_unsafe=self.config.allow_unsafe)

    @vf.reward
    async def reward(self, trace: vf.Trace) -> float:
        """What the environment paid, summed over all turns."""
        return (await self._played(trace)).reward

    @vf.metric
    async def outcome(self, trace: vf.Trace) -> dict[str, float]:
        """``success`` (0 or 1), ``turns``, and ``reward_NAME`` for each term of the reward."""
        played = await self._played(trace)
        terms = {f"reward_{name}": paid for name, paid in played.reward_terms.items()}
        return {"success": float(played.is_success), "turns": float(played.turns), **terms}

    async def validate(self, runtime: vf.Runtime) -> bool:
        """Whether the reference solution is paid as a success (``vf-validate``)."""

        def solve() -> bool:
            played = Played()
            with self.begun() as (env, _, _):
                for action in env.get_wrapper_attr("solution")():
                    played.add(env.step(action))
            return played.is_success

        return await asyncio.to_thread(solve)

    async def _played(self, trace: vf.Trace) -> Played:
        """What was played; where :class:`ReasoningEnv` has not, what the replies come to."""
        if isinstance(trace.state, Played) and trace.state.turns:
            return trace.state

        def play() -> Played:
            played = Played(artifacts=trace.state.artifacts)
            with self.begun() as (env, _, _):
                for reply in _replies(trace.assistant_messages):
                    if not played.is_over:
                        played.add(env.step(reply))
            return played

        trace.state = played = await asyncio.to_thread(play)
        return played


class ReasoningTaskset(vf.Taskset[ReasoningTask, ReasoningTasksetConfig]):
    """Problems of an environment; the same configuration, the same problems."""

    def load(self) -> Iterator[ReasoningTask]:
        """Yield the tasks.

        Raises:
            ValueError: no environment was named.
            PoolTooSmall: there are fewer different problems than ``count``.
        """
        if not self.config.environment:
            raise ValueError(
                "say which environment: --env.taskset.environment MathBoxed-v0, or one of those "
                "that `reasoning-gym-envs list` shows"
            )
        for row in self.config.rows(self.config.count):
            data = ReasoningData(
                id=row["problem_id"],
                name=f"{row['id']}, level {row['level']}, seed {row['seed']}",
                prompt=row["prompt"],
                row={name: row[name] for name in _NAMES},
            )
            yield ReasoningTask(data, self.config.task)


# Playing: the environment is the user of the conversation.


class ReasoningEnvConfig(vf.SingleAgentEnvConfig):
    """No model runs programs here, so that no remote machine is rented for it."""

    agent: vf.AgentConfig = vf.AgentConfig(runtime=vf.SubprocessConfig())


class ReasoningEnv(vf.SingleAgentEnv, vf.Env[ReasoningEnvConfig]):
    """Plays a task in one conversation: a reply is an action, the observation the next question."""

    async def run(self, task: ReasoningTask, agents: vf.Agents) -> None:
        """Take turns until the episode ends, or the agent is stopped (``max_turns``, tokens)."""
        with ExitStack() as stack:
            env, _, _ = await _in_thread(stack.enter_context, task.begun())
            async with agents.agent.interaction(task) as interaction:
                played: Played = interaction.trace.state
                segment = await interaction.turn()
                while not segment.terminated:
                    (reply,) = _replies(segment.messages)[-1:] or [""]
                    observation = played.add(await _in_thread(env.step, reply))
                    if played.is_over:
                        break
                    segment = await interaction.turn(observation)


class ChatHarness(vf.Harness[vf.HarnessConfig]):
    """Asks the model for one reply, from this process.

    verifiers' own ``null`` does it in a process for each turn, and first has uv install packages.
    """

    APPENDS_SYSTEM_PROMPT = True
    SUPPORTS_RESUME = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False

    async def launch(
        self,
        ctx: vf.ModelContext,
        trace: vf.Trace,
        runtime: vf.Runtime,
        endpoint: str,
        secret: str,
        mcp_urls: dict[str, str],
        data: vf.TaskData,
    ) -> vf.ProgramResult:
        """Send the conversation to verifiers' server, which asks the model and keeps the reply."""
        system, prompt = self.resolve_prompt(data)
        messages: list[Any] = [{"role": "system", "content": system}] if system else []
        if isinstance(prompt, str):
            messages.append({"role": "user", "content": prompt})
        else:
            messages += map(message_to_wire, prompt or ())
        http = openai.DefaultAsyncHttpxClient(verify=_certificates())
        async with openai.AsyncOpenAI(
            base_url=endpoint, api_key=secret, timeout=None, http_client=http
        ) as client:
            await client.chat.completions.create(model=ctx.model, messages=messages)
        return vf.ProgramResult(exit_code=0, stdout="", stderr="")


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than all else in a turn."""
    return ssl.create_default_context()


def _replies(messages: Iterable[vf.Message]) -> list[str]:
    """What the model said to the environment: neither its reasoning, nor calls of tools."""
    return [
        message.content or ""
        for message in messages
        if message.role == "assistant" and not message.tool_calls
    ]


async def _in_thread(function: Callable[..., T], *args: Any) -> T:
    """As ``asyncio.to_thread``; but who is cancelled waits for the thread.

    An environment that is still at work must not be lent to the next episode.
    """
    thread = asyncio.ensure_future(asyncio.to_thread(function, *args))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        while not thread.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([thread])
        raise
