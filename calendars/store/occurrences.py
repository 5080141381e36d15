"""Which occurrences are stored: computed for series that we expand, taken over where the provider lists them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from calendars.models import Calendar, Event, Occurrence
from calendars.recurrence import at_least, excluded, expand, instant
from integrations.records import EventKind, EventRecord

LONG = timedelta(days=7)
# Not wider than the window for which a provider lists occurrences itself, or there would be a hole in between.
BACK, AHEAD = timedelta(days=180), timedelta(days=365)
BATCH = 500


def window() -> tuple[datetime, datetime]:
    """The time for which occurrences are stored, from now, whole days in UTC."""
    today = datetime.combine(timezone.now().date(), datetime.min.time(), UTC)
    return today - BACK, today + AHEAD


def _row(event: Event, starts_at: datetime, ends_at: datetime) -> Occurrence:
    return Occurrence(
        calendar_id=event.calendar_id,
        event=event,
        starts_at=starts_at,
        ends_at=ends_at,
        all_day=event.all_day,
        long=ends_at - starts_at > LONG,
    )


def rebuild(calendar: Calendar, events: Iterable[Event]) -> None:
    """Compute the stored occurrences of these events anew."""
    events = list(events)
    if calendar.stored_from is None or calendar.stored_until is None:
        calendar.stored_from, calendar.stored_until = window()
        calendar.save(update_fields=("stored_from", "stored_until"))
    masters = [e.provider_id for e in events if e.kind == EventKind.MASTER]
    taken = originals([calendar.pk], masters)
    listed = set(
        Occurrence.objects.filter(calendar=calendar, series_id__in=masters, generation__gt=0).values_list(
            "series_id", flat=True
        )
    )
    rows: list[Occurrence] = []
    for event in events:
        if event.kind == EventKind.MASTER:
            # What its provider will list is computed until it does.
            if not event.lists_occurrences or event.provider_id not in listed:
                pairs = of_series(
                    event, taken[calendar.pk, event.provider_id], calendar.stored_from, calendar.stored_until
                )
                rows.extend(_row(event, *pair) for pair in pairs)
        elif not event.cancelled:
            rows.append(_row(event, event.starts_at, event.ends_at))
    Occurrence.objects.filter(event__in=[e.pk for e in events], generation=0).delete()
    Occurrence.objects.bulk_create(rows, batch_size=BATCH)


def follow(calendar: Calendar, provider_ids: Iterable[str]) -> None:
    """Bring the occurrences of these events, and of the series they belong to, up to date."""
    ids = sorted(provider_ids)
    for at in range(0, len(ids), BATCH):
        events = list(Event.objects.filter(calendar=calendar, provider_id__in=ids[at : at + BATCH]))
        rebuild(calendar, events)
        listing = [e for e in events if e.kind == EventKind.MASTER and e.lists_occurrences]
        adopt(calendar, listing)
        drop_excluded(calendar, listing)


def originals(
    calendars: Iterable[int], series_ids: Sequence[str] | None = None
) -> dict[tuple[int, str], set[datetime]]:
    """The instants whose place an exception has taken, by calendar and series; of all series unless some are named."""
    taken: dict[tuple[int, str], set[datetime]] = defaultdict(set)
    exceptions = Event.objects.filter(calendar__in=calendars, kind=EventKind.EXCEPTION)
    if series_ids is not None:
        exceptions = exceptions.filter(series_id__in=series_ids)
    for calendar_id, series_id, original in exceptions.values_list("calendar_id", "series_id", "original_start"):
        if original is not None:
            taken[calendar_id, series_id].add(original)
    return taken


def of_series(master: Event, taken: set[datetime], since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The unchanged occurrences of a series that touch ``since`` to ``until``, computed from its rules."""
    pairs = expand(
        master.recurrence,
        master.starts_at,
        master.ends_at,
        zone=master.time_zone,
        all_day=master.all_day,
        since=since,
        until=until,
    )
    return [pair for pair in pairs if pair[0] not in taken]


def take_over(calendar: Calendar, records: list[EventRecord], generation: int) -> None:
    """Store occurrences that the provider lists; their master may come before or after them."""
    if not records:
        return
    masters = dict(
        Event.objects.filter(calendar=calendar, provider_id__in={r.series_id for r in records}).values_list(
            "provider_id", "pk"
        )
    )
    rows = []
    for record in {r.id: r for r in records}.values():
        starts_at = instant(record.start)
        ends_at = at_least(starts_at, instant(record.end))
        rows.append(
            Occurrence(
                calendar=calendar,
                event_id=masters.get(record.series_id),
                provider_id=record.id,
                series_id=record.series_id,
                starts_at=starts_at,
                ends_at=ends_at,
                all_day=record.all_day,
                long=ends_at - starts_at > LONG,
                generation=generation,
            )
        )
    drop_listed(calendar, [r.provider_id for r in rows])
    Occurrence.objects.filter(calendar=calendar, event__in=list(masters.values()), generation=0).delete()
    Occurrence.objects.bulk_create(rows, batch_size=BATCH)


def drop_listed(calendar: Calendar, provider_ids: list[str]) -> None:
    """Forget listed occurrences of these ids."""
    for at in range(0, len(provider_ids), BATCH):
        Occurrence.objects.filter(calendar=calendar, provider_id__in=provider_ids[at : at + BATCH]).exclude(
            provider_id=""
        ).delete()


def drop_excluded(calendar: Calendar, masters: Iterable[Event]) -> None:
    """Forget what the EXDATEs of series that the provider lists have cancelled: it is not named as removed."""
    for master in masters:
        gone = excluded(master.recurrence, master.starts_at, zone=master.time_zone, all_day=master.all_day)
        if not gone:
            continue
        # Of a long list few are here.
        its = {"calendar": calendar, "series_id": master.provider_id}
        listed = Occurrence.objects.filter(generation__gt=0, **its)
        _drop(listed, [pk for pk, at in listed.values_list("pk", "starts_at") if at in gone])
        changed = Event.objects.filter(kind=EventKind.EXCEPTION, **its)
        _drop(changed, [pk for pk, at in changed.values_list("pk", "original_start") if at in gone])


def _drop(rows: QuerySet[Any], keys: list[int]) -> None:
    for at in range(0, len(keys), BATCH):
        rows.filter(pk__in=keys[at : at + BATCH]).delete()


def adopt(calendar: Calendar, masters: list[Event]) -> None:
    """Tie listed occurrences that came before their master to it."""
    for master in masters:
        Occurrence.objects.filter(calendar=calendar, event=None, series_id=master.provider_id).update(event=master)
