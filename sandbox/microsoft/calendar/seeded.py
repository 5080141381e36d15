"""What a seed says about an event, in Graph's own names: people, place, body, free/busy, reminder, meeting."""

from __future__ import annotations

import html
import re
from typing import Any

from sandbox.accounts import Account
from sandbox.microsoft.mail.words import clean
from sandbox.microsoft.text import plain
from sandbox.seeds import SeedAttendee, SeedEvent

_RESPONSES = {
    "none": "none",
    "accepted": "accepted",
    "declined": "declined",
    "tentative": "tentativelyAccepted",
    "organizer": "organizer",
}
_SHOWING = {"out_of_office": "oof", "elsewhere": "workingElsewhere"}
_NO_TIME = "0001-01-01T00:00:00Z"
_MARKUP = re.compile(r"<(?:html|body|p|br|div|a|ul|table|b|span)\b[^>]*>", re.IGNORECASE)


def fields(account: Account, event: SeedEvent) -> dict[str, Any]:
    """Everything of an event that is not a column."""
    description = clean(event.description)
    mine = account.email.lower()
    organizer = event.organizer
    own = organizer is None or organizer.email.lower() == mine
    me = next((one for one in event.attendees if one.email.lower() == mine), None)
    place = location(clean(event.location))
    made: dict[str, Any] = {
        "body": body(description),
        "bodyPreview": preview(description),
        "location": place,
        "locations": [place] if event.location else [],
        "attendees": [attendee(one) for one in event.attendees],
        "organizer": person(clean(organizer.name), clean(organizer.email))
        if organizer
        else person(account.name, account.email),
        "isOrganizer": own,
        "responseStatus": {"response": "organizer" if own else mine_said(me), "time": _NO_TIME},
        "showAs": _SHOWING.get(event.showing, event.showing),
        "sensitivity": "private" if event.private else "normal",
        "isReminderOn": bool(event.reminders),
        "reminderMinutesBeforeStart": event.reminders[0] if event.reminders else 15,
        "categories": [],
    }
    if event.cancelled:
        made["isCancelled"] = True
    if event.meeting_url:
        made["onlineMeeting"] = {"joinUrl": clean(event.meeting_url)}
        made["onlineMeetingProvider"] = "teamsForBusiness" if "teams." in event.meeting_url else "unknown"
    return made


def body(description: str) -> dict[str, str]:
    """An event's body: HTML, as Outlook keeps it."""
    if _MARKUP.search(description):
        return {"contentType": "html", "content": description}
    text = html.escape(description, quote=False).replace("\r\n", "\n").replace("\n", "<br>\r\n")
    return {"contentType": "html", "content": f"<html><body>{text}</body></html>" if text else ""}


def preview(description: str) -> str:
    text = plain(description) if _MARKUP.search(description) else description
    return " ".join(text.split())[:255]


def location(name: str) -> dict[str, Any]:
    return {
        "displayName": name,
        "locationType": "default",
        "uniqueId": name,
        "uniqueIdType": "private" if name else "unknown",
    }


def person(name: str, address: str) -> dict[str, Any]:
    return {"emailAddress": {"name": name or address, "address": address}}


def attendee(one: SeedAttendee) -> dict[str, Any]:
    """A guest with the answer."""
    return {
        "type": "resource" if one.resource else "optional" if one.optional else "required",
        "status": {"response": _RESPONSES[one.reply], "time": _NO_TIME},
        **person(clean(one.name), clean(one.email)),
    }


def mine_said(me: SeedAttendee | None) -> str:
    """The account's own answer to somebody else's meeting."""
    return "notResponded" if me is None or me.reply == "none" else _RESPONSES[me.reply]
