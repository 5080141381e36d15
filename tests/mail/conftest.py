"""Accounts without tokens, and the means to store mail in them as a sync would."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from integrations.models import Collection, Connection, OAuthApp
from integrations.providers.base import registry
from integrations.records import Address, FolderRecord, MailRecord, Page, Record, Role, Service
from mail.store import MailStore
from tests.browsing import SignedIn

GMAIL_LABELS = (
    FolderRecord("INBOX", "Inbox", Role.INBOX),
    FolderRecord("SENT", "Sent", Role.SENT),
    FolderRecord("DRAFT", "Drafts", Role.DRAFTS),
    FolderRecord("TRASH", "Trash", Role.TRASH),
    FolderRecord("SPAM", "Spam", Role.SPAM),
    FolderRecord("UNREAD", "Unread", Role.UNREAD, hidden=True),
    FolderRecord("STARRED", "Starred", Role.STARRED),
    FolderRecord("Label_1", "Suppliers", Role.USER),
)
OUTLOOK_FOLDERS = (
    FolderRecord("f-inbox", "Inbox", Role.INBOX),
    FolderRecord("f-archive", "Archive", Role.ARCHIVE),
    FolderRecord("f-sent", "Sent Items", Role.SENT),
    FolderRecord("f-trash", "Deleted Items", Role.TRASH),
)
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Account:
    """A connection with its collections, and short ways to say what a provider would."""

    connection: Connection
    collections: dict[str, Collection]
    store: MailStore = field(default_factory=MailStore)

    def sync(self, *changed: Record, removed: Iterable[str] = (), into: str = "", complete: bool = True) -> None:
        """Store a page in the collection ``into`` (the first one by default)."""
        collection = self.collections[into or next(iter(self.collections))]
        with transaction.atomic():
            self.store.apply(collection, Page("cursor", tuple(changed), tuple(removed), complete=complete))

    def counts(self) -> dict[str, int]:
        """Items of this account by collection."""
        counts = self.store.counts_of_user(self.connection.user_id)
        return {i: counts.get((self.connection.pk, i), 0) for i in self.collections}


def message(number: int, **facts: Any) -> MailRecord:
    """A message received ``number`` minutes before nine, unless ``facts`` say otherwise."""
    defaults: dict[str, Any] = {
        "id": f"m{number}",
        "thread_id": f"t{number}",
        "date": START - timedelta(minutes=number),
        "folder_ids": frozenset({"INBOX"}),
        "subject": f"Subject {number}",
        "sender": Address("ingrid@nordlys.example", "Ingrid Solheim"),
        "to": (Address("ada@gmail.example", "Ada"),),
        "snippet": f"Snippet {number}",
        "text": f"Text {number}",
    }
    return MailRecord(**(defaults | facts))


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user(
        "ada@osmen.example", "correct horse battery", name="Ada Moreau", time_zone="Europe/Berlin"
    )


@pytest.fixture
def connect(db: None) -> Callable[..., Account]:
    """Makes an account of a provider, with its folders known and nothing in them."""

    def make(user: User, provider: str, email: str) -> Account:
        app, _ = OAuthApp.objects.get_or_create(provider=provider, defaults={"client_id": "client"})
        connection = Connection.objects.create(
            user=user,
            provider=provider,
            app=app,
            subject=email,
            email=email,
            chosen_services=["mail"],
            granted_scopes=[p.scope for p in registry[provider].permissions],
        )
        folders = GMAIL_LABELS if provider == "google" else OUTLOOK_FOLDERS
        ids = ["mailbox"] if provider == "google" else [f.id for f in folders]
        collections = {
            i: Collection.objects.create(
                connection=connection,
                service=Service.MAIL,
                provider_id=i,
                name=i,
                phase="current",
                succeeded_at=timezone.now(),
            )
            for i in ids
        }
        account = Account(connection, collections)
        with transaction.atomic():
            account.store.containers(connection, folders)
        return account

    return make


@pytest.fixture
def gmail(ada: User, connect: Callable[..., Account]) -> Account:
    return connect(ada, "google", "ada@gmail.example")


@pytest.fixture
def outlook(ada: User, connect: Callable[..., Account]) -> Account:
    return connect(ada, "microsoft", "ada@outlook.example")


@pytest.fixture
def opened(
    browser: Browser, live_server: LiveServer, ada: User, gmail: Account, outlook: Account
) -> Iterator[SignedIn]:
    """Opens the demo inbox, signed in. Whatever a page complains of in the console fails the test."""
    from tests.mail.demo import fill  # here, because the demo is made with what stands above

    fill(gmail, outlook, timezone.now())
    with SignedIn(browser, live_server.url, ada) as pages:
        yield pages
