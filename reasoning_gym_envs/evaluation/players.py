"""Who plays: the contract, and the players that need no model.

A player is given the conversation so far and replies with the next action. What it looks at besides
is a :class:`Turn`.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from gymnasium.envs.registration import EnvSpec

from reasoning_gym_envs.dataset import Message
from reasoning_gym_envs.evaluation.floors import constant_of, random_plan
from reasoning_gym_envs.registry import ENVIRONMENTS
from reasoning_gym_envs.text_env import TextEnv

__all__ = [
    "NO_SYSTEM_PROMPT",
    "BestConstant",
    "Constant",
    "Function",
    "Message",
    "Player",
    "RandomPlayer",
    "Reference",
    "Reply",
    "Turn",
    "Unavailable",
    "check_temperature",
    "maker_of",
    "name_of",
    "player_of",
    "register",
]


NO_SYSTEM_PROMPT: Message = {"role": "system", "content": ""}
"""Begins a conversation that is to have no system prompt, whatever the player's own is."""


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
        discarded_tokens: of those it wrote, how many are neither in the text nor in the reasoning;
            None where that is not known. A player that votes among several answers has some.
    """

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cut_off: bool = False
    cost: float | None = None
    reasoning: str = ""
    discarded_tokens: int | None = None


@dataclass(frozen=True)
class Turn:
    """What a player may look at beside the conversation.

    Attributes:
        seed: derived from the run's seed, the problem, the sample and the number of the turn. Who
            draws at random draws from it, so that an episode is the same wherever it is played.
        info: the environment's, of the last step or of the reset.
        env: the environment. Scripted players alone look at it.
        max_tokens: most tokens of the reply; None for the player's own limit. Players that
            ``continues`` is true of keep it.
    """

    seed: int
    info: Mapping[str, Any]
    env: TextEnv = field(repr=False)
    max_tokens: int | None = None


class Player(Protocol):
    """What plays.

    A player may have more than :meth:`reply`:

    ``about``, a dict that JSON can write: all that its replies depend on. It stands in the record,
    and a run is gone on with by the same one alone.
    ``batch_size`` and ``replies(conversations, turns)``: it is asked for as many replies at a time.
    ``concurrency``: as many threads may ask it at once.
    ``reads``: false where it looks at no more than the first observation. After the first turn it
    is given no messages: copies of a conversation of thousands of turns take longer than the turns.
    ``continues``: true where a conversation may end with a message of the assistant. The player
    goes on with that text, and its reply is what comes after.
    ``tokens_of(text)``: how many tokens a reply of this text has, as ``completion_tokens`` counts.
    ``check(problems, samples)``: raises ValueError where it cannot play them so often; it is called
    before anything is played.
    """

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """The next action.

        Args:
            messages: the conversation so far; the last one is what the environment says. It may
                begin with :data:`NO_SYSTEM_PROMPT`, for players that have one of their own.
            turn: what else there is to know.

        Raises:
            Unavailable: there is no reply, for no fault of the player's.
        """
        ...


def name_of(player: Player) -> str:
    """What a player is called: as it says, or as its class is named."""
    kind = type(player)
    about: Mapping[str, Any] = getattr(player, "about", {})
    return str(about.get("agent", f"{kind.__module__}:{kind.__qualname__}"))


def check_temperature(temperature: float | None, samples: int) -> None:
    """Raise `ValueError` where all samples of a problem would be the same."""
    if samples > 1 and temperature == 0:
        raise ValueError(
            f"at temperature 0 all {samples} samples of a problem are the same: give a "
            "temperature above 0, or one sample"
        )


class RandomPlayer:
    """One of the admissible commands, all as likely; where one answer is a plan, a plan of such.

    Any other answer is an empty box: :class:`BestConstant` plays these.
    """

    about: Mapping[str, Any] = {"agent": "random"}
    reads = False

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """A command, or a plan."""
        rng = Random(turn.seed)
        commands = turn.info.get("admissible_commands")
        if commands is None:
            return Reply(random_plan(turn.env, rng) or "\\boxed{}")
        return Reply(commands[int(rng.random() * len(commands))] if commands else "")


class BestConstant:
    """The answer that solves most problems of an id and a level, whatever the question.

    It is that of the table of floors. Ids that are played by commands have none, and get an empty
    text.
    """

    about: Mapping[str, Any] = {"agent": "constant"}
    reads = False

    def __init__(self) -> None:
        self._answers: WeakKeyDictionary[TextEnv, str] = WeakKeyDictionary()

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """The answer."""
        if turn.info["turn"] == 0:
            spec = turn.env.spec
            assert spec is not None
            question = next(m["content"] for m in messages if m["role"] == "user")
            answer = constant_of(spec.id, turn.info["level"], _given(spec), question)
            self._answers[turn.env] = answer or ""
        return Reply(self._answers[turn.env])


def _given(spec: EnvSpec) -> dict[str, Any]:
    """Arguments that were given for an id, less those that it is registered with."""
    registered = ENVIRONMENTS[spec.id].kwargs if spec.id in ENVIRONMENTS else {}
    return {k: v for k, v in spec.kwargs.items() if k not in registered}


class Reference:
    """The environment's own solution: the ceiling."""

    about: Mapping[str, Any] = {"agent": "reference"}
    reads = False

    def __init__(self) -> None:
        self._plans: WeakKeyDictionary[TextEnv, list[str]] = WeakKeyDictionary()

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """The action of this turn, of the solution that was found at the first one."""
        number = turn.info["turn"]
        if number == 0:
            self._plans[turn.env] = turn.env.solution()
        return Reply(self._plans[turn.env][number])


