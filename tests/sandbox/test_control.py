"""The control API as tests and tools use it: state, tokens, seeds, reset, drills, and who may call it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import CALLBACK, FULL, TOKEN, Sandbox
from tests.sandbox.discovery_schema import check_error

ADA = {"google": "ada@gmail.example", "microsoft": "ada@outlook.example"}
INBOX = {
    "google": "/gmail/v1/users/me/messages?maxResults=50",
    "microsoft": "/v1.0/me/mailFolders/inbox/messages?$top=50",
}
VENDORS = ["google", "microsoft"]


@pytest.fixture
def world(sandbox: Sandbox) -> Sandbox:
    sandbox.seed(accounts=[{"provider": p, "email": email, "name": "Ada Byron"} for p, email in ADA.items()])
    return sandbox


def subjects(sandbox: Sandbox, provider: str) -> list[str]:
    query = {"account": ADA[provider], "provider": provider}
    return [one["subject"] for one in sandbox.get("/_sandbox/messages", params=query).json()]


@pytest.mark.parametrize("provider", VENDORS)
def test_what_is_seeded_is_there(world: Sandbox, provider: str) -> None:
    named = {"provider": provider, "email": ADA[provider]}
    raw = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: By hand\r\n\r\nHello\r\n"
    world.seed(
        messages=[
            named | {"subject": "Written", "text": "Hello"},
            named | {"raw": raw.decode(), "received": "2026-01-05T10:00:00Z", "unread": True},
            named | {"raw": base64.b64encode(raw).decode(), "base64": True, "box": "archive"},
        ],
        events=[
            named | {"title": "Lunch", "start": "2026-01-05T12:00:00", "end": "2026-01-05T13:00:00"},
            named | {"title": "Leave", "start": "2026-01-06", "end": "2026-01-08"},
        ],
    )
    state = world.state(ADA[provider])
    assert (state["messages"], state["events"], state["grants"]) == (3, 2, 0)
    assert sorted(subjects(world, provider)) == ["By hand", "By hand", "Written"]


@pytest.mark.parametrize(
    "call",
    [
        {"pigeons": []},
        {"accounts": [{"provider": "yahoo", "email": "a@example.org"}]},
        {"accounts": [{"provider": "google", "email": "new@gmail.example", "shoe": 1}]},
        {"messages": [{"provider": "google", "email": "nobody@gmail.example", "subject": "x"}]},
        {"messages": [{"provider": "google", "email": ADA["google"], "received": "yesterday"}]},
        {"messages": [{"provider": "google", "email": ADA["google"], "raw": "?", "base64": True}]},
        {"events": [{"provider": "google", "email": ADA["google"], "title": "No times"}]},
        {"contacts": {"name": "Not a list"}},
    ],
)
def test_a_seed_that_makes_no_sense_changes_nothing(world: Sandbox, call: dict[str, Any]) -> None:
    good = {"accounts": [{"provider": "google", "email": "first@gmail.example"}], "messages": [], "events": []}
    answer = world.post("/_sandbox/seed", json={**good, **call})
    assert answer.status_code == 400
    assert answer.json()["error"]
    accounts = world.get("/_sandbox/state").json()["accounts"]
    assert sorted(one["email"] for one in accounts) == sorted(ADA.values())


def test_every_value_given_out_is_listed_even_after_a_reset(world: Sandbox) -> None:
    given: dict[str, str] = {}
    for provider, email in ADA.items():
        asked = {"scope": FULL[provider]} | ({"access_type": "offline"} if provider == "google" else {})
        code = world.decide(provider, email, "allow", (), **asked)["code"]
        body = world.exchange(provider, code).json()
        given |= {code: "code", body["access_token"]: "access"}
        given |= {body["refresh_token"]: "refresh", body["id_token"]: "id"}

    def listed() -> dict[str, dict[str, Any]]:
        return {one.pop("value"): one for one in world.get("/_sandbox/tokens").json()}

    before = listed()
    assert {value: before[value]["kind"] for value in before} == given
    assert all(one["account"] == ADA[one["provider"]] for one in before.values())
    assert {one["kind"] for one in before.values() if one["revoked"]} == {"code"}
    assert world.post("/_sandbox/reset").status_code == 200
    after = listed()
    assert after.keys() == given.keys()
    assert all(one["revoked"] for one in after.values() if one["kind"] != "id")


def test_a_reset_brings_back_the_beginning(world: Sandbox) -> None:
    body = world.connect("google", ADA["google"])
    world.drill("advance-clock", seconds=86400)
    world.drill("server-errors", service="gmail", count=5)
    world.post("/_sandbox/reset")
    assert world.get("/_sandbox/state").json() == {"accounts": []}
    world.seed(accounts=[{"provider": "google", "email": ADA["google"]}])
    assert world.refresh("google", body["refresh_token"]).json()["error"] == "invalid_grant"
    assert world.userinfo(body["access_token"]).status_code == 401
    inbox = world.authorized("google", ADA["google"]).get(world.base + INBOX["google"])
    assert inbox.status_code == 200


@pytest.mark.parametrize("provider", VENDORS)
def test_mail_arrives_on_demand(world: Sandbox, provider: str) -> None:
    world.drill("add-mail", provider=provider, email=ADA[provider], subject="Ping", **{"from": "Bo <bo@example.org>"})
    world.drill("add-mail", provider=provider, email=ADA[provider], subject="Many", count=3)
    assert sorted(subjects(world, provider)) == ["Many 1", "Many 2", "Many 3", "Ping"]


@pytest.mark.parametrize("provider", VENDORS)
def test_access_tokens_and_grants_end_on_demand(world: Sandbox, provider: str) -> None:
    body = world.connect(provider, ADA[provider])
    mail = requests.Session()
    mail.headers["Authorization"] = f"Bearer {body['access_token']}"
    assert mail.get(world.base + INBOX[provider]).status_code == 200
    assert world.drill("expire-access-tokens") == {"ended": 1}
    assert mail.get(world.base + INBOX[provider]).status_code == 401
    renewed = world.refresh(provider, body["refresh_token"]).json()["access_token"]
    mail.headers["Authorization"] = f"Bearer {renewed}"
    assert mail.get(world.base + INBOX[provider]).status_code == 200
    assert world.state(ADA[provider])["grants"] == 1
    assert world.drill("revoke-grant", provider=provider, email=ADA[provider]) == {"ended": 1}
    assert world.state(ADA[provider])["grants"] == 0
    assert mail.get(world.base + INBOX[provider]).status_code == 401
    assert world.refresh(provider, body["refresh_token"]).json()["error"] == "invalid_grant"


SERVICES = [
    ("gmail", "google", 429),
    ("calendar", "google", 403),
    ("people", "google", 429),
    ("graph", "microsoft", 429),
]
PATHS = {
    "gmail": INBOX["google"],
    "calendar": "/calendar/v3/users/me/calendarList",
    "people": "/v1/people/me?personFields=names",
    "graph": INBOX["microsoft"],
}


@pytest.mark.parametrize(("service", "provider", "status"), SERVICES)
def test_a_service_refuses_too_many_calls_for_a_while(world: Sandbox, service: str, provider: str, status: int) -> None:
    api = world.authorized(provider, ADA[provider])
    world.drill("rate-limit", service=service, seconds=30)
    refused = api.get(world.base + PATHS[service])
    assert refused.status_code == status
    error = refused.json()["error"]
    if provider == "google":
        assert error["errors"][0]["reason"] == "rateLimitExceeded"
        check_error(status, refused.json())
    else:
        assert error["code"] == "TooManyRequests"
        assert 29 < float(refused.headers["Retry-After"]) <= 30 and "." in refused.headers["Retry-After"]
    world.drill("advance-clock", seconds=31)
    assert api.get(world.base + PATHS[service]).status_code != status


@pytest.mark.parametrize(("service", "provider"), [("gmail", "google"), ("graph", "microsoft")])
def test_a_service_breaks_as_often_as_it_was_told(world: Sandbox, service: str, provider: str) -> None:
    api = world.authorized(provider, ADA[provider])
    world.drill("server-errors", service=service, count=2)
    statuses = [api.get(world.base + PATHS[service]).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]
    world.drill("drop-connections", service=service, count=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.get(world.base + PATHS[service])
    assert api.get(world.base + PATHS[service]).status_code == 200
    world.drill("latency", service=service, ms=150)
    assert api.get(world.base + PATHS[service]).elapsed.total_seconds() >= 0.15
    world.drill("latency", service=service, ms=0)
    assert api.get(world.base + PATHS[service]).elapsed.total_seconds() < 0.15


@pytest.mark.parametrize("provider", VENDORS)
def test_the_token_endpoint_breaks_too(world: Sandbox, provider: str) -> None:
    world.drill("server-errors", service=f"{provider}-oauth", count=1)
    broken = world.post(TOKEN[provider], data={})
    assert (broken.status_code, broken.json()["error"]) == (503, "temporarily_unavailable")
    assert world.post(TOKEN[provider], data={}).status_code == 400


def test_every_drill_is_listed_with_what_it_takes(world: Sandbox) -> None:
    drills = world.get("/_sandbox/drills").json()
    assert {"revoke-grant", "add-mail", "expire-cursors", "rate-limit"} <= {one["name"] for one in drills}
    assert all(one["does"].endswith(".") and isinstance(one["takes"], list) for one in drills)


@pytest.mark.parametrize(
    ("path", "call", "status"),
    [
        ("nothing", {}, 404),
        ("revoke-grant", {}, 400),
        ("revoke-grant", {"provider": "google", "email": "nobody@gmail.example"}, 400),
        ("advance-clock", {"seconds": "long"}, 400),
        ("advance-clock", {"seconds": 1, "hours": 2}, 400),
        ("rate-limit", {"service": "pigeons", "seconds": 1}, 400),
        ("expire-cursors", {"provider": "yahoo"}, 400),
    ],
)
def test_a_drill_that_makes_no_sense_is_refused(world: Sandbox, path: str, call: dict[str, Any], status: int) -> None:
    answer = world.post(f"/_sandbox/drills/{path}", json=call)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_apps_are_registered_and_changed(world: Sandbox) -> None:
    app = {"provider": "google", "client_id": "other", "client_secret": "x", "redirect_uris": ["http://localhost:9/"]}
    world.post("/_sandbox/clients", json=app)
    changed = world.post("/_sandbox/clients", json={"provider": "google", "client_id": "other", "testing": True}).json()
    assert (changed["client_secret"], changed["testing"]) == ("x", True)
    assert changed["redirect_uris"] == ["http://localhost:9/"]
    assert len(world.get("/_sandbox/clients").json()) == 3
    assert world.post("/_sandbox/clients", json={"provider": "google"}).status_code == 400
    page = world.ask("google", client_id="other", redirect_uri=CALLBACK.format("google"))
    assert "redirect_uri_mismatch" in page.text


@pytest.mark.parametrize(
    "headers", [{"Host": "sandbox.attacker.example"}, {"Origin": "https://attacker.example"}, {"Origin": "null"}]
)
def test_control_is_for_this_machine_only(world: Sandbox, headers: dict[str, str]) -> None:
    for path in ("/_sandbox/state", "/_sandbox/tokens"):
        assert world.get(path, headers=headers).status_code == 403
    assert world.post("/_sandbox/reset", headers=headers).status_code == 403
    assert world.state(ADA["google"])


def test_the_index_lists_the_accounts(world: Sandbox) -> None:
    page = world.get("/")
    assert ADA["google"] in page.text
    assert "/_sandbox/state" in page.text
    assert world.get("/_sandbox/static/sandbox.css").status_code == 200
