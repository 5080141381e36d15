"""What a service's client may be able to do beyond the contract in ``base``; the engine asks with ``isinstance``.

Without an ability the engine does without: it syncs instead of polling, only asks instead of being told, and compares
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from integrations.records import ChannelRecord, Notice, Record, Service


@runtime_checkable
class Polls(Protocol):
    """A client that can ask about several collections at once, cheaply."""

    def poll(self, cursors: Mapping[str, str]) -> frozenset[str]:
        """Which of these collections, by id with their cursors, are to be synced.

        One that the provider answered for with an error counts too: its sync learns what that means.
        """
        ...


@runtime_checkable
class Reads(Protocol):
    """A client that can read single items of a collection as they are now."""

    def read(self, collection_id: str, ids: Sequence[str]) -> tuple[tuple[Record, ...], tuple[str, ...]]:
        """The items, and the ids of those that are gone."""
        ...


@runtime_checkable
class Lists(Protocol):
    """A client that can name all that a collection holds, cheaply, so that what never came here is found as well."""

    def ids(self, collection_id: str) -> Iterator[str]:
        """The ids of everything in the collection now, in any order."""
        ...


@runtime_checkable
class Portrays(Protocol):
    """A client that can bring the photos of people."""

    def photo(self, contact_id: str, key: str, max_bytes: int) -> bytes:
        """The photo that the person's record gave this key for, whatever it turns out to hold.

        Raises ``NotFound`` where there is none, ``PermanentFailure`` for one that is larger.
        """
        ...


@runtime_checkable
class Pushes(Protocol):
    """A client whose provider can tell of changes by itself."""

    def watch(self, collection_id: str, channel: ChannelRecord, secret: str, address: str) -> ChannelRecord:
        """Open a channel for a collection, or renew ``channel`` where it has a provider's id and the vendor can.

        What is told goes to ``address`` and carries ``secret``. Raises ``PermanentFailure`` for what has no channels.
        """
        ...

    def unwatch(self, channel: ChannelRecord) -> None:
        """Close a channel. Raises ``NotFound`` for one that has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Knock:
    """A request at our door that claims to be a provider's. Header names are in lower case."""

    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    address: str
    endpoints: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer a knock, and what it told. A notice by channel is believed only with that channel's secret."""

    status: int = 204
    text: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a provider had kept for us; by the receipts it is told that it arrived."""

    notices: tuple[Notice, ...] = ()
    receipts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """What fetching needs: the app's endpoints, and the key that it was given, if any."""

    endpoints: Mapping[str, str]
    key: str = field(default="", repr=False)


class KeepsForUs(Protocol):
    """A provider that keeps what it has to tell until it is fetched, for some of its services."""

    @property
    def services(self) -> frozenset[Service]: ...

    def configured(self, endpoints: Mapping[str, str]) -> bool:
        """Whether an app with these endpoints has somewhere to fetch from."""
        ...

    def take(self, subscription: Subscription) -> Taken:
        """What waits now, each once. Without a receipt it comes again. Raises ``integrations.errors``."""
        ...

    def acknowledge(self, subscription: Subscription, receipts: Sequence[str]) -> None:
        """It arrived and need not come again."""
        ...
