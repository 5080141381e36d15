"""What pages of a sync do to the tables: the outcome a reader sees, whatever the order and however often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.models import Change
from integrations.records import Address, AttachmentRecord, FolderRecord, MailDelta, Operation, Role, Service
from mail.models import Attachment, Folder, Message, MessageFolder, Thread, ThreadFolder
from tests.mail.conftest import GMAIL_LABELS, Account, message

INBOX, ARCHIVED = frozenset({"f-inbox"}), frozenset({"f-archive"})


def test_a_page_twice_is_as_once(gmail: Account) -> None:
    page = [message(n, attachments=(AttachmentRecord("2", "plan.pdf", "application/pdf", 9),)) for n in range(3)]
    gmail.sync(*page)
    before = list(Thread.objects.values())
    gmail.sync(*page)
    assert list(Thread.objects.values()) == before
    assert (Message.objects.count(), Attachment.objects.count(), MessageFolder.objects.count()) == (3, 3, 3)
    assert Folder.objects.get(provider_id="INBOX").threads == 3


def test_a_thread_sums_up_its_messages(gmail: Account) -> None:
    gmail.sync(
        message(30, thread_id="t", subject="Model review"),
        message(20, thread_id="t", sender=Address("tomasz@wilk.example", "Tomasz Wilk"), unread=True, starred=True),
        message(
            10,
            thread_id="t",
            sender=Address("Ada@gmail.example", "Ada"),
            folder_ids=frozenset({"SENT"}),
            snippet="Mine",
        ),
    )
    thread = Thread.objects.get()
    assert (thread.subject, thread.snippet, thread.participants) == ("Model review", "Mine", "Tomasz, Ingrid")
    assert (thread.message_count, thread.unread_count, thread.starred, thread.in_inbox) == (3, 1, True, True)
    assert thread.last_at == message(10).date
    assert thread.recipients == "To Ada"
    assert Folder.objects.get(provider_id="INBOX").unread == 1


def test_labels_become_flags_and_memberships(gmail: Account) -> None:
    gmail.sync(message(1, unread=True))
    gmail.sync(MailDelta("m1", added=frozenset({"STARRED", "Label_1"}), removed=frozenset({"UNREAD", "INBOX"})))
    stored = Message.objects.get()
    assert (stored.unread, stored.starred) == (False, True)
    assert set(MessageFolder.objects.values_list("folder__provider_id", flat=True)) == {"Label_1"}
    thread = Thread.objects.get()
    assert (thread.in_inbox, thread.archived, thread.starred) == (False, True, True)
    assert dict(Folder.objects.filter(threads__gt=0).values_list("provider_id", "unread")) == {"Label_1": 0}


def test_a_delta_for_an_unknown_message_is_ignored(gmail: Account) -> None:
    gmail.sync(MailDelta("nobody", added=frozenset({"INBOX"})))
    assert not Message.objects.exists()


def test_a_mailbox_that_removes_an_id_loses_the_message(gmail: Account) -> None:
    gmail.sync(message(1), message(2))
    gmail.sync(removed=["m1"])
    assert list(Thread.objects.values_list("provider_id", flat=True)) == ["t2"]
    assert gmail.counts() == {"mailbox": 1}


@pytest.mark.parametrize("first", ["removed", "added"])
def test_a_move_between_folders_keeps_the_message(outlook: Account, first: str) -> None:
    outlook.sync(message(1, folder_ids=INBOX), into="f-inbox")
    thread = Thread.objects.get().pk
    if first == "removed":
        outlook.sync(removed=["m1"], into="f-inbox")
        assert not Thread.objects.get().in_inbox and not Thread.objects.get().in_all
        outlook.sync(message(1, folder_ids=ARCHIVED), into="f-archive")
    else:
        outlook.sync(message(1, folder_ids=ARCHIVED), into="f-archive")
        outlook.sync(removed=["m1"], into="f-inbox")
    moved = Thread.objects.get(pk=thread)
    assert (moved.in_inbox, moved.archived, Message.objects.get().detached_at) == (False, True, None)
    assert outlook.counts() == {"f-inbox": 0, "f-archive": 1, "f-sent": 0, "f-trash": 0}


def test_a_message_without_a_folder_goes_after_a_while(outlook: Account) -> None:
    outlook.sync(message(1, folder_ids=INBOX), into="f-inbox")
    outlook.sync(removed=["m1"], into="f-inbox")
    outlook.sync(into="f-archive")
    assert Message.objects.count() == 1
    Message.objects.update(detached_at=timezone.now() - timedelta(minutes=11))
    outlook.sync(into="f-archive")
    assert (Message.objects.count(), Thread.objects.count(), ThreadFolder.objects.count()) == (0, 0, 0)


def test_a_completed_walk_drops_what_it_did_not_mention(gmail: Account) -> None:
    gmail.sync(message(1), message(2))
    mailbox = gmail.collections["mailbox"]
    mailbox.generation = 2
    mailbox.save(update_fields=["generation"])
    gmail.sync(message(2))
    with transaction.atomic():
        assert gmail.store.finish_walk(mailbox) == 1
    assert list(Message.objects.values_list("provider_id", flat=True)) == ["m2"]


def test_a_walk_of_one_folder_leaves_the_others_alone(outlook: Account) -> None:
    outlook.sync(message(1, folder_ids=INBOX), into="f-inbox")
    outlook.sync(message(2, folder_ids=ARCHIVED), into="f-archive")
    inbox = outlook.collections["f-inbox"]
    inbox.generation = 2
    with transaction.atomic():
        assert outlook.store.finish_walk(inbox) == 1
    assert outlook.counts()["f-archive"] == 1


def _change(account: Account, operation: Operation, payload: dict[str, object], target: str = "m1") -> Change:
    return Change.objects.create(
        connection=account.connection, service=Service.MAIL, operation=operation, target_id=target, payload=payload
    )


def test_an_edit_on_its_way_stays_on_top_and_comes_off_when_refused(outlook: Account) -> None:
    outlook.sync(message(1, folder_ids=INBOX, unread=True), into="f-inbox")
    move = _change(outlook, Operation.MAIL_MOVE, {"from": "f-inbox", "to": "f-archive"})
    read = _change(outlook, Operation.MAIL_MODIFY, {"unread": False})
    for _ in range(2):
        outlook.sync(message(1, folder_ids=INBOX, unread=True), into="f-inbox")
        with transaction.atomic():
            outlook.store.overlay(outlook.connection, [move, read])
        thread = Thread.objects.get()
        assert (thread.in_inbox, thread.archived, thread.unread_count) == (False, True, 0)
    with transaction.atomic():
        outlook.store.revert(move)
    thread = Thread.objects.get()
    assert (thread.in_inbox, thread.archived, thread.unread_count) == (True, False, 0)


def test_flags_told_by_a_folder_put_the_message_there(outlook: Account) -> None:
    outlook.sync(message(1, folder_ids=INBOX, unread=True), into="f-inbox")
    outlook.sync(MailDelta("m1", added=ARCHIVED, unread=False), into="f-archive")
    assert outlook.counts() == {"f-inbox": 0, "f-archive": 1, "f-sent": 0, "f-trash": 0}
    assert Thread.objects.get().unread_count == 0


def test_what_the_provider_answers_is_taken_over(gmail: Account) -> None:
    gmail.sync(message(1, unread=True))
    with transaction.atomic():
        gmail.store.confirm(gmail.connection, [MailDelta("m1", removed=frozenset({"INBOX"}), unread=False)])
    assert (Thread.objects.get().in_inbox, Thread.objects.get().unread_count) == (False, 0)


def test_text_that_no_database_takes_is_cleaned(gmail: Account) -> None:
    gmail.sync(
        message(
            1,
            subject="Nul\x00 and \ud800 " + "long " * 900,
            sender=Address("a\x00@b.example", "B\r\nad"),
            text="\x00\udfff",
            html="<p>\x00</p>",
            snippet="Padded\u034f \u200c\u00ad\u034f \u200c  out",
            attachments=(AttachmentRecord("1", "x" * 999 + "\x00", "a" * 999, -1),),
            message_id="<" + "x" * 3000 + ">",
        )
    )
    stored = Message.objects.select_related("body").get()
    assert len(stored.subject) == 1000 and "\x00" not in stored.subject + stored.body.text + stored.body.html
    assert (stored.snippet, stored.sender_name) == ("Padded out", "B ad")


def test_mail_in_a_label_nobody_has_named_yet(gmail: Account) -> None:
    gmail.sync(message(1, folder_ids=frozenset({"INBOX", "Label_new"})))
    with transaction.atomic():
        gmail.store.containers(gmail.connection, [*GMAIL_LABELS, FolderRecord("Label_new", "Oak", Role.USER)])
    assert Folder.objects.get(provider_id="Label_new").threads == 1
    assert Folder.objects.get(provider_id="Label_new").name == "Oak"


def test_a_folder_that_is_gone_takes_only_itself_along(gmail: Account) -> None:
    gmail.sync(message(1, folder_ids=frozenset({"INBOX", "Label_1"})))
    with transaction.atomic():
        gmail.store.containers(gmail.connection, [f for f in GMAIL_LABELS if f.id != "Label_1"])
    assert Thread.objects.get().in_inbox


def test_purge_goes_in_steps_to_nothing(gmail: Account) -> None:
    gmail.sync(*[message(n) for n in range(5)])
    steps = 1
    while gmail.store.purge(gmail.connection, 2):
        steps += 1
    assert steps >= 4
    assert not Message.objects.exists() and not Thread.objects.exists() and not Folder.objects.exists()


def test_a_page_costs_the_same_number_of_queries_whatever_its_size(
    gmail: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(30):
        gmail.sync(*[message(n) for n in range(100)])
