"""events: reading one event, and the instances of a series. Lists are in ``listing``, changes in ``writing``."""

from __future__ import annotations

import json
from typing import Any

from sandbox.google import opaque
from sandbox.google.calendar import listing, times
from sandbox.google.calendar.book import Book, Calendar, Event
from sandbox.google.calendar.listing import call_horizon
from sandbox.google.calendar.shaping import shown, shown_zone
from sandbox.google.calls import Answer, Call, Row
from sandbox.google.errors import GoogleError, not_found
from sandbox.google.parameters import moment


def find(call: Call, book: Book, calendar: Calendar) -> Event:
    """The event that the path names. Raises Google's 404."""
    event = book.find(calendar, call.path["eventId"])
    if event is None:
        raise not_found("Not Found")
    return event


def get(call: Call) -> Answer:
    book = Book(call.store, call.account)
    calendar = book.calendar(call.path["calendarId"])
    event = find(call, book, calendar)
    headers = {"ETag": event["etag"]}
    if call.headers.get("if-none-match") == event["etag"]:
        return Answer(None, 304, headers)
    return Answer(shown(call, calendar, event), headers=headers)


def instances(call: Call) -> dict[str, Any]:
    """The instances of a series in the asked window, changed ones as they are now."""
    book = Book(call.store, call.account)
    calendar = book.calendar(call.path["calendarId"])
    master = find(call, book, calendar)
    if not master.get("recurrence"):
        raise GoogleError(400, "invalid", "The event is not recurring.")
    low = moment(call.query["timeMin"]) if "timeMin" in call.query else None
    high = moment(call.query["timeMax"]) if "timeMax" in call.query else call_horizon(call)
    found = {i["id"]: i for i in book.instances(calendar, master, low, high)}
    for row in book.rows(calendar, "series_id = ?", master["id"]):
        found.pop(row["id"], None)
        inside = row["starts"] < high.timestamp() and (low is None or row["ends"] > low.timestamp())
        if inside and (not row["cancelled"] or call.query.get("showDeleted")):
            found[row["id"]] = json.loads(row["resource"])
    ordered = sorted(found.values(), key=lambda e: times.instant(e["originalStartTime"], calendar.zone))
    if "originalStart" in call.query:
        ordered = [
            e
            for e in ordered
            if times.in_zone(e["originalStartTime"], calendar.zone).get("dateTime") == call.query["originalStart"]
        ]
    skip, size = _skip(call), min(call.query.get("maxResults", 250), listing.LARGEST_PAGE)
    page = ordered[skip : skip + size]
    out: dict[str, Any] = {
        "kind": "calendar#events",
        "etag": f'"{calendar.generation}p{calendar.version:08d}"',
        "summary": calendar.summary,
        "description": calendar.entry.get("description", ""),
        "updated": master["updated"],
        "timeZone": shown_zone(call, calendar).key,
        "accessRole": calendar.role,
        "defaultReminders": calendar.entry.get("defaultReminders", []),
        "items": [shown(call, calendar, event) for event in page],
    }
    if len(ordered) > skip + size:
        out["nextPageToken"] = opaque.seal("calendar.instances", [calendar.id, master["id"], skip + size])
    return out


def _skip(call: Call) -> int:
    if "pageToken" not in call.query:
        return 0
    try:
        _, event_id, skip = opaque.unseal("calendar.instances", call.query["pageToken"])
    except ValueError:
        event_id, skip = "", 0
    if event_id != call.path["eventId"]:
        raise GoogleError(400, "invalid", "Invalid page token value.", place=("parameter", "pageToken"))
    return int(skip)


TABLE = {
    "calendar.events.list": Row(listing.list_),
    "calendar.events.get": Row(get),
    "calendar.events.instances": Row(instances),
}
