"""Letters sent at the sandbox: to whom, in which conversation, and never twice."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from integrations.errors import NotFound, PermanentFailure
from integrations.records import ChangeRecord, MailRecord, Operation
from tests.providers.sandbox_process import SandboxProcess
from tests.sync.history.google import GoogleOwner
from tests.sync.history.microsoft import MicrosoftOwner


class Mailbox:
    def __init__(self, sandbox: SandboxProcess, provider: str) -> None:
        self.sandbox, self.provider = sandbox, provider
        self.email, self.friend = (f"{uuid.uuid4().hex[:10]}@letters.example" for _ in range(2))
        for email in (self.email, self.friend):
            sandbox.control("seed", accounts=[{"provider": provider, "email": email}])
        connected = sandbox.connect(provider, self.email)
        self.client = connected.provider.mail(connected.session)

    def all(self, email: str) -> list[dict[str, Any]]:
        return self.sandbox.messages(self.provider, email)

    def received(self) -> MailRecord:
        """A letter that came, as the client reads it."""
        self.sandbox.drill(
            "add-mail", provider=self.provider, email=self.email, subject="Bread", **{"from": self.friend}
        )
        found = [
            record
            for collection in self.client.discover().collections
            for page in self.client.sync(collection, None)
            for record in page.changed
        ]
        (record,) = found
        assert isinstance(record, MailRecord)
        return record

    def letter(self, **payload: object) -> ChangeRecord:
        whole = {"to": [[self.friend, "A friend"]], "subject": "Re: Bread", "text": "At four. Grüße!\n", **payload}
        return ChangeRecord(str(uuid.uuid4()), Operation.MAIL_SEND, "", whole)


@pytest.fixture(params=["google", "microsoft"])
def mailbox(request: pytest.FixtureRequest, sandbox: SandboxProcess) -> Mailbox:
    return Mailbox(sandbox, request.param)


def test_a_reply_joins_its_conversation_and_arrives(mailbox: Mailbox) -> None:
    came = mailbox.received()
    reply = mailbox.letter(
        thread_id=came.thread_id, reply_to=came.id, in_reply_to=came.message_id, references=list(came.references)
    )
    (sent,) = mailbox.client.apply(reply)
    assert isinstance(sent, MailRecord) and not sent.draft
    assert sent.thread_id == came.thread_id and sent.in_reply_to == came.message_id
    assert sent.text.strip() == "At four. Grüße!" and [a.email for a in sent.to] == [mailbox.friend]
    assert len(mailbox.all(mailbox.friend)) == 1


def test_a_letter_whose_answer_was_lost_is_not_sent_again(mailbox: Mailbox) -> None:
    letter = mailbox.letter()
    (first,) = mailbox.client.apply(letter)
    (second,) = mailbox.client.apply(replace(letter, repeated=True))
    assert first.id == second.id
    assert len(mailbox.all(mailbox.email)) == 1 and len(mailbox.all(mailbox.friend)) == 1


def test_a_letter_that_never_left_is_sent_by_the_next_attempt(mailbox: Mailbox) -> None:
    mailbox.client.apply(replace(mailbox.letter(), repeated=True))
    assert len(mailbox.all(mailbox.friend)) == 1


def test_a_message_is_sent_on_whole_once_and_in_a_conversation_of_its_own(mailbox: Mailbox) -> None:
    came = mailbox.received()
    change = mailbox.letter(thread_id=came.thread_id, forward=came.id, subject="Fwd: Bread")
    (sent,) = mailbox.client.apply(change)
    assert isinstance(sent, MailRecord) and "At four. Grüße!" in (sent.text or sent.html)
    mailbox.client.apply(replace(change, repeated=True))
    assert [m["subject"] for m in mailbox.all(mailbox.friend)].count("Fwd: Bread") == 1
    if mailbox.provider == "microsoft":
        assert came.text.strip() in sent.html
        return
    assert sent.thread_id != came.thread_id
    (file,) = sent.attachments
    assert file.filename == "Fwd: Bread.eml"
    assert mailbox.client.attachment(sent.id, file.part_id) == mailbox.client.source(came.id)


def test_what_is_to_be_sent_on_and_is_gone_is_refused(mailbox: Mailbox) -> None:
    came = mailbox.received()
    owner = GoogleOwner if mailbox.provider == "google" else MicrosoftOwner
    owner(mailbox.sandbox, mailbox.email).mail_is_deleted(0)
    with pytest.raises(NotFound):
        mailbox.client.apply(mailbox.letter(forward=came.id))
    assert mailbox.all(mailbox.friend) == []


def test_copies_that_nobody_sees_arrive(mailbox: Mailbox) -> None:
    other = f"{uuid.uuid4().hex[:10]}@letters.example"
    mailbox.sandbox.control("seed", accounts=[{"provider": mailbox.provider, "email": other}])
    mailbox.client.apply(mailbox.letter(bcc=[[other, ""]]))
    assert [len(mailbox.all(email)) for email in (mailbox.friend, other)] == [1, 1]


def test_a_reply_to_what_is_gone_is_sent_all_the_same(mailbox: Mailbox) -> None:
    came = mailbox.received()
    owner = GoogleOwner if mailbox.provider == "google" else MicrosoftOwner
    owner(mailbox.sandbox, mailbox.email).mail_is_deleted(0)
    mailbox.client.apply(mailbox.letter(thread_id=came.thread_id, reply_to=came.id, in_reply_to=came.message_id))
    assert len(mailbox.all(mailbox.friend)) == 1


def test_two_letters_of_the_same_words_are_two(mailbox: Mailbox) -> None:
    for _ in range(2):
        mailbox.client.apply(mailbox.letter())
    assert len(mailbox.all(mailbox.friend)) == 2


@pytest.mark.parametrize("to", [[], [["not an address", ""]], [["a@b\r\nBcc: x@y", ""]]])
def test_a_letter_to_nobody_is_refused_in_words(mailbox: Mailbox, to: list[list[str]]) -> None:
    with pytest.raises(PermanentFailure):
        mailbox.client.apply(mailbox.letter(to=to))
    assert mailbox.all(mailbox.email) == []
