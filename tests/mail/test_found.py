"""Searching the inbox as a reader does: what is found, in which order, whose it is, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from integrations.records import Address
from mail.models import Thread
from tests.mail.conftest import Account, message


@pytest.fixture
def page(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


def _found(page: Client, address: str) -> list[str]:
    """The subjects on all pages, by following "Older conversations"."""
    subjects: list[str] = []
    while address:
        html = page.get(address).content.decode()
        subjects += re.findall(r'<span class="thread-subj">(.*?)</span>', html)
        older = re.search(r'class="btn btn-quiet" href="([^"]*before=[^"]*)"', html)
        address = unescape(older.group(1)) if older else ""
    return subjects


def test_all_accounts_and_folders_newest_first_but_spam_and_trash(
    page: Client, gmail: Account, outlook: Account
) -> None:
    gmail.sync(
        message(1, subject="Inbox", text="timber"),
        message(3, subject="Filed", text="the timbers", folder_ids=frozenset({"Label_1"})),
        message(4, subject="Thrown away", text="timber", folder_ids=frozenset({"TRASH"})),
        message(5, subject="Junk", text="timber", folder_ids=frozenset({"SPAM"})),
        message(6, subject="Other", text="stone"),
    )
    outlook.sync(message(2, subject="Sent", text="Timber", folder_ids=frozenset({"f-sent"})), into="f-sent")
    assert _found(page, "/inbox/?q=timber") == ["Inbox", "Sent", "Filed"]
    assert _found(page, "/inbox/?q=timber&box=trash") == ["Thrown away"]
    assert _found(page, "/inbox/?q=timber&box=spam") == ["Junk"]
    assert _found(page, f"/inbox/?q=timber&account={outlook.connection.pk}") == ["Inbox", "Sent", "Filed"]


def test_a_conversation_is_found_once_and_dated_by_what_was_found(page: Client, gmail: Account) -> None:
    gmail.sync(
        message(1, thread_id="a", subject="Alpha", text="no such word"),
        message(3, thread_id="a", subject="Alpha", text="timber"),
        message(2, thread_id="b", subject="Beta", text="timber"),
        message(9, thread_id="b", subject="Beta", text="timber"),
    )
    assert _found(page, "/inbox/?q=timber") == ["Beta", "Alpha"]


def test_no_page_repeats_what_an_earlier_one_showed(page: Client, gmail: Account) -> None:
    many = [message(n, thread_id=f"t{n % 130}", subject=f"S{n % 130}") for n in range(390)]
    # All of one conversation, of which a page looks at no more than a part.
    gmail.sync(*many, *[message(n, thread_id="long", subject="Long") for n in range(400, 700)])
    gmail.sync(message(800, subject="Last"))
    found = _found(page, "/inbox/?q=text")
    assert found == [f"S{n}" for n in range(130)] + ["Long", "Last"]


def test_what_lies_in_the_trash_hides_no_older_match(page: Client, gmail: Account) -> None:
    gmail.sync(*[message(n) for n in range(60)])
    gmail.sync(message(0, thread_id="t59", id="gone", folder_ids=frozenset({"TRASH"})))
    assert "Subject 59" in _found(page, "/inbox/?q=text")


def test_words_in_the_subject_alone(page: Client, gmail: Account) -> None:
    gmail.sync(
        message(1, subject="Model review", text="x"),
        message(2, subject="Other", text="a model review"),
        message(3, subject="The reviewed model", text="model"),
    )
    assert _found(page, "/inbox/?q=subject:model") == ["Model review", "The reviewed model"]
    assert _found(page, "/inbox/?q=Subject:+review+model") == ["Model review", "The reviewed model"]
    assert _found(page, "/inbox/?q=subject:%22model+review%22") == ["Model review"]
    assert _found(page, "/inbox/?q=subject:the+subject:revi") == ["The reviewed model"]
    assert _found(page, "/inbox/?q=subject:x") == _found(page, "/inbox/?q=subject:") == []


def test_nobody_else_s_mail(page: Client, gmail: Account, connect: Callable[..., Account]) -> None:
    stranger = connect(User.objects.create_user("eve@osmen.example", "x"), "google", "eve@gmail.example")
    stranger.sync(message(1, subject="Private"))
    gmail.sync(message(2, subject="Mine"))
    assert _found(page, "/inbox/?q=text") == ["Mine"]
    assert _found(page, "/inbox/?q=private") == []


@pytest.mark.parametrize("query", ["<b>", '"', "…", "a" * 500, "NEAR(a b)", "x*", "%00", "' OR 1=1", "text -subject:"])
def test_anything_can_be_typed(page: Client, gmail: Account, query: str) -> None:
    gmail.sync(message(1))
    for extra in ({}, {"part": "list"}, {"before": "x"}, {"before": "9" * 30}):
        html = page.get("/inbox/", {"q": query} | extra).content.decode()
        assert "<b>" not in html


def test_nothing_found_says_what_and_where_else_to_look(page: Client, gmail: Account) -> None:
    gmail.sync(message(1))
    html = page.get("/inbox/?q=unicorn").content.decode()
    assert "Nothing found for “unicorn”" in html
    assert 'href="/inbox/?q=unicorn&amp;box=trash"' in html and 'href="/inbox/?q=unicorn&amp;box=spam"' in html
    assert 'href="/inbox/?q=unicorn"' in page.get("/inbox/?q=unicorn&box=trash").content.decode()


def test_a_conversation_and_an_edit_stay_within_what_was_found(page: Client, gmail: Account) -> None:
    gmail.sync(message(1, text="timber", sender=Address("t@wilk.example", "Tomasz")), message(2, text="stone"))
    found = Thread.objects.get(provider_id="t1")
    assert f'href="/inbox/{found.pk}/?q=timber"' in page.get("/inbox/?q=timber").content.decode()
    html = page.get(f"/inbox/{found.pk}/?q=timber").content.decode()
    assert "Subject 2" not in html and 'value="timber"' in html
    answer = page.post("/inbox/do/?q=timber", {"do": "archive", "t": [found.pk]}, headers={"HX-Request": "true"})
    assert "Subject 1" in answer.content.decode() and "Subject 2" not in answer.content.decode()
    assert page.post("/inbox/do/?q=timber", {"do": "star", "t": [found.pk]})["Location"] == "/inbox/?q=timber"


def test_typing_is_answered_with_the_list_alone(page: Client, gmail: Account) -> None:
    gmail.sync(message(1))
    here = {"HX-Current-URL": "http://testserver/inbox/?box=starred"}
    answer = page.get("/inbox/?part=list&q=text&box=starred", headers=here)
    html = answer.content.decode()
    assert "<html" not in html and 'id="q"' not in html and "Subject 1" in html and "1 conversation found" in html
    assert answer["HX-Replace-Url"] == "/inbox/?q=text"
    assert page.get("/inbox/?part=list&q=&box=starred", headers=here)["HX-Replace-Url"] == "/inbox/?box=starred"
    elsewhere = {"HX-Current-URL": "http://testserver/inbox/7/"}
    assert not page.get("/inbox/?part=list&q=text", headers=elsewhere).has_header("HX-Replace-Url")


def _cost(page: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert page.get(address).status_code == 200
    return len(queries)


def test_a_search_costs_the_same_however_much_is_found(page: Client, gmail: Account, outlook: Account) -> None:
    gmail.sync(message(1))
    page.get("/inbox/?q=text")
    before = _cost(page, "/inbox/?q=text")
    gmail.sync(*[message(n, thread_id=f"t{n // 2}") for n in range(2, 300)])
    outlook.sync(*[message(n, folder_ids=frozenset({"f-inbox"})) for n in range(400, 460)], into="f-inbox")
    # Three of its own where a list has one.
    assert _cost(page, "/inbox/?q=text") == before <= 16
    older = re.search(r'href="([^"]*before=[^"]*)"', page.get("/inbox/?q=text").content.decode())
    assert older is not None
    assert _cost(page, unescape(older.group(1))) <= before + 2
