"""What a reader does to events. Each edit changes the rows here and puts one entry in the outbox, in one transaction:
the page shows it at once, the provider hears of it soon. Sending is left to the outbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from accounts.models import User
from calendars.models import Calendar, Event, Occurrence
from calendars.moves import moment_text
from calendars.store import edits
from integrations.models import Change
from integrations.models.change import ChangeState
from integrations.outbox import queue
from integrations.records import Answer, EventKind, Operation, Service

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Instance:
    """One time of a series that can be changed without the others. ``start`` is its original one."""

    id: str
    series_id: str
    start: str


def instance_of(series: Event, at: datetime) -> Instance | None:
    """One of a series' times; None where the provider has not told by what name it knows it. One query."""
    listed = Occurrence.objects.filter(calendar=series.calendar_id, series_id=series.provider_id, generation__gt=0)
    row = listed.filter(starts_at=at).first()
    start = at.date() if series.all_day else at
    named = series.calendar.connection.provider_spec.instance_id
    known = row.provider_id if row else named(series.provider_id, start) if named else ""
    return Instance(known, series.provider_id, moment_text(start)) if known else None


@transaction.atomic
def create(calendar: Calendar, fields: Fields, *, notify: bool) -> Event:
    """A new event in a calendar."""
    target = uuid4().hex
    _enqueue(calendar, Operation.EVENT_CREATE, target, {"fields": fields, "notify": notify})
    return Event.objects.select_related("calendar__connection").get(calendar=calendar, provider_id=target)


@transaction.atomic
def update(event: Event, fields: Fields, was: Fields, *, instance: Instance | None, notify: bool) -> Change | None:
    """Change the fields that differ from ``was``, what the editor saw; of one instance if given. None: none differs."""
    changed = {name: value for name, value in fields.items() if value != was.get(name)}
    if not changed:
        return None
    _lock(event)
    refused = _changes(event).filter(operation=Operation.EVENT_CREATE, state=ChangeState.REFUSED).first()
    if refused is not None and instance is None:
        # Nothing is there yet that could be changed: it is made as it is wanted now.
        refused.payload["fields"] |= changed
        refused.save(update_fields=["payload"])
        Event.objects.filter(pk=event.pk).delete()
        queue.retry(refused)
        return refused
    payload = {"fields": changed, "was": {name: was.get(name) for name in changed}, "notify": notify}
    return _enqueue_for(event, Operation.EVENT_UPDATE, payload, instance)


@transaction.atomic
def delete(event: Event, *, instance: Instance | None, notify: bool) -> None:
    """Delete an event here and there; one whose creation has not been sent is simply forgotten."""
    _lock(event)
    mine = _changes(event)
    unsent = mine.filter(operation=Operation.EVENT_CREATE, state__in=(ChangeState.WAITING, ChangeState.REFUSED)).first()
    if unsent is not None and instance is None:
        unsent.delete()
        edits.take_off(unsent)
        return
    _enqueue_for(event, Operation.EVENT_DELETE, {"notify": notify}, instance)


@transaction.atomic
def answer(event: Event, said: Answer) -> None:
    """Answer an invitation; of a series, for all of it."""
    _lock(event)
    if event.my_answer != said:
        _enqueue_for(event, Operation.EVENT_ANSWER, {"answer": said.value, "notify": True}, None)


@transaction.atomic
def undo(user: User, number: int) -> bool:
    """Take a change of an event back: one still waiting is withdrawn, one sent is answered with its inverse."""
    mine = Change.objects.filter(
        connection__user=user, service=Service.CALENDAR, operation=Operation.EVENT_UPDATE, number=number
    )
    change = mine.select_related("connection").first()
    if change is None:
        return False
    if queue.withdraw(change):
        return True
    if change.state == ChangeState.REFUSED:
        queue.discard(change)
        return True
    payload = {**change.payload, "fields": change.payload["was"], "was": change.payload["fields"]}
    calendar = Calendar.objects.filter(connection=change.connection, provider_id=change.collection_id).first()
    if calendar is None:
        return False
    _enqueue(calendar, Operation.EVENT_UPDATE, change.target_id, payload)
    return True


def settle_refused(user: User, change_id: UUID, *, again: bool) -> None:
    """Try a refused edit again, or give it up. Raises ``Http404`` where it is not the user's or not refused."""
    refused = Change.objects.filter(
        connection__user=user, service=Service.CALENDAR, state=ChangeState.REFUSED, id=change_id
    )
    change = refused.select_related("connection").first()
    if change is None:
        raise Http404
    (queue.retry if again else queue.discard)(change)


def _lock(event: Event) -> None:
    """Read an event anew: a sync or the outbox may have written the row since, and given it its lasting id.

    Raises ``Http404`` for one that is gone meanwhile.
    """
    rows = Event.objects.select_for_update(of=("self",), no_key=True).select_related("calendar__connection")
    try:
        event.refresh_from_db(from_queryset=rows)
    except Event.DoesNotExist:
        raise Http404 from None


def _changes(event: Event) -> QuerySet[Change]:
    return Change.objects.filter(
        connection=event.calendar.connection,
        service=Service.CALENDAR,
        collection_id=event.calendar.provider_id,
        target_id=event.provider_id,
    )


def _enqueue_for(event: Event, operation: Operation, payload: Fields, instance: Instance | None) -> Change:
    target = event.provider_id
    if instance is not None:
        target = instance.id
        payload |= {"series": instance.series_id, "instance": instance.start}
    elif event.kind == EventKind.EXCEPTION and event.original_start:
        # The provider may not know it as one yet; if it was changed here only, it is made anew from its series.
        start = event.original_start.date() if event.all_day else event.original_start
        payload |= {"series": event.series_id, "instance": moment_text(start)}
    return _enqueue(event.calendar, operation, target, payload)


def _enqueue(calendar: Calendar, operation: Operation, target: str, payload: Fields) -> Change:
    change = queue.enqueue(calendar.connection, Service.CALENDAR, operation, target, payload, calendar.provider_id)
    waiting = calendar.connection.changes.filter(service=Service.CALENDAR, target_id=target, state__in=edits.UNSETTLED)
    edits.lay(calendar.connection, list(waiting))
    return change
