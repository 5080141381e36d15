"""Which OAuth apps there are: the active one of a provider, and the buttons that a page may show."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest

from integrations.errors import MisconfiguredApp
from integrations.models import OAuthApp
from integrations.providers.base import Provider, registry


@dataclass(frozen=True, slots=True)
class Button:
    """One provider on a page: its descriptor, and whether an app of it is set up."""

    provider: Provider
    app: OAuthApp | None

    @property
    def ready(self) -> bool:
        return self.app is not None


def active_app(provider_id: str) -> OAuthApp:
    """The app that new connections are made with. Raises ``MisconfiguredApp`` where none is set up."""
    app = OAuthApp.objects.filter(provider=provider_id, active=True).first()
    if app is None:
        raise MisconfiguredApp(f"No OAuth app for {registry[provider_id].name} is set up yet.", code="not_configured")
    return app


def buttons(request: HttpRequest) -> tuple[Button, ...]:
    """Every provider with its app, in one query; the page's policy then lets its forms lead to their sign-in pages."""
    apps = {app.provider: app for app in OAuthApp.objects.filter(active=True)}
    shown = tuple(Button(provider, apps.get(provider.id)) for provider in registry)
    origins = frozenset(origin(b.app.resolved_endpoints()["authorize"]) for b in shown if b.app)
    request.form_origins = origins  # type: ignore[attr-defined]  # for the middleware that writes the policy
    return shown


def origin(url: str) -> str:
    """Scheme, host and port of an address, as a content security policy wants it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
