"""The calendars' background task."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.db import transaction

from calendars.models import Calendar, Event
from calendars.store import occurrences
from integrations.records import EventKind

STEP = timedelta(days=7)


@shared_task(name="calendars.roll_window")
def roll_window() -> None:
    """Move the stored time on, a week at a time, so that next year's occurrences are there before anybody looks."""
    _, until = occurrences.window()
    for pk in Calendar.objects.filter(stored_until__lt=until - STEP).values_list("pk", flat=True):
        _roll(pk)


@transaction.atomic
def _roll(calendar_id: int) -> None:
    """Move one calendar's time on, all of it or nothing. Whoever stores its series meanwhile comes before or after."""
    calendar = Calendar.objects.filter(pk=calendar_id).first()
    if calendar is None:
        return
    calendar.stored_from, calendar.stored_until = occurrences.window()
    calendar.save(update_fields=("stored_from", "stored_until"))
    masters = Event.objects.filter(calendar=calendar, kind=EventKind.MASTER, lists_occurrences=False)
    occurrences.rebuild(calendar, masters.select_for_update(no_key=True).order_by("pk"))
