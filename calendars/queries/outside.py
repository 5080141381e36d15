"""What series add outside of the stored time, expanded when somebody looks there; usually nothing, without a query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from calendars.models import Calendar, Event
from calendars.store.occurrences import of_series, originals
from integrations.records import EventKind

_DAY = timedelta(days=1)
# What a list of times does not show.
_HEAVY = ("description", "attendees", "reminders", "raw_recurrence")


def in_stored_time(calendar: Calendar, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether an occurrence touches its calendar's stored time, so that a row for it exists."""
    low, high = calendar.stored_from, calendar.stored_until
    return low is not None and high is not None and starts_at < high and (ends_at > low or starts_at >= low)


def computed(
    calendars: Iterable[Calendar], since: datetime, until: datetime
) -> Iterator[tuple[Calendar, Event, datetime, datetime]]:
    """The unchanged occurrences between two instants (UTC, a day widened) that are not stored. At most two queries."""
    since, until = since - _DAY, until + _DAY
    reaching = {c.pk: c for c in calendars if _reaches_out(c, since, until)}
    if not reaching:
        return
    masters = list(
        Event.objects.defer(*_HEAVY)
        .filter(calendar__in=reaching, kind=EventKind.MASTER, cancelled=False, leaving=False, starts_at__lt=until)
        .filter(Q(over_at=None) | Q(over_at__gte=since))
    )
    taken = originals(reaching)
    for master in masters:
        calendar = reaching[master.calendar_id]
        for pair in of_series(master, taken[master.calendar_id, master.provider_id], since, until):
            if not in_stored_time(calendar, *pair):
                yield calendar, master, *pair


def _reaches_out(calendar: Calendar, since: datetime, until: datetime) -> bool:
    low, high = calendar.stored_from, calendar.stored_until
    return low is not None and high is not None and (since < low or until > high)
