"""Commands as numbers: the same episodes as by text, with a mask that is right."""

import random

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.spaces import Discrete
from gymnasium.wrappers import TransformAction

from reasoning_gym_envs.wrappers import DiscreteCommands

HANOI = "TowerOfHanoi-v0"
BOXES = [f"\\boxed{{{n}}}" for n in range(100)]


@pytest.fixture
def env():
    return DiscreteCommands(gym.make(HANOI, level=2, reward="dense"))


def test_an_action_is_its_command(env):
    texts = gym.make(HANOI, level=2, reward="dense")
    assert env.action_space == Discrete(6)
    assert env.reset(seed=3)[0] == texts.reset(seed=3)[0]
    for action in [0, 5, 3, 1, 2, 4]:
        observation, reward, terminated, truncated, info = env.step(action)
        mask = info.pop("action_mask")
        assert (observation, reward, terminated, truncated, info) == texts.step(
            env.vocabulary[action]
        )
        admissible = {env.vocabulary[number] for number in np.flatnonzero(mask)}
        assert admissible == set(info["admissible_commands"])


def test_masked_actions_never_are_refused(env):
    choose = random.Random(0)
    _, info = env.reset(seed=1)
    env.action_space.seed(1)
    refused = 0
    for _ in range(200):
        mask = info["action_mask"]
        assert mask.dtype == np.int8
        assert mask.shape == (6,)
        assert (env.get_wrapper_attr("action_masks")() == mask.astype(bool)).all()
        assert env.action_masks().dtype == bool
        masked = choose.random() < 0.5
        action = env.action_space.sample(mask if masked else 1 - mask)
        said, _, terminated, truncated, info = env.step(action)
        assert ("Possible: " in said) is not masked
        refused += not masked
        if terminated or truncated:
            _, info = env.reset()
    assert refused > 50


def test_the_mask_is_a_copy(env):
    _, info = env.reset(seed=1)
    info["action_mask"][:] = 0
    assert env.action_masks().any()


def test_at_the_end_every_action_is_allowed(env):
    env.reset(seed=0)
    for command in env.unwrapped.solution():
        *_, terminated, _, info = env.step(env.vocabulary.index(command))
    assert terminated
    assert info["admissible_commands"] == []
    assert info["action_mask"].tolist() == [1] * 6
    assert env.action_masks().all()


@pytest.mark.parametrize(
    "action", [2, np.int64(2), np.int32(2), np.uint8(2), np.array(2), np.array([2])]
)
def test_whole_numbers_of_any_kind(env, action):
    env.reset(seed=0)
    other = gym.make(HANOI, level=2, reward="dense")
    other.reset(seed=0)
    assert env.step(action)[0] == other.step("B to A")[0]


@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        (6, ValueError, "no action 6: they go from 0 to 5 .*0 'A to B'"),
        (-1, ValueError, "from 0 to 5"),
        (True, TypeError, "whole number from 0 to 5"),
        (np.True_, TypeError, "whole number"),
        (1.0, TypeError, "whole number"),
        (np.float32(1), TypeError, "whole number"),
        ("A to B", TypeError, "whole number"),
        (None, TypeError, "whole number"),
        (np.array([1, 2]), TypeError, "whole number"),
    ],
)
def test_other_actions_raise(env, action, error, message):
    env.reset(seed=0)
    with pytest.raises(error, match=message):
        env.step(action)
    assert env.unwrapped.snapshot().episode.turn == 0


def test_answers_as_a_vocabulary():
    env = DiscreteCommands(gym.make("MathBoxed-v0", topics="gcd_lcm"), vocabulary=BOXES)
    solved = 0
    for seed in range(30):
        _, info = env.reset(seed=seed)
        assert info["action_mask"].all()
        answer = env.unwrapped.solution()[0].rpartition("</think>")[2]
        if answer in BOXES:
            *_, info = env.step(BOXES.index(answer))
            assert info["is_success"]
            assert info["action_mask"].all()
            solved += 1
    assert solved > 5


def test_a_part_of_the_vocabulary():
    env = DiscreteCommands(gym.make(HANOI), vocabulary=["B to C", "A to B"])
    _, info = env.reset(seed=0)
    expected = [text in info["admissible_commands"] for text in env.vocabulary]
    assert info["action_mask"].tolist() == expected


@pytest.mark.parametrize(
    ("id", "vocabulary", "error", "message"),
    [
        (
            "MathBoxed-v0",
            None,
            ValueError,
            r"answer; take .* or give .*: DiscreteCommands\(env, vocabulary=\[...\]\)$",
        ),
        ("TowerOfHanoiBoxed-v0", None, ValueError, 'one answer.*form="moves"'),
        (HANOI, [], ValueError, "^vocabulary must have at least one"),
        (HANOI, ["a", "b", "a"], ValueError, "twice, as it does 'a'"),
        (HANOI, ["a", "b", "b"], ValueError, "twice, as it does 'b'"),
        (HANOI, "A to B", TypeError, "list of texts"),
        (HANOI, [1, 2], TypeError, "list of texts"),
    ],
)
def test_bad_vocabularies(id, vocabulary, error, message):
    with pytest.raises(error, match=message):
        DiscreteCommands(gym.make(id), vocabulary)


def test_actions_that_are_no_texts():
    with pytest.raises(ValueError, match="inside of the wrapper"):
        DiscreteCommands(DiscreteCommands(gym.make(HANOI)))
    with pytest.raises(ValueError, match="Discrete"):
        DiscreteCommands(gym.make("CartPole-v1"))
    # changed by a wrapper that keeps the space is fine
    env = gym.make(HANOI)
    DiscreteCommands(TransformAction(env, str.lower, env.action_space))


@pytest.mark.parametrize("n", [2, 12, 13])
def test_an_action_that_there_is_not_is_said_with_those_that_there_are(n):
    env = DiscreteCommands(gym.make("MathBoxed-v0"), vocabulary=[f"a{k}" for k in range(n)])
    env.reset(seed=0)
    named = ", ".join(f"{k} 'a{k}'" for k in range(min(n, 12))) + (", …" if n > 12 else "")
    with pytest.raises(ValueError, match=rf"^there is no action 99: .* to {n - 1} \({named}\)$"):
        env.step(99)
    with pytest.raises(TypeError, match=f"^an action is .* 0 to {n - 1}, got str: 'a1'$"):
        env.step("a1")


def test_before_the_first_reset_nothing_is_known_to_be_impossible():
    masks = DiscreteCommands(gym.make(HANOI)).action_masks()
    assert masks.tolist() == [True] * 6


def test_a_given_list_is_for_any_level():
    env = DiscreteCommands(gym.make("Countdown-v0"), vocabulary=["1 + 1", "2 + 2"])
    assert env.reset(seed=0, options={"level": 10})[1]["level"] == 10


def test_an_environment_that_names_commands_and_never_says_which_are_possible():
    class Silent(gym.Env):
        observation_space = action_space = gym.spaces.Text(9)
        command_vocabulary = ("a", "b")

        def reset(self, *, seed=None, options=None):
            return "", {}

    _, info = DiscreteCommands(Silent()).reset()
    assert info["action_mask"].tolist() == [1, 1]


def test_a_level_that_the_list_is_not_made_for():
    env = DiscreteCommands(gym.make("Countdown-v0"))
    with pytest.raises(
        ValueError, match=r"^the list of commands of .*make it with level=\(1, 10\)"
    ):
        env.reset(seed=0, options={"level": 10})
    env = DiscreteCommands(gym.make("TextMaze-v0"))  # where all levels have the same commands
    assert env.reset(seed=0, options={"level": 3})[1]["level"] == 3
