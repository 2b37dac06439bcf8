"""The components of a mixture: which ids, how often, with which arguments."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import gymnasium as gym
from gymnasium.envs.registration import load_env_creator

from reasoning_gym_envs.errors import check_arguments
from reasoning_gym_envs.registry import ENVIRONMENTS, unknown_id
from reasoning_gym_envs.rewards import PRICED_EVENTS, RewardScheme
from reasoning_gym_envs.text_env import TextEnv

FAMILY = "mixture"

_WEIGHT = "weight"
_NOT_ITS_OWN = {
    "reward": "it is the mixture's, the same for all",
    "split": "it is the mixture's, the same for all",
    "render_mode": "it is the mixture's, the same for all",
    "same_maze": "every episode of a mixture is drawn anew",
}


class Component(NamedTuple):
    """One of the ids.

    Args:
        id: of the environment.
        weight: how often it is drawn, beside the weights of the others.
        arguments: of ``gymnasium.make``, for this id alone.
    """

    id: str
    weight: float
    arguments: Mapping[str, Any]

    @property
    def is_plain(self) -> bool:
        """Whether nothing can be wrong with it: an id of this package, and no arguments."""
        entry = ENVIRONMENTS.get(self.id)
        return entry is not None and entry.family != FAMILY and not self.arguments


def read_components(ids: Any) -> dict[str, Component]:
    """What an ``ids=`` argument names, sorted by id: no order of the argument means anything.

    Raises:
        TypeError, ValueError: it is not as the card of Mixture-v0 says.
    """
    if isinstance(ids, str) or not isinstance(ids, Iterable):
        raise TypeError(
            'ids must be a list, ["MathBoxed-v0", "TextMaze-v0"], or a mapping to weights, '
            f'{{"MathBoxed-v0": 2, "TextMaze-v0": 1}}, got {ids!r:.80}'
        )
    named = list(ids)
    if not named:
        raise ValueError("ids must name at least one environment")
    for id in named:
        if not isinstance(id, str):
            raise TypeError(f"ids must name environments, got {id!r:.80}")
        if named.count(id) > 1:
            raise ValueError(f"ids names {id} twice: give it a weight, {{{id!r}: 2, ...}}")
    given = ids if isinstance(ids, Mapping) else dict.fromkeys(named, 1)
    return {id: _read(id, given[id]) for id in sorted(named)}


def _read(id: str, given: Any) -> Component:
    if id not in gym.registry:  # gymnasium.make would import what stands before a colon
        raise ValueError(unknown_id(id))
    arguments = dict(given) if isinstance(given, Mapping) else {_WEIGHT: given}
    weight = arguments.pop(_WEIGHT, 1)
    if isinstance(weight, bool) or not isinstance(weight, (int, float)):
        raise TypeError(
            f"{id}: its weight must be a number, or a mapping of weight and arguments, such as "
            f'{{"weight": 2, "level": 3}}; got {weight!r:.80}'
        )
    if not 1e-9 <= weight <= 1e9:  # so that no sum of products is 0 or infinite
        raise ValueError(
            f"{id}: its weight must be above 0 and finite, from 1e-9 to 1e9, got {weight!r:.80}"
        )
    for name, why in _NOT_ITS_OWN.items():
        if name in arguments:
            raise ValueError(f"{id}: {name} cannot be given for a component: {why}")
    return Component(id, float(weight), arguments)


def make_component(
    component: Component, shared: Mapping[str, Any], reward: RewardScheme
) -> TextEnv:
    """The environment of a component, without the wrappers of ``gymnasium.make``.

    Args:
        component: what is made.
        shared: arguments of all components; those that it has itself come first.
        reward: the scheme; costs of what cannot happen here are left out.

    Raises:
        TypeError, ValueError: its arguments are wrong, or it cannot be a component; naming the id.
        gymnasium.error.DependencyNotInstalled: an extra is missing.
    """
    id, spec = component.id, gym.spec(component.id)
    if spec.max_episode_steps is not None or spec.additional_wrappers:
        raise ValueError(
            f"{id} is registered with a limit of steps or with wrappers, which a mixture would "
            "leave out: register it without them, and give max_turns for the limit"
        )
    kind = class_of(id)
    if not (isinstance(kind, type) and issubclass(kind, TextEnv)):
        raise TypeError(f"{id} is no text environment: a component is a TextEnv")
    unpriced: dict[str, Any] = {
        f"{event}_cost": 0.0 for event in PRICED_EVENTS if event not in kind.events
    }
    arguments = {
        **shared,
        "reward": dataclasses.replace(reward, **unpriced),
        **component.arguments,
    }
    try:
        check_arguments(component.arguments, kind)
        env = gym.make(id, disable_env_checker=True, **arguments).unwrapped
    except (TypeError, ValueError) as error:
        said = f"{id}: {error.__cause__ or error}"  # Gymnasium adds the whole call
        raise (TypeError if isinstance(error, TypeError) else ValueError)(said) from error
    assert isinstance(env, TextEnv)
    return env


def class_of(id: str) -> Any:
    """The class of an id, or whatever else makes it."""
    entry = gym.spec(id).entry_point
    return load_env_creator(entry) if isinstance(entry, str) else entry
