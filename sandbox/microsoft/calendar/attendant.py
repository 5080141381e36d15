"""The calendar's attendant: what an invitation, a cancellation or an answer that arrives by mail does to the calendar.

An invitation comes as a tentative event that waits for an answer; a cancelled one stays, named so, until its owner
removes it; an answer comes into the organizer's event (MS-OXOCAL; Graph's pages only show the outcome).
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sandbox.accounts import Account
from sandbox.meetings import arrived
from sandbox.meetings.letters import Notice
from sandbox.microsoft import clock, zones
from sandbox.microsoft.calendar import keeping, seeding
from sandbox.microsoft.calendar import store as events
from sandbox.microsoft.calendar.expand import days
from sandbox.microsoft.calendar.notices import NO_TIME, REPLIES
from sandbox.microsoft.calendar.recurrence import Inexpressible
from sandbox.microsoft.calendar.store import Draft, Found
from sandbox.seeds import SeedEvent
from sandbox.store import Store

_STATES = {ours: theirs for theirs, ours in REPLIES.items()}
_OWN = ("categories", "isReminderOn", "reminderMinutesBeforeStart", "extended", "hasAttachments")
_ANSWER = ("showAs", "responseStatus")


def take(store: Store, account: Account, raw: bytes) -> None:
    """Do to the calendar what a mail that arrived asks for. Call it inside ``store.write()``."""
    sender, found = arrived.notices(raw, account.time_zone)
    for notice in found:
        if notice.method in ("REPLY", "COUNTER"):
            _heard(store, account, sender, notice)
        elif notice.method == "REQUEST":
            _invited(store, account, sender, notice)
        else:
            _called_off(store, account, sender, notice)


def _whole(store: Store, account: Account, uid: str) -> sqlite3.Row | None:
    """The account's single event or series with that UID."""
    sql = "SELECT * FROM graph_event WHERE account = ? AND uid = ? AND kind IN ('single', 'master') ORDER BY id"
    return store.row(sql, account.id, uid)


def _meant(store: Store, account: Account, meeting: SeedEvent) -> Found | None:
    """What a notice is about: an event, a series, or one date of it that is still there."""
    row = _whole(store, account, meeting.uid)
    if row is None or meeting.original_start is None or row["kind"] == "single":
        return None if row is None else Found(row)
    day = _day(row, meeting)
    child = events.children(store, row["id"]).get(day.toordinal())
    if child is not None:
        return None if child["kind"] == "cancelled" else Found(child)
    return Found(row, day) if next(days(row["recurrence"], day, day), None) else None


def _day(series: sqlite3.Row, meeting: SeedEvent) -> date:
    """The original date of an occurrence in its series' zone."""
    original = meeting.original_start
    assert original is not None
    if not isinstance(original, datetime):
        return original
    return zones.rezoned(original, meeting.time_zone, series["zone"]).date()


def _heard(store: Store, account: Account, sender: str, notice: Notice) -> None:
    """A guest's answer, and the other time that the guest may propose."""
    guest = next(iter(notice.event.attendees), None)
    found = _meant(store, account, notice.event)
    if found is None or guest is None or guest.email.lower() != sender or guest.reply not in _STATES:
        return
    fields = json.loads(found.row["fields"])
    listed = [one["emailAddress"]["address"].lower() for one in fields["attendees"]]
    if not fields["isOrganizer"] or sender not in listed:
        return
    said: dict[str, Any] = {"status": {"response": _STATES[guest.reply], "time": clock.now(store)}}
    if notice.method == "COUNTER":
        said["proposedNewTime"] = _proposed(notice.event)
    draft = keeping.draft_of(row := keeping.own_row(store, account, found))
    draft.fields["attendees"] = [
        one | said if address == sender else one for address, one in zip(listed, fields["attendees"], strict=True)
    ]
    keeping.save(store, account, row["id"], draft)


