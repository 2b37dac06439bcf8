"""Environments from a configuration: their splits and masks, and a state that can be put back."""

import json

import gymnasium as gym
import numpy as np
import pytest

from agents.common.environments import TaskConfig, TrainingEnvs, make_env, make_test, play

ICE = {"level": 2, "slip": 0.3, "max_turns": 12}
TASKS = {
    "maze": TaskConfig(env_kwargs={"level": 1, "max_turns": 9}, remember=2),
    "ice": TaskConfig(env_kwargs=ICE),
    "ice, one problem": TaskConfig(env_kwargs={**ICE, "view": "coordinates"}, same_problem=True),
    "shaped": TaskConfig(env_kwargs={"level": 2, "reward": "shaped", "max_turns": 15}),
    "lake": TaskConfig(env_id="FrozenLake-v1", env_kwargs={"is_slippery": True}),
    "lake, one problem": TaskConfig(
        env_id="FrozenLake-v1", env_kwargs={"is_slippery": True}, same_problem=True
    ),
}


def admissible(masks, rng):
    """Numbers of admissible commands, at random; anything where an episode has ended."""
    return np.array([rng.choice(np.flatnonzero(mask)) if mask.any() else 0 for mask in masks])


def wander(envs, steps, rng):
    return [envs.step(admissible(envs.masks, rng)) for _ in range(steps)]


@pytest.mark.parametrize("task", TASKS)
def test_a_state_is_put_back_exactly(task):
    config, rng = TASKS[task], np.random.default_rng(3)
    envs = TrainingEnvs(config, 3)
    wander(envs, 40, rng)
    envs.restart()
    wander(envs, 33, rng)
    state = json.loads(json.dumps(envs.state()))  # as a checkpoint keeps it
    other = TrainingEnvs(config, 3)
    other.put_back(state)
    assert list(other.observations) == list(envs.observations)
    assert np.array_equal(other.masks, envs.masks)
    assert (other.steps, other.episodes) == (envs.steps, envs.episodes)
    assert other.metrics() == envs.metrics()
    assert envs.episodes > 3
    # and both go on in the same way
    for one, two in zip(
        wander(envs, 40, np.random.default_rng(4)),
        wander(other, 40, np.random.default_rng(4)),
        strict=True,
    ):
        assert list(one.observations) == list(two.observations)
        for a, b in zip(one[1:], two[1:], strict=True):
            assert np.array_equal(a, b)
    assert other.metrics() == envs.metrics()
    assert other.state() == envs.state()


def test_ice_and_lake_are_not_the_same_twice():
    """What is put back above had chance in it."""
    for task in ("ice", "lake"):
        envs = TrainingEnvs(TASKS[task], 2)
        first = [list(t.observations) for t in wander(envs, 30, np.random.default_rng(0))]
        envs.steps += 1
        envs.restart()
        again = [list(t.observations) for t in wander(envs, 30, np.random.default_rng(0))]
        assert first != again


def test_resets_are_no_steps_and_returns_are_those_of_the_episodes():
    """Beside the same episodes played one by one."""
    config = TaskConfig(env_kwargs={"level": 1, "max_turns": 7, "reward": "shaped"})
    envs, rng = TrainingEnvs(config, 4), np.random.default_rng(0)
    after = wander(envs, 60, rng)
    valid = np.stack([t.valid for t in after])
    ended = np.stack([t.terminated | t.truncated for t in after])
    assert np.array_equal(~valid[1:], ended[:-1])  # the step after the end, and no other
    assert valid[0].all()
    assert envs.steps == valid.sum()
    assert envs.episodes == ended.sum()
    rewards = np.stack([t.rewards for t in after])
    assert not rewards[~valid].any()
    returns, lengths, successes = [], [], []
    running = np.zeros(4), np.zeros(4, int)
    for t in after:
        running[0][:] += t.rewards
        running[1][:] += t.valid
        for slot in np.flatnonzero(t.terminated | t.truncated):
            returns.append(running[0][slot])
            lengths.append(running[1][slot])
            successes.append(bool(t.terminated[slot]))
            running[0][slot] = running[1][slot] = 0
    assert max(lengths) == 7
    assert envs.metrics() == {
        "episodes": len(returns),
        "return": pytest.approx(np.mean(returns), abs=1e-6),
        "success": np.mean(successes),
        "length": np.mean(lengths),
    }


