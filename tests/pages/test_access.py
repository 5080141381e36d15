"""What the integrations page says of access: grants that will end, removals as they go, apps that are refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Permission
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from integrations import disconnect
from integrations.models import Collection, Connection, Grant, LedgerEntry, OAuthApp
from integrations.models.connection import State
from integrations.records import Service
from integrations.sync.stores import store_for
from tests.journey import engine
from tests.journey.person import Person
from tests.pages.conftest import Connect
from tests.pages.test_integrations import page

TESTING = "testing mode"


def granted(row: Connection, ends_in: timedelta, for_: timedelta = timedelta(days=7)) -> None:
    ends = timezone.now() + ends_in
    Grant.objects.create(connection=row, issued_at=ends - for_, refresh_expires_at=ends)


def live_address(html: str) -> str:
    return html.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")


def test_a_grant_of_an_app_in_testing_counts_down_and_says_how_to_mend_it(browser: Client, connect: Connect) -> None:
    row = connect("eve@gmail.example")
    granted(row, timedelta(days=5, hours=1))
    html = page(browser)
    assert "This access ends in 5 days, on" in html and TESTING in html and "To mend it for good" in html
    assert f'href="{row.provider_spec.console_url}"' in html.replace("&amp;", "&") and "is-warn-bg" not in html
    Grant.objects.update(refresh_expires_at=timezone.now() + timedelta(hours=5), issued_at=timezone.now())
    html = page(browser)
    assert "ends in 5 h" in html and "note is-warn-bg" in html
    Connection.objects.update(state=State.RECONNECT)
    assert TESTING not in page(browser), "somebody else ended it before its time"
    Grant.objects.update(refresh_expires_at=timezone.now() - timedelta(minutes=5))
    html = page(browser)
    assert "This access ended" in html and "To mend it for good" in html


def test_a_service_without_a_permission_is_named_however_it_was_lost(browser: Client, connect: Connect) -> None:
    connect("eve@outlook.example", "microsoft", chosen_services=["mail"], granted_scopes=["User.Read"])
    assert "Works without mail, for which OsMEN has no permission." in page(browser)


def test_a_grant_for_a_limited_time_says_when_it_ends(browser: Client, connect: Connect) -> None:
    granted(connect("eve@gmail.example"), timedelta(days=20), for_=timedelta(days=30))
    html = page(browser)
    assert "ends in 20 days" in html or "ends in 19 days" in html
    assert "granted for a limited time" in html and TESTING not in html


def test_a_removal_shows_how_far_it_is_while_it_goes_on(ada: Person) -> None:
    row = ada.connected("google", "ada.moreau@gmail.example")
    held = disconnect._held(row)
    ada.browser.post(f"/integrations/{row.pk}/disconnect/")
    html = page(ada.browser)
    assert f"0 of {held:,} items removed" in html and '<progress value="0" max="100"' in html
    Connection.objects.update(removal_done=held // 2)
    changed = ada.browser.get(live_address(html)).content.decode()
    assert f"{held // 2:,} of {held:,} items removed" in changed and 'hx-swap-oob="true"' in changed
    engine.finish_disconnects()
    assert ada.browser.get(live_address(html))["HX-Refresh"] == "true"
    assert not Connection.objects.exists()


def test_the_total_of_a_removal_is_what_is_here(ada: Person) -> None:
    row = ada.connected("google", "ada.moreau@gmail.example")
    here = sum(sum(store_for(s).counts_of_user(ada.user.pk).values()) for s in Service)
    assert disconnect._held(row) == here > 0


def test_a_refused_app_is_one_alert_for_administrators(
    browser: Client, connect: Connect, eve: User, client: Client
) -> None:
    for n in range(2):
        connect(f"{n}@gmail.example")
    app = OAuthApp.objects.get(provider="google")
    before = page(browser)
    OAuthApp.objects.filter(pk=app.pk).update(trouble="The client secret has expired.", trouble_code="invalid_client")
    html = page(browser)
    assert html.count("refuses this OsMEN’s own registration, so access cannot be renewed.") == 2
    assert "client secret" not in html and str(app.pk) not in html
    User.objects.filter(pk=eve.pk).update(is_staff=True)
    eve.user_permissions.add(Permission.objects.get(codename="change_oauthapp"))
    changed = browser.get(live_address(before)).content.decode()
    for said in (page(browser), changed):
        assert said.count("The client secret has expired.") == 1 and "invalid_client" in said
        assert f'href="/admin/integrations/oauthapp/{app.pk}/change/"' in said


def test_what_is_said_of_access_costs_no_query_per_connection(browser: Client, connect: Connect) -> None:
    def queries() -> int:
        page(browser)
        with CaptureQueriesContext(database) as asked:
            page(browser)
        return len(asked)

    counts = []
    for n in range(4):
        granted(connect(f"{n}@gmail.example"), timedelta(days=3))
        counts.append(queries())
    assert len(set(counts)) == 1, counts


def test_leaving_says_what_else_ends(browser: Client, connect: Connect, eve: User) -> None:
    row = connect("eve@gmail.example")
    leave = f"/integrations/{row.pk}/leave/"
    html = browser.get(leave).content.decode()
    assert "another OsMEN with the same app has to reconnect" in html and "sign in here" not in html
    SocialAccount.objects.create(user=eve, provider="google", uid=row.subject)
    assert "your other way to sign in stays" in browser.get(leave).content.decode()
    eve.set_unusable_password()
    eve.save()
    browser.force_login(eve)
    assert "It stays your way to sign in here" in browser.get(leave).content.decode()
    other = User.objects.create_user("bo@osmen.example", "correct horse battery")
    Connection.objects.create(user=other, provider="google", app=row.app, subject="other", email=row.email.upper())
    html = browser.get(leave).content.decode()
    assert "1 other connection here to the same account ends with it" in html and "bo@osmen.example" not in html
    # Microsoft is not asked to end anything, so nothing else ends.
    row = connect("eve@outlook.example", "microsoft")
    Connection.objects.create(user=other, provider="microsoft", app=row.app, subject="other", email=row.email)
    assert "the same account end" not in browser.get(f"/integrations/{row.pk}/leave/").content.decode()


@pytest.mark.parametrize(
    ("provider", "account"), [("google", "ada.moreau@gmail.example"), ("microsoft", "ada@nordlys.example")]
)
def test_reconnecting_goes_on_where_it_stopped(ada: Person, provider: str, account: str) -> None:
    row = ada.connected(provider, account)
    before = list(Collection.objects.order_by("pk").values_list("pk", "phase", "cursor"))
    assert any(cursor for _, _, cursor in before)
    Connection.objects.update(state=State.RECONNECT)
    html = page(ada.browser)
    assert f'name="reconnect" value="{row.pk}"' in html
    answer = ada.connects(provider, account, reconnect=str(row.pk))
    assert answer.status_code == 302
    assert list(Collection.objects.order_by("pk").values_list("pk", "phase", "cursor")) == before
    engine.sync_everything()
    assert not LedgerEntry.objects.filter(what="resync").exists()
    assert Connection.objects.get().state == "active"
