"""Mixture-v0(adaptive=True): levels and weights follow what is solved, by a rule."""

import json
import pickle
from collections import Counter

import gymnasium as gym
import pytest

from reasoning_gym_envs import rows, score
from reasoning_gym_envs.wrappers import Curriculum

MAZE, HANOI, MATH = "TextMaze-v0", "TowerOfHanoi-v0", "MathBoxed-v0"
IDS = [MAZE, HANOI, MATH]


def make(ids=IDS, adaptive=True, max_turns=None, **arguments):
    made = gym.make("Mixture-v0", ids=ids, adaptive=adaptive, max_turns=max_turns, **arguments)
    return made.unwrapped


def finish(env, success):
    actions = env.solution() if success else ["?"] * 10_000
    for action in actions:
        *_, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            break
    assert info["is_success"] is success


def train(env, count, solves, seed=None):
    """Episodes that succeed where `solves` says so; what each was."""
    played = []
    for number in range(count):
        _, info = env.reset(seed=seed if number == 0 else None)
        finish(env, solves(info))
        played.append((info["component"], info["level"], info["problem_id"]))
    return played


def test_a_level_moves_as_in_a_curriculum():
    """A mixture of one, beside the wrapper around the same environment."""
    successes = [(n * n) % 7 < 5 for n in range(60)]
    asked = {"low": 0.4, "high": 0.75, "window": 4}
    env = make([MATH], asked, level=(2, 6))
    alone = Curriculum(gym.make(MATH, level=(2, 6)), **asked)
    levels = []
    for n, success in enumerate(successes):
        _, info = env.reset(seed=0 if n == 0 else None)
        assert info["level"] == alone.level
        assert env.adaptation[MATH]["success_rate"] == alone.success_rate
        finish(env, success)
        alone.reset()
        alone.step(alone.unwrapped.solution()[0] if success else "?")
        levels.append(info["level"])
    assert len(set(levels)) > 2


def test_each_component_has_a_level_of_its_own():
    env = make({MAZE: 1, HANOI: {"level": (3, 4)}, MATH: {"level": 7}}, {"window": 2}, level=(1, 5))
    played = train(env, 80, lambda info: info["component"] != MAZE, seed=0)
    first = {id: level for id, level, _ in reversed(played)}
    assert first == {MAZE: 1, HANOI: 3, MATH: 7}
    assert {id: row["level"] for id, row in env.adaptation.items()} == {MAZE: 1, HANOI: 4, MATH: 7}


def test_without_a_level_it_goes_from_1_to_10():
    env = make([MATH], {"window": 1})
    assert [level for _, level, _ in train(env, 12, lambda info: True)] == [*range(1, 11), 10, 10]
    assert make([MATH], adaptive=False).reset()[1]["level"] == 1
    assert make([MATH], adaptive={}).adaptation.keys() == {MATH}
    assert make([MATH], adaptive={}).level == (1, 10)


def test_weights_leave_what_is_solved_and_what_is_hopeless():
    """At a level that stays: one is always solved, one never, and one half of the time."""
    turns = Counter()

    def solves(info):
        turns[info["component"]] += 1
        return {MAZE: True, HANOI: False, MATH: turns[MATH] % 2 == 0}[info["component"]]

    env = make({MAZE: 2, HANOI: 1, MATH: 1}, {"window": 30}, level=1, max_turns=40)
    assert [row["share"] for row in env.adaptation.values()] == [0.25, 0.5, 0.25]  # by id
    train(env, 300, solves, seed=1)
    shares = {id: row["share"] for id, row in env.adaptation.items()}
    # (31 / 32) * (1 / 32) * 4 beside 1, by the windows of the successes
    solved = 4 * 31 / 32**2
    assert shares[MAZE] / shares[MATH] == pytest.approx(2 * solved, rel=0.02)
    assert shares[HANOI] / shares[MATH] == pytest.approx(solved, rel=0.02)
    drawn = Counter(id for id, *_ in train(env, 300, solves))
    assert drawn[MATH] > 200
    assert min(drawn[MAZE], drawn[HANOI]) >= 3  # each is tried again
    assert env.adaptation == json.loads(json.dumps(env.adaptation))


def test_a_level_that_moves_makes_a_component_unknown_again():
    env = make([HANOI, MATH], {"window": 5}, level=(1, 3))
    for number in range(5):
        env.reset(seed=0 if number == 0 else None)
        while env._episode.info["component"] != MATH:
            env.reset()
        finish(env, True)
        if number < 4:
            assert env.adaptation[MATH]["share"] < 0.5
    assert env.adaptation[MATH] == {"level": 2, "success_rate": 0.0, "episodes": 0, "share": 0.5}


