"""Portraits of the built-in people, drawn in flat colours: one always gets the same.

It writes PNGs by itself, scanline by scanline, so that it costs the start of a sandbox next to nothing.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from hashlib import sha256
from math import sqrt

SIZE = 128
Colour = tuple[int, int, int]
_WALLS: tuple[Colour, ...] = ((201, 214, 223), (226, 213, 196), (205, 218, 203), (222, 205, 207), (198, 205, 226))
_LIGHT: Colour = (244, 214, 190)
_OLIVE: Colour = (226, 184, 150)
_BROWN: Colour = (176, 124, 88)
_BLACK, _DARK, _CHESTNUT, _BLOND, _GREY, _RED = (
    *((38, 32, 32), (78, 54, 40), (128, 82, 48)),
    *((214, 176, 112), (176, 172, 168), (150, 72, 42)),
)
_COATS: tuple[Colour, ...] = ((52, 74, 110), (122, 62, 66), (58, 96, 84), (190, 152, 76), (84, 84, 92), (146, 108, 140))
_INK: Colour = (50, 40, 38)
# Skin, hair, and whether it is long.
LOOKS: dict[str, tuple[Colour, Colour, bool]] = {
    "nora": (_LIGHT, _BLOND, True),
    "maman": (_LIGHT, _GREY, False),
    "ingrid": (_LIGHT, _GREY, True),
    "greta": (_LIGHT, _RED, True),
    "tomasz.g": (_LIGHT, _DARK, False),
    "kasia": (_LIGHT, _CHESTNUT, True),
    "luc": (_OLIVE, _DARK, False),
    "eleni": (_OLIVE, _BLACK, True),
    "marta": (_LIGHT, _BLOND, False),
    "omar": (_OLIVE, _BLACK, False),
    "priya.m": (_BROWN, _BLACK, True),
    "arjun": (_BROWN, _BLACK, False),
}


@lru_cache(maxsize=256)
def portrait(key: str) -> bytes:
    """A PNG of one of ``LOOKS``."""
    skin, hair, long = LOOKS[key]
    seed = sha256(f"portrait of {key}".encode()).digest()
    wall, coat = _WALLS[seed[0] % len(_WALLS)], _COATS[seed[3] % len(_COATS)]
    rows = [bytearray(bytes(_shade(wall, y)) * SIZE) for y in range(SIZE)]
    _oval(rows, 64, 54 if long else 48, 31 if long else 28, 40 if long else 29, hair)
    _oval(rows, 64, 134, 50, 44, coat)
    _oval(rows, 64, 84, 10, 15, _darker(skin))
    _oval(rows, 64, 58, 24, 31, skin)
    _oval(rows, 64 + seed[5] % 17 - 8, 33, 25, 11 + seed[6] % 5, hair)
    for side in (-1, 1):
        _oval(rows, 64 + 9 * side, 58, 2, 2, _INK)
    _oval(rows, 64, 74, 6 + seed[7] % 3, 2, _darker(skin, 0.7))
    lines = b"".join(b"\0" + row for row in rows)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def _oval(rows: list[bytearray], x: int, y: int, width: int, height: int, colour: Colour) -> None:
    """Fill an ellipse around a point, with these half axes."""
    for line in range(max(0, y - height), min(SIZE, y + height + 1)):
        half = int(width * sqrt(1 - ((line - y) / height) ** 2))
        start, end = max(0, x - half), min(SIZE, x + half + 1)
        rows[line][start * 3 : end * 3] = bytes(colour) * (end - start)


def _shade(wall: Colour, y: int) -> Colour:
    """A wall in the light of a window, a little darker towards its foot."""
    return _darker(wall, 1.04 - 0.16 * y / SIZE)


def _darker(colour: Colour, by: float = 0.86) -> Colour:
    red, green, blue = (min(255, int(part * by)) for part in colour)
    return red, green, blue
