"""Asking for changes: in few requests, at the right moments, and no collection forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.models import Collection, Connection
from integrations.records import Service
from integrations.sync import freshness, pace, poll, schedule
from mail.models import Message
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.comparing import differences

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


def requests(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The requests that went out, from the door's own log."""
    return [r.getMessage() for r in caplog.records if r.name.endswith("http.door") and "_sandbox" not in r.getMessage()]


@BOTH
def test_a_round_of_an_idle_connection_takes_few_requests_and_queries(
    ada: Person,
    provider: str,
    account: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    connection = ada.connected(provider, account)
    assert connection.collections.exclude(provider_id="").count() >= 3
    engine.sync_everything()
    caplog.clear()
    caplog.set_level("INFO")
    # Each costs about as much CPU as half a request; seven for each service, and those of the test's own worker.
    with CaptureQueriesContext(database) as captured:
        engine.poll_everything()
    queries = [query["sql"] for query in captured if query["sql"] not in ("BEGIN", "COMMIT")]
    assert len(queries) <= 24, queries
    assert 0 < len(requests(caplog)) <= 5


@BOTH
def test_a_poll_brings_what_changed(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    ada.sandbox.drill("add-mail", provider=provider, email=account, subject="Found by asking")
    assert engine.poll_everything() >= 1
    assert Message.objects.filter(connection=connection, subject="Found by asking").count() == 1
    assert differences(ada.sandbox, connection) == []


@BOTH
def test_a_poll_in_trouble_says_so_and_is_tried_again(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    service = "calendar" if provider == "google" else "graph"
    ada.sandbox.drill("server-errors", service=service, count=50)
    engine.poll_everything()
    assert connection.collections.exclude(last_error="").exists()
    assert not connection.collections.filter(lease__isnull=False).exists()
    ada.sandbox.drill("server-errors", service=service, count=0)
    engine.sync_everything()
    assert not connection.collections.exclude(last_error="").exists()


def test_two_polls_of_the_same_collections_are_one(ada: Person) -> None:
    connection = ada.connected("microsoft", MICROSOFT)
    ids = list(connection.collections.filter(service="mail").exclude(provider_id="").values_list("pk", flat=True))
    Collection.objects.filter(pk__in=ids).update(lease="11111111-1111-1111-1111-111111111111", lease_until=soon())
    assert poll.run(ids) is False


def test_resting_collections_of_a_service_are_handed_over_together(ada: Person) -> None:
    connection = ada.connected("microsoft", MICROSOFT)
    Collection.objects.update(due_at=timezone.now())
    groups = schedule._grouped(Collection.objects.filter(connection=connection, service="mail"))
    assert sorted(map(len, groups))[:-1] == [1] and len(groups) == 2  # the list of folders, and all folders


def test_the_pace_follows_what_happens(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    mailbox = connection.collections.select_related("connection").get(provider_id="mailbox")
    now = timezone.now()
    paces = []
    for quiet in (timedelta(minutes=1), timedelta(minutes=30), timedelta(hours=2), timedelta(days=2)):
        Connection.objects.update(created_at=now - timedelta(days=9), active_at=now - quiet)
        mailbox.changed_at = None
        mailbox.connection.refresh_from_db()
        paces.append(pace.interval(mailbox))
    assert paces == sorted(paces) and paces[0] < paces[-1]


def test_a_service_that_silently_stopped_is_noticed(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    assert freshness.probe() == 0
    long_ago = timezone.now() - timedelta(days=1)
    mailbox = connection.collections.filter(provider_id="mailbox")
    mailbox.update(succeeded_at=long_ago, changed_at=long_ago, due_at=soon())
    assert freshness.probe() == 1
    assert connection.collections.get(provider_id="mailbox").due_at <= timezone.now()


@BOTH
def test_freshness_is_measured_from_the_providers_own_times(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    ada.sandbox.drill("add-mail", provider=provider, email=account, subject="How long did it take?")
    engine.sync_everything()
    found = freshness.percentiles(connection, Service.MAIL)
    assert found is not None
    median, slowest, exact = found
    assert exact and 0 <= median <= slowest < 30


def soon() -> object:
    return timezone.now() + timedelta(minutes=5)
