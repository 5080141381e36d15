"""The parts of the integrations page in a browser: what they say, and what axe has to say of them in both themes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from integrations.models import Channel, Collection, Freshness
from integrations.models.collection import Phase
from tests.browsing import SignedIn, Theme, violations
from tests.mail.conftest import Account


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer, ada: User, gmail: Account) -> Iterator[SignedIn]:
    """One account with a part in every situation."""
    now = timezone.now()
    connection = gmail.connection
    mailbox = gmail.collections["mailbox"]
    Channel.objects.create(collection=mailbox, provider_id="c", secret_hash="x", expires_at=now + timedelta(days=3))
    facts: dict[str, object] = {"kept": 1203, "changed_at": now, "compared_at": now, "compared": 200, "differed": 0}
    Collection.objects.filter(pk=mailbox.pk).update(**facts)
    make = Collection.objects.create
    later = now + timedelta(minutes=1)
    made: dict[str, object] = {"connection": connection, "service": "calendar", "due_at": later}
    make(
        **made,
        provider_id="w",
        name="Work",
        phase=Phase.FIRST,
        walked=1240,
        total=8900,
        walk_began_at=now - timedelta(minutes=2),
    )
    make(
        **made,
        provider_id="h",
        name="Holidays in Norway",
        phase=Phase.CURRENT,
        succeeded_at=now,
        last_error="Google refused this calendar.",
        attempts=3,
        started_at=now,
    )
    connection.chosen_services = ["mail", "calendar"]
    connection.save()
    for seconds in (1.2, 2.4, 8.0):
        Freshness.objects.create(connection=connection, service="mail", seconds=seconds, exact=True)
    with SignedIn(browser, live_server.url, ada) as pages:
        yield pages


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_part_says_where_it_stands(opened: SignedIn, theme: Theme) -> None:
    page = opened("/integrations/", theme=theme)
    parts = page.get_by_role("region", name="Part by part")
    for words in ("1,203 messages", "Google tells us of changes", "0 of 200 differ", "1,240 of about 8,900, about"):
        assert parts.get_by_text(words).first.is_visible(), words
    assert parts.get_by_text("19 of 20 within 8 s").is_visible()
    assert parts.get_by_text("Google refused this calendar.").first.is_visible()
    parts.locator("summary").filter(has_text="Holidays in Norway").focus()
    page.keyboard.press("Enter")
    assert parts.get_by_text("Tried 3 times: Google refused this calendar").is_visible()
    with page.expect_response("**/integrations/live/**") as told:
        parts.get_by_text("Up to date just now").wait_for()
    assert told.value.ok and parts.get_by_text("Tried 3 times").is_visible()
    for width in (390, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 1000})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=f"{shots}/int-{theme}-{width}.png", full_page=True)
    assert violations(page) == []
