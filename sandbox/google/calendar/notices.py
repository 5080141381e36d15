"""What Calendar mails about an event, by ``sendUpdates``, and what a mailed notice from elsewhere does to a calendar.

Calendar API, "Invite users to events" and events.insert (wording of the mails from memory). Guests of this vendor have
copies by ``guests``, mail or not; nobody else hears of an event but by mail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sandbox import accounts, post
from sandbox.accounts import Account
from sandbox.google.calendar import guests, times
from sandbox.google.calendar.book import Book, Calendar, Event
from sandbox.google.calendar.loading import prepare, resource
from sandbox.google.calls import Call
from sandbox.meetings import arrived, letters
from sandbox.meetings.letters import Method, Notice
from sandbox.seeds import Reply, SeedAttendee, SeedEvent
from sandbox.store import Store

_REPLIES: dict[str, Reply] = {"accepted": "accepted", "declined": "declined", "tentative": "tentative"}
_STATES: dict[str, str] = {"none": "needsAction", **{theirs: name for name, theirs in _REPLIES.items()}}
_VISIBLE = ("summary", "description", "location", "start", "end", "recurrence", "conferenceData", "status")
_SUBJECTS = {"accepted": "Accepted", "declined": "Declined", "tentative": "Tentatively Accepted"}
_SENDER = "Google Calendar <calendar-notification@google.com>"


def told(call: Call) -> str:
    """Whom the caller wants told by mail: ``all``, ``externalOnly`` or ``none``."""
    return str(call.query.get("sendUpdates") or ("all" if call.query.get("sendNotifications") else "none"))


def announce(call: Call, calendar: Calendar, before: Event | None, after: Event) -> None:
    """Mail an organizer's guests what became of an event: invited, changed, called off."""
    if told(call) == "none" or not after.get("organizer", {}).get("self"):
        return
    there = _guests(before) if before and before["status"] != "cancelled" else {}
    invited = _guests(after) if after["status"] != "cancelled" else {}
    changed = before is not None and any(before.get(name) != after.get(name) for name in _VISIBLE)
    for address in there.keys() - invited.keys():
        _say(call, calendar, "CANCEL", before or after, there[address])
    for address in invited:
        if address not in there:
            _say(call, calendar, "REQUEST", after, invited[address], "Invitation")
        elif changed:
            _say(call, calendar, "REQUEST", after, invited[address], "Updated invitation")


def answer(call: Call, calendar: Calendar, before: Event, after: Event) -> None:
    """Mail an organizer the answer that a guest gave in the guest's own copy."""
    mine = next((a for a in after.get("attendees", ()) if a.get("self")), None)
    was: dict[str, Any] = next((a for a in before.get("attendees", ()) if a.get("self")), {})
    if mine is None or after.get("organizer", {}).get("self") or told(call) == "none":
        return
    if all(mine.get(name) == was.get(name) for name in ("responseStatus", "comment")):
        return
    title = _SUBJECTS.get(mine["responseStatus"])
    if title:
        organizer = {"email": after["organizer"]["email"], "responseStatus": "accepted"}
        said = after | {"attendees": [mine]}
        _say(call, calendar, "REPLY", said, organizer, title, mine.get("comment", ""))


def _guests(event: Event) -> dict[str, dict[str, Any]]:
    organizer = event.get("organizer", {}).get("email", "").lower()
    people = {guest["email"].lower(): guest for guest in event.get("attendees", ())}
    return {address: guest for address, guest in people.items() if address != organizer and not guest.get("self")}


def _say(
    call: Call,
    calendar: Calendar,
    method: Method,
    event: Event,
    guest: dict[str, Any],
    title: str = "Canceled event",
    comment: str = "",
) -> None:
    """One mail to one person."""
    person = _person(guest)
    if told(call) == "externalOnly" and accounts.by_email(call.store, "google", person.email):
        return
    if not letters.mailable(person):
        return
    meeting = as_meeting(call.store, calendar, event)
    me = SeedAttendee(call.account.email, call.account.name)
    sender = me if method == "REPLY" or meeting.organizer is None else meeting.organizer
    notice = Notice(method, meeting, int(event.get("sequence", 0)) + (method == "CANCEL"), comment)
    subject = f"{title}: {meeting.title or '(No title)'} @ {letters.when(meeting)} ({guest['email']})"
    headers = {"Sender": _SENDER, "Reply-To": sender.email}
    raw = letters.write(
        notice,
        sender,
        [person],
        subject,
        call.store.now(),
        domain="google.com",
        headers=headers,
        attached=True,
    )
    post.post(call.store, call.account, raw, [person.email])


def _person(guest: dict[str, Any]) -> SeedAttendee:
    return SeedAttendee(
        guest["email"],
        guest.get("displayName", ""),
        _REPLIES.get(guest.get("responseStatus", ""), "none"),
        optional=bool(guest.get("optional")),
        resource=bool(guest.get("resource")),
    )


