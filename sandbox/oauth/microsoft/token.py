"""Microsoft's token endpoint: codes and refresh tokens become access tokens, each time with a new refresh token.

Consent is left to ``consent``, the claims of ID tokens to ``identity``. Sources: Microsoft identity platform,
"Authorization code flow", "Refresh tokens", "Error codes".
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
from sandbox.oauth.microsoft import identity, scopes, tenants
from sandbox.oauth.microsoft.consent import client_info
from sandbox.oauth.microsoft.errors import Refusal, missing
from sandbox.store import Store

ACCESS_LIFETIME = timedelta(hours=1)
REFRESH_LIFETIME = timedelta(days=90)

_MISMATCH = "The Code_Verifier does not match the code_challenge supplied in the authorization request."
_CODE_FAULTS: dict[codes.Fault, tuple[str, int, str]] = {
    "expired": (
        "invalid_grant",
        70008,
        "The provided authorization code or refresh token has expired due to inactivity.",
    ),
    "redeemed": (
        "invalid_grant",
        54005,
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code.",
    ),
    "revoked": ("invalid_grant", 50173, "The provided grant has expired due to it being revoked."),
    "redirect_uri": (
        "invalid_client",
        500112,
        "The reply address does not match the one given with the authorization request.",
    ),
    "verifier": ("invalid_grant", 501481, _MISMATCH),
    "no_verifier": ("invalid_grant", 50148, "The code_verifier does not match the code_challenge: it is missing."),
    "stray_verifier": ("invalid_grant", 501481, _MISMATCH),
}
_BAD_CODE = ("invalid_grant", 70000, "The provided value for the 'code' parameter is not valid.")


def _client(store: Store, tenant: str, sent: dict[str, str]) -> Client:
    if "client_id" not in sent:
        raise missing("client_id")
    client = clients.find(store, "microsoft", sent["client_id"])
    if client is None:
        text = f"Application with identifier '{sent['client_id']}' was not found in the directory '{tenant}'."
        raise Refusal("unauthorized_client", 700016, text)
    tenants.check_app(tenant, client)
    if client.secret and "client_secret" not in sent:
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise Refusal("invalid_client", 7000218, text, status=401)
    if client.kind == "public" and "client_secret" in sent:
        text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
        raise Refusal("invalid_client", 700025, text, status=401)
    if client.secret_expired:
        text = f"The provided client secret keys for app '{client.client_id}' are expired. Create new keys."
        raise Refusal("invalid_client", 7000222, text, status=401)
    if client.secret and not client.has_secret(sent["client_secret"]):
        text = f"Invalid client secret provided for app '{client.client_id}'. Send the secret's value, not its ID."
        raise Refusal("invalid_client", 7000215, text, status=401)
    return client


def _unconsented(client: Client) -> Refusal:
    return Refusal(
        "invalid_grant",
        65001,
        f"The user or administrator has not consented to use the application with ID '{client.client_id}' named"
        f" '{client.name}'. Send an interactive authorization request for this user and resource.",
        suberror="consent_required",
    )


def _requested(sent: dict[str, str], allowed: frozenset[str], otherwise: frozenset[str]) -> frozenset[str]:
    """The scopes a token is wanted for: those named, all allowed ones for ``.default``, or ``otherwise``."""
    if "scope" not in sent:
        return otherwise
    known, unknown = scopes.parse(sent["scope"])
    if unknown:
        text = f"The provided value for the input parameter 'scope' is not valid: '{unknown[0]}' does not exist."
        raise Refusal("invalid_scope", 70011, text)
    if scopes.DEFAULT in known:
        return allowed
    return frozenset(known)


def _answer(
    store: Store, account: Account, client: Client, granted: frozenset[str], sent: dict[str, str], nonce: str = ""
) -> dict[str, Any]:
    """A new access token; with it a refresh token and an ID token where their scopes were granted."""
    personal = tenants.is_personal(account)
    value = ("EwB" if personal else "eyJ0eXAiOiJKV1Qi.") + secrets.token_urlsafe(700)
    tokens.issue(store, "access", value, account, client.client_id, granted, ACCESS_LIFETIME)
    seconds = int(ACCESS_LIFETIME.total_seconds()) - 1
    body: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": scopes.written(granted, personal=personal),
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": value,
    }
    if "offline_access" in granted:
        body["refresh_token"] = ("M.C545_SN1.0.U." if personal else "1.AX0A") + secrets.token_urlsafe(400)
        tokens.issue(store, "refresh", body["refresh_token"], account, client.client_id, granted, REFRESH_LIFETIME)
    if "openid" in granted:
        body["id_token"] = identity.id_token(store, account, client, granted, nonce)
    if sent.get("client_info") == "1":
        body["client_info"] = client_info(account)
    return body


def _exchange(store: Store, tenant: str, client: Client, sent: dict[str, str]) -> dict[str, Any]:
    """A code's tokens. Scopes that the person unticked are left out of what the app names, not held against it."""
    for name in ("code", "redirect_uri"):
        if name not in sent:
            raise missing(name)
    try:
        redeemed = codes.redeem(store, sent["code"], client, sent["redirect_uri"], sent.get("code_verifier", ""))
    except codes.Refused as refused:
        error, number, text = _CODE_FAULTS.get(refused.fault, _BAD_CODE)
        raise Refusal(error, number, text, status=401 if error == "invalid_client" else 400) from refused
    account = accounts.by_id(store, redeemed.account_id)
    tenants.check_account(tenant, client, account)
    # offline_access and openid hold for the whole grant, whether or not the app names them again
    granted = _requested(sent, redeemed.scopes, redeemed.scopes) & redeemed.scopes
    if not granted:
        raise _unconsented(client)
    return _answer(store, account, client, granted | (redeemed.scopes & scopes.OPENID.keys()), sent, redeemed.nonce)


