"""OAuth apps that lead to the sandbox instead of the real providers, so that everything can be tried without either.

The sandbox's own addresses are known here alone; to the rest it is an app like any other.
"""

from __future__ import annotations

from django.db import transaction

from integrations.models import Connection, OAuthApp
from integrations.providers.base import registry
from integrations.vault.fields import Plain

CLIENT_SECRET_SUFFIX = "-secret"  # the sandbox's clients are public knowledge


def endpoints(base: str) -> dict[str, dict[str, str]]:
    """Every provider's endpoints in a sandbox at ``base``."""
    authority = f"{base}/microsoft"
    return {
        "google": {
            "authorize": f"{base}/google/o/oauth2/v2/auth",
            "token": f"{base}/google/token",
            "revoke": f"{base}/google/revoke",
            "userinfo": f"{base}/google/v1/userinfo",
            "jwks": f"{base}/google/oauth2/v3/certs",
            "gmail": f"{base}/",
            "calendar": f"{base}/calendar/v3/",
            "people": f"{base}/",
            "pubsub": f"{base}/",
        },
        "microsoft": {
            "authority": authority,
            "graph": f"{base}/v1.0",
        },
    }


@transaction.atomic
def ensure(base: str) -> None:
    """Make one app per provider that leads to the sandbox; it is active unless a real one is.

    Where a real one is active the sandbox's lives on for the connections that it made, at its present address.
    """
    for provider, addresses in endpoints(base).items():
        app = OAuthApp.objects.filter(provider=provider, sandbox=True).first()
        if OAuthApp.objects.filter(provider=provider, active=True, sandbox=False).exists():
            if app is not None:
                OAuthApp.objects.filter(pk=app.pk).update(endpoints=addresses)
            continue
        app = app or OAuthApp(provider=provider, sandbox=True)
        app.name, app.client_id, app.endpoints, app.active = "Sandbox", f"sandbox-{provider}", addresses, True
        if app.client_secret is None:
            app.client_secret = Plain(app.client_id + CLIENT_SECRET_SUFFIX)
        app.save()


def idle() -> bool:
    """Whether nothing leads to the sandbox any more: every provider has a real app, and no connection is the sandbox's.

    It stays as long as one of the two is not so, since connections stay with the app that made them.
    """
    real = OAuthApp.objects.filter(active=True, sandbox=False).values_list("provider", flat=True)
    all_real = {spec.id for spec in registry} <= set(real)
    return all_real and not Connection.objects.filter(app__sandbox=True).exists()


def retire() -> None:
    """The sandbox is off: its apps make no new connections."""
    OAuthApp.objects.filter(sandbox=True, active=True).update(active=False)
