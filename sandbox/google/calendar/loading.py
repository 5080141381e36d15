"""Puts a seeded account's calendars and events into its calendar: masters, exceptions and single events as they are."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any

from sandbox.accounts import Account
from sandbox.google.calendar import colours, times
from sandbox.google.calendar.book import Book, Calendar, Event
from sandbox.seeds import LeftOut, SeedAccount, SeedAttendee, SeedEvent
from sandbox.store import Store

_REPLIES = {
    "none": "needsAction",
    "accepted": "accepted",
    "declined": "declined",
    "tentative": "tentative",
    "organizer": "accepted",
}
_DIGITS = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")


def chosen_id(*parts: str) -> str:
    """An event id in Google's alphabet (base32hex, lower case), the same one for the same parts."""
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower().translate(_DIGITS)


def prepare(store: Store, account: Account) -> Book:
    """The account's book with its primary calendar; made if it is not there. Call it inside ``store.write()``."""
    book = Book(store, account)
    if not book.calendars(deleted=True):
        book.add_calendar(
            account.email,
            account.email,
            account.time_zone,
            primary=True,
            colorId="16",
            selected=True,
            defaultReminders=[{"method": "popup", "minutes": 10}],
            conferenceProperties={"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
        )
    return book


def load(store: Store, account: Account, seed: SeedAccount, left_out: LeftOut) -> None:
    """Every calendar and event of the seed; what Google could not hold is listed."""
    book = prepare(store, account)
    by_name = {c.summary: c for c in book.calendars()} | {"": book.calendar("primary")}
    for made in seed.calendars:
        if made.name not in by_name:
            by_name[made.name] = book.add_calendar(
                f"c_{hashlib.sha256(f'{account.email}/{made.name}'.encode()).hexdigest()}@group.calendar.google.com",
                made.name,
                made.time_zone,
                role="owner" if made.writable else "reader",
                colorId=str(colours.nearest(made.colour)),
                backgroundColor=made.colour,
                selected=True,
            )
    for event in sorted(seed.events, key=lambda e: e.original_start is not None):
        name = f"{seed.email}: {event.title or event.uid} ({event.start})"
        calendar = by_name.get(event.calendar)
        if calendar is None:
            left_out.add(name, f"there is no calendar named {event.calendar}")
            continue
        try:
            loaded = resource(account, calendar, event)
            if book.row(calendar, loaded["id"]):
                raise ValueError("another event of its calendar has the same UID and start")
            book.put(calendar, loaded)
        except (ValueError, OverflowError) as error:
            left_out.add(name, str(error))


def _person(attendee: SeedAttendee, account: Account) -> dict[str, Any]:
    out: dict[str, Any] = {"email": attendee.email}
    if attendee.name:
        out["displayName"] = attendee.name
    if attendee.email.lower() == account.email.lower():
        out["self"] = True
    return out


def _attendee(attendee: SeedAttendee, account: Account, organizer: str) -> dict[str, Any]:
    out = _person(attendee, account) | {"responseStatus": _REPLIES[attendee.reply]}
    if attendee.email.lower() == organizer.lower():
        out["organizer"] = True
    if attendee.optional:
        out["optional"] = True
    if attendee.resource:
        out["resource"] = True
    return out


def resource(account: Account, calendar: Calendar, seed: SeedEvent) -> Event:
    """A seeded event as Google's resource. Raises ``ValueError`` for what Google cannot hold."""
    # The copies of a meeting in its guests' own calendars have one id ("Invite users to events").
    master_id = chosen_id("" if calendar.primary else f"{account.email}/{calendar.id}", seed.uid)
    organizer = _person(seed.organizer, account) if seed.organizer else _own(account, calendar)
    start, end = times.of_seed(seed.start, seed.time_zone), times.of_seed(seed.end, seed.time_zone)
    if not isinstance(seed.start, datetime) and seed.end == seed.start:
        end = times.of_seed(seed.start + timedelta(days=1), seed.time_zone)  # an all-day event lasts a day at least
    if isinstance(seed.start, datetime) != isinstance(seed.end, datetime):
        raise ValueError("it starts with a time and ends with a date, or the other way round")
    if times.instant(end, calendar.zone) < times.instant(start, calendar.zone):
        raise ValueError("it ends before it starts")
    event: Event = {
        "id": master_id,
        "status": "cancelled" if seed.cancelled else "tentative" if seed.showing == "tentative" else "confirmed",
        "created": times.stamp(int(times.instant(start, calendar.zone).timestamp() * 1000) - 86_400_000 * 14),
        "creator": organizer,
        "organizer": organizer,
        "start": start,
        "end": end,
        "iCalUID": seed.uid,
        "sequence": 0,
        "eventType": "default",
        "reminders": _reminders(seed),
    }
    recurrence = [line for line in seed.recurrence if line.partition(":")[2].strip()]
    if recurrence:
        if seed.original_start is not None:
            raise ValueError("an exception cannot repeat itself")
        event["recurrence"] = recurrence
    if seed.original_start is not None:
        original = times.of_seed(seed.original_start, seed.time_zone)
        event |= {
            "id": f"{master_id}_{times.tail(original)}",
            "recurringEventId": master_id,
            "originalStartTime": original,
        }
    texts = {"summary": seed.title, "description": seed.description, "location": seed.location, "colorId": seed.colour}
    event |= {name: text for name, text in texts.items() if text}
    if seed.attendees:
        event["attendees"] = [_attendee(a, account, organizer["email"]) for a in seed.attendees]
    if seed.showing == "free":
        event["transparency"] = "transparent"
    if seed.private:
        event["visibility"] = "private"
    if seed.meeting_url:
        event |= conference(seed.meeting_url)
    if seed.showing == "out_of_office" and isinstance(seed.start, datetime) and calendar.primary:
        event |= {"eventType": "outOfOffice", "outOfOfficeProperties": {"autoDeclineMode": "declineNone"}}
    return event


def _own(account: Account, calendar: Calendar) -> dict[str, Any]:
    if calendar.primary:
        return {"email": account.email, "self": True}
    return {"email": calendar.id, "displayName": calendar.summary, "self": True}


def _reminders(seed: SeedEvent) -> dict[str, Any]:
    if not seed.reminders:
        return {"useDefault": True}
    overrides = [{"method": "popup", "minutes": minutes} for minutes in seed.reminders if 0 <= minutes <= 40320]
    return {"useDefault": False, "overrides": overrides[:5]}


def conference(url: str) -> dict[str, Any]:
    """A video meeting at an address: Google's own, or another's as an add-on writes it."""
    code = url.rstrip("/").rpartition("/")[2]
    at_google = "meet.google.com" in url
    solution = {
        "key": {"type": "hangoutsMeet" if at_google else "addOn"},
        "name": "Google Meet" if at_google else "Video meeting",
    }
    entry = {"entryPointType": "video", "uri": url, "label": url.partition("://")[2]}
    data = {"entryPoints": [entry], "conferenceSolution": solution, "conferenceId": code}
    return {"conferenceData": data} | ({"hangoutLink": url} if at_google else {})
