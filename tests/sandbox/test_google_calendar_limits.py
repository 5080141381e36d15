"""What Google Calendar refuses or passes over: too many attachments and guests, shared properties, mere reminders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.seeds import SeedAccount
from sandbox.store import Store
from tests.sandbox.google_client import World

PRIMARY = "/calendar/v3/calendars/primary/events"
ADA, BOB = "ada@gmail.example", "bob@gmail.example"


@pytest.fixture
def world() -> World:
    return World(Store(None), [SeedAccount("google", ADA, "Ada", "1"), SeedAccount("google", BOB, "Bob", "2")])


def _body(**more: Any) -> dict[str, Any]:
    times = {name: {"dateTime": f"2026-12-01T{hour}:00:00Z"} for name, hour in (("start", 10), ("end", 11))}
    return {"summary": "Talk", **times, **more}


def test_an_event_has_at_most_25_attachments(world: World) -> None:
    files = [{"fileUrl": f"https://drive.example/{number}"} for number in range(26)]
    allowed = {"supportsAttachments": "true"}
    assert world.call("POST", PRIMARY, allowed, _body(attachments=files)).status == 400
    assert len(world.post(PRIMARY, _body(attachments=files[:25]), **allowed)["attachments"]) == 25


def test_only_default_events_are_imported(world: World) -> None:
    asked = _body(iCalUID="x@y", eventType="focusTime")
    assert world.call("POST", f"{PRIMARY}/import", body=asked).reason == "eventTypeRestriction"


def test_what_guests_may_do_is_the_organizers_to_say(world: World) -> None:
    made = world.post(PRIMARY, _body(attendees=[{"email": BOB}]))
    bob = world.grant(BOB, world.scopes)
    refused = world.call("PATCH", f"{PRIMARY}/{made['id']}", body={"guestsCanModify": True}, token=bob)
    assert (refused.status, refused.reason) == (403, "forbiddenForNonOrganizer")
    assert world.call("PATCH", f"{PRIMARY}/{made['id']}", body={"guestsCanModify": True}).json["guestsCanModify"]


def test_a_change_of_reminders_is_no_update(world: World) -> None:
    made = world.post(PRIMARY, _body())
    world.store.advance(timedelta(minutes=5))
    reminders = {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}}
    changed = world.call("PATCH", f"{PRIMARY}/{made['id']}", body=reminders).json
    assert changed["updated"] == made["updated"] and changed["etag"] != made["etag"]
    assert world.call("PATCH", f"{PRIMARY}/{made['id']}", body={"summary": "New"}).json["updated"] > made["updated"]


def test_answers_of_more_than_200_guests_do_not_reach_the_organizer(world: World) -> None:
    crowd = [{"email": f"guest{number}@x.example"} for number in range(200)]
    bob = world.grant(BOB, world.scopes)
    said = {"attendeesOmitted": True, "attendees": [{"email": BOB, "responseStatus": "accepted"}]}
    for guests, heard in ((crowd[:199], "accepted"), (crowd, "needsAction")):
        made = world.post(PRIMARY, _body(attendees=[{"email": BOB}, *guests]))
        assert world.call("PATCH", f"{PRIMARY}/{made['id']}", body=said, token=bob).status == 200
        assert world.get(f"{PRIMARY}/{made['id']}")["attendees"][0]["responseStatus"] == heard