def _refresh(store: Store, tenant: str, client: Client, sent: dict[str, str]) -> dict[str, Any]:
    if "refresh_token" not in sent:
        raise missing("refresh_token")
    token = tokens.find(store, "refresh", sent["refresh_token"])
    if token is None or token.provider != "microsoft" or token.client_id != client.client_id:
        raise Refusal("invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")
    if token.expires_at <= store.now():
        text = f"The refresh token has expired due to inactivity. It was issued on {token.issued_at:%Y-%m-%dT%H:%M:%SZ}"
        raise Refusal("invalid_grant", 700082, f"{text} and was inactive for {REFRESH_LIFETIME.days}.00:00:00.")
    account = accounts.by_email(store, "microsoft", token.email)
    grant = grants.find(store, account, client.client_id) if account else None
    if account is None or grant is None:
        raise _unconsented(client)
    if token.revoked:
        text = "The provided grant has expired due to it being revoked, a fresh auth token is needed."
        raise Refusal("invalid_grant", 50173, f"{text} The user might have changed or reset their password.")
    tenants.check_account(tenant, client, account)
    granted = _requested(sent, grant.scopes, token.scopes)
    if not granted <= grant.scopes:
        raise _unconsented(client)
    return _answer(store, account, client, granted | (token.scopes & {"offline_access"}), sent)


async def token(request: Request) -> Response:
    """POST /{tenant}/oauth2/v2.0/token."""
    store: Store = request.app.state.store
    try:
        sent = await parameters.form(request)
        tenant = tenants.find(store, request.path_params["tenant"])
        if "grant_type" not in sent:
            raise missing("grant_type")
        if sent["grant_type"] not in {"authorization_code", "refresh_token"}:
            text = f"The app requested an unsupported grant type '{sent['grant_type']}'."
            raise Refusal("unsupported_grant_type", 70003, text)
        client = _client(store, tenant, sent)
        act = _exchange if sent["grant_type"] == "authorization_code" else _refresh
        with store.write():
            body = act(store, tenant, client, sent)
    except parameters.Repeated as repeated:
        text = f"The request has more than one value for the parameter '{repeated.name}'."
        return Refusal("invalid_request", 9000411, text).json(request, store.now())
    except Refusal as refusal:
        return refusal.json(request, store.now())
    return JSONResponse(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})
