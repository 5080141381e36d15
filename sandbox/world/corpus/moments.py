"""Reads times of calendar files: dates, wall-clock times with their zone, durations (RFC 5545 §3.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from sandbox.world.corpus.ical import Property
from sandbox.world.corpus.zones import Zones

_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_TIME = re.compile(r"[T ]?(\d\d):?(\d\d):?(\d\d)?(Z)?")
_DURATION = re.compile(r"([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date (``zone`` empty), or a naive wall-clock time and the IANA zone of its clock."""

    value: datetime | date
    zone: str

    @property
    def whole_day(self) -> bool:
        return not isinstance(self.value, datetime)

    def on(self, zone: str) -> datetime | date:
        """The same moment on another zone's clock; a date stays what it is."""
        if not isinstance(self.value, datetime) or zone == self.zone:
            return self.value
        return self.value.replace(tzinfo=ZoneInfo(self.zone)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def moment(value: str, tzid: str, zones: Zones, floating: str) -> Moment:
    """Reads one DATE or DATE-TIME; a floating time is on the clock of ``floating``. Raises ValueError."""
    text = value.strip()
    found = _DATE.match(text)
    if found is None:
        raise ValueError(f"no date in {text[:40]!r}")
    day = date(int(found[1]), int(found[2]), int(found[3]))
    clock = _TIME.match(text, found.end())
    if clock is None:
        return Moment(day, "")
    time = datetime.combine(day, clock_time(int(clock[1]), int(clock[2]), min(int(clock[3] or 0), 59)))
    if clock[4]:
        return Moment(time, "UTC")
    return Moment(time, (zones.name(tzid) if tzid else "") or floating)


def moments(prop: Property, zones: Zones, floating: str) -> list[Moment]:
    """The times of a property that may hold several; of a period, its start. Raises ValueError."""
    values = [part.partition("/")[0] for part in prop.value.split(",") if part.strip()]
    return [moment(value, prop.parameters.get("TZID", ""), zones, floating) for value in values]


def duration(text: str) -> timedelta:
    """Reads a DURATION. Raises ValueError."""
    match = _DURATION.match(text.strip())
    if match is None:
        raise ValueError(f"no duration: {text[:40]!r}")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if match[1] == "-" else length


def line(name: str, when: Moment, zone: str) -> str:
    """An EXDATE or RDATE line for a series that lives in ``zone`` (empty: whole days)."""
    if not zone:
        return f"{name};VALUE=DATE:{when.value.year:04d}{when.value:%m%d}"
    local = when.on(zone)
    if not isinstance(local, datetime):
        return ""
    text = f"{local.year:04d}{local:%m%dT%H%M%S}"
    return f"{name}:{text}Z" if zone == "UTC" else f"{name};TZID={zone}:{text}"


def utc(when: Moment) -> datetime:
    """An aware moment; a date is its midnight in UTC."""
    if isinstance(when.value, datetime):
        return when.value.replace(tzinfo=ZoneInfo(when.zone)).astimezone(UTC)
    return datetime(when.value.year, when.value.month, when.value.day, tzinfo=UTC)
