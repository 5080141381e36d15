"""freebusy.query: when calendars are busy, without saying with what."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import accounts
from sandbox.google.calendar import times
from sandbox.google.calendar.book import Book, Calendar
from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid
from sandbox.google.parameters import moment

MOST_CALENDARS = 50
LONGEST = timedelta(days=92)
Span = tuple[datetime, datetime]


def query(call: Call) -> dict[str, Any]:
    low, high = _bound(call, "timeMin"), _bound(call, "timeMax")
    if low >= high:
        raise GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")
    if high - low > LONGEST:
        raise GoogleError(400, "timeRangeTooLong", "The requested time range is too long.", domain="calendar")
    zone = times.zone_for(call.body.get("timeZone") or "UTC")
    wanted = [item.get("id") or "" for item in call.body.get("items") or []]
    if len(wanted) > call.body.get("calendarExpansionMax", MOST_CALENDARS):
        raise GoogleError(400, "tooManyCalendarsRequested", "Too many calendars requested.", domain="calendar")
    found: dict[str, Any] = {}
    for calendar_id in wanted:
        shared = _visible(call, calendar_id)
        if shared is None:
            found[calendar_id] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
            continue
        spans = merged(busy(*shared, low, high))
        found[calendar_id] = {
            "busy": [
                {"start": times.rfc3339(a.astimezone(zone)), "end": times.rfc3339(b.astimezone(zone))} for a, b in spans
            ]
        }
    return {
        "kind": "calendar#freeBusy",
        "timeMin": times.rfc3339(low.astimezone(UTC)),
        "timeMax": times.rfc3339(high.astimezone(UTC)),
        "calendars": found,
    }


def _bound(call: Call, name: str) -> datetime:
    try:
        return moment(call.body.get(name) or "")
    except ValueError:
        raise invalid(f"Missing or invalid {name}.", name, "required") from None


def _visible(call: Call, calendar_id: str) -> tuple[Book, Calendar] | None:
    """A calendar of the caller's own, or the primary one of another account here: free/busy is shared."""
    other = accounts.by_email(call.store, "google", calendar_id)
    book = Book(call.store, other or call.account)
    try:
        return book, book.calendar(calendar_id)
    except GoogleError:
        return None


def busy(book: Book, calendar: Calendar, low: datetime, high: datetime) -> list[Span]:
    """The spans of all events in the window that make their owner busy."""
    spans: list[Span] = []
    rows = book.rows(calendar, "NOT cancelled AND ends > ? AND starts < ?", low.timestamp(), high.timestamp())
    changed = {r["id"] for r in book.rows(calendar, "series_id <> ''")}
    for row in rows:
        event = json.loads(row["resource"])
        declined = any(a.get("self") and a["responseStatus"] == "declined" for a in event.get("attendees", ()))
        if event.get("transparency") == "transparent" or declined:
            continue
        instances = book.instances(calendar, event, low, high) if event.get("recurrence") else [event]
        for one in instances:
            if not event.get("recurrence") or one["id"] not in changed:
                start, end = (times.instant(one[name], calendar.zone) for name in ("start", "end"))
                spans.append((max(start, low), min(end, high)))
    return spans


def merged(spans: list[Span]) -> list[Span]:
    """Spans in order, those that touch made one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = out[-1][0], max(out[-1][1], end)
        else:
            out.append((start, end))
    return out


TABLE = {"calendar.freebusy.query": Row(query)}
