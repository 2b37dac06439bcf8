"""Environments of numbers, in words: the same episodes, and nothing to gain by other texts."""

import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Discrete
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import TimeLimit

from reasoning_gym_envs import UnicodeText
from reasoning_gym_envs.wrappers import (
    DiscreteCommands,
    InWords,
    NumericObservation,
    RememberCommands,
    SameProblem,
)

LAKE = ["left", "down", "right", "up"]
TAXI = ["south", "north", "east", "west", "pick up", "drop off"]
CLIFF = ["up", "right", "down", "left"]
TO_THE_GIFT = ["down", "down", "right", "right", "down", "right"]
ENVIRONMENTS = [("FrozenLake-v1", LAKE), ("Taxi-v4", TAXI), ("CliffWalking-v1", CLIFF)]
each = pytest.mark.parametrize(("id", "commands"), ENVIRONMENTS)


def lake(describe=None, **arguments):
    return InWords(gym.make("FrozenLake-v1", is_slippery=False, **arguments), LAKE, describe)


@each
def test_the_same_episodes_as_in_numbers(id, commands):
    env, plain = InWords(gym.make(id), commands), gym.make(id)
    observation, info = plain.reset(seed=3)
    assert env.reset(seed=3)[0] == f"State {observation}."
    numbers = np.random.default_rng(0)
    for _ in range(100):
        action = int(numbers.integers(len(commands)))
        text, *rest, words_info = env.step(commands[action])
        observation, *plain_rest, info = plain.step(action)
        assert text == f"State {observation}."
        assert rest == plain_rest
        assert isinstance(rest[0], float)
        assert words_info["prob"] == info["prob"]
        mask = info.get("action_mask", [1] * len(commands))
        if not rest[1]:
            expected = [commands[number] for number in np.flatnonzero(mask)]
            assert words_info["admissible_commands"] == expected
        if rest[1] or rest[2]:
            env.reset(), plain.reset()


def test_the_end_of_an_episode():
    env = lake()
    env.reset(seed=0)
    for command in TO_THE_GIFT:
        assert env.unwrapped.s != 15
        observation, reward, terminated, truncated, info = env.step(command)
        assert ("is_success" in info) is terminated
    assert (observation, reward, terminated, truncated) == ("State 15.", 1.0, True, False)
    assert info["is_success"] is True
    assert info["admissible_commands"] == []
    with pytest.raises(ResetNeeded, match="reset"):
        env.step("left")
    env.reset()
    for command in ("down", "right"):
        *_, terminated, _, info = env.step(command)
    assert terminated
    assert info["is_success"] is False  # in a hole


def test_truncated_is_not_solved():
    env = lake(max_episode_steps=2)
    env.reset(seed=0)
    env.step("left")
    *_, terminated, truncated, info = env.step("left")
    assert (terminated, truncated, info["is_success"]) == (False, True, False)
    assert info["admissible_commands"] == LAKE
    with pytest.raises(ResetNeeded):
        env.step("left")


def test_a_success_of_another_kind():
    """Every step of CliffWalking costs, and so does the last one, to the goal."""
    way = ["up", *["right"] * 11, "down"]
    for success, is_success in ((None, False), (lambda state, reward: state == 47, True)):
        env = InWords(gym.make("CliffWalking-v1"), CLIFF, success=success)
        env.reset(seed=0)
        for command in way:
            *_, terminated, _, info = env.step(command)
        assert terminated
        assert info["is_success"] is is_success


def test_possible_commands_of_taxi():
    env = InWords(gym.make("Taxi-v4"), TAXI)
    observation, info = env.reset(seed=0)
    assert set(info["admissible_commands"]) < set(TAXI)
    said = env.step("fly")[0]
    assert said.endswith(f"Possible: {', '.join(info['admissible_commands'])}.\n\n{observation}")
    _, numbers = DiscreteCommands(env).reset(seed=0)
    assert [TAXI[n] for n in np.flatnonzero(numbers["action_mask"])] == info["admissible_commands"]


@pytest.mark.parametrize(
    "action", ["", "jump", "left right", "x" * 1_000_000, "0", "<think>left", "\ud800", "\\boxed{}"]
)
def test_other_texts_take_no_step(action):
    env = lake()
    env.reset(seed=0)
    env.step("down")
    for _ in range(3):
        observation, reward, terminated, truncated, info = env.step(action)
        assert observation.endswith(" Possible: left, down, right, up.\n\nState 4.")
        assert observation in env.observation_space
        assert (reward, terminated, truncated) == (0.0, False, False)
        assert info == {"admissible_commands": LAKE}
        info["admissible_commands"].clear()  # is the caller's own
    assert env.step("down")[0] == "State 8."


@pytest.mark.parametrize(
    "action", ["Right.", " RIGHT ", "\\boxed{right}", "<think>left?</think> right"]
)
def test_commands_are_read_as_elsewhere(action):
    env = lake()
    env.reset(seed=0)
    assert env.step(action)[0] == "State 1."


def test_what_is_no_command_is_said():
    env = lake()
    env.reset(seed=0)
    for text, said in (
        ("jump", "This is no command."),
        ("", "No command was found."),
        ("x" * 300, "A command has at most 200 characters."),
    ):
        expected = f"{said} Possible: left, down, right, up.\n\nState 0."
        assert env.step(text)[0] == expected


