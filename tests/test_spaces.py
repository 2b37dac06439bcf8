import copy
import pickle
import sys
from itertools import islice

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
    assert set("".join(samples)) == set(space.characters)
    assert all(1 <= len(text) <= 64 and text in space for text in samples)
    assert {1, 64} <= {len(space.sample()) for _ in range(2000)}
    for longest in (1, 3):
        few = UnicodeText(longest, seed=1)
        assert {len(few.sample()) for _ in range(100)} == set(range(1, longest + 1))
    with pytest.raises(ValueError, match="mask"):
        space.sample(mask=(3, None))


def test_equality_repr_and_pickling():
    assert UnicodeText(5) == UnicodeText(5) != UnicodeText(6)
    assert UnicodeText(5) != Text(5)
    assert isinstance(UnicodeText(5), Text)
    assert repr(UnicodeText(5)) == "UnicodeText(5)"
    assert pickle.loads(pickle.dumps(UnicodeText(5))) == UnicodeText(5)
    assert (UnicodeText(5).min_length, UnicodeText(5).dtype) == (0, str)
    with pytest.raises(ValueError, match="max_length must be at least 1, got 0"):
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


def test_its_characters_are_all_of_unicode():
    space = UnicodeText(12)
    for characters in (space.character_set, space.character_list):
        assert len(characters) == sys.maxunicode + 1
        assert all(character in characters for character in ("a", "\0", "中", "\U0010ffff"))
        assert all(thing not in characters for thing in ("", "ab", 5, None))
        assert list(islice(characters, 97, 100)) == ["a", "b", "c"]
    assert all(space.character_list[space.character_index(c)] == c for c in "aé中🍎")


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
    assert (texts[-1], texts[-3], texts[1:]) == (texts[2], texts[0], (text, "🍎" * 20))
    for beyond in (3, -4):
        with pytest.raises(IndexError, match=str(beyond)):
            texts[beyond]


def test_texts_in_shared_memory_are_a_sequence_that_is_copied_as_it_is_now():
    space = UnicodeText(20)
    memory = create_shared_memory(space, n=2)
    texts = read_from_shared_memory(space, memory, n=2)
    for index, text in enumerate(("one", "two")):
        write_to_shared_memory(space, index, text, memory)
    assert len(texts) == 2
    assert texts == ("one", "two")
    assert texts == ["one", "two"]
    assert texts != ("one", "other")
    assert texts != 5
    assert repr(texts) == "('one', 'two')"
    kept = copy.deepcopy(texts)
    write_to_shared_memory(space, 0, "later", memory)
    assert (tuple(texts), kept) == (("later", "two"), ("one", "two"))


def test_a_batch_of_the_space_holds_lists_of_texts():
    batched = gym.vector.utils.batch_space(UnicodeText(10), 2)
    assert ("a", "b") in batched
    assert len(batched.sample()) == 2
