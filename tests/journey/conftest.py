"""What journey tests stand on: a running sandbox, its OAuth apps in our tables, and people who use OsMEN over HTTP.

Nothing of ours is replaced. Tasks go to the real broker, where no worker listens; ``engine.run_due`` is the worker.
"""

from __future__ import annotations

import pytest
from django.core.cache import cache

from integrations.connect import sandbox_apps
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
