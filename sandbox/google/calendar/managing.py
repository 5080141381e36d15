"""calendars and calendarList: making, changing and removing calendars, and how an account shows them."""

from __future__ import annotations

import json
import secrets
from typing import Any

from sandbox.google.calendar import colours, times
from sandbox.google.calendar.book import Book, Calendar
from sandbox.google.calendar.entries import entry, resource
from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid, not_found

_ENTRY = ("summaryOverride", "hidden", "selected", "defaultReminders", "notificationSettings")
_CALENDAR = ("description", "location")


def _book(call: Call) -> tuple[Book, Calendar]:
    book = Book(call.store, call.account)
    return book, book.calendar(call.path["calendarId"])


def _save(book: Book, calendar: Calendar, **columns: Any) -> Calendar:
    with book.store.write() as db:
        columns["list_version"] = book.next_list_version()
        assigned = ", ".join(f"{name} = ?" for name in columns)
        db.execute(
            f"UPDATE calendar_calendar SET {assigned} WHERE account_id = ? AND id = ?",
            (*columns.values(), calendar.account_id, calendar.id),
        )
    return next(c for c in book.calendars(deleted=True) if c.id == calendar.id)


def _merged(calendar: Calendar, body: dict[str, Any], names: tuple[str, ...], *, whole: bool) -> str:
    kept = {k: v for k, v in calendar.entry.items() if not (whole and k in names)}
    kept |= {k: body[k] for k in names if k in body}
    return json.dumps({k: v for k, v in kept.items() if v is not None})


def insert_calendar(call: Call) -> dict[str, Any]:
    summary = (call.body.get("summary") or "").strip()
    if not summary:
        raise GoogleError(400, "required", "Missing title.")
    zone = times.zone_for(call.body.get("timeZone") or "UTC").key
    book = Book(call.store, call.account)
    made_id = f"c_{secrets.token_hex(32)}@group.calendar.google.com"
    entries = {k: call.body[k] for k in _CALENDAR if call.body.get(k)}
    with call.store.write():
        return resource(
            book.add_calendar(made_id, summary, zone, selected=True, dataOwner=call.account.email, **entries)
        )


def _change_calendar(call: Call, *, whole: bool) -> dict[str, Any]:
    book, calendar = _book(call)
    _owned(calendar)
    columns: dict[str, Any] = {"entry": _merged(calendar, call.body, _CALENDAR, whole=whole)}
    if call.body.get("summary") or whole:
        columns["summary"] = (call.body.get("summary") or "").strip()
        if not columns["summary"]:
            raise GoogleError(400, "required", "Missing title.")
    if call.body.get("timeZone"):
        columns["time_zone"] = times.zone_for(call.body["timeZone"]).key
    return resource(_save(book, calendar, **columns))


def _owned(calendar: Calendar) -> None:
    if calendar.role != "owner":
        raise GoogleError(
            403, "requiredAccessLevel", "You need to have owner access to this calendar.", domain="calendar"
        )


def patch_calendar(call: Call) -> dict[str, Any]:
    return _change_calendar(call, whole=False)


def update_calendar(call: Call) -> dict[str, Any]:
    return _change_calendar(call, whole=True)


def delete_calendar(call: Call) -> None:
    book, calendar = _book(call)
    _owned(calendar)
    if calendar.primary:
        raise GoogleError(400, "cannotDeletePrimaryCalendar", "Cannot delete primary calendar.", domain="calendar")
    with call.store.write() as db:
        _save(book, calendar, deleted=True)
        db.execute(
            "DELETE FROM calendar_event WHERE account_id = ? AND calendar_id = ?", (call.account.id, calendar.id)
        )


def clear_calendar(call: Call) -> None:
    """Delete every event of the primary calendar."""
    book, calendar = _book(call)
    if not calendar.primary:
        raise GoogleError(400, "invalid", "Only the primary calendar can be cleared.")
    with call.store.write():
        for row in book.rows(calendar, "NOT cancelled"):
            book.put(calendar, json.loads(row["resource"]) | {"status": "cancelled"})


def insert_entry(call: Call) -> dict[str, Any]:
    """Show a calendar again that was taken from the list."""
    book = Book(call.store, call.account)
    wanted = call.body.get("id")
    if not wanted:
        raise GoogleError(400, "required", "Missing calendar id.")
    calendar = next((c for c in book.calendars(deleted=True) if c.id == wanted), None)
    if calendar is None:
        raise not_found("Not Found")
    return entry(_save(book, calendar, deleted=False, entry=_colours(call, calendar, whole=False)))


def _colours(call: Call, calendar: Calendar, *, whole: bool) -> str:
    kept: dict[str, Any] = json.loads(_merged(calendar, call.body, _ENTRY, whole=whole))
    if call.body.get("backgroundColor") and call.query.get("colorRgbFormat"):
        kept["backgroundColor"] = call.body["backgroundColor"]
        kept["foregroundColor"] = call.body.get("foregroundColor") or colours.FOREGROUND
        kept["colorId"] = str(colours.nearest(kept["backgroundColor"]))
    elif call.body.get("colorId"):
        if call.body["colorId"] not in {str(i) for i in range(1, len(colours.CALENDAR) + 1)}:
            raise invalid("Invalid value for: colorId")
        kept["colorId"] = call.body["colorId"]
        kept.pop("backgroundColor", None)
        kept.pop("foregroundColor", None)
    return json.dumps(kept)


def patch_entry(call: Call) -> dict[str, Any]:
    book, calendar = _book(call)
    return entry(_save(book, calendar, entry=_colours(call, calendar, whole=False)))


def update_entry(call: Call) -> dict[str, Any]:
    book, calendar = _book(call)
    return entry(_save(book, calendar, entry=_colours(call, calendar, whole=True)))


def delete_entry(call: Call) -> None:
    book, calendar = _book(call)
    if calendar.primary or calendar.role == "owner":
        raise GoogleError(403, "cannotRemoveOwnedCalendar", "An owned calendar cannot be removed.", domain="calendar")
    _save(book, calendar, deleted=True)


TABLE = {
    "calendar.calendars.insert": Row(insert_calendar),
    "calendar.calendars.patch": Row(patch_calendar),
    "calendar.calendars.update": Row(update_calendar),
    "calendar.calendars.delete": Row(delete_calendar),
    "calendar.calendars.clear": Row(clear_calendar),
    "calendar.calendarList.insert": Row(insert_entry),
    "calendar.calendarList.patch": Row(patch_entry),
    "calendar.calendarList.update": Row(update_entry),
    "calendar.calendarList.delete": Row(delete_entry),
}
