"""One event whole, at one of the times it takes place, and where else it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404

from accounts.models import User
from calendars.models import Calendar, Event
from calendars.store.occurrences import of_series
from integrations.models.connection import State
from integrations.records import Answer, EventKind


@dataclass(frozen=True, slots=True)
class Found:
    """An event at one of its times. ``series`` is the master of what is part of one, itself included."""

    event: Event
    series: Event | None
    starts_at: datetime
    ends_at: datetime
    calendars: tuple[Calendar, ...]

    @property
    def editable(self) -> bool:
        """Whether its owner may change it: what others invited them to can only be answered."""
        mine = self.event.my_answer in (Answer.ORGANIZER, Answer.NONE) and not self.event.asked
        return mine and self.event.calendar.writable

    @property
    def invited(self) -> bool:
        """Whether its owner is asked to come, and may answer."""
        guest = any(a.get("me") and not a.get("organizer") for a in self.event.attendees)
        return guest and self.event.calendar.writable


def own_event(user: User, event_id: int) -> Event:
    """The user's event of that id, with its calendar and connection. Raises ``Http404``."""
    events = Event.objects.select_related("calendar__connection").filter(calendar__connection__user=user)
    shown = events.exclude(calendar__connection__state=State.DISCONNECTING)
    event = shown.filter(pk=event_id, cancelled=False, leaving=False).first()
    if event is None:
        raise Http404
    return event


def found_event(user: User, event_id: int, at: datetime | None) -> Found:
    """Four queries at most. ``at``: one of a series' times; otherwise it is its first. Raises ``Http404``."""
    event = own_event(user, event_id)
    series: Event | None = event if event.kind == EventKind.MASTER else None
    if event.kind == EventKind.EXCEPTION:
        series = Event.objects.filter(calendar=event.calendar_id, provider_id=event.series_id).first()
    starts_at = at if at and event.kind == EventKind.MASTER and _takes_place(event, at) else event.starts_at
    return Found(event, series, starts_at, starts_at + (event.ends_at - event.starts_at), _calendars(user, event))


def _takes_place(master: Event, at: datetime) -> bool:
    listed = master.lists_occurrences and master.occurrences.filter(starts_at=at).exists()
    return listed or any(starts_at == at for starts_at, _ in of_series(master, set(), at, at + timedelta(seconds=1)))


def _calendars(user: User, event: Event) -> tuple[Calendar, ...]:
    """Every calendar of the user in which the event stands, its own first."""
    if not event.ical_uid:
        return (event.calendar,)
    same = Calendar.objects.filter(connection__user=user, events__ical_uid=event.ical_uid, events__cancelled=False)
    others = same.exclude(pk=event.calendar_id).exclude(connection__state=State.DISCONNECTING)
    return (event.calendar, *others.select_related("connection").distinct().order_by("pk"))
