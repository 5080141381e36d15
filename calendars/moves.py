"""Where a series goes when one of its occurrences is moved and the others are to follow. Reads no table."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from calendars import presets
from calendars.models import Event
from calendars.presets import Repeat
from calendars.recurrence import known_zone

Moment = datetime | date


def moment_text(value: Moment) -> str:
    """A time as an edit has it: an instant in UTC, or a date."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat()


def shifted(series: Event, at: datetime, start: Moment, end: Moment, zone: tzinfo) -> tuple[Moment, Moment]:
    """The first times of a series whose occurrence ``at`` is to take place from ``start`` to ``end``.

    It is moved on the wall clock of ``zone``, so that nine o'clock becomes ten on both sides of a change of clocks.
    """
    own: tzinfo = UTC if series.all_day else zone
    was = at.astimezone(own).replace(tzinfo=None)
    first = series.starts_at.astimezone(own).replace(tzinfo=None)
    if isinstance(start, datetime) and isinstance(end, datetime):
        wall = first + (start.astimezone(zone).replace(tzinfo=None) - was)
        begins = wall.replace(tzinfo=zone).astimezone(UTC)
        return begins, begins + (end - start)
    day, last = _day(start), _day(end)
    begun = first.date() + (day - was.date())
    return begun, begun + (last - day)


def following(series: Event, start: Moment) -> list[str] | None:
    """The rule of a series that begins at another time; None where it names days that it would have to leave."""
    zone = known_zone(series.time_zone)
    first = series.starts_at.astimezone(UTC if series.all_day else zone).date()
    day = start.astimezone(zone).date() if isinstance(start, datetime) else start
    if day == first:
        return list(series.recurrence)
    repeat, until = presets.read(series.recurrence, first, zone.key)
    if repeat is Repeat.CUSTOM:
        return None
    return presets.lines(repeat, until, zone.key, all_day=not isinstance(start, datetime))


def _day(value: Moment) -> date:
    return value.date() if isinstance(value, datetime) else value
