"""UnicodeText: the space of any text up to a length, right in every vector environment."""

from __future__ import annotations

import ctypes
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from types import ModuleType
from typing import Any

import numpy as np
from gymnasium.spaces import Space, Text
from gymnasium.vector.utils import (
    create_shared_memory,
    read_from_shared_memory,
    write_to_shared_memory,
)

_SAMPLE_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,+-=\\{}()éλπ中"
_LONGEST_SAMPLE = 64
_UTF8_BYTES_PER_CHARACTER = 4
_LENGTH_BYTES = 4


class UnicodeText(Text):
    """Any string of at most ``max_length`` characters.

    A ``gymnasium.spaces.Text`` without a character set to look every character up in: membership
    costs the same for ten characters as for ten thousand. Samples are short whatever the maximum.

    In an ``AsyncVectorEnv`` with shared memory the text travels as length-prefixed UTF-8, decoded
    when the observations are copied out; the generic ``Text`` space decodes once and then for ever
    returns the same strings.

    Args:
        max_length: the largest number of characters.
        seed: the seed of :meth:`sample`.

    Raises:
        ValueError: ``max_length`` is not positive.

    >>> UnicodeText(10).contains("naïve 中文")
    True
    >>> UnicodeText(3).contains("four")
    False
    """

    def __init__(self, max_length: int, seed: int | np.random.Generator | None = None) -> None:
        if max_length < 1:
            raise ValueError(f"max_length must be at least 1, got {max_length}")
        self.min_length = 0
        self.max_length = int(max_length)
        Space.__init__(self, dtype=str, seed=seed)

    def contains(self, x: Any) -> bool:
        """Whether ``x`` is a string that is short enough."""
        return isinstance(x, str) and len(x) <= self.max_length

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """A short random string (at most 64 characters); takes no mask."""
        if mask is not None or probability is not None:
            raise ValueError("UnicodeText.sample takes neither a mask nor probabilities")
        length = int(self.np_random.integers(1, min(self.max_length, _LONGEST_SAMPLE) + 1))
        letters = self.np_random.integers(len(_SAMPLE_ALPHABET), size=length)
        return "".join([_SAMPLE_ALPHABET[i] for i in letters])

    def __repr__(self) -> str:
        return f"UnicodeText({self.max_length})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnicodeText) and self.max_length == other.max_length

    __hash__ = None  # type: ignore[assignment]  # as every gymnasium space

    # What gymnasium's flatten and unflatten ask a Text space for: characters as code points.

    @property
    def character_set(self) -> Any:
        """All of Unicode, as a set."""
        return _ALL_CHARACTERS

    @property
    def character_list(self) -> Any:
        """All of Unicode, as a sequence: the index of a character is its code point."""
        return _ALL_CHARACTERS

    def character_index(self, char: str) -> np.int32:
        """The code point of a character."""
        code_point: np.int32 = np.int32(ord(char))
        return code_point

    @property
    def characters(self) -> str:
        """The characters that samples are made of."""
        return _SAMPLE_ALPHABET


class _AllCharacters(AbstractSet[str]):
    """All code points, without listing a million of them."""

    def __contains__(self, x: object) -> bool:
        return isinstance(x, str) and len(x) == 1

    def __len__(self) -> int:
        return 0x110000

    def __iter__(self) -> Iterator[str]:
        return map(chr, range(len(self)))

    def __getitem__(self, index: int) -> str:
        return chr(index)


_ALL_CHARACTERS = _AllCharacters()


# Shared memory of AsyncVectorEnv: a slot an environment, each a length and then UTF-8 bytes.


class SharedTexts(Sequence[Any]):
    """The texts of ``n`` environments in shared memory, decoded when they are read or copied.

    Args:
        memory: what :func:`shared_texts` made.
        n: how many texts.
        size: the largest number of UTF-8 bytes of a text.
        read: what is made of a text that is read.
    """

    def __init__(self, memory: Any, n: int, size: int, read: Callable[[str], Any] = str) -> None:
        self._memory, self._n, self._stride, self._read = memory, n, _LENGTH_BYTES + size, read

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return tuple(self)[index]
        if not -self._n <= index < self._n:
            raise IndexError(index)
        view = memoryview(self._memory).cast("B")
        start = (index % self._n) * self._stride
        body = start + _LENGTH_BYTES
        length = int.from_bytes(view[start:body], "little")
        return self._read(bytes(view[body : body + length]).decode("utf-8", "surrogatepass"))

    def __deepcopy__(self, memo: dict[int, Any]) -> tuple[Any, ...]:
        return tuple(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(tuple(self))


def shared_texts(n: int, size: int, ctx: ModuleType) -> Any:
    """Memory for ``n`` texts of at most ``size`` bytes, that processes share."""
    return ctx.RawArray(ctypes.c_ubyte, n * (_LENGTH_BYTES + size))


def write_shared_text(encoded: bytes, index: int, size: int, memory: Any) -> None:
    """Put a text into its place."""
    view = memoryview(memory).cast("B")
    start = index * (_LENGTH_BYTES + size)
    body = start + _LENGTH_BYTES
    view[start:body] = len(encoded).to_bytes(_LENGTH_BYTES, "little")
    view[body : body + len(encoded)] = encoded


def _size(space: UnicodeText) -> int:
    return _UTF8_BYTES_PER_CHARACTER * space.max_length


@create_shared_memory.register(UnicodeText)
def _create(space: UnicodeText, n: int = 1, ctx: ModuleType = multiprocessing) -> Any:
    return shared_texts(n, _size(space), ctx)


@read_from_shared_memory.register(UnicodeText)
def _read(space: UnicodeText, shared_memory: Any, n: int = 1) -> SharedTexts:
    return SharedTexts(shared_memory, n, _size(space))


@write_to_shared_memory.register(UnicodeText)
def _write(space: UnicodeText, index: int, value: str, shared_memory: Any) -> None:
    if len(value) > space.max_length:
        raise ValueError(f"a text of {len(value)} characters does not fit {space}")
    encoded = value.encode("utf-8", "surrogatepass")
    write_shared_text(encoded, index, _size(space), shared_memory)
