"""Accounts without tokens, and the means to store calendars in them as a sync would."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from calendars import queries
from calendars.models import Calendar
from calendars.store import CalendarStore
from integrations.models import Collection, Connection, OAuthApp
from integrations.providers.base import registry
from integrations.records import CalendarRecord, EventKind, EventRecord, Page, Service

# A Monday morning a little after now, so that everything around it is inside of the stored time.
MONDAY = (timezone.now() + timedelta(days=14)).replace(hour=9, minute=0, second=0, microsecond=0)
MONDAY -= timedelta(days=MONDAY.weekday())


@dataclass
class Account:
    """A connection with one calendar, and short ways to say what a provider would."""

    connection: Connection
    collection: Collection
    store: CalendarStore = field(default_factory=CalendarStore)

    @property
    def calendar(self) -> Calendar:
        return Calendar.objects.get(connection=self.connection, provider_id=self.collection.provider_id)

    def sync(self, *changed: EventRecord, removed: Iterable[str] = ()) -> None:
        """Store a page."""
        with transaction.atomic():
            self.store.apply(self.collection, Page("cursor", tuple(changed), tuple(removed)))

    def walk_again(self, *changed: EventRecord) -> int:
        """A full walk that finds just these; how many events are gone."""
        self.collection.generation += 1
        self.collection.save()
        self.sync(*changed)
        with transaction.atomic():
            return self.store.finish_walk(self.collection)


def event(id_: str = "e1", start: Any = MONDAY, hours: float = 1, **facts: Any) -> EventRecord:
    """A single event of an hour, unless ``facts`` say otherwise."""
    defaults: dict[str, Any] = {
        "id": id_,
        "kind": EventKind.SINGLE,
        "start": start,
        "end": start + (timedelta(hours=hours) if isinstance(start, datetime) else timedelta(days=max(int(hours), 1))),
        "title": f"Event {id_}",
        "ical_uid": f"{id_}@example",
    }
    return EventRecord(**(defaults | facts))


def series(id_: str = "s1", rule: str = "FREQ=WEEKLY;COUNT=4", **facts: Any) -> EventRecord:
    lines = tuple(facts.pop("lines", (f"RRULE:{rule}",)))
    return event(id_, **({"kind": EventKind.MASTER, "recurrence": lines} | facts))


def exception(of: str, original: datetime, **facts: Any) -> EventRecord:
    defaults: dict[str, Any] = {
        "kind": EventKind.EXCEPTION,
        "series_id": of,
        "original_start": original,
        "ical_uid": f"{of}@example",
    }
    return event(f"{of}_{original:%Y%m%d}", **(defaults | {"start": original} | facts))


def starts(user: User, since: datetime = MONDAY - timedelta(days=1), days: int = 60) -> list[datetime]:
    """When things take place, from the day before the first Monday on."""
    return [i.starts_at for i in queries.agenda(user, since, since + timedelta(days=days))]


def get(page: Client, path: str, **headers: str) -> str:
    """A page, or with headers a part of one."""
    response = page.get(path, headers=headers)
    assert response.status_code == 200, path
    return response.content.decode()


def titles(html: str) -> list[str]:
    """Of the events in the list."""
    return re.findall(r'data-event><span class="vh">.*?</span>(.*?)</a>', html)


def feed(page: Client, start: str, end: str) -> list[dict[str, Any]]:
    """What the grid is given."""
    found: list[dict[str, Any]] = page.get(f"/calendar/events/?start={start}&end={end}").json()
    return found


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada@osmen.example", name="Ada Moreau", time_zone="Europe/Berlin")


@pytest.fixture
def connect(db: None) -> Callable[..., Account]:
    """Makes an account of a provider with one calendar and nothing in it."""

    def make(user: User, provider: str = "google", email: str = "ada@gmail.example", **facts: Any) -> Account:
        app, _ = OAuthApp.objects.get_or_create(provider=provider, defaults={"client_id": "client"})
        facts = {"granted_scopes": [p.scope for p in registry[provider].permissions]} | facts
        connection = Connection.objects.create(
            user=user, provider=provider, app=app, subject=email, email=email, chosen_services=["calendar"], **facts
        )
        collection = Collection.objects.create(
            connection=connection,
            service=Service.CALENDAR,
            provider_id="main",
            name="Main",
            phase="current",
            succeeded_at=datetime.now(UTC),
        )
        account = Account(connection, collection)
        with transaction.atomic():
            account.store.containers(connection, [CalendarRecord("main", "Main", primary=True, writable=True)])
        return account

    return make


@pytest.fixture
def google(ada: User, connect: Callable[..., Account]) -> Account:
    return connect(ada)


@pytest.fixture
def microsoft(ada: User, connect: Callable[..., Account]) -> Account:
    return connect(ada, "microsoft", "ada@outlook.example", colour="plum")


@pytest.fixture
def page(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client
