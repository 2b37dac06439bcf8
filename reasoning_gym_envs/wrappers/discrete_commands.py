"""DiscreteCommands: commands as numbers, with a mask of those that are possible."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Discrete
from gymnasium.utils import RecordConstructorArgs
from numpy.typing import NDArray

from reasoning_gym_envs.command_env import BOXED_FORM
from reasoning_gym_envs.wrappers.checks import (
    distinct_texts,
    needs_level,
    needs_text,
    no_batch,
    title,
)

ObsType = TypeVar("ObsType")

_NAMED_IN_ERRORS = 12  # commands


class DiscreteCommands(gym.Wrapper[ObsType, Any, ObsType, str], RecordConstructorArgs):
    r"""Actions are the numbers of a fixed list of commands.

    The action space is ``Discrete(n)``. Each ``info`` has ``action_mask``, as Gymnasium's Taxi has
    it: an array of ``n`` times 0 or 1 (int8), 1 where the command is among the admissible ones. It
    fits ``env.action_space.sample(info["action_mask"])``; :meth:`action_masks` gives it as
    sb3-contrib's MaskablePPO asks for it. A command that is not admissible may be given: it costs a
    turn, as its text would.

    Where nothing is known to be impossible, the mask is all ones: when the episode has ended (no
    action is to come, and a mask of zeros would divide by zero in a masked policy) and where the
    environment names no admissible commands.

    Args:
        env: an environment whose actions are texts.
        vocabulary: the texts that the numbers stand for; None for the environment's
            ``command_vocabulary``. The answers ``\boxed{0}`` to ``\boxed{99}`` make a task of a
            single answer out of an environment whose answers may be any text.

    Raises:
        ValueError: the environment has no fixed list of commands and ``vocabulary`` is not given;
            a ``vocabulary`` that is empty or says a text twice.
        TypeError: a ``vocabulary`` of something else than texts.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> env = DiscreteCommands(gym.make("TowerOfHanoi-v0"))
    >>> env.vocabulary
    ('A to B', 'A to C', 'B to A', 'B to C', 'C to A', 'C to B')
    >>> observation, info = env.reset(seed=0)
    >>> info["admissible_commands"]
    ['A to B', 'A to C', 'B to C']
    >>> info["action_mask"]
    array([1, 1, 0, 1, 0, 0], dtype=int8)
    """

    def __init__(self, env: gym.Env[ObsType, str], vocabulary: Iterable[str] | None = None) -> None:
        no_batch("DiscreteCommands", env)
        texts = None if vocabulary is None else distinct_texts("vocabulary", vocabulary)
        RecordConstructorArgs.__init__(self, vocabulary=texts)
        gym.Wrapper.__init__(self, env)
        needs_text("DiscreteCommands", env, actions=True)
        self.vocabulary: tuple[str, ...] = _commands_of(env) if texts is None else texts
        """The text of each action."""
        self._is_given = texts is not None
        self.action_space = Discrete(len(self.vocabulary))
        self._number = {text: number for number, text in enumerate(self.vocabulary)}
        self._mask = np.ones(len(self.vocabulary), np.int8)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObsType, dict[str, Any]]:
        """Begin an episode; ``info`` has ``action_mask``.

        Raises:
            ValueError: the options ask for a level whose commands the environment's list lacks.
        """
        observation, info = self.env.reset(seed=seed, options=options)
        if not self._is_given and not self._number.keys() >= set(
            info.get("admissible_commands", ())
        ):
            needs_level("list of commands", self.env, info)
        return observation, self._masked(info)

    def step(self, action: Any) -> tuple[ObsType, float, bool, bool, dict[str, Any]]:
        """Give the command of a number.

        Raises:
            TypeError: the action is not a whole number.
            ValueError: there is no command of this number.
        """
        observation, reward, terminated, truncated, info = self.env.step(self.command(action))
        return observation, float(reward), terminated, truncated, self._masked(info)

    def command(self, action: Any) -> str:
        """The text that an action stands for; raises as :meth:`step` does."""
        if isinstance(action, np.ndarray) and action.size == 1:
            action = action.reshape(())[()]
        if isinstance(action, (bool, np.bool_)) or not isinstance(action, (int, np.integer)):
            raise TypeError(
                f"an action is a whole number from 0 to {len(self.vocabulary) - 1}, "
                f"got {type(action).__name__}: {action!r:.80}"
            )
        if not 0 <= action < len(self.vocabulary):
            raise ValueError(no_such_action(action, self.vocabulary))
        return self.vocabulary[int(action)]

    def action_masks(self) -> NDArray[np.bool_]:
        """The mask of the last ``info`` as booleans: what MaskablePPO calls."""
        return self._mask.astype(np.bool_)

    def _masked(self, info: dict[str, Any]) -> dict[str, Any]:
        mask = np.zeros(len(self.vocabulary), np.int8)
        for text in info.get("admissible_commands", ()):
            number = self._number.get(text)
            if number is not None:
                mask[number] = 1
        if not mask.any():
            mask[:] = 1
        self._mask = mask
        return {**info, "action_mask": mask.copy()}


def no_such_action(action: Any, vocabulary: tuple[str, ...]) -> str:
    """The message for a number that stands for no command."""
    named = ", ".join(
        f"{number} {text!r}" for number, text in enumerate(vocabulary[:_NAMED_IN_ERRORS])
    )
    more = ", …" if len(vocabulary) > _NAMED_IN_ERRORS else ""
    return f"there is no action {action}: they go from 0 to {len(vocabulary) - 1} ({named}{more})"


def _commands_of(env: gym.Env[Any, Any]) -> tuple[str, ...]:
    commands: tuple[str, ...] = ()
    if env.has_wrapper_attr("command_vocabulary"):  # a wrapper may be what gives commands
        commands = tuple(env.get_wrapper_attr("command_vocabulary"))
    way_out = "give the texts that the numbers stand for: DiscreteCommands(env, vocabulary=[...])"
    if getattr(env.unwrapped, "form", None) == BOXED_FORM:
        raise ValueError(
            f"{title(env)} takes a whole list of commands as one answer; make it with "
            f'form="moves" to give them one by one, or {way_out}'
        )
    if not commands:
        raise ValueError(
            f"{title(env)} has no fixed list of commands, since any text may be its answer; take "
            f"an environment that is played by commands, such as TowerOfHanoi-v0, or {way_out}"
        )
    return commands
