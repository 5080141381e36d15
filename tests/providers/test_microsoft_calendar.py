"""Outlook calendars over the wire: rounds, and what happens outside the window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations.errors import CursorExpired
from integrations.providers.microsoft.calendar import OutlookCalendar
from integrations.records import (
    CalendarRecord,
    CollectionRecord,
    EventRecord,
    Page,
    Service,
)
from tests.providers.graph_items import at, event, weekly
from tests.providers.graph_wire import GraphWire
from tests.providers.wire import Wire

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
WORK = CollectionRecord(Service.CALENDAR, "CAL=", "Work")
VIEW = "/me/calendars/CAL=/calendarView/delta"
WEEK = "/me/calendars/CAL=/calendarView"
EVENTS = "/me/calendars/CAL=/events"


@pytest.fixture
def graph(wire: Wire) -> Iterator[GraphWire]:
    scripted = GraphWire(wire)
    scripted.says(VIEW, {"value": [], "@odata.deltaLink": scripted.link("d1")})
    scripted.says(EVENTS, {"value": []})
    scripted.says_at("d1", {"value": [], "@odata.deltaLink": scripted.link("d2")})
    scripted.says_at("d2", {"value": [], "@odata.deltaLink": scripted.link("d2")})
    yield scripted
    scripted.check()
    assert all('outlook.timezone="UTC"' in a.headers["prefer"] for a in scripted.wire.asked)


def run(graph: GraphWire, cursor: str | None = None, *, now: datetime = NOW) -> list[Page[EventRecord]]:
    return list(OutlookCalendar(graph.session, now=lambda: now).sync(WORK, cursor))


def test_calendars_and_the_zone_of_their_owner(graph: GraphWire) -> None:
    other = {"id": "B=", "name": "Birthdays", "color": "lightRed", "hexColor": "", "canEdit": False}
    own = {"id": "A=", "name": "Calendar", "hexColor": "#0078D4", "isDefaultCalendar": True, "canEdit": True}
    graph.says("/me/calendars", {"value": [other, own]})
    graph.says("/me/mailboxSettings", {"timeZone": "Tokyo Standard Time"})
    found = OutlookCalendar(graph.session).discover()
    assert found.containers == (
        CalendarRecord("B=", "Birthdays", "Asia/Tokyo", colour="#f88c9b"),
        CalendarRecord("A=", "Calendar", "Asia/Tokyo", colour="#0078d4", primary=True, writable=True),
    )
    assert [c.id for c in found.collections] == ["A=", "B="]


def test_without_the_permission_for_settings_the_zone_is_utc(graph: GraphWire) -> None:
    graph.says("/me/calendars", {"value": [{"id": "A=", "name": "Calendar"}]})
    graph.says("/me/mailboxSettings", {"error": {"code": "ErrorAccessDenied"}}, 403)
    (calendar,) = OutlookCalendar(graph.session).discover().containers
    assert calendar == CalendarRecord("A=", "Calendar", "UTC")


def test_a_full_round_reads_the_window_first_and_then_everything(graph: GraphWire) -> None:
    graph.says(VIEW, {"value": [event("A")], "@odata.nextLink": graph.link("v2")})
    graph.says_at("v2", {"value": [event("B")], "@odata.deltaLink": graph.link("d1")})
    graph.says(EVENTS, {"value": [event("C")], "@odata.nextLink": graph.link("e2")})
    graph.says_at("e2", {"value": [weekly("M")]})
    graph.says("/me/events/M", weekly("M"))
    graph.says(WEEK, {"value": [event("NEAR"), event("A")]})

    pages = run(graph)

    (week,) = graph.asked(WEEK)
    assert (week.query["startDateTime"], week.query["endDateTime"]) == (
        ["2026-06-07T12:00:00Z"],
        ["2026-06-30T12:00:00Z"],
    )
    (asked,) = graph.asked(VIEW)
    assert asked.query == {"startDateTime": ["2025-12-01T00:00:00Z"], "endDateTime": ["2027-07-01T00:00:00Z"]}
    assert [[r.id for r in p.changed] for p in pages] == [["A", "NEAR"], ["B"], ["C"], ["M"]]
    assert [p.complete for p in pages] == [False, False, False, True]
    assert all(p.full for p in pages)
    for number, page in enumerate(pages[:-1]):
        assert run(graph, page.cursor) == pages[number + 1 :]
    (after,) = run(graph, pages[-1].cursor)
    assert (after.full, after.complete) == (False, True)


def test_a_later_run_follows_the_delta_link_and_tells_removals(graph: GraphWire) -> None:
    cursor = run(graph)[-1].cursor
    gone = {"id": "A", "@removed": {"reason": "deleted"}}
    graph.says_at("d1", {"value": [gone, event("B")], "@odata.deltaLink": graph.link("d2")})
    (page,) = run(graph, cursor)
    assert (page.removed, [r.id for r in page.changed], page.full, page.complete) == (("A",), ["B"], False, True)
    assert len(graph.asked(EVENTS)) == 1


def test_once_an_hour_changes_outside_the_window_are_asked_for(graph: GraphWire) -> None:
    cursor = run(graph)[-1].cursor
    graph.says(EVENTS, {"value": [event("FAR", start=at("2031-01-01T08:00:00"), end=at("2031-01-01T09:00:00"))]})
    delta, changed = run(graph, cursor, now=NOW + timedelta(hours=2))
    assert (delta.complete, changed.complete, delta.full, changed.full) == (False, True, False, False)
    assert [r.id for r in changed.changed] == ["FAR"]
    assert graph.asked(EVENTS)[-1].query["$filter"] == ["lastModifiedDateTime ge 2026-06-15T11:55:00Z"]
    # Cut off before, the listing is asked for again, from where it was known.
    (again,) = run(graph, delta.cursor, now=NOW + timedelta(hours=9))
    assert replace(again, cursor="") == replace(changed, cursor="")
    assert graph.asked(EVENTS)[-1].query["$filter"] == ["lastModifiedDateTime ge 2026-06-15T11:55:00Z"]
    (quiet,) = run(graph, changed.cursor, now=NOW + timedelta(hours=2, minutes=30))
    assert quiet.complete


def test_every_week_a_full_round_moves_the_window_on(graph: GraphWire) -> None:
    cursor = run(graph)[-1].cursor
    later = NOW + timedelta(days=20)
    pages = run(graph, cursor, now=later)
    assert [(p.full, p.complete) for p in pages] == [(True, False), (True, True)]
    assert graph.asked(VIEW)[-1].query["startDateTime"] == ["2026-01-01T00:00:00Z"]


def test_an_expired_position(graph: GraphWire) -> None:
    cursor = run(graph)[-1].cursor
    graph.says_at("d1", {"error": {"code": "SyncStateNotFound"}}, 410)
    with pytest.raises(CursorExpired):
        run(graph, cursor)


@pytest.mark.parametrize(
    "fields",
    [
        {"stage": "unheard-of"},
        {"started": "2026-01-01"},
        {"checked": "yesterday"},
        {"more": "than we know"},
    ],
)
def test_a_cursor_that_cannot_be_read_is_expired(graph: GraphWire, fields: dict[str, str]) -> None:
    good = {"stage": "delta", "started": "2026-06-15T12:00:00+00:00", "checked": "2026-06-15T12:00:00+00:00"}
    with pytest.raises(CursorExpired):
        run(graph, json.dumps({"v": 1, **good, **fields}))
