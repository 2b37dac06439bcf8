"""InWords: an environment of numbered states and actions, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import gymnasium as gym
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Discrete
from gymnasium.utils import RecordConstructorArgs

from reasoning_gym_envs.commands import Refused, read_command
from reasoning_gym_envs.spaces import UnicodeText
from reasoning_gym_envs.text_env import LONGEST_ACTION, LONGEST_OBSERVATION
from reasoning_gym_envs.wrappers.checks import distinct_texts, title


class InWords(gym.Wrapper[str, str, Any, Any], RecordConstructorArgs):
    r"""Numbered states and actions become texts: FrozenLake, Taxi and CliffWalking in words.

    The environment then is one like those of this package: any text is an action; ``info`` has
    ``admissible_commands`` (those of the inner ``action_mask`` where there is one, else all; none
    when the episode has terminated) and, at the end, ``is_success``; :class:`DiscreteCommands`
    finds the commands.

    Commands are read as elsewhere: in upper or lower case, in ``\boxed{}``, after ``</think>``.
    A text that is none of them takes no step: the state stays, the reward is 0, and the observation
    says which commands there are. A limit on such turns is a ``TimeLimit`` outside of this wrapper.

    Args:
        env: an environment whose observations and actions are ``Discrete``.
        commands: the texts of the actions, in the order of their numbers.
        describe: the text of an observation; "State 5." unless given.
        success: whether an episode that terminated with this observation and this last reward
            was solved; unless given, whether the reward is above 0. (One that was truncated is
            never solved.)

    Raises:
        ValueError: another kind of environment; not as many commands as actions, or two that are
            read as the same.
        TypeError: ``commands`` of something else than texts; a function that cannot be called.

    >>> import gymnasium as gym
    >>> lake = gym.make("FrozenLake-v1", is_slippery=False)
    >>> env = InWords(lake, ["left", "down", "right", "up"])
    >>> env.reset(seed=0)[0]
    'State 0.'
    >>> observation, reward, terminated, truncated, info = env.step("Down.")
    >>> observation, info["admissible_commands"]
    ('State 4.', ['left', 'down', 'right', 'up'])
    >>> print(env.step("jump")[0])
    This is no command. Possible: left, down, right, up.
    <BLANKLINE>
    State 4.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        commands: Iterable[str],
        describe: Callable[[int], str] | None = None,
        success: Callable[[int, float], bool] | None = None,
    ) -> None:
        texts = distinct_texts("commands", commands)
        RecordConstructorArgs.__init__(self, commands=texts, describe=describe, success=success)
        gym.Wrapper.__init__(self, env)
        for name, space in (
            ("observations", env.observation_space),
            ("actions", env.action_space),
        ):
            if not isinstance(space, Discrete):
                raise ValueError(
                    f"InWords takes an environment of numbered states and actions, but the {name} "
                    f"of {title(env)} are {space}: make them Discrete first"
                )
        assert isinstance(env.action_space, Discrete)
        count, first = int(env.action_space.n), int(env.action_space.start)
        if len(texts) != count:
            raise ValueError(
                f"{title(env)} has {count} actions, and there are {len(texts)} commands: "
                "give one for each"
            )
        for name, function in (("describe", describe), ("success", success)):
            if function is not None and not callable(function):
                raise TypeError(f"{name} must be a function, got {function!r:.80}")
        self.command_vocabulary: tuple[str, ...] = texts
        """The text of each action."""
        self.observation_space = UnicodeText(LONGEST_OBSERVATION)
        self.action_space = UnicodeText(LONGEST_ACTION)
        self._describe = describe
        self._success = success
        self._action: dict[str, Any] = {
            _read(text): number for number, text in enumerate(texts, first)
        }
        if len(self._action) < count:
            raise ValueError(f"two of the commands {', '.join(texts)} are read as the same")
        self._is_running = False
        self._text = ""  # of the state
        self._possible: list[str] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._is_running = True
        return self._in_words(int(observation), info)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Give a command; any other text takes no step.

        Raises:
            TypeError: the action is not a string.
            gymnasium.error.ResetNeeded: before the first reset, or after the end.
        """
        if not isinstance(action, str):
            raise TypeError(f"an action is a str, got {type(action).__name__}: {action!r:.80}")
        if not self._is_running:
            raise ResetNeeded("no episode is running: call reset() to begin one")
        try:
            number = self._action[read_command(action)]
        except (Refused, KeyError) as error:
            said = str(error) if isinstance(error, Refused) else "This is no command."
            hint = f"{said} Possible: {', '.join(self._possible)}.\n\n{self._text}"
            return hint, 0.0, False, False, {"admissible_commands": [*self._possible]}
        observation, reward, terminated, truncated, info = self.env.step(number)
        state, paid = int(observation), float(reward)
        text, info = self._in_words(state, info, terminated=terminated)
        if terminated or truncated:
            self._is_running = False
            is_solved = self._success or _is_paid
            info["is_success"] = bool(terminated and is_solved(state, paid))
        return text, paid, terminated, truncated, info

    def _in_words(
        self, state: int, info: dict[str, Any], *, terminated: bool = False
    ) -> tuple[str, dict[str, Any]]:
        """The text of a state, and ``info`` with the commands that are possible there."""
        mask = info.get("action_mask", (1,) * len(self.command_vocabulary))
        self._possible = [
            text
            for text, is_possible in zip(self.command_vocabulary, mask, strict=True)
            if is_possible and not terminated
        ]
        text = f"State {state}." if self._describe is None else self._describe(state)
        if not isinstance(text, str):
            raise TypeError(f"describe must return a str, got {text!r:.80}")
        self._text = text
        return text, {**info, "admissible_commands": [*self._possible]}


def _read(command: str) -> str:
    try:
        return read_command(command)
    except Refused as refused:
        raise ValueError(f"{command!r:.80} cannot be a command: {refused}") from refused


def _is_paid(state: int, reward: float) -> bool:
    return reward > 0
