"""The sandbox's Google Calendar at its boundary: what clients of the Calendar API may count on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from sandbox import google
from sandbox.seeds import SeedAccount, SeedAttendee, SeedCalendar, SeedEvent
from sandbox.store import Store
from tests.sandbox.google_client import SCOPES, World

BERLIN = "Europe/Berlin"
PRIMARY = "/calendar/v3/calendars/primary/events"


def _at(day: int, hour: int, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour)  # noqa: DTZ001 - a seed's times are wall clock


def _seed() -> SeedAccount:
    weekly = "weekly@example.com"
    guests = (
        SeedAttendee("ada@gmail.example", "Ada", "tentative"),
        SeedAttendee("grace@example.com", "Grace", "organizer"),
    )
    events = [
        SeedEvent(weekly, "Standup", _at(5, 9), _at(5, 10), BERLIN, recurrence=("RRULE:FREQ=WEEKLY;COUNT=6",)),
        SeedEvent(weekly, "Standup late", _at(12, 11), _at(12, 12), BERLIN, original_start=_at(12, 9)),
        SeedEvent(weekly, "", _at(19, 9), _at(19, 10), BERLIN, original_start=_at(19, 9), cancelled=True),
        SeedEvent("single@x", "Review", _at(7, 14), _at(7, 15), BERLIN, organizer=guests[1], attendees=guests),
        SeedEvent("allday@x", "Holiday", date(2026, 10, 3), date(2026, 10, 4)),
        SeedEvent("book@x", "Book club", _at(8, 19), _at(8, 21), "America/New_York", calendar="Clubs", showing="free"),
    ]
    return SeedAccount(
        "google",
        "ada@gmail.example",
        "Ada",
        "1",
        time_zone=BERLIN,
        calendars=(SeedCalendar("Clubs", BERLIN, "#16a765"), SeedCalendar("Holidays", BERLIN, writable=False)),
        events=tuple(events),
    )


@pytest.fixture
def world() -> World:
    return World(Store(None), [_seed()])


def _all(world: World, **query: Any) -> tuple[list[dict[str, Any]], str | None]:
    items: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = world.get(PRIMARY, **query, **token)
        assert ("nextPageToken" in page) + ("nextSyncToken" in page) <= 1
        items += page["items"]
        if "nextPageToken" not in page:
            return items, page.get("nextSyncToken")
        token = {"pageToken": page["nextPageToken"]}


def test_lists_calendars_with_roles(world: World) -> None:
    found = world.get("/calendar/v3/users/me/calendarList")
    assert [(c["summary"], c["accessRole"], c.get("primary", False)) for c in found["items"]] == [
        ("ada@gmail.example", "owner", True),
        ("Clubs", "owner", False),
        ("Holidays", "reader", False),
    ]
    assert found["items"][0]["id"] == "ada@gmail.example"
    assert found["items"][1]["backgroundColor"] == "#16a765" and found["items"][1]["colorId"] == "8"
    writable = world.get("/calendar/v3/users/me/calendarList", minAccessRole="writer")
    assert len(writable["items"]) == 2
    assert world.get("/calendar/v3/users/me/calendarList", syncToken=found["nextSyncToken"])["items"] == []
    assert world.get("/calendar/v3/users/me/calendarList/primary")["primary"] is True


def test_counts_are_masters_exceptions_and_singles(world: World) -> None:
    assert google.counts(world.store, world.account())["events"] == 5


def test_masters_and_exceptions_are_exact(world: World) -> None:
    items, _ = _all(world)
    by_title = {e.get("summary", e["status"]): e for e in items}
    master = by_title["Standup"]
    assert master["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=6"]
    assert master["start"] == {"dateTime": "2026-10-05T09:00:00+02:00", "timeZone": BERLIN}
    late = by_title["Standup late"]
    assert late["recurringEventId"] == master["id"]
    assert late["originalStartTime"]["dateTime"] == "2026-10-12T09:00:00+02:00"
    assert late["id"] == f"{master['id']}_20261012T070000Z"
    cancelled = by_title["cancelled"]
    assert set(cancelled) == {"kind", "id", "etag", "status", "recurringEventId", "originalStartTime"}
    assert by_title["Holiday"]["start"] == {"date": "2026-10-03"}
    review = by_title["Review"]
    assert [a["responseStatus"] for a in review["attendees"]] == ["tentative", "accepted"]
    assert review["attendees"][0]["self"] and review["attendees"][1]["organizer"]
    assert review["organizer"] == {"email": "grace@example.com", "displayName": "Grace"}


def test_instances_keep_their_hour_across_summer_time(world: World) -> None:
    items, _ = _all(
        world, singleEvents="true", orderBy="startTime", timeMin="2026-10-01T00:00:00Z", timeMax="2026-12-01T00:00:00Z"
    )
    standups = [e for e in items if e.get("summary", "").startswith("Standup")]
    assert [e["start"]["dateTime"] for e in standups] == [
        "2026-10-05T09:00:00+02:00",
        "2026-10-12T11:00:00+02:00",
        "2026-10-26T09:00:00+01:00",
        "2026-11-02T09:00:00+01:00",
        "2026-11-09T09:00:00+01:00",
    ]
    assert standups[2]["id"].endswith("_20261026T080000Z") and "recurrence" not in standups[2]
    assert world.get(f"{PRIMARY}/{standups[2]['id']}")["start"] == standups[2]["start"]
    starts = [e["start"].get("dateTime", e["start"].get("date")) for e in items]
    assert starts == sorted(starts)


def test_window_includes_what_overlaps_it(world: World) -> None:
    inside = {"timeMin": "2026-11-01T00:00:00Z", "timeMax": "2026-11-03T00:00:00Z"}
    assert [e["summary"] for e in _all(world, **inside)[0]] == ["Standup"]
    assert [e["summary"] for e in _all(world, singleEvents="true", **inside)[0]] == ["Standup"]
    assert _all(world, timeMin="2027-01-01T00:00:00Z")[0] == []


def test_pages_then_a_sync_token(world: World) -> None:
    items, token = _all(world, maxResults=2)
    assert len(items) == 5 and token
    assert _all(world, syncToken=token, maxResults=2) == ([], world.get(PRIMARY, syncToken=token)["nextSyncToken"])


def test_instances_of_a_series(world: World) -> None:
    master = next(e for e in _all(world)[0] if e.get("recurrence"))
    assert len(world.get(f"{PRIMARY}/{master['id']}/instances")["items"]) == 5
    assert len(world.get(f"{PRIMARY}/{master['id']}/instances", showDeleted="true", maxResults=4)["items"]) == 4


@pytest.mark.parametrize("name", ["timeMin", "timeMax", "updatedMin", "q", "orderBy", "iCalUID"])
def test_sync_token_goes_with_no_filter(world: World, name: str) -> None:
    value = {"q": "x", "iCalUID": "x", "orderBy": "updated"}.get(name, "2026-01-01T00:00:00Z")
    reply = world.call("GET", PRIMARY, {"syncToken": _all(world)[1], name: value})
    assert reply.status == 400


def test_sync_token_is_bound_to_its_calendar_and_filters(world: World) -> None:
    token = _all(world)[1]
    clubs = world.get("/calendar/v3/users/me/calendarList")["items"][1]["id"]
    assert world.call("GET", PRIMARY, {"syncToken": token, "singleEvents": "true"}).status == 400
    assert world.call("GET", f"/calendar/v3/calendars/{clubs}/events", {"syncToken": token}).status == 400
    assert world.call("GET", PRIMARY, {"syncToken": "nonsense"}).status == 400


def test_expired_sync_tokens_are_gone(world: World) -> None:
    token = _all(world)[1]
    google.expire_cursors(world.store, world.account())
    reply = world.call("GET", PRIMARY, {"syncToken": token})
    assert (reply.status, reply.reason) == (410, "fullSyncRequired")
    assert _all(world, syncToken=_all(world)[1])[0] == []


def test_order_by_start_needs_single_events(world: World) -> None:
    assert world.call("GET", PRIMARY, {"orderBy": "startTime"}).status == 400
    assert _all(world, orderBy="updated")[1] is None


def test_unchanged_event_is_not_sent_again(world: World) -> None:
    event = _all(world)[0][0]
    reply = world.call("GET", f"{PRIMARY}/{event['id']}", headers={"if-none-match": event["etag"]})
    assert reply.status == 304
    whole = world.get(PRIMARY)["etag"]
    assert world.call("GET", PRIMARY, headers={"if-none-match": whole}).status == 304
    assert world.call("DELETE", f"{PRIMARY}/{event['id']}").status == 204
    assert world.call("GET", PRIMARY, headers={"if-none-match": whole}).status == 200
    assert world.call("GET", f"{PRIMARY}/nosuchevent").reason == "notFound"
    assert world.call("GET", "/calendar/v3/calendars/nobody@x/events").reason == "notFound"


def test_scopes_divide_calendars_from_events(world: World) -> None:
    events = world.grant("ada@gmail.example", [SCOPES + "calendar.events"])
    lists = world.grant("ada@gmail.example", [SCOPES + "calendar.calendarlist.readonly"])
    assert world.call("GET", PRIMARY, token=events).status == 200
    assert world.call("GET", PRIMARY, token=lists).reason == "insufficientPermissions"
    assert world.call("GET", "/calendar/v3/users/me/calendarList", token=lists).status == 200
    assert world.call("GET", "/calendar/v3/users/me/calendarList", token=events).reason == "insufficientPermissions"
    assert world.call("GET", "/calendar/v3/colors", token=events).status == 403
    assert world.call("GET", "/calendar/v3/colors", token=lists).status == 200


def test_other_time_zone_on_demand(world: World) -> None:
    review = next(e for e in _all(world, timeZone="America/New_York")[0] if e.get("summary") == "Review")
    assert review["start"] == {"dateTime": "2026-10-07T08:00:00-04:00", "timeZone": BERLIN}
    assert world.call("GET", PRIMARY, {"timeZone": "Mars/Olympus"}).status == 400
