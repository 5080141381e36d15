"""Microsoft's OAuth rules: what to ask for, who signed in, how to renew.

The authorization code flow itself is left to whoever runs the sign-in page; errors to ``oauth_errors``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from integrations.errors import PermanentFailure, TemporaryFailure
from integrations.providers.base import AppCredentials, Session
from integrations.providers.microsoft import id_token as tokens
from integrations.providers.microsoft.graph import Graph
from integrations.providers.microsoft.oauth_errors import failure
from integrations.records import Identity, TokenSet

OPENID_SCOPES = frozenset({"openid", "email", "profile", "offline_access"})
RESOURCE = "https://graph.microsoft.com/"


class MicrosoftOAuth:
    """``OAuthClient`` for Microsoft."""

    def authorize_params(self, *, reconnect_email: str | None, offline: bool) -> dict[str, str]:
        """The account chooser on connect, the known account on reconnect; the answer comes in the query.

        ``form_post`` would make the callback a cross-site POST, without the session's cookie. A refresh token is
        asked for by the scope ``offline_access``, not here (Microsoft identity platform, "OAuth 2.0 authorization
        code flow").
        """
        if reconnect_email:
            return {"response_mode": "query", "login_hint": reconnect_email}
        return {"response_mode": "query", "prompt": "select_account"}

    def identify(self, app: AppCredentials, id_token: str, *, nonce: str, access_token: str) -> Identity:
        """Who the verified ID token is about, by tenant and object id, which never change."""
        claims = tokens.verify(app, id_token, nonce)
        subject = str(claims.get("oid") or claims["sub"])
        email = next((str(claims[n]) for n in ("email", "preferred_username") if "@" in str(claims.get(n))), "")
        name = str(claims.get("name") or "")
        if not email:
            email, name = _profile(app, access_token, name)
        return Identity(f"{claims['tid']}:{subject}", email, name)

    def refresh(self, app: AppCredentials, refresh_token: str, scopes: frozenset[str]) -> TokenSet:
        """A new access token, and the refresh token that is to replace the old (which stays valid for a while)."""
        from integrations.providers.microsoft.token_endpoint import renew  # msal is heavy, and needed here alone

        asked_at = datetime.now(UTC)
        answer = renew(app, refresh_token, sorted(scopes - OPENID_SCOPES))
        if "error" in answer:
            raise failure(answer)
        if not answer.get("access_token"):
            raise TemporaryFailure("Microsoft's sign-in service sent no token.", code="no_token")
        return TokenSet(
            access_token=answer["access_token"],
            expires_at=asked_at + timedelta(seconds=int(answer.get("expires_in") or 0)),
            scopes=_granted(answer.get("scope"), scopes),
            refresh_token=answer.get("refresh_token") or "",
        )

    def revoke(self, app: AppCredentials, token: str) -> bool:
        """Microsoft has no endpoint to revoke one app's tokens: the owner ends the grant on Microsoft's own page."""
        return False


def _granted(answered: object, asked: Iterable[str]) -> frozenset[str]:
    """The scopes of an answer as permissions name them: Microsoft may write their resource first, or use another case.

    Those of OpenID hold as long as the grant, but are left out of many answers.
    """
    asked = frozenset(scope.removeprefix(RESOURCE) for scope in asked)
    spelled = {scope.casefold(): scope for scope in asked}
    plain = [word.removeprefix(RESOURCE) for word in str(answered or "").split()]
    if not plain:
        return asked
    return frozenset(spelled.get(w.casefold(), w) for w in plain) | (asked & OPENID_SCOPES)


def _profile(app: AppCredentials, access_token: str, name: str) -> tuple[str, str]:
    """Address and name from Graph, for work accounts whose token names neither."""

    def token(*, refused: str | None = None) -> str:
        if refused is not None:
            raise PermanentFailure("Microsoft did not accept the new sign-in.", code="profile")
        return access_token

    me = Graph(Session(token, app.endpoints, "")).get("/me", {"$select": "mail,userPrincipalName,displayName"})
    return str(me.get("mail") or me.get("userPrincipalName") or ""), name or str(me.get("displayName") or "")
