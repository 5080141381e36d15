"""Who somebody is, as Google tells it: ID tokens, userinfo, the published keys and the discovery document.

Source: developers.google.com/identity/openid-connect/openid-connect and .../reference.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import accounts, bearer
from sandbox.accounts import Account
from sandbox.clients import Client
from sandbox.oauth import keys, tokens
from sandbox.oauth.google import scopes
from sandbox.store import Store

ISSUER = "https://accounts.google.com"
LIFETIME = timedelta(hours=1)


def _names(account: Account) -> dict[str, str]:
    given, _, family = account.name.partition(" ")
    return {"name": account.name, "given_name": given} | ({"family_name": family} if family else {})


def id_token(
    store: Store, account: Account, client: Client, granted: frozenset[str], access_token: str, nonce: str
) -> str:
    """A signed ID token; e-mail and name are in it only where their scopes were granted."""
    now = int(store.now().timestamp())
    digest = hashlib.sha256(access_token.encode()).digest()[:16]
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "azp": client.client_id,
        "aud": client.client_id,
        "sub": account.subject,
        "at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "iat": now,
        "exp": now + int(LIFETIME.total_seconds()),
    }
    if nonce:
        claims["nonce"] = nonce
    if scopes.EMAIL in granted:
        claims |= {"email": account.email, "email_verified": True}
    if scopes.PROFILE in granted:
        claims |= _names(account)
    value = keys.sign(store, "google", claims)
    tokens.issue(store, "id", value, account, client.client_id, granted, LIFETIME)
    return value


async def userinfo(request: Request) -> Response:
    """GET or POST userinfo: the version 1 form has ``sub``, that of the OAuth2 API has ``id``."""
    store: Store = request.app.state.store
    try:
        caller = bearer.authenticate(store, request, "google")
    except bearer.Refused:
        return _refused("Invalid Credentials")
    if not caller.scopes & scopes.IDENTITY.keys():
        return _refused("Request is missing required authentication credential.")
    account = accounts.by_id(store, caller.account.id)
    older = request.url.path.endswith("/oauth2/v2/userinfo")
    body: dict[str, Any] = {"id" if older else "sub": account.subject}
    if scopes.PROFILE in caller.scopes:
        body |= _names(account)
    if scopes.EMAIL in caller.scopes:
        body |= {"email": account.email, "verified_email" if older else "email_verified": True}
    return JSONResponse(body)


def _refused(message: str) -> Response:
    body = {"error": "invalid_request", "error_description": message}
    return JSONResponse(
        body, 401, {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'}
    )


async def certificates(request: Request) -> Response:
    """GET the JSON Web Key Set."""
    return JSONResponse(
        keys.key_set(request.app.state.store, "google"), headers={"Cache-Control": "public, max-age=3600"}
    )


async def discovery(request: Request) -> Response:
    """GET the OpenID discovery document, with this sandbox's addresses."""
    base = f"{request.base_url}google"
    body = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{base}/o/oauth2/v2/auth",
        "token_endpoint": f"{base}/token",
        "userinfo_endpoint": f"{base}/v1/userinfo",
        "revocation_endpoint": f"{base}/revoke",
        "jwks_uri": f"{base}/oauth2/v3/certs",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": [
            *("aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name", "sub"),
        ],
        "code_challenge_methods_supported": ["plain", "S256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
    }
    return JSONResponse(body, headers={"Cache-Control": "public, max-age=3600"})
