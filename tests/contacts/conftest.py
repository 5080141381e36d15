"""Accounts without tokens, and the means to store people in them as a sync would."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from contacts.models import Contact
from contacts.store import ContactStore
from integrations.models import Collection, Connection, OAuthApp
from integrations.providers.base import registry
from integrations.records import ContactGroupRecord, ContactRecord, Labelled, Page, Service

BOOKS = {"google": {"connections": 20, "otherContacts": 90}, "microsoft": {"contacts": 20, "f-club": 30}}
GROUPS = {
    "google": (ContactGroupRecord("contactGroups/1", "Choir"), ContactGroupRecord("contactGroups/starred", "Starred")),
    "microsoft": (ContactGroupRecord("contacts", "Contacts", system=True), ContactGroupRecord("f-club", "Club")),
}


@dataclass
class Account:
    """A connection with its collections, and short ways to say what a provider would."""

    connection: Connection
    collections: dict[str, Collection]
    store: ContactStore = field(default_factory=ContactStore)

    def sync(self, *changed: ContactRecord, removed: Iterable[str] = (), into: str = "", full: bool = False) -> None:
        """Store a page in the collection ``into`` (the first one by default); a full one is a whole walk."""
        collection = self.collections[into or next(iter(self.collections))]
        if full:
            collection.generation += 1
            collection.save()
        with transaction.atomic():
            self.store.apply(collection, Page("cursor", changed, tuple(removed), complete=True, full=full))
            if full:
                self.store.finish_walk(collection)

    def names(self) -> list[str]:
        return list(Contact.objects.filter(connection=self.connection, leaving=False).values_list("name", flat=True))

    def counts(self) -> dict[str, int]:
        """People of this account by collection."""
        counts = self.store.counts_of_user(self.connection.user_id)
        return {i: counts.get((self.connection.pk, i), 0) for i in self.collections}


def person(number: int | str, given: str = "", family: str = "", **facts: Any) -> ContactRecord:
    """Somebody with a name and an address made of ``number``, unless ``facts`` say otherwise."""
    given, family = given or f"Given{number}", family or f"Family{number}"
    defaults: dict[str, Any] = {
        "id": f"people/c{number}",
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "emails": (Labelled(f"p{number}@example.org", "work"),),
        "etag": "1",
    }
    return ContactRecord(**(defaults | facts))


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user(
        "ada@osmen.example", "correct horse battery", name="Ada Moreau", time_zone="Europe/Berlin"
    )


@pytest.fixture
def connect(db: None) -> Callable[..., Account]:
    """Makes an account of a provider with its address books known and nobody in them."""

    def make(user: User, provider: str, email: str, colour: str = "blue") -> Account:
        app, _ = OAuthApp.objects.get_or_create(provider=provider, defaults={"client_id": "client"})
        connection = Connection.objects.create(
            user=user,
            provider=provider,
            app=app,
            subject=email,
            email=email,
            colour=colour,
            chosen_services=["contacts"],
            granted_scopes=[p.scope for p in registry[provider].permissions],
        )
        collections = {
            i: Collection.objects.create(
                connection=connection,
                service=Service.CONTACTS,
                provider_id=i,
                name=i,
                priority=priority,
                phase="current",
                succeeded_at=timezone.now(),
            )
            for i, priority in BOOKS[provider].items()
        }
        account = Account(connection, collections)
        with transaction.atomic():
            account.store.containers(connection, GROUPS[provider])
        return account

    return make


@pytest.fixture
def gmail(ada: User, connect: Callable[..., Account]) -> Account:
    return connect(ada, "google", "ada@gmail.example")


@pytest.fixture
def outlook(ada: User, connect: Callable[..., Account]) -> Account:
    return connect(ada, "microsoft", "ada@outlook.example", "clay")
