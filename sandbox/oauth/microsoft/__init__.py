"""Microsoft's authorisation server at the sandbox: addresses only; each module beside this one does one step."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from sandbox.oauth import permissions
from sandbox.oauth.microsoft import authorize, consent, identity, token

_TENANT = "/microsoft/{tenant}"


def routes() -> list[BaseRoute]:
    """All of Microsoft's OAuth and OpenID addresses."""
    return [
        Route(consent.CHOOSER, consent.choose),
        Route(consent.CONSENT, consent.ask, methods=["GET"]),
        Route(consent.CONSENT, consent.decide, methods=["POST"]),
        Route("/microsoft/oidc/userinfo", identity.userinfo, methods=["GET", "POST"]),
        Route("/microsoft/common/discovery/instance", identity.instance),
        Route(f"{_TENANT}/oauth2/v2.0/authorize", authorize.authorize, methods=["GET", "POST"]),
        Route(f"{_TENANT}/oauth2/v2.0/token", token.token, methods=["POST"]),
        Route(f"{_TENANT}/oauth2/v2.0/logout", identity.logout),
        Route(f"{_TENANT}/discovery/v2.0/keys", identity.certificates),
        Route(f"{_TENANT}/v2.0/.well-known/openid-configuration", identity.discovery),
        *permissions.routes("microsoft", "/microsoft/consent"),
    ]