def as_meeting(store: Store, calendar: Calendar, event: Event) -> SeedEvent:
    """An event in the words of no vendor."""
    zone = event["start"].get("timeZone") or calendar.time_zone
    organizer = event["organizer"]
    home = accounts.by_email(store, "google", organizer["email"])
    name = organizer.get("displayName") or (home.name if home else "")
    video = next((one["uri"] for one in event.get("conferenceData", {}).get("entryPoints", ()) if one.get("uri")), "")
    return SeedEvent(
        uid=event["iCalUID"],
        title=event.get("summary", ""),
        start=_wall(event["start"], zone),
        end=_wall(event["end"], zone),
        time_zone=zone,
        recurrence=tuple(event.get("recurrence", ())),
        original_start=_wall(event["originalStartTime"], zone) if event.get("originalStartTime") else None,
        description=event.get("description", ""),
        location=event.get("location", ""),
        organizer=SeedAttendee(organizer["email"], name, "organizer"),
        attendees=tuple(_person(guest) for guest in event.get("attendees", ())),
        meeting_url=event.get("hangoutLink", "") or video,
        private=event.get("visibility") in ("private", "confidential"),
    )


def _wall(value: dict[str, Any], zone: str) -> datetime | date:
    if times.is_all_day(value):
        return date.fromisoformat(value["date"])
    return times.instant(value, UTC).astimezone(times.zone(zone)).replace(tzinfo=None)


# What arrives ---------------------------------------------------------------------------------------------------


def take(store: Store, account: Account, raw: bytes) -> None:
    """Do to the calendar what a mail that arrived asks for. Call it inside ``store.write()``."""
    sender, found = arrived.notices(raw, account.time_zone)
    for notice in found:
        if notice.method in ("REPLY", "COUNTER"):
            _heard(store, account, sender, notice)
        else:
            _invited(store, account, sender, notice)


def _heard(store: Store, account: Account, sender: str, notice: Notice) -> None:
    """A guest's answer comes into the organizer's event, and from there into the copies of the others."""
    guest = next(iter(notice.event.attendees), None)
    if guest is None or guest.email.lower() != sender or guest.reply not in _STATES:
        return
    for book, calendar, event in _events(store, account, notice.event):
        if not event.get("organizer", {}).get("self") or event["status"] == "cancelled":
            continue
        said = {"responseStatus": _STATES[guest.reply]} | ({"comment": notice.comment} if notice.comment else {})
        heard = [a | said if a["email"].lower() == sender else a for a in event.get("attendees", ())]
        if heard != event.get("attendees", []):
            changed = event | {"attendees": heard}
            book.put(calendar, changed)
            guests.spread(store, account, event, changed)


def _events(store: Store, account: Account, meeting: SeedEvent) -> Iterator[tuple[Book, Calendar, Event]]:
    """The account's events with a meeting's UID; of a series the instance that is meant."""
    book = prepare(store, account)
    for calendar in book.calendars():
        for row in book.rows(calendar, "uid = ? AND series_id = ''", meeting.uid):
            event: Event | None = json.loads(row["resource"])
            if meeting.original_start is not None:
                event = book.find(calendar, f"{row['id']}_{_tail(meeting)}")
            if event is not None:
                yield book, calendar, event


def _tail(meeting: SeedEvent) -> str:
    assert meeting.original_start is not None
    return times.tail(times.of_seed(meeting.original_start, meeting.time_zone))


def _invited(store: Store, account: Account, sender: str, notice: Notice) -> None:
    """An event comes, changes or is called off, as an organizer elsewhere says."""
    meeting, organizer = notice.event, notice.event.organizer
    assert organizer is not None
    if organizer.email.lower() == account.email.lower() or guests.home(store, organizer.email):
        return  # a copy of ours is kept up to date without mail
    known = next(iter(_events(store, account, meeting)), None)
    if known is None:
        mine = any(guest.email.lower() == account.email.lower() for guest in meeting.attendees)
        if notice.method == "REQUEST" and mine:
            book = prepare(store, account)
            _put(book, book.calendar("primary"), replace(meeting, original_start=None), notice.sequence, {})
        return
    book, calendar, event = known
    if event["organizer"]["email"].lower() != sender or int(event.get("sequence", 0)) > notice.sequence:
        return
    if notice.method == "REQUEST":
        _put(book, calendar, meeting, notice.sequence, event)
    elif event["status"] != "cancelled":
        guests.call_off(book, calendar, event)


def _put(book: Book, calendar: Calendar, meeting: SeedEvent, sequence: int, known: Event) -> None:
    """Write a meeting into the calendar; what of ``known`` is the guest's own stays."""
    try:
        made: Event = resource(book.account, calendar, meeting)
    except (ValueError, OverflowError):
        return
    kept = {k: known[k] for k in (*guests.PRIVATE, "id", "created", "recurringEventId") if k in known}
    made = {"reminders": {"useDefault": True}, **made, "sequence": sequence, "status": "confirmed", **kept}
    if known and all(known.get(name) == made.get(name) for name in ("start", "end", "recurrence")):
        answers = {a["email"].lower(): a for a in known.get("attendees", ()) if a.get("self")}
        made["attendees"] = [answers.get(a["email"].lower(), a) for a in made.get("attendees", ())]
    book.put(calendar, made)
