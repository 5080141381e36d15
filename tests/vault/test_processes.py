"""Many processes at one grant, and processes that are killed in the worst moment."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection as database
from django.utils import timezone

from integrations.models import Grant, LedgerEntry
from integrations.vault import ledger_check, refresh
from tests.journey.person import Person
from tests.vault.processes import Asker, environment
from tests.vault.test_tokens import BOTH, expire, issued, token

PROCESSES, THREADS = 4, (13, 13, 12, 12)


@BOTH
def test_fifty_threads_in_four_processes_cause_one_refresh(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    expire(connection)
    before = issued(ada, "access", account)
    askers = [Asker(connection.pk, threads) for threads in THREADS]
    for asker in askers:
        asker.go()
    given = [answer for asker in askers for answer in asker.answers()]
    assert len(given) == 50
    assert set(given) == {hashlib.sha256(token(connection).encode()).hexdigest()}
    assert issued(ada, "access", account) == before + 1
    assert LedgerEntry.objects.filter(what="refreshed").count() == 1
    assert ledger_check.check().findings == ()


@contextmanager
def writes_held_up() -> Iterator[None]:
    """Nobody can write grants for a while, from outside of every process of ours."""
    address = environment()["DATABASE_URL"]
    if database.vendor == "sqlite":
        holder = sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
        holder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.execute("ROLLBACK")
            holder.close()
        return
    with psycopg.connect(address) as held:
        held.execute("LOCK TABLE integrations_grant IN EXCLUSIVE MODE")
        try:
            yield
        finally:
            held.rollback()


@BOTH
def test_a_process_killed_between_the_answer_and_the_commit_loses_nothing(
    ada: Person, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    expire(connection)
    before = issued(ada, "access", account)
    stored = Grant.objects.get(connection=connection).refresh_fingerprint
    ada.sandbox.drill("latency", service=f"{provider}-oauth", ms=1500)
    asker = Asker(connection.pk, 1)
    asker.go()
    wait_until(lambda: Grant.objects.filter(connection=connection, lease__isnull=False).exists())
    with writes_held_up():
        wait_until(lambda: issued(ada, "access", account) == before + 1)
        time.sleep(0.5)
        asker.process.kill()
        asker.process.wait()
    ada.sandbox.drill("latency", service=f"{provider}-oauth", ms=0)
    # Its lease ends by itself; until then nobody else asks the provider.
    grant = Grant.objects.get(connection=connection)
    assert grant.refresh_fingerprint == stored and grant.lease is not None
    assert refresh.claim(grant) is None
    Grant.objects.update(lease_until=timezone.now())
    assert token(connection)
    connection.refresh_from_db()
    assert connection.state == "active" and issued(ada, "access", account) == before + 2


def wait_until(true: object, seconds: float = 20.0) -> None:
    assert callable(true)
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.02)


@pytest.mark.parametrize("threads", [3])
def test_a_waiting_process_takes_over_from_a_dead_one(ada: Person, threads: int) -> None:
    connection = ada.connected("google", "ada.moreau@gmail.example")
    expire(connection)
    lease = refresh.claim(Grant.objects.get(connection=connection))
    assert lease is not None
    asker = Asker(connection.pk, threads)
    asker.go()
    time.sleep(0.5)
    Grant.objects.update(lease_until=timezone.now())
    assert len(set(asker.answers())) == 1
    assert issued(ada, "access", connection.email) >= 2
