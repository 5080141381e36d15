"""Verifies a Microsoft ID token: signature, issuer, audience, time and nonce.

Fetching keys is left to ``providers.keys``. Rules: Microsoft identity platform, "ID token claims reference" and "secure
applications and APIs by validating claims".
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import jwt

from integrations.errors import PermanentFailure
from integrations.providers.base import AppCredentials
from integrations.providers.keys import signing_key

WORLDWIDE = "login.microsoftonline.com"
NATIONAL_CLOUDS = frozenset({"login.microsoftonline.us", "login.partner.microsoftonline.cn"})
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
CLOCK_SKEW_SECONDS = 60
_REQUIRED = ["aud", "exp", "iat", "iss", "sub", "tid"]


def verify(app: AppCredentials, token: str, nonce: str) -> dict[str, Any]:
    """The token's claims. Raises ``PermanentFailure`` for a token that must not be believed."""
    key = signing_key(token, app.address("jwks"))
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=app.client_id,
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": _REQUIRED},
        )
    except jwt.PyJWTError as error:
        raise _refused(type(error).__name__) from None
    tenant = str(claims["tid"])
    if not _allowed(tenant, app.tenant):
        raise _refused("tenant")
    if claims["iss"] != _issuer(app, tenant):
        raise _refused("issuer")
    if not nonce or not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
        raise _refused("nonce")
    return claims


def _issuer(app: AppCredentials, tenant: str) -> str:
    """Who must have signed. The issuer names the token's own tenant, and a national cloud's authority itself."""
    host = urlsplit(app.endpoints["authority"]).hostname
    return f"https://{host if host in NATIONAL_CLOUDS else WORLDWIDE}/{tenant}/v2.0"


def _allowed(tenant: str, wanted: str) -> bool:
    """Whether an account of ``tenant`` may come in by the app's (Microsoft checks one named by domain)."""
    if not _is_id(tenant):
        return False
    if wanted == "consumers":
        return tenant == PERSONAL_TENANT
    if wanted == "organizations":
        return tenant != PERSONAL_TENANT
    return not _is_id(wanted) or tenant == wanted.lower()


def _is_id(tenant: str) -> bool:
    try:
        return str(UUID(tenant)) == tenant.lower()
    except ValueError:
        return False


def _refused(why: str) -> PermanentFailure:
    return PermanentFailure("Microsoft's sign-in answer could not be verified.", code=f"id_token:{why}")
