"""The pictures of the documentation, made anew: ``python -m docs.pictures``."""

from __future__ import annotations

from pathlib import Path

import gymnasium as gym
from PIL import Image

import reasoning_gym_envs  # noqa: F401

IMAGES = Path(__file__).parent / "pages" / "images"


def maze() -> None:
    """A maze of level 6, in the middle of an episode: trail, fog, a door, keys."""
    env = gym.make("TextMaze-v0", level=6, generator="kruskal", render_mode="rgb_array")
    env.reset(seed=4)
    way = env.unwrapped.solution()  # type: ignore[attr-defined]
    for command in way[: len(way) * 7 // 10]:
        env.step(command)
    image = Image.fromarray(env.render()).quantize(128, Image.Quantize.FASTOCTREE)  # type: ignore[arg-type]
    image.save(IMAGES / "maze.png", optimize=True)


if __name__ == "__main__":
    maze()
    print(f"wrote {IMAGES.name}/maze.png")
