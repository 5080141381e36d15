"""Reads the forms in which Graph writes instants and dates.

Graph writes plain instants as ``2026-06-15T10:00:00.1234567Z`` and an event's ends as a pair of a local time and a
zone; ``0001-01-01`` stands for "no time". What the times belong to is left to the callers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integrations.providers.microsoft import zones

Json = Mapping[str, Any]


def instant(value: str | None) -> datetime | None:
    """An instant in UTC, or None for none, for "no time" and for what is no time at all."""
    try:
        read = datetime.fromisoformat(value or "")
    except ValueError:
        return None
    if read.year <= 1:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


def zoned(value: Json | None) -> datetime | None:
    """A dateTimeTimeZone as an instant in UTC; a zone that nobody knows is read as UTC."""
    if not value:
        return None
    try:
        read = datetime.fromisoformat(value.get("dateTime") or "")
    except ValueError:
        return None
    if read.tzinfo is None:
        read = read.replace(tzinfo=ZoneInfo(zones.iana(value.get("timeZone") or "UTC") or "UTC"))
    return read.astimezone(UTC)


def day(value: datetime, zone: str) -> date:
    """The date that an all-day event's midnight means.

    Asked for UTC, Graph gives all-day events at midnight as they are; some stored by old clients come as the instant
    of the midnight in their own zone instead. Rounding in that zone forgives an hour of daylight saving either way.
    """
    if value.hour == value.minute == value.second == 0:
        return value.date()
    return (value.astimezone(ZoneInfo(zone)) + timedelta(hours=12)).date()
