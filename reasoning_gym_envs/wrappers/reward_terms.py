"""RewardTerms: what each reward term paid in an episode."""

from __future__ import annotations

from collections import deque
from typing import Any, TypeVar

import gymnasium as gym
from gymnasium.utils import RecordConstructorArgs

from reasoning_gym_envs.wrappers.checks import terms_of, whole_number

ObsType = TypeVar("ObsType")
ActType = TypeVar("ActType")

KEY = "episode_reward_terms"


class RewardTerms(gym.Wrapper[ObsType, ActType, ObsType, ActType], RecordConstructorArgs):
    """Adds up ``info["reward_terms"]`` over an episode: what the return is made of.

    The last ``info`` of an episode has the sums, a dict, in ``episode_reward_terms``. Where
    Gymnasium's ``RecordEpisodeStatistics`` stands inside of this wrapper they stand in
    ``info["episode"]["reward_terms"]``, too, beside the return ``r`` and the length ``l``. (Where
    it stands outside, or is that of vector environments, it insists on making ``info["episode"]``
    itself, so nothing is put there.) Their total is the return as this wrapper sees it: put it
    outside of :class:`StepCost` to have its term.

    In a vector environment ``infos["episode_reward_terms"]["success"]`` is an array, and
    ``infos["_episode_reward_terms"]`` says which environments ended an episode.

    Args:
        env: any environment; where it has no ``reward_terms``, all of the reward is one term,
            ``reward``.
        buffer_length: over how many of the last episodes :attr:`means` are.

    Raises:
        TypeError, ValueError: a buffer length that is not a whole number of 1 or more.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> env = RewardTerms(gym.make("MathBoxed-v0", reward="dense"))
    >>> observation, info = env.reset(seed=0)
    >>> *_, info = env.step(env.unwrapped.solution()[0])
    >>> info["episode_reward_terms"]
    {'success': 1.0, 'progress': 1.0}
    """

    def __init__(self, env: gym.Env[ObsType, ActType], buffer_length: int = 100) -> None:
        RecordConstructorArgs.__init__(self, buffer_length=buffer_length)
        gym.Wrapper.__init__(self, env)
        whole_number("buffer_length", buffer_length, 1)
        self.terms_queue: deque[dict[str, float]] = deque(maxlen=buffer_length)
        """The sums of the last episodes."""
        self._sums: dict[str, float] = {}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObsType, dict[str, Any]]:
        """Begin an episode: the sums begin anew."""
        self._sums = {}
        return self.env.reset(seed=seed, options=options)

    def step(self, action: ActType) -> tuple[ObsType, float, bool, bool, dict[str, Any]]:
        """Take a step; at the end of the episode ``info`` has the sums."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        for name, value in terms_of(float(reward), info).items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        if terminated or truncated:
            info = {**info, KEY: dict(self._sums)}
            if isinstance(info.get("episode"), dict):
                info["episode"] = {**info["episode"], "reward_terms": dict(self._sums)}
            self.terms_queue.append(self._sums)
            self._sums = {}
        return observation, float(reward), terminated, truncated, info

    @property
    def means(self) -> dict[str, float]:
        """The mean of each term over the last episodes; a term that an episode lacks counts 0."""
        names = dict.fromkeys(name for sums in self.terms_queue for name in sums)
        episodes = len(self.terms_queue)
        return {
            name: sum(sums.get(name, 0.0) for sums in self.terms_queue) / episodes for name in names
        }
