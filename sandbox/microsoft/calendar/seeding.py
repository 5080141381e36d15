"""Loads a seed's calendars and events. A series that Graph cannot express is left out with its exceptions, and why."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from sandbox.accounts import Account
from sandbox.microsoft import ids, zones
from sandbox.microsoft.calendar import recurrence
from sandbox.microsoft.calendar.expand import days
from sandbox.microsoft.calendar.recurrence import Inexpressible
from sandbox.microsoft.calendar.seeded import fields
from sandbox.microsoft.calendar.store import Draft, insert
from sandbox.microsoft.calendar.view import times
from sandbox.microsoft.mail.words import clean
from sandbox.seeds import LeftOut, SeedAccount, SeedEvent
from sandbox.store import Store

COLOURS = (
    "lightBlue",
    "lightGreen",
    "lightOrange",
    "lightGray",
    "lightYellow",
    "lightTeal",
    "lightPink",
    "lightBrown",
    "lightRed",
)


def calendar(
    store: Store, account: Account, name: str, *, default: bool = False, hex_colour: str = "", writable: bool = True
) -> int:
    """The calendar of this name, made if it is not there; returns its row."""
    found = store.value("SELECT id FROM graph_calendar WHERE account = ? AND name = ?", account.id, name)
    if found is not None:
        return int(found)
    number = store.value("SELECT COUNT(*) FROM graph_calendar WHERE account = ?", account.id)
    colour = "auto" if default else COLOURS[number % len(COLOURS)]
    with store.write() as db:
        made = db.execute(
            "INSERT INTO graph_calendar (account, name, color, hex_color, is_default, can_edit)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (account.id, name, colour, hex_colour, default, writable),
        ).lastrowid
    assert made is not None
    return made


def load(store: Store, account: Account, seed: SeedAccount, left_out: LeftOut) -> None:
    """Keep the seed's calendars and events."""
    for one in seed.calendars:
        calendar(store, account, one.name, hex_colour=one.colour, writable=one.writable)
    primary = store.value("SELECT id FROM graph_calendar WHERE account = ? AND is_default", account.id)
    numbers = {
        row["name"]: row["id"] for row in store.rows("SELECT * FROM graph_calendar WHERE account = ?", account.id)
    }
    refused: set[tuple[str, str]] = set()
    for event in sorted(seed.events, key=lambda one: one.original_start is not None):
        what = f"event {event.uid} ({event.title[:40]})"
        home = numbers.get(event.calendar) if event.calendar else primary
        try:
            if home is None:
                raise Inexpressible(f"there is no calendar {event.calendar!r}")
            if event.original_start is None:
                _own(store, account, home, event)
            else:
                _exception(store, account, home, event, left_out_series=(event.calendar, event.uid) in refused)
        except zones.UnknownZone as unknown:
            left_out.add(what, f"unknown time zone {unknown}")
        except Inexpressible as reason:
            left_out.add(what, str(reason))
        else:
            continue
        if event.original_start is None:
            refused.add((event.calendar, event.uid))


def draft_of(account: Account, home: int, event: SeedEvent) -> Draft:
    """An event of a seed as it would be kept, not repeating."""
    all_day = not isinstance(event.start, datetime)
    start, end = _wall(event.start), _wall(event.end)
    if not zones.storable(start, end):
        raise Inexpressible("Exchange keeps no times before 1601 or after 4500")
    if all_day and end <= start:
        end = start + zones.DAY
    if end < start:
        raise Inexpressible("it ends before it starts")
    zone = zones.outlook_name(event.time_zone)
    uid = clean(event.uid) or ids.change_key("uid", home, hash_of(event))
    draft = Draft("single", home, start, end, zone, uid, clean(event.title), all_day=all_day)
    draft.fields = fields(account, event)
    return draft


def hash_of(event: SeedEvent) -> int:
    """A stable number for an event without a UID."""
    return sum(ord(letter) * position for position, letter in enumerate(f"{event.title}{event.start}", 1))


def _wall(moment: date) -> datetime:
    return moment.replace(microsecond=0, tzinfo=None) if isinstance(moment, datetime) else zones.midnight(moment)


