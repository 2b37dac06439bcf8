"""What an episode pays: sparse, dense or shaped, and costs that a user may add."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reasoning_gym_envs.errors import unknown

MODES = ("sparse", "dense", "shaped")
LARGEST_PROGRESS_GAMMA = 0.99
PRICED_EVENTS = ("format", "illegal", "collision", "size", "runtime")
"""What may happen in a turn that a user can put a price on, with ``<event>_cost``."""


@dataclass(frozen=True)
class RewardScheme:
    """How a step is paid. ``reward="dense"`` is short for ``reward=RewardScheme("dense")``.

    With the progress Φ of a state, in [0, 1) before the goal and 1 at a solved end:

    ========  ==================================================================================
    sparse    1 when the episode ends in success, else 0.
    dense     sparse + Φ(s′) − Φ(s). The sum over an episode is 2 − Φ(s₀) when solved and less
              than 1 when not: it depends on where the episode ends, not on how it went there,
              so going in circles earns nothing.
    shaped    sparse + γΦ(s′) − Φ(s), with Φ = 0 at terminal states (Ng, Harada and Russell,
              ICML 1999): the optimal policy for the discount γ is that of the sparse reward.
    ========  ==================================================================================

    What a user may add are costs, never bonuses: there is nothing to collect by repeating it.
    Each is a named term in ``info["reward_terms"]``, whose values sum to the reward.

    Args:
        mode: "sparse", "dense" or "shaped".
        gamma: the discount γ of "shaped", in (0, 1].
        step_cost: paid at every step (term ``step``).
        format_cost: paid when the response does not have the form that the environment asks for
            (term ``format``).
        length_cost: paid for each unit of a response beyond ``length_budget`` (term ``length``).
        length_budget: how many units are free.
        length_of: counts the units of a response: characters unless given; a tokenizer's, say.
        illegal_cost: paid for a command that is understood and not possible now (term
            ``illegal``), in environments that have them.
        collision_cost: paid for each collision, in environments that have them (term
            ``collision``).
        size_cost: paid for a program that solves its task and is at least twice as large as the
            reference, in part where it is less (term ``size``), in environments of code.
        runtime_cost: paid for a program that solves its task and takes many times as long as the
            reference for large inputs (term ``runtime``), in environments of code. Both together
            are less than 1, so that every solution pays.

    Raises:
        ValueError: an unknown mode, a γ outside (0, 1], a negative or infinite cost or budget, a
            size and runtime cost of 1 or more.
        TypeError: a field that is no number, a ``length_of`` that cannot be called.
    """

    mode: str = "sparse"
    gamma: float = 0.99
    step_cost: float = 0.0
    format_cost: float = 0.0
    length_cost: float = 0.0
    length_budget: int = 0
    length_of: Callable[[str], int] | None = None
    illegal_cost: float = 0.0
    collision_cost: float = 0.0
    size_cost: float = 0.0
    runtime_cost: float = 0.0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(unknown("reward", self.mode, MODES))
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.type in ("float", "int") and not isinstance(value, (int, float)):
                raise TypeError(f"{field.name} must be a number, got {value!r}")
        if self.length_of is not None and not callable(self.length_of):
            raise TypeError(f"length_of must count a text's units, got {self.length_of!r}")
        if not 0.0 < self.gamma <= 1.0:
            raise ValueError(f"gamma must be in (0, 1], got {self.gamma}")
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name.endswith(("_cost", "_budget")) and not 0.0 <= value < float("inf"):
                raise ValueError(f"{field.name} must be 0 or more, got {value}")
        if self.size_cost + self.runtime_cost >= 1.0:
            raise ValueError(
                "size_cost and runtime_cost together must be less than 1, what a solution pays, "
                f"got {self.size_cost} and {self.runtime_cost}"
            )

    @property
    def progress_gamma(self) -> float:
        """The γ of environments with Φ = γ^d: ``gamma``, at most 0.99, so that Φ tells d apart."""
        return min(self.gamma, LARGEST_PROGRESS_GAMMA)

    @classmethod
    def of(cls, reward: str | Mapping[str, Any] | RewardScheme) -> RewardScheme:
        """The scheme that a ``reward=`` argument names: a mode, a mapping of fields, a scheme."""
        if isinstance(reward, RewardScheme):
            return reward
        if isinstance(reward, str):
            return cls(reward)
        if isinstance(reward, Mapping):
            fields = [field.name for field in dataclasses.fields(cls)]
            for name in reward:
                if name not in fields:
                    raise ValueError(unknown("field of RewardScheme", name, fields))
            return cls(**reward)
        raise TypeError(
            f"reward must be one of {MODES}, a mapping of RewardScheme's fields or a RewardScheme, "
            f"got {type(reward).__name__}"
        )

    def terms(
        self,
        solved: bool,
        terminated: bool,
        progress_before: float,
        progress_after: float,
        action: str,
        events: Mapping[str, float],
    ) -> dict[str, float]:
        """The named terms of one step's reward; their sum is the reward.

        Args:
            solved: the step ended the episode in success.
            terminated: the state reached is terminal (a truncated episode's last one is not).
            progress_before: Φ(s).
            progress_after: Φ(s′); not read by "shaped" at a terminal state, where it is 0.
            action: the response, for its length.
            events: how often, or how much of, each of ``PRICED_EVENTS`` happened.
        """
        terms = {"success": 1.0 if solved else 0.0}
        if self.mode == "dense":
            terms["progress"] = progress_after - progress_before
        elif self.mode == "shaped":
            terms["shaping"] = (
                0.0 if terminated else self.gamma * progress_after
            ) - progress_before
        if self.step_cost:
            terms["step"] = -self.step_cost
        if self.length_cost:
            length = len(action) if self.length_of is None else self.length_of(action)
            excess = max(0, length - self.length_budget)
            terms["length"] = -self.length_cost * excess
        if self.format_cost:
            terms["format"] = -self.format_cost * events.get("format", 0)
        if self.illegal_cost:
            terms["illegal"] = -self.illegal_cost * events.get("illegal", 0)
        if self.collision_cost:
            terms["collision"] = -self.collision_cost * events.get("collision", 0)
        if self.size_cost:
            terms["size"] = -self.size_cost * events.get("size", 0)
        if self.runtime_cost:
            terms["runtime"] = -self.runtime_cost * events.get("runtime", 0)
        return terms
