"""Who somebody is, as Microsoft tells it: ID tokens, userinfo, keys, discovery documents, sign-out.

Source: Microsoft identity platform, "ID token claims reference", "OpenID Connect".
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from sandbox import bearer, clients, pages
from sandbox.accounts import Account
from sandbox.clients import Client
from sandbox.oauth import keys, tokens
from sandbox.oauth.microsoft import tenants
from sandbox.oauth.microsoft.errors import Refusal
from sandbox.store import Store

AUTHORITY = "https://login.microsoftonline.com"
LIFETIME = timedelta(hours=1)


def _pairwise(account: Account, client_id: str) -> str:
    """The subject, another one for every app."""
    return hashlib.sha256(f"{tenants.of_account(account)}:{account.subject}:{client_id}".encode()).hexdigest()[:43]


def id_token(store: Store, account: Account, client: Client, granted: frozenset[str], nonce: str) -> str:
    """A signed ID token; e-mail, and name with object id, are in it only where their scopes were granted."""
    now, tenant = int(store.now().timestamp()), tenants.of_account(account)
    claims: dict[str, Any] = {
        "ver": "2.0",
        "iss": f"{AUTHORITY}/{tenant}/v2.0",
        "sub": _pairwise(account, client.client_id),
        "aud": client.client_id,
        "exp": now + int(LIFETIME.total_seconds()),
        "iat": now,
        "nbf": now,
        "tid": tenant,
        "uti": secrets.token_urlsafe(16),
    }
    if "profile" in granted:
        claims |= {"name": account.name, "preferred_username": account.email, "oid": account.subject}
    if "email" in granted:
        claims["email"] = account.email
    if nonce:
        claims["nonce"] = nonce
    value = keys.sign(store, "microsoft", claims)
    tokens.issue(store, "id", value, account, client.client_id, granted, LIFETIME)
    return value


async def userinfo(request: Request) -> Response:
    """GET or POST Graph's OpenID userinfo."""
    store: Store = request.app.state.store
    try:
        caller = bearer.authenticate(store, request, "microsoft")
    except bearer.Refused:
        body = {"error": {"code": "InvalidAuthenticationToken", "message": "Access token is empty or not valid."}}
        return JSONResponse(body, 401, {"WWW-Authenticate": "Bearer"})
    body_: dict[str, Any] = {"sub": _pairwise(caller.account, caller.client_id)}
    if "profile" in caller.scopes:
        given, _, family = caller.account.name.partition(" ")
        body_ |= {"name": caller.account.name, "given_name": given, "family_name": family}
    if "email" in caller.scopes:
        body_["email"] = caller.account.email
    return JSONResponse(body_)


async def certificates(request: Request) -> Response:
    """GET the JSON Web Key Set of a tenant; every key says which issuer it signs for."""
    found = keys.key_set(request.app.state.store, "microsoft")
    published = [key | {"issuer": f"{AUTHORITY}/{{tenantid}}/v2.0"} for key in found["keys"]]
    return JSONResponse({"keys": published}, headers={"Cache-Control": "max-age=86400, private"})


async def discovery(request: Request) -> Response:
    """GET a tenant's OpenID discovery document; with ``common`` its issuer is a template."""
    store: Store = request.app.state.store
    try:
        tenant = tenants.find(store, request.path_params["tenant"])
    except Refusal as refusal:
        return refusal.json(request, store.now())
    named = request.path_params["tenant"]
    base = f"{request.base_url}microsoft/{named}"
    body = {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{AUTHORITY}/{'{tenantid}' if tenant in {'common', 'organizations'} else tenant}/v2.0",
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": f"{request.base_url}microsoft/oidc/userinfo",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
        "claims_supported": [
            *("sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver", "email", "oid"),
        ],
    }
    return JSONResponse(body)


async def instance(request: Request) -> Response:
    """GET which hosts belong together, as msal asks before it trusts an authority it does not know."""
    tenant = (
        request.query_params.get("authorization_endpoint", "").partition("/oauth2/")[0].rpartition("/")[2] or "common"
    )
    hosts = {"preferred_network": "login.microsoftonline.com", "preferred_cache": "login.windows.net"}
    body = {
        "tenant_discovery_endpoint": f"{request.base_url}microsoft/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": request.query_params.get("api-version", "1.1"),
        "metadata": [hosts | {"aliases": ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com"]}],
    }
    return JSONResponse(body)


async def logout(request: Request) -> Response:
    """GET sign-out: back to an address that some app registered, or a page that says so."""
    store: Store = request.app.state.store
    back = request.query_params.get("post_logout_redirect_uri", "")
    if any(back in client.redirect_uris for client in clients.all_of(store) if client.provider == "microsoft"):
        return RedirectResponse(back, 302)
    return pages.page("You are signed out", "<p>You may close this page.</p>")
