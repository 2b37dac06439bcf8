import random
import re

import pytest

from reasoning_gym_envs import Problem, Stream
from reasoning_gym_envs.problems import check_split, draw, level_range


def number(stream, level):
    n = stream.randint(0, 10**6)
    return Problem(str(n), level, f"Say {n}.", str(n))


def test_a_stream_is_pinned():
    stream = Stream(2026)
    assert [stream.randint(1, 100) for _ in range(5)] == [12, 51, 52, 87, 11]
    assert stream.choice("abc") == "a"
    assert [stream.randrange(10) for _ in range(5)] == [6, 5, 7, 5, 7]
    assert stream.sample("abcdefgh", 5) == ["g", "a", "f", "e", "b"]


def test_draws_are_uniform_and_in_range():
    stream = Stream(1)
    counts = [0] * 7
    for _ in range(14_000):
        counts[stream.randint(0, 6)] += 1
    assert min(counts) > 1800
    assert max(counts) < 2200
    assert {stream.randrange(3, 12, 4) for _ in range(100)} == {3, 7, 11}
    assert {stream.randrange(3) for _ in range(100)} == {0, 1, 2}
    assert {stream.randrange(2, 5) for _ in range(100)} == {2, 3, 4}
    drawn = [stream.choice("abc") for _ in range(3000)]
    assert all(900 < drawn.count(letter) < 1100 for letter in "abc")
    assert {tuple(stream.sample(range(3), 2)) for _ in range(200)} == {
        (a, b) for a in range(3) for b in range(3) if a != b
    }
    shuffled = {(items := [1, 2, 3], stream.shuffle(items), tuple(items))[2] for _ in range(200)}
    assert len(shuffled) == 6
    for _ in range(100):
        assert sorted(stream.sample(range(6), 6)) == [0, 1, 2, 3, 4, 5]
    assert stream.sample([1, 2], 0) == []
    for k in (3, -1):
        with pytest.raises(ValueError, match=f"cannot draw {k} different elements of 2"):
            stream.sample([1, 2], k)


def test_a_stream_uses_random_alone():
    """random() is the one method that Python keeps stable across versions."""
    plain, stream = random.Random(5), Stream(5)
    for _ in range(20):
        u = plain.random()
        assert stream.randint(10, 59) == 10 + int(u * 50)


def test_ids_hash_content_and_topic_but_not_wording_or_level():
    problem = Problem("3+4", 1, "Compute 3 + 4.", "7", topic="sums")
    assert problem.id == Problem("3+4", 5, "What is 3 + 4?", "7", topic="sums").id
    assert problem.id != Problem("3+5", 1, "Compute 3 + 4.", "7", topic="sums").id
    assert problem.id != Problem("3+4", 1, "Compute 3 + 4.", "7", topic="other").id
    assert problem.id == "7022def4c5dfae71"  # on every machine
    assert problem.id == Problem("3+4", 1, "?", "7", topic="products", family="sums").id
    assert Problem("half of a pair: \ud800", 1, "?", "7").id == "d3d969b556e24cb9"


def test_one_problem_in_eight_is_a_test_problem():
    stream = Stream(0)
    share = sum(number(stream, 1).split == "test" for _ in range(8000)) / 8000
    assert 0.11 < share < 0.14


@pytest.mark.parametrize("split", ["train", "test"])
def test_draw_keeps_to_the_split(split):
    stream = Stream(0)
    for level in (1, 7):
        drawn = [draw(number, stream, level, split) for _ in range(200)]
        assert {(problem.split, problem.level) for problem in drawn} == {(split, level)}


def test_draw_gives_up_on_a_generator_without_such_problems():
    fixed = next(p for n in range(99) if (p := Problem(str(n), 1, "?", "1")).split == "train")
    with pytest.raises(RuntimeError, match="no test problem of level 3"):
        draw(lambda stream, level: fixed, Stream(0), 3, "test")


def test_level_ranges():
    assert level_range(4) == (4, 4)
    assert level_range([2, 5]) == (2, 5)
    for bad in ((1, 2, 3), True, None, 1.0):
        with pytest.raises(TypeError, match="whole number or a pair"):
            level_range(bad)
    assert level_range((1, 10)) == (1, 10)
    assert level_range((10, 10)) == (10, 10)
    for bad in (0, 11, (0, 5), (5, 11), (7, 3)):
        with pytest.raises(
            ValueError, match=f"^level must be from 1 to 10, low first, got {re.escape(repr(bad))}$"
        ):
            level_range(bad)


def test_there_are_two_splits():
    assert [check_split(split) for split in ("train", "test")] == ["train", "test"]
    with pytest.raises(
        ValueError, match=r"unknown split 'tset'; did you mean 'test'.* 'train', 't"
    ):
        check_split("tset")
