"""The calendars' background task."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from calendars.models import Calendar, Event
from calendars.store import occurrences
from integrations.records import EventKind

STEP = timedelta(days=7)


@shared_task(name="calendars.roll_window")
def roll_window() -> None:
    """Move the stored time on, a week at a time, so that next year's occurrences are there before anybody looks."""
    since, until = occurrences.window()
    for calendar in Calendar.objects.filter(stored_until__lt=until - STEP):
        calendar.stored_from, calendar.stored_until = since, until
        calendar.save(update_fields=("stored_from", "stored_until"))
        masters = Event.objects.filter(calendar=calendar, kind=EventKind.MASTER, lists_occurrences=False)
        occurrences.rebuild(calendar, masters)
