"""Keeping events: what a change, an exception or a deletion does to the rows, whoever asks for it.

Requests are read by ``edits``; invitations that arrive by mail, by ``notices``.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import date, datetime

from sandbox.accounts import Account
from sandbox.microsoft import clock, zones
from sandbox.microsoft.calendar import store as events
from sandbox.microsoft.calendar import view
from sandbox.microsoft.calendar.store import Draft, Found
from sandbox.store import Store

Pattern = tuple[str, datetime, datetime, str, bool]


def row_of(store: Store, number: int) -> sqlite3.Row:
    """An event's row as it is now."""
    row = store.row("SELECT * FROM graph_event WHERE id = ?", number)
    assert row is not None
    return row


def draft_of(row: sqlite3.Row) -> Draft:
    """A row as a draft to be changed."""
    start, end = view.times(row)
    return Draft(
        row["kind"],
        row["calendar"],
        start,
        end,
        row["zone"],
        row["uid"],
        row["subject"],
        bool(row["all_day"]),
        row["recurrence"],
        row["master"],
        row["day"],
        row["transaction_id"],
        json.loads(row["fields"]),
    )


def pattern_of(draft: Draft) -> Pattern:
    """When an event is: what makes a series another one, and a meeting one that must be answered anew."""
    return draft.recurrence, draft.start, draft.end, draft.zone, draft.all_day


def exception(store: Store, account: Account, series: sqlite3.Row, day: date) -> sqlite3.Row:
    """Make an occurrence an exception; its id stays."""
    draft = draft_of(series)
    start, end = view.times(series, day)
    draft.kind, draft.recurrence, draft.transaction = "exception", "", None
    draft.master, draft.day, draft.start, draft.end = series["id"], day.toordinal(), start, end
    return row_of(store, events.insert(store, account, draft))


def own_row(store: Store, account: Account, found: Found) -> sqlite3.Row:
    """The row of what was found; of an unchanged occurrence the exception that it becomes."""
    return found.row if found.day is None else exception(store, account, found.row, found.day)


def save(store: Store, account: Account, number: int, draft: Draft) -> None:
    """Write a changed draft into its row; a series of another pattern is noted as it was, its exceptions go."""
    there = row_of(store, number)
    if there["kind"] == "master" and pattern_of(draft) != pattern_of(draft_of(there)):
        former(store, account, there)
        with store.write() as db:
            db.execute("DELETE FROM graph_event WHERE master = ?", (number,))
    first, last = events.bounds(draft)
    with store.write() as db:
        db.execute(
            "UPDATE graph_event SET kind = ?, start = ?, finish = ?, zone = ?, all_day = ?, start_utc = ?,"
            " last_utc = ?,"
            " recurrence = ?, subject = ?, fields = ?, modified = ?, version = version + 1, changed = ? WHERE id = ?",
            (
                draft.kind,
                zones.stamp(draft.start),
                zones.stamp(draft.end),
                draft.zone,
                draft.all_day,
                first,
                last,
                draft.recurrence,
                draft.subject,
                json.dumps(draft.fields, ensure_ascii=False),
                clock.now(store),
                clock.tick(store, account),
                number,
            ),
        )


def former(store: Store, account: Account, series: sqlite3.Row) -> None:
    """Note a series' pattern for the change tracking of windows that it was in."""
    with store.write() as db:
        db.execute(
            "INSERT INTO graph_former (account, calendar, event, start, finish, zone, recurrence, seq)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account.id,
                series["calendar"],
                series["id"],
                series["start"],
                series["finish"],
                series["zone"],
                series["recurrence"],
                clock.tick(store, account),
            ),
        )


def remove(store: Store, account: Account, found: Found) -> None:
    """Take an event out of its calendar; an occurrence is cancelled in its series."""
    row = own_row(store, account, found)
    with store.write() as db:
        if row["master"] is not None:
            db.execute(
                "UPDATE graph_event SET kind = 'cancelled', changed = ? WHERE id = ?",
                (clock.tick(store, account), row["id"]),
            )
            db.execute("UPDATE graph_event SET version = version + 1 WHERE id = ?", (row["master"],))
            return
        if row["kind"] == "master":
            for number in events.children(store, row["id"]):
                clock.gone(store, account, "event", row["calendar"], row["id"], number)
            former(store, account, row)
        clock.gone(store, account, "event", row["calendar"], row["id"])
        db.execute("DELETE FROM graph_event WHERE id = ?", (row["id"],))
