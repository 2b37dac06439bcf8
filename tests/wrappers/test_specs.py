"""What a wrapper was made with stands in the spec, what was not given as well."""

import gymnasium as gym
import pytest

from reasoning_gym_envs.wrappers import (
    ChatMessages,
    Curriculum,
    DiscreteCommands,
    InWords,
    NumericObservation,
    RememberCommands,
    RewardTerms,
    SameProblem,
    StepCost,
    TokenBudget,
)

MATH, HANOI, LAKE = "MathBoxed-v0", "TowerOfHanoi-v0", "FrozenLake-v1"


def words(text):
    return len(text.split())


def first(text, tokens):
    return text[:tokens]


def is_paid(state, reward):
    return reward > 0.5


GIVEN = [
    (
        ChatMessages,
        MATH,
        {"system": "s", "history": 2, "budget": 500, "count": words},
        {"system": None, "history": "full", "budget": None, "count": len},
    ),
    (
        Curriculum,
        MATH,
        {"low": 0.1, "high": 0.9, "window": 5, "levels": (2, 4), "start": 3},
        {"low": 0.3, "high": 0.8, "window": 32, "levels": None, "start": None},
    ),
    (DiscreteCommands, HANOI, {"vocabulary": ("B to C", "A to B")}, {"vocabulary": None}),
    (
        InWords,
        LAKE,
        {"commands": tuple("abcd"), "describe": "row {}".format, "success": is_paid},
        {"commands": tuple("abcd"), "describe": None, "success": None},
    ),
    (NumericObservation, MATH, {"kind": "hashed", "size": 32}, {"kind": "auto", "size": 512}),
    (RememberCommands, HANOI, {"count": 3}, {"count": 1}),
    (RewardTerms, MATH, {"buffer_length": 7}, {"buffer_length": 100}),
    (SameProblem, MATH, {"seed": 4}, {"seed": None}),
    (StepCost, MATH, {"cost": 0.5, "name": "time"}, {"cost": 0.01, "name": "step"}),
    (
        TokenBudget,
        MATH,
        {"budget": 50, "count": words, "cut": first},
        {"budget": 50, "count": len, "cut": None},
    ),
]


@pytest.mark.parametrize(
    ("kind", "id", "given", "otherwise"), GIVEN, ids=[row[0].__name__ for row in GIVEN]
)
def test_made_again_with_the_same_arguments(kind, id, given, otherwise):
    needed = {name: value for name, value in otherwise.items() if name in ("commands", "budget")}
    needed = {name: value for name, value in needed.items() if value is not None}
    for arguments, expected in ((given, given), (needed, otherwise)):
        env = kind(gym.make(id), **arguments)
        [spec] = env.spec.additional_wrappers
        assert (spec.name, spec.kwargs) == (kind.__name__, expected)
        again = gym.make(env.spec)
        assert type(again) is kind
        assert again.spec.additional_wrappers[0].kwargs == expected
        assert again.observation_space == env.observation_space
        assert again.action_space == env.action_space
