"""gym.make_vec on text: right, and the same in every mode."""

import copy

import gymnasium as gym
import pytest

from reasoning_gym_envs import ENVIRONMENTS

CHINESE = [
    {"question": f"小明有 {a} 个苹果,又买了 {b} 个。现在有几个?🍎", "answer": str(a + b)}
    for a in range(30)
    for b in range(30)
]


def rollout(id, mode, steps=25, num_envs=3, **arguments):
    """Everything that a vector environment says over some episodes, right answers and wrong."""
    envs = gym.make_vec(id, num_envs=num_envs, vectorization_mode=mode, **arguments)
    try:
        observations, infos = envs.reset(seed=7)
        seen = [(observations, infos)]
        for step in range(steps):
            actions = [f"é {step} \\boxed{{{slot}}}" for slot in range(num_envs)]
            seen.append(envs.step(actions))
        return seen
    finally:
        envs.close()


def plain(value):
    """Arrays as lists, so that == compares everything."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return plain(value.tolist()) if hasattr(value, "tolist") else value


@pytest.mark.parametrize("id", ENVIRONMENTS)
def test_sync_and_async_agree_step_by_step(id):
    arguments = {"level": (1, 10), "reward": "dense", "max_turns": 2}
    assert plain(rollout(id, "sync", **arguments)) == plain(rollout(id, "async", **arguments))


@pytest.mark.parametrize("id", ENVIRONMENTS)
def test_slots_play_what_single_environments_play(id):
    seen = rollout(id, "sync", level=3)
    for slot in range(3):
        env = gym.make(id, level=3)
        expected = env.reset(seed=7 + slot)[0]
        ended = False
        for step, (observations, *_) in enumerate(seen):
            assert observations[slot] == expected
            if ended:  # the automatic reset takes a step of its own
                expected, ended = env.reset()[0], False
                continue
            action = f"é {step} \\boxed{{{slot}}}"
            expected, _, terminated, truncated, _ = env.step(action)
            ended = terminated or truncated


def test_text_that_is_not_ascii_arrives_whole():
    arguments = {"problems": CHINESE, "instruction": "请回答 ✓", "max_turns": 3}
    sync, parallel = (rollout("MathBoxed-v0", mode, **arguments) for mode in ("sync", "async"))
    assert plain(sync) == plain(parallel)
    questions = {text for observations, *_ in parallel for text in observations}
    assert sum("🍎" in text for text in questions) > 10  # not one text for ever
    assert all(type(text) is str for observations, *_ in parallel for text in observations)


def test_shared_memory_is_read_when_it_is_looked_at():
    envs = gym.make_vec(
        "MathBoxed-v0", num_envs=2, vectorization_mode="async", vector_kwargs={"copy": False}
    )
    try:
        first, _ = envs.reset(seed=1)
        kept = copy.deepcopy(first)
        second, *_ = envs.step(["no box", "\\boxed{x y z}"])
        assert second is first  # without copies, the same view of what is there now
        assert tuple(second) != kept
        assert second[0].startswith("No answer was found")
        assert second[-1] == second[1] == second[0:2][1]
    finally:
        envs.close()
