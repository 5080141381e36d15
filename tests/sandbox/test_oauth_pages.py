"""The sandbox's pages in a browser: found by role and name, without script, in both themes and on a phone."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browsing import Theme
from tests.sandbox.conftest import AUTHORIZE, CALLBACK, FULL, Sandbox

ADA = {"google": "ada@gmail.example", "microsoft": "ada@outlook.example"}
CALENDAR = {"google": "See, change, share and delete all your calendars", "microsoft": "See and change your calendars"}


@pytest.fixture
def world(sandbox: Sandbox) -> Sandbox:
    sandbox.seed(accounts=[{"provider": p, "email": email, "name": "Ada Byron"} for p, email in ADA.items()])
    return sandbox


def opened(browser: Browser, theme: Theme) -> Page:
    """A phone's page without script. The app's own address answers with a word."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=theme, java_script_enabled=False)

    def arrive(route: Route) -> None:
        route.fulfill(status=200, body="arrived")

    context.route("http://localhost:8000/**", arrive)
    return context.new_page()


def asked(world: Sandbox, provider: str) -> str:
    parameters = {
        "client_id": f"sandbox-{provider}",
        "redirect_uri": CALLBACK.format(provider),
        "response_type": "code",
        "scope": FULL[provider],
        "state": "s-1",
    }
    return f"{world.base}{AUTHORIZE[provider]}?{urlencode(parameters)}"


def fits(page: Page) -> bool:
    """Whether nothing is wider than the phone."""
    box = page.locator("main").bounding_box()
    return box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390


@pytest.mark.parametrize(("provider", "theme"), [("google", "dark"), ("microsoft", "light")])
def test_a_person_chooses_unticks_and_allows(world: Sandbox, browser: Browser, provider: str, theme: Theme) -> None:
    page = opened(browser, theme)
    page.goto(asked(world, provider))
    assert page.get_by_role("banner").get_by_text("Sandbox").is_visible()
    assert fits(page)
    page.get_by_role("button", name=ADA[provider], exact=True).click()
    assert page.get_by_role("heading", name="OsMEN wants access").is_visible()
    assert fits(page)
    assert page.get_by_role("checkbox", checked=True).count() == len(FULL[provider].split())
    page.get_by_role("checkbox", name=CALENDAR[provider]).uncheck()
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url("http://localhost:8000/**")
    assert "code=" in page.url
    assert "state=s-1" in page.url
    page.goto(world.base + ("/google/permissions" if provider == "google" else "/microsoft/consent"))
    assert fits(page)
    assert page.get_by_role("listitem").count() == len(FULL[provider].split()) - 1
    page.get_by_role("button", name=f"Remove access of OsMEN to {ADA[provider]}").click()
    assert page.get_by_text("No app has access.").is_visible()
    assert world.state(ADA[provider])["grants"] == 0
    page.context.close()


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_a_person_cancels(world: Sandbox, browser: Browser, provider: str) -> None:
    page = opened(browser, "light")
    page.goto(asked(world, provider))
    page.get_by_role("button", name=ADA[provider], exact=True).click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.wait_for_url("http://localhost:8000/**")
    assert "error=access_denied" in page.url
    page.context.close()


def test_the_index_fits_a_phone(world: Sandbox, browser: Browser) -> None:
    page = opened(browser, "light")
    page.goto(world.base)
    assert fits(page)
    assert page.get_by_role("row").count() == 3
    page.context.close()
