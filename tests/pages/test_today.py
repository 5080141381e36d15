"""Today: the next event, the agenda, unread mail, what is broken, and what the page costs."""

from __future__ import annotations

from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.models import Collection
from integrations.models.connection import State
from tests.journey.person import Person
from tests.pages.conftest import Connect


def today(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def ready(connect: Connect, email: str, **facts: object) -> None:
    row = connect(email, **facts)
    Collection.objects.create(
        connection=row, service="mail", provider_id="INBOX", name="Inbox", phase="current", succeeded_at=timezone.now()
    )


def test_an_empty_day_says_what_will_be_here(browser: Client, connect: Connect) -> None:
    ready(connect, "eve@gmail.example")
    html = today(browser)
    assert "Events of your calendars will stand here." in html and "New mail of your accounts will stand here." in html
    assert "Up to date just now" in html


def test_what_is_broken_is_said_with_what_mends_it(browser: Client, connect: Connect) -> None:
    ready(connect, "eve@gmail.example", state=State.RECONNECT)
    html = today(browser)
    assert "eve@gmail.example stopped at" in html and "Google stopped accepting our access." in html
    assert ">Reconnect</a>" in html


def test_agenda_and_unread_mail_of_a_real_account(ada: Person) -> None:
    ada.connected("google", "ada.moreau@gmail.example")
    html = today(ada.browser)
    assert html.count('<li class="ag') >= 1
    assert html.count('<li class="thread is-unread">') >= 1
    assert '<a class="small link" href="/inbox/">' in html
    part = html.split('hx-get="/today/?mark=')[1].split('"')[0]
    assert ada.browser.get(f"/today/?mark={part}").status_code in (200, 204)


def test_the_page_costs_a_fixed_number_of_queries(browser: Client, connect: Connect) -> None:
    ready(connect, "0@gmail.example")
    today(browser)
    with CaptureQueriesContext(database) as one:
        today(browser)
    for n in range(1, 4):
        ready(connect, f"{n}@gmail.example")
    with CaptureQueriesContext(database) as four:
        today(browser)
    assert len(four) == len(one) <= 18, [q["sql"][:120] for q in four]
