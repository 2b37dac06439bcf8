"""StepCost: a price for each step."""

from __future__ import annotations

from typing import Any, TypeVar

import gymnasium as gym
from gymnasium.utils import RecordConstructorArgs

from reasoning_gym_envs.wrappers.checks import cost as as_cost
from reasoning_gym_envs.wrappers.checks import terms_of

ObsType = TypeVar("ObsType")
ActType = TypeVar("ActType")


class StepCost(gym.Wrapper[ObsType, ActType, ObsType, ActType], RecordConstructorArgs):
    """Each step costs something, so that a short way is worth more than a long one.

    The cost is a term of its own in ``info["reward_terms"]``, whose values still sum to the
    reward. It is added to a term of the same name, such as that of the environment's own
    ``reward={"step_cost": ...}``.

    Args:
        env: any environment.
        cost: what a step costs, 0 or more.
        name: the name of the term.

    Raises:
        ValueError: a negative or infinite cost.
        TypeError: a cost that is no number, a name that is no text.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> env = StepCost(gym.make("TowerOfHanoi-v0"), 0.01)
    >>> observation, info = env.reset(seed=0)
    >>> env.step("A to C")[4]["reward_terms"]
    {'success': 0.0, 'step': -0.01}
    """

    def __init__(
        self, env: gym.Env[ObsType, ActType], cost: float = 0.01, name: str = "step"
    ) -> None:
        RecordConstructorArgs.__init__(self, cost=cost, name=name)
        gym.Wrapper.__init__(self, env)
        if not isinstance(name, str):
            raise TypeError(f"name must be a text, got {name!r:.80}")
        self.cost = as_cost("cost", cost)
        self.name = name

    def step(self, action: ActType) -> tuple[ObsType, float, bool, bool, dict[str, Any]]:
        """Take a step and pay for it."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        terms = terms_of(float(reward), info)
        terms[self.name] = terms.get(self.name, 0.0) - self.cost
        paid = float(reward) - self.cost
        return observation, paid, terminated, truncated, {**info, "reward_terms": terms}
