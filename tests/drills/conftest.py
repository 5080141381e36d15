"""One running OsMEN with both accounts connected, and a person who presses drills and watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browsing import chromium
from tests.drills.watching import Watcher
from tests.system.browsing import Surfer
from tests.system.conftest import services
from tests.system.running import ACCOUNTS, System
from tests.system.test_journey import connect, sign_up

__all__ = ["services"]


@contextmanager
def watching(
    home: Path, extra: Mapping[str, str], port: int | None = None, before: Callable[[System], object] | None = None
) -> Iterator[Watcher]:
    """OsMEN, polling every five seconds, with all mail and events of both accounts; ``before`` they are connected."""
    with System(home, extra={**extra, "OSMEN_POLL_SECONDS": "5"}, port=port) as system, chromium() as browser:
        if before:
            before(system)
        surfer = Surfer(browser, system.address)
        sign_up(surfer, "ada@example.org")
        for provider, account in ACCOUNTS:
            connect(surfer, provider, account)
        watcher = Watcher(system, surfer)
        watcher.sees_all_well()
        yield watcher


@pytest.fixture(autouse=True)
def no_fault_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that fails in the middle of a drill does not fail those after it."""
    yield
    if "watcher" in request.fixturenames:
        request.getfixturevalue("watcher").system.sandbox.drill("end-faults")


@pytest.fixture(scope="module")
def watcher(tmp_path_factory: pytest.TempPathFactory, services: dict[str, str]) -> Iterator[Watcher]:
    """A person at an OsMEN of this module's own."""
    with watching(tmp_path_factory.mktemp("drills") / "home", services) as watcher:
        yield watcher
