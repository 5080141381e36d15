"""What every test stands on: a home with a key ring of its own, and sandboxes that hold requests to the contracts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from integrations.vault import keyring
from tests import leaks, strictness
from tests.browsing import chromium
from tests.providers.sandbox_process import SandboxProcess

strictness.switch_on()
leaks.switch_on()


@pytest.fixture(scope="session", autouse=True)
def no_token_is_said_anywhere() -> Iterator[None]:
    """Fail the run in which a token that a sandbox gave out was in a log, a task, a session, the cache or an answer."""
    yield
    assert leaks.found() == []


@pytest.fixture(scope="session", autouse=True)
def no_request_broke_a_contract_at_the_end() -> Iterator[None]:
    """Fail the run if a system that ended after its last test had asked for what a vendor's contract does not have."""
    yield
    assert strictness.violations() == []


@pytest.fixture(autouse=True)
def rows_are_heard(request: pytest.FixtureRequest) -> Iterator[None]:
    """Look through the tables that may not hold a token before they are emptied."""
    stored = next((name for name in ("transactional_db", "db") if name in request.fixturenames), None)
    if stored:
        request.getfixturevalue(stored)
    yield
    if stored:
        leaks.hear_rows()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What processes that a test started have printed is heard as well."""
    for name, text in report.sections:
        leaks.hear(name, text)


def pytest_configure(config: pytest.Config) -> None:
    """Make the home's key ring as ``manage.py prepare`` does, unless one is given; before workers start to share it.

    Passwords are hashed at once: a million rounds for each user that a test makes were a third of the suite's time.
    """
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if not hasattr(config, "workerinput") and not keyring.exists():
        keyring.create(Path(settings.OSMEN_KEYSET_PATH))


@pytest.hookimpl(trylast=True)  # after those that are not chosen have been left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where workers share the files out, those that may take longest begin first, so that none is left for the end.

    How long is what a test says itself, by its time limit; next, files of many tests come before those of few.
    """
    if not hasattr(config, "workerinput"):
        return
    weights: dict[Path, tuple[float, int]] = {}
    for item in items:
        limit = item.get_closest_marker("timeout")
        longest, count = weights.get(item.path, (0.0, 0))
        weights[item.path] = (max(longest, limit.args[0] if limit else 0.0), count + 1)
    items.sort(key=lambda item: weights[item.path], reverse=True)


@pytest.fixture(autouse=True)
def no_request_breaks_a_contract() -> Iterator[None]:
    """Fail the test during which OsMEN asked a sandbox for something that the vendor's contract does not have."""
    yield
    assert strictness.violations() == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; its loop makes Django take the test's thread for an asynchronous one."""
    with pytest.MonkeyPatch.context() as patch, chromium() as started:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield started


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox for all tests that bring it back to its beginning before they begin."""
    process = SandboxProcess(tmp_path_factory.mktemp("sandbox"))
    yield process
    process.stop()
