"""An event record as a row's columns, cleaned of what a database or a page cannot hold."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from calendars.models import Calendar, Event
from calendars.recurrence import at_least, instant, over_at
from integrations.records import Answer, EventKind, EventRecord

KEPT = tuple(f.name for f in Event._meta.concrete_fields if f.name not in ("id", "calendar", "provider_id"))


def clean(text: str, length: int | None = None) -> str:
    """Without NUL and lone surrogates, which neither database stores; cut to ``length``."""
    cleaned = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return cleaned if length is None else cleaned[:length]


def attendees(record: EventRecord) -> list[dict[str, Any]]:
    return [
        {**asdict(a), "name": clean(a.name), "email": clean(a.email), "answer": a.answer.value}
        for a in record.attendees
    ]


def event_row(calendar: Calendar, record: EventRecord, generation: int) -> Event:
    """An unsaved row of a single event, master or exception."""
    starts_at = instant(record.start)
    ends_at = at_least(starts_at, instant(record.end))
    return Event(
        calendar=calendar,
        provider_id=record.id,
        kind=record.kind,
        series_id=record.series_id,
        original_start=instant(record.original_start) if record.original_start else None,
        cancelled=record.cancelled,
        starts_at=starts_at,
        ends_at=ends_at,
        all_day=record.all_day,
        time_zone=record.time_zone[:64] or "UTC",
        raw_time_zone=clean(record.raw_time_zone, 255),
        recurrence=[clean(line) for line in record.recurrence],
        raw_recurrence=record.raw_recurrence,
        over_at=over_at(record.recurrence, starts_at, ends_at) if record.kind == EventKind.MASTER else None,
        lists_occurrences=record.lists_occurrences,
        title=clean(record.title),
        description=clean(record.description),
        description_is_html=record.description_is_html,
        location=clean(record.location),
        meeting_url=clean(record.meeting_url),
        web_url=clean(record.web_url),
        organizer_email=clean(record.organizer.email, 320),
        organizer_name=clean(record.organizer.name),
        attendees=attendees(record),
        asked=record.my_answer == Answer.NONE and any(a.me and not a.organizer for a in record.attendees),
        my_answer=record.my_answer,
        showing=record.showing,
        private=record.private,
        colour=record.colour[:16],
        reminders=list(record.reminders),
        ical_uid=clean(record.ical_uid, 1024),
        etag=record.etag[:255],
        updated=record.updated,
        generation=generation,
    )
