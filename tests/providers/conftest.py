"""What provider tests stand on: a scripted HTTP server, and the sandbox with accounts connected by its pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.providers.base import Session
from tests.providers.sandbox_process import Connected, SandboxProcess
from tests.providers.wire import Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A server on a free port that answers as the test says and remembers what it was asked."""
    server = Wire()
    yield server
    server.close()


@pytest.fixture
def session(wire: Wire) -> Session:
    """An account whose every API is at ``wire``; a refused token is followed by another."""

    def access_token(refused: str | None = None) -> str:
        return "second-token" if refused else "first-token"

    endpoints = dict.fromkeys(("gmail", "calendar", "people", "graph"), f"{wire.base}/")
    return Session(access_token, endpoints, "ada@example.com")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox with its built-in world, running for all tests: leave other tests' accounts as they are."""
    home: Path = tmp_path_factory.mktemp("sandbox")
    process = SandboxProcess(home)
    yield process
    process.stop()


@pytest.fixture(scope="session")
def google_account(sandbox: SandboxProcess) -> Connected:
    """A Google account, connected with every scope."""
    return sandbox.connect("google")


@pytest.fixture(scope="session")
def microsoft_account(sandbox: SandboxProcess) -> Connected:
    """A Microsoft account, connected with every scope."""
    return sandbox.connect("microsoft")
