"""Calendar's channels: their headers, ``sync`` first, and their end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Sandbox
from tests.sandbox.listener import Listener, listening

ADA = "ada@gmail.example"
EVENT: dict[str, Any] = {"summary": "Tea", "start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def calendar(sandbox: Sandbox) -> requests.Session:
    sandbox.seed(accounts=[{"provider": "google", "email": ADA}])
    return sandbox.authorized("google", ADA)


def open_channel(sandbox: Sandbox, calendar: requests.Session, listener: Listener, path: str) -> dict[str, Any]:
    channel = {"id": "c-1", "type": "web_hook", "address": f"{listener.base}/calendar", "token": "secret"}
    answer = calendar.post(f"{sandbox.base}/calendar/v3/{path}/watch", json=channel)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_channel_says_sync_and_then_that_something_exists(
    sandbox: Sandbox, calendar: requests.Session, listener: Listener
) -> None:
    events = "calendars/primary/events"
    channel = open_channel(sandbox, calendar, listener, events)
    calendar.post(f"{sandbox.base}/calendar/v3/{events}", json=EVENT)
    first, second = listener.wait(2)
    assert first.body == second.body == b""
    assert [one.headers["x-goog-resource-state"] for one in (first, second)] == ["sync", "exists"]
    assert first.headers["x-goog-message-number"] == "1" and int(second.headers["x-goog-message-number"]) > 1
    for one in (first, second):
        assert one.headers["x-goog-channel-id"] == "c-1" and one.headers["x-goog-channel-token"] == "secret"
        assert one.headers["x-goog-resource-id"] == channel["resourceId"]
        assert one.headers["x-goog-resource-uri"] == channel["resourceUri"]
        assert one.headers["x-goog-channel-expiration"].endswith("GMT")


def test_sync_comes_before_the_answer_to_watch(
    sandbox: Sandbox, calendar: requests.Session, listener: Listener
) -> None:
    open_channel(sandbox, calendar, listener, "calendars/primary/events")
    assert [one.headers["x-goog-resource-state"] for one in listener.told] == ["sync"]
    assert listener.stays(1)


def test_a_stopped_channel_is_silent(sandbox: Sandbox, calendar: requests.Session, listener: Listener) -> None:
    channel = open_channel(sandbox, calendar, listener, "users/me/calendarList")
    listener.wait(1)
    stop = {"id": "c-1", "resourceId": channel["resourceId"]}
    assert calendar.post(f"{sandbox.base}/calendar/v3/channels/stop", json=stop).status_code == 204
    calendar.post(f"{sandbox.base}/calendar/v3/calendars", json={"summary": "Choir"})
    assert listener.stays(1)


def test_the_list_of_calendars_has_channels_too(
    sandbox: Sandbox, calendar: requests.Session, listener: Listener
) -> None:
    open_channel(sandbox, calendar, listener, "users/me/calendarList")
    listener.wait(1)
    calendar.post(f"{sandbox.base}/calendar/v3/calendars", json={"summary": "Choir"})
    assert listener.wait(2)[1].headers["x-goog-resource-state"] == "exists"


def test_a_channel_ends_with_its_life(sandbox: Sandbox, calendar: requests.Session, listener: Listener) -> None:
    open_channel(sandbox, calendar, listener, "calendars/primary/events")
    listener.wait(1)
    sandbox.drill("advance-clock", seconds=8 * 86_400)
    sandbox.authorized("google", ADA).post(f"{sandbox.base}/calendar/v3/calendars/primary/events", json=EVENT)
    assert listener.stays(1)
