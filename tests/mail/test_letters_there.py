"""Letters and folders on the pages of a real browser, read back at the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from integrations.models import Change, Connection, OAuthApp
from integrations.models.change import ChangeState
from mail.models import Folder, Message, Thread
from tests.browsing import SignedIn, Theme, violations
from tests.journey import engine
from tests.journey.conftest import ada, ben, opened, sandbox
from tests.journey.person import ACCOUNTS, Person

__all__ = ["ada", "ben", "opened", "sandbox"]
BOTH = pytest.mark.parametrize("provider", ACCOUNTS)


def connected(person: Person, provider: str) -> Connection:
    return person.connected(provider, ACCOUNTS[provider], service=["mail"])


def received(connection: Connection) -> Thread:
    """A conversation in the inbox that somebody else began and nobody has answered."""
    threads = Thread.objects.filter(connection=connection, in_inbox=True, message_count=1).order_by("-last_at")
    return next(t for t in threads if not t.messages.filter(sender_email=connection.email).exists())


def at_provider(person: Person, provider: str, subject: str) -> list[dict[str, Any]]:
    return [m for m in person.sandbox.messages(provider, ACCOUNTS[provider]) if m["subject"] == subject]


def send_now() -> None:
    """As if the moment for taking back were over."""
    Change.objects.filter(state=ChangeState.WAITING).update(due_at=timezone.now())
    engine.push_all()


def seen(page: Page) -> Page:
    """Wait until the page has marked the conversation as read, so that nothing else is on its way."""
    expect(page.locator("#threads .thread.is-open.is-unread")).to_have_count(0)
    return page


@BOTH
def test_an_answer_is_written_by_keys_and_arrives_in_its_conversation(
    ada: Person, opened: SignedIn, provider: str
) -> None:
    connection = connected(ada, provider)
    thread = received(connection)
    page = seen(opened(f"/inbox/{thread.pk}/"))
    page.keyboard.press("r")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.type("Thank you, I will bring it.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("article", name="not sent yet")).to_contain_text("On its way to")
    expect(page.get_by_role("link", name="Reply", exact=True)).to_be_visible()
    send_now()
    expect(page.locator("#below .msg")).to_contain_text("Thank you, I will bring it.", timeout=15_000)
    expect(page.get_by_role("article", name="not sent yet")).to_have_count(0)
    (sent,) = Message.objects.filter(connection=connection, sender_email=connection.email, thread=thread)
    assert sent.subject == f"Re: {thread.subject.removeprefix('Re: ')}"
    (there,) = at_provider(ada, provider, sent.subject)
    assert "SENT" in there.get("labels", ()) or there.get("folder", "").lower().startswith("sent")
    engine.sync_everything()
    assert Message.objects.filter(connection=connection, sender_email=connection.email, thread=thread).count() == 1


def test_a_letter_is_taken_back_changed_and_sent_when_the_provider_is_there_again(
    ada: Person, opened: SignedIn
) -> None:
    connection = connected(ada, "google")
    thread = received(connection)
    page = seen(opened(f"/inbox/{thread.pk}/"))
    page.get_by_role("link", name="Reply all").click()
    page.get_by_label("Message", exact=True).fill("Too early")
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    unsent = page.get_by_role("article", name="not sent yet")
    expect(unsent).to_contain_text("Not sent: you took it back.")
    unsent.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Message", exact=True)).to_have_value("Too early\n\n" + _quoted(thread))
    page.get_by_label("Message", exact=True).fill("Just in time")
    app = OAuthApp.objects.get(provider="google")
    right = dict(app.endpoints)
    OAuthApp.objects.filter(pk=app.pk).update(endpoints={**right, "gmail": "http://127.0.0.1:9/"})
    page.get_by_role("button", name="Send", exact=True).click()
    expect(unsent).to_contain_text("On its way")
    send_now()
    expect(unsent).to_contain_text("Kept here and not sent yet.", timeout=15_000)
    OAuthApp.objects.filter(pk=app.pk).update(endpoints=right)
    send_now()
    expect(page.locator("#below .msg")).to_contain_text("Just in time", timeout=15_000)
    assert Message.objects.filter(thread=thread, sender_email=connection.email).count() == 1


@BOTH
def test_a_message_is_sent_on_by_keys(ada: Person, opened: SignedIn, provider: str) -> None:
    connection = connected(ada, provider)
    thread = received(connection)
    page = seen(opened(f"/inbox/{thread.pk}/"))
    page.keyboard.press("f")
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    page.keyboard.type("bo@elsewhere.example")
    page.get_by_label("Bcc", exact=True).fill("cy@elsewhere.example")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Sending to bo@elsewhere.example, cy@elsewhere.example")
    send_now()
    assert Change.objects.get(operation="mail.send").state == ChangeState.DONE
    assert len(at_provider(ada, provider, f"Fwd: {thread.subject}")) == 1


def _quoted(thread: Thread) -> str:
    """How the letter's quotation begins is told by the outbox; what follows is the message."""
    text: str = Change.objects.get(operation="mail.send").payload["text"]
    return text.partition("\n\n")[2]


