"""The integrations page: what it says of a connection in each state, what it costs, what leaving says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from calendars.models import Calendar
from integrations.models import Change, Collection, Connection
from integrations.models.change import ChangeState
from integrations.models.connection import State
from integrations.sync import freshness
from tests.journey import engine
from tests.journey.person import Person
from tests.pages.conftest import Connect


def page(client: Client) -> str:
    answer = client.get("/integrations/")
    assert answer.status_code == 200
    return answer.content.decode()


def collection(row: Connection, **facts: object) -> Collection:
    usual: dict[str, object] = {
        "service": "mail",
        "provider_id": "INBOX",
        "name": "Inbox",
        "due_at": timezone.now() + timedelta(minutes=1),
    }
    return Collection.objects.create(connection=row, **(usual | facts))


def test_nothing_connected_offers_the_first_step(browser: Client, apps: None) -> None:
    html = page(browser)
    assert "Connect your first account" in html and html.count("<span>Connect Google</span>") == 1


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"state": State.RECONNECT}, "Google stopped accepting our access"),
        ({"state": State.UNREADABLE}, "The keys on this machine cannot open"),
        ({"state": State.PAUSED}, "Paused since"),
        ({"state": State.DISCONNECTING}, "Being removed"),
        ({"wait_until": timezone.now() + timedelta(hours=1)}, "Google asked us to slow down"),
        ({"granted_scopes": ["https://www.googleapis.com/auth/gmail.modify"]}, "Calendar is off: OsMEN may not"),
    ],
)
def test_each_state_is_said_in_words(browser: Client, connect: Connect, facts: dict[str, object], words: str) -> None:
    connect("eve@gmail.example", **facts)
    assert words in page(browser)


def test_progress_freshness_and_failure(browser: Client, connect: Connect) -> None:
    row = connect("eve@gmail.example")
    inbox = collection(row, walked=1240, total=8900)
    assert "1,240 of 8,900 messages" in page(browser) and "every 2s" in page(browser)
    inbox.phase, inbox.succeeded_at = "current", timezone.now() - timedelta(minutes=5)
    inbox.save()
    assert "Up to date 5 min ago" in page(browser)
    inbox.last_error = "The mailbox is full."
    inbox.save()
    assert "Mail: The mailbox is full." in page(browser)


def test_reading_everything_again_is_said_between_its_slices_too(browser: Client, connect: Connect) -> None:
    row = connect("eve@gmail.example", chosen_services=["mail"])
    now, long_ago = timezone.now(), timezone.now() - timedelta(hours=2)
    facts = {"phase": "recovering", "walked": 1240, "total": 8900, "walk_began_at": long_ago}
    # Nobody holds it: it waits for the quota. Its last success is hours ago, and its last page is not.
    inbox = collection(row, **facts, succeeded_at=long_ago, changed_at=now)
    html = page(browser)
    assert "Everything in mail is being read again." in html and "1,240 of 8,900 messages" in html
    assert freshness.stopped() == [] and "went quiet" not in html
    Collection.objects.update(changed_at=long_ago)
    assert freshness.stopped() == [inbox] and "Mail went quiet" in page(browser)


def test_a_service_that_went_quiet_is_an_alarm_on_its_card_and_on_today(browser: Client, connect: Connect) -> None:
    row = connect("eve@gmail.example")
    collection(row, phase="current", succeeded_at=timezone.now() - timedelta(hours=2))
    assert "Mail went quiet: OsMEN should have looked again by now, and has not." in page(browser)
    assert "eve@gmail.example went quiet." in browser.get("/").content.decode()
    Collection.objects.update(succeeded_at=timezone.now())
    assert "went quiet" not in page(browser) + browser.get("/").content.decode()


def test_what_holds_several_services_up_is_said_once(browser: Client, connect: Connect) -> None:
    row = connect("eve@outlook.example", "microsoft")
    for service in ("mail", "calendar"):
        collection(row, service=service, phase="current", last_error="Microsoft has a problem at the moment.")
    said = "Mail and calendar: Microsoft has a problem at the moment. It is tried again by itself."
    assert page(browser).count(said) == 1


def test_a_missing_permission_says_what_it_disables_and_offers_reconnecting(browser: Client, connect: Connect) -> None:
    row = connect("eve@outlook.example", "microsoft", granted_scopes=["User.Read", "Calendars.ReadWrite"])
    html = page(browser)
    assert "Mail is off: OsMEN may not read your mail" in html
    assert html.count(f'name="reconnect" value="{row.pk}"') == 1
    assert 'action="/accounts/microsoft/login/?process=connect"' in html


def test_a_refused_edit_can_be_settled(browser: Client, connect: Connect) -> None:
    change = Change.objects.create(
        connection=connect("eve@gmail.example"),
        service="mail",
        operation="mail.move",
        target_id="m1",
        state=ChangeState.REFUSED,
        error="The folder is gone.",
    )
    html = page(browser)
    assert "Moving a message was refused by Google: The folder is gone." in html
    assert f"/integrations/changes/{change.id}/retry/" in html and f"/integrations/changes/{change.id}/discard/" in html


def test_the_live_part_is_empty_while_nothing_changes(browser: Client, connect: Connect) -> None:
    row = connect("eve@gmail.example")
    collection(row, phase="current", succeeded_at=timezone.now())
    address = page(browser).split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert browser.get(address).status_code == 204
    Collection.objects.update(succeeded_at=timezone.now() - timedelta(minutes=20))
    changed = browser.get(address).content.decode()
    assert f'id="state-{row.pk}" hx-swap-oob="true"' in changed
    Connection.objects.update(state=State.PAUSED)
    assert browser.get(address)["HX-Refresh"] == "true"


def test_leaving_says_what_goes(browser: Client, connect: Connect) -> None:
    google, microsoft = connect("eve@gmail.example"), connect("eve@outlook.example", "microsoft")
    assert "Our access is withdrawn at Google." in browser.get(f"/integrations/{google.pk}/leave/").content.decode()
    html = browser.get(f"/integrations/{microsoft.pk}/leave/").content.decode()
    assert "Microsoft gives no way to withdraw it from here" in html
    assert f'href="{microsoft.provider_spec.grants_page}"' in html.replace("&amp;", "&")
    assert browser.post(f"/integrations/{google.pk}/disconnect/").status_code == 302
    assert "Being removed" in page(browser)


def test_one_of_several_accounts_is_made_primary(browser: Client, connect: Connect) -> None:
    first = connect("eve@gmail.example")
    assert "Make primary" not in page(browser)
    second = connect("eve@outlook.example", "microsoft")
    for row in (first, second):
        Calendar.objects.create(connection=row, provider_id="main", name=f"Of {row.email}", writable=True)
    assert page(browser).count("Make primary") == 2
    assert browser.get(f"/integrations/{second.pk}/prefer/").status_code == 405
    for row, order in ((second, (second, first)), (first, (first, second))):
        assert (
            "is your primary account" in browser.post(f"/integrations/{row.pk}/prefer/", follow=True).content.decode()
        )
        html = page(browser)
        assert html.count("Make primary") == html.count(">Primary<") == 1
        assert Connection.objects.get(primary=True) == row
        form = browser.get("/calendar/new/").content.decode()
        assert [form.index(f"Of {one.email}") for one in order] == sorted(
            form.index(f"Of {one.email}") for one in order
        )
    Connection.objects.filter(pk=first.pk).update(state=State.DISCONNECTING)
    assert browser.post(f"/integrations/{first.pk}/prefer/").status_code == 404
    assert "Make primary" not in page(browser)


def test_anybody_elses_connection_is_not_there(browser: Client, connect: Connect, client: Client) -> None:
    row = connect("eve@gmail.example")
    client.force_login(User.objects.create_user("bo@osmen.example", "correct horse battery"))
    assert client.get(f"/integrations/{row.pk}/leave/").status_code == 404
    assert client.post(f"/integrations/{row.pk}/prefer/").status_code == 404
    assert "eve@gmail.example" not in page(client)


def test_more_connections_cost_no_more_queries(browser: Client, connect: Connect) -> None:
    collection(connect("0@gmail.example"))
    page(browser)
    with CaptureQueriesContext(database) as one:
        page(browser)
    for n in range(1, 5):
        collection(connect(f"{n}@gmail.example"))
    with CaptureQueriesContext(database) as five:
        page(browser)
    assert len(five) == len(one) <= 20, [q["sql"][:120] for q in five]


def test_a_real_connection_tells_its_counts_permissions_and_story(ada: Person) -> None:
    ada.connected("google", "ada.moreau@gmail.example")
    status = ada.browser.get("/api/status/").json()["connections"][0]
    html = page(ada.browser)
    assert f"{status['messages']} messages" in html and f"{status['events']} events" in html
    assert "You connected this account" in html and "renews by itself before" in html
    assert "See, add and change the events in your calendars" in html
    ada.browser.post(f"/integrations/{status['id']}/look/", {"label": "Home", "colour": "moss"})
    assert "Home <span" in page(ada.browser) and "acct-moss" in page(ada.browser)


def test_disconnecting_ends_with_the_empty_page(ada: Person) -> None:
    row = ada.connected("microsoft", "ada@nordlys.example")
    ada.browser.post(f"/integrations/{row.pk}/disconnect/")
    engine.finish_disconnects()
    assert "Connect your first account" in page(ada.browser)
