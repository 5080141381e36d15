"""Entries as the grid takes them: FullCalendar's event objects, on the reader's wall clock, which it is told is UTC.

So the grid needs no time zone database of its own, and shows what the list shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from calendars.entries import Entry


def feed(found: Iterable[Entry]) -> list[dict[str, Any]]:
    """What lasts a day or more is put into the lane of the all-day ones, over every day that it touches."""
    return [_event(entry) for entry in found]


def _event(entry: Entry) -> dict[str, Any]:
    start, end = _ends(entry)
    return {
        "title": entry.title,
        "start": start,
        "end": end,
        "allDay": entry.lasts_days,
        "url": entry.path,
        "classNames": entry.classes,
        "account": entry.account,
        "time": entry.time,
        "place": entry.place,
        "note": entry.note,
        "icon": entry.icon,
        "conflict": entry.conflict,
        "editable": entry.editable,
        "move": entry.move,
    }


def _ends(entry: Entry) -> tuple[str, str]:
    if not entry.lasts_days:
        return f"{entry.start:%Y-%m-%dT%H:%M:%S}", f"{entry.end:%Y-%m-%dT%H:%M:%S}"
    last = entry.end.date().toordinal() + (entry.end.time() != datetime.min.time())
    return entry.start.date().isoformat(), datetime.fromordinal(last).date().isoformat()
