"""Searching in a browser: typing, the keyboard alone, an open conversation, no scripts, and what axe has to say."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from mail.models import Thread
from tests.browsing import SignedIn, Theme, violations


def test_the_keyboard_alone_finds_opens_and_comes_back(opened: SignedIn) -> None:
    page = opened("/inbox/?box=starred")
    page.keyboard.press("/")
    expect(page.get_by_label("Search all mail")).to_be_focused()
    page.keyboard.type("timb supp")
    page.get_by_role("heading", name="Found in all mail").wait_for()
    expect(page.locator("#threads .thread")).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="1 conversation found")).to_have_count(1)
    expect(page.get_by_label("Search all mail")).to_be_focused()
    assert page.url.endswith("/inbox/?q=timb+supp") and page.title() == "Found in all mail · OsMEN"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("o")
    page.get_by_role("heading", name="Timber supplier quotes").wait_for()
    thread = Thread.objects.get(subject="Timber supplier quotes")
    assert page.url.endswith(f"/inbox/{thread.pk}/?q=timb+supp")
    page.go_back()
    expect(page.get_by_label("Search all mail")).to_have_value("timb supp")
    page.keyboard.press("/")
    page.get_by_label("Search all mail").fill("")
    page.get_by_role("heading", name="All inboxes").wait_for()


def test_emptying_the_field_leads_back_and_enter_leads_to_the_first(opened: SignedIn) -> None:
    page = opened("/inbox/?box=starred")
    field = page.get_by_label("Search all mail")
    field.fill("ingrid")
    page.get_by_role("heading", name="Found in all mail").wait_for()
    field.press("Enter")
    expect(page.locator("#threads .thread a").first).to_be_focused()
    field.fill("")
    page.get_by_role("heading", name="Starred").wait_for()
    assert page.url.endswith("/inbox/?box=starred")


def test_an_open_conversation_stays_and_its_edits_answer_with_what_is_found(opened: SignedIn) -> None:
    page = opened(f"/inbox/{Thread.objects.get(provider_id='gt1').pk}/")
    page.get_by_label("Search all mail").fill("hafenbibliothek")
    page.get_by_role("heading", name="Found in all mail").wait_for()
    assert page.get_by_role("heading", name="Model review moved to Wednesday").is_visible()
    page.get_by_role("toolbar", name="Conversation").get_by_role("button", name="Archive").click()
    page.get_by_text("“Model review moved to Wednesday” archived").wait_for()
    expect(page.locator("#threads .thread")).to_have_count(1)
    assert page.url.endswith("/inbox/?q=hafenbibliothek")


def test_an_operator_is_chosen_by_keys_and_waits_for_its_value(opened: SignedIn) -> None:
    page = opened("/inbox/")
    operators = page.get_by_role("group", name="Narrow the search")
    assert not operators.is_visible()
    page.keyboard.press("/")
    page.keyboard.type("timb")
    page.keyboard.press("Tab")
    expect(operators.get_by_role("button", name="from:")).to_be_focused()
    page.keyboard.press("Enter")
    field = page.get_by_label("Search all mail")
    expect(field).to_be_focused()
    expect(field).to_have_value("timb from:")
    page.keyboard.type("tomasz")
    expect(page).to_have_url(re.compile(r"q=timb\+from%3Atomasz$"))
    expect(page.locator("#threads .thread")).to_have_count(1)
    field.fill("")
    operators.get_by_role("button", name="is:unread").click()
    expect(page.get_by_role("heading", name="Found in all mail")).to_be_visible()
    expect(page.locator("#threads .thread:not(.is-unread)")).to_have_count(0)
    assert page.locator("#threads .thread").count() > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing(opened: SignedIn, width: int, theme: Theme) -> None:
    for path in ("/inbox/?q=ingrid", "/inbox/?q=unicorn"):
        page = opened(path, width, theme)
        page.get_by_label("Search all mail").focus()
        page.wait_for_timeout(300)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
