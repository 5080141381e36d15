"""How much and what Outlook takes: stale writes, headers, recipients, attachments, answers, series, schedules."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.graph_client import Graph
from tests.sandbox.graph_seeds import BO, graph, letter


def _time(text: str) -> dict[str, str]:
    return {"dateTime": f"2026-06-{text}", "timeZone": "UTC"}


def _event(**more: Any) -> dict[str, Any]:
    return {"subject": "Talk", "start": _time("15T10:00:00"), "end": _time("15T11:00:00"), **more}


def _to(count: int) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": f"guest{number}@x.example"}} for number in range(count)]


@pytest.mark.parametrize(
    ("what", "body", "change"),
    [
        ("messages", {"subject": "Draft"}, {"isRead": False}),
        ("events", _event(), {"subject": "New"}),
        ("contacts", {"givenName": "Cy"}, {"givenName": "Di"}),
    ],
)
def test_a_stale_etag_is_412(what: str, body: dict[str, Any], change: dict[str, Any]) -> None:
    g = graph()
    made = g.post(f"me/{what}", body)
    path, stale = f"me/{what}/{made['id']}", {"if-match": made["@odata.etag"]}
    assert g.call("PATCH", path, body=change, headers=stale).status == 200
    for verb in ("PATCH", "DELETE"):
        refused = g.call(verb, path, body=change if verb == "PATCH" else None, headers=stale)
        assert (refused.status, refused.code) == (412, "ErrorIrresolvableConflict")


def test_headers_of_ones_own_start_with_x() -> None:
    g = graph()
    for name, status in (("X-Project", 201), ("x-project", 201), ("In-Reply-To", 400)):
        headers = [{"name": name, "value": "1"}]
        assert g.call("POST", "me/messages", body={"internetMessageHeaders": headers}).status == status


def test_a_contact_has_at_most_three_addresses() -> None:
    g = graph()
    for count, status in ((3, 201), (4, 400)):
        addresses = [one["emailAddress"] for one in _to(count)]
        assert g.call("POST", "me/contacts", body={"givenName": "Cy", "emailAddresses": addresses}).status == status


@pytest.mark.parametrize("change", [{"subject": "x"}, {"body": {"contentType": "text", "content": "x"}}])
def test_some_properties_change_on_drafts_only(change: dict[str, Any]) -> None:
    g = graph([letter(1)])
    draft, [arrived] = g.post("me/messages", {"subject": "Draft"}), g.get("me/mailFolders/inbox/messages")["value"]
    assert g.call("PATCH", f"me/messages/{draft['id']}", body=change).status == 200
    assert g.call("PATCH", f"me/messages/{arrived['id']}", body=change).status == 400
    assert g.call("PATCH", f"me/messages/{arrived['id']}", body={"importance": "high"}).status == 200


def test_an_attachment_that_comes_at_once_has_at_most_3_mb() -> None:
    g = graph()
    draft = g.post("me/messages", {"subject": "Plans"})["id"]
    for size, status in ((3 * 1024 * 1024, 201), (3 * 1024 * 1024 + 1, 413)):
        file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.bin"}
        content = {"contentBytes": base64.b64encode(bytes(size)).decode()}
        assert g.call("POST", f"me/messages/{draft}/attachments", body=file | content).status == status


def test_organizers_do_not_answer_their_own_meeting() -> None:
    g = graph()
    event = g.post("me/events", _event())["id"]
    for answer in ("accept", "decline", "tentativelyAccept"):
        assert g.call("POST", f"me/events/{event}/{answer}", body={}).status == 400


def test_an_all_day_event_stands_at_midnight() -> None:
    g = graph()
    days = {"start": _time("15T00:00:00"), "end": _time("16T00:00:00"), "isAllDay": True}
    assert g.post("me/events", _event() | days)["isAllDay"]
    for wrong in ({"start": _time("15T08:00:00")}, {"end": _time("15T00:00:00")}):
        refused = g.call("POST", "me/events", body=_event() | days | wrong)
        assert (refused.status, refused.code) == (400, "ErrorPropertyValidationFailure")


@pytest.mark.parametrize(("day", "status"), [("15", 201), ("16", 400)])
def test_a_series_starts_on_the_day_of_its_event(day: str, status: int) -> None:
    pattern = {"type": "daily", "interval": 1}
    span = {"type": "noEnd", "startDate": f"2026-06-{day}"}
    assert (
        graph().call("POST", "me/events", body=_event(recurrence={"pattern": pattern, "range": span})).status == status
    )


def test_an_online_meeting_stays_one() -> None:
    g = graph()
    event = g.post("me/events", _event(isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness"))
    change = {"isOnlineMeeting": False, "onlineMeetingProvider": "unknown"}
    changed = g.patch(f"me/events/{event['id']}", change)
    for name in ("isOnlineMeeting", "onlineMeetingProvider", "onlineMeeting"):
        assert changed[name] == event[name]


@pytest.mark.parametrize(("minutes", "status"), [(4, 400), (5, 200), (1440, 200), (1441, 400)])
def test_a_schedule_has_steps_of_5_to_1440_minutes(minutes: int, status: int) -> None:
    asked = {"schedules": [BO], "startTime": _time("15T00:00"), "endTime": _time("17T00:00")}
    reply = graph().call("POST", "me/calendar/getSchedule", body=asked | {"availabilityViewInterval": minutes})
    assert reply.status == status


@pytest.mark.parametrize(("count", "status"), [(1000, 200), (1001, 400)])
def test_at_most_1000_ids_are_translated_at_once(count: int, status: int) -> None:
    body = {"inputIds": ["x"] * count, "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"}
    assert graph().call("POST", "me/translateExchangeIds", body=body).status == status


@pytest.mark.parametrize(("count", "status"), [(500, 202), (501, 400)])
def test_outlook_sends_to_at_most_500_recipients(count: int, status: int) -> None:
    message = {"subject": "All", "bccRecipients": _to(count)}
    assert graph().call("POST", "me/sendMail", body={"message": message}).status == status


def test_a_missing_scope_is_403() -> None:
    g: Graph = graph()
    g.token = g.grant(BO, {"Mail.Read"})
    for verb, path in (("POST", "me/sendMail"), ("GET", "me/events"), ("GET", "me/contacts")):
        refused = g.call(verb, path)
        assert (refused.status, refused.code) == (403, "ErrorAccessDenied")
