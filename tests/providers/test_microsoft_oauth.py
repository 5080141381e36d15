"""Microsoft's OAuth rules over the wire: ID tokens, renewal, what is asked for."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from integrations.errors import (
    MisconfiguredApp,
    PermanentFailure,
    RateLimited,
    ReconnectRequired,
    TemporaryFailure,
)
from integrations.providers.base import AppCredentials
from integrations.providers.microsoft.id_token import PERSONAL_TENANT
from integrations.providers.microsoft.oauth import MicrosoftOAuth
from integrations.providers.microsoft.provider import provider
from integrations.records import Identity, Service
from tests.providers.wire import Asked, Said, Wire, said_json

TENANT = "0d2d4c11-9f3c-4b1c-8f0b-9ef0b8cf3a11"
SCOPES = frozenset({"openid", "offline_access", "User.Read", "Mail.ReadWrite"})
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class SignIn:
    """Microsoft's sign-in service: lists a key, and answers the token endpoint as told."""

    wire: Wire
    key_id: str = "k1"
    token: Said = field(default_factory=Said)
    graph: Said = field(default_factory=Said)

    def __post_init__(self) -> None:
        self.wire.answer = self._answer

    def _answer(self, asked: Asked) -> Said:
        if asked.path.endswith("/keys"):
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            return said_json({"keys": [{"kty": "EC", "kid": "e"}, {**public, "use": "sig", "kid": self.key_id}]})
        return self.token if asked.path.endswith("/token") else self.graph

    @property
    def app(self) -> AppCredentials:
        moved = {"authority": f"{self.wire.base}/login", "graph": f"{self.wire.base}/v1.0"}
        return AppCredentials("client", "secret/+&=", {**provider.endpoints, **moved})

    def id_token(self, *, key: rsa.RSAPrivateKey = KEY, algorithm: str = "RS256", **changes: Any) -> str:
        claims = {
            "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
            "aud": "client",
            "iat": int(time.time()),
            "exp": int(time.time()) + 600,
            "sub": "pairwise",
            "oid": "object",
            "tid": TENANT,
            "nonce": "n",
            "email": "ada@example.com",
            "name": "Ada",
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, key, algorithm, headers={"kid": self.key_id})

    def identify(self, token: str, **app: Any) -> Identity:
        return MicrosoftOAuth().identify(replace(self.app, **app), token, nonce="n", access_token="at")


@pytest.fixture
def service(wire: Wire) -> SignIn:
    return SignIn(wire)


def form(asked: Asked) -> Mapping[str, list[str]]:
    return parse_qs(asked.body.decode())


def test_what_is_asked_for() -> None:
    oauth = provider.oauth
    assert oauth.authorize_params(reconnect_email=None, offline=True) == {
        "response_mode": "query",
        "prompt": "select_account",
    }
    again = oauth.authorize_params(reconnect_email="ada@example.com", offline=True)
    assert again == {"response_mode": "query", "login_hint": "ada@example.com"}
    scopes = provider.scopes_for(frozenset({Service.MAIL}))
    assert {"openid", "offline_access", "User.Read", "Mail.ReadWrite", "Mail.Send"} <= set(scopes)
    assert "Calendars.ReadWrite" not in scopes


def test_addresses_follow_the_authority_and_the_tenant() -> None:
    app = AppCredentials("c", "s", {**provider.endpoints, "authority": "https://login.example/"}, tenant="contoso.com")
    assert app.address("token") == "https://login.example/contoso.com/oauth2/v2.0/token"
    assert app.address("jwks") == "https://login.example/contoso.com/discovery/v2.0/keys"
    own = replace(app, endpoints={**app.endpoints, "token": "https://elsewhere.example/token"})
    assert own.address("token") == "https://elsewhere.example/token"


def test_a_verified_token_says_who_it_is(service: SignIn) -> None:
    assert service.identify(service.id_token()) == Identity(f"{TENANT}:object", "ada@example.com", "Ada")
    pairwise = service.id_token(oid=None, email=None, preferred_username="ada@contoso.com")
    assert service.identify(pairwise) == Identity(f"{TENANT}:pairwise", "ada@contoso.com", "Ada")


def test_an_address_that_the_token_lacks_comes_from_graph(service: SignIn) -> None:
    service.graph = said_json({"mail": None, "userPrincipalName": "ada@contoso.com", "displayName": "Ada L."})
    assert service.identify(service.id_token(email=None, name=None)).email == "ada@contoso.com"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other"},
        {"iss": f"https://login.microsoftonline.com/{PERSONAL_TENANT}/v2.0"},
        {"iss": "https://login.microsoftonline.com/{tenantid}/v2.0"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"nonce": "replayed"},
        {"nonce": None},
        {"tid": "x/../y", "iss": "https://login.microsoftonline.com/x/../y/v2.0"},
        {"tid": None},
        {"key": OTHER_KEY},
    ],
    ids=lambda c: "-".join(c),
)
def test_a_token_that_must_not_be_believed(service: SignIn, changes: dict[str, Any]) -> None:
    with pytest.raises(PermanentFailure) as raised:
        service.identify(service.id_token(**changes))
    assert "ey" not in str(raised.value)


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 50])
def test_what_is_no_token(service: SignIn, token: str) -> None:
    with pytest.raises(PermanentFailure):
        service.identify(token)


