"""Almanac's OAuth rules: who an account is, and renewing access."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

import jwt

from integrations.errors import PermanentFailure, ReconnectRequired, TemporaryFailure
from integrations.providers.base import AppCredentials
from integrations.providers.http import Request, send
from integrations.providers.keys import signing_key
from integrations.records import Identity, TokenSet


class AlmanacOAuth:
    """An ``OAuthClient``."""

    def authorize_params(self, *, reconnect_email: str | None, offline: bool) -> dict[str, str]:
        """Almanac lets the account be named; lasting access it gives by the scope ``offline``."""
        return {"login_hint": reconnect_email} if reconnect_email else {}

    def identify(self, app: AppCredentials, id_token: str, *, nonce: str, access_token: str) -> Identity:
        """Verify the ID token: signed by Almanac, for this app, in this attempt, and not expired."""
        key = signing_key(id_token, app.address("jwks"))
        try:
            claims = jwt.decode(
                id_token,
                key,
                algorithms=["RS256"],
                audience=app.client_id,
                issuer="https://almanac.example",
                options={"require": ["sub", "exp", "aud", "iss"]},
            )
        except jwt.PyJWTError as error:
            raise _unverified(type(error).__name__) from None
        if not nonce or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise _unverified("nonce")
        return Identity(str(claims["sub"]), str(claims.get("email", "")), str(claims.get("name", "")))

    def refresh(self, app: AppCredentials, refresh_token: str, scopes: frozenset[str]) -> TokenSet:
        """A fresh access token. Almanac keeps the refresh token, so none comes back."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
        }
        answer = send(Request.with_form("POST", app.address("token"), form))
        if answer.error_json().get("error") == "invalid_grant":
            raise ReconnectRequired("Almanac has ended OsMEN's access to this account.", code="invalid_grant")
        if not answer.ok:
            raise TemporaryFailure("Almanac's sign-in has a problem.", code=str(answer.status))
        given = answer.json()
        lasts = timedelta(seconds=int(given.get("expires_in", 3600)))
        return TokenSet(str(given["access_token"]), datetime.now(UTC) + lasts, scopes)

    def revoke(self, app: AppCredentials, token: str) -> bool:
        """Almanac has no way to end a grant from outside; OsMEN shows ``grants_page`` instead."""
        return False


def _unverified(code: str) -> PermanentFailure:
    return PermanentFailure("Almanac's sign-in answer could not be verified.", code=code)
