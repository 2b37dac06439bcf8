"""Stable-Baselines3 as it is, on a text environment: PPO learns the way out of a maze."""

import gymnasium as gym
import numpy as np
import pytest

from reasoning_gym_envs.wrappers import DiscreteCommands, NumericObservation

pytest.importorskip("torch")
pytest.importorskip("stable_baselines3")

from stable_baselines3 import PPO
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.utils import set_random_seed
from stable_baselines3.common.vec_env import DummyVecEnv

SHORTEST = 9  # steps to the exit of the maze of this seed
SEED = 8


def make(**arguments):
    env = gym.make("TextMaze-v0", view="coordinates", reward="shaped", max_turns=100, **arguments)
    return Monitor(DiscreteCommands(NumericObservation(env)))


def make_maze():
    """One maze, the same in every episode."""
    env = make(same_maze=True)
    env.reset(seed=SEED)
    return env


def greedy_steps(model):
    """How many steps the most probable actions take to the exit; None if they do not get there."""
    env = make_maze()
    observation, _ = env.reset()
    assert len(env.unwrapped.solution()) == SHORTEST
    for step in range(1, 101):
        action, _ = model.predict(observation, deterministic=True)
        observation, *_, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            return step if info["is_success"] else None
    raise AssertionError


def test_ppo_solves_a_maze():
    set_random_seed(SEED)  # PPO(seed=...) would seed the environments, and so change the maze
    model = PPO(
        "MlpPolicy",
        DummyVecEnv([make_maze] * 8),
        n_steps=64,
        batch_size=128,
        n_epochs=6,
        learning_rate=2e-3,
        ent_coef=0.01,
        policy_kwargs={"net_arch": [64]},
        device="cpu",
    )
    assert greedy_steps(model) is None
    model.learn(6144)
    steps = greedy_steps(model)
    assert steps is not None
    assert steps <= SHORTEST + 2


def test_masks_as_maskable_ppo_asks_for_them():
    envs = DummyVecEnv([make_maze] * 3)
    observations = envs.reset()
    assert observations.shape == (3, *envs.observation_space.shape)
    assert envs.has_attr("action_masks")
    for step in range(20):
        masks = np.stack(envs.env_method("action_masks"))
        assert masks.shape == (3, 4)
        assert masks.dtype == bool
        _, _, _, infos = envs.step(
            np.array([np.flatnonzero(mask)[step % mask.sum()] for mask in masks])
        )
        for info in infos:
            assert "success" in info["reward_terms"]


@pytest.mark.parametrize("kind", ["own", "hashed"])
def test_sb3s_checker_has_nothing_to_say(kind):
    env = gym.make("TextMaze-v0", max_turns=100)
    check_env(DiscreteCommands(NumericObservation(env, kind)), warn=True)


def test_text_is_not_for_it():
    """The message that who forgets the wrappers sees."""
    with pytest.raises(TypeError, match="'NoneType' object is not iterable"):
        PPO("MlpPolicy", gym.make("TextMaze-v0"), device="cpu")
