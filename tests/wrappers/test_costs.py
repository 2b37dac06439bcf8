"""StepCost and TokenBudget: what is charged, cut and truncated, and that nothing is gained."""

import gymnasium as gym
import pytest
from gymnasium.error import ResetNeeded

from reasoning_gym_envs.wrappers import StepCost, TokenBudget
from reasoning_gym_envs.wrappers.counting import longest_end, longest_start

HANOI, MATH = "TowerOfHanoi-v0", "MathBoxed-v0"


def words(text):
    return len(text.split())


# StepCost


@pytest.mark.parametrize(
    "reward", ["sparse", "dense", "shaped", {"mode": "dense", "step_cost": 0.5}]
)
def test_each_step_costs(reward):
    plain, env = gym.make(HANOI, reward=reward), StepCost(gym.make(HANOI, reward=reward), 0.25)
    assert env.reset(seed=0) == plain.reset(seed=0)
    for command in ["?", *plain.unwrapped.solution()]:
        _, free, _, _, free_info = plain.step(command)
        _, paid, _, _, info = env.step(command)
        assert paid == pytest.approx(free - 0.25)
        assert type(paid) is float
        assert sum(info["reward_terms"].values()) == pytest.approx(paid)
        assert info["reward_terms"]["step"] == free_info["reward_terms"].get("step", 0) - 0.25
        assert "step" not in free_info["reward_terms"] or "step_cost" in reward
    assert info["is_success"]


def test_a_name_and_an_environment_without_terms():
    env = StepCost(StepCost(gym.make("CartPole-v1"), 0.1, name="time"), 0.2, name="wear")
    env.reset(seed=0)
    _, paid, _, _, info = env.step(0)
    assert info["reward_terms"] == {"reward": 1.0, "time": -0.1, "wear": -0.2}
    assert paid == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"cost": -1}, ValueError),
        ({"cost": float("nan")}, ValueError),
        ({"cost": float("inf")}, ValueError),
        ({"cost": "1"}, TypeError),
        ({"cost": True}, TypeError),
        ({"name": 3}, TypeError),
    ],
)
def test_bad_costs(arguments, error):
    with pytest.raises(error, match=f"{next(iter(arguments))} must be"):
        StepCost(gym.make(HANOI), **arguments)


def test_a_step_may_cost_nothing():
    env = StepCost(gym.make(HANOI), 0)
    env.reset(seed=0)
    assert env.step("?")[4]["reward_terms"] == {"success": 0.0, "step": 0.0}


# TokenBudget


def make(budget, **arguments):
    return TokenBudget(gym.make(MATH, max_turns=10, reward="dense"), budget, **arguments)


def test_the_tokens_of_an_episode_are_counted():
    env = make(10, count=words)
    _, info = env.reset(seed=0)
    assert info["tokens_left"] == 10
    for text, left in (("one two three", 7), ("", 7), ("four five six seven", 3)):
        *_, truncated, info = env.step(text)
        assert info["tokens_left"] == left
        assert not truncated
        assert "is_success" not in info
    *_, terminated, truncated, info = env.step("eight nine ten")
    assert (terminated, truncated) == (False, True)
    assert info["is_success"] is False
    assert info["tokens_left"] == 0
    with pytest.raises(ResetNeeded, match="no tokens"):
        env.step("")
    assert env.reset()[1]["tokens_left"] == 10


@pytest.mark.parametrize("reward", ["sparse", "dense", "shaped"])
def test_an_answer_behind_the_cut_was_not_given(reward):
    env = TokenBudget(gym.make(MATH, max_turns=10, reward=reward), 50)
    for seed in range(5):
        env.reset(seed=seed)
        answer = env.unwrapped.solution()[0]
        _, paid, terminated, truncated, info = env.step("Let me think. " * 10 + answer)
        assert (terminated, truncated, info["is_success"]) == (False, True, False)
        assert paid < 1
        assert sum(info["reward_terms"].values()) == pytest.approx(paid)


def test_an_answer_before_the_cut_counts_once():
    env = make(60)
    env.reset(seed=0)
    answer = env.unwrapped.solution()[0]
    *_, terminated, truncated, info = env.step(answer + " " * 100 + "\\boxed{wrong}")
    assert (terminated, truncated, info["is_success"], info["tokens_left"]) == (
        True,
        False,
        True,
        0,
    )


