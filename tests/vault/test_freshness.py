"""Renewing: whose fault it is when it fails, loops, grants that will end, connections that nobody uses."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.utils import timezone

from integrations import advice, disconnect, notices, signals
from integrations.errors import MisconfiguredApp, RateLimited, ReconnectRequired
from integrations.models import Connection, Grant, LedgerEntry, OAuthApp
from integrations.models.connection import State
from integrations.records import TokenSet
from integrations.vault import ahead, grants, lifecycle, refresh, tokens
from integrations.vault.fields import Plain
from tests.journey import engine
from tests.journey.person import Person
from tests.providers.wire import Wire, said_json
from tests.vault.test_tokens import BOTH, GOOGLE, MICROSOFT, expire, issued, token


def change_app(provider: str, **columns: Any) -> OAuthApp:
    app = OAuthApp.objects.get(provider=provider)
    for name, value in columns.items():
        setattr(app, name, value)
    app.save()
    return app


@BOTH
def test_the_operators_fault_is_one_alert_and_the_provider_is_left_alone(
    ada: Person, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    secret = OAuthApp.objects.get(provider=provider).credentials().client_secret
    change_app(provider, client_secret=Plain("wrong"))
    expire(connection)
    for _ in range(3):
        with pytest.raises(MisconfiguredApp):
            token(connection)
    connection.refresh_from_db()
    app = OAuthApp.objects.get(provider=provider)
    assert connection.state == "active" and app.trouble and app.trouble_since is not None
    assert advice.troubled_apps(ada.user) == [app]
    assert ahead.refresh_due() == 0
    notices.send_due()
    notices.send_due()
    assert [message.to for message in mail.outbox] == [[ada.user.email]]
    assert app.trouble in mail.outbox[0].body
    # Mended, it is tried when its time comes, and the trouble is over.
    change_app(provider, client_secret=Plain(secret), try_again_at=timezone.now())
    assert token(connection)
    assert not OAuthApp.objects.get(provider=provider).trouble


@BOTH
def test_a_grant_that_ended_is_told_by_mail_once(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    ada.sandbox.drill("revoke-grant", provider=provider, email=account)
    expire(connection)
    with pytest.raises(ReconnectRequired):
        token(connection)
    assert notices.send_due() == 0
    Connection.objects.update(state_since=timezone.now() - notices.GRACE)
    assert notices.send_due() == 1 and notices.send_due() == 0
    (message,) = mail.outbox
    assert message.to == [ada.user.email] and account in message.subject and "/integrations/#c-" in message.body


def test_too_many_renewals_within_minutes_are_a_loop(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    before = issued(ada, "access", GOOGLE)
    for _ in range(10):
        expire(connection)
        token(connection)
    expire(connection)
    for _ in range(2):
        with pytest.raises(RateLimited) as refused:
            token(connection)
    assert refused.value.retry_after > 60
    assert issued(ada, "access", GOOGLE) == before + 10
    assert LedgerEntry.objects.get(what="refresh_failed").code == "renewal_loop"


def test_a_token_that_still_lasts_is_given_while_renewing_fails(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    present = token(connection)
    now = timezone.now()
    Grant.objects.update(issued_at=now - timedelta(hours=1), access_expires_at=now + timedelta(minutes=3))
    ada.sandbox.drill("rate-limit", service="google-oauth", seconds=600)
    assert token(connection) == token(connection) == present
    assert Grant.objects.get().failures == 1
    with pytest.raises(RateLimited):
        token(connection, refused=present)


def test_an_api_that_refuses_every_token_costs_one_renewal_and_ends_the_connection(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    wire = Wire()
    try:
        wire.answer = lambda asked: said_json({"error": {"code": 401, "errors": [{"reason": "authError"}]}}, 401)
        app = OAuthApp.objects.get(provider="google")
        change_app("google", endpoints={**app.endpoints, "gmail": f"{wire.base}/", "calendar": f"{wire.base}/"})
        before = issued(ada, "access", GOOGLE)
        engine.sync_everything()
        engine.sync_everything()
    finally:
        wire.close()
    connection.refresh_from_db()
    assert connection.state == "reconnect" and issued(ada, "access", GOOGLE) == before + 1


def test_a_refusal_is_not_held_against_a_grant_that_came_after(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    token(connection)
    ada.connected("google", GOOGLE, reconnect=str(connection.pk))
    lifecycle.refused(connection, ReconnectRequired("An old refusal.", code="401"))
    assert Connection.objects.get().state == "active"
    again = Connection.objects.get()
    token(again)
    lifecycle.refused(again, ReconnectRequired("A refusal of what is there.", code="401"))
    assert Connection.objects.get().state == "reconnect"


def test_a_permission_that_is_withdrawn_switches_its_service_off(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    given = frozenset(s for s in connection.granted_scopes if "calendar" not in s)
    lifecycle.granted(connection, answer_with(given))
    connection = Connection.objects.get()
    assert sorted(connection.services) == ["contacts", "mail"]
    assert not connection.collections.filter(service="calendar", enabled=True).exists()
    assert "withdrawn" in LedgerEntry.objects.get(what="scopes_changed").detail
    assert ada.browser.get("/integrations/").status_code == 200


def answer_with(scopes: frozenset[str]) -> TokenSet:
    """What a token endpoint may answer."""
    return TokenSet("text", timezone.now() + timedelta(hours=1), scopes)


def test_a_paused_connection_is_kept_alive_and_not_renewed_every_hour(ada: Person) -> None:
    connection = ada.connected("microsoft", MICROSOFT)
    expire(connection)
    lifecycle.pause(connection)
    assert ahead.refresh_due() == 0
    for _ in range(2):
        turn = Grant.objects.get().renew_at
        assert turn and timedelta(days=6, hours=23) < turn - timezone.now() <= timedelta(days=7)
        Grant.objects.update(renew_at=timezone.now())
        assert ahead.refresh_due() == 1 and ahead.refresh_due() == 0
    expire(connection)
    lifecycle.resume(connection)
    assert ahead.refresh_due() == 1


@pytest.mark.parametrize("how", ["pause", "mark"])
def test_a_connection_that_changes_while_its_grant_is_renewed_is_renewed_as_its_state_asks(
    ada: Person, how: str
) -> None:
    connection = ada.connected("google", GOOGLE)
    Grant.objects.update(renew_at=timezone.now())
    ((grant, lease),) = ahead.claim_batch()
    lifecycle.pause(connection) if how == "pause" else lifecycle.mark(connection, "")
    refresh.settle(grant, lease, answer_with(frozenset(connection.granted_scopes)))
    renewed = Grant.objects.get()
    assert renewed.version == grant.version + 1
    turn = renewed.renew_at
    assert turn is None if how == "mark" else turn and turn > timezone.now() + timedelta(days=6)


@pytest.mark.parametrize(("state", "days"), [("active", -1), ("paused", 5), ("reconnect", None)])
def test_what_an_older_osmen_wrote_is_renewed_as_its_state_asks(ada: Person, state: str, days: int | None) -> None:
    ada.connected("google", GOOGLE)
    now = timezone.now()
    Grant.objects.update(renew_at=now - timedelta(days=1), issued_at=now - timedelta(days=2))
    Connection.objects.update(state=state)
    import_module("integrations.migrations.0011_whose_turn").reschedule(apps, None)
    assert Grant.objects.get().renew_at == (None if days is None else now + timedelta(days=days))


def test_nobody_renews_a_grant_that_has_ended(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    ada.sandbox.drill("revoke-grant", provider="google", email=GOOGLE)
    Grant.objects.update(renew_at=timezone.now())
    assert ahead.refresh_due() == 0
    connection.refresh_from_db()
    assert connection.state == "reconnect" and Grant.objects.get().renew_at is None
    ada.connected("google", GOOGLE, reconnect=str(connection.pk))
    assert Grant.objects.get().renew_at


def test_a_grant_of_an_unpublished_app_is_recognised(ada: Person) -> None:
    assert advice.ending(ada.connected("google", GOOGLE)) is None
    now = timezone.now()
    Grant.objects.update(issued_at=now, refresh_expires_at=now + timedelta(days=7))
    found = advice.ending(Connection.objects.get())
    assert found is not None and found.testing and found.left > timedelta(days=6)


def test_tokens_made_at_once_are_renewed_at_different_times(ada: Person) -> None:
    for provider, account in (("google", GOOGLE), ("microsoft", MICROSOFT)):
        ada.connected(provider, account)
    now = timezone.now()
    for _ in range(20):
        for connection in Connection.objects.all():
            grants.replace(connection, answer_with(frozenset()))
        first, second = Grant.objects.values_list("renew_at", flat=True)
        assert first and second and min(first, second) > now + timedelta(minutes=30)
        if abs(first - second) > timedelta(seconds=5):
            return
    raise AssertionError("they march in step")


def test_before_a_disconnect_it_is_said_what_goes_along(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    before = advice.leaving(connection)
    assert before.revokes and before.ends_sign_in and not before.keeps_sign_in and before.others == ()
    assert not advice.leaving(ada.connected("microsoft", MICROSOFT)).revokes


def test_leaving_lets_push_channels_go_while_tokens_work_and_shows_progress(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    heard: list[str] = []

    def listen(connection: Connection, session: Any, **_: object) -> None:
        assert Connection.objects.get(pk=connection.pk).state == State.DISCONNECTING
        heard.append(session.access_token())

    signals.leaving.connect(listen)
    try:
        assert disconnect.request_disconnect(connection) and not disconnect.request_disconnect(connection)
        with pytest.raises(ReconnectRequired):
            token(connection)
        waiting = Connection.objects.get()
        assert waiting.removal_total > 0 and advice.removal_progress(waiting) == 0.0
        engine.finish_disconnects()
    finally:
        signals.leaving.disconnect(listen)
    assert heard and heard[0] in {t["value"] for t in ada.sandbox.tokens()}
    assert not Connection.objects.exists()
    assert tokens.Purpose.LEAVE in LedgerEntry.objects.filter(what="used").values_list("purpose", flat=True)
