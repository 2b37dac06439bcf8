"""RememberCommands: observations end with the latest commands."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import gymnasium as gym
from gymnasium.spaces import Text
from gymnasium.utils import RecordConstructorArgs

from reasoning_gym_envs.spaces import UnicodeText
from reasoning_gym_envs.wrappers.checks import needs_text, whole_number

LONGEST_REMEMBERED = 100
"""Of a longer command, so many characters of its end are remembered."""

_LOOKED_AT = 1000  # characters of an action, so that a long one costs no more
_NONE = "none yet"


class RememberCommands(gym.Wrapper[str, str, str, str], RecordConstructorArgs):
    """Observations have one more line, which names the latest commands of the episode.

    Where an observation does not tell the whole state, such as the view of TextMaze that sees along
    corridors, an agent without a memory of its own can so tell where it comes from: enough to
    follow a wall. The commands are given as they were written, in one line, oldest first; of a long
    one the end, after "…".

    Args:
        env: an environment whose observations and actions are texts; wrappers that change those,
            such as DiscreteCommands and NumericObservation (with ``kind="hashed"``, to see the
            line), go outside of this one.
        count: how many commands are named.

    Raises:
        TypeError, ValueError: a count that is not a whole number of 1 or more; an environment that
            does not speak in text.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> env = RememberCommands(gym.make("TowerOfHanoi-v0"), count=2)
    >>> observation, info = env.reset(seed=0)
    >>> observation.splitlines()[-1]
    'Your last commands: none yet.'
    >>> for command in ("A to B", "A to C", "B to C"):
    ...     observation, *_ = env.step(command)
    >>> observation.splitlines()[-1]
    'Your last commands: A to C, B to C.'
    """

    def __init__(self, env: gym.Env[str, str], count: int = 1) -> None:
        RecordConstructorArgs.__init__(self, count=count)
        gym.Wrapper.__init__(self, env)
        needs_text("RememberCommands", env, observations=True, actions=True)
        self.count = whole_number("count", count, 1)
        longest = len(_start(count)) + count * (LONGEST_REMEMBERED + len(", "))
        assert isinstance(env.observation_space, Text)
        self.observation_space = UnicodeText(env.observation_space.max_length + longest)
        self._commands: deque[str] = deque(maxlen=count)  # as they were written

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin an episode: nothing is remembered."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._commands.clear()
        return self._with_commands(observation), info

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Give a command; the observation ends with it."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._commands.append(action)
        return self._with_commands(observation), float(reward), terminated, truncated, info

    def _with_commands(self, observation: str) -> str:
        return remembering(observation, self._commands, self.count)


def remembering(observation: str, commands: Sequence[str], count: int = 1) -> str:
    """An observation as the wrapper gives it, after these commands of the episode.

    >>> print(remembering("A wall.", ["go north", "go east"]))
    A wall.
    Your last command: go east.
    """
    latest = list(map(in_one_line, list(commands)[-count:]))
    return f"{observation}{_start(count)}{', '.join(latest) or _NONE}."


def _start(count: int) -> str:
    return f"\nYour last command{'s' if count > 1 else ''}: "


def in_one_line(text: str) -> str:
    r"""A text in at most 100 printable characters: single spaces, the end of a long one.

    >>> in_one_line("go\n  north"), in_one_line(" \x1b "), in_one_line("")
    ('go north', '?', 'nothing')
    >>> len(in_one_line("north " * 1000))
    100
    """
    words = " ".join(text.strip()[-_LOOKED_AT:].split())
    if not words.isprintable():
        words = "".join(letter if letter.isprintable() else "?" for letter in words)
    if len(words) > LONGEST_REMEMBERED:
        words = "…" + words[1 - LONGEST_REMEMBERED :]
    return words or "nothing"