def test_what_is_cut_is_what_was_written_within_the_budget():
    """As if the agent had stopped at the limit: the same observation, reward and end."""
    for text in ("\\boxed{1} and so on", "A to B and then some", "<think> \\boxed{3} </think>"):
        for budget in range(1, len(text)):
            long, short = make(budget), make(budget)
            long.reset(seed=3)
            short.reset(seed=3)
            assert long.step(text) == short.step(text[:budget])


def test_more_text_buys_no_more_turns():
    """Whatever is written, an episode has no more tokens than the budget, nor more turns."""
    env = make(30)
    for text in ("x", "xx" * 8, "x" * 1_000_000):
        env.reset(seed=0)
        turns = 0
        truncated = False
        while not truncated:
            *_, truncated, _ = env.step(text)
            turns += 1
        assert turns == min(10, -(-30 // len(text)))


def test_a_cut_of_ones_own():
    asked = []

    def cut(text, tokens):
        asked.append((text, tokens))
        return " ".join(text.split()[:tokens])

    env = make(3, count=words, cut=cut)
    env.reset(seed=0)
    *_, truncated, info = env.step("a b")
    assert (truncated, info["tokens_left"]) == (False, 1)
    env.step("c d e")
    assert asked == [("c d e", 1)]
    env.reset(seed=0)
    env.step("a b c")  # all of it fits
    assert len(asked) == 1


def test_what_the_environment_reads_is_cut_by_whatever_counts():
    class Heard(gym.Wrapper):
        def step(self, action):
            heard.append(action)
            return self.env.step(action)

    heard = []
    env = TokenBudget(Heard(gym.make(MATH, max_turns=10)), 5, count=words)
    env.reset(seed=0)
    env.step("one two three")
    assert env.step("four five")[3]  # just what was left
    env.reset(seed=0)
    env.step("one two three four five six seven")
    assert heard == ["one two three", "four five", "one two three four five "]


def test_before_the_first_reset_there_are_no_tokens():
    with pytest.raises(ResetNeeded, match=r"^no tokens are left: call reset\(\) to begin"):
        make(5).step("x")


def test_a_single_turn_ends_as_ever():
    env = TokenBudget(gym.make(MATH), 5)
    env.reset(seed=0)
    *_, terminated, truncated, info = env.step("something long")
    assert (terminated, truncated, info["is_success"]) == (True, False, False)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"budget": 0}, ValueError, "budget must be 1 or more"),
        ({"budget": 1.5}, TypeError, "whole number"),
        ({"budget": 5, "count": 3}, TypeError, "count must be a function"),
        ({"budget": 5, "cut": "x"}, TypeError, "cut must be a function"),
        ({"budget": 5, "count": None}, TypeError, "count must be a function"),
    ],
)
def test_bad_budgets(arguments, error, message):
    with pytest.raises(error, match=message):
        TokenBudget(gym.make(MATH), **arguments)


def test_an_action_that_is_no_text():
    env = make(5)
    env.reset(seed=0)
    with pytest.raises(TypeError, match=r"^an action is a str, got int: 5$"):
        env.step(5)


# Cutting, whatever counts.


@pytest.mark.parametrize(
    "count", [len, words, lambda text: len(text.encode()), lambda text: len(text) // 3]
)
@pytest.mark.parametrize("text", ["", "a", "one two three four", "é中🍎 " * 9, "x" * 1000])
def test_the_longest_start_and_end(count, text):
    for limit in (0, 1, 2, 3, 5, 8, 400, 5000):
        starts = [text[:n] for n in range(len(text) + 1) if count(text[:n]) <= limit]
        ends = [text[n:] for n in range(len(text) + 1) if count(text[n:]) <= limit]
        assert limit == 0 or longest_start(text, limit, count) == max(starts, key=len)
        assert limit == 0 or longest_end(text, limit, count) == max(ends, key=len)
        assert count(longest_start(text, limit, count)) <= limit
        assert count(longest_end(text, limit, count)) <= limit


def test_cutting_a_long_text_counts_little():
    counted = []

    def count(text):
        counted.append(len(text))
        return len(text)

    assert len(longest_start("x" * 1_000_000, 100, count)) == 100
    assert sum(counted[1:]) < 5000
