"""The glyphs of the pictures, made anew from a font: ``python -m docs.glyphs FONT.ttf``.

The font is Noto Sans Mono (Debian's package ``fonts-noto-mono``), whose licence, beside the glyphs,
allows it. Pillow draws each character once, here; pictures are made of the stored bitmaps, so they
have the same bytes wherever they are made.
"""

from __future__ import annotations

import sys

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from reasoning_gym_envs.pictures.glyphs import FILE, HEIGHT, WIDTH

FONT_SIZE = WIDTH / 0.6  # a glyph of this font is 0.6 of its size wide
BASELINE = 31  # rows of pixels above it
GREYS = 15

RANGES = (
    (0x20, 0x7E),  # Latin letters, digits and signs
    (0xA0, 0x17F),  # letters with accents
    (0x370, 0x3FF),  # Greek
    (0x400, 0x45F),  # Cyrillic
    (0x2010, 0x203A),  # dashes, quotation marks, dots
    (0x2044, 0x2044),
    (0x2070, 0x209C),  # superscripts and subscripts
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x214F),  # letters as symbols
    (0x2150, 0x215F),  # fractions
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematics
    (0x2308, 0x230B),
    (0x2500, 0x25FF),  # lines, blocks, shapes
    (0x27E8, 0x27E9),
    (0x27F5, 0x27FA),
    (0x2A7D, 0x2A7E),
)
SAME_SHAPE = {"⋅": "·", "∗": "*", "∖": "\\", "∕": "/", "∑": "Σ", "∏": "Π", "⩽": "≤", "⩾": "≥"}


def main(font_file: str) -> None:
    """Draw every character that the font has, and one box for those that it has not."""
    has = TTFont(font_file).getBestCmap()
    font = ImageFont.truetype(font_file, FONT_SIZE, layout_engine=ImageFont.Layout.BASIC)
    characters = [chr(code) for first, last in RANGES for code in range(first, last + 1)]
    drawn = {c: _drawn(c, font) for c in characters if ord(c) in has and ord(c) != 0xAD}
    for character, other in SAME_SHAPE.items():
        drawn.setdefault(character, drawn[other])
    drawn["\0"] = _box()
    order = sorted(drawn)
    bitmaps = np.stack([drawn[character] for character in order])
    pairs = bitmaps.reshape(len(order), -1, 2)  # two pixels a byte
    np.savez_compressed(
        FILE,
        codes=np.array([ord(character) for character in order], np.uint32),
        pixels=(pairs[..., 0] << 4 | pairs[..., 1]).astype(np.uint8),
    )
    print(f"{FILE}: {len(order)} glyphs, {FILE.stat().st_size:,} bytes")


def _drawn(character: str, font: ImageFont.FreeTypeFont) -> np.ndarray:
    image = Image.new("L", (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(image).text((0, BASELINE), character, fill=255, font=font, anchor="ls")
    return np.rint(np.asarray(image, np.uint16) / 255 * GREYS).astype(np.uint8)


def _box() -> np.ndarray:
    box = np.zeros((HEIGHT, WIDTH), np.uint8)
    box[7:33, 3:17] = GREYS
    box[9:31, 5:15] = 0
    return box


if __name__ == "__main__":
    main(*sys.argv[1:])
