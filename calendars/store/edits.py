"""Edits of events on top of what their provider says, and off again.

A row that an edit changes keeps what the provider said in ``said``, so that every edit can be laid on anew after a sync
and taken off without a trace. What an edit is made of is stated in ``records.Operation``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from calendars.models import Calendar, Event, Occurrence
from calendars.recurrence import at_least, instant, over_at
from calendars.store import occurrences
from integrations.models import Change, Connection
from integrations.models.change import ChangeState
from integrations.records import Answer, EventKind, EventRecord, Operation, Service

UNSETTLED = (ChangeState.WAITING, ChangeState.SENDING)
# What an edit may change of a row.
CHANGED = (
    *("kind", "cancelled", "starts_at", "ends_at", "all_day", "time_zone", "raw_time_zone", "recurrence", "over_at"),
    *("lists_occurrences", "title", "description", "description_is_html", "location", "attendees", "asked"),
    *("my_answer", "showing", "private", "reminders"),
)
_TIMES = ("starts_at", "ends_at", "over_at")
_PLAIN = ("title", "location", "showing", "private", "reminders")
# What an instance has from its series when it is first changed.
_INHERITED = (
    *("all_day", "time_zone", "raw_time_zone", "title", "description", "description_is_html", "location"),
    *("meeting_url", "organizer_email", "organizer_name", "attendees", "asked", "my_answer", "showing", "private"),
    *("colour", "reminders", "ical_uid", "generation"),
)


def fields_of(event: Event) -> dict[str, Any]:
    """What an event says, by the names and in the forms of an edit's payload."""
    starts, ends = (at.astimezone(UTC) for at in (event.starts_at, event.ends_at))
    return {
        "title": event.title,
        "description": event.description,
        "location": event.location,
        "start": starts.date().isoformat() if event.all_day else starts.isoformat(),
        "end": ends.date().isoformat() if event.all_day else ends.isoformat(),
        "time_zone": event.time_zone,
        "recurrence": event.recurrence,
        "attendees": [a["email"] for a in event.attendees],
        "reminders": event.reminders,
        "showing": event.showing,
        "private": event.private,
    }


def lay(connection: Connection, changes: Sequence[Change]) -> None:
    """Lay the edits, all that are on their way and oldest first, on top of what the events' provider says."""
    by_target: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        by_target.setdefault((change.collection_id, change.target_id), []).append(change)
    calendars = {c.provider_id: c for c in Calendar.objects.filter(connection=connection)} if by_target else {}
    for (calendar_id, target), mine in by_target.items():
        if calendar_id in calendars:
            _show(calendars[calendar_id], target, mine)


def take_off(change: Change) -> None:
    """Show an event without this edit, which is settled or gone by now; with those that are still on their way."""
    calendar = Calendar.objects.filter(connection=change.connection, provider_id=change.collection_id).first()
    if calendar is None:
        return
    mine = change.connection.changes.filter(
        service=Service.CALENDAR, collection_id=change.collection_id, target_id=change.target_id
    ).exclude(pk=change.pk)
    if change.operation == Operation.EVENT_CREATE:
        mine.exclude(state=ChangeState.DONE).delete()
        Event.objects.filter(calendar=calendar, provider_id=change.target_id, ours=True).delete()
        return
    _show(calendar, change.target_id, list(mine.filter(state__in=UNSETTLED).order_by("number")))


def rebased(change: Change) -> dict[str, object]:
    """The payload of a refused edit, to go over what the provider says now."""
    row = Event.objects.filter(
        calendar__connection=change.connection,
        calendar__provider_id=change.collection_id,
        provider_id=change.target_id,
    ).first()
    was = change.payload.get("was")
    if row is None or not isinstance(was, dict):
        return dict(change.payload)
    _restore(row)
    there = fields_of(row)
    return {**change.payload, "was": {name: there[name] for name in was if name in there}}


def adopt(connection: Connection, record: EventRecord) -> Calendar | None:
    """The calendar of an event that a provider answered with, which has its lasting id from now on.

    None where it went meanwhile. The row that pages show stays; what came under the lasting id meanwhile gives way.
    """
    rows = Event.objects.filter(calendar__connection=connection).select_related("calendar")
    old = rows.filter(provider_id__in=record.former_ids).first() if record.former_ids else None
    if old is None:
        found = rows.filter(provider_id=record.id).first()
        if found is not None and found.said and _moved(found, record):
            # Where it was listed it does not take place any more; where it does is computed until it is listed.
            listed = Occurrence.objects.filter(calendar=found.calendar_id, series_id=record.id, generation__gt=0)
            listed.delete()
        return found.calendar if found else None
    Event.objects.filter(calendar=old.calendar_id, provider_id=record.id).delete()
    Event.objects.filter(pk=old.pk).update(provider_id=record.id)
    waiting = connection.changes.filter(service=Service.CALENDAR, target_id__in=record.former_ids)
    waiting.filter(state__in=(ChangeState.WAITING, ChangeState.REFUSED)).update(target_id=record.id)
    return old.calendar


def _moved(row: Event, record: EventRecord) -> bool:
    said = row.said
    then = (said["starts_at"], said["ends_at"], said["recurrence"])
    return then != (_text(instant(record.start)), _text(instant(record.end)), list(record.recurrence))


