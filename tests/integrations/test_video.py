"""Videos of every kind of environment, written by Gymnasium's RecordVideo, read back."""

import gymnasium as gym
import numpy as np
import pytest

pytest.importorskip("moviepy", reason="moviepy is not installed here: make integrations")

from gymnasium.wrappers import RecordVideo
from moviepy import VideoFileClip

import reasoning_gym_envs  # noqa: F401
from tests.integrations.page import lines, run

# A page of text, a maze, boards beside text, an answer in a box, and a long text.
EXAMPLES = (
    "MathBoxed-v0",
    "TextMaze-v0",
    "Sudoku-v0",
    "TowerOfHanoi-v0",
    "SokobanBoxed-v0",
    "EquationSteps-v0",
    "ZebraBoxed-v0",
)


def frames_of(file, shape, fps):
    """The frames of a film, which is of this height, width and speed."""
    with VideoFileClip(str(file)) as film:
        assert (film.h, film.w, 3) == shape
        assert film.fps == fps
        return list(film.iter_frames())


@pytest.mark.parametrize("id", EXAMPLES)
def test_a_video_of_an_episode(id, tmp_path):
    env = RecordVideo(gym.make(id, render_mode="rgb_array"), str(tmp_path / "films"))
    env.reset(seed=1)
    first = env.render()
    way = env.unwrapped.solution()
    for action in way:
        last = env.step(action)
    assert last[4]["is_success"]
    picture = env.render()
    env.close()
    (file,) = (tmp_path / "films").glob("*.mp4")
    frames = frames_of(file, first.shape, env.metadata["render_fps"])
    assert len(frames) == len(way) + 1
    for frame, drawn in ((frames[0], first), (frames[-1], picture)):
        assert np.abs(frame.astype(int) - drawn).mean() < 6


def test_episodes_that_are_asked_for(tmp_path):
    """A file for every second episode, of wrapped environments too."""
    env = gym.make("TowerOfHanoi-v0", level=1, render_mode="rgb_array", max_turns=3)
    folder = tmp_path / "films"
    env = RecordVideo(env, str(folder), episode_trigger=lambda number: number % 2 == 0)
    for episode in range(4):
        env.reset(seed=episode)
        while not any(env.step("A to B")[2:4]):
            pass
    env.close()
    assert sorted(file.stem[-1] for file in folder.glob("*.mp4")) == ["0", "2"]


def test_the_lines_of_the_page(tmp_path):
    run(lines("Videos", {}), tmp_path)
    (film,) = (tmp_path / "films").glob("*.mp4")
    assert film.stat().st_size > 0
