"""Google's EventDateTime, and the instants behind it.

A timed value is an instant with the zone it was made in; an all-day one is a date that begins at midnight wherever its
reader is, and is compared here in the calendar's zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.google.errors import GoogleError, invalid


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises ``ValueError``."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"not an IANA time zone: {name!r}") from None


def zone_for(name: str) -> ZoneInfo:
    """The zone that a request names, or Google's 400."""
    try:
        return zone(name)
    except ValueError:
        raise invalid("Invalid time zone definition for start time.", "timeZone") from None


def rfc3339(moment: datetime) -> str:
    """With seconds and an offset; UTC is written Z."""
    text = moment.isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def stamp(milliseconds: int) -> str:
    """``created`` and ``updated``: UTC with milliseconds."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def is_all_day(value: dict[str, Any]) -> bool:
    return bool(value.get("date"))


def instant(value: dict[str, Any], local: tzinfo) -> datetime:
    """The aware instant at which an EventDateTime lies; ``local`` is where an all-day one begins."""
    if is_all_day(value):
        return datetime.fromisoformat(value["date"]).replace(tzinfo=local)
    return datetime.fromisoformat(value["dateTime"].upper())


def wall(value: dict[str, Any], fallback: ZoneInfo) -> datetime:
    """The naive wall-clock time in the value's own zone: what a recurrence rule counts in."""
    if is_all_day(value):
        return datetime.fromisoformat(value["date"])
    own = zone(value["timeZone"]) if value.get("timeZone") else fallback
    return instant(value, UTC).astimezone(own).replace(tzinfo=None)


def naive(moment: datetime | None, own: ZoneInfo, shift: timedelta) -> datetime | None:
    """A bound as a wall-clock time, moved; None for no bound and for one at the end of time."""
    try:
        return moment and (moment.astimezone(own) + shift).replace(tzinfo=None)
    except OverflowError:
        return None


def at_wall(moment: datetime, like: dict[str, Any], fallback: ZoneInfo) -> dict[str, Any]:
    """The EventDateTime at a naive wall-clock time, of the same kind and in the same zone as ``like``."""
    if is_all_day(like):
        return {"date": moment.date().isoformat()}
    own = zone(like["timeZone"]) if like.get("timeZone") else fallback
    out = {"dateTime": rfc3339(moment.replace(tzinfo=own))}
    return out | {"timeZone": like["timeZone"]} if like.get("timeZone") else out


def tail(value: dict[str, Any]) -> str:
    """What an instance's id ends in: the original start in UTC, or its date."""
    if is_all_day(value):
        return str(value["date"]).replace("-", "")
    return instant(value, UTC).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def of_seed(value: datetime | date, zone_name: str) -> dict[str, Any]:
    """A seed's wall-clock time or date as an EventDateTime. Raises ``ValueError`` for an unknown zone."""
    if not isinstance(value, datetime):
        return {"date": value.isoformat()}
    return {"dateTime": rfc3339(value.replace(tzinfo=zone(zone_name))), "timeZone": zone_name}


def in_zone(value: dict[str, Any], shown_in: ZoneInfo) -> dict[str, Any]:
    """The value as Google writes it: the instant in the asked zone, beside the zone it was made in."""
    if "dateTime" not in value:
        return value
    return value | {"dateTime": rfc3339(instant(value, UTC).astimezone(shown_in))}


def check(value: Any, name: str) -> dict[str, Any]:
    """An EventDateTime from a request, with what Google demands of it; a time without an offset gets its zone's."""
    given = {k: v for k, v in (value or {}).items() if v is not None}
    if ("date" in given) == ("dateTime" in given):
        raise GoogleError(400, "required" if not given else "invalid", f"Missing or ambiguous {name} time.")
    if given.get("timeZone"):
        zone_for(given["timeZone"])
    try:
        if "date" in given:
            return {"date": date.fromisoformat(given["date"]).isoformat()}
        moment = datetime.fromisoformat(given["dateTime"].upper())
    except ValueError:
        raise GoogleError(400, "badRequest", "Bad Request") from None
    if moment.tzinfo is None:
        if not given.get("timeZone"):
            raise GoogleError(400, "required", f"Missing time zone definition for {name} time.")
        moment = moment.replace(tzinfo=zone(given["timeZone"]))
    return given | {"dateTime": rfc3339(moment)}


def length(event: dict[str, Any]) -> timedelta:
    """How long an event lasts."""
    return instant(event["end"], UTC) - instant(event["start"], UTC)