@BOTH
def test_a_new_message_goes_out_from_the_chosen_account(ada: Person, opened: SignedIn, provider: str) -> None:
    connected(ada, provider)
    page = opened("/inbox/")
    page.keyboard.press("c")
    page.get_by_label("To", exact=True).fill("bo@elsewhere.example")
    page.get_by_label("Subject").fill("Tea on Friday")
    page.get_by_label("Message", exact=True).fill("At four?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#toasts")).to_contain_text("Sending to bo@elsewhere.example")
    send_now()
    assert len(at_provider(ada, provider, "Tea on Friday")) == 1


def test_labels_at_google_and_a_folder_at_microsoft(ada: Person, opened: SignedIn) -> None:
    google, microsoft = connected(ada, "google"), connected(ada, "microsoft")
    thread = received(google)
    label = Folder.objects.filter(connection=google, role="user", hidden=False).order_by("name")[0]
    page = seen(opened(f"/inbox/{thread.pk}/"))
    page.keyboard.press("v")
    box = page.get_by_role("checkbox", name=label.name, exact=True)
    box.check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#toasts")).to_contain_text("labelled anew")
    send_now()
    (there,) = at_provider(ada, "google", thread.subject)
    assert label.provider_id in there["labels"]
    moved = received(microsoft)
    folder = Folder.objects.filter(connection=microsoft, role="user", hidden=False).order_by("name")[0]
    page.goto(f"/inbox/{moved.pk}/")
    seen(page)
    page.get_by_role("toolbar", name="Conversation").get_by_label("Move (v)").click()
    page.get_by_role("group", name="Move to").get_by_role("button", name=folder.name).first.click()
    expect(page.locator("#toasts")).to_contain_text(f"moved to {folder.name}")
    send_now()
    engine.sync_everything()
    found = Message.objects.get(thread=moved).message_folders.get().folder
    assert found == folder and set(Change.objects.values_list("state", flat=True)) == {"done"}


def test_a_selection_is_filed_by_keys_and_arrives(ada: Person, opened: SignedIn) -> None:
    google = connected(ada, "google")
    label = Folder.objects.filter(connection=google, role="user", hidden=False).order_by("name")[0]
    page = opened("/inbox/")
    for key in "jxjxv":
        page.keyboard.press(key)
    menu = page.get_by_role("group", name="Move or label")
    menu.get_by_role("button", name=label.name, exact=True).focus()
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"put under {label.name}")
    expect(menu).not_to_be_visible()
    changed = set(Change.objects.values_list("target_id", flat=True))
    send_now()
    there = {m["id"]: m["labels"] for m in ada.sandbox.messages("google", ACCOUNTS["google"])}
    assert changed and all(label.provider_id in there[i] for i in changed)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_axe_finds_nothing_while_writing(ada: Person, opened: SignedIn, width: int, theme: Theme) -> None:
    connection = connected(ada, "google")
    thread = received(connection)
    page = opened(f"/inbox/{thread.pk}/reply/?all=1", width, theme)
    page.get_by_label("Message", exact=True).fill("Thank you")
    assert violations(page) == []
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("article", name="not sent yet")).to_be_visible()
    page.get_by_role("toolbar", name="Conversation").get_by_label("Labels (v)").click()
    assert violations(page) == [] and page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/inbox/new/")
    assert violations(page) == []
