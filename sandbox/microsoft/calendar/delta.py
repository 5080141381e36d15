"""calendarView/delta: change tracking of a window of one calendar ("event: delta").

The window is fixed in the token. A round gives masters whole, their unchanged occurrences thin, exceptions and
single events whole; an occurrence that is gone is told as removed. Options other than the window are refused, as the
page says.
"""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import Any

from sandbox.microsoft import cursors, ids, odata
from sandbox.microsoft.calendar import events, render, store, view
from sandbox.microsoft.calendar.render import EVENT
from sandbox.microsoft.calendar.view import Window
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.cursors import Cursor
from sandbox.microsoft.delta import left, removed
from sandbox.microsoft.odata import Shape

Item = dict[str, Any]


def changes(call: Call, text: str | None = None) -> Answer:
    """One page of a round."""
    odata.check(call, "$skiptoken", "$deltatoken")
    number = store.calendar(call, text)["id"]
    path = "me/calendarView/delta" if text is None else f"me/calendars('{text}')/calendarView/delta"
    cursor = cursors.resume(call, "event", number, path)
    if cursor is None:
        events.window(call)
        cursor = cursors.begin(call, "event", number, "startDateTime", "endDateTime")
    call.query = {**call.query, **cursor.options}
    size = odata.top(call)
    tell = _walk if cursor.mark is not None else _changed
    items, more = tell(call, cursor, events.window(call), size)
    body: Item = {"@odata.context": call.context("calendarView"), "value": items}
    if more:
        body["@odata.nextLink"] = cursors.next_link(call, path, cursor)
    else:
        body["@odata.deltaLink"] = cursors.delta_link(call, path, cursor)
    return Answer(body=body)


def _whole(call: Call, row: sqlite3.Row) -> Item:
    return {"@odata.type": "#microsoft.graph.event", **render.event(call, row, Shape(EVENT))}


def _unit(call: Call, row: sqlite3.Row, window: Window) -> list[Item]:
    """A single event, or a series with all it has in the window; nothing where that is nothing."""
    if row["kind"] == "single":
        return [_whole(call, row)] if view.within(row, window) else []
    found = view.of_series(call.store, row, window)
    told = [render.thin(call, row, one.day) if one.day else _whole(call, one.row) for one in found]
    return [_whole(call, row), *told] if told else []


def _walk(call: Call, cursor: Cursor, window: Window, size: int) -> tuple[list[Item], bool]:
    """The next items of the window in the order of their rows; a long series may go over several pages."""
    items: list[Item] = []
    last = cursor.last[0] if cursor.last else 0
    while rows := view.overlapping(call.store, cursor.container, window, *_UNITS, after=last, limit=size):
        for row in rows:
            told = _unit(call, row, window)[cursor.offset :]
            room = size - len(items)
            items += told[:room]
            if len(told) > room:
                cursor.offset += room
                cursor.last = [last]
                return items, True
            last, cursor.offset = row["id"], 0
    assert cursor.mark is not None
    cursor.after, cursor.mark, cursor.last = cursor.mark, None, []
    return items, False


_UNITS = ("single", "master")


def _changed(call: Call, cursor: Cursor, window: Window, size: int) -> tuple[list[Item], bool]:
    """The next changes in their order."""
    items: list[Item] = []
    for number, told in _log(call, cursor, window, size + 1):
        rest = told[cursor.offset :]
        room = size - len(items)
        items += rest[:room]
        if len(rest) > room:
            cursor.offset += room
            return items, True
        cursor.after, cursor.offset = number, 0
    return items, bool(_log(call, cursor, window, 1))


def _log(call: Call, cursor: Cursor, window: Window, limit: int) -> list[tuple[int, list[Item]]]:
    """Up to ``limit`` changes after the cursor with what each has to tell."""
    calendar, after = cursor.container, cursor.after
    sql = "SELECT * FROM graph_event WHERE calendar = ? AND changed > ? ORDER BY changed LIMIT ?"
    log = [(row["changed"], _change(call, row, window)) for row in call.store.rows(sql, calendar, after, limit)]
    sql = "SELECT * FROM graph_former WHERE calendar = ? AND seq > ? ORDER BY seq LIMIT ?"
    log += [(row["seq"], _no_longer(call, row, window)) for row in call.store.rows(sql, calendar, after, limit)]
    log += [(row["seq"], [removed(call, row)]) for row in left(call, "event", calendar, after, limit)]
    return sorted(log, key=lambda one: one[0])[:limit]


def _change(call: Call, row: sqlite3.Row, window: Window) -> list[Item]:
    if row["kind"] in _UNITS:
        return _unit(call, row, window) or [_removed(call, row)]
    master = call.store.row("SELECT * FROM graph_event WHERE id = ?", row["master"])
    assert master is not None
    shows = row["kind"] == "exception" and view.within(row, window)
    return [_whole(call, master), _whole(call, row) if shows else _removed(call, row)]


def _removed(call: Call, row: sqlite3.Row) -> Item:
    return {"id": render.identifier(call, row), "@removed": {"reason": "deleted"}}


def _no_longer(call: Call, former: sqlite3.Row, window: Window) -> list[Item]:
    """Occurrences that a series had in the window before it changed and has no longer."""
    row = call.store.row("SELECT * FROM graph_event WHERE id = ?", former["event"])
    had = {day for day, _ in view.occurrences(former, window)}
    has: set[date] = set()
    if row is not None and row["kind"] == "master":
        known = store.children(call.store, row["id"])
        has = {day for day, _ in view.occurrences(row, window)} | {date.fromordinal(number) for number in known}
    numbers = sorted(day.toordinal() for day in had - has)
    names = [ids.make(call.account, "event", former["event"], number, immutable=call.immutable) for number in numbers]
    return [{"id": name, "@removed": {"reason": "deleted"}} for name in names]
