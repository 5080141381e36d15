"""What no document states is judged as well: OAuth's endpoints, Pub/Sub and upload sessions, by schemas of our own."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import CALLBACK, Sandbox

GOOGLE, MICROSOFT = "/google/token", "/microsoft/common/oauth2/v2.0/token"
AUTHORIZE = {"google": "/google/o/oauth2/v2/auth", "microsoft": "/microsoft/common/oauth2/v2.0/authorize"}
SESSION = "/outlook/api/v2.0/Users('u')/AttachmentSessions('s')"
SUBSCRIPTION = "/v1/projects/osmen/subscriptions/mail"
BINARY = {"Content-Range": "bytes 0-2/9"}


def _found(sandbox: Sandbox) -> list[list[str]]:
    """What the book says was wrong, and an empty book."""
    answer = sandbox.http.delete(f"{sandbox.base}/_sandbox/violations")
    return [entry["problems"] for entry in answer.json()]


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_a_good_sign_in_breaks_nothing(sandbox: Sandbox, provider: str) -> None:
    sandbox.seed(accounts=[{"provider": provider, "email": "ada@x.example"}])
    body = sandbox.connect(provider, "ada@x.example")
    assert sandbox.refresh(provider, body["refresh_token"]).status_code == 200
    if provider == "google":
        assert sandbox.post("/google/revoke", data={"token": body["refresh_token"]}).status_code == 200
    assert _found(sandbox) == []


@pytest.mark.parametrize(
    ("path", "form", "problem"),
    [
        (GOOGLE, {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "a"}, "client_secret"),
        (GOOGLE, {"grant_type": "refresh_token", "refresh_token": "x", "cliend_id": "a"}, "cliend_id"),
        (GOOGLE, {"grant_type": "password", "username": "ada"}, "grant_type"),
        (GOOGLE, {"grant_type": "authorization_code", "code_verifier": "short"}, "code_verifier"),
        (MICROSOFT, {"grant_type": "refresh_token", "refresh_token": "x", "token": "a"}, "token"),
        (MICROSOFT, {"grant_type": "authorization_code", "redirect_uri": "http://far.example/"}, "redirect_uri"),
        (MICROSOFT, {"grant_type": "refresh_token", "scope": "Mail.Read https://other.example/Read"}, "resources"),
        ("/google/revoke", {"token_type_hint": "refresh_token", "token": "x"}, "token_type_hint"),
        ("/google/tokens", {"token": "x"}, "none of the vendor's"),
    ],
)
def test_a_wrong_oauth_request_is_written_down(sandbox: Sandbox, path: str, form: dict[str, str], problem: str) -> None:
    sandbox.http.hooks["response"] = []
    sandbox.post(path, data=form)
    [found] = _found(sandbox)
    assert any(problem in one for one in found), found
    assert not any("short" in one or "far.example" in one for one in found)  # a value may be a secret


def test_a_token_is_asked_for_by_a_form_and_not_in_a_query(sandbox: Sandbox) -> None:
    good = {"grant_type": "refresh_token", "refresh_token": "x", **sandbox.client("google")}
    sandbox.post(GOOGLE, json=good)
    assert "the body is no form" in _found(sandbox)[0]
    sandbox.post(GOOGLE, params=good)
    assert any("a query" in one for one in _found(sandbox)[0])


@pytest.mark.parametrize("provider", ["google", "microsoft"])
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"accestype": "offline"}, "accestype"),
        ({"prompt": "always"}, "prompt"),
        ({"code_challenge_method": "S256"}, "code_challenge"),
        ({"response_type": "token"}, "response_type"),
        ({"scope": ""}, "scope"),
    ],
)
def test_a_wrong_authorization_request_is_written_down(
    sandbox: Sandbox, provider: str, change: dict[str, str], problem: str
) -> None:
    asked = {"response_type": "code", "scope": "openid", "redirect_uri": CALLBACK.format(provider), "state": "s"}
    asked |= {"client_id": f"sandbox-{provider}"} | change
    sandbox.get(AUTHORIZE[provider], params=asked, allow_redirects=False)
    [found] = _found(sandbox)
    assert any(problem in one for one in found), found


@pytest.mark.parametrize(
    ("method", "path", "options", "problem"),
    [
        ("PUT", SESSION, {"data": b"abc", "headers": BINARY | {"Authorization": "Bearer x"}}, "Authorization"),
        ("PUT", SESSION, {"data": b"abcd", "headers": BINARY}, "does not fit"),
        ("PUT", SESSION, {"data": b"abc"}, "Content-Range"),
        ("PUT", SESSION, {"data": iter([b"abc"]), "headers": BINARY}, "Content-Length"),
        ("POST", SESSION, {}, "POST is none of"),
        ("GET", "/outlook/api/v2.0/Sessions", {}, "no upload session"),
        ("POST", f"{SUBSCRIPTION}:pull", {"json": {"max": 3}}, "max"),
        ("POST", f"{SUBSCRIPTION}:acknowledge", {"json": {"ackIds": "one"}}, "ackIds"),
        ("POST", f"{SUBSCRIPTION}:draw", {"json": {}}, "in no discovery document"),
    ],
)
def test_wrong_uploads_and_pulls_are_written_down(
    sandbox: Sandbox, method: str, path: str, options: dict[str, Any], problem: str
) -> None:
    requests.request(method, sandbox.base + path, **options)
    [found] = _found(sandbox)
    assert any(problem in one for one in found), found
