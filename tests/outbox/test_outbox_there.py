"""Mail's edits from the inbox through the outbox to the sandbox, in a browser: in order, kept, taken back, refused."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from integrations.models import Change, Connection, OAuthApp
from integrations.models.change import ChangeState
from mail.models import Thread
from tests.browsing import SignedIn
from tests.journey import engine
from tests.journey.conftest import ada, opened, sandbox
from tests.journey.person import ACCOUNTS, Person

__all__ = ["ada", "opened", "sandbox"]
BOTH = pytest.mark.parametrize("provider", ACCOUNTS)


def received(connection: Connection) -> list[Thread]:
    """Conversations in the inbox of one message each, read and not starred, newest first."""
    found = Thread.objects.filter(connection=connection, in_inbox=True, message_count=1, starred=False)
    return list(found.order_by("-last_at"))


def there(person: Person, connection: Connection, thread: Thread) -> dict[str, object]:
    """A conversation's message as its provider has it."""
    (message,) = thread.messages.values_list("provider_id", flat=True)
    return next(m for m in person.sandbox.messages(connection.provider, connection.email) if m["id"] == message)


def in_inbox(message: dict[str, object]) -> bool:
    return "INBOX" in (message.get("labels") or ()) or str(message.get("folder", "")).lower() == "inbox"  # type: ignore[operator]


def select(page: Page, thread: Thread) -> None:
    row = page.locator("#threads .thread", has=page.locator(f"#s{thread.pk}"))
    row.hover()
    row.locator(".check").check()


def press(page: Page, name: str) -> None:
    page.get_by_role("toolbar", name="Selected conversations").get_by_role("button", name=name).click()
    expect(page.get_by_role("toolbar", name="Selected conversations")).not_to_be_visible()


@BOTH
def test_edits_wait_in_their_order_and_go_out_in_it(ada: Person, opened: SignedIn, provider: str) -> None:
    connection = ada.connected(provider, ACCOUNTS[provider], service=["mail"])
    first, second = received(connection)[:2]
    app = OAuthApp.objects.get(provider=provider)
    right = dict(app.endpoints)
    away = dict.fromkeys(("gmail", "graph"), "http://127.0.0.1:9/")
    OAuthApp.objects.filter(pk=app.pk).update(endpoints={**right, **away})
    page = opened("/inbox/")
    select(page, first)
    press(page, "Star")
    select(page, second)
    press(page, "Archive")
    engine.push_all()
    page.keyboard.press("g")
    page.keyboard.press("w")
    lines = page.get_by_role("region", name="On the way").get_by_role("listitem")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("Kept and not sent yet.")
    expect(lines.nth(0)).to_contain_text(first.subject)
    expect(lines.nth(1)).to_contain_text("Goes out after the edits before it.")
    expect(lines.nth(1)).to_contain_text(second.subject)
    OAuthApp.objects.filter(pk=app.pk).update(endpoints=right)
    lines.nth(0).get_by_role("button", name="Try now").click()
    engine.push_all()
    expect(page.get_by_text("Everything is sent")).to_be_visible(timeout=15_000)
    done = Change.objects.filter(state=ChangeState.DONE).order_by("finished_at")
    assert list(done) == list(Change.objects.order_by("number"))
    assert not in_inbox(there(ada, connection, second))


@BOTH
def test_what_has_arrived_is_taken_back_by_a_key(ada: Person, opened: SignedIn, provider: str) -> None:
    connection = ada.connected(provider, ACCOUNTS[provider], service=["mail"])
    thread = received(connection)[0]
    page = opened("/inbox/")
    select(page, thread)
    press(page, "Archive")
    engine.push_all()
    assert not in_inbox(there(ada, connection, thread))
    page.keyboard.press("z")
    expect(page.locator(f"#s{thread.pk}")).to_have_count(1)
    engine.push_all()
    assert in_inbox(there(ada, connection, thread))
    engine.sync_everything()
    thread.refresh_from_db()
    assert thread.in_inbox


def test_what_is_refused_says_why_and_is_tried_again_or_given_up(ada: Person, opened: SignedIn) -> None:
    connection = ada.connected("google", ACCOUNTS["google"], service=["mail"])
    thread = received(connection)[0]
    page = opened("/inbox/")
    select(page, thread)
    press(page, "Star")
    starred = dict(Change.objects.get().payload)
    Change.objects.update(payload={"add": ["SENT"], "remove": [], "starred": True})
    engine.push_all()
    page.goto(f"/inbox/{thread.pk}/")
    note = page.locator("#conv-notes .note.is-bad")
    expect(note).to_contain_text("Google refused to change")
    note.get_by_role("button", name="Retry").click()
    expect(note).to_have_count(0)
    Change.objects.filter(state=ChangeState.WAITING).update(due_at=timezone.now())
    engine.push_all()
    page.reload()
    expect(note).to_contain_text("Google refused to change")
    note.get_by_role("button", name="Discard").click()
    expect(note).to_have_count(0)
    expect(page.get_by_role("toolbar", name="Conversation").get_by_role("button", name="Star (s)")).to_be_visible()
    assert not Thread.objects.get(pk=thread.pk).starred and starred == {"starred": True}
    assert "STARRED" not in there(ada, connection, thread)["labels"]  # type: ignore[operator]
