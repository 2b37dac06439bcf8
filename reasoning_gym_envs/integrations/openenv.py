r"""OpenEnv: every environment behind a server, over WebSocket and HTTP, and a typed client.

    reasoning-gym-envs serve TowerOfHanoi-v0 --level 2

serves it; then::

    with ReasoningEnv(base_url="http://127.0.0.1:8000").sync() as env:
        result = env.reset(seed=7)
        while not result.done:
            result = env.step(agent(result.observation.text))

A connection is a session: it has an environment and a seed of its own. The episode of a seed is the
one of ``gym.make("TowerOfHanoi-v0", level=2).reset(seed=7)``.

OpenEnv's HTTP keeps no session: what it takes has to be in one request. So a step may bring the
seed of its episode, which is all that tasks of one turn need::

    curl -d '{"seed": 7, "action": {"text": "\\boxed{12}"}}' \
        -H 'Content-Type: application/json' http://127.0.0.1:8000/step
"""

from __future__ import annotations

import contextlib
import secrets
import socket
from typing import Annotated, Any

import gymnasium as gym

from reasoning_gym_envs import __version__
from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.registry import ENVIRONMENTS, unknown_id
from reasoning_gym_envs.seeds import derive_seed
from reasoning_gym_envs.text_env import LONGEST_ACTION, TextEnv

try:
    import uvicorn
    from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
    from fastapi.responses import JSONResponse
    from openenv.core import EnvClient
    from openenv.core.client_types import StepResult
    from openenv.core.env_server import Action, Environment, Observation, State, create_app
    from openenv.core.env_server.types import EnvironmentMetadata
    from pydantic import BeforeValidator, Field
except ImportError as error:
    raise ImportError(
        "this needs openenv-core 0.3 or newer: pip install 'reasoning-gym-envs[openenv]'"
    ) from error

SESSIONS = 1000
"""How many a server has at once by default; each is a thread and an environment."""
_SECONDS_TO_FINISH = 5  # after Ctrl-C, for a step that still runs


def _as_unicode(text: Any) -> Any:
    """Replace lone surrogates, which JSON can spell but no answer of the server could carry."""
    if not isinstance(text, str):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class ReasoningAction(Action):  # type: ignore[misc]
    """What an agent writes: an answer, or a command."""

    text: Annotated[str, BeforeValidator(_as_unicode), Field(max_length=LONGEST_ACTION)]


class ReasoningObservation(Observation):  # type: ignore[misc]
    """What the environment says, beside ``reward`` and ``done``."""

    text: str
    truncated: bool = False
    """Whether ``done`` means that the turns are used up."""
    info: dict[str, Any] = Field(default_factory=dict)
    """As Gymnasium's: ``level``, ``turn``, ``problem_id``, ``admissible_commands``, ..."""


class ReasoningState(State):  # type: ignore[misc]
    """Which episode a session plays; ``step_count`` is its turn. The answer is not in it."""

    id: str
    seed: int | None = None
    level: int | None = None
    problem_id: str | None = None


class BadRequest(ValueError):
    """What a client asked for cannot be done; the message says what can."""


