"""Video meetings asked for with an event: pending at first, there a moment later, as another change of the event.

Calendar API, "Create events", "Add video and phone conferences": creation is asynchronous; a request id that was used
before for the event is ignored. The sandbox makes Google's own meetings only.
"""

from __future__ import annotations

from datetime import timedelta

from sandbox import accounts
from sandbox.google.calendar import guests
from sandbox.google.calendar.book import Book, Calendar, Event
from sandbox.google.calendar.loading import chosen_id, conference
from sandbox.google.errors import GoogleError, invalid
from sandbox.store import Store

TAKES = timedelta(seconds=0.5)
_OWN = "hangoutsMeet"


def settle(before: Event | None, event: Event) -> Event:
    """The event with its conference as it is right after a write: as it was, or asked for."""
    data = event.get("conferenceData", {})
    request, was = data.get("createRequest"), (before or {}).get("conferenceData", {})
    if not request:
        return event
    if not request.get("requestId"):
        raise invalid("Invalid conference type value.")
    known = was.get("createRequest", {})
    if known.get("requestId") == request["requestId"]:
        return event | {"conferenceData": was}
    possible = request.get("conferenceSolutionKey", {}).get("type", _OWN) == _OWN
    asked = request | {"status": {"statusCode": "pending" if possible else "failure"}}
    return {k: v for k, v in event.items() if k != "hangoutLink"} | {"conferenceData": {"createRequest": asked}}


def remember(book: Book, calendar: Calendar, event: Event) -> None:
    """Note that an event's conference is to be made, if it is."""
    if event.get("conferenceData", {}).get("createRequest", {}).get("status", {}).get("statusCode") == "pending":
        due = (book.store.now() + TAKES).timestamp()
        book.store.db.execute(
            "INSERT OR REPLACE INTO calendar_conference VALUES (?, ?, ?, ?)",
            (book.account.id, calendar.id, event["id"], due),
        )


def make(store: Store) -> None:
    """Make the conferences that are due."""
    for row in store.rows("SELECT * FROM calendar_conference WHERE due <= ?", store.now().timestamp()):
        with store.write() as db:
            db.execute(
                "DELETE FROM calendar_conference WHERE account_id = ? AND calendar_id = ? AND event_id = ?",
                (row["account_id"], row["calendar_id"], row["event_id"]),
            )
            owner = accounts.by_id(store, row["account_id"])
            book = Book(store, owner)
            try:
                calendar = book.calendar(row["calendar_id"])
            except GoogleError:
                continue  # the calendar went in the meantime
            event = book.find(calendar, row["event_id"])
            if event is not None and event["status"] != "cancelled":
                made = _made(event)
                book.put(calendar, made)
                guests.spread(store, owner, event, made)


def _made(event: Event) -> Event:
    request = event.get("conferenceData", {}).get("createRequest")
    if not request or request.get("status", {}).get("statusCode") != "pending":
        return event
    code = chosen_id("meet", event["id"], request["requestId"])[:10]
    made = conference(f"https://meet.google.com/{code[:3]}-{code[3:7]}-{code[7:]}")
    made["conferenceData"]["createRequest"] = request | {"status": {"statusCode": "success"}}
    return event | made
