"""What several wrappers ask of their arguments and of the environment below."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import gymnasium as gym
from gymnasium.spaces import Text
from gymnasium.vector import VectorEnv

from reasoning_gym_envs.text_env import TextEnv


def title(env: gym.Env[Any, Any]) -> str:
    """The id of an environment, or the name of its class where it was made without one."""
    inner = env.unwrapped
    return inner.spec.id if inner.spec is not None else type(inner).__name__


def whole_number(name: str, value: Any, least: int) -> int:
    """An argument that is a whole number.

    Raises:
        TypeError: it is something else.
        ValueError: it is less than ``least``.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be {least} or more, got {value}")
    return value


def cost(name: str, value: Any) -> float:
    """An argument that is a price: a finite number of 0 or more.

    Raises:
        TypeError: it is no number.
        ValueError: it is negative or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not 0.0 <= value < math.inf:
        raise ValueError(f"{name} must be 0 or more, got {value}")
    return float(value)


def distinct_texts(name: str, value: Iterable[str]) -> tuple[str, ...]:
    """An argument that lists one or more texts, each once.

    Raises:
        TypeError: it is something else.
        ValueError: it is empty, or says a text twice.
    """
    texts = (value,) if isinstance(value, str) else tuple(value)
    if isinstance(value, str) or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{name} must be a list of texts, got {value!r:.80}")
    if not texts:
        raise ValueError(f"{name} must have at least one text")
    if len(set(texts)) < len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise ValueError(f"{name} must not say a text twice, as it does {twice!r}")
    return texts


def no_batch(wrapper: str, env: Any) -> None:
    """Check that what is wrapped is one environment.

    Raises:
        TypeError: it is a vector environment; the message says how those are wrapped.
    """
    if isinstance(env, VectorEnv):
        raise TypeError(
            f"{wrapper} is for one environment, and this is a vector environment: take "
            f"reasoning_gym_envs.wrappers.vector.{wrapper} for a native batch, and "
            f"gym.make_vec(..., wrappers=[{wrapper}]) for others"
        )


def needs_text(
    wrapper: str, env: gym.Env[Any, Any], *, observations: bool = False, actions: bool = False
) -> None:
    """Check that an environment speaks in text.

    Raises:
        ValueError: it does not; the message says which wrapper to put where.
    """
    if observations and not isinstance(env.observation_space, Text):
        raise ValueError(
            f"{wrapper} reads texts, but the observations of {env} are {env.observation_space}: "
            "put it inside of the wrapper that changes them"
        )
    if actions and not isinstance(env.action_space, Text):
        raise ValueError(
            f"{wrapper} takes texts as actions, but those of {env} are {env.action_space}: "
            "put it inside of the wrapper that changes them"
        )


def needs_level(what: str, env: gym.Env[Any, Any], info: Mapping[str, Any]) -> None:
    """Check that an episode is of a level that the environment was made with.

    Raises:
        ValueError: it is not; the message says how to make the environment.
    """
    inner = env.unwrapped
    if not isinstance(inner, TextEnv):
        return
    (low, high), level = inner.level, info["level"]
    if not low <= level <= high:
        raise ValueError(
            f"the {what} of this {title(env)} is made for the levels {low} to {high}, and this "
            f"episode has level {level}: make it with level=({min(level, low)}, {max(level, high)})"
        )


def terms_of(reward: float, info: Mapping[str, Any]) -> dict[str, float]:
    """The reward terms of a step, to be changed; all of it as ``reward`` where there are none."""
    terms = info.get("reward_terms")
    return {"reward": float(reward)} if terms is None else dict(terms)