def _proposed(meeting: SeedEvent) -> dict[str, Any]:
    shown = {}
    for name, value in (("start", meeting.start), ("end", meeting.end)):
        wall = value if isinstance(value, datetime) else zones.midnight(value)
        shown[name] = zones.shown(wall, meeting.time_zone, "UTC", all_day=False)
    return shown


def _called_off(store: Store, account: Account, sender: str, notice: Notice) -> None:
    found = _meant(store, account, notice.event)
    if found is None or not _from_organizer(found.row, sender, notice):
        return
    draft = keeping.draft_of(row := keeping.own_row(store, account, found))
    if not draft.fields.get("isCancelled"):
        draft.subject = f"Canceled: {draft.subject}"
        draft.fields |= {"isCancelled": True, "showAs": "free", "isReminderOn": False, "sequence": notice.sequence}
        keeping.save(store, account, row["id"], draft)


def _from_organizer(row: sqlite3.Row, sender: str, notice: Notice) -> bool:
    """Whether a notice comes from whom the event is of, and is not older than what is known."""
    fields = json.loads(row["fields"])
    known = fields["organizer"]["emailAddress"]["address"].lower()
    return not fields["isOrganizer"] and known == sender and int(fields.get("sequence", 0)) <= notice.sequence


def _invited(store: Store, account: Account, sender: str, notice: Notice) -> None:
    meeting, mine = notice.event, account.email.lower()
    assert meeting.organizer is not None
    if meeting.organizer.email.lower() == mine:
        return
    found = _meant(store, account, meeting)
    if found is not None and not _from_organizer(found.row, sender, notice):
        return
    if found is None and not any(guest.email.lower() == mine for guest in meeting.attendees):
        return
    try:
        if found is None:
            _add(store, account, notice)
        else:
            _change(store, account, notice, found)
    except (Inexpressible, zones.UnknownZone):
        return  # the mail is there; the calendar has no words for the event


def _home(store: Store, account: Account) -> int:
    return int(store.value("SELECT id FROM graph_calendar WHERE account = ? AND is_default", account.id))


def _add(store: Store, account: Account, notice: Notice) -> None:
    """A new event; one date of a series that was never sent stands alone."""
    alone = replace(notice.event, original_start=None, cancelled=False)
    draft, excluded = seeding.whole_of(account, _home(store, account), alone)
    draft.fields |= _waiting() | {"isReminderOn": True, "sequence": notice.sequence}
    number = events.insert(store, account, draft)
    for day in sorted(excluded):
        seeding.cancel(store, account, draft, number, day)


def _waiting() -> dict[str, Any]:
    return {"showAs": "tentative", "responseStatus": {"response": "notResponded", "time": NO_TIME}}


def _change(store: Store, account: Account, notice: Notice, found: Found) -> None:
    """An event as its organizer has it now. What is the guest's own stays; another time must be answered anew."""
    row = keeping.own_row(store, account, found)
    there = keeping.draft_of(row)
    excluded: set[int] = set()
    if row["master"] is None:
        draft, excluded = seeding.whole_of(account, row["calendar"], replace(notice.event, original_start=None))
    else:
        draft = seeding.draft_of(account, row["calendar"], notice.event)
        draft.kind, draft.master, draft.day = "exception", row["master"], row["day"]
    moved = _span(draft) != _span(there)
    draft.fields = there.fields | draft.fields | {"isCancelled": False, "sequence": notice.sequence}
    draft.fields |= {name: there.fields[name] for name in _OWN if name in there.fields}
    draft.fields |= _waiting() if moved else {name: there.fields[name] for name in _ANSWER}
    keeping.save(store, account, row["id"], draft)
    known = events.children(store, row["id"])
    for day in sorted(excluded - known.keys()):
        seeding.cancel(store, account, draft, row["id"], day)


def _span(draft: Draft) -> tuple[datetime, datetime, str]:
    return zones.utc(draft.start, draft.zone), zones.utc(draft.end, draft.zone), draft.recurrence
