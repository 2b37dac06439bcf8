import pickle

import gymnasium as gym
import pytest
from gymnasium.spaces import Text, flatten, flatten_space, unflatten
from gymnasium.vector.utils import (
    create_shared_memory,
    read_from_shared_memory,
    write_to_shared_memory,
)

from reasoning_gym_envs import UnicodeText

ODD = ["", "a b", "naïve", "中文", "🍎" * 10, "\x00\x1b", "\ud800", "\\boxed{½}"]


@pytest.mark.parametrize("text", ODD)
def test_any_text_up_to_the_length_is_inside(text):
    assert text in UnicodeText(10)
    assert text + "x" * 11 not in UnicodeText(10)


@pytest.mark.parametrize("thing", [None, 5, b"bytes", ["a"], ("a",)])
def test_other_things_are_not(thing):
    assert thing not in UnicodeText(10)


def test_samples_are_short_seeded_and_inside():
    space, twin = UnicodeText(1_000_000, seed=4), UnicodeText(1_000_000, seed=4)
    samples = [space.sample() for _ in range(200)]
    assert samples == [twin.sample() for _ in range(200)]
    assert len(set(samples)) > 150
    assert all(1 <= len(text) <= 64 and text in space for text in samples)
    assert all(len(UnicodeText(3, seed=seed).sample()) <= 3 for seed in range(20))
    with pytest.raises(ValueError, match="mask"):
        space.sample(mask=(3, None))


def test_equality_repr_and_pickling():
    assert UnicodeText(5) == UnicodeText(5) != UnicodeText(6)
    assert UnicodeText(5) != Text(5)
    assert isinstance(UnicodeText(5), Text)
    assert repr(UnicodeText(5)) == "UnicodeText(5)"
    assert pickle.loads(pickle.dumps(UnicodeText(5))) == UnicodeText(5)
    with pytest.raises(ValueError, match="at least 1"):
        UnicodeText(0)


def test_flattens_to_code_points_and_back():
    space = UnicodeText(12)
    for text in (
        "",
        "naïve 中文 🍎",
    ):
        flat = flatten(space, text)
        assert flat in flatten_space(space)
        assert unflatten(space, flat) == text


@pytest.mark.parametrize("text", ODD)
def test_shared_memory_holds_any_text(text):
    space = UnicodeText(20)
    memory = create_shared_memory(space, n=3)
    texts = read_from_shared_memory(space, memory, n=3)
    write_to_shared_memory(space, 0, "before", memory)
    write_to_shared_memory(space, 1, text, memory)
    write_to_shared_memory(space, 2, "🍎" * 20, memory)
    assert list(texts) == ["before", text, "🍎" * 20]
    with pytest.raises(ValueError, match="does not fit"):
        write_to_shared_memory(space, 0, "x" * 21, memory)
    with pytest.raises(IndexError):
        texts[3]


def test_a_batch_of_the_space_holds_lists_of_texts():
    batched = gym.vector.utils.batch_space(UnicodeText(10), 2)
    assert ("a", "b") in batched
    assert len(batched.sample()) == 2
