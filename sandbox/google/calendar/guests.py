"""What an event does in other calendars of this vendor: guests get copies, and their answers reach the organizer.

Calendar API, "Invite users to events": every copy has the organizer's id and iCalUID. What is mailed, and whoever is
elsewhere, is left to ``notices``.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox import accounts
from sandbox.accounts import Account
from sandbox.google.calendar.book import Book, Calendar, Event
from sandbox.google.calendar.loading import prepare
from sandbox.store import Store

PRIVATE = ("reminders", "colorId", "transparency", "visibility", "etag", "updated")
MOST_HEARD = 200  # guests; above, answers are not propagated (events resource, "attendees")


def home(store: Store, email: str) -> tuple[Account, Calendar] | None:
    """Whose calendar an organizer's address is: an account's own, or another that an account owns."""
    sql = "SELECT account_id, id FROM calendar_calendar WHERE lower(id) = lower(?) AND role = 'owner' AND NOT deleted"
    row = store.row(sql, email)
    if row is None:
        return None
    account = accounts.by_id(store, row["account_id"])
    return account, Book(store, account).calendar(row["id"])


def spread(store: Store, owner: Account, before: Event | None, after: Event) -> None:
    """Bring the guests' copies up to an event that its organizer has changed."""
    if not after.get("organizer", {}).get("self"):
        return
    invited = {g["email"].lower() for g in after.get("attendees", ())} if after["status"] != "cancelled" else set()
    known = {g["email"].lower() for g in (before or {}).get("attendees", ())}
    for guest in accounts.all_of(store, "google"):
        if guest.id == owner.id or guest.email.lower() not in invited | known:
            continue
        book = prepare(store, guest)
        calendar = book.calendar("primary")
        kept = book.find(calendar, after["id"]) or {}
        if guest.email.lower() in invited:
            copy = {k: v for k, v in after.items() if k not in PRIVATE} | {k: kept[k] for k in PRIVATE if k in kept}
            book.put(calendar, {"reminders": {"useDefault": True}} | _seen_by(guest, copy))
        elif kept:
            call_off(book, calendar, kept)


def call_off(book: Book, calendar: Calendar, event: Event) -> None:
    """Cancel an event in one calendar; of a series, its exceptions too."""
    for row in book.rows(calendar, "series_id = ? AND NOT cancelled", event["id"]):
        book.put(calendar, json.loads(row["resource"]) | {"status": "cancelled"})
    book.put(calendar, event | {"status": "cancelled"})


def _seen_by(guest: Account, event: Event) -> Event:
    def person(entry: dict[str, Any]) -> dict[str, Any]:
        shown = {k: v for k, v in entry.items() if k != "self"}
        return shown | {"self": True} if entry["email"].lower() == guest.email.lower() else shown

    return event | {
        "attendees": [person(a) for a in event["attendees"]],
        "organizer": person(event["organizer"]),
        "creator": person(event["creator"]),
    }


def answer(store: Store, guest: Account, after: Event) -> None:
    """Carry a guest's answer from the guest's copy to the organizer's event, and from there to the other guests."""
    mine = next((a for a in after.get("attendees", ()) if a.get("self")), None)
    if after.get("organizer", {}).get("self") or mine is None:
        return
    found = home(store, after["organizer"]["email"])
    if found is None:
        return
    owner, calendar = found
    book = Book(store, owner)
    original = book.find(calendar, after["id"])
    if original is None or original["status"] == "cancelled" or not original.get("organizer", {}).get("self"):
        return
    said = {k: mine[k] for k in ("responseStatus", "comment", "additionalGuests") if k in mine}
    there = original.get("attendees", ())
    heard = [a | said if a["email"].lower() == guest.email.lower() else a for a in there]
    if heard != there and len(there) <= MOST_HEARD:
        changed = original | {"attendees": heard}
        book.put(calendar, changed)
        spread(store, owner, original, changed)
