"""events: insert, import, patch, update, delete, move and quickAdd. What an event must be is left to ``drafting``."""

from __future__ import annotations

import json
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from sandbox.google.calendar import conferences, guests, notices, times
from sandbox.google.calendar.book import Book, Calendar, Event
from sandbox.google.calendar.drafting import READ_ONLY, check_id, merge, settle, times_merged
from sandbox.google.calendar.events import find
from sandbox.google.calendar.loading import chosen_id
from sandbox.google.calendar.shaping import shown
from sandbox.google.calls import Answer, Call, Row
from sandbox.google.errors import GoogleError, invalid

_TYPES = {"default", "focusTime", "outOfOffice", "workingLocation"}


def open_calendar(call: Call, calendar_id: str) -> tuple[Book, Calendar]:
    """A calendar that the caller may write to, or Google's refusal."""
    book = Book(call.store, call.account)
    calendar = book.calendar(calendar_id)
    if not calendar.writable:
        message = "You need to have writer access to this calendar."
        raise GoogleError(403, "requiredAccessLevel", message, domain="calendar")
    return book, calendar


def _check_match(call: Call, event: Event) -> None:
    wanted = call.headers.get("if-match")
    if wanted and wanted not in ("*", event["etag"]):
        raise GoogleError(412, "conditionNotMet", "Precondition Failed", place=("header", "If-Match"))


def _sent(call: Call) -> dict[str, Any]:
    """What the client sent and may set; conferences count only where conferenceDataVersion says so."""
    body = {k: v for k, v in call.body.items() if k not in READ_ONLY}
    if not call.query.get("conferenceDataVersion"):
        body.pop("conferenceData", None)
    return body


def _answer(call: Call, book: Book, calendar: Calendar, event: Event) -> Answer:
    row = book.row(calendar, event["id"])
    assert row is not None
    written = json.loads(row["resource"])
    return Answer(shown(call, calendar, written), headers={"ETag": written["etag"]})


def _fresh(call: Call, calendar: Calendar) -> Event:
    mine = {"email": call.account.email, "self": True}
    shared = {"email": calendar.id, "displayName": calendar.summary, "self": True}
    return {
        "status": "confirmed",
        "created": times.stamp(int(call.store.now().timestamp() * 1000)),
        "creator": mine,
        "organizer": mine if calendar.primary else shared,
        "sequence": 0,
        "eventType": "default",
        "reminders": {"useDefault": True},
    }


def insert(call: Call) -> Answer:
    book, calendar = open_calendar(call, call.path["calendarId"])
    event_id = call.body.get("id") or chosen_id(call.account.email, secrets.token_hex(16))
    check_id(event_id)
    there = book.row(calendar, event_id)
    if there is not None:
        raise GoogleError(409, "duplicate", "The requested identifier already exists.")
    names = {"id": event_id, "iCalUID": call.body.get("iCalUID") or f"{event_id}@google.com"}
    body = _sent(call)
    if body.get("eventType", "default") not in _TYPES:
        raise invalid("Invalid event type.")
    event = settle(call, calendar, _fresh(call, calendar) | body | names, body)
    return _write(call, book, calendar, None, event)


def _write(call: Call, book: Book, calendar: Calendar, before: Event | None, event: Event) -> Answer:
    with call.store.write():
        book.put(calendar, event, touched=before is None or not _only_reminders(before, event))
        conferences.remember(book, calendar, event)
        guests.spread(call.store, call.account, before, event)
        notices.announce(call, calendar, before, event)
        if before is not None:
            guests.answer(call.store, call.account, event)
            notices.answer(call, calendar, before, event)
    return _answer(call, book, calendar, event)


def _only_reminders(before: Event, after: Event) -> bool:
    """Whether nothing else changed: that does not count as an update (events resource, "updated")."""
    return all(before.get(k) == after.get(k) for k in before.keys() | after.keys() if k != "reminders")


def import_(call: Call) -> Answer:
    """A private copy of an event that is elsewhere: one per iCalUID, brought up to date when it comes again."""
    book, calendar = open_calendar(call, call.path["calendarId"])
    uid = call.body.get("iCalUID")
    if not uid:
        raise GoogleError(400, "required", "Missing iCalUID.")
    if call.body.get("eventType", "default") != "default":
        raise GoogleError(400, "eventTypeRestriction", "Only default events can be imported.", domain="calendar")
    rows = book.rows(calendar, "uid = ? AND series_id = ''", uid)
    before: Event | None = json.loads(rows[0]["resource"]) if rows else None
    names = {"id": before["id"] if before else chosen_id(call.account.email, calendar.id, uid), "iCalUID": uid}
    organizer = {"organizer": call.body["organizer"]} if (call.body.get("organizer") or {}).get("email") else {}
    event = settle(call, calendar, _fresh(call, calendar) | _sent(call) | names | organizer, call.body)
    with call.store.write():
        book.put(calendar, event)
    return _answer(call, book, calendar, event)


def _target(call: Call) -> tuple[Book, Calendar, Event]:
    book, calendar = open_calendar(call, call.path["calendarId"])
    event = find(call, book, calendar)
    _check_match(call, event)
    return book, calendar, event


def patch(call: Call) -> Answer:
    book, calendar, before = _target(call)
    body = times_merged(before, _sent(call))
    merged = merge({k: v for k, v in before.items() if k not in body or k not in ("start", "end")}, body)
    return _changed(call, book, calendar, before, merged)


