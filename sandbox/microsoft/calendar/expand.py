"""The days of a series: Graph's recurrence pattern and range computed from any day on, without walking from the start.

"recurrencePattern resource type" and "recurrenceRange resource type". One occurrence a day at most. A dayOfMonth
past a month's end falls on its last day, as Outlook does it. Times of day and zones are left to ``view``.
"""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import count, islice
from typing import Any

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
INDEXES = ("first", "second", "third", "fourth", "last")
LAST_YEAR = 4500


@lru_cache(maxsize=4096)
def parsed(recurrence: str) -> dict[str, Any]:
    """A stored recurrence; not to be changed."""
    found: dict[str, Any] = json.loads(recurrence)
    return found


def days(recurrence: str, low: date, high: date) -> Iterator[date]:
    """The days of occurrences from ``low`` to ``high``, both included, in order."""
    final = last_day(recurrence)
    for day in _unbounded(parsed(recurrence), low):
        if day > high or (final is not None and day > final):
            return
        if day >= low:
            yield day


@lru_cache(maxsize=4096)
def last_day(recurrence: str) -> date | None:
    """The day of the last occurrence, or a day after which none comes; None for a series without end."""
    content = parsed(recurrence)
    span = content["range"]
    if span["type"] == "endDate":
        return date.fromisoformat(span["endDate"])
    if span["type"] == "noEnd":
        return None
    first = date.fromisoformat(span["startDate"])
    found = list(islice(_unbounded(content, first), span["numberOfOccurrences"]))
    return found[-1] if found else first


def _unbounded(content: dict[str, Any], low: date) -> Iterator[date]:
    """Days of the pattern from about ``low`` on, never before the start."""
    pattern, first = content["pattern"], date.fromisoformat(content["range"]["startDate"])
    kind, interval = pattern["type"], pattern["interval"]
    if kind == "daily":
        skipped = max(0, (low - first).days // interval)
        yield from _bounded(first + timedelta(days=interval * step) for step in count(skipped))
    elif kind == "weekly":
        yield from _weekly(pattern, first, low)
    else:
        yield from _monthly(pattern, first, low)


def _bounded(found: Iterator[date]) -> Iterator[date]:
    for day in found:
        if day.year > LAST_YEAR:
            return
        yield day


def _weekly(pattern: dict[str, Any], first: date, low: date) -> Iterator[date]:
    begin = DAYS.index(pattern["firstDayOfWeek"])
    offsets = sorted((DAYS.index(day) - begin) % 7 for day in pattern["daysOfWeek"])
    week = first - timedelta(days=(first.weekday() - begin) % 7)
    length = 7 * pattern["interval"]
    for step in count(max(0, (low - week).days // length)):
        start = week + timedelta(days=length * step)
        if start.year > LAST_YEAR:
            return
        for offset in offsets:
            day = start + timedelta(days=offset)
            if day >= first:
                yield day


def _monthly(pattern: dict[str, Any], first: date, low: date) -> Iterator[date]:
    yearly = pattern["type"].endswith("Yearly")
    step = pattern["interval"] * (12 if yearly else 1)
    origin = first.year * 12 + (pattern["month"] if yearly else first.month) - 1
    for month in count(origin + max(0, (low.year * 12 + low.month - 1 - origin) // step) * step, step):
        if month // 12 > LAST_YEAR:
            return
        day = _in_month(pattern, month // 12, month % 12 + 1)
        if day >= first:
            yield day


def _in_month(pattern: dict[str, Any], year: int, month: int) -> date:
    length = calendar.monthrange(year, month)[1]
    if pattern["type"].startswith("absolute"):
        return date(year, month, min(pattern["dayOfMonth"], length))
    wanted = {DAYS.index(day) for day in pattern["daysOfWeek"]}
    matching = [day for day in range(1, length + 1) if date(year, month, day).weekday() in wanted]
    position = INDEXES.index(pattern["index"])
    return date(year, month, matching[-1] if position == 4 else matching[position])
