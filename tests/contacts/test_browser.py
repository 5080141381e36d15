"""People in a browser: typing finds, a click opens beside the list, forms grow rows, and what axe has to say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from contacts import actions
from contacts.models import Contact
from integrations.models import Change
from integrations.models.change import ChangeState
from tests.browsing import SignedIn, Theme, violations
from tests.contacts.conftest import Account
from tests.contacts.demo import fill


@pytest.fixture
def opened(
    browser: Browser, live_server: LiveServer, ada: User, gmail: Account, outlook: Account
) -> Iterator[SignedIn]:
    """Opens the demo address book, signed in. Whatever a page complains of in the console fails the test."""
    fill(gmail, outlook)
    with SignedIn(browser, live_server.url, ada) as pages:
        yield pages


def tomasz() -> Contact:
    return Contact.objects.get(provider_id="people/ctw")


def conflict() -> Contact:
    """Tomasz with an edit that met another."""
    row = tomasz()
    actions.update(row, {"job_title": "Owner", "notes": "Calls after nine."}, {"job_title": "Clerk", "notes": ""})
    Change.objects.update(state=ChangeState.REFUSED, error_code="conflict")
    return row


def test_typing_finds_and_a_click_opens_beside_the_list(opened: SignedIn) -> None:
    page = opened("/people/")
    page.get_by_label("Search people").press_sequentially("wilk")
    page.get_by_role("heading", name="2 contacts found").wait_for()
    assert page.url.endswith("/people/?q=wilk")
    page.get_by_role("link", name="Tomasz Wilk").first.click()
    page.get_by_role("heading", name="Tomasz Wilk").wait_for()
    assert "?q=wilk" in page.url and "/people/?" not in page.url
    assert page.locator(".pl[aria-current]").count() == 1
    page.go_back()
    page.get_by_text("Choose a person").wait_for()


def test_people_are_searched_walked_through_and_opened_by_keys(opened: SignedIn) -> None:
    page = opened("/people/")
    page.keyboard.press("/")
    assert page.get_by_label("Search people").evaluate("field => field === document.activeElement")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    assert page.locator(".pl").nth(1).evaluate("link => link === document.activeElement")
    page.keyboard.press("Enter")
    page.locator(".pl[aria-current]").wait_for()
    shown = page.locator("#pn").inner_text()
    page.keyboard.press("k")
    page.wait_for_function("shown => document.querySelector('#pn').innerText !== shown", arg=shown)
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard").get_by_text("Next person").wait_for()


def test_a_person_is_added_with_two_numbers(opened: SignedIn) -> None:
    page = opened("/people/")
    page.get_by_role("link", name="New person").click()
    page.get_by_label("First name").fill("Bo")
    page.get_by_label("Phone 1", exact=True).fill("+47 1")
    page.get_by_role("button", name="Another").nth(1).click()
    page.get_by_label("Phone 2", exact=True).fill("+47 2")
    page.get_by_role("combobox", name="Kind of Phone 2").select_option("home")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Bo", exact=True).wait_for()
    page.get_by_text("on its way to Google").wait_for()
    assert Contact.objects.get(name="Bo").phones == [["+47 1", "mobile"], ["+47 2", "home"]]


def test_a_phone_shows_one_pane_and_back_leads_to_the_list(opened: SignedIn) -> None:
    page = opened("/people/", width=390)
    page.get_by_role("link", name="Ingrid Solheim").click()
    page.get_by_role("heading", name="Ingrid Solheim").wait_for()
    assert not page.locator("#people").is_visible()
    page.get_by_role("link", name="Back to the list").click()
    page.locator("#people").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_axe_finds_nothing(opened: SignedIn, width: int, theme: Theme) -> None:
    person = conflict()
    for path in ("", "?q=nobody", f"{person.pk}/", f"{person.pk}/edit/", f"{person.pk}/delete/", "new/"):
        page = opened(f"/people/{path}", width, theme)
        page.wait_for_timeout(200)
        assert violations(page) == [], path
