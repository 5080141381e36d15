"""Following a calendar at a scripted Google: cursors, what a page comes to, and what is too old."""

from __future__ import annotations

import pytest

from integrations.errors import CursorExpired
from integrations.providers.base import Session
from integrations.providers.google.provider import provider
from integrations.records import CollectionRecord, EventRecord, Page, Service
from tests.providers.wire import Asked, Said, Wire, said_json

CALENDAR = CollectionRecord(Service.CALENDAR, "ada@example.com", "Ada")


def ids(page: Page[EventRecord]) -> list[str]:
    return [event.id for event in page.changed]


def event_pages(session: Session, cursor: str | None) -> list[Page[EventRecord]]:
    return list(provider.calendar(session).sync(CALENDAR, cursor))


def test_a_calendar_is_walked_and_then_followed(wire: Wire, session: Session) -> None:
    day = {"start": {"date": "2026-01-01"}, "end": {"date": "2026-01-02"}}
    asked_for: list[dict[str, list[str]]] = []

    def answer(asked: Asked) -> Said:
        assert asked.path == "/calendars/ada%40example.com/events"
        asked_for.append({k: v for k, v in asked.query.items() if k in ("pageToken", "syncToken", "singleEvents")})
        if "timeMin" in asked.query:
            assert asked.query["timeMin"] < asked.query["timeMax"]
            return said_json({"items": [{"id": "near", **day}, {"id": "a", **day}]})
        if "syncToken" in asked.query:
            gap = {"recurringEventId": "s", "originalStartTime": {"date": "2026-01-08"}}
            items = [{"id": "a", "status": "cancelled"}, {"id": "s_1", "status": "cancelled", **gap}]
            return said_json({"items": items, "nextSyncToken": "sync-2"})
        if "pageToken" in asked.query:
            return said_json({"items": [{"id": "b", **day}], "nextSyncToken": "sync-1"})
        return said_json({"items": [{"id": "a", **day}, {"id": "broken", "start": {}}], "nextPageToken": "p2"})

    wire.answer = answer
    first, last = event_pages(session, None)
    assert (ids(first), first.full, first.complete) == (["a", "near"], True, False)
    assert (ids(last), last.full, last.complete) == (["b"], True, True)
    assert event_pages(session, first.cursor) == [last]
    (after,) = event_pages(session, last.cursor)
    assert (ids(after), after.removed, after.full, after.complete) == (["s_1"], ("a",), False, True)
    assert after.changed[0].cancelled
    plain = ["false"]
    assert asked_for == [
        {"singleEvents": plain},
        {"singleEvents": plain},
        {"singleEvents": plain, "pageToken": ["p2"]},
        {"singleEvents": plain, "pageToken": ["p2"]},
        {"singleEvents": plain, "syncToken": ["sync-1"]},
    ]


@pytest.mark.parametrize("reason", ["fullSyncRequired", "updatedMinTooLongAgo", "somethingNew"])
def test_a_calendar_s_cursor_can_be_too_old(wire: Wire, session: Session, reason: str) -> None:
    wire.answer = lambda asked: said_json({"nextSyncToken": "sync-1"})
    cursor = event_pages(session, None)[-1].cursor
    wire.answer = lambda asked: said_json({"error": {"code": 410, "errors": [{"reason": reason}]}}, 410)
    with pytest.raises(CursorExpired):
        event_pages(session, cursor)


def test_calendars_are_discovered_page_by_page(wire: Wire, session: Session) -> None:
    def answer(asked: Asked) -> Said:
        if "pageToken" in asked.query:
            return said_json({"items": [{"id": "c", "deleted": True}, {"id": "d", "selected": True}]})
        return said_json({"items": [{"id": "a", "primary": True}, {"id": "b"}], "nextPageToken": "p2"})

    wire.answer = answer
    found = provider.calendar(session).discover()
    assert [c.id for c in found.containers] == ["a", "b", "d"]
    assert [(c.id, c.priority) for c in found.collections] == [("a", 10), ("b", 100), ("d", 50)]
