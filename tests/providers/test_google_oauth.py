"""Google's OAuth rules against a scripted Google: what is asked for, who is believed, and what a refusal means."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from integrations.errors import (
    IntegrationError,
    MisconfiguredApp,
    PermanentFailure,
    ReconnectRequired,
    TemporaryFailure,
)
from integrations.providers import keys
from integrations.providers.base import AppCredentials
from integrations.providers.google.provider import provider
from integrations.records import Identity, Service
from tests.providers.wire import Asked, Said, Wire, said_json

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NONCE = "n-0S6_WzA2Mj"
ACCESS = "ya29.access"
oauth = provider.oauth


@pytest.fixture
def app(wire: Wire) -> AppCredentials:
    endpoints = {name: f"{wire.base}/{name}" for name in provider.endpoints}
    return AppCredentials("client-1", "secret-1", endpoints)


def jwks(*named: tuple[str, rsa.RSAPrivateKey]) -> Said:
    entries = [
        {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}
        for kid, key in named
    ]
    return said_json({"keys": entries}, Cache_Control="public, max-age=19000")


def id_token(key: rsa.RSAPrivateKey = KEY, kid: str = "k1", **changed: Any) -> str:
    half = hashlib.sha256(ACCESS.encode()).digest()[:16]
    claims = {
        "iss": "https://accounts.google.com",
        "aud": "client-1",
        "sub": "1080",
        "email": "ada@example.com",
        "name": "Ada",
        "iat": int(time.time()),
        "exp": int(time.time()) + 3600,
        "nonce": NONCE,
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        **changed,
    }
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, "RS256", headers={"kid": kid})


def identify(app: AppCredentials, token: str) -> Identity:
    return oauth.identify(app, token, nonce=NONCE, access_token=ACCESS)


def test_a_connect_always_gets_a_refresh_token() -> None:
    first = oauth.authorize_params(reconnect_email=None, offline=True)
    assert first == {"access_type": "offline", "prompt": "select_account consent"}
    again = oauth.authorize_params(reconnect_email="ada@example.com", offline=True)
    assert again == {"access_type": "offline", "prompt": "consent", "login_hint": "ada@example.com"}
    assert "access_type" not in oauth.authorize_params(reconnect_email=None, offline=False)


def test_only_the_chosen_services_are_asked_for() -> None:
    mail = provider.scopes_for(frozenset({Service.MAIL}))
    assert mail == ("openid", "email", "profile", "https://www.googleapis.com/auth/gmail.modify")
    calendar = frozenset(provider.scopes_for(frozenset({Service.CALENDAR})))
    assert provider.usable(Service.CALENDAR, calendar)
    assert not provider.usable(Service.CALENDAR, calendar - {"https://www.googleapis.com/auth/calendar.events"})


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
def test_a_good_id_token_says_who_it_is(wire: Wire, app: AppCredentials, issuer: str) -> None:
    wire.answer = lambda asked: jwks(("k1", KEY))
    assert identify(app, id_token(iss=issuer)) == Identity("1080", "ada@example.com", "Ada")
    assert identify(app, id_token(at_hash=None)).subject == "1080"
    assert [asked.path for asked in wire.asked] == ["/jwks"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: id_token(iss="https://accounts.example.com"),
        lambda: id_token(aud="client-2"),
        lambda: id_token(exp=int(time.time()) - 3600),
        lambda: id_token(nonce="another"),
        lambda: id_token(nonce=None),
        lambda: id_token(sub=None),
        lambda: id_token(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
        lambda: id_token(key=OTHER_KEY),
        lambda: id_token(kid="unknown"),
        lambda: jwt.encode({"sub": "1080"}, "", "none"),
        lambda: jwt.encode({"sub": "1080"}, "s" * 32, "HS256", headers={"kid": "k1"}),
        lambda: "no token at all",
    ],
)
def test_any_doubt_refuses_the_id_token(wire: Wire, app: AppCredentials, make: Callable[[], str]) -> None:
    wire.answer = lambda asked: jwks(("k1", KEY))
    with pytest.raises(PermanentFailure):
        identify(app, make())


def test_an_unknown_key_fetches_the_keys_anew_but_not_at_will(
    wire: Wire, app: AppCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.answer = lambda asked: jwks(("k1", KEY))
    identify(app, id_token())
    wire.answer = lambda asked: jwks(("k1", KEY), ("k2", OTHER_KEY))
    with pytest.raises(PermanentFailure):
        identify(app, id_token(key=OTHER_KEY, kid="k2"))
    assert len(wire.asked) == 1
    monkeypatch.setattr(keys, "REFETCH_SECONDS", 0.0)
    assert identify(app, id_token(key=OTHER_KEY, kid="k2")).subject == "1080"
    assert len(wire.asked) == 2


def test_keys_that_cannot_be_had_are_a_passing_failure(wire: Wire, app: AppCredentials) -> None:
    wire.answer = lambda asked: Said(503)
    with pytest.raises(TemporaryFailure):
        identify(app, id_token())


def test_a_refresh(wire: Wire, app: AppCredentials) -> None:
    answer = {"access_token": "new", "expires_in": 3599, "scope": "b a", "token_type": "Bearer", "id_token": "x"}
    wire.answer = lambda asked: said_json(answer)
    tokens = oauth.refresh(app, "1//refresh", frozenset({"a"}))
    assert (tokens.access_token, tokens.refresh_token, tokens.scopes) == ("new", "", frozenset({"a", "b"}))
    assert timedelta(minutes=59) < tokens.expires_at - datetime.now(UTC) <= timedelta(hours=1)
    assert tokens.refresh_expires_at is None
    sent = parse_qs(wire.asked[0].body.decode())
    assert sent["refresh_token"] == ["1//refresh"] and sent["client_secret"] == ["secret-1"] and "scope" not in sent
    wire.answer = lambda asked: said_json({"access_token": "n", "expires_in": 10, "refresh_token_expires_in": 604799})
    limited = oauth.refresh(app, "1//refresh", frozenset({"a"}))
    assert limited.scopes == frozenset({"a"}) and limited.refresh_expires_at is not None
    assert "access_token" not in repr(limited)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (said_json({"error": "invalid_grant", "error_description": "Bad Request"}, 400), ReconnectRequired),
        (said_json({"error": "invalid_client"}, 401), MisconfiguredApp),
        (said_json({"error": "internal_failure"}, 500), TemporaryFailure),
        (said_json({"expires_in": 1}), TemporaryFailure),
        (Said(200, b"<html>"), TemporaryFailure),
        (Said(drop=True), TemporaryFailure),
    ],
)
def test_a_refused_refresh_is_asked_once_and_tells_no_secret(
    wire: Wire, app: AppCredentials, said: Said, kind: type[IntegrationError]
) -> None:
    wire.answer = lambda asked: said
    with pytest.raises(kind) as caught:
        oauth.refresh(app, "1//very-secret", frozenset())
    assert len(wire.asked) == 1
    seen: BaseException | None = caught.value
    while seen is not None:
        assert "very-secret" not in repr(seen) and "secret-1" not in repr(seen)
        seen = seen.__cause__ or seen.__context__


def test_revoking_ends_what_may_have_ended_already(wire: Wire, app: AppCredentials) -> None:
    def answer(asked: Asked) -> Said:
        dead = b"dead" in asked.body
        return Said(400, json.dumps({"error": "invalid_token"}).encode()) if dead else said_json({})

    wire.answer = answer
    assert oauth.revoke(app, "live") and oauth.revoke(app, "dead")
    assert wire.asked[0].body == b"token=live"
    wire.answer = lambda asked: Said(503)
    with pytest.raises(TemporaryFailure):
        oauth.revoke(app, "live")
