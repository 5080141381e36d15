"""Where a provider can answer a program on this machine, and whether it would: asked of it before anybody waits.

Which addresses those are is known to the provider's guide. Waiting there is the listener's.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from integrations import app_setup
from integrations.connect.listener import LOOPBACK, PORT, Listener
from integrations.errors import PermanentFailure
from integrations.models import OAuthApp
from integrations.providers.base import registry
from integrations.providers.guides import Check, Finding, Verdict

FORM = "http://127.0.0.1:{port}/"  # RFC 8252, 7.3


def listen(provider_id: str, port: int = 0) -> tuple[Listener, str]:
    """A listener, and the redirect address that leads to it. Port 0 takes the one that can be registered, if it is
    free. Raises ``PermanentFailure`` where it cannot listen.
    """
    guide = registry[provider_id].guide
    form = guide.loopback if guide else FORM
    host = urlsplit(form.format(port=PORT)).hostname or ""
    try:
        listener = Listener(host, port or PORT)
    except PermanentFailure:
        if port:
            raise
        listener = Listener(host)
    return listener, form.format(port=listener.port)


def listen_at(redirect_uri: str) -> Listener:
    """A listener at a given address. Raises ``ValueError`` for one that is not this machine's, with a port."""
    parts = urlsplit(redirect_uri)
    if parts.hostname not in LOOPBACK or not parts.port:
        raise ValueError(redirect_uri)
    return Listener(parts.hostname or "", parts.port)


def refusal(app: OAuthApp, redirect_uri: str) -> Finding | None:
    """Why the app's provider would not answer there; None where it would, or does not say so beforehand.

    Raises what calls to the provider raise.
    """
    guide = registry[app.provider].guide
    if guide is None:
        return None
    place = app_setup.place(app.provider, frozenset(app.offered_services))
    found = guide.redirect(app.credentials(), replace(place, redirect_uri=redirect_uri))
    return found if found.verdict is Verdict.WRONG else None


def helped_by_pasting(found: Finding) -> bool:
    """Whether the app would be answered at the address of the pages, where the answer can be copied."""
    return found.check in (Check.REDIRECT, Check.CLIENT_TYPE)
