"""The whole journey in a browser, as a stranger makes it: sign up, connect both, read, edit, look at the week, leave.

Everything is found by its role and visible name. The tests follow one another over one running OsMEN.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import Theme, chromium
from tests.launcher.running import wait_for
from tests.system.browsing import Surfer
from tests.system.running import ACCOUNTS, GOOGLE, MICROSOFT, PASSWORD, System

NAMES = {"google": "Google", "microsoft": "Microsoft"}
CALENDAR = tuple(f"/calendar/?view={view}" for view in ("month", "week", "day", "agenda"))
PATHS = ("/", "/inbox/", *CALENDAR, "/people/", "/integrations/", "/outbox/", "/setup/", "/settings/")
THEMES: tuple[Theme, ...] = ("light", "dark")


class Journey:
    """Two people at one OsMEN."""

    def __init__(self, system: System, ada: Surfer, ben: Surfer) -> None:
        self.system, self.ada, self.ben = system, ada, ben

    def status(self, surfer: Surfer) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = surfer.context.request.get("/api/status/").json()["connections"]
        return found

    def has_only(self, accounts: set[str]) -> bool:
        return {c["account"] for c in self.status(self.ada)} == accounts

    def at_provider(self, provider: str, subject: str) -> dict[str, Any]:
        """The message of that subject as its provider has it."""
        messages = self.system.sandbox.messages(provider, dict(ACCOUNTS)[provider])
        return next(m for m in messages if m["subject"] == subject)

    def lonely(self, provider: str) -> str:
        """The subject of a message in the inbox that is a conversation of its own."""
        messages = self.system.sandbox.messages(provider, dict(ACCOUNTS)[provider])
        subjects = [m["subject"] for m in messages]
        for message in messages:
            bare = message["subject"].removeprefix("Re: ")
            if _in_inbox(message) and subjects.count(bare) == 1 and f"Re: {bare}" not in subjects:
                return str(message["subject"])
        raise AssertionError("the world has no such message")


def _in_inbox(message: dict[str, Any]) -> bool:
    return "INBOX" in message.get("labels", ()) or message.get("folder") == "inbox"


def sign_up(surfer: Surfer, email: str) -> None:
    surfer.page.goto("/")
    surfer.page.get_by_label("Email").fill(email)
    surfer.page.get_by_label("Password").fill(PASSWORD)
    surfer.page.get_by_role("button", name="Sign up", exact=True).click()
    expect(surfer.page.get_by_role("button", name="Connect Google")).to_be_visible()


def connect(surfer: Surfer, provider: str, account: str) -> None:
    page = surfer.page
    page.goto("/integrations/")
    page.get_by_role("button", name=f"Connect {NAMES[provider]}").click()
    page.get_by_role("button", name=account).click()
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url(f"{surfer.address}/**")


@pytest.fixture(scope="module")
def journey(system: System) -> Iterator[Journey]:
    """Ada has connected both accounts; within twenty seconds all their mail and events are here."""
    with chromium() as browser:
        ada, ben = Surfer(browser, system.address), Surfer(browser, system.address)
        journey = Journey(system, ada, ben)
        sign_up(ada, "ada@example.org")
        for provider, account in ACCOUNTS:
            connect(ada, provider, account)
        connected = time.monotonic()
        there = system.at_provider()

        def all_here() -> bool:
            return all((c["messages"], c["events"]) == there[c["account"]] for c in journey.status(ada))

        wait_for(all_here, 20)
        assert {c["account"] for c in journey.status(ada)} == {GOOGLE, MICROSOFT}
        assert time.monotonic() - connected < 20
        yield journey


def open_thread(page: Page, subject: str) -> None:
    page.goto("/inbox/")
    page.get_by_role("listitem").filter(has_text=subject).get_by_role("link").first.click()
    expect(page.get_by_role("heading", name=subject, exact=True)).to_be_visible()


def test_the_inbox_has_the_threads_of_both_accounts(journey: Journey) -> None:
    page = journey.ada.page
    page.goto("/")
    journey.ada.goes("Inbox")
    for provider, _ in ACCOUNTS:
        expect(page.get_by_text(journey.lonely(provider)).first).to_be_visible()


def test_an_html_message_is_shown_in_a_frame_that_asks_nobody(journey: Journey) -> None:
    page = journey.ada.page
    open_thread(page, "Your tenth coffee is on us")
    frame = page.locator("iframe").first
    assert "allow-scripts" not in (frame.get_attribute("sandbox") or "allow-scripts")
    body = frame.content_frame.locator("body")
    expect(body).to_contain_text("coffee")
    assert body.evaluate("() => document.scripts.length") == 0


@pytest.mark.parametrize("provider", NAMES)
def test_edits_reach_the_provider(journey: Journey, provider: str) -> None:
    page, subject = journey.ada.page, journey.lonely(provider)
    open_thread(page, subject)
    bar = page.get_by_role("toolbar", name="Conversation")
    bar.get_by_role("button", name="Star (s)").click()
    expect(bar.get_by_role("button", name="Remove star (s)")).to_be_visible()
    if provider == "google":
        wait_for(lambda: "STARRED" in journey.at_provider(provider, subject)["labels"], 20)
    bar.get_by_role("button", name="Mark unread (u)").click()
    if provider == "google":
        wait_for(lambda: "UNREAD" in journey.at_provider(provider, subject)["labels"], 20)
    open_thread(page, subject)
    bar.get_by_role("button", name="Archive (e)").click()
    expect(page.get_by_text(f"“{subject}” archived")).to_be_visible()
    wait_for(lambda: not _in_inbox(journey.at_provider(provider, subject)), 20)
    assert journey.at_provider(provider, subject).get("folder", "archive") == "archive"
    page.goto("/inbox/")
    expect(page.get_by_role("listitem").filter(has_text=subject)).to_have_count(0)


def test_news_arrive_when_asked_for(journey: Journey) -> None:
    """What is new at the providers comes with the next run, which asks for changes only."""
    today = datetime.now(ZoneInfo("Europe/Paris")).date()
    events = [
        {"provider": provider, "email": account, "title": f"Only at {NAMES[provider]}", "start": str(today)}
        | {"end": str(today + timedelta(days=1))}
        for provider, account in ACCOUNTS
    ]
    journey.system.sandbox.control("seed", events=events)
    page = journey.ada.page
    journey.ada.goes("Integrations")
    for _, account in ACCOUNTS:
        card = page.get_by_role("article").filter(has_text=account)
        card.get_by_role("button", name="Sync now").click()
        expect(page.get_by_role("status").get_by_text("Looking for news")).to_be_visible()
    there = journey.system.at_provider()
    wait_for(lambda: all(c["events"] == there[c["account"]][1] for c in journey.status(journey.ada)), 20)


@pytest.mark.parametrize("view", ["Month", "Week", "Day"])
def test_the_calendar_shows_the_events_of_both_accounts(journey: Journey, view: str) -> None:
    page = journey.ada.page
    page.goto("/")
    journey.ada.goes("Calendar")
    page.get_by_role("navigation", name="View").get_by_role("link", name=view, exact=True).click()
    for provider, account in ACCOUNTS:
        expect(page.get_by_role("group", name=account)).to_be_visible()
        event = page.get_by_role("link", name=f"Only at {NAMES[provider]}").filter(visible=True).first
        expect(event).to_be_visible()
        event.click()
        expect(page.get_by_role("dialog").get_by_role("heading", name=f"Only at {NAMES[provider]}")).to_be_visible()
        page.get_by_role("dialog").get_by_role("button", name="Close").click()


def test_no_page_breaks_a_rule_of_accessibility(journey: Journey) -> None:
    page = journey.ada.page
    violations: list[str] = []
    for path in PATHS:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('main details').forEach(one => (one.open = true))")
        for theme in THEMES:
            violations += journey.ada.axe(theme)
    open_thread(page, "Your tenth coffee is on us")
    for theme in THEMES:
        violations += journey.ada.axe(theme)
    assert violations == []


def test_a_second_person_sees_none_of_it(journey: Journey) -> None:
    ada, ben = journey.ada, journey.ben
    sign_up(ben, "ben@example.org")
    assert journey.status(ben) == []
    ada.page.goto("/inbox/")
    inbox = ada.page.content()
    threads = re.findall(r"/inbox/(\d+)/", inbox)
    open_thread(ada.page, "Your tenth coffee is on us")
    conversation = ada.page.content()
    bodies = re.findall(r"/inbox/message/\d+/(?:body|images)/", conversation)
    feed = ada.context.request.get("/calendar/?view=agenda").text()
    events = re.findall(r"/calendar/event/\d+/", feed)
    connections = [f"/integrations/{c['id']}/disconnect/" for c in journey.status(ada)]
    assert threads and bodies and events and len(connections) == 2
    for path in [f"/inbox/{threads[0]}/", bodies[0], events[0]]:
        assert ada.context.request.get(path).status in (200, 405), path
        assert ben.context.request.get(path).status == 404, path
    assert ben.context.request.get("/inbox/999999999/").status == 404
    csrf = next(c["value"] for c in ben.context.cookies() if c.get("name", "").endswith("_csrf"))
    for path in connections:
        answer = ben.context.request.post(path, headers={"X-CSRFToken": csrf, "Referer": ben.address})
        assert answer.status == 404
    for path in ("/inbox/", "/calendar/?view=agenda", "/integrations/"):
        seen = ben.context.request.get(path).text()
        assert GOOGLE not in seen and MICROSOFT not in seen and "/inbox/message/" not in seen
    assert len(journey.status(ada)) == 2


def test_disconnecting_leaves_nothing(journey: Journey) -> None:
    page, system = journey.ada.page, journey.system
    for provider, account in ACCOUNTS:
        page.goto("/")
        journey.ada.goes("Integrations")
        card = page.get_by_role("article").filter(has_text=account)
        card.get_by_role("button", name="Disconnect").click()
        if provider == "microsoft":
            link = page.get_by_role("link", name=re.compile("own page"))
            assert (link.get_attribute("href") or "").startswith("http")
        page.get_by_role("button", name="Disconnect", exact=True).click()
        left = {MICROSOFT} if account == GOOGLE else set()
        wait_for(partial(journey.has_only, left), 20)
    assert next(a["grants"] for a in system.sandbox.state() if a["email"] == GOOGLE) == 0
    assert all(t["revoked"] for t in system.sandbox.tokens() if t["account"] == GOOGLE and t["kind"] == "refresh")
    for path in ("/inbox/", "/calendar/?view=agenda", "/integrations/"):
        page.goto(path)
        assert GOOGLE not in page.content() and MICROSOFT not in page.content()


def test_nothing_was_asked_elsewhere_and_no_page_complained(journey: Journey) -> None:
    for surfer in (journey.ada, journey.ben):
        assert surfer.hosts <= {"localhost", "127.0.0.1"}
        assert "\n".join(surfer.complaints) == ""
