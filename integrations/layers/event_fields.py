"""An event as a script describes it, in the names that edits of events use (``records.Operation``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from integrations.errors import PermanentFailure
from integrations.providers.moments import instant

_SAME = {
    "summary": "title",
    "subject": "title",
    "body": "description",
    "start_time": "start",
    "end_time": "end",
    "timezone": "time_zone",
}
NAMES = (
    *("title", "description", "location", "start", "end", "time_zone", "recurrence", "attendees", "reminders"),
    *("showing", "private"),
)


def event_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Its fields for an edit.

    ``start`` and ``end`` are datetimes, dates (all-day, ``end`` exclusive) or ISO 8601 text, or as either vendor nests
    them; ``attendees`` addresses, or objects with one; ``recurrence`` one RRULE or several lines. A few other names for
    the same things are taken too. Raises ``PermanentFailure`` for what an event does not have.
    """
    named = {_SAME.get(name, name): value for name, value in given.items()}
    if unknown := named.keys() - set(NAMES):
        known = ", ".join(NAMES)
        raise PermanentFailure(f"An event has no {', '.join(sorted(unknown))}. It has: {known}.", code="field")
    made = dict(named)
    for name in ("start", "end"):
        if name in named:
            made[name] = _time(named[name])
            zone = isinstance(named[name], Mapping) and named[name].get("timeZone")
            if zone:
                made.setdefault("time_zone", zone)
    for name in ("location", "description"):
        if isinstance(named.get(name), Mapping):
            made[name] = named[name].get("displayName") or named[name].get("content") or ""
    if "attendees" in named:
        made["attendees"] = [_address(one) for one in named["attendees"]]
    if "recurrence" in named:
        made["recurrence"] = [_rule(line) for line in _lines(named["recurrence"])]
    return made


def _time(value: Any) -> str:
    """ISO 8601 as edits have it: a date, or an instant in UTC. Raises ``PermanentFailure``."""
    if isinstance(value, Mapping):
        value = value.get("date") or value.get("dateTime")
    try:
        if isinstance(value, str) and len(value) <= len("2026-06-15"):
            return date.fromisoformat(value).isoformat()
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        return instant(value).isoformat()
    except (TypeError, ValueError):
        raise PermanentFailure(f"{value!r} is no time: give a datetime, a date or ISO 8601.", code="field") from None


def _address(one: Any) -> str:
    if isinstance(one, Mapping):
        one = one.get("email") or (one.get("emailAddress") or {}).get("address") or ""
    return str(one)


def _lines(given: Any) -> Iterable[str]:
    return [given] if isinstance(given, str) else list(given or ())


def _rule(line: str) -> str:
    return line if ":" in line else f"RRULE:{line}"
