"""The sync loop against a running sandbox: increments, expiry, interruptions, waiting, and one worker at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db import connection as database
from django.utils import timezone

from calendars.models import Occurrence
from contacts.models import Contact
from integrations.models import Collection, Connection, LedgerEntry
from integrations.sync import leases, loop, schedule
from mail.models import Message
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.comparing import differences

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


class Killed(BaseException):
    """What a killed process looks like from inside: nothing after it runs."""


def interrupt_after(pages: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine save that many pages and then end as if its process were killed."""
    save = loop.save
    left = iter(range(pages))

    def saving(collection: Collection, page: object) -> None:
        if next(left, None) is None:
            raise Killed
        save(collection, page)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "save", saving)


@BOTH
def test_a_first_sync_ends_equal_to_the_provider(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    assert differences(ada.sandbox, connection) == []
    assert set(connection.collections.values_list("phase", flat=True)) <= {"current", "first"}
    assert not connection.collections.exclude(provider_id="").exclude(phase="current").exists()


@BOTH
def test_what_is_new_comes_with_the_next_sync(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    before = Message.objects.filter(connection=connection).count()
    ada.sandbox.drill("add-mail", provider=provider, email=account, subject="Fresh bread at four")
    engine.sync_everything()
    assert Message.objects.filter(connection=connection).count() == before + 1
    assert Message.objects.filter(connection=connection, subject="Fresh bread at four").count() == 1
    assert differences(ada.sandbox, connection) == []


@BOTH
def test_an_expired_cursor_is_one_full_walk_that_loses_and_doubles_nothing(
    ada: Person, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    # Occurrences: by the time of day the meeting may be one of a series, whose event stays.
    meetings, contacts = Occurrence.objects.count(), Contact.objects.count()
    for what in ("message", "meeting", "contact"):
        ada.sandbox.drill("delete-at-provider", provider=provider, email=account, what=what)
    ada.sandbox.drill("add-mail", provider=provider, email=account, subject="Arrived in the gap")
    ada.sandbox.drill("expire-cursors", provider=provider, email=account)
    engine.sync_everything()
    assert differences(ada.sandbox, connection) == []
    assert Message.objects.filter(connection=connection, subject="Arrived in the gap").count() == 1
    assert Occurrence.objects.count() < meetings and Contact.objects.count() == contacts - 1
    walks = LedgerEntry.objects.filter(what="resync").count()
    assert walks >= 1
    engine.sync_everything()
    assert LedgerEntry.objects.filter(what="resync").count() == walks


@BOTH
def test_a_cursor_that_expires_again_and_again_is_a_loop_that_is_waited_out(
    ada: Person, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    place = connection.collections.filter(service="mail").exclude(provider_id="").order_by("priority")[0]
    for expected in (*range(1, loop.MOST_WALKS + 1), loop.MOST_WALKS):
        ada.sandbox.drill("expire-cursors", provider=provider, email=account)
        assert loop.run(place.pk)
        place.refresh_from_db()
        assert place.walks_in_a_row == expected
    assert place.last_error_code == "resync_loop" and "keeps losing" in place.last_error
    assert place.due_at > timezone.now() + timedelta(minutes=30)
    engine.sync_everything()
    place.refresh_from_db()
    assert not place.last_error and place.walks_in_a_row == 0 and differences(ada.sandbox, connection) == []


@BOTH
def test_killed_between_pages_the_next_run_goes_on_from_the_last(
    ada: Person, provider: str, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ada.connects(provider, account).status_code == 302
    connection = Connection.objects.get(email=account)
    Collection.objects.update(due_at=timezone.now())
    with monkeypatch.context() as patch:
        interrupt_after(1, patch)
        with pytest.raises(Killed):
            engine.run_due()
    half = Message.objects.filter(connection=connection).count()
    leased = Collection.objects.filter(lease__isnull=False)
    assert leased.exists()
    leased.update(lease_until=timezone.now() - timedelta(seconds=1))
    Collection.objects.update(lease=None)
    engine.sync_everything()
    assert Message.objects.filter(connection=connection).count() >= half
    assert differences(ada.sandbox, connection) == []


@BOTH
def test_being_told_to_wait_stops_the_connection_for_that_long(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    service = "gmail" if provider == "google" else "graph"
    ada.sandbox.drill("rate-limit", service=service, seconds=60)
    engine.sync_everything()
    connection.refresh_from_db()
    assert connection.state == "active"
    assert connection.wait_until is not None and connection.wait_until > timezone.now()
    assert schedule.hand_over() == 0


@BOTH
def test_a_provider_in_trouble_is_tried_again_and_everything_arrives(ada: Person, provider: str, account: str) -> None:
    service = "gmail" if provider == "google" else "graph"
    assert ada.connects(provider, account).status_code == 302
    connection = Connection.objects.get(email=account)
    ada.sandbox.drill("server-errors", service=service, count=3)
    for _ in range(8):
        engine.sync_everything()
    assert differences(ada.sandbox, connection) == []
    assert not connection.collections.exclude(last_error="").exists()


@BOTH
def test_a_busy_database_is_tried_again_within_seconds(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    ada.sandbox.drill("add-mail", provider=provider, email=account, subject="In each other's way")
    Collection.objects.update(due_at=timezone.now())

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "mail_message"'):
            raise OperationalError("deadlock detected")
        return execute(sql, params, many, context)

    with database.execute_wrapper(refuse):
        engine.run_due()
    hit = connection.collections.get(last_error_code="database")
    assert hit.attempts == 1 and hit.lease is None
    assert timedelta() < hit.due_at - timezone.now() < timedelta(seconds=10)
    engine.sync_everything()
    hit.refresh_from_db()
    assert not hit.last_error and differences(ada.sandbox, connection) == []


def test_a_collection_is_leased_to_one_and_taken_over_from_the_dead(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    mailbox = connection.collections.get(service="mail", provider_id="mailbox")
    held = leases.claim(mailbox.pk)
    assert held is not None and leases.claim(mailbox.pk) is None
    Collection.objects.filter(pk=mailbox.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    taken = leases.claim(mailbox.pk)
    assert taken is not None
    with pytest.raises(leases.LeaseLost):
        leases.renew(held)
    leases.release(held, last_error="from the dead")
    mailbox.refresh_from_db()
    assert mailbox.lease == taken.lease and not mailbox.last_error


def test_a_paused_connection_is_left_alone(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    ada.browser.post(f"/integrations/{connection.pk}/pause/")
    ada.sandbox.drill("add-mail", provider="google", email=GOOGLE, subject="While away")
    assert engine.sync_everything() == 0
    assert not Message.objects.filter(subject="While away").exists()
    ada.browser.post(f"/integrations/{connection.pk}/resume/")
    engine.sync_everything()
    assert Message.objects.filter(subject="While away").count() == 1
