"""Films of every kind of environment, by Gymnasium's own wrappers, read back.

Videos need a package of their own: tests/integrations/test_video.py.
"""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import RenderCollection
from PIL import Image

from reasoning_gym_envs.pictures import save_gif

EXAMPLES = ("MathBoxed-v0", "TextMaze-v0", "Sudoku-v0", "EquationSteps-v0")


@pytest.mark.parametrize("id", EXAMPLES)
def test_a_gif_of_an_episode(id, tmp_path):
    env = RenderCollection(gym.make(id, render_mode="rgb_array"))
    env.reset(seed=1)
    for action in env.unwrapped.solution():
        env.step(action)
    frames = env.render()
    save_gif(frames, tmp_path / "episode.gif")
    with Image.open(tmp_path / "episode.gif") as film:
        assert film.n_frames == len(frames) > 1
        film.seek(film.n_frames - 1)
        last = np.array(film.convert("RGB"))
    assert last.shape == frames[-1].shape
    assert np.abs(last.astype(int) - frames[-1]).mean() < 4


@pytest.mark.parametrize("id", EXAMPLES)
def test_a_list_of_frames_by_the_render_mode(id):
    env = gym.make(id, render_mode="rgb_array_list")
    env.reset(seed=1)
    env.step(env.unwrapped.solution()[0])
    frames = env.render()
    assert len(frames) == 2
    assert (frames[0] != frames[1]).any()
