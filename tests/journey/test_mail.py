"""Mail from the provider to the page and back: what arrives opens, what is edited here happens there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from integrations.models import Change
from integrations.models.change import ChangeState
from mail import fetching
from mail.models import Attachment, Body, Message, Thread
from tests.journey import engine
from tests.journey.person import Person

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


def _there(person: Person, provider: str, account: str, message_id: str) -> dict[str, Any]:
    """The message as the provider has it."""
    listed = person.sandbox.messages(provider, account)
    return next(m for m in listed if m["id"] == message_id)


def _newest_in_inbox(account: str) -> tuple[Thread, list[str]]:
    thread = Thread.objects.filter(connection__email=account, in_inbox=True).order_by("-last_at")[0]
    inside = Message.objects.filter(thread=thread, message_folders__folder__role="inbox")
    return thread, list(inside.values_list("provider_id", flat=True))


def _in_inbox(message: dict[str, Any]) -> bool:
    return "INBOX" in message["labels"] if "labels" in message else message["folder"].lower() == "inbox"


def test_everything_that_arrived_opens(ada: Person) -> None:
    ada.connected("google", GOOGLE)
    ada.connected("microsoft", MICROSOFT)
    threads = list(Thread.objects.values_list("pk", flat=True))
    assert len(threads) > 20
    for pk in threads:
        assert ada.browser.get(f"/inbox/{pk}/").status_code == 200
    for pk in Body.objects.exclude(html="").values_list("pk", flat=True):
        assert ada.browser.get(f"/inbox/message/{pk}/body/").status_code == 200
    for box in ("inbox", "starred", "sent", "drafts", "archive", "all", "spam", "trash"):
        assert ada.browser.get(f"/inbox/?box={box}").status_code == 200


@BOTH
def test_archive_happens_at_the_provider_and_undo_brings_it_back(ada: Person, provider: str, account: str) -> None:
    ada.connected(provider, account)
    thread, messages = _newest_in_inbox(account)
    answer = ada.browser.post("/inbox/do/", {"do": "archive", "t": [thread.pk]}, headers={"HX-Request": "true"})
    assert not Thread.objects.get(pk=thread.pk).in_inbox
    engine.push_all()
    assert not any(_in_inbox(_there(ada, provider, account, m)) for m in messages)
    engine.sync_everything()
    archived = Thread.objects.get(pk=thread.pk)
    assert archived.archived and set(Change.objects.values_list("state", flat=True)) == {ChangeState.DONE}
    undo = re.search(r'action="(/inbox/undo/[^"]*)"', answer.content.decode())
    assert undo is not None
    ada.browser.post(undo.group(1).replace("&amp;", "&"))
    engine.push_all()
    engine.sync_everything()
    assert Thread.objects.get(pk=thread.pk).in_inbox
    assert all(_in_inbox(_there(ada, provider, account, m)) for m in messages)


@BOTH
@pytest.mark.parametrize("action", ["star", "unread", "trash"])
def test_edits_survive_the_next_sync(ada: Person, provider: str, account: str, action: str) -> None:
    ada.connected(provider, account)
    thread = Thread.objects.filter(connection__email=account, in_inbox=True, starred=False, unread_count=0)[0]
    before = Thread.objects.filter(pk=thread.pk).values().get()
    ada.browser.post("/inbox/do/", {"do": action, "t": [thread.pk]})
    edited = Thread.objects.filter(pk=thread.pk).values().get()
    assert edited != before
    engine.push_all()
    engine.sync_everything()
    assert Thread.objects.filter(pk=thread.pk).values().get() == edited
    assert not Change.objects.exclude(state=ChangeState.DONE).exists()


@BOTH
def test_an_attachment_arrives_when_it_is_asked_for(
    ada: Person, provider: str, account: str, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    ada.connected(provider, account)
    attachment = Attachment.objects.filter(inline=False)[0]
    ada.browser.post(f"/inbox/attachment/{attachment.pk}/")
    fetching.fetch(attachment.pk)
    attachment.refresh_from_db()
    assert attachment.state == Attachment.State.HERE, attachment.explanation
    answer = ada.browser.get(f"/inbox/attachment/{attachment.pk}/content/")
    assert len(b"".join(answer)) > 0
