"""Waiting to be sent: every edit that has not arrived, why, and what may be done about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.models.connection import State
from tests.browsing import SignedIn, Theme, violations
from tests.pages.conftest import Connect, apps, connect, eve

__all__ = ["apps", "connect", "eve"]
LETTER = {"to": [["bo@x.example", ""]], "subject": "Tea on Friday", "text": "At four?"}


def edit(of: Connection, service: str, operation: str, **facts: object) -> Change:
    usual: dict[str, object] = {"target_id": "x", "payload": LETTER if operation == "mail.send" else {}}
    return Change.objects.create(connection=of, service=service, operation=operation, **(usual | facts))


@pytest.fixture
def account(connect: Connect) -> Connection:
    return connect("eve@gmail.example")


def refused(of: Connection, service: str, operation: str, code: str = "", **facts: object) -> Change:
    return edit(of, service, operation, state=ChangeState.REFUSED, error="No.", error_code=code, **facts)


def test_each_edit_says_what_it_is_and_how_it_stands(browser_of: Client, account: Connection) -> None:
    edit(account, "mail", "mail.send")
    edit(account, "calendar", "event.update", error="Google cannot be reached.")
    edit(account, "contacts", "contact.update")
    refused(account, "contacts", "contact.create")
    refused(account, "calendar", "event.delete", "conflict")
    refused(account, "mail", "mail.send", "held")
    edit(account, "mail", "mail.modify", state=ChangeState.DONE)
    html = browser_of.get("/outbox/").content.decode()
    for words in (
        "On its way to Google.",
        "Kept and not sent yet. Google cannot be reached. It is tried again by itself.",
        "Google refused it. No.",
        "It was changed at Google while you changed it here.",
        "You took it back.",
        "Goes out after the edits before it.",
        "Tea on Friday",
        "Keep theirs",
        "Try now",
    ):
        assert words in html, words
    assert html.count('class="ob-l"') == 6
    assert "6 edits waiting to be sent" in browser_of.get("/integrations/").content.decode()


def test_an_account_that_is_stopped_says_what_it_waits_for(browser_of: Client, account: Connection) -> None:
    edit(account, "mail", "mail.send")
    for state, words in ((State.PAUSED, "until you resume"), (State.RECONNECT, "until you reconnect")):
        Connection.objects.update(state=state)
        assert words in browser_of.get("/outbox/").content.decode()


def test_nothing_waits(browser_of: Client) -> None:
    assert "Everything is sent" in browser_of.get("/outbox/").content.decode()


def test_it_costs_the_same_however_much_waits(browser_of: Client, account: Connection) -> None:
    counts = []
    for _ in range(2):
        for operation in ("mail.send", "event.create", "contact.update"):
            service = {"mail": "mail", "event": "calendar", "contact": "contacts"}[operation.partition(".")[0]]
            edit(account, service, operation)
            refused(account, service, operation)
        browser_of.get("/outbox/")
        with CaptureQueriesContext(connection) as spent:
            browser_of.get("/outbox/")
        counts.append(len(spent))
    assert counts[0] == counts[1] <= 9


def test_a_part_that_says_the_same_is_not_sent_again(browser_of: Client, account: Connection) -> None:
    change = edit(account, "mail", "mail.send")
    mark = browser_of.get("/outbox/").context["mark"]
    again = {"path": f"/outbox/?mark={mark}", "headers": {"HX-Request": "true"}}
    assert browser_of.get(**again).status_code == 204  # type: ignore[arg-type]
    Change.objects.filter(pk=change.pk).update(error="Google cannot be reached.")
    assert "cannot be reached" in browser_of.get(**again).content.decode()  # type: ignore[arg-type]


def test_another_person_sees_and_settles_none_of_it(browser_of: Client, account: Connection, client: Client) -> None:
    waits, gone = edit(account, "mail", "mail.send"), refused(account, "mail", "mail.send")
    client.force_login(User.objects.create_user("bo@osmen.example"))
    assert "Tea on Friday" not in client.get("/outbox/").content.decode()
    for change, decision in ((waits, "now"), (gone, "retry"), (gone, "discard"), (waits, "discard"), (gone, "x")):
        assert client.post(f"/integrations/changes/{change.id}/{decision}/").status_code == 404
    assert Change.objects.filter(state=ChangeState.REFUSED).count() == 1


@pytest.fixture
def browser_of(eve: User, client: Client) -> Client:
    """Eve's browser, without a window."""
    client.force_login(eve)
    return client


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer, eve: User) -> Iterator[SignedIn]:
    """Whatever a page complains of in the console fails the test."""
    with SignedIn(browser, live_server.url, eve) as pages:
        yield pages


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_what_is_done_about_edits_in_a_browser(opened: SignedIn, account: Connection, width: int, theme: Theme) -> None:
    late = edit(account, "mail", "mail.send", error="Google cannot be reached.", due_at=timezone.now())
    Change.objects.filter(pk=late.pk).update(due_at=timezone.now() + timedelta(hours=1))
    refused(account, "mail", "mail.send", payload=LETTER | {"subject": "Lunch"})
    page = opened("/outbox/", width, theme)
    assert violations(page) == [] and page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Try now Tea on Friday").press("Enter")
    page.get_by_role("button", name="Discard Lunch").click()
    expect(page.get_by_text("Lunch")).to_have_count(0)
    late.refresh_from_db()
    assert late.due_at <= timezone.now() and Change.objects.count() == 1
