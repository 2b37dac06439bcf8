"""Scripted agents: the ceiling solves, the floor is reproducible."""

from __future__ import annotations

import gymnasium as gym
import pytest

import reasoning_gym_envs  # noqa: F401
from agents.scripted import RandomAgent, ReferenceAgent


@pytest.mark.parametrize("level", [1, 3])
def test_the_reference_solves_every_episode(level):
    env = gym.make("MathBoxed-v0", level=level)
    agent = ReferenceAgent(env)
    for seed in range(20):
        observation, info = env.reset(seed=seed)
        *_, info = env.step(agent.act(observation, info))
        assert info["is_success"]


def test_random_actions_are_of_the_space_and_reproducible(tmp_path):
    env = gym.make("MathBoxed-v0")
    agent = RandomAgent(env.action_space, seed=4)
    actions = [agent.act("", {}) for _ in range(5)]
    assert all(env.action_space.contains(action) for action in actions)
    assert len(set(actions)) > 1
    agent.save(tmp_path / "agent")
    again = RandomAgent.load(tmp_path / "agent", env.action_space)
    assert [again.act("", {}) for _ in range(5)] == actions


def test_random_agent_takes_admissible_commands():
    agent = RandomAgent(gym.spaces.Text(5), seed=0)
    commands = ["north", "south"]
    assert {agent.act("", {"admissible_commands": commands}) for _ in range(20)} == set(commands)


def test_random_agent_leaves_the_environments_space_alone():
    space, twin = gym.spaces.Discrete(1000, seed=1), gym.spaces.Discrete(1000, seed=1)
    RandomAgent(space, seed=5).act("")
    assert [space.sample() for _ in range(5)] == [twin.sample() for _ in range(5)]
