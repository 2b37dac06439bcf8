"""RLlib as it is: PPO learns on text environments that are registered in one line."""

import gymnasium as gym
import numpy as np
import pytest

pytest.importorskip("ray", reason="Ray is not installed here: make integrations")

import ray
from gymnasium.spaces import Box, Discrete
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig
from ray.tune.registry import ENV_CREATOR, _global_registry

from reasoning_gym_envs.integrations import rllib
from tests.integrations.page import lines, run

HANOI = "TowerOfHanoi-v0"
ITERATIONS = 6
SUMS = [
    {"question": f"What is {a} plus {b}?", "answer": str(a + b)}
    for a in range(4)
    for b in range(4)
    if a + b < 4
]
ANSWERS = tuple(f"\\boxed{{{number}}}" for number in range(4))


@pytest.fixture(scope="module", autouse=True)
def cluster():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent
        ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False, logging_level="error")
        yield
        ray.shutdown()


def created(name, **env_config):
    return _global_registry.get(ENV_CREATOR, name)(env_config)


def ppo(name, runners, **env_config):
    config = (
        PPOConfig()
        .environment(name, env_config=env_config)
        .env_runners(num_env_runners=runners, num_envs_per_env_runner=8)
        .training(lr=5e-3, train_batch_size_per_learner=512, minibatch_size=128, num_epochs=8)
        .rl_module(model_config=DefaultModelConfig(fcnet_hiddens=[64]))
        .debugging(seed=0, log_level="ERROR")
    )
    return config.build_algo()


@pytest.mark.parametrize("runners", [1, 2])
def test_ppo_learns(runners):
    """Questions with four answers: chance is right in a quarter of them."""
    rllib.register("few", "MathBoxed-v0", problems=SUMS, vocabulary=ANSWERS, size=64)
    algorithm = ppo("few", runners)
    try:
        returns = []
        for _ in range(ITERATIONS):
            results = algorithm.train()["env_runners"]
            returns.append(results["episode_return_mean"])
        assert algorithm.env_runner_group.num_healthy_remote_workers() == runners
    finally:
        algorithm.stop()
    assert returns[0] < 0.5, returns
    assert returns[-1] > 0.8, returns


def test_raw_text_has_no_encoder():
    """What the wrappers are for, and the message that who forgets them sees."""
    from ray.tune.registry import register_env

    register_env("text", lambda _: gym.make(HANOI))
    with pytest.raises(Exception, match="No default encoder config"):
        ppo("text", 0)


def test_what_is_made():
    rllib.register("maze", "TextMaze-v0", level=(1, 2), view="coordinates", reward="dense")
    env = created("maze")
    assert env.observation_space == Box(0.0, 1.0, (7 * 7 + 30,), np.float32)
    assert env.action_space == Discrete(4)
    assert env.unwrapped.level == (1, 2)
    other = created("maze", level=1, reward="sparse")
    assert other.observation_space.shape == (5 * 5 + 30,)
    assert other.unwrapped.reward_scheme.mode == "sparse"
    assert other.unwrapped.view == "coordinates"


def test_a_board_is_one_vector():
    rllib.register("sudoku", "Sudoku-v0")
    env = created("sudoku")
    assert env.observation_space.shape == (4 * 4 * 5,)
    assert env.reset(seed=0)[0] in env.observation_space


def test_a_question_is_a_choice_of_answers():
    answers = (f"\\boxed{{{number}}}" for number in range(100))
    rllib.register("sums", "MathBoxed-v0", topics="integer_arithmetic", vocabulary=answers, size=64)
    for _ in range(2):
        env = created("sums")
        assert env.action_space == Discrete(100)
        assert env.observation_space.shape == (64,)


@pytest.mark.parametrize(
    ("id", "arguments", "error", "message"),
    [
        ("TowerOfHanoy-v0", {}, gym.error.Error, "TowerOfHanoi"),
        (HANOI, {"levle": 3}, TypeError, "did you mean 'level'"),
        (HANOI, {"kind": "hash"}, ValueError, "did you mean 'hashed'"),
        ("MathBoxed-v0", {}, ValueError, "vocabulary"),
    ],
)
def test_mistakes_are_said_at_once(id, arguments, error, message):
    with pytest.raises(error, match=message):
        rllib.register("wrong", id, **arguments)


def test_the_lines_of_the_page(tmp_path):
    few = ".env_runners(num_env_runners=1).training(train_batch_size_per_learner=200)"
    code = lines("RLlib", {".env_runners(num_env_runners=1)": few})
    assert 0 <= float(run(code, tmp_path).splitlines()[-1]) <= 2


def test_what_has_no_commands_asks_for_answers():
    with pytest.raises(ValueError, match="has no fixed list of commands"):
        rllib.register("sums", "MathBoxed-v0")
