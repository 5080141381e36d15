"""An event with its attendees, and the calendar that holds it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime

from integrations.records.common import NOBODY, Address


@dataclass(frozen=True, slots=True)
class CalendarRecord:
    """One calendar of an account. ``colour`` is the vendor's own (``#rrggbb`` or empty)."""

    id: str
    name: str
    time_zone: str = "UTC"
    colour: str = ""
    primary: bool = False
    writable: bool = False
    selected: bool = True
    description: str = ""


class EventKind(enum.StrEnum):
    """A single event, a series' master, a changed instance, or an unchanged instance as a provider listed it."""

    SINGLE = "single"
    MASTER = "master"
    EXCEPTION = "exception"
    OCCURRENCE = "occurrence"


class Answer(enum.StrEnum):
    """An attendee's answer to an invitation."""

    NONE = "none"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    ORGANIZER = "organizer"


class Showing(enum.StrEnum):
    """How an event shows in free/busy."""

    BUSY = "busy"
    FREE = "free"
    TENTATIVE = "tentative"
    OUT_OF_OFFICE = "out_of_office"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class AttendeeRecord:
    email: str
    name: str = ""
    answer: Answer = Answer.NONE
    optional: bool = False
    resource: bool = False
    organizer: bool = False
    me: bool = False


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event, master, exception or occurrence.

    ``start``/``end`` are UTC instants, or dates for an all-day event (``end`` exclusive). ``time_zone`` is the IANA
    zone
    in which it was made and in which a series repeats; ``raw_time_zone`` is what the vendor said. ``recurrence`` holds
    RFC 5545 lines (``RRULE:…``, ``EXDATE…``) of a master. ``series_id`` and ``original_start`` tie an exception or an
    occurrence to its master. ``cancelled`` on an exception hides that instance for the life of the series.
    ``lists_occurrences`` on a master: the provider sends the instances of the synced window itself.
    ``raw_recurrence`` is the vendor's own form, for writing back. ``former_ids`` are ids that the event had before,
    such as the temporary one of an edit that made it.
    """

    id: str
    kind: EventKind
    start: datetime | date
    end: datetime | date
    title: str = ""
    time_zone: str = "UTC"
    raw_time_zone: str = ""
    series_id: str = ""
    original_start: datetime | date | None = None
    cancelled: bool = False
    recurrence: tuple[str, ...] = ()
    raw_recurrence: str = ""
    lists_occurrences: bool = False
    ical_uid: str = ""
    description: str = ""
    description_is_html: bool = False
    location: str = ""
    meeting_url: str = ""
    web_url: str = ""
    organizer: Address = NOBODY
    attendees: tuple[AttendeeRecord, ...] = ()
    my_answer: Answer = Answer.NONE
    showing: Showing = Showing.BUSY
    private: bool = False
    colour: str = ""
    reminders: tuple[int, ...] = ()
    updated: datetime | None = None
    etag: str = ""
    former_ids: frozenset[str] = frozenset()

    @property
    def all_day(self) -> bool:
        return not isinstance(self.start, datetime)
