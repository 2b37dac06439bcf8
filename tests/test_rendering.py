"""render_mode="rgb_array" for every id."""

import hashlib
import os
from itertools import pairwise

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import AddRenderObservation, HumanRendering

from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.command_env import CommandEnv
from reasoning_gym_envs.pictures.canvas import GREEN, RED
from reasoning_gym_envs.pictures.glyphs import has_glyph
from reasoning_gym_envs.puzzles.minesweeper import NOWHERE

each_id = pytest.mark.parametrize("id", ENVIRONMENTS)
DRAWN = [
    id
    for id, entry in ENVIRONMENTS.items()
    if not entry.needs
    and isinstance(env := gym.make(id).unwrapped, CommandEnv)
    and type(env)._paint is not CommandEnv._paint
]
# SHA-256 of the last picture of a solved episode of level 2 with seed 3. A change of a drawing, of
# the page or of the episode changes it; nothing else may.
PICTURES = {
    "MathBoxed-v0": "b712a08960ad372ec5de8c9120c2464d68ad2be1ebeb4231a54a6912eff114bb",
    "CodeOutput-v0": "85c894342fabebad174438f2a8bf0c7e45665980ed39d23a2db8a2ffe69fd511",
    "TowerOfHanoi-v0": "e69e242b851af49881bea088310ce88c43b7e9251ea5d985e2124977ddafd72f",
    "Sudoku-v0": "d255f3430b6b1e6a6d5897aadefa7c02b31ec2b162e82f29fe8961b736676417",
    "NQueens-v0": "6c2a2d5d54259549f193f3f8b741577dde3eb102ad7d382468bdf38955e8860f",
    "WaterJugs-v0": "bea3bffc8c79329dba22edd17b671024a61cd3c6054b23f65a6a67f97ad9a0b3",
}


def make(id, **arguments):
    return gym.make(id, render_mode="rgb_array", **arguments)


def board(env):
    """The part of the page that is the drawing."""
    return env.unwrapped._drawing().pixels


@each_id
def test_pictures_of_an_episode(id):
    """The checker of Gymnasium, whose warnings are errors here, looks on."""
    env = make(id, level=2)
    assert "rgb_array" in env.metadata["render_modes"]
    assert env.metadata["render_fps"] > 0
    env.reset(seed=1)
    frames = [env.render()]
    for action in ("no command", *env.unwrapped.solution())[:6]:
        _, _, terminated, truncated, _ = env.step(action)
        frames.append(env.render())
        if terminated or truncated:
            break
    for frame in frames:
        assert frame.dtype == np.uint8
        assert frame.shape == frames[0].shape
        assert frame.shape[2] == 3
        assert all(side % 2 == 0 for side in frame.shape[:2])
    if id == "TextMaze-v0":
        del frames[1]  # it shows the maze alone, and nobody moved
    if id == "TextMazeBoxed-v0":
        del frames[1:]  # as above, and the wrong plan was its only turn
    for before, after in pairwise(frames):
        assert (before != after).any()
    again = make(id, level=2)
    again.reset(seed=1)
    assert again.render().tobytes() == frames[0].tobytes()


@each_id
def test_observations_with_pictures(id):
    """Of one size, whichever level is drawn."""
    env = AddRenderObservation(make(id, level=(1, 10)), render_only=False)
    for level in (1, 5, 10):
        observation, _ = env.reset(seed=1, options={"level": level})
        assert observation in env.observation_space


@pytest.mark.parametrize("id", PICTURES)
def test_bytes_are_the_same_everywhere(id):
    env = make(id, level=2)
    env.reset(seed=3)
    for action in env.unwrapped.solution():
        env.step(action)
    assert hashlib.sha256(env.render().tobytes()).hexdigest() == PICTURES[id]


