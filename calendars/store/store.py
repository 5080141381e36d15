"""The calendar store, as the sync engine knows it (``integrations.sync.stores.Store``).

Events are upserted by the provider's id, never one by one; the occurrences of whatever was touched follow from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q

from calendars.models import Calendar, Event, Occurrence
from calendars.store import comparing, edits, occurrences
from calendars.store.rows import KEPT, clean, event_row
from integrations.models import Change, Collection, Connection
from integrations.records import (
    CalendarRecord,
    Container,
    EventKind,
    EventRecord,
    Operation,
    Page,
    Record,
    Service,
)

BATCH = 500


class CalendarStore:
    """Every method but ``purge`` runs inside the caller's transaction."""

    def containers(self, connection: Connection, records: Sequence[Container]) -> None:
        """Make the connection's calendars be exactly these; its owner's switches stay."""
        calendars = [r for r in records if isinstance(r, CalendarRecord)]
        Calendar.objects.filter(connection=connection).exclude(provider_id__in=[c.id for c in calendars]).delete()
        Calendar.objects.bulk_create(
            [
                Calendar(
                    connection=connection,
                    provider_id=record.id,
                    name=clean(record.name, 255),
                    description=clean(record.description),
                    time_zone=record.time_zone[:64] or "UTC",
                    colour=record.colour[:9],
                    primary=record.primary,
                    writable=record.writable,
                    shown=record.selected,
                )
                for record in calendars
            ],
            update_conflicts=True,
            unique_fields=["connection", "provider_id"],
            update_fields=["name", "description", "time_zone", "colour", "primary", "writable"],
        )

    def apply(self, collection: Collection, page: Page[Record]) -> None:
        """Upsert a page and drop what it removes; twice is as once."""
        calendar = _calendar(collection)
        if calendar is None:
            return
        records = [r for r in page.changed if isinstance(r, EventRecord)]
        self._take(calendar, records, collection.generation)
        if page.removed:
            self._remove(calendar, page.removed)

    def finish_walk(self, collection: Collection) -> int:
        """Drop what a completed full walk did not mention."""
        calendar = _calendar(collection)
        if calendar is None:
            return 0
        old = Q(calendar=calendar, generation__lt=collection.generation)
        gone = Event.objects.filter(old, ours=False)
        series = set(gone.exclude(series_id="").values_list("series_id", flat=True))
        count: int = gone.delete()[1].get("calendars.Event", 0)
        Occurrence.objects.filter(old, generation__gt=0).delete()
        occurrences.follow(calendar, series)
        return count

    def confirm(self, connection: Connection, records: Iterable[Record]) -> None:
        """Take over what a provider answered to an edit."""
        for record in records:
            calendar = edits.adopt(connection, record) if isinstance(record, EventRecord) else None
            if calendar is not None and isinstance(record, EventRecord):
                mine = connection.collections.filter(service=Service.CALENDAR, provider_id=calendar.provider_id)
                # A walk that is under way may have passed the place where a new event stands.
                self._take(calendar, [record], max(mine.values_list("generation", flat=True), default=1))

    def overlay(self, connection: Connection, changes: Sequence[Change]) -> None:
        """Put edits that are on their way back on top of what was just stored."""
        edits.lay(connection, [change for change in changes if change.service == Service.CALENDAR])

    def revert(self, change: Change) -> None:
        """Show an event without a refused edit; one that the provider does not know is gone."""
        edits.take_off(change)

    def refused(self, change: Change) -> None:
        """Show what the provider says; an event that it does not know stays, to be tried again or given up."""
        if change.operation != Operation.EVENT_CREATE:
            edits.take_off(change)

    def rebased(self, change: Change) -> dict[str, object]:
        """Over what the provider says now."""
        return edits.rebased(change)

    def counts_of_user(self, user_id: UUID) -> dict[tuple[UUID, str], int]:
        """Singles, masters and exceptions per calendar of all of a user's connections."""
        rows = Event.objects.filter(calendar__connection__user_id=user_id, cancelled=False, leaving=False, ours=False)
        counted = rows.values_list("calendar__connection_id", "calendar__provider_id").annotate(n=Count("id"))
        return {(connection, calendar): n for connection, calendar, n in counted}

    def count(self, collection: Collection) -> int:
        """Singles, masters and exceptions of a calendar."""
        rows = Event.objects.filter(cancelled=False, leaving=False, ours=False)
        of = {"connection_id": collection.connection_id, "provider_id": collection.provider_id}
        return rows.filter(**{f"calendar__{name}": value for name, value in of.items()}).count()

    def sample(self, collection: Collection, count: int) -> list[str]:
        """See ``Comparable``."""
        return comparing.sample(collection, count)

    def fingerprints(self, collection: Collection, ids: Sequence[str]) -> dict[str, tuple[object, ...]]:
        """See ``Comparable``."""
        return comparing.fingerprints(collection, ids)

    def purge(self, connection: Connection, limit: int) -> bool:
        """Delete at most ``limit`` events, then the calendars; False when nothing is left."""
        with transaction.atomic():
            ids = list(Event.objects.filter(calendar__connection=connection).values_list("pk", flat=True)[:limit])
            if ids:
                Event.objects.filter(pk__in=ids).delete()
                return True
            Calendar.objects.filter(connection=connection).delete()
            return False

    def _take(self, calendar: Calendar, records: list[EventRecord], generation: int) -> None:
        listed = [r for r in records if r.kind == EventKind.OCCURRENCE]
        if listed:
            # An instance that is changed here is an exception already, which the provider will hear of.
            ours = Event.objects.filter(calendar=calendar, kind=EventKind.EXCEPTION, ours=True)
            held = set(ours.values_list("provider_id", flat=True))
            listed = [r for r in listed if r.id not in held]
        whole = {r.id: r for r in records if r.kind != EventKind.OCCURRENCE}
        # An exception that became an ordinary occurrence again is no event any more.
        Event.objects.filter(
            calendar=calendar, provider_id__in=[r.id for r in listed], kind=EventKind.EXCEPTION
        ).delete()
        occurrences.take_over(calendar, listed, generation)
        occurrences.drop_listed(calendar, list(whole))
        Event.objects.bulk_create(
            [event_row(calendar, record, generation) for record in whole.values()],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["calendar", "provider_id"],
            update_fields=list(KEPT),
        )
        series = {r.series_id for r in whole.values() if r.series_id}
        occurrences.follow(calendar, set(whole) | series)

    def _remove(self, calendar: Calendar, removed: Sequence[str]) -> None:
        ids = list(removed)
        gone = Event.objects.filter(calendar=calendar, provider_id__in=ids)
        series = set(gone.exclude(series_id="").values_list("series_id", flat=True))
        # A master takes its exceptions and listed occurrences along. The gaps that the provider told of stay, and show
        # nowhere: should the series come back, they are not told again.
        gap = Q(cancelled=True, ours=False, said={})
        of_series = Q(series_id__in=ids) & ~gap
        Event.objects.filter(calendar=calendar).filter(Q(provider_id__in=ids) | of_series).delete()
        Occurrence.objects.filter(calendar=calendar, series_id__in=ids).exclude(series_id="").delete()
        occurrences.drop_listed(calendar, ids)
        occurrences.follow(calendar, series)


def _calendar(collection: Collection) -> Calendar | None:
    """The calendar of a collection; None when it was removed meanwhile."""
    return Calendar.objects.filter(connection_id=collection.connection_id, provider_id=collection.provider_id).first()
