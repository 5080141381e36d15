"""The inbox as a reader gets it: what is on it, whose it is, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from mail.models import Attachment, Message, Thread
from tests.mail.conftest import Account, message
from tests.mail.demo import fill


@pytest.fixture
def page(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def full(gmail: Account, outlook: Account) -> tuple[Account, Account]:
    fill(gmail, outlook, timezone.now())
    return gmail, outlook


def _subjects(html: str) -> list[str]:
    return re.findall(r'<span class="thread-subj">(.*?)</span>', html)


def test_all_inboxes_in_one_list_newest_first(page: Client, full: object) -> None:
    html = page.get("/inbox/").content.decode()
    assert _subjects(html)[:3] == [
        "Model review moved to Wednesday",
        "Autumn reading, and a new reading room",
        "Timber supplier quotes",
    ]
    assert "Ноти для альтів" in html and "Draft of the talk" not in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("box=starred", ["Timber supplier quotes"]),
        ("box=drafts", ["Draft of the talk"]),
        ("box=sent", ["Model review moved to Wednesday"]),
        ("box=archive", []),
        ("box=trash", []),
    ],
)
def test_each_box_shows_what_belongs_there(page: Client, full: object, query: str, expected: list[str]) -> None:
    assert _subjects(page.get(f"/inbox/?{query}").content.decode()) == expected


def test_one_account_and_one_folder(page: Client, full: tuple[Account, Account]) -> None:
    gmail, outlook = full
    assert len(_subjects(page.get(f"/inbox/?account={outlook.connection.pk}").content.decode())) == 6
    label = gmail.connection.folders.get(name="Suppliers")
    assert _subjects(page.get(f"/inbox/?folder={label.pk}").content.decode()) == [
        "Model review moved to Wednesday",
        "Timber supplier quotes",
    ]


def test_paging_by_keyset_shows_each_conversation_once(page: Client, gmail: Account) -> None:
    same = message(0).date
    gmail.sync(*[message(n, date=same) for n in range(60)], *[message(n) for n in range(60, 120)])
    seen, address = [], "/inbox/"
    while address:
        html = page.get(address).content.decode()
        seen += _subjects(html)
        older = re.search(r'class="btn btn-quiet" href="([^"]*before=[^"]*)"', html)
        address = older.group(1).replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 120


def test_a_conversation_opens_beside_its_list(page: Client, full: object) -> None:
    thread = Thread.objects.get(provider_id="gt1")
    html = page.get(f"/inbox/{thread.pk}/").content.decode()
    assert "<title>Model review moved to Wednesday · OsMEN</title>" in html
    assert html.count('<details class="msg"') == 4 and html.count('class="msg" id') == 4
    assert len(re.findall(r'<details class="msg" id="m\d+" open', html)) == 1
    assert "Laerdal-section-B.pdf" in html and "PDF, 2.4 MB" in html
    part = page.get(f"/inbox/{thread.pk}/", headers={"HX-Target": "conversation"}).content.decode()
    assert "<html" not in part and 'id="conversation"' in part


def test_reading_alone_changes_nothing(page: Client, full: object) -> None:
    thread = Thread.objects.get(provider_id="gt1")
    page.get(f"/inbox/{thread.pk}/")
    assert Thread.objects.get(pk=thread.pk).unread_count == 1
    assert not Change.objects.exists()


def test_a_stranger_finds_nothing(
    full: tuple[Account, Account], client: Client, connect: Callable[..., Account]
) -> None:
    gmail, _ = full
    bo = User.objects.create_user("bo@osmen.example", "correct horse battery")
    connect(bo, "google", "bo@gmail.example")
    client.force_login(bo)
    assert _subjects(client.get("/inbox/?box=all").content.decode()) == []
    thread, mail = Thread.objects.get(provider_id="gt1"), Message.objects.get(provider_id="g4")
    attachment = Attachment.objects.filter(message=mail).first()
    assert attachment is not None
    for address in (
        f"/inbox/{thread.pk}/",
        f"/inbox/?account={gmail.connection.pk}",
        f"/inbox/?folder={gmail.connection.folders.first().pk}",  # type: ignore[union-attr]
        f"/inbox/message/{mail.pk}/body/",
        f"/inbox/attachment/{attachment.pk}/",
        f"/inbox/attachment/{attachment.pk}/content/",
        "/inbox/999999999/",
        "/inbox/99999999999999999999999/",
        "/inbox/?account=nonsense",
        "/inbox/?folder=99999999999999999999",
        "/inbox/?box=nonsense",
    ):
        assert client.get(address).status_code == 404, address
    assert client.post(f"/inbox/message/{mail.pk}/images/").status_code == 404
    client.post("/inbox/do/", {"do": "archive", "t": [thread.pk]})
    assert Thread.objects.get(pk=thread.pk).in_inbox
    assert not Change.objects.exists()


def test_without_signing_in_there_is_only_the_way_to_sign_in(client: Client, full: object) -> None:
    for address in ("/inbox/", f"/inbox/{Thread.objects.first().pk}/", "/inbox/list/"):  # type: ignore[union-attr]
        assert client.get(address).status_code == 302


def _cost(page: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert page.get(address).status_code == 200
    return len(queries)


def test_the_list_costs_the_same_however_long(page: Client, gmail: Account, outlook: Account) -> None:
    gmail.sync(message(1))
    page.get("/inbox/")
    before = _cost(page, "/inbox/")
    gmail.sync(*[message(n) for n in range(2, 90)])
    outlook.sync(*[message(n, folder_ids=frozenset({"f-inbox"})) for n in range(200, 260)], into="f-inbox")
    # Seven of its own: connections, folders, collections, version, the page, refused edits, the frame's.
    assert _cost(page, "/inbox/") == before <= 14


def test_a_conversation_costs_the_same_however_long(page: Client, gmail: Account) -> None:
    gmail.sync(message(1, thread_id="long"))
    address = f"/inbox/{Thread.objects.get().pk}/"
    page.get(address)
    before = _cost(page, address)
    gmail.sync(*[message(n, thread_id="long") for n in range(40)])
    # Five more: the thread, its messages, their folders, their attachments, its refused edits.
    assert _cost(page, address) == before <= 19


def test_an_open_page_learns_cheaply_that_nothing_happened(page: Client, gmail: Account) -> None:
    gmail.sync(message(1))
    version = re.search(r'data-version="([^"]*)"', page.get("/inbox/").content.decode())
    assert version is not None
    assert page.get("/inbox/list/", {"v": version.group(1)}).status_code == 204
    gmail.sync(message(2))
    answer = page.get("/inbox/list/", {"v": version.group(1)})
    assert "Subject 2" in answer.content.decode() and 'id="threads"' in answer.content.decode()


def test_the_states_of_a_list_in_words(page: Client, ada: User, connect: Callable[..., Account]) -> None:
    assert "Connect a Google or Microsoft account" in page.get("/inbox/").content.decode()
    account = connect(ada, "google", "ada@gmail.example")
    assert "Nothing left to read" in page.get("/inbox/").content.decode()
    account.connection.collections.update(phase="first", walked=1240, total=8900)
    html = page.get("/inbox/").content.decode()
    assert "1,240 of about 8,900" in html and "on their way" in html
    Connection.objects.update(state="reconnect")
    assert "on their way" not in page.get("/inbox/").content.decode()


def test_mail_that_was_not_allowed_is_off_and_not_arriving(page: Client, ada: User, gmail: Account) -> None:
    gmail.connection.collections.all().delete()
    Connection.objects.update(granted_scopes=["openid"])
    html = page.get("/inbox/").content.decode()
    assert "ada@gmail.example: mail is off, because OsMEN has no permission for it." in html
    assert "arriving" not in html and "on their way" not in html and "data-busy" not in html


def test_a_refused_edit_says_so_with_both_ways_out(page: Client, gmail: Account) -> None:
    gmail.sync(message(1))
    thread = Thread.objects.get()
    page.post("/inbox/do/", {"do": "archive", "t": [thread.pk]})
    Change.objects.update(state=ChangeState.REFUSED, error="This label is gone.")
    html = page.get(f"/inbox/{thread.pk}/?box=archive").content.decode()
    assert "Google refused to change “Subject 1”: This label is gone." in html
    change = Change.objects.get()
    page.post(f"/inbox/change/{change.id}/", {"do": "discard"})
    assert Thread.objects.get().in_inbox and not Change.objects.exists()
