"""Observations in numbers: the environment's own, or hashed text that is the same everywhere."""

import hashlib
import os
import subprocess
import sys
import tracemalloc

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers import RecordEpisodeStatistics, TimeLimit

from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.wrappers import (
    ChatMessages,
    DiscreteCommands,
    NumericObservation,
    numeric_observation,
)
from reasoning_gym_envs.wrappers.numeric_observation import hashed

TEXTS = ["A: 3 2 1\nB: empty", "naïve 中文 🍎", "\ud800 lone", "x" * 5000, "one  two\tthree"]
HANOI = "TowerOfHanoi-v0"


@pytest.fixture(autouse=True)
def nothing_is_kept():
    """What an earlier test read does not answer for this one."""
    numeric_observation._kept_vector.cache_clear()
    numeric_observation._kept_hash.cache_clear()


def digest():
    return hashlib.sha256(b"".join(hashed(text, 100).tobytes() for text in TEXTS)).hexdigest()


def test_what_is_kept_is_small():
    """Large vectors are not kept: thousands of them would fill the memory."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(10):
        hashed(f"a text {number}", 200_000)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 2_000_000


@pytest.mark.parametrize("id", [HANOI, "TextMaze-v0"])
def test_a_level_that_the_view_is_not_made_for(id):
    env = NumericObservation(gym.make(id, level=2))
    with pytest.raises(
        ValueError,
        match=r"^the numeric view of .* levels 2 to 2.*level 5: make it with level=\(2, 5\)",
    ):
        env.reset(options={"level": 5})
    assert NumericObservation(gym.make(id), kind="hashed").reset(options={"level": 5})
    env = NumericObservation(gym.make(id, level=(1, 5)))
    assert env.reset(options={"level": 5})[0] in env.observation_space


def with_view():
    """The ids with a numeric view; code tasks have none, and making one asks for an engine."""
    return [
        id
        for id, entry in ENVIRONMENTS.items()
        if not entry.needs and gym.make(id).unwrapped.numeric_space is not None
    ]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("size", [1, 7, 512])
def test_vectors_of_length_one(text, size):
    vector = hashed(text, size)
    assert vector.shape == (size,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6) or not vector.any()
    assert size == 1 or vector.any()
    assert (vector == hashed(text, size)).all()


def by_hand(text, size):
    """The pieces of a text, each hashed to a place and a sign."""
    vector = np.zeros(size)
    for row, line in enumerate(text.split("\n")):
        words = line.split()
        pieces = ["l" + " ".join(words)] if words else []
        for place, word in enumerate(words):
            pieces += ["w" + word, f"@{row}.{place} {word}"]
            pieces += [f"p{word} {after}" for after in words[place + 1 : place + 2]]
            marked = f"^{word}$"
            pieces += ["c" + marked[n : n + 3] for n in range(len(marked) - 2)]
        for piece in pieces:
            digest = hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            number = int.from_bytes(digest, "little")
            vector[number // 2 % size] += 1 if number % 2 else -1
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("size", [64, 501])
def test_the_vector_is_that_of_its_pieces(size):
    """Long texts, whose vectors are not kept, and short ones are read in the same way."""
    lines = [f"line {n}: {'x' * (n % 7)} naïve \ud800 {n * n}" for n in range(200)]
    text = "\n".join([*lines[:3], "", " \t", "y" * 150 + " a", *lines[3:]])
    assert len(text) > 4096
    for part in (text, text[:50], "a"):
        assert hashed(part, size) == pytest.approx(by_hand(part, size), abs=1e-6)


def test_no_word_is_zero():
    for text in ("", " \n\t "):
        assert not hashed(text, 16).any()


def test_the_same_in_every_process():
    program = "from tests.wrappers.test_numeric_observation import digest; print(digest())"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True
        )
        assert run.stdout.strip() == digest(), run.stderr


def test_alike_texts_are_near_and_others_are_not():
    board = hashed("A: 3 2\nB: 1\nC: empty", 512)
    moved = hashed("A: 3\nB: 1\nC: 2", 512)
    other = hashed("What is the greatest common divisor of 12 and 18?", 512)
    assert board @ moved > 0.3 > abs(board @ other)
    assert board @ moved < 0.99


def test_every_state_of_a_small_environment_is_told_apart():
    env = NumericObservation(gym.make(HANOI, instruction=""), kind="hashed")
    vectors = {}
    for seed in range(200):
        vector, _ = env.reset(seed=seed)
        vectors[env.unwrapped.snapshot().episode.problem.id] = vector
    assert len(vectors) > 100
    assert len({vector.tobytes() for vector in vectors.values()}) == len(vectors)


def test_what_is_returned_may_be_changed():
    hashed("some text", 8)[:] = 5
    assert np.abs(hashed("some text", 8)).max() <= 1


def test_hashed_observations_are_those_of_the_text():
    texts, numbers = gym.make(HANOI), NumericObservation(gym.make(HANOI), "hashed", 64)
    assert numbers.observation_space == Box(-1, 1, (64,), np.float32)
    text, _ = texts.reset(seed=4)
    vector, _ = numbers.reset(seed=4)
    for command in [*texts.unwrapped.solution()]:
        assert vector in numbers.observation_space
        assert (vector == hashed(text, 64)).all()
        text, *_ = texts.step(command)
        vector, *_, terminated, _, _ = numbers.step(command)
    assert terminated
    assert (vector == hashed(text, 64)).all()


def test_the_environments_own_view():
    views = with_view()
    assert len(views) > 10
    for id in views:
        env = NumericObservation(gym.make(id, level=(1, 3)))
        assert env.kind == "own"
        assert env.observation_space == env.unwrapped.numeric_space
        observation, _ = env.reset(seed=0)
        for command in env.unwrapped.solution():
            assert observation in env.observation_space
            assert np.array_equal(observation, env.unwrapped.numeric_observation())
            observation, *_ = env.step(command)
        assert observation in env.observation_space  # the last one, too
        assert NumericObservation(gym.make(id), kind="hashed").kind == "hashed"
        # whatever is done to the text in between
        NumericObservation(ChatMessages(gym.make(id)), kind="own").reset(seed=0)


def test_auto_hashes_where_there_is_no_view():
    env = NumericObservation(gym.make("MathBoxed-v0"))
    assert env.kind == "hashed"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"kind": "hash"}, ValueError, "^unknown kind 'hash'; did you mean 'hashed'"),
        ({"kind": "own"}, ValueError, "no numeric view.*hashed"),
        ({"size": 0}, ValueError, "size must be 1 or more"),
        ({"size": 2.5}, TypeError, "whole number"),
        ({"size": True}, TypeError, "whole number"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        NumericObservation(gym.make("MathBoxed-v0"), **arguments)


def test_observations_that_are_no_texts():
    for env in (gym.make("CartPole-v1"), ChatMessages(gym.make("MathBoxed-v0"))):
        with pytest.raises(ValueError, match="inside of the wrapper"):
            NumericObservation(env, kind="hashed")


@pytest.mark.parametrize("inside", [True, False])
def test_with_gymnasiums_wrappers(inside):
    def wrap(env):
        return RecordEpisodeStatistics(TimeLimit(env, 3))

    env = gym.make(HANOI)
    env = (
        NumericObservation(wrap(env), "hashed")
        if inside
        else wrap(NumericObservation(env, "hashed"))
    )
    env.reset(seed=0)
    for _ in range(3):
        observation, _, _, truncated, info = env.step("?")
    assert truncated
    assert info["episode"]["l"] == 3
    assert observation in env.observation_space


def agent_spaces(env):
    return DiscreteCommands(NumericObservation(env, kind="hashed", size=32))


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_vector_environments_are_arrays(mode):
    """What a training loop in the manner of CleanRL asks for."""
    envs = gym.make_vec(HANOI, 3, mode, wrappers=[agent_spaces], max_turns=4)
    try:
        assert envs.single_observation_space == Box(-1, 1, (32,), np.float32)
        assert envs.single_action_space == gym.spaces.Discrete(6)
        observations, infos = envs.reset(seed=1)
        rollout = np.zeros((10, 3, *envs.single_observation_space.shape), np.float32)
        for step in range(10):
            rollout[step] = observations
            actions = np.array(
                [envs.single_action_space.sample(mask) for mask in infos["action_mask"]]
            )
            observations, *_, infos = envs.step(actions)
            assert observations.dtype == np.float32
            assert infos["action_mask"].shape == (3, 6)
        assert np.abs(rollout).sum(axis=-1).all()
    finally:
        envs.close()


@pytest.mark.parametrize("mode", list(AutoresetMode)[:2])
def test_the_last_observation_of_an_episode(mode):
    """With an automatic reset in the same step it is in the infos, and is that of the end."""
    env = gym.make(HANOI, level=1)
    text, _ = env.reset(seed=1)
    solution = env.unwrapped.solution()
    for command in solution:
        text, *_ = env.step(command)
    envs = gym.make_vec(
        HANOI,
        1,
        "sync",
        level=1,
        wrappers=[lambda env: NumericObservation(env, "hashed", 64)],
        vector_kwargs={"autoreset_mode": mode},
    )
    envs.reset(seed=1)
    for command in solution:
        observations, _, terminations, _, infos = envs.step([command])
    assert terminations[0]
    last = infos["final_obs"][0] if mode is AutoresetMode.SAME_STEP else observations[0]
    assert (last == hashed(text, 64)).all()


# Flat views.


@pytest.mark.parametrize("id", with_view())
def test_a_flat_view_is_one_vector(id):
    env, plain = (
        NumericObservation(gym.make(id, level=(1, 3)), kind="own", flatten=flat)
        for flat in (True, False)
    )
    assert isinstance(env.observation_space, Box)
    assert env.observation_space.shape == (int(np.prod(plain.observation_space.shape)),)
    vector, board = env.reset(seed=2)[0], plain.reset(seed=2)[0]
    action = env.unwrapped.solution()[0]
    for seen, whole in ((vector, board), (env.step(action)[0], plain.step(action)[0])):
        assert seen in env.observation_space
        assert (seen == whole.ravel()).all()
        assert seen.dtype == whole.dtype


class OtherView(gym.Wrapper):
    """An environment whose own numeric view is another one."""

    def __init__(self, space):
        super().__init__(gym.make(HANOI))
        self.numeric_space = space

    @property
    def unwrapped(self):
        return self

    def numeric_observation(self):
        return self.numeric_space.sample()


@pytest.mark.parametrize(
    ("space", "size"),
    [
        (Discrete(7), 7),
        (MultiDiscrete([2, 3]), 5),
        (spaces.Dict(board=Box(0, 1, (2, 3)), turn=Discrete(4)), 10),
        (spaces.Tuple((MultiBinary(3), Box(0, 1, (2, 2)))), 7),
    ],
)
def test_indices_and_several_parts_become_one_vector(space, size):
    env = NumericObservation(OtherView(space), flatten=True)
    assert isinstance(env.observation_space, Box)
    assert env.observation_space.shape == (size,)
    assert env.reset(seed=1)[0] in env.observation_space


@pytest.mark.parametrize("space", [spaces.Sequence(Discrete(3)), spaces.Graph(Discrete(3), None)])
def test_what_has_no_fixed_size_is_not_flattened(space):
    with pytest.raises(ValueError, match=r"flatten=True: .* no vector of a fixed size.*'hashed'"):
        NumericObservation(OtherView(space), flatten=True)


def test_hashed_text_is_flat_already():
    env, plain = (
        NumericObservation(gym.make("MathBoxed-v0"), flatten=flat) for flat in (True, False)
    )
    assert env.observation_space == plain.observation_space
    assert (env.reset(seed=1)[0] == plain.reset(seed=1)[0]).all()
    with pytest.raises(TypeError, match="flatten must be True or False"):
        NumericObservation(gym.make(HANOI), flatten=1)


@pytest.mark.filterwarnings("ignore:.*different from the unwrapped version")
def test_gymnasiums_checker_accepts_flat_views():
    check_env(NumericObservation(gym.make(HANOI), flatten=True), skip_render_check=True)