class ReasoningEnvironment(Environment):  # type: ignore[misc]
    """The environment of one session.

    Args:
        id: of an environment.
        kwargs: arguments of ``gymnasium.make``, such as ``level=3, split="test"``.

    Raises:
        ValueError, TypeError: there is no such environment, or an argument that it refuses.
    """

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self, id: str, **kwargs: Any) -> None:
        super().__init__()
        if id not in gym.registry:  # gymnasium.make would import what stands before a colon
            raise ValueError(unknown_id(id))
        self._env = gym.make(id, disable_env_checker=True, **kwargs)
        if not isinstance(self._env.unwrapped, TextEnv):
            raise TypeError(f"{id} is no text environment: only a TextEnv is served")
        self._state = ReasoningState(id=id)

    def reset(
        self,
        seed: int | None = None,
        episode_id: str | None = None,
        level: int | list[int] | None = None,
        **others: Any,
    ) -> ReasoningObservation:
        """Begin an episode.

        Args:
            seed: of the episode. None: it is derived from the last one, or drawn where there is
                none. The state tells it.
            episode_id: a name for it, of at most 255 characters, to be found in the state.
            level: of this episode alone, or ``[low, high]`` to draw from.
            others: are refused.

        Raises:
            BadRequest: an argument is none, or not one that the environment takes.
        """
        for name in others:
            raise BadRequest(unknown("argument", name, ("seed", "episode_id", "level")))
        is_name = isinstance(episode_id, str) and len(episode_id) <= 255
        if episode_id is not None and not is_name:
            raise BadRequest("episode_id must be a text of at most 255 characters")
        if seed is None:
            last = self._state.seed
            seed = secrets.randbits(31) if last is None else derive_seed(last, 1)
        options = None if level is None else {"level": level}
        try:
            text, info = self._env.reset(seed=seed, options=options)
        except (TypeError, ValueError, gym.error.Error) as error:
            raise BadRequest(str(error)) from error
        self._state = ReasoningState(
            id=self._state.id,
            episode_id=_as_unicode(episode_id),
            seed=seed,
            level=info["level"],
            problem_id=info["problem_id"],
        )
        return ReasoningObservation(text=text, info=info)

    def step(
        self,
        action: ReasoningAction,
        timeout_s: float | None = None,
        seed: int | None = None,
        level: int | list[int] | None = None,
        **others: Any,
    ) -> ReasoningObservation:
        """Take a turn.

        Args:
            action: any text.
            timeout_s: OpenEnv's; without effect, as no environment waits for anything.
            seed: begin the episode of this seed with this turn; for HTTP, which keeps no session.
            level: with ``seed``: as that of :meth:`reset`.
            others: are refused, but for OpenEnv's ``request_id``.

        Raises:
            BadRequest: no episode is running, or an argument as in :meth:`reset`.
            SandboxFailure: a program could not be judged; the turn was not taken.
        """
        for name in others:
            if name != "request_id":
                raise BadRequest(unknown("argument", name, ("action", "seed", "level")))
        if seed is not None:
            self.reset(seed, level=level)
        elif level is not None:
            raise BadRequest("a level is given to a reset, or to a step that has a seed")
        try:
            text, reward, terminated, truncated, info = self._env.step(action.text)
        except gym.error.ResetNeeded as error:
            raise BadRequest(
                "no episode is running: reset begins one. HTTP keeps no session: there a step "
                "has a seed, which begins its episode; for more turns use a WebSocket"
            ) from error
        self._state.step_count = info["turn"]
        return ReasoningObservation(
            text=text,
            reward=float(reward),
            done=terminated or truncated,
            truncated=truncated,
            info=info,
        )

    @property
    def state(self) -> ReasoningState:
        """Which episode this is."""
        return self._state

    def get_metadata(self) -> EnvironmentMetadata:
        """What the environment is, for the server's ``/metadata``."""
        entry = ENVIRONMENTS.get(self._state.id)
        return EnvironmentMetadata(
            name=self._state.id,
            description=entry.summary if entry else "a text environment",
            version=__version__,
        )

    def close(self) -> None:
        """Give back what the environment holds."""
        self._env.close()


class ReasoningEnv(EnvClient):  # type: ignore[misc]
    """The client of a session; an action may be its text alone.

    It is asynchronous (``async with``, ``await env.reset(seed=7)``); ``sync()`` gives one for
    plain code. An error of the server is a RuntimeError, and the session goes on.
    """

    def _step_payload(self, action: str | ReasoningAction) -> dict[str, Any]:
        return {"text": action if isinstance(action, str) else action.text}

    def _parse_result(self, payload: dict[str, Any]) -> StepResult:
        reward, done = payload["reward"], payload["done"]
        observation = ReasoningObservation(**payload["observation"], reward=reward, done=done)
        return StepResult(observation, reward, done)

    def _parse_state(self, payload: dict[str, Any]) -> ReasoningState:
        return ReasoningState(**payload)


def make_app(id: str, *, sessions: int = SESSIONS, **kwargs: Any) -> FastAPI:
    """The server of an environment, as an application that uvicorn and others run.

    Args:
        id: of the environment.
        sessions: how many there may be at once; who comes after is told so.
        kwargs: arguments of ``gymnasium.make``, for every session.

    Raises:
        ValueError, TypeError: as :class:`ReasoningEnvironment`.
    """

    def environment() -> ReasoningEnvironment:
        return ReasoningEnvironment(id, **kwargs)

    environment().close()  # what is wrong with it is said now, and not to each client
    app = create_app(
        environment,
        ReasoningAction,
        ReasoningObservation,
        env_name=id,
        max_concurrent_envs=sessions,
    )
    app.add_exception_handler(BadRequest, _refuse)
    app.add_exception_handler(WebSocketDisconnect, _let_go)
    return app


def run(app: FastAPI, listening: socket.socket) -> None:
    """Run a server until Ctrl-C.

    Args:
        app: of :func:`make_app`.
        listening: where clients connect.
    """
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_SECONDS_TO_FINISH)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _refuse(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=422)


async def _let_go(websocket: WebSocket, error: Exception) -> None:
    """Do nothing: OpenEnv closes the connection of a client that has left, and fails at it."""
