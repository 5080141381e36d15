"""Reading calendars and events: lists, single ones, views of a window, and the instances of a series."""

from __future__ import annotations

from typing import Any

from sandbox.microsoft import zones
from sandbox.microsoft.calendar import render, store, view
from sandbox.microsoft.calendar.render import CALENDAR, EVENT
from sandbox.microsoft.calendar.view import Entry, Window
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import bad_request
from sandbox.microsoft.filters import order, paths, read
from sandbox.microsoft.matching import holds, known, ordered
from sandbox.microsoft.odata import Shape, check, listing, page, shape, top, whole

_LIST = ("$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count", "$skiptoken")


def calendars(call: Call) -> Answer:
    """GET /me/calendars."""
    check(call, *_LIST)
    made = shape(call, CALENDAR)
    rows = call.store.rows(
        "SELECT * FROM graph_calendar WHERE account = ? ORDER BY is_default DESC, id", call.account.id
    )
    items = [render.calendar(call.account, row) for row in rows]
    if "$filter" in call.query:
        node = read(call.query["$filter"])
        known(paths(node), CALENDAR)
        items = [item for item in items if holds(node, item)]
    return listing(call, "calendars", [made.cut(item) for item in items])


def calendar(call: Call, text: str | None = None) -> Answer:
    """GET /me/calendars/{id} or /me/calendar."""
    check(call, "$select", "$expand")
    item = render.calendar(call.account, store.calendar(call, text))
    return Answer(body={"@odata.context": call.context("calendars", one=True), **shape(call, CALENDAR).cut(item)})


def event(call: Call, text: str, *, calendar_id: str | None = None) -> Answer:
    """GET an event, a series, an exception or an occurrence."""
    check(call, "$select", "$expand")
    found = store.find(call, text, calendar_id)
    item = render.event(call, found.row, shape(call, EVENT), found.day)
    if call.headers.get("if-none-match") == item["@odata.etag"]:
        return Answer(304)
    return Answer(body={"@odata.context": call.context("events", one=True), **item})


def index(call: Call, text: str | None = None) -> Answer:
    """GET …/events: single events and series masters, newest first."""
    check(call, *_LIST)
    number = store.calendar(call, text)["id"]
    context = "events" if text is None else f"calendars('{text}')/events"
    made = shape(call, EVENT)
    where = "calendar = ? AND kind IN ('single', 'master')"
    if "$filter" in call.query or "$orderby" in call.query:
        rows = call.store.rows(f"SELECT * FROM graph_event WHERE {where} ORDER BY id DESC", number)
        return _chosen(call, context, [Entry(view.utc_times(row)[0], row) for row in rows], made)
    size, skip = top(call), whole(call, "$skip", 0, 0)
    sql = f"SELECT * FROM graph_event WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?"
    rows = call.store.rows(sql, number, size + 1, skip)
    total = call.store.value(f"SELECT COUNT(*) FROM graph_event WHERE {where}", number)
    items = [render.event(call, row, made) for row in rows[:size]]
    return page(call, context, items, more=len(rows) > size, size=size, total=total)


def window(call: Call) -> Window:
    """startDateTime and endDateTime of a request."""
    found = Window(zones.bound(call, "startDateTime"), zones.bound(call, "endDateTime"))
    if found.high < found.low:
        raise bad_request("endDateTime lies before startDateTime.", "ErrorInvalidParameter")
    if (found.high - found.low).days > 1825:
        raise bad_request("The window is longer than five years.", "ErrorCalendarViewRangeTooBig")
    return found


def calendar_view(call: Call, text: str | None = None) -> Answer:
    """GET …/calendarView: occurrences, exceptions and single events, by start."""
    check(call, *_LIST)
    number = store.calendar(call, text)["id"]
    context = "calendarView" if text is None else f"calendars('{text}')/calendarView"
    return _chosen(call, context, view.entries(call.store, number, window(call)), shape(call, EVENT))


def instances(call: Call, text: str) -> Answer:
    """GET /me/events/{id}/instances: the occurrences of one series."""
    check(call, *_LIST)
    row = store.find(call, text).row
    if row["kind"] != "master":
        raise bad_request("Only a series has instances.", "ErrorInvalidRequest")
    entries = view.of_series(call.store, row, window(call))
    return _chosen(call, f"events('{text}')/instances", entries, shape(call, EVENT))


def _chosen(call: Call, context: str, entries: list[Entry], made: Shape) -> Answer:
    """A page of entries. Only the page is rendered, unless a filter or an order needs all."""
    if "$filter" not in call.query and "$orderby" not in call.query:
        size, skip = top(call), whole(call, "$skip", 0, 0)
        items = [render.event(call, one.row, made, one.day) for one in entries[skip : skip + size]]
        return page(call, context, items, more=len(entries) > skip + size, size=size, total=len(entries))
    whole_shape = Shape(EVENT, expand=made.expand)
    all_items: list[dict[str, Any]] = [render.event(call, one.row, whole_shape, one.day) for one in entries]
    if "$filter" in call.query:
        node = read(call.query["$filter"])
        known(paths(node), EVENT)
        all_items = [item for item in all_items if holds(node, item)]
    if "$orderby" in call.query:
        by = order(call.query["$orderby"])
        known([path for path, _ in by], EVENT)
        all_items = ordered(all_items, by)
    return listing(call, context, [made.cut(item) for item in all_items])
