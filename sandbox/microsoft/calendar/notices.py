"""What Exchange mails about a meeting: to its guests for the organizer, to the organizer for a guest.

"Create event", "Update event", "Delete event", "event: accept": attendees are told of what they can see, without a
switch; of a change of the guest list alone, only those whom it concerns. Every mail is kept in Sent Items (from
memory). What an arriving one does is left to ``attendant``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sandbox import post
from sandbox.accounts import Account
from sandbox.meetings import letters
from sandbox.meetings.letters import Method, Notice
from sandbox.microsoft import zones
from sandbox.microsoft.calendar import keeping, recurrence, view
from sandbox.microsoft.calendar import store as events
from sandbox.microsoft.calendar.store import Draft, Found
from sandbox.microsoft.mail import tree
from sandbox.microsoft.mail.store import State, insert
from sandbox.microsoft.text import plain
from sandbox.seeds import Reply, SeedAttendee, SeedEvent
from sandbox.store import Store

Slot = tuple[datetime, datetime, str]
REPLIES: dict[str, Reply] = {"accepted": "accepted", "declined": "declined", "tentativelyAccepted": "tentative"}
NO_TIME = "0001-01-01T00:00:00Z"
_SUBJECTS = {"accepted": "Accepted", "declined": "Declined", "tentativelyAccepted": "Tentative"}
_VISIBLE = ("start", "end", "time_zone", "recurrence", "title", "description", "location", "meeting_url")


def as_meeting(store: Store, account: Account, row: sqlite3.Row, day: date | None = None) -> SeedEvent:
    """An event, or a series' occurrence on a day, in the words of no vendor."""
    fields = json.loads(row["fields"])
    start, end = view.times(row, day)
    all_day, zone = bool(row["all_day"]), row["zone"]
    organizer = fields["organizer"]["emailAddress"]
    series = day is None and row["kind"] == "master"
    body = fields["body"]
    return SeedEvent(
        uid=row["uid"],
        title=row["subject"],
        start=start.date() if all_day else start,
        end=end.date() if all_day else end,
        time_zone=zones.iana_name(zone),
        recurrence=_rules(store, row) if series else (),
        original_start=_original(store, row, day),
        description=plain(body["content"]).strip() if body["contentType"] == "html" else body["content"],
        location=fields["location"]["displayName"],
        organizer=SeedAttendee(organizer["address"], organizer["name"], "organizer"),
        attendees=tuple(_guest(one) for one in fields["attendees"]),
        meeting_url=(fields.get("onlineMeeting") or {}).get("joinUrl", ""),
        private=fields["sensitivity"] in ("private", "confidential"),
    )


def _guest(one: dict[str, Any]) -> SeedAttendee:
    return SeedAttendee(
        one["emailAddress"]["address"],
        one["emailAddress"]["name"],
        REPLIES.get(one["status"]["response"], "none"),
        optional=one["type"] == "optional",
        resource=one["type"] == "resource",
    )


def _rules(store: Store, row: sqlite3.Row) -> tuple[str, ...]:
    """A series' rule, and the occurrences that are taken out of it."""
    start, _ = view.times(row)
    all_day, zone = bool(row["all_day"]), zones.iana_name(row["zone"])
    lines = [recurrence.rule_of(row["recurrence"], start, row["zone"], all_day=all_day)]
    gone = [n for n, child in events.children(store, row["id"]).items() if child["kind"] == "cancelled"]
    for day in map(date.fromordinal, gone):
        moment = datetime.combine(day, start.time())
        lines.append(f"EXDATE;VALUE=DATE:{day:%Y%m%d}" if all_day else f"EXDATE;TZID={zone}:{moment:%Y%m%dT%H%M%S}")
    return tuple(lines)


def _original(store: Store, row: sqlite3.Row, day: date | None) -> datetime | date | None:
    """When an occurrence or an exception would begin by its series; None for a whole event."""
    series = row
    if row["master"] is not None:
        day, series = date.fromordinal(row["day"]), keeping.row_of(store, row["master"])
    if day is None:
        return None
    start = view.times(series, day)[0]
    return start.date() if series["all_day"] else zones.rezoned(start, series["zone"], row["zone"])


# The organizer's ------------------------------------------------------------------------------------------------


