"""People as a reader gets them: who is listed and found, what a card shows, what forms refuse, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from contacts.models import Contact
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from tests.contacts.conftest import Account, person
from tests.contacts.demo import fill


@pytest.fixture
def page(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def full(gmail: Account, outlook: Account) -> tuple[Account, Account]:
    fill(gmail, outlook)
    return gmail, outlook


def names(html: str) -> list[str]:
    return re.findall(r'<span class="clip pl-n">(.*?)</span>', html)


def get(page: Client, path: str, **headers: str) -> str:
    answer = page.get(path, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def tomasz() -> Contact:
    return Contact.objects.get(provider_id="people/ctw")


def test_everybody_is_listed_by_family_name_under_letters(page: Client, full: object) -> None:
    html = get(page, "/people/")
    assert names(html)[:4] == ["Rowan Achterberg", "Yusuf Aydın", "Sindre Bakke", "Oksana Hrynko"]
    assert "12 contacts" in html
    assert re.findall(r'class="pl-l">(.)<', html)[:4] == ["A", "B", "H", "M"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("aydin", ["Yusuf Aydın"]),
        ("ΒΑΡΔ", ["Ελένη Βαρδάκη"]),
        ("kammer alto", ["Oksana Hrynko"]),
        ("t.wilk@", ["Tomasz Wilk"]),
        ("555 010", ["Tomasz Wilk"]),
        ("suppliers", ["Tomasz Wilk"]),
        ("ydin", []),
        ("%", []),
    ],
)
def test_people_are_found_by_the_beginnings_of_words_and_by_numbers(
    page: Client, full: object, query: str, found: list[str]
) -> None:
    assert names(page.get("/people/", {"q": query, "part": "list"}).content.decode()) == found


def test_the_list_narrows_to_an_account(page: Client, full: tuple[Account, Account]) -> None:
    html = get(page, f"/people/?account={full[1].connection.pk}")
    assert names(html) == ["Sindre Bakke", "Marta Oliveira", "Ingrid Solheim", "Tomasz Wilk"]
    assert "12 contacts" in get(page, "/people/?account=nonsense")


def test_a_long_list_comes_in_pages(page: Client, gmail: Account) -> None:
    gmail.sync(*(person(n, "Same", "Name") for n in range(150)), *(person(n, "An", "Other") for n in range(150, 260)))
    html, seen = get(page, "/people/"), []
    while True:
        seen += re.findall(r'data-id="(\d+)"', html)
        more = re.search(r'hx-get="(/people/\?after=[^"]*part=rows)"', html)
        if more is None:
            break
        html = get(page, more[1].replace("&amp;", "&"))
    assert len(seen) == len(set(seen)) == 260
    assert get(page, "/people/?after=x~y") and get(page, "/people/?after=~99999999999999999999")


def test_a_card_shows_everything_that_is_known(page: Client, full: object) -> None:
    html = get(page, f"/people/{tomasz().pk}/")
    for text in ("Partner, Wilk Drewno", "+48 555 010 173", "80-298 Gdańsk", "4 March", "Choir", "calls before nine"):
        assert text in html
    assert "Suppliers" in html and "ada@outlook.example" in html
    part = get(page, f"/people/{tomasz().pk}/", **{"HX-Request": "true", "HX-Target": "person"})
    assert part.startswith("<article") and "<html" not in part


def test_one_person_in_two_address_books_is_one_card_until_they_are_separated(page: Client, full: object) -> None:
    assert names(get(page, "/people/")).count("Tomasz Wilk") == 1
    row, also = tomasz(), Contact.objects.get(provider_id="people/ctw2")
    for pk in (row.pk, also.pk):
        html = get(page, f"/people/{pk}/")
        assert "One card from 2 address books: the same name and the same address, tomasz@wilk-drewno.example" in html
        assert html.count("mailto:tomasz@wilk-drewno.example") == 2 and "+48 555 010 173" in html
        assert f"/people/{row.pk}/edit/" in html and f"/people/{also.pk}/edit/" in html
    assert page.post(f"/people/{row.pk}/apart/", {"do": "separate"}).status_code == 302
    assert names(get(page, "/people/")).count("Tomasz Wilk") == 2
    html = get(page, f"/people/{also.pk}/")
    assert "One card" not in html and "The same address is on 1 other card" in html and "+48 555" not in html
    page.post(f"/people/{row.pk}/apart/", {"do": "join"})
    assert names(get(page, "/people/")).count("Tomasz Wilk") == 1 and not Change.objects.exists()


def test_what_may_only_be_read_has_no_form(page: Client, full: object) -> None:
    other = Contact.objects.get(read_only=True)
    html = get(page, f"/people/{other.pk}/")
    assert "can only be read here" in html and "/edit/" not in html
    assert page.get(f"/people/{other.pk}/edit/").status_code == 404
    assert page.post(f"/people/{other.pk}/delete/").status_code == 404


def test_only_what_was_changed_in_the_form_is_sent(page: Client, full: tuple[Account, Account]) -> None:
    row = tomasz()
    opened = page.get(f"/people/{row.pk}/edit/")
    # The provider says something new while the form is open.
    full[0].sync(person("tw", "Tomasz", "Wilk", job_title="Owner"))
    sent = {"was": opened.context["was"], "given_name": "Tomek", "family_name": "Wilk", "day": "4", "month": "3"}
    sent |= {"organization": "Wilk Drewno", "job_title": "Partner", "notes": row.notes.replace("\n", "\r\n")}
    emails = ["tomasz@wilk-drewno.example", "t.wilk@poczta.example", ""]
    lists = {"emails": emails, "emails_label": ["work", "home", ""]}
    lists |= {"phones": ["+48 555 010 173", " "], "phones_label": ["mobile", "mobile"]}
    answer = page.post(f"/people/{row.pk}/edit/", sent | lists)
    assert answer.status_code == 302
    change = Change.objects.get()
    assert change.payload == {"fields": {"given_name": "Tomek"}, "was": {"given_name": "Tomasz"}}
    assert (tomasz().name, tomasz().job_title) == ("Tomek Wilk", "Owner")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"given_name": " "}, "Give a name"),
        ({"given_name": "Bo", "emails": ["bo at home"]}, "bo at home is no e-mail address"),
        ({"given_name": "Bo", "day": "30", "month": "2"}, "There is no such day"),
        ({"given_name": "Bo", "day": "x", "month": "2"}, "There is no such day"),
        ({"given_name": "Bo", "year": "1980"}, "There is no such day"),
    ],
)
def test_what_makes_no_sense_comes_back_with_a_reason(
    page: Client, gmail: Account, sent: dict[str, Any], said: str
) -> None:
    answer = page.post("/people/new/", {"connection": str(gmail.connection.pk)} | sent)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Change.objects.exists() and not Contact.objects.exists()


def test_a_form_without_its_seal_is_not_believed(page: Client, full: object) -> None:
    sent = {"given_name": "X", "was": '{"given_name": "Tomasz"}'}
    answer = page.post(f"/people/{tomasz().pk}/edit/", sent)
    assert answer.status_code == 422 and not Change.objects.exists()


def test_a_refusal_says_why_and_can_be_retried(page: Client, full: object) -> None:
    row = tomasz()
    page.post(f"/people/{row.pk}/delete/")
    Change.objects.update(state=ChangeState.REFUSED, error="It is not allowed.")
    said = "Google refused to delete this person. It is not allowed."
    # The person is not shown, so the list says it; once a sync has brought them back, their card does.
    assert f"Tomasz Wilk: {said}" in get(page, "/people/") and page.get(f"/people/{row.pk}/").status_code == 404
    Contact.objects.filter(pk=row.pk).update(leaving=False)
    assert get(page, f"/people/{row.pk}/").count(said) == 1 and "See it" in get(page, "/people/")
    change = Change.objects.get()
    page.post(f"/people/change/{change.id}/", {"do": "retry", "open": row.pk})
    assert Change.objects.get().state == ChangeState.WAITING and tomasz().leaving
    Change.objects.update(state=ChangeState.REFUSED)
    page.post(f"/people/change/{change.id}/", {"do": "discard"})
    assert not tomasz().leaving and "refused" not in get(page, "/people/")


def test_others_find_nothing(full: object, client: Client, connect: Callable[..., Account]) -> None:
    ben = User.objects.create_user("ben@osmen.example", "correct horse battery")
    own = connect(ben, "google", "ben@gmail.example")
    client.force_login(ben)
    pk = tomasz().pk
    assert names(get(client, "/people/")) == [] == names(get(client, "/people/?q=tomasz"))
    for path in (f"/people/{pk}/", f"/people/{pk}/edit/", f"/people/{pk}/delete/"):
        assert client.get(path).status_code == 404
    assert client.post(f"/people/{pk}/delete/").status_code == 404
    assert client.post(f"/people/{pk}/apart/", {"do": "separate"}).status_code == 404
    theirs = str(tomasz().connection_id)
    assert client.post("/people/new/", {"connection": theirs, "given_name": "X"}).status_code == 404
    refused = Change.objects.create(
        connection_id=theirs, service="contacts", operation="contact.delete", target_id="people/ctw", state="refused"
    )
    assert client.post(f"/people/change/{refused.id}/", {"do": "discard"}).status_code == 404
    own.sync(person("b", emails=tomasz_address()))
    assert "The same address" not in get(client, f"/people/{Contact.objects.get(provider_id='people/cb').pk}/")


def tomasz_address() -> tuple[Any, ...]:
    from integrations.records import Labelled

    return (Labelled("tomasz@wilk-drewno.example"),)


def test_signed_out_people_sign_in_first(client: Client, full: object) -> None:
    assert client.get("/people/").status_code == 302
    assert client.get(f"/people/{tomasz().pk}/").status_code == 302


def test_without_an_address_book_the_first_step_is_offered(page: Client, db: None) -> None:
    assert "Connect an account" in get(page, "/people/")
    assert page.get("/people/new/").status_code == 404


def test_contacts_that_were_not_allowed_are_off(page: Client, gmail: Account) -> None:
    assert "are off" not in page.get("/people/").content.decode()
    Connection.objects.update(granted_scopes=["openid"])
    assert "contacts are off, because OsMEN has no permission for them" in page.get("/people/").content.decode()


def test_a_page_costs_the_same_however_many_people_there_are(page: Client, gmail: Account, outlook: Account) -> None:
    fill(gmail, outlook)

    def cost(path: str) -> int:
        page.get(path)
        with CaptureQueriesContext(connection) as queries:
            get(page, path)
        return len(queries)

    paths = ("/people/", "/people/?q=to", f"/people/{tomasz().pk}/")
    few = [cost(path) for path in paths]
    gmail.sync(*(person(n) for n in range(300)))
    assert [cost(path) for path in paths] == few
    assert max(few) <= 14, few
