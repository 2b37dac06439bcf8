"""What all wrappers do: record their arguments, pass resets on, refuse what they cannot read."""

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
    (
        NumericObservation,
        MATH,
        {"kind": "hashed", "size": 32, "flatten": True},
        {"kind": "auto", "size": 512, "flatten": False},
    ),
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


class Tokenizer:
    """Counts, and is too large to be copied."""

    def __call__(self, text):
        return len(text)

    def __deepcopy__(self, memo):
        raise AssertionError


@pytest.mark.parametrize("kind", [ChatMessages, TokenBudget])
def test_a_tokenizer_is_not_copied(kind):
    count = Tokenizer()
    env = kind(gym.make(MATH), budget=5000, count=count)
    assert env.spec.additional_wrappers[0].kwargs["count"] is count


@pytest.mark.parametrize(
    ("kind", "id", "arguments"),
    [(row[0], row[1], row[2]) for row in GIVEN if row[1] != LAKE],
    ids=[row[0].__name__ for row in GIVEN if row[1] != LAKE],
)
def test_a_reset_is_passed_on(kind, id, arguments):
    plain, env = gym.make(id, level=(1, 10)), kind(gym.make(id, level=(1, 10)), **arguments)
    for seed, level in ((4, 3), (4, 5), (6, 5)):
        _, expected = plain.reset(seed=seed, options={"level": level, "reveal": True})
        _, info = env.reset(seed=seed, options={"level": level, "reveal": True})
        if kind is SameProblem and seed != 4:  # its own seed is 4
            expected = info
        for name in ("level", "problem_id", "solution", "turn"):
            assert info[name] == expected[name]


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (ChatMessages, {}, "reads texts, but the observations of .* are Box"),
        (RememberCommands, {}, "reads texts, but the observations of .* are Box"),
        (DiscreteCommands, {}, "takes texts as actions, but those of .* are Discrete"),
        (TokenBudget, {"budget": 5}, "takes texts as actions, but those of .* are Discrete"),
        (NumericObservation, {"kind": "hashed"}, "reads texts, but the observations of .* are Box"),
    ],
)
def test_what_is_no_text_is_refused(kind, arguments, message):
    with pytest.raises(ValueError, match=rf"^{kind.__name__} {message}.*: put it inside of the wr"):
        kind(gym.make("CartPole-v1"), **arguments)
    if kind in (ChatMessages, RememberCommands):
        env = DiscreteCommands(gym.make(HANOI))
        with pytest.raises(ValueError, match=f"^{kind.__name__} takes texts as actions, but those"):
            kind(env, **arguments)
