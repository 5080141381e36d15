"""Google's OAuth rules: what to ask for, who an account is, refreshing and revoking.

The redirects and the exchange of the code are left to the sign-in library; keeping tokens is left to the vault.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from integrations.errors import PermanentFailure, TemporaryFailure
from integrations.providers.base import AppCredentials
from integrations.providers.google.errors import token_error
from integrations.providers.http import Request, Response, send
from integrations.providers.keys import signing_key
from integrations.records import Identity, TokenSet

# Google issues under both names (OpenID Connect, "Validating an ID token").
ISSUERS = ("https://accounts.google.com", "accounts.google.com")
LEEWAY_SECONDS = 60


class GoogleOAuth:
    """An ``OAuthClient``."""

    def authorize_params(self, *, reconnect_email: str | None, offline: bool) -> dict[str, str]:
        """What a connect needs to be sure of a refresh token.

        Google gives one on the first consent only, unless consent is asked for again (OAuth 2.0 for web server
        applications, "access_type" and "prompt"). Scopes of earlier grants are not included: the user chooses anew.
        """
        params = {"login_hint": reconnect_email} if reconnect_email else {}
        if not offline:
            return {**params, "prompt": "select_account"}
        prompt = "consent" if reconnect_email else "select_account consent"
        return {**params, "access_type": "offline", "prompt": prompt}

    def identify(self, app: AppCredentials, id_token: str, *, nonce: str, access_token: str) -> Identity:
        """Verify the ID token and its ties to this sign-in. Raises ``PermanentFailure`` where anything is wrong."""
        key = signing_key(id_token, app.address("jwks"))
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key,
                algorithms=["RS256"],
                audience=app.client_id,
                issuer=ISSUERS,
                leeway=LEEWAY_SECONDS,
                options={"require": ["sub", "exp", "iat", "aud", "iss"]},
            )
        except jwt.PyJWTError as error:
            raise _unverified(type(error).__name__) from None
        if not nonce or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise _unverified("nonce")
        if "at_hash" in claims and not _hash_fits(str(claims["at_hash"]), access_token):
            raise _unverified("at_hash")
        return Identity(str(claims["sub"]), str(claims.get("email", "")), str(claims.get("name", "")))

    def refresh(self, app: AppCredentials, refresh_token: str, scopes: frozenset[str]) -> TokenSet:
        """A fresh access token with the grant's scopes. Google keeps the refresh token, so none comes back.

        ``scopes`` is what the grant had, and stays so where Google does not say.
        """
        from google.oauth2.credentials import Credentials  # heavy, and needed here alone

        from integrations.providers.http.for_google_auth import GoogleAuthTransport

        answered: dict[str, Any] = {}

        def check(response: Response) -> None:
            if response.status != 200:
                raise token_error(response)
            answered.update(response.error_json())
            if not isinstance(answered.get("access_token"), str):
                raise TemporaryFailure("Google's sign-in service sent no access token.", code="token")

        credentials = Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=refresh_token,
            token_uri=app.address("token"),
            client_id=app.client_id,
            client_secret=app.client_secret,
        )
        credentials.refresh(GoogleAuthTransport(check))  # type: ignore[no-untyped-call]
        now = datetime.now(UTC)
        rotated = answered.get("refresh_token")
        lasts = answered.get("refresh_token_expires_in")
        return TokenSet(
            access_token=str(credentials.token),
            expires_at=now + timedelta(seconds=_seconds(answered.get("expires_in"), 3600)),
            scopes=frozenset(str(answered["scope"]).split()) if answered.get("scope") else scopes,
            refresh_token=str(rotated) if rotated else "",
            refresh_expires_at=now + timedelta(seconds=_seconds(lasts, 0)) if lasts else None,
        )

    def revoke(self, app: AppCredentials, token: str) -> bool:
        """End the user's whole grant to this app (RFC 7009); one that has ended already counts as ended."""
        response = send(Request.with_form("POST", app.address("revoke"), {"token": token}))
        if response.ok or response.error_json().get("error") in ("invalid_token", "invalid_grant"):
            return True
        raise token_error(response)


def _unverified(code: str) -> PermanentFailure:
    return PermanentFailure("Google's sign-in answer could not be verified. Please try again.", code=code)


def _hash_fits(at_hash: str, access_token: str) -> bool:
    """OpenID Connect Core, 3.1.3.6: the left half of the access token's SHA-256."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return hmac.compare_digest(base64.urlsafe_b64encode(half).rstrip(b"="), at_hash.encode())


def _seconds(value: object, default: int) -> int:
    try:
        return int(str(value))
    except ValueError:
        return default
