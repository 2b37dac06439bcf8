"""The sums of reward terms: right, and beside RecordEpisodeStatistics wherever that stands."""

import gymnasium as gym
import pytest
from gymnasium.wrappers import RecordEpisodeStatistics
from gymnasium.wrappers.vector import RecordEpisodeStatistics as RecordVectorStatistics

from reasoning_gym_envs.wrappers import RewardTerms, StepCost

HANOI = "TowerOfHanoi-v0"


def episode(env, seed=None, tries=1):
    """An episode that is solved after some mistakes: all infos, and the return."""
    _, info = env.reset(seed=seed)
    infos, total, ended = [info], 0.0, False
    for command in ["?"] * tries + env.unwrapped.solution():
        assert not ended
        _, reward, terminated, truncated, info = env.step(command)
        total += reward
        infos.append(info)
        ended = terminated or truncated
    assert ended
    return infos, total


def test_sums_at_the_end():
    env = RewardTerms(StepCost(gym.make(HANOI, reward="dense", level=2), 0.01))
    for seed in range(5):
        infos, total = episode(env, seed, tries=seed)
        *before, last = infos
        assert all("episode_reward_terms" not in info for info in before)
        sums = last["episode_reward_terms"]
        assert set(sums) == {"success", "progress", "step"}
        assert sum(sums.values()) == pytest.approx(total)
        assert sums["success"] == 1
        assert sums["step"] == pytest.approx(-0.01 * (len(infos) - 1))
    assert len(env.terms_queue) == 5
    mean = sum(sums["step"] for sums in env.terms_queue) / 5
    assert env.means["step"] == pytest.approx(mean)


def test_an_episode_that_is_broken_off_is_not_added_to_the_next():
    env = RewardTerms(StepCost(gym.make(HANOI), 1))
    env.reset(seed=0)
    env.step("?")
    infos, _ = episode(env, 0, tries=2)
    assert infos[-1]["episode_reward_terms"]["step"] == -(len(infos) - 1)
    assert len(env.terms_queue) == 1


def test_means_over_the_last_episodes():
    env = RewardTerms(gym.make("CartPole-v1"), buffer_length=2)
    assert env.means == {}
    totals = []
    for seed in range(4):
        env.reset(seed=seed)
        ended, steps = False, 0
        while not ended:
            *_, terminated, truncated, info = env.step(seed % 2)
            ended, steps = terminated or truncated, steps + 1
        assert info["episode_reward_terms"] == {"reward": steps}
        totals.append(steps)
    assert env.means == {"reward": sum(totals[-2:]) / 2}
    env.terms_queue.append({"other": 1.0})  # a term that not all episodes have
    assert env.means == {"reward": totals[-1] / 2, "other": 0.5}


@pytest.mark.parametrize("outside", [True, False])
def test_beside_episode_statistics(outside):
    env = gym.make(HANOI, reward="dense")
    if outside:
        env = RecordEpisodeStatistics(RewardTerms(env))
    else:
        env = RewardTerms(RecordEpisodeStatistics(env))
    for seed in range(2):
        infos, total = episode(env, seed)
        last = infos[-1]
        assert last["episode"]["r"] == pytest.approx(total)
        assert sum(last["episode_reward_terms"].values()) == pytest.approx(total)
        if not outside:
            assert last["episode"]["reward_terms"] == last["episode_reward_terms"]


def with_terms(env):
    return RewardTerms(StepCost(env, 0.5))


def with_both(env):
    return RewardTerms(RecordEpisodeStatistics(StepCost(env, 0.5)))


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("autoreset", ["NEXT_STEP", "SAME_STEP"])
@pytest.mark.parametrize("wrapper", [with_terms, with_both])
def test_in_vector_environments(mode, autoreset, wrapper):
    envs = gym.make_vec(
        HANOI,
        2,
        mode,
        wrappers=[wrapper],
        max_turns=3,
        vector_kwargs={"autoreset_mode": gym.vector.AutoresetMode[autoreset]},
    )
    if wrapper is with_terms:
        envs = RecordVectorStatistics(envs)
    try:
        envs.reset(seed=0)
        for _ in range(3):
            *_, truncations, infos = envs.step(["?", "?"])
        assert truncations.all()
        if autoreset == "SAME_STEP" and "final_info" in infos and wrapper is with_both:
            infos = infos["final_info"]
        terms = infos.get("episode_reward_terms") or infos["final_info"]["episode_reward_terms"]
        assert terms["step"].tolist() == [-1.5, -1.5]
        assert infos["episode"]["r"].tolist() == [-1.5, -1.5]
        if wrapper is with_both:
            assert infos["episode"]["reward_terms"]["step"].tolist() == [-1.5, -1.5]
        means = envs.env.get_attr("means") if wrapper is with_terms else envs.get_attr("means")
        assert [mean["step"] for mean in means] == [-1.5, -1.5]
    finally:
        envs.close()


def test_bad_arguments():
    for length, error in ((0, ValueError), (1.0, TypeError)):
        with pytest.raises(error, match="buffer_length"):
            RewardTerms(gym.make(HANOI), length)
