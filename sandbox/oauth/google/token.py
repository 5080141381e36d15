"""Google's token and revocation endpoints: codes and refresh tokens become access tokens; grants end.

Consent is left to ``consent``, the claims of ID tokens to ``identity``. Sources:
developers.google.com/identity/protocols/oauth2 ("Refresh token expiration") and .../oauth2/web-server.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import accounts, clients
from sandbox.accounts import Account
from sandbox.clients import Client
from sandbox.oauth import codes, grants, parameters, tokens
from sandbox.oauth.google import identity, scopes
from sandbox.oauth.google.errors import TokenError
from sandbox.pubsub import service_accounts
from sandbox.store import Store

ACCESS_LIFETIME = timedelta(hours=1)
UNUSED_LIFETIME = timedelta(days=183)  # a refresh token that is not used for six months dies
TESTING_LIFETIME = timedelta(days=7)  # of refresh tokens of an app whose publishing status is "Testing"
MOST_REFRESH_TOKENS = 100  # per account and app; one more ends the oldest

_CODE_FAULTS: dict[codes.Fault, tuple[str, str]] = {
    "unknown": ("invalid_grant", "Malformed auth code."),
    "redirect_uri": ("redirect_uri_mismatch", "Bad Request"),
    "verifier": ("invalid_grant", "Invalid code verifier."),
    "no_verifier": ("invalid_grant", "Missing code verifier."),
    "stray_verifier": ("invalid_grant", "code_verifier or verifier is not needed."),
}


def _client(store: Store, sent: dict[str, str]) -> Client:
    if "client_id" not in sent:
        raise TokenError("invalid_request", "Could not determine client ID from request.")
    client = clients.find(store, "google", sent["client_id"])
    if client is None:
        raise TokenError("invalid_client", "The OAuth client was not found.", 401)
    if "client_secret" not in sent:
        raise TokenError("invalid_request", "client_secret is missing.")
    if not client.has_secret(sent["client_secret"]):
        raise TokenError("invalid_client", "The provided client secret is invalid.", 401)
    return client


def _require(sent: dict[str, str], name: str) -> str:
    if name not in sent:
        raise TokenError("invalid_request", f"Missing required parameter: {name}")
    return sent[name]


def _answer(store: Store, account: Account, client: Client, granted: frozenset[str], nonce: str = "") -> dict[str, Any]:
    """A new access token, and an ID token where ``openid`` was granted."""
    value = f"ya29.a0A{secrets.token_urlsafe(150)}"
    tokens.issue(store, "access", value, account, client.client_id, granted, ACCESS_LIFETIME)
    body: dict[str, Any] = {
        "access_token": value,
        "expires_in": int(ACCESS_LIFETIME.total_seconds()) - 1,
        "scope": " ".join(sorted(granted)),
        "token_type": "Bearer",
    }
    if "openid" in granted:
        body["id_token"] = identity.id_token(store, account, client, granted, value, nonce)
    return body


def _new_refresh_token(store: Store, account: Account, client: Client, granted: frozenset[str]) -> dict[str, Any]:
    limited = client.testing and not granted <= scopes.IDENTITY.keys()
    lifetime = TESTING_LIFETIME if limited else UNUSED_LIFETIME
    value = f"1//0{secrets.token_urlsafe(70)}"
    tokens.issue(store, "refresh", value, account, client.client_id, granted, lifetime)
    for oldest in tokens.live_refresh_tokens(store, account.id, client.client_id)[:-MOST_REFRESH_TOKENS]:
        tokens.revoke(store, oldest.value)
    body: dict[str, Any] = {"refresh_token": value}
    if limited:
        body["refresh_token_expires_in"] = int(lifetime.total_seconds()) - 1
    return body


def _exchange(store: Store, client: Client, sent: dict[str, str]) -> dict[str, Any]:
    code, redirect_uri = _require(sent, "code"), _require(sent, "redirect_uri")
    try:
        redeemed = codes.redeem(store, code, client, redirect_uri, sent.get("code_verifier", ""))
    except codes.Refused as refused:
        raise TokenError(*_CODE_FAULTS.get(refused.fault, ("invalid_grant", "Bad Request"))) from refused
    account = accounts.by_id(store, redeemed.account_id)
    body = _answer(store, account, client, redeemed.scopes, redeemed.nonce)
    if redeemed.refreshable:
        body |= _new_refresh_token(store, account, client, redeemed.scopes)
    return body


def _refresh(store: Store, client: Client, sent: dict[str, str]) -> dict[str, Any]:
    token = tokens.find(store, "refresh", _require(sent, "refresh_token"))
    if token is None or token.provider != "google":
        raise TokenError("invalid_grant", "Bad Request")
    if token.client_id != client.client_id:
        raise TokenError("unauthorized_client", "Unauthorized", 401)
    if not token.is_alive(store.now()):
        raise TokenError("invalid_grant", "Token has been expired or revoked.")
    granted = token.scopes
    if "scope" in sent:
        granted = frozenset(scopes.canonical(one) for one in sent["scope"].split())
        if not granted or not granted <= token.scopes:
            raise TokenError("invalid_scope", "Bad Request")
    body = _answer(store, accounts.by_id(store, token.account_id), client, granted)
    if client.testing and not token.scopes <= scopes.IDENTITY.keys():
        body["refresh_token_expires_in"] = int((token.expires_at - store.now()).total_seconds())
    else:
        tokens.extend(store, token.value, UNUSED_LIFETIME)
    return body


async def token(request: Request) -> Response:
    """POST /token."""
    store: Store = request.app.state.store
    try:
        sent = await parameters.form(request)
        kind = _require(sent, "grant_type")
        if kind == service_accounts.GRANT_TYPE:
            body = service_accounts.exchange(store, _require(sent, "assertion"), str(request.url))
            return JSONResponse(body, headers={"Cache-Control": "no-store"})
        if kind not in {"authorization_code", "refresh_token"}:
            raise TokenError("unsupported_grant_type", f"Invalid grant_type: {kind}")
        client = _client(store, sent)
        with store.write():
            body = _exchange(store, client, sent) if kind == "authorization_code" else _refresh(store, client, sent)
    except parameters.Repeated as repeated:
        return TokenError("invalid_request", f"Parameter specified more than once: {repeated.name}").response()
    except TokenError as error:
        return error.response()
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


async def revoke(request: Request) -> Response:
    """POST /revoke: an access or refresh token ends the person's whole grant to the app."""
    store: Store = request.app.state.store
    try:
        value = {**request.query_params, **await parameters.form(request)}.get("token", "")
    except parameters.Repeated as repeated:
        return TokenError("invalid_request", f"Parameter specified more than once: {repeated.name}").response()
    found = tokens.find(store, "refresh", value) or tokens.find(store, "access", value)
    if not value:
        return TokenError("invalid_request", "Missing required parameter: token").response()
    if found is None or found.provider != "google" or not found.is_alive(store.now()):
        return TokenError("invalid_token", "Token expired or revoked").response()
    grants.revoke(store, found.account_id, found.client_id)
    return JSONResponse({})
