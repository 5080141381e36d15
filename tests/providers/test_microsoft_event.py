"""What the items of a calendar's window become."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from integrations.providers.microsoft.calendar import OutlookCalendar
from integrations.records import (
    Address,
    Answer,
    AttendeeRecord,
    CollectionRecord,
    EventKind,
    EventRecord,
    Page,
    Service,
    Showing,
)
from tests.providers.graph_items import at, event, occurrence, weekly
from tests.providers.graph_wire import GraphWire
from tests.providers.wire import Asked, Said, Wire, said_json

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
WORK = CollectionRecord(Service.CALENDAR, "CAL=", "Work")
VIEW = "/me/calendars/CAL=/calendarView/delta"
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


def in_window(graph: GraphWire, *items: dict[str, Any]) -> tuple[EventRecord, ...]:
    """The records of a round whose window holds these items."""
    graph.says(VIEW, {"value": list(items), "@odata.deltaLink": graph.link("d1")})
    return run(graph)[0].changed


def test_a_single_event_becomes_a_record(graph: GraphWire) -> None:
    (record,) = in_window(graph, event("A"))
    assert record == EventRecord(
        id="A",
        kind=EventKind.SINGLE,
        start=datetime(2026, 6, 16, 8, tzinfo=UTC),
        end=datetime(2026, 6, 16, 9, tzinfo=UTC),
        title="Review",
        time_zone="Europe/Berlin",
        raw_time_zone="W. Europe Standard Time",
        ical_uid="uid-1",
        description="<p>Bring the plan</p>",
        description_is_html=True,
        location="Room 1",
        meeting_url="https://meet.example.com/1",
        web_url="https://outlook.example.com/1",
        organizer=Address("grace@example.com", "Grace"),
        attendees=(
            AttendeeRecord("Ada@example.com", answer=Answer.ACCEPTED, me=True),
            AttendeeRecord("bob@example.com", optional=True),
        ),
        my_answer=Answer.ACCEPTED,
        showing=Showing.OUT_OF_OFFICE,
        private=True,
        reminders=(15,),
        updated=datetime(2026, 6, 1, tzinfo=UTC),
        etag='W/"E"',
    )


def test_an_event_with_nothing_in_it_becomes_a_record(graph: GraphWire) -> None:
    empty = dict.fromkeys(name for name in event("A") if not name.startswith("@"))
    kept = {"id": "A", "type": "singleInstance", "start": at("2026-06-16T08:00:00"), "end": at("2026-06-16T09:00:00")}
    (record,) = in_window(graph, {**empty, **kept})
    assert (record.title, record.time_zone, record.attendees, record.my_answer) == ("", "UTC", (), Answer.NONE)


def test_all_day_events_are_dates(graph: GraphWire) -> None:
    plain = event("A", isAllDay=True, start=at("2026-06-16T00:00:00"), end=at("2026-06-18T00:00:00"))
    # Stored by an old client as the instant of its own midnight, two hours before UTC's.
    shifted = event("B", isAllDay=True, start=at("2026-06-15T22:00:00"), end=at("2026-06-16T22:00:00"))
    nothing = event("C", isAllDay=True, start=at("2026-06-16T00:00:00"), end=at("2026-06-16T00:00:00"))
    records = in_window(graph, plain, shifted, nothing)
    assert [(r.start, r.end) for r in records] == [
        (date(2026, 6, 16), date(2026, 6, 18)),
        (date(2026, 6, 16), date(2026, 6, 17)),
        (date(2026, 6, 16), date(2026, 6, 17)),
    ]


def test_an_empty_page_of_html_is_no_description(graph: GraphWire) -> None:
    body = {"contentType": "html", "content": "<html><body>\r\n</body></html>"}
    (record,) = in_window(graph, event("A", body=body, bodyPreview=""))
    assert (record.description, record.description_is_html) == ("", False)


def test_the_uid_of_an_invitation_from_elsewhere_is_found(graph: GraphWire) -> None:
    inner = b"vCal-Uid\x01\x00\x00\x00abc@google.com\x00"
    wrapped = "040000008200E00074C5B7101A82E008" + "00" * 20 + f"{len(inner):02X}000000" + inner.hex().upper()
    (record,) = in_window(graph, event("A", iCalUId=wrapped))
    assert record.ical_uid == "abc@google.com"


def test_a_series_comes_whole_before_its_instances(graph: GraphWire) -> None:
    moved = event(
        "X",
        type="exception",
        seriesMasterId="M",
        start=at("2026-06-24T08:00:00"),
        end=at("2026-06-24T09:00:00"),
        originalStart="2026-06-23T08:00:00Z",
    )
    whole = weekly("M", cancelledOccurrences=["OID.M.2026-06-30"], exceptionOccurrences=[moved])
    graph.says("/me/events/M", whole)
    master, exception, instance = in_window(
        graph, occurrence("O1", "M", "2026-06-16"), {"id": "M", "type": "seriesMaster", "subject": "Review"}
    )
    assert (master.id, master.kind, master.lists_occurrences) == ("M", EventKind.MASTER, True)
    assert master.recurrence == ("RRULE:FREQ=WEEKLY;BYDAY=TU;WKST=MO", "EXDATE:20260630T080000Z")
    assert '"daysOfWeek":["tuesday"]' in master.raw_recurrence
    assert (exception.kind, exception.series_id) == (EventKind.EXCEPTION, "M")
    assert exception.original_start == datetime(2026, 6, 23, 8, tzinfo=UTC)
    assert instance == EventRecord(
        id="O1",
        kind=EventKind.OCCURRENCE,
        start=datetime(2026, 6, 16, 8, tzinfo=UTC),
        end=datetime(2026, 6, 16, 9, tzinfo=UTC),
        time_zone="Europe/Berlin",
        raw_time_zone="W. Europe Standard Time",
        series_id="M",
        original_start=datetime(2026, 6, 16, 8, tzinfo=UTC),
    )
    assert len(graph.asked("/me/events/M")) == 1


def test_instances_of_an_all_day_series_are_dates_though_they_do_not_say_so(graph: GraphWire) -> None:
    days = {"isAllDay": True, "start": at("2026-06-16T00:00:00"), "end": at("2026-06-17T00:00:00")}
    graph.says("/me/events/M", weekly("M", **days, cancelledOccurrences=["OID.M.2026-06-30"]))
    instance = occurrence("O", "M", "2026-06-23", start=at("2026-06-23T00:00:00"), end=at("2026-06-24T00:00:00"))
    master, record = in_window(graph, instance)
    assert master.recurrence[1] == "EXDATE;VALUE=DATE:20260630"
    assert (record.start, record.end, record.original_start) == (
        date(2026, 6, 23),
        date(2026, 6, 24),
        date(2026, 6, 23),
    )


def test_a_series_with_pages_of_exceptions(graph: GraphWire) -> None:
    first = {"id": "X1", "originalStart": "2026-06-23T08:00:00Z", **ends("2026-06-24")}
    second = {"id": "X2", "originalStart": "2026-06-30T08:00:00Z", **ends("2026-07-01")}
    more = {"exceptionOccurrences": [first], "exceptionOccurrences@odata.nextLink": graph.link("exceptions")}
    graph.says("/me/events/M", weekly("M", **more))
    graph.says_at("exceptions", {"value": [second]})
    records = in_window(graph, {"id": "M", "type": "seriesMaster"})
    assert [(r.id, r.kind, r.series_id) for r in records[1:]] == [
        ("X1", EventKind.EXCEPTION, "M"),
        ("X2", EventKind.EXCEPTION, "M"),
    ]


def ends(day: str) -> dict[str, Any]:
    return {"start": at(f"{day}T08:00:00"), "end": at(f"{day}T09:00:00")}


def test_a_series_whose_exceptions_are_refused_comes_alone(graph: GraphWire) -> None:
    def refuse_expansion(asked: Asked) -> Said:
        parts = json.loads(asked.body)["requests"] if asked.path.endswith("$batch") else []
        if any("expand" in part["url"] for part in parts):
            refusal = {"error": {"code": "ErrorInvalidProperty", "message": "m"}}
            return said_json({"responses": [{"id": part["id"], "status": 400, "body": refusal} for part in parts]})
        return scripted(asked)

    scripted, graph.wire.answer = graph.wire.answer, refuse_expansion
    graph.says("/me/events/M", weekly("M"))
    (master,) = in_window(graph, {"id": "M", "type": "seriesMaster"})
    assert (master.id, master.title) == ("M", "Review")


def test_thin_events_are_fetched_and_gone_ones_left_out(graph: GraphWire) -> None:
    graph.says("/me/events/A", event("A", subject="Moved"))
    records = in_window(graph, {"id": "A", "start": at("2026-06-16T08:00:00")}, {"id": "B", "subject": "Gone"})
    assert [(r.id, r.title) for r in records] == [("A", "Moved")]


def test_a_thin_instance_may_turn_out_to_be_an_exception(graph: GraphWire) -> None:
    moved = {"type": "exception", "seriesMasterId": "M", "originalStart": "2026-06-16T08:00:00Z"}
    graph.says("/me/events/X", event("X", **moved))
    graph.says("/me/events/M", weekly("M"))
    master, exception = in_window(graph, {"id": "X", "seriesMasterId": "M", "subject": "Review"})
    assert (master.kind, exception.kind, exception.title) == (EventKind.MASTER, EventKind.EXCEPTION, "Review")


def test_a_series_in_a_custom_zone_repeats_in_the_zone_of_its_range(graph: GraphWire) -> None:
    graph.says("/me/events/M", weekly("M", originalStartTimeZone="tzone://Microsoft/Custom"))
    (master,) = in_window(graph, {"id": "M", "type": "seriesMaster"})
    assert (master.time_zone, master.raw_time_zone) == ("Europe/Berlin", "tzone://Microsoft/Custom")
