"""What all of the sandbox's Google APIs share: tokens, scopes, parameters, partial answers, batches."""

from __future__ import annotations

import email
import json
from datetime import timedelta

import pytest

from sandbox.oauth import tokens
from sandbox.seeds import SeedAccount
from sandbox.store import Store
from tests.sandbox.google_client import Reply, World

PROFILE = "/gmail/v1/users/me/profile"


@pytest.fixture
def world() -> World:
    seeds = [
        SeedAccount("google", "ada@gmail.example", "Ada", "1"),
        SeedAccount("google", "bob@gmail.example", "Bob", "2"),
    ]
    return World(Store(None), seeds)


def test_token_decides_who_is_calling(world: World) -> None:
    assert world.get(PROFILE)["emailAddress"] == "ada@gmail.example"
    bob = world.grant("bob@gmail.example", world.scopes)
    assert world.call("GET", PROFILE, token=bob).json["emailAddress"] == "bob@gmail.example"


def test_bad_tokens_are_refused(world: World) -> None:
    old = world.grant("ada@gmail.example", world.scopes, timedelta(seconds=-1))
    dead = world.grant("ada@gmail.example", world.scopes)
    tokens.revoke(world.store, dead)
    for token in (old, dead, "unknown"):
        reply = world.call("GET", PROFILE, token=token)
        assert (reply.status, reply.reason) == (401, "authError")
        assert reply.json["error"]["status"] == "UNAUTHENTICATED"
        assert "invalid_token" in reply.headers["www-authenticate"]
    assert world.call("GET", PROFILE, headers={"authorization": ""}).reason == "required"


def test_missing_scope_is_named(world: World) -> None:
    token = world.grant("ada@gmail.example", ["openid"])
    reply = world.call("GET", PROFILE, token=token)
    assert (reply.status, reply.reason) == (403, "insufficientPermissions")
    assert reply.json["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"},
        {"maxResults": "many"},
        {"maxResults": "-1"},
        {"includeSpamTrash": "yes"},
        {"fields": "messages(id"},
        {"fields": "nosuchfield"},
        {"alt": "xml"},
        {"labelIds": "NOPE"},
        {"pageToken": "zzz"},
    ],
)
def test_bad_parameters_are_refused(world: World, query: dict[str, str]) -> None:
    reply = world.call("GET", "/gmail/v1/users/me/messages", query)
    assert reply.status == 400
    assert reply.json["error"]["status"] == "INVALID_ARGUMENT"


def test_common_parameters_are_taken(world: World) -> None:
    common = {"alt": "json", "prettyPrint": "false", "quotaUser": "me", "key": "k", "fields": "emailAddress"}
    reply = world.call("GET", PROFILE, common)
    assert reply.content == b'{"emailAddress":"ada@gmail.example"}'


def test_unknown_names_in_a_body_are_refused_by_gmail(world: World) -> None:
    reply = world.call("POST", "/gmail/v1/users/me/labels", body={"name": "x", "colour": "red"})
    assert reply.status == 400 and 'Unknown name "colour"' in reply.json["error"]["message"]
    assert world.call("POST", "/gmail/v1/users/me/labels", body=b"{").reason == "parseError"
    assert world.call("POST", "/gmail/v1/users/me/labels", body={"name": 5}).status == 400


def test_fields_pick_nested_values(world: World) -> None:
    reply = world.get("/gmail/v1/users/me/labels", fields="labels(id,type)")
    assert set(reply["labels"][0]) == {"id", "type"}
    assert world.get("/gmail/v1/users/me/labels", fields="labels/name")["labels"][0] == {"name": "CHAT"}


def test_what_is_not_there(world: World) -> None:
    assert world.call("GET", "/gmail/v1/users/me/nothing").status == 404
    assert world.call("GET", "/gmail/v1/users/me/settings/imap").json["error"]["status"] == "UNIMPLEMENTED"


def _batch(
    world: World, calls: list[tuple[str, str]], path: str = "/batch/gmail/v1"
) -> tuple[Reply, list[tuple[str, int, bytes]]]:
    lines = []
    for i, (line, body) in enumerate(calls):
        lines.append(f"--b\r\nContent-Type: application/http\r\nContent-ID: <call+{i}>\r\n\r\n{line} HTTP/1.1\r\n")
        lines.append(f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}\r\n")
    content = "".join(lines) + "--b--\r\n"
    reply = world.call("POST", path, body=content.encode(), headers={"content-type": "multipart/mixed; boundary=b"})
    if reply.status != 200:
        return reply, []
    head = f"Content-Type: {reply.headers['content-type']}\r\n\r\n".encode()
    parts = []
    for part in list(email.message_from_bytes(head + reply.content).walk())[1:]:
        status, _, rest = str(part.get_payload()).partition("\r\n")
        parts.append((part["Content-ID"], int(status.split()[1]), rest.partition("\r\n\r\n")[2].encode()))
    return reply, parts


def test_batch_answers_each_call_with_its_own_status(world: World) -> None:
    calls = [
        ("GET /gmail/v1/users/me/profile", ""),
        ("GET /gmail/v1/users/me/messages/00000000deadbeef", ""),
        ("POST /gmail/v1/users/me/labels", json.dumps({"name": "From a batch"})),
    ]
    _, parts = _batch(world, calls)
    assert [(name, status) for name, status, _ in parts] == [
        ("<response-call+0>", 200),
        ("<response-call+1>", 404),
        ("<response-call+2>", 200),
    ]
    assert json.loads(parts[0][2])["emailAddress"] == "ada@gmail.example"
    assert any(label["name"] == "From a batch" for label in world.get("/gmail/v1/users/me/labels")["labels"])
    _, parts = _batch(world, [("GET /calendar/v3/users/me/calendarList", "")], "/batch/calendar/v3")
    assert parts[0][1] == 200


def test_batch_takes_a_hundred_calls(world: World) -> None:
    assert len(_batch(world, [("GET " + PROFILE, "")] * 100)[1]) == 100
    assert _batch(world, [("GET " + PROFILE, "")] * 101)[0].status == 400
    assert world.call("POST", "/batch/gmail/v1", body=b"no parts").status == 400
