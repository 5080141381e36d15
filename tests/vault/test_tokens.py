"""The door to a token: fresh, refreshed once, dead, replaced meanwhile, unreadable."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from integrations.errors import RateLimited, ReconnectRequired
from integrations.models import Connection, Grant, LedgerEntry, OAuthApp
from integrations.records import Service
from integrations.vault import ahead, tokens
from tests.journey import engine
from tests.journey.person import Person

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])
THREADS = 16


def expire(connection: Connection) -> None:
    Grant.objects.filter(connection=connection).update(access_expires_at=timezone.now() - timedelta(seconds=1))


def token(connection: Connection, refused: str | None = None) -> str:
    return tokens.access_token(connection, purpose=tokens.Purpose.SYNC, service=Service.MAIL, refused=refused)


def issued(person: Person, kind: str, account: str) -> int:
    return sum(t["kind"] == kind and t["account"] == account for t in person.sandbox.tokens())


@BOTH
def test_a_fresh_token_is_given_without_asking_the_provider(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    before = issued(ada, "access", account)
    assert token(connection) == token(connection)
    assert issued(ada, "access", account) == before


@BOTH
def test_many_callers_at_once_cause_one_refresh(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    expire(connection)
    before = issued(ada, "access", account)

    def ask(_: int) -> str:
        try:
            return token(Connection.objects.get(pk=connection.pk))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        given = set(pool.map(ask, range(THREADS)))
    assert len(given) == 1
    assert issued(ada, "access", account) == before + 1
    assert LedgerEntry.objects.filter(what="refreshed").count() == 1


@BOTH
def test_a_refused_token_is_renewed_once_and_syncing_goes_on(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    ada.sandbox.drill("expire-access-tokens", provider=provider, email=account)
    engine.sync_everything()
    connection.refresh_from_db()
    assert connection.state == "active"
    assert LedgerEntry.objects.filter(what="refreshed").count() == 1
    assert not connection.collections.exclude(last_error="").exists()


def test_google_keeps_its_refresh_token_and_microsoft_brings_a_new_one(ada: Person) -> None:
    kept, rotated = ada.connected("google", GOOGLE), ada.connected("microsoft", MICROSOFT)
    before = {g.connection_id: g.refresh_fingerprint for g in Grant.objects.all()}
    for connection in (kept, rotated):
        expire(connection)
        token(connection)
    after = {g.connection_id: g.refresh_fingerprint for g in Grant.objects.all()}
    assert after[kept.pk] == before[kept.pk]
    assert after[rotated.pk] != before[rotated.pk]


@BOTH
def test_a_dead_grant_stops_the_connection_once_and_reconnecting_brings_it_back(
    ada: Person, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    ada.sandbox.drill("revoke-grant", provider=provider, email=account)
    expire(connection)
    for _ in range(2):
        with pytest.raises(ReconnectRequired):
            token(connection)
    connection.refresh_from_db()
    assert connection.state == "reconnect" and connection.state_reason
    assert LedgerEntry.objects.filter(what="grant_died").count() == 1
    again = ada.connected(provider, account, reconnect=str(connection.pk))
    assert again.state == "active"
    assert not LedgerEntry.objects.filter(what="resync").exists()


def test_a_provider_in_trouble_is_asked_again_later_and_not_at_once(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    app = OAuthApp.objects.get(provider="google")
    app.endpoints = {**app.endpoints, "token": "http://127.0.0.1:9/token"}
    app.save()
    expire(connection)
    connection = Connection.objects.get(pk=connection.pk)
    with pytest.raises(Exception, match="cannot be reached"):
        token(connection)
    with pytest.raises(RateLimited):
        token(connection)
    connection.refresh_from_db()
    assert connection.state == "active"


@BOTH
def test_tokens_that_end_soon_are_renewed_ahead(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    assert ahead.refresh_due() == 0
    Grant.objects.update(renew_at=timezone.now() - timedelta(seconds=1))
    assert ahead.refresh_due() == 1
    ends = Grant.objects.get(connection=connection).access_expires_at
    assert ends is not None and ends > timezone.now() + timedelta(minutes=30)
