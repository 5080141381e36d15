"""What a world is made of before a vendor gets it: plain values that both vendors' loaders understand.

The built-in world, the corpus loader and the control API produce these; ``sandbox.google.load`` and
``sandbox.microsoft.load`` turn them into rows. Nothing here knows a vendor's format.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Box = Literal["inbox", "sent", "drafts", "archive", "trash", "spam"]
Reply = Literal["none", "accepted", "declined", "tentative", "organizer"]


@dataclass(frozen=True, slots=True)
class SeedMessage:
    """One message as RFC 5322 bytes, kept and given back byte for byte. ``received`` is aware, UTC.

    ``labels`` are names of user labels (Google) or of the user folder it is in (Microsoft: the first).
    """

    raw: bytes
    received: datetime
    box: Box = "inbox"
    unread: bool = False
    starred: bool = False
    important: bool = False
    labels: tuple[str, ...] = ()
    category: str = ""  # Gmail's tab: "promotions", "social", "updates", "forums" or ""


@dataclass(frozen=True, slots=True)
class SeedAttendee:
    email: str
    name: str = ""
    reply: Reply = "none"
    optional: bool = False
    resource: bool = False


@dataclass(frozen=True, slots=True)
class SeedEvent:
    """A single event, a series' master (``recurrence``), or an exception (``original_start`` and the master's ``uid``).

    ``start``/``end`` are wall-clock datetimes in ``time_zone`` (naive), or dates for all-day events (end exclusive).
    ``recurrence`` holds RFC 5545 property lines (RRULE, RDATE, EXDATE, EXRULE). ``cancelled`` on an exception is a
    deleted instance.
    """

    uid: str
    title: str
    start: datetime | date
    end: datetime | date
    time_zone: str = "UTC"
    calendar: str = ""  # a SeedCalendar's name; empty: the primary one
    recurrence: tuple[str, ...] = ()
    original_start: datetime | date | None = None
    cancelled: bool = False
    description: str = ""
    location: str = ""
    organizer: SeedAttendee | None = None  # None: the account itself, without guests
    attendees: tuple[SeedAttendee, ...] = ()
    meeting_url: str = ""
    showing: Literal["busy", "free", "tentative", "out_of_office", "elsewhere"] = "busy"
    private: bool = False
    colour: str = ""  # Google's colorId, or empty
    reminders: tuple[int, ...] = ()  # minutes before the start


@dataclass(frozen=True, slots=True)
class SeedCalendar:
    name: str
    time_zone: str = "UTC"
    colour: str = "#9fc6e7"
    writable: bool = True


@dataclass(frozen=True, slots=True)
class SeedContact:
    """One person. ``emails``, ``phones`` and ``addresses`` are (value, label) pairs."""

    name: str
    given_name: str = ""
    family_name: str = ""
    nickname: str = ""
    emails: tuple[tuple[str, str], ...] = ()
    phones: tuple[tuple[str, str], ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    organization: str = ""
    job_title: str = ""
    birthday: str = ""  # YYYY-MM-DD or --MM-DD
    notes: str = ""
    groups: tuple[str, ...] = ()
    photo: bytes = b""


@dataclass(frozen=True, slots=True)
class SeedAccount:
    """One account with all that is in it. The primary calendar is made by the loader and is not among ``calendars``."""

    provider: Literal["google", "microsoft"]
    email: str
    name: str
    subject: str
    tenant: str = ""
    time_zone: str = "UTC"
    labels: tuple[str, ...] = ()
    messages: tuple[SeedMessage, ...] = ()
    calendars: tuple[SeedCalendar, ...] = ()
    events: tuple[SeedEvent, ...] = ()
    contacts: tuple[SeedContact, ...] = ()


@dataclass(slots=True)
class LeftOut:
    """What a loader could not take, and why; listed for whoever asks."""

    entries: list[tuple[str, str]] = field(default_factory=list)

    def add(self, what: str, why: str) -> None:
        self.entries.append((what, why))