def changed(store: Store, account: Account, before: SeedEvent | None, number: int) -> None:
    """Tell the guests of a new or changed event in a row; a draft is kept from them."""
    row = keeping.row_of(store, number)
    fields, after = json.loads(row["fields"]), as_meeting(store, account, row)
    if not fields["isOrganizer"] or fields.get("isDraft") or fields.get("isCancelled"):
        return
    there = _invited(before) if before else {}
    invited = _invited(after)
    seen = before is not None and any(getattr(before, name) != getattr(after, name) for name in _VISIBLE)
    told = [guest for address, guest in invited.items() if seen or address not in there]
    gone = [guest for address, guest in there.items() if address not in invited]
    if not told and not gone:
        return
    sequence = int(fields.get("sequence", -1)) + 1
    _remember(store, row, fields | {"sequence": sequence})
    _send(store, account, Notice("REQUEST", after, sequence), told, after.title)
    if gone and before is not None:
        _send(store, account, Notice("CANCEL", before, sequence), gone, f"Canceled: {before.title}")


def called_off(store: Store, account: Account, found: Found, comment: str) -> None:
    """Tell the guests that a meeting, or one date of it, does not take place."""
    fields = json.loads(found.row["fields"])
    if not fields["isOrganizer"] or fields.get("isDraft") or fields.get("isCancelled"):
        return
    meeting = as_meeting(store, account, found.row, found.day)
    notice = Notice("CANCEL", meeting, int(fields.get("sequence", 0)) + 1, comment)
    _send(store, account, notice, _invited(meeting).values(), f"Canceled: {meeting.title}")


def ask_again(draft: Draft) -> None:
    """Forget the answers to a meeting that gets another time: everybody is asked anew (from memory)."""
    if draft.fields["isOrganizer"]:
        unanswered = {"response": "none", "time": NO_TIME}
        draft.fields["attendees"] = [one | {"status": unanswered} for one in draft.fields["attendees"]]


def _invited(meeting: SeedEvent) -> dict[str, SeedAttendee]:
    organizer = meeting.organizer.email.lower() if meeting.organizer else ""
    people = {guest.email.lower(): guest for guest in meeting.attendees}
    return {address: guest for address, guest in people.items() if address != organizer}


def _remember(store: Store, row: sqlite3.Row, fields: dict[str, Any]) -> None:
    """Keep what no caller sees of an event, so that it does not count as a change."""
    with store.write() as db:
        text = json.dumps(fields, ensure_ascii=False)
        db.execute("UPDATE graph_event SET fields = ? WHERE id = ?", (text, row["id"]))


# A guest's ------------------------------------------------------------------------------------------------------


def answered(store: Store, account: Account, found: Found, response: str, comment: str, proposed: Slot | None) -> None:
    """Tell the organizer what a guest said, and which other time the guest proposes."""
    meeting = as_meeting(store, account, found.row, found.day)
    assert meeting.organizer is not None
    me = SeedAttendee(account.email, account.name, REPLIES[response])
    said = replace(meeting, attendees=(me,), recurrence=())
    method: Method = "REPLY"
    if proposed is not None:
        start, end, zone = proposed
        said, method = replace(said, start=start, end=end, time_zone=zones.iana_name(zone)), "COUNTER"
    sequence = int(json.loads(found.row["fields"]).get("sequence", 0))
    prefix = _SUBJECTS[response] if method == "REPLY" else "New Time Proposed"
    _send(
        store, account, Notice(method, said, sequence, comment), [meeting.organizer], f"{prefix}: {meeting.title}", me
    )


def forwarded(store: Store, account: Account, found: Found, to: list[dict[str, Any]], comment: str) -> None:
    """Invite others to a meeting for its organizer."""
    meeting = as_meeting(store, account, found.row, found.day)
    guests = [SeedAttendee(one["emailAddress"]["address"], one["emailAddress"]["name"]) for one in to]
    sequence = int(json.loads(found.row["fields"]).get("sequence", 0))
    notice = Notice("REQUEST", replace(meeting, attendees=(*meeting.attendees, *guests)), sequence, comment)
    _send(store, account, notice, guests, f"FW: {meeting.title}", SeedAttendee(account.email, account.name))


def _send(
    store: Store,
    account: Account,
    notice: Notice,
    to: Iterable[SeedAttendee],
    subject: str,
    sender: SeedAttendee | None = None,
) -> None:
    """One mail to all of them, and its copy in Sent Items."""
    people, sender = [one for one in to if letters.mailable(one)], sender or notice.event.organizer
    if not people or sender is None:
        return
    raw = letters.write(notice, sender, people, subject, store.now(), domain="sandbox.outlook.example")
    insert(store, account, raw, State(tree.well_known(store, account, "sentitems"), store.now()))
    post.post(store, account, raw, [one.email for one in people])