class Constant:
    """Always the same text."""

    reads = False

    def __init__(self, text: str) -> None:
        self.text = text
        self.about: Mapping[str, Any] = {"agent": f"constant:{text}"}

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """The text."""
        return Reply(self.text)


class Function:
    """A function from text to text, named as ``module:function``.

    It is given what the environment says last, and returns the action.
    """

    def __init__(self, name: str) -> None:
        module, _, attribute = name.partition(":")
        sys.path.insert(0, os.getcwd())  # as `python -m` does
        try:
            function = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise ValueError(
                f"{name} is no function that can be imported: {error}. It is named as in "
                "`from module import function`, and the module is looked for in this folder, too"
            ) from None
        finally:
            sys.path.pop(0)
        if not callable(function):
            raise ValueError(f"{name} is no function, but {function!r:.80}")
        self._function: Callable[[str], Any] = function
        self.about: Mapping[str, Any] = {"agent": name, "source": _hash_of_source(module)}

    def reply(self, messages: Sequence[Message], turn: Turn) -> Reply:
        """What the function makes of the last message.

        Raises:
            RuntimeError: the function raises an error, or ends the program; with where it does.
            TypeError: the function returns no text.
        """
        try:
            text = self._function(messages[-1]["content"])
        except Unavailable:
            raise
        except (Exception, SystemExit) as error:
            trace = error.__traceback__ and error.__traceback__.tb_next  # without this method
            told = "".join(traceback.format_exception(type(error), error, trace)).rstrip()
            raise RuntimeError(f"{self.about['agent']} raised an error:\n{told}") from error
        if not isinstance(text, str):
            raise TypeError(f"{self.about['agent']} returned {text!r:.80} and no text")
        return Reply(text)


def _hash_of_source(module: str) -> str | None:
    """SHA-256 of the file of a module: a function that was changed is another agent."""
    file = getattr(sys.modules[module], "__file__", None)
    return None if file is None else hashlib.sha256(Path(file).read_bytes()).hexdigest()


# By name, as on the command line.

Recognise = Callable[[str], Callable[[], Player] | None]
"""Given what was asked for: what makes the player, or None where it is of another kind. Workers
call what it returns, so it is a function of a module, or ``functools.partial`` of one."""

_KINDS: list[Recognise] = []


def register(kind: Recognise) -> None:
    """Add a kind of players that names stand for: run folders, say. The latest is asked first."""
    _KINDS.insert(0, kind)


def player_of(name: str) -> Player:
    """The player of a name.

    ``random``, ``constant`` (the best constant answer), ``constant:TEXT``, ``reference``, or
    ``module:function``.

    Raises:
        ValueError: the name stands for none.
    """
    return maker_of(name)()


def maker_of(name: str) -> Callable[[], Player]:
    """What makes the player of a name, in any process: kinds are registered in this one alone.

    Raises:
        ValueError: the name stands for none.
    """
    for recognise in _KINDS:
        made = recognise(name)
        if made is not None:
            return made
    if Path(name, "config.json").is_file():
        raise ValueError(
            f"{name} is the folder of a model, or of a run that trains one. It is played from a "
            f"checkout of the repository: python -m baselines evaluate {name}"
        )
    raise ValueError(
        f"{name!r} is no agent: give random, constant, constant:TEXT, reference, module:function, "
        "or --model NAME --base-url URL. Run folders and Hugging Face models are played from a "
        "checkout: python -m baselines evaluate"
    )


_SCRIPTED: Mapping[str, Callable[[], Player]] = {
    "random": RandomPlayer,
    "constant": BestConstant,
    "reference": Reference,
}


def _scripted(name: str) -> Callable[[], Player] | None:
    kind, colon, rest = name.partition(":")
    if name in _SCRIPTED:
        return _SCRIPTED[name]
    if kind == "constant" and colon:
        return partial(Constant, rest)
    if colon and rest.isidentifier() and all(part.isidentifier() for part in kind.split(".")):
        return partial(Function, name)
    return None


register(_scripted)