def _own(store: Store, account: Account, home: int, event: SeedEvent) -> None:
    """A single event, or a series with its deleted occurrences."""
    draft, excluded = whole_of(account, home, event)
    number = insert(store, account, draft)
    for day in sorted(excluded):
        cancel(store, account, draft, number, day)


def whole_of(account: Account, home: int, event: SeedEvent) -> tuple[Draft, set[int]]:
    """A single event or a series as it would be kept, and the days that are taken out of the series."""
    draft = draft_of(account, home, event)
    rules = [line for line in event.recurrence if line.upper().startswith("RRULE")]
    other = [line for line in event.recurrence if line.upper().startswith(("RDATE", "EXRULE"))]
    if other:
        raise Inexpressible(f"Outlook has no {re.split('[;:]', other[0])[0].upper()}")
    if len(rules) > 1:
        raise Inexpressible("Outlook has one rule for a series")
    excluded: set[int] = set()
    if rules:
        draft.kind = "master"
        draft.recurrence = recurrence.from_rule(rules[0].partition(":")[2], draft.start, draft.zone)
        for line in event.recurrence:
            if line.upper().startswith("EXDATE"):
                excluded |= _excluded(line, draft)
    return draft, excluded


def _excluded(line: str, draft: Draft) -> set[int]:
    """The days of a series that an EXDATE takes out."""
    head, _, values = line.partition(":")
    named = re.search(r"TZID=\"?([^;:\"]+)", head, re.IGNORECASE)
    found = set()
    for text in values.split(","):
        try:
            moment = recurrence.wall(text.strip().upper(), draft.zone, draft.start)
            if named and not text.strip().upper().endswith("Z") and len(text.strip()) > 8:
                moment = zones.rezoned(moment, named[1], draft.zone)
        except (ValueError, OverflowError):
            continue
        if moment.time() == draft.start.time() and next(days(draft.recurrence, moment.date(), moment.date()), None):
            found.add(moment.date().toordinal())
    return found


def cancel(store: Store, account: Account, series: Draft, master: int, day: int) -> None:
    """Take an occurrence out of a series."""
    start = datetime.combine(date.fromordinal(day), series.start.time())
    end = start + (series.end - series.start)
    insert(
        store,
        account,
        Draft(
            "cancelled",
            series.calendar,
            start,
            end,
            series.zone,
            series.uid,
            series.subject,
            series.all_day,
            master=master,
            day=day,
        ),
    )


def _exception(store: Store, account: Account, home: int, event: SeedEvent, *, left_out_series: bool) -> None:
    """A changed or deleted occurrence; one whose series is nowhere stands alone, as an invitation to one date does."""
    if left_out_series:
        raise Inexpressible("its series was left out")
    series = store.row(
        "SELECT * FROM graph_event WHERE calendar = ? AND uid = ? AND kind = 'master' ORDER BY id DESC",
        home,
        clean(event.uid),
    )
    if series is None:
        if event.cancelled:
            raise Inexpressible("a deleted occurrence without its series")
        insert(store, account, draft_of(account, home, event))
        return
    assert event.original_start is not None
    original = event.original_start
    if isinstance(original, datetime):
        if not series["all_day"]:
            original = zones.rezoned(original.replace(tzinfo=None), event.time_zone, series["zone"])
        start = times(series, original.date())[0]
        if not series["all_day"] and start != original:
            raise Inexpressible("its original time is not one of the series' occurrences")
        original = original.date()
    day = original.toordinal()
    if next(days(series["recurrence"], original, original), None) is None:
        raise Inexpressible("its original time is not one of the series' occurrences")
    taken: Any = store.value("SELECT kind FROM graph_event WHERE master = ? AND day = ?", series["id"], day)
    if taken is not None:
        raise Inexpressible("its occurrence is changed or deleted already")
    if event.cancelled:
        draft = Draft("cancelled", home, *times(series, original), series["zone"], series["uid"], series["subject"])
        draft.all_day = bool(series["all_day"])
    else:
        draft = draft_of(account, home, event)
        draft.kind = "exception"
    draft.master, draft.day = series["id"], day
    insert(store, account, draft)
