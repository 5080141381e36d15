"""What journey tests stand on: a running sandbox, its OAuth apps in our tables, and people who use OsMEN over HTTP.

Nothing of ours is replaced. Tasks go to the real broker, where no worker listens; ``engine.run_due`` is the worker.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from integrations.connect import sandbox_apps
from tests.browsing import SignedIn
from tests.journey.person import Person
from tests.providers.sandbox_process import SandboxProcess


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, transactional_db: None, settings: pytest.FixtureRequest) -> SandboxProcess:
    """The sandbox as it was at its start, with our OAuth apps leading to it."""
    sandbox_process.reset()
    cache.clear()
    sandbox_apps.ensure(sandbox_process.base)
    return sandbox_process


@pytest.fixture
def ada(sandbox: SandboxProcess) -> Person:
    """The first person to sign up: the administrator."""
    return Person.signs_up(sandbox, "ada@example.org")


@pytest.fixture
def ben(ada: Person, sandbox: SandboxProcess) -> Person:
    """A second person, who must see nothing of the first."""
    return Person.signs_up(sandbox, "ben@example.org")


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer, ada: Person) -> Iterator[SignedIn]:
    """Opens Ada's pages. Whatever a page complains of in the console fails the test."""
    with SignedIn(browser, live_server.url, ada.user) as pages:
        yield pages
