"""Graph's subscriptions: the handshake, notifications, and what they say of themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Sandbox
from tests.sandbox.listener import Listener, listening

BO = "bo@outlook.example"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def graph(sandbox: Sandbox) -> requests.Session:
    sandbox.seed(accounts=[{"provider": "microsoft", "email": BO}])
    return sandbox.authorized("microsoft", BO)


def subscribe(
    sandbox: Sandbox, graph: requests.Session, listener: Listener, resource: str = "me/messages", **fields: Any
) -> requests.Response:
    body = {
        "changeType": "created,updated,deleted",
        "notificationUrl": f"{listener.base}/graph",
        "resource": resource,
        "expirationDateTime": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
        "clientState": "secret",
    }
    headers = {"Prefer": 'IdType="ImmutableId"'}
    return graph.post(f"{sandbox.base}/v1.0/subscriptions", json=body | fields, headers=headers)


def items(body: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(body)["value"]
    return found


def test_an_address_must_shake_hands(sandbox: Sandbox, graph: requests.Session, listener: Listener) -> None:
    listener.shaking = False
    refused = subscribe(sandbox, graph, listener)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ValidationError")
    assert "validationToken=" in listener.told[0].path
    assert graph.get(f"{sandbox.base}/v1.0/subscriptions").json()["value"] == []
    far = subscribe(sandbox, graph, listener, notificationUrl="https://osmen.example/graph")
    assert far.status_code == 400  # the sandbox calls this machine only
    listener.shaking = True
    assert subscribe(sandbox, graph, listener).status_code == 201


def test_a_new_address_shakes_hands_too(sandbox: Sandbox, graph: requests.Session, listener: Listener) -> None:
    made = subscribe(sandbox, graph, listener).json()
    at = f"{sandbox.base}/v1.0/subscriptions/{made['id']}"
    far = graph.patch(at, json={"notificationUrl": "http://127.0.0.1:1/nobody"})
    assert far.status_code == 400
    assert graph.get(at).json()["notificationUrl"] == made["notificationUrl"]


def test_messages_are_told_of(sandbox: Sandbox, graph: requests.Session, listener: Listener) -> None:
    made = subscribe(sandbox, graph, listener).json()
    sandbox.drill("add-mail", provider="microsoft", email=BO)
    [created] = items(listener.wait(1)[0].body)
    assert created["subscriptionId"] == made["id"] and created["clientState"] == "secret"
    assert created["changeType"] == "created" and created["tenantId"]
    data = created["resourceData"]
    assert data["@odata.type"] == "#Microsoft.Graph.Message" and created["resource"] == data["@odata.id"]
    prefer = {"Prefer": 'IdType="ImmutableId"'}
    at = f"{sandbox.base}/v1.0/me/messages/{data['id']}"
    assert graph.get(at, headers=prefer).json()["id"] == data["id"]
    graph.patch(at, json={"isRead": True})
    assert [one["changeType"] for one in items(listener.wait(2)[1].body)] == ["updated"]
    assert graph.post(f"{at}/permanentDelete").status_code == 204
    [deleted] = items(listener.wait(3)[2].body)
    assert (deleted["changeType"], deleted["resourceData"]["id"]) == ("deleted", data["id"])


@pytest.mark.parametrize(
    ("resource", "path", "body"),
    [
        ("me/contacts", "contacts", {"givenName": "Eva"}),
        (
            "me/events",
            "events",
            {
                "subject": "Tea",
                "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
                "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
            },
        ),
    ],
)
def test_events_and_contacts_are_told_of(
    sandbox: Sandbox, graph: requests.Session, listener: Listener, resource: str, path: str, body: dict[str, Any]
) -> None:
    subscribe(sandbox, graph, listener, resource)
    assert graph.post(f"{sandbox.base}/v1.0/me/{path}", json=body).status_code == 201
    [created] = items(listener.wait(1)[0].body)
    assert created["changeType"] == "created"
    prefer = {"Prefer": 'IdType="ImmutableId"'}
    found = graph.get(f"{sandbox.base}/v1.0/me/{path}/{created['resourceData']['id']}", headers=prefer)
    assert found.status_code == 200


def test_a_folder_may_be_all_that_is_watched(sandbox: Sandbox, graph: requests.Session, listener: Listener) -> None:
    subscribe(sandbox, graph, listener, "me/mailFolders('drafts')/messages", changeType="created")
    sandbox.drill("add-mail", provider="microsoft", email=BO)
    assert listener.stays(0)
    graph.post(f"{sandbox.base}/v1.0/me/messages", json={"subject": "A draft"})
    [created] = items(listener.wait(1)[0].body)
    assert created["changeType"] == "created"


def test_a_failing_address_is_tried_again(sandbox: Sandbox, graph: requests.Session, listener: Listener) -> None:
    subscribe(sandbox, graph, listener)
    listener.statuses = [503]
    sandbox.drill("add-mail", provider="microsoft", email=BO)
    first, second = listener.wait(2)
    assert first.body == second.body
    assert listener.stays(2)


def test_the_queue_outlives_a_kill(processes: Any) -> None:
    with listening() as listener:
        sandbox = processes.start("--empty", "--redirect-base", "http://localhost:8000")
        sandbox.seed(accounts=[{"provider": "microsoft", "email": BO}])
        graph = sandbox.authorized("microsoft", BO)
        assert subscribe(sandbox, graph, listener).status_code == 201
        sandbox.drill("push-delay", ms=1500)
        sandbox.drill("add-mail", provider="microsoft", email=BO)
        assert listener.stays(0, 0.5)
        processes.kill()
        processes.start("--empty")
        [created] = items(listener.wait(1)[0].body)
        assert created["changeType"] == "created"


def _in_batch(listener: Listener, *requests: dict[str, Any]) -> dict[str, Any]:
    made = []
    for number, one in enumerate(requests):
        body = {
            "changeType": "created",
            "notificationUrl": f"{listener.base}/graph",
            "resource": "me/messages",
            "expirationDateTime": (datetime.now(UTC) + timedelta(days=2)).isoformat(),
        }
        fields = {"id": str(number), "method": "POST", "url": "/subscriptions", "headers": JSON, "body": body}
        made.append(fields | {"body": body | one.get("body", {})} | {k: v for k, v in one.items() if k != "body"})
    return {"requests": made}


JSON = {"Content-Type": "application/json"}


def test_an_address_must_shake_hands_inside_a_batch_too(
    sandbox: Sandbox, graph: requests.Session, listener: Listener
) -> None:
    far = {"body": {"resource": "me/events", "notificationUrl": "http://127.0.0.1:1/nobody"}}
    after = {"method": "GET", "url": "/subscriptions", "dependsOn": ["1"]}
    wanted = _in_batch(listener, {}, far | {"dependsOn": ["0"]}, after)
    del wanted["requests"][2]["body"], wanted["requests"][2]["headers"]
    answers = graph.post(f"{sandbox.base}/v1.0/$batch", json=wanted).json()["responses"]
    assert [one["status"] for one in answers] == [201, 400, 424]
    assert answers[1]["body"]["error"]["code"] == "ValidationError"
    [kept] = graph.get(f"{sandbox.base}/v1.0/subscriptions").json()["value"]
    assert kept["id"] == answers[0]["body"]["id"]
    sandbox.drill("add-mail", provider="microsoft", email=BO)
    assert items(listener.wait(1)[0].body)[0]["subscriptionId"] == kept["id"]


def test_a_mailbox_has_at_most_a_thousand_subscriptions(
    sandbox: Sandbox, graph: requests.Session, listener: Listener
) -> None:
    made = subscribe(sandbox, graph, listener).json()
    assert sandbox.store is not None
    with sandbox.store.write() as db:
        columns = "account, client_id, resource, change_type, url, expires"
        sql = f"INSERT INTO graph_subscription (id, {columns}) SELECT ?, {columns} FROM graph_subscription WHERE id = ?"
        db.executemany(sql, [(f"another-{number}", made["id"]) for number in range(999)])
    refused = subscribe(sandbox, graph, listener, "me/events")
    assert refused.status_code == 403 and "1000" in refused.json()["error"]["message"]
    assert graph.delete(f"{sandbox.base}/v1.0/subscriptions/{made['id']}").status_code == 204
    assert subscribe(sandbox, graph, listener, "me/events").status_code == 201


def test_a_new_password_ends_subscriptions(sandbox: Sandbox, graph: requests.Session, listener: Listener) -> None:
    made = subscribe(sandbox, graph, listener, lifecycleNotificationUrl=f"{listener.base}/fate").json()
    sandbox.drill("change-password", provider="microsoft", email=BO)
    [told] = items(listener.wait(1)[0].body)
    assert (told["lifecycleEvent"], told["subscriptionId"]) == ("subscriptionRemoved", made["id"])
    assert graph.get(f"{sandbox.base}/v1.0/subscriptions").json()["value"] == []
