"""Environments side by side: answers in order, and an error that stays where it is."""

import threading
import time

import gymnasium as gym
import pytest

from agents.common.environment_pool import EnvironmentPool, Failure, Step
from agents.common.rollouts import Score, rollout
from reasoning_gym_envs.sandbox import SandboxFailure


class Odd(gym.Env):
    """Does what it is told: answers, fails, or waits."""

    observation_space = action_space = gym.spaces.Text(100)
    made = 0

    def __init__(self, together=1):
        Odd.made += 1
        self.barrier = BARRIERS.setdefault(together, threading.Barrier(together))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed == 13:
            raise RuntimeError("no such seed")
        self.seed = seed
        return f"seed {seed}", {"problem_id": str(seed), "level": 1}

    def step(self, action):
        if action == "fail" or self.seed == 7:
            raise SandboxFailure("the engine is gone\nfor good")
        if action == "wait":
            time.sleep(60)
        if action == "meet":
            self.barrier.wait(30)
        reward = float(action) if action in ("nan", "-inf") else 0.5
        return f"{action} of {self.seed}", reward, True, False, {"is_success": True}


BARRIERS = {}
gym.register("Odd-v0", entry_point=Odd)


@pytest.mark.parametrize("threads", [0, 2])
def test_an_error_is_of_its_environment_alone(threads):
    pool = EnvironmentPool("Odd-v0", 3, threads=threads)
    broken = pool[1]
    first = pool.reset({0: 5, 1: 6, 2: 13})
    assert [type(answer) for answer in first.values()] == [Step, Step, Failure]
    assert first[2].reason == "RuntimeError: no such seed"
    answers = pool.step({0: "a", 1: "fail"})
    assert list(answers) == [0, 1]
    assert answers[0] == ("a of 5", 0.5, True, False, {"is_success": True})
    assert answers[1].reason == "SandboxFailure: the engine is gone"
    assert "in step" in answers[1].traceback
    assert pool[1] is not broken
    assert pool.reset({1: 8})[1].observation == "seed 8"


@pytest.mark.parametrize("reward", ["nan", "-inf"])
def test_a_reward_that_is_no_number_is_a_failure(reward):
    pool = EnvironmentPool("Odd-v0", 1)
    pool.reset({0: 5})
    assert pool.step({0: reward})[0].reason == f"ValueError: the reward is {reward}"


def test_slow_environments_step_at_the_same_time():
    """Each waits for the others, so that one after another would never end."""
    pool = EnvironmentPool("Odd-v0", 4, {"together": 4}, threads=4)
    pool.reset(dict(enumerate(range(4))))
    answers = pool.step(dict.fromkeys([3, 1, 0, 2], "meet"))
    assert list(answers) == [3, 1, 0, 2]
    assert answers[3].observation == "meet of 3"
    assert EnvironmentPool("CodeOutput-v0", 1).threads == 0


def test_a_step_over_its_limit_is_left_behind():
    pool = EnvironmentPool("Odd-v0", 4, threads=2, step_seconds=2)
    pool.reset(dict(enumerate(range(4))))
    answers = pool.step({0: "wait", 1: "wait", 2: "a", 3: "b"})
    assert answers[0].reason == answers[1].reason == "it took longer than 2 s"
    assert answers[3].observation == "b of 3"
    assert pool.reset({0: 4})[0].observation == "seed 4"
    with pytest.raises(ValueError, match="step_seconds needs threads"):
        EnvironmentPool("Odd-v0", 1, threads=0, step_seconds=1)


def test_a_rollout_goes_on_without_the_episodes_that_failed(policy):
    pool = EnvironmentPool("Odd-v0", 4)
    episodes = rollout(policy, pool, [5, 7, 13, 6], max_new_tokens=3)
    assert [episode.failure is None for episode in episodes] == [True, False, False, True]
    assert [episode.reward for episode in episodes] == [0.5, 0.0, 0.0, 0.5]
    assert "engine is gone" in episodes[1].record()["failure"]
    assert "failure" not in episodes[0].record()
    score = Score(episodes)
    assert (score.correct, score.accuracy, score.failed) == (2, 1.0, 2)
    assert score.interval[1] == 1.0
