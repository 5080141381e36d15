"""Time zones as Outlook speaks of them: Windows names outside, zoneinfo inside; and times in the zone a caller prefers.

The mapping is CLDR's windowsZones, as tzlocal ships it. "dateTimeTimeZone resource type": a wall clock without
offset, with seven digits of a second.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import tz_win, win_tz

from sandbox.microsoft.calls import Call
from sandbox.microsoft.errors import bad_request

EARLIEST, LATEST = datetime(1601, 1, 2), datetime(4500, 8, 30)  # noqa: DTZ001 (wall clocks)


class UnknownZone(ValueError):
    """A name that is neither Windows' nor IANA's."""


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of a Windows or IANA name. Raises ``UnknownZone``."""
    try:
        return ZoneInfo(win_tz.get(name, name))
    except (ValueError, OSError, KeyError):  # ZoneInfo says so in several ways
        raise UnknownZone(name) from None


@lru_cache(maxsize=1024)
def outlook_name(name: str) -> str:
    """What Outlook stores for a zone: its Windows name where there is one."""
    zone(name)
    if name in win_tz or name == "UTC":
        return name
    return tz_win.get(name, name)


def iana_name(name: str) -> str:
    """The IANA name of a stored zone."""
    return zone(name).key


def utc(wall: datetime, name: str) -> datetime:
    """A wall clock of a zone as a naive UTC datetime."""
    return wall.replace(tzinfo=zone(name)).astimezone(UTC).replace(tzinfo=None)


def stamp(moment: datetime) -> str:
    """A naive datetime as the tables keep it, sortable as text."""
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}"


def parse(text: str) -> datetime:
    return datetime.fromisoformat(text)


def preferred(call: Call) -> str:
    """The zone of outlook.timezone; UTC without it."""
    name = call.prefer("outlook.timezone")
    if not name:
        return "UTC"
    try:
        zone(name)
    except UnknownZone:
        raise bad_request(f"The time zone '{name}' is not recognised.", "ErrorInvalidTimeZone") from None
    return name


def shown(wall: datetime, stored: str, wanted: str, *, all_day: bool) -> dict[str, str]:
    """A dateTimeTimeZone in the wanted zone. All-day events stand at midnight in every zone."""
    if not all_day and stored != wanted:
        wall = wall.replace(tzinfo=zone(stored)).astimezone(zone(wanted)).replace(tzinfo=None)
    return {"dateTime": stamp(wall) + ".0000000", "timeZone": wanted}


def given(value: Any, name: str) -> tuple[datetime, str]:
    """A dateTimeTimeZone of a request: the wall clock and the zone as Outlook stores it."""
    if not isinstance(value, dict) or not isinstance(value.get("dateTime"), str):
        raise bad_request(f"The property '{name}' must be a dateTimeTimeZone.", "ErrorInvalidRequest")
    try:
        stored = outlook_name(str(value.get("timeZone") or "UTC"))
        moment = datetime.fromisoformat(value["dateTime"])
        if moment.tzinfo is not None:
            moment = moment.astimezone(zone(stored)).replace(tzinfo=None)
    except UnknownZone as unknown:
        raise bad_request(f"The time zone '{unknown}' is not recognised.", "ErrorInvalidTimeZone") from None
    except (ValueError, OverflowError):
        raise bad_request(f"'{value['dateTime']}' is not a date with time.", "ErrorInvalidRequest") from None
    if not storable(moment):
        raise bad_request(f"The time of '{name}' is out of range.", "ErrorPropertyValidationFailure")
    return moment.replace(microsecond=0), stored


def bound(call: Call, name: str) -> datetime:
    """A required window bound (startDateTime, endDateTime) as naive UTC; without an offset it is UTC."""
    text = call.query.get(name)
    if not text:
        raise bad_request(
            f"This request requires a time window specified by the query string parameters StartDateTime and"
            f" EndDateTime; {name} is missing.",
            "ErrorInvalidParameter",
        )
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise bad_request(
            f"The value '{text}' of parameter '{name}' is not a date with time.", "ErrorInvalidParameter"
        ) from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def rezoned(wall: datetime, source: str, target: str) -> datetime:
    """A wall clock of one zone in another."""
    return wall.replace(tzinfo=zone(source)).astimezone(zone(target)).replace(tzinfo=None)


def storable(*walls: datetime) -> bool:
    """Whether Exchange can keep these times at all."""
    return all(EARLIEST <= wall <= LATEST for wall in walls)


DAY = timedelta(days=1)


def aware_to_utc(moment: datetime) -> datetime:
    """Any datetime as naive UTC; one without a zone is taken to be UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
