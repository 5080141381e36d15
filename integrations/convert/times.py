"""Google's times of events (an offset, and perhaps a zone) and Microsoft's (a local time, and a zone)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integrations.errors import PermanentFailure
from integrations.providers.google.calendar_times import instant, zone_name
from integrations.providers.microsoft import times, zones

Json = dict[str, Any]


def unreadable() -> PermanentFailure:
    """For an event that cannot be put into any calendar."""
    return PermanentFailure("The event has no time that can be read.", code="time")


@contextmanager
def _read() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, OverflowError):
        raise unreadable() from None


def to_microsoft(moment: Mapping[str, Any]) -> tuple[Json, bool]:
    """An ``EventDateTime`` as a ``dateTimeTimeZone``, and whether its zone was kept.

    A local time that a clock shows twice goes in UTC: a local time alone could not say which one is meant. Raises
    ``PermanentFailure`` for what is no time, as all of these do.
    """
    if "date" in moment:
        return {"dateTime": f"{first_day(moment).isoformat()}T00:00:00", "timeZone": "UTC"}, True
    zone = zone_name(moment.get("timeZone"), "UTC")
    with _read():
        at = instant(moment["dateTime"], zone)
    local = at.astimezone(ZoneInfo(zone))
    if local.utcoffset() != local.replace(fold=0).utcoffset():
        return {"dateTime": _plain(at), "timeZone": "UTC"}, False
    return {"dateTime": _plain(local), "timeZone": zone}, zone == (moment.get("timeZone") or "UTC")


def to_google(moment: Mapping[str, Any], shown: str) -> tuple[Json, bool]:
    """A ``dateTimeTimeZone`` as an ``EventDateTime`` in the zone ``shown`` or, without one, in its own.

    Also whether the zone was known.
    """
    at = times.zoned(moment)
    if at is None:
        raise unreadable()
    named = shown or str(moment.get("timeZone") or "UTC")
    zone = zones.iana(named)
    local = at.astimezone(ZoneInfo(zone or "UTC"))
    return {"dateTime": local.isoformat(timespec="seconds"), "timeZone": zone or "UTC"}, bool(zone)


def day(moment: Mapping[str, Any]) -> date:
    """The date of an all-day event's ``dateTimeTimeZone``, which is a midnight in its own zone."""
    with _read():
        at = datetime.fromisoformat(str(moment["dateTime"])[:19])
    return (at + timedelta(hours=12)).date() if at.hour >= 12 else at.date()


def first_day(moment: Mapping[str, Any]) -> date:
    """The date on which an ``EventDateTime`` falls where it is."""
    with _read():
        if "date" in moment:
            return date.fromisoformat(moment["date"])
        return instant(moment["dateTime"], "UTC").astimezone(ZoneInfo(zone_name(moment.get("timeZone"), "UTC"))).date()


def _plain(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="seconds")
