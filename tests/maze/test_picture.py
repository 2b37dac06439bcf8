"""Pictures of mazes, a window, and films by Gymnasium's own wrapper."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled
from gymnasium.wrappers import RenderCollection
from PIL import Image

from reasoning_gym_envs.maze import picture
from reasoning_gym_envs.maze.text_maze import TextMaze
from reasoning_gym_envs.pictures import save_gif
from reasoning_gym_envs.pictures.films import Window


def pixels(image, colour):
    return int((np.abs(image.astype(int) - colour).sum(axis=2) < 12).sum())


@pytest.mark.parametrize("level", [1, 5, 10])
def test_a_picture(level):
    env = gym.make("TextMaze-v0", level=level, render_mode="rgb_array", view="map")
    env.reset(seed=1)
    before = env.render()
    assert before.dtype == np.uint8
    assert before.shape[0] == before.shape[1] <= 1000
    assert before.shape[2] == 3
    assert pixels(before, picture.AGENT)
    assert pixels(before, picture.EXIT)
    assert pixels(before, picture.FOG) < 200  # smooth edges have many colours
    assert not pixels(before, picture.TRAIL)
    for command in env.unwrapped.solution()[:3]:
        env.step(command)
    after = env.render()
    assert pixels(after, picture.TRAIL)
    assert (before != after).any()


def test_keys_and_doors_ice_and_arrows():
    env = TextMaze(level=5, render_mode="rgb_array", view="map")
    env.reset(seed=1)
    image = env.render()
    assert pixels(image, picture.COLOURS[0])
    assert not pixels(image, picture.COLOURS[2])
    assert pixels(image, picture.ONE_WAY)
    assert pixels(image, picture.FLOOR) > pixels(image, picture.ICE)
    env = TextMaze(level=7, render_mode="rgb_array", view="map")
    env.reset(seed=1)
    assert pixels(env.render(), picture.ICE) > pixels(env.render(), picture.FLOOR)


@pytest.mark.parametrize("arguments", [{"view": "local"}, {"view": "map", "fog": True}])
def test_fog_lifts_on_the_way(arguments):
    env = TextMaze(level=6, render_mode="rgb_array", **arguments)
    env.reset(seed=1)
    fog = [pixels(env.render(), picture.FOG)]
    for command in env.solution()[:25]:
        env.step(command)
    fog.append(pixels(env.render(), picture.FOG))
    assert fog[0] > fog[1] > 0


def test_a_snapshot_has_what_the_picture_shows():
    """Also in an environment that showed a larger maze."""
    env, other = (TextMaze(level=level, render_mode="rgb_array") for level in (2, 8))
    env.reset(seed=1), other.reset(seed=1)
    for each in (env, other):
        for command in each.solution()[:5]:
            each.step(command)
    env.solution(), env._apply(env._episode.state, "north")  # looking ahead leaves no trail
    other.restore(env.snapshot())
    shown, larger = env.render(), other.render()
    edge = (len(larger) - len(shown)) // 2
    assert (larger[edge:-edge, edge:-edge] == shown).all()


def test_a_one_way_passage_is_seen_from_its_end():
    """Where the cell that it begins in is still in the fog."""
    env = TextMaze(level=5, render_mode="rgb_array", view="map")
    env.reset(seed=1)
    maze, place = env._maze, env._episode.state
    ends = {maze.beyond[side] for side in maze.one_way}
    image = picture.draw(maze, place, visible=sum(1 << cell for cell in ends))
    assert pixels(image, picture.ONE_WAY)


def test_a_film_of_an_episode(tmp_path):
    env = RenderCollection(gym.make("TextMaze-v0", level=2, render_mode="rgb_array"))
    env.reset(seed=1)
    way = env.unwrapped.solution()
    for command in way:
        env.step(command)
    save_gif(env.render(), tmp_path / "episode.gif")
    with Image.open(tmp_path / "episode.gif") as film:
        assert film.is_animated
        assert film.n_frames == len(way) + 1
        frames = set()
        first = np.array(film.convert("RGB"))
        for number in range(film.n_frames):
            film.seek(number)
            frames.add(film.convert("RGB").tobytes())
    assert len(frames) == len(way) + 1
    assert pixels(first, picture.AGENT)
    with pytest.raises(ValueError, match="no frames"):
        save_gif([], tmp_path / "nothing.gif")


def test_a_film_of_mazes_of_different_sizes(tmp_path):
    frames = []
    for level in (2, 1, 6):
        env = TextMaze(level=level, render_mode="rgb_array", view="map")
        env.reset(seed=1)
        frames.append(env.render())
        assert all(side % 2 == 0 for side in frames[-1].shape[:2])  # as encoders of films ask for
    save_gif(frames, tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as film:
        film.seek(1)
        shown = np.array(film.convert("RGB"))
    assert shown.shape == frames[2].shape
    edge = (shown.shape[0] - frames[1].shape[0]) // 2
    assert np.abs(shown[edge:-edge, edge:-edge].astype(int) - frames[1]).mean() < 4
    with Image.open(tmp_path / "film.gif") as film:
        film.seek(2)
        shown_last = np.array(film.convert("RGB"))
    for colour in (picture.AGENT, picture.EXIT, picture.ONE_WAY, *picture.COLOURS[:2]):
        assert pixels(shown_last, colour)  # however small it is
    assert np.abs(shown[:edge].astype(int) - picture.PAPER).max() < 12
    with pytest.raises(ValueError, match="list of pictures"):
        save_gif(frames[0], tmp_path / "nothing.gif")


def test_pictures_of_several_levels_have_one_size():
    env, alone = (TextMaze(level=level, render_mode="rgb_array") for level in ((1, 10), 2))
    sizes = set()
    for level in range(1, 11):
        env.reset(seed=1, options={"level": level})
        sizes.add(env.render().shape)
    assert len(sizes) == 1
    env.reset(seed=1, options={"level": 2}), alone.reset(seed=1)
    shown, picture_alone = env.render(), alone.render()
    edge = (len(shown) - len(picture_alone)) // 2
    assert (shown[edge:-edge, edge:-edge] == picture_alone).all()
    assert (shown[:edge] == picture.PAPER).all()


def test_a_window(capsys):
    env = gym.make("TextMaze-v0", render_mode="human")
    env.reset(seed=1)
    window = env.unwrapped._window
    first = window._screen.copy()
    env.step(env.unwrapped.solution()[0])
    assert env.render() is None
    assert window._screen.get_size() == first.get_size()
    import pygame

    shown, before = (pygame.surfarray.array3d(surface) for surface in (window._screen, first))
    assert (shown != before).any()
    env.close()
    env.close()
    assert env.unwrapped._window is None
    assert "exit of the maze" not in capsys.readouterr().out


def test_what_is_missing_is_named(monkeypatch):
    env = TextMaze(render_mode="rgb_array")
    env.reset(seed=1)
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(DependencyNotInstalled, match=r"Pillow.*reasoning-gym-envs\[render\]"):
        env.render()
    monkeypatch.setitem(__import__("sys").modules, "pygame", None)
    with pytest.raises(DependencyNotInstalled, match=r"pygame.*reasoning-gym-envs\[render\]"):
        Window("a maze", 4)
