"""TokenBudget: so many tokens for a whole episode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import gymnasium as gym
from gymnasium.error import ResetNeeded
from gymnasium.utils import RecordConstructorArgs

from reasoning_gym_envs.wrappers.checks import needs_text, whole_number
from reasoning_gym_envs.wrappers.counting import Count, longest_start

ObsType = TypeVar("ObsType")


class TokenBudget(gym.Wrapper[ObsType, str, ObsType, str], RecordConstructorArgs):
    r"""An episode has so many tokens for all of its actions together.

    A response that is longer than what is left is cut before the environment reads it, as a
    generator that stops at a limit would cut it: an answer that stands behind the cut was not
    given. When nothing is left the episode is truncated, with ``is_success`` False unless that very
    response solved it. So more text never buys anything: neither turns, nor a second answer. (As
    with every truncation, a learner should bootstrap from the last observation; then there is
    nothing to gain by running out of tokens early, either.)

    Each ``info`` has ``tokens_left``.

    Args:
        env: an environment whose actions are texts.
        budget: the tokens of an episode.
        count: the number of tokens of a text; characters (``len``) unless given. For a tokenizer
            of transformers: ``lambda text: len(tokenizer(text)["input_ids"])``.
        cut: the start of a text that has at most so many tokens; found with ``count`` unless given.

    Raises:
        TypeError, ValueError: a budget that is not a whole number of 1 or more; a ``count`` or
            ``cut`` that cannot be called; an environment whose actions are no texts.

    >>> import gymnasium as gym
    >>> import reasoning_gym_envs
    >>> env = TokenBudget(gym.make("MathBoxed-v0", max_turns=5), budget=20)
    >>> observation, info = env.reset(seed=0)
    >>> env.step("\\boxed{x}")[4]["tokens_left"]
    11
    >>> *_, truncated, info = env.step("Now let me think about it.")
    >>> truncated, info["tokens_left"], info["is_success"]
    (True, 0, False)
    """

    def __init__(
        self,
        env: gym.Env[ObsType, str],
        budget: int,
        count: Count = len,
        cut: Callable[[str, int], str] | None = None,
    ) -> None:
        # A tokenizer is not copied for the record: it may be large.
        RecordConstructorArgs.__init__(
            self, _disable_deepcopy=True, budget=budget, count=count, cut=cut
        )
        gym.Wrapper.__init__(self, env)
        needs_text("TokenBudget", env, actions=True)
        self.budget = whole_number("budget", budget, 1)
        for name, function in (("count", count), ("cut", cut)):
            if not callable(function) and (name, function) != ("cut", None):
                raise TypeError(f"{name} must be a function of a text, got {function!r:.80}")
        self._count = count
        self._cut = cut
        self._left = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObsType, dict[str, Any]]:
        """Begin an episode with the whole budget."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._left = self.budget
        return observation, {**info, "tokens_left": self._left}

    def step(self, action: str) -> tuple[ObsType, float, bool, bool, dict[str, Any]]:
        """Give a response, cut to what is left.

        Raises:
            TypeError: the action is not a string.
            gymnasium.error.ResetNeeded: nothing is left, so that the episode has ended.
        """
        if not isinstance(action, str):
            raise TypeError(f"an action is a str, got {type(action).__name__}: {action!r:.80}")
        if self._left <= 0:
            raise ResetNeeded("no tokens are left: call reset() to begin an episode")
        used = self._count(action)
        if used > self._left:
            used = self._left
            if self._cut is None:
                action = longest_start(action, self._left, self._count)
            else:
                action = self._cut(action, self._left)
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._left -= used
        info = {**info, "tokens_left": self._left}
        if self._left <= 0 and not terminated:
            truncated = True
            info.setdefault("is_success", False)
        return observation, float(reward), terminated, truncated, info
