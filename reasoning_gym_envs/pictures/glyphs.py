"""The shapes of characters, as stored bitmaps.

They are those of Noto Sans Mono, drawn once by ``docs/glyphs.py``. The font and what is made of it
are under the SIL Open Font License, which is beside them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("glyphs.npz")
HEIGHT, WIDTH = 40, 20  # pixels of a stored glyph
_GREYS = 15
_UNKNOWN = "\0"
"""The character of the glyph that stands for all that have none: a box."""


def shapes(text: str, height: int) -> NDArray[np.uint8]:
    """The glyph of each character: how much of each pixel it covers, from 0 to 255.

    Args:
        text: characters; those without a glyph are boxes.
        height: of the glyphs in pixels; they are half as wide.

    Returns:
        characters × height × width.
    """
    numbers = _numbers()
    unknown = numbers[_UNKNOWN]
    of_text = [numbers.get(character, unknown) for character in text]
    kinds, places = np.unique(np.array(of_text, np.intp), return_inverse=True)
    if not len(kinds):
        return np.zeros((0, height, width_of(height)), np.uint8)
    return np.stack([_shape(int(kind), height) for kind in kinds])[places]


def has_glyph(character: str) -> bool:
    """Whether a character is drawn as itself, and not as a box."""
    return character in _numbers()


@lru_cache(maxsize=4096)
def _shape(number: int, height: int) -> NDArray[np.uint8]:
    """A glyph at a height. It is stored in one size; others are sums over areas, in integers."""
    glyph = _stored()[1][number].astype(np.int64)
    sums = _shares(HEIGHT, height) @ glyph @ _shares(WIDTH, width_of(height)).T
    most = HEIGHT * WIDTH * _GREYS  # what a covered pixel sums to
    return np.asarray((sums * 255 + most // 2) // most, np.uint8)


def width_of(height: int) -> int:
    """The width of glyphs of a height."""
    return max(1, height // 2)


@lru_cache(maxsize=256)
def _shares(stored: int, wanted: int) -> NDArray[np.int64]:
    """What part of each wanted row each stored one is, in parts of which a row has ``stored``."""
    starts = np.arange(wanted)[:, None] * stored, np.arange(stored)[None, :] * wanted
    low = np.maximum(*starts)
    high = np.minimum(starts[0] + stored, starts[1] + wanted)
    shares: NDArray[np.int64] = np.maximum(high - low, 0)
    return shares


@lru_cache(maxsize=1)
def _numbers() -> dict[str, int]:
    return {chr(code): number for number, code in enumerate(_stored()[0])}


@lru_cache(maxsize=1)
def _stored() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """The characters, and their glyphs in grey levels from 0 to 15."""
    with np.load(FILE, allow_pickle=False) as file:
        codes, pixels = file["codes"], file["pixels"]
    pairs = np.stack((pixels >> 4, pixels & 15), axis=-1)
    return codes, pairs.reshape(len(codes), HEIGHT, WIDTH)
