"""An administrator at a real browser: copies an address, stores an app by keyboard, reads what the check found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from integrations.models import OAuthApp
from integrations.providers.guides import Check, Finding, Mend, Verdict
from integrations.vault.fields import Plain
from tests.browsing import SignedIn, Theme, violations
from tests.setup.conftest import IDS, SECRET

PASSWORD = "correct horse battery"
CALLBACK = "http://localhost:8000/accounts/google/login/callback/"


def finding(verdict: Verdict, **mend: Any) -> dict[str, Any]:
    from integrations.doctor import as_json

    text = f"{CALLBACK} is not among the client’s authorised redirect URIs."
    return as_json(Finding(Check.REDIRECT, verdict, "Redirect address", text, Mend(**mend), "redirect_uri_mismatch"))


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer) -> Iterator[SignedIn]:
    """Opens pages as an administrator. Whatever a page complains of in the console fails the test."""
    cache.clear()
    user = User.objects.create_superuser("ada@example.org", PASSWORD)
    findings = [
        finding(
            Verdict.WRONG,
            page="https://console.example/",
            page_name="the client",
            clicks=("Add URI", f"Paste {CALLBACK}"),
        ),
        finding(Verdict.UNSURE),
        finding(Verdict.NOTE, clicks=("Serve OsMEN at a public https:// address",)),
        finding(Verdict.OK),
    ]
    for provider, client_id in IDS.items():
        app = OAuthApp(provider=provider, client_id=client_id, findings=findings)
        app.client_secret = Plain(SECRET)
        app.checked_at = app.check_asked_at = app.created_at
        app.save()
    OAuthApp.objects.create(provider="google", client_id="an-older-one", active=False)
    with SignedIn(browser, live_server.url, user) as pages:
        yield pages


def says_who(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_an_address_is_copied_with_a_press(opened: SignedIn) -> None:
    page = opened("/setup/google/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_text("Show the steps").click()
    page.get_by_role("button", name="Copy Redirect address").press("Enter")
    page.get_by_role("button", name="Copied Redirect address").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == CALLBACK


def test_an_app_is_stored_by_keyboard_alone(opened: SignedIn) -> None:
    page = opened("/setup/microsoft/")
    page.get_by_role("link", name="Change secret or tenant").press("Enter")
    says_who(page)
    page.get_by_label("Client secret").fill("another~secret~altogether")
    page.get_by_label("Who may connect").focus()
    page.keyboard.type("Work and school")
    page.get_by_label("Contacts").press("Space")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Store and check"
    page.keyboard.press("Enter")
    page.get_by_text("Asking Microsoft").wait_for()
    app = OAuthApp.objects.get(provider="microsoft")
    assert (app.tenant, app.services) == ("organizations", ["mail", "calendar"])
    assert app.credentials().client_secret == "another~secret~altogether"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing(opened: SignedIn, width: int, theme: Theme) -> None:
    page = opened("/setup/google/app/", width, theme)
    says_who(page)
    page.get_by_role("button", name="Store and check").wait_for()
    for path in ("", "google/", "microsoft/", "google/app/", "google/push/"):
        page.goto(f"/setup/{path}")
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(page) == []
