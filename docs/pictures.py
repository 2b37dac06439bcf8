"""The pictures of the documentation, made anew: ``python -m docs.pictures [NAME ...]``.

That of the front page shows the site, and so it is made last, after ``make docs``.
"""

from __future__ import annotations

import io
import json
import sys

import gymnasium as gym
import matplotlib.pyplot as plt
from PIL import Image
from playwright.sync_api import sync_playwright

from docs.generate import PAGES, RESULTS, ROOT, galleried
from reasoning_gym_envs import ENVIRONMENTS
from reasoning_gym_envs.pictures.board import SIDE
from reasoning_gym_envs.pictures.canvas import PAPER
from tests.browser import chromium

IMAGES = PAGES / "images"


def maze() -> None:
    """Mazes in the middle of an episode: one with fog, and one as on a map."""
    for name, arguments in (
        ("maze.png", {"level": 6, "generator": "kruskal"}),
        ("maze_map.png", {"level": 5, "generator": "depth_first", "view": "map"}),
    ):
        env = gym.make("TextMaze-v0", render_mode="rgb_array", **arguments)
        env.reset(seed=4)
        way = env.unwrapped.solution()  # type: ignore[attr-defined]
        for command in way[: len(way) * 7 // 10]:
            env.step(command)
        _save(Image.fromarray(env.render()), name)  # type: ignore[arg-type]


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


def curve() -> None:
    """How a tiny language model learns to walk mazes, and that it does not from coin flips."""
    results = json.loads((RESULTS / "language.json").read_text(encoding="utf-8"))["runs"]
    runs = [run for run in results if run["task"] == "maze"]
    paper = [channel / 255 for channel in PAPER]
    figure, axes = plt.subplots(figsize=(5.6, 3.8), facecolor=paper, layout="constrained")
    axes.set_facecolor(paper)
    styles = {"coin_flips": ("coin flips", "#8a8378", "--"), "grpo": ("rewards", "#1c5a9e", "-")}
    for learner, (label, colour, dashes) in styles.items():
        curves = [run[learner] for run in runs if learner in run]
        for each in curves:
            shares = [100 * share for share in each["test_accuracy"]]
            axes.plot(each["updates"], shares, color=colour, linestyle=dashes, linewidth=2.5)
        ends = [100 * each["test_accuracy"][-1] for each in curves]
        place = (curves[0]["updates"][-1] + 1, sum(ends) / len(ends))
        axes.annotate(label, place, color=colour, fontsize=14, va="center", annotation_clip=False)
    axes.set_ylim(0, 100)
    axes.set_ylabel("mazes solved, %", fontsize=14)
    axes.set_xlabel("updates of GRPO", fontsize=14)
    axes.tick_params(labelsize=13)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.4)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=160)
    _save(Image.open(drawn).convert("RGB"), "curve.png")


def front_page() -> None:
    """The front page of the site, as ``make docs`` has built it, in the system's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto((ROOT / "site" / "index.html").as_uri())
        screen = page.screenshot()
        browser.close()
    image = Image.open(io.BytesIO(screen)).convert("RGB")
    exact = image.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2)  # tints are kept
    exact.save(IMAGES / "front_page.png", optimize=True)


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
    pictures = (maze, page, boards, curve, gallery, front_page)
    for picture in pictures:
        if picture.__name__ in sys.argv[1:] or not sys.argv[1:]:
            picture()