def update(call: Call) -> Answer:
    book, calendar, before = _target(call)
    kept = {k: before[k] for k in (*READ_ONLY, "sequence", "eventType") if k in before}
    if "conferenceData" in before and not call.query.get("conferenceDataVersion"):
        kept["conferenceData"] = before["conferenceData"]
    event = {"status": "confirmed", "reminders": {"useDefault": True}} | _sent(call) | kept
    return _changed(call, book, calendar, before, event)


def _changed(call: Call, book: Book, calendar: Calendar, before: Event, event: Event) -> Answer:
    if event.get("eventType", "default") != before.get("eventType", "default"):
        raise GoogleError(400, "eventTypeRestriction", "The event type cannot be changed.", domain="calendar")
    if event.get("recurringEventId") and event.get("recurrence"):
        raise invalid("An instance of a recurring event cannot recur itself.")
    if event.pop("attendeesOmitted", None):
        # Only the caller's own entry was sent: the others stay as they are.
        own = {a.get("email", "").lower(): a for a in event.get("attendees", ())}
        event["attendees"] = [a | own.get(a["email"].lower(), {}) for a in before.get("attendees", ())]
    if not event.get("conferenceData"):
        event.pop("hangoutLink", None)
    event = settle(call, calendar, event, call.body, before)
    moved = any(event.get(k) != before.get(k) for k in ("start", "end", "recurrence"))
    if moved and event.get("organizer", {}).get("self"):
        event["sequence"] = before.get("sequence", 0) + 1
    return _write(call, book, calendar, before, event)


def delete(call: Call) -> Answer:
    book, calendar, event = _target(call)
    if event["status"] == "cancelled":
        raise GoogleError(410, "deleted", "Resource has been deleted")
    with call.store.write():
        _cancel(call, book, calendar, event)
    return Answer(None, 204)


def _cancel(call: Call, book: Book, calendar: Calendar, event: Event) -> None:
    """Cancel an event; of a series, its exceptions too. A guest who deletes has declined."""
    guests.call_off(book, calendar, event)
    gone = event | {"status": "cancelled"}
    guests.spread(call.store, call.account, event, gone)
    notices.announce(call, calendar, event, gone)
    said = [a | {"responseStatus": "declined"} if a.get("self") else a for a in event.get("attendees", ())]
    guests.answer(call.store, call.account, event | {"attendees": said})
    notices.answer(call, calendar, event, event | {"attendees": said})


def move(call: Call) -> Answer:
    book, calendar, event = _target(call)
    _, destination = open_calendar(call, call.query["destination"])
    if event.get("eventType", "default") != "default":
        raise GoogleError(400, "eventTypeRestriction", "Only default events can be moved.", domain="calendar")
    if event.get("recurringEventId"):
        message = "Cannot change the organizer of an instance."
        raise GoogleError(400, "cannotChangeOrganizerOfInstance", message, domain="calendar")
    there = book.row(destination, event["id"])
    if destination.id == calendar.id or (there is not None and not there["cancelled"]):
        raise GoogleError(400, "cannotChangeOrganizer", "The event is in that calendar.", domain="calendar")
    moved = event | {"organizer": _fresh(call, destination)["organizer"]}
    with call.store.write():
        for row in book.rows(calendar, "series_id = ?", event["id"]):
            exception = json.loads(row["resource"])
            book.put(destination, exception | {"organizer": moved["organizer"]})
            book.put(calendar, exception | {"status": "cancelled"})
        book.put(destination, moved)
        book.put(calendar, event | {"status": "cancelled"})
    return _answer(call, book, destination, moved)


_CLOCK = re.compile(r"(?i)\s*\bat (\d{1,2})(?::(\d\d))?\s*(am|pm)?\b")
_DAY = re.compile(r"(?i)\s*\b(today|tomorrow)\b")


def quick_add(call: Call) -> Answer:
    """An event from a line of text: today or tomorrow, "at" an hour, an hour long; the rest is its title."""
    book, calendar = open_calendar(call, call.path["calendarId"])
    text = call.query["text"].strip()
    if not text:
        raise GoogleError(400, "required", "Missing text.")
    now = call.store.now().astimezone(calendar.zone)
    start = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    clock, day = _CLOCK.search(text), _DAY.search(text)
    if clock:
        hour = int(clock[1]) % 12 + 12 * (clock[3].lower() == "pm") if clock[3] else int(clock[1]) % 24
        start = start.replace(day=now.day, month=now.month, year=now.year, hour=hour, minute=int(clock[2] or 0) % 60)
    if day and day[1].lower() == "tomorrow":
        start += timedelta(days=1)
    event_id = chosen_id(call.account.email, secrets.token_hex(16))
    event = _fresh(call, calendar) | {
        "id": event_id,
        "iCalUID": f"{event_id}@google.com",
        "summary": _DAY.sub("", _CLOCK.sub("", text)).strip() or text,
        "start": _moment(start, calendar),
        "end": _moment(start + timedelta(hours=1), calendar),
    }
    return _write(call, book, calendar, None, event)


def _moment(when: datetime, calendar: Calendar) -> dict[str, str]:
    return {"dateTime": times.rfc3339(when), "timeZone": calendar.time_zone}


TABLE = {
    "calendar.events.insert": Row(insert),
    "calendar.events.import": Row(import_),
    "calendar.events.patch": Row(patch),
    "calendar.events.update": Row(update),
    "calendar.events.delete": Row(delete),
    "calendar.events.move": Row(move),
    "calendar.events.quickAdd": Row(quick_add),
}
