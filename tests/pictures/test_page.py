"""Pages: long texts wrap, the latest part is shown, and all have one size."""

import numpy as np
import pytest

from reasoning_gym_envs.pictures import page
from reasoning_gym_envs.pictures.board import SIDE
from reasoning_gym_envs.pictures.canvas import GREEN, GREY, INK, RED, RUST
from reasoning_gym_envs.pictures.page import HEIGHT, WIDTH, Exchange, draw_page

ROWS, COLUMNS = 28, 96


def draw(*observations, **more):
    transcript = [Exchange(f"> {n}", text) for n, text in enumerate(observations)]
    return draw_page("Title", "turn 1", GREY, transcript, **more)


def lines(*exchanges, columns=COLUMNS):
    return page._last_lines(list(exchanges), columns)


@pytest.mark.parametrize("text", ["", "x", "x y " * 5000, "x" * 20_000, "\n" * 900, "\ud800\x1b"])
def test_a_page_has_one_size(text):
    assert draw(text).shape == draw(text, text).shape == (HEIGHT, WIDTH, 3)
    assert HEIGHT % 16 == WIDTH % 16 == 0  # as encoders of films ask for


def test_words_go_on_in_the_next_line():
    text = "word " * 60
    wrapped = page._wrapped(text.strip(), 24)
    assert wrapped == ["word word word word word"] * 12


def test_what_is_longer_than_a_line_is_broken_and_indentation_stays():
    assert page._wrapped("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert page._wrapped("def f():\n    return 1\n\n\tx\r\ny", 40) == [
        "def f():",
        "    return 1",
        "",
        "    x",
        "y",
    ]


def test_the_latest_part_is_shown():
    numbered = [Exchange(f"> {n}", f"observation {n}") for n in range(100)]
    shown = lines(*numbered)
    assert len(shown) == ROWS
    assert shown[0] == ("…", GREY)
    assert shown[-2:] == [("> 99", RUST), ("observation 99", INK)]
    assert shown[-5:-2] == [("> 98", RUST), ("observation 98", INK), ("", INK)]
    long = "\n".join(map(str, range(500)))
    assert [text for text, _ in lines(Exchange("title", long))][-1] == "499"
    assert (draw(long + "1") != draw(long + "2")).any()
    assert (draw("1" + long) == draw("2" + long)).all()


def test_the_first_heading_is_the_title_and_rewards_have_colours():
    shown = lines(
        Exchange("── title ──", "Question?"),
        Exchange("> a", "No.", "[reward +0]"),
        Exchange("> b", "", "[reward -1]", -1.0),
        Exchange("> c", "", "[reward +1]", 1.0),
    )
    assert shown == [
        ("Question?", INK),
        ("", INK),
        ("> a", RUST),
        ("No.", INK),
        ("[reward +0]", GREY),
        ("", INK),
        ("> b", RUST),
        ("[reward -1]", RED),
        ("> c", RUST),
        ("[reward +1]", GREEN),
    ]


def test_a_board_stands_beside_the_text():
    board = np.full((SIDE, SIDE, 3), 7, np.uint8)
    picture = draw("word " * 100, board=board)
    assert (picture == 7).all(axis=2).sum() == SIDE * SIDE
    assert (picture[:, SIDE + 60 :] != draw("", board=board)[:, SIDE + 60 :]).any()


def test_title_and_status():
    pictures = [
        draw_page(title, status, colour, [])
        for title, status, colour in (("a", "x", GREY), ("b", "x", GREY), ("a", "y", GREY))
    ]
    assert len({picture.tobytes() for picture in pictures}) == 3
    solved = draw_page("a", "solved", GREEN, [])
    assert (solved == GREEN).all(axis=2).sum() > 500
