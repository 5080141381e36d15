"""What falls into a window of time: singles, exceptions, and the occurrences of series."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sandbox.microsoft import zones
from sandbox.microsoft.calendar.expand import days
from sandbox.microsoft.calendar.store import children
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Window:
    """From ``low`` (included) to ``high`` (not), naive UTC."""

    low: datetime
    high: datetime

    def holds(self, start: datetime, end: datetime) -> bool:
        """Whether an event has a part in the window."""
        return start < self.high and (end > self.low or start == end == self.low)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a view: a row, or with ``day`` an occurrence of the series in the row. ``start`` is naive UTC."""

    start: datetime
    row: sqlite3.Row
    day: date | None = None


def times(row: sqlite3.Row, day: date | None = None) -> tuple[datetime, datetime]:
    """Wall clocks of a row, or of the series' occurrence on a day."""
    start, end = zones.parse(row["start"]), zones.parse(row["finish"])
    if day is None:
        return start, end
    moved = datetime.combine(day, start.time())
    return moved, moved + (end - start)


def utc_times(row: sqlite3.Row, day: date | None = None) -> tuple[datetime, datetime]:
    start, end = times(row, day)
    return zones.utc(start, row["zone"]), zones.utc(end, row["zone"])


def occurrences(row: sqlite3.Row, window: Window) -> Iterator[tuple[date, datetime]]:
    """Days and UTC starts of a series' pattern within the window, whatever became of them."""
    start, end = times(row)
    zone = zones.zone(row["zone"])
    low = window.low.replace(tzinfo=UTC).astimezone(zone).date() - (end - start) - timedelta(days=1)
    high = window.high.replace(tzinfo=UTC).astimezone(zone).date() + timedelta(days=1)
    for day in days(row["recurrence"], low, high):
        begins, ends = utc_times(row, day)
        if window.holds(begins, ends):
            yield day, begins


def overlapping(
    store: Store, calendar: int, window: Window, *kinds: str, after: int = 0, limit: int = -1
) -> list[sqlite3.Row]:
    """Rows of these kinds that may have a part in the window, by row."""
    marks = ", ".join("?" * len(kinds))
    return store.rows(
        f"SELECT * FROM graph_event WHERE calendar = ? AND kind IN ({marks}) AND start_utc < ? AND last_utc >= ?"
        " AND id > ?"
        " ORDER BY id LIMIT ?",
        calendar,
        *kinds,
        zones.stamp(window.high),
        zones.stamp(window.low),
        after,
        limit,
    )


def within(row: sqlite3.Row, window: Window) -> bool:
    """Whether a single event or an exception has a part in the window."""
    return window.holds(*utc_times(row))


def of_series(store: Store, row: sqlite3.Row, window: Window) -> list[Entry]:
    """A series' occurrences in the window that are as its pattern says, and its exceptions there, by start."""
    known = children(store, row["id"])
    found = [Entry(start, row, day) for day, start in occurrences(row, window) if day.toordinal() not in known]
    found += [Entry(utc_times(child)[0], child) for child in known.values() if _shows(child, window)]
    return sorted(found, key=lambda entry: entry.start)


def _shows(child: sqlite3.Row, window: Window) -> bool:
    return child["kind"] == "exception" and within(child, window)


def entries(store: Store, calendar: int, window: Window) -> list[Entry]:
    """Everything in the window, by start. Exceptions moved into it from outside the series' own span are there, too."""
    found: dict[tuple[int, date | None], Entry] = {}
    for row in overlapping(store, calendar, window, "single", "master", "exception"):
        if row["kind"] == "master":
            found |= {(entry.row["id"], entry.day): entry for entry in of_series(store, row, window)}
        elif within(row, window):
            found[row["id"], None] = Entry(utc_times(row)[0], row)
    return sorted(found.values(), key=lambda entry: (entry.start, entry.row["id"]))
