"""A quota of the day that is used up: its service waits for the next day, says so, and the others go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from integrations.errors import QuotaUsedUp
from integrations.models import Budget, Change, Collection, Connection
from integrations.outbox import push, queue
from integrations.providers.google.errors import until_midnight
from integrations.records import Operation, Service
from integrations.sync import outcome
from tests.journey import engine
from tests.journey.person import Person

GOOGLE = "ada.moreau@gmail.example"
WAITS = {"mail": "gmail/day", "calendar": "calendar/day", "contacts": "people/daily-writes"}


def _limit(person: Person, **limits: int) -> None:
    app = {"provider": "google", "client_id": "sandbox-google", "client_secret": "sandbox-google-secret"}
    person.sandbox.control("clients", **app, limits=limits)


def _services(connection: Connection) -> dict[str, set[str]]:
    """The errors of each service."""
    rows = Collection.objects.filter(connection=connection, enabled=True)
    found: dict[str, set[str]] = {}
    for service, error in rows.values_list("service", "last_error"):
        found.setdefault(service, set()).add(error)
    return found


@pytest.mark.parametrize("service", ["mail", "calendar"])
def test_a_service_waits_for_the_next_day_and_the_others_go_on(ada: Person, service: str) -> None:
    connection = ada.connected("google", GOOGLE)
    _limit(ada, **{WAITS[service]: 0})
    ada.sandbox.drill("add-mail", provider="google", email=GOOGLE, subject="Patience")
    engine.sync_everything()
    connection.refresh_from_db()
    assert connection.wait_until is None
    errors = _services(connection)
    assert errors.pop(service) == {"Google's limit for today is used up."}
    assert set().union(*errors.values()) == {""}
    expected = timezone.now() + timedelta(seconds=until_midnight(datetime.now(UTC)))
    due = Collection.objects.filter(connection=connection, service=service).values_list("due_at", flat=True)
    assert all(expected - timedelta(minutes=1) <= at <= expected + timedelta(minutes=16) for at in due)
    assert not Budget.objects.filter(tight=True).exists()
    assert ("Patience" in ada.browser.get("/inbox/").content.decode()) == (service != "mail")

    page = ada.browser.get("/integrations/").content.decode()
    assert f"Google&#x27;s limit for today is used up. OsMEN asks for {service} again after" in page
    assert "Nothing is lost, and you need not do anything." in page
    assert "Needs mending" not in ada.browser.get("/").content.decode()

    _limit(ada)  # the next day
    Collection.objects.filter(connection=connection, service=service).update(due_at=timezone.now())
    engine.run_due()
    assert set().union(*_services(connection).values()) == {""}
    assert "Patience" in ada.browser.get("/inbox/").content.decode()
    assert "is used up" not in ada.browser.get("/integrations/").content.decode()


def test_an_edit_waits_for_the_next_day(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    _limit(ada, **{WAITS["contacts"]: 0})
    fields = {"display_name": "Eva Ek", "emails": [{"address": "eva@example.org", "label": "work"}]}
    queue.enqueue(connection, Service.CONTACTS, Operation.CONTACT_CREATE, "new:1", {"fields": fields})
    push.push(str(connection.pk))
    change = Change.objects.get()
    assert change.error == "Google's limit for today is used up."
    assert change.due_at >= timezone.now() + timedelta(seconds=until_midnight(datetime.now(UTC)) - 60)


def test_calendars_own_limit_is_asked_about_in_an_hour(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    collection = connection.collections.select_related("connection__app").filter(service="calendar").first()
    assert collection is not None
    with outcome.recorded(collection):
        raise QuotaUsedUp("Google's limit for this account is used up.", retry_after=3600, code="quotaExceeded")
    page = ada.browser.get("/integrations/").content.decode()
    assert "limit for this account is used up. OsMEN asks for calendar again after" in page