def test_the_same_seed_and_successes_give_the_same_episodes():
    def solves(info):
        return int(info["problem_id"], 16) % 3 > 0

    env, other = make(adaptive={"window": 3}), make(adaptive={"window": 3})
    first = train(env, 40, solves, seed=5)
    assert train(other, 40, solves, seed=5) == first
    assert env.adaptation == other.adaptation
    assert train(env, 40, solves, seed=5) == first  # a seed begins all anew
    assert train(other, 40, lambda info: False, seed=5) != first


def test_every_seed_of_a_row_is_its_own():
    made = rows("Mixture-v0", 20, ids=IDS, adaptive={"window": 1}, reveal=True)
    assert {row["level"] for row in made} == {1}
    assert [score(row, "\n".join(row["solution"])) for row in made] == [1.0] * 20


def test_a_snapshot_that_is_refused_changes_nothing():
    env, other = make(adaptive={"window": 3}), make(adaptive={"window": 1})
    train(env, 15, lambda info: info["component"] != MAZE, seed=2)
    other.reset(seed=9)
    adaptation, solution = other.adaptation, other.solution()
    with pytest.raises(ValueError, match="the successes of a state are at most 1 times"):
        other.restore(env.snapshot())
    assert (other.adaptation, other.solution()) == (adaptation, solution)


def test_snapshots_carry_levels_and_windows():
    env = make(adaptive={"window": 2})
    train(env, 15, lambda info: info["component"] != MAZE, seed=2)
    env.reset()
    snapshot = pickle.loads(pickle.dumps(env.snapshot()))
    before = env.adaptation

    def branch(environment, success):
        environment.restore(snapshot)
        assert environment.adaptation == before
        finish(environment, success)
        return train(environment, 15, lambda info: True), environment.adaptation

    solved, failed = branch(env, True), branch(env, False)
    assert solved != failed
    assert branch(env, True) == solved
    assert branch(make(adaptive={"window": 2}), True) == solved
    env.restore(snapshot)
    twin = pickle.loads(pickle.dumps(env))
    finish(twin, True)
    assert (train(twin, 15, lambda info: True), twin.adaptation) == solved


@pytest.mark.parametrize(
    "options", [{"level": 2}, {"component": MATH}, {"component": MATH, "problem": "same"}]
)
def test_what_was_asked_for_does_not_count(options):
    env = make([MATH])
    env.reset(seed=0)
    if "problem" in options:
        options = {**options, "problem": env.snapshot().episode.problem}
    before = env.adaptation
    env.reset(options=options)
    finish(env, True)
    assert env.adaptation == before


def test_an_episode_counts_once_and_only_at_its_end():
    env = make([HANOI])
    counts = []
    for _ in range(3):
        env.reset()
        env.step("?")  # broken off
        counts.append(env.adaptation[HANOI]["episodes"])
    env.reset(options={"reveal": True})
    finish(env, True)
    counts.append(env.adaptation[HANOI]["episodes"])
    with pytest.raises(gym.error.ResetNeeded):
        env.step("?")
    counts.append(env.adaptation[HANOI]["episodes"])
    assert counts == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("adaptive", "error", "message"),
    [
        ("yes", TypeError, "adaptive must be True, False or a mapping"),
        ({"windw": 3}, ValueError, "unknown name in adaptive 'windw'; did you mean 'window'"),
        ({"window": 0}, ValueError, "window must be 1 or more"),
        ({"low": 0.9}, ValueError, "0 <= low < high <= 1"),
    ],
)
@pytest.mark.parametrize("split", ["train", "test"])
def test_bad_arguments_are_named(adaptive, error, message, split):
    with pytest.raises(error, match=message):
        make(adaptive=adaptive, split=split)


def test_a_test_is_the_same_for_every_agent():
    def tested(success, **arguments):
        env = make(level=(2, 5), split="test", **arguments)
        return train(env, 30, lambda info: success, seed=4), env.adaptation

    good, bad = (tested(success, adaptive={"window": 1}) for success in (True, False))
    assert good == bad == tested(True, adaptive=False)
    assert {level for _, level, _ in good[0]} == {2, 3, 4, 5}
    assert make(split="test").level == (1, 10)


def test_what_is_not_adaptive_keeps_nothing():
    env = make(adaptive=False)
    train(env, 5, lambda info: True, seed=0)
    assert env.adaptation == {}
