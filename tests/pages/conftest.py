"""What page tests stand on: a person who is signed in, connections without tokens, and the journey's people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from integrations.models import Connection, OAuthApp
from integrations.providers.base import registry
from tests.journey.conftest import ada, ben, sandbox

__all__ = ["ada", "ben", "sandbox"]

PASSWORD = "correct horse battery"
Connect = Callable[..., Connection]


@pytest.fixture
def eve(db: None) -> User:
    """Somebody with a password, who administers nothing."""
    cache.clear()
    return User.objects.create_user("eve@osmen.example", PASSWORD, name="Eve Holm")


@pytest.fixture
def browser(eve: User, client: Client) -> Client:
    """Eve's browser."""
    client.force_login(eve)
    return client


@pytest.fixture
def apps(db: None) -> None:
    """An OAuth app of each provider."""
    for spec in registry:
        OAuthApp.objects.get_or_create(provider=spec.id, active=True, defaults={"client_id": f"client-{spec.id}"})


@pytest.fixture
def connect(eve: User, apps: None) -> Connect:
    """Make a connection of Eve's with everything granted, but for what ``facts`` say."""

    def make(email: str, provider: str = "google", **facts: object) -> Connection:
        spec = registry[provider]
        usual: dict[str, object] = {
            "chosen_services": [s.value for s in spec.offered_services],
            "granted_scopes": [p.scope for p in spec.permissions],
        }
        app = OAuthApp.objects.get(provider=provider, active=True)
        return Connection.objects.create(
            user=eve, provider=provider, app=app, subject=email, email=email, **(usual | facts)
        )

    return make
