"""Turns what a client sends for an event into the event that Google would keep, or into Google's refusal."""

from __future__ import annotations

import re
from typing import Any

from sandbox.accounts import Account
from sandbox.google.calendar import conferences, recurrence, times
from sandbox.google.calendar.book import Calendar, Event
from sandbox.google.calendar.colours import EVENT
from sandbox.google.calls import Call
from sandbox.google.errors import GoogleError, invalid

_ID = re.compile(r"[a-v0-9]{5,1024}")
_OURS = ("kind", "id", "etag", "htmlLink", "created", "updated", "creator", "organizer", "iCalUID", "recurringEventId")
READ_ONLY = frozenset({*_OURS, "originalStartTime", "hangoutLink", "locked", "privateCopy", "endTimeUnspecified"})
_STATUS = {"confirmed", "tentative", "cancelled"}
SHARED = ("guestsCanInviteOthers", "guestsCanModify", "guestsCanSeeOtherGuests")
MOST_ATTACHMENTS = 25
_REPLIES = {"needsAction", "declined", "tentative", "accepted"}
_CHOICES = {
    "status": _STATUS,
    "transparency": {"opaque", "transparent"},
    "visibility": {"default", "public", "private", "confidential"},
    "colorId": {str(i) for i in range(1, len(EVENT) + 1)},
}


def check_id(event_id: str) -> None:
    """Refuse an id that is not base32hex of 5 to 1024 characters (Calendar API, events.insert)."""
    if not _ID.fullmatch(event_id):
        raise invalid("Invalid resource id value.")


def merge(old: Any, new: Any) -> Any:
    """JSON merge as ``patch`` does it: objects field by field, arrays whole, ``None`` clears."""
    if not isinstance(new, dict):
        return new
    merged = dict(old) if isinstance(old, dict) else {}
    for name, value in new.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def times_merged(old: Event, body: dict[str, Any]) -> dict[str, Any]:
    """``body`` with start and end completed from the event: a new dateTime replaces a date, and the other way round."""
    out = dict(body)
    for name in ("start", "end"):
        given = {k: v for k, v in (body.get(name) or {}).items() if v is not None}
        if given:
            kept = {"timeZone": old[name]["timeZone"]} if old[name].get("timeZone") and "dateTime" in given else {}
            out[name] = kept | given
    return out


def settle(call: Call, calendar: Calendar, event: Event, given: dict[str, Any], before: Event | None = None) -> Event:
    """The event made whole and checked; ``given`` is what the client sent of it. Raises Google's 400."""
    event = {name: _without_nulls(value) for name, value in event.items() if value is not None and value != ""}
    for name in ("start", "end"):
        event[name] = times.check(event.get(name), name)
    if times.is_all_day(event["start"]) != times.is_all_day(event["end"]):
        raise invalid("Invalid start time.")
    seconds = times.length(event).total_seconds()
    if seconds < 0 or (seconds == 0 and times.is_all_day(event["start"])):
        raise GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")
    for name, allowed in _CHOICES.items():
        if name in event and event[name] not in allowed:
            raise invalid(f"Invalid value for: {name}")
    _settle_recurrence(calendar, event)
    if "attendees" in event:
        event["attendees"] = attendees(call.account, event)
    overrides = event.get("reminders", {}).get("overrides", [])
    if len(overrides) > 5:
        raise GoogleError(400, "cannotExceedMaxReminders", "More than 5 reminder overrides.", domain="calendar")
    for reminder in overrides:
        if reminder.get("method") not in ("email", "popup") or not 0 <= reminder.get("minutes", -1) <= 40320:
            raise invalid("Invalid reminder.")
    if "attachments" in given and not call.query.get("supportsAttachments"):
        raise invalid("Attachments need supportsAttachments=true.")
    if len(event.get("attachments", ())) > MOST_ATTACHMENTS:
        raise invalid(f"An event has at most {MOST_ATTACHMENTS} attachments.")
    shared = [name for name in SHARED if before and name in given and event.get(name) != before.get(name)]
    if shared and not event.get("organizer", {}).get("self"):
        message = f"Shared properties can only be changed by the organizer of the event: {shared[0]}."
        raise GoogleError(403, "forbiddenForNonOrganizer", message, domain="calendar")
    return conferences.settle(before, event)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return value


def _settle_recurrence(calendar: Calendar, event: Event) -> None:
    lines = event.get("recurrence")
    if not lines:
        event.pop("recurrence", None)
        return
    all_day = times.is_all_day(event["start"])
    if not all_day and not event["start"].get("timeZone"):
        raise GoogleError(400, "required", "Missing time zone definition for start time.")
    own = times.zone(event["start"]["timeZone"]) if not all_day else calendar.zone
    try:
        recurrence.rules(lines, times.wall(event["start"], own), own, all_day=all_day)
    except ValueError:
        raise invalid("Invalid recurrence rule.") from None


def attendees(account: Account, event: Event) -> list[dict[str, Any]]:
    """The guest list with whose entry is the organizer's and whose the caller's own."""
    out: dict[str, dict[str, Any]] = {}
    organizer = event.get("organizer", {}).get("email", "").lower()
    for guest in event["attendees"]:
        address = (guest.get("email") or "").strip()
        if "@" not in address:
            raise invalid("Invalid attendee email.")
        if guest.get("responseStatus", "needsAction") not in _REPLIES:
            raise invalid("Invalid attendee response status.")
        kept = {k: v for k, v in guest.items() if v is not None and k not in ("self", "organizer")}
        entry = {"email": address, "responseStatus": "needsAction"} | kept
        if address.lower() == organizer:
            entry["organizer"] = True
        if address.lower() == account.email.lower():
            entry["self"] = True
        out.setdefault(address.lower(), entry)
    return list(out.values())
