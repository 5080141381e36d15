"""What the tests of setting up stand on: a sandbox in which "real" apps are registered, and OsMEN set up with them.

A real app differs from the sandbox's in its credentials alone: its addresses lead to the sandbox as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

from integrations import app_setup
from integrations.connect import sandbox_apps
from integrations.models import OAuthApp
from integrations.providers.base import RegisteredClient
from tests.journey.person import Person
from tests.providers.sandbox_process import SandboxProcess

IDS = {
    "google": "123456789012-abc.apps.googleusercontent.com",
    "microsoft": "11111111-2222-3333-4444-555555555555",
}
SECRET = "only~for~tests~and~nothing~else"
ACCOUNTS = {"google": "ada.moreau@gmail.example", "microsoft": "ada@nordlys.example"}
BOTH = pytest.mark.parametrize("provider", ["google", "microsoft"])


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    home: Path = tmp_path_factory.mktemp("setup-sandbox")
    process = SandboxProcess(home)
    for provider, client_id in IDS.items():
        redirects = [f"{process.redirect_base}/accounts/{provider}/login/callback/"]
        registered = {"client_id": client_id, "client_secret": SECRET, "redirect_uris": redirects}
        process.control("clients", provider=provider, **registered)
    yield process
    process.stop()


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, db: None) -> Iterator[SandboxProcess]:
    """The sandbox without a fault, with its own apps leading to it. Its world is not changed by these tests."""
    cache.clear()
    sandbox_apps.ensure(sandbox_process.base)
    yield sandbox_process
    sandbox_process.drill("end-faults")


@pytest.fixture
def ada(sandbox: SandboxProcess) -> Person:
    """The first person to sign up: the administrator."""
    return Person.signs_up(sandbox, "ada@example.org")


def store(sandbox: SandboxProcess, provider: str, *, tenant: str = "common", secret: str = SECRET) -> OAuthApp:
    """Set a real app up, at the sandbox's addresses."""
    given = RegisteredClient(IDS[provider], secret, tenant)
    return app_setup.store(provider, given, endpoints=sandbox_apps.endpoints(sandbox.base)[provider])