@each_id
def test_every_character_that_is_printed_has_a_glyph(id):
    env = gym.make(id, level=(1, 10), render_mode="ansi", max_turns=20, disable_env_checker=True)
    few = bool(ENVIRONMENTS[id].needs)
    for level in range(1, 11):
        for seed in range(1 if few else 10):
            env.reset(seed=seed, options={"level": level})
            actions = env.unwrapped.solution()[:4]
            for action in actions if few else ("no command", *actions):
                if env.step(action)[2]:
                    break
            missing = {c for c in env.render() if c != "\n" and not has_glyph(c)}
            assert not missing


@pytest.mark.parametrize("id", DRAWN)
@pytest.mark.parametrize("level", [1, 4, 9])
def test_a_drawing_tells_what_the_text_tells(id, level):
    """Different texts have different drawings, and the same text the same drawing."""
    env = make(id, level=level, max_turns=1000)
    drawings = {}
    choice = np.random.default_rng(0)
    for seed in range(4):
        env.reset(seed=seed)
        core = env.unwrapped
        for _ in range(12):
            state = core._episode.state
            drawings.setdefault(core._describe(state), set()).add(board(env).tobytes())
            commands = core._commands(state)
            if core._is_goal(state) or core._is_lost(state) or not commands:
                break
            core._episode.state = core._apply(state, str(choice.choice(commands)).lower())
    assert len(drawings) > 8
    assert all(len(pictures) == 1 for pictures in drawings.values())
    assert len(set.union(*drawings.values())) == len(drawings)


def test_there_are_drawings():
    assert {"Sudoku-v0", "LightsOut-v0", "SlidingTiles-v0", "Sokoban-v0"} <= set(DRAWN)
    assert {"TowerOfHanoiBoxed-v0", "NQueens-v0", "Minesweeper-v0"} <= set(DRAWN)


def test_a_drawing_of_a_minefield_does_not_show_mines():
    env = make("Minesweeper-v0", level=5)
    mines, pictures = set(), set()
    for seed in range(3):
        env.reset(seed=seed)
        mines.add(env.unwrapped._field.mines)
        pictures.add(env.unwrapped._paint((0, NOWHERE)).pixels.tobytes())  # all closed
    assert len(mines) == 3
    assert len(pictures) == 1


def test_the_text_beside_a_drawing_does_not_draw_it_again():
    env = make("Sudoku-v0")
    text, _ = env.reset(seed=1)
    assert "c1 c2" in text
    assert "c1 c2" not in str(env.unwrapped._episode.transcript[0])
    assert "Fill the grid" in str(env.unwrapped._episode.transcript[0])
    env.step("r1c1 = x")
    said = str(env.unwrapped._episode.transcript[1])
    assert "Possible:" in said
    assert "c1 c2" not in said


def test_solved_and_not():
    pictures = []
    for actions in (None, ["no", "no"]):
        env = make("LightsOut-v0", max_turns=None if actions is None else 2)
        env.reset(seed=1)
        for action in actions or env.unwrapped.solution():
            *_, info = env.step(action)
        pictures.append(info["is_success"])
        bar = env.render()[:40]
        colour, other = (GREEN, RED) if info["is_success"] else (RED, GREEN)
        assert (bar == colour).all(axis=2).any()
        assert not (bar == other).all(axis=2).any()
    assert pictures == [True, False]


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("id", ["MathBoxed-v0", "Sudoku-v0", "TextMaze-v0"])
def test_vector_environments(id, mode):
    envs = gym.make_vec(id, num_envs=2, vectorization_mode=mode, render_mode="rgb_array")
    try:
        envs.reset(seed=1)
        pictures = envs.render()
        assert len(pictures) == 2
        alone = make(id)
        for seed, picture in enumerate(pictures, 1):
            alone.reset(seed=seed)
            assert (picture == alone.render()).all()
    finally:
        envs.close()


def test_a_window_by_gymnasiums_wrapper():
    env = HumanRendering(make("Sudoku-v0"))
    env.reset(seed=1)
    assert env.window.get_size() == (1008, 624)
    env.close()
