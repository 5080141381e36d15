"""Answers and new letters: whom they go to, what they say, how long they can be taken back; and filing by name."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from integrations.models import Change
from integrations.models.change import ChangeState
from integrations.records import Address, FolderRecord, Role
from mail.models import Folder, Message, Thread
from tests.mail.conftest import GMAIL_LABELS, OUTLOOK_FOLDERS, Account, message

TOMASZ = Address("tomasz@wilk.example", "Wilk, Tomasz")
ADA = Address("ada@gmail.example", "Ada")
HX = {"HX-Request": "true"}


@pytest.fixture
def page(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


def conversation(account: Account) -> int:
    account.sync(
        message(2, thread_id="t", message_id="<2@x>", to=(ADA, TOMASZ), cc=(Address("cy@x.example"),), subject="Oak"),
        message(1, thread_id="t", message_id="<1@x>", sender=ADA, to=(TOMASZ,), folder_ids=frozenset({"SENT"})),
    )
    return Thread.objects.get().pk


def answer(page: Client, pk: int, query: str = "", **sent: str) -> Change:
    """Send the reply form as it opens, with ``sent`` in it."""
    path = f"/inbox/{pk}/reply/?{query}"
    letter = page.get(path, headers=HX).context["letter"]
    fields = {"to": letter.to, "cc": letter.cc, "subject": letter.subject, "text": "Thank you."} | sent
    assert page.post(path, fields, headers=HX).status_code == 200
    return Change.objects.latest("number")


def test_an_answer_goes_to_the_sender_in_the_conversation(page: Client, gmail: Account) -> None:
    change = answer(page, conversation(gmail), quote="1")
    assert change.operation == "mail.send" and change.due_at > timezone.now()
    payload = change.payload
    assert (payload["to"], payload["cc"]) == ([["ingrid@nordlys.example", "Ingrid Solheim"]], [])
    assert (payload["thread_id"], payload["reply_to"], payload["in_reply_to"]) == ("t", "m2", "<2@x>")
    assert payload["references"] == ["<2@x>"] and payload["subject"] == "Re: Oak"
    own, _, quoted = payload["text"].partition("\n\n")
    assert own == "Thank you." and quoted.endswith("Ingrid Solheim wrote:\n> Text 2")


def test_a_message_is_sent_on_from_its_conversation(page: Client, gmail: Account) -> None:
    pk = conversation(gmail)
    html = page.get(f"/inbox/{pk}/reply/?forward=1", headers=HX).content.decode()
    assert "“Subject 1” goes along as it came." in html and "Quote what" not in html
    one = Message.objects.get(provider_id="m2").pk
    change = answer(page, pk, f"forward=1&m={one}", to="bo@x.example", bcc="cy@x.example", text="", forward="1")
    assert change.payload == {
        "to": [["bo@x.example", ""]],
        "cc": [],
        "bcc": [["cy@x.example", ""]],
        "subject": "Fwd: Oak",
        "text": "",
        "thread_id": "t",
        "forward": "m2",
    }
    assert answer(page, pk, "forward=1", to="bo@x.example").payload["forward"] == "m1"
    page.post(f"/inbox/letter/{change.id}/")
    again = page.get(f"/inbox/{pk}/reply/?again={change.id}", headers=HX)
    assert again.context["letter"].bcc == "cy@x.example" and "goes along as it came" in again.content.decode()
    changed = answer(page, pk, f"again={change.id}", text="For you", forward="1", bcc="")
    assert changed.payload == change.payload | {"text": "For you", "bcc": []}
    assert not Change.objects.filter(pk=change.pk).exists()


def test_an_answer_needs_words_and_a_message_sent_on_needs_somebody(page: Client, gmail: Account) -> None:
    pk = conversation(gmail)
    path = f"/inbox/{pk}/reply/"
    html = page.post(path, {"to": "a@x.example", "text": " "}, headers=HX).content.decode()
    assert "Write something first." in html
    html = page.post(f"{path}?forward=1", {"bcc": "x", "forward": "1"}, headers=HX).content.decode()
    assert "x is no e-mail address." in html and "Write something first." not in html
    assert not Change.objects.exists()


def test_an_answer_to_all_leaves_oneself_out(page: Client, gmail: Account) -> None:
    payload = answer(page, conversation(gmail), "all=1").payload
    assert payload["to"] == [["ingrid@nordlys.example", "Ingrid Solheim"]]
    assert payload["cc"] == [["tomasz@wilk.example", "Wilk, Tomasz"], ["cy@x.example", ""]]


def test_an_answer_to_what_one_wrote_goes_to_the_same_people(page: Client, gmail: Account) -> None:
    pk = conversation(gmail)
    mine = Message.objects.get(provider_id="m1").pk
    assert answer(page, pk, f"m={mine}").payload["to"] == [["tomasz@wilk.example", "Wilk, Tomasz"]]


def test_a_letter_can_be_taken_back_changed_and_sent(page: Client, gmail: Account) -> None:
    pk = conversation(gmail)
    change = answer(page, pk)
    html = page.get(f"/inbox/{pk}/").content.decode()
    assert "On its way to Google." in html and "Thank you." in html and f"/inbox/{pk}/below/" in html
    assert "Not sent" in page.post(f"/inbox/letter/{change.id}/", {"open": pk}, headers=HX).content.decode()
    html = page.get(f"/inbox/{pk}/").content.decode()
    assert "Not sent: you took it back." in html and "Send again" in html
    again = answer(page, pk, f"again={change.id}", text="Thanks a lot.")
    assert not Change.objects.filter(pk=change.pk).exists()
    assert (again.payload["text"], again.payload["in_reply_to"]) == ("Thanks a lot.", "<2@x>")
    Change.objects.update(state=ChangeState.SENDING, attempts=1)
    assert (
        "It has been sent already."
        in page.post(f"/inbox/letter/{again.id}/", {"open": pk}, headers=HX).content.decode()
    )
    Change.objects.update(state=ChangeState.REFUSED, error="This letter is addressed to nobody.")
    assert "Google did not send this. This letter" in page.get(f"/inbox/{pk}/").content.decode()
    page.post(f"/inbox/letter/{again.id}/", {"do": "discard", "open": pk})
    assert not Change.objects.exists()


def test_a_letter_behind_an_edit_that_cannot_be_sent_says_why_it_waits(page: Client, gmail: Account) -> None:
    pk = conversation(gmail)
    page.post("/inbox/do/", {"do": "star", "t": [pk]})
    Change.objects.update(error="Google cannot be reached.")
    answer(page, pk)
    assert "Kept here and not sent yet. Google cannot be reached." in page.get(f"/inbox/{pk}/").content.decode()


def test_a_new_letter_without_scripts(page: Client, gmail: Account, outlook: Account) -> None:
    assert "ada@outlook.example" in page.get("/inbox/new/").content.decode()
    sent = {"from": str(outlook.connection.pk), "to": "Bo Ek <bo@x.example>; cy@x.example", "subject": "Tea"}
    assert page.post("/inbox/new/", sent | {"text": "At four?"}).status_code == 302
    change = Change.objects.get()
    assert change.connection == outlook.connection
    assert change.payload["to"] == [["bo@x.example", "Bo Ek"], ["cy@x.example", ""]]
    Change.objects.update(state=ChangeState.REFUSED, error="No.")
    html = page.get("/inbox/").content.decode()
    assert "“Tea” to Bo Ek, cy@x.example. Microsoft did not send this. No." in html
    assert "At four?" in page.get(f"/inbox/new/?again={change.id}").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"to": ""}, "Say to whom it goes."),
        ({"to": "nobody"}, "nobody is no e-mail address."),
        ({"cc": "a@x.example, b@"}, "is no e-mail address."),
        ({"text": "  "}, "Write something first."),
        ({"to": ", ".join(f"a{n}@x.example" for n in range(101))}, "At most 100 people"),
    ],
)
def test_what_is_wrong_with_a_letter_is_said(page: Client, gmail: Account, wrong: dict[str, str], words: str) -> None:
    pk = conversation(gmail)
    good = {"from": str(gmail.connection.pk), "to": "bo@x.example", "text": "Yes", "subject": "S\r\nBcc: evil@x"}
    for path in ("/inbox/new/", f"/inbox/{pk}/reply/"):
        answered = page.post(path, good | wrong)
        assert answered.status_code == 422 and words in answered.content.decode()
    assert not Change.objects.exists()


def test_letters_are_for_their_owner(page: Client, gmail: Account, client: Client) -> None:
    pk = conversation(gmail)
    change = answer(page, pk)
    Change.objects.update(state=ChangeState.REFUSED)
    client.force_login(User.objects.create_user("bo@osmen.example"))
    assert client.get("/inbox/new/").status_code == 404
    for path in (f"/inbox/{pk}/reply/", f"/inbox/{pk}/below/", f"/inbox/{pk}/reply/?again={change.id}"):
        assert client.get(path).status_code == 404
    for do in ("retry", "discard"):
        assert client.post(f"/inbox/letter/{change.id}/", {"do": do}).status_code == 404
    client.post(f"/inbox/letter/{change.id}/")
    assert Change.objects.get().state == ChangeState.REFUSED


def test_what_comes_below_is_what_is_new(page: Client, gmail: Account) -> None:
    pk = conversation(gmail)
    since = max(Message.objects.values_list("pk", flat=True))
    gmail.sync(message(0, thread_id="t", text="Just arrived"))
    html = page.get(f"/inbox/{pk}/below/?since={since}", headers=HX).content.decode()
    assert "Just arrived" in html and "Text 2" not in html
    assert "Text 2" not in page.get(f"/inbox/{pk}/below/", headers=HX).content.decode()


def filed(page: Client, do: str, **more: Any) -> str:
    pk = Thread.objects.get().pk
    answered = page.post("/inbox/do/", {"do": do, "t": [pk], "open": pk, **more}, headers=HX)
    assert answered.status_code == 200
    return answered.content.decode()


def test_labels_are_put_on_and_taken_off(page: Client, gmail: Account) -> None:
    gmail.store.containers(gmail.connection, [*GMAIL_LABELS, FolderRecord("Label_2", "Choir")])
    gmail.sync(message(2, thread_id="t", folder_ids=frozenset({"INBOX", "Label_1"})), message(1, thread_id="t"))
    one, two = (Folder.objects.get(name=name).pk for name in ("Suppliers", "Choir"))
    html = page.get(f"/inbox/{Thread.objects.get().pk}/").content.decode()
    assert f'name="l" value="{one}" checked' in html and f'name="l" value="{two}">' in html
    assert not filed(page, "label", l=[one]).count("labelled")
    html = filed(page, "label", l=[two])
    assert "“Subject 2” labelled anew" in html
    found = {c.target_id: (c.payload["add"], c.payload["remove"]) for c in Change.objects.all()}
    assert found == {"m2": (["Label_2"], ["Label_1"]), "m1": (["Label_2"], [])}
    undo = html.split('action="/inbox/undo/')[1].split('"')[0].replace("&amp;", "&")
    page.post(f"/inbox/undo/{undo}")
    folders = Message.objects.get(provider_id="m2").message_folders.values_list("folder__name", flat=True)
    assert set(folders) == {"Inbox", "Suppliers"} and not Change.objects.exists()


def test_a_conversation_is_moved_to_a_folder_and_back(page: Client, outlook: Account) -> None:
    outlook.store.containers(outlook.connection, [*OUTLOOK_FOLDERS, FolderRecord("f-choir", "Choir")])
    outlook.sync(message(1, folder_ids=frozenset({"f-inbox"})), into="f-inbox")
    choir = Folder.objects.get(name="Choir").pk
    html = filed(page, f"move:{choir}")
    assert "“Subject 1” moved to Choir" in html and not Thread.objects.get().in_inbox
    assert Change.objects.get().payload == {"to": "f-choir", "from": "f-inbox"}
    undo = html.split('action="/inbox/undo/')[1].split('"')[0].replace("&amp;", "&")
    page.post(f"/inbox/undo/{undo}")
    assert Thread.objects.get().in_inbox
    trash, pk = Folder.objects.get(role=Role.TRASH).pk, Thread.objects.get().pk
    for do in (f"move:{trash}", "move:999999", "move:"):
        assert page.post("/inbox/do/", {"do": do, "t": [pk]}).status_code == 404


def test_a_conversation_costs_the_same_however_much_is_on_its_way(page: Client, gmail: Account) -> None:
    pk = conversation(gmail)
    counts = []
    for path in (f"/inbox/{pk}/", f"/inbox/{pk}/reply/", "/inbox/new/"):
        page.get(path)
        for n in range(2):
            with CaptureQueriesContext(connection) as spent:
                assert page.get(path).status_code == 200
            counts.append(len(spent))
            for _ in range(3 * (1 - n)):
                answer(page, pk)
    assert counts[0] == counts[1] and counts[2] == counts[3] and counts[4] == counts[5] and max(counts) <= 22, counts
