"""Writing to the sandbox's Google Calendar: events, guests, series, calendars, free/busy and channels."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.google.calendar import conferences
from sandbox.seeds import SeedAccount, SeedCalendar
from sandbox.store import Store
from tests.sandbox.google_client import World

BERLIN = "Europe/Berlin"
CALENDARS = "/calendar/v3/calendars"
PRIMARY = f"{CALENDARS}/primary/events"
ADA, BOB = "ada@gmail.example", "bob@gmail.example"


@pytest.fixture
def world() -> World:
    clubs = (SeedCalendar("Clubs", BERLIN), SeedCalendar("Holidays", BERLIN, writable=False))
    ada = SeedAccount("google", ADA, "Ada", "1", time_zone=BERLIN, calendars=clubs)
    return World(Store(None), [ada, SeedAccount("google", BOB, "Bob", "2", time_zone="America/New_York")])


def _body(**more: Any) -> dict[str, Any]:
    start = {"dateTime": "2026-12-01T10:00:00", "timeZone": BERLIN}
    return {"summary": "Talk", "start": start, "end": start | {"dateTime": "2026-12-01T11:00:00"}} | more


def _series(world: World) -> dict[str, Any]:
    made: dict[str, Any] = world.post(PRIMARY, _body(recurrence=["RRULE:FREQ=DAILY;COUNT=4"]))
    return made


def test_insert_keeps_what_was_sent(world: World) -> None:
    token = world.get(PRIMARY)["nextSyncToken"]
    made = world.post(PRIMARY, _body(location="Room 1", colorId="5", reminders={"useDefault": False, "overrides": []}))
    assert made["start"] == {"dateTime": "2026-12-01T10:00:00+01:00", "timeZone": BERLIN}
    assert (made["status"], made["organizer"]["self"], made["colorId"]) == ("confirmed", True, "5")
    assert [e["id"] for e in world.get(PRIMARY, syncToken=token)["items"]] == [made["id"]]
    assert world.get(f"{PRIMARY}/{made['id']}") == made


def test_chosen_id_makes_insert_repeatable(world: World) -> None:
    assert world.post(PRIMARY, _body(id="abc123"))["iCalUID"] == "abc123@google.com"
    reply = world.call("POST", PRIMARY, body=_body(id="abc123"))
    assert (reply.status, reply.reason) == (409, "duplicate")
    assert world.call("POST", PRIMARY, body=_body(id="XYZ")).status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"end": {}},
        {"start": {"dateTime": "2026-12-01T10:00:00"}},
        {"start": {"date": "2026-12-01"}},
        {"start": {"dateTime": "2026-12-01T12:00:00Z"}},
        {"start": {"dateTime": "tomorrow", "timeZone": BERLIN}},
        {"start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Mars"}},
        {"recurrence": ["RRULE:FREQ=SOMETIMES"]},
        {"colorId": "99"},
        {"attendees": [{"displayName": "Nobody"}]},
        {"attachments": [{"fileUrl": "https://x"}]},
        {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}] * 6}},
        {"summary": 5},
        {"summary": "\ud800"},
        {"attendees": [None]},
        {"start": {"dateTime": "2026-12-01T25:00:00", "timeZone": BERLIN}},
        {"recurrence": ["RRULE:"]},
    ],
)
def test_bad_events_are_refused(world: World, change: dict[str, Any]) -> None:
    assert world.call("POST", PRIMARY, body=_body(**change)).status == 400
    assert world.get(PRIMARY)["items"] == []


def test_nulls_are_as_if_not_sent(world: World) -> None:
    made = world.post(PRIMARY, _body(location=None, reminders={"useDefault": None}, source=None, attendees=None))
    assert "location" not in made and "source" not in made and made["reminders"] == {}


def test_windows_reach_to_the_end_of_time(world: World) -> None:
    _series(world)
    always = {"timeMin": "0001-01-01T00:00:00Z", "timeMax": "9999-12-31T23:59:59Z"}
    assert len(world.get(PRIMARY, singleEvents="true", **always)["items"]) == 4
    assert len(world.get(PRIMARY, **always)["items"]) == 1


def test_patch_changes_only_what_it_names(world: World) -> None:
    made = world.post(PRIMARY, _body(location="Room 1", description="About"))
    reply = world.call("PATCH", f"{PRIMARY}/{made['id']}", body={"summary": "Speech", "description": None})
    assert (reply.json["summary"], reply.json["location"]) == ("Speech", "Room 1")
    assert "description" not in reply.json and reply.json["etag"] != made["etag"]
    assert reply.json["etag"] == reply.headers["etag"]
    all_day = {"start": {"date": "2026-12-02"}, "end": {"date": "2026-12-03"}}
    moved = world.call("PATCH", f"{PRIMARY}/{made['id']}", body=all_day).json
    assert moved["start"] == {"date": "2026-12-02"} and moved["sequence"] == 1


def test_update_replaces_the_whole(world: World) -> None:
    made = world.post(PRIMARY, _body(location="Room 1"))
    reply = world.call("PUT", f"{PRIMARY}/{made['id']}", body=_body(summary="Other"))
    assert reply.json["summary"] == "Other" and "location" not in reply.json
    assert reply.json["iCalUID"] == made["iCalUID"] and reply.json["created"] == made["created"]


def test_stale_etag_is_refused(world: World) -> None:
    made = world.post(PRIMARY, _body())
    world.call("PATCH", f"{PRIMARY}/{made['id']}", body={"summary": "Newer"})
    for verb, body in (("PATCH", {"summary": "x"}), ("PUT", _body()), ("DELETE", None)):
        reply = world.call(verb, f"{PRIMARY}/{made['id']}", body=body, headers={"if-match": made["etag"]})
        assert (reply.status, reply.reason) == (412, "conditionNotMet")
    assert world.get(f"{PRIMARY}/{made['id']}")["summary"] == "Newer"


def test_deleted_event_is_told_once_as_cancelled(world: World) -> None:
    made = world.post(PRIMARY, _body())
    token = world.get(PRIMARY)["nextSyncToken"]
    assert world.call("DELETE", f"{PRIMARY}/{made['id']}").status == 204
    assert [(e["id"], e["status"]) for e in world.get(PRIMARY, syncToken=token)["items"]] == [(made["id"], "cancelled")]
    assert world.get(PRIMARY)["items"] == []
    assert world.call("DELETE", f"{PRIMARY}/{made['id']}").status == 410


def test_changes_between_pages_are_not_lost(world: World) -> None:
    token = world.get(PRIMARY)["nextSyncToken"]
    made = [world.post(PRIMARY, _body(summary=str(i)))["id"] for i in range(6)]
    first = world.get(PRIMARY, syncToken=token, maxResults=3)
    world.call("PATCH", f"{PRIMARY}/{made[0]}", body={"summary": "again"})
    second = world.get(PRIMARY, syncToken=token, maxResults=3, pageToken=first["nextPageToken"])
    third = world.get(PRIMARY, syncToken=token, maxResults=3, pageToken=second["nextPageToken"])
    seen = [e["id"] for page in (first, second, third) for e in page["items"]]
    assert seen == [*made, made[0]] and third["items"][-1]["summary"] == "again"
    assert [e["id"] for e in world.get(PRIMARY, syncToken=third["nextSyncToken"])["items"]] == [made[0]]


def test_one_instance_is_changed_and_one_deleted(world: World) -> None:
    series = _series(world)
    token = world.get(PRIMARY)["nextSyncToken"]
    ids = [e["id"] for e in world.get(f"{PRIMARY}/{series['id']}/instances")["items"]]
    assert ids[1] == f"{series['id']}_20261202T090000Z"
    world.call("PATCH", f"{PRIMARY}/{ids[1]}", body={"summary": "Guest talk"})
    assert world.call("DELETE", f"{PRIMARY}/{ids[2]}").status == 204
    changed, cancelled = world.get(PRIMARY, syncToken=token)["items"]
    assert (changed["summary"], changed["recurringEventId"]) == ("Guest talk", series["id"])
    assert changed["originalStartTime"]["dateTime"] == "2026-12-02T10:00:00+01:00" and "recurrence" not in changed
    assert (cancelled["id"], cancelled["status"]) == (ids[2], "cancelled")
    left = world.get(PRIMARY, singleEvents="true", orderBy="startTime")["items"]
    assert [e["summary"] for e in left] == ["Talk", "Guest talk", "Talk"]
    assert world.call("DELETE", f"{PRIMARY}/{series['id']}").status == 204
    assert world.get(PRIMARY, singleEvents="true")["items"] == []


def test_a_cancelled_exception_is_no_deletion(world: World) -> None:
    series = _series(world)
    one = world.get(f"{PRIMARY}/{series['id']}/instances")["items"][0]
    for event, more in ((one["id"], {"recurringEventId", "originalStartTime"}), (series["id"], set())):
        token = world.get(PRIMARY)["nextSyncToken"]
        assert world.call("DELETE", f"{PRIMARY}/{event}").status == 204
        told = {item["id"]: item for item in world.get(PRIMARY, syncToken=token)["items"]}
        assert told[event]["status"] == "cancelled" and more == more & told[event].keys()


def test_guest_gets_a_copy_and_the_answer_comes_back(world: World) -> None:
    made = world.post(PRIMARY, _body(attendees=[{"email": ADA, "responseStatus": "accepted"}, {"email": BOB}]))
    bob = world.grant(BOB, world.scopes)
    copy = world.call("GET", f"{PRIMARY}/{made['id']}", token=bob).json
    assert (copy["iCalUID"], copy["organizer"]["email"]) == (made["iCalUID"], ADA)
    assert [a.get("self", False) for a in copy["attendees"]] == [False, True]
    said = {"attendeesOmitted": True, "attendees": [{"email": BOB, "responseStatus": "declined"}]}
    assert world.call("PATCH", f"{PRIMARY}/{made['id']}", {"sendUpdates": "all"}, said, token=bob).status == 200
    answers = {a["email"]: a["responseStatus"] for a in world.get(f"{PRIMARY}/{made['id']}")["attendees"]}
    assert answers == {ADA: "accepted", BOB: "declined"}
    world.call("DELETE", f"{PRIMARY}/{made['id']}")
    assert world.call("GET", f"{PRIMARY}/{made['id']}", token=bob).json["status"] == "cancelled"


def _met(world: World, event: dict[str, Any]) -> dict[str, Any]:
    """The event once its conference is made."""
    world.store.advance(conferences.TAKES)
    conferences.make(world.store)
    found: dict[str, Any] = world.get(f"{PRIMARY}/{event['id']}")
    return found


def test_a_conference_is_pending_first_and_then_there(world: World) -> None:
    key = {"conferenceSolutionKey": {"type": "hangoutsMeet"}}
    asked = {"conferenceData": {"createRequest": {"requestId": "r1"} | key}}
    made = world.post(PRIMARY, _body(**asked, attendees=[{"email": BOB}]), conferenceDataVersion=1)
    token = world.get(PRIMARY)["nextSyncToken"]
    assert made["conferenceData"]["createRequest"]["status"] == {"statusCode": "pending"}
    assert "hangoutLink" not in made and "entryPoints" not in made["conferenceData"]
    conferences.make(world.store)
    assert world.get(PRIMARY, syncToken=token)["items"] == []
    done = _met(world, made)
    assert done["conferenceData"]["createRequest"]["status"] == {"statusCode": "success"}
    assert [one["hangoutLink"] for one in world.get(PRIMARY, syncToken=token)["items"]] == [done["hangoutLink"]]
    bob = world.grant(BOB, world.scopes)
    assert world.call("GET", f"{PRIMARY}/{made['id']}", token=bob).json["hangoutLink"] == done["hangoutLink"]
    path, version = f"{PRIMARY}/{made['id']}", {"conferenceDataVersion": 1}
    assert world.call("PATCH", path, version, asked).json["hangoutLink"] == done["hangoutLink"]  # that id was used
    again = {"conferenceData": {"createRequest": {"requestId": "r2"} | key}}
    assert "hangoutLink" not in world.call("PATCH", path, version, again).json
    assert _met(world, made)["hangoutLink"] != done["hangoutLink"]
    other = {"createRequest": {"requestId": "r3", "conferenceSolutionKey": {"type": "eventHangout"}}}
    refused = world.post(PRIMARY, _body(conferenceData=other), conferenceDataVersion=1)
    assert refused["conferenceData"]["createRequest"]["status"] == {"statusCode": "failure"}


def test_conference_is_made_on_demand_only(world: World) -> None:
    request = {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
    assert "conferenceData" not in world.post(PRIMARY, _body(conferenceData=request))
    made = _met(world, world.post(PRIMARY, _body(conferenceData=request), conferenceDataVersion=1))
    assert made["hangoutLink"] == made["conferenceData"]["entryPoints"][0]["uri"]
    kept = world.call("PATCH", f"{PRIMARY}/{made['id']}", body={"summary": "x", "conferenceData": None}).json
    assert kept["hangoutLink"] == made["hangoutLink"]


def test_readers_cannot_write(world: World) -> None:
    holidays = world.get("/calendar/v3/users/me/calendarList")["items"][2]["id"]
    reply = world.call("POST", f"{CALENDARS}/{holidays}/events", body=_body())
    assert (reply.status, reply.reason) == (403, "requiredAccessLevel")


def test_move_import_and_quick_add(world: World) -> None:
    clubs = world.get("/calendar/v3/users/me/calendarList")["items"][1]["id"]
    made = _series(world)
    moved = world.post(f"{PRIMARY}/{made['id']}/move", destination=clubs)
    assert (moved["id"], moved["organizer"]["email"]) == (made["id"], clubs)
    assert world.get(PRIMARY)["items"] == []
    first = world.post(f"{PRIMARY}/import", _body(iCalUID="far@away", organizer={"email": "far@away"}))
    again = world.post(f"{PRIMARY}/import", _body(iCalUID="far@away", summary="Changed"))
    assert (first["id"], again["summary"]) == (again["id"], "Changed")
    quick = world.post(f"{PRIMARY}/quickAdd", text="Dentist tomorrow at 3pm")
    assert quick["summary"] == "Dentist" and quick["start"]["dateTime"][11:16] == "15:00"


def test_free_busy_joins_what_touches(world: World) -> None:
    _series(world)
    later = {"dateTime": "2026-12-01T11:00:00", "timeZone": BERLIN}
    world.post(PRIMARY, _body(start=later, end=later | {"dateTime": "2026-12-01T11:30:00"}))
    world.post(PRIMARY, _body(transparency="transparent", start=later | {"dateTime": "2026-12-01T08:00:00"}))
    asked = {
        "timeMin": "2026-12-01T00:00:00Z",
        "timeMax": "2026-12-03T00:00:00Z",
        "items": [{"id": ADA}, {"id": "x@y"}],
    }
    found = world.post("/calendar/v3/freeBusy", asked)["calendars"]
    assert found[ADA]["busy"] == [
        {"start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:30:00Z"},
        {"start": "2026-12-02T09:00:00Z", "end": "2026-12-02T10:00:00Z"},
    ]
    assert found["x@y"]["errors"][0]["reason"] == "notFound"
    assert world.call("POST", "/calendar/v3/freeBusy", body=asked | {"timeMax": "2028-12-03T00:00:00Z"}).status == 400


def test_calendars_are_made_changed_and_removed(world: World) -> None:
    lists = "/calendar/v3/users/me/calendarList"
    token = world.get(lists)["nextSyncToken"]
    made = world.post(CALENDARS, {"summary": "Garden", "timeZone": BERLIN})
    assert (
        world.call("PATCH", f"{CALENDARS}/{made['id']}", body={"summary": "Allotment"}).json["summary"] == "Allotment"
    )
    assert world.call("PUT", f"{CALENDARS}/{made['id']}", body={"summary": "Plot"}).json["timeZone"] == BERLIN
    assert world.call("PATCH", f"{lists}/{made['id']}", body={"selected": False, "colorId": "3"}).json["colorId"] == "3"
    assert [c["summary"] for c in world.get(lists, syncToken=token)["items"]] == ["Plot"]
    assert world.call("DELETE", f"{CALENDARS}/{made['id']}").status == 204
    assert [c["deleted"] for c in world.get(lists, syncToken=token)["items"]] == [True]
    assert world.call("DELETE", f"{CALENDARS}/primary").status == 400
    world.post(PRIMARY, _body())
    assert world.call("POST", f"{CALENDARS}/primary/clear").status == 204
    assert world.get(PRIMARY)["items"] == []
    assert world.get(f"{CALENDARS}/primary")["timeZone"] == BERLIN
    assert world.get("/calendar/v3/users/me/settings/timezone")["value"] == BERLIN
    assert world.get("/calendar/v3/users/me/settings")["items"]
    assert len(world.get("/calendar/v3/colors")["event"]) == 11


def test_channels_are_opened_and_stopped(world: World) -> None:
    asked = {"id": "c-1", "type": "web_hook", "address": "https://app.example/hook", "token": "t"}
    channel = world.post(f"{PRIMARY}/watch", asked)
    assert world.call("POST", f"{PRIMARY}/watch", body=asked).reason == "channelIdNotUnique"
    assert (
        world.call("POST", f"{PRIMARY}/watch", body=asked | {"id": "2", "address": "http://app.example"}).status == 400
    )
    assert world.post("/calendar/v3/users/me/calendarList/watch", asked | {"id": "c-2"})["id"] == "c-2"
    ended = {"id": "c-1", "resourceId": channel["resourceId"]}
    assert world.call("POST", "/calendar/v3/channels/stop", body=ended).status == 204
    assert world.call("POST", "/calendar/v3/channels/stop", body=ended).status == 404
