"""Mailbox settings, zones, categories, translated ids and subscriptions at the sandbox's Graph."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.microsoft.clock import instant
from tests.sandbox.graph_client import Graph
from tests.sandbox.graph_seeds import IMMUTABLE, graph, letter


def test_settings_name_the_zone_as_windows_does_and_can_be_changed() -> None:
    g = graph()
    assert g.get("me/mailboxSettings")["timeZone"] == "W. Europe Standard Time"
    assert g.patch("me/mailboxSettings", {"timeZone": "Asia/Tokyo"})["timeZone"] == "Tokyo Standard Time"
    assert g.get("me/mailboxSettings")["workingHours"]["timeZone"]["name"] == "Tokyo Standard Time"
    assert g.call("PATCH", "me/mailboxSettings", body={"timeZone": "Mars"}).code == "ErrorInvalidTimeZone"
    assert g.call("PATCH", "me/mailboxSettings", body={"timezone": "UTC"}).status == 400
    hours = {"workingHours": {"daysOfWeek": ["Monday"], "startTime": "09:30:00"}}
    kept = g.patch("me/mailboxSettings", hours)["workingHours"]
    assert (kept["daysOfWeek"], kept["startTime"], kept["endTime"]) == (["monday"], "09:30:00", "17:00:00.0000000")
    away = {"automaticRepliesSetting": {"status": "alwaysEnabled", "internalReplyMessage": "Away"}}
    assert g.patch("me/mailboxSettings", away)["automaticRepliesSetting"]["status"] == "alwaysEnabled"


def test_zones_are_listed_by_windows_and_by_iana_names() -> None:
    g, path = graph(), "me/outlook/supportedTimeZones"
    assert "W. Europe Standard Time" in {one["alias"] for one in g.get(path)["value"]}
    iana = f"{path}(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')"
    assert "Europe/Berlin" in {one["alias"] for one in g.get(iana)["value"]}


def test_categories() -> None:
    g, path = graph(), "me/outlook/masterCategories"
    made = g.post(path, {"displayName": "Trips", "color": "preset3"})
    assert g.call("POST", path, body={"displayName": "trips", "color": "none"}).status == 409
    assert g.patch(f"{path}/{made['id']}", {"color": "preset4"})["color"] == "preset4"
    assert g.call("PATCH", f"{path}/{made['id']}", body={"displayName": "x"}).status == 400
    assert [one["displayName"] for one in g.get(path)["value"]] == ["Trips"]
    assert g.call("DELETE", f"{path}/{made['id']}").status == 204 and g.get(path)["value"] == []


def test_ids_are_translated_between_their_kinds() -> None:
    g = graph([letter(1)])
    plain, immutable = (g.get("me/messages", prefer)["value"][0]["id"] for prefer in ("", IMMUTABLE))
    body = {"inputIds": [plain, "x"], "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"}
    good, bad = g.post("me/translateExchangeIds", body, status=200)["value"]
    assert good == {"sourceId": plain, "targetId": immutable}
    assert bad["errorDetails"]["code"] == "ErrorInvalidIdMalformed"
    assert g.call("POST", "me/translateExchangeIds", body=body | {"targetIdType": "x"}).status == 400


def _subscription(g: Graph, minutes: int = 1000, **more: Any) -> dict[str, Any]:
    return {
        "changeType": "created,updated",
        "notificationUrl": "http://localhost:8000/hook",
        "resource": "me/mailFolders('inbox')/messages",
        "expirationDateTime": instant(g.store.now() + timedelta(minutes=minutes)),
        "clientState": "secret",
        **more,
    }


def test_a_subscription_lives_until_its_end() -> None:
    g = graph()
    made = g.post("subscriptions", _subscription(g))
    assert g.get("subscriptions")["value"][0]["id"] == made["id"] and made["clientState"] == "secret"
    assert g.call("POST", "subscriptions", body=_subscription(g)).status == 409
    later = {"expirationDateTime": instant(g.store.now() + timedelta(days=6))}
    assert g.patch(f"subscriptions/{made['id']}", later)["expirationDateTime"] == later["expirationDateTime"]
    assert g.call("POST", f"subscriptions/{made['id']}/reauthorize").status == 204
    g.store.advance(timedelta(days=7))
    g.token = g.grant(g.seeds[0].email, g.scopes)
    assert g.call("PATCH", f"subscriptions/{made['id']}", body={}).status == 404


@pytest.mark.parametrize(
    "more",
    [
        {"minutes": 10_090},
        {"minutes": -1},
        {"resource": "me/drive/root"},
        {"changeType": "renamed"},
        {"clientState": "x" * 129},
        {"notificationUrl": ""},
    ],
)
def test_a_subscription_that_cannot_be_is_refused(more: dict[str, Any]) -> None:
    g = graph()
    assert g.call("POST", "subscriptions", body=_subscription(g, **more)).status == 400


def test_a_subscription_needs_the_scope_of_its_resource() -> None:
    g = graph()
    g.token = g.grant(g.seeds[0].email, {"Calendars.Read"})
    assert g.call("POST", "subscriptions", body=_subscription(g)).status == 403
    assert g.call("POST", "subscriptions", body=_subscription(g, resource="/me/events")).status == 201