def _show(calendar: Calendar, target: str, changes: Sequence[Change]) -> None:
    """Make a row say what its provider said with these edits on top."""
    # What another transaction is writing into the row is waited for: all of the row is written below.
    row = Event.objects.select_for_update(no_key=True).filter(calendar=calendar, provider_id=target).first()
    if row is None:
        row = _made(calendar, target, changes[0]) if changes else None
        if row is None:
            return
    _restore(row)
    if not changes and row.ours and row.kind == EventKind.EXCEPTION:
        _forget_instance(row)
        return
    said = {name: _text(getattr(row, name)) for name in CHANGED}
    for change in changes:
        _apply(row, change)
    row.said = said if changes else {}
    row.save()
    if row.kind == EventKind.MASTER:
        Event.objects.filter(calendar=calendar, series_id=target).update(leaving=row.leaving)
    occurrences.follow(calendar, {row.provider_id, row.series_id} - {""})


def _apply(row: Event, change: Change) -> None:
    payload = change.payload
    if change.operation == Operation.EVENT_DELETE:
        if row.kind == EventKind.EXCEPTION:
            row.cancelled = True
        else:
            row.leaving = True
    elif change.operation == Operation.EVENT_ANSWER:
        row.my_answer, row.asked = str(payload.get("answer")), False
        row.attendees = [{**a, "answer": row.my_answer} if a.get("me") else a for a in row.attendees]
    elif change.operation == Operation.EVENT_UPDATE or row.ours:
        fields = payload.get("fields")
        _fill(row, fields if isinstance(fields, dict) else {})


def _fill(row: Event, fields: Mapping[str, Any]) -> None:
    for name in _PLAIN:
        if name in fields:
            setattr(row, name, fields[name])
    if "description" in fields:
        row.description, row.description_is_html = fields["description"], False
    if "attendees" in fields:
        known = {str(a["email"]).casefold(): a for a in row.attendees}
        row.attendees = [known.get(str(e).casefold(), _guest(str(e))) for e in fields["attendees"]]
    row.time_zone = str(fields.get("time_zone") or row.time_zone)
    if "start" in fields:
        start = _moment(fields["start"])
        row.starts_at, row.all_day = instant(start), not isinstance(start, datetime)
    if "end" in fields:
        row.ends_at = at_least(row.starts_at, instant(_moment(fields["end"])))
    if "recurrence" in fields:
        row.recurrence = list(fields["recurrence"])
        row.kind = EventKind.MASTER if row.recurrence else EventKind.SINGLE
    if row.kind == EventKind.MASTER:
        row.over_at = over_at(row.recurrence, row.starts_at, row.ends_at)
        row.lists_occurrences = row.lists_occurrences and not fields.keys() & {"start", "end", "recurrence"}


def _made(calendar: Calendar, target: str, change: Change) -> Event | None:
    """A row for what the provider does not know yet: a new event, or an instance that is changed for the first time."""
    fields = change.payload.get("fields")
    if change.operation == Operation.EVENT_CREATE and isinstance(fields, dict):
        row = Event(calendar=calendar, provider_id=target, ours=True, kind=EventKind.SINGLE)
        row.my_answer, row.time_zone = Answer.ORGANIZER, calendar.time_zone
        _fill(row, fields)
        return row
    if "series" not in change.payload:
        return None
    series = Event.objects.filter(calendar=calendar, provider_id=str(change.payload["series"])).first()
    if series is None:
        return None
    row = Event(calendar=calendar, provider_id=target, ours=True, kind=EventKind.EXCEPTION)
    row.series_id = series.provider_id
    for name in _INHERITED:
        setattr(row, name, getattr(series, name))
    row.original_start = row.starts_at = instant(_moment(change.payload["instance"]))
    row.ends_at = row.starts_at + (series.ends_at - series.starts_at)
    occurrences.drop_listed(calendar, [target])
    return row


def _forget_instance(row: Event) -> None:
    """Make an instance of a series an ordinary one again."""
    master = Event.objects.filter(calendar=row.calendar_id, provider_id=row.series_id).first()
    row.delete()
    if master is None:
        return
    if master.said.get("lists_occurrences", master.lists_occurrences) and row.original_start:
        ends_at = row.original_start + (master.ends_at - master.starts_at)
        Occurrence.objects.create(
            calendar=master.calendar,
            event=master,
            provider_id=row.provider_id,
            series_id=row.series_id,
            starts_at=row.original_start,
            ends_at=ends_at,
            all_day=master.all_day,
            long=ends_at - row.original_start > occurrences.LONG,
            generation=max(row.generation, 1),
        )
    occurrences.follow(master.calendar, {master.provider_id})


def _restore(row: Event) -> None:
    for name, value in row.said.items():
        setattr(row, name, datetime.fromisoformat(value) if name in _TIMES and value else value)
    row.leaving = False


def _text(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _moment(text: object) -> datetime | date:
    """A time of an edit, which its form has checked."""
    said = str(text)
    return datetime.fromisoformat(said).astimezone(UTC) if len(said) > 10 else date.fromisoformat(said)


def _guest(email: str) -> dict[str, Any]:
    plain = {"optional": False, "resource": False, "organizer": False, "me": False}
    return {"email": email, "name": "", "answer": Answer.NONE.value, **plain}
