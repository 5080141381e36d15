"""RFC 5545 recurrence rules as Graph's pattern and range, as far as Graph can say them.

Microsoft Graph, resource type recurrencePattern: no EXDATE, RDATE, hourly rules, nor positions past the fourth.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integrations.errors import PermanentFailure
from integrations.providers.microsoft import zones

_DAYS = {
    "MO": "monday",
    "TU": "tuesday",
    "WE": "wednesday",
    "TH": "thursday",
    "FR": "friday",
    "SA": "saturday",
    "SU": "sunday",
}
_ORDER = tuple(_DAYS)
_INDEX = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_KNOWN = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "COUNT", "UNTIL", "WKST", "BYSETPOS"}


def pattern(lines: Sequence[str], first: date, zone: str) -> dict[str, Any] | None:
    """A patternedRecurrence; None where nothing repeats. ``first`` is the day of the first instance in ``zone``.

    Raises ``PermanentFailure`` for what Outlook cannot repeat.
    """
    if not lines:
        return None
    name, _, rule = lines[0].partition(":")
    parts = dict(part.partition("=")[::2] for part in rule.upper().split(";") if part)
    if len(lines) > 1 or name.upper() != "RRULE" or parts.keys() - _KNOWN:
        raise _refused()
    found = {"interval": int(parts.get("INTERVAL", "1")), **_kind(parts, first)}
    return {"pattern": found, "range": _extent(parts, first, zone)}


def _kind(parts: dict[str, str], first: date) -> dict[str, Any]:
    frequency, days = parts.get("FREQ"), [d for d in parts.get("BYDAY", "").split(",") if d]
    if frequency == "DAILY" and not days:
        return {"type": "daily"}
    if frequency == "WEEKLY" and "BYSETPOS" not in parts:
        named = [_day(d) for d in days or [_ORDER[first.weekday()]]]
        return {"type": "weekly", "daysOfWeek": named, "firstDayOfWeek": _day(parts.get("WKST", "MO"))}
    if frequency not in ("MONTHLY", "YEARLY"):
        raise _refused()
    yearly = {"month": int(parts.get("BYMONTH", first.month))} if frequency == "YEARLY" else {}
    if frequency == "MONTHLY" and "BYMONTH" in parts:
        raise _refused()
    suffix = "Yearly" if yearly else "Monthly"
    if not days:
        day = parts.get("BYMONTHDAY", str(first.day))
        if not day.isdecimal() or "BYSETPOS" in parts:
            raise _refused()
        return {"type": f"absolute{suffix}", "dayOfMonth": int(day), **yearly}
    position = parts.get("BYSETPOS") or (days[0][:-2] if len(days) == 1 else "")
    index = _INDEX.get(int(position)) if position.lstrip("+-").isdecimal() else None
    if index is None:
        raise _refused()
    return {"type": f"relative{suffix}", "daysOfWeek": [_day(d[-2:]) for d in days], "index": index, **yearly}


def _extent(parts: dict[str, str], first: date, zone: str) -> dict[str, Any]:
    begun = {"startDate": first.isoformat(), "recurrenceTimeZone": zones.windows(zone)}
    if "COUNT" in parts:
        return {"type": "numbered", "numberOfOccurrences": int(parts["COUNT"]), **begun}
    if "UNTIL" not in parts:
        return {"type": "noEnd", **begun}
    until = parts["UNTIL"]
    try:
        last = datetime.strptime(until[:8], "%Y%m%d").date()  # noqa: DTZ007  # a date
        if until.endswith("Z"):
            end = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            last = end.astimezone(ZoneInfo(zone)).date()
    except ValueError:
        raise _refused() from None
    return {"type": "endDate", "endDate": last.isoformat(), **begun}


def _day(name: str) -> str:
    if name not in _DAYS:
        raise _refused()
    return _DAYS[name]


def _refused() -> PermanentFailure:
    return PermanentFailure("Outlook cannot repeat an event in this way.", code="recurrence")
