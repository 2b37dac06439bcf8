"""The stored glyphs: what there is, at every size, and what stands for the rest."""

import subprocess
import sys

import numpy as np
import pytest

from reasoning_gym_envs.pictures import glyphs

ASCII = "".join(map(chr, range(32, 127)))


def test_every_character_looks_different():
    shapes = glyphs.shapes(ASCII, glyphs.HEIGHT)
    assert shapes.shape == (95, 40, 20)
    assert shapes.dtype == np.uint8
    assert len({shape.tobytes() for shape in shapes}) == 95
    assert not shapes[0].any()  # a space
    assert all(shape.any() for shape in shapes[1:])


@pytest.mark.parametrize("text", ["中", "🍎", "\ud800", "\x1b", "\0", "\t", "\u00ad"])
def test_what_has_no_glyph_is_a_box(text):
    (shape,) = glyphs.shapes(text, glyphs.HEIGHT)
    assert (shape == glyphs.shapes("\uffff", glyphs.HEIGHT)[0]).all()
    assert shape[7:9, 3:17].all()  # its upper edge
    assert not shape[9:31, 5:15].any()  # empty inside
    assert not glyphs.has_glyph("中")
    assert glyphs.has_glyph("é")


@pytest.mark.parametrize("height", [2, 7, 10, 20, 33, 40, 57, 120])
def test_sizes(height):
    """Every size covers the same share of its area, up to rounding."""
    stored = glyphs.shapes("#@", glyphs.HEIGHT).mean(axis=(1, 2))
    shapes = glyphs.shapes("#@", height)
    assert shapes.shape == (2, height, max(1, height // 2))
    assert np.abs(shapes.mean(axis=(1, 2)) - stored).max() < 1


def test_half_the_size_is_the_mean_of_four_pixels():
    (stored,) = glyphs.shapes("g", 40).astype(int)
    (half,) = glyphs.shapes("g", 20).astype(int)
    means = stored.reshape(20, 2, 10, 2).mean(axis=(1, 3))
    assert np.abs(half - means).max() <= 0.5


def test_no_text_has_no_glyphs():
    assert glyphs.shapes("", 20).shape == (0, 20, 10)


def test_the_licence_of_the_font_is_beside_it():
    text = glyphs.FILE.with_name("OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in text
    assert "Noto Sans Mono" in text
    assert glyphs.FILE.stat().st_size < 100_000


def test_text_and_boards_need_numpy_alone():
    program = (
        "import sys; sys.modules.update(dict.fromkeys(('PIL', 'pygame', 'matplotlib')));"
        "import gymnasium as gym, reasoning_gym_envs;"
        "env = gym.make('Sudoku-v0', render_mode='rgb_array'); env.reset(seed=0);"
        "print(env.render().shape)"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert finished.stdout == "(624, 1008, 3)\n", finished.stderr
