"""Google's authorisation server at the sandbox: addresses only; each module beside this one does one step."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from sandbox.oauth import permissions
from sandbox.oauth.google import authorize, consent, identity, token


def routes() -> list[BaseRoute]:
    """All of Google's OAuth and OpenID addresses."""
    return [
        Route("/google/o/oauth2/v2/auth", authorize.authorize, methods=["GET", "POST"]),
        Route(consent.CHOOSER, consent.choose),
        Route(consent.CONSENT, consent.ask, methods=["GET"]),
        Route(consent.CONSENT, consent.decide, methods=["POST"]),
        Route("/google/token", token.token, methods=["POST"]),
        Route("/google/revoke", token.revoke, methods=["POST"]),
        Route("/google/v1/userinfo", identity.userinfo, methods=["GET", "POST"]),
        Route("/oauth2/v2/userinfo", identity.userinfo, methods=["GET"]),
        Route("/google/oauth2/v3/certs", identity.certificates),
        Route("/google/.well-known/openid-configuration", identity.discovery),
        *permissions.routes("google", "/google/permissions"),
    ]