def test_unsigned_tokens_and_those_signed_with_the_public_key(service: SignIn) -> None:
    claims = jwt.decode(service.id_token(), options={"verify_signature": False})
    for forged in (jwt.encode(claims, "", "none"), jwt.encode(claims, "s" * 40, "HS256", headers={"kid": "k1"})):
        with pytest.raises(PermanentFailure):
            service.identify(forged)


@pytest.mark.parametrize(
    ("tenant", "allowed"),
    [
        ("common", True),
        ("organizations", True),
        ("consumers", False),
        (TENANT, True),
        (TENANT.upper(), True),
        (PERSONAL_TENANT, False),
        ("contoso.com", True),
    ],
)
def test_accounts_of_another_tenant_are_refused(service: SignIn, tenant: str, *, allowed: bool) -> None:
    if allowed:
        assert service.identify(service.id_token(), tenant=tenant)
    else:
        with pytest.raises(PermanentFailure):
            service.identify(service.id_token(), tenant=tenant)


def test_keys_are_fetched_once(service: SignIn) -> None:
    oauth = MicrosoftOAuth()
    for _ in range(3):
        oauth.identify(service.app, service.id_token(), nonce="n", access_token="at")
    assert [a.path for a in service.wire.asked] == ["/login/common/discovery/v2.0/keys"]


def test_keys_that_cannot_be_fetched(service: SignIn) -> None:
    token = service.id_token()
    service.wire.answer = lambda asked: Said(503)
    with pytest.raises(TemporaryFailure):
        service.identify(token)


def test_renewal_hands_on_the_new_refresh_token(service: SignIn) -> None:
    spelled = "https://graph.microsoft.com/mail.readwrite User.Read profile"
    service.token = said_json(
        {"token_type": "Bearer", "access_token": "at2", "refresh_token": "rt2", "expires_in": 3600, "scope": spelled}
    )
    tokens = MicrosoftOAuth().refresh(service.app, "rt1", SCOPES)
    assert (tokens.access_token, tokens.refresh_token) == ("at2", "rt2")
    assert tokens.scopes == SCOPES | {"profile"}
    assert abs(tokens.expires_at - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=1)
    assert "at2" not in repr(tokens)
    (asked,) = service.wire.asked
    sent = form(asked)
    assert asked.path == "/login/common/oauth2/v2.0/token"
    assert (sent["grant_type"], sent["refresh_token"]) == (["refresh_token"], ["rt1"])
    assert (sent["client_id"], sent["client_secret"]) == (["client"], ["secret/+&="])
    assert set(sent["scope"][0].split()) == SCOPES | {"profile"}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (
            said_json({"error": "invalid_grant", "error_codes": [700082], "error_description": "x"}, 400),
            ReconnectRequired,
        ),
        (
            said_json({"error": "invalid_client", "error_codes": [7000215], "error_description": "x"}, 401),
            MisconfiguredApp,
        ),
        (said_json({"error": "invalid_grant", "error_codes": [50196], "error_description": "x"}, 400), RateLimited),
        (said_json({"error": "temporarily_unavailable", "error_codes": [90006]}, 503), TemporaryFailure),
        (said_json({"error": "x"}, 429, Retry_After="12.5"), RateLimited),
        (Said(502, b"<html>"), TemporaryFailure),
        (Said(400, b"<html>"), TemporaryFailure),
        (said_json({}), TemporaryFailure),
        (Said(drop=True), TemporaryFailure),
    ],
)
def test_a_refused_renewal(service: SignIn, said: Said, kind: type[Exception]) -> None:
    service.token = said
    with pytest.raises(kind) as raised:
        MicrosoftOAuth().refresh(service.app, "rt-secret", SCOPES)
    assert "rt-secret" not in str(raised.value)
    if isinstance(raised.value, RateLimited):
        assert raised.value.retry_after >= 12.5


@pytest.mark.parametrize("garbled", [b'{"access_token":"%s","expires', b'["%s"]', b"%s"])
def test_tokens_of_an_answer_that_is_cut_off_are_not_said(
    service: SignIn, garbled: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    service.token = Said(200, garbled % b"eyJ0-not-to-be-seen", {"Content-Type": "application/json"})
    with pytest.raises(TemporaryFailure) as failure:
        MicrosoftOAuth().refresh(service.app, "old", SCOPES)
    assert "not-to-be-seen" not in caplog.text + "".join(traceback.format_exception(failure.value))


def test_a_dead_grant_is_asked_about_each_time(service: SignIn) -> None:
    """Nothing is remembered between renewals, neither tokens nor refusals."""
    service.token = said_json({"error": "invalid_grant", "error_codes": [70008], "error_description": "x"}, 400)
    for _ in range(2):
        with pytest.raises(ReconnectRequired):
            MicrosoftOAuth().refresh(service.app, "rt", SCOPES)
    assert len(service.wire.asked) == 2


def test_there_is_nothing_to_revoke_with(service: SignIn) -> None:
    assert provider.revokes is False
    assert provider.oauth.revoke(service.app, "rt") is False
    assert service.wire.asked == []
