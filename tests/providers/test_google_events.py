"""Google's calendars and events as records."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.providers.google.calendar_event import CalendarDefaults, calendar_record, event_record, is_removal
from integrations.providers.google.calendar_times import instant
from integrations.records import Address, Answer, AttendeeRecord, CalendarRecord, EventKind, EventRecord, Showing

OSLO = CalendarDefaults("Europe/Oslo", (10,))
TIMED = {
    "id": "e1",
    "status": "confirmed",
    "start": {"dateTime": "2026-03-28T09:00:00+01:00", "timeZone": "Europe/Oslo"},
    "end": {"dateTime": "2026-03-28T10:00:00+01:00", "timeZone": "Europe/Oslo"},
}


def read(**fields: Any) -> EventRecord:
    return event_record({**TIMED, **fields}, OSLO)


def test_a_whole_series() -> None:
    record = read(
        summary="Stand-up",
        description="<b>Notes</b>",
        location="Room 1",
        recurrence=["RRULE:FREQ=WEEKLY;BYDAY=SA", "EXDATE;TZID=Europe/Oslo:20260404T090000"],
        iCalUID="u1@google.com",
        htmlLink="https://calendar.google.com/e1",
        organizer={"email": "bo@example.com", "displayName": "Bo"},
        attendees=[
            {"email": "bo@example.com", "displayName": "Bo", "organizer": True, "responseStatus": "accepted"},
            {"email": "ada@example.com", "self": True, "responseStatus": "tentative", "optional": True},
            {"email": "room@example.com", "resource": True, "responseStatus": "needsAction"},
        ],
        conferenceData={
            "entryPoints": [
                {"entryPointType": "phone", "uri": "tel:+1"},
                {"entryPointType": "video", "uri": "https://meet.google.com/abc"},
            ]
        },
        hangoutLink="https://old.example.com",
        visibility="private",
        colorId="11",
        reminders={
            "useDefault": False,
            "overrides": [{"method": "email", "minutes": 60}, {"method": "popup", "minutes": 5}],
        },
        updated="2026-03-01T08:00:00.123Z",
        etag='"1"',
    )
    assert record == EventRecord(
        id="e1",
        kind=EventKind.MASTER,
        start=datetime(2026, 3, 28, 8, tzinfo=UTC),
        end=datetime(2026, 3, 28, 9, tzinfo=UTC),
        title="Stand-up",
        time_zone="Europe/Oslo",
        raw_time_zone="Europe/Oslo",
        recurrence=("RRULE:FREQ=WEEKLY;BYDAY=SA", "EXDATE;TZID=Europe/Oslo:20260404T090000"),
        raw_recurrence="RRULE:FREQ=WEEKLY;BYDAY=SA\nEXDATE;TZID=Europe/Oslo:20260404T090000",
        ical_uid="u1@google.com",
        description="<b>Notes</b>",
        description_is_html=True,
        location="Room 1",
        meeting_url="https://meet.google.com/abc",
        web_url="https://calendar.google.com/e1",
        organizer=Address("bo@example.com", "Bo"),
        attendees=(
            AttendeeRecord("bo@example.com", "Bo", Answer.ACCEPTED, organizer=True),
            AttendeeRecord("ada@example.com", "", Answer.TENTATIVE, optional=True, me=True),
            AttendeeRecord("room@example.com", "", Answer.NONE, resource=True),
        ),
        my_answer=Answer.TENTATIVE,
        private=True,
        colour="#dc2127",
        reminders=(5, 60),
        updated=datetime(2026, 3, 1, 8, 0, 0, 123000, UTC),
        etag='"1"',
    )


def test_days_have_no_zone_and_an_exclusive_end() -> None:
    record = read(start={"date": "2026-05-16"}, end={"date": "2026-05-18"})
    assert (record.start, record.end, record.all_day) == (date(2026, 5, 16), date(2026, 5, 18), True)
    assert (record.time_zone, record.raw_time_zone, record.kind) == ("Europe/Oslo", "", EventKind.SINGLE)


def test_a_moved_instance_keeps_its_original_start() -> None:
    record = read(
        recurringEventId="m1",
        originalStartTime={"dateTime": "2026-03-30T09:00:00+02:00", "timeZone": "Europe/Oslo"},
    )
    assert (record.kind, record.series_id) == (EventKind.EXCEPTION, "m1")
    assert record.original_start == datetime(2026, 3, 30, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("original", "start", "end"),
    [
        (
            {"dateTime": "2026-03-30T09:00:00+02:00"},
            datetime(2026, 3, 30, 7, tzinfo=UTC),
            datetime(2026, 3, 30, 7, tzinfo=UTC),
        ),
        ({"date": "2026-03-30"}, date(2026, 3, 30), date(2026, 3, 31)),
    ],
)
def test_a_cancelled_instance_needs_no_more_than_google_promises(
    original: dict[str, str], start: date, end: date
) -> None:
    event = {"id": "m1_x", "status": "cancelled", "recurringEventId": "m1", "originalStartTime": original}
    assert not is_removal(event)
    record = event_record(event, OSLO)
    assert (record.kind, record.cancelled) == (EventKind.EXCEPTION, True)
    assert (record.start, record.end, record.original_start) == (start, end, start)


def test_any_other_cancelled_event_is_gone() -> None:
    assert is_removal({"id": "e", "status": "cancelled"})


def test_times_without_an_offset_are_in_their_zone() -> None:
    record = read(start={"dateTime": "2026-07-01T09:00:00", "timeZone": "America/New_York"})
    assert record.start == datetime(2026, 7, 1, 13, tzinfo=UTC)
    assert read(start={"dateTime": "2026-07-01T09:00:00"}).start == datetime(2026, 7, 1, 7, tzinfo=UTC)


def test_a_zone_nobody_knows_gives_way_to_the_calendar_s() -> None:
    record = read(start={"dateTime": "2026-07-01T09:00:00Z", "timeZone": "Mars/Olympus"})
    assert (record.time_zone, record.raw_time_zone) == ("Europe/Oslo", "Mars/Olympus")


def test_an_end_that_is_not_stated() -> None:
    record = read(endTimeUnspecified=True)
    assert record.end == record.start


@pytest.mark.parametrize(
    ("fields", "showing"),
    [
        ({}, Showing.BUSY),
        ({"transparency": "transparent"}, Showing.FREE),
        ({"status": "tentative"}, Showing.TENTATIVE),
        ({"eventType": "outOfOffice"}, Showing.OUT_OF_OFFICE),
        ({"eventType": "workingLocation", "transparency": "transparent"}, Showing.ELSEWHERE),
    ],
)
def test_how_it_shows(fields: dict[str, str], showing: Showing) -> None:
    assert read(**fields).showing is showing


def test_default_reminders_are_the_calendar_s() -> None:
    assert read(reminders={"useDefault": True}).reminders == (10,)
    assert read(reminders={"useDefault": False}).reminders == ()


def test_own_events_are_the_organizer_s() -> None:
    assert read(organizer={"email": "ada@example.com", "self": True}).my_answer is Answer.ORGANIZER


def test_plain_descriptions_stay_plain() -> None:
    assert not read(description="a < b and c > d\nhttps://example.com/<id>").description_is_html


@pytest.mark.parametrize(
    "start", [{}, {"dateTime": "soon"}, {"date": "2026-13-01"}, {"dateTime": "0001-01-01T00:00:00+01:00"}]
)
def test_unreadable_times_say_so(start: dict[str, str]) -> None:
    with pytest.raises((KeyError, ValueError, OverflowError)):
        event_record({**TIMED, "start": start, "id": "e"}, OSLO)


@given(st.integers(0, 4_000_000_000), st.timezones())
def test_every_instant_is_kept(seconds: int, zone: ZoneInfo) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert instant(moment.astimezone(zone).isoformat()) == moment


def test_calendars() -> None:
    entry = {
        "id": "ada@example.com",
        "summary": "ada@example.com",
        "summaryOverride": "Mine",
        "timeZone": "Europe/Oslo",
        "backgroundColor": "#9fe1e7",
        "accessRole": "owner",
        "primary": True,
        "selected": True,
    }
    assert calendar_record(entry) == CalendarRecord(
        "ada@example.com", "Mine", "Europe/Oslo", "#9fe1e7", primary=True, writable=True
    )
    plain = calendar_record({"id": "c", "accessRole": "reader"})
    assert (plain.name, plain.writable, plain.selected, plain.time_zone) == ("c", False, False, "UTC")
