"""Reads the forms in which Google writes instants, dates and zones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo


def moment(value: Mapping[str, Any], default_zone: str) -> datetime | date:
    """An ``EventDateTime``: a date for all-day events, else an instant in UTC.

    A time without an offset is in the value's own zone or, without one, in ``default_zone``. Raises ``ValueError`` or
    ``OverflowError`` for what is no time, ``KeyError`` for what holds none.
    """
    if value.get("date"):
        return date.fromisoformat(value["date"])
    return instant(value["dateTime"], zone_name(value.get("timeZone"), default_zone))


def instant(text: str, zone: str = "UTC") -> datetime:
    """An RFC 3339 time as an instant in UTC; one without an offset is in ``zone``."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(zone))
    return found.astimezone(UTC)


def instance_id(series_id: str, start: datetime | date) -> str:
    """The id of the instance of a series that starts then (Calendar API, "Recurring events")."""
    form = "%Y%m%dT%H%M%SZ" if isinstance(start, datetime) else "%Y%m%d"
    return f"{series_id}_{start:{form}}"


def zone_name(said: str | None, default: str) -> str:
    """The first of the two that is a zone's name, else UTC: old imports hold names that nobody knows."""
    return next((name for name in (said, default) if name and _known(name)), "UTC")


def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True