def test_problems_of_training_and_test_are_different():
    config = TaskConfig(env_kwargs={"level": 2}, eval_episodes=30)

    def problem(env, seed):
        return env.reset(seed=seed)[1]["problem_id"]

    test = make_test(config)
    assert len(set(test.seeds)) == 30
    tested = {problem(make_env(config, split="test"), seed) for seed in test.seeds}
    trained = {problem(make_env(config), seed) for seed in range(300)}
    assert len(tested) == 30
    assert not tested & trained
    # each slot of the batch is of the test split, too
    texts = {make_env(config, split="test").reset(seed=seed)[0] for seed in test.seeds}
    assert set(test.envs.reset(seed=list(test.seeds))[0]) == texts


def test_the_same_problem_is_trained_on_and_tested():
    config = TaskConfig(env_kwargs={"level": 2, "max_turns": 4}, same_problem=True, seed=5)
    envs = TrainingEnvs(config, 3)
    starts = set(envs.observations)
    for t in wander(envs, 30, np.random.default_rng(0)):
        starts |= {text for text, valid in zip(t.observations, t.valid, strict=True) if not valid}
    env = gym.make("TextMaze-v0", level=2, instruction="")
    assert starts == {env.reset(seed=5)[0]}
    test = make_test(config)
    assert starts == set(test.envs.reset(seed=list(test.seeds))[0])


def test_a_test_plays_each_problem_once_and_counts_its_own_episode_alone():
    config = TaskConfig(env_kwargs={"level": 1}, eval_episodes=60)  # more than slots
    test = make_test(config)
    env = make_env(config, split="test")
    ways = {}
    for seed in test.seeds:
        text, _ = env.reset(seed=seed)
        solution = env.unwrapped.solution()
        ways.setdefault(text, []).append(len(solution))
    north_or_first = play(lambda texts, masks: masks.argmax(1), test)
    assert 0 <= north_or_first.success < 1
    # a policy that knows the way: by the mazes that stand in the slots now
    names = list(env.get_wrapper_attr("vocabulary"))

    def solve(texts, masks):
        chosen = []
        for slot in test.envs.envs:
            state = slot.unwrapped._episode.state
            maze = slot.unwrapped._episode.problem.data
            towards = [
                d
                for d in maze.open_directions(state.cell, 0)
                if maze.distance(maze.step(state.cell, 0, d), 0) < maze.distance(state.cell, 0)
            ]
            chosen.append(towards[0] if towards else 0)
        return np.array(chosen)

    assert names == ["north", "east", "south", "west"]
    score = play(solve, test)
    expected = [length for lengths in ways.values() for length in lengths]
    assert score.success == 1
    assert score.mean_return == 1
    assert score.length == pytest.approx(np.mean(expected))


def test_an_episode_that_need_not_end_is_refused():
    """CliffWalking goes on until the goal; a policy that walks into a wall would be tested on."""
    with pytest.raises(ValueError, match="max_episode_steps"):
        make_env(TaskConfig(env_id="CliffWalking-v1"))
    env = make_env(TaskConfig(env_id="CliffWalking-v1", env_kwargs={"max_episode_steps": 3}))
    env.reset(seed=0)
    assert [env.step(0)[3] for _ in range(3)] == [False, False, True]


def test_an_environment_may_be_named_with_its_module():
    env = make_env(TaskConfig(env_id="reasoning_gym_envs:TextMaze-v0"), split="test")
    assert env.unwrapped.split == "test"
    assert not env.reset(seed=0)[0].startswith("Find")


def test_shaping_has_the_discount_of_the_agent():
    config = TaskConfig(env_kwargs={"level": 1, "reward": "shaped"}, gamma=0.8)
    assert make_env(config).unwrapped.reward_scheme.gamma == 0.8


def test_a_state_does_not_depend_on_global_randomness():
    def run():
        envs = TrainingEnvs(TASKS["ice"], 2)
        wander(envs, 20, np.random.default_rng(0))
        return list(envs.observations)

    np.random.seed(0)  # noqa: NPY002
    first, before = run(), np.random.get_state()  # noqa: NPY002
    assert np.array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    assert run() == first