def test_a_reset_is_passed_on_and_actions_have_to_be_numbered():
    asked = []

    class Asked(Offset):
        def reset(self, *, seed=None, options=None):
            asked.append((seed, options))
            return super().reset(seed=seed)

    InWords(Asked(), ["stay", "go"]).reset(seed=3, options={"easy": True})
    assert asked == [(3, {"easy": True})]

    class Smooth(Offset):
        action_space = gym.spaces.Box(0, 1)

    with pytest.raises(ValueError, match=r"but the actions of Smooth are Box"):
        InWords(Smooth(), ["stay", "go"])


def test_a_description():
    env = lake(lambda state: f"Row {state // 4 + 1}, column {state % 4 + 1}.")
    assert env.reset(seed=0)[0] == "Row 1, column 1."
    assert env.step("down")[0] == "Row 2, column 1."
    with pytest.raises(TypeError, match="describe must return a str, got 0"):
        lake(lambda state: state).reset(seed=0)


class Offset(gym.Env):
    """Actions 5 and 6, and states from -1."""

    observation_space = Discrete(3, start=-1)
    action_space = Discrete(2, start=5)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return -1, {}

    def step(self, action):
        return np.int64(action - 5), np.float64(1), np.True_, False, {}


def test_numbers_that_do_not_begin_at_0():
    env = InWords(Offset(), ["stay", "go"])
    assert env.reset()[0] == "State -1."
    observation, *_, info = env.step("go")
    assert observation == "State 1."
    assert info["is_success"] is True


def test_a_limit_on_other_texts():
    env = TimeLimit(lake(), 3)
    env.reset(seed=0)
    assert [env.step("sing")[3] for _ in range(3)] == [False, False, True]


def test_actions_that_are_no_texts():
    env = lake()
    with pytest.raises(ResetNeeded, match="no episode is running"):
        env.step("left")
    env.reset(seed=0)
    with pytest.raises(TypeError, match=r"^an action is a str, got int: 1$"):
        env.step(1)


@pytest.mark.parametrize(
    ("id", "arguments", "error", "message"),
    [
        ("CartPole-v1", (["left", "right"],), ValueError, "observations of CartPole-v1 are Box"),
        ("TextMaze-v0", (LAKE,), ValueError, "make them Discrete"),
        ("FrozenLake-v1", (LAKE[:3],), ValueError, "has 4 actions, and there are 3 commands"),
        ("FrozenLake-v1", (["a", "a", "b", "c"],), ValueError, "twice, as it does 'a'"),
        ("FrozenLake-v1", (["a", "A.", "b", "c"],), ValueError, "read as the same"),
        ("FrozenLake-v1", (["a", " ", "b", "c"],), ValueError, "' ' cannot be a command"),
        ("FrozenLake-v1", ("abcd",), TypeError, "commands must be a list of texts"),
        ("FrozenLake-v1", ([1, 2, 3, 4],), TypeError, "commands must be a list of texts"),
        ("FrozenLake-v1", (LAKE, "here"), TypeError, "describe must be a function"),
        ("FrozenLake-v1", (LAKE, None, True), TypeError, "success must be a function"),
    ],
)
def test_bad_arguments(id, arguments, error, message):
    with pytest.raises(error, match=message):
        InWords(gym.make(id), *arguments)


@each
@pytest.mark.filterwarnings("ignore:.*different from the unwrapped version")
def test_gymnasiums_checker_has_nothing_to_say(id, commands):
    env = InWords(gym.make(id), commands)
    assert isinstance(env.observation_space, UnicodeText)
    assert isinstance(env.action_space, UnicodeText)
    check_env(env, skip_render_check=True)
    check_env(DiscreteCommands(env), skip_render_check=True)


def full(env):
    env = RememberCommands(InWords(env, LAKE))
    return NumericObservation(DiscreteCommands(SameProblem(env, seed=1)), "hashed", 32)


def test_in_a_stack_pickled_and_made_from_its_spec():
    env = full(gym.make("FrozenLake-v1"))
    assert env.get_wrapper_attr("vocabulary") == tuple(LAKE)
    first = env.reset()[0]
    steps = [1, 2, 0, 3, 1]
    env.step(0)
    twin, again = pickle.loads(pickle.dumps(env)), gym.make(pickle.loads(pickle.dumps(env.spec)))
    assert repr(again) == repr(env)
    again.reset(), again.step(0)
    for action in steps:
        one, two, three = (e.step(action) for e in (env, twin, again))
        assert (one[0] == two[0]).all()
        assert (one[0] == three[0]).all()
    assert (env.reset(seed=5)[0] == first).all()


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_in_vector_environments(mode):
    envs = gym.make_vec(
        "FrozenLake-v1",
        2,
        mode,
        wrappers=[lambda env: InWords(env, LAKE)],
        is_slippery=False,
        vector_kwargs={"autoreset_mode": gym.vector.AutoresetMode.SAME_STEP},
    )
    try:
        assert tuple(envs.reset(seed=0)[0]) == ("State 0.", "State 0.")
        for command in TO_THE_GIFT:
            texts, rewards, terminated, _, infos = envs.step([command, "sing"])
        assert tuple(texts) == (
            "State 0.",
            "This is no command. Possible: left, down, right, up.\n\nState 0.",
        )
        assert rewards.tolist() == [1.0, 0.0]
        assert terminated.tolist() == [True, False]
        assert infos["final_info"]["is_success"][0]
    finally:
        envs.close()
