"""The wrappers of native batches: the same as those of single environments, and an agent on top."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.spaces import Discrete, MultiDiscrete
from gymnasium.vector import SyncVectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics

from reasoning_gym_envs.wrappers import DiscreteCommands, NumericObservation, vector

WORDS = ("north", "east", "south", "west")


def make(n=3, **arguments):
    return gym.make_vec("TextMaze-v0", n, **arguments)


def native(n=3, kind="auto", size=512, vocabulary=None, **arguments):
    envs = vector.DiscreteCommands(make(n, **arguments), vocabulary)
    return vector.NumericObservation(envs, kind, size)


def one_by_one(n=3, kind="auto", size=512, vocabulary=None, **arguments):
    def wrap(env):
        return NumericObservation(DiscreteCommands(env, vocabulary), kind, size)

    return make(n, vectorization_mode="sync", wrappers=[wrap], **arguments)


def same(ours, theirs):
    """Whether two results are equal: values, shapes and types of arrays, and names."""
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in theirs)
    if isinstance(theirs, (tuple, list)):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, np.ndarray) and theirs.dtype != object:
        return ours.dtype == theirs.dtype and np.array_equal(ours, theirs)
    if isinstance(theirs, np.ndarray):
        return all(map(same, ours.tolist(), theirs.tolist()))  # lists here may be tuples there
    return ours == theirs


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"level": 2, "reward": "dense", "max_turns": 30},
        {"level": 3, "reward": "shaped", "max_turns": 40, "split": "test"},
        {"max_turns": 1},
        {"same_maze": True, "max_turns": 9},
        {"level": 4, "max_turns": 40},
        {"level": 6, "max_turns": 40, "reward": {"mode": "dense", "collision_cost": 0.1}},
        {"level": (1, 8), "max_turns": 15},
        {"view": "coordinates", "max_turns": 20},
        {"view": "coordinates", "level": (2, 5), "max_turns": 20},
        {"view": "map", "level": 2, "max_turns": 20},
        {"view": "map", "fog": True, "level": (3, 6), "max_turns": 20},
        {"slip": 0.3, "max_turns": 20},
        {"kind": "hashed", "size": 32, "level": 2, "max_turns": 20},
        {"kind": "own", "vocabulary": ("west", "go north", "south", "jump"), "max_turns": 20},
        {"vocabulary": ("go north", "n"), "max_turns": 5},
    ],
    ids=str,
)
def test_the_same_step_by_step(arguments):
    ours, theirs = native(**arguments), one_by_one(**arguments)
    assert isinstance(theirs, SyncVectorEnv)
    assert ours.single_observation_space == theirs.single_observation_space
    assert ours.observation_space == theirs.observation_space
    assert ours.single_action_space == theirs.single_action_space
    assert ours.action_space == theirs.action_space
    choose = np.random.default_rng(0)
    assert same(ours.reset(seed=0), theirs.reset(seed=0))
    ended, over = 0, np.zeros(3, dtype=bool)
    for step in range(150):
        if step == 70:
            assert same(ours.reset(seed=9), theirs.reset(seed=9))
            over[:] = False
        actions = choose.integers(ours.single_action_space.n, size=3)
        for slot in np.flatnonzero(~over & (choose.random(3) < 0.8)):  # mostly towards the exit
            command = theirs.envs[slot].unwrapped.solution()[0]
            if command in ours.env.vocabulary:
                actions[slot] = ours.env.vocabulary.index(command)
        said, expected = ours.step(actions), theirs.step(actions)
        assert same(said, expected), step
        assert said[0] in ours.observation_space
        over = said[2] | said[3]
        ended += int(over.sum())
    assert ended > 3


def test_the_same_over_many_episodes_that_are_solved():
    ours, theirs = native(16, reward="dense"), one_by_one(16, reward="dense")
    _, infos = ours.reset(seed=5)
    theirs.reset(seed=5)
    choose = np.random.default_rng(1)
    solved = 0
    for _ in range(400):
        likely = infos["action_mask"] * choose.random((16, 4))
        said, expected = ours.step(likely.argmax(axis=1)), theirs.step(likely.argmax(axis=1))
        assert same(said, expected)
        infos = said[4]
        solved += int(said[2].sum())
    assert solved > 10


def test_one_number_is_one_command_everywhere():
    """Alone, one by one, in a batch, and in a batch without a wrapper."""
    single = DiscreteCommands(gym.make("TextMaze-v0", level=2))
    assert single.vocabulary == WORDS == vector.DiscreteCommands(make()).vocabulary
    wrapped, bare = vector.DiscreteCommands(make(1, level=2)), make(1, level=2)
    sync = make(1, level=2, vectorization_mode="sync", wrappers=[DiscreteCommands])
    for seed in range(5):
        for env in (single, wrapped, bare, sync):
            env.reset(seed=seed)
        for number in (0, 1, 2, 3):
            text = single.step(number)[0]
            assert sync.step([number])[0] == (text,)
            assert wrapped.step([number])[0] == (text,)
            assert bare.step(np.array([number]))[0] == (text,)


def test_masked_samples_are_never_refused():
    envs = vector.DiscreteCommands(make(8))
    _, infos = envs.reset(seed=0)
    envs.action_space.seed(0)
    assert envs.single_action_space == Discrete(4)
    assert envs.action_space == MultiDiscrete([4] * 8)
    for _ in range(100):
        actions = envs.action_space.sample(tuple(infos["action_mask"]))
        texts, *_, infos = envs.step(actions)
        assert not any("Possible" in text for text in texts)
    assert any("Possible" in text for text in envs.step(infos["action_mask"].argmin(axis=1))[0])


def test_what_is_returned_is_not_changed_by_later_steps():
    envs, again = native(4, level=2, max_turns=5), native(4, level=2, max_turns=5)
    envs.reset(seed=0), again.reset(seed=0)
    kept = [envs.step([0, 1, 2, 3]) for _ in range(20)]
    assert all(same(step, again.step([0, 1, 2, 3])) for step in kept)


@pytest.mark.parametrize("is_outside", [True, False])
def test_statistics_of_episodes(is_outside):
    if is_outside:
        envs = RecordEpisodeStatistics(native(4, max_turns=6, reward="dense"))
    else:
        envs = RecordEpisodeStatistics(make(4, max_turns=6, reward="dense"))
        envs = vector.NumericObservation(vector.DiscreteCommands(envs))
    envs.reset(seed=0)
    paid, lengths = np.zeros(4), np.zeros(4, dtype=int)
    ended, episodes = np.zeros(4, dtype=bool), 0
    for step in range(60):
        _, rewards, terminated, truncated, infos = envs.step([step % 4] * 4)
        paid, lengths = np.where(ended, 0, paid + rewards), np.where(ended, 0, lengths + 1)
        ended = terminated | truncated
        assert ("episode" in infos) == ended.any()
        if ended.any():
            assert (infos["_episode"] == ended).all()
            assert np.allclose(infos["episode"]["r"][ended], paid[ended])
            assert (infos["episode"]["l"][ended] == lengths[ended]).all()
            episodes += int(ended.sum())
    assert episodes > 30


# An agent that reads numbers.


def advantage_actor_critic(envs, updates, steps=16, gamma=0.95, seed=0, rates=(100.0, 0.5)):
    """The weights of a linear policy over masked actions; a linear critic learns beside it."""
    choose = np.random.default_rng(seed)
    count = envs.single_observation_space.shape[0]
    policy, critic = np.zeros((count, 4)), np.zeros(count)
    observations, infos = envs.reset(seed=seed)
    begins = np.zeros(envs.num_envs, dtype=bool)
    for _ in range(updates):
        change, error = np.zeros_like(policy), np.zeros_like(critic)
        for _ in range(steps):
            before = observations
            chances = probabilities(before, infos["action_mask"], policy)
            actions = (chances.cumsum(axis=1) > choose.random((len(chances), 1))).argmax(axis=1)
            observations, rewards, terminated, truncated, infos = envs.step(actions)
            after = np.where(terminated, 0, observations @ critic)
            advantage = np.where(begins, 0, rewards + gamma * after - before @ critic)
            chosen = np.eye(4)[actions] - chances
            change += before.T @ (chosen * advantage[:, None])
            error += before.T @ advantage
            begins = terminated | truncated
        policy += rates[0] * change / (steps * envs.num_envs)
        critic += rates[1] * error / (steps * envs.num_envs)
    return policy


def probabilities(observations, masks, policy):
    scores = np.where(masks == 1, observations @ policy, -np.inf)
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def success(policy, episodes=2048, **arguments):
    """The rate at which a policy leaves mazes of the test split, a first episode in every slot."""
    envs = native(episodes, split="test", **arguments)
    observations, infos = envs.reset(seed=0)
    choose = np.random.default_rng(1)
    left, ended = np.zeros(episodes, dtype=bool), np.zeros(episodes, dtype=bool)
    while not ended.all():
        chances = probabilities(observations, infos["action_mask"], policy)
        actions = (chances.cumsum(axis=1) > choose.random((episodes, 1))).argmax(axis=1)
        observations, _, terminated, truncated, infos = envs.step(actions)
        left |= terminated & ~ended
        ended |= terminated | truncated
    return left.mean()


def test_a_linear_agent_learns_and_is_tested_on_other_mazes():
    """1.2 million steps; it leaves twice as many mazes of the test split as one that wanders."""
    envs = native(256, reward="dense", max_turns=25)
    policy = advantage_actor_critic(envs, updates=300)
    wandering = success(np.zeros_like(policy), max_turns=25)
    assert success(policy, max_turns=25) > max(0.1, 1.5 * wandering)


# What cannot be wrapped.


def test_one_environment_and_many_are_told_apart():
    for kind in (DiscreteCommands, NumericObservation):
        with pytest.raises(TypeError, match=rf"vector\.{kind.__name__} for a native batch"):
            kind(make())
    sync = make(vectorization_mode="sync")
    for kind in (vector.DiscreteCommands, vector.NumericObservation):
        with pytest.raises(ValueError, match=rf"wrappers=\[{kind.__name__}\]"):
            kind(sync)
        with pytest.raises((TypeError, AssertionError), match="VectorEnv"):
            kind(gym.make("TextMaze-v0"))


def test_an_index_is_a_number_already():
    with pytest.raises(ValueError, match='observation="text"'):
        vector.NumericObservation(make(observation="index"))
    with pytest.raises(ValueError, match='observation="text"'):
        make(observation="index").unwrapped.numeric_observation()
    envs = vector.DiscreteCommands(make(observation="index"))
    envs.reset(seed=0)
    assert envs.step([0, 1, 2])[4]["action_mask"].shape == (3, 4)


def test_commands_are_made_numbers_once():
    with pytest.raises(ValueError, match="inside"):
        vector.DiscreteCommands(vector.DiscreteCommands(make()))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"kind": "hash"}, ValueError, "did you mean 'hashed'"),
        ({"size": 0}, ValueError, "1 or more"),
        ({"size": 1.5}, TypeError, "whole number"),
        ({"vocabulary": []}, ValueError, "at least one"),
        ({"vocabulary": "north"}, TypeError, "list of texts"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        native(**arguments)


@pytest.mark.parametrize(
    ("actions", "error", "message"),
    [
        (["north"] * 3, TypeError, "whole number from 0 to 3"),
        ([True] * 3, TypeError, "whole number"),
        ([0.0] * 3, TypeError, "whole number"),
        ([0, 1], ValueError, "3 actions are needed"),
        ([0, 1, 4], ValueError, r"no action 4.*0 'north', 1 'east'"),
        ([-1, 0, 0], ValueError, "no action -1"),
    ],
)
def test_bad_actions(actions, error, message):
    envs = vector.DiscreteCommands(make())
    envs.reset(seed=0)
    with pytest.raises(error, match=message):
        envs.step(actions)


def test_a_bare_batch_says_how_numbers_are_given():
    envs = make()
    envs.reset(seed=0)
    with pytest.raises(TypeError, match="as an array"):
        envs.step([0, 1, 2])
