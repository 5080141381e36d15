"""Token inspection: who sees it, what can be done to a grant, and that none of it shows a token."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from integrations import tasks
from integrations.models import Connection, Grant, LedgerEntry, OAuthApp
from integrations.vault import keyring, ledger_check
from tests.journey.person import PASSWORD, Person
from tests.vault.test_tokens import issued

GOOGLE = "ada.moreau@gmail.example"
LIST = "/admin/integrations/grant/"


@pytest.fixture
def connection(ada: Person) -> Connection:
    return ada.connected("google", GOOGLE)


@pytest.fixture
def staff(connection: Connection) -> Callable[..., Client]:
    """Somebody of the staff with these permissions, signed in a moment ago."""

    def sign_in(*permissions: str) -> Client:
        user = User.objects.create_user("staff@example.org", PASSWORD, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client = Client(SERVER_NAME="localhost", SERVER_PORT="8000")
        answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return sign_in


def says_who_it_is(client: Client) -> None:
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()


def act(client: Client, name: str, connection: Connection) -> Any:
    """Choose a grant in the list, take an action, confirm it."""
    chosen = client.post(LIST, {"action": name, "_selected_action": [str(connection.pk)]})
    assert chosen.status_code == 302, chosen.content.decode()
    asked = client.get(chosen["Location"])
    if asked.status_code == 302:
        assert "reauthenticate" in asked["Location"]
        says_who_it_is(client)
        asked = client.get(chosen["Location"])
    assert asked.status_code == 200 and GOOGLE in asked.content.decode()
    return client.post(chosen["Location"], follow=True)


def test_staff_without_the_permission_see_nothing(staff: Callable[..., Client], connection: Connection) -> None:
    client = staff("view_collection")
    assert "grant" not in client.get("/admin/").content.decode().lower()
    pages = (LIST, f"{LIST}{connection.pk}/change/", reverse("admin:integrations_ledgerentry_changelist"))
    assert {client.get(page).status_code for page in pages} == {403}
    says_who_it_is(client)
    assert client.get(f"{LIST}act/revoke/?ids={connection.pk}").status_code == 403
    assert client.post(f"{LIST}act/revoke/?ids={connection.pk}").status_code == 403


def test_looking_needs_one_permission_and_is_written_down(
    staff: Callable[..., Client], connection: Connection, ada: Person
) -> None:
    client = staff("view_grant", "refresh_grant")
    grant = Grant.objects.get()
    listing = client.get(LIST).content.decode()
    assert GOOGLE in listing and 'value="refresh"' in listing and 'value="revoke"' not in listing
    for filtered in ("failing=no", "limited=no", "old_key=no", "connection__state__exact=active"):
        assert GOOGLE in client.get(f"{LIST}?{filtered}").content.decode(), filtered
    page = client.get(f"{LIST}{grant.pk}/change/").content.decode()
    assert grant.refresh_fingerprint in page and "gmail" in page
    assert f"act/refresh/?ids={grant.pk}" in page and "act/revoke/" not in page
    assert GOOGLE in client.get(f"{LIST}?provider=google").content.decode()
    assert GOOGLE not in client.get(f"{LIST}?provider=microsoft").content.decode()
    assert not [t["value"] for t in ada.sandbox.tokens() if t["value"] in page + listing]
    (seen,) = LedgerEntry.objects.filter(what="viewed")
    assert (seen.actor, seen.connection_key) == ("staff@example.org", connection.pk)


def test_rows_are_called_by_provider_and_address_at_no_cost(
    staff: Callable[..., Client], connection: Connection
) -> None:
    client = staff("view_grant", "refresh_grant")

    def listed() -> tuple[str, int]:
        with CaptureQueriesContext(database) as asked:
            return client.get(LIST).content.decode(), len(asked)

    page, few = listed()
    assert f'aria-label="Select this object for an action - Google {GOOGLE}"' in page
    assert f"Google {GOOGLE}" in client.get(f"{LIST}{connection.pk}/change/").content.decode()
    for number in range(3):
        other = Connection.objects.create(
            user=connection.user,
            provider="google",
            app=connection.app,
            subject=str(number),
            email=f"{number}@x.example",
        )
        Grant.objects.create(connection=other)
    page, many = listed()
    assert "Google 2@x.example" in page and many == few


def test_a_report_of_an_error_asks_the_database_nothing_about_a_grant(connection: Connection) -> None:
    with CaptureQueriesContext(database) as asked:
        grant = Grant.objects.get()
        assert str(connection.pk) in repr(grant) and len(asked) == 1


def test_the_ledger_of_a_provider_has_the_rows_of_removed_connections_too(
    staff: Callable[..., Client], connection: Connection
) -> None:
    client = staff("view_ledgerentry")
    page = reverse("admin:integrations_ledgerentry_changelist")
    connection.delete()
    gone = LedgerEntry.objects.filter(connection=None, account=f"Google {GOOGLE}").count()
    assert gone and f"{gone} ledger entries" in client.get(f"{page}?provider=google").content.decode()
    assert "0 ledger entries" in client.get(f"{page}?provider=microsoft").content.decode()


def test_an_action_asks_who_you_are_and_whether_you_mean_it(
    staff: Callable[..., Client], connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = staff("view_grant", "mark_grant")
    answer = act(client, "mark", connection)
    assert "Marked: 1 of 1" in answer.content.decode()
    connection.refresh_from_db()
    assert (connection.state, connection.state_code) == ("reconnect", "marked")
    assert LedgerEntry.objects.get(what="marked").actor == "staff@example.org"
    # What was said once is forgotten after some minutes.
    later = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: later)
    again = client.get(f"{LIST}act/mark/?ids={connection.pk}")
    assert again.status_code == 302 and "reauthenticate" in again["Location"]


def test_a_token_is_renewed_on_order(staff: Callable[..., Client], connection: Connection, ada: Person) -> None:
    before = issued(ada, "access", GOOGLE)
    act(staff("view_grant", "refresh_grant"), "refresh", connection)
    tasks.renew_grant(str(connection.pk))
    assert issued(ada, "access", GOOGLE) == before + 1
    assert list(LedgerEntry.objects.filter(what__in=("ordered", "refreshed")).values_list("what", flat=True)) == [
        "refreshed",
        "ordered",
    ]


def test_a_grant_is_revoked_on_order_and_reconnecting_brings_it_back(
    staff: Callable[..., Client], connection: Connection, ada: Person
) -> None:
    act(staff("view_grant", "revoke_grant"), "revoke", connection)
    connection.refresh_from_db()
    assert connection.state == "reconnect" and "administrator" in connection.state_reason
    tasks.revoke_grant(str(connection.pk))
    tasks.revoke_grant(str(connection.pk))
    grant = Grant.objects.get()
    assert grant.refresh_token is None and grant.access_token is None
    assert LedgerEntry.objects.filter(what="revoked").count() == 1
    assert all(t["revoked"] for t in ada.sandbox.tokens() if t["account"] == GOOGLE and t["kind"] == "refresh")
    assert ada.browser.get("/integrations/").status_code == 200
    assert ada.connected("google", GOOGLE, reconnect=str(connection.pk)).state == "active"
    tasks.revoke_grant(str(connection.pk))
    assert Connection.objects.get().state == "active"
    assert ledger_check.check().findings == ()


def test_a_grant_is_encrypted_anew_on_order(staff: Callable[..., Client], connection: Connection) -> None:
    before = Grant.objects.get().refresh_token.ciphertext
    act(staff("view_grant", "reencrypt_grant"), "reencrypt", connection)
    after = Grant.objects.get()
    assert after.refresh_token.ciphertext != before and after.refresh_token_key == keyring.primary_key_id()


def test_the_ledger_is_exported_from_the_list(
    staff: Callable[..., Client], connection: Connection, ada: Person
) -> None:
    client = staff("view_ledgerentry")
    page = reverse("admin:integrations_ledgerentry_changelist")
    rows = [str(pk) for pk in LedgerEntry.objects.values_list("pk", flat=True)]
    for action, kind in (("as_csv", "text/csv"), ("as_json", "application/jsonl")):
        answer = client.post(page, {"action": action, "_selected_action": rows})
        # Sent as it is read, so that years of rows do not have to fit into memory.
        assert answer.streaming and answer["Content-Type"].startswith(kind)
        text = answer.getvalue().decode()
        assert len(text.splitlines()) == len(rows) + (action == "as_csv") and "connected" in text
        assert not [t["kind"] for t in ada.sandbox.tokens() if t["value"] in text]
    heads = json.loads(client.post(page, {"action": "heads", "_selected_action": rows[:1]}).getvalue())
    assert heads[str(connection.pk)]["number"] == len(rows)


def test_an_apps_secret_goes_in_after_saying_who_you_are_and_never_comes_out(
    ada: Person, connection: Connection
) -> None:
    app = OAuthApp.objects.get(provider="google")
    page = reverse("admin:integrations_oauthapp_change", args=(app.pk,))
    first = ada.browser.get(page)
    assert first.status_code == 302 and "reauthenticate" in first["Location"]
    says_who_it_is(ada.browser)
    shown = ada.browser.get(page).content.decode()
    assert app.credentials().client_secret not in shown
    fields = {"provider": "google", "name": "New", "client_id": app.client_id, "tenant": "common", "endpoints": "{}"}
    answer = ada.browser.post(page, {**fields, "new_secret": "the new secret", "active": "on"})
    assert answer.status_code == 302, answer.content.decode()
    assert OAuthApp.objects.get(pk=app.pk).credentials().client_secret == "the new secret"


def test_second_factors_can_be_set_up_by_staff_on_localhost(ada: Person) -> None:
    says_who_it_is(ada.browser)
    for page in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        answer = ada.browser.get(page)
        assert answer.status_code == 200, page
