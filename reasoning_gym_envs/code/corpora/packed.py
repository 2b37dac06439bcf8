"""Tests that LiveCodeBench packs: a text of JSON, pickled, compressed, in base64.

It is never unpickled, for a pickle may run anything. A pickled text has one instruction that holds
it; whatever has another one is refused.
"""

from __future__ import annotations

import base64
import io
import pickletools
import zlib

from reasoning_gym_envs.code.corpora.refusal import RefusedTask

LONGEST_UNPACKED = 64 * 1024 * 1024
"""How many bytes may come out; a compressed text can be a thousand times as long as it seems."""

_TEXTS = ("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8")
_AROUND = ("PROTO", "FRAME", "MEMOIZE", "BINPUT", "STOP")
_MOST_INSTRUCTIONS = 8


def unpacked(packed: str) -> str:
    """The text that was packed.

    Raises:
        RefusedTask: it is no packed text, or too long a one.
    """
    try:
        data = base64.b64decode(packed, validate=True)
        stream = zlib.decompressobj()
        pickled = stream.decompress(data, LONGEST_UNPACKED)
    except (ValueError, zlib.error) as error:
        raise RefusedTask(f"packed tests cannot be read: {error}", "packed tests") from error
    if stream.unconsumed_tail:
        raise RefusedTask(f"packed tests of more than {LONGEST_UNPACKED:,} bytes")
    if not stream.eof:
        raise RefusedTask("packed tests that break off")
    return _text_of_pickle(pickled)


def _text_of_pickle(pickled: bytes) -> str:
    found: list[str] = []
    try:
        for number, (code, argument, _) in enumerate(pickletools.genops(io.BytesIO(pickled))):
            if code.name in _TEXTS and isinstance(argument, str):
                found.append(argument)
            elif code.name not in _AROUND or number == _MOST_INSTRUCTIONS:
                raise RefusedTask("packed tests that are more than a text: they are not unpickled")
    except (ValueError, MemoryError) as error:  # no pickle, or one that breaks off
        raise RefusedTask(f"packed tests cannot be read: {error}", "packed tests") from error
    if len(found) != 1:
        raise RefusedTask("packed tests that are more than a text: they are not unpickled")
    return found[0]
