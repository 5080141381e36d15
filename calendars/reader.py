"""Stored calendars for the Python layer's unified side. Pages have queries of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from calendars.models import Calendar, Event
from calendars.queries.agenda import agenda_of
from calendars.queries.calendars import calendars_of
from integrations.layers.readers import Event as Item
from integrations.models import Connection
from integrations.records import EventKind


class CalendarReader:
    """A ``integrations.layers.readers.CalendarReader``."""

    def between(self, user: User, connections: Sequence[Connection], start: datetime, end: datetime) -> list[Item]:
        """Five queries at most."""
        wanted = {c.pk for c in connections}
        found = agenda_of([c for c in calendars_of(user) if c.connection_id in wanted], start, end)
        ids = dict(Event.objects.filter(pk__in={i.event_id for i in found}).values_list("pk", "provider_id"))
        return [
            _item(
                i.calendar,
                i.event_id,
                ids.get(i.event_id, ""),
                i.title,
                (i.starts_at, i.ends_at),
                all_day=i.all_day,
                location=i.location,
                meeting_url=i.meeting_url,
                my_answer=i.answer,
                repeats=i.repeats,
                also_in=i.others,
            )
            for i in found
        ]

    def search(self, user: User, connections: Sequence[Connection], text: str, limit: int) -> list[Item]:
        """Two queries: what is to come, the next first, then what is past, the latest first."""
        matching = Q(title__icontains=text) | Q(location__icontains=text) | Q(description__icontains=text)
        rows = Event.objects.filter(
            matching, calendar__connection__in=list(connections), cancelled=False, leaving=False
        )
        rows = rows.select_related("calendar__connection")
        now = timezone.now()
        found = list(rows.filter(starts_at__gte=now).order_by("starts_at", "pk")[:limit])
        found += rows.filter(starts_at__lt=now).order_by("-starts_at", "-pk")[: limit - len(found)]
        return [
            _item(
                e.calendar,
                e.pk,
                e.provider_id,
                e.title,
                (e.starts_at, e.ends_at),
                all_day=e.all_day,
                location=e.location,
                meeting_url=e.meeting_url,
                my_answer=e.my_answer,
                repeats=e.kind != EventKind.SINGLE,
                also_in=(),
            )
            for e in found
        ]


def _item(
    calendar: Calendar,
    event_id: int,
    provider_id: str,
    title: str,
    span: tuple[datetime, datetime],
    *,
    all_day: bool,
    location: str,
    meeting_url: str,
    my_answer: str,
    repeats: bool,
    also_in: tuple[str, ...],
) -> Item:
    """An all-day event's times are midnights in UTC here, and dates to a script."""
    start, end = (at.date() for at in span) if all_day else span
    connection = calendar.connection
    return Item(
        id=event_id,
        account=connection.email,
        provider=connection.provider,
        provider_id=provider_id,
        calendar=calendar.name,
        calendar_id=calendar.provider_id,
        title=title,
        start=start,
        end=end,
        all_day=all_day,
        location=location,
        meeting_url=meeting_url,
        my_answer=my_answer,
        repeats=repeats,
        also_in=also_in,
    )
