"""RLlib: any environment in numbers, registered under a name.

```python
from ray.rllib.algorithms.ppo import PPOConfig
from reasoning_gym_envs.integrations import rllib

rllib.register("hanoi", "TowerOfHanoi-v0", level=1, reward="dense")
algorithm = PPOConfig().environment("hanoi").env_runners(num_env_runners=2).build_algo()
```

RLlib has no encoder for text, so observations become vectors and commands become numbers. The
processes of Ray import this module, and with it the package, when they make the environment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import gymnasium as gym
from ray.tune.registry import register_env

import reasoning_gym_envs  # noqa: F401  # the ids, in a process of Ray's
from reasoning_gym_envs.wrappers import DiscreteCommands, NumericObservation


def register(
    name: str,
    id: str,
    *,
    vocabulary: Iterable[str] | None = None,
    kind: str = "auto",
    size: int = 512,
    **arguments: Any,
) -> None:
    """Give an environment a name that ``AlgorithmConfig.environment(name)`` finds.

    It is made once here, so that a wrong argument is said at once and not by a process of Ray's.

    Args:
        name: for RLlib.
        id: of the environment.
        vocabulary: what :class:`DiscreteCommands` takes; None for the environment's own commands.
        kind: what :class:`NumericObservation` takes, as does ``size``.
        size: the length of a hashed observation.
        arguments: for ``gym.make(id, ...)``. An ``env_config`` may give others and overrides them.

    Raises:
        ValueError, TypeError, gymnasium.error.Error: what cannot be made, as ``gym.make`` and the
            wrappers say it.
    """
    texts = vocabulary if vocabulary is None or isinstance(vocabulary, str) else tuple(vocabulary)
    creator = partial(_create, id=id, vocabulary=texts, kind=kind, size=size, arguments=arguments)
    creator({}).close()
    register_env(name, creator)


def _create(
    env_config: Mapping[str, Any],
    *,
    id: str,
    vocabulary: Iterable[str] | None,
    kind: str,
    size: int,
    arguments: Mapping[str, Any],
) -> gym.Env[Any, Any]:
    env = DiscreteCommands(gym.make(id, **{**arguments, **env_config}), vocabulary)
    return NumericObservation(env, kind, size, flatten=True)
