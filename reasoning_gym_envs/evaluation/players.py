"""Who plays: the contract.

A player is given the conversation so far and replies with the next action. What it looks at besides
is a :class:`Turn`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from reasoning_gym_envs.dataset import Message
from reasoning_gym_envs.text_env import TextEnv

__all__ = [
    "Message",
    "Player",
    "Reply",
    "Turn",
    "Unavailable",
]


class Unavailable(Exception):
    """A player could not reply, for no fault of its own: a server is down, a quota is used up.

    The episode is played again later. It is never counted as failed.
    """


@dataclass(frozen=True)
class Reply:
    """What a player says in a turn.

    Attributes:
        text: the action, as ``env.step`` takes it; thoughts may stand in it.
        prompt_tokens: how many the player read; None where that is not known.
        completion_tokens: how many it wrote, thoughts included; None where that is not known.
        cut_off: it was ended by a limit of tokens.
        cost: dollars, where prices are known.
        reasoning: thoughts that the player gives apart from the text; "" for none.
    """

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cut_off: bool = False
    cost: float | None = None
    reasoning: str = ""


@dataclass(frozen=True)
class Turn:
    """What a player may look at beside the conversation.

    Attributes:
        seed: derived from the run's seed, the problem, the sample and the number of the turn. Who
            draws at random draws from it, so that an episode is the same wherever it is played.
        info: the environment's, of the last step or of the reset.
        env: the environment. Scripted players alone look at it.
    """

    seed: int
    info: Mapping[str, Any]
    env: TextEnv = field(repr=False)


class Player(Protocol):
    """What plays.

    A player may have more than :meth:`reply`:

    ``about``, a dict that JSON can write: all that its replies depend on. It stands in the record,
    and a run is gone on with by the same one alone.
    ``batch_size`` and ``replies(conversations, turns)``: it is asked for as many replies at a time.
    ``concurrency``: as many threads may ask it at once.
    """

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """The next action.

        Args:
            messages: the conversation so far; the last one is what the environment says.
            turn: what else there is to know.

        Raises:
            Unavailable: there is no reply, for no fault of the player's.
        """
        ...
