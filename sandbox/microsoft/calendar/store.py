"""Events as rows: writing them, and finding calendars and events by what a request names."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.accounts import Account
from sandbox.microsoft import clock, ids, zones
from sandbox.microsoft.calendar.expand import LAST_YEAR, days, last_day
from sandbox.microsoft.calls import Call
from sandbox.microsoft.errors import malformed_id, unknown_item
from sandbox.store import Store

ENDLESS = "9999"


@dataclass(slots=True)
class Draft:
    """An event to be kept. ``start`` and ``end`` are wall clocks in ``zone``; ``recurrence`` makes it a series."""

    kind: str
    calendar: int
    start: datetime
    end: datetime
    zone: str
    uid: str
    subject: str
    all_day: bool = False
    recurrence: str = ""
    master: int | None = None
    day: int | None = None
    transaction: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)


def bounds(draft: Draft) -> tuple[str, str]:
    """First start and last end in UTC, as text."""
    start, end = zones.utc(draft.start, draft.zone), zones.utc(draft.end, draft.zone)
    if not draft.recurrence:
        return zones.stamp(start), zones.stamp(end)
    final = last_day(draft.recurrence)
    if final is None:
        return zones.stamp(start), ENDLESS
    wall = datetime.combine(final, draft.start.time()) + (draft.end - draft.start)
    return zones.stamp(start), zones.stamp(zones.utc(wall, draft.zone))


def insert(store: Store, account: Account, draft: Draft) -> int:
    """Keep a new event; returns its row."""
    start_utc, last_utc = bounds(draft)
    with store.write() as db:
        now = clock.now(store)
        made = db.execute(
            "INSERT INTO graph_event (account, calendar, kind, master, day, changed, start, finish, zone,"
            " all_day, start_utc,"
            " last_utc, recurrence, uid, transaction_id, subject, created, modified, fields)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account.id,
                draft.calendar,
                draft.kind,
                draft.master,
                draft.day,
                clock.tick(store, account),
                zones.stamp(draft.start),
                zones.stamp(draft.end),
                draft.zone,
                draft.all_day,
                start_utc,
                last_utc,
                draft.recurrence,
                draft.uid,
                draft.transaction,
                draft.subject,
                now,
                now,
                json.dumps(draft.fields, ensure_ascii=False),
            ),
        ).lastrowid
    assert made is not None
    return made


def calendar(call: Call, text: str | None) -> sqlite3.Row:
    """The calendar that a request names; the default one for None."""
    if text is None:
        row = call.store.row("SELECT * FROM graph_calendar WHERE account = ? AND is_default", call.account.id)
        assert row is not None
        return row
    ref = ids.read(call.account, text)
    if ref is None:
        raise malformed_id()
    row = call.store.row("SELECT * FROM graph_calendar WHERE id = ? AND account = ?", ref.number, call.account.id)
    if ref.kind != "calendar" or row is None:
        raise unknown_item()
    return row


@dataclass(frozen=True, slots=True)
class Found:
    """What an event id names: a row, or with ``day`` the unchanged occurrence of the series in the row."""

    row: sqlite3.Row
    day: date | None = None


def find(call: Call, text: str, calendar_id: str | None = None) -> Found:
    """The event, series, exception or occurrence that a request names."""
    ref = ids.read(call.account, text)
    if ref is None:
        raise malformed_id()
    row = call.store.row("SELECT * FROM graph_event WHERE id = ? AND account = ?", ref.number, call.account.id)
    if ref.kind != "event" or row is None or row["kind"] not in ("single", "master"):
        raise unknown_item()
    if calendar_id is not None and calendar(call, calendar_id)["id"] != row["calendar"]:
        raise unknown_item()
    if not ref.extra:
        return Found(row)
    child = call.store.row("SELECT * FROM graph_event WHERE master = ? AND day = ?", row["id"], ref.extra)
    if child is not None:
        if child["kind"] == "cancelled":
            raise unknown_item()
        return Found(child)
    day = date.fromordinal(ref.extra)
    if row["kind"] != "master" or next(days(row["recurrence"], day, day), None) is None:
        raise unknown_item()
    return Found(row, day)


def children(store: Store, master: int) -> dict[int, sqlite3.Row]:
    """The exceptions and cancelled occurrences of a series by their days."""
    return {row["day"]: row for row in store.rows("SELECT * FROM graph_event WHERE master = ? ORDER BY day", master)}


def near(row: sqlite3.Row, day: date) -> list[tuple[int, date]]:
    """The occurrence before a day of a series and the one after it, as (ordinal, day)."""
    before = None
    for found in days(row["recurrence"], date.fromordinal(max(1, day.toordinal() - 366 * 3)), day - timedelta(days=1)):
        before = found
    after = next(days(row["recurrence"], day + timedelta(days=1), date(LAST_YEAR, 1, 1)), None)
    return [(one.toordinal(), one) for one in (before, after) if one is not None]
