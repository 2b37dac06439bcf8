"""Shapes: where they are, how large, with smooth edges, cut off at the border."""

import numpy as np
import pytest

from reasoning_gym_envs.pictures.canvas import INK, PAPER, RED, Canvas

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def ink(canvas):
    """How much black is on white, in pixels."""
    return float((255 - canvas.pixels[..., 0]).sum() / 255)


def test_a_new_canvas_is_empty():
    canvas = Canvas(3, 4)
    assert canvas.pixels.shape == (3, 4, 3)
    assert (canvas.pixels == PAPER).all()


@pytest.mark.parametrize(
    ("draw", "area"),
    [
        (lambda c: c.box(10, 20, 50, 45, BLACK), 40 * 25),
        (lambda c: c.box(10.5, 20.25, 50, 45, BLACK), 39.5 * 24.75),
        (lambda c: c.box(10, 20, 50, 60, BLACK, round=20), np.pi * 20**2),
        (lambda c: c.disk(40, 40, 25, BLACK), np.pi * 25**2),
        (lambda c: c.line((20, 20), (50, 60), 6, BLACK), 50 * 6 + np.pi * 3**2),
        (lambda c: c.line((20, 20), (20, 20), 6, BLACK), np.pi * 3**2),
        (lambda c: c.polygon([(10, 10), (70, 10), (10, 60)], BLACK), 60 * 50 / 2),
    ],
)
def test_areas(draw, area):
    canvas = Canvas(80, 80, WHITE)
    draw(canvas)
    assert ink(canvas) == pytest.approx(area, rel=0.015)


def test_colours_are_where_they_should_be():
    canvas = Canvas(20, 30, WHITE)
    canvas.box(5, 2, 25, 18, RED)
    assert (canvas.pixels[2:18, 5:25] == RED).all()
    assert (canvas.pixels[:2] == WHITE).all()
    assert (canvas.pixels[:, :5] == WHITE).all()
    assert (canvas.pixels[:, 25:] == WHITE).all()


def test_half_a_pixel_is_half_the_colour():
    canvas = Canvas(3, 3, WHITE)
    canvas.box(0, 0, 1.5, 3, BLACK)
    assert canvas.pixels[1, :, 0].tolist() == [0, 127, 255]


@pytest.mark.parametrize("at", [(-100, 5), (5, -100), (100, 5), (5, 100), (-2, -2), (12, 12)])
def test_what_is_outside_is_cut_off(at):
    canvas = Canvas(10, 10, WHITE)
    canvas.disk(*at, 4, BLACK)
    canvas.text(*at, "text", 20)
    canvas.line(at, (at[0] + 3, at[1] + 3), 3, INK)
    assert canvas.pixels.shape == (10, 10, 3)
    assert (canvas.pixels == WHITE).all() == (max(map(abs, at)) == 100)


@pytest.mark.parametrize(("align", "columns"), [(0, (50, 80)), (0.5, (35, 65)), (1, (20, 50))])
def test_text_is_aligned(align, columns):
    canvas = Canvas(40, 100, WHITE)
    canvas.text(50, 20, "███", 20, BLACK, align)
    drawn = (canvas.pixels[..., 0] == 0).nonzero()
    assert (drawn[1].min(), drawn[1].max() + 1) == columns
    assert drawn[0].min() == 10


def test_a_picture_in_a_picture():
    canvas, other = Canvas(10, 10, WHITE), Canvas(2, 3, BLACK)
    canvas.paste(4, 5, other.pixels)
    assert ink(canvas) == 6
    assert (canvas.pixels[4:6, 5:8] == BLACK).all()
