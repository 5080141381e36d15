"""What takes place between two instants, each event once, however many calendars it stands in.

Inside the stored time it comes from rows; outside of it series are expanded (``calendars.queries.outside``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.models import User
from calendars.models import Calendar, Occurrence
from calendars.queries.calendars import calendars_of
from calendars.queries.outside import computed, in_stored_time
from calendars.store.occurrences import LONG
from integrations.records import Answer, EventKind

_DAY = timedelta(days=1)
_OF_EVENT = (
    "pk",
    "title",
    "location",
    "meeting_url",
    "my_answer",
    "asked",
    "showing",
    "private",
    "kind",
    "ical_uid",
    "provider_id",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One time that an event takes place, as a calendar shows it. An all-day item's times are midnights in UTC.

    ``asked``: its owner is invited and has not answered. ``others`` names further calendars of the same person in
    which the same event stands.
    """

    calendar: Calendar
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    event_id: int
    title: str
    location: str
    meeting_url: str
    answer: str
    asked: bool
    showing: str
    private: bool
    repeats: bool
    ical_uid: str
    provider_id: str = ""
    others: tuple[str, ...] = ()

    @property
    def editable(self) -> bool:
        """Whether its owner may change it: what others invited them to can only be answered."""
        return self.calendar.writable and self.answer in (Answer.ORGANIZER, Answer.NONE) and not self.asked


def agenda(user: User, since: datetime, until: datetime) -> list[Item]:
    """What takes place between two instants on the calendars that the user shows, in order, each event once.

    All-day items belong to it by the dates that the two instants have in their own zone: give them in the reader's.
    """
    return agenda_of(calendars_of(user), since, until)


def agenda_of(calendars: Sequence[Calendar], since: datetime, until: datetime) -> list[Item]:
    """The same of calendars that are known already: one query, two more outside of the stored time."""
    shown = {c.pk: c for c in calendars if c.shown}
    if not shown:
        return []
    found = [*_stored(shown, since, until), *_computed(shown, since, until)]
    place = {pk: n for n, pk in enumerate(shown)}
    ordered = sorted(
        (i for i in found if _touches(i, since, until)),
        key=lambda i: (i.starts_at, not i.all_day, i.ends_at, i.title, place[i.calendar.pk], i.event_id),
    )
    return _once(ordered)


def _touches(item: Item, since: datetime, until: datetime) -> bool:
    """Whether an item belongs to a range; an all-day one by the dates that the range has where its reader is."""
    if item.all_day:
        first, last = since.date(), (until - timedelta(microseconds=1)).date()
        return item.starts_at.date() <= last and (item.ends_at.date() > first or item.starts_at.date() >= first)
    return item.starts_at < until and (item.ends_at > since or item.starts_at >= since)


def _stored(shown: dict[int, Calendar], since: datetime, until: datetime) -> Iterable[Item]:
    """From rows. Days are widened, because an all-day row's midnights are UTC's and not its reader's."""
    low, high = since - _DAY, until + _DAY
    recent = Q(starts_at__gte=low - LONG, starts_at__lt=high, long=False) & (Q(ends_at__gt=low) | Q(starts_at__gte=low))
    lasting = Q(long=True, ends_at__gt=low, starts_at__lt=high)
    rows = Occurrence.objects.filter(recent | lasting, calendar__in=shown, event__isnull=False, event__leaving=False)
    # While a series is being moved, what its provider lists is where it was.
    rows = rows.filter(Q(generation=0) | Q(event__lists_occurrences=True))
    fields = ("calendar_id", "starts_at", "ends_at", "all_day", "generation", *(f"event__{name}" for name in _OF_EVENT))
    for calendar_id, starts_at, ends_at, all_day, listed, *event in rows.values_list(*fields):
        calendar = shown[calendar_id]
        # A provider may list more than the stored time; there the series' rules count already.
        if not listed or in_stored_time(calendar, starts_at, ends_at):
            yield _item(calendar, starts_at, ends_at, all_day, *event)


def _computed(shown: dict[int, Calendar], since: datetime, until: datetime) -> Iterable[Item]:
    for calendar, master, starts_at, ends_at in computed(shown.values(), since.astimezone(UTC), until.astimezone(UTC)):
        event = [getattr(master, name) for name in _OF_EVENT]
        yield _item(calendar, starts_at, ends_at, master.all_day, *event)


def _item(calendar: Calendar, starts_at: datetime, ends_at: datetime, all_day: bool, *event: Any) -> Item:
    pk, title, location, meeting_url, answer, asked, showing, private, kind, ical_uid, provider_id = event
    single = kind == EventKind.SINGLE
    return Item(
        calendar,
        starts_at,
        ends_at,
        all_day,
        pk,
        title,
        location,
        meeting_url,
        answer,
        asked,
        showing,
        private,
        not single,
        ical_uid,
        provider_id,
    )


def _once(items: Iterable[Item]) -> list[Item]:
    """The same event on several calendars is one item that names them; the first of them in order stays."""
    same: dict[tuple[str, datetime, datetime], list[Item]] = defaultdict(list)
    for item in items:
        key = item.ical_uid or f"{item.calendar.pk}:{item.event_id}"
        same[key, item.starts_at, item.ends_at].append(item)
    return [_merged(group) for group in same.values()]


def _merged(group: list[Item]) -> Item:
    first = group[0]
    others = {i.calendar.pk: i.calendar for i in group if i.calendar.pk != first.calendar.pk}
    names = tuple(f"{c.connection.display_name} · {c.name}" for c in others.values())
    return replace(first, others=names) if names else first
