"""What a discovery and a sync yield: containers, collections and pages of records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from integrations.records.calendars import CalendarRecord, EventRecord
from integrations.records.common import Service
from integrations.records.contacts import ContactGroupRecord, ContactRecord
from integrations.records.mail import FolderRecord, MailDelta, MailRecord

Container = FolderRecord | CalendarRecord | ContactGroupRecord


@dataclass(frozen=True, slots=True)
class CollectionRecord:
    """Something with a cursor of its own: a Gmail mailbox, an Outlook folder, one calendar, one contact list.

    ``priority`` orders the first sync, lowest first (the inbox before the archive). ``since``: mail that was received
    earlier is not wanted; None wants all of it.
    """

    service: Service
    id: str
    name: str
    priority: int = 100
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a service of a connection has now: all of its containers and all of its collections."""

    containers: tuple[Container, ...]
    collections: tuple[CollectionRecord, ...]


Record = MailRecord | MailDelta | EventRecord | ContactRecord
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page of a sync: what changed, what is gone, and the cursor that continues after it.

    ``cursor`` is what to store together with the page's rows; handed back to ``sync`` it continues after this page,
    within a walk or after it. ``complete`` marks the last page of a round: everything up to now has been said. ``full``
    says that the page belongs to a full walk (first sync or recovery), so that what a completed walk did not mention is
    gone. ``total`` is the provider's estimate of how many items the whole walk has, where it gives one.
    """

    cursor: str
    changed: tuple[R, ...] = ()
    removed: tuple[str, ...] = ()
    complete: bool = False
    full: bool = False
    total: int | None = None
