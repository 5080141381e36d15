"""Who somebody is: signed ID tokens, keys and their rotation, userinfo, discovery, and msal against the sandbox."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import msal
import pytest
import requests

from tests.sandbox.conftest import CALLBACK, Sandbox

ADA = {"google": "ada@gmail.example", "microsoft": "ada@outlook.example"}
WORK = "ada@contoso.example"
TENANT = "3f0c4a5e-5f57-4c3a-9d7e-0f6f1c2b7a11"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
AUTHORITY = "https://login.microsoftonline.com"
KEYS = {"google": "/google/oauth2/v3/certs", "microsoft": "/microsoft/common/discovery/v2.0/keys"}


@pytest.fixture
def people(sandbox: Sandbox) -> Sandbox:
    accounts = [{"provider": provider, "email": email, "name": "Ada Byron"} for provider, email in ADA.items()]
    sandbox.seed(accounts=[*accounts, {"provider": "microsoft", "email": WORK, "name": "Ada Byron", "tenant": TENANT}])
    return sandbox


def verified(sandbox: Sandbox, provider: str, token: str, issuer: str) -> dict[str, Any]:
    """The claims, after everything that a careful app checks."""
    kid = jwt.get_unverified_header(token)["kid"]
    published = sandbox.get(KEYS[provider]).json()["keys"]
    assert len(published) == 2
    key = jwt.PyJWK(next(one for one in published if one["kid"] == kid))
    claims: dict[str, Any] = jwt.decode(token, key, ["RS256"], audience=f"sandbox-{provider}", issuer=issuer)
    return claims


def test_google_signs_who_it_is(people: Sandbox) -> None:
    body = people.connect("google", ADA["google"], nonce="n-1")
    claims = verified(people, "google", body["id_token"], "https://accounts.google.com")
    assert (claims["email"], claims["email_verified"], claims["name"]) == (ADA["google"], True, "Ada Byron")
    assert (claims["nonce"], claims["azp"]) == ("n-1", "sandbox-google")
    half = hashlib.sha256(body["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    userinfo = people.userinfo(body["access_token"]).json()
    assert (userinfo["sub"], userinfo["email"]) == (claims["sub"], ADA["google"])
    refreshed = people.refresh("google", body["refresh_token"]).json()
    again = verified(people, "google", refreshed["id_token"], "https://accounts.google.com")
    assert again["sub"] == claims["sub"]
    assert "nonce" not in again


def test_claims_need_their_scopes(people: Sandbox) -> None:
    body = people.connect("google", ADA["google"], "openid")
    claims = verified(people, "google", body["id_token"], "https://accounts.google.com")
    assert not claims.keys() & {"email", "name"}
    assert people.userinfo(body["access_token"]).json() == {"sub": claims["sub"]}


@pytest.mark.parametrize(("email", "tenant"), [(ADA["microsoft"], PERSONAL), (WORK, TENANT)])
def test_microsoft_signs_who_it_is(people: Sandbox, email: str, tenant: str) -> None:
    body = people.connect("microsoft", email, nonce="n-1")
    issuer = f"https://login.microsoftonline.com/{tenant}/v2.0"
    claims = verified(people, "microsoft", body["id_token"], issuer)
    assert (claims["tid"], claims["ver"], claims["nonce"]) == (tenant, "2.0", "n-1")
    assert (claims["preferred_username"], claims["email"], claims["name"]) == (email, email, "Ada Byron")
    assert claims["oid"] != claims["sub"]


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_keys_rotate_and_the_last_one_stays_published(people: Sandbox, provider: str) -> None:
    def kids() -> list[str]:
        return [key["kid"] for key in people.get(KEYS[provider]).json()["keys"]]

    before = kids()
    people.drill("rotate-signing-keys", provider=provider)
    assert kids()[1] == before[0]
    assert kids()[0] not in before
    token = people.connect(provider, ADA[provider])["id_token"]
    assert jwt.get_unverified_header(token)["kid"] == kids()[0]


def test_discovery_leads_to_every_endpoint(people: Sandbox) -> None:
    google = people.get("/google/.well-known/openid-configuration").json()
    assert google["issuer"] == "https://accounts.google.com"
    assert requests.get(google["jwks_uri"], timeout=5).json() == people.get(KEYS["google"]).json()
    common = people.get("/microsoft/common/v2.0/.well-known/openid-configuration").json()
    assert common["issuer"] == "https://login.microsoftonline.com/{tenantid}/v2.0"
    assert common["token_endpoint"] == f"{people.base}/microsoft/common/oauth2/v2.0/token"
    work = people.get(f"/microsoft/{TENANT}/v2.0/.well-known/openid-configuration").json()
    assert work["issuer"] == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    nowhere = people.get("/microsoft/nowhere/v2.0/.well-known/openid-configuration")
    assert (nowhere.status_code, nowhere.json()["error"]) == (400, "invalid_tenant")


class _Answer:
    """An answer whose addresses are Microsoft's own again, as a proxy before the sandbox would have it."""

    def __init__(self, answer: requests.Response, base: str) -> None:
        self.status_code = answer.status_code
        self.headers = answer.headers
        self.text = answer.text.replace(f"{base}/microsoft", AUTHORITY)

    def raise_for_status(self) -> None:
        """msal asks this of discovery only."""
        assert self.status_code < 400, self.text


class _Proxy:
    """msal's way to the network, led to the sandbox. msal takes https addresses only."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> _Answer:
        path = url.replace(AUTHORITY, "/microsoft")
        return _Answer(self.sandbox.get(path, params=params, headers=headers), self.sandbox.base)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> _Answer:
        path = url.replace(AUTHORITY, "/microsoft")
        return _Answer(self.sandbox.post(path, params=params, data=data, headers=headers), self.sandbox.base)

    def close(self) -> None:
        """Nothing is kept open here."""


@pytest.mark.parametrize("email", [ADA["microsoft"], WORK])
def test_msal_signs_in_and_refreshes(people: Sandbox, email: str) -> None:
    app = msal.ConfidentialClientApplication(
        "sandbox-microsoft",
        client_credential="sandbox-microsoft-secret",
        authority=f"{AUTHORITY}/common",
        http_client=_Proxy(people),
    )
    wanted = ["Mail.ReadWrite", "User.Read"]
    flow = app.initiate_auth_code_flow(wanted, redirect_uri=CALLBACK.format("microsoft"))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(flow["auth_uri"]).query).items()}
    result = app.acquire_token_by_auth_code_flow(flow, people.decide("microsoft", email, "allow", (), **asked))
    assert "error" not in result, result
    assert result["id_token_claims"]["preferred_username"] == email
    refreshed = app.acquire_token_by_refresh_token(result["refresh_token"], scopes=wanted)
    assert refreshed["access_token"] != result["access_token"]
    assert refreshed["refresh_token"] != result["refresh_token"]
    silent = app.acquire_token_silent_with_error(wanted, app.get_accounts()[0], force_refresh=True)
    assert "access_token" in silent, silent
    bad = app.acquire_token_by_refresh_token("nothing", scopes=wanted)
    assert (bad["error"], bad["error_codes"]) == ("invalid_grant", [9002313])
    people.drill("revoke-grant", provider="microsoft", email=email)
    ended = app.acquire_token_by_refresh_token(refreshed["refresh_token"], scopes=wanted)
    assert (ended["error"], ended["suberror"]) == ("invalid_grant", "consent_required")
