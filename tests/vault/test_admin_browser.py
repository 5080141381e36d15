"""The administration of grants and of the ledger in a browser: for everybody, in both themes, and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from integrations.models import Connection, Grant, LedgerEntry, OAuthApp
from integrations.models.ledger import Happening
from integrations.vault import ledger
from tests.browsing import SignedIn, Theme, chromium, violations

LEDGER, GRANTS = "/admin/integrations/ledgerentry/", "/admin/integrations/grant/"


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    """Its loop makes Django take the test's thread for an asynchronous one."""
    with pytest.MonkeyPatch.context() as patch, chromium() as browser:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield browser


@pytest.fixture
def opened(started: Browser, live_server: LiveServer) -> Iterator[SignedIn]:
    """Opens pages as an administrator, of a grant that was used. What one complains of fails the test."""
    root = User.objects.create_superuser("root@osmen.example", "correct horse battery")
    app = OAuthApp.objects.create(provider="google", client_id="an app")
    row = Connection.objects.create(user=root, provider="google", app=app, subject="1", email="root@gmail.example")
    Grant.objects.create(connection=row)
    ledger.record(row, Happening.CONNECTED)
    ledger.record(row, Happening.MARKED, actor=root.email)
    LedgerEntry.objects.filter(number=1).update(service="mail", purpose="sync")
    with SignedIn(started, live_server.url, root) as pages:
        yield pages


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_the_pages_of_grants_and_of_the_ledger(opened: SignedIn, theme: Theme) -> None:
    paths = (
        GRANTS,
        f"{GRANTS}{Grant.objects.get().pk}/change/",
        LEDGER,
        f"{LEDGER}{LedgerEntry.objects.get(number=1).pk}/change/",
    )
    for path in paths:
        page = opened(path, theme=theme)
        assert not opened.complaints
        assert violations(page) == []
        opened.complaints.clear()  # axe's own: Django's style sheets keep it from measuring some things


def test_the_ledger_is_narrowed_down_by_keyboard(opened: SignedIn) -> None:
    page = opened(LEDGER)
    link = page.get_by_role("link", name="sync", exact=True)
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**purpose=sync**")
    page.get_by_text("1 ledger entry").wait_for()
