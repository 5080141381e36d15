"""What the engine needs of a domain: the contract of a store, and the place where domains register theirs.

The engine never imports a domain; each domain's AppConfig calls ``register``. A store turns records into rows and knows
nothing of leases, schedules, tokens or HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable
from uuid import UUID

from integrations.models import Change, Collection, Connection
from integrations.records import Container, Page, Record, Service


class Store(Protocol):
    """A domain's way in. Every method but ``purge`` runs inside the caller's transaction."""

    def containers(self, connection: Connection, records: Sequence[Container]) -> None:
        """Make the folders, calendars or groups of a connection be exactly these."""
        ...

    def apply(self, collection: Collection, page: Page[Record]) -> None:
        """Upsert a page and drop what it removes. Applying a page twice must end as applying it once.

        On pages of a full walk rows remember ``collection.generation``, for ``finish_walk``.
        """
        ...

    def finish_walk(self, collection: Collection) -> int:
        """A full walk is complete: drop what it did not mention. Answers how many items went."""
        ...

    def confirm(self, connection: Connection, records: Iterable[Record]) -> None:
        """Take over what a provider answered to a change."""
        ...

    def overlay(self, connection: Connection, changes: Sequence[Change]) -> None:
        """Put edits that are still on their way back on top of what was just stored, oldest first."""
        ...

    def revert(self, change: Change) -> None:
        """An edit was refused and discarded: show the provider's state again."""
        ...

    def counts_of_user(self, user_id: UUID) -> dict[tuple[UUID, str], int]:
        """How many items each collection of a user has, by connection and the collection's provider id."""
        ...

    def count(self, collection: Collection) -> int:
        """How many items one collection has here."""
        ...

    def purge(self, connection: Connection, limit: int) -> bool:
        """Delete at most ``limit`` items of a connection in a transaction of its own; False when nothing is left."""
        ...


@runtime_checkable
class Comparable(Protocol):
    """A store that can say in short what it has, to be compared with what a provider says."""

    def sample(self, collection: Collection, count: int) -> list[str]:
        """Ids of at most so many items of a collection, by chance."""
        ...

    def fingerprints(self, collection: Collection, ids: Sequence[str]) -> dict[str, tuple[object, ...]]:
        """What these items say, as far as a provider settles it; those that are not here are left out."""
        ...


@runtime_checkable
class KeepsBoth(Protocol):
    """A store that keeps what a provider says beside what edits make of it."""

    def refused(self, change: Change) -> None:
        """An edit was refused: show what the provider says, until the editor settles it."""
        ...

    def rebased(self, change: Change) -> dict[str, object]:
        """The payload of a refused edit that is to go over what is there now."""
        ...


@runtime_checkable
class Misses(Protocol):
    """A store that hides what left a collection while it may be in another one, until its provider says which."""

    def missing(self, collection: Collection, most: int) -> list[str]:
        """Ids of at most so many hidden items of the collection's connection."""
        ...

    def settle(self, connection: Connection, found: Sequence[Record], gone: Sequence[str]) -> None:
        """Show what the provider has elsewhere, and drop what it has not, as far as it is hidden still."""
        ...


_stores: dict[Service, Store] = {}


def register(service: Service, store: Store) -> None:
    """Called once per domain, from its AppConfig."""
    _stores[service] = store


def store_for(service: Service) -> Store:
    """Raises ``KeyError`` where no domain handles the service."""
    return _stores[service]


def registered() -> frozenset[Service]:
    """The services that a domain handles."""
    return frozenset(_stores)
