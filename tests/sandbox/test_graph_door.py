"""What holds for every call to the sandbox's Graph: tokens, scopes, batches, unknown paths, too many at once."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from sandbox.oauth import tokens
from sandbox.seeds import SeedAccount
from tests.sandbox.conftest import Sandbox
from tests.sandbox.graph_client import Graph
from tests.sandbox.graph_seeds import BO, EVA, graph, letter


def test_me_is_the_account_behind_the_token() -> None:
    user = graph().get("me")
    assert (user["id"], user["mail"], user["givenName"], user["surname"]) == ("oid-bo", BO, "Bo", "Berg")
    assert set(graph().get("me", select="mail,userPrincipalName")) == {
        "@odata.context",
        "id",
        "mail",
        "userPrincipalName",
    }


def test_tokens_that_do_not_count_are_refused() -> None:
    g = graph()
    assert g.call("GET", "me", headers={"authorization": ""}).status == 401
    assert g.call("GET", "me", token="made-up").code == "InvalidAuthenticationToken"
    late = g.grant(BO, g.scopes, timedelta(hours=-1))
    refused = g.call("GET", "me", token=late)
    assert refused.status == 401 and refused.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_token_is_refused() -> None:
    g = graph()
    tokens.revoke_all(g.store)
    assert g.call("GET", "me").status == 401


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        ({"Mail.ReadBasic"}, "GET", "me/messages", 200),
        ({"Mail.Read"}, "GET", "me/messages", 200),
        ({"https://graph.microsoft.com/Mail.Read"}, "GET", "me/mailFolders", 200),
        ({"mail.readwrite"}, "GET", "me/messages", 200),
        ({"Calendars.ReadWrite"}, "GET", "me/messages", 403),
        ({"Mail.Read"}, "POST", "me/mailFolders", 403),
        ({"Mail.ReadWrite"}, "POST", "me/sendMail", 403),
        ({"Mail.ReadWrite"}, "GET", "me/calendars", 403),
        ({"Calendars.Read"}, "GET", "me/calendars", 200),
        ({"Calendars.Read"}, "POST", "me/events", 403),
        ({"Contacts.Read"}, "GET", "me/contacts", 200),
        ({"Contacts.Read"}, "POST", "me/contacts", 403),
        ({"User.Read"}, "GET", "me/mailboxSettings", 403),
        ({"Mail.Read"}, "GET", "me", 403),
    ],
)
def test_scopes(scopes: set[str], method: str, path: str, status: int) -> None:
    answer = _with(scopes).call(method, path)
    assert answer.status == status and (status == 200 or answer.code == "ErrorAccessDenied")


def _with(scopes: set[str]) -> Graph:
    g = graph([letter(1)])
    g.token = g.grant(BO, scopes)
    return g


def test_those_who_may_read_basics_only_see_no_body() -> None:
    [item] = _with({"Mail.ReadBasic"}).get("me/messages", expand="attachments")["value"]
    assert item["subject"] and not {"body", "bodyPreview", "attachments"} & item.keys()


def test_mailboxes_are_apart() -> None:
    g = graph([letter(1)], [], SeedAccount("microsoft", EVA, "Eva Ek", "oid-eva", "tid"))
    message, folder = g.get("me/messages")["value"][0], g.get("me/mailFolders/inbox")
    assert g.get(f"users/{BO}/messages/{message['id']}")["id"] == message["id"]
    assert g.call("GET", f"users/{EVA}/messages/{message['id']}").status == 403
    g.token = g.grant(EVA, g.scopes)
    assert g.call("GET", f"me/messages/{message['id']}").status == 400
    assert g.call("GET", f"me/mailFolders/{folder['id']}").status == 400
    assert g.get("me/messages")["value"] == []


def test_errors_name_the_request() -> None:
    g = graph()
    answer = g.call("GET", "me/messages/x", headers={"client-request-id": "c-1"})
    inner = answer.json["error"]["innerError"]
    assert inner["client-request-id"] == answer.headers["client-request-id"] == "c-1"
    assert inner["request-id"] == answer.headers["request-id"]


def _batch(g: Graph, *parts: dict[str, Any]) -> dict[str, Any]:
    answer = g.call("POST", "$batch", body={"requests": list(parts)})
    assert answer.status == 200, answer.content
    return {one["id"]: one for one in answer.json["responses"]}


def test_a_batch_answers_each_of_its_requests() -> None:
    g = graph([letter(1)])
    message = g.get("me/messages")["value"][0]["id"]
    given = _batch(
        g,
        {"id": "a", "method": "GET", "url": "/me/messages?$select=subject&$top=1"},
        {"id": "b", "method": "GET", "url": f"me/messages/{message}/$value"},
        {
            "id": "c",
            "method": "PATCH",
            "url": f"/me/messages/{message}",
            "body": {"isRead": False},
            "headers": {"Content-Type": "application/json", "Prefer": 'IdType="ImmutableId"'},
        },
        {"id": "d", "method": "GET", "url": "/me/unknown"},
    )
    assert {name: one["status"] for name, one in given.items()} == {"a": 200, "b": 200, "c": 200, "d": 400}
    assert base64.b64decode(given["b"]["body"]) == g.seeds[0].messages[0].raw
    assert given["c"]["body"]["id"] != message and not given["c"]["body"]["isRead"]


@pytest.mark.parametrize(
    ("needed", "status"),
    [
        ([[], [], []], 200),
        ([[], ["a"], ["b"]], 200),
        ([[], ["A"], ["B"]], 200),
        ([[], [], ["b"]], 400),
        ([[], ["a"], []], 400),
        ([[], ["a"], ["a"]], 400),
        ([[], ["a"], ["a", "b"]], 400),
    ],
)
def test_a_batch_is_wholly_serial_or_wholly_parallel(needed: list[list[str]], status: int) -> None:
    parts = [
        {"id": name, "method": "GET", "url": "/me", "dependsOn": names}
        for name, names in zip("abc", needed, strict=True)
    ]
    answer = graph().call("POST", "$batch", body={"requests": parts})
    assert answer.status == status
    if status == 400:
        assert "fully sequential or fully parallel" in answer.json["error"]["message"]


def test_what_depends_on_a_failure_is_424() -> None:
    given = _batch(
        graph(),
        {"id": "a", "method": "GET", "url": "/me/messages/nothing"},
        {"id": "b", "method": "GET", "url": "/me", "dependsOn": ["a"]},
        {"id": "c", "method": "GET", "url": "/me", "dependsOn": ["b"]},
    )
    assert [given[name]["status"] for name in "abc"] == [400, 424, 424]


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [{"id": str(n), "method": "GET", "url": "/me"} for n in range(21)],
        [{"id": "a", "method": "GET", "url": "/me"}, {"id": "A", "method": "GET", "url": "/me"}],
        [{"id": "a", "method": "GET", "url": "https://graph.microsoft.com/v1.0/me"}],
        [{"id": "a", "method": "TRACE", "url": "/me"}],
        [{"id": "a", "method": "POST", "url": "/me/messages", "body": {}}],
        [{"id": "a", "method": "GET", "url": "/me", "dependsOn": ["b"]}],
        [{"id": 1, "method": "GET", "url": "/me"}],
    ],
)
def test_a_batch_that_is_wrong_is_refused_whole(parts: list[dict[str, Any]]) -> None:
    assert graph().call("POST", "$batch", body={"requests": parts}).status == 400


def test_paths_and_methods_that_are_not_there() -> None:
    g = graph()
    token = {"authorization": f"Bearer {g.token}", "host": "sandbox"}
    for method, path, status in (("GET", "me/mesages", 400), ("PUT", "me/messages", 405), ("DELETE", "me", 405)):
        assert asyncio.run(g._send(method, path, "", b"", token)).status == status


def test_a_body_that_is_no_json_is_refused() -> None:
    answer = graph([letter(1)]).call("POST", "me/mailFolders", body=b"{")
    assert (answer.status, answer.code) == (400, "BadRequest")


def test_more_than_four_slow_calls_at_once_for_a_mailbox_are_too_many(sandbox: Sandbox) -> None:
    sandbox.seed(accounts=[{"provider": "microsoft", "email": BO, "name": "Bo Berg"}])
    token = sandbox.connect("microsoft", BO)["access_token"]
    head = {"Authorization": f"Bearer {token}"}
    sandbox.drill("latency", service="graph", ms=2000)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: requests.get(sandbox.base + "/v1.0/me", headers=head, timeout=10), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [429] * 2
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert float(refused.headers["retry-after"]) > 0
    assert refused.json()["error"]["code"] == "ApplicationThrottled"
    sandbox.drill("latency", service="graph", ms=0)
    assert requests.get(sandbox.base + "/v1.0/me", headers=head, timeout=10).status_code == 200
