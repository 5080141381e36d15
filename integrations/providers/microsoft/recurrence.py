"""Graph's recurrence (a pattern and a range) as RFC 5545 lines.

Graph cannot say more than RFC 5545 can, so that every recurrence has its lines. Writing recurrences back, and
expanding them into instances, is left to others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

_DAYS = {
    "monday": "MO",
    "tuesday": "TU",
    "wednesday": "WE",
    "thursday": "TH",
    "friday": "FR",
    "saturday": "SA",
    "sunday": "SU",
}
_INDEX = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_FREQUENCY = {
    "daily": "DAILY",
    "weekly": "WEEKLY",
    "absolutemonthly": "MONTHLY",
    "relativemonthly": "MONTHLY",
    "absoluteyearly": "YEARLY",
    "relativeyearly": "YEARLY",
}
_SHORTEST_MONTH = 28


def rule(recurrence: Mapping[str, Any], zone: str, *, all_day: bool) -> str:
    """The ``RRULE`` line of a patternedRecurrence; empty where the pattern is of an unknown kind.

    ``zone`` is the IANA zone of the series, in which the range's last day ends.
    """
    pattern, extent = recurrence.get("pattern") or {}, recurrence.get("range") or {}
    kind = str(pattern.get("type", "")).casefold()
    if kind not in _FREQUENCY:
        return ""
    parts = [f"FREQ={_FREQUENCY[kind]}"]
    if (interval := int(pattern.get("interval") or 1)) > 1:
        parts.append(f"INTERVAL={interval}")
    parts += _days(kind, pattern)
    parts += _extent(extent, zone, all_day=all_day)
    return "RRULE:" + ";".join(parts)


def _days(kind: str, pattern: Mapping[str, Any]) -> list[str]:
    parts = []
    if kind.endswith("yearly") and (month := int(pattern.get("month") or 0)):
        parts.append(f"BYMONTH={month}")
    if kind.startswith("absolute"):
        parts += _day_of_month(int(pattern.get("dayOfMonth") or 0))
    elif kind != "daily":
        parts += _weekdays(kind, pattern)
    return parts


def _day_of_month(wanted: int) -> list[str]:
    """Outlook takes the last day where a month is too short; a bare BYMONTHDAY would leave such a month out."""
    if wanted <= _SHORTEST_MONTH:
        return [f"BYMONTHDAY={wanted}"] if wanted else []
    days = ",".join(str(d) for d in range(_SHORTEST_MONTH, wanted + 1))
    return [f"BYMONTHDAY={days}", "BYSETPOS=-1"]


def _weekdays(kind: str, pattern: Mapping[str, Any]) -> list[str]:
    days = [_DAYS[d] for name in pattern.get("daysOfWeek") or () if (d := str(name).casefold()) in _DAYS]
    if not days:
        return []
    if kind == "weekly":
        week = _DAYS.get(str(pattern.get("firstDayOfWeek") or "sunday").casefold(), "SU")
        return [f"BYDAY={','.join(days)}", f"WKST={week}"]
    position = _INDEX.get(str(pattern.get("index") or "first").casefold(), 1)
    if len(days) == 1:
        return [f"BYDAY={position}{days[0]}"]
    return [f"BYDAY={','.join(days)}", f"BYSETPOS={position}"]


def _extent(extent: Mapping[str, Any], zone: str, *, all_day: bool) -> list[str]:
    kind = str(extent.get("type", "")).casefold()
    if kind == "numbered":
        count = int(extent.get("numberOfOccurrences") or 0)
        return [f"COUNT={count}"] if count > 0 else []
    if kind != "enddate":
        return []
    last = date.fromisoformat(extent["endDate"])
    if all_day:
        return [f"UNTIL={last:%Y%m%d}"]
    end = datetime.combine(last, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)
    return [f"UNTIL={end:%Y%m%dT%H%M%SZ}"]


def exclusions(cancelled: Iterable[str], start: datetime | date, zone: str) -> tuple[str, ...]:
    """``EXDATE`` lines of a master's cancelledOccurrences, each an occurrenceId ``OID.<series>.<date>``.

    ``start`` is the master's: its time of day in ``zone`` is every instance's. An id without a date is passed over.
    """
    lines = []
    for day in sorted({d for identifier in cancelled if (d := _date_of(identifier))}):
        if isinstance(start, datetime):
            local = start.astimezone(ZoneInfo(zone)).replace(year=day.year, month=day.month, day=day.day)
            lines.append(f"EXDATE:{local.astimezone(UTC):%Y%m%dT%H%M%SZ}")
        else:
            lines.append(f"EXDATE;VALUE=DATE:{day:%Y%m%d}")
    return tuple(lines)


def _date_of(occurrence_id: str) -> date | None:
    try:
        return date.fromisoformat(occurrence_id.rpartition(".")[2])
    except ValueError:
        return None
