"""The fixed palettes of Google Calendar (Calendar API, colors.get)."""

from __future__ import annotations

import re
from typing import Any

from sandbox.google.calls import Call, Row

FOREGROUND = "#1d1d1d"
CALENDAR = re.findall(
    "#[0-9a-f]{6}",
    """
    #ac725e #d06b64 #f83a22 #fa573c #ff7537 #ffad46 #42d692 #16a765 #7bd148 #b3dc6c #fbe983 #fad165 #92e1c0 #9fe1e7
    #9fc6e7 #4986e7 #9a9cff #b99aff #c2c2c2 #cabdbf #cca6ac #f691b2 #cd74e6 #a47ae2
    """,
)
EVENT = re.findall(
    "#[0-9a-f]{6}", "#a4bdfc #7ae7bf #dbadff #ff887c #fbd75b #ffb878 #46d6db #e1e1e1 #5484ed #51b749 #dc2127"
)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def nearest(colour: str) -> int:
    """The number (from 1) of the calendar colour that is closest to ``#rrggbb``."""
    wanted = _channels(colour)
    apart = [sum((a - b) ** 2 for a, b in zip(_channels(c), wanted, strict=True)) for c in CALENDAR]
    return 1 + apart.index(min(apart))


def get(call: Call) -> dict[str, Any]:
    def palette(colours: list[str]) -> dict[str, Any]:
        return {str(i): {"background": c, "foreground": FOREGROUND} for i, c in enumerate(colours, 1)}

    return {
        "kind": "calendar#colors",
        "updated": "2012-02-14T00:00:00.000Z",
        "calendar": palette(CALENDAR),
        "event": palette(EVENT),
    }


TABLE = {"calendar.colors.get": Row(get)}
