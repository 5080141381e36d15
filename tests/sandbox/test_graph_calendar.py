"""Reading calendars from the sandbox's Graph: times and zones, series, views and their change tracking."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from sandbox import microsoft
from sandbox.seeds import SeedAttendee, SeedCalendar, SeedEvent
from tests.sandbox.graph_client import Graph
from tests.sandbox.graph_seeds import BO, EVA, IMMUTABLE, JUNE, graph

WALL = datetime(2026, 6, 1, 9)  # noqa: DTZ001 (a wall clock); a Monday
BERLIN = "Europe/Berlin"
DELTA = "me/calendarView/delta"


def _at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute)  # noqa: DTZ001 (a wall clock)


def _series(*lines: str, **more: Any) -> SeedEvent:
    rule = ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE", *lines)
    return SeedEvent("standup", "Standup", WALL, _at(1, 9, 30), BERLIN, recurrence=rule, **more)


def _moved(**more: Any) -> SeedEvent:
    return SeedEvent("standup", "Moved", _at(8, 11), _at(8, 11, 30), BERLIN, original_start=_at(8), **more)


def _view(g: Graph, **more: Any) -> list[Any]:
    return [item for page in g.pages("me/calendarView", **JUNE, **more) for item in page["value"]]


def test_times_come_in_utc_or_in_the_preferred_zone_with_the_original_zones_name() -> None:
    g = graph([], [SeedEvent("one", "Talk", _at(15, 12), _at(15, 13), BERLIN)])
    [item] = g.get("me/events")["value"]
    assert item["start"] == {"dateTime": "2026-06-15T10:00:00.0000000", "timeZone": "UTC"}
    assert item["originalStartTimeZone"] == "W. Europe Standard Time" and item["type"] == "singleInstance"
    answer = g.call("GET", "me/events", prefer='outlook.timezone="Pacific Standard Time"')
    assert answer.json["value"][0]["start"]["dateTime"] == "2026-06-15T03:00:00.0000000"
    assert 'outlook.timezone="Pacific Standard Time"' in answer.headers["preference-applied"]
    assert g.call("GET", "me/events", prefer='outlook.timezone="Mars"').code == "ErrorInvalidTimeZone"


def test_all_day_events_stand_at_midnight_in_every_zone() -> None:
    g = graph([], [SeedEvent("trip", "Trip", date(2026, 6, 10), date(2026, 6, 12), BERLIN)])
    for prefer in ("", 'outlook.timezone="Tokyo Standard Time"'):
        [item] = g.get("me/events", prefer)["value"]
        assert item["isAllDay"] and item["start"]["dateTime"] == "2026-06-10T00:00:00.0000000"
        assert item["end"]["dateTime"] == "2026-06-12T00:00:00.0000000"


def test_people_places_and_answers() -> None:
    organizer = SeedAttendee(EVA, "Eva Ek")
    guests = (organizer, SeedAttendee(BO, "Bo Berg", "tentative"), SeedAttendee("room@x.example", resource=True))
    event = SeedEvent(
        "m-1",
        "Meeting",
        _at(3),
        _at(3, 10),
        BERLIN,
        description="Agenda\nPoint",
        location="Room 4",
        organizer=organizer,
        attendees=guests,
        meeting_url="https://teams.microsoft.com/l/1",
        showing="out_of_office",
        private=True,
        reminders=(30,),
    )
    [item] = graph([], [event]).get("me/events")["value"]
    assert not item["isOrganizer"] and item["responseStatus"]["response"] == "tentativelyAccepted"
    assert [one["type"] for one in item["attendees"]] == ["required", "required", "resource"]
    assert (item["showAs"], item["sensitivity"], item["reminderMinutesBeforeStart"]) == ("oof", "private", 30)
    assert item["location"]["displayName"] == "Room 4" and item["onlineMeeting"]["joinUrl"].endswith("/l/1")
    assert item["body"]["contentType"] == "html" and "Agenda<br>" in item["body"]["content"]
    assert item["iCalUId"] == item["uid"] == "m-1"


def test_a_master_shows_its_exceptions_and_cancelled_occurrences_when_asked() -> None:
    g = graph([], [_series("EXDATE;TZID=Europe/Berlin:20260603T090000"), _moved()])
    [master] = g.get("me/events", select="type,recurrence,cancelledOccurrences", expand="exceptionOccurrences")["value"]
    assert master["recurrence"]["pattern"]["daysOfWeek"] == ["monday", "wednesday"]
    assert master["cancelledOccurrences"] == [f"OID.{master['id']}.2026-06-03"]
    [exception] = master["exceptionOccurrences"]
    assert (exception["subject"], exception["type"], exception["seriesMasterId"]) == (
        "Moved",
        "exception",
        master["id"],
    )
    assert exception["originalStart"] == "2026-06-08T07:00:00Z"
    assert "cancelledOccurrences" not in g.get(f"me/events/{master['id']}")
    assert microsoft.counts(g.store, g.account())["events"] == 2


def test_a_view_holds_occurrences_exceptions_and_singles_by_start() -> None:
    g = graph(
        [], [_series("EXDATE:20260603T070000Z"), _moved(), SeedEvent("x", "Lunch", _at(8, 12), _at(8, 13), BERLIN)]
    )
    shown = _view(g, top=3)
    assert [one["subject"] for one in shown[:4]] == ["Standup", "Moved", "Lunch", "Standup"]
    assert {one["type"] for one in shown} == {"occurrence", "exception", "singleInstance"}
    assert len(shown) == 9 and "2026-06-03" not in str([one["start"] for one in shown])
    occurrence = g.get(f"me/events/{shown[0]['id']}")
    assert occurrence["type"] == "occurrence" and occurrence["start"]["dateTime"].startswith("2026-06-01T07:00")
    assert len({one["iCalUId"] for one in shown}) == len(shown)


def test_a_series_keeps_its_wall_clock_over_the_change_to_winter_time() -> None:
    g = graph([], [_series()])
    window = {"startDateTime": "2026-10-19T00:00:00Z", "endDateTime": "2026-11-01T00:00:00Z"}
    starts = [one["start"]["dateTime"][:16] for one in g.get("me/calendarView", **window)["value"]]
    assert starts == ["2026-10-19T07:00", "2026-10-21T07:00", "2026-10-26T08:00", "2026-10-28T08:00"]


def test_a_view_is_filtered_and_ordered() -> None:
    g = graph([], [_series(), _moved()])
    ordered = _view(g, orderby="start/dateTime desc", filter="subject eq 'Standup'", top=50)
    starts = [one["start"]["dateTime"] for one in ordered]
    assert starts == sorted(starts, reverse=True) and len(starts) == 8


def test_events_are_filtered_by_when_they_changed() -> None:
    g = graph([], [_series(), SeedEvent("x", "Lunch", _at(8, 12), _at(8, 13), BERLIN)])
    found = g.get("me/events", filter="lastModifiedDateTime ge 2020-01-01T00:00:00Z and subject eq 'Lunch'")
    assert [one["subject"] for one in found["value"]] == ["Lunch"]
    assert g.get("me/events", filter="lastModifiedDateTime ge 2999-01-01T00:00:00Z")["value"] == []
    assert [e["subject"] for e in g.get("me/events", filter="start/dateTime ge '2026-06-05T00:00'")["value"]] == [
        "Lunch"
    ]


def test_instances_of_a_series() -> None:
    g = graph([], [_series(), _moved()])
    [master] = g.get("me/events")["value"]
    found = g.get(f"me/events/{master['id']}/instances", top=50, **JUNE)["value"]
    assert len(found) == 9 and all(one["seriesMasterId"] == master["id"] for one in found)


def test_a_window_is_required_and_bounded() -> None:
    g = graph()
    for query in ({}, {"startDateTime": "2026-06-01"}, {"startDateTime": "x", "endDateTime": "2026-06-01"}):
        assert g.call("GET", "me/calendarView", query).code == "ErrorInvalidParameter"
    long = {"startDateTime": "2000-01-01", "endDateTime": "2026-01-01"}
    assert g.call("GET", "me/calendarView", long).code == "ErrorCalendarViewRangeTooBig"


def test_a_round_of_a_window_gives_masters_thin_occurrences_exceptions_and_singles() -> None:
    g = graph(
        [], [_series("EXDATE:20260603T070000Z"), _moved(), SeedEvent("x", "Lunch", _at(8, 12), _at(8, 13), BERLIN)]
    )
    pages = list(g.pages(DELTA, "odata.maxpagesize=4", **JUNE))
    items = [item for page in pages for item in page["value"]]
    assert [len(page["value"]) for page in pages] == [4, 4, 2]
    kinds = [one["type"] for one in items]
    assert (kinds.count("seriesMaster"), kinds.count("exception"), kinds.count("singleInstance")) == (1, 1, 1)
    thin = next(one for one in items if one["type"] == "occurrence")
    assert set(thin) == {"@odata.type", "id", "seriesMasterId", "type", "start", "end"}
    assert items[0]["type"] == "seriesMaster" and "recurrence" in items[0]
    assert g.round(pages[-1]["@odata.deltaLink"])[0] == []


def test_rounds_tell_what_changed_in_a_window() -> None:
    g = graph([], [_series(), SeedEvent("x", "Lunch", _at(8, 12), _at(8, 13), BERLIN)])
    items, link = g.round(DELTA, IMMUTABLE, **JUNE)
    ids = {one["start"]["dateTime"][:10]: one["id"] for one in items if one["type"] == "occurrence"}
    master = next(one["id"] for one in items if one["type"] == "seriesMaster")
    single = next(one["id"] for one in items if one["type"] == "singleInstance")
    g.patch(f"me/events/{ids['2026-06-10']}", {"subject": "Demo"})
    g.call("DELETE", f"me/events/{ids['2026-06-15']}")
    g.call("DELETE", f"me/events/{single}")
    told, link = g.round(link, IMMUTABLE)
    by_id = {one["id"]: one for one in told}
    assert by_id[ids["2026-06-10"]]["type"] == "exception" and by_id[ids["2026-06-10"]]["subject"] == "Demo"
    assert "@removed" in by_id[ids["2026-06-15"]] and "@removed" in by_id[single]
    assert by_id[master]["type"] == "seriesMaster" and len(by_id) == 4
    gone = g.get(f"me/events/{master}", IMMUTABLE, select="cancelledOccurrences")["cancelledOccurrences"]
    assert gone == [f"OID.{master}.2026-06-15"]
    assert g.round(link, IMMUTABLE)[0] == []


def test_a_shortened_series_tells_the_occurrences_it_lost() -> None:
    g = graph([], [_series()])
    items, link = g.round(DELTA, **JUNE)
    master = next(one for one in items if one["type"] == "seriesMaster")
    shorter = master["recurrence"]
    shorter["range"] |= {"type": "endDate", "endDate": "2026-06-10"}
    g.patch(f"me/events/{master['id']}", {"recurrence": shorter})
    told, link = g.round(link)
    lost = {one["id"] for one in items if one["type"] == "occurrence" and one["start"]["dateTime"] > "2026-06-11"}
    assert {one["id"] for one in told if "@removed" in one} == lost and len(lost) == 5
    g.call("DELETE", f"me/events/{master['id']}")
    told, link = g.round(link)
    assert all("@removed" in one for one in told) and master["id"] in {one["id"] for one in told}
    assert len(told) == 5 and g.round(link)[0] == []


@pytest.mark.parametrize("option", ["$select", "$expand", "$filter", "$orderby", "$search", "$top"])
def test_change_tracking_of_events_refuses_options(option: str) -> None:
    assert graph().call("GET", DELTA, {**JUNE, option: "id"}).status == 400


def test_an_expired_window_says_where_to_start_again() -> None:
    g = graph([], [_series()])
    _, link = g.round(DELTA, **JUNE)
    microsoft.expire_cursors(g.store)
    gone = g.call("GET", link)
    assert (gone.status, gone.code) == (410, "syncStateNotFound")
    assert len(g.round(gone.headers["location"])[0]) == 10


def test_every_calendar_has_views_and_rounds_of_its_own() -> None:
    event = SeedEvent("x", "Lunch", _at(8, 12), _at(8, 13), BERLIN, calendar="Family")
    g = graph([], [event], calendars=(SeedCalendar("Family", BERLIN), SeedCalendar("Holidays", writable=False)))
    shown = {one["name"]: one for one in g.get("me/calendars")["value"]}
    assert shown["Calendar"]["isDefaultCalendar"] and not shown["Holidays"]["canEdit"]
    family = shown["Family"]["id"]
    items, link = g.round(f"me/calendars/{family}/calendarView/delta", **JUNE)
    assert [one["subject"] for one in items] == ["Lunch"] and f"calendars('{family}')" in link
    assert g.get("me/events")["value"] == [] and g.round(link)[0] == []
    assert g.get(f"me/calendars/{family}/events")["value"][0]["subject"] == "Lunch"
    assert g.call("GET", f"me/calendars/{shown['Holidays']['id']}/events/{items[0]['id']}").status == 404


def test_what_outlook_cannot_hold_is_left_out_with_its_reason() -> None:
    events = [
        SeedEvent("h", "Hourly", WALL, _at(1, 10), recurrence=("RRULE:FREQ=HOURLY",)),
        SeedEvent("h", "Its exception", _at(2), _at(2, 10), original_start=_at(2)),
        SeedEvent("r", "Dates", WALL, _at(1, 10), recurrence=("RRULE:FREQ=DAILY", "RDATE:20260701T090000")),
        SeedEvent("z", "Nowhere", WALL, _at(1, 10), "Mars/Olympus"),
        SeedEvent("o", "Ancient", datetime(1200, 1, 1, 9), datetime(1200, 1, 1, 10)),  # noqa: DTZ001 (wall clocks)
        _series(),
        SeedEvent("standup", "No such day", _at(9), _at(9, 10), BERLIN, original_start=_at(9)),
        SeedEvent("alone", "Invited once", _at(9), _at(9, 10), BERLIN, original_start=_at(9)),
    ]
    g = graph([], events)
    reasons = [why for _, why in g.left_out.entries]
    assert len(reasons) == 6 and "its series was left out" in reasons
    assert {e["subject"]: e["type"] for e in g.get("me/events")["value"]} == {
        "Standup": "seriesMaster",
        "Invited once": "singleInstance",
    }
