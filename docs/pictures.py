"""The pictures of the documentation, made anew: ``python -m docs.pictures``."""

from __future__ import annotations

from pathlib import Path

import gymnasium as gym
from PIL import Image

from docs.generate import galleried
from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.pictures.board import SIDE
from reasoning_gym_envs.pictures.canvas import PAPER

IMAGES = Path(__file__).parent / "pages" / "images"


def maze() -> None:
    """A maze of level 6, in the middle of an episode: trail, fog, a door, keys."""
    env = gym.make("TextMaze-v0", level=6, generator="kruskal", render_mode="rgb_array")
    env.reset(seed=4)
    way = env.unwrapped.solution()  # type: ignore[attr-defined]
    for command in way[: len(way) * 7 // 10]:
        env.step(command)
    _save(Image.fromarray(env.render()), "maze.png")  # type: ignore[arg-type]


def page() -> None:
    """A page: a Sudoku half way, with what was said."""
    _save(_page("Sudoku-v0", 5, 2, 12), "page.png")


def boards() -> None:
    """The drawings of four puzzles, side by side at half their size."""
    shown = (
        ("Sudoku-v0", 5, 2, 12),
        ("Sokoban-v0", 6, 1, 12),
        ("TowerOfHanoi-v0", 7, 1, 6),
        ("NQueens-v0", 4, 1, 2),
    )
    top, left = 64, 24  # where a page has its drawing
    pictures = [_page(*which).crop((left, top, left + SIDE, top + SIDE)) for which in shown]
    side, gap = SIDE // 2, 24
    wall = Image.new("RGB", (4 * side + 3 * gap, side), PAPER)
    for number, picture in enumerate(pictures):
        smaller = picture.resize((side, side), Image.Resampling.LANCZOS)
        wall.paste(smaller, (number * (side + gap), 0))
    _save(wall, "boards.png")


def gallery() -> None:
    """A picture of each environment, in the middle of an episode, made smaller."""
    (IMAGES / "gallery").mkdir(exist_ok=True)
    for id in galleried():
        entry = ENVIRONMENTS[id]
        level = 2 if entry.answered_by == "block" else 4
        env = gym.make(id, level=level, render_mode="rgb_array")
        env.reset(seed=1)
        way = env.unwrapped.solution()  # type: ignore[attr-defined]
        for command in way[: len(way) // 2]:
            env.step(command)
        image = Image.fromarray(env.render())  # type: ignore[arg-type]
        image.thumbnail((400, 300), Image.Resampling.LANCZOS)
        _save(image, f"gallery/{id}.png")


def _page(id: str, level: int, seed: int, steps: int) -> Image.Image:
    env = gym.make(id, level=level, render_mode="rgb_array")
    env.reset(seed=seed)
    for command in env.unwrapped.solution()[:steps]:  # type: ignore[attr-defined]
        env.step(command)
    return Image.fromarray(env.render())  # type: ignore[arg-type]


def _save(image: Image.Image, name: str) -> None:
    image.quantize(128, Image.Quantize.FASTOCTREE).save(IMAGES / name, optimize=True)
    print(f"wrote {IMAGES.name}/{name}")


if __name__ == "__main__":
    maze()
    page()
    boards()
    gallery()
