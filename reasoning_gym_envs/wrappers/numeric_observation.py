"""NumericObservation: observations as vectors, the environment's own or hashed text."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, flatten, flatten_space
from gymnasium.utils import RecordConstructorArgs
from numpy.typing import NDArray

from reasoning_gym_envs.errors import unknown
from reasoning_gym_envs.wrappers.checks import (
    needs_level,
    needs_text,
    no_batch,
    title,
    whole_number,
)

ActType = TypeVar("ActType")

KINDS = ("auto", "own", "hashed")

_CHARACTERS = 3  # of the pieces that words are cut into
_LONGEST_KEPT, _LARGEST_KEPT = 4096, 8192  # characters and numbers of a vector that is kept
_LONGEST_PIECE_KEPT = 100  # characters of a piece whose hash is kept


class NumericObservation(gym.Wrapper[Any, ActType, Any, ActType], RecordConstructorArgs):
    """Observations in numbers of a fixed size, for agents that do not read.

    Together with :class:`DiscreteCommands` it gives what Stable-Baselines3, CleanRL and RLlib work
    on: a Box or Discrete observation space and a Discrete action space.

    ``"own"`` is the environment's own numeric view: its card says what is in it (a board one-hot, a
    window, an index), and it says what the text says. It is read from the environment itself, so it
    does not depend on wrappers in between. It is sized for the levels that the environment was made
    with: to play level 3 later, make it with ``level=(1, 3)``.

    ``"hashed"`` works for any text: a Box of ``size`` numbers (float32) in [-1, 1], of length 1.
    Lines, words, words with their line and column, pairs of neighbouring words and pieces of three
    characters are each hashed to a place and a sign (feature hashing: Weinberger et al., "Feature
    hashing for large scale multitask learning", ICML 2009; with BLAKE2b, so that it is the same in
    every process and on every machine), counted, and scaled to length 1. A new text of 1,000
    characters takes one to three milliseconds; one seen before is looked up.

    An own view may have several axes (a board of rows, columns and planes) or be an index.
    ``flatten=True`` makes it one vector, for agents that take nothing else, such as a CleanRL
    network: axes are put one after the other, and an index becomes a one among zeros.

    Args:
        env: an environment whose observations are texts ("hashed") or that has a numeric view.
        kind: "auto" (its own view where the environment has one, else hashed), "own" or "hashed".
        size: the length of the vector ("hashed"). Smaller ones are quicker to learn from, and mix
            up more.
        flatten: make an own view one vector; what is hashed is one already.

    Raises:
        ValueError: an unknown kind; "own" where the environment has no numeric view; "hashed" where
            the observations are no texts; a size below 1; an own view without a fixed size that
            is to be made flat.
        TypeError: a size that is not a whole number; a flatten that is not True or False.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> env = NumericObservation(gym.make("MathBoxed-v0"), size=256)
    >>> env.observation_space
    Box(-1.0, 1.0, (256,), float32)
    >>> observation, info = env.reset(seed=0)
    >>> observation.shape, round(float(observation @ observation), 3)
    ((256,), 1.0)
    """

    def __init__(
        self,
        env: gym.Env[Any, ActType],
        kind: str = "auto",
        size: int = 512,
        *,
        flatten: bool = False,
    ) -> None:
        no_batch("NumericObservation", env)
        RecordConstructorArgs.__init__(self, kind=kind, size=size, flatten=flatten)
        gym.Wrapper.__init__(self, env)
        if kind not in KINDS:
            raise ValueError(unknown("kind", kind, KINDS))
        if not isinstance(flatten, bool):
            raise TypeError(f"flatten must be True or False, got {flatten!r}")
        self.size = whole_number("size", size, 1)
        own: gym.Space[Any] | None = getattr(env.unwrapped, "numeric_space", None)
        if kind == "own" and own is None:
            raise ValueError(
                f"{title(env)} has no numeric view of its own: take kind='hashed' for its text"
            )
        is_own = own is not None and kind != "hashed"
        self.kind = "own" if is_own else "hashed"
        """"own" or "hashed"."""
        self._to_flatten = own if is_own and flatten else None
        if own is not None and is_own:
            self.observation_space = flat_space(own, title(env)) if flatten else own
        else:
            needs_text("NumericObservation", env, observations=True)
            self.observation_space = Box(-1.0, 1.0, (size,), np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode; its first observation in numbers.

        Raises:
            ValueError: the options ask for a level that the environment's own view is not made for.
        """
        observation, info = self.env.reset(seed=seed, options=options)
        if self.kind == "own":
            needs_level("numeric view", self.env, info)
        return self._numbers(observation), info

    def step(self, action: ActType) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take a step; the observation in numbers, the last one of an episode as well."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return self._numbers(observation), float(reward), terminated, truncated, info

    def _numbers(self, observation: Any) -> Any:
        if self.kind == "own":
            numbers = self.env.unwrapped.numeric_observation()  # type: ignore[attr-defined]
            return numbers if self._to_flatten is None else flatten(self._to_flatten, numbers)
        return hashed(observation, self.size)


def flat_space(space: gym.Space[Any], name: str) -> Box:
    """The space of vectors that a numeric view becomes.

    Raises:
        ValueError: the view has no fixed size.
    """
    flat = flatten_space(space) if space.is_np_flattenable else None
    if not isinstance(flat, Box):
        raise ValueError(
            f"flatten=True: the numeric view of {name} is no vector of a fixed size ({space}); "
            "take kind='hashed' for its text"
        )
    return flat


def hashed(text: str, size: int) -> NDArray[np.float32]:
    """A text as a vector of length 1; all zeros for a text without a word.

    >>> "%.2f" % (hashed("A: 3 2 1", 64) @ hashed("A: 3 2 1", 64))
    '1.00'
    >>> bool(hashed("A: 3 2 1", 64) @ hashed("B: 1", 64) < 0.9)
    True
    """
    if len(text) > _LONGEST_KEPT or size > _LARGEST_KEPT:
        return _vector(text, size)
    return np.array(_kept_vector(text, size), np.float32)


def _vector(text: str, size: int) -> NDArray[np.float32]:
    places, signs = [], []
    for piece in _pieces(text):
        number = _kept_hash(piece) if len(piece) <= _LONGEST_PIECE_KEPT else _hash(piece)
        places.append((number >> 1) % size)
        signs.append(1.0 if number & 1 else -1.0)
    vector = np.bincount(np.asarray(places, np.int64), np.asarray(signs), size)
    length = float(np.sqrt(vector @ vector))
    scaled: NDArray[np.float32] = (vector / length if length else vector).astype(np.float32)
    return scaled


_kept_vector = lru_cache(maxsize=2048)(_vector)


def _pieces(text: str) -> list[str]:
    """What is counted; the first character says which kind of piece it is."""
    pieces = []
    for row, line in enumerate(text.split("\n")):
        words = line.split()
        if not words:
            continue
        pieces.append("l" + " ".join(words))
        pieces += ["w" + word for word in words]
        pieces += [f"@{row}.{place} {word}" for place, word in enumerate(words)]
        pieces += [f"p{one} {other}" for one, other in pairwise(words)]
        for word in words:
            marked = f"c^{word}$"
            pieces += [
                "c" + marked[start : start + _CHARACTERS]
                for start in range(1, len(marked) - _CHARACTERS + 1)
            ]
    return pieces


def _hash(piece: str) -> int:
    digest = hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


_kept_hash = lru_cache(maxsize=65_536)(_hash)
