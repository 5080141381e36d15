"""The unified side's way to what is stored here: what it shows, and where domains register who reads it.

The layer never imports a domain; each domain's AppConfig calls ``register``, as with stores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, cast

from accounts.models import User
from integrations.errors import PermanentFailure
from integrations.models import Connection
from integrations.records import Address, Service


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is stored here. ``id`` is ours, ``provider_id`` the provider's."""

    id: int
    account: str
    provider: str
    provider_id: str
    thread_id: int
    date: datetime
    subject: str
    sender: Address
    to: tuple[Address, ...]
    snippet: str
    unread: bool
    starred: bool
    has_attachments: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One time that an event takes place. All-day events have dates, whose ``end`` is exclusive; others instants."""

    id: int
    account: str
    provider: str
    provider_id: str
    calendar: str
    calendar_id: str
    title: str
    start: datetime | date
    end: datetime | date
    all_day: bool
    location: str = ""
    meeting_url: str = ""
    my_answer: str = ""
    repeats: bool = False
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in an address book."""

    id: int
    account: str
    provider: str
    provider_id: str
    name: str
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    organization: str = ""
    job_title: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search over everything found."""

    messages: tuple[Message, ...] = field(default=())
    events: tuple[Event, ...] = field(default=())
    people: tuple[Person, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.messages) + len(self.events) + len(self.people)


class MailReader(Protocol):
    """Reads stored mail of the given connections, which are all of one user."""

    def inbox(self, connections: Sequence[Connection], *, unread: bool, limit: int) -> list[Message]:
        """The newest messages in their inboxes; only unread ones if so asked."""
        ...

    def search(self, connections: Sequence[Connection], text: str, limit: int) -> list[Message]:
        """The newest messages with that text in subject, sender or body."""
        ...

    def text(self, connections: Sequence[Connection], message_id: int) -> str:
        """A message's text; that of one with HTML alone is read out of it. Empty for an unknown message."""
        ...


class CalendarReader(Protocol):
    """Reads stored calendars."""

    def between(self, user: User, connections: Sequence[Connection], start: datetime, end: datetime) -> list[Event]:
        """What takes place between two instants, in order, each event once."""
        ...

    def search(self, user: User, connections: Sequence[Connection], text: str, limit: int) -> list[Event]:
        """Events with that text in title, place or description, the next ones first."""
        ...


class PeopleReader(Protocol):
    """Reads stored address books."""

    def people(self, connections: Sequence[Connection], text: str, limit: int) -> list[Person]:
        """People by name whose name, address, number or organisation holds the text; all for an empty one."""
        ...


_readers: dict[Service, object] = {}


def register(service: Service, reader: MailReader | CalendarReader | PeopleReader) -> None:
    """Called once per domain, from its AppConfig."""
    _readers[service] = reader


def mail() -> MailReader:
    """Raises ``PermanentFailure`` where no domain stores mail; the same with the other two."""
    return cast(MailReader, _reader(Service.MAIL))


def calendar() -> CalendarReader:
    return cast(CalendarReader, _reader(Service.CALENDAR))


def people() -> PeopleReader:
    return cast(PeopleReader, _reader(Service.CONTACTS))


def has(service: Service) -> bool:
    """Whether a domain stores what this service has."""
    return service in _readers


def _reader(service: Service) -> object:
    if service not in _readers:
        raise PermanentFailure(f"This OsMEN does not store {service.value}.", code="no_reader")
    return _readers[service]
