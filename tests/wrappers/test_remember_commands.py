"""The latest commands stand below the observation, whatever was written."""

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env

from reasoning_gym_envs.wrappers import (
    ChatMessages,
    DiscreteCommands,
    InWords,
    NumericObservation,
    RememberCommands,
)
from reasoning_gym_envs.wrappers.remember_commands import LONGEST_REMEMBERED

MAZE, MATH = "TextMaze-v0", "MathBoxed-v0"


def last_line(observation):
    return observation.split("\n")[-1]


def test_one_command():
    env, plain = RememberCommands(gym.make(MAZE)), gym.make(MAZE)
    expected = f"{plain.reset(seed=1)[0]}\nYour last command: none yet."
    assert env.reset(seed=1)[0] == expected
    for command in ("north", "dance", "go east"):
        observation, *rest = env.step(command)
        text, *plain_rest = plain.step(command)
        assert observation == f"{text}\nYour last command: {command}."
        assert rest == plain_rest
    assert env.reset(seed=1)[0] == expected  # an episode remembers nothing of the last one


def test_several_commands():
    env = RememberCommands(gym.make(MAZE), count=3)
    assert last_line(env.reset(seed=0)[0]) == "Your last commands: none yet."
    lines = [last_line(env.step(command)[0]) for command in ("n", "e", "s", "w")]
    assert lines == [
        "Your last commands: n.",
        "Your last commands: n, e.",
        "Your last commands: n, e, s.",
        "Your last commands: e, s, w.",
    ]


@pytest.mark.parametrize(
    ("action", "named"),
    [
        ("", "nothing"),
        (" \n\t ", "nothing"),
        ("go\r\n\u2028 north\x85", "go north"),
        ("\x1b[2J\x00\ud800", "?[2J??"),
        ("x" * 99 + "yz", "…" + "x" * 97 + "yz"),
        ("x" * 100, "x" * 100),
        ("<think>" + "very long " * 100_000 + "</think> north", None),
        ("north" + " " * 1_000_000, "north"),
        ("中文 é", "中文 é"),
    ],
)
def test_strange_actions_are_named_in_one_short_line(action, named):
    env = RememberCommands(gym.make(MATH, max_turns=5))
    plain = gym.make(MATH, max_turns=5)
    env.reset(seed=0), plain.reset(seed=0)
    observation, said = env.step(action)[0], plain.step(action)[0]
    assert observation.startswith(f"{said}\nYour last command: ")
    line = observation.removeprefix(f"{said}\nYour last command: ").removesuffix(".")
    assert len(line) <= LONGEST_REMEMBERED
    assert line.isprintable()
    assert line.endswith("</think> north") if named is None else line == named


def test_the_space_has_room_for_the_line():
    env = RememberCommands(gym.make(MAZE), count=4)
    env.reset(seed=0)
    lengths = []
    for _ in range(4):
        observation = env.step("x" * 1000)[0]
        lengths.append(len(last_line(observation)))
    room = env.observation_space.max_length - env.unwrapped.observation_space.max_length
    assert lengths == sorted(lengths)
    assert 400 < lengths[-1] < room < 500


def test_what_is_no_action_is_not_remembered():
    env = RememberCommands(gym.make(MAZE), count=2)
    env.reset(seed=0)
    env.step("north")
    with pytest.raises(TypeError, match="an action is a str"):
        env.step(3)
    assert last_line(env.step("east")[0]) == "Your last commands: north, east."


def test_below_numbers_and_above_words():
    env = DiscreteCommands(RememberCommands(gym.make(MAZE)))
    env.reset(seed=0)
    assert last_line(env.step(2)[0]) == "Your last command: south."
    lake = InWords(gym.make("FrozenLake-v1"), ["left", "down", "right", "up"])
    env = DiscreteCommands(RememberCommands(lake))
    env.reset(seed=0)
    assert last_line(env.step(2)[0]) == "Your last command: right."


def follow_the_wall(env, seed, turns=200):
    """Turn left wherever it can be: a rule that reads the observation alone."""
    around = ["north", "east", "south", "west"]
    observation, _ = env.reset(seed=seed)
    for _ in range(turns):
        last = last_line(observation).removeprefix("Your last command: ").removesuffix(".")
        facing = around.index(last) if last in around else 0
        lines = dict(line.split(": ", 1) for line in observation.split("\n") if ": " in line)
        order = [around[(facing + turn) % 4] for turn in (3, 0, 1, 2)]
        command = next(c for c in order if not lines[c.capitalize()].startswith("a "))
        observation, _, terminated, truncated, info = env.step(command)
        if terminated or truncated:
            return info["is_success"]
    return False


def test_an_agent_without_memory_can_follow_a_wall():
    env = RememberCommands(gym.make(MAZE, level=2, generator="depth_first"))
    assert all(follow_the_wall(env, seed) for seed in range(20))


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_in_vector_environments(mode):
    envs = gym.make_vec(MAZE, 2, mode, wrappers=[RememberCommands], level=2, max_turns=2)
    try:
        assert [last_line(text) for text in envs.reset(seed=0)[0]] == [
            "Your last command: none yet."
        ] * 2
        texts = envs.step(["north", "y" * 500])[0]
        assert last_line(texts[0]) == "Your last command: north."
        assert last_line(texts[1]) == f"Your last command: …{'y' * 99}."
        envs.step(["e", "e"])
        assert last_line(envs.step(["e", "e"])[0][0]) == "Your last command: none yet."
    finally:
        envs.close()


@pytest.mark.filterwarnings("ignore:.*different from the unwrapped version")
def test_gymnasiums_checker_has_nothing_to_say():
    check_env(RememberCommands(gym.make(MAZE), 2), skip_render_check=True)


@pytest.mark.parametrize(
    ("count", "error"), [(0, ValueError), ("1", TypeError), (True, TypeError), (1.5, TypeError)]
)
def test_bad_counts(count, error):
    with pytest.raises(error, match="count must be"):
        RememberCommands(gym.make(MAZE), count)


@pytest.mark.parametrize("outer", [DiscreteCommands, NumericObservation, ChatMessages])
def test_other_wrappers_go_outside(outer):
    with pytest.raises(ValueError, match=r"RememberCommands .*put it inside of the wrapper"):
        RememberCommands(outer(gym.make(MAZE)))
    outer(RememberCommands(gym.make(MAZE))).reset(seed=0)
