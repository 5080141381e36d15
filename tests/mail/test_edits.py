"""What a reader's edits do here, and what they put in the outbox for the provider; and how they are taken back."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from integrations.models import Change
from integrations.models.change import ChangeState
from integrations.records import FolderRecord, Role
from mail.models import Message, Thread
from tests.mail.conftest import GMAIL_LABELS, Account, message

INBOX = frozenset({"f-inbox"})


@pytest.fixture
def page(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


def _do(page: Client, action: str, *threads: str, **more: str) -> str:
    ids = list(Thread.objects.filter(provider_id__in=threads).values_list("pk", flat=True))
    answer = page.post("/inbox/do/", {"do": action, "t": ids, **more}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def _outbox() -> list[tuple[str, str, dict[str, object]]]:
    return list(Change.objects.values_list("operation", "target_id", "payload"))


def _undo_address(html: str) -> str:
    return html.split('action="/inbox/undo/')[1].split('"')[0].replace("&amp;", "&")


def test_archive_takes_gmails_inbox_label_off_every_message(page: Client, gmail: Account) -> None:
    gmail.sync(
        message(2, thread_id="t"), message(1, thread_id="t"), message(3, thread_id="t", folder_ids=frozenset({"SENT"}))
    )
    html = _do(page, "archive", "t")
    thread = Thread.objects.get()
    assert (thread.in_inbox, thread.archived) == (False, True)
    off = {"add": [], "remove": ["INBOX"]}
    assert _outbox() == [("mail.modify", "m2", off), ("mail.modify", "m1", off)]
    assert "“Subject 3” archived" in html


def test_archive_moves_outlooks_message(page: Client, outlook: Account) -> None:
    outlook.sync(message(1, folder_ids=INBOX), into="f-inbox")
    _do(page, "archive", "t1")
    assert _outbox() == [("mail.move", "m1", {"to": "f-archive", "from": "f-inbox"})]
    assert Thread.objects.get().archived


def test_doing_what_is_done_already_does_nothing(page: Client, gmail: Account) -> None:
    gmail.sync(message(1, folder_ids=frozenset({"Label_1"}), starred=True))
    for action in ("archive", "read", "star"):
        _do(page, action, "t1")
    assert not Change.objects.exists()


@pytest.mark.parametrize("provider", ["gmail", "outlook"])
def test_trash_and_back(page: Client, provider: str, request: pytest.FixtureRequest) -> None:
    account: Account = request.getfixturevalue(provider)
    inbox = account.connection.folders.get(role=Role.INBOX).provider_id
    account.sync(message(1, folder_ids=frozenset({inbox})), into="" if provider == "gmail" else inbox)
    _do(page, "trash", "t1")
    thread = Thread.objects.get()
    assert (thread.in_inbox, thread.in_all) == (False, False)
    assert "Subject 1" in page.get("/inbox/?box=trash").content.decode()
    _do(page, "inbox", "t1")
    thread = Thread.objects.get()
    assert (thread.in_inbox, thread.in_all) == (True, True)


def test_read_marks_all_and_unread_the_newest_received(page: Client, gmail: Account) -> None:
    gmail.sync(
        message(3, thread_id="t", unread=True),
        message(2, thread_id="t", unread=True),
        message(1, thread_id="t", folder_ids=frozenset({"SENT"})),
    )
    assert "marked read" not in _do(page, "read", "t", quiet="1")
    assert not Message.objects.filter(unread=True).exists()
    _do(page, "unread", "t")
    assert list(Message.objects.filter(unread=True).values_list("provider_id", flat=True)) == ["m2"]


def test_undo_withdraws_what_still_waits(page: Client, outlook: Account) -> None:
    outlook.sync(message(1, folder_ids=INBOX), into="f-inbox")
    address = _undo_address(_do(page, "archive", "t1"))
    page.post(f"/inbox/undo/{address}")
    assert Thread.objects.get().in_inbox and not Change.objects.exists()


def test_undo_of_what_was_sent_sends_the_inverse(page: Client, outlook: Account, gmail: Account) -> None:
    outlook.sync(message(1, folder_ids=INBOX), into="f-inbox")
    gmail.sync(message(2, thread_id="g", unread=True))
    address = _undo_address(_do(page, "archive", "t1", "g"))
    Change.objects.update(state=ChangeState.DONE)
    page.post(f"/inbox/undo/{address}")
    assert all(Thread.objects.values_list("in_inbox", flat=True))
    sent = {(o, t): p for o, t, p in _outbox()[2:]}
    assert sent == {
        ("mail.move", "m1"): {"to": "f-inbox", "from": "f-archive"},
        ("mail.modify", "m2"): {"add": ["INBOX"], "remove": []},
    }


def test_undo_is_for_ones_own_edits(page: Client, outlook: Account, client: Client) -> None:
    outlook.sync(message(1, folder_ids=INBOX), into="f-inbox")
    address = _undo_address(_do(page, "archive", "t1"))
    client.force_login(User.objects.create_user("bo@osmen.example", "correct horse battery"))
    client.post(f"/inbox/undo/{address}")
    client.post("/inbox/undo/?c=0-99999999.nonsense.-3")
    assert not Thread.objects.get().in_inbox
    change = Change.objects.get()
    Change.objects.update(state=ChangeState.REFUSED)
    assert client.post(f"/inbox/change/{change.id}/", {"do": "discard"}).status_code == 404


def test_without_an_archive_folder_the_message_is_not_lost(page: Client, outlook: Account) -> None:
    outlook.connection.folders.filter(role=Role.ARCHIVE).delete()
    outlook.sync(message(1, folder_ids=INBOX), into="f-inbox")
    _do(page, "archive", "t1")
    assert _outbox() == [("mail.modify", "m1", {"add": [], "remove": ["f-inbox"]})]
    assert not Thread.objects.get().in_inbox
    outlook.store.containers(
        outlook.connection, [FolderRecord("f-inbox", "Inbox", Role.INBOX), FolderRecord("f-a", "A", Role.ARCHIVE)]
    )
    outlook.sync(message(1, folder_ids=frozenset({"f-a"})), into="f-archive")
    assert Thread.objects.get().archived


def test_without_scripts_the_answer_is_the_page_that_comes_next(page: Client, gmail: Account) -> None:
    gmail.sync(message(1))
    pk = Thread.objects.get().pk
    assert page.post("/inbox/do/?box=all", {"do": "star", "t": [pk], "open": pk})["Location"] == f"/inbox/{pk}/?box=all"
    assert page.post("/inbox/do/?box=all", {"do": "archive", "t": [pk], "open": pk})["Location"] == "/inbox/?box=all"
    assert "“Subject 1” archived" in page.get("/inbox/").content.decode()


def test_nonsense_is_refused_kindly(page: Client, gmail: Account) -> None:
    assert page.post("/inbox/do/", {"do": "explode", "t": ["1"]}).status_code == 400
    assert page.post("/inbox/do/", {"do": "read", "t": ["x", "-1", "9" * 40, ""]}).status_code == 302
    assert page.get("/inbox/do/").status_code == 405
    assert len(GMAIL_LABELS) == gmail.connection.folders.count()
